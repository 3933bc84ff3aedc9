from __future__ import annotations

import pytest

from kuzugit.errors import UnknownNameError, UsageError
from kuzugit.porcelain.tag import create_tag, revision_names, tags
from kuzugit.porcelain.workspace import open_workspace
from tests.support.project import ADA, Project


def test_versions_come_first_in_their_order(project: Project) -> None:
    workspace = open_workspace(project.directory)
    for name in ("audited", "v0.10.0", "v0.9.0"):
        create_tag(workspace, name, "v0.1.0", message="x", tagger=ADA)
    names = [tag.name for tag in tags(workspace)]
    assert names == ["v0.1.0", "v0.2.0", "v0.9.0", "v0.10.0", "audited"]


def test_a_new_tag_is_of_current_and_says_who_made_it(project: Project) -> None:
    workspace = open_workspace(project.directory)
    made = create_tag(workspace, "audited", message="what they saw", tagger=ADA)
    assert made.snapshot == project.snapshots[1]
    assert (made.name, made.message, made.time) == ("audited", "what they saw\n", ADA.time)
    assert made in tags(workspace)


def test_what_exists_is_never_moved(project: Project) -> None:
    workspace = open_workspace(project.directory)
    before = tags(workspace)
    with pytest.raises(UsageError):
        create_tag(workspace, "v0.1.0", "v0.2.0", message="x", tagger=ADA)
    with pytest.raises(UnknownNameError):
        create_tag(workspace, "new", "v9.9.9", message="x", tagger=ADA)
    assert tags(workspace) == before


def test_the_names_that_a_user_may_type(project: Project, empty: Project) -> None:
    assert revision_names(open_workspace(project.directory)) == [
        "current",
        "main",
        "v0.1.0",
        "v0.2.0",
    ]
    assert revision_names(open_workspace(empty.directory)) == ["current", "main"]
