// Dialogs: guidelines, keys, and pictures in full size.

export function openSheets() {
  for (const button of document.querySelectorAll("[data-opens]:not([data-opens=compare])")) {
    button.addEventListener("click", () => document.getElementById(button.dataset.opens).showModal());
  }
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("[data-closes]")) dialog.close();
    });
  }
}

/** `seen(number)` hears of every picture that is shown large. */
export function openZoom(seen = () => {}) {
  const dialog = document.getElementById("zoom");
  const large = document.getElementById("zoom-image");
  const thumbs = [...document.querySelectorAll(".thumb")];
  let at = 0;

  function show(place) {
    at = (place + thumbs.length) % thumbs.length;
    const words = thumbs[at].querySelector("img").alt;
    large.src = thumbs[at].dataset.full;
    large.alt = words;
    seen(Number(thumbs[at].dataset.picture));
    document.getElementById("zoom-caption").textContent = words;
    if (!dialog.open) dialog.showModal();
  }

  thumbs.forEach((thumb, place) => thumb.addEventListener("click", () => show(place)));
  for (const button of dialog.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => show(at + Number(button.dataset.zoom)));
  }
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) show(at + step);
  });
  return () => { if (thumbs.length) show(at); };
}

/** Two categories side by side. Returns what opens it. */
export function openCompare() {
  const dialog = document.getElementById("compare");
  const grids = [...document.querySelectorAll(".category")].map((one) => one.querySelector(".grid"));
  const sides = [...dialog.querySelectorAll("[data-side]")];

  function fill(side) {
    const shown = dialog.querySelector(`[data-grid="${side.dataset.side}"]`);
    const from = grids[Number(side.value)];
    const pictures = from ? [...from.querySelectorAll("img")].map((one) => one.cloneNode()) : [];
    shown.replaceChildren(...pictures.map((picture) => {
      const item = document.createElement("li");
      item.append(picture);
      return item;
    }));
  }

  sides.forEach((side, place) => {
    if (grids.length > place) side.value = String(place);
    side.addEventListener("change", () => fill(side));
  });
  const open = () => {
    if (grids.length < 2) return;
    sides.forEach(fill);
    dialog.showModal();
  };
  document.querySelector("[data-opens=compare]")?.addEventListener("click", open);
  return open;
}
