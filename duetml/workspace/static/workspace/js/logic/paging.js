/* A grid of pictures shown in pages of whole rows. Pictures are counted from 0 over all pages. */

/** {columns, size}: how many pictures fit side by side, and on a page, of at least `least` pixels each. */
export function fit(width, { least, gap, rows }) {
  const columns = Math.max(1, Math.floor((width + gap) / (least + gap)));
  return { columns, size: columns * rows };
}

export function pageCount(total, size) {
  return Math.max(1, Math.ceil(total / size));
}

export function pageOf(at, size) {
  return Math.floor(at / size);
}

/** The page itself, or the last one where there are not so many any more. */
export function existing(page, total, size) {
  return Math.max(0, Math.min(page, pageCount(total, size) - 1));
}

/** Where a key leads from picture `at`; null where it leads nowhere. Arrows go on over the edge of a page. */
export function whereKeyLeads(key, at, total, { columns, size }) {
  const last = total - 1;
  const down = (by, unit) => (Math.floor(at / unit) < Math.floor(last / unit) ? Math.min(at + by, last) : at);
  const up = (by) => (at - by >= 0 ? at - by : at);
  const to = {
    ArrowLeft: () => up(1),
    ArrowRight: () => Math.min(at + 1, last),
    ArrowUp: () => up(columns),
    ArrowDown: () => down(columns, columns),
    PageUp: () => up(size),
    PageDown: () => down(size, size),
    Home: () => 0,
    End: () => last,
  }[key]?.();
  return to === undefined || to === at || total === 0 ? null : to;
}
