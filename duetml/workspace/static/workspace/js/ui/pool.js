/* The pool: every picture the person may use. */

import { app } from "../app.js";
import { countUsed, homesOf } from "../logic/state.js";
import { NOTHING } from "../logic/selection.js";
import { fill, gettext, ngettext } from "../words.js";
import { dropTarget, el, keyed, mark, say } from "./dom.js";
import { canUpload, chooseFiles, upload } from "./files.js";
import { put, takeOut } from "./placing.js";
import { createGrid } from "./thumbs.js";

export function pool() {
  const panel = document.getElementById("pool");
  const hideUsed = document.getElementById("hide-used");
  const counts = document.querySelectorAll("[data-used]");
  const chosen = document.getElementById("chosen");
  const targets = document.getElementById("targets");
  const empty = document.getElementById("pool-empty");
  const grid = createGrid({ label: gettext("Image pool") });
  let latest = null;

  document.getElementById("pool-grid").replaceWith(grid.element);
  grid.element.id = "pool-grid";
  hideUsed.addEventListener("change", app.changed);
  document.getElementById("upload")?.addEventListener("click", () => chooseFiles());
  document.getElementById("clear").addEventListener("click", () => app.select(NOTHING));
  document.getElementById("take-out").addEventListener("click", () => takeOut(latest, [...app.selection.ids]));
  dropTarget(panel, {
    onImages: (images) => takeOut(latest, images),
    onFiles: canUpload() ? (list) => upload(list) : null,
  });

  app.watch(({ state, selection }) => {
    latest = state;
    const marks = new Map(state.categories.map((category) => [category.id, category.mark]));
    const homes = homesOf(state);
    const all = state.images.map((image, index) => ({ ...image, number: index + 1 }));
    const shown = hideUsed.checked ? all.filter((image) => !homes.has(image.id)) : all;
    grid.update(shown, selection);
    shown.forEach((image, index) => badge(grid.element.children[index], marks.get(homes.get(image.id)?.[0])));
    const used = countUsed(state);
    const text = ngettext("%(used)s of %(n)s image used", "%(used)s of %(n)s images used", all.length);
    counts.forEach((node) => say(node, fill(text, { used, n: all.length })));
    empty.hidden = shown.length > 0;
    say(empty, emptyHint(all.length));
    chosen.hidden = selection.ids.size === 0;
    say(chosen.querySelector("span"), fill(ngettext("%(n)s selected", "%(n)s selected", selection.ids.size), { n: selection.ids.size }));
    keyed(targets, state.categories, (category) => category.id, target, aim);
    document.getElementById("take-out").hidden = ![...selection.ids].some((id) => homes.has(id));
  });
}

/** A button that puts the selection into a category: what a finger uses where a mouse drags. */
function target(category) {
  return el("button", { type: "button" }, mark(category.mark), el("span"));
}

function aim(node, category) {
  node.onclick = () => put(category, [...app.selection.ids]);
  say(node.lastElementChild, category.name);
  node.setAttribute("aria-label", fill(gettext("Put into %(name)s"), { name: category.name }));
}

/** A used picture is dimmed and carries its category's shape. */
function badge(node, position) {
  const has = node.dataset.position;
  if (String(position) === has || (position === undefined && has === undefined)) return;
  node.querySelector(".mark")?.remove();
  delete node.dataset.position;
  node.classList.toggle("used", position !== undefined);
  if (position === undefined) return;
  node.dataset.position = String(position);
  node.append(mark(position));
}

function emptyHint(count) {
  if (count > 0) return gettext("Every picture is in a category. Untick “hide used” to see them here.");
  return canUpload()
    ? gettext("There are no pictures yet. Add some from this device.")
    : gettext("There are no pictures here.");
}
