// Which pictures were before the rater's eyes: half of one in view for a moment, or one shown large.

const MOMENT_MS = 300;
const PAUSE_MS = 5000;

/** `send({seen, zoomed})` gets the numbers of pictures not told before, now and then and when the page is left. */
export function watchLooks(thumbs, send) {
  const told = { seen: new Set(), zoomed: new Set() };
  const fresh = { seen: new Set(), zoomed: new Set() };
  const waiting = new Map();

  function note(what, number) {
    if (!told[what].has(number)) fresh[what].add(number);
  }

  function tell() {
    if (!fresh.seen.size && !fresh.zoomed.size) return;
    send({ seen: [...fresh.seen], zoomed: [...fresh.zoomed] });
    for (const what of ["seen", "zoomed"]) {
      for (const number of fresh[what]) told[what].add(number);
      fresh[what].clear();
    }
  }

  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      clearTimeout(waiting.get(target));
      if (isIntersecting) waiting.set(target, setTimeout(() => note("seen", Number(target.dataset.picture)), MOMENT_MS));
    }
  }, { threshold: 0.5 });
  thumbs.forEach((thumb) => observer.observe(thumb));
  setInterval(tell, PAUSE_MS);
  addEventListener("pagehide", tell);
  return { zoomed: (number) => note("zoomed", number), tell };
}
