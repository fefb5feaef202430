"""Points in time as PostgreSQL says them itself: its driver makes each a Python object, slowly."""

from typing import Any

from django.db.models import F, Func, TextField

ISO = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
EPOCH = "EXTRACT(EPOCH FROM %(expressions)s)::float8"


def moment_of(field: str, *, absolute: bool) -> Any:
    """As an export has it where `absolute`; else seconds since 1970. PostgreSQL only."""
    # A field of text in either case: for a FloatField Django would call float() on every float.
    return Func(F(field), template=ISO if absolute else EPOCH, output_field=TextField())
