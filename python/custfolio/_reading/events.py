# Events beside the ledger: grouped by customer and day where they lie.
"""Sum the events of a frame by customer and day in its own engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from custfolio._reading.cells import one_array
from custfolio._tables.dates import day_number
from custfolio._tables.frames import customer_column, library_of, require, require_columns
from custfolio._tables.wording import identity_text
from custfolio.errors import InputError

__all__ = ["EventRows", "gather_events", "names_of"]

EventRows = tuple[str, NDArray[np.int32], NDArray[np.int32], NDArray[np.float64], Mapping[str, NDArray[np.float64]]]
"""Name, customer code, day, number of events, and sums of drivers, one entry per customer and day."""


def names_of(name: str, data: Any) -> list[str]:
    """Return the names of the columns of a frame of events; InputError where it is none."""
    library_of(data, f"events[{name!r}]")
    return list(nw.from_native(data).lazy().collect_schema().names())


def gather_events(name: str, data: Any, products: Sequence[Sequence[str]], codes: Mapping[str, int]) -> EventRows:
    """Sum the events of a frame by customer and day.

    Parameters
    ----------
    name : str
        The event's name.
    data : frame
        A row per event: a column customer_id, else customer; a column date; and columns of numbers. An engine (DuckDB, Polars lazily, Spark)
        groups its rows itself.
    products : sequence of sequences of str
        The drivers to sum: products of columns.
    codes : mapping of str to int
        The customer of each identity; events of others have the code -1.

    Returns
    -------
    EventRows
        The sums.

    Raises
    ------
    InputError
        If `data` is no frame, a column is missing or of another kind, a driver is below 0 or no finite number, or a row has no date.
    """
    where = f"events {name!r}"
    frame = nw.from_native(data).lazy()
    schema = frame.collect_schema()
    customer = customer_column(schema.names())
    columns = dict.fromkeys(column for factors in products for column in factors)
    require_columns(schema.names(), [customer, "date", *columns], f"{where}; they have")
    for column in columns:
        if not schema[column].is_numeric() and schema[column] != nw.Boolean:
            raise InputError(f"{where}: column {column!r} contains {schema[column]}; it must contain numbers")
    day = nw.col("date").cast(nw.Date) if isinstance(schema["date"], nw.Datetime) else nw.col("date")
    sums = {}
    for k, factors in enumerate(products):
        product = nw.lit(1.0)
        for factor in factors:
            product = product * nw.col(factor).cast(nw.Float64)
        sums[f"cf_sum_{k}"] = product
    least, gaps = {}, {}
    for k, column in enumerate(columns):
        number = nw.col(column).cast(nw.Float64)
        least[f"cf_least_{k}"] = number
        gaps[f"cf_gaps_{k}"] = (number.is_null() | ~number.is_finite()).fill_null(True).cast(nw.Int64)
    table = (
        frame.select(cf_customer=nw.col(customer), cf_day=day, **sums, **least, **gaps)
        .group_by("cf_customer", "cf_day")
        .agg(
            *(nw.col(column).sum() for column in (*sums, *gaps)),
            *(nw.col(column).min() for column in least),
            cf_count=nw.len(),
        )
        .collect(backend="pyarrow")
        .to_native()
    )
    for column, lowest, empty in zip(columns, least, gaps, strict=True):
        _require_usable(where, column, _doubles(table[lowest]), _doubles(table[empty]), table)
    values = {"*".join(factors): _doubles(table[f"cf_sum_{k}"]) for k, factors in enumerate(products) if factors}

    def code_of(cell: Any) -> int:
        return -1 if cell is None else codes.get(identity_text(cell), -1)

    def day_of(cell: Any) -> int:
        if cell is None:
            raise InputError(f"{where}: a row has no date; every event needs its day")
        return day_number(cell, f"{where}: date")

    return (
        name,
        _each(table["cf_customer"], code_of),
        _each(table["cf_day"], day_of),
        _doubles(table["cf_count"]),
        values,
    )


def _require_usable(
    where: str, column: str, lowest: NDArray[np.float64], gaps: NDArray[np.float64], table: Any
) -> None:
    """Name an event with a driver below 0, which would offset other events, or without one, which would cost nothing."""
    bad = np.flatnonzero((lowest < 0) | (gaps > 0))
    if bad.size == 0:
        return
    found = table.select(["cf_day", "cf_customer"]).take(bad).to_pylist()
    # An engine groups in any order: the message names the first day.
    events = [
        (str(row["cf_day"]), "" if row["cf_customer"] is None else identity_text(row["cf_customer"])) for row in found
    ]
    place = min(range(len(events)), key=events.__getitem__)
    day, customer = events[place]
    row = bad[place]
    found_there = "empty or not finite" if gaps[row] else lowest[row]
    raise InputError(
        f"{where}, customer {customer!r} on {day}: {column} is {found_there}; a driver of an event must be >= 0"
    )


def _doubles(column: Any) -> NDArray[np.float64]:
    """Return a column of sums as doubles."""
    return np.asarray(one_array(column).fill_null(0), dtype=np.float64)


def _each(column: Any, number: Any) -> NDArray[np.int32]:
    """Return the number of each cell; every distinct value is read once."""
    pa = require("pyarrow")
    array = one_array(column)
    found = array if pa.types.is_dictionary(array.type) else array.dictionary_encode(null_encoding="encode")
    numbers = np.array([number(cell) for cell in found.dictionary.to_pylist()], dtype=np.int32)
    indices = found.indices
    if indices.null_count:
        numbers, indices = np.append(numbers, np.int32(number(None))), indices.fill_null(len(numbers))
    return numbers[np.asarray(indices)] if numbers.size else np.empty(0, dtype=np.int32)
