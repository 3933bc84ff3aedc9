"""The floors of the house, as data, and the laws that hold between them.

A module imports only from floors below it, also inside functions and for types
alone. The rooms of floor 1 do not know each other; they meet one floor up.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

import kuzugit.errors
from tests.support.imports import (
    Modules,
    broad_handlers,
    circles,
    imported,
    read_package,
    used_names,
)

FLOORS = {
    "errors": 0,
    "model": 0,
    "atomic": 0,
    "engine": 1,
    "canonical": 1,
    "store": 1,
    "diff": 1,
    "migrate": 2,
    "porcelain": 3,
    "cli": 4,
}
"""The floor of each room; the rooms of floor 0 may know each other, those of floor 1 may not."""

ROOT_FLOOR = 3.5
"""`kuzugit` itself stands above the porcelain, whose functions it offers."""

PACKAGES = {
    "errors": set[str](),
    "model": set[str](),
    "atomic": set[str](),
    "engine": {"kuzu", "ladybug", "pyarrow"},
    "canonical": {"pyarrow", "duckdb", "numpy"},
    "store": {"pygit2", "isal"},
    "diff": {"duckdb", "pyarrow"},
    "migrate": set[str](),
    "porcelain": set[str](),
    "cli": {"typer"},
}
"""The packages of other people that each room speaks with."""

LAST_RESORT = "kuzugit.cli.app"
"""The one module that may catch everything."""

MUTE = {
    "print",
    "input",
    "exit",
    "quit",
    "breakpoint",
    "sys.exit",
    "os._exit",
    "SystemExit",
    "sys.argv",
    "sys.stdin",
    "sys.stdout",
    "sys.stderr",
    "os.environ",
    "os.environb",
    "os.getenv",
    "os.getenvb",
    "os.putenv",
    "pathlib.Path.home",
    "os.path.expanduser",
    "os.path.expandvars",
}
"""What only the command line does: it speaks, exits, and reads where it was called."""

EXPANDING_METHODS = {"expanduser"}

NAMELESS = {"util", "utils", "helper", "helpers", "common", "misc", "tools"}
"""Names that say nothing about what stands in a module."""


def room_of(module: str) -> str:
    return [*module.split("."), ""][1]


def floor_of(module: str) -> float:
    room = room_of(module)
    return FLOORS[room] if room else ROOT_FLOOR


def wrong_imports(modules: Modules) -> Iterator[str]:
    """Yield the imports from a floor above, from a sibling of floor 1, of an unknown room."""
    for name in modules:
        for use in imported(modules, name):
            if use.name.split(".")[0] != "kuzugit" or room_of(use.name) == room_of(name):
                continue
            here, there = floor_of(name), floor_of(use.name)
            if there > here or (there == here and here > 0):
                yield f"{name}:{use.line} imports {use.name}"


def wrong_packages(modules: Modules) -> Iterator[str]:
    """Yield the imports of packages that the room does not speak with."""
    for name in modules:
        for use in imported(modules, name):
            package = use.name.split(".")[0]
            if package in sys.stdlib_module_names or package == "kuzugit":
                continue
            if package not in PACKAGES.get(room_of(name), set()):
                yield f"{name}:{use.line} imports {use.name}"


def loud_modules(modules: Modules) -> Iterator[str]:
    """Yield what modules below the command line do that only it may do."""
    for name, tree in modules.items():
        if room_of(name) == "cli":
            continue
        for use in used_names(tree):
            if use.name in MUTE or use.name.split(".")[-1] in EXPANDING_METHODS:
                yield f"{name}:{use.line} uses {use.name}"


def greedy_modules(modules: Modules) -> Iterator[str]:
    """Yield the handlers that catch everything, outside the last resort."""
    for name, tree in modules.items():
        if name != LAST_RESORT:
            for use in broad_handlers(tree):
                yield f"{name}:{use.line} {use.name}"


def hidden_imports(modules: Modules) -> Iterator[str]:
    """Yield the imports by a computed name, which no reader of sources can follow."""
    for name, tree in modules.items():
        if room_of(name) != "cli":
            for use in used_names(tree):
                if use.name in ("__import__", "importlib.import_module"):
                    yield f"{name}:{use.line} uses {use.name}"


def nameless_modules(modules: Modules) -> Iterator[str]:
    """Yield the modules whose name says nothing."""
    for name in modules:
        if not NAMELESS.isdisjoint(part.strip("_") for part in name.split(".")):
            yield name


@pytest.fixture(scope="module")
def house() -> Modules:
    return read_package(Path(kuzugit.errors.__file__).parent)


def test_every_room_has_a_floor(house: Modules) -> None:
    rooms = {room_of(name) for name in house} - {""}
    assert rooms <= FLOORS.keys()
    assert FLOORS.keys() == PACKAGES.keys()


def test_the_house_was_read(house: Modules) -> None:
    # Else every other test here passes on nothing.
    assert {"kuzugit.errors", "kuzugit.model.types", "kuzugit.diff.rows"} <= house.keys()
    assert {use.name for use in imported(house, "kuzugit.diff.rows")} >= {
        "duckdb",
        "kuzugit.model.catalog",
    }


def test_modules_import_only_from_floors_below(house: Modules) -> None:
    assert not list(wrong_imports(house))


def test_no_modules_import_one_another(house: Modules) -> None:
    assert not circles(house)


def test_rooms_speak_only_with_their_packages(house: Modules) -> None:
    assert not list(wrong_packages(house))


def test_the_library_is_mute(house: Modules) -> None:
    assert not list(loud_modules(house))


def test_only_the_last_resort_catches_everything(house: Modules) -> None:
    assert not list(greedy_modules(house))


def test_imports_stand_in_the_open(house: Modules) -> None:
    assert not list(hidden_imports(house))


def test_modules_have_names(house: Modules) -> None:
    assert not list(nameless_modules(house))


def planted(**sources: str) -> Modules:
    """Return a small house of the given sources; `__` in a name stands for a dot."""
    modules = {name.replace("__", "."): ast.parse(dedent(text)) for name, text in sources.items()}
    return {f"kuzugit.{name}": tree for name, tree in modules.items()}


WRONG_IMPORTS = {
    "from above": "import kuzugit.porcelain.log",
    "from above by name": "from kuzugit.porcelain import log",
    "from the root": "import kuzugit",
    "inside a function": "def f():\n    from kuzugit.porcelain.log import g",
    "for types alone": "if TYPE_CHECKING:\n    from kuzugit.cli import app",
    "from a sibling": "from kuzugit.engine import session",
    "from a sibling, relative": "from ..engine import session",
}


@pytest.mark.parametrize("source", WRONG_IMPORTS.values(), ids=WRONG_IMPORTS.keys())
def test_finds_a_wrong_import(source: str) -> None:
    assert list(wrong_imports(planted(diff__rows=source, engine__session="")))


def test_allows_imports_from_below() -> None:
    modules = planted(
        porcelain__log="from kuzugit.store import refs\nfrom . import show\nimport kuzugit.errors",
        porcelain__show="",
        store__refs="from kuzugit import atomic, errors",
        model__loss="from kuzugit.errors import RefusedError",
        atomic="",
        errors="",
    )
    assert not list(wrong_imports(modules))


def test_finds_a_circle_whatever_its_way() -> None:
    modules = planted(
        store__a="from kuzugit.store import b",
        store__b="def f():\n    import kuzugit.store.c",
        store__c="if TYPE_CHECKING:\n    from .a import X",
        store__d="from kuzugit.store.a import X",
    )
    assert circles(modules) == [["kuzugit.store.a", "kuzugit.store.b", "kuzugit.store.c"]]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("model__types", "import numpy"),
        ("engine__load", "import duckdb"),
        ("store__refs", "def f():\n    import kuzu"),
        ("porcelain__log", "from pyarrow import parquet"),
        ("cli__app", "import pygit2.enums"),
    ],
)
def test_finds_a_foreign_package(module: str, source: str) -> None:
    assert list(wrong_packages(planted(**{module: source})))


LOUD = {
    "print": "print(1)",
    "exit": "import sys\nsys.exit(1)",
    "renamed": "import sys as system\nsystem.exit(1)",
    "imported by name": "from os import environ as e\ne.get('x')",
    "environment": "import os\ndef f(x=os.environ['A']): pass",
    "getenv": "from os import getenv\ngetenv('x')",
    "home": "from pathlib import Path\nPath.home()",
    "tilde": "from pathlib import Path\n(Path('~') / 'x').expanduser()",
    "raised": "raise SystemExit",
    "stream": "import sys\nsys.stderr.write('x')",
    "passed on": "f(print)",
}


@pytest.mark.parametrize("source", LOUD.values(), ids=LOUD.keys())
def test_finds_a_loud_module(source: str) -> None:
    assert list(loud_modules(planted(store__refs=source)))
    assert not list(loud_modules(planted(cli__app=source)))


def test_allows_a_program_under_its_guard() -> None:
    source = "import sys\nif __name__ == '__main__':\n    sys.exit(main(sys.argv))"
    assert not list(loud_modules(planted(engine__probe=source)))


GREEDY = {
    "Exception": "except Exception: pass",
    "named": "except Exception as error: raise Other from error",
    "among others": "except (OSError, Exception): pass",
    "bare": "except: pass",
    "BaseException": "except BaseException: pass",
}


@pytest.mark.parametrize("handler", GREEDY.values(), ids=GREEDY.keys())
def test_finds_a_greedy_handler(handler: str) -> None:
    source = f"try:\n    f()\n{handler}"
    assert list(greedy_modules(planted(store__refs=source)))
    assert not list(greedy_modules(planted(cli__app=source)))
    assert list(greedy_modules(planted(cli__root=source)))


def test_finds_a_greedy_suppress() -> None:
    source = "import contextlib\nwith contextlib.suppress(Exception): f()"
    assert list(greedy_modules(planted(store__refs=source)))


def test_allows_tidying_up_on_the_way_out() -> None:
    source = "try:\n    f()\nexcept BaseException:\n    tidy()\n    raise"
    assert not list(greedy_modules(planted(store__refs=source)))


def test_finds_a_hidden_import() -> None:
    source = "from importlib import import_module\nimport_module('kuzugit.' + name)"
    assert list(hidden_imports(planted(store__refs=source)))


@pytest.mark.parametrize("module", ["utils", "store__helpers", "cli__common"])
def test_finds_a_module_without_a_name(module: str) -> None:
    assert list(nameless_modules(planted(**{module: ""})))


def test_one_module_loads_an_engine(house: Modules) -> None:
    engines = {"kuzu", "ladybug"}
    found = {
        name for name in house for use in imported(house, name) if use.name.split(".")[0] in engines
    }
    assert found == {"kuzugit.engine.binding"}
