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
import pyarrow as pa

import custfolio as cf

FOLDER = Path(__file__).resolve().parent
DELIVERIES = FOLDER.parents[2] / "examples" / "data" / "deliveries.csv"


def results() -> dict[str, Any]:
    """Return a small result of every class."""
    names = {"customer": "store", "quantity": "bottles"}
    ledger = cf.Ledger.read(DELIVERIES, **names).between("2021-01-01", "2021-12-31")
    costs = cf.CostModel({"deliveries": 90.0, "lines": 2.5, "quantity": 0.12}, revenue_share=0.20)
    statement = cf.statement(ledger, costs, period=("2021-01-01", "2021-12-31"), threads=1)
    timed = cf.CostModel(
        {"lines": {"2021-01-01": 2.5, "2021-07-01": 3.0}},
        pools=[cf.Pool("service", 1e7, 2e7)],
        activities=[cf.Activity("order", "service", "15*new_customer + 5 + 3*lines*quantity")],
        avoidable={"service": {6: 0.5, 12: 1.0}},
    )
    stated = cf.statement(ledger, timed, period=("2021-01-01", "2021-12-31"), threads=1)
    portfolio = statement.portfolio
    half = cf.statement(ledger, costs, period=("2021-01-01", "2021-06-30"), threads=1)
    selection = cf.select(portfolio, target=0.05)
    uncertainty = statement.uncertain(target=0.05, rates=0.25, months=True)
    answers = {
        "customer_id": portfolio.ids[:3],
        "potential_revenue": portfolio.core.revenue[:3] * np.array([1.0, 1.5, 2.0]),
        "speed": [0.5, 0.8, None],
        "network_potential": [0.5, 1.0, 0.25],
    }
    asked = cf.select(portfolio, 0.05, answers, uncertainty=uncertainty)
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
    changed = {**lines, "revenue": [1_100.0, 850.5]}
    certain = cf.Budget({name: values for name, values in lines.items() if name != "variance"})
    budget = cf.Budget.from_growth(growth, calendar=cf.budget.FiscalCalendar.weeks("4-5-4", month=1))
    return (
        models()
        | growth_results(growth)
        | {
            "agenda": agenda,
            "assessment": cf.lifetime.assess(model, summary),
            "bands": company.bands(),
            "baseline": baseline,
            "bridge": cf.bridge(half, cf.statement(ledger, costs, period=("2021-07-01", "2021-12-31"), threads=1)),
            "bucket": plan.after,
            "budget_pivot": company.pivot("account"),
            "budget_totals": company.totals("month"),
            "budget_variance": company.compare(changed),
            "budgets_side_by_side": cf.budget.side_by_side({"plan": company, "changed": cf.Budget(changed)}),
            "budget": budget,
            "budget_distribution": budget.distribution(first="2022-01", last="2022-03"),
            "budget_of_lines": company,
            "budget_sum": (budget.with_calendar(cf.budget.FiscalCalendar()) + certain).forecast(january, "2022-01"),
            "cost_model": costs,
            "cost_model_of_pools": timed,
            "orders": half.portfolio.orders,
            "pools": stated.pools,
            "activities": stated.activities,
            "reconciled_elements": stated.reconciliation.elements,
            "statement_of_pools": stated,
            "distribution": amounts + 100.0 * cf.growth.sum_distribution([0.3], [2.0]),
            "company_baseline": baseline.company,
            "fiscal_calendar": cf.budget.FiscalCalendar.weeks("4-5-4", month=1),
            "frozen_budget": budget.freeze("2022", on="2021-12-15"),
            "growth": growth.given({(portfolio.ids[0], "more", "visit"): "failed"}),
            "growth_distribution": growth.distribution(),
            "learned_acceptance": learned_acceptance(),
            "ledger": ledger.between("2021-12-01", "2021-12-31"),
            "model": model,
            "offers": offers,
            "period_summary": summary.periods("month"),
            "plan": plan,
            "plan_comparison": plan.compare(cf.Strategy("2022-01", months=2, floor=None).optimise(located)),
            "plan_simulation": plan.simulate(20),
            "portfolio": located,
            "prediction": model.predict(summary, horizon="26 weeks"),
            "prospects": prospects,
            "white_spots": cf.acquisition.white_spots(located, count=3),
            "win_fit": cf.acquisition.fit_win(prospects, prospects.core.id[:1]),
            "reconciliation": statement.reconciliation,
            "interest": asked.interest,
            "selection": asked,
            "statement": statement,
            "uncertainty": uncertainty,
            "summary": summary,
            "terms": terms[2],
            "trace": stated.trace(portfolio.ids[0]),
            "trace_comparison": stated.trace(portfolio.ids[0], against=statement),
            "whale": statement.whale,
        }
        | segments()
        | remediation_results(ledger, costs, offers, selection, terms)
    )


def remediation_results(ledger: Any, costs: Any, offers: Any, selection: Any, terms: Any) -> dict[str, Any]:
    """Return what room `remediation` makes beside offers."""
    half = cf.statement(ledger, costs, period=("2021-01-01", "2021-06-30"), threads=1)
    late = cf.statement(ledger, costs, period=("2021-07-01", "2021-12-31"), threads=1)
    made = cf.remediate(half.portfolio, cf.select(half.portfolio, target=0.05), terms)
    best = [
        offer
        for k, offer in enumerate(zip(*(made.columns()[n] for n in ("customer_id", "terms")), strict=True))
        if k in made.best
    ]
    answers = {"customer_id": [who for who, _ in best], "terms": [what for _, what in best]}
    newcomers = {"customer_id": late.portfolio.ids[:2], "level": [1e5, 1e5], "heat": [5e3, 5e3]}
    review = cf.remediation.review(
        made, answers | {"accepted": [k % 2 for k in range(len(best))]}, half, late, newcomers=newcomers
    )
    sequences = cf.remediation.ask_sequences(offers.portfolio, selection, terms)
    return {
        "ask_sequences": sequences,
        "benchmark": cf.remediation.benchmark(half),
        "review": review,
        "review_groups": review.groups,
        "review_newcomers": review.newcomers,
        "unlike_offers": cf.remediation.unlike_offers(made, size_ratio=3.0, temperature=0.1, burden=0.0),
    }


def learned_acceptance() -> Any:
    """Return acceptance learned from a few answers."""
    answers = {"customer_id": ["a", "b", "c"], "accepted": [True, False, True], "burden": [0.01, 0.05, 0.02]}
    return cf.Acceptance.learn({**answers, "segment": ["small", "large", "small"]}, by="segment")


def years() -> tuple[cf.Statement, cf.Statement]:
    """Return the statements of two years."""
    rows = {
        "customer": ["a", "a", "b"],
        "item": ["x", "y", "x"],
        "family": ["f", "g", "f"],
        "quantity": [2.0, 1.0, 5.0],
    }
    first, second = (
        cf.Ledger(
            pa.table({**rows, "date": [day] * 3, "revenue": revenue, "cost": [9.0, 6.0, 25.0]}),
            item="item",
            family="family",
        )
        for day, revenue in (("2020-03-02", [20.0, 9.0, 50.0]), ("2021-03-01", [24.0, 9.0, 45.0]))
    )
    return cf.statement(first, cf.CostModel({"lines": 1.0})), cf.statement(second, cf.CostModel({"lines": 1.5}))


def segments() -> dict[str, Any]:
    """Return the results of segmentation, and a bridge by groups."""
    segmentation = cf.segmentation
    return {
        "statement_bridge": cf.bridge(*years(), by="family"),
        "kmeans": segmentation.kmeans([[1.0, 2.0], [1.5, 2.0], [9.0, 7.0]], 2),
        "migration": segmentation.migration({"segment": ["A", "B"], "revenue": [5.0, 2.0]}, {"segment": ["A", None]}),
        "natural_breaks": segmentation.natural_breaks([1.0, 2.0, 9.0, 9.5], 2),
        "rfm": segmentation.rfm([3, 40, 90], [9, 1, 1], [500.0, 20.0, 30.0], bins=3, segments={"best": {"r": 3}}),
    }


def models() -> dict[str, Any]:
    """Return every model of a customer base, fitted or with known parameters, and what is made of them."""
    lifetime = cf.lifetime
    histories = {
        "frequency": [0.0, 2.0, 5.0, 1.0, 0.0, 3.0],
        "recency": [0.0, 20.0, 35.0, 4.0, 0.0, 12.0],
        "T": [30.0, 38.0, 39.0, 27.0, 36.0, 40.0],
    }
    periods = {"frequency": [0, 1, 3, 2, 0], "recency": [0, 2, 5, 6, 0], "periods": [6, 6, 6, 6, 4]}
    contracts = {"recency": [1, 2, 2, 3, 4, 4, 1], "T": [4, 4, 2, 4, 4, 5, 3]}
    amounts = {"frequency": [1.0, 4.0, 2.0, 6.0, 3.0], "monetary_value": [12.5, 30.0, 22.0, 41.0, 18.5]}
    pareto = lifetime.ParetoNBD.from_params(r=0.55, alpha=10.6, s=0.61, beta=11.7)
    sbg = lifetime.ShiftedBetaGeometric().fit(contracts)
    nbd = lifetime.NBD().fit(histories)
    return {
        "beta_discrete_weibull": lifetime.BetaDiscreteWeibull.from_params(alpha=0.7, beta=1.2, c=1.1),
        "bg_bb": lifetime.BGBB.from_params(alpha=1.2, beta=0.75, gamma=0.66, delta=2.78),
        "bg_bb_prediction": lifetime.BGBB.from_params(alpha=1.2, beta=0.75, gamma=0.66, delta=2.78).predict(
            periods, horizon=5, discount_rate=0.0, spend=20.0
        ),
        "contract_prediction": sbg.predict(contracts, 5, 0.0, contribution=100.0),
        "gamma_gamma": lifetime.GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44),
        "mbg_nbd": lifetime.MBGNBD.from_params(r=0.52, alpha=6.2, a=0.89, b=1.6),
        "model_comparison": lifetime.compare({"NBD": nbd, "MBG/NBD": lifetime.MBGNBD().fit(histories)}),
        "nbd": nbd,
        "normal_normal": lifetime.NormalNormal().fit(amounts),
        "pareto_nbd": pareto,
        "pareto_prediction": pareto.predict({**histories, "contribution": [2.0] * 6}, horizon=10, discount_rate=0.0),
        "shifted_beta_geometric": sbg,
        "tenures": sbg.by_tenure(4, 3, 0.0),
    }


def growth_results(growth: Any) -> dict[str, Any]:
    """Return what is made of action plans, their outcomes and sales."""
    stated = [0.2, 0.8, 0.5, 0.5, 0.9, 0.1, 0.3, 0.7]
    won = [0, 1, 1, 0, 1, 0, 0, 1]
    sales = {
        "customer": ["a", "a", "b", "b", "c", "d"],
        "product": ["ale", "gin", "ale", "rum", "ale", "gin"],
        "revenue": [100.0, 40.0, 80.0, 30.0, 120.0, 60.0],
        "contribution": [20.0, 10.0, 15.0, 6.0, 30.0, 12.0],
    }
    space = cf.growth.white_space(sales, contribution="contribution")
    deals = {
        "opportunity": ["1", "2", "3"],
        "customer": ["a", "b", "c"],
        "status": ["won", "lost", "open"],
        "amount": [100.0, 50.0, 80.0],
        "probability": [1.0, 0.0, 0.4],
        "created": ["2021-10-01", "2021-10-05", "2021-11-01"],
        "expected_close": ["2021-11-15", "2021-11-20", "2022-02-01"],
        "closed": ["2021-11-10", "2021-12-01", None],
    }
    opportunities = cf.growth.read_opportunities(frame_of(deals))
    chances = cf.growth.open_chances(opportunities, at="2022-01-01", months=3, segments={"a": "shop"})
    days = ["2021-01-04", "2021-01-11", "2021-02-01", "2021-02-08"]
    later = ["2021-01-11", "2021-01-25", "2021-02-02", "2021-02-22"]
    return {
        "calibration": cf.growth.calibrate(stated, won, resamples=50),
        "coverage": cf.growth.coverage([1.0, 5.0, 3.0], [0.0, 1.0, 2.0], [2.0, 4.0, 4.0]),
        "factor_correlation": cf.growth.estimate_correlation([1, 4, 0, 5, 2], [5, 5, 5, 5, 5]),
        "group_paces": chances.groups,
        "next_actions": cf.growth.next_actions(growth, white_space=space, probability=0.3, hours=2.0),
        "open_chances": chances,
        "opportunities": opportunities,
        "opportunity_plans": opportunities.to_plans("2022-01", margin=0.3),
        "sensitivity": growth.sensitivity(),
        "slippage": cf.growth.slippage(days, later),
        "success_rates": cf.growth.success_rates({"stage": ["a", "a", "b", "b"], "won": [1, 0, 1, 1]}, "stage", "won"),
        "time_to_target": growth.time_to_target(500.0),
        "white_space": space,
        "without_day": chances.left_out,
        "win_rate_by_age": cf.growth.win_rate_by_age(days, later, [1, 0, 1, 0]),
    }


def frame_of(columns: dict[str, Any]) -> Any:
    """Return columns as an Arrow table."""
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
