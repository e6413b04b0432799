# How interesting each customer is: one number, or the answers to a questionnaire.
"""Answers on how interesting customers are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from custfolio import _core
from custfolio._reading.amounts import amounts_of
from custfolio._reading.cells import MISSING, OK, Reading
from custfolio._tables.arguments import real, reals
from custfolio._tables.dates import is_blank, is_missing
from custfolio._tables.frames import (
    check_spelling,
    customer_column,
    eager,
    lists_of,
    require_columns,
)
from custfolio._tables.result import Result
from custfolio._tables.wording import identity_text
from custfolio.errors import InputError, NotFoundError

__all__ = ["ANSWERS", "Interest", "interest_of", "numbers_of_interest", "rows_of"]

_QUESTIONS: Final[tuple[str, ...]] = _core.interest_questions
ANSWERS: Final = ("potential_revenue", *_QUESTIONS, *(f"{name}_potential" for name in _QUESTIONS))
"""Columns of a questionnaire, beside customer_id."""


class Interest(Result):
    """How interesting customers are, by a questionnaire. Part of :class:`Selection`.

    Columns:

    - customer_id, name.
    - potential_revenue: as answered; NaN where it is not known.
    - quality: weighted mean of today's answers. potential_quality: the same, with the potential where it was answered.
    - answered: questions on quality that were answered.
    - potential_class, quality_class, interest: A, B, C, or empty where it is not known. interest is the class of the matrix.

    ``plot`` draws the matrix: customers by the classes of potential revenue and of quality. Options: see :func:`custfolio.plots.matrix`.

    Attributes
    ----------
    bounds : dict
        Least values of class A and of class B, of ``potential_revenue`` and of ``quality``; infinite where the class has no customer.
    quality_by_scale : bool
        Whether the classes of quality are thirds of the scale: by share, fewer than five qualities, or only equal ones, have no best 20 %.
    """

    quality_by_scale: bool = False

    def __init__(self, portfolio: _core.Portfolio, core: _core.Interest, library: str | None) -> None:
        self._library = library
        self._table = {"customer_id": portfolio.id, "name": portfolio.name, **core.columns}
        self.bounds = dict(zip(("potential_revenue", "quality"), core.bounds, strict=True))
        self.quality_by_scale = core.quality_by_scale

    def __len__(self) -> int:
        return len(self._table["customer_id"])

    def cells(self) -> dict[str, Any]:
        """Return the cells of the matrix that have customers.

        Returns
        -------
        dict of str to list
            potential_class, quality_class, interest (the class of the cell) and customers, from the most interesting cell on.
        """
        columns = (self._table[name] for name in ("interest", "potential_class", "quality_class"))
        found = sorted(Counter(row for row in zip(*columns, strict=True) if row[0]).items())
        return {
            "potential_class": [potential for (_, potential, _), _ in found],
            "quality_class": [quality for (_, _, quality), _ in found],
            "interest": [cls for (cls, _, _), _ in found],
            "customers": [count for _, count in found],
        }

    def _columns(self) -> Mapping[str, Any]:
        return self._table

    def _facts(self) -> Mapping[str, Any]:
        classes = self._table["interest"]
        counts = {name: classes.count(name) for name in ("A", "B", "C")}
        facts: dict[str, Any] = counts | {"not known": classes.count("")}
        if self.quality_by_scale:
            facts["classes of quality"] = (
                "thirds of the scale, since fewer than five customers or equal ones cannot be ranked"
            )
        return facts

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        names = ("potential_class", "quality_class", "interest", "potential_revenue")
        return plots.matrix(*(self._table[name] for name in names), **options)


def interest_of(
    portfolio: _core.Portfolio,
    answers: Any,
    weights: Mapping[str, float] | None,
    classes: str | Mapping[str, Any],
) -> _core.Interest | None:
    """Return the interest of customers by a questionnaire; None where `answers` is not one."""
    columns = _columns_of(answers)
    asked = [name for name in ANSWERS if name in (columns or ())]
    if columns is not None and "interesting" in columns and asked:
        raise InputError(
            f"the answers have the columns 'interesting' and {asked[0]!r}; give one number or a questionnaire"
        )
    if columns is None or "interesting" in columns:
        if weights is not None or classes != "share":
            raise InputError(
                f"weights and classes are those of a questionnaire; interesting must have a column of {', '.join(ANSWERS)}"
            )
        return None
    customer = customer_column(columns)
    if not asked:
        raise InputError(
            f"the answers have {', '.join(map(repr, columns))}; they must have 'interesting', or one of {', '.join(ANSWERS)}"
        )
    check_spelling(columns, (customer, *ANSWERS), "the answers")
    rows = rows_of(portfolio, columns[customer], customer, "the answers")
    found = {name: _answers(columns, name, rows, len(portfolio.id)) for name in ANSWERS}
    rule, bounds = _classes(classes)
    return _core.interest_of(
        portfolio,
        potential_revenue=found["potential_revenue"],
        present=np.column_stack([found[name] for name in _QUESTIONS]),
        potential=np.column_stack([found[f"{name}_potential"] for name in _QUESTIONS]),
        weights=_weights(weights),
        rule=rule,
        potential_bounds=bounds["potential_revenue"],
        quality_bounds=bounds["quality"],
    )


def numbers_of_interest(portfolio: _core.Portfolio, interesting: Any) -> NDArray[np.float64] | None:
    """Return one number per customer, in the portfolio's order; NaN where it is not known."""
    columns = _columns_of(interesting)
    if interesting is None or (columns is None and not isinstance(interesting, Mapping)):
        return None if interesting is None else reals(interesting, "interesting")
    if columns is not None:
        customer = customer_column(columns)
        rows = rows_of(portfolio, columns[customer], customer, "the answers")
        return _answers(columns, "interesting", rows, len(portfolio.id))
    answers = np.full(len(portfolio.id), np.nan)
    for identity, value in interesting.items():
        row = portfolio.index(identity_text(identity))
        answers[row] = np.nan if value is None else real(value, f"interesting of {identity!r}")
    return answers


def _columns_of(answers: Any) -> dict[str, list[Any]] | None:
    """Return the columns of answers; None for numbers by identity or in the portfolio's order."""
    if answers is None:
        return None
    if isinstance(answers, Mapping) and not any(_is_column(one) for one in answers.values()):
        return None
    try:
        columns = lists_of(answers if isinstance(answers, Mapping) else eager(answers), "")
    except TypeError:
        return None
    require_columns(columns, [customer_column(columns)], "the answers; they have")
    return columns


def _is_column(value: Any) -> bool:
    return not isinstance(value, str) and (isinstance(value, Sequence) or getattr(value, "ndim", 0) > 0)


def rows_of(portfolio: _core.Portfolio, customers: list[Any], column: str, what: str) -> list[int]:
    """Return the row of the portfolio of each customer of a table, which `what` names."""
    rows: list[int] = []
    seen: dict[int, int] = {}
    for place, value in enumerate(customers, 1):
        if is_missing(value) or value == "":
            raise InputError(f"{what}, row {place}: no {column}")
        name = identity_text(value)
        try:
            row = portfolio.index(name)
        except NotFoundError as error:
            raise NotFoundError(f"{what}, row {place}: {error}") from None
        if row in seen:
            raise InputError(f"{what}, row {place}: customer {name!r} is in row {seen[row]} too")
        seen[row] = place
        rows.append(row)
    return rows


def _answers(columns: Mapping[str, list[Any]], name: str, rows: list[int], customers: int) -> NDArray[np.float64]:
    """Return a column of answers per customer of the portfolio; NaN where there is none."""
    answers = np.full(customers, np.nan)
    if name in columns:
        cells = [None if is_blank(cell) else cell for cell in columns[name]]
        if name == "interesting":  # yes or no are answers, too
            cells = [float(cell) if isinstance(cell, (bool, np.bool_)) else cell for cell in cells]
        answers[rows] = _numbers(cells, name)
    return answers


def _numbers(cells: list[Any], name: str) -> NDArray[np.float64]:
    """Return a column of answers, text as a ledger reads it; NaN where a cell is empty."""
    if not any(isinstance(cell, str) for cell in cells):
        return np.array(
            [np.nan if cell is None else real(cell, f"the answers, row {k}: {name}") for k, cell in enumerate(cells, 1)]
        )
    texts = pa.array([None if cell is None else str(cell) for cell in cells], type=pa.string())
    numbers, faults = amounts_of(texts, "the answers", name, Reading(beside=True))
    for row, fault in enumerate([] if faults is None else faults.tolist()):
        if fault not in (OK, MISSING):
            raise InputError(f"the answers, row {row + 1}: {name} is {cells[row]!r}; it must be a number, or empty")
    return numbers


def _weights(weights: Mapping[str, float] | None) -> list[float]:
    """Return the weight of each question; those that are not named count 0 where any is named."""
    if weights is None:
        return [1.0] * len(_QUESTIONS)
    for name in weights:
        if name not in _QUESTIONS:
            raise InputError(f"weights name {name!r}; the questions are {', '.join(_QUESTIONS)}")
    return [real(weights.get(name, 0.0), f"the weight of {name}") for name in _QUESTIONS]


def _classes(classes: str | Mapping[str, Any]) -> tuple[str, dict[str, tuple[float, float]]]:
    """Return the rule of the classes, and the bounds of a target."""
    names = ("potential_revenue", "quality")
    if isinstance(classes, str):
        if classes == "target":
            raise InputError('classes needs the bounds of a target: {"potential_revenue": (a, b), "quality": (a, b)}')
        if classes not in ("share", "breaks"):
            raise InputError(
                f"classes is {classes!r}; it must be 'share' or 'breaks' (natural breaks), or the bounds of a target: "
                '{"potential_revenue": (a, b), "quality": (a, b)}'
            )
        return classes, dict.fromkeys(names, (0.0, 0.0))
    if set(classes) != set(names):
        raise InputError(
            f"classes has {', '.join(map(repr, classes)) or 'nothing'}; it must have {' and '.join(names)}"
        )
    bounds: dict[str, tuple[float, float]] = {}
    for name in names:
        pair = reals(classes[name], f"classes: {name}")
        if pair.shape != (2,):
            raise InputError(
                f"classes: {name} is {classes[name]!r}; it must be the least values of class A and class B"
            )
        bounds[name] = (float(pair[0]), float(pair[1]))
    return "target", bounds
