# What people see of a plan: sentences, one order of actions, one offer per customer, one currency, and errors that name the argument.
"""The plan's tables and sentences against its courses, and its settings at the door."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pytest

import custfolio as cf
from custfolio import demo
from custfolio._flow import Outcome, after_reviews, run
from custfolio.errors import Cancelled, RelaxedWarning


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return run(demo.inputs())


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
    assert len(leave) > 100
    assert (leave.set_index("id").month >= offers.answer[leave.id]).all()


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
    assert len(seen) > 100
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
    moved, other = after_reviews(plans, agenda, start)
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
    made = 0
    for customer, shown, month in zip(*(table.values[name] for name in ("customer", "terms", "month")), strict=True):
        if of_customer[customer] < 0:
            assert (shown, month) == ("no offer in this plan", None)
        else:
            assert shown == str(terms[of_customer[customer]])
            made += 1
    assert made == np.count_nonzero(courses >= 0) == 50
    without = len(set(plan.offers.columns()["customer_id"])) - made
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


def test_the_first_sentence_is_the_gain_over_no_action(outcome: Outcome) -> None:
    plan = outcome.plan
    assert plan.summary[0] == (
        f"The plan brings {plan.gain / 1e6:.2f} million more heat than no action: {plan.value:,.0f} instead of "
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
        ({"floor": ["a", "b"]}, "floor"),
        ({"floor_every": "week"}, "floor_every is 'week'; it must be 'year', 'rolling year', 'quarter', 'month'"),
        ({"relax": "no"}, "relax is 'no'"),
        ({"strict": "no"}, "strict is 'no'"),
        ({"replaced_by_room": 2}, "replaced_by_room is 2"),
        ({"currency": "euro"}, "currency is 'euro'; it must be a code of three capital letters"),
        ({"refused": 5}, "refused is 5"),
        ({"reference": "soon"}, "reference"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(cf.InputError, match=words):
        cf.Strategy(**{"start": "2022-01", **settings}).optimise(portfolio_of([100.0], [10.0]))


def test_no_limits_and_one_customer_as_text() -> None:
    portfolio = portfolio_of([1200.0, 120.0], [120.0, -12.0])
    plan = cf.Strategy(start="2022-01", limits=None, refused="c1", replaced_by_room=True, floor="none").optimise(
        portfolio
    )
    assert plan.overflow.columns()["id"] == ["c1"]
    with pytest.raises(cf.NotFoundError, match="'c2'"):
        cf.Strategy(start="2022-01", may_leave="c2").optimise(portfolio)


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


def test_false_from_progress_cancels() -> None:
    portfolio = portfolio_of([100.0, 50.0], [10.0, -1.0])
    with pytest.raises(Cancelled):
        cf.Strategy(start="2022-01").optimise(portfolio, progress=lambda _: False)
    with pytest.raises(Cancelled):
        cf.optimise(np.ones((4, 2)), np.ones((4, 2, 1)), upper=[3.0], progress=lambda _: False)


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
        short = cf.Strategy(start="2022-01", floor=450_000_000.0, floor_every="year").optimise(
            plan.portfolio, offers=plan.offers, growth=plan.growth, prospects=plan.prospects, baseline=plan.baseline
        )
    assert short.summary[0].startswith(
        "The floor of 450.00 million cannot be held: without action the level is 440.39 million"
    )
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
        {"floor_every": "quarter", "relax": "nearest", "floor": 125_000_000.0},
        {"months": 18, "floor": 500_000_000.0},
        {"floor": "none", "capacity": 20_000_000.0},
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
