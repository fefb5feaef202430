/* Keys that work anywhere on the page, outside text fields and dialogs. Keys of one letter or digit can be switched
 * off, for people who speak to their computer or hit keys by accident. */

import { app } from "../app.js";
import { NOTHING, toggle } from "../logic/selection.js";
import { goToTargets } from "./chosen.js";
import { put, takeOut } from "./placing.js";
import { redo, undo } from "./undo.js";

const KEPT = "duetml.single-keys";

export function keys() {
  const sheet = document.getElementById("keys");
  const single = document.getElementById("single-keys");
  let isOver = false;

  single.checked = recalled();
  single.addEventListener("change", () => remember(single.checked));
  document.getElementById("keys-open").addEventListener("click", () => sheet.showModal());
  app.watch((view) => {
    isOver = view.isOver;
  });

  document.addEventListener("keydown", (event) => {
    if (!app.state || isOver || event.isComposing || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
    const handle = event.ctrlKey || event.metaKey ? WITH_CONTROL : event.key.length > 1 || single.checked ? ALONE : {};
    const key = /^[1-9]$/.test(event.key) ? "digit" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
    handle[key]?.(event);
  });

  const ALONE = {
    digit(event) {
      const { images, source } = actedOn(event);
      put(app.state.categories[Number(event.key) - 1], images, source);
    },
    0: out,
    Delete: out,
    Backspace: out,
    Escape: () => app.select(NOTHING),
    z: (event) => (event.shiftKey ? redo() : undo()),
    p: toTargets,
    "?": () => sheet.showModal(),
  };

  const WITH_CONTROL = {
    z(event) {
      event.preventDefault();
      if (event.shiftKey) redo();
      else undo();
    },
    y(event) {
      event.preventDefault();
      redo();
    },
  };
}

/** The selection, or the picture that has the focus where nothing is selected. */
function actedOn(event) {
  const { ids, place } = app.selection;
  if (ids.size > 0) return { images: [...ids], source: place };
  const focused = event.target.closest(".thumb");
  return { images: focused ? [focused.dataset.key] : [], source: placeOf(focused) };
}

function placeOf(thumb) {
  const key = thumb?.closest(".card")?.dataset.key;
  return key ? app.nameOf(key) : null;
}

function out(event) {
  const { images, source } = actedOn(event);
  if (images.length === 0) return;
  event.preventDefault();
  takeOut(images, source);
}

function toTargets(event) {
  const focused = event.target.closest(".thumb");
  if (app.selection.ids.size === 0 && focused) app.select(toggle(NOTHING, focused.dataset.key, placeOf(focused)));
  event.preventDefault();
  requestAnimationFrame(() => requestAnimationFrame(goToTargets)); // the bar shows itself first
}

function recalled() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true; // this browser keeps nothing
  }
}

function remember(isOn) {
  try {
    localStorage.setItem(KEPT, isOn ? "on" : "off");
  } catch {
    // then it holds for this page
  }
}
