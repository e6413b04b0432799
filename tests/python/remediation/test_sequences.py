# Sequences of asks and the group's distribution: enumeration of steps, all answers, bad input.
"""``cf.remediation.ask_sequences`` and the distribution of offers."""

from __future__ import annotations

import pickle
from itertools import product

import numpy as np
import pytest

import custfolio as cf
from custfolio.remediation import ask_sequences

LEVERS = [cf.Terms.delivery_fee(40, step=5), cf.Terms.price(0.05, step=0.01)]
PRIOR = cf.Acceptance(0.8, 40.0)


@pytest.mark.parametrize("patience", [1.0, 0.5])
def test_sequences_are_the_best_of_all_pairs_of_steps(portfolio: cf.Portfolio, patience: float) -> None:
    found = ask_sequences(portfolio, [0, 1, 2], LEVERS, target=0.2, acceptance=PRIOR, patience=patience)
    table = found.to_frame("pandas")
    for who in portfolio.ids:
        level = portfolio[who].level
        heats = [5.0 * k * 30 for k in range(1, 9)] + [0.01 * k * level for k in range(1, 6)]
        chances = [PRIOR.probability(heat / level) for heat in heats]
        both = list(zip(chances, heats, strict=True))
        best = max(p * h for p, h in both)
        twice = max(p * h + patience * (q - p) * g for (p, h), (q, g) in product(both, both) if q > p)
        own = table[table.customer_id == who]
        assert own.ask.tolist() == [1, 2]
        assert own.expected_heat.tolist() == pytest.approx([twice] * 2, rel=1e-12)
        assert own.single_heat.tolist() == pytest.approx([best] * 2, rel=1e-12)
        assert own.reached.tolist() == pytest.approx([1, patience * (1 - own.acceptance.iloc[0])])
        np.testing.assert_allclose(own.accepted, own.reached * own.acceptance, rtol=1e-12)
        assert (own.accepted * own.heat_change).sum() == pytest.approx(twice, rel=1e-12)
    assert found.expected_heat > found.single_heat
    assert found.distribution().mean == pytest.approx(found.expected_heat, rel=1e-9)


def test_the_distribution_is_that_of_all_answers(portfolio: cf.Portfolio) -> None:
    offers = cf.remediate(portfolio, [0, 1, 2], LEVERS, target=0.2, acceptance=PRIOR)
    best = offers.to_frame("pandas").iloc[offers.best]
    found = offers.distribution()
    assert found.mean == pytest.approx(best.expected_heat_change.sum(), rel=1e-9)
    chances: dict[float, float] = {}
    for accepted in product([0, 1], repeat=len(best)):
        heat = float(np.dot(accepted, best.heat_change))
        chance = float(np.prod(np.where(accepted, best.acceptance, 1 - best.acceptance)))
        chances[heat] = chances.get(heat, 0.0) + chance
    middle = sorted(chances)[len(chances) // 2]
    reached = sum(chance for heat, chance in chances.items() if heat >= middle - 1e-6)
    assert found.probability_at_least(middle) == pytest.approx(reached, abs=1e-9)
    again = pickle.loads(pickle.dumps(found))
    assert again.tail(middle) == found.tail(middle)
    assert offers.distribution(0.3).standard_deviation > found.standard_deviation
    with pytest.raises(cf.InputError, match="correlation"):
        offers.distribution(1.0)


def test_a_certain_answer_is_asked_once(portfolio: cf.Portfolio) -> None:
    yes = ask_sequences(portfolio, [0], LEVERS, target=0.2, acceptance=cf.Acceptance(1.0, 0.0)).to_frame("pandas")
    assert yes.ask.tolist() == [1]
    assert yes.accepted.tolist() == [1.0]
    no = ask_sequences(portfolio, [0], LEVERS, target=0.2, acceptance=cf.Acceptance(0.0))
    assert len(no) == 0
    assert no.expected_heat == no.distribution().mean == 0


def test_sequences_show_themselves(portfolio: cf.Portfolio) -> None:
    found = ask_sequences(portfolio, [0, 1], LEVERS, target=0.2, acceptance=PRIOR, asks=3)
    assert found.tree("a").splitlines()[0] == f"{found.columns()['terms'][0]} (asked with a chance of 100%)"
    assert found.tree("a").endswith("the old terms stay")
    with pytest.raises(cf.NotFoundError, match="no customer 'c' is asked"):
        found.tree("c")
    assert found.plot(width=200).to_dict()["width"] == 200
    for wrong, message in (({"asks": 0}, "asks is 0"), ({"asks": -1}, "asks"), ({"patience": 2.0}, "patience is 2")):
        with pytest.raises(cf.InputError, match=message):
            ask_sequences(portfolio, [0], LEVERS, target=0.2, **wrong)  # type: ignore[arg-type]
