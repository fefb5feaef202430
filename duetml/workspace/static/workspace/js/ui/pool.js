/* The pool: every picture the person may use. */

import { app } from "../app.js";
import { countUsed, homesOf, numberOf } from "../logic/state.js";
import { fill, gettext, ngettext } from "../words.js";
import { lookCloser } from "./closeup.js";
import { dropTarget, say } from "./dom.js";
import { canUpload, chooseFiles, filesOf, upload } from "./files.js";
import { takeOut } from "./placing.js";
import { createGrid } from "./thumbs.js";

export function pool() {
  const panel = document.getElementById("pool");
  const hideUsed = document.getElementById("hide-used");
  const counts = document.querySelectorAll("[data-used]");
  const empty = document.getElementById("pool-empty");
  const grid = createGrid({ label: gettext("Image pool"), onOpen: lookCloser });
  const offered = offeredOnce();

  document.getElementById("pool-grid").replaceWith(grid.element);
  grid.element.id = "pool-grid";
  hideUsed.checked = recalled() ?? hideUsed.checked;
  hideUsed.addEventListener("change", () => {
    remember(hideUsed.checked);
    app.changed();
  });
  document.getElementById("upload")?.addEventListener("click", () => chooseFiles());
  dropTarget(panel, {
    onImages: (images, { source }) => takeOut(images, source),
    onFiles: canUpload() ? (transfer) => upload(filesOf(transfer)) : null,
  });
  document.addEventListener("paste", paste);

  app.watch(({ state, selection }) => {
    const homes = homesOf(state);
    const shown = offered(state.images, homes, hideUsed.checked);
    grid.update(shown, selection, (image) => describe(state, homes, image));
    const [used, all] = [countUsed(state), state.images.length];
    const text = ngettext("%(used)s of %(n)s image used", "%(used)s of %(n)s images used", all);
    counts.forEach((node) => say(node, fill(text, { used, n: all })));
    grid.element.hidden = shown.length === 0;
    empty.hidden = shown.length > 0;
    say(empty, emptyHint(all));
  });

  function recalled() {
    try {
      return { true: true, false: false }[localStorage.getItem(key())] ?? null;
    } catch {
      return null; // this browser keeps nothing
    }
  }

  function remember(isHidden) {
    try {
      localStorage.setItem(key(), String(isHidden));
    } catch {
      // then it is as the page came
    }
  }

  function key() {
    return `duetml.hide-used.${app.root.dataset.workspace}`;
  }
}

/** What is said of a picture: its number, and which of these categories it is in. */
export function describe(state, homes, image, among = state.categories) {
  const mine = homes.get(image.id) ?? [];
  const categories = mine.length ? among.filter(({ id }) => mine.includes(id)) : [];
  return {
    number: numberOf(state, image.id),
    isUsed: mine.length > 0,
    marks: categories.map(({ mark }) => mark),
    names: categories.map(({ name }) => name),
  };
}

/** The same list again while nothing changed that it is made from. */
function offeredOnce() {
  let last = {};
  return (images, homes, isHidden) => {
    if (last.images !== images || last.homes !== homes || last.isHidden !== isHidden) {
      last = { images, homes, isHidden, shown: isHidden ? images.filter(({ id }) => !homes.has(id)) : images };
    }
    return last.shown;
  };
}

/** Pictures from the clipboard: into the card in which the focus is, or else into the pool. */
function paste(event) {
  if (!canUpload() || event.target.closest?.("input, textarea, dialog")) return;
  const found = filesOf(event);
  if (found.length === 0) return;
  event.preventDefault();
  upload(found, document.activeElement?.closest(".card")?.dataset.key ?? null);
}

function emptyHint(count) {
  if (count > 0) return gettext("Every picture is in a category. Untick “hide used” to see them here.");
  return canUpload()
    ? gettext("There are no pictures yet. Add some from this device: choose them, drop them here or paste them.")
    : gettext("There are no pictures here.");
}
