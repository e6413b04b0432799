# How sure the temperature of each customer is.
"""Temperatures with their deviation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.result import Result

__all__ = ["SURE_COLUMNS", "Uncertainty"]

SURE_COLUMNS = ("expected_temperature", "temperature_p10", "temperature_p90", "probability_below", "verdict")
"""Columns that stand beside those of a statement."""


class Uncertainty(Result):
    """How sure the temperature of each customer is. Made by :meth:`Statement.uncertain`.

    Columns:

    - customer_id, name, revenue.
    - temperature: as observed, a fraction; NaN for a customer without positive revenue.
    - expected_temperature: shrunk towards the segment where months count; else as observed.
    - temperature_p10, temperature_p90: ends of the 80 % interval.
    - probability_below: chance to be below the target; without positive revenue, that of a loss.
    - verdict: ``"sure"`` where that chance is above 95 % and the observed temperature below the target, or the chance is below 5 % and the
      temperature at the target or above; else ``"undecided"``. Own months may shrink a temperature across the target: then it is undecided.

    ``plot`` draws temperature against revenue, coloured by whether a customer is surely warm, surely cold or undecided. Options: see
    :func:`custfolio.plots.certainty`.

    Attributes
    ----------
    target : float
        Least temperature of a warm customer, a fraction.
    rates : float or dict of str to float
        Relative deviation of each rate, a fraction; or of single rates by name.
    months : bool
        Whether the deviation of the customers' own months counts.
    surely_warm, surely_cold, undecided : int
        Customers that are surely at the target or above, surely below it, and the others.
    """

    rates: float | dict[str, float] | None = None  # results stored by earlier versions do not have these two
    months: bool | None = None

    def __init__(
        self,
        portfolio: _core.Portfolio,
        core: Mapping[str, Any],
        target: float,
        rates: float | dict[str, float],
        months: bool,
        library: str | None,
    ) -> None:
        self.rates = rates
        self.months = months
        self._library = library
        self.identity = portfolio.identity
        """The portfolio of the temperatures."""
        self.target = target
        found = dict(core)
        self.surely_warm, self.surely_cold, self.undecided = found.pop("counts")
        self._heat = portfolio.contribution
        own: dict[str, Any] = {"customer_id": portfolio.id, "name": portfolio.name, "revenue": portfolio.revenue}
        names = (
            "temperature",
            "expected_temperature",
            "temperature_p10",
            "temperature_p90",
            "probability_below",
            "verdict",
        )
        self._table: dict[str, Any] = own | {name: found[name] for name in names}

    def __len__(self) -> int:
        return len(self._table["customer_id"])

    @property
    def groups(self) -> list[str]:
        """``"surely warm"``, ``"surely cold"`` or ``"undecided"`` for each customer."""
        below = self._table["probability_below"].tolist()
        return [
            "undecided" if verdict == "undecided" else "surely warm" if chance < 0.5 else "surely cold"
            for verdict, chance in zip(self._table["verdict"], below, strict=True)
        ]

    def tables(self) -> dict[str, dict[str, Any]]:
        """Return the tables of a page.

        Returns
        -------
        dict of str to columns
            ``certainty``: group, customers, revenue, contribution and temperature of those who are surely warm, undecided and surely cold.
            ``undecided``: the undecided customers, the largest revenue first.
        """
        table, groups = self._table, np.asarray(self.groups)
        names = ("surely warm", "undecided", "surely cold")
        buckets = [_core.pour(table["revenue"][groups == name], self._heat[groups == name]) for name in names]
        order = np.argsort(-table["revenue"], kind="stable")
        rows = order[groups[order] == "undecided"]
        shown = {"customer": table["customer_id"]} | {
            name: table[name] for name in table if name not in ("customer_id", "verdict")
        }
        # A chance of 94.97 % is not shown as the 95.0 % that it misses.
        shown["probability_below"] = np.where(
            (table["probability_below"] > 0.949) & (table["probability_below"] <= 0.95),
            0.949,
            table["probability_below"],
        )
        if np.array_equal(table["temperature"], table["expected_temperature"], equal_nan=True):
            del shown["expected_temperature"]
        return {
            "certainty": {
                "group": list(names),
                "customers": [bucket.customers for bucket in buckets],
                "revenue": [bucket.level for bucket in buckets],
                "contribution": [bucket.heat for bucket in buckets],
                "temperature": [bucket.temperature for bucket in buckets],
            },
            "undecided": {name: [values[row] for row in rows.tolist()] for name, values in shown.items()},
        }

    def sentence(self) -> str:
        """Return how many customers are sure, and what is uncertain, in words."""
        return (
            f"Customers at a target of {self.target:.1%}{self._assumed()}: {self.surely_warm:,} surely warm, {self.surely_cold:,} surely cold, "
            f"{self.undecided:,} undecided."
        )

    def _assumed(self) -> str:
        """Return what is uncertain, in words; empty where nothing is, or it is not known."""
        parts: list[str] = []
        if isinstance(self.rates, dict):
            parts += [f"{name} uncertain by {100 * value:g}%" for name, value in self.rates.items()]
        elif self.rates:
            parts.append(f"rates uncertain by {100 * self.rates:g}%")
        parts += ["the deviation of own months"] if self.months else []
        return f", with {' and '.join(parts)}" if parts else ""

    @property
    def probability_below(self) -> NDArray[np.float64]:
        """Chance of each customer to be below the target, in [0, 1]."""
        below: NDArray[np.float64] = self._table["probability_below"]
        return below

    def _columns(self) -> Mapping[str, Any]:
        return self._table

    def _facts(self) -> Mapping[str, Any]:
        return {
            "target": f"{self.target:.1%}",
            "surely warm": self.surely_warm,
            "surely cold": self.surely_cold,
            "undecided": self.undecided,
        }

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        table = self._table
        who = {name: table[name] for name in ("customer_id", "name")}
        columns = {name: table[name] for name in ("revenue", "temperature", "probability_below")}
        return plots.certainty(self.groups, **columns, target=self.target, who=who, **options)
