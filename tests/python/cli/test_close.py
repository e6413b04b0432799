# The commands of the monthly round: freeze a budget, close months, compare versions; each figure is the library's.
"""``custfolio budget --baseline --freeze``, ``close`` and ``compare``."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import custfolio as cf
from custfolio.cli import app
from custfolio.cli.screen import WrongUsage

MONTHS = [f"2026-{month:02d}" for month in range(1, 7)]


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, arguments)


def figures(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, (result.exception, result.output)
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def refusal(*arguments: str) -> str:
    result = run(*arguments)
    assert isinstance(result.exception, cf.InputError), result.output
    return str(result.exception)


def write_rows(path: Path, heads: str, rows: list[tuple[Any, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(heads.split(","))
        writer.writerows(rows)


def lines(months: list[str], pieces: float = 10.0) -> list[tuple[Any, ...]]:
    return [
        (month, customer, account, pieces * price, pieces)
        for month in months
        for customer, scale in (("Acme", 1.0), ("Bakker", 0.5))
        for account, price in (("revenue", 10.0 * scale), ("cost of goods", 6.0 * scale))
    ]


HEADS = "month,customer,account,amount,quantity"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with a budget of six months and its actual amounts."""
    monkeypatch.chdir(tmp_path)
    columns = dict(zip(HEADS.split(","), map(list, zip(*lines(MONTHS), strict=True)), strict=True))
    cf.Budget(columns).freeze("2026", on="2025-12-15").save(tmp_path / "budget.json")
    write_rows(tmp_path / "actual.csv", HEADS, lines(MONTHS[:2], 12.0))
    return tmp_path


def test_a_month_is_closed_and_the_next_restates_it(folder: Path) -> None:
    first = figures(
        "close", "budget.json", "actual.csv", "--through", "2026-02", "--on", "2026-03-02", "--forecast", "f2.json",
        "--out", "v.html", "--out", "v.xlsx", "--out", "v.csv", "--forecast", "f2.csv", "--forecast", "f2.xlsx",
    )  # fmt: skip
    assert first["closed"] == "2026-02"
    assert first["forecast"] == {"level": 2 * 180.0 + 4 * 150.0, "contribution": 2 * 72.0 + 4 * 60.0}
    assert first["causes"] == {"volume": 24.0}
    assert first["files"] == ["f2.json", "f2.csv", "f2.xlsx", "v.html", "v.xlsx", "v.csv"]
    forecast = cf.budget.FrozenBudget.load("f2.json")
    assert (forecast.name, str(forecast.on), forecast.closed) == ("f2", "2026-03-02", "2026-02")
    assert "2026-02,actual,Acme,revenue,forecast after 2026-02,EUR,120.00" in (folder / "f2.csv").read_text()
    page = (folder / "v.html").read_text(encoding="utf-8")
    assert "Variance of budget 2026 to 2026-02" in page
    assert "24.00 more than the 120.00 planned" in page
    assert "By customer" in openpyxl.load_workbook("v.xlsx").sheetnames
    assert (folder / "v.csv").read_text().startswith('"month","account","planned"')

    again = [*lines(MONTHS[:3], 12.0)]
    again[0] = ("2026-01", "Acme", "revenue", 125.0, 12.0)
    write_rows(folder / "again.csv", HEADS, again)
    second = run("close", "f2.json", "again.csv", "--through", "2026-03", "--forecast", "f3.parquet", "--name", "March")
    assert second.exit_code == 0, second.exception
    assert "Closed months were restated: Jan 2026 (5.00)." in second.stdout
    assert "Forecast after 2026-03: level 995, contribution 401." in second.stdout
    found = figures("compare", "budget.json", "f3.parquet", "--by", "customer,month")
    assert found["causes"] == {"price": 5.0, "volume": 36.0}
    assert [row["variance"] for row in found["months"]] == [17.0, 12.0, 12.0, 0.0, 0.0, 0.0]
    assert cf.budget.FrozenBudget.load("f3.parquet").name == "March"
    # Without --through lines of actual amounts end the comparison.
    assert [row["month"] for row in figures("compare", "budget.json", "again.csv")["months"]] == MONTHS[:3]
    assert "there are actual amounts in 2026-03, after --through 2026-02" in refusal(
        "compare", "budget.json", "again.csv", "--through", "2026-02"
    )


def test_what_is_left_comes_from_a_file(folder: Path) -> None:
    write_rows(folder / "rest.csv", HEADS, lines(MONTHS[2:], 8.0))
    arguments = ("close", "budget.json", "actual.csv", "--through", "2026-02", "--rest")
    assert figures(*arguments, "rest.csv")["forecast"]["level"] == 2 * 180.0 + 4 * 120.0
    write_rows(folder / "rest.csv", HEADS, lines(MONTHS[3:], 8.0))
    assert "no amounts in 2026-03; it must cover exactly" in refusal(*arguments, "rest.csv")
    (folder / "sales.csv").write_text("customer,date,revenue\na,2026-03-01,5\n")
    assert "sales.csv has no column 'month'" in refusal(*arguments, "sales.csv")
    assert "both give the months left" in refusal(*arguments, "rest.csv", "--baseline", "sales.csv")


def test_what_cannot_be_closed_is_named(folder: Path) -> None:
    close = ("close", "budget.json", "actual.csv", "--through")
    assert "there are no actual amounts in 2026-03" in refusal(*close, "2026-03")
    assert figures(*close, "2026-03", "--missing", "zero")["actual"] == 144.0
    assert "a part of a month cannot be closed" in refusal(*close, "2026-02-12")
    write_rows(folder / "twice.csv", HEADS, lines(MONTHS[:2]) * 2)
    twice = ("close", "budget.json", "twice.csv", "--through", "2026-02")
    assert "repeat an earlier line: 2026-01" in refusal(*twice)
    assert figures(*twice, "--repeated", "add")["actual"] == 240.0
    write_rows(folder / "twice.csv", HEADS, [*lines(MONTHS[:2]), ("2026-01", "Acme", "huur", 7.0, 0.0)])
    assert "account 'huur' has no type" in refusal(*twice)
    assert "--account huur=income" in refusal(*twice)
    assert figures(*twice, "--account", "huur=expense")["actual"] == 113.0
    lost = figures(*close, "2026-02", "--outcome", "Acme/press=lost")
    assert lost["without_lines"] == {"Acme/press": "lost"}
    (folder / "budget.json").write_text((folder / "budget.json").read_text().replace("Bakker", "Bekker"))
    assert "was changed after it was frozen" in refusal(*close, "2026-02")


def test_lines_of_a_spreadsheet_are_read(folder: Path) -> None:
    (folder / "eu.csv").write_text(
        "Month;Customer;Revenue;Costs;Quantity\n2026-01;Acme;1.211,50;605,25;\n2026-02;Acme;12;5;3,5\n"
    )
    table = pa.table(
        {
            "Month": ["2026-01", "2026-02"],
            "Customer": ["Acme", "Acme"],
            "Revenue": [1211.5, 12.0],
            "Costs": [605.25, 5.0],
            "Quantity": [None, 3.5],
        }
    )
    pq.write_table(table, "eu.parquet")
    pq.write_table(table.set_column(4, "Quantity", pa.nulls(2)), "bare.parquet")
    for name in ("eu.csv", "eu.parquet", "bare.parquet"):
        assert figures("compare", "budget.json", name)["actual"] == 613.25
    (folder / "eu.csv").write_text("month;revenue\n2026-01;12;\n2026-02;x;\n")
    assert "eu.csv, row 2: revenue is not a number (column 'revenue': 'x')" in refusal(
        "compare", "budget.json", "eu.csv"
    )


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (("--missing", "none"), "--missing is 'none'; it must be error or zero"),
        (("--repeated", "skip"), "--repeated is 'skip'; it must be error or add"),
        (("--outcome", "Acme"), "it must be written as Acme/press=lost"),
        (("--outcome", "Bakker/x=gone"), "--outcome Bakker/x is 'gone'; it must be won, lost or open"),
        (("--account", "huur=cost"), "--account huur is 'cost'; it must be income, expense or result"),
        (("--by", "customer,"), "--by is 'customer,'"),
        (("--out", "v.txt"), "it must end in .csv"),
        (("--learn", "age", "--probability", "0.3"), "pass one of them"),
    ],
)
def test_wrong_options_are_refused_before_any_file_is_read(option: tuple[str, ...], message: str) -> None:
    result = run("close", "no budget.json", "no file.csv", "--through", "2026-01", *option)
    assert isinstance(result.exception, WrongUsage)
    assert message in str(result.exception)


SETTINGS = """[ledger]
files = "sales.csv"
manager = "rep"
[costs]
rates = { deliveries = 2.3333 }
[segments]
rules = { large = "revenue >= 4200", small = "" }
"""


@pytest.fixture
def sales(folder: Path) -> cf.Ledger:
    """Return three years of sales, beside their settings and deals."""
    rng = np.random.default_rng(4)
    rows = [
        (
            f"c{customer}",
            f"{month}-{day:02d}",
            f"r{customer % 3}",
            round(float(rng.uniform(50, 300)), 2),
            float(rng.uniform(20, 60)),
            int(rng.integers(5, 40)),
        )
        for month in np.arange("2023-06", "2026-06", dtype="datetime64[M]").astype(str)
        for customer in range(12)
        for day in (5, 19)
    ]
    write_rows(folder / "sales.csv", "customer,date,rep,revenue,cost,quantity", rows)
    (folder / "custfolio.toml").write_text(SETTINGS)
    deals = [
        ("d1", "c1", 5_000.0, "talks", "2026-02-10", "40%"),
        ("d2", "c2", 8_000.0, "talks", "2026-04-10", "25%"),
    ]
    write_rows(folder / "deals.csv", "deal_id,client,value,stage,close_date,probability", deals)
    return cf.Ledger.read("sales.csv", manager="rep")


def test_a_budget_of_sales_and_deals_through_the_year(folder: Path, sales: cf.Ledger) -> None:
    found = figures(
        "budget", "deals.csv", "--baseline", "custfolio.toml", "--label", "manager", "--label", "segment", "--margin", "0.3",
        "--start", "2026-01", "--months", "6", "--freeze", "b.json", "--name", "2026", "--on", "2025-12-20",
    )  # fmt: skip
    costs = cf.CostModel({"deliveries": 2.3333})
    baseline = cf.lifetime.baseline(sales, costs=costs, start="2026-01", months=6)
    usual = cf.Budget.from_baseline(baseline)
    assert found["plans"] == 2
    assert sum(row["revenue"] for row in found["months"]) == pytest.approx(usual.total[0] + 0.4 * 5_000 + 0.25 * 8_000)
    frozen = cf.budget.FrozenBudget.load("b.json")
    managers = frozen.totals("manager").columns()
    assert set(managers["manager"]) == {"r0", "r1", "r2", "(none)"}
    assert sum(managers["level"]) == pytest.approx(frozen.total[0])
    assert set(frozen.totals("segment").columns()["segment"]) == {"large", "small", "(none)"}
    assert set(frozen.bands("manager").columns()) == {"manager", "expected", "p10", "p50", "p90"}
    printed = {row["manager"]: row for row in found["managers"]}
    assert set(printed) == set(managers["manager"])
    assert all(row["p10"] < row["contribution"] < row["p90"] for name, row in printed.items() if name != "(none)")

    close = ("close", "b.json", "custfolio.toml", "--through", "2026-02")
    told = figures(
        *close, "--baseline", "custfolio.toml", "--deals", "deals.csv", "--margin", "0.3",
        "--forecast", "f.json", "--out", "v.xlsx",
    )  # fmt: skip
    came = cf.statement(sales, costs, period=("2026-01-01", "2026-02-28")).bucket
    notes = cf.lifetime.baseline(sales, costs=costs, start="2026-03", months=4).notes
    assert notes and told["notes"][: len(notes)] == notes  # those of the budget's own baseline are gone
    assert len(set(told["notes"])) == len(told["notes"])
    later = cf.Budget.from_baseline(cf.lifetime.baseline(sales, costs=costs, start="2026-03", months=4))
    assert told["actual"] == pytest.approx(came.heat, abs=0.05)
    # Quantities of the sales give usual business its causes.
    assert {"price", "volume", "cost_of_goods", "cost_to_serve", "slipped"} <= set(told["causes"])
    assert "resized" not in told["causes"]
    deals = (0.4 * 5_000 + 0.25 * 8_000) * 0.3
    assert told["forecast"]["contribution"] == pytest.approx(came.heat + later.total[1] + deals, abs=0.1)
    assert told["years"][0]["p10"] < told["forecast"]["contribution"] < told["years"][0]["p90"]
    assert {"By manager", "By segment", "By item"} <= set(openpyxl.load_workbook("v.xlsx").sheetnames)
    closed_version = cf.budget.FrozenBudget.load("f.json")
    assert set(frozen.kept_bands) <= set(closed_version.kept_bands)
    # A customer keeps its segment of the budget, though twelve later months would give it another one.
    segment_of = {
        name: {
            customer: segment
            for customer, segment, source in zip(
                *(columns[key] for key in ("customer", "segment", "source")), strict=True
            )
            if source == "baseline" and customer != "(none)"
        }
        for name, columns in (
            (version.name, version.totals(["customer", "segment", "source"]).columns())
            for version in (frozen, closed_version)
        )
    }
    assert segment_of["f"] == segment_of["2026"]
    assert len(segment_of["f"]) == 12
    assert ("manager", "month") in [tuple(sorted(by)) for by in closed_version.kept_bands]
    actual = closed_version.totals(["customer", "manager", "source"]).columns()
    of = {
        customer: manager
        for customer, manager, source in zip(*(actual[name] for name in ("customer", "manager", "source")), strict=True)
        if source == "actual"
    }
    assert of == {f"c{k}": f"r{k % 3}" for k in range(12)}

    # Amounts are rounded month by month, so that a later close restates no line.
    figures("close", "f.json", "custfolio.toml", "--through", "2026-04", "--forecast", "f4.json")
    closed = [
        {
            key: amount
            for key, amount in zip(zip(*keys, strict=True), table["amount"], strict=True)
            if key[0] <= "2026-02"
        }
        for table in (
            cf.budget.FrozenBudget.load(name).totals(["month", "customer", "account"]).columns()
            for name in ("f.json", "f4.json")
        )
        for keys in [(table["month"], table["customer"], table["account"])]
    ]
    assert closed[0] == closed[1]
    assert "--deals without --baseline leaves out the usual business" in refusal(*close, "--deals", "deals.csv")
    without = figures(*close, "--baseline", "sales.csv")
    assert "give those still open with --deals" in " ".join(without["notes"])
    own = run(*close, "--forecast", "own.json")
    assert own.exit_code == 0, own.exception
    assert "P10 and P90 are not known" in own.stdout
    part = figures("close", "b.json", "custfolio.toml", "--through", "2026-05", "--missing", "zero")
    assert (
        part["notes"][0] == "The sales of custfolio.toml end on 2026-05-19; a month is closed once all of it is booked."
    )


@pytest.mark.parametrize("label", [(), ("--label", "manager")])
def test_deals_do_not_change_the_causes_of_usual_business(
    folder: Path, sales: cf.Ledger, label: tuple[str, ...]
) -> None:
    assert sales.rows_accepted
    heads = "deal_id,client,owner,value,stage,close_date,probability"
    # The owner is not the manager of the sales; c99 has bought nothing.
    owned = [(f"d{k}", f"c{k}", "Ann", 900.0, "talks", "2026-05-10", "40%") for k in (1, 2, 99)]
    write_rows(folder / "owned.csv", heads, owned)
    arguments = ("--baseline", "custfolio.toml", "--start", "2026-01", "--months", "6", *label, "--on", "2025-12-20")
    causes = []
    for name, deals in (("usual.json", ()), ("both.json", ("deals.csv",)), ("owned.json", ("owned.csv",))):
        figures("budget", *deals, *arguments, "--freeze", name)
        causes.append(figures("close", name, "custfolio.toml", "--through", "2026-01")["causes"])
    assert "volume" in causes[0] and "product_mix" not in causes[0]
    assert causes[1] == causes[2] == causes[0]


def test_a_label_that_changes_is_that_of_the_month(folder: Path, sales: cf.Ledger) -> None:
    assert sales.rows_accepted
    rows = [(month, "c1", segment, "revenue", 500.0, 20.0) for month, segment in (("2026-01", "a"), ("2026-02", "b"))]
    heads = "month,customer,segment,account,amount,quantity"
    columns = dict(zip(heads.split(","), map(list, zip(*rows, strict=True)), strict=True))
    cf.Budget(columns).freeze("2026", on="2025-12-15").save(folder / "segments.json")
    close = ("close", "segments.json", "custfolio.toml", "--through", "2026-02")
    run(*close, "--forecast", "after.json")
    months = cf.budget.FrozenBudget.load("after.json").totals(["month", "customer", "segment"]).columns()
    of = list(zip(months["month"], months["customer"], months["segment"], strict=True))
    assert {row for row in of if row[1] == "c1"} == {("2026-01", "c1", "a"), ("2026-02", "c1", "b")}
    assert {segment for _, customer, segment in of if customer != "c1"} == {"large", "small"}


def test_sales_that_close_no_month_are_named(folder: Path, sales: cf.Ledger) -> None:
    assert sales.rows_accepted
    for command in ("close", "compare"):
        part = (command, "budget.json", "custfolio.toml", "--through", "2026-05")
        assert "the sales of custfolio.toml end on 2026-05-19, before the end of 2026-05" in refusal(*part)
        assert "--missing zero" in refusal(*part)
        assert figures(*part, "--missing", "zero")["notes"]
        write_rows(folder / "costless.csv", "customer,date,revenue", [("Acme", "2026-01-31", 5.0)])
        assert "[ledger] missing_cost" in refusal(command, "budget.json", "costless.csv", "--through", "2026-01")
    # 2026-01-31 is a Saturday: after the last working day nothing more has to be booked.
    write_rows(folder / "week.csv", "customer,date,revenue,cost", [("Acme", "2026-01-30", 5.0, 3.0)])
    assert figures("close", "budget.json", "week.csv", "--through", "2026-01")["actual"] == 2.0


def test_bands_that_are_not_known_are_named(folder: Path, sales: cf.Ledger) -> None:
    assert sales.rows_accepted
    rows = [(f"c{k}", f"2025-{month}-28", 50.0 + k, 30.0) for month in (11, 12) for k in range(4)]
    write_rows(folder / "short.csv", "customer,date,revenue,cost", [*rows, ("c1", "2026-01-31", 60.0, 40.0)])
    figures("budget", "--baseline", "short.csv", "--start", "2026-01", "--months", "2", "--freeze", "short.json")
    result = run("close", "short.json", "short.csv", "--through", "2026-01", "--baseline", "short.csv")
    assert result.exit_code == 0, result.exception
    assert "2026: P10 and P90 are not known." in result.stdout


def test_versions_without_a_common_month_are_refused(folder: Path) -> None:
    columns = dict(zip(HEADS.split(","), map(list, zip(*lines(["2027-01"]), strict=True)), strict=True))
    cf.Budget(columns).freeze("2027", on="2026-12-15").save(folder / "next.json")
    assert "no month of 2026-01 to 2026-06 in common" in refusal("compare", "budget.json", "next.json")


def test_sales_that_make_no_budget_are_named(folder: Path, sales: cf.Ledger) -> None:
    assert sales.rows_accepted
    budget = ("budget", "--start", "2026-01", "--baseline")
    assert "there is nothing to budget" in refusal("budget")
    assert "--label has no effect without --baseline" in refusal("budget", "deals.csv", "--label", "manager")
    assert "--label is 'town'; the sales label customers by manager or segment" in refusal(
        *budget, "custfolio.toml", "--label", "town"
    )
    assert "name columns and rules in [ledger] and [segments]" in refusal(*budget, "sales.csv", "--label", "manager")
    assert "budget.json is also the input" in refusal(*budget, "budget.json", "--freeze", "budget.json")
    assert "--name and --on are of a version" in refusal(*budget, "sales.csv", "--name", "x")
    (folder / "custfolio.toml").write_text(SETTINGS + '[baseline]\nmethod = "reference"\n')
    assert '[baseline] method is "reference", which is no forecast' in refusal(*budget, "custfolio.toml")
    (folder / "bare.csv").write_text("customer,date,revenue\na,2025-03-01,5\n")
    assert "[ledger] missing_cost" in refusal(*budget, "bare.csv")
    (folder / "dollars.toml").write_text(SETTINGS.replace('manager = "rep"', 'currency = "USD"'))
    assert "the sales of dollars.toml are in USD, and --currency is EUR" in refusal(
        *budget, "dollars.toml", "--currency", "EUR"
    )
    assert figures(*budget, "dollars.toml")["currency"] == "USD"
    assert "are in USD, and the budget is in EUR" in refusal(
        "close", "budget.json", "dollars.toml", "--through", "2026-01"
    )
    assert "give the last one with --through" in refusal("compare", "budget.json", "sales.csv")


def test_the_plan_of_a_run_is_frozen(folder: Path, sales: cf.Ledger) -> None:
    settings = (
        SETTINGS.replace("[costs]", 'period = ["2025-01-01", "2025-12-31"]\n[costs]')
        + '[strategy]\nstart = "2026-01"\nmonths = 6\nfloor = "baseline"\n'
        + '[output]\nbudget = "plan.json"\n'
    )
    (folder / "custfolio.toml").write_text(settings)
    assert str(folder / "plan" / "plan.json") in figures("run", "custfolio.toml")["files"]
    version = cf.budget.FrozenBudget.load("plan/plan.json")
    assert (version.name, str(version.on), version.months) == ("plan", "2025-12-31", MONTHS)
    told = figures("close", "plan/plan.json", "custfolio.toml", "--through", "2026-03")
    came = cf.statement(sales, cf.CostModel({"deliveries": 2.3333}), period=("2026-01-01", "2026-03-31")).bucket
    assert told["actual"] == pytest.approx(came.heat, abs=0.05)
    (folder / "custfolio.toml").write_text(settings.replace("plan.json", "plan.csv"))
    assert "[output] plan.csv ends in .csv; it must end in .json or .parquet" in refusal("run", "custfolio.toml")
