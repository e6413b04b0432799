# A budget of 100,000 lines: rounded and totalled, beside a pandas pivot that rounds each cell on its own.
"""Round and total lines of customers x months x accounts; both sides by turns in one run, and what rounding each total apart leaves over."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

import custfolio as cf

ROUNDS = 15


def lines(customers: int) -> pd.DataFrame:
    """Two accounts, twelve months, twelve managers, four segments."""
    random = np.random.default_rng(1)
    customer = np.repeat(np.arange(customers), 24)
    revenue = random.lognormal(6, 1, customers * 24)
    return pd.DataFrame(
        {
            "month": pd.Series(np.tile(np.repeat([f"2026-{m:02d}" for m in range(1, 13)], 2), customers)),
            "account": np.tile(["revenue", "costs"], customers * 12),
            "customer": pd.Series([f"C{k:05d}" for k in customer]),
            "manager": pd.Series([f"M{k % 12:02d}" for k in customer]),
            "segment": pd.Series([f"S{k % 4}" for k in customer]),
            "amount": np.where(np.arange(customers * 24) % 2, 0.8, 1.0) * revenue,
        }
    )


def ours(frame: pd.DataFrame) -> tuple[cf.Budget, pd.DataFrame]:
    """Read, round all lines, and total by manager and month."""
    budget = cf.Budget(frame)
    return budget, budget.pivot("manager", measure="revenue").to_frame("pandas")


def theirs(frame: pd.DataFrame) -> pd.DataFrame:
    """The same table with pandas: each cell and total rounded on its own."""
    own = frame[frame.account == "revenue"]
    table = own.pivot_table(index="manager", columns="month", values="amount", aggfunc="sum", margins=True)
    return table.round(2)


def worst(frame: pd.DataFrame, budget: cf.Budget, by: list[str]) -> float:
    """Return by how many cents a total over these dimensions is off at most."""
    found = budget.to_frame("pandas", by=by).set_index(by).amount
    true = frame.groupby(by).amount.sum()
    return float((found.sort_index() - true.sort_index()).abs().max() * 100)


def bands() -> None:
    """Print what the bands of 300 customers, 500 deals and 1,000 action plans of three steps cost, by month, by weeks and in a market."""
    random = np.random.default_rng(1)

    def step(number: int) -> cf.ActionStep:
        revenue, contribution = (float(random.integers(*ends)) for ends in ((100, 1000), (20, 300)))
        chance = float(random.uniform(0.3, 0.9))
        return cf.ActionStep(
            f"step {number}", chance, duration={0: 0.5, 1: 0.5}, revenue=revenue, contribution=contribution
        )

    growth = cf.grow([cf.ActionPlan(f"c{k}", "p", [step(j) for j in range(3)]) for k in range(1000)], "2026-01", 12)
    months = [f"2026-{m:02d}" for m in range(1, 13)]
    usual = {"month": months * 300, "customer": [f"b{k}" for k in range(300) for _ in months]}
    usual |= {"revenue": [1000.0] * 3600, "costs": [800.0] * 3600, "variance": [9e4] * 3600}
    deals = {"month": ["2026-03"] * 500, "item": [f"d{k}" for k in range(500)], "source": ["acquisition"] * 500}
    deals |= {"probability": [0.3] * 500, "revenue": [0.3 * (100 + k) for k in range(500)]}
    budget = cf.Budget(usual) + cf.Budget(deals) + cf.Budget.from_growth(growth)
    weeks = budget.with_calendar(cf.budget.FiscalCalendar.weeks("4-4-5", month=12, rule="nearest"))
    market = budget.with_correlation(0.1)
    for name, work in (
        ("12 months", lambda: budget.bands("month")),
        ("12 months, costs", lambda: budget.bands("month", measure="costs")),
        ("13 periods of weeks", lambda: weeks.bands("period")),
        ("5 quarters of weeks", lambda: weeks.bands("quarter")),
        ("the year, customers and deals in a market", lambda: market.bands("year")),
    ):
        seconds = []
        for _ in range(3):
            begin, cpu = time.perf_counter(), time.process_time()
            work()
            seconds.append((time.perf_counter() - begin, time.process_time() - cpu))
        wall, used = np.median(seconds, axis=0)
        print(f"  {name:<42} {wall:6.2f} s, processor {used:.2f} s")


def main() -> None:
    """Print times and what does not add up."""
    print("bands")
    bands()
    for customers in (4_167, 41_667):
        frame = lines(customers)
        budget, table = ours(frame)
        other = theirs(frame)
        assert np.allclose(table.set_index("manager").iloc[:, :12], other.iloc[:12, :12], atol=0.011)
        times: dict[str, list[tuple[float, float]]] = {}

        def timed(name: str, work: Callable[[], object]) -> None:
            begin, cpu = time.perf_counter(), time.process_time()
            work()
            seconds = time.perf_counter() - begin, time.process_time() - cpu
            times.setdefault(name, []).append(seconds)  # noqa: B023  this round's

        for _ in range(ROUNDS if customers < 10_000 else 5):
            timed("custfolio, read to table", lambda: ours(frame))  # noqa: B023
            timed("pandas pivot", lambda: theirs(frame))  # noqa: B023
            fresh = cf.Budget(frame)
            timed("custfolio, rounding", lambda: fresh.total)  # noqa: B023  the first total rounds all lines
        print(f"{len(frame):,} lines: median by the clock (least to most), median of processor time")
        base = np.array(times["pandas pivot"])
        for name, both in times.items():
            wall, cpu = np.array(both).T
            ratio = np.median(np.array(both) / base, axis=0)
            print(
                f"  {name:<26} {np.median(wall):7.3f} s  ({wall.min():.3f} to {wall.max():.3f})  {np.median(cpu):7.3f} s; "
                f"x pandas {ratio[0]:.2f}, processor {ratio[1]:.2f}"
            )
        apart = np.abs(np.rint(other.iloc[:12, :12] * 100).sum(axis=0) - np.rint(other.iloc[12, :12] * 100))
        print(
            f"  pandas: columns that do not add up to their total: {(apart > 0).sum()} of 12, by up to {apart.max():.0f} cents"
        )
        print("  custfolio: none; off the true amount by at most, in cents:")
        for by in (
            ["account"], ["account", "customer"], ["month", "account"], ["month", "account", "customer"],
            ["account", "manager"], ["month", "account", "manager"], ["account", "segment"], ["quarter", "account"],
        ):  # fmt: skip
            told = frame.assign(quarter="2026 Q" + ((frame.month.str[5:].astype(int) + 2) // 3).astype(str))
            print(f"    {' x '.join(by):<28} {worst(told, budget, by):6.2f}")


if __name__ == "__main__":
    main()
