/* Earlier trainings: what each learned from, how good it was, and its pictures back. */

import { app } from "../../app.js";
import { verdictOf } from "../../logic/quality.js";
import { lastTrained } from "../../logic/state.js";
import { fill, gettext, ngettext } from "../../words.js";
import { el, keyed, mark, say } from "../dom.js";
import { isOutdated } from "../freshness.js";

const time = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

export function runs() {
  const panel = document.getElementById("runs");
  if (!panel) return;
  const short = document.getElementById("runs-short");
  const none = document.getElementById("runs-none");
  const list = document.getElementById("runs-list");
  const said = document.getElementById("runs-said");
  const began = new Map(); // runs seen beginning on this page: hello tells the time of the others
  let latest = null;
  let isClosed = false;
  let restoring = null; // {id of the action, number}

  app.extend({
    open() {},
    apply({ kind, payload, at, client }) {
      if (kind === "training.requested" || kind === "training.done") began.set(payload.run, at);
      if (kind === "data.arranged" && restoring && client === restoring.id) tell();
    },
  });
  panel.addEventListener("toggle", app.changed);

  app.watch((view) => {
    latest = view.state;
    isClosed = view.isOver;
    if (restoring && !view.queue.some(({ id }) => id === restoring.id)) restoring = null; // refused, or nothing to do
    const count = latest.runs.length;
    say(short, count ? fill(ngettext("%(n)s training", "%(n)s trainings", count), { n: count }) : "");
    none.hidden = count > 0;
    if (panel.open) keyed(list, [...latest.runs].reverse(), (run) => run.id, create, update);
  });

  function tell() {
    const text = gettext("These are the pictures of training %(number)s again. Undo brings back what you had.");
    said.hidden = false;
    say(said, fill(text, restoring));
    restoring = null;
  }

  function create(run) {
    const restore = el("button", { type: "button", class: "restore" }, gettext("Restore these pictures"));
    restore.addEventListener("click", () => {
      if (restore.getAttribute("aria-disabled") === "true") return;
      restoring = { id: app.act("data.restore", { run: run.id }), number: run.number };
    });
    return el(
      "li",
      { class: "run" },
      el("h3", {}, fill(gettext("Training %(number)s"), run)),
      el("span", { class: "badge model" }, gettext("the model you test")),
      el("span", { class: "soft when" }),
      el("ul", { class: "run-data" }, ...(run.categories ?? []).map(learned)),
      el("p", { class: "found" }),
      restore,
    );
  }

  function learned({ category, name, images }) {
    const known = latest.categories.find(({ id }) => id === category);
    const count = fill(ngettext("%(n)s picture", "%(n)s pictures", images), { n: images });
    return el("li", {}, known ? mark(known.mark) : "", el("span", {}, name), el("span", { class: "soft" }, count));
  }

  function update(node, run) {
    const at = run.at ?? began.get(run.id);
    const isCurrent = !isOutdated(latest, run);
    node.querySelector(".model").hidden = lastTrained(latest)?.id !== run.id;
    say(node.querySelector(".when"), at ? time.format(new Date(at)) : "");
    say(node.querySelector(".found"), outcome(run));
    const restore = node.querySelector(".restore");
    restore.setAttribute("aria-disabled", String(isCurrent || isClosed || restoring !== null)); // keeps the focus
    say(restore, isCurrent ? gettext("These are the pictures you have now") : gettext("Restore these pictures"));
    restore.setAttribute("aria-label", `${fill(gettext("Training %(number)s"), run)}: ${restore.textContent}`);
  }
}

function outcome(run) {
  if (run.state === "failed") return gettext("It did not work.");
  if (run.state !== "done") return gettext("under way…");
  const verdict = verdictOf(run);
  if (!verdict) return "";
  if (verdict.why) return gettext("Too few pictures to say how good it is.");
  return fill(gettext("%(right)s of %(n)s right (between %(low)s and %(high)s)"), verdict);
}
