/* More pictures like the one that is selected. */

import { app } from "../../app.js";
import { NOTHING, selectAll, toggle } from "../../logic/selection.js";
import { homesOf, numberOf } from "../../logic/state.js";
import { fill, gettext, ngettext } from "../../words.js";
import { showTargets } from "../chosen.js";
import { el, say } from "../dom.js";
import { put } from "../placing.js";
import { describe } from "../pool.js";
import { called, createGrid, focusLastPicture, thumbUrl } from "../thumbs.js";

export function similar() {
  const dialog = document.getElementById("similar");
  if (!dialog) return;
  const part = (name) => document.getElementById(name);
  const open = el("button", { type: "button", id: "similar-open", hidden: true }, gettext("More like this"));
  const hide = part("similar-hide");
  const chosen = part("similar-chosen");
  let latest = null;
  let found = null; // ids, the most alike first; null while they are looked for
  let without = 0; // pictures nobody has looked at yet
  let problem = "";
  let picked = NOTHING;
  let asked = 0;
  const grid = createGrid({
    label: gettext("More like this"),
    isDraggable: false,
    chosen: () => picked,
    choose: (next) => {
      picked = next;
      draw();
    },
  });

  part("similar-grid").replaceWith(grid.element);
  part("clear").before(open);
  open.addEventListener("click", () => show([...app.selection.ids][0]));
  hide.addEventListener("change", draw);
  part("similar-all").addEventListener("click", () => {
    picked = selectAll(picked, shown());
    draw();
  });
  dialog.addEventListener("close", () => {
    if (app.selection.ids.size !== 1) focusLastPicture(); // the button that opened it goes
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !/^[1-9]$/.test(event.key)) return;
    const category = latest.categories[Number(event.key) - 1];
    if (category && picked.ids.size > 0) use(category);
  });

  app.watch(({ state, selection, isOver }) => {
    latest = state;
    open.hidden = selection.ids.size !== 1;
    open.disabled = isOver;
    if (dialog.open) draw();
  });

  function show(image) {
    found = null;
    problem = "";
    picked = NOTHING;
    part("similar-of").src = thumbUrl(image);
    part("similar-of").alt = called(numberOf(latest, image));
    dialog.showModal();
    draw();
    ask(image);
  }

  async function ask(image) {
    const mine = ++asked;
    const answer = await post(image);
    if (mine !== asked) return;
    found = answer.images ? [image, ...answer.images] : [];
    if (!homesOf(latest).has(image)) picked = toggle(picked, image); // it was selected, and still is
    without = answer.without ?? 0;
    problem = answer.problem ?? "";
    draw();
  }

  async function post(image) {
    try {
      const response = await fetch(dialog.dataset.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": app.root.dataset.token },
        body: JSON.stringify({ image }),
      });
      const answer = await response.json();
      return response.ok ? answer : { problem: answer.refused?.message ?? failed() };
    } catch {
      return { problem: failed() };
    }
  }

  /** Ids in the list: those that the person may still want. */
  function shown() {
    const homes = homesOf(latest);
    return (found ?? []).filter((id) => !hide.checked || !homes.has(id));
  }

  function draw() {
    const images = shown();
    picked = { ...picked, ids: new Set([...picked.ids].filter((id) => images.includes(id))) };
    grid.update(images.map((id) => ({ id })), picked, (image) => describe(latest, homesOf(latest), image));
    say(part("similar-note"), note(images.length));
    part("similar-all").disabled = images.length === 0;
    const count = picked.ids.size;
    chosen.hidden = count === 0;
    say(chosen.querySelector("span"), fill(ngettext("%(n)s selected", "%(n)s selected", count), { n: count }));
    showTargets(chosen.querySelector(".targets"), latest.categories, use);
  }

  function note(count) {
    if (found === null) return gettext("Looking for pictures like this one…");
    if (problem) return problem;
    if (count === 0) return found.length > 1 ? gettext("All of them are in a category already.") : gettext("Nothing else looks like this.");
    const text = gettext("The most alike come first. Select some and put them into a category.");
    return without ? `${text} ${waiting()}` : text;
  }

  function waiting() {
    const text = ngettext("%(n)s new picture is still being looked at.", "%(n)s new pictures are still being looked at.", without);
    return fill(text, { n: without });
  }

  function use(category) {
    put(category, [...picked.ids]);
    picked = NOTHING;
    draw();
    grid.element.querySelector('[tabindex="0"]')?.focus(); // the pressed button may have gone
  }
}

function failed() {
  return gettext("That did not work. Please try again.");
}
