import assert from "node:assert/strict";
import { test } from "node:test";

import { cleaned, plan, sameness } from "../../duetml/workspace/static/workspace/js/logic/folders.js";

const ROOM = { images: 2000, categories: 40 };

function files(...paths) {
  return paths.map((path) => ({ path, size: 1000 }));
}

function planned(found, there = [], room = {}) {
  const { categories, loose, left, isTooManyCategories } = plan(found, there, { ...ROOM, ...room });
  return {
    categories: categories.map(({ name, id, files: mine }) => [name, id, mine.map(({ path }) => path.split("/").at(-1))]),
    loose: loose.map(({ path }) => path.split("/").at(-1)),
    left: Object.fromEntries(Object.entries(left).map(([why, some]) => [why, some.length])),
    isTooManyCategories,
  };
}

test("folders in a folder become categories, in their order", () => {
  const { categories, loose } = planned(files("Pets/dogs/10.jpg", "Pets/dogs/9.jpg", "Pets/cats/a.png"));
  assert.deepEqual(categories, [["cats", null, ["a.png"]], ["dogs", null, ["9.jpg", "10.jpg"]]]);
  assert.deepEqual(loose, []);
});

test("a folder of pictures is a category itself", () => {
  assert.deepEqual(planned(files("cats/1.jpg", "cats/2.jpg")).categories, [["cats", null, ["1.jpg", "2.jpg"]]]);
});

test("several folders dropped together are several categories", () => {
  assert.deepEqual(planned(files("cats/1.jpg", "dogs/1.jpg")).categories.map(([name]) => name), ["cats", "dogs"]);
});

test("pictures beside the folders go to the pool, pictures deeper down to the folder above", () => {
  const { categories, loose } = planned(files("Pets/1.jpg", "Pets/cats/kittens/2.jpg", "Pets/cats/3.jpg", "Pets/dogs/4.jpg"));
  assert.deepEqual(categories.map(([name, , mine]) => [name, mine.length]), [["cats", 2], ["dogs", 1]]);
  assert.deepEqual(loose, ["1.jpg"]);
});

test("a category of the same name is used, however it is written", () => {
  const there = [{ id: "c1", name: "Ｃats" }];
  assert.deepEqual(planned(files("Pets/CATS/1.jpg", "Pets/dogs/1.jpg"), there).categories[0], ["Ｃats", "c1", ["1.jpg"]]);
});

test("two folders of one name are one category", () => {
  assert.deepEqual(planned(files("a/Cats/1.jpg", "a/cats /2.jpg", "a/dogs/3.jpg")).categories.map(([, , mine]) => mine.length), [2, 1]);
});

test("hidden files and those of the system are not even counted", () => {
  const found = files("a/.DS_Store", "__MACOSX/a/._1.jpg", "a/Thumbs.db", "a/desktop.ini", "a/.git/1.jpg", "../x.jpg", "a/1.jpg");
  assert.deepEqual(planned(found), {
    categories: [["a", null, ["1.jpg"]]],
    loose: [],
    left: { no_picture: 0, large: 0, locked: 0, many: 0 },
    isTooManyCategories: false,
  });
});

test("what cannot be used is counted by its reason", () => {
  const found = [
    ...files("a/1.jpg", "a/notes.txt", "a/more.zip", "a/2.HEIC"),
    { path: "a/big.png", size: 10_000_001 },
    { path: "a/locked.gif", size: 5, isLocked: true },
  ];
  assert.deepEqual(planned(found).left, { no_picture: 3, large: 1, locked: 1, many: 0 });
});

test("beyond the room there is, pictures are left out", () => {
  const { categories, left } = planned(files("a/1.jpg", "a/2.jpg", "a/3.jpg"), [], { images: 2 });
  assert.deepEqual([categories[0][2], left.many], [["1.jpg", "2.jpg"], 1]);
});

test("a folder that would unpack to more than a gigabyte is cut there", () => {
  const found = Array.from({ length: 120 }, (_, n) => ({ path: `a/${n}.jpg`, size: 9_000_000 }));
  assert.equal(planned(found).left.many, 9);
});

test("beyond forty categories, pictures go to the pool", () => {
  const { categories, loose, isTooManyCategories } = planned(files("r/a/1.jpg", "r/b/2.jpg", "r/c/3.jpg"), [{ id: "b", name: "b" }], {
    categories: 1,
  });
  assert.deepEqual(categories.map(([name, id]) => [name, id]), [["a", null], ["b", "b"]]);
  assert.deepEqual([loose, isTooManyCategories], [["3.jpg"], true]);
});

test("a folder without a name that can be seen is no category", () => {
  const { categories, loose } = planned(files("r/\u200b\u3164/1.jpg", "r/b/2.jpg"));
  assert.deepEqual([categories.map(([name]) => name), loose], [["b"], ["1.jpg"]]);
});

test("names lose what cannot be seen and what is too much", () => {
  assert.equal(cleaned(" a\u0000\u202eb\n c "), "ab c");
  assert.equal(cleaned("か\u3099"), "が");
  assert.equal(cleaned("x".repeat(300)).length, 80);
});

test("names that a person reads as the same are the same", () => {
  assert.equal(sameness("ＣＡＴＳ  "), sameness("cats"));
  assert.notEqual(sameness("cats"), sameness("cat"));
});

test("nothing gives nothing", () => {
  assert.deepEqual(planned([]).categories, []);
});
