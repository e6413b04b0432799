"""Tests of tables on screens of any width, and in a pipe."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from custfolio.cli import app, screen

HEADS = ["", "before", "without action", "after (12 months of the plan)"]
ROWS = [
    ("level", "428,123,535", "440,404,811", "446,218,400"),
    ("heat", "-32,207,181", "33,116,087", "36,482,194"),
    ("temperature", "7.52%", "7.52%", "8.18%"),
]


def shown(monkeypatch: pytest.MonkeyPatch, width: int | None, rows: list[tuple[str, ...]], left: int = 1) -> str:
    """Print a table on a screen of a width, or into a pipe, and return what is printed."""
    monkeypatch.delenv("COLUMNS", raising=False)
    printed = io.StringIO()
    console = Console(file=printed, width=width, force_terminal=width is not None, highlight=False, color_system=None)
    monkeypatch.setattr(screen, "screen", console)
    screen.print_grid("The bucket", HEADS, rows, left)
    return printed.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80, 120, None])
def test_no_number_and_no_name_is_cut(monkeypatch: pytest.MonkeyPatch, width: int | None) -> None:
    text = shown(monkeypatch, width, ROWS)
    for row in ROWS:
        for cell in row:
            assert cell in text, (cell, text)
    for head in ("before", "without action"):
        assert head in text
    if width is not None:
        assert max(map(len, text.splitlines())) <= max(width, 2 + len(HEADS[-1]) + 2 + len("446,218,400"))


def test_long_names_are_folded_and_numbers_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    row = ("a very long name of a customer that does not fit", "428,123,535", "2,440,404,811", "446,218,400")
    text = shown(monkeypatch, 90, [row])
    assert all(cell in text for cell in row[1:])
    folded = "".join(line.split("│")[1].strip() for line in text.splitlines() if line.startswith("│"))
    assert folded.replace(" ", "") == row[0].replace(" ", "")


@pytest.mark.parametrize("columns", ["40", "60", "80", "120", None])
def test_the_statement_shows_every_figure_at_any_width(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, columns: str | None
) -> None:
    sales = tmp_path / "sales.csv"
    sales.write_text(
        "date,customer,revenue,cost\n2021-01-04,first and largest customer,123456789.5,100000000\n"
        "2021-02-05,second,9876543.25,9976543.25\n"
    )
    if columns is None:
        monkeypatch.delenv("COLUMNS", raising=False)
    else:
        monkeypatch.setenv("COLUMNS", columns)
    result = CliRunner().invoke(app, ["statement", str(sales)], catch_exceptions=False)
    assert result.exit_code == 0
    table = result.stdout.split("rejected.", 1)[1]
    for figure in ("123,456,790", "23,456,790", "9,876,543", "-100,000", "second"):
        assert figure in table, table


def test_a_line_in_a_pipe_is_whole_however_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    row = ("a name of many words " * 9, "1", "2", "3")
    assert row[0].strip() in shown(monkeypatch, None, [row])
