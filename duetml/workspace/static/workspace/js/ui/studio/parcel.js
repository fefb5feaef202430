/* Taking the classifier home. */

import { app } from "../../app.js";
import { isBusy, lastTrained } from "../../logic/state.js";
import { fill, gettext } from "../../words.js";
import { announce, disable, el, keyed, say, showProgress } from "../dom.js";

export function parcel() {
  const panel = document.getElementById("parcel");
  if (!panel) return;
  const start = document.getElementById("parcel-start");
  const progress = document.getElementById("parcel-progress");
  const note = document.getElementById("parcel-note");
  const short = document.getElementById("parcel-short");
  const list = document.getElementById("parcel-files");
  let latest = null;
  let step = null;
  let heard = null;

  start.addEventListener("click", () => {
    disable(start, true);
    app.act("parcel.start");
  });
  app.listen((frame) => {
    if (frame.type === "progress" && frame.parcel) step = frame;
  });

  app.watch(({ state, queue, isOver }) => {
    latest = state.parcel;
    const run = lastTrained(state);
    const isWorking = queue.some((entry) => entry.action === "parcel.start") || isBusy(latest);
    const isReady = latest?.state === "done";
    disable(start, !run || isWorking || isOver);
    say(start, isReady ? gettext("Pack again") : gettext("Take it home"));
    progress.hidden = !isWorking;
    if (isWorking) showProgress(progress, step?.parcel === latest?.id ? step : null, gettext("packing…"));
    say(note, isWorking ? "" : explain(latest, run));
    say(short, isReady ? fill(gettext("training %(number)s is packed"), latest) : "");
    keyed(list, isReady && !isWorking ? latest.files : [], ({ name }) => `${latest.id} ${name}`, link);
    const news = isWorking ? "working" : `${latest?.id} ${latest?.state}`;
    if (heard !== null && heard !== news && !isWorking && latest) announce(note.textContent);
    heard = news;
  });

  function link({ name, bytes }) {
    const address = `${panel.dataset.url}${latest.id}/${encodeURIComponent(name)}`;
    return el(
      "li",
      {},
      el("a", { class: "button", href: address, download: name }, name, el("span", { class: "soft" }, size(bytes))),
      el("span", { class: "soft" }, meaning(name)),
    );
  }
}

function explain(parcel, run) {
  if (!run) return gettext("Train first: then there is something to take home.");
  if (parcel?.state === "failed") return gettext("Packing did not work. Nothing is lost. Please try again.");
  if (parcel?.state !== "done") return fill(gettext("This packs the model of training %(number)s."), run);
  if (parcel.run === run.id) return fill(gettext("Packed: the model of training %(number)s, your newest."), parcel);
  return fill(gettext("Packed: the model of training %(number)s. Training %(newest)s is newer: pack again to take that."), {
    number: parcel.number,
    newest: run.number,
  });
}

function meaning(name) {
  if (name.endsWith(".onnx")) return gettext("the classifier: one file that runs by itself");
  if (name.endsWith(".zip")) return gettext("your pictures, a folder for every category");
  return gettext("what it is, how it was made and how well it works");
}

/** "3.2 MB", in the page's language. */
function size(bytes) {
  const [unit, divisor] = bytes < 1e6 ? ["kilobyte", 1e3] : ["megabyte", 1e6];
  const options = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: bytes < 1e7 ? 1 : 0 };
  return new Intl.NumberFormat(document.documentElement.lang, options).format(bytes / divisor);
}
