/* A grid of small pictures one can select: by mouse, touch and keyboard. A listbox with one tab stop that goes over all
 * pages; only the pictures of one page are in the document, and only those in view are loaded. */

import { app } from "../app.js";
import { existing, fit, pageCount, pageOf, whereKeyLeads } from "../logic/paging.js";
import { actingOn, extend, NOTHING, selectAll, toggle } from "../logic/selection.js";
import { fill, gettext, ngettext } from "../words.js";
import { announce, carry, el, keyed, mark, say } from "./dom.js";

const GAP = 6; // pixels, as in panels.css
const PADDING = 8; // of both sides, likewise
const NEAR = "48px"; // how far outside the window a picture is loaded
const FIRST = { columns: 4, size: 8 }; // until a grid's width is known

const grids = new WeakMap(); // by their elements
let lastFocused = null;

/** The grid in this part of the page: what createGrid returned. */
export function gridIn(part) {
  return grids.get(part.querySelector(".paged"));
}

/** Back to where pictures were selected last: the picture that had the focus, or what another panel named. */
export function focusLastPicture() {
  lastFocused?.();
}

/** `go` puts the focus where the person has just selected. */
export function comeBackTo(go) {
  lastFocused = go;
}

export function thumbUrl(image) {
  return `${app.root.dataset.images}${image}/thumb.jpg`;
}

const inView = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      inView.unobserve(target);
      target.querySelector("img").src = thumbUrl(target.dataset.key);
    }
  },
  { rootMargin: NEAR },
);

const failed = new Set(); // thumbnails whose picture did not arrive: asked for again when the line is back

function askAgain() {
  for (const node of failed) if (node.isConnected) inView.observe(node);
  failed.clear();
}

let wasOnline = true;
addEventListener("online", askAgain);
app.watchLine(({ isOnline }) => {
  if (isOnline && !wasOnline) askAgain();
  wasOnline = isOnline;
});

/** How many rows a grid of this width shows, and how large its pictures are at least. */
function asPool(width) {
  return { least: width < 480 ? 72 : Math.max(84, width / 18), gap: GAP, rows: width < 480 ? 5 : 3 };
}

export function asCard(width) {
  return { least: width < 340 ? 72 : 84, gap: GAP, rows: 2 };
}

/** A grid bound to a selection: the page's own unless another is given.
 *
 * label: its name. layout(width): rows and least size. place(): the category it shows, if any. onOpen(id, order): a
 * closer look; without it Enter selects. isDraggable: whether its pictures can be dragged.
 *
 * Returns {element, pager (inside it, free to be moved), update, reveal(id), focus(id)}.
 * update(images, selection, describe): images [{id}], all of them; describe(image) → {number, isUsed, marks, names},
 * asked for those on show only: marks and names are those of categories the picture is in; by default the image itself.
 */
export function createGrid({
  label,
  choose = app.select,
  chosen = () => app.selection,
  isDraggable = true,
  layout = asPool,
  place = () => null,
  onOpen = null,
}) {
  const list = el("div", { class: "grid", role: "listbox", "aria-multiselectable": "true" });
  const pager = createPager((by) => turn(page + by));
  const element = el("div", { class: "paged" }, list, pager.element);
  let images = [];
  let order = [];
  let selection = NOTHING;
  let describe = (image) => image;
  let current = null;
  let page = 0;
  let shape = FIRST;

  name(label);
  new ResizeObserver(measure).observe(element);

  function name(text) {
    list.setAttribute("aria-label", text);
    pager.name(text);
  }

  function measure() {
    const width = element.clientWidth - PADDING;
    if (width <= 0) return;
    const wanted = layout(width);
    const found = fit(width, wanted);
    if (found.columns === shape.columns && found.size === shape.size) return;
    const first = page * shape.size;
    shape = found;
    page = pageOf(first, shape.size);
    list.style.setProperty("--columns", shape.columns);
    list.style.setProperty("--rows", wanted.rows);
    draw();
  }

  function update(nextImages, nextSelection, nextDescribe = describe) {
    const hadFocus = list.contains(document.activeElement) ? order.indexOf(current) : -1;
    if (nextImages !== images) order = nextImages.map((image) => image.id);
    [images, selection, describe] = [nextImages, nextSelection, nextDescribe];
    if (shape === FIRST) measure();
    page = existing(page, order.length, shape.size);
    if (!order.includes(current)) {
      const nearest = hadFocus >= 0 ? Math.min(hadFocus, order.length - 1) : page * shape.size;
      current = order[nearest] ?? null;
      if (hadFocus >= 0 && current !== null) page = pageOf(nearest, shape.size);
    }
    draw();
    if (hadFocus >= 0 && !list.contains(document.activeElement)) focus(current);
  }

  function draw() {
    const start = page * shape.size;
    const shown = images.slice(start, start + shape.size);
    const stop = tabStop(start);
    keyed(list, shown, (image) => image.id, create, (node, image) => fillIn(node, image, stop));
    shown.forEach((_image, index) => list.children[index].setAttribute("aria-posinset", start + index + 1));
    pager.show(page, pageCount(order.length, shape.size));
    list.classList.toggle("full", order.length > shape.size);
  }

  /** The picture that Tab leads to: the current one, or the first of the page where that is on another. */
  function tabStop(start) {
    const at = order.indexOf(current);
    return at >= start && at < start + shape.size ? current : order[start];
  }

  function create(image) {
    const picture = el("img", { alt: "", decoding: "async", draggable: false });
    const node = el("div", { class: "thumb", role: "option", draggable: isDraggable, tabIndex: -1 }, picture);
    if (onOpen) node.append(el("span", { class: "closer", "aria-hidden": "true", title: gettext("Look closer") }));
    node.dataset.key = image.id;
    inView.observe(node);
    return node;
  }

  function fillIn(node, image, stop) {
    const { number, isUsed = false, marks = [], names = [] } = describe(image);
    node.setAttribute("aria-selected", String(selection.ids.has(image.id)));
    node.setAttribute("aria-setsize", order.length);
    node.setAttribute("aria-label", called(number, names));
    node.tabIndex = image.id === stop ? 0 : -1;
    node.classList.toggle("used", isUsed);
    showMarks(node, marks);
  }

  function turn(to) {
    const next = existing(to, order.length, shape.size);
    if (next === page) return;
    page = next;
    draw();
    announce(pager.words());
  }

  function reveal(id) {
    const at = order.indexOf(id);
    if (at < 0 || pageOf(at, shape.size) === page) return;
    page = pageOf(at, shape.size);
    draw();
  }

  function focus(id) {
    if (id === null) return;
    current = id;
    reveal(id);
    for (const node of list.children) node.tabIndex = node.dataset.key === id ? 0 : -1;
    list.querySelector('[tabindex="0"]')?.focus();
  }

  function idAt(event) {
    return event.target.closest(".thumb")?.dataset.key ?? null;
  }

  function range(id) {
    choose(extend(chosen().anchor ? chosen() : toggle(chosen(), current, place()), order, id, place()));
    announce(fill(ngettext("%(n)s selected", "%(n)s selected", chosen().ids.size), { n: chosen().ids.size }));
  }

  list.addEventListener("click", (event) => {
    const id = idAt(event);
    if (!id) return;
    if (event.target.closest(".closer")) return void onOpen(id, order, focus);
    if (event.shiftKey) range(id);
    else choose(toggle(chosen(), id, place()));
    focus(id);
  });

  list.addEventListener("keydown", (event) => {
    const to = event.altKey ? null : whereKeyLeads(event.key, order.indexOf(current), order.length, shape);
    if (to !== null && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      if (event.shiftKey) range(order[to]);
      const was = page;
      focus(order[to]);
      if (page !== was) announce(pager.words());
    } else if (SCROLLING.has(event.key)) {
      event.preventDefault(); // the edge of the pictures: the page does not jump
    } else if (event.key === "Enter" && onOpen && !event.shiftKey) {
      event.preventDefault();
      if (current) onOpen(current, order, focus);
    } else if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      if (!current) return;
      if (event.shiftKey) range(current);
      else choose(toggle(chosen(), current, place()));
    } else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      choose(selectAll(chosen(), order, place()));
      announce(fill(ngettext("%(n)s selected", "%(n)s selected", chosen().ids.size), { n: chosen().ids.size }));
    } else if (event.key === "Escape" && chosen().ids.size > 0) {
      event.stopPropagation();
      event.preventDefault();
      choose(NOTHING);
    }
  });

  const giveUp = ({ target }) => {
    target.removeAttribute("src"); // no picture rather than a broken one
    failed.add(target.closest(".thumb"));
  };
  list.addEventListener("error", giveUp, true); // does not bubble

  list.addEventListener("focusin", (event) => {
    current = idAt(event) ?? current;
    if (list.closest("dialog")) return; // closed by the time one would come back
    lastFocused = () => focus(order.includes(current) ? current : (order[page * shape.size] ?? null));
  });

  // A finger that rests on a picture scrolls or selects: only a mouse drags.
  list.addEventListener("pointerdown", (event) => {
    const node = event.target.closest(".thumb");
    if (node) node.draggable = isDraggable && event.pointerType !== "touch";
  });

  list.addEventListener("dragstart", (event) => {
    const id = idAt(event);
    if (id) carry(event, actingOn(chosen(), id, place()), event.target.closest(".thumb"));
  });

  const grid = { element, pager: pager.element, name, update, reveal, focus };
  grids.set(element, grid);
  return grid;
}

const SCROLLING = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"]);

/** "Picture 12", or "Picture 12, in Toys". */
export function called(number, names = []) {
  if (names.length === 0) return fill(gettext("Picture %(number)s"), { number });
  return fill(gettext("Picture %(number)s, in %(names)s"), { number, names: names.join(", ") });
}

/** The shapes of the categories a picture is in, in its corner. */
function showMarks(node, marks) {
  const wanted = marks.join(" ");
  if ((node.dataset.marks ?? "") === wanted) return;
  node.dataset.marks = wanted;
  node.querySelector(".marks")?.remove();
  if (marks.length > 0) node.append(el("span", { class: "marks" }, ...marks.map(mark)));
}

/** ‹ 2/5 ›. At the ends the buttons stay where they are, and keep the focus, but do nothing. */
function createPager(turn) {
  const previous = el("button", { type: "button", class: "quiet", onclick: () => turn(-1) }, "‹");
  const next = el("button", { type: "button", class: "quiet", onclick: () => turn(1) }, "›");
  const where = el("span", { "aria-hidden": "true" });
  const element = el("div", { class: "pager", role: "group" }, previous, where, next);
  let owner = "";
  let text = "";

  return {
    element,
    name(label) {
      owner = label;
      previous.setAttribute("aria-label", gettext("Previous page"));
      next.setAttribute("aria-label", gettext("Next page"));
    },
    show(page, pages) {
      element.hidden = pages < 2;
      previous.setAttribute("aria-disabled", String(page === 0));
      next.setAttribute("aria-disabled", String(page === pages - 1));
      say(where, `${page + 1}/${pages}`);
      text = fill(gettext("Page %(page)s of %(pages)s"), { page: page + 1, pages });
      element.setAttribute("aria-label", `${owner}: ${text}`);
    },
    words: () => text,
  };
}
