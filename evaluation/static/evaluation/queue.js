// The overview: sends what an earlier page left on this device.
import { openOutbox } from "./saving.js";

const queue = document.querySelector("[data-queue]");
if (queue) openOutbox(queue.dataset.owner);
