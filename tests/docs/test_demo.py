"""`make demo`, in a directory of the test's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def demo(directory: Path) -> str:
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "demo", directory / "demo"],
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    directory = tmp_path_factory.mktemp("a reader")
    return directory, demo(directory)


def test_the_story_is_told_to_its_end(shown: tuple[Path, str]) -> None:
    directory, text = shown
    assert text.index("$ kuzugit commit") < text.index("$ kuzugit checkout") < text.index("equal:")
    assert "cd 'demo'" in text
    assert (directory / "demo" / "packages.kuzu").is_file()
    assert (directory / "demo" / ".kuzugit").is_dir()


def test_what_the_reader_did_is_moved_aside(shown: tuple[Path, str]) -> None:
    directory, _ = shown
    assert "in which nothing had changed" in demo(directory)
    (directory / "demo" / "notes.txt").write_text("mine")
    assert "moved your demo/ to demo.1/" in demo(directory)
    assert (directory / "demo.1" / "notes.txt").read_text() == "mine"
