"""One way of one database, in a process of its own, because Kùzu may crash on it.

`python -m tests.docs.fidelity_probe plain|kuzugit|itself DIRECTORY`, the case as JSON on standard
input. Each step that is done is a line of JSON on standard output.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

import kuzugit
from kuzugit.errors import KuzugitError
from kuzugit.model.loss import CannotKeep
from tests.docs.fidelity_cases import Case
from tests.support.content import Content, read_content
from tests.support.graphs import open_database

SHOWN = 44


def say(**told: Any) -> None:
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()


def build(path: Path, case: Case) -> None:
    """Make the database, in a child, so that rows can stay in the log."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        assert status == 0, "the database could not be made"
        return
    nanoseconds = pa.table({"id": [1, 2], "v": pa.array([1714566600123456789, 3], pa.int64())})
    nanoseconds = nanoseconds.set_column(1, "v", nanoseconds["v"].cast(pa.timestamp("ns")))
    with open_database(path) as connection:
        for statement in case.statements:
            given = {"nanoseconds": nanoseconds} if "$nanoseconds" in statement else {}
            connection.execute(statement, given)
        if case.in_log:
            os._exit(0)
        connection.execute("CHECKPOINT")
    os._exit(0)


def plain(path: Path, directory: Path) -> Path:
    """Take the way of EXPORT DATABASE and IMPORT DATABASE."""
    with open_database(path, read_only=True) as connection:
        connection.execute(f"EXPORT DATABASE '{directory / 'exported'}' (format='parquet')")
    say(step="exported")
    with open_database(directory / "again.kuzu") as connection:
        connection.execute(f"IMPORT DATABASE '{directory / 'exported'}'")
        connection.execute("CHECKPOINT")
    return directory / "again.kuzu"


def by_kuzugit(path: Path, directory: Path) -> Path:
    """Take the way of `kuzugit commit` and `kuzugit checkout`."""
    with kuzugit.Repository.init(path, directory=directory) as repository:
        say(warnings=repository.commit("all of it").warnings)
        repository.checkout("current", to=directory / "again.kuzu")
    return directory / "again.kuzu"


def answers(path: Path, asks: Sequence[str]) -> list[str]:
    found = []
    for query in asks:
        with open_database(path, read_only=True) as connection:
            try:
                found.append(repr(list(connection.execute(query))))
            except RuntimeError as error:
                found.append(f"error: {error}")
    return found


def differences(before: Content, after: Content | None) -> list[str]:
    """Return what is another, short, as people say it."""
    if after is None:
        return ["it cannot be read any more"]
    found = []
    for name, value in before.facts.items():
        other = after.facts.get(name)
        if value != other:
            found += _fact(name, value, other)
    for name in after.facts.keys() - before.facts.keys():
        found.append(f"{name} appears")
    for table, rows in before.rows.items():
        other_rows = after.rows.get(table)
        if other_rows is None or rows == other_rows:
            continue
        gone, come = rows - other_rows, other_rows - rows
        by_key = {row[0]: row for row in come}
        first = min(gone or come)
        twin = by_key.get(first[0])
        example = f"{_shown(first)} becomes {_shown(twin)}" if twin else f"{_shown(first)} is lost"
        if not gone:
            example = f"{_shown(first)} appears"
        found.append(f"{max(gone.total(), come.total())} of {rows.total()} rows: {example}")
    return list(dict.fromkeys(found))


def _fact(name: str, value: Any, other: Any) -> list[str]:
    if name.startswith("table ") and other:
        return [f"comment {value[1]!r} becomes {other[1]!r}"]
    if name.startswith("properties of ") and other is not None:
        # Texts may differ where what they give is the same, which is a fact of its own.
        texts = zip(_default_texts(value), _default_texts(other), strict=False)
        gone = any(old != "NULL" and new == "NULL" for old, new in texts)
        return [f"defaults of {name.removeprefix('properties of ')}: lost"] if gone else []
    if name.startswith("sequence ") and other is not None:
        return [f"start {value[0]} becomes {other[0]}"] if value[1:] == other[1:] else [name]
    if name.startswith(("macro ", "defaults of ")) and other is None:
        return [f"{name}: lost"]
    if name.startswith("macro "):
        # The text is the same; the tree of calls is what runs.
        value, other = value[1], other[1]
    return [f"{name}: {_text(value)} becomes {_text(other)}"]


def _default_texts(properties: list[Any]) -> list[str]:
    return [row[2] for row in properties]


def _shown(row: tuple[str, ...]) -> str:
    return _text(row[-1])


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def by_itself(path: Path, case: Case) -> None:
    """Let Kùzu write its own log into its own file, and open the file again."""
    with open_database(path) as connection:
        for statement in case.statements:
            connection.execute(statement)
        say(step="built")
        before = [list(connection.execute(query)) for query in case.asks]
        try:
            connection.execute("CHECKPOINT")
        except RuntimeError as error:
            say(failed=_first_line(error))
            os._exit(0)
    say(step="written")
    try:
        with open_database(path) as connection:
            after = [list(connection.execute(query)) for query in case.asks]
    except RuntimeError as error:
        say(failed=_first_line(error))
        return
    found = []
    for wanted, got in zip(before, after, strict=True):
        changed = [pair for pair in zip(wanted, got, strict=True) if pair[0] != pair[1]]
        if changed:
            old, new = (_shown(tuple(map(repr, row))) for row in changed[0])
            found.append(f"{len(changed)} of {len(wanted)} rows: {old} becomes {new}")
    say(differences=found)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]


WAYS: dict[str, Callable[[Path, Path], Path]] = {"plain": plain, "kuzugit": by_kuzugit}


def _content(path: Path, case: Case) -> Content | None:
    """Read a database; None where Kùzu itself cannot say what is in it."""
    if case.renames:
        path = Path(shutil.copy(path, path.with_suffix(".asked")))
        with open_database(path) as connection:
            for statement in case.renames:
                connection.execute(statement)
    try:
        return read_content(path)
    except (RuntimeError, IndexError):
        # Rels that are stored backwards, macros of odd names.
        return None


def main(way: str, directory: Path, case: Case) -> None:
    path = directory / "live.kuzu"
    if way == "itself":
        by_itself(path, case)
        return
    build(path, case)
    before, asked = _content(path, case), answers(path, case.asks)
    say(step="built")
    try:
        again = WAYS[way](path, directory)
    except CannotKeep as error:
        say(refused=[loss.name for loss in error.losses], why=[loss.why for loss in error.losses])
        return
    except (RuntimeError, KuzugitError) as error:
        say(failed=_first_line(error))
        return
    say(step="restored")
    found = differences(before, _content(again, case)) if before else []
    if before is None and not case.asks:
        found = ["Kùzu cannot say what became of it"]
    for query, wanted, got in zip(case.asks, asked, answers(again, case.asks), strict=True):
        if wanted != got:
            found.append(f"{query.split(' RETURN ')[0]}: {_text(wanted)} becomes {_text(got)}")
    say(differences=found)


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    lists = {name: tuple(asked[name]) for name in ("statements", "asks", "renames")}
    main(sys.argv[1], Path(sys.argv[2]), Case(**lists, in_log=asked["in_log"]))
