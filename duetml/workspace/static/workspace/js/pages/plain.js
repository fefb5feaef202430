/* The plain workspace. A page's script is one file in this folder (see duetml/config/static.py). */

import "../main.js";
