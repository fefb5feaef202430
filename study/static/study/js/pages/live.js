/* The monitor keeps itself up to date: each part is asked for anew while somebody looks at the page, and comes only when
 * it has changed. Rows that stay the same are not touched, so that focus and selection stay where they are. */

import { merge } from "../merge.js";
import { left } from "../time.js";

const stale = document.querySelector("[data-stale]");
const tags = new WeakMap();

for (const part of document.querySelectorAll("[data-part]")) keepFresh(part);
setInterval(tick, 1000);
tick();

function keepFresh(part) {
  const every = Number(part.dataset.every) * 1000;
  const again = async () => {
    if (!document.hidden) await refresh(part);
    setTimeout(again, every);
  };
  if ("empty" in part.dataset) again();
  else setTimeout(again, every);
  document.addEventListener("visibilitychange", () => document.hidden || refresh(part));
}

async function refresh(part) {
  try {
    const known = tags.get(part);
    const reply = await fetch(part.dataset.part, {
      redirect: "error",
      cache: "no-store",
      headers: known ? { "If-None-Match": known } : {},
    });
    stale.hidden = reply.ok || reply.status === 304;
    if (!reply.ok) return;
    tags.set(part, reply.headers.get("ETag"));
    merge(part, new DOMParser().parseFromString(await reply.text(), "text/html").body);
    tick();
  } catch {
    stale.hidden = false; // offline, or signed out: the login is another address
  }
}

function tick() {
  for (const time of document.querySelectorAll("time[data-left]")) {
    const text = left(new Date(time.dateTime) - Date.now());
    if (time.textContent !== text) time.textContent = text;
  }
}
