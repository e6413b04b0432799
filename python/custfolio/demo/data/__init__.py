# The data that ships: deliveries of Iowa's liquor wholesaler, its stores, the CDNOW sample, and a sales pipeline.
"""Read the data that ships (see ``README.md`` beside it) as columns, without any assumption."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio._reading.queries import connect
from custfolio._tables.arguments import checked
from custfolio.errors import InputError

__all__ = ["DATA", "SOURCE", "Columns", "cdnow", "deliveries", "deliveries_path", "opportunities", "stores", "yearly"]

Columns = dict[str, NDArray[Any]]

DATA = Path(__file__).resolve().parent

SOURCE = (
    "Iowa Department of Revenue, Alcoholic Beverages Division: sales to licensed stores 2020 and 2021, "
    "data.iowa.gov (open data)."
)


@checked
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
    InputError
        If no deliveries of that year ship.
    """
    path = DATA / f"deliveries_{year}.parquet"
    if not path.is_file():
        raise InputError(f"no deliveries of {year} ship with custfolio; found only 2020 and 2021")
    return path


def _read(path: Path, query: str) -> Columns:
    with connect() as connection:
        fetched = connection.execute(query, [str(path)]).fetchnumpy()
    columns: Columns = {}
    for name, column in fetched.items():
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


@checked
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
    InputError
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


@checked
def yearly(year: int = 2021) -> Columns:
    """The purchases of each store in a year, one row per customer.

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
    InputError
        If no deliveries of that year ship.
    """
    return dict(_yearly(year))
