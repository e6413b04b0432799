# Results carry the identity of their portfolio: those of another are refused, and the identity survives a pickle.
"""Identity of portfolios and of the results made from them."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import custfolio as cf

MONTHS = 12


def _stated(seed: int) -> tuple[cf.Ledger, cf.Statement]:
    random = np.random.default_rng(seed)
    days = pd.date_range("2021-01-01", "2021-12-31", freq="7D")
    rows = [(f"c{k}", day) for k in range(6) for day in days]
    revenue = random.uniform(50, 500, len(rows))
    frame = pd.DataFrame(rows, columns=["customer", "date"]).assign(revenue=revenue, cost=0.8 * revenue)
    ledger = cf.Ledger(frame)
    costs = cf.CostModel(rates={"deliveries": 40.0})
    return ledger, cf.statement(ledger, costs, period=("2021-01-01", "2021-12-31"))


def _results(seed: int) -> dict[str, Any]:
    ledger, statement = _stated(seed)
    places = pd.DataFrame({"customer_id": [f"c{k}" for k in range(6)], "latitude": 42.0, "longitude": -93.0})
    portfolio = statement.portfolio.located(places)
    selection = cf.select(portfolio)
    candidates = pd.DataFrame({"id": ["p"], "latitude": [42.1], "longitude": [-93.0]})
    return {
        "portfolio": portfolio,
        "statement": statement,
        "selection": selection,
        "offers": cf.remediate(portfolio, selection, [cf.Terms.delivery_fee(25)]),
        "agenda": cf.anchor(portfolio, selection, start="2022-01"),
        "prospects": cf.acquire(candidates, portfolio),
        "baseline": cf.lifetime.baseline(ledger, portfolio, start="2022-01", months=MONTHS),
    }


@pytest.fixture(scope="module")
def here() -> dict[str, Any]:
    return _results(1)


@pytest.fixture(scope="module")
def there() -> dict[str, Any]:
    return _results(2)


def test_every_result_has_the_identity_of_its_portfolio(here: dict[str, Any], there: dict[str, Any]) -> None:
    assert {result.identity for result in here.values()} == {here["portfolio"].identity}
    assert here["portfolio"].identity != there["portfolio"].identity


def test_the_identity_survives_a_pickle_and_another_process(here: dict[str, Any]) -> None:
    identity = here["portfolio"].identity
    assert pickle.loads(pickle.dumps(identity)) == identity
    code = "import test_identity; print(test_identity._stated(1)[1].identity.hash)"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=__file__.rpartition("/")[0]
    )
    assert int(found.stdout) == identity.hash


@pytest.mark.parametrize("what", ["offers", "prospects", "selection", "agenda", "baseline"])
def test_a_plan_refuses_results_of_another_portfolio(what: str, here: dict[str, Any], there: dict[str, Any]) -> None:
    strategy = cf.Strategy(start="2022-01", months=MONTHS, floor="none")
    with pytest.raises(cf.InputError) as error:
        strategy.optimise(here["portfolio"], **{what: there[what]})
    assert str(error.value).startswith(f"the {what} ")
    for identity in (here["portfolio"].identity, there["portfolio"].identity):
        assert str(identity) in str(error.value)
    strategy.optimise(here["portfolio"], **{what: here[what]})


@pytest.mark.parametrize(
    "step",
    [
        lambda portfolio, selection: cf.remediate(portfolio, selection, [cf.Terms.delivery_fee(25)]),
        lambda portfolio, selection: cf.anchor(portfolio, selection, start="2022-01"),
    ],
)
def test_a_step_refuses_a_selection_of_another_portfolio(
    step: Callable[[cf.Portfolio, cf.Selection], Any], here: dict[str, Any], there: dict[str, Any]
) -> None:
    with pytest.raises(cf.InputError, match=r"the selection is of portfolio .* this is portfolio"):
        step(here["portfolio"], there["selection"])


def test_an_earlier_agenda_is_matched_by_customer(here: dict[str, Any], there: dict[str, Any]) -> None:
    again = cf.anchor(here["portfolio"], here["selection"], start="2022-01", fixed=there["agenda"])
    assert again.identity == here["portfolio"].identity
    assert len(again) >= len(there["agenda"])


@pytest.mark.parametrize(
    ("start", "message"), [("2021-12", "reference period ends on 2021-12-31"), ("2022-13", "2022-13")]
)
def test_a_plan_begins_in_a_month_after_the_period(start: str, message: str, here: dict[str, Any]) -> None:
    with pytest.raises(cf.InputError, match=message):
        cf.Strategy(start=start, months=MONTHS, floor="none").optimise(here["portfolio"])


def test_a_price_is_a_fraction() -> None:
    with pytest.raises(cf.InputError, match="price change is 3, 300%"):
        cf.Terms.price(3)
