# The reconciliation of a statement with its input, and what became of pools and activities.
"""Reconciliation, pools and activities of a statement."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from custfolio._tables.result import Listing, Result
from custfolio.ledger import Ledger

__all__ = ["Activities", "Pools", "ReconciledElements", "Reconciliation"]


class _Bars(Listing):
    """A listing that draws an amount of each row as a bar."""

    _bars: tuple[str, str, str]
    """Column of names, column of amounts, and its title."""

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        names, amounts, title = self._bars
        return plots.bars(self._entries[names], self._entries[amounts], title=title, **options)


class ReconciledElements(_Bars):
    """Each cost element: spent = charged + unused + not_attributed + difference.

    Columns: element, spent, charged, unused (negative: over capacity), not_attributed, difference (what nothing explains), source of `spent`
    (given, cost of the pool, or rate x driver). Currency.

    ``plot`` draws the differences as bars.
    """

    _heading = "Cost to serve by element"
    _bars = ("element", "difference", "Not explained")

    def __init__(
        self, columns: Mapping[str, Any], spent: Collection[str], pools: Collection[str], library: str | None
    ) -> None:
        source = [
            "given" if name in spent else "cost of the pool" if name in pools else "rate x driver"
            for name in columns["element"]
        ]
        shown = {name: values for name, values in columns.items() if name != "given"}
        super().__init__(shown | {"source": source}, library)


class Pools(_Bars):
    """What became of the capacity of each pool: cost = charged + unused + not_attributed.

    Columns: pool, first_day (of the figures), cost, capacity and used (minutes, those of events without a customer too), rate (of a minute),
    charged, unused, not_attributed (currency), note (over capacity, or nothing).

    ``plot`` draws the cost of unused capacity as bars.
    """

    _bars = ("pool", "unused", "Unused capacity")

    def __init__(self, columns: Mapping[str, Any], library: str | None) -> None:
        days = columns["first_day"].astype("datetime64[D]")
        note = ["over capacity" if unused < -0.005 else "" for unused in columns["unused"].tolist()]
        super().__init__({**columns, "first_day": days, "note": note}, library)


class Activities(_Bars):
    """Each activity over all customers of the ledger.

    Columns: activity, pool, event, events (their number) and minutes of customers, charged to them, and not_attributed: the cost of events
    without a customer (currency).

    ``plot`` draws what is charged as bars.
    """

    _bars = ("activity", "charged", "Charged")


class Reconciliation(Result):
    """Input against statement: rows, revenue, cost of goods, cost to serve, cost of credit.

    The cost to serve: spent = charged + unused capacity + not attributed + not explained. Where something is not explained, `exact` is False.

    Two ways to the same number: the input is summed over rows, the statement over customers.

    ``plot`` draws the amounts as bars.
    """

    def __init__(self, core: Mapping[str, Any], ledger: Ledger, elements: ReconciledElements) -> None:
        self._library = ledger.library
        self.rows_read: int = ledger.rows_read
        """Rows of the data: accepted + rejected + left out."""
        self.rows_accepted: int = ledger.rows_accepted
        """Accepted rows."""
        self.rows_rejected: int = ledger.rows_rejected
        """Rejected rows; ``ledger.rejected`` lists them."""
        self.rows_in_period: int = core["rows_in_period"]
        """Entries that the statement sums: rows, or an engine's sums by customer and day."""
        self.revenue_accepted: float = ledger.revenue
        """Net revenue of all accepted rows, currency."""
        self.revenue_in: float = core["revenue_in"]
        """Net revenue of the rows in the period, currency."""
        self.rebates: float = core["rebates"]
        """Rebates per customer, beside those of the rows, currency: revenue_in - rebates = revenue_stated."""
        self.rebates_not_attributed: float = core["rebates_not_attributed"]
        """Rebates of customers outside the ledger, currency."""
        self.revenue_stated: float = core["revenue_stated"]
        """Net revenue over the customers, currency."""
        self.goods_in: float = core["goods_in"]
        """Cost of goods of the rows in the period, currency; NaN where it is not known."""
        self.goods_stated: float = core["goods_stated"]
        """Cost of goods over the customers, currency; NaN where it is not known."""
        self.cost_in: float = core["cost_in"]
        """Cost to serve that was spent: the sum over the elements, currency."""
        self.charged: float = core["charged"]
        """Cost to serve charged to customers, currency."""
        self.unused_capacity: float = core["unused_capacity"]
        """Cost of unused capacity, currency; negative where pools are over their capacity."""
        self.not_attributed: float = core["not_attributed"]
        """Cost of events and drivers outside the ledger's customers, currency."""
        self.revenue_outside_period: float = core["revenue_outside_period"]
        """Net revenue of accepted rows outside the period, currency."""
        self.credit_in: float = core["credit_in"]
        """Cost of credit of the invoices of the period, currency."""
        self.credit_charged: float = core["credit_charged"]
        """Cost of credit charged to customers, currency."""
        self.credit_not_attributed: float = core["credit_not_attributed"]
        """Cost of credit of customers outside the ledger, currency."""
        self.elements = elements
        """The cost to serve by element: spent, charged, unused, not attributed, and what nothing explains."""
        self.exact: bool = core["exact"] and self.rows_left_out == ledger.rows_left_out
        """Whether everything adds up: the rows exactly, the amounts to half a cent."""

    @property
    def rows_left_out(self) -> int:
        """Rows that are no sale."""
        return self.rows_read - self.rows_accepted - self.rows_rejected

    @property
    def not_explained(self) -> float:
        """What was spent and is neither charged, unused nor not attributed: the sum over the elements, currency."""
        # To a millionth: what only sums of doubles leave is 0.
        return round(math.fsum(self.elements.columns()["difference"].tolist()), 6) + 0.0

    @property
    def verdict(self) -> str:
        """Whether everything adds up, as a sentence; it names the elements whose cost is not explained."""
        if self.exact:
            return "Everything adds up."
        columns = self.elements.columns()
        pairs = zip(columns["element"], columns["difference"].tolist(), strict=True)
        apart = [name for name, difference in pairs if abs(difference) > 0.005]
        named = f": what was spent on {', '.join(apart)} is not explained" if apart else ""
        return f"Not everything adds up{named}."

    def _facts(self) -> Mapping[str, Any]:
        return {"verdict": self.verdict}

    def _columns(self) -> Mapping[str, Any]:
        rows = {
            "rows read": (self.rows_read, None),
            "rows accepted": (self.rows_accepted, None),
            "rows rejected": (self.rows_rejected, None),
            **({"rows left out": (self.rows_left_out, None)} if self.rows_left_out else {}),
            "revenue of all rows accepted": (None, self.revenue_accepted),
            "revenue outside of the period": (None, self.revenue_outside_period),
            "revenue in": (None, self.revenue_in),
            **({"rebates per customer": (None, self.rebates)} if self.rebates else {}),
            **({"rebates not attributed": (None, self.rebates_not_attributed)} if self.rebates_not_attributed else {}),
            "revenue stated": (None, self.revenue_stated),
            "cost of goods in": (None, self.goods_in),
            "cost of goods stated": (None, self.goods_stated),
            "cost to serve in": (None, self.cost_in),
            "charged to customers": (None, self.charged),
            "unused capacity": (None, self.unused_capacity),
            "not attributed": (None, self.not_attributed),
            "not explained": (None, self.not_explained),
        }
        if self.credit_in or self.credit_not_attributed:
            rows |= {
                "cost of credit in": (None, self.credit_in),
                "cost of credit charged": (None, self.credit_charged),
                "cost of credit not attributed": (None, self.credit_not_attributed),
            }
        return {
            "item": list(rows),
            "rows": [count for count, _ in rows.values()],
            "amount": [amount for _, amount in rows.values()],
        }

    _shown_rows = 20

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        table = self._columns()
        shown = [
            pair
            for pair in zip(table["item"], table["amount"], strict=True)
            if pair[1] is not None and pair[1] == pair[1]
        ]
        return plots.bars([item for item, _ in shown], [amount for _, amount in shown], title="Currency", **options)
