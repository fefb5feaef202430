/* Files on their way to the server, on disk until it has them: a reload, a crash or a lost network loses none.
 *
 * Every row has an owner, the page that sends it. A page holds a lock with its owner's name for as long as it lives, so
 * that another page can tell a file that is being sent from one that was left behind. Where the browser has no locks
 * (plain http), two pages may send the same file: its id makes that harmless.
 */

import { openTable } from "./disk.js";
import { newId } from "./ids.js";

const FORGOTTEN_AFTER = 7 * 24 * 3600 * 1000; // milliseconds: of work nobody came back to

/** {keep(file) -> whether it is on disk, drop(id), adopt(take)}; `take(files)` may be called more than once, whenever
 * another page of this workspace is found to be gone. */
export function createFileStore(workspace, table = openTable("duetml-files", "files"), locks = navigator.locks) {
  const owner = newId();
  const asked = new Set([owner]);
  const nameOf = (one) => `duetml files ${one}`;
  locks?.request(nameOf(owner), () => new Promise(() => {})).catch(() => {});

  const keep = (file) => table.put({ ...file, workspace, owner, keptAt: Date.now() });

  async function leftBy(one) {
    return (await table.of(workspace)).filter((row) => row.owner === one);
  }

  async function takeOver(from, take) {
    const left = await leftBy(from);
    for (const file of left) await keep(file);
    if (left.length > 0) take(left.sort((one, other) => one.order - other.order));
  }

  return {
    keep,
    drop: (id) => table.drop(id),
    async adopt(take) {
      const rows = await table.all();
      const old = rows.filter(({ keptAt }) => Date.now() - keptAt > FORGOTTEN_AFTER);
      for (const { id } of old) await table.drop(id);
      const others = new Set(rows.filter((row) => row.workspace === workspace).map((row) => row.owner));
      for (const from of [...others].filter((one) => !asked.has(one))) {
        asked.add(from);
        if (locks) locks.request(nameOf(from), () => takeOver(from, take)).catch(() => {});
        else await takeOver(from, take);
      }
    },
  };
}
