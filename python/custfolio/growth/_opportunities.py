# Opportunities from a CRM: accepted rows of a frame or of files, rejected rows with the reason, and the pipeline.
"""Read the sales pipeline of a CRM.

Every system has its own names, and common names have different meanings. "Expected Revenue" is the whole amount in one system and the amount
times its probability in another. A probability counts to 100 or to 1. 0 and 100 may be a status, not an estimate. `Opportunities.recognised`
has the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from custfolio._reading.cells import one_array
from custfolio._reading.columns import listed
from custfolio._tables.arguments import checked
from custfolio._tables.dates import DayLike, MonthLike, day_number
from custfolio._tables.frames import FrameLike, eager, library_of
from custfolio._tables.result import NamedColumns, Reasons
from custfolio._tables.wording import identity_text
from custfolio.errors import InputError
from custfolio.growth._opportunity_cells import (
    Faults,
    amounts_of,
    days_of,
    note_repeated,
    probabilities_of,
    statuses_of,
    texts_of,
)
from custfolio.growth._pipeline import OpportunityPlans, plans_of, with_options
from custfolio.growth._systems import SYSTEMS, is_identity, roles_of, system_of

__all__ = ["Opportunities", "RejectedOpportunities", "read_opportunities"]


class RejectedOpportunities(Reasons):
    """Rejected rows of a pipeline, each with the reason; with the opportunities these are all rows read.

    ``plot`` draws their number by reason.
    """

    _heading = "Rejected opportunities"
    _things = "Rows"


class Opportunities(NamedColumns):
    """A sales pipeline: one checked row per opportunity, with status and estimate apart. Made by :func:`read_opportunities`.

    ``plot`` draws the number of opportunities per stage and status.

    Attributes
    ----------
    source : str
        The system whose names were recognised; "other" where none was.
    recognised : dict of str to str
        The column of each role.
    notes : list of str
        Remarks on units and amounts, and unused columns that are weighted already.
    rows_read : int
        Rows of the export; ``len(opportunities) + len(opportunities.rejected)``.
    """

    _heading = "Opportunities"
    _what = "the opportunities; they have"

    def __init__(
        self,
        columns: dict[str, Any],
        rejected: dict[str, Any],
        source: str,
        recognised: dict[str, str],
        notes: list[str],
        library: str | None,
    ) -> None:
        super().__init__(columns, library)
        self._left = rejected
        self.source = source
        self.recognised = recognised
        self.notes = notes
        self.rows_read = len(columns["row"]) + len(rejected["row"])

    @property
    def rejected(self) -> RejectedOpportunities:
        """Rejected rows, each with the reason."""
        return RejectedOpportunities(self._left, self._library)

    @property
    def open(self) -> Opportunities:
        """The opportunities that are neither won nor lost."""
        return self._only(self._entries["status"] == "open")

    @property
    def closed(self) -> Opportunities:
        """The opportunities that are won or lost."""
        return self._only(self._entries["status"] != "open")

    def _only(self, mask: NDArray[np.bool_]) -> Opportunities:
        nothing: dict[str, Any] = {name: [] for name in self._left}
        chosen = {name: values[mask] for name, values in self._entries.items()}
        return Opportunities(chosen, nothing, self.source, self.recognised, self.notes, self._library)

    def as_of(self, day: DayLike) -> Opportunities:
        """Return the pipeline as it stood at the beginning of a day.

        Parameters
        ----------
        day : str or date
            The day; deals closed on it or later were still open.

        Returns
        -------
        Opportunities
            The opportunities created before the day. Those closed later are open again, without the stage, amount and dates that the export
            has only since then.

        Raises
        ------
        InputError
            If no opportunity has a creation date.
        """
        cut = np.datetime64(day_number(day, "day"), "D")
        if np.isnat(self._entries["created"]).all():
            raise InputError(
                "no opportunity has a creation date, so the pipeline of an earlier day is unknown; name the column with columns={'created': ...}"
            )
        then = self._only(self._entries["created"] < cut)
        later = (then["status"] != "open") & ~(then["closed"] < cut)
        nothing = np.datetime64("NaT", "D")
        then._entries = {
            **then._entries,
            "status": np.where(later, "open", then["status"]),
            "stage": np.where(later, "", then["stage"]),
            "amount": np.where(later, np.nan, then["amount"]),
            "expected_close": np.where(
                later & (then["expected_close"] == then["closed"]), nothing, then["expected_close"]
            ),
            "closed": np.where(later, nothing, then["closed"]),
        }
        return then

    @with_options
    def to_plans(self, start: MonthLike, **options: Any) -> OpportunityPlans:
        """Make an action plan of every open opportunity, for :func:`custfolio.grow`.

        Parameters
        ----------
        start : str or date
            First month of the plans, "2022-01". An opportunity that is overdue is decided in the months that `slip` leaves, or in the first.
        **options
            The fields of :class:`PipelineOptions`; `margin` is needed.

        Returns
        -------
        OpportunityPlans
            A sequence of :class:`ActionPlan`, and a table. ``len(plans) + len(plans.left_out)`` is the number of open opportunities. Plans
            have the labels of the factors "owner" and "product", for ``correlation`` of :func:`grow`.

        Raises
        ------
        InputError
            If an option is out of range, currencies are mixed without rates, or an opportunity misses a value (the text names the row).
        """
        return plans_of(self, start, options)

    def __getitem__(self, column: str) -> NDArray[Any]:
        """Return a column: amounts as float64 (NaN where missing), days as datetime64[D] (NaT), texts as objects ("")."""
        values: NDArray[Any] = super().__getitem__(column)
        return values

    def _facts(self) -> Mapping[str, Any]:
        status = self._entries["status"]
        return {
            "source": self.source,
            "open": int((status == "open").sum()),
            "won": int((status == "won").sum()),
            "lost": int((status == "lost").sum()),
            "rejected": len(self._left["row"]),
        }

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        pairs: dict[tuple[str, str], int] = {}
        for stage, status in zip(self._entries["stage"], self._entries["status"], strict=True):
            pairs[stage or "(no stage)", status] = pairs.get((stage or "(no stage)", status), 0) + 1
        data = alt.Data(values=[{"stage": stage, "status": status, "count": n} for (stage, status), n in pairs.items()])
        return (
            alt.Chart(data)
            .mark_bar()
            .encode(
                x=alt.X("count:Q", title="Opportunities"),
                y=alt.Y("stage:N", title=None, sort="-x"),
                color=alt.Color("status:N", title="Status"),
                tooltip=["stage:N", "status:N", "count:Q"],
            )
            .properties(**options)
        )


class Rows(NamedTuple):
    """Rows as they are in a frame or in files."""

    table: pa.Table
    """The rows."""
    numbers: NDArray[np.int64]
    """Their numbers in the frame or file."""
    broken: dict[str, list[Any]]
    """Rows of the file that are no rows of the table, with their reasons."""
    library: str
    """Library of the frames given back."""


def rows_of(data: FrameLike | str | PathLike[str] | Sequence[str | PathLike[str]]) -> Rows:
    """Return the rows of a frame or of files."""
    nothing: dict[str, list[Any]] = {"row": [], "column": [], "value": [], "reason": []}
    if isinstance(data, (str, PathLike)) or (
        isinstance(data, Sequence) and data and all(isinstance(each, (str, PathLike)) for each in data)
    ):
        from importlib.util import find_spec

        from custfolio._reading.files import open_files

        opened = open_files(data)
        table = eager(opened.relation).to_arrow()
        number = np.asarray(one_array(table[opened.origin.row])).astype(np.int64)
        order = np.argsort(number, kind="stable") if opened.origin.file is None else np.arange(number.size)
        table = table.take(pa.array(order))
        added = [column for column in (opened.origin.row, opened.origin.file) if column is not None]
        cells = opened.origin.broken or {}
        broken = {key: list(cells.get(key, [])) for key in nothing}
        return Rows(table.drop_columns(added), number[order], broken, "pandas" if find_spec("pandas") else "pyarrow")
    frame = cast("FrameLike", data)
    library = library_of(frame)
    try:
        table = eager(frame).to_arrow()
    except (TypeError, ValueError) as error:
        raise InputError(f"the frame cannot be read: {str(error).splitlines()[0]}") from None
    return Rows(table, np.arange(1, table.num_rows + 1), nothing, library)


@checked
def read_opportunities(
    data: FrameLike | Rows | str | PathLike[str] | Sequence[str | PathLike[str]],
    *,
    source: str | None = None,
    columns: Mapping[str, str] | None = None,
    probability_unit: str | None = None,
    statuses: Mapping[str, str] | None = None,
    date_format: str | None = None,
    decimal: str | None = None,
) -> Opportunities:
    """Read the opportunities of a CRM export.

    Parameters
    ----------
    data : frame, path, or sequence of paths
        Any frame, or CSV, Parquet or JSON files; one row per opportunity.
    source : str, optional
        The system of the export: "Odoo", "Salesforce", "HubSpot", "ERPNext", "Frappe CRM", "SuiteCRM", "EspoCRM", "Twenty" or
        "other". By default recognised by the columns' names, ignoring case and surrounding space.
    columns : mapping of role to column, optional
        Columns by name, instead of the recognised ones; roles are those of `Opportunities.recognised`: opportunity, customer, owner, stage, status,
        amount, recurring (a month), probability, expected_close, closed, created, currency, rate, product, kind, is_closed, is_won, active.
    probability_unit : {"percent", "fraction"}, optional
        Whether probabilities count to 100 or to 1. Known for the systems; for "other" the values decide, and an ambiguous column
        is an error.
    statuses : mapping of str to {"open", "won", "lost"}, optional
        The meaning of a stage or status with an unknown name.
    date_format : str, optional
        Format of text dates (``datetime.strptime``).
    decimal : {".", ","}, optional
        The decimal sign of text amounts.

    Returns
    -------
    Opportunities
        The accepted and rejected rows: a row with an unreadable amount, probability or date is listed with its reason, never dropped.
        An amount or a date that is not there is no fault.

    Raises
    ------
    InputError
        If the data is not a table of opportunities, the system is ambiguous, a column can be read in two ways, or the only amount
        is multiplied by its probability already.
    """
    rows = data if isinstance(data, Rows) else rows_of(data)
    names = [name for name in rows.table.column_names if name != "cf_number"]
    if rows.table.num_rows == 0 and not rows.broken["row"]:
        raise InputError(f"the data has no rows, only column names: {listed(names)}")
    name = system_of(names, source, columns or {})
    system = SYSTEMS[name]
    chosen, notes = roles_of(names, name, system, columns or {})
    return _read(rows, name, chosen, notes, probability_unit, statuses or {}, date_format, decimal)


_TELLING = ("opportunity", "stage", "status", "amount", "recurring", "probability", "is_closed", "is_won")
"""Each opportunity has one of these; rows of other tables in the same folder have none."""


def _read(
    rows: Rows,
    source: str,
    chosen: dict[str, str],
    notes: list[str],
    probability_unit: str | None,
    statuses: Mapping[str, str],
    date_format: str | None,
    decimal: str | None,
) -> Opportunities:
    """Read every cell of the columns used."""
    table, numbers, broken, library = rows
    system, n = SYSTEMS[source], table.num_rows
    faults = Faults(n)
    texts = {role: texts_of(table[column]) for role, column in chosen.items()}
    if "customer" in texts:
        texts["customer"] = [identity_text(customer) for customer in texts["customer"]]
    kinds: dict[str, Any] = {
        role: np.array(texts.get(role, [""] * n), dtype=object)
        for role in ("opportunity", "customer", "owner", "stage", "currency", "product", "kind")
    }
    amounts = {}
    for role in ("amount", "recurring", "rate"):
        amounts[role] = (
            amounts_of(table, chosen, role, texts, decimal, faults) if role in chosen else np.full(n, np.nan)
        )
    if system.micros:
        amounts["amount"] = amounts["amount"] / 1e6
        notes.append(f"{chosen['amount']!r} is in millionths; it was divided by 1,000,000")
    days = {}
    for role in ("created", "expected_close", "closed"):
        days[role] = (
            days_of(table, chosen, role, texts, date_format, faults)
            if role in chosen
            else np.full(n, np.datetime64("NaT", "D"))
        )
    stated = np.full(n, np.nan)
    if "probability" in chosen:
        stated = probabilities_of(table, chosen["probability"], texts["probability"], system, probability_unit, faults)
    status, why = statuses_of(n, texts, system, statuses, stated)
    notes += why
    estimate = np.where(status == "open", stated, np.nan)
    closed = days["closed"]
    if "closed" not in chosen:  # one date for both: expected while it is open, the day it was decided afterwards
        closed = np.where(status == "open", np.datetime64("NaT", "D"), days["expected_close"])
    telling = [texts[role] for role in _TELLING if role in chosen]
    empty = np.array([not any(cells) for cells in zip(*telling, strict=True)], dtype=bool)
    faults.add(empty, "", [""] * n, "the row has no opportunity, stage, amount or probability")
    if "opportunity" in chosen and is_identity(chosen["opportunity"]):
        notes += note_repeated(texts, chosen["opportunity"], numbers, faults)
    bad = np.array([bool(text) for text in faults.reason], dtype=bool)
    columns = {
        "row": numbers,
        **kinds,
        "status": status,
        "amount": amounts["amount"],
        **({"monthly_amount": amounts["recurring"]} if "recurring" in chosen else {}),
        **({"exchange_rate": amounts["rate"]} if "rate" in chosen else {}),
        "probability": estimate,
        "created": days["created"],
        "expected_close": days["expected_close"],
        "closed": closed,
    }
    taken = {name: np.asarray(values)[~bad] for name, values in columns.items()}
    out = np.flatnonzero(bad).tolist()
    rejected: dict[str, Any] = {
        "row": [int(numbers[k]) for k in out] + broken["row"],
        "column": [faults.column[k] for k in out] + broken["column"],
        "value": [faults.value[k] for k in out] + broken["value"],
        "reason": [faults.reason[k] for k in out] + broken["reason"],
    }
    return Opportunities(taken, rejected, source, chosen, notes, library)
