# Bands of weeks, of costs and of parts that share a market, each beside its own simulation by NumPy alone.
"""Chances of shares of months, of costs, and of a common market."""

from __future__ import annotations

import datetime
import math
from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import NDArray

import custfolio as cf
from custfolio.budget import FiscalCalendar

MONTHS, PLAYS, PATHS = 6, 200_000, 1 << 14
SEASON = (1.5, 0.5, 1.0, 2.0, 1.0, 0.25, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)


def _deals() -> list[cf.ActionPlan]:
    """One step each: once, running, both; uncertain months and sizes, ramps, seasons."""
    months = {0: 0.3, 1: 0.4, 2: 0.3}
    once = cf.ActionStep("won", 0.6, duration=months, one_off_revenue=900, one_off_contribution=300)
    runs = cf.ActionStep(
        "runs",
        0.7,
        duration=months,
        revenue=200,
        contribution=80,
        ramp=3,
        lasts=4,
        season=SEASON,
        size={0.5: 0.5, 1.5: 0.5},
    )
    both = cf.ActionStep(
        "both",
        0.5,
        earliest=2,
        revenue=100,
        contribution=20,
        one_off_revenue=400,
        one_off_contribution=250,
        size={1: 0.6, 2: 0.4},
    )
    return [cf.ActionPlan(name, "deal", [step]) for name, step in (("a", once), ("b", runs), ("c", both))]


def _months(
    plans: list[cf.ActionPlan], what: str, seed: int, market: NDArray[np.float64] | None = None, share: float = 0.0
) -> NDArray[np.float64]:
    """Return plays x months of plans of one step each, by the words of the documentation of a step."""
    random = np.random.default_rng(seed)
    total = np.zeros((PLAYS, MONTHS))
    for plan in plans:
        (step,) = plan.steps
        chance = np.full(PLAYS, step.probability)
        if market is not None:
            normal = NormalDist()
            score = (normal.inv_cdf(step.probability) - math.sqrt(share) * market) / math.sqrt(1 - share)
            chance = 0.5 * (1 + np.vectorize(math.erf)(score / math.sqrt(2)))
        won = random.random(PLAYS) < chance
        table = step.duration if isinstance(step.duration, dict) else {step.duration: 1.0}
        decided = int(step.earliest) - 1 + random.choice(list(table), PLAYS, p=list(table.values()))
        size = random.choice(list(step.size), PLAYS, p=list(step.size.values())) if step.size else np.ones(PLAYS)
        for month in range(MONTHS):
            since = month - decided
            running = np.minimum(1.0, (since + 1) / max(1, step.ramp)) * (step.season[month] if step.season else 1.0)
            running = np.where(since < (step.lasts or MONTHS), running, 0.0)
            figures = {}
            for name in ("revenue", "contribution"):
                figures[name] = getattr(step, name) * running + getattr(step, f"one_off_{name}") * (since == 0)
            figures["costs"] = figures["revenue"] - figures["contribution"]
            total[:, month] += np.where(won & (since >= 0), figures[what] * size, 0.0)
    return total


def _same(found: cf.growth.Distribution, drawn: NDArray[np.float64], errors: float = 5.0, plays: int = PLAYS) -> None:
    """Check a distribution by draws: the mean, and the chance at each of nine amounts."""
    assert abs(found.mean - drawn.mean()) < errors * drawn.std() / math.sqrt(plays) + 1e-9
    for q in np.linspace(0.1, 0.9, 9):
        amount = float(np.quantile(drawn, q)) + 0.05  # beyond an atom, which may lie up to a step of the lattice away
        share = float((drawn <= amount).mean())
        assert abs(found.cdf(amount) - share) < errors * 0.5 / math.sqrt(plays) + 1e-6


@pytest.mark.parametrize("what", ["revenue", "contribution", "costs"])
def test_shares_of_months_are_exact(what: str) -> None:
    growth = cf.grow(_deals(), "2022-01", MONTHS)
    drawn = _months(_deals(), what, 1)
    for first, shares in (
        (0, [0.25, 1, 1, 0.5]),
        (1, [0.1, 0.75]),
        (2, [0.4]),
        (0, [1, 1, 1, 1, 1, 1]),
        (3, [1, 0.2, 0.9]),
    ):
        share = np.array(shares, dtype=float)
        found = growth.monthly_amounts().sum(f"2022-{first + 1:02d}", shares, payoff=what)
        _same(found, drawn[:, first : first + share.size] @ share)
        expected = np.asarray(
            growth._core.expected_revenue if what == "revenue" else growth._core.expected_contribution
        ).sum(axis=0)
        if what == "costs":
            expected = np.asarray(growth._core.expected_revenue).sum(axis=0) - expected
        assert found.mean == pytest.approx(expected[first : first + share.size] @ share, rel=1e-12)


def test_periods_of_weeks_have_the_bands_of_their_days() -> None:
    plain = {
        "month": ["2022-02", "2022-03"],
        "customer": ["z", "z"],
        "revenue": [500.0, 700.0],
        "variance": [900.0, 1600.0],
    }
    deal = {
        "month": ["2022-03"] * 2,
        "account": ["revenue", "costs"],
        "amount": [120.0, 60.0],
        "item": ["d"] * 2,
        "probability": [0.4] * 2,
    }
    budget = cf.Budget(plain) + cf.Budget(deal) + cf.Budget.from_growth(cf.grow(_deals(), "2022-01", MONTHS))
    retail = budget.with_calendar(FiscalCalendar.weeks("4-4-5", month=12, rule="nearest"))
    random = np.random.default_rng(3)
    drawn = _months(_deals(), "contribution", 2)
    for month, mean, deviation in ((1, 500.0, 30.0), (2, 700.0, 40.0)):
        drawn[:, month] += random.normal(mean, deviation, PLAYS)
    drawn[:, 2] += np.where(random.random(PLAYS) < 0.4, 150.0, 0.0)
    first = datetime.date(2022, 1, 1)
    for by in ("period", "quarter", "year"):
        bands = retail.bands(by).columns()
        totals = retail.totals(by).columns()
        assert bands["expected"].tolist() == totals["heat"].tolist()
        for k, name in enumerate(bands[by]):
            shares = np.zeros(MONTHS)
            for day in range(181):
                date = first + datetime.timedelta(days=day)
                period = retail.calendar.period_of(date)
                own = {"period": f" P{period.number:02d}", "quarter": f" Q{period.quarter}", "year": ""}[by]
                if name == f"FY{period.year}{own}":
                    length = (datetime.date(2022 + date.month // 12, date.month % 12 + 1, 1) - date.replace(day=1)).days
                    shares[date.month - 1] += 1 / length
            sums = drawn @ shares
            for q in (10, 50, 90):
                assert (sums <= bands[f"p{q}"][k] + 0.02).mean() >= q / 100 - 0.006
                assert (sums < bands[f"p{q}"][k] - 0.02).mean() <= q / 100 + 0.006
    frozen = retail.freeze("2022", on="2021-12-15")
    assert frozen.bands("quarter").columns()["p90"].tolist() == retail.bands("quarter").columns()["p90"].tolist()
    # Periods that are months have the bands of months, to the bit.
    years = budget.with_calendar(FiscalCalendar(4))
    for q in ("p10", "p50", "p90"):
        assert years.bands("period").columns()[q].tolist() == budget.bands("month").columns()[q].tolist()


def _graphs() -> list[cf.ActionPlan]:
    """Trees of steps with retries, hazards and chances by month, and one plan that waits for another's step."""
    a = cf.ActionPlan("a", "p", [
        cf.ActionStep("first", 0.6, duration={0: 0.5, 1: 0.5}, retries=2, hazard=0.1, one_off_revenue=300, one_off_contribution=120),
        cf.ActionStep("second", 0.7, duration=1, by_month=(1.0, 0.9, 0.8), revenue=90, contribution=40, ramp=2),
        cf.ActionStep("third", 0.5, after="first", revenue=60, contribution=30, one_off_revenue=100, one_off_contribution=-50),
    ])  # fmt: skip
    b = cf.ActionPlan(
        "b", "p", [cf.ActionStep("after a", 0.8, after="a/p/second", one_off_revenue=500, one_off_contribution=200)]
    )
    return [a, b]


def _plays(months: int, payoff: str, known: dict[tuple[str, str, str], str]) -> NDArray[np.float64]:
    """Return what each play of the graphs brings within the first months; the same numbers are drawn for each number of months."""
    growth = cf.grow(_graphs(), "2022-01", months).given(known)
    drawn = [np.asarray(growth._core.simulate_total(PATHS, 1, name)) for name in ("revenue", "contribution")]
    return {"revenue": drawn[0], "contribution": drawn[1], "costs": drawn[0] - drawn[1]}[payoff]


@pytest.mark.parametrize("what", ["revenue", "contribution", "costs"])
def test_graphs_of_steps_are_exact_as_they_are_when_played(what: str) -> None:
    growth = cf.grow(_graphs(), "2022-01", 9)
    outcome = {("a", "p", "first"): "2022-02"}
    shares = np.array([0.3, 1.0, 0.6])
    changes = np.append(shares, 0.0) - np.append(0.0, shares)  # of the sums up to before each month
    for known, first in (({}, 1), ({}, 4), (outcome, 3)):
        found = growth.given(known).monthly_amounts().sum(f"2022-{first + 1:02d}", shares, payoff=what)
        played = -sum(change * _plays(first + k, what, known) for k, change in enumerate(changes))
        assert abs(found.mean - played.mean()) < 5 * played.std() / math.sqrt(PATHS)
        for q in np.linspace(0.05, 0.95, 10):
            at = float(np.quantile(played, q)) + 0.011
            assert abs(found.cdf(at) - float((played <= at).mean())) < 5 * 0.5 / math.sqrt(PATHS)


def test_steps_that_spend_and_long_spans_are_exact() -> None:
    tries = cf.ActionStep(
        "tries", 0.3, retries=3, spacing=1, spend=10, hours=2, one_off_revenue=200, one_off_contribution=150
    )
    amounts = cf.grow([cf.ActionPlan("a", "p", [tries])], "2022-01", MONTHS).monthly_amounts()
    shares = np.array([0.5, 0.25])
    # By hand: an attempt a month until the first success.
    outcomes = {-10 * (0.5 + 0.25): 0.49, 150 * 0.5 - 10 * 0.5: 0.3, 150 * 0.25 - 10 * (0.5 + 0.25): 0.21}
    costs = {7.5: 0.49, 5 + 50 * 0.5: 0.3, 7.5 + 50 * 0.25: 0.21}
    for payoff, wanted in (("contribution", outcomes), ("costs", costs)):
        found = amounts.sum("2022-01", shares, payoff=payoff)
        for amount, chance in wanted.items():
            assert found.cdf(amount + 0.011) - found.cdf(amount - 0.011) == pytest.approx(chance, abs=1e-12)
    both = cf.grow([cf.ActionPlan("a", "p", [tries]), *_deals()], "2022-01", MONTHS)
    mixed = both.monthly_amounts().sum("2022-01", shares)
    drawn = _months(_deals(), "contribution", 6)[:, :2] @ shares
    drawn += np.random.default_rng(8).choice(list(outcomes), PLAYS, p=list(outcomes.values()))
    _same(mixed, drawn)
    runs = cf.ActionStep("runs", 0.5, duration={0: 0.5, 13: 0.5}, revenue=100, contribution=100)
    long = cf.grow([cf.ActionPlan("a", "p", [runs])], "2022-01", 30)
    share = np.array([0.5] + [1.0] * 12 + [0.25])
    found = long.monthly_amounts().sum("2022-03", share, payoff="revenue")
    assert found.cdf(0.011) == pytest.approx(0.5)
    for amount, chance in ((100 * share.sum(), 0.25), (100 * share[11:].sum(), 0.25)):
        assert found.cdf(amount + 0.011) - found.cdf(amount - 0.011) == pytest.approx(chance)
    # One share of all months.
    whole = amounts.sum("2022-01", [0.5, 0.5])
    assert whole.quantile(0.9) == 0.5 * amounts.sum("2022-01", [1, 1]).quantile(0.9)
    with pytest.raises(cf.InputError, match="not in the horizon"):
        amounts.sum("2021-12", [1.0])


def test_costs_have_bands_of_their_own() -> None:
    budget = cf.Budget.from_growth(cf.grow(_deals(), "2022-01", MONTHS))
    drawn = {what: _months(_deals(), what, 4) for what in ("revenue", "contribution", "costs")}
    _same(budget.distribution("costs"), drawn["costs"].sum(axis=1))
    _same(budget.distribution("revenue", last="2022-02"), drawn["revenue"][:, :2].sum(axis=1))
    for which, measure, sign in (
        ("costs", "costs", 1),
        ("costs", "heat", -1),
        ("revenue", "heat", 1),
        ("revenue", "level", 1),
    ):
        by = budget.bands(["account", "month"], measure=measure).columns()
        for k, (account, month) in enumerate(zip(by["account"], by["month"], strict=True)):
            if account == which:
                sums = sign * drawn[which][:, int(month[-2:]) - 1]
                for q in (10, 50, 90):
                    assert (sums <= by[f"p{q}"][k] + 0.02).mean() >= q / 100 - 0.006
                    assert (sums < by[f"p{q}"][k] - 0.02).mean() <= q / 100 + 0.006
            elif measure == "level":  # costs do not count in the level
                assert by["p10"][k] == by["p90"][k] == 0.0


def test_what_attempts_take_has_bands_too() -> None:
    first = cf.ActionStep("call", 0.4, retries=1, spacing=1, spend=30, hours=3, revenue=100, contribution=100)
    second = cf.ActionStep("visit", 0.5, duration=1, spend=200, hours=8, one_off_revenue=900, one_off_contribution=900)
    growth = cf.grow([cf.ActionPlan("a", "p", [first, second])], "2022-01", MONTHS)
    # Calls: one for certain, another with 0.6; the visit with 0.64.
    for what, call, visit in (("spend", 30.0, 200.0), ("hours", 3.0, 8.0)):
        budget = cf.Budget.from_growth(growth, figure=what, currency="hours" if what == "hours" else "EUR")
        found = budget.distribution(what)
        expected = {call + visit: 0.4, 2 * call + visit: 0.24, 2 * call: 0.36}
        for amount, chance in expected.items():
            assert found.cdf(amount + 0.02) - found.cdf(amount - 0.02) == pytest.approx(chance, abs=1e-9)
        assert found.mean == pytest.approx(sum(a * c for a, c in expected.items()))
        assert budget.totals("account").columns()["amount"][0] == pytest.approx(found.mean, abs=0.01)
        month = budget.distribution(what, first="2022-02", last="2022-02")  # the second call, and the visit after it
        assert month.cdf(0.02) == pytest.approx(0.4)
        assert month.mean == pytest.approx(0.6 * call + 0.24 * visit)
    hours = cf.Budget.from_growth(growth, figure="hours", currency="hours")
    assert hours.totals("account").columns()["amount"][0] == pytest.approx(growth._core.expected_hours.sum(), abs=0.01)
    retail = hours.with_calendar(FiscalCalendar.weeks("4-4-5", month=12, rule="nearest"))
    assert retail.bands("quarter", measure="hours").columns()["p90"][0] > 0
    with pytest.raises(cf.InputError, match="'luck'"):
        cf.Budget.from_growth(growth, figure="luck")


def _parts(share: float = 0.2) -> cf.Budget:
    normal = {
        "month": [f"2022-{m:02d}" for m in (1, 2, 3)] * 2,
        "customer": ["x"] * 3 + ["y"] * 3,
        "source": ["baseline"] * 6,
        "revenue": [1000.0] * 6,
        "costs": [600.0] * 6,
        "variance": [900.0, 900.0, 400.0, 1600.0, 100.0, 2500.0],
    }
    deals = {
        "month": ["2022-02"] * 40,
        "source": ["acquisition"] * 40,
        "item": [f"deal {k}" for k in range(40)],
        "probability": [0.1 + 0.02 * k for k in range(40)],
        "revenue": [(0.1 + 0.02 * k) * (50.0 + k) for k in range(40)],
    }
    plans = []
    for k in range(30):
        step = cf.ActionStep("won", 0.2 + 0.015 * k, one_off_revenue=100.0, one_off_contribution=60.0 + k)
        plans.append(cf.ActionPlan(f"c{k}", "p", [step]))
    return (
        cf.Budget(normal)
        + cf.Budget(deals)
        + cf.Budget.from_growth(cf.grow(plans, "2022-01", MONTHS, correlation=share))
    )


def test_a_market_moves_all_parts_together() -> None:
    apart = _parts()
    together = apart.with_correlation(0.3)
    found = together.distribution()
    assert found.mean == pytest.approx(apart.distribution().mean, rel=1e-9)
    assert together.total == apart.total
    random = np.random.default_rng(11)
    market = random.standard_normal(PLAYS)
    erf = np.vectorize(math.erf)
    drawn = np.full(PLAYS, 6 * 400.0)
    for variance in (900.0, 900.0, 400.0, 1600.0, 100.0, 2500.0):
        own = 0.4 * math.sqrt(variance)  # the costs move with the revenue
        drawn -= own * (math.sqrt(0.3) * market + math.sqrt(0.7) * random.standard_normal(PLAYS))

    def met(chance: float, share: float) -> NDArray[np.bool_]:
        score = (NormalDist().inv_cdf(chance) - math.sqrt(share) * market) / math.sqrt(1 - share)
        return random.random(PLAYS) < 0.5 * (1 + erf(score / math.sqrt(2)))

    for k in range(40):
        drawn += (50.0 + k) * met(0.1 + 0.02 * k, 0.3)
    for k in range(30):
        drawn += (60.0 + k) * met(0.2 + 0.015 * k, 0.2)  # the plans' own correlation
    _same(found, drawn)
    assert found.standard_deviation == pytest.approx(drawn.std(), rel=0.01)
    assert found.standard_deviation > 1.2 * apart.distribution().standard_deviation
    # By source: those that are not named stay apart.
    only = apart.with_correlation({"baseline": 0.3})
    assert (
        only.distribution(where={"source": "acquisition"}).variance
        == apart.distribution(where={"source": "acquisition"}).variance
    )


def test_a_large_business_in_a_market_is_no_staircase() -> None:
    # Given the market the sum of 3,000 customers is narrow, and moves far from one market to the next.
    count, deals = 3_000, 80
    usual = {
        "month": ["2022-01"] * count,
        "customer": [f"c{k}" for k in range(count)],
        "revenue": [100.0] * count,
        "variance": [400.0] * count,
    }
    chances = [0.1 + 0.01 * k for k in range(deals)]
    lines = {
        "month": ["2022-01"] * deals,
        "source": ["acquisition"] * deals,
        "item": [f"deal {k}" for k in range(deals)],
        "probability": chances,
        "revenue": [p * (500.0 + 7 * k) for k, p in enumerate(chances)],
    }
    budget = (cf.Budget(usual) + cf.Budget(lines)).with_correlation(0.2)
    found = budget.distribution()
    random = np.random.default_rng(5)
    market = random.standard_normal(PLAYS)
    drawn = 100.0 * count - 20.0 * (
        count * math.sqrt(0.2) * market + math.sqrt(0.8 * count) * random.standard_normal(PLAYS)
    )
    for k, chance in enumerate(chances):
        score = (NormalDist().inv_cdf(chance) - math.sqrt(0.2) * market) / math.sqrt(0.8)
        drawn += (500.0 + 7 * k) * (random.standard_normal(PLAYS) < score)
    _same(found, drawn)
    assert found.mean == pytest.approx(
        100.0 * count + sum(p * (500.0 + 7 * k) for k, p in enumerate(chances)), rel=1e-9
    )
    assert found.standard_deviation == pytest.approx(drawn.std(), rel=0.01)
    density = np.diff([found.cdf(found.mean + found.standard_deviation * x) for x in np.linspace(-2, 2, 161)])
    assert (np.abs(np.diff(density, 2)) < 1e-3).all()  # smooth, where steps would be as high as the density: 1e-2


def test_without_a_market_nothing_changes_and_near_one_all_is_one() -> None:
    apart = _parts()
    none = apart.with_correlation(0.3).with_correlation(0.0)
    for by in ("month", "source", ()):
        before, after = apart.bands(by).columns(), none.bands(by).columns()
        assert all(before[q].tolist() == after[q].tolist() for q in ("p10", "p50", "p90"))
    # Each part alone: the normal ones move as one, deals come in the order of their chances; the plans keep their own correlation.
    near = apart.with_correlation(1 - 1e-12)
    base = near.distribution(where={"source": "baseline"})
    spread = 0.4 * sum(math.sqrt(v) for v in (900.0, 900.0, 400.0, 1600.0, 100.0, 2500.0))
    assert base.standard_deviation == pytest.approx(spread, rel=1e-5)
    plans = near.distribution(where={"source": "growth"})
    assert plans.quantile(0.1) == apart.distribution(where={"source": "growth"}).quantile(0.1)
    two = cf.Budget(
        {"month": ["2022-01"] * 2, "item": ["a", "b"], "probability": [0.5, 0.2], "revenue": [50.0, 20.0]},
        correlation=0.999,
    ).distribution()
    assert two.cdf(0.5) == pytest.approx(0.5, abs=1e-3)  # b comes only with a
    assert two.cdf(100.5) == pytest.approx(0.8, abs=1e-3)
    assert two.mean == pytest.approx(70.0, rel=1e-9)


def test_plans_in_a_market_are_the_plans_over_all_markets() -> None:
    growth = cf.grow(_graphs(), "2022-01", 9, correlation=0.25)
    amounts = [100.0, 250.0, 400.0, 800.0]
    markets = np.arange(-6.0, 6.01, 0.25)
    density = np.exp(-(markets**2) / 2)
    density /= density.sum()
    months = growth.monthly_amounts()
    met = [months.sum("2022-01", [1.0] * 9, factor=float(market)) for market in markets]
    for amount in amounts:
        averaged = float(density @ [each.cdf(amount) for each in met])
        assert growth.distribution().cdf(amount) == pytest.approx(averaged, abs=1e-7)
    assert growth.distribution().mean == pytest.approx(float(density @ [each.mean for each in met]), rel=1e-7)


def test_a_market_is_given_once() -> None:
    lines = {"month": ["2022-01"], "revenue": [1.0], "variance": [4.0]}
    one = cf.Budget(lines, correlation=0.2)
    assert one.correlation == 0.2
    assert (one + cf.Budget(lines)).correlation == 0.2
    assert (cf.Budget(lines) + one).correlation == 0.2
    with pytest.raises(cf.InputError, match="with_correlation"):
        one + cf.Budget(lines, correlation=0.3)
    assert one.freeze("v", on="2022-01-01").correlation == 0.2
    assert one.forecast({"month": ["2022-01"], "revenue": [2.0]}, "2022-01").correlation == 0.2
    for wrong in (1.0, -0.1, math.nan, {"baseline": 1.5}, {"luck": 0.1}):
        with pytest.raises(cf.InputError, match="correlation"):
            one.with_correlation(wrong)


def test_deals_and_plans_in_a_market_keep_their_amounts_where_nothing_is_normal() -> None:
    """Each amount has its own chance, by numeric integration over the market; none is smeared, or comes out at the other end."""
    share, low, high = 0.3, 0.25, 0.4
    plans = [
        cf.ActionPlan("a", "p", [cf.ActionStep("won", high, one_off_revenue=1000, one_off_contribution=700)]),
        cf.ActionPlan("b", "p", [cf.ActionStep("won", high, one_off_revenue=1000, one_off_contribution=703)]),
    ]
    lines = {"month": ["2022-01"], "revenue": [200.0], "contribution": [100.0], "item": ["i"], "probability": [low]}
    budget = cf.Budget(lines).with_correlation(share) + cf.Budget.from_growth(
        cf.grow(plans, "2022-01", 1, correlation=share)
    )
    normal = NormalDist()
    markets = np.linspace(-8, 8, 641)
    density = np.exp(-(markets**2) / 2)
    density /= density.sum()

    def met(chance: float) -> NDArray[np.float64]:
        begin = normal.inv_cdf(chance)
        return np.array([normal.cdf((begin - math.sqrt(share) * z) / math.sqrt(1 - share)) for z in markets.tolist()])

    deal, one, other = met(low), met(high), met(high)
    wanted = {
        400.0 * i + 700.0 * j + 703.0 * k: float(
            density @ ((deal if i else 1 - deal) * (one if j else 1 - one) * (other if k else 1 - other))
        )
        for i in (0, 1)
        for j in (0, 1)
        for k in (0, 1)
    }
    found = budget.distribution()
    for amount, chance in wanted.items():
        assert found.cdf(amount + 0.005) - found.cdf(amount - 0.005) == pytest.approx(chance, abs=1e-4)
    assert found.quantile(0) == pytest.approx(0)
    band = budget.bands("year").to_frame("pandas")
    assert band["p10"][0] == pytest.approx(0)
    assert band["p90"][0] == pytest.approx(1403)


def test_many_deals_that_all_fail_stay_at_nothing() -> None:
    """The chance that none of 66 deals and a plan comes, by numeric integration; a market so strong makes it great."""
    share, low, count = 0.9, 0.02, 66
    plan = cf.ActionPlan("a", "p", [cf.ActionStep("won", low, one_off_revenue=50, one_off_contribution=50)])
    lines = {
        "month": ["2022-01"] * count,
        "revenue": [low * (10.0 + k) for k in range(count)],
        "costs": [0.0] * count,
        "item": [f"deal {k}" for k in range(count)],
        "probability": [low] * count,
    }
    budget = cf.Budget(lines).with_correlation(share) + cf.Budget.from_growth(
        cf.grow([plan], "2022-01", 1, correlation=share)
    )
    normal = NormalDist()
    markets = np.linspace(-8, 8, 1281)
    density = np.exp(-(markets**2) / 2)
    lost = [normal.cdf((math.sqrt(share) * z - normal.inv_cdf(low)) / math.sqrt(1 - share)) for z in markets.tolist()]
    none = float(density / density.sum() @ np.array(lost) ** (count + 1))
    found = budget.distribution()
    assert none > 0.8
    assert found.cdf(5.0) == pytest.approx(none, abs=1e-3)
    assert found.quantile(0.5) == pytest.approx(0, abs=1)
    assert found.mean == pytest.approx(low * (sum(10.0 + k for k in range(count)) + 50), rel=2e-3)


def test_normal_amounts_and_deals_in_a_market_that_is_nearly_all_settle() -> None:
    """Chances by numeric integration over the market, in which every sum is a narrow step."""
    share, count = 0.97, 20
    rng = np.random.default_rng(5)
    amounts = np.round(rng.uniform(100, 5000, count))
    chances = rng.uniform(0.1, 0.9, count)
    deviation = 300.0
    lines = {
        "month": ["2022-01"] * (count + 1),
        "revenue": [*(chances * amounts).tolist(), 4000.0],
        "costs": [0.0] * (count + 1),
        "item": [f"i{k}" for k in range(count + 1)],
        "variance": [0.0] * count + [deviation**2],
        "probability": [*chances.tolist(), 1.0],
    }
    found = cf.Budget(lines).with_correlation(share).distribution()
    normal = NormalDist()
    begin = np.array([normal.inv_cdf(p) for p in chances.tolist()])
    markets = np.linspace(-8, 8, 1025)
    density = np.exp(-(markets**2) / 2)
    density /= density.sum()
    asked = [found.quantile(q) for q in (0.1, 0.3, 0.5, 0.7, 0.9)]
    below = np.zeros(len(asked))
    for market, weight in zip(markets.tolist(), density.tolist(), strict=True):
        given = [normal.cdf(x) for x in ((begin - math.sqrt(share) * market) / math.sqrt(1 - share)).tolist()]
        deals = cf.growth.sum_distribution(given, amounts)
        own = NormalDist(4000 - deviation * math.sqrt(share) * market, deviation * math.sqrt(1 - share))
        kept = deals.mass > 1e-12
        for at, amount in enumerate(asked):
            left = (amount - deals.points[kept]).tolist()
            below[at] += weight * float(deals.mass[kept] @ np.array([own.cdf(x) for x in left]))
    np.testing.assert_allclose([found.cdf(amount) for amount in asked], below, rtol=0, atol=1e-3)


def _many_deals() -> list[cf.ActionPlan]:
    """Return deals of unlike amounts, so that an exact lattice has many points."""
    decided = dict.fromkeys(range(4), 0.25)
    return [
        cf.ActionPlan(
            f"c{k}",
            "deal",
            [cf.ActionStep("won", 0.3 + 0.01 * (k % 7), duration=decided, one_off_contribution=90.0 + 33.5 * k)],
            factors={"owner": "ab"[k % 2]},
        )
        for k in range(40)
    ]


@pytest.mark.parametrize("correlation", [0.02, {"market": 0.05}, {"owner": 0.1}])
def test_bands_with_a_common_factor_are_within_a_thousandth_of_the_level(correlation: object) -> None:
    """The coarse lattice of bands against the fine one of distributions."""
    growth = cf.grow(_many_deals(), start="2026-01", months=2, correlation=correlation)
    budget = cf.Budget.from_growth(growth)
    chances = (0.01, 0.1, 0.5, 0.9, 0.99)
    table = budget.bands("quarter", quantiles=chances).columns()
    fine = budget.distribution()
    level = float(table["expected"][0])
    coarse = [float(values[0]) for name, values in table.items() if name.startswith("p")]
    exact = [fine.quantile(q) for q in chances]
    assert fine.step < level / 4000
    np.testing.assert_allclose(coarse[1:4], exact[1:4], rtol=0, atol=level / 1000)
    assert coarse != exact
    # In thin tails the amounts have gaps: there the chance is compared.
    for quantile, q in zip(coarse, chances, strict=True):
        assert fine.cdf(quantile - level / 1000) - 1e-4 <= q <= fine.cdf(quantile + level / 1000) + 1e-4


def test_bands_that_are_fast_anyway_stay_exact() -> None:
    """Few deals, or deals without a common factor, keep their lattice to the cent."""
    for deals, correlation in ((_many_deals()[:5], 0.02), (_many_deals(), None)):
        given = {} if correlation is None else {"correlation": correlation}
        budget = cf.Budget.from_growth(cf.grow(deals, start="2026-01", months=2, **given))
        table = budget.bands("quarter").columns()
        fine = budget.distribution()
        assert [float(table[name][0]) for name in ("p10", "p50", "p90")] == [fine.quantile(q) for q in (0.1, 0.5, 0.9)]
