# custfolio close: actual amounts in the months closed, what is expected in those left, and why they differ from the budget.
"""The command ``close``."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from custfolio.cli.actuals import (
    CLOSING,
    actual_amounts,
    check_closing,
    closing_arguments,
    groups_of,
    lines_of,
    outcomes_of,
    usual_labels,
    version_of,
)
from custfolio.cli.compare import figures_of, print_variance, write_variance
from custfolio.cli.expected import (
    EXPECTED,
    VERSIONS,
    Expected,
    Sales,
    check_expected,
    expected_budget,
    frozen_of,
    print_sources,
    sales_of,
)
from custfolio.cli.screen import WrongUsage, amount_text, escape, finite, print_json, screen
from custfolio.cli.tables import TABLES, check_out, option_group
from custfolio.errors import InputError
from custfolio.report.whole_file import check_outputs

if TYPE_CHECKING:
    from custfolio.budget import FrozenBudget

__all__ = ["close"]


@option_group(EXPECTED | CLOSING)
def close(
    budget: Annotated[
        Path, typer.Argument(help="Version that `custfolio budget --freeze` or an earlier `close --forecast` wrote.")
    ],
    actuals: Annotated[
        list[Path],
        typer.Argument(
            help="Actual amounts: lines with month, account and amount, or revenue and costs; sales, also by a custfolio.toml."
        ),
    ],
    through: Annotated[str, typer.Option(help="Last month to close, as 2026-03.")],
    options: dict[str, Any],
    deals: Annotated[
        list[Path] | None,
        typer.Option(
            help="Action plans or a CRM export for the months left, as for `custfolio budget`; again for further files."
        ),
    ] = None,
    rest: Annotated[
        Path | None,
        typer.Option(
            help="Budget of the months left, a version or lines, in place of --baseline and --deals; default the budget's own months."
        ),
    ] = None,
    forecast: Annotated[
        list[Path] | None,
        typer.Option(
            help="Forecast to write: .json or .parquet (version, for the next close), .xlsx (workbook), .csv (lines); again for further files."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of that version; default that of its file.")] = None,
    on: Annotated[str | None, typer.Option(help="Day of that version; default today.")] = None,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            help="Variance to write: .html (page), .xlsx (workbook), .csv or .parquet (a row per month and account); again for further files."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, for scripts.")] = False,
) -> None:
    """Close months: compare the budget with actual amounts, and forecast its other months.

    Actual amounts cover all months to the last one closed. Other amounts for a month that was closed before are shown as restated.
    """
    forecasts, outputs = forecast or [], out or []
    sources = [*(deals or []), *(path for path in (rest, options["baseline"]) if path is not None)]
    for path in forecasts:
        check_out(path, [budget, *actuals, *sources], *VERSIONS, ".xlsx", ".csv")
    for path in outputs:
        check_out(path, [budget, *actuals, *sources], *TABLES, ".html")
    check_outputs([*forecasts, *outputs], [])
    if rest is not None and (deals or options["baseline"] is not None):
        raise WrongUsage("--rest and --baseline or --deals both give the months left; pass one of them")
    check_closing(options)
    check_expected(options)
    version = version_of(budget)
    sales = functools.cache(sales_of)  # of actual amounts and of the baseline
    actual, notes = actual_amounts(actuals, version, through, options, sales)
    accepted = closing_arguments(options)
    variance = version.compare(actual, through=through, outcomes=outcomes_of(options), **accepted)
    expected = _months_left(version, through, deals or [], rest, options, sales)
    made = version.forecast(actual, through, remaining=expected.budget, **accepted)
    pages = variance.pages(by=groups_of(options), title=f"Variance of budget {version.name} to {made.closed}")
    bands = [] if made.core.frozen else list(dict.fromkeys([("month",), ("quarter",), ("year",), *version.kept_bands]))
    for path in forecasts:
        kind = path.suffix.lower()
        if kind in VERSIONS:
            frozen_of(made, path, name, on, bands).save(path)
        elif kind == ".xlsx":
            made.to_excel(path, title=f"Forecast after {made.closed}", stamp=datetime.datetime(int(through[:4]), 1, 1))
        else:
            made.to_csv(path, version=f"forecast after {made.closed}")
    write_variance(variance, pages, outputs)
    level, heat = made.total
    years = made.bands("year").columns() if bands else {}
    if as_json:
        figures = figures_of(variance, pages, [*notes, *made.notes, *expected.notes, *expected.warned]) | {
            "closed": made.closed,
            "forecast": {"level": level, "contribution": heat},
            "years": [
                {
                    name: year if name == "year" else finite(float(years[name][k]))
                    for name in ("year", "expected", "p10", "p50", "p90")
                }
                for k, year in enumerate(years.get("year", ()))
            ],
            "files": [str(path) for path in (*forecasts, *outputs)],
        }
        print_json(figures)
        return
    print_variance(pages, notes)
    print_sources(expected)
    screen.print(f"Forecast after {made.closed}: level {amount_text(level)}, contribution {amount_text(heat)}.")
    for k, year in enumerate(years.get("year", ())):
        p10, p90 = years["p10"][k], years["p90"][k]
        known = "P10 and P90 are not known" if np.isnan(p10) else f"P10 {amount_text(p10)}, P90 {amount_text(p90)}"
        screen.print(f"{year}: {known}.")
    if not bands:
        screen.print(
            "P10 and P90 are not known: a version has no distribution of action plans. Give the months left with --deals and --baseline.",
            soft_wrap=True,
        )
    for path in (*forecasts, *outputs):
        screen.print(f"Written: {escape(str(path))}", soft_wrap=True)


def _months_left(
    version: FrozenBudget,
    through: str,
    deals: Sequence[Path],
    rest: Path | None,
    options: Mapping[str, Any],
    sales: Callable[[Path], Sales],
) -> Expected:
    """Return what is expected of the months after the close; by default what the version has."""
    from custfolio._tables.dates import month_index, month_text

    first = month_index(through, "through") + 1
    months = month_index(version.months[-1], "month") + 1 - first
    own = Expected(version)
    if months < 1 or not (rest or deals or options["baseline"]):
        return own
    if rest is not None:
        found = lines_of(rest, version, options, source="baseline")
        if found is None:
            raise InputError(f"{rest.name} has no column 'month'; --rest must be lines of months, or a version")
        return Expected(found)
    sources = set(version.totals("source").columns()["source"])
    if options["baseline"] is None and sources - {"growth"}:
        raise WrongUsage(
            "--deals without --baseline leaves out the usual business of the months left; give its sales, too"
        )
    base = options["baseline"]
    names = [] if base is None else [name for name in sales(base).labelled_by if name in version.dimensions]
    labels = {name: usual_labels(version, name) for name in names}
    expected = expected_budget(
        deals, options, start=month_text(first), months=months, currency=version.currency, digits=version.digits,
        calendar=version.calendar, labels=labels, sales=sales,
    )  # fmt: skip
    if not deals and "growth" in sources:
        expected.notes.append(
            "The budget has action plans, and the months left have none: give those still open with --deals."
        )
    return expected
