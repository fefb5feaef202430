"""The prices that count on this machine: the list that comes with the program, and a lab's own."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from duetml.llm.prices import LISTED, Prices, read_prices


def prices() -> Prices:
    return _with(settings.PRICES)


@lru_cache(maxsize=1)
def _with(own: Path | None) -> Prices:
    return read_prices(own).over(LISTED) if own else LISTED
