# Events beside the ledger: grouped by customer and day where they lie.
"""Sum the events of a frame by customer and day in its own engine."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from custfolio._reading.amounts import amounts_of
from custfolio._reading.cells import MISSING, OK, Reading, is_typed_text, one_array, reason
from custfolio._reading.columns import beside_customer, require_text_names, usual_column
from custfolio._reading.days import days_of
from custfolio._tables.dates import day_number
from custfolio._tables.frames import library_of, require, require_columns
from custfolio._tables.wording import identity_text
from custfolio.errors import InputError

__all__ = ["EventRows", "gather_events", "names_of"]

EventRows = tuple[str, NDArray[np.int32], NDArray[np.int32], NDArray[np.float64], Mapping[str, NDArray[np.float64]]]
"""Name, customer code, day, number of events, and sums of drivers, one entry per customer and day."""


def names_of(name: str, data: Any) -> list[str]:
    """Return the names of the columns of a frame of events; InputError where it is none."""
    library_of(data, f"events[{name!r}]")
    names = list(nw.from_native(data).lazy().collect_schema().names())
    require_text_names(names)
    return names


def gather_events(name: str, data: Any, products: Sequence[Sequence[str]], codes: Mapping[str, int]) -> EventRows:
    """Sum the events of a frame by customer and day.

    Parameters
    ----------
    name : str
        The event's name.
    data : frame
        A row per event: a column customer_id, else customer; a column date; and columns of numbers. Other usual names of a customer and a
        day are recognised; text is read as that of a ledger. An engine (DuckDB, Polars lazily, Spark)
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
        If `data` is no frame, a column is missing or cannot be read, a driver is below 0 or no finite number, or a row has no date.
    """
    where = f"events {name!r}"
    frame = nw.from_native(data).lazy()
    schema = frame.collect_schema()
    customer, date = _key_columns(schema.names())
    columns = dict.fromkeys(column for factors in products for column in factors)
    require_columns(schema.names(), [customer, date, *columns], f"{where}; they have")
    texts: dict[str, str] = {}
    for column in columns:
        kind = schema[column]
        if kind == nw.String or isinstance(kind, (nw.Categorical, nw.Enum)):
            texts[column] = f"cf_text_{len(texts)}"
        elif not kind.is_numeric() and kind != nw.Boolean:
            raise InputError(f"{where}: column {column!r} contains {kind}; it must contain numbers")
    day = nw.col(date).cast(nw.Date) if isinstance(schema[date], nw.Datetime) else nw.col(date)
    sums = {}
    for k, factors in enumerate(products):
        product = nw.lit(1.0)
        for factor in factors:
            product = product if factor in texts else product * nw.col(factor).cast(nw.Float64)
        sums[f"cf_sum_{k}"] = product
    typed = [column for column in columns if column not in texts]
    least, gaps = {}, {}
    for k, column in enumerate(typed):
        number = nw.col(column).cast(nw.Float64)
        least[f"cf_least_{k}"] = number
        gaps[f"cf_gaps_{k}"] = (number.is_null() | ~number.is_finite()).fill_null(True).cast(nw.Int64)
    table = (
        frame.select(
            cf_customer=nw.col(customer),
            cf_day=day,
            **{alias: nw.col(column).cast(nw.String) for column, alias in texts.items()},
            **sums,
            **least,
            **gaps,
        )
        .group_by("cf_customer", "cf_day", *texts.values())  # the numbers of a text are read outside of the engine
        .agg(
            *(nw.col(column).sum() for column in (*sums, *gaps)),
            *(nw.col(column).min() for column in least),
            cf_count=nw.len(),
        )
        .collect(backend="pyarrow")
        .to_native()
    )
    for column, lowest, empty in zip(typed, least, gaps, strict=True):
        _require_usable(where, column, _doubles(table[lowest]), _doubles(table[empty]), table)
    numbers = {column: _numbers(where, column, table, alias) for column, alias in texts.items()}
    values = {}
    for k, factors in enumerate(products):
        if factors:
            of_text = [numbers[factor] for factor in factors if factor in texts]
            values["*".join(factors)] = functools.reduce(operator.mul, of_text, _doubles(table[f"cf_sum_{k}"]))

    def code_of(cell: Any) -> int:
        return -1 if cell is None else codes.get(identity_text(cell), -1)

    def day_of(cell: Any) -> int:
        if cell is None:
            raise InputError(f"{where}: a row has no date; every event needs its day")
        return day_number(cell, f"{where}: {date}")

    days = one_array(table["cf_day"])
    return (
        name,
        _each(table["cf_customer"], code_of),
        _days(where, date, days) if is_typed_text(days.type) else _each(days, day_of),
        _doubles(table["cf_count"]),
        values,
    )


def _key_columns(columns: Sequence[str]) -> tuple[str, str]:
    """Return the columns of the customer and of the day of a frame of events: by their plain names, else by usual ones."""
    date = "date" if "date" in columns else usual_column("date", columns) or "date"
    return beside_customer(columns), date


def _days(where: str, column: str, cells: Any) -> NDArray[np.int32]:
    """Read text as days, as the ledger does."""
    days, faults = days_of(cells, f"{where}: date", column, Reading(beside=True))
    if faults is not None:
        row = int(np.argmax(faults != OK))
        fault, cell = int(faults[row]), cells[row].as_py()
        if fault == MISSING:
            raise InputError(f"{where}: a row has no date; every event needs its day")
        raise InputError(f"{where}: {reason(fault, 'date')} (column {column!r}: {cell!r})")
    return days


def _numbers(where: str, column: str, table: Any, alias: str) -> NDArray[np.float64]:
    """Read text as numbers of a driver, as the ledger does."""
    cells = one_array(table[alias])
    values, faults = amounts_of(cells, f"{where}: {column}", column, Reading(beside=True))
    faults = np.zeros(len(cells), dtype=np.uint8) if faults is None else faults
    bad = np.flatnonzero((faults != OK) & (faults != MISSING))
    if bad.size:
        row = int(bad[0])
        raise InputError(f"{where}: {reason(int(faults[row]), column)} (column {column!r}: {cells[row].as_py()!r})")
    _require_usable(where, column, values, (faults == MISSING).astype(np.float64), table)
    return values


def _require_usable(
    where: str, column: str, lowest: NDArray[np.float64], gaps: NDArray[np.float64], table: Any
) -> None:
    """Name an event with a driver below 0, which would offset other events, or without one, which would cost nothing."""
    bad = np.flatnonzero((lowest < 0) | (gaps > 0))
    if bad.size == 0:
        return
    unusable = table.select(["cf_day", "cf_customer"]).take(bad).to_pylist()
    # An engine groups in any order: the message names the first day.
    events = [
        (str(row["cf_day"]), "" if row["cf_customer"] is None else identity_text(row["cf_customer"]))
        for row in unusable
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
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode(null_encoding="encode")
    numbers = np.array([number(cell) for cell in encoded.dictionary.to_pylist()], dtype=np.int32)
    indices = encoded.indices
    if indices.null_count:
        numbers, indices = np.append(numbers, np.int32(number(None))), indices.fill_null(len(numbers))
    return numbers[np.asarray(indices)] if numbers.size else np.empty(0, dtype=np.int32)
