/* What the page shows before the server has answered: its state, and the effect of every action still in the queue.
 * When an action is refused it leaves the queue, and what is shown is the server's state again. */

import { applyChange } from "./state.js";

export function predict(state, queue) {
  return queue.reduce(effect, state);
}

function effect(state, { id, action, payload }) {
  switch (action) {
    case "category.create":
      return applyChange(state, "category.created", {
        category: id,
        name: payload.name,
        position: nextPosition(state),
      });
    case "category.rename":
      return applyChange(state, "category.renamed", payload);
    case "category.delete":
      return applyChange(state, "category.deleted", payload);
    case "images.add":
      return applyChange(state, "images.added", { ...payload, images: notYetIn(state, payload) });
    case "images.remove":
      return applyChange(state, "images.removed", payload);
    default:
      return state;
  }
}

function notYetIn(state, { category, images }) {
  const there = new Set(state.images.filter((image) => image.category === category).map((image) => image.id));
  return images.filter((id) => !there.has(id));
}

function nextPosition(state) {
  return state.categories.reduce((highest, category) => Math.max(highest, category.position), -1) + 1;
}
