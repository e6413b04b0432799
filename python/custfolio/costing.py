# The cost to serve a customer: amounts per driver, pools of minutes with activities, and a share of revenue.
"""The cost model."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from custfolio import _core
from custfolio._tables.arguments import checked, real, text, whole
from custfolio._tables.dates import DayLike, day_number
from custfolio._tables.result import Result, Stored
from custfolio.errors import InputError, NotFoundError

__all__ = ["Activity", "CostModel", "Pool"]

ELEMENT_NAMES = {"revenue_share": "revenue share"}
"""The name in a statement of an element that arguments name otherwise."""

DIRECT_COSTS = ("freight", "commission")
"""Drivers that are amounts of money: a statement charges them as they are."""

_Value = TypeVar("_Value")


def by_element(given: Mapping[str, _Value], what: str) -> dict[str, _Value]:
    """Return a mapping by the names that a statement has for elements: ``"revenue_share"`` is "revenue share".

    Parameters
    ----------
    given : mapping
        A value by element.
    what : str
        The argument, for messages.

    Returns
    -------
    dict
        The values by the element's name in a statement.

    Raises
    ------
    InputError
        If the mapping has an element under both of its names.
    """
    values: dict[str, _Value] = {}
    for name, value in given.items():
        element = ELEMENT_NAMES.get(name, name)
        if element in values:
            raise InputError(f"{what} names {element!r} twice; each element must be named once")
        values[element] = value
    return values


def _set_avoidable(core: _core.CostModel, element: str, share: float | Mapping[int, float]) -> None:
    """Set the avoidable share of an element: one share, or a share by months."""
    what = f"avoidable of {element!r}"
    if isinstance(share, Mapping):
        steps = sorted((whole(months, f"a month of {what}"), real(part, what)) for months, part in share.items())
        core.avoidable_steps(element, steps)
    else:
        core.avoidable(element, real(share, what))


@dataclass(frozen=True)
class Pool(Stored):
    """A resource pool: people or machines that are paid for by the period and work by the minute.

    Its rate is cost / capacity. Minutes that no event uses are unused capacity: reported, never charged.

    Attributes
    ----------
    name : str
        Its name, an element of the statement.
    cost : float
        Its cost, currency. It is that of the statement's period. With several pools of one name, each figure is that of the part of
        the period from its day to the next one.
    capacity : float
        Practical capacity in minutes, of the same days.
    valid_from : date or str, optional
        First day of the figures; default: from the beginning.
    """

    name: str
    cost: float
    capacity: float
    valid_from: DayLike | None = None


@dataclass(frozen=True)
class Activity(Stored):
    """An activity that takes minutes of a pool at every event of a kind.

    Attributes
    ----------
    name : str
        Its name.
    pool : str
        The pool whose minutes it takes.
    minutes : str or float
        Minutes per event: numbers and drivers of the event with ``+``, ``-``, ``*``, brackets, and ``/`` by a number, such as
        ``"15*new_customer + 5 + 3*lines + 10*rush"``. Names with spaces stand in quotes.
    event : str
        ``"delivery"``, ``"line"`` or ``"return"``; a table of ``cf.statement(..., events={"visits": frame})``; or a driver of the
        customer that counts the events. Drivers of a delivery or return are ``lines``, ``quantity``, ``returned_quantity`` and the ledger's
        further drivers, summed over its rows; of a delivery also ``new_customer``: 1 on the first delivery
        of a customer whose first row lies in the period, else 0. A row is a return, too: it shows an earlier purchase.
    """

    name: str
    pool: str
    minutes: str | float
    event: str = "delivery"


@checked
class CostModel(Result):
    """The cost to serve: amounts per driver, minutes of pools at their rates, and a share of revenue.

    Pools and activities are time-driven activity-based costing (Kaplan & Anderson 2004). Each element has an avoidable share: the
    statement shows the full cost, a decision counts the avoidable cost. The wage of a driver who stays does not leave with a customer.

    ``plot`` draws the amounts of the rates as bars.

    Parameters
    ----------
    rates : mapping of str to float, or to a mapping of day to float
        Currency per unit of each driver: ``deliveries``, ``lines``, ``quantity``, ``returns``, ``returned_quantity``, or a further driver. Amounts
        by day are valid from their day on: ``{"deliveries": {"2021-01-01": 90.0, "2021-07-01": 95.0}}``.
    pools : sequence of Pool
        Resource pools.
    activities : sequence of Activity
        What takes the pools' minutes.
    revenue_share : float
        Share of net revenue that is passed on (duties, commissions), a fraction in [0, 1].
    avoidable : mapping of str to float, or to a mapping of months to float
        Share in [0, 1] of an element that changes with its driver, by driver, pool or ``"revenue_share"``; ``"freight"`` and ``"commission"``
        need no rate, but amounts in the ledger or in prices. By default 1, for pools 0. A mapping of months gives the share from so many
        months after a change on: ``{"customer service": {6: 0.5, 12: 1.0}}``.
    credit_rate : float
        Yearly rate at which open invoices cost money, a fraction in [0, 1]. A statement then needs receivables.

    Raises
    ------
    InputError
        If an amount is negative or not finite, a rate has no amounts, a share is out of range, a pool has two figures of one day, an activity
        is given twice for a pool, `avoidable` names an unknown element, or `minutes` cannot be read.
    """

    def __init__(
        self,
        rates: Mapping[str, float | Mapping[DayLike, float]] | None = None,
        *,
        pools: Sequence[Pool] = (),
        activities: Sequence[Activity] = (),
        revenue_share: float = 0.0,
        avoidable: Mapping[str, float | Mapping[int, float]] | None = None,
        credit_rate: float = 0.0,
    ) -> None:
        self.rates = dict(rates or {})
        """Currency per unit, by driver."""
        self.pools = list(pools)
        """The pools."""
        self.activities = list(activities)
        """The activities."""
        self.revenue_share = float(revenue_share)
        """Share of net revenue that is passed on."""
        self.credit_rate = float(credit_rate)
        """Yearly rate at which open invoices cost money."""
        self.avoidable = dict(avoidable or {})
        """Avoidable share of the elements for which one was given."""
        self.core = _core.CostModel()
        """The model as the core has it."""
        for driver, amounts in self.rates.items():
            what = f"the rate of {driver!r}"
            dated = list(amounts.items()) if isinstance(amounts, Mapping) else [(None, amounts)]
            if not dated:
                raise InputError(f"{what} has no amounts; it must have one or more")
            for day, amount in dated:
                valid_from = None if day is None else day_number(day, what)
                self.core.rate(text(driver, "a driver"), real(amount, what), valid_from=valid_from)
        self.core.revenue_share(self.revenue_share)
        self.core.credit_rate(self.credit_rate)
        for pool in self.pools:
            if not isinstance(pool, Pool):
                raise InputError(f"pools has {pool!r}; it must be a Pool")
            name = text(pool.name, "the name of a pool")
            valid_from = (
                None if pool.valid_from is None else day_number(pool.valid_from, f"valid_from of pool {name!r}")
            )
            self.core.pool(
                name,
                real(pool.cost, f"cost of pool {name!r}"),
                real(pool.capacity, f"capacity of pool {name!r}"),
                valid_from,
            )
        for activity in self.activities:
            if not isinstance(activity, Activity):
                raise InputError(f"activities has {activity!r}; it must be an Activity")
            name = text(activity.name, "the name of an activity")
            minutes = activity.minutes
            if not isinstance(minutes, str):
                minutes = repr(real(minutes, f"minutes of activity {name!r}"))
            self.core.activity(
                name, text(activity.pool, f"pool of activity {name!r}"), text(minutes, f"minutes of activity {name!r}"),
                text(activity.event, f"event of activity {name!r}"),
            )  # fmt: skip
        known = dict.fromkeys([*self.rates, *(pool.name for pool in self.pools), *DIRECT_COSTS, "revenue_share"])
        for element, share in by_element(self.avoidable, "avoidable").items():
            if element not in known and element not in ELEMENT_NAMES.values():
                raise InputError(
                    f"avoidable names {element!r}; it must name an element of the model: {', '.join(map(repr, known))}"
                )
            direct = element in DIRECT_COSTS and element not in self.rates
            _set_avoidable(self.core.with_direct_costs([element]) if direct else self.core, element, share)

    def with_direct_costs(self, drivers: Sequence[str]) -> CostModel:
        """Return the model with freight and commission charged as they are.

        Parameters
        ----------
        drivers : sequence of str
            The drivers of a ledger.

        Returns
        -------
        CostModel
            The model, with a rate of 1 for those of freight and commission that are among the drivers and have no rate.

        Raises
        ------
        NotFoundError
            If `avoidable` names freight or commission, and it has neither a rate nor a driver.
        """
        model = copy.copy(self)
        model.core = self.core.with_direct_costs(list(drivers))
        direct = [name for name in model.core.columns["element"] if name in DIRECT_COSTS]
        for name, share in self.avoidable.items():
            if name not in DIRECT_COSTS or name in self.rates:
                continue
            if name not in direct:
                raise NotFoundError(
                    f"avoidable names {name!r}, but neither the ledger nor prices have a {name}; "
                    f"name its column, {name}=..., or leave the share out"
                )
            _set_avoidable(model.core, name, share)
        model.rates = {**self.rates, **{name: 1.0 for name in direct if name not in self.rates}}
        return model

    def at_horizon(self, months: int) -> CostModel:
        """Return the model with the avoidable shares of a horizon.

        Parameters
        ----------
        months : int
            Whole months after a change, 0 or more.

        Returns
        -------
        CostModel
            The same costs, with one avoidable share per element.

        Raises
        ------
        InputError
            If `months` is negative.
        """
        model = copy.copy(self)
        model.core = self.core.at_horizon(months)
        return model

    def _columns(self) -> Mapping[str, Any]:
        columns = self.core.columns
        days = [None if day is None else np.datetime64(day, "D").item() for day in columns["valid_from"]]
        return {
            "element": columns["element"],
            "amount": columns["amount"],
            **({"capacity": columns["capacity"]} if self.pools else {}),
            **({"valid_from": days} if any(day is not None for day in days) else {}),
            "avoidable": columns["avoidable"],
        }

    def _title(self) -> str:
        return "Cost to serve"

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        columns = self.core.columns
        kinds = zip(columns["element"], columns["kind"], columns["amount"], strict=True)
        rates = [(driver, amount) for driver, kind, amount in kinds if kind == "rate"]
        return plots.bars(
            [driver for driver, _ in rates], [amount for _, amount in rates], title="Currency per unit", **options
        )
