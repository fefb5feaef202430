/* A: the training data, a card for every category. */

import { app } from "../app.js";
import { imagesOf, numberOf } from "../logic/state.js";
import { fill, gettext, ngettext } from "../words.js";
import { dropTarget, el, keyed, mark, say } from "./dom.js";
import { canUpload, chooseFiles, upload } from "./files.js";
import { put } from "./placing.js";
import { createGrid } from "./thumbs.js";

const LONGEST_NAME = 80;

export function categories() {
  const cards = document.getElementById("cards");
  const hint = document.getElementById("cards-hint");
  const form = document.getElementById("category-new");
  const parts = new WeakMap();
  let latest = null;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const name = form.elements.name.value.trim();
    if (!name) return form.elements.name.focus();
    app.act("category.create", { name });
    form.reset();
    return form.elements.name.focus();
  });

  app.watch((view) => {
    latest = view;
    hint.hidden = view.state.categories.length > 0;
    keyed(cards, view.state.categories, (category) => app.keyOf(category.id), create, update);
  });

  function find(node) {
    return latest.state.categories.find((category) => app.keyOf(category.id) === node.dataset.key);
  }

  function create() {
    const node = el("article", { class: "card" });
    const name = el("button", { type: "button", class: "name", onclick: () => rename(node) });
    const key = el("kbd", { "aria-hidden": "true" });
    const count = el("span", { class: "count" });
    const remove = el("button", { type: "button", class: "quiet", onclick: () => confirmDelete(find(node)) }, "×");
    const grid = createGrid({ label: "" });
    const empty = el("p", { class: "soft hint" });
    const here = el("button", { type: "button", class: "put", onclick: () => put(find(node), [...app.selection.ids]) });
    const add = el("button", { type: "button", class: "link", onclick: () => chooseFiles(node.dataset.key) });
    add.append(gettext("Add from this device"));
    node.append(
      el("header", {}, el("h3", {}, name), key, count, remove),
      empty,
      grid.element,
      el("footer", {}, here, ...(canUpload() ? [add] : [])),
    );
    dropTarget(node, {
      onImages: (images) => put(find(node), images),
      onFiles: canUpload() ? (list) => upload(list, node.dataset.key) : null,
    });
    parts.set(node, { name, key, count, remove, grid, empty, here });
    return node;
  }

  /** Another tab may have been faster: then the server gives another mark than was expected here. */
  function showMark(node, number) {
    if (node.dataset.mark === String(number)) return;
    node.dataset.mark = number;
    const header = node.querySelector("header");
    header.querySelector(".mark")?.remove();
    header.prepend(mark(number));
  }

  function update(node, category) {
    const { name, key, count, remove, grid, empty, here } = parts.get(node);
    const { state, selection } = latest;
    const images = imagesOf(state, category.id);
    const number = state.categories.indexOf(category) + 1;
    showMark(node, category.mark);
    node.setAttribute("aria-label", category.name);
    say(name, category.name);
    name.setAttribute("title", gettext("Rename"));
    name.setAttribute("aria-label", fill(gettext("Rename %(name)s"), { name: category.name }));
    remove.setAttribute("aria-label", fill(gettext("Delete %(name)s"), { name: category.name }));
    key.hidden = number > 9;
    say(key, String(number));
    say(count, fill(ngettext("%(n)s picture", "%(n)s pictures", images.length), { n: images.length }));
    grid.element.setAttribute("aria-label", fill(gettext("Pictures in %(name)s"), { name: category.name }));
    grid.element.hidden = images.length === 0;
    grid.update(images.map((image) => ({ ...image, number: numberOf(state, image.id) })), selection);
    empty.hidden = images.length > 0;
    say(empty, emptyHint(number));
    const chosen = [...selection.ids].length;
    here.hidden = chosen === 0;
    say(here, fill(ngettext("Put %(n)s here", "Put %(n)s here", chosen), { n: chosen }));
    here.setAttribute(
      "aria-label",
      fill(ngettext("Put %(n)s picture into %(name)s", "Put %(n)s pictures into %(name)s", chosen), {
        n: chosen,
        name: category.name,
      }),
    );
  }

  function rename(node) {
    const category = find(node);
    const { name } = parts.get(node);
    const input = el("input", { value: category.name, maxlength: LONGEST_NAME, "aria-label": gettext("New name") });
    let isDone = false;
    const finish = (isKept, isByKey) => {
      if (isDone) return;
      isDone = true;
      const wanted = input.value.trim();
      input.replaceWith(name);
      if (isByKey) name.focus(); // whoever clicked elsewhere is there already
      if (isKept && wanted && wanted !== category.name) app.act("category.rename", { category: category.id, name: wanted });
    };
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (!["Enter", "Escape"].includes(event.key)) return;
      event.preventDefault(); // or the same Enter would press the button that gets the focus, and open the field again
      finish(event.key === "Enter", true);
    });
    input.addEventListener("blur", () => finish(true, false));
    name.replaceWith(input);
    input.select();
  }

  function confirmDelete(category) {
    const count = imagesOf(latest.state, category.id).length;
    if (count === 0) return remove(category);
    const dialog = document.getElementById("confirm");
    const text = ngettext(
      "%(n)s picture goes back to the pool. No picture is lost.",
      "%(n)s pictures go back to the pool. No picture is lost.",
      count,
    );
    say(dialog.querySelector("h2"), fill(gettext("Delete “%(name)s”?"), { name: category.name }));
    say(dialog.querySelector("p"), fill(text, { n: count }));
    dialog.returnValue = "";
    dialog.onclose = () => {
      if (dialog.returnValue === "yes") remove(category);
    };
    return dialog.showModal();
  }

  /** The pressed button goes with its card: the focus goes to what takes the deletion back. */
  function remove(category) {
    app.act("category.delete", { category: category.id });
    requestAnimationFrame(() => document.getElementById("undo").focus());
  }
}

function emptyHint(number) {
  if (number > 9) return gettext("Drag pictures here, or select some and press “Put here”.");
  return fill(gettext("Drag pictures here, or select some and press %(key)s."), { key: number });
}
