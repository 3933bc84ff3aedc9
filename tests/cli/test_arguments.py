"""What each heavy command makes of its words, with the porcelain replaced by a recorder."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from kuzugit.model.changes import Changes, RowCounts
from kuzugit.model.snapshot import TableKey
from kuzugit.model.version import Bump
from kuzugit.porcelain.checkout import CheckoutResult
from kuzugit.porcelain.commit import CommitResult
from kuzugit.porcelain.compact import CompactResult
from kuzugit.porcelain.export import ExportResult
from kuzugit.porcelain.status import Status
from kuzugit.porcelain.verify import Finding, VerifyReport
from kuzugit.store.signature import Signature
from tests.cli.conftest import Run
from tests.support.project import Project

CHANGES = Changes(rows=((TableKey("Requirement"), RowCounts(added=3, changed=1)),))


@dataclass
class Recorder:
    """Stands in for a porcelain function: keeps the call, returns `result`."""

    result: Any
    positional: tuple[Any, ...] = ()
    named: dict[str, Any] = field(default_factory=dict)
    called: bool = False

    def __call__(self, workspace: object, *positional: Any, **named: Any) -> Any:
        self.called = True
        self.positional = positional
        self.named = {name: value for name, value in named.items() if name != "progress"}
        return self.result


Replace = Callable[[str, Any], Recorder]


@pytest.fixture
def replace(monkeypatch: pytest.MonkeyPatch) -> Replace:
    def put(name: str, result: Any) -> Recorder:
        recorder = Recorder(result)
        module, _, function = name.partition(":")
        monkeypatch.setattr(import_module(f"kuzugit.porcelain.{module}"), function, recorder)
        return recorder

    return put


def committed(project: Project, **fields: Any) -> CommitResult:
    values: dict[str, Any] = {
        "snapshot": project.snapshots[1],
        "version": "v0.2.0",
        "changes": CHANGES,
        "created": True,
    }
    return CommitResult(**{**values, **fields})


class TestCommit:
    def test_defaults(self, run: Run, project: Project, replace: Replace) -> None:
        recorder = replace("commit:commit", committed(project))
        result = run("-C", project.directory, "commit", "-m", "three more")
        id = project.snapshots[1].commit[:7]
        assert (result.code, result.err) == (0, "")
        assert result.out == (f"[main v0.2.0 {id}] three more\n Requirement: 3 added, 1 changed\n")
        assert recorder.positional == ("three more",)
        assert callable(recorder.named.pop("tell"))
        assert recorder.named == {
            "tag": None,
            "bump": None,
            "trailers": (),
            "accept_loss": (),
            "allow_empty": False,
            "checks": True,
            "dry_run": False,
            "verify": None,
            "author": None,
            "committer": None,
        }

    def test_every_option(
        self, run: Run, project: Project, replace: Replace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_AUTHOR_NAME", "Eve")
        monkeypatch.setenv("GIT_AUTHOR_DATE", "@5 +0100")
        recorder = replace("commit:commit", committed(project))
        words = ["--tag", "v9.0.0", "--trailer", "a=b", "--trailer", "c:d"]
        words += ["--allow-empty", "--verify", "--dry-run", "--no-checks"]
        words += ["--accept-loss", "M", "--accept-loss", "N.d"]
        run("-C", project.directory, "commit", "-m", "s", "--message", "body", *words)
        assert recorder.positional == ("s\n\nbody",)
        assert callable(recorder.named.pop("tell"))
        assert recorder.named == {
            "tag": "v9.0.0",
            "bump": None,
            "trailers": (("a", "b"), ("c", "d")),
            "accept_loss": ["M", "N.d"],
            "allow_empty": True,
            "checks": False,
            "dry_run": True,
            "verify": True,
            "author": Signature("Eve", "ada@example.org", 5, 60),
            "committer": None,
        }

    @pytest.mark.parametrize("part", list(Bump))
    def test_bump(self, run: Run, project: Project, replace: Replace, part: Bump) -> None:
        recorder = replace("commit:commit", committed(project))
        run("-C", project.directory, "commit", "-m", "x", "--bump", part.value)
        assert recorder.named["bump"] is part

    def test_quiet(self, run: Run, project: Project, replace: Replace) -> None:
        replace("commit:commit", committed(project, warnings=("IMPORT cannot bring back x",)))
        result = run("-C", project.directory, "commit", "-q", "-m", "x")
        assert (result.code, result.out) == (0, "")
        assert result.err == "warning: IMPORT cannot bring back x\n"

    def test_nothing_to_commit(self, run: Run, project: Project, replace: Replace) -> None:
        replace("commit:commit", committed(project, created=False, version=None))
        result = run("-C", project.directory, "commit", "-m", "x")
        assert (result.code, result.out) == (
            0,
            "nothing to commit, the database is at v0.2.0\n",
        )

    def test_dry_run(self, run: Run, project: Project, replace: Replace) -> None:
        replace("commit:commit", committed(project, created=False, snapshot=None))
        result = run("-C", project.directory, "commit", "-m", "x", "--dry-run")
        assert result.out == "would commit v0.2.0\n Requirement: 3 added, 1 changed\n"

    def test_json(self, run: Run, project: Project, replace: Replace) -> None:
        replace("commit:commit", committed(project))
        found = json.loads(run("-C", project.directory, "commit", "-m", "x", "--json").out)
        assert (found["format"], found["created"], found["version"]) == (1, True, "v0.2.0")
        assert found["snapshot"]["commit"] == project.snapshots[1].commit
        assert found["changes"]["rows"][0]["added"] == 3

    @pytest.mark.parametrize(
        "words",
        [
            [],
            ["-m", " "],
            ["-m", "x", "--tag", "v1.0.0", "--bump", "major"],
            ["-m", "x", "--trailer", "no value"],
        ],
    )
    def test_what_is_refused_calls_nothing(
        self, run: Run, project: Project, replace: Replace, words: list[str]
    ) -> None:
        recorder = replace("commit:commit", committed(project))
        assert run("-C", project.directory, "commit", *words).code == 2
        assert not recorder.called


class TestImport:
    def test_every_option(self, run: Run, project: Project, replace: Replace) -> None:
        recorder = replace("import_:import_directory", committed(project))
        words = ["-m", "old", "--bump", "major", "--trailer", "a=b", "--allow-empty"]
        words += ["--accept-loss", "M"]
        result = run("-C", project.directory, "import", "files", *words)
        assert result.code == 0
        assert result.out.startswith("[main v0.2.0 ")
        assert recorder.positional == (project.directory / "files", "old")
        assert recorder.named == {
            "tag": None,
            "bump": Bump.MAJOR,
            "trailers": (("a", "b"),),
            "accept_loss": ["M"],
            "allow_empty": True,
            "checks": True,
            "author": None,
            "committer": None,
        }


class TestStatus:
    def status(self, project: Project, **fields: Any) -> Status:
        first, second = project.snapshots
        values: dict[str, Any] = {
            "current": first,
            "branch": "main",
            "tip": second,
            "ahead": 0,
            "behind": 1,
            "database": project.directory / "my.kuzu",
            "changes": Changes(),
            "untouched": True,
        }
        return Status(**{**values, **fields})

    def test_behind_and_unchanged(self, run: Run, project: Project, replace: Replace) -> None:
        replace("status:status", self.status(project))
        result = run("-C", project.directory, "status", "--exit-code")
        assert (result.code, result.err) == (0, "")
        assert result.out == (
            "On branch main\n"
            "Current: v0.1.0\n"
            "Behind the branch, at v0.2.0, by 1 snapshot\n"
            "nothing to commit, the database is unchanged\n"
        )

    def test_changed(self, run: Run, project: Project, replace: Replace) -> None:
        replace("status:status", self.status(project, behind=0, changes=CHANGES))
        result = run("-C", project.directory, "status")
        assert result.code == 0
        assert result.out == (
            "On branch main\n"
            "Current: v0.1.0\n"
            "Changes since v0.1.0:\n"
            '  (use "kuzugit commit -m MSG" to keep them)\n'
            "    Requirement: 3 added, 1 changed\n"
        )
        assert run("-C", project.directory, "status", "--exit-code", "-q").code == 1
        assert run("-C", project.directory, "status", "--exit-code", "--json").code == 1

    def test_a_database_that_is_gone(self, run: Run, project: Project, replace: Replace) -> None:
        replace("status:status", self.status(project, exists=False, behind=0))
        result = run("-C", project.directory, "status", "--exit-code")
        assert result.code == 1
        assert f"There is no database at {project.directory}/my.kuzu\n" in result.out
        found = json.loads(run("-C", project.directory, "status", "--json").out)
        assert (found["exists"], found["clean"]) == (False, False)

    def test_before_the_first_snapshot(self, run: Run, project: Project, replace: Replace) -> None:
        replace("status:status", self.status(project, current=None, tip=None, behind=0))
        assert run("-C", project.directory, "status").out == "On branch main\nNo snapshots yet\n"

    def test_json(self, run: Run, project: Project, replace: Replace) -> None:
        replace("status:status", self.status(project, changes=CHANGES, untouched=False))
        found = json.loads(run("-C", project.directory, "status", "--json").out)
        assert found["format"] == 1
        assert found["current"]["version"] == "v0.1.0"
        assert found["tip"]["version"] == "v0.2.0"
        assert (found["ahead"], found["behind"], found["clean"]) == (0, 1, False)


class TestCheckout:
    def result(self, project: Project, **fields: Any) -> CheckoutResult:
        values: dict[str, Any] = {
            "snapshot": project.snapshots[0],
            "database": project.directory / "my.kuzu",
            "kept_aside": None,
            "saved": None,
            "rows": 3,
        }
        return CheckoutResult(**{**values, **fields})

    def test_defaults(self, run: Run, project: Project, replace: Replace) -> None:
        recorder = replace("checkout:checkout", self.result(project))
        result = run("-C", project.directory, "checkout", "v0.1.0")
        assert (result.code, result.out) == (0, "The database is at v0.1.0 (3 rows)\n")
        assert recorder.positional == ("v0.1.0",)
        assert recorder.named == {
            "to": None,
            "save": False,
            "force": False,
            "message": None,
            "author": None,
            "committer": None,
        }

    def test_save(self, run: Run, project: Project, replace: Replace) -> None:
        saved = self.result(project, saved=project.snapshots[1])
        recorder = replace("checkout:checkout", saved)
        result = run("-C", project.directory, "checkout", "v0.1.0", "--save", "-m", "before")
        assert result.out == "Saved the changes as v0.2.0\nThe database is at v0.1.0 (3 rows)\n"
        assert (recorder.named["save"], recorder.named["message"]) == (True, "before")

    def test_force(self, run: Run, project: Project, replace: Replace) -> None:
        recorder = replace(
            "checkout:checkout", self.result(project, kept_aside=Path("/x/my.kuzu.\x1b"))
        )
        result = run("-C", project.directory, "checkout", "v0.1.0", "--force")
        assert result.out.startswith("Kept the old database as /x/my.kuzu.\\x1b\n")
        assert recorder.named["force"] is True

    def test_a_copy(self, run: Run, project: Project, replace: Replace) -> None:
        copy = project.directory / "copy.kuzu"
        recorder = replace("checkout:checkout", self.result(project, database=copy))
        result = run("-C", project.directory, "checkout", "v0.1.0", "--to", "copy.kuzu")
        assert result.out == f"Built v0.1.0 (3 rows) in {copy}\n"
        assert recorder.named["to"] == copy

    def test_json(self, run: Run, project: Project, replace: Replace) -> None:
        replace("checkout:checkout", self.result(project))
        found = json.loads(run("-C", project.directory, "checkout", "v0.1.0", "--json").out)
        assert (found["format"], found["rows"], found["saved"]) == (1, 3, None)
        assert found["snapshot"]["version"] == "v0.1.0"

    @pytest.mark.parametrize(
        "words",
        [
            ["--to", "x", "--save"],
            ["--to", "x", "--force"],
            ["--save", "--force"],
            ["-m", "x"],
            ["--save", "-m", " "],
        ],
    )
    def test_options_that_contradict_each_other(
        self, run: Run, project: Project, replace: Replace, words: list[str]
    ) -> None:
        recorder = replace("checkout:checkout", self.result(project))
        assert run("-C", project.directory, "checkout", "v0.1.0", *words).code == 2
        assert not recorder.called


class TestCompact:
    def test_bytes_before_and_after(self, run: Run, project: Project, replace: Replace) -> None:
        recorder = replace("compact:compact", CompactResult(865075200, 329252864))
        result = run("-C", project.directory, "compact", "--save")
        assert (result.code, result.out) == (0, "825.0 MiB before, 314.0 MiB after\n")
        assert recorder.named == {"save": True, "author": None, "committer": None}
        found = json.loads(run("-C", project.directory, "compact", "--json").out)
        assert found == {"format": 1, "before": 865075200, "after": 329252864, "warnings": []}


class TestExport:
    def test_defaults(self, run: Run, project: Project, replace: Replace) -> None:
        target = project.directory / "out"
        recorder = replace("export:export", ExportResult(target, 6, 2048, ("a value is rounded",)))
        result = run("-C", project.directory, "export", "v0.1.0", "out")
        assert (result.code, result.out) == (0, f"v0.1.0 in {target}: 6 files, 2.0 KiB\n")
        assert result.err == "warning: a value is rounded\n"
        assert recorder.positional == ("v0.1.0", target)
        assert recorder.named == {"format": "parquet", "schema_only": False}

    def test_csv_and_json(self, run: Run, project: Project, replace: Replace) -> None:
        recorder = replace("export:export", ExportResult(Path("/x"), 1, 1))
        words = ("v0.1.0", "/x", "--format", "csv", "--schema-only", "--json")
        found = json.loads(run("-C", project.directory, "export", *words).out)
        assert found == {
            "format": 1,
            "directory": "/x",
            "files": 1,
            "bytes": 1,
            "warnings": [],
        }
        assert recorder.positional == ("v0.1.0", Path("/x"))
        assert recorder.named == {"format": "csv", "schema_only": True}

    def test_another_format(self, run: Run, project: Project, replace: Replace) -> None:
        recorder = replace("export:export", ExportResult(Path("/x"), 1, 1))
        result = run("-C", project.directory, "export", "v0.1.0", "x", "--format", "xml")
        assert (result.code, recorder.called) == (2, False)
        assert "'xml' is not one of 'parquet', 'csv'" in result.err


class TestVerify:
    def test_sound(self, run: Run, project: Project, replace: Replace) -> None:
        recorder = replace("verify:verify", VerifyReport(project.snapshots[:1], (), 6, 2048))
        result = run("-C", project.directory, "verify", "v0.1.0", "--rebuild")
        assert (result.code, result.out) == (0, "v0.1.0 sound: 6 objects, 2.0 KiB\n")
        assert recorder.positional == ("v0.1.0",)
        assert recorder.named == {"every": False, "rebuild": True}

    def test_all(self, run: Run, project: Project, replace: Replace) -> None:
        recorder = replace("verify:verify", VerifyReport(project.snapshots, (), 9, 1))
        result = run("-C", project.directory, "verify", "--all")
        assert result.out == "2 snapshots sound: 9 objects, 1 B\n"
        assert recorder.positional == (None,)
        assert recorder.named == {"every": True, "rebuild": False}
        assert run("-C", project.directory, "verify", "v0.1.0", "--all").code == 2

    def test_findings(self, run: Run, project: Project, replace: Replace) -> None:
        finding = Finding("v0.1.0", "nodes/\x1b.parquet", "is cut short")
        replace("verify:verify", VerifyReport(project.snapshots, (finding,), 9, 1))
        result = run("-C", project.directory, "verify")
        assert result.code == 1
        assert result.out == (
            "v0.1.0: nodes/\\x1b.parquet: is cut short\n1 finding in 9 objects, 1 B\n"
        )
        quiet = run("-C", project.directory, "verify", "-q")
        assert (quiet.code, quiet.out.count("\n")) == (1, 1)
        found = json.loads(run("-C", project.directory, "verify", "--json").out)
        assert (found["format"], found["sound"]) == (1, False)
        assert found["findings"] == [
            {"snapshot": "v0.1.0", "path": "nodes/\x1b.parquet", "problem": "is cut short"}
        ]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["commit", "-m", "x\udcff"], "'-m' / '--message'"),
        (["commit", "-m", "x", "--trailer", "a=\udcff"], "'--trailer'"),
        (["sql", "current", "SELECT '\udcff'"], "'QUERY'"),
        (["blame", "Requirement", "--where", "\udcff"], "'--where'"),
        (["sync", "x\udcff"], "'SOURCE'"),
        (["-C", "x\udcff", "log", "\udcff"], ""),  # a path may be any bytes
    ],
)
def test_a_text_that_is_no_utf_8_is_refused(
    run: Run, project: Project, monkeypatch: pytest.MonkeyPatch, words: list[str], name: str
) -> None:
    monkeypatch.chdir(project.directory)
    done = run(*words)
    assert done.code == 2
    expected = f"invalid value for {name}: it is no UTF-8" if name else "there is no directory"
    assert expected in done.err
