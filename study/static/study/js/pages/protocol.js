/* The protocol's editor: line numbers, and problems told while it is written. A problem's button leads to its line. */

import { go } from "../lines.js";
import "../problems.js";

const PAUSE = 600;
const text = document.querySelector("[data-check]");
const gutter = text.parentElement.querySelector(".gutter");
const found = document.querySelector("[data-found]");
const token = text.form.elements.namedItem("csrfmiddlewaretoken").value;
let waiting = 0;
let asked = 0;
let isLeaving = text.readOnly;

number();
text.addEventListener("scroll", () => (gutter.scrollTop = text.scrollTop));
text.addEventListener("input", () => {
  number();
  clearTimeout(waiting);
  if (!text.readOnly) waiting = setTimeout(check, PAUSE);
});

// What was typed is asked for before it is lost; sending the form is no loss.
text.form.addEventListener("submit", () => (isLeaving = true));
addEventListener("beforeunload", (event) => {
  if (!isLeaving && text.value !== text.defaultValue) event.preventDefault();
});

function number() {
  const lines = text.value.split("\n").length;
  gutter.textContent = Array.from({ length: lines }, (_, line) => line + 1).join("\n");
  gutter.scrollTop = text.scrollTop;
}

/** Ask the server; an answer that a later question has overtaken is dropped, and one that does not come changes nothing. */
async function check() {
  const mine = ++asked;
  const body = new FormData();
  body.set("source", text.value);
  try {
    const reply = await fetch(text.dataset.check, {
      method: "POST", body, headers: { "X-CSRFToken": token }, redirect: "error",
    });
    if (!reply.ok || mine !== asked) return;
    const { problems, warnings } = await reply.json();
    if (mine === asked) show(problems, warnings);
  } catch {
    if (mine === asked) found.replaceChildren();
  }
}

function show(problems, warnings) {
  const list = document.createElement("ul");
  list.append(...problems.map(row), ...warnings.map(warning));
  found.replaceChildren(...(problems.length ? [] : [found.dataset.well]), list);
}

function warning(text) {
  const entry = document.createElement("li");
  entry.className = "notice warning";
  entry.textContent = text;
  return entry;
}

function row(problem) {
  const entry = document.createElement("li");
  if (problem.line) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `${found.dataset.line} ${problem.line}`;
    button.addEventListener("click", () => go(text, problem.line));
    entry.append(button, " ");
  }
  entry.append(`${problem.place}: ${problem.text}${problem.fix ? ` (${problem.fix})` : ""}`);
  return entry;
}
