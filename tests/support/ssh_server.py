"""OpenSSH's server on a loopback port, with keys of its own, for one test."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
ALIAS = "the-store"
"""The name of the server in the client's configuration, which knows its port."""


@dataclass(frozen=True)
class SshServer:
    """A running server: its port, the client's configuration, key and known hosts."""

    port: int
    config: Path
    key: Path
    known_hosts: Path

    @property
    def command(self) -> str:
        """What Git is to call for ssh."""
        return f"ssh -F {self.config}"

    def url(self, path: Path) -> str:
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}{path}"


@contextmanager
def ssh_serving(directory: Path) -> Iterator[SshServer]:
    """Run the server until the end of the block; everything it needs stands in `directory`."""
    assert SSHD is not None
    directory.mkdir(mode=0o700)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    host, key = _key(directory / "host"), _key(directory / "user")
    port = _free_port()
    keys = directory / "authorized_keys"
    keys.write_text(Path(f"{key}.pub").read_text())
    known = directory / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {Path(f'{host}.pub').read_text()}")
    (directory / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {host}\nAuthorizedKeysFile {keys}\n"
        f"PidFile {directory}/pid\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
        "KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n"
    )
    config = directory / "ssh_config"
    config.write_text(
        f"Host {ALIAS}\n  HostName 127.0.0.1\n  Port {port}\n"
        f"Host *\n  IdentityFile {key}\n  IdentitiesOnly yes\n  UserKnownHostsFile {known}\n"
        "  GlobalKnownHostsFile /dev/null\n"
    )
    log = directory / "log"
    words = [SSHD, "-D", "-f", str(directory / "sshd_config"), "-E", str(log)]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process, log)
            yield SshServer(port, config, key, known)
        finally:
            process.terminate()


def _key(path: Path) -> Path:
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(path)]
    subprocess.run(words, check=True)
    return path


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(log.read_text())
