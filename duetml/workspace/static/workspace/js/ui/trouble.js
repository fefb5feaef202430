/* What is said when an assistant has no answer. */

import { troubleOf } from "../logic/conversation.js";
import { gettext } from "../words.js";

/** Of an answer the person waits for. */
export function troubleWords(reason) {
  switch (troubleOf(reason)) {
    case "busy":
      return gettext("The assistant is busy or cannot be reached just now. Your message is kept.");
    case "refused":
      return gettext("The assistant did not answer this. Try asking in other words.");
    case "ceiling":
      return gettext("The assistant cannot answer any more in this session. Everything else works as before.");
    default:
      return gettext("The assistant could not answer just now. Your message is kept.");
  }
}

/** Whether asking the same again may help. */
export function mayPass(reason) {
  return troubleOf(reason) !== "ceiling";
}

/** Of the assistant that speaks by itself, for which nobody waits. */
export function quietWords(reason) {
  return troubleOf(reason) === "ceiling"
    ? gettext("The assistant that speaks by itself has nothing more to say in this session.")
    : gettext("The assistant that speaks by itself cannot be reached at the moment. It will try again.");
}
