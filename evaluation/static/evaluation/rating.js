// The rating page. Every score is saved as it is given; keys do everything a pointer does.
import { watchLooks } from "./looking.js";
import { newId } from "./outbox.js";
import { openOutbox } from "./saving.js";
import { openCompare, openSheets, openZoom } from "./sheets.js";

const COMMENT_PAUSE_MS = 1200;

const page = document.getElementById("rating").dataset;
const form = document.getElementById("scores");
const missing = document.getElementById("missing");
const comment = document.getElementById("comment");
const groups = [...form.querySelectorAll(".criterion")];
const why = document.getElementById("why");
const reason = document.getElementById("reason");
const isLocked = comment.disabled;
const outbox = openOutbox(page.owner, hear);
const looks = isLocked ? null : watchLooks(document.querySelectorAll(".thumb"), (seen) => put(page.looked, seen));
const zoom = openZoom((number) => looks?.zoomed(number));
const compare = openCompare();
let current = 0;
let savedComment = comment.value;
let pause = 0;
let wasRefused = false;

const radios = (group) => [...group.querySelectorAll("input")];
const given = (group) => radios(group).some((radio) => radio.checked) || group.dataset.reason !== "";
const groupOf = (criterion) => groups.find((one) => one.dataset.criterion === criterion);

function put(url, told) {
  const body = { ...told, id: newId(), at: new Date().toISOString() };
  return outbox.put({ id: body.id, showing: page.showing, url, body });
}

function hear({ kind, message, current: stands, item }) {
  if (kind !== "refused") return;
  wasRefused = true;
  complain(message);
  if (!stands || item.showing !== page.showing) return;
  if ("text" in stands) {
    comment.value = savedComment = stands.text;
    page.commentVersion = stands.version;
    return;
  }
  const group = groupOf(item.body.criterion);
  group.dataset.version = stands.version;
  show(group, stands.score, stands.reason);
}

/** What stands for a criterion: a score, or a reason why there is none. */
function show(group, score, because) {
  radios(group).forEach((radio) => { radio.checked = Number(radio.value) === score; });
  group.dataset.reason = because ?? "";
  group.querySelector(".cannot").setAttribute("aria-pressed", String(Boolean(because)));
  const line = group.querySelector(".reason");
  line.textContent = because ?? "";
  line.hidden = !because;
}

function complain(sentence) {
  missing.textContent = sentence;
  missing.hidden = !sentence;
}

function focusOn(place, options) {
  current = Math.max(0, Math.min(groups.length - 1, place));
  groups[current].focus(options);
}

function save(group, score, because) {
  show(group, score, because);
  group.classList.remove("lacking");
  if (!groups.some((other) => other.classList.contains("lacking"))) complain("");
  const version = Number(group.dataset.version);
  group.dataset.version = version + 1;
  put(page.score, { criterion: group.dataset.criterion, score, reason: because, version });
}

function moveOn() {
  if (current + 1 < groups.length) focusOn(current + 1);
  else document.getElementById("submit").focus();
}

function answer(score) {
  const group = groups[current];
  const radio = radios(group)[score - 1];
  if (radio.disabled) return;
  if (!radio.checked) save(group, score, "");
  moveOn();
}

function cannotJudge(group) {
  if (isLocked) return;
  current = groups.indexOf(group);
  reason.value = group.dataset.reason;
  why.returnValue = "";
  why.showModal();
}

why.addEventListener("close", () => {
  const because = reason.value.trim();
  const group = groups[current];
  if (why.returnValue !== "keep" || !because) return focusOn(current);
  if (because !== group.dataset.reason) save(group, null, because);
  moveOn();
});

function saveComment() {
  clearTimeout(pause);
  if (comment.value === savedComment) return;
  savedComment = comment.value;
  const version = Number(page.commentVersion);
  page.commentVersion = version + 1;
  put(page.comment, { text: savedComment, version });
}

async function submit() {
  if (isLocked) return location.assign(page.next);
  saveComment();
  const lacking = groups.filter((group) => !given(group));
  groups.forEach((group) => group.classList.toggle("lacking", lacking.includes(group)));
  if (lacking.length) {
    const names = lacking.map((group) => group.querySelector("strong").textContent).join(", ");
    complain(gettext("Not yet scored: %s").replace("%s", names));
    focusOn(groups.indexOf(lacking[0]));
    return;
  }
  looks.tell();
  await outbox.flush(); // what is refused is shown before anything is handed in
  wasRefused = false;
  if (!(await put(page.submit, {}))) {
    complain(gettext("Your scores are kept on this device and are sent as soon as the server answers. Please stay on this page."));
  } else if (!wasRefused) location.assign(page.next);
}

// A reload while offline shows what still waits to be sent.
function showWaiting() {
  for (const { showing, body } of outbox.items()) {
    if (showing !== page.showing) continue;
    if ("text" in body) {
      comment.value = savedComment = body.text;
      page.commentVersion = body.version + 1;
    }
    const group = groupOf(body.criterion);
    if (!group) continue;
    show(group, body.score, body.reason);
    group.dataset.version = body.version + 1;
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
  x: () => cannotJudge(groups[current]),
  v: compare,
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
  group.addEventListener("change", (event) => save(group, Number(event.target.value), ""));
  group.querySelector(".cannot").addEventListener("click", () => cannotJudge(group));
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
