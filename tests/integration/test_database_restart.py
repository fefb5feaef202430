"""A database server that was restarted: what the pool still holds is no connection any more."""

import pytest
from django.db import connection

from duetml.live.models import Stream

pytestmark = pytest.mark.django_db(transaction=True)

CUT_ALL_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database()
"""


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL is a server")
def test_connections_that_were_cut_while_they_lay_in_the_pool_are_replaced() -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # whatever the tests before left in it
    assert not Stream.objects.exists()
    connection.close()  # back into the pool
    restarting = connection.copy("restarting")
    with restarting.cursor() as cursor:
        cursor.execute(CUT_ALL_OTHERS)
    restarting.close()
    restarting.close_pool()  # type: ignore[attr-defined]  # the stubs know no pools
    assert not Stream.objects.exists()
