/* On narrow screens the chat is a drawer; its button counts what has not been read. */

import { say } from "./dom.js";

const narrow = matchMedia("(max-width: 899px)");
const panel = document.getElementById("chat");
const button = document.getElementById("chat-open");

export function openDrawer() {
  if (!narrow.matches) return;
  panel.classList.add("open");
  button.setAttribute("aria-expanded", "true");
  panel.querySelector("[data-close]").focus();
}

export function drawer() {
  const count = document.getElementById("chat-unread");
  let read = null;

  button.addEventListener("click", openDrawer);
  panel.querySelector("[data-close]").addEventListener("click", close);
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && narrow.matches) close();
  });

  function close() {
    panel.classList.remove("open");
    button.setAttribute("aria-expanded", "false");
    button.focus();
  }

  return (view, { messages }) => {
    const answers = messages.filter((message) => message.author !== "participant").length;
    const isSeen = !narrow.matches || panel.classList.contains("open");
    if (read === null || isSeen) read = answers;
    const unread = Math.max(0, answers - read);
    count.hidden = unread === 0;
    say(count.querySelector("b"), String(unread));
  };
}
