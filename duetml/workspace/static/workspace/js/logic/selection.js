/* Which pictures are selected. {ids: Set, anchor: id | null}; every function returns a new selection. */

export const NOTHING = { ids: new Set(), anchor: null };

/** Select or unselect one; the next range starts here. */
export function toggle(selection, id) {
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, anchor: id };
}

/** Add everything from the anchor to `id`, both included, in the order shown. */
export function extend(selection, order, id) {
  const from = order.indexOf(selection.anchor);
  const to = order.indexOf(id);
  if (from < 0 || to < 0) return { ids: new Set([...selection.ids, id]), anchor: id };
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ids: new Set([...selection.ids, ...range]), anchor: selection.anchor };
}

export function selectAll(selection, order) {
  return { ids: new Set([...selection.ids, ...order]), anchor: selection.anchor };
}

/** Forget pictures that are no longer there; the same selection where all of them are. */
export function prune(selection, isThere) {
  const ids = new Set([...selection.ids].filter(isThere));
  const anchor = selection.anchor !== null && isThere(selection.anchor) ? selection.anchor : null;
  return ids.size === selection.ids.size && anchor === selection.anchor ? selection : { ids, anchor };
}

/** What a drag or a key acts upon: the selection, or the one picture when it is not part of it. */
export function actingOn(selection, id) {
  if (id === null || selection.ids.has(id)) return [...selection.ids];
  return [id];
}
