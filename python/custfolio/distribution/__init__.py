# The room `distribution` (floor 2): distributions of money, and sums of amounts.
"""Distributions of money: sums of all-or-nothing amounts, independent or with a common factor, and mixtures."""

from __future__ import annotations

from custfolio.distribution._distribution import Distribution, Recipe, TailProbability, mix, sum_distribution
from custfolio.distribution._monthly_amounts import MonthlyAmounts

__all__ = ["Distribution", "MonthlyAmounts", "Recipe", "TailProbability", "mix", "sum_distribution"]
