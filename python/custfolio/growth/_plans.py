# Action plans: steps with condition, timing, success percentage and payoff.
"""Action plans and their steps, with tables of uncertain sizes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from custfolio import _core
from custfolio._tables.arguments import checked

__all__ = ["MARKET", "ActionPlan", "ActionStep", "lognormal_size", "triangular_size"]

MARKET = "market"
"""The factor that is common to all plans."""


@dataclass(frozen=True)
class ActionStep:
    """One step of an action plan. It is attempted once its predecessors have succeeded and its month has come.

    An attempt that begins in month s and lasts d months is decided at the beginning of month s + d. It succeeds with the chance
    ``probability * by_month[s + d] * (1 - hazard) ** late``. Here ``late`` counts months since the first month in which it could be
    decided with the shortest durations. After a failure it may be tried again; after the last failure, later steps are
    never attempted.

    Parameters
    ----------
    name : str
        The action.
    probability : float
        Success percentage as a fraction in [0, 1], given that it is attempted.
    condition : str
        The condition of the step: a text for people.
    earliest : int, str or date
        First month in which it may start: a month of the plan (1 is the first) or a calendar month ("2022-03", or a day in it).
    duration : int, sequence of three int, or mapping of int to float
        Whole months from start to decision: fixed; the least, likeliest and greatest of a triangular distribution; or the chance of
        each number of months.
    revenue, contribution : float
        Payoff of success in every month from its decision on, currency.
    hours : float
        Working hours of an attempt.
    after : None, int, str, or sequence of int and str
        The predecessors of the step. None: the step before it in the plan. Empty ("", 0 or ()): nothing. A step of the plan has its name
        or number (1 is the first). A step of another plan is "customer/plan/step". An event has its name in :func:`grow`. Several are a
        sequence, or one text: "trial & tender" (all of), "trial | tender" (any of).
    join : {"all", "any"}
        Whether all of a sequence must have succeeded, or any of it.
    latest : int, str or date, optional
        It is not started after: as `earliest`, and not before it. If its predecessors need longer, :attr:`Growth.notes` lists it
        (an outcome in :meth:`Growth.given` may still make it possible).
    hazard : float
        Share of the chance lost per month late, in [0, 1].
    by_month : sequence of float
        Factor of the chance by month of the horizon; the last one is used for all later months. Empty: 1.
    retries, spacing : int
        Further attempts after a failure, and the months from a failure to the next attempt.
    spend : float
        Currency spent on each attempt in its first month; subtracted from contribution.
    ramp : int
        Months to the full amount: month k of the payoff brings the share k / ramp of it.
    lasts : int
        Months of the payoff; 0: to the end of the horizon.
    season : sequence of float
        Twelve factors of the monthly amounts, January first. Empty: all 1.
    one_off_revenue, one_off_contribution : float
        One-off payoff of success, in its month, currency.
    size : mapping of float to float
        Uncertain amounts: the chance of each factor of all amounts; see :func:`triangular_size` and :func:`lognormal_size`. Empty: 1.
    """

    name: str
    probability: float = 1.0
    condition: str = ""
    earliest: int | str | datetime.date = 1
    duration: int | Sequence[int] | Mapping[int, float] = 0
    revenue: float = 0.0
    contribution: float = 0.0
    hours: float = 0.0
    after: int | str | Sequence[int | str] | None = None
    join: str = "all"
    latest: int | str | datetime.date | None = None
    hazard: float = 0.0
    by_month: Sequence[float] = ()
    retries: int = 0
    spacing: int = 1
    spend: float = 0.0
    ramp: int = 0
    lasts: int = 0
    season: Sequence[float] = ()
    one_off_revenue: float = 0.0
    one_off_contribution: float = 0.0
    size: Mapping[float, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ActionPlan:
    """The action plan of one customer: a graph of steps, by default each after the one before.

    Parameters
    ----------
    customer : str
        Identity of the customer.
    name : str
        Name of the plan; a customer may have several.
    steps : sequence of ActionStep
        In the order of their numbers.
    factors : mapping of str to str
        The plan's label of each factor: ``{"manager": "Anna", "product": "GTX"}``. Plans with the same label share the factor;
        `correlation` of :func:`grow` is its share.
    """

    customer: str
    name: str
    steps: Sequence[ActionStep]
    factors: Mapping[str, str] = field(default_factory=dict)


@checked
def triangular_size(low: float, mode: float, high: float, points: int = 9) -> dict[float, float]:
    """Return a table of sizes for an amount with a triangular distribution, for :class:`ActionStep`.

    Parameters
    ----------
    low, mode, high : float
        Least, likeliest and greatest factor of the amount, 0 <= low <= mode <= high.
    points : int
        Number of equally likely slices of the distribution. A size is the mean of its slice, so the mean is kept.

    Returns
    -------
    dict
        Chance of each size.

    Raises
    ------
    InputError
        If the factors are not in order.
    """
    return _core.triangular_sizes(low, mode, high, points)


@checked
def lognormal_size(sigma: float, points: int = 9) -> dict[float, float]:
    """Return a table of sizes for an amount with a lognormal distribution of mean 1, for :class:`ActionStep`.

    Parameters
    ----------
    sigma : float
        Standard deviation of the logarithm, > 0.
    points : int
        Number of equally likely slices of the distribution. A size is the mean of its slice, so the mean is kept.

    Returns
    -------
    dict
        Chance of each size.

    Raises
    ------
    InputError
        If sigma is not positive.
    """
    return _core.lognormal_sizes(sigma, points)
