# Cells that are ids.
"""Read a column as ids: codes into its distinct values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from custfolio._reading.cells import (
    INFINITE,
    MISSING,
    OK,
    Faults,
    distinct_values,
    is_text,
    is_typed_text,
    mask_of,
    number_text,
    spread,
)
from custfolio._tables.wording import POINT_OF_WHOLE
from custfolio.errors import InputError

__all__ = ["Keys", "keys_of", "plain_ids", "sorted_ids"]


@dataclass
class Keys:
    """A column of ids as codes into its distinct values."""

    codes: NDArray[np.int32]
    """The code of each cell, shape (n,); -1 where there is none."""
    first: int
    """The id of code 0, where ids are a dense range of integers."""
    size: int
    """Number of codes."""
    values: pa.Array | None
    """The distinct values; None where ids are a dense range of integers."""
    faults: Faults | None
    """The fault of each cell, shape (n,); None where there is none at all."""

    def texts(self, codes: NDArray[Any]) -> list[str]:
        """Return the ids of codes as text."""
        if self.values is None:
            return [str(code) for code in (codes.astype(np.int64) + self.first).tolist()]
        chosen = self.values.take(pa.array(codes)).to_pylist()
        return chosen if is_text(self.values.type) else [number_text(value) for value in chosen]


def plain_ids(texts: pa.Array) -> pa.Array:
    """Return ids as :func:`custfolio._tables.wording.identity_text` writes them."""
    return pc.replace_substring_regex(pc.utf8_trim_whitespace(texts), POINT_OF_WHOLE, r"\1")


_INTEGER = re.compile(r"[+-]?\d{1,18}")


def sorted_ids(ids: Sequence[str]) -> list[int]:
    """Return the order of ids: by number where all are integers, by text otherwise."""
    if all(_INTEGER.fullmatch(text) for text in ids):
        return sorted(range(len(ids)), key=lambda k: (int(ids[k]), ids[k]))
    return sorted(range(len(ids)), key=ids.__getitem__)


def keys_of(values: pa.Array | NDArray[Any], role: str, column: str) -> Keys:
    """Read a column as ids.

    Parameters
    ----------
    values : Arrow array or NumPy array of floats, shape (n,)
        The cells: text, integers or floats. Whole numbers are written without a decimal point, other text without space around.
    role, column : str
        Role and name of the column, for messages.

    Returns
    -------
    Keys
        Codes, ids and faults (missing: no value, or text of nothing but space).

    Raises
    ------
    InputError
        If the column has no ids.
    """
    if isinstance(values, np.ndarray):
        values = pa.array(values, from_pandas=True)
    kind = values.type
    if pa.types.is_null(kind):
        nothing = np.full(len(values), -1, dtype=np.int32)
        return Keys(nothing, 0, 0, pa.array([], pa.string()), np.full(len(values), MISSING, dtype=np.uint8))
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        raise InputError(f"{role} (column {column!r}) must contain text or numbers; found {kind}")
    if pa.types.is_floating(kind):
        wide = pc.cast(values, pa.float64())
        numbers = pc.fill_null(wide, float("nan")).to_numpy(zero_copy_only=False)
        known = np.isfinite(numbers)
        if (np.abs(numbers[known]) < 2.0**53).all() and (np.trunc(numbers[known]) == numbers[known]).all():
            whole = pa.array(np.where(known, numbers, 0).astype(np.int64), mask=~known)
            keys = keys_of(whole, role, column)
        else:
            keys = keys_of(pa.array(numbers, mask=~known).dictionary_encode(), role, column)
        if np.isinf(numbers).any() and keys.faults is not None:
            keys.faults[np.isinf(numbers)] = INFINITE
        return keys
    if pa.types.is_integer(kind):
        dense = _dense(values)
        if dense is not None:
            return dense
    elif not (is_typed_text(kind) or pa.types.is_dictionary(kind) or pa.types.is_decimal(kind)):
        values = pc.cast(values, pa.string())
    codes, distinct = distinct_values(values)
    if is_text(distinct.type) and role != "name":
        merged = plain_ids(distinct).dictionary_encode()
        if len(merged.dictionary) < len(distinct):
            codes = spread(np.asarray(codes), np.asarray(merged.indices.fill_null(-1)), -1).astype(np.int32)
        distinct = merged.dictionary if len(merged.dictionary) < len(distinct) else plain_ids(distinct)
    faults = None
    if is_text(distinct.type):
        blank = mask_of(pc.equal(pc.utf8_trim_whitespace(distinct), "")) | ~mask_of(distinct.is_valid())
        if blank.any() or (codes.size and codes.min() < 0):
            faults = spread(codes, np.where(blank, MISSING, OK).astype(np.uint8), MISSING)
    elif codes.size and codes.min() < 0:
        faults = np.where(codes < 0, MISSING, OK).astype(np.uint8)
    return Keys(codes, 0, len(distinct), distinct, faults if faults is not None and faults.any() else None)


def _dense(values: pa.Array) -> Keys | None:
    """Code integers by their distance from the smallest, where they lie densely enough for a table."""
    limits = pc.min_max(values).as_py()
    low, high = limits["min"], limits["max"]
    if low is None or high - low >= max(4 * len(values), 1 << 16) or high - low >= 1 << 27 or high >= 1 << 62:
        return None
    faults = None
    if values.null_count:
        faults = np.where(mask_of(values.is_valid()), OK, MISSING).astype(np.uint8)
        values = pc.fill_null(values, low)
    numbers = values.to_numpy(zero_copy_only=True)
    if numbers.dtype.itemsize < 4:
        numbers = numbers.astype(np.int32)
    codes = np.subtract(numbers, numbers.dtype.type(low)).astype(np.int32, copy=False)
    if faults is not None:
        codes[faults != OK] = -1
    return Keys(codes, low, high - low + 1, None, faults)
