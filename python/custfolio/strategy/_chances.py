# What the chance of the floors costs: the best plan for a few chances.
"""The table of heat by chance of the floor."""

from __future__ import annotations

import math
from typing import Any

from custfolio._tables.result import Listing

__all__ = ["ChanceTable"]


class ChanceTable(Listing):
    """The best plan for each chance of the floors. Made by :meth:`Plan.heat_by_chance`.

    Columns: ``chance`` (NaN in the first row: in expectation), ``reached`` (the least chance of a floor), ``level`` of all months, ``gain``
    (discounted heat of all actions), ``cost`` (the heat that the chance costs), ``relaxed`` (number of rows that the plan misses).
    """

    _heading = "Heat by chance of the floor"

    def tables(self) -> dict[str, dict[str, Any]]:
        """Return the table of the page and the workbook."""
        rows = self.columns()
        plans = ["in expectation" if math.isnan(one) else f"with a chance of {one:.4g}" for one in rows["chance"]]
        chance = [one if math.isfinite(one) else None for one in rows["reached"]]
        return {
            self._heading: {"plan": plans, **{name: rows[name] for name in ("level", "gain", "cost")}, "chance": chance}
        }

    def _draw(self, **options: Any) -> Any:
        """Draw the gain by the least chance of a floor."""
        import altair as alt

        rows = self.columns()
        values = [
            {"reached": float(reached), "gain": float(gain)}
            for reached, gain in zip(rows["reached"], rows["gain"], strict=True)
        ]
        encoding = {"x": alt.X("reached:Q", title="Chance of the floor"), "y": alt.Y("gain:Q", title="Gain")}
        return alt.Chart(alt.Data(values=values)).mark_line(point=True).encode(**encoding).properties(**options)
