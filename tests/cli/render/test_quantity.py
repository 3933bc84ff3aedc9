from __future__ import annotations

import pytest

from kuzugit.cli.render.quantity import count, size


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1234567, "1,234,567 rows")]
)
def test_counts_have_their_noun(number: int, text: str) -> None:
    assert count(number, "row") == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536 * 1024, "1.5 MiB"),
        (3 * 1024**4, "3.0 TiB"),
        (5000 * 1024**4, "5000.0 TiB"),
    ],
)
def test_sizes_have_the_largest_unit_that_fits(number: int, text: str) -> None:
    assert size(number) == text
