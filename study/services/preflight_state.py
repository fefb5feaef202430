"""One line of the pre-flight."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"  # a study with real participants is opened with a written reason only
    BLOCKING = "blocking"  # it cannot be opened, but for what may be accepted by name


@dataclass(frozen=True)
class Check:
    """`code` names it in exports; `text` says what to do where the state is not OK."""

    code: str
    state: State
    text: str


def judged(is_well: bool) -> State:
    return State.OK if is_well else State.WARNING
