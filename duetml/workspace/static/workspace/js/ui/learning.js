/* B: training. */

import { app } from "../app.js";
import { readiness } from "../logic/readiness.js";
import { countUsed, isBusy, lastTrained } from "../logic/state.js";
import { fill, gettext, ngettext } from "../words.js";
import { announce, disable, say, showProgress } from "./dom.js";
import { isOutdated } from "./freshness.js";

export function learning() {
  const button = document.getElementById("train-start");
  const progress = document.getElementById("train-progress");
  const badge = document.getElementById("train-stale");
  const note = document.getElementById("train-note");
  let step = null;
  let heard = null;

  button.addEventListener("click", () => {
    disable(button, true); // at once: a double click asks once
    app.act("training.start");
  });

  app.listen((frame) => {
    if (frame.type === "progress" && frame.run) step = frame;
  });

  app.watch(({ state, queue, isOver }) => {
    const { training } = state;
    const model = lastTrained(state);
    const isAsked = queue.some((entry) => entry.action === "training.start");
    const isWorking = isAsked || isBusy(training);
    const ready = readiness(state);
    disable(button, !ready.ready || isWorking || isOver);
    progress.hidden = !isWorking;
    if (isWorking) show(isAsked ? null : training, countUsed(state));
    badge.hidden = isWorking || !model || !isOutdated(state, model);
    if (model) say(badge, fill(gettext("data changed since training run %(number)s"), model));
    say(note, isWorking ? "" : explain(ready, training));
    note.classList.toggle("error-text", training?.state === "failed" && !isWorking && ready.ready);
    tell(training, isWorking);
  });

  /** The beginning and the outcome are said once each; what lies between can be read. */
  function tell(training, isWorking) {
    const news = isWorking ? "working" : `${training?.id} ${training?.state}`;
    if (heard !== null && news !== heard) announce(isWorking ? gettext("Training has begun.") : note.textContent);
    heard = news;
  }

  function show(training, count) {
    const isLooking = training && step?.run === training.id && step.phase === "looking";
    const text = isLooking
      ? fill(gettext("looking at picture %(done)s of %(total)s"), step)
      : fill(ngettext("learning from %(n)s picture…", "learning from %(n)s pictures…", count), { n: count });
    showProgress(progress, isLooking ? step : null, text);
  }
}

function explain({ missing, names }, training) {
  if (missing === "categories") return gettext("To train, make at least two categories and put pictures into each.");
  if (missing === "images") {
    const quoted = names.map((name) => fill(gettext("“%(name)s”"), { name }));
    const listed = new Intl.ListFormat(document.documentElement.lang).format(quoted);
    return fill(gettext("Not ready yet: there are no pictures in %(names)s."), { names: listed });
  }
  if (training?.state === "failed") return failure(training.reason);
  if (training?.state === "done") return fill(gettext("Training run %(number)s is done. You can test it below."), training);
  return gettext("Ready to learn from your pictures.");
}

/** What happened, what is safe, what to do. */
function failure(reason) {
  if (reason === "backbone") {
    return gettext("Training did not work: this computer cannot find what it sees with. Your pictures are safe. Please tell whoever looks after this page.");
  }
  return gettext("Training did not work. Your pictures are safe. Please press Train again.");
}
