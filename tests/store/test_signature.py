from __future__ import annotations

import time

import pytest

from kuzugit.store.location import Store, open_store
from kuzugit.store.signature import BadSignature, NoAuthor, Signature, configured_signature
from tests.store.making import git


def test_it_is_gits(store: Store) -> None:
    found = configured_signature(store)
    assert (found.name, found.email) == ("Ada Tester", "ada@example.org")
    assert abs(found.time - time.time()) < 5


def test_the_stores_own_configuration_wins(store: Store) -> None:
    git(store, "config", "user.name", "Grace Höpper")
    assert configured_signature(store).name == "Grace Höpper"


@pytest.mark.parametrize(("zone", "offset"), [("UTC0", 0), ("NPT-5:45", 345), ("BRT3", -180)])
def test_the_zone_is_the_local_one(
    store: Store, monkeypatch: pytest.MonkeyPatch, zone: str, offset: int
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert configured_signature(store).offset == offset
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("missing", ["user.name", "user.email"])
def test_none_is_an_error_with_the_command_that_helps(store: Store, missing: str) -> None:
    git(store, "config", missing, "")
    with open_store(store.path) as again, pytest.raises(NoAuthor) as caught:
        configured_signature(again)
    assert caught.value.missing == missing
    assert caught.value.hint is not None
    assert caught.value.hint.startswith(f"git config --global {missing} ")


@pytest.mark.parametrize(
    ("name", "email"),
    [("a<b", "c"), ("a", "b>"), ("a\nb", "c"), ("", "c"), ("a", "b\0"), (" ", "c")],
)
def test_what_git_cannot_store(name: str, email: str) -> None:
    with pytest.raises(BadSignature):
        Signature(name, email, 0, 0).for_git()
