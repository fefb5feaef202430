/* A grid of small pictures one can select: by mouse, touch and keyboard (a listbox with one tab stop). */

import { app } from "../app.js";
import { actingOn, extend, NOTHING, selectAll, toggle } from "../logic/selection.js";
import { fill, gettext } from "../words.js";
import { DRAGGED, el, keyed } from "./dom.js";

export function thumbUrl(image) {
  return `${app.root.dataset.images}${image}/thumb.jpg`;
}

/** A grid bound to a selection: the page's own unless another is given.
 * Returns {element, update(images, selection)}; images are {id, number}. */
export function createGrid({ label, choose = app.select, chosen = () => app.selection, isDraggable = true }) {
  const element = el("div", { class: "grid", role: "listbox", "aria-multiselectable": "true", "aria-label": label });
  let order = [];
  let current = null;

  function create(image) {
    const picture = el("img", { src: thumbUrl(image.id), alt: "", loading: "lazy", decoding: "async", draggable: false });
    return el("div", { class: "thumb", role: "option", draggable: isDraggable, tabIndex: -1 }, picture);
  }

  function update(images, selection) {
    const hadFocus = element.contains(document.activeElement) ? order.indexOf(current) : -1;
    order = images.map((image) => image.id);
    if (!order.includes(current)) current = order[Math.max(0, Math.min(hadFocus, order.length - 1))] ?? null;
    keyed(element, images, (image) => image.id, create, (node, image) => {
      node.setAttribute("aria-selected", String(selection.ids.has(image.id)));
      node.setAttribute("aria-label", fill(gettext("Picture %(number)s"), { number: image.number }));
      node.tabIndex = image.id === current ? 0 : -1;
    });
    if (hadFocus >= 0 && !element.contains(document.activeElement)) focus(current);
  }

  function focus(id) {
    if (id === null) return;
    current = id;
    for (const node of element.children) node.tabIndex = node.dataset.key === id ? 0 : -1;
    element.querySelector('[tabindex="0"]')?.focus();
  }

  function columns() {
    const nodes = [...element.children];
    const next = nodes.findIndex((node) => node.offsetTop > nodes[0].offsetTop);
    return next < 0 ? nodes.length : next;
  }

  element.addEventListener("click", (event) => {
    const id = event.target.closest(".thumb")?.dataset.key;
    if (!id) return;
    choose(event.shiftKey ? extend(chosen(), order, id) : toggle(chosen(), id));
    focus(id);
  });

  element.addEventListener("keydown", (event) => {
    const at = order.indexOf(current);
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(), ArrowDown: columns(), Home: -at, End: order.length - 1 - at };
    if (event.key in steps) {
      event.preventDefault();
      const to = order[at + steps[event.key]];
      if (to === undefined) return;
      if (event.shiftKey) choose(extend(chosen().anchor ? chosen() : toggle(chosen(), order[at]), order, to));
      focus(to);
    } else if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      if (current) choose(event.shiftKey ? extend(chosen(), order, current) : toggle(chosen(), current));
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      choose(selectAll(chosen(), order));
    } else if (event.key === "Escape" && chosen().ids.size > 0) {
      choose(NOTHING);
    }
  });

  element.addEventListener("focusin", (event) => {
    current = event.target.closest(".thumb")?.dataset.key ?? current;
  });

  element.addEventListener("dragstart", (event) => {
    const node = event.target.closest(".thumb");
    if (!node) return;
    const ids = actingOn(chosen(), node.dataset.key);
    event.dataTransfer.setData(DRAGGED, JSON.stringify(ids));
    event.dataTransfer.effectAllowed = "move";
    const picture = node.querySelector("img");
    event.dataTransfer.setDragImage(picture, picture.width / 2, picture.height / 2);
  });

  return { element, update };
}
