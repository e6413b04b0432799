# The same sales by several cost models, side by side.
"""Costing side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.dates import DayLike
from custfolio._tables.result import Result
from custfolio.costing import CostModel
from custfolio.errors import InputError
from custfolio.ledger import Ledger
from custfolio.selection._statement import Statement, statement

__all__ = ["CostingComparison", "compare_costing"]


@checked
class CostingComparison(Result):
    """Contribution of each customer by several ways of costing. Made by :func:`compare_costing`.

    The table has customer_id, name, revenue, a column per way, spread (highest less lowest) and changes_sides, the largest spread first.

    ``plot`` draws the customers that change sides, or else those of the largest spread, a line from lowest to highest contribution each.
    """

    def __init__(self, statements: Mapping[str, Statement], library: str | None) -> None:
        found = _core.compare_costing([each.core for each in statements.values()])
        self._library = library
        self.statements = dict(statements)
        """The statement of each way, by its name."""
        self.loss_makers: dict[str, int] = dict(zip(statements, found["loss_makers"].tolist(), strict=True))
        """Number of customers that cost money, by way of costing."""
        core = next(iter(statements.values())).portfolio.core
        order = np.lexsort((np.arange(found["spread"].size), -found["spread"]))
        self._entries: dict[str, Any] = {
            "customer_id": [core.id[k] for k in order.tolist()],
            "name": [core.name[k] for k in order.tolist()],
            "revenue": core.revenue[order],
            **{f"by {name}": found["contribution"][order, k] for k, name in enumerate(statements)},
            "spread": found["spread"][order],
            "changes_sides": found["changes_sides"][order].astype(bool),
        }

    @property
    def changing(self) -> list[str]:
        """Identities of the customers that cost money by one way and not by another, the largest spread first."""
        pairs = zip(self._entries["customer_id"], self._entries["changes_sides"].tolist(), strict=True)
        return [identity for identity, changes in pairs if changes]

    def __len__(self) -> int:
        return len(self._entries["customer_id"])

    def _columns(self) -> Mapping[str, Any]:
        return self._entries

    def _title(self) -> str:
        return f"Contribution by {len(self.statements)} ways of costing"

    def _facts(self) -> Mapping[str, Any]:
        heats = {f"heat by {name}": each.bucket.heat for name, each in self.statements.items()}
        losses = {f"cost money by {name}": count for name, count in self.loss_makers.items()}
        return heats | losses | {"change sides": len(self.changing)}

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        ways = [f"by {name}" for name in self.statements]
        chosen = [k for k, changes in enumerate(self._entries["changes_sides"].tolist()) if changes] or range(len(self))
        values = [
            {
                "customer": self._entries["name"][k],
                "id": self._entries["customer_id"][k],
                "way": way,
                "heat": float(self._entries[way][k]),
            }
            for k in chosen[:30]
            for way in ways
        ]
        base = alt.Chart(alt.Data(values=values)).encode(y=alt.Y("customer:N", sort=None, title=None))
        tips = ["id:N", "customer:N", "way:N", alt.Tooltip("heat:Q", format=",.0f")]
        points = base.mark_point(filled=True).encode(
            x=alt.X("heat:Q", title="Contribution"), color=alt.Color("way:N", title=None), tooltip=tips
        )
        return alt.layer(base.mark_line(color="#b9c4c9").encode(x="heat:Q", detail="id:N"), points).properties(
            **options
        )


@checked
def compare_costing(
    ledger: Ledger, models: Mapping[str, CostModel], period: Sequence[DayLike] | None = None, **options: Any
) -> CostingComparison:
    """State the same sales by several cost models, and show who changes sides.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    models : mapping of str to CostModel
        At least two ways of costing, by name: ``{"share of revenue": m1, "rates": m2, "time": m3}``.
    period : (date, date), optional
        As for :func:`statement`.
    **options
        Further arguments of :func:`statement`, the same for each way.

    Returns
    -------
    CostingComparison
        Contribution by customer and way.

    Raises
    ------
    InputError
        If there are fewer than two models, or the costs of goods are not known; and as for :func:`statement`.
    """
    for name, model in models.items():
        if not isinstance(model, CostModel):
            raise InputError(f"models[{name!r}] is of type {type(model).__name__}; it must be a CostModel")
    if len(models) < 2:
        raise InputError(f"there {'is 1 model' if models else 'are 0 models'}; at least two are compared")
    statements = {str(name): statement(ledger, model, period, **options) for name, model in models.items()}
    return CostingComparison(statements, ledger.library)
