# A verdict for each customer: too young, keep, or remediate.
"""Verdicts and their reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked, real, reals
from custfolio._tables.frames import FrameLike, customer_column, eager, numbers_of, require_columns, texts_of
from custfolio._tables.result import Result
from custfolio._tables.wording import identity_text
from custfolio.errors import InputError
from custfolio.portfolio import Portfolio
from custfolio.selection._statement import Statement

__all__ = ["Selection", "select"]


@checked
class Selection(Result):
    """Verdict and reason per customer. Made by :func:`select`.

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

    def __init__(self, portfolio: Portfolio, core: Mapping[str, Any], target: float) -> None:
        self._library = portfolio.library
        self.portfolio = portfolio
        """The customers with a verdict."""
        self.target = target
        self.verdict: list[str] = core["verdict"]
        self.reason: list[str] = core["reason"]
        self.cls: list[str] = core["cls"]
        self._temperature = core["temperature"]

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
        }

    def _facts(self) -> Mapping[str, Any]:
        verdicts = np.asarray(self.verdict)
        counts = {name: int(np.count_nonzero(verdicts == name)) for name in ("keep", "remediate", "too young")}
        return {"target": f"{self.target:.1%}", **counts}

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        table = self._columns()
        names = ("customer_id", "name", "revenue", "temperature", "verdict", "reason")
        values = [
            dict(zip(names, row, strict=True))
            for row in zip(*(np.asarray(table[name]).tolist() for name in names), strict=True)
            if row[2] > 0
        ]
        points = alt.Chart(alt.Data(values=values)).mark_circle(opacity=0.6)
        return points.encode(
            x=alt.X("revenue:Q", scale=alt.Scale(type="log"), title="Net revenue"),
            y=alt.Y("temperature:Q", axis=alt.Axis(format="%"), title="Temperature"),
            color=alt.Color("verdict:N", title="Verdict"),
            tooltip=["customer_id:N", "name:N", "reason:N"],
        ).properties(**options)


@checked
def select(
    portfolio: Portfolio | Statement,
    target: float = 0.05,
    interesting: Mapping[str, float] | FrameLike | ArrayLike | None = None,
    *,
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
        How interesting customers are, in [0, 1]: by identity; or a frame with the columns ``customer_id`` and ``interesting``; or one
        number per customer in the portfolio's order. Other customers count 0.
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
        If a setting is out of range (for a percentage the message has the fraction), or an answer is not in [0, 1].
    NotFoundError
        If `interesting` names a customer outside the portfolio.
    """
    if isinstance(portfolio, Statement):
        portfolio = portfolio.portfolio
    answers = _answers(portfolio, interesting)
    core = _core.select(
        portfolio.core,
        target=target,
        min_months=min_months,
        interesting=answers,
        interesting_threshold=interesting_threshold,
    )
    return Selection(portfolio, core, target)


def _answers(
    portfolio: Portfolio, interesting: Mapping[str, float] | FrameLike | ArrayLike | None
) -> NDArray[np.float64] | None:
    """Return how interesting each customer is, in the portfolio's order."""
    if interesting is None:
        return None
    pairs: Mapping[str, float]
    if isinstance(interesting, Mapping):
        pairs = interesting
    elif isinstance(interesting, FrameLike):
        table = eager(interesting)
        customer = customer_column(table.columns)
        require_columns(table.columns, (customer, "interesting"), "the answers; they have")
        values = numbers_of(table["interesting"], "interesting")
        pairs = dict(zip(texts_of(table[customer], customer), values.tolist(), strict=True))
    else:
        return reals(interesting, "interesting")
    answers = np.zeros(len(portfolio))
    for identity, value in pairs.items():
        answers[portfolio.core.index(identity_text(identity))] = real(value, f"interesting of {identity!r}")
    return answers
