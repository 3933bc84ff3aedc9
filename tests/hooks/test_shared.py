"""A store that receives pushes: what `pre-receive` takes and what it refuses, through Git."""

from __future__ import annotations

import io
import os
import re
import subprocess
from pathlib import Path

import pytest

from kuzugit.cli.app import main
from kuzugit.porcelain.repository import Repository
from tests.hooks.application import Said
from tests.store.making import git
from tests.support.live import ADD_PERSON, RENAME_PERSON, LiveProject, make_project


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two versions, `live`, and `shared.git`, which has the first of them."""
    root = tmp_path_factory.mktemp("template")
    live = make_project(root / "live")
    live.commit("first")
    subprocess.run(["git", "clone", "-q", "--bare", live.store, root / "shared.git"], check=True)
    words = ["--store", str(root / "shared.git")]
    assert main(["init", str(root / "shared.kuzu"), "-q", *words]) == 0
    assert main([*words, "hooks", "install", "--shared", "-q"]) == 0
    live.commit("second", RENAME_PERSON)
    return root


@pytest.fixture
def place(template: Path, tmp_path: Path) -> Path:
    target = tmp_path / "place"
    subprocess.run(["cp", "-r", template, target], check=True)
    return target


@pytest.fixture
def live(place: Path) -> LiveProject:
    return LiveProject(place / "live")


def push(live: LiveProject, *words: str, url: str = "") -> Said:
    """Push to the shared store; what it refuses leaves every reference of it as it was."""
    shared = live.directory.parent / "shared.git"
    before = git(shared, "for-each-ref")
    done = subprocess.run(
        ["git", f"--git-dir={live.store}", "push", url or str(shared), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    assert (git(shared, "for-each-ref") == before) == (done.returncode != 0), done.stdout
    assert git(shared, "fsck", "--strict", "--no-dangling") == ""
    return Said(done.returncode, done.stdout)


def write(live: LiveProject, text: str) -> str:
    done = subprocess.run(
        ["git", f"--git-dir={live.store}", "hash-object", "-w", "--stdin"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def tree_of(live: LiveProject, entries: str) -> str:
    done = subprocess.run(
        ["git", f"--git-dir={live.store}", "mktree", "--missing"],
        input=entries,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def commit_of(live: LiveProject, tree: str) -> str:
    return git(live.store, "commit-tree", "-m", "pushed", "-p", "main", tree)


@pytest.mark.parametrize("limit", ["1", "10000"], ids=["as a pack", "as single objects"])
def test_what_is_sound_is_taken(live: LiveProject, place: Path, limit: str) -> None:
    git(place / "shared.git", "config", "receive.unpackLimit", limit)
    said = push(live, "main", "--tags")
    assert said.code == 0, said.text
    with Repository.open(place, store=place / "shared.git") as shared:
        assert [entry.snapshot.version for entry in shared.log()] == ["v0.1.1", "v0.1.0"]
        assert shared.verify(every=True).findings == ()


def test_over_a_url(live: LiveProject, place: Path) -> None:
    said = push(live, "main", "v0.1.1", url=f"file://{place / 'shared.git'}")
    assert said.code == 0, said.text


def test_a_branch_only_grows(live: LiveProject) -> None:
    assert push(live, "main").code == 0
    said = push(live, "--force", "v0.1.0^{commit}:refs/heads/main")
    assert "refs/heads/main: its history would be rewritten" in said.text
    said = push(live, ":main")
    assert "refs/heads/main: a branch is never removed" in said.text


def test_a_version_stays(live: LiveProject) -> None:
    git(live.store, "tag", "-f", "-a", "-m", "moved", "v0.1.0", "v0.1.1")
    assert "refs/tags/v0.1.0: a version is never moved" in push(live, "-f", "v0.1.0").text
    assert "refs/tags/v0.1.0: a version is never removed" in push(live, ":v0.1.0").text


@pytest.mark.parametrize("name", ["refs/current", "refs/notes/x", "refs/kuzugit/pending"])
def test_other_references_are_refused(live: LiveProject, name: str) -> None:
    said = push(live, f"main:{name}")
    assert "a store takes branches and tags only" in said.text


@pytest.mark.parametrize("name", ["current", "HEAD", "bad\u202ename"])
def test_bad_names(live: LiveProject, name: str) -> None:
    said = push(live, f"main:refs/tags/{name}")
    assert said.code != 0
    assert "cannot be a tag" in said.text


@pytest.mark.parametrize("name", ["current", "HEAD", "x" * 201, "a/-b", "bad\u202ename"])
def test_branches_that_no_store_fetches(live: LiveProject, place: Path, name: str) -> None:
    said = push(live, f"main:refs/heads/{name}")
    assert said.code != 0
    assert "nothing of the push is taken" in said.text


@pytest.mark.parametrize(
    "references",
    [
        ("main:refs/heads/v0.1.0",),
        ("main:refs/heads/v0.1.0/x",),
        ("main:refs/tags/main/x",),
        ("main:refs/heads/z", "main:refs/tags/z"),
        ("main:refs/heads/z/y", "main:refs/tags/z"),
    ],
    ids=lambda references: " ".join(references),
)
def test_names_that_meet(live: LiveProject, place: Path, references: tuple[str, ...]) -> None:
    """A branch and a tag stand side by side under the name of the remote of who fetches."""
    said = push(live, *references)
    assert said.code != 0
    assert (
        "who fetches cannot have it beside refs/" in said.text or "the branch 'main'" in said.text
    )
    Repository.clone(str(place / "shared.git"), place / "clone").close()


@pytest.mark.parametrize("limit", ["1", "10000"], ids=["as a pack", "as single objects"])
def test_a_tag_that_is_too_long(live: LiveProject, place: Path, limit: str) -> None:
    git(place / "shared.git", "config", "receive.unpackLimit", limit)
    message = place / "message"
    message.write_text("long\n" * (1 << 22))
    git(live.store, "tag", "-a", "-F", str(message), "long", "v0.1.0^{commit}")
    assert f"{1 << 24} are taken at most" in push(live, "long").text


def test_a_tag_that_gits_own_check_refuses(live: LiveProject, place: Path) -> None:
    """Whoever fetches lets Git check each object."""
    text = git(live.store, "cat-file", "tag", "v0.1.0").replace("tag v0.1.0", "tag bad", 1)
    bad = place / "bad"
    bad.write_text(re.sub(r"(?m)^(tagger .*) \S+$", r"\1 zone", text))
    id = git(live.store, "hash-object", "-t", "tag", "-w", "--literally", str(bad))
    said = push(live, f"{id}:refs/tags/bad")
    assert said.code != 0
    assert "badTimezone" in said.text


def test_a_version_without_a_tag_object(live: LiveProject) -> None:
    said = push(live, "main:refs/tags/v3.0.0")
    assert "a version is an annotated tag of its own name" in said.text


def test_a_tag_of_no_snapshot(live: LiveProject) -> None:
    git(live.store, "tag", "-a", "-m", "a file", "file", write(live, "text"))
    assert "not to a snapshot" in push(live, "file").text


def test_a_tree_without_a_manifest(live: LiveProject) -> None:
    tree = tree_of(live, f"100644 blob {write(live, 'text')}\tschema.cypher\n")
    said = push(live, f"{commit_of(live, tree)}:refs/heads/main")
    assert "'snapshot.json' is missing" in said.text


@pytest.mark.parametrize("mode", ["120000", "100755"])
def test_what_no_tree_has(live: LiveProject, mode: str) -> None:
    entries = git(live.store, "ls-tree", "main") + "\n"
    tree = tree_of(live, f"{entries}{mode} blob {write(live, '/etc/passwd')}\tlink\n")
    said = push(live, f"{commit_of(live, tree)}:refs/heads/main")
    assert "refused tree entry" in said.text


def test_statements_that_do_not_follow(live: LiveProject) -> None:
    entries = git(live.store, "ls-tree", "main").splitlines()
    kept = [line for line in entries if not line.endswith("\tindex.cypher")]
    other = f"100644 blob {write(live, 'ATTACH everything;')}\tindex.cypher"
    tree = tree_of(live, "\n".join([*kept, other, ""]))
    said = push(live, f"{commit_of(live, tree)}:refs/heads/main")
    assert "'index.cypher' is not the file that the manifest names" in said.text


def test_a_chunk_that_is_not_as_told(live: LiveProject) -> None:
    """The manifest, the tree and the hashes agree; the rows stand in another order."""
    path = "nodes/Person/start.parquet"
    chunk = git(live.store, "rev-parse", f"main:{path}")
    data = subprocess.run(
        ["git", f"--git-dir={live.store}", "cat-file", "blob", chunk],
        capture_output=True,
        check=True,
    ).stdout
    broken = data.replace((3).to_bytes(8, "little"), (9).to_bytes(8, "little"), 1)
    assert broken != data
    new = (
        subprocess.run(
            ["git", f"--git-dir={live.store}", "hash-object", "-w", "--stdin"],
            input=broken,
            capture_output=True,
            check=True,
        )
        .stdout.decode()
        .strip()
    )
    manifest = git(live.store, "cat-file", "blob", "main:snapshot.json") + "\n"
    person = tree_of(live, f"100644 blob {new}\tstart.parquet\n")
    nodes = tree_of(live, f"040000 tree {person}\tPerson\n")
    entries = [
        line
        for line in git(live.store, "ls-tree", "main").splitlines()
        if line.split("\t")[1] not in ("nodes", "snapshot.json")
    ]
    entries.append(f"040000 tree {nodes}\tnodes")
    entries.append(f"100644 blob {write(live, manifest.replace(chunk, new))}\tsnapshot.json")
    tree = tree_of(live, "\n".join([*entries, ""]))
    said = push(live, f"{commit_of(live, tree)}:refs/heads/main")
    assert "is not in order" in said.text


def test_one_bad_reference_keeps_out_the_whole_push(live: LiveProject) -> None:
    said = push(live, "main", "main:refs/other/x")
    assert "refs/other/x" in said.text
    assert said.code != 0


def test_another_hook_gets_the_same_input(live: LiveProject, place: Path) -> None:
    shared = place / "shared.git"
    words = ["--store", str(shared), "hooks"]
    assert main([*words, "uninstall", "--shared", "-q"]) == 0
    assert git(shared, "config", "--get-regexp", "kuzugit").count("program") == 0
    theirs = shared / "hooks" / "pre-receive"
    theirs.write_text("#!/bin/sh\ncat > seen\nexit ${REFUSE:-0}\n")
    theirs.chmod(0o755)
    assert main([*words, "install", "--shared", "-q"]) == 0
    tip = git(shared, "rev-parse", "main")
    os.environ["REFUSE"] = "7"
    try:
        assert push(live, "main").code != 0
    finally:
        del os.environ["REFUSE"]
    assert push(live, "main").code == 0
    assert (
        shared / "seen"
    ).read_text() == f"{tip} {git(live.store, 'rev-parse', 'main')} refs/heads/main\n"


def test_without_kuzugit_nothing_is_taken(live: LiveProject, place: Path) -> None:
    git(place / "shared.git", "config", "kuzugit.program", "/nowhere/kuzugit")
    assert "nothing is taken" in push(live, "main").text


def test_a_line_that_git_does_not_write(
    live: LiveProject, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(live.store)
    for text, code in (("", 0), ("rubbish\n", 2), (f"{'0' * 40} {'1' * 40} refs/x\n", 13)):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        assert main(["hooks", "run", "pre-receive"]) == code
    assert capsys.readouterr().out == ""


def test_commits_go_on_in_it(live: LiveProject, place: Path) -> None:
    assert push(live, "main", "v0.1.1").code == 0
    live.commit("third", ADD_PERSON)
    assert push(live, "main", "v0.1.2").code == 0
    assert git(place / "shared.git", "tag") == "v0.1.0\nv0.1.1\nv0.1.2"
