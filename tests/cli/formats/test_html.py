"""A diff as an HTML file: read by a parser, and by headless Chromium where it is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from kuzugit.cli.render import diff_html, graph_svg
from kuzugit.cli.render.diff_html import html_lines
from kuzugit.cli.render.graph_svg import drawing, svg
from tests.cli.conftest import Run
from tests.cli.formats.conftest import opened
from tests.support.live import LiveProject

VOID = {"meta", "br", "input"}
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu"),
    *("--disable-background-networking", "--no-first-run"),
]


class Page(HTMLParser):
    """What stands in a page: elements with their attributes, and the text in each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.open: list[int] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), []))
        if tag not in VOID:
            self.open.append(len(self.elements) - 1)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        assert self.elements[self.open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.elements[self.open[-1]][2].append(data)

    def texts(self, tag: str, kind: str | None = None) -> list[str]:
        return [
            "".join(text)
            for name, attributes, text in self.elements
            if name == tag and (kind is None or attributes.get("class") == kind)
        ]


@pytest.fixture(scope="module")
def text(changed: LiveProject) -> str:
    with opened(changed) as found:
        return "\n".join(html_lines(found))


def test_its_rows_are_those_of_json_lines(text: str, lines: list[dict[str, Any]]) -> None:
    page = Page(text)
    assert page.open == []
    tables = [json.loads(item) for item in page.texts("script", "table")]
    rows = [(table["name"].split(" (")[0], row) for table in tables for row in table["rows"]]
    assert [(name, row[0]) for name, row in rows] == [(x["table"], x["change"]) for x in lines]
    for (_, (change, key, cells)), line in zip(rows, lines, strict=True):
        assert [json.loads(part) for part in key.split(" → ")] == [*line["key"].values()]
        if change == "changed":
            told = {name: (json.loads(old), json.loads(new)) for name, old, new in cells}
            assert told == {
                name: (line["old"][name], line["new"][name]) for name in line["columns"]
            }


def test_nothing_in_it_runs_or_loads_but_its_own(text: str) -> None:
    page = Page(text)
    kinds = [attributes.get("type") for tag, attributes, _ in page.elements if tag == "script"]
    assert kinds == ["application/json"] * 4 + [None]
    for tag, attributes, _ in page.elements:
        assert tag not in ("link", "img", "iframe", "object", "base", "form", "a")
        assert not any(name.startswith("on") or name in ("src", "href") for name in attributes)
    (policy,) = (
        attributes["content"]
        for _, attributes, _ in page.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    controls = {mark for mark in text if not mark.isprintable()} - {"\n"}
    assert controls == set()


def test_both_sides_are_the_same(run: Run, changed: LiveProject, tmp_path: Path) -> None:
    words = ("diff", "v0.1.0", "v0.1.0", "--format", "html", "-o", tmp_path / "a.html")
    assert run("-C", changed.directory, *words, "--exit-code").code == 0
    assert "Both sides hold the same." in (tmp_path / "a.html").read_text()


def test_rows_beyond_the_limit_are_counted(
    changed: LiveProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diff_html, "SHOWN_ROWS", 3)
    with opened(changed, tables=["Per son"]) as found:
        page = Page("\n".join(html_lines(found)))
    (table,) = [json.loads(item) for item in page.texts("script", "table")]
    assert (len(table["rows"]), table["more"]) == (3, 4)


def test_the_drawing_has_a_limit(changed: LiveProject, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(changed) as found:
        whole = drawing(found)
        monkeypatch.setattr(graph_svg, "MOST_NODES", 4)
        part = drawing(found)
    assert (len(whole.nodes), len(whole.rels), whole.left_out) == (12, 5, 0)
    assert len(part.nodes) == 4
    assert part.left_out > 0
    assert svg(part).count("<circle") == 4


def dumped(page: Path, *flags: str) -> str:
    """Return the document as Chromium has it after the page's script ran."""
    done = subprocess.run(
        [str(CHROMIUM), *FLAGS, f"--user-data-dir={page.parent / 'profile'}", *flags,
         "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize("width", [1280, 500])
def test_a_browser_shows_it(text: str, tmp_path: Path, width: int) -> None:
    if CHROMIUM is None:
        # Without a browser only what the script would read can be looked at.
        assert len(Page(text).texts("script", "table")) == 4
        return
    # What the page's script cannot know: how wide it came out, and whether data ran.
    probe = (
        "<script>addEventListener('load', () => {"
        "document.querySelectorAll('nav button')[1].click();"
        "document.title = [document.documentElement.scrollWidth > innerWidth, "
        "document.querySelectorAll('article').length].join()})</script>"
    )
    policy = 'http-equiv="Content-Security-Policy"'
    page = tmp_path / "a.html"
    page.write_text(text.replace(policy, 'name="off"').replace("</body>", f"{probe}</body>"))
    shown = Page(dumped(page, f"--window-size={width},900"))
    assert shown.texts("title")[0] == "false,7"
    page.write_text(text.replace("</body>", f"{probe}</body>"))
    guarded = Page(dumped(page))
    # With its policy on, a script that is not the page's own does not run.
    assert guarded.texts("title")[0] == "v0.1.0 → v1.0.0"
    assert len(guarded.texts("article")) == 1
    values = guarded.texts("span", "value")
    assert any("</script><script>alert(1)</script>" in value for value in values)
