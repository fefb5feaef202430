/* Pictures of one's own: choosing, dropping and pasting files, their progress, and why one was not taken.
 *
 * For the panels (all of it may be called whenever `canUpload()`):
 *
 *   upload(list, category = null, {onStored, onRefused}) send these, into a category where one is given (its temporary id will
 *                                               do: they wait until the server has named it). `list` is what filesOf
 *                                               gave, or any list of Files.
 *   onStored(image, late)                       once per file that arrived: image is {id, origin, category}, or null
 *                                               with late true where it came after the end. Not called for a file
 *                                               that was refused (its sentence is in the list), nor after a reload.
 *   onRefused(sentence)                         once per file that was not taken
 *   chooseFiles(category, {onStored, isFolder}) let the person choose; isFolder: one whole folder
 *   filesOf(source)                             what a drop or a paste brings: give it event.dataTransfer or the paste
 *                                               event, inside its handler (the browser empties it afterwards). An
 *                                               array of Files and folders for `upload`; empty where there are none.
 *
 *   dropping: onFiles: (transfer) => upload(filesOf(transfer), category)
 *   pasting:  addEventListener("paste", (event) => upload(filesOf(event)))
 */

import { app } from "../app.js";
import { createFileStore } from "../net/filestore.js";
import { postFile } from "../net/posting.js";
import { createUploads } from "../net/uploads.js";
import { fill, gettext, ngettext } from "../words.js";
import { announce, el, keyed, say } from "./dom.js";

const ACCEPTED = "image/jpeg,image/png,image/webp,image/gif";
const MOST_QUEUED_SHOWN = 6; // of two thousand that wait
const MOST_SAID = 5; // refusals, to people who listen to the page
let uploads = null;
let opener = null;

export function files() {
  const list = document.getElementById("uploads");
  const summary = document.getElementById("uploads-summary");
  if (!list) return;
  const address = { url: app.root.dataset.upload, token: app.root.dataset.token };
  const store = createFileStore(app.root.dataset.workspace);
  let shown = [];
  let isShowing = false;
  let said = "";
  uploads = createUploads({
    send: (form, onShare) => postFile(address, form, onShare),
    store,
    isReady: (category) => !app.isUnderWay(category),
    nameOf: app.nameOf,
    onChange: showSoon,
    onStored: ({ late }) => (late ? app.end() : app.saved()),
    words: {
      tooLarge: (name) => fill(gettext("“%(name)s” is larger than %(limit)s."), { name, limit: "10 MB" }),
      late: (name) => fill(gettext("“%(name)s” arrived after the end and was not added."), { name }),
      stuck: (name) => fill(gettext("“%(name)s” could not be stored. Please reload this page."), { name }),
    },
  });

  const adopt = () => store.adopt(uploads.resumeAll);
  adopt();
  addEventListener("online", uploads.retry);
  document.addEventListener("visibilitychange", () => document.hidden || adopt());
  addEventListener("beforeunload", (event) => {
    if (uploads.atRisk() > 0) event.preventDefault();
  });
  app.watch(() => {
    if (uploads.waiting() > 0) uploads.wake();
  });

  function showSoon(all) {
    shown = all;
    if (isShowing) return;
    isShowing = true;
    requestAnimationFrame(() => {
      isShowing = false;
      show(shown);
    });
  }

  function show(all) {
    const queued = all.filter((file) => ["waiting", "paused"].includes(file.state));
    const hidden = new Set(queued.slice(MOST_QUEUED_SHOWN));
    keyed(list, all.filter((file) => file.state !== "done" && !hidden.has(file)), (file) => file.id, row, update);
    // Messages about files of an earlier batch stay until they are dismissed, but count no more.
    const latest = all.filter((file) => file.batch === all.at(-1).batch);
    const done = latest.filter((file) => file.state === "done").length;
    const isOver = latest.every((file) => ["done", "refused", "stuck"].includes(file.state));
    const text = ngettext("%(done)s of %(n)s picture added.", "%(done)s of %(n)s pictures added.", latest.length);
    const words = latest.length ? fill(text, { done, n: latest.length }) : "";
    summary.hidden = latest.length === 0;
    say(summary, !isOver && latest.some((file) => file.isKept === false) ? `${words} ${unkept()}` : words);
    const ending = isOver && latest.length ? [words, ...refusals(latest).slice(0, MOST_SAID)].join(" ") : "";
    if (ending && ending !== said) announce(ending);
    said = ending;
    app.changed();
  }

  function row(file) {
    const dismiss = el("button", { type: "button", class: "quiet", onclick: () => uploads.dismiss(file.id) }, "×");
    dismiss.setAttribute("aria-label", fill(gettext("Dismiss the message about %(name)s"), { name: file.name }));
    const bar = el("progress", { max: 1, "aria-label": file.name });
    return el("li", {}, el("span", { class: "file" }, file.name), bar, el("span", { class: "message" }), dismiss);
  }

  function update(node, file) {
    const isRefused = isOut(file);
    node.classList.toggle("refused", isRefused);
    node.querySelector(".file").hidden = isRefused; // the message names it
    node.querySelector("progress").hidden = isRefused;
    node.querySelector("progress").value = file.share;
    node.querySelector("button").hidden = !isRefused;
    say(node.querySelector(".message"), file.state === "paused" ? gettext("No connection: waiting") : file.message);
  }
}

function isOut(file) {
  return ["refused", "stuck"].includes(file.state);
}

function unkept() {
  return gettext("Leave this page open until then: this device could not keep them.");
}

function refusals(all) {
  return all.filter(isOut).map((file) => file.message);
}

export function canUpload() {
  return uploads !== null;
}

export function uploadsWaiting() {
  return uploads?.waiting() ?? 0;
}

/** Send these files, into a category where one is given; see above. */
export function upload(list, category = null, { onStored = null, onRefused = null } = {}) {
  if (!uploads) return;
  const all = [...list];
  const opened = onStored ? [] : all.filter((one) => opener?.takes(one));
  const folders = all.filter((one) => one.isDirectory && !opened.includes(one));
  const plain = all.filter((one) => !one.isDirectory && !opened.includes(one));
  if (plain.length > 0) uploads.add(plain, category, { onStored, onRefused });
  if (opened.length > 0) opener.open(opened, category);
  for (const { name } of folders) {
    const message = fill(gettext("“%(name)s” is a folder. Please choose the pictures in it."), { name });
    sayRefused(name, message);
    onRefused?.(message);
  }
}

/** {takes(one) -> bool, accept, open(list, category)}: for whoever knows what to do with things that hold pictures. */
export function acceptAlso(other) {
  opener = other;
}

/** Send what came together; `batch` tells the server so. */
export function uploadTogether(list, category, batch) {
  uploads.add(list, category, { batch });
}

/** Say why something was not even tried. */
export function sayRefused(name, message) {
  uploads.refuse(name, message);
}

/** The files and folders of a drop (its dataTransfer) or of a paste event; see above. */
export function filesOf(source) {
  const transfer = source.clipboardData ?? source;
  const items = [...(transfer.items ?? [])].filter((item) => item.kind === "file");
  if (items.length === 0) return [...(transfer.files ?? [])];
  return items.map(fileOrFolder).filter(Boolean);
}

function fileOrFolder(item) {
  const entry = item.webkitGetAsEntry?.();
  return entry?.isDirectory ? entry : item.getAsFile();
}

/** Let the person choose files, or one whole folder. */
export function chooseFiles(category = null, { onStored = null, isFolder = false } = {}) {
  const accept = opener && !onStored ? `${ACCEPTED},${opener.accept}` : ACCEPTED;
  const input = el("input", isFolder ? { type: "file" } : { type: "file", accept, multiple: true });
  input.webkitdirectory = isFolder;
  input.addEventListener("change", () => upload(input.files, category, { onStored }));
  input.click();
}
