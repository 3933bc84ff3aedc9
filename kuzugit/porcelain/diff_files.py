"""A diff as a directory of files: one for each table and kind of change."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from kuzugit.canonical.paths import table_directory
from kuzugit.model.csv_record import csv_record
from kuzugit.model.json_value import Json, json_value
from kuzugit.model.row_change import Change, Column, Row, RowChange, TableDiff
from kuzugit.porcelain.disk import writing
from kuzugit.porcelain.new_directory import new_directory

if TYPE_CHECKING:
    from kuzugit.porcelain.diff import Diff


@dataclass(frozen=True)
class DiffFiles:
    """What was written; `files` are relative to `directory`, sorted."""

    directory: Path
    files: tuple[str, ...]


def write_diff(
    diff: Diff, directory: Path, format: str, *, schema: bool = True, data: bool = True
) -> DiffFiles:
    """Write a diff into `directory`, which is new or empty, as `csv` or `parquet`.

    `schema.<format>` has the changes of the schema. A table's files stand where its chunks
    do in a snapshot: `nodes/Person/changed.csv`. CSV has the values as JSON does
    (`model.json_value`), Parquet in the stored form, exactly. What has no rows has no
    file. Raises DirectoryNotEmpty, CannotWrite, and what `Diff.rows` raises.
    """
    target = directory.absolute()
    with new_directory(target, ".kuzugit-diff-", "write the diff into") as new:
        if schema and diff.schema:
            _write_schema(diff, new, format)
        for head in diff.tables if data else ():
            place = new / table_directory(head.key)
            with writing(target, "write the diff into"):
                if format == "parquet":
                    from kuzugit.diff.parquet_files import write_rows

                    write_rows(head, diff.batches(head), place)
                else:
                    _write_csv(head, diff.rows(head), place)
        files = sorted(str(path.relative_to(new)) for path in new.rglob(f"*.{format}"))
    return DiffFiles(target, tuple(files))


def _write_schema(diff: Diff, directory: Path, format: str) -> None:
    path = directory / f"schema.{format}"
    with writing(path, "write"):
        if format == "parquet":
            from kuzugit.diff.parquet_files import write_schema

            write_schema(diff.schema, path)
            return
        names = ("change", "kind", "name", "detail", "effect")
        records = ([str(getattr(item, name)) for name in names] for item in diff.schema)
        lines = map(csv_record, [names, *records])
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="")


def _write_csv(head: TableDiff, changes: Iterable[RowChange], directory: Path) -> None:
    with ExitStack() as stack:
        files: dict[Change, TextIO] = {}
        for change in changes:
            if change.change not in files:
                directory.mkdir(parents=True, exist_ok=True)
                path = directory / f"{change.change.value}.csv"
                file = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
                file.write(f"{csv_record(_names(head, change.change))}\n")
                files[change.change] = file
            files[change.change].write(f"{csv_record(_cells(head, change))}\n")


def _names(head: TableDiff, change: Change) -> list[str]:
    old, new = ([column.name for column in side or ()] for side in (head.old, head.new))
    if change is Change.CHANGED:
        return ["columns", *(f"old_{name}" for name in old), *(f"new_{name}" for name in new)]
    return new if change is Change.ADDED else old


def _cells(head: TableDiff, change: RowChange) -> list[str | None]:
    cells: list[str | None] = []
    if change.change is Change.CHANGED:
        cells.append(json.dumps(change.columns, ensure_ascii=False))
    for columns, row in ((head.old, change.old), (head.new, change.new)):
        if row is not None:
            cells += _row_cells(columns or (), row)
    return cells


def _row_cells(columns: Iterable[Column], row: Row) -> list[str | None]:
    return [
        _text(json_value(column.type, value)) for column, value in zip(columns, row, strict=True)
    ]


def _text(value: Json) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
