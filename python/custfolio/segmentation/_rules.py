# Segments by rules of the user.
"""Segments by rules."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from custfolio import _core
from custfolio._tables.arguments import checked, reals, text
from custfolio._tables.frames import arrow_columns
from custfolio.errors import InputError

__all__ = ["rules"]


@checked
def rules(columns: Any, rules: Mapping[str, str]) -> list[str]:
    """Assign segments by conditions on columns.

    Parameters
    ----------
    columns : frame, or mapping of str to array_like
        Columns of numbers, all of one length; a missing value meets no condition.
    rules : mapping of str to str
        Per segment its conditions, such as ``"revenue >= 10000 and temperature < 0.05"``; empty: every customer. The first that is met counts.

    Returns
    -------
    list of str
        One segment per customer; ``"none"`` where no rule is met.

    Raises
    ------
    NotFoundError
        If a rule names a column that is not there.
    InputError
        If a condition cannot be read, or the columns differ in length.
    """
    texts = [(text(name, "a segment"), text(one, f"the rule of {name!r}")) for name, one in rules.items()]
    places = _core.segments_by_rules(_numbers(columns), texts)
    return ["none" if place < 0 else texts[place][0] for place in places.tolist()]


def _numbers(columns: Any) -> dict[str, Any]:
    """Return the columns that have numbers, as doubles; a missing value is NaN."""
    numeric: dict[str, Any] = {}
    for name, values in (columns if isinstance(columns, Mapping) else arrow_columns(columns, "columns")).items():
        with suppress(InputError):  # text: no rule can name it
            numeric[str(name)] = reals(values.to_pylist() if hasattr(values, "to_pylist") else values, str(name))
    if not numeric:
        raise InputError(f"columns has no column of numbers; it has {', '.join(map(repr, columns)) or 'none'}")
    return numeric
