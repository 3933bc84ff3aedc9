"""The Python environment as rows: packages, their modules, and who requires whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackagePath, distributions

_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^]]*\])?\s*\(?(?P<specifier>[^;)]*)\)?"
    r"\s*(;\s*(?P<marker>.*))?"
)
_EXTRA = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")


@dataclass(frozen=True)
class Package:
    """An installed distribution, or one that is only required: no version then."""

    name: str
    version: str | None
    summary: str | None
    files: int


@dataclass(frozen=True)
class Module:
    """A Python source file that a package brings, by its path; `size` in bytes."""

    path: str
    package: str
    size: int


@dataclass(frozen=True)
class Requirement:
    """One line of a package's requirements."""

    package: str
    required: str
    specifier: str
    marker: str | None
    extra: str | None


@dataclass(frozen=True)
class Environment:
    """Everything that `read_environment` found, each kind in the order of its keys."""

    packages: tuple[Package, ...]
    modules: tuple[Module, ...]
    requirements: tuple[Requirement, ...]


def read_environment() -> Environment:
    """Read the environment of the running interpreter through importlib.metadata."""
    installed = {_normal(found.metadata["Name"]): found for found in distributions()}
    requirements = [
        requirement
        for name, found in sorted(installed.items())
        for requirement in _requirements(name, found)
    ]
    packages = {name: _package(name, found) for name, found in installed.items()}
    for requirement in requirements:
        name = requirement.required
        packages.setdefault(name, Package(name, None, None, 0))
    modules = {
        module.path: module for name, found in installed.items() for module in _modules(name, found)
    }
    return Environment(
        tuple(packages[name] for name in sorted(packages)),
        tuple(modules[path] for path in sorted(modules)),
        tuple(requirements),
    )


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _package(name: str, found: Distribution) -> Package:
    summary = next(iter(found.metadata.get_all("Summary") or ()), None)
    return Package(name, found.version, summary, len(found.files or []))


def _modules(name: str, found: Distribution) -> Iterator[Module]:
    for file in found.files or []:
        if file.suffix == ".py" and ".." not in file.parts:
            yield Module(str(file), name, _size(file))


def _size(file: PackagePath) -> int:
    return file.size if file.size is not None else 0


def _requirements(name: str, found: Distribution) -> Iterator[Requirement]:
    for line in sorted(set(found.requires or [])):
        match = _REQUIREMENT.fullmatch(line.strip())
        if match is None:
            raise ValueError(f"{name} has a requirement of an unknown form: {line}")
        marker = match["marker"]
        extra = _EXTRA.search(marker or "")
        yield Requirement(
            name,
            _normal(match["name"]),
            match["specifier"].strip(),
            marker,
            extra[1] if extra else None,
        )
