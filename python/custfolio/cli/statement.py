# custfolio statement: profit and loss of every customer.
"""The command ``statement``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from custfolio._tables.wording import counted
from custfolio.cli.config import read_table
from custfolio.cli.screen import amount_text, escape, finite, print_grid, print_json, screen, share_text
from custfolio.cli.tables import TABLES, check_out, ledger_options, read_ledger, write_table
from custfolio.errors import InputError
from custfolio.portfolio import NO_HEAT, Portfolio

__all__ = ["statement"]


@ledger_options
def statement(
    files: Annotated[list[Path], typer.Argument(help="Sales: CSV, Excel, Parquet or JSON; several are read as one.")],
    options: dict[str, Any],
    rate: Annotated[
        list[str] | None, typer.Option(help="Cost per unit of a driver: deliveries=90, lines=2.5, quantity=0.12.")
    ] = None,
    revenue_share: Annotated[float, typer.Option(help="Share of revenue that is passed on, a fraction.")] = 0.0,
    credit_rate: Annotated[
        float, typer.Option(help="Yearly rate of open invoices, a fraction; with --receivables.")
    ] = 0.0,
    receivables: Annotated[
        Path | None,
        typer.Option(help="Table of invoices: customer, invoice (day), due, paid, amount; or customer, dso, terms."),
    ] = None,
    first: Annotated[str | None, typer.Option(help="First day, as 2021-01-01.")] = None,
    last: Annotated[str | None, typer.Option(help="Last day.")] = None,
    out: Annotated[Path | None, typer.Option(help="CSV, Parquet or Excel file to write, one row per customer.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, for scripts.")] = False,
) -> None:
    """State profit and loss of every customer."""
    from custfolio.costing import CostModel
    from custfolio.selection import statement as state

    if out is not None:
        check_out(out, files, *TABLES)
    rates: dict[str, float] = {}
    for entry in rate or []:
        driver, sign, amount = entry.partition("=")
        if driver.strip() in rates:
            raise InputError(f"--rate gives {driver.strip()} twice; it must be given once")
        try:
            rates[driver.strip()] = float(amount)
        except ValueError:
            sign = ""
        if not sign:
            raise InputError(
                f"--rate {entry!r} is not a rate; it must be written as DRIVER=AMOUNT, such as deliveries=90"
            )
    if (first is None) != (last is None):
        raise InputError("only one of --first and --last is given; both are needed")
    ledger = read_ledger(files, options)
    period = None if first is None or last is None else (first, last)
    costs = CostModel(rates=rates, revenue_share=revenue_share, credit_rate=credit_rate)
    invoices = None if receivables is None else read_table(receivables)
    stated = state(ledger, costs, period=period, receivables=invoices)
    if out is not None:
        write_table(stated.to_frame("pyarrow"), out)
    bucket = stated.bucket
    if as_json:
        figures = {
            "level": bucket.level,
            "heat": finite(bucket.heat),
            "temperature": finite(bucket.temperature),
            "customers": bucket.customers,
            "rows_read": ledger.rows_read,
            "rows_accepted": ledger.rows_accepted,
            "rows_rejected": ledger.rows_rejected,
            "files": [] if out is None else [str(out)],
        }
        print_json(figures)
        return
    rows = f"{counted(bucket.customers, 'customer')}; {counted(ledger.rows_read, 'row')} read, {ledger.rows_rejected:,} rejected."
    if stated.portfolio.core.has_heat:
        heat = f"heat {amount_text(bucket.heat)}, temperature {share_text(bucket.temperature, 2)}"
        screen.print(f"Level {amount_text(bucket.level)}, {heat}, {rows}")
    else:
        screen.print(f"Level {amount_text(bucket.level)}, {rows}")
        screen.print(f"No heat: {NO_HEAT}.", soft_wrap=True)
    _print_customers(stated.portfolio)
    if out is not None:
        screen.print(f"Written: {escape(str(out))}", soft_wrap=True)


def _print_customers(portfolio: Portfolio) -> None:
    """Print the customers of most and least heat, or of most level where heat is not known."""
    heads = ["customer", "name", "level", "heat", "temperature"]
    if not portfolio.core.has_heat:
        rows = sorted(portfolio, key=lambda found: -found.level)[:20]
        print_grid(
            "The highest level first",
            heads[:3],
            [(each.id, each.name, amount_text(each.level)) for each in rows],
            left=2,
        )
        return
    shown = [
        (found.id, found.name, amount_text(found.level), amount_text(found.heat), share_text(found.temperature))
        for found in sorted(portfolio, key=lambda found: found.heat)
    ]
    if len(shown) > 20:
        print_grid("The ten that bring most", heads, shown[:-11:-1], left=2)
        shown = shown[:10]
    print_grid("The least heat first", heads, shown, left=2)
