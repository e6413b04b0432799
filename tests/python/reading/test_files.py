# Files as people have them: workbooks, packed files, titles above the table and totals below it.
"""Reading of workbooks and of what surrounds a table."""

from __future__ import annotations

import datetime
import gzip
import random
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
import xlsxwriter

import custfolio as cf
from custfolio._reading.archives import check_workbook, unpacked
from custfolio._reading.header import header_row, total_label

DATA = Path(__file__).resolve().parents[2] / "data"
HEAD = ["Customer no", "Date", "Amount"]
ROWS: list[list[Any]] = [[17850.0 + k, datetime.date(2025, 1, 1 + k), 10.5 * (k + 1)] for k in range(3)]
TEXT = "Customer no;Date;Amount\n17850;2025-01-01;10,50\n17851;2025-01-02;21,00\n17852;2025-01-03;31,50\n"
NAMES = {"customer": "Customer no", "revenue": "Amount"}


def workbook(path: Path, *sheets: tuple[str, list[list[Any]]]) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "dd-mm-yyyy"}) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for k, row in enumerate(rows):
                for j, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(k, j, cell)
    return path


def open_document(path: Path, rows: str) -> Path:
    names = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    text = 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f'<office:document-content {names} {text}><office:body><office:spreadsheet><table:table table:name="S">{rows}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return path


def test_a_workbook_keeps_numbers_and_days(tmp_path: Path) -> None:
    rows = [["Sales 2025"], ["Acme"], [], HEAD, *ROWS, [], ["Total", None, 63.0]]
    ledger = cf.Ledger.read(workbook(tmp_path / "s.xlsx", ("2025", rows), ("2024", [])), **NAMES)
    assert ledger.revenue == 63.0
    assert ledger.rows.ids == ["17850", "17851", "17852"]
    assert ledger.last_day == datetime.date(2025, 1, 3)
    assert (ledger.rows_read, ledger.rows_accepted, ledger.rows_rejected, ledger.rows_left_out) == (4, 3, 0, 1)
    left = ledger.left_out.columns()
    assert (list(left["row"]), left["value"], left["reason"]) == ([9], ["Total"], ["a line of totals"])


def test_an_old_workbook_and_an_open_document(tmp_path: Path) -> None:
    assert cf.Ledger.read(DATA / "sales.xls", **NAMES).reconciliation["revenue_accepted"] == 63.0

    def cell(value: Any) -> str:
        if isinstance(value, float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        if isinstance(value, datetime.date):
            return f'<table:table-cell office:value-type="date" office:date-value="{value}"/>'
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    rows = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in [HEAD, *ROWS])
    ledger = cf.Ledger.read(open_document(tmp_path / "s.ods", rows), **NAMES)
    assert (ledger.revenue, ledger.rows.ids) == (63.0, ["17850", "17851", "17852"])


def test_a_customer_is_the_same_in_a_workbook_and_in_text(tmp_path: Path) -> None:
    book = cf.Ledger.read(workbook(tmp_path / "s.xlsx", ("S", [HEAD, *ROWS])), **NAMES)
    (tmp_path / "s.csv").write_text(TEXT.replace("17850", "17850.0"))
    assert cf.Ledger.read(tmp_path / "s.csv", **NAMES).rows.ids == book.rows.ids


def test_numbers_beside_texts_with_a_comma_stay_numbers(tmp_path: Path) -> None:
    rows = [
        HEAD,
        [1.0, ROWS[0][1], 12.5],
        [1.0, ROWS[0][1], "12,50"],
        [1.0, ROWS[0][1], 3.0],
        [1.0, ROWS[0][1], "(2,00)"],
    ]
    assert cf.Ledger.read(workbook(tmp_path / "s.xlsx", ("S", rows)), **NAMES).revenue == 26.0


def test_a_rejected_row_has_its_number_in_the_sheet(tmp_path: Path) -> None:
    rows = [["Title"], [], HEAD, ROWS[0], [], [17851.0, "soon", 5.0], ROWS[2]]
    rejected = cf.Ledger.read(workbook(tmp_path / "s.xlsx", ("S", rows)), **NAMES).rejected.columns()
    assert (list(rejected["row"]), rejected["value"]) == ([6], ["soon"])


def test_a_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    path = workbook(tmp_path / "s.xlsx", ("Notes", []), ("2025", [HEAD, *ROWS]))
    assert cf.Ledger.read(path, sheet="2025", **NAMES).revenue == 63.0
    with pytest.raises(cf.InputError, match=r"sheet 'Notes' is empty; pass sheet=\.\.\., one of '2025'"):
        cf.Ledger.read(path)
    with pytest.raises(cf.InputError, match=r"no sheet '2024'; its sheets are 'Notes', '2025'"):
        cf.Ledger.read(path, sheet="2024")
    (tmp_path / "s.csv").write_text(TEXT)
    with pytest.raises(cf.InputError, match=r"sheet= is '2025', but 's.csv' is no workbook"):
        cf.Ledger.read(tmp_path / "s.csv", sheet="2025")


def test_hostile_workbooks(tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text(TEXT)
    with pytest.raises(cf.InputError, match=r"text\.xlsx' is text, not a workbook"):
        cf.Ledger.read(tmp_path / "text.xlsx")
    with pytest.raises(cf.InputError, match="has no rows, only"):
        cf.Ledger.read(workbook(tmp_path / "head.xlsx", ("S", [HEAD])))
    with pytest.raises(cf.InputError, match=r"sheet 'S': columns 1 and 3 have one name, 'date'"):
        cf.Ledger.read(workbook(tmp_path / "twice.xlsx", ("S", [["Date", "Amount", "date"], [1, 2, 3]])))
    whole = workbook(tmp_path / "whole.xlsx", ("S", [HEAD, *ROWS])).read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(cf.InputError, match=r"cut\.xlsx' cannot be read"):
        cf.Ledger.read(tmp_path / "cut.xlsx")


def test_a_sheet_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, HEAD)
        sheet.write(1_048_575, 16_383, 1)
    with pytest.raises(cf.InputError, match="spans more than 100,000,000 cells; delete the cells far from the table"):
        cf.Ledger.read(path)
    row = '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
    many = open_document(
        tmp_path / "far.ods", f'<table:table-row table:number-rows-repeated="1048576">{row}</table:table-row>'
    )
    with pytest.raises(cf.InputError, match="spans more than"):
        cf.Ledger.read(many)
    with pytest.raises(cf.InputError, match="unpacks to more than"):
        check_workbook(path, path, limit=1000)


@pytest.mark.parametrize("packing", ["gz", "zip"])
def test_packed_files(packing: str, tmp_path: Path) -> None:
    for name, content in (
        ("s.csv", TEXT.encode()),
        ("s.xlsx", workbook(tmp_path / "plain.xlsx", ("S", [HEAD, *ROWS])).read_bytes()),
        ("s.json", b'{"customer": "a", "date": "2025-01-01", "revenue": 63}\n'),
    ):
        path = tmp_path / f"{name}.{packing}"
        if packing == "gz":
            path.write_bytes(gzip.compress(content))
        else:
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(f"folder/{name}", content)
                archive.writestr("__MACOSX/._x", b"")
        assert cf.Ledger.read(path, **({} if name == "s.json" else NAMES)).revenue == 63.0
        with pytest.raises(cf.InputError, match="unpacks to more than"):
            unpacked(path, tmp_path, 0, limit=10)
        path.write_bytes(path.read_bytes()[:-12])
        with pytest.raises(cf.InputError, match="cannot be unpacked"):
            cf.Ledger.read(path)


def test_a_zip_file_with_two_files_names_them(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        archive.writestr("one.csv", TEXT)
        archive.writestr("two.csv", TEXT)
    with pytest.raises(cf.InputError, match=r"must have one file inside; it has 'one.csv', 'two.csv'; unpack it first"):
        cf.Ledger.read(tmp_path / "s.zip")


@pytest.mark.parametrize("title", ["Sales 2025\n", 'Sales;;\n"Acme\nLtd";;\n\n', "\n\nSales;2025\n"])
@pytest.mark.parametrize(
    "total", ["Total;;63,00\n", "Grand total;63,00\n", ";;63,00\n", "Totaal:;;63,00\n", ";Summe;63,00\n"]
)
def test_titles_and_totals_of_text_are_apart(title: str, total: str, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(title + TEXT + total)
    ledger = cf.Ledger.read(tmp_path / "s.csv", **NAMES)
    assert ledger.revenue == 63.0
    assert (ledger.rows_read, ledger.rows_accepted, ledger.rows_rejected, ledger.rows_left_out) == (4, 3, 0, 1)
    assert ledger.reconciliation["revenue_rejected"] == 0.0


@pytest.mark.parametrize(
    "label", ["Subtotaal maand 1", "Subtotal: January", "Zwischensumme 01", "Sous-total janvier", "sub total"]
)
def test_subtotals_among_the_rows_are_lines_of_totals(label: str, tmp_path: Path) -> None:
    rows = {
        "customer": [None, *"abcdefghijklmn"],
        "name": [label, *"abcdefghijklmn"],
        "date": [None, *["2024-01-03"] * 14],
        "amount": [14.0] + [1.0] * 14,
    }
    pd.DataFrame(rows).to_csv(tmp_path / "s.csv", index=False)
    for ledger in (cf.Ledger.read(tmp_path / "s.csv"), cf.Ledger(pd.DataFrame(rows)), cf.Ledger(pl.LazyFrame(rows))):
        assert (ledger.rows_rejected, ledger.revenue) == (0, 14.0)
        left = ledger.left_out.columns()
        assert (list(left["row"]), left["value"], left["reason"]) == ([1], [label], ["a line of totals"])
        assert ledger.reconciliation["revenue_rejected"] == 0.0
    dated = cf.Ledger(pl.DataFrame(rows).with_columns(date=pl.lit("2024-01-03"), customer=pl.lit(label)))
    assert dated.revenue == 28.0


def test_a_customer_whose_name_begins_like_a_total_is_a_customer(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(TEXT + "Total Energies;2025-01-04;5,00\n")
    assert cf.Ledger.read(tmp_path / "s.csv", **NAMES).revenue == 68.0


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([["a", "b"], ["x", "y"]], 0),
        ([["Report", ""], ["Customer", "Amount"], ["x", "1"]], 1),
        (
            [["Customer", "", "Invoice", ""], ["Customer no", "Name", "Date", "Amount"], ["1", "x", "2025-01-01", "5"]],
            1,
        ),
        ([["wie", "2021", "2022"], ["x", "1", "2"]], 0),
        ([["Printed:", "01-02-2025"], ["wie", "wanneer", "wat"], ["x", "01-02-2025", "1"]], 1),
        ([["Customer", "Date", "Amount"], ["KUNDE", "TAG", "WERT"], ["x", "2025-01-01", "1"]], 0),
    ],
)
def test_the_header_is_found(rows: list[list[str]], place: int) -> None:
    assert header_row(rows) == place


@pytest.mark.parametrize(("cells", "label"), [
    (["TOTAL", "", "5"], "TOTAL"), (["x", "Sub-total", "5"], "Sub-total"), (["", "", "5.00"], ""), (["Totally", "", "5"], None),
    (["a", "b", "5"], None), (["1", "2", "3"], None), (["Gesamtsumme", "", "5"], "Gesamtsumme"), (["", "", ""], None),
])  # fmt: skip
def test_totals_are_told_from_rows(cells: list[str], label: str | None) -> None:
    assert total_label(cells) == label


def test_cells_that_spaces_align_are_read(tmp_path: Path) -> None:
    text = " customer_id  date      pieces  amount\n 00001  19970101   1   11.77\n 00002  19970112  12  -12.00\n\n 00002  19970113   5\n"
    (tmp_path / "sales.txt").write_text(text)
    with pytest.raises(cf.InputError, match="no column is recognised as"):  # a line of three words is no such table
        cf.Ledger.read(tmp_path / "sales.txt")
    (tmp_path / "sales.txt").write_text(text.rpartition(" 00002")[0])
    ledger = cf.Ledger.read(tmp_path / "sales.txt", quantity="pieces")
    assert ledger.sources == [("sales.txt", "CSV, UTF-8, delimiter spaces")]
    assert (ledger.rows.ids, ledger.rows_accepted, ledger.revenue) == (["00001", "00002"], 2, pytest.approx(-0.23))


def test_data_without_a_line_of_names_are_an_error_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "sales.txt").write_text("00001 19970101 1 11.77\n00002 19970112 2 12.00\n")
    with pytest.raises(cf.InputError, match="put a line with names above the data, if these are data"):
        cf.Ledger.read(tmp_path / "sales.txt")


def test_cells_merged_downwards_are_rejected_with_a_note(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "s.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.merge_range("A1:C1", "Sales 2025")
        sheet.write_row(1, 0, ["Customer", "Date", "Amount"])
        sheet.merge_range("A3:A5", "Acme")
        for k in range(4):
            sheet.write_row(2 + k, 1, [f"2025-01-0{k + 1}", 10.0 * (k + 1)])
        sheet.write(5, 0, "Bakker")
    ledger = cf.Ledger.read(tmp_path / "s.xlsx")
    assert ledger.sources == [("s.xlsx", "workbook, sheet 'Sheet1', header in line 2 below 'Sales 2025'")]
    assert (ledger.revenue, ledger.reconciliation["revenue_rejected"]) == (50.0, 50.0)
    assert ledger.rejected.reasons == {"missing customer": 2}
    assert ledger.notes == [
        "Cells of s.xlsx are merged over rows, such as A3:A5; only the first of them has a value: fill in the others."
    ]
    assert not cf.Ledger.read(workbook(tmp_path / "plain.xlsx", ("S", [HEAD, *ROWS])), **NAMES).notes


def test_merged_cells_of_a_group_are_noted_in_the_sheet_that_is_read(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "s.xlsx") as book:
        for name in ("Über & 't", "Other"):
            sheet = book.add_worksheet(name)
            sheet.merge_range("A1:D1", "Sales 2025")
            sheet.write_row(1, 0, ["Customer", "Date", "Amount", "Manager"])
            for k in range(3):
                sheet.write_row(2 + k, 0, [f"c{k}", f"2025-01-0{k + 1}", 10.0])
            if name == "Other":
                sheet.write_column(2, 3, ["Ann", "Bob", "Bob"])
            else:
                sheet.merge_range("D3:D5", "Ann")
    note = (
        "Cells of s.xlsx are merged over rows, such as D3:D5; only the first of them has a value: fill in the others."
    )
    assert cf.Ledger.read(tmp_path / "s.xlsx", manager="Manager").notes[0] == note
    assert cf.Ledger.read(tmp_path / "s.xlsx", manager="Manager", sheet="Other").notes == []


def test_a_formula_counts_with_its_stored_result(tmp_path: Path) -> None:
    def written(name: str, results: list[Any]) -> Path:
        with xlsxwriter.Workbook(tmp_path / name) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["Customer", "Date", "Pieces", "Unit", "Amount"])
            for k, result in enumerate(results):
                sheet.write_row(1 + k, 0, [f"c{k}", f"2025-01-0{k + 1}", k + 1, 5.0])
                sheet.write_formula(1 + k, 4, f"=C{k + 2}*D{k + 2}", None, result)
            sheet.write(4, 0, "Total")
            sheet.write_formula(4, 4, "=SUM(E2:E4)", None, 30.0)
        return tmp_path / name

    ledger = cf.Ledger.read(written("s.xlsx", [5.0, 10.0, 15.0]))
    assert (ledger.revenue, ledger.rows_left_out) == (30.0, 1)
    ledger = cf.Ledger.read(written("error.xlsx", [5.0, "#DIV/0!", 15.0]))
    assert (ledger.revenue, ledger.rejected.reasons) == (20.0, {"missing revenue": 1})
    assert ledger.notes == [
        "Cells of error.xlsx have an error, such as E3; they are read as empty: correct their formulas."
    ]


def test_formulas_without_a_stored_result_are_an_error_with_the_reason(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["Customer", "Date", "Amount"])
    book.active.append(["a", datetime.date(2025, 1, 1), "=5+6"])
    book.save(tmp_path / "s.xlsx")
    with pytest.raises(
        cf.InputError, match=r"1 x missing revenue.*Formulas of s.xlsx have no stored result, such as C2"
    ):
        cf.Ledger.read(tmp_path / "s.xlsx")


def test_two_lines_of_headers(tmp_path: Path) -> None:
    groups = [["Customer", None, "Sales", None], ["No.", "Customer name", "Date", "Amount"]]
    rows = [[1.0, "Acme", datetime.date(2025, 1, 1), 5.0], [2.0, "Bakker", datetime.date(2025, 1, 2), 6.0]]
    ledger = cf.Ledger.read(workbook(tmp_path / "s.xlsx", ("S", [*groups, *rows])), customer="No.")
    assert ledger.recognised == {"customer": "No.", "date": "Date", "revenue": "Amount", "name": "Customer name"}
    assert ledger.sources[0][1] == "workbook, sheet 'S', header in line 2 below 'Customer Sales'"
    units = [["Customer", "Date", "Amount"], [None, None, "EUR"], ["Acme", datetime.date(2025, 1, 1), 5.0]]
    below = cf.Ledger.read(workbook(tmp_path / "units.xlsx", ("S", units)))
    assert (below.revenue, below.rows_rejected, list(below.rejected.columns()["row"])) == (5.0, 1, [2])


def test_a_sheet_without_a_table_names_the_others(tmp_path: Path) -> None:
    table = ("Rows", [HEAD, *ROWS])
    for cover, why in (
        ([], "is empty"),
        ([["Customer no", "Date", "Amount"]], "has no rows, only 'Customer no Date Amount'"),
        ([["Report of sales"], [], ["made by Ann"]], "has no table, only lines of text"),
    ):
        path = workbook(tmp_path / "s.xlsx", ("Cover", cover), table)
        with pytest.raises(cf.InputError, match=rf"sheet 'Cover' {why}; pass sheet=\.\.\., one of 'Rows'"):
            cf.Ledger.read(path)
        assert cf.Ledger.read(path, sheet="Rows", **NAMES).revenue == 63.0
    with pytest.raises(cf.InputError, match=r"sheet 'S' is empty$"):
        cf.Ledger.read(workbook(tmp_path / "one.xlsx", ("S", [])))


def test_a_file_whose_columns_are_not_recognised_names_likely_ones(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("client ref,engage_date,worth\na,2025-01-01,5\n")
    message = r"\(perhaps 'client ref' for customer, 'engage_date' for date\)"
    with pytest.raises(cf.InputError, match=message):
        cf.Ledger.read(tmp_path / "s.csv")
    (tmp_path / "s.txt").write_text("customer~date~amount\na~2025-01-01~5\n")
    with pytest.raises(cf.InputError, match="cells must be separated by a comma, semicolon, tab, bar or spaces"):
        cf.Ledger.read(tmp_path / "s.txt")


@pytest.mark.parametrize("cell", ["({}x", "EUR {}x", "Total{}x", "a{}b"])
def test_cells_with_long_runs_of_spaces_do_not_hang(cell: str, tmp_path: Path) -> None:
    wide = cell.format(" " * 100_000)
    (tmp_path / "s.csv").write_text(f"{wide};x;y\nCustomer no;Date;Amount\n1;2025-01-01;63,00\n{wide};;\n")
    assert cf.Ledger.read(tmp_path / "s.csv", **NAMES).revenue == 63.0


def test_a_line_with_too_many_cells_is_one_rejected_row(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text(
        "customer,date,amount\na,2021-01-04,1\nb,2021-01-05,2,3,4,5,6\nx\nc,2021-01-05,2\nb,2021-01-05,2,3,4\n"
    )
    ledger = cf.Ledger.read(path)
    assert (ledger.rows_read, ledger.rows_accepted, ledger.rows_rejected) == (5, 2, 3)
    rejected = ledger.rejected.columns()
    assert list(rejected["row"]) == [2, 3, 5]
    assert [reason.split(",")[0] for reason in rejected["reason"]] == [
        "the line has 7 cells", "the line has 1 cell", "the line has 5 cells",
    ]  # fmt: skip


def test_a_line_without_its_last_cells_costs_no_row(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text(
        "customer,date,revenue,quantity,cost\na,2021-01-04,100\nb,2021-01-05,50,2\nc,2021-01-05,70,1,35\nx\n"
        "d,2021-01-06,,3\nd,2021-01-06,30,1\nTotal,,250\ne,2021-01-07,9,1,3\n"
    )
    ledger = cf.Ledger.read(path)
    assert (ledger.rows_read, ledger.revenue) == (8, 259.0)
    assert ledger.rejected.columns()["row"].tolist() == [4, 5]
    assert ledger.rejected.columns()["reason"] == ["the line has 1 cell, the header 5", "missing revenue"]
    assert ledger.left_out.columns()["row"].tolist() == [7]
    gaps = ledger.gaps.columns()
    assert dict(zip(gaps["role"], gaps["rows"].tolist(), strict=True)) == {"quantity": 1, "cost": 3}
    assert ledger.notes[0] == (
        "4 lines have fewer cells than the header of sales.csv; the last cells are read as empty."
    )


def test_short_lines_with_decimal_commas_have_the_delimiter_of_the_header(tmp_path: Path) -> None:
    path = tmp_path / "verkoop.csv"
    path.write_text(
        "Klantnr;Datum;Omzet;Aantal;Kostprijs\nA;1-2-2024;100,00;2\nA;15-2-2024;50,00\nTotaal A;28-2-2024;150,00;2\n"
        "B;3-3-2024;20,00;1;5,00\nTotaal B;28-3-2024;20,00;1;5,00\nTotaal;31-3-2024;170,00\n"
    )
    ledger = cf.Ledger.read(path)
    assert (ledger.rows_accepted, ledger.revenue, ledger.rows_left_out) == (3, 170.0, 3)
    assert "delimiter semicolon" in ledger.sources[0][1]


@pytest.mark.parametrize("seed", range(3))
def test_rows_keep_their_numbers_between_short_and_broken_lines(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    expected: dict[str, list[int]] = {}
    names = ["one.csv", "short.csv", "two.csv"]
    for name in names:
        lines, bad = ["customer,date,revenue,cost"], []
        for row in range(1, 60):
            kind = "short" if name == "short.csv" else rng.choice(["row", "short", "wide", "one cell", "no date"])
            lines.append({
                "row": f"c{row},2021-01-04,1,1", "short": f"c{row},2021-01-04,1", "wide": f"c{row},2021-01-04,1,1,1",
                "one cell": f"c{row}", "no date": f"c{row},soon,1,1",
            }[kind])  # fmt: skip
            bad += [row] if kind in ("wide", "one cell", "no date") else []
        (tmp_path / name).write_text("\n".join(lines) + "\n")
        expected[str(tmp_path / name)] = bad
    ledger = cf.Ledger.read([tmp_path / name for name in names])
    rejected = ledger.rejected.columns()
    found: dict[str, list[int]] = {path: [] for path in expected}
    for path, row in zip(rejected["file"], rejected["row"].tolist(), strict=True):
        found[path].append(row)
    assert found == expected
    assert ledger.rows_accepted == 3 * 59 - sum(map(len, expected.values()))


def test_rows_between_two_stray_quotation_marks_are_noted(tmp_path: Path) -> None:
    rows = [f"c{k},2021-01-05,2\n" for k in range(1_000)]
    path = tmp_path / "sales.csv"
    path.write_text(
        "customer,date,amount\na,2021-01-04,1\n" + '"b\n' + "".join(rows) + 'd",2021-01-05,2\ne,2021-01-05,2\n'
    )
    ledger = cf.Ledger.read(path)
    assert ledger.rows_accepted == 3
    assert any(note.startswith("Row 2 of sales.csv spans 1,002 lines: ") for note in ledger.notes), ledger.notes
    path.write_text(
        "customer,date,amount\na,2021-01-04,1\n" + 'b,"2021-01-05,2\n' + "".join(rows) + 'd",2021-01-05,2\n'
    )
    assert (
        cf.Ledger.read(path).rejected.columns()["reason"][0]
        == "the line has 4 cells, the header 3; it spans 1,002 lines"
    )
    memo = "\n".join(["a long remark of several words"] * 50)
    path.write_text(f'customer,date,amount,memo\na,2021-01-04,1,"{memo}"\nb,2021-01-04,1,x\n')
    assert cf.Ledger.read(path).notes == []


def test_a_path_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(cf.InputError, match="names no file"):
        cf.Ledger.read("f" * 5_000)


def test_other_sheets_with_the_same_columns_are_noted(tmp_path: Path) -> None:
    """A sheet per month: the first is read, and a note names the others."""
    sheets = [(name, [HEAD, *ROWS]) for name in ("jan", "feb")]
    path = workbook(tmp_path / "s.xlsx", *sheets, ("notes", [["Remarks", "By"], ["none", "Ann"]]))
    assert (
        "other sheets with the same columns, which are not read: 'feb'; sheet="
        in cf.Ledger.read(path, **NAMES).notes[0]
    )
    assert not cf.Ledger.read(path, sheet="jan", **NAMES).notes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_lines_may_end_in_two_ways(encoding: str, tmp_path: Path) -> None:
    rows = ["Zoë;2025-01-02;1\n", '"b\nc";2025-01-02;2\r\n', "d;soon;4\n", "Zoë;2025-01-03;8\r\n"]
    (tmp_path / "s.csv").write_bytes("".join(["Customer;Date;Amount\r\n", *rows]).encode(encoding))
    ledger = cf.Ledger.read(tmp_path / "s.csv")
    assert (ledger.revenue, ledger.customers, list(ledger.rejected.columns()["row"])) == (11.0, 2, [3])


@pytest.mark.parametrize(
    "text", ["Customer,Date,Amount\na,2025-01-02,1\n", "<html><table><tr><td>Kunde ü</td></tr></table>"]
)
def test_a_text_that_is_named_as_a_workbook_is_refused(text: str, tmp_path: Path) -> None:
    for name in ("s.xls", "s.xlsx"):
        (tmp_path / name).write_text(text, encoding="cp1252")
        with pytest.raises(
            cf.InputError, match=rf"{name}' is text, not a workbook; open it in a spreadsheet and save it"
        ):
            cf.Ledger.read(tmp_path / name)


@pytest.mark.parametrize("place", ["ZZZZ9", "XFE1", "A99999999"])
def test_a_cell_beyond_the_limits_of_excel_is_refused(place: str, tmp_path: Path) -> None:
    path = workbook(tmp_path / "s.xlsx", ("S", [HEAD, *ROWS]))
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(tmp_path / "t.xlsx", "w") as changed:
        for name in whole.namelist():
            text = whole.read(name)
            changed.writestr(name, text.replace(b'r="A2"', f'r="{place}"'.encode()) if "sheet1" in name else text)
    with pytest.raises(cf.InputError, match=r"spans more than 100,000,000 cells; delete the cells far from the table"):
        cf.Ledger.read(tmp_path / "t.xlsx")


@pytest.mark.parametrize(
    ("euro", "dollar"),
    [
        ("[$€-413] #,##0.00", "[$$-409]#,##0.00;[Red]-[$$-409]#,##0.00"),
        ('#,##0.00\\ "EUR"', '"$"#,##0'),
        ("€0", "[$USD] 0"),
    ],
)
def test_two_currencies_in_number_formats_need_rates(euro: str, dollar: str, tmp_path: Path) -> None:
    """The table begins in column C, and one amount has no currency."""
    with xlsxwriter.Workbook(tmp_path / "s.xlsx") as book:
        sheet = book.add_worksheet()
        formats = [book.add_format({"num_format": code}) for code in (euro, dollar, dollar, "#,##0.00")]
        sheet.write_row(1, 2, ["Customer", "Date", "Amount"])
        sheet.write_blank(3, 0, None, formats[0])
        for k, (amount, shown) in enumerate(zip([100.5, 50, -10.25, 7], formats, strict=True)):
            sheet.write_row(2 + k, 2, [f"c{k}", f"2025-01-0{k + 1}"])
            sheet.write_number(2 + k, 4, amount, shown)
    with pytest.raises(
        cf.InputError, match=r"'USD -10.25' in USD, other amounts are in EUR \('EUR 100.5'\); pass rates"
    ):
        cf.Ledger.read(tmp_path / "s.xlsx")
    ledger = cf.Ledger.read(tmp_path / "s.xlsx", rates={"USD": 0.5})
    assert (ledger.revenue, ledger.currency) == (100.5 + 0.5 * 39.75 + 7, "EUR")
    assert len(ledger.notes) == 1
    assert "others without one, such as '7.0'; those count in EUR" in ledger.notes[0]


def test_number_formats_of_one_currency_change_nothing(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "s.xlsx") as book:
        sheet = book.add_worksheet()
        shown = [book.add_format({"num_format": code}) for code in ('"€" 0.00', '"$" 0.00', '0 "pieces"', "0%")]
        sheet.write_row(0, 0, ["Customer", "Date", "Amount", "Quantity"])
        for k in range(3):
            sheet.write_row(1 + k, 0, ["a", f"2025-01-0{k + 1}"])
            sheet.write_number(1 + k, 2, 10.0, shown[0])
            sheet.write_number(1 + k, 3, 2.0, shown[2 + k % 2])
        sheet.write_blank(9, 2, None, shown[1])
    ledger = cf.Ledger.read(tmp_path / "s.xlsx")
    assert (ledger.revenue, ledger.currency, ledger.notes) == (30.0, None, [])


MONTHS = {
    "Cover": [["Sales 2025"]],
    "Jan": [HEAD, *ROWS, [None, None, None], ["Total", None, 63.0]],
    "Feb": [
        [*HEAD, "Remark"],
        ["a", datetime.date(2025, 2, 3), 12.5, "x"],
        [None, datetime.date(2025, 2, 4), 5.0, "y"],
    ],
    "Mar": [["March"], [], HEAD, ["a", "2025-03-07", "1.200,50"]],
    "Codes": [["Code", "Meaning"], ["x", "none"]],
    "Nothing": [],
}
"""A sheet per month, in three ways of writing, with sheets that have no sales."""


def test_all_sheets_of_a_workbook_are_read_one_after_the_other(tmp_path: Path) -> None:
    path = workbook(tmp_path / "s.xlsx", *MONTHS.items())
    ledger = cf.Ledger.read(path, sheet="all", **NAMES)
    assert ledger.revenue == 63.0 + 12.5 + 1200.5
    assert [how for _, how in ledger.sources] == [
        "workbook, sheet 'Jan' (of 6)", "workbook, sheet 'Feb' (of 6)",
        "workbook, sheet 'Mar' (of 6), header in line 3 below 'March'",
    ]  # fmt: skip
    assert ledger.notes == [
        "Sheets of s.xlsx without a column of the others are not read: 'Cover', 'Codes', 'Nothing'."
    ]
    rejected, left_out = ledger.rejected.columns(), ledger.left_out.columns()
    assert (list(rejected["row"]), rejected["file"]) == ([3], [f"{path}, sheet 'Feb'"])
    assert (list(left_out["row"]), left_out["file"]) == ([len(ROWS) + 3], [f"{path}, sheet 'Jan'"])


def test_some_sheets_of_several_workbooks_are_read(tmp_path: Path) -> None:
    months = list(MONTHS.items())[:3]
    paths = [workbook(tmp_path / name, *months) for name in ("a.xlsx", "b.xlsx")]
    ledger = cf.Ledger.read(paths, sheet=["feb", "Jan", "Feb"], **NAMES)
    assert (ledger.revenue, ledger.rows_read) == (2 * 75.5, 2 * (len(ROWS) + 3))
    assert sorted(ledger.rejected.columns()["file"]) == [f"{path}, sheet 'Feb'" for path in paths]


def test_a_sheet_called_all_is_one_sheet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "s.xlsx", ("Jan", [HEAD, *ROWS]), ("All", [HEAD, *ROWS, *ROWS]))
    assert cf.Ledger.read(path, sheet="all", **NAMES).revenue == 126.0


@pytest.mark.parametrize(
    ("sheets", "error"),
    [
        ([], 'sheet= has no name; it must have one or more, or be "all"'),
        ([1], "sheet= has 1; it must be the name of a sheet"),
        (["Jan", "Nothing"], "sheet 'Nothing' is empty; pass sheet="),
        (["Jan", "Apr"], "has no sheet 'Apr'; its sheets are 'Cover', 'Jan'"),
    ],
)
def test_sheets_that_cannot_be_read_are_an_error(sheets: list[Any], error: str, tmp_path: Path) -> None:
    path = workbook(tmp_path / "s.xlsx", *MONTHS.items())
    with pytest.raises(cf.InputError, match=error):
        cf.Ledger.read(path, sheet=sheets, **NAMES)
    cover = workbook(tmp_path / "cover.xlsx", ("Cover", [["Sales 2025"]]), ("Nothing", []))
    with pytest.raises(cf.InputError, match=r"cover.xlsx' has no sheet with a table"):
        cf.Ledger.read(cover, sheet="all")


def test_a_truth_value_is_no_amount(tmp_path: Path) -> None:
    """The cell TRUE in a column of amounts is rejected, not 1."""
    rows = [["a", datetime.date(2024, 1, 3), True], ["a", datetime.date(2024, 1, 4), 50.5]]
    path = workbook(tmp_path / "s.xlsx", ("S", [["Customer", "Date", "Amount"], *rows]))
    ledger = cf.Ledger.read(path)
    assert (ledger.revenue, ledger.rejected.reasons) == (50.5, {"revenue is not a number": 1})


def test_a_csv_file_of_too_many_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"c{k}" for k in range(16_385)) + "\n" + "1," * 16_384 + "1\n")
    with pytest.raises(cf.InputError, match=r"wide.csv' has 16,385 columns; it must have at most 16,384"):
        cf.Ledger.read(path)
