from __future__ import annotations

import pytest

from kuzugit.porcelain.foreign import placed


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ('COPY User FROM "User.parquet"', 'COPY User FROM "/d/User.parquet"'),
        (
            'COPY `a b` (`x`,`y`) FROM "a b.csv" (header=true, parallel=true)',
            'COPY `a b` (`x`,`y`) FROM "/d/a b.csv" '
            "(auto_detect=false, header=true, parallel=true)",
        ),
        (
            "COPY knows FROM 'k.csv' (to='A', from='B', delim=delim='|', quote=quote='\\'')",
            "COPY knows FROM '/d/k.csv' "
            "(auto_detect=false, to='A', from='B', delim='|', quote='\\'')",
        ),
        (
            "COPY k FROM \"k.parquet\" (to='A, from=x', from='B', parallel=true)",
            "COPY k FROM \"/d/k.parquet\" (to='A, from=x', from='B')",
        ),
        ("COPY A FROM 'A.csv'", "COPY A FROM '/d/A.csv' (auto_detect=false)"),
        ("copy A from 'A.CSV' (AUTO_DETECT=true)", "copy A from '/d/A.CSV' (auto_detect=true)"),
        ('COPY `x FROM "y"` FROM "z.parquet"', 'COPY `x FROM "y"` FROM "/d/z.parquet"'),
        ("CREATE NODE TABLE A(id INT64 PRIMARY KEY)", "CREATE NODE TABLE A(id INT64 PRIMARY KEY)"),
    ],
)
def test_a_statement_is_placed(statement: str, expected: str) -> None:
    assert placed(statement, "/d") == expected
