/* The header's clock and Finish button. Whoever fills the header says when: [data-closes-at], [data-minimum-at] and
 * a form [data-finish-form]; a page without them has no clock. At the end the page moves on by itself. */

import { app } from "../app.js";
import { minutesAndSeconds, reading } from "../logic/clock.js";
import { fill, gettext } from "../words.js";
import { announce, el, say } from "./dom.js";
import { uploadsWaiting } from "./files.js";

const CLOSING_GRACE = 3000;
const MOVE_ON_AFTER = 1200;

export function clock() {
  const display = document.querySelector("[data-closes-at], [data-minimum-at]");
  const form = document.querySelector("[data-finish-form]");
  const finish = form?.querySelector("button:not([type=button])");
  const when = form ? form.parentNode.insertBefore(el("span", { class: "soft finish-note" }), form) : null;
  const closesAt = instant(display?.dataset.closesAt);
  const minimumAt = instant(display?.dataset.minimumAt);
  let hasCalled = false;
  let endedAt = null;
  let isLeaving = false;
  let isFinishing = false;
  let waiting = 0;

  app.watch((view) => {
    waiting = view.waiting + uploadsWaiting();
    if (view.state.workspace.rescheduled) lookAgain();
    else if (view.state.workspace.closed) leave();
    else if (view.isOver) end();
    if (isFinishing && waiting === 0 && !isLeaving) {
      isLeaving = true;
      form.submit();
    }
  });

  form?.addEventListener("submit", (event) => {
    if (waiting === 0) return;
    event.preventDefault();
    isFinishing = true;
    finish.disabled = true;
    say(when, gettext("saving your last changes…"));
  });

  function tick() {
    const { left, minimumLeft, isLastCall, isOver, canFinish } = reading(app.now(), closesAt, minimumAt);
    if (left !== null) {
      say(display, fill(gettext("%(time)s left"), { time: minutesAndSeconds(left) }));
      display.classList.toggle("last-call", isLastCall);
    }
    if (finish && !isFinishing) {
      finish.disabled = !canFinish;
      say(when, canFinish ? "" : fill(gettext("can finish in %(time)s"), { time: minutesAndSeconds(minimumLeft) }));
    }
    if (isLastCall && !hasCalled) {
      hasCalled = true;
      lastCall();
    }
    if (isOver) {
      app.end();
      end();
    }
  }

  function lastCall() {
    const place = document.getElementById("last-call");
    say(place, gettext("Less than two minutes left. What you have done so far is saved by itself."));
    place.hidden = false;
    announce(place.textContent);
  }

  /** The time is over: the server closes; the page waits for its word, and moves on without it after a while. */
  function end() {
    endedAt ??= Date.now();
    overlay();
    if (Date.now() - endedAt > CLOSING_GRACE) leave();
  }

  function leave() {
    if (isLeaving) return;
    isLeaving = true;
    overlay();
    setTimeout(() => {
      const next = document.querySelector("[data-next-url]")?.dataset.nextUrl;
      if (next) location.assign(next);
      else location.reload();
    }, MOVE_ON_AFTER);
  }

  /** Staff stopped the clock, or gave more time: the page is loaded again, which says so. */
  function lookAgain() {
    if (isLeaving) return;
    isLeaving = true;
    const next = document.querySelector("[data-next-url]")?.dataset.nextUrl;
    if (next) location.assign(next);
    else location.reload();
  }

  tick();
  setInterval(tick, 1000);
}

function overlay() {
  const over = document.getElementById("over");
  if (!over.open) over.showModal();
}

function instant(text) {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? null : at;
}
