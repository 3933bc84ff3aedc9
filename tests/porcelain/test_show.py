from __future__ import annotations

import pytest

from kuzugit.errors import CorruptError
from kuzugit.porcelain.show import show
from kuzugit.porcelain.workspace import open_workspace
from kuzugit.store.objects import write_blob, write_tree
from kuzugit.store.refs import publish
from tests.support.project import ADA, Project, manifest


def test_a_snapshot_with_its_changelog_and_its_manifest(project: Project) -> None:
    shown = show(open_workspace(project.directory), "v0.1.0")
    assert shown.entry.snapshot == project.snapshots[0]
    assert shown.changelog == "v0.1.0\n\nPerson: 3 added\n"
    assert shown.manifest == manifest(3)


def test_a_commit_that_kuzugit_did_not_make(project: Project) -> None:
    store = project.store
    tree = write_tree(store, {"README": write_blob(store, b"hello")})
    publish(
        store,
        tree=tree,
        message="by hand\n",
        tag_name="odd",
        tag_message="odd\n",
        author=ADA,
        committer=ADA,
        expected_tip=project.snapshots[1].commit,
    )
    with pytest.raises(CorruptError, match=r"snapshot\.json"):
        show(open_workspace(project.directory), "odd")
