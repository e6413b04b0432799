# Results about new terms in a custfolio.toml: benchmark, unlike offers, sequences of asks, review; page, workbook, JSON.
"""`custfolio run` prints the results about new terms and shows them on the page and in the workbook."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import custfolio as cf
from custfolio.cli import app

TITLES = (
    "Heat a year of the best offers",
    "Terms among peers",
    "Like customers with unlike offers",
    "Asks in their order",
    "Asks together",
    "Review by answer",
    "Reviewed customers",
    "Newcomers against their terms",
)
KEYS = """benchmark = { bands = 2 }
unlike_offers = { size_ratio = 3.0, temperature = 0.5, burden = 0.001 }
ask_sequences = { asks = 2, patience = 0.8 }
review = { before = ["2023-01-01", "2023-12-31"], answers = "offer_answers.csv", newcomers = "newcomers.csv" }
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    random = np.random.default_rng(5)
    days = pd.date_range("2023-01-01", "2024-12-28", freq="9D")
    rows = [
        (f"K{k}", f"<b>{k}</b>", str(day.date()), round(float(amount), 2), round(0.7 * float(amount), 2))
        for k in range(24)
        for day, amount in zip(days, 20 + (5 + k) * 20 * random.random(len(days)), strict=True)
    ]
    sales = pd.DataFrame(rows, columns=["customer", "name", "date", "revenue", "cost"])
    sales.to_csv(tmp_path / "ledger.csv", index=False)
    newcomers = {"customer_id": ["K1", "K2"], "level": [5000, 6000], "heat": [500, 900], "since": ["2024-01-01"] * 2}
    pd.DataFrame(newcomers).to_csv(tmp_path / "newcomers.csv", index=False)
    costs = cf.CostModel({"deliveries": 20.0})
    before = cf.statement(cf.Ledger(sales), costs, period=("2023-01-01", "2023-12-31"))
    offers = cf.remediate(
        before.portfolio,
        cf.select(before.portfolio, target=0.25),
        [cf.Terms.minimum_order(300, step=50), cf.Terms.price(0.03, step=0.01)],
    )
    made = offers.to_frame("pandas").iloc[offers.best]
    answers = made[["customer_id", "terms"]].assign(accepted=["yes" if k % 2 else "no" for k in range(len(made))])
    answers.to_csv(tmp_path / "offer_answers.csv", index=False)
    found = tmp_path / "custfolio.toml"
    found.write_text(
        '[ledger]\nfiles = "ledger.csv"\nperiod = ["2024-01-01", "2024-12-31"]\n[costs]\nrates = { deliveries = 20.0 }\n'
        "[remediation]\nminimum_order = 300.0\nprice = 0.03\nstep = { minimum_order = 50, price = 0.01 }\n"
        + KEYS
        + '[selection]\ntarget = 0.25\n[strategy]\nstart = "2025-01"\n'
    )
    return found


def test_results_are_printed_and_shown(settings: Path) -> None:
    found = CliRunner().invoke(app, ["run", str(settings), "--json"])
    assert found.exit_code in (0, 3), found.output
    review = json.loads(found.stdout[found.stdout.index("{") :])["review"]
    assert review["accepted"] > 3
    assert review["lower"] < review["brought"] < review["upper"]
    page = (settings.parent / "plan" / "plan.html").read_text(encoding="utf-8")
    workbook = openpyxl.load_workbook(settings.parent / "plan" / "plan.xlsx")
    sheets = workbook.sheetnames
    assert workbook["Heat a year of the best offers"]["A3"].value is None  # a single row has no total
    for title in TITLES:
        assert f"<strong>{title}</strong>" in page, title
        assert any(title.startswith(name.rstrip("~")) for name in sheets), (title, sheets)
    assert "<b>" not in page
    assert "this is not credited" in page
    assert "This counts the best offer of each customer over a whole year." in page
    assert "The plan counts its own offers from the answer to its last month." in page
    assert "Leniency is the mean rank" in page
    printed = " ".join(CliRunner().invoke(app, ["run", str(settings)]).output.split())
    for words in ("accepted offers brought", "may be asked again after a refusal", "like customers"):
        assert words in printed


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("bands = 2", "bands = 0", "bands"),
        ("bands = 2", "band = 2", "[remediation.benchmark] has the unknown key 'band'; it may have bands"),
        ("asks = 2", "asks = 0", "asks"),
        ("patience = 0.8", "patience = 8", "patience"),
        ('before = ["2023-01-01", "2023-12-31"], ', "", "[remediation.review] has no before"),
        ('["2023-01-01", "2023-12-31"]', '["2023-01-01"]', "it must be a first and a last day"),
        ('["2023-01-01", "2023-12-31"]', '["2019-01-01", "2019-12-31"]', "[remediation] review: the ledger has no row"),
        ("minimum_order = 300.0\nprice = 0.03\nstep = { minimum_order = 50, price = 0.01 }\n", "", "needs new terms"),
        ('answers = "offer_answers.csv"', 'answers = "newcomers.csv"', "accepted"),
    ],
)
def test_wrong_settings_name_their_section(settings: Path, old: str, new: str, told: str) -> None:
    text = settings.read_text()
    assert old in text
    settings.write_text(text.replace(old, new))
    found = CliRunner().invoke(app, ["run", str(settings)])
    assert isinstance(found.exception, cf.InputError), found.output
    assert told in str(found.exception)
    assert "custfolio.toml: [remediation" in str(found.exception)
