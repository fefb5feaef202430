/* What the person thinks of what an assistant said. Both assistants' words can be rated, since both are compared; only
 * what nobody asked for can be dismissed: an answer is in nobody's way. */

import { app } from "../app.js";
import { gettext } from "../words.js";
import { announce, el, say } from "./dom.js";

const lines = new WeakMap(); // element → the line it shows
const unfolded = new Set(); // dismissed, and looked at again

/** Below a message; made with the first line that can be judged. */
export function showJudging(node, line, isOver) {
  lines.set(node, line);
  const place = node.querySelector(".judging") ?? create(node, line);
  const [useful, useless, fold] = place.querySelectorAll("button");
  useful.setAttribute("aria-pressed", String(line.useful === true));
  useless.setAttribute("aria-pressed", String(line.useful === false));
  const isFolded = Boolean(line.dismissed) && !unfolded.has(line.id);
  node.classList.toggle("folded", isFolded);
  [useful, useless, node.querySelector(".text")].forEach((part) => part.toggleAttribute("hidden", isFolded));
  place.querySelector(".was").hidden = !isFolded;
  for (const button of [useful, useless]) button.disabled = isOver;
  if (!fold) return;
  fold.disabled = isOver && !line.dismissed;
  say(fold, foldWords(line, isFolded));
  if (line.dismissed) fold.setAttribute("aria-expanded", String(!isFolded));
}

function create(node, { kind }) {
  const place = el("div", { class: "judging", role: "group", "aria-label": gettext("Your opinion of this") });
  const was = el("span", { class: "was soft" }, gettext("Dismissed"));
  place.append(was, rating(node, true, gettext("useful")), rating(node, false, gettext("not useful")));
  if (kind === "proactive") place.append(button(() => toggle(node)));
  node.append(place);
  return place;
}

function rating(node, isUseful, text) {
  const act = () => {
    const { id, useful } = lines.get(node);
    app.act("advice.rate", { message: id, useful: useful === isUseful ? null : isUseful });
  };
  return button(act, text);
}

/** The second click of a double click is not a second wish. */
function button(act, text = "") {
  const onclick = ({ detail }) => {
    if (detail <= 1) act();
  };
  return el("button", { type: "button", onclick }, text);
}

/** The button stays where it is and keeps the focus: what it does turns round. */
function toggle(node) {
  const line = lines.get(node);
  if (!line.dismissed) {
    app.act("advice.dismiss", { message: line.id });
    return announce(gettext("Dismissed"));
  }
  if (!unfolded.delete(line.id)) unfolded.add(line.id);
  return showJudging(node, line, false);
}

function foldWords({ dismissed }, isFolded) {
  if (!dismissed) return gettext("dismiss");
  return isFolded ? gettext("show again") : gettext("hide");
}
