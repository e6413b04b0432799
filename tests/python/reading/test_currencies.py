# Amounts as accountants and spreadsheets write them, and their currencies.
"""Amounts with signs of money and of minus."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

import custfolio as cf


def frame(*amounts: str) -> pl.DataFrame:
    return pl.DataFrame(
        {"date": ["2021-01-04"] * len(amounts), "customer": ["a"] * len(amounts), "revenue": list(amounts)}
    )


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("(30.00)", -30.0), ("50-", -50.0), ("50.25 -", -50.25), ("- 50", -50.0), ("−50", -50.0), ("–50", -50.0),
        ("(1,234.50)", -1234.5), ("1.234,50-", -1234.5), ("€ 2.000,00", 2000.0), ("$2,000", 2000.0), ("€ 2.000", 2000.0),
        ("1 234,50", 1234.5), ("1\u00a0234,50-", -1234.5), ("1'234.50", 1234.5), ("(1'234.50)", -1234.5),
        ("-€30.50", -30.5), ("€ -30,50", -30.5), ("€ (30,50)", -30.5), ("(€ 30,50)", -30.5), ("(30.50 EUR)", -30.5),
        ("30,50- €", -30.5), ("30,50 €-", -30.5), ("USD 1,234.50", 1234.5), ("1.234,50 eur", 1234.5), ("CHF 1'234.50", 1234.5),
        ("30,-", 30.0), ("€ 30,-", 30.0), ("-30,-", -30.0), ("30.--", 30.0), ("Fr. 30.-", 30.0), ("+30.5", 30.5),
    ],
)  # fmt: skip
def test_amounts_as_accountants_write_them(read_rows: Callable[..., cf.Ledger], written: str, amount: float) -> None:
    ledger = read_rows(frame(written))
    assert ledger.rows_rejected == 0
    assert ledger.revenue == amount


@pytest.mark.parametrize("written", ["-30-", "((30)", "30 30", "x 30", "ABC 30", "-(30)-", "5 - 3", "€"])
def test_what_is_no_amount_is_listed(written: str) -> None:
    ledger = cf.Ledger(frame("1.0", written))
    assert ledger.rejected.columns()["value"] == [written]


@pytest.mark.parametrize(
    ("written", "revenue", "note"),
    [
        (("€ 500,00", "€ 300,00 CR"), 200.0, "'€ 300,00 CR' is read as below 0, since others have no CR."),
        (("500.00", "300.00DB", "0.00 CR"), 200.0, "'300.00DB' is read as below 0, since others have no DR."),
        (("500.00", "-300.00 cr."), 200.0, "is read as below 0"),
        (("500.00 Dr", "100.00 Dr", "300.00 Cr"), 300.0, "'300.00 Cr' is read as below 0, since most have DR."),
        (("500,00 CR", "100,00 CR", "EUR 300,00 DR"), 300.0, "'EUR 300,00 DR' is read as below 0, since most have CR."),
        (("(500.00) CR", "500.00"), 0.0, "is read as below 0"),
        (("500.00", "0.00 CR", "5 CR CR"), 500.0, ""),
        (("500.00 EUR CR", "€ 300 CR"), 800.0, "is read as above 0, since most amounts have it."),
    ],
)
def test_a_credit_or_debit_behind_an_amount_lowers_where_it_is_the_exception(
    read_rows: Callable[..., cf.Ledger], written: tuple[str, ...], revenue: float, note: str
) -> None:
    ledger = read_rows(frame(*written))
    assert (ledger.rows_rejected, ledger.revenue) == (written.count("5 CR CR"), revenue)
    assert note in " ".join(ledger.notes)


@pytest.mark.parametrize("written", [("1 CR", "2 DR"), ("1 CR", "2 CR", "3 DR", "4")])
def test_a_column_with_credits_and_debits_and_no_usual_side_is_refused(written: tuple[str, ...]) -> None:
    with pytest.raises(cf.InputError, match=r"can be read in two ways: '1 CR' or '[23] DR' may be below 0"):
        cf.Ledger(frame(*written))


def test_a_dash_alone_is_no_amount() -> None:
    assert cf.Ledger(frame("1.0", "–")).rejected.reasons == {"missing revenue": 1}


def test_two_currencies_need_a_rate(read_rows: Callable[..., cf.Ledger]) -> None:
    rows = frame("€ 100.00", "$50.00", "25.00")
    with pytest.raises(cf.InputError, match=r"\$50.00' in USD, other .* EUR \('€ 100.00'\); pass rates={'USD': ...}"):
        read_rows(rows)
    assert read_rows(rows, rates={"USD": 0.9}).revenue == 170.0
    assert read_rows(rows, currency="USD", rates={"€": 1.25}).revenue == 200.0
    assert read_rows(frame("100 EUR", "€ 50")).revenue == 150.0


def test_revenue_and_cost_have_one_currency() -> None:
    rows = frame("€ 100.00").with_columns(cost=pl.lit("$ 50.00"))
    with pytest.raises(cf.InputError, match=r"cost .*pass rates={'USD'"):
        cf.Ledger(rows)
    ledger = cf.Ledger(rows, rates={"USD": 0.9})
    assert ledger.rows.cost is not None
    assert ledger.rows.cost.tolist() == [45.0]


def test_a_currency_other_than_that_of_the_figures_needs_a_rate() -> None:
    with pytest.raises(cf.InputError, match=r"in USD; pass rates={'USD': ...}, what 1 USD is worth in EUR"):
        cf.Ledger(frame("$50.00"), currency="EUR")


@pytest.mark.parametrize("rate", [0, -1.0, float("nan"), float("inf"), True, "0.9"])
def test_a_rate_is_above_zero(rate: object) -> None:
    with pytest.raises(cf.InputError, match="rates"):
        cf.Ledger(frame("$50.00"), rates={"USD": rate})  # type: ignore[dict-item]


def test_a_quantity_is_no_money() -> None:
    rows = frame("100.00", "50.00").with_columns(quantity=pl.Series(["5", "€ 3"]))
    assert cf.Ledger(rows).gaps.columns()["column"] == ["quantity"]


@pytest.mark.parametrize("lazy", [False, True])
def test_amounts_without_a_currency_beside_others_are_noted(lazy: bool) -> None:
    rows = pl.DataFrame(
        {"customer": ["a", "a", "a"], "date": ["2024-01-03"] * 3, "amount": ["$ 100,00", "50,00", "0,00"]}
    )
    ledger = cf.Ledger(rows.lazy() if lazy else rows)
    assert ledger.revenue == 150.0
    assert ledger.notes == [
        "revenue (column 'amount') has amounts with a currency, such as '$ 100,00', and others without one, such as '50,00'; "
        "those count in USD."
    ]
    assert cf.Ledger(rows.filter(pl.col("amount") != "50,00")).notes == []


def test_a_currency_that_does_not_exist_is_refused() -> None:
    rows = pl.DataFrame({"customer": ["a"], "date": ["2024-01-03"], "amount": [1.0]})
    with pytest.raises(cf.InputError, match="currency is 'XXY'; it must be a code of ISO 4217"):
        cf.Ledger(rows, currency="XXY")
    with pytest.raises(cf.InputError, match="currency is 'XXY'; it must be a code of ISO 4217"):
        cf.Strategy("2024-01", currency="XXY")
    assert [cf.Ledger(rows, currency=unit).currency for unit in ("eur", "€", "DEM")] == ["EUR", "EUR", "DEM"]


def test_a_column_of_credits_that_are_all_0_is_0() -> None:
    ledger = cf.Ledger(frame("0.00 CR", "0 DR"))
    assert (ledger.revenue, ledger.notes) == (0.0, [])
