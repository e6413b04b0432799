# Shared parts of all readings of cells: faults and their reasons, the reading of text, and Arrow columns.
"""The cells of a column.

A column of text is read over its *distinct* values, once for the whole column. So every library and engine decides alike: the numbers,
the decimal sign of a column, and whether 3/4/2021 is in April or in March.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from custfolio._reading.currencies import Currencies

OK, MISSING, NOT_NUMBER, CURRENCY, INFINITE, BEYOND, NEGATIVE, OTHER_DECIMAL = range(8)
NOT_DATE, IMPOSSIBLE, SERIAL, OUTSIDE, OTHER_FORMAT, NO_SALE, TOTAL = range(8, 15)

_REASONS: Final[Mapping[int, str]] = {
    MISSING: "missing {role}",
    NOT_NUMBER: "{role} is not a number",
    CURRENCY: "{role} has a currency sign; it must be a bare number",
    INFINITE: "{role} is infinite",
    BEYOND: "{role} is beyond 1e15",
    NEGATIVE: "{role} is a negative count",
    OTHER_DECIMAL: "{role} has another decimal sign than the rest of its column",
    NOT_DATE: "{role} is not a date; write it as 2021-12-31",
    IMPOSSIBLE: "{role} is not in the calendar",
    SERIAL: "{role} is a bare number, not a date (a spreadsheet's serial number?)",
    OUTSIDE: "{role} is outside the years 1900 to 2199",
    OTHER_FORMAT: "{role} does not match date_format",
    NO_SALE: "no sale, by its {role}",
    TOTAL: "a line of totals",
}

Faults = NDArray[np.uint8]


def reason(fault: int, role: str) -> str:
    """Return why a cell cannot be used.

    Parameters
    ----------
    fault : int
        The cell's fault.
    role : str
        Role of the column.

    Returns
    -------
    str
        The reason, as a message for the user.
    """
    return _REASONS[fault].format(role=role)


@dataclass
class Reading:
    """How the text of one column is read, decided once for the whole column."""

    decimal: str | None = None
    """The decimal sign of text amounts: "." or ","; None: it does not matter."""
    order: str | None = None
    """The order of numeric dates: "dmy" or "mdy"; "each": every value has only one reading; None: it does not matter."""
    lowering: tuple[str, ...] = ()
    """The sides of an account, "CR" or "DR" behind an amount, that make it negative."""
    currencies: Currencies | None = None
    """Currencies of the amounts; None: the column is no money, so that a currency in it is a fault."""
    with_currency: bool = False
    """Whether an amount of the column has a currency beside it."""
    format: str | None = None
    """The format that the caller gave for dates (`datetime.strptime`)."""
    beside: bool = False
    """Whether the column is of a table beside the ledger, which has no options for the format of its cells."""
    percentage: str | None = None
    """A cell of the column that is a percentage; None: there is none."""
    written: str = ""
    """How the cells are written, for people; "" where they are no text."""


def one_array(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column as one contiguous Arrow array, without a copy where it is one chunk."""
    if isinstance(values, pa.ChunkedArray):
        if values.num_chunks == 1:
            return values.chunk(0)
        combined = values.combine_chunks()
        return combined.chunk(0) if isinstance(combined, pa.ChunkedArray) else combined
    return values


def is_text(kind: pa.DataType) -> bool:
    """Whether an Arrow type is text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_typed_text(kind: pa.DataType) -> bool:
    """Whether an Arrow type is text or a dictionary of text."""
    return is_text(kind) or (pa.types.is_dictionary(kind) and is_text(kind.value_type))


def distinct_values(values: pa.Array) -> tuple[NDArray[np.int32], pa.Array]:
    """Return the code of each cell (-1 where there is none) and the distinct values."""
    coded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
    indices = coded.indices
    if indices.null_count:
        indices = pc.fill_null(indices.cast(pa.int32()), -1)
    codes = np.asarray(indices).astype(np.int32, copy=False)
    dictionary = coded.dictionary
    return codes, dictionary.cast(pa.large_string()) if is_text(dictionary.type) else dictionary


def spread(codes: NDArray[np.int32], values: NDArray[Any], none: Any) -> NDArray[Any]:
    """Return the value of each cell from those of the distinct values; `none` where there is no cell."""
    return np.append(values, np.array([none], dtype=values.dtype))[codes]


NO_VALUE = ("", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "--")


def mask_of(values: pa.Array) -> NDArray[np.bool_]:
    """Return a Boolean Arrow array as NumPy, missing values as False."""
    return np.asarray(pc.fill_null(values, False)).astype(bool)


def number_text(value: Any) -> str:
    """Return a number as an id: whole ones without a decimal point."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if not isinstance(value, int) and value == int(value):
        return str(int(value))
    return str(value)
