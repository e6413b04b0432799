# Files that may be written, and the text in them: no output over an input, no text that runs.
"""Outputs are other files than the inputs and each other, and spreadsheets read no text as a formula."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from typer.testing import CliRunner

import custfolio as cf
from custfolio._tables.wording import control_free
from custfolio.errors import InputError
from custfolio.report.svg import element
from custfolio.report.whole_file import check_outputs, write_whole
from custfolio.report.workbook import plain_text

SALES = "date,customer,revenue\n2021-01-04,a,100\n2021-01-04,b,50\n"
PLANS = "customer,step,success,contribution\na,call,0.5,100\n"


def outcome(*arguments: str) -> Any:
    from custfolio.cli import app

    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("command", ["statement", "lifetime", "budget"])
@pytest.mark.parametrize("way", ["same", "dotted", "link", "hard link", "folder", "pattern"])
def test_no_command_writes_over_its_input(command: str, way: str, tmp_path: Path) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "in.csv"
    file.write_text(PLANS if command == "budget" else SALES)
    if way == "dotted":
        out = tmp_path / ".." / tmp_path.name / "in.csv"
    if way == "link":
        out = tmp_path / "link.csv"
        out.symlink_to(file)
    if way == "hard link":
        out = tmp_path / "link.csv"
        os.link(file, out)
    given = {"folder": tmp_path, "pattern": tmp_path / "*.csv"}.get(way, file)
    before = file.read_text()
    result = outcome(command, str(given), "--out", str(out))
    assert isinstance(result.exception, InputError), result.output
    assert "is also the input" in str(result.exception)
    assert file.read_text() == before


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ('folder = "."\nreport = "sales.csv"', "is also the input"),
        ('folder = "."\nworkbook = "plan.toml"', "is also the input"),
        ('folder = "."\nagenda = "managers.csv"', "is also the input"),
        ('report = "a.txt"\nworkbook = "a.txt"', "is also the output"),
        ('report = "."', "is a folder"),
        ('report = "a\\u0000"', "names no file"),
    ],
)
def test_no_output_of_a_plan_is_an_input_or_another_output(output: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text(SALES)
    (tmp_path / "managers.csv").write_text("manager,reviews_per_day\nann,2\n")
    (tmp_path / "plan").mkdir()
    (tmp_path / "plan.toml").write_text(
        f'[ledger]\nfiles = "sales.csv"\n[anchoring]\nmanagers = "managers.csv"\n[strategy]\nstart = "2022-01"\n[output]\n{output}\n'
    )
    result = outcome("run", str(tmp_path / "plan.toml"))
    assert isinstance(result.exception, InputError), result.output
    assert told in str(result.exception)
    assert (tmp_path / "sales.csv").read_text() == SALES


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("[ledger]\nfiles = [1]", "[ledger] files, entry 1 is 1; it must be text"),
        ("[ledger]\nfiles = 'sales.csv'\nperiod = [1, 2]", "[ledger] period, entry 1 is 1; it must be text or a day"),
        ("[ledger]\nfiles = 'sales.csv'\ndrivers = { a = 1 }", "drivers, entry a is 1"),
        ("[ledger]\nfiles = 'sales.csv'\n[anchoring]\ncadence = { Z = '3 months' }", "cadence has the class Z"),
        ("[ledger]\nfiles = 'sales.csv'\n[anchoring]\ncadence = { A = 3 }", "cadence, entry A is 3"),
        ("[ledger]\nfiles = 'sales.csv'\n[costs]\nrates = { deliveries = '1' }", "rates, entry deliveries is '1'"),
        ("[ledger]\nfiles = 'sales.csv'\n[costs]\navoidable = { deliveries = true }", "entry deliveries is True"),
        ("[ledger]\nfiles = 'sales.csv'\n[strategy]\nfloor = ['x']", "floor, entry 1 is 'x'"),
        ("[ledger]\nfiles = 'sales.csv'\n[strategy]\nlimits = { sales_hours = 'x' }", "entry sales_hours is 'x'"),
        ("[ledger]\nfiles = 'sales.csv'\n[strategy]\nrefused = [{}]", "refused, entry 1 is {}"),
    ],
)
def test_entries_of_settings_have_their_kind(setting: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text(SALES)
    (tmp_path / "plan.toml").write_text(setting)
    result = outcome("run", str(tmp_path / "plan.toml"))
    assert isinstance(result.exception, InputError), result.output
    assert told in str(result.exception)


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "real.html", tmp_path / "link.html"
    target.write_text("old")
    link.symlink_to(target)
    assert write_whole(link, "new") == link
    assert link.is_symlink()
    assert target.read_text() == "new"


@pytest.mark.skipif(os.name != "posix", reason="a pipe with a name")
def test_only_a_regular_file_is_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, told in (
        (pipe, "no regular file"),
        (tmp_path, "is a folder"),
        ("", "names no file"),
        ("a\0", "names no"),
    ):
        with pytest.raises(InputError, match=told):
            write_whole(path, "text")
    assert pipe.is_fifo()


def test_outputs_differ_whatever_their_names(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    check_outputs([one, two], [])
    with pytest.raises(InputError, match="is also the output"):
        check_outputs([one, tmp_path / "." / "one"], [])


HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(1)", "|x", "%x", "\t=1", "\r=1", " =1", "\u00a0=1", "\u0085=1", "\ufeff=1", "\u200b=1",
    "  \ufeff -1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201", " \uff1d1", "\x01=1", "\u202e=1",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_spreadsheet_is_a_formula(text: str, tmp_path: Path) -> None:
    assert plain_text(text).startswith("'")
    budget = cf.Budget({"month": ["2022-01"], "revenue": [10.0], "customer": [text]})
    budget.to_csv(tmp_path / "b.csv", by=["customer"])
    rows = list(csv.reader(io.StringIO((tmp_path / "b.csv").read_bytes().decode("utf-8"), newline="")))
    assert all(row[1].startswith("'") for row in rows[1:])
    budget.to_excel(tmp_path / "b.xlsx", by=["customer"])
    cells = [cell for sheet in openpyxl.load_workbook(tmp_path / "b.xlsx") for row in sheet.iter_rows() for cell in row]
    quoted = [cell for cell in cells if cell.data_type == "s" and cell.value.strip()[-1:] == text[-1:]]
    assert any(cell.quotePrefix for cell in quoted)


@pytest.mark.parametrize("text", ["a", "a=b", "Café", "1", "", " a -", "\u00a0Ünal"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert plain_text(text) == text


@pytest.mark.parametrize(
    "sign",
    ["\u202e", "\u2066", "\x1b", "\x9b", "\x7f", "\x00", "\ud800", "\ufeff", "\u200b", "\u200d", "\u200f", "\u2060", "\xad", "\u3164",
     "\u061c", "\U000e0041"],
)  # fmt: skip
def test_no_sign_turns_or_controls_what_people_read(sign: str) -> None:
    from custfolio.cli.screen import escape

    assert control_free(f"a{sign}b\n") == "ab\n"
    assert escape(f"a{sign}b") == "ab"
    assert sign not in element("text", f"a{sign}b")


def test_a_line_separator_is_a_space_and_a_joiner_within_a_word_stays() -> None:
    assert control_free("a\u2028b\u2029c") == "a b c"
    assert (
        control_free("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")
        == "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    )


def test_no_invisible_sign_of_the_data_is_in_a_file(tmp_path: Path) -> None:
    import datetime

    signs = "\ufeff\u2028\u200b\u202e"
    ids = [f"c{signs}1", "c2"]
    table = {
        "customer_id": ids,
        "name": [f"A{signs}B", "C"],
        "revenue": [1200.0, 120.0],
        "contribution": [120.0, -12.0],
    }
    portfolio = cf.Portfolio.from_frame(pa.table(table))
    selection = cf.select(portfolio, target=0.05)
    agenda = cf.anchor(portfolio, selection, start="2022-03", cadence=cf.Cadence(A="4 months"))
    plan = cf.Strategy("2022-01").optimise(portfolio, selection=selection, agenda=agenda)
    plan.report(tmp_path / "a.html", title=f"T{signs}")
    plan.to_excel(tmp_path / "a.xlsx", title=f"T{signs}")
    plan.coaster(tmp_path / "a.svg", title=f"T{signs}")
    plan.to_ics(tmp_path / "a.ics", stamp=datetime.datetime(2022, 1, 1))
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    texts = [(tmp_path / name).read_text(encoding="utf-8") for name in ("a.html", "a.svg", "a.ics")]
    texts += [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not set(signs) & set("".join(texts))
    assert "A B" in texts[0]


def test_columns_of_a_file_have_different_names(tmp_path: Path) -> None:
    from custfolio.cli.tables import read_table

    file = tmp_path / "in.csv"
    file.write_text("date,customer,Amount,amount\n2021-01-04,a,100,7\n")
    for reader in (cf.Ledger.read, read_table):
        with pytest.raises(InputError, match=r"columns 3 and 4 have one name, 'amount'"):
            reader(file)
