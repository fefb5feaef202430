/* What happened at an event, in words. */

import { fill } from "../words.js";

/** `words`: by kind, from the page; `state`: as it was after the event. */
export function told({ kind, payload }, words, before, after) {
  const name = (id) => nameIn(after, id) ?? nameIn(before, id) ?? "?";
  const values = {
    ...payload,
    name: payload.name ?? "",
    category: payload.category ? name(payload.category) : "",
    n: payload.images?.length ?? "",
  };
  return fill(words[kind] ?? kind, values);
}

function nameIn(state, id) {
  return state.categories.find((one) => one.id === id)?.name;
}
