/* Words for the person: Django's JavaScript catalogue where the page loaded it, the English text otherwise. */

export function gettext(text) {
  return globalThis.django?.gettext?.(text) ?? text;
}

export function ngettext(one, many, count) {
  return globalThis.django?.ngettext?.(one, many, count) ?? (count === 1 ? one : many);
}

/** Fill %(name)s in a text. A name without a value stays as it is. */
export function fill(text, values) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
