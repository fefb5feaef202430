"""A document for a reader: where its figures are and where its numbers lead."""

from collections.abc import Callable, Mapping
from typing import Any

Node = Any  # of JSON


def linked(
    document: Mapping[str, Any], source_of: Callable[[str], str], href_of: Callable[[str], str]
) -> Node:
    """A copy in which every picture has a `source`, every cell or sentence with `rows` an `href`
    ("" where it leads nowhere), and every head of a column says whether numbers stand below it."""

    def walk(node: Node) -> Node:
        if isinstance(node, list | tuple):
            return [walk(one) for one in node]
        if not isinstance(node, Mapping):
            return node
        copy = {key: walk(value) for key, value in node.items()}
        if "alt" in copy:
            copy["source"] = source_of(copy["name"])
        if "head" in copy:
            copy["head"] = _headed(copy["head"], copy["rows"])
        if "text" in copy and "rows" in copy:
            copy["href"] = href_of(copy["rows"]) if copy["rows"] else ""
        return copy

    return walk(document)


def _headed(head: list[str], rows: list[list[Node]]) -> list[Node]:
    numeric = [cell["is_number"] for cell in rows[0]] if rows else [False] * len(head)
    return [{"name": name, "is_number": is_it} for name, is_it in zip(head, numeric, strict=True)]
