"""What machines read of an export: Frictionless, Psych-DS and Citation File Format."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.exports.columns import Column, Table

PSYCH_DS = "Psych-DS 0.4.0"
LICENCE = "Ask the authors before passing these data on."


@dataclass(frozen=True, slots=True)
class Written:
    """A table's CSV file."""

    table: Table
    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class About:
    """The study in words. `contact`: who answers for it, where the protocol says so."""

    slug: str
    title: str
    summary: str
    version: int
    protocol_digest: str
    contact: str = ""
    email: str = ""


def datapackage(about: About, files: Iterable[Written], *, absolute_times: bool) -> dict[str, Any]:
    """Frictionless Data Package, version 1."""
    return {
        "profile": "tabular-data-package",
        "name": about.slug,
        "title": about.title,
        "description": about.summary,
        "version": str(about.version),
        "resources": [_resource(one, absolute_times) for one in files],
    }


def _resource(one: Written, absolute_times: bool) -> dict[str, Any]:
    key = {"primaryKey": list(one.table.key)} if one.table.key else {}
    return {
        "profile": "tabular-data-resource",
        "name": one.table.name.replace("_", "-"),
        "path": one.path,
        "description": one.table.words,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": one.bytes,
        "hash": f"sha256:{one.sha256}",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "header": True},
        "schema": {
            "fields": [_field(column, absolute_times) for column in one.table.columns],
            "missingValues": [""],
            **key,
        },
    }


def _field(column: Column, absolute_times: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"name": column.name, "description": column.words}
    if column.kind == "moment":
        kind = "datetime" if absolute_times else "number"
        shape = {"format": "%Y-%m-%dT%H:%M:%S.%fZ"} if absolute_times else {}
        return told | {"type": kind} | shape
    if column.kind == "boolean":
        return told | {"type": "boolean", "trueValues": ["true"], "falseValues": ["false"]}
    return told | {"type": "string" if column.kind == "any" else column.kind}


def dataset_description(about: About, tables: Iterable[Table]) -> dict[str, Any]:
    """Psych-DS: a schema.org Dataset that names every variable once."""
    words: dict[str, str] = {}
    for table in tables:
        for column in table.columns:
            words.setdefault(column.name, column.words)
    author = {"author": [{"@type": "Person", "name": about.contact}]} if about.contact else {}
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": about.title,
        "description": about.summary,
        "identifier": f"sha256:{about.protocol_digest}",
        "version": str(about.version),
        "schemaVersion": PSYCH_DS,
        "license": LICENCE,
        "variableMeasured": [
            {"@type": "PropertyValue", "name": name, "description": said}
            for name, said in sorted(words.items())
        ],
        **author,
    }


def citation(about: About) -> str:
    """CITATION.cff 1.2.0. JSON's strings are YAML's."""
    author = about.contact or f"The authors of the study {about.slug}"
    lines = [
        "cff-version: 1.2.0",
        "message: If you use these data, please cite them as below.",
        "type: dataset",
        f"title: {_quoted(f'Data of the study: {about.title}')}",
        f"version: {_quoted(str(about.version))}",
        "authors:",
        f"  - name: {_quoted(author)}",
        *([f"    email: {_quoted(about.email)}"] if about.email else []),
        f"abstract: {_quoted(about.summary)}",
        "identifiers:",
        "  - type: other",
        f"    value: {_quoted(f'sha256:{about.protocol_digest}')}",
        "    description: digest of the study's protocol",
    ]
    return "\n".join([*lines, ""])


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def manifest(
    files: Sequence[dict[str, Any]],
    chains: Sequence[dict[str, Any]],
    withheld: Sequence[str],
    small_cells: Sequence[dict[str, Any]],
    options: dict[str, Any],
) -> dict[str, Any]:
    """`files`: path, bytes, sha256 of every other file; `chains`: each stream's last digest."""
    return {
        "files": list(files),
        "chains": list(chains),
        "withheld": list(withheld),
        "small_cells": list(small_cells),
        "options": options,
    }
