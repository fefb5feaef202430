/* Sending a folder: order, answers, retries, stopping. */

import assert from "node:assert/strict";
import test from "node:test";

import { AT_ONCE, pathOf, sendAll, worthSending } from "../../duetml/workspace/static/workspace/js/pools/sending.js";

const file = (path) => ({ name: path.split("/").pop(), webkitRelativePath: path });
const files = (count) => Array.from({ length: count }, (_, number) => file(`top/${number}.jpg`));
const wait = async () => {};

test("hidden files and litter of systems are not sent, and the others go by their path", () => {
  const chosen = ["t/b.jpg", "t/.DS_Store", "t/a/x.jpg", "t/__MACOSX/b.jpg", "t/Thumbs.db", "t/.git/c.jpg"].map(file);
  assert.deepEqual(worthSending(chosen).map(pathOf), ["a/x.jpg", "b.jpg"]);
});

test("answers are told apart", async () => {
  const answers = [{ added: true }, { added: false }, { refused: { message: "no" } }];
  const outcome = await sendAll(files(3), { wait, send: async (one) => answers[Number(one.name[0])] });
  assert.equal(outcome.added, 1);
  assert.deepEqual(outcome.duplicates, ["1.jpg"]);
  assert.deepEqual(outcome.refused, [["2.jpg", "no"]]);
  assert.equal(outcome.done, 3);
});

test("no more than two are on their way at a time", async () => {
  let now = 0;
  let most = 0;
  const send = async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    now -= 1;
    return { added: true };
  };
  const outcome = await sendAll(files(9), { wait, send });
  assert.equal(most, AT_ONCE);
  assert.equal(outcome.added, 9);
});

test("what was not answered is sent again, after longer and longer pauses", async () => {
  const pauses = [];
  let left = 6;
  const send = async () => (left-- > 0 ? null : { added: true });
  const outcome = await sendAll(files(1), { send, wait: async (pause) => pauses.push(pause) });
  assert.deepEqual(pauses, [1000, 2000, 5000, 10000, 10000, 10000]);
  assert.equal(outcome.added, 1);
  assert.equal(outcome.isWaiting, false);
});

test("who stops in an outage is not kept waiting for it to end", async () => {
  let tries = 0;
  const outcome = await sendAll(files(5), { wait, send: async () => null, isStopped: () => ++tries > 4 });
  assert.equal(outcome.done, 0);
});
