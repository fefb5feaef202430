import assert from "node:assert/strict";
import { test } from "node:test";
import { createTimeline, isMark, pause } from "../../duetml/workspace/static/workspace/js/replay/timeline.js";
import { left } from "../../study/static/study/js/time.js";

const OPENING = { seq: 0, state: { workspace: {}, images: [{ id: "a", origin: "pool" }], categories: [] } };

function event(seq, kind, payload, client = "c") {
  return { seq, kind, payload, at: new Date(Date.UTC(2026, 0, 1, 9, 0, seq)).toISOString(), client };
}

function many(count) {
  return Array.from({ length: count }, (_none, at) =>
    event(at + 1, "category.created", { category: `c${at}`, name: `n${at}`, position: at, mark: at }),
  );
}

test("a moment is the same reached from the beginning, from the end and from anywhere", () => {
  const timeline = createTimeline(OPENING);
  timeline.add(many(450));
  for (const number of [450, 0, 200, 199, 401, 1, 399]) {
    assert.equal(timeline.at(number).state.categories.length, number);
  }
});

test("what arrives later continues what was there", () => {
  const timeline = createTimeline(OPENING);
  timeline.add(many(100));
  timeline.at(100);
  timeline.add([event(101, "category.deleted", { category: "c0", name: "n0", images: [] })]);
  assert.equal(timeline.at(101).state.categories.length, 99);
});

test("an event whose payload was purged is passed over", () => {
  const timeline = createTimeline(OPENING);
  timeline.add([...many(1), event(2, "images.added", {})]);
  assert.equal(timeline.at(2).state.categories.length, 1);
});

test("the greeting and what follows are in the conversation", () => {
  const timeline = createTimeline(OPENING);
  timeline.add([
    event(1, "chat.greeted", { message: "m", text: "Hello", offline: true }, null),
    event(2, "chat.posted", { message: "q", trigger: "message", text: "Why?", call: "1" }),
  ]);
  assert.deepEqual(timeline.at(2).talk.messages.map(({ text }) => text), ["Hello", "Why?"]);
});

test("marks are trainings and advice, and are found in both directions", () => {
  const timeline = createTimeline(OPENING);
  timeline.add([...many(3), event(4, "training.done", { run: "r", number: 1, report: {} }, null)]);
  assert.equal(timeline.find(0, 1, isMark), 4);
  assert.equal(timeline.find(4, 1, isMark), null);
});

test("a long silence is not sat through, and speed divides", () => {
  const [one, other] = [event(1, "x", {}), event(2, "x", {})];
  assert.equal(pause(one, other, 4), 250);
  assert.equal(pause(one, event(59, "x", {}), 1), 8000);
});

test("time left is told as a clock", () => {
  assert.equal(left(754_000), "12:34");
  assert.equal(left(-5), "00:00");
  assert.equal(left(3_723_000), "1:02:03");
});
