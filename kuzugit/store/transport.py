"""The git program on its way to another store: how it is called, and what it says.

Objects travel through the git program, not through libgit2: see decision 0006. It runs with
a repository of its own (`quarantine`), which holds the URL, so that none stands among the
words of a command line.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kuzugit.errors import CorruptError, GitError, UnsupportedError
from kuzugit.model.progress import Progress, ProgressCallback
from kuzugit.store.maintenance import GitProgramMissing
from kuzugit.store.object_format import OtherObjectFormat
from kuzugit.store.objects import MAX_BYTES
from kuzugit.store.remote_url import redacted

_UNSET = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
    "LANGUAGE",
)
"""What a hook or a caller may have set for another repository."""

_SET = (
    "LC_ALL=C",
    # Whatever an alias of a URL or a redirect leads to: nothing that runs a program.
    "GIT_ALLOW_PROTOCOL=file:http:https:ssh",
    # A pack can hold a few bytes that unpack to gigabytes: the git program gives up on it.
    f"GIT_ALLOC_LIMIT={MAX_BYTES + (1 << 24)}",
)

_SETTINGS = (
    "gc.auto=0",
    "maintenance.auto=false",
    "core.alternateRefsPrefixes=refs/none",
    "core.fsync=none",
    "fetch.unpackLimit=1",
    "transfer.unpackLimit=1",
    "fetch.fsckObjects=true",
    "transfer.fsckObjects=true",
    "fetch.writeCommitGraph=false",
    "transfer.bundleURI=false",
    "push.followTags=false",
    "push.gpgSign=false",
    "advice.pushUpdateRejected=false",
)

_PROGRESS = re.compile(
    r"(Receiving|Writing|Resolving) (?:objects|deltas): +\d+% \((\d+)/(\d+)\)"
    r"(?:, ([\d.]+) (bytes|KiB|MiB|GiB))?"
)
_UNITS = {"bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_MAX_SAID = 200
"""How many lines of what git says are kept: the other side may say any number."""

_UNSOUND = (
    "repository corruption",
    "did not send all necessary objects",
    "fsck error",
    "bad object",
    "invalid tree",
    "not our ref",
    "missing blob",
    "missing tree",
    "missing commit",
    "inflate returned",
    "pack is corrupted",
    "unresolved delta",
    "attempting to allocate",
    "SHA1 COLLISION",
    "bad pack header",
    "pack signature mismatch",
    "unknown object type",
)
_OTHER_HASH = (
    "does not support this repository's hash algorithm",
    "mismatched algorithms",
    "unknown object format",
)
_NO_ACCESS = (
    "Authentication failed",
    "could not read Username",
    "could not read Password",
    "Permission denied (",
    "terminal prompts disabled",
    "The requested URL returned error: 401",
    "The requested URL returned error: 403",
)
_UNKNOWN_HOST_KEY = ("Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED")


class TransferFailed(GitError):
    """Git could not reach the store `remote`, or the way to it broke; `said` is its output."""

    def __init__(self, remote: str, action: str, said: str, hint: str | None = None) -> None:
        super().__init__(f"cannot {action} {remote!r}: {_short(said)}", hint=hint)
        self.remote = remote
        self.said = said


class AccessDenied(TransferFailed):
    """The other side did not let us in: no credential, a wrong one, or no right."""


class HostKeyUnknown(TransferFailed):
    """The host is not among the known ones, or has another key than it had."""


class TransferUnsound(CorruptError):
    """What came from the store `remote` does not hold together; nothing of it was kept."""

    def __init__(self, remote: str, said: str) -> None:
        super().__init__(
            f"what {remote!r} sent is not sound: {_short(said)}",
            hint="have it checked there: kuzugit verify --all",
        )
        self.remote = remote
        self.said = said


_EMPTY_WORDS = (
    "Could not read from remote repository",
    "Please make sure you have the correct access rights",
    "and the repository exists.",
)


def _short(said: str) -> str:
    """Return the line that says most of what git said."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    lines = [line for line in lines if not any(words in line for words in _EMPTY_WORDS)]
    for mark in ("fatal: ", "error: ", "remote: ", ""):
        found = [line.removeprefix(mark) for line in lines if line.startswith(mark)]
        if found:
            return found[0][:300]
    return "git did not say why"


@dataclass(frozen=True)
class Said:
    """What the program left: its exit status, its output, and what it told people.

    `bytes` is how many it said to have sent or received, to four digits.
    """

    status: int
    out: str
    err: str
    bytes: int = 0


@dataclass(frozen=True)
class GitProgram:
    """Git, called for one remote, which is at `url`, with the repository `directory`.

    `prompt` lets it and ssh ask on the terminal; otherwise they have none.
    """

    directory: Path
    remote: str
    url: str
    progress: ProgressCallback
    prompt: bool = False

    def run(self, *arguments: str, stdin: str | None = None) -> Said:
        """Run `git <arguments>` to its end; raise GitProgramMissing.

        Interrupted, it ends the program before it goes on.
        """
        process = self._start(arguments, stdin is not None)
        listener = _Listener(process.stderr, self.remote, self.progress)
        try:
            if stdin is not None and process.stdin is not None:
                process.stdin.write(stdin.encode())
                process.stdin.close()
            assert process.stdout is not None
            out = process.stdout.read().decode("utf-8", "replace")
            status = process.wait()
        except BaseException:
            self._end(process)
            raise
        finally:
            # With a limit: a connection that ssh keeps for later holds the stream open.
            listener.join(timeout=5)
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    stream.close()
        if status == 127 and any(line.startswith("env:") for line in listener.lines):
            raise GitProgramMissing
        return Said(status, out, redacted("\n".join(listener.lines)), listener.bytes)

    def checked(self, action: str, *arguments: str) -> Said:
        """Run it as `run`; raise what `failure` tells where it does not end with 0."""
        said = self.run(*arguments)
        if said.status:
            raise self.failure(action, said)
        return said

    def failure(self, action: str, said: Said) -> GitError | CorruptError | UnsupportedError:
        """Return the error that fits what git said: TransferFailed, TransferUnsound, ..."""
        if any(mark in said.err for mark in _UNKNOWN_HOST_KEY):
            hint = "compare the host's key, then add it to known_hosts by connecting with ssh"
            return HostKeyUnknown(self.remote, action, said.err, hint)
        if any(mark in said.err for mark in _NO_ACCESS):
            hint = "git config credential.helper, ssh-add -l: which credential does Git use?"
            return AccessDenied(self.remote, action, said.err, hint)
        if any(mark in said.err for mark in _OTHER_HASH):
            return OtherObjectFormat(repr(self.remote))
        if any(mark in said.err for mark in _UNSOUND):
            return TransferUnsound(self.remote, said.err)
        hint = f"git ls-remote {shlex.quote(self.url)} says more; is there a store?"
        return TransferFailed(self.remote, action, said.err, hint)

    def _start(self, arguments: Sequence[str], with_input: bool) -> subprocess.Popen[bytes]:
        unset = [word for name in _UNSET for word in ("-u", name)]
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        prompt = f"GIT_TERMINAL_PROMPT={int(self.prompt)}"
        words = ["env", *unset, *_SET, prompt, "git", "--no-pager"]
        words += [f"--git-dir={self.directory}", *settings, *arguments]
        try:
            return subprocess.Popen(
                words,
                stdin=subprocess.PIPE if with_input else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # Without a terminal of their own neither git nor ssh can ask.
                start_new_session=not self.prompt,
            )
        except FileNotFoundError as error:
            raise GitProgramMissing from error

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        if process.poll() is not None:
            return
        if self.prompt:
            process.terminate()
        else:
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class _Listener(threading.Thread):
    """Reads what git tells people: progress to the callback, the rest to `lines`."""

    def __init__(self, stream: IO[bytes] | None, remote: str, progress: ProgressCallback) -> None:
        super().__init__(daemon=True)
        assert stream is not None
        self._stream = stream
        self._remote = remote
        self._progress = progress
        self.lines: list[str] = []
        self.bytes = 0
        self.start()

    def run(self) -> None:
        """Read to the end of the stream."""
        rest = b""
        while data := os.read(self._stream.fileno(), 65536):
            *whole, rest = (rest + data).replace(b"\r", b"\n").split(b"\n")
            for line in whole:
                self._take(line)
            rest = rest[-4096:]
        self._take(rest)

    def _take(self, raw: bytes) -> None:
        line = raw.decode("utf-8", "replace").rstrip()
        found = _PROGRESS.match(line)
        if found:
            report = _report(found, self._remote)
            if report.unit == "bytes":
                self.bytes = report.done
            self._progress(report)
        elif line and len(self.lines) < _MAX_SAID:
            self.lines.append(line[:2000])


def _report(found: re.Match[str], remote: str) -> Progress:
    stage = found[1].lower()
    if stage == "resolving":
        return Progress(stage, remote, int(found[2]), int(found[3]), "deltas")
    amount = float(found[4] or 0) * _UNITS[found[5] or "bytes"]
    return Progress(stage, remote, int(amount), None, "bytes")
