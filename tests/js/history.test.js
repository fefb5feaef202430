import assert from "node:assert/strict";
import { test } from "node:test";

import "../../duetml/workspace/static/workspace/js/logic/beyond.js";
import { describe, whereRedoLeads, whereUndoLeads } from "../../duetml/workspace/static/workspace/js/logic/history.js";
import { predict } from "../../duetml/workspace/static/workspace/js/logic/predict.js";
import { applyEvent, openState } from "../../duetml/workspace/static/workspace/js/logic/state.js";

const IMAGES = ["a", "b", "c", "d", "e", "f"];

function open(history = { undo: 0, redo: 0 }) {
  const categories = [
    { id: "x", name: "X", position: 0, mark: 0, images: ["a", "b"] },
    { id: "y", name: "Y", position: 1, mark: 1, images: ["c"] },
  ];
  return openState({ seq: 1, state: { workspace: {}, images: IMAGES.map((id) => ({ id })), categories, history } });
}

const plain = ({ categories }) => categories.map(({ id, name, position, images }) => ({ id, name, position, images }));
const counts = ({ history: { undo, redo } }) => [undo, redo];
const queued = (...actions) => actions.map(([action, payload = {}], at) => ({ id: `q${at}`, action, payload }));
const UNDO = ["history.undo"];
const REDO = ["history.redo"];

const STEPS = [
  ["category.create", { name: "New" }],
  ["category.rename", { category: "x", name: "Other" }],
  ["category.delete", { category: "x" }],
  ["category.move", { category: "y", to: 0 }],
  ["category.merge", { category: "x", into: "y" }],
  ["images.add", { category: "y", images: ["a", "d"] }],
  ["images.copy", { category: "y", images: ["a"] }],
  ["images.remove", { category: "x", images: ["a"] }],
  ["images.remove", { images: ["a", "d"] }],
];

for (const step of STEPS) {
  test(`${step[0]} is taken back and done again before the server has answered`, () => {
    const done = predict(open(), queued(step));
    const undone = predict(open(), queued(step, UNDO));
    assert.notDeepEqual(plain(done), plain(open()));
    assert.deepEqual([plain(undone), counts(undone)], [plain(open()), [0, 1]]);
    const redone = predict(open(), queued(step, UNDO, REDO));
    assert.deepEqual([plain(redone), counts(redone)], [plain(done), [1, 0]]);
  });
}

test("all steps are taken back one by one, and a new step forgets what could be done again", () => {
  const state = predict(open(), queued(STEPS[0], STEPS[1], STEPS[6], UNDO, UNDO, UNDO));
  assert.deepEqual([plain(state), counts(state)], [plain(open()), [0, 3]]);
  assert.deepEqual(counts(predict(open(), queued(STEPS[0], UNDO, STEPS[1]))), [1, 0]);
});

test("a step the page did not see waits for the server, and is counted", () => {
  const state = predict(open({ undo: 3, redo: 0 }), queued(UNDO));
  assert.deepEqual([plain(state), counts(state)], [plain(open()), [2, 1]]);
});

test("nothing is taken back where there is nothing", () => {
  assert.deepEqual(counts(predict(open(), queued(UNDO, REDO))), [0, 0]);
});

test("what changes nothing is no step", () => {
  const state = predict(open(), queued(["category.rename", { category: "x", name: "X" }], ["images.add", { category: "x", images: ["a"] }]));
  assert.deepEqual(counts(state), [0, 0]);
});

test("a step of several events is one step, and work that is no step is none", () => {
  const moved = { seq: 2, kind: "images.moved", payload: { category: "y", images: ["a"], was: "x" }, client: null };
  const added = { seq: 3, kind: "images.added", payload: { category: "y", images: ["d"] }, client: "1" };
  const trained = { seq: 4, kind: "training.requested", payload: { run: "r", number: 1, data: [] }, client: "2" };
  const state = [moved, added, trained].reduce(applyEvent, open());
  assert.deepEqual(counts(state), [1, 0]);
  assert.deepEqual(whereUndoLeads(state.history), open().categories);
});

test("a step back that another page takes can be done again here", () => {
  const renamed = { seq: 2, kind: "category.renamed", payload: { category: "x", name: "Z" }, client: "1" };
  const told = { category: "x", name: "X", position: 0, mark: 0, images: ["a", "b"] };
  const undone = { seq: 3, kind: "data.arranged", payload: { by: "undo", categories: [told], gone: [] }, client: "2" };
  const state = [renamed, undone].reduce(applyEvent, open());
  assert.deepEqual([plain(state), counts(state)], [plain(open()), [0, 1]]);
  assert.equal(whereRedoLeads(state.history)[0].name, "Z");
});

test("a step is told by what it did", () => {
  const told = STEPS.map((step) => describe(open().categories, predict(open(), queued(step)).categories));
  assert.deepEqual(told.map(({ kind, name, n }) => [kind, name, n]), [
    ["created", "New", 0],
    ["renamed", "Other", 0],
    ["deleted", "X", 2],
    ["other", "", 0],
    ["other", "", 0],
    ["put", "Y", 2],
    ["put", "Y", 1],
    ["removed", "X", 1],
    ["removed", "X", 1],
  ]);
});
