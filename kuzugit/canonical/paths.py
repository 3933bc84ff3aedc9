"""The paths of a snapshot's files: plain, safe, and never the same for two tables."""

from __future__ import annotations

import hashlib
import re

from kuzugit.model.snapshot import TableKey

SCHEMA_FILE = "schema.cypher"
COPY_FILE = "copy.cypher"
INDEX_FILE = "index.cypher"
MANIFEST_FILE = "snapshot.json"

_LONGEST_NAME = 200
_CHUNK_NAME = re.compile(r"(start|[0-9a-f]{16})(-[1-9][0-9]{0,8})?", re.ASCII)


def table_directory(key: TableKey) -> str:
    """Return the directory of a table's chunks, relative and with `/`."""
    if key.pair is None:
        return f"nodes/{encoded(key.table)}"
    names = (key.table, key.pair.from_table, key.pair.to_table)
    return "rels/" + "/".join(encoded(name) for name in names)


def chunk_path(key: TableKey, name: str) -> str:
    """Return the path of a chunk in the tree."""
    return f"{table_directory(key)}/{name}.parquet"


def is_chunk_name(name: str) -> bool:
    """Tell whether `name` has the form of a chunk's name."""
    return _CHUNK_NAME.fullmatch(name) is not None


def encoded(name: str) -> str:
    """Return a table's name as one path component.

    Letters, digits, `_` and `-` of ASCII stay; every other byte of its UTF-8 form is
    `%XX`, capital letters stay apart by nothing more, so the store wants a file system
    that tells them apart only where it is checked out. A long name ends in its hash.
    """
    text = "".join(
        chr(byte)
        if chr(byte).isascii() and (chr(byte).isalnum() or byte in b"_-")
        else f"%{byte:02X}"
        for byte in name.encode("utf-8")
    )
    if len(text) <= _LONGEST_NAME:
        return text
    return f"{text[:150]}%{hashlib.sha256(name.encode()).hexdigest()[:32]}"
