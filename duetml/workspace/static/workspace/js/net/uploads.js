/* Sending pictures, two at a time, one file per request. A file whose sending failed for want of a line is sent
 * again under the same id, so that it is stored once. */

import { newId } from "./ids.js";
import { backoff } from "./socket.js";

const SIDE_BY_SIDE = 2;
const LARGEST_BYTES = 10_000_000; // the server's limit too; said here before anything is sent

/** `onChange(files)` is called with
 * [{id, name, category, batch, share, state: "waiting"|"sending"|"paused"|"done"|"refused", message}]; what is chosen
 * while others are on their way belongs to their batch.
 * `onStored(answer)` when a file has arrived; `answer.late` where it came after the end. */
export function createUploads({ url, token, onChange, onStored, nameOf, tooLarge, wordless }) {
  let files = [];
  let batch = 0;

  function change(id, values) {
    files = files.map((file) => (file.id === id ? { ...file, ...values } : file));
    onChange(files);
  }

  function next() {
    while (files.filter((file) => file.state === "sending").length < SIDE_BY_SIDE) {
      const file = files.find((one) => one.state === "waiting");
      if (!file) return;
      change(file.id, { state: "sending", share: 0 });
      post(file);
    }
  }

  function post(file) {
    const form = new FormData();
    form.append("id", file.id);
    form.append("at", file.at);
    if (file.category) form.append("category", nameOf(file.category));
    if (file.together) form.append("batch", file.together);
    form.append("file", file.blob, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", token);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => change(file.id, { share: total ? loaded / total : 0 });
    request.onload = () => settle(file, request.status, request.response);
    request.onerror = () => again(file);
    request.send(form);
  }

  function settle(file, status, answer) {
    if (status >= 500) return again(file);
    if (status === 200 && answer) {
      change(file.id, { state: "done", share: 1, blob: null });
      onStored(answer);
      file.heard?.(answer.image, answer.late);
    } else {
      const message = answer?.refused?.message ?? wordless(file.name);
      change(file.id, { state: "refused", message, blob: null });
    }
    return next();
  }

  function again(file) {
    const tries = file.tries + 1;
    change(file.id, { tries, state: "paused" });
    setTimeout(() => {
      change(file.id, { state: "waiting" });
      next();
    }, backoff(tries, Math.random()));
  }

  return {
    add(list, category, { batch: together = null, onStored: heard = null } = {}) {
      const at = new Date().toISOString();
      if (files.every((file) => ["done", "refused"].includes(file.state))) batch += 1;
      const added = [...list].map((blob) => ({
        id: newId(),
        name: blob.name,
        blob,
        category,
        at,
        batch,
        together,
        heard,
        share: 0,
        tries: 0,
        state: blob.size > LARGEST_BYTES ? "refused" : "waiting",
        message: blob.size > LARGEST_BYTES ? tooLarge(blob.name) : "",
      }));
      files = [...files.filter((file) => file.state !== "done"), ...added];
      onChange(files);
      next();
    },
    /** Say why something was not even tried. */
    refuse(name, message) {
      files = [...files, { id: newId(), name, message, batch, share: 0, state: "refused" }];
      onChange(files);
    },
    dismiss(id) {
      files = files.filter((file) => file.id !== id);
      onChange(files);
    },
    waiting: () => files.filter((file) => ["waiting", "sending", "paused"].includes(file.state)).length,
  };
}
