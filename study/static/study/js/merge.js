/* Putting a fresh part of a page in the place of the old one. */

const made = new WeakMap(); // row → the HTML it came as: what the page writes into it since is no change

/** Replace what differs. Rows of a table that carry a key stay where nothing in them changed; what is unfolded stays
 * unfolded; a link that had the focus has it afterwards. */
export function merge(part, fresh) {
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const address = focused?.getAttribute("href");
  const unfolded = [...part.querySelectorAll("details")].map(({ open }) => open);
  const body = part.querySelector("tbody:has([data-key])");
  const wanted = fresh.querySelector("tbody:has([data-key])");
  if (body && wanted) {
    mergeRows(body, wanted);
    wanted.replaceWith(body);
  }
  part.replaceChildren(...fresh.childNodes);
  [...part.querySelectorAll("details")].forEach((one, index) => (one.open = unfolded[index] ?? one.open));
  if (focused?.isConnected) focused.focus({ preventScroll: true });
  else if (address) part.querySelector(`[href="${CSS.escape(address)}"]`)?.focus({ preventScroll: true });
}

function mergeRows(body, wanted) {
  const known = new Map([...body.children].map((row) => [row.dataset.key, row]));
  const rows = [...wanted.children].map((row) => {
    const html = row.outerHTML;
    const old = known.get(row.dataset.key);
    if (old && made.get(old) === html) return old;
    made.set(row, html);
    return row;
  });
  body.replaceChildren(...rows);
}
