# Appointments that were made earlier: read from frames, kept, handed over or cancelled, and what changed.
"""The columns of an agenda, and how earlier appointments enter a new one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio._tables.calendar import clock_text
from custfolio._tables.dates import DayLike, day_number, is_missing
from custfolio._tables.frames import TableLike
from custfolio._tables.wording import identity_text
from custfolio.anchoring._cadence import interval_of
from custfolio.anchoring._people import Managers, Strangers, customers_of, minutes_text, table_of
from custfolio.errors import InputError

__all__ = [
    "ANSWERS", "COLUMNS", "DELETED", "Agreed", "days_by_customer", "handovers", "issued", "no_deleted", "read_assigned", "read_columns",
    "read_deleted",
]  # fmt: skip

COLUMNS = (
    "customer_id", "name", "manager", "day", "start", "minutes", "due", "number", "sequence", "fixed", "every", "kind", "with",
    "ready", "place", "reason", "issued",
)  # fmt: skip
"""Columns of an agenda, in their order. `issued` is the time of which `sequence` counts the changes."""

DELETED = ("customer_id", "name", "manager", "day", "start", "due", "number", "sequence", "every", "answer")
"""Columns of reviews that were deleted in a calendar, in their order."""

ANSWERS = ("", "again", "drop")
"""What the user may answer for a deleted review: nothing yet, that it is due again, or that it is dropped."""

_TEXTS = ("name", "every", "kind", "with", "place", "reason")
_GREATEST = 10**9
_DEFAULTS = {"minutes": 60, "number": 0, "sequence": 0}


def _whole(cell: Any, what: str, empty: int) -> int:
    if is_missing(cell) or cell == "":
        return empty
    try:
        number = float(cell)
    except (TypeError, ValueError, OverflowError):
        number = -1.0
    if not (0 <= number <= _GREATEST and number.is_integer()):
        raise InputError(f"{what} is {cell!r}; it must be a whole number, 0 to {_GREATEST:,}")
    return int(number)


def issued(columns: Mapping[str, Any]) -> list[str]:
    """Return the day, start and length of each appointment as text."""
    parts = zip(columns["day"], columns["start"], columns["minutes"], strict=True)
    return [" ".join(map(str, (day, start or "-", minutes))) for day, start, minutes in parts]


def _flag(cell: Any, what: str) -> bool:
    """Return a cell of true or false; an empty one is true."""
    text = "true" if is_missing(cell) or cell == "" else str(cell).strip().lower()
    if text not in ("true", "false", "1", "0"):
        raise InputError(f"{what} is {cell!r}; it must be true or false")
    return text in ("true", "1")


def read_columns(frame: TableLike, what: str) -> dict[str, Any]:
    """Return the columns of an agenda from a frame with customer_id, manager and day, and any others of its columns.

    Parameters
    ----------
    frame : frame or mapping of columns
        The appointments.
    what : str
        Their name, for messages.

    Returns
    -------
    dict
        All columns of an agenda. A missing due date is the day itself, a missing number 0.

    Raises
    ------
    InputError
        If a column is missing or a cell is none of its column.
    """
    table = table_of(frame, what, ("manager", "day"))
    customers = customers_of(table, what)
    count = len(customers)
    columns: dict[str, Any] = {"customer_id": customers}
    for name in _TEXTS:
        cells = table.get(name, [""] * count)
        columns[name] = ["" if is_missing(cell) else str(cell) for cell in cells]
    columns["manager"] = []
    for row, cell in enumerate(table["manager"], start=1):
        if is_missing(cell) or not str(cell).strip():
            raise InputError(f"{what}, row {row}: the manager is {cell!r}; each row must name one")
        columns["manager"].append(str(cell).strip())
    days = [day_number(cell, f"{what}, row {row}: day") for row, cell in enumerate(table["day"], start=1)]
    for name in ("due", "ready"):
        cells = table.get(name, [None] * count)
        numbers = [
            days[row] if is_missing(cell) else day_number(cell, f"{what}, row {row + 1}: {name}")
            for row, cell in enumerate(cells)
        ]
        columns[name] = np.array(numbers, dtype=np.int32).astype("datetime64[D]")
    columns["day"] = np.array(days, dtype=np.int32).astype("datetime64[D]")
    given = table.get("issued", [""] * count)
    columns["start"] = [
        clock_text(minutes_text(cell, f"{what}, row {row}: start"))
        for row, cell in enumerate(table.get("start", [None] * count), start=1)
    ]
    for name, empty in _DEFAULTS.items():
        cells = table.get(name, [None] * count)
        columns[name] = np.array(
            [_whole(cell, f"{what}, row {row}: {name}", empty) for row, cell in enumerate(cells, start=1)],
            dtype=np.int32,
        )
    times = issued(columns)
    columns["issued"] = [times[k] if is_missing(cell) or cell == "" else str(cell) for k, cell in enumerate(given)]
    columns["fixed"] = np.array(
        [
            _flag(cell, f"{what}, row {row}: fixed")
            for row, cell in enumerate(table.get("fixed", [True] * count), start=1)
        ],
        dtype=bool,
    )
    return {name: columns[name] for name in COLUMNS}


def no_deleted() -> dict[str, Any]:
    """Return the columns of no deleted review."""
    return read_deleted({name: [] for name in DELETED})


def read_deleted(frame: TableLike) -> dict[str, Any]:
    """Return the columns of reviews that were deleted in a calendar, from a frame with their columns.

    Parameters
    ----------
    frame : frame or mapping of columns
        The reviews.

    Returns
    -------
    dict
        The columns of DELETED.

    Raises
    ------
    InputError
        If a column is missing or a cell is none of its column.
    """
    columns = read_columns(frame, "the deleted reviews")
    answers = table_of(frame, "the deleted reviews", ("number",)).get("answer", [""] * len(columns["day"]))
    columns["answer"] = ["" if is_missing(cell) else str(cell).strip().lower() for cell in answers]
    for row, answer in enumerate(columns["answer"], start=1):
        if answer not in ANSWERS:
            raise InputError(f"the deleted reviews, row {row}: the answer is {answer!r}; it must be 'again' or 'drop'")
        if columns["number"][row - 1] == 0:
            raise InputError(f"the deleted reviews, row {row}: there is no number; each review has its own")
    return {name: columns[name] for name in DELETED}


def read_assigned(frame: TableLike) -> tuple[dict[str, str], dict[str, str]]:
    """Return the manager of each customer, and the addresses of both, from a frame as :attr:`Agenda.assigned` makes it.

    Parameters
    ----------
    frame : frame or mapping of columns
        customer_id, manager, and optionally email and manager_email.

    Returns
    -------
    (dict of str to str, dict of str to str)
        Managers by customer, and addresses by customer or manager.

    Raises
    ------
    InputError
        If a column or a cell is missing.
    """
    table = table_of(frame, "the assigned customers", ("manager",))
    manager_of: dict[str, str] = {}
    emails: dict[str, str] = {}
    for row, identity in enumerate(customers_of(table, "the assigned customers")):
        name = table["manager"][row]
        if is_missing(name) or not str(name).strip():
            raise InputError(f"the assigned customers, row {row + 1}: the manager is {name!r}; each row must name one")
        manager_of[identity] = str(name).strip()
        for key, column in ((identity, "email"), (manager_of[identity], "manager_email")):
            address = table[column][row] if column in table else None
            if not is_missing(address) and str(address):
                emails[key] = str(address)
    return manager_of, emails


class Agreed:
    """Earlier appointments as the core takes them, and what becomes of those that cannot stay as they are."""

    def __init__(self) -> None:
        self.columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
        self.customer: list[int] = []
        self.manager: list[int] = []
        self.changes: dict[str, list[Any]] = {"customer_id": [], "manager": [], "day": [], "change": [], "reason": []}
        self.deleted = no_deleted()
        self.deleted_rows: list[int] = []

    def change(self, customer: str, manager: str, day: Any, change: str, reason: str) -> None:
        """Add a change; `day` is days since 1970-01-01 or a date of NumPy."""
        entry = (customer, manager, np.datetime64(int(day), "D") if not isinstance(day, np.datetime64) else day)
        for column, value in zip(self.changes, (*entry, change, reason), strict=True):
            self.changes[column].append(value)

    def __len__(self) -> int:
        return len(self.customer)

    def last_manager(self) -> dict[int, str]:
        """Return the manager of each customer's last appointment."""
        latest: dict[int, tuple[Any, str]] = {}
        for row, day, name in zip(self.customer, self.columns["day"], self.columns["manager"], strict=True):
            if row not in latest or latest[row][0] <= day:
                latest[row] = (day, name)
        return {row: name for row, (_, name) in latest.items()}

    def read(self, columns: Mapping[str, Any], strangers: Strangers, until: Mapping[int, int], begin: int) -> None:
        """Take the appointments of customers who are still there; the others are listed as cancelled.

        Parameters
        ----------
        columns : mapping
            As :func:`read_columns` returns them.
        strangers : Strangers
            Gets customers who have left.
        until : mapping of int to int
            Last day of customers who will leave, by row.
        begin : int
            First day to plan; appointments before it took place.
        """
        now = issued(columns)
        for k, identity in enumerate(columns["customer_id"]):
            row = strangers.row(identity, "fixed")
            day = int(columns["day"][k].astype(np.int64))
            if row is None or day > until.get(row, day):
                reason = "the customer left" if row is None else "the customer leaves before this day"
                if day >= begin:
                    self.change(identity, columns["manager"][k], day, "cancelled", f"{reason}; cancel the review")
                continue
            self.customer.append(row)
            for name in COLUMNS:
                self.columns[name].append(columns[name][k])
            if columns["issued"][k] != now[k]:
                # It has moved since its calendar entry was made.
                self.columns["sequence"][-1] += 1

    def read_deleted(self, columns: Mapping[str, Any], strangers: Strangers) -> None:
        """Take the reviews that were deleted in a calendar, of customers who are still there."""
        rows = [strangers.row(identity, "fixed") for identity in columns["customer_id"]]
        keep = [k for k, row in enumerate(rows) if row is not None]
        self.deleted_rows = [row for row in rows if row is not None]
        self.deleted = {
            name: values[keep] if isinstance(values, np.ndarray) else [values[k] for k in keep]
            for name, values in columns.items()
        }

    def settle(
        self, people: Managers, handover: Mapping[int, tuple[str, int]], manager_of: Mapping[int, str], begin: int
    ) -> None:
        """Give each appointment its manager: the agreed one, the one who takes over, or a new one where the agreed one left.

        Parameters
        ----------
        people : Managers
            The managers.
        handover : mapping
            Manager who takes a customer over and the first day, by row.
        manager_of : mapping of int to str
            Manager of each customer now, by row.
        begin : int
            First day to plan.
        """
        for k, row in enumerate(self.customer):
            name = self.columns["manager"][k]
            day = int(self.columns["day"][k].astype(np.int64))
            takes_over, since = handover.get(row, (name, day))
            reason = ""
            if takes_over != name and day >= since:
                reason = f"{takes_over} takes over from {name}; the day stays"
                name = takes_over
            if name not in people.names:
                heir = manager_of.get(row, people.names[0])
                reason = f"{name} left; {heir} keeps the agreed day"
                name = heir
            if reason and day >= begin:
                self.change(self.columns["customer_id"][k], name, day, "handed over", reason)
                # One for the cancellation by the former manager, one for the request of the new one.
                self.columns["sequence"][k] += 2
            self.columns["manager"][k] = name
            self.manager.append(people.place(name))

    def core(self, people: Managers) -> dict[str, NDArray[Any]]:
        """Return the appointments as columns of the core."""
        every = [
            interval_of(text, f"fixed, row {row}: every") if text else (0, 0)
            for row, text in enumerate(self.columns["every"], start=1)
        ]
        second = [people.place(name) if name in people.names else -1 for name in self.columns["with"]]
        # A manager who took over may be the one who came along.
        second = [-1 if one == other else one for one, other in zip(second, self.manager, strict=True)]
        start = [minutes_text(cell, "fixed: start") for cell in self.columns["start"]]
        gone = self.deleted
        extra = len(self.deleted_rows)
        every += [interval_of(text, "a deleted review: every") if text else (0, 0) for text in gone["every"]]
        states = [2 if answer == "again" else 1 for answer in gone["answer"]]

        def days(name: str) -> list[int]:
            return [int(day.astype(np.int64)) for day in (*self.columns[name], *gone[name])]

        whole = {
            "customer": (self.customer + self.deleted_rows, np.int64),
            "manager": (self.manager + [0] * extra, np.int64),
            "day": (days("day"), np.int32),
            "due": (days("due"), np.int32),
            "start": (start + [-1] * extra, np.int32),
            "minutes": (self.columns["minutes"] + [60] * extra, np.int32),
            "number": ([*self.columns["number"], *gone["number"]], np.int32),
            "second": (second + [-1] * extra, np.int64),
            "months": ([months for months, _ in every], np.int32),
            "days": ([days for _, days in every], np.int32),
            "state": ([0] * len(start) + states, np.int32),
        }
        return {name: np.array(values, dtype=kind) for name, (values, kind) in whole.items()}

    def details(self, appointments: Mapping[str, Any]) -> dict[tuple[int, int], int]:
        """Return the position of each kept appointment by customer and number, as the core gave them.

        Parameters
        ----------
        appointments : mapping
            The planned appointments; those that are fixed are the kept ones.

        Returns
        -------
        dict
            Positions among the kept appointments.
        """
        numbered = {
            (row, int(number)): k
            for k, (row, number) in enumerate(zip(self.customer, self.columns["number"], strict=True))
            if number
        }
        free: dict[tuple[int, int, int], list[int]] = {}
        for k, (row, number, day, due) in enumerate(
            zip(self.customer, self.columns["number"], self.columns["day"], self.columns["due"], strict=True)
        ):
            if not number:
                free.setdefault((row, int(day.astype(np.int64)), int(due.astype(np.int64))), []).append(k)
        for k in map(int, np.flatnonzero(appointments["fixed"])):
            key = (int(appointments["customer"][k]), int(appointments["number"][k]))
            if key not in numbered:
                numbered[key] = free[key[0], int(appointments["day"][k]), int(appointments["due"][k])].pop(0)
        return numbered


def days_by_customer(table: Mapping[str, list[Any]] | None, what: str, strangers: Strangers) -> dict[int, int]:
    """Return the latest day of each customer in a table with customer_id and day.

    Parameters
    ----------
    table : mapping of columns or None
        The table.
    what : str
        Its name, for messages.
    strangers : Strangers
        Gets customers that are not in the portfolio.

    Returns
    -------
    dict of int to int
        Days since 1970-01-01 by row.

    Raises
    ------
    InputError
        If a cell is no day.
    """
    number_of: dict[int, int] = {}
    if table is None:
        return number_of
    for k, identity in enumerate(customers_of(dict(table), what)):
        day: DayLike = table["day"][k]
        number = day_number(day, f"{what} of {identity!r}")
        row = strangers.row(identity, what)
        if row is not None:
            number_of[row] = max(number, number_of.get(row, number))
    return number_of


def handovers(handover: TableLike | None, people: Managers, strangers: Strangers) -> dict[int, tuple[str, int]]:
    """Return who takes a customer over, and from which day on, by row."""
    handover_of: dict[int, tuple[str, int]] = {}
    if handover is None:
        return handover_of
    table = table_of(handover, "handover", ("manager", "day"))
    for k, identity in enumerate(customers_of(table, "handover")):
        what, name = f"handover, row {k + 1}", str(table["manager"][k]).strip()
        if name not in people.names:
            raise InputError(f"{what}: manager {name!r} is not among the managers: {', '.join(people.names)}")
        row = strangers.row(identity_text(identity), "handover")
        if row in handover_of:
            raise InputError(f"{what}: customer {identity!r} is listed twice; each has one handover")
        if row is not None:
            handover_of[row] = (name, day_number(table["day"][k], f"{what}: day"))
    return handover_of
