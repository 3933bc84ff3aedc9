"""An application's repository around a graph, for real commits and checkouts by Git."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.live import LiveProject, make_project


@dataclass(frozen=True)
class Said:
    """What a Git command said, both streams, and its exit code."""

    code: int
    text: str


@dataclass(frozen=True)
class Application:
    """A working tree at `root`, and the graph in it."""

    root: Path
    live: LiveProject

    def git(
        self, *arguments: str, directory: Path | None = None, env: Mapping[str, str] = {}
    ) -> Said:
        return self.run("git", *arguments, directory=directory, env=env)

    def run(
        self,
        program: str | Path,
        *arguments: str,
        directory: Path | None = None,
        env: Mapping[str, str] = {},
    ) -> Said:
        done = subprocess.run(
            [program, *arguments],
            cwd=directory or self.root,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Said(done.returncode, done.stdout)

    def copy(self, root: Path) -> Application:
        """Copy all of it to the new directory `root`."""
        shutil.copytree(self.root, root, symlinks=True)
        below = self.live.directory.relative_to(self.root)
        return Application(root, LiveProject(root / below, self.live.name))

    def set(self, key: str, value: str) -> None:
        assert self.git("config", key, value).code == 0

    def write_code(self, text: str) -> None:
        (self.root / "code").write_text(text)
        assert self.git("add", "code").code == 0

    def commit_code(self, text: str, *options: str) -> Said:
        self.write_code(text)
        return self.git("commit", "-q", "-m", text, *options)

    def count(self) -> int:
        return int(self.git("rev-list", "--count", "HEAD").text)


def make_application(root: Path, graph: str = ".") -> Application:
    """Make a repository with a commit, and in its directory `graph` a graph with v0.1.0."""
    live = make_project(root / graph)
    application = Application(root, live)
    assert application.git("init", "-q", "-b", "main", str(root), directory=root).code == 0
    (root / ".gitignore").write_text(".kuzugit/\n*.kuzu*\n")
    assert application.git("add", ".gitignore").code == 0
    assert application.commit_code("first").code == 0
    live.commit("first")
    return application
