import assert from "node:assert/strict";
import { test } from "node:test";

import {
  applyEvent,
  countUsed,
  imagesOf,
  lastTrained,
  openState,
  placeOf,
  testCandidates,
} from "../../duetml/workspace/static/workspace/js/logic/state.js";

export function hello(values = {}) {
  return {
    type: "hello",
    seq: 10,
    now: "2026-01-01T00:00:00Z",
    state: {
      workspace: { id: "w" },
      features: {},
      categories: [
        { id: "tools", name: "Tools", position: 0 },
        { id: "food", name: "Food", position: 1 },
      ],
      images: [
        { id: "a", origin: "pool", category: "tools", place: 1 },
        { id: "b", origin: "pool", category: "tools", place: 0 },
        { id: "c", origin: "pool", category: null, place: null },
      ],
      training: { id: "r1", number: 1, state: "done", stale: false },
      runs: [{ id: "r1", number: 1, state: "done" }],
      test: null,
      ...values,
    },
  };
}

const ids = (images) => images.map((image) => image.id);
const event = (kind, payload, seq = 11) => ({ type: "event", seq, kind, payload, at: "", client: null });

test("pictures of a category stand in the order they were put there", () => {
  const state = openState(hello());
  const later = applyEvent(state, event("images.added", { category: "tools", images: ["c"] }));
  assert.deepEqual(ids(imagesOf(later, "tools")), ["b", "a", "c"]);
});

test("a deleted category gives its pictures back", () => {
  const state = applyEvent(openState(hello()), event("category.deleted", { category: "tools", name: "Tools", images: ["a", "b"] }));
  assert.equal(countUsed(state), 0);
  assert.deepEqual(ids(state.categories), ["food"]);
});

test("a moved picture is in one category only", () => {
  const state = applyEvent(openState(hello()), event("images.moved", { category: "food", images: ["a"], was: "tools" }));
  assert.deepEqual(ids(imagesOf(state, "tools")), ["b"]);
  assert.deepEqual(ids(imagesOf(state, "food")), ["a"]);
});

test("changed pictures make the training run out of date, a new name does not", () => {
  const state = openState(hello());
  const renamed = applyEvent(state, event("category.renamed", { category: "food", name: "Meals", was: "Food" }));
  assert.equal(renamed.training.stale, false);
  assert.equal(applyEvent(state, event("images.removed", { category: "tools", images: ["a"] })).training.stale, true);
});

test("an uploaded picture joins the pool once", () => {
  const upload = { image: "d", category: null, origin: "upload" };
  const once = applyEvent(openState(hello()), event("image.uploaded", upload));
  const twice = applyEvent(once, event("image.uploaded", upload, 12));
  assert.deepEqual(ids(twice.images), ["a", "b", "c", "d"]);
});

test("a failed run leaves the run before it to test with", () => {
  const asked = applyEvent(openState(hello()), event("training.requested", { run: "r2", number: 2, data: [] }));
  const failed = applyEvent(asked, event("training.failed", { run: "r2", number: 2, reason: "x" }, 12));
  assert.equal(failed.training.state, "failed");
  assert.equal(lastTrained(failed).number, 1);
});

test("a gap between events is seen, and an event seen before is old", () => {
  const state = openState(hello());
  assert.deepEqual([10, 11, 13].map((seq) => placeOf(state, { seq })), ["old", "next", "gap"]);
});

test("a kind this page does not know only moves the number on", () => {
  const state = openState(hello());
  assert.deepEqual(applyEvent(state, event("something.else", {})), { ...state, seq: 11 });
});

test("pictures in no category come first among those to test", () => {
  assert.deepEqual(ids(testCandidates(openState(hello()))), ["c", "a", "b"]);
});
