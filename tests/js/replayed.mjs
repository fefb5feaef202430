/* What a replay shows after the last of a workspace's events: lines of {opening, frames} in, lines of
 * {categories, runs, test, said} out. */

import { createInterface } from "node:readline";
import { createTimeline } from "../../duetml/workspace/static/workspace/js/replay/timeline.js";

for await (const line of createInterface({ input: process.stdin })) {
  const { opening, frames } = JSON.parse(line);
  const timeline = createTimeline(opening);
  for (let at = 0; at < frames.length; at += 7) timeline.add(frames.slice(at, at + 7));
  const { state, talk } = timeline.at(frames.length);
  const shown = {
    categories: state.categories.map(({ id, name, mark, images }) => [id, name, mark, images]),
    runs: state.runs.map(({ number, state }) => [number, state]),
    test: state.test?.state ?? null,
    said: talk.messages.map(({ author, text }) => [author, text]),
  };
  process.stdout.write(`${JSON.stringify(shown)}\n`);
}
