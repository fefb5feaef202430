/* One picture, large. */

import { app } from "../../app.js";
import { say } from "../dom.js";

/** Show a picture of the workspace with a title and a sentence. */
export function look(image, title, text = "") {
  const dialog = document.getElementById("look");
  const picture = dialog.querySelector("img");
  picture.src = `${app.root.dataset.images}${image}/full.jpg`;
  picture.alt = title;
  say(dialog.querySelector("h2"), title);
  say(dialog.querySelector("p"), text);
  dialog.showModal();
}
