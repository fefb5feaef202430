import assert from "node:assert/strict";
import { test } from "node:test";

import {
  fateOf,
  mistakesIn,
  recognised,
  rowsOf,
  verdictOf,
  worstPair,
} from "../../duetml/workspace/static/workspace/js/logic/quality.js";

const found = {
  n: 10,
  accuracy: 0.7,
  low: 0.3968,
  high: 0.8922,
  confidence: 0.95,
  folds: 3,
  labels: ["tools", "food"],
  confusion: [
    [3, 2],
    [1, 4],
  ],
  mistakes: [
    { image: "a", category: "tools", said: "food", p: 0.91 },
    { image: "b", category: "food", said: "tools", p: 0.8 },
    { image: "c", category: "tools", said: "food", p: 0.6 },
  ],
};

test("a verdict is told in whole numbers", () => {
  const verdict = verdictOf({ report: { quality: found } });
  assert.deepEqual(verdict, { right: 7, n: 10, low: "40 %", high: "89 %", folds: 3 });
});

test("a run that was not measured has no verdict, and one that could not be says why", () => {
  assert.equal(verdictOf({ report: {} }), null);
  assert.equal(verdictOf(null), null);
  assert.deepEqual(verdictOf({ report: { quality: { why: "too_few_images" } } }), { why: "too_few_images" });
});

test("a row of the table tells where the pictures of one category went", () => {
  const [tools, food] = rowsOf(found);
  assert.deepEqual([tools.category, tools.total, food.total], ["tools", 5, 5]);
  assert.deepEqual(tools.cells, [
    { said: "tools", count: 3, share: 0.6, isRight: true },
    { said: "food", count: 2, share: 0.4, isRight: false },
  ]);
});

test("a category nothing was asked about has a row of noughts", () => {
  const [row] = rowsOf({ labels: ["empty"], confusion: [[0]] });
  assert.deepEqual(row.cells, [{ said: "empty", count: 0, share: 0, isRight: true }]);
});

test("the worst pair is the one confused most often, never a hit", () => {
  assert.deepEqual(worstPair(found), { category: "tools", said: "food", count: 2, total: 5 });
  assert.equal(worstPair({ labels: ["a"], confusion: [[9]] }), null);
});

test("a cell holds its own mistakes in the order they came", () => {
  const images = (cell) => mistakesIn(found, cell).map((one) => one.image);
  assert.deepEqual(images(null), ["a", "b", "c"]);
  assert.deepEqual(images({ category: "tools", said: "food" }), ["a", "c"]);
});

test("what was recognised is what is in the category and was no mistake there", () => {
  assert.deepEqual(recognised(found, "tools", ["a", "b", "x", "c"]), ["b", "x"]);
});

test("a mistake is open until its picture leaves the category", () => {
  const [mistake] = found.mistakes;
  assert.equal(fateOf(mistake, ["tools"]), "open");
  assert.equal(fateOf(mistake, ["food"]), "taken");
  assert.equal(fateOf(mistake, []), "elsewhere");
  assert.equal(fateOf(mistake, ["tools", "food"]), "open");
});
