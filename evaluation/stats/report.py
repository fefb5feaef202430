"""An analysis as numbers and sentences: what ``manage.py compare`` prints.

A number that cannot be had is None, and a note says why; every interval is named with its method.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from evaluation.stats.analysis import CriterionAnalysis, analyse
from evaluation.stats.long_table import LongTable
from evaluation.stats.notes import notes, p_value

HEADINGS = (
    "criterion",
    "n",
    "U",
    "exact p",
    "Holm p",
    "A",
    "95 % interval",
    "delta",
    "shift",
    "pooled U",
    "pooled p",
    "alpha",
    "ICC(2,1)",
    "ICC(2,k)",
)


@dataclass(frozen=True, slots=True)
class CriterionReport:
    """The fields of the JSON, in order. ``u_of``: the condition whose U this is; effects are it
    minus the other. ``n``: participants per condition. ``a_ci``: two bounds."""

    criterion: str
    n: dict[str, int]
    u: float | None
    u_of: str
    p_exact: float | None
    p_holm: float | None
    a: float | None
    a_ci: tuple[float, float] | None
    cliffs_delta: float | None
    hodges_lehmann: float | None
    pooled_u: float | None
    pooled_p: float | None
    alpha_ordinal: float | None
    icc_2_1: float | None
    icc_2_k: float | None
    notes: list[str]

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def report(table: LongTable) -> tuple[CriterionReport, ...]:
    """The condition whose name sorts last against the other; criteria in order of name."""
    control, treatment = table.conditions
    found = analyse(table.ratings, treatment, control, table.criteria)
    return tuple(_report(one, table.without_score[one.criterion], found) for one in found)


def _report(
    one: CriterionAnalysis, dropped: int, family: Sequence[CriterionAnalysis]
) -> CriterionReport:
    primary, test = one.primary, one.primary.test
    bounds = primary.superiority
    return CriterionReport(
        criterion=one.criterion,
        n={one.control: test.n_y, one.treatment: test.n_x},
        u=test.u,
        u_of=one.treatment,
        p_exact=test.p if test.method == "exact" else None,
        p_holm=primary.p_holm,
        a=test.superiority,
        a_ci=None if bounds.low is None or bounds.high is None else (bounds.low, bounds.high),
        cliffs_delta=test.cliffs_delta,
        hodges_lehmann=None if primary.shift is None else primary.shift + 0.0,
        pooled_u=one.pooled.u,
        pooled_p=one.pooled.p,
        alpha_ordinal=one.agreement.alpha_of("ordinal").value,
        icc_2_1=one.agreement.icc.form("icc_2_1").value,
        icc_2_k=one.agreement.icc.form("icc_2_k").value,
        notes=list(notes(one, dropped, family)),
    )


def lines(reports: Sequence[CriterionReport]) -> Iterator[str]:
    """The same as a table; notes that hold for every criterion are said once."""
    first = reports[0]
    (control, _), (treatment, _) = first.n.items()
    yield f"{treatment} compared with {control}: effects are {treatment} minus {control}."
    yield ""
    rows = [HEADINGS, *(_cells(one) for one in reports)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        first_cell = row[0].ljust(widths[0])
        others = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        yield "  ".join([first_cell, *others])
    shared = [note for note in first.notes if all(note in one.notes for one in reports)]
    for title, listed in [
        ("", shared),
        *((one.criterion, [n for n in one.notes if n not in shared]) for one in reports),
    ]:
        if listed:
            yield ""
            yield f"{title}:" if title else "Notes:"
            yield from (f"- {note}" for note in listed)


def _cells(one: CriterionReport) -> tuple[str, ...]:
    (_, n_control), (_, n_treatment) = one.n.items()
    low, high = one.a_ci or (None, None)
    return (
        one.criterion,
        f"{n_treatment} / {n_control}",
        _number(one.u, "g"),
        _p(one.p_exact),
        _p(one.p_holm),
        _number(one.a, ".3f"),
        "-" if low is None else f"[{_number(low, '.3f')}, {_number(high, '.3f')}]",
        _number(one.cliffs_delta, ".3f"),
        _number(one.hodges_lehmann, ".3g"),
        _number(one.pooled_u, "g"),
        _p(one.pooled_p),
        _number(one.alpha_ordinal, ".3f"),
        _number(one.icc_2_1, ".3f"),
        _number(one.icc_2_k, ".3f"),
    )


def _number(value: float | None, shape: str) -> str:
    return "-" if value is None else format(value, shape)


def _p(value: float | None) -> str:
    return "-" if value is None else p_value(value)
