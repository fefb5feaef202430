"""YAML that means what it shows: read without its traps."""

from collections import Counter
from typing import Any

import yaml

MOST_NODES = 50_000
MERGE = "tag:yaml.org,2002:merge"


class TrapError(yaml.YAMLError):
    """Readable YAML that says one thing and means another, or unfolds without end."""


def read_plain(source: str) -> Any:
    """What safe_load gives. Raises YAMLError also for a key given twice (YAML would drop the first
    without a word), for aliases that unfold into too much, and for characters no database stores.
    """
    node = yaml.compose(source, Loader=yaml.SafeLoader)
    if node is None:
        return None
    _size(node, {})
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many nodes it unfolds into; 0 in `known` stands for one that is still being counted."""
    if id(node) in known:
        if not known[id(node)]:
            raise TrapError(f"an alias leads back to itself{_where(node)}")
        return known[id(node)]
    known[id(node)] = 0
    size = 1 + sum(_size(part, known) for part in _parts(node))
    if size > MOST_NODES:
        raise TrapError(f"its aliases unfold into more than {MOST_NODES:,} values{_where(node)}")
    known[id(node)] = size
    return size


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _value in node.value if isinstance(key, yaml.ScalarNode)]
        twice = next((key for key, count in Counter(keys).items() if count > 1), None)
        if twice is not None:
            raise TrapError(f"“{twice}” is given twice{_where(node)}")
        if any(key.tag == MERGE for key, _value in node.value):
            raise TrapError(f"merge keys (<<) are not read{_where(node)}")
        return [part for pair in node.value for part in pair]
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    if any(one == "\0" or "\ud800" <= one <= "\udfff" for one in node.value):
        raise TrapError(f"a character that cannot be stored{_where(node)}")
    return []


def _where(node: yaml.Node) -> str:
    return f" (line {node.start_mark.line + 1})"
