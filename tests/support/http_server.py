"""Repositories over smart HTTP: Git's own http-backend behind a small server on loopback."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

USER, PASSWORD = "ada", "s3cret:w@rd"


def backend() -> Path:
    """Return Git's CGI program."""
    words = ["git", "--exec-path"]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return Path(done.stdout.strip()) / "git-http-backend"


@dataclass
class GitServer:
    """A server of the repositories below `root`; `seen` are the requests it answered.

    With `password` it lets nobody in without one. `cut` is after how many bytes of an answer
    with objects the connection breaks.
    """

    root: Path
    password: bool = False
    cut: int | None = None
    seen: list[str] = field(default_factory=list)
    port: int = 0

    def url(self, name: str, user: str = "") -> str:
        at = f"{user}@" if user else ""
        return f"http://{at}127.0.0.1:{self.port}/{name}"


@contextmanager
def serving(root: Path, *, password: bool = False) -> Iterator[GitServer]:
    """Serve the repositories below `root` until the end of the block."""
    server = GitServer(root, password)

    class Handler(_Handler):
        git = server

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        server.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        listening.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    git: GitServer

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._body())

    def log_message(self, format: str, *words: object) -> None:
        """Say nothing."""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().strip(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, body: bytes) -> None:
        self.git.seen.append(f"{self.command} {self.path}")
        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.git.password and self.headers.get("Authorization") != f"Basic {expected}":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="stores"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        done = subprocess.run(
            [backend()], input=body, env=self._environment(len(body)), capture_output=True,
            check=True,
        )  # fmt: skip
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        status = next((value for name, value in fields if name == "Status"), "200")
        self.send_response(int(status.split()[0]))
        for name, value in fields:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        has_objects = b"PACK" in content and self.command == "POST"
        self.wfile.write(content[: self.git.cut] if has_objects else content)

    def _environment(self, length: int) -> dict[str, str]:
        path, _, query = self.path.partition("?")
        return {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.git.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(length),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_USER": USER,
            "REMOTE_ADDR": "127.0.0.1",
        }
