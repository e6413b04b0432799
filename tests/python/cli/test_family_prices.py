# A price of one family in a custfolio.toml: its net revenue comes from the ledger's column of families.
"""[[remediation.terms]] with lever = "price" and a family."""

from __future__ import annotations

from pathlib import Path

import pytest

from custfolio._flow import run
from custfolio.cli.config import read

SETTINGS = """
[ledger]
files = "sales.csv"
family = "kind"
[costs.rates]
deliveries = 40
[selection]
target = 0.2
[[remediation.terms]]
lever = "package"
parts = [{ lever = "price", fraction = 0.05, family = "wine" }]
[strategy]
start = "2022-01"
floor = "none"
[output]
folder = "out"
"""


def test_a_run_prices_the_family_of_its_terms(tmp_path: Path) -> None:
    rows = [
        f"c{k % 2},2021-{month:02d}-10,{100 + k},{90 + k},{kind}"
        for k in range(6)
        for month in range(1, 13)
        for kind in ("wine", "beer")
    ]
    (tmp_path / "sales.csv").write_text("customer,date,revenue,cost,kind\n" + "\n".join(rows) + "\n")
    (tmp_path / "custfolio.toml").write_text(SETTINGS)
    outcome = run(read(tmp_path / "custfolio.toml").inputs)
    assert outcome.offers is not None
    table = outcome.offers.columns()
    assert len(table["terms"]) == 2
    wine = outcome.statement.portfolio.core.revenue / 2  # as much wine as beer
    assert table["revenue_change"].tolist() == pytest.approx((0.05 * wine).tolist())
