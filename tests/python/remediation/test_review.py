# Review of offers and newcomers: figures by hand, an independent difference in differences, baseline, bad input.
"""``cf.remediation.review``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import custfolio as cf
from custfolio import _core, demo
from custfolio.remediation import review
from custfolio.remediation._answers import NO_DAY

COSTS = cf.CostModel(rates={"deliveries": 60.0})
IDS = [f"c{k}" for k in range(12)]
BEFORE, AFTER = ("2021-01-01", "2021-12-31"), ("2022-01-01", "2022-12-31")


def ledger_of(seed: int, warming: float) -> cf.Ledger:
    """Twelve customers with monthly orders in two years; costs of goods fall by `warming` in the second year."""
    random = np.random.default_rng(seed)
    rows = []
    for year, ratio in ((2021, 0.9), (2022, 0.9 - warming)):
        for name in IDS:
            for month in range(1, 13):
                revenue = float(np.round(300 + 300 * random.random(), 2))
                rows.append((name, f"{year}-{month:02d}-10", revenue, ratio * revenue))
    return cf.Ledger(pd.DataFrame(rows, columns=["customer", "date", "revenue", "cost"]))


@pytest.fixture(scope="module")
def years() -> tuple[cf.Statement, cf.Statement]:
    ledger = ledger_of(1, 0.05)
    return cf.statement(ledger, COSTS, period=BEFORE), cf.statement(ledger, COSTS, period=AFTER)


@pytest.fixture(scope="module")
def offers(years: tuple[cf.Statement, cf.Statement]) -> cf.Offers:
    terms = [cf.Terms.delivery_fee(25, step=5), cf.Terms.minimum_order(500, step=100)]
    return cf.remediate(years[0].portfolio, range(12), terms, target=0.05)


@pytest.fixture(scope="module")
def answers(offers: cf.Offers) -> pd.DataFrame:
    best = offers.to_frame("pandas").iloc[offers.best]
    frame = best[["customer_id", "terms"]].assign(date="2022-01-01")
    return frame.assign(accepted=["yes" if k % 2 else "no" for k in range(len(frame))]).reset_index(drop=True)


def test_brought_is_the_difference_in_differences(
    years: tuple[cf.Statement, cf.Statement], offers: cf.Offers, answers: pd.DataFrame
) -> None:
    found = review(offers, answers, *years)
    table = found.to_frame("pandas").set_index("customer_id")
    before, after = (year.to_frame("pandas").set_index("customer_id") for year in years)
    accepted = answers.customer_id[answers.accepted == "yes"]
    others = table.index[~table.index.isin(accepted)]
    level, heat = before.revenue[others].sum(), before.contribution[others].sum()
    growth = after.revenue[others].sum() / level
    warming = (after.contribution[others].sum() - growth * heat) / level
    assert (found.growth, found.warming) == pytest.approx((growth, warming), rel=1e-12)
    expected = growth * before.contribution[accepted] + warming * before.revenue[accepted]
    np.testing.assert_allclose(table.expected_heat[accepted], expected, rtol=1e-10)
    assert found.brought == pytest.approx((after.contribution[accepted] - expected).sum(), rel=1e-9)
    assert found.lower < found.brought < found.upper
    assert table.brought[others].sum() == pytest.approx(0, abs=1e-8)
    # All customers warmed by 5 points; none of it is credited, though the heat of those that accepted rose.
    assert found.warming == pytest.approx(0.05, abs=0.02)
    rise = (after.contribution[accepted] - before.contribution[accepted]).sum()
    assert abs(found.brought) < 0.5 * rise
    made = offers.to_frame("pandas").set_index(["customer_id", "terms"]).full_change
    promised = sum(made[row.customer_id, row.terms] for row in answers.itertuples() if row.accepted == "yes")
    assert found.promised == pytest.approx(promised, rel=1e-12)
    groups = found.groups.to_frame("pandas").set_index("answer")
    assert groups.customers.sum() == 12
    assert groups.brought["accepted"] == pytest.approx(found.brought)
    assert f"{len(accepted)} accepted offers brought" in found.sentence()
    assert "is not credited" in repr(found)


def test_agreed_minima_are_counted_on_the_orders(years: tuple[cf.Statement, cf.Statement], offers: cf.Offers) -> None:
    rows = [
        (who, terms, "yes", "2022-07-01")
        for who, terms, lever in zip(
            *(offers.columns()[name] for name in ("customer_id", "terms", "lever")), strict=True
        )
        if lever == "minimum order"
    ][:3]
    frame = pd.DataFrame(rows, columns=["customer_id", "terms", "accepted", "date"])
    table = review(offers, frame, *years).to_frame("pandas").set_index("customer_id")
    orders = years[1].portfolio.orders.to_frame("pandas")
    for who, terms, _, date in rows:
        amount = float(terms.rsplit(" ", 1)[1])
        own = orders[(orders.customer_id == who) & (orders.day >= date)]
        assert table.orders_below[who] == (own.amount < amount).sum()
    assert np.isnan(table.orders_below[IDS[-1]])


def test_a_baseline_stands_for_the_year_before(
    years: tuple[cf.Statement, cf.Statement], offers: cf.Offers, answers: pd.DataFrame
) -> None:
    plain = review(offers, answers, *years)
    table = years[0].to_frame("pandas")
    given = {"customer_id": table.customer_id, "level": table.revenue, "heat": table.contribution}
    same = review(offers, answers, *years, baseline=given)
    assert same.brought == pytest.approx(plain.brought, rel=1e-12)
    assert "of the baseline" in same.sentence()
    baseline = cf.lifetime.baseline(ledger_of(1, 0.05), years[0].portfolio, start="2022-01", months=24)
    monthly = review(offers, answers, *years, baseline=baseline)
    sums = baseline.to_frame("pandas").query("month < '2023'").groupby("customer_id")[["level", "heat"]].sum()
    others = ~sums.index.isin(answers.customer_id[answers.accepted == "yes"])
    after = years[1].to_frame("pandas").set_index("customer_id")
    assert monthly.growth == pytest.approx(after.revenue[sums.index[others]].sum() / sums.level[others].sum(), rel=1e-9)
    with pytest.raises(cf.InputError, match="no row of customer 'c0'"):
        review(offers, answers, *years, baseline={"customer_id": ["c1"], "level": [1.0], "heat": [1.0]})
    short = cf.lifetime.baseline(ledger_of(1, 0.05), years[0].portfolio, start="2022-01", months=6)
    with pytest.raises(cf.InputError, match="no month 2022-07"):
        review(offers, answers, *years, baseline=short)


def test_intervals_cover_nothing_where_answers_are_drawn_by_lot() -> None:
    """On two years of Iowa no offer was made, so what 100 drawn customers brought is 0 but for chance."""
    costs = cf.CostModel(rates={"deliveries": 90.0, "lines": 2.5, "quantity": 0.12}, revenue_share=0.20)
    before, after = (
        cf.statement(cf.Ledger.read(demo.deliveries_path(year), customer="store", quantity="bottles"), costs).portfolio
        for year in (2020, 2021)
    )
    terms = [cf.Terms.delivery_fee(25, step=5)]
    made = cf.remediate(before, cf.select(before, target=0.05), terms)
    random = np.random.default_rng(5)
    trials, covered, brought = 300, 0, []
    for _ in range(trials):
        drawn = np.sort(random.choice(np.asarray(made.best), 100, replace=False))
        yes, no_day = np.ones(100, dtype=np.uint8), np.full(100, NO_DAY)
        _, _, totals = _core.review(made.core, before.core, after.core, drawn, yes, no_day, None, None, 0.8)
        covered += totals["lower"] <= 0 <= totals["upper"]
        brought.append(totals["brought"])
    assert 0.72 < covered / trials < 0.88
    assert abs(np.mean(brought)) < 4 * np.std(brought) / np.sqrt(trials)


def test_all_accepted_needs_a_baseline(
    years: tuple[cf.Statement, cf.Statement], offers: cf.Offers, answers: pd.DataFrame
) -> None:
    portfolio = years[0].portfolio
    rows = [portfolio.ids.index(who) for who in answers.customer_id]
    few = cf.remediate(portfolio, rows, offers.levers, target=0.05)
    everyone = answers.assign(accepted="yes")
    with pytest.raises(cf.InputError, match="pass a baseline"):
        review(few, everyone, *years)
    table = years[0].to_frame("pandas")
    given = {"customer_id": table.customer_id, "level": table.revenue, "heat": table.contribution}
    found = review(few, everyone, *years, baseline=given)
    assert found.compared == 0
    assert "the baseline counts as it is" in found.notes[0]
    none = review(offers, answers.assign(accepted="no"), *years)
    assert none.brought == 0
    assert none.sentence() == "No offer was accepted."


def test_newcomers_stand_against_their_terms(
    years: tuple[cf.Statement, cf.Statement], offers: cf.Offers, answers: pd.DataFrame
) -> None:
    given = {
        "customer_id": ["c3", "c4"],
        "level": [3_652.5, 3_652.5],
        "heat": [365.25, 365.25],
        "since": ["2022-12-22", None],
        "terms": ["a minimum order of 500.00", ""],
    }
    found = review(offers, answers, *years, newcomers=given).newcomers.to_frame("pandas")
    assert found.days.tolist() == [10, 365]
    assert found.expected_heat.tolist() == pytest.approx([10, 365])
    assert found.expected_temperature.tolist() == pytest.approx([0.1, 0.1])
    after = years[1].to_frame("pandas").set_index("customer_id")
    assert found.heat.tolist() == after.contribution[["c3", "c4"]].tolist()
    for change, message in (
        ({"customer_id": ["c3", "z"]}, "newcomers, row 2: customer 'z' is not in the portfolio"),
        ({"customer_id": ["c3", "c3"]}, "customer 'c3' has two rows"),
        ({"since": ["2023-01-02", None]}, "came on 2023-01-02, after the period"),
        ({"heat": [1.0, np.nan]}, "'heat', row 2"),
    ):
        with pytest.raises(cf.InputError, match=message):
            review(offers, answers, *years, newcomers=given | change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"terms": "a delivery fee of 24.00"}, "this offer was never made; the customer's offers are"),
        ({"customer_id": "z"}, "never made; the customer has no offer"),
        ({"accepted": "maybe"}, "row 1: found 'maybe'"),
        ({"date": "July"}, "answers, column 'date', row 1"),
    ],
)
def test_bad_answers_are_refused(
    years: tuple[cf.Statement, cf.Statement],
    offers: cf.Offers,
    answers: pd.DataFrame,
    change: dict[str, Any],
    message: str,
) -> None:
    with pytest.raises(cf.InputError, match=message):
        review(offers, answers.iloc[:1].assign(**change), *years)


def test_a_review_refuses_another_portfolio(
    years: tuple[cf.Statement, cf.Statement], offers: cf.Offers, answers: pd.DataFrame
) -> None:
    with pytest.raises(cf.InputError, match="the offers are"):
        review(offers, answers, years[1], years[1])
    with pytest.raises(cf.InputError, match="the period after begins on 2021-01-01; it must begin later"):
        review(offers, answers, years[0], years[0])
    assert review(offers, answers.assign(date="2023-01-01"), *years).accepted == 0
    with pytest.raises(cf.InputError, match="column 'terms'"):
        review(offers, answers.drop(columns="terms"), *years)
    with pytest.raises(cf.InputError, match="confidence is 80"):
        review(offers, answers, *years, confidence=80)
    # The lever names an offer where the customer has one of it.
    lever = answers.assign(terms=["delivery fee" if "fee" in terms else "minimum order" for terms in answers.terms])
    assert review(offers, lever, *years).brought == review(offers, answers, *years).brought


def test_reviews_draw_themselves(
    years: tuple[cf.Statement, cf.Statement], offers: cf.Offers, answers: pd.DataFrame
) -> None:
    found = review(offers, answers, *years, newcomers={"customer_id": ["c1"], "level": [9.0], "heat": [1.0]})
    for result in (found, found.groups, found.newcomers):
        assert result.plot(width=200).to_dict()["width"] == 200
