# The baseline: its methods against slow ones, no leakage, regression to the mean on shipped data, and bad input.
"""Baseline of room ``lifetime``, and the strategy that stands on it."""

from __future__ import annotations

import dataclasses
import datetime
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import custfolio as cf
from custfolio import _core, demo
from custfolio._flow import Outcome


def slow_holt_winters(
    y: np.ndarray, m: int, alpha: float, beta: float, gamma: float, phi: float, horizon: int
) -> tuple[np.ndarray, float]:
    """Follow the recursions of the textbook with full lists of states."""
    trend = [(y[m : 2 * m].mean() - y[:m].mean()) / m]
    level = [y[:m].mean() - trend[0] * (m + 1) / 2]
    line = level[0] + trend[0] * np.arange(1, 2 * m + 1)
    season = list((y[: 2 * m] - line).reshape(2, m).mean(axis=0))
    season = list(np.array(season) - np.mean(season))
    errors = []
    for t, value in enumerate(y):
        expected = level[-1] + phi * trend[-1]
        errors.append(value - expected - season[t])
        level.append(alpha * (value - season[t]) + (1 - alpha) * expected)
        trend.append(beta * (level[-1] - level[-2]) + (1 - beta) * phi * trend[-1])
        season.append(gamma * (value - expected) + (1 - gamma) * season[t])
    forecast = [
        level[-1] + sum(phi**k for k in range(1, h + 1)) * trend[-1] + season[len(y) + (h - 1) % m]
        for h in range(1, horizon + 1)
    ]
    return np.array(forecast), float(np.mean(np.square(errors)))


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
    st.tuples(*(st.floats(0, 1) for _ in range(4))),
)
def test_holt_winters_is_the_textbooks(seed: int, season: int, parameters: tuple[float, float, float, float]) -> None:
    rng = np.random.default_rng(seed)
    y = 100 + rng.normal(0, 20, 2 * season + int(rng.integers(0, 30)))
    found = cf.lifetime.holt_winters(y, 15, season=season, parameters=parameters)
    forecast, squared = slow_holt_winters(y, season, *parameters, 15)
    np.testing.assert_allclose(found.forecast, forecast, rtol=1e-9, atol=1e-9)
    assert found.squared_error == pytest.approx(squared, rel=1e-9)


def test_shrinkage_is_the_closed_form() -> None:
    rng = np.random.default_rng(1)
    segment = rng.integers(0, 3, 200)
    truth = np.array([0.1, 0.2, 0.3])[segment] + rng.normal(0, 0.05, 200)
    level = rng.gamma(2.0, 50.0, (200, 12))
    heat = level * (truth[:, None] + rng.normal(0, 1, (200, 12)) * np.sqrt(2.0 / level))
    found = _core.shrink_temperature(level, heat, segment.astype(np.int32), 3)
    own = heat.sum(axis=1) / level.sum(axis=1)
    within = (level * (heat / level - own[:, None]) ** 2).sum() / (200 * 11)
    assert found["within"] == pytest.approx(within)
    assert within == pytest.approx(2.0, rel=0.1)
    for s in range(3):
        mine = segment == s
        w, x = level[mine].sum(axis=1), own[mine]
        centre = (w * x).sum() / w.sum()
        between = max(0.0, ((w * (x - centre) ** 2).sum() - (len(w) - 1) * within) / (w.sum() - (w**2).sum() / w.sum()))
        precision = 1 / (between + within / w)
        mean = (precision * x).sum() / precision.sum()
        weight = between / (between + within / w)
        assert found["segment_variance"][s] == pytest.approx(between)
        np.testing.assert_allclose(found["expected"][mine], mean + weight * (x - mean), rtol=1e-10)
    assert np.mean((found["expected"] - truth) ** 2) < np.mean((own - truth) ** 2)


def made_up(months: int = 48, change_after: datetime.date | None = None) -> pd.DataFrame:
    """Deliveries of a few regular customers, one irregular, and one that stopped."""
    rng = np.random.default_rng(7)
    rows = []
    for k in range(months):
        day = datetime.date(2018 + k // 12, k % 12 + 1, 15)
        factor = 3.0 if change_after is not None and day > change_after else 1.0
        for who in range(6):
            amount = factor * (100 * (who + 1) + 20 * np.sin(k * np.pi / 6) + rng.normal(0, 5))
            rows.append((day, f"r{who}", amount, 0.8 * amount))
        if k % 5 == 0:
            rows.append((day, "rare", factor * 500.0, 400.0))
        if k < 36:
            rows.append((day, "gone", 300.0, 200.0))
    return pd.DataFrame(rows, columns=["date", "customer_id", "revenue", "cost"])


def ledger_of(frame: pd.DataFrame) -> Any:
    return cf.Ledger(frame, customer="customer_id", date="date", revenue="revenue", cost="cost")


COSTS = cf.CostModel({"deliveries": 5.0})


def evaporated(history: np.ndarray, ahead: int, method: str = "better") -> tuple[np.ndarray, str, str]:
    found = _core.evaporation(history, ahead, method=method)
    return found["chance"], found["method"], found["reason"]


@pytest.mark.parametrize("method", ["BG/BB", "counted standing"])
def test_evaporation_foresees_who_comes_back(method: str) -> None:
    rng = np.random.default_rng(0)
    rate, death = rng.uniform(0.1, 0.9, 2000), rng.geometric(0.02, 2000)
    months = np.arange(48)
    bought = (rng.random((2000, 48)) < rate[:, None]) & (months[None] < death[:, None])
    past = np.where(bought[:, :36], 100.0, 0.0)
    chance = evaporated(past, 12, method)[0]
    standings = _core.standings(past)
    gap, irregular = standings["gap"], standings["irregular"] != 0
    for h in range(12):
        assert chance[irregular, h].mean() == pytest.approx(bought[irregular, 36 + h].mean(), abs=0.025)
    for since in (0, 2, 9, 12):
        mine = irregular & (gap == since)
        assert chance[mine].mean() == pytest.approx(bought[mine, 36:].mean(), abs=0.06)
    assert ((chance >= 0) & (chance <= 1)).all()


def test_chances_by_bg_bb_are_those_of_each_customers_own_row() -> None:
    rng = np.random.default_rng(3)
    began, rate, death = rng.integers(0, 20, 300), rng.uniform(0.1, 0.9, 300), rng.geometric(0.05, 300)
    age = np.arange(24)[None] - began[:, None]
    bought = (age == 0) | ((age > 0) & (age < death[:, None]) & (rng.random((300, 24)) < rate[:, None]))
    bought[:5] = False  # nobody yet
    chance = evaporated(np.where(bought, 50.0, 0.0), 6, "BG/BB")[0]
    assert (chance[:5] == 0).all()
    rows = [np.flatnonzero(row) for row in bought[5:]]
    frequency = np.array([row.size - 1.0 for row in rows])
    recency = np.array([float(row[-1] - row[0]) for row in rows])
    periods = np.array([float(23 - row[0]) for row in rows])
    prior = dict.fromkeys(("alpha", "beta", "gamma", "delta"), (1.0, 3.0))
    model = cf.lifetime.BGBB(prior=prior).fit(frequency, recency, periods)
    two, three = (model.conditional_expected_purchases(float(t), frequency, recency, periods) for t in (2, 3))
    np.testing.assert_allclose(chance[5:, 2], three - two, rtol=1e-6)


def test_evaporation_takes_what_foresaw_the_last_year_better() -> None:
    rng = np.random.default_rng(5)
    # Every third month: the months since the last purchase tell when the next one comes, which BG/BB cannot know.
    clockwork = np.zeros((200, 48))
    for k, phase in enumerate(rng.integers(0, 3, 200)):
        clockwork[k, phase::3] = 100.0
    chance, by, why = evaporated(clockwork, 12)
    assert by == "counted standing"
    assert "Brier score" in why
    came = (np.arange(48, 60) - np.argmax(clockwork != 0, axis=1)[:, None]) % 3 == 0
    assert np.mean((chance - came) ** 2) < 0.05
    # Without two years there is nothing to compare by.
    assert evaporated(clockwork[:, :20], 12)[1] == "BG/BB"
    assert evaporated(clockwork[:, :1], 12)[1] == "counted standing"
    # Chance buyers who leave at a constant rate are what BG/BB is about.
    rate, death = rng.beta(1, 3, 400), rng.geometric(0.03, 400)
    bought = (rng.random((400, 26)) < rate[:, None]) & (np.arange(26)[None] < death[:, None])
    assert evaporated(np.where(bought, 1.0, 0.0), 12)[1] == "BG/BB"


def test_a_baseline_knows_methods_bands_and_who_has_stopped() -> None:
    found = cf.lifetime.baseline(ledger_of(made_up()), start="2022-01", costs=COSTS)
    methods = dict(zip(found.customers.columns()["customer_id"], found.customers.columns()["method"], strict=True))
    assert methods["r0"] in ("seasonal_naive", "drift", "holt_winters")
    assert methods["rare"] not in ("seasonal_naive", "drift", "holt_winters")
    level = dict(zip(found.portfolio.core.id, found.level, strict=True))
    assert np.allclose(level["r5"], 600, rtol=0.15)
    assert (level["gone"] < 1.0).all()
    company = found.company.columns()
    np.testing.assert_allclose(company["level"], found.level.sum(axis=0))
    assert (company["p10"] < company["p50"]).all()
    assert (company["p50"] < company["p90"]).all()
    frame = found.to_frame()
    assert list(frame.columns) == ["customer_id", "month", "level", "heat", "variance"]
    assert len(frame) == 8 * 12
    assert found.to_frame(wide=True).shape == (8, 13)
    band, lines = found.plot().to_dict()["layer"]
    assert all(row["p10"] < row["p90"] for row in band["data"]["values"])
    assert {row["series"] for row in lines["data"]["values"]} == {"history", "expected"}
    assert "2022-01 to 2022-12" in repr(found)
    assert (found.backtest.columns()["origins"] > 0).all()


def test_the_future_changes_nothing() -> None:
    cut = datetime.date(2020, 12, 31)
    calm = cf.lifetime.baseline(ledger_of(made_up()), start="2021-01", costs=COSTS)
    wild = cf.lifetime.baseline(ledger_of(made_up(change_after=cut)), start="2021-01", costs=COSTS)
    np.testing.assert_array_equal(calm.level, wild.level)
    np.testing.assert_array_equal(calm.heat, wild.heat)
    np.testing.assert_array_equal(calm.company.columns()["p90"], wild.company.columns()["p90"])


def test_threads_change_no_bit() -> None:
    ledger = ledger_of(made_up())
    one, three = (cf.lifetime.baseline(ledger, start="2022-01", costs=COSTS, threads=n) for n in (1, 3))
    np.testing.assert_array_equal(one.level, three.level)
    np.testing.assert_array_equal(one.variance, three.variance)


def test_methods_may_be_chosen_and_history_cut() -> None:
    ledger = ledger_of(made_up())
    for method in ("seasonal_naive", "drift", "holt_winters"):
        found = cf.lifetime.baseline(ledger, start="2022-01", costs=COSTS, methods=method)
        regular = set(found.customers.columns()["method"]) - {"evaporation"}
        assert regular <= {method, "seasonal_naive"}
        assert method in regular
    short = cf.lifetime.baseline(ledger, start="2022-01", costs=COSTS, history_years=2)
    assert set(short.customers.columns()["method"]) <= {"seasonal_naive", "evaporation"}  # too short to compare
    with pytest.raises(cf.InputError, match="'arima'"):
        cf.lifetime.baseline(ledger, start="2022-01", costs=COSTS, methods="arima")
    with pytest.raises(cf.InputError, match="history_years is 0"):
        cf.lifetime.baseline(ledger, start="2022-01", costs=COSTS, history_years=0)
    with pytest.raises(cf.InputError, match="reconcile is 'top'"):
        cf.lifetime.baseline(ledger, start="2022-01", costs=COSTS, reconcile="top")  # type: ignore[arg-type]


def test_customers_with_months_of_returns_have_no_drift() -> None:
    rng = np.random.default_rng(8)
    net = np.where(rng.random((60, 36)) < 0.2, -1.0, 1.0) * rng.gamma(1.0, 1000.0, (60, 36))
    days = [f"{2019 + month // 12}-{month % 12 + 1:02d}-15" for month in range(36)]
    rows = [(f"c{k}", days[month], net[k, month]) for k in range(60) for month in range(36)]
    frame = dict(zip(("customer", "date", "revenue"), map(list, zip(*rows, strict=True)), strict=True))
    ledger = cf.Ledger(pd.DataFrame({**frame, "cost": [0.6 * one[2] for one in rows]}))
    found = cf.lifetime.baseline(ledger, start="2022-01", months=12, costs=COSTS)
    assert "drift" not in list(found.customers.columns()["method"])
    # The level of all is near that of the years before: no single month decides.
    years = net.sum(axis=0).reshape(3, 12).sum(axis=1)
    assert years.min() * 0.9 < found.level.sum() < years.max() * 1.1


def test_reconciled_customers_add_up_to_their_segments_and_the_company() -> None:
    ledger = ledger_of(made_up(60))
    names = [f"r{k}" for k in range(6)] + ["rare", "gone"]
    segments = {"customer_id": names, "segment": ["a", "a", "a", "b", "b", "b", "b", "a"]}
    plain = cf.lifetime.baseline(ledger, start="2023-01", costs=COSTS, segments=segments)
    found = cf.lifetime.baseline(ledger, start="2023-01", costs=COSTS, segments=segments, reconcile="mint")
    assert (found.level >= 0).all()
    assert not np.array_equal(found.level, plain.level)
    # Only noise and one who left differ between the levels here, so the company moves little.
    np.testing.assert_allclose(found.level.sum(axis=0), plain.level.sum(axis=0), rtol=0.1)
    np.testing.assert_allclose(found.company.columns()["level"], found.level.sum(axis=0), rtol=1e-12)
    thin = cf.lifetime.baseline(ledger, start="2019-01", costs=COSTS, reconcile="mint")
    assert any("too little history to reconcile" in note for note in thin.notes)


def test_like_for_like_history_knows_no_newcomers() -> None:
    months = np.arange(48)
    old = np.tile(1000.0 * 1.01**months, (3, 1))
    new = np.zeros((20, 48))
    for k in range(20):
        new[k, 2 * k :] = 500.0 * 1.01 ** months[2 * k :]
    history = np.concatenate([old, new])
    found = _core.like_for_like(history, np.zeros(23, dtype=np.int32), 1, history)
    np.testing.assert_allclose(found[0, -12:], history[:, -12:].sum(axis=0))
    np.testing.assert_allclose(found[0, 1:37] / found[0, :36], 1.01, rtol=0.2)
    np.testing.assert_allclose(found[0, 12:36] / found[0, :24], 1.01**12, rtol=1e-9)


def test_trading_days_are_used_where_they_help() -> None:
    first = datetime.date(2018, 1, 1)
    days = [first + datetime.timedelta(k) for k in range(365 * 4 + 1)]
    rng = np.random.default_rng(3)
    rows = [(day, f"c{who}", 100.0 + rng.normal(0, 2), 60.0) for day in days if day.weekday() == 1 for who in range(4)]
    frame = pd.DataFrame(rows, columns=["date", "customer_id", "revenue", "cost"])
    found = cf.lifetime.baseline(ledger_of(frame), start="2022-01", costs=COSTS, methods="seasonal_naive")
    assert any("trading days" in note for note in found.notes)
    tuesdays = [
        sum(
            (datetime.date(2022, 1, 1) + datetime.timedelta(k)).month == month
            and (datetime.date(2022, 1, 1) + datetime.timedelta(k)).weekday() == 1
            for k in range(365)
        )
        for month in range(1, 13)
    ]
    np.testing.assert_allclose(found.level.sum(axis=0), 400.0 * np.array(tuesdays), rtol=0.02)
    assert not any(
        "trading days" in note
        for note in cf.lifetime.baseline(ledger_of(made_up()), start="2022-01", costs=COSTS).notes
    )


def test_a_forecast_is_brought_in() -> None:
    months = [f"2022-{m:02d}" for m in range(1, 13)]
    own = pd.DataFrame({"customer_id": ["r1"] * 12, "month": months, "level": np.arange(12.0), "variance": 4.0})
    found = cf.lifetime.baseline(ledger_of(made_up()), start="2022-01", costs=COSTS, forecast=own)
    row = list(found.portfolio.core.id).index("r1")
    np.testing.assert_array_equal(found.level[row], np.arange(12.0))
    np.testing.assert_array_equal(found.variance[row], 4.0)
    assert found.customers.columns()["method"][row] == "brought in"
    with pytest.raises(cf.InputError, match=r"'r1' has no level for 2022-12"):
        cf.lifetime.baseline(ledger_of(made_up()), start="2022-01", costs=COSTS, forecast=own[:-1])
    with pytest.raises(cf.NotFoundError, match="no customer 'x'"):
        cf.lifetime.baseline(ledger_of(made_up()), start="2022-01", costs=COSTS, forecast=own.assign(customer_id="x"))
    with pytest.raises(cf.InputError, match="column 'level' is not in the forecast"):
        cf.lifetime.baseline(ledger_of(made_up()), start="2022-01", costs=COSTS, forecast=own.drop(columns="level"))
    for name, amount in (("level", np.nan), ("heat", 1e300), ("variance", -1.0)):
        with pytest.raises(cf.InputError, match=rf"forecast, row 1: {name} is .*; it must be a"):
            cf.lifetime.baseline(
                ledger_of(made_up()), start="2022-01", costs=COSTS, forecast=own.assign(**{name: amount})
            )


def test_bad_input_is_named() -> None:
    ledger = ledger_of(made_up())
    portfolio = cf.statement(ledger, COSTS).portfolio
    early = ledger_of(made_up()[lambda rows: rows.customer_id != "rare"])
    with pytest.raises(cf.InputError, match="without history before 2022-01: 'rare'"):
        cf.lifetime.baseline(early, portfolio, start="2022-01")
    with pytest.raises(cf.InputError, match="no row before 2018-01"):
        cf.lifetime.baseline(ledger, portfolio, start="2018-01")
    with pytest.raises(cf.InputError, match="costs"):
        cf.lifetime.baseline(ledger, start="2022-01")
    with pytest.raises(cf.InputError, match="months is 0"):
        cf.lifetime.baseline(ledger, portfolio, start="2022-01", months=0)
    with pytest.raises(cf.InputError, match="segments: customer"):
        cf.lifetime.baseline(ledger, portfolio, start="2022-01", segments={"customer_id": ["r0"], "segment": ["a"]})


def test_costs_of_events_and_drivers_lower_the_heat_of_the_baseline() -> None:
    frame = made_up()
    ledger = ledger_of(frame[frame.customer_id.str.startswith("r")])
    ids = [str(identity) for identity in ledger.rows.ids]
    events = {"visits": pd.DataFrame({"customer": ids * 2, "date": "2021-03-05", "there": [30.0, 8.0] * len(ids)})}
    calls = pd.DataFrame({"customer": ids, "calls": np.arange(len(ids), dtype=float)})
    plain = cf.CostModel({"deliveries": 2.0})
    full = cf.CostModel(
        {"deliveries": 2.0, "calls": 1.5},
        pools=[cf.Pool("service", 500.0, 1_000.0)],
        activities=[cf.Activity("visit", "service", "there", event="visits")],
    )
    year = ("2021-01-01", "2021-12-31")
    given = {"start": "2022-01", "months": 6, "methods": "drift"}
    without = cf.statement(ledger, plain, year).portfolio
    stated = cf.statement(ledger, full, year, drivers=calls, events=events)
    found = cf.lifetime.baseline(ledger, stated, **given).core
    base = cf.lifetime.baseline(ledger, without, **given).core
    costs = stated.columns()["cost of calls"] + stated.columns()["cost of service"]
    assert costs.sum() == pytest.approx(1.5 * calls.calls.sum() + 0.5 * 38 * len(ids))
    assert stated.portfolio.ids == without.ids
    share = costs / stated.portfolio.core.revenue
    np.testing.assert_allclose(found.heat, base.heat - base.level * share[:, None], rtol=1e-9, atol=1e-9)
    with pytest.raises(
        cf.NotFoundError, match="without events, drivers per customer and receivables; pass a statement"
    ):
        cf.lifetime.baseline(ledger, costs=full, **given)
    with pytest.raises(cf.NotFoundError, match=r"costs: .* without events, drivers per customer and receivables"):
        cf.lifetime.summary(ledger, costs=full)


def test_drivers_of_a_delivery_are_charged_without_a_portfolio() -> None:
    frame = made_up().assign(rush=1.0)
    ledger = cf.Ledger(frame, delivery_drivers={"rush": "rush"})
    rush, plain = cf.CostModel({"rush": 4.0}), cf.CostModel({"deliveries": 4.0})
    given = {"start": "2022-01", "months": 3, "methods": "drift"}
    found, same = (cf.lifetime.baseline(ledger, costs=costs, **given).core.heat for costs in (rush, plain))
    np.testing.assert_allclose(found, same, rtol=0.02)
    sums = [cf.lifetime.summary(ledger, costs=costs)["contribution"] for costs in (rush, plain)]
    np.testing.assert_allclose(*sums, rtol=1e-12)


def test_a_statement_of_another_ledger_is_refused() -> None:
    ledger = ledger_of(made_up())
    costs = cf.CostModel()
    other = cf.statement(ledger_of(made_up().iloc[1:]), costs)
    with pytest.raises(cf.InputError, match="the statement is of another ledger"):
        cf.lifetime.baseline(ledger, other, start="2022-01")
    cf.lifetime.baseline(ledger, cf.statement(ledger, costs), start="2022-01", months=1)


@pytest.fixture(scope="module")
def iowa() -> tuple[Any, Any, Any]:
    """Statements of 2020 and 2021, and the baseline of 2021 made at the end of 2020."""
    years = [
        cf.Ledger(
            pd.DataFrame(dict(demo.deliveries(year))),
            customer="store",
            date="date",
            revenue="revenue",
            cost="cost",
            lines="lines",
            quantity="bottles",
        )
        for year in (2020, 2021)
    ]
    costs = cf.CostModel(demo.COSTS["rates"], revenue_share=demo.COSTS["revenue_share"])
    before, after = (cf.statement(ledger, costs) for ledger in years)
    return before, after, cf.lifetime.baseline(years[0], before, start="2021-01")


def test_the_coldest_warm_by_themselves_and_the_baseline_foresees_it(iowa: tuple[Any, Any, Any]) -> None:
    before, after, baseline = iowa
    first, second = before.portfolio.core, after.portfolio.core
    there = {name: k for k, name in enumerate(second.id)}
    both = np.array([name in there for name in first.id])
    then = np.array([there.get(name, 0) for name in first.id])
    cold = np.asarray(first.temperature())
    big = both & (np.asarray(first.revenue) > 0) & (np.asarray(second.revenue)[then] > 0)
    coldest = big & (cold <= np.quantile(cold[big], 0.10))

    def temperature(heat: Any, level: Any) -> float:
        return float(np.sum(heat) / np.sum(level))

    was = temperature(np.asarray(first.contribution)[coldest], np.asarray(first.revenue)[coldest])
    came = temperature(np.asarray(second.contribution)[then][coldest], np.asarray(second.revenue)[then][coldest])
    foreseen = temperature(baseline.heat[coldest].sum(), baseline.level[coldest].sum())
    # All stores warmed in 2021, which no history of one year foresees; what the coldest tenth warmed beyond that is its own.
    shared = temperature(
        np.asarray(second.contribution)[then][big], np.asarray(second.revenue)[then][big]
    ) - temperature(np.asarray(first.contribution)[big], np.asarray(first.revenue)[big])
    own = came - was - shared
    assert own > 0.005
    assert 0.5 * own < foreseen - was < 1.5 * own
    assert abs(foreseen - came) < abs(was - came)


def test_the_strategy_without_a_baseline_takes_the_portfolios_own_months(outcome: Outcome) -> None:
    portfolio, start = outcome.plan.portfolio, outcome.plan.strategy.first_month
    own = _core.seasonal_baseline(portfolio.core, start, 12)
    months = outcome.plan.strategy.optimise(portfolio, offers=outcome.offers).trajectory.columns()
    np.testing.assert_allclose(months["baseline_level"], own.level.sum(axis=0), rtol=1e-12)
    np.testing.assert_allclose(own.level, portfolio.core.monthly_revenue, rtol=1e-12)
    np.testing.assert_allclose(own.heat.sum(axis=1), portfolio.core.contribution, rtol=1e-9, atol=1e-6)


def test_a_plan_on_a_real_baseline_keeps_its_floor_and_has_a_band(outcome: Outcome) -> None:
    portfolio, baseline, plan = outcome.plan.portfolio, outcome.baseline, outcome.plan
    assert baseline is not None
    months = plan.trajectory.columns()
    current = np.asarray(portfolio.core.monthly_revenue).sum(axis=0)
    np.testing.assert_allclose(months["floor"], current, rtol=1e-12)
    # The table has amounts to the cent, rounded so that their sum is that of the year.
    without = baseline.level.sum(axis=0) + np.asarray(plan.new_business)
    np.testing.assert_allclose(months["baseline_level"], without, rtol=0, atol=0.02)
    np.testing.assert_allclose(months["level"], without + plan.core.level_change.sum(axis=0), rtol=1e-9, atol=0.02)
    assert (months["level"] >= months["floor"]).all()
    # The actions' own uncertainty comes on top of the baseline's.
    width = months["p90"] - months["p10"]
    company = baseline.company.columns()
    assert (width >= (company["p90"] - company["p10"]) - 0.04).all()
    lines = plan.budget.columns()
    for source, level in (("baseline", baseline.level.sum(axis=0)), ("new business", plan.new_business)):
        of = [k for k, one in enumerate(lines["source"]) if one == source]
        np.testing.assert_allclose(np.asarray(lines["level"])[of], level, atol=0.02)


def test_who_is_half_gone_brings_half_of_its_offer(outcome: Outcome) -> None:
    portfolio = outcome.plan.portfolio
    own = _core.seasonal_baseline(portfolio.core, outcome.plan.strategy.first_month, 12)
    strategy = dataclasses.replace(outcome.plan.strategy, floor="none", limits={}, minor_digits=2)

    def plan_on(share: float) -> Any:
        half = _core.Baseline(own.start, own.level * share, own.heat * share)
        settings = strategy._settings() | {"refused": [], "interesting": [], "may_leave": []}
        assert outcome.offers is not None
        return _core.optimise_plan(settings, portfolio.core, outcome.offers.core, baseline=half)

    full, half = plan_on(1.0), plan_on(0.5)
    assert abs(full.heat_change.sum()) > 0
    np.testing.assert_allclose(half.heat_change, 0.5 * full.heat_change, rtol=1e-9, atol=1e-9)
    assert np.isnan(half.trajectory["p10"]).all()


def test_a_floor_that_evaporation_makes_impossible_falls_and_says_what_is_missing(outcome: Outcome) -> None:
    portfolio, strategy = outcome.plan.portfolio, outcome.plan.strategy
    baseline = cf.lifetime.baseline(outcome.ledger, outcome.statement, start="2022-01")
    thin = {"customer_id": [], "month": [], "level": []}  # type: dict[str, list[Any]]
    for k, name in enumerate(portfolio.core.id):
        for m in range(12):
            thin["customer_id"].append(name)
            thin["month"].append(f"2022-{m + 1:02d}")
            thin["level"].append(0.5 * baseline.level[k, m])
    half = cf.lifetime.baseline(outcome.ledger, outcome.statement, start="2022-01", forecast=thin)
    plan = strategy.optimise(portfolio, offers=outcome.offers, baseline=half)
    relaxed = plan.relaxed.columns()
    assert re.search(r"cannot reach .* more of level from newcomers", relaxed["text"][0])
    assert plan.without.level - 1 <= plan.after.level < relaxed["bound"][0]
    assert relaxed["nearest"][0] >= relaxed["level"][0]
    assert relaxed["drop_without"][0] == pytest.approx(1 - plan.without.level / relaxed["bound"][0])
    plan = dataclasses.replace(strategy, floor="baseline").optimise(portfolio, offers=outcome.offers, baseline=half)
    assert len(plan.relaxed) == 0
    assert plan.after.level >= plan.without.level - 1
    with pytest.raises(cf.InputError, match="it runs from 2022-01 to 2022-12"):
        dataclasses.replace(strategy, months=13).optimise(portfolio, baseline=half)


def test_returns_that_cancel_sales_earn_no_heat() -> None:
    """A customer with 1,000 of sales in one month and 990 of returns in the next has the heat of its year before."""
    days = [datetime.date(year, month, 5) for year in (2021, 2022, 2023) for month in range(1, 13)]
    swapped = [1000.0 if day.month % 2 else -990.0 for day in days]
    sales = pd.DataFrame(
        {
            "customer": ["swap"] * 36 + ["plain"] * 36,
            "date": days * 2,
            "revenue": swapped + [1000.0] * 36,
        }
    )
    sales["cost"] = 0.6 * sales["revenue"]
    ledger = cf.Ledger(sales)
    costs = cf.CostModel(
        pools=[cf.Pool("service", 2400.0, 2400.0)],
        activities=[cf.Activity("order", "service", "100"), cf.Activity("credit", "service", "100", event="return")],
    )
    statement = cf.statement(ledger, costs, ("2023-01-01", "2023-12-31"))
    baseline = cf.lifetime.baseline(ledger, statement, start="2024-01", months=12)
    heat = np.asarray(baseline.core.heat)
    assert statement.portfolio.ids == ["plain", "swap"]
    assert heat.sum(axis=1) == pytest.approx([3600.0, -1176.0])
    sold, returned = heat[1, ::2], heat[1, 1::2]
    assert sold == pytest.approx(400 - 1200 * 1000 / 11940)  # margin less its part of the service, by size
    assert returned == pytest.approx(-396 - 1200 * 990 / 11940)
