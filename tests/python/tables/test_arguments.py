# The doors of the library: each kind of argument is read in one way, whatever the function.
"""Numbers, counts, text and arrays of public functions: a wrong one is an InputError that names the argument."""

from __future__ import annotations

import datetime
import decimal
import inspect
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
