"""Where another store is: the forms of a URL that are taken, and those that are refused.

Git's own forms can run a program (`ext::sh -c ...`), and words that begin with `-` can pass
for options of the programs behind it. So a URL is taken apart and checked by its form before
anything is called with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from kuzugit.errors import UsageError

_SCHEMES = ("file", "ssh", "http", "https")
_SCHEME = re.compile(r"([A-Za-z0-9+.-]+)://(.*)", re.DOTALL)
_HELPER = re.compile(r"[A-Za-z0-9+.-]*::")
_SCP = re.compile(
    r"(?:(?P<user>[^@/:]+)@)?(?P<host>\[[^\]/]+\]|[^/:@\[\]]+):(?P<path>.*)", re.DOTALL
)
_HOST = re.compile(r"[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.%a-z]+\]")
_SECRET = re.compile(r"([A-Za-z0-9+.-]+://[^/\s:@]*):[^/\s]*@")


class BadUrl(UsageError):
    """Text that is no URL or path of a store, or one that is made to harm."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"{redacted(url)!r} cannot be a remote: {reason}",
            hint="a path, file:///path, https://host/path, ssh://user@host/path or user@host:path",
        )
        self.url = redacted(url)


@dataclass(frozen=True)
class RemoteUrl:
    """A checked URL. `text` is what Git is given: it never holds a password.

    `path` is that of a store on this machine, None elsewhere; `name` the last part of the
    URL. `user` and `password` are those that stood in an http(s) URL, as they are meant.
    """

    text: str
    name: str
    path: Path | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def is_http(self) -> bool:
        """Whether Git asks credential helpers for it."""
        return self.text.startswith(("http://", "https://"))


def redacted(text: str) -> str:
    """Return `text` with `***` for each password in a URL."""
    return _SECRET.sub(r"\1:***@", text)


def parse_url(url: str, directory: Path) -> RemoteUrl:
    """Return the URL or path taken apart; a relative path is taken from `directory`.

    Raises BadUrl. Nothing is called, and no file is looked at but whether one has the name.
    """
    if not url:
        raise BadUrl(url, "it is empty")
    if url.startswith("-"):
        raise BadUrl(url, "it looks like an option")
    if not url.isprintable():
        raise BadUrl(url, "it holds a control character")
    if _HELPER.match(url):
        raise BadUrl(url, "it names a program to run")
    found = _SCHEME.fullmatch(url)
    if found:
        return _of_scheme(url, found[1].lower(), found[2])
    scp = _SCP.fullmatch(url)
    if scp and not (directory / url).exists():
        return _of_scp(url, scp)
    return _of_path(directory / url)


def _of_path(path: Path) -> RemoteUrl:
    place = path.absolute()
    return RemoteUrl(str(place), place.name, place)


def _of_scheme(url: str, scheme: str, rest: str) -> RemoteUrl:
    if scheme not in _SCHEMES:
        raise BadUrl(url, f"{scheme}:// is not among {', '.join(_SCHEMES)}")
    if scheme == "file":
        path = unquote(rest)
        if not path.startswith("/") or not path.isprintable():
            raise BadUrl(url, "after file:// comes an absolute path")
        return _of_path(Path(path))
    authority, slash, path = rest.partition("/")
    user, password, host = _taken_apart(url, authority)
    _check_ssh_part(url, "path", path)
    name = unquote(path).rstrip("/").rpartition("/")[2]
    if scheme == "ssh":
        if password is not None:
            raise BadUrl(url, "ssh takes no password in a URL; use a key or the agent")
        return RemoteUrl(url, name)
    plain = f"{scheme}://{_quoted_user(authority)}{host}{slash}{path}"
    return RemoteUrl(plain, name, None, user, password)


def _quoted_user(authority: str) -> str:
    user = authority.rpartition("@")[0].partition(":")[0]
    return f"{user}@" if user else ""


def _taken_apart(url: str, authority: str) -> tuple[str | None, str | None, str]:
    """Return user, password and the host with its port."""
    before, at, host_port = authority.rpartition("@")
    host, _, port = host_port.partition(":") if not host_port.startswith("[") else (
        host_port.partition("]")[0] + "]", "", host_port.partition("]")[2].removeprefix(":"),
    )  # fmt: skip
    if not _HOST.fullmatch(host):
        raise BadUrl(url, "it names no host" if not host else f"{host!r} is no name of a host")
    _check_ssh_part(url, "host", host)
    if port and not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise BadUrl(url, f"{port!r} is no port")
    if not at:
        return None, None, host_port
    user, colon, password = before.partition(":")
    user, password = unquote(user), unquote(password)
    _check_ssh_part(url, "user", user)
    if not (user + password).isprintable():
        raise BadUrl(url, "its user or password holds a control character")
    return user or None, password if colon else None, host_port


def _of_scp(url: str, found: re.Match[str]) -> RemoteUrl:
    host, path = found["host"], found["path"]
    _check_ssh_part(url, "user", found["user"] or "")
    _check_ssh_part(url, "host", host)
    _check_ssh_part(url, "path", path)
    if not _HOST.fullmatch(host):
        raise BadUrl(url, f"{host!r} is no name of a host")
    if not path:
        raise BadUrl(url, "it has no path")
    return RemoteUrl(url, path.rstrip("/").rpartition("/")[2])


def _check_ssh_part(url: str, what: str, text: str) -> None:
    # Each of them becomes a word of the ssh program's command line.
    decoded = unquote(text)
    if decoded.startswith("-"):
        raise BadUrl(url, f"its {what} looks like an option")
    if not decoded.isprintable():
        raise BadUrl(url, f"its {what} holds a control character")
