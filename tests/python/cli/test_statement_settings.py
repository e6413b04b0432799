# Pools, activities, events and groups in a custfolio.toml, and the files of `custfolio statement`.
"""`custfolio statement` with a custfolio.toml, its page, workbook and JSON, and what is wrong with the settings."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import custfolio as cf

SALES = """customer,name,date,revenue,cost,lines,family,manager
a,Acme,2021-01-04,400,300.5,5,wine,Ann
a,Acme,2021-01-05,300,220,3,beer,Ann
a,Acme,2021-02-06,300,220,2,beer,Ann
b,Bolt,2021-01-05,1000.10,760,10,wine,Ann;Bob
"""
VISITS = """customer,date,there
a,2021-01-05,30
a,2021-01-05,20
b,2021-01-05,10
x,2021-01-05,45
"""
PROFIT_AND_LOSS = ("revenue", "goods", "cost_to_serve", "credit_cost", "contribution", "temperature")
"""Columns of groups that the page shows."""
SETTINGS = """
[ledger]
files = "sales.csv"
family = "family"
manager = "manager"

[costs]
revenue_share = 0.01
credit_rate = 0.1
receivables = "terms.csv"
drivers = "calls.csv"
horizon = 6
rates = { deliveries = { 2021-01-01 = 5.0, 2021-02-01 = 6.0 }, calls = 2.0 }
avoidable = { service = { 6 = 0.5, 12 = 1.0 }, calls = 0.25 }
spent = { deliveries = 25 }
events = { visits = "visits.csv" }

[[costs.pools]]
name = "service"
cost = 150
capacity = 300
valid_from = 2021-01-01

[[costs.pools]]
name = "service"
cost = 50
capacity = 100
valid_from = "2021-02-01"

[[costs.activities]]
name = "order"
pool = "service"
minutes = "10 + 2*lines"

[[costs.activities]]
name = "visit"
pool = "service"
event = "visits"
minutes = "there"

[statement]
by = ["family", ["manager", "month"]]

[strategy]
start = "2021-03"
months = 3
floor = "none"

[baseline]
method = "reference"

[output]
currency = "USD"
"""


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """Return the settings of a company with pools, events, receivables and groups."""
    (tmp_path / "sales.csv").write_text(SALES)
    (tmp_path / "visits.csv").write_text(VISITS)
    (tmp_path / "calls.csv").write_text("customer,calls\na,3\nb,1\nx,2\n")
    (tmp_path / "terms.csv").write_text("customer,dso,terms\na,36.5,30\nb,0,30\n")
    settings = tmp_path / "custfolio.toml"
    settings.write_text(SETTINGS)
    return settings


def command(*arguments: Any) -> tuple[int, str]:
    """Run the command line; return its status, and its output or the text of its error."""
    from custfolio.cli import app

    ended = CliRunner().invoke(app, [str(argument) for argument in arguments])
    status = ended.exit_code
    return status, ended.output if status in (0, 3) else str(ended.exception)


def by_hand(folder: Path) -> cf.Statement:
    """State the same company in Python."""

    def table(name: str) -> Any:
        return duckdb.read_csv(str(folder / name)).to_arrow_table()

    costs = cf.CostModel(
        {"deliveries": {"2021-01-01": 5.0, "2021-02-01": 6.0}, "calls": 2.0},
        revenue_share=0.01,
        credit_rate=0.1,
        pools=[cf.Pool("service", 150, 300, "2021-01-01"), cf.Pool("service", 50, 100, "2021-02-01")],
        activities=[
            cf.Activity("order", "service", "10 + 2*lines"),
            cf.Activity("visit", "service", "there", event="visits"),
        ],
        avoidable={"service": {6: 0.5, 12: 1.0}, "calls": 0.25},
    )
    ledger = cf.Ledger(table("sales.csv"), family="family", manager="manager")
    return cf.statement(
        ledger, costs, drivers=table("calls.csv"), receivables=table("terms.csv"), events={"visits": table("visits.csv")},
        horizon=6, spent={"deliveries": 25},
    )  # fmt: skip


def test_dutch_files_beside_the_ledger_are_read_as_the_ledger_is(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("customer,date,revenue,cost\n007,2025-04-03,100,60\n7,2025-04-04,100,60\n")
    (tmp_path / "trips.csv").write_text("Klantnr;Datum;km\n007 ;03-04-2025;40,5\n7;30-04-2025;8\n")
    (tmp_path / "owed.csv").write_text(
        "Klantnr;Factuurdatum;Vervaldatum;Betaaldatum;Bedrag\n007;03-04-2025;30-04-2025;13-04-2025;36,50\n"
    )
    (tmp_path / "calls.csv").write_text("Klantnr;calls\n007;1,5\n7 ;2\n")
    (tmp_path / "prices.csv").write_text("Klantnr;element;amount;year\n007;freight;3,5;2025\n")
    (tmp_path / "groups.csv").write_text("Klantnr;group\n007;north\n7;south\n")
    settings = tmp_path / "custfolio.toml"
    settings.write_text(
        '[ledger]\nfiles = "sales.csv"\ngroup = "groups.csv"\nperiod = ["2025-04-01", "2025-04-30"]\n[costs]\nrates = { km = 2.0, calls = 10.0 }\n'
        'drivers = "calls.csv"\nprices = "prices.csv"\n'
        'credit_rate = 0.1\nevents = { trips = "trips.csv" }\nreceivables = "owed.csv"\n'
    )
    status, output = command("statement", settings, "--out", tmp_path / "s.csv")
    assert status == 0, output
    found = duckdb.read_csv(str(tmp_path / "s.csv"), all_varchar=True).to_arrow_table()
    rows = {row["customer_id"]: row for row in found.to_pylist()}
    freight = 3.5 * 30 / 365  # the period is April
    assert float(rows["007"]["cost_to_serve"]) == pytest.approx(81.0 + 15.0 + freight, abs=0.005)
    assert float(rows["7"]["cost_to_serve"]) == 16.0 + 20.0
    assert float(rows["007"]["dso"]) == 10.0


def test_the_settings_state_what_python_states(company: Path) -> None:
    expected = by_hand(company.parent)
    status, output = command("statement", company, "--json", "--out", company.parent / "s.json")
    assert status == 0, output
    figures = json.loads(output)
    assert figures["level"] == round(expected.bucket.level, 2)
    assert figures["heat"] == round(expected.bucket.heat, 2)
    assert figures["exact"] is False
    assert [row["charged"] for row in figures["pools"]] == [63.0, 7.0]  # 126 and 14 minutes
    assert [row["not_attributed"] for row in figures["pools"]] == [22.5, 0.0]
    assert {row["element"]: row["difference"] for row in figures["elements"]}["deliveries"] == 4.0
    assert [one["by"] for one in figures["groups"]] == [["family"], ["manager", "month"]]
    assert [row["month"] for row in figures["groups"][1]["rows"]] == ["2021-01", "2021-02", "2021-01"]
    for one in figures["groups"]:
        assert sum(row["revenue"] for row in one["rows"]) == pytest.approx(figures["level"], abs=1e-9)
        assert sum(row["contribution"] for row in one["rows"]) == pytest.approx(figures["heat"], abs=1e-9)
    written = json.loads((company.parent / "s.json").read_text())
    assert [row["customer"] for row in written.pop("statement")] == ["a", "b"]
    assert written == figures
    status, output = command("statement", company, "--out", company.parent / "s.csv")
    assert status == 0, output
    read = duckdb.read_csv(str(company.parent / "s.csv")).to_arrow_table().to_pydict()
    columns = expected.columns()
    assert read["contribution"] == pytest.approx(columns["contribution"].tolist(), abs=1e-9)
    assert read["avoidable_contribution"] == pytest.approx(columns["avoidable_contribution"].tolist(), abs=1e-9)


def test_page_workbook_and_json_show_the_same_cells(company: Path) -> None:
    folder = company.parent
    for name in ("s.html", "s.xlsx", "s.json"):
        status, output = command("statement", company, "--out", folder / name)
        assert status == 0, output
    figures = json.loads((folder / "s.json").read_text())
    page = (folder / "s.html").read_text()
    text = unescape(re.sub(r"<[^>]*>", "|", re.sub(r"<style>.*?</style>", "", page, flags=re.S)))
    book = openpyxl.load_workbook(folder / "s.xlsx", data_only=True)
    assert book.sheetnames == [
        "Summary", "Statement", "Pools", "Activities", "By family", "By manager and month", "Reconciliation",
        "Cost to serve by element",
    ]  # fmt: skip
    tables = {"Statement": figures["statement"], "Pools": figures["pools"], "Activities": figures["activities"]}
    tables |= {"By family": figures["groups"][0]["rows"], "By manager and month": figures["groups"][1]["rows"]}
    tables |= {"Cost to serve by element": figures["elements"]}
    for name, rows in tables.items():
        assert rows
        for row, cells in zip(rows, book[name].iter_rows(min_row=2), strict=False):
            for key, value, cell in zip(row, row.values(), cells, strict=True):
                if isinstance(value, str):
                    assert str(cell.value)[: len(value)] == value
                    continue
                assert cell.value == pytest.approx(value, rel=1e-14)
                shown = name != "Statement" and (not name.startswith("By ") or key in PROFIT_AND_LOSS)
                if shown and isinstance(value, float) and value == round(value, 2):
                    assert f"{value:,.2f}|" in text or f"{value:,.0f}|" in text or f"{value:.1%}|" in text
    for total in (figures["level"], figures["heat"]):
        assert f"{total:,.2f}" in text
    assert "What was spent differs from the statement in deliveries (4.00)." in text
    assert "Contribution by family" in text
    status, output = command("statement", company)
    assert f"Level {figures['level']:,.0f}, heat {figures['heat']:,.0f}" in output
    assert "By manager and month" in output


def test_a_trace_is_on_each_face_and_sums_to_the_contribution(company: Path) -> None:
    folder = company.parent
    company.write_text(SETTINGS.replace("[statement]", '[statement]\ntrace = ["a"]'))
    for name in ("s.html", "s.xlsx", "s.json"):
        status, output = command("statement", company, "--out", folder / name)
        assert status == 0, output
    assert "Trace of a Acme" in output
    assert "2*lines" in output
    figures = json.loads((folder / "s.json").read_text())
    (trace,) = figures["traces"]
    rows = trace["rows"]
    assert rows[0]["node"] == "contribution"
    assert rows[0]["amount"] == next(row["contribution"] for row in figures["statement"] if row["customer"] == "a")
    for depth in (1, 2):
        for k, row in enumerate(rows):
            if row["depth"] == depth - 1:
                below = rows[k + 1 :]
                end = next((n for n, one in enumerate(below) if one["depth"] < depth), len(below))
                parts = [one["amount"] for one in below[:end] if one["depth"] == depth]
                assert not parts or sum(parts) == pytest.approx(row["amount"], abs=1e-9)
    book = openpyxl.load_workbook(folder / "s.xlsx", data_only=True)["Trace of a Acme"]
    assert [cell.value for cell in book["F"][1:]] == [row["amount"] for row in rows]
    page = (folder / "s.html").read_text()
    shown = [row for row in rows if row["level"] not in ("event", "line")]
    section = page[page.index('<section id="traces">') : page.index('<section id="reconciliation">')]
    assert section.count("</tr>\n") == len(shown)
    for row in shown:
        assert row["node"] in section
        assert f"{row['amount']:,.2f}" in section
    assert (trace["customer"], trace["name"]) == ("a", "Acme")
    assert "Trace of a Acme" in command("statement", company, "--trace", "acme")[1]
    status, output = command("statement", company, "--trace", "zz")
    assert status == 1
    assert output == "custfolio.toml: [statement] no customer 'zz' among the 2 of the portfolio"
    company.write_text(SETTINGS.replace("[statement]", "[statement]\ntrace = [1000]"))
    assert command("statement", company)[1].endswith("[statement] no customer '1000' among the 2 of the portfolio")
    company.write_text(SETTINGS.replace("[statement]", "[statement]\ntrace = [1.5]"))
    assert "it must be text or a whole number" in command("statement", company)[1]


def test_a_trace_against_an_earlier_period_is_on_each_face(company: Path) -> None:
    folder = company.parent
    text = SETTINGS.replace("[statement]", '[statement]\ntrace = ["a"]\nagainst = [2021-01-01, "2021-01-31"]')
    company.write_text(text.replace("[costs]", 'period = ["2021-02-01", "2021-02-28"]\n\n[costs]'))
    for name in ("s.html", "s.xlsx", "s.json"):
        status, output = command("statement", company, "--out", folder / name)
        assert status == 0, output
    (trace,) = json.loads((folder / "s.json").read_text())["traces"]
    assert (trace["customer"], trace["name"], trace["against"]) == ("a", "Acme", "1 Jan 2021 to 31 Jan 2021")
    rows = {row["node"]: row for row in trace["rows"]}
    assert [rows["revenue"][name] for name in ("then", "now", "difference")] == [700.0, 300.0, -400.0]
    for row in trace["rows"]:
        assert row["difference"] == round(row["now"] - row["then"], 2)
        assert row["rate"] is None or row["difference"] == pytest.approx(row["rate"] + row["volume"], abs=1e-9)
    book = openpyxl.load_workbook(folder / "s.xlsx", data_only=True)
    (sheet,) = (sheet for sheet in book if sheet.title.startswith("Trace of a Acme, against"))
    assert [cell.value for cell in sheet["E"][1:]] == [row["difference"] for row in trace["rows"]]
    assert "Trace of a Acme, against 1 Jan 2021 to 31 Jan 2021" in (folder / "s.html").read_text()
    assert "difference" in output
    assert "from the rate" in output
    status, output = command(
        "statement", folder / "sales.csv", "--first", "2021-02-01", "--last", "2021-02-28", "--trace", "a",
        "--against-first", "2021-01-01", "--against-last", "2021-01-31", "--rate", "deliveries=5",
    )  # fmt: skip
    assert status == 0, output
    assert re.search(r"deliveries[ │]+-10.00[ │]+-5.00[ │]+5.00[ │]+0.00[ │]+5.00", output)
    _, output = command("statement", company, "--against-first", "2021-01-01")
    assert output == "only one of --against-first and --against-last is given; both are needed"
    _, output = command(
        "statement", folder / "sales.csv", "--against-first", "2021-01-01", "--against-last", "2021-01-31"
    )
    assert (
        output
        == "--against-first and --against-last have no effect without --trace or --bridge; name a customer or groups"
    )
    company.write_text(text.replace('"2021-01-31"]', '"2021-13-31"]'))
    assert "[statement] against: period is '2021-13-31'" in command("statement", company)[1]
    company.write_text(SETTINGS.replace("[statement]", '[statement]\ntrace = ["a"]\nagainst = ["2021-01-01"]'))
    assert "[statement] against must have the first and the last day" in command("statement", company)[1]


def test_a_bridge_from_an_earlier_period_is_on_each_face(company: Path) -> None:
    folder = company.parent
    text = SETTINGS.replace(
        "[statement]",
        '[statement]\nbridge = ["manager", ["customer", "family"]]\nagainst = ["2021-01-01", "2021-01-31"]',
    )
    company.write_text(text.replace("[costs]", 'period = ["2021-02-01", "2021-02-28"]\n\n[costs]'))
    for name in ("s.html", "s.xlsx", "s.json"):
        status, output = command("statement", company, "--out", folder / name)
        assert status == 0, output
    figures = json.loads((folder / "s.json").read_text())
    steps = figures["bridge"]
    assert (steps[0]["step"], steps[-1]["step"]) == ("contribution before", "contribution after")
    assert steps[-1]["amount"] == figures["heat"]
    assert sum(one["amount"] for one in steps[:-1]) == pytest.approx(steps[-1]["amount"], abs=1e-9)
    assert sum(one["points"] for one in steps[:-1]) == pytest.approx(steps[-1]["points"], abs=1e-9)
    # A delivery cost 5, now 6, and a minute costs the same.
    assert {"rate of deliveries"} == {one["step"] for one in steps if one["step"].startswith("rate of")}
    managers, cells = figures["bridges"]
    assert managers["by"] == ["manager"]
    assert cells["by"] == ["customer_id", "family"]
    for rows in (managers["rows"], cells["rows"]):
        for row in rows:
            parts = [value for name, value in row.items() if name.startswith("contribution of ")]
            whole = round(row["contribution_before"] + sum(parts), 2)
            assert whole == row["contribution_after"]
        assert sum(row["contribution_after"] for row in rows) == pytest.approx(figures["heat"], abs=0.02)
    book = openpyxl.load_workbook(folder / "s.xlsx", data_only=True)
    (sheet,) = (sheet for sheet in book if sheet.title.startswith("Change by manager"))
    assert [row[0].value for row in sheet.iter_rows(min_row=2)][:3] == ["Ann", "Bob", "Total"]
    page = (folder / "s.html").read_text()
    for shown in (
        "What changed",
        "Change by manager",
        "Change by customer and family",
        "Since 1 Jan 2021 to 31 Jan 2021",
    ):
        assert shown in page
    assert "rate of deliveries" in output
    status, output = command(
        "statement", folder / "sales.csv", "--first", "2021-02-01", "--last", "2021-02-28", "--bridge", "customer",
        "--against-first", "2021-01-01", "--against-last", "2021-01-31",
    )  # fmt: skip
    assert status == 0, output
    assert "contribution before" in output
    assert "sales" in output  # no items: one part
    _, output = command("statement", folder / "sales.csv", "--bridge", "customer")
    assert output == "--bridge has no effect without --against-first and --against-last; give the earlier period"
    company.write_text(text.replace('["manager", ["customer"', '["item", ["customer"'))
    assert "have no 'item'" in command("statement", company)[1]
    company.write_text(text.replace('against = ["2021-01-01", "2021-01-31"]', ""))
    assert "bridge is given, but against is not" in command("statement", company)[1]


def test_segments_by_rules_are_on_each_face(company: Path) -> None:
    folder = company.parent
    rules = '[segments]\nrules = { large = "revenue >= 600", busy = "deliveries >= 1", small = "" }\n\n[costs]'
    text = SETTINGS.replace('by = ["family", ["manager", "month"]]', 'by = ["segment"]\nbridge = ["segment"]')
    text = text.replace("[statement]", '[statement]\nagainst = ["2021-01-01", "2021-01-31"]')
    company.write_text(text.replace("[costs]", 'period = ["2021-02-01", "2021-02-28"]\n\n' + rules))
    for name in ("s.html", "s.xlsx", "s.json"):
        status, output = command("statement", company, "--out", folder / name)
        assert status == 0, output
    figures = json.loads((folder / "s.json").read_text())
    assert {row["customer"]: row["segment"] for row in figures["statement"]} == {"a": "busy", "b": "small"}
    (groups,) = figures["groups"]
    assert [(row["segment"], row["revenue"]) for row in groups["rows"]] == [("busy", 300.0), ("small", 0.0)]
    moved = {(row["from_segment"], row["to_segment"]): row["customers"] for row in figures["migration"]}
    assert moved == {("large", "busy"): 1, ("large", "small"): 1}
    assert figures["migration"][0]["level_before"] == 700.0
    assert figures["bridges"][0]["by"] == ["segment"]
    assert "Who moved" in (folder / "s.html").read_text()
    assert "Migration between segments" in openpyxl.load_workbook(folder / "s.xlsx").sheetnames
    status, output = command(
        "statement", folder / "sales.csv", "--segment", "large=revenue >= 1000", "--segment", "small=", "--by", "segment",
        "--against-first", "2021-01-01", "--against-last", "2021-01-31",
    )  # fmt: skip
    assert status == 0, output
    assert re.search(r"large[ │]+small|large[ │]+large", output)
    _, output = command("statement", folder / "sales.csv", "--segment", "revenue >= 1000")
    assert output.startswith("--segment 'revenue >= 1000' is not a segment")
    company.write_text(SETTINGS.replace("[costs]", '[segments]\nrules = { a = "margin > 1" }\n\n[costs]'))
    assert "custfolio.toml: [segments] segment 'a': there is no column 'margin'" in command("statement", company)[1]
    company.write_text(SETTINGS.replace("[costs]", '[segments]\nrules = { a = "revenue" }\n\n[costs]'))
    assert "custfolio.toml: [segments] condition 'revenue'" in command("statement", company)[1]


def test_options_replace_the_section_statement(company: Path) -> None:
    status, output = command(
        "statement", company, "--by", "customer", "--json", "--first", "2021-01-01", "--last", "2021-01-31"
    )
    assert status == 0, output
    figures = json.loads(output)
    assert [one["by"] for one in figures["groups"]] == [["customer"]]
    assert figures["level"] == 1700.1
    status, output = command(
        "statement", company.parent / "sales.csv", "--family", "family", "--by", "family", "--by", "month,family"
    )
    assert status == 0, output
    assert "By month and family" in output


def test_run_uses_the_pools_and_writes_the_pages_of_the_statement(company: Path) -> None:
    status, output = command("run", company, "--json")
    assert status == 0, output
    figures = json.loads(output)
    expected = by_hand(company.parent).portfolio.columns()
    names = {Path(file).name for file in figures["files"]}
    assert names == {"plan.html", "plan.xlsx", "coaster.svg", "statement.html", "statement.xlsx"}
    page = (company.parent / "plan" / "statement.html").read_text()
    assert "Amounts are in US dollars." in page
    assert f"{expected['contribution'].sum():,.2f}" in page
    book = openpyxl.load_workbook(company.parent / "plan" / "statement.xlsx", data_only=True)
    assert "By manager and month" in book.sheetnames


@pytest.mark.parametrize(
    ("found", "wrong", "words"),
    [
        ("capacity = 300", "kapacity = 300", "[costs] pools, entry 1: kapacity is unknown; it must be one of name, cost"),
        ("capacity = 300", "", "[costs] pools, entry 1 has no capacity"),
        ("capacity = 300", 'capacity = "many"', "[costs] capacity of pool 'service' is 'many'; it must be a number"),
        ("valid_from = 2021-01-01", 'valid_from = "soon"', "[costs] valid_from of pool 'service' is 'soon'"),
        ('"there"', '"ther"', "[costs] column 'ther' is not in events 'visits'"),
        ('"10 + 2*lines"', '"10 + 2*rush"', "[costs] a delivery has no driver 'rush'"),
        ('"10 + 2*lines"', "false", "[costs] minutes of activity 'order' is False"),
        ('event = "visits"', 'event = "calls"', "[costs] activity 'visit' needs the sums of 'calls: there'"),
        ('pool = "service"', 'pool = "servce"', "[costs] activity 'order' uses pool 'servce'"),
        ('"visits.csv"', '"none.csv"', "[costs] there is no file"),
        ('"visits.csv"', "3", "[costs] events, entry visits is 3; it must be text"),
        ("6 = 0.5", "six = 0.5", "[costs] a month of avoidable of 'service' is 'six'"),
        ("deliveries = 25", "delivery = 25", "[costs] no cost element 'delivery'"),
        ("2021-02-01 = 6.0", "soon = 6.0", "[costs] the rate of 'deliveries' is 'soon'"),
        ("horizon = 6", "horizon = -6", "[costs] horizon is -6 months"),
        ('"manager", "month"', '"manger", "month"', "[statement] the ledger has no 'manger'"),
        ('family = "family"', "", "[statement] the ledger has no 'family'; name its column: [ledger] family ="),
        ('by = ["family"', 'key = "weight"\nby = ["family"', "[statement] key is 'weight'"),
        ('by = ["family"', 'report = "s.pdf"\nby = ["family"', "[statement] s.pdf ends in .pdf"),
        ("[ledger]", '[ledger]\nperiod = ["2030-01-01", "2030-12-31"]', "[ledger] the ledger has no row from 2030-01-01"),
    ],
)  # fmt: skip
def test_a_wrong_setting_names_the_file_and_the_section(found: str, wrong: str, words: str, company: Path) -> None:
    assert found in SETTINGS
    company.write_text(SETTINGS.replace(found, wrong, 1))
    for name in ("statement", "run"):
        status, output = command(name, company)
        assert status == 1
        assert output.startswith(f"custfolio.toml: {words}"), output
    assert not (company.parent / "plan").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["custfolio.toml", "--rate", "deliveries=3"], "--rate has no effect with a custfolio.toml; set it in the file"),
        (["custfolio.toml", "--driver", "a=b"], "--driver has no effect with a custfolio.toml"),
        (["custfolio.toml", "sales.csv"], "it must be the only file"),
        (["custfolio.toml", "--out", "visits.csv"], "visits.csv is also the input"),
        (["custfolio.toml", "--by", "ship_to"], "the ledger has no 'ship_to'; name its column: [ledger] ship_to ="),
        (["sales.csv", "--by", "ship_to"], "the ledger has no 'ship_to'; name its column: --ship-to NAME"),
        (["sales.csv", "--by", ",month"], "--by is ',month'; it must be written as family, or manager,month"),
        (["custfolio.toml", "--out", "s.csv", "--out", "s.csv"], "s.csv is also the output"),
        (["sales.csv", "--out", "s.html", "--out", "s.pdf"], "s.pdf ends in .pdf; it must end in"),
        (["sales.csv", "--out", "s.pdf"], "it must end in .csv, .parquet, .xlsx, .html or .json"),
    ],
)  # fmt: skip
def test_a_wrong_option_is_named(
    arguments: list[str], words: str, company: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(company.parent)
    status, output = command("statement", *arguments)
    assert status == 1
    assert words in output


@pytest.mark.parametrize("source", ["custfolio.toml", "sales.csv"])
def test_each_output_is_written(source: str, company: Path) -> None:
    files = [company.parent / name for name in ("s.html", "s.xlsx", "s.csv")]
    options = [text for file in files for text in ("--out", str(file))]
    status, output = command("statement", company.parent / source, "--json", *options)
    assert status == 0, output
    assert json.loads(output)["files"] == [str(file) for file in files]
    assert "Contribution" in files[0].read_text()
    assert "Statement" in openpyxl.load_workbook(files[1]).sheetnames
    assert files[2].read_text().startswith('"customer_id"')


def test_a_byte_order_mark_is_no_fault(company: Path) -> None:
    company.write_text(SETTINGS, encoding="utf-8-sig")
    status, output = command("statement", company)
    assert status == 0, output


def test_the_files_that_the_section_names_are_written(company: Path) -> None:
    company.write_text(SETTINGS.replace("[statement]", '[statement]\nreport = "own.html"\nworkbook = "own.xlsx"'))
    status, output = command("statement", company, "--json", "--out", company.parent / "s.csv")
    assert status == 0, output
    files = [company.parent / "plan" / "own.html", company.parent / "plan" / "own.xlsx", company.parent / "s.csv"]
    assert json.loads(output)["files"] == [str(file) for file in files]
    assert "Contribution by family" in files[0].read_text()
    assert "By family" in openpyxl.load_workbook(files[1]).sheetnames
    assert files[2].is_file()


def test_a_key_without_groups_is_refused(company: Path) -> None:
    company.write_text(SETTINGS.replace('by = ["family", ["manager", "month"]]', 'by = []\nkey = "zz"'))
    status, error = command("statement", company)
    assert status == 1
    assert "[statement] key is 'zz', but by is empty" in error


def test_the_section_is_named_once(company: Path) -> None:
    company.write_text(
        SETTINGS.replace('family = "family"', 'reference = "name"\nreturns = "origin"\nfamily = "family"', 1)
    )
    status, error = command("statement", company)
    assert status == 1
    assert error.count("[ledger] reference") == 1
    assert "[ledger] [ledger]" not in error


def test_who_is_sure_is_on_each_face(company: Path) -> None:
    company.write_text(SETTINGS + "[selection]\ntarget = 0.2\nuncertain_rates = 0.4\nuncertain_months = true\n")
    found = by_hand(company.parent).uncertain(0.2, 0.4, months=True)
    expected = found.tables()
    out = company.parent / "figures.json"
    status, output = command("statement", company, "--out", out)
    assert status == 0, output
    assert f"{found.surely_warm} surely warm, {found.surely_cold} surely cold" in " ".join(output.split())
    figures = json.loads(out.read_text())
    assert [row["customers"] for row in figures["certainty"]] == expected["certainty"]["customers"]
    assert [row["probability_below"] for row in figures["undecided"]] == pytest.approx(
        expected["undecided"]["probability_below"]
    )
    assert len(figures["statement"][0]["verdict"]) > 0
    for name in ("statement.html", "statement.xlsx"):
        assert command("statement", company, "--out", company.parent / name)[0] == 0
    page = (company.parent / "statement.html").read_text()
    assert '<section id="certainty">' in page
    assert "with rates uncertain by 40% and the deviation of own months" in page
    assert 'class="bar heat"' in page.partition("Level of customers by certainty</title>")[2].partition("</svg>")[0]
    assert command("statement", company, "--out", company.parent / "sure.csv")[0] == 0
    written = pd.read_csv(company.parent / "sure.csv", dtype={"customer_id": str})
    for name in ("temperature_p10", "temperature_p90", "probability_below", "verdict", "expected_temperature"):
        assert written[name].tolist() == pytest.approx(list(found.columns()[name])), name
    book = openpyxl.load_workbook(company.parent / "statement.xlsx", data_only=True)
    assert book["How sure"].max_row == 5
    heads = [
        cell.value
        for cell in book["Statement"][
            next(row for row in range(1, 9) if book["Statement"].cell(row, 1).value == "Customer")
        ]
    ]
    assert {"Temperature P10", "Temperature P90", "Chance to be below the target", "Verdict"} <= set(heads)
    for given, options in (
        (["--uncertain", "0.1"], {"target": 0.2, "rates": 0.1, "months": True}),
        (["--target", "0.3"], {"target": 0.3, "rates": 0.4, "months": True}),
    ):
        status, output = command("statement", company, *given)
        assert by_hand(company.parent).uncertain(**options).sentence() in " ".join(output.split())
    company.write_text(SETTINGS + "[selection]\ntarget = 0.2\n")
    status, output = command("statement", company, "--own-months")
    assert by_hand(company.parent).uncertain(0.2, 0.0, months=True).sentence() in " ".join(output.split())
    status, output = command("statement", company, "--target", "0.3")
    assert status != 0
    assert "--target has no effect without --uncertain, --own-months" in output
    company.write_text(SETTINGS + "[selection]\ntarget = 0.2\nuncertain_rates = 0.4\nuncertain_months = true\n")
    status, output = command("run", company)
    assert status in (0, 3), output
    assert found.sentence() in " ".join(output.split())
    status, output = command("run", company, "--json")
    assert json.loads(output)["surely_warm"] == found.surely_warm
    assert "Undecided customers" in (company.parent / "plan" / "plan.html").read_text()
    assert "; sure" in (company.parent / "plan" / "plan.html").read_text()


def test_options_say_how_sure_the_rates_are(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(company.parent)
    status, output = command(
        "statement", "sales.csv", "--rate", "deliveries=5", "--uncertain", "0.25", "--target", "0.3"
    )
    assert status == 0
    assert "at a target of 30.0%" in output
    for arguments, words in (
        (["--target", "0.3"], "--target has no effect without --uncertain"),
        (["--bridge", ""], "--bridge is ''; it must be written as family, or manager,month"),
        (["--uncertain", "25"], "a fraction from 0 to 1, 0.25 for 25 %"),
        (["--uncertain", "0.25", "--target", "30"], "it must be a fraction between -1 and 1"),
    ):
        status, output = command("statement", "sales.csv", "--rate", "deliveries=5", *arguments)
        assert status != 0
        assert words in output


def test_a_questionnaire_of_the_settings_keeps_customers(company: Path) -> None:
    answers = "customer_id,potential_revenue,margin,speed_potential\na,100000,0.9,\nb,,,\n"
    (company.parent / "answers.csv").write_text(answers)
    section = '[selection]\ntarget = 0.9\nmin_months = 0\ninteresting = "answers.csv"\n'
    company.write_text(SETTINGS + section + 'weights = { margin = 1, speed = 2 }\nclasses = "share"\n')
    status, output = command("run", company)
    assert status in (0, 3), output
    page = (company.parent / "plan" / "plan.html").read_text()
    assert "class A by potential revenue A and quality A from 1 of 2 questions" in page
    assert "interest not known: not asked" in page
    assert "Potential and quality" in page
    for wrong, words in (
        ("weights = { luck = 1 }", "weights name 'luck'"),
        ('classes = "luck"', "classes is 'luck'"),
        ("classes = { quality = [1] }", "classes has 'quality'"),
        ("uncertain_rates = 25", "a fraction from 0 to 1"),
    ):
        company.write_text(SETTINGS + section + wrong + "\n")
        status, output = command("run", company)
        assert status == 1
        assert output.startswith("custfolio.toml: [selection] "), output
        assert words in output


def test_white_space_class_and_certainty_stand_beside_the_verdict(company: Path) -> None:
    (company.parent / "answers.csv").write_text("customer_id,potential_revenue,margin\na,100000,0.9\n")
    (company.parent / "space.csv").write_text(
        "customer_id,white_space,white_space_p10,white_space_p90,white_space_product\na,120.5,80,160,beer\n"
    )
    company.write_text(
        SETTINGS
        + '[selection]\nmin_months = 0\nuncertain_rates = 0.4\ninteresting = "answers.csv"\nwhite_space = "space.csv"\n'
    )
    status, output = command("run", company, "--json")
    assert status in (0, 3), output
    assert [(row["customer_id"], row["white_space"]) for row in json.loads(output)["white_space"]] == [("a", 120.5)]
    page = (company.parent / "plan" / "plan.html").read_text()
    assert "White space, most in" in page
    assert ">120.50<" in page
    assert "Customers by potential revenue and quality" in page
    assert "with rates uncertain by 40%" in page
    assert "The classes of quality are thirds of the scale" in page
    assert "Temperature P10</th>" not in page.partition("<strong>Statement</strong>")[2].partition("</table>")[0]
    sheet = openpyxl.load_workbook(company.parent / "plan" / "plan.xlsx", data_only=True)["Statement"]
    texts = {str(cell.value) for row in sheet.iter_rows(max_row=6) for cell in row}
    wanted = {
        "White space",
        "White space P10",
        "Certainty",
        "Chance to be below the target",
        "Interest",
        "Temperature P90",
    }
    assert wanted <= texts


def test_files_of_answers_are_read_as_a_ledger_and_errors_name_the_cell(company: Path) -> None:
    answers = company.parent / "answers.csv"
    company.write_text(SETTINGS + '[selection]\nmin_months = 0\ninteresting = "answers.csv"\n')
    answers.write_text("customer_id;potential_revenue;margin\na;100000,50;0,9\nb;;0,7\n")
    status, output = command("run", company)
    assert status in (0, 3), output
    answers.write_text("customer_id,interesting\na,0.9\nb,\n")
    assert command("run", company)[0] in (0, 3)
    for text, words in (
        ("", "answers.csv is empty; its first line must name the columns"),
        ("customer_id,margin\na,0.6\nb,0.7,9\n", "answers.csv, line 3: there are 3 cells, and 2 columns"),
        ("customer_id,margin\na,0.6\nb,good\n", "the answers, row 2: margin is 'good'; it must be a number, or empty"),
        ("customer_id,interesting\na,high\nb,0.5\n", "row 1: interesting is 'high'"),
        ("customer_id,margin\na,0.6\nzz,0.5\n", "the answers, row 2: no customer 'zz'"),
    ):
        answers.write_text(text)
        status, output = command("run", company)
        assert status == 1
        assert words in " ".join(output.split())


def test_tables_beside_the_sales_may_be_workbooks(company: Path) -> None:
    folder = company.parent
    text = company.read_text()
    expected = command("statement", company, "--json")
    assert expected[0] == 0
    for name in ("terms", "calls", "visits"):
        table = pd.read_csv(folder / f"{name}.csv")
        for column in ("date", "invoice", "due", "paid"):
            if column in table:
                table[column] = pd.to_datetime(table[column])
        with pd.ExcelWriter(folder / f"{name}.xlsx") as book:
            table.to_excel(book, index=False, startrow=2)
        text = text.replace(f"{name}.csv", f"{name}.xlsx")
    managers = pd.DataFrame({"customer_id": ["a", "b"], "manager": ["Ann", "Ann;Bob"]})
    managers.to_excel(folder / "managers.xlsx", index=False)
    company.write_text(text.replace('manager = "manager"', 'manager = "managers.xlsx"'))
    assert command("statement", company, "--json") == expected
    options = ["statement", folder / "sales.csv", "--credit-rate", "0.1", "--json", "--receivables"]
    assert command(*options, folder / "terms.xlsx") == command(*options, folder / "terms.csv")
    (folder / "broken.xlsx").write_text("no workbook")
    status, output = command(*options, folder / "broken.xlsx")
    assert (status, "broken.xlsx" in output) == (1, True)
