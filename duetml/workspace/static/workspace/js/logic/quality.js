/* How good a classifier is, as a person may read it: report.quality in whole numbers, cells and lists. */

/** null where nothing was measured, {why} where it cannot be, else {right, n, low: "79 %", high: "93 %", folds}. */
export function verdictOf(run) {
  const quality = run?.report?.quality;
  if (!quality) return null;
  if (quality.why) return { why: quality.why };
  const { n, accuracy, low, high, folds } = quality;
  return { right: Math.round(accuracy * n), n, low: percent(low), high: percent(high), folds };
}

/** "79 %" */
export function percent(share) {
  return `${Math.round(share * 100)} %`;
}

/** One row per category the person made: [{category, total, cells: [{said, count, share, isRight}]}].
 * `share` is of the row: 0 to 1. */
export function rowsOf({ labels, confusion }) {
  return confusion.map((counts, row) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const cells = counts.map((count, column) => ({
      said: labels[column],
      count,
      share: total ? count / total : 0,
      isRight: row === column,
    }));
    return { category: labels[row], total, cells };
  });
}

/** The pair of categories that is confused most often, or null: {category, said, count, total}. */
export function worstPair(quality) {
  const wrong = rowsOf(quality).flatMap(({ category, total, cells }) =>
    cells.filter((cell) => !cell.isRight && cell.count > 0).map(({ said, count }) => ({ category, said, count, total })),
  );
  return wrong.reduce((worst, pair) => (worst && worst.count >= pair.count ? worst : pair), null);
}

/** The mistakes of one cell of the table, or all of them; the surest first, as they came. */
export function mistakesIn(quality, cell = null) {
  if (!cell) return quality.mistakes;
  return quality.mistakes.filter(({ category, said }) => category === cell.category && said === cell.said);
}

/** Of the pictures now in `category`, those that were recognised. `images` are ids. */
export function recognised(quality, category, images) {
  const wrong = new Set(quality.mistakes.filter((one) => one.category === category).map((one) => one.image));
  return images.filter((image) => !wrong.has(image));
}

/** What became of a mistake: "open" while the picture is where it was, "taken" when the person put it where the
 * classifier saw it, "elsewhere" otherwise. `homes` are the categories it is in now. */
export function fateOf({ category, said }, homes) {
  if (homes.includes(category)) return "open";
  return homes.includes(said) ? "taken" : "elsewhere";
}
