# Every company gets a plan and a page: companies that are not the demo, run as a user runs them.
"""`custfolio run` on fifteen companies with unusual histories."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from html import unescape
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from custfolio._flow import run as run_steps
from custfolio.cli import main as command_line
from custfolio.cli.config import read

_spec = spec_from_file_location("strangers", Path(__file__).resolve().parents[1] / "strangers.py")
assert _spec is not None and _spec.loader is not None
strangers = module_from_spec(_spec)
_spec.loader.exec_module(strangers)


@dataclass(frozen=True)
class Ended:
    """A run of the command line."""

    status: int
    folder: Path
    figures: dict[str, Any]
    page: str


def run(settings: Path, *options: str) -> tuple[int, str, str]:
    """Run `custfolio run` in this process; return its status and what it printed."""
    return run_command("run", str(settings), *options)


def run_command(*words: str) -> tuple[int, str, str]:
    """Run a command in this process; return its status and what it printed."""
    output, errors, status = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(errors):
        patch.setattr(sys, "argv", ["custfolio", *words])
        try:
            command_line()
        except SystemExit as ended:
            status = int(ended.code or 0)
    return status, output.getvalue(), errors.getvalue()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Any:
    found: dict[str, Ended] = {}

    def of(name: str) -> Ended:
        if name not in found:
            settings = strangers.write(tmp_path_factory.mktemp(name), name)
            status, output, errors = run(settings, "--json")
            assert output, errors
            folder = settings.parent / "plan"
            page = (folder / "plan.html").read_text(encoding="utf-8")
            found[name] = Ended(status, folder, json.loads(output), page)
        return found[name]

    return of


def text_of(page: str) -> str:
    """Return the text of a page, without its style and tags."""
    return unescape(re.sub(r"<[^>]*>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.S)))


@pytest.mark.parametrize("name", [name for name in strangers.SPECIAL if name != "costless"])
def test_every_company_ends_with_a_page(name: str, company: Any) -> None:
    ended = company(name)
    figures = ended.figures
    assert ended.status == (3 if figures["relaxed"] else 0)
    assert {path.name for path in ended.folder.iterdir()} == {"plan.html", "plan.xlsx", "coaster.svg"}
    headline = re.search(r'<p class="headline">(.*?)</p>', ended.page)
    assert headline is not None
    assert unescape(headline[1]) == figures["summary"][0]
    summary = openpyxl.load_workbook(ended.folder / "plan.xlsx", data_only=True)["Summary"]
    assert summary.cell(4, 1).value == figures["summary"][0]
    assert not re.search(r"\b(nan|inf|infinity|none)\b", " ".join(figures["summary"]), re.I)
    assert not re.search(r"\b(nan|inf)\b", text_of(ended.page))
    assert figures["value"] <= figures["bound"]
    assert figures["gain"] >= -1e-9 * abs(figures["value"])
    for row in figures["relaxed"]:
        assert row["without"] <= row["level"] * (1 + 1e-9) + 0.01
        assert row["level"] <= row["nearest"] * (1 + 1e-9) + 0.01
        assert row["nearest"] < row["bound"]


@pytest.mark.parametrize("name", ["shrinking", "project"])
def test_a_level_that_cannot_be_held_is_the_first_sentence(name: str, company: Any) -> None:
    ended = company(name)
    assert ended.status == 3
    (row,) = ended.figures["relaxed"]
    before, without, after = (ended.figures[key]["level"] for key in ("before", "without_action", "after"))
    drops = [round(100 * (1 - level / before)) for level in (without, after)]
    found = re.fullmatch(
        r"The level cannot be held: without action it drops by (\d+)(?:\.\d)?%, with this plan by (\d+)(?:\.\d)?%\.",
        ended.figures["summary"][0],
    )
    assert found is not None
    assert [int(found[1]), int(found[2])] == pytest.approx(drops, abs=1)
    assert row["drop"] == pytest.approx(1 - after / before, abs=1e-6)
    assert f"{row['nearest']:,.2f}" in ended.page
    assert "closes the rest" in ended.page


def test_a_floor_that_holds_is_not_called_certain(company: Any) -> None:
    ended = company("seasonal")
    assert ended.status == 0
    (row,) = ended.figures["floors"]
    assert 0 < row["chance"] < 1
    assert ended.figures["floor_chance"] == pytest.approx(row["chance"], abs=1e-9)
    (sentence,) = (text for text in ended.figures["summary"] if "chance" in text)
    assert sentence.startswith("In expectation the level")
    assert sentence in unescape(ended.page)


def test_months_that_the_reference_year_lacks_have_no_floor(company: Any) -> None:
    ended = company("young")
    told = "8 months have no floor: the data has no such whole month in the reference year (2025-01 to 2025-08)."
    assert told in ended.figures["summary"]
    assert told in unescape(ended.page)
    assert "Before has data of 4 of 12 months: the data begins in 2024-09." in ended.figures["summary"]
    (row,) = ended.figures["floors"]
    assert row["reference"] == row["floor"]
    sheet = openpyxl.load_workbook(ended.folder / "plan.xlsx")["Floor"]
    assert sheet.cell(2, 1).value == "2025-09 to 2025-12"


def test_a_plan_without_an_action_has_no_empty_chart(company: Any) -> None:
    text = text_of(company("same").page)
    assert "No plan within the same limits has more discounted heat than this one." in text
    assert "what each source adds to the baseline" not in company("same").page
    assert "what each source adds to the baseline" in company("loss_making").page


def test_data_that_end_before_the_period_are_stated(company: Any) -> None:
    ended = company("part_month")
    told = "Before has data up to 2024-12-12: its period ends on 2024-12-31."
    assert told in ended.figures["summary"]
    assert told in unescape(ended.page)
    assert not any("data up to" in text for text in company("seasonal").figures["summary"])


def test_amounts_too_large_for_cents_are_planned_in_whole_units(company: Any) -> None:
    figures = company("big_amounts").figures
    assert figures["after"]["level"] > 1e14
    assert float(figures["after"]["level"]).is_integer()


def test_amounts_too_large_for_whole_units_fail_with_advice(tmp_path: Path) -> None:
    settings = strangers.write(tmp_path, "few")
    ledger = tmp_path / "ledger.csv"
    head, *rows = ledger.read_text(encoding="utf-8").splitlines()
    cells = [row.split(",") for row in rows]
    ledger.write_text(
        "\n".join([head, *(",".join([*row[:4], row[4] + "e12", row[5] + "e12", row[6]]) for row in cells)])
    )
    status, _, errors = run(settings)
    assert status == 1
    assert "amounts in thousands" in errors
    assert not (tmp_path / "plan").exists()


def test_options_of_the_command_line_replace_keys_of_the_file(tmp_path: Path) -> None:
    settings = strangers.write(tmp_path, "shrinking")
    status, output, _ = run(settings, "--json", "--floor-every", "quarter", "--relax", "nearest", "--currency", "JPY")
    assert status == 3
    figures = json.loads(output)
    assert [row["months"] for row in figures["floors"]] == [3, 3, 3, 3]
    assert figures["currency"] == "JPY"
    assert re.match(r"The level cannot be held in [1-4] of 4 quarters\. ", figures["summary"][0])
    assert "closes the rest of the worst one." in figures["summary"][2]
    assert "Amounts in Japanese yen" in (tmp_path / "plan" / "plan.html").read_text(encoding="utf-8")
    status, output, errors = run(settings, "--strict")
    assert status == 1
    assert "Infeasible: no plan was found that keeps" in errors
    wrong = {"--reference": "soon", "--relax": "neer", "--floor-every": "week", "--currency": "euro"}
    for option, value in wrong.items():
        status, _, errors = run(settings, option, value)
        assert status == 2
        assert f"Wrong usage: {option} is '{value}'" in " ".join(errors.split())
    for key in ("floor_every", "reference", "relax"):
        settings.write_text(strangers.SETTINGS.replace('floor = "current"', f"{key} = 3"))
        status, _, errors = run(settings)
        assert status == 1
        assert f"[strategy] {key} is 3; it must be text" in errors


def test_the_printed_plan_begins_with_what_cannot_be_held(tmp_path: Path) -> None:
    settings = strangers.write(tmp_path, "shrinking")
    status, output, errors = run(settings)
    assert status == 3
    first = output.splitlines()[0]
    assert first.startswith("The level cannot be held")
    assert "cannot be held" not in errors  # said once
    assert "chance of the floor" in output
    assert "without action" in output
    assert "discounted heat" in output
    assert "The gap is 0.00%: 0 of the bound" in " ".join(output.split())


def test_a_curve_without_a_loss_is_not_said_to_have_one(company: Any) -> None:
    assert "No customer costs money." in company("few").page
    assert "Every customer after the peak costs money." in company("families").page


def test_a_company_without_costs_gets_a_page_of_levels_and_why_there_is_no_plan(tmp_path: Path) -> None:
    settings = strangers.write(tmp_path, "costless")
    status, _, errors = run(settings, "--json")
    assert status == 1
    assert "there is no plan: the costs of goods are not known" in errors
    assert "missing_cost" in errors
    assert {path.name for path in (tmp_path / "plan").iterdir()} == {"plan.html", "plan.xlsx"}
    page = (tmp_path / "plan" / "plan.html").read_text(encoding="utf-8")
    headline = re.search(r'<p class="headline">(.*?)</p>', page)
    assert headline is not None
    assert "There is no heat: the costs of goods are not known" in headline[1]
    assert '[ledger] cost = "..."' in unescape(headline[1])
    assert "cost=" not in headline[1]
    assert not re.search(r"\b(nan|inf)\b", text_of(page))
    book = openpyxl.load_workbook(tmp_path / "plan" / "plan.xlsx", data_only=True)
    assert book.sheetnames == ["Summary", "Statement", "Reconciliation", "Cost to serve by element"]
    level = book["Summary"].cell(2, 2).value
    sheet = book["Statement"]
    assert sheet.cell(sheet.max_row, 3).value == level
    assert f"{round(level):,}" in headline[1]


POOLS = """
[[costs.pools]]
name = "service"
cost = 30000
capacity = 60000

[[costs.activities]]
name = "order"
pool = "service"
minutes = "6 + 2*lines"

[[costs.activities]]
name = "credit note"
pool = "service"
minutes = 15
event = "return"

[statement]
by = ["month", ["month", "customer"]]
"""


@pytest.mark.parametrize("name", ["awkward", "costless", "families", "loss_making", "one", "returns"])
def test_every_company_gets_a_statement_with_pools(name: str, tmp_path: Path) -> None:
    settings = strangers.write(tmp_path, name)
    by = '"family", ["manager", "month"], ' if name == "families" else ""
    text = settings.read_text().replace(
        "[ledger]", '[ledger]\nfamily = "family"\nmanager = "manager"' if by else "[ledger]"
    )
    settings.write_text(text + POOLS.replace("by = [", f"by = [{by}"))
    output = io.StringIO()
    for file in ("s.json", "s.html"):
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(output):
            patch.setattr(sys, "argv", ["custfolio", "statement", str(settings), "--out", str(tmp_path / file)])
            with pytest.raises(SystemExit) as ended:
                command_line()
        assert ended.value.code == 0
    figures = json.loads((tmp_path / "s.json").read_text())
    with (tmp_path / "ledger.csv").open(encoding="utf-8", newline="") as rows:
        read = [row for row in csv.DictReader(rows) if row["date"][:4] == "2024"]
    assert figures["level"] == pytest.approx(math.fsum(float(row["revenue"]) for row in read), abs=0.005)
    (pool,) = figures["pools"]
    sold = [float(row["revenue"]) > 0 for row in read]  # a document of these companies has one row
    assert pool["used"] == 8 * sum(sold) + 15 * (len(sold) - sum(sold))
    if name == "costless":
        assert figures["heat"] is None
    else:
        goods = math.fsum(float(row["cost"]) for row in read)
        others = math.fsum(row["charged"] for row in figures["elements"])
        assert figures["heat"] == pytest.approx(figures["level"] - goods - others, abs=0.02)
    for groups in figures["groups"]:
        assert math.fsum(row["revenue"] for row in groups["rows"]) == pytest.approx(figures["level"], abs=1e-6)
    page = text_of((tmp_path / "s.html").read_text(encoding="utf-8"))
    assert not re.search(r"\b(nan|inf)\b", page)
    assert f"{figures['level']:,.2f}" in page


def test_help_has_the_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    from custfolio.cli import app

    with pytest.raises(SystemExit):
        app(["run", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "Exit status 3: the plan is made and written, but a floor or capacity had to be relaxed." in shown
    assert "Exit status 1: the input is wrong, or no plan keeps the limits." in shown


def test_a_folder_that_cannot_be_made_is_found_before_the_run(tmp_path: Path) -> None:
    settings = strangers.write(tmp_path, "few")
    (tmp_path / "plan").write_text("a file")
    (tmp_path / "ledger.csv").write_text("not read")
    status, _, errors = run(settings)
    assert status == 1
    assert "is no folder" in " ".join(errors.split())


@pytest.mark.parametrize(
    ("key", "wrong", "words"),
    [
        ("discount_rate", "8", "[strategy] discount_rate is 8; it is a fraction a year"),
        ("discount_rate", "0.08\nmonths = 0", "[strategy] months is 0; it must lie in [1, 120]"),
        ("discount_rate", '0.08\nrelax = "no"', "[strategy] relax is 'no'"),
        ("delivery_fee", "-1", "[remediation] "),
        ("revenue_share", "7", "[costs] "),
    ],
)
def test_a_wrong_setting_names_its_section_before_the_ledger_is_read(
    key: str, wrong: str, words: str, tmp_path: Path
) -> None:
    settings = strangers.write(tmp_path, "few")
    (tmp_path / "ledger.csv").write_text("not read")
    settings.write_text(re.sub(rf"{key} = .*", lambda _: f"{key} = {wrong}", settings.read_text()))
    status, _, errors = run(settings)
    assert status == 1
    assert f"custfolio.toml: {words}" in " ".join(errors.split())


def test_the_package_is_a_program() -> None:
    import subprocess

    shown = subprocess.run([sys.executable, "-m", "custfolio", "--help"], capture_output=True, text=True, check=True)
    assert "custfolio" in shown.stdout


def test_errors_of_values_that_only_the_run_can_check_name_their_section(tmp_path: Path) -> None:
    settings = strangers.write(tmp_path, "families")
    plain = settings.read_text()
    (tmp_path / "plans.csv").write_text("customer,step,probability,contribution\nnobody,offer,0.5,10\n")
    (tmp_path / "answers.csv").write_text("id,name\na,b\n")
    strategy = "[strategy]\n"
    wrong = {
        "[ledger] period is 'soon'": plain.replace("2024-01-01", "soon"),
        "[ledger] the ledger has no row from 2034-01-01": plain.replace("2024-", "2034-"),
        "[costs] the cost model has a rate of 20 for 'kilometres'": plain.replace("deliveries", "kilometres"),
        "[baseline] history_years is -1": plain + "[baseline]\nhistory_years = -1\n",
        "[selection] target is 7": plain + "[selection]\ntarget = 7.0\n",
        "[selection] column 'customer_id' is not in": plain + '[selection]\ninteresting = "answers.csv"\n',
        "[anchoring] column 'manager' is not in": plain + '[anchoring]\nmanagers = "answers.csv"\n',
        "[acquisition] column 'latitude' is not in": plain + '[acquisition]\ncandidates = "answers.csv"\n',
        "[strategy] no customer 'nobody'": plain + '[growth]\naction_plans = "plans.csv"\n',
        "[strategy] no customer 'zz'": plain.replace(strategy, strategy + 'refused = ["zz"]\n'),
    }
    for message, text in wrong.items():
        settings.write_text(text)
        status, _, errors = run(settings)
        assert status == 1
        assert f"custfolio.toml: {message}" in " ".join(errors.split()), errors


def test_the_agenda_has_the_managers_of_the_ledger(tmp_path: Path) -> None:
    settings = strangers.write(tmp_path, "families")
    rows = pd.read_csv(tmp_path / "ledger.csv", dtype={"customer": str})
    # One customer changes its manager in 2024; the one with most of its revenue counts.
    rows.loc[(rows.customer == "00002") & (rows.date >= "2024-03-01"), "manager"] = "m3"
    rows.to_csv(tmp_path / "ledger.csv", index=False)
    stated = rows[rows.date >= "2024-01-01"]
    stated = stated.assign(
        manager=stated.manager.str.split(";"), revenue=stated.revenue / (1 + stated.manager.str.count(";"))
    )
    sums = stated.explode("manager").groupby(["customer", "manager"], as_index=False).revenue.sum()
    main = sums.loc[sums.groupby("customer").revenue.idxmax()].set_index("customer").manager.to_dict()
    assert main["00002"] == "m3"

    table = "manager,reviews_per_day\nm0,8\nm1,8\nm2,8\nm3,8\nnew,8\n"
    (tmp_path / "managers.csv").write_text(table)
    text = settings.read_text().replace("[ledger]\n", '[ledger]\nmanager = "manager"\n')
    settings.write_text(text + '[anchoring]\nmanagers = "managers.csv"\n')
    agenda = run_steps(read(settings).inputs).agenda
    assert agenda is not None
    found = agenda.columns()
    pairs = dict(zip(found["customer_id"], found["manager"], strict=True))
    assert len(pairs) > 50
    assert pairs == {customer: main[customer] for customer in pairs}

    (tmp_path / "managers.csv").write_text(table.replace("m2,8\n", ""))
    status, _, errors = run(settings)
    assert status == 1
    assert "[anchoring] managers: manager 'm2' of the ledger is not in the table" in " ".join(errors.split())


def test_copies_of_a_company_gain_at_least_as_many_times_its_gain(tmp_path: Path) -> None:
    # Its plan for each copy is a plan for all together; the search in order must not come below it as customers grow.
    settings = strangers.write(tmp_path, "loss_making")
    one = run_steps(read(settings).inputs).plan
    rows = pd.read_csv(tmp_path / "ledger.csv", dtype={"customer": str})
    copies = [
        rows.assign(customer=rows.customer + f"-{k}", name=rows.name + f" {k}", document=rows.document + f"-{k}")
        for k in range(4)
    ]
    pd.concat(copies).to_csv(tmp_path / "ledger.csv", index=False)
    four = run_steps(read(settings).inputs).plan
    assert four.without.heat == pytest.approx(4 * one.without.heat, rel=1e-3)
    assert four.gain > 4 * one.gain
    assert four.order_gap < 0.015 * four.gain


def test_wrong_values_of_options_are_wrong_usage_before_any_file_is_read() -> None:
    for command, option, value, right in (
        ("lifetime", "--unit", "fortnight", "day, week, month, quarter or year"),
        ("lifetime", "--horizon", "soon", 'such as "52 weeks"'),
        ("lifetime", "--discount-rate", "much", "10 % a year"),
        ("budget", "--weeks", "4-4-4", "4-4-5, 4-5-4 or 5-4-4"),
        ("budget", "--probability-unit", "permille", "percent or fraction"),
    ):
        status, _, errors = run_command(command, "no such file.csv", option, value)
        assert status == 2
        errors = " ".join(errors.split())
        assert "Wrong usage" in errors
        assert value in errors
        assert right in errors
