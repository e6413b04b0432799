# From cells to rows: what the core gets, and what is not taken.
"""Gather the rows of a ledger from an eager frame, or grouped from an engine that keeps the data.

Eager frames are handed over row by row, on their own memory where it is float64 or a date column without missing values. Lazy
engines (DuckDB, Polars lazily, Spark) check and group the rows where they lie: by customer, day and document, with sums and the
number of lines. Sums are made in fixed point, in two integers of which the second carries 40 further binary digits: integer
addition is exact in any order, so that every engine gives the same bits on any number of threads.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from custfolio import _checks
from custfolio._checks import Keys, Reading, Roles
from custfolio._tables.frames import library_of
from custfolio.errors import InputError

__all__ = ["Gathered", "LedgerColumns", "exact_sum", "gather"]


@dataclass(frozen=True)
class LedgerColumns:
    """The accepted rows, as columns of one length n that the core reads in place.

    Arrays are C-contiguous and must not be written to: they may be the memory of the user's frame.
    """

    customer: NDArray[np.int32]
    """Customer of each row, as its place in `ids`."""
    day: NDArray[np.int32]
    """Days since 1970-01-01."""
    revenue: NDArray[np.float64]
    """Net revenue, currency; negative for what was returned."""
    cost: NDArray[np.float64] | None
    """Cost of goods, currency."""
    quantity: NDArray[np.float64] | None
    """Quantity."""
    document: NDArray[np.int64] | None
    """A number for each document; equal numbers are one document. None: a delivery is a day on which a customer bought."""
    lines: NDArray[np.float64] | None
    """Lines that a row stands for; None: each row is one."""
    drivers: Mapping[str, NDArray[np.float64]]
    """Further drivers, by name."""
    ids: list[str]
    """Ids of the customers, in the order of their codes: by number where all are integers, by text otherwise."""
    names: list[str] | None
    """Names of the customers, in the same order; the latest, where a customer has had several."""


@dataclass
class Gathered:
    """What reading gave: the rows taken, the rows not taken, and the counts between them."""

    columns: LedgerColumns
    rejected: dict[str, Any]
    """Columns row, file (of several files), column, value, reason; one entry a row not taken."""
    rows_read: int
    duplicates: Callable[[], int]
    revenue_accepted: Callable[[], float]
    revenue_rejected: float
    library: str


@dataclass
class Origin:
    """How the rows of an engine are numbered, where the data came from files."""

    row: str | None = None
    """The column that holds the number of the row, from 1."""
    file: str | None = None
    """The column that holds the file of the row; row numbers are within it."""
    broken: Mapping[str, list[Any]] | None = None
    """Rows that are no rows of the table at all: columns row, file, column, value, reason."""
    duplicates: Callable[[], int] | None = None
    """Counts duplicates in the whole file."""


# --------------------------------------------------------------------------------------------------------------- exact sums

_FRACTION_BITS = 40
_WHOLE_BITS = 20


def _scale(largest: float, rows: int) -> int:
    """Return the binary digits after the point that leave room for the sum of all rows in a 64-bit integer."""
    if not largest:
        return _WHOLE_BITS
    return min(_WHOLE_BITS, 61 - int(np.ceil(np.log2(largest))) - int(np.ceil(np.log2(max(rows, 2)))))


def exact_sum(values: NDArray[np.float64]) -> float:
    """Sum amounts so that their order does not matter.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Finite amounts.

    Returns
    -------
    float
        Their sum, rounded once.
    """
    whole = part = 0
    if values.size == 0:
        return 0.0
    scale = _scale(float(np.max(np.abs(values))), values.size)
    for start in range(0, values.size, 1 << 20):
        scaled = values[start : start + (1 << 20)] * 2.0**scale
        rounded = np.rint(scaled)
        whole += int(rounded.astype(np.int64).sum())
        part += int(np.rint((scaled - rounded) * 2.0**_FRACTION_BITS).astype(np.int64).sum())
    return _joined(whole, part, scale)


def _joined(whole: int, part: int, scale: int) -> float:
    """Return the number that the two integers stand for, rounded once."""
    total = (whole << _FRACTION_BITS) + part
    digits = scale + _FRACTION_BITS
    return total / (1 << digits) if digits >= 0 else float(total << -digits)


# -------------------------------------------------------------------------------------------------------------------- cells


def _arrow(series: Any) -> pa.Array | NDArray[Any]:
    """Return the cells of an eager column as one Arrow array, or as the NumPy memory that pandas keeps them in."""
    native = series.to_native()
    if series.implementation.is_pandas_like():
        dtype = native.dtype
        if isinstance(dtype, np.dtype) and dtype.kind in "fM":
            return np.asarray(native.to_numpy())
        try:
            if series.implementation.is_pandas():
                return _checks.one_array(pa.array(native, from_pandas=True))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
            cells = native.tolist()
            return pa.array([_text(cell) for cell in cells], pa.large_string())
    return _checks.one_array(series.to_arrow())


def _text(cell: Any) -> str | None:
    """Return a cell as the text that a user sees in it, None where there is no value."""
    if cell is None or cell != cell or str(cell) in ("<NA>", "NaT"):
        return None
    return cell if isinstance(cell, str) else str(cell)


def _cells(values: pa.Array | NDArray[Any], rows: NDArray[np.int64]) -> list[str | None]:
    """Return some cells of a column as text."""
    if isinstance(values, np.ndarray):
        chosen = values[rows]
        if chosen.dtype.kind == "M":
            chosen = chosen.astype("datetime64[us]")
        return [_text(cell) for cell in chosen.tolist()]
    return [_text(cell) for cell in values.take(pa.array(rows)).to_pylist()]


@dataclass
class _Checked:
    """Every cell of the columns used, read."""

    customer: Keys
    day: NDArray[np.int32]
    amounts: dict[str, NDArray[np.float64]]
    document: NDArray[np.int64] | None
    name: Keys | None
    faults: dict[str, NDArray[np.uint8]]
    """Faults by role, for the columns that have any."""


def _check(
    cells: Mapping[str, pa.Array | NDArray[Any]], roles: Roles, readings: Mapping[str, Reading], decide: bool
) -> _Checked:
    """Read every cell of the columns used."""
    columns = roles.all()
    faults: dict[str, NDArray[np.uint8] | None] = {}
    customer = _checks.keys_of(cells["customer"], "customer", roles.customer)
    faults["customer"] = customer.faults
    day, faults["date"] = _checks.days_of(cells["date"], "date", roles.date, readings["date"], decide)
    amounts = {}
    for role, column in roles.amounts().items():
        amounts[role], faults[role] = _checks.amounts_of(cells[role], role, column, readings[role], decide)
    if roles.price is not None:
        amounts["revenue"], faults["revenue"] = _checks.amounts_of(
            amounts["quantity"] * amounts["price"], "revenue", "quantity x price", Reading()
        )
        known = [faults[role] for role in ("quantity", "price") if faults[role] is not None]
        if known and faults["revenue"] is not None:  # the product of what is missing says nothing new
            faults["revenue"][functools.reduce(operator.or_, known) != _checks.OK] = _checks.OK
    document = None
    if roles.document is not None:
        document, faults["document"] = _documents(cells["document"], columns["document"])
    name = _checks.keys_of(cells["name"], "name", columns["name"]) if roles.name is not None else None
    return _Checked(customer, day, amounts, document, name, {r: f for r, f in faults.items() if f is not None})


def _documents(values: pa.Array | NDArray[Any], column: str) -> tuple[NDArray[np.int64], NDArray[np.uint8] | None]:
    """Read a column of document numbers as integers that are equal where the documents are."""
    if isinstance(values, pa.Array) and values.type == pa.int64() and values.null_count == 0:
        return values.to_numpy(zero_copy_only=True), None
    keys = _checks.keys_of(values, "document", column)
    return keys.codes.astype(np.int64), keys.faults


def _rejections(
    checked: _Checked, roles: Roles, cells: Mapping[str, Any], bad: NDArray[np.int64], row: NDArray[np.int64]
) -> dict[str, Any]:
    """Return the entry of each row not taken: its first fault, and the reasons of all."""
    columns = roles.all() | ({"revenue": f"{roles.quantity} x {roles.price}"} if roles.price is not None else {})
    order = [role for role in ("customer", "date", *roles.amounts(), "revenue", "document") if role in checked.faults]
    order = list(dict.fromkeys(order))
    column: list[str] = [""] * bad.size
    value: list[str | None] = [None] * bad.size
    reasons: list[list[str]] = [[] for _ in range(bad.size)]
    for role in order:
        faults = checked.faults[role][bad]
        at = np.flatnonzero(faults != _checks.OK)
        texts = _cells(cells[role] if role in cells else checked.amounts[role], bad[at])
        for k, text, fault in zip(at.tolist(), texts, faults[at].tolist(), strict=True):
            if not reasons[k]:
                column[k], value[k] = columns[role], text
            reasons[k].append(_checks.reason(fault, role))
    return {"row": row, "column": column, "value": value, "reason": ["; ".join(each) for each in reasons]}


def _rejected_revenue(checked: _Checked, bad: NDArray[np.int64]) -> float:
    """Return the revenue of rows not taken whose own amount could be read."""
    amounts = checked.amounts["revenue"][bad]
    known = np.isfinite(amounts) & (np.abs(amounts) <= _checks.LARGEST)
    return exact_sum(amounts[known])


# ------------------------------------------------------------------------------------------------------------------ columns


def _encoded(keys: Keys, rows: NDArray[np.int64] | None) -> tuple[NDArray[np.int32], NDArray[np.int64], list[str]]:
    """Return the dense code of each row taken, the places of the codes in the keys, and the ids in order."""
    codes = keys.codes if rows is None else keys.codes[rows]
    present = np.zeros(keys.size, dtype=bool)
    present[codes] = True
    used = np.flatnonzero(present)
    ids = keys.texts(used)
    if keys.values is not None:
        order = _checks.sorted_ids(ids)
        used, ids = used[order], [ids[k] for k in order]
    rank = np.zeros(keys.size, dtype=np.int32)
    rank[used] = np.arange(used.size, dtype=np.int32)
    return rank[codes], used, ids


def _latest_names(code: NDArray[np.int32], name: Keys, day: NDArray[np.int32], ids: list[str]) -> list[str]:
    """Return the name of each customer: the one of its last day, the first in the alphabet of several; its id if none."""
    known = np.flatnonzero(name.codes >= 0) if name.faults is None else np.flatnonzero(name.faults == _checks.OK)
    table = pa.table({"code": code[known], "name": name.codes[known], "day": day[known]})
    last = table.group_by(["code", "name"]).aggregate([("day", "max")])
    texts = name.texts(np.asarray(last["name"]))
    best: dict[int, tuple[int, str]] = {}
    for customer, text, latest in zip(last["code"].to_pylist(), texts, last["day_max"].to_pylist(), strict=True):
        found = best.get(customer)
        if found is None or (-latest, text) < (-found[0], found[1]):
            best[customer] = (latest, text)
    return [best[k][1] if k in best else ids[k] for k in range(len(ids))]


def _columns(checked: _Checked, rows: NDArray[np.int64] | None) -> LedgerColumns:
    """Return the columns of the rows taken (None: all of them)."""
    code, _, ids = _encoded(checked.customer, rows)

    def taken(values: NDArray[Any] | None) -> Any:
        return values if values is None or rows is None else values[rows]

    day = taken(checked.day)
    names = None
    if checked.name is not None:
        name = checked.name
        if rows is not None:
            name = Keys(
                name.codes[rows], name.first, name.size, name.values, None if name.faults is None else name.faults[rows]
            )
        names = _latest_names(code, name, day, ids)
    amounts = {role: taken(values) for role, values in checked.amounts.items()}
    return LedgerColumns(
        customer=code,
        day=day,
        revenue=amounts["revenue"],
        cost=amounts.get("cost"),
        quantity=amounts.get("quantity"),
        document=taken(checked.document),
        lines=amounts.get("lines"),
        drivers={role.removeprefix("driver "): v for role, v in amounts.items() if role.startswith("driver ")},
        ids=ids,
        names=names,
    )


# -------------------------------------------------------------------------------------------------------------------- eager


def _gather_eager(frame: Any, roles: Roles, readings: Mapping[str, Reading], library: str) -> Gathered:
    """Gather the rows of a frame in memory."""
    n = len(frame)
    cells = {role: _arrow(frame[column]) for role, column in roles.all().items()}
    checked = _check(cells, roles, readings, decide=True)
    rows = None
    bad = np.empty(0, dtype=np.int64)
    if checked.faults:
        is_bad = functools.reduce(operator.or_, (faults != _checks.OK for faults in checked.faults.values()))
        bad, rows = np.flatnonzero(is_bad), np.flatnonzero(~is_bad)
    columns = _columns(checked, rows)
    return Gathered(
        columns=columns,
        rejected=_rejections(checked, roles, cells, bad, bad + 1),
        rows_read=n,
        duplicates=lambda: n - _distinct_rows(frame),
        revenue_accepted=lambda: exact_sum(columns.revenue),
        revenue_rejected=_rejected_revenue(checked, bad),
        library=library,
    )


def _distinct_rows(frame: Any) -> int:
    """Count the different rows of an eager frame."""
    try:
        return len(frame.unique())
    except (TypeError, nw.exceptions.NarwhalsError, pa.ArrowInvalid, pa.ArrowNotImplementedError):
        # columns of lists, mappings or mixed objects cannot be compared as they are: compare what they show
        texts = [_cells(_arrow(frame[column]), np.arange(len(frame))) for column in frame.columns]
        return len(set(zip(*texts, strict=True)))


# --------------------------------------------------------------------------------------------------------------------- lazy


def _upload(native: Any, known: pa.Table) -> Any:
    """Return a small Arrow table as a lazy frame of the same engine and session as `native`."""
    implementation = nw.from_native(native).implementation
    if implementation.is_duckdb():
        return nw.from_native(native.query("custfolio_rows", "select * from known"))
    if implementation.is_polars():
        import polars as pl

        return nw.from_native(pl.from_arrow(known).lazy())  # type: ignore[union-attr]
    return nw.from_native(native.sparkSession.createDataFrame(known))


def _numbered(frame: Any, origin: Origin) -> Any:
    """Return a lazy frame with the number of each row, from 1, in the column `cf_row`."""
    if origin.row is not None:
        return frame.with_columns(cf_row=nw.col(origin.row))
    native = frame.to_native()
    if frame.implementation.is_duckdb():
        return nw.from_native(
            native.query("custfolio_rows", "select *, row_number() over () as cf_row from custfolio_rows")
        )
    if frame.implementation.is_polars():
        return nw.from_native(native.with_row_index("cf_row", offset=1))
    from pyspark.sql import functions

    part = native.withColumn("cf_part", functions.spark_partition_id())
    return nw.from_native(part.withColumn("cf_row", functions.monotonically_increasing_id()))


def _spark_rows(frame: Any, table: pa.Table) -> NDArray[np.int64]:
    """Turn Spark's partition-wise numbers into numbers of rows from 1, in the order of the partitions."""
    from pyspark.sql import functions

    parts = frame.to_native().groupBy(functions.spark_partition_id().alias("part")).count().collect()
    sizes = np.zeros(max((part["part"] for part in parts), default=-1) + 1, dtype=np.int64)
    for part in parts:
        sizes[part["part"]] = part["count"]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    inside = np.asarray(table["cf_row"]) & ((1 << 33) - 1)
    numbers: NDArray[np.int64] = starts[np.asarray(table["cf_part"])] + inside + 1
    return numbers


@dataclass
class _Plan:
    """How the columns used of a lazy frame become ids, days and numbers, and the rows that are not taken."""

    steps: list[Callable[[Any], Any]]
    bad: Any

    def typed(self, frame: Any) -> Any:
        """Return the frame with a typed column `cf_...` for each role; joins leave its rows in no order."""
        return functools.reduce(lambda result, step: step(result), self.steps, frame)


def _plan(frame: Any, roles: Roles, readings: Mapping[str, Reading]) -> _Plan:
    """Type the columns used, reading the distinct values of those that the engine itself does not type."""
    schema = frame.collect_schema()
    plan = _Plan([], None)
    bad: list[Any] = []
    for role, column in roles.all().items():
        kind, out, cell = schema[column], "cf_" + role, nw.col(column)
        if role == "name":
            plan.steps.append(_with(cell.alias(out)))
        elif role in ("customer", "document"):
            if isinstance(kind, (nw.List, nw.Struct, nw.Array, nw.Binary)):
                raise InputError(f"{role} (column {column!r}) must hold text or numbers, not {kind}")
            typed = cell if kind.is_numeric() or kind == nw.String else cell.cast(nw.String)
            plan.steps.append(_with(typed.alias(out)))
            bad.append(nw.col(out).is_null())
            if kind.is_float():
                bad.append(~nw.col(out).is_finite())
            elif not kind.is_numeric():
                bad.append(nw.col(out).str.strip_chars() == "")
        elif role == "date" and (kind == nw.Date or isinstance(kind, nw.Datetime)):
            first, last = (np.datetime64(day, "D").item() for day in (_checks.FIRST_DAY, _checks.LAST_DAY))
            plan.steps.append(_with(cell.cast(nw.Date).alias(out)))
            bad += [nw.col(out).is_null(), (nw.col(out) < nw.lit(first)) | (nw.col(out) > nw.lit(last))]
        elif role != "date" and kind.is_numeric():
            plan.steps.append(_with(cell.cast(nw.Float64).alias(out)))
            bad += _bad_amount(out, role)
        else:
            text = cell.cast(nw.String) if isinstance(kind, (nw.Categorical, nw.Enum)) else cell
            plan.steps.append(_with(text.alias("cf_key")))
            plan.steps.append(_looked_up(frame, text, role, column, readings[role]))
            bad.append(nw.col(out).is_null())
    if roles.price is not None:
        plan.steps.append(_with((nw.col("cf_quantity") * nw.col("cf_price")).alias("cf_revenue")))
        bad += _bad_amount("cf_revenue", "revenue")
    plan.bad = functools.reduce(operator.or_, bad)
    return plan


def _with(expression: Any) -> Callable[[Any], Any]:
    """Return the step that adds a column."""
    return lambda frame: frame.with_columns(expression)


def _looked_up(frame: Any, text: Any, role: str, column: str, reading: Reading) -> Callable[[Any], Any]:
    """Read the distinct values of a column, and return the step that joins what was read to the rows."""
    cells = frame.select(text.alias("cf_text")).unique().collect(backend="pyarrow")["cf_text"]
    distinct = _checks.one_array(cells.to_arrow())
    values: NDArray[Any]
    if role == "date":
        values, faults = _checks.days_of(distinct, role, column, reading)
    else:
        values, faults = _checks.amounts_of(distinct, role, column, reading)
    good = np.asarray(distinct.is_valid()) if faults is None else faults == _checks.OK
    rows = pa.array(good)
    known = _upload(
        frame.to_native(), pa.table({"cf_text": distinct.filter(rows), "cf_" + role: pa.array(values).filter(rows)})
    )
    return lambda typed: typed.join(known, left_on="cf_key", right_on="cf_text", how="left")


def _bad_amount(column: str, role: str) -> list[Any]:
    """Return the conditions under which an amount is not taken."""
    amount = nw.col(column)
    conditions = [amount.is_null(), amount.is_nan(), amount.abs() > _checks.LARGEST]
    return [*conditions, amount < 0] if role == "lines" else conditions


def _gather_lazy(frame: Any, roles: Roles, readings: Mapping[str, Reading], library: str, origin: Origin) -> Gathered:
    """Gather the rows of an engine, grouped by customer, day and document."""
    whole = frame
    # Only what is used: an engine handles every column that it is given, be they thousands.
    frame = whole.select(
        *dict.fromkeys(name for name in (*roles.all().values(), origin.row, origin.file) if name is not None)
    )
    plan = _plan(frame, roles, readings)
    amounts = [role for role in ("revenue", *roles.amounts()) if role != "price"]
    amounts = list(dict.fromkeys(amounts))
    good = plan.typed(frame).filter(~plan.bad)
    counts = _one_row(frame.select(cf_rows=nw.len()))
    limits = _one_row(
        good.select(
            cf_good=nw.len(), **{f"cf_max_{k}": nw.col("cf_" + role).abs().max() for k, role in enumerate(amounts)}
        )
    )
    n, n_good = int(counts["cf_rows"]), int(limits["cf_good"])
    scales = [_scale(float(limits[f"cf_max_{k}"] or 0.0), n_good) for k in range(len(amounts))]
    keys = ["cf_customer", "cf_date", *(["cf_document"] if roles.document is not None else [])]
    table = _grouped(good, keys, amounts, scales)
    names = None
    if roles.name is not None:
        names = (
            good.group_by("cf_customer", "cf_name").agg(nw.col("cf_date").max()).collect(backend="pyarrow").to_native()
        )
    columns, total = _grouped_columns(table, names, roles, amounts, scales)
    entries, revenue = _lazy_rejections(frame, plan, roles, readings, origin, n - n_good)
    broken = origin.broken or {}
    n_broken = len(broken.get("row", []))
    return Gathered(
        columns=columns,
        rejected=_in_order(entries, broken),
        rows_read=n + n_broken,
        duplicates=origin.duplicates or (lambda: n - int(_one_row(whole.unique().select(cf_rows=nw.len()))["cf_rows"])),
        revenue_accepted=lambda: total,
        revenue_rejected=revenue,
        library=library,
    )


def _one_row(frame: Any) -> dict[str, Any]:
    """Collect a lazy frame of one row."""
    row: dict[str, Any] = frame.collect(backend="pyarrow").to_native().to_pylist()[0]
    return row


def _grouped(good: Any, keys: list[str], amounts: list[str], scales: list[int]) -> pa.Table:
    """Group the rows taken in their engine: the two integers of each sum, and the number of rows."""
    scaled, parts = {}, {}
    for k, (role, scale) in enumerate(zip(amounts, scales, strict=True)):
        scaled[f"cf_whole_{k}"] = (nw.col("cf_" + role) * 2.0**scale).round(0).cast(nw.Int64)
        part = nw.col("cf_" + role) * 2.0**scale - nw.col(f"cf_whole_{k}").cast(nw.Float64)
        parts[f"cf_part_{k}"] = (part * 2.0**_FRACTION_BITS).round(0).cast(nw.Int64)
    sums = [nw.col(name).sum().cast(nw.Int64) for name in (*scaled, *parts)]
    grouped = good.with_columns(**scaled).with_columns(**parts).group_by(*keys).agg(*sums, cf_rows=nw.len())
    table: pa.Table = grouped.collect(backend="pyarrow").to_native()
    return table.sort_by([(key, "ascending") for key in keys])


def _grouped_columns(
    table: pa.Table, names: pa.Table | None, roles: Roles, amounts: list[str], scales: list[int]
) -> tuple[LedgerColumns, float]:
    """Return the columns of grouped rows, and the exact sum of their revenue."""
    sums: dict[str, NDArray[np.float64]] = {}
    total = 0.0
    for k, (role, scale) in enumerate(zip(amounts, scales, strict=True)):
        whole = np.asarray(_checks.one_array(table[f"cf_whole_{k}"])).astype(np.int64)
        part = np.asarray(_checks.one_array(table[f"cf_part_{k}"])).astype(np.int64)
        if role == "revenue":
            total = _joined(sum(whole.tolist()), sum(part.tolist()), scale)
        carried = part >> _FRACTION_BITS
        part = part - (carried << _FRACTION_BITS)
        sums[role] = ((whole + carried) + part * 2.0**-_FRACTION_BITS) * 2.0**-scale
    days = _checks.one_array(table["cf_date"])
    day = days.view(pa.int32()) if pa.types.is_date32(days.type) else days.cast(pa.int32())
    customer = _checks.keys_of(_checks.one_array(table["cf_customer"]), "customer", roles.customer)
    document = None
    if roles.document is not None:
        document, _ = _documents(_checks.one_array(table["cf_document"]), roles.document)
    if roles.lines is None:
        sums["lines"] = np.asarray(_checks.one_array(table["cf_rows"])).astype(np.float64)
    checked = _Checked(customer, np.asarray(day), sums, document, None, {})
    columns = _columns(checked, None)
    if names is not None and roles.name is not None:
        columns = dataclasses.replace(columns, names=_grouped_names(names, columns.ids, roles))
    return columns, total


def _grouped_names(names: pa.Table, ids: list[str], roles: Roles) -> list[str]:
    """Return the name of each customer from the names that the engine found, with the last day of each."""
    customer = _checks.keys_of(_checks.one_array(names["cf_customer"]), "customer", roles.customer)
    place = {text: k for k, text in enumerate(ids)}
    texts = customer.texts(np.arange(customer.size))
    code = np.array([place.get(text, -1) for text in texts], dtype=np.int32)[customer.codes]
    days = _checks.one_array(names["cf_date"])
    day = days.view(pa.int32()) if pa.types.is_date32(days.type) else days.cast(pa.int32())
    name = _checks.keys_of(_checks.one_array(names["cf_name"]), "name", roles.name or "")
    return _latest_names(code, name, np.asarray(day), ids)


def _lazy_rejections(
    frame: Any, plan: _Plan, roles: Roles, readings: Mapping[str, Reading], origin: Origin, expected: int
) -> tuple[dict[str, Any], float]:
    """Fetch the rows not taken, which alone leave their engine as they are, and say why each was not."""
    if expected == 0:
        return {"row": np.empty(0, dtype=np.int64), "column": [], "value": [], "reason": []}, 0.0
    numbered = _numbered(frame, origin)
    used = roles.all()
    spark = "cf_part" in numbered.collect_schema().names()
    picked = {f"cf_cell_{k}": nw.col(column) for k, column in enumerate(used.values())}
    extra = ["cf_row", *(["cf_part"] if spark else []), *([origin.file] if origin.file else [])]
    table = plan.typed(numbered).filter(plan.bad).select(*extra, **picked).collect(backend="pyarrow").to_native()
    row = _spark_rows(frame, table) if spark else np.asarray(_checks.one_array(table["cf_row"])).astype(np.int64)
    file = table[origin.file].to_pylist() if origin.file else []
    order = np.lexsort((row, np.array(file))) if file else np.argsort(row, kind="stable")
    table = table.take(pa.array(order))
    cells = {role: _checks.one_array(table[f"cf_cell_{k}"]) for k, role in enumerate(used)}
    checked = _check(cells, roles, readings, decide=False)
    bad = np.arange(table.num_rows)
    entries = _rejections(checked, roles, cells, bad, row[order])
    if table.num_rows != expected or "" in entries["reason"]:
        raise InputError("the data changed while it was read; read it again, or hand it over as a frame in memory")
    if origin.file:
        entries = {"row": entries.pop("row"), "file": [file[k] for k in order.tolist()], **entries}
    return entries, _rejected_revenue(checked, bad)


def _in_order(entries: dict[str, Any], broken: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Merge rows not taken with rows that are no rows of the table, by file and row."""
    if not broken or not broken["row"]:
        return entries
    names = ["row", *(["file"] if "file" in broken else []), "column", "value", "reason"]
    merged = {name: [*list(entries.get(name, [])), *broken[name]] for name in names}
    files = merged.get("file") or [""] * len(merged["row"])
    order = sorted(range(len(files)), key=lambda k: (files[k], merged["row"][k]))
    result: dict[str, Any] = {name: [values[k] for k in order] for name, values in merged.items()}
    return result | {"row": np.array(result["row"], dtype=np.int64)}


# --------------------------------------------------------------------------------------------------------------------- face


def gather(
    data: Any,
    given: Mapping[str, Any],
    drivers: Mapping[str, str] | None = None,
    date_format: str | None = None,
    decimal: str | None = None,
    origin: Origin | None = None,
    library: str | None = None,
) -> Gathered:
    """Read the rows of a frame.

    Parameters
    ----------
    data : frame
        Any frame that narwhals reads, eager or lazy.
    given : mapping of role to column, False or None
        Which column plays which role.
    drivers : mapping of driver to column, optional
        Further drivers.
    date_format : str, optional
        How text dates are written (`datetime.strptime`).
    decimal : {".", ","}, optional
        The decimal sign of text amounts.
    origin : Origin, optional
        How rows are numbered, where the data came from files.
    library : str, optional
        The library that results leave in; the frame's own by default.

    Returns
    -------
    Gathered
        The rows taken, and those not taken.

    Raises
    ------
    InputError
        If `data` is no frame, has no rows, a column is missing, or a column can be read in two ways.
    """
    library = library or library_of(data)
    try:
        frame = nw.from_native(data)
        names = list(frame.collect_schema().names())
    except (nw.exceptions.NarwhalsError, ValueError) as error:
        raise InputError(f"the frame cannot be read: {str(error).splitlines()[0]}") from None
    own = {origin.row, origin.file} if origin is not None else set()
    roles = _checks.recognise([name for name in names if name not in own], given, drivers)
    readings = {role: Reading(decimal=decimal) for role in roles.all()}
    readings["date"].format = date_format
    engine = frame.implementation
    if isinstance(frame, nw.LazyFrame) and not (engine.is_duckdb() or engine.is_polars() or engine.is_pyspark()):
        frame = frame.collect(backend="pyarrow")
    if isinstance(frame, nw.LazyFrame):
        gathered = _gather_lazy(frame, roles, readings, library, origin or Origin())
    else:
        gathered = _gather_eager(frame, roles, readings, library)
    if gathered.rows_read == 0:
        raise InputError(f"the data has no rows, only column names: {_checks.listed(names)}")
    return gathered
