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
_turn = Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    def _start_transaction_under_autocommit(self) -> None:
        seconds = self.settings_dict["OPTIONS"].get("timeout", 5.0)
        has_turn = _turn.acquire(timeout=seconds)
        try:
            self._begin(seconds)
        finally:
            if has_turn:
                _turn.release()

    def _begin(self, seconds: float) -> None:
        self.connection.execute("PRAGMA busy_timeout = 0")
        try:
            until = monotonic() + seconds
            while self._is_busy() and monotonic() < until:
                sleep(LOOK_SECONDS)
            if not self.connection.in_transaction:  # says what is the matter
                super()._start_transaction_under_autocommit()  # type: ignore[misc]
        finally:
            self.connection.execute(f"PRAGMA busy_timeout = {round(1000 * seconds)}")

    def _is_busy(self) -> bool:
        """Whether somebody else writes; begins the transaction where nobody does."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as problem:
            return problem.sqlite_errorcode == sqlite3.SQLITE_BUSY
        return False
