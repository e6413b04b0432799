# The strategy: horizon, floor and limits, and the plan that is optimised under them.
"""Strategy, plan, and the optimiser on bare arrays."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.dates import MonthLike, month_index, month_text
from custfolio._tables.result import Listing, Result
from custfolio.budget import Budget
from custfolio.errors import InputError
from custfolio.portfolio import Portfolio

if TYPE_CHECKING:
    from custfolio.acquisition import Prospects
    from custfolio.anchoring import Agenda
    from custfolio.growth import Growth
    from custfolio.lifetime import Baseline
    from custfolio.remediation import Offers
    from custfolio.selection import Selection, Statement

__all__ = ["Choice", "Plan", "PlanTable", "Strategy", "optimise"]

_FLOORS = ("current", "baseline", "none")
_FLOOR_ROWS = ("year", "rolling year", "quarter", "month")
_RELAX = ("baseline", "nearest")


class PlanTable(Listing):
    """One table of a plan: its actions, trajectory, overflow, resources or shadow prices."""

    def __init__(self, title: str, columns: Mapping[str, Any], library: str | None, draw: Callable[..., Any]) -> None:
        super().__init__(columns, library)
        self._heading = title
        self._drawn = draw

    def _draw(self, **options: Any) -> Any:
        return self._drawn(self._entries, **options)


def _draw_trajectory(columns: Mapping[str, Any], **options: Any) -> Any:
    from custfolio import plots

    floor = np.asarray(columns["floor"])
    known = np.isfinite(columns["p10"]).all()
    shown = {
        "band": (columns["p10"], columns["p90"]) if known else None,
        "without": (columns["baseline_level"], columns["baseline_heat"]),
    }
    return plots.trajectory(
        columns["month"],
        columns["level"],
        columns["heat"],
        floor if np.isfinite(floor).all() else None,
        **{**shown, **options},
    )


def _draw_bars(columns: Mapping[str, Any], x: str, y: str, colour: str | None = None, **options: Any) -> Any:
    """Draw sums of `y` (or the number of rows, for "count()") by `x` as stacked columns."""
    import altair as alt

    names = [name for name in (x, y, colour) if name is not None and name in columns]
    cells: list[list[Any]] = [list(columns[name]) for name in names]
    values = [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]
    encoding: dict[str, Any] = {
        "x": alt.X(f"{x}:O", title=None),
        "y": alt.Y(
            "count()" if y == "count()" else f"sum({y}):Q", title="Number" if y == "count()" else y.capitalize()
        ),
    }
    if colour is not None:
        encoding["color"] = alt.Color(f"{colour}:N", title=None)
    return alt.Chart(alt.Data(values=values)).mark_bar().encode(**encoding).properties(**options)


def _draw_actions(columns: Mapping[str, Any], **options: Any) -> Any:
    return _draw_bars(columns, "month", "count()", "step", **options)


def _draw_overflow(columns: Mapping[str, Any], **options: Any) -> Any:
    return _draw_bars(columns, "month", "level", **options)


def _draw_resources(columns: Mapping[str, Any], **options: Any) -> Any:
    return _draw_bars(columns, "resource", "used", **options)


def _draw_floors(columns: Mapping[str, Any], **options: Any) -> Any:
    return _draw_bars(columns, "month", "level", **options)


def _draw_relaxed(columns: Mapping[str, Any], **options: Any) -> Any:
    return _draw_bars(columns, "month", "level", "row", **options)


def _draw_prices(columns: Mapping[str, Any], **options: Any) -> Any:
    return _draw_bars(columns, "row", "price", **options)


class Plan(Result):
    """The best plan found: actions by customer and month, their amounts, and a certified bound.

    Amounts are expectations. Made by :meth:`Strategy.optimise`.

    ``plot`` draws the trajectory, with the options of :func:`custfolio.plots.trajectory`.
    """

    _shown_rows = 12

    def __init__(
        self,
        core: _core.Plan,
        strategy: Strategy,
        portfolio: Portfolio,
        offers: Offers | None,
        growth: Growth | None,
        prospects: Prospects | None,
        selection: Selection | None,
        agenda: Agenda | None,
        baseline: Baseline | None = None,
    ) -> None:
        self.core = core
        self._library = portfolio.library
        self.strategy = strategy
        """The settings of the plan."""
        self.portfolio = portfolio
        self.offers = offers
        self.growth = growth
        self.prospects = prospects
        self.selection = selection
        self.agenda = agenda
        self.baseline = baseline
        self.months: int = strategy.months
        """Number of months."""
        self.value: float = core.value
        """Discounted heat of the whole bucket over the horizon, currency: what is maximised."""
        self.bound: float = core.bound
        """Upper bound of the value of any plan within the constraints."""
        self.gap: float = core.gap
        """(bound - value) / |value|: certified."""
        self.duality_gap: float = core.duality_gap
        """bound less the value of the best plan found for any order of overflow, currency."""
        self.order_gap: float = core.order_gap
        """That value less this plan's, currency: at most what the order of overflow costs."""
        self.floor_chance: float = core.floor_chance
        """Chance that all floors hold; NaN where the baseline has no band."""
        self.gain: float = core.gain
        """Value of all actions together: value less that of doing nothing, currency."""
        self.gain_gap: float = core.gain_gap
        """(bound - value) / |gain|, a stricter measure than `gap`."""

    def _table(self, title: str, columns: Mapping[str, Any], draw: Callable[..., Any]) -> PlanTable:
        return PlanTable(title, columns, self._library, draw)

    @cached_property
    def actions(self) -> PlanTable:
        """Actions: month, step, id, name, what, why, and the expected level, heat and hours. By month, then step."""
        columns = {name: values for name, values in self.core.actions.items() if name != "item"}
        return self._table("Actions", columns, _draw_actions)

    @cached_property
    def trajectory(self) -> PlanTable:
        """The bucket month by month: level, heat, temperature, P10 and P90, floor, capacity, and the same without any action.

        ``p10`` and ``p90`` are of the level, ``heat_p10`` and ``heat_p90`` of the heat: the normal distribution whose variance is that of the
        baseline's company level (heat), of the answers to offers and of the wins of prospects, as independent. The uncertainty of action plans is
        not included: :class:`Growth` has it. NaN without a baseline, or where the baseline has no variance.
        """
        return self._table("Trajectory", self.core.trajectory, _draw_trajectory)

    @cached_property
    def overflow(self) -> PlanTable:
        """Customers that flow over, with month and chance, and the actions that have replaced their level by then."""
        columns = self.core.overflow
        columns["replaced_by"] = [
            "; ".join(f"{name} ({step}, {level:,.0f})" for step, _, name, level in by) for by in columns["replaced_by"]
        ]
        return self._table("Overflow", columns, _draw_overflow)

    @cached_property
    def resources(self) -> PlanTable:
        """Expected use of sales hours, deliveries, money and offers, and their limits."""
        return self._table("Resources", self.core.resources, _draw_resources)

    @cached_property
    def shadow_prices(self) -> PlanTable:
        """Value of one more unit of each constraint, in discounted heat."""
        return self._table("Shadow prices", self.core.shadow_prices, _draw_prices)

    @cached_property
    def floors(self) -> PlanTable:
        """Rows of the floor: months, floor, the floor that the plan keeps (`to`), level without action and as planned, and its chance."""
        return self._table("Floors", self.core.floors, _draw_floors)

    @cached_property
    def relaxed(self) -> PlanTable:
        """Floors and capacities that the plan misses: how far without action, with the plan and at best, and what that costs in heat."""
        return self._table("Relaxed", self.core.relaxed, _draw_relaxed)

    @cached_property
    def budget(self) -> Budget:
        """Level and heat per month and source, in whole cents that add up."""
        return Budget.from_plan(self.core.budget, self._library)

    @property
    def notes(self) -> list[str]:
        """Remarks on the input."""
        return self.core.notes

    @cached_property
    def before(self) -> _core.Bucket:
        """The bucket of the reference period, in the calendar months of the plan: actual amounts, not expectations."""
        return self._buckets["before"][0]

    @cached_property
    def without(self) -> _core.Bucket:
        """The bucket over the plan's months without any action: the baseline."""
        return self._buckets["without"][0]

    @cached_property
    def after(self) -> _core.Bucket:
        """The bucket over the plan's months as planned; its customers are those expected at the end, to the nearest one."""
        return self._buckets["after"][0]

    @cached_property
    def _buckets(self) -> dict[str, tuple[_core.Bucket, float, float]]:
        """The three buckets, each with its customers and those below freezing."""
        baseline = None if self.baseline is None else self.baseline.core
        prospects = None if self.prospects is None else self.prospects.core
        return _core.plan_buckets(self.core, self.portfolio.core, baseline, prospects)

    def _columns(self) -> Mapping[str, Any]:
        return self.trajectory.columns()

    def _facts(self) -> Mapping[str, Any]:
        return {
            "months": f"{month_text(self.strategy.first_month)} to {month_text(self.strategy.first_month + self.months - 1)}",
            "discounted heat": self.value,
            "more than without action": self.gain,
            "no plan brings more than": self.bound,
            "gap": f"{self.gap:.1e}",
            "actions": len(self.actions),
            "flow over": len(self.overflow),
        }

    def _draw(self, **options: Any) -> Any:
        return self.trajectory.plot(**options)

    def pages(self, *, statement: Statement | None = None, **texts: Any) -> Any:
        """Return the content of the report and the workbook.

        Parameters
        ----------
        statement : Statement, optional
            Adds the whale curve and the reconciliation.
        **texts
            title, subtitle, period, horizon, unit, source, locale, assumptions: see :class:`custfolio.report.data.PlanPages`.

        Returns
        -------
        custfolio.report.data.PlanPages
            The pages.
        """
        from custfolio.report.data import BucketFigures, PlanPages

        core = self.portfolio.core
        parts: dict[str, Any] = {}
        people: dict[str, Any] = {"customer": core.id, "name": core.name, "revenue": core.revenue}
        for name in ("goods", "cost_to_serve"):
            if getattr(core, name) is not None:
                people[name] = getattr(core, name)
        people |= {"contribution": core.contribution, "temperature": core.temperature()}
        if self.selection is not None:
            people |= {"verdict": self.selection.verdict, "reason": self.selection.reason}
        parts["statement"] = people
        if self.offers is not None:
            # One offer per customer, the one with the highest expected heat, so that the amounts add up.
            best = self.offers.best
            offers = {name: np.asarray(values, dtype=object)[best] for name, values in self.offers.columns().items()}
            parts["offers"] = {
                "customer": offers["customer_id"],
                "name": offers["name"],
                "terms": offers["terms"],
                "burden": _finite(offers["burden"].astype(np.float64)),
                "acceptance": offers["acceptance"].astype(np.float64),
                "expected_heat": offers["expected_heat_change"].astype(np.float64),
            }
        if self.agenda is not None:
            agenda = self.agenda.columns()
            parts["agenda"] = {"customer": agenda["customer_id"]} | {
                name: agenda[name] for name in ("name", "manager", "day", "reason")
            }
        if self.growth is not None:
            growth = self.growth.columns()
            parts["growth"] = {
                "month": growth["month"],
                "expected": growth["contribution"],
                **{name: growth[name] for name in ("p10", "p50", "p90")},
            }
            steps = [(plan.customer, step) for plan in self.growth.plans for step in plan.steps]
            parts["plans"] = {
                "customer": [customer for customer, _ in steps],
                "step": [step.name for _, step in steps],
                "condition": [step.condition for _, step in steps],
                "probability": [step.probability for _, step in steps],
                "payoff": [step.contribution for _, step in steps],
            }
        if self.prospects is not None:
            prospects = self.prospects.core
            parts["prospects"] = {
                "prospect": prospects.id,
                "name": prospects.name,
                "warmth": prospects.warmth,
                "win_probability": prospects.win_probability,
                "expected_level": prospects.win_probability * prospects.level,
                "expected_heat": prospects.win_probability * prospects.heat,
            }
        if statement is not None:
            parts["whale"] = {
                name: getattr(statement.whale, name)
                for name in ("cumulative", "total", "peak", "peak_share", "customers_at_peak", "gini", "loss")
            }
            parts["reconciliation"] = statement.reconciliation.columns()
        months = self.core.trajectory
        shown = {name: months[name] for name in ("month", "level", "heat", "temperature")}
        if np.isfinite(months["p10"]).all():
            shown |= {"level_p10": months["p10"], "level_p90": months["p90"]}
            shown |= {name: months[name] for name in ("heat_p10", "heat_p90")}
        if np.isfinite(months["floor"]).all():
            shown["floor"] = months["floor"]
        parts["trajectory"] = shown | {
            f"{name}_without": months[f"baseline_{name}"] for name in ("level", "heat", "temperature")
        }
        actions = self.core.actions
        parts["actions"] = {"month": actions["month"], "step": actions["step"], "who": actions["name"]} | {
            name: actions[name] for name in ("what", "why")
        }
        gone = self.overflow.columns()
        parts["overflow"] = {"month": gone["month"], "customer": gone["name"]} | {
            name: gone[name] for name in ("level", "heat", "replaced_by")
        }
        parts["budget"] = self.budget.columns()
        prices = self.core.shadow_prices
        parts["shadow_prices"] = {
            name: prices[key] for name, key in (("resource", "row"), ("month", "month"), ("price", "price"))
        }
        before, without, after = (
            BucketFigures.of(self._buckets[name][0], round(self._buckets[name][2]))
            for name in ("before", "without", "after")
        )
        first = self.strategy.first_month
        horizon = f"{month_text(first)} to {month_text(first + self.months - 1)}"
        return PlanPages(
            before=before,
            after=after,
            without=without,
            target=None if self.selection is None else self.selection.target,
            value=self.value,
            bound=self.bound,
            gap=self.gap,
            **{"horizon": horizon, **texts, **parts},
        )

    def report(self, path: str | os.PathLike[str], *, statement: Statement | None = None, **texts: Any) -> None:
        """Write the plan as one self-contained HTML page, whole or not at all.

        Parameters
        ----------
        path : str or path
            The .html file.
        statement, **texts
            As for :meth:`pages`.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        from custfolio.report import html

        html.write(path, self.pages(statement=statement, **texts))

    def to_excel(
        self,
        path: str | os.PathLike[str],
        *,
        statement: Statement | None = None,
        stamp: datetime.datetime | None = None,
        **texts: Any,
    ) -> None:
        """Write the plan as a workbook, whole or not at all.

        Parameters
        ----------
        path : str or path
            The .xlsx file.
        statement, **texts
            As for :meth:`pages`.
        stamp : datetime, optional
            Time of the workbook; default now. The same stamp gives the same bytes.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        from custfolio.report import workbook

        workbook.write(path, self.pages(statement=statement, **texts), stamp=stamp)

    def to_ics(self, path: str | os.PathLike[str], *, stamp: datetime.datetime | None = None) -> None:
        """Write the agenda as an iCalendar file, whole or not at all.

        Parameters
        ----------
        path : str or path
            The .ics file.
        stamp : datetime, optional
            Time of the calendar; default now. The same stamp gives the same bytes.

        Raises
        ------
        InputError
            If the plan was made without an agenda.
        OSError
            If the file cannot be written.
        """
        if self.agenda is None:
            raise InputError("the plan has no agenda; pass one: strategy.optimise(..., agenda=cf.anchor(...))")
        self.agenda.to_ics(path, stamp=stamp)

    def coaster(self, path: str | os.PathLike[str], **options: Any) -> None:
        """Write the picture of the bucket before and after as an SVG file, whole or not at all.

        Parameters
        ----------
        path : str or path
            The .svg file.
        **options
            As for :func:`custfolio.report.bucket_picture.write`.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        from custfolio.report import bucket_picture

        pages = self.pages()
        bucket_picture.write(path, *pages.buckets, **{"target": pages.target, **options})


def _finite(values: NDArray[np.float64]) -> list[float | None]:
    """Return numbers, with None for those that are not finite, for pages."""
    return [value if np.isfinite(value) else None for value in np.asarray(values).tolist()]


@dataclass(frozen=True)
class Strategy:
    """Constraints and assumptions of a plan.

    Parameters
    ----------
    start : str or date
        First month, "2022-01".
    months : int
        Number of months, 1 to 120.
    floor : {"current", "baseline", "none"}, float or sequence of float
        Least level of each row: that of the same months of the reference year; the level without any action (the baseline);
        none; an amount for a full row; or one amount per row.
    floor_every : {"year", "rolling year", "quarter", "month"}
        Rows of the floor: each twelve months from the start, the twelve months that end in each month, each three months, or
        each month.
    reference : str or date, optional
        First month of the reference year. Default: the last twelve whole months before the start.
    capacity : float or sequence of float, optional
        Greatest level.
    limits : mapping
        ``sales_hours``, ``deliveries``, ``money``, ``offers``: one number for the whole horizon, or one per month.
    discount_rate : float
        A year, a fraction: the heat of month m (from 0) counts (1 + rate)^(-m / 12).
    notice_months : int
        Months from an offer to its answer, when new terms begin.
    lead_months : int
        Months from a pursuit's start to the newcomer's first month.
    hours_per_offer, cost_per_offer, cost_per_pursuit : float
        Sales hours of an offer; money of an offer and of a pursuit, currency.
    interval : int
        Offers and pursuits may begin in every `interval`-th month.
    refused : sequence of str
        Customers that refused earlier. They may flow over from the first month on without an offer.
    may_leave : sequence of str
        Customers that flow over although the selection keeps them as interesting.
    replaced_by_room : bool
        Let room above the floor count as replacement.
    relax : {"baseline", "nearest"}
        Floors and capacities that no plan keeps: fall to the level without action, or come as near as possible.
    strict : bool
        Raise instead of relaxing a floor or capacity.
    currency : str
        Code of the currency of all amounts.
    minor_digits : int
        Its digits after the decimal point.

    Raises
    ------
    InputError
        If a setting is of the wrong kind; ranges are checked when the plan is made.
    """

    start: MonthLike
    months: int = 12
    floor: str | float | Sequence[float] = "current"
    floor_every: str = "year"
    reference: MonthLike | None = None
    capacity: float | Sequence[float] | None = None
    limits: Mapping[str, float | Sequence[float]] = field(default_factory=dict)
    discount_rate: float = 0.0
    notice_months: int = 1
    lead_months: int = 1
    hours_per_offer: float = 0.0
    cost_per_offer: float = 0.0
    cost_per_pursuit: float = 0.0
    interval: int = 1
    refused: Sequence[str] = ()
    may_leave: Sequence[str] = ()
    replaced_by_room: bool = False
    relax: str = "baseline"
    strict: bool = False
    currency: str = "EUR"
    minor_digits: int = 2

    def __post_init__(self) -> None:
        month_index(self.start, "start")
        if isinstance(self.floor, str) and self.floor not in _FLOORS:
            raise InputError(
                f"floor is {self.floor!r}; it must be {', '.join(map(repr, _FLOORS))}, an amount, or one per row"
            )
        for name, value, choices in (("floor_every", self.floor_every, _FLOOR_ROWS), ("relax", self.relax, _RELAX)):
            if value not in choices:
                raise InputError(f"{name} is {value!r}; it must be {', '.join(map(repr, choices))}")

    @property
    def first_month(self) -> int:
        """First month of the plan, as months since January 1970."""
        return month_index(self.start, "start")

    def optimise(
        self,
        portfolio: Portfolio,
        *,
        offers: Offers | None = None,
        growth: Growth | None = None,
        prospects: Prospects | None = None,
        selection: Selection | None = None,
        agenda: Agenda | None = None,
        baseline: Baseline | None = None,
        threads: int = 0,
        progress: Callable[[float], object] | None = None,
    ) -> Plan:
        """Make the best plan: one course of action for every customer and prospect.

        Parameters
        ----------
        portfolio : Portfolio
            The customers of the reference period.
        offers, growth, prospects : optional
            Results of :func:`remediate`, :func:`grow` and :func:`acquire`.
        selection : Selection, optional
            Shown with the plan. Customers that it keeps as interesting flow over only if listed in `may_leave`.
        agenda : Agenda, optional
            Shown with the plan.
        baseline : Baseline, optional
            Level and heat without any action: :func:`custfolio.lifetime.baseline` of this portfolio, over the horizon.
            Default: each month of the reference period repeats, at the period's temperature.
        threads : int
            0 for all cores; the plan has the same bits for any number.
        progress : callable, optional
            Function of the fraction done, which never falls. Ctrl-C ends the call with or without it.

        Returns
        -------
        Plan
            All limits are kept, and all floors and capacities that are not in its table ``relaxed``.

        Raises
        ------
        InfeasibleError
            If no plan keeps the limits, or with ``strict`` if none keeps all rows; the message and the attribute
            ``relaxation`` (a list of dicts) have a sufficient change.
        InputError
            If a setting is out of range, or a result is of another portfolio or does not fit.
        NotFoundError
            If an action plan or `refused` names a customer outside the portfolio.
        """
        for shown, what in ((selection, "the selection is"), (agenda, "the agenda is")):
            if shown is not None:
                _core.require_same(shown.identity, portfolio.identity, what)
        floor, amounts = self._floor()
        settings = {
            "start": self.first_month,
            "months": self.months,
            "floor": floor,
            "floor_level": amounts,
            "capacity": [] if self.capacity is None else _amounts(self.capacity, "capacity"),
            "limits": {name: _amounts(limit, f"limits[{name!r}]") for name, limit in self.limits.items()},
            **{
                name: getattr(self, name)
                for name in (
                    "discount_rate",
                    "notice_months",
                    "lead_months",
                    "hours_per_offer",
                    "cost_per_offer",
                    "cost_per_pursuit",
                    "interval",
                )
            },
            "reference": None if self.reference is None else month_index(self.reference, "reference"),
            **{
                name: getattr(self, name)
                for name in ("floor_every", "replaced_by_room", "relax", "strict", "currency", "minor_digits")
            },
            "refused": [str(customer) for customer in self.refused],
            "interesting": []
            if selection is None
            else [portfolio.ids[k] for k in selection.rows("keep") if not selection.warm[k]],
            "may_leave": [str(customer) for customer in self.may_leave],
        }
        core = _core.optimise_plan(
            settings,
            portfolio.core,
            None if offers is None else offers.core,
            None if growth is None else growth.core,
            None if prospects is None else prospects.core,
            None if baseline is None else baseline.core,
            threads=threads,
            progress=progress,
        )
        return Plan(core, self, portfolio, offers, growth, prospects, selection, agenda, baseline)

    def _floor(self) -> tuple[str, list[float]]:
        if isinstance(self.floor, str):
            return self.floor, []
        amounts = _amounts(self.floor, "floor")
        return ("number" if np.ndim(self.floor) == 0 else "column"), amounts


def _amounts(value: Any, what: str) -> list[float]:
    """Return a number or a sequence of numbers as a list."""
    try:
        return [float(amount) for amount in np.atleast_1d(np.asarray(value, dtype=np.float64))]
    except (TypeError, ValueError):
        raise InputError(f"{what} is {value!r}; it must be a number, or one per month") from None


@dataclass(frozen=True)
class Choice:
    """The answer to :func:`optimise`.

    Attributes
    ----------
    choice : array of int, shape (n,)
        The course of every customer. Where the problem is infeasible: the choice with the smallest violation found.
    value, bound, gap : float
        Sum of the chosen values; no feasible choice is worth more than `bound`; (bound - value) / max(|value|, 1e-12).
    usage, prices : array of float, shape (r,)
        Sum of each row over the chosen courses, and the value of one more unit of its bound.
    feasible, proven : bool
        Whether all rows are kept; whether the choice is proven best (or, where it is not feasible, that none is feasible).
    relaxation : array of float, shape (r,)
        How far the choice violates each row.
    iterations : int
        Cutting-plane iterations.
    """

    choice: NDArray[np.int64]
    value: float
    bound: float
    gap: float
    usage: NDArray[np.float64]
    prices: NDArray[np.float64]
    feasible: bool
    proven: bool
    relaxation: NDArray[np.float64]
    iterations: int


def optimise(
    value: ArrayLike,
    usage: ArrayLike,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    *,
    threads: int = 0,
    progress: Callable[[float], object] | None = None,
) -> Choice:
    """Choose one course for every customer under common rows, with a certified bound.

    Parameters
    ----------
    value : array_like, shape (n, k)
        Value of each course; NaN where a customer has no such course.
    usage : array_like, shape (n, k, r)
        Amount that each course adds to each row.
    lower, upper : array_like, shape (r,), optional
        Least and greatest sum of each row; none by default or where infinite.
    threads : int
        0 for all cores; the result has the same bits for any number.
    progress : callable, optional
        Called with the fraction done.

    Returns
    -------
    Choice
        The choice, its value and bound, and the rows' shadow prices. Lagrangian dual by cutting planes, rounding, repair, exact search.

    Raises
    ------
    InputError
        If shapes differ, a customer has no course, a number is not finite, or a lower bound exceeds the upper one.
    """
    values = np.asarray(value, dtype=np.float64)
    used = np.asarray(usage, dtype=np.float64)
    rows = used.shape[-1] if used.ndim == 3 else 0
    least = np.full(rows, -np.inf) if lower is None else np.asarray(lower, dtype=np.float64)
    most = np.full(rows, np.inf) if upper is None else np.asarray(upper, dtype=np.float64)
    if values.ndim == 2 and used.ndim == 3:
        used = np.where(np.isnan(values)[:, :, None], 0.0, used)
    return Choice(**_core.optimise_arrays(values, used, least, most, threads=threads, progress=progress))
