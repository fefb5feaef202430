// Changes on their way to the server. Each has an id of its own and stays on this device until the server has
// acknowledged it; sending one twice does nothing twice.

const SLOWEST_MS = 30_000;

export class Outbox {
  // storage: localStorage or the like; send(item) → {kind: "saved", at} | {kind: "refused", message} |
  // {kind: "away"} (try again later) | {kind: "logged-out"}; changed(state) hears of every step.
  constructor({ storage, key, send, changed, wait = (run, ms) => setTimeout(run, ms) }) {
    Object.assign(this, { storage, key, send, changed, wait });
    this.memory = null;
    this.sending = null;
    this.failures = 0;
    this.timer = false;
    this.isLeaving = false; // the page is going away, and the next one may have been asked for already
  }

  items() {
    if (this.memory) return this.memory;
    try {
      return JSON.parse(this.storage.getItem(this.key)) ?? [];
    } catch {
      return [];
    }
  }

  put(item) {
    this.#store([...this.items(), item]);
    return this.flush();
  }

  // Send what waits, oldest first. Resolves to whether nothing is left.
  flush() {
    this.sending ??= this.#sendAll().finally(() => { this.sending = null; });
    return this.sending;
  }

  async #sendAll() {
    for (let item; (item = this.items()[0]); ) {
      this.changed({ kind: "saving", waiting: this.items().length });
      const answer = await this.send(item);
      if (answer.kind === "away" || answer.kind === "logged-out") {
        this.changed({ ...answer, waiting: this.items().length });
        if (answer.kind === "away") this.#later();
        return false;
      }
      this.failures = 0;
      if (this.isLeaving) return false; // kept: the next page shows it, and sending it again does nothing twice
      this.#store(this.items().filter((other) => other.id !== item.id));
      this.changed({ ...answer, item, waiting: this.items().length });
    }
    return true;
  }

  #later() {
    if (this.timer) return;
    this.timer = true;
    this.failures += 1;
    this.wait(() => { this.timer = false; this.flush(); }, Math.min(SLOWEST_MS, 1000 * 2 ** this.failures));
  }

  #store(items) {
    try {
      this.storage.setItem(this.key, JSON.stringify(items));
      this.memory = null;
    } catch {
      this.memory = items; // storage is full or forbidden: at least this page keeps them
    }
  }
}

export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID(); // not there on plain http
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
