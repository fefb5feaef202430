/* The panels of the studio. Only pages that have one of them load this module, and before main.js. A panel that is
 * not in the page does nothing. */

import "./app.js";
import "./logic/beyond.js";
import { arranging } from "./ui/studio/arranging.js";
import { copying } from "./ui/studio/copying.js";
import { folders } from "./ui/studio/folders.js";
import { map } from "./ui/studio/map.js";
import { nearest } from "./ui/studio/nearest.js";
import { parcel } from "./ui/studio/parcel.js";
import { quality } from "./ui/studio/quality.js";
import { runs } from "./ui/studio/runs.js";
import { selected } from "./ui/studio/selected.js";
import { similar } from "./ui/studio/similar.js";
import { teaching } from "./ui/studio/teaching.js";

for (const panel of [selected, folders, arranging, copying, quality, runs, map, similar, nearest, teaching, parcel]) panel();
