/* The workspace with panels of the studio. */

import "../studio.js";
import "../main.js";
