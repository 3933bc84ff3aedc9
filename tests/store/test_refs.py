from __future__ import annotations

import os
from pathlib import Path

import pygit2
import pytest

from kuzugit import atomic
from kuzugit.model.object_id import ObjectId
from kuzugit.store import ref_file
from kuzugit.store.history import NotASnapshot, Snapshot, branch_tip, log, resolve, versions
from kuzugit.store.location import Store, open_store
from kuzugit.store.maintenance import fsck
from kuzugit.store.ref_file import RefLocked, RefMoved, delete_ref, read_ref, swap_ref, write_ref
from kuzugit.store.refs import (
    PENDING,
    BadMessage,
    BadTagName,
    DetachedHead,
    PublishUnfinished,
    TagExists,
    TipMoved,
    check_tag_name,
    create_tag,
    current,
    make_current,
    publish,
    recover,
)
from kuzugit.store.signature import Signature
from kuzugit.store.translate import GitFailed, StoreReadOnly
from tests.store.making import ADA, a_tree, commit, git, names, read_only, start_child, wait


def references(store: Store) -> list[str]:
    return git(store, "for-each-ref", "--format=%(refname)").splitlines()


class TestPublish:
    def test_the_first_snapshot(self, store: Store) -> None:
        made = commit(store, "v0.1.0", message="First\n\nWhy.\n\nKuzugit-Format: 1")
        assert made.parents == ()
        assert made.version == "v0.1.0"
        assert made.trailers == (("Kuzugit-Format", "1"),)
        assert branch_tip(store) == current(store) == made
        assert references(store) == ["refs/current", "refs/heads/main", "refs/tags/v0.1.0"]

    def test_the_second_has_the_first_as_parent(self, store: Store) -> None:
        first, second = commit(store, "v0.1.0"), commit(store, "v0.2.0")
        assert second.parents == (first.commit,)
        assert list(log(store, second)) == [second, first]

    def test_plain_git_reads_all_of_it(self, store: Store) -> None:
        commit(store, "v0.1.0")
        made = commit(store, "v0.2.0", message="Second\n\nWhy.")
        assert git(store, "log", "--format=%s") == "Second\nSnapshot v0.1.0"
        assert git(store, "tag") == "v0.1.0\nv0.2.0"
        assert git(store, "rev-parse", "current^{commit}") == made.commit
        assert git(store, "symbolic-ref", "refs/current") == "refs/tags/v0.2.0"
        assert git(store, "show", "v0.1.0:schema.cypher") == "v0.1.0"
        shown = git(store, "show", "-s", "v0.1.0")
        assert "Changes of v0.1.0" in shown
        assert "Tagger: Ada Tester <ada@example.org>" in shown
        assert git(store, "log", "-1", "--format=%at %aI %ct") == (
            "1700000000 2023-11-14T23:13:20+01:00 1700000000"
        )
        assert git(store, "fsck", "--strict") == ""
        git(store, "gc", "-q", "--prune=now")
        assert resolve(store, "current") == made
        assert commit(store, "v0.3.0").parents == (made.commit,)

    def test_current_stays_when_asked(self, store: Store) -> None:
        first = commit(store, "v0.1.0")
        second = commit(store, "v0.2.0", make_current=False)
        assert branch_tip(store) == second
        assert current(store) == first

    def test_messages_end_in_one_newline(self, store: Store) -> None:
        assert commit(store, "v0.1.0", message="\n a  \n\nb \n\n\n").message == "a\n\nb\n"

    @pytest.mark.parametrize("offset", [-720, -90, -1, 0, 345, 840])
    def test_every_time_zone_passes_gits_own_check(self, store: Store, offset: int) -> None:
        who = Signature("Ada", "a@b", 1_700_000_000, offset)
        publish(
            store,
            tree=a_tree(store),
            message="m",
            tag_name="v0.1.0",
            tag_message="",
            author=who,
            committer=who,
            expected_tip=None,
        )
        assert fsck(store) == []
        assert versions(store)[0].offset == offset

    def test_a_moved_tip_publishes_nothing(self, store: Store) -> None:
        first, second = commit(store, "v0.1.0"), commit(store, "v0.2.0")
        with pytest.raises(TipMoved) as caught:
            commit(store, "v0.3.0", tip=first.commit)
        assert (caught.value.expected, caught.value.found) == (first.commit, second.commit)
        assert branch_tip(store) == current(store) == second
        assert git(store, "tag") == "v0.1.0\nv0.2.0"

    def test_a_branch_that_plain_git_moves_meanwhile(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second = commit(store, "v0.1.0"), commit(store, "v0.2.0")
        before = references(store)

        def push(name: str) -> None:
            if name == "publish:pending-written":
                git(store, "update-ref", "refs/heads/main", first.commit)

        monkeypatch.setattr(atomic, "step", push)
        with pytest.raises(TipMoved) as caught:
            commit(store, "v0.3.0")
        assert (caught.value.expected, caught.value.found) == (second.commit, first.commit)
        assert references(store) == before

    def test_a_branch_that_plain_git_holds(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = commit(store, "v0.1.0")
        monkeypatch.setattr(ref_file, "_WAIT_SECONDS", 0.02)
        lock = store.path / "refs" / "heads" / "main.lock"
        lock.write_text("")
        with pytest.raises(RefLocked) as caught:
            commit(store, "v0.2.0")
        assert caught.value.path == lock
        assert lock.exists()
        lock.unlink()
        assert branch_tip(store) == first
        assert commit(store, "v0.2.0").parents == (first.commit,)

    def test_a_failure_after_the_commit_point_is_finished_by_the_next_command(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commit(store, "v0.1.0")
        monkeypatch.setattr(ref_file, "_WAIT_SECONDS", 0.02)
        lock = store.path / "refs" / "tags" / "v0.2.0.lock"
        lock.write_text("")
        with pytest.raises(PublishUnfinished) as caught:
            commit(store, "v0.2.0")
        lock.unlink()
        assert recover(store)
        assert current(store) == branch_tip(store) == resolve(store, caught.value.commit)
        assert git(store, "tag") == "v0.1.0\nv0.2.0"

    def test_a_tag_that_exists_publishes_nothing(self, store: Store) -> None:
        first = commit(store, "v0.1.0")
        with pytest.raises(TagExists) as caught:
            commit(store, "v0.1.0")
        assert caught.value.existing == "v0.1.0"
        assert branch_tip(store) == first
        assert PENDING not in references(store)

    def test_a_packed_tag_exists_too(self, store: Store) -> None:
        commit(store, "v0.1.0")
        git(store, "pack-refs", "--all")
        with pytest.raises(TagExists):
            commit(store, "v0.1.0")

    def test_head_that_is_no_branch(self, store: Store) -> None:
        git(store, "update-ref", "--no-deref", "HEAD", commit(store, "v0.1.0").commit)
        with pytest.raises(DetachedHead):
            commit(store, "v0.2.0")

    def test_another_branch_is_published_on_where_head_says_so(self, store: Store) -> None:
        git(store, "symbolic-ref", "HEAD", "refs/heads/team/a")
        made = commit(store, "v0.1.0")
        assert git(store, "rev-parse", "team/a") == made.commit

    def test_a_missing_tree(self, store: Store) -> None:
        with pytest.raises(GitFailed):
            publish(
                store,
                tree=ObjectId("1" * 40),
                message="m",
                tag_name="v0.1.0",
                tag_message="m",
                author=ADA,
                committer=ADA,
                expected_tip=None,
            )
        assert references(store) == []

    def test_a_message_with_a_nul(self, store: Store) -> None:
        with pytest.raises(BadMessage):
            commit(store, "v0.1.0", message="a\0b")

    def test_a_read_only_store_is_read_and_not_written(self, shared_store: Store) -> None:
        made = commit(shared_store, "v0.1.0")
        with read_only(shared_store.path), open_store(shared_store.path) as store:
            assert resolve(store, "v0.1.0") == current(store) == branch_tip(store) == made
            assert list(log(store, made)) == [made]
            assert recover(store) is False
            with pytest.raises(StoreReadOnly):
                commit(store, "v0.2.0")
            with pytest.raises(StoreReadOnly):
                make_current(store, made)

    def test_a_read_only_store_with_an_intent_is_read(self, shared_store: Store) -> None:
        made = commit(shared_store, "v0.1.0")
        git(shared_store, "update-ref", PENDING, "v0.1.0")
        with read_only(shared_store.path), open_store(shared_store.path) as store:
            assert recover(store) is False
            assert current(store) == made


class TestRaces:
    def test_of_two_publishers_one_wins(self, store: Store) -> None:
        tip = commit(store, "v0.1.0")
        gate, opener = os.pipe()

        def race(tag: str) -> None:
            with open_store(store.path) as mine:
                os.read(gate, 1)
                try:
                    commit(mine, tag, tip=tip.commit)
                except TipMoved:
                    os._exit(7)

        children = [start_child(lambda tag=tag: race(tag)) for tag in ("v0.2.0", "v0.3.0")]
        os.write(opener, b"go")
        assert sorted(wait(child) for child in children) == [0, 7]
        assert len(list(log(store, resolve(store, "HEAD")))) == 2
        assert len(versions(store)) == 2
        assert fsck(store) == []

    def test_publishers_that_try_again_lose_nothing(self, store: Store) -> None:
        def work(number: int) -> None:
            with open_store(store.path) as mine:
                for round_ in range(4):
                    while True:
                        try:
                            commit(mine, f"v{number}.{round_}.0")
                            break
                        except TipMoved:
                            continue

        children = [start_child(lambda number=number: work(number)) for number in range(3)]
        assert [wait(child) for child in children] == [0, 0, 0]
        history = list(log(store, resolve(store, "HEAD")))
        assert sorted(item.version or "" for item in history) == sorted(
            f"v{number}.{round_}.0" for number in range(3) for round_ in range(4)
        )
        assert current(store) == history[0]
        assert fsck(store) == []

    def test_with_git_packing_references_all_the_time(self, store: Store) -> None:
        def pack() -> None:
            for _ in range(15):
                git(store, "pack-refs", "--all", "--prune")

        child = start_child(pack)
        made = [commit(store, f"v0.{number}.0") for number in range(8)]
        assert wait(child) == 0
        assert list(log(store, made[-1])) == list(reversed(made))
        assert current(store) == made[-1]
        assert references(store)[:2] == ["refs/current", "refs/heads/main"]
        assert not any(PENDING in name for name in references(store))


class TestCurrent:
    def test_none_before_the_first(self, store: Store) -> None:
        assert current(store) is None
        assert branch_tip(store) is None

    def test_it_moves_and_the_branch_does_not(self, store: Store) -> None:
        first, second = commit(store, "v0.1.0"), commit(store, "v0.2.0")
        make_current(store, first)
        assert current(store) == first
        assert branch_tip(store) == second
        assert git(store, "symbolic-ref", "refs/current") == "refs/tags/v0.1.0"
        assert git(store, "rev-parse", "current^{commit}") == first.commit

    def test_a_snapshot_without_a_tag(self, store: Store) -> None:
        first = commit(store, "v0.1.0")
        git(store, "tag", "-d", "v0.1.0")
        assert current(store) is None
        make_current(store, resolve(store, first.commit))
        found = current(store)
        assert found is not None
        assert (found.commit, found.version) == (first.commit, None)
        assert git(store, "rev-parse", "current") == first.commit

    def test_a_tag_whose_object_is_gone(self, store: Store) -> None:
        made = commit(store, "v0.1.0")
        (store.path / "objects" / made.commit[:2] / made.commit[2:]).unlink()
        with open_store(store.path) as again, pytest.raises(NotASnapshot):
            current(again)


class TestCreateTag:
    def tag(self, store: Store, snapshot: Snapshot, name: str, message: str = "Good") -> None:
        create_tag(store, snapshot, name=name, message=message, tagger=ADA)

    def test_an_annotated_tag(self, store: Store) -> None:
        made = commit(store, "v0.1.0")
        self.tag(store, made, "good", "Runs well\n\nSince Monday")
        assert git(store, "cat-file", "-t", "good") == "tag"
        assert git(store, "tag", "-l", "--format=%(contents)", "good") == (
            "Runs well\n\nSince Monday"
        )
        assert resolve(store, "good") == made
        assert fsck(store) == []

    @pytest.mark.parametrize("name", ["v0.1.0", "v0.1.0/x", "a", "a/b/c"])
    def test_names_that_are_taken(self, store: Store, name: str) -> None:
        made = commit(store, "v0.1.0")
        self.tag(store, made, "a/b")
        before = references(store)
        with pytest.raises(TagExists) as caught:
            self.tag(store, made, name)
        assert caught.value.name == name
        assert references(store) == before

    @pytest.mark.parametrize(
        "name",
        ["", "-d", "--force", "a/-d", "current", "HEAD", "@", "a b", "a..b", "a~1", "a^", "a:b",
         "a?", "a*", "a[b", "a\\b", ".a", "a/", "/a", "a//b", "a.lock", "a@{1}", "a\n",
         "\x1b[2J", "x" * 201],
    )  # fmt: skip
    def test_names_that_git_does_not_take(self, store: Store, name: str) -> None:
        with pytest.raises(BadTagName) as caught:
            check_tag_name(store, name)
        assert str(caught.value).isprintable()

    @pytest.mark.parametrize("name", ["main", "main/x", "side", "side/door", "side/door/x"])
    def test_names_that_stand_beside_a_branch(self, store: Store, name: str) -> None:
        made = commit(store, "v0.1.0")
        git(store, "branch", "side/door", made.commit)
        with pytest.raises(BadTagName, match="branch"):
            check_tag_name(store, name)

    @pytest.mark.parametrize("name", ["v1.2.3", "v1.2.3-rc.1", "release/2026", "größer", "@a"])
    def test_names_that_git_takes(self, store: Store, name: str) -> None:
        made = commit(store, "v0.1.0")
        self.tag(store, made, name)
        assert git(store, "rev-parse", f"refs/tags/{name}^{{commit}}") == made.commit

    def test_a_tag_that_plain_git_makes_meanwhile(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = commit(store, "v0.1.0")

        def overtake(name: str) -> None:
            if name == "tag:object-written":
                git(store, "update-ref", "refs/tags/good", made.commit)

        monkeypatch.setattr(atomic, "step", overtake)
        with pytest.raises(TagExists):
            self.tag(store, made, "good")
        assert git(store, "rev-parse", "good") == made.commit


class TestRefFile:
    def test_written_read_swapped_and_deleted(self, store: Store) -> None:
        one, two = commit(store, "v0.1.0").commit, commit(store, "v0.2.0").commit
        name = "refs/kuzugit/deep/er"
        assert read_ref(store, name) is None
        write_ref(store, name, one)
        assert read_ref(store, name) == git(store, "rev-parse", name) == one
        swap_ref(store, name, one, two)
        with pytest.raises(RefMoved) as caught:
            swap_ref(store, name, one, two)
        assert caught.value.found == two
        with pytest.raises(RefMoved):
            swap_ref(store, name, None, one)
        delete_ref(store, name)
        assert read_ref(store, name) is None
        with pytest.raises(RefMoved):
            swap_ref(store, name, one, two)
        delete_ref(store, name)
        assert "ref-lock" not in names(store.path / "kuzugit")

    def test_packed_references(self, store: Store) -> None:
        one, two = commit(store, "v0.1.0").commit, commit(store, "v0.2.0").commit
        name = "refs/kuzugit/x"
        write_ref(store, name, one)
        git(store, "pack-refs", "--all", "--prune")
        assert not (store.path / name).exists()
        swap_ref(store, name, one, two)
        assert read_ref(store, name) == two
        git(store, "pack-refs", "--all", "--prune")
        delete_ref(store, name)
        assert read_ref(store, name) is None
        assert name not in references(store)

    def test_the_other_packed_references_stay(self, store: Store) -> None:
        commit(store, "v0.1.0")
        commit(store, "v0.2.0")
        tag = git(store, "rev-parse", "v0.1.0")
        for name in ("refs/kuzugit/x", "refs/kuzugit/xx", "refs/kuzugit/a/refs/kuzugit/x"):
            write_ref(store, name, tag)
        git(store, "pack-refs", "--all", "--prune")
        before = git(store, "show-ref", "-d").splitlines()
        delete_ref(store, "refs/kuzugit/x")
        after = git(store, "show-ref", "-d").splitlines()
        assert [line for line in before if line not in after] == [
            f"{tag} refs/kuzugit/x",
            f"{git(store, 'rev-parse', tag + '^{commit}')} refs/kuzugit/x^{{}}",
        ]
        assert set(after) < set(before)

    def test_a_deleted_reference_is_not_brought_back_by_a_packer(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_ref(store, "refs/kuzugit/x", commit(store, "v0.1.0").commit)
        refused: list[str] = []

        def pack(name: str) -> None:
            monkeypatch.undo()
            with pytest.raises(AssertionError, match=r"packed-refs\.lock") as caught:
                git(store, "-c", "core.packedRefsTimeout=0", "pack-refs", "--all")
            refused.append(str(caught.value))

        monkeypatch.setattr(atomic, "step", pack)
        delete_ref(store, "refs/kuzugit/x")
        assert len(refused) == 1
        assert read_ref(store, "refs/kuzugit/x") is None

    def test_a_lock_of_another_git_is_waited_for(self, store: Store) -> None:
        one = commit(store, "v0.1.0").commit
        lock = store.path / "refs" / "x.lock"
        lock.write_text("")

        def unlock() -> None:
            lock.unlink()

        child = start_child(unlock)
        write_ref(store, "refs/x", one)
        assert wait(child) == 0
        assert read_ref(store, "refs/x") == one

    def test_while_it_is_locked_plain_git_is_kept_out(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one = commit(store, "v0.1.0").commit
        refused: list[str] = []

        def push(name: str) -> None:
            monkeypatch.undo()
            with pytest.raises(AssertionError, match=r"cannot lock ref|Unable to create") as caught:
                git(store, "update-ref", "refs/x", one)
            refused.append(str(caught.value))

        monkeypatch.setattr(atomic, "step", push)
        write_ref(store, "refs/x", one)
        assert len(refused) == 1

    def test_a_file_where_a_directory_should_be(self, store: Store) -> None:
        one = commit(store, "v0.1.0").commit
        with pytest.raises(GitFailed):
            write_ref(store, "refs/tags/v0.1.0/x", one)


def test_fsync_is_on_once_a_store_is_open(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(
        type(pygit2.settings), "enable_fsync_gitdir", lambda self, value=True: asked.append(value)
    )
    open_store(Path(store.path)).close()
    assert asked == [True]
