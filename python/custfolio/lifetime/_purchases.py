# Models of irregular customers, with purchases at random times and unseen leaving: shared parts, BG/NBD and MBG/NBD.
"""BG/NBD, MBG/NBD and the base class of the models of purchase histories."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked, reals
from custfolio._tables.frames import TableLike
from custfolio._tables.result import Result
from custfolio.errors import InputError
from custfolio.lifetime._model import Model, Numbers, Weights, evaluate, for_each
from custfolio.lifetime._prediction import Prediction, PredictionOptions, predict
from custfolio.lifetime._spend import Spend
from custfolio.lifetime._units import continuous_rate, horizon_in, one_unit

__all__ = ["BGNBD", "MBGNBD", "PurchaseModel"]

_P = TypeVar("_P", bound="PurchaseModel")

Covariates: TypeAlias = "TableLike | ArrayLike | Sequence[str] | None"
"""Constant facts about customers, or the names of their columns."""
_HISTORY = ("frequency", "recency", "T")


@checked
class PurchaseModel(Model):
    """A model of purchase histories in continuous time, without a contract: leaving is not observed.

    A history is (frequency, recency, T): repeat purchases, the time from the first purchase to the last (0 where there is no
    repeat purchase) and the time observed, all in one unit of time. The first purchase starts the clock and is never counted:
    no expectation includes it. All results are numbers where all arguments are numbers, arrays otherwise.
    """

    _kind = "repeat purchases in continuous time"
    _sides: ClassVar[tuple[str, ...]] = ()
    """The parameters that a covariate acts on, one coefficient each; empty without covariates."""

    _levels: dict[str, list[str] | None]
    """The covariates that were fitted: None for numbers, the levels (the first is the base) for text."""

    def __init__(
        self,
        *,
        prior: Mapping[str, tuple[float, float]] | None = None,
        bootstrap: int = 0,
        seed: int = 0,
        threads: int = 0,
    ) -> None:
        super().__init__(prior=prior, bootstrap=bootstrap, seed=seed, threads=threads)
        self._levels = {}

    # ------------------------------------------------------------------------------------------------------ for subclasses

    @abstractmethod
    def _core_model(self) -> Any:
        """Return the core's model with the parameters."""

    def _known(self) -> Any:
        """Return the core's model; a model with covariates has one per customer."""
        if self._levels:
            raise InputError(
                f"{type(self).__name__} has covariates ({', '.join(self._levels)}); use the model of one kind of customer, "
                "model.at(...), or predict"
            )
        return self._core_model()

    def _coefficients(self) -> Numbers:
        """Return the coefficients of the covariates, side by side."""
        return np.array(self._given()[len(self._parameters) :])

    def _covariate_names(self) -> list[str]:
        """Return one name an indicator or number."""
        return [
            part
            for name, levels in self._levels.items()
            for part in ([name] if levels is None else [f"{name}={level}" for level in levels[1:]])
        ]

    def _names(self) -> tuple[str, ...]:
        added = self._covariate_names()
        return (*self._parameters, *(f"{side}:{name}" for side in self._sides for name in added))

    # ------------------------------------------------------------------------------------------------------------------ fit

    def fit(
        self: _P,
        frequency: ArrayLike | TableLike | Result,
        recency: ArrayLike | None = None,
        T: ArrayLike | None = None,  # noqa: N803 -- the literature's name
        *,
        weights: Weights = None,
        covariates: Covariates = None,
    ) -> _P:
        """Fit by maximum likelihood, with a prior by the largest posterior density.

        Parameters
        ----------
        frequency : array_like, shape (n,), or frame, or Summary
            Repeat purchases, whole numbers; or one table with the columns frequency, recency and T.
        recency : array_like, shape (n,), optional
            Time from the first purchase to the last; 0 exactly where frequency is 0.
        T : array_like, shape (n,), optional
            Time observed, at least recency.
        weights : array_like, shape (n,), or str, optional
            Customers that a row stands for, or the name of a column of the table; default one each.
        covariates : frame, mapping, array_like of shape (n, k), or sequence of str, optional
            Constant facts about each customer; or names of columns of the table. Text becomes one indicator a
            level, the first level in the alphabet being the base.

        Returns
        -------
        PurchaseModel
            The model itself, fitted.

        Raises
        ------
        InputError
            If a row is out of range (the message names it), nobody bought again and there is no prior, or the model has no covariates.

        Notes
        -----
        Identical rows are collapsed; one evaluation of the likelihood is linear in distinct rows.
        """
        frame = frequency.to_frame() if isinstance(frequency, Result) else frequency
        rows, weight = self.read_rows({"frequency": frame, "recency": recency, "T": T}, weights)
        self._levels = {}
        self.time_unit_ = getattr(frequency, "time_unit", None)
        if covariates is not None:
            if not self._sides:
                raise InputError(f"{type(self).__name__} has no covariates")
            rows.update(self._encode(covariates, frame, len(rows["frequency"]), learn=True))
        return self._fit_rows(rows, weight)

    def _encode(self, covariates: Any, frame: Any, count: int, *, learn: bool) -> dict[str, Numbers]:
        """Return one column of numbers an indicator or number, keyed by its place among the rows."""
        from custfolio._tables.frames import eager, require_columns

        columns: dict[str, Any] = {}
        if isinstance(covariates, np.ndarray) or (
            isinstance(covariates, (list, tuple)) and not all(isinstance(name, str) for name in covariates)
        ):
            matrix = np.asarray(covariates)
            if matrix.ndim == 1:
                matrix = matrix[:, None]
            if matrix.ndim != 2:
                raise InputError(f"covariates have {matrix.ndim} dimensions; they must have two")
            columns = {f"z{k + 1}": list(matrix[:, k]) for k in range(matrix.shape[1])}
        elif isinstance(covariates, (list, tuple)):
            if isinstance(frame, Mapping):
                require_columns(frame, covariates, "the data; it has")
                columns = {name: list(frame[name]) for name in covariates}
            else:
                try:
                    table = eager(frame)
                except TypeError:
                    raise InputError("covariates name columns, but no frame was given") from None
                require_columns(table.columns, covariates, "the frame; it has")
                columns = {name: table[name].to_list() for name in covariates}
        elif isinstance(covariates, Mapping):
            columns = {str(name): list(values) for name, values in covariates.items()}
        else:
            try:
                table = eager(covariates)
            except TypeError:
                raise InputError(
                    "covariates must be a frame, a mapping, an array of n rows or names of columns"
                ) from None
            columns = {name: table[name].to_list() for name in table.columns}
        if not columns:
            raise InputError("covariates have no column")
        if learn:
            self._levels = {
                name: sorted({str(v) for v in values}) if any(isinstance(v, str) for v in values) else None
                for name, values in columns.items()
            }
        encoded: dict[str, Numbers] = {}
        for name, levels in self._levels.items():
            if name not in columns:
                raise InputError(f"covariate {name!r} is missing; the model was fitted with {', '.join(self._levels)}")
            values = columns[name]
            if len(values) != count:
                raise InputError(f"covariate {name!r} has {len(values):,} values; it must have {count:,}, one per row")
            if levels is None:
                encoded[f"covariate:{name}"] = reals(values, f"covariate {name!r}")
                if learn and np.ptp(encoded[f"covariate:{name}"]) == 0:
                    raise InputError(
                        f"covariate {name!r} is {values[0]} in every row; it must differ between customers"
                    )
                continue
            if learn and len(levels) < 2:
                raise InputError(f"covariate {name!r} is {levels[0]!r} in every row; it must differ between customers")
            for row, value in enumerate(values):
                if not isinstance(value, str) or value not in levels:
                    raise InputError(
                        f"covariate {name!r}, row {row + 1}: found {value!r}; it must be {', '.join(levels)}"
                    )
            for level in levels[1:]:
                encoded[f"covariate:{name}={level}"] = np.array([float(value == level) for value in values])
        return encoded

    @staticmethod
    def _matrix(rows: Mapping[str, Numbers]) -> Numbers | None:
        """Return the covariates among the rows, shape (n, k); None where there are none."""
        covariates = [column for name, column in rows.items() if name.startswith("covariate:")]
        return np.ascontiguousarray(np.column_stack(covariates)) if covariates else None

    def _matrix_for(self, covariates: Any, frame: Any, count: int) -> Numbers | None:
        """Return the covariates of a prediction as the core takes them."""
        if not self._levels:
            if covariates is not None:
                raise InputError(f"{type(self).__name__} was fitted without covariates")
            return None
        names: Sequence[str] = list(self._levels)
        return self._matrix(self._encode(names if covariates is None else covariates, frame, count, learn=False))

    def _simulate(
        self, rows: Mapping[str, Numbers], weights: Numbers | None, seed: int
    ) -> tuple[dict[str, Numbers], Numbers | None]:
        observed = rows["T"]
        matrix = self._matrix(rows)
        if weights is not None:
            if np.any(weights != np.rint(weights)):
                raise InputError("the bootstrap simulates customers one by one; weights must be whole numbers for it")
            times = weights.astype(np.int64)
            observed = np.repeat(observed, times)
            matrix = None if matrix is None else np.repeat(matrix, times, axis=0)
        core = self._core_model()
        if matrix is None:
            frequency, recency, _ = core.simulate(observed, seed, self.threads)
            return {"frequency": frequency, "recency": recency, "T": observed}, None
        frequency, recency = np.zeros_like(observed), np.zeros_like(observed)
        kinds, kind = np.unique(matrix, axis=0, return_inverse=True)
        for number, z in enumerate(kinds):
            members = np.flatnonzero(kind.ravel() == number)
            adjusted = core.with_covariates(self._coefficients(), z)
            frequency[members], recency[members], _ = adjusted.simulate(
                observed[members], (seed << 16) + number, self.threads
            )
        drawn = {"frequency": frequency, "recency": recency, "T": observed}
        names = [name for name in rows if name.startswith("covariate:")]
        return {**drawn, **{name: matrix[:, k] for k, name in enumerate(names)}}, None

    def at(self: _P, **covariates: Any) -> _P:
        """Return the model of customers with given covariates, without any of its own.

        Parameters
        ----------
        **covariates : number or str
            Every covariate by its name.

        Returns
        -------
        PurchaseModel
            A model with known parameters.

        Raises
        ------
        InputError
            If a covariate is missing, unknown, or of a level that was not fitted.
        """
        unknown = [name for name in covariates if name not in self._levels]
        if unknown:
            raise InputError(
                f"covariate {unknown[0]!r} is unknown; the model was fitted with {', '.join(self._levels)}"
            )
        encoded = self._encode({name: [value] for name, value in covariates.items()}, None, 1, learn=False)
        adjusted = self._core_model().with_covariates(self._coefficients(), np.array([c[0] for c in encoded.values()]))
        model = type(self).from_params(**{name: getattr(adjusted, name) for name in self._parameters})
        model.time_unit_ = self.time_unit_
        return model

    # -------------------------------------------------------------------------------------------------------- one quantity

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Any:  # noqa: N803
        """Probability that a customer is still one at the end of the time observed.

        Parameters
        ----------
        frequency, recency, T : array_like
            The history.

        Returns
        -------
        float or numpy.ndarray
            In [0, 1].

        Raises
        ------
        InputError
            If a row is out of range (the message names it), or the model is not fitted.
        """
        core = self._known()
        return evaluate(lambda x, t, age: core.probability_alive(x, t, age, self.threads), frequency, recency, T)

    def survival(self, t: ArrayLike) -> Any:
        """Probability that a new customer is still one after a time.

        Parameters
        ----------
        t : array_like
            Time since the first purchase, at least 0.

        Returns
        -------
        float or numpy.ndarray
            In [0, 1].
        """
        core = self._known()
        return evaluate(lambda time: core.survival(time, threads=self.threads), t)

    def half_life(self) -> float:
        """Time after which half of new customers have left.

        Returns
        -------
        float
            In the model's unit of time; infinity where it takes more than a billion units or nobody ever leaves.
        """
        return float(self._known().half_life())

    def expected_purchases(self, t: ArrayLike) -> Any:
        """Expected purchases of a new customer within a time, the first purchase not counted.

        Parameters
        ----------
        t : array_like
            Time since the first purchase, at least 0.

        Returns
        -------
        float or numpy.ndarray
            At least 0.
        """
        core = self._known()
        return evaluate(lambda time: core.expected_purchases(time, threads=self.threads), t)

    def conditional_expected_purchases(
        self,
        t: ArrayLike,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,  # noqa: N803
    ) -> Any:
        """Expected purchases of a customer within a time after the one observed.

        Parameters
        ----------
        t : array_like
            Time to look ahead, at least 0.
        frequency, recency, T : array_like
            The history.

        Returns
        -------
        float or numpy.ndarray
            At least 0.
        """
        core = self._known()
        return evaluate(
            lambda time, x, last, age: core.expected_purchases(time, x, last, age, self.threads),
            t,
            frequency,
            recency,
            T,
        )

    def probability_mass(self, n: ArrayLike, t: ArrayLike) -> Any:
        """Probability that a new customer makes exactly n purchases within a time, the first not counted.

        Parameters
        ----------
        n : array_like of int
            Purchases.
        t : array_like
            Time since the first purchase, at least 0.

        Returns
        -------
        float or numpy.ndarray
            In [0, 1].
        """
        core = self._known()
        return evaluate(lambda count, time: core.probability_mass(count, time, threads=self.threads), n, t)

    def conditional_probability_mass(
        self,
        n: ArrayLike,
        t: ArrayLike,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,  # noqa: N803
    ) -> Any:
        """Probability that a customer makes exactly n purchases within a time after the one observed.

        Parameters
        ----------
        n : array_like of int
            Purchases.
        t : array_like
            Time to look ahead, at least 0.
        frequency, recency, T : array_like
            The history.

        Returns
        -------
        float or numpy.ndarray
            In [0, 1].
        """
        core = self._known()
        return evaluate(
            lambda count, time, x, last, age: core.probability_mass(count, time, x, last, age, self.threads),
            n,
            t,
            frequency,
            recency,
            T,
        )

    def discounted_expected_residual_transactions(
        self,
        discount_rate: float | str,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,  # noqa: N803
        *,
        horizon: float | str | None = None,
        time_unit: str | None = None,
    ) -> Any:
        """Present value of the purchases to come, each worth 1: DERT.

        Parameters
        ----------
        discount_rate : float, str or (rate, period)
            ``"10 % a year"``, ``("10 %", "month")``, ``(0.10, "year")``; a number is a fraction a year. Discounting is continuous,
            at the rate that makes as much in a period.
        frequency, recency, T : array_like
            The history.
        horizon : float or str, optional
            Time to look ahead, such as ``"5 years"``; all time by default, which needs a rate above 0.
        time_unit : {"day", "week", "month", "quarter", "year"}, optional
            The unit of recency and T; by default the unit of the summary that was fitted, else "week".

        Returns
        -------
        float or numpy.ndarray
            At least 0.
        """
        core = self._known()
        unit = one_unit(time_unit, None, self.time_unit_) or "week"
        rate = continuous_rate(discount_rate, unit)
        until = np.inf if horizon is None else horizon_in(horizon, unit)
        return evaluate(
            lambda x, last, age: core.discounted_purchases(rate, until, x, last, age, self.threads),
            frequency,
            recency,
            T,
        )

    def simulate(
        self,
        n: int,
        T: ArrayLike,  # noqa: N803
        seed: int = 0,
    ) -> dict[str, NDArray[np.float64]]:
        """Histories of new customers, drawn from the model.

        Parameters
        ----------
        n : int
            Customers.
        T : array_like, scalar or shape (n,)
            Time that each is observed.
        seed : int
            The same seed gives the same histories.

        Returns
        -------
        dict of str to numpy.ndarray, shape (n,) each
            frequency, recency, T.
        """
        observed = for_each(T, n, "T")
        frequency, recency, age = self._known().simulate(observed, seed, self.threads)
        return {"frequency": frequency, "recency": recency, "T": age}

    def predict(
        self,
        summary: Result | TableLike,
        horizon: float | str = "52 weeks",
        discount_rate: float | str = 0.10,
        *,
        spend: Spend = None,
        covariates: Covariates = None,
        time_unit: str | None = None,
        band: Literal["number", "sum"] = "number",
    ) -> Prediction:
        """One table with all forecasts for each customer.

        Parameters
        ----------
        summary : Summary, frame or mapping
            Columns frequency, recency and T; customer_id, contribution and monetary_value where there are.
        horizon : float or str
            Time to look ahead: ``"52 weeks"``, ``"12 months"``, or a number of the summary's own units.
        discount_rate : float, str or (rate, period)
            As in :meth:`discounted_expected_residual_transactions`.
        spend : fitted spend model or array_like, optional
            A model of the contribution per purchase (GammaGamma or NormalNormal), or the expected contribution per purchase of
            each row. By default a NormalNormal model is fitted on the summary's contribution (else its monetary_value); where it has
            neither, there are no columns of value.
        covariates : optional
            As in :meth:`fit`, for a model that has some; by default the columns of the summary with their names.
        time_unit : str, optional
            Unit of recency and T; by default the summary's own, else that of the fit, else "week".
        band : {"number", "sum"}
            What is uncertain in value_p10 and value_p90: the number of purchases, at their expected contribution; or number and
            contributions both, which is the band of what a customer brings and takes some 12 microseconds a row (see :class:`Prediction`).

        Returns
        -------
        Prediction
            One row per customer.

        Raises
        ------
        InputError
            If a row, the horizon or the rate is out of range, or summary and model have different units of time.
        """

        def forecast(rows: Mapping[str, Numbers], frame: Any, until: float, rate: float) -> dict[str, Numbers]:
            figures: dict[str, Numbers] = self._core_model().forecast(
                rows["frequency"],
                rows["recency"],
                rows["T"],
                until,
                rate,
                self._coefficients(),
                self._matrix_for(covariates, frame, len(rows["frequency"])),
                self.threads,
            )
            return figures

        options = PredictionOptions(horizon, discount_rate, time_unit, spend, band)
        return predict(self, forecast, summary, options)


class _BetaGeometric(PurchaseModel):
    """Shared parts of BG/NBD and MBG/NBD."""

    _parameters = ("r", "alpha", "a", "b")
    _sides = ("purchase", "a", "b")
    _at_first: ClassVar[bool]

    weak_prior: ClassVar[dict[str, tuple[float, float]]] = {"r": (0.5, 1.5), "a": (0.8, 1.5), "b": (2.5, 1.5)}
    """A prior for small portfolios that hardly moves the estimates of larger ones: ``BGNBD(prior=BGNBD.weak_prior)``."""

    def _estimate(self, rows: Mapping[str, Numbers], weights: Numbers | None) -> _core.Fit:
        return _core.fit_beta_geometric(
            rows["frequency"],
            rows["recency"],
            rows["T"],
            weights,
            self._at_first,
            self._matrix(rows),
            self._covariate_names(),
            self._core_priors(),
            self.threads,
        )

    def _core_model(self) -> _core.BetaGeometricNBD:
        r, alpha, a, b = self._given()[:4]
        return _core.BetaGeometricNBD(r, alpha, a, b, self._at_first)


class BGNBD(_BetaGeometric):
    """The BG/NBD model: purchases at random, and a chance to leave for good after each repeat purchase.

    Rates of purchase are gamma(r, alpha) over customers, chances to leave beta(a, b). A customer without a repeat purchase is
    certainly alive; use :class:`MBGNBD` where that is unwanted. With covariates z the model of a customer is alpha exp(-c'z),
    a exp(d'z), b exp(e'z): ``purchase:z`` above 0 means more purchases (Fader and Hardie 2007).

    Parameters
    ----------
    prior, bootstrap, seed, threads
        As in :class:`Model`.

    References
    ----------
    P. S. Fader, B. G. S. Hardie, K. L. Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2): likelihood
    eq. 6, probability mass eq. 8, expectation eq. 9, conditional expectation eq. 10.

    Examples
    --------
    >>> import custfolio as cf
    >>> model = cf.lifetime.BGNBD.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> round(model.expected_purchases(52), 2)
    1.45
    """

    _at_first = False


class MBGNBD(_BetaGeometric):
    """The MBG/NBD model: as BG/NBD, but a customer may also leave after the first purchase.

    So a customer without a repeat purchase may have left. Covariates as in :class:`BGNBD`.

    Parameters
    ----------
    prior, bootstrap, seed, threads
        As in :class:`Model`.

    References
    ----------
    E. P. Batislam, M. Denizel, A. Filiztekin (2007), Empirical validation and comparison of models for customer base analysis,
    International Journal of Research in Marketing 24(3).
    """

    _at_first = True
