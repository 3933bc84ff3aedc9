from __future__ import annotations

from pathlib import Path

import pytest

from kuzugit.store.remote_url import BadUrl, parse_url, redacted

HERE = Path("/srv/here")

GOOD = {
    "../other": ("/srv/here/../other", "other"),
    "/srv/x": ("/srv/x", "x"),
    "./a:b": ("/srv/here/a:b", "a:b"),
    "file:///srv/my%20graph": ("/srv/my graph", "my graph"),
    "ssh://ada@host:2222/srv/x.git": ("ssh://ada@host:2222/srv/x.git", "x.git"),
    "ssh://[::1]:22/~/x": ("ssh://[::1]:22/~/x", "x"),
    "ada@host:x.git": ("ada@host:x.git", "x.git"),
    "host:/srv/x": ("host:/srv/x", "x"),
    "[::1]:x": ("[::1]:x", "x"),
    "https://host/a/b.git": ("https://host/a/b.git", "b.git"),
    "HTTPS://host:8443/b": ("https://host:8443/b", "b"),
    "https://ada@host/b": ("https://ada@host/b", "b"),
    "http://127.0.0.1:80/b/": ("http://127.0.0.1:80/b/", "b"),
}


@pytest.mark.parametrize("url", GOOD)
def test_what_is_taken(url: str) -> None:
    found = parse_url(url, HERE)
    assert (found.text, found.name) == GOOD[url]
    assert (found.path is None) == (":" in url.partition("/")[0] and not url.startswith("file:"))


HOSTILE = [
    "",
    "-oProxyCommand=touch pwned",
    "--upload-pack=touch pwned",
    "--upload-pack=touch pwned:x",
    "ext::sh -c touch% pwned",
    "EXT::sh",
    "fd::17",
    "::x",
    "transport::https://host/x",
    "git://host/x",
    "ftp://host/x",
    "rsync://host/x",
    "git+ssh://host/x",
    "javascript://host/x",
    "ssh://-oProxyCommand=touch%20pwned/x",
    "ssh://%2doProxyCommand=x/x",
    "ssh://-oProxyCommand=x@host/x",
    "ssh://%2dl@host/x",
    "ssh://host/-x",
    "ssh://host:-1/x",
    "ssh://host:22;touch/x",
    "ssh://ho$(touch)st/x",
    "ssh://ada:secret@host/x",
    "ssh:///x",
    "-oProxyCommand=x:y",
    "-l@host:x",
    "a@-oProxyCommand=x:y",
    "host:-x",
    "host:--upload-pack=x",
    "ho st:x",
    "ho`touch`st:x",
    "host:",
    "https://",
    "https://-x/y",
    "https:///x",
    "https://ho%0ast/x",
    "https://a:b%0ahost=evil@host/x",
    "https://host:99999/x",
    "https://host/a\nb",
    "https://host/\x1b[2J",
    "/srv/\x00x",
    "/srv/a\u202eb",
    "a\tb",
    "file://host/x",
    "file://../x",
    "file:///a%0ab",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_what_is_refused(url: str) -> None:
    with pytest.raises(BadUrl):
        parse_url(url, HERE)


def test_a_password_goes_its_own_way() -> None:
    found = parse_url("https://ada:s%3Acr%40t@host:8443/x", HERE)
    assert (found.text, found.user, found.password) == (
        "https://ada@host:8443/x", "ada", "s:cr@t",
    )  # fmt: skip
    assert "s:cr" not in found.text


def test_an_error_does_not_tell_it() -> None:
    with pytest.raises(BadUrl) as caught:
        parse_url("https://ada:secret@-host/x", HERE)
    assert "secret" not in f"{caught.value} {caught.value.hint} {caught.value.url}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("fatal: 'https://a:b@h/x' not found", "fatal: 'https://a:***@h/x' not found"),
        ("https://:tok@h https://t0k:@h", "https://:***@h https://t0k:***@h"),
        ("https://a:b@c@h/", "https://a:***@h/"),
        ("https://h:80/a@b", "https://h:80/a@b"),
        ("ada@host:x", "ada@host:x"),
    ],
)
def test_redacted(text: str, shown: str) -> None:
    assert redacted(text) == shown
