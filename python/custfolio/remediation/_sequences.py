# Sequences: what to ask a customer first, and what after a refusal.
"""Asks in the order that is worth most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._core import Terms
from custfolio._tables.arguments import checked
from custfolio._tables.frames import TableLike
from custfolio._tables.result import Result
from custfolio.distribution import Distribution, Recipe
from custfolio.errors import NotFoundError
from custfolio.portfolio import Costs, Portfolio, Verdicts
from custfolio.remediation._acceptance import Acceptance, LearnedAcceptance
from custfolio.remediation._offers import Request, offer_columns, spread_of

__all__ = ["AskSequences", "ask_sequences"]


@checked
class AskSequences(Result):
    """The best sequence of asks of each customer: one row an ask. Made by :func:`ask_sequences`.

    Columns: customer_id, name, ask (1 is the first), terms, lever, amount, burden, reached (chance that it is made), acceptance (if it is made),
    accepted (chance of both), heat_change, temperature_after, reaches (the target), expected_heat (of the sequence), single_heat (of the best
    single ask).

    ``plot`` draws the chance to reach each sum of heat.
    """

    def __init__(self, core: _core.Offers, chances: Mapping[str, NDArray[np.float64]], portfolio: Portfolio) -> None:
        self.core = core
        """The asks, as offers of the core."""
        self.portfolio = portfolio
        """The customers."""
        self._chances = dict(chances)
        self._library = portfolio.library

    @property
    def expected_heat(self) -> float:
        """Expected heat of all sequences, currency."""
        return float(self._chances["expected"].sum())

    @property
    def single_heat(self) -> float:
        """Expected heat of the best single ask of each customer, currency."""
        return float(self._chances["single"].sum())

    def distribution(self) -> Distribution:
        """Return what the sequences bring together, where customers answer independently.

        Returns
        -------
        Distribution
            The sum of the heat changes, currency; its mean is the expected heat.
        """
        recipe = Recipe(AskSequences.distribution, (self,))
        return Distribution(_core.sequences_distribution(self.core, self._chances["accepted"]), recipe)

    def tables(self) -> dict[str, Mapping[str, Any]]:
        """Return the tables of a page: the asks, the customers with the highest expected heat first, and what they bring together.

        Returns
        -------
        dict of str to mapping
            Columns by the title of each table.
        """
        columns = self._columns()
        names = ("name", "ask", "terms", "burden", "reached", "acceptance", "heat_change", "temperature_after")
        order = np.argsort(-columns["expected_heat"], kind="stable")
        asks = {"customer": columns["customer_id"]} | {name: columns[name] for name in names}
        return {
            self._title(): {name: [values[k] for k in order] for name, values in asks.items()},
            "Asks together": spread_of(self.distribution()),
        }

    def tree(self, customer: str) -> str:
        """Return the sequence of a customer as a tree of text.

        Parameters
        ----------
        customer : str
            Its identity.

        Returns
        -------
        str
            One ask a line, with what its acceptance brings and how probable it is.

        Raises
        ------
        NotFoundError
            If the customer is asked nothing.
        """
        columns, lines = self._columns(), []
        for k in (k for k, one in enumerate(columns["customer_id"]) if one == customer):
            indent = "  " * (columns["ask"][k] - 1)
            chance = columns["acceptance"][k]
            lines.append(f"{indent}{columns['terms'][k]} (asked with a chance of {columns['reached'][k]:.0%})")
            lines.append(f"{indent}  accepted, {chance:.0%}: {columns['heat_change'][k]:,.2f}")
            lines.append(f"{indent}  refused, {1 - chance:.0%}:")
        if not lines:
            raise NotFoundError(f"no customer {customer!r} is asked")
        return "\n".join([*lines[:-1], lines[-1] + " the old terms stay"])

    def __len__(self) -> int:
        return len(self.core)

    def _columns(self) -> Mapping[str, Any]:
        core, customers = self.core, self.core.customer
        first = np.searchsorted(customers, customers, side="left")
        columns = offer_columns(core, self.portfolio)
        head = {name: columns.pop(name) for name in ("customer_id", "name")}
        return (
            head
            | {"ask": np.arange(customers.size) - first + 1}
            | columns
            | {"burden": core.burden}
            | {name: self._chances[name] for name in ("reached", "acceptance", "accepted")}
            | {
                "heat_change": core.heat_change,
                "temperature_after": core.temperature_after,
                "reaches": core.reaches,
                "expected_heat": self._chances["expected"][customers],
                "single_heat": self._chances["single"][customers],
            }
        )

    def _title(self) -> str:
        return "Asks in their order"

    def _facts(self) -> Mapping[str, Any]:
        return {
            "customers asked": int(np.unique(self.core.customer).size),
            "expected heat": self.expected_heat,
            "of single asks": self.single_heat,
        }

    def _draw(self, **options: Any) -> Any:
        return self.distribution().plot(**options)


@checked
def ask_sequences(
    portfolio: Portfolio,
    selection: Verdicts | Sequence[int],
    terms: Sequence[Terms],
    *,
    asks: int = 2,
    patience: float = 1.0,
    acceptance: Acceptance | LearnedAcceptance | Mapping[str, Acceptance] | None = None,
    segments: TableLike | None = None,
    costs: Costs | None = None,
    target: float | None = None,
    least_heat: float = 0.0,
    horizon: int = 12,
    threads: int = 0,
) -> AskSequences:
    """Find what to ask each customer first, and what after a refusal: the sequence with the highest expected heat.

    A customer has one limit: it accepts what is not heavier. So of those that refuse the first ask, with chance p1, a share
    (p2 - p1) / (1 - p1) accepts the second. Candidates are the steps of each lever (64 where it has none), and the offer of a package.

    Parameters
    ----------
    portfolio, selection, terms, acceptance, segments, costs, target, least_heat, horizon, threads
        As for :func:`remediate`. The target only marks the asks that reach it.
    asks : int
        Most asks of a customer.
    patience : float
        Chance that a customer that refused considers another ask, in [0, 1].

    Returns
    -------
    AskSequences
        One row an ask, with exact chances; ``distribution()`` has what the group brings.

    Raises
    ------
    InputError, NotFoundError
        As :func:`remediate`; also if `asks` or `patience` is out of range.
    """
    asked = Request.read(portfolio, selection, terms, acceptance, segments, costs, target)
    core, chances = _core.ask_sequences(
        *asked.arguments,
        asks=asks,
        patience=patience,
        least_heat=least_heat,
        horizon=horizon,
        threads=threads,
        bases=asked.bases,
        sensitivities=asked.sensitivities,
    )
    return AskSequences(core, chances, portfolio)
