/* What happens in the chat, for people who listen to the page: each thing once, a message when it is whole. */

import { el } from "./dom.js";

const KEPT = 3; // what came at the same time is said one after the other

/** `words(line)`: what is said of a line, "" for nothing. What this returns is told all lines, and gives those that are
 * news. */
export function telling(place, words) {
  let known = null; // null before the first look: what is there then is no news

  return (lines) => {
    const stages = lines.map((line) => [stageOf(line), line]);
    const fresh = known === null ? [] : stages.filter(([stage, line]) => !known.has(stage) && !isEndOfStopping(line));
    known = new Set([...(known ?? []), ...stages.map(([stage]) => stage)]);
    const news = fresh.map(([, line]) => line);
    place.append(...news.map(words).filter(Boolean).slice(-KEPT).map((text) => el("p", {}, text)));
    while (place.children.length > KEPT) place.firstElementChild.remove();
    return news;
  };

  /** Whoever stopped an answer knows what there is of it. */
  function isEndOfStopping({ key, stopped }) {
    return Boolean(stopped) && known.has(`stopping ${key}`);
  }
}

function stageOf({ key, id, phase, kind }) {
  if (phase === "said") return `said ${id}`;
  return phase === "stopping" || kind === "stopped" ? `stopping ${key}` : `begun ${key}`;
}
