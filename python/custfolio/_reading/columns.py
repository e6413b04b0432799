# Which column of the data plays which role.
"""Recognise the columns of a ledger by their usual names, or use the names that the caller gives."""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Final, Literal

from custfolio._reading.cells import NO_VALUE
from custfolio._reading.currencies import CODES, currency_code
from custfolio._reading.usual_names import CREDIT_KINDS, LIKELY_WORDS, SALE_KINDS, USUAL_NAMES, WITH_VAT, WITHOUT_VAT
from custfolio._tables.frames import customer_column
from custfolio.errors import InputError

__all__ = [
    "Roles",
    "Usual",
    "beside_customer",
    "folded_name",
    "found_column",
    "kind_of",
    "likely_role",
    "listed",
    "marks_type",
    "names_many_things",
    "recognise",
    "require_currency",
    "require_own_name",
    "require_text_names",
    "role_of",
    "usual_column",
    "usual_currency",
]


class Usual(enum.Enum):
    """The choice of a column by its usual names."""

    NAMES = "usual names"

    def __repr__(self) -> str:
        return "usual names"


_CREDITED: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "revenue": {"creditamount": ("debitamount",), "lineextensionamount": ("creditnotelinelineextensionamount",)},
    "quantity": {"invoicedquantity": ("creditedquantity",)},
}
"""By role and its column: the column with the amounts that lower it, in the tax audit files SAF-T and in UBL."""

_CREDIT_NOTE: Final = (
    "invoicetype", "invoicetypecode", "creditnotetypecode", "creditnoteline", "creditedquantity",
    "creditnotelinelineextensionamount",
)  # fmt: skip
"""Columns that mark the rows of a credit note: by a code of its type, or by a cell that only a credit note has."""

NAME_GROUP: Final = 2
"""The group of customers' names among the names of the customer."""
WITH_VAT_GROUP: Final = 3
"""The group of amounts with value-added tax among the names of the amount."""

_TAX_WORDS: Final = {
    **dict.fromkeys(("revenue", "price"), ((WITHOUT_VAT, 0), (WITH_VAT, WITH_VAT_GROUP))),
    "unit_cost": ((WITHOUT_VAT, 0),),
}
"""By role: words about value-added tax that its names may have, and the group of such names."""

_CURRENCY: Final = re.compile(r"[\s(\[]+(?:in\s+)?([A-Za-z]{3})\s*[)\]]?$")
_CURRENCY_LONGEST: Final = 12
"""Signs at the end of a name in which a currency is looked for."""
_CODES: Final = frozenset(CODES.split())
"""Currencies behind the name of a column: Amount (EUR), Betrag in EUR."""

_UBL_PATH: Final = re.compile(
    r"\b(?:cbc|cac):|\binvoiceline/|\bcreditnoteline/(?=(?:cbc:)?creditedquantity)|\bprice/(?=(?:cbc:)?priceamount)"
)

_LONGEST: Final = 200
"""Signs that a usual name has at most; a longer cell is no name."""

_CURRENCY_NAMES: Final = (
    "currency", "currencycode", "documentcurrency", "documentcurrencycode", "transactioncurrency", "valuta", "valutacode", "devise",
    "monnaie", "wahrung", "waehrung",
)  # fmt: skip
"""Folded names of a column with the currency of each row."""

_SHOWN = 20
"""Column names that an error message lists at most."""


def folded_name(name: str) -> str:
    """Return a column name as it is compared: without case, accents, punctuation, a currency behind it, and UBL's path."""
    bare = name.strip()
    currency = _CURRENCY.search(bare, max(0, len(bare) - _CURRENCY_LONGEST))
    if currency is not None and currency[1].upper() in _CODES:
        bare = bare[: currency.start()]
    bare = bare.casefold()
    if ":" in bare or "/" in bare:
        bare = _UBL_PATH.sub("", bare)
    if not bare.isascii():
        bare = unicodedata.normalize("NFKD", bare)
    return "".join(filter(str.isalnum, bare))


def _spellings(name: str) -> set[str]:
    """Return the folded forms of a name: ä, ö and ü are also written as ae, oe and ue."""
    return {
        folded_name(name),
        folded_name(name.translate({ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("Ö"): "Oe"})),
    }


def _groups_of(role: str) -> dict[str, int]:
    """Return the group of each folded name of a role, from 0; an earlier one is preferred."""
    groups: dict[str, int] = {}
    for k, names in enumerate(USUAL_NAMES[role]):
        for name in names:
            for form in _spellings(name):
                groups.setdefault(form, k)
    plain = list(groups)
    for words, group in _TAX_WORDS.get(role, ()):
        for word in map(folded_name, words):
            for form in plain:
                groups.setdefault(word + form, group)
                groups.setdefault(form + word, group)
    return groups


_GROUP_OF: Final = {role: _groups_of(role) for role in USUAL_NAMES}
"""By role and folded name: the group of the name."""
_ROLE_OF: Final = {form: role for role in reversed([*USUAL_NAMES]) for form in _GROUP_OF[role]}


_KINDS: Final = {
    form: credit
    for credit, kinds in ((False, SALE_KINDS), (True, CREDIT_KINDS))
    for kind in kinds
    for form in _spellings(kind)
}
"""By folded kind of a document: whether it is a credit note."""


_LIKELY: Final = {role: [form for word in words for form in _spellings(word)] for role, words in LIKELY_WORDS.items()}
"""By role: folded words in the names of its columns."""


def kind_of(text: str) -> bool | None:
    """Return whether a kind of document is a credit note; None where the kind is unknown."""
    return None if len(text) > _LONGEST else _KINDS.get(folded_name(text))


def likely_role(column: str) -> str | None:
    """Return the role that a column which is not used likely has, by a word in its name; None where there is none."""
    folded = "" if len(column) > _LONGEST else folded_name(column)
    return next((role for role, words in _LIKELY.items() if any(word in folded for word in words)), None)


def names_many_things(column: str) -> bool:
    """Whether the name of a column of kinds is common for other columns, too, as Type is."""
    return _GROUP_OF["kind"].get(folded_name(column)) == 1


def role_of(name: str) -> str | None:
    """Return the role that a column of this name usually has."""
    return None if len(name) > _LONGEST else _ROLE_OF.get(folded_name(name))


@dataclass(frozen=True)
class Roles:
    """The column of each role; None where a role is not filled."""

    customer: str
    date: str
    revenue: str | None
    price: str | None
    """Unit price, in place of an amount: revenue is then quantity x price, row by row."""
    cost: str | None
    unit_cost: str | None
    """Cost of a unit, in place of the cost of the row, which is then quantity x unit cost: below 0 if the quantity or the revenue is."""
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
    """Columns whose cells mark the rows of credit notes."""
    refunded: str | None = None
    """Amount that was paid back, of either sign; it lowers revenue."""
    tax: str | None = None
    """Tax that is part of the amount, with the sign of the amount; it lowers revenue."""
    status: str | None = None
    """Status of the row; a row that failed or was cancelled is no sale."""
    kind: str | None = None
    """Kind of the document; a credit note lowers revenue, quantity and cost."""
    credit_kinds: tuple[str, ...] = ()
    """The cells of that column, without space around and in lower case, that are credit notes."""
    notes: tuple[str, ...] = ()
    """What the choice by usual names assumed, as sentences."""

    def amounts(self) -> dict[str, str]:
        """Return the columns of numbers, by role, in the order in which they are checked."""
        fixed = {role: getattr(self, role) for role in ("revenue", "price", "cost", "unit_cost", "quantity", "lines")}
        named = {role: column for role, column in fixed.items() if column is not None}
        named |= {f"credited {role}": column for role, column in self.credited.items()}
        named |= {role: column for role in ("refunded", "tax") if (column := getattr(self, role)) is not None}
        named |= {f"driver {driver}": column for driver, column in self.drivers.items()}
        return named | {f"delivery driver {driver}": column for driver, column in self.delivery_drivers.items()}

    def products(self) -> dict[str, str]:
        """Return the amounts that are the quantity times a column, as a message shows them, by role."""
        factors = {"revenue": self.price, "cost": self.unit_cost}
        return {role: f"{self.quantity} x {factor}" for role, factor in factors.items() if factor is not None}

    def lowered(self) -> list[tuple[str, str]]:
        """Return the pairs of a role and the role of the amounts that lower it, in the order of the subtractions."""
        return [(role, f"credited {role}") for role in self.credited] + [
            ("revenue", role) for role in ("refunded", "tax") if getattr(self, role) is not None
        ]

    def optional(self) -> dict[str, str]:
        """Return the columns whose gaps cost no row, by role."""
        fixed = {"cost", "quantity", "lines", "document"}
        if not self.keeps_uncosted:
            fixed.remove("cost")
        if self.price is not None or (self.unit_cost is not None and not self.keeps_uncosted):
            fixed.remove("quantity")
        further = ("driver ", "delivery driver ")
        columns = self.products() | self.all()
        return {role: name for role, name in columns.items() if role in fixed or role.startswith(further)}

    def without(self, role: str) -> Roles:
        """Return the roles without the column of one."""
        credited = {other: name for other, name in self.credited.items() if other != role}
        roles = (role, "unit_cost") if role == "cost" else (role,)
        return replace(self, credited=credited, **dict.fromkeys(roles))  # type: ignore[arg-type]

    def credit_notes(self) -> dict[str, str]:
        """Return the columns that mark credit notes, by role."""
        columns = {"credit note" if k == 1 else f"credit note {k}": name for k, name in enumerate(self.credit_note, 1)}
        return columns if self.kind is None else columns | {"kind": self.kind}

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
    return folded_name(column) in ("invoicetype", "invoicetypecode", "creditnotetypecode")


def found_column(role: str, wanted: str, columns: Sequence[str]) -> str:
    """Return the column that the caller named for a role, or raise."""
    if wanted in columns:
        return wanted
    same = [name for name in columns if folded_name(name) == folded_name(wanted)]
    if len(same) == 1:
        return same[0]
    folded = {name.casefold(): name for name in columns}
    close = [folded[match] for match in get_close_matches(wanted.casefold(), list(folded), n=3, cutoff=0.6)]
    hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
    raise InputError(f"no column {wanted!r} for {role}{hint}; the columns are {listed(columns)}")


def usual_column(role: str, columns: Sequence[str]) -> str | None:
    """Return the column of a table beside the ledger with the best usual name of a role; None where there is none.

    A name of the customer is no id. InputError where two columns have equally good names.
    """
    group_of = _GROUP_OF[role]
    candidates = [
        (group_of[folded_name(name)], name)
        for name in columns
        if len(name) <= _LONGEST and folded_name(name) in group_of
    ]
    if role == "customer":
        candidates = [(group, name) for group, name in candidates if group != NAME_GROUP]
    best = [name for group, name in candidates if group == min(candidates)[0]]
    if len(best) > 1:
        raise InputError(f"{role} could be any of {listed(best)}; keep one of these columns")
    return best[0] if best else None


def require_text_names(columns: Sequence[object]) -> None:
    """Raise an InputError if the name of a column is no text."""
    other = next((name for name in columns if not isinstance(name, str)), None)
    if other is not None:
        raise InputError(
            f"column names must be text; found {other!r}: name the columns, such as customer, date, revenue"
        )


def beside_customer(columns: Sequence[str]) -> str:
    """Return the column of the customers of a table beside the ledger: customer_id, else customer, else by a usual name."""
    require_text_names(columns)
    plain = customer_column(columns)
    return plain if plain in columns else usual_column("customer", columns) or plain


_STATED: Final = frozenset(
    {
        *("customer_id", "name", "customers", "segment", "month", "item", "family", "ship_to", "group", "manager"),
        *("revenue", "level", "goods", "cost_to_serve", "credit_cost", "contribution", "heat", "temperature"),
        *(
            "avoidable_cost",
            "avoidable_contribution",
            "dso",
            "days_late",
            "first_day",
            "last_day",
            "latitude",
            "longitude",
        ),
    }
)
"""Columns of a statement or its groups that no driver may overwrite."""


def require_own_name(driver: str, where: str) -> None:
    """Raise an InputError if a further driver has the name of a column of the statement."""
    if driver in _STATED or driver.startswith(("cost of ", "minutes_freed of ")):
        raise InputError(f"{where}: driver {driver!r} has the name of a column of the statement; give it another name")


def require_currency(
    names: Sequence[str], cells: Callable[[str], Sequence[object]], currency: str | None, where: str
) -> None:
    """Raise an InputError if a table beside the ledger has amounts in another currency than the statement.

    Parameters
    ----------
    names : sequence of str
        The columns of the table.
    cells : callable
        Returns the distinct cells of a column.
    currency : str or None
        The currency of the statement.
    where : str
        The table, for messages.
    """
    column = usual_currency(names, None)
    if column is None:
        return
    texts = [str(cell) for cell in cells(column) if cell is not None]
    units = sorted({currency_code(text) for text in texts if text.strip().lower() not in NO_VALUE})
    first_currency = currency or next(iter(units), None)
    other = next((unit for unit in units if unit != first_currency), None)
    if other is not None:
        raise InputError(
            f"{where}: column {column!r} has amounts in {other}, the others are in {first_currency}; convert them to {first_currency} first"
        )


def usual_currency(columns: Sequence[str], revenue: str | None) -> str | None:
    """Return the column with the currency of each row; None where there is none, or the amount is in local currency."""
    if "lcy" in folded_name(revenue or ""):
        return None
    currency_columns = [name for name in columns if folded_name(name) in _CURRENCY_NAMES]
    return currency_columns[0] if len(currency_columns) == 1 else None


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
    if chosen.get("unit_cost") is not None:
        if chosen.get("cost") is not None:
            raise InputError("cost= and unit_cost= are both given; cost is the cost of a row, or quantity x unit cost")
        given = {**given, "cost": None}
    extra: dict[str, str] = {}
    further = [*(drivers or {}).items(), *(delivery_drivers or {}).items()]
    for driver, column in further:
        if driver in extra:
            raise InputError(f"driver {driver!r} is in drivers= and in delivery_drivers=; name it in one of them")
        if driver in ("deliveries", "lines", "quantity", "returns", "returned_quantity"):
            raise InputError(
                f"driver {driver!r} is a usual driver of every ledger; give the further driver another name"
            )
        require_own_name(str(driver), "the ledger")
        extra[str(driver)] = found_column(f"driver {driver}", column, names)
    # A longer name is plainer; in Odoo's exports "name" is the text of the line.
    lines_have_names = any(
        folded_name(name) in ("moveid", "movetype", "partnerid", "commercialpartnerid") for name in names
    )
    taken = {name for name in (*chosen.values(), *extra.values()) if name is not None}
    folded_names = {name: folded_name(name) for name in names}

    def recognised(role: str) -> str | None:
        groups = [(_GROUP_OF[role].get(folded), name) for name, folded in folded_names.items() if name not in taken]
        named = [(group, name) for group, name in groups if group is not None]
        best = min((group for group, _ in named), default=0)
        candidates = [name for group, name in named if group == best]
        if role == "name" and lines_have_names:
            candidates = [name for name in candidates if folded_names[name] != "name"]
        if len(candidates) > 1:
            partners = {name for each in _CREDITED.get(role, {}).values() for name in each}
            candidates = [name for name in candidates if folded_names[name] not in partners] or candidates
        if len(candidates) > 1 and role != "kind":
            leave = "" if role in ("customer", "date", "revenue") else f", or {role}=False to leave it out"
            raise InputError(f"{role} could be any of {listed(candidates)}; pass {role}=...{leave}")
        if not candidates:
            return None
        taken.add(candidates[0])
        notes.extend(_assumed(role, candidates[0], best, [name for group, name in named if group != best]))
        return candidates[0]

    notes: list[str] = []
    guessed = set()
    for role in ("customer", "date", "revenue", "cost", "quantity", "document", "lines", "name", "kind"):
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
        by_price = chosen["revenue"] is None and chosen["quantity"] is not None
        chosen["price"] = recognised("price") if by_price else None
    if chosen.setdefault("unit_cost", None) is not None and chosen["quantity"] is None:
        raise InputError("unit_cost= needs the quantity of each row; name its column: quantity=...")
    if "cost" in guessed and given.get("unit_cost", Usual.NAMES) is Usual.NAMES:
        if chosen["cost"] is None and chosen["quantity"] is not None:
            chosen["unit_cost"] = recognised("unit_cost")
        else:
            units = [name for name in names if name not in taken and folded_names[name] in _GROUP_OF["unit_cost"]]
            notes.extend(_unused(units, chosen["cost"]))
    missing = [role for role in ("customer", "date") if chosen[role] is None]
    if chosen["revenue"] is None and chosen["price"] is None:
        missing.append("revenue")
    if missing:
        numbers = sum(not any(map(str.isalpha, name)) for name in names)
        hints = [f"{name!r} for {role}" for role in missing for name in _likely(role, folded_names)]
        raise InputError(
            f"no column is recognised as {' or '.join(missing)}; name it: "
            + ", ".join(f"{role}=..." for role in missing)
            + (f" (perhaps {', '.join(hints)})" if hints else "")
            + f". The columns are: {listed(names)}"
            + ("; cells must be separated by a comma, semicolon, tab, bar or spaces" if len(names) == 1 else "")
            + ("; put a line with names above the data, if these are data" if numbers > 1 else "")
        )
    totals = folded_name(chosen["revenue"] or "") == "pricesubtotal" and "revenue" in guessed
    if totals and any(folded_name(name) == "movetype" for name in names):
        raise InputError(
            "price_subtotal counts refunds (move_type out_refund) as positive; make them negative, then pass "
            "revenue='price_subtotal'"
        )
    taken = {name for name in (*chosen.values(), *extra.values()) if name is not None}
    credited = {
        role: name
        for role, partners in _CREDITED.items()
        for name in names
        if name not in taken and folded_name(name) in partners.get(folded_name(chosen[role] or ""), ())
    }
    credit_note = tuple(name for name in names if folded_name(name) in _CREDIT_NOTE)
    of_documents = {driver: extra.pop(driver) for driver in map(str, delivery_drivers or {})}
    return Roles(
        drivers=extra,
        delivery_drivers=of_documents,
        guessed=frozenset(guessed),
        credited=credited,
        credit_note=credit_note,
        notes=tuple(notes),
        **chosen,  # type: ignore[arg-type]
    )


def _unused(units: Sequence[str], cost: str | None) -> list[str]:
    """Return why columns of unit costs are not used, as sentences: there is a cost of the row, or no quantity."""
    if not units:
        return []
    if cost is not None:
        return [f"The cost is {cost!r}, not {listed(units)} times the quantity; unit_cost=... chooses that."]
    return [f"The unit cost {listed(units)} is not used, since there is no quantity; name its column: quantity=..."]


def _likely(role: str, folded_names: Mapping[str, str]) -> list[str]:
    """Return the columns that are likely for a role, by a usual name inside theirs, or behind for an amount."""
    usual = [form for form in _GROUP_OF[role] if len(form) > 3]
    close = get_close_matches(role, list(folded_names.values()), n=2, cutoff=0.6)

    def likely(folded: str) -> bool:
        parts = map(folded.endswith, usual) if role == "revenue" else (form in folded for form in usual)
        return folded in close or any(parts)

    return [name for name, folded in folded_names.items() if len(folded_names) > 1 and likely(folded)][:3]


def _assumed(role: str, column: str, group: int, others: Sequence[str]) -> list[str]:
    """Return what the choice of a column assumes, as sentences."""
    if role == "customer" and group == NAME_GROUP:
        return [f"Customers are identified by their name, {column!r}; an id is safer: customer=..."]
    if role not in ("revenue", "price"):
        return []
    if group == WITH_VAT_GROUP:
        return [f"The {role} {column!r} has value-added tax in it; name a net amount: {role}=..., or the tax: tax=..."]
    if others:
        return [f"The {role} is {column!r}, not {listed(others)}; {role}=... chooses another column."]
    return []
