# The demo's inputs: action plans, prospects, referrals and managers, made from the data by the assumptions.
"""The inputs of the five steps, made from the data that ships and the assumptions."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from custfolio._flow import Inputs, terms_of
from custfolio._tables.arguments import checked
from custfolio.costing import CostModel
from custfolio.demo.assumptions import (
    ACCEPTANCE,
    CHAIN_LINKS,
    CHAIN_SIZE,
    COSTS,
    LARGEST_GAP,
    LIMITS,
    MINIMUM_MONTHS,
    NEIGHBOURS,
    PEER_DISTANCE_KM,
    PEER_FACTOR,
    PEERS,
    PROSPECT_HOURS,
    REGIONS,
    REVIEWS_PER_DAY,
    SMALLEST_GAP,
    START,
    STEPS,
    TARGET,
    TERMS,
    UNCERTAIN_RATES,
    WIN,
)
from custfolio.demo.data import Columns, deliveries, stores, yearly
from custfolio.ledger import Ledger
from custfolio.remediation import Acceptance

__all__ = ["action_plans", "inputs", "managers", "prospects", "referrals"]

EARTH_RADIUS_KM = 6371.0088


def _plane(latitude: NDArray[Any], longitude: NDArray[Any]) -> NDArray[np.float64]:
    """Kilometres east and north in Iowa's middle latitude: off by less than 2 % within the state."""
    turn = EARTH_RADIUS_KM * np.pi / 180.0
    return np.stack((longitude * (turn * np.cos(np.deg2rad(42.0))), latitude * turn), axis=-1)


def _nearest(where: NDArray[np.float64], among: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Indices (n, count) of the nearest points, nearest first; equal distances in the order of the rows."""
    squared = np.sum(where**2, axis=1)[:, None] - 2.0 * where @ among.T + np.sum(among**2, axis=1)[None, :]
    part = np.sort(np.argpartition(squared, count - 1, axis=1)[:, :count], axis=1)
    order = np.argsort(np.take_along_axis(squared, part, axis=1), axis=1, kind="stable")
    return np.take_along_axis(part, order, axis=1)


def _contribution_share(year: Columns) -> NDArray[np.float64]:
    """Contribution of one more dollar of revenue at the same deliveries: goods, duty, lines and bottles come off."""
    rates = COSTS["rates"]
    variable = year["cost"] + rates["lines"] * year["lines"] + rates["quantity"] * year["bottles"]
    share: NDArray[np.float64] = 1.0 - COSTS["revenue_share"] - variable / year["revenue"]
    return share


def action_plans() -> Columns:
    """Action plans of the stores that buy less per delivery than their peers, by the rule in :data:`ASSUMPTIONS`.

    Returns
    -------
    dict of arrays
        Long form, one row a step, the steps of a store in their order: ``customer``, ``name``, ``plan`` (the plan's
        name), ``step`` (its name), ``number`` (1, 2, 3), ``after`` (number of the step before, 0 for none),
        ``condition`` (text), ``earliest`` (month of the plan, 1 is the first), ``duration`` (months),
        ``probability`` (given that the step before succeeded), ``revenue`` and ``contribution`` (US dollars per month
        from its completion, on top of the earlier steps), ``hours``, and ``gap`` (US dollars a year, of the store).
    """
    year = yearly(2021)
    take = (
        (year["status"] == "open")
        & np.isfinite(year["latitude"])
        & (year["months"] >= MINIMUM_MONTHS)
        & (year["last"] >= np.datetime64("2021-10-01"))
    )
    year = {name: column[take] for name, column in year.items()}
    unit = np.log(PEER_FACTOR)
    likeness = np.column_stack(
        (
            _plane(year["latitude"], year["longitude"]) / PEER_DISTANCE_KM,
            np.log(year["deliveries"]) / unit,
            np.log(year["lines"] / year["deliveries"]) / unit,
        )
    )
    likeness -= likeness.mean(axis=0)
    nearest = _nearest(likeness, likeness, PEERS + 1)
    itself = nearest == np.arange(nearest.shape[0])[:, None]
    itself[~itself.any(axis=1), -1] = True
    peers = nearest[~itself].reshape(-1, PEERS)
    basket = year["revenue"] / year["deliveries"]
    # With 25 peers the upper quartile is the nineteenth of them, without interpolation.
    upper = np.partition(basket[peers], 3 * PEERS // 4, axis=1)[:, 3 * PEERS // 4]
    gap = np.minimum((upper - basket) * year["deliveries"], LARGEST_GAP * year["revenue"])
    share = _contribution_share(year)
    has = np.flatnonzero((gap >= SMALLEST_GAP * year["revenue"]) & (share > 0.0))
    steps = len(STEPS)
    rows = np.repeat(has, steps)
    kind = np.tile(np.arange(steps), has.size)
    _, _, earliest, duration, success, worth, hours = (np.array(field) for field in zip(*STEPS, strict=True))
    # Payoffs in whole cents: what a page shows adds up.
    revenue = np.round(gap[rows] * worth[kind] / 12.0, 2)
    return {
        "customer": year["store"][rows],
        "name": year["name"][rows],
        "plan": np.full(rows.size, "close the gap to its peers", dtype=object),
        "step": np.array([step[0] for step in STEPS], dtype=object)[kind],
        "number": kind + 1,
        "after": kind,
        "condition": np.array([step[1] for step in STEPS], dtype=object)[kind],
        "earliest": earliest[kind],
        "duration": duration[kind],
        "probability": success[kind],
        "revenue": revenue,
        "contribution": np.round(revenue * share[rows], 2),
        "hours": hours[kind],
        "gap": np.round(gap[rows], 2),
    }


def prospects() -> Columns:
    """The located stores that are open and bought nothing in 2021.

    Returns
    -------
    dict of arrays
        ``prospect``, ``name``, ``city``, ``latitude``, ``longitude``, and its expected purchases of a year:
        ``revenue``, ``cost``, ``deliveries``, ``lines``, ``bottles``; ``probability`` (prior chance to win it) and
        ``hours``. 135 rows.
    """
    register, year = stores(), yearly(2021)
    take = (
        (register["status"] == "open") & np.isfinite(register["latitude"]) & ~np.isin(register["store"], year["store"])
    )
    newcomers = {name: column[take] for name, column in register.items()}
    located = np.isfinite(year["latitude"])
    year = {name: column[located] for name, column in year.items()}
    nearest = _nearest(
        _plane(newcomers["latitude"], newcomers["longitude"]), _plane(year["latitude"], year["longitude"]), NEIGHBOURS
    )
    revenue = np.round(np.median(year["revenue"][nearest], axis=1), 2)
    return {
        "prospect": newcomers["store"],
        "name": newcomers["name"],
        "city": newcomers["city"],
        "latitude": newcomers["latitude"],
        "longitude": newcomers["longitude"],
        "revenue": revenue,
        "cost": np.round(revenue * np.median((year["cost"] / year["revenue"])[nearest], axis=1), 2),
        "deliveries": np.round(np.median(year["deliveries"][nearest], axis=1)),
        "lines": np.round(np.median(year["lines"][nearest], axis=1)),
        "bottles": np.round(np.median(year["bottles"][nearest], axis=1)),
        "probability": np.full(newcomers["store"].size, WIN),
        "hours": np.full(newcomers["store"].size, PROSPECT_HOURS),
    }


def _chain(name: str) -> str:
    """The leading words of a store's name, up to a number, a sign or a dash: ``HY-VEE #3 / BDI`` gives ``HY-VEE``."""
    return re.split(r"\s*(?:#|/|\(|\d|\s-\s)", name, maxsplit=1)[0].strip(" ,.'").upper()


def referrals() -> Columns:
    """Customers of 2021 of a prospect's chain that may introduce it, the nearest first.

    Returns
    -------
    dict of arrays
        Edges from a customer to a prospect: ``source`` and ``target`` (store numbers as text), ``weight`` (1),
        ``chain``. At most five a prospect.
    """
    register, wanted, year = stores(), prospects(), yearly(2021)
    chains, size = np.unique([_chain(name) for name in register["name"]], return_counts=True)
    known = set(chains[size >= CHAIN_SIZE].tolist()) - {""}
    located = np.flatnonzero(np.isfinite(year["latitude"]))
    where = _plane(year["latitude"], year["longitude"])
    members: dict[str, list[int]] = {}
    for index in located:
        members.setdefault(_chain(year["name"][index]), []).append(int(index))
    source: list[str] = []
    target: list[str] = []
    shared: list[str] = []
    for prospect, name, place in zip(
        wanted["prospect"], wanted["name"], _plane(wanted["latitude"], wanted["longitude"]), strict=True
    ):
        chain = _chain(name)
        if chain not in known or chain not in members:
            continue
        among = np.array(members[chain])
        distance = np.sum((where[among] - place) ** 2, axis=1)
        for index in among[np.argsort(distance, kind="stable")[:CHAIN_LINKS]]:
            source.append(str(year["store"][index]))
            target.append(str(prospect))
            shared.append(chain)
    return {
        "source": np.array(source, dtype=object),
        "target": np.array(target, dtype=object),
        "weight": np.ones(len(source)),
        "chain": np.array(shared, dtype=object),
    }


def managers() -> Columns:
    """The account manager of every customer of 2021: three bands from west to east, each cut into south and north.

    A store without coordinates goes with the stores of its city, or else with those whose zip code begins alike.

    Returns
    -------
    dict of arrays
        ``customer``, ``manager`` (the region's name) and ``reviews_per_day`` (reviews that the manager can hold a day).
    """
    year = yearly(2021)
    latitude, longitude = year["latitude"].copy(), year["longitude"].copy()
    area = np.array([code[:3] for code in year["zip"]], dtype=object)
    for alike in (year["city"], area):
        _, group = np.unique(alike, return_inverse=True)
        here = np.isfinite(latitude)
        count = np.bincount(group, weights=here)
        for column in (latitude, longitude):
            total = np.bincount(group, weights=np.where(here, column, 0.0))
            mean = np.divide(total, count, out=np.full(total.size, np.nan), where=count > 0)
            column[~here] = mean[group][~here]
    latitude[np.isnan(latitude)] = np.nanmedian(latitude)
    longitude[np.isnan(longitude)] = np.nanmedian(longitude)
    bands = len(REGIONS) // 2
    rank = np.empty(longitude.size, dtype=np.intp)
    rank[np.argsort(longitude, kind="stable")] = np.arange(longitude.size)
    band = rank * bands // longitude.size
    north = np.zeros(longitude.size, dtype=np.intp)
    for number in range(bands):
        north[band == number] = latitude[band == number] > np.median(latitude[band == number])
    region = 2 * band + north
    return {
        "customer": year["store"],
        "manager": np.array([f"Manager {name}" for name in REGIONS], dtype=object)[region],
        "reviews_per_day": np.full(longitude.size, REVIEWS_PER_DAY),
    }


@checked
def inputs(year: int = 2021) -> Inputs:
    """Return the demo's inputs of the five steps.

    Parameters
    ----------
    year
        Of the statement: 2021 (2020 has no action plans and prospects of its own).

    Returns
    -------
    Inputs
        Data, terms and settings; see :data:`ASSUMPTIONS`.
    """
    register = stores()

    def ledger() -> Any:
        years = [deliveries(each) for each in (2020, 2021) if each <= year]
        rows = {name: np.concatenate([each[name] for each in years]) for name in years[0]}
        names = dict(zip(register["store"].tolist(), register["name"].tolist(), strict=True))
        frame = pa.table(
            {name: pa.array(rows[name]) for name in ("date", "store", "lines", "bottles", "revenue", "cost")}
            | {"name": pa.array([names[store] for store in rows["store"].tolist()])}
        )
        return Ledger(
            frame,
            customer="store",
            date="date",
            revenue="revenue",
            cost="cost",
            quantity="bottles",
            lines="lines",
            name="name",
            document=False,
        )

    wanted = prospects()
    return Inputs(
        ledger=ledger,
        costs=CostModel(**COSTS),
        period=(f"{year}-01-01", f"{year}-12-31"),
        places=pa.table(
            {"customer_id": register["store"], "latitude": register["latitude"], "longitude": register["longitude"]}
        ),
        target=TARGET,
        min_months=MINIMUM_MONTHS,
        uncertain={"target": TARGET, "rates": UNCERTAIN_RATES},
        terms=terms_of(TERMS),
        acceptance=Acceptance(base=ACCEPTANCE),
        managers=managers(),
        cadence={"A": "3 months", "B": "6 months", "C": "12 months"},
        calendar="US",
        action_plans=action_plans(),
        candidates=pa.table(
            {
                "id": wanted["prospect"],
                "name": wanted["name"],
                "latitude": wanted["latitude"],
                "longitude": wanted["longitude"],
            }
        ),
        acquisition={"base_win_probability": WIN, "hours_per_pursuit": PROSPECT_HOURS, "minimum_temperature": TARGET},
        strategy={"start": START, "months": 12, "floor": "current", "limits": LIMITS, "currency": "USD"},
        simulation={},
    )
