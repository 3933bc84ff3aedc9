"""Write into the pages what their sessions give: `make sessions`, then read the difference."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.docs import audit
from tests.docs.sessions import Step, replay, steps
from tests.docs.test_sessions import PAGES, ROOT


def update(page: Path, run: Callable[[Path], list[Step]] | None = None) -> None:
    """Put the real output under each command of `page`; `run` replays it where it needs more."""
    with TemporaryDirectory() as home, TemporaryDirectory() as directory:
        config = Path(home, ".gitconfig")
        config.write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
        os.environ.update(HOME=home, GIT_CONFIG_GLOBAL=str(config), NO_COLOR="1")
        given = replay(page, Path(directory)) if run is None else run(Path(directory))
    text = page.read_text()
    at = 0
    for shown, step in zip(steps(page), given, strict=True):
        old, new = _written(shown), _written(step, directory)
        at = text.index(old, at)
        text = text[:at] + new + text[at + len(old) :]
        at += len(new)
    page.write_text(text)


def _written(step: Step, directory: str | None = None) -> str:
    output = step.output.replace(directory, "/home/ada/graph") if directory else step.output
    return "$ " + step.command.replace("\n", "\n> ") + "\n" + output


if __name__ == "__main__":
    for name in PAGES:
        update(ROOT / name)
    update(audit.PAGE, audit.given)
