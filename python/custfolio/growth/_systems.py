# Column names of the common CRM systems, and the system of an export.
"""Names of columns by system, and the recognised columns of an export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from custfolio._reading.columns import folded_name, listed
from custfolio.errors import InputError

__all__ = ["LOST", "SYSTEMS", "WON", "System", "is_identity", "roles_of", "system_of"]


@dataclass(frozen=True)
class System:
    """Column names of one system, and their meaning."""

    names: Mapping[str, tuple[str, ...]]
    """Technical names and labels by role; the first one in the data is used."""
    weighted: tuple[str, ...] = ()
    """Columns with amount x probability."""
    marks: tuple[str, ...] = ()
    """Names that hardly any other system has; each counts double in the recognition."""
    unit: str = "percent"
    """The unit of a probability: "percent" or "fraction"."""
    micros: bool = False
    """Whether amounts are in millionths."""
    certain: bool = False
    """Whether a probability of exactly 0 or 100 means lost or won."""
    won: tuple[str, ...] = ()
    """Stages or statuses that mean won, besides the usual ones."""
    lost: tuple[str, ...] = ()
    """Stages or statuses that mean lost, besides the usual ones."""


SYSTEMS: Final[Mapping[str, System]] = {
    "Odoo": System(
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
    "Salesforce": System(
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
    "HubSpot": System(
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
    "ERPNext": System(
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
    "Frappe CRM": System(
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
    "SuiteCRM": System(
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
    "EspoCRM": System(
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
    "Twenty": System(
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
    "other": System(
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

_USUAL_DATES: Final[Mapping[str, tuple[str, ...]]] = {
    "closed": ("actualclosedate", "closeddate", "closedon", "closedat", "closetime", "dateclosed"),
    "expected_close": (
        "expectedclosuredate", "expectedclosedate", "expectedclosingdate", "expectedclosing", "expectedclose", "dealexpectedclosedate",
        "estimatedclosedate", "estimatedclose", "estclosedate", "estclose", "forecastclosedate", "forecastclose", "expectedrevenuedate",
        "datedeadline", "closingdate", "closedate", "verwachtesluitdatum", "verwachtesluitingsdatum", "verwachteafsluitdatum", "sluitdatum",
        "sluitingsdatum", "afsluitdatum", "datedeclotureprevue", "dateclotureprevue", "datedecloture", "voraussichtlichesabschlussdatum",
        "erwartetesabschlussdatum", "abschlussdatum",
    ),
}  # fmt: skip
"""Names of closing dates in any system, without spaces, accents and signs, the plainest first."""

ROLES: Final = (
    "opportunity", "customer", "owner", "stage", "status", "amount", "recurring", "probability", "expected_close", "closed", "created",
    "currency", "rate", "product", "kind", "is_closed", "is_won", "active",
)  # fmt: skip
WON: Final = {"won", "closedwon", "win", "gewonnen"}
LOST: Final = {"lost", "closedlost", "dead", "abandoned", "cancelled", "canceled", "verloren"}

_IDENTITIES: Final = {"id", "opportunity id", "opportunity_id", "hs_object_id", "record id", "deal_id"}


def _present(names: Sequence[str]) -> dict[str, str]:
    """Return the columns by their names as compared."""
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(_folded(name), name)
    return folded


def _folded(name: str) -> str:
    """Return a name as it is compared: without case, surrounding space and a trailing colon."""
    return name.strip().rstrip(":").strip().casefold()


def system_of(names: Sequence[str], source: str | None, columns: Mapping[str, str]) -> str:
    """Return the system with these column names."""
    if source is not None:
        known = {_folded(name): name for name in SYSTEMS}
        if _folded(source) not in known:
            raise InputError(f"source is {source!r}; it must be {', '.join(map(repr, SYSTEMS))}")
        return known[_folded(source)]
    present = _present(names)
    scores: dict[str, float] = {}
    for name, system in SYSTEMS.items():
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
    marked = any(_folded(each) in present for name in first for each in (*SYSTEMS[name].marks, *SYSTEMS[name].weighted))
    if not marked and _found("other", present) > max(_found(name, present) for name in first):
        return "other"  # usual words that no system claims, and more of them than any system has
    if len(first) > 1 and not _alike(present, first):
        raise InputError(
            f"the columns could be an export of {' or '.join(first)}, with different meanings of columns; pass source=. The columns "
            f"are: {listed(list(names))}"
        )
    return first[0]


def _found(name: str, present: Mapping[str, str]) -> int:
    """Return the number of roles of a system with a column."""
    return sum(any(_folded(each) in present for each in usual) for usual in SYSTEMS[name].names.values())


def is_identity(column: str) -> bool:
    """Whether the values of a column identify opportunities; several may share a name."""
    return _folded(column) in _IDENTITIES


def _alike(present: Mapping[str, str], systems: Sequence[str]) -> bool:
    """Whether several systems read the same columns in the same way."""

    def read(system: System) -> Any:
        roles = {
            role: next((present[_folded(each)] for each in usual if _folded(each) in present), None)
            for role, usual in system.names.items()
        }
        weighted = {_folded(each) for each in system.weighted if _folded(each) in present}
        columns = {role: column for role, column in roles.items() if column is not None}
        return columns, weighted, system.unit, system.micros, system.certain

    return all(read(SYSTEMS[name]) == read(SYSTEMS[systems[0]]) for name in systems[1:])


def roles_of(
    names: Sequence[str], source: str, system: System, columns: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Return the column of each role, and notes."""
    present = _present(names)
    weighted = {_folded(each): present[_folded(each)] for each in system.weighted if _folded(each) in present}
    whole = {_folded(each) for other in SYSTEMS.values() for each in other.names["amount"]}
    every = {_folded(each) for other in SYSTEMS.values() for each in other.weighted} - whole
    chosen = {}
    for role, usual in system.names.items():
        found = next((present[_folded(each)] for each in usual if _folded(each) in present), None)
        if found is not None:
            chosen[role] = found
    plain = {folded_name(name): name for name in names if name not in chosen.values()}
    for role, usual in _USUAL_DATES.items():
        other = next((plain.pop(each) for each in usual if each in plain), None)
        if other is not None:
            chosen.setdefault(role, other)
    for role, wanted in columns.items():
        if role not in ROLES:
            raise InputError(f"columns= names the role {role!r}; it must name one of {', '.join(ROLES)}")
        if _folded(wanted) not in present:
            raise InputError(f"no column {wanted!r} for {role}. The columns are: {listed(list(names))}")
        chosen[role] = present[_folded(wanted)]
    amount = chosen.get("amount")
    if amount is not None and (_folded(amount) in weighted or _folded(amount) in every):
        raise InputError(
            f"column {amount!r} is the amount multiplied by its probability already, and a budget would count the chance twice; "
            "name the whole amount with columns={'amount': ...}"
        )
    if amount is None:
        if weighted:
            raise InputError(
                f"the only amount is {next(iter(weighted.values()))!r}, which is weighted by its probability already; export the whole amount "
                f"too (in {source}: {system.names['amount'][0]!r})"
            )
        raise InputError(
            "no column is recognised as the amount; name it with columns={'amount': ...}. The columns are: "
            + listed(list(names))
        )
    if not {"stage", "status", "is_won", "probability"} & chosen.keys():
        raise InputError(
            "no column is recognised as stage, status or probability; name one with columns={'stage': ...}. The columns are: "
            + listed(list(names))
        )
    notes = [f"{column!r} is weighted by the probability already and was not used" for column in weighted.values()]
    return chosen, notes
