"""What `main` does around every command: errors, exit codes, options, help."""

from __future__ import annotations

import errno
import importlib.metadata
from collections.abc import Callable
from pathlib import Path

import pytest

import kuzugit.porcelain.log
from kuzugit.cli.group import COMMANDS
from kuzugit.errors import ExitCode, LockedError
from tests.cli.conftest import Run
from tests.support.project import Project, write_database


@pytest.fixture
def log_raises(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    def set_up(error: BaseException) -> None:
        def raises(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(kuzugit.porcelain.log, "log", raises)

    return set_up


def test_an_error_is_three_lines_and_its_exit_code(
    run: Run, project: Project, log_raises: Callable[[BaseException], None]
) -> None:
    error = LockedError("it is held", hint="ps -p 1")
    error.__cause__ = OSError(errno.EACCES, "Permission denied", "a.lock")
    log_raises(error)
    result = run("-C", project.directory, "log")
    assert result.code == ExitCode.LOCKED
    assert result.out == ""
    assert result.err == (
        "error: it is held\ncaused by: a.lock: Permission denied\nhint: ps -p 1\n"
    )


def test_a_traceback_only_with_debug(
    run: Run, project: Project, log_raises: Callable[[BaseException], None]
) -> None:
    log_raises(LockedError("it is \x1b[31mheld"))
    assert "Traceback" not in run("-C", project.directory, "log").err
    shown = run("--debug", "-C", project.directory, "log")
    assert shown.code == ExitCode.LOCKED
    assert shown.err.startswith("Traceback (most recent call last):\n")
    assert shown.err.endswith("\nerror: it is \\x1b[31mheld\n")
    assert "\x1b" not in shown.err


def test_an_error_that_nobody_expected_is_called_a_bug(
    run: Run, project: Project, log_raises: Callable[[BaseException], None]
) -> None:
    log_raises(ZeroDivisionError("division by zero"))
    result = run("-C", project.directory, "log")
    assert result.code == ExitCode.BUG
    error, hint = result.err.splitlines()
    assert error == "error: this is a bug in kuzugit: ZeroDivisionError: division by zero"
    assert "--debug" in hint


def test_an_error_of_the_system_is_no_bug_and_still_70(
    run: Run, project: Project, log_raises: Callable[[BaseException], None]
) -> None:
    log_raises(OSError(errno.ENOSPC, "No space left on device", "my.kuzu"))
    result = run("-C", project.directory, "log")
    assert (result.code, result.err) == (70, "error: my.kuzu: No space left on device\n")


def test_an_interrupt_is_one_line(
    run: Run, project: Project, log_raises: Callable[[BaseException], None]
) -> None:
    log_raises(KeyboardInterrupt())
    result = run("-C", project.directory, "log")
    assert (result.code, result.out, result.err) == (130, "", "error: interrupted\n")


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        (["lgo"], "error: no such command 'lgo'. Did you mean 'log'?", "hint: kuzugit --help"),
        (["--nope"], "error: no such option: --nope", "hint: kuzugit --help"),
        (["log", "--nope"], "error: no such option: --nope", "hint: kuzugit log --help"),
        (["log", "a", "b"], "error: got unexpected extra argument", "hint: kuzugit log --help"),
        (["checkout"], "error: missing argument 'REV'", "hint: kuzugit checkout --help"),
        (["commit"], "error: invalid value for '-m' / '--message': a message is needed", "hint: "),
        (["commit", "-m", "x", "--bump", "huge"], "error: invalid value for '--bump'", "hint: "),
        (["log", "-n", "many"], "error: invalid value for '-n' / '--max-count'", "hint: "),
        (["-C", "/no/such/place", "log"], "error: -C: there is no directory", ""),
        (["\x1b[31m"], "error: no such command '\\x1b[31m'", "hint: kuzugit --help"),
    ],
)
def test_usage_errors_have_the_same_shape(
    run: Run, arguments: list[str], error: str, hint: str
) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(error)
    assert result.err.count("\n") == (2 if hint else 1)
    assert hint in result.err


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_shows_an_example(run: Run, command: list[str], flag: str) -> None:
    result = run(*command, flag)
    assert (result.code, result.err) == (0, "")
    usage, _, example = result.out.partition("\nExample:\n")
    assert usage.startswith(f"Usage: {' '.join(['kuzugit', *command])} ")
    assert all(line.startswith("  kuzugit ") for line in example.splitlines())
    assert f"  kuzugit {' '.join(command)}" in example


def test_every_command_is_listed_with_a_whole_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = run("--help").out.partition("\nCommands:\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in lines] == list(COMMANDS)
    assert all(line.endswith(".") and not line.endswith("...") for line in lines)


def test_no_command_is_a_usage_error_that_shows_the_help(run: Run) -> None:
    result = run()
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("Usage: kuzugit ")


def test_the_version(run: Run) -> None:
    result = run("--version")
    assert (result.code, result.err) == (0, "")
    assert result.out == f"kuzugit {importlib.metadata.version('kuzugit')}\n"


def test_no_store(run: Run, tmp_path: Path) -> None:
    result = run("-C", tmp_path, "log")
    assert (result.code, result.out) == (10, "")
    assert result.err == f"error: no store (.kuzugit) in {tmp_path} or above it\n" + (
        "hint: kuzugit init DB\n"
    )


def test_the_store_is_found_from_below(run: Run, project: Project) -> None:
    below = project.directory / "a" / "b"
    below.mkdir(parents=True)
    assert run("-C", below, "tag").out == "v0.1.0\nv0.2.0\n"


def test_the_store_by_option_and_by_environment(
    run: Run, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("-C", tmp_path, "--store", "project/.kuzugit", "tag").out == "v0.1.0\nv0.2.0\n"
    monkeypatch.setenv("KUZUGIT_STORE", str(project.store.path))
    assert run("-C", tmp_path, "tag").out == "v0.1.0\nv0.2.0\n"
    wrong = run("-C", tmp_path, "--store", "elsewhere", "tag")
    assert wrong.code == 10
    assert wrong.err.startswith(f"error: {tmp_path}/elsewhere is not a kuzugit store")


def test_the_database_by_option_and_by_environment(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.kuzu", "b.kuzu", "c.kuzu"):
        write_database(tmp_path / name)
    monkeypatch.setenv("KUZUGIT_DB", "b.kuzu")
    assert run("-C", tmp_path, "--db", "a.kuzu", "init", "--store", "1.git").out.endswith(
        "a.kuzu\n"
    )
    assert run("-C", tmp_path, "init", "--store", "2.git").out.endswith("b.kuzu\n")
    assert run("-C", tmp_path, "init", "--store", "3.git", "c.kuzu").out.endswith("c.kuzu\n")
