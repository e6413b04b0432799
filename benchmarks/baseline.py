# How far off the baseline is: rolling origins on seven years of real deliveries, coverage of the band, and time.
"""Forecast the wholesaler's months from earlier origins and compare; CUSTFOLIO_DATA names the folder of the full data."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

import custfolio as cf
from custfolio import _core
from custfolio._tables.dates import month_index, month_text

MONTHS = 12
STEP = 3
"""Months between two origins."""


def monthly(*names: str) -> duckdb.DuckDBPyRelation:
    """One row a store and day."""
    folder = Path(os.environ["CUSTFOLIO_DATA"]) / "iowa"
    files = [str(folder / f"sales_{name}.parquet") for name in names]
    return duckdb.sql(
        "select date, store::varchar as customer_id, sum(sale) as revenue, sum(sale) / 1.5 as cost "
        f"from read_parquet({files}) group by all order by all"
    )


def coverage(ledger: cf.Ledger, first: str, last: str, step: int, **options: Any) -> None:
    """Print, by months ahead, error, bias and how often the month lay within P10 and P90."""
    costs = cf.CostModel({"deliveries": 20.0})
    inside: list[list[bool]] = [[] for _ in range(MONTHS)]
    errors: list[list[float]] = [[] for _ in range(MONTHS)]
    naive: list[list[float]] = [[] for _ in range(MONTHS)]
    widths: list[float] = []
    whole = cf.statement(ledger, costs).portfolio.core
    row = {name: k for k, name in enumerate(whole.id)}
    history = np.asarray(whole.monthly_revenue)
    oldest = month_index(ledger.first_day, "ledger")
    begun = time.perf_counter()
    for origin in range(month_index(first, "first"), month_index(last, "last") + 1, step):
        found = cf.lifetime.baseline(ledger, start=month_text(origin), months=MONTHS, costs=costs, **options)
        mine = [row[name] for name in found.portfolio.core.id]
        at = origin - oldest
        actual = history[mine, at : at + MONTHS].sum(axis=0)
        before = history[mine, at - MONTHS : at].sum(axis=0)
        company = found.company._columns()
        # The band has new business too.
        everyone = history[:, at : at + MONTHS].sum(axis=0)
        for h, came in enumerate(actual):
            inside[h].append(bool(company["p10"][h] <= everyone[h] <= company["p90"][h]))
            errors[h].append(company["level"][h] / came - 1)
            naive[h].append(before[h] / came - 1)
            widths.append((company["p90"][h] - company["p10"][h]) / company["level"][h])
    print(f"origins {first} to {last}, every {step} months, {options or 'bottom-up'}")
    print("months ahead  origins  rmse   rmse of seasonal naive  bias    within P10-P90")
    for h in range(MONTHS):
        if not errors[h]:
            continue
        mine_rmse, naive_rmse = (np.sqrt(np.mean(np.square(found[h]))) for found in (errors, naive))
        print(
            f"{h + 1:12d}  {len(errors[h]):7d}  {mine_rmse:5.3f}  {naive_rmse:22.3f}  {np.mean(errors[h]):+6.3f}  "
            f"{np.mean(inside[h]):14.2f}"
        )
    every, plain, held = (np.concatenate(found) for found in (errors, naive, inside))
    print(
        f"all months: rmse {np.sqrt(np.mean(every**2)):.3f}, of seasonal naive {np.sqrt(np.mean(plain**2)):.3f}, bias "
        f"{every.mean():+.3f}; {held.mean():.2f} of {held.size} within P10-P90 (0.80 is promised), which is {np.mean(widths):.3f} wide; "
        f"{time.perf_counter() - begun:.0f} s"
    )


def scaled_errors(history: Any, actual: Any, ours: Any) -> list[float]:
    """Return MASE of four forecasts: ours, last year's month, the mean of two years' months, AutoETS on the company's total."""
    from statsforecast.models import AutoETS  # pip install statsforecast

    scale = np.abs(history[MONTHS:] - history[:-MONTHS]).mean()
    count = len(actual)
    ets = AutoETS(season_length=MONTHS).forecast(history, h=count)["mean"]
    forecasts = (ours, history[-MONTHS:], (history[-MONTHS:] + history[-2 * MONTHS : -MONTHS]) / 2, ets)
    return [float(np.abs(found[:count] - actual).mean() / scale) for found in forecasts]


def against_peers(name: str, ledger: cf.Ledger, total: Any, origins: range) -> list[bool]:
    """Print mean MASE of a company's level a year ahead from each origin (months of its history); return which months the bands had."""
    costs = cf.CostModel({"deliveries": 20.0})
    oldest = month_index(ledger.first_day, "ledger")
    errors, inside = [], []
    for origin in origins:
        found = cf.lifetime.baseline(ledger, start=month_text(oldest + origin), months=MONTHS, costs=costs)
        company = {key: np.asarray(values) for key, values in found.company.columns().items()}
        new = company.get("newcomers", np.zeros(MONTHS))
        actual = total[origin : origin + MONTHS]
        count = len(actual)
        errors.append(scaled_errors(total[:origin], actual, company["level"] + new))
        low, high = (company[key][:count] for key in ("p10", "p90"))
        inside += list((low <= actual) & (actual <= high))
    ours, last, mean, ets = np.mean(errors, axis=0)
    print(
        f"{name:12s} origins {len(origins):2d}  MASE {ours:.2f}  last year's month {last:.2f}  mean of two years {mean:.2f}  "
        f"AutoETS {ets:.2f}  within P10-P90 {np.mean(inside):.2f}"
    )
    return inside


def strangers() -> None:
    """Compare on made-up companies with 24 months of history, five seeds each; print how many months all bands have, pooled."""
    import csv
    import importlib.util
    import tempfile

    path = Path(__file__).resolve().parents[1] / "tests" / "python" / "strangers.py"
    spec = importlib.util.spec_from_file_location("strangers", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pooled: list[bool] = []
    # One has four months, one equal months, and one no costs.
    for name in sorted(set(module.SPECIAL) - {"young", "same", "costless"}):
        for seed in "12345":
            with tempfile.TemporaryDirectory() as folder:
                module.write(Path(folder), name, seed)
                file = Path(folder) / "ledger.csv"
                total = np.zeros(36)
                with file.open(encoding="utf-8") as rows:
                    for row in csv.DictReader(rows):
                        year, month = map(int, row["date"].split("-")[:2])
                        total[12 * (year - 2022) + month - 1] += float(row["revenue"])
                # The month in part is none of the months that are compared.
                pooled += against_peers(
                    f"{name} {seed}", cf.Ledger.read(file), total[: 35 if name == "part_month" else 36], range(24, 25)
                )
    print(f"all companies: {np.mean(pooled):.2f} of {len(pooled)} months within P10-P90")


def group_shares(ledger: cf.Ledger, origin: int, managers: int) -> dict[str, float]:
    """Return how often customers and managers (every `managers`-th customer) come out within P10 to P90, by month and by year."""
    costs = cf.CostModel({"deliveries": 20.0})
    whole = cf.statement(ledger, costs).portfolio.core
    history = dict(zip(whole.id, np.asarray(whole.monthly_revenue), strict=True))
    start = month_index(ledger.first_day, "ledger") + origin
    found = cf.lifetime.baseline(ledger, start=month_text(start), months=MONTHS, costs=costs)
    manager = {name: f"m{k % managers}" for k, name in enumerate(found.portfolio.ids)}
    budget = cf.Budget.from_baseline(found, labels={"manager": manager})
    came: dict[tuple[str, ...], float] = {}
    for name, of in manager.items():
        for h, amount in enumerate(history[name][origin : origin + MONTHS]):
            for key in ((name,), (of,), (name, month_text(start + h)), (of, month_text(start + h))):
                came[key] = came.get(key, 0.0) + amount
    shares = {}
    for by in (["customer", "month"], ["customer"], ["manager", "month"], ["manager"]):
        bands = budget.bands(by, measure="level").columns()
        rows = zip(*(bands[name] for name in by), bands["p10"], bands["p90"], strict=True)
        inside = [low - 1e-6 <= came[tuple(key)] <= high + 1e-6 for *key, low, high in rows if key[0] != "(none)"]
        shares[" and ".join(by)] = float(np.mean(inside))
    return shares


def groups() -> None:
    """Print how often customers and managers lie within P10 to P90: a fifth of Iowa's stores, three years of history each."""
    found = []
    for fifth, year in ((0, 2016), (0, 2017), (0, 2018), (1, 2016), (2, 2018), (3, 2017), (4, 2018)):
        rows = monthly("2012_2018").filter(
            f"customer_id::bigint % 5 = {fifth} and year(date) between {year - 3} and {year}"
        )
        found.append(
            group_shares(
                cf.Ledger(rows, customer="customer_id", date="date", revenue="revenue", cost="cost"), 3 * MONTHS, 20
            )
        )
    for name in found[0]:
        print(f"{name:18s}: {np.mean([one[name] for one in found]):.2f} within P10-P90")


def speed() -> None:
    """Print the time of a backtest of 10,000 customers and 84 months."""
    rng = np.random.default_rng(1)
    months = np.arange(84)
    history = (
        1000
        + 200 * np.sin(months * np.pi / 6)
        + rng.normal(0, 100, (10_000, 84))
        + rng.normal(0, 3, (10_000, 1)) * months
    )
    for threads in (1, 2):
        begun = time.perf_counter()
        _core.backtest(history, threads=threads)
        print(
            f"backtest of 10,000 x 84, 6 origins, 12 months ahead, {threads} threads: {time.perf_counter() - begun:.1f} s"
        )


def ledger_speed(rows: int = 2_000_000) -> None:
    """Print the time of the baseline of a ledger of many rows: 4,000 customers over seven years."""
    rng = np.random.default_rng(2)
    day = np.sort(rng.integers(0, 7 * 365, rows)) + np.datetime64("2015-01-01").astype(int)
    revenue = rng.gamma(2.0, 50.0, rows)
    frame = pa.table(
        {
            "customer_id": rng.integers(0, 4_000, rows),
            "date": day.astype("datetime64[D]"),
            "revenue": revenue,
            "cost": 0.7 * revenue,
        }
    )
    ledger = cf.Ledger(frame, customer="customer_id", date="date", revenue="revenue", cost="cost")
    ledger.rows  # noqa: B018 -- reads the frame
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        cf.lifetime.baseline(ledger, start="2022-01", costs=cf.CostModel({"deliveries": 20.0}))
        times.append(time.perf_counter() - begun)
    print(f"baseline of {rows:,} rows: {min(times):.2f} s")


def evaporation(ledger: cf.Ledger, origins: range) -> None:
    """Print the Brier scores of the chances that irregular customers buy in each of the next twelve months."""
    whole = cf.statement(ledger, cf.CostModel({"deliveries": 20.0})).portfolio.core
    history = np.asarray(whole.monthly_revenue)
    print("origin  irregular  BG/BB   counted standing  one share for all")
    for origin in origins:
        known, came = history[:, :origin], history[:, origin : origin + MONTHS] != 0
        rows = _core.standings(known)["irregular"] != 0
        chances = [_core.evaporation(known, MONTHS, method=name)["chance"] for name in ("BG/BB", "counted standing")]
        brier = [float(np.mean((chance[rows] - came[rows]) ** 2)) for chance in chances]
        share = float(came[rows].mean())
        print(f"{origin:6d}  {rows.sum():9d}  {brier[0]:.4f}  {brier[1]:.4f}            {share * (1 - share):.4f}")


def ledger_of(*names: str) -> cf.Ledger:
    """Return the ledger of some of the files."""
    return cf.Ledger(monthly(*names), customer="customer_id", date="date", revenue="revenue", cost="cost")


if __name__ == "__main__":
    speed()
    ledger_speed()
    strangers()
    groups()
    years = ledger_of("2012_2018")
    against_peers(
        "Iowa", years, np.asarray(cf.statement(years).portfolio.core.monthly_revenue).sum(axis=0), range(36, 72, 3)
    )
    coverage(years, "2015-01", "2018-01", STEP)
    coverage(years, "2015-01", "2018-01", STEP, reconcile="mint")
    evaporation(years, range(24, 73, 12))
    recent = ledger_of("2020", "2021")
    coverage(recent, "2021-02", "2021-12", 1)
    evaporation(recent, range(12, 13))
