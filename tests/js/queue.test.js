import assert from "node:assert/strict";
import { test } from "node:test";

import { predict } from "../../duetml/workspace/static/workspace/js/logic/predict.js";
import {
  acked,
  confirmed,
  enqueue,
  learned,
  lineBroke,
  markSent,
  named,
  nextToSend,
  refused,
  waiting,
} from "../../duetml/workspace/static/workspace/js/logic/queue.js";
import { imagesOf, openState } from "../../duetml/workspace/static/workspace/js/logic/state.js";

const create = { id: "1", action: "category.create", payload: { name: "New" } };
const add = { id: "2", action: "images.add", payload: { category: "1", images: ["c"] } };
const two = () => [create, add].reduce(enqueue, []);

function state() {
  return openState({
    seq: 4,
    state: {
      workspace: {},
      categories: [{ id: "old", name: "Old", position: 0, mark: 0, images: ["c"] }],
      images: [{ id: "c", origin: "pool" }],
    },
  });
}

test("one action is under way at a time", () => {
  const queue = markSent(two(), "1");
  assert.equal(nextToSend(two()).id, "1");
  assert.equal(nextToSend(queue), null);
});

test("an action that was under way when the line broke is sent again under its id", () => {
  const queue = lineBroke(markSent(two(), "1"));
  assert.equal(nextToSend(queue).id, "1");
});

test("pictures put into a category made offline follow the name the server gives it", () => {
  const queue = acked(markSent(two(), "1"), { id: "1", seq: 5, late: false, result: { category: "real" } }, 4);
  assert.equal(nextToSend(queue).payload.category, "real");
});

test("what is drawn under a category's first id still reaches it after the server has named it", () => {
  const names = learned(new Map(), two(), "1", "real");
  assert.deepEqual(named({ category: "1", images: ["c"] }, names), { category: "real", images: ["c"] });
  assert.equal(learned(names, two(), "2", "other"), names);
});

test("an acknowledged action stays on show until its event has come", () => {
  const queue = acked(markSent(two(), "1"), { id: "1", seq: 5, late: false, result: {} }, 4);
  assert.equal(queue.length, 2);
  assert.equal(waiting(queue), 1);
  assert.equal(confirmed(queue, { client: "1", seq: 5, payload: { category: "real" } }).length, 1);
});

test("a late action leaves at once: it changed nothing", () => {
  assert.deepEqual(acked([{ ...create, state: "sent" }], { id: "1", seq: 9, late: true }, 4), []);
});

test("every field that names a category follows", () => {
  const names = new Map([["1", "real"]]);
  assert.deepEqual(named({ category: "a", into: "1" }, names), { category: "a", into: "real" });
  assert.deepEqual(named({ category: "a", source: "1" }, names), { category: "a", source: "real" });
});

test("undoing a step that was refused would undo another: it leaves with it", () => {
  const queue = (...actions) => actions.map((action, at) => ({ id: String(at), action, payload: {}, state: "waiting" }));
  const left = (...actions) => refused(queue(...actions), "0").map(({ id }) => id);
  assert.deepEqual(left("category.rename", "history.undo"), []);
  assert.deepEqual(left("category.rename", "history.undo", "history.undo"), ["2"]);
  assert.deepEqual(left("category.rename", "history.undo", "history.redo", "history.undo"), []);
  assert.deepEqual(left("category.rename", "images.add", "history.undo", "history.undo"), ["1", "2"]);
  assert.deepEqual(left("training.start", "history.undo"), ["1"]);
});

test("a refused category takes along what was put into it", () => {
  assert.deepEqual(refused(two(), "1"), []);
});

test("the page shows an action before the answer, and the server's state after a refusal", () => {
  const shown = predict(state(), two());
  assert.deepEqual(shown.categories.map((one) => one.name), ["Old", "New"]);
  assert.deepEqual(imagesOf(shown, "1").map((one) => one.id), ["c"]);
  assert.deepEqual(predict(state(), refused(two(), "1")), state());
});

const copied = openState({
  seq: 1,
  state: {
    workspace: {},
    images: ["a", "b", "c"].map((id) => ({ id, origin: "pool" })),
    categories: [
      { id: "x", name: "X", position: 0, mark: 0, images: ["a"] },
      { id: "y", name: "Y", position: 1, mark: 1, images: ["a", "b"] },
      { id: "z", name: "Z", position: 2, mark: 2, images: [] },
    ],
  },
});
const put = (payload) => predict(copied, [{ id: "1", action: "images.add", payload }]).categories.map((one) => one.images);

test("a picture that is in two categories leaves both, or only the one it is taken from", () => {
  assert.deepEqual(put({ category: "z", images: ["a"] }), [[], ["b"], ["a"]]);
  assert.deepEqual(put({ category: "z", images: ["a"], source: "y" }), [["a"], ["b"], ["a"]]);
});

test("pictures arrive in the order in which the server puts them: those that were in no category last", () => {
  assert.deepEqual(put({ category: "z", images: ["c", "b", "a"] }), [[], [], ["b", "a", "c"]]);
  assert.deepEqual(put({ category: "x", images: ["c", "b", "a"] }), [["a", "b", "c"], [], []]);
});

test("a picture that is named twice arrives once", () => {
  assert.deepEqual(put({ category: "z", images: ["c", "b", "c"] }), [["a"], ["a"], ["b", "c"]]);
});

test("a prediction is not kept for another state or another action under the same id", () => {
  const [old, renamed] = ["A", "B"].map((name) => [{ id: "1", action: "category.rename", payload: { category: "x", name } }]);
  assert.equal(predict(copied, old).categories[0].name, "A");
  assert.equal(predict(copied, renamed).categories[0].name, "B");
  assert.equal(predict({ ...copied, seq: 2 }, renamed).seq, 2);
});
