# Page and workbook of new terms: price list, learned acceptance, terms beyond the ceiling, heat of a delivery.
"""The page and the workbook show the figures of the results, and no text of them runs."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

import custfolio as cf
from custfolio import demo
from custfolio.report import html


@pytest.fixture(scope="module")
def made() -> tuple[cf.Statement, Any, Any, Any]:
    """Return statement, offers, price list by hostile zones, and acceptance learned by segment, of the demo's stores."""
    inputs = demo.inputs()
    statement = cf.statement(inputs.ledger(), inputs.costs, period=inputs.period)
    portfolio = statement.portfolio
    levers = [cf.Terms.delivery_fee(25, step=5), cf.Terms.price(0.03, step=0.005)]
    offers = cf.remediate(portfolio, cf.select(portfolio, target=0.05), levers)
    names = [("=1+1", "<b>far</b>")[k % 2] for k in range(len(portfolio))]
    prices = cf.remediation.price_list(portfolio, zones=pa.table({"customer_id": portfolio.ids, "zone": names}))
    answers = {
        "customer_id": portfolio.ids[:40],
        "accepted": [k % 3 > 0 for k in range(40)],
        "burden": [0.01 * (k % 4) for k in range(40)],
        "segment": ["<i>large</i>" if k % 2 else "small" for k in range(40)],
    }
    return statement, offers, prices, cf.Acceptance.learn(answers, by="segment")


@pytest.fixture(scope="module")
def plan(made: tuple[cf.Statement, Any, Any, Any]) -> Any:
    return cf.Strategy("2022-01", limits={"offers": 60}).optimise(made[0].portfolio, offers=made[1])


def cells_of(text: str, title: str) -> list[list[str]]:
    """Return the rows of a table of a page."""
    part = text.partition(f"<strong>{title}</strong>")[2].partition("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", part, re.S)[1:]
    return [[unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)] for row in rows]


def test_page_and_workbook_have_the_results(plan: Any, made: Any, tmp_path: Path) -> None:
    _, _, prices, learned = made
    text = html.render(plan.pages(results=[prices, learned]))
    plan.to_excel(tmp_path / "plan.xlsx", results=[prices, learned])
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    zones = prices.columns()
    rows = cells_of(text, "Break-even orders")
    assert [row[0] for row in rows[:2]] == list(zones["zone"]) == ["<b>far</b>", "=1+1"]
    sheet = list(book["Break-even orders"].values)
    assert [row[0] for row in sheet[1:3]] == list(zones["zone"])
    assert book["Break-even orders"]["A3"].data_type == "s"  # text, not a formula
    place = sheet[0].index("Break-even order")
    assert [row[place] for row in sheet[1:3]] == pytest.approx(zones["break_even"], abs=0.005)
    assert [float(row[6].replace(",", "")) for row in rows[:2]] == pytest.approx(zones["break_even"], abs=0.005)
    effects = list(book["Effect of the price list"].values)
    fees = [row[effects[0].index("Fees if it pays")] for row in effects[1:-1]]
    assert len(fees) == len(prices.customers)
    assert fees == sorted(fees, reverse=True)
    assert sum(fees) == pytest.approx(sum(prices.customers.columns()["fees"]), abs=0.005)
    losing = prices.losing_orders.columns()
    assert [row[3] for row in list(book["Orders that lost money"].values)[1:4]] == pytest.approx(
        losing["contribution"][:3], abs=0.005
    )
    shown = cells_of(text, "Learned acceptance")
    columns = learned.columns()
    assert [row[0] for row in shown[:2]] == ["<i>large</i>", "small"]
    for row, *figures in zip(shown, columns["chance"], columns["lower"], columns["upper"], strict=False):
        assert row[5:] == [f"{100 * figure:.1f}%" for figure in figures]
    assert not re.search("<(b|i)>", text)


def test_offers_show_terms_beyond_the_ceiling_and_the_heat_of_a_delivery(plan: Any, made: Any) -> None:
    _, offers, _, _ = made
    table = plan.pages().tables["offers"].values
    found = offers.columns()
    seen = set()
    for who, terms, needs, heat in zip(
        table["customer"], table["terms"], table["required"], table["heat_per_delivery"], strict=True
    ):
        (row,) = [k for k in range(len(offers)) if found["customer_id"][k] == who and found["terms"][k] == terms]
        assert heat == pytest.approx(found["heat_per_delivery"][row])
        if found["reaches"][row]:
            assert needs == "these"
        elif needs != "none":
            amount = float(re.sub(r"[^\d.]", "", needs)) / (100 if needs.endswith("%") else 1)
            assert amount == pytest.approx(found["required"][row])
            assert amount > found["amount"][row]
        else:
            assert found["required"][row] != found["required"][row]
        seen.add(needs if needs in ("these", "none") else "more")
    assert {"these", "more"} <= seen


def test_an_amount_beyond_the_range_of_its_lever_is_none() -> None:
    sales = {"customer": ["a"] * 4, "date": [f"2021-0{k}-04" for k in (1, 4, 7, 9)], "revenue": [100.0] * 4}
    ledger = cf.Ledger(pa.table(sales | {"cost": [60.0] * 4}))
    statement = cf.statement(ledger, cf.CostModel({"deliveries": 300.0}), period=("2021-01-01", "2021-12-31"))
    offers = cf.remediate(statement.portfolio, [0], [cf.Terms.price(0.03, step=0.01)], target=0.05)
    assert offers.columns()["required"][0] > 1
    plan = cf.Strategy("2022-01", floor="none").optimise(statement.portfolio, offers=offers)
    assert plan.pages().tables["offers"].values["required"] == ["none"]


def test_without_a_margin_the_page_states_that_there_is_no_price_list(plan: Any, made: Any) -> None:
    nothing = cf.remediation.price_list(made[0].portfolio, target=0.5)
    pages = plan.pages(results=[nothing])
    assert list(pages.terms) == ["Break-even orders", "Orders that lost money"]
    assert "At no order value the margin covers a delivery, so there is no table." in html.render(pages)


def test_what_is_no_result_is_refused(plan: Any) -> None:
    for wrong in ([1], [{"a": [1]}], 3):
        with pytest.raises(cf.InputError, match="results"):
            plan.pages(results=wrong)
