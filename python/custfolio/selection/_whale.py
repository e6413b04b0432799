# The whale curve: cumulative contribution over customers.
"""The whale curve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.result import Result
from custfolio.errors import InputError
from custfolio.portfolio import NO_HEAT, Portfolio

__all__ = ["WhaleCurve", "whale_curve"]


@checked
class WhaleCurve(Result):
    """Cumulative contribution over customers from the most to the least profitable (Kaplan & Narayanan 2001).

    The table has rank, customer_id, name, contribution and cumulative; row in place of the customer for bare contributions.

    ``plot`` draws the curve, with the options of :func:`custfolio.plots.whale`.

    Attributes
    ----------
    total, peak, loss : float
        Contribution of all customers, the curve's highest point, and peak - total, currency.
    peak_share : float
        peak / total; NaN where the total is not positive.
    customers_at_peak : int
        Customers with a positive contribution.
    gini : float
        Gini coefficient of contribution; NaN where the total is not positive. Losses may raise it above 1, where it is no share and is not shown.
    """

    def __init__(self, core: _core.WhaleCurve, library: str | None = None, portfolio: Portfolio | None = None) -> None:
        self.core = core
        self._library = library
        self._portfolio = portfolio
        self.total, self.peak, self.loss = core.total, core.peak, core.loss
        self.peak_share, self.customers_at_peak, self.gini = core.peak_share, core.customers_at_peak, core.gini

    @property
    def cumulative(self) -> NDArray[np.float64]:
        """Contribution of the first k + 1 customers, currency."""
        return self.core.cumulative

    @property
    def order(self) -> NDArray[np.int64]:
        """Customers from the highest to the lowest contribution, as rows of the portfolio or of the contributions."""
        return self.core.order

    def share(self, fraction: float) -> float:
        """Share of the total that the most profitable customers bring.

        Parameters
        ----------
        fraction : float
            Of all customers, in [0, 1]; the curve is linear between customers.

        Returns
        -------
        float
            Share of the total as a fraction; NaN where the total is not positive.

        Raises
        ------
        InputError
            If the fraction is not in [0, 1].
        """
        return self.core.share(fraction)

    def _columns(self) -> Mapping[str, Any]:
        order, core = self.order, None if self._portfolio is None else self._portfolio.core
        columns: dict[str, Any] = {"rank": np.arange(1, order.size + 1)}
        if core is None:
            columns["row"] = order
        else:
            columns |= {
                label: [texts[k] for k in order.tolist()]
                for label, texts in (("customer_id", core.id), ("name", core.name))
            }
            columns["contribution"] = core.contribution[order]
        return columns | {"cumulative": self.cumulative}

    def _title(self) -> str:
        return "Whale curve"

    def _facts(self) -> Mapping[str, Any]:
        return {
            "total": self.total,
            "peak": self.peak,
            "peak share": self.peak_share,
            "customers at the peak": self.customers_at_peak,
            "loss": self.loss,
            "Gini": self.gini if self.gini <= 1 else None,
        }

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        if not self.order.size:
            raise InputError(f"the whale curve has no customer{'; ' + NO_HEAT if np.isnan(self.total) else ''}")
        columns = self._columns()
        who = {label: columns[label] for label in ("customer_id", "name", "contribution") if label in columns}
        return plots.whale(self.cumulative, who=who, **options)


@checked
def whale_curve(contribution: ArrayLike) -> WhaleCurve:
    """Draw the whale curve of contributions.

    Parameters
    ----------
    contribution : array_like, shape (n,)
        One per customer, currency.

    Returns
    -------
    WhaleCurve
        The curve.

    Raises
    ------
    InputError
        If a number is not finite; the text names its position.
    """
    return WhaleCurve(_core.whale_curve(np.asarray(contribution, dtype=np.float64)))
