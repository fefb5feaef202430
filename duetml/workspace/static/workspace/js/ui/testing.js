/* C: testing. */

import { app } from "../app.js";
import { NOTHING } from "../logic/selection.js";
import { homesOf, isBusy, lastTrained, numberOf, testCandidates } from "../logic/state.js";
import { fill, gettext, ngettext } from "../words.js";
import { announce, disable, dropTarget, el, keyed, mark, say } from "./dom.js";
import { canUpload, chooseFiles, filesOf, upload, uploadsWaiting } from "./files.js";
import { called, createGrid, thumbUrl } from "./thumbs.js";

const MOST = 24;
const BARS_SHOWN = 5;
const RESULTS_SAID = 3;
const additions = [];

/** `add(node, result, state)` may show more beside a result; called whenever the page is drawn. */
export function addToResults(add) {
  additions.push(add);
}

export function testing() {
  const panel = document.getElementById("test");
  const open = document.getElementById("test-open");
  const own = document.getElementById("test-own");
  const note = document.getElementById("test-note");
  const stale = document.getElementById("test-stale");
  const refused = document.getElementById("test-refused");
  const results = document.getElementById("results");
  let latest = null;
  let isClosed = false;
  let heard = null;
  let arriving = null; // pictures of one's own on their way: {expected, images: [ids], refused: [sentences]}

  const pick = picker(start);
  open.addEventListener("click", () => pick.open(latest));
  own?.addEventListener("click", () => {
    const input = el("input", { type: "file", accept: "image/*", multiple: true });
    input.addEventListener("change", () => tryOut([...input.files]));
    input.click();
  });
  dropTarget(panel, {
    onImages: (images) => whenTrained(() => start(images)),
    onFiles: canUpload() ? (transfer) => tryOut(filesOf(transfer)) : null,
  });
  panel.addEventListener("paste", (event) => {
    const found = canUpload() ? filesOf(event) : [];
    if (found.length === 0) return;
    event.preventDefault();
    event.stopPropagation(); // elsewhere a picture is pasted into the pool
    tryOut(found);
  });

  app.watch((view) => {
    latest = view.state;
    isClosed = view.isOver;
    if (arriving && uploadsWaiting() === 0) startArrived(); // some will not come before this page is loaded again
    const { test } = latest;
    const run = lastTrained(latest);
    const isAsked = arriving !== null || view.queue.some((entry) => entry.action === "test.start");
    const isWorking = isAsked || isBusy(test);
    disable(open, !run || isWorking || isClosed);
    if (own) disable(own, !run || isWorking || isClosed);
    say(open, test ? gettext("Test more images") : gettext("Choose test pictures"));
    say(note, explain(test, run, isWorking));
    note.classList.toggle("error-text", !isWorking && test?.state === "failed");
    stale.hidden = isWorking || test?.state !== "done" || test.run === run?.id;
    panel.setAttribute("aria-busy", String(isWorking));
    const shown = test?.state === "done" ? test.results : [];
    keyed(results, shown, (result) => `${test.id} ${result.image}`, row, fillIn);
    tell(test, isWorking);
    pick.draw(latest);
  });

  function whenTrained(go) {
    if (isClosed) return;
    if (lastTrained(latest)) go();
    else announce(note.textContent);
  }

  function start(images) {
    if (images.length > MOST) announce(tooMany());
    app.act("test.start", { images: images.slice(0, MOST) });
  }

  /** Pictures of one's own are stored and tested together, without another click. */
  function tryOut(files) {
    whenTrained(() => {
      const wanted = files.slice(0, MOST);
      if (wanted.length < files.length) announce(tooMany());
      arriving ??= { expected: 0, images: [], refused: [] };
      arriving.expected += wanted.length;
      refused.hidden = true;
      upload(wanted, null, { onStored: arrived, onRefused: missed });
    });
  }

  function arrived(image) {
    if (!arriving || !image) return; // what came after the end was also missed
    arriving.images.push(image.id);
    startWhenAllAreHere();
  }

  function missed(sentence) {
    if (!arriving) return;
    arriving.refused.push(sentence);
    refused.hidden = false;
    say(refused, arriving.refused.join(" "));
    startWhenAllAreHere();
  }

  function startWhenAllAreHere() {
    if (arriving.images.length + arriving.refused.length >= arriving.expected) startArrived();
  }

  function startArrived() {
    const { images } = arriving;
    arriving = null;
    if (images.length > 0) start(images);
    else app.changed();
  }

  function row({ image, scores }) {
    const picture = el("img", { src: thumbUrl(image), alt: nameOf(image), width: 88, height: 88, decoding: "async" });
    const bars = scores.map(bar);
    const said = el("div", {}, el("ul", { class: "bars" }, ...bars.slice(0, BARS_SHOWN)));
    if (bars.length > BARS_SHOWN) said.append(rest(bars.slice(BARS_SHOWN)));
    said.append(el("p", { class: "soft small home" }));
    return el("li", { class: "result" }, picture, said);
  }

  function fillIn(node, result) {
    const homes = homesOf(latest).get(result.image) ?? [];
    const names = latest.categories.filter(({ id }) => homes.includes(id)).map(({ name }) => name);
    const place = node.querySelector(".home");
    place.hidden = names.length === 0;
    say(place, fill(gettext("You put this picture into %(name)s."), { name: names.join(", ") }));
    additions.forEach((add) => add(node, result, latest));
  }

  function rest(bars) {
    const more = ngettext("%(n)s more", "%(n)s more", bars.length);
    return el("details", {}, el("summary", {}, fill(more, { n: bars.length })), el("ul", { class: "bars" }, ...bars));
  }

  function bar({ category, name, p }) {
    const known = latest.categories.find((one) => one.id === category);
    const fillBar = el("span", { class: "fill" });
    fillBar.style.setProperty("inline-size", `${Math.round(p * 100)}%`);
    return el(
      "li",
      {},
      el("span", { class: "label" }, known ? mark(known.mark) : "", el("span", {}, name)),
      el("span", { class: "track", "aria-hidden": "true" }, fillBar),
      el("span", { class: "percent" }, `${Math.round(p * 100)} %`),
    );
  }

  function nameOf(image) {
    return called(numberOf(latest, image));
  }

  /** Results are said once; of many pictures the first few. */
  function tell(test, isWorking) {
    if (isWorking) return;
    const news = test ? `${test.id} ${test.state}` : "";
    if (heard !== null && news && news !== heard) announce(test.state === "done" ? spoken(test) : note.textContent);
    heard = news;
  }

  function spoken({ results: all }) {
    const count = fill(ngettext("%(n)s picture tested.", "%(n)s pictures tested.", all.length), { n: all.length });
    const first = all.slice(0, RESULTS_SAID).map(({ image, scores }) =>
      fill(gettext("%(picture)s: %(name)s %(percent)s percent."), {
        picture: nameOf(image),
        name: scores[0].name,
        percent: Math.round(scores[0].p * 100),
      }),
    );
    return [count, ...first].join(" ");
  }
}

/** The dialog in which pictures to test are chosen: {open(state), draw(state)}. */
function picker(start) {
  const dialog = document.getElementById("picker");
  const go = document.getElementById("test-start");
  const tally = document.getElementById("picker-tally");
  let picked = NOTHING;
  let latest = null;
  const grid = createGrid({
    label: gettext("Pictures to test"),
    isDraggable: false,
    chosen: () => picked,
    choose: (next) => {
      picked = next;
      draw(latest);
    },
  });

  document.getElementById("picker-grid").replaceWith(grid.element);
  document.getElementById("picker-upload")?.addEventListener("click", () => chooseFiles());
  go.addEventListener("click", () => {
    start([...picked.ids]);
    dialog.close();
  });

  function draw(state) {
    latest = state;
    if (!dialog.open) return;
    const homes = homesOf(state);
    const describe = ({ id }) => ({ number: numberOf(state, id), isUsed: homes.has(id) });
    grid.update(testCandidates(state), picked, describe);
    const count = picked.ids.size;
    go.disabled = count === 0 || count > MOST;
    say(go, fill(ngettext("Test %(n)s picture", "Test %(n)s pictures", count), { n: count }));
    say(tally, count > MOST ? tooMany() : "");
  }

  return {
    draw,
    open(state) {
      picked = NOTHING;
      dialog.showModal();
      draw(state);
    },
  };
}

function tooMany() {
  return fill(gettext("At most %(n)s at a time."), { n: MOST });
}

function explain(test, run, isWorking) {
  if (isWorking) return gettext("Looking at your test pictures…");
  if (!run) return gettext("Train first. Then try it on pictures it has not seen.");
  if (test?.state === "failed") return gettext("The test did not work. Nothing is lost. Please try again.");
  if (!test) return gettext("Choose pictures it has not seen, and see what it makes of them.");
  return gettext("The longer the bar, the surer it is.");
}
