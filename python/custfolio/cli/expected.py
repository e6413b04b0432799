# What a budget expects: usual business of a ledger, action plans and deals, with the options that budget and close share.
"""Make budgets of sales, action plans and exports of a CRM."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custfolio._tables.wording import counted
from custfolio.cli.config import LEDGER_KEYS, read_baseline, read_statement
from custfolio.cli.option_names import key_renamer, naming_keys
from custfolio.cli.screen import WrongUsage, escape, messages, screen
from custfolio.cli.stated import errors_of
from custfolio.cli.tables import DateFormat, Decimal, check_choice, named_values, option_group, rates_of
from custfolio.errors import InputError

if TYPE_CHECKING:
    from custfolio.budget import Budget, FiscalCalendar, FrozenBudget
    from custfolio.costing import CostModel
    from custfolio.ledger import Ledger
    from custfolio.selection import Statement

__all__ = [
    "EXPECTED", "VERSIONS", "Expected", "Sales", "check_expected", "expected_budget", "expected_options", "frozen_of",
    "print_sources", "sales_of",
]  # fmt: skip


def _text(help: str) -> Any:
    return Annotated[str | None, typer.Option(help=help)]


def _number(help: str) -> Any:
    return Annotated[float | None, typer.Option(help=help)]


def _several(help: str, *names: str) -> Any:
    return Annotated[list[str] | None, typer.Option(*names, help=help)]


EXPECTED: dict[str, Any] = {
    "baseline": Annotated[
        Path | None,
        typer.Option(
            help="Sales whose usual business is expected: a file with usual columns, or a custfolio.toml with its \\[ledger], \\[costs] and "
            "\\[baseline]."
        ),
    ],
    "correlation": _several(
        "Share of a common factor in all successes, in [0, 1): 0.1, which is market=0.1; again for factors with a value for each "
        "label: owner=0.05 (owner or product of a CRM's deals, any column of action plans)."
    ),
    "margin": _number("CRM: contribution as a share of the amount; default 1."),
    "learn": _text(
        "CRM: learn the chances: age, from when deals of each age were won and lost; or the share of closed deals by owner, product, "
        "stage (owner,product)."
    ),
    "probability": _number("CRM: one chance for all, a fraction."),
    "amount": _number("CRM: amount of deals without one."),
    "slip": _text("CRM: months later than expected: 1, or 0=0.6,1=0.3,2=0.1."),
    "undated": _text("CRM: the same from the start, for deals without a date."),
    "column": _several("CRM: column of a role, as amount=Value; again for further roles."),
    "probability_unit": _text("CRM: percent or fraction."),
    "exchange_rates": _several(
        "CRM: worth of another currency in that of --currency, as USD=0.9; again for further ones.", "--exchange-rate"
    ),
    "date_format": DateFormat,
    "decimal": Decimal,
    "source": _text("CRM: the system, if its columns are ambiguous."),
}
"""The options of commands that make a budget, by name."""

expected_options = option_group(EXPECTED)
"""The decorator of commands that make a budget; `options` is for :func:`expected_budget`."""

_NOTES = 5
"""Notes on plans that the terminal shows."""

VERSIONS = (".json", ".parquet")
"""Endings of files of frozen versions."""

_OF_DEALS = (
    "margin", "learn", "probability", "amount", "slip", "undated", "source", "column", "probability_unit", "exchange_rates",
    "date_format", "decimal",
)  # fmt: skip
"""Options that action plans do not have."""


@dataclass
class Expected:
    """A budget of what is expected, and what its sources have to be mentioned for."""

    budget: Budget
    plans: int = 0
    """Number of action plans and deals."""
    left_out: dict[str, int] = field(default_factory=dict)
    """Number of deals that are left out, by reason."""
    notes: list[str] = field(default_factory=list)
    """Notes on the sales and the deals."""
    warned: Sequence[str] = ()
    """Notes on single plans."""


def check_expected(options: Mapping[str, Any]) -> None:
    """Refuse wrong values of the options before any file is read."""
    if options["learn"] is not None and options["probability"] is not None:
        raise WrongUsage("--learn and --probability both give the chances; pass one of them")
    check_choice(options["decimal"], "--decimal", ".", ",")
    check_choice(options["probability_unit"], "--probability-unit", "percent", "fraction")
    _correlations(options["correlation"] or ())


def expected_budget(
    files: Sequence[Path],
    options: Mapping[str, Any],
    *,
    start: str,
    months: int,
    currency: str | None,
    digits: int,
    calendar: FiscalCalendar,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    sales: Callable[[Path], Sales] | None = None,
) -> Expected:
    """Return what is expected: the baseline of sales, and action plans or deals weighted by their chances.

    Parameters
    ----------
    files : sequence of Path
        Action plans or the export of a CRM; may be empty where there is a baseline.
    options : mapping
        As :func:`expected_options` gives them.
    start, months : str, int
        First month, and number of months.
    currency : str or None
        Code of the currency; None: that of the sales, else EUR.
    digits : int
        Digits of amounts after the decimal point.
    calendar : FiscalCalendar
        The fiscal calendar.
    labels : mapping, optional
        What the customers of the baseline are labelled by (manager, group, segment), each with the labels that customers keep.
    sales : callable, optional
        Reads sales; :func:`sales_of` by default.

    Returns
    -------
    Expected
        The budget.

    Raises
    ------
    InputError
        If a file cannot be used, or nothing can be budgeted.
    """
    budget = None
    if options["baseline"] is not None:
        found = (sales or sales_of)(options["baseline"])
        budget = naming_keys(_usual_business, LEDGER_KEYS)(
            options["baseline"], found, labels or {}, start, months, currency, digits=digits, calendar=calendar
        )
        currency = budget.currency
    currency = currency or "EUR"
    if not files:
        if budget is None:
            raise WrongUsage(
                "there is nothing to budget; name action plans, the export of a CRM, or sales with --baseline"
            )
        return Expected(budget)
    deals = _deals(files, options, start, months, currency, alone=budget is None)
    if deals.growth is None:
        assert budget is not None
        return Expected(budget, 0, deals.left_out, deals.notes)
    from custfolio.budget import Budget

    made = Budget.from_growth(deals.growth, labels=deals.labels, currency=currency, digits=digits, calendar=calendar)
    budget = made if budget is None else budget + made
    return Expected(budget, deals.plans, deals.left_out, deals.notes, deals.growth.notes)


@dataclass(frozen=True)
class Sales:
    """Sales with their costs, of a file or a custfolio.toml."""

    ledger: Ledger
    costs: CostModel
    arguments: Mapping[str, Any]
    """Further arguments of :func:`custfolio.statement`."""
    period: tuple[str, str] | None
    """First and last day of the settings; None of all days."""

    def stated(self, first: int, last: int) -> Statement:
        """Return the statement of months, numbered since January 1970, both included."""
        from custfolio._tables.dates import day_date, month_first_day
        from custfolio.selection import statement

        days = (str(day_date(month_first_day(first))), str(day_date(month_first_day(last + 1) - 1)))
        return statement(self.ledger, self.costs, period=days, **self.arguments)

    def recent(self, start: int) -> Statement | None:
        """Return the statement of the two years before the month `start`; None where they have no quantities."""
        from custfolio._tables.dates import month_index

        if self.ledger.last_day is None or month_index(self.ledger.last_day, "last day") < start - 24:
            return None
        found = self.stated(start - 24, start - 1)
        quantity = found.portfolio.core.quantity
        return found if quantity is not None and (quantity > 0).any() else None

    @property
    def labelled_by(self) -> list[str]:
        """What customers can be labelled by: manager and group of the ledger, and the segment of rules."""
        known = [name for name in self.ledger.rows.dimensions if name in ("manager", "group")]
        return known + (["segment"] if "segments" in self.arguments else [])

    def labels(self, names: Sequence[str], start: int) -> dict[str, dict[str, str]]:
        """Return the labels of customers by name.

        The segment is that of the twelve months before the month `start`. The manager and the group are those with most of the customer's
        revenue.
        """
        known = self.labelled_by
        labels: dict[str, dict[str, str]] = {}
        for name in names:
            if name not in known:
                has = (
                    f"label customers by {' or '.join(known)}"
                    if known
                    else "have neither managers, groups nor segments"
                )
                raise InputError(
                    f"--label is {name!r}; the sales {has}: name columns and rules in [ledger] and [segments]"
                )
            if name == "segment":
                year = self.stated(start - 12, start - 1)
                labels[name] = dict(zip(year.portfolio.ids, year.segments or (), strict=True))
                continue
            parts = self._whole.by("customer", name).columns()
            main: dict[str, tuple[float, str]] = {}
            for customer, label, revenue in zip(parts["customer"], parts[name], parts["revenue"], strict=True):
                if label != "none" and (customer not in main or revenue > main[customer][0]):
                    main[customer] = (revenue, label)
            labels[name] = {customer: label for customer, (_, label) in main.items()}
        return labels

    @functools.cached_property
    def _whole(self) -> Statement:
        """Return the statement of all days."""
        from custfolio.selection import statement

        return statement(self.ledger, self.costs, **self.arguments)


def sales_of(path: Path) -> Sales:
    """Return the sales of a file with usual columns, or of a custfolio.toml; errors name keys of its [ledger]."""
    return naming_keys(_sales_of, LEDGER_KEYS)(path)


def _sales_of(path: Path) -> Sales:
    """Read sales."""
    from custfolio.costing import CostModel
    from custfolio.ledger import Ledger

    if path.suffix.lower() == ".toml":
        found = read_statement(path)
        return Sales(found.ledger(), found.costs, found.arguments, found.period)
    ledger = Ledger.read([str(path)])
    for note in ledger.notes:
        messages.print(f"Note: {escape(key_renamer(LEDGER_KEYS)(note))}", soft_wrap=True)
    return Sales(ledger, CostModel(), {}, None)


def _usual_business(
    path: Path,
    sales: Sales,
    kept: Mapping[str, Mapping[str, str]],
    start: str,
    months: int,
    currency: str | None,
    **options: Any,
) -> Budget:
    """Return the budget of the baseline of sales."""
    from custfolio._tables.dates import month_index
    from custfolio.budget import Budget
    from custfolio.lifetime import baseline
    from custfolio.selection import statement

    settings = read_baseline(path) if path.suffix.lower() == ".toml" else {}
    known = sales.ledger.currency
    if known is not None and currency is not None and known != currency:
        raise InputError(
            f"the sales of {path.name} are in {known}, and --currency is {currency}; both must be the same"
        )
    # Costs of tables are those of a period; without them the customers are all that bought before the start.
    costs: dict[str, Any] = {"costs": sales.costs}
    with errors_of(path.name, "baseline") if path.suffix.lower() == ".toml" else nullcontext():
        if set(sales.arguments) - {"segments", "spent", "horizon"}:
            stated = statement(sales.ledger, sales.costs, period=sales.period, **sales.arguments)
            costs = {"portfolio": stated.portfolio}
        foreseen = baseline(sales.ledger, start=start, months=months, **costs, **settings)
    first = month_index(start, "start")
    labels = {name: of_sales | dict(kept[name]) for name, of_sales in sales.labels(list(kept), first).items()}
    return Budget.from_baseline(
        foreseen, labels=labels, sales=sales.recent(first), currency=known or currency or "EUR", **options
    )


def frozen_of(
    made: Budget, path: Path, name: str | None, on: str | None, bands: Sequence[str | Sequence[str]]
) -> FrozenBudget:
    """Return the version of a budget that a command writes: by default named by its file, and of today."""
    return made.freeze(name or path.stem, on=on or str(datetime.date.today()), bands=bands)


def print_sources(expected: Expected) -> None:
    """Print what became of the sources of a budget."""
    if expected.plans:
        screen.print(
            f"{counted(expected.plans, 'plan')}; quantiles are of the contribution, each of its own distribution."
        )
    for reason, count in expected.left_out.items():
        screen.print(f"Left out: {counted(count, 'opportunity', 'opportunities')}: {escape(reason)}", soft_wrap=True)
    for note in [*expected.budget.notes, *expected.notes, *expected.warned[:_NOTES]]:
        screen.print(escape(note), soft_wrap=True)
    if len(expected.warned) > _NOTES:
        screen.print(f"{len(expected.warned) - _NOTES:,} more notes on plans: --json lists all.")


@dataclass
class _Deals:
    """Action plans or deals, with the chances that they have."""

    growth: Any
    """Their forecast; None where no deal can be budgeted."""
    plans: int
    labels: dict[str, Any]
    left_out: dict[str, int]
    notes: list[str]


def _deals(
    files: Sequence[Path], options: Mapping[str, Any], start: str, months: int, currency: str, *, alone: bool
) -> _Deals:
    """Return action plans or deals of files; without any that can be budgeted an error where they stand `alone`."""
    from custfolio.growth import grow, open_chances, plans_from_frame, success_rates
    from custfolio.growth._opportunities import read_opportunities, rows_of
    from custfolio.growth._pipeline import FACTORS
    from custfolio.growth._plans import MARKET

    correlations = _correlations(options["correlation"] or ())
    factors = [name for name in correlations if name != MARKET]
    read = rows_of([str(path) for path in files])
    table, broken = read.table, read.broken
    notes: list[str] = []
    labels: dict[str, Any] = {}
    left: dict[str, int] = {}
    plans: Any
    if any(name.strip().lower() == "step" for name in table.column_names):
        for name in _OF_DEALS:
            if options[name] is not None:
                option = "--exchange-rate" if name == "exchange_rates" else "--" + name.replace("_", "-")
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
            read, source=options["source"], columns=named_values(options["column"], "--column", "amount=Value"),
            probability_unit=options["probability_unit"], date_format=options["date_format"], decimal=options["decimal"],
        )  # fmt: skip
        rates = rates_of(options["exchange_rates"])
        learn, margin = options["learn"], options["margin"]
        chances: Any = "stated" if options["probability"] is None else options["probability"]
        remarks: list[str] = []
        deals = pipeline
        if learn == "age":
            first = f"{start[:7]}-01"
            chances = open_chances(pipeline, at=first, months=min(months, 60))
            deals = pipeline.as_of(first)
            remarks = [*chances.notes, *_at_the_start(first, len(deals.open), len(pipeline.open))]
        elif learn is not None:
            chances = success_rates(pipeline, by=[name.strip() for name in learn.split(",")])
        delays = {name: options[name] and _chances(options[name], f"--{name}") for name in ("slip", "undated")}
        plans = deals.to_plans(
            start, margin=1.0 if margin is None else margin, probability=chances, amount=options["amount"],
            customer="(none)", incomplete="leave out", currency=currency if rates else None, exchange_rates=rates or None, **delays,
        )  # fmt: skip
        for cause in plans.left_out.columns()["reason"]:
            reason = cause.replace("pass one as probability", "pass --probability or --learn")
            left[reason] = left.get(reason, 0) + 1
        labels = {"manager": plans.labels("owner")}
        notes = [
            *pipeline.notes,
            *remarks,
            f"rejected: {len(pipeline.rejected):,} of {counted(pipeline.rows_read, 'row')}",
        ]
        if not len(plans):
            if not alone:
                return _Deals(None, 0, labels, left, notes)
            reasons = [*left.items(), *pipeline.rejected.reasons.items()]
            why = "; ".join(f"{counted(count, 'deal')}: {reason}" for reason, count in reasons) or "none is open"
            raise InputError(
                f"no opportunity can be budgeted: {why} (pass --learn, --amount or --undated for what is missing)"
            )
    growth = grow(plans, start=start, months=months, correlation=correlations)
    return _Deals(growth, len(plans), labels, left, notes)


def _at_the_start(first: str, then: int, now: int) -> list[str]:
    """Return a note where the export has other open deals than there were on the first day of the budget."""
    if then == now:
        return []
    return [f"The pipeline is that of {first}: {counted(then, 'deal')} open, {now:,} at the end of the export."]


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
