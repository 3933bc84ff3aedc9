"""What Python sources import and call, read with `ast` and never run.

Imports count wherever they stand: at the top, inside functions, under TYPE_CHECKING.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Modules = Mapping[str, ast.Module]
"""Parsed modules by their dotted name."""


@dataclass(frozen=True)
class Use:
    """A name that a module imports, reads or calls, and the line of it."""

    name: str
    line: int


def read_package(root: Path) -> dict[str, ast.Module]:
    """Parse every module of the package in the folder `root`."""
    modules = {}
    for file in sorted(root.rglob("*.py")):
        parts = [root.name, *file.relative_to(root).with_suffix("").parts]
        if parts[-1] == "__init__":
            # A package is named by its folder, and `.` in it means itself.
            parts.pop()
        modules[".".join(parts)] = ast.parse(file.read_text(), filename=str(file))
    return modules


def imported(modules: Modules, name: str) -> Iterator[Use]:
    """Yield what the module `name` imports: modules of `modules` whole, others by their name.

    `from a import b` is an import of `a.b` where that is a module, else of `a`.
    """
    for node in ast.walk(modules[name]):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Use(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(modules, name, node)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield Use(inner if inner in modules else base, node.lineno)


def _absolute(modules: Modules, name: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    is_package = any(other.startswith(f"{name}.") for other in modules)
    parts = name.split(".")
    keep = len(parts) - node.level + (1 if is_package else 0)
    return ".".join([*parts[:keep], *([node.module] if node.module else [])])


def circles(modules: Modules) -> list[list[str]]:
    """Return the groups of modules that import one another, each sorted."""
    graph = {
        name: sorted({use.name for use in imported(modules, name)} & modules.keys())
        for name in modules
    }
    return sorted(sorted(group) for group in _strongly_connected(graph))


def _strongly_connected(graph: Mapping[str, Sequence[str]]) -> Iterator[set[str]]:
    """Yield the groups of nodes that reach one another; a node alone only if it has a loop."""
    reach = {name: _reachable(graph, name) for name in graph}
    seen: set[str] = set()
    for name in graph:
        group = {other for other in reach[name] if name in reach[other]}
        if group and name not in seen:
            seen |= group
            yield group


def _reachable(graph: Mapping[str, Sequence[str]], start: str) -> set[str]:
    found: set[str] = set()
    ahead = list(graph[start])
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead.extend(graph[name])
    return found


def used_names(tree: ast.Module) -> Iterator[Use]:
    """Yield every dotted name that the module reads, in full: `os.environ`, `print`.

    Names bound by an import are resolved: after `from os import environ as e`, `e` is
    `os.environ`. The block under `if __name__ == "__main__"` is not looked at, because
    it is a program of its own.
    """
    aliases = dict(_aliases(tree))
    for node in _walk_library(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            head, *rest = _dotted(node)
            yield Use(".".join([aliases.get(head, head), *rest]), node.lineno)


def _aliases(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    yield alias.asname, alias.name
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _walk_library(tree: ast.Module) -> Iterator[ast.AST]:
    for statement in tree.body:
        if not (isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test)):
            yield from ast.walk(statement)


def _dotted(node: ast.expr) -> list[str]:
    """Return the parts of a dotted name; what is no name, as in `f().x`, is the part `""`."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [*_dotted(node.value), node.attr]
    return [""]


def broad_handlers(tree: ast.Module) -> Iterator[Use]:
    """Yield the handlers that catch everything.

    Not those of BaseException that end in a bare `raise`: they tidy up and let go.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            names = list(_caught(node.type))
            last = node.body[-1]
            lets_go = isinstance(last, ast.Raise) and last.exc is None
            if "Exception" in names or ("BaseException" in names and not lets_go):
                yield Use(f"except {', '.join(names)}", node.lineno)
        elif isinstance(node, ast.Call) and _dotted(node.func)[-1:] == ["suppress"]:
            names = [name for argument in node.args for name in _caught(argument)]
            if not {"Exception", "BaseException"}.isdisjoint(names):
                yield Use(f"suppress({', '.join(names)})", node.lineno)


def _caught(type_: ast.expr | None) -> Iterable[str]:
    if type_ is None:
        return ["BaseException"]
    elements = type_.elts if isinstance(type_, ast.Tuple) else [type_]
    return [".".join(_dotted(element)).removeprefix("builtins.") for element in elements]
