/* Taking back the last step, and doing it again; the server keeps every step of every page. */

import { app } from "../app.js";
import { describe, whereRedoLeads, whereUndoLeads } from "../logic/history.js";
import { fill, gettext, ngettext } from "../words.js";
import { announce, say } from "./dom.js";

export function undoing() {
  const undoButton = document.getElementById("undo");
  const redoButton = document.getElementById("redo");
  const told = document.getElementById("last-change");

  undoButton.addEventListener("click", undo);
  redoButton.addEventListener("click", redo);

  app.watch(({ state, isOver }) => {
    const last = lastStep(state);
    const next = nextStep(state);
    enable(undoButton, state.history.undo > 0 && !isOver, redoButton);
    enable(redoButton, state.history.redo > 0 && !isOver, undoButton);
    undoButton.title = last ? fill(gettext("Undo: %(what)s"), { what: last }) : gettext("Undo the last change");
    redoButton.title = next ? fill(gettext("Redo: %(what)s"), { what: next }) : gettext("Redo what was undone");
    say(told, last);
    told.title = last;
  });
}

export function undo() {
  const { state } = app;
  if (!state || state.history.undo === 0) return;
  const what = lastStep(state);
  app.act("history.undo");
  announce(what ? fill(gettext("Undone: %(what)s"), { what }) : gettext("undone"));
}

export function redo() {
  const { state } = app;
  if (!state || state.history.redo === 0) return;
  const what = nextStep(state);
  app.act("history.redo");
  announce(what ? fill(gettext("Done again: %(what)s"), { what }) : gettext("done again"));
}

/** A button that loses the focus by being switched off hands it to the other. */
function enable(button, isOn, other) {
  const hadFocus = document.activeElement === button;
  button.disabled = !isOn;
  if (hadFocus && !isOn) {
    other.disabled = false; // its own turn follows
    other.focus();
  }
}

/** What undoing takes back; "" where the page did not see it. */
function lastStep({ history, categories }) {
  const there = whereUndoLeads(history);
  return there ? words(describe(there, categories)) : "";
}

function nextStep({ history, categories }) {
  const there = whereRedoLeads(history);
  return there ? words(describe(categories, there)) : "";
}

function words({ kind, name, n }) {
  switch (kind) {
    case "created":
      return fill(gettext("“%(name)s” made"), { name });
    case "deleted":
      return fill(gettext("“%(name)s” deleted"), { name });
    case "renamed":
      return fill(gettext("renamed to “%(name)s”"), { name });
    case "put":
      return fill(ngettext("%(n)s picture put into %(name)s", "%(n)s pictures put into %(name)s", n), { n, name });
    case "removed":
      return fill(ngettext("%(n)s picture taken out of %(name)s", "%(n)s pictures taken out of %(name)s", n), { n, name });
    default:
      return gettext("the last change");
  }
}
