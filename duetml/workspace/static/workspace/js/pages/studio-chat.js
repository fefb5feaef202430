/* The workspace with panels of the studio and a chat. */

import "../studio.js";
import "../chat.js";
import "../main.js";
