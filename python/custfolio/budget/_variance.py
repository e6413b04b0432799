# The variance of a budget with its causes, each adding up exactly.
"""Planned against actual: won, lost, slipped, resized, new, price, volume, currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.dates import month_index
from custfolio._tables.result import Listing
from custfolio.budget._budget import Budget
from custfolio.budget._lines import Dimension, plain_lines
from custfolio.budget._listings import waterfall
from custfolio.budget._versions import as_budget
from custfolio.errors import InputError

__all__ = ["CAUSES", "Variance", "compare"]

CAUSES = ("won", "lost", "slipped", "resized", "new", "price", "volume", "currency")
"""Causes of a variance, in the order in which they are shown."""


class Variance(Listing):
    """Actual less planned amounts and why. Made by :meth:`Budget.compare`.

    With the account among the rows, amounts are the account's own: more of an expense is unfavourable. Otherwise they are contributions. An
    all-or-nothing item goes from plan to actual by its chance (won, lost), its months (slipped), its size (resized) and the rates (currency):
    what comes before or after its months is slipped, and only what no timing explains is resized (see :meth:`Budget.compare`). Usual business
    goes by quantity at the planned price (volume) and price at the actual quantity (price) where quantities are known, else it is resized.
    """

    _heading = "Variance and its causes"

    def __init__(
        self, columns: Mapping[str, Any], by: Sequence[str], library: str | None, whole: Mapping[str, float]
    ) -> None:
        super().__init__(columns, library)
        self._by = list(by)
        self.causes = {name: whole[name] for name in CAUSES}
        """Contribution by cause over all rows, currency."""
        self.planned: float = whole["planned"]
        """Contribution planned, currency."""
        self.actual: float = whole["actual"]
        """Contribution that came, currency."""

    def _facts(self) -> Mapping[str, Any]:
        told = {name: value for name, value in self.causes.items() if value}
        return {"planned contribution": self.planned, "actual contribution": self.actual, **told}

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        at = self.planned
        rows: list[dict[str, Any]] = [{"what": "planned", "from": 0.0, "to": at, "kind": "total"}]
        for name, value in self.causes.items():
            if value:
                rows.append({"what": name, "from": at, "to": at + value, "kind": "more" if value > 0 else "less"})
                at += value
        rows.append({"what": "actual", "from": 0.0, "to": self.actual, "kind": "total"})
        y = alt.Y("from:Q", title="Contribution", axis=alt.Axis(format="~s"), scale=alt.Scale(zero=False))
        return waterfall(rows, "what", y).properties(**{"width": 480, "height": 240, **options})


def compare(
    budget: Budget,
    actuals: Any,
    through: Any,
    by: str | Sequence[str],
    outcomes: Mapping[str, str],
    options: Mapping[str, Any],
) -> Variance:
    """Explain the variance; see :meth:`Budget.compare`."""
    actual = as_budget(budget, actuals, options)
    names = [by] if isinstance(by, str) else list(by)
    if budget.calendar.has_weeks and any(name in ("year", "quarter", "period") for name in names):
        raise InputError("causes are known by month, and the calendar's periods are weeks; tell them apart by month")
    last = None if through is None else month_index(through, "through")
    plan, real = budget._lines, actual._lines
    plan_units, real_units = budget._units, actual._units
    both = plan.joined(real)
    is_plan = np.arange(len(both)) < len(plan)
    scale = 10.0**budget.digits
    at_rates = np.concatenate([np.zeros(len(plan)), real_units]) / scale
    foreign = np.array([code != budget.currency for code in real.currency.names], dtype=bool)
    at_budget = real_units / scale
    if foreign.size and foreign[real.currency.codes].any():
        own = np.flatnonzero(foreign[real.currency.codes])
        rate = budget._rates.of(real.month[own], real.currency.take(own))
        at_budget[own] = real.stated[own] * rate

    # Usual business is one item a customer, manager, ... and account; the dimensions are those that both sides tell apart.
    shared = [name for name in plan.dimensions if name in real.dimensions]
    if not set(real.dimensions["source"].names) <= set(plan.dimensions["source"].names):
        shared.remove("source")
    _check(names, shared, budget)
    nothing = both.item.names.index("") if "" in both.item.names else -1
    usual = both.item.codes == nothing
    cell = [both.dimensions[name].codes for name in shared]
    identity = [np.where(usual, codes, -1) for name, codes in zip(shared, cell, strict=True) if name != "account"]
    item = _numbered([both.item.codes, both.dimensions["account"].codes, *identity])
    line = _numbered([item, both.month, *cell])
    count, items = (int(each.max()) + 1 if each.size else 0 for each in (line, item))
    first = np.zeros(count, dtype=np.int64)
    first[line[::-1]] = np.arange(line.size)[::-1]

    def summed(values: NDArray[Any]) -> NDArray[np.float64]:
        sums: NDArray[np.float64] = np.bincount(line, weights=values, minlength=count).astype(np.float64)
        return sums

    zeros = np.zeros(len(real))
    planned = summed(np.concatenate([plan_units.astype(np.float64), zeros])) / scale
    known = both.quantity
    columns: dict[str, NDArray[Any]] = {
        "item": item[first],
        "month": both.month[first].astype(np.int32),
        "planned": planned,
        "planned_quantity": summed(np.where(is_plan, known, 0.0)),
        "actual": summed(np.concatenate([np.zeros(len(plan)), at_budget])),
        "actual_quantity": summed(np.where(is_plan, 0.0, known)),
        "actual_at_rates": summed(at_rates),
    }
    told = _items(both, is_plan, item, items, usual, outcomes)
    causes = _core.explain_variance(columns, told, last, budget.digits)

    # All months tell the sizes of items; the rows are those of the months compared.
    kept = np.arange(count) if last is None else np.flatnonzero(both.month[first] <= last)
    planned, at_rates = planned[kept], columns["actual_at_rates"][kept]
    shown = both.take(first[kept])
    joined = Budget._of_lines(
        plain_lines(shown.month, {**shown.dimensions, "item": shown.item}, planned, budget.currency),
        {**actual._types, **budget._types},
        budget.currency,
        budget.digits,
        budget.calendar,
        budget.library,
    )
    planned_units = budget._whole(planned)
    joined.__dict__["_units"] = planned_units
    texts, group, _, _ = joined._grouped(names)
    groups = len(texts[0]) if texts else 1
    heat = joined._signs(np.arange(kept.size), 1)
    signs = np.ones(kept.size, dtype=np.int64) if "account" in names else heat
    figures = {
        "planned": planned_units,
        "actual": budget._whole(at_rates),
        **{name: np.asarray(causes[name], dtype=np.int64)[kept] for name in CAUSES},
    }
    table: dict[str, Any] = dict(zip(names, texts, strict=True))
    sums = {
        name: joined._sums(group, values * signs, groups) if kept.size else np.zeros(groups, dtype=np.int64)
        for name, values in figures.items()
    }
    change = sums["actual"] - sums["planned"]
    table |= {"planned": sums["planned"], "actual": sums["actual"], "variance": change}
    table |= {name: sums[name] for name in CAUSES}
    table = {name: (joined._money(v) if isinstance(v, np.ndarray) else v) for name, v in table.items()}
    good = change.copy()
    if "account" in names:
        kinds = [joined._types[name] for name in table["account"]]
        good = np.where([kind == "expense" for kind in kinds], -change, change) if kept.size else change
    table["judgement"] = ["favourable" if value > 0 else "unfavourable" if value < 0 else "" for value in good.tolist()]
    whole = {name: float(joined._money((values * heat).sum())) for name, values in figures.items()}
    return Variance(table, names, budget.library, whole)


def _check(names: Sequence[str], shared: Sequence[str], budget: Budget) -> None:
    for name in names:
        if name in ("month", "period", "quarter", "year", "item") or name in shared:
            continue
        if name in budget.dimensions:
            raise InputError(f"by names {name!r}, which the actual lines do not tell apart as the budget does")
        raise InputError(
            f"by names {name!r}; a variance can be told by month, quarter, year, item, {', '.join(shared)}"
        )


def _numbered(columns: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """Return a number for each different row of codes."""
    code = np.zeros(columns[0].size, dtype=np.int64)
    for column in columns:
        values, place = np.unique(column, return_inverse=True)
        code = np.unique(code * max(1, values.size) + place.ravel(), return_inverse=True)[1].ravel()
    return code


def _items(
    both: Any,
    is_plan: NDArray[np.bool_],
    item: NDArray[np.int64],
    count: int,
    usual: NDArray[np.bool_],
    outcomes: Mapping[str, str],
) -> dict[str, Any]:
    """Return what is known of each item: whether it comes once, its chances and its state."""
    state: Dimension = both.state
    for name, what in outcomes.items():
        if what not in ("won", "lost", "open"):
            raise InputError(f"outcomes says {what!r} of {name!r}; it can say 'won', 'lost' or 'open'")
        if name not in both.item.names:
            raise InputError(f"outcomes names {name!r}; no line has this item")
    dated = np.zeros(count, dtype=bool)
    dated[item[~usual]] = True
    was = np.zeros(count)
    np.maximum.at(was, item[is_plan], both.probability[is_plan])
    now = np.full(count, -1.0)
    np.maximum.at(now, item[~is_plan], both.probability[~is_plan])
    states = np.array(["open"] * count, dtype=object)
    states[(now >= 1) & dated] = "won"
    real = ~is_plan
    for name in ("won", "lost"):
        if name in state.names:
            states[item[real & (state.codes == state.names.index(name))]] = name
    for name, what in outcomes.items():
        states[np.unique(item[both.item.codes == both.item.names.index(name)])] = what
    was[was == 0] = 1.0
    now = np.where(now < 0, np.where(states == "won", 1.0, was), now)
    return {
        "dated": dated,
        "planned_probability": was,
        "actual_probability": np.where(dated, now, was),
        "state": states.tolist(),
    }
