/* B: training. */

import { app } from "../app.js";
import { readiness } from "../logic/readiness.js";
import { countUsed, isBusy } from "../logic/state.js";
import { fill, gettext, ngettext } from "../words.js";
import { announce, disable, say } from "./dom.js";

export function learning() {
  const button = document.getElementById("train-start");
  const progress = document.getElementById("train-progress");
  const bar = progress.querySelector("progress");
  const badge = document.getElementById("train-stale");
  const note = document.getElementById("train-note");
  let step = null;
  let heard = null;

  button.addEventListener("click", () => {
    disable(button, true); // at once: a double click asks once
    app.act("training.start");
  });

  app.listen((frame) => {
    if (frame.type === "progress") step = frame;
  });

  app.watch(({ state, queue, isOver }) => {
    const { training } = state;
    const isAsked = queue.some((entry) => entry.action === "training.start");
    const isWorking = isAsked || isBusy(training);
    const ready = readiness(state);
    disable(button, !ready.ready || isWorking || isOver);
    progress.hidden = !isWorking;
    if (isWorking) show(training, isAsked ? countUsed(state) : training.images ?? countUsed(state));
    badge.hidden = !training?.stale || isWorking;
    if (training) say(badge, fill(gettext("data changed since training run %(number)s"), training));
    say(note, isWorking ? "" : explain(ready, training));
    note.classList.toggle("error-text", training?.state === "failed" && !isWorking && ready.ready);
    const outcome = training && !isBusy(training) ? training.id + training.state : null;
    if (heard !== null && outcome && outcome !== heard) announce(note.textContent);
    heard = outcome ?? "";
  });

  function show(training, images) {
    const text = progress.querySelector("span");
    if (!step || step.run !== training?.id) {
      bar.removeAttribute("value");
      say(text, fill(ngettext("learning from %(n)s picture…", "learning from %(n)s pictures…", images), { n: images }));
      return;
    }
    bar.max = Math.max(1, step.total);
    if (step.phase === "looking") {
      bar.value = step.done;
      say(text, fill(gettext("looking at picture %(done)s of %(total)s"), step));
    } else {
      bar.removeAttribute("value");
      say(text, fill(ngettext("learning from %(n)s picture…", "learning from %(n)s pictures…", images), { n: images }));
    }
  }
}

function explain({ missing, names }, training) {
  if (missing === "categories") return gettext("To train, make at least two categories and put pictures into each.");
  if (missing === "images") {
    return fill(gettext("Not ready yet: %(names)s has no pictures."), { names: names.map((one) => `“${one}”`).join(", ") });
  }
  if (training?.state === "failed") {
    return gettext("Training did not work. Your pictures are safe. Please press Train again.");
  }
  if (training?.state === "done") return fill(gettext("Training run %(number)s is done. You can test it below."), training);
  return gettext("Ready to learn from your pictures.");
}
