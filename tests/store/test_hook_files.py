"""Hooks as files: what was there before is kept, and comes back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from kuzugit.store.hook_files import (
    MARK,
    HookInTheWay,
    HookState,
    look_at,
    put,
    take_away,
)

OURS = b"#!/bin/sh\n" + MARK + b"1: ours\n"
OTHER = b"#!/bin/sh\necho \xff other\n"
NAME = "pre-commit"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "hooks"
    path.mkdir()
    return path


def names(directory: Path) -> list[str]:
    return sorted(item.name for item in directory.iterdir())


def test_where_nothing_was(directory: Path) -> None:
    assert look_at(directory, NAME, OURS).state is HookState.ABSENT
    made = put(directory, NAME, OURS)
    assert (made.state, made.before) == (HookState.INSTALLED, None)
    assert made.path.read_bytes() == OURS
    assert made.path.stat().st_mode & 0o777 == 0o755
    assert names(directory) == [NAME]
    assert take_away(directory, NAME, OURS).state is HookState.ABSENT
    assert names(directory) == []


def test_where_there_is_no_directory(tmp_path: Path) -> None:
    directory = tmp_path / "a" / "hooks"
    assert look_at(directory, NAME, OURS).state is HookState.ABSENT
    assert take_away(directory, NAME, OURS).state is HookState.ABSENT
    assert put(directory, NAME, OURS).state is HookState.INSTALLED


@pytest.mark.parametrize("mode", [0o755, 0o644, 0o500])
def test_another_one_comes_back_as_it_was(directory: Path, mode: int) -> None:
    other = directory / NAME
    other.write_bytes(OTHER)
    other.chmod(mode)
    made = put(directory, NAME, OURS)
    assert made.before is not None
    assert made.before.read_bytes() == OTHER
    again = put(directory, NAME, OURS)
    assert again == made
    gone = take_away(directory, NAME, OURS)
    assert (gone.state, gone.before) == (HookState.ABSENT, None)
    assert other.read_bytes() == OTHER
    assert other.stat().st_mode & 0o777 == mode
    assert names(directory) == [NAME]
    assert take_away(directory, NAME, OURS) == gone


@pytest.mark.parametrize("target", ["../shared", "nowhere"])
def test_a_link_stays_a_link(directory: Path, target: str) -> None:
    (directory.parent / "shared").write_bytes(OTHER)
    (directory / NAME).symlink_to(target)
    assert put(directory, NAME, OURS).state is HookState.INSTALLED
    assert (directory.parent / "shared").read_bytes() == OTHER
    take_away(directory, NAME, OURS)
    assert str((directory / NAME).readlink()) == target


def test_an_older_one_of_ours_is_renewed(directory: Path) -> None:
    (directory / NAME).write_bytes(OTHER)
    put(directory, NAME, OURS + b"old\n")
    assert look_at(directory, NAME, OURS).state is HookState.OUTDATED
    made = put(directory, NAME, OURS)
    assert made.state is HookState.INSTALLED
    take_away(directory, NAME, OURS)
    assert (directory / NAME).read_bytes() == OTHER


def test_one_that_another_program_put_over_ours(directory: Path) -> None:
    (directory / NAME).write_bytes(OTHER)
    put(directory, NAME, OURS)
    (directory / NAME).write_bytes(b"third")
    assert look_at(directory, NAME, OURS).state is HookState.REPLACED
    with pytest.raises(HookInTheWay):
        put(directory, NAME, OURS)
    take_away(directory, NAME, OURS)
    assert (directory / NAME).read_bytes() == b"third"
    assert (directory / f"{NAME}.before-kuzugit").read_bytes() == OTHER


def test_killed_between_its_two_renames(directory: Path) -> None:
    (directory / NAME).write_bytes(OTHER)
    (directory / NAME).rename(directory / f"{NAME}.before-kuzugit")
    made = put(directory, NAME, OURS)
    assert made.before is not None
    take_away(directory, NAME, OURS)
    assert (directory / NAME).read_bytes() == OTHER
