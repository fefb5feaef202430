/* Says a time in the reader's own time zone, beside the server's. */

const form = { dateStyle: "medium", timeStyle: "short" };

for (const element of document.querySelectorAll("time[data-local]")) {
  const at = new Date(element.dateTime);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (Number.isNaN(at.getTime()) || zone === element.dataset.local) continue;
  const words = at.toLocaleString(document.documentElement.lang, form);
  element.append(` = ${words} (${zone})`);
}
