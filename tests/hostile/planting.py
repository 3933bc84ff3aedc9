"""A snapshot that nobody's kuzugit wrote, planted in a store as raw objects of Git."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pygit2
from pygit2.enums import ObjectType

from kuzugit.canonical.manifest import parse_manifest
from kuzugit.errors import CorruptError, UnsupportedError
from kuzugit.model.snapshot import blob_id
from kuzugit.porcelain.reading import statement_files
from kuzugit.store.history import branch_tip
from kuzugit.store.location import open_store
from kuzugit.store.objects import list_tree, read_blob

TAG = "evil"
PERSON = "nodes/Person/start.parquet"

FILE, EXECUTABLE, LINK, DIRECTORY, SUBMODULE = "100644", "100755", "120000", "40000", "160000"


@dataclass(frozen=True)
class Entry:
    """An entry of a tree as it stands there: no part of it is checked."""

    mode: str
    name: bytes
    id: str


@dataclass
class Planted:
    """A snapshot that is about to be planted: that of v0.1.0, changed at will.

    `files` are by path, `modes` of those that are no plain files, `entries` are put into
    the root of the tree as they stand. `tree`, `commit` and `target` are ids to take
    instead of those that follow.
    """

    git: pygit2.Repository
    files: dict[str, bytes]
    modes: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    tree: str | None = None
    commit: str | None = None
    target: str | None = None

    def write(self, kind: ObjectType, data: bytes) -> str:
        """Write an object of any bytes and return its id."""
        return str(self.git.odb.write(kind, data))

    def blob(self, data: bytes) -> str:
        return self.write(ObjectType.BLOB, data)

    def add(self, mode: str, name: bytes, id: str | None = None) -> None:
        """Put an entry into the root."""
        self.entries.append(Entry(mode, name, id or self.blob(b"x")))

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest as a JSON value."""
        found: dict[str, Any] = json.loads(self.files["snapshot.json"])
        return found

    def change(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change the manifest's JSON value, which stays in canonical form."""
        value = self.manifest
        change(value)
        text = json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
        self.files["snapshot.json"] = text.encode("utf-8", "surrogatepass")

    def replace_text(self, old: str, new: str) -> None:
        """Replace what stands in the manifest's text."""
        before = self.files["snapshot.json"].decode()
        assert old in before
        self.files["snapshot.json"] = before.replace(old, new, 1).encode()

    def put_chunk(self, data: bytes, **fields: object) -> None:
        """Put `data` in the place of the chunk of persons, with a manifest that knows it."""
        self.files[PERSON] = data
        self.name_chunk({"blob": blob_id(data), "size": len(data), **fields})

    def name_chunk(self, fields: dict[str, object]) -> None:
        """Change what the manifest says of the chunk of persons."""

        def change(value: dict[str, Any]) -> None:
            entry = table_of(value, "Person")
            entry["chunks"][0] |= fields
            rows = [chunk["rows"] for chunk in entry["chunks"]]
            entry["rows"] = sum(rows)

        self.change(change)


def table_of(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the entry of a table in the manifest's list of data."""
    found: dict[str, Any] = next(item for item in manifest["data"] if item["table"] == name)
    return found


Plant = Callable[[Planted], object]


def plant(store: Path, change: Plant, *, everywhere: bool = False) -> None:
    """Plant a snapshot as the tag `evil`, as a fetch would bring it.

    `everywhere` makes it the branch and current too.
    """
    with open_store(store) as opened:
        parent = branch_tip(opened)
        assert parent is not None
        files: dict[str, bytes] = {
            path: bytes(read_blob(opened, id))
            for path, id in list_tree(opened, parent.tree).items()
        }
        planted = Planted(opened.git, dict(files))
        change(planted)
        _agree(planted, files)
        tree = planted.tree or _tree(planted)
        commit = planted.commit or _commit(planted, tree, parent.commit)
        target = planted.target or _tag(planted, commit, "commit", TAG)
    tags = store / "refs" / "tags"
    (tags / TAG).write_text(f"{target}\n")
    if everywhere:
        (store / "refs" / "heads" / "main").write_text(f"{commit}\n")
        (store / "refs" / "current").write_text(f"ref: refs/tags/{TAG}\n")


def _agree(planted: Planted, before: dict[str, bytes]) -> None:
    """Write the statements that follow from the manifest, as a careful enemy would."""
    names = ("schema.cypher", "copy.cypher", "index.cypher")
    if any(planted.files.get(name) != before[name] for name in names):
        return
    try:
        manifest = parse_manifest(planted.files["snapshot.json"].decode())
    except (KeyError, UnicodeDecodeError, CorruptError, UnsupportedError):
        return
    texts = statement_files(manifest)
    planted.files |= {name: texts[name].encode() for name in names}


def _commit(planted: Planted, tree: str, parent: str) -> str:
    text = (
        f"tree {tree}\nparent {parent}\nauthor \x1b[2J <e@x> 1700000000 +0000\n"
        f"committer \x1b[2J <e@x> 1700000000 +0000\n\nlook \x1b]0;here\x07 \u202e\u009b31m\n"
    )
    return planted.write(ObjectType.COMMIT, text.encode())


def _tag(planted: Planted, id: str, kind: str, name: str) -> str:
    text = f"object {id}\ntype {kind}\ntag {name}\ntagger E <e@x> 1700000000 +0000\n\n\x1b[31mred\n"
    return planted.write(ObjectType.TAG, text.encode())


def tag_of(planted: Planted, id: str, kind: str) -> str:
    """Write a tag of any object and return its id."""
    return _tag(planted, id, kind, TAG)


def raw_tree(planted: Planted, *entries: Entry) -> str:
    """Write a tree byte by byte, also one that no Git would write."""
    data = b"".join(
        entry.mode.encode() + b" " + entry.name + b"\0" + bytes.fromhex(entry.id)
        for entry in entries
    )
    return planted.write(ObjectType.TREE, data)


def _tree(planted: Planted) -> str:
    entries = {
        path: Entry(
            planted.modes.get(path, FILE),
            path.rpartition("/")[2].encode(),
            planted.ids.get(path) or planted.blob(data),
        )
        for path, data in planted.files.items()
    }
    return _directory(planted, "", entries)


def _directory(planted: Planted, prefix: str, entries: dict[str, Entry]) -> str:
    below = {path: entry for path, entry in entries.items() if path.startswith(prefix)}
    found = list(planted.entries) if not prefix else []
    names = dict.fromkeys(path.removeprefix(prefix).split("/")[0] for path in below)
    for name in names:
        path = f"{prefix}{name}"
        if path in below:
            found.append(below[path])
        else:
            id = _directory(planted, f"{path}/", below)
            found.append(Entry(DIRECTORY, name.encode(), id))
    found.sort(key=lambda entry: entry.name + (b"/" if entry.mode == DIRECTORY else b""))
    return raw_tree(planted, *found)
