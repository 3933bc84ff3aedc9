"""What defaults are worth: Kùzu makes a row of them in a database of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from kuzugit.canonical.cypher import create_node
from kuzugit.canonical.encoding import encode_chunks
from kuzugit.diff.merge_rows import FillValue
from kuzugit.engine.load import new_database
from kuzugit.engine.unload import unload
from kuzugit.model.catalog import Catalog, NodeTable, Property
from kuzugit.model.cypher import quoted
from kuzugit.model.snapshot import TableKey
from kuzugit.model.types import Scalar
from kuzugit.porcelain.take import check_values


@dataclass(frozen=True)
class DefaultValue:
    """One value in the form that chunks have.

    `least` tells that a table which holds it must be built without compression.
    """

    value: FillValue
    least: bool


def default_values(
    table: str, properties: Sequence[Property], directory: Path
) -> dict[str, DefaultValue]:
    """Return what a new row has, by the names of properties of `table`.

    Their defaults are constants: see `kuzugit.engine.defaults.is_constant`. `directory` is
    an empty one, and has the values as long as it is there. Raises StatementFailed,
    CannotKeep.
    """
    names = {item.name.lower() for item in properties}
    key = next(name for name in _keys() if name not in names)
    owner = NodeTable(table, (Property(key, Scalar("INT64")), *properties), key)
    catalog, place = Catalog(nodes=(owner,)), TableKey(table)
    # Compression would destroy the least values.
    with new_database(directory / "defaults.kuzu", compression=False) as session:
        session.run(create_node(owner))
        session.run(f"CREATE (:{quoted(table)} {{{quoted(key)}: 0}})")
        raw = unload(session, catalog, place, directory / "raw.parquet")
    least = {item.name for item in check_values(raw)[0]}
    spill = directory / "spill"
    spill.mkdir()
    (chunk,) = encode_chunks(raw.source, raw.columns, catalog, place, spill)
    file = directory / "row.parquet"
    file.write_bytes(chunk.data)
    return {
        item.name: DefaultValue(FillValue(file, at), f"{table}.{item.name}" in least)
        for at, item in enumerate(properties, 1)
    }


def _keys() -> Iterator[str]:
    return (f"key{number}" for number in count())
