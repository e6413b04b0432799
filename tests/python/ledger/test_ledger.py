# The ledger: the same rows from any frame, file or query; what is not taken is listed; bad input is named.
"""Room ``ledger``."""

from __future__ import annotations

import datetime
import gzip
import math
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

import custfolio as cf

ROWS: dict[str, list[Any]] = {
    "date": [
        datetime.date(2021, 1, 4),
        datetime.date(2021, 1, 4),
        datetime.date(2021, 2, 1),
        datetime.date(2021, 3, 9),
    ],
    "customer": ["b", "a", "b", "10"],
    "revenue": [100.25, 50.5, -20.125, 0.0],
    "cost": [60.0, 45.0, -12.0, 1.0],
    "quantity": [5, 3, -1, 2],
    "lines": [2, 1, 1, 1],
}


def csv_text(delimiter: str = ",") -> str:
    rows = zip(*ROWS.values(), strict=True)
    return "\n".join(delimiter.join(map(str, row)) for row in [tuple(ROWS), *rows]) + "\n"


def frames() -> dict[str, Callable[[Path], cf.Ledger]]:
    def of_file(name: str, write: Callable[[Path], Any]) -> Callable[[Path], cf.Ledger]:
        def make(folder: Path) -> cf.Ledger:
            write(folder / name)
            return cf.Ledger.read(folder / name)

        return make

    def gz(path: Path) -> None:
        with gzip.open(path, "wt") as file:
            file.write(csv_text())

    def folder_of(folder: Path) -> cf.Ledger:
        head, *rows = csv_text().splitlines()
        for k, part in enumerate((rows[:2], rows[2:])):
            (folder / f"part{k}.csv").write_text("\n".join([head, *part]) + "\n")
        return cf.Ledger.read(folder)

    def sqlite(folder: Path) -> cf.Ledger:
        connection = sqlite3.connect(folder / "sales.db")
        pd.DataFrame(ROWS).to_sql("sales", connection, index=False)
        try:
            return cf.Ledger.read_query(connection, "select * from sales")
        finally:
            connection.close()

    table = pl.DataFrame(ROWS).to_arrow()
    return {
        "pandas": lambda _: cf.Ledger(pd.DataFrame(ROWS)),
        "polars": lambda _: cf.Ledger(pl.DataFrame(ROWS)),
        "polars lazy": lambda _: cf.Ledger(pl.LazyFrame(ROWS)),
        "pyarrow": lambda _: cf.Ledger(table),
        "duckdb relation": lambda _: cf.Ledger(duckdb.from_arrow(table)),
        "duckdb query": lambda _: cf.Ledger.read_query(_connection(table), "select * from sales"),
        "sqlite query": sqlite,
        "csv": of_file("s.csv", lambda path: path.write_text(csv_text())),
        "csv with semicolons": of_file("s.csv", lambda path: path.write_text(csv_text(";"))),
        "csv in Latin-1": of_file("s.csv", lambda path: path.write_bytes((csv_text() + "").encode("latin-1"))),
        "packed csv": of_file("s.csv.gz", gz),
        "tsv": of_file("s.tsv", lambda path: path.write_text(csv_text("\t"))),
        "parquet": of_file("s.parquet", lambda path: pyarrow.parquet.write_table(table, path)),
        "json lines": of_file("s.json", lambda path: pl.DataFrame(ROWS).write_ndjson(path)),
        "folder": folder_of,
    }


def _connection(table: Any) -> Any:
    connection = duckdb.connect()
    connection.register("sales", table)
    return connection


@pytest.mark.parametrize("source", list(frames()))
def test_the_same_rows_from_every_source(source: str, tmp_path: Path) -> None:
    ledger = frames()[source](tmp_path)
    assert (ledger.rows_read, ledger.rows_accepted, ledger.rows_rejected, ledger.duplicates) == (4, 4, 0, 0)
    assert ledger.revenue == 130.625
    assert (str(ledger.first_day), str(ledger.last_day), ledger.customers) == ("2021-01-04", "2021-03-09", 3)
    stated = cf.statement(ledger, cf.CostModel(rates={"deliveries": 1.0, "lines": 10.0, "quantity": 100.0}))
    found = {row.id: (row.level, row.heat) for row in stated.portfolio}
    assert found == {
        "10": (0.0, 0.0 - 1.0 - 1 - 10 - 200),
        "a": (50.5, 50.5 - 45 - 1 - 10 - 300),
        "b": (80.125, 80.125 - 48 - 1 - 30 - 500),
    }
    assert stated.reconciliation.exact


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of PySpark about the release of pandas
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of PySpark, which leaves sockets open
def test_spark_gives_the_same_rows() -> None:
    sql = pytest.importorskip("pyspark.sql")
    session = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        ledger = cf.Ledger(session.createDataFrame(pd.DataFrame(ROWS)))
        assert ledger.revenue == 130.625
        assert cf.statement(ledger, cf.CostModel()).portfolio["b"].level == 80.125
    finally:
        session.stop()


BAD = {
    "date": ["2021-01-04", "soon", None, "2021-02-30", "2021-01-05", "2021-01-06", "2021-01-07"],
    "customer": ["a", "a", "a", "a", None, "  ", "b"],
    "revenue": ["10", "10", "10", "10", "10", "10", "much"],
}


@pytest.mark.parametrize("lazy", [False, True])
def test_every_row_not_taken_is_listed(lazy: bool) -> None:
    ledger = cf.Ledger(pl.LazyFrame(BAD) if lazy else pl.DataFrame(BAD))
    rejected = ledger.rejected.to_frame("pandas")
    assert ledger.rows_accepted + ledger.rows_rejected == ledger.rows_read == 7
    assert rejected["row"].tolist() == [2, 3, 4, 5, 6, 7]
    assert rejected["column"].tolist() == ["date", "date", "date", "customer", "customer", "revenue"]
    assert rejected["value"].tolist()[0] == "soon"
    assert rejected["value"].tolist()[5] == "much"
    assert rejected["reason"].str.len().gt(0).all()
    assert ledger.reconciliation["rows_rejected"] == 6
    assert ledger.revenue == 10.0
    assert ledger.rejected.plot().to_dict()
    assert ledger.plot().to_dict()


amounts = st.one_of(st.none(), st.floats(-1e6, 1e6), st.sampled_from([math.nan, math.inf, -math.inf]))
rows = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "", None]),
        st.one_of(st.none(), st.dates(datetime.date(2000, 1, 1), datetime.date(2099, 12, 31))),
        amounts,
    ),
    min_size=1,
    max_size=30,
)


@given(rows)
def test_accepted_and_rejected_are_all_rows(found: list[tuple[Any, Any, Any]]) -> None:
    frame = pl.DataFrame(
        found, schema={"customer": pl.String, "date": pl.Date, "revenue": pl.Float64}, orient="row", strict=False
    )
    good = [
        k
        for k, (who, day, amount) in enumerate(found)
        if who and day is not None and amount is not None and math.isfinite(amount)
    ]
    for given_ in (frame, frame.lazy()):
        if not good:
            with pytest.raises(cf.InputError, match=f"all {len(found)} are rejected"):
                cf.Ledger(given_)
            continue
        ledger = cf.Ledger(given_)
        assert ledger.rows_read == len(found)
        assert ledger.rows_accepted == len(good)
        assert [row - 1 for row in ledger.rejected.columns()["row"]] == [k for k in range(len(found)) if k not in good]
        assert ledger.revenue == pytest.approx(math.fsum(found[k][2] for k in good), abs=1e-6)


def test_repeated_rows_are_taken_and_counted() -> None:
    twice = pd.concat([pd.DataFrame(ROWS), pd.DataFrame(ROWS).iloc[:2]])
    ledger = cf.Ledger(twice)
    assert (ledger.duplicates, ledger.rows_accepted) == (2, 6)
    assert cf.Ledger(pl.from_pandas(twice).lazy()).duplicates == 2


@pytest.mark.parametrize(
    "written",
    [
        ["2021-01-04", "2021-12-31"],
        ["20210104", "20211231"],
        ["31/12/2021", "04/01/2021"],
        ["12/31/2021", "01/04/2021"],
        ["4 Jan 2021", "31 Dec 2021"],
        ["2021-01-04 13:45:00", "2021-12-31T23:59:59"],
    ],
)
def test_dates_in_usual_forms(written: list[str]) -> None:
    ledger = cf.Ledger(pl.DataFrame({"date": written, "customer": ["a", "a"], "revenue": [1.0, 2.0]}))
    assert (str(ledger.first_day), str(ledger.last_day)) == ("2021-01-04", "2021-12-31")


def test_dates_that_can_be_read_in_two_ways_are_an_error_until_settled() -> None:
    frame = pl.DataFrame({"date": ["04/01/2021", "05/02/2021"], "customer": ["a", "a"], "revenue": [1.0, 2.0]})
    with pytest.raises(cf.InputError, match="date_format"):
        cf.Ledger(frame)
    assert str(cf.Ledger(frame, date_format="%d/%m/%Y").first_day) == "2021-01-04"
    assert str(cf.Ledger(frame, date_format="%m/%d/%Y").first_day) == "2021-04-01"


def test_three_forms_of_date_in_one_column_are_read_or_listed() -> None:
    frame = pl.DataFrame(
        {"date": ["2021-01-04", "31/12/2021", "5 Mar 2021"], "customer": ["a", "b", "c"], "revenue": [1.0, 2.0, 3.0]}
    )
    ledger = cf.Ledger(frame)
    assert ledger.rows_accepted + ledger.rows_rejected == 3
    taken = {str(day) for day in ledger.to_frame("polars")["date"]}
    assert taken <= {"2021-01-04", "2021-12-31", "2021-03-05"}


@pytest.mark.parametrize(
    ("written", "decimal"), [("1,234.50", "."), ("1.234,50", ","), ("1234.5", "."), ("1234,5", ",")]
)
def test_amounts_in_usual_forms(written: str, decimal: str) -> None:
    frame = pl.DataFrame({"date": ["2021-01-04"], "customer": ["a"], "revenue": [written]})
    assert cf.Ledger(frame, decimal=decimal).revenue == 1234.5  # type: ignore[arg-type]


def test_a_missing_column_is_named_with_those_that_are_there() -> None:
    with pytest.raises(cf.InputError, match=r"(?s)revenue.*colour"):
        cf.Ledger(pd.DataFrame({"date": ["2021-01-04"], "customer": ["a"], "colour": ["red"]}))
    with pytest.raises(cf.InputError, match="turnover"):
        cf.Ledger(pd.DataFrame(ROWS), revenue="turnover")


def test_files_that_are_none_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "no.parquet").write_text("this is text")
    (tmp_path / "head.csv").write_text("date,customer,revenue\n")
    for name, told in (
        ("none.csv", "no file"), ("empty.csv", "empty"), ("no.parquet", "no.parquet"), ("head.csv", "no rows"),
        ("*.xml", "no file matches"),
    ):  # fmt: skip
        with pytest.raises(cf.InputError, match=told):
            cf.Ledger.read(tmp_path / name)
    with pytest.raises(cf.InputError, match=r"Ledger\.read"):
        cf.Ledger("sales.csv")
    with pytest.raises(cf.InputError, match="decimal"):
        cf.Ledger(pd.DataFrame(ROWS), decimal=";")  # type: ignore[arg-type]


def test_numbers_as_customers_keep_their_order_and_form() -> None:
    frame = pd.DataFrame({"date": ["2021-01-04"] * 3, "customer": [10, 2, 100], "revenue": [1.0, 2.0, 3.0]})
    stated = cf.statement(cf.Ledger(frame), cf.CostModel())
    assert stated.portfolio.ids == ["2", "10", "100"]


def test_a_period_is_a_view() -> None:
    ledger = cf.Ledger(pd.DataFrame(ROWS))
    january = ledger.between("2021-01-01", "2021-01-31")
    assert (january.revenue, january.customers) == (150.75, 2)
    assert january.reconciliation["revenue_outside_period"] == pytest.approx(130.625 - 150.75)
    with pytest.raises(cf.InputError, match="before it begins"):
        ledger.between("2021-02-01", "2021-01-01")


def test_columns_in_memory_reach_the_core_without_a_copy() -> None:
    count = 1_000
    revenue = np.linspace(0, 1, count)
    frame = pl.DataFrame({"date": [datetime.date(2021, 1, 4)] * count, "customer": ["a"] * count, "revenue": revenue})
    held = cf.Ledger(frame).rows.revenue
    assert np.shares_memory(held, frame["revenue"].to_numpy())


def test_hostile_names_are_only_text() -> None:
    names = ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "a\x1b[31mred", "'; drop table sales; --"]
    frame = pl.DataFrame({"date": ["2021-01-04"] * 4, "customer": names, "revenue": [1.0] * 4})
    for source in (frame, frame.lazy(), duckdb.from_arrow(frame.to_arrow())):
        ledger = cf.Ledger(source)
        assert set(cf.statement(ledger, cf.CostModel()).portfolio.ids) == set(names)
        assert "<script>" not in ledger._repr_html_()
        assert "\x1b" not in repr(ledger)


def test_a_ledger_without_a_usable_row_is_an_error_with_the_reasons() -> None:
    rows = {"customer": ["a", "b", None], "date": ["2021-01-04", "soon", "2021-01-05"], "revenue": ["much", "1", "2"]}
    with pytest.raises(
        cf.InputError, match=r"no row .* all 3 are rejected \(1 x revenue .*1 x date .*1 x missing customer\)"
    ):
        cf.Ledger(pd.DataFrame(rows))


def test_a_name_is_recognised_unless_it_may_be_of_something_else() -> None:
    plain = {"customer": ["a"], "date": ["2024-01-01"], "revenue": [1.0], "name": ["Ann"]}
    ledger = cf.Ledger(pd.DataFrame(plain))
    assert ledger.recognised == {"customer": "customer", "date": "date", "revenue": "revenue", "name": "name"}
    assert ledger.columns()["name"].to_pylist() == ["Ann"]
    both = cf.Ledger(pd.DataFrame({**plain, "customer_name": ["Bob"]}))
    assert both.recognised["name"] == "customer_name"
    lines = cf.Ledger(pd.DataFrame({**plain, "move_id": ["INV/1"]}))  # in Odoo the text of the line
    assert "name" not in lines.recognised


def test_only_columns_of_the_file_are_listed(tmp_path: Path) -> None:
    (tmp_path / "head.csv").write_text("date,customer,revenue\n")
    with pytest.raises(cf.InputError, match=r"only column names: 'date', 'customer', 'revenue'$"):
        cf.Ledger.read(tmp_path / "head.csv")


def test_an_error_of_a_missing_name_is_shown_without_quotation_marks() -> None:
    portfolio = cf.Portfolio.from_frame(pd.DataFrame({"customer_id": ["a"], "revenue": [1.0], "contribution": [1.0]}))
    with pytest.raises(cf.NotFoundError) as caught:
        portfolio["b"]
    assert not str(caught.value).startswith(("'", '"'))


@pytest.mark.parametrize("lazy", [False, True])
def test_a_period_keeps_the_first_days_of_customers(lazy: bool) -> None:
    rows = {
        "date": ["2019-05-01", "2021-06-01", "2021-06-02"],
        "customer": ["a", "a", "b"],
        "revenue": [10.0] * 3,
        "cost": [5.0] * 3,
    }
    frame = pl.LazyFrame(rows) if lazy else pl.DataFrame(rows)
    ledger = cf.Ledger(frame, customer_since={"b": "2018-01-01", "stranger": "2017-01-01"})
    cut = ledger.between("2021-01-01", "2021-12-31").between("2021-02-01", "2021-12-31")
    stated = cf.statement(cut, cf.CostModel())
    days = np.asarray(stated.portfolio.columns()["first_day"]).astype("datetime64[D]").astype(str).tolist()
    assert days == ["2019-05-01", "2018-01-01"]
    assert cf.select(stated.portfolio, target=0.05).verdict == ["keep", "keep"]
    without = cf.Ledger(frame).between("2021-01-01", "2021-12-31")
    assert cf.select(cf.statement(without, cf.CostModel()).portfolio, target=0.05).verdict == ["keep", "too young"]


def test_customers_since_may_be_a_frame_and_are_days() -> None:
    rows = pl.DataFrame({"date": ["2021-06-01"], "customer": ["a"], "revenue": [10.0], "cost": [5.0]})
    since = pl.DataFrame({"customer": ["a"], "date": [datetime.date(2018, 1, 1)]})
    ledger = cf.Ledger(rows, customer_since=since)
    assert cf.select(cf.statement(ledger, cf.CostModel()).portfolio, target=0.05).verdict == ["keep"]
    with pytest.raises(cf.InputError, match="customer_since of 'a'"):
        cf.Ledger(rows, customer_since={"a": "soon"})


@pytest.mark.parametrize(
    "days",
    [["2019-03-15", "2018-12-31"], ["15-03-2019", "31-12-2018"], ["15 mrt 2019", "31 dec 2018"], ["03/15/2019", "12/31/2018"],
     [datetime.date(2019, 3, 15), datetime.date(2018, 12, 31)], [datetime.datetime(2019, 3, 15, 9), datetime.datetime(2018, 12, 31, 9)]],
)  # fmt: skip
def test_first_days_are_written_as_a_ledger_has_its_days(days: list[Any]) -> None:
    rows = pd.DataFrame({"customer": ["a", "b"], "date": ["2021-01-04"] * 2, "revenue": [1.0, 2.0]})
    expected = [np.datetime64("2019-03-15"), np.datetime64("2018-12-31")]
    for since in (dict(zip("ab", days, strict=True)), pd.DataFrame({"Klantnr": ["a", "b"], "Datum": days})):
        first = cf.Ledger(rows, customer_since=since).rows.first_days()
        assert first.astype("datetime64[D]").tolist() == [day.item() for day in expected]
    with pytest.raises(cf.InputError, match="write days as 2021-12-31"):
        cf.Ledger(rows, customer_since={"a": "03/04/2019"})


@pytest.mark.parametrize("role", ["drivers", "delivery_drivers"])
@pytest.mark.parametrize("wrong", [["miles"], "miles", {"miles": 3}, {3: "miles"}, {"miles": None}])
def test_drivers_that_are_no_mapping_of_columns_are_refused(role: str, wrong: Any) -> None:
    rows = pd.DataFrame({"customer": ["a"], "date": ["2021-01-04"], "revenue": [1.0], "miles": [2.0]})
    with pytest.raises(cf.InputError, match=role):
        cf.Ledger(rows, **{role: wrong})
