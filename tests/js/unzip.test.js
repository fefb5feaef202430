import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";

import { listZip, UnzipError } from "../../duetml/workspace/static/workspace/js/logic/unzip.js";

const encoder = new TextEncoder();

/** A zip by hand: every field can be made to lie. */
function zip(files, { comment = "", before = "", count = files.length } = {}) {
  const parts = [encoder.encode(before)];
  const directory = [];
  let at = parts[0].length;
  for (const { name, body = "", method = 8, size, flags = 0x800, cut = 0 } of files) {
    const bytes = typeof name === "string" ? encoder.encode(name) : name;
    const raw = encoder.encode(body);
    const packed = method === 8 ? deflateRawSync(raw) : raw;
    const local = numbers([4, 0x04034b50], [2, 20], [2, flags], [2, method], [8, 0], [8, 0], [2, bytes.length], [2, 0]);
    directory.push(
      numbers([4, 0x02014b50], [4, 20], [2, flags], [2, method], [8, 0], [4, packed.length], [4, size ?? raw.length],
        [2, bytes.length], [8, 0], [4, 0], [4, at]).slice(0, 46),
      bytes,
    );
    parts.push(local.slice(0, 30), bytes, packed.slice(0, packed.length - cut));
    at += 30 + bytes.length + packed.length - cut;
  }
  const bytes = directory.reduce((sum, part) => sum + part.length, 0);
  const end = numbers([4, 0x06054b50], [4, 0], [2, count], [2, count], [4, bytes], [4, at], [2, comment.length]);
  return new Blob([...parts, ...directory, end, encoder.encode(comment)]);
}

function numbers(...fields) {
  return Uint8Array.from(
    fields.flatMap(([width, value]) => Array.from({ length: width }, (_, byte) => Math.floor(value / 256 ** byte) % 256)),
  );
}

async function read(archive, index = 0) {
  return (await (await listZip(archive, 100)).entries[index].read()).text();
}

test("the files of a zip are listed by name and read one by one", async () => {
  const archive = zip([{ name: "pets/" }, { name: "pets/cat.jpg", body: "miau" }, { name: "dog.png", body: "wau", method: 0 }]);
  const { entries, isMore } = await listZip(archive, 100);
  assert.deepEqual(entries.map(({ path, size }) => [path, size]), [["pets/cat.jpg", 4], ["dog.png", 3]]);
  assert.equal(isMore, false);
  assert.deepEqual([await read(archive, 0), await read(archive, 1)], ["miau", "wau"]);
});

test("a comment at the end, and something before the zip's own bytes, are no hindrance", async () => {
  assert.equal(await read(zip([{ name: "a.jpg", body: "x" }], { comment: "PK and more", before: "stub" })), "x");
});

test("names of Japanese Windows are read", async () => {
  const name = Uint8Array.from([0x94, 0x4c, 0x2e, 0x6a, 0x70, 0x67]); // 猫.jpg in Shift_JIS
  const { entries } = await listZip(zip([{ name, flags: 0 }]), 10);
  assert.equal(entries[0].path, "猫.jpg");
});

test("names are only words, whatever they say", async () => {
  const { entries } = await listZip(zip([{ name: "..\\..\\etc\\passwd.jpg" }, { name: "/abs.jpg" }]), 10);
  assert.deepEqual(entries.map(({ path }) => path), ["../../etc/passwd.jpg", "/abs.jpg"]);
});

test("a file that unpacks to more than it said is left in the middle", async () => {
  const archive = zip([{ name: "bomb.jpg", body: "0".repeat(5_000_000), size: 1000 }]);
  await assert.rejects(read(archive), UnzipError);
});

test("a file that unpacks to less than it said is damaged", async () => {
  await assert.rejects(read(zip([{ name: "a.jpg", body: "short", size: 6 }])), UnzipError);
});

test("a file cut short cannot be read, and the others can", async () => {
  const archive = zip([{ name: "a.jpg", body: "miau ".repeat(200), cut: 8 }, { name: "b.jpg", body: "wau" }]);
  await assert.rejects(read(archive, 0));
  assert.equal(await read(archive, 1), "wau");
});

test("a locked file is told as such", async () => {
  const { entries } = await listZip(zip([{ name: "a.jpg", flags: 0x801 }]), 10);
  assert.equal(entries[0].isLocked, true);
});

test("no more than asked for are listed", async () => {
  const { entries, isMore } = await listZip(zip(Array.from({ length: 9 }, (_, n) => ({ name: `${n}.jpg` }))), 4);
  assert.deepEqual([entries.length, isMore], [4, true]);
});

for (const [what, archive] of [
  ["no zip at all", new Blob(["not a zip, but long enough to be looked at"])],
  ["an empty file", new Blob([])],
  ["a zip without its end", zip([{ name: "a.jpg", body: "x" }]).slice(0, 50)],
  ["a directory that promises more files than it has", zip([{ name: "a.jpg" }], { count: 7 })],
]) {
  test(`${what} is an error`, async () => {
    await assert.rejects(listZip(archive, 10), UnzipError);
  });
}
