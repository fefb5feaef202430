/* Whether a classifier still belongs to the pictures on the page. Undoing a change makes it belong again: what is
 * compared are arrangements, not how often they changed. */

import { isSameData } from "./arrangement.js";

/** Whether the run saw something else than the page shows. A run this page saw begin is compared picture by picture,
 * an older one by `digest`: the sha256 of dataText, null while it is not known. Then the server's word stands. */
export function isStale(state, run, digest = null) {
  if (run.learnedFrom) return !isSameData(run.learnedFrom, state.categories);
  return digest && run.data_digest ? run.data_digest !== digest : (run.stale ?? true);
}

/** The text whose sha256 the server keeps as a run's data_digest. Names and order teach a classifier nothing. */
export function dataText(categories) {
  const sorted = categories.map(({ id, images }) => [id, [...images].sort()]);
  sorted.sort(([one], [other]) => (one < other ? -1 : 1));
  return listed(sorted.map(([id, images]) => listed([JSON.stringify(id), listed(images.map((image) => JSON.stringify(image)))])));
}

function listed(items) {
  return `[${items.join(", ")}]`;
}
