# The agenda as a result: appointments, reviews without a place, hours, prices and changes; frames and calendar files.
"""What :func:`custfolio.anchor` returns."""

from __future__ import annotations

import datetime
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.frames import TableLike
from custfolio._tables.result import Listing
from custfolio.anchoring._agreed import ANSWERS, no_deleted, read_assigned, read_columns, read_deleted
from custfolio.anchoring._read_back import BusyTimes, read_back
from custfolio.errors import InputError
from custfolio.portfolio import Portfolio

__all__ = [
    "Agenda",
    "AgendaChanges",
    "AssignedCustomers",
    "DeletedReviews",
    "ManagerResults",
    "MonthlyCapacity",
    "ReadBack",
    "UnplacedReviews",
    "empty_changes",
]


class UnplacedReviews(Listing):
    """Reviews without a place, each with the reason and the smallest remedy.

    ``plot`` draws their number by month.
    """

    _heading = "Reviews without a place"

    def _draw(self, **options: Any) -> Any:
        return _by_month(self._entries["due"], options)


class MonthlyCapacity(Listing):
    """Reviews and hours needed beside those available, per manager and month, before planning.

    ``plot`` draws the hours needed and available by month.
    """

    _heading = "Hours needed and available"

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        months = sorted(set(self._entries["month"]))
        values = [
            {
                "month": month,
                "hours": float(self._entries[f"hours_{kind}"][np.asarray(self._entries["month"]) == month].sum()),
                "kind": kind,
            }
            for month in months
            for kind in ("needed", "available")
        ]
        lines = alt.Chart(alt.Data(values=values)).mark_line(point=True)
        encoded = lines.encode(
            x=alt.X("month:O", title=None),
            y=alt.Y("hours:Q", title="Hours"),
            color=alt.Color("kind:N", title=None),
        )
        return encoded.properties(**options)


class ManagerResults(Listing):
    """How well each manager's days are filled, and what one more day of the manager is worth.

    ``plot`` draws the value of one more day.
    """

    _heading = "Managers"

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        columns = ("manager", "value_of_one_more_day", "unplaced")
        rows = zip(*(self._entries[name] for name in columns), strict=True)
        values = [{"manager": name, "value": float(value), "unplaced": int(count)} for name, value, count in rows]
        bars = alt.Chart(alt.Data(values=values)).mark_bar()
        encoded = bars.encode(
            x=alt.X("value:Q", title="Value of one more day"),
            y=alt.Y("manager:N", title=None, sort="-x"),
            tooltip=["manager:N", "value:Q", "unplaced:Q"],
        )
        return encoded.properties(**options)


class AgendaChanges(Listing):
    """What planning changed or proposes, each with the reason.

    ``plot`` draws their number by kind.
    """

    _heading = "Changes"

    def _draw(self, **options: Any) -> Any:
        return _counts(self._entries["change"], "Changes", options)


class AssignedCustomers(Listing):
    """The manager of each customer, also of those without an appointment, and the addresses of both.

    ``plot`` draws their number by manager.
    """

    _heading = "Customers and their managers"

    def _draw(self, **options: Any) -> Any:
        return _counts(self._entries["manager"], "Customers", options)


class DeletedReviews(Listing):
    """Reviews that were deleted in a calendar, each with the answer: empty, "again" or "drop".

    Nothing is booked for the due date of a review without an answer, or with "drop". With "again" it is due again, under a new number.
    ``plot`` draws their number by month.
    """

    _heading = "Deleted in calendars"

    def _draw(self, **options: Any) -> Any:
        return _by_month(self._entries["day"], options)


def empty_changes() -> dict[str, Any]:
    """Return the columns of no change."""
    return {
        "customer_id": [],
        "manager": [],
        "day": np.empty(0, dtype="datetime64[D]"),
        "change": [],
        "reason": [],
    }


_NO_UNPLACED: Mapping[str, Any] = {
    "customer_id": [],
    "manager": [],
    "due": np.empty(0, dtype="datetime64[D]"),
    "value": np.empty(0),
    "reason": [],
    "remedy": [],
}


def _joined(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rows of two tables with the same columns."""
    return {
        name: np.concatenate((values, second[name])) if isinstance(values, np.ndarray) else [*values, *second[name]]
        for name, values in first.items()
    }


@checked
class Agenda(Listing):
    """Appointments of customers with their managers. Made by :func:`anchor`; pass it as ``fixed=`` to plan again.

    ``plot`` draws a heat map of the reviews by week and weekday, or by month with ``by="month"``.

    Attributes
    ----------
    managers : list of str
        The managers.
    unplaced : UnplacedReviews
        Reviews without a place, each with the reason and the smallest remedy.
    capacity : MonthlyCapacity
        Reviews and hours needed beside those available, per manager and month.
    by_manager : ManagerResults
        Value placed, the greatest possible value of own reviews, and the value of one more day.
    changes : AgendaChanges
        What planning changed or proposes.
    gap : float
        Share of value that the agenda may be below the greatest possible; 0 where it is exact.
    emails : dict
        Addresses of managers and customers, for invitations.
    manager_of : dict
        Manager of each customer, also of those without an appointment in these months.
    deleted : DeletedReviews
        Reviews that were deleted in a calendar, with the answer.
    """

    def __init__(
        self,
        columns: Mapping[str, Any],
        managers: Sequence[str],
        library: str | None,
        identity: _core.Identity,
        *,
        unplaced: UnplacedReviews | None = None,
        capacity: MonthlyCapacity | None = None,
        by_manager: ManagerResults | None = None,
        changes: AgendaChanges | None = None,
        gap: float = 0.0,
        emails: Mapping[str, str] | None = None,
        manager_of: Mapping[str, str] | None = None,
        deleted: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(columns, library)
        self.identity = identity
        """The portfolio of the agenda."""
        self.managers = list(managers)
        self.unplaced = unplaced or UnplacedReviews(dict(_NO_UNPLACED), library)
        self.capacity = capacity
        self.by_manager = by_manager
        self.changes = changes or AgendaChanges(empty_changes(), library)
        self.gap = gap
        self.emails = dict(emails or {})
        self.manager_of = dict(manager_of or {})
        self.deleted = DeletedReviews(no_deleted() if deleted is None else deleted, library)

    _state_format = 10

    @property
    def assigned(self) -> AssignedCustomers:
        """Manager of each customer, with the addresses of both; store it beside the frame of the appointments."""
        managers = list(self.manager_of.values())
        columns = {
            "customer_id": list(self.manager_of),
            "manager": managers,
            "email": [self.emails.get(identity, "") for identity in self.manager_of],
            "manager_email": [self.emails.get(name, "") for name in managers],
        }
        return AssignedCustomers(columns, self.library)

    @classmethod
    def from_frame(
        cls,
        frame: TableLike,
        portfolio: Portfolio,
        *,
        assigned: TableLike | None = None,
        deleted: TableLike | None = None,
    ) -> Agenda:
        """Read an agenda from the frame that :meth:`to_frame` makes; every column comes back as it was.

        Parameters
        ----------
        frame : frame or mapping of columns
            customer_id, manager and day, and any other columns of an agenda.
        portfolio : Portfolio
            The customers.
        assigned : frame or mapping of columns, optional
            The frame of :attr:`assigned`. Without it, customers without an appointment may get another manager, and there are no addresses.
        deleted : frame or mapping of columns, optional
            The frame of :attr:`deleted`, with the user's answers in column answer: "again" or "drop".

        Returns
        -------
        Agenda
            The appointments. Reviews without a place are a frame of their own.

        Raises
        ------
        InputError
            If a column is missing, or a cell is none of its column.
        """
        columns = read_columns(frame, "the agenda")
        names = dict(zip(portfolio.ids, portfolio.core.name, strict=True))
        columns["name"] = [
            given or names.get(identity, "")
            for given, identity in zip(columns["name"], columns["customer_id"], strict=True)
        ]
        manager_of, emails = ({}, {}) if assigned is None else read_assigned(assigned)
        return cls(
            columns,
            sorted({*columns["manager"], *manager_of.values()}),
            portfolio.library,
            portfolio.identity,
            emails=emails,
            manager_of=manager_of,
            deleted=None if deleted is None else read_deleted(deleted),
        )

    def answered(self, answers: Mapping[tuple[str, int], str]) -> Agenda:
        """Return the agenda with answers for reviews that were deleted in a calendar.

        Parameters
        ----------
        answers : mapping of (str, int) to str
            "again" or "drop" by customer and number of the review. "again": it is due again. "drop": nothing is booked for its due date.

        Returns
        -------
        Agenda
            The agenda; pass it as ``fixed=``.

        Raises
        ------
        InputError
            If a review is not among the deleted ones, or an answer is another word.
        """
        columns = dict(self.deleted.columns())
        keys = list(zip(columns["customer_id"], map(int, columns["number"]), strict=True))
        columns["answer"] = list(columns["answer"])
        for key, answer in answers.items():
            if key not in keys:
                raise InputError(f"review {key!r} is not among the deleted ones: {', '.join(map(repr, keys))}")
            if answer not in ANSWERS:
                raise InputError(f"the answer for {key!r} is {answer!r}; it must be 'again' or 'drop'")
            columns["answer"][keys.index(key)] = answer
        return self._with(self._entries, deleted=columns)

    def _with(self, columns: Mapping[str, Any], **changed: Any) -> Agenda:
        """Return the agenda with other columns, and other results where they are given."""
        names = ("unplaced", "capacity", "by_manager", "changes", "gap", "emails", "manager_of")
        now = {name: getattr(self, name) for name in names} | {"deleted": self.deleted.columns()}
        return Agenda(columns, self.managers, self.library, self.identity, **{**now, **changed})

    def _facts(self) -> Mapping[str, Any]:
        facts = {
            "appointments": len(self),
            "fixed before": int(np.count_nonzero(self._entries["fixed"])),
            "without a place": len(self.unplaced),
            "managers": len(self.managers),
            "gap": f"{self.gap:.2%}",
        }
        return facts if self.gap else {name: value for name, value in facts.items() if name != "gap"}

    def selected(self, keep: NDArray[np.bool_]) -> dict[str, Any]:
        """Return the columns of some appointments.

        Parameters
        ----------
        keep : array of bool
            One per appointment.

        Returns
        -------
        dict
            The columns.
        """
        places = np.flatnonzero(keep)
        return {
            name: values[places] if isinstance(values, np.ndarray) else [values[k] for k in places]
            for name, values in self._entries.items()
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
        dropped = self.selected(~held)
        gone = {
            "customer_id": dropped["customer_id"],
            "manager": dropped["manager"],
            "due": dropped["due"],
            "value": np.zeros(len(dropped["due"])),
            "reason": [f"the plan counts on it until {months[identity]} only" for identity in dropped["customer_id"]],
            "remedy": [""] * len(dropped["due"]),
        }
        listed = _joined(self.unplaced.columns(), gone)
        return self._with(self.selected(held), unplaced=UnplacedReviews(listed, self.library))

    def filled(self, again: Agenda, dropped: int) -> Agenda:
        """Return an agenda that was planned again on this one, as if both were planned at once.

        Parameters
        ----------
        again : Agenda
            Made with this agenda as ``fixed=``.
        dropped : int
            Number of reviews that :meth:`ended` dropped; they stay the last ones of ``unplaced``.

        Returns
        -------
        Agenda
            The appointments, hours and prices of ``again``. Those of today are fixed where they were before; the changes are today's.
        """
        columns = dict(again.columns())
        keys = zip(self._entries["customer_id"], map(int, self._entries["number"]), strict=True)
        agreed = dict(zip(keys, map(bool, self._entries["fixed"]), strict=True))
        booked = zip(columns["customer_id"], map(int, columns["number"]), strict=True)
        columns["fixed"] = np.array([agreed.get(key, False) for key in booked], dtype=bool)
        gone = {name: values[len(self.unplaced) - dropped :] for name, values in self.unplaced.columns().items()}
        unplaced = _joined(again.unplaced.columns(), gone)
        return again._with(
            columns,
            unplaced=UnplacedReviews(unplaced, self.library),
            changes=self.changes,
            gap=max(self.gap, again.gap),
        )

    def to_texts(
        self,
        portfolio: Portfolio,
        *,
        before: Portfolio | None = None,
        terms: Mapping[str, str | Sequence[str]] | None = None,
        steps: Mapping[str, str | Sequence[str]] | None = None,
        questions: str | Sequence[str] = (),
        language: str = "en",
    ) -> dict[str, str]:
        """Return the text of each customer's review: temperature and its change, terms, steps and questions.

        Parameters
        ----------
        portfolio : Portfolio
            The customers of the agenda.
        before : Portfolio, optional
            The customers in the period before, matched by identity.
        terms, steps : mapping of str to str or sequence of str, optional
            Terms agreed or offered, and steps due, by customer.
        questions : str or sequence of str
            Questions to ask; two general ones by default.
        language : {"en", "nl"}
            Language of the text.

        Returns
        -------
        dict of str to str
            Text by customer, for ``texts=`` of the calendars.

        Raises
        ------
        InputError
            If the portfolio is another one, or the language is unknown.
        """
        from custfolio.report.review_text import review_text

        _core.require_same(self.identity, portfolio.identity, "the agenda is")
        texts = {}
        for identity in dict.fromkeys(self._entries["customer_id"]):
            customer = portfolio[identity]
            earlier = before[identity].temperature if before is not None and identity in before else math.nan
            texts[identity] = review_text(
                customer.temperature,
                customer.level,
                before=earlier,
                terms=_listed((terms or {}).get(identity, ())),
                steps=_listed((steps or {}).get(identity, ())),
                questions=_listed(questions),
                language=language,
            )
        return texts

    def to_ics(
        self,
        path: str | os.PathLike[str],
        *,
        stamp: datetime.datetime | None = None,
        timezone: str | None = None,
        language: str = "en",
        texts: Mapping[str, str] | None = None,
    ) -> None:
        """Write all appointments as one iCalendar file, whole or not at all.

        Importing the file again does not move entries in most programs; see :meth:`to_feeds`, :meth:`to_invitations` and :meth:`to_caldav`.

        Parameters
        ----------
        path : str or path
            The .ics file.
        stamp : datetime, optional
            Time of the calendar; default now. The same stamp gives the same bytes.
        timezone : str, optional
            Such as "Europe/Brussels": 9:00 stays 9:00 in summer. Without one, times are those of the reader's own zone.
        language : {"en", "nl"}
            Language of the entries.
        texts : mapping of str to str, optional
            Text of the opened entry, by customer, as of :meth:`to_texts`. Default: the reason of the review.

        Raises
        ------
        InputError
            If the time zone or the language is unknown.
        OSError
            If the file cannot be written.
        """
        from custfolio.report import ical

        events = ical.from_agenda(self._entries, timezone=timezone, language=language, texts=texts, emails=self.emails)
        ical.write(path, events, _moment(stamp))

    def to_feeds(
        self,
        folder: str | os.PathLike[str],
        *,
        stamp: datetime.datetime | None = None,
        timezone: str | None = None,
        language: str = "en",
        texts: Mapping[str, str] | None = None,
        refresh: str = "PT12H",
    ) -> dict[str, str]:
        """Write one file per manager, to be published at a stable address that calendar programs subscribe to.

        Parameters
        ----------
        folder : str or path
            The folder; it is made where it does not exist. The name of a manager's file never changes.
        stamp, timezone, language, texts
            As for :meth:`to_ics`.
        refresh : str
            How often programs should read the file again, as an ISO 8601 duration.

        Returns
        -------
        dict of str to str
            Name of each manager's file.

        Raises
        ------
        InputError
            If the time zone, the language or the duration is unknown.
        OSError
            If a file cannot be written.
        """
        from custfolio.report import ical

        events = ical.from_agenda(self._entries, timezone=timezone, language=language, texts=texts, emails=self.emails)
        return ical.write_feeds(folder, self.managers, events, _moment(stamp), refresh)

    def to_invitations(
        self,
        folder: str | os.PathLike[str],
        *,
        since: Agenda | None = None,
        stamp: datetime.datetime | None = None,
        timezone: str | None = None,
        language: str = "en",
        invitation: Mapping[str, str] | None = None,
    ) -> dict[str, list[str]]:
        """Write one invitation per appointment that is new or has changed, and one cancellation per appointment that is gone.

        Each file has one method and one identifier. Send it as a mail with content type ``text/calendar; method=REQUEST`` or ``CANCEL``.
        Invitations go to customers, so they have no figures. A customer with another manager gets both a cancellation from the former
        manager and a request from the new one; send them in the order of their names.

        Parameters
        ----------
        folder : str or path
            The folder; it is made where it does not exist.
        since : Agenda, optional
            The agenda that was sent before; without it all appointments are new.
        stamp, timezone, language
            As for :meth:`to_ics`.
        invitation : mapping of str to str, optional
            Text for the customer, by customer. Default: one sentence about the purpose.

        Returns
        -------
        dict of str to list of str
            Names of the files by method, "REQUEST" and "CANCEL".

        Raises
        ------
        InputError
            If a manager has no e-mail address: it is the organiser.
        OSError
            If a file cannot be written.
        """
        from custfolio.report import ical

        def events_of(agenda: Agenda) -> list[ical.Event]:
            emails = {**self.emails, **agenda.emails}
            return ical.invited(agenda.columns(), timezone=timezone, language=language, texts=invitation, emails=emails)

        events, before = events_of(self), [] if since is None else events_of(since)
        return ical.write_invitations(folder, events, before, _moment(stamp))

    def to_caldav(
        self,
        folder: str | os.PathLike[str],
        *,
        stamp: datetime.datetime | None = None,
        timezone: str | None = None,
        language: str = "en",
        texts: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """Write one resource per appointment, to be put on a CalDAV server under its name.

        Parameters
        ----------
        folder : str or path
            The folder; it is made where it does not exist.
        stamp, timezone, language, texts
            As for :meth:`to_ics`.

        Returns
        -------
        dict of str to str
            Identifier of the entry of each file; the name is the identifier with the ending .ics.

        Raises
        ------
        InputError
            If the time zone or the language is unknown.
        OSError
            If a file cannot be written.
        """
        from custfolio.report import ical

        events = ical.from_agenda(self._entries, timezone=timezone, language=language, texts=texts, emails=self.emails)
        return ical.write_resources(folder, events, _moment(stamp))

    def read_back(
        self, *files: str | os.PathLike[str], manager: str | None = None, timezone: str | None = None
    ) -> ReadBack:
        """Read what became of the appointments in calendars.

        An entry on another day or time is agreed there. An appointment of a manager whose files do not have it was deleted: it waits for
        an answer in ``agenda.deleted``. All other entries are busy times of the file's manager. Repeated ones count until two years after
        the last appointment.

        Parameters
        ----------
        *files : str or path
            The calendars, .ics files, at least one.
        manager : str, optional
            The manager of the files. Without one, the appointments in a file, or its name from :meth:`to_feeds`, show whose it is.
        timezone : str, optional
            Zone of the managers' clocks, such as "Europe/Brussels". Times of other zones are turned into it.

        Returns
        -------
        ReadBack
            The agenda as agreed, what moved, what was deleted, and busy times.

        Raises
        ------
        InputError
            If a file is no calendar, a manager or time zone is unknown, or a file does not show whose it is.
        """
        if manager is not None and manager not in self.managers:
            raise InputError(f"manager {manager!r} is not among the managers: {', '.join(self.managers)}")
        changed = read_back(self._entries, self.managers, files, manager, timezone)
        whole = self._with(changed.columns)
        gone = whole.selected(~changed.keep) | {"answer": [""] * len(changed.deleted)}
        deleted = {
            name: np.concatenate((values, gone[name])) if isinstance(values, np.ndarray) else [*values, *gone[name]]
            for name, values in self.deleted.columns().items()
        }
        agreed = whole._with(
            whole.selected(changed.keep), capacity=None, by_manager=None, changes=None, deleted=deleted
        )
        return ReadBack(agreed, changed.moved, changed.deleted, changed.busy)

    def _draw(self, *, by: str = "day", **options: Any) -> Any:
        if by == "month":
            return _by_month(self._entries["day"], options)
        if by != "day":
            raise InputError(f"by is {by!r}; it must be 'day' or 'month'")
        return _heat_map(self._entries["day"], options)

    def map(self, portfolio: Portfolio, **options: Any) -> Any:
        """Draw the customers with a review on a map, coloured by their manager; needs no network.

        Parameters
        ----------
        portfolio : Portfolio
            The customers, with latitude and longitude.
        **options
            Properties of the chart, such as ``width``.

        Returns
        -------
        altair.Chart
            The map.

        Raises
        ------
        InputError
            If the portfolio is another one, or has no places.
        """
        import altair as alt

        _core.require_same(self.identity, portfolio.identity, "the agenda is")
        core = portfolio.core
        if core.latitude is None or core.longitude is None:
            raise InputError("the portfolio has no places; add them with portfolio.located(frame)")
        reviews: dict[tuple[str, str], list[str]] = {}
        for identity, manager, day in zip(
            *(self._entries[name] for name in ("customer_id", "manager", "day")), strict=True
        ):
            reviews.setdefault((identity, manager), []).append(str(day))
        values = []
        for (identity, manager), days in reviews.items():
            row = core.index(identity)
            place = {"latitude": float(core.latitude[row]), "longitude": float(core.longitude[row])}
            if all(np.isfinite(list(place.values()))):
                values.append(place | {"customer": core.name[row], "manager": manager, "reviews": ", ".join(days)})
        points = alt.Chart(alt.Data(values=values)).mark_circle(size=28, opacity=0.75)
        encoded = points.encode(
            longitude="longitude:Q",
            latitude="latitude:Q",
            color=alt.Color("manager:N", title=None),
            tooltip=["customer:N", "manager:N", "reviews:N"],
        )
        return encoded.project("mercator").properties(**options)


@dataclass
class ReadBack:
    """What calendars made of an agenda.

    Attributes
    ----------
    agenda : Agenda
        The appointments as agreed: moved ones on their new day. Deleted ones wait in ``agenda.deleted``. Pass it as ``fixed=``.
    moved : dict of (str, int) to (str, str)
        Planned and agreed time of each moved appointment, by customer and number.
    deleted : list of (str, int)
        Customer and number of appointments that were deleted: ask the customer, and answer with :meth:`Agenda.answered`.
    busy : BusyTimes
        All other entries.
    """

    agenda: Agenda
    moved: dict[tuple[str, int], tuple[str, str]]
    deleted: list[tuple[str, int]]
    busy: BusyTimes


def _listed(texts: str | Sequence[str]) -> Sequence[str]:
    return [texts] if isinstance(texts, str) else texts


def _moment(stamp: datetime.datetime | None) -> datetime.datetime:
    return stamp or datetime.datetime.now(datetime.timezone.utc)


def _counts(names: Any, title: str, options: Mapping[str, Any]) -> Any:
    """Draw how often each name occurs."""
    import altair as alt

    kinds, counts = np.unique(np.asarray(names, dtype=str), return_counts=True)
    values = [{"name": str(kind), "count": int(count)} for kind, count in zip(kinds, counts, strict=True)]
    bars = alt.Chart(alt.Data(values=values)).mark_bar()
    return bars.encode(x=alt.X("count:Q", title=title), y=alt.Y("name:N", title=None)).properties(**options)


def _by_month(days: Any, options: Mapping[str, Any]) -> Any:
    """Draw a number of days by month."""
    import altair as alt

    months, counts = np.unique(np.asarray(days, dtype="datetime64[M]"), return_counts=True)
    values = [{"month": str(month), "count": int(count)} for month, count in zip(months, counts, strict=True)]
    bars = alt.Chart(alt.Data(values=values)).mark_bar()
    return bars.encode(x=alt.X("month:O", title=None), y=alt.Y("count:Q", title="Reviews")).properties(**options)


def _heat_map(days: Any, options: Mapping[str, Any]) -> Any:
    """Draw a number of days by week and weekday."""
    import altair as alt

    found, counts = np.unique(np.asarray(days, dtype="datetime64[D]"), return_counts=True)
    weekdays = (found.astype(np.int64) + 3) % 7
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    values = [
        {"week": str(day - weekday), "weekday": names[weekday], "day": str(day), "count": int(count)}
        for day, weekday, count in zip(found, weekdays, counts, strict=True)
    ]
    cells = alt.Chart(alt.Data(values=values)).mark_rect()
    encoded = cells.encode(
        x=alt.X("week:O", title="Week of", axis=alt.Axis(labelOverlap=True)),
        y=alt.Y("weekday:O", title=None, sort=list(names)),
        color=alt.Color("count:Q", title="Reviews", scale=alt.Scale(domainMin=0)),
        tooltip=["day:N", "count:Q"],
    )
    return encoded.properties(**options)
