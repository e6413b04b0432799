# What people see of a plan: sentences, one order of actions, one offer per customer, one currency, and errors that name the argument.
"""The plan's tables and sentences against its courses, and its settings at the door."""

from __future__ import annotations

import copy
import itertools
import math
import re
import types
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pytest

import custfolio as cf
from custfolio import _core
from custfolio._flow import Outcome, after_reviews, refilled
from custfolio.anchoring import AgendaChanges
from custfolio.errors import Cancelled, RelaxedWarning
from custfolio.lifetime import Baseline
from custfolio.report import html
from custfolio.strategy import _summary


def portfolio_of(revenue: list[float], contribution: list[float]) -> cf.Portfolio:
    """Return customers c0, c1, ... with equal months."""
    return cf.Portfolio.from_frame(
        pa.table(
            {
                "customer_id": [f"c{k}" for k in range(len(revenue))],
                "revenue": revenue,
                "contribution": contribution,
            }
        )
    )


def test_actions_of_a_customer_are_in_one_order(outcome: Outcome) -> None:
    actions = outcome.plan.actions.to_frame("pandas")
    assert actions.month.is_monotonic_increasing
    order = ["anchoring", "remediation", "growth", "acquisition", "overflow"]
    assert set(actions.step) == set(order)
    for (_, _), group in actions.groupby(["month", "id"]):
        rows = group.index
        assert rows.max() - rows.min() == len(rows) - 1  # side by side
        assert group.step.map(order.index).is_monotonic_increasing
    offers = actions[actions.step == "remediation"].set_index("id")
    assert (offers.answer > offers.month).all()
    assert (actions[actions.step != "remediation"].answer == "").all()
    leave = actions[(actions.step == "overflow") & actions.id.isin(offers.index)]
    assert len(leave) > 10
    assert (leave.set_index("id").month >= offers.answer[leave.id]).all()


def test_actions_have_manager_and_due_day(outcome: Outcome) -> None:
    actions = outcome.plan.actions.to_frame("pandas")
    assert outcome.plan.agenda is not None
    agenda = outcome.plan.agenda.columns()
    reviews = actions[actions.step == "anchoring"]
    shown = sorted(zip(reviews.id, reviews.due.astype(str), reviews.manager, strict=True))
    days = [str(day) for day in agenda["day"]]
    assert shown == sorted(zip(agenda["customer_id"], days, agenda["manager"], strict=True))
    others = actions[actions.step != "anchoring"]
    ends = np.asarray(others.month, dtype="datetime64[M]") + 1
    assert (np.asarray(others.due, dtype="datetime64[D]") == ends.astype("datetime64[D]") - 1).all()
    # Whoever has reviews has one manager for all actions; pursuits of the demo have none.
    manager = dict(zip(agenda["customer_id"], agenda["manager"], strict=True))
    customers = others[others.step != "acquisition"]
    known = customers[customers.id.isin(list(manager))]
    assert len(known) > 20 and (known.manager == known.id.map(manager)).all()
    assert (others[others.step == "acquisition"].manager == "").all()
    table = outcome.plan.pages().tables["actions"].cells
    assert {"manager", "due"} <= set(table) and None not in table["due"]


def test_meetings_that_actions_need_have_the_review_of_their_month(outcome: Outcome) -> None:
    plan = outcome.plan
    assert plan.agenda is not None
    asked = plan.agenda_requests.to_frame("pandas")
    actions = plan.actions.to_frame("pandas")
    assert len(asked) == actions.step.isin(["remediation", "growth", "acquisition"]).sum()
    agenda = plan.agenda.to_frame("pandas")
    days = agenda.assign(month=agenda.day.dt.strftime("%Y-%m")).groupby(["customer_id", "month"]).day.min()
    expected = [
        days.get((who, month)) if step != "acquisition" else None
        for who, month, step in zip(asked.id, asked.month, asked.step, strict=True)
    ]
    assert [None if day != day else day for day in asked.day] == expected
    there = sum(day is not None for day in expected)
    assert 0 < there < len(expected)
    table = plan.pages().tables["agenda_requests"]
    missing = asked[asked.day.isna() & (asked.step != "acquisition")]
    assert len(table) == len(missing) > 0
    assert list(table.cells["customer"]) == list(missing.id)
    assert "Meetings to make" in html.render(plan.pages())


def test_without_an_agenda_no_meeting_is_there(outcome: Outcome) -> None:
    plan = cf.Strategy(start="2022-01", months=3, floor="none").optimise(outcome.plan.portfolio, offers=outcome.offers)
    asked = plan.agenda_requests.columns()
    assert len(asked["day"]) > 0 and np.isnat(asked["day"]).all()
    assert "agenda_requests" not in plan.pages().tables


def test_a_pursuit_has_its_manager_and_without_an_agenda_nobody_else_has() -> None:
    places = pa.table({"customer_id": ["c0"], "latitude": [51.0], "longitude": [4.0]})
    portfolio = portfolio_of([1200.0], [120.0]).located(places)
    wanted = pa.table({"id": ["p"], "latitude": [51.01], "longitude": [4.01], "manager": ["Ann"]})
    plan = cf.Strategy(start="2022-01", months=3, floor="none").optimise(
        portfolio, prospects=cf.acquire(wanted, portfolio)
    )
    actions = plan.actions.columns()
    assert list(actions["step"]) == ["acquisition"]
    assert list(actions["manager"]) == ["Ann"]
    assert str(actions["due"][0])[:7] == actions["month"][0]
    bare = cf.Strategy(start="2022-01", months=3, floor="none", refused="c0").optimise(
        portfolio_of([1200.0, 1200.0], [-120.0, 120.0])
    )
    assert "manager" not in bare.pages().tables["actions"].cells


def test_nobody_has_a_review_after_it_flowed_over(outcome: Outcome) -> None:
    plan = outcome.plan
    assert plan.agenda is not None
    assert outcome.agenda is not None
    leaves = dict(zip(plan.core.overflow["id"], plan.core.overflow["month"], strict=True))
    kept, planned = plan.agenda.columns(), outcome.agenda.columns()
    after = [
        str(day)[:7] >= leaves.get(customer, "9999")
        for customer, day in zip(planned["customer_id"], planned["day"], strict=True)
    ]
    assert any(after)
    assert len(kept["day"]) == len(planned["day"]) - sum(after)
    assert list(kept["day"]) == [day for day, late in zip(planned["day"], after, strict=True) if not late]
    reasons = plan.agenda.unplaced.columns()["reason"]
    assert sum(reason.startswith("the plan counts on it until") for reason in reasons) == sum(after)
    assert plan.agenda.ended({}) is plan.agenda


def test_the_page_counts_reviews_after_the_plan(outcome: Outcome) -> None:
    plan = outcome.plan
    assert plan.agenda is not None
    assert outcome.agenda is not None
    tables = plan.pages().tables
    managers, made = tables["agenda_managers"].values, list(plan.agenda.columns()["manager"])
    assert list(managers["placed"]) == [made.count(name) for name in managers["manager"]]
    dropped = len(outcome.agenda) - len(plan.agenda)
    assert sum(managers["dropped"]) == len(tables["agenda_dropped"]) == dropped > 0
    assert all(reason.startswith("the plan counts on it until") for reason in tables["agenda_dropped"].values["reason"])
    assert len(outcome.agenda.unplaced) == sum(managers["unplaced"]) == 0
    assert "agenda_unplaced" not in tables
    assert outcome.agenda.capacity is not None
    hours, shown = outcome.agenda.capacity.columns(), tables["agenda_hours"].values
    for name in ("hours_needed", "hours_available"):
        assert list(shown[name]) == list(hours[name])
    assert "agenda_changes" not in tables
    assert tables["agenda_managers"].note == (
        f"The plan drops {dropped:,} reviews; the days needed and their value are those before."
    )


def test_times_that_overflow_leaves_free_are_booked_again(outcome: Outcome) -> None:
    portfolio, strategy = outcome.plan.portfolio, outcome.plan.strategy
    gone = outcome.plan.core.overflow
    value = {"customer_id": portfolio.ids, "value": [2.0 if each in gone["id"] else 1.0 for each in portfolio.ids]}
    settings: dict[str, Any] = {
        "value": value,
        "managers": {"manager": ["An"], "reviews_per_day": [1]},
        "start": strategy.start,
        "months": strategy.months,
    }
    first = cf.anchor(portfolio, outcome.selection, **settings)
    plan = copy.copy(outcome.plan)
    plan.agenda = first.ended(dict(zip(gone["id"], gone["month"], strict=True)))
    plan.reviews_dropped = len(first) - len(plan.agenda)
    assert len(first.unplaced) > plan.reviews_dropped > 0

    def again(left: cf.Agenda, until: Any) -> cf.Agenda:
        return cf.anchor(portfolio, outcome.selection, **settings, fixed=left, until=until)

    found = refilled(plan, again)
    assert found.agenda is not None
    assert found.reviews_filled == len(found.agenda) - len(plan.agenda) > plan.reviews_dropped / 2
    rows, kept = (
        {
            (who, int(number)): (manager, day, start, fixed)
            for who, number, manager, day, start, fixed in zip(
                *(each.columns()[name] for name in ("customer_id", "number", "manager", "day", "start", "fixed")),
                strict=True,
            )
        }
        for each in (found.agenda, plan.agenda)
    )
    assert kept.items() <= rows.items()
    leaves = dict(zip(gone["id"], gone["month"], strict=True))
    assert all(str(day)[:7] < leaves.get(who, "9999") for (who, _), (_, day, _, _) in rows.items())
    load = [(manager, day) for manager, day, _, _ in rows.values()]
    assert len(load) == len(set(load))  # one review a day
    reasons = found.agenda.unplaced.columns()["reason"]
    ends = [reason.startswith("the plan counts on it until") for reason in reasons]
    assert sum(ends) == sum(ends[-plan.reviews_dropped :]) == plan.reviews_dropped
    tables = found.pages().tables
    assert len(tables["agenda"]) == len(rows) and len(tables["agenda_dropped"]) == plan.reviews_dropped
    assert f"{found.reviews_filled:,} others take free places" in tables["agenda_managers"].note
    assert sum(step == "anchoring" for step in found.actions.columns()["step"]) == len(rows)
    assert refilled(outcome.plan, again) is outcome.plan  # every other review has a place there


def test_steps_on_an_appointment_begin_after_it(outcome: Outcome) -> None:
    assert outcome.agenda is not None
    assert outcome.growth is not None
    first: dict[str, str] = {}
    columns = outcome.agenda.columns()
    for customer, day in zip(columns["customer_id"], columns["day"], strict=True):
        first[customer] = min(str(day)[:7], first.get(customer, "9999"))
    begins = {
        outcome.growth.plans[item].customer: month
        for item, month, step in zip(
            *(outcome.plan.core.actions[name] for name in ("item", "month", "step")), strict=True
        )
        if step == "growth"
    }
    seen = [(first[customer], month) for customer, month in begins.items() if customer in first]
    assert len(seen) > 50
    assert all(review < month for review, month in seen)


def test_only_steps_on_an_appointment_wait_for_it() -> None:
    portfolio = portfolio_of([1200.0, 1200.0], [120.0, 120.0])
    agenda = cf.anchor(portfolio, cf.select(portfolio, target=0.05), start="2022-03", cadence=cf.Cadence(A="4 months"))
    first = min(str(day)[:7] for day in agenda.columns()["day"])
    assert set(agenda.columns()["customer_id"]) == {"c0", "c1"}
    held, start = "The appointment is held", 12 * 52 + 2  # March 2022
    steps = [
        cf.ActionStep("a", condition=held),
        cf.ActionStep("b", condition="the buyer agrees"),
        cf.ActionStep("c", condition=held, earliest="2023-01"),
        cf.ActionStep("d", condition=held, latest=2),
    ]
    plans = [cf.ActionPlan(who, "p", steps) for who in ("c0", "stranger")]
    moved, other = after_reviews(plans, agenda, start, 24)
    assert [plan.customer for plan in after_reviews(plans, agenda, start, 1)] == ["stranger"]
    assert other.steps == steps
    assert [step.earliest for step in moved.steps[1:]] == [step.earliest for step in steps[1:]]
    month = start + int(moved.steps[0].earliest) - 1  # type: ignore[arg-type]
    assert f"{1970 + month // 12}-{month % 12 + 1:02d}" > first


def test_the_page_shows_the_offer_that_the_plan_makes(outcome: Outcome, tmp_path: Path) -> None:
    strategy = cf.Strategy(start="2022-01", limits={"offers": 50})
    plan = strategy.optimise(outcome.plan.portfolio, offers=outcome.offers, baseline=outcome.baseline)
    assert plan.offers is not None
    table = plan.pages().tables["offers"]
    courses = np.asarray(plan.core.courses["offer"])
    of_customer = {plan.portfolio.ids[k]: int(offer) for k, offer in enumerate(courses[: len(plan.portfolio)])}
    terms = plan.offers.columns()["terms"]
    for customer, shown in zip(table.values["customer"], table.values["terms"], strict=True):
        assert shown == str(terms[of_customer[customer]])
    assert len(table) == np.count_nonzero(courses >= 0) == 50
    others = set(plan.offers.columns()["customer_id"]) - set(table.values["customer"])
    assert set(plan.pages().tables["without_offer"].values["customer"]) == others
    without = len(others)
    assert without > 0
    assert table.note == f"The plan makes no offer to {without:,} customers who could get one."
    plan.report(tmp_path / "plan.html")
    assert table.note in (tmp_path / "plan.html").read_text(encoding="utf-8")


def test_pairs_show_who_replaced_whom(outcome: Outcome) -> None:
    plan = outcome.plan
    pairs = plan.replacements.to_frame("pandas")
    assert (pairs.id != pairs.replaced_by).all()
    assert set(pairs.id) == set(plan.core.overflow["id"])
    replaced = pairs.groupby("id")["level"].sum()
    out = dict(zip(plan.core.overflow["id"], plan.core.overflow["out"], strict=True))
    for customer, level in replaced.items():
        assert level == pytest.approx(out[str(customer)], rel=1e-6, abs=0.02)
    assert len(plan.pages().tables["replacements"]) == len(pairs)


def test_counts_after_a_plan_are_expectations(outcome: Outcome) -> None:
    plan = outcome.plan
    leave = float(np.sum(plan.core.overflow["probability"]))
    assert 0 < leave < len(plan.overflow)
    won = sum(
        float(plan.prospects.core.win_probability[item])  # type: ignore[union-attr]
        for item, step in zip(plan.core.actions["item"], plan.core.actions["step"], strict=True)
        if step == "acquisition"
    )
    assert plan.customers_after == pytest.approx(len(plan.portfolio) - leave + won, rel=1e-9)
    assert plan.pages().after.frozen == plan.ice_cubes_after
    assert not float(plan.ice_cubes_after).is_integer()
    # A baseline has the amounts of a customer who may stop buying, and no chance that it has left: it counts as one.
    assert outcome.baseline is not None
    assert "evaporation" in list(outcome.baseline.customers.columns()["method"])


def test_the_first_sentence_is_the_gain_over_no_action(outcome: Outcome) -> None:
    plan = outcome.plan
    assert plan.summary[0] == (
        f"The plan brings {plan.gain:,.0f} more heat than no action: {plan.value:,.0f} instead of "
        f"{plan.value - plan.gain:,.0f}."
    )
    later = cf.Strategy(start="2022-01", discount_rate=0.08).optimise(plan.portfolio, offers=plan.offers)
    assert "more discounted heat than no action" in later.summary[0]
    assert later.pages().certificate[0][0] == "Gain over no action, discounted heat"
    assert "chance of the floor is not known" in " ".join(later.summary)


def test_one_currency(outcome: Outcome) -> None:
    plan = outcome.plan
    assert plan.strategy.currency == plan.budget.currency == "USD"
    assert plan.pages().unit == "US dollars"
    yen = cf.Strategy(start="2022-01", currency="JPY").optimise(plan.portfolio)
    assert yen.budget.currency == "JPY"
    assert all(float(level).is_integer() for level in yen.trajectory.columns()["level"])
    assert yen.pages().unit == "Japanese yen"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"months": 12.5}, "months is 12.5; it must be a whole number"),
        ({"months": "12"}, "months is '12'; it must be a whole number"),
        ({"discount_rate": "0.08"}, "discount_rate is '0.08'; it must be a number"),
        ({"interval": None}, "interval is None; it must be a whole number"),
        ({"limits": [3.0]}, r"limits is \[3.0\]"),
        ({"limits": {"offers": "3"}}, r"limits\['offers'\] is '3'; it must be a number"),
        ({"limits": {"offers": None}}, r"limits\['offers'\] is None; it must be a number, or one per month"),
        ({"limits": {"offers": True}}, r"limits\['offers'\] is True; it must be a number"),
        ({"limits": {5: 1}}, "a name in limits is 5; it must be text"),
        ({"floor": True}, "floor is True; it must be a number, or one per row"),
        ({"floor": [True]}, r"floor is \[True\]; it must be a number, or one per row"),
        ({"floor": float("nan")}, "floor is nan; it must be finite"),
        ({"floor": [1.0, 2.0]}, "strategy: floor has 2 amounts; one for each of the 1 rows"),
        ({"floor": [[1.0], [1.0, 2.0]]}, "floor has rows of different lengths"),
        ({"capacity": False}, "capacity is False; it must be a number, or one per month"),
        ({"months": 0}, r"months is 0; it must lie in \[1, 120\]"),
        ({"floor": ["a", "b"]}, "floor"),
        ({"floor_every": "week"}, "floor_every is 'week'; it must be 'year', 'rolling year', 'quarter', 'month'"),
        ({"relax": "no"}, "relax is 'no'"),
        ({"strict": "no"}, "strict is 'no'"),
        ({"replaced_by_room": 2}, "replaced_by_room is 2"),
        ({"currency": "euro"}, "currency is 'euro'; it must be a code of three capital letters"),
        ({"months": 100_000}, r"months is 100000; it must lie in \[1, 120\]"),
        ({"capacity": -1.0}, "capacity is -1.0; it must be 0 or more"),
        ({"capacity": [1.0] * 11 + [-2.5]}, "capacity has -2.5; it must be 0 or more"),
        ({"refused": 5}, "refused is 5"),
        ({"reference": "soon"}, "reference"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(cf.InputError, match=words):
        cf.Strategy(**{"start": "2022-01", **settings})


@pytest.mark.parametrize("floor", [None, "none"])
def test_none_is_no_floor(floor: str | None) -> None:
    plan = cf.Strategy("2022-01", floor=floor).optimise(portfolio_of([100.0], [10.0]))
    assert len(plan.floors) == 0


@pytest.mark.parametrize("name", ["offers", "growth", "prospects", "selection", "agenda", "baseline", "progress"])
def test_an_argument_of_another_kind_is_named(name: str) -> None:
    with pytest.raises(cf.InputError, match=f"{name} is 5, of type int; it must be an? "):
        cf.Strategy("2022-01").optimise(portfolio_of([100.0], [10.0]), **{name: 5})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda plan, _: plan.report(None), "path is None, of type NoneType; it must be text or a path"),
        (lambda plan, _: plan.to_excel(b"a.xlsx"), "path is b'a.xlsx', of type bytes"),
        (lambda plan, to: plan.to_excel(to / "a.xlsx", stamp="x"), "stamp is 'x', of type str; it must be a time"),
        (
            lambda plan, to: plan.report(to / "a.html", statement=5),
            "statement is 5, of type int; it must be a Statement",
        ),
        (lambda plan, to: plan.report(to / "a.html", title=5), "title is 5; it must be text"),
        (
            lambda plan, to: plan.report(to / "a.html", target=0.1),
            "target is no text of a page; it must be one of title",
        ),
        (lambda plan, to: plan.coaster(to / "a.svg", target="x"), "target is 'x'; it must be a number"),
        (lambda plan, to: plan.coaster(to / "a.svg", locale=5), "locale is 5; it must be text"),
    ],
)
def test_a_wrong_argument_of_a_file_is_named(call: Any, words: str, tmp_path: Path) -> None:
    plan = cf.Strategy("2022-01").optimise(portfolio_of([100.0], [10.0]))
    with pytest.raises(cf.InputError, match=re.escape(words)):
        call(plan, tmp_path)
    assert not list(tmp_path.iterdir())


def test_one_text_is_one_assumption() -> None:
    plan = cf.Strategy("2022-01").optimise(portfolio_of([100.0], [10.0]))
    assert list(plan.pages(assumptions="All pay.").assumptions) == ["All pay."]


@pytest.mark.parametrize(
    ("value", "usage", "bounds", "words"),
    [
        (np.ones((2, 2)), np.ones((2, 3, 1)), {}, "value must have the shape"),
        ([1.0, 2.0], [[[1.0]]], {}, "value must have the shape"),
        ([[1e308, 1.0]] * 3, [[[1.0], [1.0]]] * 3, {}, r"value is 1e\+308; it must lie in \[-1e100, 1e100\]"),
        (np.ones((2, 2)), np.full((2, 2, 1), 1e308), {"upper": [1.0]}, r"usage of row 0 is 1e\+308"),
        (np.ones((2, 2)), np.ones((2, 2, 1)), {"lower": [1e308]}, r"row 0: bound is 1e\+308"),
    ],
)
def test_wrong_arrays_of_the_optimiser_are_named(value: Any, usage: Any, bounds: Any, words: str) -> None:
    with pytest.raises(cf.InputError, match=words):
        cf.optimise(value, usage, **bounds)


def test_amounts_of_actions_count_before_the_optimisation() -> None:
    portfolio = portfolio_of([1200.0], [120.0])
    steps = [cf.ActionStep("a", probability=0.5, contribution=1e13)]
    plan = cf.Strategy("2022-01").optimise(
        portfolio, growth=cf.grow([cf.ActionPlan("c0", "p", steps)], start="2022-01", months=12)
    )
    assert plan.gain == pytest.approx(0.5e13 * 12, rel=1e-9)
    assert all(float(heat).is_integer() for heat in plan.trajectory.columns()["heat"])
    assert any("whole units" in note for note in plan.notes)


def test_no_limits_and_one_customer_as_text() -> None:
    portfolio = portfolio_of([1200.0, 120.0], [120.0, -12.0])
    plan = cf.Strategy(start="2022-01", limits=None, refused="c1", replaced_by_room=True, floor="none").optimise(
        portfolio
    )
    assert plan.overflow.columns()["id"] == ["c1"]
    with pytest.raises(cf.NotFoundError, match="'c2'"):
        cf.Strategy(start="2022-01", may_leave="c2").optimise(portfolio)


def test_the_price_of_a_floor_that_costs_nothing_is_not_minus_zero() -> None:
    plan = cf.Strategy(start="2022-01", floor=600.0).optimise(portfolio_of([1200.0], [120.0]))
    prices = plan.shadow_prices.columns()
    assert str(prices["price"][prices["row"].index("level floor")]) == "0.0"


@pytest.mark.parametrize(("discount_rate", "heat"), [(0.0, "heat"), (0.08, "discounted heat")])
def test_a_shadow_price_has_its_meaning_in_words(discount_rate: float, heat: str) -> None:
    # Two offers of the same gain, and room for one of them in the first two months.
    portfolio = portfolio_of([1200.0, 1200.0], [-12.0, -24.0])
    offers = cf.remediate(
        portfolio,
        cf.select(portfolio, target=0.05),
        costs=cf.CostModel({}),
        terms=[cf.Terms.price(0.2)],
        acceptance=cf.Acceptance(base=0.9),
    )
    assert len(offers) == 2
    plan = cf.Strategy(
        start="2022-01", months=2, floor="none", limits={"offers": [1, 0]}, discount_rate=discount_rate
    ).optimise(portfolio, offers=offers)
    prices = plan.shadow_prices.columns()
    shown = dict(zip(prices["text"], prices["price"], strict=True))
    worth = {text: price for text, price in shown.items() if "offer" in text}
    (text, price), (nothing, zero) = worth.items()
    assert price > 1 and text == f"one more offer in 2022-01 is worth {price:.2f} of {heat}"
    assert zero == 0 and nothing == "one more offer in 2022-02 is worth nothing"


@pytest.mark.parametrize("name", ["refused", "may_leave"])
@pytest.mark.parametrize("value", [b"c1", [b"c1"], ["c0", None]])
def test_a_customer_that_is_no_text_is_an_error(name: str, value: Any) -> None:
    found = re.escape(repr(value if isinstance(value, bytes) else value[-1]))
    with pytest.raises(
        cf.InputError, match=f"^{name} has {found}; the identity of a customer must be text or a number"
    ):
        cf.Strategy(start="2022-01", **{name: value})


def test_a_large_floor_is_short_in_words() -> None:
    portfolio = portfolio_of([1200.0], [120.0])
    told = r"The floor of 2e\+15 cannot be held: without action the level is 1,200"
    with pytest.warns(RelaxedWarning, match=told) as caught:
        cf.Strategy(start="2022-01", floor=2e15).optimise(portfolio)
    assert caught[0].filename == __file__
    with pytest.raises(cf.InputError, match=r"1e\+300") as error:
        cf.Strategy(start="2022-01", floor=1e300).optimise(portfolio)
    assert len(str(error.value)) < 150


def test_interesting_customers_leave_only_where_they_may() -> None:
    portfolio = portfolio_of([1200.0, 120.0], [120.0, -12.0])
    answers = pa.table({"customer_id": ["c1"], "interesting": [True]})
    selection = cf.select(portfolio, target=0.05, interesting=answers)
    assert selection.verdict == ["keep", "keep"]
    settings: dict[str, Any] = {"start": "2022-01", "refused": "c1", "replaced_by_room": True, "floor": "none"}
    assert len(cf.Strategy(**settings).optimise(portfolio, selection=selection).overflow) == 0
    free = cf.Strategy(**settings, may_leave=["c1"]).optimise(portfolio, selection=selection)
    assert free.overflow.columns()["id"] == ["c1"]


def test_false_from_progress_ends_the_search() -> None:
    portfolio = portfolio_of([100.0, 50.0], [10.0, -1.0])
    with pytest.raises(Cancelled):
        cf.optimise(np.ones((4, 2)), np.ones((4, 2, 1)), upper=[3.0], progress=lambda _: False)
    # The courses are listed already, and doing nothing is a plan.
    for answer in (False, np.False_):
        plan = cf.Strategy(start="2022-01").optimise(portfolio, progress=lambda state, last=answer: last)
        assert "stopped early" in plan.notes[-1]
    assert cf.Strategy(start="2022-01").optimise(portfolio, progress=lambda _: 0).months == 12


@pytest.mark.parametrize(
    ("call", "name"), [("to_excel", "p.doc"), ("report", "p.pdf"), ("coaster", "p.png"), ("to_ics", "p")]
)
def test_files_have_the_ending_of_their_kind(outcome: Outcome, tmp_path: Path, call: str, name: str) -> None:
    with pytest.raises(cf.InputError, match="it must end in"):
        getattr(outcome.plan, call)(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_what_has_no_limit_is_an_empty_cell(outcome: Outcome, tmp_path: Path) -> None:
    plan = cf.Strategy(start="2022-01").optimise(outcome.plan.portfolio, offers=outcome.plan.offers)
    plan.report(tmp_path / "plan.html")
    plan.to_excel(tmp_path / "plan.xlsx")
    page = (tmp_path / "plan.html").read_text(encoding="utf-8").partition("</style>")[2]
    assert " inf" not in page
    assert "P10" not in page
    sheet = openpyxl.load_workbook(tmp_path / "plan.xlsx")["Resources"]
    assert [cell.value for cell in sheet["D"]][1:] == [None] * (sheet.max_row - 1)
    for shown in (repr(plan), plan._repr_html_(), repr(plan.resources)):
        assert "∞" not in shown
        assert "p10" not in shown
    assert "capacity" in plan.trajectory.to_frame("polars").columns


def test_relaxed_rows_are_a_table(outcome: Outcome, tmp_path: Path) -> None:
    plan = outcome.plan
    with pytest.warns(RelaxedWarning):
        short = cf.Strategy(start="2022-01", floor=80_000_000.0, floor_every="year").optimise(
            plan.portfolio, offers=plan.offers, growth=plan.growth, prospects=plan.prospects, baseline=plan.baseline
        )
    # The same digits as in the table of the bucket.
    without = sum(plan.trajectory.columns()["baseline_level"])
    assert short.summary[0].startswith(
        f"The floor of 80,000,000 cannot be held: without action the level is {without:,.0f}, with this plan "
    )
    nearest = short.relaxed.columns()["nearest"][0]
    assert short.summary[1].startswith(f"At best the level comes to {nearest:,.0f}, ")
    short.report(tmp_path / "plan.html")
    page = (tmp_path / "plan.html").read_text(encoding="utf-8")
    table = short.pages().tables["relaxed"]
    (row,) = table.rows()
    assert row[1] == "2022-01 to 2022-12"
    assert row[-1].endswith("closes the rest")
    assert f"{short.relaxed.columns()['nearest'][0]:,.2f}" in page
    assert short.to_frame("pandas").shape[0] == 12
    assert short._repr_html_().index("The floor of") < short._repr_html_().index("gap")


@pytest.mark.parametrize(
    "settings",
    [
        {"floor_every": "month"},
        {"floor_every": "rolling year"},
        {"floor_every": "quarter", "relax": "nearest", "floor": 16_000_000.0},
        {"months": 18, "floor": 65_000_000.0},
        {"floor": "none", "capacity": 2_500_000.0},
        {"floor": -5.0},
        {"reference": "2021-07"},
    ],
)
def test_sentences_of_any_floor_are_whole(outcome: Outcome, settings: dict[str, Any]) -> None:
    plan = cf.Strategy(**{"start": "2022-01", **settings}).optimise(outcome.plan.portfolio, offers=outcome.offers)
    rows, relaxed = len(plan.floors), plan.relaxed.to_frame("pandas")
    missed = int((relaxed.row == "level floor").sum()) if len(relaxed) else 0
    text = " ".join(plan.summary)
    assert "nan" not in text
    assert "inf" not in text
    assert all(re.match(r"[A-Z\d]", sentence) and sentence.endswith(".") for sentence in plan.summary)
    assert ("cannot be" in plan.summary[0]) == (len(relaxed) > 0)
    if missed and rows > 1:
        assert f" in {missed} of {rows} " in plan.summary[0]
    if rows > 1:
        assert f"reaches {rows - missed} of its {rows} floors" in text


def test_the_number_of_actions_is_one_everywhere(outcome: Outcome) -> None:
    plan = outcome.plan
    rows = len(plan.actions)
    (sentence,) = (text for text in plan.summary if re.match(r"The plan has [\d,]+ actions: ", text))
    assert sentence.startswith(f"The plan has {rows:,} actions: ")
    parts = [int(number.replace(",", "")) for number in re.findall(r"([\d,]+) (?=rev|off|act|pur|cust)", sentence)]
    assert parts[0] == rows
    assert sum(parts[1:]) == rows
    pages = plan.pages()
    assert len(pages.tables["actions"]) == rows
    assert len(pages.tables["offers"]) == list(plan.actions.columns()["step"]).count("remediation")
    assert f"actions  {rows:,}" in re.sub(r" +", "  ", repr(plan)) or f"{rows:,}" in repr(plan)


def test_pages_have_the_identity_of_customers() -> None:
    portfolio = cf.Portfolio.from_frame(
        pa.table(
            {
                "customer_id": ["c0", "c1"],
                "name": ["Same", "Same"],
                "revenue": [1200.0, 120.0],
                "contribution": [120.0, -12.0],
            }
        )
    )
    plan = cf.Strategy("2022-01", refused="c1", replaced_by_room=True, floor=1000.0).optimise(portfolio)
    tables = plan.pages().tables
    for key in ("actions", "overflow", "replacements"):
        assert (tables[key].values["customer"], tables[key].values["name"]) == (["c1"], ["Same"])


def test_room_is_shown_as_what_replaces() -> None:
    portfolio = portfolio_of([1200.0, 120.0], [120.0, -12.0])
    plan = cf.Strategy("2022-01", refused="c1", replaced_by_room=True, floor=1000.0).optimise(portfolio)
    (row,) = plan.replacements.to_frame("pandas").itertuples()
    assert (row.id, row.step, row.replaced_by, row.replaced_by_name) == ("c1", "room", "", "room above the floor")
    assert row.level == pytest.approx(plan.core.overflow["out"][0])
    assert plan.overflow.columns()["replaced_by"] == ["room above the floor (room, 120)"]
    (why,) = plan.core.overflow["why"]
    assert "is covered by room above the floor" in why
    assert "is replaced" not in why
    assert plan.pages().tables["replacements"].note == "Room above the floor counts as replacement."


def test_a_capacity_is_missed_by_a_positive_share() -> None:
    with pytest.warns(RelaxedWarning):
        plan = cf.Strategy("2022-01", floor=None, capacity=50.0).optimise(portfolio_of([1200.0], [120.0]))
    table = plan.pages().tables["relaxed"]
    assert table.values["drop"] == pytest.approx([1.0] * 12)
    assert table.note == "No plan keeps these capacities. A capacity rises to the level without action."
    assert "The 12 months together miss 600 with this plan and 600 at best." in plan.summary


@pytest.mark.parametrize(("relax", "words"), [("baseline", "A floor falls"), ("nearest", "as near to it as possible")])
def test_the_page_states_what_became_of_a_floor(relax: str, words: str, outcome: Outcome) -> None:
    with pytest.warns(RelaxedWarning):
        plan = cf.Strategy("2022-01", floor=65_000_000.0, relax=relax).optimise(
            outcome.plan.portfolio, offers=outcome.offers
        )
    note = plan.pages().tables["relaxed"].note
    assert words in note
    assert ("A floor falls" in note) == (relax == "baseline")
    assert "cost_in_heat" not in plan.pages().tables["relaxed"].values
    assert note.count("less heat") == (relax == "baseline")


def test_the_reference_year_and_the_period_before_are_named(outcome: Outcome) -> None:
    plan = outcome.plan
    assert "The floor is the level of the same months of the reference year, 2021-01 to 2021-12." in plan.summary
    assert plan.pages().tables["floors"].note == "The reference year is 2021-01 to 2021-12."
    assert plan.pages().period == "2021-01 to 2021-12"
    half = cf.Strategy("2022-01", months=6, floor=None).optimise(plan.portfolio)
    assert half.pages().period == "2021-01 to 2021-12, in the months of the plan"


def test_a_young_company_has_its_own_months() -> None:
    columns = {"customer_id": ["a", "a", "a", "a"], "date": ["2024-09-02", "2024-10-05", "2024-11-05", "2024-12-30"]}
    ledger = cf.Ledger(pa.table({**columns, "revenue": [10.0, 100.0, 200.0, 300.0], "cost": [1.0] * 4}))
    portfolio = cf.statement(ledger, cf.CostModel(), period=("2024-09-02", "2024-12-31")).portfolio
    plan = cf.Strategy("2025-01").optimise(portfolio)
    table = plan.pages().tables["floors"]
    assert table.values["months"] == ["2025-10 to 2025-12"]
    assert table.values["reference"] == table.values["floor"] == [600.0]
    rows = plan.floors.columns()
    assert (rows["month"][0], rows["months"][0], rows["span"][0]) == ("2025-10", 3, "2025-10 to 2025-12")
    level = plan.trajectory.columns()["level"]
    assert rows["level"][0] == pytest.approx(np.sum(level[9:]))
    assert "9 months have no floor: the data has no such whole month in the reference year (2025-01 to 2025-09)." in (
        plan.summary
    )
    assert "Before has no data for 8 months of the plan: average months of its period stand in." in plan.summary
    assert plan.pages().period == "2024-09-02 to 2024-12-31, scaled to 12 months"


def test_a_relaxed_floor_names_the_months_that_have_one() -> None:
    columns = {"customer_id": ["a"] * 5, "date": [f"2024-{month:02d}-05" for month in range(4, 8)] + ["2024-08-31"]}
    ledger = cf.Ledger(pa.table({**columns, "revenue": [100.0] * 5, "cost": [1.0] * 5}))
    portfolio = cf.statement(ledger, cf.CostModel(), period=("2024-04-01", "2024-08-31")).portfolio
    core = _core.Baseline(12 * 55, np.full((1, 12), 80.0), np.full((1, 12), 79.0), identity=portfolio.identity)
    with pytest.warns(
        RelaxedWarning, match=r"^The level of 2025-04 to 2025-08 cannot be held: without action it drops by 20%"
    ):
        plan = cf.Strategy("2025-01").optimise(portfolio, baseline=Baseline(portfolio, core))
    rows = plan.relaxed.columns()
    assert rows["text"][0].startswith("the level of 2025-04 to 2025-08 cannot reach 500: ")
    assert (rows["month"][0], rows["months"][0], rows["level"][0]) == ("2025-04", 5, 400.0)


@pytest.mark.parametrize(("currency", "digits"), [("JPY", 0), ("EUR", 2), ("KWD", 3)])
def test_amounts_have_the_digits_of_their_currency(currency: str, digits: int, tmp_path: Path) -> None:
    portfolio = portfolio_of([1200.12345, 120.6789], [120.45678, -12.3456])
    plan = cf.Strategy("2022-01", currency=currency).optimise(portfolio)
    pages = plan.pages()
    for table in pages.tables.values():
        for column in table.columns:
            if column.kind == "amount":
                assert all(round(cell, digits) == cell for cell in table.cells[column.name] if cell is not None)
    shown = f"{round(1200.12345, digits):,.{digits}f}"
    plan.report(tmp_path / "plan.html")
    assert f">{shown}<" in (tmp_path / "plan.html").read_text(encoding="utf-8")
    plan.to_excel(tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    cells = {cell.value: cell for row in book["Statement"].iter_rows() for cell in row}
    assert cells[round(1200.12345, digits)].number_format == "#,##0" + ("." + "0" * digits if digits else "")


def test_actions_of_a_page_have_the_warmest_customer_first_and_each_in_order(outcome: Outcome) -> None:
    plan = outcome.plan
    actions = plan.pages().actions
    assert actions is not None
    order = ["anchoring", "remediation", "growth", "acquisition", "overflow"]
    rows = list(zip(actions["customer"], actions["month"], actions["step"], actions["expected_heat"], strict=True))
    people = [list(group) for _, group in itertools.groupby(rows, key=lambda row: row[0])]
    assert len(people) == len({group[0][0] for group in people})
    for group in people:
        keys = [(month, order.index(step)) for _, month, step, _ in group]
        assert keys == sorted(keys)
    reviews_only = [all(step == "anchoring" for _, _, step, _ in group) for group in people]
    assert reviews_only == sorted(reviews_only)
    heat = [math.fsum(row[3] for row in group) for group in people]
    assert all(more >= less - 1e-6 for more, less in itertools.pairwise(heat[: reviews_only.index(True)]))
    made = zip(*(plan.actions.columns()[name] for name in ("heat", "step")), strict=True)
    exact = sorted(amount for amount, step in made if step != "anchoring")
    shown = sorted(heat for _, _, step, heat in rows if step != "anchoring")
    np.testing.assert_allclose(shown, exact, rtol=0, atol=0.0101)
    offers = plan.pages().offers
    assert offers is not None
    assert list(offers["expected_heat"]) == sorted(offers["expected_heat"], reverse=True)


def test_a_plan_without_action_has_a_reason() -> None:
    columns = {"customer_id": ["a", "a", "b"], "date": ["2024-12-02", "2024-12-30", "2024-12-31"]}
    ledger = cf.Ledger(pa.table({**columns, "revenue": [100.0] * 3, "cost": [150.0] * 3}))
    portfolio = cf.statement(ledger, cf.CostModel(), period=("2024-12-01", "2024-12-31")).portfolio
    selection = cf.select(portfolio, target=0.05)
    offers = cf.remediate(portfolio, selection, terms=[cf.Terms.price(0.03)])
    plan = cf.Strategy("2025-01", floor=None).optimise(portfolio, offers=offers, selection=selection)
    assert "There is no offer, action plan or prospect to choose from." in plan.summary
    assert "2 of 2 customers are too young to be judged, and get no offer." in plan.summary
    portfolio = portfolio_of([1200.0], [-12.0])
    offers = cf.remediate(
        portfolio, cf.select(portfolio, target=0.05), terms=[cf.Terms.price(0.03)], costs=cf.CostModel()
    )
    plan = cf.Strategy("2025-01", floor=None, limits={"offers": 0}).optimise(portfolio, offers=offers)
    assert len(offers) == 1
    assert "Within the limits, 1 offer to choose from adds no heat." in plan.summary


def test_printed_amounts_of_the_gain_add_up(outcome: Outcome) -> None:
    for value, gain in ((1000.4, 122.8), (1000.5, 0.7), (-3.6, 2.2), (127_904.4 + 231.4, 231.4)):
        plan = types.SimpleNamespace(
            value=value,
            gain=gain,
            strategy=outcome.plan.strategy,
            core=outcome.plan.core,
            overflow=outcome.plan.overflow,
        )
        numbers = [
            float(number.replace(",", "")) for number in re.findall(r"-?[\d,]+\.?\d*", _summary._gain_sentence(plan))
        ]
        more, whole, without = numbers
        assert more == pytest.approx(whole - without, abs=1e-9)
        assert (whole, without) == pytest.approx((value, value - gain), abs=0.5)


def test_a_floor_in_numbers_names_what_the_user_set_and_the_row() -> None:
    portfolio = portfolio_of([1200.0], [120.0])
    start: dict[str, Any] = {"start": "2022-01", "months": 18}
    with pytest.warns(RelaxedWarning):
        plan = cf.Strategy(**start, floor=1500.0).optimise(portfolio)
    assert plan.summary[0] == (
        "The floor of 1,500 a year cannot be held in 2 of 2 years. At worst, in 2022-01 to 2022-12, "
        "without action the level is 1,200, with this plan 1,200."
    )
    with pytest.warns(RelaxedWarning):
        plan = cf.Strategy(**start, floor=[1300.0, 900.0]).optimise(portfolio)
    assert plan.summary[0] == (
        "The floors of 1,300 and 900 cannot be held in 2 of 2 years. At worst, in 2023-01 to 2023-06, where it is 900, "
        "without action the level is 600, with this plan 600."
    )
    with pytest.warns(RelaxedWarning):
        plan = cf.Strategy("2022-01", months=6, floor=1500.0).optimise(portfolio)
    assert plan.summary[0] == (
        "The floor of 1,500 a year, 750 in 2022-01 to 2022-06, cannot be held: "
        "without action the level is 600, with this plan 600."
    )


def test_an_offer_that_changes_nothing_does_not_seem_to_gain(outcome: Outcome) -> None:
    actions = outcome.plan.core.actions
    small = [
        abs(level) < 0.5 and abs(heat) < 0.5 for level, heat in zip(actions["level"], actions["heat"], strict=True)
    ]
    why = [
        (text, one)
        for text, one, step in zip(actions["why"], small, actions["step"], strict=True)
        if step == "remediation"
    ]
    assert any(one for _, one in why)
    for text, one in why:
        assert ("changes level and heat by less than 1" in text) == one
        assert "adds 0 of level and 0 of heat" not in text


def test_a_chance_is_0_or_1_only_where_it_is_certain() -> None:
    from custfolio.report.data import Column, Numbers, Table
    from custfolio.strategy._summary import open_chance

    column = Column("chance", "Chance", "chance")
    shown = [Numbers().cell(chance, column) for chance in (0.0, 1e-9, 0.0005, 0.0006, 0.5, 0.9994, 0.9995, 1.0, None)]
    assert shown == ["0.0%", "below 0.1%", "below 0.1%", "0.1%", "50.0%", "99.9%", "above 99.9%", "100.0%", "–"]
    assert Table.of("Floor", {"chance": [0.3]}).columns[0].kind == "chance"
    assert 0 < open_chance(0.0, 1.0) < open_chance(1.0, 1.0) < 1
    assert (open_chance(0.0, 0.0), open_chance(1.0, 0.0)) == (0.0, 1.0)


def test_a_plan_that_starts_long_after_the_data_has_a_warning(tmp_path: Path) -> None:
    customers = pa.table({"customer_id": ["a", "b"], "revenue": [1200.0, 600.0], "contribution": [120.0, -60.0]})
    portfolio = cf.Portfolio.from_frame(customers, period=("2021-01-01", "2021-12-31"))
    late = "The plan starts 13 months after the data, which ends in 2021-12: what customers do until then is not known."
    plan = cf.Strategy(start="2023-02", months=3).optimise(portfolio)
    assert late in plan.summary
    assert late in plan._repr_html_()
    plan.report(tmp_path / "plan.html")
    assert late in (tmp_path / "plan.html").read_text(encoding="utf-8")
    plan.to_excel(tmp_path / "plan.xlsx")
    cells = [cell.value for row in openpyxl.load_workbook(tmp_path / "plan.xlsx").worksheets[0] for cell in row]
    assert any(late in str(cell) for cell in cells)
    assert late not in cf.Strategy(start="2023-01", months=3).optimise(portfolio).summary


def test_an_overflow_has_one_level_on_all_faces() -> None:
    # A month of net returns and an action plan leave too, but only purchases without action must be replaced.
    frame = {
        "customer": ["a"] * 12 + ["b"] * 12,
        "date": [f"2021-{month:02}-15" for month in range(1, 13)] * 2,
        "revenue": [100.0] * 11 + [-50.0] + [1000.0] * 12,
        "cost": [150.0] * 11 + [0.0] + [500.0] * 12,
    }
    ledger = cf.Ledger(pa.table(frame), **{name: name for name in frame})
    portfolio = cf.statement(ledger, cf.CostModel(), period=("2021-01-01", "2021-12-31")).portfolio
    growth = cf.grow(
        [
            cf.ActionPlan("b", "sell", [cf.ActionStep("sell", 1.0, revenue=500.0, contribution=100.0)]),
            cf.ActionPlan("a", "sell", [cf.ActionStep("sell", 1.0, revenue=20.0, contribution=10.0)]),
        ],
        start="2022-01",
    )
    plan = cf.Strategy(start="2022-01", floor="none", refused="a").optimise(portfolio, growth=growth)
    gone, actions = plan.overflow.columns(), plan.actions.columns()
    assert list(gone["id"]) == ["a"]
    level = float(gone["level"][0])
    assert actions["level"][list(actions["step"]).index("overflow")] == -level
    assert level != pytest.approx(gone["out"][0])
    assert (
        f"its level of {level:,.0f} until 2022-12 leaves; the {gone['out'][0]:,.0f} that it would buy" in gone["why"][0]
    )


def test_offers_and_overflow_have_the_same_cents_as_their_actions(outcome: Outcome) -> None:
    tables = outcome.plan.pages().tables
    actions = tables["actions"].cells
    rows = zip(actions["step"], actions["customer"], actions["expected_heat"], strict=True)
    heat = {(step, who): amount for step, who, amount in rows}
    for table, step, name, sign in (
        ("offers", "remediation", "expected_heat", 1),
        ("overflow", "overflow", "heat", -1),
    ):
        cells = tables[table].cells
        for who, amount in zip(cells["customer"], cells[name], strict=True):
            assert heat[step, who] == sign * amount
    assert tables["actions"].total("expected_heat") == pytest.approx(outcome.plan.core.gain, abs=0.02)


def test_the_page_and_the_workbook_show_what_changed_in_the_agenda(outcome: Outcome, tmp_path: Path) -> None:
    assert outcome.agenda is not None
    assert outcome.plan.agenda is not None
    changed = {
        "customer_id": ["2625", "gone"],
        "manager": ["An", "Bo"],
        "day": np.array(["2022-03-01", "NaT"], dtype="datetime64[D]"),
        "change": ["handed over", "proposed"],
        "reason": ["Bo left; An keeps the agreed day", "every 1 month"],
    }
    plan = copy.copy(outcome.plan)
    plan.agenda = copy.copy(outcome.plan.agenda)
    plan.agenda.changes = AgendaChanges(changed, None)
    shown = plan.pages().tables["agenda_changes"].values
    assert list(shown["change"]) == changed["change"] and list(shown["customer"]) == changed["customer_id"]
    plan.report(tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    assert "Changes of the agenda" in text and "Bo left; An keeps the agreed day" in text and "NaT" not in text
    plan.to_excel(tmp_path / "plan.xlsx")
    cells = {
        cell
        for sheet in openpyxl.load_workbook(tmp_path / "plan.xlsx")
        for row in sheet.iter_rows(values_only=True)
        for cell in row
    }
    assert {"handed over", "Hours needed", "every 1 month"} <= cells


def test_the_entries_of_a_plan_have_their_terms_in_dutch(outcome: Outcome, tmp_path: Path) -> None:
    outcome.plan.to_ics(tmp_path / "agenda.ics", language="nl")
    text = (tmp_path / "agenda.ics").read_text().replace("\n ", "")
    assert "Voorwaarden: een minimale bestelling van" in text and "minimum order" not in text
    with pytest.raises(cf.InputError, match="language is 'fr'"):
        outcome.plan.to_ics(tmp_path / "agenda.ics", language="fr")
