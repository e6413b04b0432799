# The lines of a budget as columns: where each amount belongs, how sure it is, and in which currency it was stated.
"""Columns of budget lines, read from frames and checked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from custfolio._tables.dates import month_text
from custfolio._tables.frames import arrow_columns, finite_of, months_of, require_columns, strings_of
from custfolio.errors import InputError

__all__ = ["Dimension", "Lines", "Rates", "account_types", "distinct", "lines_from_frame"]

SIGNS: Final[Mapping[str, tuple[int, int]]] = {"income": (1, 1), "expense": (0, -1), "result": (0, 1)}
"""How much an account of each type counts in the level and in the heat."""

_KNOWN: Final[Mapping[str, str]] = {
    **dict.fromkeys(("revenue", "net revenue", "sales", "income", "turnover", "fees"), "income"),
    **dict.fromkeys(
        ("costs", "cost", "cost of goods", "cost to serve", "cost of credit", "cogs", "expenses", "spend"), "expense"
    ),
    **dict.fromkeys(("contribution", "margin", "gross margin", "result"), "result"),
}
"""Types of accounts by their usual names."""

_MEASURES: Final[Mapping[str, tuple[str, ...]]] = {
    "revenue": ("revenue", "level", "net_revenue"),
    "costs": ("costs", "cost"),
    "contribution": ("contribution", "heat"),
}
"""Columns of a frame that has an amount per account in a row."""

_USUAL: Final = ("source", "customer", "manager", "segment", "entity")
_PLAIN: Final = ("variance", "probability", "quantity")


def distinct(codes: NDArray[np.integer[Any]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different codes in ascending order, and the place of each row among them; without sorting where the codes lie close."""
    if not codes.size:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    least = int(codes.min())
    width = int(codes.max()) - least + 1
    if width > 4 * codes.size + 1000:
        keys, places = np.unique(codes, return_inverse=True)
        return keys.astype(np.int64), places.ravel()
    shifted = codes - least
    there = np.zeros(width, dtype=bool)
    there[shifted] = True
    number = np.cumsum(there) - 1
    return np.flatnonzero(there) + least, number[shifted]


@dataclass(frozen=True)
class Dimension:
    """A column of texts as codes into their names."""

    codes: NDArray[np.int32]
    names: tuple[str, ...]

    @classmethod
    def of(cls, values: Any) -> Dimension:
        """Encode texts, in the order in which they first occur."""
        array = values if isinstance(values, pa.Array) else pa.array(values, type=pa.string())
        found = array.dictionary_encode()
        return cls(np.asarray(found.indices, dtype=np.int32), tuple(found.dictionary.to_pylist()))

    @classmethod
    def one(cls, name: str, rows: int) -> Dimension:
        """Return the same text for every row."""
        return cls(np.zeros(rows, dtype=np.int32), (name,))

    def texts(self, rows: Any = slice(None)) -> list[str]:
        """Return the texts of rows."""
        names = self.names
        return [names[code] for code in self.codes[rows].tolist()]

    def take(self, rows: Any) -> Dimension:
        """Return some rows."""
        return Dimension(self.codes[rows], self.names)

    def joined(self, other: Dimension) -> Dimension:
        """Return these rows and then the others."""
        place = {name: k for k, name in enumerate(self.names)}
        names = list(self.names)
        for name in other.names:
            if name not in place:
                place[name] = len(names)
                names.append(name)
        moved = np.array([place[name] for name in other.names], dtype=np.int32)
        codes = np.concatenate([self.codes, moved[other.codes] if other.codes.size else other.codes])
        return Dimension(codes.astype(np.int32), tuple(names))


@dataclass(frozen=True)
class Lines:
    """Columns of budget lines."""

    month: NDArray[np.int64]
    """Months since January 1970."""
    dimensions: dict[str, Dimension]
    """Account, source, and what else lines are told apart by."""
    amount: NDArray[np.float64]
    """Expected amount in the budget's currency."""
    deviation: NDArray[np.float64]
    """Standard deviation, signed as the amount moves with the others of its customer and month."""
    probability: NDArray[np.float64]
    """What the amount was multiplied by; 1 where it is not an all-or-nothing amount."""
    quantity: NDArray[np.float64]
    """Quantity; 0 where it is not known."""
    item: Dimension
    """What comes about once (an opportunity, a plan); "" for usual business."""
    state: Dimension
    """"open", "won" or "lost"."""
    currency: Dimension
    """Currency in which the amount was stated."""
    stated: NDArray[np.float64]
    """Amount in that currency."""
    part: NDArray[np.int32]
    """Position of the forecast whose distribution the line belongs to; -1 for none."""

    def __len__(self) -> int:
        return self.month.size

    def take(self, rows: Any) -> Lines:
        """Return some lines."""
        changed: dict[str, Any] = {}
        for name, value in vars(self).items():
            if name == "dimensions":
                changed[name] = {key: dimension.take(rows) for key, dimension in value.items()}
            else:
                changed[name] = value.take(rows) if isinstance(value, Dimension) else value[rows]
        return Lines(**changed)

    def joined(self, other: Lines, parts: int = 0) -> Lines:
        """Return these lines and then the others; a dimension that one of them lacks is "(none)" there."""
        names = list(dict.fromkeys([*self.dimensions, *other.dimensions]))
        nothing = [Dimension.one("(none)", len(each)) for each in (self, other)]
        dimensions = {
            name: self.dimensions.get(name, nothing[0]).joined(other.dimensions.get(name, nothing[1])) for name in names
        }
        moved = replace(other, part=np.where(other.part >= 0, other.part + parts, other.part).astype(np.int32))
        changed: dict[str, Any] = {"dimensions": dimensions}
        for name, value in vars(self).items():
            if name != "dimensions":
                own = getattr(moved, name)
                changed[name] = value.joined(own) if isinstance(value, Dimension) else np.concatenate([value, own])
        return Lines(**changed)


def plain_lines(
    month: NDArray[np.int64],
    dimensions: dict[str, Dimension],
    amount: NDArray[np.float64],
    code: str,
    **given: Any,
) -> Lines:
    """Make lines of which only some columns are known."""
    rows = month.size
    columns: dict[str, Any] = {
        "deviation": np.zeros(rows),
        "probability": np.ones(rows),
        "quantity": np.zeros(rows),
        "item": Dimension.one("", rows),
        "state": Dimension.one("open", rows),
        "currency": Dimension.one(code, rows),
        "stated": amount,
        "part": np.full(rows, -1, dtype=np.int32),
    }
    return Lines(month, dimensions, amount, **{**columns, **given})


def account_types(names: Sequence[str], given: Mapping[str, str] | None) -> dict[str, str]:
    """Return the type of each account: as given, or by its usual name."""
    told = {str(name): str(kind) for name, kind in (given or {}).items()}
    found = {}
    for name in names:
        kind = told.get(name, _KNOWN.get(name.strip().lower().replace("_", " ")))
        if kind is None:
            raise InputError(
                f"account {name!r} has no type; say whether it is income or expense with accounts={{{name!r}: 'income'}}"
            )
        if kind not in SIGNS:
            raise InputError(f"account {name!r} is of type {kind!r}; it can be {', '.join(map(repr, SIGNS))}")
        found[name] = kind
    return found


class Rates:
    """What one unit of a currency is worth in the reporting currency, by month. Reads a mapping or a frame.

    Parameters
    ----------
    rates : mapping of str to float, or frame
        One rate a currency for all months, or a frame with columns month, currency and rate.
    reporting : str
        Code of the reporting currency, whose own rate is 1.
    """

    def __init__(self, rates: Any, reporting: str) -> None:
        self.reporting = reporting
        self._always: dict[str, float] = {reporting: 1.0}
        self._monthly: dict[tuple[int, str], float] = {}
        if rates is None:
            return
        if isinstance(rates, Rates):
            self._always |= rates._always
            self._monthly |= rates._monthly
            return
        if isinstance(rates, Mapping) and "rate" not in rates:
            for code, rate in rates.items():
                self._always[str(code)] = self._rate_of(code, rate, f"currency {code}")
            return
        table = arrow_columns(rates, "rates")
        require_columns(table, ("month", "currency", "rate"), "the rates; they have")
        months = months_of(table["month"], "rates, column 'month'").tolist()
        for row, (month, code, rate) in enumerate(
            zip(months, table["currency"].to_pylist(), table["rate"].to_pylist(), strict=True), 1
        ):
            key = (month, str(code))
            if key in self._monthly:
                raise InputError(f"rates, row {row}: {code} has two rates in {month_text(key[0])}")
            self._monthly[key] = self._rate_of(code, rate, f"rates, row {row}")

    def _rate_of(self, code: Any, rate: Any, where: str) -> float:
        found = _rate(rate, where)
        if str(code) == self.reporting and found != 1:
            raise InputError(
                f"{where}: rate is {rate!r}, and {code} is the reporting currency, whose rate is 1; give what one unit of each other currency "
                "is worth in it"
            )
        return found

    def of(self, month: NDArray[np.int64], currency: Dimension) -> NDArray[np.float64]:
        """Return the rate of every line."""
        pairs = month * len(currency.names) + currency.codes
        keys, places = distinct(pairs)
        found = np.empty(keys.size)
        for k, key in enumerate(keys.tolist()):
            when, code = key // len(currency.names), currency.names[key % len(currency.names)]
            rate = self._monthly.get((when, code), self._always.get(code))
            if rate is None:
                raise InputError(
                    f"there is no rate for {code} in {month_text(when)}; give one unit's worth in {self.reporting} in rates="
                )
            found[k] = rate
        rates: NDArray[np.float64] = found[places]
        return rates


def _rate(rate: Any, where: str) -> float:
    try:
        found = float(rate)
    except (TypeError, ValueError):
        found = math.nan
    if not (found > 0 and math.isfinite(found)):
        raise InputError(f"{where}: rate is {rate!r}; it must be above 0")
    return found


def lines_from_frame(
    frame: Any,
    *,
    month: str,
    dimensions: Sequence[str] | None,
    source: str,
    currency: str,
    rates: Any,
) -> Lines:
    """Read lines from a frame: one row an amount of an account, or one row with revenue and costs or contribution."""
    table = arrow_columns(frame, "budget lines")
    require_columns(table, (month,), "the budget lines; they have")
    if "customer" not in table and "customer_id" in table:
        table["customer"] = table["customer_id"]
    months = months_of(table[month], f"column {month!r}")
    rows = months.size
    wanted = [name for name in _USUAL if name in table] if dimensions is None else [str(d) for d in dimensions]
    require_columns(table, wanted, "the budget lines; they have")
    for name in wanted:
        if name in ("month", "period", "quarter", "year"):
            raise InputError(
                f"dimensions name {name!r}, which the budget makes of the months; give the column another name"
            )
    own = {name: Dimension.of(strings_of(table[name], "(none)")) for name in wanted if name != "account"}
    own.setdefault("source", Dimension.one(source, rows))
    codes = (
        Dimension.of(strings_of(table["currency"], currency)) if "currency" in table else Dimension.one(currency, rows)
    )
    rate = Rates(rates, currency).of(months, codes)
    plain = {name: finite_of(table[name], name) for name in _PLAIN if name in table}
    chance = plain.get("probability", np.ones(rows))
    bad = np.flatnonzero(~((chance > 0) & (chance <= 1)))
    if bad.size:
        raise InputError(f"column 'probability', row {bad[0] + 1}: found {chance[bad[0]]:g}; it must lie in (0, 1]")
    spread = plain.get("variance", np.zeros(rows))
    bad = np.flatnonzero(spread < 0)
    if bad.size:
        raise InputError(f"column 'variance', row {bad[0] + 1}: found {spread[bad[0]]:g}; it must be 0 or more")
    item = Dimension.of(strings_of(table["item"], "")) if "item" in table else Dimension.one("", rows)
    state = Dimension.of(strings_of(table["state"], "open")) if "state" in table else Dimension.one("open", rows)
    for name in state.names:
        if name not in ("open", "won", "lost"):
            row = int(np.flatnonzero(state.codes == state.names.index(name))[0]) + 1
            raise InputError(f"column 'state', row {row}: found {name!r}; it can be 'open', 'won' or 'lost'")
    bad = np.flatnonzero((chance < 1) & (item.codes == (item.names.index("") if "" in item.names else -1)))
    if bad.size:
        raise InputError(
            f"row {bad[0] + 1}: the probability is {chance[bad[0]]:g} and no item is named; a line with a probability below 1 must name what it "
            "belongs to in column 'item'"
        )
    common = {
        "probability": chance,
        "quantity": plain.get("quantity", np.zeros(rows)),
        "item": item,
        "state": state,
        "currency": codes,
    }

    def part(account: Dimension, stated: NDArray[np.float64], deviation: NDArray[np.float64]) -> Lines:
        inside = {"account": account, **own}
        return plain_lines(months, inside, stated * rate, currency, stated=stated, deviation=deviation * rate, **common)

    if "account" in table and "amount" in table:
        stated = finite_of(table["amount"], "amount")
        return part(Dimension.of(strings_of(table["account"], "(none)")), stated, np.sqrt(spread))
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
    if "revenue" in measures and "contribution" in measures:
        costs = measures["revenue"] - measures.pop("contribution")
        if "costs" in measures and np.any(np.abs(costs - measures["costs"]) > 0.005 + 1e-9 * np.abs(costs)):
            row = int(np.argmax(np.abs(costs - measures["costs"])))
            raise InputError(f"row {row + 1}: revenue - costs is not the contribution; leave one of the three out")
        measures["costs"] = costs
    level = measures.get("revenue")
    found: Lines | None = None
    for name, stated in measures.items():
        share = np.ones(rows)
        if level is not None and name != "revenue":  # the costs move with the revenue, so that the temperature stays
            np.divide(stated, level, out=share, where=level != 0)
        each = part(Dimension.one(name, rows), stated, np.sqrt(spread) * share)
        found = each if found is None else found.joined(each)
    assert found is not None
    return found
