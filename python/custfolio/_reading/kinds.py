# The kinds and statuses of documents: which cells of a column mean a credit note, and which are unknown.
"""Read the distinct cells of a column of kinds, such as Invoice and Credit note, or of statuses, such as paid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw

from custfolio._reading.cells import NO_VALUE
from custfolio._reading.columns import Roles, kind_of, listed, names_many_things
from custfolio._reading.rows import SALE_STATUSES, no_sale

__all__ = ["with_kinds", "with_statuses"]

_LETTERS = {"F": False, "C": True}
"""Kinds of one letter, for invoices and credit notes; they count only where a column has just these two."""

_MOST = 100
"""Distinct cells that a recognised column of kinds has at most."""


def with_kinds(frame: Any, roles: Roles) -> Roles:
    """Return the roles with the kinds that are credit notes, and notes on how the kinds are read.

    Parameters
    ----------
    frame : narwhals frame
        The rows, eager or lazy.
    roles : Roles
        The columns used; a recognised column of kinds is dropped where its cells are no kinds of documents.

    Returns
    -------
    Roles
        The roles.
    """
    column = roles.kind
    if column is None:
        return roles
    guessed = "kind" in roles.guessed
    if guessed and not isinstance(
        frame.collect_schema()[column], (nw.String, nw.Categorical, nw.Enum, nw.Object, nw.Unknown)
    ):
        return replace(roles, kind=None)
    kinds = {text: kind_of(text) for text in _distinct(frame, column)}
    if {text.upper() for text in kinds} == _LETTERS.keys():
        kinds = {text: _LETTERS[text.upper()] for text in kinds}
    credit = [text for text, is_credit in kinds.items() if is_credit]
    unknown = [text for text, is_credit in kinds.items() if is_credit is None]
    no_kinds = not credit and (names_many_things(column) or column in roles.credit_note)
    if guessed and (len(kinds) > _MOST or (no_kinds and len(unknown) == len(kinds))):
        letters = [text for text in kinds if len(text) == 1 and text.isalpha()]
        note = (
            f"{listed(letters)} in {column!r} is neither a known invoice nor a known credit note; the amounts are read as they are. "
            "Make those of credit notes negative."
        )
        alone = bool(letters) and len(letters) == len(kinds)
        return replace(roles, kind=None, notes=(*roles.notes, note) if alone else roles.notes)
    notes = [*roles.notes]
    if credit:
        notes.append(
            f"Rows with {listed(credit)} in {column!r} are credit notes: they lower revenue, whichever sign the file writes; "
            "kind=False reads the amounts as they are."
        )
    if unknown:
        notes.append(
            f"{listed(unknown)} in {column!r} is neither a known invoice nor a known credit note; the amounts of such rows are "
            "read as they are."
        )
    lowered = tuple(dict.fromkeys(text.lower() for text in credit))
    return replace(roles, credit_kinds=lowered, notes=tuple(notes))


def with_statuses(frame: Any, roles: Roles) -> Roles:
    """Return the roles with a note on the statuses that are neither a known sale nor a known failure.

    Parameters
    ----------
    frame : narwhals frame
        The rows, eager or lazy.
    roles : Roles
        The columns used.

    Returns
    -------
    Roles
        The roles.
    """
    if roles.status is None:
        return roles
    known = {*no_sale(refunds=False), *SALE_STATUSES}
    unknown = [text for text in _distinct(frame, roles.status) if text.lower() not in known]
    if not unknown:
        return roles
    note = (
        f"{listed(unknown)} in {roles.status!r} is neither a known sale nor a known failure; such rows count as sales."
    )
    return replace(roles, notes=(*roles.notes, note))


def _distinct(frame: Any, column: str) -> list[str]:
    """Return the distinct texts of a column with a value, sorted."""
    distinct = frame.select(cf_text=nw.col(column).cast(nw.String)).unique()
    if isinstance(distinct, nw.LazyFrame):
        distinct = distinct.collect(backend="pyarrow")
    texts = {str(cell).strip() for cell in distinct["cf_text"].to_list() if cell is not None}
    return sorted(text for text in texts if text.lower() not in NO_VALUE)
