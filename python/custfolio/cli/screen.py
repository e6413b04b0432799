# Output of the commands: consoles, tables, amounts and shares for people, JSON, and the bar of progress.
"""Print for people and for scripts."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from rich import markup
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from custfolio._tables.wording import control_free
from custfolio.errors import InputError

__all__ = [
    "WrongUsage",
    "amount_text",
    "error_text",
    "escape",
    "finite",
    "messages",
    "number_text",
    "print_grid",
    "print_json",
    "progress_bar",
    "screen",
    "share_text",
]


screen = Console(highlight=False)
messages = Console(stderr=True, highlight=False)


class WrongUsage(InputError):
    """The value of an option is wrong, whatever the data: exit status 2."""


_NARROWEST = 10
"""Characters that a column of text keeps before a table becomes blocks of lines."""
_STEPS = {
    "reading": "Reading and checking the ledger",
    "statement": "Statement of every customer",
    "baseline": "Baseline",
    "selection": "1. Selection",
    "remediation": "2. Remediation",
    "anchoring": "3. Anchoring",
    "growth": "4. Internal growth",
    "acquisition": "5. External growth",
    "optimising": "Optimising the plan",
    "simulating": "Simulating the plan",
}
"""Texts of the progress bar by step of the flow."""


def escape(text: str) -> str:
    """Return text to print as it is: no markup, and no sign that a terminal obeys."""
    return markup.escape(control_free(text))


def error_text(error: BaseException) -> str:
    """Return an error's text in one piece; of an error of the system with its file."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Callable[[str, float], None]]:
    """Show a progress bar of the flow's steps on standard error."""
    if quiet:
        yield lambda step, fraction: None
        return
    columns = (TextColumn("{task.description:<32}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    names = list(_STEPS)
    with Progress(*columns, console=messages, transient=True) as bar:
        task = bar.add_task("", total=len(names))

        def show(step: str, fraction: float) -> None:
            bar.update(task, description=_STEPS[step], completed=names.index(step) + fraction)

        yield show


def amount_text(value: float) -> str:
    """Return a whole amount; a dash where there is none."""
    return "–" if math.isnan(value) else f"{value:,.0f}"


def number_text(value: float) -> str:
    """Return a number with two decimals; a dash where there is none."""
    return "–" if math.isnan(value) else f"{value:.2f}"


def share_text(value: float, digits: int = 1) -> str:
    """Return a fraction as a percentage; a dash where there is none."""
    return "–" if math.isnan(value) else f"{value:.{digits}%}"


def print_grid(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> None:
    """Print a table whose first columns are text and whose others are numbers.

    No number is cut or broken over two lines: where the table is wider than the screen, each row becomes a block of
    lines. A pipe has no width, so that scripts read whole lines.
    """
    widths = [
        max(len(head), *(len(row[place]) for row in rows)) if rows else len(head) for place, head in enumerate(heads)
    ]
    frame = 3 * len(heads) + 1
    narrowest = sum(min(width, _NARROWEST) if place < left else width for place, width in enumerate(widths)) + frame
    piped = not screen.is_terminal and "COLUMNS" not in os.environ
    if narrowest > screen.width and not piped:
        _print_blocks(title, heads, rows)
        return
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for place, head in enumerate(heads):
        words = place < left
        table.add_column(head, justify="left" if words else "right", overflow="fold", no_wrap=not words)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console = (
        Console(file=screen.file, highlight=False, width=max(screen.width, sum(widths) + frame)) if piped else screen
    )
    console.print(table, crop=False)


def _print_blocks(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print each row as its first cell and, below it, a line for each other column."""
    screen.print(f"[bold]{escape(title)}[/]")
    label = max(len(head) for head in heads[1:])
    for row in rows:
        screen.print(escape(row[0]))
        for head, cell in zip(heads[1:], row[1:], strict=True):
            screen.print(f"  {escape(head):<{label}}  {escape(cell)}", soft_wrap=True)


def finite(value: float) -> float | None:
    """Return a number for JSON: None if it is not finite."""
    return value if math.isfinite(value) else None


def print_json(figures: Any) -> None:
    """Print figures as JSON, for scripts."""
    typer.echo(json.dumps(figures, ensure_ascii=False, allow_nan=False, indent=2))
