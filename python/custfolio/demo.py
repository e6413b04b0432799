# The inputs of the demo: what the shipped data holds, and the assumptions that stand in for what it does not hold.
"""The demo's inputs: Iowa's liquor wholesaler and its licensed stores, 2020 and 2021.

The data is real (see ``data/README.md``); everything that it does not hold is an assumption, set by the constants of
this module and told in :data:`ASSUMPTIONS`, which every page of the demo shows.

Every function returns *columns*: a dictionary of NumPy arrays of one length, in the order of the store's number.
Customers are text (``"2633"``), as everywhere in the library.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from custfolio._flow import Inputs

__all__ = [
    "ACCEPTANCE",
    "ASSUMPTIONS",
    "COSTS",
    "LIMITS",
    "PERIOD",
    "SOURCE",
    "START",
    "TARGET",
    "TERMS",
    "action_plans",
    "cdnow",
    "deliveries",
    "deliveries_path",
    "inputs",
    "managers",
    "opportunities",
    "prospects",
    "referrals",
    "stores",
    "yearly",
]

Columns = dict[str, NDArray[Any]]

DATA = Path(__file__).resolve().parent / "data"

SOURCE = (
    "Iowa Department of Revenue, Alcoholic Beverages Division: sales to licensed stores 2020 and 2021, "
    "data.iowa.gov (open data)."
)
PERIOD = ("2021-01-01", "2021-12-31")
"""The period of the demo's statement."""
START = "2022-01"
"""The first month of the demo's plan, which runs over twelve."""

COSTS: dict[str, Any] = {"rates": {"deliveries": 90.0, "lines": 2.5, "quantity": 0.12}, "revenue_share": 0.20}
"""Arguments of ``CostModel``: amounts per delivery, line and bottle, and the share of revenue passed on as duty."""
TARGET = 0.05
"""Target temperature: a store below it is asked along into new terms."""
TERMS = {"delivery_fee": 25.0, "minimum_order": 2_000.0, "price": 0.03}
"""The terms that may be offered: a fee per delivery, a minimum order, a price change (a fraction)."""
ACCEPTANCE = 0.70
"""Probability that a store accepts an offer that costs it next to nothing."""
LIMITS = {"sales_hours": 1_200.0}
"""Hours that the account managers have for action plans and prospects in the plan's twelve months."""

PEERS = 25
PEER_DISTANCE_KM = 50.0
PEER_FACTOR = 1.5
MINIMUM_MONTHS = 6
SMALLEST_GAP = 0.10
LARGEST_GAP = 0.50
STEPS = (
    # name, condition, earliest month of the plan, duration in months, success, share of the gap, hours
    ("review of the range", "the appointment is held", 1, 1, 0.90, 0.00, 2.0),
    ("trial listing", "the buyer names the items to try", 2, 2, 0.50, 0.15, 3.0),
    ("permanent listing", "the trial sold through", 4, 2, 0.60, 0.35, 1.0),
)
"""The steps of an action plan; each begins only when the one before it has succeeded."""

NEIGHBOURS = 10
WIN = 0.30
PROSPECT_HOURS = 6.0
REGIONS = ("south-west", "north-west", "south-centre", "north-centre", "south-east", "north-east")
REVIEWS_PER_DAY = 4
CHAIN_SIZE = 3
CHAIN_LINKS = 5
EARTH_RADIUS_KM = 6371.0088


def _percent(share: float) -> str:
    return f"{100.0 * share:g} %"


def _steps_told() -> str:
    return "; ".join(
        f"{number}. {name} (condition: {condition}; from month {earliest}, {duration} month{'s'[: duration > 1]}, "
        f"success {_percent(success)}, worth {_percent(share)} of the gap, {hours:g} hour{'s'[: hours > 1]})"
        for number, (name, condition, earliest, duration, success, share, hours) in enumerate(STEPS, 1)
    )


ASSUMPTIONS: tuple[str, ...] = (
    f"Cost to serve: {COSTS['rates']['deliveries']:g} per delivery, {COSTS['rates']['lines']:g} per order line and "
    f"{COSTS['rates']['quantity']:g} per bottle; {_percent(COSTS['revenue_share'])} of revenue is passed on as duty. "
    "The source holds no cost to serve.",
    "Cost of goods is bottles times the bottle cost of the price list of November 2022; goods that had left the list "
    "by then cost revenue / 1.5, the list's own rule.",
    "A delivery is all that a store received on one day, because the source has no document numbers.",
    "There are no payment dates in the source, so credit costs nothing here.",
    "Without any action a store does what its own two years before the plan let expect (`cf.lifetime.baseline`), at a temperature shrunk towards "
    "that of all stores, so that a bad year that passes by itself is no action's merit.",
    "Iowa's wholesaler asks one price of all by law. The demo treats it as a wholesaler that is free to agree on "
    f"terms: a delivery fee of {TERMS['delivery_fee']:g}, a minimum order of {TERMS['minimum_order']:,.0f} or a price "
    f"change of {_percent(TERMS['price'])}, offered to stores below a temperature of {_percent(TARGET)}.",
    f"A store accepts an offer that hardly costs it anything with a probability of {_percent(ACCEPTANCE)}, and a "
    "heavier one with less.",
    "No store has been asked what makes it interesting: potential is the gap to its peers, and there are no quality "
    "answers.",
    f"Peers of a store are the {PEERS} stores most like it, where {PEER_DISTANCE_KM:g} km, a factor {PEER_FACTOR:g} "
    f"in the number of deliveries and a factor {PEER_FACTOR:g} in order lines per delivery count alike. The gap is "
    "what the store would buy more at the same deliveries if its revenue per delivery were its peers' upper "
    f"quartile; gaps under {_percent(SMALLEST_GAP)} of its revenue give no plan, and none counts for more than "
    f"{_percent(LARGEST_GAP)}.",
    f"An action plan has {len(STEPS)} steps, the later payoff on top of the earlier: {_steps_told()}. The extra "
    "revenue costs its goods, duty, lines and bottles, and no further deliveries.",
    f"Plans are for open, located stores that bought in at least {MINIMUM_MONTHS} months of 2021 and in its last "
    "quarter, where extra revenue leaves a contribution.",
    "Who refuses an offer stays on the old terms, and flows over only where that raises the heat and its level has been "
    "replaced. The answer to an offer comes a month after it, and a newcomer's first delivery a month after the pursuit "
    "has begun.",
    f"Prospects are the located stores that are open and bought nothing in {PERIOD[0][:4]}, on a register published "
    "later: some opened afterwards. A prospect is expected to buy half of what the warm customers around it buy, weighted "
    f"by exp(-distance / 10 km), at their temperature but at least {_percent(TARGET)}, reaching it over three months. It is won with a "
    f"probability of {_percent(WIN)} where its neighbourhood is of median warmth, more where it is warmer and less where it "
    f"is colder, and a pursuit takes {PROSPECT_HOURS:g} hours.",
    f"{len(REGIONS)} account managers, one a region of about as many stores as the others, hold at most "
    f"{REVIEWS_PER_DAY} reviews a day and have {LIMITS['sales_hours']:,.0f} hours a year together for action plans "
    "and prospects.",
)
"""What the real data does not hold, one sentence or two each. Every page of the demo shows them all."""


def deliveries_path(year: int = 2021) -> Path:
    """Path of the shipped deliveries of a year.

    Parameters
    ----------
    year
        2020 or 2021.

    Returns
    -------
    Path
        A Parquet file with date, store, lines, bottles, revenue and cost.

    Raises
    ------
    ValueError
        If no deliveries of that year ship.
    """
    path = DATA / f"deliveries_{year}.parquet"
    if not path.is_file():
        raise ValueError(f"no deliveries of {year} ship with custfolio; found only 2020 and 2021")
    return path


def _read(path: Path, query: str) -> Columns:
    from custfolio._readers import connect

    with connect() as connection:
        found = connection.execute(query, [str(path)]).fetchnumpy()
    columns: Columns = {}
    for name, column in found.items():
        if isinstance(column, np.ma.MaskedArray):
            column = column.filled(np.nan) if column.dtype.kind == "f" else column.filled()
        columns[name] = column.astype("datetime64[D]") if column.dtype.kind == "M" else column
    for column in columns.values():
        column.flags.writeable = False
    return columns


@lru_cache(maxsize=2)
def _deliveries(year: int) -> Columns:
    return _read(
        deliveries_path(year),
        "select date, store::varchar as store, lines, bottles, revenue, cost from read_parquet(?)",
    )


@lru_cache(maxsize=1)
def _stores() -> Columns:
    return _read(
        DATA / "stores.parquet",
        "select * replace (store::varchar as store) from read_parquet(?) order by store::integer",
    )


def cdnow() -> Columns:
    """Every transaction of the CDNOW sample: 2,357 customers who first bought in the first quarter of 1997.

    The data set of the customer-base literature (Fader and Hardie 2001, made available for research at brucehardie.com):
    a tenth of a cohort of CDNOW's new customers, up to 1998-06-30. The literature calibrates on the transactions up to
    1997-09-30, in weeks.

    Returns
    -------
    dict of str to numpy.ndarray, shape (6919,) each
        customer (text, "1" ... "2357"), date (datetime64[D]), quantity (number of CDs), amount (US dollars).
    """
    return dict(_cdnow())


@lru_cache(maxsize=1)
def _cdnow() -> Columns:
    return _read(
        DATA / "cdnow_sample.parquet",
        "select customer::varchar as customer, date, quantity, amount from read_parquet(?)",
    )


def opportunities() -> Columns:
    """A sales pipeline as a CRM exports it: 8,800 opportunities of a seller of computer hardware, October 2016 to December 2017.

    "CRM sales opportunities" by Maven Analytics, a public sample; the company is fictitious.

    Returns
    -------
    dict of str to numpy.ndarray, shape (8800,) each
        opportunity_id ("1" ... "8800"), sales_agent, product, account ("" where none is named) and deal_stage (Won, Lost,
        Engaging, Prospecting) as text; engage_date and close_date (datetime64[D], NaT where it has not come to that); close_value
        (US dollars; 0 if lost, NaN if open).
        :func:`custfolio.growth.read_opportunities` reads a frame of them.
    """
    return dict(_opportunities())


@lru_cache(maxsize=1)
def _opportunities() -> Columns:
    return _read(
        DATA / "opportunities.parquet",
        "select * replace (opportunity_id::varchar as opportunity_id) from read_parquet(?)",
    )


def deliveries(year: int = 2021) -> Columns:
    """Every delivery (store and day) of a year, in the order of store and date.

    Parameters
    ----------
    year
        2020 or 2021.

    Returns
    -------
    dict of arrays
        ``date`` (datetime64[D]), ``store`` (text), ``lines``, ``bottles``, ``revenue`` and ``cost`` (US dollars);
        64,309 rows in 2020 and 70,137 in 2021. The arrays are read-only.

    Raises
    ------
    ValueError
        If no deliveries of that year ship.
    """
    return dict(_deliveries(year))


def stores() -> Columns:
    """The 2,296 stores of the register.

    Returns
    -------
    dict of arrays
        ``store``, ``name``, ``address``, ``city``, ``zip`` (text), ``latitude`` and ``longitude`` (degrees, NaN where
        not located), ``status`` (``"open"`` or ``"closed"``). The arrays are read-only.
    """
    return dict(_stores())


@lru_cache(maxsize=2)
def _yearly(year: int) -> Columns:
    rows = _deliveries(year)
    register = _stores()
    start = np.flatnonzero(np.concatenate(([True], rows["store"][1:] != rows["store"][:-1])))
    store = rows["store"][start]
    number = register["store"].astype(np.int64)
    at = np.searchsorted(number, store.astype(np.int64))
    month = rows["date"].astype("datetime64[M]").astype(np.int64)
    new_month = np.concatenate(([True], month[1:] != month[:-1]))
    new_month[start] = True
    columns: Columns = {"store": store}
    for name in ("name", "city", "zip", "latitude", "longitude", "status"):
        columns[name] = register[name][at]
    columns["deliveries"] = np.diff(np.append(start, rows["store"].size)).astype(np.float64)
    columns["months"] = np.add.reduceat(new_month.astype(np.int64), start).astype(np.float64)
    columns["first"] = rows["date"][start]
    columns["last"] = rows["date"][np.append(start[1:], rows["store"].size) - 1]
    for name in ("lines", "bottles", "revenue", "cost"):
        columns[name] = np.round(np.add.reduceat(rows[name].astype(np.float64), start), 2)
    for column in columns.values():
        column.flags.writeable = False
    return columns


def yearly(year: int = 2021) -> Columns:
    """What each store bought in a year, one row a customer.

    Parameters
    ----------
    year
        2020 or 2021.

    Returns
    -------
    dict of arrays
        ``store``, ``name``, ``city``, ``zip``, ``latitude``, ``longitude``, ``status``, ``deliveries``, ``months``
        (with at least one delivery), ``first``, ``last``, ``lines``, ``bottles``, ``revenue``, ``cost``.

    Raises
    ------
    ValueError
        If no deliveries of that year ship.
    """
    return dict(_yearly(year))


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
    """Action plans of the stores that buy less per delivery than their peers, by the rule told in :data:`ASSUMPTIONS`.

    Returns
    -------
    dict of arrays
        Long form, one row a step, the steps of a store in their order: ``customer``, ``name``, ``plan`` (the plan's
        name), ``step`` (its name), ``number`` (1, 2, 3), ``after`` (number of the step before, 0 for none),
        ``condition`` (text), ``earliest`` (month of the plan, 1 is the first), ``duration`` (months),
        ``probability`` (given that the step before succeeded), ``revenue`` and ``contribution`` (US dollars per month
        from its completion, on top of the earlier steps), ``hours``, and ``gap`` (US dollars a year, of the store).
    """
    year = _yearly(2021)
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
        ``prospect``, ``name``, ``city``, ``latitude``, ``longitude``, and what it is expected to buy in a year:
        ``revenue``, ``cost``, ``deliveries``, ``lines``, ``bottles``; ``probability`` (prior chance to win it) and
        ``hours``. 135 rows.
    """
    register, year = _stores(), _yearly(2021)
    take = (
        (register["status"] == "open") & np.isfinite(register["latitude"]) & ~np.isin(register["store"], year["store"])
    )
    found = {name: column[take] for name, column in register.items()}
    located = np.isfinite(year["latitude"])
    year = {name: column[located] for name, column in year.items()}
    nearest = _nearest(
        _plane(found["latitude"], found["longitude"]), _plane(year["latitude"], year["longitude"]), NEIGHBOURS
    )
    revenue = np.round(np.median(year["revenue"][nearest], axis=1), 2)
    return {
        "prospect": found["store"],
        "name": found["name"],
        "city": found["city"],
        "latitude": found["latitude"],
        "longitude": found["longitude"],
        "revenue": revenue,
        "cost": np.round(revenue * np.median((year["cost"] / year["revenue"])[nearest], axis=1), 2),
        "deliveries": np.round(np.median(year["deliveries"][nearest], axis=1)),
        "lines": np.round(np.median(year["lines"][nearest], axis=1)),
        "bottles": np.round(np.median(year["bottles"][nearest], axis=1)),
        "probability": np.full(found["store"].size, WIN),
        "hours": np.full(found["store"].size, PROSPECT_HOURS),
    }


def _chain(name: str) -> str:
    """The leading words of a store's name, up to a number, a sign or a dash: ``HY-VEE #3 / BDI`` gives ``HY-VEE``."""
    return re.split(r"\s*(?:#|/|\(|\d|\s-\s)", name, maxsplit=1)[0].strip(" ,.'").upper()


def referrals() -> Columns:
    """Who may introduce a prospect: customers of 2021 of the same chain, the nearest first.

    Returns
    -------
    dict of arrays
        Edges from a customer to a prospect: ``source`` and ``target`` (store numbers as text), ``weight`` (1),
        ``chain``. At most five a prospect.
    """
    register, wanted, year = _stores(), prospects(), _yearly(2021)
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
        ``customer``, ``manager`` (the region's name) and ``per_day`` (reviews that the manager can hold a day).
    """
    year = _yearly(2021)
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
        "per_day": np.full(longitude.size, REVIEWS_PER_DAY),
    }


def inputs(year: int = 2021) -> Inputs:
    """Give the demo's inputs as the five steps take them.

    Parameters
    ----------
    year
        Of the statement: 2021 (2020 has no action plans and prospects of its own).

    Returns
    -------
    Inputs
        Data, terms and settings; see :data:`ASSUMPTIONS`.
    """
    import pyarrow as pa

    from custfolio._config import terms_of
    from custfolio._flow import Inputs
    from custfolio.costing import CostModel

    register = stores()

    def ledger() -> Any:
        from custfolio.ledger import Ledger

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
        terms=terms_of(TERMS),
        acceptance={"base": ACCEPTANCE},
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
        strategy={"start": START, "months": 12, "floor": "current", "limits": LIMITS},
    )
