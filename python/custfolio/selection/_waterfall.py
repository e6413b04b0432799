# The price waterfall: from list price over invoice and pocket to contribution.
"""The price waterfall of the company, of customers and of groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.result import Result

__all__ = ["Waterfall", "waterfall"]

_TOTALS: Mapping[str, bool] = dict(_core.waterfall_steps)
"""Whether each step is a total, in order; else it is a change."""


class Waterfall(Result):
    """The steps from list price to contribution (Marn & Rosiello 1992).

    Steps: **list price**, discount, price difference, **invoice**, rebate, **net revenue** (the level), freight, commission, **pocket**, cost of
    goods, **pocket margin**, other cost to serve (all but freight and commission), cost of credit, **contribution** (the heat). The bold ones are
    totals. Each total is the one before it plus the changes between. A change that lowers it is negative.

    A price element that the ledger does not have is 0. Without list prices, the list price is what was invoiced plus the discount. Without a
    discount, the discount is list price less invoice. With both, the price difference is what neither explains. Without costs of goods the
    steps end with the pocket.

    Made by :attr:`Statement.waterfall` and :attr:`GroupedStatement.waterfall`. The table of the company has step, kind (total or change), amount
    (currency) and share (of net revenue, a fraction). ``plot`` draws the company's waterfall.

    Attributes
    ----------
    rows : dict of str to array
        The same steps of each customer, or group: its names, and a column per step, currency. All rows sum to the company.
    """

    def __init__(
        self,
        names: Mapping[str, Sequence[Any]],
        amount: NDArray[np.float64],
        company: NDArray[np.float64],
        library: str | None,
    ) -> None:
        self._library = library
        self._company = company
        steps = list(_TOTALS)[: company.size]
        self.rows: dict[str, Any] = {**names, **{step: amount[:, k] for k, step in enumerate(steps)}}

    @property
    def steps(self) -> dict[str, float]:
        """Amount of each step of the company, currency."""
        return dict(zip(_TOTALS, self._company.tolist(), strict=False))

    def _columns(self) -> Mapping[str, Any]:
        steps, level = self.steps, self.steps["net revenue"]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = self._company / level if level > 0 else np.full(self._company.size, np.nan)
        return {
            "step": list(steps),
            "kind": ["total" if _TOTALS[step] else "change" for step in steps],
            "amount": self._company,
            "share": share,
        }

    def _title(self) -> str:
        return "Price waterfall"

    def _facts(self) -> Mapping[str, Any]:
        return {step: amount for step, amount in self.steps.items() if _TOTALS[step]}

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        steps = self.steps
        return plots.waterfall(list(steps), list(steps.values()), [_TOTALS[step] for step in steps], **options)


def waterfall(statement: _core.Statement, library: str | None) -> Waterfall:
    """Return the waterfall of each customer, and of the company."""
    amount, company = _core.waterfall(statement)
    portfolio = statement.portfolio
    return Waterfall({"customer_id": portfolio.id, "name": portfolio.name}, amount, company, library)
