"""A table as a Parquet file, in row groups, so that memory does not grow with it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evaluation.exports.columns import Column, Table
from evaluation.exports.reading import Value, read_rows

ROWS_AT_ONCE = 10_000
CHARACTERS_AT_ONCE = 3_000_000


def write_parquet(source: Path, target: Path, table: Table, *, absolute_times: bool) -> None:
    """The rows of a CSV file, typed; words without the spreadsheets' apostrophe."""
    import pyarrow as pa  # loaded when needed: no other process holds it
    from pyarrow import parquet

    fields = [(column.name, _type(pa, column, absolute_times)) for column in table.columns]
    schema = pa.schema(fields)
    with parquet.ParquetWriter(target, schema, compression="zstd") as writer:
        for rows in _batches(read_rows(source, table)):
            columns = [
                pa.array(values, type=kind)
                for values, (_name, kind) in zip(zip(*rows, strict=True), fields, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def _batches(rows: Iterator[list[Value]]) -> Iterator[list[list[Value]]]:
    batch: list[list[Value]] = []
    characters = 0
    for row in rows:
        batch.append(row)
        characters += sum(len(value) for value in row if isinstance(value, str))
        if len(batch) >= ROWS_AT_ONCE or characters >= CHARACTERS_AT_ONCE:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _type(pa: Any, column: Column, absolute_times: bool) -> Any:
    if column.kind == "moment":
        return pa.timestamp("us", tz="UTC") if absolute_times else pa.float64()
    kinds = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}
    return kinds.get(column.kind, pa.string())
