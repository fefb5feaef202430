/* Whether a run belongs to the pictures on the page. */

import { app } from "../app.js";
import { dataText, isStale } from "../logic/freshness.js";
import { sha256 } from "../net/digest.js";

const digests = new WeakMap(); // of arrangements: null while it is being made

/** The page is drawn again when a better answer is known. */
export function isOutdated(state, run) {
  const { categories } = state;
  if (!run.learnedFrom && !digests.has(categories)) digest(categories);
  return isStale(state, run, digests.get(categories));
}

async function digest(categories) {
  digests.set(categories, null);
  digests.set(categories, await sha256(dataText(categories)));
  app.changed();
}
