# Speed of simulating a plan of 100,000 customers beside the same model in vectorised NumPy, and of its file, in one run.
"""Simulate 12 months on 1,000 paths: custfolio, and NumPy with all customers and months of a path at once."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

import custfolio as cf

CUSTOMERS = 100_000
MONTHS = 12
PATHS = 1_000
PATHS_OF_NUMPY = 50
"""NumPy's time is that of these, times PATHS / PATHS_OF_NUMPY."""


def made() -> cf.Plan:
    """Return a plan for customers that buy every month, a fifth of them cold, with the demo's kind of terms."""
    rng = np.random.default_rng(1)
    count = 24 * CUSTOMERS
    who, month = np.tile(np.arange(CUSTOMERS), 24), np.repeat(np.arange(24), CUSTOMERS)
    revenue = np.repeat(rng.lognormal(8, 1, CUSTOMERS)[None], 24, axis=0).ravel() * rng.lognormal(0, 0.3, count)
    ledger = cf.Ledger(
        pa.table(
            {
                "customer": pa.array(who).cast(pa.string()),
                "date": (np.datetime64("2020-01") + month).astype("datetime64[D]") + rng.integers(0, 28, count),
                "revenue": revenue,
                "cost": revenue * rng.choice([0.8, 0.93], CUSTOMERS, p=[0.8, 0.2])[who],
            }
        )
    )
    costs = cf.CostModel({"deliveries": 40.0})
    portfolio = cf.statement(ledger, costs, period=("2021-01-01", "2021-12-31")).portfolio
    selection = cf.select(portfolio, target=0.05)
    offers = cf.remediate(
        portfolio, selection, terms=[cf.Terms.price(0.03, step=0.005)], acceptance=cf.Acceptance(base=0.7)
    )
    baseline = cf.lifetime.baseline(ledger, portfolio, start="2022-01", months=MONTHS, costs=costs)
    return cf.Strategy(start="2022-01", months=MONTHS, floor=None, interval=MONTHS).optimise(
        portfolio, offers=offers, baseline=baseline
    )


def numpy_paths(plan: cf.Plan, paths: int) -> tuple[np.ndarray, np.ndarray]:
    """Return level and heat of paths, each with all customers and months as arrays."""
    assert plan.baseline is not None
    assert plan.offers is not None
    baseline, offers, courses = plan.baseline, plan.offers.core, plan.core.courses
    core, months = baseline.core, np.arange(MONTHS)
    level, heat = np.asarray(baseline.level), np.asarray(baseline.heat)
    common, correlation = core.joint
    shared = common * np.abs(level)
    own = np.sqrt(np.maximum(np.asarray(core.variance) - shared**2, 0))
    share = np.divide(heat, level, out=np.zeros_like(heat), where=level != 0)
    warm = level * np.nan_to_num(np.asarray(core.temperature_deviation)).reshape(len(level), -1)
    offer, begins, leaves = (np.asarray(courses[name])[: len(level)] for name in ("offer", "month", "overflow"))
    asked = offer >= 0
    chance = np.where(asked, offers.acceptance[offer], np.where(leaves >= 0, 0.0, 1.0))
    activity = level / np.asarray(plan.portfolio.core.revenue)[:, None]
    since = asked[:, None] & (months >= begins[:, None] + 1)
    change = [
        since * activity * np.where(asked, column[offer], 0)[:, None]
        for column in (offers.revenue_change, offers.heat_change)
    ]
    late = (leaves >= 0)[:, None] & (months >= leaves[:, None])
    rng, root, rest = np.random.default_rng(2), np.sqrt(correlation), np.sqrt(1 - correlation)
    sums = np.empty((paths, 2, MONTHS))
    for path in range(paths):
        accepts = (rng.random(len(level)) < chance)[:, None]
        z = root * rng.standard_normal() + rest * rng.standard_normal(MONTHS)
        x = root * rng.standard_normal((len(level), 1)) + rest * rng.standard_normal(level.shape)
        error = shared * z + own * x
        stays = ~(late & ~accepts)
        sums[path, 0] = (stays * (level + error) + accepts * change[0]).sum(axis=0)
        temperature = warm * rng.standard_normal((len(level), 1))
        sums[path, 1] = (stays * (heat + share * error + temperature) + accepts * change[1]).sum(axis=0)
    return sums[:, 0], sums[:, 1]


def main() -> None:
    """Print the times and how far the two are apart."""
    begun = time.perf_counter()
    plan = made()
    print(f"made in {time.perf_counter() - begun:.1f} s: {plan.summary[2]}")
    ours = {}
    for threads in (1, 0):
        begun, cpu = time.perf_counter(), time.process_time()
        found = plan.simulate(PATHS, threads=threads)
        ours[threads] = time.process_time() - cpu
        print(f"custfolio, threads={threads}: {time.perf_counter() - begun:.2f} s, {ours[threads]:.2f} s of processor")
    cpu = time.process_time()
    level, heat = numpy_paths(plan, PATHS_OF_NUMPY)
    peer = (time.process_time() - cpu) * PATHS / PATHS_OF_NUMPY
    print(f"NumPy: {peer:.1f} s of processor for {PATHS} paths ({peer / ours[1]:.0f} x)")
    for name, theirs, mine in (("level", level, found.level), ("heat", heat, found.heat)):
        new = 0.0 if name == "heat" else np.asarray(plan.new_business).sum()
        error = np.hypot(theirs.sum(axis=1).std() / len(theirs) ** 0.5, mine.sum(axis=1).std() / len(mine) ** 0.5)
        gap = (theirs.sum(axis=1).mean() + new - mine.sum(axis=1).mean()) / error
        ratio = theirs.std(axis=0).mean() / mine.std(axis=0).mean()
        print(f"{name}: means {gap:+.1f} standard errors apart, deviations {ratio:.2f} times as large")
    with tempfile.TemporaryDirectory() as folder:
        path, cpu = Path(folder) / "plan.json", time.process_time()
        plan.save(path)
        written, size = time.process_time(), path.stat().st_size
        cf.Plan.load(path)
        print(
            f"file: {size / 1e6:.0f} MB, written in {written - cpu:.1f} s, read in {time.process_time() - written:.1f} s"
        )


if __name__ == "__main__":
    main()
