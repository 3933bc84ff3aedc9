"""Law 5: killed at any instant, the store is as before or as asked, and works on."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from kuzugit import atomic
from kuzugit.store.history import branch_tip, log, resolve, tag_names, versions
from kuzugit.store.location import STORE_NAME, Store, create_store, open_store
from kuzugit.store.maintenance import fsck
from kuzugit.store.ref_file import write_ref
from kuzugit.store.refs import PENDING, PENDING_ASIDE, current, recover
from tests.store.making import commit, git, in_child, start_child, wait

STEPS = [
    "publish:objects-written",
    "ref:locked",
    "publish:pending-written",
    "ref:locked",
    "publish:branch-moved",
    "ref:locked",
    "publish:tag-written",
    "ref:locked",
    "publish:current-moved",
    "ref:locked",
    "publish:done",
]
COMMIT_POINT = STEPS.index("publish:branch-moved")


def kill_at(store: Store, number: int, *, make_current: bool = True) -> None:
    """Publish v0.2.0 in a child that kills itself at step `number`."""

    def work() -> None:
        passed = iter(range(len(STEPS) + 1))

        def die(name: str) -> None:
            if next(passed) == number:
                os.kill(os.getpid(), signal.SIGKILL)

        atomic.step = die
        with open_store(store.path) as mine:
            commit(mine, "v0.2.0", make_current=make_current)

    assert in_child(work) == -signal.SIGKILL


def test_the_steps_are_all_of_them(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(atomic, "step", seen.append)
    commit(store, "v0.1.0")
    assert seen == STEPS


@pytest.mark.parametrize("number", range(len(STEPS)))
class TestKilledAtEachStep:
    def test_a_reader_sees_a_sound_history(self, store: Store, number: int) -> None:
        first = commit(store, "v0.1.0")
        kill_at(store, number)
        tip, now = branch_tip(store), current(store)
        assert tip is not None
        assert now is not None
        assert now.commit in {first.commit, tip.commit}
        assert [item.commit for item in log(store, tip)][-1] == first.commit
        assert fsck(store) == []

    def test_recovery_gives_the_old_state_or_the_new(self, store: Store, number: int) -> None:
        first = commit(store, "v0.1.0")
        kill_at(store, number)
        recover(store)
        tip = branch_tip(store)
        assert tip is not None
        assert current(store) == tip
        if number < COMMIT_POINT:
            assert tip == first
            assert tag_names(store) == ["v0.1.0"]
        else:
            assert (tip.parents, tip.version) == ((first.commit,), "v0.2.0")
            assert tag_names(store) == ["v0.1.0", "v0.2.0"]
        assert list(store.path.rglob("*.lock")) == [store.path / "kuzugit.lock"]
        assert git(store, "for-each-ref", "refs/kuzugit") == ""
        assert fsck(store) == []
        assert recover(store) is False

    def test_the_next_publish_needs_no_repair(self, store: Store, number: int) -> None:
        commit(store, "v0.1.0")
        kill_at(store, number)
        tag = "v0.2.0" if number < COMMIT_POINT else "v0.3.0"
        again = commit(store, tag)
        assert current(store) == branch_tip(store) == again
        history = [item.version for item in log(store, again)]
        assert history == sorted(tag_names(store), reverse=True)
        assert fsck(store) == []

    def test_the_first_snapshot_of_a_store(self, store: Store, number: int) -> None:
        kill_at(store, number)
        recover(store)
        tip = branch_tip(store)
        assert (tip is None) == (number < COMMIT_POINT)
        assert current(store) == tip
        assert fsck(store) == []


# Publishing aside writes one reference less: `current`.
@pytest.mark.parametrize("number", range(len(STEPS) - 1))
def test_killed_while_publishing_aside(store: Store, number: int) -> None:
    first = commit(store, "v0.1.0")
    kill_at(store, number, make_current=False)
    recover(store)
    assert current(store) == first
    assert ("v0.2.0" in tag_names(store)) == (number >= COMMIT_POINT)
    assert git(store, "for-each-ref", "refs/kuzugit") == ""


class TestRecover:
    def test_nothing_to_do(self, store: Store) -> None:
        assert recover(store) is False
        commit(store, "v0.1.0")
        assert recover(store) is False

    def test_a_publisher_at_work_is_left_alone(self, store: Store) -> None:
        made = commit(store, "v0.1.0")
        write_ref(store, PENDING, git(store, "rev-parse", "v0.1.0"))
        with open_store(store.path) as other, other.lock():
            assert recover(store) is False
        assert git(store, "rev-parse", PENDING) != ""
        assert recover(store) is True
        assert current(store) == made

    def test_a_tag_that_was_taken_meanwhile_is_left_alone(self, store: Store) -> None:
        first = commit(store, "v0.1.0")
        kill_at(store, COMMIT_POINT)
        git(store, "tag", "v0.2.0", first.commit)
        assert recover(store)
        assert resolve(store, "v0.2.0").commit == first.commit
        now = current(store)
        assert now is not None
        assert (now.commit, now.version) == (git(store, "rev-parse", "main"), None)

    def test_an_intent_on_a_branch_that_head_has_left(self, store: Store) -> None:
        commit(store, "v0.1.0")
        kill_at(store, COMMIT_POINT)
        git(store, "symbolic-ref", "HEAD", "refs/heads/other")
        assert recover(store)
        assert tag_names(store) == ["v0.1.0", "v0.2.0"]

    def test_an_intent_that_git_has_packed(self, store: Store) -> None:
        commit(store, "v0.1.0")
        kill_at(store, COMMIT_POINT)
        git(store, "gc", "-q", "--prune=now")
        assert recover(store)
        assert recover(store) is False
        assert tag_names(store) == ["v0.1.0", "v0.2.0"]

    def test_an_intent_that_is_no_tag_is_removed(self, store: Store) -> None:
        made = commit(store, "v0.1.0")
        git(store, "update-ref", PENDING_ASIDE, made.tree)
        assert recover(store)
        assert git(store, "for-each-ref", "refs/kuzugit") == ""

    def test_a_lock_file_that_is_not_ours_stays(self, store: Store) -> None:
        commit(store, "v0.1.0")
        kill_at(store, STEPS.index("ref:locked"))
        theirs = store.path / "refs" / "heads" / "main.lock"
        theirs.write_text("")
        recover(store)
        assert theirs.exists()


def test_killed_at_any_instant(tmp_path: Path) -> None:
    with create_store(tmp_path / STORE_NAME, tmp_path / "g") as store:
        commit(store, "v0.0.1")

        told, tell = os.pipe()

        def work() -> None:
            with open_store(store.path) as mine:
                while True:
                    commit(mine, f"v1.0.{time.monotonic_ns() % 10**9}")
                    os.write(tell, b"x")

        for round_ in range(12):
            child = start_child(work)
            os.read(told, 100)
            time.sleep(0.003 * round_)
            os.kill(child, signal.SIGKILL)
            assert wait(child) == -signal.SIGKILL
            recover(store)
            tip = branch_tip(store)
            assert tip is not None
            assert current(store) == tip
            assert len(versions(store)) == len(list(log(store, tip)))
        assert len(tag_names(store)) > 12
        assert fsck(store) == []
