# What action plans bring in shares of months: exact by plans that pay shares where such plans exist, by playing them month by month where not.
"""Distributions of weighted months of action plans, of what they cost, and once the market is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from custfolio._tables.dates import month_index, month_text

if TYPE_CHECKING:
    from custfolio.growth import ActionPlan, ActionStep, Distribution, Growth

__all__ = ["PATHS", "chance_in_market", "given_market", "market_share", "months_distribution", "taken"]

PATHS = 1 << 14
"""Plays of plans that no plan of shares stands for; the standard error of a chance is at most 0.4 %."""


def months_distribution(growth: Growth, first: int, shares: NDArray[np.float64], measure: str) -> Distribution:
    """Return the distribution of a sum of shares of months.

    The payoff of a month falls on its days evenly, so that the part of a month is a share of the month's amount, whatever the amount is:
    the sum is ``shares @ X`` of the months' joint distribution.

    Parameters
    ----------
    growth : Growth
        The plans.
    first : int
        The first of the months, since January 1970.
    shares : array, shape (months,)
        Share of each month that counts, the first and the last not 0.
    measure : {"revenue", "contribution", "costs"}
        What is added up; costs are revenue - contribution, spend included.

    Returns
    -------
    Distribution
        Exact for whole months, for one share of all months, and wherever plans exist that pay the shares; simulated (:data:`PATHS` plays)
        otherwise: for contribution and costs of steps that spend on attempts, and spans of more than twelve months with different shares.
    """
    last = first + shares.size - 1
    if measure == "costs":
        return -months_distribution(_costs_of(growth), first, shares, "contribution")
    if (shares == shares[0]).all():
        whole = growth.distribution(month_text(first), month_text(last), measure)
        return whole if shares[0] == 1 else whole * float(shares[0])
    begin, end = first - growth._start, last - growth._start
    low = 0 if end < 12 else begin
    by_calendar = np.zeros(12)
    by_calendar[np.arange(first, last + 1) % 12] = shares
    played = [
        at
        for at, plan in enumerate(growth.plans)
        if end - low >= 12
        or (measure == "contribution" and any(step.spend > 0 for step in plan.steps))
        or (any(_both(step, measure) for step in plan.steps) and (low > 0 or bool(growth._outcomes)))
    ]
    if played:
        graphs = [growth._core.place(at, 0)[0] for at in range(len(growth.plans))]
        apart = {graphs[at] for at in played}
        kept = frozenset(at for at, graph in enumerate(graphs) if graph not in apart)
        if not kept or any(growth.correlation.values()):  # in a market of their own all are played
            return _played(growth, begin, shares, measure)
        rest = growth._part(frozenset(range(len(growth.plans))) - kept)
        return months_distribution(growth._part(kept), first, shares, measure) + _played(rest, begin, shares, measure)
    paying = _with_steps(growth, lambda step: _paying_shares(step, measure, growth._start, end, by_calendar))
    return paying.distribution(month_text(growth._start + low), month_text(last), "revenue")


def taken(growth: Growth, what: str) -> Growth:
    """Return the forecast of the same plans whose only costs are what their attempts take: "spend" or "hours"."""
    nothing = dict.fromkeys(("revenue", "contribution", "one_off_revenue", "one_off_contribution"), 0.0)
    return _with_steps(growth, lambda step: replace(step, spend=float(getattr(step, what)), **nothing))


def _both(step: ActionStep, measure: str) -> bool:
    return bool(getattr(step, measure) != 0 and getattr(step, f"one_off_{measure}") != 0)


@lru_cache(maxsize=32)
def _costs_of(growth: Growth) -> Growth:
    """Return the forecast of the same plans with minus what they cost for their contribution."""
    return _with_steps(growth, _costs_instead)


def _costs_instead(step: ActionStep) -> ActionStep:
    """Return the step with minus what it costs for its contribution."""
    return replace(
        step,
        contribution=step.contribution - step.revenue,
        one_off_contribution=step.one_off_contribution - step.one_off_revenue,
    )


def _paying_shares(step: ActionStep, measure: str, start: int, end: int, share: NDArray[np.float64]) -> ActionStep:
    """Return a step whose revenue in each month is the share of that month (by calendar month) of what the step brings."""
    nothing: dict[str, Any] = {"contribution": 0.0, "one_off_contribution": 0.0, "one_off_revenue": 0.0, "spend": 0.0}
    regular, once = getattr(step, measure), getattr(step, f"one_off_{measure}")
    season = np.array(step.season, dtype=np.float64) if len(step.season) else np.ones(12)
    if once == 0:
        return replace(step, revenue=regular, season=tuple((season * share).tolist()), **nothing)
    paid = once * share  # in the month of the success: all that it will have brought
    for month in range(end + 1 if regular else 0):
        later = np.arange(month, end + 1)
        calendar = (start + later) % 12
        ramp = np.minimum(1.0, (later - month + 1) / max(1, step.ramp))
        lasts = later - month < (step.lasts or end + 1)
        paid[(start + month) % 12] = once * share[calendar[0]] + regular * float(
            (ramp * lasts * season[calendar] * share[calendar]).sum()
        )
    return replace(step, revenue=1.0, ramp=0, lasts=1, season=tuple(paid.tolist()), **nothing)


def _with_steps(growth: Growth, change: Any) -> Growth:
    """Return the forecast of the same plans with each step changed, and the same outcomes known."""
    return _regrown(growth, [_changed(plan, map(change, plan.steps)) for plan in growth.plans], len(growth.months))


def _changed(plan: ActionPlan, steps: Any) -> ActionPlan:
    return replace(plan, steps=tuple(steps))


def _regrown(growth: Growth, plans: Sequence[ActionPlan], months: int, **settings: Any) -> Growth:
    from custfolio.growth import grow

    found = grow(plans, month_text(growth._start), months, **{**growth._settings, **settings})
    known = {}
    for key, outcome in growth._outcomes.items():
        late = outcome not in ("failed", "succeeded") and month_index(outcome, "outcome") >= growth._start + months
        known[key] = "failed" if late else outcome  # a success after a shorter horizon brings nothing within it
    return found.given(known) if known else found


def _played(growth: Growth, begin: int, shares: NDArray[np.float64], measure: str) -> Distribution:
    """Return the distribution of plays of all steps; the same numbers drawn over horizons of each length tell the months apart."""
    from custfolio.growth import Distribution

    changes = np.append(shares, 0.0) - np.append(0.0, shares)  # shares @ X by what has come in before each month
    total = np.zeros(PATHS)
    for month in np.flatnonzero(changes).tolist():
        if begin + month > 0:
            total -= changes[month] * _plays(growth, begin + month, measure)
    amounts, counts = np.unique(np.round(total, 2), return_counts=True)
    return Distribution.from_atoms(amounts, counts / PATHS)


@lru_cache(maxsize=128)
def _plays(growth: Growth, months: int, measure: str) -> NDArray[np.float64]:
    """Return what each play brings within the first months of the horizon."""
    shorter = _regrown(growth, growth.plans, months)
    return np.asarray(shorter._core.simulate_total(PATHS, int(growth._settings["seed"]), measure))


# The market


def market_share(growth: Growth) -> float:
    """Return the share of the market in each success of the plans: the correlation that they were forecast with."""
    return growth.correlation.get("market", 0.0)


@lru_cache(maxsize=256)
def given_market(growth: Growth, market: float) -> Growth:
    """Return the forecast once the market is known: attempts have their chances given it; other factors keep their part of what is left."""
    share = market_share(growth)
    count = len(growth.months)
    soonest = _soonest(growth) if any(step.hazard > 0 for plan in growth.plans for step in plan.steps) else {}
    plans = []
    for p, plan in enumerate(growth.plans):
        steps = []
        for k, step in enumerate(plan.steps):
            months = np.arange(count)
            chance = np.full(count, float(step.probability))
            if len(step.by_month):
                table = np.array(step.by_month, dtype=np.float64)
                chance = chance * table[np.minimum(months, table.size - 1)]
            if step.hazard > 0:
                chance = chance * (1 - step.hazard) ** np.maximum(months - soonest.get((p, k), count), 0)
            met = chance_in_market(np.minimum(chance, 1.0), np.full(count, share), market)
            steps.append(replace(step, probability=1.0, hazard=0.0, by_month=tuple(met.tolist())))
        plans.append(replace(plan, steps=tuple(steps)))
    left = {name: other / (1 - share) for name, other in growth.correlation.items() if name != "market"}
    return _regrown(growth, plans, count, correlation=left)


def _soonest(growth: Growth) -> Mapping[tuple[int, int], int]:
    """Return the first month in which each step could be decided, from plans whose steps all succeed."""
    found = {}
    for k in range(max(len(plan.steps) for plan in growth.plans)):
        plans = []
        for plan in growth.plans:
            steps = []
            for at, step in enumerate(plan.steps):
                sure: dict[str, Any] = {"probability": 1.0, "by_month": (), "hazard": 0.0, "retries": 0, "size": {}}
                silent: dict[str, Any] = {
                    "revenue": 0.0,
                    "contribution": 0.0,
                    "spend": 0.0,
                    "one_off_contribution": 0.0,
                }
                steps.append(replace(step, one_off_revenue=float(at == k), **sure, **silent))
            plans.append(replace(plan, steps=tuple(steps)))
        once = np.asarray(_regrown(growth, plans, len(growth.months), correlation=0.0)._core.expected_revenue)
        for p, row in enumerate(once):
            if row.any():
                found[(p, k)] = int(np.flatnonzero(row)[0])
    return found


def chance_in_market(chance: NDArray[np.float64], share: NDArray[np.float64], market: float) -> NDArray[np.float64]:
    """Return chances once the market is known: ``Phi((Phi^-1(p) - sqrt(share) z) / sqrt(1 - share))``; a high z is bad luck for all."""
    scores = np.array([_score(p) for p in chance.tolist()])
    met = (scores - np.sqrt(share) * market) / np.sqrt(1 - share)
    cdf = NormalDist().cdf
    found: NDArray[np.float64] = np.array([cdf(x) for x in met.tolist()])
    return found


@cache
def _score(chance: float) -> float:
    return -np.inf if chance <= 0 else np.inf if chance >= 1 else NormalDist().inv_cdf(chance)
