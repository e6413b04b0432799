# Plans the agenda: reads the tables, calls the core, and names what it returns.
"""The verb of step 3."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.arguments import checked, real, whole
from custfolio._tables.calendar import clock_text
from custfolio._tables.dates import DayLike, MonthLike, day_number, is_missing, month_first_day, month_index, month_text
from custfolio._tables.frames import TableLike, once
from custfolio._tables.segments import require_one_segment
from custfolio._tables.wording import identity_text
from custfolio.anchoring._agenda import Agenda, AgendaChanges, ManagerResults, MonthlyCapacity, UnplacedReviews
from custfolio.anchoring._agreed import COLUMNS, Agreed, days_by_customer, handovers, issued, read_columns
from custfolio.anchoring._cadence import Cadence, CadenceRule, interval_of, interval_text, intervals_of_segments
from custfolio.anchoring._people import (
    Managers,
    Sites,
    Strangers,
    absences_of,
    busy_of,
    customers_of,
    groups_served,
    managers_of,
    sites_of,
    table_of,
    working_days,
)
from custfolio.errors import InputError
from custfolio.portfolio import HasPortfolio, Portfolio, Verdicts, portfolio_of

__all__ = ["anchor"]

_LAST_YEAR = 9899
"""The longest cadence, 100 years, ends within the calendar from there."""

_READY_SPAN = 60
"""Days before the first day that are looked at for the day on which figures must be ready."""


@checked
def anchor(
    portfolio: Portfolio | HasPortfolio,
    selection: Verdicts,
    *,
    start: MonthLike,
    managers: TableLike | None = None,
    months: int = 12,
    cadence: Cadence | Mapping[str, str | int] | None = None,
    segments: TableLike | None = None,
    rules: Sequence[CadenceRule] = (),
    calendar: str | None = None,
    fixed: Agenda | TableLike | None = None,
    last_review: TableLike | None = None,
    tolerance_days: int = 14,
    least_gap: int | None = None,
    greatest_gap: int | None = None,
    minutes: int | Mapping[str, int] = 60,
    value: TableLike | None = None,
    customers: TableLike | None = None,
    closed: TableLike | None = None,
    absences: TableLike | None = None,
    busy: TableLike | None = None,
    closing_days: Iterable[DayLike] = (),
    handover: TableLike | None = None,
    until: Mapping[str, MonthLike] | None = None,
    ready_days: int = 5,
    preference_days: int = 5,
    slack: float = 0.0,
    threads: int = 0,
) -> Agenda:
    """Give every customer with the verdict "keep" or "remediate" a fixed place in the agenda.

    Customers that are too young wait. Appointments in ``fixed`` never move; planning again with the agenda as ``fixed`` changes nothing.
    The greatest value is placed, then with the least days from the due dates: exactly, unless ``agenda.gap`` shows a bound.

    Parameters
    ----------
    portfolio : Portfolio or Statement
        The customers.
    selection : Selection
        Their verdicts and classes.
    start : str or date
        First month (or day) of the agenda.
    managers : frame or mapping of columns, optional
        Columns manager and reviews_per_day, one row per manager. With a column customer: one row per customer with its own
        manager. Further columns: reviews_per_week, days ("Mon-Thu"), hours (9:00-17:00 where the cell is empty), region and
        language ("north; south"), calendar ("BE"), email. Reviews fit in the hours, also where that is fewer than reviews_per_day.
        Customers without a manager go to the manager with the least load who serves their region and language. Default: one
        manager with 4 reviews a day.
    months : int
        Number of months.
    cadence : Cadence or mapping, optional
        Time between reviews by class, or by segment: "3 months", or a number of months.
    segments : frame or mapping of columns, optional
        customer_id and segment; default: the Pareto class.
    rules : sequence of CadenceRule, optional
        Intervals that come before those of the segments, the most important first.
    calendar : str, optional
        Country of the holidays: "BE", or with its part "US-IA". Weekends and holidays are not working days.
    fixed : Agenda or frame, optional
        Earlier appointments: customer_id, manager, day and any other columns of an agenda. An agenda of another portfolio counts, too:
        its customers are found by their identity. Customers and managers who left are listed in ``agenda.changes``. A frame has no
        managers of customers without an appointment: ``agenda.changes`` lists them as "assigned". Read it with
        :meth:`Agenda.from_frame` and ``assigned=`` to keep them.
    last_review : frame or mapping of columns, optional
        customer_id and day of reviews that took place; the latest day of a customer counts.
    tolerance_days : int
        Greatest distance from the due date.
    least_gap, greatest_gap : int, optional
        Least and most days between two reviews of a customer. Default: half the interval, and no limit. The greatest is at least
        the longest interval.
    minutes : int or mapping of str to int
        Length of a review, or lengths by kind. The kind is that of `customers`, else the verdict.
    value : frame or mapping of columns, optional
        customer_id and value, > 0. Default: the heat that a review can keep or win.
    customers : frame or mapping of columns, optional
        customer_id, and any of days ("first Monday morning"), preferred ("Tuesday afternoon"), region, language, kind, with (a
        second manager), segment, place, email, and figures that rules use. Reviews are only on `days` and their part of the day,
        and rather on the preferred ones.
    closed : frame or mapping of columns, optional
        customer_id, first and last day without a visit.
    absences : frame or mapping of columns, optional
        manager, first and last day.
    busy : frame or mapping of columns, optional
        manager, start and end (times); see :func:`custfolio.anchoring.read_busy`.
    closing_days : sequence of days
        Days on which the company is closed.
    handover : frame or mapping of columns, optional
        customer_id, manager and the day from which on that manager sees the customer. Agreed days stay.
    until : mapping of str to month, optional
        First month without a customer, by identity: nothing is booked from there.
    ready_days : int
        Working days before a review on which its figures must be ready.
    preference_days : int
        Days that a day counts as further away which the customer does not prefer.
    slack : float
        Share by which the value-weighted days from the due dates may rise, for even days and short ways: 0.1 is 10 %.
    threads : int
        0 for all cores; any number gives the same agenda.

    Returns
    -------
    Agenda
        The appointments, the reviews without a place, hours needed, prices and changes.

    Raises
    ------
    InputError
        If the selection is of another portfolio, a column is missing, a manager of a table is unknown, a customer has two managers,
        a calendar does not exist, or a setting is out of range.
    """
    _check(months, tolerance_days, least_gap, greatest_gap, ready_days)
    portfolio = portfolio_of(portfolio, "portfolio")
    _core.require_same(selection.identity, portfolio.identity, "the selection is")
    begin = _first_day(start, "start")
    if np.datetime64(begin, "D").astype("datetime64[M]").astype(int) + months > 12 * (_LAST_YEAR + 1 - 1970):
        raise InputError(f"start is {start} and months is {months}; the agenda must end by the year {_LAST_YEAR}")
    end = _core.after(begin, months, 0) - 1
    strangers = Strangers(portfolio)
    people = managers_of(managers, strangers)
    sites = sites_of(portfolio, customers, closed, people, strangers)
    leaves = {
        row: _first_day(month, f"until of {identity!r}") - 1
        for identity, month in (until or {}).items()
        if (row := strangers.row(identity_text(identity), "until")) is not None
    }
    agreed = Agreed()
    if fixed is not None:
        columns = fixed.columns() if isinstance(fixed, Agenda) else read_columns(fixed, "fixed")
        agreed.read(columns, strangers, leaves, begin)
    if isinstance(fixed, Agenda):
        agreed.read_deleted(fixed.deleted.columns(), strangers)
    passes = handovers(handover, people, strangers)
    rows = np.flatnonzero(np.isin(np.asarray(selection.verdict), ["keep", "remediate"])).astype(np.int64)
    segment_of, intervals = _intervals(portfolio, selection, cadence, segments, rules, sites, rows, strangers, value)
    worth, every = _values(portfolio, selection, value, strangers), intervals[rows]
    _check_gaps(every, least_gap, greatest_gap)
    open_days = working_days(begin, end, calendar, closing_days)
    served = groups_served(people, sites.regions)
    core = {**people.core, "groups": served}
    core["absences"] = absences_of(people, absences, open_days, begin, end)
    core["busy"] = busy_of(people, busy, begin, end)
    earlier = fixed.manager_of if isinstance(fixed, Agenda) else {}
    known = {int(portfolio.core.index(each)): name for each, name in earlier.items() if each in portfolio}
    known |= agreed.last_manager()
    passed = {row: name for row, (name, day) in passes.items() if day <= begin}
    manager_of = _assign(people, core, sites, known | passed, rows, every)
    now = {int(row): people.names[k] for row, k in zip(rows, manager_of, strict=True)}
    agreed.settle(people, passes, now, begin)
    _hand_over(agreed, known, now, passed, portfolio, begin)
    if fixed is not None and not earlier and len(people.names) > 1:
        _list_assigned(agreed, {**people.given, **known, **passed}, now, portfolio, begin)
    _propose_managers(people, agreed, known, portfolio, passes)
    kinds = [sites.kind.get(int(row), selection.verdict[row]) for row in rows]
    reviewed = days_by_customer(
        None if last_review is None else table_of(last_review, "last_review", ("day",)), "last_review", strangers
    )
    try:
        plan = _core.plan_reviews(
            {
                "customer": rows,
                "manager": manager_of,
                "months": every[:, 0],
                "days": every[:, 1],
                "last_review": np.array([reviewed.get(int(row), _core.never_reviewed) for row in rows], dtype=np.int32),
                "value": worth[rows],
                "least_gap": np.full(len(rows), least_gap or 0, dtype=np.int32),
                "greatest_gap": np.full(len(rows), greatest_gap or 0, dtype=np.int32),
                "minutes": _lengths(minutes, kinds),
                "second": _seconds(people, sites, rows, manager_of),
                "group": sites.group[rows],
                "until": np.array([leaves.get(int(row), 2**31 - 1) for row in rows], dtype=np.int32),
                "handover_to": np.array(
                    [people.place(passes[int(row)][0]) if int(row) in passes else -1 for row in rows], dtype=np.int64
                ),
                "handover_on": np.array([passes.get(int(row), ("", 0))[1] for row in rows], dtype=np.int32),
            },
            core,
            agreed.core(people),
            sites.core,
            working_days=open_days,
            first=begin,
            last=end,
            tolerance_days=tolerance_days,
            preference_days=preference_days,
            slack=slack,
            threads=threads,
        )
    except InputError as error:
        # The core knows customers by row.
        ids = portfolio.ids
        named = re.sub(r"customer (\d+)\b", lambda row: f"customer {ids[int(row[1])]!r}", str(error))
        raise InputError(named) from None
    before = working_days(begin - _READY_SPAN, end, calendar, closing_days)
    made = _Made(portfolio, people, sites, agreed, plan["appointments"])
    appointments = made.columns(selection, segment_of, before, ready_days)
    _list_changes(agreed, plan, made, portfolio, people, fixed is not None, strangers)
    library, ids = portfolio.library, portfolio.ids
    changes: dict[str, Any] = dict(agreed.changes)
    changes["day"] = np.array(changes["day"], dtype="datetime64[D]")
    return Agenda(
        appointments,
        people.names,
        library,
        portfolio.identity,
        unplaced=UnplacedReviews(_unplaced(plan, portfolio, people), library),
        capacity=MonthlyCapacity(_capacity(plan, people), library),
        by_manager=ManagerResults(_results(plan, people), library),
        changes=AgendaChanges(changes, library),
        gap=plan["gap"],
        emails={name: mail for name, mail in people.emails.items() if mail}
        | {ids[row]: mail for row, mail in sites.email.items()},
        manager_of={ids[row]: name for row, name in now.items()},
        deleted=agreed.deleted,
    )


def _check(months: int, tolerance: int, least_gap: int | None, greatest_gap: int | None, ready_days: int) -> None:
    if not 1 <= months <= 1200:
        raise InputError(f"months is {months}; it must be at least 1 and at most 1200")
    if tolerance < 0:
        raise InputError(f"tolerance_days is {tolerance}; it must be 0 or more")
    for name, gap in (("least_gap", least_gap), ("greatest_gap", greatest_gap)):
        if gap is not None and gap < 1:
            raise InputError(f"{name} is {gap}; it must be at least 1 day")
    if not 0 <= ready_days <= _READY_SPAN // 2:
        raise InputError(f"ready_days is {ready_days}; it must be 0 to {_READY_SPAN // 2} working days")


def _check_gaps(every: NDArray[np.int32], least_gap: int | None, greatest_gap: int | None) -> None:
    """Check the gaps against the intervals of all customers."""
    shortest = int((28 * every[:, 0] + every[:, 1]).min(initial=2**31 - 1))
    if least_gap is not None and least_gap > shortest:
        raise InputError(f"least_gap is {least_gap}; it must be at most {shortest} days, the shortest cadence")
    if greatest_gap is None:
        return
    longest = max((_core.longest_days(*map(int, each)) for each in np.unique(every, axis=0)), default=0)
    if greatest_gap < longest:
        raise InputError(
            f"greatest_gap is {greatest_gap}; it must be at least {longest} days, the longest cadence, or that cadence shorter"
        )


def _first_day(start: MonthLike, what: str) -> int:
    """Return a day, or the first day of a month."""
    if isinstance(start, str) and re.fullmatch(r"\s*\d{4}-\d{1,2}\s*", start):
        return month_first_day(month_index(start, what))
    return day_number(start, what)


def _intervals(
    portfolio: Portfolio,
    selection: Verdicts,
    cadence: Cadence | Mapping[str, str | int] | None,
    segments: TableLike | None,
    rules: Sequence[CadenceRule],
    sites: Sites,
    rows: NDArray[np.int64],
    strangers: Strangers,
    value: TableLike | None,
) -> tuple[list[str], NDArray[np.int32]]:
    """Return the segment and the interval (months, days) of every customer."""
    segment_of = list(selection.cls)
    for row, segment in sites.segment.items():
        segment_of[row] = segment
    if segments is not None:
        table, of = table_of(segments, "segments", ("segment",)), dict[str, str]()
        for identity, segment in zip(customers_of(table, "segments"), table["segment"], strict=True):
            require_one_segment(identity, str(segment), of)
            listed = strangers.row(identity, "segments")
            if listed is not None:
                segment_of[listed] = str(segment)
    by_segment = intervals_of_segments(cadence or Cadence(), sorted({segment_of[row] for row in rows}))
    anchored = set(rows.tolist())
    of_segments = np.array(
        [by_segment[segment] if row in anchored else (1, 0) for row, segment in enumerate(segment_of)], dtype=np.int32
    ).reshape(-1, 2)
    if not rules:
        return segment_of, of_segments
    figures = []
    for rule in rules:
        figure = _figure(rule.figure, portfolio, selection, sites, value, strangers)
        figures.append((figure, rule.at_least, rule.at_most, *interval_of(rule.every, "every")))
    of_rules = _core.cadence_by_rule(
        np.ascontiguousarray(of_segments[:, 0]), np.ascontiguousarray(of_segments[:, 1]), figures
    )
    return segment_of, np.stack(of_rules, axis=1)


def _figure(
    name: str,
    portfolio: Portfolio,
    selection: Verdicts,
    sites: Sites,
    value: TableLike | None,
    strangers: Strangers,
) -> NDArray[np.float64]:
    """Return one figure of every customer; NaN where it is not known."""
    core = portfolio.core
    if name in sites.table:
        figures = np.full(len(portfolio), np.nan)
        for k, row in enumerate(sites.rows):
            if row is not None and not is_missing(sites.table[name][k]):
                cell = sites.table[name][k]
                # Yes or no, such as whether terms were accepted, is 1 or 0.
                flag = isinstance(cell, (bool, np.bool_))
                figures[row] = float(cell) if flag else real(cell, f"customers, row {k + 1}: {name}")
        return figures
    if name == "value":
        return _values(portfolio, selection, value, strangers)
    if name in ("revenue", "contribution", "temperature"):
        return np.array(getattr(core, name), dtype=np.float64)
    raise InputError(
        f"the rule on {name!r} has no figure; it must be 'value', 'revenue', 'contribution', 'temperature' or a column of `customers`"
    )


def _values(
    portfolio: Portfolio, selection: Verdicts, value: TableLike | None, strangers: Strangers
) -> NDArray[np.float64]:
    """Return the priority of every customer, above 0."""
    stake = np.asarray(
        _core.heat_at_stake(portfolio.core.contribution, portfolio.core.revenue, selection.target), dtype=np.float64
    )
    if value is None:
        return stake
    table = table_of(value, "value", ("value",))
    for k, identity in enumerate(once(customers_of(table, "value"), "value")):
        row = strangers.row(identity, "value")
        number = real(table["value"][k], f"value of {identity!r}")
        if not 0 < number < float("inf"):
            raise InputError(f"value of {identity!r} is {number}; it must be above 0")
        if row is not None:
            stake[row] = number
    return stake


def _assign(
    people: Managers,
    core: dict[str, Any],
    sites: Sites,
    agreed: Mapping[int, str],
    rows: NDArray[np.int64],
    every: NDArray[np.int32],
) -> NDArray[np.int64]:
    """Return the manager of every anchored customer: the one of its last appointment, its own, or the least loaded."""
    agreed_with = {row: name for row, name in agreed.items() if name in people.names}
    given = people.given | agreed_with
    places = {name: k for k, name in enumerate(people.names)}
    chosen = np.array([places[given[int(row)]] if int(row) in given else -1 for row in rows], dtype=np.int64)
    load = _core.reviews_per_year(np.ascontiguousarray(every[:, 0]), np.ascontiguousarray(every[:, 1]))
    try:
        return _core.assign_managers(load, core, chosen, sites.group[rows])
    except InputError as error:
        match = re.search(r"customers of group (\d+)", str(error))
        if match is None or len(sites.regions) < 2:
            raise
        region, language = sites.regions[int(match[1])]
        raise InputError(
            f"customers of region {region!r} and language {language!r} are to be assigned but no manager with capacity serves them"
        ) from None


def _hand_over(
    agreed: Agreed,
    known: Mapping[int, str],
    now: Mapping[int, str],
    passed: Mapping[int, str],
    portfolio: Portfolio,
    begin: int,
) -> None:
    """List customers with another manager than before whose appointments do not show it already."""
    listed = {
        identity
        for identity, change in zip(agreed.changes["customer_id"], agreed.changes["change"], strict=True)
        if change == "handed over"
    }
    ids = portfolio.ids
    for row, name in sorted(now.items()):
        was, identity = known.get(row, name), ids[row]
        if was != name and identity not in listed:
            why = f"{name} takes over from {was}" if row in passed else f"{was} left; {name} takes over"
            agreed.change(identity, name, begin, "handed over", why)


def _list_assigned(
    agreed: Agreed, known: Mapping[int, str], now: Mapping[int, str], portfolio: Portfolio, begin: int
) -> None:
    """List customers whose manager neither the earlier appointments nor a table names."""
    ids = portfolio.ids
    for row in sorted(now.keys() - known.keys()):
        why = "the earlier appointments do not name a manager of the customer"
        agreed.change(ids[row], now[row], begin, "assigned", why)


def _propose_managers(
    people: Managers,
    agreed: Agreed,
    known: Mapping[int, str],
    portfolio: Portfolio,
    passes: Mapping[int, tuple[str, int]],
) -> None:
    """List customers whose table names another manager than they had: they stay until they are handed over."""
    ids = portfolio.ids
    for row, name in sorted(known.items()):
        wanted = people.given.get(row, name)
        if wanted != name and name in people.names and row not in passes:
            agreed.change(
                ids[row],
                name,
                np.datetime64("NaT", "D"),
                "proposed",
                f"the managers' table names {wanted}, the agenda {name}: hand the customer over with a date",
            )


def _lengths(minutes: int | Mapping[str, int], kinds: Sequence[str]) -> NDArray[np.int32]:
    """Return the length of each customer's reviews."""
    if not isinstance(minutes, Mapping):
        length = whole(minutes, "minutes")
        if not 1 <= length <= 24 * 60:
            raise InputError(f"minutes is {length}; it must be 1 to 1440")
        return np.full(len(kinds), length, dtype=np.int32)
    lengths = {str(kind): whole(length, f"minutes of {kind!r}") for kind, length in minutes.items()}
    for kind in kinds:
        if kind not in lengths:
            raise InputError(f"minutes has no length for reviews of kind {kind!r}; it has {', '.join(lengths)}")
    return np.array([lengths[kind] for kind in kinds], dtype=np.int32)


def _seconds(
    people: Managers, sites: Sites, rows: NDArray[np.int64], manager_of: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the second manager of each customer; -1 for none, or where it is the customer's own."""
    companions = [people.place(sites.companion[int(row)]) if int(row) in sites.companion else -1 for row in rows]
    return np.array(
        [-1 if second == manager else second for second, manager in zip(companions, manager_of, strict=True)],
        dtype=np.int64,
    )


class _Made:
    """The planned appointments with their names, and which of the earlier ones they are."""

    def __init__(
        self, portfolio: Portfolio, people: Managers, sites: Sites, agreed: Agreed, appointments: Mapping[str, Any]
    ) -> None:
        self.portfolio, self.people, self.sites, self.agreed, self.appointments = (
            portfolio,
            people,
            sites,
            agreed,
            appointments,
        )
        self.earlier = agreed.details(appointments)

    def earlier_place(self, k: int) -> int | None:
        """Return the position of an appointment among the earlier ones."""
        if not self.appointments["fixed"][k]:
            return None
        return self.earlier[int(self.appointments["customer"][k]), int(self.appointments["number"][k])]

    def columns(
        self, selection: Verdicts, segment_of: Sequence[str], before: NDArray[np.int32], ready_days: int
    ) -> dict[str, Any]:
        """Return the columns of the agenda."""
        appointments, ids, people = self.appointments, self.portfolio.ids, self.portfolio.core.name
        count = len(appointments["customer"])
        places = [self.earlier_place(k) for k in range(count)]
        every = [
            interval_text(int(months), int(days))
            for months, days in zip(appointments["months"], appointments["days"], strict=True)
        ]
        earlier = self.agreed.columns
        verdicts = selection.verdict
        rows = [int(row) for row in appointments["customer"]]

        def text(name: str, fresh: Sequence[str]) -> list[str]:
            return [fresh[k] if place is None else earlier[name][place] or fresh[k] for k, place in enumerate(places)]

        ready = (
            _core.working_days_before(appointments["day"], ready_days, before) if len(before) else appointments["day"]
        )
        columns = {
            "customer_id": [ids[row] for row in rows],
            "name": [people[row] for row in rows],
            "manager": [self.people.names[k] for k in appointments["manager"]],
            "day": appointments["day"].astype("datetime64[D]"),
            "start": [clock_text(int(minute)) for minute in appointments["start"]],
            "minutes": appointments["minutes"],
            "due": appointments["due"].astype("datetime64[D]"),
            "number": appointments["number"],
            "sequence": np.array(
                [0 if place is None else int(earlier["sequence"][place]) for place in places], dtype=np.int32
            ),
            "fixed": appointments["fixed"],
            "every": every,
            "kind": text("kind", [self.sites.kind.get(row, verdicts[row]) for row in rows]),
            "with": [self.people.names[k] if k >= 0 else "" for k in appointments["second"]],
            "ready": ready.astype("datetime64[D]"),
            "place": text("place", [self.sites.place.get(row, "") for row in rows]),
            "reason": text(
                "reason",
                [
                    f"{verdicts[row]}, class {segment_of[row]}: every {text}"
                    for row, text in zip(rows, every, strict=True)
                ],
            ),
        }
        columns["issued"] = issued(columns)
        return {name: columns[name] for name in COLUMNS}


def _list_changes(
    agreed: Agreed,
    plan: Mapping[str, Any],
    made: _Made,
    portfolio: Portfolio,
    people: Managers,
    again: bool,
    strangers: Strangers,
) -> None:
    """Add what planning changed and proposes to the changes: new reviews, notes, cadences, unknown customers."""
    planned, ids = plan["appointments"], portfolio.ids
    met = set(agreed.customer)
    for k in map(int, np.flatnonzero(~planned["fixed"])) if again else ():
        row = int(planned["customer"][k])
        reason = "the next review is due" if row in met else "the customer has no appointment yet"
        agreed.change(ids[row], people.names[planned["manager"][k]], planned["day"][k], "new", reason)
    notes = plan["notes"]
    for k, text in enumerate(notes["text"]):
        who, manager = int(notes["customer"][k]), int(notes["manager"][k])
        agreed.change(ids[who], people.names[manager], notes["day"][k], "kept", text)
    changes = plan["cadence_changes"]
    last_manager = agreed.last_manager()
    for k in range(len(changes["customer"])):
        customer = int(changes["customer"][k])
        was, now = (
            interval_text(int(changes[f"{kind}_months"][k]), int(changes[f"{kind}_days"][k]))
            for kind in ("agreed", "wanted")
        )
        reviews, needed = int(changes["reviews"][k]), int(changes["needed"][k])
        difference = f"{abs(reviews - needed)} {'fewer' if needed < reviews else 'more'}"
        if needed == reviews:
            difference = "as many"
        agreed.change(
            ids[customer],
            last_manager.get(customer, ""),
            np.datetime64("NaT", "D"),
            "proposed",
            f"every {now} instead of every {was}: the agreed reviews stay; the new cadence needs {difference} until the last of them",
        )
    for identity, table in strangers.found.items():
        if table != "fixed":
            agreed.change(
                identity,
                "",
                np.datetime64("NaT", "D"),
                "not in the portfolio",
                f"the customer is in the table {table!r} only",
            )


def _unplaced(plan: Mapping[str, Any], portfolio: Portfolio, people: Managers) -> dict[str, Any]:
    """Return the reviews without a place, with the smallest remedy of each."""
    left, results, ids = plan["unplaced"], plan["managers"], portfolio.ids
    remedies = []
    for k, manager in enumerate(left["manager"]):
        name, options = people.names[manager], []
        if left["tolerance_days"][k] >= 0:
            options.append(f"a tolerance of {left['tolerance_days'][k]} days")
        if left["other_manager"][k] >= 0:
            day = np.datetime64(int(left["other_day"][k]), "D")
            options.append(f"{people.names[left['other_manager'][k]]} on {day}")
        days = int(results["days_needed"][manager])
        if days:
            options.append(f"{days} more {'day' if days == 1 else 'days'} of {name} for all of them")
        remedies.append(" or ".join(options))
    return {
        "customer_id": [ids[k] for k in left["customer"]],
        "manager": [people.names[k] for k in left["manager"]],
        "due": left["due"].astype("datetime64[D]"),
        "value": left["value"],
        "reason": left["reason"],
        "remedy": remedies,
    }


def _capacity(plan: Mapping[str, Any], people: Managers) -> dict[str, Any]:
    capacity = plan["capacity"]
    return {
        "manager": [people.names[k] for k in capacity["manager"]],
        "month": [month_text(month) for month in capacity["month"]],
        **{name: capacity[name] for name in ("reviews_needed", "reviews_available", "hours_needed", "hours_available")},
    }


def _results(plan: Mapping[str, Any], people: Managers) -> dict[str, Any]:
    results = plan["managers"]
    best = results["best_day"].astype(np.int64).astype("datetime64[D]")
    best[results["day_value"] == 0] = np.datetime64("NaT", "D")
    return {
        "manager": people.names,
        "appointments": np.bincount(plan["appointments"]["manager"], minlength=len(people.names)),
        "placed": results["placed"],
        "unplaced": results["unplaced"],
        "value": results["value"],
        "greatest_value": results["bound"],
        "deviation": results["deviation"],
        "least_deviation": results["deviation_bound"],
        "value_of_one_more_day": results["day_value"],
        "best_day": best,
        "days_needed": results["days_needed"],
    }
