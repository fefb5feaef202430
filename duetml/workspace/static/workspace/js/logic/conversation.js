/* The chat as a value: messages, calls under way, calls that failed, and words that are just arriving. */

export function openConversation(state) {
  const { messages = [], pending = [], failed = [], proactive_on: proactiveOn = true } = state.chat ?? {};
  return { messages, pending, failed, proactiveOn, streams: {} };
}

export function applyToConversation(talk, event) {
  const change = CHANGES[event.kind];
  return change ? change(talk, event.payload, event) : talk;
}

/** What the person sees of their own actions before the server has answered. */
export function predictConversation(talk, { id, at, action, payload }) {
  switch (action) {
    case "chat.post":
      return withMessage(talk, { id, author: "participant", text: payload.text, at, isSending: true });
    case "chat.retry":
      return { ...talk, failed: talk.failed.filter((one) => one.call !== payload.call) };
    case "proactive.set":
      return { ...talk, proactiveOn: payload.on };
    default:
      return talk;
  }
}

/** A piece of an answer. Pieces of a call that is over are ignored. */
export function addToken(talk, { call, text }) {
  if (!talk.pending.some((one) => one.call === call)) return talk;
  return { ...talk, streams: { ...talk.streams, [call]: (talk.streams[call] ?? "") + text } };
}

/** Only answers the person waits for are shown as under way or failed; the other assistant just keeps quiet. */
export function awaited(talk) {
  return talk.pending.filter((call) => call.agent === "reactive" || talk.streams[call.call]);
}

export function failedAnswers(talk) {
  return talk.failed.filter((call) => call.agent === "reactive");
}

const CHANGES = {
  "chat.posted": (talk, { message, text, call }, { at }) =>
    withMessage(talk, { id: message, author: "participant", text, at, offline: false, call }),
  "chat.retried": (talk, { call, was }) => ({
    ...talk,
    failed: talk.failed.filter((one) => one.call !== call && one.call !== was),
    pending: withCall(talk.pending, { call, agent: "reactive", trigger: "message" }),
  }),
  "agent.called": (talk, call) => ({
    ...withoutCall(talk, call.call),
    pending: withCall(talk.pending, call),
  }),
  "agent.answered": (talk, { call, agent, message, text, offline }, { at }) =>
    withMessage(withoutCall(talk, call), { id: message, author: agent, text, at, offline, call }),
  "agent.failed": (talk, call) => {
    const without = withoutCall(talk, call.call);
    return { ...without, failed: [...without.failed, call] };
  },
  "agent.withheld": (talk, { call }) => withoutCall(talk, call),
  "proactive.toggled": (talk, { on }) => ({ ...talk, proactiveOn: on }),
};

function withMessage(talk, message) {
  return { ...talk, messages: [...talk.messages.filter((one) => one.id !== message.id), message] };
}

function withCall(pending, call) {
  return [...pending.filter((one) => one.call !== call.call), call];
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
