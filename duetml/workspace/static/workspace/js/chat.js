/* The chat and what belongs to it. Only pages that have a chat load this module, and before main.js. */

import { app } from "./app.js";
import { addToken, applyToConversation, missed, openConversation, predictConversation } from "./logic/conversation.js";
import { asking } from "./ui/asking.js";
import { conversation } from "./ui/conversation.js";
import { drawer } from "./ui/drawer.js";
import { speaking } from "./ui/speaking.js";
import { typing } from "./ui/typing.js";

let talk = openConversation({});
let isOnline = false;

app.extend({
  open(state) {
    talk = openConversation(state);
  },
  apply(event) {
    talk = applyToConversation(talk, event);
  },
  missed() {
    talk = missed(talk);
  },
});
app.listen((frame) => {
  if (frame.type === "token") talk = addToken(talk, frame);
});
app.watchLine((line) => {
  isOnline = line.isOnline;
});

const watchers = [conversation(), asking(), speaking(), drawer(), typing()];
app.watch((view) => {
  const shown = view.queue.reduce(predictConversation, talk);
  watchers.forEach((watch) => watch({ ...view, isOnline }, shown));
});
