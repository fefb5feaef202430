"""Results in words and rounded numbers. What cannot be computed is said, not printed."""

from dataclasses import dataclass
from math import comb

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluation.stats.units import Comparison, CriterionResult, GroupSummary, quartiles
from evaluation.work.results import Scale
from study.models import Study
from study.rules.protocol import ProtocolFile

LEVEL = 0.05


@dataclass(frozen=True)
class TableRow:
    criterion: str
    n: str
    treatment: str
    control: str
    u: str
    p: str
    method: str
    p_holm: str
    delta: str
    interval: str
    shift: str


@dataclass(frozen=True)
class ScaleRow:
    name: str
    n: str
    treatment: str
    control: str
    u: str
    p: str


def finding(row: CriterionResult, treatment: str, control: str) -> str:
    """One sentence on one criterion, participants as the unit."""
    name = row.criterion.upper()
    if row.test.undefined == "empty_group":
        return _("%(name)s cannot be compared: a condition has no scores yet.") % {"name": name}
    if row.test.undefined == "no_variation":
        return _("%(name)s cannot be tested: all participants have the same value.") % {
            "name": name
        }
    values = {
        "name": name,
        "treatment": treatment,
        "control": control,
        "x": spread(row.treatment),
        "y": spread(row.control),
        "u": number(row.test.u, 1),
        "p": p_value(row.test.p),
        "holm": p_value(row.p_holm),
        "delta": signed(row.test.cliffs_delta),
    }
    significant = row.p_holm is not None and row.p_holm < LEVEL
    delta = row.test.cliffs_delta or 0.0
    if significant and delta > 0:
        words = _(
            "%(name)s was higher with %(treatment)s (median %(x)s) than with %(control)s (%(y)s):"
            " U = %(u)s, p %(p)s, Holm p %(holm)s, δ = %(delta)s."
        )
    elif significant:
        words = _(
            "%(name)s was lower with %(treatment)s (median %(x)s) than with %(control)s (%(y)s):"
            " U = %(u)s, p %(p)s, Holm p %(holm)s, δ = %(delta)s."
        )
    else:
        words = _(
            "%(name)s: no difference could be shown between %(treatment)s (median %(x)s) and"
            " %(control)s (%(y)s): U = %(u)s, p %(p)s, Holm p %(holm)s, δ = %(delta)s."
        )
    return words % values


def table_row(row: CriterionResult) -> TableRow:
    test, interval = row.test, row.interval
    reasons = {
        "empty_group": _("no scores"),
        "no_variation": _("no variation"),
        "too_few": _("too few"),
        "complete_separation": _("complete separation"),
        None: "",
    }
    shown = ""
    if interval is not None:
        shown = reasons[interval.undefined] or f"[{signed(interval.low)}, {signed(interval.high)}]"
    return TableRow(
        criterion=row.criterion.upper(),
        n=f"{row.treatment.n} / {row.control.n}",
        treatment=spread(row.treatment),
        control=spread(row.control),
        u=number(test.u, 1),
        p=reasons[test.undefined] or number(test.p, 3),
        method={"exact": _("exact"), "asymptotic": _("normal approximation"), None: ""}[
            test.method
        ],
        p_holm=number(row.p_holm, 3),
        delta=signed(test.cliffs_delta),
        interval=shown,
        shift=signed(row.shift),
    )


def pooled_sizes(pooled: Comparison) -> str:
    """“30 against 30”, from the criterion with the most scores."""
    largest = max(pooled.rows, key=lambda row: row.treatment.n + row.control.n)
    sizes = {"x": largest.treatment.n, "y": largest.control.n}
    return _("%(x)d against %(y)d") % sizes


def reachable(comparison: Comparison) -> str:
    """The smallest p that groups of this size can reach: two divisions are the most extreme."""
    row = max(comparison.rows, key=lambda row: row.treatment.n + row.control.n)
    n_x, n_y = row.treatment.n, row.control.n
    if not (n_x and n_y):
        return ""
    smallest = min(1.0, 2 / comb(n_x + n_y, n_x))
    values = {
        "x": n_x,
        "y": n_y,
        "p": number(smallest, 3),
        "holm": number(min(1.0, smallest * len(comparison.rows)), 3),
    }
    return (
        _(
            "With %(x)d against %(y)d participants the smallest p that can be reached is %(p)s;"
            " for the first of the criteria after Holm's correction, %(holm)s."
        )
        % values
    )


def scale_row(scale: Scale) -> ScaleRow:
    names = {
        "sus": _("SUS (0–100, higher is better)"),
        "raw_tlx": _("Raw NASA-TLX (0–100, lower is better)"),
    }
    return ScaleRow(
        name=names[scale.scoring],
        n=f"{len(scale.treatment)} / {len(scale.control)}",
        treatment=_of_values(scale.treatment),
        control=_of_values(scale.control),
        u=number(scale.test.u, 1),
        p=number(scale.test.p, 3),
    )


def remarks(study: Study, protocol: ProtocolFile, robots: int, untrained_runs: int) -> list[str]:
    """What a reader must know before any number."""
    said = []
    if study.simulated:
        said.append(_("This is a simulated study: the numbers say nothing about people."))
    if robots:
        said.append(
            ngettext("%(n)d participant is a robot.", "%(n)d participants are robots.", robots)
            % {"n": robots}
        )
    if protocol.derived:
        changes = "; ".join(protocol.derived.changes)
        said.append(
            _("The protocol was derived from another one (%(origin)s) by: %(changes)s.")
            % {"origin": protocol.derived.origin[:12], "changes": changes}
        )
    if protocol.model.weights == "untrained" or untrained_runs:
        said.append(
            _("Classifiers were built on an untrained backbone, which knows nothing of pictures.")
        )
    if protocol.agents.provider == "offline":
        said.append(_("The assistant was the offline advisor, not a language model."))
    if study.overrides:
        overridden = ", ".join(str(one) for one in study.overrides)
        said.append(_("Opened in spite of the pre-flight's warnings: %s.") % overridden)
    return said


def spread(group: GroupSummary) -> str:
    return _spread(group.q1, group.median, group.q3)


def number(value: float | None, digits: int) -> str:
    """Rounded; “< 0.001” for what would round to nothing; “–” for what is not there."""
    if value is None:
        return "–"
    if digits == 3 and 0 < value < 0.001:
        return "< 0.001"
    return f"{value:.{digits}f}"


def p_value(value: float | None) -> str:
    shown = number(value, 3)
    return shown if shown.startswith("<") else f"= {shown}"


def signed(value: float | None) -> str:
    return "–" if value is None else f"{value + 0.0:+.2f}".replace("-", "−")


def _of_values(values: tuple[float, ...]) -> str:
    return _spread(*quartiles(values)) if values else "–"


def _spread(q1: float | None, median: float | None, q3: float | None) -> str:
    if q1 is None or median is None or q3 is None:
        return "–"
    return f"{median:.3g} [{q1:.3g}–{q3:.3g}]"
