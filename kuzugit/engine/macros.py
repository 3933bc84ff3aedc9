"""Macros: what Kùzu's text of them lost, put back.

EXPORT DATABASE prints a macro without the parentheses and the minus signs that stand
outside of calls, lists and CASE. What the macro really is shows in the name of a result
column that calls it: `*(+(x,2),3)`. In another process a text with parentheses is looked
for that gives the same name. A macro for which none is found is refused.

`python -m kuzugit.engine.macros ENGINE DATABASE DIRECTORY`, the macros as JSON on standard
input, the body of each by name as JSON on standard output; the database is not opened.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import count, product
from pathlib import Path

from kuzugit.engine import binding
from kuzugit.engine.session import Session, StatementFailed, open_database
from kuzugit.engine.trial import TrialFailed, try_on_copy
from kuzugit.model.catalog import Macro, Parameter
from kuzugit.model.expression_text import ExpressionTextError, pieces, tokens
from kuzugit.model.loss import Loss

_HEAD = re.compile(r"^CREATE MACRO `([^`]*)` \(([^\n]*?)\) AS ", re.MULTILINE)
_WORD = re.compile(r"[^\W\d]\w*")
_INTERNAL = re.compile(r"\d+_.*_TOKENIZE", re.DOTALL)
_TYPES = ("INT64", "STRING", "DOUBLE", "INT64[]", "STRING[]", "BOOL", "DATE", "TIMESTAMP", "BLOB")
_MOST_BINDINGS = 100


@dataclass(frozen=True)
class Printed:
    """A macro as EXPORT DATABASE prints it."""

    name: str
    parameters: str
    body: str


@dataclass(frozen=True)
class Question:
    """A printed macro, and the column name `tree` of its call with values of these types."""

    name: str
    parameters: list[str]
    types: list[str]
    printed: str
    tree: str


def printed_macros(schema: str) -> Iterator[Printed]:
    """Yield the macros that stand in an exported schema."""
    for match in _HEAD.finditer(schema):
        yield Printed(match[1], match[2], _up_to_semicolon(schema[match.end() :]))


def is_internal(name: str) -> bool:
    """Tell whether Kùzu made the macro for a full text index."""
    return _INTERNAL.fullmatch(name) is not None


def read_macros(
    session: Session, database: Path, scratch: Path, printed: list[Printed]
) -> tuple[list[Macro], list[Loss]]:
    """Return the macros that can be made again, and the losses of the others."""
    losses = []
    questions: list[tuple[Question, tuple[Parameter, ...]]] = []
    for item in printed:
        try:
            parameters = _parameters(item.parameters)
            question = _question(session, item, parameters)
        except ExpressionTextError:
            question = None
        if question is None:
            why = "Kùzu does not tell exactly what it is"
            losses.append(Loss(item.name, "macro", why, left_out=True))
        else:
            questions.append((question, parameters))
    if not questions:
        return [], losses
    bodies = _bodies(database, scratch, [question for question, _ in questions])
    macros = []
    for question, parameters in questions:
        body = bodies.get(question.name)
        if body is None:
            why = "Kùzu's text of it has lost what it means, or cannot be opened again"
            losses.append(Loss(question.name, "macro", why, left_out=True))
        else:
            macros.append(Macro(question.name, parameters, body))
    return macros, losses


def _bodies(database: Path, scratch: Path, questions: list[Question]) -> dict[str, str]:
    asked = [asdict(question) for question in questions]
    try:
        found: dict[str, str] = try_on_copy(
            "kuzugit.engine.macros", "the macros", database, scratch, asked
        )
    except TrialFailed:
        # One of them brings Kùzu down; which, shows alone.
        if len(questions) == 1:
            return {}
        return {
            name: body
            for question in questions
            for name, body in _bodies(database, scratch, [question]).items()
        }
    return found


def _up_to_semicolon(text: str) -> str:
    at, quote = 0, ""
    while at < len(text) and (quote or text[at] != ";"):
        letter = text[at]
        if quote:
            at += letter == "\\"
            quote = "" if letter == quote else quote
        elif letter in "'\"`":
            quote = letter
        at += 1
    return text[:at]


def _parameters(text: str) -> tuple[Parameter, ...]:
    found: list[Parameter] = []
    for part in _at_commas(text):
        name, given, default = part.partition(":=")
        if not _WORD.fullmatch(name.strip()):
            raise ExpressionTextError(f"{name!r} is no plain name")
        found.append(Parameter(name.strip(), default.strip() if given else None))
    return tuple(found)


def _at_commas(text: str) -> Iterator[str]:
    depth, part = 0, ""
    for kind, found in tokens(text):
        depth += {"open": 1, "close": -1}.get(kind, 0)
        if found == "," and not depth:
            yield part
            part = ""
        else:
            # Words stay apart; elsewhere a space means nothing.
            part += f" {found}" if kind == "word" and part[-1:].isalnum() else found
    if part:
        yield part


def _question(
    session: Session, item: Printed, parameters: tuple[Parameter, ...]
) -> Question | None:
    """Return the question to the other process, None where no call of the macro binds."""
    if not _WORD.fullmatch(item.name):
        return None
    # What has a default is given as well, so that its name shows in the tree.
    for types in _type_lists(item.body, len(parameters)):
        call = _call(
            f"{item.name}({', '.join(item.name for item in parameters)})", parameters, types
        )
        if session.reason_against(call) is None:
            tree = session.column_names(call)[0]
            every = [parameter.name for parameter in parameters]
            return Question(item.name, every, list(types), item.body, tree)
    return None


def _type_lists(body: str, number: int) -> Iterator[tuple[str, ...]]:
    fields = sorted(set(re.findall(r"\.\s*([^\W\d]\w*)", body)))
    types = list(_TYPES)
    if fields:
        types.append(f"STRUCT({', '.join(f'{name} INT64' for name in fields)})")
        types.append(f"STRUCT({', '.join(f'{name} STRING' for name in fields)})")
    every = [(type_,) * number for type_ in types]
    every += [item for item in product(types, repeat=number) if len(set(item)) > 1]
    return iter(dict.fromkeys(every[:_MOST_BINDINGS]))


def _call(expression: str, parameters: tuple[Parameter, ...], types: tuple[str, ...]) -> str:
    return _over_nothing(expression, [item.name for item in parameters], list(types))


def _over_nothing(expression: str, names: list[str], types: list[str]) -> str:
    # No row, so it is bound and never run: Kùzu crashes on some values.
    given = ", ".join(
        f"CAST(NULL AS {type_}) AS {name}" for name, type_ in zip(names, types, strict=True)
    )
    return f"UNWIND CAST([] AS INT64[]) AS nothing WITH {given or 'nothing'} RETURN {expression}"


# --- in the other process


def restored_bodies(session: Session, questions: list[Question]) -> dict[str, str]:
    """Return the bodies that could be found, by macro; the macros are made in the session."""
    found: dict[str, str] = {}
    waiting = list(questions)
    # A macro may call another one, which must be there first.
    while True:
        left = [item for item in waiting if not _restore(session, item, found)]
        if len(left) in (0, len(waiting)):
            return found
        waiting = left


def _restore(session: Session, question: Question, found: dict[str, str]) -> bool:
    body = _Search(session, question).body()
    if body is None:
        return False
    parameters = ", ".join(question.parameters)
    session.run(f"CREATE MACRO {question.name}({parameters}) AS {body}")
    found[question.name] = body
    return True


_PREFIX = frozenset({"not", "-"})
_BINARY = frozenset(
    {"+", "-", "*", "/", "%", "^", "|", "&", "=", "<", ">", "<>", "<=", ">=", "<<", ">>", "=~"}
    | {"and", "or", "xor", "in", "starts with", "ends with", "contains"}
)
_POSTFIX = frozenset({"!", "is null", "is not null"})
_MOST_TRIALS = 3000
_NUMBERS = count()


class _Search:
    """Looks for the text with the question's tree, from small parts to larger ones.

    Of each part only texts are kept whose own tree stands in the wanted one.
    """

    def __init__(self, session: Session, question: Question) -> None:
        self._session = session
        self._question = question
        self._trials = 0
        self._known: dict[tuple[int, int], dict[str, str]] = {}
        self._items = _joined(pieces(question.printed))

    def body(self) -> str | None:
        """Return the text, None where none is found."""
        if binding.dialect().prints_signs:
            # As Kùzu prints it first, so that one macro has one text in both engines.
            printed, self._items = self._items, _without_signs(self._items)
            found = self._body()
            if found is not None:
                return found
            self._items, self._known = printed, {}
        return self._body()

    def _body(self) -> str | None:
        # Kùzu prints one space more before some words each time that it is asked.
        plain = "".join(
            text if not at or kind == "field" or text[0] in "[!" else f" {text}"
            for at, (kind, text) in enumerate(self._items)
        )
        if self._tree(plain) == self._question.tree:
            return plain
        return self._parts(0, len(self._items)).get(self._question.tree)

    def _parts(self, start: int, end: int) -> dict[str, str]:
        """Return the texts of the items from start to end, by their trees."""
        if (start, end) not in self._known:
            found: dict[str, str] = {}
            for text in self._texts(start, end):
                tree = self._tree(text)
                if tree is not None and tree in self._question.tree:
                    found.setdefault(tree, text)
            self._known[start, end] = found
        return self._known[start, end]

    def _texts(self, start: int, end: int) -> Iterator[str]:
        kind, text = self._items[start]
        if end - start == 1:
            if kind != "operator":
                yield text
            if kind == "number":
                yield f"-{text}"
            return
        if kind == "operator" and text.lower() in _PREFIX:
            yield from (f"{text} {_grouped(part)}" for part in self._parts(start + 1, end).values())
        last = self._items[end - 1]
        if last[1].lower() in _POSTFIX or last[1][0] in "[.":
            space = " " if last[1][0].isalpha() else ""
            yield from (
                f"{_grouped(part)}{space}{last[1]}" for part in self._parts(start, end - 1).values()
            )
        for at in range(start + 1, end - 1):
            if self._items[at][0] == "operator" and self._items[at][1].lower() in _BINARY:
                for left in list(self._parts(start, at).values()):
                    for right in list(self._parts(at + 1, end).values()):
                        yield f"{_grouped(left)} {self._items[at][1]} {_grouped(right)}"

    def _tree(self, text: str) -> str | None:
        self._trials += 1
        if self._trials > _MOST_TRIALS:
            return None
        # An expression of its own is named otherwise than a macro's.
        name = f"kuzugit_trial_{next(_NUMBERS)}"
        parameters = ", ".join(self._question.parameters)
        call = f"{name}({parameters})"
        query = _over_nothing(call, self._question.parameters, self._question.types)
        try:
            self._session.run(f"CREATE MACRO {name}({parameters}) AS {text}")
            return self._session.column_names(query)[0]
        except StatementFailed:
            return None


def _grouped(text: str) -> str:
    # Where Kùzu prints parentheses that stand there, a pair more would be a change.
    return text if len(pieces(text)) == 1 else f"({text})"


def _joined(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return operators and operands: words and marks that are one operator in one item."""
    items: list[tuple[str, str]] = []
    for kind, text in found:
        before = items[-1][1].lower() if items else ""
        both = f"{before} {text.lower()}" if kind == "word" else f"{before}{text.lower()}"
        if (
            items
            and (
                both in _BINARY
                or both in _POSTFIX
                or both in ("starts with", "ends with", "is not", "is not null")
            )
            and items[-1][0] == "operator"
        ):
            space = " " if kind == "word" else ""
            items[-1] = ("operator", f"{items[-1][1]}{space}{text}")
        elif kind == "mark" and text == ".":
            items.append(("field", "."))
        elif items and items[-1] == ("field", "."):
            items[-1] = ("field", f".{text}")
        elif kind == "mark" or (
            kind == "word"
            and text.lower()
            in ("and", "or", "xor", "not", "in", "is", "starts", "ends", "contains")
        ):
            items.append(("operator", text))
        else:
            items.append((kind, text))
    return items


def _without_signs(items: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the items without the minus signs that belong to a number."""
    return [
        item
        for at, item in enumerate(items)
        if not (
            item == ("operator", "-")
            and (at == 0 or items[at - 1][0] == "operator")
            and at + 1 < len(items)
            and items[at + 1][0] == "number"
        )
    ]


def _main(directory: Path, questions: list[Question]) -> dict[str, str]:
    file = directory / "macros"
    with open_database(file, read_only=False) as session:
        found = restored_bodies(session, questions)
    # Kùzu cannot open a file again that holds some kinds of macros.
    with open_database(file, read_only=False):
        return found


if __name__ == "__main__":
    binding.choose(binding.dialect_named(sys.argv[1]), "the parent process works with it")
    asked = [Question(**item) for item in json.load(sys.stdin)]
    json.dump(_main(Path(sys.argv[3]), asked), sys.stdout)
