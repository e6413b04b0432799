# Prospects and warmth, against a loop over all pairs.
"""Room ``acquisition``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import custfolio as cf
from custfolio import acquisition, demo


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance by the haversine formula."""
    (p, q), (r, s) = [(math.radians(x), math.radians(y)) for x, y in (a, b)]
    h = math.sin((r - p) / 2) ** 2 + math.cos(p) * math.cos(r) * math.sin((s - q) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(h))


places = st.lists(st.tuples(st.floats(-80, 80), st.floats(-180, 180)), min_size=1, max_size=6)


@given(places, places, st.floats(5.0, 500.0), st.data())
def test_warmth_agrees_with_a_loop(
    candidates: list[tuple[float, float]], customers: list[tuple[float, float]], bandwidth: float, data: st.DataObject
) -> None:
    heat = data.draw(st.lists(st.floats(-1e4, 1e5), min_size=len(customers), max_size=len(customers)))
    found = acquisition.neighbourhood_warmth(
        *zip(*candidates, strict=True), *zip(*customers, strict=True), heat, bandwidth
    )
    slow = [
        math.fsum(
            max(h, 0.0) * math.exp(-kilometres(at, customer) / bandwidth)
            for customer, h in zip(customers, heat, strict=True)
        )
        for at in candidates
    ]
    np.testing.assert_allclose(found, slow, rtol=1e-6, atol=1e-6)


@pytest.fixture(scope="module")
def shipped() -> tuple[cf.Portfolio, cf.Prospects]:
    inputs = demo.inputs()
    stated = cf.statement(inputs.ledger(), inputs.costs, period=inputs.period)
    portfolio = stated.portfolio.located(inputs.places)
    return portfolio, cf.acquire(inputs.candidates, portfolio, base_win_probability=0.3)


def test_the_shipped_prospects_agree_with_a_loop(shipped: tuple[cf.Portfolio, cf.Prospects]) -> None:
    portfolio, found = shipped
    core = portfolio.core
    assert len(found) + len(found.rejected) == 135
    table = found.to_frame("pandas")
    assert (table.warmth.diff().dropna() <= 0).all()
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    wanted = pd.DataFrame(demo.prospects()).set_index("prospect")
    warm = np.flatnonzero((core.contribution > 0) & np.isfinite(core.latitude))
    for row in table.iloc[[0, 20, 60, -1]].itertuples():
        at = (wanted.latitude[row.id], wanted.longitude[row.id])
        distance = np.array([kilometres(at, (core.latitude[k], core.longitude[k])) for k in warm])
        weight = np.exp(-distance / 10.0)
        heat, level = core.contribution[warm], core.revenue[warm]
        assert row.warmth == pytest.approx(weight @ heat, rel=1e-6)
        assert row.level == pytest.approx(0.5 * (weight @ level) / weight.sum(), rel=1e-6)
        temperature = max((weight @ heat) / (weight @ level), 0.05)
        assert row.heat == pytest.approx(row.level * temperature, rel=1e-6)
        assert row.introduced_by == core.id[warm[distance.argmin()]]
        assert 0 < row.win_probability < 1
    assert found.plot().to_dict()


def test_candidates_that_cannot_be_judged_are_listed(shipped: tuple[cf.Portfolio, cf.Prospects]) -> None:
    portfolio, _ = shipped
    candidates = pl.DataFrame(
        {
            "id": [portfolio.ids[0], "lost", "remote", "near"],
            "name": ["own", "lost", "remote", None],
            "latitude": [41.6, None, -80.0, 41.6],
            "longitude": [-93.6, None, 0.0, -93.6],
        }
    )
    found = cf.acquire(candidates, portfolio)
    assert found.to_frame()["id"].to_list() == ["near"]
    assert found.rejected.to_frame()["row"].to_list() == [1, 2, 3]
    assert all(found.rejected.to_frame()["reason"].to_list())
    assert found.rejected.plot().to_dict()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"bandwidth_km": 0.0}, "bandwidth"),
        ({"base_win_probability": 30.0}, r"0\.3|base_win"),
        ({"ramp_months": -1}, "ramp"),
        ({"new_customer_share": 0.0}, "share"),
    ],
)
def test_bad_settings_are_named(
    shipped: tuple[cf.Portfolio, cf.Prospects], options: dict[str, float], told: str
) -> None:
    candidates = pl.DataFrame({"id": ["n"], "latitude": [41.6], "longitude": [-93.6]})
    with pytest.raises(cf.InputError, match=told):
        cf.acquire(candidates, shipped[0], **options)  # type: ignore[arg-type]


def test_bad_candidates_are_listed_and_others_ranked(shipped: tuple[cf.Portfolio, cf.Prospects]) -> None:
    with pytest.raises(cf.InputError, match="longitude"):
        cf.acquire(pl.DataFrame({"id": ["n"], "latitude": [41.6]}), shipped[0])
    candidates = {
        "id": ["good", "good", None, "off", "swapped", "text", shipped[0].ids[0]],
        "latitude": [41.6, 41.7, 41.6, -93.0, -93.6, "forty-one", 41.6],
        "longitude": [-93.6, -93.6, -93.6, 200.0, 41.6, "-93.6", -93.6],
    }
    found = cf.acquire(pd.DataFrame(candidates), shipped[0])
    assert found.columns()["id"] == ["good"]
    rejected = found.rejected.columns()
    assert rejected["row"] == [2, 3, 4, 5, 6, 7]
    for reason, wanted in zip(
        rejected["reason"], ["before", "identity", "latitude is -93", "swapped", "not located", "customer"], strict=True
    ):
        assert wanted in reason
    nobody = cf.acquire(pl.DataFrame({"id": [], "latitude": [], "longitude": []}), shipped[0])
    assert len(nobody) == 0
    assert len(nobody.rejected) == 0


def test_a_chance_is_the_same_whoever_else_is_listed(shipped: tuple[cf.Portfolio, cf.Prospects]) -> None:
    portfolio, found = shipped
    wanted = pd.DataFrame(demo.prospects()).rename(columns={"prospect": "id"})[["id", "latitude", "longitude"]]
    chances = dict(zip(found.core.id, found.core.win_probability, strict=True))
    half = cf.acquire(wanted.iloc[::2], portfolio, base_win_probability=0.3)
    alone = cf.acquire(wanted.iloc[[7]], portfolio, base_win_probability=0.3)
    for part in (half, alone):
        assert [chances[each] for each in part.core.id] == part.core.win_probability.tolist()
    assert np.ptp(found.core.win_probability) > 0.05


def test_hours_of_a_manager_limit_pursuits(shipped: tuple[cf.Portfolio, cf.Prospects]) -> None:
    portfolio = shipped[0]
    random = np.random.default_rng(5)
    rows = np.flatnonzero(np.isfinite(portfolio.to_frame("pandas").latitude))[:16]
    frame = portfolio.to_frame("pandas").iloc[rows]
    candidates = pd.DataFrame(
        {
            "id": [f"new {k}" for k in range(16)],
            "latitude": frame.latitude.to_numpy() + random.normal(0, 0.02, 16),
            "longitude": frame.longitude.to_numpy() + random.normal(0, 0.02, 16),
            "manager": ["Ann", "Bob"] * 8,
        }
    )
    prospects = cf.acquire(candidates, portfolio, hours_per_pursuit=8)

    def pursuits(**settings: Any) -> pd.DataFrame:
        strategy = cf.Strategy(start="2022-01", months=12, floor="none", **settings)
        plan = strategy.optimise(portfolio, prospects=prospects)
        # The plan without prospects has no group of prospects alone.
        assert plan.alternatives.columns()["plan"] == ["no action", "steps one to four", "all steps"]
        return plan.actions.to_frame("pandas").query("step == 'acquisition'")

    free = pursuits()
    best = free[free.manager == "Bob"].sort_values("heat", ascending=False)
    assert len(best) > 3 and set(free.month) == {"2022-01"}
    limited = pursuits(groups={"manager": {"Bob": {"limits": {"sales_hours": 16}}}})
    assert {*limited.id[limited.manager == "Bob"]} == {*best.id[:2]}
    assert {*limited.id[limited.manager == "Ann"]} == {*free.id[free.manager == "Ann"]}
    # With eight hours a month the plan chooses the order: who loses most by waiting is first.
    monthly = pursuits(groups={"manager": {"Bob": {"limits": {"sales_hours": [8.0] * 12}}}})
    months = monthly[monthly.manager == "Bob"].set_index("id").month
    assert len(months) == len(set(months)) > 3 and set(months) == {f"2022-{k:02d}" for k in range(1, len(months) + 1)}
    assert months[best.id.iloc[0]] < months[best.id.iloc[3]]
