/* Whole folders and zip files: what will happen is said first, then every picture is sent as any other. */

import { app } from "../../app.js";
import { MOST_CATEGORIES, MOST_IMAGES, plan } from "../../logic/folders.js";
import { listZip } from "../../logic/unzip.js";
import { newId } from "../../net/ids.js";
import { fill, gettext, ngettext } from "../../words.js";
import { el, say } from "../dom.js";
import { acceptAlso, chooseFiles, sayRefused, uploadTogether } from "../files.js";

const MOST_LISTED = 20_000; // files of any kind; more are not even looked at
const DEEPEST = 30;
const MOST_NAMED = 12;

export function folders() {
  let latest = null;
  let isAccepting = false;
  app.watch(({ state }) => {
    latest = state;
    if (isAccepting || !state.features.folders) return;
    isAccepting = true;
    acceptAlso({ takes, accept: ".zip", open });
    const choose = el("button", { type: "button", onclick: () => chooseFiles(null, { isFolder: true }) });
    choose.append(gettext("Add a folder"));
    document.getElementById("upload")?.after(choose);
  });

  async function open(packed, category) {
    const dialog = askingDialog();
    document.body.append(dialog.element);
    dialog.element.showModal();
    const { files, isMore } = await listAll(packed);
    const planned = plan(files, latest.categories, roomIn(latest));
    const target = latest.categories.find((one) => [one.id, app.keyOf(one.id)].includes(category)) ?? null;
    const isWanted = await dialog.ask(planned, target, isMore);
    if (isWanted) await send(planned, target && category);
  }
}

function takes(one) {
  return one.isDirectory || Boolean(one.webkitRelativePath) || isZip(one);
}

function isZip({ name, type }) {
  return /\.zip$/i.test(name) || type === "application/zip";
}

function roomIn(state) {
  return { images: MOST_IMAGES - state.images.length, categories: MOST_CATEGORIES - state.categories.length };
}

/** Into the category the folder was dropped on, or into categories named like the folders. */
async function send({ categories, loose }, category) {
  const batch = newId();
  const groups = [...categories, { files: loose, isLoose: true }];
  for (const { name, id, files, isLoose } of groups) {
    if (files.length === 0) continue;
    const into = category ?? (isLoose ? null : id ?? app.act("category.create", { name }));
    for (const file of files) await sendOne(file, into, batch);
  }
}

async function sendOne(file, category, batch) {
  const name = file.path.split("/").at(-1);
  try {
    uploadTogether([new File([await file.read()], name)], category, batch);
  } catch {
    sayRefused(name, fill(gettext("“%(name)s” cannot be read: it is damaged."), { name }));
  }
}

async function listAll(packed) {
  const files = [];
  let isMore = false;
  for (const one of packed) {
    if (files.length >= MOST_LISTED) isMore = true;
    else if (one.isDirectory) isMore = (await listFolder(one, files, 0)) || isMore;
    else if (one.webkitRelativePath) files.push(fileAt(one.webkitRelativePath, one));
    else isMore = (await listArchive(one, files)) || isMore;
  }
  return { files, isMore };
}

function fileAt(path, file) {
  return { path, size: file.size, read: async () => file };
}

async function listArchive(zip, files) {
  try {
    const { entries, isMore } = await listZip(zip, MOST_LISTED - files.length);
    const folder = zip.name.replace(/\.zip$/i, "");
    files.push(...entries.map((entry) => ({ ...entry, path: `${folder}/${entry.path}` })));
    return isMore;
  } catch {
    const text = gettext("“%(name)s” cannot be read: it is damaged, or no zip file.");
    sayRefused(zip.name, fill(text, { name: zip.name }));
    return false;
  }
}

/** Fill `files`; whether there were more than can be listed. */
async function listFolder(folder, files, depth) {
  const reader = folder.createReader();
  // A browser gives a hundred at a time, and an empty list when there are no more.
  for (let some = await entriesOf(reader); some.length > 0; some = await entriesOf(reader)) {
    for (const entry of some) {
      if (files.length >= MOST_LISTED || depth > DEEPEST) return true;
      if (entry.isDirectory) await listFolder(entry, files, depth + 1);
      else await addEntry(entry, files);
    }
  }
  return files.length >= MOST_LISTED;
}

function entriesOf(reader) {
  return new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
}

async function addEntry(entry, files) {
  const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
  if (file) files.push(fileAt(entry.fullPath.replace(/^\//, ""), file));
}

/** {element, ask(planned, target, isMore) -> whether the person wants it}. Closed early, it will not ask. */
function askingDialog() {
  const title = el("h2", { id: "folders-title" }, gettext("Looking through the files…"));
  const told = el("ul", { class: "plain" });
  const add = el("button", { value: "yes", class: "primary", hidden: true }, gettext("Add"));
  const form = el("form", { method: "dialog", class: "row" }, add, el("button", { value: "" }, gettext("Cancel")));
  const element = el("dialog", { id: "folders", "aria-labelledby": "folders-title" }, title, told, form);
  const closed = new Promise((resolve) => {
    element.addEventListener("close", () => {
      element.remove();
      resolve(element.returnValue === "yes");
    });
  });

  function ask(planned, target, isMore) {
    const count = countOf(planned);
    add.hidden = count === 0;
    say(title, count === 0 ? gettext("There is no picture in it") : question(count, target));
    told.replaceChildren(...sentences(planned, target, isMore).map((text) => el("li", {}, text)));
    if (count > 0) add.focus();
    return closed;
  }
  return { element, ask };
}

function countOf({ categories, loose }) {
  return categories.reduce((sum, { files }) => sum + files.length, loose.length);
}

function question(n, target) {
  if (!target) return fill(ngettext("Add %(n)s picture?", "Add %(n)s pictures?", n), { n });
  const text = ngettext("Add %(n)s picture to “%(name)s”?", "Add %(n)s pictures to “%(name)s”?", n);
  return fill(text, { n, name: target.name });
}

function sentences(planned, target, isMore) {
  const told = [...(target ? [] : placing(planned)), ...leftOut(planned.left)];
  return isMore ? [...told, gettext("There are too many files to look at all of them.")] : told;
}

/** Which categories there will be. */
function placing({ categories, loose, isTooManyCategories }) {
  const made = categories.filter(({ id }) => id === null);
  const there = categories.filter(({ id }) => id !== null);
  const told = [
    counted(made, (n) => ngettext("%(n)s new category: %(names)s", "%(n)s new categories: %(names)s", n)),
    counted(there, (n) =>
      ngettext("%(n)s category that is there already: %(names)s", "%(n)s categories that are there already: %(names)s", n),
    ),
    counted(loose, (n) => ngettext("%(n)s picture goes to the image pool.", "%(n)s pictures go to the image pool.", n)),
  ];
  const most = gettext("There can be at most %(n)s categories: the other pictures go to the image pool.");
  return [...told.filter(Boolean), ...(isTooManyCategories ? [fill(most, { n: MOST_CATEGORIES })] : [])];
}

function leftOut({ no_picture, large, locked, many }) {
  const told = [
    counted(no_picture, (n) => ngettext("%(n)s file is no picture and is left out.", "%(n)s files are no pictures and are left out.", n)),
    counted(large, (n) =>
      ngettext("%(n)s picture is larger than 10 MB and is left out.", "%(n)s pictures are larger than 10 MB and are left out.", n),
    ),
    counted(locked, (n) =>
      ngettext("%(n)s picture is locked with a password and is left out.", "%(n)s pictures are locked with a password and are left out.", n),
    ),
    counted(many, (n) =>
      ngettext("%(n)s picture is left out: there is no room for more.", "%(n)s pictures are left out: there is no room for more.", n),
    ),
  ];
  return told.filter(Boolean);
}

function counted(some, textOf) {
  return some.length > 0 && fill(textOf(some.length), { n: some.length, names: namesOf(some) });
}

function namesOf(some) {
  const named = some.slice(0, MOST_NAMED).map(({ name, files }) => (files ? `${name} (${files.length})` : ""));
  return [...named, ...(some.length > MOST_NAMED ? ["…"] : [])].join(" · ");
}
