"""The lossless way of every type out of Kùzu.

Kùzu's Parquet writer is exact for simple types and wrong for others (measured on
0.11.3): a NULL struct shifts the values of the rows after it, INT128 goes through
DOUBLE, decimals are refused. So a property is read as one or more simple columns, and
an expression of DuckDB puts them together into the stored form.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kuzugit.model.cypher import quoted
from kuzugit.model.types import SCALARS, Array, Decimal, Field, List, Scalar, Struct, Type, walk

_MINIMA = {"INT8": 7, "INT16": 15, "INT32": 31, "INT64": 63, "SERIAL": 63, "INT128": 127}
_TIMES = frozenset({"DATE", "TIMESTAMP", "TIMESTAMP_TZ", "TIMESTAMP_MS", "TIMESTAMP_SEC"})

SIMPLE = SCALARS - {"INT128", "INTERVAL", "JSON", "SERIAL", "TIMESTAMP_NS"}
"""Types that Kùzu writes to Parquet exactly, alone and in lists and arrays."""


def why_not_kept(type_: Type, *, is_key: bool) -> str | None:
    """Return why a property of this type cannot be kept, None where it can."""
    if is_key and isinstance(type_, Decimal):
        return "Kùzu cannot load a decimal primary key"
    match type_:
        case Struct(fields) if not _are_plain(fields):
            return "its fields have names that kuzugit cannot ask for"
        case Decimal() | Scalar("SERIAL") | Scalar("INT128"):
            return None
        case Scalar(name) if name in SIMPLE:
            return None
        case List(element) | Array(element, _) if _is_simple(element):
            return None
        case Struct(fields):
            reasons = (why_not_kept(item.type, is_key=False) for item in fields)
            return next((reason for reason in reasons if reason), None)
        case _:
            return f"{type_} is not yet proven to survive"


def _are_plain(fields: tuple[Field, ...]) -> bool:
    names = [item.name.lower() for item in fields]
    return len(set(names)) == len(names) and not any("`" in name for name in names)


def _is_simple(type_: Type) -> bool:
    return all(
        isinstance(part, List | Array) or (isinstance(part, Scalar) and part.name in SIMPLE)
        for part in walk(type_)
    )


@dataclass
class RawColumns:
    """The simple columns that are read: `expressions` of Cypher, named c0, c1, ...

    `perishable` are DuckDB conditions over them, true of a value that Kùzu destroys.
    """

    expressions: list[str] = field(default_factory=list)
    perishable: list[str] = field(default_factory=list)

    def add(self, expression: str) -> str:
        """Read one more column; return the name that DuckDB knows it by."""
        self.expressions.append(expression)
        return f"c{len(self.expressions) - 1}"

    def projection(self) -> str:
        """Return what stands after RETURN."""
        return ", ".join(f"{text} AS c{at}" for at, text in enumerate(self.expressions))


def read_property(raw: RawColumns, expression: str, type_: Type) -> str:
    """Add the columns that `expression` of this type is read by.

    Returns the DuckDB expression over them that gives the stored form.
    """
    match type_:
        case Scalar("INT128"):
            column = raw.add(f"CAST({expression} AS STRING)")
            raw.perishable.append(f"{column} = '{-(1 << 127)}'")
            return column
        case Scalar("SERIAL"):
            # Kùzu writes a SERIAL column to Parquet with a type that nobody reads.
            return raw.add(f"CAST({expression} AS INT64)")
        case Scalar("FLOAT" | "DOUBLE" as name):
            column = raw.add(expression)
            # One NaN for all: their bits differ by how they were made.
            return f"CASE WHEN isnan({column}) THEN 'nan'::{name} ELSE {column} END"
        case Scalar(name):
            column = raw.add(expression)
            raw.perishable += _perishable(column, name)
            return f"{column}::VARCHAR" if name == "UUID" else column
        case Decimal():
            return _decimal_text(raw.add(f"CAST({expression} AS STRING)"))
        case Struct(fields):
            return _struct(raw, expression, fields)
        case List() | Array():
            column = raw.add(expression)
            raw.perishable += _perishable_in_list(column, type_)
            return _list(column, type_)
        case _:
            raise ValueError(f"{type_} cannot be read")


def _perishable(value: str, name: str) -> list[str]:
    """Return the conditions under which Kùzu destroys a value, or cannot store it.

    Its compression of integers turns the least one of a type into 0 at a checkpoint,
    and fails at the least one of 128 bits, which is what the nil UUID is stored as.
    """
    if name in _MINIMA:
        return [f"{value} = {-(1 << _MINIMA[name])}"]
    if name == "UUID":
        return [f"{value} = '00000000-0000-0000-0000-000000000000'::UUID"]
    if name in _TIMES:
        # DuckDB's -infinity is the least value but one.
        form = {"DATE": "DATE", "TIMESTAMP_TZ": "TIMESTAMPTZ"}.get(name, "TIMESTAMP")
        return [f"{value} < '-infinity'::{form}"]
    return []


def _perishable_in_list(column: str, type_: Type) -> list[str]:
    leaf = next(part for part in walk(type_) if isinstance(part, Scalar))
    depth = sum(isinstance(part, List | Array) for part in walk(type_))
    flat = "flatten(" * (depth - 1) + column + ")" * (depth - 1)
    # Every value that perishes is the least of its type.
    return _perishable(f"list_min({flat})", leaf.name)


def _decimal_text(column: str) -> str:
    # CAST(-0.01 AS STRING) gives `0.-1`: the sign stands where a zero should.
    misplaced = f"'-' || replace({column}, '-', '0')"
    return f"CASE WHEN strpos({column}, '-') > 1 THEN {misplaced} ELSE {column} END"


def _struct(raw: RawColumns, expression: str, fields: tuple[Field, ...]) -> str:
    is_null = raw.add(f"{expression} IS NULL")
    members = ", ".join(
        f"{_identifier(item.name)} := "
        + read_property(raw, f"{expression}.{quoted(item.name)}", item.type)
        for item in fields
    )
    return f"CASE WHEN {is_null} THEN NULL ELSE struct_pack({members}) END"


def _list(column: str, type_: Type) -> str:
    leaf = next(part for part in walk(type_) if isinstance(part, Scalar))
    if leaf.name == "UUID":
        depth = sum(isinstance(part, List | Array) for part in walk(type_))
        return f"{column}::VARCHAR{'[]' * depth}"
    if leaf.name in ("FLOAT", "DOUBLE"):
        return _same_nans(column, type_)
    return column


def _same_nans(column: str, type_: Type) -> str:
    if isinstance(type_, List | Array):
        variable = f"x{len(column)}"
        inner = _same_nans(variable, type_.element)
        return f"list_transform({column}, lambda {variable}: {inner})"
    return f"CASE WHEN isnan({column}) THEN 'nan'::{type_} ELSE {column} END"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
