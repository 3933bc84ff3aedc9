"""Commands shown as a reader would type them, with their real output."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path


class Shell:
    """Runs commands in `directory`; `binaries` come first on the path."""

    def __init__(self, directory: Path, binaries: Path) -> None:
        self._directory = directory
        self._environment = _environment(binaries)

    def run(self, *words: str) -> None:
        """Print the command and let it print; end the demo where it fails."""
        show(f"$ {shlex.join(words)}")
        done = subprocess.run(words, cwd=self._directory, env=self._environment, check=False)
        if done.returncode != 0:
            raise SystemExit(f"demo: the command above ended with exit code {done.returncode}")

    def output(self, *words: str) -> str:
        """Return what the command prints, or nothing where it fails, without showing it."""
        done = subprocess.run(
            words,
            cwd=self._directory,
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        return done.stdout.strip() if done.returncode == 0 else ""


def show(text: str) -> None:
    """Print at once, so that the lines of child processes stand in their places."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def heading(text: str) -> None:
    """Say what comes next."""
    show(f"\n# {text}")


def _environment(binaries: Path) -> dict[str, str]:
    # A store, a database or a repository named by the reader's shell would lead elsewhere.
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("KUZUGIT_") and name not in ("GIT_DIR", "GIT_WORK_TREE")
    }
    kept["PATH"] = f"{binaries}{os.pathsep}{kept.get('PATH', os.defpath)}"
    kept["PAGER"] = kept["GIT_PAGER"] = "cat"
    return kept
