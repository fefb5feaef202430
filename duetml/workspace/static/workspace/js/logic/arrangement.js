/* Who is where: the categories in their order, each with its pictures in theirs. Pure and shared: what a function does
 * not change keeps its identity, so that comparing two arrangements costs no more than what differs.
 *
 * [{id, name, position, mark, images: [id, …]}, …]
 */

export function inOrder(categories) {
  return [...categories].sort((one, other) => one.position - other.position);
}

/** Set a category, or add it, where its position says. */
export function withCategory(categories, category) {
  return inOrder([...categories.filter((one) => one.id !== category.id), category]);
}

export function without(categories, ids) {
  const gone = new Set(ids);
  return categories.some((one) => gone.has(one.id)) ? categories.filter((one) => !gone.has(one.id)) : categories;
}

export function renamed(categories, id, name) {
  return changed(categories, id, (one) => (one.name === name ? one : { ...one, name }));
}

/** Pictures leave a category. */
export function take(categories, id, images) {
  const leaving = new Set(images);
  return changed(categories, id, (one) =>
    one.images.some((image) => leaving.has(image))
      ? { ...one, images: one.images.filter((image) => !leaving.has(image)) }
      : one,
  );
}

/** Pictures join a category, behind those that are there. */
export function append(categories, id, images) {
  return changed(categories, id, (one) => {
    const there = new Set(one.images);
    const coming = [...new Set(images)].filter((image) => !there.has(image));
    return coming.length ? { ...one, images: [...one.images, ...coming] } : one;
  });
}

/** All categories in a new order, given by their ids. */
export function ordered(categories, order) {
  const places = new Map(order.map((id, position) => [id, position]));
  const moved = categories.map((one) => {
    const position = places.get(one.id) ?? one.position;
    return position === one.position ? one : { ...one, position };
  });
  return inOrder(moved);
}

/** The same categories, names, places and pictures in the same order? */
export function isSame(one, other) {
  return one === other || (one.length === other.length && one.every((category, at) => isTwin(category, other[at])));
}

/** The same pictures in the same categories? Names and order teach a classifier nothing. */
export function isSameData(one, other) {
  if (one === other) return true;
  const others = new Map(other.map((category) => [category.id, category.images]));
  return one.length === other.length && one.every(({ id, images }) => others.has(id) && isSameSet(images, others.get(id)));
}

function changed(categories, id, change) {
  const at = categories.findIndex((one) => one.id === id);
  if (at < 0) return categories;
  const now = change(categories[at]);
  return now === categories[at] ? categories : categories.with(at, now);
}

function isTwin(one, other) {
  if (one === other) return true;
  const isAlike = ["id", "name", "position", "mark"].every((field) => one[field] === other[field]);
  return isAlike && isSameList(one.images, other.images);
}

function isSameList(one, other) {
  return one === other || (one.length === other.length && one.every((value, at) => value === other[at]));
}

function isSameSet(one, other) {
  if (isSameList(one, other)) return true;
  if (one.length !== other.length) return false;
  const known = new Set(other);
  return one.every((value) => known.has(value));
}
