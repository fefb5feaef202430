/* A whole folder, picture by picture. Choosing it again goes on where it broke off: what is there is recognised. */

import { postFile } from "../net/posting.js";
import { el } from "../ui/dom.js";
import { fill, gettext } from "../words.js";
import { stayUntil } from "./leaving.js";
import { pathOf, sendAll, worthSending } from "./sending.js";

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export function folder(form) {
  const input = form.querySelector("input[type=file]");
  const place = form.querySelector("[data-sending]");
  const result = form.querySelector("[data-outcome]");
  let isStopped = false;

  place.querySelector("[data-stop]").addEventListener("click", () => {
    isStopped = true;
  });
  input.addEventListener("change", async () => {
    const files = worthSending([...input.files]);
    isStopped = false;
    input.disabled = true;
    place.hidden = false;
    result.hidden = true;
    const leave = stayUntil();
    const onChange = (outcome) => progress(place, outcome);
    onChange({ total: files.length, done: 0 });
    const send = (file) => sendOne(form.dataset, file);
    const outcome = await sendAll(files, { send, wait, isStopped: () => isStopped, onChange });
    if (outcome.added) await postFile({ url: form.dataset.prepare, token: form.dataset.token }, new FormData(), () => {});
    leave();
    place.hidden = true;
    input.disabled = false;
    input.value = "";
    tell(result, outcome, isStopped);
  });
}

/** The server's answer, or null where there is none worth the name: then the file is sent again. */
async function sendOne({ add, token, largest }, file) {
  if (file.size > Number(largest)) {
    const words = fill(gettext("Larger than %(most)s MB."), { most: Number(largest) / 1e6 });
    return { refused: { message: words } };
  }
  const form = new FormData();
  form.append("source", pathOf(file));
  form.append("file", file);
  const { status, answer } = await postFile({ url: add, token }, form, () => {});
  if (answer && (status === 200 || status === 422)) return answer;
  if (status === 0 || status >= 500) return null;
  return { refused: { message: gettext("The server did not take it. Reload the page and choose the folder again.") } };
}

function progress(place, { total, done, isWaiting }) {
  place.querySelector("progress").max = total || 1;
  place.querySelector("progress").value = done;
  const text = isWaiting
    ? gettext("%(done)s of %(total)s. No connection: trying again …")
    : gettext("%(done)s of %(total)s");
  place.querySelector("[role=status]").textContent = fill(text, { done, total });
}

function tell(result, outcome, isStopped) {
  const counts = gettext("%(added)s added · %(duplicates)s there already · %(refused)s cannot be used");
  const { added, duplicates, refused } = outcome;
  const words = { added, duplicates: duplicates.length, refused: refused.length };
  const lines = [el("p", { role: "status" }, fill(counts, words))];
  if (isStopped) lines.push(el("p", {}, gettext("Stopped. Choose the folder again to go on.")));
  if (refused.length) lines.push(list(gettext("Cannot be used"), refused.map(([path, why]) => `${path}: ${why}`)));
  if (duplicates.length) lines.push(list(gettext("In the pool already"), duplicates));
  if (added) lines.push(el("p", {}, el("a", { class: "button", href: location.pathname }, gettext("Show the pictures"))));
  result.replaceChildren(...lines);
  result.hidden = false;
  result.focus();
}

function list(title, lines) {
  const items = lines.map((line) => el("li", {}, el("bdi", {}, line)));
  return el("details", {}, el("summary", {}, title), el("ul", { class: "long" }, ...items));
}
