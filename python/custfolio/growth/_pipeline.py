# Open opportunities as action plans: the chance to win, the months of the decision, the payoff.
"""Turn a sales pipeline into action plans."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.dates import MonthLike, month_index, month_text
from custfolio._tables.result import Listing, NamedColumns, Reasons
from custfolio.errors import InputError
from custfolio.growth._plans import ActionPlan, ActionStep

__all__ = ["FACTORS", "LeftOut", "OpportunityPlans", "PipelineOptions", "plans_of", "with_options"]

FACTORS = ("owner", "product")
"""Columns of opportunities that are labels of a factor of their plans."""


@checked
@dataclass(frozen=True)
class PipelineOptions:
    """Assumptions about open opportunities, the keyword arguments of :meth:`Opportunities.to_plans`.

    Most of them are one value for all opportunities, or a table by one column: ``{"product": {"A": 0.3, "B": 0.2}}``.

    Parameters
    ----------
    margin : float or table
        Contribution as a share of the amount, at most 1.
    probability : "stated", float, table, SuccessRates or OpenChances
        Chance to win: "stated" uses the export's own. :func:`open_chances` learns it from the deal's age, and brings its months too.
        :func:`success_rates` has the share of closed opportunities by owner, product, stage or several columns.
    amount : float or table, optional
        Amount of opportunities without one, in the currency of the plans: the price of the product, say.
    size : mapping of float to float, or table of these, optional
        Chance of each factor of the amount, such as the amounts of closed deals over their prices.
    months : int
        Months over which the amount is paid, evenly, from the month of close on; 1: one-off.
    recurring_months : int
        Months that monthly revenue (a column in some systems) is paid; 0: to the end of the horizon.
    slip : int, mapping of int to float, or table of these, optional
        Months from the expected close to the real one, or their chances: ``{0: 0.6, 1: 0.3, 2: 0.1}``; see :func:`slippage`. By default
        0; with :func:`open_chances` their months replace the expected close where this is not given.
    undated : int, mapping of int to float, or table of these, optional
        The same from the start, for opportunities without a date of close; by default the months of :func:`open_chances`, if given.
    currency : str, optional
        Code of the currency of the plans.
    exchange_rates : mapping of str to float or "export", optional
        Worth of one unit of each other currency in that of the plans; "export" uses the export's column of rates.
    customer : str, optional
        Customer of opportunities that name none.
    hours : float
        Working hours of each opportunity.
    incomplete : {"error", "leave out"}
        Treatment of opportunities without customer, chance, amount, date or margin: an error, or a row of :attr:`OpportunityPlans.left_out`.

    Raises
    ------
    InputError
        If `months`, `recurring_months`, `incomplete` or `probability` is out of range.
    """

    margin: Any
    probability: Any = "stated"
    amount: Any = None
    size: Any = None
    months: int = 1
    recurring_months: int = 0
    slip: Any = None
    undated: Any = None
    currency: str | None = None
    exchange_rates: Mapping[str, float] | str | None = None
    customer: str | None = None
    hours: float = 0.0
    incomplete: str = "error"

    def __post_init__(self) -> None:
        if self.months < 1 or self.recurring_months < 0:
            raise InputError(
                f"months is {self.months} and recurring_months {self.recurring_months}; at least 1 and 0 are needed"
            )
        if self.incomplete not in ("error", "leave out"):
            raise InputError(f"incomplete is {self.incomplete!r}; it can be 'error' or 'leave out'")
        if isinstance(self.probability, str) and self.probability != "stated":
            raise InputError(
                f"probability is {self.probability!r}; it can be 'stated', a number, a table or learned rates"
            )


def with_options(method: Callable[..., OpportunityPlans]) -> Callable[..., OpportunityPlans]:
    """Show the fields of :class:`PipelineOptions` in the signature of a method, in place of its ``**options``."""
    shown = inspect.signature(method)
    named = [each for each in shown.parameters.values() if each.kind is not each.VAR_KEYWORD]
    fields = [each.replace(kind=each.KEYWORD_ONLY) for each in _FIELDS.values()]
    vars(method)["__signature__"] = shown.replace(parameters=[*named, *fields])
    return method


_FIELDS = inspect.signature(PipelineOptions).parameters


class LeftOut(Reasons):
    """Open opportunities without a plan, each with the reason. Plans and these are all open opportunities.

    ``plot`` draws their number by reason.
    """

    _heading = "Opportunities without a plan"
    _things = "Opportunities"


@checked
class OpportunityPlans(Listing, Sequence[ActionPlan]):
    """Action plans of open opportunities, one per row, for :func:`custfolio.grow`. Made by :meth:`Opportunities.to_plans`.

    ``plot`` draws the revenue of the plans by month of close, in full and weighted by the chances.
    """

    _heading = "Action plans of opportunities"

    def __init__(
        self, plans: Sequence[ActionPlan], columns: Mapping[str, Any], left: Mapping[str, Any], library: str | None
    ) -> None:
        super().__init__(columns, library)
        self._plans = list(plans)
        self._left = left

    @property
    def left_out(self) -> LeftOut:
        """Open opportunities without a plan, each with the reason."""
        return LeftOut(self._left, self._library)

    def labels(self, column: str) -> dict[tuple[str, str], str]:
        """Return a column of the opportunities by plan, for the lines of a budget.

        Parameters
        ----------
        column : {"opportunity", "owner", "stage", "product"}
            The column.

        Returns
        -------
        dict
            From (customer, plan) to the cell of the opportunity; "(none)" where it is empty.

        Raises
        ------
        InputError
            If there is no such column.
        """
        names = ("opportunity", "owner", "stage", "product")
        if column not in names:
            raise InputError(f"column {column!r} is no label of a plan; it can be {', '.join(map(repr, names))}")
        keys = zip(self._entries["customer"], self._entries["plan"], strict=True)
        return {key: label or "(none)" for key, label in zip(keys, self._entries[column], strict=True)}

    def __getitem__(self, place: Any) -> Any:
        """Return a plan, or a list of them."""
        return self._plans[place]

    def _facts(self) -> Mapping[str, Any]:
        chance = np.asarray(self._entries["probability"])
        return {
            "plans": len(self),
            "left out": len(self._left["row"]),
            "revenue if all succeed": float(np.sum(self._entries["amount"])),
            "weighted by their chances": float(np.sum(chance * self._entries["amount"])),
        }

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        sums: dict[str, list[float]] = {}
        for month, chance, amount in zip(*(self._entries[k] for k in ("month", "probability", "amount")), strict=True):
            both = sums.setdefault(month, [0.0, 0.0])
            both[0] += float(amount)
            both[1] += float(chance * amount)
        rows = [
            {"month": month, "what": what, "revenue": value}
            for month, pair in sorted(sums.items())
            for what, value in zip(("if all succeed", "weighted"), pair, strict=True)
        ]
        return (
            alt.Chart(alt.Data(values=rows))
            .mark_bar()
            .encode(
                x=alt.X("month:O", title="Earliest month of close"),
                xOffset="what:N",
                y=alt.Y("revenue:Q", title="Revenue"),
                color=alt.Color("what:N", title=None),
            )
            .properties(**options)
        )


class _ByRow:
    """A setting that is one value for all opportunities, or one per value of a column."""

    def __init__(self, setting: Any, name: str, pipeline: NamedColumns) -> None:
        self._table, self._default = setting, None
        self._keys: list[str] | None = None
        columns = getattr(setting, "by", None)
        if columns is not None:  # learned rates name their own columns, and have a mean for new groups
            cells = zip(*(pipeline[column] for column in columns), strict=True)
            self._keys = [" / ".join(str(cell) or "(none)" for cell in row) for row in cells]
            self._table = {group: float(setting[group]) for group in setting.columns()["group"]}
            self._default = float(setting.mean)
        elif isinstance(setting, Mapping) and any(isinstance(key, str) for key in setting):
            column, table = next(iter(setting.items()))
            if len(setting) != 1 or not isinstance(table, Mapping):
                raise InputError(
                    f"{name} is {setting!r}; a table names one column, as {{'product': {{'A': 1.0, 'B': 2.0}}}}"
                )
            self._keys = [str(cell) for cell in pipeline[column]]
            self._table = table

    def __call__(self, row: int) -> Any:
        """Return the value of a row; None where it has none."""
        if self._keys is None:
            return self._table
        return self._table.get(self._keys[row], self._default)


class _Months(_ByRow):
    """Months of delay with their chances, for all or by a column; from the start they cannot be negative."""

    def __init__(self, setting: Any, name: str, pipeline: NamedColumns) -> None:
        super().__init__(setting, name, pipeline)
        # Read once, for there may be thousands of rows.
        if self._keys is not None:
            self._table = {key: _delays(table, name) for key, table in self._table.items()}
        elif setting is not None:
            self._table = _delays(setting, name)
        tables = [] if setting is None else self._table.values() if self._keys is not None else [self._table]
        if name == "undated" and any(min(table) < 0 for table in tables):
            raise InputError("undated counts months from the start; it cannot be negative")

    def __call__(self, row: int) -> dict[int, float]:
        """Return the months of a row; empty where it has none."""
        return super().__call__(row) or {}


def _delays(table: Any, name: str) -> dict[int, float]:
    """Return months of delay with their chances."""
    if isinstance(table, (int, np.integer)):
        return {int(table): 1.0}
    try:
        delays = {int(months): float(chance) for months, chance in table.items()}
    except (AttributeError, TypeError, ValueError):
        raise InputError(
            f"{name} is {table!r}; it must be a number of months, or a table such as {{0: 0.7, 1: 0.3}}"
        ) from None
    if not delays or min(delays.values()) < 0 or not math.isclose(math.fsum(delays.values()), 1.0, abs_tol=1e-9):
        raise InputError(f"{name} is {table!r}; its chances must be 0 or more and sum to 1")
    return delays


class _Kinds:
    """The different assumptions of rows, each once, as the core reads them."""

    def __init__(self, options: PipelineOptions, pipeline: NamedColumns) -> None:
        self._margin = _ByRow(options.margin, "margin", pipeline)
        self._amount = _ByRow(options.amount, "amount", pipeline)
        self._size = _ByRow(options.size, "size", pipeline)
        self._slip = _Months(0 if options.slip is None else options.slip, "slip", pipeline)
        self._undated = _Months(options.undated, "undated", pipeline)
        self._positions: dict[tuple[Any, ...], int] = {}
        self.distinct: list[tuple[Any, ...]] = []
        self.sizes: list[Mapping[float, float]] = []

    def position(self, row: int) -> int:
        """Return the position of the assumptions of a row."""
        margin, amount, size = self._margin(row), self._amount(row), self._size(row) or {}
        slip, undated = self._slip(row), self._undated(row)
        key = (margin, amount, *(tuple(table.items()) for table in (slip, undated, size)))
        if key not in self._positions:
            self._positions[key] = len(self.distinct)
            plain = [None if value is None else float(value) for value in (margin, amount)]
            self.distinct.append((*plain, slip, undated, list(map(float, size)), list(map(float, size.values()))))
            self.sizes.append(size)
        return self._positions[key]


def _exchange_rates(pipeline: NamedColumns, rows: Sequence[int], options: PipelineOptions) -> list[float]:
    """Return the rate of each row to one currency."""
    codes = [str(code).strip().upper() for code in pipeline["currency"]]
    named = sorted({codes[row] for row in rows if codes[row]})
    currency, rates = options.currency, options.exchange_rates
    if rates is None:
        if len(named) > 1:
            raise InputError(
                f"the opportunities are in {', '.join(named)}; give the worth of each in one currency, as exchange_rates="
                f"{{{named[0]!r}: 1.0, {named[1]!r}: ...}}"
                + (", or 'export' for the rates of the export" if "exchange_rate" in pipeline.columns() else "")
            )
        if currency is not None and named and named[0] != currency.upper():
            raise InputError(f"the opportunities are in {named[0]}, not in {currency.upper()}; give exchange_rates=")
        return [1.0] * len(codes)
    if isinstance(rates, str):
        if rates != "export" or "exchange_rate" not in pipeline.columns():
            raise InputError(
                f"exchange_rates is {rates!r}; it can be a table, or 'export' where the export has a column of rates"
            )
        by_row = [float(rate) for rate in pipeline["exchange_rate"]]
    else:
        table = {str(code).upper(): float(rate) for code, rate in rates.items()}
        if currency is not None:
            table.setdefault(currency.upper(), 1.0)
        table[""] = 1.0  # an amount without a currency is in that of the plans
        by_row = [table.get(code, math.nan) for code in codes]
    for row in rows:
        if not (by_row[row] > 0 and math.isfinite(by_row[row])):
            raise InputError(
                f"row {pipeline['row'][row]}: no exchange rate above 0 for {codes[row] or 'its amount'}; every currency needs one"
            )
    return by_row


def plans_of(pipeline: NamedColumns, start: MonthLike, given: Mapping[str, Any]) -> OpportunityPlans:
    """Make the plans with options by name; see :meth:`Opportunities.to_plans`."""
    unknown = [name for name in given if name not in _FIELDS]
    if unknown:
        raise InputError(f"to_plans() has no option {unknown[0]!r}; its options are {', '.join(_FIELDS)}")
    if "margin" not in given:
        raise InputError("margin is missing; it must be the contribution as a share of the amount, such as margin=0.3")
    options = PipelineOptions(**given)
    first = month_index(start, "start")
    rows = np.flatnonzero(pipeline["status"] == "open")
    rates = _exchange_rates(pipeline, rows.tolist(), options)
    kinds = _Kinds(options, pipeline)
    nothing = np.full(len(pipeline), np.nan)
    closes = pipeline["expected_close"][rows]
    chances, decided = _chances(pipeline, rows, first, options)
    months = closes.astype("datetime64[M]").astype(np.int64).tolist()
    labels = {name: [str(cell) for cell in pipeline[name][rows]] for name in ("owner", "stage", "product")}
    titles = [str(cell) for cell in pipeline["opportunity"][rows]]
    without = _without_chance(options, chances, titles, pipeline["row"][rows])
    kind = [kinds.position(row) for row in rows.tolist()]
    made = _core.opportunity_plans(
        customer=[str(cell) for cell in pipeline["customer"][rows]],
        name=titles,
        row=pipeline["row"][rows],
        close=[None if missing else month for month, missing in zip(months, np.isnat(closes).tolist(), strict=True)],
        probability=chances,
        amount=pipeline["amount"][rows],
        monthly_amount=pipeline.columns().get("monthly_amount", nothing)[rows],
        exchange_rate=np.array(rates)[rows],
        factors=[{name: labels[name][k] for name in FACTORS if labels[name][k]} for k in range(rows.size)],
        kind=kind,
        decided=decided,
        kinds=kinds.distinct,
        start=first,
        months=options.months,
        recurring_months=options.recurring_months,
        default_customer=options.customer or "",
        hours=float(options.hours),
        leave_out=options.incomplete == "leave out",
    )
    at = made["opportunity"].tolist()
    columns = {
        "row": [int(pipeline["row"][rows[k]]) for k in at],
        "customer": made["customer"],
        "plan": made["plan"],
        "opportunity": [titles[k] for k in at],
        **{name: [values[k] for k in at] for name, values in labels.items()},
        **{name: made[name] for name in ("month", "probability", "amount", "contribution")},
    }
    plans = [
        ActionPlan(
            customer,
            name,
            tuple(ActionStep(**fields, size=kinds.sizes[kind[k]]) for fields in steps),
            {factor: labels[factor][k] for factor in FACTORS if labels[factor][k]},
        )
        for k, customer, name, steps in zip(at, made["customer"], made["plan"], made["steps"], strict=True)
    ]
    left = made["left_out"].tolist()
    left_out = {
        "row": [int(pipeline["row"][rows[k]]) for k in left],
        "opportunity": [titles[k] for k in left],
        "reason": [without.get(k, reason) for k, reason in zip(left, made["reason"], strict=True)],
    }
    return OpportunityPlans(plans, columns, left_out, pipeline.library)


def _without_chance(
    options: PipelineOptions, chances: NDArray[np.float64], titles: Sequence[str], rows: NDArray[np.int64]
) -> dict[int, str]:
    """Return why learned chances have none for a deal, by its position; InputError where all deals need one or none has one."""
    missing = np.flatnonzero(np.isnan(chances)).tolist()
    if not missing or not hasattr(options.probability, "of_deals"):
        return {}
    if len(missing) == chances.size:
        raise InputError(
            f"none of the {chances.size:,} open deals is among the chances; they must be of the same export, on the same day"
        )
    left = options.probability.left_out.columns()
    why = dict(zip(left["opportunity"], left["reason"], strict=True))
    reasons = {
        k: f"no chance: {why.get(titles[k], 'the chances are of other deals, or of another day')}" for k in missing
    }
    if options.incomplete == "error":
        k = missing[0]
        raise InputError(
            f"opportunity {titles[k]!r}, row {rows[k]}: {reasons[k]} (or leave out such opportunities with incomplete='leave out')"
        )
    return reasons


def _chances(
    pipeline: NamedColumns, rows: NDArray[np.int64], start: int, options: PipelineOptions
) -> tuple[NDArray[np.float64], list[dict[int, float]]]:
    """Return the chance of each row, and the months of its win where they come with the chance."""
    setting = options.probability
    if isinstance(setting, str):
        return pipeline["probability"][rows], [{}] * rows.size
    if not hasattr(setting, "of_deals"):
        of_row = _ByRow(setting, "probability", pipeline)
        by_row = [of_row(row) for row in rows.tolist()]
        return np.array([np.nan if each is None else float(each) for each in by_row], dtype=float), [{}] * rows.size
    if setting.months[0] != month_text(start):
        raise InputError(
            f"start is {month_text(start)}, and the chances of open deals begin in {setting.months[0]}; both must be one month"
        )
    places = (pipeline[name][rows].tolist() for name in ("row", "opportunity", "customer"))
    chances, months = setting.of_deals(*places)
    given = np.where(np.isnat(pipeline["expected_close"][rows]), options.undated is not None, options.slip is not None)
    return chances, [{} if own else table for own, table in zip(given.tolist(), months, strict=True)]
