from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pygit2
import pytest
from pygit2.enums import ObjectType

from kuzugit.model.object_id import ObjectId
from kuzugit.model.version import Version
from kuzugit.store.history import (
    BadRevision,
    NotASnapshot,
    UnknownRevision,
    branch_tip,
    count_between,
    is_ancestor,
    log,
    merge_bases,
    parse_range,
    remote_versions,
    resolve,
    tag_names,
    version_of,
    versions,
)
from kuzugit.store.location import Store, open_store
from kuzugit.store.refs import make_current
from tests.store.making import a_tree, commit, git


def raw_commit(store: Store, content: bytes) -> str:
    return str(store.git.odb.write(ObjectType.COMMIT, content))


class TestResolve:
    @pytest.mark.parametrize(
        "revision",
        ["v0.2.0", "tags/v0.2.0", "refs/tags/v0.2.0", "main", "HEAD", "HEAD~0", "v0.3.0~1",
         "v0.3.0^", "v0.2.0^{commit}", "v0.2.0^0", ":/Snapshot v0.2", "HEAD^{/v0.2.0}", "current"],
    )  # fmt: skip
    def test_what_rev_parse_knows_and_current(self, store: Store, revision: str) -> None:
        commit(store, "v0.1.0")
        wanted = commit(store, "v0.2.0")
        if "v0.3.0" in revision or "{/" in revision:
            commit(store, "v0.3.0")
            make_current(store, wanted)
        assert resolve(store, revision).commit == wanted.commit

    def test_full_and_short_names(self, store: Store) -> None:
        made = commit(store, "v0.1.0")
        assert resolve(store, made.commit) == resolve(store, made.commit[:8]) == made

    def test_all_that_a_snapshot_says(self, store: Store) -> None:
        made = commit(
            store, "v0.1.0", message="A subject\nin two lines\n\nBody.\n\nMore.\n\nK: v\nEvent: 42"
        )
        found = resolve(store, "v0.1.0")
        assert found == made
        assert (found.author_name, found.author_email) == ("Ada Tester", "ada@example.org")
        assert (found.time, found.offset) == (1_700_000_000, 60)
        assert found.subject == "A subject in two lines"
        assert found.body == "Body.\n\nMore."
        assert found.trailers == (("K", "v"), ("Event", "42"))
        assert found.trailer("event") == "42"
        assert found.trailer("none") is None
        assert found.tree == git(store, "rev-parse", "HEAD^{tree}")

    @pytest.mark.parametrize(
        "revision",
        ["v9.9.9", "HEAD~7", "v0.1.0^2", "deadbeef", "1" * 40, "main@{1}", ":/nothing", "v1^{",
         "no/such", "v0.1.0:schema.cypher", "HEAD^{tree}", "a b", "..", "größer", "refs/heads/"],
    )  # fmt: skip
    def test_what_names_no_snapshot(self, store: Store, revision: str) -> None:
        commit(store, "v0.1.0")
        with pytest.raises(UnknownRevision) as caught:
            resolve(store, revision)
        assert caught.value.revision == revision
        assert repr(revision) in str(caught.value)

    def test_an_empty_store(self, store: Store) -> None:
        for revision in ("HEAD", "main", "current", "v0.1.0"):
            with pytest.raises(UnknownRevision):
                resolve(store, revision)

    @pytest.mark.parametrize("revision", ["", "-1", "--all", "a\nb", "a\0b", "\x1b[2J", "\udcff"])
    def test_what_is_no_revision_anywhere(self, store: Store, revision: str) -> None:
        with pytest.raises(BadRevision) as caught:
            resolve(store, revision)
        assert str(caught.value).isprintable()

    def test_an_ambiguous_short_name(self, store: Store) -> None:
        made = commit(store, "v0.1.0")
        content = git(store, "cat-file", "commit", made.commit)
        seen: set[str] = set()
        for number in itertools.count():
            id = raw_commit(store, f"{content}\n{number}\n".encode())
            if id[:4] in seen:
                break
            seen.add(id[:4])
        with pytest.raises(UnknownRevision, match="ambiguous"):
            resolve(store, id[:4])

    @pytest.mark.parametrize(
        ("revision", "near"),
        [("v0.1.1", "v0.1.0"), ("curent", "current"), ("mian", "main"), ("relase", "release")],
    )
    def test_near_names_are_suggested(self, store: Store, revision: str, near: str) -> None:
        commit(store, "v0.1.0")
        git(store, "tag", "release", "v0.1.0")
        with pytest.raises(UnknownRevision) as caught:
            resolve(store, revision)
        assert near in caught.value.near
        assert caught.value.hint is not None
        assert near in caught.value.hint

    @pytest.mark.parametrize("annotated", [[], ["-m", "x", "-a"]])
    @pytest.mark.parametrize("target", ["HEAD^{tree}", "HEAD:schema.cypher"])
    def test_a_tag_of_something_else_is_corrupt(
        self, store: Store, annotated: list[str], target: str
    ) -> None:
        commit(store, "v0.1.0")
        git(store, "tag", *annotated, "v0.2.0", target)
        with pytest.raises(NotASnapshot) as caught:
            resolve(store, "v0.2.0")
        assert caught.value.name == "v0.2.0"
        assert tag_names(store) == ["v0.1.0", "v0.2.0"]
        assert [item.name for item in versions(store)] == ["v0.1.0"]

    def test_a_tag_whose_object_is_missing_is_corrupt(self, store: Store) -> None:
        commit(store, "v0.1.0")
        (store.path / "refs" / "tags" / "v0.2.0").write_text("1" * 40 + "\n")
        with pytest.raises(NotASnapshot, match="missing"):
            resolve(store, "v0.2.0")
        assert [item.name for item in versions(store)] == ["v0.1.0"]

    def test_text_that_is_no_utf_8(self, store: Store) -> None:
        tree = a_tree(store)
        id = raw_commit(
            store,
            f"tree {tree}\n".encode()
            + b"author J\xfcrgen <j@x> 1 +0100\ncommitter J\xfcrgen <j@x> 2 -0130\n\nGr\xfc\xdfe\n",
        )
        found = resolve(store, id)
        assert found.author_name == "J\ufffdrgen"
        assert found.subject == "Gr\ufffd\ufffde"
        assert (found.time, found.offset) == (2, -90)


class TestRange:
    def test_two_sides(self, store: Store) -> None:
        first, second = commit(store, "v0.1.0"), commit(store, "v0.2.0")
        assert parse_range(store, "v0.1.0..v0.2.0") == (first, second)
        assert parse_range(store, "v0.1.0..") == (first, second)
        assert parse_range(store, "..v0.1.0") == (second, first)

    @pytest.mark.parametrize("text", ["v0.1.0", "v0.1.0...v0.2.0", "", "v0.1.0..--all"])
    def test_no_range(self, store: Store, text: str) -> None:
        commit(store, "v0.1.0")
        with pytest.raises(BadRevision):
            parse_range(store, text)

    def test_an_unknown_side(self, store: Store) -> None:
        commit(store, "v0.1.0")
        with pytest.raises(UnknownRevision, match=r"v0\.9"):
            parse_range(store, "v0.1.0..v0.9")


class TestLog:
    def test_newest_first_with_versions(self, store: Store) -> None:
        made = [commit(store, f"v0.{number}.0") for number in range(1, 5)]
        assert list(log(store, made[-1])) == made[::-1]
        assert list(log(store, made[-1], limit=2)) == [made[3], made[2]]
        assert list(log(store, made[-1], limit=0)) == []
        assert list(log(store, made[-1], exclude=[made[1]])) == [made[3], made[2]]

    def test_children_come_before_parents_whatever_the_clock_says(self, store: Store) -> None:
        made = [commit(store, f"v0.{9 - at}.0", at=at) for at in (5, 9, 1, 7)]
        assert list(log(store, made[-1])) == made[::-1]

    def test_merges_come_once(self, store: Store) -> None:
        base = commit(store, "v0.1.0")
        sides = [
            raw_commit(
                store,
                f"tree {base.tree}\nparent {base.commit}\nauthor a <b> {at} +0000\n"
                f"committer a <b> {at} +0000\n\nside\n".encode(),
            )
            for at in (1_700_000_100, 1_700_000_200)
        ]
        merge = raw_commit(
            store,
            f"tree {base.tree}\nparent {sides[0]}\nparent {sides[1]}\nauthor a <b> 1 +0000\n"
            "committer a <b> 1 +0000\n\nmerge\n".encode(),
        )
        found = [item.commit for item in log(store, resolve(store, merge))]
        assert found == [merge, sides[1], sides[0], base.commit]

    def test_a_missing_parent_is_an_error(self, store: Store) -> None:
        first, second = commit(store, "v0.1.0"), commit(store, "v0.2.0")
        (store.path / "objects" / first.commit[:2] / first.commit[2:]).unlink()
        with open_store(store.path) as again, pytest.raises(Exception, match="history") as caught:
            list(log(again, second))
        assert caught.type.__name__ == "GitFailed"


class TestVersions:
    def test_in_the_order_of_versions_then_names(self, store: Store) -> None:
        for tag in ("v0.10.0", "v0.9.0", "v1.0.0", "beta", "alpha", "v1.0"):
            commit(store, tag)
        found = versions(store)
        assert [item.name for item in found] == [
            "v0.9.0", "v0.10.0", "v1.0.0", "alpha", "beta", "v1.0",
        ]  # fmt: skip
        assert found[0].version == Version(0, 9, 0)
        assert found[-1].version is None

    def test_what_a_tag_says(self, store: Store) -> None:
        made = commit(store, "v0.1.0", at=1_600_000_000)
        (found,) = versions(store)
        assert found.snapshot == made
        assert found.message == "Changes of v0.1.0\n"
        assert (found.time, found.offset) == (1_600_000_000, 60)

    def test_a_lightweight_tag(self, store: Store) -> None:
        made = commit(store, "v0.1.0")
        git(store, "tag", "light", "v0.1.0^{commit}")
        found = versions(store)[1]
        assert (found.name, found.message, found.time) == ("light", "", made.time)

    def test_a_tag_of_a_tag(self, store: Store) -> None:
        made = commit(store, "v0.1.0")
        git(store, "tag", "-m", "outer", "signed-off", "v0.1.0")
        assert versions(store)[1].snapshot == made
        assert versions(store)[1].message == "outer\n"

    @pytest.mark.parametrize(
        ("tags", "best"),
        [
            (["v0.2.0", "v0.10.0", "v0.1.0"], "v0.10.0"),
            (["beta", "v0.1.0", "alpha"], "v0.1.0"),
            (["beta", "alpha"], "alpha"),
        ],
    )
    def test_the_best_of_several(self, store: Store, tags: list[str], best: str) -> None:
        made = commit(store, tags[0])
        for tag in tags[1:]:
            git(store, "tag", "-m", tag, tag, made.commit)
        assert version_of(store, made.commit) == best
        assert resolve(store, tags[-1]).version == best

    def test_none(self, store: Store) -> None:
        made = commit(store, "v0.1.0")
        git(store, "tag", "-d", "v0.1.0")
        assert version_of(store, made.commit) is None
        assert versions(store) == []

    def test_what_a_remote_calls_it(self, store: Store) -> None:
        """Only where it has no version of ours; a branch is no name that lasts."""
        first, second, third = (commit(store, f"v0.{number}.0") for number in (1, 2, 3))
        for name, version in (("v0.1.0", "v1.9.0"), ("v0.1.0", "v1.10.0"), ("v0.2.0", "v2.0.0")):
            tag = git(store, "rev-parse", f"refs/tags/{name}").strip()
            git(store, "update-ref", f"refs/remotes/there/{version}", tag)
            git(store, "update-ref", f"refs/remotes/path-0123456789ab/{version}", tag)
        git(store, "update-ref", "refs/remotes/there/main", third.commit)
        git(store, "tag", "-d", "v0.1.0", "v0.3.0")
        names = [item.name for item in log(store, third)]
        assert names == [third.commit[:7], "v0.2.0", "there/v1.10.0"]
        assert resolve(store, "there/v1.9.0").remote_version == "there/v1.10.0"
        assert (second.remote_version, resolve(store, "HEAD").remote_version) == (None, None)
        assert resolve(store, first.commit) == replace(first, version=None)
        assert [item.name for item in remote_versions(store)] == [
            "there/v1.10.0",
            "there/v1.9.0",
            "there/v2.0.0",
        ]

    def test_packed_and_loose_tags(self, store: Store) -> None:
        commit(store, "v0.1.0")
        git(store, "gc", "-q")
        commit(store, "v0.2.0")
        assert [item.name for item in versions(store)] == tag_names(store) == ["v0.1.0", "v0.2.0"]

    def test_each_tag_is_looked_at_once(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = [commit(store, f"v0.{number}.0") for number in range(1, 6)]
        looks: list[object] = []
        real = pygit2.Repository.get

        def count(self: pygit2.Repository, key: object, *rest: object) -> object:
            looks.append(key)
            return real(self, key, *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(pygit2.Repository, "get", count)
        assert list(log(store, made[-1])) == made[::-1]
        assert len(looks) == 2 * len(made)


class TestGraph:
    def test_ancestors_and_counts(self, store: Store) -> None:
        first, second, third = (commit(store, f"v0.{number}.0") for number in (1, 2, 3))
        assert is_ancestor(store, first, third)
        assert is_ancestor(store, second, second)
        assert not is_ancestor(store, third, first)
        assert count_between(store, third, first) == (2, 0)
        assert count_between(store, first, third) == (0, 2)
        assert count_between(store, second, second) == (0, 0)

    def test_histories_without_a_common_snapshot(self, store: Store) -> None:
        first = commit(store, "v0.1.0")
        git(store, "symbolic-ref", "HEAD", "refs/heads/other")
        other = commit(store, "v0.2.0")
        assert not is_ancestor(store, first, other)
        assert count_between(store, first, other) == (1, 1)
        assert branch_tip(store) == other


def test_another_process_is_seen_at_once(store: Store, tmp_path: Path) -> None:
    commit(store, "v0.1.0")
    with open_store(store.path) as other:
        made = commit(other, "v0.2.0")
    assert resolve(store, "v0.2.0") == branch_tip(store) == made
    assert ObjectId(git(store, "rev-parse", "HEAD")) == made.commit


def test_merge_bases(store: Store) -> None:
    """Two lines that each took in the other, apart, have two newest snapshots in common."""
    tree = a_tree(store)

    def made(name: str, *parents: str) -> str:
        words = [word for parent in parents for word in ("-p", parent)]
        return git(store, "commit-tree", "-m", name, *words, tree).strip()

    root, unrelated = made("root"), made("unrelated")
    one, other = made("one", root), made("other", root)
    left, right = made("left", one, other), made("right", other, one)
    for a, b, bases in (
        (root, unrelated, set[str]()),
        (one, other, {root}),
        (left, one, {one}),
        (left, right, {one, other}),
        (made("on", left), made("further", right), {one, other}),
    ):
        found = merge_bases(store, resolve(store, a), resolve(store, b))
        assert {base.commit for base in found} == bases
