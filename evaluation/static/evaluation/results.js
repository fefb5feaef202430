/* The page that waits for results looks every second how far they are, and shows them once they are there. */

const PAUSE = 1000;
const going = document.querySelector("[data-going]");

async function look() {
  try {
    const answer = await fetch(location.href, { redirect: "manual" });
    if (answer.ok) {
      const there = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = there.querySelector("[data-going]");
      if (!fresh) {
        location.reload();
        return;
      }
      going.replaceChildren(...fresh.childNodes);
    } else if (answer.type === "opaqueredirect") {
      location.reload(); // logged out in the meantime
      return;
    }
  } catch {
    // The next look may reach the server again.
  }
  setTimeout(look, PAUSE);
}

if (going) setTimeout(look, PAUSE);
