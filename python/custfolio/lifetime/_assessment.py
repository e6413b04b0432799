# How good a customer-base model is: expected against actual purchases, in the calibration and after it.
"""Assess customer-base models as the literature does, and score their forecasts of the holdout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.dates import day_date, day_number
from custfolio._tables.result import Listing, Result
from custfolio.errors import InputError
from custfolio.lifetime._summary import Summary
from custfolio.lifetime._units import DAYS_PER, one_unit

__all__ = ["Assessment", "AssessmentComparison", "PurchaseForecaster", "Tracking", "assess", "assess_models"]

Numbers = NDArray[np.float64]
_ACTUAL, _EXPECTED = "#3a454b", "#c9613a"
_TAIL = 1e-9
_WIDEST = 1 << 14


class PurchaseForecaster(Protocol):
    """The methods of a model that :func:`assess` needs: BGNBD, MBGNBD, ParetoNBD, NBD, or any other object with these methods."""

    def expected_purchases(self, t: ArrayLike) -> Any:
        """Expected repeat purchases of a new customer in t."""

    def probability_mass(self, n: ArrayLike, t: ArrayLike) -> Any:
        """Probability of n repeat purchases of a new customer in t."""

    def conditional_expected_purchases(
        self,
        t: ArrayLike,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,  # noqa: N803
    ) -> Any:
        """Expected purchases in t of a customer with a history."""

    def conditional_probability_mass(
        self,
        n: ArrayLike,
        t: ArrayLike,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,  # noqa: N803
    ) -> Any:
        """Probability of n purchases in t of a customer with a history."""


class Tracking(Listing):
    """Repeat purchases week by week: end, holdout, actual, expected, actual_cumulative, expected_cumulative."""

    _heading = "Repeat purchases over time"

    def _draw(self, *, cumulative: bool = True, **options: Any) -> Any:
        import altair as alt

        suffix = "_cumulative" if cumulative else ""
        days = [f"{day}T00:00:00" for day in self._entries["end"]]
        values = [
            {"end": day, "series": series, "purchases": float(number)}
            for series in ("actual", "expected")
            for day, number in zip(days, self._entries[series + suffix], strict=True)
        ]
        title = "Repeat purchases, cumulative" if cumulative else "Repeat purchases in the step"
        lines = (
            alt.Chart(alt.Data(values=values))
            .mark_line()
            .encode(
                x=alt.X("end:T", title=None, axis=alt.Axis(format="%b %Y", labelOverlap=True)),
                y=alt.Y("purchases:Q", title=title),
                color=_series(),
                strokeDash=alt.StrokeDash(
                    "series:N",
                    scale=alt.Scale(domain=["actual", "expected"], range=[[1, 0], [6, 3]]),
                    title=None,
                ),
                tooltip=["end:T", "series:N", alt.Tooltip("purchases:Q", format=",.1f")],
            )
        )
        held = [day for day, later in zip(days, self._entries["holdout"], strict=True) if not later]
        layers = [lines]
        if held and len(held) < len(days):
            cut = alt.Chart(alt.Data(values=[{"end": held[-1], "text": "the holdout begins"}])).encode(x="end:T")
            layers.append(cut.mark_rule(color="#7d868b", strokeDash=[2, 3]))
            layers.append(cut.mark_text(align="left", dx=4, baseline="bottom").encode(y=alt.value(0), text="text:N"))
        return alt.layer(*layers).properties(**options)


class _Classes(Listing):
    """Figures by frequency class, actual beside expected."""

    def __init__(self, heading: str, axis: str, columns: Mapping[str, Any], library: str | None) -> None:
        self._heading, self._axis = heading, axis
        super().__init__(columns, library)

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        values = [
            {"class": name, "series": series, "number": float(number)}
            for series in ("actual", "expected")
            for name, number in zip(self._entries["class"], self._entries[series], strict=True)
        ]
        return (
            alt.Chart(alt.Data(values=values))
            .mark_bar()
            .encode(
                x=alt.X("class:O", sort=None, title="Repeat purchases in the calibration", axis=alt.Axis(labelAngle=0)),
                xOffset="series:N",
                y=alt.Y("number:Q", title=self._axis),
                color=_series(),
                tooltip=["class:O", "series:N", alt.Tooltip("number:Q", format=",.2f")],
            )
            .properties(**options)
        )


def _series() -> Any:
    import altair as alt

    scale = alt.Scale(domain=["actual", "expected"], range=[_ACTUAL, _EXPECTED])
    return alt.Color("series:N", title=None, scale=scale)


class Assessment(Result):
    """Expectations of a model against actual purchases. Made by :func:`assess`; the table is measure and value.

    ``plot`` draws the cumulative tracking, as :meth:`plot_tracking`.

    Attributes
    ----------
    model : str
        Name of the model.
    tracking : Tracking
        Expected and actual repeat purchases over time, calibration and holdout.
    calibration : Result
        Customers by number of repeat purchases in the calibration, actual and expected.
    classes : Result or None
        Purchases per customer in the holdout, by repeat purchases in the calibration; None without a holdout.
    measures : dict of str to float
        log_likelihood, aic, bic where the model is fitted; with a holdout purchases_actual, purchases_expected, mae, rmse, bias
        (expected - actual per customer), crps, crps_constant (that of the same forecast for everyone, the holdout's own
        distribution: a model must be better), coverage_p10_p90 and its nominal value, and missing_mass.
    pit : ndarray or None, shape (10,)
        Share of customers in each tenth of the probability integral transform: 0.1 each for a calibrated model.
    scores : dict of str to ndarray or None
        Per customer, in the summary's order: expected, crps, p10, p90.
    """

    _shown_rows = 30

    def __init__(
        self,
        model: str,
        tracking: Tracking,
        calibration: _Classes,
        classes: _Classes | None,
        measures: dict[str, float],
        pit: Numbers | None,
        scores: dict[str, Numbers] | None,
        library: str | None,
    ) -> None:
        self.model, self.tracking, self.calibration, self.classes = model, tracking, calibration, classes
        self.measures, self.pit, self.scores = measures, pit, scores
        self._library = library

    def _columns(self) -> Mapping[str, Any]:
        return {"measure": list(self.measures), "value": list(self.measures.values())}

    def _title(self) -> str:
        return f"Assessment of {self.model}"

    def plot_tracking(self, *, cumulative: bool = True, **options: Any) -> Any:
        """Draw expected and actual repeat purchases over time.

        Parameters
        ----------
        cumulative : bool
            Whether from the beginning on, or step by step.
        **options
            Properties of the chart, such as ``width``.

        Returns
        -------
        altair.LayerChart
            Two lines; a rule where the calibration ends.
        """
        return self.tracking.plot(cumulative=cumulative, **options)

    def plot_classes(self, **options: Any) -> Any:
        """Draw purchases per customer in the holdout by frequency in the calibration.

        Parameters
        ----------
        **options
            Properties of the chart, such as ``width``.

        Returns
        -------
        altair.Chart
            Actual beside expected.

        Raises
        ------
        InputError
            If there is no holdout.
        """
        if self.classes is None:
            raise InputError("there is no holdout; summarise the ledger with calibration_end=")
        return self.classes.plot(**options)

    def plot_calibration(self, **options: Any) -> Any:
        """Draw the number of customers by repeat purchases in the calibration.

        Parameters
        ----------
        **options
            Properties of the chart, such as ``width``.

        Returns
        -------
        altair.Chart
            Actual beside expected.
        """
        return self.calibration.plot(**options)

    def plot_pit(self, **options: Any) -> Any:
        """Draw the histogram of the probability integral transform of the holdout; it is flat for a calibrated model.

        Parameters
        ----------
        **options
            Properties of the chart, such as ``width``.

        Returns
        -------
        altair.LayerChart
            Ten bars, and a rule at a tenth.

        Raises
        ------
        InputError
            If there is no holdout.
        """
        import altair as alt

        if self.pit is None:
            raise InputError("there is no holdout; summarise the ledger with calibration_end=")
        values = [{"tenth": f"{k / 10:.1f}", "share": float(share)} for k, share in enumerate(self.pit)]
        bars = alt.Chart(alt.Data(values=values)).mark_bar(color=_EXPECTED, opacity=0.7)
        bars = bars.encode(
            x=alt.X(
                "tenth:O", title="Forecast probability of at most the actual number, from", axis=alt.Axis(labelAngle=0)
            ),
            y=alt.Y("share:Q", title="Share of customers", axis=alt.Axis(format="%")),
            tooltip=["tenth:O", alt.Tooltip("share:Q", format=".1%")],
        )
        rule = alt.Chart(alt.Data(values=[{"share": 0.1}])).mark_rule(color=_ACTUAL, strokeDash=[4, 4])
        return alt.layer(bars, rule.encode(y="share:Q")).properties(**options)

    def _draw(self, **options: Any) -> Any:
        return self.plot_tracking(**options)


class AssessmentComparison(Listing):
    """Assessments of several models, one row each, best holdout first (by CRPS, else by BIC)."""

    _heading = "Models, best first"

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        by = "crps" if "crps" in self._entries else "bic"
        if by not in self._entries:
            raise InputError(
                "there is nothing to draw: without a holdout models are compared by BIC, and none of these was fitted"
            )
        values = [
            {"model": model, by: float(score)}
            for model, score in zip(self._entries["model"], self._entries[by], strict=True)
        ]
        points = alt.Chart(alt.Data(values=values)).mark_point(filled=True, size=90, color=_EXPECTED)
        title = "CRPS of the holdout, purchases (less is better)" if by == "crps" else "BIC (less is better)"
        return points.encode(
            x=alt.X(f"{by}:Q", title=title, scale=alt.Scale(zero=False)),
            y=alt.Y("model:N", sort=None, title=None),
            tooltip=["model:N", alt.Tooltip(f"{by}:Q", format=",.4f")],
        ).properties(**options)


_MOST_CLASSES: Final = 1000
"""Classes of frequency that a table and a chart can show."""


@checked
def assess(
    model: PurchaseForecaster, summary: Summary, *, step: float | None = None, classes: int = 7, threads: int = 0
) -> Assessment:
    """Assess a model of repeat purchases on a summary.

    Parameters
    ----------
    model : BGNBD, MBGNBD, ParetoNBD, NBD, or another with their methods
        Fitted on the calibration, in the summary's time unit.
    summary : Summary
        With a holdout (``calibration_end=``) for the forecast's scores.
    step : float, optional
        Days of a step of the tracking: a week by default.
    classes : int
        Frequencies up to one below it are classes of their own; it and all above are one.
    threads : int
        0 for all cores; the result has the same bits for any number.

    Returns
    -------
    Assessment
        Tracking, fit and forecast by frequency, errors, scores.

    Raises
    ------
    InputError
        If an argument is of a wrong type or range, summary and model have different units of time, or the model's probabilities
        are not within [0, 1].
    NumericalError
        If the model gives expectations that are not finite.

    Notes
    -----
    Tracking sums the expectation over the customers' own first days, as in Fader, Hardie & Lee (2005), section 4. CRPS: Gneiting &
    Raftery (2007), JASA 102, eq. 20, from the model's exact probability mass; the transform is not randomised (Czado, Gneiting &
    Held 2009, Biometrics 65).
    """
    if not isinstance(summary, Summary):
        raise InputError(
            f"summary is of type {type(summary).__name__}; it must be a Summary: cf.lifetime.summary(ledger, calibration_end=...)"
        )
    if not 1 <= classes <= _MOST_CLASSES:
        raise InputError(f"classes is {classes}; it must be 1 to {_MOST_CLASSES:,}")
    days = 7.0 if step is None else float(step)
    if not days >= 1 or days != round(days):
        raise InputError(f"step is {step!r}; it must be a whole number of days from 1")
    missing = [name for name in ("expected_purchases", "probability_mass") if not hasattr(model, name)]
    if missing:
        raise InputError(
            f"{type(model).__name__} has no {missing[0]}(); assess models of repeat purchases, such as BGNBD"
        )
    one_unit(None, summary.time_unit, getattr(model, "time_unit_", None))
    library = summary.library
    measures = {
        name: float(getattr(model, f"{name}_")) for name in ("log_likelihood", "aic", "bic") if _fitted(model, name)
    }
    tracking = _track(model, summary, int(days))
    calibration = _fit_by_class(model, summary, classes)
    if not summary.has_holdout:
        return Assessment(type(model).__name__, tracking, calibration, None, measures, None, None, library)
    held, pit, scores, by_class = _holdout(model, summary, classes, threads)
    return Assessment(type(model).__name__, tracking, calibration, by_class, held | measures, pit, scores, library)


def assess_models(
    models: Sequence[PurchaseForecaster] | Mapping[str, PurchaseForecaster], summary: Summary, **options: Any
) -> AssessmentComparison:
    """Assess several models on one summary and set them side by side.

    Parameters
    ----------
    models : sequence of models, or mapping of name to model
        Models as for :func:`assess`.
    summary : Summary
        The summary that all were fitted on.
    **options
        As for :func:`assess`.

    Returns
    -------
    AssessmentComparison
        One row a model, its measures in columns: the holdout's first.

    Raises
    ------
    InputError
        If there is no model; and as for :func:`assess`.
    """
    pairs = list(models.items()) if isinstance(models, Mapping) else [(type(model).__name__, model) for model in models]
    if not pairs:
        raise InputError("no model to assess")
    measured = [(name, assess(model, summary, **options).measures) for name, model in pairs]
    by = "crps" if summary.has_holdout else "bic"
    measured.sort(key=lambda pair: pair[1].get(by, np.inf))
    names = list(dict.fromkeys(measure for _, measures in measured for measure in measures))
    columns: dict[str, Any] = {"model": [name for name, _ in measured]}
    columns |= {name: [measures.get(name, float("nan")) for _, measures in measured] for name in names}
    return AssessmentComparison(columns, summary.library)


def _fitted(model: Any, name: str) -> bool:
    """Whether a model has figures of its fit; a model from known parameters has none."""
    try:
        return getattr(model, f"{name}_", None) is not None
    except InputError:
        return False


def _finite(values: Any, what: str, model: Any) -> Numbers:
    """Return a model's output as numbers that can be summed."""
    from custfolio.errors import NumericalError

    numbers = np.asarray(values, dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise NumericalError(
            f"{type(model).__name__}: {what} is not finite for {int((~np.isfinite(numbers)).sum()):,} entries"
        )
    return numbers


def _track(model: PurchaseForecaster, summary: Summary, step: int) -> Tracking:
    """Sum expected and actual repeat purchases up to the end of every step."""
    first, last = day_number(summary.start, "start"), day_number(summary.end, "end")
    cut = day_number(summary.calibration_end, "calibration_end")
    ends = np.unique(np.append(np.arange(first + step - 1, last + 1, step), [cut, last]))
    unit = DAYS_PER[summary.time_unit]
    age = np.arange(1, last - first + 1, dtype=np.float64)
    # The age at the end of a day is counted in whole days since the first purchase, as recency and T are.
    by_age = np.concatenate(
        ([0.0], _finite(model.expected_purchases(age / unit), "the expected number of purchases", model))
    )
    days = (column.astype(np.int32) for column in (ends, summary.first_purchase_days, summary.repeat_purchases[1]))
    end, born, bought = days
    columns = {
        "end": np.array([day_date(int(day)) for day in ends], dtype="datetime64[D]"),
        "holdout": ends > cut,
        **_core.track_purchases(end, born, by_age, bought),
    }
    return Tracking(columns, summary.library)


def _names(classes: int) -> list[str]:
    return [*map(str, range(classes)), f"{classes}+"]


def _fit_by_class(model: PurchaseForecaster, summary: Summary, classes: int) -> _Classes:
    """Count customers by repeat purchases in the calibration, and how many the model expects."""
    ages, customers = np.unique(summary.T, return_counts=True)
    number = np.arange(classes, dtype=np.float64)
    mass = _finite(
        model.probability_mass(np.tile(number, ages.size), np.repeat(ages, classes)), "a probability", model
    ).reshape(ages.size, classes)
    actual, expected = _core.frequency_classes(summary.frequency, customers, mass)
    columns = {"class": _names(classes), "actual": actual, "expected": expected}
    return _Classes("Customers by repeat purchases in the calibration", "Customers", columns, summary.library)


def _holdout(
    model: PurchaseForecaster, summary: Summary, classes: int, threads: int
) -> tuple[dict[str, float], Numbers, dict[str, Numbers], _Classes]:
    """Score the model's forecasts of the holdout."""
    actual = np.asarray(summary["frequency_holdout"])
    horizon = float(summary["duration_holdout"][0])
    history, place = np.unique(
        np.column_stack((summary.frequency, summary.recency, summary.T)), axis=0, return_inverse=True
    )
    place = place.ravel()
    x, t_x, age = (np.ascontiguousarray(history[:, k]) for k in range(3))
    expected = _finite(
        model.conditional_expected_purchases(np.full(x.size, horizon), x, t_x, age), "an expectation", model
    )[place]
    # A cell is a history and an outcome: customers with the same cell have the same score.
    cells, cell = np.unique(np.column_stack((place, actual)), axis=0, return_inverse=True)
    cell = cell.ravel()
    scored = _score(model, horizon, (x, t_x, age), cells, threads)
    each = {name: np.asarray(scored[name])[cell] for name in ("crps", "lower", "upper", "below", "up_to", "within")}
    held = _core.measure_holdout(actual, expected, each, summary.frequency, classes)
    measures = {**held["measures"], "missing_mass": float(scored["missing_mass"])}
    columns = {"class": _names(classes), "customers": held["customers"].astype(np.int64)}
    columns |= {name: held[name] for name in ("actual", "expected")}
    by_class = _Classes(
        "Purchases in the holdout, by class", "Purchases per customer in the holdout", columns, summary.library
    )
    scores = {"expected": expected, "crps": each["crps"], "p10": each["lower"], "p90": each["upper"]}
    return measures, held["transform"], scores, by_class


def _score(
    model: PurchaseForecaster, horizon: float, history: tuple[Numbers, ...], cells: NDArray[Any], threads: int
) -> dict[str, Any]:
    """Score every cell of (history, outcome); histories are in blocks of the same width of mass."""
    of, outcome = cells[:, 0].astype(np.int64), cells[:, 1]
    parts: list[dict[str, Any]] = []
    block = 2048
    for begin in range(0, of.size, block):
        rows = slice(begin, begin + block)
        needed, local = np.unique(of[rows], return_inverse=True)
        given = [column[needed] for column in history]
        width = int(outcome[rows].max()) + 32
        while True:
            number = np.arange(width, dtype=np.float64)
            mass = _finite(
                model.conditional_probability_mass(
                    np.tile(number, needed.size),
                    np.full(needed.size * width, horizon),
                    *(np.repeat(column, width) for column in given),
                ),
                "a probability",
                model,
            ).reshape(needed.size, width)
            if 1 - mass.sum(axis=1).min() < _TAIL or width >= _WIDEST:
                break
            width *= 2
        masses = np.clip(mass, 0, None)[local.ravel()]
        parts.append(_core.score_counts(masses, outcome[rows], threads=threads))
    scores: dict[str, Any] = {
        name: np.concatenate([part[name] for part in parts]) for name in parts[0] if name != "missing_mass"
    }
    scores["missing_mass"] = max(part["missing_mass"] for part in parts)
    return scores
