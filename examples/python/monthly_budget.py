# The monthly round of a budget: freeze once, close the month, forecast the rest, explain the variance. The command is the same each month.
"""A budget through the year.

Usage: ``python monthly_budget.py [MONTH] [FOLDER]``, MONTH being the last one closed (2026-03). The first run freezes the budget of the
year; later ones leave it alone. Running it again with the same inputs writes the same bytes.
"""

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd

import custfolio as cf
from custfolio.budget import FrozenBudget

CLOSED = sys.argv[1] if len(sys.argv) > 1 else "2026-03"
FOLDER = Path(sys.argv[2] if len(sys.argv) > 2 else "budget")
MONTHS = [f"2026-{month:02d}" for month in range(1, 13)]


def usual_business() -> cf.Budget:
    """Level and heat without any action; here a table, elsewhere cf.lifetime.baseline."""
    rows = [
        {"month": month, "customer": customer, "manager": manager, "revenue": revenue, "costs": 0.8 * revenue, "variance": (0.1 * revenue) ** 2}
        for customer, manager, revenue in (("Acme", "Ann", 9_000.0), ("Bakker", "Bob", 6_500.0), ("Cox", "Bob", 3_200.0))
        for month in MONTHS
    ]  # fmt: skip
    return cf.Budget(pd.DataFrame(rows))


def action_plans() -> list[cf.ActionPlan]:
    """The action plans: a condition, a timing and a success percentage for each step."""
    step = cf.ActionStep
    return [
        cf.ActionPlan(
            "Acme",
            "second range",
            [
                step("tasting", 0.7, earliest="2026-02", hours=4),
                step("listing", 0.5, duration=2, revenue=2_400, contribution=600, hours=6),
            ],
        ),
        cf.ActionPlan("Bakker", "machine", [step("won", 0.4, earliest="2026-03", one_off_revenue=20_000, one_off_contribution=5_000)]),
        cf.ActionPlan("Cox", "service", [step("won", 0.6, earliest="2026-05", revenue=400, contribution=200)]),
    ]  # fmt: skip


def actual_amounts(through: str) -> pd.DataFrame:
    """Actual amounts of the closed months; here by rule, elsewhere cf.Ledger."""
    rows = []
    for k, month in enumerate(month for month in MONTHS if month <= through):
        for customer, manager, revenue in (
            ("Acme", "Ann", 9_200.0),
            ("Bakker", "Bob", 6_100.0),
            ("Cox", "Bob", 3_200.0),
        ):
            amount = revenue + 150.0 * (k % 3 - 1)
            rows.append((month, customer, manager, "revenue", amount, "", "open"))
            rows.append((month, customer, manager, "costs", 0.8 * amount, "", "open"))
        if month == "2026-04":  # a month later than planned, and smaller
            rows.append((month, "Bakker", "Bob", "revenue", 18_500.0, "Bakker/machine", "won"))
            rows.append((month, "Bakker", "Bob", "costs", 13_800.0, "Bakker/machine", "won"))
    return pd.DataFrame(rows, columns=["month", "customer", "manager", "account", "amount", "item", "state"])


def known_outcomes(through: str) -> dict[tuple[str, str, str], str]:
    """The outcomes of steps by now."""
    outcomes = {}
    if through >= "2026-02":
        outcomes["Acme", "second range", "tasting"] = "2026-02"
    if through >= "2026-04":
        outcomes["Bakker", "machine", "won"] = "2026-04"
    return outcomes


def plans_as_they_stand(through: str) -> list[cf.ActionPlan]:
    """The plans now: an open step that was due by the close moves to the next month."""
    known, later = known_outcomes(through), [month for month in MONTHS if month > through]

    def moved(plan: cf.ActionPlan, step: cf.ActionStep) -> cf.ActionStep:
        due = isinstance(step.earliest, str) and step.earliest <= through
        late = due and (plan.customer, plan.name, step.name) not in known
        return replace(step, earliest=later[0]) if late and later else step

    return [replace(plan, steps=[moved(plan, step) for step in plan.steps]) for plan in action_plans()]


FOLDER.mkdir(exist_ok=True)
managers = {"manager": {"Acme": "Ann", "Bakker": "Bob", "Cox": "Bob"}}
growth = cf.grow(action_plans(), start=MONTHS[0], months=12, correlation=0.05)
current = cf.grow(plans_as_they_stand(CLOSED), start=MONTHS[0], months=12, correlation=0.05)
budget = usual_business() + cf.Budget.from_growth(growth, labels=managers)

frozen_file = FOLDER / "budget-2026.json"
if not frozen_file.exists():
    budget.freeze("2026", on="2025-12-15", bands=["month", "quarter", "year", "manager"]).save(frozen_file)
frozen = FrozenBudget.load(frozen_file)

actual = actual_amounts(CLOSED)
now = usual_business() + cf.Budget.from_growth(current.given(known_outcomes(CLOSED)), labels=managers)
forecast = frozen.forecast(actual, through=CLOSED, remaining=now)
variance = frozen.compare(actual, through=CLOSED, by=["month", "account"])

forecast.to_excel(FOLDER / f"forecast-{CLOSED}.xlsx", title=f"Forecast after {CLOSED}", stamp=datetime(2026, 1, 1))
forecast.to_csv(FOLDER / f"forecast-{CLOSED}.csv", version=f"forecast {CLOSED}")
variance.report(FOLDER / f"variance-{CLOSED}.html", title=f"Variance to {CLOSED}")
variance.to_excel(FOLDER / f"variance-{CLOSED}.xlsx", stamp=datetime(2026, 1, 1))
variance.to_frame("pandas").to_csv(FOLDER / f"variance-{CLOSED}.csv", index=False)

year = frozen.bands("year").to_frame("pandas").iloc[0]
print(
    f"Budget 2026: {frozen.total[1]:,.2f} contribution (P10 {year.p10:,.0f}, P90 {year.p90:,.0f}); checksum {frozen.checksum[:12]}"
)
band = forecast.bands("year").to_frame("pandas").iloc[0]
print(f"Forecast after {CLOSED}: {forecast.total[1]:,.2f} (P10 {band.p10:,.0f}, P90 {band.p90:,.0f})")
print(f"So far {variance.actual:,.2f} against {variance.planned:,.2f} planned:")
for cause, amount in variance.causes.items():
    if amount:
        print(f"  {cause:<8} {amount:>12,.2f}")
