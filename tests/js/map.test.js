import assert from "node:assert/strict";
import { test } from "node:test";

import {
  around,
  between,
  inWindow,
  neighbour,
  newerThan,
  panned,
  pictureSize,
  pointAt,
  reveal,
  toMap,
  toScreen,
  wholeMap,
  within,
  zoomed,
} from "../../duetml/workspace/static/workspace/js/logic/map.js";

const size = { width: 600, height: 400 };
//                 0       1         2         3          4
const points = [[0, 0], [1, 0], [0.5, 0.5], [0.6, 0.5], [0, 1]];
const whole = wholeMap(points, size);
const near = (one, other, by = 1e-9) => one.forEach((value, at) => assert.ok(Math.abs(value - other[at]) < by, `${one} is not ${other}`));

test("the whole map has every point in the window", () => {
  for (const point of points) {
    const [across, down] = toScreen(whole, size, point);
    assert.ok(across >= 0 && across <= size.width && down >= 0 && down <= size.height);
  }
});

test("a map of one picture, or of none, can be looked at", () => {
  near(toScreen(wholeMap([[0.3, 0.7]], size), size, [0.3, 0.7]), [300, 200]);
  assert.ok(wholeMap([], size).scale > 0);
});

test("a pixel and its point are each other's", () => {
  const view = { x: 0.2, y: 0.9, scale: 777 };
  near(toMap(view, size, toScreen(view, size, [0.25, 0.4])), [0.25, 0.4]);
});

test("coming nearer keeps what is under the pointer where it is", () => {
  const pixel = [120, 90];
  const before = toMap(whole, size, pixel);
  near(toMap(zoomed(whole, size, pixel, 3, whole), size, pixel), before);
});

test("nobody goes farther away than the whole map, nor nearer than forty times", () => {
  assert.equal(zoomed(whole, size, [0, 0], 0.1, whole), whole);
  assert.equal(zoomed(whole, size, [0, 0], 1e9, whole).scale, whole.scale * 40);
});

test("dragging moves the map with the hand", () => {
  const [across, down] = toScreen(panned(whole, 30, -10), size, points[2]);
  near([across, down], [toScreen(whole, size, points[2])[0] + 30, toScreen(whole, size, points[2])[1] - 10]);
});

test("a point outside the window is brought in, one inside moves nothing", () => {
  const close = zoomed(whole, size, [300, 200], 10, whole);
  const [across, down] = toScreen(reveal(close, size, points[1]), size, points[1]);
  assert.ok(across > 0 && across < size.width && down > 0 && down < size.height);
  assert.equal(reveal(whole, size, points[2]), whole);
});

test("only what is in the window is drawn", () => {
  const close = zoomed(whole, size, toScreen(whole, size, points[2]), 8, whole);
  assert.deepEqual(inWindow(points, close, size), [2, 3]);
  assert.deepEqual(inWindow(points, whole, size), [0, 1, 2, 3, 4]);
});

test("an area drawn in any direction holds the points between its corners", () => {
  const one = toScreen(whole, size, [0.7, 0.6]);
  const other = toScreen(whole, size, [0.4, 0.4]);
  assert.deepEqual(within(points, between(whole, size, one, other)), [2, 3]);
  assert.deepEqual(within(points, between(whole, size, other, one)), [2, 3]);
});

test("a click hits the nearest point within reach", () => {
  const [across, down] = toScreen(whole, size, points[3]);
  assert.equal(pointAt(points, whole, size, [across + 4, down], 12), 3);
  assert.equal(pointAt(points, whole, size, [across, down + 60], 12), -1);
});

test("an arrow key leads to the next picture in its direction", () => {
  assert.equal(neighbour(points, 2, "ArrowRight"), 3);
  assert.equal(neighbour(points, 3, "ArrowLeft"), 2);
  assert.equal(neighbour(points, 0, "ArrowDown"), 4);
  assert.equal(neighbour(points, 0, "ArrowUp"), -1);
});

test("arrow keys reach every picture of a scattered map", () => {
  let seed = 7;
  const chance = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const many = Array.from({ length: 200 }, () => [chance(), chance()]);
  const reached = new Set([0]);
  for (const from of reached) {
    for (const key of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]) {
      const next = neighbour(many, from, key);
      if (next >= 0) reached.add(next);
    }
  }
  assert.ok(reached.size > 190, `${reached.size} of 200`);
});

test("the neighbours of a picture are told nearest first, without itself", () => {
  assert.deepEqual(around(points, 2, 2), [3, 0]);
});

test("pictures are drawn where there is room for them, and marks where there is none", () => {
  assert.equal(pictureSize(2000, whole, whole), 0);
  assert.ok(pictureSize(2000, { ...whole, scale: whole.scale * 6 }, whole) >= 24);
  assert.equal(pictureSize(4, whole, whole), 72);
  assert.equal(pictureSize(1, wholeMap([[0, 0]], size), wholeMap([[0, 0]], size)), 72);
});

test("pictures that came after the map was made are counted", () => {
  assert.deepEqual(newerThan(["a", "b"], ["b", "c", "a", "d"]), ["c", "d"]);
});
