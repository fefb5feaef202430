/* A workspace at any of its events: what the workspace's page would have known then, by the page's own rules. */

import "../logic/beyond.js";
import { applyToConversation, openConversation } from "../logic/conversation.js";
import { applyEvent, openState } from "../logic/state.js";

const EVERY = 200; // events from one kept state to the next: as many at most are applied to reach any moment

/** {add(frames), length, frame(number), at(number)}: `at(n)` is {state, talk} after event n, 0 being before the first. */
export function createTimeline(opening) {
  const frames = [];
  const kept = [{ state: openState(opening), talk: openConversation({}) }];
  let last = { number: 0, moment: kept[0] };

  function at(number) {
    const wanted = Math.max(0, Math.min(frames.length, number));
    const from = Math.min(Math.floor(wanted / EVERY), kept.length - 1) * EVERY;
    let { number: now, moment } = last.number <= wanted && last.number >= from ? last : { number: from, moment: kept[from / EVERY] };
    while (now < wanted) {
      moment = after(moment, frames[now]);
      now += 1;
      if (now % EVERY === 0) kept[now / EVERY] ??= moment;
    }
    last = { number: wanted, moment };
    return moment;
  }

  return {
    add: (more) => void frames.push(...more),
    get length() {
      return frames.length;
    },
    /** Event number n, from 1. */
    frame: (number) => frames[number - 1] ?? null,
    at,
    /** The event before or after `number` for which `isMark`, or null. */
    find(number, direction, isMark) {
      for (let one = number + direction; one >= 1 && one <= frames.length; one += direction) {
        if (isMark(frames[one - 1])) return one;
      }
      return null;
    },
  };
}

/** A payload that was purged is empty and changes nothing. */
function after({ state, talk }, frame) {
  const isPurged = Object.keys(frame.payload).length === 0;
  if (isPurged) return { state: { ...state, seq: frame.seq }, talk };
  return { state: applyEvent(state, frame), talk: talkAfter(talk, frame) };
}

/** The greeting is said before any page is open, so the page's own rules do not know it. */
function talkAfter(talk, frame) {
  if (frame.kind !== "chat.greeted") return applyToConversation(talk, frame);
  const { message, text, offline } = frame.payload;
  const greeting = { id: message, author: "reactive", text, offline, at: frame.at, call: null };
  return { ...talk, messages: [...talk.messages, greeting] };
}

const MARKS = new Set(["training.done", "agent.answered"]);

/** Where somebody wants to jump to: trainings and advice. */
export function isMark({ kind }) {
  return MARKS.has(kind);
}

/** How long to wait for the next event, in milliseconds: as long as it was, but never through a long silence. */
export function pause(frame, next, speed) {
  const gap = new Date(next.at) - new Date(frame?.at ?? next.at);
  return Math.min(Math.max(gap, 0), LONGEST_SILENCE) / speed;
}

const LONGEST_SILENCE = 8000;
