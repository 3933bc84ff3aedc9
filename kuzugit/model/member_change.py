"""What changed inside a value: the members of lists, maps and structs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from kuzugit.model.json_value import Json, json_value, map_items
from kuzugit.model.types import Array, List, Map, Struct, Type

LONGEST_ALIGNED = 200
"""Lists of more elements are compared element by element: to align them takes too long."""


@dataclass(frozen=True)
class MemberChange:
    """A member that came, went or changed; `path` follows the column's name.

    `path` is empty for the whole value, else as in `.city`, `[2]` (from 0, in the new list,
    in the old one for what went), `["key"]`. `old` and `new` are JSON, None for NULL;
    `change` tells a NULL from a member that is not there.
    """

    path: str
    change: str
    old: Json
    new: Json


def member_changes(type_: Type, old: Any, new: Any) -> Iterator[MemberChange]:
    """Yield the innermost members in which two values in the stored form differ."""
    yield from _changes(type_, old, new, "")


def _changes(type_: Type, old: Any, new: Any, path: str) -> Iterator[MemberChange]:
    if _same(old, new):
        return
    match type_:
        case Struct(fields) if old is not None and new is not None:
            for item in fields:
                inner = f"{path}.{item.name}"
                yield from _changes(item.type, old[item.name], new[item.name], inner)
        case List(element) | Array(element, _) if old is not None and new is not None:
            yield from _list_changes(element, old, new, path)
        case Map(key, item) if old is not None and new is not None:
            yield from _map_changes(key, item, map_items(old), map_items(new), path)
        case _:
            yield MemberChange(path, "changed", json_value(type_, old), json_value(type_, new))


def _same(old: Any, new: Any) -> bool:
    # As text NaN is NaN, and -0.0 is not 0.0.
    return repr(old) == repr(new)


def _list_changes(element: Type, old: Any, new: Any, path: str) -> Iterator[MemberChange]:
    for start, stop, begin, end in _blocks(list(map(repr, old)), list(map(repr, new))):
        paired = min(stop - start, end - begin)
        for at in range(paired):
            yield from _changes(element, old[start + at], new[begin + at], f"{path}[{begin + at}]")
        for at in range(start + paired, stop):
            yield MemberChange(f"{path}[{at}]", "removed", json_value(element, old[at]), None)
        for at in range(begin + paired, end):
            yield MemberChange(f"{path}[{at}]", "added", None, json_value(element, new[at]))


def _blocks(old: list[str], new: list[str]) -> Iterator[tuple[int, int, int, int]]:
    if len(old) == len(new) or max(len(old), len(new)) > LONGEST_ALIGNED:
        yield 0, len(old), 0, len(new)
        return
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    yield from (block[1:] for block in matcher.get_opcodes() if block[0] != "equal")


def _map_changes(
    key: Type, item: Type, old: list[tuple[Any, Any]], new: list[tuple[Any, Any]], path: str
) -> Iterator[MemberChange]:
    before = {repr(name): (name, value) for name, value in old}
    after = {repr(name): (name, value) for name, value in new}
    for text in before:
        name, value = before[text]
        inner = f"{path}[{_shown(key, name)}]"
        if text in after:
            yield from _changes(item, value, after[text][1], inner)
        else:
            yield MemberChange(inner, "removed", json_value(item, value), None)
    for text in after:
        if text not in before:
            name, value = after[text]
            inner = f"{path}[{_shown(key, name)}]"
            yield MemberChange(inner, "added", None, json_value(item, value))
    if list(before) != list(after) and set(before) == set(after):
        orders: list[Json] = [
            [json_value(key, name) for name, _ in side.values()] for side in (before, after)
        ]
        yield MemberChange(f"{path} (order)", "changed", *orders)


def _shown(type_: Type, value: Any) -> str:
    return json.dumps(json_value(type_, value), ensure_ascii=False)
