# The distribution of a cell of a budget: what is certain, what is normal, what comes or not, and action plans, with a market that they share.
"""Distributions of sums of budget lines."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from custfolio.budget._lines import Dimension
from custfolio.budget._plan_shares import chance_in_market, given_market, market_share, months_distribution

if TYPE_CHECKING:
    from custfolio.budget._budget import Budget
    from custfolio.growth import Distribution, Growth

__all__ = ["Chances"]

_TOLERANCE = 1e-5
"""Change of any chance at which halving the spacing of the market's values stops."""


@dataclass(frozen=True)
class _Plans:
    """Months of some action plans."""

    growth: Growth
    first: int
    shares: NDArray[np.float64]
    measure: str
    sign: float
    met: bool
    """Whether the plans share the market with the rest of the budget."""

    def distribution(self, market: float | None = None) -> Distribution:
        """Return the distribution of what they bring, over all markets or in one."""
        growth = self.growth if market is None else given_market(self.growth, market)
        found = months_distribution(growth, self.first, self.shares, self.measure)
        return found if self.sign == 1 else found * self.sign


@dataclass(frozen=True)
class Chances:
    """What a sum of lines is made of."""

    certain: float
    deviation: float
    """Standard deviation of the normal amounts once the market is known."""
    drift: float
    """By how much the normal amounts fall with each standard deviation of the market."""
    chance: NDArray[np.float64]
    amount: NDArray[np.float64]
    """All-or-nothing amounts, the chance of each and the market's share in it."""
    share: NDArray[np.float64]
    plans: tuple[_Plans, ...]

    @classmethod
    def of(
        cls, budget: Budget, rows: NDArray[np.int64], signs: NDArray[np.int64], days: NDArray[np.float64]
    ) -> Chances:
        """Take the sum of some lines apart.

        Parameters
        ----------
        budget : Budget
            Whose lines they are.
        rows : array of int
            Positions of the lines; one that stands there twice counts with both its shares.
        signs : array of int
            Whether each is added, taken off, or does not count.
        days : array of float
            Share of its month that each counts with.
        """
        lines = budget._lines
        weight = signs * days
        amount = lines.amount[rows] * weight
        market = budget._market_shares(rows)
        part = lines.part[rows]
        chance = np.where(
            part < 0, (lines.probability[rows] < 1) & (lines.state.codes[rows] == _code(lines.state, "open")), False
        )
        plain = (part < 0) & ~chance
        certain = math.fsum(amount[plain])
        moved = lines.deviation[rows] * weight
        deviation = drift = 0.0
        uncertain = np.flatnonzero(plain & (moved != 0))
        if uncertain.size:  # accounts of one customer and month move together
            tie = lines.month[rows[uncertain]]
            for name, dimension in lines.dimensions.items():
                if name != "account":
                    tie = tie * len(dimension.names) + dimension.codes[rows[uncertain]]
            _, at, place = np.unique(tie, return_index=True, return_inverse=True)
            own = np.bincount(place.ravel(), weights=moved[uncertain])
            share = market[uncertain[at]]
            deviation = math.sqrt(float(((1 - share) * own**2).sum()))
            drift = math.fsum((np.sqrt(share) * own).tolist())
        events = np.flatnonzero(chance)
        _, at, place = np.unique(lines.item.codes[rows[events]], return_index=True, return_inverse=True)
        probability = lines.probability[rows[events]]
        whole = np.bincount(place.ravel(), weights=amount[events] / probability, minlength=at.size).astype(np.float64)
        first = np.zeros(whole.size)
        first[place.ravel()] = probability
        plans = tuple(
            _plans_of(budget._parts[at], budget, rows[own], signs[own], days[own], bool((market[own] > 0).any()))
            for at in np.unique(part[(part >= 0) & (signs != 0)]).tolist()
            for own in [np.flatnonzero((part == at) & (signs != 0))]
        )
        return cls(certain, deviation, drift, first, whole, market[events[at]], plans)

    def quantiles(self, chosen: Any) -> list[float]:
        """Return quantiles of the sum."""
        found = self._uncertain()
        if found is None:
            spread = math.hypot(self.deviation, self.drift)
            normal = NormalDist(self.certain, spread) if spread > 0 else None
            return [normal.inv_cdf(q) if normal else self.certain for q in chosen]
        return [self.certain + found.quantile(q) for q in chosen]

    def distribution(self) -> Distribution:
        """Return the distribution of the sum."""
        from custfolio.growth import Distribution

        found = self._uncertain()
        if found is None:
            spread = math.hypot(self.deviation, self.drift)
            found = _normal(spread) if spread > 0 else Distribution.from_atoms([0.0], [1.0])
        return found + self.certain

    def _uncertain(self) -> Distribution | None:
        """Return the distribution of what is not certain; None where it is normal, or nothing."""
        from custfolio.growth import sum_distribution

        if not self.chance.size and not self.plans:
            return None
        met = [plans for plans in self.plans if plans.met]
        if len(met) + (self.drift != 0) + bool(self.share.any()) > 1:
            return _over_market(self._given)
        # What shares the market with nothing else has its own distribution, over all markets.
        pieces = [plans.distribution() for plans in self.plans]
        if self.chance.size:
            share = self.share if self.share.any() else None
            pieces.insert(0, sum_distribution(self.chance, self.amount, correlation=share))
        return _summed(pieces, math.hypot(self.deviation, self.drift))

    def _given(self) -> Callable[[float], Distribution]:
        """Return the distribution of what is not certain once the market is known."""
        from custfolio.growth import sum_distribution

        apart = [plans.distribution() for plans in self.plans if not plans.met]
        met = [plans for plans in self.plans if plans.met]

        def given(market: float) -> Distribution:
            pieces = list(apart)
            if self.chance.size:
                pieces.append(sum_distribution(chance_in_market(self.chance, self.share, market), self.amount))
            pieces += [plans.distribution(market) for plans in met]
            return _summed(pieces, self.deviation) - self.drift * market

        return given


def _summed(pieces: list[Distribution], deviation: float) -> Distribution:
    """Return the sum of independent amounts and a normal one."""
    found = pieces[0]
    for piece in pieces[1:]:
        found = found + piece
    return found + _normal(deviation) if deviation > 0 else found


def _over_market(begin: Callable[[], Callable[[float], Distribution]]) -> Distribution:
    """Average over a standard normal market: the trapezoidal rule on [-6, 6], its spacing halved until no chance changes any more."""
    from custfolio.growth._distribution import mix

    given = begin()
    known: dict[float, Distribution] = {}
    found: Distribution | None = None
    for spacing in (0.5, 0.25, 0.125, 0.0625):
        markets = np.arange(-6.0, 6.0 + spacing / 2, spacing)
        density = np.exp(-(markets**2) / 2)
        for market in markets.tolist():
            if market not in known:
                known[market] = given(market)
        before, found = found, mix([known[market] for market in markets.tolist()], density / density.sum())
        if before is not None:
            amounts = [found.quantile(q) for q in np.linspace(0.01, 0.99, 99).tolist()]
            if max(abs(found.cdf(amount) - before.cdf(amount)) for amount in amounts) < _TOLERANCE:
                break
    assert found is not None
    return found


def _plans_of(
    growth: Growth,
    budget: Budget,
    rows: NDArray[np.int64],
    signs: NDArray[np.int64],
    days: NDArray[np.float64],
    met: bool,
) -> _Plans:
    """Return the plans and months of some lines, and what of them is summed."""
    lines = budget._lines
    item, account = lines.item.codes[rows], lines.dimensions["account"]
    items = {lines.item.names[code] for code in np.unique(item).tolist()}
    chosen = frozenset(at for at, plan in enumerate(growth.plans) if f"{plan.customer}/{plan.name}" in items)
    there = {account.names[code] for code in np.unique(account.codes[rows]).tolist()}
    if len(there) > 1:
        measure, sign = "contribution", 1.0
    else:
        measure, sign = ("revenue" if there == {"revenue"} else "costs"), float(signs[0])
    months = lines.month[rows]
    first = int(months.min())
    shares = np.ones(int(months.max()) - first + 1)
    # All lines of a month have the same share of it, so one tells it; its parts that lie in one cell add up.
    _, at, place = np.unique(months, return_index=True, return_inverse=True)
    line = rows == rows[at][place.ravel()]
    total = np.bincount(months[line] - first, weights=days[line], minlength=shares.size)
    shares = np.where(total > 0, np.round(total, 12), shares)
    return _Plans(growth._part(chosen), first, shares, measure, sign, met and market_share(growth) > 0)


def _code(dimension: Dimension, name: str) -> int:
    return dimension.names.index(name) if name in dimension.names else -1


def _normal(deviation: float) -> Distribution:
    """Return a normal distribution of mean 0 on 1,201 points up to six standard deviations."""
    from custfolio.growth import Distribution

    points, mass = _standard_normal()
    return Distribution.from_atoms(points * deviation, mass, unit=max(0.01, deviation / 1000))


@cache
def _standard_normal() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return points and masses of the standard normal distribution, which every cell of a budget shares."""
    points = np.linspace(-6.0, 6.0, 1201)
    edges = np.concatenate([[-np.inf], (points[1:] + points[:-1]) / 2, [np.inf]])
    normal = NormalDist()
    below = np.array(
        [0.0 if edge == -np.inf else 1.0 if edge == np.inf else normal.cdf(edge) for edge in edges.tolist()]
    )
    mass = np.diff(below)
    return points, mass / mass.sum()
