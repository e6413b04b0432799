# Seeded random input for all models of lifetime: ordinary, extreme and impossible histories, to fit and to predict.
"""Run one random case per seed. `benchmarks/lifetime_fuzz.py` runs many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import custfolio as cf
from custfolio.errors import CustfolioError

Columns = dict[str, NDArray[np.float64]]
lifetime = cf.lifetime


def _positive(rng: np.random.Generator, size: int) -> NDArray[np.float64]:
    """Return positive numbers of ordinary size, or of any size."""
    kind = rng.integers(4)
    if kind == 0:
        return rng.gamma(2.0, 10.0, size) + 0.01
    if kind == 1:
        return np.array(10.0 ** rng.uniform(-3.0, 5.0, size))
    if kind == 2:
        return np.full(size, 10.0 ** rng.uniform(-6.0, 12.0))
    return np.array(10.0 ** rng.uniform(-307.0, 307.0, size))


def _spoiled(rng: np.random.Generator, columns: Columns) -> Columns:
    """Return the columns, in one of six cases with an entry that is extreme or impossible."""
    if rng.random() < 1 / 6:
        column = columns[list(columns)[rng.integers(len(columns))]]
        odd = (0.0, -1.0, 1e-308, 5e-324, 1e9, 3e9, 1.7e308, np.nan, np.inf, 0.5)
        column[rng.integers(column.size)] = odd[rng.integers(len(odd))]
    return columns


def _histories(rng: np.random.Generator) -> Columns:
    size = int(rng.integers(1, 40))
    age = _positive(rng, size)
    often = rng.choice([0.3, 3.0, 300.0, 3e5])
    frequency = rng.poisson(often * rng.gamma(0.7, 1.0, size)).astype(np.float64)
    recency = np.where(frequency > 0, age * rng.choice([rng.random(size), np.ones(size), np.full(size, 1e-9)]), 0.0)
    frequency[recency == 0.0] = 0.0
    return _spoiled(rng, {"frequency": frequency, "recency": recency, "T": age})


def _opportunities(rng: np.random.Generator) -> Columns:
    size = int(rng.integers(1, 30))
    periods = np.floor(rng.choice([rng.uniform(0.0, 12.0, size), 10.0 ** rng.uniform(0.0, 5.0, size)]))
    recency = np.floor(rng.random(size) * (periods + 1.0))
    frequency = np.minimum(np.ceil(rng.random(size) * recency), recency)
    return _spoiled(rng, {"frequency": frequency, "recency": recency, "periods": periods})


def _contracts(rng: np.random.Generator) -> Columns:
    size = int(rng.integers(1, 30))
    age = np.ceil(rng.choice([rng.uniform(0.1, 9.0, size), 10.0 ** rng.uniform(0.0, 5.0, size)]))
    return _spoiled(rng, {"recency": np.ceil(rng.random(size) * age), "T": age})


def _spend(rng: np.random.Generator) -> Columns:
    size = int(rng.integers(1, 40))
    frequency = rng.poisson(rng.choice([1.0, 30.0]), size).astype(np.float64)
    return _spoiled(rng, {"frequency": frequency, "monetary_value": _positive(rng, size)})


def _rate(rng: np.random.Generator, unit: str) -> tuple[float, str]:
    return float(rng.choice([0.0, 1e-12, 0.001, 0.1, 2.0])), unit


def _predict(rng: np.random.Generator, model: Any, rows: Columns) -> Any:
    horizon = float(rng.choice([0.0, 1.0, 52.0, 1e3, 10.0 ** rng.uniform(-9.0, 9.0)]))
    return model.predict(rows, horizon, _rate(rng, "week"), time_unit="week")


def _predict_whole(rng: np.random.Generator, model: Any, rows: Columns) -> Any:
    horizon = int(rng.choice([0, 1, 12, 300, 2000]))
    return model.predict(rows, horizon, _rate(rng, "month"), time_unit="month")


def _expect_spend(rng: np.random.Generator, model: Any, rows: Columns) -> Any:
    return {"spend": model.conditional_expected_spend(rows["frequency"], rows["monetary_value"])}


_Case = tuple[type[Any], Callable[[np.random.Generator], Columns], Callable[..., Any], frozenset[str]]
_ENDLESS = frozenset({"discounted_residual_purchases", "value_infinite"})
_CONTRACTS = frozenset({"median_residual_renewals", "discounted_residual_lifetime"})
CASES: tuple[_Case, ...] = (
    (lifetime.BGNBD, _histories, _predict, _ENDLESS),
    (lifetime.MBGNBD, _histories, _predict, _ENDLESS),
    (lifetime.ParetoNBD, _histories, _predict, _ENDLESS),
    (lifetime.NBD, _histories, _predict, _ENDLESS),
    (lifetime.BGBB, _opportunities, _predict_whole, _ENDLESS),
    (lifetime.ShiftedBetaGeometric, _contracts, _predict_whole, _CONTRACTS),
    (lifetime.BetaDiscreteWeibull, _contracts, _predict_whole, _CONTRACTS),
    (lifetime.GammaGamma, _spend, _expect_spend, frozenset()),
)
"""Model, its data, its prediction, and the columns of the prediction that may be NaN."""


def _parameters(rng: np.random.Generator, model: type[Any]) -> dict[str, float]:
    scale = float(rng.choice([0.5, 3.0, 12.0]))
    return {name: float(10.0 ** rng.uniform(-scale, scale)) for name in model._parameters}


def run(seed: int) -> str:
    """Fit and predict one random case; return what came of it.

    Parameters
    ----------
    seed : int
        The case.

    Returns
    -------
    str
        The model, and "answer" or the error.

    Raises
    ------
    AssertionError
        If a result is not finite where it must be.
    """
    rng = np.random.default_rng(seed)
    model, data, predict, may_be_nan = CASES[seed % len(CASES)]
    rows = data(rng)
    with np.errstate(all="ignore"):
        try:
            known = model().fit(**rows) if rng.random() < 0.5 else model.from_params(**_parameters(rng, model))
            assert all(np.isfinite(value) and value > 0 for value in known.params_.values()), known.params_
            found = predict(rng, known, rows)
        except CustfolioError as error:
            return f"{model.__name__}: {error}"
    columns = found if isinstance(found, dict) else found._columns()
    for name, values in columns.items():
        if np.asarray(values).dtype.kind != "f" or name == "customer_id":
            continue
        good = np.isfinite(values) | (np.isnan(values) if name in may_be_nan else False)
        assert np.all(good), f"{model.__name__}: {name} is {np.asarray(values)[~good][0]} of {known.params_}"
    return f"{model.__name__}: answer"
