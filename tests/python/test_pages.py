# Every code block of README and guide runs, in the environment that the README's first command makes, and prints what is shown.
"""The pages' code against what it prints.

A `python` block runs after the blocks of its page before it; a `text` block below it shows its output. A block that needs an extra names
it in its first line (``# needs the extra: pip install ".[pandas]"``). A page that links to another with "The code continues" begins with the
names that the blocks of that page leave. One process runs all pages.
`cpp` and `cmake` blocks are parts of the examples and of the consumers' projects, which the C++ tests build.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TOP = Path(__file__).resolve().parents[2]
PAGES = [TOP / "README.md", *sorted((TOP / "docs").rglob("*.md"))]
LONGEST_PAGE = 80
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EXTRA = re.compile(r'^# needs the extra: pip install "\.\[(\w+)\]"')

SALES = """Klantnr;Klantnaam;Factuurdatum;Factuurnr;Bedrag excl. btw;Kostprijs
1;Bakkerij Peeters;04-01-25;F01;1.250,00;900,00
1;Bakkerij Peeters;03-02-25;F05;1.310,00;940,00
2;Café De Zwaan;05-01-25;F02;85,00;60,00
2;Café De Zwaan;19-01-25;F03;64,50;45,00
2;Café De Zwaan;26-02-25;F07;(20,00);(14,00)
3;Hotel Astrid;21-01-25;F04;2.480,00;1.700,00
3;Hotel Astrid;24-02-25;F06;2.150,00;1.480,00
4;Frituur 't Hoekje;27-02-25;F08;140,00;120,00
"""
"""The file that the first block of README.md reads."""

# Hides the modules of other packages, then runs the blocks of pages and returns what each block prints, by its place.
RUNNER = r"""
import contextlib, importlib.machinery, io, json, sys

task = json.loads(sys.stdin.read())

class Installed(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in task["hidden"] else super().find_spec(name, path, target)

sys.meta_path = [Installed if finder is importlib.machinery.PathFinder else finder for finder in sys.meta_path]
left = {None: {"__name__": "__main__"}}
printed = {}
for page, before, blocks in task["pages"]:
    names = left[page] = dict(left[before])
    for place, code in blocks:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(code, place, "exec"), names)
        printed[place] = out.getvalue()
json.dump(printed, sys.stdout)
"""


@dataclass(frozen=True)
class Block:
    """One code block of a page."""

    place: str
    language: str
    text: str

    @property
    def extra(self) -> str | None:
        """The extra that the block names in its first line."""
        found = EXTRA.match(self.text)
        return found[1] if found else None


def blocks_of(page: Path) -> list[Block]:
    """Return a page's blocks in order."""
    text = page.read_text(encoding="utf-8")
    name = page.relative_to(TOP)
    return [
        Block(f"{name}:{text.count(chr(10), 0, found.start()) + 2}", found[1], found[2])
        for found in FENCE.finditer(text)
    ]


def continued(page: Path) -> Path | None:
    """Return the page whose code this one continues."""
    found = re.search(r"The code continues \[[^\]]+\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    return None if found is None else (page.parent / found[1]).resolve()


def in_order() -> list[Path]:
    """Return all pages, each after the one that it continues."""
    found: list[Path] = []

    def add(page: Path) -> None:
        if page not in found:
            if (before := continued(page)) is not None:
                add(before)
            found.append(page)

    for page in PAGES:
        add(page)
    return found


def closure(requirements: Iterable[str]) -> set[str]:
    """Return the distributions that requirements install, by name."""
    found: set[str] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        one = waiting.pop()
        name = one.name.lower().replace("_", "-")
        if name in found or (one.marker is not None and not one.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        waiting += [Requirement(text) for text in metadata.requires(name) or ()]
    return found


def hidden(extras: Iterable[str] = ()) -> list[str]:
    """Return the modules here that the package and these extras do not install."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"]]
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    installed = {"custfolio", *closure(wanted)}
    return sorted(
        module
        for module, owners in metadata.packages_distributions().items()
        if not installed & {owner.lower().replace("_", "-") for owner in owners}
    )


def run(pages: dict[Path, list[Block]], modules: list[str], folder: Path) -> dict[str, str]:
    """Run blocks of pages one after the other in one process and return what each prints, by its place."""
    listed = [
        (str(page), before if before is None else str(before), [(block.place, block.text) for block in blocks])
        for page, blocks in pages.items()
        for before in [continued(page)]
    ]
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUNNER], input=json.dumps({"hidden": modules, "pages": listed}), cwd=folder,
        capture_output=True, text=True, timeout=600, check=False,
        env={name: value for name, value in os.environ.items() if name != "COLUMNS"},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    printed: dict[str, str] = json.loads(result.stdout)
    return printed


def _trimmed(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]


@pytest.mark.parametrize("extras", [False, True], ids=["without extras", "with extras"])
def test_code_of_the_pages_prints_what_they_show(extras: bool, tmp_path: Path) -> None:
    blocks = {page: blocks_of(page) for page in in_order()}
    named = {block.extra for part in blocks.values() for block in part if block.extra}
    runnable = {
        page: [block for block in part if block.language == "python" and (extras or not block.extra)]
        for page, part in blocks.items()
    }
    if extras:  # the other pages ran without them
        needed = {page for page, part in runnable.items() if any(block.extra for block in part)}
        while more := {before for page in needed if (before := continued(page))} - needed:
            needed |= more
        runnable = {page: part for page, part in runnable.items() if page in needed}
    assert f"```\n{SALES}```" in (TOP / "README.md").read_text(encoding="utf-8")
    (tmp_path / "sales.csv").write_text(SALES, encoding="utf-8")
    printed = run(runnable, hidden({"pandas", *named} if extras else ()), tmp_path)
    shown = 0
    for part in blocks.values():
        output: str | None = None
        for block in part:
            if block.language == "python":
                output = printed.get(block.place)
            elif block.language == "text" and output is not None:
                assert _trimmed(output) == _trimmed(block.text), block.place
                shown += 1
    assert shown > (1 if extras else 20)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_has_a_kind_that_is_run(page: Path) -> None:
    for block in blocks_of(page):
        assert block.language in ("python", "text", "cpp", "cmake", "sh", ""), block.place
        if block.language == "cpp":
            assert any(_contains(path, block.text) for path in (TOP / "examples/cpp").glob("*.cpp")), block.place
        if block.language == "cmake":
            consumers = (TOP / "tests/consumer").rglob("CMakeLists.txt")
            assert any(_contains(path, block.text) for path in consumers), block.place
        if block.language == "sh":  # both run in a fresh root
            commands = (
                "python3 -m venv .venv && .venv/bin/pip install --quiet . && .venv/bin/custfolio demo\n",
                "tests/run\n",
            )
            assert block.text in commands, block.place


def _contains(path: Path, part: str) -> bool:
    """Whether a source has these lines, indented or not."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    wanted = [line.strip() for line in textwrap.dedent(part).strip().splitlines()]
    return any(lines[k : k + len(wanted)] == wanted for k in range(len(lines)))


@pytest.mark.parametrize(("language", "example"), [("python", "python/plan.py"), ("cpp", "cpp/bucket.cpp")])
def test_printed_example_is_an_example_that_runs(language: str, example: str) -> None:
    text = (TOP / "examples" / example).read_text(encoding="utf-8")
    assert any(text.endswith(block.text) for block in blocks_of(TOP / "README.md") if block.language == language)


@pytest.mark.parametrize("page", sorted((TOP / "docs/guide").glob("*.md")), ids=lambda page: page.stem)
def test_a_page_of_the_guide_is_short(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= LONGEST_PAGE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
