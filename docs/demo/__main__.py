"""The main job on a real graph: commit, change, commit, roll back, prove it equal."""

from __future__ import annotations

import sys
from pathlib import Path

import directory
import graph
from environment import read_environment
from shell import Shell, heading, show

DEMO = Path(sys.argv[1] if len(sys.argv) > 1 else "demo").resolve()
DATABASE = DEMO / "packages.kuzu"

EDITS = (
    "CREATE (:Package {name: 'left-pad', version: '1.3.0', summary: 'Pads on the left', files: 1})",
    "MATCH (p:Package {name: 'typer'}) SET p.version = '99.0.0'",
    "MATCH (a:Package {name: 'kuzugit'}), (b:Package {name: 'left-pad'}) "
    "CREATE (a)-[:requires {specifier: '>=1'}]->(b)",
    "MATCH (:Package {name: 'kuzugit'})-[r:requires]->(:Package {name: 'numpy'}) DELETE r",
)
NEW_PROPERTY = "ALTER TABLE Package ADD reviewed BOOL DEFAULT false"


def main() -> None:
    """Tell the story from an empty directory to the last hint."""
    done = directory.make_way(DEMO)
    if done:
        show(done)
    DEMO.mkdir()
    shell = Shell(DEMO, Path(sys.executable).parent)
    _build()
    before = graph.contents(DATABASE)
    _commit(shell)
    _change(shell)
    _roll_back(shell)
    _prove(before, graph.contents(DATABASE))
    _plain_git(shell)
    directory.seal(DEMO)
    _farewell()


def _build() -> None:
    heading("A graph: the packages of this Python environment, their modules, who requires whom")
    graph.build(DATABASE, read_environment())
    for statement in graph.SCHEMA:
        show(f"cypher> {statement};")
    with graph.connected(DATABASE) as connection:
        for pattern in ("(x:Package)", "(x:Module)", "()-[x:requires]->()", "()-[x:brings]->()"):
            count = graph.rows(connection, f"MATCH {pattern} RETURN count(x)")[0][0]
            show(f"cypher> MATCH {pattern} RETURN count(x);   {count}")


def _commit(shell: Shell) -> None:
    heading("The first snapshot")
    shell.run("kuzugit", "init", DATABASE.name)
    if not shell.output("git", "--git-dir", ".kuzugit", "config", "user.email"):
        shell.run("git", "--git-dir", ".kuzugit", "config", "user.name", "Demo")
        shell.run("git", "--git-dir", ".kuzugit", "config", "user.email", "demo@example.org")
    shell.run("kuzugit", "commit", "-m", "The environment as it is")


def _change(shell: Shell) -> None:
    heading("Change some rows")
    _edit(*EDITS)
    shell.run("kuzugit", "status")
    shell.run("kuzugit", "commit", "-m", "Try left-pad")
    heading("Change the schema")
    _edit(NEW_PROPERTY)
    shell.run("kuzugit", "commit", "-m", "Packages can be reviewed")
    heading("What happened")
    shell.run("kuzugit", "log")
    shell.run("kuzugit", "show", "v0.1.1")


def _edit(*statements: str) -> None:
    with graph.connected(DATABASE) as connection:
        for statement in statements:
            show(f"cypher> {statement};")
            graph.rows(connection, statement)


def _roll_back(shell: Shell) -> None:
    heading("Roll back")
    shell.run("kuzugit", "checkout", "v0.1.0")
    shell.run("kuzugit", "status")


def _prove(before: dict[str, graph.Rows], after: dict[str, graph.Rows]) -> None:
    heading("The proof, by plain Kùzu: every table, column and row against those before it all")
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            raise SystemExit(f"demo: {name} differs from what it was before the first commit")
    count = sum(len(found) for found in before.values())
    show(f"equal: {count} rows of the catalog and the tables")


def _plain_git(shell: Shell) -> None:
    heading("The store is a plain Git repository")
    shell.run("git", "--git-dir", ".kuzugit", "log", "--oneline", "--decorate")
    shell.run("git", "--git-dir", ".kuzugit", "rev-parse", "--symbolic-full-name", "current")
    shell.run("git", "--git-dir", ".kuzugit", "fsck", "--strict", "--no-progress")
    shell.run("kuzugit", "verify", "--rebuild", "v0.1.0")


def _farewell() -> None:
    here = Path.cwd()
    where = DEMO.relative_to(here) if DEMO.is_relative_to(here) else DEMO
    environment = Path(sys.prefix)
    if environment.is_relative_to(here):
        environment = environment.relative_to(here)
    heading(f"It is all in {where}/. Go on there:")
    show(f"source '{environment}/bin/activate'")
    show(f"cd '{where}'")
    show("kuzugit checkout v0.2.0     # forward again")
    show("kuzugit --help")


if __name__ == "__main__":
    main()
