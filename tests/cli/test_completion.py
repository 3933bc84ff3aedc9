from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kuzugit.cli.group import COMMANDS
from tests.cli.process import command
from tests.support.project import Project

PROGRAM = (
    "import json, sys; from kuzugit.cli.app import main; code = main(sys.argv[1:]);"
    "sys.stderr.write(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})));"
    "sys.exit(code)"
)


def complete(*words: str) -> list[str]:
    """Return what bash is offered for the last of `words`."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "_KUZUGIT_COMPLETE": "complete_bash",
            "COMP_WORDS": " ".join(["kuzugit", *words]),
            "COMP_CWORD": str(len(words)),
        },
    )
    assert done.returncode == 0
    assert not {"rich", "kuzu", "duckdb", "pyarrow", "pydantic"} & set(json.loads(done.stderr))
    return done.stdout.split()


def test_commands() -> None:
    assert complete("") == list(COMMANDS)
    assert complete("co") == ["commit", "compact"]


def test_revisions(project: Project) -> None:
    here = ("-C", str(project.directory))
    assert complete(*here, "checkout", "") == ["current", "main", "v0.1.0", "v0.2.0"]
    assert complete(*here, "show", "v0.2") == ["v0.2.0"]
    assert complete(*here, "log", "v0.1.0..v0.") == ["v0.1.0..v0.1.0", "v0.1.0..v0.2.0"]
    assert complete(*here, "checkout", "--fo") == ["--force"]


def test_without_a_store_there_is_nothing_to_offer(tmp_path: Path) -> None:
    assert complete("-C", str(tmp_path), "checkout", "") == []


@pytest.mark.parametrize(
    ("shell", "file"),
    [
        ("bash", ".bash_completions/kuzugit.sh"),
        ("zsh", ".zfunc/_kuzugit"),
        ("fish", ".config/fish/completions/kuzugit.fish"),
    ],
)
def test_it_is_installed_without_rich(tmp_path: Path, shell: str, file: str) -> None:
    blocked = "import sys; sys.modules['rich'] = None;"
    program = blocked + "from kuzugit.cli.app import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, "--install-completion", shell],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "HOME": str(tmp_path),
            "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
        },
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "_KUZUGIT_COMPLETE" in (tmp_path / file).read_text()


def test_the_script_can_be_shown() -> None:
    done = subprocess.run(
        command("--show-completion", "bash"),
        capture_output=True,
        text=True,
        env={**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "_KUZUGIT_COMPLETE=complete_bash" in done.stdout
