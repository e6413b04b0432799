# Reads the lines of a budget from frames, and checks every cell: where each amount belongs, its variance and its currency.
"""Columns of budget lines, read from frames and checked."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.arguments import shown_value
from custfolio._tables.dates import is_missing
from custfolio._tables.frames import (
    TableLike,
    arrow_columns,
    check_spelling,
    finite_of,
    months_of,
    require_columns,
    strings_of,
)
from custfolio._tables.rates import Rates
from custfolio._tables.wording import identity_text
from custfolio.budget._calendar import FiscalCalendar
from custfolio.errors import InputError

__all__ = ["FrameOptions", "Labels", "Rates", "account_types", "budget_settings", "labels_of", "lines_from_frame"]

ACCOUNT_TYPES: Final = ("income", "expense", "result")

_MEASURES: Final[Mapping[str, tuple[str, ...]]] = {
    "revenue": ("revenue", "level", "net_revenue"),
    "costs": ("costs", "cost"),
    "contribution": ("contribution", "heat"),
}
"""Columns of a frame that has an amount per account in a row."""

_USUAL: Final = ("source", "customer", "manager", "segment", "entity", "family")
_TIMES_AND_ITEM: Final = ("month", "period", "quarter", "year", "item")
"""Names that lines are grouped by besides their dimensions."""
_PLAIN: Final = ("variance", "probability", "quantity")
_KNOWN: Final = (
    "month", "item", "currency", "account", "amount", "customer_id", *_USUAL, *_PLAIN,
    *(name for names in _MEASURES.values() for name in names),
)  # fmt: skip
"""Columns that a frame of lines may have beside its own dimensions."""


@dataclass(frozen=True)
class Labels:
    """A column of texts as codes into their names."""

    codes: NDArray[np.int32]
    names: tuple[str, ...]

    @classmethod
    def of(cls, values: Any) -> Labels:
        """Encode texts, in the order in which they first occur."""
        array = values if isinstance(values, pa.Array) else pa.array(values, type=pa.string())
        encoded = array.dictionary_encode()
        return cls(np.asarray(encoded.indices, dtype=np.int32), tuple(encoded.dictionary.to_pylist()))

    @classmethod
    def constant(cls, name: str, rows: int) -> Labels:
        """Return the same text for every row."""
        return cls(np.zeros(rows, dtype=np.int32), (name,))

    def first_row(self, name: str) -> int:
        """Return the number of the first row with a text, counted from 1."""
        return int(np.flatnonzero(self.codes == self.names.index(name))[0]) + 1

    def pair(self) -> tuple[NDArray[np.int32], tuple[str, ...]]:
        """Return codes and names."""
        return self.codes, self.names


@dataclass(frozen=True)
class FrameOptions:
    """How a frame of lines is read; see :meth:`Budget.from_frame`."""

    month: str
    dimensions: Sequence[str] | None
    source: str
    currency: str
    rates: Rates


def _folded(account: str) -> str:
    """Return the name by which accounts are compared: without case, underscores and space around it."""
    return account.strip().replace("_", " ").lower()


def account_types(names: Sequence[str], accounts: Mapping[str, str] | None) -> dict[str, str]:
    """Return the type of each account: as given, or by its usual name."""
    given = {_folded(str(name)): str(kind) for name, kind in (accounts or {}).items()}
    types = {}
    for name in names:
        kind = given.get(_folded(name)) or _core.usual_account_type(name)
        if kind is None:
            raise InputError(
                f"account {name!r} has no type; state whether it is income or expense with accounts={{{name!r}: 'income'}}"
            )
        if kind not in ACCOUNT_TYPES:
            raise InputError(f"account {name!r} is of type {kind!r}; it can be {', '.join(map(repr, ACCOUNT_TYPES))}")
        types[name] = kind
    return types


def lines_from_frame(frame: TableLike, options: FrameOptions) -> _core.LineItems:
    """Read lines from a frame: one row an amount of an account, or one row with revenue and costs or contribution."""
    table = arrow_columns(frame, "budget lines")
    require_columns(table, (options.month,), "the budget lines; they have")
    own_names = {options.month, *(options.dimensions or ())}
    check_spelling([name for name in table if name not in own_names], _KNOWN, "the budget lines")
    if "customer" not in table and "customer_id" in table:
        table["customer"] = table["customer_id"]
    months = months_of(table[options.month], f"column {options.month!r}")
    rows = months.size
    own = _dimensions(table, options, rows)
    currency = options.currency
    codes = _texts(table["currency"], currency) if "currency" in table else Labels.constant(currency, rows)
    plain: dict[str, NDArray[np.float64]] = {name: finite_of(table[name], name) for name in _PLAIN if name in table}
    common = _chances(table, plain, rows) | {
        "month": months.astype(np.int32),
        "quantity": plain.get("quantity", np.zeros(rows)),
        "currency": codes.pair(),
        "dimensions": [(name, *labels.pair()) for name, labels in own.items()],
    }
    amounts = {"variance": plain["variance"]} if "variance" in plain else {}
    if "account" in table and "amount" in table:
        account = _texts(table["account"], "(none)")
        common["dimensions"].insert(0, ("account", *account.pair()))
        amounts["amount"] = finite_of(table["amount"], "amount")
    else:
        amounts |= _measures(table)
    return _core.LineItems.stated(common, amounts, options.rates.core)


def _texts(column: Any, nothing: str) -> Labels:
    """Return a column of texts without space around them; `nothing` where a cell is empty."""
    return Labels.of(pc.utf8_trim_whitespace(strings_of(column, nothing)))


def _dimensions(table: Mapping[str, Any], options: FrameOptions, rows: int) -> dict[str, Labels]:
    """Return source and the further dimensions of lines."""
    given = options.dimensions
    wanted = [name for name in _USUAL if name in table] if given is None else [str(name) for name in given]
    require_columns(table, wanted, "the budget lines; they have")
    for name in wanted:
        if name in _TIMES_AND_ITEM:
            raise InputError(f"dimensions name {name!r}, which every budget has; give the column another name")
    labels = {name: _texts(table[name], "(none)") for name in wanted if name != "account"}
    labels.setdefault("source", Labels.constant(options.source, rows))
    return labels


def labels_of(
    labels: Mapping[str, Mapping[Any, Any]] | None, keys: Sequence[tuple[Hashable, ...]], owner: str = ""
) -> dict[str, list[str]]:
    """Return further dimensions: per entry the label of its last key that has one, by identity; "(none)" without one.

    With an `owner` of the entries, one of them must have a label.
    """
    dimensions = {}
    for name, given in (labels or {}).items():
        if str(name).strip() in ("", "account", "source", "customer", "level", "heat", *_TIMES_AND_ITEM):
            raise InputError(
                f"labels name {str(name)!r}, which every budget has or means; give the dimension another name"
            )
        if not isinstance(given, Mapping):
            raise InputError(
                f"labels of {str(name)!r} are {shown_value(given)}of type {type(given).__name__}; "
                "they must be a mapping from customer to label"
            )
        table = {_identity(key): label for key, label in given.items() if not is_missing(label)}
        texts = []
        for options in keys:
            own = [str(table[_identity(key)]).strip() for key in options if _identity(key) in table]
            texts.append((own or [""])[-1] or "(none)")
        if owner and given and keys and not any(_identity(key) in table for options in keys for key in options):
            raise InputError(
                f"labels of {str(name)!r} name no customer of the {owner}: the first label is of {next(iter(given))!r}, "
                f"the first customer is {keys[0][-1]!r}"
            )
        dimensions[str(name)] = texts
    return dimensions


def _identity(key: Hashable) -> Hashable:
    """Return a customer, or a pair of customer and plan, as text; whole numbers are written without a point."""
    return tuple(map(identity_text, key)) if isinstance(key, tuple) else identity_text(key)


def _chances(table: Mapping[str, Any], plain: Mapping[str, NDArray[np.float64]], rows: int) -> dict[str, Any]:
    """Return probability, item and state of lines, and check them and the variance."""
    chance = plain.get("probability", np.ones(rows))
    bad = np.flatnonzero(~((chance > 0) & (chance <= 1)))
    if bad.size:
        raise InputError(f"column 'probability', row {bad[0] + 1}: found {chance[bad[0]]:g}; it must lie in (0, 1]")
    spread = plain.get("variance", np.zeros(rows))
    bad = np.flatnonzero(spread < 0)
    if bad.size:
        raise InputError(f"column 'variance', row {bad[0] + 1}: found {spread[bad[0]]:g}; it must be 0 or more")
    item = _texts(table["item"], "") if "item" in table else Labels.constant("", rows)
    state = _texts(table["state"], "") if "state" in table else Labels.constant("", rows)
    for name in state.names:
        if name not in ("", "open", "won", "lost"):
            raise InputError(
                f"column 'state', row {state.first_row(name)}: found {name!r}; it can be 'open', 'won' or 'lost'"
            )
    bad = np.flatnonzero((chance < 1) & (item.codes == (item.names.index("") if "" in item.names else -1)))
    if bad.size:
        raise InputError(
            f"row {bad[0] + 1}: the probability is {chance[bad[0]]:g} and no item is named; a line with a probability below 1 must name its "
            "opportunity in column 'item'"
        )
    return {"probability": chance, "item": item.pair(), "state": state.pair()}


def _measures(table: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
    """Return the amounts of each account, of a frame with an amount per account in a row."""
    measures = {
        name: finite_of(table[column], column)
        for name, columns in _MEASURES.items()
        for column in columns
        if column in table
    }
    if not measures:
        raise InputError(
            "the budget lines have no amounts; they need columns account and amount, or revenue, costs or contribution. They have "
            + ", ".join(map(repr, table))
        )
    return measures


def budget_settings(
    rates: Rates, digits: int, calendar: FiscalCalendar | None, accounts: Mapping[str, str]
) -> dict[str, Any]:
    """Return what all lines have in common, for the compiled library."""
    if isinstance(digits, bool) or not isinstance(digits, (int, np.integer)) or not 0 <= digits <= 6:
        raise InputError(f"digits is {digits!r}; it must be a whole number of digits after the decimal point, 0 to 6")
    if not rates.reporting.strip():
        raise InputError("currency is blank; it must be a code, such as 'EUR'")
    return {
        "currency": rates.reporting,
        "digits": int(digits),
        "calendar": (calendar or FiscalCalendar()).core,
        "rates": rates.core,
        "accounts": dict(accounts),
        "correlation": 0.0,
        "correlation_of": {},
    }
