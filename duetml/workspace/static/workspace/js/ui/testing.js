/* C: testing. */

import { app } from "../app.js";
import { NOTHING } from "../logic/selection.js";
import { isBusy, lastTrained, testCandidates } from "../logic/state.js";
import { fill, gettext, ngettext } from "../words.js";
import { announce, disable, el, keyed, mark, say } from "./dom.js";
import { numberOf } from "./categories.js";
import { chooseFiles } from "./files.js";
import { createGrid, thumbUrl } from "./thumbs.js";

const MOST = 24;
const BARS_SHOWN = 5;

export function testing() {
  const open = document.getElementById("test-open");
  const note = document.getElementById("test-note");
  const results = document.getElementById("results");
  const dialog = document.getElementById("picker");
  const start = document.getElementById("test-start");
  const tally = document.getElementById("picker-tally");
  let picked = NOTHING;
  let latest = null;
  let heard = null;
  const grid = createGrid({
    label: gettext("Pictures to test"),
    isDraggable: false,
    chosen: () => picked,
    choose: (next) => {
      picked = next;
      draw();
    },
  });

  document.getElementById("picker-grid").replaceWith(grid.element);
  open.addEventListener("click", () => {
    picked = NOTHING;
    draw();
    dialog.showModal();
  });
  document.getElementById("picker-upload")?.addEventListener("click", () => chooseFiles());
  start.addEventListener("click", () => {
    app.act("test.start", { images: [...picked.ids] });
    dialog.close();
  });

  app.watch((view) => {
    latest = view.state;
    const { test } = latest;
    const run = lastTrained(latest);
    const isAsked = view.queue.some((entry) => entry.action === "test.start");
    const isWorking = isAsked || isBusy(test);
    disable(open, !run || isWorking || view.isOver);
    say(open, test ? gettext("Test more images") : gettext("Choose test pictures"));
    say(note, explain(test, run, isWorking));
    const shown = test?.state === "done" ? test.results : [];
    keyed(results, shown, (result) => `${test.id} ${result.image}`, row, showHome);
    if (heard !== null && test?.state === "done" && heard !== test.id) announce(note.textContent);
    if (!isWorking) heard = test?.id ?? "";
    if (dialog.open) draw();
  });

  function draw() {
    const images = testCandidates(latest).map((image) => ({ ...image, number: numberOf(latest, image.id) }));
    grid.update(images, picked);
    images.forEach((image, index) => grid.element.children[index].classList.toggle("used", Boolean(image.category)));
    const count = picked.ids.size;
    start.disabled = count === 0 || count > MOST;
    say(start, fill(ngettext("Test %(n)s picture", "Test %(n)s pictures", count), { n: count }));
    say(tally, count > MOST ? fill(gettext("At most %(n)s at a time."), { n: MOST }) : "");
  }

  function row({ image, scores }) {
    const number = numberOf(latest, image);
    const picture = el("img", {
      src: thumbUrl(image),
      alt: fill(gettext("Picture %(number)s"), { number }),
      loading: "lazy",
    });
    const bars = scores.map(bar);
    const list = el("ul", { class: "bars" }, ...bars.slice(0, BARS_SHOWN));
    const node = el("li", { class: "result" }, picture, el("div", {}, list));
    if (bars.length > BARS_SHOWN) node.lastElementChild.append(rest(bars.slice(BARS_SHOWN)));
    node.lastElementChild.append(el("p", { class: "soft small" }));
    return node;
  }

  function showHome(node, { image }) {
    const { category } = latest.images.find((one) => one.id === image) ?? {};
    const home = latest.categories.find((one) => one.id === category);
    const place = node.querySelector("p");
    place.hidden = !home;
    say(place, home ? fill(gettext("You put this picture into %(name)s."), home) : "");
  }

  function rest(bars) {
    const more = ngettext("%(n)s more", "%(n)s more", bars.length);
    return el(
      "details",
      {},
      el("summary", {}, fill(more, { n: bars.length })),
      el("ul", { class: "bars" }, ...bars),
    );
  }

  function bar({ category, name, p }) {
    const position = latest.categories.find((one) => one.id === category)?.position;
    const fillBar = el("span", { class: "fill" });
    fillBar.style.setProperty("inline-size", `${Math.round(p * 100)}%`);
    const shape = position === undefined ? "" : mark(position);
    return el(
      "li",
      {},
      el("span", { class: "label" }, shape, el("span", {}, name)),
      el("span", { class: "track", "aria-hidden": "true" }, fillBar),
      el("span", { class: "percent" }, `${Math.round(p * 100)} %`),
    );
  }
}

function explain(test, run, isWorking) {
  if (isWorking) return gettext("Looking at your test pictures…");
  if (!run) return gettext("Train first. Then try it on pictures it has not seen.");
  if (test?.state === "failed") return gettext("The test did not work. Nothing is lost. Please try again.");
  if (!test) return gettext("Choose pictures it has not seen, and see what it makes of them.");
  return test.run === run.id
    ? gettext("The longer the bar, the surer it is.")
    : gettext("These results are from before the last training. Test again to see the difference.");
}
