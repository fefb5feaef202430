/* A closer look at one picture, and from there at its neighbours. Only here is a picture loaded in full size. */

import { app } from "../app.js";
import { toggle } from "../logic/selection.js";
import { homesOf, numberOf } from "../logic/state.js";
import { fill, gettext } from "../words.js";
import { say } from "./dom.js";
import { called } from "./thumbs.js";

const dialog = document.getElementById("closeup");
let order = [];
let at = 0;
let back = null;
let place = null;

export function closeup() {
  const [previous, next] = dialog.querySelectorAll("[data-step]");
  previous.addEventListener("click", () => step(-1));
  next.addEventListener("click", () => step(1));
  dialog.querySelector("[data-select]").addEventListener("click", () => {
    app.select(toggle(app.selection, order[at], place));
    show();
  });
  dialog.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    step(by);
  });
  dialog.addEventListener("close", () => back?.(order[at]));
}

/** Look at picture `id` of these; `onClose(id)` is told where the person got to. `category`: where they were shown. */
export function lookCloser(id, ids, onClose, category = null) {
  [order, at, back, place] = [ids, ids.indexOf(id), onClose, category];
  show();
  dialog.showModal();
}

function step(by) {
  at = Math.max(0, Math.min(at + by, order.length - 1));
  show();
}

function show() {
  const { state } = app;
  const id = order[at];
  const homes = homesOf(state).get(id) ?? [];
  const names = state.categories.filter((one) => homes.includes(one.id)).map((one) => one.name);
  const title = called(numberOf(state, id));
  const picture = dialog.querySelector("img");
  const source = `${app.root.dataset.images}${id}/full.jpg`;
  if (picture.getAttribute("src") !== source) picture.src = source;
  picture.alt = title;
  say(dialog.querySelector("h2"), title);
  say(dialog.querySelector("p"), names.length ? fill(gettext("in %(names)s"), { names: names.join(", ") }) : gettext("in no category"));
  dialog.querySelector("[data-select]").setAttribute("aria-pressed", String(app.selection.ids.has(id)));
  const [previous, next] = dialog.querySelectorAll("[data-step]");
  previous.setAttribute("aria-disabled", String(at === 0));
  next.setAttribute("aria-disabled", String(at === order.length - 1));
}
