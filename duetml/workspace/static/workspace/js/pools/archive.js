/* Sending a zip file, with a bar; then on to its report. Without this script the form sends itself. */

import { postFile } from "../net/posting.js";
import { fill, gettext } from "../words.js";
import { stayUntil } from "./leaving.js";
import { percent } from "./sending.js";

export function archive(form) {
  const place = form.querySelector("[data-sending]");
  const bar = place.querySelector("progress");
  const words = place.querySelector("[role=status]");
  const button = form.querySelector("button");
  const token = form.elements.csrfmiddlewaretoken.value;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    place.hidden = false;
    const leave = stayUntil();
    const { status, answer } = await postFile({ url: form.action, token }, new FormData(form), (share) => {
      bar.value = share;
      const text = share < 1 ? gettext("%(percent)s sent") : gettext("Sent. The server takes it in …");
      words.textContent = fill(text, { percent: percent(share) });
    });
    leave();
    if (answer?.report) location.assign(answer.report);
    else {
      button.disabled = false;
      words.textContent = answer?.refused?.message ?? failure(status);
    }
  });
}

function failure(status) {
  if (status === 0) return gettext("The connection broke. Nothing was added; please send the file again.");
  if (status === 413) return gettext("This file is too large. Send it in parts.");
  return gettext("The server did not take the file. Reload the page and try again.");
}
