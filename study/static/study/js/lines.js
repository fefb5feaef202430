/* Lines of a text field, counted from 1. */

/** Select a line, bring it into sight and put the cursor there. */
export function go(text, line) {
  const lines = text.value.split("\n");
  const begin = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  text.focus();
  text.setSelectionRange(begin, begin + (lines[line - 1] ?? "").length);
  text.scrollTop = (line - 3) * Number.parseFloat(getComputedStyle(text).lineHeight);
}
