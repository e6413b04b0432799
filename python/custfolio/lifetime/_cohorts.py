# Cohorts fitted apart and together, with a test whether one model fits all.
"""One model a cohort beside one model for all, with the likelihood-ratio test between them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.frames import TableLike
from custfolio._tables.result import Listing, Result
from custfolio.errors import InputError, NotFoundError
from custfolio.lifetime._model import Numbers
from custfolio.lifetime._purchases import PurchaseModel
from custfolio.lifetime._units import horizon_in, one_unit

__all__ = ["CohortFits", "fit_cohorts"]


class CohortFits(Listing):
    """Models of cohorts, apart and together. Made by :func:`fit_cohorts`; one row per cohort, and a last row for all of them.

    Columns: cohort, customers, the parameters, log_likelihood, converged, expected_purchases of a new customer within the horizon,
    and conditional_expected_purchases, the mean expected purchases of the cohort's customers within the horizon from now on. Both are
    by the row's own model.

    ``plot`` draws expected purchases of a new customer of each cohort within the horizon, beside all together.

    Attributes
    ----------
    models : dict of str to PurchaseModel
        The cohorts' own models.
    together : PurchaseModel
        The model of all customers.
    statistic : float
        Twice what the log-likelihoods of the cohorts' models exceed that of the common one; at least 0 up to rounding.
    degrees_of_freedom : int
        Parameters of a model times (cohorts - 1).
    p_value : float
        Chance of a statistic as large or larger if all cohorts had the same parameters (chi-square, for large cohorts); NaN where
        a fit did not converge, whose likelihood is none of a maximum.
    aic_difference : float
        Akaike's criterion of the models apart less that of the common one: below 0 speaks for apart.
    """

    def __init__(
        self,
        models: Mapping[str, PurchaseModel],
        together: PurchaseModel,
        columns: Mapping[str, Any],
        horizon: str,
        library: str | None,
    ) -> None:
        self.models, self.together = dict(models), together
        super().__init__(columns, library)
        self._horizon = horizon
        apart = [model.log_likelihood_ for model in self.models.values()]
        test = _core.likelihood_ratio(apart, together.log_likelihood_, len(together.params_))
        self.statistic, self.degrees_of_freedom, p_value, self.aic_difference = test
        converged = together.converged_ and all(model.converged_ for model in self.models.values())
        self.p_value = p_value if converged else math.nan

    def __getitem__(self, cohort: str) -> PurchaseModel:
        """Return the model of a cohort by its name."""
        if cohort not in self.models:
            raise NotFoundError(f"cohort {cohort!r} was not fitted; there are {', '.join(self.models)}")
        return self.models[cohort]

    def _title(self) -> str:
        return f"{type(self.together).__name__} by cohort"

    def _facts(self) -> Mapping[str, Any]:
        return {
            "horizon": self._horizon,
            "likelihood ratio": self.statistic,
            "degrees of freedom": self.degrees_of_freedom,
            "p-value": self.p_value,
            "AIC difference (separate - common model)": self.aic_difference,
        }

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        rows = [
            {"cohort": name, "purchases": float(value)}
            for name, value in zip(self._entries["cohort"], self._entries["expected_purchases"], strict=True)
        ]
        title = f"Expected purchases of a new customer, {self._horizon}"
        bars = alt.Chart(alt.Data(values=rows[:-1])).mark_bar(color="#c9613a")
        bars = bars.encode(
            x=alt.X("purchases:Q", title=title),
            y=alt.Y("cohort:N", sort=None, title=None),
            tooltip=["cohort:N", alt.Tooltip("purchases:Q", format=",.3f")],
        )
        rule = alt.Chart(alt.Data(values=rows[-1:])).mark_rule(color="#3a454b", strokeDash=[4, 4])
        return alt.layer(bars, rule.encode(x="purchases:Q")).properties(**options)


@checked
def fit_cohorts(
    model: PurchaseModel,
    summary: Result | TableLike,
    by: str | Sequence[object],
    *,
    horizon: float | str = "52 weeks",
    time_unit: str | None = None,
) -> CohortFits:
    """Fit a model to each cohort by itself and to all together, and test whether the cohorts differ.

    Parameters
    ----------
    model : PurchaseModel
        An unfitted model such as ``BGNBD()``: its class, prior and threads are those of every fit; it stays as it is.
    summary : Summary, frame or mapping
        Columns frequency, recency and T.
    by : str, or sequence of shape (n,)
        The column that names each customer's cohort (the quarter of the first purchase, the channel), or the names themselves.
        Cohorts stand in the order of their names.
    horizon : float or str
        Time of the expected purchases: ``"52 weeks"``, or a number of the summary's own units.
    time_unit : str, optional
        Unit of recency and T; by default the summary's own, else "week".

    Returns
    -------
    CohortFits
        A model a cohort, the common one, the likelihood-ratio test, expected purchases.

    Raises
    ------
    InputError
        If there is one cohort only, a customer has none, a row is out of range, or a cohort has too little data. The message names it.

    Notes
    -----
    A model with a prior is compared by likelihood without the prior; the statistic is then not a likelihood ratio of maxima, and
    is smaller. To let cohorts share some parameters, fit one model with the cohort as a covariate.

    Examples
    --------
    >>> import custfolio as cf
    >>> early = cf.lifetime.NBD.from_params(r=1.0, alpha=5.0).simulate(500, 40.0, seed=1)
    >>> late = cf.lifetime.NBD.from_params(r=1.0, alpha=10.0).simulate(500, 30.0, seed=2)
    >>> rows = {name: [*early[name], *late[name]] for name in early}
    >>> fits = cf.lifetime.fit_cohorts(cf.lifetime.NBD(), rows, ["early"] * 500 + ["late"] * 500)
    >>> fits.p_value < 0.001
    True
    """
    unit = one_unit(time_unit, getattr(summary, "time_unit", None), None)
    until = horizon_in(horizon, unit or "week")
    frame = summary.to_frame() if isinstance(summary, Result) else summary
    reader = _again(model)
    rows, _ = reader.read_rows({"frequency": frame, "recency": None, "T": None}, None)
    names = _names(frame, by, len(rows["frequency"]))
    cohorts = sorted(set(names))
    if len(cohorts) < 2:
        raise InputError(
            f"all {len(names):,} customers are of cohort {cohorts[0]!r}; there must be two cohorts or more"
        )
    member = np.array(names)
    models: dict[str, PurchaseModel] = {}
    for cohort in cohorts:
        of_cohort = {name: column[member == cohort] for name, column in rows.items()}
        try:
            models[cohort] = _again(model).fit(**of_cohort)
        except InputError as error:
            raise InputError(f"cohort {cohort!r} ({len(of_cohort['T']):,} customers): {error}") from error
    together = reader.fit(**rows)
    for fitted in (*models.values(), together):
        fitted.time_unit_ = unit
    everyone = np.ones(len(names), dtype=bool)
    listed = [(name, fitted, member == name) for name, fitted in models.items()] + [("together", together, everyone)]

    def expected(fitted: PurchaseModel, of_cohort: Any) -> float:
        history: list[Numbers] = [rows[name][of_cohort] for name in ("frequency", "recency", "T")]
        return float(np.mean(fitted.conditional_expected_purchases(until, *history)))

    columns: dict[str, Any] = {
        "cohort": [name for name, _, _ in listed],
        "customers": [int(of_cohort.sum()) for _, _, of_cohort in listed],
        **{name: [fitted.params_[name] for _, fitted, _ in listed] for name in together.params_},
        "log_likelihood": [fitted.log_likelihood_ for _, fitted, _ in listed],
        "converged": [fitted.converged_ for _, fitted, _ in listed],
        "expected_purchases": [fitted.expected_purchases(until) for _, fitted, _ in listed],
        "conditional_expected_purchases": [expected(fitted, of_cohort) for _, fitted, of_cohort in listed],
    }
    return CohortFits(models, together, columns, f"{until:g} {unit or 'week'}s", reader.library)


def _again(model: PurchaseModel) -> PurchaseModel:
    """Return an unfitted model with the same settings, without bootstrap."""
    if not isinstance(model, PurchaseModel):
        raise InputError(f"model is a {type(model).__name__}; it must be a model such as BGNBD()")
    return type(model)(prior=model.prior, threads=model.threads)


def _names(frame: Any, by: str | Sequence[object], count: int) -> list[str]:
    """Return the name of each customer's cohort as text."""
    from custfolio._tables.frames import eager, require_columns

    if isinstance(by, str):
        if isinstance(frame, Mapping):
            require_columns(frame, [by], "the data; it has")
            values = list(frame[by])
        else:
            table = eager(frame)
            require_columns(table.columns, [by], "the frame; it has")
            values = table[by].to_list()
    else:
        values = list(by)
    if len(values) != count:
        raise InputError(f"by has {len(values):,} names; it must have {count:,}, one per customer")
    for row, value in enumerate(values):
        if value is None or value != value:
            raise InputError(f"row {row + 1}: no cohort; every customer must have one")
    return [str(value) for value in values]
