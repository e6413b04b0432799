# custfolio budget: action plans or a pipeline, weighed by their chances.
"""The command ``budget``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from custfolio._tables.wording import counted
from custfolio.cli.screen import WrongUsage, amount_text, escape, print_grid, print_json, screen
from custfolio.cli.tables import DateFormat, Decimal, check_choice, check_out, named_values, rates_of
from custfolio.errors import InputError
from custfolio.report.whole_file import check_outputs

__all__ = ["budget"]


def budget(
    files: Annotated[list[Path], typer.Argument(help="Action plans or a CRM export: CSV, Parquet or JSON.")],
    start: Annotated[str | None, typer.Option(help="First month, as 2026-01; default this month.")] = None,
    months: Annotated[int, typer.Option(min=1, max=1200, help="Number of months.")] = 12,
    correlation: Annotated[
        list[str] | None,
        typer.Option(
            help="Share of a common factor in all successes, in [0, 1): 0.1, which is market=0.1; again for factors with a value for each "
            "label: owner=0.05 (owner or product of a CRM's deals, any column of action plans)."
        ),
    ] = None,
    fiscal_start: Annotated[int, typer.Option(min=1, max=12, help="Month in which the fiscal year begins.")] = 1,
    weeks: Annotated[
        str | None,
        typer.Option(
            help="Years of whole weeks: 4-4-5, 4-5-4 or 5-4-4; they end on the last Saturday before --fiscal-start."
        ),
    ] = None,
    currency: Annotated[str, typer.Option(help="Code of the currency.")] = "EUR",
    margin: Annotated[float | None, typer.Option(help="CRM: contribution as a share of the amount; default 1.")] = None,
    learn: Annotated[
        str | None,
        typer.Option(
            help="CRM: learn the chances: age, from when deals of each age were won and lost; or the share of closed deals by owner, product, "
            "stage (owner,product)."
        ),
    ] = None,
    probability: Annotated[float | None, typer.Option(help="CRM: one chance for all, a fraction.")] = None,
    amount: Annotated[float | None, typer.Option(help="CRM: amount of deals without one.")] = None,
    slip: Annotated[str | None, typer.Option(help="CRM: months later than expected: 1, or 0=0.6,1=0.3,2=0.1.")] = None,
    undated: Annotated[str | None, typer.Option(help="CRM: the same from the start, for deals without a date.")] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="CRM: column of a role, as amount=Value; again for further roles.")
    ] = None,
    probability_unit: Annotated[str | None, typer.Option(help="CRM: percent or fraction.")] = None,
    exchange_rates: Annotated[
        list[str] | None,
        typer.Option(
            "--exchange-rate",
            help="CRM: worth of another currency in that of --currency, as USD=0.9; again for further ones.",
        ),
    ] = None,
    date_format: DateFormat = None,
    decimal: Decimal = None,
    source: Annotated[str | None, typer.Option(help="CRM: the system, if its columns are ambiguous.")] = None,
    out: Annotated[
        list[Path] | None,
        typer.Option(help="Workbook (.xlsx) or lines for planning systems (.csv) to write; again for further files."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, for scripts.")] = False,
) -> None:
    """Weigh action plans or a CRM's pipeline by their chances: a budget with P10, P50 and P90."""
    import datetime

    from custfolio.budget import Budget, FiscalCalendar
    from custfolio.growth import grow, open_chances, plans_from_frame, success_rates
    from custfolio.growth._opportunities import read_opportunities, rows_of
    from custfolio.growth._pipeline import FACTORS
    from custfolio.growth._plans import MARKET

    outputs = out or []
    for path in outputs:
        check_out(path, files, ".xlsx", ".csv")
    check_outputs(outputs, [])
    if learn is not None and probability is not None:
        raise WrongUsage("--learn and --probability both give the chances; pass one of them")
    check_choice(weeks, "--weeks", "4-4-5", "4-5-4", "5-4-4")
    check_choice(decimal, "--decimal", ".", ",")
    check_choice(probability_unit, "--probability-unit", "percent", "fraction")
    begin = start or f"{datetime.date.today():%Y-%m}"
    correlations = _correlations(correlation or ())
    factors = [name for name in correlations if name != MARKET]
    read = rows_of([str(path) for path in files])
    table, broken = read.table, read.broken
    notes: list[str] = []
    labels: dict[str, Any] = {}
    left: dict[str, int] = {}
    plans: Any
    if any(name.strip().lower() == "step" for name in table.column_names):
        of_deals = {
            "--margin": margin, "--learn": learn, "--probability": probability, "--amount": amount, "--slip": slip,
            "--undated": undated, "--source": source, "--column": column, "--probability-unit": probability_unit,
            "--exchange-rate": exchange_rates, "--date-format": date_format, "--decimal": decimal,
        }  # fmt: skip
        for option, value in of_deals.items():
            if value is not None:
                raise InputError(f"{option} is for the export of a CRM; the files have action plans (a column 'step')")
        if broken["row"]:
            raise InputError(f"row {broken['row'][0]} of the action plans cannot be read: {broken['reason'][0]}")
        plans = plans_from_frame(table, factors)
    else:
        for name in factors:
            if name not in FACTORS:
                raise InputError(
                    f"--correlation names factor {name!r}; deals share {', '.join(map(repr, FACTORS))}, and all of them {MARKET!r}"
                )
        pipeline = read_opportunities(
            read, source=source, columns=named_values(column, "--column", "amount=Value"), probability_unit=probability_unit,
            date_format=date_format, decimal=decimal,
        )  # fmt: skip
        rates = rates_of(exchange_rates)
        chances: Any = "stated" if probability is None else probability
        remarks: list[str] = []
        deals = pipeline
        if learn == "age":
            first = f"{begin[:7]}-01"
            chances = open_chances(pipeline, at=first, months=min(months, 60))
            deals = pipeline.as_of(first)
            remarks = [*chances.notes, *_at_the_start(first, len(deals.open), len(pipeline.open))]
        elif learn is not None:
            chances = success_rates(pipeline, by=[name.strip() for name in learn.split(",")])
        plans = deals.to_plans(
            begin, margin=1.0 if margin is None else margin, probability=chances, amount=amount, customer="(none)",
            slip=None if slip is None else _chances(slip, "--slip"),
            undated=None if undated is None else _chances(undated, "--undated"), incomplete="leave out",
            currency=currency if rates else None, exchange_rates=rates or None,
        )  # fmt: skip
        for reason in plans.left_out.columns()["reason"]:
            left[reason] = left.get(reason, 0) + 1
        labels = {"manager": plans.labels("owner")}
        notes = [
            *pipeline.notes,
            *remarks,
            f"rejected: {len(pipeline.rejected):,} of {counted(pipeline.rows_read, 'row')}",
        ]
        if not len(plans):
            reasons = [*left.items(), *pipeline.rejected.reasons.items()]
            why = "; ".join(f"{counted(count, 'deal')}: {reason}" for reason, count in reasons) or "none is open"
            raise InputError(
                f"no opportunity can be budgeted: {why} (pass --learn, --amount or --undated for what is missing)"
            )
    growth = grow(plans, start=begin, months=months, correlation=correlations)
    warned = growth.notes
    calendar = (
        FiscalCalendar(fiscal_start)
        if weeks is None
        else FiscalCalendar.weeks(weeks, month=(fiscal_start - 2) % 12 + 1)
    )
    made = Budget.from_growth(growth, labels=labels, currency=currency, calendar=calendar)
    bands = {by: _bands(made, by) for by in ("month", *(() if weeks is None else ("period",)), "quarter", "year")}
    for path in outputs:
        if path.suffix.lower() == ".xlsx":
            made.to_excel(path, title=f"Budget from {begin}", stamp=datetime.datetime(int(begin[:4]), 1, 1))
        else:
            made.to_csv(path, version=f"budget from {begin}")
    if as_json:
        figures = {
            "plans": len(plans),
            "left_out": left,
            "notes": [*notes, *warned],
            "currency": currency,
            **{f"{by}s": rows for by, rows in bands.items()},
            "files": [str(path) for path in outputs],
        }
        print_json(figures)
        return
    for by, rows in bands.items():
        shown = [(row[by], *(amount_text(row[name]) for name in _FIGURES)) for row in rows]
        title = "By fiscal year" if by == "year" else f"By {by}"
        print_grid(f"{title}, {currency}", [by, "revenue", "contribution", "P10", "P50", "P90"], shown)
    screen.print(f"{counted(len(plans), 'plan')}; quantiles are of the contribution, each of its own distribution.")
    for reason, count in left.items():
        screen.print(f"Left out: {counted(count, 'opportunity', 'opportunities')}: {escape(reason)}", soft_wrap=True)
    for note in [*notes, *warned[:_NOTES]]:
        screen.print(escape(note), soft_wrap=True)
    if len(warned) > _NOTES:
        screen.print(f"{len(warned) - _NOTES:,} more notes on plans: --json lists all.")
    for path in outputs:
        screen.print(f"Written: {escape(str(path))}", soft_wrap=True)


def _at_the_start(first: str, then: int, now: int) -> list[str]:
    """Return a note where the export has other open deals than there were on the first day of the budget."""
    if then == now:
        return []
    return [f"The pipeline is that of {first}: {counted(then, 'deal')} open, {now:,} at the end of the export."]


_NOTES = 5
"""Notes on plans that the terminal shows."""

_FIGURES = ("revenue", "contribution", "p10", "p50", "p90")


def _bands(made: Any, by: str) -> list[dict[str, Any]]:
    """Return a budget's expected revenue and contribution with its band, one row per month, quarter or year."""
    sums, bands = made.totals(by).columns(), made.bands(by).columns()
    columns = {by: sums[by], "revenue": sums["level"], "contribution": sums["heat"]}
    columns |= {name: bands[name] for name in ("p10", "p50", "p90")}
    return [
        {name: (value if name == by else float(value)) for name, value in zip(columns, row, strict=True)}
        for row in zip(*columns.values(), strict=True)
    ]


def _chances(text: str, option: str) -> dict[int, float] | int:
    """Read months of delay: "2", or "0=0.6,1=0.3,2=0.1"."""
    try:
        if "=" not in text:
            return int(text)
        parts = (part.split("=") for part in text.split(","))
        return {int(months): float(chance) for months, chance in parts}
    except ValueError:
        raise WrongUsage(f"{option} is {text!r}; it must be written as 2, or as 0=0.6,1=0.3,2=0.1") from None


def _correlations(given: Sequence[str]) -> dict[str, float]:
    """Read the shares of factors, each "0.1" (of the market) or "owner=0.05"."""
    from custfolio.growth._plans import MARKET

    shares: dict[str, float] = {}
    for text in given:
        name, named, share = text.rpartition("=")
        name = name.strip() if named else MARKET
        try:
            value = float(share)
        except ValueError:
            name = ""
        if not name:
            raise WrongUsage(f"--correlation is {text!r}; it must be written as 0.1, or as owner=0.05")
        if name in shares:
            raise WrongUsage(f"--correlation has factor {name!r} twice: {shares[name]:g} and {value:g}")
        shares[name] = value
    return shares
