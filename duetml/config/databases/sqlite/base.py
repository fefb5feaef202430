"""Django's SQLite, with one difference: how a transaction waits for the one that writes.

SQLite waits by itself, asleep for up to a tenth of a second at a time, and whoever comes along
meanwhile goes first: one in a hundred waited for a second. Here one thread of each process looks
every millisecond, and the others of that process wait for it (BENCHMARKS.md).
"""

import sqlite3
from threading import Lock
from time import monotonic, sleep

from django.db.backends.sqlite3 import base

LOOK_SECONDS = 0.001
WAITED_FOR = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY)
_turn = Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    def _start_transaction_under_autocommit(self) -> None:
        seconds = self.settings_dict["OPTIONS"].get("timeout", 5.0)
        until = monotonic() + seconds
        has_turn = _turn.acquire(timeout=seconds)
        try:
            with self.wrap_database_errors:
                self._begin(until, round(1000 * seconds))
        finally:
            if has_turn:
                _turn.release()

    def _begin(self, until: float, milliseconds: int) -> None:
        self.connection.execute("PRAGMA busy_timeout = 0")
        try:
            while self._is_busy(until):
                sleep(LOOK_SECONDS)
        finally:
            self.connection.execute(f"PRAGMA busy_timeout = {milliseconds}")

    def _is_busy(self, until: float) -> bool:
        """Whether somebody else writes; begins the transaction where nobody does. Raises what
        SQLite says of anything else, and of waiting too long."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode not in WAITED_FOR or monotonic() > until:
                raise
            return True
        return False
