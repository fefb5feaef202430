/* What was refused: read first, and each problem leads to its line. */

import { go } from "./lines.js";

document.querySelector(".errors")?.focus();

for (const link of document.querySelectorAll(".errors [data-line]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    go(document.querySelector(link.hash), Number(link.dataset.line));
  });
}
