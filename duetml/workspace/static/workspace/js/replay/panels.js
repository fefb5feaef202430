/* The panels of a replay: each draws what it is given, and nothing that has not changed. */

import { linesOf } from "../logic/conversation.js";
import { parse } from "../logic/markdown.js";
import { countUsed, numberOf } from "../logic/state.js";
import { el, keyed, mark, say } from "../ui/dom.js";
import { showProse } from "../ui/prose.js";
import { fill } from "../words.js";
import { told } from "./telling.js";

const LOG_BEFORE = 10;
const LOG_AFTER = 3;
const RESULTS = 24;

export function createPanels(root, names, words, timeline) {
  const [categories, used, runs, results, chat, log] = ["categories", "used", "runs", "results", "chat", "log"].map((one) =>
    root.querySelector(`[data-${one}]`),
  );
  const drawn = new WeakMap();
  let last = {};

  const picture = (state, id) =>
    el("img", {
      src: `${root.dataset.pictures}${id}/thumb.jpg`,
      alt: fill(names.picture, { n: numberOf(state, id) }),
      loading: "lazy",
      decoding: "async",
    });

  function drawCategories(state) {
    say(used, fill(names.used, { used: countUsed(state), all: state.images.length }));
    keyed(
      categories,
      state.categories,
      ({ id }) => id,
      (one) => el("div", { class: "then-category" }, el("h3", {}, mark(one.mark), el("span"), el("b")), el("div", { class: "then-pictures" })),
      (node, one) => {
        if (drawn.get(node) === one) return;
        drawn.set(node, one);
        say(node.querySelector("h3 span"), one.name);
        say(node.querySelector("h3 b"), String(one.images.length));
        keyed(node.querySelector(".then-pictures"), one.images, (id) => id, (id) => picture(state, id));
      },
    );
  }

  function drawModel(state) {
    keyed(runs, state.runs, ({ id }) => id, () => el("li"), (node, run) => {
      const parts = run.categories.map(({ name, images }) => `${name} ${images}`).join(", ");
      const how = names[run.state] ?? names.queued;
      say(node, `${fill(names.run, { number: run.number })}: ${how} (${parts})`);
    });
    const shown = state.test?.state === "done" ? state.test.results.slice(0, RESULTS) : [];
    keyed(results, shown, ({ image }) => `${state.test.id} ${image}`, ({ image, scores }) => {
      const best = scores[0];
      const said = best ? `${best.name} ${Math.round(best.p * 100)} %` : "–";
      return el("li", {}, picture(state, image), el("span", {}, said));
    });
  }

  function drawChat(talk) {
    const lines = linesOf(talk).filter(({ text }) => text);
    keyed(chat, lines, ({ key }) => key, ({ kind }) => el("li", {}, el("span", { class: "who" }, names[kind] ?? kind), el("div")), (node, line) => {
      if (drawn.get(node) === line.text) return;
      drawn.set(node, line.text);
      if (line.kind === "participant") say(node.lastElementChild, line.text);
      else showProse(node.lastElementChild, parse(line.text, {}), () => null);
    });
    chat.scrollTop = chat.scrollHeight;
  }

  function drawLog(number) {
    const from = Math.max(1, number - LOG_BEFORE);
    const to = Math.min(timeline.length, number + LOG_AFTER);
    const shown = Array.from({ length: Math.max(0, to - from + 1) }, (_none, at) => from + at);
    keyed(log, shown, String, line, (node, one) => {
      if (one === number) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
    });
    timeline.at(number);
  }

  function line(number) {
    const frame = timeline.frame(number);
    const before = timeline.at(number - 1).state;
    const text = told(frame, words, before, timeline.at(number).state);
    return el("li", {}, el("time", { datetime: frame.at }, clock(frame.at)), el("span", {}, text));
  }

  return function draw(number) {
    const { state, talk } = timeline.at(number);
    if (state.categories !== last.categories || state.images !== last.images) drawCategories(state);
    if (state.runs !== last.runs || state.test !== last.test) drawModel(state);
    if (chat && talk !== last.talk) drawChat(talk);
    drawLog(number);
    last = { categories: state.categories, images: state.images, runs: state.runs, test: state.test, talk };
  };
}

export function clock(at) {
  return new Date(at).toLocaleTimeString(document.documentElement.lang, { hour12: false });
}
