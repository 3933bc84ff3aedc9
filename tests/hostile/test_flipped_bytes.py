"""Each byte of a small store flipped in turn: found, or shown to be harmless; never loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kuzugit.errors import ExitCode, KuzugitError
from kuzugit.porcelain.repository import Repository
from tests.support.content import Content, read_content
from tests.support.live import LiveProject
from tests.support.soak import Soak

FLIP = 0xFF
SAMPLE = 37
"""Of so many bytes one is flipped in the quick test; a prime, so that all offsets come."""

LOOKED_AT = ("objects", "refs", "HEAD", "config")


@dataclass(frozen=True)
class Place:
    """A byte of a file of the store."""

    path: Path
    at: int


def tiny_project(directory: Path) -> LiveProject:
    """One table, three rows, one snapshot: the store is some kilobytes."""
    directory.mkdir()
    project = LiveProject(directory)
    project.run(
        "CREATE NODE TABLE P(id INT64 PRIMARY KEY, name STRING)",
        "CREATE (:P {id: 1, name: 'a'}), (:P {id: 2, name: 'b'}), (:P {id: 3})",
    )
    Repository.init(project.database, directory=directory).close()
    project.commit("first")
    return project


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> LiveProject:
    return tiny_project(tmp_path_factory.mktemp("flipped") / "tiny")


def places(store: Path) -> list[Place]:
    files = sorted(
        path
        for name in LOOKED_AT
        for path in ([store / name] if (store / name).is_file() else (store / name).rglob("*"))
        if path.is_file()
    )
    return [Place(path, at) for path in files for at in range(path.stat().st_size)]


def flipped(place: Place, mask: int) -> Iterator[None]:
    before, mode = place.path.read_bytes(), place.path.stat().st_mode
    data = bytearray(before)
    data[place.at] ^= mask
    place.path.chmod(0o644)
    place.path.write_bytes(data)
    try:
        yield
    finally:
        place.path.write_bytes(before)
        place.path.chmod(mode)


def look(project: LiveProject, place: Place, mask: int, original: Content, work: Path) -> str:
    """Flip one byte and return what became of it: "found", "refused" or "harmless"."""
    for _ in flipped(place, mask):
        try:
            with project.open() as repository:
                report = repository.verify(every=True)
                if report.findings:
                    assert_not_loaded(repository, original, work)
                    return "found"
                snapshots = report.snapshots
        except KuzugitError as error:
            # Only what says which store this is, and where it points, keeps verify away.
            if error.exit_code is ExitCode.BUG or "objects" in place.path.parts:
                raise
            return "refused"
        # Nothing was found, so nothing may be lost: it is the same snapshot, it is named by
        # its tag or by the branch, and it builds the same database.
        assert len(snapshots) == 1
        target = work / "copy.kuzu"
        with project.open() as repository:
            repository.checkout(snapshots[0].version or snapshots[0].commit, to=target)
        assert read_content(target) == original
        target.unlink()
        return "harmless"
    raise AssertionError("nothing was flipped")


def assert_not_loaded(repository: Repository, original: Content, work: Path) -> None:
    target = work / "copy.kuzu"
    try:
        repository.checkout("v0.1.0", to=target)
    except KuzugitError as error:
        if error.exit_code not in (ExitCode.CORRUPT, ExitCode.UNKNOWN_NAME):
            raise
        assert_nothing_at(target)
        return
    # What was found is beside the snapshot, such as another reference.
    assert read_content(target) == original
    target.unlink()


def assert_nothing_at(path: Path) -> None:
    assert not path.exists()


def flip_all(tiny: LiveProject, tmp_path: Path, chosen: list[Place], mask: int) -> dict[str, int]:
    original = tiny.content()
    outcomes: dict[str, int] = {}
    for place in chosen:
        try:
            outcome = look(tiny, place, mask, original, tmp_path)
        except BaseException as error:
            error.add_note(f"byte {place.at} of {place.path.relative_to(tiny.store)}")
            raise
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    return outcomes


def test_a_sample_of_bytes(tiny: LiveProject, tmp_path: Path) -> None:
    outcomes = flip_all(tiny, tmp_path, places(tiny.store)[::SAMPLE], FLIP)
    assert outcomes["found"] + outcomes.get("refused", 0) > 3 * outcomes.get("harmless", 0)


def test_each_byte_of_the_references(tiny: LiveProject, tmp_path: Path) -> None:
    chosen = [place for place in places(tiny.store) if "refs" in place.path.parts]
    assert len(chosen) > 100
    outcomes = flip_all(tiny, tmp_path, chosen[::5], 1)
    assert sum(outcomes.values()) == len(chosen[::5])


@pytest.mark.soak
@pytest.mark.parametrize("mask", [FLIP, 1, 0x20])
def test_each_byte(tiny: LiveProject, tmp_path: Path, mask: int, soak: Soak) -> None:
    chosen = places(tiny.store)
    outcomes = flip_all(tiny, tmp_path, chosen, mask)
    soak.note("bytes", len(chosen))
    soak.note("outcomes", outcomes)
    assert sum(outcomes.values()) == len(chosen)
