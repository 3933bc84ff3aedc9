"""Defaults: what the engine says they are, and what they really are.

Kùzu prints a default without the minus sign of a number and without parentheses:
`DEFAULT -5` reads back as `5`, `(1 + 2) * 3` as `1 + 2 * 3`. A text is taken only where
it has one meaning. Where it stands for a constant, its value is found out by making a
row in a scratch copy of the database, and kept instead; Ladybug prints the signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from kuzugit.engine import binding
from kuzugit.engine.new_row import new_row
from kuzugit.engine.probe import Job
from kuzugit.engine.trial import try_on_copy
from kuzugit.model.catalog import Catalog, Property
from kuzugit.model.cypher import quoted, text_literal
from kuzugit.model.default_text import has_one_meaning, is_default, lacks_sign_only
from kuzugit.model.expression_text import called_functions, holds_condition, is_expression
from kuzugit.model.types import Decimal, Scalar, Type


class Undecided(ValueError):
    """A default's text that does not say what the default is.

    `constant` tells that a new row's value says it: it is the same for every row.
    """

    def __init__(self, text: str, *, constant: bool) -> None:
        self.constant = constant
        super().__init__(text)


_PURES = """
    abs acos asin atan blob cast ceil ceiling concat cos date decode degrees
    exp floor interval left length list_creation ln log log10 log2 lower lpad ltrim md5 pi
    pow power radians repeat replace reverse right round rpad rtrim sha256 sign sin size sqrt
    string struct_pack substr substring tan timestamp to_days to_double to_float to_hours
    to_int128 to_int16 to_int32 to_int64 to_int8 to_microseconds to_milliseconds to_minutes
    to_months to_seconds to_uint16 to_uint32 to_uint64 to_uint8 to_years trim upper uuid
"""
_PURE = frozenset(_PURES.split())
"""Functions of Kùzu's that give the same for the same: no macro can have their names."""

_CONSTANT = _PURE - {"lpad", "repeat", "replace", "rpad"} | {"duration", "map", "union_value"}
"""Those of which the value is no longer than the text that asks for it, about."""

_WRITTEN = frozenset({"STRING", "BOOL", "DOUBLE", "FLOAT", "UUID", "DATE"})
_WHOLE = frozenset({"INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"})


_NO_SIGN = re.compile(r"-(?=0+\Z)", re.ASCII)


def canonical_default(text: str, type_: Type) -> str | None:
    """Return the default that the engine's text stands for, None for no default.

    Raises Undecided where the text can stand for several.
    """
    if text in ("NULL", ""):
        return None
    if is_expression(text) and holds_condition(text):
        # Kùzu cannot open a database that has one; this one was never closed since.
        raise Undecided(text, constant=False)
    if has_one_meaning(text):
        return text
    if binding.dialect().prints_signs and is_default(text):
        # A zero without a point has none; Kùzu never prints it.
        return _NO_SIGN.sub("", text)
    constant = lacks_sign_only(text) or (
        is_expression(text) and called_functions(text) <= _PURE and _can_be_written(type_)
    )
    raise Undecided(text, constant=constant)


def is_constant(text: str) -> bool:
    """Tell whether a default is the same for every row, and may be worked out.

    Of another's default too: it calls nothing that could take much time or memory.
    """
    return is_expression(text) and called_functions(text) <= _CONSTANT


def _can_be_written(type_: Type) -> bool:
    if isinstance(type_, Decimal):
        return True
    return isinstance(type_, Scalar) and (
        type_.name in _WRITTEN | _WHOLE | {"INT128"} or type_.name.startswith("TIMESTAMP")
    )


def read_signs(
    database: Path, scratch: Path, catalog: Catalog, undecided: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], str | None]:
    """Return what each undecided default is, by table and property name.

    The database file is copied into the directory `scratch`, which must have room
    for it, and rows are made there. Raises TrialFailed.
    """
    wanted = list(undecided)
    owners = {table for table, _ in wanted}
    every = [*(rel.name for rel in catalog.rels), *(node.name for node in catalog.nodes)]
    tables = [table for table in every if table in owners]
    names = {table: [name for owner, name in wanted if owner == table] for table in tables}
    jobs = [_job(catalog, table, names[table]) for table in tables]
    rows = try_on_copy("kuzugit.engine.probe", "the defaults", database, scratch, jobs)
    found = {}
    for table, row in zip(tables, rows, strict=True):
        for name, value in zip(names[table], row, strict=True):
            found[table, name] = _decided(_property(catalog, table, name), value)
    return found


def _property(catalog: Catalog, table: str, name: str) -> Property:
    owner = next(item for item in catalog.tables if item.name == table)
    return next(item for item in owner.properties if item.name == name)


def _decided(item: Property, value: object) -> str | None:
    """Return the text of an undecided default, now that a new row's value is known."""
    text = item.default or ""
    if lacks_sign_only(text):
        return f"-{text}" if str(value).startswith("-") else text
    if value is None:
        return None
    if isinstance(item.type, Decimal):
        # Kùzu prints -0.01 as 0.-1.
        written = str(value)
        sign = "-" if "-" in written else ""
        return f"CAST('{sign}{written.replace('-', '0') if sign else written}' AS {item.type})"
    name = str(item.type)
    if name in _WHOLE:
        return str(value)
    if name == "BOOL":
        return str(value).lower()
    if name == "STRING":
        return text_literal(str(value))
    return (
        f"CAST({text_literal(repr(value) if isinstance(value, float) else str(value))} AS {name})"
    )


def _value(item: Property) -> str:
    # As text DOUBLE has six digits.
    value = f"x.{quoted(item.name)}"
    return value if str(item.type) in ("DOUBLE", "FLOAT") else f"CAST({value} AS STRING)"


def _job(catalog: Catalog, table: str, names: list[str]) -> Job:
    """Return the steps that end in a row of the values of these properties."""
    values = ", ".join(_value(_property(catalog, table, name)) for name in names)
    return new_row(catalog, table, names, values)
