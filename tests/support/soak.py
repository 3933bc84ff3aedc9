"""The long tests: how long each goes on, and a file that says what was run.

`make soak SOAK="--soak-minutes=2 -k law1"` runs a part of them; each run is added to the file.
"""

from __future__ import annotations

import json
import platform
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy, tuples

ROOT = Path(__file__).resolve().parents[2]
_AT_ONCE = settings(
    max_examples=40,
    derandomize=False,
    deadline=None,
    # A failing database is small enough; making it smaller takes minutes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
_EACH = "--soak-minutes"
_KILLS = "--soak-kills"
_REPORT = "--soak-report"


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("soak", "the long tests")
    group.addoption(
        _EACH, type=float, default=10.0, help="for each law and each fuzzer (%(default)s)"
    )
    group.addoption(
        _KILLS, type=int, default=1000, help="kills at random instants, in all (%(default)s)"
    )
    group.addoption(
        _REPORT,
        type=Path,
        default=ROOT / "build" / "soak.json",
        help="where the figures are added (%(default)s)",
    )


@dataclass(frozen=True)
class Soak:
    """How long to go on, in minutes and kills; `note` puts a figure into the report."""

    minutes: float
    kills: int
    note: Callable[[str, object], None]

    def keep_trying(self, check: Callable[..., object], *strategies: SearchStrategy[Any]) -> None:
        """Try `check` on what the strategies draw, new in each run, until the time is over."""
        end = time.monotonic() + 60 * self.minutes
        tried = 0

        @_AT_ONCE
        @given(tuples(*strategies))
        def each(drawn: tuple[Any, ...]) -> None:
            nonlocal tried
            if time.monotonic() < end:
                check(*drawn)
                tried += 1

        try:
            while time.monotonic() < end:
                each()
        finally:
            self.note("examples", tried)
        assert tried > 0


class Report:
    """Collects what the soak tests tell, and adds it to the file when the session ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.began = time.time()
        self.commit = _git("rev-parse", "HEAD")
        self.changed = bool(_git("status", "--porcelain", "--untracked-files=no"))
        self.parts: list[dict[str, Any]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and "soak" in report.keywords:
            self.parts.append(
                {
                    "test": report.nodeid,
                    "outcome": report.outcome,
                    "seconds": round(report.duration, 1),
                    "figures": dict(report.user_properties),
                }
            )

    def pytest_sessionfinish(self) -> None:
        if not self.parts:
            return
        runs = json.loads(self.path.read_text())["runs"] if self.path.exists() else []
        runs.append(
            {
                "commit": self.commit,
                "changed": self.changed,
                "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.began)),
                "python": platform.python_version(),
                "libraries": {name: version(name) for name in ("kuzu", "pygit2", "duckdb")},
                "parts": self.parts,
            }
        )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps({"format": 1, "runs": runs}, indent=2) + "\n")


def register(config: pytest.Config) -> None:
    """Let the process that hears of every test keep the report."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Report(config.getoption(_REPORT)), "soak-report")


def soak_of(config: pytest.Config, note: Callable[[str, object], None]) -> Soak:
    """Return the lengths that the options give."""
    return Soak(config.getoption(_EACH), config.getoption(_KILLS), note)


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
