/* E and F: ask about the training data, ask about the test results. */

import { app } from "../app.js";
import { openDrawer } from "./drawer.js";

const DOUBLE_CLICK = 1000; // milliseconds in which a second press is not a second question

export function asking() {
  const data = document.getElementById("ask-data");
  const test = document.getElementById("ask-test");
  let askedAt = 0;

  data?.addEventListener("click", () => ask("chat.ask_data"));
  test?.addEventListener("click", () => ask("chat.ask_test"));

  function ask(action) {
    if (Date.now() - askedAt < DOUBLE_CLICK) return;
    askedAt = Date.now();
    app.act(action);
    openDrawer();
  }

  return ({ state, queue, isOver }) => {
    if (data) data.disabled = isOver || queue.some((entry) => entry.action === "chat.ask_data");
    if (test) {
      const hasResults = state.test?.state === "done";
      test.disabled = isOver || !hasResults || queue.some((entry) => entry.action === "chat.ask_test");
    }
  };
}
