/* Events and actions that the plain workspace does not have. studio.js loads this, and no other page knows of it. */

import { append, ordered, without } from "./arrangement.js";
import { alsoPredict } from "./predict.js";
import { alsoApply, applyChange, arranged, settled } from "./state.js";

alsoApply({
  "category.merged": (state, { category, into, images }) =>
    arranged(state, append(without(state.categories, [category]), into, images)),
  "categories.ordered": (state, { order }) => arranged(state, ordered(state.categories, order)),
  "images.copied": (state, { category, images }) => arranged(state, append(state.categories, category, images)),
  "map.requested": (state, { map, images }) => ({ ...state, map: { id: map, state: "queued", images, reason: "" } }),
  "map.done": (state, { map }) => settled(state, "map", map, { state: "done" }),
  "map.failed": (state, { map, reason }) => settled(state, "map", map, { state: "failed", reason }),
  "parcel.requested": (state, { parcel, run, number }) => ({
    ...state,
    parcel: { id: parcel, run, number, state: "queued", files: [], reason: "" },
  }),
  "parcel.done": (state, { parcel, files }) => settled(state, "parcel", parcel, { state: "done", files }),
  "parcel.failed": (state, { parcel, reason }) => settled(state, "parcel", parcel, { state: "failed", reason }),
});

alsoPredict({
  "category.move": (state, { category, to }) => arranged(state, ordered(state.categories, orderWith(state, category, to))),
  "category.merge": (state, { category, into }) => {
    const leaving = state.categories.find((one) => one.id === category);
    if (!leaving || !state.categories.some((one) => one.id === into) || category === into) return state;
    return arranged(state, append(without(state.categories, [category]), into, leaving.images));
  },
  "images.copy": (state, payload) => applyChange(state, "images.copied", payload),
});

function orderWith(state, category, to) {
  const others = state.categories.map((one) => one.id).filter((id) => id !== category);
  return others.toSpliced(to, 0, category);
}
