# Tests of the budget of a baseline: one month has one band, and sums follow from the joint error.
"""The budget of a baseline and its bands."""

from __future__ import annotations

import json
import math
import pickle
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pytest

import custfolio as cf

Z = 1.2815515655446004
"""90 % quantile of the normal distribution."""
COSTS = cf.CostModel({"deliveries": 9.0})


def ledger(months: int = 36) -> cf.Ledger:
    """Return deliveries of 24 customers until the end of 2021: most buy monthly, some now and then, and all share good and bad months."""
    rng = np.random.default_rng(11)
    rows = []
    for month in range(36 - months, 36):
        market = rng.lognormal(0.0, 0.15)
        for customer in range(24):
            begins = 3 * max(customer - 15, 0)
            if month < begins or (customer % 4 == 0 and rng.random() < 0.5):
                continue
            day = np.datetime64("2019-01", "M") + month
            amount = market * rng.gamma(4.0, 25.0 * (1 + customer))
            rows.append((f"c{customer}", day.astype("datetime64[D]") + int(rng.integers(28)), amount))
    names, days, amounts = (list(column) for column in zip(*rows, strict=True))
    frame = pa.table(
        {"customer": names, "date": np.array(days), "revenue": amounts, "cost": [0.7 * a for a in amounts]}
    )
    return cf.Ledger(frame, customer="customer", date="date", revenue="revenue", cost="cost")


@pytest.fixture(scope="module")
def baseline() -> Any:
    return cf.lifetime.baseline(ledger(), start="2022-01", months=12, costs=COSTS)


@pytest.fixture(scope="module")
def plan(baseline: Any) -> cf.Plan:
    """The plan without offers, action plans and prospects."""
    return cf.Strategy(start="2022-01").optimise(baseline.portfolio, baseline=baseline)


@pytest.fixture(scope="module")
def budget(baseline: Any) -> cf.Budget:
    managers = {name: f"m{int(name[1:]) % 3}" for name in baseline.portfolio.ids}
    return cf.Budget.from_baseline(baseline, labels={"manager": managers})


def band_of(mean: float, deviation: float) -> tuple[float, float]:
    """Return P10 and P90 of max(0, X) with a normal X, of this mean and deviation; by bisection."""
    normal = NormalDist()

    def first(t: float) -> float:
        return t * normal.cdf(t) + normal.pdf(t)

    def ratio(t: float) -> float:
        return ((t * t + 1) * normal.cdf(t) + t * normal.pdf(t)) / first(t) ** 2 - 1

    low, high = -4.0, 9.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if ratio(middle) > (deviation / mean) ** 2 else (low, middle)
    scale = mean / first(low)
    return max(0.0, scale * (low - Z)), max(0.0, scale * (low + Z))


def drawn(baseline: Any, paths: int) -> tuple[Any, Any, Any, Any]:
    """Return level and heat of customers, and of new business, drawn from the joint error: paths x customers x months."""
    rng = np.random.default_rng(3)
    common, r, own_r = baseline.core.joint
    level, heat, months = baseline.level, baseline.heat, baseline.months

    def over_months(r: float, *shape: int) -> Any:
        lasting, passing = rng.normal(size=(*shape, 1)), rng.normal(size=(*shape, months))
        return math.sqrt(r) * lasting + math.sqrt(1 - r) * passing

    shared = common * np.abs(level)
    own = np.sqrt(np.maximum(baseline.variance - shared**2, 0.0))
    error = over_months(r, paths)[:, None, :] * shared + over_months(own_r, paths, len(level)) * own
    temperature = rng.normal(size=(paths, len(level), 1)) * baseline.core.temperature_deviation[:, None]
    levels = level + error
    heats = heat + error * (heat / level) + level * temperature
    company = baseline.company.columns()
    fresh = company["newcomers"] + rng.normal(size=(paths, 1)) * company["newcomers_deviation"]
    share = company["newcomers_heat"] / company["newcomers"]
    of_temperature = np.sqrt(company["newcomers_heat_deviation"] ** 2 - (share * company["newcomers_deviation"]) ** 2)
    return levels, heats, fresh, fresh * share + rng.normal(size=(paths, 1)) * of_temperature


def test_one_month_has_one_band(baseline: Any, plan: cf.Plan, budget: cf.Budget) -> None:
    company, trajectory = baseline.company.columns(), plan.trajectory.columns()
    level, heat = budget.bands("month", measure="level").columns(), budget.bands("month").columns()
    assert np.median(baseline.core.joint[0]) > 0
    # No customer's level can be below 0, which moves the median a little.
    np.testing.assert_allclose(company["p50"], company["level"] + company["newcomers"], rtol=1e-5)
    for name in ("p10", "p50", "p90"):
        np.testing.assert_allclose(level[name], company[name], rtol=1e-12)
        # A plan's level and heat are rounded to cents.
        if name == "p50":
            continue
        np.testing.assert_allclose(trajectory[name], company[name], atol=0.011)
        np.testing.assert_allclose(trajectory[f"heat_{name}"], heat[name], atol=0.011)


def test_the_band_of_the_year_is_that_of_the_plan(plan: cf.Plan, budget: cf.Budget) -> None:
    year, floor = budget.bands("year", measure="level").columns(), plan.floors.columns()
    assert (year["p90"][0] - year["p10"][0]) / 2 / Z == pytest.approx(floor["deviation"][0], rel=1e-7)
    assert year["p50"][0] == pytest.approx(floor["level"][0], abs=0.02)


def test_bands_and_the_chance_of_the_floor_are_those_of_draws(baseline: Any, plan: cf.Plan, budget: cf.Budget) -> None:
    levels, heats, fresh, fresh_heat = drawn(baseline, 20_000)
    year = levels.sum(axis=(1, 2)) + fresh.sum(axis=1)
    floor = plan.floors.columns()
    assert 0.05 < floor["chance"][0] < 0.95
    assert np.mean(year >= floor["floor"][0]) == pytest.approx(floor["chance"][0], abs=0.015)
    rows = np.array([int(name[1:]) % 3 == 1 for name in baseline.portfolio.ids])
    of_manager = {"level": levels[:, rows], "heat": heats[:, rows]}
    for measure, amounts in of_manager.items():
        for by, sums in (
            ("year", amounts.sum(axis=(1, 2))[:, None]),
            ("quarter", amounts[:, :, :3].sum(axis=(1, 2))[:, None]),
        ):
            bands = budget.bands(["manager", by], measure=measure).columns()
            at = bands["manager"].index("m1")
            assert bands["p90"][at] - bands["p10"][at] == pytest.approx(2 * Z * sums.std(), rel=0.03)
    heat = budget.bands("year").columns()
    all_heat = heats.sum(axis=(1, 2)) + fresh_heat.sum(axis=1)
    assert heat["p90"][0] - heat["p10"][0] == pytest.approx(2 * Z * all_heat.std(), rel=0.03)


def test_a_customer_has_the_variance_of_its_own_back_test(baseline: Any, budget: cf.Budget) -> None:
    bands = budget.bands(["customer", "month"], measure="level").columns()
    ids = list(baseline.portfolio.ids)
    shared = baseline.core.joint[0] * np.abs(baseline.level)
    names = ("customer", "month", "p10", "p90")
    assert min(bands["p10"]) == 0.0
    for name, month, low, high in zip(*(bands[key] for key in names), strict=True):
        if name == "(none)":
            continue
        i, m = ids.index(name), int(month[-2:]) - 1
        deviation = max(math.sqrt(baseline.variance[i, m]), shared[i, m])
        assert (low, high) == pytest.approx(band_of(baseline.level[i, m], deviation), rel=1e-8)


def test_new_business_is_a_source_without_a_customer(baseline: Any, budget: cf.Budget) -> None:
    company = baseline.company.columns()
    totals = budget.totals(["source", "customer", "manager"]).columns()
    at = totals["source"].index("new business")
    assert (totals["customer"][at], totals["manager"][at]) == ("(none)", "(none)")
    assert totals["source"].count("new business") == 1
    assert totals["level"][at] == pytest.approx(company["newcomers"].sum(), abs=0.01)
    assert totals["heat"][at] == pytest.approx(company["newcomers_heat"].sum(), abs=0.01)
    assert budget.total[0] == pytest.approx((company["level"] + company["newcomers"]).sum(), abs=0.01)
    bands = budget.bands(["source", "month"], measure="level").columns()
    rows = [k for k, source in enumerate(bands["source"]) if source == "new business"]
    expected = [band_of(*pair) for pair in zip(company["newcomers"], company["newcomers_deviation"], strict=True)]
    np.testing.assert_allclose(np.array([bands["p10"], bands["p90"]]).T[rows], expected, rtol=1e-8)
    heat = budget.bands(["source", "month"]).columns()
    width = np.asarray(heat["p90"])[rows] - np.asarray(heat["p10"])[rows]
    np.testing.assert_allclose(width, 2 * Z * company["newcomers_heat_deviation"], rtol=1e-9)


def test_a_frozen_version_and_a_sum_keep_the_joint_error(budget: cf.Budget, tmp_path: Path) -> None:
    frozen = budget.freeze("2022", on="2021-12-01", bands=["year"])
    for suffix in ("json", "parquet"):
        frozen.save(tmp_path / f"2022.{suffix}")
        again = cf.budget.FrozenBudget.load(tmp_path / f"2022.{suffix}")
        # A version has whole cents.
        np.testing.assert_allclose(
            again.bands("quarter").columns()["p10"], budget.bands("quarter").columns()["p10"], atol=0.1
        )
    other = cf.Budget({"month": ["2022-01"], "revenue": [100.0], "variance": [1e-12]})
    for both in (budget + other, other + budget):
        bands, alone = both.bands("month", measure="level").columns(), budget.bands("month", measure="level").columns()
        # An amount that can be negative makes its month's sum normal.
        np.testing.assert_allclose(bands["p90"] - bands["p10"], alone["p90"] - alone["p10"], rtol=1e-6)
        np.testing.assert_allclose(bands["p90"][1:] - bands["p10"][1:], alone["p90"][1:] - alone["p10"][1:], rtol=1e-12)


def test_a_band_far_wider_than_the_level_is_not_known() -> None:
    # Twenty customers buy once in the first year, not in the second, and ten times as much each month of the third.
    names, days, amounts = ["steady"] * 36, list(np.arange("2019-01", "2022-01", dtype="datetime64[M]")), [100.0] * 36
    for customer in range(20):
        names += [f"c{customer}"] * 13
        days += [np.datetime64("2019-01", "M") + customer % 6, *np.arange("2021-01", "2022-01", dtype="datetime64[M]")]
        amounts += [100.0] + [1000.0] * 12
    sales = pa.table(
        {
            "customer": names,
            "date": np.array(days).astype("datetime64[D]"),
            "revenue": amounts,
            "cost": [0.7 * a for a in amounts],
        }
    )
    found = cf.lifetime.baseline(cf.Ledger(sales), start="2022-01", months=12, costs=COSTS)
    assert "P10 and P90 are not known: earlier forecasts missed by more than three times the level" in found.notes
    assert len(found.joint_error) == 0
    assert np.isnan(found.company.columns()["p90"]).all()


def test_what_is_not_known_stays_so_in_every_sum(tmp_path: Path) -> None:
    young = cf.lifetime.baseline(ledger(12), start="2022-01", months=12, costs=COSTS)
    assert any("too little history for P10 and P90" in note for note in young.notes)
    assert np.isnan(young.company.columns()["p90"]).all()
    assert len(young.joint_error) == 0
    plan = cf.Strategy(start="2022-01").optimise(young.portfolio, baseline=young)
    assert np.isnan(plan.floors.columns()["chance"]).all()
    budget = cf.Budget.from_baseline(young)
    offers = cf.Budget({"month": ["2022-01"], "item": ["deal"], "probability": [0.5], "revenue": [100.0]})
    for whole in (budget, budget + offers):
        for by in ("month", "year", ["customer", "month"]):
            bands = whole.bands(by, measure="level").columns()
            of_deal = np.array([c == "(none)" for c in bands["customer"]]) if "customer" in bands else np.False_
            assert np.isnan(bands["p10"][~of_deal]).all()
        assert np.isfinite(whole.bands("year").columns()["expected"]).all()
        with pytest.raises(cf.InputError, match="the distribution is not known"):
            whole.distribution("level")
    frozen = budget.freeze("2022", on="2021-12-01")
    frozen.save(tmp_path / "2022.json")
    stored = json.loads((tmp_path / "2022.json").read_text(encoding="utf-8"))
    assert stored["bands"][0]["columns"]["p10"] == [None] * 12
    again = cf.budget.FrozenBudget.load(tmp_path / "2022.json")
    assert again == frozen
    assert np.isnan(again.bands("month").columns()["p90"]).all()
    assert np.isnan(again.bands("customer").columns()["p90"]).all()
    assert budget.bands("month").plot().to_dict()


def test_what_is_no_baseline_and_no_label_is_named(baseline: Any) -> None:
    make = cf.Budget.from_baseline
    for wrong, kind in ((None, "NoneType"), (cf.Budget({"month": ["2022-01"], "revenue": [1.0]}), "Budget")):
        with pytest.raises(cf.InputError, match=f"baseline is of type {kind}"):
            make(wrong)
    for name in ("customer", "account", "source", "month", "level", " "):
        with pytest.raises(cf.InputError, match="which every budget has"):
            make(baseline, labels={name: {"c1": "x"}})
    with pytest.raises(cf.InputError, match=r"labels of 'manager' are \['a'\], of type list; they must be a mapping"):
        make(baseline, labels={"manager": ["a"]})
    with pytest.raises(cf.InputError, match="name no customer of the baseline: the first label is of 7, the first"):
        make(baseline, labels={"manager": {7: "Ann"}})
    with pytest.raises(cf.InputError, match="currency is blank"):
        make(baseline, currency=" ")
    named = make(baseline, labels={"manager": {"c1": "Ann", "c2": None, "c3": math.nan}})
    assert set(named.totals("manager").columns()["manager"]) == {"Ann", "(none)"}


def test_a_late_start_and_an_unknown_band_are_noted(tmp_path: Path) -> None:
    late = cf.lifetime.baseline(ledger(), start="2024-03", months=2, costs=COSTS)
    note = "the history ends in 2021-12, 26 months before the first month: forecast and band assume"
    assert any(each.startswith(note) for each in late.notes)
    budget = cf.Budget.from_baseline(late)
    assert budget.notes == late.notes
    frozen = (budget + budget).freeze("2024", on="2024-02-01")
    frozen.save(tmp_path / "budget.json")
    assert cf.budget.FrozenBudget.load(tmp_path / "budget.json").notes == late.notes
    assert pickle.loads(pickle.dumps(budget)).notes == late.notes
    young = cf.lifetime.baseline(ledger(9), start="2022-01", months=2, costs=COSTS)
    assert not any("history ends" in each for each in young.notes)
    cf.Budget.from_baseline(young).to_excel(tmp_path / "young.xlsx")
    rows = [
        [cell.value for cell in row] for row in openpyxl.load_workbook(tmp_path / "young.xlsx")["Bands"].iter_rows()
    ]
    assert rows[1][0] == "2022-01" and rows[1][2:] == ["not known"] * 3
    assert any(row[0] and str(row[0]).startswith("Too little history for P10 and P90") for row in rows)


def test_the_workbook_of_a_plan_has_its_notes(plan: cf.Plan, tmp_path: Path) -> None:
    plan.to_excel(tmp_path / "plan.xlsx")
    cells = [row[0].value for row in openpyxl.load_workbook(tmp_path / "plan.xlsx")["Summary"].iter_rows()]
    begin = cells.index("Notes") + 1
    notes = [f"{k}. {note[:1].upper()}{note[1:]}." for k, note in enumerate(plan.notes, 1)]
    assert notes and cells[begin : begin + len(notes)] == notes


def test_the_workbook_has_the_bands_of_months(budget: cf.Budget, tmp_path: Path) -> None:
    budget.to_excel(tmp_path / "budget.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "budget.xlsx")["Bands"]
    bands = budget.bands("month").columns()
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2, max_row=13)]
    assert [row[0] for row in rows] == bands["month"]
    for place, name in enumerate(("expected", "p10", "p50", "p90"), 1):
        assert [row[place] for row in rows] == pytest.approx(bands[name].tolist(), abs=0.005)
    certain = cf.Budget({"month": ["2026-01"], "revenue": [5.0]})
    certain.to_excel(tmp_path / "certain.xlsx")
    assert openpyxl.load_workbook(tmp_path / "certain.xlsx").sheetnames == ["Budget"]


def test_the_text_of_a_baseline_has_the_level_of_its_budget(baseline: Any, budget: cf.Budget) -> None:
    facts = dict(line.strip().split(": ", 1) for line in repr(baseline).splitlines() if ": " in line)
    shown = float(facts["level with new business"].replace(",", ""))
    assert shown == pytest.approx(budget.total[0], abs=1)


def test_recent_sales_split_usual_business_into_volume_price_and_costs(baseline: Any, budget: cf.Budget) -> None:
    rows = ledger().between("2021-01-01", "2021-12-31").to_frame("pandas")
    price = {f"c{k}": 2.0 + k for k in range(24)}
    rows["quantity"] = rows["revenue"] / rows["customer_id"].map(price)
    recent = cf.Ledger(rows, customer="customer_id", date="date", revenue="revenue", cost="cost", quantity="quantity")
    found = cf.Budget.from_baseline(baseline, sales=cf.statement(recent, COSTS))
    assert found.total == pytest.approx(budget.total, abs=0.05)
    for by in ("month", "customer"):
        for quantile in ("p10", "p90"):
            assert found.bands(by).columns()[quantile] == pytest.approx(budget.bands(by).columns()[quantile], abs=0.05)
    # In January all bought 10 % more units, 5 % dearer, whose goods cost 3 % more; the cost to serve rose by 20 %.
    table = found.to_frame("pandas", by=["month", "customer", "account"])
    table = table[(table.month == "2022-01") & (table.customer != "(none)")]
    planned = table.groupby("account").amount.sum()
    rise = {"revenue": 1.1 * 1.05, "cost of goods": 1.1 * 1.03, "cost to serve": 1.2}
    revenue = table[table.account == "revenue"].set_index("customer").amount
    units = table.customer.map(revenue) / table.customer.map(price)
    actual = table.assign(
        amount=table.amount * table.account.map(rise),
        quantity=(1.1 * units).where(table.account != "cost to serve", 0.0),
    )
    causes = found.compare(actual, through="2022-01").causes
    heat = planned["revenue"] - planned["cost of goods"] - planned["cost to serve"]
    assert causes["volume"] == pytest.approx(0.1 * heat, abs=0.5)
    assert causes["price"] == pytest.approx(0.05 * 1.1 * planned["revenue"], abs=0.5)
    assert causes["cost_of_goods"] == pytest.approx(-0.03 * 1.1 * planned["cost of goods"], abs=0.5)
    assert causes["cost_to_serve"] == pytest.approx(-0.1 * planned["cost to serve"], abs=0.5)
    assert causes["resized"] == 0.0
    with pytest.raises(cf.InputError, match="no quantities"):
        cf.Budget.from_baseline(baseline, sales=cf.statement(ledger(), COSTS))
    with pytest.raises(cf.InputError, match="sales is of type dict"):
        cf.Budget.from_baseline(baseline, sales={})
