# Step 4, internal growth: action plans whose steps have condition, timing and success percentage, and the budget they give.
"""Action plans, what they bring, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._core import Distribution
from custfolio._days import month_index, month_text
from custfolio._frames import library_of, lists_of
from custfolio._result import Result
from custfolio.errors import InputError

__all__ = ["ActionPlan", "ActionStep", "Growth", "grow", "plans_from_frame"]


@dataclass(frozen=True)
class ActionStep:
    """One step of an action plan; it is attempted only when the step before it has succeeded.

    Parameters
    ----------
    name : str
        What is done.
    probability : float
        Success percentage as a fraction in [0, 1], given that it is attempted.
    condition : str
        What must hold before it is done: a text for people.
    earliest : int or str
        It does not start before: the month of the plan (1 is the first) or a calendar month ("2022-03").
    duration : int
        Whole months from start to decision.
    revenue, contribution : float
        What success adds in every month from its decision on, currency.
    hours : float
        Working hours of the attempt.
    """

    name: str
    probability: float = 1.0
    condition: str = ""
    earliest: int | str = 1
    duration: int = 0
    revenue: float = 0.0
    contribution: float = 0.0
    hours: float = 0.0


@dataclass(frozen=True)
class ActionPlan:
    """The action plan of one customer: a chain of steps.

    Parameters
    ----------
    customer : str
        Identity of the customer.
    name : str
        Name of the plan; a customer may have several.
    steps : sequence of ActionStep
        In the order in which they are done.
    """

    customer: str
    name: str
    steps: Sequence[ActionStep]


_ALIASES = {
    "customer": ("customer", "customer_id"),
    "plan": ("plan",),
    "step": ("step",),
    "condition": ("condition",),
    "earliest": ("earliest",),
    "duration": ("duration",),
    "probability": ("probability", "success_probability"),
    "revenue": ("revenue", "revenue_per_month"),
    "contribution": ("contribution", "contribution_per_month"),
    "hours": ("hours",),
    "number": ("number",),
    "after": ("after",),
}
"""Columns of a frame of action plans, and the names that they may have."""

_REQUIRED = ("customer", "step", "probability")


def plans_from_frame(frame: Any) -> list[ActionPlan]:
    """Read action plans from a frame with one row a step.

    Parameters
    ----------
    frame : frame or mapping of columns
        Columns customer, step, probability; and where they are there: plan (name), condition, earliest (month of the plan, 1 the
        first, or "2022-03"), duration (months), revenue and contribution (per month, currency), hours, number (order within the plan), after
        (number of the step before, 0 for none).

    Returns
    -------
    list of ActionPlan
        In the order of their first rows.

    Raises
    ------
    InputError
        If a column is missing, a value cannot be used (the text names the row), or the steps of a plan are not a chain.
    """
    table = lists_of(frame, f"a frame was expected, one row a step; found {type(frame).__name__}")
    columns = {key: next((table[name] for name in names if name in table), None) for key, names in _ALIASES.items()}
    missing = [key for key in _REQUIRED if columns[key] is None]
    if missing:
        raise InputError(f"column {missing[0]!r} is not in the action plans; they have {', '.join(map(repr, table))}")
    rows = len(table[next(iter(table))])

    def cell(key: str, row: int, default: Any) -> Any:
        column = columns[key]
        value = default if column is None else column[row]
        return default if value is None or value != value else value

    def number(key: str, row: int, default: float = 0.0) -> float:
        value = cell(key, row, default)
        try:
            return float(value)
        except (TypeError, ValueError):
            raise InputError(f"action plans, row {row + 1}: {key} is {value!r}; it must be a number") from None

    def whole(key: str, row: int, default: int) -> int:
        value = number(key, row, default)
        if not value.is_integer():
            raise InputError(f"action plans, row {row + 1}: {key} is {value:g}; it must be a whole number")
        return int(value)

    grouped: dict[tuple[str, str], list[int]] = {}
    for row in range(rows):
        customer = cell("customer", row, None)
        if customer is None or str(customer) == "":
            raise InputError(f"action plans, row {row + 1}: no customer; every step must have one")
        grouped.setdefault((_identity(customer), str(cell("plan", row, "plan"))), []).append(row)
    plans = []
    for (customer, name), places in grouped.items():
        numbers = [whole("number", row, k + 1) for k, row in enumerate(places)]
        order = sorted(range(len(places)), key=numbers.__getitem__)
        steps = []
        for k, at in enumerate(order):
            row = places[at]
            before = 0 if k == 0 else numbers[order[k - 1]]
            if whole("after", row, before) != before:
                raise InputError(
                    f"action plans, row {row + 1}: step {numbers[at]} of customer {customer!r} comes after step "
                    f"{whole('after', row, before)}; plans are chains, so it must come after {before or 'none (0)'}"
                )
            earliest = cell("earliest", row, 1)
            steps.append(
                ActionStep(
                    name=str(cell("step", row, "")),
                    probability=number("probability", row),
                    condition=str(cell("condition", row, "")),
                    earliest=str(earliest) if isinstance(earliest, str) else whole("earliest", row, 1),
                    duration=whole("duration", row, 0),
                    revenue=number("revenue", row),
                    contribution=number("contribution", row),
                    hours=number("hours", row),
                )
            )
        plans.append(ActionPlan(customer, name, tuple(steps)))
    return plans


def _identity(value: Any) -> str:
    """Return an identity as text; whole numbers are written without a point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


class Growth(Result):
    """What a set of independent action plans brings in each month of a horizon. Made by :func:`grow`."""

    def __init__(
        self, core: _core.GrowthForecast, plans: Sequence[ActionPlan], start: int, months: int, library: str | None
    ) -> None:
        self._core = core
        self._library = library
        self._start = start
        self.plans = list(plans)
        """The action plans, in the order given."""
        self.months = [month_text(start + m) for m in range(months)]
        """The months of the horizon, as "2022-01"."""

    @property
    def notes(self) -> list[str]:
        """What is worth knowing and not wrong: steps that cannot pay, or not even start, within the horizon."""
        return self._core.notes

    @property
    def expected(self) -> NDArray[np.float64]:
        """Success-probability-weighted budget: expected contribution per month, currency; exact."""
        return self._core.expected("contribution")

    @property
    def expected_revenue(self) -> NDArray[np.float64]:
        """Expected net revenue per month, currency; exact."""
        return self._core.expected("revenue")

    def distribution(self, first: Any = None, last: Any = None, payoff: str = "contribution") -> Distribution:
        """Return the distribution of what all plans bring from one month to another.

        Parameters
        ----------
        first, last : str or date, optional
            Months of the horizon, both included; its first and last if not given.
        payoff : {"contribution", "revenue"}
            Which payoff.

        Returns
        -------
        Distribution
            Of the sum itself, never of sums of monthly quantiles; its errors are bounded.

        Raises
        ------
        InputError
            If the months are not in the horizon, or `payoff` is not known.
        """
        begin = self._start if first is None else month_index(first, "first")
        end = self._start + len(self.months) - 1 if last is None else month_index(last, "last")
        return self._core.range(begin, end, payoff)

    @cached_property
    def _total(self) -> Distribution:
        return self.distribution()

    def quantile(self, probability: float) -> float:
        """Contribution of the whole horizon that is not exceeded with a probability.

        Parameters
        ----------
        probability : float
            In [0, 1].

        Returns
        -------
        float
            Currency.

        Raises
        ------
        InputError
            If the probability is out of range.
        """
        return self._total.quantile(probability)

    def probability(self, reach: float, by: Any = None) -> float:
        """Chance that the plans have brought an amount of contribution by the end of a month.

        Parameters
        ----------
        reach : float
            The amount, currency.
        by : str or date, optional
            The month, included; the last of the horizon if not given.

        Returns
        -------
        float
            In [0, 1].

        Raises
        ------
        InputError
            If the month is not in the horizon.
        """
        found = self._total if by is None else self.distribution(last=by)
        return found.probability_at_least(reach)

    def __len__(self) -> int:
        return len(self.plans)

    @cached_property
    def _table(self) -> dict[str, Any]:
        bands = [self.distribution(month, month) for month in self.months]
        return {
            "month": self.months,
            "revenue": self.expected_revenue,
            "contribution": self.expected,
            "p10": np.array([band.quantile(0.1) for band in bands]),
            "p50": np.array([band.quantile(0.5) for band in bands]),
            "p90": np.array([band.quantile(0.9) for band in bands]),
        }

    def _columns(self) -> Mapping[str, Any]:
        return self._table

    def _facts(self) -> Mapping[str, Any]:
        return {
            "plans": len(self),
            "expected contribution": self._total.mean,
            "P10": self.quantile(0.1),
            "P90": self.quantile(0.9),
        }

    def _title(self) -> str:
        return "Internal growth"

    def plot(self, **options: Any) -> Any:
        """Draw the expected contribution per month with its band from P10 to P90.

        Parameters
        ----------
        **options
            As for :func:`custfolio.plots.growth`.

        Returns
        -------
        altair.Chart
            The chart.
        """
        from custfolio import plots

        table = self._table
        return plots.growth(table["month"], table["contribution"], p10=table["p10"], p90=table["p90"], **options)


def grow(plans: Any, start: Any, months: int = 12) -> Growth:
    """Forecast what independent action plans bring.

    Parameters
    ----------
    plans : sequence of ActionPlan, frame, or mapping of columns
        The plans; a frame has one row a step, see :func:`plans_from_frame`.
    start : str or date
        First month of the horizon, "2022-01".
    months : int
        Number of months, 1 to 1200.

    Returns
    -------
    Growth
        Expected budget per month, exact, and the distribution of any span of months.

    Raises
    ------
    InputError
        If a plan is not valid (the text names customer, plan and step) or the horizon is out of range.
    """
    first = month_index(start, "start")
    library: str | None = None
    if isinstance(plans, Sequence) and all(isinstance(plan, ActionPlan) for plan in plans):
        chosen = list(plans)
    elif (
        isinstance(plans, Iterable)
        and not isinstance(plans, Mapping)
        and not hasattr(plans, "columns")
        and not hasattr(plans, "column_names")
    ):
        raise InputError("plans must be ActionPlan objects, or a frame with one row a step")
    else:
        if not isinstance(plans, Mapping):
            library = library_of(plans)
        chosen = plans_from_frame(plans)
    begin = np.cumsum([0, *(len(plan.steps) for plan in chosen)])
    steps = [(k, step) for plan in chosen for k, step in enumerate(plan.steps)]
    core = _core.GrowthForecast(
        customer=[plan.customer for plan in chosen],
        plan=[plan.name for plan in chosen],
        begin=begin,
        step=[step.name for _, step in steps],
        condition=[step.condition for _, step in steps],
        after=np.array([k - 1 for k, _ in steps], dtype=np.int32),
        earliest=np.array([_earliest(step, first) for _, step in steps], dtype=np.int32),
        duration=np.array([step.duration for _, step in steps], dtype=np.int32),
        probability=[step.probability for _, step in steps],
        revenue=[step.revenue for _, step in steps],
        contribution=[step.contribution for _, step in steps],
        hours=[step.hours for _, step in steps],
        start=first,
        months=months,
    )
    return Growth(core, chosen, first, months, library)


def _earliest(step: ActionStep, first: int) -> int:
    """Return a step's earliest month as months since January 1970."""
    if isinstance(step.earliest, str):
        return month_index(step.earliest, f"earliest of step {step.name!r}")
    if step.earliest < 1:
        raise InputError(f"step {step.name!r}: earliest is {step.earliest}; the first month of the plan is 1")
    return first + int(step.earliest) - 1
