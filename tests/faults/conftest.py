"""A running platform whose model vendor is a stand-in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import WEIGHTS
from tests.faults.bench import PICTURES, POOL, Bench, inside
from tests.services import free_port
from tests.stack import running_stack
from tests.vendor import Vendor


@pytest.fixture(scope="package")
def bench(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("pictures")
    photographs = sorted((data / "images" / "animals").glob("*/*.jpg"))[:PICTURES]
    for number, path in enumerate(photographs):
        (folder / f"{number:04d}.jpg").symlink_to(path)
    vendor = Vendor(free_port()).__enter__()
    own = {"OPENAI_BASE_URL": vendor.url, "OPENAI_API_KEY": "any key"}
    own["DUETML_BACKBONE"] = str(data / WEIGHTS)
    with running_stack(tmp_path_factory.mktemp("var"), **own) as stack:
        inside(stack, "fill", POOL, str(folder))
        made = Bench(stack, vendor)
        yield made
        made.vendor.__exit__()
