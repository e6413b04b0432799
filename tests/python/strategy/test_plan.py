# The plan, recomputed from its inputs; the optimiser against every choice; infeasible input; faces of the plan.
"""Rooms ``strategy``, ``overflow`` and ``budget``."""

from __future__ import annotations

import itertools
import math
import re
import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import custfolio as cf
from custfolio import overflow
from custfolio._flow import Outcome

MONTHS = 12


def recompute(outcome: Outcome) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Level and heat per month, and sales hours, from the inputs and the chosen courses alone."""
    plan, portfolio, offers = outcome.plan, outcome.plan.portfolio, outcome.offers
    assert offers is not None
    assert outcome.growth is not None
    assert outcome.prospects is not None
    core, courses, count = portfolio.core, plan.core.courses, len(portfolio)
    assert outcome.baseline is not None
    monthly, heat = outcome.baseline.level, outcome.baseline.heat
    share = monthly / np.asarray(core.revenue)[:, None]
    avoidable = heat + (core.avoidable_heat() - np.asarray(core.contribution))[:, None] * share
    new = outcome.baseline.company.columns()
    level, warm = monthly.sum(axis=0) + new["newcomers"], heat.sum(axis=0) + new["newcomers_heat"]
    hours = 0.0
    found = offers.core
    growth_level = np.asarray(outcome.growth._core.expected_revenue)
    growth_heat = np.asarray(outcome.growth._core.expected_contribution)
    growth_hours = np.asarray(outcome.growth._core.expected_hours)
    for i in range(count):
        offer, begins, leaves = (int(courses[name][i]) for name in ("offer", "month", "overflow"))
        gone = np.arange(MONTHS) >= leaves if leaves >= 0 else np.zeros(MONTHS, dtype=bool)
        refuses = 1.0
        if offer >= 0:
            assert found.customer[offer] == i
            accepted = float(found.acceptance[offer])
            refuses = 1.0 - accepted
            since = np.arange(MONTHS) >= begins + 1
            level = level + accepted * found.revenue_change[offer] * share[i] * since
            warm = warm + accepted * found.heat_change[offer] * share[i] * since
            assert leaves < 0 or leaves > begins
        else:
            assert leaves < 0
        if leaves >= 0:
            level = level - refuses * monthly[i] * gone
            warm = warm - refuses * avoidable[i] * gone
        for place in courses["plans"][i]:
            assert outcome.growth.plans[place].customer == portfolio.ids[i]
            stays = 1.0 - refuses * gone
            level = level + growth_level[place] * stays
            warm = warm + growth_heat[place] * stays
            hours += float((growth_hours[place] * stays).sum())
    prospects = outcome.prospects.core
    for k in range(len(outcome.prospects)):
        begins = int(courses["month"][count + k])
        if begins < 0:
            continue
        age = np.arange(MONTHS) - begins - 1
        ramp = np.clip((age + 1) / (prospects.ramp_months[k] + 1), 0, 1)
        won = prospects.win_probability[k]
        level = level + won * prospects.level[k] / 12 * ramp
        warm = warm + won * prospects.heat[k] / 12 * ramp
        hours += prospects.hours[k]
    return level, warm, np.array([hours])


def test_the_plan_is_what_its_inputs_and_courses_say(outcome: Outcome) -> None:
    level, heat, hours = recompute(outcome)
    months = outcome.plan.trajectory.columns()
    np.testing.assert_allclose(months["level"], level, rtol=0, atol=0.0101)  # rounded to cents that add up
    np.testing.assert_allclose(months["heat"], heat, rtol=0, atol=0.0101)
    np.testing.assert_allclose(months["temperature"], months["heat"] / months["level"], rtol=1e-15)
    assert (level >= months["floor"] * (1 - 1e-9)).all()
    reference = np.asarray(outcome.plan.portfolio.core.monthly_revenue).sum(axis=0)
    np.testing.assert_allclose(months["floor"], reference, rtol=1e-12)
    assert hours[0] <= 1_200 * (1 + 1e-9)
    resources = outcome.plan.resources.columns()
    used = resources["used"][list(resources["resource"]).index("sales_hours")]
    assert used == pytest.approx(hours[0], rel=1e-9)
    assert outcome.plan.value == pytest.approx(heat.sum(), rel=1e-9)
    assert outcome.plan.value <= outcome.plan.bound
    assert outcome.plan.gap == pytest.approx((outcome.plan.bound - outcome.plan.value) / outcome.plan.value, rel=1e-6)
    assert outcome.plan.gap < 1e-3


def test_what_leaves_is_replaced_by_what_comes_in_month_by_month(outcome: Outcome) -> None:
    plan, portfolio, offers, growth = outcome.plan, outcome.plan.portfolio, outcome.offers, outcome.growth
    assert offers is not None
    assert growth is not None
    assert outcome.baseline is not None
    courses, count, months = plan.core.courses, len(portfolio), np.arange(MONTHS)
    leaves = np.asarray(courses["overflow"])[:count]
    offer = np.asarray(courses["offer"])[:count]
    asked = offer >= 0
    accepted = np.where(asked, offers.core.acceptance[offer], 0.0)
    gone = ((leaves >= 0)[:, None] & (months >= leaves[:, None])) * (1 - accepted[:, None])
    share = np.abs(outcome.baseline.level) / np.abs(portfolio.core.monthly_revenue).sum(axis=1, keepdims=True)
    since = months >= np.asarray(courses["month"])[:count, None] + 1
    change = np.where(asked, accepted * offers.core.revenue_change[offer], 0.0)[:, None] * share * since
    brought = np.zeros((count, MONTHS))
    for i in range(count):
        for place in courses["plans"][i]:
            brought[i] += np.asarray(growth._core.expected_revenue)[place]
    out = np.maximum(outcome.baseline.level, 0) * gone
    incoming = np.maximum(change + brought * (1 - gone), 0)
    total = incoming.sum(axis=0) + np.asarray(plan.core.level_change)[count:].clip(0).sum(axis=0)
    assert out.sum() > 0
    assert (out.sum(axis=0) <= total * (1 + 1e-9)).all()
    assert (out <= (total - incoming) * (1 + 1e-9)).all()  # nobody replaces himself


def test_the_budget_is_the_trajectory_to_the_cent(outcome: Outcome) -> None:
    months = outcome.plan.trajectory.columns()
    lines = outcome.plan.budget.to_frame("pandas")
    for k, month in enumerate(months["month"]):
        level, heat = outcome.plan.budget.month_total(month)
        assert (level, heat) == (months["level"][k], months["heat"][k])
        own = lines[lines.month == month]
        assert round(100 * own.level.sum()) == round(100 * level)
        assert round(100 * own.heat.sum()) == round(100 * heat)
    assert round(100 * lines.level.sum()) == round(100 * outcome.plan.budget.total[0])
    sources = sum(round(100 * outcome.plan.budget.source_total(name)[1]) for name in lines.source.unique())
    assert sources == round(100 * outcome.plan.budget.total[1])


def test_ice_cubes_flow_only_when_they_cost_money(outcome: Outcome) -> None:
    rows = outcome.plan.overflow.to_frame("pandas")
    assert len(rows) > 0
    assert (rows.heat < 0).all()
    assert rows.replaced_by.str.len().gt(0).any()


@pytest.mark.parametrize("threads", [2, 7])
def test_the_plan_has_the_same_bits_for_any_number_of_threads(outcome: Outcome, threads: int) -> None:
    plan = outcome.plan
    again = plan.strategy.optimise(
        plan.portfolio,
        offers=plan.offers,
        growth=plan.growth,
        prospects=plan.prospects,
        baseline=plan.baseline,
        threads=threads,
    )
    assert (again.value, again.bound) == (plan.value, plan.bound)
    for name, values in plan.trajectory.columns().items():
        np.testing.assert_array_equal(values, again.trajectory.columns()[name])


def test_an_infeasible_plan_carries_a_relaxation_that_does(outcome: Outcome) -> None:
    plan = outcome.plan
    options = {"offers": plan.offers, "growth": plan.growth, "prospects": plan.prospects}
    floor = 1.02 * plan.trajectory.columns()["baseline_level"][:6]  # more months take seconds to prove
    strategy = cf.Strategy(start="2022-01", months=6, floor=floor, floor_every="month", strict=True)
    with pytest.raises(cf.InfeasibleError, match="there is one if the floor of 2022-01 falls by") as caught:
        strategy.optimise(plan.portfolio, **options)
    relaxed = floor.copy()
    for row in caught.value.relaxation:  # type: ignore[attr-defined]
        assert row["by"] > 0
        assert row["text"]
        relaxed[plan.trajectory.columns()["month"].index(row["month"])] = row["to"]
    strategy = cf.Strategy(start="2022-01", months=6, floor=relaxed, floor_every="month", strict=True)
    found = strategy.optimise(plan.portfolio, **options)
    assert (found.trajectory.columns()["level"] >= relaxed * (1 - 1e-9)).all()


def test_progress_rises_and_an_exception_stops_the_plan(outcome: Outcome) -> None:
    plan = outcome.plan
    told: list[float] = []
    plan.strategy.optimise(plan.portfolio, offers=plan.offers, progress=lambda state: told.append(state.fraction))
    assert told
    assert told == sorted(told)
    assert 0 <= told[0] <= told[-1] <= 1

    class Enough(Exception):
        pass

    def stop(_: float) -> None:
        raise Enough

    with pytest.raises(Enough):
        plan.strategy.optimise(plan.portfolio, offers=plan.offers, progress=stop)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers on this system")
def test_an_interrupt_ends_a_long_call() -> None:
    random = np.random.default_rng(1)
    value, usage = random.normal(size=(60_000, 12)), random.normal(size=(60_000, 12, 12))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            cf.optimise(value, usage, lower=np.zeros(12), upper=np.full(12, 50.0))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers on this system")
@pytest.mark.parametrize("progress", [None, lambda state: True])
def test_an_interrupt_ends_a_plan(outcome: Outcome, progress: Any) -> None:
    plan = outcome.plan

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.003)
        with pytest.raises(KeyboardInterrupt):
            plan.strategy.optimise(
                plan.portfolio, offers=plan.offers, growth=plan.growth, prospects=plan.prospects, progress=progress
            )
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_the_interpreter_runs_on_while_the_plan_is_made(outcome: Outcome) -> None:
    plan, ticks, done = outcome.plan, [0], threading.Event()

    def tick() -> None:
        while not done.wait(0.001):
            ticks[0] += 1

    other = threading.Thread(target=tick)
    other.start()
    try:
        plan.strategy.optimise(plan.portfolio, offers=plan.offers, growth=plan.growth)
    finally:
        done.set()
        other.join()
    assert ticks[0] > 0


@pytest.mark.parametrize(
    ("settings_", "told"),
    [
        ({"start": "soon"}, "start"),
        ({"floor": "sky"}, "floor"),
        ({"floor": [1.0, 2.0]}, "floor"),
        ({"months": 0}, "months"),
        ({"limits": {"patience": 3}}, "patience"),
        ({"limits": {"sales_hours": "many"}}, "many"),
        ({"discount_rate": -2.0}, "discount"),
        ({"notice_months": -1}, "notice"),
    ],
)
def test_bad_settings_are_named(outcome: Outcome, settings_: dict[str, Any], told: str) -> None:
    with pytest.raises(cf.InputError, match=told):
        cf.Strategy(**{"start": "2022-01", **settings_}).optimise(outcome.plan.portfolio)
    with pytest.raises(cf.NotFoundError, match="nobody"):
        cf.Strategy(start="2022-01", refused=["nobody"]).optimise(outcome.plan.portfolio)


def test_every_result_shows_itself(outcome: Outcome) -> None:
    plan = outcome.plan
    for result in (
        plan, plan.actions, plan.trajectory, plan.overflow, plan.resources, plan.shadow_prices, plan.budget,
    ):  # fmt: skip
        assert "<table" in result._repr_html_()
        assert result.plot().to_dict()
        assert len(result.to_frame("polars")) == len(next(iter(result.columns().values())))


def test_totals_are_the_same_on_the_page_and_in_the_workbook(outcome: Outcome, tmp_path: Path) -> None:
    plan = outcome.plan
    plan.report(tmp_path / "plan.html", statement=outcome.statement, title="Plan")
    plan.to_excel(tmp_path / "plan.xlsx", statement=outcome.statement, title="Plan")
    plan.coaster(tmp_path / "coaster.svg")
    plan.to_ics(tmp_path / "agenda.ics")
    page = (tmp_path / "plan.html").read_text(encoding="utf-8")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx", data_only=True)
    total = plan.budget.total[0]
    assert f"{total:,.2f}" in page or f"{total:,.0f}" in page
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, float)]
    assert any(abs(value - total) < 0.005 for value in cells)
    assert not re.search(r"src=|href=.(?!#)|https?://(?!www\.w3\.org)", page)  # nothing is loaded


def test_every_amount_is_rounded_once(outcome: Outcome, tmp_path: Path) -> None:
    pages = outcome.plan.pages(statement=outcome.statement)
    outcome.plan.to_excel(tmp_path / "plan.xlsx", statement=outcome.statement)
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    for table in pages.tables.values():
        sheet = book[table.title.replace(": ", " ")]
        for place, column in enumerate(table.columns, 1):
            if column.kind != "amount":
                continue
            cells = [cell for cell in table.cells[column.name] if cell is not None]
            assert all(cell == round(cell, 2) for cell in cells), (table.title, column.name)
            if not column.parts:  # a total of parts is a live sum in the workbook
                written = [row[place - 1].value for row in sheet.iter_rows(min_row=2, max_row=1 + len(table))]
                assert [cell for cell in written if cell is not None] == cells, (table.title, column.name)
            if column.total:
                exact = math.fsum(value for value in np.asarray(table.data[column.name], dtype=float) if value == value)
                assert table.total(column.name) == pytest.approx(exact, abs=0.0051)
    months = pages.tables["trajectory"].cells
    for name in ("level", "heat"):
        budget = pages.tables[f"budget_{name}"].cells
        assert months[name] == budget["total"]
        usual = zip(budget["baseline"], budget["new business"], strict=True)
        assert months[f"{name}_without"] == pytest.approx([math.fsum(parts) for parts in usual], rel=1e-14)
    assert months["new_business"] == pages.tables["budget_level"].cells["new business"]
    assert pages.without.new_business == pytest.approx(math.fsum(months["new_business"]), rel=1e-14)
    (floor,) = pages.tables["floors"].cells["new_business"]
    assert floor == pytest.approx(pages.without.new_business, abs=0.01)


def test_the_page_and_the_workbook_show_what_would_be_without_action(outcome: Outcome, tmp_path: Path) -> None:
    plan = outcome.plan
    plan.report(tmp_path / "bare.html")  # a plan needs no statement to be shown
    page = (tmp_path / "bare.html").read_text(encoding="utf-8")
    months = plan.trajectory.columns()
    table = plan.pages().tables["trajectory"]
    assert table.cells["level_without"] == months["baseline_level"].tolist()
    assert table.cells["heat_p90"] == [round(value, 2) for value in months["heat_p90"].tolist()]
    for name, value in (("Without action", plan.without.level), ("Level P10", months["p10"][0]), ("whisker", None)):
        assert name in page
        assert value is None or f"{value:,.2f}" in page or f"{value / 1e6:,.1f}" in page
    plan.to_excel(tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx", data_only=True)
    rows = {row[0].value: [cell.value for cell in row[1:4]] for row in book["Summary"].iter_rows(min_row=4)}
    assert rows["The bucket"] == ["Without action", "With the plan", "Before"]
    assert rows["Level"] == pytest.approx([plan.without.level, plan.after.level, plan.before.level])
    assert rows["Ice cubes (below freezing)"][1] == pytest.approx(plan.ice_cubes_after)
    assert rows["Gain over no action, heat"][0] == pytest.approx(plan.gain)
    heads = [cell.value for cell in book["Month by month"][1]]
    assert {"Level P10", "Heat P90", "Temperature without action"} <= set(heads)
    # Without a baseline that knows its variance there is no band, and nothing breaks.
    plain = cf.Strategy(start="2022-01").optimise(plan.portfolio)
    plain.report(tmp_path / "plain.html")
    assert "Level P10" not in (tmp_path / "plain.html").read_text(encoding="utf-8")
    assert plain.plot().to_dict()


def test_a_plan_without_an_agenda_has_no_calendar(outcome: Outcome, tmp_path: Path) -> None:
    plan = cf.Strategy(start="2022-01").optimise(outcome.plan.portfolio)
    with pytest.raises(cf.InputError, match="agenda"):
        plan.to_ics(tmp_path / "a.ics")
    assert not list(tmp_path.iterdir())
    assert plan.gain == pytest.approx(0.0, abs=1e-6)


@settings(max_examples=150)
@given(st.data())
def test_the_optimiser_agrees_with_every_choice(data: st.DataObject) -> None:
    n, k, r = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3)), data.draw(st.integers(1, 2))
    number = st.integers(-9, 9).map(float)
    value = np.array(data.draw(st.lists(number, min_size=n * k, max_size=n * k))).reshape(n, k)
    usage = np.array(data.draw(st.lists(number, min_size=n * k * r, max_size=n * k * r))).reshape(n, k, r)
    lacks = np.array(data.draw(st.lists(st.booleans(), min_size=n * k, max_size=n * k))).reshape(n, k)
    lacks[:, 0] = False
    value[lacks] = np.nan
    upper = np.array(data.draw(st.lists(st.integers(-20, 20).map(float), min_size=r, max_size=r)))
    lower = upper - data.draw(st.integers(0, 30))
    best = -math.inf
    for choice in itertools.product(range(k), repeat=n):
        worth = value[np.arange(n), list(choice)].sum()
        used = usage[np.arange(n), list(choice)].sum(axis=0)
        if not math.isnan(worth) and (used >= lower).all() and (used <= upper).all():
            best = max(best, worth)
    found = cf.optimise(value, usage, lower, upper)
    assert found.feasible == (best > -math.inf)
    if found.feasible:
        assert found.value == pytest.approx(best, abs=1e-9)
        assert found.bound >= best - 1e-9
        assert not lacks[np.arange(n), found.choice].any()
        np.testing.assert_allclose(found.usage, usage[np.arange(n), found.choice].sum(axis=0), atol=1e-9)


def test_optimise_names_what_is_wrong() -> None:
    with pytest.raises(cf.InputError, match="shape"):
        cf.optimise([1.0], [[1.0]])
    with pytest.raises(cf.InputError, match="customer"):
        cf.optimise([[np.nan]], [[[1.0]]], upper=[1.0])
    with pytest.raises(cf.InputError, match=r"lower|bound"):
        cf.optimise([[1.0]], [[[1.0]]], lower=[2.0], upper=[1.0])


def test_displacement_is_coldest_first_and_only_when_replaced() -> None:
    level = np.full((3, 2), 10.0)
    heat = np.array([[-1.0, -1.0], [-3.0, -3.0], [-2.0, -2.0]])
    found = overflow.displace(level, heat, [20.0, 20.0])
    assert found["cube"].tolist() == [1, 2]
    assert found["month"].tolist() == [0, 0]
    late = overflow.displace(level, heat, [0.0, 10.0])
    assert late["cube"].tolist() == [1]
    assert late["month"].tolist() == [1]
    assert overflow.displace(level, -heat, [99.0, 99.0])["cube"].size == 0
    with pytest.raises(cf.InputError):
        overflow.displace(level, heat[:2], [1.0, 1.0])
    for earliest in ([0, 0.5, 0], [0, np.nan, 0], [0, -1, 0], [0, 2.0**40, 0]):
        with pytest.raises(cf.InputError, match=r"ice cube 2: earliest month is .* a whole number from 0 to 2"):
            overflow.displace(level, heat, [20.0, 20.0], earliest=earliest)
    with pytest.raises(cf.InputError, match="ice cube 1: the sum of its levels is inf"):
        overflow.displace(level * 1e307, heat, [20.0, 20.0])


def test_budgets_of_any_source_add_up() -> None:
    from custfolio import _core

    budget = cf.Budget.from_plan(
        _core.Budget(
            month=[0, 0, 1], source=["baseline", "growth", "baseline"], level=[0.005, 0.005, 1 / 3], heat=[0, 0, 0]
        )
    )
    lines = budget.to_frame("pandas")
    assert round(100 * lines.level.sum()) == round(100 * budget.total[0])
    assert budget.month_total("1970-01")[0] == pytest.approx(0.01)
    with pytest.raises(cf.InputError, match="luck"):
        budget.source_total("luck")
    assert isinstance(lines, pd.DataFrame)


def test_capacity_and_monthly_limits_hold(outcome: Outcome) -> None:
    plan = outcome.plan
    baseline = plan.trajectory.columns()["baseline_level"]
    floor = plan.trajectory.columns()["floor"]
    capacity = 1.02 * baseline
    limits = {"sales_hours": [80.0] * MONTHS, "offers": 40, "deliveries": 8_200}
    strategy = cf.Strategy(start="2022-01", capacity=capacity, limits=limits, hours_per_offer=0.1, discount_rate=0.08)
    found = strategy.optimise(
        plan.portfolio, offers=plan.offers, growth=plan.growth, prospects=plan.prospects, baseline=plan.baseline
    )
    months = found.trajectory.columns()
    assert (months["level"] <= capacity * (1 + 1e-9)).all()
    assert (months["level"] >= floor * (1 - 1e-9)).all()
    resources = found.resources.to_frame("pandas")
    assert (resources.used <= resources.limit * (1 + 1e-9)).all()
    assert set(resources.resource) >= {"sales_hours", "offers", "deliveries"}
    assert np.count_nonzero(np.asarray(found.core.courses["offer"]) >= 0) <= 40
    discount = 1.08 ** (-np.arange(MONTHS) / 12)
    # Months have whole cents.
    assert found.value == pytest.approx(float(months["heat"] @ discount), abs=0.01 * MONTHS)
    assert found.value <= found.bound
    assert found.gain < plan.gain


def test_colder_customers_flow_before_warmer_ones_of_the_same_month(outcome: Outcome) -> None:
    rows = outcome.plan.overflow.to_frame("pandas")
    # The order is by the temperature without action over the whole horizon; what leaves includes action plans.
    assert outcome.baseline is not None
    core = outcome.baseline.core
    without = dict(zip(outcome.plan.portfolio.ids, core.heat.sum(axis=1) / core.level.sum(axis=1), strict=True))
    for _, group in rows.assign(temperature=rows.id.map(without)).groupby("month"):
        assert group.temperature.is_monotonic_increasing
    assert rows.month.is_monotonic_increasing


def four_customers() -> cf.Portfolio:
    rows: dict[str, list[Any]] = {name: [] for name in ("customer", "date", "document", "revenue", "cost")}
    for place, (revenue, cost) in enumerate([(200, 204), (200, 196), (200, 204), (100, 102)]):
        for month in range(1, 13):
            factor = 1 + 0.15 * ((month * 7 + place * 5) % 5 - 2)
            for day in (10, 28):
                cells = (
                    f"c{place}",
                    f"2024-{month:02d}-{day}",
                    f"{place}/{month}/{day}",
                    revenue * factor,
                    cost * factor,
                )
                for name, cell in zip(rows, cells, strict=True):
                    rows[name].append(cell)
    costs = cf.CostModel(rates={"deliveries": 5})
    return cf.statement(cf.Ledger(pd.DataFrame(rows)), costs, period=("2024-01-01", "2024-12-31")).portfolio


def test_the_nearest_plan_is_worth_the_heat_of_its_months() -> None:
    portfolio = four_customers()
    terms = [cf.Terms.delivery_fee(25), cf.Terms.minimum_order(500), cf.Terms.price(0.03)]
    offers = cf.remediate(portfolio, cf.select(portfolio, target=0.05), terms=terms, acceptance=cf.Acceptance(base=0.7))
    strategy = cf.Strategy(start="2025-01", relax="nearest", capacity=17220 / 12.2, floor=17220 * 1.01)
    with pytest.warns(cf.errors.RelaxedWarning):
        plan = strategy.optimise(portfolio, offers=offers)
    assert plan.value == pytest.approx(plan.trajectory.columns()["heat"].sum(), abs=0.07)
    assert plan.gain == pytest.approx(plan.after.heat - plan.without.heat, abs=0.07)
    assert plan.value <= plan.bound <= plan.value + 2_000
    assert len(plan.shadow_prices) == 0  # they would be those of the penalties
    tables = plan.pages().tables
    assert "shadow_prices" not in tables and not any(column.total for column in tables["relaxed"].columns)


def test_settings_of_a_strategy_are_plain_values() -> None:
    asked = cf.Strategy(start="2022-01", months=24, floor=np.array([1.0, 2.0]), capacity=pd.Series([5.0] * 24))
    assert asked == cf.Strategy(start="2022-01", months=24, floor=[1.0, 2.0], capacity=[5.0] * 24)
    assert cf.Strategy(start="2022-01", refused=iter(["c0", "c1"])).refused == ("c0", "c1")


def test_a_reference_year_outside_the_data_is_an_error() -> None:
    with pytest.raises(cf.errors.InputError, match="reference is 2030-01"):
        cf.Strategy(start="2025-01", reference="2030-01").optimise(four_customers())
