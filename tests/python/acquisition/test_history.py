# The chance to win and the levels of newcomers, against what happened: the stores that began in 2021.
"""Room ``acquisition``: honest back-test, likeness, white spots, map."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import custfolio as cf
from custfolio import acquisition, demo
from custfolio.demo.data import stores, yearly


@pytest.fixture(scope="module")
def past() -> tuple[cf.Portfolio, cf.Prospects, pd.DataFrame]:
    """The portfolio of 2020, its candidates, and what they bought in 2021."""
    inputs = demo.inputs(2020)
    stated = cf.statement(inputs.ledger(), inputs.costs, period=inputs.period)
    portfolio = stated.portfolio.located(inputs.places)
    register = pd.DataFrame({name: stores()[name] for name in ("store", "name", "latitude", "longitude")})
    candidates = register[register.latitude.notna() & ~register.store.isin(yearly(2020)["store"])]
    found = cf.acquire(candidates.rename(columns={"store": "id"}), portfolio)
    later = yearly(2021)
    bought = pd.Series(later["revenue"], index=later["store"])
    return portfolio, found, found.to_frame("pandas").assign(bought=lambda rows: rows.id.map(bought))


def area(score: pd.Series, outcome: pd.Series) -> float:
    """The chance that one with the outcome has a higher score than one without (AUC)."""
    count = outcome.sum()
    return float((score.rank()[outcome].sum() - count * (count + 1) / 2) / (count * (~outcome).sum()))


def test_warmth_does_not_predict_who_becomes_a_customer(
    past: tuple[cf.Portfolio, cf.Prospects, pd.DataFrame],
) -> None:
    _, found, table = past
    won = table.bought.notna()
    assert (len(table), int(won.sum())) == (388, 158)
    assert area(table.warmth, won) == pytest.approx(0.519, abs=0.001)
    inputs = demo.inputs(2021)
    after = cf.statement(inputs.ledger(), inputs.costs, period=inputs.period).portfolio
    warm = table.id[won].map(pd.Series(after.temperature, index=after.ids)) >= 0.05
    assert area(table.warmth[won], warm) == pytest.approx(0.585, abs=0.001)
    fit = acquisition.fit_win(found, table.id[won])
    assert not fit.lift
    assert "158 of 388" in fit.note
    settings = fit.settings()
    assert settings["base_win_probability"] == pytest.approx(158.2 / 389)
    assert settings["warmth_sensitivity"] == 0
    assert fit.plot().to_dict()


def test_the_band_of_the_level_covers_four_of_five(past: tuple[cf.Portfolio, cf.Prospects, pd.DataFrame]) -> None:
    _, _, table = past
    year = yearly(2021)
    full = table.bought * 12 / table.id.map(pd.Series(year["months"], index=year["store"]))
    won = table.bought.notna()
    assert full[won].between(table.level_low[won], table.level_high[won]).mean() == pytest.approx(0.82, abs=0.005)


def test_likeness_of_chain_and_town_predicts_who_becomes_a_customer(
    past: tuple[cf.Portfolio, cf.Prospects, pd.DataFrame],
) -> None:
    portfolio, _, table = past
    register = pd.DataFrame(stores()).rename(columns={"store": "id"})
    own = register.id.isin(portfolio.ids)

    def others(key: pd.Series) -> pd.Series:
        return np.log1p(own.groupby(key).transform("sum") - own)

    chain = register.name.str.split(r"[ /#]", n=1, regex=True).str[0]
    attributes = register[["id"]].assign(chain=others(chain), town=others(register.city))
    candidates = table[["id", "latitude", "longitude"]].merge(attributes, on="id")
    like = acquisition.likeness(candidates, attributes[own].rename(columns={"id": "customer_id"}), portfolio)
    candidates = candidates[["id", "latitude", "longitude"]].merge(like.to_frame("pandas")[["id", "likeness"]], on="id")
    fit = acquisition.fit_win(cf.acquire(candidates, portfolio), table.id[table.bought.notna()])
    assert fit.lift
    history = fit.to_frame("pandas")
    assert area(history.predicted, history.won) == pytest.approx(0.614, abs=0.005)


def test_a_fit_gives_every_candidate_the_base_rate(past: tuple[cf.Portfolio, cf.Prospects, pd.DataFrame]) -> None:
    portfolio, found, table = past
    fit = acquisition.fit_win(found, table.id[table.bought.notna()])
    candidates = pd.DataFrame({"id": ["a", "b"], "latitude": [41.6, 42.5], "longitude": [-93.6, -92.0]})
    chances = cf.acquire(candidates, portfolio, win=fit).core.win_probability
    np.testing.assert_allclose(chances, 158.2 / 389)


def test_likeness_tells_chains_apart_and_is_calibrated(
    past: tuple[cf.Portfolio, cf.Prospects, pd.DataFrame],
) -> None:
    portfolio, _, _ = past
    names = pd.Series(portfolio.core.name, index=portfolio.ids)
    chain = names.str.extract(r"^(CASEY'S|HY-VEE|FAREWAY|WALGREENS|KUM & GO)", expand=False).fillna("other")
    customers = pd.DataFrame({"customer_id": portfolio.ids, "chain": chain.to_numpy()})
    own = acquisition.likeness(customers.rename(columns={"customer_id": "id"}), customers, portfolio, target=0.05)
    table = own.to_frame("pandas")
    warm = portfolio.core.temperature() >= 0.05
    rates = pd.Series(warm).groupby(chain.to_numpy()).mean()
    predicted = table.probability.groupby(chain.to_numpy()).mean()
    np.testing.assert_allclose(predicted, rates, atol=0.05)
    parts = [name for name in table.columns if name.startswith("chain = ")]
    np.testing.assert_allclose(table[parts].sum(axis=1), table.likeness, atol=1e-12)
    assert own.plot().to_dict()
    with pytest.raises(cf.InputError, match="in common"):
        acquisition.likeness(pd.DataFrame({"id": ["a"]}), customers, portfolio)


def test_white_spots_and_the_map_need_no_network(past: tuple[cf.Portfolio, cf.Prospects, pd.DataFrame]) -> None:
    portfolio, found, _ = past
    spots = acquisition.white_spots(portfolio, count=10)
    table = spots.to_frame("pandas")
    assert len(table) == 10
    assert (table.distance_km >= 5).all()
    assert (table.warmth.diff().dropna() <= 0).all()
    drawn = found.map(portfolio, spots).to_dict()
    assert "http" not in str(drawn["data"])
    assert {row["kind"] for row in drawn["data"]["values"]} == {
        "warm customer", "cold customer", "prospect", "white spot",
    }  # fmt: skip
    with pytest.raises(cf.InputError, match="distance_km"):
        acquisition.white_spots(portfolio, distance_km=0.0)


def test_a_stop_between_two_stops_of_a_day_adds_nothing() -> None:
    added, route = acquisition.route_fit([41.5], [-93.0], [41.0, 42.0, 45.0], [-93.0, -93.0, -93.0], [2, 2, 4])
    assert added[0] == pytest.approx(0.0, abs=1e-6)
    assert route.tolist() == [2]
