/* For tests/integration/test_page_agrees.py: hears of a workspace's life, one line of JSON each, and answers with a line
 * of JSON: what the page would have shown differently from the server.
 *
 * life: {hello, steps: [{id, action, payload, events, after}]}: `after` is the server's state after the step; `action`
 * is null where a worker or an upload did it.
 */

import { createInterface } from "node:readline";

import { isDeepStrictEqual } from "node:util";

import "../../duetml/workspace/static/workspace/js/logic/beyond.js";
import { predict } from "../../duetml/workspace/static/workspace/js/logic/predict.js";
import { applyEvent, openState } from "../../duetml/workspace/static/workspace/js/logic/state.js";

const NAMING = ["category.create", "category.rename"]; // the server tidies names
const WAITING = ["data.restore"]; // the page waits for the server

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(differences(JSON.parse(line))));
}

function differences({ hello, steps }) {
  const found = [];
  let state = openState(hello);
  for (const [at, { id, action, payload, events, after }] of steps.entries()) {
    const expected = shown(openState({ seq: 0, state: after }));
    if (action && !WAITING.includes(action)) {
      const made = events.find(({ kind }) => kind === "category.created")?.payload.category;
      const guessed = shown(predict(state, [{ id, action, payload }]), { [id]: made });
      const isSeen = !action.startsWith("history.") || knows(state, action);
      for (const part of isSeen ? ["categories", "history", "stale"] : ["history"]) {
        const [mine, its] = [guessed, expected].map((one) => (NAMING.includes(action) ? nameless(one) : one)[part]);
        if (!isDeepStrictEqual(mine, its)) found.push({ at, action, payload, part, predicted: mine, server: its });
      }
    }
    state = events.reduce(applyEvent, state);
    const page = shown(state);
    for (const part of Object.keys(expected)) {
      if (isDeepStrictEqual(page[part], expected[part])) continue;
      found.push({ at, action, payload, part, page: page[part], server: expected[part] });
    }
  }
  return found;
}

function shown({ categories, images, history: { undo, redo }, training, runs, test }, names = {}) {
  return {
    categories: categories.map(({ id, name, position, mark, images: mine }) => ({
      id: names[id] ?? id,
      name,
      position,
      mark,
      images: mine,
    })),
    images: images.map(({ id, origin }) => ({ id, origin })),
    history: { undo, redo },
    stale: training ? training.stale : null,
    runs: runs.map(({ id, number, state, reason }) => ({ id, number, state, reason })),
    test: test && { id: test.id, state: test.state, images: test.images },
  };
}

function nameless(one) {
  return { ...one, categories: one.categories.map((category) => ({ ...category, name: "" })) };
}

function knows({ history }, action) {
  return action === "history.undo" ? history.befores.length > 0 : history.afters.length > 0;
}
