# Pareto/NBD, whose customers leave at a hazard of their own, and NBD, whose customers never leave.
"""Pareto/NBD and NBD: purchases at random, and leaving that has nothing to do with purchases, or none at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from custfolio import _core
from custfolio.lifetime._model import Numbers
from custfolio.lifetime._purchases import PurchaseModel

__all__ = ["NBD", "ParetoNBD"]


class ParetoNBD(PurchaseModel):
    """The Pareto/NBD model: purchases at random, and leaving at a constant hazard, whether or not a purchase was made.

    Rates of purchase are gamma(r, alpha) over customers, hazards gamma(s, beta), independent. A customer without a repeat
    purchase may have left. With covariates z the model of a customer is alpha exp(-c'z), beta exp(-d'z): ``purchase:z`` above 0 means more
    purchases, ``dropout:z`` above 0 earlier leaving (Fader and Hardie 2007). Nothing here subtracts hypergeometric functions, as
    the published form does: integrals over the time of leaving have positive terms, with a relative error below 1e-12.

    Parameters
    ----------
    prior, bootstrap, seed, threads
        As in :class:`Model`.

    References
    ----------
    D. C. Schmittlein, D. G. Morrison, R. Colombo (1987), Counting your customers: Who are they and what will they do next?,
    Management Science 33(1). P. S. Fader, B. G. S. Hardie, K. L. Lee (2005), RFM and CLV: Using iso-value curves for customer
    base analysis, Journal of Marketing Research 42(4): discounted expected residual transactions.

    Examples
    --------
    >>> import custfolio as cf
    >>> model = cf.lifetime.ParetoNBD.from_params(r=0.553, alpha=10.578, s=0.606, beta=11.669)
    >>> round(model.expected_purchases(52), 2)
    1.47
    """

    _parameters = ("r", "alpha", "s", "beta")
    _sides = ("purchase", "dropout")

    weak_prior: ClassVar[dict[str, tuple[float, float]]] = {"r": (0.5, 1.5), "s": (0.6, 1.5), "beta": (10.0, 2.5)}
    """A prior for small portfolios that hardly moves the estimates of larger ones: ``ParetoNBD(prior=ParetoNBD.weak_prior)``.
    That of beta is made for weeks and months."""

    def _estimate(self, rows: Mapping[str, Numbers], weights: Numbers | None) -> _core.Fit:
        return _core.fit_pareto_nbd(
            rows["frequency"],
            rows["recency"],
            rows["T"],
            weights,
            self._matrix(rows),
            self._covariate_names(),
            self._core_priors(),
            self.threads,
        )

    def _core_model(self) -> _core.ParetoNBD:
        return _core.ParetoNBD(*self._given()[:4])


class NBD(PurchaseModel):
    """The NBD model: purchases at random, and nobody leaves. The benchmark without leaving.

    Rates of purchase are gamma(r, alpha) over customers. Recency has no effect, every customer is alive, and purchases of all
    time need a discount rate to be finite. The likelihood is that of the times of purchase, so that it compares with that of Pareto/NBD
    (whose limit it is for s -> 0); software that has the likelihood of counts reports x ln T - ln x! more a customer.

    Parameters
    ----------
    prior, bootstrap, seed, threads
        As in :class:`Model`.

    References
    ----------
    A. S. C. Ehrenberg (1959), The pattern of consumer purchases, Applied Statistics 8(1).

    Examples
    --------
    >>> import custfolio as cf
    >>> model = cf.lifetime.NBD.from_params(r=0.385, alpha=12.072)
    >>> round(model.expected_purchases(52), 2)
    1.66
    """

    _parameters = ("r", "alpha")

    weak_prior: ClassVar[dict[str, tuple[float, float]]] = {"r": (0.5, 1.5)}
    """A prior for small portfolios that hardly moves the estimates of larger ones: ``NBD(prior=NBD.weak_prior)``."""

    def _estimate(self, rows: Mapping[str, Numbers], weights: Numbers | None) -> _core.Fit:
        return _core.fit_nbd(rows["frequency"], rows["recency"], rows["T"], weights, self._core_priors(), self.threads)

    def _core_model(self) -> _core.NBD:
        return _core.NBD(*self._given())
