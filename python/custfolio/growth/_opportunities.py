# Opportunities from a CRM: which column means what in each system's export, and what each row says.
"""Read the sales pipeline of a CRM.

Every system has names of its own, and the traps lie in what they share: "Expected Revenue" is the whole amount in one system and the amount
times its probability in another; a probability counts to 100 or to 1; 0 and 100 may be a status, not an estimate. What was recognised is told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from custfolio import _checks
from custfolio._days import day_number
from custfolio._frames import eager, library_of
from custfolio._result import NamedColumns, Reasons
from custfolio.errors import InputError

if TYPE_CHECKING:
    from custfolio.growth._pipeline import OpportunityPlans

__all__ = ["Opportunities", "RejectedOpportunities", "read_opportunities"]


@dataclass(frozen=True)
class _System:
    """How one system names its columns, and what it means by them."""

    names: Mapping[str, tuple[str, ...]]
    """Technical names and labels by role; the first that the data has is taken."""
    weighted: tuple[str, ...] = ()
    """Columns that are amount x probability already."""
    marks: tuple[str, ...] = ()
    """Names that hardly any other system has; each counts double when the system is recognised."""
    unit: str = "percent"
    """What a probability is a number of: "percent" or "fraction"."""
    micros: bool = False
    """Whether amounts count millionths."""
    certain: bool = False
    """Whether a probability of exactly 0 or 100 says that it is lost or won."""
    won: tuple[str, ...] = ()
    """Stages or statuses that mean won, besides the usual ones."""
    lost: tuple[str, ...] = ()
    """Stages or statuses that mean lost, besides the usual ones."""


_SYSTEMS: Final[Mapping[str, _System]] = {
    "Odoo": _System(
        {
            "opportunity": ("name", "Opportunity"),
            "customer": ("partner_name", "partner_id", "Customer"),
            "owner": ("user_id", "Salesperson"),
            "stage": ("stage_id", "Stage"),
            "amount": ("expected_revenue", "Expected Revenue"),
            "recurring": ("recurring_revenue_monthly", "Expected MRR"),
            "probability": ("probability", "Probability"),
            "expected_close": ("date_deadline", "Expected Closing"),
            "closed": ("date_closed", "Closed Date"),
            "created": ("create_date", "Created on"),
            "currency": ("company_currency",),
            "active": ("active",),
            "kind": ("type",),
        },
        weighted=("prorated_revenue", "Prorated Revenue", "recurring_revenue_monthly_prorated"),
        marks=("prorated_revenue", "date_deadline", "expected_revenue", "stage_id", "Expected Closing", "Salesperson", "Expected MRR"),
        certain=True,
    ),
    "Salesforce": _System(
        {
            "opportunity": ("Id", "Opportunity ID", "Name", "Opportunity Name"),
            "customer": ("AccountName", "Account Name", "AccountId", "Account ID"),
            "owner": ("OwnerId", "Opportunity Owner", "Owner"),
            "stage": ("StageName", "Stage"),
            "amount": ("Amount",),
            "probability": ("Probability", "Probability (%)"),
            "expected_close": ("CloseDate", "Close Date"),
            "created": ("CreatedDate", "Created Date"),
            "currency": ("CurrencyIsoCode", "Amount Currency"),
            "is_closed": ("IsClosed", "Closed"),
            "is_won": ("IsWon", "Won"),
            "kind": ("Type",),
        },
        weighted=("ExpectedRevenue", "Expected Revenue", "Expected Amount", "Weighted Amount"),
        marks=("AccountId", "StageName", "IsWon", "CurrencyIsoCode", "ForecastCategory", "ForecastCategoryName", "LeadSource"),
    ),
    "HubSpot": _System(
        {
            "opportunity": ("hs_object_id", "Record ID", "dealname", "Deal Name"),
            "customer": ("associated_company", "Associated Company", "Associated Company (Primary)", "company"),
            "owner": ("hubspot_owner_id", "Deal owner"),
            "stage": ("dealstage", "Deal Stage"),
            "amount": ("amount", "Amount", "hs_forecast_amount"),
            "recurring": ("hs_mrr",),
            "probability": ("hs_deal_stage_probability", "Deal probability"),
            "expected_close": ("closedate", "Close Date"),
            "created": ("createdate", "Create Date"),
            "currency": ("deal_currency_code", "Currency"),
            "is_closed": ("hs_is_closed", "Is Closed"),
            "is_won": ("hs_is_closed_won", "Is Closed Won"),
            "kind": ("dealtype", "Deal Type"),
        },
        weighted=("hs_projected_amount", "Weighted amount", "Weighted amount in company currency"),
        marks=("hs_object_id", "dealname", "dealstage", "hubspot_owner_id", "hs_deal_stage_probability", "Deal Name", "Deal Stage", "Deal owner"),
        unit="fraction",
        won=("closedwon",),
        lost=("closedlost",),
    ),
    "ERPNext": _System(
        {
            "opportunity": ("name", "ID"),
            "customer": ("customer_name", "Customer Name", "party_name", "Party"),
            "owner": ("opportunity_owner", "Opportunity Owner"),
            "stage": ("sales_stage", "Sales Stage"),
            "status": ("status", "Status"),
            "amount": ("opportunity_amount", "Opportunity Amount"),
            "probability": ("probability", "Probability (%)", "Probability"),
            "expected_close": ("expected_closing", "Expected Closing Date", "Expected Closing"),
            "created": ("transaction_date", "Opportunity Date"),
            "currency": ("currency", "Currency"),
            "kind": ("opportunity_type", "Opportunity Type"),
        },
        marks=("opportunity_from", "party_name", "opportunity_amount", "expected_closing", "opportunity_owner", "transaction_date"),
        won=("converted",),
        lost=("closed",),
    ),
    "Frappe CRM": _System(
        {
            "opportunity": ("name", "Name"),
            "customer": ("organization", "Organization"),
            "owner": ("deal_owner", "Deal Owner"),
            "stage": ("status", "Status"),
            "amount": ("deal_value", "expected_deal_value", "Deal Value", "Expected Deal Value"),
            "probability": ("probability", "Probability"),
            "expected_close": ("expected_closure_date", "Expected Closure Date"),
            "closed": ("closed_date", "Closed Date"),
            "created": ("creation", "Creation"),
            "currency": ("currency", "Currency"),
            "rate": ("exchange_rate", "Exchange Rate"),
        },
        marks=("deal_value", "deal_owner", "expected_closure_date", "expected_deal_value", "organization"),
    ),
    "SuiteCRM": _System(
        {
            "opportunity": ("id", "name", "Opportunity Name"),
            "customer": ("account_name", "Account Name"),
            "owner": ("assigned_user_name", "Assigned to", "assigned_user_id"),
            "stage": ("sales_stage", "Sales Stage"),
            "amount": ("amount", "Opportunity Amount"),
            "probability": ("probability", "Probability (%)"),
            "expected_close": ("date_closed", "Expected Close Date"),
            "created": ("date_entered", "Date Created"),
            "currency": ("currency_id", "Currency"),
            "kind": ("opportunity_type", "Type"),
        },
        marks=("date_closed", "lead_source", "date_entered", "Expected Close Date"),
    ),
    "EspoCRM": _System(
        {
            "opportunity": ("id", "name", "Name"),
            "customer": ("accountName", "Account"),
            "owner": ("assignedUserName", "Assigned User"),
            "stage": ("stage", "Stage"),
            "amount": ("amount", "Amount"),
            "probability": ("probability", "Probability, %", "Probability (%)"),
            "expected_close": ("closeDate", "Close Date"),
            "created": ("createdAt", "Created At"),
            "currency": ("amountCurrency", "Amount Currency"),
        },
        weighted=("amountWeightedConverted", "Amount Weighted"),
        marks=("amountWeightedConverted", "accountName", "assignedUserName", "createdAt"),
    ),
    "Twenty": _System(
        {
            "opportunity": ("id", "name", "Name"),
            "customer": ("companyName", "companyId", "Company"),
            "owner": ("pointOfContactId", "owner", "ownerId"),
            "stage": ("stage", "Stage"),
            "amount": ("amountAmountMicros",),
            "expected_close": ("closeDate", "Close date"),
            "created": ("createdAt", "Creation date"),
            "currency": ("amountCurrencyCode",),
        },
        marks=("amountAmountMicros", "amountCurrencyCode"),
        micros=True,
        won=("customer",),
    ),
    "other": _System(
        {
            "opportunity": ("opportunity_id", "opportunity", "deal_id", "deal", "id", "name"),
            "customer": ("customer", "customer_id", "customer_name", "account", "account_name", "company", "client", "klant"),
            "owner": ("owner", "sales_agent", "salesperson", "account_manager", "sales_rep"),
            "stage": ("stage", "deal_stage", "sales_stage"),
            "status": ("status",),
            "amount": ("amount", "close_value", "value", "deal_value", "deal_amount", "bedrag"),
            "probability": ("probability", "chance", "win_probability", "kans"),
            "expected_close": ("expected_close", "expected_close_date", "expected_closing", "close_date"),
            "closed": ("closed", "closed_date", "closed_on"),
            "created": ("created", "created_date", "created_on", "engage_date"),
            "currency": ("currency", "currency_code"),
            "product": ("product", "product_name"),
        },
        weighted=("weighted", "weighted_amount", "weighted_value", "weighted_revenue", "expected_value"),
        unit="unknown",
    ),
}  # fmt: skip
"""Exports of the common systems."""

_ROLES: Final = (
    "opportunity", "customer", "owner", "stage", "status", "amount", "recurring", "probability", "expected_close", "closed", "created",
    "currency", "rate", "product", "kind", "is_closed", "is_won", "active",
)  # fmt: skip
_WON: Final = {"won", "closedwon", "win", "gewonnen"}
_LOST: Final = {"lost", "closedlost", "dead", "abandoned", "cancelled", "canceled", "verloren"}
_YES: Final = {"true", "1", "yes", "y", "t", "ja", "1.0"}
_NO: Final = {"false", "0", "no", "n", "f", "nee", "0.0", ""}


class RejectedOpportunities(Reasons):
    """Rows of a pipeline that are not taken, each with its reason; with the opportunities these are all rows read.

    ``plot`` draws their number by reason.
    """

    _heading = "Opportunities not taken"
    _things = "Rows"


class Opportunities(NamedColumns):
    """A sales pipeline: one row an opportunity, checked, with its status apart from its estimate. Made by :func:`read_opportunities`.

    ``plot`` draws how many opportunities are in each stage, by status.

    Attributes
    ----------
    source : str
        The system whose names were recognised; "other" where none was.
    recognised : dict of str to str
        The column that was taken for each role.
    notes : list of str
        How units and amounts were read, and columns that were left alone because they are weighted already.
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
        """Rows that are not taken, each with its reason."""
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

    def as_of(self, day: Any) -> Opportunities:
        """Return the pipeline as it stood at the beginning of a day.

        Parameters
        ----------
        day : str or date
            The day; what was closed on it or later was still open.

        Returns
        -------
        Opportunities
            Those created before the day. Those that were closed later are open again; the estimates, amounts and dates that an export tells after
            the fact are taken away from them, because nobody knew them.

        Raises
        ------
        InputError
            If no opportunity says when it was created.
        """
        cut = np.datetime64(day_number(day, "day"), "D")
        if np.isnat(self._entries["created"]).all():
            raise InputError(
                "no opportunity says when it was created, so that the pipeline of an earlier day is not known"
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

    def to_plans(
        self,
        start: Any,
        *,
        margin: Any,
        probability: Any = "stated",
        amount: Any = None,
        size: Any = None,
        months: int = 1,
        recurring_months: int = 0,
        slip: Any = 0,
        undated: Any = None,
        currency: str | None = None,
        exchange_rates: Mapping[str, float] | str | None = None,
        customer: str | None = None,
        hours: float = 0.0,
        incomplete: str = "error",
    ) -> OpportunityPlans:
        """Make a one-step action plan of every open opportunity, for :func:`custfolio.grow`.

        Settings that may differ are one value for all, or a table by a column: ``{"product": {"A": 0.3, "B": 0.2}}``.

        Parameters
        ----------
        start : str or date
            First month of the plans, "2022-01". What should have closed before and is still open is decided in the months that `slip` leaves, or
            in the first.
        margin : float or table
            Contribution as a share of the amount.
        probability : "stated", float, table or SuccessRates
            The chance that it is won: what the export says of each; a number or a table; or what :func:`success_rates` learned from closed
            opportunities by owner, product, stage or several of them (a group without history gets the mean).
        amount : float or table, optional
            Amount of those that have none, currency of the plans: the price of the product.
        size : mapping of float to float, or table of these, optional
            Chance of each factor of the amount, such as what closed deals brought over their price.
        months : int
            Months over which the amount comes in, evenly, from the month of close on; 1: one-off.
        recurring_months : int
            Months that monthly revenue (a column of its own in some systems) goes on; 0: to the end of the horizon.
        slip : int, mapping of int to float, or table of these
            Months from the expected close to the real one, or their chances: ``{0: 0.6, 1: 0.3, 2: 0.1}``; see :func:`slippage`.
        undated : int, mapping of int to float, or table of these, optional
            The same from the start, for those without a date of close.
        currency, exchange_rates : optional
            Code of the plans' currency, and what one unit of each other currency is worth in it; "export" takes the export's own rates.
        customer : str, optional
            Customer of opportunities that name none.
        hours : float
            Working hours that each takes.
        incomplete : {"error", "leave out"}
            What happens to one that lacks customer, chance, amount, date or margin; those left out are listed in ``plans.left_out``.

        Returns
        -------
        OpportunityPlans
            A sequence of :class:`ActionPlan` with a table of its own; ``len(plans) + len(plans.left_out)`` are all that are open. Plans
            carry the labels of the factors "owner" and "product" where the export names them, for ``correlation`` of :func:`grow`.

        Raises
        ------
        InputError
            If a setting is out of range, currencies are mixed without rates, or something lacks (the text names the row).
        """
        from custfolio.growth._pipeline import plans_of

        return plans_of(
            self,
            start,
            margin=margin,
            probability=probability,
            amount=amount,
            size=size,
            months=months,
            recurring_months=recurring_months,
            slip=slip,
            undated=undated,
            currency=currency,
            exchange_rates=exchange_rates,
            customer=customer,
            hours=hours,
            incomplete=incomplete,
        )

    def __getitem__(self, column: str) -> NDArray[Any]:
        """Return a column: amounts as float64 (NaN where not said), days as datetime64[D] (NaT), texts as objects ("")."""
        found: NDArray[Any] = super().__getitem__(column)
        return found

    def _facts(self) -> Mapping[str, Any]:
        status = self._entries["status"]
        return {
            "source": self.source,
            "open": int((status == "open").sum()),
            "won": int((status == "won").sum()),
            "lost": int((status == "lost").sum()),
            "rows not taken": len(self._left["row"]),
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


def read_opportunities(
    data: Any,
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
        Any frame, or CSV, Parquet or JSON files; one row an opportunity.
    source : str, optional
        The system that the export is from: "Odoo", "Salesforce", "HubSpot", "ERPNext", "Frappe CRM", "SuiteCRM", "EspoCRM", "Twenty" or
        "other". Recognised by the columns' names where it is not said, whatever their case and surrounding space.
    columns : mapping of role to column, optional
        Columns by name, over what is recognised; roles are those of `Opportunities.recognised`: opportunity, customer, owner, stage, status, amount,
        recurring (a month), probability, expected_close, closed, created, currency, rate, product, kind, is_closed, is_won, active.
    probability_unit : {"percent", "fraction"}, optional
        Whether probabilities count to 100 or to 1. The systems say it themselves; for "other" it is told by the values, and an error where they leave
        it open.
    statuses : mapping of str to {"open", "won", "lost"}, optional
        What a stage or status means, where its name does not say it.
    date_format : str, optional
        How text dates are written (``datetime.strptime``).
    decimal : {".", ","}, optional
        The decimal sign of text amounts.

    Returns
    -------
    Opportunities
        The rows taken and those not taken: a row whose amount, probability or date cannot be read is listed with its reason, never dropped.
        An amount or a date that is not there is no fault.

    Raises
    ------
    InputError
        If the data is no table of opportunities, the system could be any of several, a column can be read in two ways, or the only amount is one that
        has been multiplied by its probability already.
    """
    return opportunities_of(
        rows_of(data),
        source=source,
        columns=columns,
        probability_unit=probability_unit,
        statuses=statuses,
        date_format=date_format,
        decimal=decimal,
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


def opportunities_of(
    rows: Rows,
    *,
    source: str | None = None,
    columns: Mapping[str, str] | None = None,
    probability_unit: str | None = None,
    statuses: Mapping[str, str] | None = None,
    date_format: str | None = None,
    decimal: str | None = None,
) -> Opportunities:
    """Recognise the opportunities in rows that have been read; see :func:`read_opportunities`."""
    table, numbers, broken, library = rows
    names = [name for name in table.column_names if name != "cf_number"]
    if table.num_rows == 0 and not broken["row"]:
        raise InputError(f"the data has no rows, only column names: {_checks.listed(names)}")
    name = _system(names, source, columns or {})
    system = _SYSTEMS[name]
    chosen, notes = _roles(names, name, system, columns or {})
    return _read(
        table, numbers, broken, library, name, chosen, notes, probability_unit, statuses or {}, date_format, decimal
    )


def rows_of(data: Any) -> Rows:
    """Return the rows of a frame or of files."""
    nothing: dict[str, list[Any]] = {"row": [], "column": [], "value": [], "reason": []}
    if isinstance(data, (str, PathLike)) or (
        isinstance(data, Sequence) and data and all(isinstance(each, (str, PathLike)) for each in data)
    ):
        from importlib.util import find_spec

        from custfolio._readers import open_files

        opened = open_files(data)
        table = eager(opened.relation).to_arrow()
        number = np.asarray(_checks.one_array(table[opened.origin.row])).astype(np.int64)
        order = np.argsort(number, kind="stable") if opened.origin.file is None else np.arange(number.size)
        table = table.take(pa.array(order))
        own = [column for column in (opened.origin.row, opened.origin.file) if column is not None]
        found = opened.origin.broken or {}
        broken = {key: list(found.get(key, [])) for key in nothing}
        return Rows(table.drop_columns(own), number[order], broken, "pandas" if find_spec("pandas") else "pyarrow")
    library = library_of(data)
    try:
        table = eager(data).to_arrow()
    except (TypeError, ValueError) as error:
        raise InputError(f"the frame cannot be read: {str(error).splitlines()[0]}") from None
    return Rows(table, np.arange(1, table.num_rows + 1), nothing, library)


def _present(names: Sequence[str]) -> dict[str, str]:
    """Return the columns by the name under which they are compared."""
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(_folded(name), name)
    return folded


def _folded(name: str) -> str:
    """Return a name as it is compared: without case, surrounding space and a trailing colon."""
    return name.strip().rstrip(":").strip().casefold()


def _system(names: Sequence[str], source: str | None, columns: Mapping[str, str]) -> str:
    """Return the system that the columns' names belong to."""
    if source is not None:
        known = {_folded(name): name for name in _SYSTEMS}
        if _folded(source) not in known:
            raise InputError(f"source is {source!r}; it can be {', '.join(map(repr, _SYSTEMS))}")
        return known[_folded(source)]
    present = _present(names)
    scores: dict[str, float] = {}
    for name, system in _SYSTEMS.items():
        if name == "other":
            continue
        roles = [role for role, usual in system.names.items() if any(_folded(each) in present for each in usual)]
        marks = sum(_folded(each) in present for each in (*system.marks, *system.weighted))
        amount = "amount" in roles or "amount" in columns or any(_folded(each) in present for each in system.weighted)
        if amount and ("stage" in roles or "status" in roles) and len(roles) >= 4:
            scores[name] = len(roles) + marks + (0.5 if marks else 0.0)
    if not scores:
        return "other"
    best = max(scores.values())
    first = [name for name, score in scores.items() if score == best]
    if len(first) > 1 and not _alike(present, first):
        raise InputError(
            f"the columns could be an export of {' or '.join(first)}, which mean different things by them; say which with source=. The columns "
            f"are: {_checks.listed(list(names))}"
        )
    return first[0]


def _alike(present: Mapping[str, str], systems: Sequence[str]) -> bool:
    """Whether several systems read the same columns in the same way."""

    def read(system: _System) -> Any:
        roles = {
            role: next((present[_folded(each)] for each in usual if _folded(each) in present), None)
            for role, usual in system.names.items()
        }
        weighted = {_folded(each) for each in system.weighted if _folded(each) in present}
        found = {role: column for role, column in roles.items() if column is not None}
        return found, weighted, system.unit, system.micros, system.certain

    return all(read(_SYSTEMS[name]) == read(_SYSTEMS[systems[0]]) for name in systems[1:])


def _roles(
    names: Sequence[str], source: str, system: _System, columns: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Return the column of each role, and what was noticed."""
    present = _present(names)
    weighted = {_folded(each): present[_folded(each)] for each in system.weighted if _folded(each) in present}
    whole = {_folded(each) for other in _SYSTEMS.values() for each in other.names["amount"]}
    every = {_folded(each) for other in _SYSTEMS.values() for each in other.weighted} - whole
    chosen = {}
    for role, usual in system.names.items():
        found = next((present[_folded(each)] for each in usual if _folded(each) in present), None)
        if found is not None:
            chosen[role] = found
    for role, wanted in columns.items():
        if role not in _ROLES:
            raise InputError(f"columns= names the role {role!r}; it can name {', '.join(_ROLES)}")
        if _folded(wanted) not in present:
            raise InputError(f"no column {wanted!r} for {role}. The columns are: {_checks.listed(list(names))}")
        chosen[role] = present[_folded(wanted)]
    amount = chosen.get("amount")
    if amount is not None and (_folded(amount) in weighted or _folded(amount) in every):
        raise InputError(
            f"column {amount!r} is the amount multiplied by its probability already, so that a budget made from it would count the chance "
            "twice; name the whole amount with columns={'amount': ...}"
        )
    if amount is None:
        if weighted:
            raise InputError(
                f"the only amount is {next(iter(weighted.values()))!r}, which is multiplied by its probability already; export the whole amount "
                f"too (in {source}: {system.names['amount'][0]!r})"
            )
        raise InputError(
            "no column is recognised as the amount; name it with columns={'amount': ...}. The columns are: "
            + _checks.listed(list(names))
        )
    if not {"stage", "status", "is_won", "probability"} & chosen.keys():
        raise InputError(
            "no column is recognised as stage, status or probability; name one with columns={'stage': ...}. The columns are: "
            + _checks.listed(list(names))
        )
    notes = [f"{column!r} is weighted by the probability already and was not used" for column in weighted.values()]
    return chosen, notes


class _Faults:
    """The first fault of each row: its column, value and reason."""

    def __init__(self, rows: int) -> None:
        self.column: list[str] = [""] * rows
        self.value: list[str | None] = [None] * rows
        self.reason: list[str] = [""] * rows

    def add(self, at: NDArray[np.bool_], column: str, texts: Sequence[str | None], reason: Any) -> None:
        for k in np.flatnonzero(at).tolist():
            if not self.reason[k]:
                self.column[k], self.value[k] = column, texts[k]
                self.reason[k] = reason(k) if callable(reason) else reason


def _read(
    table: pa.Table,
    numbers: NDArray[np.int64],
    broken: dict[str, list[Any]],
    library: str,
    source: str,
    chosen: dict[str, str],
    notes: list[str],
    probability_unit: str | None,
    statuses: Mapping[str, str],
    date_format: str | None,
    decimal: str | None,
) -> Opportunities:
    """Read every cell of the columns used."""
    system, n = _SYSTEMS[source], table.num_rows
    faults = _Faults(n)
    texts = {role: _texts(table[column]) for role, column in chosen.items()}
    kinds: dict[str, Any] = {
        role: np.array(texts.get(role, [""] * n), dtype=object)
        for role in ("opportunity", "customer", "owner", "stage", "currency", "product", "kind")
    }
    amounts = {}
    for role in ("amount", "recurring", "rate"):
        amounts[role] = _amounts(table, chosen, role, texts, decimal, faults) if role in chosen else np.full(n, np.nan)
    if system.micros:
        amounts["amount"] = amounts["amount"] / 1e6
        notes.append(f"{chosen['amount']!r} counts millionths; it was divided by 1,000,000")
    days = {}
    for role in ("created", "expected_close", "closed"):
        days[role] = (
            _days(table, chosen, role, texts, date_format, faults)
            if role in chosen
            else np.full(n, np.datetime64("NaT", "D"))
        )
    said = np.full(n, np.nan)
    if "probability" in chosen:
        said = _probabilities(table, chosen["probability"], texts["probability"], system, probability_unit, faults)
    status, why = _statuses(n, texts, system, statuses, said)
    notes += why
    estimate = np.where(status == "open", said, np.nan)
    closed = days["closed"]
    if "closed" not in chosen:  # one date for both: expected while it is open, the day it was decided afterwards
        closed = np.where(status == "open", np.datetime64("NaT", "D"), days["expected_close"])
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


def _texts(column: pa.ChunkedArray) -> list[str]:
    """Return the cells of a column as people see them; "" where there is none."""
    shown = []
    for cell in column.to_pylist():
        if cell is None or cell != cell:
            shown.append("")
        elif isinstance(cell, float) and cell.is_integer():
            shown.append(str(int(cell)))
        else:
            shown.append(str(cell).strip())
    return shown


def _amounts(
    table: pa.Table,
    chosen: Mapping[str, str],
    role: str,
    texts: Mapping[str, list[str]],
    decimal: str | None,
    faults: _Faults,
) -> NDArray[np.float64]:
    """Read a column of amounts; one that is not there is NaN and no fault."""
    cells = _checks.one_array(table[chosen[role]])
    amounts, found = _checks.amounts_of(cells, role, chosen[role], _checks.Reading(decimal=decimal))
    if found is not None:
        wrong = (found != _checks.OK) & (found != _checks.MISSING)
        faults.add(wrong, chosen[role], texts[role], lambda k: _checks.reason(int(found[k]), role))
        amounts = np.where(found == _checks.OK, amounts, np.nan)
    below = np.nan_to_num(amounts) < 0
    faults.add(below, chosen[role], texts[role], f"{role} is negative; an opportunity brings revenue")
    return amounts


def _days(
    table: pa.Table,
    chosen: Mapping[str, str],
    role: str,
    texts: Mapping[str, list[str]],
    date_format: str | None,
    faults: _Faults,
) -> NDArray[Any]:
    """Read a column of dates; one that is not there is NaT and no fault."""
    cells = _checks.one_array(table[chosen[role]])
    days, found = _checks.days_of(cells, role, chosen[role], _checks.Reading(format=date_format))
    whole = days.astype("datetime64[D]")
    if found is not None:
        wrong = (found != _checks.OK) & (found != _checks.MISSING)
        faults.add(wrong, chosen[role], texts[role], lambda k: _checks.reason(int(found[k]), role))
        whole = np.where(found == _checks.OK, whole, np.datetime64("NaT", "D"))
    return whole


def _probabilities(
    table: pa.Table, column: str, texts: list[str], system: _System, unit: str | None, faults: _Faults
) -> NDArray[np.float64]:
    """Read the probabilities as fractions."""
    if unit not in (None, "percent", "fraction"):
        raise InputError(f"probability_unit is {unit!r}; it can be 'percent' or 'fraction'")
    signed = any(text.endswith("%") for text in texts)
    cells = pa.array([text.removesuffix("%").strip() or None for text in texts]) if signed else table[column]
    values, found = _checks.amounts_of(_checks.one_array(cells), "probability", column, _checks.Reading())
    if found is not None:
        wrong = (found != _checks.OK) & (found != _checks.MISSING)
        faults.add(wrong, column, texts, lambda k: _checks.reason(int(found[k]), "probability"))
        values = np.where(found == _checks.OK, values, np.nan)
    known = values[~np.isnan(values)]
    inside = bool(known.size) and bool(((known > 0) & (known < 1)).any())
    if unit is None:
        if signed:
            unit = "percent"
        elif system.unit == "fraction":
            unit = "fraction"
        elif system.unit == "percent":
            if inside and known.max() <= 1:
                raise InputError(
                    f"column {column!r} should count to 100, and its greatest value is {known.max():g}; say with "
                    "probability_unit='fraction' that it counts to 1, or with 'percent' that all are below 1 %"
                )
            unit = "percent"
        elif known.size == 0 or known.max() > 1:
            unit = "percent"
        elif inside:
            unit = "fraction"
        elif (known == 1).any():
            raise InputError(
                f"column {column!r} holds 0 and 1 only, which can be 1 % or certain; say which with probability_unit='percent' or 'fraction'"
            )
        else:
            unit = "fraction"
    top = 100.0 if unit == "percent" else 1.0
    outside = ~np.isnan(values) & ((values < 0) | (values > top))
    faults.add(outside, column, texts, f"probability is outside 0 to {top:g}")
    return np.where(outside, np.nan, values / top)


def _truth(text: str) -> bool | None:
    """Return what a cell of yes or no says; None where it says neither."""
    word = text.casefold()
    return True if word in _YES else False if word in _NO else None


def _statuses(
    n: int,
    texts: Mapping[str, list[str]],
    system: _System,
    statuses: Mapping[str, str],
    said: NDArray[np.float64],
) -> tuple[NDArray[Any], list[str]]:
    """Return the status of each row: what the user says of its stage, else the system's own flags, else the name of its stage."""
    for word, meaning in statuses.items():
        if meaning not in ("open", "won", "lost"):
            raise InputError(f"statuses= says {meaning!r} of {word!r}; it can say 'open', 'won' or 'lost'")
    own = {re.sub(r"[\s_\-]+", "", word.casefold()): meaning for word, meaning in statuses.items()}
    won, lost = _WON | set(system.won), _LOST | set(system.lost)
    status = np.full(n, "open", dtype=object)
    by_chance = 0
    for k in range(n):
        words = [re.sub(r"[\s_\-]+", "", texts[role][k].casefold()) for role in ("status", "stage") if role in texts]
        named = next((own[word] for word in words if word in own), None)
        is_won = _truth(texts["is_won"][k]) if "is_won" in texts else None
        is_closed = _truth(texts["is_closed"][k]) if "is_closed" in texts else None
        gone = "active" in texts and _truth(texts["active"][k]) is False and texts["active"][k] != ""
        if named is not None:
            status[k] = named
        elif is_won:
            status[k] = "won"
        elif is_closed:
            status[k] = "lost" if is_won is False else next(("won" for word in words if word in won), "lost")
        elif is_closed is False:
            status[k] = "open"
        elif any(word in won for word in words):
            status[k] = "won"
        elif any(word in lost for word in words):
            status[k] = "lost"
        elif system.certain and said[k] == 1:
            status[k], by_chance = "won", by_chance + 1
        elif (system.certain and said[k] == 0) or gone:
            status[k], by_chance = "lost", by_chance + 1
    notes = (
        [f"{by_chance:,} rows are won or lost by a probability of exactly 100 or 0, or by being archived"]
        if by_chance
        else []
    )
    return status, notes
