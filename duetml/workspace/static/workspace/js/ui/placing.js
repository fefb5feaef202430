/* Putting pictures into categories, from wherever the person does it. */

import { app } from "../app.js";
import { NOTHING } from "../logic/selection.js";
import { fill, gettext, ngettext } from "../words.js";
import { announce } from "./dom.js";

export function put(category, images) {
  if (images.length === 0) return;
  app.act("images.add", { category: category.id, images });
  app.select(NOTHING);
  const text = ngettext("%(n)s picture put into %(name)s", "%(n)s pictures put into %(name)s", images.length);
  announce(fill(text, { n: images.length, name: category.name }));
}

/** Back to the pool: one action for every category the pictures come from. */
export function takeOut(state, ids) {
  const wanted = new Set(ids);
  for (const category of state.categories) {
    const images = category.images.filter((id) => wanted.has(id));
    if (images.length > 0) app.act("images.remove", { category: category.id, images });
  }
  app.select(NOTHING);
  announce(gettext("Back in the pool"));
}
