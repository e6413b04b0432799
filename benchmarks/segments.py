# Natural breaks and k-means against their peers, in one run: the same breaks, the same inertia, and the time.
"""Usage: python benchmarks/segments.py, with ckwrap, jenkspy and scikit-learn installed (pip install ckwrap jenkspy scikit-learn).

Breaks are compared before anything is timed. Each pair runs alternately; the median of the rounds counts.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import ckwrap
import jenkspy
import numpy as np
from sklearn.cluster import KMeans

from custfolio import segmentation

CLASSES, GROUPS, STARTS = 8, 8, 4


def compared(name: str, rounds: int, **runs: Callable[[], Any]) -> None:
    """Print the median time of each run, of its processors and of the clock."""
    taken: dict[str, list[tuple[float, float]]] = {label: [] for label in runs}
    for _ in range(rounds):
        for label, run in runs.items():
            start = time.process_time(), time.perf_counter()
            run()
            taken[label].append((time.process_time() - start[0], time.perf_counter() - start[1]))
    for label, times in taken.items():
        processors, clock = (statistics.median(each) for each in zip(*times, strict=True))
        print(f"{name}, {label}: {processors:.3f} s of processors, {clock:.3f} s")


def breaks() -> None:
    """Compare natural breaks of a million values with ckwrap, and of ten thousand with jenkspy."""
    random = np.random.default_rng(1)
    for name, values in (
        ("gamma", random.gamma(0.7, 1_000.0, 1_000_000)),
        ("lognormal", np.exp(random.normal(7.0, 2.0, 1_000_000))),
    ):
        found = segmentation.natural_breaks(values, CLASSES)
        peer = ckwrap.ckmeans(values, CLASSES)
        assert np.array_equal(found.labels, peer.labels), name
        print(f"{name}: the same {CLASSES} classes of {values.size:,} values as ckwrap")
        compared(
            f"{values.size:,} values, {name}",
            5,
            custfolio=lambda v=values: segmentation.natural_breaks(v, CLASSES),
            ckwrap=lambda v=values: ckwrap.ckmeans(v, CLASSES),
        )
    values = random.gamma(0.7, 1_000.0, 10_000)
    assert np.allclose(
        segmentation.natural_breaks(values, CLASSES).breaks, jenkspy.jenks_breaks(values, CLASSES), rtol=0
    )
    print(f"the same breaks of {values.size:,} values as jenkspy")
    compared(
        f"{values.size:,} values",
        5,
        custfolio=lambda: segmentation.natural_breaks(values, CLASSES),
        jenkspy=lambda: jenkspy.jenks_breaks(values, CLASSES),
    )


def groups() -> None:
    """Compare k-means of a million customers in five columns with scikit-learn, with as many starts."""
    random = np.random.default_rng(5)
    count = 1_000_000
    centres = random.normal(0, 3, (GROUPS, 5))
    clouds = centres[random.integers(0, GROUPS, count)] + random.normal(0, 1, (count, 5))
    shapeless = np.column_stack(
        [
            random.gamma(2.0, 1.0, count),
            random.normal(0, 1, count),
            random.exponential(1.0, count),
            random.normal(0, 1, count),
            random.uniform(0, 3, count),
        ]
    )
    for name, rows in (("clouds", clouds), ("shapeless", shapeless)):
        inertia = segmentation.kmeans(rows, GROUPS, seed=0, starts=STARTS).inertia
        peer = KMeans(GROUPS, n_init=STARTS, random_state=0).fit(rows).inertia_
        print(f"{name}: inertia {inertia:.6g}, scikit-learn {peer:.6g}, {100 * (inertia / peer - 1):+.4f} %")
        assert inertia < 1.001 * peer
        compared(
            f"k-means, {name}",
            3,
            custfolio=lambda r=rows: segmentation.kmeans(r, GROUPS, seed=0, starts=STARTS),
            scikit_learn=lambda r=rows: KMeans(GROUPS, n_init=STARTS, random_state=0).fit(r),
        )


if __name__ == "__main__":
    breaks()
    groups()
