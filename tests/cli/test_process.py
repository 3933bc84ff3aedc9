"""What only a process of its own can show: pipes, terminals, signals, imports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.process import command, run_on_terminal
from tests.support.project import Project

HEAVY = ("kuzu", "duckdb", "pyarrow", "numpy", "rich", "pydantic")


def loaded_by(*arguments: str | Path) -> set[str]:
    """Return the top-level modules that a command has loaded when it ends."""
    program = (
        "import sys, json; from kuzugit.cli.app import main; code = main(sys.argv[1:]);"
        "names = sorted({name.partition('.')[0] for name in sys.modules});"
        "sys.stderr.write(json.dumps(names)); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_one_reader_gets_both_streams_in_order() -> None:
    program = (
        "import sys; from kuzugit.cli.app import main; from kuzugit.cli.invocation import warn;"
        "print('one'); warn('two'); print('three'); sys.exit(main(['no-such-command']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[:3] == ["one", "warning: two", "three"]
    assert "error: no such command" in done.stdout.splitlines()[3]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["commit", "--help"],
        ["log"],
        ["log", "--oneline", "v0.1.0..v0.2.0"],
        ["tag"],
        ["show"],
        ["tag", "new", "-m", "x"],
    ],
)
def test_light_commands_load_no_engine(project: Project, arguments: list[str]) -> None:
    found = loaded_by("-C", project.directory, *arguments)
    assert not found.intersection(HEAVY)


def test_a_command_loads_no_other(project: Project) -> None:
    program = (
        "import sys; from kuzugit.cli.app import main; main(sys.argv[1:]);"
        "print([name for name in sys.modules if name.startswith('kuzugit.cli.commands.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "-C", str(project.directory), "tag"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "['kuzugit.cli.commands.tag']"


@pytest.mark.parametrize("arguments", [["log"], ["tag", "--json"], ["--help"]])
def test_a_closed_pipe_is_no_error(project: Project, arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        command("-C", project.directory, *arguments),
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_pipe_hides_no_error(project: Project) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        command("-C", project.directory, "log", "nothing"), stdout=writer, stderr=writer
    )
    os.close(writer)
    assert done.returncode == 12


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_streams_are_no_error(project: Project, closed: tuple[int, ...]) -> None:
    # As a shell does for `kuzugit log >&-`: the number is free, and the next file would get it.
    streams = "".join(f" {number}>&-" for number in closed)
    done = subprocess.run(
        ["sh", "-c", f'exec "$@"{streams}', "sh", *command("-C", project.directory, "log")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("commit ") == (1 not in closed)


def test_closed_streams_hide_no_error(project: Project) -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" 1>&- 2>&-', "sh", *command("-C", project.directory, "show", "v9")]
    )
    assert done.returncode == 12


def test_errors_that_cannot_be_written_keep_their_code(project: Project) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command("-C", project.directory, "show", "v9"), stdout=full, stderr=full
        )
    assert done.returncode == 12


def test_a_full_disk_under_the_output_is_an_error(project: Project) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command("-C", project.directory, "log"), stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 16
    assert done.stderr.startswith("error: cannot write the output: No space left on device\n")
    assert "hint: " in done.stderr


def test_a_terminal_gets_colour_and_the_pager(project: Project) -> None:
    code, shown = run_on_terminal(
        command("-C", project.directory, "log", "--oneline"),
        {"NO_COLOR": "", "TERM": "xterm", "GIT_PAGER": "sed 's/^/paged: /'"},
    )
    assert code == 0
    assert shown.splitlines()[0].startswith("paged: \x1b[33m")


@pytest.mark.parametrize(
    "environment", [{"NO_COLOR": "1", "TERM": "xterm"}, {"NO_COLOR": "", "TERM": "dumb"}]
)
def test_a_terminal_may_refuse_colour(project: Project, environment: dict[str, str]) -> None:
    code, shown = run_on_terminal(
        command("--no-pager", "-C", project.directory, "log"), environment
    )
    assert (code, "\x1b" in shown) == (0, False)
    assert shown.startswith("commit ")


def test_a_terminal_gets_the_word_error_in_red(tmp_path: Path) -> None:
    code, shown = run_on_terminal(command("-C", tmp_path, "log"), {"NO_COLOR": "", "TERM": "xterm"})
    assert code == 10
    assert shown.startswith("\x1b[31merror:\x1b[m no store ")


@pytest.mark.parametrize(("arguments", "code"), [(["--version"], 0), (["no-such-command"], 2)])
def test_the_process_ends_with_the_command(arguments: list[str], code: int) -> None:
    # A library's thread that wakes up while the interpreter goes down aborts the process.
    program = (
        "import atexit; from kuzugit.cli.app import main;"
        "atexit.register(print, 'taken apart'); main(); print('went on')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert (done.stdout + done.stderr).strip()
    assert "taken apart" not in done.stdout
    assert "went on" not in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_in_one_line(project: Project, tmp_path: Path, number: int) -> None:
    ready = tmp_path / "ready"
    program = (
        "import sys, time, pathlib, kuzugit.porcelain.log as log\n"
        "from kuzugit.cli.app import main\n"
        "def wait(*_, **__):\n"
        f"    pathlib.Path({str(ready)!r}).touch()\n"
        "    time.sleep(20)\n"
        "log.log = wait\n"
        "sys.exit(main())\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, "-C", str(project.directory), "log"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 20
    while not ready.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)  # it comes while the command waits, not while it says that it does
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, "", "error: interrupted\n")


def test_an_encoding_that_lacks_a_letter_is_no_error(project: Project) -> None:
    done = subprocess.run(
        command("-C", project.directory, "log", "Prüfung"),
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 12
    assert b"unknown revision 'Pr\\xfcfung'" in done.stderr
