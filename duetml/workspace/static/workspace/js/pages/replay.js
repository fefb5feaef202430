/* The replay of a workspace: its events are fetched in parts, and can be scrubbed through while more arrive. */

import { fill } from "../words.js";
import { clock, createPanels } from "../replay/panels.js";
import { createTimeline, isMark, pause } from "../replay/timeline.js";

const root = document.getElementById("replay");
const names = document.getElementById("replay-names").dataset;
const [opening, words] = ["replay-opening", "replay-words"].map((id) => JSON.parse(document.getElementById(id).textContent));
const [play, scrub, where, here, speed, trouble, noteEvent] = ["play", "scrub", "where", "here", "speed", "trouble", "note-event"].map((one) =>
  root.querySelector(`[data-${one}]`),
);
const timeline = createTimeline(opening);
const draw = createPanels(root, names, words, timeline);
let number = 0;
let wanted = numberIn(location.hash) ?? Number(root.dataset.start); // may be on its way yet
let timer = null;

play.addEventListener("click", () => (timer ? stop() : start()));
scrub.addEventListener("input", () => go(Number(scrub.value)));
for (const button of root.querySelectorAll("[data-step]")) button.addEventListener("click", () => step(Number(button.dataset.step)));
for (const button of root.querySelectorAll("[data-mark]")) button.addEventListener("click", () => jump(Number(button.dataset.mark)));
window.addEventListener("hashchange", () => go(numberIn(location.hash) ?? number));
document.addEventListener("keydown", press);
await load();

async function load() {
  try {
    for (;;) {
      const reply = await fetch(`${root.dataset.events}?after=${timeline.length}`, { redirect: "error" });
      if (!reply.ok) throw new Error(String(reply.status));
      const { events } = await reply.json();
      if (events.length === 0) break;
      timeline.add(events);
      scrub.max = Math.max(Number(root.dataset.count), timeline.length);
      if (wanted > number) show(Math.min(wanted, timeline.length));
    }
  } catch {
    trouble.hidden = false;
  }
  show(Math.min(Math.max(wanted, number), timeline.length));
  root.dataset.ready = "";
}

function numberIn(hash) {
  const found = /^#event=(\d{1,9})$/.exec(hash);
  return found ? Number(found[1]) : null;
}

/** To an event, by a person's wish: playing goes on from there. */
function go(to) {
  wanted = Math.max(0, to);
  show(Math.min(wanted, timeline.length));
  if (timer) start();
}

function show(to) {
  number = to;
  draw(number);
  const frame = timeline.frame(number) ?? timeline.frame(1);
  const time = frame ? clock(frame.at) : "";
  scrub.value = number;
  const text = fill(names.where, { n: number, count: Math.max(Number(root.dataset.count), timeline.length), time });
  where.textContent = text;
  scrub.setAttribute("aria-valuetext", text);
  here.href = `#event=${number}`;
  noteEvent.value = number;
}

function step(by) {
  stop();
  go(number + by);
}

function jump(direction) {
  const found = timeline.find(number, direction, isMark);
  if (found) go(found);
}

function start() {
  clearTimeout(timer);
  const next = timeline.frame(number + 1);
  if (!next) return stop();
  play.textContent = play.dataset.pause;
  timer = setTimeout(() => {
    wanted = number + 1;
    show(wanted);
    start();
  }, pause(timeline.frame(number), next, Number(speed.value)));
}

function stop() {
  clearTimeout(timer);
  timer = null;
  play.textContent = play.dataset.go;
}

const KEYS = {
  " ": () => (timer ? stop() : start()),
  k: () => (timer ? stop() : start()),
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  n: () => jump(1),
  p: () => jump(-1),
  Home: () => step(-number),
  End: () => step(timeline.length - number),
};

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=range]), textarea, select")) return;
  if (event.key === " " && event.target.closest("button, a, summary")) return; // they take it themselves
  const chosen = speed.options[Number(event.key) - 1];
  const act = /^[1-5]$/.test(event.key) ? () => (speed.value = chosen.value) : KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}
