# Linked customers, ways out and a previous plan: figures by hand, all tables, the command line, and bad input.
"""What the slow model of ``plan_model.py`` does not show."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import custfolio as cf


def small(**settings: Any) -> tuple[cf.Portfolio, cf.Offers, cf.Strategy]:
    """Return four customers that buy 100 a month, offers of new prices to the coldest three, and a strategy without a floor."""
    rows = [(who, f"2021-{month:02}-10") for who in "abcd" for month in range(1, 13)]
    cost = {"a": 110.0, "b": 104.0, "c": 102.0, "d": 60.0}
    frame = pa.table(
        {
            "customer": [who for who, _ in rows],
            "date": [day for _, day in rows],
            "revenue": [100.0] * len(rows),
            "cost": [cost[who] for who, _ in rows],
        }
    )
    portfolio = cf.statement(cf.Ledger(frame), cf.CostModel(), period=("2021-01-01", "2021-12-31")).portfolio
    terms = [cf.Terms.price(0.2, step=0.01)]
    offers = cf.remediate(portfolio, [0, 1, 2], terms, costs=cf.CostModel(), target=0.05, acceptance=cf.Acceptance(0.5))
    return portfolio, offers, cf.Strategy(start="2022-01", floor=None, **settings)


def courses(plan: cf.Plan) -> list[tuple[int, int]]:
    """Return month and overflow of each customer."""
    found = plan.core.courses
    return list(zip(found["month"].tolist(), found["overflow"].tolist(), strict=True))


def test_linked_customers_get_one_offer_that_takes_hours_once() -> None:
    portfolio, offers, strategy = small(hours_per_offer=3.0, limits={"offers": 1})
    alone = strategy.optimise(portfolio, offers=offers)
    assert sum(month >= 0 for month, _ in courses(alone)) == 1
    plan = replace(strategy, linked={"a": "h", "b": "h", "d": "h"}).optimise(portfolio, offers=offers)
    # a and b are asked, in one offer; d has none. c may not be asked any more.
    assert courses(plan) == [(0, -1), (0, -1), (-1, -1), (0, -1)]
    actions = plan.actions.columns()
    assert list(actions["id"]) == ["a", "b"]
    assert list(actions["hours"]) == [3.0, 0.0]
    used = dict(zip(plan.resources.columns()["resource"], plan.resources.columns()["used"], strict=True))
    assert (used["offers"], used["sales_hours"]) == (1, 3)
    # One answer: the mean of both chances, since a and b have the same revenue.
    chance = float(np.mean(offers.columns()["acceptance"][:2]))
    np.testing.assert_allclose(plan.offer_chances[:2], chance)
    assert plan.offer_chances[2] == offers.columns()["acceptance"][2]
    gain = 11 / 12 * chance * float(sum(offers.columns()["heat_change"][:2]))
    assert plan.gain == pytest.approx(gain)
    assert f"accepted by its holding with {chance:.0%}" in actions["why"][0]
    # All months have one outcome of two customers, not two of one each.
    reasons = plan.reasons.columns()
    assert list(reasons["id"]) == ["a", "c"]
    assert plan.compare(plan).sentence() == "No customer or prospect changes course."


def test_a_frame_links_customers_and_leaves_out_those_without_a_holding() -> None:
    frame = pa.table({"customer": ["a", "b", "c"], "holding": ["h", "h", None]})
    assert cf.Strategy("2022-01", linked=frame).linked == (("a", "h"), ("b", "h"))


def test_an_exit_names_its_way_everywhere(tmp_path: Path) -> None:
    exits = {"customer": ["a"], "way": ["hand over to a reseller"], "month": ["2022-03"]}
    exits |= {"level_stays": [0.4], "heat_stays": [0.25]}
    portfolio, _, strategy = small(refused=["a"], replaced_by_room=True, exits=exits)
    plan = strategy.optimise(portfolio)
    assert courses(plan)[0] == (-1, 2)
    # It costs 10 a month; three quarters of that leave with it, from March on.
    assert plan.gain == pytest.approx(10 * 0.75 * 10)
    gone = plan.overflow.columns()
    assert (list(gone["way"]), list(gone["level"])) == (["hand over to a reseller"], [0.6 * 1000])
    assert plan.actions.columns()["what"] == ["hand over to a reseller"]
    why = gone["why"][0]
    assert why.endswith("Way out: hand over to a reseller; 40% of the level and 25% of the heat stay.")
    assert plan.reasons.columns()["course"] == ["hand over to a reseller from 2022-03"]
    plan.report(tmp_path / "plan.html")
    assert "Way out" in (tmp_path / "plan.html").read_text()
    later = replace(strategy, exits=None).optimise(portfolio)
    assert plan.compare(later).columns()["before"] == ["hand over to a reseller from 2022-03"]
    assert "way" not in later.overflow.columns()


def test_what_stays_of_an_exit_is_simulated() -> None:
    exits = {"customer": ["a"], "way": ["no active end"], "level_stays": [0.5]}
    portfolio, offers, strategy = small(replaced_by_room=True, exits=exits, linked={"a": "h", "b": "h"})
    plan = strategy.optimise(portfolio, offers=offers)
    assert courses(plan)[0][1] == courses(plan)[1][1] >= 0
    simulated = plan.simulate(paths=20_000, seed=3)
    expected = plan.trajectory.columns()["level"]
    found = simulated.columns()
    assert (np.abs(found["level"] - expected) <= 5 * found["level_deviation"] / np.sqrt(20_000) + 0.01).all()
    # a and b give one answer, c its own: four outcomes, not eight.
    assert len(np.unique(np.round(np.asarray(simulated.level)[:, -1], 6))) == 4


def test_a_plan_stays_near_to_the_previous_one() -> None:
    portfolio, offers, strategy = small(limits={"offers": 1})
    first = strategy.optimise(portfolio, offers=offers)
    assert first.switches is None
    wide = replace(strategy, limits={"offers": 3})
    free = wide.optimise(portfolio, offers=offers, previous=first)
    assert free.switches == 2
    one = replace(wide, limits={"offers": 3, "switches": 1}).optimise(portfolio, offers=offers, previous=first)
    assert one.switches == 1
    assert first.gain < one.gain < free.gain
    prices = one.shadow_prices.columns()
    assert prices["price"][list(prices["row"]).index("switches")] > 0
    second = sorted(free.reasons.columns()["heat"])[0]
    assert replace(wide, switch_price=second + 1).optimise(portfolio, offers=offers, previous=first).switches == 1
    dear = replace(wide, switch_price=1e6).optimise(portfolio, offers=offers, previous=first)
    assert (dear.switches, dear.gain) == (0, pytest.approx(first.gain))
    assert dear.bound >= dear.value
    # Without a previous plan, a price and a limit of switches change nothing.
    assert replace(one.strategy, switch_price=9.0).optimise(portfolio, offers=offers).gain == pytest.approx(free.gain)
    # Nothing changes in frozen months: new offers begin after them.
    later = replace(wide, frozen_months=2).optimise(portfolio, offers=offers, previous=first)
    asked = [month for month, _ in courses(later) if month >= 0]
    assert sorted(asked) == [0, 2, 2]


def test_what_a_previous_plan_had_before_the_start_is_done() -> None:
    portfolio, offers, strategy = small(limits={"offers": [0] + [1] * 11})
    first = strategy.optimise(portfolio, offers=offers)
    assert sorted(month for month, _ in courses(first) if month >= 0) == [1, 2, 3]
    next_month = replace(strategy, start="2022-02", limits={"offers": [1] * 12}, switch_price=1e6)
    again = next_month.optimise(portfolio, offers=offers, previous=first)
    assert again.switches == 0
    assert [month for month, _ in courses(again)] == [max(month - 1, -1) for month, _ in courses(first)]
    # In May all offers are made: to make one again would be a switch.
    may = replace(next_month, start="2022-05").optimise(portfolio, offers=offers, previous=first)
    assert courses(may) == [(-1, -1)] * 4


def test_a_plan_with_a_previous_one_is_saved(tmp_path: Path) -> None:
    portfolio, offers, strategy = small(linked={"a": "h", "b": "h"}, exits={"customer": ["c"], "way": ["end"]})
    first = strategy.optimise(portfolio, offers=offers)
    plan = replace(strategy, switch_price=5.0).optimise(portfolio, offers=offers, previous=first)
    plan.save(tmp_path / "plan.json")
    read = cf.Plan.load(tmp_path / "plan.json")
    assert (read.switches, read.value) == (0, plan.value)
    np.testing.assert_array_equal(read.reasons.columns()["switches"], plan.reasons.columns()["switches"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"linked": {"a": "h", "x": "h"}}, "no customer 'x'"),
        ({"linked": {"a": ""}}, "customer a has an empty holding"),
        ({"linked": 3}, "linked is of type int; it must be a mapping of customer to holding, or a frame"),
        ({"exits": {"customer": ["x"], "way": ["end"]}}, "no customer 'x'"),
        ({"exits": {"customer": ["a"]}}, "column 'way' is not in the frame of exits"),
        ({"exits": {"customer": ["a"], "way": [""]}}, "exit of customer a has no way"),
        ({"exits": {"customer": ["a", "a"], "way": ["end", "end"]}}, "customer 'a' is listed twice in exits"),
        (
            {"exits": {"customer": ["a"], "way": ["end"], "level_stays": [1.5]}},
            "level_stays' of exits, row 1: found 1.5",
        ),
        ({"exits": {"customer": ["a"], "way": ["end"], "heat_stays": ["much"]}}, "heat_stays' of exits, row 1"),
        ({"exits": {"customer": ["a"], "way": ["end"], "month": ["2022-13"]}}, "month of exits, row 1"),
        ({"exits": {"customer": ["a"], "way": ["end"], "levels_stay": [0.5]}}, "did you mean 'level_stays'"),
        ({"switch_price": -1.0}, "switch_price is -1; it must lie in"),
        ({"frozen_months": 13}, "frozen_months is 13; it must lie in"),
        ({"limits": {"switches": [1] * 12}}, "limit switches has 12 amounts; one is needed"),
        ({"limits": {"switch": 1}}, "known are sales_hours, deliveries, money, offers and switches"),
    ],
)
def test_bad_settings_are_named(settings: dict[str, Any], message: str) -> None:
    portfolio, offers, strategy = small()
    with pytest.raises((cf.InputError, cf.NotFoundError)) as error:
        replace(strategy, **settings).optimise(portfolio, offers=offers)
    assert message in str(error.value)


def test_a_previous_plan_of_other_months_or_customers_is_refused() -> None:
    portfolio, offers, strategy = small()
    first = strategy.optimise(portfolio, offers=offers)
    with pytest.raises(
        cf.InputError, match=r"previous is a plan of 2022-01 to 2022-12; it must have the start, 2023-01"
    ):
        replace(strategy, start="2023-01").optimise(portfolio, offers=offers, previous=first)
    with pytest.raises(cf.InputError, match=r"the start, 2021-12|the reference period ends"):
        replace(strategy, start="2021-12").optimise(portfolio, offers=offers, previous=first)
    frame = pa.table({"customer": ["z"], "date": ["2021-01-04"], "revenue": [9.0], "cost": [3.0]})
    other = cf.statement(cf.Ledger(frame), cf.CostModel(), period=("2021-01-01", "2021-12-31")).portfolio
    with pytest.raises(cf.InputError, match="none of the customers of the previous plan is in the portfolio"):
        strategy.optimise(other, previous=first)


def test_frozen_months_that_limits_do_not_keep_are_named() -> None:
    portfolio, offers, strategy = small(limits={"offers": 3})
    first = strategy.optimise(portfolio, offers=offers)
    fewer = replace(strategy, limits={"offers": 1}, frozen_months=1)
    with pytest.raises(cf.InfeasibleError, match=r"frozen month 2022-01|limit on offers"):
        fewer.optimise(portfolio, offers=offers, previous=first)


def test_the_command_line_reads_the_rules_and_saves_the_plan(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "custfolio"]
    subprocess.run([*command, "init", str(tmp_path)], check=True, capture_output=True)
    settings = tmp_path / "custfolio.toml"
    text = settings.read_text()
    customers = ["1001", "1002", "1003"]
    (tmp_path / "holdings.csv").write_text("customer_id,holding\n1001,north\n1002,north\n")
    (tmp_path / "exits.csv").write_text("customer_id,way,month,level_stays,heat_stays\n1003,hand over,2022-02,0.5,0\n")
    rules = 'linked = "holdings.csv"\nexits = "exits.csv"\nswitch_price = 10\n'
    text = text.replace("[strategy]\n", "[strategy]\n" + rules).replace("[output]\n", '[output]\nplan = "plan.json"\n')
    settings.write_text(text)
    subprocess.run([*command, "run", str(settings)], check=True, capture_output=True)
    plan = cf.Plan.load(tmp_path / "plan" / "plan.json")
    assert set(customers) <= set(plan.portfolio.ids)
    assert plan.strategy.linked == (("1001", "north"), ("1002", "north"))
    assert plan.strategy.exit_rows == (("1003", "hand over", "2022-02", 0.5, 0.0),)
    (tmp_path / "plan" / "plan.json").rename(tmp_path / "before.json")
    settings.write_text(settings.read_text().replace("[strategy]\n", '[strategy]\nprevious = "before.json"\n'))
    done = subprocess.run([*command, "run", str(settings), "--json"], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout)["switches"] == 0
