/* G: whether the second assistant speaks by itself. */

import { app } from "../app.js";

export function speaking() {
  const toggle = document.getElementById("proactive");
  if (!toggle) return () => {};
  toggle.addEventListener("change", () => app.act("proactive.set", { on: toggle.checked }));
  return (view, talk) => {
    toggle.checked = talk.proactiveOn;
    toggle.disabled = view.isOver;
  };
}
