"""The results page's numbers, computed again from an export by two programs written apart."""

import json
import math
import shutil
import subprocess
import venv
from importlib.util import find_spec
from pathlib import Path
from random import Random

import numpy as np
import pytest

from evaluation.exports.analysis import analysis as script
from evaluation.exports.wide import score_of
from evaluation.models import Rating
from evaluation.stats.analysis import CriterionAnalysis
from evaluation.stats.contrast import Contrast
from evaluation.stats.icc import FORMS
from evaluation.stats.krippendorff import METRICS
from evaluation.stats.ranksum import mann_whitney
from evaluation.work.export import Export
from evaluation.work.results import results
from study.models import Study
from tests.exports import close, exported
from tests.raters import CRITERIA, NOW, World, answer, make_world
from tests.unit.test_scales import with_step

pytestmark = pytest.mark.django_db
NEEDED = ("numpy", "numpy.libs", "scipy", "scipy.libs", "pandas", "dateutil", "six.py", "pytz")
TLX = ("mental", "physical", "temporal", "performance", "effort", "frustration")
Numbers = dict[str, dict[str, float | None]]


def rated_world(participants: int = 11, raters: int = 4, *, missing: bool = True) -> World:
    """Scores that differ, some of them missing; one criterion without variation, one without
    scores; a questionnaire with one score and one whose score has parts."""
    world = make_world(participants, raters, source=with_step(scale="ueq_s"))
    rng = Random(5)
    for rater in world.raters:
        for submission in world.submissions:
            better = submission.participant.condition == "duetml"
            for criterion in CRITERIA[:4]:
                score = 3 if criterion == "eq4" else min(5, max(1, rng.randint(1, 4) + better))
                if not (missing and rng.random() < 0.1 and criterion != "eq1"):
                    Rating.objects.create(
                        rater=rater, submission=submission, criterion=criterion, score=score, at=NOW
                    )
    for submission in world.submissions:
        answer(
            submission.participant, 10, "workload", {key: rng.randrange(0, 101, 5) for key in TLX}
        )
        said = {f"ueq{number}": rng.randint(1, 7) for number in range(1, 9)}
        answer(submission.participant, 11, "more", said)
    close(world, unlock=True)
    return world


@pytest.fixture(scope="module")
def empty_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has numpy, scipy and pandas, and nothing else of this project."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    spec = find_spec("numpy")
    assert spec is not None
    assert spec.origin is not None
    ours = Path(spec.origin).parents[1]
    for name in NEEDED:
        if (ours / name).exists():
            (packages / name).symlink_to(ours / name)
    return folder / "bin" / "python"


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def printed(output: str) -> Numbers:
    found: Numbers = {}
    for line in output.splitlines():
        name, measure, value = line.split("\t")
        found.setdefault(name, {})[measure] = None if value == "NA" else float(value)
    return found


def known(study: Study) -> Numbers:
    """What the results page says of the same rows, under the scripts' names."""
    found = results(study)
    numbers = {one.criterion: _of_criterion(one) for one in found.analyses}
    return numbers | {score_of(one.step, one.part): _compared(one.contrast) for one in found.scales}


def _compared(one: Contrast) -> dict[str, float | None]:
    test = one.test
    return {
        "n_treatment": test.n_x, "n_control": test.n_y, "u": test.u, "p": test.p,
        "a": test.superiority, "cliffs_delta": test.cliffs_delta, "p_holm": one.p_holm,
        "a_low": one.superiority.low, "a_high": one.superiority.high,
        "hodges_lehmann": one.shift,
    }  # fmt: skip


def _of_criterion(one: CriterionAnalysis) -> dict[str, float | None]:
    return {
        **_compared(one.primary),
        "pooled_u": one.pooled.u,
        "pooled_p": one.pooled.p,
        **{f"alpha_{name}": one.agreement.alpha_of(name).value for name in METRICS},
        **{form: one.agreement.icc.form(form).value for form in FORMS},
    }


def differences(ours: Numbers, theirs: Numbers, tolerance: float) -> list[str]:
    assert {name: set(one) for name, one in ours.items()} == {
        name: set(one) for name, one in theirs.items()
    }
    return [
        f"{name} {measure}: {value} and {theirs[name][measure]}"
        for name, one in ours.items()
        for measure, value in one.items()
        if not _alike(value, theirs[name][measure], tolerance)
    ]


def _alike(one: float | None, other: float | None, tolerance: float) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)


def export_of(world: World, folder: Path) -> Export:
    return exported(world, folder / "out")


@pytest.mark.parametrize("missing", [True, False])
def test_python_computes_the_same_numbers_from_the_files_alone(
    tmp_path: Path, empty_environment: Path, missing: bool
) -> None:
    world = rated_world(missing=missing)
    done = export_of(world, tmp_path)

    found: Numbers = json.loads(run([str(empty_environment), "analysis.py", "--json"], done.target))

    assert differences(known(world.study), found, 1e-9) == []
    assert found["eq1"]["p"] is not None
    assert found["eq4"]["p"] is None
    assert found["eq5"]["n_treatment"] == 0
    assert found["workload.score"]["u"] is not None


def test_python_has_the_platforms_words_for_complete_separation(
    tmp_path: Path, empty_environment: Path
) -> None:
    world = make_world(12, 2)
    for rater in world.raters:
        for place, submission in enumerate(world.submissions):
            score = 4 + place % 4 // 2 if place % 2 == 0 else 1
            for criterion in CRITERIA:
                Rating.objects.create(
                    rater=rater, submission=submission, criterion=criterion, score=score, at=NOW
                )
    close(world, unlock=True)
    done = export_of(world, tmp_path)

    found = printed(run([str(empty_environment), "analysis.py"], done.target))

    assert found["eq1"]["u"] == 36
    assert found["eq1"]["p"] == pytest.approx(2 / 924, abs=1e-12)
    assert found["eq1"]["a_high"] == 1
    assert differences(known(world.study), found, 1e-9) == []


def test_r_computes_the_same_numbers_from_the_files_alone(tmp_path: Path) -> None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("R is not installed")
    world = rated_world()
    done = export_of(world, tmp_path)

    found = printed(run([rscript, "analysis.R"], done.target))

    assert differences(known(world.study), found, 1e-9) == []


def test_the_script_agrees_where_groups_are_too_large_to_count() -> None:
    """The normal approximation takes over at the same size."""
    rng = Random(3)
    for size in (60, 400):
        x, y = ([rng.gauss(shift, 1) for _ in range(size)] for shift in (0, 0.2))
        ours, theirs = mann_whitney(x, y), script.rank_sum(*map(np.array, (x, y)))
        assert theirs["p"] == pytest.approx(ours.p, rel=1e-9)
