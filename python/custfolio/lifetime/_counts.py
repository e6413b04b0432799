# Models of counts: opportunities taken or not (BG/BB), and contracts renewed or not.
"""BG/BB, shifted beta-geometric and beta-discrete-Weibull models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from custfolio import _core
from custfolio.lifetime._model import Model, Numbers, evaluate

__all__ = ["BGBB", "BetaDiscreteWeibull", "ShiftedBetaGeometric"]


def _each(rows: Mapping[str, Numbers], weights: Numbers | None) -> dict[str, Numbers]:
    """Return one row a customer; weights are rounded to whole customers."""
    if weights is None:
        return dict(rows)
    times = np.rint(weights).astype(np.int64)
    return {name: np.repeat(column, times) for name, column in rows.items()}


class BGBB(Model):
    """BG/BB: customers who may buy once at each of a row of opportunities, until they are lost unseen.

    The chance to buy at an opportunity is beta (alpha, beta) among customers, the chance to be lost before one is beta (gamma,
    delta). Source: Fader, Hardie and Shang (2010), Marketing Science 29(6), 1086-1108; equations by number below.

    Parameters
    ----------
    prior, bootstrap, seed, threads
        As for every model; see :class:`Model`.

    Examples
    --------
    >>> model = BGBB.from_params(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8)
    >>> round(model.probability_alive(6, 6, 6), 2)
    0.93
    """

    _parameters = ("alpha", "beta", "gamma", "delta")
    _kind = "opportunities taken"

    def fit(
        self, frequency: Any, recency: ArrayLike | None = None, periods: ArrayLike | None = None, weights: Any = None
    ) -> BGBB:
        """Fit by maximum likelihood.

        Parameters
        ----------
        frequency : array_like, shape (n,), or frame
            Opportunities taken after the first purchase; or a frame with the columns frequency, recency, periods.
        recency : array_like, shape (n,), optional
            The last opportunity taken, 1 ... periods; 0 where frequency is 0.
        periods : array_like, shape (n,), optional
            Opportunities there were.
        weights : array_like, shape (n,), or str, optional
            Customers that a row stands for, at least 0; of a frame, the column's name.

        Returns
        -------
        BGBB
            The model itself.

        Raises
        ------
        InputError
            If a row cannot be; the message names it.
        """
        rows, weight = self._take({"frequency": frequency, "recency": recency, "periods": periods}, weights)
        return self._fit_rows(rows, weight)

    def _estimate(self, rows: Mapping[str, Numbers], weights: Numbers | None) -> _core.Fit:
        return _core.fit_bg_bb(**rows, weights=weights, prior=self._priors(), threads=self.threads)

    def _simulate(
        self, rows: Mapping[str, Numbers], weights: Numbers | None, seed: int
    ) -> tuple[dict[str, Numbers], Numbers | None]:
        periods = _each(rows, weights)["periods"]
        frequency, recency = _core.simulate_bg_bb(self._given(), periods, seed, self.threads)
        return {"frequency": frequency, "recency": recency, "periods": periods}, None

    def _history(
        self,
        what: str,
        frequency: ArrayLike,
        recency: ArrayLike,
        periods: ArrayLike,
        t: ArrayLike = 0,
        y: ArrayLike = 0,
    ) -> Any:
        params = self._given()
        return evaluate(
            lambda *columns: _core.bg_bb_of_history(params, what, *columns), t, y, frequency, recency, periods
        )

    def survival(self, t: ArrayLike) -> Any:
        """Return the chance that a new customer is still there at opportunity `t`, of the shape of `t`."""
        params = self._given()
        return evaluate(lambda column: _core.bg_bb_of_new(params, "survival", column), t)

    def expected_purchases(self, t: ArrayLike) -> Any:
        """Return the expected purchases of a new customer at its first `t` opportunities (equation 9)."""
        params = self._given()
        return evaluate(lambda column: _core.bg_bb_of_new(params, "expected", column), t)

    def probability_of_purchases(self, purchases: int, t: ArrayLike) -> Any:
        """Return the chance that a new customer buys exactly `purchases` times at its first `t` opportunities (equation 7)."""
        params = self._given()
        return evaluate(lambda column: _core.bg_bb_of_new(params, "probability", column, purchases), t)

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, periods: ArrayLike) -> Any:
        """Return the chance that customers are still there at their next opportunity, periods + 1 (equation 11)."""
        return self._history("alive", frequency, recency, periods)

    def conditional_expected_purchases(
        self, t: ArrayLike, frequency: ArrayLike, recency: ArrayLike, periods: ArrayLike
    ) -> Any:
        """Return the expected purchases of customers at their next `t` opportunities (equation 13)."""
        return self._history("expected", frequency, recency, periods, t)

    def conditional_probability_of_purchases(
        self, purchases: ArrayLike, t: ArrayLike, frequency: ArrayLike, recency: ArrayLike, periods: ArrayLike
    ) -> Any:
        """Return the chance that customers buy exactly `purchases` times at their next `t` opportunities (equation 12)."""
        return self._history("probability", frequency, recency, periods, t, purchases)

    def discounted_expected_residual_transactions(
        self, frequency: ArrayLike, recency: ArrayLike, periods: ArrayLike, *, discount_rate: float
    ) -> Any:
        """Discounted expected residual transactions (equation 14).

        Parameters
        ----------
        frequency, recency, periods : array_like
            Histories.
        discount_rate : float
            Per opportunity, above 0 (0 where gamma > 1); the next opportunity is one period ahead.

        Returns
        -------
        float or ndarray
            Transactions, of the shape of the histories.

        Raises
        ------
        InputError
            If a history cannot be, or the sum is infinite.
        """
        return self._history("residual", frequency, recency, periods, discount_rate)


class _Contractual(Model):
    """What the models of contracts have in common."""

    _kind = "contracts renewed"
    _code: str

    def _triple(self) -> tuple[float, float, float]:
        """Return alpha, beta and c."""
        alpha, beta, *c = self._given()
        return alpha, beta, c[0] if c else 1.0

    def _estimate(self, rows: Mapping[str, Numbers], weights: Numbers | None) -> _core.Fit:
        return _core.fit_contracts(self._code, rows["recency"], rows["T"], weights, prior=self._priors())

    def _simulate(
        self, rows: Mapping[str, Numbers], weights: Numbers | None, seed: int
    ) -> tuple[dict[str, Numbers], Numbers | None]:
        age = _each(rows, weights)["T"]
        # The period of the loss by inversion: the last one that starts with a chance of survival above a uniform number.
        horizon = int(age.max())
        survival = np.asarray(self.survival(np.arange(1.0, horizon + 1.0)))
        draw = np.random.Generator(np.random.Philox(key=seed)).random(len(age))
        period = 1.0 + np.searchsorted(-survival, -draw, side="right")
        return {"recency": np.minimum(period, age), "T": age}, None

    def survival(self, t: ArrayLike) -> Any:
        """Return the chance that a new customer is still there after `t` renewals, of the shape of `t`."""
        params = self._triple()
        return evaluate(lambda column: _core.of_contracts(params, "survival", column), t)

    def retention_rate(self, t: ArrayLike) -> Any:
        """Return the share of the customers of period `t` (1, 2, ...) that renew at its end, of the shape of `t`."""
        params = self._triple()
        return evaluate(lambda column: _core.of_contracts(params, "retention_rate", column), t)

    def discounted_expected_lifetime(self, *, discount_rate: float) -> float:
        """Return the expected payments of a new customer, one at the start of each period, the first undiscounted.

        Parameters
        ----------
        discount_rate : float
            Per period.

        Raises
        ------
        InputError
            If the rate is negative or the sum is infinite.
        """
        return _core.contracts_lifetime(self._triple(), discount_rate)

    def discounted_expected_residual_lifetime(self, renewals: ArrayLike, *, discount_rate: float) -> Any:
        """Expected further payments of customers just before the decision that ends their period, the next one undiscounted.

        Parameters
        ----------
        renewals : array_like
            Renewals behind the customer, 0, 1, ...
        discount_rate : float
            Per period.

        Returns
        -------
        float or ndarray
            Periods, of the shape of `renewals`. Source: Fader and Hardie (2010), Marketing Science 29(1), 85-93.

        Raises
        ------
        InputError
            If the rate is negative or the sum is infinite.
        """
        params = self._triple()
        return evaluate(lambda column: _core.of_contracts(params, "residual", column, discount_rate), renewals)


class ShiftedBetaGeometric(_Contractual):
    """Shifted beta-geometric: contracts whose chance of loss is constant for each customer and beta among customers.

    Source: Fader and Hardie (2007), Journal of Interactive Marketing 21(1), 76-90.

    Parameters
    ----------
    prior, bootstrap, seed, threads
        As for every model; see :class:`Model`.

    Examples
    --------
    >>> model = ShiftedBetaGeometric.from_params(alpha=0.668, beta=3.806)
    >>> round(model.survival(1), 3)
    0.851
    """

    _parameters = ("alpha", "beta")
    _code = "sbg"

    def fit(self, recency: Any, T: ArrayLike | None = None, weights: Any = None) -> ShiftedBetaGeometric:  # noqa: N803
        """Fit by maximum likelihood.

        Parameters
        ----------
        recency : array_like, shape (n,), or frame
            The period in which the customer was last there, 1, 2, ...: lost at its end where recency < T. Or a frame with the
            columns recency, T.
        T : array_like, shape (n,), optional
            Periods observed; a customer with recency = T is still there, with T - 1 renewals behind it.
        weights : array_like, shape (n,), or str, optional
            Customers that a row stands for, at least 0; of a frame, the column's name.

        Returns
        -------
        ShiftedBetaGeometric
            The model itself.

        Raises
        ------
        InputError
            If a row cannot be; the message names it.
        """
        rows, weight = self._take({"recency": recency, "T": T}, weights)
        return self._fit_rows(rows, weight)


class BetaDiscreteWeibull(_Contractual):
    """Beta-discrete-Weibull: as shifted beta-geometric, but a customer's own chance of loss may rise (c > 1) or fall (c < 1).

    Source: Fader, Hardie, Liu, Davin and Steenburgh (2018), Journal of Interactive Marketing 43, 1-16.

    Parameters
    ----------
    prior, bootstrap, seed, threads
        As for every model; see :class:`Model`.
    """

    _parameters = ("alpha", "beta", "c")
    _code = "bdw"

    def fit(self, recency: Any, T: ArrayLike | None = None, weights: Any = None) -> BetaDiscreteWeibull:  # noqa: N803
        """Fit by maximum likelihood; input as for :meth:`ShiftedBetaGeometric.fit`, over at least three periods."""
        rows, weight = self._take({"recency": recency, "T": T}, weights)
        return self._fit_rows(rows, weight)
