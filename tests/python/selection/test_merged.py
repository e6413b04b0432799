# Tests of merged customers: every table beside the ledger counts as if it had the new id.
"""`merged=` of a ledger: costs that are missing, events, drivers, receivables, prices, managers, first days."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pytest

import custfolio as cf
from custfolio.errors import InputError

SALES = pd.DataFrame({
    "customer": ["old", "new", "c", "old"], "date": ["2021-01-04", "2021-01-05", "2021-02-03", "2021-02-04"],
    "revenue": [100.0, 100.0, 100.0, 50.0], "cost": [20.0, None, 90.0, 10.0],
})  # fmt: skip
MERGED = {"oldest": "old", "old": "new"}
MODEL = cf.CostModel({"visits": 7.0, "km": 2.0, "hours": 3.0}, credit_rate=0.1)
VISITS = pd.DataFrame(
    {"customer": ["oldest", "old", "new", "x"], "date": ["2021-01-06"] * 4, "km": [1.0, 2.0, 4.0, 8.0]}
)
HOURS = pd.DataFrame({"customer": ["oldest", "old", "c", "x"], "hours": [1.0, 2.0, 4.0, 8.0]})
INVOICES = pd.DataFrame({
    "customer": ["oldest", "old", "c", "x"], "invoice": ["2021-01-01"] * 4, "due": ["2021-01-31"] * 4,
    "paid": ["2021-02-02"] * 4, "amount": [10.0, 20.0, 40.0, 80.0],
})  # fmt: skip
PRICES = pd.DataFrame({"customer": ["oldest", "old", "x"], "element": ["rebate"] * 3, "amount": [1.0, 2.0, 8.0]})


def renamed(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the rows of the old customers the new id."""
    return frame.assign(customer=frame["customer"].replace({"oldest": "new", "old": "new"}))


def beside(change: Any = lambda frame: frame) -> dict[str, Any]:
    return {
        "events": {"visits": change(VISITS)}, "drivers": change(HOURS), "receivables": change(INVOICES),
        "prices": change(PRICES),
    }  # fmt: skip


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("rule", ["customer", "company"])
def test_tables_beside_the_ledger_count_as_if_they_had_the_new_id(rule: Any, lazy: bool) -> None:
    sales = pl.from_pandas(SALES).lazy() if lazy else SALES
    found = cf.statement(cf.Ledger(sales, merged=MERGED, missing_cost=rule), MODEL, **beside())
    expected = cf.statement(cf.Ledger(renamed(SALES), missing_cost=rule), MODEL, **beside(renamed))
    pd.testing.assert_frame_equal(found.to_frame("pandas"), expected.to_frame("pandas"))
    assert found.reconciliation.to_frame("pandas").equals(expected.reconciliation.to_frame("pandas"))
    assert found.trace("new").tree() == expected.trace("new").tree()


def test_a_missing_cost_is_that_of_the_merged_customer() -> None:
    rows = pd.DataFrame(
        {"customer": ["old", "new", "c"], "date": "2021-01-04", "revenue": 100.0, "cost": [20, None, 90]}
    )
    stated = cf.statement(cf.Ledger(rows, merged={"old": "new"}, missing_cost="customer")).to_frame("pandas")
    assert dict(zip(stated["customer_id"], stated["goods"], strict=True)) == {"c": 90.0, "new": 40.0}


def test_days_to_payment_of_an_old_id_are_those_of_the_new_one() -> None:
    owed = pd.DataFrame({"customer": ["old", "c"], "dso": [40.0, 20.0]})
    stated = cf.statement(cf.Ledger(SALES, merged=MERGED), MODEL, **(beside() | {"receivables": owed}))
    columns = stated.columns()
    assert dict(zip(columns["customer_id"], columns["dso"].tolist(), strict=True))["new"] == 40.0
    twice = pd.DataFrame({"customer": ["old", "new"], "dso": [40.0, 20.0]})
    with pytest.raises(InputError, match="row 1: the customer has another row"):
        cf.statement(cf.Ledger(SALES, merged=MERGED), MODEL, **(beside() | {"receivables": twice}))


def test_a_customer_has_its_own_managers_else_those_of_an_old_id() -> None:
    def level_of(managers: dict[str, list[Any]]) -> dict[str, float]:
        ledger = cf.Ledger(SALES, merged=MERGED, manager=pd.DataFrame(managers))
        groups = cf.statement(ledger).by("manager").columns()
        return dict(zip(groups["manager"], groups["revenue"].tolist(), strict=True))

    assert level_of({"customer": ["old", "c"], "manager": ["Ann", "Bob"]}) == {"Ann": 250.0, "Bob": 100.0}
    assert level_of({"customer": ["old", "new"], "manager": ["Ann", "Bob"]}) == {"Bob": 250.0, "none": 100.0}
    shared = {"customer": ["old", "old", "new"], "manager": ["Ann", "Cid", "Bob"], "share": [0.5, 0.5, 1.0]}
    assert level_of(shared) == {"Bob": 250.0, "none": 100.0}
    assert level_of({"customer": ["oldest", "old"], "manager": ["Ann", "Bob"]}) == {"Ann": 250.0, "none": 100.0}


def test_a_merged_customer_is_one_since_the_earliest_of_its_first_days() -> None:
    for since in ({"old": "2001-05-06", "new": "2003-01-01"}, {"new": "2003-01-01", "old": "2001-05-06"}):
        ledger = cf.Ledger(SALES, merged=MERGED, customer_since=since)
        assert ledger.rows.first_days().astype("datetime64[D]").astype(str).tolist() == ["2021-02-03", "2001-05-06"]
