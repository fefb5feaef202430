/* The small part of Markdown that models write and a chat shows: bold, italic, code, lists and lines. Everything else is
 * text: links, pictures and HTML are never more than the characters they are made of. In time linear in the text.
 *
 * parse() gives blocks: {type: "paragraph", lines: [pieces]}, {type: "list", first, items: [lines]} with `first` the
 * number of the first item, null for bullets. Pieces: {type: "text" | "code" | "kept", text},
 * {type: "strong" | "em", children: [pieces]}.
 */

const BULLET = /^\s*[-*+•][ \t]+(?=\S)/;
const NUMBER = /^\s*(\d{1,3})[.)][ \t]+(?=\S)/;
const HEADING = /^ {0,3}#{1,6}[ \t]+(?=\S)/;
const HALF_MARK = /^\s*(?:[-+•]|#{1,6}|\d{1,3}[.)])\s*$/;
const ESCAPED = "\\*_`#";
const LATIN = /[A-Za-z0-9]/;
const SPACE = /\s/;
const LONGEST_RUN = 3; // of stars: more of them are no emphasis

/** kept: [{start, end, …}] in order: stretches of the text that are taken as they are; their piece has it as `range`.
 * isGrowing: more of the text is coming, or was to come, so that what is open at its end counts as closed there. */
export function parse(text, { kept = [], isGrowing = false } = {}) {
  const whole = isGrowing ? withoutHalfMarks(text) : text;
  const ranges = { all: kept, at: 0 };
  const blocks = [];
  let open = null; // the block that the next line may belong to
  let start = 0;
  for (const line of whole.split("\n")) {
    const at = start;
    start += line.length + 1;
    if (!line.trim()) {
      open = open?.type === "list" ? open : null;
      continue;
    }
    const read = (from) => inline(line, from, { at, ranges, isGrowing: isGrowing && start > whole.length });
    const [number, bullet, heading] = [NUMBER, BULLET, HEADING].map((pattern) => pattern.exec(line));
    if (number || bullet) {
      const first = number ? Number(number[1]) : null;
      if (open?.type !== "list" || (open.first === null) !== (first === null)) blocks.push((open = { type: "list", first, items: [] }));
      open.items.push([read((number ?? bullet)[0].length)]);
    } else if (heading) {
      blocks.push({ type: "paragraph", lines: [[{ type: "strong", children: read(heading[0].length) }]] });
      open = null;
    } else if (open?.type === "list" && SPACE.test(line[0])) {
      open.items.at(-1).push(read(line.length - line.trimStart().length));
    } else {
      if (open?.type !== "paragraph") blocks.push((open = { type: "paragraph", lines: [] }));
      open.lines.push(read(0));
    }
  }
  return blocks;
}

/** What is read aloud: the words without their marks. */
export function plainText(blocks) {
  const lines = blocks.flatMap((block) => (block.type === "list" ? block.items.flat() : block.lines));
  return lines.map(wordsOf).join("\n");
}

export function wordsOf(pieces) {
  return pieces.map((piece) => piece.text ?? wordsOf(piece.children)).join("");
}

/** The pieces of one line from `from` on. `at`: where the line begins in the whole text. */
function inline(line, from, { at, ranges, isGrowing }) {
  const stack = [{ mark: "", children: [] }]; // the line itself, and every emphasis that is open; each mark once
  let here = from;
  let hasNoCode = false;

  while (here < line.length) {
    const range = rangeAt(at + here, at + line.length, ranges);
    if (range?.start === at + here) {
      push({ type: "kept", text: line.slice(here, range.end - at), range });
      here = range.end - at;
      continue;
    }
    const sign = line[here];
    if (sign === "\\" && here + 1 < line.length && ESCAPED.includes(line[here + 1])) {
      say(line[here + 1]);
      here += 2;
    } else if (sign === "`") {
      here = code(runAt(line, here));
    } else if (sign === "*" || sign === "_") {
      here = emphasis(sign, runAt(line, here));
    } else {
      const end = plainUntil(line, here, range ? range.start - at : line.length);
      say(line.slice(here, end));
      here = end;
    }
  }
  if (isGrowing) while (stack.length > 1) close(stack.length - 1);
  drop(0);
  return stack[0].children;

  function push(piece) {
    stack.at(-1).children.push(piece);
  }

  function say(text) {
    if (!text) return;
    const last = stack.at(-1).children.at(-1);
    if (last?.type === "text") last.text += text;
    else push({ type: "text", text });
  }

  function code(length) {
    const end = length > 1 || hasNoCode ? -1 : nextTick(line, here + 1);
    const isOpen = end < 0 && length === 1 && isGrowing && here + 1 < line.length;
    if (end < 0 && !isOpen) {
      hasNoCode ||= length === 1;
      say("`".repeat(length));
      return here + length;
    }
    push({ type: "code", text: line.slice(here + 1, isOpen ? line.length : end) });
    return isOpen ? line.length : end + 1;
  }

  function emphasis(sign, length) {
    const { opens, closes } = sides(line, here, sign, length);
    let left = length;
    if (length <= LONGEST_RUN && closes) {
      for (let found = innermost(sign, left); found > 0; found = innermost(sign, left)) {
        left -= stack[found].mark.length;
        close(found);
      }
    }
    if (length > LONGEST_RUN || !opens) say(sign.repeat(left));
    else for (const size of left === LONGEST_RUN ? [2, 1] : left > 0 ? [left] : []) begin(sign.repeat(size));
    return here + length;
  }

  function begin(mark) {
    if (stack.some((one) => one.mark === mark)) say(mark);
    else stack.push({ mark, children: [] });
  }

  function innermost(sign, longest) {
    return stack.findLastIndex(({ mark }) => mark.startsWith(sign) && mark.length <= longest);
  }

  function close(index) {
    drop(index);
    const { mark, children } = stack.pop();
    push({ type: mark.length === 2 ? "strong" : "em", children });
  }

  /** What is open above `index` was no emphasis: its mark is text. */
  function drop(index) {
    while (stack.length > index + 1) {
      const { mark, children } = stack.pop();
      say(mark);
      for (const piece of children) piece.type === "text" ? say(piece.text) : push(piece);
    }
  }
}

/** The first range that ends behind `place` and lies in the line; those before it are over. */
function rangeAt(place, lineEnd, ranges) {
  while (ranges.at < ranges.all.length && ranges.all[ranges.at].start < place) ranges.at += 1;
  const range = ranges.all[ranges.at];
  return range && range.end <= lineEnd ? range : null;
}

function plainUntil(line, from, limit) {
  let end = from + 1;
  while (end < limit && !"\\`*_".includes(line[end])) end += 1;
  return end;
}

function runAt(line, from) {
  let end = from + 1;
  while (line[end] === line[from]) end += 1;
  return end - from;
}

/** The next single backtick; those that stand together are none. */
function nextTick(line, from) {
  let place = line.indexOf("`", from);
  while (place >= 0) {
    const length = runAt(line, place);
    if (length === 1) return place > from ? place : -1;
    place = line.indexOf("`", place + length);
  }
  return -1;
}

/** Whether a run of marks may open or close. Within a Latin word only two stars do: 2*3*4 and snake_case are no marks. */
function sides(line, from, sign, length) {
  const before = line[from - 1] ?? " ";
  const after = line[from + length] ?? " ";
  const isStrict = sign === "_" || length === 1;
  return {
    opens: !SPACE.test(after) && !(isStrict && LATIN.test(before)),
    closes: !SPACE.test(before) && !(isStrict && LATIN.test(after)),
  };
}

/** Without marks at the very end: they may be half of a pair, or the beginning of a list. */
function withoutHalfMarks(text) {
  let end = text.length;
  while (end > 0 && "*_`".includes(text[end - 1])) end -= 1;
  const line = text.lastIndexOf("\n", end - 1) + 1;
  return text.slice(0, HALF_MARK.test(text.slice(line, end)) ? line : end);
}
