"""The ids that a recruiter's address brings along. They are stored with the participant and are no
part of what the export or the raters see."""

import re
from collections.abc import Mapping

PERSON = "PROLIFIC_PID"
IDS = (PERSON, "STUDY_ID", "SESSION_ID")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def read_ids(query: Mapping[str, str]) -> dict[str, str]:
    """The ids in an address; {} where it brings none. Raises ValueError for one that is no id: the
    recruiter's placeholders, for example, that nobody filled in."""
    found = {name: query[name].strip() for name in IDS if query.get(name, "").strip()}
    wrong = [name for name, value in found.items() if not _ID.fullmatch(value)]
    if wrong:
        raise ValueError(", ".join(wrong))
    return found if PERSON in found else {}
