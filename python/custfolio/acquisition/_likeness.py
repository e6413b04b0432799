# Likeness of candidates to the warm customers, by attributes.
"""A regularised logistic regression of warm customers on their attributes, explained per candidate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.arguments import checked, reals
from custfolio._tables.dates import is_missing
from custfolio._tables.frames import FrameLike, customer_column, eager, library_of, require_columns, texts_of
from custfolio._tables.result import Result
from custfolio.errors import InputError
from custfolio.portfolio import Portfolio

__all__ = ["Likeness", "likeness"]


class Likeness(Result):
    """Likeness of each candidate to the warm customers, with the part of each attribute. Made by :func:`likeness`.

    ``plot`` draws the coefficients.
    """

    def __init__(self, ids: list[str], names: list[str], found: tuple[Any, ...], library: str | None) -> None:
        self._ids = ids
        self._names = names
        self._found = found
        self._library = library

    def __len__(self) -> int:
        return len(self._ids)

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


def _encoded(values: list[Any], other: list[Any], name: str) -> dict[str, tuple[Any, Any]]:
    """Return an attribute of customers and of candidates as numbers; a text has one column of 0 and 1 for each of its values."""
    texts = any(isinstance(value, str) for value in values)
    if not texts:
        numbers = [[np.nan if is_missing(value) else value for value in part] for part in (values, other)]
        return {name: (reals(numbers[0], f"column {name!r}"), reals(numbers[1], f"column {name!r}"))}
    seen = sorted({str(value) for value in values if not is_missing(value)})
    return {
        f"{name} = {one}": (
            np.array([str(value) == one for value in values], dtype=np.float64),
            np.array([str(value) == one for value in other], dtype=np.float64),
        )
        for one in seen
    }


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
        id and attributes: numbers, or texts such as a trade.
    customers : frame
        customer_id and the same attributes.
    portfolio : Portfolio
        Today's customers.
    target : float
        A customer is warm from this temperature on, a fraction.
    deviation : float
        Standard deviation of the prior of each coefficient; a smaller one regularises more.

    Returns
    -------
    Likeness
        probability to be warm, likeness (log-odds less those of an average customer) and the part of each attribute.

    Raises
    ------
    InputError
        If the frames have no attribute in common, no customer has attributes, or a number is out of range.
    """
    given, known = eager(candidates), eager(customers)
    require_columns(given.columns, ("id",), "the candidates; they have")
    identity = customer_column(known.columns)
    require_columns(known.columns, (identity,), "the attributes; they have")
    names = [name for name in known.columns if name in given.columns and name not in ("id", identity, "name")]
    if not names:
        raise InputError("customers and candidates have no attribute in common; both need at least one column alike")
    rows = {customer: row for row, customer in enumerate(portfolio.ids)}
    ids = texts_of(known[identity], identity)
    temperature = portfolio.core.temperature()
    used = [k for k, customer in enumerate(ids) if customer in rows]
    warm = np.array([temperature[rows[ids[k]]] >= target for k in used], dtype=np.float64)
    columns: dict[str, tuple[Any, Any]] = {}
    for name in names:
        values = known[name].to_list()
        columns |= _encoded([values[k] for k in used], given[name].to_list(), name)

    def table(side: int, count: int) -> NDArray[np.float64]:
        return np.column_stack([pair[side] for pair in columns.values()]).reshape(count, len(columns))

    wanted = texts_of(given["id"], "id")
    found = _core.likeness(table(0, len(used)), warm, table(1, len(wanted)), deviation)
    return Likeness(wanted, list(columns), found, library_of(candidates))
