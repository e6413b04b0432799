# The price list: break-even order values, a short table of minimum and fee, its effect, and orders that lost money.
"""A price list from last year's orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.frames import TableLike, customer_column, lists_of, require_columns, texts_of
from custfolio._tables.result import Listing, Result
from custfolio.errors import InputError
from custfolio.portfolio import Costs, Portfolio

__all__ = ["LosingOrders", "PriceEffects", "PriceList", "PriceTable", "price_list"]

_SHOWN_ORDERS = 100_000
"""Most orders that lost money on a page and a sheet, which has a million rows."""


class PriceTable(Listing):
    """The table to publish: minimum order value and fee below it. Columns: zones, minimum, fee, orders, below."""

    _heading = "Price list"

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        return plots.bars(self._entries["zones"], self._entries["minimum"], title="Minimum order", **options)


class PriceEffects(Listing):
    """What the table does to each customer on its orders of the period.

    Columns: customer_id, name, minimum, fee, below (its orders below the minimum), fees (where it orders as before), heat_if_pays,
    heat_if_waits (changes at avoidable cost), temperature_if_pays, temperature_if_waits (at full cost), deliveries_if_waits.
    """

    _heading = "Effect of the price list"

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        names = ["pay the fee", "wait"]
        sums = [float(np.sum(self._entries[name])) for name in ("heat_if_pays", "heat_if_waits")]
        return plots.bars(names, sums, title="Change of heat", **options)


class LosingOrders(Listing):
    """Orders that lost money, the greatest loss first. Columns: customer_id, day, amount, contribution.

    Goods cost the customer's mean share of the amount, since orders do not have costs of their own.
    """

    _heading = "Orders that lost money"

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        months, place = np.unique(self._entries["day"].astype("datetime64[M]"), return_inverse=True)
        sums = np.bincount(place, weights=self._entries["contribution"], minlength=months.size)
        return plots.bars([str(month) for month in months], sums, title="Lost", **options)


class PriceList(Result):
    """A price list: one row a zone and channel. Made by :func:`price_list`.

    Columns: zone and channel where they are given, customers, orders, mean_order, margin (share of revenue after goods, revenue share, lines
    and units), order_cost (of one delivery), break_even (the order value that covers it; NaN: none does), below (orders below it), loss
    (sum of the contributions below 0 of its orders), minimum, fee.

    ``plot`` draws the break-even order values.
    """

    def __init__(self, found: Mapping[str, Any], portfolio: Portfolio, labels: Mapping[str, list[str]]) -> None:
        self._library = portfolio.library
        self.portfolio = portfolio
        """The customers."""
        self._found = found
        self._labels = labels

    @property
    def table(self) -> PriceTable:
        """The table to publish, the lowest minimum first."""
        rows = self._found["rows"]
        names = self._names()
        of_row: list[list[str]] = [[] for _ in rows["minimum"]]
        for name, row in zip(names, self._found["cells"]["row"].tolist(), strict=True):
            if row < len(of_row):
                of_row[row].append(name)
        zones = ["; ".join(one) for one in of_row]
        return PriceTable(
            {"zones": zones, **{name: rows[name] for name in ("minimum", "fee", "orders", "below")}}, self._library
        )

    @property
    def customers(self) -> PriceEffects:
        """What the table does to each customer."""
        effects, rows = self._found["effects"], self._found["rows"]
        ids, names = self.portfolio.ids, self.portfolio.core.name
        columns: dict[str, Any] = {
            "customer_id": [ids[k] for k in effects["customer"]],
            "name": [names[k] for k in effects["customer"]],
            "minimum": rows["minimum"][effects["row"]],
            "fee": rows["fee"][effects["row"]],
        }
        return PriceEffects(
            columns | {name: values for name, values in effects.items() if name not in ("customer", "row")},
            self._library,
        )

    @property
    def losing_orders(self) -> LosingOrders:
        """Orders of the period that lost money."""
        losing = self._found["losing"]
        orders = self.portfolio.orders.columns()
        columns = {name: orders[name][losing["order"]] for name in ("customer_id", "day", "amount")}
        return LosingOrders(columns | {"contribution": losing["contribution"]}, self._library)

    @property
    def notes(self) -> list[str]:
        """What to know about the price list."""
        sentences = [] if len(self.table) else ["at no order value the margin covers a delivery, so there is no table"]
        losing = len(self._found["losing"]["order"])
        if losing > _SHOWN_ORDERS:
            sentences.append(f"the {_SHOWN_ORDERS:,} orders with the greatest losses of {losing:,} are listed")
        return sentences

    def tables(self) -> dict[str, Mapping[str, Any]]:
        """Return the tables of a page: break-even orders, the price list, its effects, the largest fees first, and orders that lost money.

        Returns
        -------
        dict of str to mapping
            Columns by the title of each table; without a table to publish neither it nor its effects.
        """
        tables = {"Break-even orders": self.columns()}
        if len(self.table):
            effects = self.customers.columns()
            order = np.argsort(-effects["fees"], kind="stable")
            tables["Price list"] = self.table.columns()
            tables["Effect of the price list"] = {
                "customer" if name == "customer_id" else name: [values[k] for k in order]
                for name, values in effects.items()
            }
        losing = {name: values[:_SHOWN_ORDERS] for name, values in self.losing_orders.columns().items()}
        tables["Orders that lost money"] = {"customer": losing.pop("customer_id"), **losing}
        return tables

    def _names(self) -> list[str]:
        if not self._labels:
            return ["all"]
        return [", ".join(parts) for parts in zip(*self._labels.values(), strict=True)]

    def _columns(self) -> Mapping[str, Any]:
        cells, rows = self._found["cells"], self._found["rows"]
        orders = cells["orders"].astype(float)
        mean = np.divide(cells["revenue"], orders, out=np.full(orders.size, np.nan), where=orders > 0)
        place = cells["row"]
        has = place < rows["minimum"].size

        def of_row(name: str) -> Any:
            values = np.full(place.size, np.nan)
            values[has] = rows[name][place[has]]
            return values

        columns: dict[str, Any] = dict(self._labels)
        columns |= {"customers": cells["customers"], "orders": cells["orders"], "mean_order": mean}
        columns |= {name: cells[name] for name in ("margin", "order_cost", "break_even", "below", "loss")}
        return columns | {"minimum": of_row("minimum"), "fee": of_row("fee")}

    def _facts(self) -> Mapping[str, Any]:
        losing = self._found["losing"]["contribution"]
        return {
            "orders": int(self._found["cells"]["orders"].sum()),
            "orders that lost money": int(losing.size),
            "lost": float(losing.sum()),
            "rows of the table": int(self._found["rows"]["minimum"].size),
        }

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        return plots.bars(self._names(), self._found["cells"]["break_even"], title="Break-even order", **options)


def _cells(
    frame: TableLike, portfolio: Portfolio, customer: str | None, zone: str | None, channel: str | None
) -> tuple[list[int], dict[str, list[str]]]:
    """Return the cell of each customer, and the labels of the cells by column."""
    table = lists_of(frame, "zones must be a frame, or a mapping of columns, with customer_id, and zone or channel")
    customer = customer_column(table) if customer is None else customer
    names = [
        name for name in (zone, channel) if name is not None and (name in table or name not in ("zone", "channel"))
    ]
    if not names:
        raise InputError("the zones have no column zone or channel; name one with zone= or channel=")
    require_columns(table, (customer, *names), "the zones; they have")
    rows = zip(*(texts_of(table[name], name) for name in names), strict=True)
    labels_of: dict[str, tuple[str, ...]] = {}
    for identity, labels in zip(texts_of(table[customer], customer), rows, strict=True):
        if labels_of.setdefault(identity, labels) != labels:
            raise InputError(f"customer {identity!r} has two zones or channels; each customer must have one")
    none = ("none",) * len(names)
    of_customer = [labels_of.get(identity, none) for identity in portfolio.ids]
    distinct = sorted(set(of_customer))
    place = {labels: k for k, labels in enumerate(distinct)}
    columns = {
        kind: [labels[k] for labels in distinct]
        for k, kind in enumerate("zone" if name == zone else "channel" for name in names)
    }
    return [place[labels] for labels in of_customer], columns


@checked
def price_list(
    portfolio: Portfolio,
    *,
    zones: TableLike | None = None,
    customer: str | None = None,
    zone: str | None = "zone",
    channel: str | None = "channel",
    costs: Costs | None = None,
    target: float = 0.0,
    step: float = 50.0,
    fee_step: float = 5.0,
    rows: int = 4,
    outside_share: bool = False,
) -> PriceList:
    """Propose a price list from the orders of the period: a minimum order value and a fee below it, by zone and channel.

    The break-even order value of a zone covers the mean full cost of its deliveries. Minima are those values, rounded up. Zones share rows, so that
    the table stays short.

    Parameters
    ----------
    portfolio : Portfolio
        The customers, made by :func:`custfolio.statement`.
    zones : frame or mapping, optional
        Zone and channel by customer; without it all customers are one zone. Customers without a row have the zone "none".
    customer, zone, channel : str, optional
        Columns of the zones; by default customer_id or customer, zone, channel. One of zone and channel is enough.
    costs : CostModel, optional
        The cost model; default that of the portfolio.
    target : float
        Temperature at which an order breaks even, a fraction; 0 covers its cost.
    step, fee_step : float
        Minima and fees are multiples of these, currency.
    rows : int
        Most rows of the table.
    outside_share : bool
        Whether the revenue share does not apply to fees.

    Returns
    -------
    PriceList
        One row a zone and channel; with the table, its effect on every customer, and the orders that lost money.

    Raises
    ------
    InputError
        If the portfolio has no orders, no cost model or no known costs of goods, a column is missing, a customer has two zones, or a number
        is out of range.
    """
    costs = costs or portfolio.costs
    if costs is None:
        raise InputError("the portfolio has no cost model; pass one: price_list(..., costs=cf.CostModel(...))")
    cell: list[int] = []
    labels: dict[str, list[str]] = {}
    if zones is not None:
        cell, labels = _cells(zones, portfolio, customer, zone, channel)
    if rows < 1:
        raise InputError(f"rows is {rows}; a price list must have one or more")
    core = _core.price_list(
        portfolio.with_orders(),
        costs.core,
        np.array(cell, dtype=np.int32),
        max(cell, default=0) + 1,
        target=target,
        step=step,
        fee_step=fee_step,
        rows=rows,
        outside_share=outside_share,
    )
    return PriceList(core, portfolio, labels)
