# Tests of the statement by groups: against a slow computation, against the statement, and bad input.
"""`Statement.by`: families, groups, managers, months and their crosses."""

from __future__ import annotations

import copy
import math
import random
from collections import defaultdict
from typing import Any

import polars as pl
import pytest

import custfolio as cf
from custfolio.errors import InputError

COSTS = cf.CostModel(
    {"deliveries": 90.0, "lines": 2.5, "quantity": 0.12, "returns": 40.0, "km": 0.7}, revenue_share=0.2
)


def rows_of(seed: int, count: int = 400) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    rows = []
    for _ in range(count):
        document = rng.randrange(120)
        customer = document % 17
        rows.append({
            "customer": f"c{customer}", "date": f"2021-{document % 12 + 1:02d}-{document % 28 + 1:02d}", "document": f"d{document}",
            "revenue": rng.choice([1, 1, 1, -1]) * round(rng.uniform(1, 200), 2), "cost": round(rng.uniform(1, 150), 2),
            "quantity": float(rng.randint(1, 30)), "km": float(rng.randint(0, 9)), "family": rng.choice(["wine", "beer", None]),
            "manager": rng.choice(["Ann", "Bob", "Ann; Bob"]),
        })  # fmt: skip
        if rows[-1]["revenue"] < 0:
            rows[-1]["quantity"] *= -1
    return rows


def ledger_of(rows: list[dict[str, Any]], **options: Any) -> cf.Ledger:
    named = {"family": "family", "manager": "manager", "drivers": {"km": "km"}, "document": "document"}
    return cf.Ledger(pl.DataFrame(rows), **(named | options))


def slow(rows: list[dict[str, Any]], value: str) -> dict[str, list[float]]:
    """Cost of every row on its own, then summed by value: revenue, contribution, deliveries."""
    documents = defaultdict(list)
    for row in rows:
        documents[row["document"]].append(row)
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for own in documents.values():
        total = math.fsum(row["revenue"] for row in own)
        for row in own:
            part = 1 / len(own)
            event = 90.0 if total > 0 else 40.0
            units = max(row["quantity"], 0.0)
            cost = event * part + 2.5 + 0.12 * units + 0.7 * row["km"] + 0.2 * row["revenue"]
            values = [text.strip() for text in (row[value] or "none").split(";")]
            for one in values:
                sums[one][0] += row["revenue"] / len(values)
                sums[one][1] += (row["revenue"] - row["cost"] - cost) / len(values)
                sums[one][2] += (part if total > 0 else 0.0) / len(values)
    return sums


@pytest.mark.parametrize("value", ["family", "manager"])
@pytest.mark.parametrize("seed", range(5))
def test_groups_equal_a_slow_computation(seed: int, value: str) -> None:
    rows = rows_of(seed)
    found = cf.statement(ledger_of(rows), COSTS).by(value).columns()
    expected = slow(rows, value)
    assert sorted(found[value]) == sorted(expected)
    for k, name in enumerate(found[value]):
        assert found["revenue"][k] == pytest.approx(expected[name][0], abs=1e-7)
        assert found["contribution"][k] == pytest.approx(expected[name][1], abs=1e-7)
        assert found["deliveries"][k] == pytest.approx(expected[name][2], abs=1e-9)


@pytest.mark.parametrize(
    "dimensions",
    [("month",), ("customer",), ("family", "month"), ("manager", "family", "month"), ("customer", "manager")],
)
def test_every_cross_sums_to_the_statement(dimensions: tuple[str, ...]) -> None:
    statement = cf.statement(ledger_of(rows_of(7)), COSTS)
    found = statement.by(*dimensions).columns()
    whole = statement.columns()
    for name in ("revenue", "goods", "cost_to_serve", "contribution", "deliveries", "lines", "quantity", "returns"):
        assert math.fsum(found[name]) == pytest.approx(math.fsum(whole[name]), abs=1e-6), name
    heat = dict(zip(whole["customer_id"], whole["contribution"], strict=True))
    if dimensions == ("customer",):
        assert dict(zip(found["customer"], found["contribution"], strict=True)) == pytest.approx(heat, abs=1e-8)


def test_the_order_of_rows_changes_nothing() -> None:
    rows = rows_of(3)
    first = cf.statement(ledger_of(rows), COSTS).by("family", "manager").columns()
    second = cf.statement(ledger_of(rows[::-1]), COSTS).by("family", "manager").columns()
    assert list(first["family"]) == list(second["family"])
    assert list(first["contribution"]) == pytest.approx(list(second["contribution"]), abs=1e-8)


def test_a_key_shares_the_cost_of_a_delivery() -> None:
    rows = [
        {"customer": "a", "date": "2021-01-04", "revenue": 90.0, "quantity": 1.0, "cost": 0.0, "family": "wine"},
        {"customer": "a", "date": "2021-01-04", "revenue": 10.0, "quantity": 3.0, "cost": 0.0, "family": "beer"},
    ]
    statement = cf.statement(cf.Ledger(pl.DataFrame(rows), family="family"), cf.CostModel({"deliveries": 20.0}))
    assert list(statement.by("family").columns()["cost_to_serve"]) == [10.0, 10.0]
    assert list(statement.by("family", key="quantity").columns()["cost_to_serve"]) == [15.0, 5.0]
    assert list(statement.by("family", key="revenue").columns()["cost_to_serve"]) == pytest.approx([2.0, 18.0])


def test_shares_of_managers_in_a_frame() -> None:
    rows = rows_of(1, 60)
    shares = {"customer": ["c1", "c1", "c2"], "manager": ["Ann", "Bob", "Bob"], "share": [0.25, 0.75, 1.0]}
    statement = cf.statement(ledger_of(rows, manager=pl.DataFrame(shares)), COSTS)
    found = statement.by("manager").columns()
    revenue = dict(zip(statement.columns()["customer_id"], statement.columns()["revenue"], strict=True))
    by_manager = dict(zip(found["manager"], found["revenue"], strict=True))
    assert by_manager["Ann"] == pytest.approx(0.25 * revenue["c1"])
    assert by_manager["Bob"] == pytest.approx(0.75 * revenue["c1"] + revenue["c2"])
    assert sum(by_manager.values()) == pytest.approx(sum(revenue.values()))
    shares["share"][0] = 0.5
    with pytest.raises(InputError, match=r"shares of customer c1 sum to 1\.25"):
        ledger_of(rows, manager=pl.DataFrame(shares))


def test_managers_in_one_cell_of_a_frame_share_its_part() -> None:
    rows = [{"customer": name, "date": "2021-01-04", "revenue": 90.0, "cost": 1.0} for name in ("a", "b", "c")]
    managers = {"customer": ["a", "b", "b"], "manager": ["Ann; Bob;Ann", " Bob ;Cid", "Dan"]}

    def level_of(frame: dict[str, list[Any]]) -> dict[str, float]:
        groups = cf.statement(cf.Ledger(pl.DataFrame(rows), manager=pl.DataFrame(frame))).by("manager").columns()
        return dict(zip(groups["manager"], groups["revenue"].tolist(), strict=True))

    assert level_of(managers) == pytest.approx({"Ann": 45.0, "Bob": 67.5, "Cid": 22.5, "Dan": 45.0, "none": 90.0})
    shared = level_of(managers | {"share": [1.0, 0.2, 0.8]})
    assert shared == pytest.approx({"Ann": 45.0, "Bob": 54.0, "Cid": 9.0, "Dan": 72.0, "none": 90.0})


def test_merged_customers_are_one() -> None:
    rows = rows_of(2, 80)
    merged = ledger_of(rows, merged={"c1": "c2", "c2": "c3"})
    renamed = ledger_of(
        [row | {"customer": "c3" if row["customer"] in ("c1", "c2") else row["customer"]} for row in rows]
    )
    found, expected = (cf.statement(one, COSTS).columns() for one in (merged, renamed))
    assert list(found["customer_id"]) == list(expected["customer_id"])
    assert list(found["contribution"]) == list(expected["contribution"])
    with pytest.raises(InputError, match="leads back to itself"):
        ledger_of(rows, merged={"c1": "c2", "c2": "c1"})


def test_what_cannot_be_grouped_is_named() -> None:
    statement = cf.statement(ledger_of(rows_of(0, 40)), COSTS)
    with pytest.raises(InputError, match=r"no 'item'; name its column: item="):
        statement.by("item")
    with pytest.raises(InputError, match="'month' twice"):
        statement.by("month", "month")
    with pytest.raises(InputError, match="needs a dimension"):
        statement.by()
    with pytest.raises(InputError, match="key is 'weight'"):
        statement.by("month", key="weight")
    with pytest.raises(InputError, match="stored statement"):
        copy.deepcopy(statement).by("month")
    with pytest.raises(InputError, match="item"):
        ledger_of(rows_of(0, 40), item=pl.DataFrame({"customer": ["c1"], "item": ["x"]}))
