# The data that ships and the demo's inputs: counts, totals and published figures.
from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest

from custfolio import demo
from custfolio.demo import assumptions, data, scenario


@pytest.mark.parametrize(
    ("year", "rows", "stores", "revenue"),
    [(2020, 64_309, 1_878, 396_663_131.66), (2021, 70_137, 1_948, 428_123_535.40)],
)
def test_deliveries_hold_the_totals_of_the_source(year: int, rows: int, stores: int, revenue: float) -> None:
    found = demo.deliveries(year)
    assert {len(column) for column in found.values()} == {rows}
    assert len(set(found["store"])) == stores
    cents = np.rint(100 * found["revenue"]).astype(np.int64)
    assert np.array_equal(cents / 100, found["revenue"])
    assert cents.sum() == round(100 * revenue)
    assert len(set(zip(found["store"], found["date"].tolist(), strict=True))) == rows
    assert np.array_equal(found["date"].astype("datetime64[Y]"), np.full(rows, np.datetime64(str(year), "Y")))
    assert found["lines"].min() >= 1 and found["bottles"].min() >= 1 and found["cost"].min() > 0
    assert sum(demo.yearly(year)["revenue"]) == pytest.approx(revenue, abs=0.005)


def test_2021_has_the_published_bucket() -> None:
    year, rates = demo.yearly(2021), demo.COSTS["rates"]
    served = (
        rates["deliveries"] * year["deliveries"] + rates["lines"] * year["lines"] + rates["quantity"] * year["bottles"]
    )
    heat = (1 - demo.COSTS["revenue_share"]) * year["revenue"] - year["cost"] - served
    temperature = heat / year["revenue"]
    assert round(year["revenue"].sum() / 1e6, 1) == 428.1
    assert round(heat.sum() / 1e6, 1) == 32.2
    assert round(100 * heat.sum() / year["revenue"].sum(), 1) == 7.5
    assert len(heat) == 1_948
    assert np.count_nonzero(temperature < 0) == 185
    assert np.count_nonzero(temperature < 0.03) == 678


def test_register() -> None:
    stores = demo.stores()
    assert len(stores["store"]) == 2_296
    assert np.isfinite(stores["latitude"]).sum() == np.isfinite(stores["longitude"]).sum() == 2_171
    assert set(stores["status"]) == {"open", "closed"}
    assert set(demo.yearly(2021)["store"]) <= set(stores["store"])


def test_the_data_stays_small() -> None:
    assert sum(path.stat().st_size for path in data.DATA.iterdir()) < 2_000_000


def test_only_two_years_ship() -> None:
    with pytest.raises(ValueError, match="no deliveries of 2019"):
        demo.deliveries(2019)


def test_arrays_are_read_only_so_that_the_cache_stays_true() -> None:
    with pytest.raises(ValueError, match="read-only"):
        demo.deliveries(2021)["revenue"][0] = 1.0


def test_prospects_are_open_located_and_new() -> None:
    prospects = demo.prospects()
    assert len(prospects["prospect"]) == 135
    assert not set(prospects["prospect"]) & set(demo.yearly(2021)["store"])
    register = dict(zip(demo.stores()["store"], demo.stores()["status"], strict=True))
    assert {register[store] for store in prospects["prospect"]} == {"open"}
    assert np.isfinite(prospects["latitude"]).all() and (prospects["revenue"] > 0).all()
    assert (prospects["cost"] < prospects["revenue"]).all()


def test_a_prospect_is_expected_to_buy_the_median_of_its_nearest_customers() -> None:
    prospects, year = demo.prospects(), demo.yearly(2021)
    located = np.isfinite(year["latitude"])
    for row in (0, 60, 134):
        north = (year["latitude"][located] - prospects["latitude"][row]) * 111.195
        east = (year["longitude"][located] - prospects["longitude"][row]) * 111.195 * np.cos(np.deg2rad(42))
        nearest = np.argsort(np.hypot(north, east), kind="stable")[: assumptions.NEIGHBOURS]
        assert prospects["revenue"][row] == pytest.approx(np.median(year["revenue"][located][nearest]), abs=0.01)


def test_action_plans_follow_the_rule() -> None:
    plans = demo.action_plans()
    steps = len(assumptions.STEPS)
    assert len(plans["customer"]) == 3 * len(set(plans["customer"])) == 3_132
    assert np.array_equal(plans["number"].reshape(-1, steps), np.tile([1, 2, 3], (len(plans["customer"]) // steps, 1)))
    assert ((plans["probability"] > 0) & (plans["probability"] < 1)).all()
    assert (plans["contribution"] >= 0).all() and (plans["contribution"] <= plans["revenue"]).all()
    revenue = dict(zip(demo.yearly(2021)["store"], demo.yearly(2021)["revenue"], strict=True))
    own = np.array([revenue[store] for store in plans["customer"]])
    assert (plans["gap"] >= assumptions.SMALLEST_GAP * own - 0.01).all() and (
        plans["gap"] <= assumptions.LARGEST_GAP * own + 0.01
    ).all()
    assert plans["revenue"] == pytest.approx(
        plans["gap"] * np.tile([0.0, 0.15, 0.35], len(own) // steps) / 12, abs=0.01
    )


def test_peers_by_a_slow_search_give_the_same_gap() -> None:
    year = demo.yearly(2021)
    can = [
        row
        for row in range(len(year["store"]))
        if year["status"][row] == "open"
        and np.isfinite(year["latitude"][row])
        and year["months"][row] >= 6
        and year["last"][row] >= np.datetime64("2021-10-01")
    ]
    gaps = dict(zip(demo.action_plans()["customer"], demo.action_plans()["gap"], strict=True))
    degree = np.pi * 6371.0088 / 180
    for row in can[::150]:
        distance = [
            (
                ((year["longitude"][row] - year["longitude"][other]) * degree * np.cos(np.deg2rad(42)) / 50) ** 2
                + ((year["latitude"][row] - year["latitude"][other]) * degree / 50) ** 2
                + (np.log(year["deliveries"][row] / year["deliveries"][other]) / np.log(1.5)) ** 2
                + (
                    np.log(
                        year["lines"][row]
                        / year["deliveries"][row]
                        / (year["lines"][other] / year["deliveries"][other])
                    )
                    / np.log(1.5)
                )
                ** 2
            )
            for other in can
        ]
        peers = [can[index] for index in np.argsort(distance, kind="stable") if can[index] != row][:25]
        upper = np.percentile([year["revenue"][peer] / year["deliveries"][peer] for peer in peers], 75)
        gap = (upper - year["revenue"][row] / year["deliveries"][row]) * year["deliveries"][row]
        costs = year["cost"][row] + 2.5 * year["lines"][row] + 0.12 * year["bottles"][row]
        worth = gap >= 0.1 * year["revenue"][row] and 0.8 * year["revenue"][row] > costs
        expected = min(gap, 0.5 * year["revenue"][row]) if worth else None
        found = gaps.get(year["store"][row])
        assert found == (None if expected is None else pytest.approx(expected, abs=0.01))


def test_managers_share_the_customers() -> None:
    managers = demo.managers()
    assert np.array_equal(managers["customer"], demo.yearly(2021)["store"])
    _, counts = np.unique(managers["manager"], return_counts=True)
    assert len(counts) == 6 and counts.max() - counts.min() <= 1


def test_referrals_lead_from_customers_to_prospects_of_the_same_chain() -> None:
    edges = demo.referrals()
    assert set(edges["source"]) <= set(demo.yearly(2021)["store"])
    assert set(edges["target"]) <= set(demo.prospects()["prospect"])
    _, counts = np.unique(edges["target"], return_counts=True)
    assert counts.min() > 0 and counts.max() <= assumptions.CHAIN_LINKS
    assert scenario._chain("HY-VEE #3 / BDI / DES MOINES") == "HY-VEE"
    assert scenario._chain("CASEY'S GENERAL STORE #2846 / MAQUOKETA") == "CASEY'S GENERAL STORE"


def test_every_assumption_is_a_sentence() -> None:
    assert all(text.endswith(".") and "  " not in text for text in demo.ASSUMPTIONS)
    assert "data.iowa.gov" in demo.SOURCE


@pytest.mark.skipif("CUSTFOLIO_DATA" not in os.environ, reason="needs the full order lines in CUSTFOLIO_DATA")
def test_the_script_makes_the_same_tables(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    script = Path(__file__).resolve().parents[3] / "python" / "tools" / "make_iowa.py"
    spec = importlib.util.spec_from_file_location("make_iowa", script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.main([str(Path(os.environ["CUSTFOLIO_DATA"]) / "iowa"), str(tmp_path)]) == 0
    made = list(tmp_path.glob("*.parquet"))
    assert len(made) == 3
    for path in made:
        assert pq.read_table(path).equals(pq.read_table(data.DATA / path.name))


def test_cdnow_is_the_sample_of_the_literature() -> None:
    found = demo.cdnow()
    assert list(found) == ["customer", "date", "quantity", "amount"]
    assert {len(column) for column in found.values()} == {6_919}
    assert len(set(found["customer"])) == 2_357
    first = {str(k): d for k, d in zip(found["customer"][::-1], found["date"][::-1], strict=True)}
    assert max(first.values()) <= np.datetime64("1997-03-31")
    assert found["date"].max() == np.datetime64("1998-06-30")


def test_the_opportunities_are_those_of_the_sample() -> None:
    found = demo.opportunities()
    stages, counts = np.unique(found["deal_stage"].astype(str), return_counts=True)
    assert dict(zip(stages.tolist(), counts.tolist(), strict=True)) == {
        "Won": 4_238, "Lost": 2_473, "Engaging": 1_589, "Prospecting": 500,
    }  # fmt: skip
    assert np.nansum(found["close_value"]) == 10_005_534
    assert (np.isnat(found["close_date"]) == np.isnan(found["close_value"])).all()
    assert np.isnat(found["engage_date"]).sum() == 500


@pytest.mark.skipif("CUSTFOLIO_DATA" not in os.environ, reason="needs the full pipeline in CUSTFOLIO_DATA")
def test_the_opportunities_are_the_same_as_in_the_export() -> None:
    import pandas as pd

    from custfolio.growth import read_opportunities

    export = read_opportunities(Path(os.environ["CUSTFOLIO_DATA"]) / "crm" / "sales_pipeline.csv")
    shipped = read_opportunities(pd.DataFrame(demo.opportunities()))
    assert len(shipped) == len(export) == 8_800
    for name in ("row", "owner", "product", "customer", "stage", "status", "amount", "created", "closed"):
        np.testing.assert_array_equal(shipped[name], export[name])
