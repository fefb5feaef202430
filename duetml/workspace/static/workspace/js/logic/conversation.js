/* The chat as a value: messages, calls under way, calls that failed, and words that are just arriving. */

export function openConversation(state) {
  const { messages = [], pending = [], failed = [], proactive_on: proactiveOn = true, attentive = false } = state.chat ?? {};
  return missed({ messages, pending, failed, proactiveOn, attentive, streams: {} });
}

/** Pieces may have been lost: what is under way is shown as far as it came, and again when it is whole. */
export function missed(talk) {
  return talk.pending.reduce((now, { call }) => partial(now, call), talk);
}

export function applyToConversation(talk, event) {
  const change = CHANGES[event.kind];
  return change ? change(talk, event.payload, event) : talk;
}

/** What the person sees of their own actions before the server has answered. */
export function predictConversation(talk, { id, at, action, payload }) {
  const change = EFFECTS[action];
  return change ? change(talk, payload, { id, at }) : talk;
}

/** A piece of an answer: number `at` of its pieces, from 0. An answer that is begun again (by another worker, by the
 * advisor that stands in) begins anew here. Pieces behind a hole, and those of a call that is over, stopped or switched
 * off, are ignored. */
export function addToken(talk, { call, at, text }) {
  const found = talk.pending.find((one) => one.call === call);
  if (!found || found.isStopping) return talk;
  const before = talk.streams[call] ?? { text: "", next: 0 };
  if (at > 0 && (found.isPartial || at !== before.next)) return found.isPartial ? talk : partial(talk, call);
  const whole = at > 0 ? before.text + text : text;
  const now = found.isPartial ? withState(talk, call, { isPartial: false }) : talk;
  return { ...now, streams: { ...talk.streams, [call]: { text: whole, next: at + 1 } } };
}

/** The chat from top to bottom, an answer always below its question, however long it waited for its turn.
 *
 * Lines: {key, kind: "participant" | "reactive" | "proactive" | "failed" | "stopped", …}. Those of the agents have a `phase`:
 * "waiting" | "queued" (an earlier answer comes first) | "streaming" | "stopping" | "said". A `key` stays from the first
 * waiting to the last word. */
export function linesOf(talk, isOnline = true) {
  const isAsked = new Set(talk.messages.filter(isQuestion).map(({ call }) => call));
  const answers = new Map(talk.messages.filter(isAnswer).map((message) => [message.call, message]));
  const pending = new Map(talk.pending.map((call) => [call.call, call]));
  const failed = new Map(talk.failed.map((call) => [call.call, call]));
  const turn = talk.pending.find(({ agent, isStopping }) => agent === "reactive" && !isStopping)?.call;

  const lines = [];
  for (const message of talk.messages) {
    if (isAnswer(message) && isAsked.has(message.call)) continue;
    if (message.author !== "participant") lines.push(said(message));
    else lines.push({ ...message, key: message.key ?? message.id, kind: "participant" });
    if (isQuestion(message)) lines.push(...outcome(message));
  }
  const others = talk.pending.filter(({ call, agent }) => !isAsked.has(call) && (agent === "reactive" || talk.streams[call]));
  return [...lines, ...others.flatMap((call) => underWay(call))];

  function said(message, key = message.call ? answerKey(message.call) : message.id) {
    return { ...message, key, kind: message.author, phase: "said" };
  }

  function outcome({ call, key }) {
    if (answers.has(call)) return [said(answers.get(call), answerKey(call, key))];
    if (pending.has(call)) return underWay(pending.get(call), key);
    if (failed.has(call)) return [{ key: `failed ${call}`, kind: "failed", call, reason: failed.get(call).reason }];
    return [{ key: `stopped ${call}`, kind: "stopped" }];
  }

  function underWay(call, key) {
    if (call.isPredicted && !isOnline) return []; // nobody looks at it yet
    const text = talk.streams[call.call]?.text ?? "";
    const { agent: kind, trigger, isPredicted = false } = call;
    return [{ key: answerKey(call.call, key), kind, trigger, call: call.call, text, phase: phaseOf(call, text), isPredicted }];
  }

  function phaseOf({ call, agent, isStopping }, text) {
    if (isStopping) return "stopping";
    if (text) return "streaming";
    return agent === "reactive" && call !== turn ? "queued" : "waiting";
  }
}

/** Why the agent that speaks by itself last kept quiet: {call, reason}, or null. Its next call takes it away. */
export function quietFailure(talk) {
  return talk.proactiveOn ? (talk.failed.findLast(({ agent }) => agent === "proactive") ?? null) : null;
}

/** What a reason means to the person: "busy" (later it may work), "refused" (these words do not), "ceiling" (nothing
 * does any more), "broken". */
export function troubleOf(reason) {
  return TROUBLE[reason] ?? "broken";
}

const TROUBLE = {
  rate_limited: "busy",
  resting: "busy",
  unavailable: "busy",
  timeout: "busy",
  cut_stream: "busy",
  refused: "refused",
  ceiling: "ceiling",
};

const CHANGES = {
  "chat.posted": (talk, { message, text, call, trigger }, { at, client }) =>
    withCall(withMessage(talk, { id: message, key: client, author: "participant", text, at, call }), {
      call,
      agent: "reactive",
      trigger,
    }),
  "chat.retried": (talk, { call, was }) => ({
    ...withCall(talk, { call, agent: "reactive", trigger: triggerOf(talk, was) }),
    failed: talk.failed.filter((one) => one.call !== call && one.call !== was),
    messages: talk.messages.map((one) => (isQuestion(one) && one.call === was ? { ...one, call } : one)),
  }),
  "chat.stopped": (talk, { call }) => stopping(talk, call),
  "agent.called": (talk, call) => withCall(call.agent === "proactive" ? withoutQuietFailures(talk) : talk, call),
  "agent.answered": (talk, { call, agent, message, text, ...flags }, { at }) =>
    withMessage(withoutCall(talk, call), { id: message, author: agent, text, at, call, ...flags }),
  "agent.failed": (talk, call) => {
    const without = withoutCall(call.agent === "proactive" ? withoutQuietFailures(talk) : talk, call.call);
    return { ...without, failed: [...without.failed, call] };
  },
  "agent.withheld": (talk, { call }) => withoutCall(talk, call),
  "proactive.toggled": (talk, { on }) => switched(talk, on),
  "advice.rated": (talk, { message, useful }) => changed(talk, message, { useful }),
  "advice.dismissed": (talk, { message }) => changed(talk, message, { dismissed: true }),
};

const EFFECTS = {
  "chat.post": (talk, { text }, { id, at }) =>
    asked(withMessage(talk, { id, author: "participant", text, at, call: id, isSending: true }), id, "message"),
  "chat.ask_data": (talk, _payload, { id }) => asked(talk, id, "ask_data"),
  "chat.ask_test": (talk, _payload, { id }) => asked(talk, id, "ask_test"),
  "chat.retry": (talk, { call }) => {
    const trigger = triggerOf(talk, call);
    return asked({ ...talk, failed: talk.failed.filter((one) => one.call !== call) }, call, trigger);
  },
  "chat.stop": (talk, { call }) => stopping(talk, call),
  "proactive.set": (talk, { on }) => switched(talk, on),
  "advice.rate": (talk, { message, useful }) => changed(talk, message, { useful }),
  "advice.dismiss": (talk, { message }) => changed(talk, message, { dismissed: true }),
};

function isQuestion({ author, call }) {
  return author === "participant" && Boolean(call);
}

/** An agent's message that a call has led to; the greeting is none. */
function isAnswer({ author, call }) {
  return author !== "participant" && Boolean(call);
}

function answerKey(call, questionKey) {
  return `answer ${questionKey ?? call}`;
}

function asked(talk, call, trigger) {
  return withCall(talk, { call, agent: "reactive", trigger, isPredicted: true });
}

function stopping(talk, call) {
  return withState(talk, call, { isStopping: true });
}

function partial(talk, call) {
  return withState(talk, call, { isPartial: true });
}

function withState(talk, call, values) {
  return { ...talk, pending: talk.pending.map((one) => (one.call === call ? { ...one, ...values } : one)) };
}

/** Switched off, the agent is not heard any more with what it was about to say, not even when it is switched on again. */
function switched(talk, isOn) {
  if (isOn) return { ...talk, proactiveOn: true };
  const unheard = talk.pending.filter(({ agent }) => agent === "proactive");
  return { ...unheard.reduce((now, { call }) => withoutCall(now, call), talk), proactiveOn: false };
}

function triggerOf(talk, call) {
  return talk.failed.find((one) => one.call === call)?.trigger ?? "message";
}

function changed(talk, message, values) {
  return { ...talk, messages: talk.messages.map((one) => (one.id === message ? { ...one, ...values } : one)) };
}

function withMessage(talk, message) {
  return { ...talk, messages: [...talk.messages.filter((one) => one.id !== message.id), message] };
}

function withCall(talk, call) {
  const without = withoutCall(talk, call.call);
  return { ...without, pending: [...without.pending, call] };
}

function withoutCall(talk, call) {
  const { [call]: _over, ...streams } = talk.streams;
  return {
    ...talk,
    streams,
    pending: talk.pending.filter((one) => one.call !== call),
    failed: talk.failed.filter((one) => one.call !== call),
  };
}

function withoutQuietFailures(talk) {
  return { ...talk, failed: talk.failed.filter(({ agent }) => agent !== "proactive") };
}
