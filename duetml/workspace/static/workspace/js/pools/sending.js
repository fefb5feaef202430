/* Many files, a few at a time, each until it has an answer. Knows neither the page nor the network. */

import { isHidden } from "../logic/litter.js";

export const AT_ONCE = 2;
const PAUSES = [1000, 2000, 5000, 10000];

/** Files worth sending, in order of their paths: no hidden ones, nothing systems put into folders. */
export function worthSending(files) {
  return files
    .filter((file) => !isHidden(pathOf(file)))
    .sort((one, other) => (pathOf(one) < pathOf(other) ? -1 : 1));
}

/** A file's path below the chosen folder's own name. */
export function pathOf(file) {
  const path = file.webkitRelativePath || file.name;
  return path.includes("/") ? path.slice(path.indexOf("/") + 1) : path;
}

/**
 * Send every file. `send(file)` resolves to {added}, {refused: {message}} or null where nothing was answered: then it is
 * tried again after a pause, until `isStopped()`. `onChange(outcome)` after every answer and before every pause.
 */
export async function sendAll(files, { send, wait, isStopped = () => false, onChange = () => {} }) {
  const outcome = { total: files.length, done: 0, added: 0, duplicates: [], refused: [], isWaiting: false };
  const left = [...files];
  const work = async () => {
    while (left.length && !isStopped()) {
      const file = left.shift();
      const answer = await untilAnswered(file);
      if (answer) note(outcome, pathOf(file), answer);
      onChange(outcome);
    }
  };
  const untilAnswered = async (file) => {
    for (let attempt = 0; !isStopped(); attempt += 1) {
      const answer = await send(file);
      outcome.isWaiting = answer === null;
      if (answer) return answer;
      onChange(outcome);
      await wait(PAUSES[Math.min(attempt, PAUSES.length - 1)]);
    }
    return null;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return outcome;
}

function note(outcome, path, answer) {
  outcome.done += 1;
  if (answer.refused) outcome.refused.push([path, answer.refused.message]);
  else if (answer.added) outcome.added += 1;
  else outcome.duplicates.push(path);
}

export function percent(share) {
  return `${Math.floor(share * 100)} %`;
}
