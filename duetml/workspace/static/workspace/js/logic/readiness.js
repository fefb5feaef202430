/* Whether training may start, and if not, what is missing. The server decides; this only explains in time. */

import { isBusy } from "./state.js";

/** {ready, missing: null | "busy" | "categories" | "images", names: [category names without pictures]}. */
export function readiness(state) {
  if (isBusy(state.training)) return { ready: false, missing: "busy", names: [] };
  if (state.categories.length < 2) return { ready: false, missing: "categories", names: [] };
  const empty = state.categories.filter((category) => category.images.length === 0);
  if (empty.length > 0) return { ready: false, missing: "images", names: empty.map((one) => one.name) };
  return { ready: true, missing: null, names: [] };
}
