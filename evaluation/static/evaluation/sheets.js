// Dialogs: guidelines, keys, and pictures in full size.

export function openSheets() {
  for (const button of document.querySelectorAll("[data-opens]")) {
    button.addEventListener("click", () => document.getElementById(button.dataset.opens).showModal());
  }
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("[data-closes]")) dialog.close();
    });
  }
}

export function openZoom() {
  const dialog = document.getElementById("zoom");
  const large = document.getElementById("zoom-image");
  const thumbs = [...document.querySelectorAll(".thumb")];
  let at = 0;

  function show(place) {
    at = (place + thumbs.length) % thumbs.length;
    const words = thumbs[at].querySelector("img").alt;
    large.src = thumbs[at].dataset.full;
    large.alt = words;
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
