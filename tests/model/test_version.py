from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuzugit.model.version import FIRST, Bump, Version, parse_version

NUMBERS = st.integers(0, 999_999_999)
VERSIONS = st.builds(Version, NUMBERS, NUMBERS, NUMBERS)


@given(VERSIONS)
def test_the_text_of_a_version_gives_the_version(version: Version) -> None:
    assert parse_version(str(version)) == version


def test_the_first_version() -> None:
    assert str(FIRST) == "v0.1.0"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.2.3",
        "V1.2.3",
        "v1.2",
        "v1.2.3.4",
        "v01.2.3",
        "v1.2.3 ",
        "v1.2.3\n",
        "v1.2.-3",
        "v1.2.3-rc1",
        "v1.2.٣",
        "v1.2.1234567890",
        "refs/tags/v1.2.3",
    ],
)
def test_other_forms_are_no_versions(text: str) -> None:
    assert parse_version(text) is None


def test_versions_go_by_number_not_by_text() -> None:
    texts = ["v0.1.0", "v0.2.0", "v0.10.0", "v1.0.0", "v9.0.0", "v10.0.0"]
    versions = [parse_version(text) for text in texts]
    assert all(versions)
    assert sorted(filter(None, versions)) == versions


@pytest.mark.parametrize(
    ("bump", "text"), [(Bump.MAJOR, "v2.0.0"), (Bump.MINOR, "v1.3.0"), (Bump.PATCH, "v1.2.4")]
)
def test_a_bump_raises_one_part_and_clears_the_rest(bump: Bump, text: str) -> None:
    assert str(Version(1, 2, 3).bumped(bump)) == text


@given(VERSIONS, st.sampled_from(Bump))
def test_a_bumped_version_is_newer(version: Version, bump: Bump) -> None:
    assert version.bumped(bump) > version
