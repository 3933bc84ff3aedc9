"""One command in a fresh process: how long it took and how much memory it had."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

KUZUGIT = str(Path(sys.executable).with_name("kuzugit"))


@dataclass(frozen=True)
class Cost:
    """`seconds` of wall time; `peak` bytes resident of the largest process of the command."""

    seconds: float
    peak: int


class CommandFailed(Exception):
    """A command of the benchmark ended with another exit code than 0."""


@dataclass(frozen=True)
class Runner:
    """Runs commands with one environment."""

    environment: Mapping[str, str]

    def run(self, *command: str | Path, directory: Path) -> Cost:
        """Run `command` in `directory` and measure it; its output goes nowhere."""
        words = [str(word) for word in command]
        # Pages that an earlier command left dirty would be written at this one's cost.
        os.sync()
        with TemporaryFile() as said:
            start = time.perf_counter()
            process = subprocess.Popen(
                words,
                cwd=directory,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                said.seek(0)
                why = said.read().decode(errors="replace")
                raise CommandFailed(f"{' '.join(words)}: exit {process.returncode}\n{why}")
        return Cost(seconds, usage.ru_maxrss * 1024)

    def output(self, *command: str, directory: Path) -> str:
        """Run `command` in `directory`, unmeasured, and return what it says."""
        done = subprocess.run(
            command,
            cwd=directory,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def module(self, name: str, *arguments: object, directory: Path) -> Cost:
        """Run the module `tests.bench.<name>` of this checkout."""
        words = [str(argument) for argument in arguments]
        return self.run(sys.executable, "-m", f"tests.bench.{name}", *words, directory=directory)

    def kuzugit(self, *arguments: str, directory: Path) -> Cost:
        """Run kuzugit as its console script."""
        return self.run(KUZUGIT, *arguments, directory=directory)


def hermetic_environment(home: Path, root: Path) -> dict[str, str]:
    """Return an environment in which neither Git nor kuzugit reads the user's settings.

    `root` is the checkout, from which child processes import the benchmark.
    """
    config = home / ".gitconfig"
    config.write_text("[user]\n\tname = Bench\n\temail = bench@example.org\n")
    kept = {
        name: value
        for name, value in os.environ.items()
        # PYTHONDONTWRITEBYTECODE would have every process compile what it imports.
        if not name.startswith(("KUZUGIT_", "GIT_", "PYTHON"))
    }
    return kept | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "xdg"),
        "GIT_CONFIG_GLOBAL": str(config),
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONPATH": str(root),
    }
