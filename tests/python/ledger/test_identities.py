# One rule for the identity of a customer, from every source.
"""Room ``ledger``: identities."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest

import custfolio as cf


def rows(*customers: Any) -> dict[str, list[Any]]:
    return {
        "date": ["2025-01-06"] * len(customers),
        "customer": list(customers),
        "revenue": [10.0] * len(customers),
    }


def test_a_whole_number_is_one_customer_in_every_form(tmp_path: Path) -> None:
    written = rows("17850", "17850.0", "17850.00")
    pl.DataFrame(written).write_csv(tmp_path / "sales.csv")
    sources: dict[str, cf.Ledger] = {
        "text": cf.Ledger(pl.DataFrame(written)),
        "text, lazy": cf.Ledger(pl.LazyFrame(written)),
        "text in an engine": cf.Ledger(duckdb.from_arrow(pl.DataFrame(written).to_arrow())),
        "csv": cf.Ledger.read(tmp_path / "sales.csv"),
        "whole numbers": cf.Ledger(pl.DataFrame(rows(17850, 17850))),
        "floats": cf.Ledger(pl.DataFrame(rows(17850.0, 17850.0))),
        "floats, lazy": cf.Ledger(pl.LazyFrame(rows(17850.0, 17850.0))),
        "mixed": cf.Ledger(pd.DataFrame(rows(17850, "17850", 17850.0))),
    }
    for name, ledger in sources.items():
        assert ledger.rows.ids == ["17850"], name
        assert ledger.customers == 1, name


@pytest.mark.parametrize("customer", ["00017", "017.0", "A.0", "17850.5", "1.0.0", "1e5"])
def test_other_text_stays_as_it_is(customer: str) -> None:
    assert cf.Ledger(pl.DataFrame(rows(customer))).rows.ids == [customer]


def test_a_document_is_one_in_every_form() -> None:
    ledger = cf.Ledger(pl.DataFrame(rows("a", "a") | {"document": ["1001", "1001.0"]}))
    assert cf.statement(ledger, cf.CostModel()).portfolio.columns()["deliveries"].tolist() == [1.0]


def test_other_tables_name_the_same_customer() -> None:
    ledger = cf.Ledger(pl.DataFrame(rows("17850.0", "8")), missing_cost=0)
    visits = pl.DataFrame({"customer": ["17850.0", "8"], "visits": [3.0, 1.0]})
    stated = cf.statement(ledger, cf.CostModel({"visits": 2.0}), drivers=visits)
    assert stated.reconciliation.not_attributed == 0.0
    selection = cf.select(stated.portfolio, target=0.0, interesting={"17850.0": 1.0})
    assert selection.verdict[stated.portfolio.ids.index("17850")] == "too young"
    born = {"17850.0": datetime.date(2020, 1, 1)}
    left = cf.lifetime.summary(ledger, born=born).left_out.columns()
    assert "17850" in list(left["customer_id"])
