/* Messages of the staff on whatever page a participant has open, and the word that the clock was stopped or goes on. A
 * workspace is told to look at once (a frame on its socket); elsewhere the page looks every few seconds. */

const place = document.querySelector("[data-notices]");
let state = null;

document.addEventListener("frame", ({ detail }) => detail.type === "notice" && look());
document.addEventListener("visibilitychange", () => document.hidden || look());
place.addEventListener("submit", read);
again();

async function again() {
  if (!document.hidden) await look();
  setTimeout(again, Number(place.dataset.every) * 1000);
}

async function look() {
  try {
    const reply = await fetch(place.dataset.notices, { redirect: "error" });
    if (reply.ok) show(new DOMParser().parseFromString(await reply.text(), "text/html").body.firstElementChild);
  } catch {
    // The next look may reach the server again.
  }
}

function show(fresh) {
  const isChanged = state !== null && state !== fresh.dataset.state;
  state = fresh.dataset.state;
  if (isChanged && !document.getElementById("workspace")) return location.reload(); // answers are saved as they are given
  const wanted = [...fresh.children];
  const ids = new Set(wanted.map(({ dataset }) => dataset.notice));
  for (const old of [...place.children]) if (!ids.has(old.dataset.notice)) old.remove();
  const known = new Set([...place.children].map(({ dataset }) => dataset.notice));
  place.append(...wanted.filter(({ dataset }) => !known.has(dataset.notice)));
}

async function read(event) {
  event.preventDefault();
  const form = event.target;
  form.querySelector("button").disabled = true;
  try {
    const sent = { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" }, redirect: "error" };
    const reply = await fetch(form.action, sent);
    if (reply.ok) form.closest("[data-notice]").remove();
    else form.querySelector("button").disabled = false;
  } catch {
    form.querySelector("button").disabled = false; // it stays, to be pressed again
  }
}
