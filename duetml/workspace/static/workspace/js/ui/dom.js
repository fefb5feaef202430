/* Making and updating elements. Styles are set through CSSOM: the page's policy allows no style attributes. */

import { markOf } from "../logic/marks.js";

export const DRAGGED = "application/x-duetml-images";
const PROPERTIES = new Set(["disabled", "hidden", "value", "checked", "draggable", "multiple", "tabIndex", "max"]);

/** An element. Attributes by name, listeners as `onclick`, children as nodes or text. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (PROPERTIES.has(name)) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** Set text only when it differs, so that screen readers and selections are left in peace. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Make the children of `parent` stand for `items`, in order; nodes that stay are not touched by the move. */
export function keyed(parent, items, keyOf, create, update = () => {}) {
  const known = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  const wanted = new Set(items.map(keyOf));
  for (const [key, node] of known) if (!wanted.has(key)) node.remove();
  let cursor = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const node = known.get(key) ?? create(item);
    node.dataset.key = key;
    if (node === cursor) cursor = cursor.nextElementSibling;
    else parent.insertBefore(node, cursor);
    update(node, item);
  }
}

/** A category's shape in its colour. Said by its name beside it, so hidden from screen readers. */
export function mark(position) {
  const { colour, shape } = markOf(position);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", shape.path);
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "mark");
  svg.setAttribute("aria-hidden", "true");
  svg.style.setProperty("--mark", colour);
  svg.append(path);
  return svg;
}

/** Say something to people who listen to the page. */
export function announce(text) {
  const place = document.getElementById("announcer");
  if (place.textContent === text) place.textContent = "";
  place.textContent = text;
}

/** Accept pictures (ids) and files dropped on `node`. */
export function dropTarget(node, { onImages, onFiles }) {
  let depth = 0;
  const accepts = ({ dataTransfer: { types } }) =>
    types.includes(DRAGGED) || (onFiles !== null && types.includes("Files"));
  const leave = () => {
    depth = 0;
    node.classList.remove("over");
  };
  node.addEventListener("dragenter", (event) => {
    if (!accepts(event)) return;
    depth += 1;
    node.classList.add("over");
  });
  node.addEventListener("dragleave", () => {
    depth -= 1;
    if (depth <= 0) leave();
  });
  node.addEventListener("dragover", (event) => {
    if (!accepts(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = event.dataTransfer.types.includes(DRAGGED) ? "move" : "copy";
  });
  node.addEventListener("drop", (event) => {
    leave();
    if (!accepts(event)) return;
    event.preventDefault();
    const dragged = event.dataTransfer.getData(DRAGGED);
    if (dragged) onImages(JSON.parse(dragged));
    else if (onFiles) onFiles(event.dataTransfer.files);
  });
}

const losers = new WeakSet();

/** Disable or enable; a button that lost the focus by it gets it back, unless the person has gone elsewhere. */
export function disable(button, isDisabled) {
  if (isDisabled && document.activeElement === button) losers.add(button);
  button.disabled = isDisabled;
  if (!isDisabled && losers.delete(button) && document.activeElement === document.body) {
    button.focus({ preventScroll: true });
  }
}
