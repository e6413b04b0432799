# Step 4, internal growth: action plans whose steps have condition, timing and success percentage, and the budget they give.
"""Action plans, what they bring, and how sure that is."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._days import month_index, month_text
from custfolio._frames import library_of, lists_of
from custfolio._result import Result
from custfolio.errors import InputError, NotFoundError
from custfolio.growth._distribution import Distribution

__all__ = [
    "ActionPlan",
    "ActionStep",
    "Growth",
    "Steps",
    "TimeToTarget",
    "grow",
    "lognormal_size",
    "plans_from_frame",
    "triangular_size",
]


@dataclass(frozen=True)
class ActionStep:
    """One step of an action plan; it is attempted when what it comes after has succeeded and its month has come.

    An attempt that begins in month s and takes d months is decided at the beginning of month s + d. It succeeds there with the chance
    ``probability * by_month[s + d] * (1 - hazard) ** late``, where ``late`` counts the months since the first month in which it could be
    decided if everything went as fast as it can. After a failure it may be tried again; when the last try has failed, what needs it is
    never attempted.

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
    duration : int, sequence of three int, or mapping of int to float
        Whole months from start to decision: fixed; the least, likeliest and greatest of a triangular distribution; or the chance of
        each number of months.
    revenue, contribution : float
        What success adds in every month from its decision on, currency.
    hours : float
        Working hours of an attempt.
    after : None, int, str, or sequence of int and str
        What must have succeeded before: None the step before it in the plan; empty ("", 0 or ()) nothing; a step by its name or number
        (1 is the first of the plan); a step of another plan as "customer/plan/step"; the name of an event that is given to :func:`grow`;
        several of these as a sequence, or in one text as "trial & tender" (all of) or "trial | tender" (any of).
    join : {"all", "any"}
        Whether all of a sequence must have succeeded, or any one of it is enough.
    latest : int or str, optional
        It is not started after: as `earliest`.
    hazard : float
        Share of the chance that is lost with each month late, in [0, 1].
    by_month : sequence of float
        Factor of the chance by month of the horizon; the last goes on. Empty: 1.
    retries, spacing : int
        Further attempts after a failure, and the months from a failure to the next attempt.
    spend : float
        Currency spent on each attempt in its first month; taken from contribution.
    ramp : int
        Months to the full amount: month k of the payoff brings the share k / ramp of it.
    lasts : int
        Months that the payoff lasts; 0: to the end of the horizon.
    season : sequence of float
        Twelve factors of the monthly amounts, January first. Empty: all 1.
    one_off_revenue, one_off_contribution : float
        What success brings once, in its month, currency.
    size : mapping of float to float
        Uncertain amounts: the chance of each factor of all amounts; see :func:`triangular_size` and :func:`lognormal_size`. Empty: 1.
    """

    name: str
    probability: float = 1.0
    condition: str = ""
    earliest: int | str = 1
    duration: int | Sequence[int] | Mapping[int, float] = 0
    revenue: float = 0.0
    contribution: float = 0.0
    hours: float = 0.0
    after: int | str | Sequence[int | str] | None = None
    join: str = "all"
    latest: int | str | None = None
    hazard: float = 0.0
    by_month: Sequence[float] = ()
    retries: int = 0
    spacing: int = 1
    spend: float = 0.0
    ramp: int = 0
    lasts: int = 0
    season: Sequence[float] = ()
    one_off_revenue: float = 0.0
    one_off_contribution: float = 0.0
    size: Mapping[float, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ActionPlan:
    """The action plan of one customer: a graph of steps, by default each after the one before.

    Parameters
    ----------
    customer : str
        Identity of the customer.
    name : str
        Name of the plan; a customer may have several.
    steps : sequence of ActionStep
        In the order of their numbers.
    factors : mapping of str to str
        The plan's label of each factor that its successes may share with other plans: ``{"manager": "Anna", "product": "GTX"}``; how
        much they share is told to :func:`grow`.
    """

    customer: str
    name: str
    steps: Sequence[ActionStep]
    factors: Mapping[str, str] = field(default_factory=dict)


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
    "latest": ("latest",),
    "hazard": ("hazard",),
    "retries": ("retries",),
    "spacing": ("spacing", "retry_spacing"),
    "spend": ("spend",),
    "ramp": ("ramp", "ramp_months"),
    "lasts": ("lasts", "pays_months"),
    "one_off_revenue": ("one_off_revenue",),
    "one_off_contribution": ("one_off_contribution",),
}
"""Columns of a frame of action plans, and the names that they may have."""

_REQUIRED = ("customer", "step", "probability")


def plans_from_frame(frame: Any, factors: Sequence[str] = ()) -> list[ActionPlan]:
    """Read action plans from a frame with one row a step.

    Parameters
    ----------
    frame : frame or mapping of columns
        Columns customer, step, probability; and where they are there: plan (name), condition, earliest (month of the plan, 1 the
        first, or "2022-03"), latest (likewise), duration (months; "1 2 4" is triangular, "1: 0.5, 3: 0.5" a table), revenue and contribution
        (per month, currency), hours, number (order within the plan), after (numbers or names of the steps before: "2", "1 & 2" all of,
        "1 | 2" any of, 0 for none), hazard, retries, spacing, spend, ramp, lasts, one_off_revenue, one_off_contribution: as in
        :class:`ActionStep`.
    factors : sequence of str
        Columns that hold the plans' labels of factors ("manager", "product"), the same in all rows of a plan; see :class:`ActionPlan`.

    Returns
    -------
    list of ActionPlan
        In the order of their first rows.

    Raises
    ------
    InputError
        If a column is missing, a value cannot be used (the text names the row), `after` names a step that is not there, or the rows of a
        plan have different labels of a factor.
    """
    table = lists_of(frame, f"a frame was expected, one row a step; found {type(frame).__name__}")
    columns = {key: next((table[name] for name in names if name in table), None) for key, names in _ALIASES.items()}
    missing = [key for key in _REQUIRED if columns[key] is None]
    if missing:
        raise InputError(f"column {missing[0]!r} is not in the action plans; they have {', '.join(map(repr, table))}")
    for name in factors:
        if name not in table:
            raise InputError(
                f"column {name!r} with the labels of a factor is not in the action plans; they have {', '.join(map(repr, table))}"
            )
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
        ranks = {numbers[at]: k + 1 for k, at in enumerate(order)}
        steps = []
        for at in order:
            row = places[at]
            earliest, latest = cell("earliest", row, 1), cell("latest", row, None)
            steps.append(
                ActionStep(
                    name=str(cell("step", row, "")),
                    probability=number("probability", row),
                    condition=str(cell("condition", row, "")),
                    earliest=earliest if _is_month(earliest) else whole("earliest", row, 1),
                    duration=_duration(cell("duration", row, 0), f"action plans, row {row + 1}"),
                    revenue=number("revenue", row),
                    contribution=number("contribution", row),
                    hours=number("hours", row),
                    after=_numbered(cell("after", row, None), ranks),
                    latest=latest if latest is None or _is_month(latest) else whole("latest", row, 1),
                    hazard=number("hazard", row),
                    retries=whole("retries", row, 0),
                    spacing=whole("spacing", row, 1),
                    spend=number("spend", row),
                    ramp=whole("ramp", row, 0),
                    lasts=whole("lasts", row, 0),
                    one_off_revenue=number("one_off_revenue", row),
                    one_off_contribution=number("one_off_contribution", row),
                )
            )
        labels = {factor: _label(table[factor], places, factor) for factor in factors}
        plans.append(
            ActionPlan(customer, name, tuple(steps), {factor: label for factor, label in labels.items() if label})
        )
    return plans


def _label(column: Sequence[Any], rows: Sequence[int], factor: str) -> str:
    """Return a plan's label of a factor, which all of its rows have; empty where they have none."""
    found = [_identity(column[row]) for row in rows if column[row] is not None and column[row] == column[row]]
    for row in rows:
        value = column[row]
        if value is not None and value == value and _identity(value) != found[0]:
            raise InputError(
                f"action plans, row {row + 1}: {factor} is {_identity(value)!r}, in an earlier row of the same plan it is {found[0]!r}; "
                "a plan has one label of a factor"
            )
    return found[0] if found else ""


def _is_month(value: Any) -> bool:
    """Whether a cell names a calendar month; a file may write the number of a month as text."""
    return isinstance(value, str) and not value.strip().isdigit()


def _numbered(after: Any, ranks: Mapping[int, int]) -> Any:
    """Return what a cell of column `after` says with the numbers of the frame replaced by positions in the plan."""
    if after is None:
        return None
    if isinstance(after, str):
        parts = re.split(r"(\s*[&|]\s*)", after.strip())
        return "".join(str(ranks[int(part)]) if part.isdigit() and int(part) in ranks else part for part in parts)
    number = int(after) if float(after).is_integer() else after
    return ranks.get(number, number)


def _duration(value: Any, where: str) -> Any:
    """Return a duration from a cell: a number, "1 2 4" (triangular) or "1: 0.5, 3: 0.5" (a table)."""
    if not isinstance(value, str):
        if value != int(value):
            raise InputError(f"{where}: duration is {value:g}; it must be a whole number")
        return int(value)
    try:
        if ":" in value:
            return {int(months): float(chance) for months, chance in (part.split(":") for part in value.split(","))}
        numbers = [int(part) for part in value.replace(",", " ").split()]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 3):
        raise InputError(
            f"{where}: duration is {value!r}; it can be months (2), least, likeliest and greatest (1 2 4), "
            "or a table (1: 0.5, 3: 0.5)"
        )
    return numbers[0] if len(numbers) == 1 else tuple(numbers)


def _identity(value: Any) -> str:
    """Return an identity as text; whole numbers are written without a point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


class Growth(Result):
    """What a set of action plans brings in each month of a horizon. Made by :func:`grow`."""

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
        self.correlation: dict[str, float] = {}
        """Share of each factor in every success; "market" is common to all plans. Empty: all plans are independent."""
        self._settings: dict[str, Any] = {}
        self._outcomes: dict[tuple[str, str, str], Any] = {}
        self._parts: dict[frozenset[int], Growth] = {}

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
        return Distribution(self._core.range(*self._span(first, last), payoff)[0])

    def distributions(self, payoff: str = "contribution") -> list[Distribution]:
        """Return the distribution of each month of the horizon, computed side by side.

        Parameters
        ----------
        payoff : {"contribution", "revenue"}
            Which payoff.

        Returns
        -------
        list of Distribution
            As :meth:`distribution` for each month, in their order; then that of the whole horizon.

        Raises
        ------
        InputError
            If `payoff` is not known.
        """
        first, last = self._span()
        spans = [(month, month) for month in range(first, last + 1)]
        return [Distribution(one) for one in self._core.ranges([*spans, (first, last)], payoff)]

    def simulation_error(self, first: Any = None, last: Any = None, payoff: str = "contribution") -> float:
        """Return the standard error of the chances that :meth:`distribution` gives.

        Parameters
        ----------
        first, last, payoff
            As for :meth:`distribution`.

        Returns
        -------
        float
            0 where every graph of steps is computed exactly; else the greatest standard error that simulation of the others, or of all
            where factors cross, leaves.

        Raises
        ------
        InputError
            As :meth:`distribution`.
        """
        return self._core.range(*self._span(first, last), payoff)[1]

    def success(self, customer: str, plan: str, step: str) -> float:
        """Return the chance that a step succeeds within the horizon.

        Parameters
        ----------
        customer, plan, step : str
            Names of the step, its plan and its customer.

        Returns
        -------
        float
            In [0, 1].

        Raises
        ------
        NotFoundError
            If there is no such step.
        """
        return self._core.success(*self._place((customer, plan, step)))

    def given(self, outcomes: Mapping[tuple[str, str, str], Any]) -> Growth:
        """Return the forecast once outcomes of steps are known; only what depends on them is computed anew.

        Distributions that this forecast was asked for are told anew from what it keeps of them, with the bits of distributions computed
        anew; with a common factor they are computed anew.

        An outcome is a fact: the step has succeeded in its month, whatever was planned, and steps after it may start; or it has failed
        for good. The steps before it stay as uncertain as they are unless told too. What the step took before (hours, spend) is spent
        and no longer counted.

        Parameters
        ----------
        outcomes : mapping of (customer, plan, step) to outcome
            "failed"; "succeeded" (in the horizon's first month); or the month of success, "2022-03" or a date, which may lie before the
            horizon.

        Returns
        -------
        Growth
            A new forecast; this one stays as it is.

        Raises
        ------
        NotFoundError
            If there is no such step.
        InputError
            If an outcome is none of these, or a success is dated after the horizon.
        """
        known = []
        for key, outcome in outcomes.items():
            plan, step = self._place(key)
            if outcome == "failed":
                known.append((plan, step, False, self._start))
            elif outcome == "succeeded":
                known.append((plan, step, True, self._start))
            else:
                known.append((plan, step, True, month_index(outcome, f"outcome of step {key[2]!r}")))
        result = Growth(self._core.given(known), self.plans, self._start, len(self.months), self._library)
        result.__dict__["_places"] = self._places
        result.correlation = self.correlation
        result._settings = self._settings
        result._outcomes = self._outcomes | dict(outcomes)
        return result

    update = given
    """Another name of :meth:`given`."""

    def _part(self, chosen: frozenset[int]) -> Growth:
        """Return the forecast of some plans, by their positions; what others of the same graphs bring is left out, their steps stay."""
        if len(chosen) == len(self.plans):
            return self
        if chosen not in self._parts:
            graphs = [self._core.place(at, 0)[0] for at in range(len(self.plans))]
            own = {graphs[at] for at in chosen}
            there = [at for at, graph in enumerate(graphs) if graph in own]
            plans = [self.plans[at] if at in chosen else _silent(self.plans[at]) for at in there]
            part = grow(plans, month_text(self._start), len(self.months), **self._settings)
            known = {key: told for key, told in self._outcomes.items() if self._place(key)[0] in there}
            self._parts[chosen] = part.given(known) if known else part
        return self._parts[chosen]

    def _place(self, key: tuple[str, str, str]) -> tuple[int, int]:
        if not (isinstance(key, tuple) and len(key) == 3):
            raise InputError(f"{key!r} names no step; a step is named by (customer, plan, step)")
        found = self._places.get((str(key[0]), str(key[1]), str(key[2])))
        if found is None:
            raise NotFoundError(f"there is no step {key[2]!r} in plan {key[1]!r} of customer {key[0]!r}")
        return found

    @cached_property
    def _places(self) -> dict[tuple[str, str, str], tuple[int, int]]:
        return {
            (plan.customer, plan.name, step.name): (p, k)
            for p, plan in enumerate(self.plans)
            for k, step in enumerate(plan.steps)
        }

    def time_to_target(self, amount: float, payoff: str = "contribution") -> TimeToTarget:
        """Return when the plans will have brought an amount.

        Parameters
        ----------
        amount : float
            The target, cumulated from the horizon's first month, currency.
        payoff : {"contribution", "revenue"}
            Which payoff.

        Returns
        -------
        TimeToTarget
            For each month the chance that the target is reached by its end, from the distribution of what has come in by then; and the
            chance that it is not reached within the horizon.

        Raises
        ------
        InputError
            If the amount is not a number or `payoff` is not known.
        """
        chances = [self.distribution(last=month, payoff=payoff).probability_at_least(amount) for month in self.months]
        return TimeToTarget(amount, self.months, np.array(chances), self._library)

    def _steps(self) -> list[tuple[str, str, str, int, int]]:
        """Customer, plan and step, graph and node of every step."""
        return [(*key, *self._core.place(*at)) for key, at in self._places.items()]

    def _span(self, first: Any = None, last: Any = None) -> tuple[int, int]:
        """Return the first and the last month asked for; those of the horizon if not given."""
        begin = self._start if first is None else month_index(first, "first")
        end = self._start + len(self.months) - 1 if last is None else month_index(last, "last")
        return begin, end

    def _reach(self, places: Sequence[tuple[int, int]], target: float, payoff: str, derivative: bool) -> list[float]:
        """For each place the chance that its step succeeds and the target is reached, or the derivative of the chance to reach it."""
        first, last = self._span()
        by_graph: dict[int, list[int]] = {}
        for graph, node in places:
            by_graph.setdefault(graph, []).append(node)
        found = {
            (graph, node): chance
            for graph, nodes in by_graph.items()
            for node, chance in zip(
                nodes, self._core.reach(graph, first, last, payoff, target, nodes, derivative), strict=True
            )
        }
        return [found[place] for place in places]

    def sensitivity(self, target: float | None = None, payoff: str = "contribution", top: int | None = None) -> Steps:
        """Return what one point (0.01) of success chance of each step is worth over the horizon.

        Parameters
        ----------
        target : float, optional
            An amount to be reached by the horizon's end, currency; the worth is then told in the chance to reach it too.
        payoff : {"contribution", "revenue"}
            Which payoff.
        top : int, optional
            Number of steps, the most worth in expectation first; all if not given. The chance takes a sum of all plans per graph of steps.

        Returns
        -------
        Steps
            Columns customer, plan, step, worth (currency a point) and, with a target, chance (added a point): exact derivatives by
            the step's `probability`, of which the chance at each date is a multiple.

        Raises
        ------
        InputError
            If a graph of steps is too large to be computed exactly.
        """
        first, last = self._span()
        begin, worth = self._core.worth(first, last, payoff)
        found = [(*row, 0.01 * float(worth[begin[row[3]] + row[4]])) for row in self._steps()]
        found.sort(key=lambda row: -abs(row[5]))
        found = found[:top]
        columns: dict[str, Any] = {
            "customer": [row[0] for row in found],
            "plan": [row[1] for row in found],
            "step": [row[2] for row in found],
            "worth": np.array([row[5] for row in found]),
        }
        if target is not None:
            reached = self._reach([(row[3], row[4]) for row in found], target, payoff, derivative=True)
            columns["chance"] = 0.01 * np.array(reached)
        return Steps("What a point of success is worth", columns, "worth", self._library)

    def uncertainty(self, top: int = 5, payoff: str = "contribution") -> Steps:
        """Return the steps that carry most of the horizon's uncertainty.

        Parameters
        ----------
        top : int
            Number of steps.
        payoff : {"contribution", "revenue"}
            Which payoff.

        Returns
        -------
        Steps
            Columns customer, plan, step, success (chance to succeed within the horizon) and share: the part of the variance that
            goes, on average, once it is known whether the step succeeds; Var(E[X | S]) / Var(X) = Cov(X, S)^2 / (Var(S) Var(X)).
            Shares of steps that depend on each other overlap, so they do not add up to 1.

        Raises
        ------
        InputError
            If a graph of steps is too large to be computed exactly.
        """
        first, last = self._span()
        variance = self.distribution(payoff=payoff).variance
        begin, successes, covariances = self._core.carried(first, last, payoff)
        rows = []
        for customer, plan, step, graph, node in self._steps():
            success = float(successes[begin[graph] + node])
            covariance = float(covariances[begin[graph] + node])
            spread = success * (1.0 - success)
            share = covariance**2 / (spread * variance) if spread > 1e-15 and variance > 0 else 0.0
            rows.append((customer, plan, step, success, share))
        rows.sort(key=lambda row: -row[4])
        rows = rows[:top]
        columns = {
            name: [row[k] for row in rows] for k, name in enumerate(("customer", "plan", "step", "success", "share"))
        }
        return Steps("Steps that carry the uncertainty", columns, "share", self._library)

    def needed(self, target: float, probability: float = 0.8, payoff: str = "contribution", top: int = 5) -> Steps:
        """Return what must be added to reach a target by the horizon's end with a probability.

        Parameters
        ----------
        target : float
            Amount to be reached, currency.
        probability : float
            In [0, 1].
        payoff : {"contribution", "revenue"}
            Which payoff.
        top : int
            Number of steps told: those that carry most of the uncertainty.

        Returns
        -------
        Steps
            Facts: the chance to reach the target as things are, and the certain amount that must be added (0 if none). Columns customer,
            plan, step, success, and chance: to reach the target if the step succeeds.

        Raises
        ------
        InputError
            If the probability is out of range, or a graph of steps is too large to be computed exactly.
        """
        total = self.distribution(payoff=payoff)
        added = max(0.0, target - total.quantile(1.0 - probability))
        steps = self.uncertainty(top, payoff)._columns()
        keys = zip(steps["customer"], steps["plan"], steps["step"], strict=True)
        joint = self._reach([self._core.place(*self._places[key]) for key in keys], target, payoff, derivative=False)
        chances = [both / chance if chance > 0 else 0.0 for both, chance in zip(joint, steps["success"], strict=True)]
        columns = {name: steps[name] for name in ("customer", "plan", "step", "success")} | {
            "chance": np.array(chances)
        }
        facts = {"target": target, "chance as things are": total.probability_at_least(target), "to be added": added}
        return Steps("What must be added", columns, "chance", self._library, facts)

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
        bands = self.distributions()[:-1]
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


class Steps(Result):
    """Steps of action plans with a figure each. Made by the questions of :class:`Growth`."""

    def __init__(
        self,
        title: str,
        columns: Mapping[str, Any],
        figure: str,
        library: str | None,
        facts: Mapping[str, float] | None = None,
    ) -> None:
        self._name, self._figure, self._library = title, figure, library
        self._table = dict(columns)
        self.facts = dict(facts or {})
        """Figures about all of them."""

    def __len__(self) -> int:
        return len(self._table["step"])

    def _columns(self) -> Mapping[str, Any]:
        return self._table

    def _facts(self) -> Mapping[str, Any]:
        return self.facts

    def _title(self) -> str:
        return self._name

    def plot(self, **options: Any) -> Any:
        """Draw the figure of each step.

        Parameters
        ----------
        **options
            Properties of the chart, as for ``altair.Chart.properties``.

        Returns
        -------
        altair.Chart
            The chart.
        """
        import altair as alt

        table = self._table
        values = [
            {"step": f"{customer} / {plan} / {step}", self._figure: float(figure)}
            for customer, plan, step, figure in zip(
                table["customer"], table["plan"], table["step"], table[self._figure], strict=True
            )
        ]
        chart = alt.Chart(alt.Data(values=values)).mark_bar()
        return chart.encode(y=alt.Y("step:N", title=None, sort=None), x=alt.X(f"{self._figure}:Q")).properties(
            **options
        )


class TimeToTarget(Result):
    """When plans will have brought an amount. Made by :meth:`Growth.time_to_target`."""

    def __init__(self, amount: float, months: Sequence[str], reached: NDArray[np.float64], library: str | None) -> None:
        self._library = library
        self.amount = amount
        """The target, currency."""
        self.months = list(months)
        """The months of the horizon."""
        self.reached = reached
        """Chance that at the end of each month at least the amount has come in; it may fall where payoffs are negative."""

    @property
    def not_within_horizon(self) -> float:
        """Chance that the target is not reached at the horizon's end."""
        return 1.0 - float(self.reached[-1])

    def quantile(self, probability: float) -> str | None:
        """Return the first month by whose end the target is reached with a probability.

        Parameters
        ----------
        probability : float
            In [0, 1].

        Returns
        -------
        str or None
            The month; None: not within the horizon.
        """
        return next((m for m, chance in zip(self.months, self.reached, strict=True) if chance >= probability), None)

    def _columns(self) -> Mapping[str, Any]:
        return {"month": self.months, "reached": self.reached}

    def _facts(self) -> Mapping[str, Any]:
        return {"target": self.amount, "not within the horizon": self.not_within_horizon}

    def _title(self) -> str:
        return "Time to the target"

    def plot(self, **options: Any) -> Any:
        """Draw the chance to have reached the target by month.

        Parameters
        ----------
        **options
            Properties of the chart, as for ``altair.Chart.properties``.

        Returns
        -------
        altair.Chart
            The chart.
        """
        import altair as alt

        values = [{"month": m, "reached": float(r)} for m, r in zip(self.months, self.reached, strict=True)]
        chart = alt.Chart(alt.Data(values=values)).mark_bar()
        return chart.encode(
            x=alt.X("month:O", title=None),
            y=alt.Y(
                "reached:Q",
                title="Chance to have reached the target",
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
        ).properties(**options)


def triangular_size(low: float, mode: float, high: float, points: int = 9) -> dict[float, float]:
    """Return a table of sizes for an amount with a triangular distribution, for :class:`ActionStep`.

    Parameters
    ----------
    low, mode, high : float
        Least, likeliest and greatest factor of the amount, 0 <= low <= mode <= high.
    points : int
        Number of sizes, each with the same chance: the mean of its slice of the distribution, so that the mean is kept.

    Returns
    -------
    dict
        Chance of each size.

    Raises
    ------
    InputError
        If the factors are not in order.
    """
    if not (0 <= low <= mode <= high and math.isfinite(high)):
        raise InputError(f"sizes {low:g}, {mode:g}, {high:g}: they must be 0 or more and in ascending order")
    if low == high:
        return {low: 1.0}
    peak = (mode - low) / (high - low)

    def below(q: float) -> float:
        """Integral of the quantile function from 0 to q."""
        rising = min(q, peak)
        area = low * rising + (2 / 3) * math.sqrt((high - low) * (mode - low)) * rising**1.5
        if q > peak:
            falling = (1 - peak) ** 1.5 - (1 - q) ** 1.5
            area += high * (q - peak) - (2 / 3) * math.sqrt((high - low) * (high - mode)) * falling
        return float(area)

    return _slices(below, points)


def lognormal_size(sigma: float, points: int = 9) -> dict[float, float]:
    """Return a table of sizes for an amount with a lognormal distribution of mean 1, for :class:`ActionStep`.

    Parameters
    ----------
    sigma : float
        Standard deviation of the logarithm, > 0.
    points : int
        Number of sizes, each with the same chance: the mean of its slice of the distribution, so that the mean is kept.

    Returns
    -------
    dict
        Chance of each size.

    Raises
    ------
    InputError
        If sigma is not positive.
    """
    if not (sigma > 0 and math.isfinite(sigma)):
        raise InputError(f"sigma is {sigma:g}; it must be positive")
    normal = NormalDist()
    return _slices(lambda q: 1.0 if q >= 1 else 0.0 if q <= 0 else normal.cdf(normal.inv_cdf(q) - sigma), points)


def _slices(below: Callable[[float], float], points: int) -> dict[float, float]:
    """Return the means of equally probable slices; `below` integrates the quantile function from 0."""
    if points < 1:
        raise InputError(f"points is {points}; at least 1 is needed")
    table: dict[float, float] = {}
    for k in range(points):
        size = points * (below((k + 1) / points) - below(k / points))
        table[size] = table.get(size, 0.0) + 1 / points
    return table


def grow(
    plans: Any,
    start: Any,
    months: int = 12,
    *,
    correlation: float | Mapping[str, float] = 0.0,
    events: Mapping[str, Any] | None = None,
    limit: int = 1 << 18,
    paths: int = 1 << 16,
    seed: int = 1,
) -> Growth:
    """Forecast what action plans bring.

    Plans that wait for each other's steps, or for the same uncertain event, are computed together; all others are independent, but for the
    factors that `correlation` gives them. A graph of
    steps is answered exactly by conditioning on the months in which the steps that others still wait for have succeeded; one that would
    hold more than `limit` amounts at once is simulated, and its standard error told.

    Parameters
    ----------
    plans : sequence of ActionPlan, frame, or mapping of columns
        The plans; a frame has one row a step, see :func:`plans_from_frame`.
    start : str or date
        First month of the horizon, "2022-01".
    months : int
        Number of months, 1 to 1200.
    correlation : float or mapping of str to float
        Share of one common factor Z (the economy, say) in every success, in [0, 1). Given Z, a standard normal number that holds for
        all plans and months, each attempt of each step, retries too, succeeds with the chance
        ``Phi((Phi^-1(p) - sqrt(correlation) Z) / sqrt(1 - correlation))``, independently of all others; durations, sizes and external
        events do not depend on Z. Plans of one attempt keep their expectation; that of a chain rises, because a first success makes a
        good Z more probable, and that of retries falls.

        Several factors by name: ``{"market": 0.1, "manager": 0.05}``. "market" is common to all plans; of any other factor each label
        (:attr:`ActionPlan.factors`; of a frame, the column of that name) has a value of its own. The latent variable of an attempt is
        ``sqrt(r_market) Z + sum sqrt(r_j) Z_(j, label) + sqrt(1 - sum r) eps``, so that a plan's own expectation depends on the sum
        alone. Distributions are exact with one such factor beside the market, unless plans with different labels wait for each other;
        then, and where several cross, they come from `paths` plays: see :attr:`Growth.notes` and :meth:`Growth.simulation_error`.
    events : mapping of str to float or (float, month), optional
        What steps may come after outside of all plans (an appointment held, terms accepted): its probability, 0 or 1 if it is known, and
        the month at whose beginning it happens, the horizon's first if not told.
    limit : int
        Greatest number of amounts that one graph may hold at once.
    paths, seed : int
        Plays of a graph that is simulated, and their seed.

    Returns
    -------
    Growth
        Expected budget per month, exact, and the distribution of any span of months.

    Raises
    ------
    InputError
        If a plan is not valid (the text names customer, plan and step), has no label of a factor, correlations sum to 1 or more, or the
        horizon is out of range.
    """
    first = month_index(start, "start")
    shares = (
        {str(name): float(share) for name, share in correlation.items()} if isinstance(correlation, Mapping) else {}
    )
    market = shares.pop(_MARKET, 0.0) if isinstance(correlation, Mapping) else float(correlation)
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
        chosen = plans_from_frame(plans, tuple(shares))
    for plan in chosen:
        if _MARKET in plan.factors:
            raise InputError(
                f"customer {plan.customer}, plan {plan.name!r} has the label {plan.factors[_MARKET]!r} of factor {_MARKET!r}, which is common "
                "to all plans; give the factor another name"
            )
    begin = np.cumsum([0, *(len(plan.steps) for plan in chosen)])
    steps = [step for plan in chosen for step in plan.steps]
    before = [_before(plan, step) for plan in chosen for step in plan.steps]
    durations = [_durations(step) for step in steps]
    given = []
    for name, event in (events or {}).items():
        chance, month = event if isinstance(event, tuple) else (event, None)
        given.append((name, float(chance), first if month is None else month_index(month, f"event {name!r}")))
    core = _core.GrowthForecast(
        customer=[plan.customer for plan in chosen],
        plan=[plan.name for plan in chosen],
        begin=begin,
        steps={
            "step": [step.name for step in steps],
            "condition": [step.condition for step in steps],
            "join": [join for join, _, _ in before],
            "after": [positions for _, positions, _ in before],
            "events": [names for _, _, names in before],
            "earliest": [_month(step, "earliest", step.earliest, first) for step in steps],
            "latest": [None if step.latest is None else _month(step, "latest", step.latest, first) for step in steps],
            "duration": [least for least, _ in durations],
            "duration_chances": [chances for _, chances in durations],
            "sizes": [list(step.size) for step in steps],
            "size_probabilities": [list(step.size.values()) for step in steps],
            **{name: [list(getattr(step, name)) for step in steps] for name in ("by_month", "season")},
            **{name: [getattr(step, name) for step in steps] for name in _PLAIN},
        },
        start=first,
        months=months,
        events=given,
        limit=limit,
        paths=paths,
        seed=seed,
        correlation=market,
        factors=[{str(name): str(label) for name, label in plan.factors.items()} for plan in chosen] if shares else [],
        factor_correlations=list(shares.items()),
    )
    growth = Growth(core, chosen, first, months, library)
    growth.correlation = {name: share for name, share in ({_MARKET: market} | shares).items() if share > 0}
    growth._settings = {
        "correlation": correlation,
        "events": events,
        "limit": limit,
        "paths": paths,
        "seed": seed,
    }
    return growth


_MARKET = "market"
"""The factor that is common to all plans."""

_PLAIN = (
    "probability", "revenue", "contribution", "hours", "hazard", "retries", "spacing", "spend", "ramp", "lasts", "one_off_revenue",
    "one_off_contribution",
)  # fmt: skip
"""Fields of a step that go to the core as they are."""


def _silent(plan: ActionPlan) -> ActionPlan:
    """Return a plan whose steps take place and bring nothing."""
    nothing: dict[str, Any] = dict.fromkeys(
        ("revenue", "contribution", "spend", "one_off_revenue", "one_off_contribution", "hours"), 0.0
    )
    return replace(plan, steps=tuple(replace(step, **nothing) for step in plan.steps))


def _month(step: ActionStep, what: str, month: int | str, first: int) -> int:
    """Return a step's earliest or latest month as months since January 1970."""
    if isinstance(month, str):
        return month_index(month, f"{what} of step {step.name!r}")
    if month < 1:
        raise InputError(f"step {step.name!r}: {what} is {month}; the first month of the plan is 1")
    return first + int(month) - 1


def _before(plan: ActionPlan, step: ActionStep) -> tuple[str, list[int], list[str]]:
    """Return what a step comes after: how it is joined, positions in the plan, names of steps of other plans and events."""
    if step.join not in ("all", "any"):
        raise InputError(f"step {step.name!r}: join is {step.join!r}; it can be 'all' or 'any'")
    if step.after is None:
        return "previous", [], []
    join = step.join
    parts: Sequence[int | str]
    names = [other.name for other in plan.steps]
    if isinstance(step.after, str):
        text = step.after.strip()
        if text in names or not re.search(r"[&|]", text):
            parts = [text]
        elif "&" in text and "|" in text:
            raise InputError(f"step {step.name!r}: after is {text!r}; it can be all of (&) or any of (|), not both")
        else:
            join = "any" if "|" in text else "all"
            parts = [part.strip() for part in re.split(r"[&|]", text)]
    elif isinstance(step.after, Sequence):
        parts = step.after
    else:
        parts = [step.after]
    positions: list[int] = []
    events: list[str] = []
    for part in parts:
        if isinstance(part, str) and part in names:
            positions.append(names.index(part))
        elif isinstance(part, str) and not part.isdigit():
            if part:
                events.append(part)
        elif (int(part) != part and not isinstance(part, str)) or not 0 <= int(part) <= len(names):
            raise InputError(
                f"customer {plan.customer}, plan {plan.name!r}, step {step.name!r}: after is {part}; "
                f"the plan's steps are 1 to {len(names)} (0: none)"
            )
        elif int(part) > 0:
            positions.append(int(part) - 1)
    return (join if positions or events else "all"), positions, events


def _durations(step: ActionStep) -> tuple[int, list[float]]:
    """Return the least duration and the chances of it and each further month; none where it is fixed."""
    if isinstance(step.duration, Mapping):
        if not step.duration or any(int(months) != months for months in step.duration):
            raise InputError(f"step {step.name!r}: a table of durations has whole numbers of months and their chances")
        least = min(step.duration)
        return int(least), [float(step.duration.get(m, 0.0)) for m in range(least, max(step.duration) + 1)]
    given = step.duration if isinstance(step.duration, Sequence) else (step.duration,)
    whole = all(isinstance(m, (int, float, np.number)) and math.isfinite(m) and int(m) == m for m in given)
    if len(given) not in (1, 3) or not whole:
        raise InputError(
            f"step {step.name!r}: duration is {step.duration!r}; it must be whole months, three of them (least, likeliest, greatest), or a "
            "mapping of months to their chances"
        )
    if len(given) == 1:
        return int(given[0]), []
    low, mode, high = map(int, given)
    if not 0 <= low <= mode <= high:
        raise InputError(
            f"step {step.name!r}: durations {low}, {mode}, {high} must be 0 or more and in ascending order"
        )
    # Whole months of a triangular distribution: month d has the weight of its distance from the ends, so that the ends have a chance too.
    weights = [
        (d - low + 1) / (mode - low + 1) if d <= mode else (high - d + 1) / (high - mode + 1)
        for d in range(low, high + 1)
    ]
    return low, [weight / sum(weights) for weight in weights]
