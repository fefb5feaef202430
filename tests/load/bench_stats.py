"""How long the statistics take, beside the quickest thing there is for the same data.

python -m tests.load.bench_stats       (make bench)

The exact rank-sum test next to scipy's normal approximation; agreement of 200 participants by 20
raters next to the packages krippendorff and pingouin, which the tests have as oracles; the whole
analysis of a study of 12 and of 200 participants, from the scores alone and from the rows of a
database with questionnaires and logs. Ends with an error where a gate is missed.
"""

import logging
import os
import sys
import warnings
from collections.abc import Callable
from functools import partial
from importlib import import_module
from tempfile import TemporaryDirectory
from time import perf_counter

import django
import krippendorff
import numpy as np
import pandas as pd
import pingouin
from django.core.management import call_command
from scipy import stats

from evaluation.stats.analysis import analyse
from evaluation.stats.icc import intraclass_correlations
from evaluation.stats.interval import placements, superiority_interval
from evaluation.stats.krippendorff import krippendorff_alpha
from evaluation.stats.ranksum import mann_whitney, mann_whitney_approximate
from evaluation.stats.units import ScoreRow
from tests.load.bench_sockets import say
from tests.stack import ROOT

TURNS = 7
EXACT_SECONDS = 1.0  # 30 against 30 with ties
STUDIES = {12: 2.0, 200: 10.0}  # participants → seconds for five criteria
SHIFTS = (0.0, 0.7, 1.5, 2.2)  # standard deviations of one rater's judgement
SAMPLES = 1500
Shape = Callable[[np.random.Generator, int, float], list[float]]
CRITERIA = [f"EQ{number}" for number in range(1, 6)]


def main() -> None:
    rng = np.random.default_rng(1)
    missed = [*rank_sums(rng), *studies(rng), *from_rows()]
    agreement(rng)
    coverage(rng)
    if any(missed):
        sys.exit("bench_stats: missed")


def rank_sums(rng: np.random.Generator) -> list[bool]:
    say("| rank-sum test, means of five raters | exact | scipy's approximation | ratio |")
    say("|---|---|---|---|")
    missed = []
    for each in (6, 12, 30, 60, 100):
        x, y = (means(rng, each) for _ in range(2))
        exact = seconds(partial(mann_whitney, x, y))
        approximate = seconds(partial(stats.mannwhitneyu, x, y, method="asymptotic"))
        row(f"{each} against {each}", exact, approximate)
        missed.append(each == 30 and exact > EXACT_SECONDS)
    return missed


def agreement(rng: np.random.Generator) -> None:
    say(
        "\n| agreement, 200 participants by 20 raters | ours, with interval | the package | ratio |"
    )
    say("|---|---|---|---|")
    scores = np.clip(rng.integers(1, 5, (200, 20)) + rng.integers(0, 3, (200, 1)), 1, 5)
    ours = scores.astype(np.float64)
    row(
        "Krippendorff's alpha, ordinal",
        seconds(lambda: krippendorff_alpha(ours, "ordinal", np.random.default_rng(1))),
        seconds(
            lambda: krippendorff.alpha(reliability_data=ours.T, level_of_measurement="ordinal")
        ),
    )
    long = pd.DataFrame(
        [(who, rater, score) for (who, rater), score in np.ndenumerate(scores)],
        columns=["who", "rater", "score"],
    )
    row(
        "ICC, six forms",
        seconds(lambda: intraclass_correlations(ours)),
        seconds(lambda: pingouin.intraclass_corr(long, "who", "rater", "score")),
    )


def studies(rng: np.random.Generator) -> list[bool]:
    say("\n| everything of a study with 5 raters and 5 criteria | seconds | gate |")
    say("|---|---|---|")
    missed = []
    for participants, gate in STUDIES.items():
        rows = ratings(rng, participants)
        taken = seconds(partial(analyse, rows, "duetml", "baseline", CRITERIA), turns=3)
        say(f"| {participants} participants | {taken:.2f} | {gate:g} |")
        missed.append(taken > gate)
    return missed


def from_rows() -> list[bool]:
    """All numbers of the results page, and what the page itself costs where they are there."""
    say("\n| results from the rows, 5 raters | all numbers (s) | gate | state of the rows (s) |")
    say("|---|---|---|---|")
    missed = []
    with TemporaryDirectory() as folder:
        os.environ |= {"DUETML_VAR": folder, "DJANGO_SETTINGS_MODULE": "duetml.config.settings"}
        django.setup()
        logging.disable(logging.WARNING)  # no broker runs here
        call_command("migrate", verbosity=0)
        # These need Django to be set up.
        state_of = import_module("evaluation.report.digest").state_of
        results = import_module("evaluation.work.results").results
        rated_world = import_module("tests.results").rated_world
        for participants, gate in STUDIES.items():
            study = rated_world(participants, 5, slug=f"of-{participants}").study
            taken = seconds(partial(results, study), turns=2)
            page = seconds(partial(state_of, study), turns=3)
            say(f"| {participants} participants | {taken:.2f} | {gate:g} | {page:.3f} |")
            missed.append(taken > gate)
    return missed


def coverage(rng: np.random.Generator) -> None:
    """Of A in three shapes and four shifts: the least and the most, per size of the groups."""
    say("\n| 95 % intervals that held A | ours (Newcombe) | Brunner–Munzel | of which undefined |")
    say("|---|---|---|---|")
    for each in (6, 12):
        held = [held_by(rng, each, shape, shift) for shape in SHAPES for shift in SHIFTS]
        cells = (
            f"{100 * min(shares):.0f}–{100 * max(shares):.0f} %"
            for shares in zip(*held, strict=True)
        )
        say(f"| {each} and {each} | " + " | ".join(cells) + " |")


def held_by(
    rng: np.random.Generator, each: int, shape: Shape, shift: float
) -> tuple[float, float, float]:
    """Shares: held by ours, by Brunner and Munzel's where there is one, and where there is none."""
    large, control = shape(rng, 4000, shift), shape(rng, 4000, 0.0)
    a = mann_whitney_approximate(large, control).superiority or 0.0
    ours, theirs = [], []
    for _ in range(SAMPLES):
        x, y = shape(rng, each, shift), shape(rng, each, 0.0)
        found = superiority_interval(x, y)
        ours.append(inside((found.low, found.high), a))
        other = brunner_munzel_interval(x, y)
        if other is not None:
            theirs.append(inside(other, 2 * a - 1))
    return sum(ours) / SAMPLES, sum(theirs) / len(theirs), 1 - len(theirs) / SAMPLES


def brunner_munzel_interval(x: list[float], y: list[float]) -> tuple[float, float] | None:
    """Their t interval of Cliff's delta; None where no placement varies."""
    of_x, of_y = placements(x, y)
    v_x, v_y = (float(one.var(ddof=1)) / len(one) for one in (of_x, of_y))
    if v_x + v_y == 0:
        return None
    freedom = (v_x + v_y) ** 2 / (v_x**2 / (len(x) - 1) + v_y**2 / (len(y) - 1))
    reach = float(stats.t.ppf(0.975, freedom)) * float(np.sqrt(v_x + v_y))
    return max(-1.0, float(of_x.mean()) - reach), min(1.0, float(of_x.mean()) + reach)


def inside(interval: tuple[float | None, float | None], value: float) -> bool:
    low, high = interval
    return low is not None and high is not None and low <= value <= high


def normal(rng: np.random.Generator, n: int, shift: float) -> list[float]:
    values: list[float] = rng.normal(shift, 1, n).tolist()
    return values


def skewed(rng: np.random.Generator, n: int, shift: float) -> list[float]:
    values: list[float] = np.exp(rng.normal(shift, 1.5 if shift else 1, n)).tolist()
    return values


def five_points(rng: np.random.Generator, n: int, shift: float) -> list[float]:
    """Means of five raters' Likert scores, half of whose variance lies between participants."""
    judged = rng.normal(shift, 0.5**0.5, (n, 1)) + rng.normal(0, 0.5**0.5, (n, 5))
    points = np.digitize(judged, [-1.2, -0.4, 0.4, 1.2]) + 1
    return [int(total) / 5 for total in points.sum(axis=1)]


SHAPES: tuple[Shape, ...] = (normal, skewed, five_points)


def means(rng: np.random.Generator, each: int) -> list[float]:
    return [int(total) / 5 for total in rng.integers(1, 6, (each, 5)).sum(axis=1)]


def ratings(rng: np.random.Generator, participants: int) -> list[ScoreRow]:
    return [
        ScoreRow(f"p{who}", ("duetml", "baseline")[who % 2], f"R{rater}", criterion, int(score))
        for criterion in CRITERIA
        for (who, rater), score in np.ndenumerate(rng.integers(1, 6, (participants, 5)))
    ]


def seconds(work: Callable[[], object], turns: int = TURNS) -> float:
    """The quickest of several turns: what the work takes, not what else the machine did."""
    taken = []
    for _ in range(turns):
        begun = perf_counter()
        work()
        taken.append(perf_counter() - begun)
    return min(taken)


def row(what: str, ours: float, other: float) -> None:
    say(f"| {what} | {1000 * ours:.2f} ms | {1000 * other:.2f} ms | {ours / other:.1f} |")


if __name__ == "__main__":
    os.chdir(ROOT)
    warnings.simplefilter("ignore")  # pingouin divides by zero on the way
    main()
