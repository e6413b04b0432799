# Acceptance learned from answers: independent posterior, exact shares, offers per customer and segment, bad input.
"""``cf.Acceptance.learn`` and acceptance per customer or segment."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

import custfolio as cf

LEVERS = [cf.Terms.delivery_fee(25), cf.Terms.price(0.03)]


def answers_of(count: int, seed: int, sensitivity: float = 20.0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    burden = random.uniform(0.0, 0.1, count)
    chance = 1 / (1 + np.exp(-(1.0 - sensitivity * burden)))
    return pd.DataFrame(
        {
            "customer_id": [f"c{k}" for k in range(count)],
            "segment": random.choice(["large", "small"], count),
            "burden": burden,
            "accepted": random.uniform(size=count) < chance,
        }
    )


def test_the_mode_is_that_of_an_independent_search() -> None:
    frame = answers_of(150, 3)
    learned = cf.Acceptance.learn(frame, base=0.6, sensitivity=12, strength=16, heavy_burden=0.04)
    burden, accepted = frame["burden"].to_numpy(), frame["accepted"].to_numpy()
    stated = [0.6, 1 / (1 + np.exp(12 * 0.04) * 0.4 / 0.6)]

    def loss(point: np.ndarray) -> float:
        def of(share: Any, at: Any) -> Any:
            p = 1 / (1 + np.exp(point[1] * np.asarray(at) - point[0]))
            return share * np.log(p) + (1 - share) * np.log(1 - p)

        return -float(of(accepted, burden).sum() + 8 * of(np.array(stated), [0.0, 0.04]).sum())

    best = optimize.minimize(loss, [0.0, 10.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}).x
    found = learned.acceptance()
    assert found.base == pytest.approx(1 / (1 + np.exp(-best[0])), abs=1e-6)
    assert found.sensitivity == pytest.approx(best[1], rel=1e-5)
    chance, lower, upper = learned.chance(0.03)
    assert chance == pytest.approx(found.probability(0.03), abs=1e-12)
    assert lower < chance < upper


def test_answers_without_burdens_are_a_beta_distribution() -> None:
    frame = answers_of(40, 5).drop(columns=["burden", "segment"])
    yes = int(frame["accepted"].sum())
    learned = cf.Acceptance.learn(frame, base=0.6, strength=5)
    posterior = stats.beta(3 + yes, 2 + 40 - yes)
    chance, lower, upper = learned.chance(0.0, level=0.9)
    assert chance == pytest.approx(posterior.mean(), abs=1e-12)
    assert (lower, upper) == pytest.approx(posterior.interval(0.9), abs=1e-10)
    assert "the same whatever the burden" in learned.notes[0]


def test_more_strength_keeps_more_of_the_prior() -> None:
    frame = answers_of(60, 7).assign(accepted=False)
    chances = [cf.Acceptance.learn(frame, strength=strength).chance(0.05)[0] for strength in (1, 10, 1_000, 100_000)]
    assert chances == sorted(chances)
    assert chances[0] < 0.05
    assert chances[-1] == pytest.approx(cf.Acceptance().probability(0.05), abs=0.001)


def test_no_answers_give_the_prior() -> None:
    learned = cf.Acceptance.learn(answers_of(0, 1), base=0.6, sensitivity=8)
    found = learned.acceptance()
    assert (found.base, found.sensitivity) == pytest.approx((0.6, 8), abs=1e-9)
    assert learned.notes == ["no answers: this is the prior"]
    assert learned.columns()["answers"].tolist() == [0]


def test_open_and_later_answers_are_left_out() -> None:
    frame = answers_of(6, 9).assign(date=[f"2022-0{k}-01" for k in range(1, 7)])
    frame["accepted"] = ["yes", "no", "open", "yes", "no", "yes"]
    learned = cf.Acceptance.learn(frame, until="2022-04-30")
    again = cf.Acceptance.learn(frame.iloc[[0, 1, 3]])
    assert learned.acceptance() == again.acceptance()
    assert learned.notes[0] == ("3 rows left out: open, or later than until=")


def test_separated_answers_stay_within_their_interval() -> None:
    burden = np.linspace(0.0, 0.1, 40)
    frame = {"customer": list(range(40)), "burden": burden, "accepted": burden < 0.05}
    learned = cf.Acceptance.learn(frame, strength=0.1)
    assert np.isfinite(learned.core.sensitivity)
    assert 0 < learned.chance(0.05)[1] < learned.chance(0.05)[2] < 1


def test_offers_give_the_burden_of_their_answers(portfolio: cf.Portfolio) -> None:
    offers = cf.remediate(portfolio, [0, 1, 2], LEVERS, target=0.2)
    table = offers.to_frame("pandas")
    answers = table[["customer_id", "terms", "lever", "burden"]].assign(accepted=[True, False] * (len(table) // 2))
    by_burden = cf.Acceptance.learn(answers)
    with pytest.raises(cf.InputError, match="offers is of type Portfolio; it must be Offers"):
        cf.Acceptance.learn(answers.drop(columns="burden"), offers.portfolio)
    by_terms = cf.Acceptance.learn(answers.drop(columns="burden"), offers)
    by_lever = cf.Acceptance.learn(answers.assign(terms=answers["lever"]).drop(columns="burden"), offers)
    assert by_burden.acceptance() == by_terms.acceptance() == by_lever.acceptance()
    never = answers.assign(terms="a delivery fee of 24.00")
    with pytest.raises(
        cf.InputError, match=r"row 1: customer 'a', terms 'a delivery fee of 24\.00': this offer was never"
    ):
        cf.Acceptance.learn(never, offers)
    stranger = answers.assign(customer_id="z")
    with pytest.raises(cf.InputError, match="never made; the customer has no offer"):
        cf.Acceptance.learn(stranger, offers)


def test_a_package_of_one_lever_has_the_answer_of_that_lever(portfolio: cf.Portfolio) -> None:
    price = cf.Terms.price(0.5, step=0.01)
    offers = cf.remediate(portfolio, [0, 1, 2], [price, cf.Terms.package(price)], target=0.2)
    table = offers.to_frame("pandas")
    alike = table[table.duplicated(["customer_id", "terms"])]
    assert len(alike) > 0
    answers = alike[["customer_id", "terms", "burden"]].assign(accepted=True)
    expected = cf.Acceptance.learn(answers).acceptance()
    assert cf.Acceptance.learn(answers.drop(columns="burden"), offers).acceptance() == expected


def check_offers(offers: cf.remediation.Offers, of: dict[str, cf.Acceptance]) -> None:
    table = offers.to_frame("pandas")
    assert len(table) > 0
    for row in table.itertuples():
        assert row.acceptance == pytest.approx(of[row.customer_id].probability(row.burden), abs=1e-12)
        assert row.expected_heat_change == pytest.approx(row.acceptance * row.heat_change, abs=1e-9)


def test_acceptance_per_customer_and_segment(portfolio: cf.Portfolio) -> None:
    rows, own = [0, 1, 2], cf.Acceptance(0.3, 2.0)
    per_customer = cf.remediate(portfolio, rows, LEVERS, target=0.2, acceptance={"b": own})
    check_offers(per_customer, {"a": cf.Acceptance(), "b": own, "c": cf.Acceptance()})
    segments = {"customer_id": ["a", "b", "c"], "segment": ["small", "small", "large"]}
    per_segment = cf.remediate(portfolio, rows, LEVERS, target=0.2, acceptance={"small": own}, segments=segments)
    check_offers(per_segment, {"a": own, "b": own, "c": cf.Acceptance()})
    learned = cf.Acceptance.learn(answers_of(80, 11), by="segment")
    found = cf.remediate(portfolio, rows, LEVERS, target=0.2, acceptance=learned, segments=segments)
    small, large = learned.acceptance("small"), learned.acceptance("large")
    assert small != large
    check_offers(found, {"a": small, "b": small, "c": large})
    by_customer = cf.Acceptance.learn(answers_of(4, 13).assign(customer_id=["a", "b", "a", "b"]), by="customer")
    found = cf.remediate(portfolio, rows, LEVERS, target=0.2, acceptance=by_customer)
    check_offers(
        found, {"a": by_customer.acceptance("a"), "b": by_customer.acceptance("b"), "c": by_customer.acceptance()}
    )


def test_the_objective_uses_each_customers_acceptance(portfolio: cf.Portfolio) -> None:
    """A customer that minds burdens gets the smaller amount, where the product of acceptance and heat decides."""
    levers = [cf.Terms.price(0.10, step=0.01)]
    of = {"a": cf.Acceptance(0.9, 60.0), "b": cf.Acceptance(0.9, 1.0)}
    found = cf.remediate(portfolio, [0, 1], levers, target=0.5, objective="expected", acceptance=of)
    small, large = found.columns()["amount"]
    assert small < large
    for customer, amount in (("a", small), ("b", large)):
        worth = [k / 100 * of[customer].probability(k / 100) for k in range(1, 11)]
        assert amount == pytest.approx((1 + int(np.argmax(worth))) / 100)


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ({}, {"base": 1.0}, r"chance at burden 0 is 1; learning needs one in \[0.001, 0.999\]"),
        ({}, {"base": 0.0}, r"chance at burden 0 is 0; learning needs one in \[0.001, 0.999\]"),
        ({}, {"base": 70}, r"a probability lies in \[0, 1\]"),
        ({}, {"strength": 0}, "strength is 0"),
        ({}, {"between": -1}, "between"),
        ({}, {"by": "region"}, "column 'region' is not in answers"),
        ({}, {"until": "2022-01-01"}, "until= needs the column 'date'"),
        ({"accepted": "perhaps"}, {}, "row 1: found 'perhaps'; it must be accepted or refused"),
        ({"burden": float("nan")}, {}, "row 1: burden is nan"),
        ({"burden": 300.0}, {}, r"row 1: burden is 300; it must be a share of spend"),
        ({"burden": "much"}, {}, "row 1: burden"),
        ({"segment": None}, {"by": "segment"}, "row 1: column 'segment' is empty"),
        (
            {"customer_id": "x", "date": "2022-01-01"},
            {},
            "row 2: customer x answered the same offer on 2022-01-01 in row 1",
        ),
    ],
)
def test_bad_answers_are_refused(change: dict[str, Any], arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(cf.InputError, match=message):
        cf.Acceptance.learn(answers_of(5, 1).assign(**change), **arguments)


def test_bad_acceptance_is_refused(portfolio: cf.Portfolio) -> None:
    segments = {"customer_id": ["a", "b", "c"], "segment": ["s", "s", "t"]}
    learned = cf.Acceptance.learn(answers_of(20, 1), by="segment")
    with pytest.raises(cf.NotFoundError, match="no answer is of group 'medium'"):
        learned.acceptance("medium")

    def offer(**arguments: Any) -> None:
        cf.remediate(portfolio, [0], LEVERS, target=0.2, **arguments)

    with pytest.raises(cf.InputError, match="there is no customer 'z'"):
        offer(acceptance={"z": cf.Acceptance()})
    with pytest.raises(cf.InputError, match="there is no segment 'z'"):
        offer(acceptance={"z": cf.Acceptance()}, segments=segments)
    with pytest.raises(cf.InputError, match=r"acceptance of customer 'a' is 0\.7"):
        offer(acceptance={"a": 0.7})
    with pytest.raises(cf.InputError, match="pass segments="):
        offer(acceptance=learned)
    with pytest.raises(cf.InputError, match="segments need acceptance by segment"):
        offer(acceptance=cf.Acceptance(), segments=segments)


@pytest.mark.parametrize("by", [None, "segment"])
def test_learned_acceptance_draws_itself(by: str | None) -> None:
    learned = cf.Acceptance.learn(answers_of(30, 2), by=by)
    assert learned.plot(width=300).to_dict()["width"] == 300
    assert sum(learned.columns()["answers"]) == 30
