# The variance of a budget: its table and its chart.
"""Planned against actual, with the causes of the difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Any

from custfolio._tables.result import Listing
from custfolio.budget._listings import waterfall

__all__ = ["CAUSES", "Variance"]

CAUSES = (
    "won", "lost", "slipped", "resized", "new", "price", "volume", "product_mix", "cost_of_goods", "cost_to_serve",
    "customers_gained", "customers_lost", "restated", "currency",
)  # fmt: skip
"""Causes of a variance, in the order in which they are shown."""


class Variance(Listing):
    """Actual less planned amounts, and their causes. Made by :meth:`Budget.compare`.

    With the account among the rows, amounts are those of the accounts: more of an expense is unfavourable. Otherwise they are contributions.

    - An all-or-nothing item changes by its chance (won, lost), its months (slipped), its size (resized) and the rates (currency).
    - An amount before or after its months is slipped; only a difference that no timing explains is resized.
    - Usual business of a customer that the budget does not have is customers_gained. Without any actual amount it is customers_lost.
    - Other usual business changes as in :func:`custfolio.bridge`: volume (all items of a customer grow alike, at planned prices),
      product_mix, price, cost_of_goods and cost_to_serve. Sales without quantities are resized.
    - Another amount in a month that an earlier forecast closed is restated.

    The text shows only the causes that occur; :meth:`to_frame` has all.
    """

    _heading = "Variance and its causes"

    def __init__(
        self,
        columns: Mapping[str, Any],
        by: Sequence[str],
        library: str | None,
        totals: Mapping[str, float],
        without_lines: Mapping[str, str],
    ) -> None:
        super().__init__(columns, library)
        self._by = list(by)
        self.causes = {name: totals[name] for name in CAUSES}
        """Contribution by cause over all rows, currency."""
        self.planned: float = totals["planned"]
        """Contribution planned, currency."""
        self.actual: float = totals["actual"]
        """Contribution that came, currency."""
        self.without_lines = dict(without_lines)
        """Outcomes that name an item without a line on either side: what began and ended after the budget was frozen."""

    def _facts(self) -> Mapping[str, Any]:
        causes = {name: value for name, value in self.causes.items() if value}
        new = ", ".join(f"{item} ({outcome})" for item, outcome in self.without_lines.items())
        listed = {"new items without a line": new} if new else {}
        return {"planned contribution": self.planned, "actual contribution": self.actual, **causes, **listed}

    def _head(self) -> tuple[list[str], list[list[Any]], int]:
        names, rows, total = super()._head()
        shown = [name not in CAUSES or any(self._entries[name]) for name in names]
        return list(compress(names, shown)), [list(compress(row, shown)) for row in rows], total

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
