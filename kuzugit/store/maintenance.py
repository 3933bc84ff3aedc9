"""What the `git` program does for the store: checking and packing."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence

from kuzugit.errors import GitError
from kuzugit.store.location import Store

_ENV = "/usr/bin/env"
_FOREIGN = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)
"""What Git sets for a hook. In a hook of another repository they would lead to that one."""


class GitProgramMissing(GitError):
    """There is no `git` program to call."""

    def __init__(self) -> None:
        super().__init__("the git program is not installed", hint="install git, or set PATH")


class GitProgramFailed(GitError):
    """`git` ended with `status`; `output` is what it said, both streams."""

    def __init__(self, arguments: tuple[str, ...], status: int, output: str) -> None:
        said = output.strip() or "nothing"
        super().__init__(f"git {' '.join(arguments)} ended with {status} and said: {said}")
        self.status = status
        self.output = output


def git_version() -> str | None:
    """Return the version of the `git` program, such as "2.39.5", None where there is none."""
    try:
        done = subprocess.run(
            ["git", "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return None
    match = re.search(r"\d+(\.\d+)+", done.stdout)
    return match[0] if match else None


def has_git() -> bool:
    """Whether there is a `git` program to call."""
    return shutil.which("git") is not None


def run_git(
    store: Store, *arguments: str, text: str | None = None, holds: Sequence[int] = ()
) -> subprocess.CompletedProcess[str]:
    """Run `git <arguments>` on the store; no shell, no terminal, no pager, both streams caught.

    `text` is its input. It keeps the descriptors `holds` open. The exit status is the
    caller's to judge. Raises GitProgramMissing.
    """
    return run_git_program(f"--git-dir={store.path}", *arguments, text=text, holds=holds)


def run_git_program(
    *arguments: str, text: str | None = None, holds: Sequence[int] = ()
) -> subprocess.CompletedProcess[str]:
    """Run `git <arguments>` as `run_git` does, on the repository that they name."""
    program = shutil.which("git")
    if program is None:
        raise GitProgramMissing
    unset = [word for name in _FOREIGN for word in ("-u", name)]
    try:
        return subprocess.run(
            [_ENV, *unset, program, "--no-pager", *arguments],
            input=text or "",
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            pass_fds=tuple(holds),
        )
    except FileNotFoundError as error:
        raise GitProgramMissing from error


def fsck(store: Store) -> list[str]:
    """Let Git check every object; return its complaints, none for a sound store.

    Objects that nothing names are no complaint. Raises GitProgramMissing, and
    GitProgramFailed where Git fails without a complaint.
    """
    arguments = ("fsck", "--strict", "--full", "--no-dangling", "--no-progress")
    done = run_git(store, *arguments)
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if _complains(line)]
    if done.returncode and not complaints:
        raise GitProgramFailed(arguments, done.returncode, done.stdout + done.stderr)
    return complaints


def _complains(line: str) -> bool:
    # A store before its first commit has a HEAD without a branch; that is sound.
    return bool(line.strip()) and not line.startswith("notice: ")
