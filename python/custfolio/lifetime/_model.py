# Shared parts of all customer-base models: settings, input, estimates, intervals, bootstrap, comparison.
"""The base class of the models, and the table that compares them."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any, ClassVar, Final, Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked, reals
from custfolio._tables.result import Listing, Result
from custfolio.errors import InputError

__all__ = ["Comparison", "Model", "compare"]

Numbers = NDArray[np.float64]

Weights: TypeAlias = "ArrayLike | str | None"
"""Customers that each row stands for, or the name of a column; None: one each."""
_M = TypeVar("_M", bound="Model")

_MOST_SAMPLES: Final = 100_000
"""Samples of a bootstrap, each of which is a fit."""

_MOST_CUSTOMERS: Final = 100_000_000
"""Customers of a simulation, whose columns are in memory at once."""


@checked
class Model(Result):
    """A customer-base model: settings in, :meth:`fit`, results in attributes that end with an underscore.

    A subclass names its parameters and the kind of its data, and defines ``_estimate`` (one fit in the core)
    and, for the bootstrap, ``_simulate``.

    ``plot`` draws the parameters with their 95 % intervals, on a log scale where all are positive.

    Parameters
    ----------
    prior : mapping of str to (float, float), optional
        For small portfolios: what is believed of a parameter before the data, as its median and the standard deviation of its
        logarithm. ``{"r": (0.5, 1.0)}`` means that r is between 0.19 and 1.4 with a chance of two in three. Parameters not named
        have none. Of a coefficient: mean and standard deviation.
    bootstrap : int
        Samples of the parametric bootstrap; 0: none. Each sample is simulated from the fitted model and fitted again.
    seed : int
        Of the bootstrap; the same seed gives the same samples.
    threads : int
        Threads of the likelihood; 0: as many as the machine has. Results are the same bits for any number.
    """

    _parameters: ClassVar[tuple[str, ...]]
    """The parameters, keyed as published."""
    _kind: ClassVar[str]
    """The data of the likelihood; only models of one kind can be compared."""

    time_unit_: str | None = None
    """The unit of time of the summary that was fitted; None where the data came without a unit."""

    def __init__(
        self,
        *,
        prior: Mapping[str, tuple[float, float]] | None = None,
        bootstrap: int = 0,
        seed: int = 0,
        threads: int = 0,
    ) -> None:
        if bootstrap < 0 or seed < 0 or threads < 0:
            raise InputError(
                f"bootstrap, seed and threads are {bootstrap}, {seed}, {threads}; they must not be negative"
            )
        if bootstrap > _MOST_SAMPLES:
            raise InputError(f"bootstrap is {bootstrap:,}; it must be at most {_MOST_SAMPLES:,}")
        self.prior = _prior_of(prior or {})
        self.bootstrap = bootstrap
        self.seed = seed
        self.threads = threads
        self._fit: _core.Fit | None = None
        self._values: dict[str, float] | None = None
        self._rows: dict[str, Numbers] = {}
        self._weights: Numbers | None = None
        self._samples: Numbers | None = None
        self._failed_samples = 0
        self._held: list[tuple[float, float]] | None = None
        """Priors of the core in place of the model's own, while a profile is drawn."""

    # ------------------------------------------------------------------------------------------------------ for subclasses

    @abstractmethod
    def _estimate(self, rows: Mapping[str, Numbers], weights: Numbers | None) -> _core.Fit:
        """Fit the rows once."""

    def _simulate(
        self, rows: Mapping[str, Numbers], weights: Numbers | None, seed: int
    ) -> tuple[dict[str, Numbers], Numbers | None]:
        """Return rows simulated from the fitted parameters: as many customers as were fitted, observed as long as they were."""
        raise InputError(f"{type(self).__name__} has no bootstrap; use bootstrap=0")

    def _names(self) -> tuple[str, ...]:
        """Return the names of the parameters; a model with covariates adds theirs."""
        return self._parameters

    def _core_priors(self) -> list[tuple[float, float]]:
        """Return the priors of the fit at hand."""
        return self._priors() if self._held is None else self._held

    def _priors(self) -> list[tuple[float, float]]:
        """Return mean and standard deviation of the log parameters for the core; empty without a prior."""
        names = self._names()
        unknown = [name for name in self.prior if name not in names]
        if unknown:
            raise InputError(f"prior names {unknown[0]!r}; the parameters are {', '.join(names)}")
        if not self.prior:
            return []
        priors = []
        for name in names:
            median, sd = self.prior.get(name, (1.0, math.inf))
            if name in self._parameters:
                if not 0.0 < median < math.inf:
                    raise InputError(f"prior of {name}: the median is {median}; it must be above 0")
                median = math.log(median)
            priors.append((median, sd))
        return priors

    def read_rows(
        self, inputs: Mapping[str, Any], weights: Weights, optional: Sequence[str] = ()
    ) -> tuple[dict[str, Numbers], Numbers | None]:
        """Read the columns of a model's input.

        Parameters
        ----------
        inputs : mapping of str to array_like, frame or None
            Each column by name; or a frame in the first place that has them all, and None for the others.
        weights : array_like, str or None
            Weight of each row, or the frame's column of weights.
        optional : sequence of str
            Columns that may be absent.

        Returns
        -------
        (dict, array or None)
            The columns and the weights as doubles, shape (n,) each.

        Raises
        ------
        InputError
            If a column is absent, has no numbers, or has another length.
        """
        first = next(iter(inputs))
        others = [value for name, value in inputs.items() if name != first]
        data = inputs[first]
        if isinstance(data, Result):
            data = data.to_frame()
        named: dict[str, Any] = {}
        if all(value is None for value in others) and not isinstance(data, (np.ndarray, list, tuple)):
            named = self._of_frame(data, [*inputs], optional, weights if isinstance(weights, str) else None)
            if isinstance(weights, str):
                weights = named.pop(weights)
        if not named:
            if isinstance(weights, str):
                raise InputError(f"weights={weights!r} names a column, but no frame was given")
            missing = [name for name, value in inputs.items() if value is None and name not in optional]
            if missing:
                raise InputError(
                    f"{missing[0]} is missing; give arrays of {', '.join(inputs)}, or one frame with these"
                )
            named = {name: value for name, value in inputs.items() if value is not None}
        rows = {name: _column(values, name) for name, values in named.items()}
        count = len(rows[first])
        weight = None if weights is None else _column(weights, "weights")
        for name, column in [*rows.items(), *([] if weight is None else [("weights", weight)])]:
            if len(column) != count:
                raise InputError(f"{name} has {len(column):,} values, {first} {count:,}; there must be one per row")
        if not count:
            raise InputError("no row to fit; a model needs at least one customer")
        return rows, weight

    def _of_frame(
        self, data: Any, wanted: Sequence[str], optional: Sequence[str], weights: str | None
    ) -> dict[str, Any]:
        """Return the columns of a frame by the names that :func:`custfolio.lifetime.summary` gives them."""
        from custfolio._tables.frames import eager, library_of, numbers_of, require_columns

        required = [name for name in wanted if name not in optional] + ([weights] if weights else [])
        if isinstance(data, Mapping):
            require_columns(data, required, "the data; it has")
            return {name: data[name] for name in [*wanted, *([weights] if weights else [])] if name in data}
        try:
            table = eager(data)
        except TypeError:
            return {}
        require_columns(table.columns, required, "the frame; it has")
        self._library = library_of(data)
        chosen = [name for name in wanted if name in table.columns] + ([weights] if weights else [])
        return {name: numbers_of(table[name], name) for name in chosen}

    def _fit_rows(self: _M, rows: dict[str, Numbers], weights: Numbers | None) -> _M:
        """Fit, store the result, and run the bootstrap if it is wanted."""
        self._fit = self._estimate(rows, weights)
        self._rows, self._weights = rows, weights
        self._values = dict(zip(self._names(), map(float, self._fit.estimate), strict=True))
        self._samples, self._failed_samples = None, 0
        if self.bootstrap:
            estimates = []
            for sample in range(self.bootstrap):
                again = self._estimate(*self._simulate(rows, weights, (self.seed << 20) + sample))
                if again.converged:
                    estimates.append(np.array(again.estimate))
                else:
                    self._failed_samples += 1
            self._samples = np.array(estimates).reshape(-1, len(self._names()))
        return self

    def _refit(self, priors: list[tuple[float, float]]) -> _core.Fit:
        """Fit the same rows with other priors."""
        again = copy(self)
        again._held = priors
        return again._estimate(self._rows, self._weights)

    def _given(self) -> tuple[float, ...]:
        """Return the values of the parameters in order."""
        return tuple(self.params_.values())

    def _fitted(self) -> _core.Fit:
        if self._fit is None:
            how = "its parameters were given" if self._values is not None else "call fit first"
            raise InputError(f"{type(self).__name__} is not fitted; {how}")
        return self._fit

    # ------------------------------------------------------------------------------------------------------------- results

    @classmethod
    def from_params(cls: type[_M], **params: float) -> _M:
        """Return the model with known parameters, such as published ones, without a fit.

        Parameters
        ----------
        **params : float
            Every parameter by its name; above 0.

        Returns
        -------
        Model
            Ready for predictions; it has no standard errors and no likelihood.

        Raises
        ------
        InputError
            If a parameter is missing, unknown, or not above 0.
        """
        if set(params) != set(cls._parameters):
            raise InputError(
                f"the parameters are {', '.join(cls._parameters)}; found {', '.join(sorted(params)) or 'none'}"
            )
        for name, value in params.items():
            if not 0.0 < value < math.inf:
                raise InputError(f"{name} is {value}; it must be finite and above 0")
        model = cls()
        model._values = {name: float(params[name]) for name in cls._parameters}
        return model

    @property
    def params_(self) -> dict[str, float]:
        """The parameters, keyed as published."""
        if self._values is None:
            raise InputError(f"{type(self).__name__} is not fitted; call fit first, or from_params")
        return dict(self._values)

    @property
    def standard_errors_(self) -> dict[str, float]:
        """Standard errors of the parameters from the observed information; NaN where the data does not determine it (see ``message_``)."""
        return dict(zip(self._names(), map(float, self._fitted().standard_error), strict=True))

    @property
    def covariance_(self) -> Numbers:
        """Covariance of the logarithms of the parameters (of coefficients: of themselves), shape (k, k)."""
        return np.array(self._fitted().covariance)

    @property
    def log_likelihood_(self) -> float:
        """Log-likelihood at the estimates, without prior."""
        return self._fitted().log_likelihood

    @property
    def aic_(self) -> float:
        """Akaike's criterion; smaller is better."""
        return self._fitted().aic

    @property
    def bic_(self) -> float:
        """The Bayesian criterion with the number of customers; smaller is better."""
        return self._fitted().bic

    @property
    def n_customers_(self) -> float:
        """Customers fitted: the sum of the weights, the number of rows where there are none."""
        return self._fitted().customers

    @property
    def converged_(self) -> bool:
        """Whether the estimates are an optimum with standard errors."""
        return self._fitted().converged

    @property
    def message_(self) -> str:
        """The outcome of the fit in words."""
        return self._fitted().message

    @property
    def bootstrap_(self) -> Numbers:
        """Estimates of the bootstrap's samples, shape (samples, k); samples whose fit did not converge are left out."""
        self._fitted()
        if self._samples is None:
            raise InputError(f"no bootstrap was run; use {type(self).__name__}(bootstrap=200)")
        return self._samples

    def confidence_intervals(
        self, level: float = 0.95, *, method: Literal["information", "profile", "bootstrap"] | None = None
    ) -> dict[str, tuple[float, float]]:
        """Confidence interval of each parameter.

        Parameters
        ----------
        level : float
            The coverage of an interval, in (0, 1).
        method : {"information", "profile", "bootstrap"}, optional
            ``"information"``: symmetric on the log scale (so that the ends are positive) from the observed information, NaN
            where there is no standard error. ``"profile"``: where the likelihood, maximised over all other parameters, has fallen by
            half the chi-square quantile (Venzon and Moolgavkar 1988); it follows a skewed likelihood, as in small portfolios, and
            needs eight to twelve fits per parameter. An end that the data do not give, since the
            likelihood never falls so far, is 0 or infinity.
            ``"bootstrap"``: percentiles of the samples. By default the bootstrap where one was run, else the information.

        Returns
        -------
        dict of str to (float, float)
            Both ends by parameter.

        Raises
        ------
        InputError
            If the model is not fitted, `level` is not between 0 and 1, or `method` needs a bootstrap that was not run.
        """
        if method not in (None, "information", "profile", "bootstrap"):
            raise InputError(f"method is {method!r}; it must be 'information', 'profile' or 'bootstrap'")
        lower, upper = self._fitted().interval(level)
        if method == "profile":
            lower, upper = _core.profile_intervals(self._fitted(), self._refit, self._priors(), level)
        elif method == "bootstrap" or (method is None and self._samples is not None and len(self._samples)):
            lower, upper = _core.percentile_intervals(self.bootstrap_, level)
        return {name: (float(low), float(high)) for name, low, high in zip(self._names(), lower, upper, strict=True)}

    def _columns(self) -> Mapping[str, Any]:
        params = self.params_
        nothing = dict.fromkeys(params, math.nan)
        errors = nothing if self._fit is None else self.standard_errors_
        ends = dict.fromkeys(params, (math.nan, math.nan)) if self._fit is None else self.confidence_intervals()
        return {
            "parameter": list(params),
            "estimate": list(params.values()),
            "standard_error": [errors[name] for name in params],
            "lower": [ends[name][0] for name in params],
            "upper": [ends[name][1] for name in params],
        }

    def _facts(self) -> Mapping[str, Any]:
        if self._fit is None:
            return {"outcome": "parameters were given"}
        facts: dict[str, Any] = {
            "customers": self.n_customers_,
            "log-likelihood": self.log_likelihood_,
            "AIC": self.aic_,
            "BIC": self.bic_,
            "outcome": self.message_,
        }
        if self._samples is not None:
            facts["bootstrap"] = f"{len(self._samples)} samples, {self._failed_samples} did not converge"
        return facts

    def _head(self) -> tuple[list[str], list[list[Any]], int]:
        return ([], [], 0) if self._values is None else super()._head()

    def __repr__(self) -> str:
        return f"{type(self).__name__}: not fitted" if self._values is None else super().__repr__()

    def _repr_html_(self) -> str:
        return f"<p>{type(self).__name__}: not fitted</p>" if self._values is None else super()._repr_html_()

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        columns = self._columns()
        names = list(columns)
        rows = [
            {
                name: None if isinstance(cell, float) and not math.isfinite(cell) else cell
                for name, cell in zip(names, row, strict=True)
            }
            for row in zip(*columns.values(), strict=True)
        ]
        positive = all(value is None or value > 0 for row in rows for name, value in row.items() if name != "parameter")
        base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("parameter:N", sort=None, title=None))
        scale = alt.Scale(type="log" if positive else "linear", zero=False)
        ends = base.mark_rule().encode(x=alt.X("lower:Q", scale=scale, title="Estimate"), x2="upper:Q")
        points = base.mark_point(filled=True, size=60).encode(
            x=alt.X("estimate:Q", scale=scale),
            tooltip=[alt.Tooltip(f"{name}:{'N' if name == 'parameter' else 'Q'}") for name in names],
        )
        return (ends + points).properties(title=self._title(), **options)


class Comparison(Listing):
    """Models that were fitted on the same rows, the best (smallest BIC) first; one row a model."""

    _heading = "Comparison of models"

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        rows = [
            {"model": model, "bic_difference": difference}
            for model, difference in zip(self._entries["model"], self._entries["bic_difference"], strict=True)
        ]
        return (
            alt.Chart(alt.Data(values=rows))
            .mark_bar()
            .encode(x=alt.X("bic_difference:Q", title="BIC above the best"), y=alt.Y("model:N", sort=None, title=None))
            .properties(**options)
        )


def compare(models: Sequence[Model] | Mapping[str, Model]) -> Comparison:
    """Compare models that were fitted on the same rows.

    Parameters
    ----------
    models : sequence of Model, or mapping of name to Model
        Fitted models of one kind of data.

    Returns
    -------
    Comparison
        One row a model: name, number of parameters, log-likelihood, AIC, BIC, their differences to the best, and the outcome of
        the fit; sorted by BIC.

    Raises
    ------
    InputError
        If there is no model, one is not fitted, or they were fitted on different rows or kinds of data: then their likelihoods
        cannot be compared.
    """
    pairs = list(models.items()) if isinstance(models, Mapping) else [(type(m).__name__, m) for m in models]
    if not pairs:
        raise InputError("no model to compare")
    first_name, first = pairs[0]
    for name, model in pairs:
        model._fitted()
        reason = _difference(first, model)
        if reason:
            raise InputError(
                f"{first_name} and {name} were fitted on different data ({reason}); fit both on the same rows to compare them"
            )
    pairs.sort(key=lambda pair: pair[1].bic_)
    ranked = [model for _, model in pairs]
    aic, bic = np.array([model.aic_ for model in ranked]), np.array([model.bic_ for model in ranked])
    columns = {
        "model": [name for name, _ in pairs],
        "parameters": [len(model.params_) for model in ranked],
        "log_likelihood": [model.log_likelihood_ for model in ranked],
        "aic": list(map(float, aic)),
        "bic": list(map(float, bic)),
        "aic_difference": list(map(float, aic - aic.min())),
        "bic_difference": list(map(float, bic - bic.min())),
        "outcome": [model.message_ for model in ranked],
    }
    return Comparison(columns, first.library)


def _difference(one: Model, other: Model) -> str:
    """Return why two fits cannot be compared; empty where they can."""
    if one._kind != other._kind:
        return f"{one._kind} and {other._kind}"
    lengths = [len(next(iter(model._rows.values()))) for model in (one, other)]
    if lengths[0] != lengths[1]:
        return f"{lengths[0]:,} and {lengths[1]:,} rows"
    for name in one._rows.keys() & other._rows.keys():
        unlike = np.flatnonzero(one._rows[name] != other._rows[name])
        if len(unlike):
            return f"{name} differs in row {unlike[0] + 1}"
    weights, others = (np.ones(lengths[0]) if model._weights is None else model._weights for model in (one, other))
    return "" if np.array_equal(weights, others) else "weights differ"


def _prior_of(prior: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Return priors as pairs of numbers."""
    priors: dict[str, tuple[float, float]] = {}
    for name, pair in prior.items():
        numbers = reals(pair, f"prior of {name}")
        if numbers.shape != (2,):
            raise InputError(f"prior of {name} is {pair!r}; it must be two numbers, a median and a standard deviation")
        priors[name] = (float(numbers[0]), float(numbers[1]))
    return priors


def _column(values: Any, name: str) -> Numbers:
    """Return a column as doubles."""
    column = reals(values, name)
    if column.ndim != 1:
        raise InputError(f"{name} has {column.ndim} dimensions; it must have one")
    return column


def for_each(values: ArrayLike, count: int, name: str) -> Numbers:
    """Return one number per customer: the values given, or one value for all."""
    if not 0 <= count <= _MOST_CUSTOMERS:
        raise InputError(f"n is {count:,}; it must be 0 to {_MOST_CUSTOMERS:,} customers")
    given = reals(values, name)
    if given.shape not in ((), (1,), (count,)):
        raise InputError(f"{name} has the shape {given.shape}; it must be one number, or {count:,}, one per row")
    return np.ascontiguousarray(np.broadcast_to(given, (count,)))


def evaluate(function: Callable[..., Numbers], *values: ArrayLike) -> Any:
    """Apply a function of flat columns to numbers or arrays of any shapes that go together; a number where all are numbers."""
    given = [np.asarray(value, dtype=np.float64) for value in values]
    try:
        arrays = np.broadcast_arrays(*given)
    except ValueError:
        shapes = ", ".join(str(array.shape) for array in given)
        raise InputError(
            f"the arguments have the shapes {shapes}; they must have one shape, or be single numbers"
        ) from None
    results = function(*(np.ascontiguousarray(array.ravel()) for array in arrays))
    return float(results[0]) if arrays[0].ndim == 0 else results.reshape(arrays[0].shape)


def row_per_customer(rows: Mapping[str, Numbers], weights: Numbers | None) -> dict[str, Numbers]:
    """Return the columns with one row a customer; weights are rounded to whole customers."""
    if weights is None:
        return dict(rows)
    times = np.rint(weights).astype(np.int64)
    return {name: np.repeat(column, times) for name, column in rows.items()}
