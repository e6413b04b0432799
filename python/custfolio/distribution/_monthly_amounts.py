# Amounts by item and month that a forecast offers to a budget, with the distribution of any weighted sum of them.
"""Amounts by item and month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.dates import MonthLike, month_index
from custfolio._tables.result import STATE_FORMAT, check_state_format
from custfolio.distribution._distribution import Distribution, Recipe
from custfolio.errors import InputError

__all__ = ["MonthlyAmounts"]


@checked
class MonthlyAmounts:
    """Amounts by item and month whose joint distribution a forecast computes. Made by :meth:`custfolio.growth.Growth.monthly_amounts`."""

    def __init__(
        self, core: _core.MonthlyAmounts, keys: Sequence[tuple[str, str]], recipe: Recipe | None = None
    ) -> None:
        self.core = core
        """The amounts of the compiled library."""
        self.keys = list(keys)
        """Customer and name of each item."""
        self._recipe = recipe

    def __reduce__(self) -> tuple[Any, ...]:
        """Store the call that makes the amounts again."""
        if self._recipe is None:
            raise InputError("these amounts were made by no forecast; they cannot be stored")
        return _restored, (STATE_FORMAT, self._recipe)

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def correlation(self) -> float:
        """Share of the common factor in every success, in [0, 1)."""
        return self.core.correlation

    def sum(
        self,
        first: MonthLike,
        shares: Sequence[float],
        *,
        items: Sequence[int] | None = None,
        payoff: str = "contribution",
        factor: float | None = None,
    ) -> Distribution:
        """Return the distribution of a sum of shares of months.

        Parameters
        ----------
        first : str or date
            The first month.
        shares : sequence of float
            Share of each month that counts, one a month from `first` on.
        items : sequence of int, optional
            Positions of the items; all by default.
        payoff : {"contribution", "revenue", "costs"}
            Which amounts are added up.
        factor : float, optional
            Value of the common factor; by default the average over all its values.

        Returns
        -------
        Distribution
            Of the sum, with its errors.

        Raises
        ------
        InputError
            If the months are not in the horizon, or `payoff` is unknown.
        """
        chosen = list(range(len(self))) if items is None else list(items)
        begin = month_index(first, "first")
        options = {"items": items, "payoff": payoff, "factor": factor}
        return Distribution(
            self.core.sum(chosen, begin, [float(share) for share in shares], payoff, factor),
            Recipe(self.sum, (first, shares), options),
        )


def _restored(state_format: int, recipe: Recipe) -> MonthlyAmounts:
    """Return stored amounts, made again."""
    check_state_format(state_format, "MonthlyAmounts")
    made: MonthlyAmounts = recipe.make()
    return made
