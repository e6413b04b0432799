# Models of spend: positive amounts (Gamma-Gamma), and margins that may be negative (normal-normal).
"""How much customers spend or contribute a purchase."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.frames import TableLike
from custfolio._tables.result import Result
from custfolio.errors import InputError
from custfolio.lifetime._model import Model, Numbers, Weights, evaluate, row_per_customer

__all__ = ["GammaGamma", "NormalNormal"]


@checked
class GammaGamma(Model):
    """Gamma-Gamma: a customer's amounts are gamma with shape p, their scale is gamma (q, gamma) among customers.

    Source: Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value. Frequency and spend are assumed independent:
    ``correlation_`` shows how far they are.

    Parameters
    ----------
    prior, bootstrap, seed, threads
        As for every model; see :class:`Model`.

    Examples
    --------
    >>> model = GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44)
    >>> round(model.expected_spend(), 2)
    35.22
    """

    _parameters = ("p", "q", "gamma")
    _kind = "average spend"

    def fit(
        self,
        frequency: ArrayLike | TableLike | Result,
        monetary_value: ArrayLike | None = None,
        weights: Weights = None,
    ) -> GammaGamma:
        """Fit by maximum likelihood.

        Parameters
        ----------
        frequency : array_like, shape (n,), or frame
            Purchases that each average is of; customers with 0 are left out and counted (``left_out_``). Or a frame with the
            columns frequency, monetary_value.
        monetary_value : array_like, shape (n,), optional
            Average amount of the purchases, currency, above 0.
        weights : array_like, shape (n,), or str, optional
            Customers that a row stands for, at least 0; of a frame, the column's name.

        Returns
        -------
        GammaGamma
            The model itself.

        Raises
        ------
        InputError
            If an amount is not positive (then :class:`NormalNormal` is the model), or all are equal.
        """
        rows, weight = self.read_rows({"frequency": frequency, "monetary_value": monetary_value}, weights)
        if not (rows["frequency"] > 0).all():
            # Not known where there is no purchase, and not read there.
            rows["monetary_value"] = np.where(rows["frequency"] == 0, 0.0, rows["monetary_value"])
        _, left_out, correlation = self._both(rows, weight)
        self._left_out, self._correlation = left_out, correlation
        return self._fit_rows(rows, weight)

    def _both(self, rows: Mapping[str, Numbers], weights: Numbers | None) -> tuple[_core.Fit, float, float]:
        return _core.fit_gamma_gamma(**rows, weights=weights, prior=self._core_priors(), threads=self.threads)

    def _estimate(self, rows: Mapping[str, Numbers], weights: Numbers | None) -> _core.Fit:
        return self._both(rows, weights)[0]

    def _simulate(
        self, rows: Mapping[str, Numbers], weights: Numbers | None, seed: int
    ) -> tuple[dict[str, Numbers], Numbers | None]:
        frequency = row_per_customer(rows, weights)["frequency"]
        frequency = frequency[frequency > 0]
        spend = _core.simulate_spend(self._given(), frequency, seed)
        return {"frequency": frequency, "monetary_value": spend}, None

    @property
    def left_out_(self) -> float:
        """Customers without a repeat purchase, and so without spend: left out of the fit."""
        self._fitted()
        return self._left_out

    @property
    def correlation_(self) -> float:
        """Correlation of frequency and average amount; the model assumes independence. NaN where one does not vary."""
        self._fitted()
        return self._correlation

    def expected_spend(self) -> float:
        """Return the expected amount of a purchase of a new customer, p gamma / (q - 1); InputError where q <= 1."""
        return float(self.conditional_expected_spend(0, 0))

    def conditional_expected_spend(self, frequency: ArrayLike, monetary_value: ArrayLike) -> Any:
        """Expected amount of the next purchases of customers with a history (equation 5).

        Parameters
        ----------
        frequency : array_like
            Purchases; 0: the customer is as good as new.
        monetary_value : array_like
            Their average amount, currency, above 0 (of no purchase: anything).

        Returns
        -------
        float or ndarray
            Currency.

        Raises
        ------
        InputError
            If an amount is not positive, or the expectation is infinite (p x + q <= 1).
        """
        params = self._given()
        return evaluate(lambda x, z: _core.conditional_mean_spend(params, x, z), frequency, monetary_value)


@checked
class NormalNormal(Model):
    """Normal-normal: averages that may be negative, shrunk towards the common mean.

    A customer's true average is normal around ``mean`` with ``between_variance``; its single amounts are normal around that with
    ``within_variance``. Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., section 5.4.

    Parameters
    ----------
    prior, bootstrap, seed, threads
        As for every model; see :class:`Model`. The prior of `mean` is given as mean and standard deviation of itself.
    """

    _parameters = ("mean", "between_variance", "within_variance")
    _kind = "average margin"
    _left_out = 0.0

    def _priors(self) -> list[tuple[float, float]]:
        prior = dict(self.prior)
        given = prior.pop("mean", (0.0, np.inf))
        if not self.prior:
            return []
        variances = NormalNormal(prior=prior)
        return [given, *(super(NormalNormal, variances)._priors()[1:] if prior else [(0.0, np.inf)] * 2)]

    def fit(
        self,
        frequency: ArrayLike | TableLike | Result,
        monetary_value: ArrayLike | None = None,
        sum_of_squares: ArrayLike | None = None,
        weights: Weights = None,
    ) -> NormalNormal:
        """Fit by maximum likelihood.

        Parameters
        ----------
        frequency : array_like, shape (n,), or frame
            Amounts that each average is of; they must differ between customers unless `sum_of_squares` is given. Customers with 0 are
            left out and counted (``left_out_``). Or a frame with the columns frequency, monetary_value.
        monetary_value : array_like, shape (n,), optional
            Average amount of the customer, currency; may be negative.
        sum_of_squares : array_like, shape (n,), optional
            Of the customer's amounts around their average.
        weights : array_like, shape (n,), or str, optional
            Customers that a row stands for, at least 0; of a frame, the column's name.

        Returns
        -------
        NormalNormal
            The model itself.

        Raises
        ------
        InputError
            If a row is out of range (the message names it), or all averages are equal.
        """
        inputs = {"frequency": frequency, "monetary_value": monetary_value, "sum_of_squares": sum_of_squares}
        rows, weight = self.read_rows(inputs, weights, optional=["sum_of_squares"])
        bought = rows["frequency"] != 0
        amount = rows["monetary_value"]
        missing = np.flatnonzero(bought & ~np.isfinite(amount))
        if missing.size:
            row = missing[0]
            raise InputError(
                f"row {row + 1}: monetary_value is {amount[row]}, though frequency is {rows['frequency'][row]:g}; it must be a finite number"
            )
        if not bought.any():
            raise InputError("no customer has a frequency above 0, so there is no average to fit")
        self._left_out = float(np.sum(~bought if weight is None else weight[~bought]))
        weight = None if weight is None else weight[bought]
        return self._fit_rows({name: column[bought] for name, column in rows.items()}, weight)

    @property
    def left_out_(self) -> float:
        """Customers without an amount (frequency 0): left out of the fit."""
        self._fitted()
        return self._left_out

    def _estimate(self, rows: Mapping[str, Numbers], weights: Numbers | None) -> _core.Fit:
        return _core.fit_normal_normal(
            rows["monetary_value"],
            rows["frequency"],
            rows.get("sum_of_squares"),
            weights,
            prior=self._core_priors(),
            threads=self.threads,
        )

    def _simulate(
        self, rows: Mapping[str, Numbers], weights: Numbers | None, seed: int
    ) -> tuple[dict[str, Numbers], Numbers | None]:
        frequency = row_per_customer(rows, weights)["frequency"]
        mean, squares = _core.simulate_averages(self._given(), frequency, seed)
        sample = {"frequency": frequency, "monetary_value": mean}
        return sample | ({"sum_of_squares": squares} if "sum_of_squares" in rows else {}), None

    @classmethod
    def from_params(cls, **params: float) -> NormalNormal:
        """Return the model with known parameters: mean (any finite number), between_variance and within_variance (above 0)."""
        mean = params.get("mean", 1.0)
        if not np.isfinite(mean):
            raise InputError(f"mean is {mean}; it must be finite")
        model = super().from_params(**(params | ({"mean": 1.0} if "mean" in params else {})))
        model._values = {**model.params_, "mean": float(mean)}
        return model

    def _shrunk(self, part: int, frequency: ArrayLike, monetary_value: ArrayLike) -> Any:
        params = self._given()
        return evaluate(lambda n, m: _core.shrink(params, m, n)[part], frequency, monetary_value)

    def conditional_mean(self, frequency: ArrayLike, monetary_value: ArrayLike) -> Any:
        """Return the expected true average of customers, given the average of `frequency` amounts (0: the common mean)."""
        return self._shrunk(0, frequency, monetary_value)

    def conditional_variance(self, frequency: ArrayLike, monetary_value: ArrayLike) -> Any:
        """Return the variance of the true average of customers, given their history."""
        return self._shrunk(1, frequency, monetary_value)

    def shrinkage_weight(self, frequency: ArrayLike) -> Any:
        """Return the share of a customer's own average in its expectation, in [0, 1]; the rest is the common mean's."""
        return self._shrunk(2, frequency, 0.0)


Spend: TypeAlias = "GammaGamma | NormalNormal | ArrayLike | None"
"""A fitted model of the contribution per purchase, or the contribution of each row; None: by the summary."""
