# The content of a plan's pages: tables with labels, units and totals, made once for the report and the workbook.
"""Tables and figures that :mod:`custfolio.report.html` and :mod:`custfolio.report.workbook` both show.

Amounts are rounded once to the digits of their currency, with the largest remainder. A total is the sum of the cells
shown, and the page and the workbook show the same cells.
"""

from __future__ import annotations

import datetime
import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.arguments import text
from custfolio.errors import InputError

__all__ = [
    "ENDS",
    "PARTS",
    "BucketFigures",
    "Column",
    "Numbers",
    "PlanPages",
    "Table",
    "has_meaningful_shares",
    "rounded",
    "rounded_to",
]

Data = Mapping[str, Any]
KINDS = ("text", "amount", "share", "chance", "count", "number", "date", "month")
NOTHING = "\u2013"
_MOST = 2**22
"""Most amounts that are rounded together."""
_LARGEST = 2.0**53
"""From this number of units on, doubles do not distinguish them, and amounts are shown as they are."""
COUNTS = (
    "Amounts and counts of the plan are expectations. A customer who may stop buying by itself still counts as one."
)
"""What the figures of the bucket mean."""
USUAL = ("baseline", "new business")
"""The sources of a budget's lines without any action."""
SOURCES = (*USUAL, "remediation", "growth", "acquisition", "overflow")
"""The sources of a budget's lines, in the order in which they are shown."""
ENDS = ("p10", "p25", "p50", "p75", "p90")
"""Quantiles of simulated paths, as the ends of the names of their columns."""
PARTS = ("without action", "new terms", "action plans", "newcomers", "customers who flow over")
"""What each source brings, in words."""

# Column name -> label, kind, whether a sum over the rows means something (never for quantiles, ratios and limits).
_KNOWN: dict[str, tuple[str, str, bool]] = {
    "customer": ("Customer", "text", False),
    "prospect": ("Prospect", "text", False),
    "name": ("Name", "text", False),
    "city": ("City", "text", False),
    "manager": ("Account manager", "text", False),
    "segment": ("Segment", "text", False),
    "verdict": ("Verdict", "text", False),
    "reason": ("Reason", "text", False),
    "way": ("Way out", "text", False),
    "terms": ("Terms", "text", False),
    "step": ("Step", "text", False),
    "what": ("What", "text", False),
    "why": ("Why", "text", False),
    "condition": ("Condition", "text", False),
    "introduced_by": ("Introduced by", "text", False),
    "replaced_by": ("Replaced by", "text", False),
    "replaced_by_name": ("Its name", "text", False),
    "source": ("Source", "text", False),
    "resource": ("Resource", "text", False),
    "item": ("Item", "text", False),
    "day": ("Day", "date", False),
    "date": ("Date", "date", False),
    "month": ("Month", "month", False),
    "months": ("Months", "text", False),
    "begins": ("Begins in this plan", "month", False),
    "answer": ("Answer", "month", False),
    "closes": ("What closes the rest", "text", False),
    "row": ("What", "text", False),
    "fixed": ("Fixed", "text", False),
    "start": ("Time", "text", False),
    "due": ("Due", "date", False),
    "remedy": ("Remedy", "text", False),
    "change": ("Change", "text", False),
    "hours_needed": ("Hours needed", "number", True),
    "hours_available": ("Hours available", "number", True),
    "placed": ("Reviews placed", "count", True),
    "dropped": ("Dropped by the plan", "count", True),
    "unplaced": ("Without a place", "count", True),
    "days_needed": ("More days needed", "count", True),
    "day_value": ("Value of one more day", "amount", False),
    "revenue": ("Revenue", "amount", True),
    "goods": ("Cost of goods", "amount", True),
    "cost": ("Cost", "amount", True),
    "amount": ("Amount", "amount", False),
    "cost_to_serve": ("Cost to serve", "amount", True),
    "credit_cost": ("Cost of credit", "amount", True),
    "dso": ("Days to payment", "number", False),
    "days_late": ("Days late", "number", False),
    "contribution": ("Contribution", "amount", True),
    "level": ("Level", "amount", True),
    "heat": ("Heat", "amount", True),
    "floor": ("Floor", "amount", False),
    "reference": ("Reference year", "amount", False),
    "bound": ("Floor or capacity", "amount", False),
    "without": ("Level without action", "amount", False),
    "new_business": ("Of it new business", "amount", True),
    "nearest": ("Level at best", "amount", False),
    "level_low": ("Level P10 if won", "amount", False),
    "level_high": ("Level P90 if won", "amount", False),
    **{
        f"{name}_{end}": (f"{name.capitalize()} {end.upper()}", "amount", False)
        for name in ("level", "heat")
        for end in ENDS
    },
    "level_without": ("Level without action", "amount", True),
    "heat_without": ("Heat without action", "amount", True),
    "temperature_without": ("Temperature without action", "share", False),
    "expected": ("Expected", "amount", True),
    "expected_level": ("Expected level", "amount", True),
    "expected_heat": ("Expected heat", "amount", True),
    "payoff": ("Payoff a month", "amount", False),
    "p10": ("P10", "amount", False),
    "p50": ("P50", "amount", False),
    "p90": ("P90", "amount", False),
    "price": ("Shadow price", "number", False),
    "meaning": ("What it means", "text", False),
    "temperature": ("Temperature", "share", False),
    "burden": ("Burden", "share", False),
    "temperature_after": ("Temperature after", "share", False),
    "acceptance": ("Acceptance", "chance", False),
    "probability": ("Probability", "chance", False),
    "expected_temperature": ("Expected temperature", "share", False),
    **{f"temperature_{end}": (f"Temperature {end.upper()}", "share", False) for end in ENDS},
    "probability_below": ("Chance to be below the target", "chance", False),
    "only_by_cost_that_stays": ("Below only by cost that stays", "text", False),
    "white_space": ("White space", "amount", True),
    "white_space_p10": ("White space P10", "amount", False),
    "white_space_p90": ("White space P90", "amount", False),
    "white_space_product": ("White space, most in", "text", False),
    "chance": ("Chance of the floor", "chance", False),
    "simulated": ("Share of simulated paths", "chance", False),
    "drop_without": ("Missed by, without action", "share", False),
    "drop": ("Missed by, with the plan", "share", False),
    "drop_nearest": ("Missed by, at best", "share", False),
    "win_probability": ("Chance to win", "chance", False),
    "warmth": ("Warmth", "number", False),
    "network_warmth": ("Warmth by the network", "number", False),
    "path_strength": ("Strength of the path", "number", False),
    "likeness": ("Likeness", "number", False),
    "level_won": ("Level if won", "amount", False),
    "level_median": ("Level median if won", "amount", False),
    "added_km": ("Added km a delivery", "number", False),
    "delivery_day": ("Delivery day", "text", False),
    "rank": ("Rank", "count", False),
    "row_number": ("Row", "count", False),
    "latitude": ("Latitude", "number", False),
    "longitude": ("Longitude", "number", False),
    "distance_km": ("Distance in km", "number", False),
    "nearest_customer": ("Nearest customer", "text", False),
    "customers": ("Customers", "count", True),
    "deliveries": ("Deliveries", "count", True),
    "hours": ("Hours", "number", True),
    "rows": ("Rows", "count", False),
    "used": ("Expected use", "number", False),
    "limit": ("Limit", "number", False),
    "total": ("Total", "amount", True),
    "group": ("Group", "text", False),
    "zone": ("Zone", "text", False),
    "zones": ("Zones", "text", False),
    "channel": ("Channel", "text", False),
    "required": ("Target needs", "text", False),
    "heat_per_delivery": ("Heat a delivery", "amount", False),
    "orders": ("Orders", "count", True),
    "mean_order": ("Mean order", "amount", False),
    "margin": ("Margin", "share", False),
    "order_cost": ("Cost of a delivery", "amount", False),
    "break_even": ("Break-even order", "amount", False),
    "below": ("Orders below it", "count", True),
    "loss": ("Lost on orders", "amount", True),
    "minimum": ("Minimum order", "amount", False),
    "fee": ("Fee below it", "amount", False),
    "fees": ("Fees if it pays", "amount", True),
    "heat_if_pays": ("Change of heat if it pays", "amount", True),
    "heat_if_waits": ("Change of heat if it waits", "amount", True),
    "temperature_if_pays": ("Temperature if it pays", "share", False),
    "temperature_if_waits": ("Temperature if it waits", "share", False),
    "deliveries_if_waits": ("Deliveries if it waits", "count", True),
    "answers": ("Answers", "count", True),
    "accepted": ("Accepted", "count", True),
    "mean_burden": ("Mean burden", "share", False),
    "base": ("Chance without a burden", "chance", False),
    "lower": ("Lower end, 80 %", "chance", False),
    "band": ("Size band", "count", False),
    "peers": ("Peers", "count", False),
    "discount_share": ("Discount", "share", False),
    "rebate_share": ("Rebate", "share", False),
    "order_size": ("Order size", "amount", False),
    "frequency": ("Deliveries a year", "number", False),
    "days_to_pay": ("Days to pay", "number", False),
    "fee_paid": ("Fee a delivery", "amount", False),
    "leniency": ("Leniency", "share", False),
    "other_customer": ("Other customer", "text", False),
    "other_name": ("Its name", "text", False),
    "other_terms": ("Its terms", "text", False),
    "other_burden": ("Its burden", "share", False),
    "other_temperature": ("Its temperature", "share", False),
    "difference": ("Difference", "share", False),
    "ask": ("Ask", "count", False),
    "reached": ("Asked with", "chance", False),
    "heat_change": ("Heat if accepted", "amount", False),
    "level_before": ("Level before", "amount", True),
    "level_after": ("Level after", "amount", True),
    "temperature_before": ("Temperature before", "share", False),
    "heat_before": ("Heat before", "amount", True),
    "heat_after": ("Heat after", "amount", True),
    "heat_expected": ("Heat without new terms", "amount", True),
    "brought": ("Brought", "amount", True),
    "promised": ("Promised", "amount", True),
    "orders_below": ("Orders below the minimum", "count", True),
    "days": ("Days", "number", False),
    "upper": ("Upper end, 80 %", "chance", False),
    "plan": ("Plan", "text", False),
    "percent": ("Temperature, percent", "number", True),
    "gain": ("Gain over no action", "amount", False),
    **{name: (name.capitalize(), "amount", True) for name in SOURCES},
}


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name
        Key of the column in the table's data.
    label
        Heading.
    kind
        ``text``, ``amount`` (money), ``share`` (a fraction, shown in percent), ``chance`` (a share that is shown as 0 or 100 %
        only if it is certain), ``count``, ``number``, ``date`` or ``month``.
    total
        Whether the column has a total.
    parts
        Names of the columns that add up to this one in every row (a live sum in the workbook); "-" stands before one that is subtracted.
        They are rounded together, with their own parts.
    """

    name: str
    label: str
    kind: str = "text"
    total: bool = False
    parts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"column {self.name!r}: kind {self.kind!r} is not one of {', '.join(KINDS)}")

    @property
    def numeric(self) -> bool:
        """Whether the column has numbers."""
        return self.kind in ("amount", "share", "chance", "count", "number")


def _month(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return datetime.date(value.year, value.month, 1)
    if isinstance(value, str) and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])(-\d\d)?", value):
        return datetime.date(int(value[:4]), int(value[5:7]), 1)
    if hasattr(value, "year") and hasattr(value, "month"):
        return datetime.date(int(value.year), int(value.month), 1)
    return value


def _cells(values: Any, kind: str) -> list[Any]:
    """Plain Python values; None for what is missing or not a number."""
    array = values if isinstance(values, np.ndarray) else None
    if array is None and hasattr(values, "to_numpy"):
        array = np.asarray(values.to_numpy())
    if array is not None and array.dtype.kind == "M":
        days = array.astype("datetime64[D]")
        array = days if np.all((days == array) | np.isnat(array)) else array.astype("datetime64[s]")
    cells: list[Any] = array.tolist() if array is not None else list(values)
    for index, cell in enumerate(cells):
        if isinstance(cell, np.generic):
            cell = cells[index] = cell.item()
        if isinstance(cell, float) and not math.isfinite(cell):
            cells[index] = None
        elif kind == "month" and cell is not None:
            cells[index] = _month(cell)
        elif kind == "text" and isinstance(cell, bool):
            cells[index] = "yes" if cell else "no"
    return cells


def has_meaningful_shares(total: float, peak: float) -> bool:
    """Whether shares of a total mean something: it is positive, and no part is more than ten times as large."""
    return total > 0 and peak <= 10 * total


def rounded(cells: list[Any], total: bool, digits: int) -> list[Any]:
    """Round amounts to digits; with a total, by the largest remainder, so that the rounded cells add up to it."""
    amounts = np.array([math.nan if cell is None else cell for cell in cells], dtype=np.float64)
    known = np.isfinite(amounts)
    unit = 10.0**digits
    if np.abs(amounts[known]).sum() * unit >= _LARGEST:
        return cells
    if total:
        amounts[known] = _core.round_nested(amounts[known], [], [], digits) / unit
    return [
        round(value, digits) if shown else None for value, shown in zip(amounts.tolist(), known.tolist(), strict=True)
    ]


def rounded_to(amounts: Sequence[float], whole: float, digits: int) -> list[Any]:
    """Return amounts, rounded so that they sum to a rounded whole; the largest one takes what it differs by."""
    largest = max(range(len(amounts)), key=lambda k: abs(amounts[k]))
    moved = [*amounts]
    moved[largest] += whole - math.fsum(amounts)
    return rounded(moved, True, digits)


def _rounded_together(parts: Mapping[str, Sequence[Any]], inner: Sequence[int], digits: int) -> dict[str, list[Any]]:
    """Round signed parts of rows so that totals are the nearest ones; empty where that is not possible.

    Parts, and their sums in each row, are less than a unit away, so amounts that are whole stay. Only where no row has room
    for that, the row of the largest amounts is a few units away.

    Parameters
    ----------
    parts : mapping of str to sequence
        The columns.
    inner : sequence of int
        A number per column: those of one number have a sum of their own in each row.
    digits : int
        Digits after the decimal point.
    """
    if not parts or any(cell is None for cells in parts.values() for cell in cells):
        return {}
    amounts = np.array(list(parts.values()), dtype=np.float64)
    unit = 10.0**digits
    if amounts.size > _MOST or np.abs(amounts).sum() * unit >= _LARGEST:
        return {}
    column, row = (codes.astype(np.int32) for codes in np.indices(amounts.shape))
    group = np.array(inner, dtype=np.int32)[column]
    rows = [row.ravel(), (row * (group.max(initial=0) + 1) + group).ravel()]
    columns = [group.ravel(), column.ravel()]
    whole = _core.round_nested(amounts.ravel(), rows, columns, digits).reshape(amounts.shape)
    if amounts.shape[1]:
        # The total of each group of columns is the nearest one, as a headline has it. The second group takes the rest.
        totals = np.array([math.fsum(cells) for cells in amounts])
        groups = group[:, 0]
        wanted = np.zeros(len(totals))
        for one in range(groups.max() + 1):
            wanted[groups == one] = _core.round_nested(totals[groups == one], [], [], digits)
        wanted[np.argmax(groups == min(1, groups.max()))] += whole.sum() - wanted.sum()
        _move_units(whole, amounts * unit, (wanted - whole.sum(axis=1)).astype(whole.dtype), group[:, 0])
    cells = np.round(whole / unit, digits).tolist()
    return dict(zip(parts, cells, strict=True))


def _largest_of_both(amounts: NDArray[np.float64], up: int, down: int) -> int:
    """Return the row where the smaller of two columns' amounts is the largest; of the largest amounts where it is 0."""
    both = np.minimum(np.abs(amounts[up]), np.abs(amounts[down]))
    return int(np.argmax(both if both.any() else np.abs(amounts).sum(axis=0)))


def _move_units(whole: NDArray[Any], amounts: NDArray[np.float64], missing: NDArray[Any], group: NDArray[Any]) -> None:
    """Move units between columns, which stand along the first axis, within rows, until no column misses any.

    A row is chosen where both cells, and the row's sums of their groups, stay less than a unit away; so an amount that
    is whole stays. A unit may pass through other columns. Where there is no such way, it moves in the row where both
    amounts are the largest.
    """
    off = whole - amounts
    groups_off = np.array([off[group == one].sum(axis=0) for one in range(group.max() + 1)])
    near = 1.0 - 1e-6

    def row_for(up: int, down: int) -> int | None:
        """Return a row where one column may rise by a unit and another fall."""
        fits = (np.abs(off[up] + 1) < near) & (np.abs(off[down] - 1) < near)
        if group[up] != group[down]:
            fits &= (np.abs(groups_off[group[up]] + 1) < near) & (np.abs(groups_off[group[down]] - 1) < near)
        return int(np.argmax(fits)) if fits.any() else None

    def way(up: int, down: int) -> list[int]:
        """Return the fewest columns from one to the other with a row for each step; only the two where there are none."""
        before = {up: up}
        reached = [up]
        for one in reached:
            if down in before:
                break
            for other in range(len(whole)):
                if other not in before and row_for(one, other) is not None:
                    before[other] = one
                    reached.append(other)
        columns = [down]
        while down in before and columns[-1] != up:
            columns.append(before[columns[-1]])
        return columns[::-1] if columns[-1] == up else [up, down]

    while missing.any():
        columns = way(int(np.argmax(missing)), int(np.argmin(missing)))
        missing[columns[0]] -= 1
        missing[columns[-1]] += 1
        for up, down in itertools.pairwise(columns):
            row = row_for(up, down)
            place = _largest_of_both(amounts, up, down) if row is None else row
            for column, unit in ((up, 1), (down, -1)):
                whole[column, place] += unit
                off[column, place] += unit
                groups_off[group[column], place] += unit


def _guess(name: str, values: Any) -> Column:
    if name in _KNOWN:
        label, kind, total = _KNOWN[name]
        return Column(name, label, kind, total)
    if name.endswith("_percentile"):
        label = _KNOWN[name.removesuffix("_percentile")][0] if name.removesuffix("_percentile") in _KNOWN else name
        return Column(name, f"{label}, rank", "share")
    label = name.replace("_", " ").strip().capitalize()
    array = np.asarray(values)
    kinds = {"b": "text", "i": "count", "u": "count", "f": "number", "M": "date"}
    return Column(name, label, kinds.get(array.dtype.kind, "text"))


@dataclass(frozen=True)
class Table:
    """A table of a page: named columns of one length, with labels, kinds and totals.

    Parameters
    ----------
    title
        Title: the caption on the page and the name of the sheet.
    columns
        The columns, in the order in which they are shown.
    data
        One sequence of values a column, all of one length. None and NaN are shown as missing.
    note
        A sentence below the table.
    digits
        Digits of amounts after the decimal point.

    Raises
    ------
    InputError
        If a column is missing in the data or differs in length; the message names the table and the column.
    """

    title: str
    columns: tuple[Column, ...]
    data: Data = field(repr=False)
    note: str = ""
    digits: int = 2

    def __post_init__(self) -> None:
        lengths: dict[str, int] = {}
        for column in self.columns:
            if column.name not in self.data:
                raise InputError(f"table {self.title!r}: column {column.name!r} is not in the data")
            lengths[column.name] = len(self.data[column.name])
        if len(set(lengths.values())) > 1:
            each = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise InputError(f"table {self.title!r}: columns must have one length; found {each}")

    @classmethod
    def of(
        cls, title: str, data: Data, note: str = "", columns: Mapping[str, Column] | None = None, digits: int = 2
    ) -> Table:
        """A table of all columns of ``data``, in their order, with labels and kinds by the columns' names.

        Parameters
        ----------
        title
            Title of the table.
        data
            Columns by name.
        note
            A sentence below the table.
        columns
            Columns with another kind than their name suggests.
        digits
            Digits of amounts after the decimal point.

        Returns
        -------
        Table
            The table.
        """
        chosen = columns or {}
        shown = tuple(chosen.get(name) or _guess(name, values) for name, values in data.items())
        return cls(title, shown, data, note, digits)

    @cached_property
    def values(self) -> dict[str, list[Any]]:
        """The values as plain Python objects by column; None for a missing value."""
        return {column.name: _cells(self.data[column.name], column.kind) for column in self.columns}

    @cached_property
    def cells(self) -> dict[str, list[Any]]:
        """The values as they are shown: amounts in whole units of their digits, which add up to the total of their column."""
        amounts = [column for column in self.columns if column.kind == "amount"]
        cells = self.values | {
            column.name: rounded(self.values[column.name], column.total, self.digits) for column in amounts
        }
        of = {column.name: column for column in amounts}
        inner = {part.lstrip("-") for column in amounts for part in column.parts}
        for column in amounts:
            if column.parts and column.name not in inner:
                cells |= self._rounded_parts(column, of)
        return cells

    def _rounded_parts(self, whole: Column, of: Mapping[str, Column]) -> dict[str, list[Any]]:
        """The cells of a column and of its parts, rounded so that they add up; empty where that is not possible."""
        leaves = [of[part.lstrip("-")].parts or (part.lstrip("-"),) for part in whole.parts]
        signs = [-1.0 if part.startswith("-") else 1.0 for part in whole.parts]
        signed: dict[str, list[Any]] = {}
        for sign, names in zip(signs, leaves, strict=True):
            for name in names:
                signed[name] = [None if cell is None else sign * cell for cell in self.values[name]]
        inner = [place for place, names in enumerate(leaves) for _ in names]
        rounded = _rounded_together(signed, inner, self.digits)
        if not rounded:
            return {}
        cells: dict[str, list[Any]] = {whole.name: self._sums(list(rounded.values()))}
        for part, sign, names in zip(whole.parts, signs, leaves, strict=True):
            signed_cells = {name: [sign * cell + 0.0 for cell in rounded[name]] for name in names}
            cells |= signed_cells | {part.lstrip("-"): self._sums(list(signed_cells.values()))}
        return cells

    def _sums(self, columns: Sequence[Sequence[float]]) -> list[float]:
        """The sum of each row."""
        return [round(math.fsum(row), self.digits) for row in zip(*columns, strict=True)]

    def __len__(self) -> int:
        return len(self.data[self.columns[0].name]) if self.columns else 0

    def rows(self, count: int | None = None) -> Iterator[list[Any]]:
        """The first ``count`` rows (all by default), each a list in the order of the columns."""
        lists = [self.cells[column.name][:count] for column in self.columns]
        return (list(row) for row in zip(*lists, strict=True))

    @cached_property
    def decimals(self) -> int:
        """Decimals of the table's amounts: none where all of them are whole, else all digits."""
        amounts = (self.cells[column.name] for column in self.columns if column.kind == "amount")
        whole = all(value is None or float(value).is_integer() for cells in amounts for value in cells)
        return 0 if whole else self.digits

    def total(self, name: str) -> float:
        """Sum of a column over all rows, without the noise of its digits; missing values count nothing."""
        digits = self.digits if any(one.name == name and one.kind == "amount" for one in self.columns) else 2
        return round(math.fsum(value for value in self.cells[name] if value is not None), digits)

    def ordered(self, name: str) -> Table:
        """The same table with rising values in one column, missing ones last."""
        values = self.cells[name]
        order = sorted(range(len(values)), key=lambda row: (values[row] is None, values[row] or 0.0))
        cells = self.cells
        data = {key: [cells[key][row] for row in order] for key in cells}
        return Table(self.title, self.columns, data, self.note, self.digits)


class Numbers:
    """How a locale writes numbers, amounts, shares, days and months.

    Parameters
    ----------
    locale
        A locale's name in Babel, such as ``en``, ``nl_BE`` or ``fr``.

    Raises
    ------
    InputError
        If there is no such locale.
    """

    def __init__(self, locale: str = "en") -> None:
        from babel import Locale, UnknownLocaleError

        text(locale, "locale")
        try:
            self.locale = Locale.parse(locale.replace("-", "_"))
        except (UnknownLocaleError, ValueError) as error:
            raise InputError(
                f"locale is {locale!r}; it must be a known locale, such as 'en', 'nl_BE' or 'fr'"
            ) from error

    def compact(self, value: float | None, decimals: int = 1) -> str:
        """A figure at a glance: ``428.1 M``; below 1,000 without decimals by default."""
        from babel.numbers import format_compact_decimal, format_decimal

        if value is None or not math.isfinite(value):
            return NOTHING
        if abs(value) < 1000:
            pattern = "#,##0" + ("." + "#" * decimals if decimals > 1 else "")
            return format_decimal(value, pattern, locale=self.locale)
        text = format_compact_decimal(value, fraction_digits=decimals, locale=self.locale)
        return re.sub(r"(?<=\d)(?=[^\W\d_])", "\u00a0", text)

    def level(self, value: float) -> str:
        """The level of a bucket at a glance, with three digits at least: ``428.1 M``, ``1.03 M``."""
        size = abs(value)
        few = size >= 1000 and size / 1000 ** int(math.log(size, 1000) + 1e-12) < 10
        return self.compact(value, 2 if few else 1)

    def amount(self, value: float | None, decimals: int = 2) -> str:
        """An amount with all of its digits: ``-1,234.50``."""
        from babel.numbers import format_decimal

        if value is None or not math.isfinite(value):
            return NOTHING
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return format_decimal(_unsigned_zero(value, decimals), pattern, locale=self.locale, group_separator=True)

    def counted(self, number: float, one: str) -> str:
        """A number with its noun in singular or plural: ``1 customer``, ``1,948 customers``."""
        return f"{self.expected(number)} {one if number == 1 else f'{one}s'}"

    def expected(self, value: float) -> str:
        """A number of things that may be an expectation: ``185``, ``20.4``, ``1,912``."""
        return self.amount(value, 0 if float(value).is_integer() or abs(value) >= 100 else 1)

    @staticmethod
    def currency_digits(code: str) -> int:
        """Digits of a currency after the decimal point: 2 for euros, none for yen, 3 for Kuwaiti dinars."""
        from babel.numbers import get_currency_precision

        return int(get_currency_precision(code))

    def currency(self, code: str) -> str:
        """A currency's name in the plural: ``euros``, ``US dollars``; its code where it has no name."""
        from babel.numbers import get_currency_name

        return get_currency_name(code, count=2, locale=self.locale)

    def share(self, value: float | None, decimals: int = 1) -> str:
        """A fraction in percent: 0.0752 gives ``7.5%``."""
        from babel.numbers import format_percent

        if value is None or not math.isfinite(value):
            return NOTHING
        if abs(value) >= 1e9:  # beyond a decimal of fixed point; not the temperature of a company
            return f"{100 * value:.1e}%"
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "") + "%"
        return format_percent(_unsigned_zero(value, decimals + 2), pattern, locale=self.locale)

    def chance(self, value: float | None) -> str:
        """A chance in percent: ``97.3%``; ``below 0.1%`` and ``above 99.9%`` where it is neither 0 nor 1."""
        if value is None or not 0 < value < 1 or 0.0005 < value < 0.9995:
            return self.share(value)
        return f"above {self.share(0.999)}" if value > 0.5 else f"below {self.share(0.001)}"

    def axis(self, marks: Sequence[float], share: bool = False) -> list[str]:
        """The labels of an axis: amounts or shares with enough decimals that each equals its mark."""
        if share:
            step = min((abs(mark) for mark in marks if mark), default=1.0)
            exact = (d for d in range(9) if all(abs(mark - round(mark, d + 2)) < 1e-6 * step for mark in marks))
            decimals = next(exact, 9)
            return [self.share(mark, decimals) for mark in marks]
        full = [self.compact(mark, 9) for mark in marks]
        shorter = ([self.compact(mark, decimals) for mark in marks] for decimals in range(9))
        return next((labels for labels in shorter if labels == full), full)

    def number(self, value: float | None) -> str:
        """A number: two decimals from 100 on, otherwise at most four."""
        from babel.numbers import format_decimal

        if value is None or not math.isfinite(value):
            return NOTHING
        if value and abs(value) < 1e-4:
            return format_decimal(0, "0.0000", locale=self.locale)
        pattern = "#,##0.####" if abs(value) < 100 else "#,##0.00"
        return format_decimal(_unsigned_zero(value, 4), pattern, locale=self.locale)

    def day(self, value: Any) -> str:
        """A day: ``3 Jan 2022``, and its hour where it has one."""
        from babel.dates import format_date, format_time

        if isinstance(value, datetime.datetime):
            return f"{self.day(value.date())}, {format_time(value, 'HH:mm', locale=self.locale)}"
        return format_date(value, "d MMM yyyy", locale=self.locale) if isinstance(value, datetime.date) else str(value)

    def weekday(self, value: datetime.date) -> str:
        """The weekday of a date, short: ``Mon``."""
        from babel.dates import format_date

        return format_date(value, "ccc", locale=self.locale)

    def month(self, value: Any, short: bool = False) -> str:
        """A month: ``Jan 2022``, or ``Jan`` for an axis."""
        from babel.dates import format_date

        month = _month(value)
        pattern = "LLL" if short else "LLL yyyy"
        return format_date(month, pattern, locale=self.locale) if isinstance(month, datetime.date) else str(month)

    def cell(self, value: Any, column: Column, decimals: int = 2) -> str:
        """One cell of a table as text (not yet escaped)."""
        if value is None:
            return NOTHING
        if column.kind == "amount":
            return self.amount(value, decimals)
        if column.kind == "count":
            return self.amount(value, 0 if float(value).is_integer() else 2)
        shows = {"share": self.share, "chance": self.chance, "number": self.number, "month": self.month}
        if column.kind in shows:
            return shows[column.kind](value)
        return self.day(value) if column.kind == "date" else str(value)


def _unsigned_zero(value: float, decimals: int) -> float:
    """Return the value; 0 without a sign where no decimal of it is shown."""
    return value if abs(value) > 0.5 * 10.0**-decimals else 0.0


@dataclass(frozen=True)
class BucketFigures:
    """The bucket in four figures.

    Parameters
    ----------
    level
        Net revenue.
    heat
        Contribution.
    customers
        Number of customers; after a plan an expectation.
    frozen
        Customers below the freezing point (they cost money): the ice cubes; after a plan an expectation.
    new_business
        The part of the level that newcomers as usual, and customers who come back, bring; 0 where it is not known.
    temperature
        Heat / level; computed where it is not given, NaN at or below a level of 0.
    """

    level: float
    heat: float
    customers: float
    frozen: float = 0
    temperature: float = math.nan
    new_business: float = 0

    def __post_init__(self) -> None:
        if math.isnan(self.temperature):
            object.__setattr__(self, "temperature", float(_core.temperature_of(self.level, self.heat)))

    @classmethod
    def of(cls, bucket: Any, frozen: int | None = None) -> BucketFigures:
        """From a mapping, or from any object with ``level``, ``heat`` and ``customers``.

        Parameters
        ----------
        bucket
            The source of the figures.
        frozen
            Customers below the freezing point; default: those of the bucket.

        Returns
        -------
        BucketFigures
            The figures.

        Raises
        ------
        InputError
            If one is missing.
        """
        if isinstance(bucket, cls):
            return bucket
        values = (
            bucket
            if isinstance(bucket, Mapping)
            else {
                name: getattr(bucket, name)
                for name in ("level", "heat", "customers", "frozen", "new_business")
                if hasattr(bucket, name)
            }
        )
        for name in ("level", "heat", "customers"):
            if name not in values:
                raise InputError(f"the bucket has no {name}; it must have level, heat and customers")
        cold = values.get("frozen", 0) if frozen is None else frozen
        new = float(values.get("new_business", 0.0))
        return cls(float(values["level"]), float(values["heat"]), values["customers"], cold, new_business=new)


def _array(values: Any) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


@dataclass(frozen=True)
class PlanPages:
    """The content of a plan's pages. Every part except the two buckets is optional (None: not shown).

    Parameters
    ----------
    before, after
        The bucket before the plan and at its end: :class:`BucketFigures`, a mapping or an object with level, heat and
        customers.
    title, subtitle
        Headings of the page.
    period, horizon
        Time of the figures before and of the plan, in words: ``"2021"``, ``"January to December 2022"``.
    unit
        Of all amounts, in words: ``"US dollars"``.
    target
        Target temperature (a fraction), None for none.
    source
        Where the data comes from, one sentence.
    locale
        Of numbers and dates.
    whale
        ``cumulative`` (amounts, by customers in falling order of contribution), ``total``, ``peak``, ``peak_share``,
        ``customers_at_peak``, ``gini``, ``loss``.
    statement
        customer, name, revenue, goods, cost_to_serve, contribution, temperature, verdict, reason.
    certainty, undecided
        As :meth:`custfolio.selection.Uncertainty.tables`.
    interest
        Cells of the matrix: potential_class, quality_class, interest, customers.
    offers
        customer, name, month, terms, required, answer, burden, temperature_after, acceptance, expected_level, expected_heat,
        heat_per_delivery.
    terms
        Further tables about new terms by their title, such as those of a price list.
    without_offer
        customer, name: those who could get an offer and get none.
    agenda
        customer, name, manager, day, start, reason.
    agenda_managers
        manager, placed, dropped, unplaced, days_needed, day_value.
    agenda_hours
        manager, month, hours_needed, hours_available, before planning.
    agenda_changes
        customer, manager, day, change, reason.
    agenda_requests
        Offers and action plans without a review of the customer in their month: month, customer, name, manager, what.
    agenda_unplaced, agenda_dropped
        customer, manager, due, reason, remedy; and without a remedy those that the plan drops.
    growth
        month, expected, p10, p50, p90.
    plans
        Steps of the action plans: customer, begins, step, condition, probability, payoff.
    prospects
        rank, prospect, name, begins, warmth, win_probability, level_won, expected_level, expected_heat, level_low, level_median,
        level_high, introduced_by; and where there are any: network_warmth, path_strength, likeness, added_km, source, delivery_day,
        manager.
    candidates
        row_number, prospect, reason: the candidates without a rank.
    white_spots
        latitude, longitude, warmth, distance_km, nearest_customer.
    places
        kind, latitude, longitude: the map of customers, prospects and white spots, drawn and not listed.
    trajectory
        month, level, heat, temperature, floor; level_p10, level_p90, heat_p10 and heat_p90, the band of the plan; level_without,
        heat_without and temperature_without, the months without any action; and new_business, the part of both levels that newcomers as usual,
        and customers who come back, bring.
    contributions
        source, level, heat, percent: where the rise comes from, the bucket without action first.
    alternatives
        plan, level, heat, temperature, customers, gain, chance: no action, steps one to four, all steps.
    chances
        plan, level, gain, cost, chance: the plan for a few chances of the floor, where they were wanted.
    floors
        Rows of the floor: months, floor, reference, without, new_business, level, chance; and simulated, the share of simulated paths that reach it.
    group_floors
        The same of groups: group, months, floor, without, level, chance.
    relaxed
        Floors and capacities that the plan misses: row, months, bound, without, level, nearest, drop_without, drop, drop_nearest,
        closes.
    actions
        month, customer, name, step, what, why, manager, due, answer, expected_heat.
    overflow
        month, customer, name, way where there are exits, probability, level, heat.
    replacements
        month, customer, name, replaced_by, replaced_by_name, step, level: one row a pair.
    simulation
        Quantiles over simulated paths: month; level, heat and temperature, each with the :data:`ENDS`; floor where each month has one.
    resources
        resource, months, used, limit.
    budget
        month, source (one of :data:`SOURCES`), level, heat: one row a month and source.
    reconciliation
        item, rows, amount (None where one does not apply): rows read, accepted, rejected; cost in, charged, unused
        capacity, not attributed.
    shadow_prices
        resource, months, price, meaning.
    value, gain, bound, gap
        Heat of the plan; its gain over no action; the most that any plan could reach; the certified distance, a fraction.
    duality_gap, order_gap, chance_cost
        The parts of the distance, currency: between the bound and the best plan for any order of overflow, what the order costs, and what the
        chance of the floor costs (None without one).
    discount_rate
        A year, a fraction; the four amounts above are discounted by it.
    summary
        The plan in sentences, the most important one first.
    notes
        Remarks on the input.
    assumptions
        Assumptions where the data has nothing, one sentence each.
    without
        The bucket over the plan's months without any action, as `before` and `after`.
    digits
        Digits of the currency after the decimal point.
    remarks
        A sentence below a table, by the table's key.
    """

    before: Any
    after: Any
    title: str = "The plan"
    subtitle: str = ""
    period: str = ""
    horizon: str = ""
    unit: str = ""
    target: float | None = None
    source: str = ""
    locale: str = "en"
    whale: Data | None = None
    statement: Data | None = None
    certainty: Data | None = None
    undecided: Data | None = None
    interest: Data | None = None
    offers: Data | None = None
    without_offer: Data | None = None
    terms: Mapping[str, Data] = field(default_factory=dict)
    agenda: Data | None = None
    agenda_managers: Data | None = None
    agenda_hours: Data | None = None
    agenda_changes: Data | None = None
    agenda_requests: Data | None = None
    agenda_unplaced: Data | None = None
    agenda_dropped: Data | None = None
    growth: Data | None = None
    plans: Data | None = None
    prospects: Data | None = None
    candidates: Data | None = None
    white_spots: Data | None = None
    places: Data | None = None
    trajectory: Data | None = None
    actions: Data | None = None
    overflow: Data | None = None
    budget: Data | None = None
    reconciliation: Data | None = None
    contributions: Data | None = None
    alternatives: Data | None = None
    chances: Data | None = None
    floors: Data | None = None
    group_floors: Data | None = None
    relaxed: Data | None = None
    replacements: Data | None = None
    simulation: Data | None = None
    resources: Data | None = None
    shadow_prices: Data | None = None
    value: float | None = None
    gain: float | None = None
    bound: float | None = None
    gap: float | None = None
    duality_gap: float | None = None
    order_gap: float | None = None
    chance_cost: float | None = None
    discount_rate: float = 0.0
    summary: Sequence[str] = ()
    notes: Sequence[str] = ()
    assumptions: Sequence[str] = ()
    without: Any = None
    digits: int = 2
    remarks: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def stages(self) -> list[tuple[str, str, BucketFigures]]:
        """The buckets that are compared, each with a name and its time: without action, with the plan, before."""
        first, last = self.buckets
        alone = [] if self.without is None else [("Without action", self.horizon, BucketFigures.of(self.without))]
        return [*alone, ("With the plan", self.horizon, last), ("Before", self.period, first)]

    @property
    def new_business(self) -> bool:
        """Whether a bucket has new business as usual."""
        return any(bucket.new_business for _, _, bucket in self.stages)

    @cached_property
    def certificate(self) -> list[tuple[str, float, bool]]:
        """Figures of the optimisation: a label, a value, and whether it is a share."""
        heat = "discounted heat" if self.discount_rate else "heat"
        figures = (
            (f"Gain over no action, {heat}", self.gain, False),
            (f"{heat.capitalize()} of the plan", self.value, False),
            ("No plan has more than", self.bound, False),
            ("Certified gap", self.gap, True),
            ("Part of the gap: bound", self.duality_gap, False),
            ("Part of the gap: order of overflow", self.order_gap, False),
            ("Part of the gap: chance of the floor", self.chance_cost, False),
        )
        return [(label, value, share) for label, value, share in figures if value is not None and math.isfinite(value)]

    @cached_property
    def buckets(self) -> tuple[BucketFigures, BucketFigures]:
        """The bucket before and after; the ice cubes before are counted in the statement where nobody else did."""
        frozen = None
        if self.statement is not None and not getattr(self.before, "frozen", 0):
            frozen = int(np.count_nonzero(_array(self.statement["contribution"]) < 0.0))
        return BucketFigures.of(self.before, frozen), BucketFigures.of(self.after)

    @cached_property
    def verdicts(self) -> dict[str, int]:
        """How many customers each verdict of the selection has, the most frequent first."""
        if self.statement is None or "verdict" not in self.statement:
            return {}
        names, counts = np.unique(np.asarray(self.statement["verdict"], dtype=object).astype(str), return_counts=True)
        order = np.argsort(-counts, kind="stable")
        return {str(names[index]): int(counts[index]) for index in order}

    def budget_table(self, what: str) -> Table | None:
        """The budget's ``level`` or ``heat``, a row a month and a column a source, with totals both ways.

        Parameters
        ----------
        what
            ``"level"`` or ``"heat"``.

        Returns
        -------
        Table or None
            None where there is no budget.
        """
        if self.budget is None:
            return None
        months = _cells(self.budget["month"], "month")
        sources = [str(source) for source in _cells(self.budget["source"], "text")]
        shown = [source for source in SOURCES if source in sources]
        shown += [source for source in dict.fromkeys(sources) if source not in SOURCES]
        rows = list(dict.fromkeys(months))
        parts: dict[str, list[list[float]]] = {source: [[] for _ in rows] for source in shown}
        place = {month: index for index, month in enumerate(rows)}
        for month, source, amount in zip(months, sources, _cells(self.budget[what], "amount"), strict=True):
            parts[source][place[month]].append(0.0 if amount is None else float(amount))
        data: dict[str, list[Any]] = {"month": rows}
        for source in shown:
            data[source] = [round(math.fsum(amounts), self.digits) for amounts in parts[source]]
        totals = (math.fsum(data[source][row] for source in shown) for row in range(len(rows)))
        data["total"] = [round(total, self.digits) for total in totals]
        columns = {source: Column(source, source.capitalize(), "amount", True) for source in shown}
        columns["total"] = Column("total", "Total", "amount", True, tuple(shown))
        return Table.of(f"Budget: {what}", data, columns=columns, digits=self.digits)

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables that are there, by their key, in the order of the pages."""
        titles = {
            "contributions": "Where the rise comes from",
            "alternatives": "Alternatives",
            "chances": "Heat by chance of the floor",
            "relaxed": "Relaxed",
            "floors": "Floor",
            "group_floors": "Floors of groups",
            "actions": "Actions",
            "statement": "Statement",
            "certainty": "How sure",
            "undecided": "Undecided customers",
            "interest": "Potential and quality",
            "offers": "Offers",
            "without_offer": "No offer",
            "agenda": "Agenda",
            "agenda_managers": "Account managers",
            "agenda_hours": "Review hours before planning",
            "agenda_changes": "Changes of the agenda",
            "agenda_requests": "Meetings to make",
            "agenda_unplaced": "Reviews without a place",
            "agenda_dropped": "Reviews dropped by the plan",
            "growth": "Growth",
            "plans": "Action plans",
            "prospects": "Prospects",
            "candidates": "Candidates without a rank",
            "white_spots": "White spots",
            "overflow": "Overflow",
            "replacements": "Replacements",
            "trajectory": "Month by month",
            "simulation": "Simulation",
            "budget_level": "Budget: level",
            "budget_heat": "Budget: heat",
            "resources": "Resources",
            "shadow_prices": "Shadow prices",
            "reconciliation": "Reconciliation",
        }
        tables: dict[str, Table] = {}
        for key, title in titles.items():
            if key.startswith("budget_"):
                budget = self.budget_table(key.removeprefix("budget_"))
                if budget is not None:
                    tables[key] = budget
                continue
            data: Data | None = getattr(self, key)
            optional = ("relaxed", "floors", "group_floors", "shadow_prices", "without_offer")
            if data is None or (key in optional and not len(next(iter(data.values())))):
                continue
            # Rolling years overlap, so the sum of their levels means nothing.
            alone = {"level": "Level", "new_business": "Of it new business"}
            chosen = None
            if key in ("relaxed", "floors", "group_floors"):
                chosen = {name: Column(name, label, "amount") for name, label in alone.items()}
            if key in ("alternatives", "chances"):  # these are no parts of a whole
                chosen = {
                    "level": Column("level", "Level", "amount"),
                    "heat": Column("heat", "Heat", "amount"),
                    "customers": Column("customers", "Customers", "count"),
                    "cost": Column("cost", "What the chance costs", "amount"),
                }
            if key == "prospects":
                labels = {"expected_level": "Expected level of a year", "expected_heat": "Expected heat of a year"}
                chosen = {name: Column(name, label, "amount", True) for name, label in labels.items()}
            tables[key] = Table.of(title, data, self.remarks.get(key, ""), chosen, self.digits)
        for key, (title, data) in zip(self.terms_keys, self.terms.items(), strict=True):
            tables[key] = Table.of(title, data, self.remarks.get(title, ""), digits=self.digits)
        return tables

    @property
    def terms_keys(self) -> list[str]:
        """The keys of the further tables about new terms."""
        return [f"terms_{place}" for place in range(len(self.terms))]
