"""The entry point: the only place that catches, exits and reads the environment."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TextIO

from kuzugit.errors import ExitCode, KuzugitError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (without the program's name) and return its exit code.

    Without `argv` it is that of the process, which ends here. Nothing but the output of the
    command, or of its failure, reaches the streams: no traceback unless `--debug` asks for one.
    """
    if argv is not None:
        return _whole(list(argv))
    # Modules are no garbage. To look for some while they load takes a while.
    gc.set_threshold(100_000)
    # All is written and closed by now. While the interpreter takes itself apart, a thread of
    # a library that still wants it aborts the whole process.
    os._exit(_whole(sys.argv[1:]))


def _whole(arguments: list[str]) -> int:
    _open_what_is_closed()
    with _termination_as_interrupt():
        code = _guarded(arguments)
    _settle(sys.stdout)
    _settle(sys.stderr)
    return code


def _guarded(arguments: list[str]) -> int:
    # Read from the words, not from the parsed options: an error may come before those.
    debug = "--debug" in arguments
    try:
        return _run(arguments)
    except BrokenPipeError:
        return ExitCode.DONE  # whoever reads the output has read enough
    except KeyboardInterrupt as error:
        return _failed(error, "interrupted", ExitCode.INTERRUPTED, debug=debug)
    except KuzugitError as error:
        return _failed(error, None, error.exit_code, hint=error.hint, debug=debug)
    except OSError as error:
        return _failed(error, None, ExitCode.BUG, debug=debug)
    except Exception as error:  # noqa: BLE001 - the last resort of the program
        message = f"this is a bug in kuzugit: {type(error).__name__}: {error}"
        hint = "report it with the traceback that --debug before the command shows"
        return _failed(error, message, ExitCode.BUG, hint=hint, debug=debug)


def _run(arguments: list[str]) -> int:
    # Imported here, so that an interrupt while the modules load ends in one line too.
    from kuzugit.cli.invocation import telling_output
    from kuzugit.cli.root import run

    _escape_what_the_encoding_lacks(sys.stdout)
    _escape_what_the_encoding_lacks(sys.stderr)
    code = run(arguments, os.environ)
    with telling_output():
        sys.stdout.flush()
    return code


def _failed(
    error: BaseException,
    message: str | None,
    code: ExitCode,
    *,
    hint: str | None = None,
    debug: bool,
) -> ExitCode:
    from kuzugit.cli.invocation import paint_for, write_error
    from kuzugit.cli.render.failure import causes, failure, says

    paint = paint_for(sys.stderr, os.environ)
    lines = _traceback(error) if debug else []
    lines.append(failure(message or says(error), causes(error), hint, paint))
    with suppress(OSError):  # nobody reads it, or it cannot be written: the code still tells
        write_error("\n".join(lines))
    return code


def _traceback(error: BaseException) -> list[str]:
    from traceback import format_exception

    from kuzugit.cli.render.escape import printable_lines

    return printable_lines("".join(format_exception(error)).rstrip("\n"))


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """Let SIGTERM unwind like Ctrl-C, so that what is half done is put away."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    if before == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        if before == signal.SIG_DFL:
            signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _open_what_is_closed() -> None:
    """Let each standard stream that the caller has closed lead nowhere, as Git does.

    Its number is free, and the next file that is opened would get it: a database, say, with
    what a library prints written into it.
    """
    # From 0 upwards, so that each of them gets its own number, the lowest that is free.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - until the exit


def _escape_what_the_encoding_lacks(stream: TextIO) -> None:
    reconfigure = getattr(stream, "reconfigure", None)  # a replaced stream may lack it
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _settle(stream: TextIO) -> None:
    """Flush `stream`; where that fails, keep the interpreter from trying again as it exits."""
    try:
        stream.flush()
    except OSError:
        # The failure is reported already, or the reader has closed the pipe.
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())
