# Benchmark among peers and fairness of offers: percentiles against pandas, discounts of a ledger, all pairs, bad input.
"""``cf.remediation.benchmark`` and ``cf.remediation.unlike_offers``."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import custfolio as cf
from custfolio.remediation import benchmark, unlike_offers

COSTS = cf.CostModel(rates={"deliveries": 60.0})


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    random = np.random.default_rng(4)
    rows = 3_000
    frame = pd.DataFrame(
        {
            "customer": random.integers(0, 90, rows).astype(str),
            "date": np.datetime64("2021-01-01") + random.integers(0, 365, rows).astype("timedelta64[D]"),
            "revenue": np.round(random.uniform(50, 900, rows), 2),
        }
    )
    frame["discount"] = np.round(frame.revenue * random.choice([0.0, 0.05, 0.1], rows), 2)
    frame["fees"] = random.choice([0.0, 15.0], rows)
    return frame.assign(cost=0.75 * frame.revenue)


@pytest.fixture(scope="module")
def statement(frame: pd.DataFrame) -> cf.Statement:
    ledger = cf.Ledger(frame, discount="discount", drivers={"fees": "fees"})
    return cf.statement(ledger, COSTS, period=("2021-01-01", "2021-12-31"))


def test_percentiles_are_those_of_pandas(frame: pd.DataFrame, statement: cf.Statement) -> None:
    segments = {
        "customer_id": statement.portfolio.ids,
        "segment": ["even" if int(k) % 2 == 0 else "odd" for k in statement.portfolio.ids],
    }
    found = benchmark(statement, segments=segments, bands=2, fee="fees")
    assert found.terms == ["discount", "order_size", "frequency", "fee"]
    table = found.to_frame("pandas").set_index("customer_id")
    sums = frame.groupby("customer")[["revenue", "discount", "fees"]].sum()
    days = frame.groupby("customer").date.nunique()
    own = pd.DataFrame({
        "discount": sums.discount / (sums.revenue + sums.discount), "order_size": sums.revenue / days,
        "frequency": days * 365.25 / 365, "fee": sums.fees / days,
    }).loc[table.index]  # fmt: skip
    favour = []
    for name, high in (("discount", True), ("order_size", False), ("frequency", True), ("fee", False)):
        np.testing.assert_allclose(table[name], own[name], rtol=1e-12)
        groups = own[name].groupby([table.segment, table.band])
        others = groups.transform("size") - 1
        percentile = (groups.rank(method="average") - 1) / others
        np.testing.assert_allclose(table[f"{name}_percentile"], percentile, rtol=1e-12)
        np.testing.assert_allclose(table[f"{name}_median"], groups.transform("median"), rtol=1e-12)
        assert (table.peers == others).all()
        favour.append(percentile if high else 1 - percentile)
    np.testing.assert_allclose(table.leniency, np.mean(favour, axis=0), rtol=1e-12)
    bands = table.groupby(["segment", "band"])["level"]
    assert (bands.max().unstack()[1] < bands.min().unstack()[2]).all()


def test_sentences_state_where_terms_stand(statement: cf.Statement) -> None:
    found = benchmark(statement)
    first = statement.portfolio.ids[0]
    row = found.to_frame("pandas").set_index("customer_id").loc[first]
    assert found.sentences(first)[0] == (
        f"discount: {row.discount:.1%}, more than {row.discount_percentile:.0%} of its {row.peers} peers; "
        f"their median is {row.discount_median:.1%}."
    )
    with pytest.raises(cf.NotFoundError, match="no customer 'z'"):
        found.sentences("z")
    assert found.plot(width=200).to_dict()["width"] == 200


def test_few_peers_have_no_percentiles(statement: cf.Statement) -> None:
    table = benchmark(statement, bands=30).to_frame("pandas")
    assert table.leniency.isna().all()
    assert benchmark(statement, bands=30, least_peers=1).to_frame("pandas").leniency.notna().any()


def test_payment_days_come_from_receivables(frame: pd.DataFrame) -> None:
    open_items = pd.DataFrame(
        {
            "customer": [str(k) for k in range(40)],
            "invoiced": ["2021-03-01"] * 40,
            "paid": [f"2021-03-{2 + k % 28:02d}" for k in range(40)],
            "amount": [100.0] * 40,
        }
    )
    costs = cf.CostModel(rates={"deliveries": 60.0}, credit_rate=0.08)
    statement = cf.statement(cf.Ledger(frame), costs, receivables=open_items, period=("2021-01-01", "2021-12-31"))
    found = benchmark(statement, bands=1)
    assert "days_to_pay" in found.terms
    table = found.to_frame("pandas").set_index("customer_id")
    assert table.days_to_pay["27"] == 28
    known = table.days_to_pay_percentile.dropna()
    assert len(known) == 40
    assert known.max() > 0.95 > 0.05 > known.min()


def test_unlike_offers_are_those_of_all_pairs(statement: cf.Statement) -> None:
    portfolio = statement.portfolio
    levers = [cf.Terms.delivery_fee(40, step=5), cf.Terms.price(0.2, step=0.01)]
    offers = cf.remediate(portfolio, range(len(portfolio)), levers, target=0.2)
    found = unlike_offers(offers, size_ratio=1.2, temperature=0.02, burden=0.015)
    best = offers.to_frame("pandas").iloc[offers.best].set_index("customer_id")
    table = statement.to_frame("pandas").set_index("customer_id").loc[best.index]
    order = table.revenue / table.deliveries
    pairs = [
        (a, b)
        for a, b in combinations(best.index, 2)
        if max(table.revenue[a], table.revenue[b]) <= 1.2 * min(table.revenue[a], table.revenue[b])
        and max(order[a], order[b]) <= 1.2 * min(order[a], order[b])
        and abs(table.temperature[a] - table.temperature[b]) <= 0.02
        and abs(best.burden[a] - best.burden[b]) > 0.015
    ]
    assert found.found == len(found) == len(pairs) > 10
    listed = found.to_frame("pandas")
    assert {frozenset(pair) for pair in zip(listed.customer_id, listed.other_customer_id, strict=True)} == set(
        map(frozenset, pairs)
    )
    assert (listed.burden > listed.other_burden).all()
    assert listed.difference.is_monotonic_decreasing
    assert listed.terms[0] == best.terms[listed.customer_id[0]]
    assert len(unlike_offers(offers, size_ratio=1.2, temperature=0.02, burden=0.015, most=2)) == 2
    assert len(unlike_offers(offers, size_ratio=1.0)) == 0
    assert found.plot(width=200).to_dict()["width"] == 200


def test_bad_arguments_are_refused(statement: cf.Statement) -> None:
    offers = cf.remediate(statement.portfolio, [0, 1], [cf.Terms.delivery_fee(40)], target=0.2)
    for wrong in ({"bands": 0}, {"bands": -1}, {"least_peers": 0}):
        with pytest.raises(cf.InputError, match=next(iter(wrong))):
            benchmark(statement, **wrong)
    with pytest.raises(cf.NotFoundError, match="no driver 'freight'"):
        benchmark(statement, fee="freight")
    with pytest.raises(cf.InputError, match="has none"):
        benchmark(statement, segments={"customer_id": ["0"], "segment": ["a"]})
    for wrong, message in (({"size_ratio": 0.5}, "size ratio"), ({"burden": -0.1}, "burdens"), ({"most": 0}, "most")):
        with pytest.raises(cf.InputError, match=message):
            unlike_offers(offers, **wrong)  # type: ignore[arg-type]
