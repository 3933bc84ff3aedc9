"""Snapshots that are made to harm: how each is planted, and the exit code that meets it.

What a statement would do, if one were ever run, is to write beside the store: the tests
look there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import pyarrow as pa
from pygit2.enums import ObjectType

from kuzugit.canonical.parquet import encode
from kuzugit.errors import ExitCode
from tests.hostile import parquet
from tests.hostile.parquet import persons, written
from tests.hostile.planting import (
    DIRECTORY,
    EXECUTABLE,
    FILE,
    LINK,
    PERSON,
    SUBMODULE,
    Entry,
    Plant,
    Planted,
    raw_tree,
    table_of,
    tag_of,
)

CORRUPT, UNSUPPORTED = ExitCode.CORRUPT, ExitCode.UNSUPPORTED
PWNED = "pwned.csv"


class Where(Enum):
    """What part of the snapshot is made to harm; it decides which commands meet it."""

    REFERENCE = auto()
    TREE = auto()
    MANIFEST = auto()
    STATEMENTS = auto()
    CHUNK = auto()


@dataclass(frozen=True)
class Hostile:
    """A hostile snapshot: its name, how it is planted, the exit code of a checkout of it."""

    name: str
    where: Where
    plant: Plant
    code: ExitCode = CORRUPT


# --- trees


def entry(mode: str, name: bytes) -> Plant:
    return lambda planted: planted.add(mode, name)


def below(mode: str, *names: bytes) -> Plant:
    """A file under directories of these names."""

    def plant(planted: Planted) -> None:
        id = planted.blob(b"x")
        for name in reversed(names[1:]):
            id = raw_tree(planted, Entry(mode if name == names[-1] else DIRECTORY, name, id))
        planted.add(DIRECTORY, names[0], id)

    return plant


def chunk_mode(mode: str) -> Plant:
    def plant(planted: Planted) -> None:
        planted.modes[PERSON] = mode

    return plant


def chunk_is_a_link(planted: Planted) -> None:
    planted.put_chunk(b"/etc/passwd", rows=1)
    planted.modes[PERSON] = LINK


def chunk_is_a_tree(planted: Planted) -> None:
    planted.ids[PERSON] = raw_tree(planted)
    planted.name_chunk({"blob": planted.ids[PERSON]})


def directory_is_a_blob(planted: Planted) -> None:
    planted.add(DIRECTORY, b"zz", planted.blob(b"no tree"))


def very_deep(planted: Planted) -> None:
    id = planted.blob(b"x")
    tree = raw_tree(planted, Entry(FILE, b"x", id))
    for _ in range(2000):
        tree = raw_tree(planted, Entry(DIRECTORY, b"d", tree))
    planted.add(DIRECTORY, b"deep", tree)


def many_paths(planted: Planted) -> None:
    """A few objects that spell out 64 ** 12 paths."""
    tree = raw_tree(planted, Entry(FILE, b"x", planted.blob(b"x")))
    for _ in range(12):
        tree = raw_tree(planted, *(Entry(DIRECTORY, b"%02d" % at, tree) for at in range(64)))
    planted.add(DIRECTORY, b"many", tree)


def broken_tree(planted: Planted) -> None:
    planted.tree = planted.write(ObjectType.TREE, b"100644 no end")


def missing_tree(planted: Planted) -> None:
    planted.tree = "0123456789" * 4


def no_manifest(planted: Planted) -> None:
    del planted.files["snapshot.json"]


TREES = [
    Hostile("a directory ..", Where.TREE, below(FILE, b"..", PWNED.encode())),
    Hostile("two directories up", Where.TREE, below(FILE, b"nodes2", b"..", b"..", b"up")),
    Hostile("a file .", Where.TREE, entry(FILE, b".")),
    Hostile("a directory .git", Where.TREE, below(FILE, b".git", b"config")),
    Hostile("a directory .GIT", Where.TREE, below(FILE, b".GIT", b"config")),
    Hostile("an absolute path", Where.TREE, entry(FILE, b"/tmp/pwned")),
    Hostile("a path in a name", Where.TREE, entry(FILE, b"nodes/../../../pwned")),
    Hostile("a backslash", Where.TREE, entry(FILE, b"..\\pwned")),
    Hostile("an escape in a name", Where.TREE, entry(FILE, b"a\x1b[2J\x1b]0;title\x07")),
    Hostile("a line end in a name", Where.TREE, entry(FILE, b"a\nerror: no")),
    Hostile("a C1 control in a name", Where.TREE, entry(FILE, "a\u009b31m".encode())),
    Hostile("an override in a name", Where.STATEMENTS, entry(FILE, "a\u202egpj.exe".encode())),
    Hostile("no UTF-8 in a name", Where.TREE, entry(FILE, b"\xff\xfe")),
    Hostile("an empty name", Where.TREE, entry(FILE, b"")),
    Hostile("one name twice", Where.TREE, entry(FILE, b"schema.cypher")),
    Hostile("a symbolic link", Where.TREE, entry(LINK, b"link")),
    Hostile("a chunk that is a symbolic link", Where.TREE, chunk_is_a_link),
    Hostile("a submodule", Where.TREE, entry(SUBMODULE, b"module")),
    Hostile("an executable chunk", Where.TREE, chunk_mode(EXECUTABLE)),
    Hostile("a mode that is none", Where.TREE, chunk_mode("100777")),
    Hostile("a chunk that is a tree", Where.CHUNK, chunk_is_a_tree),
    Hostile("a directory that is a file", Where.TREE, directory_is_a_blob),
    Hostile("a tree of endless depth", Where.TREE, very_deep),
    Hostile("a tree of endless breadth", Where.TREE, many_paths),
    Hostile("a broken tree", Where.TREE, broken_tree),
    Hostile("a missing tree", Where.TREE, missing_tree),
    Hostile("no manifest", Where.TREE, no_manifest),
]


# --- statements


def append(path: str, text: str) -> Plant:
    def plant(planted: Planted) -> None:
        planted.files[path] += f"{text}\n".encode()

    return plant


def replaced(path: str, text: str) -> Plant:
    def plant(planted: Planted) -> None:
        planted.files[path] = f"{text}\n".encode()

    return plant


def in_manifest(change: Callable[[dict[str, Any]], object]) -> Plant:
    return lambda planted: planted.change(change)


def property_of_person(**fields: object) -> Plant:
    return in_manifest(lambda value: value["nodes"][0]["properties"][1].update(fields))


def macro(**fields: object) -> Plant:
    item = {"name": "m", "parameters": [], "body": "1", **fields}
    return in_manifest(lambda value: value["macros"].append(item))


def index(**fields: object) -> Plant:
    item: dict[str, object] = {
        "table": "Person",
        "name": "i",
        "kind": "FTS",
        "properties": ["name"],
        "options": {},
        **fields,
    }
    return in_manifest(lambda value: value["indexes"].append(item))


def sequence(**fields: object) -> Plant:
    item: dict[str, object] = {
        "name": "s",
        "start": 1,
        "increment": 1,
        "minimum": 1,
        "maximum": 9,
        "cycle": False,
        "current": None,
        **fields,
    }
    return in_manifest(lambda value: value["sequences"].append(item))


def of(kind: str, **fields: object) -> Plant:
    return in_manifest(lambda value: value[kind][0].update(fields))


COPY_TO = f"COPY (MATCH (p:Person) RETURN p.id) TO '{PWNED}';"
STATEMENTS = [
    Hostile("ATTACH in schema.cypher", Where.STATEMENTS,
            append("schema.cypher", f"ATTACH '{PWNED}' AS x (dbtype kuzu);")),
    Hostile("COPY TO in copy.cypher", Where.STATEMENTS, append("copy.cypher", COPY_TO)),
    Hostile("COPY FROM elsewhere", Where.STATEMENTS,
            replaced("copy.cypher", 'COPY `Person` FROM "/etc/passwd" (file_format="csv");')),
    Hostile("INSTALL in index.cypher", Where.STATEMENTS,
            append("index.cypher", "INSTALL httpfs FROM 'http://127.0.0.1:9/';")),
    Hostile("LOAD in index.cypher", Where.STATEMENTS,
            append("index.cypher", "LOAD EXTENSION '/tmp/pwned.kuzu_extension';")),
    Hostile("EXPORT in schema.cypher", Where.STATEMENTS,
            append("schema.cypher", f"EXPORT DATABASE '{PWNED}';")),
    Hostile("a default that goes on", Where.MANIFEST,
            property_of_person(default=f"'x'); {COPY_TO}")),
    Hostile("a default that comments the rest", Where.MANIFEST,
            property_of_person(default="1 /* */ ")),
    Hostile("a default that is a query", Where.MANIFEST,
            property_of_person(default="COUNT { MATCH (n) }")),
    Hostile("a type that goes on", Where.MANIFEST,
            property_of_person(type=f"INT64, PRIMARY KEY (id)); {COPY_TO}")),
    Hostile("a type that does not exist", Where.MANIFEST, property_of_person(type="PWNED")),
    Hostile("a type of endless depth", Where.MANIFEST,
            property_of_person(type="INT64" + "[]" * 9999)),
    Hostile("an array of absurd length", Where.MANIFEST,
            property_of_person(type=f"FLOAT[{10 ** 30}]")),
    Hostile("a name with a backtick", Where.MANIFEST,
            property_of_person(name=f"x`); {COPY_TO}")),
    Hostile("a macro's body that goes on", Where.MANIFEST, macro(body="1; INSTALL httpfs")),
    Hostile("a macro's name that goes on", Where.MANIFEST, macro(name="m() AS 1; --")),
    Hostile("a macro's parameter that goes on", Where.MANIFEST,
            macro(parameters=[{"name": f"a) AS 1; {COPY_TO}", "default": None}])),
    Hostile("an index whose stop words are a file", Where.MANIFEST,
            index(options={"stopwords": "/etc/passwd"})),
    Hostile("an index option that goes on", Where.MANIFEST,
            index(kind="HNSW", options={"efc": f"1); {COPY_TO}"})),
    Hostile("an index of an unknown kind", Where.MANIFEST, index(kind="EXEC")),
    Hostile("an index on no table", Where.MANIFEST, index(table="/etc/passwd")),
    Hostile("a sequence whose start is a statement", Where.MANIFEST,
            sequence(start=f"1; {COPY_TO}")),
    Hostile("a sequence beyond 64 bits", Where.MANIFEST, sequence(start=1 << 64)),
    Hostile("a multiplicity that goes on", Where.MANIFEST,
            of("rels", multiplicity=f"MANY_MANY); {COPY_TO}")),
    Hostile("a direction that goes on", Where.MANIFEST,
            of("rels", storage_direction=f"fwd'); {COPY_TO}")),
]  # fmt: skip


# --- manifests


def text(replace: Callable[[str], str]) -> Plant:
    def plant(planted: Planted) -> None:
        before = planted.files["snapshot.json"].decode()
        planted.files["snapshot.json"] = replace(before).encode("utf-8", "surrogatepass")

    return plant


def raw(data: bytes) -> Plant:
    return lambda planted: planted.files.update({"snapshot.json": data})


def chunk(**fields: object) -> Plant:
    return lambda planted: planted.name_chunk(fields)


def twice(value: dict[str, Any]) -> None:
    value["nodes"] *= 2
    value["data"].insert(0, table_of(value, "Person"))


def in_capitals(value: dict[str, Any]) -> None:
    other = {**value["nodes"][0], "name": "PERSON"}
    value["nodes"].insert(0, other)
    value["data"].insert(
        0, {**table_of(value, "Person"), "table": "PERSON", "rows": 0, "chunks": []}
    )


def to_nowhere(value: dict[str, Any]) -> None:
    value["rels"][0]["pairs"][0]["to"] = "Nobody"


MANIFESTS = [
    Hostile("a count beyond all bounds", Where.MANIFEST, chunk(rows=1 << 62)),
    Hostile("a count below zero", Where.MANIFEST, chunk(rows=-1)),
    Hostile("a count that is no whole number", Where.MANIFEST, chunk(rows=1e3)),
    Hostile("a count of 5,000 digits", Where.MANIFEST,
            text(lambda found: found.replace('"rows": 20', '"rows": ' + "9" * 5000))),
    Hostile("a size beyond all bounds", Where.MANIFEST, chunk(size=1 << 50)),
    Hostile("a chunk whose name is a path", Where.MANIFEST, chunk(name="../../../pwned")),
    Hostile("a chunk whose id is none", Where.MANIFEST, chunk(blob="../objects")),
    Hostile("a chunk that is missing", Where.STATEMENTS, chunk(blob="0123456789" * 4)),
    Hostile("a table twice", Where.MANIFEST, in_manifest(twice)),
    Hostile("a table twice in other letters", Where.MANIFEST, in_manifest(in_capitals)),
    Hostile("an unknown field", Where.MANIFEST, in_manifest(lambda value: value.update(run="rm"))),
    Hostile("a field twice", Where.MANIFEST,
            text(lambda found: found.replace("{", '{"format": 1,', 1))),
    Hostile("endless lists", Where.MANIFEST, raw(b"[" * 1_000_000)),
    Hostile("half a character", Where.MANIFEST,
            text(lambda found: found.replace('"comment": ""', '"comment": "\\ud800"', 1))),
    Hostile("half a character as bytes", Where.MANIFEST,
            text(lambda found: found.replace('"comment": ""', '"comment": "\ud800"', 1))),
    Hostile("no UTF-8", Where.MANIFEST, raw(b"\xff\xfe{}")),
    Hostile("nothing", Where.MANIFEST, raw(b"")),
    Hostile("NaN", Where.MANIFEST,
            text(lambda found: found.replace('"rows": 20', '"rows": NaN'))),
    Hostile("another order of fields", Where.MANIFEST,
            text(lambda found: found.replace("\n", ""))),
    Hostile("a rel to no table", Where.MANIFEST, in_manifest(to_nowhere)),
    Hostile("a later format", Where.MANIFEST,
            in_manifest(lambda value: value.update(format=2, extra="?")), UNSUPPORTED),
    Hostile("a format of the far future", Where.MANIFEST,
            in_manifest(lambda value: value.update(format=1 << 200)), UNSUPPORTED),
    Hostile("a format that is no number", Where.MANIFEST,
            in_manifest(lambda value: value.update(format=True))),
]  # fmt: skip


# --- chunks


def data(make: Callable[[], bytes], **fields: object) -> Plant:
    return lambda planted: planted.put_chunk(make(), **fields)


def other_type() -> bytes:
    table = persons()
    return encode(table.set_column(2, "balance", pa.array(["x"] * 20)))


def other_columns() -> bytes:
    return encode(persons().drop_columns(["name"]))


CHUNKS = [
    Hostile("no Parquet", Where.CHUNK, data(lambda: b"PAR1 is how it begins")),
    Hostile("Parquet cut short", Where.CHUNK, data(lambda: encode(persons())[:300])),
    Hostile("Parquet without a footer", Where.CHUNK, data(lambda: encode(persons())[:-8])),
    Hostile("fewer rows than the manifest says", Where.CHUNK,
            data(lambda: encode(persons(19)), rows=20)),
    Hostile("more rows than the manifest says", Where.CHUNK,
            data(lambda: encode(persons()), rows=3)),
    Hostile("another size than the manifest says", Where.CHUNK,
            data(lambda: encode(persons()), size=17)),
    Hostile("a column of another type", Where.CHUNK, data(other_type)),
    Hostile("a column too few", Where.CHUNK, data(other_columns)),
    Hostile("a page of 2 GiB", Where.CHUNK, data(parquet.giant_page)),
    Hostile("a footer of 4 GiB", Where.CHUNK, data(parquet.giant_footer)),
    Hostile("a footer that tells of a million rows", Where.CHUNK,
            data(parquet.more_rows_than_there_are)),
    Hostile("a footer and its groups that disagree", Where.CHUNK,
            data(parquet.fewer_rows_in_the_footer)),
    Hostile("a column beyond the end", Where.CHUNK, data(parquet.beyond_the_end)),
    Hostile("compressed Parquet", Where.CHUNK,
            data(lambda: written(persons(), compression="zstd"))),
    Hostile("a dictionary", Where.CHUNK,
            data(lambda: written(persons(), compression="none", use_dictionary=True))),
]  # fmt: skip


# --- references


def tag_on_a_blob(planted: Planted) -> None:
    planted.target = tag_of(planted, planted.blob(b"x"), "blob")


def tag_on_a_tree(planted: Planted) -> None:
    planted.target = tag_of(planted, raw_tree(planted), "tree")


def tag_on_a_tag_on_a_blob(planted: Planted) -> None:
    inner = tag_of(planted, planted.blob(b"x"), "blob")
    planted.target = tag_of(planted, inner, "tag")


def reference_to_a_blob(planted: Planted) -> None:
    planted.target = planted.blob(b"x")


def reference_to_nothing(planted: Planted) -> None:
    planted.target = "0123456789" * 4


def commit_is_garbage(planted: Planted) -> None:
    planted.commit = planted.write(ObjectType.COMMIT, b"tree of nothing\n")


REFERENCES = [
    Hostile("a tag on a blob", Where.REFERENCE, tag_on_a_blob),
    Hostile("a tag on a tree", Where.REFERENCE, tag_on_a_tree),
    Hostile("a tag on a tag on a blob", Where.REFERENCE, tag_on_a_tag_on_a_blob),
    Hostile("a tag that is a blob", Where.REFERENCE, reference_to_a_blob),
    Hostile("a tag that leads nowhere", Where.REFERENCE, reference_to_nothing),
    Hostile("a commit that is garbage", Where.REFERENCE, commit_is_garbage),
]


def comment(planted: Planted) -> None:
    text = f"x'; {COPY_TO} \\'; {COPY_TO}"
    planted.change(lambda value: value["nodes"][0].update(comment=text))


def escape_as_a_name(planted: Planted) -> None:
    planted.files = {
        path.replace("Person", "%1B%5B2J"): data for path, data in planted.files.items()
    }
    before = planted.files["snapshot.json"].decode()
    planted.files["snapshot.json"] = before.replace('"Person"', '"\\u001b[2J"').encode()


HARMLESS = [
    Hostile("a comment that looks like statements", Where.STATEMENTS, comment, ExitCode.DONE),
    Hostile("an escape in a table's name", Where.STATEMENTS, escape_as_a_name, ExitCode.DONE),
]  # fmt: skip
"""What looks as if it could do harm, and is nothing but data, which comes back as it is."""

HOSTILE = [*TREES, *STATEMENTS, *MANIFESTS, *CHUNKS, *REFERENCES]
