"""Projects whose stores know one another, and what their references are."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from kuzugit.porcelain.repository import Repository
from tests.support.live import ADD_PERSON, RENAME_PERSON, LiveProject, make_project


@dataclass(frozen=True)
class Team:
    """A bare repository that a team shares, and two projects: Ada's and Bob's clone of it."""

    shared: Path
    ada: LiveProject
    bob: LiveProject


def bare(path: Path) -> Path:
    """Make an empty bare repository as plain Git makes one for others to push to."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(path)], check=True)
    return path


def make_team(directory: Path) -> Team:
    """Ada has pushed v0.1.0 and v0.1.1, and Bob has cloned them."""
    shared = bare(directory / "shared.git")
    ada = make_project(directory / "ada")
    ada.commit("first")
    ada.commit("second", RENAME_PERSON)
    with ada.open() as repository:
        repository.add_remote("origin", str(shared))
        repository.push()
    Repository.clone(str(shared), directory / "bob", checkout=True).close()
    return Team(shared, ada, LiveProject(directory / "bob", "shared.kuzu"))


def copied(team: Team, place: Path) -> Team:
    """Copy the team to the new directory `place`; its remotes are those there."""
    shutil.copytree(team.shared.parent, place, symlinks=True)
    copy = Team(
        place / "shared.git",
        LiveProject(place / "ada"),
        LiveProject(place / "bob", "shared.kuzu"),
    )
    for project in (copy.ada, copy.bob):
        with project.open() as repository:
            repository.set_remote_url("origin", str(copy.shared))
    return copy


def refs(store: Path) -> dict[str, str]:
    """Return every reference of a repository, and what it leads to."""
    words = ["git", f"--git-dir={store}", "for-each-ref", "--format=%(refname) %(objectname)"]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def add_person(project: LiveProject, key: int, message: str) -> str:
    """Add a person to the live database, commit, and return the version."""
    return project.commit(message, ADD_PERSON.replace("21", str(key)))
