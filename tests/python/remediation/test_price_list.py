# The price list on the demo's data: break-even against a computation in NumPy, zones and channels, faces, bad input.
"""Price list of room ``remediation``."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import custfolio as cf
from custfolio import demo
from custfolio.cli import app


@pytest.fixture(scope="module")
def portfolio() -> cf.Portfolio:
    ledger = cf.Ledger.read(demo.deliveries_path(2021), customer="store", quantity="bottles")
    return cf.statement(ledger, cf.CostModel(**demo.COSTS), period=demo.PERIOD).portfolio


@pytest.fixture(scope="module")
def zones(portfolio: cf.Portfolio) -> pd.DataFrame:
    """Return made-up zones and channels of the stores."""
    ids = portfolio.ids
    return pd.DataFrame(
        {
            "customer_id": ids,
            "zone": [("north", "middle", "south")[int(one) % 3] for one in ids],
            "channel": [("shop", "phone")[int(one) // 3 % 2] for one in ids],
        }
    )


def test_break_even_order_values_are_those_of_numpy(portfolio: cf.Portfolio, zones: pd.DataFrame) -> None:
    prices = cf.remediation.price_list(portfolio, zones=zones, target=0.05, step=100, fee_step=5, rows=3)
    orders = pd.DataFrame(dict(portfolio.orders.columns())).merge(zones, on="customer_id")
    core = portfolio.core
    ratio = dict(zip(portfolio.ids, (core.goods / core.revenue).tolist(), strict=True))
    orders["kept"] = (
        orders["amount"] * (0.8 - orders["customer_id"].map(ratio)) - 2.5 * orders["lines"] - 0.12 * orders["quantity"]
    )
    orders["contribution"] = orders["kept"] - 90.0
    assert orders["contribution"].sum() == pytest.approx(portfolio.bucket.heat)
    found = prices.to_frame("pandas").set_index(["zone", "channel"])
    assert len(found) == 6
    for cell, rows in orders.groupby(["zone", "channel"]):
        margin = rows["kept"].sum() / rows["amount"].sum()
        row = found.loc[cell]
        assert row["orders"] == len(rows)
        assert row["margin"] == pytest.approx(margin)
        assert row["order_cost"] == pytest.approx(90.0)
        assert row["break_even"] == pytest.approx(90.0 / (margin - 0.05))
        assert row["below"] == int((rows["amount"] < row["break_even"]).sum())
        assert row["loss"] == pytest.approx(rows["contribution"].clip(upper=0.0).sum())
        assert row["minimum"] >= row["break_even"]
        assert row["minimum"] % 100 == 0
        assert row["fee"] % 5 == 0
    losing = prices.losing_orders.to_frame("pandas")
    assert len(losing) == int((orders["contribution"] < 0).sum())
    assert losing["contribution"].is_monotonic_increasing
    table = prices.table.columns()
    assert len(table["minimum"]) <= 3
    effects = prices.customers.to_frame("pandas").set_index("customer_id")
    for store in effects.index[:40]:
        effect, own = effects.loc[store], orders[orders["customer_id"] == store]
        assert effect["below"] == int((own["amount"] < effect["minimum"]).sum())
        assert effect["fees"] == pytest.approx(effect["below"] * effect["fee"])
        assert effect["heat_if_pays"] == pytest.approx(0.8 * effect["fees"])
        assert effect["heat_if_waits"] == pytest.approx(90.0 * (len(own) - effect["deliveries_if_waits"]))


def test_a_price_list_shows_itself(portfolio: cf.Portfolio, zones: pd.DataFrame) -> None:
    prices = cf.remediation.price_list(portfolio, zones=zones[["customer_id", "zone"]].head(900), rows=2)
    assert set(prices.columns()["zone"]) == {"north", "middle", "south", "none"}
    assert "channel" not in prices.columns()
    given = {name: zones[name].head(900).tolist() for name in ("customer_id", "zone")}
    assert cf.remediation.price_list(portfolio, zones=given, rows=2).columns()["zone"] == prices.columns()["zone"]
    for result in (prices, prices.table, prices.customers, prices.losing_orders):
        assert "custfolio" in result._repr_html_()
        assert result.plot().to_dict()
    nothing = cf.remediation.price_list(portfolio, target=0.5)
    assert math.isnan(nothing.columns()["break_even"][0])
    assert len(nothing.table) == len(nothing.customers) == 0


def test_a_page_lists_the_greatest_losses(portfolio: cf.Portfolio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custfolio.remediation._price_list._SHOWN_ORDERS", 100)
    prices = cf.remediation.price_list(portfolio)
    shown = prices.tables()["Orders that lost money"]["contribution"]
    assert len(shown) == 100
    assert list(shown) == list(prices.losing_orders.columns()["contribution"][:100])
    assert prices.notes == [f"the 100 orders with the greatest losses of {len(prices.losing_orders):,} are listed"]


def test_what_is_missing_or_wrong_is_named(portfolio: cf.Portfolio, zones: pd.DataFrame) -> None:
    twice = pd.DataFrame({"customer_id": [zones["customer_id"][0]] * 2, "zone": ["a", "b"]})
    for arguments, words in (
        ({"zones": zones[["customer_id"]]}, "no column zone or channel"),
        ({"zones": 3}, "zones must be a frame, or a mapping of columns"),
        ({"zones": zones, "zone": "region"}, "region"),
        ({"zones": twice}, "has two zones or channels"),
        ({"step": 0}, "step is 0"),
        ({"rows": 0}, "rows is 0"),
        ({"target": 5}, "target temperature is 5"),
    ):
        with pytest.raises(cf.InputError, match=words):
            cf.remediation.price_list(portfolio, **arguments)  # type: ignore[arg-type]
    frame = pd.DataFrame({"customer_id": ["a"], "revenue": [1.0], "contribution": [0.5]})
    with pytest.raises(cf.InputError, match="no cost model"):
        cf.remediation.price_list(cf.Portfolio.from_frame(frame))
    with pytest.raises(cf.InputError, match="needs orders"):
        cf.remediation.price_list(cf.Portfolio.from_frame(frame, costs=cf.CostModel()))


def test_settings_print_the_price_list(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    days = pd.date_range("2023-01-01", "2024-12-28", freq="9D")
    rows = [
        (f"K{k}", str(day.date()), round(float(amount), 2), round(0.7 * float(amount), 2))
        for k in range(12)
        for day, amount in zip(days, 20 + 400 * random.random(len(days)), strict=True)
    ]
    pd.DataFrame(rows, columns=["customer", "date", "revenue", "cost"]).to_csv(tmp_path / "ledger.csv", index=False)
    pd.DataFrame({"customer": [f"K{k}" for k in range(12)], "zone": ["near", "far"] * 6}).to_csv(
        tmp_path / "zones.csv", index=False
    )
    settings = tmp_path / "custfolio.toml"
    settings.write_text(
        '[ledger]\nfiles = "ledger.csv"\nperiod = ["2024-01-01", "2024-12-31"]\n[costs]\nrates = { deliveries = 20.0 }\n'
        '[remediation]\nminimum_order = 300.0\nstep = { minimum_order = 50 }\nobjective = "expected"\n'
        'price_list = { zones = "zones.csv", step = 10, rows = 1 }\n[[remediation.terms]]\nlever = "frequency"\ndays = 14\n'
        '[selection]\ntarget = 0.25\n[strategy]\nstart = "2025-01"\n'
    )
    found = CliRunner().invoke(app, ["run", str(settings), "--json"])
    assert found.exit_code in (0, 3), found.output
    (row,) = json.loads(found.stdout)["price_list"]
    assert row["zones"] == "far; near"
    assert row["minimum"] % 10 == 0
    printed = CliRunner().invoke(app, ["run", str(settings)])
    assert "The price list" in printed.output
    assert "lost" in printed.output
    page = (tmp_path / "plan" / "plan.html").read_text(encoding="utf-8")
    for title in ("Break-even orders", "Price list", "Effect of the price list", "Orders that lost money"):
        assert f"<strong>{title}</strong>" in page
    settings.write_text(settings.read_text().replace("step = 10,", "steps = 10,"))
    wrong = CliRunner().invoke(app, ["run", str(settings)])
    assert "unknown key 'steps'" in str(wrong.exception)
