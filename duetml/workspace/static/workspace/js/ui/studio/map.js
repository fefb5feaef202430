/* The map of all pictures: made on demand, looked at, and selected from. */

import { app } from "../../app.js";
import { around, newerThan } from "../../logic/map.js";
import { NOTHING, selectAll, toggle } from "../../logic/selection.js";
import { homesOf, isBusy, isOffered, numberOf } from "../../logic/state.js";
import { fill, gettext, ngettext } from "../../words.js";
import { lookCloser } from "../closeup.js";
import { announce, disable, el, keyed, mark, say, showProgress } from "../dom.js";
import { describe } from "../pool.js";
import { called, comeBackTo, thumbUrl } from "../thumbs.js";
import { createChart } from "./chart.js";

const NEIGHBOURS_SAID = 3;
const NEIGHBOURS_SHOWN = 24;

export function map() {
  const panel = document.getElementById("map");
  if (!panel) return;
  const part = (name) => document.getElementById(name);
  const start = part("map-start");
  const progress = part("map-progress");
  const area = part("map-area");
  const preview = part("map-look");
  let latest = null;
  let selection = NOTHING;
  let chart = null; // made when the map is first looked at
  let shown = null; // {id, images, points}
  let asked = null;
  let hasFailed = false;
  let step = null;
  let heard = null;

  panel.addEventListener("toggle", app.changed);
  start.addEventListener("click", () => {
    disable(start, true);
    app.act("map.start");
  });
  part("map-nearer").addEventListener("click", () => chart.nearer());
  part("map-farther").addEventListener("click", () => chart.farther());
  part("map-whole").addEventListener("click", () => chart.showAll());
  area.addEventListener("click", () => {
    const isOn = area.getAttribute("aria-pressed") !== "true";
    area.setAttribute("aria-pressed", String(isOn));
    chart.setArea(isOn);
  });
  app.listen((frame) => {
    if (frame.type === "progress" && frame.map) step = frame;
  });

  app.watch((view) => {
    ({ state: latest, selection } = view);
    const { map: newest } = latest;
    const isWorking = view.queue.some((entry) => entry.action === "map.start") || isBusy(newest);
    disable(start, isWorking || view.isOver || latest.images.length === 0);
    progress.hidden = !isWorking;
    if (isWorking) showWork(newest);
    if (panel.open && newest?.state === "done" && asked !== newest.id) load(newest.id);
    const newer = shown ? newerThan(shown.images, latest.images.map(({ id }) => id)).length : 0;
    say(start, newest?.state === "done" ? gettext("Make it again") : gettext("Make the map"));
    start.hidden = newest?.state === "done" && newer === 0 && !hasFailed;
    say(part("map-note"), isWorking ? "" : note(newest, newer));
    say(part("map-short"), newest?.state === "done" ? fill(ngettext("%(n)s picture", "%(n)s pictures", newest.images), { n: newest.images }) : "");
    part("map-none").hidden = shown !== null;
    part("map-made").hidden = shown === null;
    tell(newest, isWorking);
    if (panel.open && shown) draw();
  });

  function tell(newest, isWorking) {
    const news = isWorking ? "working" : `${newest?.id} ${newest?.state}`;
    if (heard !== null && news !== heard && !isWorking && newest) announce(newest.state === "done" ? gettext("The map is ready.") : part("map-note").textContent);
    heard = news;
  }

  function showWork(newest) {
    const isLooking = newest && step?.map === newest.id && step.phase === "looking";
    const text = isLooking ? fill(gettext("looking at picture %(done)s of %(total)s"), step) : gettext("arranging the pictures…");
    showProgress(progress, isLooking ? step : null, text);
  }

  async function load(id) {
    asked = id;
    try {
      const response = await fetch(`${panel.dataset.url}${id}.json`);
      if (!response.ok) throw new Error(String(response.status));
      const { images, points } = await response.json();
      if (asked !== id) return;
      shown = { id, images, points };
      hasFailed = false;
    } catch {
      hasFailed = true;
    }
    app.changed();
    if (shown?.id === id) requestAnimationFrame(unfold);
  }

  function unfold() {
    part("map-made").hidden = false; // the chart measures its place
    chart ??= createChart(part("map-view"), { onPick: pick, onLook: show, onOpen: open });
    chart.setData(shown.images, shown.points);
    draw();
  }

  function draw() {
    const marks = new Map(latest.categories.flatMap(({ mark: number, images }) => images.map((id) => [id, number])));
    chart?.setLook(marks, selection.ids);
    keyed(part("map-legend"), latest.categories, ({ id, mark: number }) => `${app.keyOf(id)} ${number}`, legend, (node, { name }) => say(node.lastElementChild, name));
  }

  function pick(ids, isToggle) {
    const there = ids.filter((id) => isOffered(latest, id));
    selection = isToggle ? toggle(selection, there[0]) : selectAll(selection, there);
    comeBackTo(() => part("map-view").focus({ preventScroll: true }));
    app.select(selection);
    if (isToggle) return show(there[0], true);
    return say(part("map-said"), fill(ngettext("%(n)s picture selected", "%(n)s pictures selected", selection.ids.size), { n: selection.ids.size }));
  }

  /** What the pointer or the keys rest on, larger; said aloud when it was a key that led there. */
  function show(id, isByKey) {
    preview.hidden = id === null;
    if (id === null) return;
    const picture = preview.querySelector("img");
    if (!picture.src.endsWith(thumbUrl(id))) picture.src = thumbUrl(id);
    say(preview.querySelector("figcaption"), words(id));
    if (isByKey) say(part("map-said"), [words(id), selection.ids.has(id) ? gettext("selected") : "", near(id)].filter(Boolean).join(". "));
  }

  /** A closer look at a picture, and from there at those around it. */
  function open(id) {
    lookCloser(id, [id, ...neighbours(id, NEIGHBOURS_SHOWN)], () => part("map-view").focus({ preventScroll: true }));
  }

  /** "Picture 12", or "Picture 12, in Toys". */
  function words(id) {
    const { number, names } = describe(latest, homesOf(latest), { id });
    return called(number, names);
  }

  function near(id) {
    const numbers = neighbours(id, NEIGHBOURS_SAID).map((one) => numberOf(latest, one));
    return fill(gettext("Near it: %(numbers)s"), { numbers: numbers.join(", ") });
  }

  function neighbours(id, count) {
    return around(shown.points, shown.images.indexOf(id), count).map((index) => shown.images[index]);
  }

  function note(newest, newer) {
    if (latest.images.length === 0) return gettext("There are no pictures yet.");
    if (hasFailed) return gettext("The map could not be loaded. Please reload the page.");
    if (newest?.state === "failed") return gettext("The map could not be made. Nothing is lost. Please try again.");
    if (newer === 0) return "";
    return fill(ngettext("%(n)s picture is newer than this map.", "%(n)s pictures are newer than this map.", newer), { n: newer });
  }
}

function legend({ mark: number }) {
  return el("li", {}, mark(number), el("span"));
}
