"""The Git repository of the application, in which the store and its database stand.

Its own index and history are its own: it is asked where its hooks are and what its
configuration says, by the git program, and told of one file.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kuzugit.errors import NoStoreError, UsageError
from kuzugit.store.maintenance import GitProgramFailed, GitProgramMissing, run_git_program


class NoApplication(NoStoreError):
    """`directory` is in no Git repository with files."""

    def __init__(self, directory: Path) -> None:
        super().__init__(
            f"{directory} is in no Git repository whose hooks could be installed",
            hint="git init; for a store that receives pushes: kuzugit hooks install --shared",
        )
        self.directory = directory


class BadChoice(UsageError):
    """A setting of the application's repository whose value means nothing."""

    def __init__(self, key: str, found: str, choices: tuple[str, ...]) -> None:
        super().__init__(
            f"{key} is {found!r}, and not one of {', '.join(choices)}",
            hint=f"git config {key} {choices[0]}",
        )
        self.key = key
        self.found = found


@dataclass(frozen=True)
class Application:
    """`root` holds its files, `git_dir` its history, `hooks` its hooks: absolute paths."""

    root: Path
    git_dir: Path
    hooks: Path

    def git(self, *arguments: str) -> str:
        """Run git in it; raise GitProgramMissing, GitProgramFailed."""
        done = self._run(*arguments)
        if done[0]:
            raise GitProgramFailed(arguments, done[0], done[2])
        return done[1]

    def setting(self, key: str) -> str | None:
        """Return what its configuration says, None where it says nothing."""
        code, found, _ = self._run("config", "--get", key)
        return None if code else found.removesuffix("\n")

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """Return the setting `key`, one of `choices`, the first by default; raise BadChoice."""
        found = self.setting(key)
        if found is None:
            return choices[0]
        if found.lower() not in choices:
            raise BadChoice(key, found, choices)
        return found.lower()

    def stage(self, path: Path, environment: Mapping[str, str]) -> list[str]:
        """Make a file a part of the commit that is being made; return what kept it from that.

        `environment` is what Git gave its hook: it names the index of that commit. A commit
        of some files has one of its own; the file goes into the index that stays as well, or
        the next commit would put back what stands there.
        """
        for index in (environment, *self._that_stays(environment)):
            code, said = self._in_index(index, "add", "--", str(path))
            if code:
                return [f"{path.name} is not in the commit: {said}"]
        return []

    def is_staged(self, path: Path, environment: Mapping[str, str]) -> bool:
        """Whether the commit that is being made has a file as it is, or does not track it.

        `environment` as for `stage`.
        """
        indexes = (environment, *self._that_stays(environment))
        return not any(
            self._in_index(index, "diff", "--quiet", "--", str(path))[0] for index in indexes
        )

    def _that_stays(self, environment: Mapping[str, str]) -> list[dict[str, str]]:
        """Return the environment for the index that follows a commit of some files.

        `git commit FILE` runs the hook with an index `next-index-*`, which it then throws
        away. The one to become the index is complete already, and waits in its lock file.
        """
        place = Path(environment.get("GIT_INDEX_FILE", ""))
        waiting = self.git_dir / "index.lock"
        if not place.name.startswith("next-index-") or not waiting.is_file():
            return []
        return [{**environment, "GIT_INDEX_FILE": str(waiting)}]

    def _in_index(self, environment: Mapping[str, str], *arguments: str) -> tuple[int, str]:
        """Run git with the index that `environment` names; return exit code and complaint."""
        program = shutil.which("git")
        if program is None:
            return 127, str(GitProgramMissing())
        done = subprocess.run(
            [program, *arguments],
            cwd=self.root,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        return done.returncode, done.stderr.strip()

    def _run(self, *arguments: str) -> tuple[int, str, str]:
        where = (f"--git-dir={self.git_dir}", f"--work-tree={self.root}")
        done = run_git_program("-C", str(self.root), *where, *arguments)
        return done.returncode, done.stdout, done.stdout + done.stderr


def find_application(directory: Path, git_dir: Path | None = None) -> Application:
    """Return the repository around `directory`, as Git finds it, or the one of `git_dir`.

    Raises NoApplication, GitProgramMissing.
    """
    directory = directory.absolute()
    where = () if git_dir is None else (f"--git-dir={git_dir.absolute()}",)
    wanted = ("--show-toplevel", "--absolute-git-dir", "--git-path", "hooks")
    done = run_git_program("-C", str(directory), *where, "rev-parse", *wanted)
    found = done.stdout.splitlines()
    if done.returncode or len(found) != 3:
        raise NoApplication(directory)
    return Application(Path(found[0]), Path(found[1]), directory / found[2])


def hooks_of_store(path: Path) -> Path:
    """Return the directory of a bare repository's hooks."""
    where = ("-C", str(path), f"--git-dir={path}")
    done = run_git_program(*where, "rev-parse", "--git-path", "hooks")
    if done.returncode:
        raise GitProgramFailed(("rev-parse",), done.returncode, done.stdout + done.stderr)
    return path / done.stdout.removesuffix("\n")
