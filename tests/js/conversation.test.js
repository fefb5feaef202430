import assert from "node:assert/strict";
import { test } from "node:test";

import {
  addToken,
  applyToConversation,
  linesOf,
  missed,
  openConversation,
  predictConversation,
  quietFailure,
  troubleOf,
} from "../../duetml/workspace/static/workspace/js/logic/conversation.js";

const AT = "2026-01-01T00:00:00Z";
const NEW = openConversation({});
const hear = (talk, kind, payload, client = null) => applyToConversation(talk, { kind, payload, client, at: AT });
const does = (talk, action, payload = {}, id = "x") => predictConversation(talk, { id, at: AT, action, payload });
const says = (talk, call, ...pieces) => pieces.reduce((now, text, at) => addToken(now, { call, at, text }), talk);
const goesOn = (talk, call, at, text) => addToken(talk, { call, at, text });

const ask = (talk, call, text = `Q${call}`) =>
  hear(talk, "chat.posted", { message: `q${call}`, text, call, trigger: "message" }, `client ${call}`);
const answer = (talk, call, more = {}) =>
  hear(talk, "agent.answered", { call, agent: "reactive", message: `a${call}`, text: `A${call}`, offline: false, ...more });
const fail = (talk, call, reason = "timeout") => hear(talk, "agent.failed", { call, agent: "reactive", trigger: "message", reason });
const think = (talk, call) => hear(talk, "agent.called", { call, agent: "proactive", trigger: "timer" });
const remark = (talk, call) =>
  hear(talk, "agent.answered", { call, agent: "proactive", message: `p${call}`, text: `P${call}`, offline: false });
const keepQuiet = (talk, call) => hear(talk, "agent.failed", { call, agent: "proactive", trigger: "timer", reason: "timeout" });

/** The chat in short: what is said, and how far an answer is. */
const short = (talk, isOnline) =>
  linesOf(talk, isOnline).map(({ kind, text, phase, stopped }) =>
    [kind === "participant" ? "" : kind, text, phase === "said" ? "" : phase, stopped ? "stopped" : ""].filter(Boolean).join(" "),
  );

test("an answer grows word by word and becomes one message, in the same place", () => {
  const asked = ask(NEW, "1");
  assert.deepEqual(short(asked), ["Q1", "reactive waiting"]);
  const growing = says(asked, "1", "Why ", "so");
  assert.deepEqual(short(growing), ["Q1", "reactive Why so streaming"]);
  const done = answer(growing, "1");
  assert.deepEqual(short(done), ["Q1", "reactive A1"]);
  assert.deepEqual([done.streams, done.pending], [{}, []]);
  const keys = [asked, growing, done].map((talk) => linesOf(talk)[1].key);
  assert.deepEqual(keys, Array(3).fill(keys[0]));
});

test("what the person writes, and that it is looked at, is shown before the server has it", () => {
  const guessed = does(NEW, "chat.post", { text: "Q1" }, "client 1");
  assert.deepEqual(short(guessed), ["Q1", "reactive waiting"]);
  assert.deepEqual(linesOf(guessed).map(({ key }) => key), linesOf(ask(NEW, "1")).map(({ key }) => key));
  assert.deepEqual(short(does(NEW, "chat.ask_data")), ["reactive waiting"]);
});

test("while the line is away nobody is said to look at what was written", () => {
  assert.deepEqual(short(does(NEW, "chat.post", { text: "Q1" }), false), ["Q1"]);
  assert.deepEqual(short(ask(NEW, "1"), false), ["Q1", "reactive waiting"]);
});

test("questions that wait behind an answer say so, and each answer comes below its question", () => {
  const asked = says(ask(ask(NEW, "1"), "2"), "1", "Well");
  assert.deepEqual(short(asked), ["Q1", "reactive Well streaming", "Q2", "reactive queued"]);
  assert.deepEqual(short(does(asked, "chat.post", { text: "Q3" })).slice(4), ["Q3", "reactive queued"]);
  const first = answer(asked, "1");
  assert.deepEqual(short(first), ["Q1", "reactive A1", "Q2", "reactive waiting"]);
  assert.deepEqual(short(answer(first, "2")), ["Q1", "reactive A1", "Q2", "reactive A2"]);
});

test("the order is the same after a reload", () => {
  const messages = [
    { id: "g", author: "reactive", text: "Hello", call: null },
    { id: "q1", author: "participant", text: "Q1", call: "1" },
    { id: "p", author: "proactive", text: "P", call: "9" },
    { id: "q2", author: "participant", text: "Q2", call: "2" },
    { id: "a1", author: "reactive", text: "A1", call: "1" },
  ];
  const pending = [{ call: "2", agent: "reactive", trigger: "message" }];
  assert.deepEqual(short(openConversation({ chat: { messages, pending } })), [
    "reactive Hello",
    "Q1",
    "reactive A1",
    "proactive P",
    "Q2",
    "reactive waiting",
  ]);
});

test("a stopped answer keeps the words so far and takes no more", () => {
  const growing = says(ask(NEW, "1"), "1", "Why so");
  assert.deepEqual(short(does(growing, "chat.stop", { call: "1" })), ["Q1", "reactive Why so stopping"]);
  const stopping = goesOn(hear(growing, "chat.stopped", { call: "1" }), "1", 1, " and more");
  assert.deepEqual(short(stopping), ["Q1", "reactive Why so stopping"]);
  assert.deepEqual(short(answer(stopping, "1", { text: "Why so", stopped: true })), ["Q1", "reactive Why so stopped"]);
});

test("an answer stopped before its first word leaves a word of that, and the next one has its turn", () => {
  const stopping = hear(ask(ask(NEW, "1"), "2"), "chat.stopped", { call: "1" });
  assert.deepEqual(short(stopping), ["Q1", "reactive stopping", "Q2", "reactive waiting"]);
  const over = hear(stopping, "agent.withheld", { call: "1", agent: "reactive", reason: "stopped" });
  assert.deepEqual(short(over), ["Q1", "stopped", "Q2", "reactive waiting"]);
});

test("a failed answer can be asked for again, where it failed", () => {
  const failed = ask(fail(ask(NEW, "1"), "1"), "2");
  assert.deepEqual(short(failed), ["Q1", "failed", "Q2", "reactive waiting"]);
  assert.equal(linesOf(failed)[1].reason, "timeout");
  assert.deepEqual(short(does(failed, "chat.retry", { call: "1" })), ["Q1", "reactive queued", "Q2", "reactive waiting"]);
  const again = hear(failed, "chat.retried", { call: "3", was: "1" });
  assert.deepEqual(short(answer(again, "3")), ["Q1", "reactive A3", "Q2", "reactive waiting"]);
});

test("words of an answer that is over are ignored", () => {
  const done = answer(ask(NEW, "1"), "1");
  assert.equal(says(done, "1", "late"), done);
});

test("where words may have been lost, none with a hole are shown", () => {
  const growing = says(ask(NEW, "1"), "1", "Why so");
  for (const talk of [goesOn(missed(growing), "1", 1, "hole"), goesOn(goesOn(growing, "1", 2, "hole"), "1", 3, "hole")]) {
    assert.deepEqual(short(talk), ["Q1", "reactive Why so streaming"]);
    assert.deepEqual(short(answer(talk, "1")), ["Q1", "reactive A1"]);
  }
  const reloaded = openConversation({ chat: { pending: [{ call: "1", agent: "reactive", trigger: "message" }] } });
  assert.deepEqual(short(goesOn(reloaded, "1", 7, "the middle")), ["reactive waiting"]);
  assert.deepEqual(short(says(reloaded, "1", "From ", "the start")), ["reactive From the start streaming"]);
});

test("an answer that is begun again begins anew", () => {
  assert.deepEqual(short(says(says(ask(NEW, "1"), "1", "Why ", "so"), "1", "Have ", "you")), ["Q1", "reactive Have you streaming"]);
});

test("the assistant that speaks by itself is not shown thinking, and speaks at the end", () => {
  const thinking = think(ask(NEW, "1"), "9");
  assert.deepEqual(short(thinking), ["Q1", "reactive waiting"]);
  const speaking = says(thinking, "9", "By the way");
  assert.deepEqual(short(speaking), ["Q1", "reactive waiting", "proactive By the way streaming"]);
  const spoken = remark(speaking, "9");
  assert.deepEqual(short(spoken), ["Q1", "reactive waiting", "proactive P9"]);
  assert.equal(linesOf(spoken)[2].key, linesOf(speaking)[2].key);
});

test("switched off, it is silent at once, and what it was saying does not come back", () => {
  const speaking = says(think(NEW, "9"), "9", "By the way");
  for (const off of [does(speaking, "proactive.set", { on: false }), hear(speaking, "proactive.toggled", { on: false })]) {
    assert.equal(off.proactiveOn, false);
    assert.deepEqual(short(goesOn(off, "9", 1, " more")), []);
    const onAgain = goesOn(hear(off, "proactive.toggled", { on: true }), "9", 1, " more");
    assert.deepEqual([onAgain.proactiveOn, short(onAgain)], [true, []]);
    assert.deepEqual(short(says(think(onAgain, "10"), "10", "New")), ["proactive New streaming"]);
  }
});

test("that it failed is one quiet thing, until its next call begins or it is switched off", () => {
  const failed = keepQuiet(think(keepQuiet(think(NEW, "8"), "8"), "9"), "9");
  assert.deepEqual([short(failed), failed.failed.length], [[], 1]);
  assert.equal(quietFailure(failed).call, "9");
  assert.equal(quietFailure(hear(failed, "proactive.toggled", { on: false })), null);
  assert.equal(quietFailure(think(failed, "10")), null);
  assert.equal(quietFailure(fail(ask(NEW, "1"), "1")), null);
});

test("an advice is rated, rated anew, not rated any more, and dismissed", () => {
  const spoken = remark(think(NEW, "9"), "9");
  const rated = hear(spoken, "advice.rated", { message: "p9", useful: true });
  assert.equal(linesOf(rated)[0].useful, true);
  assert.equal(linesOf(does(rated, "advice.rate", { message: "p9", useful: null }))[0].useful, null);
  for (const gone of [does(spoken, "advice.dismiss", { message: "p9" }), hear(spoken, "advice.dismissed", { message: "p9" })]) {
    assert.equal(linesOf(gone)[0].dismissed, true);
  }
});

test("reasons are told apart by what the person can do", () => {
  assert.deepEqual(
    ["rate_limited", "resting", "unavailable", "timeout", "cut_stream", "refused", "ceiling", "empty", "crashed", "gave_up", "constructor?"].map(troubleOf),
    ["busy", "busy", "busy", "busy", "busy", "refused", "ceiling", "broken", "broken", "broken", "broken"],
  );
});

test("the switch shows what the person chose at once", () => {
  assert.equal(does(NEW, "proactive.set", { on: false }).proactiveOn, false);
});
