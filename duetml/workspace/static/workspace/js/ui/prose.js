/* An agent's words in the page: a tree from logic/markdown.js made of elements and text, never of HTML. */

import { el } from "./dom.js";

const ELEMENTS = { strong: "strong", em: "em", code: "code" };
const shown = new WeakMap(); // element → what each of its blocks was made from

/** Blocks that stay the same keep their elements. `link(range, text)` gives the element for a kept piece, or null. */
export function showProse(element, blocks, link) {
  const before = shown.get(element) ?? [];
  const now = blocks.map((block) => JSON.stringify(block));
  const same = now.findIndex((block, index) => block !== before[index]);
  const from = same < 0 ? now.length : same;
  while (element.children.length > from) element.lastElementChild.remove();
  element.append(...blocks.slice(from).map((block) => blockOf(block, link)));
  shown.set(element, now);
}

function blockOf(block, link) {
  if (block.type === "paragraph") return el("p", {}, ...linesOf(block.lines, link));
  const items = block.items.map((lines) => el("li", {}, ...linesOf(lines, link)));
  return block.first === null ? el("ul", {}, ...items) : el("ol", { start: block.first }, ...items);
}

function linesOf(lines, link) {
  return lines.flatMap((pieces, index) => [...(index > 0 ? [el("br")] : []), ...pieces.map((piece) => pieceOf(piece, link))]);
}

function pieceOf(piece, link) {
  if (piece.children) return el(ELEMENTS[piece.type], {}, ...piece.children.map((child) => pieceOf(child, link)));
  if (piece.type === "code") return el("code", {}, piece.text);
  return (piece.type === "kept" && link(piece.range, piece.text)) || document.createTextNode(piece.text);
}
