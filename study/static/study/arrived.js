/* A page may be the answer to a form. From here on, reloading and coming back ask for it, and send nothing again. */

history.replaceState(null, "", location.href);
