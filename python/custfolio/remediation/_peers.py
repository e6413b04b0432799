# Peers: where the terms of each customer stand among its peers, and like customers with unlike offers.
"""Benchmark among peers, and fairness of offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.frames import TableLike
from custfolio._tables.result import Listing, Result
from custfolio._tables.segments import segment_names, segments_of
from custfolio.errors import NotFoundError
from custfolio.portfolio import HasPortfolio, Portfolio, portfolio_of
from custfolio.remediation._offers import Offers

__all__ = ["Benchmark", "UnlikeOffers", "benchmark", "unlike_offers"]

_WORDS = {
    "discount": ("discount", "{:.1%}"),
    "rebate": ("rebate", "{:.1%}"),
    "order_size": ("order size", "{:,.0f}"),
    "frequency": ("deliveries a year", "{:,.1f}"),
    "days_to_pay": ("days to pay", "{:,.0f}"),
    "fee": ("fee a delivery", "{:,.2f}"),
}
"""Each of the terms in words, and the form of its values."""


_SHOWN = {"discount": "discount_share", "rebate": "rebate_share", "fee": "fee_paid"}
"""Columns of a page whose name differs from that of the terms."""


@checked
class Benchmark(Result):
    """The terms of each customer among its peers: one row a customer. Made by :func:`benchmark`.

    Columns: customer_id, name, segment where given, band (1 has the smallest customers; 0: no revenue), peers, level, temperature; then for each
    of the terms its value, the median of the peers (``discount_median``) and the share of the peers with less (``discount_percentile``); leniency,
    the mean percentile in the customer's favour. NaN: not known, or too few peers.

    ``plot`` draws the temperature against the leniency.
    """

    def __init__(
        self,
        portfolio: Portfolio,
        columns: Mapping[str, Any],
        terms: Mapping[str, tuple[NDArray[np.float64], ...]],
        segments: list[str] | None,
    ) -> None:
        self._library = portfolio.library
        self._terms = dict(terms)
        self._place = {name: k for k, name in enumerate(portfolio.ids)}
        table: dict[str, Any] = {"customer_id": portfolio.ids, "name": portfolio.core.name}
        if segments is not None:
            table["segment"] = segments
        table |= {"band": columns["band"] + 1, "peers": columns["peers"]}
        table |= {"level": portfolio.core.revenue, "temperature": portfolio.core.temperature()}
        for name, (value, median, percentile) in self._terms.items():
            table |= {name: value, f"{name}_median": median, f"{name}_percentile": percentile}
        self._table = table | {"leniency": columns["leniency"]}

    @property
    def terms(self) -> list[str]:
        """The terms that are known: of discount, rebate, order_size, frequency, days_to_pay, fee."""
        return list(self._terms)

    @property
    def notes(self) -> list[str]:
        """What the columns mean."""
        return [
            "A rank is the share of the peers with less: customers of the segment and of about the size",
            "Leniency is the mean rank in the customer's favour",
        ]

    def tables(self) -> dict[str, Mapping[str, Any]]:
        """Return the table of a page: value and percentile of each of the terms, the most lenient first.

        Returns
        -------
        dict of str to mapping
            Columns by the title of the table.
        """
        shown = {"customer": "customer_id"} | {
            name: name for name in ("name", "segment", "band", "peers", "temperature")
        }
        for name in self._terms:
            shown |= {_SHOWN.get(name, name): name, f"{name}_percentile": f"{name}_percentile"}
        shown["leniency"] = "leniency"
        order = np.argsort(-self._table["leniency"], kind="stable")  # NaN is last
        return {
            self._title(): {
                key: [self._table[name][k] for k in order] for key, name in shown.items() if name in self._table
            }
        }

    def sentences(self, customer: str) -> list[str]:
        """Return where the terms of a customer stand, in words.

        Parameters
        ----------
        customer : str
            Its identity.

        Returns
        -------
        list of str
            One sentence for each of the terms that has a percentile.

        Raises
        ------
        NotFoundError
            If there is no such customer.
        """
        if customer not in self._place:
            raise NotFoundError(f"no customer {customer!r} is in the benchmark")
        row, sentences = self._place[customer], []
        for name, (value, median, percentile) in self._terms.items():
            if np.isnan(percentile[row]):
                continue
            words, form = _WORDS[name]
            sentences.append(
                f"{words}: {form.format(value[row])}, more than {percentile[row]:.0%} of its {self._table['peers'][row]:,} peers; "
                f"their median is {form.format(median[row])}."
            )
        return sentences

    def __len__(self) -> int:
        return len(self._table["customer_id"])

    def _columns(self) -> Mapping[str, Any]:
        return self._table

    def _title(self) -> str:
        return "Terms among peers"

    def _facts(self) -> Mapping[str, Any]:
        ranked = int(np.count_nonzero(~np.isnan(self._table["leniency"])))
        return {"terms": ", ".join(self.terms) or "none is known", "customers with peers": ranked}

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        names = ("customer_id", "name", "leniency", "temperature", "level")
        columns = [np.asarray(self._table[name], dtype=object).tolist() for name in names]
        known = [row for row in zip(*columns, strict=True) if row[2] == row[2] and row[3] == row[3]]
        values = [dict(zip(names, row, strict=True)) for row in known]
        points = alt.Chart(alt.Data(values=values)).mark_circle(opacity=0.6)
        return points.encode(
            x=alt.X("leniency:Q", axis=alt.Axis(format="%"), title="Leniency of the terms among peers"),
            y=alt.Y("temperature:Q", axis=alt.Axis(format="%"), title="Temperature"),
            size=alt.Size("level:Q", title="Level"),
            tooltip=["customer_id:N", "name:N"],
        ).properties(**options)


@checked
def benchmark(
    portfolio: Portfolio | HasPortfolio,
    *,
    segments: TableLike | None = None,
    bands: int = 3,
    least_peers: int = 5,
    fee: str = "",
) -> Benchmark:
    """Show where the terms of each customer stand among its peers: customers of its segment and of about its size.

    The terms are discount and rebate (shares of the amount before both), order size, deliveries a year, days to pay, and the fee a delivery.
    Discount and rebate need the drivers of these names, days to pay need receivables.

    Parameters
    ----------
    portfolio : Portfolio or Statement
        The customers.
    segments : frame or mapping, optional
        The segment of each customer: columns customer_id and segment; by default all are of one segment.
    bands : int
        Size bands of a segment, with equally many customers each, by revenue.
    least_peers : int
        A percentile needs so many other customers with a known value.
    fee : str
        Driver with the delivery fees that a customer paid, currency; empty: fees are not known.

    Returns
    -------
    Benchmark
        Value, median and percentile of each of the terms, and the leniency.

    Raises
    ------
    InputError
        If a customer has no segment, or a number is out of range.
    NotFoundError
        If there is no such driver.
    """
    customers = portfolio_of(portfolio, "portfolio")
    names = None if segments is None else segment_names(segments, customers.ids)
    columns, terms = _core.benchmark(customers.core, segments_of(segments, customers.ids), bands, least_peers, fee)
    return Benchmark(customers, columns, terms, names)


class UnlikeOffers(Listing):
    """Pairs of like customers with unlike offers, the greatest difference first. Made by :func:`unlike_offers`.

    Columns: customer_id, name, terms, burden, level, temperature of the customer with the heavier offer; the same with ``other_`` before the name
    of the other one; difference of the burdens.
    """

    _heading = "Like customers with unlike offers"

    def __init__(self, columns: Mapping[str, Any], library: str | None, found: int) -> None:
        super().__init__(columns, library)
        self.found = found
        """Number of all pairs, those not listed included."""

    def tables(self) -> dict[str, Mapping[str, Any]]:
        """Return the table of a page: the pairs, without their levels.

        Returns
        -------
        dict of str to mapping
            Columns by the title of the table.
        """
        pairs = {
            name.replace("customer_id", "customer"): values
            for name, values in self._entries.items()
            if not name.endswith("level")
        }
        return {self._heading: pairs}

    def _facts(self) -> Mapping[str, Any]:
        return {"pairs": self.found, "listed": len(self)}

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        table = self._entries
        names = [f"{one} / {other}" for one, other in zip(table["name"], table["other_name"], strict=True)]
        return plots.bars(names, table["difference"], title="Difference of burdens, share of spend", **options)


@checked
def unlike_offers(
    offers: Offers,
    *,
    segments: TableLike | None = None,
    size_ratio: float = 1.1,
    temperature: float = 0.01,
    burden: float = 0.01,
    most: int = 1000,
) -> UnlikeOffers:
    """List pairs of like customers whose best offers are unlike: customers talk to each other.

    Parameters
    ----------
    offers : Offers
        The offers; each customer's best one counts.
    segments : frame or mapping, optional
        The segment of each customer; like customers share it. Columns customer_id and segment.
    size_ratio : float
        Most ratio of the revenues, and of the revenues per delivery, of like customers, from 1.
    temperature : float
        Most difference of the temperatures of like customers, a fraction.
    burden : float
        Offers are unlike where their burdens differ by more than this share of spend.
    most : int
        Most pairs listed. Each customer is compared with its 1,000 next larger ones at most.

    Returns
    -------
    UnlikeOffers
        The pairs, the greatest difference first.

    Raises
    ------
    InputError
        If a customer has no segment, or a number is out of range.
    """
    portfolio = offers.portfolio
    codes = segments_of(segments, portfolio.ids)
    heavier, lighter, difference, pairs = _core.unlike_offers(
        portfolio.core, offers.core, codes, size_ratio, temperature, burden, most, 1000
    )
    made, levels, temperatures = offers.columns(), portfolio.core.revenue, portfolio.core.temperature()
    columns: dict[str, Any] = {}
    for prefix, places in (("", heavier), ("other_", lighter)):
        customers = offers.core.customer[places]
        columns |= {f"{prefix}{name}": [made[name][k] for k in places] for name in ("customer_id", "name", "terms")}
        columns |= {
            f"{prefix}burden": made["burden"][places],
            f"{prefix}level": levels[customers],
            f"{prefix}temperature": temperatures[customers],
        }
    return UnlikeOffers(columns | {"difference": difference}, offers.library, pairs)
