# The tables that users write for an agenda: managers, absences, busy times, customers' days, holidays.
"""Read managers and customers into the columns of the core."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.arguments import real
from custfolio._tables.calendar import minute_of
from custfolio._tables.dates import DayLike, day_date, day_number, is_missing
from custfolio._tables.frames import TableLike, check_spelling, customer_column, lists_of, once, require_columns
from custfolio._tables.result import Result
from custfolio._tables.wording import identity_text
from custfolio.anchoring._patterns import hours_of, pattern_of
from custfolio.errors import InputError
from custfolio.portfolio import Portfolio

__all__ = [
    "Managers", "Sites", "Strangers", "absences_of", "busy_of", "customers_of", "groups_served", "managers_of", "minutes_text",
    "sites_of", "table_of", "working_days",
]  # fmt: skip

_REVIEWS_PER_DAY = 4
"""Reviews a day of the one manager that is assumed where none is given."""

_ISO_PARTS = {"BE-VLG": "Flemish", "BE-WAL": "French", "BE-BRU": ""}
"""Parts of countries by their ISO code where the list of holidays has other names."""

_MANAGER_COLUMNS = (
    "manager", "reviews_per_day", "customer", "customer_id", "reviews_per_week", "days", "hours", "region", "language", "calendar", "email",
)  # fmt: skip
_CUSTOMER_COLUMNS = (
    "customer_id",
    "customer",
    "days",
    "preferred",
    "region",
    "language",
    "kind",
    "with",
    "segment",
    "place",
    "email",
)


def table_of(frame: TableLike, what: str, required: Sequence[str]) -> dict[str, list[Any]]:
    """Return a frame, a result or a mapping of columns as lists, with its required columns checked."""
    if isinstance(frame, Result):
        frame = dict(frame.columns())
    table = lists_of(frame, f"{what} is of type {type(frame).__name__}; it must be a frame")
    require_columns(table, required, f"{what}; it has")
    return table


def customers_of(table: dict[str, list[Any]], what: str) -> list[str]:
    """Return the identities of a table's rows."""
    customer = customer_column(table)
    require_columns(table, (customer,), f"{what}; it has")
    for row, cell in enumerate(table[customer], start=1):
        if is_missing(cell):
            raise InputError(f"{what}, row {row}: the customer is empty; each row must name one")
    return [identity_text(cell) for cell in table[customer]]


class Strangers:
    """Customers of the user's tables who are not in the portfolio; they are listed, so that planning goes on."""

    def __init__(self, portfolio: Portfolio) -> None:
        self._portfolio = portfolio
        self.found: dict[str, str] = {}

    def row(self, identity: str, what: str) -> int | None:
        """Return a customer's row; None, and an entry, where the portfolio does not have it."""
        if identity in self._portfolio:
            return int(self._portfolio.core.index(identity))
        self.found.setdefault(identity, what)
        return None


def _text(value: Any) -> str:
    return "" if is_missing(value) else str(value).strip()


def _address(text: str, what: str) -> None:
    """Check an e-mail address."""
    if not re.fullmatch(r"[^\s@<>,;:]+@[^\s@<>,;:]+", text):
        raise InputError(f"{what}: email is {text!r}; it must be an address such as anna@example.org")


def _names(value: Any) -> frozenset[str]:
    """Return the parts of a cell such as "north; south"."""
    return frozenset(part.strip().lower() for part in _text(value).split(";") if part.strip())


@dataclass
class Managers:
    """The managers as the core takes them, and their own customers."""

    names: list[str]
    core: dict[str, Any]
    given: dict[int, str]
    regions: list[frozenset[str]]
    languages: list[frozenset[str]]
    emails: dict[str, str]
    calendars: list[str]

    def place(self, name: str) -> int:
        """Return the position of a manager."""
        return self.names.index(name)


def _whole_cell(value: Any, what: str, empty: int) -> int:
    if is_missing(value) and empty >= 0:
        return empty
    number = real(value, what)
    if not math.isfinite(number) or not number.is_integer() or not 0 <= number < 2**31:
        raise InputError(f"{what} is {value}; it must be a whole number, 0 or more")
    return int(number)


def managers_of(managers: TableLike | None, strangers: Strangers) -> Managers:
    """Return the managers in order of their names.

    Parameters
    ----------
    managers : frame or None
        Columns manager and reviews_per_day; see :func:`custfolio.anchor` for the others.
    strangers : Strangers
        Gets the customers of the table that are not in the portfolio.

    Returns
    -------
    Managers
        The managers.

    Raises
    ------
    InputError
        If a manager has no name or two different cells in one column, or a customer has two managers.
    """
    if managers is None:
        managers = {"manager": ["account manager"], "reviews_per_day": [_REVIEWS_PER_DAY]}
    table = table_of(managers, "managers", ("manager", "reviews_per_day"))
    check_spelling(table, _MANAGER_COLUMNS, "the managers")
    rows: dict[str, int] = {}
    given: dict[int, str] = {}
    customers = table.get("customer", table.get("customer_id"))
    for row, cell in enumerate(table["manager"]):
        name = _text(cell)
        if not name:
            raise InputError(f"managers, row {row + 1}: the manager is {cell!r}; each row must name one")
        first = rows.setdefault(name, row)
        for column in _MANAGER_COLUMNS:
            if column in ("manager", "customer", "customer_id") or column not in table:
                continue
            one, other = table[column][first], table[column][row]
            if _text(one) != _text(other):
                raise InputError(
                    f"manager {name!r} has {one!r} and {other!r} in column {column!r}; it must have one entry, such as one number"
                )
        if customers is None or not _text(customers[row]):
            continue
        identity = identity_text(customers[row])
        place = strangers.row(identity, "managers")
        if place is not None and given.setdefault(place, name) != name:
            raise InputError(
                f"customer {identity!r} has two managers, {given[place]!r} and {name!r}; it must have one (a second one is `with` in `customers`)"
            )
    names = sorted(rows)
    if not names:
        raise InputError("managers has no row; there must be at least one manager")

    def cells(column: str) -> list[Any]:
        return [table[column][rows[name]] if column in table else None for name in names]

    days = [pattern_of(cell, f"manager {name!r}: days") for name, cell in zip(names, cells("days"), strict=True)]
    emails = {name: _text(cell) for name, cell in zip(names, cells("email"), strict=True)}
    for name, address in emails.items():
        if address:
            _address(address, f"manager {name!r}")
    hours = [
        hours_of(cell, each.part, f"manager {name!r}: hours")
        for name, cell, each in zip(names, cells("hours"), days, strict=True)
    ]
    core = {
        "manager": names,
        "reviews_per_day": [
            _whole_cell(cell, f"managers, row {rows[name] + 1}: reviews_per_day", -1)
            for name, cell in zip(names, cells("reviews_per_day"), strict=True)
        ],
        "reviews_per_week": [
            _whole_cell(cell, f"manager {name!r}: reviews_per_week", _core.no_review_limit)
            for name, cell in zip(names, cells("reviews_per_week"), strict=True)
        ],
        "weekdays": [each.weekdays for each in days],
        "weeks": [each.weeks for each in days],
        "from": [first for first, _ in hours],
        "to": [last for _, last in hours],
    }
    return Managers(
        names,
        core,
        given,
        [_names(cell) for cell in cells("region")],
        [_names(cell) for cell in cells("language")],
        emails,
        [_text(cell) for cell in cells("calendar")],
    )


def absences_of(
    people: Managers, absences: TableLike | None, working: NDArray[np.int32], first: int, last: int
) -> dict[str, list[int]]:
    """Return the absences of managers: those of the table, and the holidays of their own calendars."""
    spans: dict[str, list[int]] = {"manager": [], "first": [], "last": []}

    def add(manager: int, begin: int, end: int) -> None:
        for column, value in zip(spans, (manager, begin, end), strict=True):
            spans[column].append(value)

    if absences is not None:
        table = table_of(absences, "absences", ("manager", "first"))
        check_spelling(table, ("manager", "first", "last"), "the absences")
        for row, cell in enumerate(table["manager"]):
            name, what = _text(cell), f"absences, row {row + 1}"
            if name not in people.names:
                raise InputError(f"{what}: manager {name!r} is not among the managers: {', '.join(people.names)}")
            begin = day_number(table["first"][row], f"{what}: first")
            end = begin
            if "last" in table and not is_missing(table["last"][row]):
                end = day_number(table["last"][row], f"{what}: last")
            if end < begin:
                raise InputError(f"{what}: the last day is before the first; they must be in order")
            add(people.place(name), begin, end)
    for manager, calendar in enumerate(people.calendars):
        if calendar:
            for day in holidays_of(calendar, first, last):
                add(manager, day, day)
    return spans


def busy_of(people: Managers, busy: TableLike | None, first: int, last: int) -> dict[str, list[int]]:
    """Return busy times by day, between two days: a table with manager, start and end (times)."""
    opens = datetime.datetime.combine(day_date(first), datetime.time())
    closes = datetime.datetime.combine(day_date(last), datetime.time(23, 59, 59))
    spans: dict[str, list[int]] = {"manager": [], "day": [], "from": [], "to": []}
    if busy is None:
        return spans
    table = table_of(busy, "busy", ("manager", "start", "end"))
    for row, cell in enumerate(table["manager"]):
        what = f"busy, row {row + 1}"
        name = _text(cell)
        if name not in people.names:
            raise InputError(f"{what}: manager {name!r} is not among the managers: {', '.join(people.names)}")
        begin, end = (_moment(table[column][row], f"{what}: {column}") for column in ("start", "end"))
        if end < begin:
            raise InputError(f"{what}: it ends before it begins; the two must be in order")
        begin, end = max(begin, opens), min(end, closes)
        day = begin.date()
        while day <= end.date():
            low = begin.hour * 60 + begin.minute if day == begin.date() else 0
            high = math.ceil(end.hour * 60 + end.minute + end.second / 60) if day == end.date() else 24 * 60
            if high > low:
                entry = (people.place(name), day_number(day, "day"), low, high)
                for column, value in zip(spans, entry, strict=True):
                    spans[column].append(value)
            day += datetime.timedelta(days=1)
    return spans


def _moment(value: Any, what: str) -> datetime.datetime:
    """Return a local time without zone."""
    if isinstance(value, str):
        try:
            value = datetime.datetime.fromisoformat(value.strip())
        except ValueError:
            raise InputError(f"{what} is {value!r}; a time is written as 2022-03-01 14:00") from None
    if type(value).__name__ == "datetime64":
        value = value.astype("datetime64[s]").item()
    if is_missing(value) or not isinstance(value, datetime.date):
        raise InputError(f"{what} is {value!r}; it must be a time")
    if getattr(value, "tzinfo", None) is not None:
        raise InputError(f"{what} is {value}; it must be the manager's own time, without a zone")
    if not isinstance(value, datetime.datetime):
        value = datetime.datetime(value.year, value.month, value.day)
    return datetime.datetime(value.year, value.month, value.day, value.hour, value.minute, value.second)


@dataclass
class Sites:
    """What the table of customers states: days, places, groups, kinds and companions."""

    core: dict[str, Any]
    group: NDArray[np.int64]
    regions: list[tuple[str, str]]
    kind: dict[int, str]
    companion: dict[int, str]
    segment: dict[int, str]
    place: dict[int, str]
    email: dict[int, str]
    table: dict[str, list[Any]]
    rows: list[int | None]


def sites_of(
    portfolio: Portfolio, customers: TableLike | None, closed: TableLike | None, people: Managers, strangers: Strangers
) -> Sites:
    """Return the customers' days, places and groups.

    Parameters
    ----------
    portfolio : Portfolio
        The customers; its latitude and longitude order the visits of a day.
    customers : frame or None
        customer_id, and any of days, preferred, region, language, kind, with, segment, place, email.
    closed : frame or None
        customer_id, first and last day on which a customer is closed.
    people : Managers
        The managers.
    strangers : Strangers
        Gets the customers that are not in the portfolio.

    Returns
    -------
    Sites
        The columns.

    Raises
    ------
    InputError
        If a cell is none of its column, a customer is listed twice, or nobody serves its region and language.
    """
    count = len(portfolio)
    table = {"customer_id": []} if customers is None else table_of(customers, "customers", ())
    check_spelling(table, _CUSTOMER_COLUMNS, "the customers")
    rows = [strangers.row(identity, "customers") for identity in once(customers_of(table, "customers"), "customers")]
    open_days, preferred = [pattern_of(None, "")] * count, [pattern_of(None, "")] * count
    texts: dict[str, dict[int, str]] = {
        name: {} for name in ("kind", "with", "segment", "place", "email", "region", "language")
    }
    ids = portfolio.ids
    for k, row in enumerate(rows):
        if row is None:
            continue
        what = f"customer {ids[row]!r}"
        if "days" in table:
            open_days[row] = pattern_of(table["days"][k], f"{what}: days")
        if "preferred" in table:
            preferred[row] = pattern_of(table["preferred"][k], f"{what}: preferred")
        for name, cells in texts.items():
            if name in table and _text(table[name][k]):
                cells[row] = _text(table[name][k])
        if row in texts["email"]:
            _address(texts["email"][row], what)
    for row, name in texts["with"].items():
        if name not in people.names:
            raise InputError(f"customer {ids[row]!r}: {name!r} is not among the managers: {', '.join(people.names)}")
    pairs = [(texts["region"].get(row, "").lower(), texts["language"].get(row, "").lower()) for row in range(count)]
    groups = sorted(set(pairs))
    place = {pair: k for k, pair in enumerate(groups)}
    shut = {"site": [], "first": [], "last": []} if closed is None else _closed_of(closed, strangers)
    core_columns = portfolio.core
    nowhere = np.full(count, np.nan)
    core = {
        "customer": np.arange(count, dtype=np.int64),
        "weekdays": np.array([each.weekdays for each in open_days], dtype=np.uint8),
        "weeks": np.array([each.weeks for each in open_days], dtype=np.uint8),
        "preferred_weekdays": np.array([each.weekdays for each in preferred], dtype=np.uint8),
        "preferred_weeks": np.array([each.weeks for each in preferred], dtype=np.uint8),
        "open_part": np.array([each.part for each in open_days], dtype=np.int32),
        "part": np.array([each.part for each in preferred], dtype=np.int32),
        "latitude": nowhere if core_columns.latitude is None else np.asarray(core_columns.latitude),
        "longitude": nowhere if core_columns.longitude is None else np.asarray(core_columns.longitude),
        "closed": {name: np.array(values, dtype=np.int64) for name, values in shut.items()},
    }
    return Sites(
        core,
        np.array([place[pair] for pair in pairs], dtype=np.int64),
        groups,
        texts["kind"],
        texts["with"],
        texts["segment"],
        texts["place"],
        texts["email"],
        table,
        rows,
    )


def _closed_of(closed: TableLike, strangers: Strangers) -> dict[str, list[int]]:
    table = table_of(closed, "closed", ("first",))
    check_spelling(table, ("customer_id", "customer", "first", "last"), "the closed days")
    spans: dict[str, list[int]] = {"site": [], "first": [], "last": []}
    for k, identity in enumerate(customers_of(table, "closed")):
        row, what = strangers.row(identity, "closed"), f"closed, row {k + 1}"
        begin = day_number(table["first"][k], f"{what}: first")
        end = begin
        if "last" in table and not is_missing(table["last"][k]):
            end = day_number(table["last"][k], f"{what}: last")
        if end < begin:
            raise InputError(f"{what}: the last day is before the first; they must be in order")
        if row is not None:
            for column, value in zip(spans, (row, begin, end), strict=True):
                spans[column].append(value)
    return spans


def groups_served(people: Managers, groups: Iterable[tuple[str, str]]) -> list[list[int]]:
    """Return the groups of customers that each manager serves; none stands for all."""
    listed = list(groups)

    def serves(manager: int, region: str, language: str) -> bool:
        regions, languages = people.regions[manager], people.languages[manager]
        return (not regions or not region or region in regions) and (
            not languages or not language or language in languages
        )

    served = [
        [k for k, (region, language) in enumerate(listed) if serves(manager, region, language)]
        for manager in range(len(people.names))
    ]
    # An empty list means every group in the core, so a manager without a group gets one that does not exist.
    return [[] if len(each) == len(listed) else each or [len(listed)] for each in served]


def working_days(first: int, last: int, calendar: str | None, closing_days: Iterable[DayLike]) -> NDArray[np.int32]:
    """Return the days from first to last that are neither weekend, holiday nor closing day."""
    off = [] if calendar is None else holidays_of(calendar, first, last)
    off += [day_number(day, "closing_days") for day in closing_days]
    return _core.working_days(first, last, np.array(off, dtype=np.int32))


def holidays_of(calendar: str, first: int, last: int) -> list[int]:
    """Return the holidays of a country or a part of it, such as "BE" or "US-IA"."""
    import holidays

    country, _, part = calendar.strip().partition("-")
    years = range(day_date(first).year, day_date(last).year + 1)
    known = holidays.list_supported_countries()
    if country not in known:
        raise InputError(f"calendar is {calendar!r}; it must be a country with known holidays, such as 'BE' or 'US-IA'")
    parts = known[country]
    part = _ISO_PARTS.get(calendar.strip(), part)
    if part and part not in parts:
        raise InputError(
            f"calendar is {calendar!r}; the parts of {country} are {', '.join(parts)}"
            if parts
            else f"calendar is {calendar!r}; {country} has no parts with holidays of their own, it must be {country!r}"
        )
    days = holidays.country_holidays(country, subdiv=part or None, years=years)
    return [day_number(day, "holiday") for day in days]


def minutes_text(value: Any, what: str) -> int:
    """Return a clock time of a table as minutes; -1 for an empty cell."""
    return -1 if is_missing(value) or value == "" else minute_of(value, what)
