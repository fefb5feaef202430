"""Work that goes wrong fails its row, with a short code that the page words."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from duetml.vision.weights import BackboneError
from duetml.workspace.models import Claimable, LeaseLostError

log = logging.getLogger(__name__)

Row = TypeVar("Row", bound=Claimable)


@contextmanager
def failing(row: Row, fail: Callable[[Row, str, datetime], bool]) -> Iterator[None]:
    """What the block raises ends here. Whoever lost the lease leaves the row as it is; where the
    database went away, the work is tried again."""
    name = f"{type(row).__name__} {row.pk}"
    try:
        yield
    except LeaseLostError:
        log.warning("%s is done by another worker", name)
    except BackboneError as problem:
        log.error("%s: %s", name, problem)
        fail(row, "backbone", timezone.now())
    except (OperationalError, InterfaceError) as problem:
        log.warning("%s was interrupted: %s", name, problem)
        _give_back(row, fail)
    except Exception:
        log.exception("%s failed", name)
        fail(row, "crashed", timezone.now())


def _give_back(row: Row, fail: Callable[[Row, str, datetime], bool]) -> None:
    """As long as the database is away, the row is left to the end of its lease."""
    connection.close_if_unusable_or_obsolete()
    with suppress(OperationalError, InterfaceError):
        if not row.give_back():
            fail(row, "crashed", timezone.now())
