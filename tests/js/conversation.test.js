import assert from "node:assert/strict";
import { test } from "node:test";

import {
  addToken,
  applyToConversation,
  awaited,
  failedAnswers,
  openConversation,
  predictConversation,
} from "../../duetml/workspace/static/workspace/js/logic/conversation.js";

const called = { call: "1", agent: "reactive", trigger: "message" };
const hear = (talk, kind, payload) => applyToConversation(talk, { kind, payload, at: "2026-01-01T00:00:00Z" });
const answer = { ...called, message: "m", text: "Why so?", offline: true };

test("an answer grows word by word and becomes one message", () => {
  const asked = hear(openConversation({}), "agent.called", called);
  const growing = addToken(addToken(asked, { call: "1", text: "Why " }), { call: "1", text: "so" });
  assert.equal(growing.streams["1"], "Why so");
  const done = hear(growing, "agent.answered", answer);
  assert.deepEqual(done.messages.map((one) => [one.text, one.offline]), [["Why so?", true]]);
  assert.deepEqual([awaited(done), done.streams], [[], {}]);
});

test("words of an answer that is over are ignored", () => {
  const done = hear(openConversation({}), "agent.answered", answer);
  assert.equal(addToken(done, { call: "1", text: "late" }), done);
});

test("a failed answer can be asked for again", () => {
  const failed = hear(hear(openConversation({}), "agent.called", called), "agent.failed", { ...called, reason: "x" });
  assert.equal(failedAnswers(failed).length, 1);
  const again = hear(failed, "chat.retried", { call: "1" });
  assert.deepEqual([failedAnswers(again).length, awaited(again).length], [0, 1]);
});

test("the assistant that speaks by itself is not shown thinking or failing", () => {
  const call = { call: "2", agent: "proactive", trigger: "timer" };
  const thinking = hear(openConversation({}), "agent.called", call);
  assert.deepEqual(awaited(thinking), []);
  assert.deepEqual(failedAnswers(hear(thinking, "agent.failed", { ...call, reason: "x" })), []);
});

test("what the person writes is shown before the server has it", () => {
  const talk = predictConversation(openConversation({}), { id: "x", at: "", action: "chat.post", payload: { text: "Hi" } });
  assert.deepEqual(talk.messages.map((one) => [one.author, one.text, one.isSending]), [["participant", "Hi", true]]);
});

test("the switch shows what the person chose at once", () => {
  const action = { id: "x", at: "", action: "proactive.set", payload: { on: false } };
  assert.equal(predictConversation(openConversation({}), action).proactiveOn, false);
});
