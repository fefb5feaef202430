/* D: the chat. What it always says is in the page's templates. */

import { app } from "../app.js";
import { knownThings, namedIn, withBoldNames } from "../logic/advice-links.js";
import { linesOf } from "../logic/conversation.js";
import { parse, plainText } from "../logic/markdown.js";
import { gettext } from "../words.js";
import { keyed, say } from "./dom.js";
import { showJudging } from "./judging.js";
import { linkTo, pointing } from "./pointing.js";
import { showProse } from "./prose.js";
import { telling } from "./telling.js";
import { mayPass, troubleWords } from "./trouble.js";

const NEAR_THE_END = 80;
const TALLEST = 160; // pixels, of the field

export function conversation() {
  const list = document.getElementById("chat-messages");
  const newest = document.getElementById("chat-newest");
  const form = document.getElementById("chat-form");
  const field = form.elements.text;
  const look = onceForTheSame();
  const tell = telling(document.getElementById("chat-live"), wordsFor);
  const drawn = new WeakMap(); // element → what it was drawn from
  let last = {};
  let asked = null; // the person's last message

  pointing(list);
  list.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-stop], [data-retry]");
    if (!button) return;
    const { call } = drawn.get(button.closest(".message")).line;
    app.act("stop" in button.dataset ? "chat.stop" : "chat.retry", { call });
  });
  list.addEventListener("scroll", () => {
    if (isAtTheEnd()) newest.hidden = true;
  });
  newest.addEventListener("click", () => {
    list.focus({ preventScroll: true });
    toTheEnd();
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    field.focus();
    if (!text) return;
    app.act("chat.post", { text });
    write("");
  });

  // What was not taken is not lost: the words are back where they were written, unless there are others by now.
  app.onRefusal(({ id }) => {
    const refused = last.talk?.messages.find((message) => message.isSending && message.id === id);
    if (refused && !field.value) write(refused.text);
  });

  field.addEventListener("input", grow);
  // Enter that ends the choice of kanji is not meant to send (229: Safari, where isComposing is already over).
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    form.requestSubmit();
  });

  function write(text) {
    field.value = text;
    grow();
  }

  function grow() {
    field.style.setProperty("height", "auto");
    field.style.setProperty("height", `${Math.min(field.scrollHeight + 2, TALLEST)}px`);
  }

  function isAtTheEnd() {
    return list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_THE_END;
  }

  function toTheEnd() {
    newest.hidden = true;
    list.scrollTo({ top: list.scrollHeight }); // now: a frame later, whoever scrolls up meanwhile would be pulled back
  }

  return ({ state, isOver, isOnline }, talk) => {
    const now = { talk, isOver, isOnline, known: look(state, talk.attentive) };
    if (Object.keys(now).every((part) => now[part] === last[part])) return;
    const isFirst = !last.talk;
    last = now;
    const wasAtTheEnd = isAtTheEnd();
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    const lines = linesOf(talk, isOnline);
    keyed(list, lines, ({ key }) => key, create, update);
    form.querySelector("button").disabled = isOver;
    if (focused && (!focused.isConnected || focused.closest("[hidden]"))) list.focus({ preventScroll: true });
    const news = tell(lines);
    const isAsking = hasAsked(lines);
    if (isFirst || wasAtTheEnd || isAsking) toTheEnd();
    else if (news.some(({ phase }) => phase === "said")) newest.hidden = false;
  };

  /** Whether the person has just said something: then that is what they want to see. */
  function hasAsked(lines) {
    const before = asked;
    asked = lines.findLast(({ kind }) => kind === "participant")?.key ?? null;
    return asked !== before;
  }

  function create({ kind }) {
    return document.getElementById(`chat-${kind}`).content.firstElementChild.cloneNode(true);
  }

  /** Only lines that changed are touched. */
  function update(node, line) {
    const { known, isOver, talk } = last;
    const before = drawn.get(node);
    if (before && before.known === known && before.isOver === isOver && isSame(before.line, line)) return;
    drawn.set(node, { line, known, isOver });
    node.classList.toggle("sending", Boolean(line.isSending));
    if (line.kind === "participant") return say(node.querySelector(".text"), line.text);
    if (line.kind === "failed") return showFailure(node, line, isOver);
    if (line.kind === "stopped") return;
    showProse(node.querySelector(".text"), blocksOf(line, known, talk.attentive), talk.attentive ? linkTo : () => null);
    showProgress(node, line, isOver);
    if (talk.attentive && line.phase === "said" && line.call) showJudging(node, line, isOver);
  }

  function showFailure(node, { reason }, isOver) {
    const retry = node.querySelector("[data-retry]");
    say(node.querySelector("p"), troubleWords(reason));
    retry.hidden = !mayPass(reason);
    retry.disabled = isOver;
  }

  function showProgress(node, line, isOver) {
    const { phase, text, isPredicted } = line;
    const isUnderWay = ["waiting", "queued", "streaming"].includes(phase);
    node.classList.toggle("arriving", phase !== "said");
    node.classList.toggle("queued", phase === "queued");
    node.querySelector(".text").hidden = !text;
    node.querySelector(".doing").hidden = !isUnderWay;
    say(node.querySelector(".doing span"), isUnderWay ? waitingWords(line) : "");
    node.querySelector("[data-stop]").hidden = !isUnderWay || isPredicted || isOver;
    node.querySelector(".offline").hidden = !line.offline || Boolean(line.stand_in);
    node.querySelector(".stand-in").hidden = !line.stand_in;
    node.querySelector(".stopped").hidden = phase !== "stopping" && !line.stopped;
  }

  function wordsFor(line) {
    switch (line.kind) {
      case "participant":
        return "";
      case "failed":
        return troubleWords(line.reason);
      case "stopped":
        return stoppedWords();
      default:
        return line.phase === "said" ? saidWords(line) : agentWords(line);
    }
  }

  function agentWords(line) {
    if (line.phase === "stopping") return stoppedWords();
    return line.kind === "reactive" && !line.text ? waitingWords(line) : "";
  }

  function saidWords({ kind, text, stopped }) {
    const who = document.getElementById(`chat-${kind}`).content.querySelector(".who").cloneNode(true);
    who.querySelector("[aria-hidden]").remove();
    const words = `${who.textContent.trim().replace(/\s+/g, " ")}: ${plainText(parse(text))}`;
    return stopped ? `${words} ${stoppedWords()}` : words;
  }

  function stoppedWords() {
    return document.getElementById("chat-stopped").content.textContent.trim();
  }
}

function blocksOf({ text, phase, stopped }, known, isAttentive) {
  const isGrowing = phase !== "said" || Boolean(stopped);
  const blocks = parse(text, { kept: namedIn(text, known), isGrowing });
  return isAttentive ? withBoldNames(blocks, known) : blocks;
}

function waitingWords({ phase, trigger, text }) {
  if (text) return "…";
  if (phase === "queued") return gettext("waits for the answer above");
  if (trigger === "ask_test") return gettext("The assistant is looking at your test results…");
  return gettext("The assistant is looking at your pictures…");
}

/** What can be named, the same value while it is the same. Where nothing is linked, names are still no Markdown. */
function onceForTheSame() {
  let last = { signature: null };
  return ({ categories, images }, isAttentive) => {
    const pictures = isAttentive ? images.length : 0;
    const signature = JSON.stringify([pictures, ...categories.map(({ id, name }) => [id, name])]);
    if (signature !== last.signature) last = { signature, known: knownThings(categories, pictures) };
    return last.known;
  };
}

function isSame(one, other) {
  const fields = Object.keys(one);
  return fields.length === Object.keys(other).length && fields.every((field) => one[field] === other[field]);
}
