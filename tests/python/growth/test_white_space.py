# White space: chances shrunk over segments, sums per customer, columns of the selection, and next year's families of Iowa.
"""``cf.growth.white_space``: chances, intervals, and what they foresee."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import custfolio as cf


@pytest.fixture(scope="module")
def sales() -> pd.DataFrame:
    """Two regions of 30 customers; beer sells in the first, wine in both."""
    rows = [(f"c{k:02}", "bread", 100.0 + k, "north" if k < 30 else "south", "small") for k in range(60)]
    rows += [(f"c{k:02}", "beer", 50.0, "north", "small") for k in range(24)]
    rows += [(f"c{k:02}", "beer", 50.0, "south", "small") for k in range(30, 36)]
    rows += [(f"c{k:02}", "wine", 20.0, "north" if k < 30 else "south", "small") for k in range(0, 60, 2)]
    return pd.DataFrame(rows, columns=["customer", "product", "revenue", "region", "size"])


def test_a_chance_lies_between_that_of_peers_and_that_of_all(sales: pd.DataFrame) -> None:
    found = cf.growth.white_space(sales, segment=["region", "size"], penetration=0.01).to_frame("pandas")
    beer = found[(found["product"] == "beer") & (found.customer_id == "c29")].iloc[0]
    assert 30 / 60 < beer.chance < beer.penetration == pytest.approx(24 / 29)
    assert beer.expected == pytest.approx(beer.chance * beer.gap)
    assert beer.expected_p10 < beer.expected < beer.expected_p90
    wine = found[found["product"] == "wine"]
    assert wine.chance.nunique() == 1
    assert wine.chance.iloc[0] == pytest.approx(30.5 / 61)


def test_sums_per_customer_are_columns_of_the_selection(sales: pd.DataFrame) -> None:
    gaps = cf.growth.white_space(sales, segment="region", penetration=0.01)
    customers = gaps.customers.to_frame("pandas").set_index("customer_id")
    sums = gaps.to_frame("pandas").groupby("customer_id").expected.sum()
    np.testing.assert_allclose(customers.white_space[sums.index], sums)
    assert customers.white_space_product["c29"] == "beer"
    assert (customers.white_space[~customers.index.isin(sums.index)] == 0).all()
    assert (customers.white_space_p10 <= customers.white_space).all()
    assert (customers.white_space <= customers.white_space_p90).all()
    assert gaps.customers.plot().to_dict()
    assert len(cf.growth.white_space(sales, top=1).customers) == 60
    lines = pd.DataFrame({"customer": ["c29", "new"], "date": "2021-01-04", "revenue": [9.0, 9.0], "cost": [1.0, 1.0]})
    portfolio = cf.statement(cf.Ledger(lines)).portfolio
    with pytest.raises(cf.NotFoundError, match="white_space, row 1: no customer 'c00'"):
        cf.select(portfolio, white_space=gaps.customers)
    one = customers.loc[["c29"]].reset_index()
    for given in (one.to_dict("list"), one):
        selected = cf.select(portfolio, white_space=given).to_frame("pandas")
        assert selected.white_space[0] == pytest.approx(customers.white_space["c29"])
        assert np.isnan(selected.white_space[1])
        assert selected.white_space_product.tolist() == ["beer", ""]
    with pytest.raises(cf.InputError, match="white_space_p10"):
        cf.select(portfolio, white_space={"customer_id": ["c29"], "white_space": [1.0]})


def _iowa(folder: Path, year: int) -> pd.DataFrame:
    """Sales of a year by store and category."""
    import duckdb

    query = f"""
        select s.store::varchar as customer, i.category as product, sum(s.sale) as revenue
        from '{folder}/sales_{year}.parquet' s join '{folder}/items.parquet' i using (item) group by all order by all
    """
    return duckdb.sql(query).df()


def area_under_curve(score: Any, happened: Any) -> float:
    """Chance that a pair that happened has a higher score than one that did not."""
    rank = pd.Series(score).rank().to_numpy()
    count = int(happened.sum())
    return float((rank[happened].sum() - count * (count + 1) / 2) / (count * (len(rank) - count)))


def test_peers_foresee_new_families_better_than_the_share_of_all(full_data: Path) -> None:
    """2020 is known, and 2021 is hidden. Peers are the stores of the same tenth by revenue."""
    known, hidden = (_iowa(full_data / "iowa", year) for year in (2020, 2021))
    total = known.groupby("customer").revenue.sum()
    known["size"] = known.customer.map(pd.qcut(total, 10, labels=False))
    bought = known[known.revenue > 0].pivot(index="customer", columns="product", values="revenue").notna()
    later = hidden[hidden.revenue > 0].pivot(index="customer", columns="product", values="revenue").notna()
    both = bought.index.intersection(later.index)
    pairs = (~bought.loc[both]).stack()
    pairs = pairs[pairs].index
    new = later.reindex(index=both, columns=bought.columns, fill_value=False).stack().reindex(pairs).to_numpy()
    gaps = cf.growth.white_space(known, segment="size", penetration=1e-9).to_frame("pandas")
    chance = gaps.set_index(["customer_id", "product"]).chance.reindex(pairs).fillna(0.0).to_numpy()
    overall = bought.mean().reindex(pairs.get_level_values(1)).to_numpy()
    assert (len(pairs), int(new.sum())) == (28_764, 3_993)
    assert area_under_curve(overall, new) == pytest.approx(0.706, abs=0.001)
    assert area_under_curve(chance, new) == pytest.approx(0.778, abs=0.001)
