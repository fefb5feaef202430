/* Beside a test result: the training pictures that are most like the one tested. */

import { numberOf } from "../../logic/state.js";
import { gettext } from "../../words.js";
import { el, mark } from "../dom.js";
import { addToResults } from "../testing.js";
import { called, thumbUrl } from "../thumbs.js";

const SHOWN = 3;

export function nearest() {
  addToResults((node, { scores, nearest: alike = [] }, state) => {
    if (alike.length === 0 || node.querySelector(".nearest")) return;
    const names = new Map(scores.map(({ category, name }) => [category, name]));
    const list = el("ul", {}, ...alike.slice(0, SHOWN).map((one) => picture(one, names, state)));
    const text = el("p", { class: "soft small" }, gettext("because it looks like these:"));
    node.querySelector(".home").before(el("div", { class: "nearest" }, text, list));
  });
}

function picture({ image, category }, names, state) {
  const known = state.categories.find(({ id }) => id === category);
  const alt = called(numberOf(state, image));
  const name = known?.name ?? names.get(category) ?? "";
  const img = el("img", { src: thumbUrl(image), alt, width: 64, height: 64, loading: "lazy", decoding: "async" });
  return el("li", {}, img, el("span", {}, known ? mark(known.mark) : "", el("span", {}, name)));
}
