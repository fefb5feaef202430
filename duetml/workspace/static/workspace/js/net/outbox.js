/* The action queue on disk (IndexedDB), so that a reload or a flat battery loses nothing.
 * Where the browser offers no disk (private windows), the page works on without it. */

const STORE = "outbox";

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("duetml", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE, { keyPath: "id" }).createIndex("workspace", "workspace");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** {load() -> entries in order, keep(entry), drop(id)}: none of them throws. */
export function createOutbox(workspace) {
  const database = opened().catch(() => null);

  async function on(mode, work, otherwise) {
    try {
      const base = await database;
      return base ? await answered(work(base.transaction(STORE, mode).objectStore(STORE))) : otherwise;
    } catch {
      return otherwise;
    }
  }

  return {
    async load() {
      const entries = await on("readonly", (store) => store.index("workspace").getAll(workspace), []);
      return entries.sort((one, other) => one.order - other.order);
    },
    keep: (entry) => on("readwrite", (store) => store.put(entry), null),
    drop: (id) => on("readwrite", (store) => store.delete(id), null),
  };
}
