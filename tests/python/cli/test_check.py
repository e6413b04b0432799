# custfolio check: what was recognised, what was rejected, and the option that mends it.
"""The command ``check``, and the options and keys that messages name."""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

import custfolio as cf
from custfolio._reading import cells
from custfolio._reading.findings import remedy
from custfolio.cli.config import LEDGER_KEYS
from custfolio.cli.option_names import renamer
from custfolio.cli.tables import ledger_options

SOURCES = Path(cf.__file__).parent
DUTCH = """Verkoop 2021

Klantnr;Leverdatum;Bedrag;Bedrag incl. btw;Aantal
1;04-01-21;1.200,50;1.400,00;3
2;15-01-21;(30,00);-36,30;
;16-01-21;5,00;6,05;4
4;31-02-21;vijf;6,05;4
5;17-01-21
Totaal;;1.200,00;;
"""


@dataclass(frozen=True)
class Ended:
    """A run of the command line."""

    status: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command line in an empty folder."""
    from custfolio.cli import main

    monkeypatch.chdir(tmp_path)

    def ended(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["custfolio", *arguments])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
        shown = capsys.readouterr()
        return Ended(status, shown.out, shown.err)

    return ended


def test_check_shows_what_was_recognised_before_what_was_rejected(run: Run, tmp_path: Path) -> None:
    (tmp_path / "verkoop.csv").write_text(DUTCH, encoding="cp1252")
    shown = run("check", "verkoop.csv")
    assert shown.status == 0
    in_order = [
        "CSV, UTF-8, delimiter semicolon, header in line 3 below 'Verkoop 2021'",
        "Klantnr",
        "who bought",
        "day/month/year, as '04-01-21'",
        "decimal comma, as '1.200,50'",
        "Note: The revenue is 'Bedrag', not 'Bedrag incl. btw'; --revenue NAME chooses another column.",
        "1,170.50",
        "Gaps in optional columns",
        "Left out: 1 row",
        "Rejected: 3 rows",
        "missing customer",
        "--customer NAME",
        "First 3 rows; row: counted from the first row of data",
        "31-02-21",
    ]
    places = [shown.out.find(text) for text in in_order]
    assert -1 not in places, in_order[places.index(-1)]
    assert places == sorted(places)


def test_check_has_the_same_findings_as_json(run: Run, tmp_path: Path) -> None:
    (tmp_path / "verkoop.csv").write_text(DUTCH)
    found = json.loads(run("check", "verkoop.csv", "--json").out)
    assert found["files"] == [
        {"file": "verkoop.csv", "read_as": "CSV, UTF-8, delimiter semicolon, header in line 3 below 'Verkoop 2021'"}
    ]
    assert found["columns"] == {
        "customer": "Klantnr",
        "date": "Leverdatum",
        "revenue": "Bedrag",
        "quantity": "Aantal",
    }
    assert found["formats"]["quantity"] == "whole numbers"
    assert list(found["remedies"]) == list(found["reasons"])
    assert found["remedies"]["missing customer"] == "fill in the cells, or name another column: --customer NAME"
    assert sum(found["reasons"].values()) + sum(found["left_out"].values()) == found["rows_read"] - 2


def test_check_of_an_export_lists_the_columns_that_no_rule_reads(run: Run, tmp_path: Path) -> None:
    head = (
        "id,Created date (UTC),Amount,Amount Refunded,Currency,Status,Card Last4,Customer ID,Shipping Name,Discount\n"
    )
    (tmp_path / "payments.csv").write_text(head + "1,2025-02-16 13:01:43,100.00,25.00,eur,Paid,4242,cus_1,Ann,5\n")
    found = json.loads(run("check", "payments.csv", "--json").out)
    assert found["not_used"] == {"Card Last4": "", "Shipping Name": "", "Discount": ""}
    shown = run("check", "payments.csv").out
    assert "Columns not used: 'Card Last4', 'Shipping Name', 'Discount'." in shown
    assert "currency of the row" in shown


def test_check_lists_the_columns_without_a_role_and_likely_options(run: Run, tmp_path: Path) -> None:
    head = ["Klantnr", "Datum", "Bedrag", "Vertegenwoordiger", "Productgroep", "Artikel", "Opmerking"]
    with xlsxwriter.Workbook(tmp_path / "sales.xlsx") as book:
        sheet = book.add_worksheet("sales")
        sheet.write_row(0, 0, head)
        sheet.write_row(1, 0, ["1", "2021-01-04", 5.0, "Jan", "Vers", "A1", "x"])
        sheet.write_row(3, 0, ["2", "no day", 5.0, "Jan", "Vers", "A1", "x"])
    likely = {
        "Vertegenwoordiger": "--manager 'Vertegenwoordiger'",
        "Productgroep": "--family 'Productgroep'",
        "Artikel": "--item 'Artikel'",
        "Opmerking": "",
    }
    assert json.loads(run("check", "sales.xlsx", "--json").out)["not_used"] == likely
    found = json.loads(run("check", "sales.xlsx", "--manager", "Vertegenwoordiger", "--json").out)
    assert list(found["not_used"]) == ["Productgroep", "Artikel", "Opmerking"]
    shown = run("check", "sales.xlsx").out
    assert "Columns not used" in shown and "--family 'Productgroep'" in shown
    assert "Further columns not used: 'Opmerking'." in shown
    rows = shown.partition("First row; row: the row of the sheet")[2]
    assert "4" in rows and "no day" in rows


def test_check_shows_encoding_sheet_and_typed_columns(run: Run, tmp_path: Path) -> None:
    (tmp_path / "west.csv").write_bytes("Kunde;Datum;Umsatz\nMüller;2021-01-04;5\n".encode("cp1252"))
    assert "Windows-1252" in run("check", "west.csv").out
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as book:
        for name in ("cover", "rows"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["customer", "date", "amount"])
            sheet.write_row(1, 0, ["a", "2021-01-04", 5.0])
    assert "workbook, sheet 'rows' (of 2)" in run("check", "book.xlsx", "--sheet", "rows").out
    days = pa.array([18_000, 18_001], pa.int32()).cast(pa.date32())
    pq.write_table(pa.table({"customer": ["a", "b"], "date": days, "revenue": [1.0, 2.0]}), tmp_path / "typed.parquet")
    found = json.loads(run("check", "typed.parquet", "--json").out)
    assert found["files"] == [{"file": "typed.parquet", "read_as": "Parquet"}]
    assert found["formats"] == {"date": "days", "revenue": "numbers"}


def test_check_shows_the_file_before_the_error_that_ends_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text("klant;datum;omzet;bedrag\na;2021-01-04;1;2\n")
    shown = run("check", "two.csv")
    assert shown.status == 1
    assert "delimiter semicolon" in shown.out
    assert "revenue could be any of 'omzet', 'bedrag'; pass --revenue NAME" in shown.err
    assert run("check", "none.csv").out == ""


def test_check_shows_the_columns_before_the_error_of_two_currencies(run: Run, tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text(
        "Klantnr;Datum;Omzet;Kostprijs;Regio\na;2021-01-04;€ 5,00;€ 2;N\nb;2021-01-05;$ 7,00;$ 3;N\n"
    )
    shown = run("check", "two.csv", "--group", "Regio")
    assert shown.status == 1
    assert "Columns recognised" in shown.out
    assert all(column in shown.out for column in ("Klantnr", "Datum", "Omzet", "Kostprijs", "Regio"))
    assert "--exchange-rate USD=RATE" in shown.err
    ended = run("check", "two.csv", "--json")
    found = json.loads(ended.out)
    assert ended.status == 1
    assert found["files"][0]["file"] == "two.csv"
    assert found["columns"] == {"customer": "Klantnr", "date": "Datum", "revenue": "Omzet", "cost": "Kostprijs"}
    assert "--exchange-rate USD=RATE" in found["error"] and found["error"] in ended.err.replace("\n", " ")
    assert run("check", "two.csv", "--exchange-rate", "USD=0.9", "--currency", "EUR").status == 0
    wrong = run("check", "two.csv", "--decimal", "x", "--json")
    assert (wrong.status, wrong.out) == (2, "")


@pytest.mark.parametrize(
    ("column", "option"),
    [
        ("Lijstprijs", "--list-price"), ("Listenpreis", "--list-price"), ("List price", "--list-price"), ("Regio", "--group"),
        ("Customer group", "--group"), ("Jahresbonus", "--rebate"), ("Korting", "--discount"), ("Vracht", "--freight"),
        ("Leveradres", "--ship-to"), ("Provision", "--commission"),
    ],
)  # fmt: skip
def test_check_suggests_an_option_that_the_command_takes(run: Run, column: str, option: str, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(f"customer,date,revenue,quantity,{column}\na,2021-01-04,5,1,2\n")
    assert json.loads(run("check", "s.csv", "--json").out)["not_used"] == {column: f"{option} '{column}'"}
    assert json.loads(run("check", "s.csv", option, column, "--json").out)["not_used"] == {}


def tables(rows: dict[str, list[str]], folder: Path) -> list[str]:
    """Write the same rows in four kinds of files."""
    text = ";".join(rows) + "\n" + "".join(";".join(row) + "\n" for row in zip(*rows.values(), strict=True))
    (folder / "sales.csv").write_text(text)
    pq.write_table(pa.table(rows), folder / "sales.parquet")
    (folder / "sales.json").write_text(
        json.dumps([dict(zip(rows, row, strict=True)) for row in zip(*rows.values(), strict=True)])
    )
    with xlsxwriter.Workbook(folder / "sales.xlsx") as book:
        sheet = book.add_worksheet()
        for k, (name, cells_of) in enumerate(rows.items()):
            sheet.write_column(0, k, [name, *cells_of])
    return ["sales.csv", "sales.parquet", "sales.json", "sales.xlsx"]


def test_no_usable_row_ends_every_command_with_status_1_the_reasons_and_the_remedy(run: Run, tmp_path: Path) -> None:
    files = tables({"klant": ["a", "b", ""], "datum": ["x", "y", "2021-01-05"], "bedrag": ["1", "2", "3"]}, tmp_path)
    for file in files:
        (tmp_path / "plan.toml").write_text(f"[ledger]\nfiles = '{file}'\n[strategy]\nstart = '2025-01'\n")
        for command in (["check", file], ["statement", file], ["lifetime", file], ["run", "plan.toml"]):
            ended = run(*command)
            assert ended.status == 1, command
            message = " ".join(ended.err.split())
            assert "no row of the ledger can be used: all 3 are rejected (2 x date is not a date" in message
            assert "1 x missing customer" in message
            assert "read as customer 'klant', date 'datum', revenue 'bedrag'" in message
            toml = command[0] == "run"
            assert ('[ledger] date_format = "%d/%m/%Y"' if toml else '--date-format "%d/%m/%Y"') in message
            assert ("plan.toml: [ledger]" in message) is toml


def test_rows_that_are_no_sale_are_counted_apart_where_no_row_is_left() -> None:
    frame = pa.table(
        {"customer": ["a", None], "date": ["2021-01-04"] * 2, "amount": [1.0, 2.0], "state": ["failed", "paid"]}
    )
    with pytest.raises(cf.InputError, match=r"all 2 are rejected or left out \(1 x missing customer; 1 x no sale, by"):
        cf.Ledger(frame, status="state")


def test_every_reason_has_a_remedy() -> None:
    for fault in range(cells.MISSING, cells.TOTAL + 1):
        why = cells.reason(fault, "revenue")
        assert remedy(why), why
        assert remedy(f"{why}; missing customer") == remedy(why)
    assert "drivers=" in remedy("driver km is not a number")
    assert "revenue=..." in remedy("credited revenue is not a number")


def ledger_arguments() -> set[str]:
    """Return the arguments of a ledger that its files, frame or query do not name."""
    named = {*inspect.signature(cf.Ledger.__init__).parameters, *inspect.signature(cf.Ledger.read).parameters}
    return named - {"self", "frame", "path", "options"}


def options_in_messages() -> set[str]:
    """Return the arguments that texts of the readers name, such as date_format=, from their sources."""
    found: set[str] = set()
    for file in (*(SOURCES / "_reading").rglob("*.py"), SOURCES / "ledger.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        documentation = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
                found |= set(re.findall(r"(?<![\w'\"-])([a-z]\w+)=(?=\.\.\.|[\"'{]|False|$|[\s;,.)])", node.value))
    return found


def test_the_command_line_and_the_toml_take_every_option_that_a_message_names() -> None:
    arguments = ledger_arguments()
    named = options_in_messages() & arguments
    assert named >= {"date_format", "decimal", "sheet", "customer", "rates", "family", "quantity"}

    def command(options: dict[str, object]) -> None:
        """Stand for a command that reads sales."""

    options = set(inspect.signature(ledger_options(command)).parameters)
    assert arguments - {"rates"} <= options
    assert "exchange_rates" in options
    assert arguments <= set(LEDGER_KEYS)
    text = renamer(options)("; ".join(f"{name}=..." for name in sorted(named)))
    assert not [name for name in named if f"{name}=" in text]


def test_groups_managers_and_merged_customers_come_from_tables_on_both_faces(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("klant,datum,bedrag\na,2021-01-04,1\nb,2021-01-05,2\n")
    (tmp_path / "ids.csv").write_text("old,new\nb,a\n")
    (tmp_path / "who.csv").write_text("customer_id,manager\na,Ann\n")
    (tmp_path / "since.csv").write_text("customer_id,date\na,2019-01-01\n")
    given = {"merged": "ids.csv", "manager": "who.csv", "customer_since": "since.csv"}
    options = [text for name, file in given.items() for text in ("--" + name.replace("_", "-"), file)]
    found = json.loads(run("check", "sales.csv", *options, "--json").out)
    assert (found["customers"], found["revenue"]) == (1, 3.0)
    missing = run("check", "sales.csv", "--merged", "none.csv")
    assert (missing.status, "there is no file 'none.csv'" in missing.err) == (1, True)

    from custfolio.cli.config import read

    keys = "\n".join(f"{name} = '{file}'" for name, file in given.items())
    settings = tmp_path / "plan.toml"
    settings.write_text(f"[ledger]\nfiles = 'sales.csv'\n{keys}\n[strategy]\nstart = '2022-01'\n")
    ledger = read(settings).inputs.ledger()
    assert ledger.rows.ids == ["a"]
    assert ledger.rows.first_day.tolist() == [17_897]
    assert ledger.rows.dimensions["manager"].values == ["Ann"]
    settings.write_text("[ledger]\nfiles = 'sales.csv'\nmerged = 'none.csv'\n[strategy]\nstart = '2022-01'\n")
    with pytest.raises(cf.InputError, match=r"plan\.toml: \[ledger\] there is no file .*none\.csv"):
        read(settings)


def test_check_states_the_rules_of_a_layout(run: Run, tmp_path: Path) -> None:
    (tmp_path / "payments.csv").write_text(
        "id,Created (UTC),Amount,Amount Refunded,Currency,Status,Card Last4,Customer ID\n"
        "ch_1,2025-02-16 13:01:43,100.00,25.00,eur,Paid,4242,cus_1\n"
        "ch_2,2025-02-17 13:01:43,50.00,0.00,eur,Failed,4242,cus_2\n"
        "ch_3,2025-02-17 13:01:43,50.00,0.00,eur,Held,4242,cus_2\n"
    )
    found = json.loads(run("check", "payments.csv", "--json").out)
    assert (found["revenue"], found["rows_accepted"], found["rows_rejected"], found["rows_left_out"]) == (75.0, 1, 1, 1)
    assert found["layout"]["layout"] == "Stripe payments"
    assert found["notes"][0].startswith('The data is read as Stripe payments; pass --layout "none"')
    assert "Held" in found["reasons"].popitem()[0]
    assert "--status NAME" in found["remedies"].popitem()[1]
    shown = run("check", "payments.csv", "--layout", "stripe").out
    assert shown.index("Amount less Amount Refunded") < shown.index("Columns recognised")
    plain = run("check", "payments.csv", "--layout", "none", "--date", "Created (UTC)", "--json")
    assert json.loads(plain.out)["revenue"] == 200.0
    assert "3 rows read, 1 rejected, 1 left out." in run("statement", "payments.csv").out
    wrong = run("check", "payments.csv", "--layout", "strip")
    assert (wrong.status, "--layout is 'strip'; it must be" in wrong.err or "layout is 'strip'" in wrong.err) == (
        2,
        True,
    )


def test_the_settings_of_a_plan_name_a_layout(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("Customer,Date,Amount\na,2025-01-06,5\n")
    (tmp_path / "plan.toml").write_text(
        "[ledger]\nfiles = 'sales.csv'\nlayout = 'shopify'\n[strategy]\nstart = '2025-01'\n"
    )
    refused = run("run", "plan.toml")
    assert refused.status == 1
    assert "Shopify orders: there is no column 'Email' or 'Phone' or 'Billing Name' for customer" in refused.err
    assert '[ledger] layout = "none"' in refused.err


def test_the_template_shows_keys_that_the_ledger_takes(run: Run, tmp_path: Path) -> None:
    assert run("init", "mine").status == 0
    section = (tmp_path / "mine" / "custfolio.toml").read_text().partition("[ledger]")[2].partition("\n[")[0]
    shown = re.findall(r"^(?:# )?(\w+) = ", section, re.M)
    assert len(shown) == len(set(shown))
    assert set(shown) <= {*LEDGER_KEYS, "files", "period"}
    assert set(shown) >= {
        "customer",
        "price",
        "missing_cost",
        "manager",
        "merged",
        "layout",
        "sheet",
        "date_format",
        "decimal",
    }


def test_a_pipeline_without_a_usable_deal_ends_with_the_reasons(run: Run, tmp_path: Path) -> None:
    head = "deal_id,client,amount,stage,close_date,probability\n"
    (tmp_path / "deals.csv").write_text(head + "1,a,x,talk,2026-01-01,0.5\n2,b,y,talk,2026-01-01,0.4\n")
    ended = run("budget", "deals.csv", "--start", "2026-01")
    assert ended.status == 1
    assert "2 deals: amount is not a number" in " ".join(ended.err.split())


def test_commands_print_what_the_reading_assumed_on_standard_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("klant,datum,bedrag,bedrag incl. btw\na,2021-01-04,1,1.21\n")
    stated = run("statement", "sales.csv", "--json")
    assert json.loads(stated.out)["level"] == 1.0
    assert " ".join(stated.err.split()) == (
        "Note: The revenue is 'bedrag', not 'bedrag incl. btw'; --revenue NAME chooses another column."
    )
    (tmp_path / "plan.toml").write_text("[ledger]\nfiles = 'sales.csv'\n[strategy]\nstart = '2021-02'\n")
    assert '[ledger] revenue = "..." chooses another column.' in " ".join(run("run", "plan.toml").err.split())
