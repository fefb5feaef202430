/* What the page knows of the workspace: a pure function of the server's state and the events after it.
 * What an event does not change keeps its identity, so that looking at what changed is cheap with thousands of images. */

import { append, inOrder, isSameData, renamed, take, withCategory, without } from "./arrangement.js";
import { openHistory, stepped } from "./history.js";

const RUNS_KEPT = 30;

/** State from a hello frame that carries one. */
export function openState(hello) {
  const { workspace, features = {}, images = [], history, training, runs = [], test, ...further } = hello.state;
  const categories = inOrder(hello.state.categories ?? []);
  return {
    ...further,
    seq: hello.seq,
    workspace,
    features,
    images,
    categories,
    history: openHistory(history, categories),
    training: training ? { ...training, learnedFrom: training.stale ? null : categories } : null,
    runs: [...runs].sort((one, other) => one.number - other.number),
    test: test ?? null,
  };
}

/** The state after an event. Events must come in order of seq: see `placeOf`. Unknown kinds only move seq on. */
export function applyEvent(state, event) {
  const changed = { ...applyChange(state, event.kind, event.payload), seq: event.seq };
  if (!event.client) return changed;
  return withStep(changed, event.kind === "data.arranged" ? event.payload.by : null, event.payload.batch);
}

/** "next", "old" (seen before: ignore) or "gap" (something is missing: ask the server again). */
export function placeOf(state, event) {
  if (event.seq <= state.seq) return "old";
  return event.seq === state.seq + 1 ? "next" : "gap";
}

export function applyChange(state, kind, payload) {
  const change = CHANGES[kind];
  return change ? change(state, payload) : state;
}

/** A person's action has ended here: from now on it can be taken back. */
export function withStep(state, by = null, batch = null) {
  const history = stepped(state.history, state.categories, by, batch);
  return history === state.history ? state : { ...state, history };
}

/** The state with another arrangement; whether the training run is out of date follows from it. */
export function arranged(state, categories) {
  if (categories === state.categories) return state;
  return { ...state, categories, training: aged(state.training, categories) };
}

function aged(training, categories) {
  if (!training) return training;
  const stale = !training.learnedFrom || !isSameData(training.learnedFrom, categories);
  return stale === training.stale ? training : { ...training, stale };
}

/** Kinds of events that only some pages know: {kind: (state, payload) => state}. */
export function alsoApply(changes) {
  Object.assign(CHANGES, changes);
}

const CHANGES = {
  "category.created": (state, { category, name, position, mark }) =>
    arranged(state, withCategory(state.categories, { id: category, name, position, mark, images: [] })),
  "category.renamed": (state, { category, name }) => arranged(state, renamed(state.categories, category, name)),
  "category.deleted": (state, { category }) => arranged(state, without(state.categories, [category])),
  "data.arranged": (state, { categories, gone }) =>
    arranged(state, categories.reduce(set, without(state.categories, gone))),
  "images.added": (state, { category, images }) => arranged(state, append(state.categories, category, images)),
  "images.moved": (state, { category, images, was }) =>
    arranged(state, append(take(state.categories, was, images), category, images)),
  "images.removed": (state, { category, images }) => arranged(state, take(state.categories, category, images)),
  "image.uploaded": (state, { image, category, origin }) => {
    const isKnown = indexOf(state.images).has(image);
    const offered = isKnown ? state : { ...state, images: [...state.images, { id: image, origin }] };
    return category ? arranged(offered, append(offered.categories, category, [image])) : offered;
  },
  "training.requested": (state, { run, number, data }) =>
    withRun(state, {
      id: run,
      number,
      state: "queued",
      report: {},
      reason: "",
      categories: data.map((one) => ({ ...one, images: one.images.length })),
      learnedFrom: learnedFrom(state.categories, data),
      stale: !isSameData(state.categories, learnedFrom(state.categories, data)),
    }),
  "training.done": (state, { run, report }) => finished(state, run, { state: "done", report }),
  "training.failed": (state, { run, reason }) => finished(state, run, { state: "failed", reason }),
  "test.requested": (state, { test, run, images }) => ({
    ...state,
    test: { id: test, run, images, state: "queued", results: [], reason: "" },
  }),
  "test.done": (state, { test, results }) => settled(state, "test", test, { state: "done", results }),
  "test.failed": (state, { test, reason }) => settled(state, "test", test, { state: "failed", reason }),
  "workspace.rescheduled": (state) => ({ ...state, workspace: { ...state.workspace, rescheduled: true } }),
  "workspace.closed": (state) => ({ ...state, workspace: { ...state.workspace, closed: true } }),
};

function set(categories, { category, name, position, mark, images }) {
  return withCategory(categories, { id: category, name, position, mark, images });
}

function withRun(state, run) {
  return { ...state, training: run, runs: [...state.runs.filter((one) => one.id !== run.id), run].slice(-RUNS_KEPT) };
}

/** What a run was given, as an arrangement; the one we have where it is the same. */
function learnedFrom(categories, data) {
  const given = data.map(({ category, images }) => ({ id: category, images }));
  return isSameData(categories, given) ? categories : given;
}

function finished(state, run, values) {
  const change = (one) => (one?.id === run ? { ...one, ...values } : one);
  return { ...state, training: change(state.training), runs: state.runs.map(change) };
}

/** A piece of work that is still the newest of its kind has ended. */
export function settled(state, kind, id, values) {
  return state[kind]?.id === id ? { ...state, [kind]: { ...state[kind], ...values } } : state;
}

const indexes = new WeakMap();
const members = new WeakMap();
const homes = new WeakMap();

/** Made once for every value it is made from. */
function kept(memory, key, make) {
  if (!memory.has(key)) memory.set(key, make());
  return memory.get(key);
}

function indexOf(images) {
  return kept(indexes, images, () => new Map(images.map((image, at) => [image.id, { image, number: at + 1 }])));
}

/** Whether the workspace offers this picture. */
export function isOffered(state, id) {
  return indexOf(state.images).has(id);
}

/** The number a picture is called by: its place among those offered, from 1. */
export function numberOf(state, id) {
  return indexOf(state.images).get(id)?.number ?? 0;
}

/** Pictures of a category ({id, origin}) in the order they were put there. */
export function imagesOf(state, category) {
  const found = state.categories.find((one) => one.id === category);
  if (!found) return [];
  const index = indexOf(state.images);
  const byIndex = kept(members, found.images, () => new WeakMap());
  return kept(byIndex, index, () => found.images.map((id) => index.get(id)?.image).filter(Boolean));
}

/** Image id → the ids of the categories it is in. */
export function homesOf(state) {
  return kept(homes, state.categories, () => {
    const found = new Map();
    for (const { id, images } of state.categories) {
      for (const image of images) found.has(image) ? found.get(image).push(id) : found.set(image, [id]);
    }
    return found;
  });
}

export function countUsed(state) {
  return homesOf(state).size;
}

/** Pictures to choose test pictures from: those in no category first, each group in the order offered. */
export function testCandidates(state) {
  const used = homesOf(state);
  return [...state.images.filter(({ id }) => !used.has(id)), ...state.images.filter(({ id }) => used.has(id))];
}

/** The last run that can be tested, or null. */
export function lastTrained(state) {
  return state.runs.findLast((run) => run.state === "done") ?? null;
}

export function isBusy(work) {
  return work?.state === "queued" || work?.state === "running";
}
