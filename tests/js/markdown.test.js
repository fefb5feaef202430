import assert from "node:assert/strict";
import { test } from "node:test";

import { parse, plainText } from "../../duetml/workspace/static/workspace/js/logic/markdown.js";

/** The tree in short: bold as <b>, italic as <i>, code as <c>, kept as <k>, a line break as /, blocks apart by |. */
function short(text, options) {
  return parse(text, options).map(block).join(" | ");
}

function block({ type, first, lines, items }) {
  if (type === "paragraph") return lines.map(pieces).join(" / ");
  return `${first ?? "•"}[${items.map((item) => item.map(pieces).join(" / ")).join("; ")}]`;
}

const MARKS = { strong: "b", em: "i", code: "c", kept: "k" };

function pieces(all) {
  return all.map(({ type, text, children }) => (type === "text" ? text : `<${MARKS[type]}>${text ?? pieces(children)}</${MARKS[type]}>`)).join("");
}

for (const [said, shown] of [
  ["plain words", "plain words"],
  ["**bold** and *italic* and `code`", "<b>bold</b> and <i>italic</i> and <c>code</c>"],
  ["__bold__ and _italic_", "<b>bold</b> and <i>italic</i>"],
  ["***both***", "<b><i>both</i></b>"],
  ["**a *b* c**", "<b>a <i>b</i> c</b>"],
  ["これは**太字**です。*強調*も", "これは<b>太字</b>です。<i>強調</i>も"],
  ["one\ntwo\n\nthree", "one / two | three"],
  ["so:\n- a\n* b\n• **c**", "so: | •[a; b; <b>c</b>]"],
  ["1. a\n2) b\n\n3. c\nand", "1[a; b; c] | and"],
  ["1. a\n   - b\n2. c", "1[a] | •[b] | 2[c]"],
  ["- a\n  goes on", "•[a / goes on]"],
  ["## Heading **here**\ntext", "<b>Heading <b>here</b></b> | text"],
  ["`*no* **marks**`", "<c>*no* **marks**</c>"],
  ["\\*no\\* \\\\ \\`", "*no* \\ `"],
]) {
  test(`what models write is read: ${JSON.stringify(said)}`, () => assert.equal(short(said), shown));
}

for (const text of [
  "snake_case_name and 2*3*4 and a * b * c",
  "**open and _open and `open",
  "**** ** * _ __ ``` ``",
  "f***",
  "[a link](javascript:alert(1)) ![a picture](https://example.org/x.png)",
  "<https://example.org> https://example.org www.example.org",
  "<img src=x onerror=alert(1)> <script>alert(1)</script> &lt;b&gt; &#x2a;",
  "[a]: https://example.org",
  "> quoted",
  "| a | b |",
  "--- and 3.5 and 1.a",
  "1234. not a list",
]) {
  test(`what is no mark stays text: ${text}`, () => assert.equal(short(text), text));
}

test("a mark that is not closed is shown as it is, around others that are", () => {
  assert.equal(short("*a **b* c**"), "<i>a **b</i> c**");
  assert.equal(short("**one\ntwo**"), "**one / two**");
});

test("while more is coming, what is open counts as closed, and half a mark is not shown", () => {
  const growing = (text) => short(text, { isGrowing: true });
  assert.equal(growing("see **bol"), "see <b>bol</b>");
  assert.equal(growing("see **bold*"), "see <b>bold</b>");
  assert.equal(growing("see **"), "see ");
  assert.equal(growing("see `co"), "see <c>co</c>");
  assert.equal(growing("**one\ntwo *th"), "**one / two <i>th</i>");
  assert.equal(growing("so:\n- a\n-"), "so: | •[a]");
  assert.equal(growing("so:\n1. "), "so:");
  assert.equal(short("see **bol"), "see **bol");
});

test("kept stretches are taken as they are, one by one", () => {
  const text = "“*a*” or **“b_c_d”**\n- `“e”` and “*f”";
  const kept = ["*a*", "b_c_d", "e", "*f"].map((name) => {
    const start = text.indexOf(`“${name}”`) + 1;
    return { start, end: start + name.length };
  });
  assert.equal(short(text, { kept }), "“<k>*a*</k>” or <b>“<k>b_c_d</k>”</b> | •[<c>“e”</c> and “<k>*f</k>”]");
});

test("what is read aloud has no marks", () => {
  assert.equal(plainText(parse("# One\n- **two** `three`\n- _four_\n\nfive")), "One\ntwo three\nfour\nfive");
});

for (const piece of ["*", "**a", "*a ", "_", "[", "`", "``a`", "`a ", "<", "# ", "- ", "\\", "\n", " ", "**a** ", "1. ", "*_", "> ", "***a* "]) {
  test(`a hundred thousand characters of ${JSON.stringify(piece)} are read at once`, () => {
    const text = piece.repeat(Math.ceil(100_000 / piece.length));
    const began = performance.now();
    parse(text);
    parse(text, { isGrowing: true });
    assert.ok(performance.now() - began < 5000, "not linear"); // some hundredths of that, where nobody else computes
  });
}

test("nothing of a text is lost or made up, whatever it is made of", () => {
  let seed = 1;
  const draw = (n) => (seed = (seed * 48271) % 2147483647) % n;
  const parts = ["*", "**", "_", "__", "`", "a", " ", "b c", "「", "[x](y)", "<b>", "***"];
  for (let round = 0; round < 3000; round += 1) {
    const text = Array.from({ length: 1 + draw(12) }, () => parts[draw(parts.length)]).join("");
    const marks = /[*_`\s]/g;
    assert.equal(plainText(parse(text)).replace(marks, ""), text.replace(marks, ""), text);
    parse(text, { isGrowing: true });
  }
});
