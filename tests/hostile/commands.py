"""The command line run on a store in a child process, which may crash and must not."""

from __future__ import annotations

import contextlib
import json
import os
import resource
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kuzugit.cli.app import main
from tests.store.making import start_child

SECONDS = 120


@dataclass(frozen=True)
class Said:
    """What a command gave: its exit code and what it wrote to both streams."""

    arguments: tuple[str, ...]
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Ran:
    """What the commands of one child gave, how the child ended, its peak memory in bytes."""

    said: list[Said]
    status: int
    memory: int


def run_commands(
    directory: Path,
    commands: Sequence[Sequence[str]],
    name: str = "said",
    *,
    address_space: int | None = None,
) -> Ran:
    """Run commands one after the other in a child that stands in `directory`.

    What they write is kept two directories above, under `name`.

    `address_space` is how many bytes the child may map more than this process has; Kùzu
    itself maps terabytes, so only what never opens it can be held so. Signals show as a
    negative status, and the commands after the crash are missing.
    """
    home = directory.parents[1] / name
    home.mkdir()

    def work() -> None:
        os.chdir(directory)
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        if address_space is not None:
            limit = _mapped() + address_space
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        for number, arguments in enumerate(commands):
            _run(home / str(number), list(arguments))

    child = start_child(work)
    _, status, usage = os.wait4(child, 0)
    said = [
        Said(
            tuple(arguments),
            json.loads((home / f"{number}.code").read_text()),
            (home / f"{number}.out").read_bytes().decode(),
            (home / f"{number}.err").read_bytes().decode(),
        )
        for number, arguments in enumerate(commands)
        if (home / f"{number}.code").exists()
    ]
    return Ran(said, os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024)


def _mapped() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _run(place: Path, arguments: list[str]) -> None:
    # The descriptors themselves, because libraries write to them past Python.
    with (
        place.with_suffix(".out").open("w", encoding="utf-8") as out,
        place.with_suffix(".err").open("w", encoding="utf-8") as err,
    ):
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(arguments)
    place.with_suffix(".code").write_text(json.dumps(int(code)))
