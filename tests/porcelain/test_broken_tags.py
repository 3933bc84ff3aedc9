"""One tag that leads nowhere keeps nobody from the others, and verify tells of it."""

from __future__ import annotations

import pytest
from pygit2.enums import ObjectType

from kuzugit.store.history import NotASnapshot, broken_tags
from tests.store.making import git
from tests.support.live import ADD_PERSON, LiveProject


def break_tag(live: LiveProject, kind: str) -> None:
    with live.open() as repository:
        odb = repository._workspace.store.git.odb
        garbage = {
            "missing": "0123456789" * 4,
            "garbage": str(odb.write(ObjectType.TAG, b"object of nothing\n")),
            "a commit of garbage": str(odb.write(ObjectType.COMMIT, b"tree of nothing\n")),
            "a blob": str(odb.write(ObjectType.BLOB, b"x")),
        }
    (live.store / "refs" / "tags" / "v9.0.0").write_text(f"{garbage[kind]}\n")


@pytest.mark.parametrize("kind", ["missing", "garbage", "a commit of garbage", "a blob"])
def test_one_broken_tag(committed: LiveProject, kind: str) -> None:
    break_tag(committed, kind)
    with committed.open() as repository:
        store = repository._workspace.store
        assert list(broken_tags(store)) == ["v9.0.0"]
        (finding,) = repository.verify(every=True).findings
        assert finding.version_or_commit == "v9.0.0"
        assert repository.verify().findings == ()
        if kind == "missing":
            # What leads to a snapshot is damaged, and that is what verify looks for.
            (finding,) = repository.verify("v9.0.0").findings
            assert finding.version_or_commit == "v9.0.0"
        else:
            with pytest.raises(NotASnapshot):
                repository.verify("v9.0.0")
        assert len(list(repository.log())) == 1
        repository.checkout("v0.1.0")
    # The name is taken, whatever stands behind it.
    assert committed.commit("second", ADD_PERSON) == "v9.0.1"
    git(committed.store, "update-ref", "-d", "refs/tags/v9.0.0")
    with committed.open() as repository:
        assert repository.verify(every=True).findings == ()
