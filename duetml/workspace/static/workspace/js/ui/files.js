/* Pictures of one's own: choosing files, their progress, and why one was not taken. */

import { app } from "../app.js";
import { createUploads } from "../net/uploads.js";
import { fill, gettext, ngettext } from "../words.js";
import { announce, el, keyed, say } from "./dom.js";

const ACCEPTED = "image/jpeg,image/png,image/webp,image/gif";
let uploads = null;

export function files() {
  const list = document.getElementById("uploads");
  const summary = document.getElementById("uploads-summary");
  if (!list) return;
  uploads = createUploads({
    url: app.root.dataset.upload,
    token: app.root.dataset.token,
    onStored: ({ late }) => (late ? app.end() : app.saved()),
    onChange: show,
    nameOf: app.nameOf,
    tooLarge: (name) => fill(gettext("“%(name)s” is larger than %(limit)s."), { name, limit: "10 MB" }),
    wordless: (name) => fill(gettext("%(name)s could not be stored. Please try again."), { name }),
  });

  addEventListener("beforeunload", (event) => {
    if (uploads.waiting() > 0) event.preventDefault(); // files, unlike actions, are not kept on disk
  });

  function show(all) {
    keyed(list, all.filter((file) => file.state !== "done"), (file) => file.id, row, update);
    // Messages about files of an earlier batch stay until they are dismissed, but count no more.
    const latest = all.filter((file) => file.batch === all.at(-1).batch);
    const done = latest.filter((file) => file.state === "done").length;
    const isOver = latest.every((file) => ["done", "refused"].includes(file.state));
    const text = ngettext("%(done)s of %(n)s picture added.", "%(done)s of %(n)s pictures added.", latest.length);
    summary.hidden = latest.length === 0;
    say(summary, latest.length ? fill(text, { done, n: latest.length }) : "");
    if (isOver && latest.length) announce([summary.textContent, ...refusals(latest)].join(" "));
    app.changed();
  }

  function row(file) {
    const dismiss = el("button", { type: "button", class: "quiet", onclick: () => uploads.dismiss(file.id) }, "×");
    dismiss.setAttribute("aria-label", fill(gettext("Dismiss the message about %(name)s"), { name: file.name }));
    const bar = el("progress", { max: 1, "aria-label": file.name });
    return el("li", {}, el("span", { class: "file" }, file.name), bar, el("span", { class: "message" }), dismiss);
  }

  function update(node, file) {
    const isRefused = file.state === "refused";
    node.classList.toggle("refused", isRefused);
    node.querySelector(".file").hidden = isRefused; // the message names it
    node.querySelector("progress").hidden = isRefused;
    node.querySelector("progress").value = file.share;
    node.querySelector("button").hidden = !isRefused;
    say(node.querySelector(".message"), file.state === "paused" ? gettext("No connection: waiting") : file.message);
  }
}

function refusals(all) {
  return all.filter((file) => file.state === "refused").map((file) => file.message);
}

export function canUpload() {
  return uploads !== null;
}

export function uploadsWaiting() {
  return uploads?.waiting() ?? 0;
}

/** Send these files, into a category where one is given. */
export function upload(list, category = null) {
  uploads?.add(list, category);
}

/** Let the person choose files. */
export function chooseFiles(category = null) {
  const input = el("input", { type: "file", accept: ACCEPTED, multiple: true });
  input.addEventListener("change", () => upload(input.files, category));
  input.click();
}
