# Personalised PageRank, introductions and referral value, against independent computations.
"""Room ``acquisition``: the network."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import custfolio as cf
from custfolio import acquisition, demo


def power_iteration(source: np.ndarray, target: np.ndarray, weight: np.ndarray, seed: np.ndarray) -> np.ndarray:
    """The walk, step by step."""
    start = np.maximum(seed, 0.0) / np.maximum(seed, 0.0).sum()
    out = np.bincount(source, weight, seed.size)
    share = start
    for _ in range(400):
        moved = np.bincount(target, weight / np.where(out > 0, out, 1.0)[source] * share[source], seed.size)
        share = 0.15 * start + 0.85 * (moved + share[out == 0].sum() * start)
    return share


@pytest.mark.parametrize("seed", range(5))
def test_network_warmth_agrees_with_the_walk_step_by_step(seed: int) -> None:
    random = np.random.default_rng(seed)
    nodes, edges = 300, 900
    source, target = random.integers(0, 250, edges), random.integers(0, nodes, edges)
    weight = random.exponential(size=edges) * (random.random(edges) < 0.9)
    heat = random.normal(size=nodes)
    found = acquisition.network_warmth(source, target, weight, heat)
    assert np.abs(found - power_iteration(source, target, weight, heat)).sum() < 1e-9
    assert found.sum() == pytest.approx(1.0)


def test_bad_networks_are_named() -> None:
    for source, target, weight, told in (
        ([0.5], [1], [1.0], "whole numbers"),
        ([0], [2], [1.0], "nodes are numbered"),
        ([0], [1], [-1.0], "weight"),
        ([0], [1], [1.0, 2.0], "weight"),
    ):
        with pytest.raises(cf.InputError, match=told):
            acquisition.network_warmth(source, target, weight, [1.0, 1.0])
    assert acquisition.network_warmth([], [], None, [2.0, 2.0]).tolist() == [0.5, 0.5]
    found = acquisition.introductions([0, 1], [1, 2], None, [1.0, 0.0, 0.0])
    assert found.path(2) == [0, 1, 2]
    for node in (-1, 3):
        with pytest.raises(cf.InputError, match=f"node is {node}; it must be from 0 to 2"):
            found.path(node)


def test_the_network_of_the_demo_gives_paths_and_referral_value() -> None:
    inputs = demo.inputs()
    stated = cf.statement(inputs.ledger(), inputs.costs, period=inputs.period)
    portfolio = stated.portfolio.located(inputs.places)
    edges = demo.referrals()
    network = pd.DataFrame({name: edges[name] for name in ("source", "target", "weight")})
    plain = cf.acquire(inputs.candidates, portfolio)
    found = cf.acquire(inputs.candidates, portfolio, network=network)
    table = found.to_frame("pandas").set_index("id")
    before = plain.to_frame("pandas").set_index("id").reindex(table.index)
    known = table.index.isin(network.target) & (table.path_strength > 0)
    assert known.any() and not known.all()
    assert (table.win_probability[known] > before.win_probability[known]).all()
    assert (table.win_probability[~known] == before.win_probability[~known]).all()
    heat = dict(zip(portfolio.ids, portfolio.core.contribution, strict=True))
    for row in table[known].itertuples():
        path = row.path.split(" > ")
        assert path[0] == row.introduced_by and heat[path[0]] > 0
        assert path[-1] == row.Index
    total = (table.warmth + table.network_warmth).to_numpy()
    assert (np.diff(total) <= 0).all()

    pairs = pd.DataFrame({"source": portfolio.ids[:3], "target": portfolio.ids[3:6]})
    value = acquisition.referral_value(pairs, portfolio)
    assert value.columns()["heat"][:3].tolist() == portfolio.core.contribution[3:6].tolist()
    assert value.columns()["level"][3:].sum() == 0
    assert value.plot().to_dict()
    selection = cf.select(portfolio, target=0.05, interesting=value.to_frame("pandas"))
    assert len(selection) == len(portfolio)
    interesting = value.columns()["interesting"]
    assert interesting.max() == 1.0 and not interesting[3:].any()
