import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { dataText, isStale } from "../../duetml/workspace/static/workspace/js/logic/freshness.js";

const arrangement = (...pairs) => pairs.map(([id, ...images], position) => ({ id, name: id, position, mark: 0, images }));
const now = { categories: arrangement(["tools", "b", "a"], ["food", "c"]) };

test("a run this page saw begin is fresh whenever its pictures are as they were", () => {
  const run = { learnedFrom: arrangement(["food", "c"], ["tools", "a", "b"]), stale: true };
  assert.equal(isStale(now, run), false);
  assert.equal(isStale({ categories: arrangement(["tools", "b"], ["food", "c", "a"]) }, run), true);
});

test("an older run is compared by the digest of its data", () => {
  const run = { data_digest: "d1", stale: true };
  assert.equal(isStale(now, run, "d1"), false);
  assert.equal(isStale(now, run, "d2"), true);
});

test("while no digest is known the server's word stands", () => {
  assert.equal(isStale(now, { data_digest: "d1", stale: false }), false);
  assert.equal(isStale(now, { data_digest: "d1", stale: true }), true);
});

test("the digest is the one the server keeps", () => {
  const text = dataText(now.categories);
  assert.equal(text, '[["food", ["c"]], ["tools", ["a", "b"]]]');
  // hashlib.sha256(json.dumps([("food", ["c"]), ("tools", ["a", "b"])]).encode()).hexdigest()
  const digest = "d63269cdfecfd569057e09a81f82071c6bdace32e8f3af5758e1ed3bd711573d";
  assert.equal(createHash("sha256").update(text).digest("hex"), digest);
});
