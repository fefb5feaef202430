/* The page of one image pool. */

import { archive } from "../pools/archive.js";
import { folder } from "../pools/folder.js";
import { zoom } from "../pools/zoom.js";

archive(document.querySelector("[data-archive]"));
folder(document.querySelector("[data-folder]"));
zoom(document.getElementById("zoom"), [...document.querySelectorAll("[data-zoom]")]);
