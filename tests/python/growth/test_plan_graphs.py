# Action plans as graphs: exact distributions against every way in which they can go, played naively, and against simulation.
"""Graphs of steps in room ``growth``."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

import custfolio as cf
from custfolio.growth import lognormal_size, plans_from_frame, triangular_size

MONTHS = 7
NEVER = 10**6
Pay = tuple[float, ...]


def soonest(steps: list[cf.ActionStep], before: list[tuple[str, list[int]]]) -> list[int]:
    """First month in which each step could be decided; steps are in an order of the graph."""
    found: list[int] = []
    for step, (join, parents) in zip(steps, before, strict=True):
        begin = (min if join == "any" else max)([found[p] for p in parents]) if parents else 0
        least = min(step.duration) if isinstance(step.duration, dict) else step.duration
        found.append(max(begin, int(step.earliest) - 1) + least)
    return found


def endings(
    step: cf.ActionStep, start: int, first_decision: int, known: int | None = None
) -> Iterator[tuple[float, int, Pay, Pay]]:
    """Every way in which a step can go: probability, month of success (as it is known), contribution and revenue by month."""

    def paid(month: int, size: float, cost: list[float]) -> tuple[Pay, Pay]:
        both = []
        for base, once in ((step.contribution, step.one_off_contribution), (step.revenue, step.one_off_revenue)):
            pay = [0.0] * MONTHS
            for m in range(max(month, 0), MONTHS):
                k = m - month + 1
                if not step.lasts or k <= step.lasts:
                    ramp = min(1.0, k / step.ramp) if step.ramp else 1.0
                    pay[m] += size * base * ramp * (step.season[m % 12] if step.season else 1.0)
                if m == month:
                    pay[m] += size * once
            both.append(pay)
        return tuple(a - c for a, c in zip(both[0], cost, strict=True)), tuple(both[1])

    def attempt(month: int, left: int, reached: float, cost: list[float]) -> Iterator[tuple[float, int, Pay, Pay]]:
        latest = NEVER if step.latest is None else int(step.latest) - 1
        nothing = tuple(-c for c in cost), (0.0,) * MONTHS
        if month >= MONTHS or month > latest:
            yield reached, NEVER, *nothing
            return
        cost = [c + (step.spend if m == month else 0.0) for m, c in enumerate(cost)]
        nothing = tuple(-c for c in cost), (0.0,) * MONTHS
        table = step.duration if isinstance(step.duration, dict) else {step.duration: 1.0}
        for takes, chance in table.items():
            decided = month + takes
            if decided >= MONTHS:
                yield reached * chance, NEVER, *nothing
                continue
            p = step.probability * (1 - step.hazard) ** max(0, decided - first_decision)
            if step.by_month:
                p *= step.by_month[min(decided, len(step.by_month) - 1)]
            for size, q in (step.size or {1.0: 1.0}).items():
                yield reached * chance * p * q, decided, *paid(decided, size, cost)
            if left:
                yield from attempt(decided + step.spacing, left - 1, reached * chance * (1 - p), cost)
            else:
                yield reached * chance * (1 - p), NEVER, *nothing

    if known is None:
        yield from attempt(start, step.retries, 1.0, [0.0] * MONTHS)
        return
    for size, q in (step.size or {1.0: 1.0}).items():
        yield q, known, *paid(known, size, [0.0] * MONTHS)


def every_way(
    steps: list[cf.ActionStep], before: list[tuple[str, list[int]]], known: dict[int, int] | None = None
) -> dict[tuple[Pay, Pay], float]:
    """Probability of every pair of contribution and revenue by month; no ways are merged but those of equal pay."""
    decisions = soonest(steps, before)
    totals: dict[tuple[Pay, Pay], float] = {}

    def go(k: int, p: float, finish: list[int], heat: Pay, level: Pay) -> None:
        if p == 0.0:
            return
        if k == len(steps):
            key = tuple(round(v, 6) for v in heat), tuple(round(v, 6) for v in level)
            totals[key] = totals.get(key, 0.0) + p
            return
        join, parents = before[k]
        start = (min if join == "any" else max)([finish[i] for i in parents]) if parents else 0
        start = max(start, int(steps[k].earliest) - 1)
        for q, month, more_heat, more_level in endings(steps[k], start, decisions[k], (known or {}).get(k)):
            go(
                k + 1,
                p * q,
                [*finish, month],
                tuple(a + b for a, b in zip(heat, more_heat, strict=True)),
                tuple(a + b for a, b in zip(level, more_level, strict=True)),
            )

    go(0, 1.0, [], (0.0,) * MONTHS, (0.0,) * MONTHS)
    return totals


def random_graph(seed: int) -> tuple[list[cf.ActionStep], list[tuple[str, list[int]]]]:
    """A graph of up to ten steps; large ones have plain steps so that every way can be played."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 11))
    rich = count <= 4
    steps, before = [], []
    for k in range(count):
        parents = sorted({int(i) for i in rng.integers(0, k, size=rng.integers(0, 3))}) if k else []
        join = str(rng.choice(["all", "any"]))
        few = count <= 6
        duration: int | dict[int, float] = int(rng.integers(0, 3))
        if few and rng.random() < 0.4:
            duration = {int(duration): 0.25, int(duration) + 2: 0.75}
        options = {}
        if rich and rng.random() < 0.5:
            options |= {"retries": int(rng.integers(0, 3)), "spacing": int(rng.integers(0, 3))}
        if rich and rng.random() < 0.3:
            options |= {"size": {0.5: 0.25, 1.0: 0.5, 2.0: 0.25}}
        if rng.random() < 0.4:
            options |= {
                "spend": float(rng.integers(1, 40)),
                "ramp": int(rng.integers(0, 5)),
                "lasts": int(rng.integers(0, 4)),
            }
        if rng.random() < 0.3:
            options |= {"hazard": 0.125, "season": tuple(rng.integers(0, 5, size=12) / 4)}
        if rng.random() < 0.3:
            options |= {"by_month": (1.0, 0.5, 0.75), "latest": int(rng.integers(4, 8))}
        steps.append(
            cf.ActionStep(
                f"s{k}",
                probability=float(rng.choice([0.0, 0.2, 0.5, 0.8, 1.0], p=[0.05, 0.3, 0.3, 0.3, 0.05])),
                earliest=int(rng.integers(1, 4)),
                duration=duration,
                revenue=float(rng.integers(-50, 300)),
                contribution=float(rng.integers(-50, 100)),
                one_off_revenue=float(rng.integers(0, 100)),
                one_off_contribution=float(rng.integers(0, 60)),
                after=tuple(f"s{i}" for i in parents),
                join=join,
                **options,
            )
        )
        before.append((join, parents))
    return steps, before


@pytest.mark.parametrize("seed", range(60))
def test_any_graph_agrees_with_every_way_in_which_it_can_go(seed: int) -> None:
    steps, before = random_graph(seed)
    rng = np.random.default_rng(seed)
    shuffled = [steps[i] for i in rng.permutation(len(steps))]  # the order of the steps says nothing
    growth = cf.grow([cf.ActionPlan("a", "p", shuffled)], start="2022-01", months=MONTHS)
    ways = every_way(steps, before)
    for at, payoff, expected in ((0, "contribution", growth.expected), (1, "revenue", growth.expected_revenue)):
        mean = [math.fsum(p * pay[at][m] for pay, p in ways.items()) for m in range(MONTHS)]
        np.testing.assert_allclose(expected, mean, atol=1e-5)
        for first, last in ((0, MONTHS - 1), (1, 3), (4, 4)):
            sums: dict[float, float] = {}
            for pay, p in ways.items():
                total = math.fsum(pay[at][first : last + 1])
                sums[total] = sums.get(total, 0.0) + p
            found = growth.distribution(growth.months[first], growth.months[last], payoff)
            assert found.mean == pytest.approx(math.fsum(v * p for v, p in sums.items()), abs=1e-4)
            values = sorted(sums)
            # Between the values that can occur, away from the rounding of amounts to cents.
            for low, high in itertools.pairwise(values):
                if high - low > 0.1:
                    below = math.fsum(p for v, p in sums.items() if v <= low)
                    assert found.cdf((low + high) / 2) == pytest.approx(below, abs=1e-9)


def test_graphs_agree_with_simulation_and_large_ones_are_simulated() -> None:
    plans = [cf.ActionPlan(f"c{seed}", "p", random_graph(seed)[0]) for seed in range(100, 140)]
    exact = cf.grow(plans, start="2022-01", months=MONTHS)
    drawn = exact._core.simulate_total(20_000, 3)
    total = exact.distribution()
    assert exact.simulation_error() == 0.0
    assert abs(drawn.mean() - total.mean) < 5 * drawn.std() / math.sqrt(drawn.size)
    assert drawn.std() == pytest.approx(total.standard_deviation, rel=0.04)
    np.testing.assert_array_equal(drawn, exact._core.simulate_total(20_000, 3, threads=3))
    played = cf.grow(plans[:8], start="2022-01", months=MONTHS, limit=4, paths=20_000)
    exact = cf.grow(plans[:8], start="2022-01", months=MONTHS)
    error = played.simulation_error()
    assert 0.0 < error < 0.02
    for chance in (0.1, 0.5, 0.9):
        value = exact.quantile(chance)
        assert played.distribution().cdf(value) == pytest.approx(exact.distribution().cdf(value), abs=5 * error)


def test_plans_wait_for_each_other_and_for_events() -> None:
    plans = [
        cf.ActionPlan("a", "p", [cf.ActionStep("trial", 0.5, duration=1, contribution=100.0)]),
        cf.ActionPlan("b", "q", [cf.ActionStep("copy", 0.8, after="a/p/trial & terms", contribution=10.0)]),
    ]
    growth = cf.grow(plans, start="2022-01", months=3, events={"terms": (0.5, "2022-03")})
    np.testing.assert_allclose(growth.expected, [0, 50, 50 + 0.5 * 0.5 * 0.8 * 10])
    assert growth.probability(reach=210) == pytest.approx(0.2)
    assert growth.probability(reach=10, by="2022-01") == 0.0
    assert cf.grow(plans, start="2022-01", months=3, events={"terms": 0}).success("b", "q", "copy") == 0.0
    with pytest.raises(cf.InputError, match="step 'copy': comes after 'terms', which is neither"):
        cf.grow(plans, start="2022-01")
    circle = [plans[1], cf.ActionPlan("a", "p", [cf.ActionStep("trial", after="b/q/copy")])]
    with pytest.raises(cf.InputError, match=r"wait for each other: customer b.* after customer a.* after customer b"):
        cf.grow(circle, start="2022-01", events={"terms": 1})


def test_known_outcomes_give_what_certain_steps_give() -> None:
    plans = [cf.ActionPlan(f"c{seed}", "p", random_graph(seed)[0]) for seed in range(200, 230)]
    growth = cf.grow(plans, start="2022-01", months=MONTHS)
    before = growth.expected.copy()
    chain = cf.ActionPlan(
        "x", "y", [cf.ActionStep("one", 0.4, duration=1, contribution=7.0), cf.ActionStep("two", 0.5, contribution=9.0)]
    )
    growth = cf.grow([*plans, chain], start="2022-01", months=MONTHS)
    won = growth.given({("x", "y", "one"): "2022-03"})
    np.testing.assert_allclose(won.expected - before, [0, 0, *([7 + 4.5] * 5)], atol=1e-9)
    lost = growth.update({("x", "y", "one"): "failed"})
    np.testing.assert_allclose(lost.expected, before, atol=1e-9)
    assert lost.success("x", "y", "two") == 0.0
    earlier = growth.given({("x", "y", "one"): "2021-11"})
    np.testing.assert_allclose(earlier.expected - before, [11.5] * MONTHS, atol=1e-9)
    both = won.given({("x", "y", "two"): "succeeded"})
    assert both.distribution().mean == pytest.approx(before.sum() + 7 * 5 + 9 * 7)
    certain = cf.ActionPlan("x", "y", [cf.ActionStep("one", 1.0, earliest=3, contribution=7.0), chain.steps[1]])
    fresh = cf.grow([*plans, certain], start="2022-01", months=MONTHS)
    for chance in (0.1, 0.5, 0.9):
        assert won.quantile(chance) == pytest.approx(fresh.quantile(chance))
    with pytest.raises(cf.NotFoundError, match="no step 'three'"):
        growth.given({("x", "y", "three"): "failed"})
    with pytest.raises(cf.InputError, match="after the horizon"):
        growth.given({("x", "y", "one"): "2023-01"})
    assert growth.expected.sum() != pytest.approx(won.expected.sum())


def test_time_to_a_target() -> None:
    plan = cf.ActionPlan("a", "p", [cf.ActionStep("call", 0.5, duration={1: 0.5, 3: 0.5}, contribution=100.0)])
    when = cf.grow([plan], start="2022-01", months=4).time_to_target(150)
    np.testing.assert_allclose(when.reached, [0, 0, 0.25, 0.25])
    assert when.not_within_horizon == pytest.approx(0.75)
    assert when.quantile(0.2) == "2022-03"
    assert when.quantile(0.5) is None
    assert when.to_frame("pandas")["month"].tolist() == when.months
    assert when.plot().to_dict()


def test_frames_say_graphs() -> None:
    rows = pd.DataFrame(
        {
            "customer": ["a"] * 4, "step": ["visit", "trial", "tender", "listing"], "number": [10, 20, 30, 40],
            "probability": [0.9, 0.5, 0.5, 0.8], "after": ["0", "10", "visit", "20 | 30"],
            "duration": ["0", "1 2 4", "1: 0.5, 3: 0.5", "1"], "contribution": [0.0, 0.0, 0.0, 100.0],
            "spend": [5.0, 0.0, 0.0, 0.0], "latest": [None, None, "2022-06", None],
        }
    )  # fmt: skip
    plan = plans_from_frame(rows)[0]
    assert plan.steps[3].after == "2 | 3"
    assert plan.steps[1].duration == (1, 2, 4)
    growth = cf.grow(rows, start="2022-01", months=12)
    assert growth.success("a", "plan", "listing") == pytest.approx(0.9 * 0.75 * 0.8)
    assert growth.expected[0] == pytest.approx(-5.0)
    with pytest.raises(cf.InputError, match="duration is 'soon'"):
        cf.grow(rows.assign(duration="soon"), start="2022-01")
    with pytest.raises(cf.InputError, match="not both"):
        cf.grow(rows.assign(after="10 & 20 | 30"), start="2022-01")
    with pytest.raises(cf.InputError, match="wait for each other"):
        cf.grow(rows.assign(after=["listing", "10", "10", "20 | 30"]), start="2022-01")


def test_sizes_keep_their_mean() -> None:
    table = triangular_size(0.5, 1.0, 2.1, points=200)
    assert sum(table.values()) == pytest.approx(1.0)
    assert sum(size * p for size, p in table.items()) == pytest.approx(1.2)
    variance = sum((size - 1.2) ** 2 * p for size, p in table.items())
    assert variance == pytest.approx((0.5**2 + 1 + 2.1**2 - 0.5 - 0.5 * 2.1 - 2.1) / 18, rel=1e-3)
    table = lognormal_size(0.4, points=9)
    assert sum(size * p for size, p in table.items()) == pytest.approx(1.0)
    with pytest.raises(cf.InputError, match="ascending"):
        triangular_size(2, 1, 3)
    with pytest.raises(cf.InputError, match="sigma"):
        lognormal_size(0)


def test_what_steps_are_worth() -> None:
    plans = [cf.ActionPlan(f"c{seed}", "p", random_graph(seed)[0]) for seed in (302, 303, 305)]
    growth = cf.grow(plans, start="2022-01", months=MONTHS)
    target = round(growth.quantile(0.6), 2)
    table = growth.sensitivity(target).to_frame("pandas").set_index(["customer", "plan", "step"])
    assert len(table) == sum(len(plan.steps) for plan in plans)
    shift = 1e-5
    tried = 0
    for p, plan in enumerate(plans):
        for k, step in enumerate(plan.steps):
            if not 0.1 < step.probability < 0.9:
                continue
            moved = []
            for sign in (1, -1):
                steps = list(plan.steps)
                steps[k] = dataclasses.replace(step, probability=step.probability + sign * shift)
                changed = [*plans[:p], cf.ActionPlan(plan.customer, plan.name, steps), *plans[p + 1 :]]
                one = cf.grow(changed, start="2022-01", months=MONTHS)
                moved.append((one.expected.sum(), one.probability(reach=target)))
            worth, chance = ((moved[0][i] - moved[1][i]) / (2 * shift) / 100 for i in (0, 1))
            row = table.loc[(plan.customer, plan.name, step.name)]
            assert row["worth"] == pytest.approx(worth, abs=1e-5)
            assert row["chance"] == pytest.approx(chance, abs=1e-6)
            tried += 1
    assert tried > 5
    assert growth.sensitivity(top=2).plot().to_dict()


def test_which_steps_carry_the_uncertainty_and_what_must_be_added() -> None:
    steps = [("a", 0.5, 300.0), ("b", 0.2, 200.0), ("c", 0.9, 100.0)]
    plans = [cf.ActionPlan(name, "p", [cf.ActionStep("win", p, one_off_contribution=v)]) for name, p, v in steps]
    growth = cf.grow(plans, start="2022-01", months=2)
    parts = {name: p * (1 - p) * v * v for name, p, v in steps}
    found = growth.uncertainty(top=3).to_frame("pandas").set_index("customer")["share"]
    assert found.index.tolist() == ["a", "b", "c"]
    for name, part in parts.items():
        assert found[name] == pytest.approx(part / sum(parts.values()))
    needed = growth.needed(400.0, probability=0.8)
    # Reached by 300 + 100 (and more): chance 0.5 * (1 - 0.8 * 0.1); at least 100 comes with 0.96, at least 200 with less than 0.8.
    assert needed.facts["chance as things are"] == pytest.approx(0.5 * (1 - 0.8 * 0.1))
    assert needed.facts["to be added"] == pytest.approx(300.0)
    table = needed.to_frame("pandas").set_index("customer")["chance"]
    assert table["a"] == pytest.approx(1 - 0.8 * 0.1)
    assert table["b"] == pytest.approx(0.5)
    assert needed.plot().to_dict()


@pytest.mark.parametrize(
    "duration", [[1, 2], [3, 2, 4], 1.5, "2", float("nan"), [1, 2, 2.5], None, [0, 1, float("inf")]]
)
def test_a_duration_that_cannot_be_names_its_step(duration: object) -> None:
    step = cf.ActionStep("call", 0.5, contribution=1.0, duration=duration)  # type: ignore[arg-type]
    with pytest.raises(cf.InputError, match=r"step 'call'.*duration"):
        cf.grow([cf.ActionPlan("c", "p", (step,))], start="2022-01", months=3)


def test_a_list_of_three_durations_is_triangular() -> None:
    found = [
        cf.grow(
            [cf.ActionPlan("c", "p", (cf.ActionStep("call", contribution=1.0, duration=d),))], start="2022-01", months=6
        )
        for d in ((1, 2, 4), [1, 2, 4], [1.0, np.int64(2), 4])
    ]
    assert found[0].expected.tolist() == found[1].expected.tolist() == found[2].expected.tolist()


@pytest.mark.parametrize("seed", range(60))
def test_plans_that_wait_for_each_other_and_known_outcomes_agree_with_every_way(seed: int) -> None:
    """The steps of a graph in several plans, some of them events of no plan, once it is known what became of one or two."""
    steps, before = random_graph(1000 + seed)
    rng = np.random.default_rng(seed)
    owner = [int(rng.integers(0, 3)) for _ in steps]
    outside = {k for k in range(len(steps) - 1) if not before[k][1] and rng.random() < 0.3}
    for k in outside:
        happens = f"2022-{int(rng.integers(1, MONTHS + 1)):02d}"
        steps[k] = cf.ActionStep(f"s{k}", steps[k].probability, earliest=happens, after=())
    plain = [
        dataclasses.replace(step, earliest=int(step.earliest[5:])) if isinstance(step.earliest, str) else step
        for step in steps
    ]

    def named(k: int, by: int) -> str:
        return f"s{k}" if k in outside or owner[k] == by else f"customer {owner[k]}/p/s{k}"

    plans: dict[int, list[cf.ActionStep]] = {}
    for k, step in enumerate(steps):
        if k not in outside:
            after = tuple(named(i, owner[k]) for i in before[k][1])
            plans.setdefault(owner[k], []).append(dataclasses.replace(step, after=after))
    inside = sorted(set(range(len(steps))) - outside)
    growth = cf.grow(
        [cf.ActionPlan(f"customer {by}", "p", own) for by, own in plans.items()],
        start="2022-01",
        months=MONTHS,
        events={f"s{k}": (steps[k].probability, steps[k].earliest) for k in outside},
    )
    chosen = rng.choice(inside, size=min(2, len(inside)), replace=False).tolist()
    known = {k: int(rng.choice([NEVER, -2, 0, 1, MONTHS - 1])) for k in chosen}
    told = {
        (f"customer {owner[k]}", "p", f"s{k}"): "failed" if month == NEVER else month_text(month)
        for k, month in known.items()
    }
    for forecast, facts in ((growth, {}), (growth.given(told), known)):
        ways = every_way(plain, before, facts)
        expected = [math.fsum(p * heat[m] for (heat, _), p in ways.items()) for m in range(MONTHS)]
        np.testing.assert_allclose(forecast.expected, expected, atol=1e-5)
        totals: dict[float, float] = {}
        for (heat, _), p in ways.items():
            totals[round(sum(heat), 4)] = totals.get(round(sum(heat), 4), 0.0) + p
        distribution = forecast.distribution()
        variance = math.fsum(p * v * v for v, p in totals.items()) - math.fsum(p * v for v, p in totals.items()) ** 2
        assert distribution.variance == pytest.approx(variance, rel=1e-6, abs=1e-3)
        if distribution.errors["discretisation"] == 0:
            for value in totals:
                below = math.fsum(p for v, p in totals.items() if v <= value)
                assert distribution.cdf(value + 1e-3) == pytest.approx(below, abs=1e-9)


def month_text(month: int) -> str:
    """The month so many after January 2022."""
    return f"{2022 + month // 12}-{month % 12 + 1:02d}"
