# New business as usual in a plan: stated in the summary, in the level without action, and in no gain.
"""New business in the summary of a plan."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest

import custfolio as cf


def _ledger(newcomers: int, gone: int = 0) -> cf.Ledger:
    """Return three years of 40 customers that buy every month, and of newcomers that begin one a month from the second year on.

    Some further customers bought every fifth month, and nothing in the last year.
    """
    rng = np.random.default_rng(4)
    months = [range(36)] * 40 + [range(12 + k % 24, 36) for k in range(newcomers)] + [range(1, 24, 5)] * gone
    rows = [
        (
            f"c{who:03d}",
            f"{2022 + month // 12}-{month % 12 + 1:02d}-{rng.integers(1, 28):02d}",
            100.0 + rng.normal(0, 5),
        )
        for who, bought in enumerate(months)
        for month in bought
    ]
    columns = [list(column) for column in zip(*rows, strict=True)]
    table = pa.table({"customer": columns[0], "date": columns[1], "revenue": columns[2], "cost": [60.0] * len(rows)})
    return cf.Ledger(table)


def test_new_business_is_a_sentence_of_its_own() -> None:
    ledger = _ledger(24)
    costs = cf.CostModel({"deliveries": 20.0})
    portfolio = cf.statement(ledger, costs, period=("2024-01-01", "2024-12-31")).portfolio
    baseline = cf.lifetime.baseline(ledger, portfolio, start="2025-01", months=14, costs=costs)
    plan = cf.Strategy(start="2025-02", months=12).optimise(portfolio, baseline=baseline)
    line = np.asarray(baseline.company.columns()["newcomers"])
    assert plan.new_business == pytest.approx(line[1:13].tolist(), abs=0.01)
    budget = plan.budget.columns()
    new = [level for source, level in zip(budget["source"], budget["level"], strict=True) if source == "new business"]
    assert new == plan.new_business
    assert plan.floors.columns()["new_business"] == pytest.approx(math.fsum(new), abs=0.01)
    # One newcomer a month, each for 100 a month from its first on: 78 x 100 in a year that begins with the first of them.
    assert math.fsum(line[:12]) == pytest.approx(7800, rel=0.25)
    level = np.asarray(baseline.level)[:, 1:13].sum() + math.fsum(plan.new_business)
    assert plan.without.level == pytest.approx(level, abs=0.2)
    (sentence,) = (text for text in plan.summary if text.startswith("New business as usual is "))
    assert f"{math.fsum(plan.new_business):,.0f} of the level without action: newcomers. Pursuits" in sentence
    assert plan.gain == 0.0


def test_a_floor_that_needs_new_business_is_named() -> None:
    ledger = _ledger(24)
    costs = cf.CostModel({"deliveries": 20.0})
    portfolio = cf.statement(ledger, costs, period=("2024-01-01", "2024-12-31")).portfolio
    baseline = cf.lifetime.baseline(ledger, portfolio, start="2025-01", months=12, costs=costs)
    own = float(np.asarray(baseline.level).sum())
    needs = cf.Strategy(start="2025-01", floor=own + 1000).optimise(portfolio, baseline=baseline)
    assert "The floor is reached only with it." in needs.summary
    free = cf.Strategy(start="2025-01", floor=own - 1000).optimise(portfolio, baseline=baseline)
    assert "The floor is reached only with it." not in free.summary


def test_without_a_baseline_there_is_none() -> None:
    portfolio = cf.statement(
        _ledger(0), cf.CostModel({"deliveries": 20.0}), period=("2024-01-01", "2024-12-31")
    ).portfolio
    plan = cf.Strategy(start="2025-01").optimise(portfolio)
    assert plan.new_business == [0.0] * 12
    assert not any("New business" in text for text in plan.summary)


def test_a_capacity_in_words_is_refused() -> None:
    with pytest.raises(cf.InputError, match="capacity is 'a'; it must be an amount, or one per month"):
        cf.Strategy(start="2025-01", capacity="a")  # type: ignore[arg-type]


def test_customers_who_come_back_are_stated() -> None:
    ledger, costs = _ledger(0, gone=20), cf.CostModel({"deliveries": 20.0})
    portfolio = cf.statement(ledger, costs, period=("2024-01-01", "2024-12-31")).portfolio
    baseline = cf.lifetime.baseline(ledger, portfolio, start="2025-01", months=12, costs=costs)
    company = baseline.company.columns()
    back = math.fsum(company["returning"])
    assert back > 1
    plan = cf.Strategy(start="2025-01").optimise(portfolio, baseline=baseline)
    assert any(f"customers who come back ({back:,.0f})" in text for text in plan.summary)
    expected = "no newcomers are expected: nobody bought for the first time in the last 24 months; 20 earlier customers may come back"
    assert expected in baseline.notes
    temperature = company["newcomers_heat"][0] / company["newcomers"][0]
    assert (company["newcomers_heat_deviation"] >= temperature * company["newcomers_deviation"] * (1 - 1e-12)).all()
    # The band of the plan's heat includes that of new business.
    months = plan.trajectory.columns()
    deviation = (months["heat_p90"] - months["heat_p10"]) / (2 * 1.2815515655446004)
    assert (deviation >= company["newcomers_heat_deviation"]).all()
