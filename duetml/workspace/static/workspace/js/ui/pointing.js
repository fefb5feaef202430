/* From an assistant's words to what they name: pointed out while the pointer or the focus is on the words, and gone to
 * when they are pressed. Nothing moves before that. */

import { app } from "../app.js";
import { homesOf } from "../logic/state.js";
import { putDrawerAway } from "./drawer.js";
import { el } from "./dom.js";
import { called, gridIn } from "./thumbs.js";

const pool = document.getElementById("pool");
let pointed = [];
let isHeld = false; // somebody went there: it stays pointed out until they go on

export function pointing(list) {
  const linkAt = ({ target }) => target.closest("a[data-to]");
  for (const kind of ["pointerover", "focusin"]) {
    list.addEventListener(kind, (event) => {
      const link = linkAt(event);
      if (link) point(placesOf(link));
    });
  }
  for (const kind of ["pointerout", "focusout"]) {
    list.addEventListener(kind, (event) => {
      if (linkAt(event) && !isHeld) point([]);
    });
  }
  list.addEventListener("click", (event) => {
    const link = linkAt(event);
    if (!link) return;
    event.preventDefault();
    go(link);
  });
}

/** The link for what logic/advice-links.js found. */
export function linkTo(range, text) {
  if (range.kind === "category") return el("a", { href: "#cards", "data-to": "category", "data-id": range.id }, text);
  const label = called(range.number);
  return el("a", { href: "#pool", "data-to": "picture", "data-number": range.number, "aria-label": label }, text);
}

function point(nodes) {
  isHeld = false;
  pointed.forEach((node) => node.classList.remove("pointed"));
  pointed = nodes;
  pointed.forEach((node) => node.classList.add("pointed"));
}

/** What can be seen of it: the card, or the picture wherever it is; on another page of a card, that card. */
function placesOf({ dataset: { to, id, number } }) {
  if (to === "category") return [cardOf(id)].filter(Boolean);
  const { image, cards } = find(number);
  if (!image) return [];
  const inCards = cards.map((card) => thumbIn(card, image) ?? card);
  const inPool = thumbIn(pool, image) ?? (cards.length === 0 ? gridIn(pool).element : null);
  return inPool ? [...inCards, inPool] : inCards;
}

function go({ dataset: { to, id, number } }) {
  const { image, cards } = to === "picture" ? find(number) : { cards: [cardOf(id)] };
  const place = cards[0] ?? (image ? pool : null);
  if (!place) return;
  putDrawerAway();
  if (image) gridIn(place).focus(image);
  else focusOn(place);
  const target = image ? thumbIn(place, image) : place;
  target?.scrollIntoView({ block: "nearest" });
  hold(target ? [target] : []);
}

function hold(nodes) {
  point(nodes);
  isHeld = true;
  const letGo = () => point([]);
  nodes.forEach((node) => node.addEventListener("blur", letGo, { once: true }));
  document.addEventListener("pointerdown", letGo, { once: true });
}

function focusOn(card) {
  card.tabIndex = -1;
  card.focus({ preventScroll: true });
}

/** The id of a picture by its number, and the cards it is in. */
function find(number) {
  const image = app.state.images[number - 1]?.id ?? null;
  const homes = image ? (homesOf(app.state).get(image) ?? []) : [];
  return { image, cards: homes.map(cardOf).filter(Boolean) };
}

function cardOf(category) {
  return document.querySelector(`#cards > [data-key="${CSS.escape(app.keyOf(category))}"]`);
}

function thumbIn(part, image) {
  return part.querySelector(`.thumb[data-key="${CSS.escape(image)}"]`);
}
