/* The page's one store: what the server said, what is still on its way there, and who wants to know.
 *
 * Entries (main.js and others) import `app`, add what they need with `app.extend`, then main.js calls `app.start`.
 */

import { clockOffset } from "./logic/clock.js";
import { predict } from "./logic/predict.js";
import * as pending from "./logic/queue.js";
import { NOTHING, prune } from "./logic/selection.js";
import { applyEvent, isOffered, openState, placeOf } from "./logic/state.js";
import { newId } from "./net/ids.js";
import { createOutbox } from "./net/outbox.js";
import { backoff, connect } from "./net/socket.js";

const SYNC_AGAIN_AFTER = 1000;
const TRIES = 6; // of an action at which the server fails: about half a minute, then it is told like a refusal

function createApp() {
  const watchers = [];
  const lineWatchers = [];
  const extensions = [];
  const ephemeral = [];
  const refusals = [];
  const root = document.getElementById("workspace");
  const outbox = createOutbox(root.dataset.workspace);
  let line = null;
  let base = null;
  let queue = [];
  let selection = NOTHING;
  let isOnline = false;
  let savedAt = null;
  let offset = 0;
  let isOver = false;
  let isRefused = false;
  let order = 0;
  let names = new Map();
  let failures = 0;
  let syncedAt = 0;
  let isDrawing = false;

  function changed() {
    if (isDrawing) return;
    isDrawing = true;
    requestAnimationFrame(() => {
      isDrawing = false;
      const line = { isOnline, savedAt, isRefused, waiting: pending.waiting(queue) };
      lineWatchers.forEach((watch) => watch(line));
      if (base) draw();
    });
  }

  function draw() {
    const state = predict(base, queue);
    selection = prune(selection, (id) => isOffered(state, id));
    const view = { state, selection, isOver, waiting: pending.waiting(queue), queue };
    watchers.forEach((watch) => watch(view));
  }

  function setQueue(next) {
    const kept = new Set(next.map((entry) => entry.id));
    queue.filter((entry) => !kept.has(entry.id)).forEach((entry) => outbox.drop(entry.id));
    const before = new Map(queue.map((entry) => [entry.id, entry.payload]));
    next.filter(({ id, payload }) => before.has(id) && before.get(id) !== payload).forEach((entry) => outbox.keep(entry));
    queue = next;
    sendNext();
    changed();
  }

  function sendNext() {
    const entry = base && isOnline ? pending.nextToSend(queue) : null;
    if (!entry) return;
    const { id, at, action, payload } = entry;
    if (line.send({ type: "do", id, at, action, payload })) queue = pending.markSent(queue, id);
  }

  function hear(frame) {
    if (frame.now) offset = clockOffset(frame.now, Date.now());
    const handle = HANDLERS[frame.type];
    if (handle) handle(frame);
    else {
      ephemeral.forEach((listen) => listen(frame));
      document.dispatchEvent(new CustomEvent("frame", { detail: frame })); // for scripts around the workspace
    }
    changed();
  }

  const HANDLERS = {
    hello(frame) {
      if (!frame.state) return extensions.forEach((extension) => extension.missed?.());
      base = openState(frame);
      extensions.forEach((extension) => extension.open(frame.state));
    },
    event(frame) {
      if (!base) return;
      const place = placeOf(base, frame);
      if (place === "gap") askForMissing();
      if (place !== "next") return;
      base = applyEvent(base, frame);
      extensions.forEach((extension) => extension.apply(frame));
      names = pending.learned(names, queue, frame.client, frame.payload.category);
      setQueue(pending.confirmed(queue, frame));
    },
    ack(frame) {
      savedAt = now();
      if (frame.late) isOver = true;
      outbox.drop(frame.id);
      failures = 0;
      names = pending.learned(names, queue, frame.id, frame.result?.category);
      setQueue(pending.acked(queue, frame, base?.seq ?? 0));
    },
    refused(frame) {
      if (frame.code === "failed" && ++failures < TRIES) return sendAgain(failures);
      failures = 0;
      const entry = queue.find((one) => one.id === frame.id);
      refusals.forEach((listen) => listen({ id: frame.id, action: entry?.action ?? null, message: frame.message }));
      setQueue(pending.refused(queue, frame.id));
    },
    pong() {},
  };

  /** The server failed, which says nothing against the action: a database that was away comes back. */
  function sendAgain(tries) {
    setTimeout(() => {
      queue = pending.lineBroke(queue);
      sendNext();
    }, backoff(tries, Math.random()));
  }

  function askForMissing() {
    if (Date.now() - syncedAt < SYNC_AGAIN_AFTER) return;
    syncedAt = Date.now();
    line.send({ type: "sync", after: base.seq });
  }

  function now() {
    return Date.now() + offset;
  }

  return {
    /** {isOnline, savedAt, isRefused, waiting}: called after every change, also before anything is known. */
    watchLine: (watcher) => void lineWatchers.push(watcher),
    /** {state, selection, isOver, waiting, queue}: called after every change. */
    watch: (watcher) => void watchers.push(watcher),
    /** {open(state), apply(event), missed()}: keeps a part of the state that this page knows nothing of. `missed`: the
     * line was away, and frames that are no events are lost. */
    extend: (extension) => void extensions.push(extension),
    /** Frames that are neither events nor answers: pieces and progress. */
    listen: (listener) => void ephemeral.push(listener),
    /** {id, action, message}: what the server said no to. */
    onRefusal: (listener) => void refusals.push(listener),
    /** Send a frame that nobody waits for. Returns whether there was a line: it is never sent later. */
    tell: (frame) => isOnline && line.send(frame),
    /** The server's clock, in milliseconds. */
    now,
    changed,
    /** The page's element; its data attributes name the workspace and its addresses. */
    root,
    /** Do something: shown at once, sent when there is a line, taken back when refused. Returns its id. */
    act(action, given = {}) {
      const id = newId();
      const payload = pending.named(given, names);
      const at = new Date().toISOString();
      const entry = { id, workspace: root.dataset.workspace, order: Date.now() * 1000 + order++, at, action, payload };
      outbox.keep(entry);
      setQueue(pending.enqueue(queue, entry));
      return id;
    },
    /** Whether the server may not know of this action yet. Asked of the queue: what is drawn is a frame behind. */
    isUnderWay: (action) => base === null || queue.some(({ id, state }) => id === action && state !== "acked"),
    /** A category's id as the server knows it. */
    nameOf: (category) => names.get(category) ?? category,
    /** The id a category had first: what is drawn of it stays in place when the server names it. */
    keyOf: (category) => [...names].find(([, name]) => name === category)?.[0] ?? category,
    select(next) {
      selection = next;
      changed();
    },
    get selection() {
      return selection;
    },
    /** What the page shows, with everything done so far; null before anything is known. */
    get state() {
      return base && predict(base, queue);
    },
    /** A picture was stored outside the socket. */
    saved() {
      savedAt = now();
      changed();
    },
    /** The time is over: nothing more is taken. */
    end() {
      isOver = true;
      changed();
    },
    async start() {
      const kept = await outbox.load();
      const early = new Set(queue.map((entry) => entry.id));
      queue = [...kept.filter(({ id }) => !early.has(id)).reduce(pending.enqueue, []), ...queue];
      line = connect({
        path: root.dataset.socket,
        after: () => base?.seq ?? 0,
        onFrame: hear,
        onLine(isOpen) {
          isOnline = isOpen;
          if (!isOpen) queue = pending.lineBroke(queue);
          sendNext();
          changed();
        },
        onRefused() {
          isRefused = true;
          changed();
        },
      });
    },
  };
}

export const app = createApp();
