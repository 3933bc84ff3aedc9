"""A new database from statements and chunks: built in a file of its own, and checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from kuzugit.engine import binding
from kuzugit.engine.constants import has_constant_floats
from kuzugit.engine.session import READ_BUFFER, Session, StatementFailed, open_database
from kuzugit.engine.unreadable import telling_unreadable
from kuzugit.errors import EngineError, UnsupportedError
from kuzugit.model.catalog import Index
from kuzugit.model.cypher import quoted, text_literal
from kuzugit.model.snapshot import TableKey


class RowsMissing(EngineError):
    """The built database does not hold the rows that it should."""

    def __init__(self, key: TableKey, wanted: int, found: int) -> None:
        self.key = key
        self.wanted = wanted
        self.found = found
        super().__init__(f"{key.table} has {found} rows after loading, and should have {wanted}")


class ExtensionMissing(UnsupportedError):
    """An index needs an extension that does not come with the engine."""

    def __init__(self, index: Index, extension: str) -> None:
        self.index = index
        self.extension = extension
        dialect = binding.dialect()
        super().__init__(
            f"the index {index.table}.{index.name} needs the extension {extension} of "
            f"{dialect.title}, which is not installed",
            hint=f"run INSTALL {extension} in {dialect.title} once, or drop the index, "
            "commit, and make it again there",
        )


def load_extensions(session: Session, indexes: Iterable[Index]) -> None:
    """Load what the engine needs to make these indexes; raise ExtensionMissing."""
    for index in indexes:
        extension = binding.dialect().index_extensions.get(index.kind)
        if extension is None:
            continue
        try:
            session.run(f"LOAD EXTENSION {extension}")
        except StatementFailed as error:
            raise ExtensionMissing(index, extension) from error


@contextmanager
def new_database(path: Path, *, compression: bool = True) -> Iterator[Session]:
    """Yield a session on a new database at `path`; checkpoint and close it at the end.

    Without `compression` Kùzu keeps the least integers and the nil UUID, which it
    destroys otherwise; each column remembers that, whoever writes to it afterwards.
    """
    with open_database(path, read_only=False, compression=compression) as session:
        # A page that could not be read stays locked, and a checkpoint, which Kùzu makes by
        # itself when a database is closed, would wait for it for ever.
        session.run("CALL force_checkpoint_on_close=false")
        yield session
        write_down(session)


def write_down(session: Session) -> None:
    """Let the engine write what is in its log into the columns of the database."""
    session.run("CHECKPOINT")


def run_all(session: Session, statements: Iterable[str]) -> None:
    """Run statements one by one: faster than the same inside IMPORT DATABASE."""
    for statement in statements:
        session.run(statement)


def run_in_transaction(session: Session, statements: Iterable[str]) -> None:
    """Run statements in one transaction, which is many times faster than one each."""
    session.run("BEGIN TRANSACTION")
    run_all(session, statements)
    session.run("COMMIT")


def check_rows(
    path: Path,
    wanted: Mapping[TableKey, int],
    *,
    read: Mapping[TableKey, Sequence[str]],
    floats: Collection[TableKey],
) -> list[TableKey]:
    """Open the database at `path` once more, count, and read the properties that `read` names.

    Returns those of `floats`, the tables with floats, in which some are stored as one value.
    Raises RowsMissing, NumbersUnreadable.
    """
    # Kùzu takes longer to set up all of the memory than to count.
    with open_database(path, read_only=True, buffer_bytes=READ_BUFFER) as session:
        for key, rows in wanted.items():
            with telling_unreadable(key):
                found = count_rows(session, key, read.get(key, ()))
            if found != rows:
                raise RowsMissing(key, rows, found)
        return [key for key in floats if has_constant_floats(session, key.table)]


def count_rows(session: Session, key: TableKey, read: Sequence[str] = ()) -> int:
    """Return the number of rows under `key`; every value of the properties `read` is read."""
    if key.pair is None:
        pattern = f"(r:{quoted(key.table)})"
    else:
        start, end = quoted(key.pair.from_table), quoted(key.pair.to_table)
        pattern = f"(:{start})-[r:{quoted(key.table)}]->(:{end})"
    hashes = "".join(f", max(hash(r.{quoted(name)}))" for name in read)
    return int(session.rows(f"MATCH {pattern} RETURN count(*){hashes}")[0][0])


def import_database(session: Session, directory: str) -> None:
    """Run IMPORT DATABASE on a directory whose statements have been looked at."""
    session.run(f"IMPORT DATABASE {text_literal(directory)}")


def export_database(database: Path, directory: str) -> None:
    """Write a database as CSV into the new `directory`, as Kùzu does it."""
    with open_database(database, read_only=True) as session:
        session.run(f"EXPORT DATABASE {text_literal(directory)} (format='csv', header=true)")
