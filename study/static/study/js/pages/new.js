/* A new study: what was refused in its protocol. */

import "../problems.js";
