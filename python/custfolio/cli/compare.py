# custfolio compare: a version of a budget against actual amounts or another version, with the causes of the difference.
"""The command ``compare``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custfolio.cli.actuals import (
    CLOSING,
    actual_amounts,
    check_closing,
    closing_arguments,
    groups_of,
    outcomes_of,
    version_of,
)
from custfolio.cli.screen import escape, print_grid, print_json, screen
from custfolio.cli.tables import TABLES, check_out, option_group, write_table
from custfolio.errors import InputError
from custfolio.report.whole_file import check_outputs

if TYPE_CHECKING:
    from custfolio.budget import Budget, FrozenBudget, Variance
    from custfolio.report.variance_pages import VariancePages

__all__ = ["compare", "figures_of", "print_variance", "write_variance"]


@option_group(CLOSING)
def compare(
    budget: Annotated[Path, typer.Argument(help="Version that `custfolio budget --freeze` wrote.")],
    others: Annotated[
        list[Path],
        typer.Argument(
            help="Actual amounts: lines with month, account and amount, or revenue and costs; sales, also by a custfolio.toml. Or another "
            "version."
        ),
    ],
    options: dict[str, Any],
    through: Annotated[
        str | None,
        typer.Option(
            help="Last month closed, as 2026-03; default the last one with actual amounts, and all months of versions."
        ),
    ] = None,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            help="File to write: .html (page), .xlsx (workbook), .csv or .parquet (a row per month and account); again for further files."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, for scripts.")] = False,
) -> None:
    """Explain the difference between a budget and actual amounts, or another version, by its causes."""
    outputs = out or []
    for path in outputs:
        check_out(path, [budget, *others], *TABLES, ".html")
    check_outputs(outputs, [])
    check_closing(options)
    version = version_of(budget)
    actual, notes = actual_amounts(others, version, through, options)
    if not set(version.months) & set(actual.months):
        raise InputError(
            f"{others[0].name} has no month of {version.months[0]} to {version.months[-1]} in common with {budget.name}; compare budgets of "
            "the same months"
        )
    through = _last_month(version, actual, through)
    variance = version.compare(actual, through=through, outcomes=outcomes_of(options), **closing_arguments(options))
    pages = variance.pages(by=groups_of(options), title=f"Variance of budget {version.name}")
    write_variance(variance, pages, outputs)
    if as_json:
        print_json({**figures_of(variance, pages, notes), "files": [str(path) for path in outputs]})
        return
    print_variance(pages, notes)
    for path in outputs:
        screen.print(f"Written: {escape(str(path))}", soft_wrap=True)


def _last_month(version: FrozenBudget, actual: Budget, through: str | None) -> str | None:
    """Return the last month compared: that of the actual amounts where none is given, and of versions none."""
    from custfolio._tables.dates import month_index, month_text
    from custfolio.budget import FrozenBudget

    last = None if isinstance(actual, FrozenBudget) else actual.core.last_usual_month
    if last is None:
        return through
    if through is None:
        return month_text(min(last, version.core.months[-1]))
    if last > month_index(through, "through"):
        raise InputError(
            f"there are actual amounts in {month_text(last)}, after --through {through}; leave them out, or compare later months"
        )
    return through


def write_variance(variance: Variance, pages: VariancePages, outputs: Sequence[Path]) -> None:
    """Write a variance: a page, a workbook or a table, by the file's ending."""
    from custfolio.report import html, workbook

    for path in outputs:
        kind = path.suffix.lower()
        if kind == ".html":
            html.write(path, pages)
        elif kind == ".xlsx":
            workbook.write(path, pages)
        else:
            write_table(variance.to_frame("pyarrow"), path)


def figures_of(variance: Variance, pages: VariancePages, notes: Sequence[str]) -> dict[str, Any]:
    """Return a variance for scripts."""
    months = variance.by("month").columns()
    names = [name for name in months if name != "judgement"]
    rows = zip(*(months[name] for name in names), strict=True)
    return {
        "planned": variance.planned,
        "actual": variance.actual,
        "causes": {name: value for name, value in variance.causes.items() if value},
        "months": [
            {name: cell if name == "month" else float(cell) for name, cell in zip(names, row, strict=True)}
            for row in rows
        ],
        "without_lines": variance.without_lines,
        "summary": list(pages.summary),
        "notes": list(notes),
    }


def print_variance(pages: VariancePages, notes: Sequence[str]) -> None:
    """Print a variance: its sentences, its causes and its months."""
    for sentence in pages.summary:
        screen.print(escape(sentence), soft_wrap=True)
    causes = pages.tables["causes"]
    rows = zip(*(causes.cells[name] for name in ("cause", "meaning", "difference")), strict=True)
    shown = [(cause, meaning, f"{amount:,.{causes.decimals}f}") for cause, meaning, amount in rows]
    if shown:
        print_grid("Causes", ["cause", "meaning", "contribution"], shown, left=2)
    if "by_month" in pages.tables:
        table = pages.tables["by_month"]
        names = {column.name: column.label.lower() for column in table.columns}
        names = {name: names[name] for name in ("planned", "actual", "variance", "restated") if name in names}
        months = [
            (f"{month:%Y-%m}", *(f"{table.cells[name][k]:,.{table.decimals}f}" for name in names))
            for k, month in enumerate(table.cells["month"])
        ]
        print_grid("Contribution by month", ["month", *names.values()], months)
    for note in notes:
        screen.print(escape(note), soft_wrap=True)
