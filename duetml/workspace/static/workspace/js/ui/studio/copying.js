/* The same picture in several categories: by a button beside "Put here", or by a drop with Ctrl or Alt held. */

import { app } from "../../app.js";
import { homesOf } from "../../logic/state.js";
import { fill, gettext, ngettext } from "../../words.js";
import { addToCards } from "../categories.js";
import { announce, el, say } from "../dom.js";
import { arrived, inOrder } from "../placing.js";
import { focusLastPicture } from "../thumbs.js";

export function copying() {
  if (!document.getElementById("copies")) return;
  const isCopying = ({ ctrlKey, altKey }) => ctrlKey || altKey;
  addToCards({
    isCopying,
    create(node, find) {
      const button = el("button", { type: "button", class: "put copy" });
      button.addEventListener("click", () => {
        copy(find(), [...app.selection.ids]);
        focusLastPicture(); // the button is hidden now
      });
      node.querySelector(".put").after(button);
    },
    update(node, category, { state, selection: { ids } }) {
      const button = node.querySelector(".copy");
      const homes = homesOf(state);
      button.hidden = ![...ids].some((id) => homes.has(id)); // from the pool alone, a copy would be a put
      say(button, fill(ngettext("Copy %(n)s here", "Copy %(n)s here", ids.size), { n: ids.size }));
      const text = ngettext("Copy %(n)s picture into %(name)s", "Copy %(n)s pictures into %(name)s", ids.size);
      button.setAttribute("aria-label", fill(text, { n: ids.size, name: category.name }));
    },
    drop(category, images, { event }) {
      if (!isCopying(event)) return false;
      copy(category, images);
      return true;
    },
  });
}

function copy(category, images) {
  const there = new Set(category.images);
  const { length: n } = images.filter((id) => !there.has(id));
  if (n === 0) return announce(fill(gettext("Already in %(name)s"), category));
  app.act("images.copy", { category: category.id, images: inOrder(images) });
  arrived(category, images);
  const text = ngettext("%(n)s picture copied into %(name)s", "%(n)s pictures copied into %(name)s", n);
  return announce(fill(text, { n, name: category.name }));
}
