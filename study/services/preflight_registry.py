"""What the layers above tell the pre-flight. They register when Django starts (AppConfig.ready)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from study.rules.protocol import ProtocolFile


@dataclass(frozen=True)
class Told:
    """One part of the machine, in a sentence that says what to do where it is not `ok`."""

    ok: bool
    text: str


@dataclass(frozen=True)
class Forecast:
    """What the planned sample can show. `reachable_p`: the smallest p there can be, corrected;
    `power`: simulated, for a shift of the latent quality by `shift` standard deviations, `tests`
    criteria and `raters` raters."""

    each: int
    tests: int
    reachable_p: float
    power: float
    shift: float
    raters: int


# Part → what it says; the argument: seconds since 1970.
machine: list[Callable[[float], Mapping[str, Told]]] = []
forecasts: list[Callable[[ProtocolFile], Forecast]] = []
