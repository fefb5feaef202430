import assert from "node:assert/strict";
import { test } from "node:test";

import { newId, Outbox } from "../../evaluation/static/evaluation/outbox.js";

const SAVED = { kind: "saved", at: "2030-01-01T00:00:00Z" };
const AWAY = { kind: "away" };

function device() {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => kept.set(key, text) };
}

// A server that gives these answers in turn (the last one for ever), and what it was sent.
function open({ storage = device(), answers = [SAVED] } = {}) {
  const sent = [], states = [], waits = [];
  const outbox = new Outbox({
    storage,
    key: "k",
    send: async (item) => { sent.push(item.id); return answers.length > 1 ? answers.shift() : answers[0]; },
    changed: (state) => states.push(state),
    wait: (run, ms) => waits.push({ run, ms }),
  });
  return { outbox, sent, states, waits };
}

test("changes are sent once each, in the order they were made", async () => {
  const { outbox, sent } = open();
  outbox.put({ id: "a" });
  outbox.put({ id: "b" });
  assert.equal(await outbox.put({ id: "c" }), true);
  assert.deepEqual(sent, ["a", "b", "c"]);
  assert.deepEqual(outbox.items(), []);
});

test("what is not acknowledged stays on the device and is sent again with the same id", async () => {
  const { outbox, sent, waits } = open({ answers: [AWAY, SAVED] });
  assert.equal(await outbox.put({ id: "a" }), false);
  assert.deepEqual(outbox.items(), [{ id: "a" }]);
  waits[0].run();
  assert.equal(await outbox.flush(), true);
  assert.deepEqual(sent, ["a", "a"]);
});

test("another page sends what an earlier one left", async () => {
  const storage = device();
  await open({ storage, answers: [AWAY] }).outbox.put({ id: "a" });
  const later = open({ storage });
  assert.equal(await later.outbox.flush(), true);
  assert.deepEqual(later.sent, ["a"]);
});

test("the wait between attempts doubles up to half a minute, one attempt at a time", async () => {
  const { outbox, waits } = open({ answers: [AWAY] });
  await outbox.put({ id: "a" });
  await outbox.flush();
  assert.equal(waits.length, 1);
  for (let attempt = 1; attempt < 7; attempt += 1) {
    waits[attempt - 1].run();
    await outbox.flush();
  }
  assert.deepEqual(waits.map(({ ms }) => ms / 1000), [2, 4, 8, 16, 30, 30, 30]);
});

test("a refusal is said and does not stop what comes behind it", async () => {
  const { outbox, sent, states } = open({ answers: [{ kind: "refused", message: "No." }, SAVED] });
  outbox.put({ id: "a" });
  assert.equal(await outbox.put({ id: "b" }), true);
  assert.deepEqual(sent, ["a", "b"]);
  assert.ok(states.some((state) => state.kind === "refused" && state.message === "No."));
});

test("being logged out keeps everything and does not try again by itself", async () => {
  const { outbox, waits } = open({ answers: [{ kind: "logged-out" }] });
  assert.equal(await outbox.put({ id: "a" }), false);
  assert.equal(outbox.items().length, 1);
  assert.equal(waits.length, 0);
});

test("a device that may not store still sends from this page", async () => {
  const forbidden = { getItem() { throw new Error("no"); }, setItem() { throw new Error("no"); } };
  const { outbox, sent } = open({ storage: forbidden });
  assert.equal(await outbox.put({ id: "a" }), true);
  assert.deepEqual(sent, ["a"]);
});

test("ids are random version 4 uuids, also where the browser has no randomUUID", () => {
  const own = Array.from({ length: 25 }, newId);
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
  const ids = new Set([...own, ...Array.from({ length: 25 }, newId)]);
  delete crypto.randomUUID;
  assert.equal(ids.size, 50);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
