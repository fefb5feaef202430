/* Sending pictures, two at a time, one file per request. A file is kept on disk until the server has answered; one whose
 * sending failed for want of a line is sent again under the same id, so that it is stored once. */

import { newId } from "./ids.js";
import { backoff } from "./socket.js";

const SIDE_BY_SIDE = 2;
const LARGEST_BYTES = 10_000_000; // the server's limit too; said here before anything is sent
const TRIES = 8; // of a file at which the server fails: about a minute
const OPEN = new Set(["waiting", "sending", "paused"]);

/** Files are {id, name, category, batch, share, message, isKept, state}; `state` is "waiting", "sending", "paused" (no
 * line, or a server that failed), "done", "refused" or "stuck" (the server does not take it from this page; a reload
 * sends it). What is chosen while others are on their way belongs to their batch.
 *
 * send(form, onShare) -> {status, answer} · store: see filestore.js · isReady(category): whether the server knows it ·
 * nameOf(category) · onChange(files) · onStored(answer) · words: sentences about a file by its name. */
export function createUploads({ send, store, isReady, nameOf, onChange, onStored, words, later = setTimeout }) {
  let files = [];
  let batch = 0;
  let order = 0;
  let cuts = 0; // how often in a row there was no line
  let isCut = false;
  let latest = null; // what was added together last
  let keeping = Promise.resolve();

  const find = (id) => files.find((file) => file.id === id);
  const isOpen = (file) => file !== undefined && OPEN.has(file.state);

  const isUnsent = (file) => isOpen(file) || file?.state === "stuck";

  function change(id, values) {
    files = files.map((file) => (file.id === id ? { ...file, ...values } : file));
    onChange(files);
  }

  function next() {
    while (!isCut && files.filter((file) => file.state === "sending").length < SIDE_BY_SIDE) {
      const file = files.find((one) => one.state === "waiting" && (!one.category || isReady(one.category)));
      if (!file) return;
      change(file.id, { state: "sending", share: 0 });
      post(file);
    }
  }

  async function post(file) {
    const form = new FormData();
    form.append("id", file.id);
    form.append("at", file.at);
    if (file.category) form.append("category", nameOf(file.category));
    if (file.together) form.append("batch", file.together);
    form.append("file", file.blob, file.name);
    const { status, answer } = await send(form, (share) => change(file.id, { share }));
    settle(file, status, answer);
    next();
  }

  function settle(file, status, answer) {
    if (status === 0) return lineBroke(file);
    cuts = 0;
    if (status === 429 || status >= 500) return again(file);
    if (status === 200 && answer) return stored(file, answer);
    if (status === 413) return refuse(file, words.tooLarge(file.name));
    if (status !== 422 || !answer) return change(file.id, { state: "stuck", message: words.stuck(file.name) });
    if (answer.refused.code === "unknown_category" && file.category) return toThePool(file);
    return refuse(file, answer.refused.message);
  }

  function stored(file, answer) {
    if (answer.late) refuse(file, words.late(file.name));
    else close(file, { state: "done", share: 1 });
    onStored(answer);
    file.heard?.(answer.image, answer.late);
  }

  /** Its category is gone, or was never made: the picture is not lost for that. */
  function toThePool(file) {
    change(file.id, { state: "waiting", category: null });
    if (find(file.id).isKept) store.keep(row(find(file.id)));
  }

  function refuse(file, message) {
    close(file, { state: "refused", message });
    file.unheard?.(message);
  }

  function close(file, values) {
    change(file.id, { ...values, blob: null });
    store.drop(file.id);
  }

  /** Nothing is tried until there may be a line again. */
  function lineBroke(file) {
    change(file.id, { state: "paused" });
    if (isCut) return;
    isCut = true;
    later(retry, backoff(cuts++, Math.random()));
  }

  function retry() {
    isCut = false;
    for (const { id } of files.filter((file) => file.state === "paused")) change(id, { state: "waiting" });
    next();
  }

  /** The server failed, perhaps at this file only: the others go on. */
  function again(file) {
    const tries = file.tries + 1;
    if (tries >= TRIES) return change(file.id, { tries, state: "stuck", message: words.stuck(file.name) });
    change(file.id, { tries, state: "paused" });
    later(() => resume(file.id), backoff(tries, Math.random()));
  }

  function resume(id) {
    if (find(id)?.state !== "paused") return;
    change(id, { state: "waiting" });
    next();
  }

  function begin(added) {
    const isMoreOfOne = Boolean(added[0]?.together) && added[0].together === latest;
    latest = added[0]?.together ?? null;
    if (!isMoreOfOne && !files.some(isOpen)) batch += 1;
    const open = { batch, share: 0, tries: 0, state: "waiting", message: "", heard: null, unheard: null };
    const stay = files.filter((file) => file.state !== "done" || file.batch === batch);
    files = [...stay, ...added.map((file) => ({ ...open, ...file }))];
    onChange(files);
    next();
  }

  /** One after the other; once one does not fit, neither would the rest. */
  async function keep(ids) {
    for (const id of ids) {
      if (!isUnsent(find(id))) continue;
      const isKept = await store.keep(row(find(id)));
      if (isUnsent(find(id))) change(id, { isKept });
      else store.drop(id);
      if (!isKept) return;
    }
  }

  function row({ id, name, blob, category, at, together, order }) {
    return { id, name, blob, category, at, together, order };
  }

  return {
    /** `batch`: of files that came together; `onStored(image, late)` for each that arrived, `onRefused(sentence)` for
     * each that was not taken. */
    add(list, category, { batch: together = null, onStored: heard = null, onRefused: unheard = null } = {}) {
      const at = new Date().toISOString();
      const added = [...list].map((blob) => {
        const file = { id: newId(), name: blob.name, blob, category, at, together, heard, unheard, isKept: null, order: order++ };
        const isTooLarge = blob.size > LARGEST_BYTES;
        return isTooLarge ? { ...file, blob: null, state: "refused", message: words.tooLarge(blob.name) } : file;
      });
      begin(added);
      added.filter(({ state }) => state === "refused").forEach(({ message }) => unheard?.(message));
      keeping = keeping.then(() => keep(added.map(({ id }) => id)));
    },
    /** What an earlier page left behind. */
    resumeAll: (left) => begin(left.filter(({ id }) => !find(id)).map((file) => ({ ...row(file), isKept: true }))),
    /** Say why something was not even tried. */
    refuse(name, message) {
      begin([{ id: newId(), name, message, state: "refused" }]);
    },
    dismiss(id) {
      if (find(id)?.state === "stuck") store.drop(id);
      files = files.filter((file) => file.id !== id);
      onChange(files);
    },
    /** There may be a line again. */
    retry,
    /** A category may have got its name. */
    wake: next,
    waiting: () => files.filter(isOpen).length,
    /** How many would be lost if the page went now. */
    atRisk: () => files.filter((file) => isOpen(file) && !file.isKept).length,
  };
}
