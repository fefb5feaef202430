"""What the simulation tells at its end: a short table."""

from collections import Counter
from collections.abc import Sequence
from statistics import median, quantiles

from duetml.config.simulation.verify import Found, Wanted
from evaluation.work.export_outcomes import Outcomes
from study.robots.crowd import Life
from study.robots.journal import Journal


def lines(
    wanted: Wanted, found: Found, journal: Journal, lives: Sequence[Life], steps: Sequence[str]
) -> list[str]:
    """`steps`: the keys of the protocol's steps, in order."""
    assigned = " ".join(f"{name} {number}" for name, number in sorted(found.assigned.items()))
    rows = [
        ("completed", f"{found.completed} of {wanted.completed}"),
        ("assigned", assigned),
        ("imbalance", str(found.imbalance)),
        ("submissions", str(found.submissions)),
        ("ratings", f"{found.ratings} of {found.submissions * wanted.raters * wanted.criteria}"),
        ("actions acknowledged", str(found.acknowledged)),
        ("lost", str(len(found.lost))),
        ("wrong", str(len(found.wrong))),
        ("agent calls", f"{found.answered} answered, {found.failed} failed"),
        ("agent cost", f"{found.tokens} tokens, {found.microusd / 1e6:.2f} USD"),
        ("acknowledged after", _times(journal.ack_seconds)),
        ("trained after", _times(journal.training_seconds)),
    ]
    rows += [(what, str(times)) for what, times in sorted(journal.counts.items())]
    rows += [(f"profile {name}", told) for name, told in _by_profile(lives)]
    rows += [
        (f"step {steps[int(index)]}", f"{median(taken):.1f} s (median of {len(taken)})")
        for index, taken in sorted(_known(journal), key=lambda one: int(one[0]))
    ]
    return [f"  {name:<36}{value}" for name, value in rows]


def _known(journal: Journal) -> list[tuple[str, list[float]]]:
    return [(index, taken) for index, taken in journal.step_seconds.items() if index.isdigit()]


def _by_profile(lives: Sequence[Life]) -> list[tuple[str, str]]:
    well = Counter(life.profile for life in lives if life.outcome == life.wanted)
    every = Counter(life.profile for life in lives if life.profile)
    return [(name, f"{well[name]} of {number} as they should") for name, number in every.items()]


def statistics(found: Outcomes) -> list[str]:
    """U and p of every criterion in both units of analysis."""
    head = f"  {'criterion':<12}{'participants: U':>18}{'p':>10}{'pooled: U':>18}{'p':>10}"
    return [head, *_criteria(found)]


def _criteria(found: Outcomes) -> list[str]:
    told = []
    for row, pooled_row in zip(found.participant.rows, found.pooled.rows, strict=True):
        one, pooled = row.test, pooled_row.test
        told.append(
            f"  {row.criterion:<12}{_figure(one.u, 1):>18}{_figure(one.p, 4):>10}"
            f"{_figure(pooled.u, 1):>18}{_figure(pooled.p, 4):>10}"
        )
    return told


def _figure(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _times(seconds: Sequence[float]) -> str:
    if len(seconds) < 2:
        return "–"
    cuts = quantiles(seconds, n=20, method="inclusive")
    return f"{1000 * cuts[9]:.0f} ms (median), {1000 * cuts[18]:.0f} ms (p95), {len(seconds)} times"
