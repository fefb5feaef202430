/* The saved state, always visible; and what the server said no to, near where it was asked. */

import { app } from "../app.js";
import { fill, gettext, ngettext } from "../words.js";
import { announce, el, say } from "./dom.js";
import { uploadsWaiting } from "./files.js";

const time = new Intl.DateTimeFormat(document.documentElement.lang, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

export function saved() {
  const place = document.getElementById("saved");
  let wasOnline = true;

  app.watchLine(({ isOnline, savedAt, waiting, isRefused }) => {
    const count = waiting + uploadsWaiting();
    say(place, isRefused ? gettext("Please reload this page.") : words(isOnline, savedAt, count));
    place.classList.toggle("offline", !isOnline);
    if (wasOnline !== isOnline) announce(isOnline ? gettext("Connected again") : place.textContent);
    wasOnline = isOnline;
  });

  app.onRefusal(({ action, message }) => {
    const subject = action?.split(".")[0];
    const near = subject && document.querySelector(`[data-refusal~="${subject}"]`);
    show(near || document.querySelector("[data-refusal]"), message);
  });
}

function words(isOnline, savedAt, count) {
  if (isOnline && count > 0) return gettext("saving…");
  if (isOnline) return savedAt ? fill(gettext("saved %(time)s"), { time: time.format(savedAt) }) : gettext("everything is saved");
  if (count === 0) return gettext("offline, reconnecting…");
  return fill(ngettext("offline, %(n)s change waiting", "offline, %(n)s changes waiting", count), { n: count });
}

function show(place, message) {
  const close = el("button", { type: "button", class: "quiet", "aria-label": gettext("Dismiss") }, "×");
  close.addEventListener("click", () => {
    place.hidden = true;
  });
  place.replaceChildren(el("span", {}, message), close);
  place.hidden = false;
}
