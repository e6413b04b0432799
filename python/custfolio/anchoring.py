# Step 3, anchoring: a fixed place in the agenda for customers that are, or may become, profitable.
"""Reviews by cadence, on working days, within each manager's capacity."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.arguments import checked, real
from custfolio._tables.dates import MonthLike, day_date, day_number, month_first_day, month_index
from custfolio._tables.frames import TableLike, check_spelling, customer_column, lists_of, require_columns
from custfolio._tables.result import Listing, Stored
from custfolio._tables.wording import identity_text
from custfolio.errors import InputError
from custfolio.portfolio import Portfolio, Verdicts

__all__ = ["Agenda", "Cadence", "UnplacedReviews", "anchor"]

_UNITS = {"day": (0, 1), "week": (0, 7), "month": (1, 0), "quarter": (3, 0), "year": (12, 0)}


@checked
@dataclass(frozen=True)
class Cadence(Stored):
    """Time between two reviews of a customer, by Pareto class.

    Parameters
    ----------
    A, B, C : str
        Such as "3 months", "6 weeks" or "10 days".

    Raises
    ------
    InputError
        If one of them is not an interval.
    """

    A: str = "3 months"
    B: str = "6 months"
    C: str = "12 months"

    def __post_init__(self) -> None:
        for cls in "ABC":
            self.of(cls)

    def of(self, cls: str) -> tuple[int, int]:
        """Interval of a class.

        Parameters
        ----------
        cls : {"A", "B", "C"}
            The class.

        Returns
        -------
        (int, int)
            Months and days; one of them is 0.

        Raises
        ------
        InputError
            If the text is not an interval.
        """
        text = getattr(self, cls)
        match = re.fullmatch(r"\s*(\d+)\s*(day|week|month|quarter|year)s?\s*", str(text))
        if match is None or int(match[1]) == 0:
            raise InputError(f"cadence {cls} is {text!r}; it must be written as '3 months', '6 weeks' or '10 days'")
        months, days = _UNITS[match[2]]
        return int(match[1]) * months, int(match[1]) * days


class UnplacedReviews(Listing):
    """Reviews without a place, each with the reason."""

    _heading = "Reviews without a place"

    def _draw(self, **options: Any) -> Any:
        return _by_month(self._entries["due"], options)


class Agenda(Listing):
    """Appointments of customers with their managers. Made by :func:`anchor`; pass it as ``fixed=`` to plan again.

    ``plot`` draws the appointments of each month.
    """

    def __init__(
        self,
        columns: Mapping[str, Any],
        managers: Sequence[str],
        unplaced: UnplacedReviews,
        library: str | None,
        identity: _core.Identity,
    ) -> None:
        super().__init__(columns, library)
        self.identity = identity
        """The portfolio of the agenda."""
        self.managers = list(managers)
        """The managers."""
        self.unplaced = unplaced
        """Reviews without a place, each with the reason."""

    def _facts(self) -> Mapping[str, Any]:
        return {
            "appointments": len(self),
            "fixed before": int(np.count_nonzero(self._entries["fixed"])),
            "without a place": len(self.unplaced),
            "managers": len(self.managers),
        }

    def ended(self, months: Mapping[str, str]) -> Agenda:
        """Return the agenda without the reviews of customers from a month on; they become reviews without a place.

        Parameters
        ----------
        months : mapping of str to str
            First month without the customer, "2022-03", by its identity.

        Returns
        -------
        Agenda
            The same agenda where no review is dropped.
        """
        columns = self._entries
        starts = {identity: np.datetime64(month) for identity, month in months.items()}
        held = np.array(
            [
                identity not in starts or day < starts[identity]
                for identity, day in zip(columns["customer_id"], columns["day"], strict=True)
            ],
            dtype=bool,
        )
        if held.all():
            return self
        kept, dropped = np.flatnonzero(held), np.flatnonzero(~held)

        def rows(values: Any, places: NDArray[np.int64]) -> Any:
            return values[places] if isinstance(values, np.ndarray) else [values[k] for k in places]

        gone = {name: rows(columns[name], dropped) for name in ("customer_id", "manager", "due")}
        gone["reason"] = [f"the plan counts on it until {months[identity]} only" for identity in gone["customer_id"]]
        unplaced = self.unplaced.columns()
        listed = {
            name: np.concatenate((values, gone[name])) if isinstance(values, np.ndarray) else [*values, *gone[name]]
            for name, values in unplaced.items()
        }
        return Agenda(
            {name: rows(values, kept) for name, values in columns.items()},
            self.managers,
            UnplacedReviews(listed, self.library),
            self.library,
            self.identity,
        )

    def to_ics(self, path: str | os.PathLike[str], *, stamp: datetime.datetime | None = None) -> None:
        """Write the appointments as an iCalendar file, whole or not at all.

        Parameters
        ----------
        path : str or path
            The .ics file.
        stamp : datetime, optional
            Time of the calendar; default now. The same stamp gives the same bytes.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        from custfolio.report import ical

        columns = {**self._entries, "customer": self._entries["customer_id"]}
        moment = stamp or datetime.datetime.now(datetime.timezone.utc)
        ical.write(path, ical.from_agenda(columns), moment)

    def _draw(self, **options: Any) -> Any:
        return _by_month(self._entries["day"], options)


def _by_month(days: Any, options: Mapping[str, Any]) -> Any:
    """Draw a number of days by month."""
    import altair as alt

    months, counts = np.unique(np.asarray(days, dtype="datetime64[M]"), return_counts=True)
    values = [{"month": str(month), "count": int(count)} for month, count in zip(months, counts, strict=True)]
    bars = alt.Chart(alt.Data(values=values)).mark_bar()
    return bars.encode(x=alt.X("month:O", title=None), y=alt.Y("count:Q", title="Reviews")).properties(**options)


_REVIEWS_PER_DAY = 4
"""Reviews a day of the one manager that :func:`anchor` assumes where none is given."""


@checked
def anchor(
    portfolio: Portfolio,
    selection: Verdicts,
    *,
    start: MonthLike,
    managers: TableLike | None = None,
    months: int = 12,
    cadence: Cadence | None = None,
    calendar: str | None = None,
    fixed: Agenda | TableLike | None = None,
    last_review: TableLike | None = None,
    tolerance_days: int = 14,
) -> Agenda:
    """Give every customer with the verdict "keep" or "remediate" a fixed place in the agenda.

    Customers that are too young wait. Appointments in ``fixed`` never move; planning again with the agenda as ``fixed`` changes nothing.

    Parameters
    ----------
    portfolio : Portfolio
        The customers.
    selection : Selection
        Their verdicts and classes.
    start : str or date
        First month (or day) of the agenda.
    managers : frame or mapping of columns, optional
        Columns manager and reviews_per_day, one row per manager. With a column customer: one row per customer with its own
        manager. Customers without a manager go to the manager with the least load. Default: one manager with 4 reviews a day.
    months : int
        Number of months.
    cadence : Cadence, optional
        Time between reviews by class.
    calendar : str, optional
        Country of the holidays: "BE", or with its part "US-IA". Weekends and holidays are not working days.
    fixed : Agenda or frame, optional
        Earlier appointments: customer_id, manager, day and, optionally, due and slot. An agenda of another portfolio counts, too:
        its customers are found by their identity.
    last_review : frame or mapping of columns, optional
        customer_id and day of the last review.
    tolerance_days : int
        Greatest distance from the due date.

    Returns
    -------
    Agenda
        The appointments, and the reviews without a place.

    Raises
    ------
    InputError
        If the selection is of another portfolio, a column is missing, a customer or manager is unknown, a calendar does not exist,
        or a setting is out of range.
    """
    if months < 1:
        raise InputError(f"months is {months}; it must be at least 1")
    _core.require_same(selection.identity, portfolio.identity, "the selection is")
    begin = _first_day(start)
    end = _core.after(begin, months, 0) - 1
    rhythm = cadence or Cadence()
    names, capacity, given = _managers(managers, portfolio)
    rows = np.flatnonzero(np.isin(np.asarray(selection.verdict), ["keep", "remediate"])).astype(np.int64)
    intervals = np.array([rhythm.of(selection.cls[row]) for row in rows], dtype=np.int32).reshape(-1, 2)
    load = _core.reviews_per_year(intervals[:, 0], intervals[:, 1])
    manager_of = _core.assign_managers(load, names, capacity, given[rows])
    reviewed = np.full(len(portfolio), _core.never_reviewed, dtype=np.int32)
    if last_review is not None:
        table = _table(last_review, "last_review", ("day",))
        for identity, day in zip(_customers(table, "last_review"), table["day"], strict=True):
            reviewed[portfolio.core.index(str(identity))] = day_number(day, f"last review of {identity!r}")
    made = _fixed(fixed, portfolio, names)
    found = _core.plan_reviews(
        rows,
        manager_of,
        np.ascontiguousarray(intervals[:, 0]),
        np.ascontiguousarray(intervals[:, 1]),
        reviewed[rows],
        np.asarray(portfolio.core.contribution)[rows],
        manager=names,
        reviews_per_day=capacity,
        working_days=_working_days(begin, end, calendar),
        first=begin,
        last=end,
        tolerance_days=tolerance_days,
        **made,
    )
    ids, people = portfolio.ids, portfolio.core.name
    columns = {
        "customer_id": [ids[k] for k in found["customer"]],
        "name": [people[k] for k in found["customer"]],
        "manager": [names[k] for k in found["manager"]],
        "day": found["day"].astype("datetime64[D]"),
        "due": found["due"].astype("datetime64[D]"),
        "slot": found["slot"],
        "fixed": found["fixed"],
        "reason": [
            f"{selection.verdict[k]}, class {selection.cls[k]}: every {getattr(rhythm, selection.cls[k])}"
            for k in found["customer"]
        ],
    }
    left = found["unplaced"]
    unplaced = {
        "customer_id": [ids[k] for k, _, _, _ in left],
        "manager": [names[k] for _, k, _, _ in left],
        "due": np.array([day for _, _, day, _ in left], dtype=np.int32).astype("datetime64[D]"),
        "reason": [reason for _, _, _, reason in left],
    }
    library = portfolio.library
    return Agenda(columns, names, UnplacedReviews(unplaced, library), library, portfolio.identity)


def _first_day(start: MonthLike) -> int:
    """Return the first day of an agenda that starts in a month or on a day."""
    if isinstance(start, str) and re.fullmatch(r"\s*\d{4}-\d{1,2}\s*", start):
        return month_first_day(month_index(start, "start"))
    return day_number(start, "start")


def _working_days(first: int, last: int, calendar: str | None) -> NDArray[np.int32]:
    """Return the days from first to last that are neither weekend nor holiday."""
    if calendar is None:
        return _core.working_days(first, last, np.empty(0, dtype=np.int32))
    import holidays

    country, _, part = calendar.partition("-")
    try:
        off = holidays.country_holidays(
            country, subdiv=part or None, years=range(day_date(first).year, day_date(last).year + 1)
        )
    except NotImplementedError:
        raise InputError(
            f"calendar is {calendar!r}; it must be a country with known holidays, such as 'BE' or 'US-IA'"
        ) from None
    return _core.working_days(first, last, np.array([day_number(day, "holiday") for day in off], dtype=np.int32))


def _table(frame: TableLike, what: str, required: Sequence[str]) -> dict[str, list[Any]]:
    """Return a frame or a mapping of columns as lists, with its required columns checked."""
    table = lists_of(frame, f"{what} is of type {type(frame).__name__}; it must be a frame")
    require_columns(table, required, f"{what}; it has")
    return table


def _customers(table: dict[str, list[Any]], what: str) -> list[str]:
    """Return the identities of a table's rows."""
    customer = customer_column(table)
    require_columns(table, (customer,), f"{what}; it has")
    return [identity_text(cell) for cell in table[customer]]


def _managers(
    managers: TableLike | None, portfolio: Portfolio
) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    """Return the managers in order, their reviews a day, and the manager of every customer (-1: none given)."""
    if managers is None:
        managers = {"manager": ["account manager"], "reviews_per_day": [_REVIEWS_PER_DAY]}
    table = _table(managers, "managers", ("manager", "reviews_per_day"))
    check_spelling(table, ("manager", "reviews_per_day", "customer", "customer_id"), "the managers")
    customers = table.get("customer", table.get("customer_id"))
    names = sorted({str(name) for name in table["manager"]})
    place = {name: k for k, name in enumerate(names)}
    capacity: dict[str, int] = {}
    given = np.full(len(portfolio), -1, dtype=np.int64)
    for row, (name, count) in enumerate(zip(table["manager"], table["reviews_per_day"], strict=True)):
        if not real(count, f"managers, row {row + 1}: reviews_per_day").is_integer():
            raise InputError(f"managers, row {row + 1}: reviews_per_day is {count}; it must be a whole number")
        if capacity.setdefault(str(name), int(count)) != int(count):
            raise InputError(
                f"manager {name!r} has {capacity[str(name)]} and {int(count)} reviews per day; it must have one number"
            )
        if customers is not None and identity_text(customers[row]) in portfolio:
            given[portfolio.core.index(identity_text(customers[row]))] = place[str(name)]
    return names, np.array([capacity[name] for name in names], dtype=np.int64), given


def _fixed(fixed: Agenda | TableLike | None, portfolio: Portfolio, managers: Sequence[str]) -> dict[str, Any]:
    """Return earlier appointments as columns of the core."""
    made: dict[str, list[int]] = {name: [] for name in ("customer", "manager", "day", "due", "slot")}
    if fixed is not None:
        columns = fixed.columns() if isinstance(fixed, Agenda) else fixed
        table = _table(columns, "fixed", ("manager", "day"))
        for row, identity in enumerate(_customers(table, "fixed")):
            name = str(table["manager"][row])
            if name not in managers:
                raise InputError(
                    f"fixed, row {row + 1}: manager {name!r} is not among the managers: {', '.join(managers)}"
                )
            day = day_number(table["day"][row], f"fixed, row {row + 1}: day")
            due = day if "due" not in table else day_number(table["due"][row], f"fixed, row {row + 1}: due")
            made["customer"].append(portfolio.core.index(str(identity)))
            made["manager"].append(list(managers).index(name))
            made["day"].append(day)
            made["due"].append(due)
            made["slot"].append(int(table["slot"][row]) if "slot" in table else 0)
    kinds: dict[str, Any] = {
        "customer": np.int64,
        "manager": np.int64,
        "day": np.int32,
        "due": np.int32,
        "slot": np.int32,
    }
    return {f"fixed_{name}": np.array(values, dtype=kinds[name]) for name, values in made.items()}
