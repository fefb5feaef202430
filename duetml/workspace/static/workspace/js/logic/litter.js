/* Files that programs leave behind, and what leads out of a folder: names are words, but honest ones do not. */

const SYSTEM = new Set(["__macosx", "thumbs.db", "desktop.ini"]);

export function isHidden(path) {
  return path.split("/").some((part) => part.startsWith(".") || SYSTEM.has(part.toLowerCase()));
}
