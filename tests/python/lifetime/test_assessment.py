# Tests of the assessment: tracking and classes against slow sums, scores against their definition, calibration by simulation.
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from custfolio import _core, demo
from custfolio.errors import InputError
from custfolio.lifetime import BGNBD, Summary, assess, assess_models, summary


class Rates:
    """A model to assess that this file knows by other means: gamma rates, nobody is ever lost (the NBD)."""

    def __init__(self, r: float, alpha: float) -> None:
        self.r, self.alpha = r, alpha

    def expected_purchases(self, t: Any) -> Any:
        return self.r / self.alpha * np.asarray(t)

    def probability_mass(self, n: Any, t: Any) -> Any:
        return stats.nbinom.pmf(n, self.r, self.alpha / (self.alpha + np.asarray(t)))

    def conditional_expected_purchases(self, t: Any, frequency: Any, recency: Any, T: Any) -> Any:
        return (self.r + np.asarray(frequency)) / (self.alpha + np.asarray(T)) * np.asarray(t)

    def conditional_probability_mass(self, n: Any, t: Any, frequency: Any, recency: Any, T: Any) -> Any:
        later = self.alpha + np.asarray(T)
        return stats.nbinom.pmf(n, self.r + np.asarray(frequency), later / (later + np.asarray(t)))


MODEL = Rates(0.385, 12.07)


def cdnow(**options: Any) -> Summary:
    columns = dict(demo.cdnow())
    frame = {"customer_id": columns["customer"], "date": columns["date"], "revenue": columns["amount"]}
    return summary(_frame(frame), **options)


def _frame(columns: dict[str, Any]) -> Any:
    from custfolio._tables.frames import make_frame

    return make_frame(columns, "polars")


@pytest.fixture(scope="module")
def held() -> Summary:
    return cdnow(calibration_end="1997-09-30")


def test_tracking_is_the_sum_over_customers_and_their_purchases(held: Summary) -> None:
    found = assess(MODEL, held).tracking.to_frame("polars")
    columns = demo.cdnow()
    days = {(str(c), d) for c, d in zip(columns["customer"], columns["date"], strict=True)}
    first: dict[str, Any] = {}
    for customer, day in sorted(days, key=lambda pair: pair[1]):
        first.setdefault(customer, day)
    for row in (0, 5, 20, 38, 60, found.height - 1):
        end = np.datetime64(found["end"][row])
        actual = sum(first[customer] < day <= end for customer, day in days)
        expected = sum(MODEL.expected_purchases((end - born).astype(int) / 7) for born in first.values() if born <= end)
        assert found["actual_cumulative"][row] == actual
        assert found["expected_cumulative"][row] == pytest.approx(expected, rel=1e-12)
    assert found["actual"].sum() == 2457 + 1882
    assert found["holdout"].to_list() == [day > np.datetime64("1997-09-30") for day in found["end"].to_numpy()]
    assert np.datetime64("1997-09-30") in found["end"].to_numpy()


def test_classes_are_sums_over_their_customers(held: Summary) -> None:
    found = assess(MODEL, held)
    assert found.classes is not None
    table, fit = found.classes.to_frame("polars"), found.calibration.to_frame("polars")
    expected = MODEL.conditional_expected_purchases(39.0, held.frequency, held.recency, held.T)
    for k, name in enumerate(["0", "1", "2", "3", "4", "5", "6", "7+"]):
        inside = held.frequency >= 7 if k == 7 else held.frequency == k
        assert table["class"][k] == fit["class"][k] == name
        assert table["customers"][k] == fit["actual"][k] == inside.sum()
        assert table["actual"][k] == pytest.approx(held["frequency_holdout"][inside].mean())
        assert table["expected"][k] == pytest.approx(expected[inside].mean())
        if k < 7:
            assert fit["expected"][k] == pytest.approx(MODEL.probability_mass(k, held.T).sum())
    assert fit["actual"].to_list()[0] == 2357 - 946
    assert fit["expected"].sum() == pytest.approx(2357)


def test_errors_and_scores_are_their_definition(held: Summary) -> None:
    found = assess(MODEL, held)
    assert found.scores is not None
    expected = MODEL.conditional_expected_purchases(39.0, held.frequency, held.recency, held.T)
    actual = held["frequency_holdout"]
    assert found.measures["purchases_actual"] == 1882
    assert found.measures["purchases_expected"] == pytest.approx(expected.sum())
    assert found.measures["mae"] == pytest.approx(np.abs(expected - actual).mean())
    assert found.measures["rmse"] == pytest.approx(np.sqrt(((expected - actual) ** 2).mean()))
    assert found.measures["bias"] == pytest.approx((expected - actual).mean())
    assert found.measures["missing_mass"] < 1e-8
    grid = np.arange(400)
    for customer in (0, 5, 100, 2000, int(np.argmax(actual))):
        mass = MODEL.conditional_probability_mass(
            grid, 39.0, held.frequency[customer], held.recency[customer], held.T[customer]
        )
        # E|X - y| - E|X - X'| / 2, the other form of the score.
        other = mass @ np.abs(grid - actual[customer]) - 0.5 * mass @ np.abs(grid[:, None] - grid) @ mass
        assert found.scores["crps"][customer] == pytest.approx(other, rel=1e-9)
        assert found.scores["p90"][customer] == np.searchsorted(np.cumsum(mass), 0.9)
    assert found.measures["crps"] == pytest.approx(found.scores["crps"].mean())
    share = np.bincount(actual.astype(int)) / actual.size
    levels = np.arange(share.size)
    spread = share @ np.abs(levels[:, None] - levels) @ share
    assert found.measures["crps_constant"] == pytest.approx(spread / 2)


def test_a_true_model_is_calibrated() -> None:
    rng = np.random.default_rng(3)
    rates = rng.gamma(1.4, 1 / 9.0, 1500)
    rows: dict[str, list[Any]] = {"customer_id": [], "date": [], "revenue": []}
    for customer, rate in enumerate(rates):
        times = np.concatenate(([0.0], np.cumsum(rng.exponential(1 / rate, 200))))
        for day in np.unique(np.floor(times[times < 80] * 70)):  # a tenth of a day, so that few share one
            rows["customer_id"].append(f"{customer}")
            rows["date"].append(np.datetime64("2000-01-01") + int(day))
            rows["revenue"].append(1.0)
    found = assess(
        Rates(1.4, 90.0), summary(_frame({k: np.array(v) for k, v in rows.items()}), calibration_end="2007-08-31")
    )
    assert found.pit is not None
    assert found.pit == pytest.approx(np.full(10, 0.1), abs=0.03) and found.pit.sum() == pytest.approx(1)
    assert found.measures["coverage_p10_p90"] == pytest.approx(found.measures["coverage_nominal"], abs=0.03)
    assert abs(found.measures["bias"]) < 0.15
    assert found.measures["crps"] < found.measures["crps_constant"]


def test_without_a_holdout_there_is_the_calibration_alone() -> None:
    found = assess(MODEL, cdnow())
    assert found.classes is None and found.pit is None and found.measures == {}
    assert found.plot_calibration().to_dict()
    for draw in (found.plot_classes, found.plot_pit):
        with pytest.raises(InputError, match="there is no holdout"):
            draw()


def test_models_side_by_side(held: Summary) -> None:
    found = assess_models({"poor": Rates(3.0, 3.0), "fair": MODEL}, held)
    table = found.to_frame("polars")
    assert table["model"].to_list() == ["fair", "poor"]
    assert table.columns[:4] == ["model", "purchases_actual", "purchases_expected", "crps"]
    assert found.plot().to_dict()
    with pytest.raises(InputError, match="no model to assess"):
        assess_models([], held)


def test_the_published_model_is_assessed_as_published(held: Summary) -> None:
    model = BGNBD().fit(held)
    found = assess(model, held)
    # Fader, Hardie & Lee (2005), table 2.
    assert found.measures["log_likelihood"] == pytest.approx(-9582.43, abs=0.01)
    reached = found.tracking.to_frame("polars").row(-1, named=True)
    assert reached["actual_cumulative"] == 4339
    assert reached["expected_cumulative"] == pytest.approx(4339, rel=0.05)
    assert found.measures["crps"] < 0.8 * found.measures["crps_constant"]
    # The expectation of each customer is the mean of its exact distribution.
    number = np.arange(200.0)
    x, recency, age = held.frequency[5], held.recency[5], held.T[5]
    mass = model.conditional_probability_mass(number, 39.0, x, recency, age)
    assert found.scores is not None
    assert found.scores["expected"][5] == pytest.approx(float(number @ mass), rel=1e-6)


def test_models_without_a_fit_or_holdout_have_nothing_to_draw() -> None:
    with pytest.raises(InputError, match="nothing to draw"):
        assess_models([MODEL], cdnow()).plot()


def test_every_chart_is_drawn(held: Summary) -> None:
    found = assess(MODEL, held)
    charts = (
        found.plot(),
        found.plot_tracking(cumulative=False, width=300),
        found.plot_classes(),
        found.plot_calibration(),
        found.plot_pit(),
    )
    assert all(chart.to_dict() for chart in charts)
    assert "Assessment of Rates" in repr(found) and "crps" in found._repr_html_()


@pytest.mark.parametrize(
    ("model", "options", "said"),
    [
        (object(), {}, r"object has no expected_purchases\(\)"),
        (MODEL, {"classes": 0}, "classes is 0"),
        (MODEL, {"step": 0.5}, "step is 0.5"),
    ],
)
def test_what_cannot_be_assessed_is_refused(model: Any, options: dict[str, Any], said: str, held: Summary) -> None:
    with pytest.raises(InputError, match=said):
        assess(model, held, **options)


def test_a_frame_is_no_summary() -> None:
    with pytest.raises(InputError, match="it must be a Summary"):
        assess(MODEL, {"frequency": [1.0]})  # type: ignore[arg-type]


def test_scores_have_the_same_bits_for_any_number_of_threads() -> None:
    rng = np.random.default_rng(5)
    mass = rng.dirichlet(np.ones(12), 9000)
    count = rng.integers(0, 14, 9000).astype(float)
    one, four = (_core.score_counts(mass, count, threads=threads) for threads in (1, 4))
    assert all(np.array_equal(one[name], four[name]) for name in one)
    with pytest.raises(InputError, match="two dimensions"):
        _core.score_counts(mass[0], count)
