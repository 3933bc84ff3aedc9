"""A diff as a patch, and back: JSON Lines, every value exact. docs/patch.md says the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kuzugit.canonical.manifest import manifest_text, parse_manifest
from kuzugit.diff.heads import columns_of
from kuzugit.errors import CorruptError, UnsupportedError, UsageError
from kuzugit.model.catalog import Catalog, Pair
from kuzugit.model.exact_value import NotOfType, exact_json, from_exact_json
from kuzugit.model.patch import Patch, PatchRow, PatchTable
from kuzugit.model.row_change import Change, Column, Row, TableDiff
from kuzugit.model.snapshot import Manifest, TableData, TableKey, table_keys
from kuzugit.porcelain.diff import Diff
from kuzugit.porcelain.take import table_label

FORMAT = 1


class PatchInvalid(CorruptError):
    """A file that is no patch, or only a part of one; `line` counts from 1."""

    def __init__(self, line: int, why: str) -> None:
        self.line = line
        super().__init__(
            f"line {line} of the patch: {why}", hint="kuzugit diff A B --format patch -o FILE"
        )


class PatchTooNew(UnsupportedError):
    """A patch of a format that a later release wrote."""

    def __init__(self, found: int) -> None:
        self.found = found
        super().__init__(
            f"the patch has format {found}; this release reads up to {FORMAT}",
            hint="pip install --upgrade kuzugit",
        )


class ColumnsChanged(UsageError):
    """A patch of some rows alone, of a table whose columns changed."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(
            f"the columns of {table} changed, so a patch has all of its rows or none",
            hint="leave out the filters of rows, or leave out the table with --table",
        )


def patch_lines(diff: Diff, *, schema: bool = True, data: bool = True) -> Iterator[str]:
    """Yield the lines of a patch; none where nothing differs. Raises ColumnsChanged."""
    if diff.same:
        return
    before, after = (manifest.catalog for manifest in diff.manifests())
    if not schema:
        after = before
    elif diff.filters.tables:
        after = _part(before, after, diff)
    sides = zip(("old", "new"), (diff.old, diff.new), strict=True)
    yield _line(
        {
            "kuzugit": "patch",
            "format": FORMAT,
            **{name: None if side.snapshot is None else side.name for name, side in sides},
            "old_catalog": _catalog_fields(before),
            "new_catalog": _catalog_fields(after),
        }
    )
    number = 1
    for head in diff.tables if data else ():
        for line in _table_lines(diff, head, schema=schema):
            yield line
            number += 1
    yield _line({"end": number + 1})


def _part(before: Catalog, after: Catalog, diff: Diff) -> Catalog:
    """Return the old catalog with the chosen tables as they are in the new one."""
    gone = {head.old_key.table for head in diff.tables}
    come = {head.key.table for head in diff.tables}
    return Catalog(
        nodes=_with(before.nodes, after.nodes, gone, come),
        rels=_with(before.rels, after.rels, gone, come),
        sequences=before.sequences,
        macros=before.macros,
        indexes=tuple(
            sorted(
                [
                    *(index for index in before.indexes if index.table not in gone),
                    *(index for index in after.indexes if index.table in come),
                ],
                key=lambda index: (index.table, index.name),
            )
        ),
    )


def _with(before: Any, after: Any, gone: set[str], come: set[str]) -> Any:
    kept = [table for table in before if table.name not in gone]
    chosen = [table for table in after if table.name in come]
    return tuple(sorted([*kept, *chosen], key=lambda table: table.name))


def _catalog_fields(catalog: Catalog) -> Any:
    empty = tuple(TableData(key, ()) for key in table_keys(catalog))
    return json.loads(manifest_text(Manifest(catalog, empty)))


def _table_lines(diff: Diff, head: TableDiff, *, schema: bool) -> Iterator[str]:
    columns = _bijection(head)
    both = head.old is not None and head.new is not None
    filtered = diff.filters.on_rows or diff.filters.limit is not None
    if not columns and (filtered or not schema):
        raise ColumnsChanged(table_label(head.key))
    yield _line(
        {
            "table": None if head.new is None else _key_fields(head.key),
            "before": None if head.old is None else _key_fields(head.old_key),
            "columns": [[*pair] for pair in columns],
        }
    )
    if both and not columns:
        for row in diff.old_rows(head):
            yield _row_line(head, Change.REMOVED, row, None)
        for row in diff.new_rows(head):
            yield _row_line(head, Change.ADDED, None, row)
        return
    for change in diff.rows(head):
        positions = [[a, b] for a, b in columns if head.new and head.new[b].name in change.columns]
        yield _row_line(head, change.change, change.old, change.new, positions)


def _bijection(head: TableDiff) -> tuple[tuple[int, int], ...]:
    """Return which old column is which new one, empty where some are not the same."""
    if head.old is None or head.new is None:
        return ()
    whole = len(head.shared) == len(head.old) == len(head.new) and head.identity
    return tuple(sorted(head.shared)) if whole else ()


def _row_line(
    head: TableDiff, change: Change, old: Row | None, new: Row | None, columns: Any = ()
) -> str:
    return _line(
        {
            "change": change.value,
            "old": None if old is None else _encoded(head.old or (), old),
            "new": None if new is None else _encoded(head.new or (), new),
            "columns": [*columns],
        }
    )


def _encoded(columns: Iterable[Column], row: Row) -> Any:
    return [exact_json(item.type, value) for item, value in zip(columns, row, strict=True)]


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False)


def _key_fields(key: TableKey) -> Any:
    if key.pair is None:
        return [key.table]
    return [key.table, key.pair.from_table, key.pair.to_table]


class PatchUnreadable(UsageError):
    """A file that cannot be read, or is no text."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        super().__init__(f"cannot read the patch {path}: {why}")


def open_patch(path: Path) -> Iterator[str]:
    """Yield the lines of a file for `read_patch`. Raises PatchUnreadable."""
    try:
        with path.open(encoding="utf-8") as file:
            yield from file
    except UnicodeDecodeError as error:
        raise PatchUnreadable(path, "it is no UTF-8") from error
    except OSError as error:
        raise PatchUnreadable(path, error.strerror or str(error)) from error


def read_patch(lines: Iterable[str]) -> Patch | None:
    """Return the patch that `lines` are, None where there is none.

    Raises PatchInvalid for what `patch_lines` does not write, PatchTooNew, and the errors
    of `canonical.manifest.parse_manifest`.
    """
    reader = _Reader(lines)
    first = reader.next()
    if first is None:
        return None
    if first.get("kuzugit") != "patch":
        raise reader.fail("it is no patch of kuzugit")
    if isinstance(first.get("format"), int) and first["format"] > FORMAT:
        raise PatchTooNew(first["format"])
    old, new = (_catalog(reader, first.get(f"{side}_catalog")) for side in ("old", "new"))
    tables: list[PatchTable] = []
    line = reader.need()
    while "end" not in line:
        table, line = _table(reader, line, old, new)
        tables.append(table)
    if line != {"end": reader.number} or reader.next() is not None:
        raise reader.fail("the patch is not whole")
    return Patch(old, new, tuple(tables))


class _Reader:
    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.number = 0

    def fail(self, why: str) -> PatchInvalid:
        return PatchInvalid(self.number, why)

    def next(self) -> dict[str, Any] | None:
        text = next(self._lines, None)
        if text is None:
            return None
        self.number += 1
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self.fail("it is no JSON") from error
        if not isinstance(value, dict):
            raise self.fail("it is no object")
        return value

    def need(self) -> dict[str, Any]:
        found = self.next()
        if found is None:
            raise self.fail("the patch ends here, and is not whole")
        return found


def _catalog(reader: _Reader, value: Any) -> Catalog:
    text = json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
    return parse_manifest(text).catalog


def _table(
    reader: _Reader, line: dict[str, Any], old: Catalog, new: Catalog
) -> tuple[PatchTable, dict[str, Any]]:
    if set(line) != {"table", "before", "columns"}:
        raise reader.fail("it is no head of a table")
    keys = [_key(reader, line[side], of) for side, of in (("before", old), ("table", new))]
    before, after = (
        None if key is None else columns_of(catalog, key)
        for key, catalog in zip(keys, (old, new), strict=True)
    )
    columns = _positions(reader, line["columns"], before, after)
    if columns and (
        not len(columns) == len(before or ()) == len(after or ())
        or len({a for a, _ in columns}) != len(columns)
        or len({b for _, b in columns}) != len(columns)
    ):
        raise reader.fail("its columns do not pair off")
    rows: list[PatchRow] = []
    line = reader.need()
    while "change" in line:
        rows.append(_row(reader, line, before, after))
        line = reader.need()
    return PatchTable(keys[0], keys[1], columns, tuple(rows)), line


def _key(reader: _Reader, value: Any, catalog: Catalog) -> TableKey | None:
    if value is None:
        return None
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        pair = Pair(value[1], value[2]) if len(value) == 3 else None
        if len(value) in (1, 3):
            key = TableKey(value[0], pair)
            if key in table_keys(catalog):
                return key
    raise reader.fail("its catalog has no such table")


def _positions(
    reader: _Reader,
    value: Any,
    old: tuple[Column, ...] | None,
    new: tuple[Column, ...] | None,
) -> tuple[tuple[int, int], ...]:
    found = []
    for pair in value if isinstance(value, list) else [None]:
        if not isinstance(pair, list) or len(pair) != 2 or not all(type(at) is int for at in pair):
            raise reader.fail("its columns are no positions")
        a, b = pair
        if not (0 <= a < len(old or ()) and 0 <= b < len(new or ())):
            raise reader.fail("its columns are no positions")
        if (old or ())[a].type != (new or ())[b].type:
            raise reader.fail("its columns do not pair off")
        found.append((a, b))
    return tuple(found)


def _row(
    reader: _Reader,
    line: dict[str, Any],
    old: tuple[Column, ...] | None,
    new: tuple[Column, ...] | None,
) -> PatchRow:
    if set(line) != {"change", "old", "new", "columns"}:
        raise reader.fail("it is no row")
    has = (line["old"] is not None, line["new"] is not None)
    wanted = {"added": (False, True), "removed": (True, False), "changed": (True, True)}
    if wanted.get(str(line["change"])) != has:
        raise reader.fail("it is no row that came, went or changed")
    sides = [
        None if not there else _decoded(reader, columns or (), line[side])
        for side, there, columns in zip(("old", "new"), has, (old, new), strict=True)
    ]
    columns = _positions(reader, line["columns"], old, new)
    return PatchRow(Change(line["change"]), sides[0], sides[1], columns)


def _decoded(reader: _Reader, columns: tuple[Column, ...], values: Any) -> Row:
    if not isinstance(values, list) or len(values) != len(columns):
        raise reader.fail("it has not the columns of its table")
    found = []
    for column, value in zip(columns, values, strict=True):
        try:
            found.append(from_exact_json(column.type, value))
        except NotOfType as error:
            raise reader.fail(f"{column.name}: {error}") from error
    return tuple(found)
