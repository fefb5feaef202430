// The rating page. Every score is saved as it is given; keys do everything a pointer does.
import { newId } from "./outbox.js";
import { openOutbox } from "./saving.js";
import { openSheets, openZoom } from "./sheets.js";

const COMMENT_PAUSE_MS = 1200;

const page = document.getElementById("rating").dataset;
const form = document.getElementById("scores");
const missing = document.getElementById("missing");
const comment = document.getElementById("comment");
const groups = [...form.querySelectorAll(".criterion")];
const outbox = openOutbox(page.owner, hear);
const zoom = openZoom();
let current = 0;
let savedComment = comment.value;
let pause = 0;

const radios = (group) => [...group.querySelectorAll("input")];
const given = (group) => radios(group).find((radio) => radio.checked);

function put(url, body) {
  outbox.put({ id: body.id, submission: page.submission, url, body });
}

function hear(state) {
  if (state.kind === "refused") complain(state.message);
}

function complain(sentence) {
  missing.textContent = sentence;
  missing.hidden = !sentence;
}

function focusOn(place, options) {
  current = Math.max(0, Math.min(groups.length - 1, place));
  groups[current].focus(options);
}

function saveScore(group, score) {
  group.classList.remove("lacking");
  if (!groups.some((other) => other.classList.contains("lacking"))) complain("");
  put(page.score, { criterion: group.dataset.criterion, score, id: newId(), at: new Date().toISOString() });
}

function answer(score) {
  const group = groups[current];
  const radio = radios(group)[score - 1];
  if (radio.disabled) return;
  if (!radio.checked) {
    radio.checked = true;
    saveScore(group, score);
  }
  if (current + 1 < groups.length) focusOn(current + 1);
  else document.getElementById("submit").focus();
}

function saveComment() {
  clearTimeout(pause);
  if (comment.value === savedComment) return;
  savedComment = comment.value;
  put(page.comment, { text: savedComment, id: newId(), at: new Date().toISOString() });
}

async function submit() {
  saveComment();
  const lacking = groups.filter((group) => !given(group));
  groups.forEach((group) => group.classList.toggle("lacking", lacking.includes(group)));
  if (lacking.length) {
    const names = lacking.map((group) => group.querySelector("strong").textContent).join(", ");
    complain(gettext("Not yet scored: %s").replace("%s", names));
    focusOn(groups.indexOf(lacking[0]));
    return;
  }
  if (await outbox.flush()) location.assign(page.next);
  else complain(gettext("Your scores are kept on this device and are sent as soon as the server answers. Please stay on this page."));
}

// A reload while offline shows what still waits to be sent.
function showWaiting() {
  for (const { submission, body } of outbox.items()) {
    if (submission !== page.submission) continue;
    if ("text" in body) comment.value = savedComment = body.text;
    const group = groups.find((one) => one.dataset.criterion === body.criterion);
    if (group) radios(group)[body.score - 1].checked = true;
  }
}

const KEYS = {
  ArrowUp: () => focusOn(current - 1),
  ArrowDown: () => focusOn(current + 1),
  ArrowLeft: () => { if (page.back) location.assign(page.back); },
  Enter: submit,
  g: () => document.getElementById("guidelines").showModal(),
  "?": () => document.getElementById("keys").showModal(),
  z: zoom,
  c: () => comment.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  const target = event.target;
  if (target === comment) {
    if (event.key === "Escape") focusOn(current);
    return;
  }
  const isRadio = target.matches("input[type=radio]");
  if (isRadio && event.key.startsWith("Arrow")) return; // the browser's own way through a radio group
  if (event.key === "Enter" && target.matches("a, button")) return;
  if (target.matches(".shown") && /^Arrow(Up|Down)$/.test(event.key)) return; // scrolls
  const action = /^[1-5]$/.test(event.key) ? () => answer(Number(event.key)) : KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
});

groups.forEach((group, place) => {
  group.addEventListener("focusin", () => {
    current = place;
    groups.forEach((other) => other.classList.toggle("current", other === group));
  });
  group.addEventListener("change", (event) => saveScore(group, Number(event.target.value)));
  group.addEventListener("click", (event) => {
    if (event.detail) group.focus(); // after a pointer, ← goes back and does not change the score
  });
});
form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
comment.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(saveComment, COMMENT_PAUSE_MS); });
comment.addEventListener("blur", saveComment);
addEventListener("pagehide", saveComment);

openSheets();
showWaiting();
const first = groups.findIndex((group) => !given(group));
focusOn(first < 0 ? 0 : first, { preventScroll: true }); // on a phone the pictures come first
