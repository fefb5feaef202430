/* Making and updating elements. Styles are set through CSSOM: the page's policy allows no style attributes. */

import { markOf } from "../logic/marks.js";

const DRAGGED = "application/x-duetml-images";
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
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
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
  if (focused && parent.contains(focused) && document.activeElement !== focused) focused.focus({ preventScroll: true });
}

/** A category's shape in its colour. Said by its name beside it, so hidden from screen readers. */
export function mark(number) {
  const { colour, shape } = markOf(number);
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

/** How far work is, in an element with a bar and words: {done, total}, or null where nobody can tell. */
export function showProgress(element, step, text) {
  const bar = element.querySelector("progress");
  if (step) {
    bar.max = Math.max(1, step.total);
    bar.value = step.done;
  } else bar.removeAttribute("value");
  say(element.querySelector("span"), text);
}

/** Say something to people who listen to the page. */
export function announce(text) {
  const place = document.getElementById("announcer");
  if (place.textContent === text) place.textContent = "";
  place.textContent = text;
}

/** Let a drag carry pictures: {images: [ids], source: the category they leave, or null}. It shows how many. */
export function carry(event, { images, source = null }, thumb) {
  event.dataTransfer.setData(DRAGGED, JSON.stringify({ images, source }));
  event.dataTransfer.effectAllowed = "copyMove";
  const ghost = el("div", { class: "ghost", "aria-hidden": "true" }, thumb.querySelector("img").cloneNode());
  if (images.length > 1) ghost.append(el("b", {}, String(images.length)));
  document.body.append(ghost);
  event.dataTransfer.setDragImage(ghost, 36, 36);
  setTimeout(() => ghost.remove());
}

/** Accept pictures and files dropped on `node`: onImages(images, {source, event}), onFiles(dataTransfer) where files are
 * welcome. `isCopying(event)` tells whether pictures stay where they are, too. */
export function dropTarget(node, { onImages, onFiles, isCopying = () => false }) {
  let depth = 0;
  const accepts = ({ dataTransfer: { types } }) => types.includes(DRAGGED) || (onFiles && types.includes("Files"));
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
    const isMove = event.dataTransfer.types.includes(DRAGGED) && !isCopying(event);
    event.dataTransfer.dropEffect = isMove ? "move" : "copy";
  });
  node.addEventListener("drop", (event) => {
    leave();
    if (!accepts(event)) return;
    event.preventDefault();
    const dragged = event.dataTransfer.getData(DRAGGED);
    if (!dragged) return void onFiles?.(event.dataTransfer);
    const { images, source } = JSON.parse(dragged);
    onImages(images, { source, event });
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
