/* What takes an action back: a list of actions, empty where there is nothing to take back.
 * A deleted category comes back under a new id; MADE stands for it in the actions that follow. */

import { imagesOf } from "./state.js";

export const MADE = "made";

/** `state` is the one before the action. */
export function inverse(state, action, payload) {
  switch (action) {
    case "images.add":
      return putBack(state, payload);
    case "images.remove":
      return [{ action: "images.add", payload }];
    case "category.rename": {
      const was = state.categories.find((category) => category.id === payload.category);
      return was ? [{ action, payload: { ...payload, name: was.name } }] : [];
    }
    case "category.delete":
      return bringBack(state, payload.category);
    default:
      return [];
  }
}

/** Every picture to where it was. */
function putBack(state, { category, images }) {
  const homes = new Map();
  for (const id of images) {
    const home = state.images.find((image) => image.id === id)?.category ?? null;
    if (home !== category) homes.set(home, [...(homes.get(home) ?? []), id]);
  }
  return [...homes].map(([home, ids]) =>
    home === null
      ? { action: "images.remove", payload: { category, images: ids } }
      : { action: "images.add", payload: { category: home, images: ids } },
  );
}

function bringBack(state, id) {
  const was = state.categories.find((category) => category.id === id);
  if (!was) return [];
  const images = imagesOf(state, id).map((image) => image.id);
  const create = { action: "category.create", payload: { name: was.name } };
  return images.length ? [create, { action: "images.add", payload: { category: MADE, images } }] : [create];
}
