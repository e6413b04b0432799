# Makes the stored results of this version and their figures: python tests/python/pickles/make.py
"""One small result of every class that can be stored, and the files that tests read again."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import custfolio as cf

FOLDER = Path(__file__).resolve().parent
DELIVERIES = FOLDER.parents[2] / "examples" / "data" / "deliveries.csv"


def results() -> dict[str, Any]:
    """Return a small result of every class."""
    names = {"customer": "store", "quantity": "bottles"}
    ledger = cf.Ledger.read(DELIVERIES, **names).between("2021-01-01", "2021-12-31")
    costs = cf.CostModel({"deliveries": 90.0, "lines": 2.5, "quantity": 0.12}, revenue_share=0.20)
    statement = cf.statement(ledger, costs, period=("2021-01-01", "2021-12-31"), threads=1)
    portfolio = statement.portfolio
    half = cf.statement(ledger, costs, period=("2021-01-01", "2021-06-30"), threads=1)
    selection = cf.select(portfolio, target=0.05)
    terms = [cf.Terms.delivery_fee(25), cf.Terms.minimum_order(2_000), cf.Terms.price(0.03, elasticity=-0.5)]
    offers = cf.remediate(portfolio, selection, terms)
    agenda = cf.anchor(portfolio, selection, start="2022-01")
    steps = [
        cf.ActionStep("visit", probability=0.8, hours=2.0),
        cf.ActionStep("listing", probability=0.5, revenue=900.0),
    ]
    plans = [cf.ActionPlan(customer, "more", steps) for customer in portfolio.ids[:3]]
    growth = cf.grow(plans, start="2022-01", months=6, correlation=0.1)
    candidates = {"id": ["p", "q"], "latitude": [41.6, float("nan")], "longitude": [-93.6, -93.6]}
    places = {"customer_id": portfolio.ids, "latitude": np.full(len(portfolio), 41.7)}
    places["longitude"] = np.linspace(-94.0, -93.0, len(portfolio))
    located = portfolio.located(frame_of(places))
    prospects = cf.acquire(frame_of(candidates), located)
    baseline = cf.lifetime.baseline(ledger, portfolio, start="2022-01", months=6, threads=1)
    strategy = cf.Strategy(start="2022-01", months=6, floor="baseline", limits={"sales_hours": 40.0})
    plan = strategy.optimise(
        portfolio, offers=offers, growth=growth, selection=selection, agenda=agenda, baseline=baseline, threads=1
    )
    summary = cf.lifetime.summary(ledger)
    model = cf.lifetime.BGNBD().fit(summary)
    amounts = cf.growth.sum_distribution([0.2, 0.5, 0.9], [1_000.0, 250.0, 40.5], correlation=0.2)
    lines = {
        "month": ["2022-01", "2022-02"],
        "revenue": [1_000.55, 900.0],
        "costs": [700.0, 650.25],
        "variance": [4.0, 9.0],
    }
    january = {name: values[:1] for name, values in lines.items() if name != "variance"}
    company = cf.Budget(lines, correlation=0.2, library="pyarrow")
    certain = cf.Budget({name: values for name, values in lines.items() if name != "variance"})
    budget = cf.Budget.from_growth(growth, calendar=cf.budget.FiscalCalendar.weeks("4-5-4", month=1))
    return {
        "agenda": agenda,
        "baseline": baseline,
        "bridge": cf.bridge(half, statement),
        "bucket": plan.after,
        "budget": budget,
        "budget_distribution": budget.distribution(first="2022-01", last="2022-03"),
        "budget_of_lines": company,
        "budget_sum": (budget.with_calendar(cf.budget.FiscalCalendar()) + certain).forecast(january, "2022-01"),
        "cost_model": costs,
        "distribution": amounts + 100.0 * cf.growth.sum_distribution([0.3], [2.0]),
        "fiscal_calendar": cf.budget.FiscalCalendar.weeks("4-5-4", month=1),
        "frozen_budget": budget.freeze("2022", on="2021-12-15"),
        "growth": growth.given({(portfolio.ids[0], "more", "visit"): "failed"}),
        "growth_distribution": growth.distribution(),
        "ledger": ledger.between("2021-12-01", "2021-12-31"),
        "model": model,
        "offers": offers,
        "plan": plan,
        "portfolio": located,
        "prediction": model.predict(summary, horizon="26 weeks"),
        "prospects": prospects,
        "selection": selection,
        "statement": statement,
        "summary": summary,
        "terms": terms[2],
        "whale": statement.whale,
    }


def frame_of(columns: dict[str, Any]) -> Any:
    """Return columns as an Arrow table."""
    import pyarrow as pa

    return pa.table(columns)


def figures(result: Any) -> dict[str, Any]:
    """Return what identifies a result: its columns, or for what is no table its text."""
    if hasattr(result, "columns") and callable(result.columns):
        return {name: [_plain(cell) for cell in _cells(values)] for name, values in result.columns().items()}
    return {"text": repr(result) if not hasattr(result, "period_of") else repr(result.period_of("2023-02-10"))}


def _cells(values: Any) -> Iterator[Any]:
    yield from values.to_pylist() if hasattr(values, "to_pylist") else np.asarray(values, dtype=object).tolist()


def _plain(cell: Any) -> Any:
    """Return a cell as JSON can hold it; numbers that are not finite and dates as text."""
    if isinstance(cell, np.generic):
        cell = cell.item()
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else repr(cell)
    return cell if cell is None or isinstance(cell, (bool, int, str)) else str(cell)


def main() -> None:
    """Write the files."""
    made = results()
    for name, result in made.items():
        (FOLDER / f"{name}.pickle").write_bytes(pickle.dumps(result, protocol=4))
    lines = [f"{json.dumps(name)}: {json.dumps(figures(result))}" for name, result in made.items()]
    (FOLDER / "figures.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
