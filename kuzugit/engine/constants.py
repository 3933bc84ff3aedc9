"""Pieces of columns of floats that the engine stored as one value.

It does so where the least and the greatest value have the same bits, which it looks for by
`<`. That is never true of NaN, so after `1.0, NaN, 1.0` all three are 1.0.
"""

from __future__ import annotations

from kuzugit.engine.session import Session, StatementFailed
from kuzugit.model.cypher import text_literal

_PIECES = (
    "CALL storage_info({table}) WHERE compression = 'CONSTANT' "
    "AND (data_type = 'FLOAT' OR data_type = 'DOUBLE') RETURN count(*)"
)


def has_constant_floats(session: Session, table: str) -> bool:
    """Tell whether a piece of a column of floats of `table`, nested ones too, is one value.

    True also where the engine does not find the table by its name.
    """
    try:
        return bool(session.rows(_PIECES.format(table=text_literal(table)))[0][0])
    except StatementFailed:
        return True
