/* Beside a test result: select the picture, to put it where it belongs. What a test shows is then taught at once. */

import { app } from "../../app.js";
import { toggle } from "../../logic/selection.js";
import { isOffered, numberOf } from "../../logic/state.js";
import { gettext } from "../../words.js";
import { el } from "../dom.js";
import { addToResults } from "../testing.js";
import { called, comeBackTo } from "../thumbs.js";

export function teaching() {
  if (!document.getElementById("quality")) return;
  addToResults((node, { image }, state) => {
    const button = node.querySelector(".teach") ?? create(node, image);
    button.hidden = !isOffered(state, image);
    button.setAttribute("aria-pressed", String(app.selection.ids.has(image)));
    button.setAttribute("aria-label", `${button.textContent}: ${called(numberOf(state, image))}`);
  });
}

function create(node, image) {
  const button = el("button", { type: "button", class: "teach" }, gettext("Teach it this one"));
  button.addEventListener("click", () => {
    comeBackTo(() => button.focus({ preventScroll: true }));
    app.select(toggle(app.selection, image));
  });
  node.lastElementChild.append(el("p", {}, button));
  return button;
}
