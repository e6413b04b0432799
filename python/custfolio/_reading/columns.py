# Which column of the data plays which role.
"""Recognise the columns of a ledger by their usual names, or use the names that the caller gives."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Final, Literal

from custfolio.errors import InputError

__all__ = ["Roles", "Usual", "found_column", "listed", "marks_type", "recognise", "role_of"]


class Usual(enum.Enum):
    """The choice of a column by its usual names."""

    NAMES = "usual names"

    def __repr__(self) -> str:
        return "usual names"


_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": (
        "customer", "customer_id", "customer_no", "customer_number", "customer_code", "client", "client_id", "account",
        "account_id", "partner_id", "commercial_partner_id", "accounting_customer_party", "klant", "klantnummer",
    ),
    "date": (
        "date", "day", "posting_date", "invoice_date", "issue_date", "order_date", "transaction_date", "delivery_date",
        "datum", "factuurdatum",
    ),
    "revenue": (
        "revenue", "net_revenue", "sales", "sale", "amount", "net_amount", "base_net_amount", "price_subtotal",
        "line_extension_amount", "CreditNoteLine/LineExtensionAmount", "credit_amount", "turnover", "omzet",
    ),
    "price": ("unit_price", "price", "price_amount"),
    "cost": ("cost", "cost_of_goods", "cost_of_goods_sold", "cogs", "buying_amount"),
    "quantity": ("quantity", "qty", "units", "invoiced_quantity", "credited_quantity", "aantal"),
    "document": (
        "document", "document_no", "document_number", "document_id", "invoice", "invoice_no", "invoice_number", "invoice_id",
        "move_id", "factuur", "factuurnummer",
    ),
    "lines": ("lines", "line_count", "number_of_lines"),
    "name": ("customer_name", "client_name", "account_name", "klantnaam", "name"),
}  # fmt: skip
"""Usual column names by role: technical names and labels of the common sources, compared without case, space, - and _."""

_CREDITED: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "revenue": {"creditamount": ("debitamount",), "lineextensionamount": ("creditnoteline/lineextensionamount",)},
    "quantity": {"invoicedquantity": ("creditedquantity",)},
}
"""By role and its column: the column with the amounts that lower it, in the tax audit files SAF-T and in UBL."""

_CREDIT_NOTE: Final = (
    "invoicetype", "invoicetypecode", "creditnotetypecode", "creditnoteline", "creditedquantity",
    "creditnoteline/lineextensionamount",
)  # fmt: skip
"""Columns that mark the rows of a credit note: by a code of its type, or by a cell that only a credit note has."""

_SHOWN = 20
"""Column names that an error message lists at most."""


def _folded(name: str) -> str:
    """Return a column name as it is compared: without case, space, trailing colon, separators and UBL's path."""
    bare = re.sub(r"[\s_\-]+", "", name.strip().rstrip(":").casefold())
    return re.sub(
        r"\b(?:cbc|cac):|\binvoiceline/|\bcreditnoteline/(?=creditedquantity)|\bprice/(?=priceamount)", "", bare
    )


_ROLE_OF: Final = {_folded(name): role for role, names in _NAMES.items() for name in names}


def role_of(name: str) -> str | None:
    """Return the role that a column of this name usually has."""
    return _ROLE_OF.get(_folded(name))


@dataclass(frozen=True)
class Roles:
    """The column of each role; None where a role is not filled."""

    customer: str
    date: str
    revenue: str | None
    price: str | None
    """Unit price, in place of an amount: revenue is then quantity x price, row by row."""
    cost: str | None
    quantity: str | None
    document: str | None
    lines: str | None
    name: str | None
    drivers: Mapping[str, str] = field(default_factory=dict)
    delivery_drivers: Mapping[str, str] = field(default_factory=dict)
    """Columns of drivers of the document, which each of its rows repeats."""
    dimensions: Mapping[str, str] = field(default_factory=dict)
    """Columns that group rows: item, family, ship_to, group, manager."""
    keeps_uncosted: bool = True
    """Whether a row without a cost is accepted."""
    guessed: frozenset[str] = frozenset()
    """Roles whose column was recognised by its name."""
    credited: Mapping[str, str] = field(default_factory=dict)
    """Columns of the amounts that lower revenue and quantity, by role."""
    credit_note: tuple[str, ...] = ()
    """Columns whose cells say that a row is of a credit note."""
    refunded: str | None = None
    """Amount that was paid back, of either sign; it lowers revenue."""
    tax: str | None = None
    """Tax that is part of the amount, with the sign of the amount; it lowers revenue."""
    status: str | None = None
    """Status of the row; a row that failed or was cancelled is no sale."""

    def amounts(self) -> dict[str, str]:
        """Return the columns of numbers, by role, in the order in which they are checked."""
        fixed = {role: getattr(self, role) for role in ("revenue", "price", "cost", "quantity", "lines")}
        named = {role: column for role, column in fixed.items() if column is not None}
        named |= {f"credited {role}": column for role, column in self.credited.items()}
        named |= {role: column for role in ("refunded", "tax") if (column := getattr(self, role)) is not None}
        named |= {f"driver {driver}": column for driver, column in self.drivers.items()}
        return named | {f"delivery driver {driver}": column for driver, column in self.delivery_drivers.items()}

    def lowered(self) -> list[tuple[str, str]]:
        """Return the pairs of a role and the role of the amounts that lower it, in the order of the subtractions."""
        return [(role, f"credited {role}") for role in self.credited] + [
            ("revenue", role) for role in ("refunded", "tax") if getattr(self, role) is not None
        ]

    def optional(self) -> dict[str, str]:
        """Return the columns whose gaps cost no row, by role."""
        fixed: tuple[str, ...] = ("lines", "document") if self.price is not None else ("quantity", "lines", "document")
        if self.keeps_uncosted:
            fixed = ("cost", *fixed)
        further = ("driver ", "delivery driver ")
        return {role: name for role, name in self.all().items() if role in fixed or role.startswith(further)}

    def without(self, role: str) -> Roles:
        """Return the roles without the column of one."""
        credited = {other: name for other, name in self.credited.items() if other != role}
        return replace(self, credited=credited, **{role: None})  # type: ignore[arg-type]

    def credit_notes(self) -> dict[str, str]:
        """Return the columns that mark credit notes, by role."""
        return {"credit note" if k == 1 else f"credit note {k}": name for k, name in enumerate(self.credit_note, 1)}

    def all(self) -> dict[str, str]:
        """Return every column used, by role."""
        first = {"customer": self.customer, "date": self.date}
        last = {"document": self.document, "name": self.name, **self.dimensions, "status": self.status}
        last |= self.credit_notes()
        return first | self.amounts() | {role: column for role, column in last.items() if column is not None}


def listed(columns: Sequence[str]) -> str:
    """Return column names as a message shows them."""
    shown = ", ".join(repr(name if len(name) <= 60 else name[:59] + "…") for name in columns[:_SHOWN])
    return shown + (f", ... ({len(columns):,} columns)" if len(columns) > _SHOWN else "")


def marks_type(column: str) -> bool:
    """Whether a column of credit notes has codes of their type; otherwise only a credit note has a cell in it."""
    return _folded(column) in ("invoicetype", "invoicetypecode", "creditnotetypecode")


def found_column(role: str, wanted: str, columns: Sequence[str]) -> str:
    """Return the column that the caller named for a role, or raise."""
    if wanted in columns:
        return wanted
    same = [name for name in columns if _folded(name) == _folded(wanted)]
    if len(same) == 1:
        return same[0]
    folded = {name.casefold(): name for name in columns}
    close = [folded[match] for match in get_close_matches(wanted.casefold(), list(folded), n=3, cutoff=0.6)]
    hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
    raise InputError(f"no column {wanted!r} for {role}{hint}; the columns are {listed(columns)}")


def recognise(
    columns: Sequence[str],
    given: Mapping[str, str | Literal[False] | Usual | None],
    drivers: Mapping[str, str] | None = None,
    delivery_drivers: Mapping[str, str] | None = None,
) -> Roles:
    """Find the column of each role.

    Parameters
    ----------
    columns : sequence of str
        The columns of the data.
    given : mapping of role to column name, False, None or Usual.NAMES
        The caller's choice: a column, None or False (no column for the role), or Usual.NAMES (recognise it by its name). A
        customer, a date and an amount are necessary: None recognises them, too.
    drivers : mapping of driver to column name, optional
        Further drivers.
    delivery_drivers : mapping of driver to column name, optional
        Drivers of the document, which each of its rows repeats.

    Returns
    -------
    Roles
        The column of each role.

    Raises
    ------
    InputError
        If a column named is not there, a necessary one is not recognised, or two could be meant.
    """
    names = list(columns)
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1}) if len(names) < 2_000 else []
        raise InputError(f"column names must differ; found twice: {listed(twice) or 'some names'}")
    if not names:
        raise InputError("the data has no columns; at least a customer, a date and an amount are needed")
    chosen: dict[str, str | None] = {}
    for role, wanted in given.items():
        if wanted is False or wanted is None or wanted is Usual.NAMES:
            chosen[role] = None
        elif isinstance(wanted, str):
            chosen[role] = found_column(role, wanted, names)
        else:
            raise InputError(f"{role}= must be the name of a column, not {type(wanted).__name__}")
    if chosen.get("price") is not None and chosen.get("revenue") is not None:
        raise InputError("revenue= and price= are both given; revenue is the amount of a row, or quantity x price")
    extra: dict[str, str] = {}
    further = [*(drivers or {}).items(), *(delivery_drivers or {}).items()]
    for driver, column in further:
        if driver in extra:
            raise InputError(f"driver {driver!r} is in drivers= and in delivery_drivers=; name it in one of them")
        if driver in ("deliveries", "lines", "quantity", "returns", "returned_quantity"):
            raise InputError(
                f"driver {driver!r} is a usual driver of every ledger; give the further driver another name"
            )
        extra[str(driver)] = found_column(f"driver {driver}", column, names)
    # A longer name is plainer; in Odoo's exports "name" is the text of the line.
    lines_have_names = any(
        _folded(name) in ("moveid", "movetype", "partnerid", "commercialpartnerid") for name in names
    )
    taken = {name for name in (*chosen.values(), *extra.values()) if name is not None}
    usual: dict[str, list[str]] = {}
    for name in names:
        usually = role_of(name)
        if usually is not None and name not in taken:
            usual.setdefault(usually, []).append(name)

    def recognised(role: str) -> str | None:
        candidates = usual.get(role, [])
        if role == "name" and (len(candidates) > 1 or lines_have_names):
            candidates = [name for name in candidates if _folded(name) != "name"]
        if len(candidates) > 1:
            partners = {name for each in _CREDITED.get(role, {}).values() for name in each}
            candidates = [name for name in candidates if _folded(name) not in partners] or candidates
        if len(candidates) > 1:
            leave = "" if role in ("customer", "date", "revenue") else f", or {role}=False to leave it out"
            raise InputError(f"{role} could be any of {listed(candidates)}; pass {role}=...{leave}")
        return candidates[0] if candidates else None

    guessed = set()
    for role in ("customer", "date", "revenue", "cost", "quantity", "document", "lines", "name"):
        wanted = given.get(role, Usual.NAMES)
        if wanted is Usual.NAMES or (wanted is None and role in ("customer", "date", "revenue")):
            chosen[role] = recognised(role)
            guessed.add(role)
    if chosen.get("price") is not None:
        chosen["revenue"] = None
        guessed.discard("revenue")
        if chosen["quantity"] is None:
            raise InputError("price= needs the quantity of each row; name its column: quantity=...")
    else:
        chosen["price"] = recognised("price") if chosen["revenue"] is None and chosen["quantity"] is not None else None
    missing = [role for role in ("customer", "date") if chosen[role] is None]
    if chosen["revenue"] is None and chosen["price"] is None:
        missing.append("revenue")
    if missing:
        likely = {
            role: get_close_matches(role, [name.casefold() for name in names], n=2, cutoff=0.6) for role in missing
        }
        hints = [f"{match!r} for {role}" for role, matches in likely.items() for match in matches]
        raise InputError(
            f"no column is recognised as {' or '.join(missing)}; name it: "
            + ", ".join(f"{role}=..." for role in missing)
            + (f" (perhaps {', '.join(hints)})" if hints else "")
            + f". The columns are: {listed(names)}"
        )
    totals = _folded(chosen["revenue"] or "") == "pricesubtotal" and "revenue" in guessed
    if totals and any(_folded(name) == "movetype" for name in names):
        raise InputError(
            "price_subtotal counts refunds (move_type out_refund) as positive; make them negative, then pass "
            "revenue='price_subtotal'"
        )
    taken = {name for name in (*chosen.values(), *extra.values()) if name is not None}
    credited = {
        role: name
        for role, partners in _CREDITED.items()
        for name in names
        if name not in taken and _folded(name) in partners.get(_folded(chosen[role] or ""), ())
    }
    credit_note = tuple(name for name in names if _folded(name) in _CREDIT_NOTE)
    of_documents = {driver: extra.pop(driver) for driver in map(str, delivery_drivers or {})}
    return Roles(
        drivers=extra,
        delivery_drivers=of_documents,
        guessed=frozenset(guessed),
        credited=credited,
        credit_note=credit_note,
        **chosen,  # type: ignore[arg-type]
    )
