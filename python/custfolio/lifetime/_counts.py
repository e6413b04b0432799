# Models of counts: opportunities used or not (BG/BB), and contracts renewed or not.
"""BG/BB, shifted beta-geometric and beta-discrete-Weibull models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.frames import TableLike
from custfolio._tables.result import NamedColumns, Result
from custfolio.errors import InputError
from custfolio.lifetime._model import Model, Numbers, Weights, evaluate, for_each, row_per_customer
from custfolio.lifetime._prediction import (
    ContractPrediction,
    Prediction,
    PredictionOptions,
    predict_contracts,
    predict_opportunities,
)
from custfolio.lifetime._spend import Spend

__all__ = ["BGBB", "BetaDiscreteWeibull", "ShiftedBetaGeometric", "Tenures"]


@checked
class BGBB(Model):
    """BG/BB: customers may buy once at each opportunity, until they are lost; the loss is not observed.

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
        self,
        frequency: ArrayLike | TableLike | Result,
        recency: ArrayLike | None = None,
        periods: ArrayLike | None = None,
        weights: Weights = None,
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
            If a row is out of range; the message names it.
        """
        rows, weight = self.read_rows({"frequency": frequency, "recency": recency, "periods": periods}, weights)
        self.time_unit_ = getattr(frequency, "period", None)
        return self._fit_rows(rows, weight)

    def _estimate(self, rows: Mapping[str, Numbers], weights: Numbers | None) -> _core.Fit:
        return _core.fit_bg_bb(**rows, weights=weights, prior=self._core_priors(), threads=self.threads)

    def _simulate(
        self, rows: Mapping[str, Numbers], weights: Numbers | None, seed: int
    ) -> tuple[dict[str, Numbers], Numbers | None]:
        periods = row_per_customer(rows, weights)["periods"]
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
            If a history is out of range, or the sum is infinite.
        """
        return self._history("residual", frequency, recency, periods, discount_rate)

    def simulate(self, n: int, periods: ArrayLike, seed: int = 0) -> dict[str, Numbers]:
        """Histories of new customers, drawn from the model.

        Parameters
        ----------
        n : int
            Customers.
        periods : array_like, scalar or shape (n,)
            Opportunities of each.
        seed : int
            The same seed gives the same histories.

        Returns
        -------
        dict of str to numpy.ndarray, shape (n,) each
            frequency, recency, periods.
        """
        opportunities = for_each(periods, n, "periods")
        return self._simulate({"periods": opportunities}, None, seed)[0]

    def predict(
        self,
        summary: Result | TableLike,
        horizon: float | str,
        discount_rate: float | str = 0.10,
        *,
        spend: Spend = None,
        time_unit: str | None = None,
        band: Literal["number", "sum"] = "number",
    ) -> Prediction:
        """One table with all forecasts for each customer.

        Parameters
        ----------
        summary : PeriodSummary, frame or mapping
            Columns frequency, recency and periods; customer_id, contribution and monetary_value (both per opportunity taken) where
            there are.
        horizon : int or str
            Opportunities to look ahead; or a time that is a whole number of them, such as ``"12 months"``.
        discount_rate : float, str or (rate, period)
            ``"10 % a year"``, ``("1 %", "month")``; a number is a fraction a year. ``"1 % an opportunity"`` where the length of an
            opportunity does not matter. The next opportunity is discounted by one of them.
        spend : fitted spend model or array_like, optional
            As in :meth:`PurchaseModel.predict`, per opportunity taken.
        time_unit : {"day", "week", "month", "quarter", "year"}, optional
            The length of an opportunity; by default the summary's period. Horizon and rate may need it.
        band : {"number", "sum"}
            What is uncertain in value_p10 and value_p90, as in :meth:`PurchaseModel.predict`.

        Returns
        -------
        Prediction
            One row a customer; the same columns as of the models in continuous time. Identical rows are computed once; customers of
            as many purchases at as many opportunities share O(periods + horizon^2).

        Raises
        ------
        InputError
            If a row, the horizon or the rate is out of range, or the length of an opportunity is needed and missing.

        Examples
        --------
        >>> model = BGBB.from_params(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8)
        >>> found = model.predict({"frequency": [6], "recency": [6], "periods": [6]}, 5, time_unit="year")
        >>> round(float(found["expected_purchases"][0]), 1)
        3.8
        """

        def forecast(rows: Mapping[str, Numbers], until: float, rate: float) -> dict[str, Numbers]:
            return _core.forecast_bg_bb(self._given(), **rows, horizon=until, rate=rate, threads=self.threads)

        options = PredictionOptions(horizon, discount_rate, time_unit, spend, band)
        return predict_opportunities(self, forecast, summary, options)


class Tenures(NamedColumns):
    """Figures of a model of contracts by tenure. Made by ``by_tenure``; one row per number of past renewals.

    Columns: renewals, survival (the share of new customers with this tenure), retention_rate (the share that renews at the next decision),
    probability_retained over the horizon, expected_renewals within it, median_residual_renewals, discounted_renewals within the
    horizon and discounted_residual_lifetime of all time (as in :class:`ContractPrediction`). Of a fitted model also what happened:
    customers who faced the next decision, observed_retention_rate of them, and observed_survival, the product of these
    shares up to the tenure (Kaplan-Meier); NaN where nobody did.

    ``plot`` draws survival and the retention rate by tenure; lines are the model's, points what happened.
    """

    _what = "the table; it has"
    _outlook = (
        "retention_rate",
        "probability_retained",
        "expected_renewals",
        "median_residual_renewals",
        "discounted_renewals",
        "discounted_residual_lifetime",
    )

    def __init__(self, columns: Mapping[str, Any], model: str, facts: Mapping[str, Any], library: str | None) -> None:
        super().__init__(columns, library)
        self._model = model
        self._settings = {name: facts[name] for name in ("horizon", "discount rate")}

    def _title(self) -> str:
        return f"{self._model} by tenure"

    def _facts(self) -> Mapping[str, Any]:
        return self._settings

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        def rows(prefix: str) -> list[dict[str, Any]]:
            return [
                {"renewals": int(tenure), "share": float(share), "what": name.replace("_", " ")}
                for name in ("survival", "retention_rate")
                if prefix + name in self._entries
                for tenure, share in zip(self._entries["renewals"], self._entries[prefix + name], strict=True)
                if share == share
            ]

        def base(prefix: str) -> Any:
            return alt.Chart(alt.Data(values=rows(prefix))).encode(
                x=alt.X("renewals:Q", title="Renewals", axis=alt.Axis(tickMinStep=1)),
                y=alt.Y("share:Q", title=None, axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
                color=alt.Color("what:N", title=None),
                tooltip=["what:N", "renewals:Q", alt.Tooltip("share:Q", format=".1%")],
            )

        points = base("observed_").mark_point(filled=True, size=40)
        return alt.layer(base("").mark_line(), points).properties(title=self._title(), **options)


@checked
class _Contractual(Model):
    """Shared parts of the models of contracts."""

    _kind = "contracts renewed"
    _code: str

    def _triple(self) -> tuple[float, float, float]:
        """Return alpha, beta and c."""
        alpha, beta, *c = self._given()
        return alpha, beta, c[0] if c else 1.0

    def _estimate(self, rows: Mapping[str, Numbers], weights: Numbers | None) -> _core.Fit:
        return _core.fit_contracts(self._code, rows["recency"], rows["T"], weights, prior=self._core_priors())

    def _simulate(
        self, rows: Mapping[str, Numbers], weights: Numbers | None, seed: int
    ) -> tuple[dict[str, Numbers], Numbers | None]:
        age = row_per_customer(rows, weights)["T"]
        return {"recency": _core.simulate_contracts(self._triple(), age, seed), "T": age}, None

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

    def simulate(
        self,
        n: int,
        T: ArrayLike,  # noqa: N803 -- the literature's name
        seed: int = 0,
    ) -> dict[str, Numbers]:
        """Contracts of new customers, drawn from the model.

        Parameters
        ----------
        n : int
            Customers.
        T : array_like, scalar or shape (n,)
            Periods that each is observed, at least 1.
        seed : int
            The same seed gives the same contracts.

        Returns
        -------
        dict of str to numpy.ndarray, shape (n,) each
            recency, T.
        """
        age = for_each(T, n, "T")
        return self._simulate({"T": age}, None, seed)[0]

    def predict(
        self,
        contracts: Result | TableLike,
        horizon: float | str,
        discount_rate: float | str = 0.10,
        *,
        contribution: ArrayLike | None = None,
        time_unit: str | None = None,
    ) -> ContractPrediction:
        """One table with all forecasts for each customer, just before the decision that ends its period.

        Parameters
        ----------
        contracts : frame or mapping
            Columns recency and T, as in :meth:`ShiftedBetaGeometric.fit`; customer_id and contribution where there are.
        horizon : int or str
            Decisions to look ahead, the one that ends the present period among them; or a time, such as ``"24 months"``.
        discount_rate : float, str or (rate, period)
            ``"10 % a year"``, ``("1 %", "month")``; a number is a fraction a year. ``"1 % a period"`` where the length of a period does
            not matter. The next payment is undiscounted.
        contribution : float or array_like of shape (n,), optional
            Contribution of a period, currency; by default the column of the data, else there are no columns of value.
        time_unit : {"day", "week", "month", "quarter", "year"}, optional
            The length of a period. Horizon and rate may need it.

        Returns
        -------
        ContractPrediction
            One row a customer; customers of one tenure are computed once.

        Raises
        ------
        InputError
            If a row, the horizon or the rate is out of range, or the length of a period is needed and missing.

        Examples
        --------
        >>> model = ShiftedBetaGeometric.from_params(alpha=3.8, beta=15.2)
        >>> found = model.predict({"recency": [1, 2], "T": [1, 3]}, 5, time_unit="year")
        >>> [round(float(value), 2) for value in found["discounted_residual_lifetime"]]
        [3.31, 0.0]
        """

        def forecast(rows: Mapping[str, Numbers], until: float, rate: float) -> dict[str, Numbers]:
            return _core.forecast_contracts(self._triple(), rows["recency"], rows["T"], until, rate)

        options = PredictionOptions(horizon, discount_rate, time_unit)
        return predict_contracts(self, forecast, contracts, options, contribution)

    def by_tenure(
        self, renewals: int, horizon: float | str, discount_rate: float | str = 0.10, *, time_unit: str | None = None
    ) -> Tenures:
        """Return the expectation for customers of each tenure, beside the actual figures of the fit.

        Parameters
        ----------
        renewals : int
            The longest tenure, at least 0.
        horizon, discount_rate, time_unit
            As in :meth:`predict`.

        Returns
        -------
        Tenures
            One row a tenure, 0 ... renewals.

        Raises
        ------
        InputError
            As :meth:`predict`, or if `renewals` is negative.
        """
        if renewals < 0 or renewals != int(renewals):
            raise InputError(f"renewals is {renewals}; it must be a whole number, at least 0")
        behind = np.arange(0.0, renewals + 1.0)
        prediction = self.predict(
            {"recency": behind + 1.0, "T": behind + 1.0}, horizon, discount_rate, time_unit=time_unit
        )
        columns: dict[str, Any] = {"renewals": behind, "survival": self.survival(behind)}
        columns.update({name: values for name, values in prediction.columns().items() if name in Tenures._outlook})
        if self._rows:
            recency, age = self._rows["recency"], self._rows["T"]
            columns.update(_core.observed_renewals(recency, age, self._weights, len(behind)))
        return Tenures(columns, type(self).__name__, prediction._facts(), self._library)


@checked
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

    def fit(
        self,
        recency: ArrayLike | TableLike | Result,
        T: ArrayLike | None = None,  # noqa: N803
        weights: Weights = None,
    ) -> ShiftedBetaGeometric:
        """Fit by maximum likelihood.

        Parameters
        ----------
        recency : array_like, shape (n,), or frame
            The period in which the customer was last there, 1, 2, ...: lost at its end where recency < T. Or a frame with the
            columns recency, T.
        T : array_like, shape (n,), optional
            Periods observed; a customer with recency = T is still a customer and has renewed T - 1 times.
        weights : array_like, shape (n,), or str, optional
            Customers that a row stands for, at least 0; of a frame, the column's name.

        Returns
        -------
        ShiftedBetaGeometric
            The model itself.

        Raises
        ------
        InputError
            If a row is out of range; the message names it.
        """
        rows, weight = self.read_rows({"recency": recency, "T": T}, weights)
        return self._fit_rows(rows, weight)


@checked
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

    def fit(
        self,
        recency: ArrayLike | TableLike | Result,
        T: ArrayLike | None = None,  # noqa: N803
        weights: Weights = None,
    ) -> BetaDiscreteWeibull:
        """Fit by maximum likelihood; input as for :meth:`ShiftedBetaGeometric.fit`, over at least three periods."""
        rows, weight = self.read_rows({"recency": recency, "T": T}, weights)
        return self._fit_rows(rows, weight)
