# What is computed of a given plan: contributions, alternatives, comparison and its file.
"""A plan looked at."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import pickle
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

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
    # New terms make the refusals that let customers flow over: each of the two has about half of what is theirs together. A
    # customer who flows over may have action plans, so that all three share.
    apart = {
        name: math.fsum(budget["heat"][np.asarray(budget["source"]) == name])
        for name in ("remediation", "growth", "overflow")
    }
    assert rise["heat"][1] + rise["heat"][2] + rise["heat"][4] == pytest.approx(sum(apart.values()), abs=1.0)
    assert rise["heat"][4] == pytest.approx(apart["overflow"] / 2, rel=0.05)


def test_each_course_has_its_reason_at_the_shadow_prices(outcome: Outcome) -> None:
    plan = outcome.plan
    why = plan.reasons.columns()
    terms = ("heat", "level", "replacement", "sales_hours", "deliveries", "money", "offers")
    assert why["worth"] == pytest.approx(sum(np.asarray(why[name]) for name in terms), rel=1e-12, abs=1e-9)
    acts = dict(zip(why["id"], why["course"], strict=True))
    # Whoever has an action has it in words, and nearly all courses are best at the prices.
    for identity, what in zip(plan.core.actions["id"], plan.core.actions["what"], strict=True):
        if what.startswith("offer "):
            assert what in acts[identity]
    lead = np.asarray(why["lead"])
    assert np.mean(lead >= -0.01) > 0.9
    assert np.sum(lead) > 0


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
    # The first part stays, and each other one is less than a unit away.
    assert _whole([100.4, 10.4, 10.3, 10.2, -3.0]) == ["100", "10", "11", "10", "-3"]


def test_a_plan_comes_back_from_its_file_to_the_bit(outcome: Outcome, tmp_path: Path) -> None:
    plan = outcome.plan
    path = tmp_path / "plan.json"
    plan.save(path)
    again = cf.Plan.load(path)
    assert pickle.dumps(again.core.__getstate__()) == pickle.dumps(plan.core.__getstate__())
    assert again.summary == plan.summary
    assert again.buckets == plan.buckets
    assert again.strategy == plan.strategy
    for name in ("actions", "trajectory", "replacements", "contributions", "alternatives"):
        first, second = getattr(plan, name).columns(), getattr(again, name).columns()
        assert [list(map(repr, first[column])) for column in first] == [
            list(map(repr, second[column])) for column in second
        ]
    assert again.agenda is not None
    assert plan.agenda is not None
    assert again.agenda.columns()["day"].tolist() == plan.agenda.columns()["day"].tolist()
    # The same file again, byte by byte, and the same page.
    again.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()
    plan.report(tmp_path / "plan.html")
    again.report(tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == (tmp_path / "plan.html").read_bytes()
    assert len(plan.compare(again)) == 0


@pytest.fixture(scope="module")
def small(outcome: Outcome) -> cf.Plan:
    """Return a plan of few parts."""
    return cf.Strategy(start="2022-01", months=3).optimise(outcome.plan.portfolio, offers=outcome.plan.offers)


def _changed(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a plan's file, with a checksum that fits."""
    found = json.loads(path.read_text(encoding="utf-8"))
    change(found)
    content = json.dumps(found.pop("content"), ensure_ascii=False, separators=(",", ":"))
    found["checksum"] = hashlib.sha256(content.encode()).hexdigest()
    path.write_text(f'{json.dumps(found)[:-1]},\n"content": {content}}}\n', encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda found: found.update(version=2), "has version 2 of a plan; this custfolio reads version 1"),
        (lambda found: found.update(state_format=3), "has results of format 3"),
        (lambda found: found.update(format="custfolio budget"), "is no file that Plan.save has written"),
        (lambda found: found.update(content=[1]), "has no plan"),
        (lambda found: found.update(content={"object": "os:system", "state": None}), "or it is damaged"),
        (
            lambda found: found.update(content={"object": "custfolio._tables.result:os", "state": None}),
            "or it is damaged",
        ),
        (lambda found: found.update(content={"object": "custfolio.ledger:Path", "state": None}), "or it is damaged"),
        (lambda found: found["content"].update(state={"dict": []}), "the stored Plan has format None"),
        (lambda found: found.update(content={"array": "AAAA", "type": "O", "shape": [1]}), "or it is damaged"),
    ],
)
def test_another_file_is_refused(
    small: cf.Plan, tmp_path: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    path = tmp_path / "plan.json"
    small.save(path)
    _changed(path, change)
    with pytest.raises(cf.InputError, match=re.escape(message)):
        cf.Plan.load(path)


def test_a_damaged_file_is_refused(small: cf.Plan, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    small.save(path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: len(text) // 2], encoding="utf-8")
    with pytest.raises(cf.InputError, match="or it is damaged"):
        cf.Plan.load(path)
    path.write_text(text.replace('"tuple"', '"tuple" ', 1), encoding="utf-8")
    with pytest.raises(cf.InputError, match="does not fit its checksum"):
        cf.Plan.load(path)
    with pytest.raises(cf.InputError, match=r"must end in \.json"):
        small.save(tmp_path / "plan.xlsx")


def test_courses_outside_of_the_inputs_are_refused(small: cf.Plan, tmp_path: Path) -> None:
    made = next(k for k, offer in enumerate(small.core.courses["offer"]) if offer >= 0)

    def another_offer(found: dict[str, Any]) -> None:
        """Give the course of a customer an offer that is not there."""
        core = next(one for name, one in found["content"]["state"]["dict"] if name == "core")
        members = core["state"]["tuple"][1]["tuple"]
        offers = members[2]["tuple"][0]
        numbers = np.frombuffer(base64.b64decode(offers["array"]), dtype=offers["type"]).copy()
        numbers[made] = 10**9
        offers["array"] = base64.b64encode(numbers.tobytes()).decode()

    path = tmp_path / "plan.json"
    small.save(path)
    _changed(path, another_offer)
    with pytest.raises(
        cf.InputError, match=f"course of customer {small.portfolio.ids[made]} is not one of these inputs"
    ):
        cf.Plan.load(path)


def test_fewer_hours_change_courses_by_prices_and_limits(outcome: Outcome) -> None:
    plan = outcome.plan
    parts = {name: getattr(plan, name) for name in ("offers", "growth", "prospects", "selection", "baseline")}
    fewer = replace(plan.strategy, limits={"sales_hours": 600}).optimise(plan.portfolio, **parts)
    found = plan.compare(fewer)
    assert found.settings == {"limits": (plan.strategy.limits, {"sales_hours": 600})}
    assert found.gain_change == fewer.gain - plan.gain < 0
    assert found.causes["inputs"] == 0
    assert found.causes["prices"] > 0
    assert sum(found.causes.values()) == len(found) > 0
    assert found.sentence().startswith(f"{len(found):,} customers and prospects change course: ")
    row = list(found.prices.columns()["row"]).index("sales_hours")
    assert found.prices.columns()["after"][row] > found.prices.columns()["before"][row]
    rows = found.columns()
    leads = np.asarray(rows["lead_before"]) + np.asarray(rows["lead_after"])
    np.testing.assert_allclose(leads, np.asarray(rows["by_inputs"]) + np.asarray(rows["by_prices"]), atol=1e-6)
    np.testing.assert_allclose(rows["by_inputs"], 0, atol=1e-6)
    # Who changes course is exactly who has another course.
    names = ("offer", "month", "overflow", "plans")
    courses = [list(zip(*(made.core.courses[name] for name in names), strict=True)) for made in (plan, fewer)]
    ids = [*plan.portfolio.ids, *plan.prospects.core.id] if plan.prospects is not None else []
    assert list(rows["id"]) == [who for who, old, new in zip(ids, *courses, strict=True) if old != new]
    assert "settings" in found._facts()
    assert found.plot().to_dict()["mark"]["type"] == "bar"
