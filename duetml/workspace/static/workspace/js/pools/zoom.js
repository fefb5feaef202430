/* A picture large, and on to its neighbours. Without this script a click opens the picture itself. */

export function zoom(dialog, links) {
  let at = 0;
  const picture = dialog.querySelector("img");
  const name = dialog.querySelector("bdi");
  const [before, after] = [dialog.querySelector("[data-previous]"), dialog.querySelector("[data-next]")];

  const show = (index) => {
    at = index;
    picture.src = links[at].href;
    picture.alt = links[at].firstElementChild.alt;
    name.textContent = links[at].parentElement.querySelector(".source").textContent;
    before.disabled = at === 0;
    after.disabled = at === links.length - 1;
  };
  const step = (by) => links[at + by] && show(at + by);

  links.forEach((link, index) =>
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      show(index);
      dialog.showModal();
    }),
  );
  before.addEventListener("click", () => step(-1));
  after.addEventListener("click", () => step(1));
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", ({ key }) => {
    if (key === "ArrowLeft") step(-1);
    if (key === "ArrowRight") step(1);
  });
  dialog.addEventListener("close", () => links[at].focus());
}
