# The chance, month by month, that plans have brought an amount.
"""Time to a target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio._tables.arguments import checked
from custfolio._tables.result import Result

__all__ = ["TimeToTarget"]


@checked
class TimeToTarget(Result):
    """The chance, month by month, that plans have brought an amount. Made by :meth:`Growth.time_to_target`.

    ``plot`` draws the chance to have reached the target by month.
    """

    def __init__(self, amount: float, months: Sequence[str], reached: NDArray[np.float64], library: str | None) -> None:
        self._library = library
        self.amount = amount
        """The target, currency."""
        self.months = list(months)
        """The months of the horizon."""
        self.reached = reached
        """Chance that the plans have brought the amount by the end of each month; it may fall where payoffs are negative."""

    @property
    def not_within_horizon(self) -> float:
        """Chance that the target is not reached at the end of the horizon."""
        return 1.0 - float(self.reached[-1])

    def quantile(self, probability: float) -> str | None:
        """Return the first month by whose end the target is reached with a probability.

        Parameters
        ----------
        probability : float
            In [0, 1].

        Returns
        -------
        str or None
            The month; None if no month of the horizon is late enough.
        """
        return next((m for m, chance in zip(self.months, self.reached, strict=True) if chance >= probability), None)

    def _columns(self) -> Mapping[str, Any]:
        return {"month": self.months, "reached": self.reached}

    def _facts(self) -> Mapping[str, Any]:
        return {"target": self.amount, "not within the horizon": self.not_within_horizon}

    def _title(self) -> str:
        return "Time to the target"

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        from custfolio.plots import COLOURS

        values = [{"month": m, "reached": float(r)} for m, r in zip(self.months, self.reached, strict=True)]
        chart = alt.Chart(alt.Data(values=values)).mark_bar(color=COLOURS["growth"])
        return chart.encode(
            x=alt.X("month:O", title=None),
            y=alt.Y(
                "reached:Q",
                title="Chance to have reached the target",
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
        ).properties(**options)
