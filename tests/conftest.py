"""A hermetic session: no global Git configuration, a fixed author and clock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support import soak as soaking
from tests.support.soak import Soak

# The same examples in every run, however long they take: a change fails for what it did.
# The soak draws new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    soaking.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    soaking.register(config)


@pytest.fixture
def soak(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Soak:
    return soaking.soak_of(request.config, record_property)


@pytest.fixture(autouse=True, scope="session")
def hermetic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    home = tmp_path_factory.mktemp("home")
    config = home / ".gitconfig"
    config.write_text("[user]\n\tname = Ada Tester\n\temail = ada@example.org\n")
    patch = pytest.MonkeyPatch()
    for name in [name for name in os.environ if name.startswith(("KUZUGIT_", "GIT_", "PYTHON"))]:
        patch.delenv(name)
    patch.setenv("HOME", str(home))
    patch.setenv("XDG_CONFIG_HOME", str(home / "xdg"))
    patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    patch.setenv("GIT_CONFIG_GLOBAL", str(config))
    patch.setenv("NO_COLOR", "1")
    _point_libgit2_at(home)
    yield
    patch.undo()


def _point_libgit2_at(home: Path) -> None:
    # libgit2 reads HOME once, when it starts, so the environment alone is too late here.
    import pygit2
    from pygit2.enums import ConfigLevel

    pygit2.settings.search_path[ConfigLevel.GLOBAL] = str(home)
    pygit2.settings.search_path[ConfigLevel.XDG] = str(home / "xdg")
    pygit2.settings.search_path[ConfigLevel.SYSTEM] = str(home / "none")
