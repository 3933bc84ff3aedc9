"""docs/fidelity.md: what survives, measured. `make fidelity` writes its tables anew.

Each database takes each way in a process of its own, with a time limit: Kùzu crashes on
some. Only what stands between the marks of a table is written; the rest is by hand.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.docs.fidelity_cases import (
    BY_ITSELF,
    FORMS,
    OBJECTS,
    VALUES,
    VALUES_APART,
    Case,
    form_table,
    type_case,
)

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "fidelity.md"
SECONDS = 120
AT_A_TIME = 2
KEPT, ALONE, REFUSED = "kept", "kept, by kuzugit alone", "refused by name"
UNMAKEABLE = "-"


@dataclass
class Outcome:
    """What a probe told before it ended; `signal` is what killed it, 0 for none."""

    signal: int = 0
    hangs: bool = False
    told: dict[str, Any] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)

    @property
    def differences(self) -> list[str]:
        return list(self.told.get("differences", []))

    @property
    def warnings(self) -> list[str]:
        return list(self.told.get("warnings", []))


def probe(way: str, case: Case) -> Outcome:
    """Send a database on a way; a probe that breaks otherwise than by Kùzu raises."""
    words = [sys.executable, "-m", "tests.docs.fidelity_probe", way]
    with TemporaryDirectory() as directory:
        try:
            done = subprocess.run(
                [*words, directory],
                input=json.dumps(asdict(case)),
                capture_output=True,
                text=True,
                cwd=ROOT,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            return _outcome(Outcome(hangs=True), (error.stdout or b"").decode())
    found = _outcome(Outcome(signal=max(0, -done.returncode)), done.stdout)
    if done.returncode > 0 and "could not be made" not in done.stderr:
        raise RuntimeError(f"{way} {case.statements}: {done.stderr[-2000:]}")
    return found


def _outcome(found: Outcome, lines: str) -> Outcome:
    for line in lines.splitlines():
        told = json.loads(line)
        found.told |= told
        found.steps += [told["step"]] if "step" in told else []
    return found


def plain_cell(found: Outcome) -> str:
    """Say how EXPORT and IMPORT did."""
    if not found.steps:
        return UNMAKEABLE
    where = "IMPORT" if "exported" in found.steps else "EXPORT"
    if found.hangs or found.signal:
        # What cannot be read afterwards was broken by the import.
        return f"**{where} {'hangs' if found.hangs else 'crashes'}**"
    if "failed" in found.told:
        return f"{where} fails"
    return "**changed**" if found.differences else KEPT


def kuzugit_cell(found: Outcome) -> str:
    """Say how commit and checkout did."""
    if not found.steps:
        return UNMAKEABLE
    if found.signal or found.hangs or "failed" in found.told:
        name = signal.strsignal(found.signal) if found.signal else found.told.get("failed")
        return f"**fails: {name}**"
    if "refused" in found.told:
        return REFUSED
    if found.differences:
        return "kept but for what it tells" if found.warnings else "**changed**"
    return ALONE if any("IMPORT DATABASE fails" in text for text in found.warnings) else KEPT


def _all(work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return list(pool.map(work, items))


# --- the tables


def type_rows(types: Iterable[str] = VALUES) -> tuple[list[str], list[str], list[str]]:
    """Return the rows of the tables of types, plain and kuzugit, and what is changed."""
    plain, ours, changed = [], [], []
    for type_ in types:
        outcomes = _all(lambda form, type_=type_: probe("plain", type_case(type_, [form])), FORMS)
        cells = [plain_cell(found) for found in outcomes]
        plain.append(_row(f"`{type_}`", *cells))
        made = [form for form, cell in zip(FORMS, cells, strict=True) if cell != UNMAKEABLE]
        ours.append(_row(f"`{type_}`", *_kuzugit_cells(type_, made)))
        changed += [
            f"- {_column(type_, form)}: {_escaped(found.differences[0])}"
            for form, found in zip(FORMS, outcomes, strict=True)
            if found.differences
        ]
    return plain, ours, changed


def _column(type_: str, form: str) -> str:
    return f"`{FORMS[form][0].format(t=type_)}`"


def _kuzugit_cells(type_: str, forms: list[str]) -> Iterator[str]:
    found = probe("kuzugit", type_case(type_, forms))
    refused = {name.split(".")[0] for name in found.told.get("refused", [])}
    if refused:
        # The others are asked once more, without those.
        rest = [form for form in forms if form_table(form) not in refused]
        found = probe("kuzugit", type_case(type_, rest))
    for form in FORMS:
        table = form_table(form)
        if form not in forms:
            yield UNMAKEABLE
        elif table in refused:
            yield REFUSED
        else:
            yield kuzugit_cell(_about(found, table))


def _about(found: Outcome, table: str) -> Outcome:
    """Return the outcome as far as it is about one table."""
    warnings = [text for text in found.warnings if re.search(rf"\b{table}\b", text)]
    told = {**found.told, "warnings": warnings}
    return Outcome(found.signal, found.hangs, told, found.steps)


def case_row(name: str, case: Case) -> str:
    """Return the row of a case: its name, plain, kuzugit."""
    plain, ours = probe("plain", case), probe("kuzugit", case)
    return _row(
        name, _with_details(plain_cell(plain), plain), _with_details(kuzugit_cell(ours), ours)
    )


def itself_row(name: str, case: Case) -> str:
    """Return the row of what Kùzu does without anybody's help."""
    found = probe("itself", case)
    if "failed" not in found.told:
        return _row(name, "; ".join(map(_escaped, found.differences)) or KEPT)
    what = "it cannot be read again" if "written" in found.steps else "the checkpoint fails"
    return _row(name, what)


def _with_details(cell: str, found: Outcome) -> str:
    if cell == REFUSED:
        return f"{cell}: {_escaped(found.told['why'][0])}"
    if found.differences:
        return f"{cell}: {'; '.join(map(_escaped, found.differences))}"
    return cell


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    # What a value says must not be read as Markdown.
    return re.sub(r"([\\`*_|<>\[\]])", r"\\\1", " ".join(text.split()))


def tables() -> Iterator[tuple[str, list[str]]]:
    """Measure everything; yield the lines of each table after the name of its mark."""
    yield "itself", _all(lambda item: itself_row(*item), BY_ITSELF.items())
    yield "objects", _all(lambda item: case_row(*item), OBJECTS.items())
    yield "values", _all(lambda item: case_row(*item), VALUES_APART.items())
    yield from zip(("plain", "kuzugit", "changed"), type_rows(), strict=True)


HEADS = {
    "plain": ["", *FORMS],
    "kuzugit": ["", *FORMS],
    "values": ["", "plain EXPORT and IMPORT", "kuzugit"],
    "objects": ["", "plain EXPORT and IMPORT", "kuzugit"],
    "itself": ["", "after the checkpoint"],
}


def written(page: str, name: str, lines: list[str]) -> str:
    """Return the page with these lines between the marks of a table."""
    head = [_row(*HEADS[name]), _row(*["---"] * len(HEADS[name]))] if name in HEADS else []
    text = "\n".join([*head, *lines])
    pattern = re.compile(rf"(<!-- measured: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    result, count = pattern.subn(lambda match: f"{match[1]}{text}\n{match[2]}", page)
    assert count == 1, f"the page has {count} marks of {name}"
    return result


def measured(page: str, name: str) -> list[str]:
    """Return the lines that the page has between the marks of a table, without its head."""
    match = re.search(rf"<!-- measured: {name} -->\n(.*?)\n<!-- end -->", page, re.DOTALL)
    assert match, f"the page has no marks of {name}"
    return match[1].splitlines()[2 if name in HEADS else 0 :]


if __name__ == "__main__":
    for name, lines in tables():
        PAGE.write_text(written(PAGE.read_text(), name, lines))
