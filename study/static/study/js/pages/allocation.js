/* A table of groups: what was refused in it. */

import "../problems.js";
