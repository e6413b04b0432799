# The distribution of a cell of a budget: what is certain, what is normal, what comes or not, and action plans, with a market that they share.
"""Distributions of sums of budget lines."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from custfolio.budget._lines import Dimension
from custfolio.budget._plan_shares import chance_in_market, given_market, market_share, months_distribution
from custfolio.errors import InputError

if TYPE_CHECKING:
    from custfolio.budget._budget import Budget
    from custfolio.growth import Distribution, Growth

__all__ = ["Chances"]

_TOLERANCE = 1e-4
"""Change of any chance at which halving the spacing of the market's values stops."""
_SPACINGS = (0.5, 0.25, 0.125, 0.0625)
"""Distances between the market's values at which averages over it are taken, until they settle."""
_FINER = (0.03125, 0.015625)
"""More of them where some amounts are normal, so that sums are no steps and do settle."""
_FEW, _STEPS = 64, 4000
"""More all-or-nothing amounts than these are added on a lattice of so many steps to a standard deviation, once the market is known."""


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
        if (part[signs != 0] == -2).any():
            raise InputError(
                "a frozen version holds the amounts of action plans and not their distribution; ask the budget that was frozen, name the "
                "bands when it is frozen, or give a forecast rest= with the plans"
            )
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
            apart = [plans.distribution() for plans in self.plans if not plans.met]
            return _summed([self._over_market(met), *apart], 0.0)
        # What shares the market with nothing else has its own distribution, over all markets.
        pieces = [plans.distribution() for plans in self.plans]
        if self.chance.size:
            share = self.share if self.share.any() else None
            pieces.insert(0, sum_distribution(self.chance, self.amount, correlation=share))
        return _summed(pieces, math.hypot(self.deviation, self.drift))

    def _over_market(self, met: Sequence[_Plans]) -> Distribution:
        """Return the average, over all markets, of what shares the market.

        The trapezoidal rule on [-6, 6], its spacing halved until no chance changes any more: over the exact sums where they are few and nothing
        is normal, else over characteristic functions on one lattice.
        Between two markets the mean and the centred characteristic function of what is not normal are interpolated, as finely as the sums
        would otherwise be narrow steps; the normal amounts are exact in each.
        """
        known: dict[float, list[Distribution]] = {}

        def given(spacing: float) -> NDArray[np.float64]:
            markets = np.arange(-6.0, 6.0 + spacing / 2, spacing)
            for market in markets.tolist():
                if market not in known:
                    known[market] = self._given(market, met)
            return markets

        first = given(0.5)
        if self._wide(first, [known[m] for m in first.tolist()]):
            return self._mixed(given, known)
        lattice = _Lattice.around([known[m] for m in first.tolist()], self.drift * first, self.deviation)
        found: NDArray[np.float64] | None = None
        for spacing in _SPACINGS + (_FINER if self.deviation > 0 else ()):
            markets = given(spacing)
            mass = lattice.average(markets, [known[m] for m in markets.tolist()], self.drift, self.deviation)
            before, found = found, mass
            if before is not None and np.abs(np.cumsum(found - before)).max() < _TOLERANCE:
                break
        assert found is not None
        density = np.exp(-(markets**2) / 2)
        means = np.array([sum(piece.mean for piece in known[m]) for m in markets.tolist()]) - self.drift * markets
        return lattice.distribution(found, float(density @ means / density.sum()))

    def _wide(self, markets: NDArray[np.float64], given: Sequence[Sequence[Distribution]]) -> bool:
        """Whether nothing is normal, and the sums of close markets lie so much over each other that few markets tell all."""
        if self.deviation or self.drift or self.chance.size > _FEW:
            return False
        means = np.array([sum(piece.mean for piece in pieces) for pieces in given])
        widths = np.array([math.sqrt(sum(piece.variance for piece in pieces)) for pieces in given])
        return bool((np.abs(np.gradient(means, markets)) * _SPACINGS[-1] <= widths).all())

    def _mixed(
        self, given: Callable[[float], NDArray[np.float64]], known: Mapping[float, list[Distribution]]
    ) -> Distribution:
        """Return the average over markets of exact sums, each amount as it is; the spacing is halved until no chance changes any more."""
        from custfolio.growth import mix

        sums: dict[float, Distribution] = {}
        before: NDArray[np.float64] | None = None
        amounts: list[float] = []
        for spacing in _SPACINGS:
            markets = given(spacing)
            for market in markets.tolist():
                if market not in sums:
                    sums[market] = _summed(known[market], 0.0)
            density = np.exp(-(markets**2) / 2)
            found = mix([sums[market] for market in markets.tolist()], density / density.sum())
            amounts = amounts or [found.quantile(q) for q in np.linspace(0.005, 0.995, 199).tolist()]
            chances = np.array([found.cdf(amount) for amount in amounts])
            if before is not None and np.abs(chances - before).max() < _TOLERANCE:
                break
            before = chances
        return found

    def _given(self, market: float, met: Sequence[_Plans]) -> list[Distribution]:
        """Return the independent parts of what is not certain or normal once the market is known."""
        from custfolio.growth import sum_distribution

        pieces = [plans.distribution(market) for plans in met]
        if self.chance.size:
            chance = chance_in_market(self.chance, self.share, market)
            if self.chance.size <= _FEW:
                pieces.append(sum_distribution(chance, self.amount))
            else:  # on a lattice that is fine beside the whole sum, with the same mean
                own = float((self.chance * (1 - self.chance) * self.amount**2).sum())
                unit = max(0.01, math.sqrt(own + self.deviation**2 + self.drift**2) / _STEPS)
                whole = np.round(self.amount / unit)
                pieces.append(sum_distribution(chance, whole) * unit + float(chance @ (self.amount - unit * whole)))
        return pieces


@dataclass(frozen=True)
class _Lattice:
    """Equally spaced amounts, taken as a circle, for sums by their characteristic functions."""

    step: float
    low: float
    """The first amount."""
    size: int

    @classmethod
    def around(cls, given: Sequence[Sequence[Distribution]], fall: NDArray[np.float64], deviation: float) -> _Lattice:
        """Return a lattice that holds the sums of parts, each market's moved by its fall, and a normal amount."""
        ends = []
        for pieces, down in zip(given, fall.tolist(), strict=True):
            points = [piece.points for piece in pieces]
            ends.append((sum(float(p[0]) for p in points) - down, sum(float(p[-1]) for p in points) - down))
        low, high = min(end[0] for end in ends) - 7 * deviation, max(end[1] for end in ends) + 7 * deviation
        size = 1 << 15
        # Every part, and their mean, is split over two neighbours: what lies at an end must not come out at the other.
        rim = max(len(pieces) for pieces in given) + 2
        step = max((high - low) / (size - 2 * rim), 1e-9)
        return cls(step, low - rim * step, size)

    @cached_property
    def _roots(self) -> NDArray[np.complex128]:
        found: NDArray[np.complex128] = np.exp(-2j * np.pi / self.size * np.arange(self.size))
        return found

    def _turned(self, amount: float) -> NDArray[np.complex128]:
        """Return the characteristic function of an amount, split over its two neighbours so that its mean stays."""
        place = amount / self.step
        whole = math.floor(place)
        at = np.arange(self.size // 2 + 1)
        share = place - whole
        found: NDArray[np.complex128] = self._roots[at * whole % self.size] * (1 - share + share * self._roots[at])
        return found

    def _centred(self, piece: Distribution) -> NDArray[np.complex128]:
        place = (piece.points - piece.mean) / self.step
        whole = np.floor(place)
        share = place - whole
        at = whole.astype(np.int64)
        mass = np.bincount(at % self.size, weights=piece.mass * (1 - share), minlength=self.size)
        mass += np.bincount((at + 1) % self.size, weights=piece.mass * share, minlength=self.size)
        found: NDArray[np.complex128] = np.fft.rfft(mass)
        return found

    def average(
        self, markets: NDArray[np.float64], given: Sequence[Sequence[Distribution]], drift: float, deviation: float
    ) -> NDArray[np.float64]:
        """Return the masses of the average over markets of sums of parts and normal amounts."""
        spacing = float(markets[1] - markets[0])
        means = np.array([sum(piece.mean for piece in pieces) for pieces in given])
        narrow = np.array([math.sqrt(deviation**2 + sum(piece.variance for piece in pieces)) for pieces in given])
        moves = np.abs(np.gradient(means - drift * markets, spacing)) * spacing
        # Up to 1.4 widths apart, sums are no staircase: the rule's error is then 2 exp(-2 pi^2 / 1.4^2) = 8e-5 at most.
        finer = int(min(64, max(1, np.ceil((moves / np.maximum(narrow, self.step)).max() / 1.4))))
        total = np.zeros(self.size // 2 + 1, dtype=np.complex128)
        weight = 0.0
        left = self._product(given[0])
        for k in range(markets.size):
            right = self._product(given[k + 1]) if k + 1 < markets.size else left
            for part in range(finer if k + 1 < markets.size else 1):
                share = part / finer
                market = float(markets[k]) + share * spacing
                mean = float(np.interp(market, markets, means)) - drift * market
                density = math.exp(-(market**2) / 2)
                shape = left if part == 0 else left * (1 - share) + right * share
                total += density * self._turned(mean - self.low) * shape
                weight += density
            left = right
        angle = 2 * np.pi / (self.size * self.step) * np.arange(self.size // 2 + 1)
        total *= np.exp(-((deviation * angle) ** 2) / 2) / weight
        mass = np.maximum(np.fft.irfft(total, self.size), 0.0)
        found: NDArray[np.float64] = mass / mass.sum()
        return found

    def _product(self, pieces: Sequence[Distribution]) -> NDArray[np.complex128]:
        found = self._centred(pieces[0])
        for piece in pieces[1:]:
            found = found * self._centred(piece)
        return found

    def distribution(self, mass: NDArray[np.float64], mean: float) -> Distribution:
        """Return masses as a distribution with a mean."""
        from custfolio.growth import Distribution

        kept = np.flatnonzero(mass > 1e-15)
        found = Distribution.from_atoms(kept * self.step, mass[kept] / mass[kept].sum(), unit=self.step)
        return found + (mean - found.mean)


def _summed(pieces: list[Distribution], deviation: float) -> Distribution:
    """Return the sum of independent amounts and a normal one."""
    found = pieces[0]
    for piece in pieces[1:]:
        found = found + piece
    return found + _normal(deviation) if deviation > 0 else found


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
