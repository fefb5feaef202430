import assert from "node:assert/strict";
import { test } from "node:test";

import { knownThings, namedIn, withBoldNames } from "../../duetml/workspace/static/workspace/js/logic/advice-links.js";
import { parse } from "../../duetml/workspace/static/workspace/js/logic/markdown.js";

const workspace = (names, pictures = 40) => knownThings(names.map((name) => ({ id: `id of ${name}`, name })), pictures);

/** What is linked, as it stands in the text, with what it leads to. */
function links(text, known) {
  return namedIn(text, known).map(({ start, end, kind, id, number }) => [text.slice(start, end), kind === "category" ? id : number]);
}

const linked = (text, known) => links(text, known).map(([words]) => words);

test("a category is found in any of the quotation marks, by its exact name", () => {
  const known = workspace(["cat", "道具"]);
  const text = 'Is “cat” or "cat" or “ cat ” like 「cat」, 『道具』, 「 道具 」? A cat, “cats”, “Cat” and \'cat\' are words.';
  assert.deepEqual(links(text, known), [
    ["cat", "id of cat"],
    ["cat", "id of cat"],
    ["cat", "id of cat"],
    ["cat", "id of cat"],
    ["道具", "id of 道具"],
    ["道具", "id of 道具"],
  ]);
});

test("a full stop that English puts inside the marks is no part of the name", () => {
  assert.deepEqual(linked("Compare “Chair,” “Stool.” and “Why?”", workspace(["Chair", "Stool", "Why?"])), ["Chair", "Stool", "Why?"]);
});

test("of names that overlap the longest is meant", () => {
  const known = workspace(["best", 'my "best" toys', "my"]);
  assert.deepEqual(linked('"my "best" toys" and “best” and “my "best" toys”', known), ['my "best" toys', "best", 'my "best" toys']);
});

test("what stands between two quotations is not quoted", () => {
  assert.deepEqual(linked('"dog" cat "bird"', workspace(["cat"])), []);
  assert.deepEqual(linked('5" wide: "cat"', workspace(["cat"])), ["cat"]);
});

test("names are taken as they are, whatever signs they are made of", () => {
  const names = ["a.*b", "(x", "[y]", "$&", "^\\d+$", "constructor", "__proto__", "*bold*"];
  const text = names.map((name) => `“${name}”`).join(" ");
  assert.deepEqual(linked(text, workspace(names)), names);
  assert.deepEqual(linked(`${text} “toString” “axxb”`, workspace(["other"])), []);
});

test("a name that is no longer there is a word like any other", () => {
  assert.deepEqual(linked("“cat” and “pet”", workspace(["pet"])), ["pet"]);
  assert.deepEqual(linked("“cat”", workspace([])), []);
});

for (const [text, found] of [
  ["Look at picture 12.", [["picture 12", 12]]],
  ["Picture 1 and image #3", [["Picture 1", 1], ["image #3", 3]]],
  ["pictures 3, 7 and 9", [["3", 3], ["7", 7], ["9", 9]]],
  ["pictures 3, 7, and 9 or 10", [["3", 3], ["7", 7], ["9", 9], ["10", 10]]],
  ["pictures 3–5", [["3", 3], ["5", 5]]],
  ["picture 3 and 5 others", [["picture 3", 3]]],
  ["画像12と画像 13、画像　１４を", [["画像12", 12], ["画像 13", 13], ["画像　１４", 14]]],
  ["画像3、7と9番を", [["3", 3], ["7", 7], ["9", 9]]],
  ["画像３・４", [["３", 3], ["４", 4]]],
  ["画像3と5枚の画像", [["画像3", 3]]],
  ["画像を12枚、画像12枚", []],
  ["picture 0, picture 41, picture 40, picture 99999999999999999999", [["picture 40", 40]]],
  ["picture 2.5, picture 1,000, 12 pictures, epicture 3, picture 3D, pictures", []],
  ["pictures 0, 4 and 41", [["4", 4]]],
]) {
  test(`pictures are found by their numbers, among forty: ${text}`, () => assert.deepEqual(links(text, workspace([])), found));
}

test("where nothing is offered no number is a picture", () => {
  assert.deepEqual(links("picture 1", workspace([], 0)), []);
});

test("a number inside a category's name is part of the name", () => {
  assert.deepEqual(links("“picture 12” and picture 12", workspace(["picture 12"])), [
    ["picture 12", "id of picture 12"],
    ["picture 12", 12],
  ]);
});

test("names in bold are found once the marks are read, and only whole", () => {
  const known = workspace(["cat", "dog"]);
  const read = (text) => withBoldNames(parse(text, { kept: namedIn(text, known) }), known);
  const found = JSON.stringify(read("- **cat** and **a cat**\n- **“dog”** and *dog*")).match(/"id of \w+"/g);
  assert.deepEqual(found, ['"id of cat"', '"id of dog"']);
});

for (const piece of ['"', "“", "“a", "“cat”", "picture 1 ", "pictures 1, ", "画像", "1", "pictures ", " ", "「「」"]) {
  test(`a hundred thousand characters of ${piece} are searched at once`, () => {
    const text = piece.repeat(Math.ceil(100_000 / piece.length));
    const known = workspace(["cat", "x".repeat(80), '"'.repeat(40)]);
    const began = performance.now();
    parse(text, { kept: namedIn(text, known) });
    assert.ok(performance.now() - began < 5000, "not linear"); // some hundredths of that, where nobody else computes
  });
}
