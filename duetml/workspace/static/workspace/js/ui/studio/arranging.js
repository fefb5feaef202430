/* The order of the categories, and making one of two: by dragging a card at its handle, by the handle's keys, or in the
 * dialog that the handle opens. */

import { app } from "../../app.js";
import { fill, gettext, ngettext } from "../../words.js";
import { addToCards } from "../categories.js";
import { announce, el, say } from "../dom.js";

const CARD = "application/x-duetml-card";
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -Infinity, End: Infinity };

export function arranging() {
  const dialog = document.getElementById("arrange");
  if (!dialog) return;
  const sheet = createSheet(dialog);
  addToCards({
    create(node, find) {
      const handle = el("button", { type: "button", class: "quiet handle", draggable: true }, "⠿");
      handle.addEventListener("click", () => sheet.open(find(), handle));
      handle.addEventListener("keydown", (event) => {
        const step = STEPS[event.key];
        if (step === undefined) return;
        event.preventDefault();
        shift(find(), step);
      });
      handle.addEventListener("dragstart", (event) => {
        event.dataTransfer.setData(CARD, find().id);
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setDragImage(node, node.clientWidth - 60, 20);
      });
      node.querySelector("header .quiet").before(handle);
      acceptCards(node, find);
    },
    update(node, category) {
      const handle = node.querySelector(".handle");
      handle.setAttribute("aria-label", fill(gettext("Move or merge %(name)s"), category));
      handle.title = gettext("Drag to move; press for more");
    },
  });
}

/** Another card dropped on this one takes its place before or behind it, whichever half it was dropped on. */
function acceptCards(node, find) {
  const isCard = (event) => event.dataTransfer.types.includes(CARD);
  const clear = () => node.classList.remove("before", "behind");
  node.addEventListener("dragover", (event) => {
    if (!isCard(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    clear();
    node.classList.add(isBehind(event, node) ? "behind" : "before");
  });
  node.addEventListener("dragleave", clear);
  node.addEventListener("drop", (event) => {
    if (!isCard(event)) return;
    event.preventDefault();
    clear();
    const id = app.nameOf(event.dataTransfer.getData(CARD));
    const others = app.state.categories.filter((one) => one.id !== id);
    const at = others.findIndex((one) => one.id === find().id);
    if (at >= 0) moveTo(id, at + (isBehind(event, node) ? 1 : 0));
  });
}

function isBehind({ clientX, clientY }, node) {
  const box = node.getBoundingClientRect();
  const isAlone = box.width > node.parentElement.clientWidth * 0.6; // one card in a row
  return isAlone ? clientY > box.top + box.height / 2 : clientX > box.left + box.width / 2;
}

function shift(category, by) {
  const { categories } = app.state;
  const at = categories.findIndex((one) => one.id === category.id);
  moveTo(category.id, Math.max(0, Math.min(at + by, categories.length - 1)));
}

function moveTo(id, to) {
  const { categories } = app.state;
  const at = categories.findIndex((one) => one.id === id);
  if (at < 0 || at === to) return;
  app.act("category.move", { category: id, to });
  const where = { name: categories[at].name, place: to + 1, n: categories.length };
  announce(fill(gettext("%(name)s is now number %(place)s of %(n)s"), where));
}

/** The dialog of one category: move it, or let its pictures join another's. */
function createSheet(dialog) {
  const form = dialog.querySelector("#merge");
  const into = dialog.querySelector("#merge-into");
  const note = dialog.querySelector("#merge-note");
  const [back, forth] = dialog.querySelectorAll("[data-move]");
  let id = null;

  back.addEventListener("click", () => shift(category(), -1));
  forth.addEventListener("click", () => shift(category(), 1));
  into.addEventListener("change", explain);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    merge(category(), other());
    dialog.close();
    requestAnimationFrame(() => document.getElementById("undo").focus());
  });
  app.watch(() => {
    if (dialog.open) draw();
  });

  const find = (wanted) => app.state.categories.find((one) => one.id === app.nameOf(wanted));
  const category = () => find(id);
  const other = () => find(into.value);

  function draw() {
    if (!category()) return dialog.close(); // another page was faster
    const { categories } = app.state;
    const at = categories.indexOf(category());
    say(dialog.querySelector("h2"), category().name);
    say(dialog.querySelector("#arrange-place"), fill(gettext("number %(place)s of %(n)s"), { place: at + 1, n: categories.length }));
    back.setAttribute("aria-disabled", String(at === 0));
    forth.setAttribute("aria-disabled", String(at === categories.length - 1));
    form.hidden = categories.length < 2;
    const chosen = into.value;
    const others = categories.filter((one) => one.id !== category().id);
    into.replaceChildren(...others.map((one) => el("option", { value: one.id }, one.name)));
    if (others.some((one) => one.id === chosen)) into.value = chosen;
    return explain();
  }

  /** What will happen to how many pictures; the button below it is the answer. */
  function explain() {
    if (!other()) return;
    const n = newIn(other(), category()).length;
    const text = ngettext(
      "%(n)s picture of “%(name)s” joins “%(into)s”, and “%(name)s” goes. You can undo this.",
      "%(n)s pictures of “%(name)s” join “%(into)s”, and “%(name)s” goes. You can undo this.",
      n,
    );
    say(note, fill(text, { n, name: category().name, into: other().name }));
  }

  return {
    open(shown) {
      id = shown.id;
      into.value = "";
      draw();
      dialog.showModal();
    },
  };
}

function merge(category, into) {
  const n = newIn(into, category).length;
  app.act("category.merge", { category: category.id, into: into.id });
  const text = ngettext("%(n)s picture now in %(name)s", "%(n)s pictures now in %(name)s", n);
  announce(fill(text, { n, name: into.name }));
}

/** Pictures of a category that another one does not have. */
function newIn(into, category) {
  const there = new Set(into.images);
  return category.images.filter((id) => !there.has(id));
}
