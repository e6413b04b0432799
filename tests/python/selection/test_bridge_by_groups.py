# The bridge of statements by groups, recomputed row by row with pandas.
"""cf.bridge with by."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

import custfolio as cf

RATES = ({"lines": 2.0, "quantity": 0.5}, {"lines": 2.5, "quantity": 0.5})
SHARE = 0.1


def sales(year: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    count = 400
    item = random.integers(0, 12, count)
    quantity = random.integers(1, 20, count).astype(float)
    customer = random.integers(0, 15, count)
    return pd.DataFrame(
        {
            "customer": [f"c{(k + 3 * (year - 2020)) % 17}" for k in customer],
            "date": [f"{year}-{1 + k % 12:02}-{1 + k % 28:02}" for k in random.integers(0, 300, count)],
            "item": [f"i{k}" for k in item],
            "family": [f"f{k % 3}" for k in item],
            "manager": [f"m{(k + year) % 4}" for k in customer],
            "quantity": quantity,
            "revenue": (quantity * random.uniform(8, 12, count)).round(2),
            "cost": (quantity * random.uniform(5, 9, count)).round(2),
        }
    )


def stated(frame: pd.DataFrame, rates: dict[str, float], **options: Any) -> cf.Statement:
    return cf.statement(cf.Ledger(frame, **options), cf.CostModel(rates, revenue_share=SHARE))


ROLES = {"item": "item", "family": "family", "manager": "manager"}
FRAMES = [sales(2020 + k, 5 + k) for k in range(4)]
PAIRS = [(0, 1), (1, 2), (2, 3)]


def recomputed(before: pd.DataFrame, after: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The parts in currency per group, customer by customer, item by item."""

    def with_costs(frame: pd.DataFrame, rates: dict[str, float]) -> pd.DataFrame:
        lines, units = rates["lines"] * np.ones(len(frame)), rates["quantity"] * frame["quantity"]
        share = SHARE * frame["revenue"]
        heat = frame["revenue"] - frame["cost"] - lines - units - share
        return frame.assign(lines=lines, units=units, share=share, heat=heat)

    old, new = with_costs(before, RATES[0]), with_costs(after, RATES[1])
    at_old_rates = with_costs(after, RATES[0])
    parts: dict[tuple[str, ...], dict[str, float]] = {}

    def add(rows: pd.DataFrame, part: str, amounts: pd.Series[float] | float) -> None:
        for group, amount in (rows.assign(_amount=amounts)).groupby(by)["_amount"].sum().items():
            key = group if isinstance(group, tuple) else (group,)
            parts.setdefault(key, {}).setdefault(part, 0.0)
            parts[key][part] += amount

    for name in {*old["customer"], *new["customer"]}:
        a, b, c = (frame[frame["customer"] == name] for frame in (old, new, at_old_rates))
        if a.empty or b.empty:
            add(b if a.empty else a, "poured_in" if a.empty else "gone", b["heat"] if a.empty else -a["heat"])
            continue
        sums = a.groupby("item")[["quantity", "revenue", "cost"]].sum()
        known = b["item"].isin(sums.index)
        price = b["item"].map(sums["revenue"] / sums["quantity"])
        unit = b["item"].map(sums["cost"] / sums["quantity"])
        valued = (b["quantity"] * price).where(known, b["revenue"])
        costed = (b["quantity"] * unit).where(known, b["cost"])
        scale = valued.sum() / a["revenue"].sum()
        add(a, "volume", (scale - 1) * a["heat"])
        add(b, "price", b["revenue"] - valued)
        add(b, "product_mix", valued - costed)
        add(a, "product_mix", -scale * (a["revenue"] - a["cost"]))
        add(b, "cost_of_goods", costed - b["cost"])
        for part, column in (("lines", "lines"), ("quantity", "units"), ("revenue share", "share")):
            add(a, f"use of {part}", scale * a[column])
            add(c, f"use of {part}", -c[column])
            add(c, f"rate of {part}", c[column])
            add(b, f"rate of {part}", -b[column])
    return pd.DataFrame.from_dict(parts, orient="index").fillna(0.0)


@pytest.mark.parametrize("by", [["family"], ["manager"], ["manager", "family"], ["customer"], ["customer", "family"]])
@pytest.mark.parametrize("pair", PAIRS)
def test_parts_are_those_of_a_recomputation(pair: tuple[int, int], by: list[str]) -> None:
    frames = [FRAMES[k] for k in pair]
    before, after = (stated(frame, rates, **ROLES) for frame, rates in zip(frames, RATES, strict=True))
    found = cf.bridge(before, after, by=by)
    frame = found.to_frame("pandas")
    expected = recomputed(*frames, by)
    keys = list(
        frame[["customer_id" if name == "customer" else name for name in by]].itertuples(index=False, name=None)
    )
    assert sorted(keys) == sorted(expected.index.tolist())
    for part in expected.columns:
        wanted = [expected.loc[[key], part].iloc[0] for key in keys]
        np.testing.assert_allclose(frame[f"contribution of {part}"], wanted, rtol=1e-9, atol=1e-7, err_msg=part)


@pytest.mark.parametrize("pair", PAIRS)
def test_every_level_sums_exactly(pair: tuple[int, int]) -> None:
    before, after = (stated(FRAMES[k], rates, **ROLES) for k, rates in zip(pair, RATES, strict=True))
    found = cf.bridge(before, after, by=("manager", "family"))
    four = cf.bridge(before, after)
    for name in ("before", "after", "poured_in", "gone", "mix", "warming"):
        assert getattr(found, name) == pytest.approx(getattr(four, name), abs=1e-13)
    assert sum(found.temperature.values()) == pytest.approx(found.after - found.before, abs=1e-13)
    assert sum(found.contribution.values()) == pytest.approx(after.bucket.heat - before.bucket.heat, abs=1e-7)
    for by in ((), ("manager",), ("family",), ("family", "manager")):
        level = found.level(*by)
        columns = level.columns()
        for part, total in found.contribution.items():
            assert columns[f"contribution of {part}"].sum() == pytest.approx(total, abs=1e-7)
            assert columns[f"temperature of {part}"].sum() == pytest.approx(found.temperature[part], abs=1e-13)
        rows = columns["contribution_after"] - columns["contribution_before"]
        np.testing.assert_allclose(
            sum(columns[f"contribution of {part}"] for part in found.contribution), rows, atol=1e-7
        )
    # Rows of customers are those of the four parts.
    customers = cf.bridge(before, after, by="customer").to_frame("pandas").set_index("customer_id")
    rows = four.to_frame("pandas").set_index("customer_id")
    for name in ("mix", "warming"):
        np.testing.assert_allclose(customers[name].loc[rows.index], rows[name], atol=1e-13)


def test_without_items_sales_are_one_part_and_that_is_shown() -> None:
    before, after = (stated(FRAMES[k], RATES[0], family="family") for k in (0, 1))
    found = cf.bridge(before, after, by="family")
    assert found.contribution["price"] == found.contribution["volume"] == 0
    assert found.contribution["sales"] != 0
    assert found.customers_in_one_part > 0
    assert "sales in one part" in repr(found)
    assert sum(found.temperature.values()) == pytest.approx(found.after - found.before, abs=1e-13)


def test_a_change_of_rates_alone_is_a_change_of_rates() -> None:
    frame = FRAMES[0]
    later = frame.assign(date=frame["date"].str.replace("2020", "2021"))
    found = cf.bridge(stated(frame, RATES[0], **ROLES), stated(later, RATES[1], **ROLES), by="manager")
    changed = {part for part, amount in found.contribution.items() if abs(amount) > 1e-8}
    assert changed == {"rate of lines"}
    assert found.contribution["rate of lines"] == pytest.approx(-0.5 * len(frame))


def test_pages_of_charts_and_pickles() -> None:
    before, after = (stated(FRAMES[k], RATES[0], **ROLES) for k in (0, 1))
    found = cf.bridge(before, after, by=("manager", "family"))
    spec = found.plot(width=300).to_dict()
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["bar", "point"]
    assert cf.bridge(before, after, by="customer").plot().to_dict()["layer"][0]["mark"]["type"] == "bar"
    again = pickle.loads(pickle.dumps(found))
    assert again.level("family").columns()["mix"].tolist() == found.level("family").columns()["mix"].tolist()


def test_periods_share_no_days_and_unlike_lengths_are_stated() -> None:
    ledger = cf.Ledger(pd.concat(FRAMES[:2]), **ROLES)
    year, half = ("2020-01-01", "2020-12-31"), ("2021-01-01", "2021-06-30")
    first, second = (cf.statement(ledger, period=period) for period in (year, half))
    found = cf.bridge(first, second, by="family")
    assert found.note == "The periods have 366 and 181 days, so amounts differ by their lengths too."
    assert found.note in repr(found)
    assert found.level().note == cf.bridge(first, second).note == found.note
    assert found.note in " ".join(second.pages(against=first, bridge=["family"]).summary)
    whole = cf.statement(ledger, period=("2020-01-01", "2021-06-30"))
    for by in ((), "family"):
        with pytest.raises(cf.InputError, match="2020-01-01 to 2020-12-31 and 2020-01-01 to 2021-06-30 share days"):
            cf.bridge(first, whole, by=by)
    assert not cf.bridge(first, first, by="family").note


def test_the_steps_of_the_company_are_the_totals_of_the_table() -> None:
    before, after = (stated(FRAMES[k], RATES[k], **ROLES) for k in (0, 1))
    tables = after.pages(against=before, bridge=["manager", ("manager", "family")]).tables
    steps = dict(zip(tables["bridge"].cells["step"], tables["bridge"].cells["amount"], strict=True))
    table = tables["bridge_0"]
    totals = {column.name: table.total(column.name) for column in table.columns if column.kind == "amount"}
    named = {name.removeprefix("contribution of ").replace("_", " "): total for name, total in totals.items()}
    assert {step: round(amount, 2) for step, amount in steps.items()} == named


def test_bad_input() -> None:
    before, after = (stated(FRAMES[k], RATES[0], **ROLES) for k in (0, 1))
    with pytest.raises(cf.InputError, match="have no 'month'; there are customer, item, family, manager"):
        cf.bridge(before, after, by="month")
    with pytest.raises(cf.InputError, match="have no 'group'; name its column in both ledgers: group="):
        cf.bridge(before, after, by=["group"])
    with pytest.raises(cf.InputError, match="by is 5; it must be a dimension"):
        cf.bridge(before, after, by=5)  # type: ignore[arg-type]
    with pytest.raises(cf.InputError, match="by is None; it must be"):
        cf.bridge(before, after, by=[None])  # type: ignore[list-item]
    with pytest.raises(cf.InputError, match="names 'family' twice"):
        cf.bridge(before, after, by=["family", "family"])
    with pytest.raises(cf.InputError, match="after is a Portfolio; groups need two statements"):
        cf.bridge(before, after.portfolio, by="family")
    with pytest.raises(cf.InputError, match="before is a Portfolio; groups need two statements"):
        cf.bridge(before.portfolio, after, by="family")
    with pytest.raises(cf.InputError, match="a stored statement has no rows to bridge"):
        cf.bridge(pickle.loads(pickle.dumps(before)), after, by="family")
    with pytest.raises(cf.InputError, match="the bridge is by family; found 'manager'"):
        cf.bridge(before, after, by="family").level("manager")
