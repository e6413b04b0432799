# The variance of a budget: its table and its chart.
"""Planned against actual: won, lost, slipped, resized, new, price, volume, currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from custfolio._tables.result import Listing
from custfolio.budget._listings import waterfall

__all__ = ["CAUSES", "Variance"]

CAUSES = ("won", "lost", "slipped", "resized", "new", "price", "volume", "currency")
"""Causes of a variance, in the order in which they are shown."""


class Variance(Listing):
    """Actual less planned amounts, and their causes. Made by :meth:`Budget.compare`.

    With the account among the rows, amounts are those of the accounts: more of an expense is unfavourable. Otherwise they are contributions.

    - An all-or-nothing item changes by its chance (won, lost), its months (slipped), its size (resized) and the rates (currency).
    - An amount before or after its months is slipped; only a difference that no timing explains is resized.
    - Usual business with quantities changes by quantity at the planned price (volume) and by price at the actual quantity (price).
    - Usual business without quantities is resized.
    """

    _heading = "Variance and its causes"

    def __init__(
        self, columns: Mapping[str, Any], by: Sequence[str], library: str | None, totals: Mapping[str, float]
    ) -> None:
        super().__init__(columns, library)
        self._by = list(by)
        self.causes = {name: totals[name] for name in CAUSES}
        """Contribution by cause over all rows, currency."""
        self.planned: float = totals["planned"]
        """Contribution planned, currency."""
        self.actual: float = totals["actual"]
        """Contribution that came, currency."""

    def _facts(self) -> Mapping[str, Any]:
        causes = {name: value for name, value in self.causes.items() if value}
        return {"planned contribution": self.planned, "actual contribution": self.actual, **causes}

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        at = self.planned
        rows: list[dict[str, Any]] = [{"cause": "planned", "from": 0.0, "to": at, "kind": "total"}]
        for name, value in self.causes.items():
            if value:
                rows.append({"cause": name, "from": at, "to": at + value, "kind": "more" if value > 0 else "less"})
                at += value
        rows.append({"cause": "actual", "from": 0.0, "to": self.actual, "kind": "total"})
        y = alt.Y("from:Q", title="Contribution", axis=alt.Axis(format="~s"), scale=alt.Scale(zero=False))
        return waterfall(rows, "cause", y).properties(**{"width": 480, "height": 240, **options})
