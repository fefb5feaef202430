/* What an answer names: categories in quotation marks or in bold, and pictures by their numbers. Only what exists now is
 * found, as it is written: a category that was renamed is a word like any other. */

import { wordsOf } from "./markdown.js";

const QUOTES = { "“": "”", '"': '"', "「": "」", "『": "』" };
const SLACK = 4; // spaces on either side, and the comma that English puts inside the marks
const ENDING = /[.,;:!?]/;
const SPACE = /\s/;

// One number, or several after "pictures" and after 画像; a count (画像を3枚) is no number of a picture.
const CALLED = /\b(pictures?|images?)[ \u00a0]+#?(?=[0-9０-９])|画像[ \u00a0\u3000]*(?=[0-9０-９])/gi;
const NUMBER = /[0-9０-９]+(?![0-9０-９]|[.,．][0-9０-９]|[A-Za-z%％]|\s?[枚個つ点回種件])/y;
const BETWEEN = /番?\s*(?:,\s+(?:and\s+|or\s+)?|and\s+|or\s+|&\s*|[、，・–〜～-]\s*|と|や|か|または|および)/y;

/** What can be named: {names: name → category id, lengths: of the names, pictures: how many there are}. */
export function knownThings(categories, pictures) {
  const names = new Map(categories.map(({ id, name }) => [name, id]));
  const lengths = new Set(categories.map(({ name }) => name.length));
  return { names, lengths, longest: Math.max(0, ...lengths), pictures };
}

/** [{start, end, kind: "category", id} or {…, kind: "picture", number}] in the order of the text; none overlap. */
export function namedIn(text, known) {
  const categories = known.names.size > 0 ? quoted(text, known) : [];
  const pictures = known.pictures > 0 ? numbered(text, known.pictures) : [];
  return inOrder(categories, pictures);
}

/** The blocks with every category named in bold made a kept piece, too. */
export function withBoldNames(blocks, known) {
  if (known.names.size === 0) return blocks;
  const look = (pieces) => pieces.map((piece) => bold(piece, look, known));
  return blocks.map((block) =>
    block.type === "list" ? { ...block, items: block.items.map((lines) => lines.map(look)) } : { ...block, lines: block.lines.map(look) },
  );
}

function bold(piece, look, known) {
  if (!piece.children) return piece;
  const text = piece.type === "strong" && piece.children.every(({ type }) => type === "text") ? wordsOf(piece.children) : null;
  const id = text === null ? undefined : known.names.get(text.trim());
  if (id === undefined) return { ...piece, children: look(piece.children) };
  return { ...piece, children: [{ type: "kept", text, range: { kind: "category", id } }] };
}

function quoted(text, known) {
  const found = [];
  for (let at = 0; at < text.length; at += 1) {
    const closing = QUOTES[text[at]];
    const name = closing ? nameBehind(text, at, closing, known) : null;
    if (!name) continue;
    found.push(name.range);
    at = name.end;
  }
  return found;
}

/** The longest name that stands between the mark at `at` and one that closes it; null where none does. */
function nameBehind(text, at, closing, known) {
  let start = at + 1;
  while (start - at <= SLACK && SPACE.test(text[start] ?? "")) start += 1;
  if (closing === '"' && start > at + 1) return null; // what lies between two quotations begins like this
  let best = null;
  for (let mark = start + 1; mark <= start + known.longest + SLACK && mark < text.length; mark += 1) {
    if (text[mark] !== closing) continue;
    let end = mark;
    while (mark - end < SLACK && SPACE.test(text[end - 1])) end -= 1;
    if (closing === '"' && end < mark) continue;
    const name = nameAt(text, start, end, known) ?? (ENDING.test(text[end - 1]) ? nameAt(text, start, end - 1, known) : null);
    if (name) best = { end: mark, range: { start, end: start + name.length, kind: "category", id: known.names.get(name) } };
  }
  return best;
}

function nameAt(text, start, end, { names, lengths }) {
  if (!lengths.has(end - start)) return null;
  const name = text.slice(start, end);
  return names.has(name) ? name : null;
}

function numbered(text, pictures) {
  const found = [];
  for (const called of text.matchAll(CALLED)) {
    const isOne = called[1] !== undefined && !called[1].toLowerCase().endsWith("s");
    const numbers = numbersFrom(text, called.index + called[0].length, isOne);
    if (numbers.length === 1) numbers[0].start = called.index; // "picture 12" as a whole
    found.push(...numbers.filter(({ number }) => number >= 1 && number <= pictures));
  }
  return found;
}

function numbersFrom(text, from, isOne) {
  const found = [];
  let at = from;
  while (at < text.length) {
    NUMBER.lastIndex = at;
    const digits = NUMBER.exec(text)?.[0];
    if (!digits) break;
    at += digits.length;
    found.push({ start: at - digits.length, end: at, kind: "picture", number: Number(digits.normalize("NFKC")) });
    BETWEEN.lastIndex = at;
    const between = isOne ? null : BETWEEN.exec(text);
    if (!between) break;
    at += between[0].length;
  }
  return found;
}

/** Both in order; a picture's number inside a category's name is part of the name. */
function inOrder(categories, pictures) {
  const all = [...categories, ...pictures].sort((one, other) => one.start - other.start || one.kind.localeCompare(other.kind));
  let end = 0;
  return all.filter((one) => {
    const isFree = one.start >= end;
    if (isFree) end = one.end;
    return isFree;
  });
}
