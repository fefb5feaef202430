/* Parts of a page that go on by themselves: asked for anew every ten seconds, while somebody looks at them. */

const EVERY = 10_000;
const address = document.querySelector("[data-live-url]").dataset.liveUrl;
const stale = document.querySelector("[data-live-stale]");

setTimeout(again, EVERY);
document.addEventListener("visibilitychange", () => document.hidden || refresh());

async function again() {
  if (!document.hidden) await refresh();
  setTimeout(again, EVERY);
}

async function refresh() {
  const fresh = await fetched(address);
  stale.hidden = fresh !== null;
  if (fresh === null) return;
  for (const part of document.querySelectorAll("[data-live]")) {
    const now = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (now && now.innerHTML !== part.innerHTML) part.replaceChildren(...now.childNodes);
  }
}

/** The page at an address; null where it cannot be had (offline, signed out: the login is another address). */
async function fetched(url) {
  try {
    const reply = await fetch(url, { redirect: "error" });
    return reply.ok ? new DOMParser().parseFromString(await reply.text(), "text/html") : null;
  } catch {
    return null;
  }
}
