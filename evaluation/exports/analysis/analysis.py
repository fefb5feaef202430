"""The numbers of the results page, computed again from the files of this export alone.

Needs numpy, scipy and pandas: python -m venv env && env/bin/pip install numpy scipy pandas
Run: env/bin/python analysis.py          one line per criterion and measure
     env/bin/python analysis.py --json   the same as JSON

Written apart from the platform that made this export, so that each checks the other. Effects are
treatment minus control. The unit of analysis is the participant: the mean over their raters.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import mannwhitneyu, norm, rankdata

Floats = NDArray[np.float64]
Measures = dict[str, float | None]
HERE = Path(__file__).parent
EDGE = 1e-9  # at 0 and 1 themselves the interval's equation has another root
LARGEST_EXACT_COUNT = 500_000_000  # additions; larger groups get the normal approximation


def main() -> None:
    found = analysis(HERE)
    if "--json" in sys.argv:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
        return
    for name, measures in found.items():
        for measure, value in measures.items():
            sys.stdout.write(f"{name}\t{measure}\t{'NA' if value is None else f'{value:.12g}'}\n")


def analysis(folder: Path) -> dict[str, Measures]:
    """By criterion, then by questionnaire score, the measures by name; None: undefined."""
    study = json.loads((folder / "study.json").read_text(encoding="utf-8"))
    plan, files = study["analysis"], study["files"]
    scores = pd.read_csv(folder / files["outcomes"], dtype={"condition": str})
    wide = pd.read_csv(folder / files["wide"], dtype={"condition": str, "analysed": str})
    both = [plan["treatment"], plan["control"]]
    kept = scores[scores["condition"].isin(both)]
    people = wide[wide["analysed"] == "true"]
    found: dict[str, Measures] = {}
    for family in plan["families"]:
        found |= adjusted({one: criterion(kept[kept["criterion"] == one], *both) for one in family})
    scales = {}
    for column in plan["scales"]:
        x, y = (people.loc[people["condition"] == one, column].dropna() for one in both)
        scales[column] = compared(x.to_numpy(dtype=float), y.to_numpy(dtype=float))
    return found | adjusted(scales)


def adjusted(family: dict[str, Measures]) -> dict[str, Measures]:
    """With Holm's p over the family."""
    p_values = holm([one["p"] for one in family.values()])
    return {
        name: measures | {"p_holm": p}
        for (name, measures), p in zip(family.items(), p_values, strict=True)
    }


def criterion(rows: pd.DataFrame, treatment: str, control: str) -> Measures:
    means = rows.groupby(["condition", "participant"])["score"].mean()
    x, y = (_of(means, one) for one in (treatment, control))
    pooled_u, pooled_p = pooled(*(_scores(rows, one) for one in (treatment, control)))
    table = rows.pivot(index="participant", columns="rater", values="score")
    scores = table.to_numpy(dtype=float)
    return (
        compared(x, y)
        | {"pooled_u": pooled_u, "pooled_p": pooled_p}
        | {f"alpha_{one}": alpha(scores, one) for one in ("nominal", "ordinal", "interval")}
        | icc(scores)
    )


def _of(means: "pd.Series[float]", condition: str) -> Floats:
    inside = means.index.get_level_values("condition") == condition
    return np.asarray(means[inside], dtype=np.float64)


def _scores(rows: pd.DataFrame, condition: str) -> Floats:
    return rows.loc[rows["condition"] == condition, "score"].to_numpy(dtype=float)


def compared(x: Floats, y: Floats) -> Measures:
    low, high = interval_of_a(x, y)
    shift = hodges_lehmann(x, y)
    return rank_sum(x, y) | {"p_holm": None, "a_low": low, "a_high": high, "hodges_lehmann": shift}


def rank_sum(x: Floats, y: Floats) -> Measures:
    """n, U of the treatment, A = U/(mn), Cliff's delta, and the two-sided p: exact, conditional on
    the values and their ties, P(|W − E W| ≥ |w − E W|) over all ways to deal them out."""
    m, n = len(x), len(y)
    counts: Measures = {"n_treatment": m, "n_control": n}
    if not (m and n):
        return counts | dict.fromkeys(("u", "p", "a", "cliffs_delta"))
    doubled = np.rint(2 * rankdata(np.concatenate([x, y]))).astype(np.int64)  # midranks, whole
    u = float(doubled[:m].sum() - m * (m + 1)) / 2
    a = u / (m * n)
    return counts | {"u": u, "p": exact_p(doubled, m, u), "a": a, "cliffs_delta": 2 * a - 1}


def exact_p(doubled: NDArray[np.int64], m: int, u: float) -> float | None:
    if doubled.min() == doubled.max():
        return None
    number = len(doubled)
    steps = doubled - doubled.min()
    steps = steps // np.gcd.reduce(steps)
    group = steps[:m] if 2 * m <= number else steps[m:]
    chosen, total = len(group), int(steps.sum())
    largest = int(np.sort(steps)[number - chosen :].sum())
    if (chosen + 1) * (largest + 1) * number // 3 > LARGEST_EXACT_COUNT:
        return normal_p(doubled, m, u)
    ways = np.zeros((chosen + 1, largest + 1))  # [how many chosen, their sum]
    ways[0, 0] = 1
    for step in steps.tolist():
        for size in range(chosen, 0, -1):
            ways[size, step:] += ways[size - 1, : largest + 1 - step]
    distance = np.abs(number * np.arange(largest + 1) - chosen * total)
    observed = abs(number * int(group.sum()) - chosen * total)
    return min(1.0, float(ways[chosen][distance >= observed].sum() / ways[chosen].sum()))


def normal_p(doubled: NDArray[np.int64], m: int, u: float) -> float:
    """Corrected for ties and continuity."""
    number = len(doubled)
    n = number - m
    ties = np.unique(doubled, return_counts=True)[1].astype(float)
    variance = m * n / 12 * (number + 1 - float((ties**3 - ties).sum()) / (number * (number - 1)))
    z = max(0.0, abs(u - m * n / 2) - 0.5) / np.sqrt(variance)
    return float(2 * norm.sf(z))


def pooled(x: Floats, y: Floats) -> tuple[float | None, float | None]:
    """U and p of all scores as if independent, as in the paper: too small where raters agree."""
    if not (len(x) and len(y)):
        return None, None
    u = float(mannwhitneyu(x, y, method="asymptotic").statistic)
    values = np.concatenate([x, y])
    if values.min() == values.max():
        return u, None
    return u, float(mannwhitneyu(x, y, use_continuity=True, method="asymptotic").pvalue)


def interval_of_a(x: Floats, y: Floats) -> tuple[float | None, float | None]:
    """95 % interval of A: Newcombe (2006), method 5."""
    m, n = len(x), len(y)
    if not (m and n) or np.ptp(np.concatenate([x, y])) == 0:
        return None, None
    a = float(np.mean((x[:, None] > y) + (x[:, None] == y) / 2))

    def reach(at: float) -> float:
        spread = 1 + ((m + n) / 2 - 1) * ((1 - at) / (2 - at) + at / (1 + at))
        return float(norm.ppf(0.975)) * float(np.sqrt(at * (1 - at) / (m * n) * spread))

    low = 0.0 if a == 0 else _root(lambda at: a - at - reach(at), 0.0, min(a, 1 - EDGE))
    high = 1.0 if a == 1 else _root(lambda at: at - a - reach(at), max(a, EDGE), 1.0)
    return low, high


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(brentq(function, low, high, xtol=1e-15))


def hodges_lehmann(x: Floats, y: Floats) -> float | None:
    return float(np.median(np.subtract.outer(x, y))) if len(x) and len(y) else None


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Step-down; what is undefined is no test."""
    adjusted: list[float | None] = [None] * len(p_values)
    tested = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    largest = 0.0
    for rank, (p, place) in enumerate(tested):
        largest = max(largest, min(1.0, (len(tested) - rank) * p))
        adjusted[place] = largest
    return adjusted


def alpha(scores: Floats, metric: str) -> float | None:
    """Krippendorff's alpha from the matrix of coincidences; scores: (participants, raters)."""
    units = [row[~np.isnan(row)] for row in scores]
    units = [unit for unit in units if len(unit) >= 2]
    values = np.unique(np.concatenate(units)) if units else np.empty(0)
    if len(values) < 2:
        return None
    coincidences = np.zeros((len(values), len(values)))
    for unit in units:
        counts = (unit[:, None] == values).sum(axis=0).astype(float)
        coincidences += (np.outer(counts, counts) - np.diag(counts)) / (len(unit) - 1)
    totals = coincidences.sum(axis=0)
    if metric == "nominal":
        distance = 1.0 - np.eye(len(values))
    else:
        at = np.cumsum(totals) - totals / 2 if metric == "ordinal" else values
        distance = np.subtract.outer(at, at) ** 2
    expected = (np.outer(totals, totals) * distance).sum() / (totals.sum() - 1)
    return float(1 - (coincidences * distance).sum() / expected)


def icc(scores: Floats) -> Measures:
    """Shrout and Fleiss's six forms, of the participants whom every rater scored."""
    complete = scores[~np.isnan(scores).any(axis=1)]
    n, k = complete.shape
    forms = [f"icc_{one}_{of}" for of in ("1", "k") for one in (1, 2, 3)]
    if n < 2 or k < 2:
        return dict.fromkeys(forms)
    grand = complete.mean()
    between = k * float(((complete.mean(axis=1) - grand) ** 2).sum()) / (n - 1)
    raters = n * float(((complete.mean(axis=0) - grand) ** 2).sum()) / (k - 1)
    total = float(((complete - grand) ** 2).sum())
    within = (total - between * (n - 1)) / (n * (k - 1))
    error = (total - between * (n - 1) - raters * (k - 1)) / ((n - 1) * (k - 1))
    extra = k * (raters - error) / n
    return {
        "icc_1_1": _ratio(between - within, between + (k - 1) * within, total),
        "icc_2_1": _ratio(between - error, between + (k - 1) * error + extra, total),
        "icc_3_1": _ratio(between - error, between + (k - 1) * error, total),
        "icc_1_k": _ratio(between - within, between, total),
        "icc_2_k": _ratio(between - error, between + extra / k, total),
        "icc_3_k": _ratio(between - error, between, total),
    }


def _ratio(above: float, below: float, scale: float) -> float | None:
    """None where what is divided by is nothing but rounding, or less."""
    return above / below if below > 1e-12 * max(scale, 1e-12) else None


if __name__ == "__main__":
    main()
