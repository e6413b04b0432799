# Do customer-base models hold for stores that a wholesaler supplies? Fitted on 2012 to 2018 and 2020, tracked against 2021.
"""Usage: CUSTFOLIO_DATA=FOLDER python benchmarks/iowa_lifetime.py; the folder holds iowa/sales_*.parquet (see benchmarks/README.md).

There is no data of 2019: the clock stands still in it, so that 2020 follows 2018. Stores that bought in 2012 may be older than the data and are left
out in the second run.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import duckdb
import numpy as np

import custfolio as cf

MODELS = (cf.lifetime.BGNBD, cf.lifetime.MBGNBD, cf.lifetime.ParetoNBD, cf.lifetime.NBD)
MEASURES = ("crps", "crps_constant", "mae", "bias", "coverage_p10_p90", "purchases_actual", "purchases_expected")


def ledger() -> cf.Ledger:
    """Deliveries (a store and day) of all years, 2019 cut out of the calendar."""
    files = [str(path) for path in sorted((Path(os.environ["CUSTFOLIO_DATA"]) / "iowa").glob("sales_*.parquet"))]
    rows = duckdb.sql(
        "select case when date >= date '2020-01-01' then date - 365 else date end as date, store::varchar as store, sum(sale) as sale "
        f"from read_parquet({files}) group by all order by all"
    )
    return cf.Ledger(rows, customer="store", date="date", revenue="sale")


def unevenness(summary: cf.lifetime.Summary, fewest: int = 20) -> np.ndarray:
    """Coefficient of variation of the days between the deliveries of each store; 1 where they fall at random."""
    owner, day = summary.repeat_purchases
    found = []
    for place in np.flatnonzero(np.bincount(owner, minlength=len(summary)) >= fewest):
        gap = np.diff(np.sort(day[owner == place]))
        found.append(gap.std(ddof=1) / gap.mean())
    return np.array(found)


def report(rows: cf.Ledger, start: str | None) -> None:
    """Fit, track and print."""
    # 2020-12-31 on a calendar without 2019.
    summary = cf.lifetime.summary(rows, start=start, calibration_end="2020-01-01")
    print(
        f"\n{'all stores' if start is None else 'stores born from ' + start + ' on'}: {len(summary):,}, left out {summary.left_out.reasons}"
    )
    uneven = unevenness(summary)
    print(
        f"unevenness of intervals (chance: 1): median {np.median(uneven):.2f}, {np.mean(uneven < 1):.0%} of {uneven.size:,} below 1"
    )
    for model in MODELS:
        begun = time.perf_counter()
        fitted = model().fit(summary)
        assessed = cf.lifetime.assess(fitted, summary)
        values = "  ".join(f"{name} {assessed.measures[name]:,.3f}" for name in MEASURES)
        print(f"{model.__name__:10s} {values}  ({time.perf_counter() - begun:.1f} s)  {fitted.message_}")
        print(f"{'':10s} " + ", ".join(f"{name} {value:.4g}" for name, value in fitted.params_.items()))
        if model is cf.lifetime.ParetoNBD:
            held = np.asarray(summary["frequency_holdout"])
            # What a forecast that knows only last year's number does.
            recent = np.zeros(len(summary))
            owner, day = summary.repeat_purchases
            last = (day > summary._cut - 365) & (day <= summary._cut)
            np.add.at(recent, owner[last], 1.0)
            assert assessed.scores is not None
            print(
                f"{'':10s} mae of the last 365 days again: {np.abs(recent - held).mean():.3f}, of the model {assessed.measures['mae']:.3f}"
            )
            assert assessed.pit is not None
            print(f"{'':10s} transform by tenths: {np.round(assessed.pit, 3)}")


if __name__ == "__main__":
    every = ledger()
    report(every, None)
    report(every, "2013-01-01")
