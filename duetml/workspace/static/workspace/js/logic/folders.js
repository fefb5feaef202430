/* What becomes of the files of a folder or zip: which categories, which pictures, what is left out and why. Pure. */

import { isHidden } from "./litter.js";

const LARGEST_BYTES = 10_000_000; // the server's limits too
export const MOST_IMAGES = 6000;
export const MOST_CATEGORIES = 40;
const MOST_BYTES = 1_000_000_000; // of one folder or zip
const LONGEST_NAME = 80;
const PICTURE = /\.(jpe?g|jpe|jfif|png|webp|gif)$/i;
const INVISIBLE = /[\p{Cc}\p{Cs}\u200b\u200c\u200e-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu;
const UNSEEN = /[\p{Z}\p{C}\p{M}\u2800\u3164\u115f\u1160\uffa0]/gu;

/** found: [{path, size, isLocked?, …}]; path begins with the folder's or zip's own name ("Animals/cats/1.jpg").
 * there: the workspace's categories [{id, name}]; room: how many more pictures and categories it can hold.
 *
 * {categories: [{name, id: string | null, files}], loose: [files for the pool], left: {no_picture, large, locked, many:
 * [files]}, isTooManyCategories}. Folders of the same name are one category; one that is there already is used.
 * The folders that everything lies in are no category; pictures beside folders go to the pool. */
export function plan(found, there, room) {
  const seen = found.filter(({ path }) => !isHidden(path)).sort(byPath);
  const left = { no_picture: [], large: [], locked: [], many: [] };
  const usable = [];
  let bytes = 0;
  for (const file of seen) {
    const why = whyNot(file, usable.length >= room.images, bytes);
    if (why) left[why].push(file);
    else {
      usable.push(file);
      bytes += file.size;
    }
  }
  return { ...inCategories(usable, there, room.categories), left };
}

function whyNot(file, isFull, bytes) {
  if (!PICTURE.test(file.path)) return "no_picture";
  if (file.isLocked) return "locked";
  if (file.size > LARGEST_BYTES) return "large";
  return isFull || bytes + file.size > MOST_BYTES ? "many" : null;
}

function inCategories(files, there, most) {
  const known = new Map(there.map((category) => [sameness(category.name), category]));
  const made = new Map();
  const loose = [];
  const depth = sharedDepth(files);
  let isTooManyCategories = false;
  for (const file of files) {
    const name = categoryName(file.path, depth);
    const key = sameness(name);
    const isNew = !known.has(key) && !made.has(key);
    const isBeyond = isNew && [...made.keys()].filter((one) => !known.has(one)).length >= most;
    isTooManyCategories ||= isBeyond && key !== "";
    if (key === "" || isBeyond) loose.push(file);
    else if (made.has(key)) made.get(key).files.push(file);
    else made.set(key, { name: known.get(key)?.name ?? name, id: known.get(key)?.id ?? null, files: [file] });
  }
  return { categories: [...made.values()], loose, isTooManyCategories };
}

/** How many folders all files lie in, less one where that is where the pictures are. */
function sharedDepth(files) {
  const folders = files.map(({ path }) => path.split("/").slice(0, -1));
  if (folders.length === 0) return 0;
  const shortest = Math.min(...folders.map((parts) => parts.length));
  let depth = 0;
  while (depth < shortest && folders.every((parts) => parts[depth] === folders[0][depth])) depth += 1;
  const isOneFolder = folders.every((parts) => parts.length === depth);
  return isOneFolder ? Math.max(0, depth - 1) : depth;
}

/** "" for a picture that lies in no folder below those that all share. */
function categoryName(path, depth) {
  return cleaned(path.split("/").slice(depth, -1)[0] ?? "");
}

/** A folder's name as a category's: one line, nothing invisible, not too long. "" where nothing would be seen. */
export function cleaned(name) {
  const line = name.normalize("NFC").replace(/\s/gu, " ").replace(INVISIBLE, "").replace(/ +/g, " ").trim();
  if (line.replace(UNSEEN, "") === "") return "";
  return [...line].slice(0, LONGEST_NAME).join("").trim();
}

/** Equal for names that a person reads as the same, as the server sees it (services/wording.py). */
export function sameness(name) {
  const folded = name.normalize("NFKC").toLowerCase().normalize("NFKC").replaceAll("ß", "ss");
  return folded.replace(/[\p{Cf}\ufe0e\ufe0f]/gu, "").replaceAll("i\u0307", "i").split(/\s+/u).filter(Boolean).join(" ");
}

function byPath(one, other) {
  return one.path.localeCompare(other.path, "en", { numeric: true });
}
