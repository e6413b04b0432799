# Tests of a statement's tables: rounded amounts add up, in the digits of the currency.
"""Tables of a statement: elements and waterfall steps add up; the workbook has every column."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import custfolio as cf

DIGITS = {"EUR": 2, "JPY": 0, "KWD": 3}


def ledger_of(seed: int, currency: str) -> cf.Ledger:
    rng = random.Random(seed)
    rows = pd.DataFrame([
        {"customer": f"c{rng.randrange(7)}", "date": f"2021-01-{rng.randrange(1, 29):02d}", "revenue": rng.uniform(5, 90),
         "cost": rng.uniform(1, 50), "discount": rng.uniform(0, 3), "rebate": rng.uniform(0, 3), "freight": rng.uniform(0, 2),
         "commission": rng.uniform(0, 1), "family": rng.choice("xyz")}
        for _ in range(60)
    ])  # fmt: skip
    roles = {name: name for name in ("discount", "rebate", "freight", "commission", "family")}
    return cf.Ledger(rows, currency=currency, **roles)


def stated(seed: int, currency: str = "EUR") -> cf.Statement:
    costs = cf.CostModel(
        {"deliveries": 1 / 3, "lines": 1 / 7}, pools=[cf.Pool("desk", 90.0, 400.0)],
        activities=[cf.Activity("order", "desk", "1 + lines / 3")],
    )  # fmt: skip
    return cf.statement(ledger_of(seed, currency), costs)


def adds_up(parts: Any, total: float, digits: int) -> bool:
    return round(math.fsum(parts), digits) == total


@pytest.mark.parametrize("currency", DIGITS)
@pytest.mark.parametrize("seed", range(4))
def test_rounded_elements_of_each_row_sum_to_its_cost_to_serve(seed: int, currency: str) -> None:
    statement, digits = stated(seed, currency), DIGITS[currency]
    pages = statement.pages(by=["family", ("customer", "family")])
    exact = statement.reconciliation.elements.columns()
    charged = dict(zip(exact["element"], exact["charged"].tolist(), strict=True))
    for table in (pages.full_statement, pages.full_tables["groups_0"], pages.full_tables["groups_1"]):
        elements = [name for name in table.cells if name.startswith("cost of ")]
        assert len(elements) == 5
        for k in range(len(table)):
            assert adds_up((table.cells[name][k] for name in elements), table.cells["cost_to_serve"][k], digits)
            assert table.cells["cost_to_serve"][k] == pytest.approx(table.values["cost_to_serve"][k], abs=10.0**-digits)
        assert table.total("cost_to_serve") == round(math.fsum(charged.values()), digits)
        for name in elements:
            assert table.total(name) == pytest.approx(charged[name.removeprefix("cost of ")], abs=10.0**-digits)
    assert pages.tables["statement"].cells["cost_to_serve"] == pages.full_statement.cells["cost_to_serve"]
    for name in ("groups_0", "groups_1"):
        shown, full = pages.tables[name], pages.full_tables[name].cells
        assert [column.name for column in shown.columns][-5:] == [
            "revenue",
            "goods",
            "cost_to_serve",
            "contribution",
            "temperature",
        ]
        assert all(shown.cells[column.name] == full[column.name] for column in shown.columns)


@pytest.mark.parametrize("currency", DIGITS)
@pytest.mark.parametrize("seed", range(8))
def test_rows_traces_and_totals_have_the_same_rounded_amounts(seed: int, currency: str) -> None:
    statement, digits = stated(seed, currency), DIGITS[currency]
    pages = statement.pages(trace=statement.portfolio.ids, by=["family"])
    rows = pages.full_statement.cells
    amounts = ("revenue", "-goods", "-cost_to_serve")
    for table in (pages.full_statement, pages.full_tables["groups_0"]):
        for k in range(len(table)):
            signed = [table.cells[name.lstrip("-")][k] * (-1 if name[0] == "-" else 1) for name in amounts]
            assert adds_up(signed, table.cells["contribution"][k], digits)
        assert table.total("revenue") == round(statement.bucket.level, digits)
        assert table.total("contribution") == round(statement.bucket.heat, digits)
        signed = [table.total(name.lstrip("-")) * (-1 if name[0] == "-" else 1) for name in amounts]
        assert adds_up(signed, table.total("contribution"), digits)
        for name in ("revenue", "goods", "cost_to_serve", "contribution"):
            for cell, value in zip(table.cells[name], table.values[name], strict=True):
                assert cell == pytest.approx(value, abs=3 * 10.0**-digits)
    for traced in ("tables", "full_tables"):
        for place, customer in enumerate(statement.portfolio.ids):
            trace = getattr(pages, traced)[f"trace_{place}"].cells
            found = {node.strip(): amount for node, amount in zip(trace["node"], trace["amount"], strict=True)}
            k = rows["customer"].index(customer)
            assert found["contribution"] == rows["contribution"][k]
            assert found["revenue"] == rows["revenue"][k]
            assert found["cost of goods"] == -rows["goods"][k]
            for element in (name for name in rows if name.startswith("cost of ")):
                assert found[element.removeprefix("cost of ")] == -rows[element][k]
            depths = [len(node) - len(node.lstrip()) for node in trace["node"]]
            for place_of, depth in enumerate(depths):
                parts: list[float] = []
                for after in range(place_of + 1, len(depths)):
                    if depths[after] <= depth:
                        break
                    if depths[after] == depth + 1:
                        parts.append(trace["amount"][after])
                assert not parts or adds_up(parts, trace["amount"][place_of], digits)


def test_a_compared_trace_has_the_amounts_of_the_row() -> None:
    now, before = stated(1), stated(2)
    pages = now.pages(trace=["c1"], against=before)
    trace, rows = pages.tables["trace_0"].cells, pages.full_statement.cells
    assert trace["now"][0] == rows["contribution"][rows["customer"].index("c1")]
    assert trace["then"][0] == round(before.portfolio["c1"].heat, 2)
    for name in ("then", "now", "difference"):
        parts = [trace[name][k] for k, node in enumerate(trace["node"]) if len(node) - len(node.lstrip()) == 1]
        assert adds_up(parts, trace[name][0], 2)


@pytest.mark.parametrize("currency", DIGITS)
@pytest.mark.parametrize("seed", range(10))
def test_rounded_steps_of_the_waterfall_lead_to_each_total(seed: int, currency: str) -> None:
    statement, digits = stated(seed, currency), DIGITS[currency]
    cells = statement.pages().tables["waterfall"].cells
    level = 0.0
    for step, kind, amount in zip(cells["step"], cells["kind"], cells["amount"], strict=True):
        exact = statement.waterfall.steps[step]
        assert amount == pytest.approx(exact, abs=2 * 10.0**-digits)
        if kind == "total":
            assert amount == round(exact, digits) or step not in ("net revenue", "contribution")
            assert level in (0.0, amount)
            level = amount
        else:
            assert (amount == 0) or (exact != 0)
            level = round(level + amount, digits)


@pytest.mark.parametrize("currency", DIGITS)
@pytest.mark.parametrize("seed", range(10))
def test_a_figure_has_one_rounded_amount_on_all_tables_of_a_page(seed: int, currency: str) -> None:
    receivables = pd.DataFrame({"customer": ["c1", "c2", "new"], "dso": [30.0, 41.0, 10.0]})
    pools = [cf.Pool("desk", 45.55, 400.0), cf.Pool("desk", 90.0, 400.0, "2021-01-15")]
    costs = cf.CostModel(
        {"deliveries": 1 / 3, "lines": 1 / 7, "quantity": 0.011}, pools=pools, credit_rate=0.08,
        activities=[cf.Activity("order", "desk", "1 + lines / 3")],
    )  # fmt: skip
    rows = ledger_of(seed, currency).to_frame("pandas").rename(columns={"customer_id": "customer"})
    rows = rows.assign(quantity=rows["revenue"] / 7)
    ledger = cf.Ledger(
        rows, currency=currency, **{name: name for name in ("discount", "rebate", "freight", "commission")}
    )
    tables = cf.statement(ledger, costs, receivables=receivables).pages(by=["month"]).full_tables
    steps = dict(zip(tables["waterfall"].cells["step"], tables["waterfall"].cells["amount"], strict=True))
    items = dict(zip(tables["reconciliation"].cells["item"], tables["reconciliation"].cells["amount"], strict=True))
    elements = tables["elements"].cells
    charged = dict(zip(elements["element"], elements["charged"], strict=True))
    assert len(charged) == 6
    pool = math.fsum(tables["pools"].cells["charged"])
    for table in (tables["statement"], tables["groups_0"]):
        goods, credit = table.total("goods"), table.total("credit_cost")
        assert steps["cost of goods"] == -goods == -items["cost of goods stated"] == -items["cost of goods in"]
        assert steps["cost of credit"] == -credit == -items["cost of credit charged"]
        assert steps["net revenue"] == table.total("revenue") == items["revenue stated"]
        assert steps["contribution"] == table.total("contribution")
        assert steps["discount"] == -table.total("discount")
        assert steps["rebate"] == -table.total("rebate")
        assert items["charged to customers"] == table.total("cost_to_serve")
        for name, amount in charged.items():
            assert amount == table.total(f"cost of {name}")
        assert steps["freight"] == -charged["freight"]
        assert steps["commission"] == -charged["commission"]
        assert round(pool, 6) == charged["desk"]


def test_all_amounts_have_the_digits_of_the_currency() -> None:
    statement = stated(1, "KWD")
    tree = statement.trace("c1").tree()
    assert f"{statement.portfolio['c1'].heat:,.3f}" in tree
    assert statement.trace("c1", against=stated(2, "KWD")).tree().splitlines()[2].split()[1].split(".")[1].isdigit()
    amounts = stated(1, "JPY").trace("c1").columns()["rounded"]
    assert amounts.tolist() == [round(amount) for amount in amounts]
    heat = statement.pages().tables["statement"].cells["contribution"]
    assert any(round(amount, 2) != amount for amount in heat)


def test_every_face_has_the_details_of_the_customers(tmp_path: Path) -> None:
    sales = tmp_path / "sales.csv"
    sales.write_text("customer,date,revenue,cost\na,2021-01-04,10.0005,4\nb,2021-01-05,20.001,7\n")
    for currency, level in (("KWD", 30.002), ("EUR", 30.0), ("JPY", 30.0)):
        options = ["statement", str(sales), "--rate", "deliveries=1.2345", "--currency", currency]
        for name in ("s.json", "s.csv", "s.xlsx"):
            from custfolio.cli import app

            ended = CliRunner().invoke(app, [*options, "--out", str(tmp_path / name)])
            assert ended.exit_code == 0, ended.output
        figures = json.loads((tmp_path / "s.json").read_text())
        assert (figures["currency"], figures["level"]) == (currency, level)
        csv = set(pd.read_csv(tmp_path / "s.csv").columns) - {"customer_id"} | {"customer"}
        assert set(figures["statement"][0]) == csv
        assert {"deliveries", "cost of deliveries", "avoidable_contribution"} < csv
        sheet = openpyxl.load_workbook(tmp_path / "s.xlsx", data_only=True)["Statement"]
        for row, cells in zip(figures["statement"], sheet.iter_rows(min_row=2), strict=False):
            assert len(row) == len(cells)


@pytest.mark.parametrize("currency", DIGITS)
@pytest.mark.parametrize("seed", range(6))
def test_rounded_activities_of_a_pool_sum_to_its_charge(seed: int, currency: str) -> None:
    digits = DIGITS[currency]
    pools = [
        cf.Pool("desk", 70.0 + seed / 7, 400.0),
        cf.Pool("desk", 90.0, 400.0, "2021-01-15"),
        cf.Pool("van", 55.5, 300.0),
    ]
    parts = [
        cf.Activity(f"{pool} {minutes}", pool, minutes)
        for pool in ("desk", "van")
        for minutes in ("1", "0.7*lines", "0.3")
    ]
    statement = cf.statement(ledger_of(seed, currency), cf.CostModel(pools=pools, activities=parts))
    tables = statement.pages().tables
    activities, charged = tables["activities"].cells, tables["pools"].cells
    for name in ("charged", "not_attributed"):
        for pool in ("desk", "van"):
            whole = math.fsum(
                amount for each, amount in zip(charged["pool"], charged[name], strict=True) if each == pool
            )
            cells = [amount for each, amount in zip(activities["pool"], activities[name], strict=True) if each == pool]
            assert len(cells) == 3
            assert adds_up(cells, round(whole, digits), digits)


def test_an_earlier_statement_needs_customers_to_trace() -> None:
    statement = stated(0)
    with pytest.raises(cf.InputError, match="against is given, but trace and bridge are empty"):
        statement.pages(against=statement)
