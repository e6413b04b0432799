# The strategy and its plan: settings and the optimisation, tables, sentences and files.
"""Strategy: the constraints and assumptions of a plan. Plan: actions by customer and month, with a certified bound."""

from __future__ import annotations

import datetime
import math
import os
import re
import reprlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._paged import Paged
from custfolio._reading.currencies import checked_code
from custfolio._tables.arguments import checked, reals, text
from custfolio._tables.dates import MonthLike, month_index, month_text
from custfolio._tables.frames import FrameLike, TableLike
from custfolio._tables.result import Listing
from custfolio.acquisition import Prospects
from custfolio.anchoring import Agenda
from custfolio.budget import Budget
from custfolio.errors import InfeasibleError, InputError, RelaxedWarning
from custfolio.growth import Growth
from custfolio.lifetime import Baseline
from custfolio.portfolio import Portfolio
from custfolio.remediation import Offers
from custfolio.selection import Selection, Statement
from custfolio.strategy import _file
from custfolio.strategy._chances import ChanceTable
from custfolio.strategy._comparison import PlanComparison
from custfolio.strategy._groups import checked_groups, members
from custfolio.strategy._rules import Exit, exits_of, holdings_of
from custfolio.strategy._simulation import PlanSimulation
from custfolio.strategy._summary import sentences

__all__ = ["Plan", "PlanTable", "Strategy"]

_FLOORS = ("current", "baseline", "none")
_FLOOR_ROWS = ("year", "rolling year", "quarter", "month")
_RELAX = ("baseline", "nearest")
_MOST_MONTHS = 120

_ORDER = ("anchoring", "remediation", "growth", "acquisition", "overflow")
"""One customer's actions of a month in their order: review, offer, action plan, overflow."""


def _informative(names: list[str], rows: list[list[Any]], total: int) -> tuple[list[str], list[list[Any]], int]:
    """Return the head of a table to be shown, without columns that have no finite number: no capacity, no limit, no band."""
    kept = [
        k for k in range(len(names)) if not all(isinstance(row[k], float) and not np.isfinite(row[k]) for row in rows)
    ]
    kept = kept if rows else list(range(len(names)))
    return [names[k] for k in kept], [[row[k] for k in kept] for row in rows], total


class PlanTable(Listing):
    """One table of a plan, such as its actions or its trajectory."""

    def __init__(self, title: str, columns: Mapping[str, Any], library: str | None, draw: Callable[..., Any]) -> None:
        super().__init__(columns, library)
        self._heading = title
        self._drawn = draw

    def _draw(self, **options: Any) -> Any:
        return self._drawn(self._entries, **options)

    def _head(self) -> tuple[list[str], list[list[Any]], int]:
        return _informative(*super()._head())


def _draw_trajectory(columns: Mapping[str, Any], by_month: bool, **options: Any) -> Any:
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
        floor if by_month and np.isfinite(floor).all() else None,
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


@checked
class Plan(Paged):
    """The best plan found: actions by customer and month, their amounts, and a certified bound.

    All amounts and counts of the plan are expectations. Made by :meth:`Strategy.optimise`.

    ``plot`` draws the trajectory, with the options of :func:`custfolio.plots.trajectory`.
    """

    _shown_rows = 12
    reviews_filled: int = 0
    """Number of reviews that took the places of dropped ones."""
    _previous: Sequence[Any] = ()
    """Courses of the plan before it, for the core."""

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
        previous: Sequence[Any] = (),
        labels: Mapping[str, Mapping[Any, Any]] | None = None,
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
        gone = core.overflow
        self.agenda = agenda if agenda is None else agenda.ended(dict(zip(gone["id"], gone["month"], strict=True)))
        """The agenda, without reviews of customers who have flowed over."""
        self.reviews_dropped: int = 0 if agenda is None or self.agenda is None else len(agenda) - len(self.agenda)
        """Number of these reviews; they are the last ones of ``agenda.unplaced``."""
        self.baseline = baseline
        if previous:
            self._previous = previous
        self.labels = {name: dict(table) for name, table in (labels or {}).items()}
        """Who is in the groups of the strategy."""
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
        self.chance_cost: float = core.chance_cost
        """Value of the plan without :attr:`Strategy.chance` less this plan's, currency: at most what the chance costs."""
        self.effort: int = core.effort
        """Steps of work that the search took; see :meth:`Strategy.optimise`."""
        self.floor_chance: float = core.floor_chance
        """Chance that all floors hold; NaN where the baseline has no band, or without a floor."""
        self.gain: float = core.gain
        """Value of all actions together: value less that of doing nothing, currency."""
        self.gain_gap: float = core.gain_gap
        """(bound - value) / |gain|, a stricter measure than `gap`."""
        self.customers_after: float = core.customers_after
        """Customers expected at the end: those who stay, and newcomers who are won. One who may stop buying by itself counts."""
        self.ice_cubes_after: float = core.ice_cubes_after
        """Customers expected to stay with a negative heat over the plan's months."""

    def _table(self, title: str, columns: Mapping[str, Any], draw: Callable[..., Any]) -> PlanTable:
        return PlanTable(title, columns, self._library, draw)

    @cached_property
    def summary(self) -> list[str]:
        """The plan in sentences. Where a floor could not be kept, the first one states by how much; else the gain over no action."""
        return sentences(self)

    @cached_property
    def actions(self) -> PlanTable:
        """Reviews, offers, action plans, pursuits and customers who flow over, by month and customer; each customer's in this order.

        Columns: month, step, id, name, what, why, the expected change of level and heat, hours, the month of an offer's answer, manager and due.
        ``manager`` is that of the pursuit or of the customer in the agenda, "" where there is none. ``due`` is the day of a review, and the last
        day of the month of any other action.
        """
        made = {name: list(values) for name, values in self.core.actions.items() if name != "item"}
        pursued = [] if self.prospects is None else list(self.prospects.columns()["manager"])
        made["manager"] = [
            pursued[int(item)] if step == "acquisition" else ""
            for item, step in zip(self.core.actions["item"], made["step"], strict=True)
        ]
        made["due"] = [""] * len(made["step"])
        if self.agenda is not None:
            reviews = self.agenda.columns()
            days = [str(day) for day in reviews["day"]]
            nothing = [0.0] * len(days)
            made = _joined(made, {
                "month": [day[:7] for day in days], "step": ["anchoring"] * len(days), "id": reviews["customer_id"],
                "name": reviews["name"],
                "what": [f"review with {who} on {day}" for who, day in zip(reviews["manager"], days, strict=True)],
                "why": reviews["reason"], "level": nothing, "heat": nothing, "hours": nothing, "answer": [""] * len(days),
                "manager": reviews["manager"], "due": days,
            })  # fmt: skip
        gone = self.core.overflow
        certain = [probability >= 1 for probability in gone["probability"]]
        ways = [self._ways.get(identity, "flow over") for identity in gone["id"]]
        made = _joined(made, {
            "month": gone["month"], "step": ["overflow"] * len(certain), "id": gone["id"], "name": gone["name"],
            "what": [way if sure else f"{way} if the offer is refused" for way, sure in zip(ways, certain, strict=True)],
            "why": gone["why"], "level": [-level for level in gone["level"]], "heat": [-heat for heat in gone["heat"]],
            "hours": [0.0] * len(certain), "answer": [""] * len(certain),
        })  # fmt: skip
        row = {identity: k for k, identity in enumerate(self.portfolio.ids)}
        keys = [
            (month, len(row) if step == "acquisition" else row[identity], _ORDER.index(step))
            for month, step, identity in zip(made["month"], made["step"], made["id"], strict=True)
        ]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        columns: dict[str, Any] = {name: [values[k] for k in order] for name, values in made.items()}
        columns |= {name: np.asarray(columns[name], dtype=np.float64) for name in ("level", "heat", "hours")}
        managers = self._managers()
        columns["manager"] = [
            manager or ("" if step == "acquisition" else managers.get(identity, ""))
            for manager, step, identity in zip(columns["manager"], columns["step"], columns["id"], strict=True)
        ]
        last = (np.asarray(columns["month"], dtype="datetime64[M]") + 1).astype("datetime64[D]") - 1
        days = [day or str(end) for day, end in zip(columns["due"], last, strict=True)]
        columns["due"] = np.asarray(days, dtype="datetime64[D]")
        return self._table("Actions", columns, partial(_draw_bars, x="month", y="count()", colour="step"))

    @cached_property
    def agenda_requests(self) -> PlanTable:
        """Meetings that offers, action plans and pursuits need, by month and customer, and the review that already is there.

        Columns: month, id, name, step, what, manager, day. ``day`` is the first review of the customer in that month in the agenda; NaT where
        there is none, so that a meeting must be made.
        """
        actions = self.actions.columns()
        rows = [k for k, step in enumerate(actions["step"]) if step in ("remediation", "growth", "acquisition")]
        columns: dict[str, Any] = {
            name: [actions[name][k] for k in rows] for name in ("month", "id", "name", "step", "what", "manager")
        }
        first: dict[tuple[str, str], str] = {}
        if self.agenda is not None:
            reviews = self.agenda.columns()
            for who, day in sorted(zip(reviews["customer_id"], map(str, reviews["day"]), strict=True)):
                first.setdefault((who, day[:7]), day)
        met = [
            "NaT" if step == "acquisition" else first.get((who, month), "NaT")
            for who, month, step in zip(columns["id"], columns["month"], columns["step"], strict=True)
        ]
        columns["day"] = np.asarray(met, dtype="datetime64[D]")
        return self._table("Meetings", columns, partial(_draw_bars, x="month", y="count()", colour="step"))

    def _managers(self) -> dict[str, str]:
        """Return the manager of each customer in the agenda, also of those without a place."""
        if self.agenda is None:
            return {}
        tables = (self.agenda.unplaced.columns(), self.agenda.columns())
        return {who: name for table in tables for who, name in zip(table["customer_id"], table["manager"], strict=True)}

    @cached_property
    def trajectory(self) -> PlanTable:
        """The bucket month by month: level, heat, temperature, P10 and P90, floor, capacity, and the same without any action.

        ``new_business`` and ``new_business_heat`` are the part of level and heat that newcomers as usual, and customers who come back, bring:
        with and without action.

        ``p10`` and ``p90`` are of the level, ``heat_p10`` and ``heat_p90`` of the heat: the normal distribution whose variance is that of the
        baseline's company level (heat), of the answers to offers, of the wins of prospects and of action plans, as independent. NaN without a
        baseline, or where the baseline has no variance.
        """
        return self._table("Trajectory", self.core.trajectory, partial(_draw_trajectory, by_month=self.floor_by_month))

    @cached_property
    def overflow(self) -> PlanTable:
        """Customers that flow over, with month and chance, and the actions that have replaced their level by then.

        With ``exits`` the column ``way`` has each customer's way out; it is empty for one who leaves as such.
        """
        columns = dict(self.core.overflow)
        if self.strategy.exits:
            columns["way"] = [self._ways.get(identity, "") for identity in columns["id"]]
        columns["replaced_by"] = [
            "; ".join(f"{_person(who, name)} ({step}, {level:,.0f})" for step, who, name, level in by)
            for by in self._replaced_by(columns)
        ]
        return self._table("Overflow", columns, partial(_draw_bars, x="month", y="level"))

    @cached_property
    def replacements(self) -> PlanTable:
        """Pairs: who flows over in which month, who has replaced how much of its level, and by which step.

        With ``replaced_by_room`` the step may be "room": room above the floor, of nobody.
        """
        gone = self.core.overflow
        pairs = [
            (month, identity, name, step, by, by_name, level)
            for month, identity, name, replaced in zip(
                gone["month"], gone["id"], gone["name"], self._replaced_by(gone), strict=True
            )
            for step, by, by_name, level in replaced
        ]
        names = ("month", "id", "name", "step", "replaced_by", "replaced_by_name", "level")
        columns: dict[str, Any] = {name: [pair[k] for pair in pairs] for k, name in enumerate(names)}
        columns["level"] = np.asarray(columns["level"], dtype=np.float64)
        return self._table("Replacements", columns, partial(_draw_bars, x="month", y="level", colour="step"))

    def _replaced_by(self, gone: Mapping[str, Any]) -> list[list[tuple[str, str, str, float]]]:
        """Return what replaces each customer who flows over: step, identity, name, level; the rest is room above the floor."""
        found = [list(by) for by in gone["replaced_by"]]
        if self.strategy.replaced_by_room:
            for by, out in zip(found, gone["out"], strict=True):
                room = float(out) - math.fsum(level for *_, level in by)
                if room > 0.005 * self.months:
                    by.append(("room", "", "room above the floor", room))
        return found

    @cached_property
    def _ways(self) -> dict[str, str]:
        """The way out of each customer who has one."""
        return {customer: way for customer, way, *_ in self.strategy.exit_rows}

    @cached_property
    def offer_chances(self) -> NDArray[np.float64]:
        """Chance of each of the plan's offers to be accepted, by their rows: of linked customers that of their holding."""
        if self.strategy.linked:
            return self._inputs.acceptance()
        return np.zeros(0) if self.offers is None else self.offers.core.acceptance

    @property
    def switches(self) -> int | None:
        """Number of customers and prospects whose course differs from that of the previous plan; None without one."""
        used = dict(zip(self.core.resources["resource"], self.core.resources["used"], strict=True))
        return round(used["switches"]) if "switches" in used else None

    @cached_property
    def resources(self) -> PlanTable:
        """Expected use of sales hours, deliveries, money and offers, and their limits; with a previous plan switches, too."""
        return self._table("Resources", self.core.resources, partial(_draw_bars, x="resource", y="used"))

    @cached_property
    def shadow_prices(self) -> PlanTable:
        """Value of one more unit of each constraint, in discounted heat; none where ``relax="nearest"`` buys level at any price."""
        return self._table("Shadow prices", self.core.shadow_prices, partial(_draw_bars, x="row", y="price"))

    @cached_property
    def floors(self) -> PlanTable:
        """Rows of the floor: months, floor, the floor that the plan keeps (`to`), level without action and as planned, and its chance.

        `new_business` is the part of both levels that is new business as usual.

        Only months that have a floor count: `month` is the first one, `months` their number, and `span` has them in words.
        """
        return self._table("Floors", self.core.floors, partial(_draw_bars, x="month", y="level"))

    @cached_property
    def group_floors(self) -> PlanTable:
        """Rows of the floors of groups, as ``floors``, with their group: "manager Ann". New business as usual is in no group."""
        columns = {name: self.core.group_floors[name] for name in ("group", *self.core.floors)}
        return self._table("Floors of groups", columns, partial(_draw_bars, x="month", y="level", colour="group"))

    @cached_property
    def relaxed(self) -> PlanTable:
        """Floors and capacities that the plan misses: how far without action, with the plan and at best, and what that costs in heat.

        Months are as in `floors`. In a row "floor chance" the floor holds in expectation, but not with the chance of the strategy: `bound` is
        the expected level that the chance needs.
        """
        return self._table("Relaxed", self.core.relaxed, partial(_draw_bars, x="month", y="level", colour="row"))

    @cached_property
    def budget(self) -> Budget:
        """Level and heat per month and source, in whole units of the plan's currency that add up."""
        return Budget.from_plan(
            self.core.budget, self._library, currency=self.strategy.currency or "EUR", digits=self.core.minor_digits
        )

    @cached_property
    def _inputs(self) -> _core.PlanInputs:
        """What the plan was made with, for the core."""
        return _core.PlanInputs(
            self.strategy._settings(self.portfolio, self.selection, self._previous, self.prospects, self.labels),
            self.portfolio.core,
            None if self.offers is None else self.offers.core,
            None if self.growth is None else self.growth.core,
            None if self.prospects is None else self.prospects.core,
            None if self.baseline is None else self.baseline.core,
        )

    @cached_property
    def contributions(self) -> PlanTable:
        """Where the rise comes from: the part of each source in level, heat and temperature over the plan's months.

        The first row, "baseline", is the bucket without any action. The parts of new terms ("remediation"), action plans ("growth"), newcomers
        ("acquisition") and customers who flow over ("overflow") are Shapley values at the plan's courses: the mean of what a source adds over
        all orders of the four. Nothing is optimised again. All five rows add up to the plan. ``temperature`` is a fraction and ``percent`` the
        same in percent with two decimals, which add up too; both are NaN where a level is not positive. The heat is not discounted.
        """
        columns = _core.contributions(self.core, self._inputs)
        return self._table("Where the rise comes from", columns, partial(_draw_bars, x="source", y="heat"))

    @cached_property
    def reasons(self) -> PlanTable:
        """Why each customer and prospect has its course, at the shadow prices; those with one course are not shown.

        ``worth`` is the sum of its terms, in discounted heat: the change of ``heat``, and what the course gives to the plan's constraints or takes
        from them. ``level`` is priced by floors and capacities, ``replacement`` by what must come in for what leaves, the others by their limits.
        ``switches`` is the price of a switch from the previous plan. Linked customers have one row, that of the first of them.
        ``runner_up`` is the best other course, and ``lead`` is by how much it lost. A negative lead: limits in whole actions, or the order of
        overflow, decide. A plan without shadow prices has its heat alone.
        """
        columns = _core.course_reasons(self.core, self._inputs)
        return self._table("Why these courses", columns, partial(_draw_bars, x="id", y="lead"))

    @cached_property
    def alternatives(self) -> PlanTable:
        """No action, steps one to four only, and this plan side by side: level, heat, temperature, customers, gain and chance of the floors.

        For steps one to four the plan is made again without prospects when this table is first used. That row is not there where no plan without
        prospects keeps the limits. ``relaxed`` counts floors and capacities that the row's plan misses. ``floor_chance`` is NaN where it is not
        known; it is not computed without action.
        """
        made = {"all steps": self}
        if self.prospects is None or not len(self.prospects):
            made = {"steps one to four": self, **made}
        else:
            parts = {name: getattr(self, name) for name in ("offers", "growth", "selection", "baseline")}
            # A group of prospects alone has nobody then, and those by account manager may have no labels of customers.
            who = members(self.strategy.groups, self.labels, self.portfolio, self.prospects)
            groups = {
                by: {name: settings for name, settings in names.items() if who[by, name][0]}
                for by, names in self.strategy.groups.items()
            }
            strategy = replace(self.strategy, groups=groups)
            parts["labels"] = {by: {} for by in groups} | self.labels
            with warnings.catch_warnings(), suppress(InfeasibleError):
                warnings.simplefilter("ignore", RelaxedWarning)
                made = {"steps one to four": strategy.optimise(self.portfolio, **parts), **made}
        buckets = [self.without, *(plan.after for plan in made.values())]
        columns: dict[str, Any] = {"plan": ["no action", *made]}
        columns |= {
            name: np.array([getattr(bucket, name) for bucket in buckets]) for name in ("level", "heat", "temperature")
        }
        columns["customers"] = np.array([self.buckets["without"][1], *(plan.customers_after for plan in made.values())])
        columns["gain"] = np.array([0.0, *(plan.gain for plan in made.values())])
        columns["floor_chance"] = np.array([math.nan, *(plan.floor_chance for plan in made.values())])
        columns["relaxed"] = [0, *(len(plan.relaxed) for plan in made.values())]
        return self._table("Alternatives", columns, partial(_draw_bars, x="plan", y="heat"))

    def heat_by_chance(
        self, chances: Sequence[float] = (0.5, 0.8, 0.9, 0.95, 0.99), *, threads: int = 0
    ) -> ChanceTable:
        """Make the plan again for each chance of the floors, and compare the heat.

        Parameters
        ----------
        chances : sequence of float
            Chances that each floor must hold with, each in [0.5, 1).
        threads : int
            0 for all cores.

        Returns
        -------
        ChanceTable
            One row per chance, after a first one for floors in expectation. Pass it to :meth:`report` in ``results=`` to show it.

        Raises
        ------
        InputError
            If a chance is out of range, or the plan was made without a floor or without a baseline that has a band.
        """
        for chance in chances:
            _check_chance(chance, "chances has")
        columns = dict(_core.heat_by_chance(self._inputs, [0.0, *chances], threads=threads))
        columns["chance"] = np.array([math.nan, *chances])
        return ChanceTable(columns, self._library)

    @property
    def floor_by_month(self) -> bool:
        """Whether every month has a floor of its own."""
        return self.strategy.floor_every == "month"

    @property
    def notes(self) -> list[str]:
        """Remarks on the input."""
        return self.core.notes

    @property
    def new_business(self) -> list[float]:
        """Net revenue per month of newcomers as usual and of customers who come back, currency: part of the level without action."""
        return [float(level) for level in self.core.trajectory["new_business"]]

    @cached_property
    def before(self) -> _core.Bucket:
        """The bucket of the reference period, in the calendar months of the plan: actual amounts, not expectations."""
        return self.buckets["before"][0]

    @cached_property
    def without(self) -> _core.Bucket:
        """The bucket over the plan's months without any action: the baseline."""
        return self.buckets["without"][0]

    @cached_property
    def after(self) -> _core.Bucket:
        """The bucket over the plan's months as planned; its customers are those expected at the end, rounded."""
        return self.buckets["after"][0]

    @cached_property
    def buckets(self) -> dict[str, tuple[_core.Bucket, float, float, float]]:
        """The three buckets, each with its customers, those below freezing, and the level of new business as usual in it."""
        baseline = None if self.baseline is None else self.baseline.core
        prospects = None if self.prospects is None else self.prospects.core
        return _core.plan_buckets(self.core, self.portfolio.core, baseline, prospects)

    def _columns(self) -> Mapping[str, Any]:
        return self.trajectory.columns()

    def _facts(self) -> Mapping[str, Any]:
        last = month_text(self.strategy.first_month + self.months - 1)
        return {
            "in short": self.summary[0],
            "further": " ".join(self.summary[1:]),
            "months": f"{month_text(self.strategy.first_month)} to {last}",
            "no plan brings more than": self.bound,
            "gap": f"{self.gap:.1e}",
            "actions": len(self.actions),
            "flow over": len(self.overflow),
        }

    def _draw(self, **options: Any) -> Any:
        return self.trajectory.plot(**options)

    def _head(self) -> tuple[list[str], list[list[Any]], int]:
        return _informative(*super()._head())

    def pages(self, *, statement: Statement | None = None, results: Sequence[Any] = (), **texts: Any) -> Any:
        """Return the content of the report and the workbook.

        Parameters
        ----------
        statement : Statement, optional
            Adds the whale curve and the reconciliation.
        results : sequence, optional
            Further results to show: offers (what they bring together), a price list, learned acceptance, a benchmark, unlike offers, sequences of
            asks, a review; white spots; heat by chance of the floor; the plan's simulation.
        **texts
            title, subtitle, period, horizon, unit, source, locale, assumptions: see :class:`custfolio.report.data.PlanPages`.

        Returns
        -------
        custfolio.report.data.PlanPages
            The pages.
        """
        from custfolio.strategy._pages import pages_of

        return pages_of(self, statement, results, texts)

    def letters(self, path: str | os.PathLike[str], **settings: Any) -> list[Path]:
        """Write letters to the customers to whom the plan makes an offer. New terms begin in the month of the answer.

        Parameters
        ----------
        path : str or path
            One document, a file that ends in .html; or a folder, with one file a customer.
        **settings
            language, sender, date, answer_by, currency, template: see :meth:`Offers.letters`.

        Returns
        -------
        list of Path
            The files written; none where the plan makes no offer.

        Raises
        ------
        InputError
            As for :meth:`Offers.letters`, and if the plan was made without offers.
        OSError
            If a file cannot be written.
        """
        if self.offers is None:
            raise InputError("the plan has no offers; pass them: strategy.optimise(..., offers=cf.remediate(...))")
        actions = self.core.actions
        made = [k for k, step in enumerate(actions["step"]) if step == "remediation"]
        return self.offers.letters(
            path,
            rows=[int(actions["item"][k]) for k in made],
            begins=[f"{actions['answer'][k]}-01" for k in made],
            **{"currency": self.strategy.currency or None, **settings},
        )

    def to_ics(
        self,
        path: str | os.PathLike[str],
        *,
        stamp: datetime.datetime | None = None,
        timezone: str | None = None,
        language: str = "en",
        before: Portfolio | None = None,
    ) -> None:
        """Write the agenda as an iCalendar file, whole or not at all.

        Each entry's text has the customer's temperature, the terms offered, the steps of its action plans and questions to ask.

        Parameters
        ----------
        path : str or path
            The .ics file.
        stamp : datetime, optional
            Time of the calendar; default now. The same stamp gives the same bytes.
        timezone : str, optional
            Such as "Europe/Brussels"; without one, times are those of the reader's own zone.
        language : {"en", "nl"}
            Language of the entries.
        before : Portfolio, optional
            The customers in the period before, for the change of their temperatures.

        Raises
        ------
        InputError
            If the plan was made without an agenda, the file's name has another ending, or the time zone or language is unknown.
        OSError
            If the file cannot be written.
        """
        if self.agenda is None:
            raise InputError("the plan has no agenda; pass one: strategy.optimise(..., agenda=cf.anchor(...))")
        from custfolio.report.review_text import terms_and_steps
        from custfolio.report.whole_file import check_kind

        check_kind(path, ".ics")
        terms, steps = terms_and_steps(self.offers, () if self.growth is None else self.growth.plans, language)
        texts = self.agenda.to_texts(self.portfolio, before=before, terms=terms, steps=steps, language=language)
        self.agenda.to_ics(path, stamp=stamp, timezone=timezone, language=language, texts=texts)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the plan with all that it was made with to one file, whole or not at all.

        The file is JSON with a format, a version and a checksum. :meth:`load` reads it back to the same bits.

        Parameters
        ----------
        path : str or path
            The .json file.

        Raises
        ------
        InputError
            If the file's name has another ending.
        OSError
            If the file cannot be written.
        """
        _file.write(path, self)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Plan:
        """Read a plan that :meth:`save` has written. No code of the file runs.

        Parameters
        ----------
        path : str or path
            The .json file.

        Returns
        -------
        Plan
            The same plan, with the same bits.

        Raises
        ------
        InputError
            If the file is another one, of a version that cannot be read, or damaged.
        OSError
            If the file cannot be read.
        """
        plan = _file.read(path)
        if not isinstance(plan, Plan):
            raise InputError(f"{os.fspath(path)} has no plan")
        plan._inputs.check(plan.core)
        return plan

    def compare(self, other: Plan) -> PlanComparison:
        """Compare with another plan, usually a later one: who changes course, and why.

        Parameters
        ----------
        other : Plan
            The plan to compare with. It may begin in another month.

        Returns
        -------
        PlanComparison
            Customers and prospects whose course differs, with its cause; shadow prices and settings that differ.
        """
        found = _core.compare_plans(self.core, self._inputs, other.core, other._inputs)
        prices = self._table("Shadow prices that differ", found["prices"], partial(_draw_bars, x="row", y="after"))
        settings = {
            one.name: (getattr(self.strategy, one.name), getattr(other.strategy, one.name))
            for one in fields(Strategy)
            if getattr(self.strategy, one.name) != getattr(other.strategy, one.name)
        }
        return PlanComparison(found["courses"], self._library, prices, settings, other.gain - self.gain)

    def simulate(self, paths: int = 10_000, *, seed: int = 1, threads: int = 0) -> PlanSimulation:
        """Play the plan month by month: answers to offers, steps of action plans, wins, leaving, and purchases.

        A customer who refuses and flows over takes its purchases and action plans with it. Purchases vary by the joint error of the baseline; without
        one they do not vary. The errors are normal, so that the level of a company of few customers may fall below 0 on a path. The same seed gives
        the same bits, for any number of threads and any order of the customers.

        Parameters
        ----------
        paths : int
            Number of paths, 1 to 10,000,000.
        seed : int
            0 or more.
        threads : int
            0 for all cores.

        Returns
        -------
        PlanSimulation
            Bands by month, the paths, the chance of the floors, and the distribution of the temperature.

        Raises
        ------
        InputError
            If `paths` or `seed` is out of range.
        """
        found = _core.simulate_plan(self.core, self._inputs, paths=paths, seed=seed, threads=threads)
        floors = self._table("Floors on the paths", found["floors"], partial(_draw_bars, x="month", y="chance"))
        return PlanSimulation(found, self.core.trajectory["month"], self._library, floors, seed)

    def coaster(self, path: str | os.PathLike[str], **options: Any) -> None:
        """Write the picture of the bucket without action and with the plan as an SVG file, whole or not at all.

        Parameters
        ----------
        path : str or path
            The .svg file.
        **options
            As for :func:`custfolio.report.bucket_picture.write`.

        Raises
        ------
        InputError
            If the file's name has another ending.
        OSError
            If the file cannot be written.
        """
        from custfolio.report import bucket_picture
        from custfolio.report.whole_file import check_kind

        check_kind(path, ".svg")
        pages = self.pages()
        shown = {"target": pages.target, "before": pages.before, **options}
        bucket_picture.write(path, pages.without, pages.after, **shown)


def _person(identity: str, name: str) -> str:
    """Return a customer in words: its identity, and its name where it has another one."""
    return f"{identity} {name}" if identity and identity != name else name


def _joined(columns: Mapping[str, Any], further: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return columns with further rows below them, empty where these have no such column."""
    nothing = [""] * len(further["step"])
    return {name: [*values, *further.get(name, nothing)] for name, values in columns.items()}


@checked
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
        Least level of each row. "current": the level of the same months of the reference year. "baseline": the level without
        any action. "none" or None: no floor. A number: the level of a full row; a shorter row has its share. A sequence: one
        amount per row.
    floor_every : {"year", "rolling year", "quarter", "month"}
        Rows of the floor: each twelve months from the start; the twelve months that end in each month of the plan; each three
        months; or each month.
    reference : str or date, optional
        First month of the reference year. Default: the last twelve whole months of the data before the start. Months
        without data there put no floor on their counterparts.
    capacity : float or sequence of float, optional
        Greatest level, of every month or one per month; 0 or more.
    limits : mapping, optional
        ``sales_hours``, ``deliveries``, ``money``, ``offers``: one number for the whole horizon, or one per month. Deliveries are those of
        customers and prospects; new business as usual has none. Offers without a chance do not count as offers. ``switches``: one number,
        the most customers and prospects whose course may differ from that of the previous plan.
    groups : mapping, optional
        Floors and limits of groups beside those of the company: ``{"manager": {"Ann": {"floor": "current", "limits": {"sales_hours": 300}}}}``.
        A group may have ``floor``, ``floor_every`` and ``limits``. :meth:`optimise` gets who is in it by ``labels``. Its floor counts its
        customers and prospects, without new business as usual.
    discount_rate : float
        A year, a fraction: the heat of month m (from 0) counts (1 + rate)^(-m / 12).
    notice_months : int
        Months from an offer to its answer, when new terms begin.
    lead_months : int
        Months from a pursuit's start to the newcomer's first month.
    hours_per_offer, cost_per_offer, cost_per_pursuit : float
        Sales hours of an offer; money of an offer and of a pursuit, currency.
    hours_pool : str
        Pool of the cost model whose minutes are sales hours. What accepted offers free of it can be used again. Empty: none.
    interval : int
        Offers and pursuits may begin in every `interval`-th month.
    refused : str or sequence of str
        Customers that refused earlier. They may flow over from the first month on without an offer.
    may_leave : str or sequence of str
        Customers that may flow over although the selection keeps them as interesting.
    linked : mapping of customer to holding, or frame, optional
        Customers that act as one: the same offer in the same month, one answer, and all leave together. A frame has the columns customer_id
        and holding. Their amounts count as sums. An offer takes hours and money once. Action plans stay those of each customer.
    exits : frame or mapping of columns, optional
        Ways out in place of plain overflow, one a customer: customer_id, way (in words), month from which it is open (default the first),
        level_stays and heat_stays (shares in [0, 1], default 0). The way is one of those who flow over: the same order, and what leaves is
        replaced.
    switch_price : float
        Price of each customer or prospect whose course differs from that of the previous plan, currency. It is no part of the heat.
    frozen_months : int
        First months in which the actions are those of the previous plan.
    replaced_by_room : bool
        Whether room above the floor counts as replacement of the customers who leave.
    relax : {"baseline", "nearest"}
        What becomes of floors and capacities that no plan keeps. "baseline": they fall to the level without action, and the plan
        has the most heat. "nearest": the level comes as near as possible, at any price in heat.
    strict : bool
        Raise an InfeasibleError instead of relaxing a floor or capacity.
    chance : float, optional
        Chance that each floor holds, in [0.5, 1). The floor then rises by about z times the deviation of its level, so that the plan reaches it
        with that chance; it needs a baseline with a band. Default: the floor holds in expectation.
    currency : str, optional
        Code of the currency of all amounts, of three letters. Default: that of the ledger, else EUR.
    minor_digits : int, optional
        Digits of the budget's amounts after the decimal point. Default: those of the currency. There are none where amounts are
        too large to add up in such units (from about 10^13 on).

    Raises
    ------
    InputError
        If a setting is of the wrong kind or out of range.
    """

    start: MonthLike
    months: int = 12
    floor: str | float | Sequence[float] | None = "current"
    floor_every: str = "year"
    reference: MonthLike | None = None
    capacity: float | Sequence[float] | None = None
    limits: Mapping[str, float | Sequence[float]] | None = field(default_factory=dict)
    discount_rate: float = 0.0
    notice_months: int = 1
    lead_months: int = 1
    hours_per_offer: float = 0.0
    hours_pool: str = ""
    cost_per_offer: float = 0.0
    cost_per_pursuit: float = 0.0
    interval: int = 1
    refused: str | Sequence[str] = ()
    may_leave: str | Sequence[str] = ()
    linked: Mapping[str, str] | FrameLike | Sequence[tuple[str, str]] | None = ()
    exits: TableLike | Sequence[Exit] | None = ()
    switch_price: float = 0.0
    frozen_months: int = 0
    replaced_by_room: bool = False
    relax: str = "baseline"
    strict: bool = False
    chance: float | None = None
    groups: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    currency: str | None = None
    minor_digits: int | None = None

    def __post_init__(self) -> None:
        # Plain tuples: arrays have no truth value when strategies are compared, and a caller's list may change later.
        for name, each in (("floor", "row"), ("capacity", "month")):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str) and reals(value, name).ndim > 0:
                object.__setattr__(self, name, tuple(_amounts(value, name, each)))
        object.__setattr__(self, "groups", checked_groups(self.groups))
        for name in ("refused", "may_leave"):
            if isinstance(value := getattr(self, name), str):
                continue
            customers = (value,) if isinstance(value, bytes) else tuple(value)
            for customer in customers:
                if customer is None or isinstance(customer, bytes):
                    raise InputError(f"{name} has {customer!r}; the identity of a customer must be text or a number")
            object.__setattr__(self, name, customers)
        object.__setattr__(self, "linked", holdings_of(self.linked))
        object.__setattr__(self, "exits", exits_of(self.exits))
        for name, value, choices in (("floor_every", self.floor_every, _FLOOR_ROWS), ("relax", self.relax, _RELAX)):
            if value not in choices:
                raise InputError(f"{name} is {value!r}; it must be {', '.join(map(repr, choices))}")
        if self.chance is not None:
            _check_chance(self.chance, "chance is")
        if self.currency is not None:
            if re.fullmatch("[A-Z]{3}", self.currency) is None:
                raise InputError(
                    f"currency is {self.currency!r}; it must be a code of three capital letters, such as 'EUR'"
                )
            checked_code(self.currency)
        for name, least in (
            ("months", 1),
            ("notice_months", 0),
            ("lead_months", 0),
            ("interval", 1),
            ("frozen_months", 0),
        ):
            if not least <= getattr(self, name) <= _MOST_MONTHS:
                raise InputError(f"{name} is {getattr(self, name)}; it must lie in [{least}, {_MOST_MONTHS}]")
        if isinstance(self.capacity, tuple):
            if self.capacity and min(self.capacity) < 0:
                raise InputError(f"capacity has {min(self.capacity)}; it must be 0 or more")
        elif isinstance(self.capacity, (str, bytes)):
            raise InputError(f"capacity is {self.capacity!r}; it must be an amount, or one per month")
        elif self.capacity is not None and float(self.capacity) < 0:  # type: ignore[arg-type]
            raise InputError(f"capacity is {self.capacity}; it must be 0 or more")
        _core.check_strategy(self._settings())

    @property
    def exit_rows(self) -> tuple[Exit, ...]:
        """The ways out as rows: customer, way, month or None, shares of level and heat that stay."""
        return exits_of(self.exits)

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
        previous: Plan | None = None,
        labels: Mapping[str, Mapping[Any, Any]] | None = None,
        threads: int = 0,
        effort: int = 0,
        progress: Callable[[_core.PlanProgress], object] | None = None,
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
            Shown with the plan, without reviews of customers who have flowed over.
        baseline : Baseline, optional
            Level and heat without any action: :func:`custfolio.lifetime.baseline` of this portfolio, over the horizon. Its new business as
            usual counts in the level and in floors, and in no gain.
            Default: each month of the reference period repeats, at the period's temperature.
        previous : Plan, optional
            The plan before, whose courses `switch_price`, the limit on switches and `frozen_months` compare with. It may begin in an earlier
            month: what it had before the start counts as done. A course that is new, or no longer possible, is no switch.
        labels : mapping of str to mapping, optional
            Who is in the groups of the strategy: ``{"manager": {"2633": "Ann"}}``, by customer or prospect. Those without a label are in "(none)". A
            prospect with an account manager needs no label for groups by "manager".
        threads : int
            0 for all cores; the plan has the same bits for any number.
        effort : int
            Steps of work at most: iterations of the prices, checked plans, parts of the search; 0 for no limit. ``plan.effort`` is the number that
            was used. At the limit the call returns the best plan so far, with the same bits each time.
        progress : callable, optional
            Function of how far the search is: ``fraction``, which never falls, and ``value``, ``bound`` and ``gap`` of the best plan so far. If it
            returns False, the call returns that plan. Ctrl-C ends the call with or without it.

        Returns
        -------
        Plan
            All limits are kept, and all floors and capacities that are not in its table ``relaxed``. A note names a search that was stopped; where it
            had no plan yet, nobody acts.

        Warns
        -----
        RelaxedWarning
            If a floor or capacity cannot be kept; the text is the plan's first sentence.

        Raises
        ------
        InfeasibleError
            If no plan keeps the limits, or with ``strict`` if none keeps all rows; the message and the attribute
            ``relaxation`` (a list of dicts) have a sufficient change.
        InputError
            If a setting is out of range, or a result is of another portfolio or does not fit. The same for a previous plan that has no month or
            no customer in common.
        NotFoundError
            If an action plan, `refused`, `may_leave`, `linked` or `exits` names a customer outside the portfolio.
        Cancelled
            If the search was stopped before it had a plan, and doing nothing breaks a limit, or with ``strict`` any row.
        """
        if effort < 0:
            raise InputError(f"effort is {effort}; it must be 0 or more")
        for shown, what in ((selection, "the selection is"), (agenda, "the agenda is")):
            if shown is not None:
                _core.require_same(shown.identity, portfolio.identity, what)
        strategy = self
        if strategy.currency is None:
            known = re.fullmatch("[A-Z]{3}", portfolio.currency or "")
            strategy = replace(self, currency=known[0] if known else "EUR")
        earlier = () if previous is None else self._courses_of(previous)
        core = _core.optimise_plan(
            strategy._settings(portfolio, selection, earlier, prospects, labels),
            portfolio.core,
            None if offers is None else offers.core,
            None if growth is None else growth.core,
            None if prospects is None else prospects.core,
            None if baseline is None else baseline.core,
            threads=threads,
            effort=effort,
            progress=progress,
        )
        plan = Plan(core, strategy, portfolio, offers, growth, prospects, selection, agenda, baseline, earlier, labels)
        if len(plan.relaxed):
            warnings.warn(plan.summary[0], RelaxedWarning, stacklevel=3)
        return plan

    def _courses_of(self, previous: Plan) -> list[Any]:
        """Return the courses of a previous plan; InputError where it has no month of this strategy."""
        first = previous.strategy.first_month
        if not first <= self.first_month < first + previous.months:
            last = month_text(first + previous.months - 1)
            raise InputError(
                f"previous is a plan of {month_text(first)} to {last}; it must have the start, {month_text(self.first_month)}"
            )
        return _core.previous_courses(previous.core, previous._inputs)

    def _groups(
        self,
        portfolio: Portfolio | None,
        prospects: Prospects | None,
        labels: Mapping[str, Mapping[Any, Any]] | None,
    ) -> list[dict[str, Any]]:
        """Return the groups for the core; without a portfolio only their settings are checked."""
        who = {} if portfolio is None else members(self.groups, labels, portfolio, prospects)
        found = []
        for by, names in self.groups.items():
            for name, settings in names.items():
                every = settings.get("floor_every", "year")
                what = f"groups[{by!r}][{name!r}] "
                if every not in _FLOOR_ROWS:
                    raise InputError(f"{what}floor_every is {every!r}; it must be {', '.join(map(repr, _FLOOR_ROWS))}")
                customers, newcomers = who.get((by, name), ([], []))
                found.append({
                    "by": by, "name": name, "customers": customers, "prospects": newcomers, "floor_every": every,
                    **_rows(settings.get("floor"), settings.get("limits"), what),
                })  # fmt: skip
        return found

    def _settings(
        self,
        portfolio: Portfolio | None = None,
        selection: Selection | None = None,
        previous: Sequence[Any] = (),
        prospects: Prospects | None = None,
        labels: Mapping[str, Mapping[Any, Any]] | None = None,
    ) -> dict[str, Any]:
        """Return the settings for the core: with the customers that a selection keeps as interesting although they are cold."""
        from babel.numbers import get_currency_precision

        interesting: list[str] = []
        if portfolio is not None and selection is not None:
            interesting = [portfolio.ids[k] for k in selection.rows("keep") if not selection.warm[k]]
        names = (
            "months", "discount_rate", "notice_months", "lead_months", "hours_per_offer", "hours_pool", "cost_per_offer", "cost_per_pursuit",
            "interval", "floor_every", "switch_price", "frozen_months", "replaced_by_room", "relax", "strict",
        )  # fmt: skip
        currency = self.currency or "EUR"
        digits = int(get_currency_precision(currency)) if self.minor_digits is None else self.minor_digits
        return {
            **{name: getattr(self, name) for name in names},
            "currency": currency,
            "start": self.first_month,
            **_rows(self.floor, self.limits),
            "groups": self._groups(portfolio, prospects, labels),
            "capacity": [] if self.capacity is None else _amounts(self.capacity, "capacity"),
            "chance": self.chance or 0.0,
            "reference": None if self.reference is None else month_index(self.reference, "reference"),
            "minor_digits": digits,
            "refused": _customers(self.refused),
            "interesting": interesting,
            "may_leave": _customers(self.may_leave),
            "linked": dict(holdings_of(self.linked)),
            "exits": [
                (customer, way, None if month is None else month_index(month, "month of exits"), level, heat)
                for customer, way, month, level, heat in self.exit_rows
            ],
            "previous": previous,
        }


def _rows(floor: Any, limits: Any, what: str = "") -> dict[str, Any]:
    """Return a floor and limits for the core."""
    named = isinstance(floor, str) or floor is None
    if isinstance(floor, str) and floor not in _FLOORS:
        raise InputError(
            f"{what}floor is {floor!r}; it must be {', '.join(map(repr, _FLOORS))}, an amount, or one per row"
        )
    one = not named and reals(floor, f"{what}floor").ndim == 0
    return {
        "floor": (floor or "none") if named else "number" if one else "column",
        "floor_level": [] if named else _amounts(floor, f"{what}floor", "row"),
        "limits": {
            text(name, f"a name in {what}limits"): _amounts(limit, f"{what}limits[{name!r}]")
            for name, limit in (limits or {}).items()
        },
    }


def _check_chance(chance: float, what: str) -> None:
    """Raise an InputError where a chance is out of range."""
    if not 0.5 <= chance < 1:
        raise InputError(f"{what} {chance}; it must lie in [0.5, 1), such as 0.9")


def _amounts(value: Any, what: str, each: str = "month") -> list[float]:
    """Return a finite number or a sequence of them as a list."""
    wanted = f"it must be a number, or one per {each}"
    if value is None or isinstance(value, str):
        raise InputError(f"{what} is {reprlib.repr(value)}; {wanted}")
    found = reals(value, what)
    if any(isinstance(one, (bool, np.bool_)) for one in np.asarray(value, dtype=object).ravel()):
        raise InputError(f"{what} is {reprlib.repr(value)}; {wanted}")
    if found.ndim > 1:
        raise InputError(f"{what} has {found.ndim} dimensions; {wanted}")
    if not np.isfinite(found).all():
        raise InputError(f"{what} is {reprlib.repr(value)}; it must be finite")
    return [float(amount) for amount in np.atleast_1d(found)]


def _customers(value: str | Sequence[str]) -> list[str]:
    """Return identities of customers; a single text is one customer."""
    return [value] if isinstance(value, str) else [str(customer) for customer in value]
