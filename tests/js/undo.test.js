import assert from "node:assert/strict";
import { test } from "node:test";

import { openState } from "../../duetml/workspace/static/workspace/js/logic/state.js";
import { inverse, MADE } from "../../duetml/workspace/static/workspace/js/logic/undo.js";

const state = openState({
  seq: 1,
  state: {
    workspace: {},
    categories: [
      { id: "x", name: "X", position: 0 },
      { id: "y", name: "Y", position: 1 },
    ],
    images: [
      { id: "a", category: "x", place: 0 },
      { id: "b", category: null, place: null },
      { id: "c", category: "y", place: 0 },
    ],
  },
});

test("pictures put into a category go back to where each of them was", () => {
  assert.deepEqual(inverse(state, "images.add", { category: "y", images: ["a", "b", "c"] }), [
    { action: "images.add", payload: { category: "x", images: ["a"] } },
    { action: "images.remove", payload: { category: "y", images: ["b"] } },
  ]);
});

test("a deleted category comes back with its pictures", () => {
  assert.deepEqual(inverse(state, "category.delete", { category: "x" }), [
    { action: "category.create", payload: { name: "X" } },
    { action: "images.add", payload: { category: MADE, images: ["a"] } },
  ]);
});

test("an old name is given back", () => {
  assert.equal(inverse(state, "category.rename", { category: "x", name: "New" })[0].payload.name, "X");
});

test("what cannot be taken back is left alone", () => {
  assert.deepEqual(inverse(state, "training.start", {}), []);
});
