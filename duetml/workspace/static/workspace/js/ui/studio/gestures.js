/* What a mouse, a pen or fingers do on the map. Pixels are [across, down] within the element. */

const STILL = 5; // pixels a click may move
const FINER = 400; // wheel pixels that double the size

/** Calls: pan(across, down), zoom(pixel, factor), area(one, other) while one is drawn, areaDone(one, other),
 * click(pixel), hover(pixel | null). `isArea()`: a plain drag draws an area too. */
export function listenToGestures(element, { pan, zoom, area, areaDone, click, hover, isArea }) {
  const fingers = new Map();
  let drag = null; // {from, last, isArea, isMoved} of a single pointer
  let pinch = null; // {middle, spread} of two

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, pixelOf(event));
    const from = pixelOf(event);
    drag = fingers.size === 1 ? { from, last: from, isArea: event.shiftKey || isArea(), isMoved: false } : null;
    pinch = fingers.size === 2 ? spreadOf() : null;
  });

  element.addEventListener("pointermove", (event) => {
    const pixel = pixelOf(event);
    if (!fingers.has(event.pointerId)) return hover(event.pointerType === "mouse" ? pixel : null);
    fingers.set(event.pointerId, pixel);
    if (pinch && fingers.size === 2) return pinched();
    return drag && dragged(pixel);
  });

  element.addEventListener("pointerup", (event) => {
    if (!fingers.delete(event.pointerId)) return;
    const was = drag;
    drag = null;
    pinch = null;
    if (was && !was.isMoved) click(was.from);
    else if (was?.isArea) areaDone(was.from, pixelOf(event));
  });

  element.addEventListener("pointercancel", (event) => {
    fingers.delete(event.pointerId);
    drag = null;
    pinch = null;
    area(null, null);
  });

  element.addEventListener("pointerleave", () => hover(null));

  // A wheel over a map one is not working with scrolls the page.
  element.addEventListener(
    "wheel",
    (event) => {
      if (document.activeElement !== element && !event.ctrlKey) return;
      event.preventDefault();
      const rows = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      zoom(pixelOf(event), 2 ** ((-event.deltaY * rows) / FINER));
    },
    { passive: false },
  );

  function dragged(pixel) {
    drag.isMoved ||= Math.hypot(pixel[0] - drag.from[0], pixel[1] - drag.from[1]) > STILL;
    if (!drag.isMoved) return;
    if (drag.isArea) area(drag.from, pixel);
    else pan(pixel[0] - drag.last[0], pixel[1] - drag.last[1]);
    drag.last = pixel;
  }

  function pinched() {
    const now = spreadOf();
    pan(now.middle[0] - pinch.middle[0], now.middle[1] - pinch.middle[1]);
    zoom(now.middle, now.spread / pinch.spread);
    pinch = now;
  }

  function spreadOf() {
    const [one, other] = [...fingers.values()];
    const spread = Math.max(1, Math.hypot(one[0] - other[0], one[1] - other[1]));
    return { middle: [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2], spread };
  }

  function pixelOf(event) {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }
}
