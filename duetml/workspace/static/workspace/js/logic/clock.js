/* Time left, by the server's clock. Milliseconds throughout. */

const LAST_CALL = 2 * 60_000;

/** How far the server's clock is ahead of this browser's. */
export function clockOffset(serverIso, clientNow) {
  return Date.parse(serverIso) - clientNow;
}

/** "08:41"; never below "00:00". A part of a second counts as a whole one, so that 00:00 means over. */
export function minutesAndSeconds(remaining) {
  const seconds = Math.max(0, Math.ceil(remaining / 1000));
  const pad = (number) => String(number).padStart(2, "0");
  return `${pad(Math.floor(seconds / 60))}:${pad(seconds % 60)}`;
}

/** What the clock shows: {left, minimumLeft, isLastCall, isOver, canFinish}; null stands for "no such time". */
export function reading(now, closesAt, minimumAt) {
  const left = closesAt === null ? null : closesAt - now;
  const minimumLeft = minimumAt === null ? 0 : Math.max(0, minimumAt - now);
  return {
    left,
    minimumLeft,
    isLastCall: left !== null && left <= LAST_CALL && left > 0,
    isOver: left !== null && left <= 0,
    canFinish: minimumLeft === 0,
  };
}
