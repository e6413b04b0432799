# Warmth of a neighbourhood against scikit-learn's tree, and of a network against scipy, in one run.
"""``python benchmarks/acquisition.py``: times by clock and processor, and the errors of both sides."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.neighbors import KernelDensity

from custfolio import acquisition

EARTH = 6371.0088


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return a result, its seconds by the clock, and its seconds of processors."""
    clock, processor = time.perf_counter(), time.process_time()
    result = work()
    return result, time.perf_counter() - clock, time.process_time() - processor


def neighbourhood(count: int = 100_000, tolerance: float = 1e-3) -> None:
    """Compare the warmth of `count` places around `count` customers in an area of 300 x 500 km."""
    random = np.random.default_rng(1)
    places, customers = ((random.uniform(40.5, 43.5, count), random.uniform(-96.5, -90.5, count)) for _ in range(2))
    heat = random.lognormal(size=count)

    def tree() -> Any:
        density = KernelDensity(
            bandwidth=5 / EARTH, kernel="exponential", metric="haversine", algorithm="ball_tree", rtol=tolerance
        )
        density.fit(np.radians(np.column_stack(customers)), sample_weight=heat)
        return density.score_samples(np.radians(np.column_stack(places))[:2_000])

    ours = timed(lambda: acquisition.neighbourhood_warmth(*places, *customers, heat, 5.0, tolerance))
    few = [column[:500] for column in places]
    exact = acquisition.neighbourhood_warmth(*few, *customers, heat, 5.0, 0.0)
    error = np.abs(ours[0][:500] / exact - 1).max()
    print(f"custfolio: {count:,} places, clock {ours[1]:.2f} s, processors {ours[2]:.2f} s, error {error:.1e}")
    theirs = timed(tree)
    density = np.exp(theirs[0])[:500]
    ratio = density / exact
    error = np.abs(ratio / np.median(ratio) - 1).max()
    print(f"scikit-learn: 2,000 places, clock {theirs[1]:.2f} s, processors {theirs[2]:.2f} s, error {error:.1e}")


def network(nodes: int = 1_000_000, edges: int = 10_000_000) -> None:
    """Compare personalised PageRank to 1e-9 on random edges."""
    random = np.random.default_rng(2)
    source, target = (random.integers(0, nodes, edges) for _ in range(2))
    weight = random.random(edges)
    seed = random.lognormal(size=nodes)

    def power() -> Any:
        start = seed / seed.sum()
        out = np.bincount(source, weight, nodes)
        share = weight / out[source]
        walk = sparse.csr_matrix((share, (target, source)), shape=(nodes, nodes))
        none = out == 0
        found = start
        while True:
            following = 0.85 * (walk @ found + found[none].sum() * start) + 0.15 * start
            change = np.abs(following - found).sum()
            found = following
            if change * 0.85 / 0.15 <= 1e-9:
                return found

    ours = timed(lambda: acquisition.network_warmth(source, target, weight, seed))
    theirs = timed(power)
    for name, (_, clock, processor) in (("custfolio", ours), ("scipy", theirs)):
        print(f"{name}: clock {clock:.2f} s, processors {processor:.2f} s")
    print(f"sum of differences {np.abs(ours[0] - theirs[0]).sum():.1e}")


if __name__ == "__main__":
    neighbourhood()
    network()
