import assert from "node:assert/strict";
import { test } from "node:test";

import "../../duetml/workspace/static/workspace/js/logic/beyond.js";
import {
  applyEvent,
  countUsed,
  homesOf,
  imagesOf,
  isOffered,
  lastTrained,
  numberOf,
  openState,
  placeOf,
  testCandidates,
} from "../../duetml/workspace/static/workspace/js/logic/state.js";

function hello(values = {}) {
  return {
    type: "hello",
    seq: 10,
    now: "2026-01-01T00:00:00Z",
    state: {
      workspace: { id: "w" },
      features: {},
      categories: [
        { id: "food", name: "Food", position: 1, mark: 1, images: [] },
        { id: "tools", name: "Tools", position: 0, mark: 0, images: ["b", "a"] },
      ],
      images: ["a", "b", "c"].map((id) => ({ id, origin: "pool" })),
      history: { undo: 4, redo: 0 },
      training: { id: "r1", number: 1, state: "done", stale: false },
      runs: [{ id: "r1", number: 1, state: "done" }],
      test: null,
      ...values,
    },
  };
}

const ids = (things) => things.map(({ id }) => id);
const event = (kind, payload, seq = 11, client = null) => ({ type: "event", seq, kind, payload, at: "", client });
const after = (state, ...events) =>
  events.reduce((now, [kind, payload]) => applyEvent(now, event(kind, payload, now.seq + 1, "x")), state);

test("categories stand in their order, their pictures in the order they were put there", () => {
  const state = openState(hello());
  assert.deepEqual(ids(state.categories), ["tools", "food"]);
  const later = after(state, ["images.added", { category: "tools", images: ["c"] }]);
  assert.deepEqual(ids(imagesOf(later, "tools")), ["b", "a", "c"]);
});

test("a deleted category gives its pictures back", () => {
  const state = after(openState(hello()), ["category.deleted", { category: "tools", name: "Tools", images: ["a", "b"] }]);
  assert.equal(countUsed(state), 0);
  assert.deepEqual(ids(state.categories), ["food"]);
});

test("a moved picture leaves the category it was in", () => {
  const state = after(openState(hello()), ["images.moved", { category: "food", images: ["a"], was: "tools" }]);
  assert.deepEqual([ids(imagesOf(state, "tools")), ids(imagesOf(state, "food"))], [["b"], ["a"]]);
});

test("a copied picture is in both categories and is used once", () => {
  const state = after(openState(hello()), ["images.copied", { category: "food", images: ["a"] }]);
  assert.deepEqual(homesOf(state).get("a"), ["tools", "food"]);
  assert.equal(countUsed(state), 2);
});

test("merged categories become one with the pictures of both", () => {
  const full = after(openState(hello()), ["images.added", { category: "food", images: ["c"] }]);
  const state = after(full, ["category.merged", { category: "tools", name: "Tools", into: "food", images: ["b", "a"] }]);
  assert.deepEqual(state.categories.map(({ id, images }) => [id, images]), [["food", ["c", "b", "a"]]]);
});

test("categories put in another order keep their pictures and their marks", () => {
  const state = after(openState(hello()), ["categories.ordered", { order: ["food", "tools"] }]);
  assert.deepEqual(state.categories.map(({ id, position, mark }) => [id, position, mark]), [["food", 0, 1], ["tools", 1, 0]]);
  assert.deepEqual(ids(imagesOf(state, "tools")), ["b", "a"]);
});

test("an arrangement brings back what was deleted and deletes what was made", () => {
  const back = { category: "tools", name: "Tools", position: 0, mark: 0, images: ["b"] };
  const without = after(openState(hello()), ["category.deleted", { category: "tools", name: "Tools", images: ["b", "a"] }]);
  const state = after(without, ["data.arranged", { by: "undo", categories: [back], gone: ["food"] }]);
  assert.deepEqual(state.categories.map(({ id, images }) => [id, images]), [["tools", ["b"]]]);
});

test("changed pictures make the training run out of date, a new name or order does not", () => {
  const state = openState(hello());
  const renamed = after(state, ["category.renamed", { category: "food", name: "Meals", was: "Food" }]);
  assert.equal(renamed.training.stale, false);
  assert.equal(after(state, ["categories.ordered", { order: ["food", "tools"] }]).training.stale, false);
  assert.equal(after(state, ["images.removed", { category: "tools", images: ["a"] }]).training.stale, true);
});

test("a training run is up to date again when its pictures are back where they were", () => {
  const changed = after(openState(hello()), ["images.removed", { category: "tools", images: ["a"] }]);
  assert.equal(after(changed, ["images.added", { category: "tools", images: ["a"] }]).training.stale, false);
});

test("a run is compared with the data it was given, not with what has changed meanwhile", () => {
  const data = [{ category: "tools", name: "Tools", images: ["a", "b"] }, { category: "food", name: "Food", images: ["c"] }];
  const state = after(openState(hello()), ["training.requested", { run: "r2", number: 2, data }]);
  assert.equal(state.training.stale, true);
  assert.equal(after(state, ["images.added", { category: "food", images: ["c"] }]).training.stale, false);
});

test("an uploaded picture joins the pool once", () => {
  const upload = { image: "d", category: null, origin: "upload" };
  const state = after(openState(hello()), ["image.uploaded", upload], ["image.uploaded", upload]);
  assert.deepEqual(ids(state.images), ["a", "b", "c", "d"]);
  assert.deepEqual([isOffered(state, "d"), numberOf(state, "d"), isOffered(state, "e")], [true, 4, false]);
});

test("a failed run leaves the run before it to test with", () => {
  const asked = after(openState(hello()), ["training.requested", { run: "r2", number: 2, data: [] }]);
  const failed = after(asked, ["training.failed", { run: "r2", number: 2, reason: "x" }]);
  assert.equal(failed.training.state, "failed");
  assert.equal(lastTrained(failed).number, 1);
});

test("a map and a parcel are on show from the asking to the end, and older ones no more", () => {
  const asked = after(openState(hello()), ["map.requested", { map: "m", images: 3 }], ["parcel.requested", { parcel: "p", run: "r1", number: 1 }]);
  const done = after(asked, ["map.done", { map: "m" }], ["map.failed", { map: "old", reason: "x" }], ["parcel.done", { parcel: "p", files: [1] }]);
  assert.deepEqual([asked.map.state, done.map.state, done.parcel.files], ["queued", "done", [1]]);
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

test("what an event does not touch keeps its identity", () => {
  const state = openState(hello());
  const later = after(state, ["images.added", { category: "food", images: ["c"] }]);
  assert.equal(later.categories[0], state.categories[0]);
  assert.equal(imagesOf(later, "tools"), imagesOf(state, "tools"));
});
