# The arguments of public functions: every number, count, text and array is checked by one reader of its kind.
"""Check arguments by their annotations, so that a wrong one is an InputError that names it."""

from __future__ import annotations

import builtins
import decimal
import functools
import inspect
import itertools
import numbers
import operator
import os
import reprlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from custfolio.errors import InputError

__all__ = ["checked", "real", "reals", "row_numbers", "shown_value", "text", "whole"]

_T = TypeVar("_T")

_NOT_NEGATIVE: Final = frozenset(
    [
        "asks",
        "bands",
        "bootstrap",
        "classes",
        "count",
        "least_peers",
        "limit",
        "most",
        "paths",
        "points",
        "resamples",
        "seed",
        "threads",
        "top",
    ]
)
"""Names of whole numbers that count or number something from 0."""


def _refused(value: Any, what: str, wanted: str) -> InputError:
    return InputError(f"{what} is {reprlib.repr(value)}; it must be {wanted}")


def shown_value(value: Any) -> str:
    """Return a plain value with a comma behind it, for messages; nothing for a frame or another large object."""
    return f"{reprlib.repr(value)}, " if type(value).__module__ == "builtins" else ""


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
        array = np.asarray(values)
    except (TypeError, ValueError):
        raise InputError(f"{what} has rows of different lengths; it must be numbers in one shape") from None
    if array.dtype.kind == "O":
        numbers_found = np.empty(array.size)
        for place, value in enumerate(array.ravel().tolist()):
            where = f"{what}, value {place + 1}" if array.ndim else what
            empty = value is None or type(value).__name__ == "NAType"
            numbers_found[place] = np.nan if empty else float(value) if isinstance(value, bool) else real(value, where)
        return numbers_found.reshape(array.shape)
    if array.dtype.kind not in "biuf":
        raise InputError(f"{what} has values of the type {array.dtype}; it must be real numbers")
    return np.asarray(array, dtype=np.float64)


def row_numbers(values: Any, what: str) -> NDArray[np.int64]:
    """Return rows of a table as whole numbers, in their shape; InputError for a number with a fraction."""
    numbers_found = reals(values, what)
    broken = np.flatnonzero((numbers_found != np.floor(numbers_found)) | (np.abs(numbers_found) > 2**53))
    if broken.size:
        raise InputError(f"{what}: row {numbers_found.flat[broken[0]]:g}; rows are whole numbers that count from 0")
    return numbers_found.astype(np.int64)


def _optional(reader: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    return lambda value, what: None if value is None else reader(value, what)


_READERS: Final[Mapping[str, Callable[[Any, str], Any]]] = {
    kind + suffix: _optional(reader) if suffix else reader
    for kind, reader in {"float": real, "int": whole, "str": text, "ArrayLike": reals}.items()
    for suffix in ("", " | None")
}
"""The reader of each annotation."""


def _parts(annotation: str) -> list[str]:
    """Return the members of a union, which are divided by bars outside of brackets."""
    depths = itertools.accumulate((sign == "[") - (sign == "]") for sign in annotation)
    bars = [place for place, depth in enumerate(depths) if annotation[place] == "|" and depth == 0]
    edges = [-1, *bars, len(annotation)]
    return [annotation[begin + 1 : end].strip() for begin, end in itertools.pairwise(edges)]


def _class_of(name: str, names: Mapping[str, Any]) -> type | None:
    """Return the class of an annotation that names one, or a mapping or several; None for any other."""
    if name == "None":
        return type(None)
    if name == "FrameLike":
        return None  # it is read later: to look at the columns of a lazy frame may cost a query
    if name.startswith("Mapping["):
        return Mapping
    if name.startswith(("Sequence[", "Iterable[")):
        return Iterable
    if name.startswith("Callable["):
        return Callable  # type: ignore[return-value]
    if name == "os.PathLike[str]":
        return os.PathLike
    first, *further = name.split(".")
    target = names.get(first, getattr(builtins, first, None))
    for part in further:
        target = getattr(target, part, None)
    is_protocol = getattr(target, "_is_protocol", False) and not getattr(target, "_is_runtime_protocol", False)
    return target if isinstance(target, type) and target not in (object, Any) and not is_protocol else None


def _object_reader(annotation: str, names: Mapping[str, Any]) -> Callable[[Any, str], Any] | None:
    """Return the reader of an annotation that consists of classes; None where it does not."""
    parts = _parts(annotation)
    kinds = [_class_of(part, names) for part in parts]
    known = tuple(kind for kind in kinds if kind is not None)
    if len(known) < len(parts) or not {float, int}.isdisjoint(known):
        return None
    names_of = {
        "Mapping": "a mapping",
        "Sequence": "a sequence, such as a list",
        "Iterable": "a sequence, such as a list",
        "Callable": "a function",
        "os.PathLike": "a path",
        "datetime.datetime": "a time (datetime)",
        "datetime.date": "a day (date)",
        "str": "text",
    }
    heads = [part.partition("[")[0] for part in parts if part != "None"]
    wanted = " or ".join(names_of.get(head, f"{'an' if head[0] in 'AEIOU' else 'a'} {head}") for head in heads)

    def read(value: Any, what: str) -> Any:
        if not isinstance(value, known) or (isinstance(value, (str, bytes)) and Iterable in known and str not in known):
            raise InputError(f"{what} is {shown_value(value)}of type {type(value).__name__}; it must be {wanted}")
        return value

    return read


def checked(target: _T) -> _T:
    """Check the arguments of a function, or of a class's public methods, by their annotations.

    Numbers, text, arrays, and instances of classes are checked; arguments of other kinds pass.
    """
    if isinstance(target, type):
        for name, member in list(vars(target).items()):
            if name.startswith("_") and name != "__init__":
                continue
            if isinstance(member, (classmethod, staticmethod)):
                setattr(target, name, type(member)(_checked_function(member.__func__, target)))
            elif inspect.isfunction(member):
                setattr(target, name, _checked_function(member, target))
        return target
    return _checked_function(target)  # type: ignore[arg-type, return-value]


def _checked_function(function: Callable[..., Any], owner: type | None = None) -> Callable[..., Any]:
    """Return a function that reads its annotated arguments first; `owner` is the class of a method."""
    names = function.__globals__ | ({} if owner is None else {owner.__name__: owner})
    readers = {
        name: reader
        for name, kind in inspect.get_annotations(function).items()
        if name != "return" and (reader := _READERS.get(kind) or _object_reader(kind, names))
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
