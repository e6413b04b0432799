# Portfolio: from the user's own figures, places, and the bridge between two periods.
"""Room ``portfolio``."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import custfolio as cf
from custfolio import demo

FRAME = {"customer_id": ["a", "b", "c"], "revenue": [100.0, 50.0, 0.0], "contribution": [10.0, -5.0, -1.0]}


def test_heat_is_level_times_temperature() -> None:
    portfolio = cf.Portfolio.from_frame(pd.DataFrame(FRAME))
    assert portfolio.bucket.heat == portfolio.bucket.level * portfolio.bucket.temperature == pytest.approx(4.0)
    assert math.isnan(portfolio["c"].temperature)
    assert portfolio["b"].temperature == -0.1
    assert [customer.id for customer in portfolio] == ["a", "b", "c"]
    assert "a" in portfolio
    assert "z" not in portfolio
    with pytest.raises(cf.NotFoundError, match="z"):
        portfolio["z"]


figures = st.lists(
    st.tuples(st.integers(0, 12), st.floats(1.0, 1e6), st.floats(-1e5, 1e5)),
    min_size=1,
    max_size=12,
    unique_by=lambda row: row[0],
)


@given(figures, figures)
def test_the_bridge_sums_exactly(old: list[tuple[int, float, float]], new: list[tuple[int, float, float]]) -> None:
    def portfolio(rows: list[tuple[int, float, float]]) -> cf.Portfolio:
        columns = list(zip(*rows, strict=True))
        return cf.Portfolio.from_frame(
            pl.DataFrame({"customer_id": columns[0], "revenue": columns[1], "contribution": columns[2]})
        )

    assume({row[0] for row in old} & {row[0] for row in new})  # else they are two companies
    before, after = portfolio(old), portfolio(new)
    bridge = cf.bridge(before, after)
    change = after.bucket.temperature - before.bucket.temperature
    scale = max(1.0, max(abs(k / r) for _, r, k in old + new))
    parts = bridge.poured_in + bridge.gone + bridge.mix + bridge.warming
    assert parts == pytest.approx(change, abs=1e-12 * scale)
    assert bridge.to_frame("pandas")["total"].sum() == pytest.approx(change, abs=1e-11 * scale)


def test_the_bridge_of_the_shipped_years() -> None:
    costs = cf.CostModel(rates={"deliveries": 90.0, "lines": 2.5, "quantity": 0.12}, revenue_share=0.20)
    stated = []
    for year in (2020, 2021):
        ledger = cf.Ledger(
            pl.DataFrame(demo.deliveries(year)), customer="store", quantity="bottles", cost="cost", lines="lines"
        )
        stated.append(cf.statement(ledger, costs))
    bridge = cf.bridge(*stated)
    assert bridge.before == stated[0].bucket.temperature
    assert bridge.after == stated[1].bucket.temperature
    assert bridge.poured_in + bridge.gone + bridge.mix + bridge.warming == pytest.approx(
        bridge.after - bridge.before, abs=1e-12
    )
    assert bridge.plot().to_dict()


def test_places_are_found_by_customer() -> None:
    portfolio = cf.Portfolio.from_frame(pd.DataFrame(FRAME))
    places = pl.DataFrame({"customer_id": ["c", "stranger"], "latitude": [41.5, 0.0], "longitude": [-93.6, 0.0]})
    located = portfolio.located(places)
    np.testing.assert_array_equal(located.core.latitude, [math.nan, math.nan, 41.5])
    assert located.bucket == portfolio.bucket
    assert len(located.rejected_places) == 0
    with pytest.raises(cf.InputError, match="latitude"):
        portfolio.located(places.drop("latitude"))


def test_bad_places_are_listed_with_their_reasons() -> None:
    ids = list("abcdefghi")
    portfolio = cf.Portfolio.from_frame(
        pd.DataFrame({"customer_id": ids, "revenue": [9.0] * 9, "contribution": [1.0] * 9})
    )
    rows: list[tuple[Any, Any, Any, str]] = [
        ("a", 41.6, -93.6, ""),
        ("b", -93.6, 41.6, "latitude is -93.6; it lies in [-90, 90] degrees. Latitude and longitude may be swapped"),
        ("stranger", 400, "far", ""),
        ("\ud800", 41, -93, ""),
        ("c", 91, 100, "latitude is 91; it lies in [-90, 90] degrees"),
        ("d", 41.6, math.inf, "longitude is inf; it lies in [-180, 180] degrees"),
        ("e", "north", "4,1", "latitude is 'north'; it must be a number of degrees"),
        ("f", "", None, ""),
        ("g", "50,5", None, "longitude is missing"),
        ("a", 10, 10, "is listed before"),
        (None, 50, 4, "has no identity"),
        ("h", True, 4.0, "latitude is True; it must be a number of degrees"),
        ("i", "50,5", " 4.25 ", ""),
    ]
    frame = pd.DataFrame(
        {name: pd.Series([row[k] for row in rows], dtype=object) for k, name in enumerate(("customer", "y", "x"))}
    )
    located = portfolio.located(frame, customer="customer", latitude="y", longitude="x")
    expected = [(k + 1, row[0] or "", row[3]) for k, row in enumerate(rows) if row[3]]
    assert list(zip(*located.rejected_places.columns().values(), strict=True)) == expected
    assert located.core.latitude is not None and located.core.longitude is not None
    nan = math.nan
    np.testing.assert_array_equal(located.core.latitude, [41.6, nan, nan, nan, nan, nan, nan, nan, 50.5])
    np.testing.assert_array_equal(located.core.longitude, [-93.6, nan, nan, nan, nan, nan, nan, nan, 4.25])
    assert len(pickle.loads(pickle.dumps(located)).rejected_places) == len(expected)
    assert len(portfolio.rejected_places) == 0
    candidates = pd.DataFrame({"id": ["new"], "latitude": [41.0], "longitude": [-93.0]})
    assert any(
        "8 rows, such as row 2 (b): latitude is -93.6;" in note for note in cf.acquire(candidates, located).notes
    )


def test_bad_places_in_the_frame_of_the_customers_are_listed() -> None:
    frame = pd.DataFrame({**FRAME, "north": [-93.6, "51,5", None], "east": [41.6, 4.25, 4.0]})
    portfolio = cf.Portfolio.from_frame(frame, latitude="north", longitude="east")
    assert portfolio.rejected_places.columns()["row"] == [1, 3]
    assert portfolio.core.latitude is not None and portfolio.core.longitude is not None
    np.testing.assert_array_equal(portfolio.core.latitude, [math.nan, 51.5, math.nan])
    np.testing.assert_array_equal(portfolio.core.longitude, [math.nan, 4.25, math.nan])
    with pytest.raises(cf.InputError, match="longitude is missing"):
        cf.Portfolio.from_frame(frame, latitude="north")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"customer_id": ["a", "a", "c"]}, "'?a'?"),
        ({"customer_id": ["a", "", "c"]}, "empty|identity"),
        ({"customer_id": ["a", None, "c"]}, "row 2"),
        ({"revenue": [100.0, math.nan, 0.0]}, "revenue"),
        ({"contribution": ["much", "1", "2"]}, "much"),
    ],
)
def test_bad_columns_are_named(change: dict[str, list[object]], told: str) -> None:
    with pytest.raises(cf.InputError, match=told):
        cf.Portfolio.from_frame(pd.DataFrame({**FRAME, **change}))


def test_unknown_columns_are_named() -> None:
    with pytest.raises(cf.InputError, match="turnover"):
        cf.Portfolio.from_frame(pd.DataFrame(FRAME), revenue="turnover")
    with pytest.raises(cf.InputError, match="colour"):
        cf.Portfolio.from_frame(pd.DataFrame(FRAME), colour="revenue")
    with pytest.raises(cf.InputError, match="before it begins"):
        cf.Portfolio.from_frame(pd.DataFrame(FRAME), period=("2021-12-31", "2021-01-01"))


def test_customers_are_recognised_by_either_usual_name() -> None:
    amounts = {"revenue": [5.0, 3.0], "contribution": [1.0, -1.0]}
    portfolio = cf.Portfolio.from_frame(pd.DataFrame({"customer": ["a", "b"], **amounts}))
    assert portfolio.ids == cf.Portfolio.from_frame(pd.DataFrame({"customer_id": ["a", "b"], **amounts})).ids
    placed = portfolio.located(pd.DataFrame({"customer": ["b"], "latitude": [50.0], "longitude": [4.0]}))
    assert placed.columns()["latitude"][1] == 50.0
    answers = pd.DataFrame({"customer": ["b"], "interesting": [1.0]})
    selection = cf.select(portfolio, interesting=answers)
    agenda = cf.anchor(
        portfolio, selection, managers={"manager": ["m"], "reviews_per_day": [2]}, start="2022-01",
        last_review={"customer": ["a"], "day": ["2021-12-01"]},
    )  # fmt: skip
    assert set(agenda.columns()["customer_id"]) == {"a", "b"}
    with pytest.raises(cf.InputError, match="column 'customer_id' is not in last_review"):
        cf.anchor(portfolio, selection, start="2022-01", last_review={"client": ["a"], "day": ["2021-12-01"]})
    ledger = cf.Ledger(
        pd.DataFrame({"customer": ["a", "b"], "date": ["2024-01-05", "2024-03-07"], "revenue": [1.0, 2.0]}),
        missing_cost=0,
    )
    drivers = pd.DataFrame({"customer": ["a"], "visits": [3.0]})
    stated = cf.statement(ledger, cf.CostModel(rates={"visits": 0.1}), drivers=drivers)
    assert stated.bucket.heat == pytest.approx(3.0 - 0.3)
    born = cf.lifetime.summary(ledger, born=pd.DataFrame({"customer": ["a"], "date": ["2020-01-01"]}))
    assert born.customer_id == ["b"]
