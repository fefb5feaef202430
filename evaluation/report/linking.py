"""A document for a reader: where its figures are and where its numbers lead."""

from collections.abc import Callable, Mapping
from typing import Any

Node = Any  # of JSON


def linked(
    document: Mapping[str, Any], source_of: Callable[[str], str], href_of: Callable[[str], str]
) -> Node:
    """A copy in which every picture has a `source`, and every cell or sentence with `rows` an
    `href` ("" where it leads nowhere)."""

    def walk(node: Node) -> Node:
        if isinstance(node, list | tuple):
            return [walk(one) for one in node]
        if not isinstance(node, Mapping):
            return node
        copy = {key: walk(value) for key, value in node.items()}
        if "alt" in copy:
            copy["source"] = source_of(copy["name"])
        if "text" in copy and "rows" in copy:
            copy["href"] = href_of(copy["rows"]) if copy["rows"] else ""
        return copy

    return walk(document)
