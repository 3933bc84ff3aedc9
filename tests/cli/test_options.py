from __future__ import annotations

import pytest
import typer

from kuzugit.cli.options import check_version_options, message_of, trailers_of


def test_repeated_messages_are_paragraphs() -> None:
    assert message_of(["subject", " body\nof two lines ", "  "]) == "subject\n\nbody\nof two lines"


@pytest.mark.parametrize("parts", [None, [], [""], [" ", "\n"]])
def test_a_message_is_needed(parts: list[str] | None) -> None:
    with pytest.raises(typer.BadParameter, match="message"):
        message_of(parts)


def test_trailers_are_pairs_in_order() -> None:
    assert trailers_of(["event-index=42", "Reviewed-by: Ada <a@b>", "url=x=y:z"]) == (
        ("event-index", "42"),
        ("Reviewed-by", "Ada <a@b>"),
        ("url", "x=y:z"),
    )


@pytest.mark.parametrize("text", ["", "key", "=value", "a b=c", "key=", "key= ", "k=a\nb", "-k=v"])
def test_what_git_would_not_read_back_is_no_trailer(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        trailers_of([text])


def test_a_version_is_named_or_raised_not_both() -> None:
    check_version_options("v1.0.0", None)
    check_version_options(None, "minor")
    with pytest.raises(typer.BadParameter):
        check_version_options("v1.0.0", "minor")
