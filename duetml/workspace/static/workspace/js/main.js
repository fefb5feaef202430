/* The workspace page: training data, pool, training, testing. */

import { app } from "./app.js";
import { categories } from "./ui/categories.js";
import { chosen } from "./ui/chosen.js";
import { clock } from "./ui/clock.js";
import { closeup } from "./ui/closeup.js";
import { files } from "./ui/files.js";
import { keys } from "./ui/keys.js";
import { learning } from "./ui/learning.js";
import { pool } from "./ui/pool.js";
import { saved } from "./ui/saved.js";
import { testing } from "./ui/testing.js";
import { undoing } from "./ui/undo.js";

for (const panel of [files, categories, pool, chosen, closeup, learning, testing, undoing, saved, keys, clock]) panel();
await app.start();
app.root.classList.add("ready");
