/* A row of buttons, one for each category: what is chosen here is put there. */

import { app } from "../../app.js";
import { homesOf } from "../../logic/state.js";
import { fill, gettext, ngettext } from "../../words.js";
import { announce, el, keyed, mark, say } from "../dom.js";

/** Draw them into `place`; `put(category)` is called with the one that was pressed. */
export function drawTargets(place, state, count, put) {
  keyed(place, state.categories, (category) => app.keyOf(category.id), create, (node, category) => {
    if (node.dataset.mark !== String(category.mark)) {
      node.dataset.mark = category.mark;
      node.firstElementChild.replaceWith(mark(category.mark));
    }
    node.onclick = () => put(category);
    say(node.lastElementChild, category.name);
    const text = ngettext("Put %(n)s picture into %(name)s", "Put %(n)s pictures into %(name)s", count);
    node.setAttribute("aria-label", fill(text, { n: count, name: category.name }));
  });
}

function create() {
  return el("button", { type: "button" }, el("span"), el("span"));
}

/** Put pictures into a category, and say so; with `source` they leave that category only. */
export function putInto(category, images, source = null) {
  if (images.length === 0) return;
  app.act("images.add", { category: category.id, images, ...(source && source !== category.id ? { source } : {}) });
  const text = ngettext("%(n)s picture put into %(name)s", "%(n)s pictures put into %(name)s", images.length);
  announce(fill(text, { n: images.length, name: category.name }));
}

/** The categories a picture is in, in the order of the page. */
export function homesIn(state, image) {
  const homes = homesOf(state).get(image) ?? [];
  return state.categories.filter(({ id }) => homes.includes(id));
}

/** "Picture 12", or "Picture 12, in Toys". */
export function described(number, homes) {
  if (homes.length === 0) return fill(gettext("Picture %(number)s"), { number });
  return fill(gettext("Picture %(number)s, in %(names)s"), { number, names: homes.map(({ name }) => name).join(", ") });
}
