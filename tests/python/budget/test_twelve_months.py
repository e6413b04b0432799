# Twelve months in a row: real deliveries of 25 stores and a simulated CRM; close, compare, learn, forecast, plan again.
"""A year of closes: nothing drifts, counts twice or gets lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

import custfolio as cf

DELIVERIES = Path(__file__).resolve().parents[3] / "examples" / "data" / "deliveries.csv"
COSTS = cf.CostModel({"deliveries": 90.0, "lines": 2.5, "quantity": 0.12}, revenue_share=0.20)
FIRST = np.datetime64("2021-01", "M")
MARGIN = 0.3


def _day(month: np.datetime64) -> np.datetime64:
    return month.astype("datetime64[D]")


def _crm(customers: list[str]) -> pd.DataFrame:
    """Return two years of deals: about 90 a year, each decided by chance on some day; Ann wins twice as often as Bob."""
    rng = np.random.default_rng(7)
    rows = []
    for day in np.arange("2020-01-01", "2021-12-01", dtype="datetime64[D]"):
        for _ in range(rng.poisson(0.25)):
            owner = str(rng.choice(["Ann", "Bob"]))
            win, loss = {"Ann": 0.008, "Bob": 0.004}[owner], 0.006
            rows.append(
                {
                    "opportunity": f"deal {len(rows)}",
                    "customer": str(rng.choice(customers)),
                    "owner": owner,
                    "created": day,
                    "closed": day + rng.geometric(win + loss),
                    "status": "won" if rng.random() < win / (win + loss) else "lost",
                    "amount": round(float(rng.lognormal(8.0, 0.6)), 2),
                }
            )
    return pd.DataFrame(rows)


class Month(NamedTuple):
    """What a close gave."""

    forecast: cf.Budget
    rest: cf.Budget | None
    actual: float
    variance: Any
    open: set[str]
    new_business: float
    plan: Any


class Year:
    """The company, its CRM and its year."""

    def __init__(self) -> None:
        self.ledger = cf.Ledger.read(DELIVERIES, customer="store", quantity="bottles")
        sales = pd.read_csv(DELIVERIES, dtype={"store": str}).groupby("store")["revenue"].sum()
        self.deals = _crm(sorted(sales.nlargest(15).index))
        self.deals["item"] = self.deals["customer"] + "/" + self.deals["opportunity"]
        self.usual = [self._usual(FIRST + k) for k in range(12)]

    def _usual(self, month: np.datetime64) -> list[tuple[Any, ...]]:
        """Return the sales and costs of a month by customer."""
        period = (str(_day(month)), str(_day(month + 1) - 1))
        table = cf.statement(self.ledger, COSTS, period=period).to_frame("pandas")
        return [
            (str(month), row.customer_id, account, round(amount, 2), "", "open")
            for row in table.itertuples()
            for account, amount in (("revenue", row.revenue), ("costs", row.revenue - row.contribution))
        ]

    def decided(self, through: np.datetime64) -> pd.DataFrame:
        """Return the deals decided from January on through a month."""
        return self.deals[(self.deals["closed"] >= _day(FIRST)) & (self.deals["closed"] < _day(through + 1))]

    def actual(self, through: np.datetime64) -> pd.DataFrame:
        """Return the actual lines through a month: usual business, and the deals won."""
        rows = [row for k in range((through - FIRST).astype(int) + 1) for row in self.usual[k]]
        for deal in self.decided(through).itertuples():
            if deal.status == "won":
                month = str(np.datetime64(deal.closed, "M"))
                for account, amount in (("revenue", deal.amount), ("costs", round((1 - MARGIN) * deal.amount, 2))):
                    rows.append((month, deal.customer, account, amount, deal.item, "won"))
        return pd.DataFrame(rows, columns=["month", "customer", "account", "amount", "item", "state"])

    def export(self, day: np.datetime64) -> pd.DataFrame:
        """Return what the CRM exports at the beginning of a day."""
        known = self.deals[self.deals["created"] < day].copy()
        later = known["closed"] >= day
        known.loc[later, "status"] = "open"
        known.loc[later, "closed"] = pd.NaT
        return known

    def deals_to_come(self, month: np.datetime64) -> cf.Budget:
        """Return what deals that nobody has opened yet bring: that of the same months a year before, once more."""
        year_before = self.deals[
            (self.deals["created"] >= _day(month - 12))
            & (self.deals["closed"] < _day(FIRST))
            & (self.deals["status"] == "won")
        ]
        months = year_before["closed"].to_numpy().astype("datetime64[M]") + 12
        left = np.arange(month, FIRST + 12)
        amount = np.array([year_before["amount"][months == each].sum() for each in left])
        squares = np.array([(MARGIN * year_before["amount"][months == each] ** 2).sum() for each in left])
        return cf.Budget(
            {"month": left.astype(str), "source": ["new deals"] * left.size, "customer": ["(new)"] * left.size,
             "revenue": amount, "costs": (1 - MARGIN) * amount, "variance": MARGIN * squares},
            dimensions=["source", "customer"],
        )  # fmt: skip

    def expected(self, month: np.datetime64) -> tuple[cf.Budget, set[str], float, Any]:
        """Return what is expected from a month on, with the open deals, new business as usual and the plan made again."""
        months = int((FIRST + 12 - month).astype(int))
        deals = cf.growth.read_opportunities(self.export(_day(month)))
        chances = cf.growth.open_chances(deals, at=str(_day(month)), months=months)
        plans = deals.to_plans(str(month), margin=MARGIN, probability=chances)
        growth = cf.grow(plans, start=str(month), months=months, correlation=0.02)
        past = self.ledger.between("2020-01-01", str(_day(month) - 1))
        period = (str(_day(month - 12)), str(_day(month) - 1))
        portfolio = cf.statement(past, COSTS, period=period).portfolio
        baseline = cf.lifetime.baseline(past, portfolio, start=str(month), months=months)
        strategy = cf.Strategy(start=str(month), months=months, floor=None)
        plan = strategy.optimise(portfolio, growth=growth, baseline=baseline)
        budget = cf.Budget.from_baseline(baseline) + cf.Budget.from_growth(growth) + self.deals_to_come(month)
        columns = plans.columns()
        items = {f"{c}/{p}" for c, p in zip(columns["customer"], columns["plan"], strict=True)}
        return budget, items, float(np.sum(growth.expected)), plan


@pytest.fixture(scope="module")
def year() -> tuple[cf.budget.FrozenBudget, set[str], list[Month], Year]:
    """The budget of 2021 frozen in January, and its twelve closes."""
    company = Year()
    budget, items, _, _ = company.expected(FIRST)
    frozen = budget.freeze("2021", on="2020-12-31", bands=["year"])
    version: Any = frozen
    closes = []
    for k in range(12):
        month = FIRST + k
        actual = company.actual(month)
        decided = company.decided(month)
        outcomes = dict.fromkeys(decided.loc[decided["status"] == "lost", "item"], "lost")
        variance = frozen.compare(actual, through=str(month), outcomes=outcomes)
        rest, left, gain, plan = company.expected(month + 1) if k < 11 else (None, set(), 0.0, None)
        version = version.forecast(actual, str(month), remaining=rest)
        sign = np.where(actual["account"] == "revenue", 1.0, -1.0)
        closes.append(Month(version, rest, float((sign * actual["amount"]).sum()), variance, left, gain, plan))
    return frozen, items, closes, company


def test_actual_and_rest_are_the_forecast_to_the_cent(year: Any) -> None:
    _, _, closes, company = year
    for close in closes:
        rest = 0.0 if close.rest is None else close.rest.total[1]
        assert close.forecast.total[1] == pytest.approx(close.actual + rest, abs=0.005)
    # Each close is built on the forecast before it; in the end all that came is there once.
    assert closes[-1].forecast.total[1] == pytest.approx(closes[-1].actual, abs=0.005)
    came = pd.DataFrame(company.usual[0] + [row for rows in company.usual[1:] for row in rows])
    won = company.decided(FIRST + 11).query("status == 'won'")["amount"].sum()
    level = came.loc[came[2] == "revenue", 3].sum() + won
    assert closes[-1].forecast.total[0] == pytest.approx(level, abs=0.005)


def test_causes_close_to_the_cent(year: Any) -> None:
    frozen, _, closes, _ = year
    for k, close in enumerate(closes):
        variance = close.variance
        assert sum(variance.causes.values()) == pytest.approx(variance.actual - variance.planned, abs=1e-6)
        table = variance.to_frame("pandas")
        rows = table.drop(columns=["month", "account", "judgement"])
        sums = rows.drop(columns=["planned", "actual", "variance"]).sum(axis=1)
        np.testing.assert_allclose(sums, rows["actual"] - rows["planned"], rtol=0, atol=1e-6)
        assert table["month"].max() == str(FIRST + k)
        assert variance.actual == pytest.approx(close.actual, abs=0.005)
    assert closes[-1].variance.planned == pytest.approx(frozen.total[1], abs=0.005)


def test_every_deal_is_planned_won_lost_or_open_and_in_one_place(year: Any) -> None:
    _, planned, closes, company = year
    deals = company.deals
    for k, close in enumerate(closes):
        decided = company.decided(FIRST + k)
        won, lost = (set(decided.loc[decided["status"] == end, "item"]) for end in ("won", "lost"))
        assert planned <= won | lost | close.open or k == 11
        if k == 11:
            continue
        known = set(deals.loc[deals["created"] < _day(FIRST + k + 1), "item"])
        earlier = set(deals.loc[deals["closed"] < _day(FIRST), "item"])
        assert won | lost | close.open == known - earlier
        assert len(won) + len(lost) + len(close.open) == len(known - earlier)
        in_forecast = set(close.forecast.to_frame("pandas", by="item")["item"]) - {""}
        assert in_forecast == won | close.open
        # A deal that began after the freeze and was lost has no line, and is listed.
        assert set(close.variance.without_lines) == lost - planned


def test_the_plan_made_again_starts_from_the_same_expectation(year: Any) -> None:
    _, _, closes, _ = year
    for close in closes[:-1]:
        by_source = close.rest.to_frame("pandas", by="source").set_index("source")["level"]
        expected = by_source.sum() - by_source["growth"] - by_source["new deals"]
        assert close.plan.without.level == pytest.approx(expected, abs=0.5)
        assert by_source["growth"] > 0
        assert 0 < close.plan.gain <= close.new_business * 1.001


def test_the_outcome_lies_within_most_bands(year: Any) -> None:
    """Of twelve forecasts of the year, the budget has too little history for a band; nine of the others have what came."""
    frozen, _, closes, _ = year
    truth = closes[-1].actual
    bands = [frozen.bands("year"), *(close.forecast.bands("year") for close in closes[:-1])]
    ends = np.array([[float(band.columns()[name][0]) for name in ("p10", "p90")] for band in bands])
    assert np.isnan(ends[0]).all()
    assert np.isfinite(ends[1:]).all()
    inside = (ends[1:, 0] <= truth) & (truth <= ends[1:, 1])
    assert 8 <= inside.sum() <= 11
    errors = [abs(close.forecast.total[1] - truth) for close in closes[:-1]]
    assert errors[-1] < errors[0] / 4
