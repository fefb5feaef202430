/* A page may be the answer to a form, at the form's address. From here on, reloading and coming back ask for its own,
   and send nothing again. */

history.replaceState(null, "", document.querySelector("link[rel=canonical]")?.href ?? location.href);
