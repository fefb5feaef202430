/* A study may need a wide window: while this one is narrower, it says so, and what would begin something cannot be
 * pressed ([data-needs-width]). What was filled in stays. */

const notice = document.querySelector("[data-minimum-width]");
const wide = matchMedia(`(min-width: ${Number(notice.dataset.minimumWidth)}px)`);

function look() {
  notice.hidden = wide.matches;
  for (const button of document.querySelectorAll("[data-needs-width]")) button.disabled = !wide.matches;
}

wide.addEventListener("change", look);
look();
