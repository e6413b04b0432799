# Open opportunities as one-step action plans: a chance, the months of the decision, and what success brings.
"""Turn a sales pipeline into action plans."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from custfolio._tables.dates import month_index, month_text
from custfolio._tables.result import Listing, Reasons
from custfolio.errors import InputError
from custfolio.growth._plans import ActionPlan, ActionStep

if TYPE_CHECKING:
    from custfolio.growth._opportunities import Opportunities

__all__ = ["FACTORS", "LeftOut", "OpportunityPlans", "plans_of"]

FACTORS = ("owner", "product")
"""Columns of opportunities whose labels their plans may share a factor by."""


class LeftOut(Reasons):
    """Open opportunities of which no plan was made, each with the reason; with the plans these are all that are open.

    ``plot`` draws their number by reason.
    """

    _heading = "Opportunities without a plan"
    _things = "Opportunities"


class OpportunityPlans(Listing, Sequence[ActionPlan]):
    """Action plans made of open opportunities, one a row; :func:`custfolio.grow` takes them. Made by :meth:`Opportunities.to_plans`.

    ``plot`` draws the revenue of the plans by their month of close, whole and weighted by their chances.
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
        """Open opportunities of which no plan could be made, each with the reason."""
        return LeftOut(self._left, self._library)

    def labels(self, column: str) -> dict[tuple[str, str], str]:
        """Return a column of the opportunities by plan, for the lines of a budget.

        Parameters
        ----------
        column : {"opportunity", "owner", "stage", "product"}
            Which one.

        Returns
        -------
        dict
            From (customer, plan) to what the opportunity says; "(none)" where it says nothing.

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
            found = sums.setdefault(month, [0.0, 0.0])
            found[0] += float(amount)
            found[1] += float(chance * amount)
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


class _Chosen:
    """A setting that is one value for all opportunities, or one for each value of a column."""

    def __init__(self, setting: Any, name: str, pipeline: Opportunities) -> None:
        self._table, self._fallback = setting, None
        self._keys: list[str] | None = None
        columns = getattr(setting, "by", None)
        if columns is not None:  # learned rates know their own columns, and answer for new groups
            cells = zip(*(pipeline[column] for column in columns), strict=True)
            self._keys = [" / ".join(str(cell) or "(none)" for cell in row) for row in cells]
            self._table = {group: float(setting[group]) for group in setting._entries["group"]}
            self._fallback = float(setting.mean)
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
        return self._table.get(self._keys[row], self._fallback)


class _Months(_Chosen):
    """Months of delay with their chances, for all or by a column; from the start they cannot be negative."""

    def __init__(self, setting: Any, name: str, pipeline: Opportunities) -> None:
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
        """Return the months of a row; nothing where it has none."""
        return super().__call__(row) or {}


def _delays(table: Any, name: str) -> dict[int, float]:
    """Return months of delay with their chances."""
    if isinstance(table, (int, np.integer)):
        return {int(table): 1.0}
    try:
        found = {int(months): float(chance) for months, chance in table.items()}
    except (AttributeError, TypeError, ValueError):
        raise InputError(
            f"{name} is {table!r}; it must be a number of months, or a table such as {{0: 0.7, 1: 0.3}}"
        ) from None
    if not found or min(found.values()) < 0 or not math.isclose(math.fsum(found.values()), 1.0, abs_tol=1e-9):
        raise InputError(f"{name} is {table!r}; its chances must be 0 or more and sum to 1")
    return found


def _currencies(
    pipeline: Opportunities, rows: Sequence[int], currency: str | None, rates: Mapping[str, float] | str | None
) -> list[float]:
    """Return the rate of each row to one currency."""
    codes = [str(code).strip().upper() for code in pipeline["currency"]]
    there = sorted({codes[row] for row in rows if codes[row]})
    if rates is None:
        if len(there) > 1:
            raise InputError(
                f"the opportunities are in {', '.join(there)}; say what each is worth in one currency, as exchange_rates="
                f"{{{there[0]!r}: 1.0, {there[1]!r}: ...}}"
                + (", or 'export' for the rates of the export" if "exchange_rate" in pipeline._entries else "")
            )
        if currency is not None and there and there[0] != currency.upper():
            raise InputError(f"the opportunities are in {there[0]}, not in {currency.upper()}; give exchange_rates=")
        return [1.0] * len(codes)
    if isinstance(rates, str):
        if rates != "export" or "exchange_rate" not in pipeline._entries:
            raise InputError(
                f"exchange_rates is {rates!r}; it can be a table, or 'export' where the export has a column of rates"
            )
        found = [float(rate) for rate in pipeline["exchange_rate"]]
    else:
        table = {str(code).upper(): float(rate) for code, rate in rates.items()}
        if currency is not None:
            table.setdefault(currency.upper(), 1.0)
        table[""] = 1.0  # an amount without a currency is in the reporting one
        found = [table.get(code, math.nan) for code in codes]
    for row in rows:
        if not (found[row] > 0 and math.isfinite(found[row])):
            raise InputError(
                f"row {pipeline['row'][row]}: no exchange rate above 0 for {codes[row] or 'its amount'}; every currency needs one"
            )
    return found


def plans_of(
    pipeline: Opportunities,
    start: Any,
    *,
    margin: Any,
    probability: Any,
    amount: Any,
    size: Any,
    months: int,
    recurring_months: int,
    slip: Any,
    undated: Any,
    currency: str | None,
    exchange_rates: Mapping[str, float] | str | None,
    customer: str | None,
    hours: float,
    incomplete: str,
) -> OpportunityPlans:
    """Make the plans; see :meth:`Opportunities.to_plans`."""
    first = month_index(start, "start")
    if months < 1 or recurring_months < 0:
        raise InputError(f"months is {months} and recurring_months {recurring_months}; at least 1 and 0 are needed")
    if incomplete not in ("error", "leave out"):
        raise InputError(f"incomplete is {incomplete!r}; it can be 'error' or 'leave out'")
    if isinstance(probability, str) and probability != "stated":
        raise InputError(f"probability is {probability!r}; it can be 'stated', a number, a table or learned rates")
    delays, waits = _Months(slip, "slip", pipeline), _Months(undated, "undated", pipeline)
    chances = None if isinstance(probability, str) else _Chosen(probability, "probability", pipeline)
    margins = _Chosen(margin, "margin", pipeline)
    defaults = _Chosen(amount, "amount", pipeline)
    sizes = _Chosen(size, "size", pipeline)
    rows = np.flatnonzero(pipeline["status"] == "open").tolist()
    rates = _currencies(pipeline, rows, currency, exchange_rates)
    monthly = pipeline._entries.get("monthly_amount")
    closes = pipeline["expected_close"].astype("datetime64[M]").astype(np.int64).tolist()
    dated = (~np.isnat(pipeline["expected_close"])).tolist()
    names = ("row", "customer", "plan", "opportunity", "owner", "stage", "product", "month", "probability", "amount")
    columns: dict[str, list[Any]] = {name: [] for name in (*names, "contribution")}
    left: dict[str, list[Any]] = {"row": [], "opportunity": [], "reason": []}
    plans: list[ActionPlan] = []
    used: set[tuple[str, str]] = set()
    for row in rows:
        number, title = int(pipeline["row"][row]), str(pipeline["opportunity"][row])
        whom = str(pipeline["customer"][row]) or customer
        chance = float(pipeline["probability"][row]) if chances is None else chances(row)
        share = margins(row)
        whole, recurring = float(pipeline["amount"][row]), float(monthly[row]) if monthly is not None else math.nan
        if math.isnan(whole) and math.isnan(recurring):
            whole = math.nan if defaults(row) is None else float(defaults(row)) / rates[row]
        reason = (
            "no customer; name one for such opportunities with customer="
            if not whom
            else "no probability; give one with probability="
            if chance is None or chance != chance
            else "no amount; give one with amount="
            if math.isnan(whole) and math.isnan(recurring)
            else "no date of close; give the months that such opportunities wait with undated="
            if not dated[row] and not waits(row)
            else "no months for it in slip="
            if dated[row] and not delays(row)
            else "no margin for it in margin="
            if share is None
            else ""
        )
        if reason:
            if incomplete == "error":
                raise InputError(
                    f"opportunity {title!r}, row {number}: {reason} (or incomplete='leave out' to list what cannot be used)"
                )
            for name, value in zip(left, (number, title, reason), strict=True):
                left[name].append(value)
            continue
        where = f"opportunity {title!r}, row {number}"
        if not 0 <= float(chance) <= 1:
            raise InputError(f"{where}: probability is {chance:g}; it must be a fraction in [0, 1]")
        if not float(share) <= 1 or float(share) == -math.inf:
            raise InputError(f"{where}: margin is {share}; it must be a fraction of the amount, such as 0.3 for 30 %")
        if whole < 0 or math.isinf(whole):
            raise InputError(f"{where}: amount is {whole * rates[row]:g}; it must be 0 or more")
        ahead = _closing(closes[row] if dated[row] else first, (delays if dated[row] else waits)(row), first)
        whole = 0.0 if math.isnan(whole) else whole * rates[row]
        recurring = 0.0 if math.isnan(recurring) else recurring * rates[row]
        key = (whom or "", title or f"opportunity in row {number}")
        if key in used:
            key = (key[0], f"{key[1]} (row {number})")
        used.add(key)
        payoff = _Payoff(whole, months, recurring, recurring_months, float(share), sizes(row) or {})
        steps = _steps(ahead, float(chance), hours, payoff)
        labels = {name: str(pipeline[name][row]) for name in ("owner", "stage", "product")}
        factors = {name: labels[name] for name in FACTORS if labels[name]}
        plans.append(ActionPlan(key[0], key[1], steps, factors))
        total = whole + recurring * (recurring_months or 1)
        values = (
            number,
            *key,
            title,
            *labels.values(),
            month_text(min(ahead)),
            float(chance),
            total,
            total * float(share),
        )
        for name, value in zip(columns, values, strict=True):
            columns[name].append(value)
    arrays = {
        name: np.array(v, dtype=float) if name in ("probability", "amount", "contribution") else v
        for name, v in columns.items()
    }
    return OpportunityPlans(plans, arrays, left, pipeline.library)


def _closing(begin: int, delays: Mapping[int, float], first: int) -> dict[int, float]:
    """Return the chance of each month of close from the first month of the plans on."""
    ahead = {begin + delay: p for delay, p in delays.items() if p > 0 and begin + delay >= first}
    mass = math.fsum(ahead.values())
    # Still open although the date has passed: what is left of the table, or the first month when nothing is.
    return {month: p / mass for month, p in ahead.items()} if mass > 0 else {first: 1.0}


class _Payoff(NamedTuple):
    """What an opportunity brings if it is won."""

    whole: float
    """Amount that comes in evenly over `months`, currency."""
    months: int
    recurring: float
    """Monthly revenue, currency, over `recurring_months`."""
    recurring_months: int
    margin: float
    """Contribution as a share of both."""
    size: Mapping[float, float]
    """Chance of each factor of both."""


def _steps(ahead: Mapping[int, float], chance: float, hours: float, payoff: _Payoff) -> tuple[ActionStep, ...]:
    """Return the steps of an opportunity: that it is won, and what goes on besides."""
    earliest = min(ahead)
    one_off = payoff.months == 1
    per_month = payoff.recurring if one_off else payoff.whole / payoff.months
    won = ActionStep(
        name="won",
        earliest=month_text(earliest),
        duration={month - earliest: p for month, p in ahead.items()} if len(ahead) > 1 else 0,
        after=0,
        probability=chance,
        hours=hours,
        revenue=per_month,
        contribution=per_month * payoff.margin,
        lasts=payoff.recurring_months if one_off else payoff.months,
        one_off_revenue=payoff.whole if one_off else 0.0,
        one_off_contribution=payoff.whole * payoff.margin if one_off else 0.0,
        size=payoff.size,
    )
    if one_off or payoff.recurring == 0.0:
        return (won,)
    # A payoff has one length; an amount spread over months and revenue that goes on are two payoffs of one success.
    going_on = ActionStep(
        name="recurring",
        revenue=payoff.recurring,
        contribution=payoff.recurring * payoff.margin,
        lasts=payoff.recurring_months,
        after="won",
        size=payoff.size,
    )
    return (won, going_on)
