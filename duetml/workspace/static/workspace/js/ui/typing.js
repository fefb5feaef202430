/* The assistant that speaks by itself does not break in while the person writes, in the chat or anywhere else. */

import { app } from "../app.js";

const PAUSE = 3000; // milliseconds between two signs of it
const FIELDS = "textarea, input:not([type]), input[type=text], input[type=search]";

export function typing() {
  let isHeeded = false;
  let toldAt = -PAUSE;

  document.addEventListener("input", ({ target, timeStamp }) => {
    if (!isHeeded || timeStamp - toldAt < PAUSE || !target.matches(FIELDS)) return;
    if (app.tell({ type: "typing" })) toldAt = timeStamp;
  });

  return ({ state, isOver }, talk) => {
    isHeeded = Boolean(state.features.proactive) && talk.attentive && talk.proactiveOn && !isOver;
  };
}
