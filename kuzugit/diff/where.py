"""Changes that a condition of the user's holds for: SQL, with nothing but the row in reach."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa

from kuzugit.diff.logical import logical_expression
from kuzugit.diff.stream import Batch
from kuzugit.errors import UsageError
from kuzugit.model.row_change import TableDiff

_MEMORY = "256MB"


class BadCondition(UsageError):
    """A `--where` that DuckDB does not understand, or that fails on a row."""

    def __init__(self, condition: str, reason: str) -> None:
        self.condition = condition
        super().__init__(
            f"cannot use the condition {condition!r}: {reason}",
            hint='kuzugit diff --table Person --where "old_age < new_age"',
        )


def filtered(head: TableDiff, condition: str, batches: Iterator[Batch]) -> Iterator[Batch]:
    """Yield the changes for which `condition` is true.

    It sees `change`, `old_<column>` and `new_<column>`, NULL where there is no such row, as
    logical values. No file, network, setting or extension is in its reach. Raises
    BadCondition.
    """
    with duckdb.connect(config=_closed()) as connection:
        for batch in batches:
            rows = _rows_that_pass(connection, head, condition, batch)
            if rows:
                yield batch.take(pa.array(rows))


def can_ask(head: TableDiff, condition: str, empty: Batch) -> bool:
    """Tell whether the table has all columns that `condition` names; raise BadCondition
    where it is no condition at all."""
    with duckdb.connect(config=_closed()) as connection:
        connection.register("stored", pa.Table.from_batches([empty]))
        try:
            connection.execute(_query(head, condition))
        except duckdb.BinderException:
            return False
        except duckdb.Error as error:
            raise BadCondition(condition, _reason(error)) from error
    return True


def _closed() -> dict[str, str | bool | int | float | list[str]]:
    return {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
        "memory_limit": _MEMORY,
        "threads": 1,
        "lock_configuration": True,
    }


def _rows_that_pass(
    connection: duckdb.DuckDBPyConnection, head: TableDiff, condition: str, batch: Batch
) -> list[int]:
    connection.register("stored", pa.Table.from_batches([batch]))
    try:
        found = connection.execute(_query(head, condition)).fetchall()
    except duckdb.Error as error:
        raise BadCondition(condition, _reason(error)) from error
    finally:
        connection.unregister("stored")
    return sorted(row[0] for row in found)


def _query(head: TableDiff, condition: str) -> str:
    parts = ["change", 'row_number() OVER () - 1 AS "row\'s number"']
    for prefix, side, columns in (("old", "o", head.old), ("new", "n", head.new)):
        for at, column in enumerate(columns or ()):
            name = f"{prefix}_{column.name}".replace('"', '""')
            parts.append(f'{logical_expression(column.type, f"{side}{at}")} AS "{name}"')
    # On lines of its own: it may end in a comment.
    return (
        f'SELECT "row\'s number" FROM (SELECT {", ".join(parts)} FROM stored) WHERE (\n'
        f"{condition}\n)"
    )


def _reason(error: duckdb.Error) -> str:
    return str(error).split("\n", 1)[0]
