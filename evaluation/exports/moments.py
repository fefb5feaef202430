"""Points in time as an export says them."""

from datetime import UTC, datetime

ISO = "%Y-%m-%dT%H:%M:%S.%fZ"


def said(at: datetime | None, origin: datetime, *, absolute: bool) -> str | float | None:
    """In UTC (ISO 8601), or the seconds since the origin, to the millisecond."""
    if at is None:
        return None
    if absolute:
        return at.astimezone(UTC).strftime(ISO)
    return round((at - origin).total_seconds(), 3)
