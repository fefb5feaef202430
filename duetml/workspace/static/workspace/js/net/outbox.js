/* The action queue on disk, so that a reload or a flat battery loses nothing. */

import { openTable } from "./disk.js";

/** {load() -> entries in order, keep(entry), drop(id)}: none of them throws. */
export function createOutbox(workspace) {
  const table = openTable("duetml", "outbox");
  return {
    load: async () => (await table.of(workspace)).sort((one, other) => one.order - other.order),
    keep: table.put,
    drop: table.drop,
  };
}
