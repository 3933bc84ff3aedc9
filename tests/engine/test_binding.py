"""One engine a process: chosen once, by name, by a file or by a connection."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.ladybug import run_python

ASK = """
import sys
from pathlib import Path
from kuzugit.engine import binding
from kuzugit.engine.binding import OtherEngineChosen, choose, dialect, dialect_named
from kuzugit.engine.session import open_database
loaded = lambda: sorted({"kuzu", "ladybug"} & set(sys.modules))
"""


def test_nothing_is_loaded_before_it_is_needed() -> None:
    assert run_python(ASK + "print(loaded(), binding.chosen())") == "[] None\n"


def test_kuzu_is_taken_where_nobody_chose() -> None:
    assert run_python(ASK + "binding.module(); print(loaded())") == "['kuzu']\n"


def test_the_chosen_one_is_loaded() -> None:
    program = "choose(dialect_named('ladybug'), ''); binding.module(); print(loaded())"
    assert run_python(ASK + program) == "['ladybug']\n"


def test_a_second_choice_names_both_and_the_way_out() -> None:
    program = """
choose(dialect_named("kuzu"), "")
choose(dialect_named("kuzu"), "")
try:
    choose(dialect_named("ladybug"), "x.lbug is a Ladybug database")
except OtherEngineChosen as error:
    print(error, error.hint, int(error.exit_code), dialect().name)
"""
    found = run_python(ASK + program)
    assert found == (
        "x.lbug is a Ladybug database, but this process works with kuzu, and kuzu and ladybug "
        "cannot be loaded in one process do it in another process, such as: "
        "kuzugit --engine ladybug ... 16 kuzu\n"
    )


@pytest.mark.parametrize(("mine", "other"), [("kuzu", "ladybug"), ("ladybug", "kuzu")])
def test_what_the_application_has_loaded_counts(mine: str, other: str) -> None:
    program = f"""
import {mine}
with {mine}.Database() as database, {mine}.Connection(database) as connection:
    print(binding.dialect_of_connection(connection).name, binding.chosen().name)
    try:
        choose(dialect_named("{other}"), "")
    except OtherEngineChosen as error:
        print("refused")
"""
    assert run_python(ASK + program) == f"{mine} {mine}\nrefused\n"


def test_a_file_chooses(tmp_path: Path) -> None:
    program = f"""
from kuzugit.engine.dialect import LADYBUG
path = Path({str(tmp_path / "x.lbug")!r})
choose(LADYBUG, "")
with open_database(path, read_only=False) as session:
    session.run("CREATE NODE TABLE N(id INT64 PRIMARY KEY)")
"""
    run_python(ASK + program)
    again = f"""
with open_database(Path({str(tmp_path / "x.lbug")!r}), read_only=True) as session:
    print(session.rows("CALL show_tables() RETURN name"), loaded())
"""
    assert run_python(ASK + again) == "[['N']] ['ladybug']\n"


def test_an_engine_that_is_not_installed_is_named(tmp_path: Path) -> None:
    program = """
from kuzugit.engine.dialect import LADYBUG
sys.modules["ladybug"] = None
choose(LADYBUG, "")
try:
    binding.module()
except binding.EngineMissing as error:
    print(error, error.hint)
"""
    found = run_python(ASK + program)
    assert found == "the engine ladybug is not installed pip install 'kuzugit[ladybug]'\n"


def test_no_third_engine() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK + "dialect_named('neo4j')"], capture_output=True, text=True
    )
    assert "UnknownEngine: there is no engine 'neo4j'" in done.stderr
