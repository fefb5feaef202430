/* Tables on this device (IndexedDB), one to a database. Where the browser offers no disk (private windows), or it is
 * full, nothing throws: there are no rows then, and `put` says that it could not. */

function opened(name, table) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(table, { keyPath: "id" }).createIndex("workspace", "workspace");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Written is what was committed: a full disk is often told only then. */
function finished(request) {
  return new Promise((resolve, reject) => {
    request.transaction.oncomplete = () => resolve(request.result);
    request.transaction.onabort = () => reject(request.transaction.error);
  });
}

/** {all() and of(workspace) -> rows, put(row) -> whether it is kept, drop(id)}: all of them promises. */
export function openTable(name, table) {
  const database = opened(name, table).catch(() => null);

  async function on(mode, work, otherwise) {
    try {
      const base = await database;
      return base ? await finished(work(base.transaction(table, mode).objectStore(table))) : otherwise;
    } catch {
      return otherwise;
    }
  }

  return {
    all: () => on("readonly", (store) => store.getAll(), []),
    of: (workspace) => on("readonly", (store) => store.index("workspace").getAll(workspace), []),
    put: async (row) => (await on("readwrite", (store) => store.put(row), null)) !== null,
    drop: (id) => on("readwrite", (store) => store.delete(id), null),
  };
}
