# Tests of the summary of a ledger: published figures of CDNOW, a slow computation, every frame library, what is refused.
from __future__ import annotations

import datetime
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

import custfolio as cf
from custfolio import _core, demo
from custfolio.errors import InputError
from custfolio.lifetime import Summary, summary

CDNOW: dict[str, Any] = {"customer": "customer", "date": "date", "revenue": "amount"}


@pytest.fixture(scope="module")
def cdnow() -> Summary:
    return summary(pd.DataFrame(demo.cdnow()), calibration_end="1997-09-30", **CDNOW)


def test_cdnow_is_what_the_literature_counts(cdnow: Summary) -> None:
    # Fader & Hardie (2013), The Gamma-Gamma Model of Monetary Value; Fader, Hardie & Lee (2005), section 4.
    assert len(cdnow) == 2357 and len(cdnow.left_out) == 0
    assert cdnow.frequency.sum() == 2457
    assert cdnow["frequency_holdout"].sum() == 1882
    assert round(cdnow.T.max(), 3) == 38.857 and (cdnow["duration_holdout"] == 39).all()
    spend = cdnow.monetary_value[cdnow.frequency > 0]
    assert spend.size == 946
    assert round(spend.mean(), 3) == 35.078 and round(spend.std(ddof=1), 3) == 30.284
    assert round(spend.min(), 2) == 2.99 and round(np.median(spend), 4) == 27.4975 and round(spend.max(), 3) == 299.634
    assert np.isnan(cdnow.monetary_value[cdnow.frequency == 0]).all()


def lines(seed: int = 1, rows: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    revenue = np.round(rng.gamma(2, 20, rows), 2) * np.where(rng.random(rows) < 0.1, -1, 1)
    return pd.DataFrame(
        {
            "customer_id": [f"c{k:02d}" for k in rng.integers(0, 40, rows)],
            "date": np.datetime64("2020-01-01") + rng.integers(0, 700, rows),
            "revenue": revenue,
            "cost": np.round(revenue * 0.7, 2),
        }
    )


def slowly(frame: pd.DataFrame, first: str, cut: str, unit: float) -> dict[str, tuple[float, ...]]:
    """The definition, one customer and day at a time."""
    found: dict[str, tuple[float, ...]] = {}
    for customer, rows in frame.groupby("customer_id"):
        days: dict[pd.Timestamp, list[float]] = {}
        for date, revenue, cost in zip(rows["date"], rows["revenue"], rows["cost"], strict=True):
            sums = days.setdefault(date, [0.0, 0.0])
            sums[0] += revenue
            sums[1] += revenue - cost
        bought = sorted(date for date, (revenue, _) in days.items() if revenue >= -1e-9)
        low, high = pd.Timestamp(first), pd.Timestamp(cut)
        if not bought or bought[0] < low or bought[0] > high:
            continue
        seen = [date for date in bought if date <= high]
        earned = sum(pay for date, (_, pay) in days.items() if low <= date <= high)
        found[str(customer)] = (
            len(seen) - 1,
            (seen[-1] - seen[0]).days / unit,
            (high - seen[0]).days / unit,
            float(np.mean([days[date][0] for date in seen[1:]])) if len(seen) > 1 else np.nan,
            earned / len(seen),
            len(bought) - len(seen),
        )
    return found


def test_it_is_what_a_slow_computation_counts() -> None:
    frame = lines()
    found = summary(frame, start="2020-01-20", calibration_end="2021-03-31", time_unit="day")
    expected = slowly(frame, "2020-01-20", "2021-03-31", 1)
    assert found.customer_id == sorted(expected)
    table = np.column_stack(
        [
            np.asarray(found[name], dtype=float)
            for name in ("frequency", "recency", "T", "monetary_value", "contribution", "frequency_holdout")
        ]
    )
    np.testing.assert_allclose(table, [expected[customer] for customer in found.customer_id], rtol=1e-12, atol=1e-9)
    assert len(found) + len(found.left_out) == frame["customer_id"].nunique()
    assert found.left_out.reasons == {"a customer already before 2020-01-20": len(found.left_out)}
    assert (found["returned"] <= 0).all() and found["returned"].sum() < 0


@pytest.mark.parametrize("library", ["polars", "lazy", "duckdb", "pyarrow"])
def test_frames_of_every_library_give_equal_rows(library: str) -> None:
    frame = lines(2)
    made: Any = {
        "polars": pl.from_pandas(frame),
        "lazy": pl.from_pandas(frame).lazy(),
        "duckdb": duckdb.from_df(frame),
        "pyarrow": pl.from_pandas(frame).to_arrow(),
    }[library]
    expected = summary(frame, calibration_end="2021-03-31").to_frame("pandas")
    found = summary(made, calibration_end="2021-03-31").to_frame("pandas")
    pd.testing.assert_frame_equal(found, expected, rtol=1e-12)


def test_the_number_of_threads_and_the_order_of_rows_do_not_matter() -> None:
    frame = lines(3, 4000)
    one = summary(frame, threads=1).to_frame("pandas")
    pd.testing.assert_frame_equal(summary(frame, threads=4).to_frame("pandas"), one, check_exact=True)
    shuffled = frame.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(summary(shuffled).to_frame("pandas"), one, rtol=1e-12)


def test_every_customer_left_out_has_its_reason() -> None:
    frame = pd.DataFrame(
        {
            "customer_id": ["kept", "kept", "late", "returner", "known"],
            "date": ["2020-01-01", "2020-02-01", "2020-07-01", "2020-02-01", "2020-02-01"],
            "revenue": [5.0, 7.0, 5.0, -1.0, 2.0],
        }
    )
    found = summary(
        frame, calibration_end="2020-06-30", born={"known": datetime.date(2015, 1, 1), "stranger": "2010-01-01"}
    )
    assert found.customer_id == ["kept"]
    reasons = found.left_out.to_frame("pandas").set_index("customer_id")["reason"].to_dict()
    assert reasons == {
        "known": "a customer already before 2020-01-01",
        "late": "first purchase after 2020-06-30",
        "returner": "no purchase up to the end",
    }
    again = summary(frame, born=pd.DataFrame({"customer_id": ["known"], "date": [pd.Timestamp("2015-01-01")]}))
    assert "known" not in again.customer_id and "late" in again.customer_id
    assert not again.has_holdout and "frequency_holdout" not in again.to_frame("pandas")


def test_cost_to_serve_comes_off_the_contribution() -> None:
    ledger = cf.Ledger(lines(4))
    plain = summary(ledger, calibration_end="2021-03-31")
    served = summary(ledger, calibration_end="2021-03-31", costs=cf.CostModel({"deliveries": 3.0}))
    stated = cf.statement(ledger.between("2020-01-01", "2021-03-31"), cf.CostModel({"deliveries": 3.0}))
    table = stated.to_frame("pandas").set_index("customer_id")["contribution"]
    np.testing.assert_allclose(
        served.contribution * served["purchases"], table.loc[served.customer_id].to_numpy(), rtol=1e-12
    )
    assert (served.contribution <= plain.contribution - 3.0 + 1e-9).all()


def test_the_first_purchase_is_in_the_mean_where_asked() -> None:
    frame = pd.DataFrame({"customer_id": ["a"] * 2, "date": ["2020-01-01", "2020-01-09"], "revenue": [10.0, 20.0]})
    assert summary(frame).monetary_value[0] == 20 and summary(frame, include_first=True).monetary_value[0] == 15
    assert summary(frame).recency[0] == pytest.approx(8 / 7) == summary(frame).T[0]


def test_periods_are_those_of_the_calendar() -> None:
    frame = lines(5)
    found = summary(frame, calibration_end="2021-05-20").periods("month")
    bought = frame.groupby(["customer_id", "date"], as_index=False)["revenue"].sum()
    bought = bought[bought["revenue"] >= 0]
    for place, customer in enumerate(found.columns()["customer_id"]):
        months = bought.loc[bought["customer_id"] == customer, "date"].dt.to_period("M")
        first = months.min()
        whole = pd.Period("2021-04", "M")  # May is not over
        later = sorted({(month - first).n for month in months if first < month <= whole})
        assert found.opportunities[place] == (whole - first).n
        assert found.frequency[place] == len(later)
        assert found.recency[place] == (later[-1] if later else 0)


def test_a_summary_shows_itself(cdnow: Summary) -> None:
    assert "2,357 customers" in repr(cdnow) and "calibration" in cdnow._repr_html_()
    assert cdnow.plot(width=300).to_dict()["width"] == 300
    assert summary(lines(), start="2020-01-20").left_out.plot().to_dict()
    assert cdnow.periods("quarter").plot().to_dict()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"time_unit": "fortnight"}, "time_unit is 'fortnight'"),
        (
            {"calibration_end": "2030-01-01", "end": "2029-12-31"},
            "end is 2029-12-31; it must not be before calibration_end, 2030-01-01",
        ),
        ({"start": "2021-11-20", "end": "2021-11-30"}, "no customer is left"),
        ({"costs": 3.0}, "must be a CostModel"),
        ({"born": 3}, "must be a frame or a mapping"),
        ({"born": pd.DataFrame({"id": ["a"]})}, "column 'customer_id' is not in born"),
    ],
)
def test_what_cannot_be_summarised_is_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        summary(lines(), **options)  # type: ignore[arg-type]


def test_names_of_columns_are_for_frames_only() -> None:
    with pytest.raises(InputError, match="customer= is an option of Ledger"):
        summary(cf.Ledger(lines()), customer="customer_id")
    with pytest.raises(InputError, match="it has 'customer_id'"):
        summary(lines())["spend"]
    with pytest.raises(InputError, match="period is 'day'"):
        summary(lines()).periods("day")  # type: ignore[arg-type]


@pytest.mark.parametrize("order", ["day", "customer", "shuffled"])
def test_days_are_merged_alike_by_cells_and_by_sorting(order: str) -> None:
    rng = np.random.default_rng(5)
    count, customers = 40_000, 30
    customer, day = rng.integers(0, customers, count), rng.integers(15_000, 15_900, count)
    revenue = rng.normal(50, 40, count)
    by = {"day": np.lexsort((customer, day)), "customer": np.lexsort((day, customer)), "shuffled": np.arange(count)}[
        order
    ]
    rows = [column[by] for column in (customer.astype(np.int32), day.astype(np.int32), revenue)]
    cells = _core.purchase_days(*rows, cost=0.5 * rows[2], customers=customers)
    # One line a thousand years off, of a customer of its own, and there are too many days for cells.
    far = [
        np.append(column, value).astype(column.dtype)
        for column, value in zip(rows, (customers, 400_000, 1.0), strict=True)
    ]
    for threads in (1, 3):
        found = _core.purchase_days(*far, cost=0.5 * far[2], customers=customers + 1, threads=threads)
        assert found.begin[-1] == cells.begin[-1] + 1
        for name in ("day", "revenue", "contribution"):
            np.testing.assert_array_equal(getattr(found, name)[:-1], getattr(cells, name))
    # An independent sum.
    slow: dict[tuple[int, int], float] = {}
    for c, d, amount in zip(*rows, strict=True):
        slow[int(c), int(d)] = slow.get((int(c), int(d)), 0.0) + float(amount)
    keys = sorted(slow)
    np.testing.assert_array_equal(cells.day, [d for _, d in keys])
    np.testing.assert_allclose(cells.revenue, [slow[key] for key in keys], rtol=1e-12, atol=1e-9)
    bad = rows[2].copy()
    bad[7] = np.nan
    with pytest.raises(InputError, match=r"row 7 .*revenue is not finite"):
        _core.purchase_days(rows[0], rows[1], bad, customers=customers)


def test_a_calibration_may_end_after_the_last_purchase() -> None:
    frame = pd.DataFrame({"customer": ["a", "a"], "date": ["2024-01-01", "2024-01-15"], "revenue": [5.0, 7.0]})
    ledger = cf.Ledger(frame)
    found = cf.lifetime.summary(ledger, calibration_end="2024-01-29", time_unit="week")
    assert (found.frequency[0], found.recency[0], found.T[0]) == (1.0, 2.0, 4.0)
    assert not found.has_holdout
    assert found.notes == [
        "the last purchase is on 2024-01-15; the 14 days after it, up to 2024-01-29, count as days without purchases"
    ]
    assert cf.lifetime.summary(ledger).notes == []
    with pytest.raises(InputError, match="must not be before the first day of the ledger, 2024-01-01"):
        cf.lifetime.summary(ledger, calibration_end="2023-12-31")
    with pytest.raises(InputError, match="it must not be before calibration_end"):
        cf.lifetime.summary(ledger, calibration_end="2024-01-29", end="2024-01-20")
