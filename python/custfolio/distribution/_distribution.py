# Distributions of money: their arithmetic, their tails, and sums of independent amounts.
"""Distributions of sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked, reals
from custfolio._tables.result import STATE_FORMAT, Result, check_state_format
from custfolio.errors import InputError

__all__ = ["Distribution", "Recipe", "TailProbability", "mix", "sum_distribution"]


class TailProbability(NamedTuple):
    """The chance of a tail, with digits that stay right however small it is."""

    probability: float
    """In [0, 1]; 0 where it is below the smallest double."""
    log_probability: float
    """Its natural logarithm, also where the probability itself underflows."""
    relative_error: float
    """Bound on its relative error, for the variable on its lattice."""


class Recipe(NamedTuple):
    """The call that makes a result again, to the last bit: what pickles store of results that are more than columns."""

    function: Callable[..., Any]
    """A public function, or a method of a result that can be stored."""
    arguments: tuple[Any, ...]
    """Its arguments by position."""
    options: Mapping[str, Any] | None = None
    """Its arguments by name."""

    def make(self) -> Any:
        """Make the result again."""
        return self.function(*self.arguments, **(self.options or {}))


@checked
class Distribution(_core.Distribution, Result):
    """A distribution of money on equally spaced amounts.

    ``a + b`` is the sum of independent ones; numbers add and multiply. Mean and variance are exact. ``errors`` has the bounds of numerical
    errors: discretisation in currency; truncation, aliasing, rounding and quadrature (the average over a common factor) in probability.

    ``points`` and ``mass`` are those of a lattice. If the amounts lie between its points and have at most 16,384 values together, other
    figures come from the amounts themselves: ``cdf``, ``quantile``, ``probability_at_least``, ``expected_shortfall``, ``sample`` and ``given``.
    Small chances are in :meth:`tail`.

    ``plot`` draws the chance to reach each amount.

    Parameters
    ----------
    other : Distribution
        The distribution to copy.
    recipe : Recipe, optional
        The call that gives the distribution again, for pickles; that of `other` if not given.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, other: _core.Distribution, recipe: Recipe | None = None) -> None:
        super().__init__(other)
        self._recipe = getattr(other, "_recipe", None) if recipe is None else recipe

    def __reduce__(self) -> tuple[Any, ...]:
        """Store the call that makes the distribution again: with its summands come its tails, to the last bit."""
        if self._recipe is None:
            raise InputError("this distribution was made by no function of custfolio.distribution; it cannot be stored")
        return _restored, (STATE_FORMAT, self._recipe)

    @classmethod
    def from_atoms(cls, value: ArrayLike, probability: ArrayLike, unit: float = 0.01) -> Distribution:
        """Make a distribution of amounts with their probabilities.

        Parameters
        ----------
        value : array_like, shape (n,)
            Currency, in any order.
        probability : array_like, shape (n,)
            In [0, 1], summing to 1.
        unit : float
            The smallest amount that counts, currency: a cent. Whole multiples stay exact.

        Returns
        -------
        Distribution
            With the mean and variance of the atoms.

        Raises
        ------
        InputError
            If there is no atom, the lengths differ or a number is out of range.
        """
        values, chances = np.asarray(value, dtype=np.float64), np.asarray(probability, dtype=np.float64)
        return cls(
            _core.distribution_from_atoms(values, chances, unit), Recipe(cls.from_atoms, (values, chances, unit))
        )

    def quantile(self, probability: ArrayLike) -> Any:
        """Return the least amount that is not exceeded with a probability.

        Parameters
        ----------
        probability : float or array_like
            In [0, 1].

        Returns
        -------
        float or array of the shape of `probability`
            Currency.

        Raises
        ------
        InputError
            If a probability is no number, or out of range.
        """
        return _each(super().quantile, probability, "probability")

    def cdf(self, value: ArrayLike) -> Any:
        """Return P(X <= value).

        Parameters
        ----------
        value : float or array_like
            Currency.

        Returns
        -------
        float or array of the shape of `value`
            In [0, 1].

        Raises
        ------
        InputError
            If an amount is no number.
        """
        return _each(super().cdf, value, "value")

    def probability_at_least(self, value: ArrayLike) -> Any:
        """Return P(X >= value).

        Parameters
        ----------
        value : float or array_like
            Currency.

        Returns
        -------
        float or array of the shape of `value`
            In [0, 1].

        Raises
        ------
        InputError
            If an amount is no number.
        """
        return _each(super().probability_at_least, value, "value")

    def tail(self, value: float, upper: bool = True) -> TailProbability:
        """Chance of a tail, accurate in relative terms also where it is 1e-100.

        The summands are tilted exponentially so that their sum has its mean at the amount, convolved, and weighted back; this costs about as much
        as the sum itself. With a common factor (:func:`sum_distribution` with a correlation) they are tilted for each of its values around the
        one that dominates the tail. What has lost its summands (a mixture, a conditional distribution, a correlated forecast) is as good as its
        points.

        Parameters
        ----------
        value : float
            Currency.
        upper : bool
            P(X >= value); otherwise P(X <= value).

        Returns
        -------
        TailProbability
            The chance, its logarithm and a bound on its relative error.

        Raises
        ------
        InputError
            If the amount is not finite.
        """
        return TailProbability(*super().tail(value, upper))

    def sample(self, count: int, seed: int, threads: int = 0) -> NDArray[np.float64]:
        """Return independent draws.

        Parameters
        ----------
        count : int
            Number of draws.
        seed : int
            The same seed gives the same bits.
        threads : int
            0 for all cores; the bits do not depend on it.

        Returns
        -------
        array, shape (count,)
            Currency.
        """
        return super().sample(count, seed, threads)

    def expected_shortfall(self, probability: float, upper: bool = False) -> float:
        """Return the mean of the worst (or best) outcomes that have a probability together.

        Parameters
        ----------
        probability : float
            In (0, 1].
        upper : bool
            The best outcomes.

        Returns
        -------
        float
            Currency.
        """
        return super().expected_shortfall(probability, upper)

    def given(self, at_least: float | None = None, at_most: float | None = None) -> Distribution:
        """Return the distribution given that the amount lies in a range.

        Parameters
        ----------
        at_least, at_most : float, optional
            Limits of the range, both included, currency.

        Returns
        -------
        Distribution
            The conditional distribution.

        Raises
        ------
        InputError
            If nothing with a probability lies in the range.
        """
        return Distribution(super().given(at_least, at_most), Recipe(self.given, (at_least, at_most)))

    def shifted(self, by: float) -> Distribution:
        """Return X + by, the same as ``x + by``."""
        return Distribution(super().shifted(by), Recipe(self.shifted, (by,)))

    def scaled(self, factor: float) -> Distribution:
        """Return factor * X, the same as ``factor * x``."""
        return Distribution(super().scaled(factor), Recipe(self.scaled, (factor,)))

    def __add__(self, other: Any) -> Distribution:
        if isinstance(other, _core.Distribution):
            return Distribution(super().plus(other), Recipe(self.__add__, (other,)))
        return self.shifted(other) if _is_number(other) else NotImplemented

    def __sub__(self, other: Any) -> Distribution:
        if isinstance(other, _core.Distribution):
            return self + other.scaled(-1.0)
        return self.shifted(-other) if _is_number(other) else NotImplemented

    def __mul__(self, factor: Any) -> Distribution:
        return self.scaled(factor) if _is_number(factor) else NotImplemented

    def __neg__(self) -> Distribution:
        return self.scaled(-1.0)

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: Any) -> Distribution:
        return -self + other if _is_number(other) else NotImplemented

    def _columns(self) -> Mapping[str, Any]:
        mass = self.mass
        return {"value": self.points, "probability": mass, "at_most": np.minimum(1.0, np.cumsum(mass))}

    def _facts(self) -> Mapping[str, Any]:
        return {
            "mean": self.mean,
            "standard deviation": self.standard_deviation,
            "P10": self.quantile(0.1),
            "P50": self.quantile(0.5),
            "P90": self.quantile(0.9),
        }

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        from custfolio.plots import COLOURS

        amounts = sorted({self.quantile(q) for q in np.linspace(0.001, 0.999, 400).tolist()})
        reached = 1.0 - np.array([self.cdf(amount) for amount in amounts])
        rows = [{"amount": a, "chance": c} for a, c in zip(amounts, reached.tolist(), strict=True)]
        return (
            alt.Chart(alt.InlineData(values=rows))
            .mark_line(interpolate="step-after", color=COLOURS["growth"])
            .encode(
                x=alt.X("amount:Q", title="Amount"),
                y=alt.Y("chance:Q", title="Chance of more", scale=alt.Scale(domain=[0, 1])),
            )
            .properties(**options)
        )


@checked
def mix(parts: Sequence[_core.Distribution], weights: ArrayLike) -> Distribution:
    """Distribution of an amount that is one of several, by chance.

    Parameters
    ----------
    parts : sequence of Distribution
        The distributions.
    weights : array_like, shape (n,)
        Probability of each, summing to 1.

    Returns
    -------
    Distribution
        The mixture.

    Raises
    ------
    InputError
        If there is no part, the lengths differ or the weights are not probabilities that sum to 1.
    """
    for position, part in enumerate(parts, start=1):
        if not isinstance(part, _core.Distribution):
            raise InputError(f"part {position} is {type(part).__name__}; it must be a Distribution")
    shares = np.asarray(weights, dtype=np.float64)
    return Distribution(_core.mix_distributions(parts, shares), Recipe(mix, (list(parts), shares)))


@checked
def sum_distribution(
    probability: ArrayLike, amount: ArrayLike, *, correlation: ArrayLike | None = None
) -> Distribution:
    """Distribution of the sum of all-or-nothing amounts, independent or with one common factor.

    Parameters
    ----------
    probability : array_like, shape (n,)
        Chance of each amount, in [0, 1].
    amount : array_like, shape (n,)
        Currency; may be negative.
    correlation : float or array_like, shape (n,), optional
        Share of a common factor in each success, in [0, 1): with a standard normal factor Z an amount comes with the chance
        ``Phi((Phi^-1(p) - sqrt(r) Z) / sqrt(1 - r))``, independently of the others given Z (one-factor Gaussian copula; Vasicek 2002). One
        number for all, or one an amount. Means stay as they are.

    Returns
    -------
    Distribution
        mean and variance (exact), cdf, quantile, probability_at_least, and bounds on the errors. With a correlation, ``errors["quadrature"]``
        is the bound on the error of the average over Z.

    Raises
    ------
    InputError
        If the lengths differ, a probability is none, an amount is not finite or a correlation lies outside [0, 1).
    """
    share = None if correlation is None else np.atleast_1d(np.asarray(correlation, dtype=np.float64))
    chances, amounts = np.asarray(probability, dtype=np.float64), np.asarray(amount, dtype=np.float64)
    recipe = Recipe(sum_distribution, (chances, amounts), {"correlation": share})
    return Distribution(_core.sum_distribution(chances, amounts, share), recipe)


def _restored(state_format: int, recipe: Recipe) -> Distribution:
    """Return a stored distribution, made again."""
    check_state_format(state_format, "Distribution")
    made: Distribution = recipe.make()
    return made


def _each(function: Callable[[float], float], values: ArrayLike, name: str) -> Any:
    """Apply a function of a number to one number, or to each of an array."""
    numbers = reals(values, name)
    results = np.array([function(number) for number in numbers.ravel().tolist()]).reshape(numbers.shape)
    return float(results) if numbers.ndim == 0 else results


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
