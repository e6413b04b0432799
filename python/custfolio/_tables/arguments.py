# The arguments of public functions: every number, count, text and array is checked by one reader of its kind.
"""Check arguments by their annotations, so that a wrong one is an InputError that names it."""

from __future__ import annotations

import decimal
import functools
import inspect
import numbers
import operator
import reprlib
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from custfolio.errors import InputError

__all__ = ["checked", "real", "reals", "text", "whole"]

_T = TypeVar("_T")

_NOT_NEGATIVE: Final = frozenset(
    ("bootstrap", "classes", "count", "limit", "paths", "points", "resamples", "seed", "threads", "top")
)
"""Names of whole numbers that count or number something from 0."""


def _refused(value: Any, what: str, wanted: str) -> InputError:
    return InputError(f"{what} is {reprlib.repr(value)}; it must be {wanted}")


def _is_real(value: Any) -> bool:
    return isinstance(value, (numbers.Real, decimal.Decimal)) and not isinstance(value, (bool, np.bool_))


def real(value: Any, what: str) -> float:
    """Return a real number; InputError for anything else, or a number beyond the range of a double."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if not _is_real(value):
        raise _refused(value, what, "a number")
    try:
        return float(value)
    except (OverflowError, ValueError):
        raise _refused(value, what, "a number that a double can represent") from None


def whole(value: Any, what: str) -> int:
    """Return a whole number of at most 32 bits (a seed of 64); InputError for anything else."""
    try:
        number = operator.index(value)
    except TypeError:
        raise _refused(value, what, "a whole number") from None
    if isinstance(value, (bool, np.bool_)):
        raise _refused(value, what, "a whole number")
    least = 0 if what in _NOT_NEGATIVE else -(2**31)
    most = 2**64 - 1 if what == "seed" else 2**31 - 1
    if not least <= number <= most:
        raise _refused(value, what, f"at least {least}" if number < least else f"at most {most}")
    return number


def text(value: Any, what: str) -> str:
    """Return text that can be written as UTF-8; InputError for anything else."""
    if not isinstance(value, str):
        raise _refused(value, what, "text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _refused(value, what, "text without lone surrogates") from None
    return str(value)


def reals(values: Any, what: str) -> NDArray[np.float64]:
    """Return real numbers as doubles, in their shape; None and pandas' NA are missing (NaN).

    Dates, complex numbers, text and masked entries raise an InputError.
    """
    if isinstance(values, np.ma.MaskedArray) and np.ma.getmaskarray(values).any():
        raise InputError(f"{what} has masked entries; leave them out, or fill them")
    try:
        found = np.asarray(values)
    except (TypeError, ValueError):
        raise InputError(f"{what} has rows of different lengths; it must be numbers in one shape") from None
    if found.dtype.kind == "O":
        numbers_found = np.empty(found.size)
        for place, value in enumerate(found.ravel().tolist()):
            where = f"{what}, value {place + 1}" if found.ndim else what
            empty = value is None or type(value).__name__ == "NAType"
            numbers_found[place] = np.nan if empty else float(value) if isinstance(value, bool) else real(value, where)
        return numbers_found.reshape(found.shape)
    if found.dtype.kind not in "biuf":
        raise InputError(f"{what} has values of the type {found.dtype}; it must be real numbers")
    return np.asarray(found, dtype=np.float64)


def _optional(reader: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    return lambda value, what: None if value is None else reader(value, what)


_READERS: Final[Mapping[str, Callable[[Any, str], Any]]] = {
    kind + suffix: _optional(reader) if suffix else reader
    for kind, reader in {"float": real, "int": whole, "str": text, "ArrayLike": reals}.items()
    for suffix in ("", " | None")
}
"""The reader of each annotation."""


def checked(target: _T) -> _T:
    """Check the arguments of a function, or of a class's public methods, that are annotated as numbers, text or arrays."""
    if isinstance(target, type):
        for name, member in list(vars(target).items()):
            if name.startswith("_") and name != "__init__":
                continue
            if isinstance(member, (classmethod, staticmethod)):
                setattr(target, name, type(member)(checked(member.__func__)))
            elif inspect.isfunction(member):
                setattr(target, name, checked(member))
        return target
    return _checked_function(target)  # type: ignore[arg-type, return-value]


def _checked_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that reads its annotated arguments first."""
    readers = {
        name: _READERS[kind]
        for name, kind in inspect.get_annotations(function).items()
        if name != "return" and kind in _READERS
    }
    if not readers:
        return function
    parameters = list(inspect.signature(function).parameters.values())
    further = next((one.name for one in parameters if one.kind is one.VAR_KEYWORD), "")
    known = {one.name for one in parameters if one.name != further}
    places = [one.name for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]

    @functools.wraps(function)
    def read_first(*given: Any, **named: Any) -> Any:
        first = [readers[name](one, name) if name in readers else one for name, one in zip(places, given, strict=False)]
        rest = {
            name: readers[key](one, name) if (key := name if name in known else further) in readers else one
            for name, one in named.items()
        }
        return function(*first, *given[len(first) :], **rest)

    return read_first
