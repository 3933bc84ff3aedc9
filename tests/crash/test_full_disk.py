"""A full disk: the error says so, with a code of the table, and all is as it was."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kuzugit.errors import ExitCode
from kuzugit.porcelain.repository import Repository
from tests.cli.process import command
from tests.store.making import git
from tests.support.live import ADD_PERSON, SMALL, LiveProject, make_project

KIB = 1024
DISK = 24 << 20
GROW = (
    "UNWIND range(1000, 6000) AS i "
    "CREATE (:Person {id: i, name: 'n' + CAST(i * 7919 AS STRING), balance: i})"
)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 24 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        # Without the right to mount, a limit on the size of files stands in for it.
        yield place
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def run_with(disk: Path, free: int, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own while `free` bytes are left on the disk."""
    limit = ["sh", "-c", f'ulimit -f {max(free // 512, 1)}; exec "$@"', "sh"]
    ballast = disk / "ballast"
    mounted = os.path.ismount(disk)
    if mounted:
        status = os.statvfs(disk)
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, status.f_bavail * status.f_bsize - free)
    try:
        return subprocess.run(
            [*([] if mounted else limit), *command(*arguments)],
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        ballast.unlink(missing_ok=True)


class Project:
    """A store and a database, each on the disk or not; v0.1.1 is large, v0.1.0 current."""

    def __init__(self, store: Path, home: Path) -> None:
        self.store = store
        self.live = LiveProject(home)
        home.mkdir()
        self.live.run(*SMALL)
        with Repository.init(self.live.database, store=store) as repository:
            repository.commit("first")
            self.live.run(GROW)
            repository.commit("second")
            repository.checkout("v0.1.0")

    def open(self) -> Repository:
        return Repository.open(store=self.store)

    def state(self) -> tuple[object, ...]:
        return (
            self.live.database.read_bytes(),
            git(self.store, "for-each-ref"),
            self.live.files(),
            [path.name for path in (self.store / "kuzugit" / "tmp").iterdir()],
        )

    def check(self) -> None:
        assert git(self.store, "fsck", "--strict", "--no-dangling") == ""
        with self.open() as repository:
            assert repository.verify(every=True).findings == ()


def assert_nothing_happened(project: Project, disk: Path, free: int, arguments: list[str]) -> None:
    before = project.state()
    done = run_with(disk, free, ["--store", str(project.store), *arguments])
    assert done.returncode in (ExitCode.ENGINE, ExitCode.GIT), done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert "no space left" in done.stderr.lower() or "Cannot write" in done.stderr
    assert "Traceback" not in done.stderr
    assert project.state() == before
    project.check()


@pytest.mark.parametrize("free", [0, 4, 64, 120, 180], ids=lambda free: f"{free}KiB")
def test_commit_with_a_full_store(tmp_path: Path, disk: Path, free: int) -> None:
    project = Project(disk / "store", tmp_path / "home")
    project.live.run(GROW.replace("7919", "104729"))
    assert_nothing_happened(project, disk, free * KIB, ["commit", "-m", "third"])
    with project.open() as repository:
        assert repository.commit("third").created


@pytest.mark.parametrize("free", [0, 4, 100], ids=lambda free: f"{free}KiB")
def test_checkout_with_a_full_store(tmp_path: Path, disk: Path, free: int) -> None:
    project = Project(disk / "store", tmp_path / "home")
    assert_nothing_happened(project, disk, free * KIB, ["checkout", "v0.1.1"])
    with project.open() as repository:
        repository.checkout("v0.1.1")


@pytest.mark.parametrize("option", ["--force", "--save", "-q"])
@pytest.mark.parametrize("free", [0, 4, 512, 4800], ids=lambda free: f"{free}KiB")
def test_checkout_with_a_full_disk_of_the_database(
    tmp_path: Path, disk: Path, free: int, option: str
) -> None:
    project = Project(tmp_path / "store", disk / "home")
    assert_nothing_happened(project, disk, free * KIB, ["checkout", "v0.1.1", option])
    with project.open() as repository:
        repository.checkout("v0.1.1")


@pytest.mark.parametrize("free", [0, 200], ids=lambda free: f"{free}KiB")
def test_a_copy_and_an_export_onto_a_full_disk(tmp_path: Path, disk: Path, free: int) -> None:
    project = Project(tmp_path / "store", tmp_path / "home")
    target = str(disk / "target")
    for arguments in (
        ["checkout", "v0.1.1", "--to", target],
        ["export", "v0.1.1", target] if free == 0 else ["export", "v0.1.1", target, "--format=csv"],
    ):
        assert_nothing_happened(project, disk, free * KIB // 4, arguments)
        assert [path.name for path in disk.iterdir()] == []


def test_what_only_reads_works_on_a_full_disk(tmp_path: Path, disk: Path) -> None:
    project = Project(disk / "home-store", tmp_path / "home")
    for arguments in (["log"], ["status"], ["show", "v0.1.1"], ["verify", "v0.1.1"]):
        done = run_with(disk, 0, ["--store", str(project.store), *arguments])
        assert (done.returncode, done.stderr) == (0, ""), arguments


def test_a_commit_whose_memory_cannot_be_written_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kuzugit.porcelain import state

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    live = make_project(tmp_path / "live")
    monkeypatch.setattr(state, "remember", full)
    with live.open() as repository:
        assert repository.commit("first").created
        assert not repository.status().changes
        monkeypatch.undo()
        live.run(ADD_PERSON)
        assert repository.commit("second").created
