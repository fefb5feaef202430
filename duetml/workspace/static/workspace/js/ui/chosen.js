/* What is selected, and where it can go: a bar that stays in view. What a finger or the keyboard uses where a mouse
 * drags, for any number of categories. */

import { app } from "../app.js";
import { NOTHING } from "../logic/selection.js";
import { homesOf } from "../logic/state.js";
import { fill, gettext, ngettext } from "../words.js";
import { lookCloser } from "./closeup.js";
import { el, keyed, mark, say } from "./dom.js";
import { inOrder, put, takeOut } from "./placing.js";
import { focusLastPicture } from "./thumbs.js";

const bar = document.getElementById("chosen");
const targets = document.getElementById("targets");

export function chosen() {
  const count = bar.querySelector("span");
  const back = document.getElementById("take-out");

  document.getElementById("clear").addEventListener("click", () => leaving(() => app.select(NOTHING)));
  document.getElementById("closer").addEventListener("click", closer);
  back.addEventListener("click", () => leaving(() => takeOut([...app.selection.ids], app.selection.place)));
  targets.addEventListener("keydown", walk);
  bar.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    focusLastPicture();
  });

  app.watch(({ state, selection }) => {
    const { size } = selection.ids;
    bar.hidden = size === 0;
    if (size === 0) return;
    say(count, fill(ngettext("%(n)s selected", "%(n)s selected", size), { n: size }));
    showTargets(targets, state.categories, (category) => leaving(() => put(category, [...app.selection.ids], app.selection.place)));
    for (const button of targets.querySelectorAll("button:not([tabindex])")) button.tabIndex = -1;
    if (!targets.querySelector('[tabindex="0"]')) targets.firstElementChild?.setAttribute("tabindex", "0");
    const homes = homesOf(state);
    back.hidden = ![...selection.ids].some((id) => homes.has(id));
  });
}

/** The keyboard's way to any category: from the pictures to these buttons, and with Escape back. */
export function goToTargets() {
  if (bar.hidden) return;
  (targets.querySelector('[tabindex="0"]') ?? bar.querySelector("button")).focus();
}

/** Do something that hides the bar, and with it the button that was pressed. */
function leaving(go) {
  go();
  focusLastPicture();
}

function closer() {
  const ids = inOrder(app.selection.ids);
  lookCloser(ids[0], ids, () => document.getElementById("closer").focus());
}

/** A button for each category in `place`; `use(category)` when it is pressed. */
export function showTargets(place, categories, use) {
  const create = () => el("button", { type: "button" }, el("span"), el("span"));
  keyed(place, categories, ({ id }) => app.keyOf(id), create, (node, category) => {
    if (node.dataset.mark !== String(category.mark)) {
      node.dataset.mark = category.mark;
      node.firstElementChild.replaceWith(mark(category.mark));
    }
    node.onclick = () => use(category);
    say(node.lastElementChild, category.name);
    node.setAttribute("aria-label", fill(gettext("Put into %(name)s"), category));
  });
}

/** One tab stop for all of them: arrows go along, a letter jumps to the next name that begins with it. */
function walk(event) {
  const buttons = [...targets.children];
  const at = buttons.indexOf(event.target.closest("button"));
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: buttons.length - 1 }[event.key];
  const next = to === undefined ? named(buttons, at, event) : buttons[to];
  if (!next) return;
  event.preventDefault();
  event.stopPropagation();
  buttons.forEach((button) => button.setAttribute("tabindex", button === next ? "0" : "-1"));
  next.focus();
}

function named(buttons, at, { key, ctrlKey, metaKey, altKey }) {
  if (key.length !== 1 || /[\s\d]/.test(key) || ctrlKey || metaKey || altKey) return null;
  const turned = [...buttons.slice(at + 1), ...buttons.slice(0, at + 1)];
  return turned.find((button) => button.textContent.toLowerCase().startsWith(key.toLowerCase()));
}
