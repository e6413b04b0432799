# Results that are stored come back: pickled, copied, and from the files of this version.
"""Pickles and copies of every result."""

from __future__ import annotations

import copy
import importlib.util
import json
import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import custfolio as cf
from custfolio import _core
from custfolio._tables.result import STATE_FORMAT

FOLDER = Path(__file__).resolve().parent / "pickles"
_spec = importlib.util.spec_from_file_location("make_pickles", FOLDER / "make.py")
assert _spec is not None and _spec.loader is not None
make = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make)

NAMES = sorted(path.stem for path in FOLDER.glob("*.pickle"))


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    return make.results()


def test_every_result_has_its_file(results: dict[str, Any]) -> None:
    assert sorted(results) == NAMES


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "again",
    [lambda result: pickle.loads(pickle.dumps(result)), copy.copy, copy.deepcopy],
    ids=["pickle", "copy", "deepcopy"],
)
def test_a_result_comes_back_to_the_bit(results: dict[str, Any], name: str, again: Callable[[Any], Any]) -> None:
    found = again(results[name])
    assert type(found) is type(results[name])
    assert make.figures(found) == make.figures(results[name])
    assert repr(found) == repr(results[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_this_version_is_read(name: str) -> None:
    expected = json.loads((FOLDER / "figures.json").read_text(encoding="utf-8"))[name]
    found = make.figures(pickle.loads((FOLDER / f"{name}.pickle").read_bytes()))
    assert list(found) == list(expected)
    for column, values in found.items():
        numbers = isinstance(values, list) and all(isinstance(value, (int, float)) for value in values)
        if numbers:  # what is computed again on another processor may differ in the last bits
            np.testing.assert_allclose(values, expected[column], rtol=1e-9, atol=1e-9)
        else:
            assert values == expected[column]


def test_results_go_on_working_where_they_were_stored(results: dict[str, Any]) -> None:
    again: dict[str, Any] = pickle.loads(pickle.dumps(results))
    plan, old = again["plan"], results["plan"]
    first = plan.portfolio.ids[0]
    assert plan.portfolio[first] == old.portfolio[first]
    assert (plan.value, plan.bound, plan.before, plan.after) == (old.value, old.bound, old.before, old.after)
    assert plan.strategy.optimise(plan.portfolio, offers=plan.offers, threads=1).value == (
        old.strategy.optimise(old.portfolio, offers=old.offers, threads=1).value
    )
    assert plan.budget.columns()["level"].tolist() == old.budget.columns()["level"].tolist()
    assert again["growth"].quantile(0.1) == results["growth"].quantile(0.1)
    assert again["distribution"].tail(1_500.0) == results["distribution"].tail(1_500.0)
    assert again["ledger"].reconciliation == results["ledger"].reconciliation
    assert again["ledger"].between("2021-12-01", "2021-12-10").revenue > 0
    assert again["model"].confidence_intervals() == results["model"].confidence_intervals()
    for name in ("budget", "budget_of_lines", "budget_sum"):
        bands = [each[name].bands("quarter").columns()["p10"].tolist() for each in (again, results)]
        assert bands[0] == bands[1], name
    for name in ("agenda", "baseline", "offers", "prospects", "selection", "statement"):
        part = again[name].core if name in ("baseline", "prospects") else again[name]
        assert part.identity == again["portfolio"].identity == results["portfolio"].identity, name
        assert part.identity.hash != 0, name
    assert again["frozen_budget"] == results["frozen_budget"]


@pytest.mark.parametrize("name", NAMES)
def test_another_format_is_refused(results: dict[str, Any], name: str) -> None:
    call, arguments, state = (*results[name].__reduce_ex__(4), None)[:3]
    if state is None:  # the number of the format is the first argument
        assert arguments[0] == STATE_FORMAT
        restore = partial(call, 99, *arguments[1:])
    else:
        other = state | {"format": 99} if isinstance(state, dict) else (99, *state[1:])
        restore = partial(call(*arguments).__setstate__, other)
    with pytest.raises(cf.InputError, match="format 99"):
        restore()


def test_a_damaged_state_is_refused() -> None:
    with pytest.raises(cf.InputError, match="the stored Bucket is damaged"):
        _core.Bucket.__new__(_core.Bucket).__setstate__((STATE_FORMAT, (1.0, "x", 3)))
    with pytest.raises(cf.InputError, match="the stored Offers is damaged"):
        _core.Offers.__new__(_core.Offers).__setstate__((STATE_FORMAT, ()))
    with pytest.raises(cf.InputError, match="has format none"):
        _core.Plan.__new__(_core.Plan).__setstate__(())
