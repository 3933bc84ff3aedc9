"""The head of each table that two snapshots have: which columns of it are compared."""

from __future__ import annotations

from collections.abc import Iterator

from kuzugit.model.catalog import Catalog
from kuzugit.model.renames import Renames
from kuzugit.model.row_change import Column, TableDiff
from kuzugit.model.snapshot import Manifest, TableKey

END_COLUMNS = 2
"""The columns `from` and `to`, which come first in the chunks of a rel table."""


def table_heads(old: Manifest, new: Manifest, renames: Renames) -> Iterator[TableDiff]:
    """Yield the head of every table of either side: those of the new side, then what went."""
    before = {renames.key(data.key): data.key for data in old.data}
    for data in new.data:
        yield _head(old, new, before.pop(data.key, None), data.key, renames)
    for old_key in before.values():
        yield _head(old, new, old_key, None, renames)


def columns_of(catalog: Catalog, key: TableKey) -> tuple[Column, ...]:
    """Return the columns of the rows under `key`."""
    if key.pair is None:
        return tuple(Column(item.name, item.type) for item in catalog.node(key.table).properties)
    ends = zip(("from", "to"), (key.pair.from_table, key.pair.to_table), strict=True)
    return (
        *(Column(name, catalog.node(table).key.type) for name, table in ends),
        *(Column(_apart(item.name), item.type) for item in catalog.rel(key.table).properties),
    )


def _apart(name: str) -> str:
    # No property has a backtick in its name.
    return f"`{name}`" if name.lower() in ("from", "to") else name


def _head(
    old: Manifest,
    new: Manifest,
    old_key: TableKey | None,
    new_key: TableKey | None,
    renames: Renames,
) -> TableDiff:
    before = None if old_key is None else columns_of(old.catalog, old_key)
    after = None if new_key is None else columns_of(new.catalog, new_key)
    old_at = _key_positions(old.catalog, old_key)
    new_at = _key_positions(new.catalog, new_key)
    names = _renamed_columns(before or (), new_key, renames)
    known = {(name, column.type): at for at, (name, column) in enumerate(names)}
    shared = [
        (known[column.name, column.type], at)
        for at, column in enumerate(after or ())
        if (column.name, column.type) in known
    ]
    keys = list(zip(old_at, new_at, strict=False))
    same_key = bool(keys) and all(pair in shared for pair in keys)
    ordered = [*keys, *(pair for pair in shared if pair not in keys)] if same_key else shared
    return TableDiff(
        key=new_key or old_key or TableKey(""),
        old_key=old_key or new_key or TableKey(""),
        old=before,
        new=after,
        shared=tuple(ordered),
        identity=len(keys) if same_key else 0,
        old_rows=old.table(old_key).rows if old_key else 0,
        new_rows=new.table(new_key).rows if new_key else 0,
        old_key_at=old_at,
        new_key_at=new_at,
        notes=tuple(_notes(before, after, names, old_at, new_at, same_key)),
        one_of_pairs=_has_pairs(old.catalog, old_key) or _has_pairs(new.catalog, new_key),
    )


def _has_pairs(catalog: Catalog, key: TableKey | None) -> bool:
    return key is not None and key.is_rel and len(catalog.rel(key.table).pairs) > 1


def _key_positions(catalog: Catalog, key: TableKey | None) -> tuple[int, ...]:
    if key is None:
        return ()
    if key.pair is not None:
        return tuple(range(END_COLUMNS))
    table = catalog.node(key.table)
    return (table.properties.index(table.key),)


def _renamed_columns(
    columns: tuple[Column, ...], new_key: TableKey | None, renames: Renames
) -> list[tuple[str, Column]]:
    """Return each old column with its name in the new side."""
    if new_key is None:
        return [(column.name, column) for column in columns]
    table = new_key.table
    if not new_key.is_rel:
        return [(renames.property(table, column.name), column) for column in columns]
    ends, rest = columns[:END_COLUMNS], columns[END_COLUMNS:]
    return [
        *((column.name, column) for column in ends),
        *((_apart(renames.property(table, item.name.strip("`"))), item) for item in rest),
    ]


def _notes(
    old: tuple[Column, ...] | None,
    new: tuple[Column, ...] | None,
    names: list[tuple[str, Column]],
    old_at: tuple[int, ...],
    new_at: tuple[int, ...],
    same_key: bool,
) -> Iterator[str]:
    """Yield what is said once, because the rows do not say it."""
    if old is None or new is None:
        yield "the table is new" if old is None else "the table is gone"
        return
    if not same_key:
        before = ", ".join(f"{old[at].name} {old[at].type}" for at in old_at)
        after = ", ".join(f"{new[at].name} {new[at].type}" for at in new_at)
        yield (
            f"the key changed ({before} -> {after}), so no row is the same: "
            "all old ones are removed, all new ones added"
        )
    before_types = {name: column.type for name, column in names}
    after_types = {column.name: column.type for column in new}
    for name, column in names:
        if name not in after_types:
            yield f"{column.name} is gone and not compared"
        elif after_types[name] != column.type:
            yield f"{name} is not compared: its type changed, {column.type} -> {after_types[name]}"
        elif name != column.name:
            yield f"{column.name} is called {name} now"
    for column in new:
        if column.name not in before_types:
            yield f"{column.name} is new and not compared"
