# The command line: what it prints and writes, its exit status, and that bad input never ends in a traceback.
"""The commands, run as a user runs them."""

from __future__ import annotations

import gzip
import io
import json
import math
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from typer.testing import CliRunner

import custfolio as cf

GOOD = "date,customer,revenue,cost,quantity,lines\n2021-01-04,a,100,60,5,2\n2021-02-05,b,50,45,3,1\n"


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line in this process, which spares the imports; an error that it does not catch fails the test."""
    from custfolio.cli import main

    output, errors, before, status = io.StringIO(), io.StringIO(), Path.cwd(), 0
    os.chdir(cwd)
    try:
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(errors):
            patch.setattr(sys, "argv", ["custfolio", *arguments])
            main()
    except SystemExit as ended:
        status = int(ended.code or 0)
    finally:
        os.chdir(before)
    return subprocess.CompletedProcess(arguments, status, output.getvalue(), errors.getvalue())


def run_program(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own; no ending may show a traceback."""
    result = subprocess.run(
        [sys.executable, "-c", "from custfolio.cli import main; main()", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "Traceback" not in result.stdout + result.stderr, result.stderr
    return result


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    folder = tmp_path_factory.mktemp("demo")
    return run_program("demo", "--out", "out", cwd=folder), folder / "out"


def test_the_demo_runs_the_five_steps_on_the_real_data(demo: Any) -> None:
    result, folder = demo
    assert result.returncode == 0, result.stderr
    for told in (
        "1,948",
        "7.52%",
        "428,123,535",
        "Below freezing: 185 customers",
        "Customers at a target of 5.0%, with rates uncertain by 25%: 524 surely warm, 581 surely cold, 843 undecided.",
        "coldest customers with an offer",
        "seasonal naive",
        "without action",
        "2022-12",
        "gap",
        "Assumed: Cost to serve",
        "of it new business",
    ):
        assert told in result.stdout, told
    assert {path.name for path in folder.iterdir()} == {"plan.html", "plan.xlsx", "agenda.ics", "coaster.svg"}
    page = (folder / "plan.html").read_text(encoding="utf-8")
    assert "Iowa" in page
    assert "is passed on as duty" in page  # the assumptions are told
    assert "Undecided customers" in page
    assert "Of it new business as usual" in page


def test_the_demo_gives_figures_to_scripts(tmp_path: Path) -> None:
    result = run("demo", "--json", "--out", "out", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    figures = json.loads(result.stdout)
    assert figures["customers"] == 1948
    assert figures["before"]["level"] == pytest.approx(428_123_535.40, abs=0.005)
    # Customers bring nearly what they brought, and newcomers come beside them.
    assert figures["without_action"]["level"] == pytest.approx(428_123_535.40, rel=0.06)
    assert figures["without_action"]["temperature"] < figures["after"]["temperature"]
    assert all(month["p10"] < month["level"] < month["p90"] for month in figures["months"])
    assert figures["rows_rejected"] == 0
    assert len(figures["months"]) == 12
    assert figures["new_business"] == pytest.approx(math.fsum(month["new_business"] for month in figures["months"]))
    assert figures["floors"][0]["new_business"] == pytest.approx(figures["new_business"], abs=0.01)
    assert all(month["level"] >= month["floor"] * (1 - 1e-9) for month in figures["months"])
    assert 0 <= figures["gap"] < 1e-3
    assert figures["value"] <= figures["bound"]


def test_init_writes_what_run_reads(tmp_path: Path) -> None:
    assert run("init", "mine", cwd=tmp_path).returncode == 0
    result = run("run", "mine/custfolio.toml", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert {path.name for path in (tmp_path / "mine" / "plan").iterdir()} == {
        "plan.html",
        "plan.xlsx",
        "agenda.ics",
        "coaster.svg",
    }
    again = run("init", "mine", cwd=tmp_path)
    assert again.returncode == 1
    assert "is there already" in again.stderr


def test_statement_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text(GOOD)
    result = run(
        "statement", "sales.csv", "--rate", "deliveries=10", "--revenue-share", "0.1", "--json", "--out", "s.csv",
        cwd=tmp_path,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    figures = json.loads(result.stdout)
    assert figures["level"] == 150
    assert figures["heat"] == pytest.approx(150 - 105 - 20 - 15)
    assert (tmp_path / "s.csv").read_text().count("\n") == 3
    result = run("statement", "sales.csv", "--rate", "deliveries=1", "--rate", "deliveries=2", cwd=tmp_path)
    assert result.returncode == 2
    assert "--rate gives deliveries twice" in result.stderr


def test_a_name_is_no_formula_in_a_written_table(tmp_path: Path) -> None:
    from custfolio.cli import app

    (tmp_path / "sales.csv").write_text("date,customer,revenue\n2021-01-04,=1+1,100\n2021-01-04,b,50\n")
    result = CliRunner().invoke(app, ["statement", str(tmp_path / "sales.csv"), "--out", str(tmp_path / "s.csv")])
    assert result.exception is None
    assert [line.split(",")[0] for line in (tmp_path / "s.csv").read_text().splitlines()[1:]] == ['"\'=1+1"', '"b"']


@pytest.mark.parametrize("command", ["statement", "lifetime", "budget"])
@pytest.mark.parametrize(("name", "told"), [("s.txt", "must end in"), ("none/s.csv", "there is no folder")])
def test_a_file_that_cannot_be_written_is_told_before_any_work(
    command: str, name: str, told: str, tmp_path: Path
) -> None:
    from custfolio.cli import app
    from custfolio.errors import InputError

    # The sales are not there either, which nobody has looked at yet.
    result = CliRunner().invoke(app, [command, str(tmp_path / "none.csv"), "--out", str(tmp_path / name)])
    assert isinstance(result.exception, InputError)
    assert told in str(result.exception)


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from custfolio import demo

    rows = demo.cdnow()
    folder = tmp_path_factory.mktemp("cdnow")
    lines = [
        f"{day},{customer},{amount:.2f}"
        for day, customer, amount in zip(rows["date"], rows["customer"], rows["amount"], strict=True)
    ]
    (folder / "sales.csv").write_text("date,customer,revenue\n" + "\n".join(lines) + "\n")
    return folder


def test_lifetime_of_a_file(cdnow: Path) -> None:
    result = run(
        "lifetime", "sales.csv", "--calibration-end", "1997-09-30", "--json", "--out", "lifetime.xlsx", cwd=cdnow
    )
    assert result.returncode == 0, result.stderr
    figures = json.loads(result.stdout)
    assert figures["customers"] == 2357
    found = {model["model"]: model for model in figures["models"]}
    # Fader, Hardie & Lee (2005), table 2.
    assert found["BGNBD"]["log_likelihood"] == pytest.approx(-9582.4, abs=0.05)
    scores = [model["crps"] for model in figures["models"]]
    assert scores == sorted(scores)
    assert figures["model"] == figures["models"][0]["model"]
    assert 0 < figures["share_alive"] < 1
    assert figures["half_life"] > 0
    assert figures["value_of"] == "revenue"
    for estimate in figures["parameters"].values():
        assert estimate["lower"] < estimate["estimate"] < estimate["upper"]
    import openpyxl

    sheet = openpyxl.load_workbook(cdnow / "lifetime.xlsx").worksheets[0]
    assert sheet.max_row == 2358


def test_lifetime_is_told_to_people(cdnow: Path) -> None:
    outputs = ("--out", "lifetime.csv", "--out", "lifetime.parquet")
    result = run("lifetime", "sales.csv", "--horizon", "6 months", *outputs, cwd=cdnow)
    assert result.returncode == 0, result.stderr
    assert "lifetime.parquet" in result.stdout
    assert pyarrow.parquet.read_table(cdnow / "lifetime.parquet").num_rows == 2357
    twice = run("lifetime", "sales.csv", "--out", "a.csv", "--out", "a.csv", cwd=cdnow)
    assert (twice.returncode, "must be another file" in twice.stderr) == (1, True)
    for told in ("no holdout", "alpha", "95 % from", "still customers", "6 months", "no cost", "lifetime.csv"):
        assert told in result.stdout, told
    head, *rows = (cdnow / "lifetime.csv").read_text().splitlines()
    assert "probability_alive" in head
    assert len(rows) == 2357


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--horizon", "soon"), "horizon"),
        (("--discount-rate", "ten"), "discount rate"),
        (("--unit", "fortnight"), "--unit is 'fortnight'; it must be day, week, month, quarter"),
        (("--discount-rate", "10"), "discount rate is '10'; write a rate and its period, such as \"10 % a year\""),
        (("--calibration-end", "1990-01-01"), "--calibration-end is 1990-01-01; it must not be before"),
        (("--out", "lifetime.doc"), ".parquet"),
    ],
)
def test_lifetime_says_what_is_wrong(cdnow: Path, arguments: tuple[str, str], told: str) -> None:
    result = run("lifetime", "sales.csv", *arguments, cwd=cdnow)
    assert result.returncode == (1 if arguments[0] == "--calibration-end" else 2)
    assert told in result.stderr


def test_lifetime_of_customers_who_never_came_again_is_an_answer_or_an_error_that_says_why(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("date,customer,revenue\n2021-01-04,a,10\n2021-02-05,b,20\n")
    result = run("lifetime", "sales.csv", cwd=tmp_path)
    assert result.returncode == 1
    assert "no model could be fitted" in result.stderr


def test_lifetime_of_few_customers_needs_a_prior(tmp_path: Path) -> None:
    # Rates differ measurably up to the end of 2022, and no longer over all days.
    days = {"a": "01-09 02-20 05-01 09-15", "b": "01-31 03-01 03-15 04-20 07-07 10-10", "c": "02-02 06-06"}
    rows = [f"{year}-{day},{who},10" for who, listed in days.items() for day in listed.split() for year in (2022, 2023)]
    (tmp_path / "sales.csv").write_text("date,customer,revenue\n" + "\n".join(rows) + "\n")
    for arguments in ((), ("--calibration-end", "2022-12-31")):
        result = run("lifetime", "sales.csv", *arguments, cwd=tmp_path)
        assert result.returncode == 1
        assert "edge of the model" in result.stderr
        assert "pass --weak-prior" in result.stderr
        result = run("lifetime", "sales.csv", *arguments, "--weak-prior", "--json", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        for name, found in json.loads(result.stdout)["parameters"].items():
            assert found["upper"] < 1e3 * found["lower"] * 1e3, name


def test_a_calibration_after_the_last_day_is_noted(cdnow: Path) -> None:
    arguments = ("lifetime", "sales.csv", "--calibration-end", "1999-06-30")
    noted = "the last purchase is on 1998-06-30; the 365 days after it"
    assert noted in run(*arguments, cwd=cdnow).stdout
    assert noted in json.loads(run(*arguments, "--json", cwd=cdnow).stdout)["notes"][0]


@pytest.mark.parametrize(
    ("text", "told", "remedy"),
    [
        ("date,customer,revenue\n01/02/2024,a,1\n", '--date-format "%d/%m/%Y"', ("--date-format", "%d/%m/%Y")),
        ("date;customer;revenue\n2024-02-01;a;1.234\n", '--decimal "." or --decimal ","', ("--decimal", ",")),
        ("date,customer,revenue,cost,cogs\n2024-01-01,a,1,2,3\n", 'pass --cost NAME, or --cost "" to', ("--cost", "")),
        ("day,customer,worth\n2024-01-01,a,1\n", "name it: --revenue NAME", ("--revenue", "worth")),
    ],
)
def test_messages_name_the_options_of_the_command(
    tmp_path: Path, text: str, told: str, remedy: tuple[str, str]
) -> None:
    (tmp_path / "sales.csv").write_text(text)
    for command in ("check", "statement"):
        result = run(command, "sales.csv", cwd=tmp_path)
        assert result.returncode == 1
        assert told in result.stderr
        assert run(command, "sales.csv", *remedy, cwd=tmp_path).returncode == 0
    assert told in run("lifetime", "sales.csv", cwd=tmp_path).stderr
    (tmp_path / "plan.toml").write_text("[ledger]\nfiles = 'sales.csv'\n[strategy]\nstart = '2025-01'\n")
    result = run("run", "plan.toml", cwd=tmp_path)
    assert result.returncode == 1
    assert "[ledger] " + remedy[0].removeprefix("--").replace("-", "_") + " = " in result.stderr


def test_messages_on_a_pipeline_name_the_options_of_the_budget(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(
        "deal_id,client,worth,stage,close_date,probability,currency\nd1,a,100,talking,2026-02-10,0.5,EUR\nd2,b,100,talking,2026-02-10,0.5,USD\n"
    )
    deals = ("budget", "deals.csv", "--start", "2026-01")
    assert "name it with --column amount=NAME" in run(*deals, cwd=tmp_path).stderr
    deals += ("--column", "amount=worth")
    assert "as --currency EUR --exchange-rate USD=RATE" in run(*deals, cwd=tmp_path).stderr
    result = run(*deals, "--currency", "EUR", "--exchange-rate", "USD=0.5", "--json", cwd=tmp_path)
    assert json.loads(result.stdout)["years"][0]["revenue"] == pytest.approx(75.0)
    for given, told in (
        (("--exchange-rate", "USD=x"), "has 'x'"),
        (("--column", "worth"), "must be written as amount=Value"),
    ):
        assert told in run(*deals, *given, cwd=tmp_path).stderr


def test_options_without_effect_are_refused(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("deal_id,client,value,stage,close_date\nd1,a,100,talking,2026-02-10\n")
    (tmp_path / "plans.csv").write_text("customer,step,probability,contribution\na,offer,0.5,10\n")
    both = run("budget", "deals.csv", "--learn", "owner", "--probability", "0.3", cwd=tmp_path)
    assert both.returncode == 2
    assert "--learn and --probability" in both.stderr
    other = run("budget", "plans.csv", "--margin", "0.3", cwd=tmp_path)
    assert other.returncode == 1
    assert "--margin is for the export of a CRM" in other.stderr


def test_a_plan_that_misses_its_floor_is_written_with_status_3(tmp_path: Path) -> None:
    run("init", "mine", cwd=tmp_path)
    config = tmp_path / "mine" / "custfolio.toml"
    config.write_text(config.read_text().replace('floor = "current" ', "floor = 1000000000 "))
    result = run("run", str(config), cwd=tmp_path)
    assert result.returncode == 3, result.stdout + result.stderr
    assert result.stdout.startswith("The floor of 1,000,000,000 cannot be held: without action the level is ")
    assert (tmp_path / "mine" / "plan" / "plan.html").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        ("date,customer\n2021-01-04,a\n", "revenue"),
        ("date,customer,revenue\n", "no rows"),
    ],
)
def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "sales.csv").write_text(text)
    for command in ("check", "statement"):
        result = run(command, "sales.csv", cwd=tmp_path)
        assert result.returncode == 1
        assert told in result.stderr
        assert "sales.csv" in result.stderr or "column" in result.stderr or told in result.stderr


def test_check_lists_what_it_rejects(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text(GOOD + "2021-03-01,,5,1,1,1\nsoon,c,5,1,1,1\n2021-03-02,c,much,1,1,1\n")
    result = run("check", "sales.csv", "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert (found["rows_read"], found["rows_accepted"], found["rows_rejected"]) == (5, 2, 3)
    assert found["columns"]["revenue"] == "revenue"
    shown = run("check", "sales.csv", cwd=tmp_path)
    assert shown.returncode == 0
    assert "Columns recognised" in shown.stdout
    assert "150.00" in shown.stdout
    assert "much" in shown.stdout


def test_many_columns_and_packed_files_are_read(tmp_path: Path) -> None:
    wide = ["date", "customer", "revenue", *(f"extra{k}" for k in range(2_000))]
    row = ["2021-01-04", "a", "100", *("1" for _ in range(2_000))]
    with gzip.open(tmp_path / "wide.csv.gz", "wt") as file:
        file.write(",".join(wide) + "\n" + ",".join(row) + "\n")
    result = run("check", "wide.csv.gz", "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["rows_accepted"] == 1


@pytest.mark.parametrize(
    "arguments",
    [("demo", "--out", "a", "--out", "b"), ("agenda", "x.toml", "--out=a", "--out=b"), ("check", "s.csv", "--cost", "a", "--cost", "b"),
     ("statement", "s.csv", "--first", "2020-01-01", "--last", "2020-12-31", "--first", "2021-01-01")],
)  # fmt: skip
def test_an_option_of_one_value_is_given_once(arguments: tuple[str, ...], tmp_path: Path) -> None:
    result = run(*arguments, cwd=tmp_path)
    assert (result.returncode, "is given 2 times; it takes one value" in result.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_wrong_usage_is_two(tmp_path: Path) -> None:
    assert run("statement", cwd=tmp_path).returncode == 2
    assert run_program("dance", cwd=tmp_path).returncode == 2


def test_missing_files_and_wrong_settings_are_one(tmp_path: Path) -> None:
    for start, *arguments in (
        (run_program, "run", "none.toml"),
        (run, "check", "none.csv"),
        (run, "statement", "none.csv"),
    ):
        result = start(*arguments, cwd=tmp_path)
        assert result.returncode == 1
        assert "none." in result.stderr
    for text, told in (
        ("[ledger]\nfile = 'x'\n", "file is unknown"),
        ("[strategies]\n", "strategies"),
        ("[ledger]\nfiles = 5\n", "files is 5"),
        ("[costs]\nrates = {}\n", "files"),
        ("= 3", "not TOML"),
        ("[ledger]\nfiles = 'x'\n", "bad.toml: [strategy] has no start"),
        ("[ledger]\nfiles = 'x'\n[baseline]\nmethod = 'arima'\n", "holt_winters"),
        ("[ledger]\nfiles = 'x'\n[baseline]\nreconcile = 'top'\n", "mint"),
        ("[ledger]\nfiles = 'x'\n[baseline]\nmethod = 'reference'\norigins = 2\n", "origins has no effect"),
    ):
        (tmp_path / "bad.toml").write_text(text)
        result = run("run", "bad.toml", cwd=tmp_path)
        assert result.returncode == 1
        assert told in result.stderr


def test_a_day_without_quotes_and_wrong_options_are_named(tmp_path: Path) -> None:
    run("init", "mine", cwd=tmp_path)
    file = tmp_path / "mine" / "custfolio.toml"
    for arguments, words in (
        (("--reference", "2010-01"), "--reference is 2010-01, but the data has no whole month"),
        (("--may-leave", "zzz"), "--may-leave: no customer 'zzz' among"),
    ):
        result = run("run", "mine/custfolio.toml", *arguments, cwd=tmp_path)
        assert result.returncode == 1
        assert words in result.stderr
        assert "custfolio.toml" not in result.stderr
    file.write_text(file.read_text().replace('start = "2022-01"', "start = 2022-01-01"))
    result = run("run", "mine/custfolio.toml", cwd=tmp_path)
    assert 'start is 2022-01-01; it must be text, as "2022-01-01"' in result.stderr


def test_a_folder_is_no_settings(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    result = run("run", "mine", cwd=tmp_path)
    assert result.returncode == 1
    assert "'mine' is a folder; name its file of settings: 'mine/custfolio.toml'" in result.stderr


def test_hostile_names_reach_the_files_as_text(tmp_path: Path) -> None:
    run("init", "mine", cwd=tmp_path)
    sales = tmp_path / "mine" / "sales.csv"
    sales.write_text(
        sales.read_text()
        .replace("Cafe De Zwaan", "<script>alert(1)</script>")
        .replace("Bakery Peeters", "=cmd|' /C calc'!A0")
    )
    result = run("run", "mine/custfolio.toml", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    page = (tmp_path / "mine" / "plan" / "plan.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    import openpyxl

    book = openpyxl.load_workbook(tmp_path / "mine" / "plan" / "plan.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" and "cmd" in str(cell.value)]


def test_customers_without_revenue_have_no_temperature_to_show(tmp_path: Path) -> None:
    run("init", "mine", cwd=tmp_path)
    (tmp_path / "mine" / "sales.csv").write_text(
        "date,customer,name,revenue,cost,quantity\n2021-01-01,1001,a,0,0,0\n2021-02-01,1002,b,-10,0,0\n2021-02-01,1003,c,0,0,0\n"
    )
    config = tmp_path / "mine" / "custfolio.toml"
    config.write_text(config.read_text().replace('floor = "current" ', 'floor = "baseline" '))
    result = run("run", "mine/custfolio.toml", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "Warning" not in result.stderr
    for told in ("nan", "inf"):
        assert told not in result.stdout
    stated = run("statement", "mine/sales.csv", "--rate", "deliveries=5", cwd=tmp_path)
    assert stated.returncode == 0
    assert "temperature –" in stated.stdout


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    result = run("demo", "--out", "taken/below", cwd=tmp_path)
    assert result.returncode == 1
    assert "taken" in result.stderr


def test_drivers_of_a_file_are_charged(tmp_path: Path) -> None:
    run("init", "mine", cwd=tmp_path)
    config = tmp_path / "mine" / "custfolio.toml"
    config.write_text(
        config.read_text()
        .replace("quantity = 0.12 }", "quantity = 0.12, visits = 100 }")
        .replace('# drivers = "visits', 'drivers = "visits')
    )
    (tmp_path / "mine" / "visits.csv").write_text("customer_id,visits\n1001,2\n")
    result = run("run", "mine/custfolio.toml", "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    with_visits = json.loads(result.stdout)["before"]["heat"]
    (tmp_path / "mine" / "visits.csv").write_text("customer_id,visits\n1001,0\n")
    without = json.loads(run("run", "mine/custfolio.toml", "--json", cwd=tmp_path).stdout)["before"]["heat"]
    assert without - with_visits == pytest.approx(200)


@pytest.mark.parametrize("output", ["letters.html", "letters"])
def test_run_writes_letters(output: str, tmp_path: Path) -> None:
    run("init", "mine", cwd=tmp_path)
    config = tmp_path / "mine" / "custfolio.toml"
    settings = config.read_text().replace('# letters = "letters"  ', f'letters = "{output}"')
    settings = settings.replace("# [letters]", "[letters]").replace('# language = "nl"  ', 'language = "nl"  ', 1)
    config.write_text(settings.replace('# sender = "Example Ltd"', 'sender = "Boon & Zn"'))
    result = run("run", "mine/custfolio.toml", "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    path = tmp_path / "mine" / "plan" / output
    assert json.loads(result.stdout)["files"][-1] == str(path)
    files = [path] if output.endswith(".html") else list(path.iterdir())
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    assert "Nieuwe voorwaarden vanaf 1 februari 2022" in text
    assert "Boon &amp; Zn" in text


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("# [letters]", '[letters]\nlanguage = "fr"', "[letters] language is 'fr'; it must be one of en, nl"),
        ("# [letters]", '[letters]\ntemplate = "own.html"', "[letters] there is no template"),
        ("# [letters]", '[letters]\nanswer_by = "soon"', "[letters] answer_by is 'soon'"),
        ("# letters = ", 'letters = "letters.pdf" # ', "letters.pdf ends in .pdf; it must end in .html"),
        ("# letters = ", 'letters = "plan.html" # ', "is also the output"),
    ],
)
def test_wrong_settings_of_letters_are_found_before_the_plan(old: str, new: str, told: str, tmp_path: Path) -> None:
    run("init", "mine", cwd=tmp_path)
    config = tmp_path / "mine" / "custfolio.toml"
    config.write_text(config.read_text().replace(old, new))
    result = run("run", "mine/custfolio.toml", cwd=tmp_path)
    assert result.returncode == 1
    assert told in " ".join(result.stderr.split())
    assert not (tmp_path / "mine" / "plan").exists()


def test_a_plan_without_offers_states_so(tmp_path: Path) -> None:
    run("init", "mine", cwd=tmp_path)
    config = tmp_path / "mine" / "custfolio.toml"
    config.write_text(
        config.read_text()
        .replace("min_months = 6 ", "min_months = 600 ")
        .replace('floor = "current" ', 'floor = "none" ')
    )
    result = run("run", "mine/custfolio.toml", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "No customer gets an offer of new terms." in result.stdout
    assert "coldest customers" not in result.stdout


def test_one_quarter_is_shown_too(tmp_path: Path) -> None:
    (tmp_path / "plans.csv").write_text("customer,step,probability,contribution\na,offer,0.5,10\n")
    result = run("budget", "plans.csv", "--start", "2026-01", "--months", "2", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "By quarter" in result.stdout
    assert "2026 Q1" in result.stdout


PLANS = (
    "customer,plan,step,probability,earliest,duration,revenue,contribution\n"
    "a,range,trial,0.5,1,1,100,40\n"
    "a,range,roll out,0.6,1,2,300,90\n"
    "b,range,offer,0.3,2026-05,0,200,50\n"
)
PIPELINE = (
    "deal_id,client,owner,value,stage,close_date,probability\n"
    "d1,a,Ann,1000,talking,2026-02-10,40 %\n"
    "d2,b,Bob,2000,talking,2026-05-10,25 %\n"
    "d3,b,Bob,,talking,2026-05-10,25 %\n"
    "d4,a,Ann,500,won,2025-12-01,\n"
    "d5,c,Ann,500,lost,2025-11-01,\n"
)


def test_the_budget_of_action_plans(tmp_path: Path) -> None:
    (tmp_path / "plans.csv").write_text(PLANS, encoding="utf-8")
    arguments = ("budget", "plans.csv", "--start", "2026-01", "--fiscal-start", "4", "--out", "budget.xlsx")
    result = run(*arguments, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    for told in ("2026-12", "FY2026 Q4", "FY2027", "P90", "2 plans", "budget.xlsx"):
        assert told in result.stdout, told
    first = (tmp_path / "budget.xlsx").read_bytes()
    told = json.loads(run(*arguments, "--json", cwd=tmp_path).stdout)
    assert (tmp_path / "budget.xlsx").read_bytes() == first  # the same inputs, the same bytes
    months = {row["month"]: row for row in told["months"]}
    assert months["2026-05"]["contribution"] == pytest.approx(0.5 * 40 + 0.3 * 90 + 0.3 * 50)
    assert [row["year"] for row in told["years"]] == ["FY2026", "FY2027"]
    year = told["years"][1]
    assert year["p10"] <= year["p50"] <= year["p90"]
    assert year["contribution"] == pytest.approx(sum(r["contribution"] for m, r in months.items() if m >= "2026-04"))
    weeks = json.loads(
        run("budget", "plans.csv", "--start", "2026-01", "--weeks", "4-4-5", "--json", cwd=tmp_path).stdout
    )
    assert [row["period"] for row in weeks["periods"]][:2] == ["FY2026 P02", "FY2026 P03"]
    assert sum(row["contribution"] for row in weeks["periods"]) == pytest.approx(
        sum(r["contribution"] for r in told["months"])
    )
    assert all(row["p10"] <= row["p50"] <= row["p90"] for row in weeks["periods"])


def test_the_budget_of_a_pipeline(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(PIPELINE, encoding="utf-8")
    outputs = ("--out", "lines.xlsx", "--out", "lines.csv")
    result = run("budget", "deals.csv", "--start", "2026-01", "--margin", "0.5", *outputs, cwd=tmp_path)
    assert (tmp_path / "lines.xlsx").is_file()
    assert result.returncode == 0, result.stderr
    assert "Left out: 1 opportunity: no amount" in result.stdout
    lines = (tmp_path / "lines.csv").read_text(encoding="utf-8")
    assert "2026-02,growth,a,Ann,revenue,budget from 2026-01,EUR,400.00" in lines
    learned = run(
        "budget", "deals.csv", "--start", "2026-01", "--learn", "owner", "--slip", "0=0.5,1=0.5", "--json", cwd=tmp_path
    )
    told = json.loads(learned.stdout)
    assert told["plans"] == 2
    assert {row["month"] for row in told["months"]} == {"2026-02", "2026-03", "2026-05", "2026-06"}
    ages = "deal,client,value,stage,created,closed\na,x,100,talks,2025-12-01,\nb,x,100,won,2025-10-01,2025-11-10\n"
    (tmp_path / "ages.csv").write_text(ages + "c,x,100,lost,2025-10-01,2025-12-10\n", encoding="utf-8")
    aged = run("budget", "ages.csv", "--start", "2026-01", "--months", "3", "--learn", "age", "--json", cwd=tmp_path)
    deals = cf.growth.read_opportunities(str(tmp_path / "ages.csv"))
    chances = cf.growth.open_chances(deals, at="2026-01-01", months=3)
    told = json.loads(aged.stdout)
    assert [row["revenue"] for row in told["months"]] == pytest.approx(chances.expected * 100, abs=0.01)
    assert chances.notes[0] in told["notes"]
    earlier = run(
        "budget",
        "ages.csv",
        "--start",
        "2025-12",
        "--months",
        "3",
        "--learn",
        "age",
        "--amount",
        "100",
        "--json",
        cwd=tmp_path,
    )
    told = json.loads(earlier.stdout)
    assert told["plans"] == 1, "the deal that is lost later was still open; the other one did not exist yet"
    assert sum(row["revenue"] for row in told["months"]) == pytest.approx(
        cf.growth.open_chances(deals, at="2025-12-01", months=3).expected.sum() * 100, abs=0.02
    )
    for wrong, message in (
        (("--probability", "40"), "40 % is 0.4"),
        (("--slip", "late"), "--slip"),
        (("--out", "budget.txt"), ".xlsx or .csv"),
        (("--learn", "luck"), "luck"),
    ):
        refused = run("budget", "deals.csv", "--start", "2026-01", *wrong, cwd=tmp_path)
        assert refused.returncode == (2 if wrong[0] in ("--slip", "--out") else 1)
        assert message in refused.stderr
    (tmp_path / "bare.csv").write_text("deal_id,client,value,stage\nd1,a,100,talking\n", encoding="utf-8")
    refused = run("budget", "bare.csv", "--start", "2026-01", cwd=tmp_path)
    assert refused.returncode == 1
    assert "no opportunity can be budgeted: 1 deal: no probability; pass --probability or --learn" in refused.stderr


FACTORED = (
    "customer,plan,step,probability,revenue,contribution,manager\n"
    "a,x,offer,0.6,100,40,Ann\n"
    "b,y,offer,0.6,100,40,Ann\n"
    "c,z,offer,0.6,100,40,Bob\n"
)


def test_successes_of_a_budget_share_factors(tmp_path: Path) -> None:
    import custfolio as cf

    (tmp_path / "plans.csv").write_text(FACTORED, encoding="utf-8")

    def p10(*given: str) -> float:
        arguments = [part for share in given for part in ("--correlation", share)]
        told = json.loads(run("budget", "plans.csv", "--start", "2026-01", *arguments, "--json", cwd=tmp_path).stdout)
        return float(told["years"][0]["p10"])

    def library(correlation: Any) -> float:
        steps = [cf.ActionStep("offer", 0.6, revenue=100.0, contribution=40.0)]
        plans = [
            cf.ActionPlan(customer, name, steps, {"manager": who})
            for customer, name, who in (("a", "x", "Ann"), ("b", "y", "Ann"), ("c", "z", "Bob"))
        ]
        made = cf.Budget.from_growth(cf.grow(plans, start="2026-01", months=12, correlation=correlation))
        return float(made.bands("year").to_frame()["p10"][0])

    assert p10("0.6") == p10("market=0.6") == library(0.6) < p10()
    assert p10("market=0.1", "manager=0.8") == library({"market": 0.1, "manager": 0.8}) < p10("0.1")


def test_a_correlation_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    import custfolio as cf
    from custfolio.cli import app

    (tmp_path / "plans.csv").write_text(FACTORED, encoding="utf-8")
    (tmp_path / "deals.csv").write_text(PIPELINE, encoding="utf-8")
    for file, given, message in (
        ("plans.csv", ("much",), "--correlation is 'much'; it must be written as 0.1, or as owner=0.05"),
        ("plans.csv", ("=0.1",), "--correlation is '=0.1'"),
        ("plans.csv", ("0.1", "market=0.2"), "has factor 'market' twice: 0.1 and 0.2"),
        ("plans.csv", ("region=0.1",), "column 'region' with the labels of a factor is not in the action plans"),
        ("plans.csv", ("0.5", "manager=0.5"), "sum to 1; the sum must be below 1"),
        ("plans.csv", ("-0.1",), "correlation is -0.1"),
        ("deals.csv", ("stage=0.1",), "names factor 'stage'; deals share 'owner', 'product', and all of them 'market'"),
        ("deals.csv", ("product=0.1",), "has no label of factor 'product'"),
    ):
        arguments = [part for share in given for part in ("--correlation", share)]
        refused = CliRunner().invoke(app, ["budget", str(tmp_path / file), "--start", "2026-01", *arguments])
        assert isinstance(refused.exception, cf.InputError), given
        assert message in str(refused.exception)


def test_factors_of_a_pipeline_that_cross_are_played_and_said(tmp_path: Path) -> None:
    rows = "".join(f"d{k},c{k},{'AB'[k % 2]},{'XY'[k // 2]},1000,talking,2026-02-10,0.5\n" for k in range(4))
    (tmp_path / "deals.csv").write_text(
        f"deal_id,client,owner,product,value,stage,close_date,probability\n{rows}", encoding="utf-8"
    )
    given = ("--correlation", "owner=0.1", "--correlation", "product=0.1")
    result = run("budget", "deals.csv", "--start", "2026-01", *given, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "distributions come from 65536 plays" in result.stdout


def test_two_currencies_name_the_option_and_the_key(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("Date;Customer;Amount\n2025-01-07;Acme;€ 10.00\n2025-01-08;Acme;$20.00\n")
    refused = run("check", "sales.csv", cwd=tmp_path)
    assert refused.returncode == 1
    assert "pass --exchange-rate USD=RATE" in refused.stderr
    read = run("check", "sales.csv", "--exchange-rate", "USD=0.5", "--json", cwd=tmp_path)
    assert (read.returncode, json.loads(read.stdout)["revenue"]) == (0, 20.0)
    (tmp_path / "custfolio.toml").write_text('[ledger]\nfiles = "sales.csv"\n[strategy]\nstart = "2026-01"\n')
    refused = run("run", "custfolio.toml", cwd=tmp_path)
    assert refused.returncode == 1
    assert "[ledger] rates = { USD = ... }" in refused.stderr


def test_check_shows_gaps_in_optional_columns(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text(
        "Date;Customer;Amount;Quantity\n2025-01-07;Acme;10.5;2\n2025-01-08;Acme;20.5;\n"
    )
    found = json.loads(run("check", "sales.csv", "--json", cwd=tmp_path).stdout)
    assert found["gaps"] == [{"role": "quantity", "column": "Quantity", "rows": 1, "revenue": 20.5, "taken_as": "0"}]
    assert "Gaps in optional columns" in run("check", "sales.csv", cwd=tmp_path).stdout


def test_customer_since_is_a_table_of_the_settings(tmp_path: Path) -> None:
    from custfolio.cli.config import read

    (tmp_path / "sales.csv").write_text(GOOD)
    (tmp_path / "since.csv").write_text("customer_id,date\na,2015-03-01\n")
    (tmp_path / "sinds.csv").write_text("Klantnr;Datum\na;13-03-2015\n")
    for name, day in (("since.csv", "2015-03-01"), ("sinds.csv", "2015-03-13")):
        (tmp_path / "custfolio.toml").write_text(
            f'[ledger]\nfiles = "sales.csv"\ncustomer_since = "{name}"\n[strategy]\nstart = "2021-03"\n'
        )
        ledger = read(tmp_path / "custfolio.toml").inputs.ledger()
        assert ledger.rows.first_days().astype("datetime64[D]").astype(str).tolist() == [day, "2021-02-05"]


def test_the_rule_for_missing_costs_is_an_option_and_a_key(tmp_path: Path) -> None:
    from custfolio.cli.config import read

    (tmp_path / "sales.csv").write_text(
        "date,customer,revenue,cost,kind\n2021-01-04,a,100,60,x\n2021-02-05,b,50,,x\n2021-02-06,b,50,10,y\n"
    )
    taken = {
        "0.5": "0.5 of revenue",
        "customer": "mean cost ratio of the customer",
        "reject": None,
    }
    for rule, text in taken.items():
        found = json.loads(run("check", "sales.csv", "--missing-cost", rule, "--json", cwd=tmp_path).stdout)
        assert [gap["taken_as"] for gap in found["gaps"]] == ([] if text is None else [text])
        assert found["rows_rejected"] == (1 if rule == "reject" else 0)
    refused = run("check", "sales.csv", "--missing-cost", "family", cwd=tmp_path)
    assert (refused.returncode, "--family NAME" in refused.stderr) == (1, True)
    (tmp_path / "custfolio.toml").write_text(
        '[ledger]\nfiles = "sales.csv"\nmissing_cost = "family"\nfamily = "kind"\n[strategy]\nstart = "2021-03"\n'
    )
    assert read(tmp_path / "custfolio.toml").inputs.ledger().rows.cost.tolist() == [60.0, 30.0, 10.0]


def test_the_unit_cost_is_an_option_and_a_key(tmp_path: Path) -> None:
    from custfolio.cli.config import read

    (tmp_path / "sales.csv").write_text(
        "date,customer,revenue,cost,bottles,each\n2021-01-04,a,100,1,10,6\n2021-02-05,b,-50,2,5,7\n2021-02-06,b,40,3,,8\n"
    )
    names = ("--unit-cost", "each", "--quantity", "bottles")
    found = json.loads(run("check", "sales.csv", *names, "--missing-cost", "0.5", "--json", cwd=tmp_path).stdout)
    assert (found["columns"]["unit_cost"], found["notes"]) == ("each", [])
    missing = {"column": "bottles x each", "rows": 1, "revenue": 40.0, "taken_as": "0.5 of revenue"}
    assert found["gaps"][0] == {"role": "cost"} | missing
    assert "cost of a unit; cost is quantity x unit cost" in run("check", "sales.csv", *names, cwd=tmp_path).stdout
    stated = run("statement", "sales.csv", *names, "--missing-cost", "0.5", "--json", cwd=tmp_path)
    assert json.loads(stated.stdout)["heat"] == 90 - (60 - 35 + 20)
    refused = run("check", "sales.csv", "--unit-cost", "each", cwd=tmp_path)
    assert refused.returncode == 1
    assert "--unit-cost needs the quantity of each row; name its column: --quantity NAME" in refused.stderr
    settings = (
        '[ledger]\nfiles = "sales.csv"\nunit_cost = "each"\nquantity = "bottles"\n[strategy]\nstart = "2021-03"\n'
    )
    (tmp_path / "custfolio.toml").write_text(settings)
    assert read(tmp_path / "custfolio.toml").inputs.ledger().recognised["unit_cost"] == "each"
    (tmp_path / "custfolio.toml").write_text(settings.replace('unit_cost = "each"', "unit_cost = false"))
    assert read(tmp_path / "custfolio.toml").inputs.ledger().recognised["cost"] == "cost"


def test_markup_hides_no_word_of_the_help() -> None:
    from rich.text import Text
    from typer.main import get_command

    from custfolio.cli import app

    commands = get_command(app).commands.values()  # type: ignore[attr-defined]
    texts = [each.help or "" for each in commands]
    texts += [getattr(parameter, "help", None) or "" for each in commands for parameter in each.params]
    assert len(texts) > 50
    assert [text for text in texts if Text.from_markup(text).plain != text.replace(r"\[", "[")] == []


@pytest.mark.parametrize(
    "options",
    [
        ["--rate", "x"],
        ["--rate", "deliveries=a"],
        ["--revenue-share", "5"],
        ["--layout", "zz"],
        ["--decimal", "x"],
        ["--out", "o.pdf"],
        ["--missing-cost", "-9"],
        ["--missing-cost", "zz"],
        ["--first", "2021-01-01"],
        ["--key", "zz"],
    ],
)
def test_a_wrong_value_of_an_option_is_wrong_usage(options: list[str], tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text(GOOD)
    ended = run("statement", "sales.csv", *options, cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith("Wrong usage: ")
