"""The Mann-Whitney table: as rows of results.csv and as lines for a terminal."""

from collections.abc import Iterator

from evaluation.stats.units import Comparison, CriterionResult


def result_rows(*comparisons: Comparison) -> Iterator[list[object]]:
    """The rows of results.csv."""
    for comparison in comparisons:
        for row in comparison.rows:
            yield _row(comparison.unit, row)


def lines(*comparisons: Comparison) -> Iterator[str]:
    """The same in short: U and p per criterion and unit."""
    yield f"{'unit':12} {'criterion':10} {'n':>7} {'U':>7} {'p':>9} {'Holm p':>9}"
    for comparison in comparisons:
        for row in comparison.rows:
            n = f"{row.treatment.n}/{row.control.n}"
            p, holm = _short(row.test.p, row.test.undefined or "-"), _short(row.p_holm, "-")
            u = "-" if row.test.u is None else f"{row.test.u:g}"
            yield f"{comparison.unit:12} {row.criterion:10} {n:>7} {u:>7} {p:>9} {holm:>9}"


def _row(unit: str, row: CriterionResult) -> list[object]:
    x, y, test = row.treatment, row.control, row.test
    return [
        unit,
        row.criterion,
        x.condition,
        y.condition,
        x.n,
        y.n,
        x.mean,
        y.mean,
        x.median,
        y.median,
        x.q1,
        x.q3,
        y.q1,
        y.q3,
        test.u,
        test.p,
        test.method,
        row.p_holm,
        test.superiority,
        test.cliffs_delta,
        row.interval and row.interval.low,
        row.interval and row.interval.high,
        row.shift,
        test.ties,
        test.undefined,
    ]


def _short(value: float | None, otherwise: str) -> str:
    if value is None:
        return otherwise
    return f"{value:.5f}" if value >= 0.00001 else "<0.00001"
