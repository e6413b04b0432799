# Cells that are amounts.
"""Read a column as amounts, settling its decimal sign once for the whole column."""

from __future__ import annotations

import re
from typing import Any, Final, cast

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from custfolio._reading.cells import (
    BEYOND,
    CURRENCY,
    INFINITE,
    MISSING,
    NEGATIVE,
    NO_VALUE,
    NOT_NUMBER,
    OK,
    OTHER_DECIMAL,
    Faults,
    Reading,
    distinct_values,
    is_typed_text,
    mask_of,
    one_array,
    reason,
    spread,
)
from custfolio._reading.currencies import leading_minus, split_currency, split_side
from custfolio._tables.frames import numbers_of
from custfolio.errors import InputError

__all__ = ["LARGEST", "amounts_of", "numbers_beside"]


LARGEST: Final = 1e15
"""Larger amounts are errors: no ledger has them, and their sums are no longer exact to the cent."""

_GROUPS = "|".join(rf"(?:{sign}\d{{3}})+" for sign in (" ", "\u00a0", "\u202f", "\u2009", "'", "’"))


def _number_pattern(decimal: str, group: str) -> str:
    """Return the pattern of a number written with a decimal and a grouping sign."""
    d, g = re.escape(decimal), re.escape(group)
    grouped = rf"[1-9]\d{{0,2}}(?:(?:{g}\d{{3}})+|{_GROUPS})(?:{d}\d*)?"
    plain = rf"(?:\d+(?:{d}\d*)?|{d}\d+)(?:[eE][+-]?\d{{1,4}})?"
    return rf"^[+-]?(?:{grouped}|{plain})$"


_WITH_POINT = _number_pattern(".", ",")
_WITH_COMMA = _number_pattern(",", ".")


def _parsed(texts: pa.Array, mask: NDArray[np.bool_], decimal: str, out: NDArray[np.float64]) -> None:
    """Write the numbers of the texts under a mask, which all fit the pattern of the decimal sign."""
    if not mask.any():
        return
    group = "," if decimal == "." else "."
    bare = pc.replace_substring_regex(
        texts.filter(pa.array(mask)), rf"[{re.escape(group)} \x{{a0}}\x{{202f}}\x{{2009}}'’]", ""
    )
    if decimal == ",":
        bare = pc.replace_substring(bare, ",", ".")
    bare = pc.replace_substring_regex(bare, r"^\+", "")
    try:
        out[mask] = np.asarray(pc.cast(bare, pa.float64()))
    except pa.ArrowInvalid:
        out[mask] = [float(text) for text in bare.to_pylist()]


def _read_amounts(texts: pa.Array, what: str, reading: Reading, decide: bool) -> tuple[NDArray[np.float64], Faults]:
    """Read distinct texts as amounts; where `decide`, settle the column's decimal sign first."""
    trimmed = pc.replace_substring_regex(pc.utf8_trim_whitespace(texts), "[−–—﹣－]", "-")
    point, comma = (mask_of(pc.match_substring_regex(trimmed, pattern)) for pattern in (_WITH_POINT, _WITH_COMMA))
    units, sides = (np.full(len(texts), "", dtype=object) for _ in range(2))
    folded = pc.utf8_lower(trimmed)
    unusual = ~(point | comma)
    if unusual.any():
        bare = trimmed.filter(pa.array(unusual))
        if reading.currencies is not None:
            bare, sides[unusual] = split_side(bare)
            bare, units[unusual] = split_currency(bare)
        bare = leading_minus(bare)
        trimmed = pc.replace_with_mask(trimmed, pa.array(unusual), bare)
        point[unusual] = mask_of(pc.match_substring_regex(bare, _WITH_POINT))
        comma[unusual] = mask_of(pc.match_substring_regex(bare, _WITH_COMMA))
    has_sign = mask_of(pc.match_substring_regex(trimmed, r"[.,]"))
    if decide and reading.decimal is None:
        reading.decimal = _decimal_sign(trimmed, has_sign, point, comma, units != "", what, reading.beside)
    fits, other = (comma, point) if reading.decimal == "," else (point, comma)
    if decide:
        reading.written = _written(texts, has_sign & fits, reading.decimal)
    values = np.full(len(texts), np.nan)
    _parsed(trimmed, fits, reading.decimal or ".", values)
    faults = np.where(fits, OK, NOT_NUMBER).astype(np.uint8)
    faults[~fits & other] = OTHER_DECIMAL
    faults[mask_of(pc.is_in(folded, value_set=pa.array(NO_VALUE, folded.type)))] = MISSING
    faults[mask_of(pc.match_substring_regex(folded, r"^[+-]?inf(inity)?$"))] = INFINITE
    money = mask_of(
        pc.match_substring_regex(trimmed, r"^[+-]?\s*(?:\p{Sc}|[A-Za-z]{3}\s?[\d+-])|(?:\p{Sc}|\d\s?[A-Za-z]{3})$")
    )
    faults[(faults == NOT_NUMBER) & money] = CURRENCY
    if reading.currencies is not None and (sides != "").any():
        if decide:
            amounts = fits & (values != 0)
            written = np.array(texts.filter(pa.array(amounts)).to_pylist(), dtype=object)
            reading.lowering = reading.currencies.lowering(sides[amounts], written, what)
        values = np.where(np.isin(sides, reading.lowering), 0.0 - np.abs(values), values)
    if reading.currencies is not None and (units != "").any():
        if decide:
            amounts = fits & ((values != 0) | (units != ""))  # a bare 0 is 0 in every currency
            written = np.array(texts.filter(pa.array(amounts)).to_pylist(), dtype=object)
            reading.with_currency = True
            reading.currencies.note(units[amounts], written, what)
            reading.currencies.note_bare(units[amounts], written, what)
        values *= reading.currencies.rates(units)
    faults[np.isinf(values)] = INFINITE
    if decide:
        ratios = texts.filter(
            pc.and_(pa.array(faults == NOT_NUMBER), pc.match_substring_regex(trimmed, r"^[\d.,]+\s*%$"))
        )
        reading.percentage = ratios[0].as_py() if len(ratios) else None
    return values, faults


def _written(texts: pa.Array, signed: NDArray[np.bool_], decimal: str | None) -> str:
    """Return how the amounts of a column are written, for people; `signed`: those with a point or comma."""
    if decimal is None or not signed.any():
        return "whole numbers"
    examples = texts.filter(pa.array(signed)).to_pylist()
    return f"decimal {'comma' if decimal == ',' else 'point'}, as {max(examples, key=lambda text: (len(text), text))!r}"


def _decimal_sign(
    texts: pa.Array,
    has_sign: NDArray[np.bool_],
    point: NDArray[np.bool_],
    comma: NDArray[np.bool_],
    money: NDArray[np.bool_],
    what: str,
    beside: bool,
) -> str | None:
    """Settle whether a column of text amounts uses the point or the comma as its decimal sign.

    Money has no three decimals: one sign before three digits groups them where a currency stands beside them.
    """
    only_point, only_comma, either = point & ~comma & has_sign, comma & ~point & has_sign, point & comma & has_sign
    if not (only_point.any() or only_comma.any()):
        grouped = mask_of(pc.match_substring(texts, ","))
        only_point, only_comma = either & money & grouped, either & money & ~grouped
    points, commas = int(only_point.sum()), int(only_comma.sum())
    remedy = "write numbers as 1234.5, or give a column of numbers" if beside else 'pass decimal="." or decimal=","'

    def example(mask: NDArray[np.bool_]) -> str:
        return repr(min(texts.filter(pa.array(mask)).to_pylist()))

    if points and commas:
        if points >= 9 * commas:
            return "."
        if commas >= 9 * points:
            return ","
        raise InputError(
            f"{what} mixes decimal signs: {example(only_point)} has a decimal point, {example(only_comma)} a decimal comma; "
            f"{remedy}"
        )
    if points or commas:
        return "." if points else ","
    if either.any():
        text = min(texts.filter(pa.array(either)).to_pylist())
        both = np.full(2, np.nan)
        _parsed(pa.array([text]), np.array([True]), ".", both[:1])
        _parsed(pa.array([text]), np.array([True]), ",", both[1:])
        raise InputError(
            f"{what} can be read in two ways: {text!r} is {both[0]:g} with a decimal point and {both[1]:g} with a decimal comma; "
            f"{remedy}"
        )
    return None


def numbers_beside(series: Any, where: str) -> NDArray[np.float64]:
    """Return a column of a table beside the ledger as doubles, text as a ledger reads it; InputError names the row of other text."""
    if not isinstance(series.dtype, (nw.String, nw.Categorical, nw.Enum)):
        return cast("NDArray[np.float64]", numbers_of(series, series.name))
    array = one_array(series.to_arrow())
    numbers, faults = amounts_of(array, f"{where}: {series.name}", series.name, Reading(beside=True))
    if faults is not None:
        row = int(np.argmax(faults != OK))
        cell = array[row].as_py()
        raise InputError(
            f"{where}, row {row + 1}: {reason(int(faults[row]), series.name)} (column {series.name!r}: {cell!r})"
        )
    return numbers


def amounts_of(
    values: pa.Array | NDArray[Any], role: str, column: str, reading: Reading, decide: bool = True
) -> tuple[NDArray[np.float64], Faults | None]:
    """Read a column as amounts.

    Parameters
    ----------
    values : Arrow array or NumPy array of floats, shape (n,)
        The cells.
    role, column : str
        Role and name of the column, for messages.
    reading : Reading
        How text is read; settled here where `decide`.
    decide : bool
        Whether to settle the reading by these cells.

    Returns
    -------
    amounts : ndarray of float64, shape (n,)
        NaN where a cell is not a number. The memory of `values` itself where that is float64 without missing values.
    faults : ndarray of uint8, shape (n,), or None
        The fault of each cell; None where there is none at all.

    Raises
    ------
    InputError
        If the column has no amounts, or its text can be read in two ways.
    """
    what = f"{role} (column {column!r})"
    if isinstance(values, np.ndarray):
        return _checked(np.ascontiguousarray(values, dtype=np.float64), None, role)
    kind = values.type
    if pa.types.is_null(kind):
        return np.full(len(values), np.nan), np.full(len(values), MISSING, dtype=np.uint8)
    if is_typed_text(kind):
        codes, distinct = distinct_values(values)
        numbers, faults = _read_amounts(distinct, what, reading, decide)
        return _checked(spread(codes, numbers, np.nan), spread(codes, faults, MISSING), role)
    if pa.types.is_dictionary(kind):
        return amounts_of(one_array(values.dictionary_decode()), role, column, reading, decide)
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
        raise InputError(f"{what} must contain numbers; found {kind}")
    if kind != pa.float64():
        values = pc.cast(values, pa.float64(), safe=False)
    if values.null_count:
        values = pc.fill_null(values, float("nan"))
    return _checked(values.to_numpy(zero_copy_only=True), None, role)


def _checked(
    amounts: NDArray[np.float64], faults: Faults | None, role: str
) -> tuple[NDArray[np.float64], Faults | None]:
    """Check the range of amounts and keep earlier faults."""
    low = 0.0 if role == "lines" else -LARGEST
    if faults is None:
        if amounts.size == 0 or (amounts.min() >= low and amounts.max() <= LARGEST):  # NaN fails both
            return amounts, None
        faults = np.zeros(amounts.size, dtype=np.uint8)
    unknown = faults == OK
    faults[unknown & np.isnan(amounts)] = MISSING
    faults[unknown & np.isinf(amounts)] = INFINITE
    faults[(faults == OK) & (np.abs(amounts) > LARGEST)] = BEYOND
    if role == "lines":
        faults[(faults == OK) & (amounts < 0)] = NEGATIVE
    return amounts, faults if faults.any() else None
