# Time-driven activity-based costing: published cases, events in every engine, avoidable shares, reconciliation, bad input.
"""Pools and activities in a statement."""

from __future__ import annotations

import copy
import datetime
import pickle
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

import custfolio as cf

SALES = pd.DataFrame(
    {
        "customer": ["a", "b", "b", "c"],
        "date": ["2004-01-05", "2004-02-01", "2004-08-01", "2004-09-01"],
        "revenue": [1e6, 2e6, 3e5, 4e4],
        "cost": [5e5, 1e6, 2e5, 3e4],
    }
)


def kaplan(cost: float = 560_000, capacity: float = 700_000) -> cf.CostModel:
    """The customer service department of Kaplan & Anderson."""
    return cf.CostModel(
        pools=[cf.Pool("customer service", cost, capacity)],
        activities=[
            cf.Activity("process order", "customer service", minutes="8", event="orders"),
            cf.Activity("handle inquiry", "customer service", minutes=44, event="inquiries"),
            cf.Activity("check credit", "customer service", minutes="50", event="checks"),
        ],
    )


def volumes(orders: int, inquiries: int, checks: int) -> pd.DataFrame:
    rows = {"customer_id": ["a", "b"], "orders": [orders - 900, 900], "inquiries": [400, inquiries - 400]}
    return pd.DataFrame(rows | {"checks": [checks - 500, 500]})


@pytest.mark.parametrize(
    ("cost", "capacity", "counts", "charged", "minutes", "unused"),
    [
        (560_000, 700_000, (49_000, 1_400, 2_500), 462_880, 578_600, 97_120),
        (560_000, 700_000, (51_000, 1_150, 2_700), 474_880, 593_600, 85_120),
        (567_000, 630_000, (49_000, 1_400, 2_500), 520_740, 578_600, 46_260),
    ],
)
def test_kaplan_and_anderson(
    cost: float, capacity: float, counts: tuple[int, int, int], charged: float, minutes: float, unused: float
) -> None:
    """Kaplan & Anderson, HBR November 2004 (two periods), and the book of 2007."""
    stated = cf.statement(cf.Ledger(SALES), kaplan(cost, capacity), drivers=volumes(*counts))
    pools = stated.pools.columns()
    assert pools["used"][0] == minutes
    assert pools["charged"][0] == pytest.approx(charged, abs=0.005)
    assert pools["unused"][0] == pytest.approx(unused, abs=0.005)
    check = stated.reconciliation
    assert check.exact
    assert check.cost_in == cost
    assert check.unused_capacity == pytest.approx(unused, abs=0.005)


def test_a_pool_over_its_capacity_is_named() -> None:
    stated = cf.statement(cf.Ledger(SALES), kaplan(560_000, 500_000), drivers=volumes(49_000, 1_400, 2_500))
    pools = stated.pools.columns()
    assert pools["note"] == ["over capacity"]
    assert pools["unused"][0] == pytest.approx(560_000 / 500_000 * (500_000 - 578_600))
    assert stated.reconciliation.exact


PHARMACIES = pl.DataFrame(
    [
        (name, datetime.date(2021, 3, day + 1), revenue, goods)
        for name, drops, revenue, goods in (("Charleston", 7, 2_400.0, 2_100.0), ("Chapel Hill", 10, 1_800.0, 1_650.0))
        for day in range(drops)
    ],
    schema=["customer", "date", "revenue", "cost"],
    orient="row",
)
ORDERS = pl.DataFrame(
    [
        (name, datetime.date(2021, 3, 1 + day % 8), lines, cartons, hours)
        for name, orders, lines, drops, cartons, hours in (
            ("Charleston", 13, 9, 7, 22, 0.0),
            ("Chapel Hill", 10, 18, 10, 20, 0.5),
        )
        for day, cartons, hours in [(k, cartons * (k < drops), hours * (k < drops)) for k in range(orders)]
    ],
    schema=["customer", "date", "order_lines", "cartons", "shelf_hours"],
    orient="row",
)


@pytest.mark.parametrize("engine", ["pandas", "polars", "lazy", "duckdb", "pyarrow"])
def test_two_pharmacies_from_a_table_of_orders(engine: str) -> None:
    """Two pharmacies (activity-based customer profitability): Charleston 725, Chapel Hill -220."""
    frames: dict[str, Any] = {
        "pandas": ORDERS.to_pandas(),
        "polars": ORDERS,
        "lazy": ORDERS.lazy(),
        "duckdb": duckdb.from_arrow(ORDERS.to_arrow()),
        "pyarrow": ORDERS.to_arrow(),
    }
    # One pool of money: a minute costs 1, so that a time equation is the price list.
    costs = cf.CostModel(
        rates={"deliveries": 50.0, "cartons": 1.0},
        pools=[cf.Pool("work", 2_000.0, 2_000.0)],
        activities=[cf.Activity("order", "work", "40 + 3*order_lines + 16*shelf_hours", event="orders")],
    )
    stated = cf.statement(cf.Ledger(PHARMACIES), costs, events={"orders": frames[engine]})
    assert stated.portfolio["Charleston"].heat == pytest.approx(725)
    assert stated.portfolio["Chapel Hill"].heat == pytest.approx(-220)
    assert stated.reconciliation.exact
    assert stated.activities.columns()["events"].tolist() == [23]


def test_random_events_agree_in_every_engine_and_with_a_loop() -> None:
    rng = np.random.default_rng(5)
    n = 3_000
    visits = pl.DataFrame(
        {
            "customer": rng.choice(["a", "b", "c", "stranger", None], n).tolist(),
            "date": [datetime.date(2004, 1, 1) + datetime.timedelta(days=int(k)) for k in rng.integers(0, 366, n)],
            "km": rng.uniform(0, 50, n),
            "stops": rng.integers(0, 5, n),
        }
    )
    rates = {"visits": {"2004-01-01": 7.0, "2004-07-01": 9.0}, "km": 0.3}
    costs = cf.CostModel(
        rates,
        pools=[cf.Pool("van", 1e5, 4e5), cf.Pool("van", 3e5, 5e5, valid_from="2004-05-01")],
        activities=[cf.Activity("drive", "van", "5 + 1.2*km + 0.1*km*stops", event="visits")],
    )
    found = []
    for frame in (visits.to_pandas(), visits, visits.lazy(), duckdb.from_arrow(visits.to_arrow())):
        stated = cf.statement(cf.Ledger(SALES), costs, ("2004-01-01", "2004-12-31"), events={"visits": frame})
        assert stated.reconciliation.exact
        found.append(stated)
    slow = dict.fromkeys(("a", "b", "c", None), 0.0)
    for who, day, km, stops in visits.iter_rows():
        minute = 1e5 / 4e5 if day < datetime.date(2004, 5, 1) else 3e5 / 5e5
        visit = 7.0 if day < datetime.date(2004, 7, 1) else 9.0
        slow[who if who in slow else None] += visit + 0.3 * km + minute * (5 + 1.2 * km + 0.1 * km * stops)
    for stated in found:
        costs_found = stated.portfolio.core.cost_to_serve
        np.testing.assert_allclose(costs_found, [slow["a"], slow["b"], slow["c"]], atol=0.005)
        assert stated.reconciliation.not_attributed == pytest.approx(slow[None], abs=0.005)


def test_avoidable_contribution_and_minutes_freed() -> None:
    costs = cf.CostModel(
        rates={"deliveries": 100.0},
        pools=[cf.Pool("desk", 1_000.0, 500.0)],
        activities=[cf.Activity("order", "desk", "15*new_customer + 5 + 3*lines")],
        avoidable={"desk": {6: 0.5, 12: 1.0}, "deliveries": 0.25},
    )
    ledger = cf.Ledger(SALES)
    minutes = np.array([23.0, 23.0 + 8.0, 23.0])
    drops = np.array([1.0, 2.0, 1.0])
    for horizon, share in ((0, 0.0), (5, 0.0), (6, 0.5), (12, 1.0), (30, 1.0)):
        stated = cf.statement(ledger, costs, horizon=horizon)
        frame = stated.to_frame("pandas")
        np.testing.assert_allclose(frame["minutes_freed of desk"], minutes)
        margin = frame.revenue - frame.goods
        np.testing.assert_allclose(frame.contribution, margin - 100 * drops - 2 * minutes)
        np.testing.assert_allclose(frame.avoidable_contribution, margin - 25 * drops - share * 2 * minutes)
    since = cf.statement(cf.Ledger(SALES, customer_since={"a": "2001-01-01"}), costs)
    assert since.core.minutes[:, 0].tolist() == [8.0, 31.0, 23.0]


def test_what_was_spent_may_differ() -> None:
    costs = cf.CostModel({"deliveries": 100.0}, revenue_share=0.1)
    stated = cf.statement(cf.Ledger(SALES), costs, spent={"deliveries": 430.0, "revenue_share": 334_000.0})
    check = stated.reconciliation
    assert not check.exact
    rows = check.elements.columns()
    assert rows["element"] == ["deliveries", "revenue share"]
    assert rows["difference"].tolist() == [30.0, 0.0]
    assert rows["source"] == ["given", "given"]
    pooled = cf.CostModel({"deliveries": 1.0}, pools=[cf.Pool("desk", 100.0, 50.0)], revenue_share=0.1)
    for given, source in (
        ({}, ["rate x driver", "cost of the pool", "rate x driver"]),
        ({"desk": 90.0, "revenue_share": 5.0}, ["rate x driver", "given", "given"]),
        ({"deliveries": 5.0}, ["given", "cost of the pool", "rate x driver"]),
    ):
        elements = cf.statement(cf.Ledger(SALES), pooled, spent=given).reconciliation.elements.columns()
        assert elements["element"] == ["deliveries", "desk", "revenue share"]
        assert elements["source"] == source
    assert cf.statement(cf.Ledger(SALES), costs).reconciliation.exact


def test_a_ledger_in_any_order_and_a_customer_alone() -> None:
    costs = cf.CostModel(
        pools=[cf.Pool("desk", 1_000.0, 500.0)], activities=[cf.Activity("order", "desk", "15*new_customer + 3*lines")]
    )
    whole = cf.statement(cf.Ledger(SALES), costs)
    turned = cf.statement(cf.Ledger(SALES.iloc[::-1]), costs)
    np.testing.assert_array_equal(whole.core.charged, turned.core.charged)
    alone = cf.statement(cf.Ledger(SALES[SALES.customer == "b"]), costs)
    np.testing.assert_array_equal(alone.core.charged[0], whole.core.charged[1])
    assert alone.reconciliation.unused_capacity > whole.reconciliation.unused_capacity


def test_bad_pools_activities_and_events_are_named() -> None:
    pool = cf.Pool("desk", 100, 100)
    with pytest.raises(cf.InputError, match=r"activity 'call', minutes '5 lines': found 'lines' at character 3"):
        cf.CostModel(pools=[pool], activities=[cf.Activity("call", "desk", "5 lines")])
    with pytest.raises(cf.InputError, match=r"minutes '__import__\('os'\)': found '\('"):
        cf.CostModel(pools=[pool], activities=[cf.Activity("call", "desk", "__import__('os')")])
    with pytest.raises(cf.InputError, match=r"pool 'dsk', which the model does not have; there are: desk"):
        cf.CostModel(pools=[pool], activities=[cf.Activity("call", "dsk", "5")])
    with pytest.raises(cf.InputError, match="it must be a Pool"):
        cf.CostModel(pools=["desk"])  # type: ignore[list-item]
    with pytest.raises(cf.InputError, match="capacity of pool 'desk'"):
        cf.CostModel(pools=[cf.Pool("desk", 100, "many")])  # type: ignore[arg-type]
    with pytest.raises(cf.InputError, match="must name an element"):
        cf.CostModel(pools=[pool], avoidable={"dsk": 0.5})
    ledger = cf.Ledger(SALES)
    model = cf.CostModel(pools=[pool], activities=[cf.Activity("call", "desk", "5*km", event="calls")])
    with pytest.raises(
        cf.NotFoundError, match=r"activity 'call' needs the sums of 'calls.*give the table events=.\"calls\": "
    ):
        cf.statement(ledger, model)
    calls = pd.DataFrame({"customer": ["a"], "date": ["2004-01-05"], "km": [1.0]})
    with pytest.raises(cf.InputError, match="column 'km' is not in events 'calls'; they have 'customer', 'date'"):
        cf.statement(ledger, model, events={"calls": calls.drop(columns="km")})
    with pytest.raises(cf.InputError, match=r"events 'calls': date is not a date; .* \(column 'date': 'soon'\)"):
        cf.statement(ledger, model, events={"calls": calls.assign(date="soon")})
    with pytest.raises(cf.InputError, match="events 'calls': a row has no date"):
        cf.statement(ledger, model, events={"calls": calls.assign(date=None)})
    with pytest.raises(cf.InputError, match=r"events 'calls': km is not a number \(column 'km': 'far'\)"):
        cf.statement(ledger, model, events={"calls": calls.assign(km="far")})
    with pytest.raises(cf.InputError, match="a name of events is 5; it must be text"):
        cf.statement(ledger, model, events={5: calls})  # type: ignore[dict-item]
    with pytest.raises(cf.InputError, match=r"^events\['calls'\] is of type str; it must be a frame"):
        cf.statement(ledger, model, events={"calls": "calls.csv"})  # type: ignore[dict-item]
    with pytest.raises(cf.NotFoundError, match="a delivery has no driver 'rush'; it has lines, new_customer"):
        cf.statement(ledger, cf.CostModel(pools=[pool], activities=[cf.Activity("order", "desk", "5*rush")]))
    with pytest.raises(cf.NotFoundError, match="no cost element 'desks'"):
        cf.statement(ledger, kaplan(), drivers=volumes(10_000, 1_400, 2_500), spent={"desks": 1.0})


def test_a_pool_and_an_activity_are_given_once() -> None:
    first, second = cf.Pool("s", 200.0, 400.0), cf.Pool("s", 100.0, 400.0)
    with pytest.raises(cf.InputError, match="pool 's' is given twice from the beginning on"):
        cf.CostModel(pools=[first, second])
    july = cf.Pool("s", 100.0, 400.0, "2004-07-01")
    with pytest.raises(cf.InputError, match="pool 's' is given twice from 2004-07-01 on"):
        cf.CostModel(pools=[first, july, july])
    order = cf.Activity("o", "s", "1")
    with pytest.raises(cf.InputError, match="activity 'o' of pool 's' is given twice"):
        cf.CostModel(pools=[first], activities=[order, cf.Activity("o", "s", "2")])
    # A copy is made from the state, which has all figures of a pool.
    model = cf.CostModel(pools=[first, july], activities=[order], avoidable={"s": 0.5})
    stated = cf.statement(cf.Ledger(SALES), model)
    again = cf.statement(cf.Ledger(SALES), pickle.loads(pickle.dumps(model)))
    assert again.to_frame("pandas").equals(stated.to_frame("pandas"))
    assert list(again.pools.columns()["cost"]) == list(stated.pools.columns()["cost"]) == [200.0, 100.0]


def test_a_rate_without_amounts_is_refused() -> None:
    with pytest.raises(cf.InputError, match="the rate of 'deliveries' has no amounts; it must have one or more"):
        cf.CostModel({"deliveries": {}})


def test_negative_drivers_of_customers_and_events_are_named() -> None:
    ledger = cf.Ledger(SALES)
    visits = pd.DataFrame({"customer": ["b", "a"], "visits": [3.0, -100.0]})
    with pytest.raises(cf.InputError, match=r"drivers, row 2: visits of customer 'a' is -100\.0; it must be .* >= 0"):
        cf.statement(ledger, cf.CostModel({"visits": 5.0}), drivers=visits)
    # The customer's day sums to 15 km, but one of its events takes -5.
    trips = pd.DataFrame(
        {"customer": ["c", "b", "b"], "date": ["2004-03-01", "2004-02-01", "2004-02-01"], "km": [8.0, 20.0, -5.0]}
    )
    by_km = cf.CostModel(pools=[cf.Pool("van", 100, 100)], activities=[cf.Activity("drive", "van", "2 + km", "trips")])
    for model in (by_km, cf.CostModel({"km": 2.0})):
        for frame in (trips, pl.DataFrame(trips).lazy(), duckdb.from_df(trips)):
            with pytest.raises(
                cf.InputError, match=r"events 'trips', customer 'b' on 2004-02-01: km is -5\.0; .* >= 0"
            ):
                cf.statement(ledger, model, events={"trips": frame})
    unused = cf.statement(ledger, cf.CostModel({"trips": 2.0}), events={"trips": trips})
    assert unused.core.charged.sum() == 6.0


def test_an_event_without_its_driver_is_named() -> None:
    days = [datetime.date(2004, 2, 1)] * 2 + [datetime.date(2004, 3, 1)]
    by_km = cf.CostModel(pools=[cf.Pool("van", 100, 100)], activities=[cf.Activity("drive", "van", "2 + km", "trips")])
    for gap in (None, float("nan"), float("inf")):
        trips = pl.DataFrame({"customer": ["b", "b", "c"], "date": days, "km": [20.0, gap, 8.0]})
        for model in (by_km, cf.CostModel({"km": 2.0})):
            for frame in (
                trips,
                trips.to_pandas(),
                trips.lazy(),
                trips.to_arrow(),
                duckdb.from_arrow(trips.to_arrow()),
            ):
                with pytest.raises(
                    cf.InputError, match=r"'trips', customer 'b' on 2004-02-01.*: km is empty or not finite"
                ):
                    cf.statement(cf.Ledger(SALES), model, events={"trips": frame})


def test_events_have_the_names_days_and_numbers_of_a_ledger() -> None:
    plain = pl.DataFrame(
        {"customer": ["a", "b", "b"], "date": [datetime.date(2004, 4, 3), datetime.date(2004, 4, 30), datetime.date(2004, 4, 30)],
         "km": [40.5, 8.0, 12.25], "stops": [2.0, 3.0, 4.0]}
    )  # fmt: skip
    dutch = pl.DataFrame(
        {"Klantnr": ["a ", "b", " b"], "Datum": ["03-04-2004", "30-04-2004", "30-04-2004"], "km": ["40,5", "8", "12,25"],
         "stops": [2.0, 3.0, 4.0]}
    )  # fmt: skip
    costs = cf.CostModel(
        {"km": {"2004-01-01": 1.0, "2004-04-01": 2.0}},
        pools=[cf.Pool("van", 100, 1000)],
        activities=[cf.Activity("drive", "van", "2 + km + 0.5*km*stops", "trips")],
    )
    wanted = cf.statement(cf.Ledger(SALES), costs, events={"trips": plain})
    frames = (dutch, dutch.to_pandas(), dutch.lazy(), dutch.to_arrow(), duckdb.from_arrow(dutch.to_arrow()))
    for frame in frames:
        found = cf.statement(cf.Ledger(SALES), costs, events={"trips": frame})
        np.testing.assert_allclose(found.core.charged, wanted.core.charged, rtol=1e-12)
        assert found.reconciliation.not_attributed == 0.0
    with pytest.raises(cf.InputError, match=r"'trips', customer 'b' on 30-04-2004: km is empty"):
        cf.statement(cf.Ledger(SALES), costs, events={"trips": dutch.with_columns(km=pl.Series(["1", "", "2"]))})
    for change, told in (
        ({"Datum": "03-04-2004"}, r"events 'trips': date \(column 'Datum'\) can be read .* write days as 2021-12-31"),
        ({"km": "1.234"}, r"events 'trips': km .* write numbers as 1234\.5"),
    ):
        with pytest.raises(cf.InputError, match=told) as caught:
            cf.statement(
                cf.Ledger(SALES),
                costs,
                events={"trips": dutch.with_columns(**{k: pl.lit(v) for k, v in change.items()})},
            )
        assert "pass" not in str(caught.value)


def test_messages_about_many_factors_are_short() -> None:
    pool = cf.Pool("s", 1.0, 100.0)
    with pytest.raises(cf.InputError, match="found the end") as caught:
        cf.CostModel(pools=[pool], activities=[cf.Activity("o", "s", "5 + " * 10_000)])
    assert len(str(caught.value)) < 300
    many = cf.CostModel(pools=[pool], activities=[cf.Activity("o", "s", "*".join(["km"] * 40), "trips")])
    trips = pd.DataFrame({"customer": ["a", "b"], "date": "2004-02-01", "km": [4.0, 3.0]})
    with pytest.raises(cf.InputError, match=r"pool 's': its activities take \S+ minutes of 100; .* fewer drivers"):
        cf.statement(cf.Ledger(SALES), many, events={"trips": trips})


def test_models_and_tables_show_themselves_and_are_copied() -> None:
    costs = cf.CostModel(
        {"lines": {"2004-01-01": 2.0, "2004-06-01": 3.0}},
        pools=[cf.Pool("desk", 1_000.0, 500.0)],
        activities=[cf.Activity("order", "desk", "5")],
        avoidable={"desk": {6: 0.5}},
    )
    assert costs.columns()["valid_from"] == [datetime.date(2004, 1, 1), datetime.date(2004, 6, 1), None]
    stated = cf.statement(cf.Ledger(SALES), costs, ("2004-01-01", "2004-12-31"))
    again = cf.statement(cf.Ledger(SALES), copy.deepcopy(costs), ("2004-01-01", "2004-12-31"))
    assert again.to_frame("pandas").equals(stated.to_frame("pandas"))
    for result in (costs, stated.pools, stated.activities, stated.reconciliation.elements):
        assert "<table" in result._repr_html_()
        assert repr(result)
        assert result.plot().to_dict()


@pytest.mark.parametrize("name", ["revenue_share", "revenue share"])
def test_the_revenue_share_has_two_spellings(name: str) -> None:
    model = cf.CostModel({"lines": 1.0}, revenue_share=0.1, avoidable={name: 0.5})
    stated = cf.statement(cf.Ledger(SALES), model, spent={name: 5.0})
    elements = stated.reconciliation.elements.columns()
    place = list(elements["element"]).index("revenue share")
    assert (elements["spent"][place], elements["source"][place]) == (5.0, "given")
    columns = stated.columns()
    avoided = columns["contribution"] + 0.5 * columns["cost of revenue share"]
    np.testing.assert_allclose(columns["avoidable_contribution"], avoided)
    both = {"revenue_share": 0.5, "revenue share": 0.5}
    with pytest.raises(cf.InputError, match="avoidable names 'revenue share' twice"):
        cf.CostModel(avoidable=both)
    with pytest.raises(cf.InputError, match="spent names 'revenue share' twice"):
        cf.statement(cf.Ledger(SALES), model, spent=both)


@pytest.mark.parametrize("share", [0.5, {0: 0.1, 6: 0.5, 24: 1.0}])
def test_freight_is_avoidable_without_a_rate(share: Any) -> None:
    sales = SALES.assign(carriage=np.arange(len(SALES), dtype=float))
    model = cf.CostModel({"lines": 1.0}, avoidable={"freight": share})
    columns = cf.statement(cf.Ledger(sales, freight="carriage"), model).columns()
    assert columns["cost of freight"].sum() > 0
    avoided = columns["contribution"] + 0.5 * columns["cost of freight"]
    np.testing.assert_allclose(columns["avoidable_contribution"], avoided)
    with pytest.raises(cf.NotFoundError, match="neither the ledger nor prices have a freight"):
        cf.statement(cf.Ledger(SALES), model)
    with pytest.raises(cf.InputError, match="avoidable"):
        cf.CostModel(avoidable={"freight": 1.5})
    with pytest.raises(cf.InputError, match="'lines', 'freight', 'commission', 'revenue_share'"):
        cf.CostModel({"lines": 1.0}, avoidable={"fright": 0.5})


def test_rows_of_other_tables_outside_of_the_period_are_counted() -> None:
    calls = pd.DataFrame(
        {"customer": ["a", "a", "b", "x"], "date": ["2004-01-05", "2004-01-05", "2004-02-01", "2030-01-01"]}
    )
    calls["date"] = pd.to_datetime(calls["date"])
    bills = {"invoice": ["2003-12-31", "2004-05-01"], "paid": ["2004-02-01", "2004-06-01"], "amount": [5.0, 6.0]}
    prices = {
        "customer": ["a", "a", "b"],
        "element": ["rebate"] * 3,
        "amount": [1.0, 2.0, 4.0],
        "year": [2003, 2004, 2005],
    }
    given: dict[str, Any] = {
        "events": {"calls": calls},
        "receivables": pd.DataFrame({"customer": ["a", "b"], **bills}),
        "prices": pd.DataFrame(prices),
    }
    model = cf.CostModel({"calls": 2.0}, credit_rate=0.1)
    year = ("2004-01-01", "2004-12-31")
    stated = cf.statement(cf.Ledger(SALES), model, period=year, **given)
    assert stated.notes == [
        "Prices: 3 rows read, 2 outside of the period, so not counted.",
        "Events 'calls': 4 rows read, 1 outside of the period, so not counted.",
        "Receivables: 2 rows read, 1 outside of the period, so not counted.",
    ]
    assert stated.reconciliation.cost_in == 6.0
    assert stated.reconciliation.rebates == pytest.approx(2.0)
    for note in stated.notes:
        assert note in " ".join(repr(stated).split())
        assert note in stated.pages().summary
    assert pickle.loads(pickle.dumps(stated)).notes == stated.notes
    january = cf.statement(cf.Ledger(SALES), model, period=("2004-01-01", "2004-01-31"), **given)
    assert january.notes[1] == "Events 'calls': 4 rows read, 2 outside of the period, so not counted."
    lazy = {**given, "events": {"calls": pl.from_pandas(calls).lazy()}}
    assert cf.statement(cf.Ledger(SALES), model, period=year, **lazy).notes == stated.notes
    own = {"events": {"calls": calls[:3]}}
    assert not cf.statement(cf.Ledger(SALES), cf.CostModel({"calls": 2.0}), period=year, **own).notes


def test_a_value_called_none_is_another_group_than_no_value() -> None:
    sales = SALES.assign(family=["none", "beer", None, "(none)"])
    grouped = cf.statement(cf.Ledger(sales, family="family")).by("family").columns()
    found = dict(zip(grouped["family"], grouped["revenue"].tolist(), strict=True))
    assert found == {"none": 1e6, "beer": 2e6, "(none)": 4e4, "((none))": 3e5}
    sales = SALES.assign(family=["none", "beer", None, "beer"])
    ledger = cf.Ledger(sales, family="family")
    assert "(none)" in cf.statement(ledger).by("family").columns()["family"]
    stated = cf.statement(ledger)
    families = cf.bridge(stated, stated, by=["family"]).columns()["family"]
    assert sorted(families) == ["(none)", "beer", "none"]
    sales = SALES.assign(family=["wine", "beer", None, "beer"])
    assert "none" in cf.statement(cf.Ledger(sales, family="family")).by("family").columns()["family"]


def test_a_dated_pool_or_rate_counts_without_events_of_days() -> None:
    """Both costs of a dated pool are in the statement; a driver per customer cannot be split at the change."""
    period = ("2004-01-01", "2004-12-31")
    ledger = cf.Ledger(SALES)
    visits = pd.DataFrame({"customer": ["a"], "visits": [10.0]})
    pools = [cf.Pool("desk", 100.0, 100.0), cf.Pool("desk", 300.0, 100.0, valid_from="2004-07-01")]
    stated = cf.statement(ledger, cf.CostModel({"lines": 1.0}, pools=pools), period=period)
    assert stated.pools.columns()["cost"].tolist() == [100.0, 300.0]
    assert stated.reconciliation.cost_in == 404.0
    calls = cf.CostModel(pools=pools, activities=[cf.Activity("call", "desk", "10", event="visits")])
    with pytest.raises(cf.InputError, match="needs 'visits' by day, since a rate or pool changes on 2004-07-01"):
        cf.statement(ledger, calls, period=period, drivers=visits)
    dated = {"2004-01-01": 1.0, "2004-07-01": 2.0}
    with pytest.raises(cf.InputError, match="the rate of visits needs 'visits' by day"):
        cf.statement(ledger, cf.CostModel({"visits": dated}), period=period, drivers=visits)
    assert cf.statement(ledger, cf.CostModel({"visits": dated}), period=("2004-08-01", "2004-12-31"), drivers=visits)
    freight = pd.DataFrame({"customer": ["a"], "element": ["freight"], "amount": [100.0]})
    with pytest.raises(cf.InputError, match="the rate of freight needs 'freight' by day"):
        cf.statement(ledger, cf.CostModel({"freight": dated}), period=period, prices=freight)
    rows = cf.Ledger(SALES.assign(freight=1.0), freight="freight")
    with pytest.raises(cf.InputError, match="give it in one of them, or one rate for all days"):
        cf.statement(rows, cf.CostModel({"freight": dated}), period=period, prices=freight)
    plural = cf.CostModel(pools=pools, activities=[cf.Activity("pick", "desk", "2*lines", event="lines")])
    with pytest.raises(cf.NotFoundError, match="did you mean the event 'line'"):
        cf.statement(ledger, plural, period=period)
