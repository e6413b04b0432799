# What is computed of a given plan: contributions and alternatives, and what the faces show of them.
"""A plan looked at."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import openpyxl
import pytest

import custfolio as cf
from custfolio._flow import Outcome
from custfolio.cli.plan import _summary, _whole


def test_contributions_add_up_to_the_plan(outcome: Outcome) -> None:
    plan = outcome.plan
    rise = plan.contributions.columns()
    assert list(rise["source"]) == ["baseline", "remediation", "growth", "acquisition", "overflow"]
    assert rise["level"][0] == plan.without.level
    assert rise["heat"][0] == plan.without.heat
    assert round(math.fsum(rise["level"]), 2) == round(plan.after.level, 2)
    assert round(math.fsum(rise["heat"]), 2) == round(plan.after.heat, 2)
    assert math.fsum(rise["temperature"]) == pytest.approx(plan.after.temperature, rel=1e-9)
    assert f"{rise['percent'][0]:.2f}%" == f"{plan.without.temperature:.2%}"
    assert f"{math.fsum(rise['percent']):.2f}%" == f"{plan.after.temperature:.2%}"
    # Newcomers share nothing with others, so their part is that of the budget's lines.
    budget = plan.budget.columns()
    newcomers = [source == "acquisition" for source in budget["source"]]
    assert rise["level"][3] == pytest.approx(math.fsum(np.asarray(budget["level"])[newcomers]), abs=0.1)
    # New terms make the refusals that let customers flow over: each of the two has half of what is theirs together.
    apart = {
        name: math.fsum(budget["heat"][np.asarray(budget["source"]) == name]) for name in ("remediation", "overflow")
    }
    assert rise["heat"][1] + rise["heat"][4] == pytest.approx(sum(apart.values()), abs=1.0)
    assert rise["heat"][4] == pytest.approx(apart["overflow"] / 2, rel=0.01)


def test_alternatives_are_plans_of_their_own(outcome: Outcome) -> None:
    plan = outcome.plan
    rows = plan.alternatives.columns()
    assert list(rows["plan"]) == ["no action", "steps one to four", "all steps"]
    four = plan.strategy.optimise(
        plan.portfolio, offers=plan.offers, growth=plan.growth, selection=plan.selection, baseline=plan.baseline
    )
    assert list(rows["gain"]) == [0.0, four.gain, plan.gain]
    assert list(rows["heat"]) == [plan.without.heat, four.after.heat, plan.after.heat]
    assert list(rows["floor_chance"])[1:] == [four.floor_chance, plan.floor_chance]
    assert 0 < four.gain < plan.gain


def test_without_prospects_both_plans_are_the_same(outcome: Outcome) -> None:
    plan = cf.Strategy(start="2022-01").optimise(outcome.plan.portfolio, offers=outcome.plan.offers)
    rows = plan.alternatives.columns()
    assert rows["heat"][1] == rows["heat"][2] == plan.after.heat
    assert plan.contributions.columns()["heat"][2:4].tolist() == [0.0, 0.0]


def test_steps_one_to_four_that_break_a_limit_are_left_out(outcome: Outcome) -> None:
    portfolio = outcome.plan.portfolio
    level = float(np.sum(portfolio.core.revenue))
    found = cf.Strategy(start="2022-01", floor=level * 1.0001, strict=True).optimise(
        portfolio, prospects=outcome.prospects
    )
    assert list(found.alternatives.columns()["plan"]) == ["no action", "all steps"]


def test_page_workbook_and_json_show_the_rise(outcome: Outcome, tmp_path: Path) -> None:
    plan = outcome.plan
    plan.report(tmp_path / "plan.html")
    plan.to_excel(tmp_path / "plan.xlsx")
    page = (tmp_path / "plan.html").read_text(encoding="utf-8")
    section = re.sub(r"<[^>]+>", "", page[page.index('id="rise"') :])
    rise = plan.contributions.columns()
    for level in (*rise["level"], math.fsum(rise["level"])):
        assert f"{level:,.2f}" in section
    sheet = openpyxl.load_workbook(tmp_path / "plan.xlsx")["Where the rise comes from"]
    cells = [row[:4] for row in sheet.iter_rows(min_row=2, max_row=6, values_only=True)]
    assert [row[0] for row in cells] == [
        "without action", "new terms", "action plans", "newcomers", "customers who flow over",
    ]  # fmt: skip
    np.testing.assert_allclose([row[3] for row in cells], rise["percent"])
    found = json.loads(json.dumps(_summary(outcome, [])))
    assert [row["percent"] for row in found["contributions"]] == rise["percent"].tolist()
    assert [row["plan"] for row in found["alternatives"]] == ["no action", "steps one to four", "all steps"]
    assert found["alternatives"][0]["floor_chance"] is None


def test_whole_parts_on_the_screen_add_up() -> None:
    assert _whole([100.4, 10.4, 10.4, 10.4, -3.0]) == ["100", "12", "10", "10", "-3"]
