# The rows of an engine that keeps the data: DuckDB, Polars lazily, Spark.
"""Check and group rows where they lie: by customer, day and document, with sums and the number of lines."""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from custfolio._reading.amounts import LARGEST, amounts_of
from custfolio._reading.cells import MISSING, OK, Reading, one_array
from custfolio._reading.columns import Roles, marks_type
from custfolio._reading.dated_totals import dated_totals, not_totals
from custfolio._reading.days import FIRST_DAY, LAST_DAY, days_of
from custfolio._reading.exact_sum import FRACTION_BITS, binary_scale, exact_sum, joined
from custfolio._reading.header import LIKE_TOTAL, is_total
from custfolio._reading.keys import keys_of
from custfolio._reading.rows import (
    CREDIT_CODES,
    NO_CREDIT,
    PRICES,
    Checked,
    Gathered,
    LedgerColumns,
    MissingCost,
    Origin,
    check,
    columns_of,
    day_documents,
    documents_of,
    exchange,
    gap_table,
    in_order,
    latest_names,
    mark_totals,
    no_sale,
    rejections,
    revenue_of,
)
from custfolio.errors import InputError

__all__ = ["gather_lazy"]


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
    if "cf_row" in frame.collect_schema().names():
        return frame
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
    """Expressions that turn the columns of a lazy frame into ids, days and numbers, and find rejected rows."""

    steps: list[Callable[[Any], Any]]
    bad: Any

    def typed(self, frame: Any) -> Any:
        """Return the frame with a typed column `cf_...` for each role; joins leave its rows in no order."""
        return functools.reduce(lambda result, step: step(result), self.steps, frame)


def _plan(frame: Any, roles: Roles, readings: Mapping[str, Reading]) -> _Plan:
    """Type the columns used, reading the distinct values of those that the engine itself does not type."""
    schema = frame.collect_schema()
    plan = _Plan([], None)
    faults: dict[str, list[Any]] = {}
    halves = {half for pair in roles.lowered() for half in pair}
    for role, column in roles.all().items():
        kind, out, cell = schema[column], "cf_" + role, nw.col(column)
        if role in roles.credit_notes():
            continue
        if role == "name":
            plan.steps.append(_with(cell.alias(out)))
        elif role == "status":
            words = no_sale(roles.refunded is not None)
            status = cell.cast(nw.String).str.strip_chars().str.to_lowercase().is_in(words)
            plan.steps.append(_with(status.fill_null(False).alias(out)))
            faults[role] = [nw.col(out)]
        elif role in ("customer", "document", *roles.dimensions):
            if isinstance(kind, (nw.List, nw.Struct, nw.Array, nw.Binary)):
                raise InputError(f"{role} (column {column!r}) must contain text or numbers; found {kind}")
            typed = cell if kind.is_numeric() or kind == nw.String else cell.cast(nw.String)
            plan.steps.append(_with(typed.alias(out)))
            unusable = [nw.col(out).is_null()]
            if kind.is_float():
                unusable.append(~nw.col(out).is_finite())
            elif not kind.is_numeric():
                unusable.append(nw.col(out).str.strip_chars() == "")
            if role not in roles.dimensions:
                faults[role] = unusable
        elif role == "date" and (kind == nw.Date or isinstance(kind, nw.Datetime)):
            first, last = (np.datetime64(day, "D").item() for day in (FIRST_DAY, LAST_DAY))
            plan.steps.append(_with(cell.cast(nw.Date).alias(out)))
            faults[role] = [nw.col(out).is_null(), (nw.col(out) < nw.lit(first)) | (nw.col(out) > nw.lit(last))]
        elif role != "date" and kind.is_numeric():
            typed = cell.cast(nw.Float64)
            plan.steps.append(_with((typed.fill_null(float("nan")) if role in halves else typed).alias(out)))
            faults[role] = [] if role in halves else _bad_amount(out, role)
        else:
            text = cell.cast(nw.String) if isinstance(kind, (nw.Categorical, nw.Enum)) else cell
            plan.steps.append(_with(text.alias("cf_key")))
            plan.steps.append(_looked_up(frame, text, role, column, readings[role], role in halves))
            faults[role] = [] if role in halves else [nw.col(out).is_null()]
    lowered = sorted(roles.lowered(), key=lambda pair: pair[0] == "revenue")
    for role, less in lowered:
        if role == "quantity":
            plan.steps.append(_lowered(role, less))
    if roles.price is not None:
        plan.steps.append(_with((nw.col("cf_quantity") * nw.col("cf_price")).alias("cf_revenue")))
    for role, less in lowered:
        if role == "revenue":
            plan.steps.append(_lowered(role, less))
    for role in {"revenue", *(role for role, _ in lowered)}:
        faults[role] = _bad_amount("cf_" + role, role)
    if roles.unit_cost is not None:
        quantity = nw.col("cf_quantity")
        units = nw.when(nw.col("cf_revenue") < 0).then(nw.lit(0.0) - quantity.abs()).otherwise(quantity)
        plan.steps.append(_with((units * nw.col("cf_unit_cost")).alias("cf_cost")))
        gaps = [*faults["quantity"], *faults.pop("unit_cost")] if roles.keeps_uncosted else []
        faults["cost"] = [*gaps, *_bad_amount("cf_cost", "cost")]
    for role in roles.optional():
        plan.steps += _gap_steps(role, faults.pop(role))
    if roles.credit_notes():
        read = roles.amounts() | roles.products()
        signed = ("revenue", *(role for role in ("quantity", "cost") if role in read))
        credit = functools.reduce(operator.or_, (_credit_note(role, roles) for role in roles.credit_notes()))
        turned = {f"cf_{role}": (credit, nw.lit(0.0) - nw.col(f"cf_{role}").abs()) for role in signed}
        for role in (f"driver {name}" for name in PRICES[1:] if name in roles.drivers):
            turned[f"cf_{role}"] = (credit & (nw.col("cf_revenue") > 0), nw.lit(0.0) - nw.col(f"cf_{role}"))
        plan.steps.append(
            _with(
                *(nw.when(rows).then(new).otherwise(nw.col(name)).alias(name) for name, (rows, new) in turned.items())
            )
        )
    listed = "driver list_price"
    if listed in roles.optional():
        priced = ~nw.col(f"cf_gap {listed}")
        if "quantity" in roles.optional():
            priced &= ~nw.col("cf_gap quantity")
        invoiced = nw.col("cf_revenue")
        if "discount" in roles.drivers:
            invoiced = invoiced + nw.col("cf_driver discount")
        amount = nw.when(priced).then(nw.col(f"cf_{listed}") * nw.col("cf_quantity")).otherwise(invoiced)
        plan.steps.append(_with(amount.alias(f"cf_{listed}")))
    plan.bad = functools.reduce(operator.or_, (fault for each in faults.values() for fault in each))
    return plan


def _gap_steps(role: str, faults: list[Any]) -> list[Callable[[Any], Any]]:
    """Return the steps that mark the gaps of an optional column and fill them; a gap in a document stays one."""
    out = nw.col("cf_" + role)
    gap = functools.reduce(operator.or_, faults).fill_null(True)
    instead = nw.lit(1.0 if role == "lines" else 0.0)
    whole = nw.when(~nw.col(f"cf_gap {role}"))
    filled = whole.then(out) if role == "document" else whole.then(out).otherwise(instead)
    return [_with(gap.alias(f"cf_gap {role}")), _with(filled.alias("cf_" + role))]


def _with(*expressions: Any) -> Callable[[Any], Any]:
    """Return the step that adds columns."""
    return lambda frame: frame.with_columns(*expressions)


def _credit_note(role: str, roles: Roles) -> Any:
    """Return the condition of a column that marks credit notes."""
    column = roles.credit_notes()[role]
    text = nw.col(column).cast(nw.String).str.strip_chars().str.to_lowercase()
    if role == "kind":
        return text.is_in(roles.credit_kinds).fill_null(False)
    marked = text.is_in(CREDIT_CODES) if marks_type(column) else ~text.is_in(NO_CREDIT)
    return marked.fill_null(False)


def _lowered(role: str, lower: str) -> Callable[[Any], Any]:
    """Return the step that subtracts the amounts that lower a role; see :func:`custfolio._reading.rows.check`."""
    amount, less = nw.col(f"cf_{role}"), nw.col(f"cf_{lower}")
    if lower == "refunded":
        less = less.abs()
    taken = nw.when(less.is_nan()).then(nw.lit(0.0)).otherwise(less)
    if lower.startswith("credited "):
        amount = nw.when(amount.is_nan() & ~less.is_nan()).then(nw.lit(0.0)).otherwise(amount)
    return _with((amount - taken).alias(f"cf_{role}"))


def _looked_up(frame: Any, text: Any, role: str, column: str, reading: Reading, empty: bool) -> Callable[[Any], Any]:
    """Read the distinct values of a column, and return the step that joins them to the rows; `empty` cells become NaN."""
    cells = frame.select(text.alias("cf_text")).unique().collect(backend="pyarrow")["cf_text"]
    distinct = one_array(cells.to_arrow())
    values: NDArray[Any]
    if role == "date":
        values, faults = days_of(distinct, role, column, reading)
    else:
        values, faults = amounts_of(distinct, role, column, reading)
    good = np.asarray(distinct.is_valid()) if faults is None else (faults == OK) | (empty & (faults == MISSING))
    good &= np.asarray(distinct.is_valid())
    rows = pa.array(good)
    known = _upload(
        frame.to_native(), pa.table({"cf_text": distinct.filter(rows), "cf_" + role: pa.array(values).filter(rows)})
    )
    out = nw.col("cf_" + role)
    filled = nw.when(nw.col("cf_key").is_null()).then(nw.lit(float("nan"))).otherwise(out).alias("cf_" + role)

    def joined_to(typed: Any) -> Any:
        joined = typed.join(known, left_on="cf_key", right_on="cf_text", how="left")
        return joined.with_columns(filled) if empty else joined

    return joined_to


def _bad_amount(column: str, role: str) -> list[Any]:
    """Return the conditions that reject an amount."""
    amount = nw.col(column)
    conditions = [amount.is_null(), amount.is_nan(), amount.abs() > LARGEST]
    return [*conditions, amount < 0] if role == "lines" else conditions


def gather_lazy(
    frame: Any, roles: Roles, readings: Mapping[str, Reading], library: str, origin: Origin, missing_cost: MissingCost
) -> Gathered:
    """Gather the rows of an engine, grouped by customer, day and document."""
    whole = frame
    # Only the columns in use: an engine computes every column of its frame, even thousands.
    frame = whole.select(
        *dict.fromkeys(name for name in (*roles.all().values(), origin.row, origin.file) if name is not None)
    )
    plan = _plan(frame, roles, readings)
    frame, totals, notes = _with_totals(frame, plan, roles, origin)
    good = plan.typed(frame).filter(~plan.bad)
    parts = {"price", "unit_cost", *(less for _, less in roles.lowered())}
    largest = [f"delivery driver {driver}" for driver in roles.delivery_drivers]  # the rows of a document repeat them
    amounts = [role for role in ("revenue", *roles.products(), *roles.amounts()) if role not in (*parts, *largest)]
    measured = _one_row(
        good.select(
            cf_good=nw.len(),
            **{f"cf_max {role}": nw.col(f"cf_{role}").abs().max() for role in dict.fromkeys(amounts)},
            **{f"cf_gap {role}": nw.col(f"cf_gap {role}").cast(nw.Int64).sum() for role in roles.optional()},
        )
    )
    counts = _one_row(frame.select(cf_rows=nw.len()))
    n, n_good = int(counts["cf_rows"]), int(measured["cf_good"])
    gaps = {role: int(measured[f"cf_gap {role}"] or 0) for role in roles.optional()}
    gaps = {role: count for role, count in gaps.items() if count}
    read, empty = roles, {role for role in gaps if role in roles.guessed and gaps[role] == n_good}
    for role in empty:
        roles = roles.without(role)
    for role in gaps:
        without = nw.when(nw.col(f"cf_gap {role}")).then(nw.col("cf_revenue")).otherwise(nw.lit(0.0))
        good = good.with_columns(without.alias(f"cf_no {role}"))
        measured[f"cf_max no {role}"] = measured["cf_max revenue"]
    amounts = [*(role for role in dict.fromkeys(amounts) if role not in empty), *(f"no {role}" for role in gaps)]
    scales = [binary_scale(float(measured[f"cf_max {role}"] or 0.0), n_good) for role in amounts]
    keys = ["cf_customer", "cf_date", *(["cf_document"] if roles.document is not None else [])]
    keys += [f"cf_{role}" for role in roles.dimensions]
    # Sales and returns stay apart: their quantities are two drivers, and a sum of 0 shows only beside the amounts.
    signs = ("revenue", "quantity") if roles.quantity is not None else ("revenue",)
    good = good.with_columns(**{f"cf_sign {role}": nw.col(f"cf_{role}") < 0 for role in signs})
    keys += [f"cf_sign {role}" for role in signs]
    table = _grouped(good, keys, amounts, scales, largest)
    names = None
    if roles.name is not None:
        names = (
            good.group_by("cf_customer", "cf_name").agg(nw.col("cf_date").max()).collect(backend="pyarrow").to_native()
        )
    columns, sums, uncosted = _grouped_columns(table, names, roles, readings, amounts, scales)
    taken = ""
    if columns.cost is not None and "cost" in gaps:
        columns, taken = missing_cost.filled(columns, columns.cost, uncosted)
    total = sums["revenue"]
    entries, revenue = _lazy_rejections(frame, plan, read, readings, origin, n - n_good, totals)
    broken = origin.broken or {}
    n_broken = len(broken.get("row", []))
    return Gathered(
        columns=columns,
        rejected=in_order(entries, broken),
        rows_read=n + n_broken,
        duplicates=origin.duplicates or (lambda: n - int(_one_row(whole.unique().select(cf_rows=nw.len()))["cf_rows"])),
        revenue_accepted=lambda: total,
        revenue_rejected=revenue,
        library=library,
        recognised=roles.all(),
        gaps=gap_table(
            [(role, read.optional()[role], gaps[role], sums[f"no {role}"], role in empty) for role in gaps],
            taken,
        ),
        notes=notes,
    )


def _total_labels(frame: Any, column: str) -> list[str]:
    """Return the distinct cells of a column that begin with a word for total."""
    if frame.collect_schema()[column] != nw.String:
        return []
    likely = frame.select(cf_label=nw.col(column)).filter(nw.col("cf_label").str.contains(LIKE_TOTAL)).unique()
    return list(filter(is_total, likely.collect(backend="pyarrow").to_native()["cf_label"].to_pylist()))


def _with_totals(frame: Any, plan: _Plan, roles: Roles, origin: Origin) -> tuple[Any, set[tuple[str, int]], list[str]]:
    """Find rows of totals with a date, which the plan then rejects.

    Returns
    -------
    frame : lazy frame
        With the number of each row, where there are candidates.
    totals : set of (str, int)
        File ("" for only one) and number of each row of totals.
    notes : list of str
        Customers with a word for total that count.
    """
    role, column, labels = "customer", roles.customer, _total_labels(frame, roles.customer)
    for other, further in (("name", roles.name), ("document", roles.document)):
        if not labels and further is not None:
            role, column, labels = other, further, _total_labels(frame, further)
    if not labels:
        return frame, set(), []
    if frame.implementation.is_pyspark():  # its rows have no order
        return frame, set(), not_totals(sorted(labels)) if role == "customer" else []
    frame = _numbered(frame, origin)
    extra = [origin.file] if origin.file else []
    rows = plan.typed(frame).filter(~plan.bad).select("cf_row", f"cf_{role}", "cf_revenue", *extra)
    table = rows.collect(backend="pyarrow").to_native().sort_by([(name, "ascending") for name in (*extra, "cf_row")])
    keys = keys_of(one_array(table[f"cf_{role}"]), role, column)
    file = np.asarray(table[origin.file].to_pylist(), dtype=object) if origin.file else None
    revenue = np.asarray(one_array(table["cf_revenue"]))
    is_total, others = dated_totals(keys, revenue, np.ones(table.num_rows, dtype=bool), file)
    numbers = np.asarray(one_array(table["cf_row"])).astype(np.int64)
    for name in [""] if file is None else sorted(set(file[is_total].tolist())):
        totals_of_file = nw.col("cf_row").is_in(numbers[is_total & (True if file is None else file == name)].tolist())
        plan.bad |= totals_of_file if file is None else totals_of_file & (nw.col(extra[0]) == name)
    files = [""] * int(is_total.sum()) if file is None else file[is_total].tolist()
    return (
        frame,
        set(zip(files, numbers[is_total].tolist(), strict=True)),
        not_totals(others if role == "customer" else []),
    )


def _one_row(frame: Any) -> dict[str, Any]:
    """Collect a lazy frame of one row."""
    row: dict[str, Any] = frame.collect(backend="pyarrow").to_native().to_pylist()[0]
    return row


def _grouped(good: Any, keys: list[str], amounts: list[str], scales: list[int], largest: list[str]) -> pa.Table:
    """Group the accepted rows in their engine: the two integers of each sum, the largest values, and the number of rows."""
    scaled, parts = {}, {}
    for k, (role, scale) in enumerate(zip(amounts, scales, strict=True)):
        scaled[f"cf_whole_{k}"] = (nw.col("cf_" + role) * 2.0**scale).round(0).cast(nw.Int64)
        part = nw.col("cf_" + role) * 2.0**scale - nw.col(f"cf_whole_{k}").cast(nw.Float64)
        parts[f"cf_part_{k}"] = (part * 2.0**FRACTION_BITS).round(0).cast(nw.Int64)
    sums = [nw.col(name).sum().cast(nw.Int64) for name in (*scaled, *parts)]
    sums += [nw.col("cf_" + role).max() for role in largest]
    grouped = good.with_columns(**scaled).with_columns(**parts).group_by(*keys).agg(*sums, cf_rows=nw.len())
    table: pa.Table = grouped.collect(backend="pyarrow").to_native()
    return table.sort_by([(key, "ascending") for key in keys])


def _grouped_columns(
    table: pa.Table,
    names: pa.Table | None,
    roles: Roles,
    readings: Mapping[str, Reading],
    amounts: list[str],
    scales: list[int],
) -> tuple[LedgerColumns, dict[str, float], NDArray[np.float64]]:
    """Return the columns of grouped rows, the exact sum of each amount, and the revenue without a cost."""
    sums: dict[str, NDArray[np.float64]] = {}
    total: dict[str, float] = {}
    for k, (role, scale) in enumerate(zip(amounts, scales, strict=True)):
        whole = np.asarray(one_array(table[f"cf_whole_{k}"])).astype(np.int64)
        part = np.asarray(one_array(table[f"cf_part_{k}"])).astype(np.int64)
        total[role] = joined(sum(whole.tolist()), sum(part.tolist()), scale)
        carried = part >> FRACTION_BITS
        part = part - (carried << FRACTION_BITS)
        sums[role] = ((whole + carried) + part * 2.0**-FRACTION_BITS) * 2.0**-scale
    for driver in roles.delivery_drivers:
        role = f"delivery driver {driver}"
        sums[role] = np.asarray(one_array(table["cf_" + role])).astype(np.float64)
    days = one_array(table["cf_date"])
    day = days.view(pa.int32()) if pa.types.is_date32(days.type) else days.cast(pa.int32())
    customer = keys_of(one_array(table["cf_customer"]), "customer", roles.customer)
    document = None
    if roles.document is not None:
        document, gaps, _ = documents_of(one_array(table["cf_document"]), roles.document)
        if gaps is not None:
            document = np.where(gaps != OK, day_documents(np.asarray(day)), document)
    if roles.lines is None:
        sums["lines"] = np.asarray(one_array(table["cf_rows"])).astype(np.float64)
    dimensions = {
        role: keys_of(one_array(table[f"cf_{role}"]), role, column) for role, column in roles.dimensions.items()
    }
    checked = Checked(customer, np.asarray(day), sums, document, None, {}, dimensions, {})
    currencies = readings["currency"].currencies if "currency" in roles.dimensions else None
    if currencies is not None:
        exchange(checked, currencies, roles.dimensions["currency"], np.asarray(one_array(table["cf_rows"])))
        total = {role: exact_sum(values) for role, values in sums.items()}
    columns = columns_of(checked, None)
    if names is not None and roles.name is not None:
        columns = dataclasses.replace(columns, names=_grouped_names(names, columns.ids, roles))
    return columns, total, sums.get("no cost", np.zeros(table.num_rows))


def _grouped_names(names: pa.Table, ids: list[str], roles: Roles) -> list[str]:
    """Return the name of each customer from the names that the engine found, with the last day of each."""
    customer = keys_of(one_array(names["cf_customer"]), "customer", roles.customer)
    place = {text: k for k, text in enumerate(ids)}
    texts = customer.texts(np.arange(customer.size))
    code = np.array([place.get(text, -1) for text in texts], dtype=np.int32)[customer.codes]
    days = one_array(names["cf_date"])
    day = days.view(pa.int32()) if pa.types.is_date32(days.type) else days.cast(pa.int32())
    name = keys_of(one_array(names["cf_name"]), "name", roles.name or "")
    return latest_names(code, name, np.asarray(day), ids)


def _lazy_rejections(
    frame: Any,
    plan: _Plan,
    roles: Roles,
    readings: Mapping[str, Reading],
    origin: Origin,
    expected: int,
    totals: Collection[tuple[str, int]],
) -> tuple[dict[str, Any], float]:
    """Fetch the rejected rows, the only ones that leave their engine as they are, with the reason of each."""
    if expected == 0:
        return {"row": np.empty(0, dtype=np.int64), "column": [], "value": [], "reason": []}, 0.0
    numbered = _numbered(frame, origin)
    used = roles.all()
    spark = "cf_part" in numbered.collect_schema().names()
    picked = {f"cf_cell_{k}": nw.col(column) for k, column in enumerate(used.values())}
    extra = ["cf_row", *(["cf_part"] if spark else []), *([origin.file] if origin.file else [])]
    table = plan.typed(numbered).filter(plan.bad).select(*extra, **picked).collect(backend="pyarrow").to_native()
    row = _spark_rows(frame, table) if spark else np.asarray(one_array(table["cf_row"])).astype(np.int64)
    file = table[origin.file].to_pylist() if origin.file else []
    order = np.lexsort((row, np.array(file))) if file else np.argsort(row, kind="stable")
    table = table.take(pa.array(order))
    cells = {role: one_array(table[f"cf_cell_{k}"]) for k, role in enumerate(used)}
    checked = check(cells, roles, readings, decide=False)
    files = [file[k] for k in order.tolist()] if file else [""] * len(order)
    places = list(zip(files, row[order].tolist(), strict=True))
    dated = np.array([place in totals for place in places], dtype=bool)
    mark_totals(checked, cells, dated, [origin.totals.get(place) for place in places])
    bad = np.arange(table.num_rows)
    entries = rejections(checked, roles, cells, bad, row[order])
    if table.num_rows != expected or "" in entries["reason"]:
        raise InputError("the data changed while it was read; read it again, or pass it as a frame in memory")
    if origin.file:
        entries = {"row": entries.pop("row"), "file": [file[k] for k in order.tolist()], **entries}
    return entries, revenue_of(checked, bad)
