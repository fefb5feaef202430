/* Which pictures are selected, in the pool and in all categories together.
 *
 * {ids: Set, anchor: id | null, place: category id | null}. The anchor is where a range starts. `place` is the
 * category in which all of them were selected, null where it was the pool or several: a picture that is in two
 * categories leaves only that one. Every function returns a new selection.
 */

export const NOTHING = { ids: new Set(), anchor: null, place: null };

/** Select or unselect one; the next range starts here. */
export function toggle(selection, id, place = null) {
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, anchor: id, place: common(selection, place) };
}

/** Add everything from the anchor to `id`, both included, in the order shown. */
export function extend(selection, order, id, place = null) {
  const from = order.indexOf(selection.anchor);
  const to = order.indexOf(id);
  if (from < 0 || to < 0) return { ids: new Set([...selection.ids, id]), anchor: id, place: common(selection, place) };
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ids: new Set([...selection.ids, ...range]), anchor: selection.anchor, place: common(selection, place) };
}

export function selectAll(selection, order, place = null) {
  return { ids: new Set([...selection.ids, ...order]), anchor: selection.anchor, place: common(selection, place) };
}

/** Forget pictures that are no longer there; the same selection where all of them are. */
export function prune(selection, isThere) {
  const ids = new Set([...selection.ids].filter(isThere));
  const anchor = selection.anchor !== null && isThere(selection.anchor) ? selection.anchor : null;
  return ids.size === selection.ids.size && anchor === selection.anchor ? selection : { ...selection, ids, anchor };
}

/** {images, source}: what a drag or a key at picture `id` acts upon, and the category it leaves: the selection, or the
 * one picture when it is not part of it. */
export function actingOn(selection, id, place = null) {
  if (id === null || selection.ids.has(id)) return { images: [...selection.ids], source: selection.place };
  return { images: [id], source: place };
}

function common(selection, place) {
  return selection.ids.size === 0 || selection.place === place ? place : null;
}
