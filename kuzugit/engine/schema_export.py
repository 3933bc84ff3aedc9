"""What the engine's own export says of the schema: multiplicities, sequences, macros.

Ladybug 0.22 refuses to export a rel table of several pairs, and cuts a statement at the
first `;` or ` WITH (` in it, be it in a text. There a copy of the database is made plain
enough to be exported: its rel tables keep one pair, and lose the properties whose name or
default holds such a thing. What is asked of the text is the same in both.

`python -m kuzugit.engine.schema_export ENGINE DATABASE DIRECTORY`, statements as JSON on
standard input, the schema as JSON on standard output.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from kuzugit.engine import binding
from kuzugit.engine.session import Session, open_database
from kuzugit.engine.trial import copy_database, try_on_copy
from kuzugit.errors import EngineError
from kuzugit.model.cypher import quoted, text_literal


class ExportUnreadable(EngineError):
    """The file in which the engine told its schema could not be read."""

    def __init__(self, reason: OSError) -> None:
        super().__init__(f"cannot read the schema that was exported: {reason.strerror}")


def export_schema(session: Session, directory: Path, rels: Sequence[str]) -> str:
    """Return the statements of the schema; `directory` must not exist, its parent must.

    Raises StatementFailed, TrialFailed, ExportUnreadable.
    """
    steps = [step for name in rels for step in _steps_to_plain(session, name)]
    if not steps:
        return _export(session, directory)
    name = "kuzugit.engine.schema_export"
    return str(try_on_copy(name, "the schema", session.path, directory.parent, steps))


def is_cut(text: str) -> bool:
    """Tell whether the export cuts off a statement that holds `text`."""
    return any(part in text for part in binding.dialect().export_cuts_at)


def _steps_to_plain(session: Session, rel: str) -> list[str]:
    dialect, table = binding.dialect(), quoted(rel)
    if dialect.exports_several_pairs and not dialect.export_cuts_at:
        return []
    rows = session.rows(f"CALL show_connection({text_literal(rel)}) RETURN *")
    steps = [
        f"ALTER TABLE {table} DROP FROM {quoted(row[0])} TO {quoted(row[1])}" for row in rows[1:]
    ]
    for row in session.rows(f"CALL table_info({text_literal(rel)}) RETURN *"):
        if is_cut(row[1]) or is_cut(row[3]):
            steps.append(f"ALTER TABLE {table} DROP {quoted(row[1])}")
    return steps


def _export(session: Session, directory: Path) -> str:
    session.run(f"EXPORT DATABASE {text_literal(str(directory))} (schema_only=true)")
    try:
        # As bytes: reading text would turn a name's carriage return into a newline.
        schema = (directory / "schema.cypher").read_bytes().decode("utf-8")
    except OSError as error:
        raise ExportUnreadable(error) from error
    escaped = str(directory).replace("'", "\\'")
    suffix = binding.dialect().exported_suffix.replace("DIRECTORY", escaped)
    return schema.replace(f"{suffix};", ";") if suffix else schema


def schema_of_copy(database: Path, directory: Path, statements: Sequence[str]) -> str:
    """Copy the database into `directory`, run the statements there, return its schema."""
    copy = copy_database(database, directory)
    with open_database(copy, read_only=False) as session:
        for statement in statements:
            session.run(statement)
        return _export(session, directory / "schema")


if __name__ == "__main__":
    binding.choose(binding.dialect_named(sys.argv[1]), "the parent process works with it")
    json.dump(
        schema_of_copy(Path(sys.argv[2]), Path(sys.argv[3]), json.load(sys.stdin)), sys.stdout
    )
