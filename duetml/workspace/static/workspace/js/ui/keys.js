/* Keys that work anywhere on the page, outside text fields and dialogs. */

import { app } from "../app.js";
import { actingOn, NOTHING } from "../logic/selection.js";
import { put, takeOut } from "./placing.js";
import { redo, undo } from "./undo.js";

export function keys() {
  let state = null;
  const sheet = document.getElementById("keys");

  app.watch((view) => {
    state = view.state;
  });

  document.getElementById("keys-open").addEventListener("click", () => sheet.showModal());

  document.addEventListener("keydown", (event) => {
    if (!state || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, dialog")) return;
    const focused = event.target.closest(".thumb")?.dataset.key ?? null;
    const images = app.selection.ids.size > 0 ? [...app.selection.ids] : actingOn(app.selection, focused);
    if (/^[1-9]$/.test(event.key)) {
      const category = state.categories[Number(event.key) - 1];
      if (category) put(category, images);
    } else if (["0", "Delete", "Backspace"].includes(event.key)) {
      event.preventDefault();
      takeOut(state, images);
    } else if (event.key === "Escape") {
      app.select(NOTHING);
    } else if (event.key.toLowerCase() === "z" && !event.isComposing) {
      if (event.shiftKey) redo();
      else undo();
    } else if (event.key === "?") {
      sheet.showModal();
    }
  });
}
