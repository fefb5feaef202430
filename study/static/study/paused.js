/* Looks every ten seconds whether the pause is over, and goes on then. */

const EVERY = 10000;
const page = document.querySelector("[data-paused]");

setInterval(look, EVERY);

async function look() {
  if (document.hidden) return;
  try {
    const reply = await fetch(page.dataset.paused, { credentials: "same-origin", cache: "no-store" });
    const text = await reply.text();
    if (reply.ok && !text.includes("data-paused")) location.reload();
  } catch {
    // not connected: the next look may be luckier
  }
}
