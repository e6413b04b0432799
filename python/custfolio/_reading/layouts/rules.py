# What a layout consists of.
"""The rules of a layout, as data: roles, rows that count, and what is revenue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Amounts", "Counted", "Layout", "Names", "Orders"]

Names = tuple[str, ...]
"""Names of one column, in the order of preference; compared without case, space, - and _."""


@dataclass(frozen=True)
class Counted:
    """Which rows count, by the text of a column.

    Patterns are those of :mod:`fnmatch`, in lower case. A text that neither `counts` nor `left_out` has rejects its row, if both
    are given. It counts if only `left_out` is given, and is left out if only `counts` is.
    """

    columns: Names
    reason: str
    """Why a row is left out."""
    counts: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    first: bool = False
    """Whether only the first pattern of `counts` that some row has counts."""
    accounts: bool = False
    """Whether the column has accounts of a general ledger: the user may name those that count, and one must be there."""
    status: bool = False
    """Whether the column is a status, so that the user's `status` replaces the rule."""


@dataclass(frozen=True)
class Amounts:
    """Revenue of a row: a sum of columns less others; an empty cell is 0 beside another."""

    plus: tuple[Names, ...]
    minus: tuple[Names, ...] = ()
    currency: Names = ()
    """Column of the currency."""
    balanced: Names = ()
    """Columns of a document. Credit is negative where half of the documents sum to 0, or else the amounts that count sum below 0."""
    refunds_apart: tuple[Names, Names] | None = None
    """Document and status, where refunds are rows of their own: a refunded order without such a row is left out."""


@dataclass(frozen=True)
class Orders:
    """Revenue of orders with an amount per order, shared over its rows.

    It is the net amount, less its share in what was refunded: net x (1 - refunded / total).
    """

    document: Names
    net: Names
    total: Names
    minus: tuple[Names, ...] = ()
    """What is part of the net column and no revenue, where the file has it."""
    tax: Names = ()
    """Tax of the order; it is within the net amount where net + shipping is the total."""
    shipping: Names = ()
    refunded: Names = ()
    refunds: Names = ()
    """Texts such as "amount:10.00|reason:", in place of `refunded`."""
    status: Names = ()
    """An order of the status "refunded" without an amount is refunded whole."""
    quantity: Names = ()
    price: Names = ()
    discount: Names = ()
    """Rows share by quantity x price - discount, or by price without a quantity, or equally."""
    currency: Names = ()


@dataclass(frozen=True)
class Layout:
    """The export of a system."""

    name: str
    title: str
    marks: tuple[Names, ...]
    """Columns by which it is recognised."""
    roles: Mapping[str, Names]
    """Columns of each role. A customer's cell that is empty is taken from its next column."""
    revenue: tuple[Amounts | Orders, ...] = ()
    """What revenue is: the first whose columns are there. None: the column of the role."""
    counted: tuple[tuple[Counted, ...], ...] = ()
    """Rules for rows; of each group the first whose column is there."""
    fill: tuple[tuple[Names, ...], tuple[Names, ...]] = ((), ())
    """Columns of a document, and columns that only one row of it has."""
    headings: Names = ()
    """Column of headings: the customer stands above its rows."""
    party: tuple[Names, str, Names] | None = None
    """Column of the kind of a row, the kind whose row has the customer of the document, and the column with it."""
    returns: tuple[Names, tuple[str, ...], bool] | None = None
    """Column and texts of rows whose quantity has the sign of revenue; and whether revenue changes its sign."""
    opposite: tuple[str, ...] = ()
    """Roles whose column has the opposite sign: below 0 on a sale."""
    not_revenue: tuple[Names, ...] = ()
    """Columns of amounts that are no revenue; their sums are shown."""
    document: Names = ()
    """The document whose rows repeat those amounts."""
    day_first: bool = False
    """Whether 03-04-2025 is in April."""
    assumed: tuple[str, ...] = ()
    """What is assumed, as sentences."""
    needs: Mapping[str, str] = field(default_factory=dict)
    """Where to find a role that the columns do not have, by role, as a message."""
