import assert from "node:assert/strict";
import { test } from "node:test";

import { clockOffset, minutesAndSeconds, reading } from "../../duetml/workspace/static/workspace/js/logic/clock.js";
import { COLOURS, markOf, SHAPES } from "../../duetml/workspace/static/workspace/js/logic/marks.js";
import { readiness } from "../../duetml/workspace/static/workspace/js/logic/readiness.js";
import { actingOn, extend, NOTHING, prune, selectAll, toggle } from "../../duetml/workspace/static/workspace/js/logic/selection.js";
import { openState } from "../../duetml/workspace/static/workspace/js/logic/state.js";
import { backoff, pause } from "../../duetml/workspace/static/workspace/js/net/socket.js";
import { fill, ngettext } from "../../duetml/workspace/static/workspace/js/words.js";

const order = ["a", "b", "c", "d"];

test("a range runs from the last one selected to the one clicked, in either direction", () => {
  const selection = extend(toggle(NOTHING, "c"), order, "a");
  assert.deepEqual([...selection.ids].sort(), ["a", "b", "c"]);
});

test("selecting twice unselects", () => {
  assert.equal(toggle(toggle(NOTHING, "a"), "a").ids.size, 0);
});

test("a selection forgets pictures that are gone, and stays the same where none is", () => {
  const both = toggle(toggle(NOTHING, "a"), "b");
  const selection = prune(both, (id) => id === "a");
  assert.deepEqual([[...selection.ids], selection.anchor], [["a"], null]);
  assert.equal(prune(both, () => true), both);
});

test("a range goes over pages, and a second one starts where the first did", () => {
  const first = extend(toggle(NOTHING, "b"), order, "d");
  assert.deepEqual([...extend(first, order, "a").ids].sort(), order);
});

test("everything is added to what was selected elsewhere", () => {
  assert.deepEqual([...selectAll(toggle(NOTHING, "x"), order).ids], ["x", ...order]);
});

test("dragging a picture outside the selection moves that picture alone", () => {
  const selection = toggle(NOTHING, "a");
  assert.deepEqual(actingOn(selection, "b").images, ["b"]);
  assert.deepEqual(actingOn(selection, "a").images, ["a"]);
});

test("pictures selected in one category leave that one, those selected here and there leave all", () => {
  const inside = toggle(toggle(NOTHING, "a", "toys"), "b", "toys");
  assert.equal(actingOn(inside, "a").source, "toys");
  assert.equal(actingOn(toggle(inside, "c", "food"), "a").source, null);
  assert.equal(actingOn(toggle(inside, "c"), "c", null).source, null);
  assert.equal(actingOn(inside, "d", "food").source, "food");
});

test("time left is written in minutes and seconds and never falls below nothing", () => {
  assert.deepEqual([521_000, 59_001, 1, 0, -5].map(minutesAndSeconds), ["08:41", "01:00", "00:01", "00:00", "00:00"]);
});

test("the clock follows the server where the browser's is wrong", () => {
  const offset = clockOffset("2026-01-01T00:00:10Z", Date.parse("2026-01-01T00:00:00Z"));
  assert.equal(offset, 10_000);
});

test("finishing is possible from the minimum on, and time is over at the maximum", () => {
  assert.equal(reading(999, 5000, 1000).canFinish, false);
  assert.equal(reading(1000, 5000, 1000).canFinish, true);
  assert.equal(reading(4999, 5000, 1000).isOver, false);
  assert.equal(reading(5000, 5000, 1000).isOver, true);
  assert.equal(reading(5000, null, null).isOver, false);
});

test("the last call comes with two minutes left, not before and not after the end", () => {
  const calls = [120_001, 120_000, 1, 0].map((left) => reading(0, left, null).isLastCall);
  assert.deepEqual(calls, [false, true, true, false]);
});

test("every colour goes with every shape once", () => {
  const all = COLOURS.length * SHAPES.length;
  const pairs = Array.from({ length: all }, (_, position) => markOf(position)).map(({ colour, shape }) => colour + shape.name);
  assert.equal(new Set(pairs).size, all);
});

test("training asks for two categories, then for pictures in each", () => {
  const of = (categories) => readiness(openState({ seq: 0, state: { workspace: {}, categories } }));
  const x = { id: "x", name: "X", position: 0, images: ["1"] };
  const y = { id: "y", name: "Y", position: 1, images: [] };
  assert.equal(of([y]).missing, "categories");
  assert.deepEqual(of([x, y]).names, ["Y"]);
  assert.equal(of([x, { ...y, images: ["2"] }]).ready, true);
});

test("waiting before the next attempt grows, with a ceiling", () => {
  assert.deepEqual([0, 1, 2, 20].map((attempt) => backoff(attempt, 0.5)), [375, 750, 1500, 11_250]);
});

test("a server that is being restarted is asked again at once, and again only if it did not come", () => {
  assert.deepEqual([0, 1].map((attempt) => pause(1012, attempt, 0.5)), [200, 750]);
  assert.equal(pause(1006, 0, 0.5), 375);
});

test("texts are filled by name and fall back to English", () => {
  assert.equal(fill(ngettext("%(n)s picture", "%(n)s pictures", 2), { n: 2 }), "2 pictures");
});
