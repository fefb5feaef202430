/* How good the model is, asked about pictures it had not seen: what it got wrong first, then the table. */

import { app } from "../../app.js";
import { fateOf, mistakesIn, percent, recognised, rowsOf, verdictOf, worstPair } from "../../logic/quality.js";
import { toggle } from "../../logic/selection.js";
import { homesOf, lastTrained, numberOf } from "../../logic/state.js";
import { fill, gettext, ngettext } from "../../words.js";
import { lookCloser } from "../closeup.js";
import { announce, el, keyed, mark, say } from "../dom.js";
import { isOutdated } from "../freshness.js";
import { called, comeBackTo, thumbUrl } from "../thumbs.js";

const SHOWN = 12;

export function quality() {
  const panel = document.getElementById("quality");
  if (!panel) return;
  const part = (name) => document.getElementById(name);
  const head = part("confusion").tHead;
  const body = part("confusion").tBodies[0];
  const moved = new Set(); // mistakes moved from here: they can be moved back
  let latest = null;
  let selection = null;
  let run = null;
  let cell = null; // {category, said}: one cell of the table, or null for all mistakes
  let count = SHOWN;
  let drawn = null;
  let heard = null;

  panel.addEventListener("toggle", app.changed);
  part("mistakes-all").addEventListener("click", () => showCell(null));
  part("mistakes-more").addEventListener("click", () => {
    const first = count;
    count += SHOWN;
    draw();
    part("mistakes").children[first]?.querySelector("button").focus();
  });

  app.watch((view) => {
    ({ state: latest, selection } = view);
    const next = lastTrained(latest);
    if (next?.id !== run?.id) {
      cell = null;
      count = SHOWN;
      moved.clear();
    }
    run = next;
    summarise();
    if (panel.open) draw();
  });

  function summarise() {
    const verdict = verdictOf(run);
    say(part("quality-short"), verdict && !verdict.why ? fill(gettext("%(right)s of %(n)s right"), verdict) : "");
    if (heard !== null && run && heard !== run.id && verdict) announce(verdict.why ? tooFew() : sentence(verdict));
    heard = run?.id ?? "";
  }

  function draw() {
    const verdict = verdictOf(run);
    const isFound = Boolean(verdict && !verdict.why);
    part("quality-none").hidden = isFound;
    part("quality-found").hidden = !isFound;
    if (!isFound) return say(part("quality-none"), verdict ? tooFew() : gettext("Train first. Then you see here what it got wrong, and how sure we can be."));
    say(part("quality-verdict"), sentence(verdict));
    say(part("quality-range"), range(verdict));
    part("quality-stale").hidden = !isOutdated(latest, run);
    drawMistakes(run.report.quality);
    return drawTable(run.report.quality);
  }

  function drawMistakes(found) {
    const all = shownOf(found);
    say(part("mistakes-title"), title(all.length));
    say(part("mistakes-hint"), hint(all.length));
    part("mistakes-all").hidden = cell === null;
    keyed(part("mistakes"), all.slice(0, count), ({ image, category, said }) => `${run.id} ${image} ${category} ${said}`, create, update);
    const left = all.length - count;
    part("mistakes-more").hidden = left <= 0;
    say(part("mistakes-more"), fill(ngettext("Show %(n)s more", "Show %(n)s more", Math.min(left, SHOWN)), { n: Math.min(left, SHOWN) }));
  }

  /** What the list holds: mistakes, or the pictures of a cell on the diagonal. */
  function shownOf(found) {
    if (cell === null || cell.category !== cell.said) return mistakesIn(found, cell);
    const now = latest.categories.find(({ id }) => id === cell.category)?.images ?? [];
    return recognised(found, cell.category, now).map((image) => ({ image, category: cell.category, said: cell.category, p: null }));
  }

  function title(n) {
    if (cell === null) return fill(ngettext("What it got wrong: %(n)s picture", "What it got wrong: %(n)s pictures", n), { n });
    return fill(gettext("You said “%(category)s”, it said “%(said)s”"), { category: nameOf(cell.category), said: nameOf(cell.said) });
  }

  function hint(n) {
    if (n === 0) return cell === null ? gettext("Nothing. Try harder pictures, or finer categories.") : gettext("These pictures are no longer there.");
    if (cell && cell.category === cell.said) return gettext("It recognised these without having seen them.");
    return gettext("The surest mistakes come first. Either the picture is in the wrong category, or it needs more pictures like this one.");
  }

  function showCell(next) {
    cell = next;
    count = SHOWN;
    draw();
    part("mistakes-title").focus();
    part("mistakes-title").scrollIntoView({ block: "nearest" });
  }

  function create(mistake) {
    const picture = el("img", { src: thumbUrl(mistake.image), alt: "", width: 96, height: 96, loading: "lazy", decoding: "async" });
    const view = el("button", { type: "button", class: "look-at" }, picture);
    view.setAttribute("aria-label", fill(gettext("Look at picture %(number)s"), { number: numberOf(latest, mistake.image) }));
    view.addEventListener("click", () => lookAt(mistake, view));
    const move = el("button", { type: "button", class: "move" });
    move.addEventListener("click", () => moveOrBack(mistake));
    const select = el("button", { type: "button", class: "select" }, gettext("Select"));
    select.addEventListener("click", () => {
      comeBackTo(() => select.focus({ preventScroll: true }));
      app.select(toggle(selection, mistake.image, mistake.category));
    });
    return el("li", { class: "mistake" }, view, el("div", {}, el("p"), el("div", { class: "acts" }, move, select)));
  }

  function update(node, mistake) {
    const fate = fateNow(mistake);
    const to = category(mistake.said);
    const isRight = mistake.p === null;
    node.classList.toggle("settled", fate !== "open");
    node.querySelector(".look-at").title = called(numberOf(latest, mistake.image));
    say(node.querySelector("p"), isRight ? called(numberOf(latest, mistake.image)) : `${told(mistake)} ${became(mistake, fate)}`.trim());
    const move = node.querySelector(".move");
    const canGoBack = fate === "taken" && moved.has(mistake) && category(mistake.category);
    move.hidden = isRight || !to || !(fate === "open" || canGoBack);
    say(move, fill(canGoBack ? gettext("Back to %(name)s") : gettext("Move to %(name)s"), { name: nameOf(canGoBack ? mistake.category : mistake.said) }));
    const select = node.querySelector(".select");
    select.setAttribute("aria-pressed", String(selection.ids.has(mistake.image)));
    select.setAttribute("aria-label", `${gettext("Select")}: ${called(numberOf(latest, mistake.image))}`);
  }

  function moveOrBack(mistake) {
    const isBack = fateNow(mistake) === "taken";
    if (isBack) moved.delete(mistake);
    else moved.add(mistake);
    const [from, to] = isBack ? [mistake.said, mistake.category] : [mistake.category, mistake.said];
    app.act("images.add", { category: to, images: [mistake.image], ...(latest.features.copies ? { source: from } : {}) });
    announce(fill(gettext("%(picture)s moved to %(name)s"), { picture: called(numberOf(latest, mistake.image)), name: nameOf(to) }));
  }

  function lookAt({ image, category: home }, button) {
    const ids = shownOf(run.report.quality).map((one) => one.image);
    lookCloser(image, [...new Set(ids)], () => button.focus(), home);
  }

  function fateNow(mistake) {
    return fateOf(mistake, homesOf(latest).get(mistake.image) ?? []);
  }

  function category(id) {
    return latest.categories.find((one) => one.id === id);
  }

  /** Its name now, or the one it was trained under. */
  function nameOf(id) {
    return category(id)?.name ?? run.categories?.find((one) => one.category === id)?.name ?? gettext("a category that is gone");
  }

  function told({ category: put, said, p }) {
    if (p === null) return "";
    const text = gettext("You put it into “%(category)s”. It says “%(said)s”, %(sure)s sure.");
    return fill(text, { category: nameOf(put), said: nameOf(said), sure: percent(p) });
  }

  function drawTable(found) {
    const isSame = drawn?.run === run && drawn.categories === latest.categories;
    if (!isSame) build(found);
    drawn = { run, categories: latest.categories };
    for (const button of body.querySelectorAll("button")) {
      const isShown = cell !== null && button.dataset.category === cell.category && button.dataset.said === cell.said;
      button.setAttribute("aria-pressed", String(isShown));
    }
    const worst = worstPair(found);
    part("confusion-worst").hidden = !worst;
    if (worst) say(part("confusion-worst"), mixedUp(worst));
  }

  function mixedUp({ category: put, said, count: times, total }) {
    const text = gettext("Most often it took “%(category)s” for “%(said)s”: %(times)s of %(total)s.");
    return fill(text, { category: nameOf(put), said: nameOf(said), times, total });
  }

  function build(found) {
    const focused = body.contains(document.activeElement) ? document.activeElement.dataset : null;
    const corner = el("th", { scope: "col" }, el("span", { class: "small soft" }, gettext("yours ↓ it said →")));
    head.replaceChildren(el("tr", {}, corner, ...found.labels.map((id) => el("th", { scope: "col" }, tag(id)))));
    body.replaceChildren(...rowsOf(found).map(row));
    if (!focused) return;
    [...body.querySelectorAll("button")]
      .find(({ dataset }) => dataset.category === focused.category && dataset.said === focused.said)
      ?.focus();
  }

  function row({ category: put, cells }) {
    return el("tr", {}, el("th", { scope: "row" }, tag(put)), ...cells.map((one) => entry(put, one)));
  }

  function tag(id) {
    const known = category(id);
    return el("span", { class: "tag" }, known ? mark(known.mark) : "", el("span", {}, nameOf(id)));
  }

  function entry(put, { said, count: times, share, isRight }) {
    const node = el("td", { class: isRight ? "right" : times ? "wrong" : "none" });
    node.style.setProperty("--share", `${Math.round(share * 100)}%`);
    if (times === 0) {
      node.append("0");
      return node;
    }
    const text = isRight
      ? ngettext("%(times)s picture of “%(category)s” recognised", "%(times)s pictures of “%(category)s” recognised", times)
      : ngettext("%(times)s picture of “%(category)s” taken for “%(said)s”", "%(times)s pictures of “%(category)s” taken for “%(said)s”", times);
    const button = el("button", { type: "button", "data-category": put, "data-said": said }, String(times));
    button.setAttribute("aria-label", fill(text, { times, category: nameOf(put), said: nameOf(said) }));
    button.addEventListener("click", () => showCell({ category: put, said }));
    node.append(button);
    return node;
  }
}

function sentence(verdict) {
  return fill(gettext("It got %(right)s of %(n)s right when asked about pictures it had not seen."), verdict);
}

function range(verdict) {
  return fill(gettext("With other pictures of these kinds it would probably be right between %(low)s and %(high)s of the time."), verdict);
}

function tooFew() {
  return gettext("There are too few pictures to say how good it is. Put some more into each category and train again.");
}

function became({ p }, fate) {
  if (p === null || fate === "open") return "";
  return fate === "taken" ? gettext("You moved it there.") : gettext("It is not there any more.");
}
