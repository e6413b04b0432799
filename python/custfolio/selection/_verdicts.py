# A verdict for each customer: too young, keep, or remediate.
"""Verdicts and their reasons."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked, reals
from custfolio._tables.dates import is_missing
from custfolio._tables.frames import FrameLike, TableLike, customer_column, lists_of, require_columns
from custfolio._tables.result import Result
from custfolio.errors import InputError
from custfolio.portfolio import Portfolio
from custfolio.selection._interest import Interest, interest_of, numbers_of_interest, rows_of
from custfolio.selection._statement import Statement
from custfolio.selection._uncertainty import Uncertainty

__all__ = ["Selection", "select"]

_WHITE_SPACE = ("white_space", "white_space_p10", "white_space_p90", "white_space_product")
"""Columns of white space per customer."""


@checked
class Selection(Result):
    """Verdict and reason per customer. Made by :func:`select`.

    Columns: customer_id, name, cls, revenue, contribution, temperature, verdict, reason; only_by_cost_that_stays, whether a customer is below
    the target at its full cost and not at its avoidable cost. With `uncertainty`: probability_below and certainty (``"sure"`` or
    ``"undecided"``). With a questionnaire: potential_revenue, quality, potential_quality, answered, potential_class, quality_class, interest.
    With `white_space`: white_space, its interval from white_space_p10 to white_space_p90, and white_space_product.

    ``plot`` draws temperature against revenue, coloured by verdict.

    Attributes
    ----------
    target : float
        Least temperature of a warm customer, a fraction.
    verdict : list of str
        ``"keep"``, ``"remediate"`` or ``"too young"``, in the portfolio's order.
    reason : list of str
        The reason, one sentence each.
    cls : list of str
        Pareto class by net revenue: ``"A"``, ``"B"`` or ``"C"``.
    """

    interest: Interest | None = None
    """The matrix of the questionnaire; None without one."""
    uncertainty: Uncertainty | None = None
    """How sure the verdicts are; None where it was not given."""
    _further: Mapping[str, Any] = MappingProxyType({})
    """Columns after the reason; selections stored by earlier versions have none."""

    def __init__(
        self,
        portfolio: Portfolio,
        core: Mapping[str, Any],
        target: float,
        interest: Interest | None,
        uncertainty: Uncertainty | None,
        white_space: dict[str, Any],
    ) -> None:
        self._library = portfolio.library
        self.portfolio = portfolio
        """The customers with a verdict."""
        self.target = target
        self.verdict: list[str] = core["verdict"]
        self.reason: list[str] = core["reason"]
        self.cls: list[str] = core["cls"]
        self._temperature = core["temperature"]
        self.interest = interest
        self.uncertainty = uncertainty
        further: dict[str, Any] = {"only_by_cost_that_stays": core["only_by_cost_that_stays"].astype(np.bool_)}
        if uncertainty is not None:
            further |= {"probability_below": uncertainty.probability_below, "certainty": core["certainty"]}
        if interest is not None:
            further |= {
                name: values for name, values in interest.columns().items() if name not in ("customer_id", "name")
            }
        self._further = further | white_space

    @property
    def identity(self) -> _core.Identity:
        """The portfolio of the verdicts."""
        return self.portfolio.identity

    @property
    def warm(self) -> NDArray[np.bool_]:
        """Whether each customer's temperature is at the target or above."""
        return np.asarray(self._temperature >= self.target)

    def rows(self, verdict: str) -> NDArray[np.int64]:
        """Rows of the portfolio that have a verdict.

        Parameters
        ----------
        verdict : {"keep", "remediate", "too young"}
            The verdict.

        Returns
        -------
        array of int
            The rows, ascending.

        Raises
        ------
        InputError
            If there is no such verdict.
        """
        if verdict not in ("keep", "remediate", "too young"):
            raise InputError(f"verdict is {verdict!r}; it must be 'keep', 'remediate' or 'too young'")
        return np.flatnonzero(np.asarray(self.verdict) == verdict).astype(np.int64)

    def __len__(self) -> int:
        return len(self.verdict)

    def _columns(self) -> Mapping[str, Any]:
        core = self.portfolio.core
        return {
            "customer_id": core.id,
            "name": core.name,
            "cls": self.cls,
            "revenue": core.revenue,
            "contribution": core.contribution,
            "temperature": self._temperature,
            "verdict": self.verdict,
            "reason": self.reason,
            **self._further,
        }

    def _facts(self) -> Mapping[str, Any]:
        verdicts = np.asarray(self.verdict)
        counts = {name: int(np.count_nonzero(verdicts == name)) for name in ("keep", "remediate", "too young")}
        return {"target": f"{self.target:.1%}", **counts}

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        table = self._columns()
        columns = {name: table[name] for name in ("revenue", "temperature")}
        who = {name: table[name] for name in ("customer_id", "name", "reason")}
        return plots.verdicts(self.verdict, **columns, target=self.target, who=who, **options)


@checked
def select(
    portfolio: Portfolio | Statement,
    target: float = 0.05,
    interesting: Mapping[str, Any] | FrameLike | ArrayLike | None = None,
    *,
    weights: Mapping[str, float] | None = None,
    classes: str | Mapping[str, Any] = "share",
    uncertainty: Uncertainty | None = None,
    white_space: TableLike | Result | None = None,
    min_months: int = 6,
    interesting_threshold: float = 0.5,
) -> Selection:
    """Give every customer a verdict with its reason: too young, keep, or remediate.

    Parameters
    ----------
    portfolio : Portfolio or Statement
        The customers.
    target : float
        Least temperature of a warm customer, a fraction in (-1, 1).
    interesting : mapping, frame or array_like, optional
        How interesting customers are.

        - One number in [0, 1]: by identity; or a frame with the columns ``customer_id`` and ``interesting``; or one number per customer in the
          portfolio's order (NaN: not known). At least `interesting_threshold` keeps a cold customer.
        - Answers to a questionnaire: a frame or mapping of columns with ``customer_id``, ``potential_revenue`` (of a year, at least the
          revenue of the period x 12 / its months), ``margin``, ``speed``, ``innovation``, ``network``, and these four
          with ``_potential``; all but the first two in [0, 1]. Every column but the first is optional, and a cell may be empty. Class A of
          the matrix keeps a cold customer.

        A customer that was not asked is unknown, which is not 0: nothing but its temperature decides.
    weights : mapping, optional
        Weight of each question on quality, such as ``{"margin": 2, "speed": 1}``; others then count 0. By default all count alike.
    classes : {"share", "breaks"} or mapping
        Where the classes A, B and C of the matrix begin.

        - ``"share"``: of potential revenue at 80 % and 95 % of its sum; of quality after the best 20 % and 50 % of the customers. Equal
          qualities are in the class of the middle one. A quality of 0 is C. Fewer than five qualities, or only equal ones, cannot be
          ranked: then A begins at 2/3 and B at 1/3.
        - ``"breaks"``: natural breaks in three classes.
        - The least values of A and of B: ``{"potential_revenue": (100_000, 20_000), "quality": (0.7, 0.4)}``.
    uncertainty : Uncertainty, optional
        From :meth:`Statement.uncertain`, at the same target: each verdict is sure or undecided.
    white_space : frame, mapping of columns, or result, optional
        ``cf.growth.white_space(...).customers``, or its columns or frame: what peers of each customer buy and it does not. It becomes
        columns of the result; no verdict depends on it. Customers without a row have none (NaN).
    min_months : int
        Whole months as a customer that a verdict needs.
    interesting_threshold : float
        Least answer that keeps a cold customer.

    Returns
    -------
    Selection
        Verdict and reason per customer.

    Raises
    ------
    InputError
        If a setting is out of range (for a percentage the message has the fraction), an answer is out of range, all weights are 0, or the
        uncertainty is of another portfolio or target.
    NotFoundError
        If `interesting` or `white_space` names a customer outside the portfolio.
    """
    if isinstance(portfolio, Statement):
        portfolio = portfolio.portfolio
    if uncertainty is not None and uncertainty.target != target:
        raise InputError(f"target is {target:g}, that of the uncertainty {uncertainty.target:g}; they must be the same")
    if uncertainty is not None:
        _core.require_same(uncertainty.identity, portfolio.identity, "the uncertainty is")
    found = interest_of(portfolio.core, interesting, weights, classes)
    core = _core.select(
        portfolio.core,
        target=target,
        min_months=min_months,
        interesting=numbers_of_interest(portfolio.core, interesting) if found is None else None,
        interesting_threshold=interesting_threshold,
        interest=found,
        probability_below=None if uncertainty is None else uncertainty.probability_below,
    )
    interest = None if found is None else Interest(portfolio.core, found, portfolio.library)
    return Selection(portfolio, core, target, interest, uncertainty, _white_space(portfolio, white_space))


def _white_space(portfolio: Portfolio, given: TableLike | Result | None) -> dict[str, Any]:
    """Return the columns of white space in the portfolio's order; NaN and empty for customers without a row."""
    if given is None:
        return {}
    if isinstance(given, Result):
        given = given.columns()
    table = lists_of(given, f"white_space is of type {type(given).__name__}; it must be a frame or columns")
    customer = customer_column(table)
    require_columns(table, (customer, *_WHITE_SPACE), "white_space; it has", "; give white_space(...).customers")
    row = {
        identity: place
        for place, identity in enumerate(rows_of(portfolio.core, table[customer], customer, "white_space"))
    }
    places = [row.get(place) for place in range(len(portfolio))]
    columns: dict[str, Any] = {
        name: reals([None if place is None else table[name][place] for place in places], f"column {name!r}")
        for name in _WHITE_SPACE[:-1]
    }
    product = _WHITE_SPACE[-1]
    names = ["" if place is None else table[product][place] for place in places]
    return columns | {product: ["" if is_missing(name) else str(name) for name in names]}
