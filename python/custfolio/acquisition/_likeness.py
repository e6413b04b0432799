# Likeness of candidates to the warm customers, by attributes.
"""A regularised logistic regression of warm customers on their attributes, explained per candidate."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.arguments import checked, reals
from custfolio._tables.dates import is_blank, is_missing
from custfolio._tables.frames import (
    FrameLike,
    customer_column,
    eager,
    identity_or_empty,
    library_of,
    number_or_nan,
    once,
    require_columns,
    texts_of,
)
from custfolio._tables.result import Result
from custfolio._tables.wording import counted
from custfolio.errors import InputError
from custfolio.portfolio import Portfolio

__all__ = ["Likeness", "likeness"]


class Likeness(Result):
    """Likeness of each candidate to the warm customers, with the part of each attribute. Made by :func:`likeness`.

    ``plot`` draws the coefficients.
    """

    def __init__(
        self, ids: list[str], names: list[str], found: tuple[Any, ...], notes: list[str], library: str | None
    ) -> None:
        self._ids = ids
        self._names = names
        self._found = found
        self._notes = notes
        self._library = library

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def notes(self) -> list[str]:
        """Attributes of candidates that are no number, such as "big", where those of the customers are."""
        return list(self._notes)

    @property
    def coefficients(self) -> dict[str, float]:
        """Log-odds to be warm per standard deviation of each attribute."""
        return dict(zip(self._names, self._found[3].tolist(), strict=True))

    def _columns(self) -> Mapping[str, Any]:
        probability, log_odds, parts = self._found[:3]
        return {
            "id": self._ids,
            "probability": probability,
            "likeness": log_odds,
            **{name: parts[:, k] for k, name in enumerate(self._names)},
        }

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        return plots.bars(self._names, self._found[3], title="Log-odds per standard deviation", **options)


_RESULTS = ("id", "probability", "likeness")
"""Columns of the result that no attribute may be named like."""

_MOST_TEXTS = 50
"""Most different texts of an attribute; each is a column of the regression."""


def _encoded(values: list[Any], other: list[Any], name: str, notes: list[str]) -> dict[str, tuple[Any, Any]]:
    """Return an attribute of customers and of candidates as numbers; a text has one column of 0 and 1 for each of its values.

    A missing text, and one that no customer has, is not known (NaN): it counts as the mean. So does a candidate's text among numbers,
    with a note.
    """
    if not any(isinstance(value, str) for value in values):
        known = reals([np.nan if is_missing(value) else value for value in values], f"column {name!r}")
        numbers = np.array([number_or_nan(value) for value in other], dtype=np.float64)
        numbers[np.isinf(numbers)] = np.nan
        bad = [k for k in np.flatnonzero(np.isnan(numbers)).tolist() if not is_blank(other[k])]
        if bad:
            notes.append(
                f"Attribute {name} is no number in {counted(len(bad), 'row')} of the candidates, such as {reprlib.repr(other[bad[0]])} in row "
                f"{bad[0] + 1}; it counts as the mean there."
            )
        return {name: (known, numbers)}
    texts = [[None if is_missing(value) else str(value).strip() for value in part] for part in (values, other)]
    seen = sorted({value for value in texts[0] if value is not None})
    if len(seen) > _MOST_TEXTS:
        raise InputError(
            f"column {name!r} has {len(seen)} different texts; at most {_MOST_TEXTS} are supported: group rare ones, such as towns by region"
        )

    def marks(part: list[str | None], one: str) -> NDArray[np.float64]:
        return np.array([float(value == one) if value in seen else np.nan for value in part])

    return {f"{name} = {one}": (marks(texts[0], one), marks(texts[1], one)) for one in seen}


@checked
def likeness(
    candidates: FrameLike,
    customers: FrameLike,
    portfolio: Portfolio,
    *,
    target: float = 0.05,
    deviation: float = 1.0,
) -> Likeness:
    """Fit how likely a customer with given attributes is warm, and apply it to candidates.

    Parameters
    ----------
    candidates : frame
        id and attributes: numbers, or texts such as a trade, at most 50 different ones. A missing value, or a text that no
        customer has, counts as the mean. Each row has its likeness; :func:`acquire` lists a repeated one with its reason.
    customers : frame
        customer_id and the same attributes.
    portfolio : Portfolio
        Today's customers.
    target : float
        A customer is warm from this temperature on, a fraction in [0, 1].
    deviation : float
        Standard deviation of the prior of each coefficient; a smaller one regularises more.

    Returns
    -------
    Likeness
        probability to be warm, likeness (log-odds less those of an average customer) and the part of each attribute.

    Raises
    ------
    InputError
        If the frames have no attribute in common, a customer is repeated, no customer has attributes, an attribute has the name of a
        column of the result or too many texts, or a number is out of range.
    """
    if not 0 <= target <= 1:
        raise InputError(f"target is {target!r}; it is a temperature as a fraction in [0, 1] (5 % is 0.05)")
    given, known = eager(candidates, "candidates"), eager(customers, "customers")
    require_columns(given.columns, ("id",), "the candidates; they have")
    identity = customer_column(known.columns)
    require_columns(known.columns, (identity,), "the attributes; they have")
    names = [name for name in known.columns if name in given.columns and name not in ("id", identity, "name")]
    if not names:
        raise InputError("customers and candidates have no attribute in common; both need at least one column alike")
    for name in names:
        if name in _RESULTS:
            raise InputError(f"attribute {name!r} has the name of a column of the result; rename it in both frames")
    rows = {customer: row for row, customer in enumerate(portfolio.ids)}
    ids = once(texts_of(known[identity], identity), "customers")
    temperature = portfolio.core.temperature()
    used = [k for k, customer in enumerate(ids) if customer in rows]
    warm = np.array([temperature[rows[ids[k]]] >= target for k in used], dtype=np.float64)
    columns: dict[str, tuple[Any, Any]] = {}
    notes: list[str] = []
    for name in names:
        values = known[name].to_list()
        columns |= _encoded([values[k] for k in used], given[name].to_list(), name, notes)

    def table(side: int, count: int) -> NDArray[np.float64]:
        return np.column_stack([pair[side] for pair in columns.values()]).reshape(count, len(columns))

    wanted = [identity_or_empty(value) for value in given["id"].to_list()]
    core = _core.likeness(table(0, len(used)), warm, table(1, len(wanted)), deviation)
    return Likeness(wanted, list(columns), core, notes, library_of(candidates))
