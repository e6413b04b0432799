# Answers to offers: read by columns, each different cell once, and matched with the offers.
"""Read answers to offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from custfolio._tables.arguments import real
from custfolio._tables.dates import DayLike, day_number, is_missing
from custfolio._tables.frames import TableLike, arrow_columns, customer_column, lists_of, read_distinct, require_columns
from custfolio._tables.outcomes import outcomes_of
from custfolio._tables.result import Result
from custfolio._tables.wording import identity_text
from custfolio.errors import InputError

__all__ = ["NO_DAY", "Answers", "read_answers"]

NO_DAY = -(2**31)
"""The day of an answer without a date, as the core counts days."""


class Answers(NamedTuple):
    """Answers to offers that are decided, and not later than a day."""

    table: dict[str, Any]
    """All rows: Arrow arrays by column."""
    rows: NDArray[np.int64]
    """The rows that count, in the order of the table."""
    accepted: NDArray[np.uint8]
    """Of these rows: 1 accepted, 0 refused."""
    day: NDArray[np.int32]
    """Of these rows: days since 1970-01-01; :data:`NO_DAY` without a date."""
    left_out: int
    """Number of rows that do not count: open, or later."""

    def column(self, name: str) -> Any:
        """Return the cells of a column in the rows that count, as an Arrow array."""
        require_columns(self.table, [name], "answers; they have")
        return self.table[name].take(self.rows)

    def groups(self, by: str | None) -> tuple[list[str], NDArray[np.int32]]:
        """Return the names of the groups, sorted, and the group of each row; none without `by`."""
        if by is None:
            return [], np.empty(0, dtype=np.int32)

        def name_of(value: Any, row: int) -> str:
            if is_missing(value):
                raise InputError(
                    f"answers, row {self.rows[row - 1] + 1}: column {by!r} is empty; each answer needs its group"
                )
            return identity_text(value)

        column = customer_column(self.table) if by == "customer" else by
        names = read_distinct(self.column(column), name_of, np.object_)
        groups = sorted(set(names))
        code = {name: k for k, name in enumerate(groups)}
        return groups, np.fromiter((code[name] for name in names), np.int32, count=names.size)

    def burdens(self) -> NDArray[np.float64]:
        """Return the burden of each row; none without a column of burdens."""
        if "burden" not in self.table:
            return np.empty(0)

        def burden_of(value: Any, row: int) -> float:
            where = f"answers, row {self.rows[row - 1] + 1}: burden"
            try:  # a column of mixed cells comes as text
                number = float(value) if isinstance(value, str) else value
            except ValueError:
                number = value
            burden = np.nan if is_missing(number) else real(number, where)
            if not -100 <= burden <= 100:
                raise InputError(f"{where} is {burden:g}; it must be a share of spend (3 % is 0.03)")
            return burden

        column = self.column("burden")
        if str(column.type) == "double":
            burdens: NDArray[np.float64] = column.to_numpy(zero_copy_only=False)
            if bool((np.abs(burdens) <= 100).all()):
                return burdens
        each: NDArray[np.float64] = read_distinct(column, burden_of, np.float64)
        return each

    def offers(self, offers: Result) -> NDArray[np.int64]:
        """Return the offer that each row answers: its row in the table of offers.

        The column terms has the terms as the offers state them, or their lever, where one offer to the customer has it.

        Raises
        ------
        InputError
            If a row answers an offer that was never made, or several offers have its lever.
        """
        made = offers.columns()
        customer = customer_column(self.table)
        code: dict[str, int] = {}
        numbered = np.fromiter((code.setdefault(one, len(code)) for one in made["customer_id"]), np.int64)
        words: dict[str, int] = {}

        def coded(texts: Any) -> NDArray[np.int64]:
            return np.fromiter((words.setdefault(str(one), len(words)) for one in texts), np.int64)

        by_terms, by_lever = coded(made["terms"]), coded(made["lever"])
        whose = read_distinct(self.column(customer), lambda value, _: code.get(identity_text(value), -1), np.int64)
        what = read_distinct(self.column("terms"), lambda value, _: words.get(str(value).strip(), -1), np.int64)
        wanted = np.where((whose < 0) | (what < 0), -1, whose * len(words) + what)
        offer = np.full(self.rows.size, -1)
        # The terms themselves come last, since they are surer. A package of one lever has the words and terms of that lever.
        for kind, alike in ((by_lever, 1), (by_terms, len(made["terms"]))):
            keys = numbered * len(words) + kind
            order = np.argsort(keys, kind="stable")
            first = np.searchsorted(keys, wanted, "left", sorter=order)
            several = np.searchsorted(keys, wanted, "right", sorter=order) - first
            offer = np.where(
                (several > 0) & (several <= alike),
                order[np.minimum(first, max(order.size - 1, 0))] if order.size else -1,
                offer,
            )
            offer = np.where((several > 1) & (offer < 0), -2, offer)
        bad = np.flatnonzero(offer < 0)
        if bad.size:
            self._refuse(int(bad[0]), int(offer[bad[0]]), made, customer)
        return offer

    def _refuse(self, place: int, kind: int, made: Mapping[str, Any], customer: str) -> None:
        row = int(self.rows[place])
        who = identity_text(self.table[customer][row].as_py())
        where = f"answers, row {row + 1}: customer {who!r}, terms {str(self.table['terms'][row].as_py()).strip()!r}"
        theirs = [f"{terms}" for one, terms in zip(made["customer_id"], made["terms"], strict=True) if one == who]
        if kind == -2:
            raise InputError(
                f"{where}: several offers have this lever; state the terms as the offers do: {', '.join(theirs)}"
            )
        raise InputError(
            f"{where}: this offer was never made; "
            + (f"the customer's offers are {', '.join(theirs)}" if theirs else "the customer has no offer")
        )


def read_answers(answers: TableLike, until: DayLike | None = None) -> Answers:
    """Read answers to offers.

    Parameters
    ----------
    answers : frame or mapping
        One row an answer: customer_id, else customer; accepted; terms, date and further columns where known.
    until : date or str, optional
        Last day of the answers that count.

    Returns
    -------
    Answers
        The rows that are accepted or refused, up to that day.

    Raises
    ------
    InputError
        If a column is missing, a cell cannot be read (the message names the row), or an answer is repeated on one day.
    """
    wanted = "answers must be a frame, or a mapping of columns, with customer_id and accepted"
    table = arrow_columns(lists_of(answers, wanted) if isinstance(answers, Mapping) else answers, "answers")
    customer = customer_column(table)
    require_columns(table, [customer, "accepted"], "answers; they have")
    accepted = read_distinct(
        table["accepted"],
        lambda value, row: _outcome(value, row),
        np.int8,
    )
    days = _days(table, customer, until)
    counts = accepted >= 0
    if until is not None:
        counts &= days <= day_number(until, "until")
    rows = np.flatnonzero(counts)
    return Answers(table, rows, accepted[rows].astype(np.uint8), days[rows], counts.size - rows.size)


def _outcome(value: Any, row: int) -> int:
    return int(outcomes_of([value], "answers, column 'accepted'", "accepted or refused", row)[0])


def _days(table: Mapping[str, Any], customer: str, until: DayLike | None) -> NDArray[np.int32]:
    """Return the day of each answer; InputError where an answer is repeated on one day."""
    count = len(table[customer])
    if "date" not in table:
        if until is not None:
            raise InputError("until= needs the column 'date' in answers")
        return np.full(count, NO_DAY, dtype=np.int32)

    def day_of(value: Any, row: int) -> int:
        if is_missing(value) or value in ("", "NaT"):
            if until is not None:
                raise InputError(f"answers, row {row}: no date, and until= needs one")
            return NO_DAY
        day = value.date() if hasattr(value, "date") else value
        return day_number(day, f"answers, column 'date', row {row}")

    days: NDArray[np.int32] = read_distinct(table["date"], day_of, np.int32)
    whose = _codes(table[customer], identity_text)
    what = _codes(table["terms"], str) if "terms" in table else np.zeros(count, dtype=np.int64)
    answer = (whose * (int(what.max(initial=0)) + 1) + what) * 2**32 + (days - NO_DAY)
    _, first, of = np.unique(answer, return_index=True, return_inverse=True)
    repeated = np.flatnonzero((first[of] != np.arange(count)) & (days != NO_DAY))
    if repeated.size:
        row = int(repeated[0])
        who = identity_text(table[customer][row].as_py())
        day = np.datetime64(int(days[row]), "D")
        raise InputError(
            f"answers, row {row + 1}: customer {who} answered the same offer on {day} in row {first[of][row] + 1}; "
            "leave one of them out"
        )
    return days


def _codes(array: Any, text_of: Callable[[Any], str]) -> NDArray[np.int64]:
    """Return a number for each different text."""
    code: dict[str, int] = {}
    codes: NDArray[np.int64] = read_distinct(
        array, lambda value, _: code.setdefault(text_of(value), len(code)), np.int64
    )
    return codes
