# The cells of a pipeline: amounts, days, probabilities in percent or as fractions, and the status open, won or lost.
"""Cells of opportunities read and checked, with the first fault of each row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from custfolio._reading import amounts as reading_amounts
from custfolio._reading import days as reading_days
from custfolio._reading.cells import MISSING, OK, Reading, one_array, reason
from custfolio.errors import InputError
from custfolio.growth._systems import LOST, WON, System

__all__ = ["Faults", "amounts_of", "days_of", "note_repeated", "probabilities_of", "statuses_of", "texts_of"]

_YES: Final = {"true", "1", "yes", "y", "t", "ja", "1.0"}
_NO: Final = {"false", "0", "no", "n", "f", "nee", "0.0", ""}


class Faults:
    """The first fault of each row: its column, value and reason."""

    def __init__(self, rows: int) -> None:
        self.column: list[str] = [""] * rows
        self.value: list[str | None] = [None] * rows
        self.reason: list[str] = [""] * rows

    def add(self, at: NDArray[np.bool_], column: str, texts: Sequence[str | None], reason: Any) -> None:
        """Add a fault to the marked rows that have none yet; the reason is a text or a function of the row."""
        for k in np.flatnonzero(at).tolist():
            if not self.reason[k]:
                self.column[k], self.value[k] = column, texts[k]
                self.reason[k] = reason(k) if callable(reason) else reason


def texts_of(column: pa.ChunkedArray) -> list[str]:
    """Return the cells of a column as displayed text; "" for empty cells."""
    shown = []
    for cell in column.to_pylist():
        if cell is None or cell != cell:
            shown.append("")
        elif isinstance(cell, float) and cell.is_integer():
            shown.append(str(int(cell)))
        else:
            shown.append(str(cell).strip())
    return shown


def note_repeated(texts: Mapping[str, list[str]], column: str, numbers: NDArray[np.int64], faults: Faults) -> list[str]:
    """Find repeated identities: equal rows count once, and differing rows get a note."""
    named = texts["opportunity"]
    first: dict[str, int] = {}
    same = np.zeros(len(numbers), dtype=bool)
    differing: list[int] = []
    for k, identity in enumerate(named):
        if not identity or faults.reason[k]:
            continue
        at = first.setdefault(identity, k)
        if at == k:
            continue
        if all(values[at] == values[k] for values in texts.values()):
            same[k] = True
        else:
            differing.append(k)
    faults.add(same, column, named, lambda k: f"the same opportunity as in row {numbers[first[named[k]]]}")
    if not differing:
        return []
    k = differing[0]
    return [
        f"{len(differing):,} rows repeat an identity with other values: all are counted; the first is "
        f"{named[k]!r} in rows {numbers[first[named[k]]]} and {numbers[k]}"
    ]


def amounts_of(
    table: pa.Table,
    chosen: Mapping[str, str],
    role: str,
    texts: Mapping[str, list[str]],
    decimal: str | None,
    faults: Faults,
) -> NDArray[np.float64]:
    """Read a column of amounts; an empty cell is NaN and no fault."""
    cells = one_array(table[chosen[role]])
    amounts, found = reading_amounts.amounts_of(cells, role, chosen[role], Reading(decimal=decimal))
    if found is not None:
        wrong = (found != OK) & (found != MISSING)
        faults.add(wrong, chosen[role], texts[role], lambda k: reason(int(found[k]), role))
        amounts = np.where(found == OK, amounts, np.nan)
    below = np.nan_to_num(amounts) < 0
    faults.add(below, chosen[role], texts[role], f"{role} is negative; an opportunity brings revenue")
    return amounts


def days_of(
    table: pa.Table,
    chosen: Mapping[str, str],
    role: str,
    texts: Mapping[str, list[str]],
    date_format: str | None,
    faults: Faults,
) -> NDArray[Any]:
    """Read a column of dates; an empty cell is NaT and no fault."""
    cells = one_array(table[chosen[role]])
    days, found = reading_days.days_of(cells, role, chosen[role], Reading(format=date_format))
    whole = days.astype("datetime64[D]")
    if found is not None:
        wrong = (found != OK) & (found != MISSING)
        faults.add(wrong, chosen[role], texts[role], lambda k: reason(int(found[k]), role))
        whole = np.where(found == OK, whole, np.datetime64("NaT", "D"))
    return whole


def probabilities_of(
    table: pa.Table, column: str, texts: list[str], system: System, unit: str | None, faults: Faults
) -> NDArray[np.float64]:
    """Read the probabilities as fractions."""
    if unit not in (None, "percent", "fraction"):
        raise InputError(f"probability_unit is {unit!r}; it must be 'percent' or 'fraction'")
    signed = any(text.endswith("%") for text in texts)
    cells = pa.array([text.removesuffix("%").strip() or None for text in texts]) if signed else table[column]
    values, found = reading_amounts.amounts_of(one_array(cells), "probability", column, Reading())
    if found is not None:
        wrong = (found != OK) & (found != MISSING)
        faults.add(wrong, column, texts, lambda k: reason(int(found[k]), "probability"))
        values = np.where(found == OK, values, np.nan)
    known = values[~np.isnan(values)]
    inside = bool(known.size) and bool(((known > 0) & (known < 1)).any())
    if unit is None:
        if signed:
            unit = "percent"
        elif system.unit == "fraction":
            unit = "fraction"
        elif system.unit == "percent":
            if known.size and 0 < known.max() <= 1:
                raise InputError(
                    f"column {column!r} should have percentages, and its greatest value is {known.max():g}; pass "
                    "probability_unit='fraction' for fractions, or 'percent' if none is above 1 %"
                )
            unit = "percent"
        elif known.size == 0 or known.max() > 1:
            unit = "percent"
        elif inside:
            unit = "fraction"
        elif (known == 1).any():
            raise InputError(
                f"column {column!r} has 0 and 1 only, which can be 1 % or certain; pass probability_unit='percent' or 'fraction'"
            )
        else:
            unit = "fraction"
    top = 100.0 if unit == "percent" else 1.0
    outside = ~np.isnan(values) & ((values < 0) | (values > top))
    faults.add(outside, column, texts, f"probability is outside 0 to {top:g}")
    return np.where(outside, np.nan, values / top)


def _truth(text: str) -> bool | None:
    """Return the value of a cell of yes or no; None if it is neither."""
    word = text.casefold()
    return True if word in _YES else False if word in _NO else None


def statuses_of(
    n: int,
    texts: Mapping[str, list[str]],
    system: System,
    statuses: Mapping[str, str],
    stated: NDArray[np.float64],
) -> tuple[NDArray[Any], list[str]]:
    """Return the status of each row: the user's status of its stage, else the system's flags, else the name of its stage."""
    for word, meaning in statuses.items():
        if meaning not in ("open", "won", "lost"):
            raise InputError(f"statuses= has {meaning!r} for {word!r}; it must be 'open', 'won' or 'lost'")
    meanings = {re.sub(r"[\s_\-]+", "", word.casefold()): meaning for word, meaning in statuses.items()}
    won, lost = WON | set(system.won), LOST | set(system.lost)
    status = np.full(n, "open", dtype=object)
    by_chance = 0
    for k in range(n):
        words = [re.sub(r"[\s_\-]+", "", texts[role][k].casefold()) for role in ("status", "stage") if role in texts]
        named = next((meanings[word] for word in words if word in meanings), None)
        is_won = _truth(texts["is_won"][k]) if "is_won" in texts else None
        is_closed = _truth(texts["is_closed"][k]) if "is_closed" in texts else None
        gone = "active" in texts and _truth(texts["active"][k]) is False and texts["active"][k] != ""
        if named is not None:
            status[k] = named
        elif is_won:
            status[k] = "won"
        elif is_closed:
            status[k] = "lost" if is_won is False else next(("won" for word in words if word in won), "lost")
        elif is_closed is False:
            status[k] = "open"
        elif any(word in won for word in words):
            status[k] = "won"
        elif any(word in lost for word in words):
            status[k] = "lost"
        elif system.certain and stated[k] == 1:
            status[k], by_chance = "won", by_chance + 1
        elif (system.certain and stated[k] == 0) or gone:
            status[k], by_chance = "lost", by_chance + 1
    notes = (
        [f"{by_chance:,} rows are won or lost by a probability of exactly 100 or 0, or by being archived"]
        if by_chance
        else []
    )
    return status, notes
