/* Leaving the page in the middle of sending asks first. */

/** From now on; call what is returned when leaving does no harm any more. */
export function stayUntil() {
  const ask = (event) => event.preventDefault();
  addEventListener("beforeunload", ask);
  return () => removeEventListener("beforeunload", ask);
}
