"""A database to a snapshot and back, the way a user goes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import kuzugit
from tests.support.compare import compare_contents
from tests.support.content import Content, read_content

REPOSITORY = Path(kuzugit.__file__).parents[1]


def committed(database: Path, store: Path) -> kuzugit.Repository:
    """Make a store in `store`, commit the database to it as v0.1.0; the caller closes it."""
    repository = kuzugit.Repository.init(database, directory=database.parent, store=store)
    repository.commit("all of it")
    return repository


def rebuilt(database: Path, directory: Path) -> Path:
    """Commit the database, build it again from the snapshot; return the new file."""
    target = directory / "rebuilt.kuzu"
    with committed(database, directory / "store.git") as repository:
        repository.checkout("v0.1.0", to=target)
    return target


def tree_id(repository: kuzugit.Repository, revision: str = "current") -> str:
    """Return what plain Git says is the tree of a revision."""
    return git(repository.path, "rev-parse", f"{revision}^{{tree}}").strip()


def git(store: Path, *arguments: str) -> str:
    """Run plain Git on a store and return what it prints."""
    words = ["git", "-C", str(store), *arguments]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def lost(a: Path, b: Path) -> list[str]:
    """Return what differs between two databases, but for what no snapshot keeps.

    Kùzu cannot make a sequence that has another start than the value it stands at, so
    of a used sequence the start is lost (docs/format.md).
    """
    return compare_contents(_without_spent_starts(a), _without_spent_starts(b))


def _without_spent_starts(path: Path) -> Content:
    content = read_content(path)
    for name in [name for name in content.facts if name.startswith("value of sequence ")]:
        if content.facts[name] is not None:
            sequence = name.removeprefix("value of ")
            content.facts[sequence] = content.facts[sequence][1:]
    return content


def crash(path: Path, statements: Iterable[str]) -> None:
    """Run statements in a process that ends without a checkpoint: they stay in the log."""
    program = (
        "import os, sys, kuzu\n"
        "connection = kuzu.Connection(kuzu.Database(sys.argv[1]))\n"
        "for statement in sys.argv[2:]: connection.execute(statement)\n"
        "os._exit(0)\n"
    )
    words = [sys.executable, "-c", program, str(path), *statements]
    subprocess.run(words, check=True)


def plainly_imported(directory: Path, target: Path) -> Path:
    """Run IMPORT DATABASE in a process without kuzugit; return the new database."""
    program = (
        "import sys, kuzu\n"
        "with kuzu.Database(sys.argv[2]) as database, kuzu.Connection(database) as connection:\n"
        "    connection.execute(f\"IMPORT DATABASE '{sys.argv[1]}'\")\n"
        "assert not any(name.startswith('kuzugit') for name in sys.modules)\n"
    )
    words = [sys.executable, "-c", program, str(directory), str(target)]
    subprocess.run(words, check=True)
    return target


def archived(store: Path, revision: str, directory: Path) -> Path:
    """Put the tree of a revision into a new directory, with git archive and tar alone."""
    directory.mkdir()
    words = ["git", "-C", str(store), "archive", revision]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as archive:
        subprocess.run(["tar", "-x", "-C", str(directory)], stdin=archive.stdout, check=True)
    assert archive.returncode == 0
    return directory
