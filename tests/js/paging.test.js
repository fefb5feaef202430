import assert from "node:assert/strict";
import { test } from "node:test";

import { existing, fit, pageCount, pageOf, whereKeyLeads } from "../../duetml/workspace/static/workspace/js/logic/paging.js";

const shape = { columns: 4, size: 8 }; // two rows of four on a page
const lead = (key, at, total = 19) => whereKeyLeads(key, at, total, shape);

test("as many columns as fit, at least one, and whole rows", () => {
  const roomy = { least: 84, gap: 6, rows: 2 };
  assert.deepEqual(fit(372, roomy), { columns: 4, size: 8 });
  assert.deepEqual(fit(354, roomy).columns, 4);
  assert.deepEqual(fit(353, roomy).columns, 3);
  assert.deepEqual(fit(10, roomy), { columns: 1, size: 2 });
});

test("the last page may be short, and nothing at all is one page", () => {
  assert.deepEqual([0, 8, 9, 19].map((total) => pageCount(total, 8)), [1, 1, 2, 3]);
  assert.deepEqual([0, 7, 8, 18].map((at) => pageOf(at, 8)), [0, 0, 1, 2]);
});

test("a page that is no longer there gives way to the last one", () => {
  assert.deepEqual([existing(2, 19, 8), existing(2, 16, 8), existing(2, 0, 8), existing(-1, 19, 8)], [2, 1, 0, 0]);
});

test("arrows go on over the edge of a page in the same column", () => {
  assert.equal(lead("ArrowRight", 7), 8);
  assert.equal(lead("ArrowLeft", 8), 7);
  assert.equal(lead("ArrowDown", 6), 10);
  assert.equal(lead("ArrowUp", 10), 6);
});

test("down from above a short last row ends at the last picture", () => {
  assert.equal(lead("ArrowDown", 15), 18);
  assert.equal(lead("ArrowDown", 17), null);
});

test("a page is turned as a whole, and the last one as far as it goes", () => {
  assert.deepEqual([lead("PageDown", 3), lead("PageDown", 15), lead("PageDown", 17)], [11, 18, null]);
  assert.deepEqual([lead("PageUp", 11), lead("PageUp", 3)], [3, null]);
});

test("the ends are the ends of all pages, and beyond them is nothing", () => {
  assert.deepEqual([lead("Home", 9), lead("End", 9)], [0, 18]);
  assert.deepEqual([lead("Home", 0), lead("ArrowLeft", 0), lead("End", 18), lead("ArrowRight", 18)], [null, null, null, null]);
  assert.deepEqual([lead("End", -1, 0), lead("x", 3)], [null, null]);
});
