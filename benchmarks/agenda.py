# A year's agenda: reviews placed and deviation beside OR-Tools' minimum-cost flow on the same model, and time.
"""Usage: python benchmarks/agenda.py, with the package ortools installed.

2,000 customers of 12 managers have 12 % more reviews than their managers have places. Both planners place the greatest value, then with the least
weighted days from the due dates. OR-Tools takes whole numbers: values in whole units. Then 100,000 customers of 500 managers are planned.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np
import pyarrow as pa
from ortools.graph.python import min_cost_flow

import custfolio as cf

ROUNDS = 5
TOLERANCE = 14
START = "2022-01"


def company(
    customers: int, managers: int, per_day: int, seed: int
) -> tuple[cf.Portfolio, cf.Selection, dict[str, Any]]:
    """Return customers with a last review in the quarter before, each with its manager."""
    random = np.random.default_rng(seed)
    heat = np.maximum(1.0, np.floor(random.lognormal(7.0, 1.0, customers)))
    ids = [f"c{k:06}" for k in range(customers)]
    portfolio = cf.Portfolio.from_frame(pa.table({"customer_id": ids, "revenue": heat * 5.0, "contribution": heat}))
    names = [f"m{k:03}" for k in range(managers)]
    days = np.datetime64("2022-01-01") - random.integers(1, 90, customers).astype("timedelta64[D]")
    options = {
        "managers": {
            "customer": ids,
            "manager": [names[k % managers] for k in range(customers)],
            "reviews_per_day": [per_day] * customers,
        },
        "last_review": {"customer_id": ids, "day": days.tolist()},
        "tolerance_days": TOLERANCE,
        "start": START,
    }
    return portfolio, cf.select(portfolio), options


def due(agenda: cf.Agenda) -> list[tuple[str, str, int, int]]:
    """Return customer, manager, due day and value of every review, placed or not."""
    rows = []
    for columns in (agenda.columns(), agenda.unplaced.columns()):
        rows += list(
            zip(columns["customer_id"], columns["manager"], columns["due"].astype(np.int64).tolist(), strict=True)
        )
    return rows


def by_flow(rows: list[Any], value: dict[str, int], per_day: int, days: Any) -> tuple[int, int, int]:
    """Return number, value and deviation of the reviews that OR-Tools places, all managers in one flow."""
    flow = min_cost_flow.SimpleMinCostFlow()
    managers = sorted({row[1] for row in rows})
    places = {manager: k for k, manager in enumerate(managers)}
    count, horizon = len(rows), len(days)
    sink, source = count + len(managers) * horizon, count + len(managers) * horizon + 1
    ranks = {each: k + 1 for k, each in enumerate(sorted(set(value.values())))}
    worst = sum(value[row[0]] for row in rows) * TOLERANCE + 1
    arcs: list[tuple[int, int, int, int]] = []
    for k, (customer, manager, day, *_) in enumerate(rows):
        arcs.append((source, k, 1, 0))
        arcs.append((k, sink, 1, ranks[value[customer]] * worst))
        for place in np.flatnonzero(np.abs(days - day) <= TOLERANCE).tolist():
            apart = abs(int(days[place]) - day)
            arcs.append((k, count + places[manager] * horizon + place, 1, value[customer] * apart))
    for node in range(count, sink):
        arcs.append((node, sink, per_day, 0))
    tails, heads, room, costs = map(np.array, zip(*arcs, strict=True))
    flow.add_arcs_with_capacity_and_unit_cost(tails, heads, room, costs)
    flow.set_node_supply(source, count)
    flow.set_node_supply(sink, -count)
    assert flow.solve() == flow.OPTIMAL
    used = flow.flows(np.arange(len(arcs))) > 0
    placed = [
        (tail, cost)
        for (tail, head, _, cost), on in zip(arcs, used, strict=True)
        if on and tail < count and head != sink
    ]
    return len(placed), sum(value[rows[tail][0]] for tail, _ in placed), sum(cost for _, cost in placed)


def main() -> None:
    """Compare, then time the large company."""
    portfolio, selection, options = company(2_000, 12, 1, 7)
    cadence = cf.Cadence(A="5 months", B="6 months", C="8 months")
    value = dict(zip(portfolio.ids, np.asarray(portfolio.core.contribution).astype(int).tolist(), strict=True))
    times: dict[str, list[float]] = {"custfolio": [], "ortools": []}
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        agenda = cf.anchor(portfolio, selection, cadence=cadence, **options)
        times["custfolio"].append(time.perf_counter() - begin)
        rows = due(agenda)
        working = np.array([day for day in range(18993, 18993 + 365) if (day + 3) % 7 < 5])
        begin = time.perf_counter()
        count, worth, deviation = by_flow(rows, value, 1, working)
        times["ortools"].append(time.perf_counter() - begin)
    found = agenda.by_manager.columns()
    print(f"{len(rows)} reviews, {12 * len(working)} places")
    print(
        f"custfolio: {len(agenda)} placed, value {found['value'].sum():.0f}, deviation {found['deviation'].sum():.0f}, gap {agenda.gap}"
    )
    print(f"OR-Tools:  {count} placed, value {worth}, deviation {deviation}")
    for name, seconds in times.items():
        print(f"{name}: {statistics.median(seconds):.2f} s")
    portfolio, selection, options = company(100_000, 500, 3, 8)
    begin = time.perf_counter(), time.process_time()
    agenda = cf.anchor(portfolio, selection, **options)
    print(
        f"100,000 customers, 500 managers: {len(agenda)} placed, {len(agenda.unplaced)} left, "
        f"{time.perf_counter() - begin[0]:.1f} s, {time.process_time() - begin[1]:.1f} s of processors"
    )


if __name__ == "__main__":
    main()
