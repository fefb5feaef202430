/* For tests/integration/test_page_view.py: reads {hello, events} and prints the page's state after the events. */
import "../../duetml/workspace/static/workspace/js/logic/beyond.js";
import { applyEvent, openState } from "../../duetml/workspace/static/workspace/js/logic/state.js";

let text = "";
for await (const piece of process.stdin) text += piece;
const histories = JSON.parse(text);
const states = histories.map(({ hello, events }) => events.reduce(applyEvent, openState(hello)));
process.stdout.write(JSON.stringify(states));
