import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import WEIGHTS
from tests.faults.bench import PICTURES, POOL, Bench, inside
from tests.services import free_port
from tests.stack import ROOT, running_stack
from tests.vendor import Vendor


@pytest.fixture(scope="package")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    data = Path(os.environ.get("DUETML_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not (data / "images").is_dir():
        pytest.skip(f"no photographs and weights in {data}; set DUETML_TEST_DATA")
    folder = tmp_path_factory.mktemp("pictures")
    photographs = sorted((data / "images" / "animals").glob("*/*.jpg"))[:PICTURES]
    for number, path in enumerate(photographs):
        (folder / f"{number:04d}.jpg").symlink_to(path)
    with Vendor(free_port()) as vendor:
        own = {"OPENAI_BASE_URL": vendor.url, "OPENAI_API_KEY": "any key"}
        own["DUETML_BACKBONE"] = str(data / WEIGHTS)
        with running_stack(tmp_path_factory.mktemp("var"), **own) as stack:
            inside(stack, "fill", POOL, str(folder))
            yield Bench(stack, vendor, data)
