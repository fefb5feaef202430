import assert from "node:assert/strict";
import { test } from "node:test";

import { createFileStore } from "../../duetml/workspace/static/workspace/js/net/filestore.js";
import { createUploads } from "../../duetml/workspace/static/workspace/js/net/uploads.js";

const STORED = { status: 200, answer: { image: { id: "i" }, seq: 1, late: false } };
const NO_LINE = { status: 0, answer: null };

/** Uploads with a server that answers from a list (then always with success), a disk and a clock made of code. */
function bench({ answers = [], disk = true, isReady = () => true } = {}) {
  const seen = { sent: [], kept: new Map(), files: [], stored: [], timers: [] };
  const uploads = createUploads({
    send: async (form) => {
      seen.sent.push(Object.fromEntries(form));
      return answers.shift() ?? STORED;
    },
    store: {
      keep: async (file) => disk && Boolean(seen.kept.set(file.id, file)),
      drop: async (id) => void seen.kept.delete(id),
    },
    isReady,
    nameOf: (category) => `name of ${category}`,
    onChange: (files) => (seen.files = files),
    onStored: (answer) => seen.stored.push(answer),
    words: { tooLarge: (name) => `${name} large`, late: (name) => `${name} late`, stuck: (name) => `${name} stuck` },
    later: (work) => seen.timers.push(work),
  });
  return { uploads, seen };
}

function picture(name = "a.jpg", size = 3) {
  return new File([new Uint8Array(size)], name);
}

async function settled() {
  for (let turn = 0; turn < 30; turn += 1) await new Promise(setImmediate);
}

function states(seen) {
  return seen.files.map(({ state }) => state);
}

test("files are sent two at a time, and leave the disk when the server has them", async () => {
  const { uploads, seen } = bench();
  uploads.add([picture(), picture(), picture()], null);
  assert.deepEqual(states(seen), ["sending", "sending", "waiting"]);
  await settled();
  assert.deepEqual(states(seen), ["done", "done", "done"]);
  assert.equal(seen.sent.length, 3);
  assert.equal(seen.kept.size, 0);
});

test("without a line nothing more is tried, and the same ids are sent when it is back", async () => {
  const { uploads, seen } = bench({ answers: [NO_LINE, NO_LINE] });
  uploads.add([picture("1.jpg"), picture("2.jpg"), picture("3.jpg")], null);
  await settled();
  assert.equal(seen.sent.length, 2);
  assert.equal(seen.kept.size, 3);
  assert.equal(seen.timers.length, 1);
  uploads.retry();
  await settled();
  assert.deepEqual(states(seen), ["done", "done", "done"]);
  assert.equal(new Set(seen.sent.map(({ id }) => id)).size, 3);
});

test("a file at which the server fails is tried again while the others go on, and is not lost when that is in vain", async () => {
  const fails = Array.from({ length: 20 }, () => ({ status: 500, answer: null }));
  const { uploads, seen } = bench({ answers: fails.slice(0, 1) });
  uploads.add([picture("bad.jpg"), picture("good.jpg")], null);
  await settled();
  assert.deepEqual(states(seen), ["paused", "done"]);
  const stubborn = bench({ answers: fails });
  stubborn.uploads.add([picture("bad.jpg")], null);
  for (let round = 0; round < 10; round += 1) {
    await settled();
    stubborn.seen.timers.splice(0).forEach((work) => work());
  }
  assert.deepEqual(states(stubborn.seen), ["stuck"]);
  assert.equal(stubborn.seen.kept.size, 1);
});

test("a refused file leaves the disk, and its sentence stays", async () => {
  const { uploads, seen } = bench({ answers: [{ status: 422, answer: { refused: { code: "empty", message: "It is empty." } } }] });
  uploads.add([picture()], null);
  await settled();
  assert.deepEqual([states(seen), seen.files[0].message, seen.kept.size], [["refused"], "It is empty.", 0]);
});

test("what arrives late is told and leaves the disk", async () => {
  const { uploads, seen } = bench({ answers: [{ status: 200, answer: { image: null, late: true } }] });
  uploads.add([picture()], null);
  await settled();
  assert.deepEqual([states(seen), seen.files[0].message, seen.kept.size], [["refused"], "a.jpg late", 0]);
});

test("a page the server does not know any more keeps its files on disk", async () => {
  const { uploads, seen } = bench({ answers: [{ status: 403, answer: null }] });
  uploads.add([picture()], null);
  await settled();
  assert.deepEqual([states(seen), seen.kept.size], [["stuck"], 1]);
});

test("a picture whose category is gone goes to the pool under its id", async () => {
  const gone = { status: 422, answer: { refused: { code: "unknown_category", message: "It is gone." } } };
  const { uploads, seen } = bench({ answers: [gone] });
  uploads.add([picture()], "c");
  await settled();
  assert.deepEqual(seen.sent.map(({ category }) => category), ["name of c", undefined]);
  assert.equal(seen.sent[0].id, seen.sent[1].id);
  assert.deepEqual(states(seen), ["done"]);
});

test("a picture waits until its category is made", async () => {
  let isMade = false;
  const { uploads, seen } = bench({ isReady: () => isMade });
  uploads.add([picture()], "c");
  await settled();
  assert.equal(seen.sent.length, 0);
  isMade = true;
  uploads.wake();
  await settled();
  assert.equal(seen.sent[0].category, "name of c");
});

test("what cannot be kept is at risk until it is sent", async () => {
  const { uploads, seen } = bench({ disk: false, answers: [NO_LINE, NO_LINE] });
  uploads.add([picture(), picture()], null);
  await settled();
  assert.equal(uploads.atRisk(), 2);
  uploads.retry();
  await settled();
  assert.equal(uploads.atRisk(), 0);
  assert.deepEqual(states(seen), ["done", "done"]);
});

test("a file that is too large is neither sent nor kept", async () => {
  const { uploads, seen } = bench();
  uploads.add([picture("big.jpg", 10_000_001)], null);
  await settled();
  assert.deepEqual([seen.sent.length, seen.kept.size, seen.files[0].message], [0, 0, "big.jpg large"]);
});

test("whoever waits for a file hears of it once", async () => {
  const { uploads } = bench();
  const heard = [];
  uploads.add([picture(), picture()], null, { onStored: (image, late) => heard.push([image.id, late]) });
  await settled();
  assert.deepEqual(heard, [["i", false], ["i", false]]);
});

test("files of one folder say so, and count as one however slowly they come", async () => {
  const { uploads, seen } = bench();
  uploads.add([picture()], null, { batch: "b" });
  await settled();
  uploads.add([picture()], null, { batch: "b" });
  await settled();
  assert.deepEqual(seen.sent.map(({ batch }) => batch), ["b", "b"]);
  assert.deepEqual(seen.files.map(({ batch, state }) => [batch, state]), [[1, "done"], [1, "done"]]);
});

/** A table and locks that several pages share. */
function device() {
  const rows = new Map();
  const table = {
    all: async () => [...rows.values()],
    of: async (workspace) => [...rows.values()].filter((row) => row.workspace === workspace),
    put: async (row) => Boolean(rows.set(row.id, row)),
    drop: async (id) => void rows.delete(id),
  };
  const held = new Map();
  const locks = (page) => ({
    request(name, work) {
      const before = held.get(name) ?? Promise.resolve();
      const during = before.then(() => Promise.race([work(), page.gone]));
      held.set(name, during);
      return during;
    },
  });
  return { rows, table, locks };
}

function openPage({ table, locks }) {
  const page = {};
  page.gone = new Promise((resolve) => (page.close = resolve));
  page.store = createFileStore("w", table, locks(page));
  return page;
}

test("another page's files are left alone while it lives and taken over once when it is gone", async () => {
  const here = device();
  const [first, second, third] = [openPage(here), openPage(here), openPage(here)];
  await first.store.keep({ id: "f", name: "a.jpg", order: 0 });
  const taken = [];
  await second.store.adopt((files) => taken.push(["second", files.length]));
  await third.store.adopt((files) => taken.push(["third", files.length]));
  await settled();
  assert.deepEqual(taken, []);
  first.close();
  await settled();
  assert.deepEqual(taken, [["second", 1]]);
});

test("files that nobody came back to are forgotten after a week", async () => {
  const here = device();
  here.rows.set("old", { id: "old", workspace: "other", owner: "x", keptAt: Date.now() - 8 * 24 * 3600 * 1000 });
  await openPage(here).store.adopt(() => assert.fail("nothing to take"));
  assert.equal(here.rows.size, 0);
});

test("without locks whatever was left is sent: the ids make that harmless", async () => {
  const here = device();
  const bare = { ...here, locks: () => null };
  await openPage(bare).store.keep({ id: "f", name: "a.jpg", order: 0 });
  const taken = [];
  await openPage(bare).store.adopt((files) => taken.push(...files.map(({ id }) => id)));
  assert.deepEqual(taken, ["f"]);
});
