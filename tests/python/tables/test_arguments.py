# The doors of the library: each kind of argument is read in one way, whatever the function.
"""Numbers, counts, text and arrays of public functions: a wrong one is an InputError that names the argument."""

from __future__ import annotations

import datetime
import decimal
import inspect
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import custfolio as cf
from custfolio import distribution
from custfolio._tables.arguments import checked, real, reals, text, whole
from custfolio.errors import InputError

KINDS = {"float": real, "int": whole, "str": text, "ArrayLike": reals}
WRONG: dict[str, list[Any]] = {
    "float": ["x", "", b"1", 1j, [1.0], pd.NaT, np.datetime64("2021-01-01"), 10**400, True, object()],
    "int": ["1", 1.5, float("nan"), 2**64, -(2**40), [1], pd.NaT, False],
    "str": [1, float("nan"), b"x", pd.NA, "a\ud800", ["x"]],
    "ArrayLike": [
        "x", ["1", "2"], [1j], np.array(["2021-01-01", "NaT"], "M8[D]"), np.ma.masked_array([1.0, 2.0], [False, True]),
        [[1.0], [1.0, 2.0]], [10**400], [1.0, "x"], [datetime.date(2021, 1, 1)], {"a": 1.0},
        pd.Series(["2021-01-01"], dtype="datetime64[ns]"), pl.Series(["x"]),
    ],
}  # fmt: skip
SEPARATE = {"Strategy", "optimise", "ActionPlan", "ActionStep"}
"""Checked where a plan or a forecast is made, with the names of the plan and the step."""


def public() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield every public function, and every public method and constructor of a public class."""
    rooms = [cf, *(getattr(cf, room) for room in cf._ROOMS), distribution]
    found = {getattr(room, name) for room in rooms for name in room.__all__ if callable(getattr(room, name))}
    found |= {base for one in found if inspect.isclass(one) for base in one.__mro__}
    for one in sorted(found, key=lambda each: (each.__module__, each.__name__)):
        if not one.__module__.startswith("custfolio.") or one.__name__ in SEPARATE:
            continue
        if inspect.isfunction(one):
            yield one.__name__, one
            continue
        for name, member in vars(one).items() if inspect.isclass(one) else ():
            function = getattr(member, "__func__", member)
            made_by_users = name == "__init__" and hasattr(function, "__wrapped__")
            if inspect.isfunction(function) and (made_by_users or not name.startswith("_")):
                yield f"{one.__name__}.{name}", function


DOORS = [
    (name, function, argument, kind.removesuffix(" | None"))
    for name, function in public()
    for argument, kind in inspect.get_annotations(function).items()
    if argument not in ("return", "library") and kind.removesuffix(" | None") in KINDS
]


def test_there_are_many_doors() -> None:
    assert len(DOORS) > 150
    assert {kind for *_, kind in DOORS} == set(KINDS)


@pytest.mark.parametrize(("name", "function", "argument", "kind"), DOORS, ids=[f"{d[0]}-{d[2]}" for d in DOORS])
def test_a_wrong_argument_of_any_door_is_named(
    name: str, function: Callable[..., Any], argument: str, kind: str
) -> None:
    for wrong in WRONG[kind]:
        with pytest.raises(InputError, match=argument):
            function(**{argument: wrong})


@pytest.mark.parametrize(
    ("value", "number"),
    [(1, 1.0), (np.float32(0.5), 0.5), (np.int8(3), 3.0), (decimal.Decimal("0.1"), 0.1), (np.array(2.0), 2.0)],
)
def test_real_numbers_of_any_kind_are_numbers(value: Any, number: float) -> None:
    assert real(value, "x") == number
    assert type(real(value, "x")) is float


@pytest.mark.parametrize(
    "values",
    [
        [1, 2], (1.0, 2.0), np.array([1, 2], np.uint8), pd.Series([1, 2], dtype="Int64"), pl.Series([1, 2]),
        [decimal.Decimal(1), 2], np.ma.masked_array([1.0, 2.0], [False, False]), pd.Series([1, 2], dtype=object),
    ],
)  # fmt: skip
def test_arrays_of_any_library_are_doubles(values: Any) -> None:
    assert reals(values, "x").dtype == np.float64
    assert reals(values, "x").tolist() == [1.0, 2.0]


def test_missing_values_of_any_library_are_not_a_number() -> None:
    for values in ([None, 1.0], pd.Series([pd.NA, 1], dtype="Int64"), pl.Series([None, 1.0])):
        np.testing.assert_array_equal(reals(values, "x"), [np.nan, 1.0])


def test_whole_numbers_have_their_range() -> None:
    assert whole(2**64 - 1, "seed") == 2**64 - 1
    assert whole(np.int64(-3), "month") == -3
    for name, value in (("threads", -1), ("seed", -1), ("seed", 2**64), ("paths", -1), ("months", 2**31)):
        with pytest.raises(InputError, match=name):
            whole(value, name)


def test_arguments_by_position_and_by_any_name_are_read() -> None:
    @checked
    def function(one: float, *more: float, key: int = 1, **further: float) -> Any:
        return one, more, key, further

    assert function(np.int8(1), 2, key=np.int64(3), other=decimal.Decimal(4)) == (1.0, (2,), 3, {"other": 4.0})
    with pytest.raises(InputError, match="other is 'x'"):
        function(1.0, other="x")  # type: ignore[arg-type]


def test_a_text_of_numpy_is_text() -> None:
    assert type(text(np.str_("é"), "name")) is str


PORTFOLIO = cf.Portfolio.from_frame(pd.DataFrame({"customer_id": ["a"], "revenue": [1.0], "contribution": [1.0]}))
SELECTION = cf.select(PORTFOLIO)
LEDGER = cf.Ledger(
    pd.DataFrame({"date": ["2021-01-04", "2021-02-04"], "customer": ["a", "b"], "revenue": [1.0, 2.0]}),
    missing_cost=0.5,
)
COSTS = cf.CostModel({"deliveries": 1.0})
AMOUNT = distribution.sum_distribution([0.5], [10.0])
ROW = {"frequency": [1.0], "recency": [1.0], "T": [2.0]}
BUDGET = cf.Budget({"month": ["2022-01"], "revenue": [10.0]})
MODEL = cf.lifetime.BGNBD.from_params(r=0.2, alpha=4.4, a=0.8, b=2.4)


def step(**options: Any) -> cf.Growth:
    return cf.grow([cf.ActionPlan("A", "p", [cf.ActionStep("x", **options)])], "2022-01")


CALLS: dict[str, Callable[[Any], Any]] = {
    "parts": lambda wrong: distribution.mix(wrong, [1.0]),
    "count": lambda wrong: AMOUNT.sample(wrong, 1),
    "portfolio": lambda wrong: cf.select(wrong),
    "terms": lambda wrong: cf.remediate(PORTFOLIO, SELECTION, wrong, costs=COSTS),
    "selection": lambda wrong: cf.anchor(PORTFOLIO, wrong, start="2022-01"),
    "cadence": lambda wrong: cf.anchor(PORTFOLIO, SELECTION, start="2022-01", cadence=wrong),
    "reviews_per_day": lambda wrong: cf.anchor(
        PORTFOLIO, SELECTION, start="2022-01", managers={"manager": ["m"], "reviews_per_day": [wrong]}
    ),
    "ledger": lambda wrong: cf.statement(wrong, COSTS),
    "costs": lambda wrong: cf.lifetime.baseline(LEDGER, start="2022-01", costs=wrong),
    "events": lambda wrong: cf.grow([], "2022-01", events=wrong),
    "the customer of a plan": lambda wrong: cf.grow([cf.ActionPlan(wrong, "p", [])], "2022-01"),
    "step": lambda wrong: cf.grow([cf.ActionPlan("A", "p", [wrong])], "2022-01"),
    "retries": lambda wrong: step(retries=wrong),
    "duration": lambda wrong: step(duration=wrong),
    "contribution": lambda wrong: step(contribution=wrong),
    "by_month": lambda wrong: step(by_month=["a", wrong]),
    "size": lambda wrong: step(size=wrong),
    "prior": lambda wrong: cf.lifetime.BGNBD(prior=wrong),
    "prior of r": lambda wrong: cf.lifetime.BGNBD(prior={"r": (wrong, 1.0, 2.0)}),
    "horizon": lambda wrong: MODEL.predict(ROW, wrong),
    "rate": lambda wrong: MODEL.predict(ROW, 5.0, discount_rate=wrong),
    "spend": lambda wrong: MODEL.predict(ROW, 5.0, spend=wrong),
    "amount": cf.Terms.delivery_fee,
    "fraction": cf.Terms.price,
    "rate of": lambda wrong: cf.CostModel({"deliveries": wrong}),
    "avoidable of": lambda wrong: cf.CostModel({"deliveries": 1.0}, avoidable={"deliveries": wrong}),
    "interesting of": lambda wrong: cf.select(PORTFOLIO, interesting={"a": wrong}),
    "growth": cf.Budget.from_growth,
    "budget": lambda wrong: cf.budget.side_by_side({"one": wrong}),
    "remaining": lambda wrong: BUDGET.forecast(BUDGET, "2022-01", remaining=wrong),
    "by": lambda wrong: cf.growth.calibrate([0.5, 0.5], [1, 0], by=wrong),
    "outcomes": lambda wrong: step().given(wrong),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    "wrong", [object(), "x\ud800", 10**400, 1j, np.datetime64("NaT")], ids=lambda each: type(each).__name__
)
def test_a_wrong_object_is_named_and_never_an_error_of_python(name: str, wrong: Any) -> None:
    with pytest.raises(InputError, match=name):
        CALLS[name](wrong)


def test_a_frame_with_two_columns_of_one_name_is_refused() -> None:
    frame = pd.DataFrame([["a", 1.0, 1.0, 2.0]], columns=["customer_id", "revenue", "contribution", "contribution"])
    for reader in (cf.Ledger, cf.Portfolio.from_frame, cf.Budget):
        with pytest.raises(InputError, match="column names must differ"):
            reader(frame)


def test_a_progress_callback_that_returns_false_ends_the_call() -> None:
    with pytest.raises(cf.errors.Cancelled, match="progress callback"):
        cf.lifetime.baseline(LEDGER, start="2022-01", costs=COSTS, progress=lambda fraction: False)
    cf.lifetime.baseline(LEDGER, start="2022-01", costs=COSTS, progress=lambda fraction: None)


@pytest.mark.parametrize(
    "kept",
    [cf.anchoring.Cadence(), cf.Acceptance(0.5, 2.0), PORTFOLIO["a"], cf.lifetime.holt_winters([1.0, 2.0] * 12)],
    ids=lambda each: type(each).__name__,
)
def test_small_objects_store_the_number_of_their_format(kept: Any) -> None:
    assert vars(pickle.loads(pickle.dumps(kept))).keys() == vars(kept).keys()
    with pytest.raises(InputError, match=f"stored {type(kept).__name__} has format 0"):
        kept.__setstate__(kept.__getstate__() | {"format": 0})
