# What newcomers are made of: arguments of the wrong kind, places that look swapped, and attributes with odd values.
"""Bad input of room ``acquisition``, by named errors and listed candidates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import custfolio as cf
from custfolio import acquisition


@pytest.fixture(scope="module")
def portfolio() -> cf.Portfolio:
    """Forty customers on a grid, every other one warm."""
    k = np.arange(40)
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{number}" for number in k],
            "revenue": 1000.0 + k,
            "contribution": np.where(k % 2 == 0, 100.0, -10.0),
            "latitude": 50.0 + 0.02 * k,
            "longitude": 4.0 + 0.05 * (k % 7),
        }
    )
    return cf.Portfolio.from_frame(frame, latitude="latitude", longitude="longitude")


@pytest.fixture(scope="module")
def candidates() -> pd.DataFrame:
    return pd.DataFrame({"id": ["a", "b", "c"], "latitude": [50.1, 50.3, 50.5], "longitude": [4.1, 4.2, 4.1]})


def test_a_chance_is_fitted_to_identities_alone(portfolio: cf.Portfolio, candidates: pd.DataFrame) -> None:
    prospects = cf.acquire(candidates, portfolio)
    fit = acquisition.fit_win(prospects, pd.Series(["a", "stranger"]))
    assert fit.others == 1
    assert "too few" in fit.note
    for won, message in (
        (np.array([True, False, True]), "value 1: found .*identities"),
        ([np.nan], "value 1: found nan"),
        (pd.DataFrame({"id": ["a"]}), "frame"),
        ("a", "sequence"),
        ([["a"]], "identity"),
    ):
        with pytest.raises(cf.InputError, match=message):
            acquisition.fit_win(prospects, won)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c, p: cf.acquire(c, p, network=1), "the network is 1"),
        (lambda c, p: acquisition.referral_value(None, p), "the network is None"),
        (lambda c, p: cf.acquire(c, p, source_log_odds={"fair": "high"}), "source_log_odds of 'fair'"),
        (lambda c, p: cf.acquire(c, p, source_log_odds={1: 0.5}), "a source of source_log_odds"),
        (lambda c, p: cf.acquire(c, p, kilometre_cost=1.0), "kilometre_cost needs the days of deliveries"),
        (lambda c, p: acquisition.likeness(c, None, p), "customers is None"),
        (lambda c, p: acquisition.route_fit([50], [4], [50], [4], ["Monday"]), "route has values of the type"),
        (lambda c, p: acquisition.route_fit([50], [4], [50], [4], [np.nan]), "route has a value"),
        (lambda c, p: acquisition.route_fit([50], [4], [50], [4], [2**40]), "route has a value"),
        (lambda c, p: cf.acquire(c, p).map("x"), "portfolio is 'x'"),
        (lambda c, p: cf.acquire(c, p).map(p, [1]), "spots"),
    ],
)
def test_arguments_of_the_wrong_kind_are_named(
    portfolio: cf.Portfolio, candidates: pd.DataFrame, call: Callable[..., Any], message: str
) -> None:
    with pytest.raises(cf.InputError, match=message):
        call(candidates, portfolio)


def test_odd_candidates_are_listed_and_decimal_commas_read(portfolio: cf.Portfolio) -> None:
    candidates = pd.DataFrame(
        {
            "id": pd.Series(["comma", "lone \ud800", "soon", "when"], dtype=object),
            "latitude": ["50,1", "50.2", "50.3", "50.4"],
            "longitude": ["4,1", "4.1", "4.1", "4.1"],
            "manager": ["Anna", None, "", "Bo"],
            "lead_months": ["", None, "0", "later"],
        }
    )
    found = cf.acquire(candidates, portfolio)
    table = found.to_frame("pandas").set_index("id")
    assert table.latitude["comma"] == 50.1
    assert table.manager["comma"] == "Anna"
    assert np.isnan(table.lead_months["comma"]) and table.lead_months["soon"] == 0
    assert "lone ?" in table.index
    assert found.rejected.columns()["reason"] == ["lead_months is no whole number of months from 0 to 120"]
    huge = cf.acquire(candidates[:1], portfolio, new_customer_share=1e308).rejected
    assert huge.columns()["reason"] == ["its level or heat is beyond double precision"]


def test_a_swapped_customer_is_listed_and_not_drawn(
    portfolio: cf.Portfolio, candidates: pd.DataFrame, tmp_path: Any
) -> None:
    frame = portfolio.to_frame("pandas")[["customer_id", "latitude", "longitude"]]
    frame.loc[3, ["latitude", "longitude"]] = frame.loc[3, ["longitude", "latitude"]].tolist()
    swapped = portfolio.located(frame)
    assert (portfolio.swapped_places, swapped.swapped_places) == ([], ["c3"])
    found = cf.acquire(candidates, swapped)
    assert any("c3" in note for note in found.notes)
    # One swapped place would shrink all others on a map to a point.
    drawn = {row["name"] for row in found.map(swapped).to_dict()["data"]["values"]}
    assert drawn == {*found.columns()["id"], *swapped.ids} - {"c3"}
    plan = cf.Strategy(start="2022-01", months=12).optimise(swapped, prospects=found)
    plan.report(tmp_path / "plan.html")
    page = (tmp_path / "plan.html").read_text(encoding="utf-8")
    assert "A map: 19 cold customers, 20 warm customers, 3 prospects" in page and "such as c3" in page


def test_prospects_are_drawn_without_places_of_customers(portfolio: cf.Portfolio, candidates: pd.DataFrame) -> None:
    found = cf.acquire(candidates, portfolio)
    bare = cf.Portfolio.from_frame(portfolio.to_frame("pandas")[["customer_id", "revenue", "contribution"]])
    kinds = {row["kind"] for row in found.map(bare).to_dict()["data"]["values"]}
    assert kinds == {"prospect"}


def test_texts_that_are_missing_or_unseen_count_as_the_mean(portfolio: cf.Portfolio, candidates: pd.DataFrame) -> None:
    customers = pd.DataFrame({"customer_id": portfolio.ids, "trade": ["bar", "shop", "bar", None] * 10})
    found = acquisition.likeness(candidates.assign(trade=["bar ", None, "hotel"]), customers, portfolio)
    assert found.columns()["likeness"][0] > 0
    assert found.columns()["likeness"][1:].tolist() == [0.0, 0.0]


def test_likeness_scores_each_row_and_counts_a_text_among_numbers_as_the_mean(
    portfolio: cf.Portfolio, candidates: pd.DataFrame
) -> None:
    customers = pd.DataFrame({"customer_id": portfolio.ids, "size": np.arange(40.0)})
    given = pd.DataFrame({"id": ["a", "b", "a", None, "e"], "size": ["9,5", "8 ha", 9.5, np.inf, " "]})
    found = acquisition.likeness(given, customers, portfolio)
    assert found.columns()["id"] == ["a", "b", "a", "", "e"]
    like = found.columns()["likeness"]
    assert like[0] == like[2] != 0
    assert like[[1, 3, 4]].tolist() == [0.0, 0.0, 0.0]
    assert found.notes == [
        "Attribute size is no number in 2 rows of the candidates, such as '8 ha' in row 2; it counts as the mean there."
    ]
    assert acquisition.likeness(given.assign(size=1.0), customers, portfolio).notes == []


def test_attributes_that_cannot_be_used_are_named(portfolio: cf.Portfolio, candidates: pd.DataFrame) -> None:
    customers = pd.DataFrame({"customer_id": portfolio.ids, "size": np.arange(40.0)})
    given = candidates.assign(size=[1.0, 2.0, 3.0])
    assert len(acquisition.likeness(given, customers, portfolio)) == 3
    for people, newcomers, settings, message in (
        (customers, given, {"target": 5.0}, "target is 5"),
        (customers, given, {"target": float("nan")}, "target is nan"),
        (pd.concat([customers, customers[:1]]), given, {}, "customer 'c0' is listed twice in customers"),
        (customers.assign(likeness=1.0), given.assign(likeness=1.0), {}, "attribute 'likeness'"),
    ):
        with pytest.raises(cf.InputError, match=message):
            acquisition.likeness(newcomers, people, portfolio, **settings)
    everywhere = pd.DataFrame({"customer_id": [f"c{k}" for k in range(60)], "town": [f"t{k}" for k in range(60)]})
    many = cf.Portfolio.from_frame(
        pd.DataFrame({"customer_id": everywhere.customer_id, "revenue": 100.0, "contribution": 10.0})
    )
    with pytest.raises(cf.InputError, match="60 different texts; at most 50"):
        acquisition.likeness(candidates.assign(town="t1"), everywhere, many)


def test_a_plan_with_prospects_of_an_unlocated_portfolio_has_a_page(
    portfolio: cf.Portfolio, candidates: pd.DataFrame, tmp_path: Any
) -> None:
    prospects = cf.acquire(pd.concat([candidates, candidates[:1]]), portfolio)
    bare = cf.Portfolio.from_frame(portfolio.to_frame("pandas")[["customer_id", "revenue", "contribution"]])
    for people in (bare, portfolio):
        plan = cf.Strategy(start="2022-01", months=12).optimise(people, prospects=prospects)
        plan.report(tmp_path / "plan.html", results=[acquisition.white_spots(people)])
        page = (tmp_path / "plan.html").read_text(encoding="utf-8")
        assert "is listed before" in page and "nearest: c" in page and "before these terms" not in page
        assert ("White spots" in page) == (people is portfolio)
        plan.to_excel(tmp_path / "plan.xlsx")


def test_a_pursuit_names_its_manager_terms_and_own_months(portfolio: cf.Portfolio, candidates: pd.DataFrame) -> None:
    given = candidates[:2].assign(manager=["Anna", ""], lead_months=[4, None])
    prospects = cf.acquire(given, portfolio, network=pd.DataFrame({"source": ["c0"], "target": ["a"]}))
    plan = cf.Strategy(start="2022-01", months=12).optimise(portfolio, prospects=prospects)
    actions = plan.actions.to_frame("pandas").set_index("id")
    assert actions.what["a"] == "pursue by Anna, introduced by c0"
    assert actions.what["b"].startswith("pursue, near the warm customer c")
    # Won after its own four months, and after the strategy's one.
    table = prospects.to_frame("pandas").set_index("id")
    for who, lead in (("a", 4), ("b", 1)):
        months = sum(min(1.0, (m - lead + 1) / 4) for m in range(lead, 12)) / 12
        assert actions.level[who] == pytest.approx(months * table.win_probability[who] * table.level[who])
