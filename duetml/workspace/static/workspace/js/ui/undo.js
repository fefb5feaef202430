/* Taking back the last change to the training data, step by step, as far as this page remembers. */

import { app } from "../app.js";
import { inverse, MADE } from "../logic/undo.js";
import { gettext } from "../words.js";
import { announce } from "./dom.js";

let history = [];
let isUndoing = false;

export function undoing() {
  const button = document.getElementById("undo");
  button.addEventListener("click", undo);

  app.onAct(({ id, state, action, payload }) => {
    const steps = isUndoing ? [] : inverse(state, action, payload);
    if (steps.length > 0) history.push({ id, steps });
  });
  app.onRefusal(({ id }) => {
    history = history.filter((change) => change.id !== id);
  });
  app.watch(({ isOver }) => {
    button.disabled = history.length === 0 || isOver;
  });
}

export function undo() {
  const change = history.pop();
  if (!change) return;
  isUndoing = true;
  let made = null;
  for (const { action, payload } of change.steps) {
    const id = app.act(action, payload.category === MADE ? { ...payload, category: made } : payload);
    if (action === "category.create") made = id;
  }
  isUndoing = false;
  announce(gettext("undone"));
}
