"""Work that goes wrong fails its row, with a short code that the page words."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from django.utils import timezone

from duetml.vision.weights import BackboneError
from duetml.workspace.models import Claimable, LeaseLostError

log = logging.getLogger(__name__)

Row = TypeVar("Row", bound=Claimable)


@contextmanager
def failing(row: Row, fail: Callable[[Row, str, datetime], bool]) -> Iterator[None]:
    """What the block raises ends here. Whoever lost the lease leaves the row as it is."""
    name = f"{type(row).__name__} {row.pk}"
    try:
        yield
    except LeaseLostError:
        log.warning("%s is done by another worker", name)
    except BackboneError as problem:
        log.error("%s: %s", name, problem)
        fail(row, "backbone", timezone.now())
    except Exception:
        log.exception("%s failed", name)
        fail(row, "crashed", timezone.now())
