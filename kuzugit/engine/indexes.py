"""Indexes: the fields of their definitions, and what the definitions leave out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from kuzugit.engine import binding
from kuzugit.engine.macros import Printed
from kuzugit.engine.session import Session
from kuzugit.model.catalog import Index, IndexKind
from kuzugit.model.loss import Loss

_OPTION = re.compile(r"(\w+) := (?:'((?:[^'\\]|\\.)*)'|([^,)]+))", re.DOTALL)
_PATTERN = re.compile(
    r"regexp_replace\(\s*CAST\(query as STRING\),\s*'((?:[^'\\]|\\.)*)'", re.IGNORECASE | re.DOTALL
)
_DEFAULT_PATTERN = r"""[0-9!@#$%^&*()_+={}\[\]:;<>,.?~\/\|'"`-]+"""
# `pu` is back at its default as soon as a database is opened again.
_KEPT = {
    IndexKind.FULL_TEXT: {"stemmer": "stemmer", "stopWords": "stopwords"},
    IndexKind.VECTOR: {name: name for name in ("mu", "ml", "metric", "alpha", "efc")},
}


def read_indexes(
    session: Session, tables: Mapping[str, int], internal: Iterable[Printed]
) -> tuple[list[Index], list[Loss]]:
    """Return the indexes, and the losses of those that cannot be made again.

    `tables` are the numbers of the node tables, by name; `internal` the macros that
    Kùzu made for full text indexes.
    """
    bodies = {item.name: item.body for item in internal}
    found, losses = [], []
    for table, name, kind, properties, _, definition in session.rows(
        "CALL show_indexes() RETURN *"
    ):
        if name == binding.dialect().key_index:
            continue
        where = f"{table}.{name}"
        if kind not in tuple(IndexKind):
            losses.append(
                Loss(where, f"{kind} index", "kuzugit does not know the kind", left_out=True)
            )
            continue
        index = IndexKind(kind)
        options = _options(index, definition)
        if index is IndexKind.FULL_TEXT:
            pattern = _ignored(bodies.get(f"{tables.get(table)}_{name.upper()}_TOKENIZE", ""))
            if pattern is None:
                losses.append(
                    Loss(
                        where, "FTS index", "Kùzu does not tell how it splits texts", left_out=True
                    )
                )
                continue
            if pattern != _DEFAULT_PATTERN:
                options["ignore_pattern"] = pattern
            if options.get("stopwords", table) not in tables:
                why = "its stop words come from a file, which a snapshot does not hold"
                losses.append(Loss(where, "FTS index", why, left_out=True))
                continue
        found.append(Index(table, name, index, tuple(properties), tuple(sorted(options.items()))))
    return sorted(found, key=lambda item: (item.table, item.name)), losses


def _options(kind: IndexKind, definition: str) -> dict[str, str]:
    found: dict[str, Any] = {}
    for name, text, number in _OPTION.findall(definition):
        if name in _KEPT[kind]:
            found[_KEPT[kind][name]] = _unescaped(text) or number.strip()
    if found.get("stopwords") == "default":
        del found["stopwords"]
    return found


def _ignored(macro: str) -> str | None:
    match = _PATTERN.search(macro)
    return _unescaped(match[1]) if match else None


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
