/* A: the training data, a card for every category. */

import { app } from "../app.js";
import { homesOf, imagesOf } from "../logic/state.js";
import { fill, gettext, ngettext } from "../words.js";
import { lookCloser } from "./closeup.js";
import { announce, dropTarget, el, keyed, mark, say } from "./dom.js";
import { canUpload, chooseFiles, filesOf, upload } from "./files.js";
import { onPut, put } from "./placing.js";
import { describe } from "./pool.js";
import { asCard, createGrid, focusLastPicture } from "./thumbs.js";

const LONGEST_NAME = 80;
const extras = [];

/** `extra` adds to every card: {create(node, find), update(node, category, view), drop(category, images, dropped)}.
 * find() is the card's category; drop may take what is dropped by returning true; isCopying(event) says it will. */
export function addToCards(extra) {
  extras.push(extra);
}

export function categories() {
  const cards = document.getElementById("cards");
  const hint = document.getElementById("cards-hint");
  const form = document.getElementById("category-new");
  const parts = new WeakMap();
  const arriving = new Map(); // card → the picture to show, put there just now
  let latest = null;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const name = form.elements.name.value.trim();
    if (!name) return form.elements.name.focus();
    app.act("category.create", { name });
    announce(fill(gettext("“%(name)s” made"), { name }));
    form.reset();
    return form.elements.name.focus();
  });

  onPut((category, images) => arriving.set(app.keyOf(category), images));

  app.watch((view) => {
    latest = view;
    hint.hidden = view.state.categories.length > 0;
    keyed(cards, view.state.categories, (category) => app.keyOf(category.id), create, refresh);
    arriving.clear();
  });

  function find(node) {
    return latest.state.categories.find((category) => app.keyOf(category.id) === node.dataset.key);
  }

  function create() {
    const node = el("article", { class: "card" });
    const name = el("button", { type: "button", class: "name", onclick: () => rename(node) });
    const key = el("kbd", { "aria-hidden": "true" });
    const count = el("span", { class: "count" });
    const remove = el("button", { type: "button", class: "quiet", onclick: () => drop(find(node)) }, "×");
    const place = () => find(node)?.id ?? null;
    const onOpen = (id, ids, focus) => lookCloser(id, ids, focus, place());
    const grid = createGrid({ label: "", layout: asCard, place, onOpen });
    const empty = el("p", { class: "soft hint" });
    const here = el("button", { type: "button", class: "put", onclick: () => putHere(node) });
    const add = el("button", { type: "button", class: "link", onclick: () => chooseFiles(node.dataset.key) });
    add.append(gettext("Add from this device"));
    const footer = el("footer", {}, here, ...(canUpload() ? [add] : []), grid.pager);
    node.append(el("header", {}, el("h3", {}, name), count, key, remove), empty, grid.element, footer);
    dropTarget(node, {
      onImages(images, dropped) {
        const category = find(node);
        if (!extras.some((extra) => extra.drop?.(category, images, dropped))) put(category, images, dropped.source);
      },
      onFiles: canUpload() ? (transfer) => upload(filesOf(transfer), node.dataset.key) : null,
      isCopying: (event) => extras.some((extra) => extra.isCopying?.(event)),
    });
    parts.set(node, { name, key, count, remove, grid, empty, here, add, was: {} });
    extras.forEach((extra) => extra.create?.(node, () => find(node)));
    return node;
  }

  /** Only cards that changed are touched. */
  function refresh(node, category) {
    const part = parts.get(node);
    const { state, selection } = latest;
    const now = { category, selection, images: state.images, number: state.categories.indexOf(category) + 1 };
    if (state.features.copies) now.homes = homesOf(state);
    const isSame = Object.keys(now).every((field) => part.was[field] === now[field]);
    part.was = now;
    if (!isSame) update(node, category, now.number);
    extras.forEach((extra) => extra.update?.(node, category, latest));
    const come = arriving.get(node.dataset.key);
    if (come) part.grid.reveal(category.images.findLast((id) => come.includes(id)));
  }

  /** Another tab may have been faster: then the server gives another mark than was expected here. */
  function showMark(node, number) {
    if (node.dataset.mark === String(number)) return;
    node.dataset.mark = number;
    const header = node.querySelector("header");
    header.querySelector(".mark")?.remove();
    header.prepend(mark(number));
  }

  function update(node, category, number) {
    const { name, key, count, remove, grid, empty, here, add } = parts.get(node);
    const { state, selection } = latest;
    const images = imagesOf(state, category.id);
    showMark(node, category.mark);
    node.setAttribute("aria-label", category.name);
    say(name, category.name);
    name.setAttribute("title", gettext("Rename"));
    name.setAttribute("aria-label", fill(gettext("Rename %(name)s"), { name: category.name }));
    remove.setAttribute("aria-label", fill(gettext("Delete %(name)s"), { name: category.name }));
    remove.setAttribute("title", gettext("Delete: the pictures go back to the pool"));
    key.hidden = number > 9;
    say(key, String(number));
    say(count, fill(ngettext("%(n)s picture", "%(n)s pictures", images.length), { n: images.length }));
    grid.name(fill(gettext("Pictures in %(name)s"), { name: category.name }));
    grid.element.hidden = images.length === 0;
    grid.update(images, selection, (image) => inCard(state, category, image));
    empty.hidden = images.length > 0;
    say(empty, emptyHint(number));
    const chosen = selection.ids.size;
    here.hidden = chosen === 0;
    add.hidden = chosen > 0; // in its place, so that nothing moves
    say(here, fill(ngettext("Put %(n)s here", "Put %(n)s here", chosen), { n: chosen }));
    const text = ngettext("Put %(n)s picture into %(name)s", "Put %(n)s pictures into %(name)s", chosen);
    here.setAttribute("aria-label", fill(text, { n: chosen, name: category.name }));
  }

  function putHere(node) {
    put(find(node), [...app.selection.ids], app.selection.place);
    focusLastPicture(); // the button is hidden now
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
      if (!isKept || !wanted || wanted === category.name) return;
      app.act("category.rename", { category: app.nameOf(category.id), name: wanted });
      announce(fill(gettext("renamed to “%(name)s”"), { name: wanted }));
    };
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (!["Enter", "Escape"].includes(event.key)) return;
      event.preventDefault(); // or the same Enter would press the button that gets the focus, and open the field again
      finish(event.key === "Enter", true);
    });
    input.addEventListener("blur", () => finish(true, false));
    name.replaceWith(input);
    input.focus();
    input.select();
  }

  /** No question first: the button that takes it back gets the focus, and says what it would bring back. */
  function drop(category) {
    const { length } = imagesOf(app.state, app.nameOf(category.id)); // what was done since it was drawn, too
    app.act("category.delete", { category: category.id });
    const text = ngettext(
      "“%(name)s” deleted, its %(n)s picture is back in the pool. Undo brings it back.",
      "“%(name)s” deleted, its %(n)s pictures are back in the pool. Undo brings it back.",
      length,
    );
    announce(fill(text, { name: category.name, n: length }));
    requestAnimationFrame(() => document.getElementById("undo").focus());
  }
}

/** In a card only the other categories of a picture are news. */
function inCard(state, category, image) {
  const others = state.categories.filter(({ id }) => id !== category.id);
  return { ...describe(state, homesOf(state), image, others), isUsed: false };
}

function emptyHint(number) {
  if (number > 9) return gettext("Drag pictures here, or select some and press “Put here”.");
  return fill(gettext("Drag pictures here, or select some and press %(key)s."), { key: number });
}
