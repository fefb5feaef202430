/* The map of all pictures: where it is looked at from, and what is where. Points are [x, y] in 0..1; a view is
 * {x, y, scale}: the point in the middle of the window, and pixels per unit. A size is {width, height} in pixels. */

const MARGIN = 40; // pixels around the middle of the outermost pictures
const CLOSEST = 40; // times nearer than the whole map
const ROOM = 34; // pixels a picture needs around it to be drawn as one
const WIDEST = 1.7; // how far from straight ahead a neighbour may lie: 1 would be 45 degrees

/** The view that shows everything; `room` is what the pictures take up in it, in square pixels. */
export function wholeMap(points, size) {
  const box = boundsOf(points);
  const scale = Math.min(
    (size.width - 2 * MARGIN) / Math.max(box.right - box.left, 1e-6),
    (size.height - 2 * MARGIN) / Math.max(box.bottom - box.top, 1e-6),
  );
  const room = (box.right - box.left) * (box.bottom - box.top) * scale * scale;
  return { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2, scale: Math.max(1, Math.min(scale, 1e5)), room };
}

function boundsOf(points) {
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (const [x, y] of points) {
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return points.length ? box : { left: 0, right: 1, top: 0, bottom: 1 };
}

/** Pixels of a point: [across, down]. */
export function toScreen(view, size, [x, y]) {
  return [(x - view.x) * view.scale + size.width / 2, (y - view.y) * view.scale + size.height / 2];
}

export function toMap(view, size, [across, down]) {
  return [view.x + (across - size.width / 2) / view.scale, view.y + (down - size.height / 2) / view.scale];
}

export function panned(view, across, down) {
  return { ...view, x: view.x - across / view.scale, y: view.y - down / view.scale };
}

/** Nearer (factor > 1) or farther, with what is at `pixel` staying there; never farther than the whole map. */
export function zoomed(view, size, pixel, factor, whole) {
  const scale = Math.min(Math.max(view.scale * factor, whole.scale), whole.scale * CLOSEST);
  if (scale === whole.scale) return whole;
  const [x, y] = toMap(view, size, pixel);
  return {
    x: x - (pixel[0] - size.width / 2) / scale,
    y: y - (pixel[1] - size.height / 2) / scale,
    scale,
  };
}

/** Bring a point into the window, moving no farther than needed. */
export function reveal(view, size, point) {
  const [across, down] = toScreen(view, size, point);
  const right = Math.min(0, across - MARGIN) + Math.max(0, across - (size.width - MARGIN));
  const below = Math.min(0, down - MARGIN) + Math.max(0, down - (size.height - MARGIN));
  return right || below ? panned(view, -right, -below) : view;
}

/** Indices of the points in the window, and a little around it. */
export function inWindow(points, view, size, around = 40) {
  const [left, top] = toMap(view, size, [-around, -around]);
  const [right, bottom] = toMap(view, size, [size.width + around, size.height + around]);
  return within(points, { left, top, right, bottom });
}

/** Indices of the points in a rectangle of the map. */
export function within(points, { left, top, right, bottom }) {
  const found = [];
  points.forEach(([x, y], index) => {
    if (x >= left && x <= right && y >= top && y <= bottom) found.push(index);
  });
  return found;
}

/** The rectangle of the map between two pixels. */
export function between(view, size, one, other) {
  const [x1, y1] = toMap(view, size, one);
  const [x2, y2] = toMap(view, size, other);
  return { left: Math.min(x1, x2), right: Math.max(x1, x2), top: Math.min(y1, y2), bottom: Math.max(y1, y2) };
}

/** The point nearest to a pixel, at most `reach` pixels away: an index, or -1. */
export function pointAt(points, view, size, pixel, reach) {
  const [x, y] = toMap(view, size, pixel);
  const limit = reach / view.scale;
  return nearest(points, [x, y], (dx, dy) => Math.hypot(dx, dy) <= limit);
}

const AHEAD = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The next point in the direction of an arrow key, or -1: near counts, and so does straight ahead. */
export function neighbour(points, from, key) {
  const [ahead, down] = AHEAD[key];
  const cost = (dx, dy) => {
    const forward = dx * ahead + dy * down;
    const aside = Math.abs(dx * down) + Math.abs(dy * ahead);
    return forward > 0 && aside <= forward * WIDEST ? forward + 2 * aside : Infinity;
  };
  return cheapest(points, points[from], cost, from);
}

/** The `count` points around one, nearest first. */
export function around(points, from, count) {
  const [x, y] = points[from];
  const others = points.map((point, index) => ({ index, far: Math.hypot(point[0] - x, point[1] - y) }));
  others.sort((one, other) => one.far - other.far);
  return others.map((one) => one.index).filter((index) => index !== from).slice(0, count);
}

function nearest(points, from, accepts) {
  return cheapest(points, from, (dx, dy) => (accepts(dx, dy) ? Math.hypot(dx, dy) : Infinity), -1);
}

function cheapest(points, [x, y], cost, except) {
  let best = -1;
  let least = Infinity;
  for (let index = 0; index < points.length; index += 1) {
    if (index === except) continue;
    const price = cost(points[index][0] - x, points[index][1] - y);
    if (price < least) {
      best = index;
      least = price;
    }
  }
  return best;
}

/** How large pictures are drawn, in pixels; 0 where they would cover each other and marks say more. */
export function pictureSize(count, view, whole) {
  const spacing = count > 1 ? Math.sqrt(whole.room / count) * (view.scale / whole.scale) : Infinity;
  return spacing < ROOM ? 0 : Math.round(Math.min(72, spacing * 0.75));
}

/** Pictures the map does not know. */
export function newerThan(mapped, images) {
  const known = new Set(mapped);
  return images.filter((image) => !known.has(image));
}
