/* G: whether the second assistant speaks by itself; and, quietly, that it cannot at the moment. */

import { app } from "../app.js";
import { quietFailure } from "../logic/conversation.js";
import { say } from "./dom.js";
import { quietWords } from "./trouble.js";

export function speaking() {
  const toggle = document.getElementById("proactive");
  if (!toggle) return () => {};
  const note = document.getElementById("proactive-trouble");
  toggle.addEventListener("change", () => app.act("proactive.set", { on: toggle.checked }));
  return (view, talk) => {
    toggle.checked = talk.proactiveOn;
    toggle.disabled = view.isOver;
    const failure = view.isOver ? null : quietFailure(talk);
    note.hidden = failure === null;
    if (failure) say(note, quietWords(failure.reason));
  };
}
