# Returns: documents and days of returns are a driver of their own, in every engine.
"""Room ``ledger``: returns."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

import custfolio as cf

DRIVERS = ("deliveries", "returns", "lines", "quantity", "returned_quantity")


def rows_of(seed: int, count: int, quantities: bool = True, documents: bool = True) -> dict[str, list[Any]]:
    """Return rows of few customers, days and amounts, so that many documents and days add up to 0."""
    rng = random.Random(seed)
    rows: dict[str, list[Any]] = {
        "customer": [rng.choice("abcd") for _ in range(count)],
        "date": [f"2025-0{rng.randrange(1, 4)}-{rng.randrange(1, 29):02d}" for _ in range(count)],
        "revenue": [rng.choice([-30.3, -20.2, -10.1, 0.0, 10.1, 20.2, 30.3]) for _ in range(count)],
    }
    if quantities:
        rows["quantity"] = [rng.choice([-2.0, -1.0, 0.0, 1.0, 3.0]) for _ in range(count)]
    if documents:
        rows["document"] = [f"D{rng.randrange(count // 3)}" for _ in range(count)]
    return rows


def slowly(rows: dict[str, list[Any]]) -> dict[str, dict[str, float]]:
    """Count and sum row by row, with exact decimal amounts."""
    events: dict[tuple[str, str], list[int]] = defaultdict(list)
    result = {customer: dict.fromkeys(DRIVERS, 0.0) for customer in sorted(set(rows["customer"]))}
    for k, customer in enumerate(rows["customer"]):
        drivers = result[customer]
        quantity = rows["quantity"][k] if "quantity" in rows else 0.0
        drivers["lines"] += 1
        drivers["quantity"] += max(quantity, 0.0)
        drivers["returned_quantity"] -= min(quantity, 0.0)
        events[customer, rows["document" if "document" in rows else "date"][k]].append(k)
    for (customer, _), places in events.items():
        total = sum(Fraction(str(rows["revenue"][k])) for k in places)
        sold = "quantity" not in rows or any(rows["quantity"][k] > 0 for k in places)
        result[customer]["deliveries"] += total > 0 or (total == 0 and sold)
        result[customer]["returns"] += total < 0
    return result


def drivers_of(ledger: cf.Ledger) -> dict[str, dict[str, float]]:
    table = cf.statement(ledger, cf.CostModel()).columns()
    return {
        customer: {name: float(table[name][k]) for name in DRIVERS} for k, customer in enumerate(table["customer_id"])
    }


@pytest.mark.parametrize("quantities", [True, False])
@pytest.mark.parametrize("documents", [True, False])
def test_deliveries_and_returns_agree_with_a_slow_count(
    read_rows: Callable[..., cf.Ledger], quantities: bool, documents: bool
) -> None:
    for seed in range(3):
        rows = rows_of(seed, 400, quantities, documents)
        found, expected = drivers_of(read_rows(rows)), slowly(rows)
        assert found == expected
        assert sum(one["returns"] for one in found.values()) > 20


def test_counts_stay_in_any_order_of_the_rows() -> None:
    rows = pd.DataFrame(rows_of(5, 500))
    shuffled = rows.sample(frac=1.0, random_state=3)
    assert drivers_of(cf.Ledger(rows)) == drivers_of(cf.Ledger(shuffled))


def test_a_return_has_a_rate_of_its_own_and_gives_no_handling_cost_back() -> None:
    rows = {
        "customer": ["a", "a", "a", "b"],
        "date": ["2025-01-06", "2025-01-07", "2025-01-08", "2025-01-08"],
        "revenue": [100.0, 60.0, -20.0, 50.0],
        "quantity": [10, 6, -2, 5],
    }
    costs = cf.CostModel(rates={"deliveries": 9.0, "returns": 15.0, "quantity": 0.5, "returned_quantity": 0.25})
    stated = cf.statement(cf.Ledger(pd.DataFrame(rows)), costs)
    table = stated.columns()
    assert table["deliveries"].tolist() == [2.0, 1.0]
    assert table["returns"].tolist() == [1.0, 0.0]
    assert table["quantity"].tolist() == [16.0, 5.0]
    assert table["returned_quantity"].tolist() == [2.0, 0.0]
    # a: 2 x 9 for deliveries, 15 for the return, 16 x 0.5 for units out, 2 x 0.25 for units back
    np.testing.assert_array_equal(table["cost_to_serve"], [41.5, 11.5])
    assert stated.reconciliation.exact
    assert stated.reconciliation.cost_in == 53.0


def test_a_rate_of_returned_units_needs_quantities() -> None:
    rows = {"customer": ["a"], "date": ["2025-01-06"], "revenue": [100.0]}
    with pytest.raises(
        cf.NotFoundError, match=r"rate of 1 for 'returned_quantity'.*there are deliveries, lines, returns;"
    ):
        cf.statement(cf.Ledger(pd.DataFrame(rows)), cf.CostModel({"returned_quantity": 1.0}))


@pytest.mark.parametrize("driver", ["returns", "returned_quantity"])
def test_no_further_driver_has_the_name_of_a_usual_one(driver: str) -> None:
    rows = {"customer": ["a"], "date": ["2025-01-06"], "revenue": [100.0], "km": [3.0]}
    with pytest.raises(cf.InputError, match="usual driver of every ledger"):
        cf.Ledger(pd.DataFrame(rows), drivers={driver: "km"})
