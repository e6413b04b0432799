# Tests of the statement by groups: against a slow computation, against the statement, and bad input.
"""`Statement.by`: families, groups, managers, months and their crosses."""

from __future__ import annotations

import copy
import datetime
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


RATES = {"deliveries": 90.0, "returns": 40.0, "lines": 2.5, "quantity": 0.12, "returned_quantity": 0.2}
RATES |= {"km": 0.7, "rush": 11.0, "visits": 5.0}


def dated_rows(seed: int, count: int = 250) -> list[dict[str, Any]]:
    """Documents of one day, rush per document; three customers return all that they bought."""
    rng = random.Random(seed)
    rows = []
    for k in range(count):
        document = rng.randrange(90)
        row = {
            "customer": f"c{document % 11}", "date": f"2021-{document % 12 + 1:02d}-{document % 28 + 1:02d}", "document": f"d{document}",
            "revenue": round(rng.uniform(1, 200), 2), "cost": 1.0, "quantity": float(rng.randint(1, 30)), "km": float(rng.randint(-5, 9)),
            "rush": float(document % 4), "family": rng.choice(["wine", "beer", None]),
        }  # fmt: skip
        rows.append(row)
        if document % 11 < 3:
            back = {"revenue": -row["revenue"], "quantity": -row["quantity"], "rush": 0.0}
            rows.append(row | back | {"date": "2021-12-30", "document": f"r{k}"})
    return rows


def slow_elements(
    rows: list[dict[str, Any]], visits: list[tuple[str, str]], own: dict[str, float]
) -> dict[tuple[str, str], dict[str, float]]:
    """Cost by (family, month) and element: every row, document, visit and customer on its own."""
    sums: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    documents, customers = defaultdict(list), defaultdict(list)
    for row in rows:
        documents[row["document"]].append(row)
        customers[row["customer"]].append(row)

    def factor(day: str) -> int:
        return 3 if day >= "2021-06-16" else 1

    def cell(row: dict[str, Any]) -> dict[str, float]:
        return sums[row["family"] or "none", row["date"][:7]]

    for row in rows:
        cell(row)["lines"] += 2.5 * factor(row["date"])
        cell(row)["quantity"] += 0.12 * factor(row["date"]) * max(row["quantity"], 0.0)
        cell(row)["returned_quantity"] += 0.2 * factor(row["date"]) * max(-row["quantity"], 0.0)
        cell(row)["km"] += 0.7 * row["km"]
        cell(row)["revenue share"] += 0.1 * row["revenue"]
    for document in documents.values():
        sold = math.fsum(row["revenue"] for row in document) > 0
        scale = factor(document[0]["date"]) / len(document)
        for row in document:
            cell(row)["deliveries" if sold else "returns"] += (90.0 if sold else 40.0) * scale
            cell(row)["rush"] += 11.0 * scale * document[0]["rush"] if sold else 0.0
            cell(row)["desk"] += (0.25 * 3 if row["date"] >= "2021-09-01" else 0.25) * 4 * sold
    for customer, day in visits:
        families = [row["family"] or "none" for row in customers[customer]] or ["none"]
        for family in families:
            sums[family, day[:7]]["visits"] += 5.0 * factor(day) / len(families)
            sums[family, day[:7]]["desk"] += (0.25 * 3 if day >= "2021-09-01" else 0.25) * 7 / len(families)
    for customer, km in own.items():
        for row in customers[customer]:
            cell(row)["km"] += 0.7 * km / len(customers[customer])
    return sums


@pytest.mark.parametrize("seed", range(4))
def test_dated_costs_and_events_equal_a_slow_computation(seed: int) -> None:
    rows = dated_rows(seed)
    rng = random.Random(seed)
    visits = [(f"c{rng.randrange(14)}", f"2021-{rng.randrange(12) + 1:02d}-15") for _ in range(60)]
    own = {f"c{k}": 10.0 * k for k in range(11)}
    costs = cf.CostModel(
        {name: rate if name == "km" else {"2021-01-01": rate, "2021-06-16": 3 * rate} for name, rate in RATES.items()},
        pools=[cf.Pool("desk", 100, 400, valid_from="2021-01-01"), cf.Pool("desk", 300, 400, valid_from="2021-09-01")],
        activities=[cf.Activity("order", "desk", "4*lines"), cf.Activity("advise", "desk", "7", event="visits")],
        revenue_share=0.1,
    )
    # Customers c11 to c13 have a row before the period, so that they have visits only.
    old = [rows[0] | {"customer": f"c{k}", "date": "2020-12-01", "document": f"o{k}"} for k in (11, 12, 13)]
    ledger = cf.Ledger(
        pl.DataFrame(rows + old), family="family", document="document", drivers={"km": "km"}, delivery_drivers={"rush": "rush"}
    )  # fmt: skip
    statement = cf.statement(
        ledger, costs, ("2021-01-01", "2021-12-31"), events={"visits": pl.DataFrame(visits, ["customer", "date"], orient="row")},
        drivers=pl.DataFrame({"customer": list(own), "km": list(own.values())}),
    )  # fmt: skip
    expected = slow_elements(rows, visits, own)
    for dimensions in (("family", "month"), ("month",), ("family",)):
        found = statement.by(*dimensions).columns()
        keys = list(zip(*(found[name] for name in dimensions), strict=True))
        sums: dict[tuple[str, ...], dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for (family, month), elements in expected.items():
            key = tuple({"family": family, "month": month}[name] for name in dimensions)
            for name, amount in elements.items():
                sums[key][name] += amount
        assert set(keys) == set(sums)
        for name in (*RATES, "desk", "revenue share"):
            column = f"cost of {name}"
            for key, amount in zip(keys, found[column], strict=True):
                assert amount == pytest.approx(sums[key][name], abs=1e-8), (name, key)
            assert math.fsum(found[column]) == pytest.approx(math.fsum(statement.columns()[column]), abs=1e-8)


def test_a_row_driver_and_a_driver_per_customer_have_their_own_places() -> None:
    sales = {"customer": ["a", "a"], "date": ["2021-01-04", "2021-01-04"], "revenue": [10.0, 10.0], "cost": [0.0, 0.0]}
    ledger = cf.Ledger(pl.DataFrame(sales | {"km": [3.0, 0.0], "family": ["x", "y"]}), family="family", drivers={"km": "km"})  # fmt: skip
    own = pl.DataFrame({"customer": ["a"], "km": [100.0]})
    found = cf.statement(ledger, cf.CostModel({"km": 1.0}), drivers=own).by("family").columns()
    assert list(found["cost of km"]) == [53.0, 50.0]


def test_a_driver_in_two_places_is_named() -> None:
    sales = {"customer": ["a"], "date": ["2021-01-04"], "revenue": [10.0], "cost": [1.0], "km": [3.0]}
    visits = pl.DataFrame({"customer": ["a"], "date": ["2021-01-05"], "km": [30.0]})
    plain = cf.Ledger(pl.DataFrame(sales))
    with pytest.raises(InputError, match=r"'km' is in two places: line: km and visits: km"):
        cf.statement(cf.Ledger(pl.DataFrame(sales), drivers={"km": "km"}), cf.CostModel({"km": 1.0}), events={"visits": visits})  # fmt: skip
    with pytest.raises(InputError, match=r"'deliveries' is in two places: delivery and deliveries"):
        cf.statement(plain, cf.CostModel({"deliveries": 1.0}), events={"deliveries": visits})
    own = pl.DataFrame({"customer": ["a"], "visits": [2.0], "km": [1.0]})
    with pytest.raises(InputError, match=r"'visits' is in two places: visits and per customer"):
        cf.statement(plain, cf.CostModel({"visits": 1.0}), events={"visits": visits}, drivers=own)
    calls = cf.CostModel(pools=[cf.Pool("people", 10.0, 100.0)], activities=[cf.Activity("call", "people", "5*visits", "visits")])  # fmt: skip
    with pytest.raises(
        InputError, match=r"event 'visits' of activity 'call' is in two places: .* and a driver per cust"
    ):
        cf.statement(plain, calls, events={"visits": visits.with_columns(visits=2)}, drivers=own)
    counted = pl.DataFrame(sales | {"visits": [3.0]})
    with pytest.raises(
        InputError, match=r"event 'visits' of activity 'call' is in two places: .* and a driver of the le"
    ):
        cf.statement(cf.Ledger(counted, drivers={"visits": "visits"}), calls, events={"visits": visits.with_columns(visits=2)})  # fmt: skip
    found = cf.statement(plain, calls, ("2021-01-01", "2021-01-31"), events={"visits": visits.with_columns(visits=2)})
    assert found.activities.columns()["minutes"].tolist() == [10.0]
    dated = cf.CostModel({"km": {"2021-01-01": 1.0, "2021-02-01": 2.0}})
    with pytest.raises(InputError, match=r"'km' is in two places: line: km and per customer"):
        cf.statement(cf.Ledger(pl.DataFrame(sales), drivers={"km": "km"}), dated, drivers=own)


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


def test_a_customer_without_rows_in_the_period_keeps_its_group_and_manager() -> None:
    rows = pl.DataFrame({
        "customer": ["a", "a", "a", "b", "c"], "date": ["2020-03-01", "2020-05-01", "2020-05-01", "2021-02-01", "2020-02-01"],
        "revenue": [10.0, 10.0, 10.0, 50.0, 20.0], "cost": [4.0, 4.0, 4.0, 30.0, 9.0],
        "manager": ["Zoe", "Bob", "Bob; Ann", "Ann", None], "group": ["north", None, "south", "south", "north"],
    })  # fmt: skip
    visits = pl.DataFrame({"customer_id": ["a", "b", "c"], "visits": [3.0, 1.0, 2.0]})
    costs = cf.CostModel({"visits": 10.0})
    period = ("2021-01-01", "2021-12-31")
    whole, lazy = (cf.Ledger(frame, manager="manager", group="group") for frame in (rows, rows.lazy()))
    for ledger, days in ((whole, period), (lazy, period), (whole.between(*period), None)):
        stated = cf.statement(ledger, costs, days, drivers=visits)
        for dimension, expected in (
            ("manager", {"Ann": 10.0, "Bob": 30.0, "none": 20.0}),
            ("group", {"south": 40.0, "north": 20.0}),
        ):
            found = stated.by(dimension).columns()
            assert dict(zip(found[dimension], found["cost_to_serve"].tolist(), strict=True)) == expected


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


@pytest.mark.parametrize("seed", range(3))
def test_the_cost_of_credit_of_an_invoice_is_in_its_month(seed: int) -> None:
    """Each invoice on its own: its month, and the families of its customer by revenue."""
    rng = random.Random(seed)
    rows = [row | {"revenue": abs(row["revenue"]), "quantity": abs(row["quantity"])} for row in rows_of(seed, 150)]
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows:
        sums[row["customer"]][row["family"] or "none"] += row["revenue"]
    invoices, expected = [], dict[tuple[str, str], float]()
    for _ in range(80):
        month, days, amount = rng.randrange(1, 13), rng.randrange(0, 90), round(rng.uniform(1, 900), 2)
        customer = f"c{rng.randrange(20)}"
        day = datetime.date(2021, month, rng.randrange(1, 28))
        invoices.append({"customer": customer, "invoice": day, "due": day, "paid": day + datetime.timedelta(days), "amount": amount})  # fmt: skip
        own = sums.get(customer, {})
        for family, revenue in own.items():
            key = family, f"2021-{month:02d}"
            expected[key] = expected.get(key, 0.0) + 0.08 * amount * days / 365 * revenue / math.fsum(own.values())
    statement = cf.statement(
        ledger_of(rows), cf.CostModel(credit_rate=0.08), ("2021-01-01", "2021-12-31"), receivables=pl.DataFrame(invoices)
    )  # fmt: skip
    found = statement.by("family", "month").columns()
    for family, month, cost in zip(found["family"], found["month"], found["credit_cost"], strict=True):
        assert cost == pytest.approx(expected.get((family, month), 0.0), abs=1e-9)
    for name, place in (("family", 0), ("month", 1)):
        one = statement.by(name).columns()
        for value, cost in zip(one[name], one["credit_cost"], strict=True):
            assert cost == pytest.approx(sum(v for key, v in expected.items() if key[place] == value), abs=1e-9)
    assert math.fsum(found["credit_cost"]) == pytest.approx(math.fsum(statement.columns()["credit_cost"]), abs=1e-9)
