/* Putting pictures into categories, from wherever the person does it. */

import { app } from "../app.js";
import { NOTHING } from "../logic/selection.js";
import { fill, ngettext } from "../words.js";
import { announce } from "./dom.js";

const listeners = [];

/** `listen(category id, images)`: this person has just put pictures into a category. */
export function onPut(listen) {
  listeners.push(listen);
}

/** The pictures leave `source`, or every other category where none is given. */
export function put(category, images, source = null) {
  if (images.length === 0 || !category || category.id === source) return;
  app.act("images.add", { category: category.id, images: inOrder(images), ...leaving(source) });
  arrived(category, images);
  const text = ngettext("%(n)s picture put into %(name)s", "%(n)s pictures put into %(name)s", images.length);
  announce(fill(text, { n: images.length, name: category.name }));
}

/** The selection has done its work; show what has come. */
export function arrived(category, images) {
  app.select(NOTHING);
  listeners.forEach((listen) => listen(category.id, images));
}

/** Back to the pool: out of `source`, or out of every category. */
export function takeOut(images, source = null) {
  const wanted = new Set(images);
  const homes = app.state.categories.filter((category) => category.images.some((id) => wanted.has(id)));
  if (homes.length === 0) return;
  const category = homes.some(({ id }) => id === source) ? { category: source } : {};
  app.act("images.remove", { ...category, images });
  app.select(NOTHING);
  const text = ngettext("%(n)s picture back in the pool", "%(n)s pictures back in the pool", wanted.size);
  announce(fill(text, { n: wanted.size }));
}

/** Pictures in the order in which the workspace shows them, however they were selected. */
export function inOrder(images) {
  const wanted = new Set(images);
  return app.state.images.map(({ id }) => id).filter((id) => wanted.has(id));
}

/** Only where a picture can be in several categories does it matter which one it leaves. */
function leaving(source) {
  const { features, categories } = app.state;
  return features.copies && categories.some(({ id }) => id === source) ? { source } : {};
}
