# The simulation of the demo's plan against every analytic figure of the plan.
"""Plans simulated."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import openpyxl
import pytest

import custfolio as cf
from custfolio._flow import Outcome
from custfolio.report import html
from custfolio.strategy import PlanSimulation

PATHS = 20_000
SURE = 4.5
"""Standard errors: a false alarm in a hundred thousand figures."""


@pytest.fixture(scope="module")
def simulated(outcome: Outcome) -> PlanSimulation:
    """Return the demo's plan on many paths."""
    return outcome.plan.simulate(PATHS, seed=2)


def test_means_are_the_expectations(outcome: Outcome, simulated: PlanSimulation) -> None:
    months, paths = outcome.plan.trajectory.columns(), simulated.columns()
    assert list(paths["month"]) == list(months["month"])
    for name in ("level", "heat"):
        error = SURE * paths[f"{name}_deviation"] / math.sqrt(PATHS)
        assert (np.abs(paths[name] - months[name]) < error).all()
        np.testing.assert_allclose(getattr(simulated, name).mean(axis=0), paths[name], rtol=1e-12)
    total = simulated.level.sum(axis=1)
    assert abs(total.mean() - outcome.plan.after.level) < SURE * total.std() / math.sqrt(PATHS)


def test_the_value_and_the_gain_are_the_means_of_discounted_heat(outcome: Outcome) -> None:
    plan = cf.Strategy(start="2022-01", months=12, floor=None, discount_rate=0.08).optimise(
        outcome.plan.portfolio,
        offers=outcome.offers,
        growth=outcome.growth,
        prospects=outcome.prospects,
        baseline=outcome.baseline,
    )
    heat = plan.simulate(PATHS, seed=3).heat @ 1.08 ** (-np.arange(12) / 12)
    error = SURE * heat.std() / math.sqrt(PATHS)
    assert abs(heat.mean() - plan.value) < error
    without = plan.trajectory.columns()["baseline_heat"] @ 1.08 ** (-np.arange(12) / 12)
    assert abs(heat.mean() - without - plan.gain) < error


def test_numbers_of_answers_wins_and_leavers_are_the_expectations(outcome: Outcome, simulated: PlanSimulation) -> None:
    plan = outcome.plan
    actions = plan.core.actions
    assert plan.offers is not None and plan.prospects is not None
    rows = {step: [k for k, one in enumerate(actions["step"]) if one == step] for step in set(actions["step"])}
    chance = np.asarray(plan.offers.columns()["acceptance"])[[actions["item"][k] for k in rows["remediation"]]]
    wins = np.asarray(plan.prospects.columns()["win_probability"])[[actions["item"][k] for k in rows["acquisition"]]]
    leaves = np.asarray(plan.core.overflow["probability"])
    assert chance.size and wins.size and leaves.size
    for found, expected in ((simulated.accepted, chance), (simulated.won, wins), (simulated.left, leaves)):
        assert abs(found.mean() - expected.sum()) < SURE * found.std() / math.sqrt(PATHS)
        # Answers and wins are independent of each other.
        assert found.std() == pytest.approx(math.sqrt((expected * (1 - expected)).sum()), rel=0.03)
    customers = plan.buckets["without"][1] - simulated.left + simulated.won
    assert abs(customers.mean() - plan.customers_after) < SURE * customers.std() / math.sqrt(PATHS)


@pytest.mark.parametrize("source", ["remediation", "growth", "acquisition"])
def test_budget_lines_of_each_source_are_its_means(outcome: Outcome, source: str) -> None:
    # The source alone, for customers who stay: all that differs from the baseline is its line, and overflow's.
    step = {"remediation": "offers", "growth": "growth", "acquisition": "prospects"}[source]
    plan = cf.Strategy(start="2022-01", months=12, floor=None).optimise(
        outcome.plan.portfolio, **{step: getattr(outcome.plan, step)}
    )
    found = plan.simulate(PATHS, seed=4)
    assert not found.purchases
    lines = plan.budget.columns()
    for name in ("level", "heat"):
        expected = {one: np.zeros(12) for one in lines["source"]}
        for one, month, amount in zip(lines["source"], lines["month"], lines[name], strict=True):
            expected[one][list(found.columns()["month"]).index(str(month))] += amount
        gone = expected.pop("overflow", np.zeros(12))
        paths = getattr(found, name)
        brought = paths.mean(axis=0) - expected["baseline"] - gone
        assert np.abs(expected[source]).max() > 0
        assert (np.abs(brought - expected[source]) <= SURE * paths.std(axis=0) / math.sqrt(PATHS) + 0.02).all()


def test_deviations_and_bands_are_those_of_the_months(outcome: Outcome, simulated: PlanSimulation) -> None:
    months, paths = outcome.plan.trajectory.columns(), simulated.columns()
    ends = {"level": ("p10", "p90"), "heat": ("heat_p10", "heat_p90")}
    for name, (low, high) in ends.items():
        # Who leaves takes its errors along, which the plan's bands do not count; few do.
        analytic = (months[high] - months[low]) / (2 * 1.2815515655446004)
        np.testing.assert_allclose(paths[f"{name}_deviation"], analytic, rtol=0.04)
        below = (getattr(simulated, name) < np.asarray(months[low])).mean(axis=0)
        np.testing.assert_allclose(below, 0.1, atol=0.015)


def test_chances_of_floors_are_those_of_the_plan(outcome: Outcome, simulated: PlanSimulation) -> None:
    plan = outcome.plan
    chance = float(plan.floors.columns()["chance"][0])
    error = math.sqrt(chance * (1 - chance) / PATHS)
    assert abs(simulated.floors.columns()["chance"][0] - chance) < SURE * error + 0.005
    assert simulated.floor_chance == simulated.floors.columns()["chance"][0]
    assert simulated.drop_chance == 1 - simulated.floor_chance
    total = simulated.level.sum(axis=1)
    assert simulated.floor_chance == np.mean(total >= plan.floors.columns()["floor"][0])


def test_temperature_is_heat_by_level(outcome: Outcome, simulated: PlanSimulation) -> None:
    whole = simulated.heat.sum(axis=1) / simulated.level.sum(axis=1)
    np.testing.assert_allclose(simulated.temperature, whole, rtol=1e-12)
    assert whole.mean() == pytest.approx(outcome.plan.after.temperature, abs=5 * whole.std() / math.sqrt(PATHS) + 1e-4)
    monthly = simulated.heat[:, 3] / simulated.level[:, 3]
    for name, share in (("p10", 0.1), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p90", 0.9)):
        quantile = np.quantile(monthly, share)
        np.testing.assert_allclose(simulated.columns()[f"temperature_{name}"][3], quantile, rtol=1e-12)
        np.testing.assert_allclose(simulated.whole[f"temperature_{name}"], np.quantile(whole, share), rtol=1e-12)
    assert f"{simulated.whole['temperature_p90']:.2%}" in simulated.sentence()
    upper, lower = simulated.plot().to_dict()["vconcat"]
    assert [len(panel["layer"]) for panel in (upper, lower)] == [3, 3]


def test_a_floor_of_each_month_is_in_the_chart(outcome: Outcome) -> None:
    plan = cf.Strategy(start="2022-01", months=3, floor="baseline", floor_every="month").optimise(
        outcome.plan.portfolio
    )
    found = plan.simulate(50)
    upper, _ = found.plot().to_dict()["vconcat"]
    assert len(upper["layer"]) == 4
    assert found.sentence().startswith("50 paths: the temperature is between")


def test_threads_do_not_change_the_bits(outcome: Outcome) -> None:
    one, two = (outcome.plan.simulate(500, seed=9, threads=threads) for threads in (1, 2))
    np.testing.assert_array_equal(one.level, two.level)
    np.testing.assert_array_equal(one.heat, two.heat)
    assert not np.array_equal(one.level, outcome.plan.simulate(500, seed=10).level)


def test_without_a_band_purchases_do_not_vary(outcome: Outcome) -> None:
    plan = cf.Strategy(start="2022-01", months=3).optimise(outcome.plan.portfolio)
    found = plan.simulate(100)
    assert not found.purchases
    np.testing.assert_allclose(found.level, np.broadcast_to(plan.trajectory.columns()["level"], (100, 3)), atol=0.01)
    assert math.isnan(found.floor_chance)
    assert math.isnan(found.drop_chance)
    assert found.sentence().endswith("Purchases do not vary: the baseline has no band.")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"paths": 0}, "paths is 0; it must lie in"),
        ({"paths": -1}, "paths is -1; it must be at least"),
        ({"paths": 10_000_001}, "paths is 10000001; it must lie in"),
        ({"seed": -1}, "seed is -1; it must be at least 0"),
    ],
)
def test_settings_out_of_range_are_refused(outcome: Outcome, settings: dict[str, int], message: str) -> None:
    with pytest.raises(cf.InputError, match=message):
        outcome.plan.simulate(**settings)


def test_page_and_workbook_show_the_simulation(outcome: Outcome, simulated: PlanSimulation, tmp_path: Path) -> None:
    plan = outcome.plan
    pages = plan.pages(results=[simulated])
    shown = pages.tables["simulation"].cells
    np.testing.assert_allclose(shown["level_p90"], simulated.columns()["level_p90"], atol=0.005)
    np.testing.assert_allclose(shown["temperature_p25"], simulated.columns()["temperature_p25"])
    assert pages.tables["floors"].cells["simulated"] == simulated.floors.columns()["chance"].tolist()
    page = html.render(pages)
    assert 'id="simulation"' in page and "Simulated level and temperature" in page
    assert simulated.sentence() in page and "Level P50" in page and "Level P25" not in page
    plan.to_excel(tmp_path / "plan.xlsx", results=[simulated])
    sheet = openpyxl.load_workbook(tmp_path / "plan.xlsx")["Simulation"]
    heads = [cell.value for cell in sheet[1]]
    assert sheet.cell(2, heads.index("Level P25") + 1).value == pytest.approx(shown["level_p25"][0])
    assert "simulation" not in plan.pages().tables and "simulated" not in plan.pages().tables["floors"].cells
    other = cf.Strategy(start="2022-02", months=12).optimise(plan.portfolio)
    with pytest.raises(cf.InputError, match="the simulation of another plan; make it with simulate"):
        other.pages(results=[simulated])


def test_without_a_band_the_page_has_no_share_of_paths(outcome: Outcome) -> None:
    plan = cf.Strategy(start="2022-01", months=3).optimise(outcome.plan.portfolio)
    pages = plan.pages(results=[plan.simulate(100)])
    assert "simulated" not in pages.tables["floors"].cells
    assert "Purchases do not vary" in html.render(pages)


def test_shadow_prices_on_the_page_have_their_meaning(outcome: Outcome) -> None:
    prices = outcome.plan.pages().tables["shadow_prices"].cells
    assert "one more sales hour in 2022-01 to 2022-12 is worth " in " ".join(prices["meaning"])
