/* What the page shows before the server has answered: its state, and the effect of every action still in the queue.
 * When an action is refused it leaves the queue, and what is shown is the server's state again. */

import { append, take } from "./arrangement.js";
import { whereRedoLeads, whereUndoLeads } from "./history.js";
import { applyChange, arranged, withStep } from "./state.js";

/** Asked again and again while the queue grows: what was predicted from the same state is not worked out twice. */
export function predict(state, queue) {
  const steps = [];
  let now = state;
  queue.forEach((entry, at) => {
    const known = remembered[at];
    const isKnown = known?.from === now && known.id === entry.id && known.payload === entry.payload;
    steps.push(isKnown ? known : { from: now, id: entry.id, payload: entry.payload, to: effect(now, entry) });
    now = steps[at].to;
  });
  remembered = steps;
  return now;
}

let remembered = [];

function effect(state, { id, action, payload }) {
  const change = EFFECTS[action];
  if (!change) return state;
  const by = { "history.undo": "undo", "history.redo": "redo" }[action] ?? null;
  if (by && state.history[by] === 0) return state;
  return withStep(change(state, payload, id), by);
}

/** Actions that only some pages know: {action: (state, payload, id) => state}. */
export function alsoPredict(effects) {
  Object.assign(EFFECTS, effects);
}

const EFFECTS = {
  "category.create": (state, { name }, id) =>
    applyChange(state, "category.created", { category: id, name, position: next(state, "position"), mark: next(state, "mark") }),
  "category.rename": (state, payload) => applyChange(state, "category.renamed", payload),
  "category.delete": (state, payload) => applyChange(state, "category.deleted", payload),
  "images.add": (state, payload) => arranged(state, putInto(state, payload)),
  "images.remove": (state, { category = null, images }) =>
    arranged(state, homes(state, category).reduce((now, id) => take(now, id, images), state.categories)),
  // Where the page did not see the arrangement, it waits for the server.
  "history.undo": (state) => arranged(state, whereUndoLeads(state.history) ?? state.categories),
  "history.redo": (state) => arranged(state, whereRedoLeads(state.history) ?? state.categories),
};

function homes({ categories }, category) {
  return category ? [category] : categories.map(({ id }) => id);
}

/** In the order in which the server puts them: by the category they come from, those from none last. */
function putInto(state, { category, images, source = null }) {
  const { categories } = state;
  if (!categories.some((one) => one.id === category)) return categories;
  const coming = new Set(images);
  const left = categories.filter((one) => one.id !== category && (!source || one.id === source));
  const from = new Map();
  for (const one of left) for (const id of one.images) if (coming.has(id) && !from.has(id)) from.set(id, one.id);
  const groups = new Map([...images.map((id) => from.get(id) ?? null).filter(Boolean), null].map((home) => [home, []]));
  for (const id of images) groups.get(from.get(id) ?? null).push(id);
  const taken = left.reduce((now, { id }) => take(now, id, images), categories);
  return append(taken, category, [...groups.values()].flat());
}

function next(state, field) {
  return state.categories.reduce((highest, category) => Math.max(highest, category[field]), -1) + 1;
}
