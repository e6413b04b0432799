# The steps of a layout that compute: who the customer is, which rows count, and their revenue.
"""Apply the rules of a layout to the rows of an export."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from custfolio import _core
from custfolio._reading.exact_sum import exact_sum
from custfolio._reading.layouts.rules import Amounts, Counted, Layout, Orders
from custfolio._reading.layouts.sheet import Sheet, column_of
from custfolio._reading.rows import TOTAL_REASON
from custfolio.errors import InputError

__all__ = ["amounts_revenue", "count_rows", "customers_above", "fill_documents", "orders_revenue", "turn_returns"]

_REFUND: Final = re.compile(r"(?:^|;)\s*amount:\s*-?(\d+(?:[.,]\d+)?)")
_TOTAL_FOR: Final = re.compile(r"total for\s+(.*)", re.I)


def customers_above(sheet: Sheet, layout: Layout, date: str) -> str | None:
    """Give each row the customer of the heading above it.

    Return the new column, or None if there are no headings.
    """
    column = sheet.find(layout.headings)
    if column is None:
        return None
    labels, dated = sheet.texts(column), sheet.texts(date) != ""
    nested = any(_TOTAL_FOR.match(label) for label in labels)
    above: list[str] = []
    customers: list[str | None] = []
    heading, total = np.zeros(sheet.size, dtype=bool), np.zeros(sheet.size, dtype=bool)
    for k, label in enumerate(labels):
        if label and not dated[k]:
            closed = _TOTAL_FOR.match(label)
            total[k] = closed is not None or label.lower() == "total"
            heading[k] = not total[k]
            if heading[k]:
                above = [*above, label] if nested else [label]
            elif closed is None:
                above = []
            else:
                while above and not closed[1].startswith(above.pop()):
                    pass
        customers.append(label if label and dated[k] else ":".join(above) or None)
    sheet.cells["Customer above"] = pa.array(customers, pa.string())
    sheet.leave_out(heading, column, "the heading of a customer")
    sheet.leave_out(total, column, TOTAL_REASON)
    return "Customer above"


def fill_documents(sheet: Sheet, layout: Layout) -> None:
    """Give all rows of a document the cells that only one of them has.

    If the layout has a party, the account of one row is the customer of the document.
    """
    keys, columns = layout.fill
    key_columns = [column for names in keys if (column := sheet.find(names)) is not None]
    if not key_columns:
        return
    document = sheet.documents(key_columns)
    if layout.party is not None and sheet.find(layout.roles["customer"]) is None:
        names, kind, number = layout.party
        which, account = sheet.find(names), sheet.find(number)
        if which is not None and account is not None:
            of_kind = sheet.fits(which, (kind,))
            rows = np.where(of_kind, np.arange(sheet.size), -1)
            new = layout.roles["customer"][0]
            sheet.cells[new] = sheet.cells[account].take(pa.array(rows, mask=~of_kind))
    for names in columns:
        column = column_of(names, list(sheet.cells))
        if column is not None:
            sheet.fill(column, document)


def count_rows(sheet: Sheet, rule: Counted, title: str) -> tuple[str, str]:
    """Apply a rule for the rows that count; return its column, and the rule as a sentence."""
    column = sheet.find(rule.columns)
    assert column is not None
    counts = rule.counts
    if rule.accounts:
        with_rows = tuple(pattern for pattern in counts if (sheet.fits(column, (pattern,)) & sheet.kept).any())
        if not with_rows:
            examples = sorted(set(sheet.texts(column)) - {""})[:5]
            raise InputError(
                f"{title}: no cell of {column!r} begins with {' or '.join(pattern.rstrip('*') for pattern in counts)}; found "
                f"{', '.join(map(repr, examples))}. Name the first digits of the revenue accounts: revenue_accounts=..."
            )
        counts = with_rows[:1] if rule.first else counts
    none = sheet.fits(column, rule.left_out)
    if counts:
        good = sheet.fits(column, counts) | (rule.status & sheet.fits(column, ("",)))
        if not rule.left_out:
            none = ~good
        texts = sheet.texts(column)
        unknown = ~good & ~none & sheet.kept
        for text in sorted(set(texts[unknown])):
            sheet.reject(unknown & (texts == text), column, f"{text!r} is an unknown {column}")
    sheet.leave_out(none, column, rule.reason)
    shown = [f"counts: {', '.join(pattern or 'empty' for pattern in counts)}"] if counts else []
    if rule.left_out:
        out = ", ".join("any text" if pattern == "?*" else pattern for pattern in rule.left_out)
        shown.append(f"left out: {out}")
    return column, "; ".join(shown)


def amounts_revenue(sheet: Sheet, rule: Amounts) -> tuple[NDArray[np.float64], str] | None:
    """Return the revenue of each row, shape (n,), and what it is; None where a column is missing."""
    plus, minus = ([sheet.find(names) for names in group] for group in (rule.plus, rule.minus))
    columns = [column for column in (*plus, *minus) if column is not None]
    if len(columns) < len(rule.plus) + len(rule.minus):
        return None
    amounts = [sheet.amounts(column) for column in columns]
    revenue = _core.signed_sums(amounts[: len(plus)], amounts[len(plus) :])
    known = ~np.isnan(revenue)
    words = " less ".join(" + ".join(columns[a:b]) for a, b in ((0, len(plus)), (len(plus), len(columns))) if a < b)
    if rule.balanced and _credit_is_negative(sheet, rule, revenue, known):
        revenue, words = 0.0 - revenue, f"{words}, with the opposite sign"
    if rule.refunds_apart is not None:
        order, status = (sheet.find(names) for names in rule.refunds_apart)
        if order is not None and status is not None:
            document = sheet.documents([order])
            paid_back = np.zeros(sheet.size, dtype=bool)
            paid_back[document[revenue < 0]] = True
            alone = sheet.fits(status, ("refunded",)) & ~paid_back[document]
            sheet.leave_out(alone, status, "the order was refunded, and no row has the refund")
    return revenue, words


def _credit_is_negative(sheet: Sheet, rule: Amounts, revenue: NDArray[np.float64], known: NDArray[np.bool_]) -> bool:
    """Whether credit is negative in journal lines; with the lines of all accounts, credit notes alone show it, too."""
    columns = [column for name in rule.balanced if (column := sheet.find((name,))) is not None]
    document = sheet.documents(columns)
    sums, rows = np.bincount(document, np.where(known, revenue, 0.0)), np.bincount(document)
    balanced = (np.abs(sums) < 0.005) & (rows > 1)
    if balanced.any() and 2 * np.count_nonzero(balanced) >= sums.size:
        return True
    return exact_sum(revenue[sheet.kept & known]) < 0


def orders_revenue(sheet: Sheet, rule: Orders) -> tuple[NDArray[np.float64], str] | None:
    """Return each row's share in the revenue of its order, shape (n,), and what it is; None where a column is missing."""
    order, net_column, total_column = (sheet.find(names) for names in (rule.document, rule.net, rule.total))
    if order is None or net_column is None or total_column is None:
        return None
    document = sheet.documents([order])
    n = int(document.max()) + 1 if document.size else 0

    def of_order(column: str | None) -> NDArray[np.float64]:
        """Return the first amount that each order has in a column, NaN where it has none."""
        first = np.full(n, np.nan)
        if column is not None:
            amounts = sheet.amounts(column)
            there = np.flatnonzero(np.isfinite(amounts))[::-1]
            first[document[there]] = amounts[there]
        return first

    net, total = of_order(net_column), of_order(total_column)
    minus = [column for names in rule.minus if (column := sheet.find(names)) is not None]
    for column in minus:
        net = net - np.nan_to_num(of_order(column))
    tax, shipping = of_order(sheet.find(rule.tax)), of_order(sheet.find(rule.shipping))
    refunded_column = sheet.find(rule.refunded) or sheet.find(rule.refunds)
    refunded = _refunds(sheet, rule, refunded_column, document, of_order, n)
    status = sheet.find(rule.status)
    if status is not None:
        whole = np.zeros(n, dtype=bool)
        whole[document[sheet.fits(status, ("refunded", "wc-refunded"))]] = True
        refunded = np.where(whole & (refunded == 0), total, refunded)
    price, quantity, discount = (
        None if (column := sheet.find(names)) is None else sheet.amounts(column, needed=False)
        for names in (rule.price, rule.quantity, rule.discount)
    )
    revenue, within = _core.share_orders(
        order=document, price=price, quantity=quantity, discount=discount, net=net, total=total, tax=tax, shipping=shipping, refunded=refunded
    )  # fmt: skip
    words = " less ".join([net_column, *minus, *(["the share of refunds"] if refunded_column or status else [])])
    if within:
        words += f"; less tax in {within:,} orders whose prices have it within"
    return revenue, words


def _refunds(
    sheet: Sheet,
    rule: Orders,
    column: str | None,
    document: NDArray[np.int64],
    of_order: Callable[[str | None], NDArray[np.float64]],
    n: int,
) -> NDArray[np.float64]:
    """Return what was refunded of each order, shape (n,)."""
    if column is None or sheet.find(rule.refunded) is not None:
        return np.abs(np.nan_to_num(of_order(column)))
    refunded = np.zeros(n)
    for k, text in enumerate(sheet.texts(column)):
        amounts = [float(written.replace(",", ".")) for written in _REFUND.findall(text)]
        refunded[document[k]] = max(refunded[document[k]], sum(amounts))
    return refunded


def turn_returns(
    sheet: Sheet, layout: Layout, revenue: NDArray[np.float64], quantity: str | None
) -> tuple[NDArray[np.float64], str | None]:
    """Give returns their sign; return the revenue, and the column of quantities, which may be a new one."""
    if layout.returns is None:
        return revenue, quantity
    names, kinds, turned = layout.returns
    column = sheet.find(names)
    if column is None:
        return revenue, quantity
    rows = sheet.fits(column, kinds)
    revenue = np.where(rows & turned, 0.0 - revenue, revenue)
    if quantity is None or not rows.any():
        return revenue, quantity
    name = f"{quantity}, below 0 on returns"
    amounts = sheet.amounts(quantity, needed=False)
    turned_amounts = np.where(rows, np.copysign(amounts, revenue), amounts)
    sheet.cells[name] = pa.array(turned_amounts, from_pandas=True)
    return revenue, name
