"""Robots live through a whole study on the running platform, with real photographs and weights."""

import json
import re
import shutil
from pathlib import Path

import pytest

from duetml.config.simulation import verify
from study.robots.profiles import PROFILES
from tests.stack import Stack

pytestmark = pytest.mark.stack
STUDY = "robots"
POOLS = {"practice": ("objects", 24), "animals": ("animals", 96), "mixed": ("*", 120)}


def photographs(data: Path, kinds: str, count: int) -> list[Path]:
    """So many pictures, taken in turn from every kind of thing."""
    found = sorted((data / "images").glob(f"{kinds}/*/*.jpg"), key=lambda path: (path.name, path))
    return found[:count]


def seeded(stack: Stack, data: Path, folder: Path) -> None:
    """The three pools and a study of its own."""
    for pool, (kinds, count) in POOLS.items():
        (folder / pool).mkdir()
        for number, path in enumerate(photographs(data, kinds, count)):
            shutil.copy(path, folder / pool / f"{number:03d}.jpg")
        stack.manage("import_images", str(folder / pool), "--pool", pool)
    stack.manage("study_create", "study/protocols/duetml.yaml", "--slug", STUDY)


def simulate(
    stack: Stack, out: Path, participants: int, raters: int, profiles: str = "careful"
) -> str:
    numbers = ["--participants", str(participants), "--raters", str(raters)]
    numbers += ["--profiles", profiles]
    run = ["simulate", STUDY, *numbers, "--seed", "7", "--minutes-scale", "0.01"]
    return stack.manage(*run, "--url", stack.url, "--out", str(out), seconds=400)


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    return list(verify.rows(folder, name))


def assert_nothing_lost(out: Path) -> None:
    acknowledged = [json.loads(line) for line in (out / "robots.jsonl").read_text().splitlines()]
    exported = [row["client_id"] for row in rows(out, "events") if row["client_id"]]
    assert len(exported) == len(set(exported))
    assert {entry["client"] for entry in acknowledged} <= set(exported)


def test_a_whole_study_loses_nothing(stack: Stack, data: Path, tmp_path: Path) -> None:
    seeded(stack, data, tmp_path)

    said = simulate(stack, tmp_path / "out", 12, 5)

    assert re.search(r"completed +12 of 12\n", said)
    assert re.search(r"assigned +baseline 6 duetml 6\n", said)
    assert re.search(r"submissions +12\n", said)
    assert re.search(r"ratings +300 of 300\n", said)
    assert re.search(r"lost +0\n", said)
    assert re.search(r"wrong +0\n", said)
    assert all(re.search(rf"eq{n} +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+", said) for n in range(1, 6))
    for deed in ("trained", "tested", "answers heard", "uploaded", "closed by the clock"):
        assert re.search(rf"{deed} +[1-9]", said)
    assert {row["kind"] for row in rows(tmp_path / "out", "participants")} == {"robot"}
    assert_nothing_lost(tmp_path / "out")


def test_the_tour_is_taken_by_robots(stack: Stack, data: Path, tmp_path: Path) -> None:
    if "robots" not in stack.manage("shell", "-c", SLUGS):
        seeded(stack, data, tmp_path)
    stack.manage("study_create", "study/protocols/tour.yaml", "--slug", "tour")
    run = ["simulate", "tour", "--participants", "4", "--raters", "1", "--minutes-scale", "0.3"]

    said = stack.manage(*run, "--url", stack.url, "--out", str(tmp_path / "tour"), seconds=300)

    assert re.search(r"completed +4 of 4\n", said)
    assert re.search(r"lost +0\n", said)
    assert re.search(r"wrong +0\n", said)


SLUGS = "from study.models import Study; print(*Study.objects.values_list('slug', flat=True))"


@pytest.mark.postgres
def test_robots_of_every_profile_end_as_they_should_on_postgresql_and_redis(
    postgres_stack: Stack, data: Path, tmp_path: Path
) -> None:
    seeded(postgres_stack, data, tmp_path)
    robots = len(PROFILES) + 1

    said = simulate(postgres_stack, tmp_path / "out", robots, 2, "mixed")

    assert re.search(rf"completed +{robots - 2} of {robots - 2}\n", said)  # all but two profiles
    assert re.search(r"lost +0\n", said)
    assert re.search(r"wrong +0\n", said)
    assert len(re.findall(r"profile [\w-]+ +(\d) of \1 as they should", said)) == len(PROFILES)
    for deed in ("late actions", "nonsense refused", "old tab refused", "line lost on purpose"):
        assert re.search(rf"{deed} +[1-9]", said)
    assert_nothing_lost(tmp_path / "out")


def test_a_server_that_does_not_answer_is_named(stack: Stack, tmp_path: Path) -> None:
    nowhere = ["simulate", "duetml", "--url", "http://localhost:9", "--out", str(tmp_path)]

    with pytest.raises(AssertionError, match=r"Nothing answers at http://localhost:9"):
        stack.manage(*nowhere)
