"""Who may do what in a study, by role. Whether results are unlocked is asked elsewhere as well:
no role sees who is in which condition before.
"""

from enum import StrEnum


class Act(StrEnum):
    SEE = "see"  # the study, its progress and its notes
    RUN = "run"  # links, pauses, messages, notes, exclusions, replays
    DESIGN = "design"  # protocol, opening, closing, unlocking, members, audit
    EXPORT = "export"  # results, data, exports


OWNER, EXPERIMENTER, ANALYST, VIEWER = "owner", "experimenter", "analyst", "viewer"
ACTS = {
    OWNER: frozenset(Act),
    EXPERIMENTER: frozenset({Act.SEE, Act.RUN}),
    ANALYST: frozenset({Act.SEE, Act.EXPORT}),
    VIEWER: frozenset({Act.SEE}),
}


def may(role: str, act: Act, *, is_unlocked: bool) -> bool:
    """An analyst takes nothing out before the unlocking."""
    if role == ANALYST and act is Act.EXPORT and not is_unlocked:
        return False
    return act in ACTS.get(role, frozenset())
