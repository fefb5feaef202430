/* Saves every answer as it is given, one after the other, and tries again until it is saved. The form works
 * without this script: sending it sends every answer. An answer carries an id, so that trying twice saves once. */

const form = document.querySelector("[data-answers]");
const note = document.querySelector("[data-saved-note]");
const PAUSES = [1000, 2000, 5000, 10000];
const WAIT_FOR_TYPING = 700;

const queue = [];
const typing = new Map();
let isSending = false;
let isLeaving = false;

if (form) {
  form.addEventListener("change", (event) => given(event.target));
  form.addEventListener("input", (event) => {
    if (event.target.matches("textarea, input[type=number]")) soon(event.target);
  });
  form.addEventListener("submit", leave);
  for (const question of form.querySelectorAll("[data-slider]")) slide(question);
  document.querySelector("[data-errors]")?.focus();
}

function soon(field) {
  clearTimeout(typing.get(field.name));
  typing.set(field.name, setTimeout(() => given(field), WAIT_FOR_TYPING));
}

function given(field) {
  if (!field.name || field.type === "hidden") return;
  clearTimeout(typing.get(field.name));
  if (field.validity?.badInput) return mark(field, form.dataset.unreadable); // it would be sent as no answer
  queue.push({
    step: Number(form.elements.step.value),
    item: field.name,
    value: valueOf(field),
    id: crypto.randomUUID?.() ?? randomId(),
    at: new Date().toISOString(),
  });
  if (!isSending) send(0);
}

/** Boxes of one name are one answer: all values that are ticked. */
function valueOf(field) {
  if (field.type !== "checkbox") return field.value;
  if (!("several" in field.dataset)) return field.checked;
  return [...form.elements].filter((one) => one.name === field.name && one.checked).map((one) => one.value);
}

/** A slider has no name and sends nothing: it writes into the number beside it, which is empty until
 * somebody answers. Pressing it where it stands is an answer too. */
function slide(question) {
  const range = question.querySelector("input[type=range]");
  const number = question.querySelector("input[type=number]");
  const take = () => {
    range.classList.remove("untouched");
    number.value = range.value;
  };
  range.hidden = false;
  const settle = () => {
    if (number.value !== "") return;
    take();
    given(number);
  };
  range.addEventListener("input", take);
  range.addEventListener("change", () => given(number));
  range.addEventListener("pointerup", settle);
  range.addEventListener("keyup", (event) => event.key === " " && settle());
  number.addEventListener("input", () => {
    range.classList.toggle("untouched", number.value === "");
    if (number.value !== "") range.value = number.value;
  });
}

async function send(attempt) {
  isSending = true;
  const answer = queue[0];
  if (!answer || isLeaving) {
    isSending = false;
    return;
  }
  const reply = await post(answer);
  if (reply === null) {
    say(form.dataset.waiting);
    setTimeout(() => send(attempt + 1), PAUSES[Math.min(attempt, PAUSES.length - 1)]);
    return;
  }
  queue.shift();
  const field = form.elements.namedItem(answer.item);
  if (reply.refused) mark(field, reply.refused.message);
  else settled(field, words(reply));
  send(0);
}

/** An answer that is not kept is marked until it is; sets of choices offer nothing that is refused. */
function mark(field, text) {
  if (field instanceof Element) field.setAttribute("aria-invalid", "true");
  say(text);
}

function settled(field, text) {
  if (field instanceof Element && !field.validity.badInput) field.removeAttribute("aria-invalid");
  say(form.querySelector("[aria-invalid=true]") ? form.dataset.partly : text);
}

/** The server's reply; null when it could not be reached or is not well. */
async function post(answer) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  try {
    const response = await fetch(form.dataset.answers, { method: "POST", headers, body: JSON.stringify(answer), keepalive: true });
    return response.status >= 500 ? null : await response.json();
  } catch {
    return null;
  }
}

function words(reply) {
  if (reply.late) return form.dataset.late;
  return form.dataset.saved.replace("{time}", new Date().toLocaleTimeString());
}

function say(text) {
  if (note) note.textContent = text;
}

/** The form carries every answer; a second click sends nothing twice. */
function leave(event) {
  if (isLeaving) event.preventDefault();
  isLeaving = true;
}

/** For pages over plain http, where browsers offer no randomUUID. */
function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
