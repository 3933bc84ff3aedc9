"""Import: a directory that kuzugit or Kùzu exported becomes a snapshot."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from kuzugit.canonical.cypher import build_plan
from kuzugit.canonical.manifest import parse_manifest
from kuzugit.canonical.paths import (
    COPY_FILE,
    INDEX_FILE,
    MANIFEST_FILE,
    SCHEMA_FILE,
    chunk_path,
)
from kuzugit.canonical.statements import check_statements, split_statements
from kuzugit.engine import binding
from kuzugit.engine.dialect import DIALECTS
from kuzugit.engine.load import load_extensions, new_database, run_all, run_in_transaction
from kuzugit.errors import CorruptError, RefusedError, UsageError
from kuzugit.model.progress import Progress, ProgressCallback, ignore_progress
from kuzugit.model.snapshot import Manifest, blob_id
from kuzugit.model.version import Bump
from kuzugit.porcelain.build import plain_name, row_statements
from kuzugit.porcelain.commit import (
    CommitResult,
    Request,
    check_request,
    collected_after,
    commit_source,
)
from kuzugit.porcelain.engine import choose_to_build
from kuzugit.porcelain.foreign import placed
from kuzugit.porcelain.live import open_live
from kuzugit.porcelain.rebuilding import differing_parts
from kuzugit.porcelain.workspace import Workspace
from kuzugit.store.history import branch_tip
from kuzugit.store.signature import Signature


class NotAnExport(UsageError):
    """A directory that no EXPORT DATABASE wrote."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        super().__init__(
            f"{path} is no exported database: {why}",
            hint="name the directory that EXPORT DATABASE or kuzugit export wrote",
        )


class LeadsElsewhere(CorruptError):
    """A file of a directory that is to be imported is a link out of it, or is no file."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        super().__init__(f"{path} is refused: {why}", hint="put a copy of the file there")


class ExportChanged(CorruptError):
    """A file of an exported snapshot is not the one that its manifest names."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"{path} is not as kuzugit exported it",
            hint=f"to import the directory as it is now, remove its {MANIFEST_FILE}",
        )


class LoadedOtherwise(RefusedError):
    """The engine does not hold what an exported snapshot says; nothing was committed."""

    def __init__(self, path: Path, parts: list[str]) -> None:
        self.path = path
        self.parts = parts
        title = binding.dialect().title
        others = [item.name for item in DIALECTS.values() if item is not binding.dialect()]
        super().__init__(
            f"{title} does not hold what {path} says in {', '.join(parts)}; nothing was committed",
            hint=f"load it with the other engine: kuzugit --engine {others[0]} import {path}",
        )


def import_directory(
    workspace: Workspace,
    directory: Path,
    message: str,
    *,
    tag: str | None = None,
    bump: Bump | None = None,
    trailers: Sequence[tuple[str, str]] = (),
    allow_empty: bool = False,
    accept_loss: Collection[str] = (),
    checks: bool = True,
    author: Signature | None = None,
    committer: Signature | None = None,
    progress: ProgressCallback = ignore_progress,
) -> CommitResult:
    """Load an exported directory into a scratch database and commit that.

    The live database and `current` stay where they are. Raises NotAnExport,
    StatementRefused, LeadsElsewhere, ExportChanged, LoadedOtherwise, StatementFailed,
    CannotKeep, ChecksFailed: nothing is committed.
    """
    store = workspace.store
    request = Request(message, tag, bump, trailers, allow_empty, author=author, committer=committer)
    request = replace(request, accept_loss=frozenset(accept_loss), checks=checks)
    check_request(store, request)
    source = directory.absolute()
    if not source.is_dir():
        raise NotAnExport(source, "it is no directory")
    if not (source / SCHEMA_FILE).is_file():
        raise NotAnExport(source, f"it has no {SCHEMA_FILE}")
    if not (source / COPY_FILE).is_file() and any(map(_is_data, source.rglob("*"))):
        raise NotAnExport(source, f"it has files of rows and no {COPY_FILE}")
    _check_files(source)
    choose_to_build(workspace)
    with store.lock(), store.scratch() as scratch:
        database = scratch / "import.kuzu"
        progress(Progress("loading", source.name, unit="files"))
        said = _load(source, database)

        def look(found: Manifest) -> None:
            # Kùzu changes some floats as it stores them (`canonical.unsteady`).
            if said is not None and (parts := differing_parts(said, found)):
                raise LoadedOtherwise(source, parts)

        with open_live(database, None) as live:
            result = commit_source(
                store,
                live.source,
                branch_tip(store),
                request,
                progress,
                make_current=False,
                look=look,
            )
    return collected_after(store, result, progress)


def load_directory(directory: Path, database: Path) -> None:
    """Load an exported directory into the new database file `database`.

    The engine is chosen already. Raises what `import_directory` raises for a directory.
    """
    _check_files(directory)
    _load(directory, database)


def _is_data(path: Path) -> bool:
    return path.suffix.lower() in (".parquet", ".csv")


def _check_files(source: Path) -> None:
    # What a directory from elsewhere shows must be in it, and a pipe would never end.
    home = Path(os.path.realpath(source))
    for path in source.rglob("*"):
        if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(home):
            raise LeadsElsewhere(path, "it is a link that leads out of the directory")
        if not path.is_file() and not path.is_dir():
            raise LeadsElsewhere(path, "it is neither a file nor a directory")


def _load(source: Path, database: Path) -> Manifest | None:
    """Load the directory; return the manifest that it has, None where Kùzu wrote it."""
    manifest_file = source / MANIFEST_FILE
    # Nobody keeps the scratch database, so it may be as large as exact values need.
    with plain_name(source) as directory, new_database(database, compression=False) as session:
        if manifest_file.is_file():
            manifest = _checked_manifest(manifest_file, source)
            plan = build_plan(manifest)
            load_extensions(session, manifest.catalog.indexes)
            run_all(session, plan.schema)
            run_all(session, (copy.statement(f"{directory}/") for copy in plan.copies))
            run_all(session, plan.fills)
            for key in plan.literal:
                chunks = manifest.table(key).chunks
                paths = [source / chunk_path(key, chunk.name) for chunk in chunks]
                run_in_transaction(session, row_statements(manifest.catalog, key, paths))
            run_all(session, plan.finish)
            return manifest
        names = (SCHEMA_FILE, COPY_FILE, INDEX_FILE)
        schema, copies, index = (_checked_statements(source, name) for name in names)
        run_all(session, schema)
        run_all(session, (placed(statement, directory) for statement in copies))
        run_all(session, index)
    return None


def _checked_statements(source: Path, name: str) -> list[str]:
    text = _text(source / name)
    check_statements(name, text)
    return list(split_statements(text))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.exists() else ""
    except UnicodeDecodeError as error:
        raise NotAnExport(path.parent, f"{path.name} is not UTF-8") from error


def _checked_manifest(manifest_file: Path, source: Path) -> Manifest:
    manifest = parse_manifest(_text(manifest_file))
    for data in manifest.data:
        named = {chunk_path(data.key, chunk.name): chunk.blob for chunk in data.chunks}
        for relative, blob in named.items():
            path = source / relative
            if not path.is_file() or blob_id(path.read_bytes()) != blob:
                raise ExportChanged(path)
        # COPY takes every file of the directory.
        for path in (source / chunk_path(data.key, "x")).parent.glob("*.parquet"):
            if path.relative_to(source).as_posix() not in named:
                raise ExportChanged(path)
    return manifest
