"""What differs between the engines, as data. No other module knows of a difference.

Ladybug is the living fork of the archived Kùzu: its statements and catalog functions
are nearly alike, its files are not. Measured on kuzu 0.11.3 and ladybug 0.22.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Dialect:
    """One engine: its names, its files, and what it says in another way.

    `storage_version` is the one that is read, None where the engine itself judges;
    `local_database` what `show_tables` calls the database that is open;
    `key_index` the name of the index that stands for a primary key in `show_indexes`;
    `prints_signs` tells whether a default's text has the minus sign of a number;
    `reading_locks` whether a read-only open keeps writers of other processes out;
    `exports_several_pairs` whether EXPORT DATABASE takes rel tables of several pairs;
    `export_cuts_at` where it cuts off a table's statement, also inside a name or a text;
    `exported_suffix` what it puts after a table's parentheses; `exports_csv` whether
    it writes CSV; `loads_as_measured` whether the ways to load a value were measured on
    it; `index_extensions` which extension, that does not come with the engine, a kind of
    index needs.
    """

    name: str
    title: str
    module: str
    native_module: str
    install: str
    magic: bytes
    storage_version: int | None
    local_database: str
    key_index: str | None
    prints_signs: bool
    reading_locks: bool
    exports_several_pairs: bool
    export_cuts_at: tuple[str, ...]
    exported_suffix: str
    exports_csv: bool
    loads_as_measured: bool
    index_extensions: Mapping[str, str]


KUZU = Dialect(
    name="kuzu",
    title="Kùzu",
    module="kuzu",
    native_module="kuzu._kuzu",
    install="pip install kuzugit",
    magic=b"KUZU",
    storage_version=39,
    local_database="local(kuzu)",
    key_index=None,
    prints_signs=False,
    reading_locks=True,
    exports_several_pairs=True,
    export_cuts_at=(),
    exported_suffix="",
    exports_csv=True,
    loads_as_measured=True,
    index_extensions=MappingProxyType({}),
)

LADYBUG = Dialect(
    name="ladybug",
    title="Ladybug",
    module="ladybug",
    native_module="ladybug._lbug",
    install="pip install 'kuzugit[ladybug]'",
    magic=b"LBUG",
    storage_version=None,
    local_database="main(graph)",
    key_index="_PK",
    prints_signs=True,
    reading_locks=False,
    exports_several_pairs=False,
    export_cuts_at=(";", " WITH ("),
    exported_suffix=" WITH (storage = 'DIRECTORY', format = 'icebug-disk')",
    exports_csv=False,
    loads_as_measured=False,
    index_extensions=MappingProxyType({"FTS": "FTS", "HNSW": "VECTOR"}),
)

DIALECTS = {dialect.name: dialect for dialect in (KUZU, LADYBUG)}


def dialect_of_head(head: bytes) -> Dialect | None:
    """Return whose database file begins with `head` (at least 4 bytes), None for no engine's."""
    return next((item for item in DIALECTS.values() if head.startswith(item.magic)), None)
