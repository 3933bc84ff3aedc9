"""Law 4: plain Git works on a store, and after it kuzugit still does."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import kuzugit
from tests.support.graphs import build_people, run_statements
from tests.support.snapshots import git, lost

EDITS = [
    "MATCH (c:City {name: 'Bonn'}) SET c.population = 331000",
    "CREATE (:City {name: 'Ulm', population: 126000})",
    "ALTER TABLE City ADD area DOUBLE",
    "MATCH (c:City {name: 'Ulm'}) SET c.area = 118.7",
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, hermetic: None) -> Path:
    """Make a store of five versions, once."""
    directory = tmp_path_factory.mktemp("plain")
    database = directory / "people.kuzu"
    build_people(database)
    with kuzugit.Repository.init(database, directory=directory) as repository:
        repository.commit("all of it", trailers=[("event-index", "1")])
        for number, edit in enumerate(EDITS):
            run_statements(database, [edit])
            repository.commit(f"edit {number}")
    return directory


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    """Return a copy of the store, beside a copy of its database."""
    shutil.copytree(made, tmp_path / "project")
    return tmp_path / "project" / ".kuzugit"


def check_kuzugit_works(store: Path, directory: Path) -> None:
    with kuzugit.Repository.open(store.parent, store=store) as repository:
        assert repository.verify(every=True).findings == ()
        assert [entry.snapshot.version for entry in repository.log()][-1] == "v0.1.0"
        for version in ("v0.1.0", "current"):
            repository.checkout(version, to=directory / f"{version}.kuzu")
        assert lost(store.parent / "people.kuzu", directory / "current.kuzu") == []
        run_statements(repository.database, ["CREATE (:City {name: 'new'})"])
        assert repository.commit("one more").created


def test_git_reads_it(store: Path) -> None:
    assert git(store, "fsck", "--strict", "--full").strip() == ""
    versions = git(store, "tag", "--sort=creatordate").split()
    assert versions == ["v0.1.0", "v0.1.1", "v0.1.2", "v0.2.0", "v0.2.1"]
    assert git(store, "log", "--format=%s").splitlines() == [
        *(f"edit {number}" for number in (3, 2, 1, 0)), "all of it",
    ]  # fmt: skip
    assert git(store, "rev-parse", "current^{commit}") == git(store, "rev-parse", "HEAD")
    assert "CREATE NODE TABLE `City`" in git(store, "show", "v0.1.0:schema.cypher")
    assert "event-index: 1" in git(store, "show", "--no-patch", "v0.1.0")
    assert git(store, "for-each-ref", "--format=%(objecttype)", "refs/tags").split() == ["tag"] * 5
    assert "City" in git(store, "tag", "-n9", "v0.1.1")


def test_git_shows_an_edited_row_as_one_chunk(store: Path) -> None:
    changed = git(store, "diff", "--name-only", "v0.1.0", "v0.1.1").split()
    assert sorted(name.rpartition("/")[0] for name in changed) == ["", "nodes/City"]


def test_git_describes_a_version(store: Path) -> None:
    assert git(store, "describe", "--exact-match", "HEAD").strip() == "v0.2.1"
    assert git(store, "name-rev", "--name-only", "--tags", "v0.1.1").startswith("v0.1.1")


def test_git_bisect_finds_the_version(store: Path, tmp_path: Path) -> None:
    # Which version brought Ulm? Asked of the tree alone, in a work tree of its own.
    clone = tmp_path / "clone"
    git(store, "clone", "--quiet", str(store), str(clone))
    git(clone, "bisect", "start", "HEAD", "v0.1.0")
    question = "! grep -q Ulm nodes/City/*.parquet"
    found = git(clone, "bisect", "run", "sh", "-c", question)
    assert "edit 1" in found
    assert "is the first bad commit" in found or "is the first 'bad' commit" in found


@pytest.mark.parametrize(
    "commands",
    [
        ["gc --quiet --aggressive --prune=now"],
        ["repack -a -d --quiet --window=10"],
        ["repack -a -d --quiet", "prune-packed", "pack-refs --all --prune"],
        ["pack-refs --all", "reflog expire --expire=now --all", "gc --prune=now --quiet"],
        ["repack -d --quiet", "multi-pack-index write", "commit-graph write --reachable"],
        ["maintenance run --task=gc --task=commit-graph"],
    ],
)
def test_kuzugit_works_after(store: Path, tmp_path: Path, commands: list[str]) -> None:
    for command in commands:
        git(store, *command.split())
    assert git(store, "fsck", "--strict").strip() == ""
    check_kuzugit_works(store, tmp_path)


def test_kuzugit_works_on_a_bare_clone(store: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone.git"
    git(store, "clone", "--quiet", "--bare", "--no-local", str(store), str(clone))
    assert git(clone, "fsck", "--strict").strip() == ""
    assert git(clone, "rev-parse", "v0.2.1^{tree}") == git(store, "rev-parse", "v0.2.1^{tree}")
    database = tmp_path / "people.kuzu"
    with kuzugit.Repository.init(database, directory=tmp_path, store=clone) as repository:
        assert repository.verify(every=True).findings == ()
        repository.checkout("v0.2.1")
        assert lost(store.parent / "people.kuzu", database) == []
        run_statements(database, ["MATCH (c:City {name: 'Ulm'}) SET c.area = 119.0"])
        assert repository.commit("from the clone").version == "v0.2.2"
    assert git(clone, "fsck", "--strict").strip() == ""


def test_kuzugit_works_on_a_mirror_that_was_pushed(store: Path, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror.git"
    git(tmp_path, "init", "--quiet", "--bare", str(mirror))
    git(
        store,
        "push",
        "--quiet",
        str(mirror),
        "refs/heads/*:refs/heads/*",
        "refs/tags/*:refs/tags/*",
    )
    assert git(mirror, "fsck", "--strict").strip() == ""
    assert git(mirror, "show", "v0.2.1:snapshot.json") == git(store, "show", "v0.2.1:snapshot.json")


def test_a_lightweight_tag_of_somebody_s_harms_nothing(store: Path, tmp_path: Path) -> None:
    git(store, "tag", "good", "v0.1.1")
    git(store, "tag", "--annotate", "--message", "theirs", "release", "v0.2.0")
    git(store, "branch", "aside", "v0.1.2")
    with kuzugit.Repository.open(store.parent, store=store) as repository:
        for name in ("good", "release", "aside", "HEAD~2", "v0.2.1^", "current~1"):
            repository.checkout(name, to=tmp_path / f"{name.replace('/', '_')}.kuzu")
    check_kuzugit_works(store, tmp_path)


def test_a_damaged_object_is_found(store: Path) -> None:
    name = git(store, "rev-parse", "v0.1.0:snapshot.json").strip()
    file = store / "objects" / name[:2] / name[2:]
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(subprocess.CalledProcessError):
        git(store, "fsck", "--strict")
    with kuzugit.Repository.open(store.parent, store=store) as repository:
        assert repository.verify("v0.1.0").findings != ()
