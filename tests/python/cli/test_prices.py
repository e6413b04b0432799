# The command line and custfolio.toml with price amounts, returns by their sale, and currencies.
"""Options and keys of price amounts, returns and currencies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from custfolio.cli import app

SALES = """customer,date,document,refers,item,qty,net,goods,lp,off,bonus,carriage,agent,coin
a,2020-12-01,I1,,x,10,100,60,11,5,1,2,1,EUR
b,2020-12-02,I2,,y,5,50,20,12,2,1,1,1,USD
a,2021-01-05,C1,I1,x,-3,-30,-18,11,-1,0,2,0,EUR
"""
COLUMNS = {
    "revenue": "net", "cost": "goods", "quantity": "qty", "document": "document", "list_price": "lp", "discount": "off", "rebate": "bonus",
    "freight": "carriage", "commission": "agent", "currency_column": "coin", "item": "item", "reference": "refers", "returns": "origin",
    "currency": "EUR",
}  # fmt: skip


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the files that the commands read, which is the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sales.csv").write_text(SALES)
    (tmp_path / "rates.csv").write_text("month,currency,rate\n2020-12,USD,0.5\n")
    (tmp_path / "prices.csv").write_text("customer_id,element,amount,year\na,rebate,310,2020\n")
    return tmp_path


def options() -> list[str]:
    return [part for name, value in COLUMNS.items() for part in ("--" + name.replace("_", "-"), value)]


def test_the_options_of_the_command_line(folder: Path) -> None:
    arguments = ("statement", "sales.csv", *options(), "--exchange-rate", "rates.csv", "--json", "--out", "out.csv")
    result = run(*arguments, "--first", "2020-12-01", "--last", "2020-12-31")
    assert result.exit_code == 0, result.stderr
    # 100 - 1 - 30 of a, half of 50 - 1 of b: the return counts in December.
    assert json.loads(result.stdout)["level"] == pytest.approx(69 + 24.5)
    assert "cost of freight" in (folder / "out.csv").read_text().splitlines()[0]
    with_prices = run(*arguments, "--first", "2020-12-01", "--last", "2020-12-31", "--prices", "prices.csv")
    assert json.loads(with_prices.stdout)["level"] == round(69 + 24.5 - 310 * 31 / 366, 2)


@pytest.mark.usefixtures("folder")
def test_a_missing_rate_names_the_option() -> None:
    result = run("statement", "sales.csv", *options())
    assert result.exit_code == 1
    assert "--exchange-rate USD=RATE" in str(result.exception)


def test_the_keys_of_the_settings(folder: Path) -> None:
    keys = "".join(f'{name} = "{value}"\n' for name, value in COLUMNS.items())
    (folder / "custfolio.toml").write_text(
        f'[ledger]\nfiles = "sales.csv"\nperiod = ["2020-12-01", "2020-12-31"]\nrates = "rates.csv"\n{keys}'
        '[costs]\nprices = "prices.csv"\n[costs.rates]\ndeliveries = 1\n'
    )
    result = run("statement", "custfolio.toml", "--json", "--out", "page.html")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["level"] == round(69 + 24.5 - 310 * 31 / 366, 2)
    page = (folder / "page.html").read_text()
    assert "Price waterfall" in page
    assert "euros" in page
