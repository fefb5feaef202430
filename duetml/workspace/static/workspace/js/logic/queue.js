/* Actions on their way to the server: one at a time, in order, each with an id of its own, so that an action that
 * is sent twice does nothing twice. Pure: every function returns a new queue (an array of entries).
 *
 * entry: {id, workspace, order, at, action, payload, state: "waiting" | "sent" | "acked", seq}
 * An acked entry stays until its event arrives, so that what the person did does not flicker.
 */

export function enqueue(queue, entry) {
  return [...queue, { ...entry, state: "waiting", seq: null }];
}

/** The entry to send now, or null while one is under way. */
export function nextToSend(queue) {
  if (queue.some((entry) => entry.state === "sent")) return null;
  return queue.find((entry) => entry.state === "waiting") ?? null;
}

export function markSent(queue, id) {
  return queue.map((entry) => (entry.id === id ? { ...entry, state: "sent" } : entry));
}

/** The line broke, or the server failed: what was under way is sent again, under the same id. */
export function lineBroke(queue) {
  return queue.map((entry) => (entry.state === "sent" ? { ...entry, state: "waiting" } : entry));
}

/** The server has the action. `known` is the last seq this page has seen. */
export function acked(queue, ack, known) {
  const named = resolved(queue, ack.id, ack.result?.category);
  if (ack.late || ack.seq === null || ack.seq <= known) return named.filter((entry) => entry.id !== ack.id);
  return named.map((entry) => (entry.id === ack.id ? { ...entry, state: "acked", seq: ack.seq } : entry));
}

/** An event arrived: what it confirms leaves the queue. */
export function confirmed(queue, event) {
  const named = event.client ? resolved(queue, event.client, event.payload.category) : queue;
  return named.filter(
    (entry) => entry.id !== event.client && !(entry.state === "acked" && entry.seq <= event.seq),
  );
}

/** The server said no: the action leaves, and with it what was built upon it: pictures for a category not made, and
 * the undoing of a step that never was (it would take back the step before it). */
export function refused(queue, id) {
  const at = queue.findIndex((entry) => entry.id === id);
  const behind = queue.slice(at + 1).filter(({ payload }) => NAMING.every((field) => payload[field] !== id));
  return at < 0 ? queue : [...queue.slice(0, at), ...(IS_STEP.test(queue[at].action) ? withoutIts(behind) : behind)];
}

const IS_STEP = /^(category|images|data)\./;

/** The queue without what undoes, and does again, the step in front of it. */
function withoutIts(queue) {
  const kept = [];
  let steps = 0; // made in this queue and not undone
  let isUndone = false;
  for (const entry of queue) {
    const isOurs = steps === 0;
    if (entry.action === "history.undo" && isOurs && !isUndone) isUndone = true;
    else if (entry.action === "history.redo" && isOurs && isUndone) isUndone = false;
    else {
      kept.push(entry);
      if (entry.action === "history.undo") steps = Math.max(0, steps - 1);
      else if (entry.action === "history.redo" || IS_STEP.test(entry.action)) steps += 1;
    }
  }
  return kept;
}

/** How many actions the server has not got yet. */
export function waiting(queue) {
  return queue.filter((entry) => entry.state !== "acked").length;
}

/** The names of categories known so far, [temporary, the server's], with the one this answer or event brings.
 * A category bears its action's id until the server names it; what is drawn may use that id a moment longer. */
export function learned(names, queue, id, category) {
  const entry = queue.find((one) => one.id === id);
  return entry?.action === "category.create" && category ? new Map([...names, [id, category]]) : names;
}

/** A payload that names its categories as the server does. */
export function named(payload, names) {
  const fields = NAMING.filter((field) => names.has(payload[field]));
  return fields.reduce((now, field) => ({ ...now, [field]: names.get(payload[field]) }), payload);
}

const NAMING = ["category", "into", "source"];

function resolved(queue, id, category) {
  const names = learned(new Map(), queue, id, category);
  return queue.map((one) => (named(one.payload, names) === one.payload ? one : { ...one, payload: named(one.payload, names) }));
}
