# The faces of a statement: who is on the whale curve, levels without heat, costing side by side.
"""What a statement shows."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import custfolio as cf

SALES = pd.DataFrame(
    {
        "customer": ["00017", "4", "00017", "9"],
        "name": ["Acme", "Bakker", "Acme", "<b>Cool</b>"],
        "date": ["2021-01-04", "2021-01-05", "2021-03-30", "2021-02-01"],
        "revenue": [600.0, 500.0, 400.0, 100.0],
        "cost": [300.0, 300.0, 200.0, 180.0],
    }
)


def test_the_whale_curve_and_its_chart_carry_customer_and_name() -> None:
    stated = cf.statement(cf.Ledger(SALES))
    table = stated.whale.to_frame("pandas")
    assert table.customer_id.tolist() == ["00017", "4", "9"]
    assert table.name.tolist() == ["Acme", "Bakker", "<b>Cool</b>"]
    assert table.contribution.tolist() == [500.0, 200.0, -80.0]
    assert table.cumulative.tolist() == [500.0, 700.0, 620.0]
    for chart in (stated.plot(), stated.whale.plot()):
        text = json.dumps(chart.to_dict())
        assert '"Bakker"' in text
        assert '"00017"' in text
        assert re.search(r'"tooltip": \[\{"field": "customer_id", "type": "nominal"\}', text)


def test_a_whale_curve_of_bare_contributions_has_rows() -> None:
    curve = cf.whale_curve([1.0, 5.0])
    assert curve.to_frame("pandas").row.tolist() == [1, 0]
    assert curve.plot().to_dict()


def test_a_gini_above_one_is_not_shown() -> None:
    curve = cf.whale_curve([10.0, 1.0, -9.0])
    assert curve.gini > 1
    assert "Gini: –" in repr(curve)
    assert math.isnan(cf.whale_curve([1.0, -2.0]).gini)
    assert "Gini: –" in repr(cf.whale_curve([1.0, -2.0]))


def test_a_statement_without_a_cost_model_is_one_of_gross_margins() -> None:
    stated = cf.statement(cf.Ledger(SALES))
    assert stated.bucket.heat == 620.0
    assert stated.reconciliation.exact


def test_a_ledger_without_costs_has_levels_and_says_why_it_has_no_heat() -> None:
    ledger = cf.Ledger(SALES.drop(columns="cost"))
    stated = cf.statement(ledger, cf.CostModel({"deliveries": 10.0}))
    assert stated.bucket.level == 1600.0
    assert math.isnan(stated.bucket.heat)
    assert math.isnan(stated.bucket.temperature)
    assert "heat=–" in repr(stated.bucket)
    assert np.isnan(stated.to_frame("pandas").contribution).all()
    for text in (repr(stated), stated._repr_html_(), repr(stated.portfolio)):
        assert "the costs of goods are not known; name their column with cost=" in text
        assert "nan" not in text
    for act in (
        lambda: cf.select(stated),
        lambda: stated.plot(),
        lambda: cf.bridge(stated, stated),
        lambda: cf.remediate(stated.portfolio, cf.select(cf.statement(cf.Ledger(SALES))), terms=[]),
        lambda: cf.lifetime.baseline(ledger, stated.portfolio, start="2021-04", months=2),
        lambda: cf.Strategy(start="2021-04", months=2).optimise(stated.portfolio),
        lambda: cf.compare_costing(ledger, {"one": cf.CostModel(), "other": cf.CostModel()}),
    ):
        with pytest.raises(cf.InputError, match=r"costs of goods are not known|portfolio"):
            act()


def test_a_ratio_stands_for_costs_that_the_ledger_does_not_have() -> None:
    ledger = cf.Ledger(SALES.drop(columns="cost"), missing_cost=0.6)
    assert cf.statement(ledger).bucket.heat == pytest.approx(640.0)
    assert ledger.gaps.to_frame("pandas").loc[0].tolist() == ["cost", "none", 4, 1600.0, "0.6 of revenue"]


def test_costs_add_up_in_each_row_after_rounding(tmp_path: Path) -> None:
    costs = cf.CostModel(
        {"deliveries": 10 / 3, "lines": 1.005},
        pools=[cf.Pool("first", 100.0, 7.0), cf.Pool("second", 20_000.0, 9.0), cf.Pool("third", 50.0, 300.0)],
        activities=[
            cf.Activity(f"order {name}", name, str(minutes))
            for name, minutes in (("first", 1.1), ("second", 2.75), ("third", 3.0))
        ],
    )
    visits = pd.DataFrame({"customer": ["x", "4"], "calls": [1.0, 2.0]})
    costs = cf.CostModel({**costs.rates, "calls": 0.335}, pools=costs.pools, activities=costs.activities)
    stated = cf.statement(cf.Ledger(SALES), costs, drivers=visits, spent={"deliveries": 13.0, "third": 49.99})
    tables = stated.pages().tables
    elements, pools = tables["elements"].cells, tables["pools"].cells
    parts = ("charged", "unused", "not_attributed")

    def cents(table: dict[str, Any], *names: str) -> list[int]:
        return [sum(round(100 * value) for value in row) for row in zip(*(table[name] for name in names), strict=True)]

    assert cents(elements, "spent") == cents(elements, *parts, "difference")
    assert cents(pools, "cost") == cents(pools, *parts)
    of_pools = [elements["element"].index(name) for name in pools["pool"]]
    for name in parts:
        assert [elements[name][k] for k in of_pools] == pools[name]
        raw = [stated.reconciliation.elements.columns()[name][k] for k in range(len(elements["element"]))]
        np.testing.assert_allclose(elements[name], raw, atol=0.0101)
    assert elements["unused"][:3] == [0.0, 0.0, 0.0]
    items = dict(zip(tables["reconciliation"].cells["item"], tables["reconciliation"].cells["amount"], strict=True))
    for item, name in (
        ("cost to serve in", "spent"),
        ("charged to customers", "charged"),
        ("unused capacity", "unused"),
        ("not attributed", "not_attributed"),
        ("not explained", "difference"),
    ):
        assert items[item] == tables["elements"].total(name)
    assert items["charged to customers"] == tables["statement"].total("cost_to_serve")
    cost = ("charged to customers", "unused capacity", "not attributed", "not explained")
    assert round(100 * items["cost to serve in"]) == sum(round(100 * items[item]) for item in cost)
    verdict = "Not everything adds up: what was spent on deliveries, third is not explained."
    assert tables["reconciliation"].note == verdict
    shown = repr(stated.reconciliation)
    assert verdict in " ".join(shown.split())
    assert f"{stated.reconciliation.not_explained:,.2f}" in shown.partition("not explained  ")[2]
    exact = cf.statement(cf.Ledger(SALES), costs, drivers=visits).reconciliation
    assert exact.verdict == "Everything adds up."
    assert abs(exact.not_explained) < 0.005
    assert "-0.00" not in repr(exact)


def test_unused_capacity_and_an_overrun_are_not_netted(tmp_path: Path) -> None:
    from custfolio.cli import app

    SALES.to_csv(tmp_path / "sales.csv", index=False)
    pools = [("office", 10, 5), ("warehouse", 100, 20)]
    text = '[ledger]\nfiles = "sales.csv"\n'
    for name, cost, capacity in pools:
        text += f'[[costs.pools]]\nname = "{name}"\ncost = {cost}\ncapacity = {capacity}\n'
        text += f'[[costs.activities]]\nname = "order {name}"\npool = "{name}"\nminutes = "3"\n'
    (tmp_path / "custfolio.toml").write_text(text)
    command = ["statement", str(tmp_path / "custfolio.toml"), "--out", str(tmp_path / "s.html")]
    shown = " ".join(CliRunner().invoke(app, command).output.split())
    page = (tmp_path / "s.html").read_text(encoding="utf-8")
    for face in (shown, page):
        assert "Unused capacity costs 40: warehouse 40 (60.0% used)." in face
        assert "Pools are used beyond their capacity, by 14 of cost: office 14 (240.0% used)." in face


def test_the_page_of_a_statement_draws_a_dimension_once_and_explains_its_figures(tmp_path: Path) -> None:
    def page(contributions: list[float]) -> str:
        sales = SALES.assign(
            customer=["1", "2", "3", "4"], cost=SALES.revenue - contributions, family="wine", manager="m"
        )
        stated = cf.statement(cf.Ledger(sales, family="family", manager="manager"))
        stated.report(tmp_path / "s.html", by=["manager", ("manager", "family")])
        return (tmp_path / "s.html").read_text(encoding="utf-8")

    loss, gain = page([100.0, 10.0, 0.0, -90.0]), page([100.0, 10.0, 1.0, 5.0])
    assert "the largest loss comes first" in loss
    assert "Gini coefficient (no share: losses raise it above 1)" in loss
    assert "the smallest contribution comes first" in gain
    assert "losses raise it" not in gain
    assert len(re.findall("<title[^>]*>Contribution by manager", gain)) == 1


def test_every_face_notes_an_assumed_cost(tmp_path: Path) -> None:
    from custfolio.cli import app

    SALES.assign(cost=[None, 300.0, 200.0, None]).to_csv(tmp_path / "sales.csv", index=False)
    command = ["statement", str(tmp_path / "sales.csv"), "--missing-cost", "0.6"]
    sentence = "No cost of goods in 2 rows with revenue of 700; assumed: 0.6 of revenue."
    shown = CliRunner().invoke(app, [*command, "--out", str(tmp_path / "s.html")])
    assert sentence in " ".join(shown.output.split())
    assert sentence in (tmp_path / "s.html").read_text(encoding="utf-8")
    figures = json.loads(CliRunner().invoke(app, [*command, "--json"]).output)
    gap = {"role": "cost", "column": "cost", "rows": 2, "revenue": 700.0, "taken_as": "0.6 of revenue"}
    assert figures["gaps"] == [gap]
    settings = '[ledger]\nfiles = "sales.csv"\nmissing_cost = 0.6\n[strategy]\nstart = "2021-04"\nmonths = 3\n'
    (tmp_path / "custfolio.toml").write_text(settings + '[baseline]\nmethod = "reference"\n')
    made = CliRunner().invoke(app, ["run", str(tmp_path / "custfolio.toml")])
    assert f"Assumed: {sentence}" in " ".join(made.output.split()), made.output
    assert sentence in (tmp_path / "plan" / "plan.html").read_text(encoding="utf-8")


def test_the_command_line_shows_levels_and_why_there_is_no_heat(tmp_path: Path) -> None:
    from custfolio.cli import app

    SALES.drop(columns="cost").to_csv(tmp_path / "sales.csv", index=False)
    shown = CliRunner().invoke(app, ["statement", str(tmp_path / "sales.csv")])
    assert shown.exit_code == 0
    assert "Level 1,600, 3 customers" in shown.output
    why = "the costs of goods are not known; name their column with --cost, or pass --missing-cost"
    assert f"No heat: {why}" in " ".join(shown.output.split())
    assert not re.search("cost=", shown.output)
    assert "nan" not in shown.output
    figures = json.loads(CliRunner().invoke(app, ["statement", str(tmp_path / "sales.csv"), "--json"]).output)
    assert figures["heat"] is None
    goods = [row["amount"] for row in figures["reconciliation"] if row["item"].startswith("cost of goods")]
    assert goods == [None, None]
    (tmp_path / "custfolio.toml").write_text('[ledger]\nfiles = "sales.csv"\n[output]\ncurrency = "EUR"\n')
    command = ["statement", str(tmp_path / "custfolio.toml"), "--out", str(tmp_path / "s.html")]
    assert "[ledger] cost" in " ".join(CliRunner().invoke(app, command).output.split())
    page = (tmp_path / "s.html").read_text(encoding="utf-8")
    assert "[ledger] cost" in page
    assert "cost=," not in page
    assert "Amounts are in euros." in page
    assert json.loads(CliRunner().invoke(app, [*command[:2], "--json"]).output)["currency"] == "EUR"
    assert figures["level"] == 1600.0


def test_receivables_on_the_command_line(tmp_path: Path) -> None:
    from custfolio.cli import app

    SALES.to_csv(tmp_path / "sales.csv", index=False)
    (tmp_path / "invoices.csv").write_text("customer,dso,terms\n00017,36.5,30\n4,0,30\n")
    options = ["--credit-rate", "0.1", "--receivables", str(tmp_path / "invoices.csv"), "--json"]
    figures = json.loads(CliRunner().invoke(app, ["statement", str(tmp_path / "sales.csv"), *options]).output)
    assert figures["heat"] == pytest.approx(620 - 10)


def test_costing_side_by_side() -> None:
    ledger = cf.Ledger(SALES)
    models = {
        "share of revenue": cf.CostModel(revenue_share=0.1),
        "rates": cf.CostModel({"deliveries": 40.0}),
        "orders": cf.CostModel({"deliveries": 300.0}),
    }
    found = cf.compare_costing(ledger, models)
    table = found.to_frame("pandas").set_index("customer_id")
    for name, model in models.items():
        slow = cf.statement(ledger, model).to_frame("pandas").set_index("customer_id").contribution
        assert table[f"by {name}"].to_dict() == slow.to_dict()
    ways = table[[f"by {name}" for name in models]]
    np.testing.assert_allclose(table.spread, ways.max(axis=1) - ways.min(axis=1))
    assert sorted(found.changing) == sorted(ways.index[(ways.min(axis=1) < 0) & (ways.max(axis=1) >= 0)])
    assert found.loss_makers == {name: int((table[f"by {name}"] < 0).sum()) for name in models}
    assert table.spread.is_monotonic_decreasing
    assert "change sides: 2" in repr(found)
    assert found.plot().to_dict()
    with pytest.raises(cf.InputError, match="there is 1 model; at least two"):
        cf.compare_costing(ledger, {"one": cf.CostModel()})
    with pytest.raises(cf.InputError, match="must be a CostModel"):
        cf.compare_costing(ledger, {"one": 1, "two": 2})  # type: ignore[dict-item]


def test_the_page_and_the_workbook_of_a_statement(tmp_path: Path) -> None:
    stated = cf.statement(cf.Ledger(SALES), cf.CostModel({"deliveries": 10.0}))
    stated.report(tmp_path / "statement.html", unit="euros")
    page = (tmp_path / "statement.html").read_text(encoding="utf-8")
    assert "The level is 1,600, the heat 580: a temperature of 36.2%." in page
    assert "Acme brings most, &lt;b&gt;Cool&lt;/b&gt; costs most." in page
    assert "<b>Cool" not in page
    stated.to_excel(tmp_path / "statement.xlsx")
    book = openpyxl.load_workbook(tmp_path / "statement.xlsx", data_only=True)
    assert book.sheetnames == ["Summary", "Statement", "Reconciliation", "Cost to serve by element"]
    first = [cell.value for cell in book["Statement"][2]]
    assert first[:2] == ["9", "<b>Cool</b>"]
    with pytest.raises(cf.InputError, match=r"\.html"):
        stated.report(tmp_path / "statement.txt")
    assert stated.plot().to_dict()
    for wrong, words in (
        ({"by": "month"}, "by is 'month'"),
        ({"by": [3]}, "by has 3; it must have dimensions"),
        ({"by": [("month", 3)]}, "by is 3; it must be text"),
        ({"by": [()]}, "needs a dimension"),
        ({"by": ["month"], "key": "weight"}, "key is 'weight'"),
        ({"trace": "9"}, "trace is '9'"),
        ({"trace": [9.5]}, "customer is 9.5; it must be an identity or a name"),
        ({"trace": ["8"]}, "no customer '8'"),
    ):
        with pytest.raises(cf.CustfolioError, match=re.escape(words)):
            stated.report(tmp_path / "wrong.html", **wrong)
    assert not (tmp_path / "wrong.html").exists()


def test_names_of_groups_and_pools_stay_text(tmp_path: Path) -> None:
    hostile = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "a;b"]
    frame = SALES.iloc[:3].assign(customer=["1", "2", "3"], name=hostile, family=hostile)
    costs = cf.CostModel(pools=[cf.Pool(hostile[0], 10.0, 5.0)], activities=[cf.Activity(hostile[1], hostile[0], 3)])
    stated = cf.statement(cf.Ledger(frame, family="family"), costs)
    shown: dict[str, Any] = {"by": ["family", ("month", "family")], "trace": ["1", "2"], "title": "=1+1"}
    stated.report(tmp_path / "s.html", unit="<b>euros", source="<i>", **shown)
    page = (tmp_path / "s.html").read_text(encoding="utf-8")
    assert not re.search("<script|<b>euros|<i>", page)
    stated.to_excel(tmp_path / "s.xlsx", **shown)
    cells = [cell for sheet in openpyxl.load_workbook(tmp_path / "s.xlsx") for row in sheet.iter_rows() for cell in row]
    assert all(str(cell.value).startswith("=SUM(") for cell in cells if cell.data_type == "f")


def test_a_pool_over_its_capacity_is_on_the_page(tmp_path: Path) -> None:
    costs = cf.CostModel(pools=[cf.Pool("service", 10.0, 5.0)], activities=[cf.Activity("order", "service", "3")])
    stated = cf.statement(cf.Ledger(SALES), costs, spent={"service": 12.0})
    stated.report(tmp_path / "s.html")
    page = (tmp_path / "s.html").read_text(encoding="utf-8")
    assert "Pools are used beyond their capacity, by 14 of cost: service 14 (240.0% used)." in page
    assert "service: 240.0% of 5 minutes used" in page
    assert "What was spent differs from the statement in service (2.00)." in page
