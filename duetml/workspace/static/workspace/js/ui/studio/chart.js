/* The map on its canvas: marks from afar, pictures when one comes near. */

import { COLOURS, markOf } from "../../logic/marks.js";
import {
  between,
  inWindow,
  neighbour,
  panned,
  pictureSize,
  pointAt,
  reveal,
  toScreen,
  wholeMap,
  within,
  zoomed,
} from "../../logic/map.js";
import { thumbUrl } from "../thumbs.js";
import { listenToGestures } from "./gestures.js";
import { createPictures } from "./pictures.js";

const REACH = 16; // pixels from a mark that still hit it
const MARK = 14;
const DOT = 7;
const STEP = 1.6; // times nearer per press of a button

/** A chart in `element`, which holds a canvas.
 * `onPick(ids, isToggle)`: pictures were clicked (toggle) or drawn around; `onLook(id | null, isByKey)`: the pointer or
 * the keys rest on a picture; `onOpen(id)`: Enter. */
export function createChart(element, { onPick, onLook, onOpen }) {
  const canvas = element.querySelector("canvas");
  const pen = canvas.getContext("2d");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const pictures = createPictures(thumbUrl, paintSoon);
  const sprites = new Map();
  let images = [];
  let points = [];
  let markNumbers = new Map(); // image → mark of its category
  let selected = new Set();
  let size = { width: 0, height: 0 };
  let whole = wholeMap([], { width: 1, height: 1 });
  let view = whole;
  let current = -1;
  let area = null;
  let isArea = false;
  let isPainting = false;
  let colours = {};

  new ResizeObserver(fit).observe(element);
  dark.addEventListener("change", () => {
    sprites.clear();
    colours = {};
    paintSoon();
  });

  listenToGestures(element, {
    isArea: () => isArea,
    pan: (across, down) => show(panned(view, across, down)),
    zoom: (pixel, factor) => show(zoomed(view, size, pixel, factor, whole)),
    area(one, other) {
      area = one && { one, other };
      paintSoon();
    },
    areaDone(one, other) {
      area = null;
      onPick(within(points, between(view, size, one, other)).map((index) => images[index]), false);
      paintSoon();
    },
    click(pixel) {
      const index = at(pixel);
      if (index < 0) return;
      current = index;
      onPick([images[index]], true);
    },
    hover(pixel) {
      const index = pixel ? at(pixel) : current;
      onLook(images[index] ?? null, false);
    },
  });

  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || points.length === 0) return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  });
  element.addEventListener("focus", paintSoon);
  element.addEventListener("blur", paintSoon);

  const KEYS = {
    ArrowLeft: walk,
    ArrowRight: walk,
    ArrowUp: walk,
    ArrowDown: walk,
    " ": () => current >= 0 && onPick([images[current]], true),
    Enter: () => current >= 0 && onOpen(images[current]),
    "+": () => nearer(STEP),
    "=": () => nearer(STEP),
    "-": () => nearer(1 / STEP),
    Home: () => show(whole),
  };

  function walk({ key, shiftKey }) {
    const from = current;
    const next = from < 0 ? pointAt(points, view, size, middle(), Infinity) : neighbour(points, from, key);
    if (next < 0) return;
    current = next;
    if (shiftKey) onPick([from, next].filter((index) => index >= 0).map((index) => images[index]), false);
    show(reveal(view, size, points[next]));
    onLook(images[next], true);
  }

  function nearer(factor) {
    show(zoomed(view, size, current < 0 ? middle() : toScreen(view, size, points[current]), factor, whole));
  }

  function middle() {
    return [size.width / 2, size.height / 2];
  }

  function at(pixel) {
    return pointAt(points, view, size, pixel, Math.max(REACH, pictureSize(points.length, view, whole) * 0.6));
  }

  function show(next) {
    view = next;
    paintSoon();
  }

  /** Follow the element's size; whoever saw the whole map still does. */
  function fit() {
    const wasWhole = view === whole;
    size = { width: element.clientWidth, height: element.clientHeight };
    const dots = devicePixelRatio || 1;
    canvas.width = Math.round(size.width * dots);
    canvas.height = Math.round(size.height * dots);
    whole = wholeMap(points, size);
    if (wasWhole) view = whole;
    paintSoon();
  }

  function paintSoon() {
    if (isPainting) return;
    isPainting = true;
    requestAnimationFrame(() => {
      isPainting = false;
      if (size.width > 0 && size.height > 0) paint();
    });
  }

  function paint() {
    if (!colours.ink) colours = readColours(element);
    const dots = canvas.width / size.width;
    pen.setTransform(dots, 0, 0, dots, 0, 0);
    pen.clearRect(0, 0, size.width, size.height);
    const seen = inWindow(points, view, size);
    const large = pictureSize(points.length, view, whole);
    if (large) pictures.want(seen.map((index) => images[index]));
    const height = (index) => (selected.has(images[index]) ? 2 : markNumbers.has(images[index]) ? 1 : 0);
    for (const level of [0, 1, 2]) for (const index of seen) if (height(index) === level) draw(index, large); // what was sorted or selected is not hidden
    if (current >= 0 && document.activeElement === element) ring(current, large, colours.focus, 8);
    if (area) frame(area);
    element.dataset.drawn = `${seen.length} ${large}`; // what a test can see of a canvas
  }

  function draw(index, large) {
    const [across, down] = toScreen(view, size, points[index]);
    const number = markNumbers.get(images[index]);
    const picture = large ? pictures.get(images[index]) : null;
    if (picture) drawPicture(picture, across, down, large, number);
    else stamp(number, across, down, MARK);
    if (selected.has(images[index])) ring(index, picture ? large : 0, colours.accent, 3);
  }

  function drawPicture(picture, across, down, large, number) {
    const side = Math.min(picture.naturalWidth, picture.naturalHeight);
    const [left, top] = [(picture.naturalWidth - side) / 2, (picture.naturalHeight - side) / 2];
    pen.drawImage(picture, left, top, side, side, across - large / 2, down - large / 2, large, large);
    if (number === undefined) return;
    const corner = large / 2 - 7;
    pen.fillStyle = colours.paper;
    pen.fillRect(across + corner - 9, down + corner - 9, 18, 18);
    stamp(number, across + corner, down + corner, MARK);
  }

  /** A mark is drawn once and then copied: two thousand paths a frame would be too many. */
  function stamp(number, across, down, wide) {
    const sprite = spriteOf(number, wide);
    pen.drawImage(sprite, across - wide / 2 - 1, down - wide / 2 - 1, wide + 2, wide + 2);
  }

  function spriteOf(number, wide) {
    const dots = canvas.width / size.width;
    const key = `${number} ${wide} ${dots}`;
    if (!sprites.has(key)) sprites.set(key, drawnSprite(number, wide, dots, colours));
    return sprites.get(key);
  }

  function ring(index, large, colour, away) {
    const [across, down] = toScreen(view, size, points[index]);
    const half = (large || MARK) / 2 + away;
    pen.lineWidth = 5;
    pen.strokeStyle = colours.paper;
    pen.strokeRect(across - half, down - half, 2 * half, 2 * half);
    pen.lineWidth = 3;
    pen.strokeStyle = colour;
    pen.strokeRect(across - half, down - half, 2 * half, 2 * half);
  }

  function frame({ one, other }) {
    pen.lineWidth = 2;
    pen.strokeStyle = colours.accent;
    pen.setLineDash([6, 4]);
    pen.strokeRect(one[0], one[1], other[0] - one[0], other[1] - one[1]);
    pen.setLineDash([]);
  }

  return {
    setData(ids, where) {
      images = ids;
      points = where;
      current = -1;
      fit();
      show(whole);
    },
    /** `numbers`: image → the mark of its category; `chosen`: the ids that are selected. */
    setLook(numbers, chosen) {
      markNumbers = numbers;
      selected = chosen;
      paintSoon();
    },
    setArea(isOn) {
      isArea = isOn;
    },
    nearer: () => nearer(STEP),
    farther: () => nearer(1 / STEP),
    showAll: () => show(whole),
  };
}

function readColours(element) {
  const style = getComputedStyle(element);
  const read = (name) => style.getPropertyValue(name).trim();
  return { ink: read("--ink"), soft: read("--ink-soft"), paper: read("--paper"), accent: read("--accent"), focus: read("--focus") };
}

/** A category's mark, or the dot of a picture that is in none. */
function drawnSprite(number, wide, dots, colours) {
  const sprite = document.createElement("canvas");
  sprite.width = sprite.height = Math.ceil((wide + 2) * dots);
  const pen = sprite.getContext("2d");
  pen.scale(sprite.width / (wide + 2), sprite.width / (wide + 2));
  pen.strokeStyle = colours.ink;
  pen.lineJoin = "round";
  if (number === undefined) {
    pen.beginPath();
    pen.arc(wide / 2 + 1, wide / 2 + 1, DOT / 2, 0, 2 * Math.PI);
    pen.fillStyle = colours.paper;
    pen.strokeStyle = colours.soft;
    pen.lineWidth = 1.5;
  } else {
    const { colour, shape } = markOf(number);
    pen.fillStyle = colour ?? COLOURS[0];
    pen.translate(1, 1);
    pen.scale(wide / 16, wide / 16);
    const path = new Path2D(shape.path);
    pen.lineWidth = 1;
    pen.fill(path);
    pen.stroke(path);
    return sprite;
  }
  pen.fill();
  pen.stroke();
  return sprite;
}
