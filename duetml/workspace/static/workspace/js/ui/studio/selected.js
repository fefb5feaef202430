/* Pictures are selected in several panels of the studio: the bar that says where they can go stays in view of all. */

export function selected() {
  if (!document.querySelector("#quality, #map")) return;
  document.querySelector(".development").append(document.getElementById("chosen"));
}
