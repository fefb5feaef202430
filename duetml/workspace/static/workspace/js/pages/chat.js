/* The workspace with a chat. */

import "../chat.js";
import "../main.js";
