"""The sessions in the pages: what a reader types, and what the page says comes back."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (\w+\.py)\n")
_MARK = "--8<-- "
_CHANGING = (
    (re.compile(r"\b[0-9a-f]{40}\b"), "<id>"),
    (re.compile(r"\b[0-9a-f]{7,12}\b"), "<short id>"),
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?( ?[+-]\d\d:?\d\d|Z)?"), "<time>"),
    (re.compile(r"^( *Author: ).*", re.MULTILINE), r"\1<author>"),
    (re.compile(r"(pyarrow) [\d.]+"), r"\1 <release>"),
    (re.compile(r"(ladybug) [\d.]+, storage version \d+"), r"\1 <release>"),
    (re.compile(r"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}( [+-]\d{4})?"), "<time>"),
)


@dataclass(frozen=True)
class Step:
    """A command, which may have several lines, and the output that stands under it."""

    command: str
    output: str


def files(page: Path) -> Iterator[tuple[str, str]]:
    """Yield name and text of each Python file that the page shows with its name on top."""
    for kind, text in _BLOCK.findall(page.read_text()):
        named = _FILE.match(text)
        if kind == "python" and named:
            yield named[1], text


def steps(page: Path) -> list[Step]:
    """Return the commands of all the page's console blocks: one session."""
    found: list[Step] = []
    for kind, text in _BLOCK.findall(page.read_text()):
        for line in text.splitlines() if kind == "console" else ():
            if line.startswith("$ "):
                found.append(Step(line[2:], ""))
            elif line.startswith("> ") and not found[-1].output:
                found[-1] = Step(f"{found[-1].command}\n{line[2:]}", "")
            else:
                found[-1] = Step(found[-1].command, f"{found[-1].output}{line}\n")
    return found


def replay(page: Path, directory: Path) -> list[Step]:
    """Type the page's session into one shell in `directory`; return what came back."""
    for name, text in files(page):
        (directory / name).write_text(text)
    commands = [step.command for step in steps(page)]
    script = "".join(f"{command}\nprintf '%s\\n' '{_MARK}'\n" for command in commands)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        stdin=subprocess.DEVNULL,
        cwd=directory,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    outputs = done.stdout.split(f"{_MARK}\n")[:-1]
    return [Step(*pair) for pair in zip(commands, outputs, strict=True)]


def settled(step: Step, directory: Path | None = None) -> Step:
    """Return `step` with ids, times and the session's directory made alike."""
    output = step.output
    if directory is not None:
        output = output.replace(str(directory), "/home/ada/graph")
    for pattern, replacement in _CHANGING:
        output = pattern.sub(replacement, output)
    return Step(step.command, output)
