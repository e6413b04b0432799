# The forecast of action plans: expectation and distribution of their payoffs in each month, before and after known outcomes.
"""The forecast of a set of action plans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked, real, text
from custfolio._tables.dates import MonthLike, month_index, month_text
from custfolio._tables.frames import TableLike, library_of
from custfolio._tables.result import STATE_FORMAT, Result, check_state_format
from custfolio.distribution import Distribution, MonthlyAmounts, Recipe
from custfolio.errors import InputError, NotFoundError
from custfolio.growth import _steps
from custfolio.growth._plan_frames import plans_from_frame
from custfolio.growth._plan_steps import check_plan, step_columns
from custfolio.growth._plans import MARKET, ActionPlan
from custfolio.growth._steps import Steps
from custfolio.growth._time_to_target import TimeToTarget

__all__ = ["Growth", "grow"]


@checked
class Growth(Result):
    """The payoffs of a set of action plans in each month of a horizon. Made by :func:`grow`.

    ``plot`` draws the expected contribution per month with its band from P10 to P90, with the options of :func:`custfolio.plots.growth`.
    """

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

    @property
    def core(self) -> _core.GrowthForecast:
        """The forecast as an object of the core, for other modules."""
        return self._core

    @property
    def first_month(self) -> int:
        """First month of the horizon, as months since January 1970."""
        return self._start

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle or a copy stores: the plans and settings, from which the same bits are computed again."""
        return {
            "format": STATE_FORMAT,
            "plans": self.plans,
            "start": self._start,
            "months": len(self.months),
            "library": self._library,
            "settings": self._settings,
            "outcomes": self._outcomes,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Make the forecast of a state again; InputError where its format is another one."""
        check_state_format(state.get("format"), "Growth")
        made = grow(state["plans"], month_text(state["start"]), state["months"], **state["settings"])
        vars(self).update(vars(made.given(state["outcomes"]) if state["outcomes"] else made), _library=state["library"])

    @property
    def notes(self) -> list[str]:
        """Remarks on the plans: steps that cannot pay, or cannot start, within the horizon, and plans of the same name."""
        twice = Counter((plan.customer, plan.name) for plan in self.plans)
        return [
            *(
                f"customer {customer} has {count} plans named {name!r}: all count, and a name stands for the steps of all of them"
                for (customer, name), count in twice.items()
                if count > 1
            ),
            *self._core.notes,
        ]

    @property
    def expected(self) -> NDArray[np.float64]:
        """Success-probability-weighted budget: expected contribution per month, currency; exact."""
        return self._core.expected("contribution")

    @property
    def expected_revenue(self) -> NDArray[np.float64]:
        """Expected net revenue per month, currency; exact."""
        return self._core.expected("revenue")

    def distribution(
        self, first: MonthLike | None = None, last: MonthLike | None = None, payoff: str = "contribution"
    ) -> Distribution:
        """Return the distribution of the sum of all plans from one month to another.

        Parameters
        ----------
        first, last : str or date, optional
            Months of the horizon, both included; by default its first and its last.
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
        return Distribution(
            self._core.range(*self._span(first, last), payoff)[0], Recipe(self.distribution, (first, last, payoff))
        )

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
        spans.append((first, last))
        return [
            Distribution(one, Recipe(self.distribution, (month_text(begin), month_text(end), payoff)))
            for one, (begin, end) in zip(self._core.ranges(spans, payoff), spans, strict=True)
        ]

    def simulation_error(
        self, first: MonthLike | None = None, last: MonthLike | None = None, payoff: str = "contribution"
    ) -> float:
        """Return the standard error of the chances of :meth:`distribution`.

        Parameters
        ----------
        first, last, payoff
            As for :meth:`distribution`.

        Returns
        -------
        float
            0 where every graph of steps is computed exactly. Else the greatest standard error of the simulated graphs; where factors
            cross, all are simulated.

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

    def given(self, outcomes: Mapping[tuple[str, str, str], MonthLike]) -> Growth:
        """Return the forecast with known outcomes of some steps.

        Expectations of the plans that depend on these steps are recomputed. Distributions are computed when you ask for them.

        An outcome is a fact. A step that has succeeded in its month lets later steps start, whatever was planned. A failed step never
        succeeds. The steps before it stay as uncertain as they are, unless you pass their outcomes too. Hours and spend of the step are
        past, and no longer counted.

        Parameters
        ----------
        outcomes : mapping of (customer, plan, step) to outcome
            "failed"; "succeeded" (in the first month of the horizon); or the month of success, "2022-03" or a date, also before the
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
            If an outcome is another value, or a success is dated after the horizon.
        """
        known = []
        for key, outcome in outcomes.items():
            plan, step = self._place(key)
            if outcome == "failed":
                known.append((plan, step, False, self._start))
            elif outcome == "succeeded":
                known.append((plan, step, True, self._start))
            else:
                known.append((plan, step, True, self._month_of_success(key[2], outcome)))
        result = Growth(self._core.given(known), self.plans, self._start, len(self.months), self._library)
        result.__dict__["_places"] = self._places
        result.correlation = self.correlation
        result._settings = self._settings
        result._outcomes = self._outcomes | dict(outcomes)
        return result

    @staticmethod
    def _month_of_success(step: str, outcome: MonthLike) -> int:
        """Return the month of a success; the error names all outcomes."""
        try:
            return month_index(outcome, "outcome")
        except InputError:
            raise InputError(
                f"outcome of step {step!r} is {outcome!r}; it must be 'succeeded', 'failed', or the month of success, such as '2022-03'"
            ) from None

    update = given
    """Another name of :meth:`given`."""

    def monthly_amounts(self, figure: str = "payoffs") -> MonthlyAmounts:
        """Return the amounts by plan and month, for a budget.

        Parameters
        ----------
        figure : {"payoffs", "spend", "hours"}
            Revenue and contribution; or the spend or the hours of attempts, as costs of the month in which an attempt starts.

        Returns
        -------
        MonthlyAmounts
            One item a plan, with the distribution of any sum of shares of months.

        Raises
        ------
        InputError
            If `figure` is unknown.
        """
        keys = [(plan.customer, plan.name) for plan in self.plans]
        return MonthlyAmounts(_core.plan_amounts(self._core, figure), keys, Recipe(self.monthly_amounts, (figure,)))

    def _place(self, key: tuple[str, str, str]) -> tuple[int, int]:
        if not (isinstance(key, tuple) and len(key) == 3):
            raise InputError(f"{key!r} names no step; a step is named by (customer, plan, step)")
        places = self._places.get((str(key[0]), str(key[1]), str(key[2])))
        if places is None:
            raise NotFoundError(f"there is no step {key[2]!r} in plan {key[1]!r} of customer {key[0]!r}")
        if len(places) > 1:
            raise InputError(
                f"{len(places)} steps are named {key[2]!r} in plan {key[1]!r} of customer {key[0]!r}; give them, or their plans, different names"
            )
        return places[0]

    @cached_property
    def _places(self) -> dict[tuple[str, str, str], list[tuple[int, int]]]:
        """Plan and position of every step by its names, which several may have."""
        places: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
        for p, plan in enumerate(self.plans):
            for k, step in enumerate(plan.steps):
                places.setdefault((str(plan.customer), str(plan.name), str(step.name)), []).append((p, k))
        return places

    def time_to_target(self, amount: float, payoff: str = "contribution") -> TimeToTarget:
        """Return the chance, month by month, that the plans have brought an amount.

        Parameters
        ----------
        amount : float
            The target, cumulated from the horizon's first month, currency.
        payoff : {"contribution", "revenue"}
            Which payoff.

        Returns
        -------
        TimeToTarget
            The chance that the target is reached by the end of each month, from the distribution of the sum to that month. And the chance
            that it is not reached within the horizon.

        Raises
        ------
        InputError
            If the amount is not a number or `payoff` is not known.
        """
        return TimeToTarget(amount, self.months, _core.time_to_target(self._core, amount, payoff), self.library)

    def _span(self, first: MonthLike | None = None, last: MonthLike | None = None) -> tuple[int, int]:
        """Return the first and the last month of a span; by default those of the horizon."""
        begin = self._start if first is None else month_index(first, "first")
        end = self._start + len(self.months) - 1 if last is None else month_index(last, "last")
        return begin, end

    def sensitivity(self, target: float | None = None, payoff: str = "contribution", top: int | None = None) -> Steps:
        """Return the worth of one point (0.01) of success chance of each step over the horizon.

        Parameters
        ----------
        target : float, optional
            An amount to reach by the end of the horizon, currency. The table then has the chance that a point adds.
        payoff : {"contribution", "revenue"}
            Which payoff.
        top : int, optional
            Number of steps, the greatest worth first; by default all. The chance takes a sum over all plans per graph of steps.

        Returns
        -------
        Steps
            Columns customer, plan, step, worth (currency per point) and, with a target, chance (added per point): exact derivatives by
            the `probability` of the step.

        Raises
        ------
        InputError
            If a graph of steps is too large to be computed exactly.
        """
        return _steps.sensitivity(self, target, payoff, top)

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
            Columns customer, plan, step, success (chance to succeed within the horizon) and share. The share is the mean part of the
            variance that the outcome of the step takes away: Var(E[X | S]) / Var(X) = Cov(X, S)^2 / (Var(S) Var(X)). Shares of steps
            that depend on each other overlap: they do not add up to 1.

        Raises
        ------
        InputError
            If a graph of steps is too large to be computed exactly.
        """
        return _steps.uncertainty(self, top, payoff)

    def needed(self, target: float, probability: float = 0.8, payoff: str = "contribution", top: int = 5) -> Steps:
        """Return the amount to add to reach a target by the end of the horizon with a probability.

        Parameters
        ----------
        target : float
            Amount to be reached, currency.
        probability : float
            In [0, 1].
        payoff : {"contribution", "revenue"}
            Which payoff.
        top : int
            Number of steps, those that carry most of the uncertainty.

        Returns
        -------
        Steps
            Facts: the chance to reach the target now, and the certain amount to add (0 if none). Columns customer, plan, step, success,
            and chance: to reach the target if the step succeeds.

        Raises
        ------
        InputError
            If the probability is out of range, or a graph of steps is too large to be computed exactly.
        """
        return _steps.needed(self, target, probability, payoff, top)

    @cached_property
    def _total(self) -> Distribution:
        return self.distribution()

    def quantile(self, probability: ArrayLike) -> Any:
        """Return the contribution of the whole horizon that is not exceeded with a probability.

        Parameters
        ----------
        probability : float or array_like
            In [0, 1].

        Returns
        -------
        float or array of the shape of `probability`
            Currency.

        Raises
        ------
        InputError
            If a probability is no number, or out of range.
        """
        return self._total.quantile(probability)

    def probability(self, reach: ArrayLike, by: MonthLike | None = None) -> Any:
        """Return the chance that the plans have brought an amount of contribution by the end of a month.

        Parameters
        ----------
        reach : float or array_like
            The amount, currency.
        by : str or date, optional
            The month, included; by default the last of the horizon.

        Returns
        -------
        float or array of the shape of `reach`
            In [0, 1].

        Raises
        ------
        InputError
            If an amount is no number, or the month is not in the horizon.
        """
        amount = self._total if by is None else self.distribution(last=by)
        return amount.probability_at_least(reach)

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

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        table = self._table
        return plots.growth(table["month"], table["contribution"], p10=table["p10"], p90=table["p90"], **options)


@checked
def grow(
    plans: ActionPlan | Iterable[ActionPlan] | TableLike,
    start: MonthLike,
    months: int = 12,
    *,
    correlation: float | Mapping[str, float] = 0.0,
    events: Mapping[str, float | tuple[float, MonthLike]] | None = None,
    limit: int = 1 << 18,
    paths: int = 1 << 16,
    seed: int = 1,
) -> Growth:
    """Forecast the payoffs of action plans.

    Plans that wait for each other's steps, or for the same uncertain event, form one graph. Graphs are independent but for the factors of
    `correlation`. A graph is computed exactly, by conditioning on the months in which steps succeed. A graph of more than `limit` amounts
    at once is simulated: see :meth:`Growth.simulation_error`.

    Parameters
    ----------
    plans : sequence of ActionPlan, frame, or mapping of columns
        The plans; a frame has one row per step, see :func:`plans_from_frame`.
    start : str or date
        First month of the horizon, "2022-01".
    months : int
        Number of months, 1 to 1200.
    correlation : float or mapping of str to float
        Share of one common factor Z (the economy, say) in every success, in [0, 1). Z is standard normal, the same for all plans and
        months. Given Z, each attempt succeeds with the chance ``Phi((Phi^-1(p) - sqrt(correlation) Z) / sqrt(1 - correlation))``,
        independently of all others. Durations, sizes and external events do not depend on Z. Plans of one attempt keep their
        expectation. That of a chain rises, because a first success makes a good Z more probable; that of retries falls.

        Several factors by name: ``{"market": 0.1, "manager": 0.05}``. "market" is common to all plans. Each label of another factor
        (:attr:`ActionPlan.factors`, or the column of that name) has its own value. The latent variable of an attempt is
        ``sqrt(r_market) Z + sum sqrt(r_j) Z_(j, label) + sqrt(1 - sum r) eps``, so the expectation of a plan depends on the sum alone.
        Distributions are exact with one such factor beside the market. Where several factors cross, or plans with different labels wait
        for each other, they come from `paths` simulations: see :attr:`Growth.notes`.
    events : mapping of str to float or (float, month), optional
        External events that steps may wait for: an appointment, accepted terms. The value is the probability, 0 or 1 if it is known, and
        the month at whose beginning the event happens, by default the first of the horizon.
    limit : int
        Greatest number of amounts of one graph at once.
    paths, seed : int
        Simulations of a graph that is too large, and their seed.

    Returns
    -------
    Growth
        The expected budget per month, exact, and the distribution of any span of months.

    Raises
    ------
    InputError
        If a plan is not valid (the text names customer, plan and step), has no label of a factor, correlations sum to 1 or more, or the
        horizon is out of range.
    """
    first = month_index(start, "start")
    if isinstance(months, bool) or not isinstance(months, (int, np.integer)):
        raise InputError(f"months is {months!r}; it must be a whole number of months, 1 to 1200")
    shares = {
        str(name): real(share, "correlation")
        for name, share in (correlation.items() if isinstance(correlation, Mapping) else [(MARKET, correlation)])
    }
    market = shares.pop(MARKET, 0.0)
    library: str | None = None
    plain = isinstance(plans, Iterable) and not isinstance(plans, (str, bytes, Mapping))
    if isinstance(plans, ActionPlan) or (
        plain and (isinstance(plans, Sequence) or not (hasattr(plans, "columns") or hasattr(plans, "column_names")))
    ):
        chosen = [plans] if isinstance(plans, ActionPlan) else list(plans)
        for at, plan in enumerate(chosen):
            if not isinstance(plan, ActionPlan):
                raise InputError(
                    f"plans must be ActionPlan objects, or a frame with one row a step; number {at + 1} is {type(plan).__name__}"
                )
            check_plan(plan)
    else:
        table = cast("TableLike", plans)
        if not isinstance(table, Mapping):
            library = library_of(table)
        chosen = plans_from_frame(table, tuple(shares))
    for plan in chosen:
        if MARKET in plan.factors:
            raise InputError(
                f"customer {plan.customer}, plan {plan.name!r} has the label {plan.factors[MARKET]!r} of factor {MARKET!r}, which is common "
                "to all plans; give the factor another name"
            )
    begin = np.cumsum([0, *(len(plan.steps) for plan in chosen)])
    given = []
    for name, event in (events or {}).items():
        chance, month = event if isinstance(event, (tuple, list)) and len(event) == 2 else (event, None)
        begins = first if month is None else month_index(month, f"event {name!r}")
        given.append((text(name, "the name of an event"), real(chance, f"event {name!r}: probability"), begins))
    core = _core.GrowthForecast(
        customer=[plan.customer for plan in chosen],
        plan=[plan.name for plan in chosen],
        begin=begin,
        steps=step_columns(chosen, first),
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
    growth.correlation = {name: share for name, share in ({MARKET: market} | shares).items() if share > 0}
    growth._settings = {"correlation": correlation, "events": events, "limit": limit, "paths": paths, "seed": seed}
    return growth
