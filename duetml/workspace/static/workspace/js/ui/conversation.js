/* D: the chat. Its words are in the page's templates, so that only a page with a chat carries them. */

import { app } from "../app.js";
import { awaited, failedAnswers } from "../logic/conversation.js";
import { keyed, say } from "./dom.js";

const NEAR_THE_END = 80;

export function conversation() {
  const list = document.getElementById("chat-messages");
  const live = document.getElementById("chat-live");
  const form = document.getElementById("chat-form");
  const field = form.elements.text;
  let announced = null;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    field.focus();
    if (!text) return;
    app.act("chat.post", { text });
    field.value = "";
    grow();
    toTheEnd();
  });

  field.addEventListener("input", grow);
  // Enter that ends the choice of kanji is not meant to send (229: Safari, where isComposing is already over).
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    form.requestSubmit();
  });

  function grow() {
    field.style.setProperty("height", "auto");
    field.style.setProperty("height", `${Math.min(field.scrollHeight + 2, 160)}px`);
  }

  function toTheEnd() {
    requestAnimationFrame(() => list.scrollTo({ top: list.scrollHeight }));
  }

  return ({ isOver }, talk) => {
    const isAtTheEnd = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_THE_END;
    const items = [
      ...talk.messages.map((message) => ({ key: message.id, kind: message.author, ...message })),
      ...failedAnswers(talk).map((call) => ({ key: `failed ${call.call}`, kind: "failed", call: call.call })),
      ...awaited(talk).map(({ call, agent }) => ({
        key: `arriving ${call}`,
        kind: agent,
        text: talk.streams[call] ?? "",
        isArriving: true,
      })),
    ];
    keyed(list, items, (item) => item.key, create, update);
    form.querySelector("button").disabled = isOver;
    if (isAtTheEnd) toTheEnd();
    sayNew(talk.messages);
  };

  function create(item) {
    const node = document.getElementById(`chat-${item.kind}`).content.firstElementChild.cloneNode(true);
    node.querySelector("[data-retry]")?.addEventListener("click", () => app.act("chat.retry", { call: item.call }));
    return node;
  }

  function update(node, item) {
    const text = node.querySelector(".text");
    if (text) say(text, item.text);
    node.classList.toggle("arriving", Boolean(item.isArriving));
    node.classList.toggle("sending", Boolean(item.isSending));
    node.querySelector(".offline")?.toggleAttribute("hidden", !item.offline);
  }

  /** Finished messages are said once, never word by word. */
  function sayNew(messages) {
    const last = messages.at(-1);
    if (announced === null || !last || last.author === "participant" || last.id === announced) {
      announced = last?.id ?? "";
      return;
    }
    announced = last.id;
    const who = document.getElementById(`chat-${last.author}`).content.querySelector(".who");
    live.textContent = `${who.textContent.trim()}: ${last.text}`;
  }
}
