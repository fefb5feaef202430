"""Names of categories as names of folders, on whatever system a zip file is unpacked."""

import re
import unicodedata
from collections.abc import Iterable

# Windows: what no name may hold, how none may end, and the names of its devices.
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
DEVICE = re.compile(r"(con|prn|aux|nul|clock\$|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.I)
EDGES = re.compile(r"^[\s.]+|[\s.]+$")  # a hidden folder, and what Windows drops
LONGEST_BYTES = 180  # of 255 in most file systems, with room for a number
NAMELESS = "_"


def unique(names: Iterable[str]) -> list[str]:
    """Each name once: the second of two that a file system may take for one gets a number."""
    taken: set[str] = set()
    found = []
    for name in names:
        number, candidate = 1, name
        while _sameness(candidate) in taken:
            number += 1
            candidate = f"{name} ({number})"
        taken.add(_sameness(candidate))
        found.append(candidate)
    return found


def folder_names(names: Iterable[str]) -> list[str]:
    """One folder per name, in their order: no path, no hidden folder, no device, none twice."""
    return unique(_safe(name) for name in names)


def _safe(name: str) -> str:
    plain = FORBIDDEN.sub("_", unicodedata.normalize("NFC", name))
    cut = plain.encode("utf-8", "ignore")[:LONGEST_BYTES].decode("utf-8", "ignore")
    bare = EDGES.sub("", cut)
    return f"_{bare}" if DEVICE.fullmatch(bare) else bare or NAMELESS


def _sameness(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
