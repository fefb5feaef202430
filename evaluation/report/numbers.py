"""Numbers as a reader sees them. What is not there is a dash; what rounds to nothing says so."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from evaluation.stats.scores import quartiles

if TYPE_CHECKING:  # it loads scipy, which the web process does without
    from evaluation.stats.interval import Interval

NOTHING = "–"
SMALLEST_P = 0.001


def p_value(p: float | None) -> str:
    """Two significant digits: “0.009”, “< 0.001”."""
    if p is None:
        return NOTHING
    if p < SMALLEST_P:
        return f"< {SMALLEST_P:g}"
    return "1" if p > 0.995 else f"{p:.2g}"


def equals_p(p: float | None) -> str:
    """For behind a letter p: “= 0.009” or “< 0.001”."""
    shown = p_value(p)
    return shown if shown.startswith("<") else f"= {shown}"


def fixed(value: float | None, digits: int = 2) -> str:
    return NOTHING if value is None else _minus(f"{value + 0.0:.{digits}f}")


def short(value: float | None) -> str:
    """Three significant digits, and no exponent."""
    if value is None:
        return NOTHING
    shown = f"{value:.3g}"
    return _minus(f"{value:,.0f}" if "e+" in shown else shown)


def count(value: float | None) -> str:
    """U: a whole number or a half."""
    return NOTHING if value is None else f"{value:g}"


def signed(value: float | None, digits: int = 2) -> str:
    return NOTHING if value is None else _minus(f"{value + 0.0:+.{digits}f}")


def interval(found: "Interval", digits: int = 2) -> str:
    if found.low is None or found.high is None:
        return NOTHING
    return f"[{fixed(found.low, digits)}, {fixed(found.high, digits)}]"


def spread(values: Sequence[float]) -> str:
    """Median [first quartile–third quartile]."""
    if not values:
        return NOTHING
    q1, median, q3 = quartiles(values)
    return f"{short(median)} [{short(q1)}–{short(q3)}]"


def share(part: int, whole: int) -> str:
    """“3 (50 %)”."""
    return f"{part} ({100 * part / whole:.0f} %)" if whole else str(part)


def _minus(text: str) -> str:
    return text.replace("-", "−")
