/* The chat and what belongs to it. Only pages that have a chat load this module, and before main.js. */

import { app } from "./app.js";
import { addToken, applyToConversation, openConversation, predictConversation } from "./logic/conversation.js";
import { asking } from "./ui/asking.js";
import { conversation } from "./ui/conversation.js";
import { drawer } from "./ui/drawer.js";
import { speaking } from "./ui/speaking.js";

let talk = openConversation({});

app.extend({
  open(state) {
    talk = openConversation(state);
  },
  apply(event) {
    talk = applyToConversation(talk, event);
  },
});
app.listen((frame) => {
  if (frame.type === "token") talk = addToken(talk, frame);
});

const watchers = [conversation(), asking(), speaking(), drawer()];
app.watch((view) => {
  const shown = view.queue.reduce(predictConversation, talk);
  watchers.forEach((watch) => watch(view, shown));
});
