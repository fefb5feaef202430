/* The report on a zip file keeps itself up to date until the file is read. */

const PAUSE = 1000;
const report = document.getElementById("report");

async function look() {
  if (report.querySelector("[data-over]")) return;
  try {
    const answer = await fetch(report.dataset.report);
    if (answer.redirected) location.reload(); // logged out in the meantime
    else if (answer.ok) replace(await answer.text());
  } catch {
    // The next look may reach the server again.
  }
  setTimeout(look, PAUSE);
}

function replace(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  if (fresh.innerHTML !== report.innerHTML) report.replaceChildren(...fresh.childNodes);
}

setTimeout(look, PAUSE);
