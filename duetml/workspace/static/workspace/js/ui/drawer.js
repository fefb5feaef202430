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

/** Out of the way of what the person is about to look at; the focus goes there. */
export function putDrawerAway() {
  panel.classList.remove("open");
  button.setAttribute("aria-expanded", "false");
}

export function drawer() {
  const count = document.getElementById("chat-unread");
  let read = null; // the ids of the messages that were on show

  button.addEventListener("click", openDrawer);
  panel.querySelector("[data-close]").addEventListener("click", close);
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && narrow.matches) close();
  });

  function close() {
    putDrawerAway();
    button.focus();
  }

  return (view, { messages }) => {
    const said = messages.filter(({ author }) => author !== "participant");
    const isSeen = !narrow.matches || panel.classList.contains("open");
    if (read === null || isSeen) read = new Set(said.map(({ id }) => id));
    const unread = said.filter(({ id }) => !read.has(id)).length;
    count.hidden = unread === 0;
    say(count.querySelector("b"), String(unread));
  };
}
