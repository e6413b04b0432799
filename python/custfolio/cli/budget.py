# custfolio budget: usual business, action plans and a pipeline, weighted by their chances; and versions to close months against.
"""The command ``budget``."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custfolio.cli.expected import (
    VERSIONS,
    check_expected,
    expected_budget,
    expected_options,
    frozen_of,
    print_sources,
)
from custfolio.cli.screen import WrongUsage, amount_text, escape, finite, print_grid, print_json, screen
from custfolio.cli.tables import check_choice, check_out
from custfolio.report.whole_file import check_outputs

if TYPE_CHECKING:
    from custfolio.budget import Budget

__all__ = ["budget"]


@expected_options
def budget(
    options: dict[str, Any],
    files: Annotated[
        list[Path] | None, typer.Argument(help="Action plans or a CRM export: CSV, Parquet or JSON.")
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(
            help="Label the customers of --baseline by manager, group or segment, and keep bands by it; again for further ones."
        ),
    ] = None,
    start: Annotated[str | None, typer.Option(help="First month, as 2026-01; default this month.")] = None,
    months: Annotated[int, typer.Option(min=1, max=1200, help="Number of months.")] = 12,
    fiscal_start: Annotated[int, typer.Option(min=1, max=12, help="Month in which the fiscal year begins.")] = 1,
    weeks: Annotated[
        str | None,
        typer.Option(
            help="Years of whole weeks: 4-4-5, 4-5-4 or 5-4-4; they end on the last Saturday before --fiscal-start."
        ),
    ] = None,
    currency: Annotated[
        str | None, typer.Option(help="Code of the currency; default that of the sales.", show_default="EUR")
    ] = None,
    digits: Annotated[
        int, typer.Option(min=0, max=6, help="Digits of amounts after the decimal point; 0 for very large amounts.")
    ] = 2,
    freeze: Annotated[
        Path | None,
        typer.Option(help="Version to write (.json or .parquet), against which `custfolio close` closes months."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the version; default that of its file.")] = None,
    on: Annotated[str | None, typer.Option(help="Day on which the version was agreed; default today.")] = None,
    out: Annotated[
        list[Path] | None,
        typer.Option(help="Workbook (.xlsx) or lines for planning systems (.csv) to write; again for further files."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, for scripts.")] = False,
) -> None:
    """Expect usual business, and action plans or a CRM's pipeline by their chances: a budget with P10, P50 and P90."""
    from custfolio.budget import FiscalCalendar

    given, outputs = files or [], out or []
    inputs = [*given, *([] if options["baseline"] is None else [options["baseline"]])]
    for path in outputs:
        check_out(path, inputs, ".xlsx", ".csv")
    if freeze is None and (name is not None or on is not None):
        raise WrongUsage("--name and --on are of a version; name its file with --freeze")
    if freeze is not None:
        check_out(freeze, inputs, *VERSIONS)
    check_outputs([*outputs, *([] if freeze is None else [freeze])], [])
    check_expected(options)
    if label and options["baseline"] is None:
        raise WrongUsage("--label has no effect without --baseline, whose customers it labels")
    check_choice(weeks, "--weeks", "4-4-5", "4-5-4", "5-4-4")
    begin = start or f"{datetime.date.today():%Y-%m}"
    calendar = (
        FiscalCalendar(fiscal_start)
        if weeks is None
        else FiscalCalendar.weeks(weeks, month=(fiscal_start - 2) % 12 + 1)
    )
    labels = label or []
    expected = expected_budget(
        given,
        options,
        start=begin,
        months=months,
        currency=currency,
        digits=digits,
        calendar=calendar,
        labels={name: {} for name in labels},
    )
    made = expected.budget
    times = ("month", *(() if weeks is None else ("period",)), "quarter", "year")
    bands = {by: _bands(made, by) for by in (*times, *labels)}
    if freeze is not None:
        kept = ["month", "quarter", "year", *labels, *(("month", label) for label in labels)]
        frozen_of(made, freeze, name, on, kept).save(freeze)
        outputs = [freeze, *outputs]
    for path in outputs:
        if path.suffix.lower() == ".xlsx":
            made.to_excel(path, title=f"Budget from {begin}", stamp=datetime.datetime(int(begin[:4]), 1, 1))
        elif path.suffix.lower() == ".csv":
            made.to_csv(path, version=f"budget from {begin}")
    if as_json:
        figures = {
            "plans": expected.plans,
            "left_out": expected.left_out,
            "notes": [*made.notes, *expected.notes, *expected.warned],
            "currency": made.currency,
            **{f"{by}s": rows for by, rows in bands.items()},
            "files": [str(path) for path in outputs],
        }
        print_json(figures)
        return
    for by, rows in bands.items():
        shown = [
            (row[by], *(amount_text(math.nan if row[figure] is None else row[figure]) for figure in _FIGURES))
            for row in rows
        ]
        title = "By fiscal year" if by == "year" else f"By {by}"
        print_grid(f"{title}, {made.currency}", [by, "revenue", "contribution", "P10", "P50", "P90"], shown)
    print_sources(expected)
    for path in outputs:
        screen.print(f"Written: {escape(str(path))}", soft_wrap=True)


_FIGURES = ("revenue", "contribution", "p10", "p50", "p90")


def _bands(made: Budget, by: str) -> list[dict[str, Any]]:
    """Return a budget's expected revenue and contribution with its band (None: not known), one row per month, quarter or year."""
    sums, bands = made.totals(by).columns(), made.bands(by).columns()
    columns = {by: sums[by], "revenue": sums["level"], "contribution": sums["heat"]}
    columns |= {name: bands[name] for name in ("p10", "p50", "p90")}
    return [
        {name: (value if name == by else finite(float(value))) for name, value in zip(columns, row, strict=True)}
        for row in zip(*columns.values(), strict=True)
    ]
