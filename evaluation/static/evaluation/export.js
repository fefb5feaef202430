/* The list of exports keeps itself up to date while one of them is made. */

const PAUSE = 1000;
const part = document.querySelector("[data-part]");

async function look() {
  if (!part.querySelector("[data-going]")) return;
  try {
    const answer = await fetch(part.dataset.part, { redirect: "manual" });
    if (answer.ok) replace(await answer.text());
    else if (answer.type === "opaqueredirect") location.reload(); // logged out in the meantime
  } catch {
    // The next look may reach the server again.
  }
  setTimeout(look, PAUSE);
}

function replace(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  if (fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes);
}

setTimeout(look, PAUSE);
