# Cells: which column means what, and what each cell of it holds or why it cannot be read.
"""Recognise the columns of a ledger and read their cells, one by one, before anything is summed.

A column of text is read over its *distinct* values, once for the whole column, so that every library and engine takes the same
decisions: what is a number, which decimal sign a column uses, whether 3/4/2021 is in April or in March.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from custfolio._tables.dates import EPOCH
from custfolio.errors import InputError

__all__ = [
    "LARGEST",
    "Keys",
    "Reading",
    "Roles",
    "amounts_of",
    "days_of",
    "keys_of",
    "reason",
    "recognise",
]

LARGEST: Final = 1e15
"""Amounts beyond this are taken for errors: no ledger holds them, and sums of them are no longer exact to the cent."""
FIRST_DAY: Final = -25_567
"""1900-01-01 in days since 1970-01-01; earlier dates are taken for errors."""
LAST_DAY: Final = 84_005
"""2199-12-31 in days since 1970-01-01; later dates are taken for errors (9999-12-31 stands for "open" in many systems)."""

# ---------------------------------------------------------------------------------------------------------------- columns

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": (
        "customer", "customer_id", "customer_no", "customer_number", "customer_code", "client", "client_id", "account",
        "account_id", "partner_id", "commercial_partner_id", "accounting_customer_party", "klant", "klantnummer",
    ),
    "date": (
        "date", "day", "posting_date", "invoice_date", "issue_date", "order_date", "transaction_date", "delivery_date",
        "datum", "factuurdatum",
    ),
    "revenue": (
        "revenue", "net_revenue", "sales", "sale", "amount", "net_amount", "base_net_amount", "price_subtotal",
        "line_extension_amount", "turnover", "omzet",
    ),
    "price": ("unit_price", "price", "price_amount"),
    "cost": ("cost", "cost_of_goods", "cost_of_goods_sold", "cogs", "buying_amount"),
    "quantity": ("quantity", "qty", "units", "invoiced_quantity", "aantal"),
    "document": (
        "document", "document_no", "document_number", "document_id", "invoice", "invoice_no", "invoice_number", "invoice_id",
        "move_id", "factuur", "factuurnummer",
    ),
    "lines": ("lines", "line_count", "number_of_lines"),
    "name": ("customer_name", "client_name", "account_name", "klantnaam"),
}  # fmt: skip
"""Usual column names by role: technical names and labels of the common sources, compared without case, space, - and _."""

_SHOWN = 20
"""Column names that an error message lists at most."""


def _folded(name: str) -> str:
    """Return a column name as it is compared: without case, surrounding space, trailing colon, and word separators."""
    return re.sub(r"[\s_\-]+", "", name.strip().rstrip(":").casefold())


_ROLE_OF: Final = {_folded(name): role for role, names in _NAMES.items() for name in names}


@dataclass(frozen=True)
class Roles:
    """Which column of the data plays which role; None where a role is not filled."""

    customer: str
    date: str
    revenue: str | None
    price: str | None
    """Unit price, where there is no amount: revenue is then quantity x price, row by row."""
    cost: str | None
    quantity: str | None
    document: str | None
    lines: str | None
    name: str | None
    drivers: Mapping[str, str] = field(default_factory=dict)

    def amounts(self) -> dict[str, str]:
        """Return the columns that must hold numbers, by role, in the order in which they are checked."""
        fixed = {role: getattr(self, role) for role in ("revenue", "price", "cost", "quantity", "lines")}
        named = {role: column for role, column in fixed.items() if column is not None}
        return named | {f"driver {driver}": column for driver, column in self.drivers.items()}

    def all(self) -> dict[str, str]:
        """Return every column used, by role."""
        first = {"customer": self.customer, "date": self.date}
        last = {"document": self.document, "name": self.name}
        return first | self.amounts() | {role: column for role, column in last.items() if column is not None}


def listed(columns: Sequence[str]) -> str:
    """Return column names as a message shows them."""
    shown = ", ".join(repr(name if len(name) <= 60 else name[:59] + "…") for name in columns[:_SHOWN])
    return shown + (f", ... ({len(columns):,} columns)" if len(columns) > _SHOWN else "")


def _found(role: str, wanted: str, columns: Sequence[str]) -> str:
    """Return the column that the caller named for a role, or raise."""
    if wanted in columns:
        return wanted
    same = [name for name in columns if _folded(name) == _folded(wanted)]
    if len(same) == 1:
        return same[0]
    folded = {name.casefold(): name for name in columns}
    close = [folded[match] for match in get_close_matches(wanted.casefold(), list(folded), n=3, cutoff=0.6)]
    hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
    raise InputError(f"no column {wanted!r} for {role}{hint} The columns are: {listed(columns)}")


def recognise(
    columns: Sequence[str],
    given: Mapping[str, str | Literal[False] | None],
    drivers: Mapping[str, str] | None = None,
) -> Roles:
    """Tell which column plays which role.

    Parameters
    ----------
    columns : sequence of str
        The columns of the data.
    given : mapping of role to column name, False or None
        What the caller said: a column, False (the role is not filled), None (recognise it by its name).
    drivers : mapping of driver to column name, optional
        Further drivers.

    Returns
    -------
    Roles
        The column of each role.

    Raises
    ------
    InputError
        If a column named is not there, a necessary one is not recognised, or two could be meant.
    """
    names = list(columns)
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1}) if len(names) < 2_000 else []
        raise InputError(f"column names must differ; found twice: {listed(twice) or 'some names'}")
    if not names:
        raise InputError("the data has no columns; at least a customer, a date and an amount are needed")
    chosen: dict[str, str | None] = {}
    for role, wanted in given.items():
        if wanted is False or wanted is None:
            chosen[role] = None
        elif isinstance(wanted, str):
            chosen[role] = _found(role, wanted, names)
        else:
            raise InputError(f"{role}= must be the name of a column, not {type(wanted).__name__}")
    extra = {}
    for driver, column in (drivers or {}).items():
        if driver in ("deliveries", "lines", "quantity"):
            raise InputError(f"driver {driver!r} is one that every ledger has; give the further driver another name")
        extra[str(driver)] = _found(f"driver {driver}", column, names)
    taken = {name for name in (*chosen.values(), *extra.values()) if name is not None}
    usual: dict[str, list[str]] = {}
    for name in names:
        usually = _ROLE_OF.get(_folded(name))
        if usually is not None and name not in taken:
            usual.setdefault(usually, []).append(name)

    def recognised(role: str) -> str | None:
        candidates = usual.get(role, [])
        if len(candidates) > 1:
            leave = "" if role in ("customer", "date", "revenue") else f", or {role}=False to leave it out"
            raise InputError(f"{role} could be any of {listed(candidates)}; say which with {role}=...{leave}")
        return candidates[0] if candidates else None

    for role in ("customer", "date", "revenue", "cost", "quantity", "document", "lines", "name"):
        if given.get(role) is None:
            chosen[role] = recognised(role)
    chosen["price"] = None
    if chosen["revenue"] is None and chosen["quantity"] is not None:
        chosen["price"] = recognised("price")
    missing = [role for role in ("customer", "date") if chosen[role] is None]
    if chosen["revenue"] is None and chosen["price"] is None:
        missing.append("revenue")
    if missing:
        likely = {
            role: get_close_matches(role, [name.casefold() for name in names], n=2, cutoff=0.6) for role in missing
        }
        hints = [f"{match!r} for {role}" for role, matches in likely.items() for match in matches]
        raise InputError(
            f"no column is recognised as {' or '.join(missing)}; name it: "
            + ", ".join(f"{role}=..." for role in missing)
            + (f" (perhaps {', '.join(hints)})" if hints else "")
            + f". The columns are: {listed(names)}"
        )
    totals = _folded(chosen["revenue"] or "") == "pricesubtotal" and given.get("revenue") is None
    if totals and any(_folded(name) == "movetype" for name in names):
        raise InputError(
            "price_subtotal counts refunds (move_type out_refund) as positive; make them negative and say so with "
            "revenue='price_subtotal'"
        )
    return Roles(drivers=extra, **chosen)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------------------------ faults

OK, MISSING, NOT_NUMBER, CURRENCY, INFINITE, BEYOND, NEGATIVE, OTHER_DECIMAL = range(8)
NOT_DATE, IMPOSSIBLE, SHORT_YEAR, SERIAL, OUTSIDE, OTHER_FORMAT = range(8, 14)

_REASONS: Final[Mapping[int, str]] = {
    MISSING: "missing {role}",
    NOT_NUMBER: "{role} is not a number",
    CURRENCY: "{role} carries a currency sign; a bare number is expected",
    INFINITE: "{role} is infinite",
    BEYOND: "{role} is beyond 1e15",
    NEGATIVE: "{role} is a negative count",
    OTHER_DECIMAL: "{role} is written with another decimal sign than the rest of its column",
    NOT_DATE: "{role} is not a date that is understood, such as 2021-12-31",
    IMPOSSIBLE: "{role} is not in the calendar",
    SHORT_YEAR: "{role} has a year of two digits; say how to read it with date_format=",
    SERIAL: "{role} is a bare number, not a date (a spreadsheet's serial number?)",
    OUTSIDE: "{role} is outside the years 1900 to 2199",
    OTHER_FORMAT: "{role} is not written as date_format says",
}

Faults = NDArray[np.uint8]


def reason(fault: int, role: str) -> str:
    """Return why a cell cannot be used.

    Parameters
    ----------
    fault : int
        The cell's fault.
    role : str
        What the column is for.

    Returns
    -------
    str
        The reason, to be read by the user.
    """
    return _REASONS[fault].format(role=role)


@dataclass
class Reading:
    """How the text of one column is read, decided once for the whole column."""

    decimal: str | None = None
    """The decimal sign of text amounts: "." or ","; None: it does not matter."""
    order: str | None = None
    """The order of numeric dates: "dmy" or "mdy"; "each": every value has only one reading; None: it does not matter."""
    format: str | None = None
    """The format that the caller gave for dates (`datetime.strptime`)."""


# ------------------------------------------------------------------------------------------------------------------- arrow


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


def _is_typed_text(kind: pa.DataType) -> bool:
    """Whether an Arrow type is text or a dictionary of text."""
    return is_text(kind) or (pa.types.is_dictionary(kind) and is_text(kind.value_type))


def _distinct(values: pa.Array) -> tuple[NDArray[np.int32], pa.Array]:
    """Return the code of each cell (-1 where there is none) and the distinct values."""
    coded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
    indices = coded.indices
    if indices.null_count:
        indices = pc.fill_null(indices.cast(pa.int32()), -1)
    codes = np.asarray(indices).astype(np.int32, copy=False)
    dictionary = coded.dictionary
    return codes, dictionary.cast(pa.large_string()) if is_text(dictionary.type) else dictionary


def _spread(codes: NDArray[np.int32], values: NDArray[Any], none: Any) -> NDArray[Any]:
    """Return the value of each cell from those of the distinct values; `none` where there is no cell."""
    return np.append(values, np.array([none], dtype=values.dtype))[codes]


# ----------------------------------------------------------------------------------------------------------------- amounts

_GROUPS = "|".join(rf"(?:{sign}\d{{3}})+" for sign in (" ", "\u00a0", "\u202f", "\u2009", "'", "’"))


def _number_pattern(decimal: str, group: str) -> str:
    """Return the pattern of a number written with a decimal and a grouping sign."""
    d, g = re.escape(decimal), re.escape(group)
    grouped = rf"[1-9]\d{{0,2}}(?:(?:{g}\d{{3}})+|{_GROUPS})(?:{d}\d*)?"
    plain = rf"(?:\d+(?:{d}\d*)?|{d}\d+)(?:[eE][+-]?\d{{1,4}})?"
    return rf"^[+-]?(?:{grouped}|{plain})$"


_WITH_POINT = _number_pattern(".", ",")
_WITH_COMMA = _number_pattern(",", ".")
_NO_VALUE = ("", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "--")


def _mask(values: pa.Array) -> NDArray[np.bool_]:
    """Return a Boolean Arrow array as NumPy, missing values as False."""
    return np.asarray(pc.fill_null(values, False)).astype(bool)


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
    trimmed = pc.replace_substring(pc.utf8_trim_whitespace(texts), "−", "-")
    has_sign = _mask(pc.match_substring_regex(trimmed, r"[.,]"))
    point = _mask(pc.match_substring_regex(trimmed, _WITH_POINT))
    comma = _mask(pc.match_substring_regex(trimmed, _WITH_COMMA))
    if decide and reading.decimal is None:
        reading.decimal = _decimal_sign(trimmed, has_sign, point, comma, what)
    fits, other = (comma, point) if reading.decimal == "," else (point, comma)
    values = np.full(len(texts), np.nan)
    _parsed(trimmed, fits, reading.decimal or ".", values)
    faults = np.where(fits, OK, NOT_NUMBER).astype(np.uint8)
    faults[~fits & other] = OTHER_DECIMAL
    folded = pc.utf8_lower(trimmed)
    faults[_mask(pc.is_in(folded, value_set=pa.array(_NO_VALUE, folded.type)))] = MISSING
    faults[_mask(pc.match_substring_regex(folded, r"^[+-]?inf(inity)?$"))] = INFINITE
    money = _mask(
        pc.match_substring_regex(trimmed, r"^[+-]?\s*(?:\p{Sc}|[A-Za-z]{3}\s?[\d+-])|(?:\p{Sc}|\d\s?[A-Za-z]{3})$")
    )
    faults[(faults == NOT_NUMBER) & money] = CURRENCY
    faults[np.isinf(values)] = INFINITE
    return values, faults


def _decimal_sign(
    texts: pa.Array, has_sign: NDArray[np.bool_], point: NDArray[np.bool_], comma: NDArray[np.bool_], what: str
) -> str | None:
    """Settle whether a column of text amounts uses the point or the comma as its decimal sign."""
    only_point, only_comma, either = point & ~comma & has_sign, comma & ~point & has_sign, point & comma & has_sign
    points, commas = int(only_point.sum()), int(only_comma.sum())

    def example(mask: NDArray[np.bool_]) -> str:
        return repr(min(texts.filter(pa.array(mask)).to_pylist()))

    if points and commas:
        if points >= 9 * commas:
            return "."
        if commas >= 9 * points:
            return ","
        raise InputError(
            f"{what} mixes decimal signs: {example(only_point)} has a decimal point, {example(only_comma)} a decimal comma; "
            'say which one is meant with decimal="." or decimal=","'
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
            'say which one is meant with decimal="." or decimal=","'
        )
    return None


def amounts_of(
    values: pa.Array | NDArray[Any], role: str, column: str, reading: Reading, decide: bool = True
) -> tuple[NDArray[np.float64], Faults | None]:
    """Read a column as amounts.

    Parameters
    ----------
    values : Arrow array or NumPy array of floats, shape (n,)
        The cells.
    role, column : str
        What the column is for and what it is called, for messages.
    reading : Reading
        How text is read; settled here where `decide`.
    decide : bool
        Whether to settle the reading by these cells.

    Returns
    -------
    amounts : ndarray of float64, shape (n,)
        NaN where a cell holds no number. The memory of `values` itself where that is float64 without missing values.
    faults : ndarray of uint8, shape (n,), or None
        The fault of each cell; None where there is none at all.

    Raises
    ------
    InputError
        If the column cannot hold amounts, or its text can be read in two ways.
    """
    what = f"{role} (column {column!r})"
    if isinstance(values, np.ndarray):
        return _checked(np.ascontiguousarray(values, dtype=np.float64), None, role)
    kind = values.type
    if pa.types.is_null(kind):
        return np.full(len(values), np.nan), np.full(len(values), MISSING, dtype=np.uint8)
    if _is_typed_text(kind):
        codes, distinct = _distinct(values)
        numbers, faults = _read_amounts(distinct, what, reading, decide)
        return _checked(_spread(codes, numbers, np.nan), _spread(codes, faults, MISSING), role)
    if pa.types.is_dictionary(kind):
        return amounts_of(one_array(values.dictionary_decode()), role, column, reading, decide)
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
        raise InputError(f"{what} must hold numbers, not {kind}")
    if kind != pa.float64():
        values = pc.cast(values, pa.float64(), safe=False)
    if values.null_count:
        values = pc.fill_null(values, float("nan"))
    return _checked(values.to_numpy(zero_copy_only=True), None, role)


def _checked(
    amounts: NDArray[np.float64], faults: Faults | None, role: str
) -> tuple[NDArray[np.float64], Faults | None]:
    """Check the range of amounts, keeping faults already known."""
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


# ------------------------------------------------------------------------------------------------------------------- dates

_TIME = (
    r"(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?"
)
_ISO = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}")
_COMPACT = re.compile(rf"(\d{{4}})(\d{{2}})(\d{{2}})(?:\.0)?{_TIME}")
_NUMERIC = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}")
_SHORT = re.compile(rf"\d{{1,2}}([-/.])\d{{1,2}}\1\d{{2}}{_TIME}")
_DAY_MONTH = re.compile(rf"(\d{{1,2}})[-/. ]+([A-Za-z]{{3,9}})[-/., ]+(\d{{4}}){_TIME}")
_MONTH_DAY = re.compile(rf"([A-Za-z]{{3,9}})[-/. ]+(\d{{1,2}})[-/, ]+(\d{{4}}){_TIME}")
_BARE = re.compile(r"[+-]?\d+(\.\d*)?")
_MONTHS: Final = {
    word: month
    for month, words in enumerate(
        (
            "jan january januari", "feb february februari", "mar march mrt maart", "apr april", "may mei", "jun june juni",
            "jul july juli", "aug august augustus", "sep sept september", "oct october okt oktober", "nov november",
            "dec december",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip


def _day(year: int, month: int, day: int) -> int | None:
    """Return days since 1970-01-01, None where the calendar has no such day."""
    try:
        return datetime.date(year, month, day).toordinal() - EPOCH
    except ValueError:
        return None


def _read_days(
    texts: Sequence[str | None], what: str, reading: Reading, decide: bool
) -> tuple[NDArray[np.int32], Faults]:
    """Read distinct texts as days; where `decide`, settle the order of day and month first."""
    days = np.zeros(len(texts), dtype=np.int32)
    faults = np.zeros(len(texts), dtype=np.uint8)
    numeric: list[tuple[int, str, str, int | None, int | None]] = []
    for k, raw in enumerate(texts):
        text = "" if raw is None else raw.strip()
        if text.casefold() in _NO_VALUE:
            faults[k] = MISSING
            continue
        day: int | None = None
        fault = IMPOSSIBLE
        if reading.format is not None:
            try:
                day = datetime.datetime.strptime(text, reading.format).date().toordinal() - EPOCH
            except ValueError:
                fault = OTHER_FORMAT
        elif match := _ISO.fullmatch(text):
            day = _day(int(match[1]), int(match[3]), int(match[4]))
        elif match := _NUMERIC.fullmatch(text):
            first, second, year = int(match[1]), int(match[3]), int(match[4])
            readings = _day(year, second, first), _day(year, first, second)
            numeric.append((k, text, match[2], *readings))
            continue
        elif match := _COMPACT.fullmatch(text):
            day = _day(int(match[1]), int(match[2]), int(match[3]))
            fault = SERIAL
        elif match := _DAY_MONTH.fullmatch(text):
            month = _MONTHS.get(match[2].casefold())
            day = None if month is None else _day(int(match[3]), month, int(match[1]))
            fault = NOT_DATE if month is None else IMPOSSIBLE
        elif match := _MONTH_DAY.fullmatch(text):
            month = _MONTHS.get(match[1].casefold())
            day = None if month is None else _day(int(match[3]), month, int(match[2]))
            fault = NOT_DATE if month is None else IMPOSSIBLE
        elif _SHORT.fullmatch(text):
            fault = SHORT_YEAR
        else:
            fault = SERIAL if _BARE.fullmatch(text) else NOT_DATE
        if day is None:
            faults[k] = fault
        else:
            days[k] = day
    if decide and reading.order is None:
        reading.order = _day_month_order(numeric, what)
    for k, _, _, dmy, mdy in numeric:
        day = dmy if reading.order == "dmy" else mdy if reading.order == "mdy" else dmy if dmy is not None else mdy
        if day is None:
            faults[k] = IMPOSSIBLE
        else:
            days[k] = day
    return days, faults


def _day_month_order(numeric: Iterable[tuple[int, str, str, int | None, int | None]], what: str) -> str | None:
    """Settle whether the numeric dates of a column have the day or the month first."""
    day_first = month_first = either = None
    pointed = True
    for _, text, sign, dmy, mdy in numeric:
        pointed = pointed and sign == "."
        if dmy is not None and mdy is None:
            day_first = min(text, day_first or text)
        elif mdy is not None and dmy is None:
            month_first = min(text, month_first or text)
        elif dmy != mdy:
            either = min(text, either or text)
    if either is None:
        return "each" if day_first and month_first else "dmy" if day_first else "mdy" if month_first else None
    if day_first and month_first:
        raise InputError(
            f"{what} mixes day/month/year ({day_first!r}) and month/day/year ({month_first!r}), so that {either!r} can be read in "
            'two ways; say which one is meant with date_format="%d/%m/%Y" or date_format="%m/%d/%Y"'
        )
    if day_first or month_first:
        return "dmy" if day_first else "mdy"
    if pointed:  # points are written between day, month and year, never between month, day and year
        return "dmy"
    raise InputError(
        f"{what} can be read as day/month/year or as month/day/year: {either!r}; say which one is meant with "
        'date_format="%d/%m/%Y" or date_format="%m/%d/%Y"'
    )


def days_of(
    values: pa.Array | NDArray[Any], role: str, column: str, reading: Reading, decide: bool = True
) -> tuple[NDArray[np.int32], Faults | None]:
    """Read a column as days since 1970-01-01.

    Parameters
    ----------
    values : Arrow array or NumPy array of datetime64, shape (n,)
        The cells; times of day are cut off, in the column's own time zone.
    role, column : str
        What the column is for and what it is called, for messages.
    reading : Reading
        How text is read; settled here where `decide`.
    decide : bool
        Whether to settle the reading by these cells.

    Returns
    -------
    days : ndarray of int32, shape (n,)
        0 where a cell holds no date.
    faults : ndarray of uint8, shape (n,), or None
        The fault of each cell; None where there is none at all.

    Raises
    ------
    InputError
        If the column cannot hold dates, or its text can be read in two ways.
    """
    what = f"{role} (column {column!r})"
    if isinstance(values, np.ndarray):
        return _ranged(values)
    kind = values.type
    if pa.types.is_null(kind):
        return np.zeros(len(values), dtype=np.int32), np.full(len(values), MISSING, dtype=np.uint8)
    if pa.types.is_date32(kind):
        if values.null_count == 0:
            days = values.view(pa.int32()).to_numpy(zero_copy_only=True)
            if days.size == 0 or (days.min() >= FIRST_DAY and days.max() <= LAST_DAY):
                return days, None
        return _ranged(values.to_numpy(zero_copy_only=False).astype("datetime64[D]"))
    if pa.types.is_timestamp(kind) or pa.types.is_date64(kind):
        if pa.types.is_timestamp(kind) and kind.tz is not None:
            values = pc.local_timestamp(values)
        return _ranged(values.to_numpy(zero_copy_only=False))
    if _is_typed_text(kind):
        codes, distinct = _distinct(values)
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        codes, distinct = _distinct(values)
        distinct = pa.array(
            [None if n is None or n != n else _number_text(n) for n in distinct.to_pylist()], pa.string()
        )
    elif pa.types.is_dictionary(kind):
        return days_of(one_array(values.dictionary_decode()), role, column, reading, decide)
    else:
        raise InputError(f"{what} must hold dates, not {kind}")
    found, faults = _read_days(distinct.to_pylist(), what, reading, decide)
    outside = (faults == OK) & ((found < FIRST_DAY) | (found > LAST_DAY))
    faults[outside] = OUTSIDE
    cell_faults = _spread(codes, faults, MISSING)
    return _spread(codes, found, 0), cell_faults if cell_faults.any() else None


def _ranged(moments: NDArray[Any]) -> tuple[NDArray[np.int32], Faults | None]:
    """Cut moments to days and check that they are there and in range."""
    whole = moments.astype("datetime64[D]")
    days = whole.astype(np.int64)
    none = np.isnat(whole)
    outside = ~none & ((days < FIRST_DAY) | (days > LAST_DAY))
    if not none.any() and not outside.any():
        return days.astype(np.int32), None
    faults = np.zeros(days.size, dtype=np.uint8)
    faults[none] = MISSING
    faults[outside] = OUTSIDE
    return np.where(faults == OK, days, 0).astype(np.int32), faults


# -------------------------------------------------------------------------------------------------------------------- keys


def _number_text(value: Any) -> str:
    """Return a number as an id: whole ones without a decimal point."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if not isinstance(value, int) and value == int(value):
        return str(int(value))
    return str(value)


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
        return chosen if is_text(self.values.type) else [_number_text(value) for value in chosen]


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
        The cells: text, taken verbatim; integers; or floats, whose whole numbers are written without a decimal point.
    role, column : str
        What the column is for and what it is called, for messages.

    Returns
    -------
    Keys
        Codes, ids and faults (missing: no value, or text of nothing but space).

    Raises
    ------
    InputError
        If the column cannot hold ids.
    """
    if isinstance(values, np.ndarray):
        values = pa.array(values, from_pandas=True)
    kind = values.type
    if pa.types.is_null(kind):
        nothing = np.full(len(values), -1, dtype=np.int32)
        return Keys(nothing, 0, 0, pa.array([], pa.string()), np.full(len(values), MISSING, dtype=np.uint8))
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        raise InputError(f"{role} (column {column!r}) must hold text or numbers, not {kind}")
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
    elif not (_is_typed_text(kind) or pa.types.is_dictionary(kind) or pa.types.is_decimal(kind)):
        values = pc.cast(values, pa.string())
    codes, distinct = _distinct(values)
    faults = None
    if is_text(distinct.type):
        blank = _mask(pc.equal(pc.utf8_trim_whitespace(distinct), "")) | ~_mask(distinct.is_valid())
        if blank.any() or (codes.size and codes.min() < 0):
            faults = _spread(codes, np.where(blank, MISSING, OK).astype(np.uint8), MISSING)
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
        faults = np.where(_mask(values.is_valid()), OK, MISSING).astype(np.uint8)
        values = pc.fill_null(values, low)
    numbers = values.to_numpy(zero_copy_only=True)
    if numbers.dtype.itemsize < 4:
        numbers = numbers.astype(np.int32)
    codes = np.subtract(numbers, numbers.dtype.type(low)).astype(np.int32, copy=False)
    if faults is not None:
        codes[faults != OK] = -1
    return Keys(codes, low, high - low + 1, None, faults)
