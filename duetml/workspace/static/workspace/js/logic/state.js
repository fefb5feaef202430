/* What the page knows of the workspace: a pure function of the server's state and the events after it.
 *
 * images carry `rank`: pictures put into a category later stand behind those that were there.
 */

/** State from a hello frame that carries one. */
export function openState(hello) {
  const { workspace, features = {}, images = [], categories = [], training, runs = [], test } = hello.state;
  return {
    seq: hello.seq,
    workspace,
    features,
    images: images.map(({ place, ...image }, index) => ({ ...image, rank: place ?? index })),
    categories: [...categories].sort((one, other) => one.position - other.position),
    training: training ?? null,
    runs: [...runs].sort((one, other) => one.number - other.number),
    test: test ?? null,
  };
}

/** The state after an event. Events must come in order of seq: see `isNext`. Unknown kinds only move seq on. */
export function applyEvent(state, event) {
  return { ...applyChange(state, event.kind, event.payload), seq: event.seq };
}

/** "next", "old" (seen before: ignore) or "gap" (something is missing: ask the server again). */
export function placeOf(state, event) {
  if (event.seq <= state.seq) return "old";
  return event.seq === state.seq + 1 ? "next" : "gap";
}

export function applyChange(state, kind, payload) {
  const change = CHANGES[kind];
  if (!change) return state;
  const changed = change(state, payload);
  if (!DATA_KINDS.has(kind) || !changed.training) return changed;
  return { ...changed, training: { ...changed.training, stale: true } };
}

// What makes a training run out of date; a new name alone does not.
const DATA_KINDS = new Set([
  "category.created",
  "category.deleted",
  "images.added",
  "images.moved",
  "images.removed",
]);

const CHANGES = {
  "category.created": (state, { category, name, position }) => ({
    ...state,
    categories: [...state.categories.filter((one) => one.id !== category), { id: category, name, position }],
  }),
  "category.renamed": (state, { category, name }) => ({
    ...state,
    categories: state.categories.map((one) => (one.id === category ? { ...one, name } : one)),
  }),
  "category.deleted": (state, { category }) => ({
    ...state,
    categories: state.categories.filter((one) => one.id !== category),
    images: state.images.map((image) => (image.category === category ? { ...image, category: null } : image)),
  }),
  "images.added": (state, { category, images }) => place(state, images, category),
  "images.moved": (state, { category, images }) => place(state, images, category),
  "images.removed": (state, { images }) => place(state, images, null),
  "image.uploaded": (state, { image, category, origin }) => {
    const known = state.images.find((one) => one.id === image);
    if (known) return category ? stale(place(state, [image], category)) : state;
    const images = [...state.images, { id: image, origin, category, rank: nextRank(state) }];
    return category ? stale({ ...state, images }) : { ...state, images };
  },
  "training.requested": (state, { run, number, data }) =>
    withRun(state, { id: run, number, state: "queued", stale: false, images: countImages(data) }),
  "training.done": (state, { run, report }) =>
    state.training?.id === run ? withRun(state, { ...state.training, state: "done", report }) : state,
  "training.failed": (state, { run, reason }) =>
    state.training?.id === run ? withRun(state, { ...state.training, state: "failed", reason }) : state,
  "test.requested": (state, { test, run, images }) => ({
    ...state,
    test: { id: test, run, images, state: "queued", results: [] },
  }),
  "test.done": (state, { test, results }) =>
    state.test?.id === test ? { ...state, test: { ...state.test, state: "done", results } } : state,
  "test.failed": (state, { test, reason }) =>
    state.test?.id === test ? { ...state, test: { ...state.test, state: "failed", reason } } : state,
  "workspace.closed": (state) => ({ ...state, workspace: { ...state.workspace, closed: true } }),
};

function place(state, ids, category) {
  const moved = new Set(ids);
  let rank = nextRank(state);
  return {
    ...state,
    images: state.images.map((image) => (moved.has(image.id) ? { ...image, category, rank: rank++ } : image)),
  };
}

function nextRank(state) {
  return state.images.reduce((highest, image) => Math.max(highest, image.rank), -1) + 1;
}

function stale(state) {
  return state.training ? { ...state, training: { ...state.training, stale: true } } : state;
}

function withRun(state, run) {
  return { ...state, training: run, runs: [...state.runs.filter((one) => one.id !== run.id), run].slice(-10) };
}

function countImages(data) {
  return data.reduce((sum, category) => sum + category.images.length, 0);
}

/** Pictures of a category in the order they were put there. */
export function imagesOf(state, category) {
  const mine = state.images.filter((image) => image.category === category);
  return mine.sort((one, other) => one.rank - other.rank);
}

export function countUsed(state) {
  return state.images.filter((image) => image.category).length;
}

/** Pictures to choose test pictures from: those in no category first, each group in the order offered. */
export function testCandidates(state) {
  return [...state.images.filter((image) => !image.category), ...state.images.filter((image) => image.category)];
}

/** The last run that can be tested, or null. */
export function lastTrained(state) {
  return state.runs.findLast((run) => run.state === "done") ?? null;
}

export function isBusy(work) {
  return work?.state === "queued" || work?.state === "running";
}
