"""Django's PostgreSQL, with one difference: whether a pooled connection still stands is seen at its
socket, where Django asks the server, one round trip before every request."""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        while self.pool and is_hung_up(connection):
            connection.close()
            self.pool.putconn(connection)  # which makes a new one in its place
            connection = super().get_new_connection(conn_params)
        return connection


def is_hung_up(connection: "Connection[Any]") -> bool:
    """A server that goes away says so; one that stays has nothing to say to who asks nothing."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))
