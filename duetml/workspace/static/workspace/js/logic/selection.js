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

/** Forget pictures that are no longer there. */
export function prune(selection, existing) {
  const known = new Set(existing);
  const ids = new Set([...selection.ids].filter((id) => known.has(id)));
  return { ids, anchor: known.has(selection.anchor) ? selection.anchor : null };
}

/** What a drag or a key acts upon: the selection, or the one picture when it is not part of it. */
export function actingOn(selection, id) {
  if (id === null || selection.ids.has(id)) return [...selection.ids];
  return [id];
}
