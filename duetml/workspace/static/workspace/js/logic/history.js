/* What can be taken back and done again. The server keeps every step; the page keeps the arrangements it saw, so that
 * it can show a step back before the server has answered. Pure.
 *
 * {undo: n, redo: n,                how many steps the server can take
 *  settled: arrangement,            as the last step left it
 *  batch: id or null,               of the files that came together in that step
 *  befores: [arrangement, …],       where undoing leads, the next one last: the newest of the `undo`, maybe not all
 *  afters: [arrangement, …]}        where redoing leads, likewise
 */

import { isSame } from "./arrangement.js";

const REMEMBERED = 100; // steps the page can show at once; older ones wait for the server

export function openHistory({ undo = 0, redo = 0, batch = null } = {}, settled = []) {
  return { undo, redo, settled, batch, befores: [], afters: [] };
}

/** A step has ended with the arrangement `now`. Only one that changed something can be taken back, and only
 * undoing and redoing (`by`) keep what can be done again. Pictures that came together (`batch`) are one step. */
export function stepped(history, now, by = null, batch = null) {
  const { undo, redo, settled, befores, afters } = history;
  if (by === "undo") {
    return { undo: less(undo), redo: redo + 1, settled: now, batch: null, befores: befores.slice(0, -1), afters: push(afters, settled) };
  }
  if (by === "redo") {
    return { undo: undo + 1, redo: less(redo), settled: now, batch: null, befores: push(befores, settled), afters: afters.slice(0, -1) };
  }
  if (isSame(settled, now)) return history;
  if (batch && batch === history.batch) return { ...history, redo: 0, settled: now, afters: [] };
  return { undo: undo + 1, redo: 0, settled: now, batch, befores: push(befores, settled), afters: [] };
}

/** Where undoing leads; undefined where the page did not see it. */
export function whereUndoLeads(history) {
  return history.undo > 0 ? history.befores.at(-1) : undefined;
}

export function whereRedoLeads(history) {
  return history.redo > 0 ? history.afters.at(-1) : undefined;
}

/** What a step did, told by the arrangements before and after it:
 * {kind: "created" | "renamed" | "deleted" | "put" | "removed" | "other", name, n}. */
export function describe(before, after) {
  const made = after.filter((one) => !before.some(({ id }) => id === one.id));
  const gone = before.filter((one) => !after.some(({ id }) => id === one.id));
  const changes = after.flatMap((now) => differences(before.find(({ id }) => id === now.id), now));
  if (made.length + gone.length === 1 && changes.length === 0) {
    const [one] = [...made, ...gone];
    return { kind: made.length ? "created" : "deleted", name: one.name, n: one.images.length };
  }
  return made.length + gone.length > 0 ? OTHER : ofChanges(changes);
}

const OTHER = { kind: "other", name: "", n: 0 };

function differences(was, now) {
  if (!was || was === now) return [];
  const there = new Set(was.images);
  const here = new Set(now.images);
  const put = now.images.filter((id) => !there.has(id)).length;
  const removed = was.images.filter((id) => !here.has(id)).length;
  return [
    ...(was.name === now.name ? [] : [{ kind: "renamed", name: now.name, n: 0 }]),
    ...(put ? [{ kind: "put", name: now.name, n: put }] : []),
    ...(removed ? [{ kind: "removed", name: now.name, n: removed }] : []),
    ...(was.position === now.position ? [] : [OTHER]),
  ];
}

/** Pictures that move leave one category and join another: what they joined is what counts. */
function ofChanges(changes) {
  const told = changes.some(({ kind }) => kind === "put") ? changes.filter(({ kind }) => kind !== "removed") : changes;
  return told.length === 1 ? told[0] : OTHER;
}

function push(stack, arrangement) {
  return [...stack, arrangement].slice(-REMEMBERED);
}

function less(count) {
  return Math.max(0, count - 1);
}
