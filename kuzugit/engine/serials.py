"""The sequences behind SERIAL properties, also of tables and properties that were renamed.

Kùzu calls such a sequence after the table and the property, and leaves it that name when
one of them is renamed. A restored table's is called after the names of today.
"""

from __future__ import annotations

from dataclasses import replace

from kuzugit.model.catalog import Catalog, Sequence
from kuzugit.model.loss import Loss
from kuzugit.model.types import Scalar

_SUFFIX = "_serial"


def with_serials_of_today(catalog: Catalog) -> tuple[Catalog, list[str], list[Loss]]:
    """Return the catalog with these sequences under today's names, warnings, losses."""
    columns = [
        (table.name, item.name)
        for table in catalog.tables
        for item in table.properties
        if item.type == Scalar("SERIAL")
    ]
    wanted = {f"{table}_{name}{_SUFFIX}": (table, name) for table, name in columns}
    known = {item.name for item in catalog.sequences}
    homeless = [name for name in known - set(wanted) if name.endswith(_SUFFIX)]
    renamed: dict[str, str] = {}
    losses = []
    for today, (table, name) in wanted.items():
        if today in known:
            continue
        found = _candidates(table, name, homeless)
        if len(found) == 1 and found[0] not in renamed and not _is_named(catalog, found[0]):
            renamed[found[0]] = today
        else:
            why = "it was renamed, and Kùzu does not tell which sequence gives its values"
            losses.append(Loss(f"{table}.{name}", "SERIAL", why))
    sequences = [_called(item, renamed.get(item.name, item.name)) for item in catalog.sequences]
    warnings = [
        f"the sequence {old} of a renamed SERIAL is called {new} after a checkout"
        for old, new in renamed.items()
    ]
    ordered = tuple(sorted(sequences, key=lambda item: item.name))
    return replace(catalog, sequences=ordered), warnings, losses


def _candidates(table: str, name: str, homeless: list[str]) -> list[str]:
    # Most often one of the two names is still the old one.
    near = [
        item
        for item in homeless
        if item.startswith(f"{table}_") or item.endswith(f"_{name}{_SUFFIX}")
    ]
    return near or homeless


def _is_named(catalog: Catalog, sequence: str) -> bool:
    return any(
        sequence in (item.default or "") for table in catalog.tables for item in table.properties
    )


def _called(sequence: Sequence, name: str) -> Sequence:
    return replace(sequence, name=name)
