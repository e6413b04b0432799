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


def test_space_around_ids_and_groups_does_not_count(tmp_path: Path) -> None:
    written = rows("1", "1 ", "\t1", "x y") | {"family": ["x", " x ", "x", " "], "document": ["d", " d", "d ", "e"]}
    frame = pl.DataFrame(written)
    frame.write_csv(tmp_path / "sales.csv")
    columns: dict[str, Any] = {"family": "family"}
    sources = {
        "polars": cf.Ledger(frame, **columns),
        "pandas": cf.Ledger(frame.to_pandas(), **columns),
        "lazy": cf.Ledger(frame.lazy(), **columns),
        "engine": cf.Ledger(duckdb.from_arrow(frame.to_arrow()), **columns),
        "csv": cf.Ledger.read(tmp_path / "sales.csv", **columns),
    }
    visits = pl.DataFrame({"customer": ["1 ", " x y"], "date": [datetime.date(2025, 1, 6)] * 2, "km": [3.0, 4.0]})
    owed = pl.DataFrame({"customer": [" 1"], "invoice": ["2025-01-06"], "paid": ["2025-01-16"], "amount": [30.0]})
    for name, ledger in sources.items():
        assert ledger.rows.ids == ["1", "x y"], name
        stated = cf.statement(
            ledger,
            cf.CostModel({"km": 2.0, "stops": 1.0}, credit_rate=0.365),
            events={"visits": visits},
            drivers=pl.DataFrame({"customer": ["x y ", " 1"], "stops": [5.0, 6.0]}),
            receivables=owed,
        )
        assert stated.columns()["deliveries"].tolist() == [1.0, 1.0], name
        assert stated.columns()["cost_to_serve"].tolist() == [12.0, 13.0], name
        assert stated.reconciliation.not_attributed == stated.reconciliation.credit_not_attributed == 0.0
        assert dict(zip(*(stated.by("family").columns()[c] for c in ("family", "revenue")), strict=True)) == {
            "x": 30.0,
            "none": 10.0,
        }
    beside = cf.Ledger(
        frame,
        manager=pl.DataFrame({"customer": ["1 ", " x y"], "manager": [" m", "m "]}),
        merged={" x y": "1 "},
        customer_since={"1 ": "2020-01-01"},
    )
    assert (beside.rows.ids, beside.rows.dimensions["manager"].values, beside.notes) == (["1"], ["m"], [])


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


TWO = pd.DataFrame({"customer": ["a", "b"], "date": ["2021-01-04"] * 2, "revenue": [1.0, 2.0]})


@pytest.mark.parametrize(
    ("merged", "message"),
    [
        ({"b": "a", "a": None}, "row 2: found None"),
        ({"a": ""}, "row 1: customer 'a' becomes ''"),
        (pd.DataFrame({"old": ["b", "a"], "new": ["a", " "]}), "row 2: customer 'a' becomes ''"),
        ({"a": "b", "b": "a"}, "customer a leads back to itself through b"),
        ({"x": "a", "a": "b", "b": "a"}, "customer a leads back to itself through b"),
    ],
)
def test_an_id_that_is_missing_or_leads_back_is_refused(merged: Any, message: str) -> None:
    with pytest.raises(cf.InputError, match=message):
        cf.Ledger(TWO, merged=merged)


def test_customers_of_a_table_that_the_ledger_does_not_have_are_noted() -> None:
    tables: dict[str, Any] = {
        "merged": {"x": "a", "b": "a"},
        "group": pd.DataFrame({"customer": ["a", "x"], "group": ["1", "2"]}),
        "manager": pd.DataFrame({"customer": ["b", "x"], "manager": ["1", "2"]}),
        "customer_since": {"a": "2020-01-01", "x": "2020-01-01"},
    }
    for name, table in tables.items():
        assert cf.Ledger(TWO, **{name: table}).notes == [
            f"{name}= has 1 customer (of 2) not in the ledger, such as 'x'."
        ]
    assert cf.Ledger(TWO, merged={"b": "a"}, group=pd.DataFrame({"customer": ["b"], "group": ["1"]})).notes == []


def test_a_lazy_table_beside_the_ledger_runs_once() -> None:
    runs: list[str] = []

    def counted(name: str, **columns: list[str]) -> pl.LazyFrame:
        frame = pl.LazyFrame({"customer": ["a", "x"], **columns})
        return frame.map_batches(lambda rows: runs.append(name) or rows, schema=frame.collect_schema())

    cf.Ledger(
        TWO,
        merged=counted("merged", old=["x", "b"], new=["a", "a"]),
        group=counted("group", group=["1", "2"]),
        manager=counted("manager", manager=["1", "2"]),
        customer_since=counted("since", date=["2020-01-01", "2020-01-01"]),
    )
    assert sorted(runs) == ["group", "manager", "merged", "since"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("customer_since", 5),
        ("merged", "nofile.csv"), ("merged", 5), ("group", 5), ("manager", 5), ("rates", 5), ("currency", 5), ("date_format", 5),
    ],
)  # fmt: skip
def test_an_argument_of_another_type_is_named(name: str, value: Any) -> None:
    with pytest.raises(cf.InputError, match=f"^{name} is "):
        cf.Ledger(TWO, **{name: value})


def test_drivers_that_are_no_frame_are_named() -> None:
    for name in ("drivers", "prices"):
        with pytest.raises(cf.InputError, match=f"^{name} is 'x'"):
            cf.statement(cf.Ledger(TWO), **{name: "x"})  # type: ignore[arg-type]


def test_a_column_that_is_not_there_shows_the_columns_of_the_file(tmp_path: Path) -> None:
    TWO.to_csv(tmp_path / "sales.csv", index=False)
    with pytest.raises(cf.InputError, match=r"the columns are 'customer', 'date', 'revenue'$"):
        cf.Ledger.read(tmp_path / "sales.csv", item="zz")
