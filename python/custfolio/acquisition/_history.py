# The chance to win, fitted to candidates of the past.
"""Win probabilities that history supports, checked out of sample."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.dates import is_missing
from custfolio._tables.wording import identity_text
from custfolio.acquisition._prospects import Prospects
from custfolio.acquisition._win_fit import WinFit, odds_of
from custfolio.errors import InputError

__all__ = ["fit_win"]


@checked
def fit_win(
    prospects: Prospects,
    won: Iterable[Any],
    *,
    base_win_probability: float = 0.2,
    warmth_sensitivity: float = 0.5,
    network_sensitivity: float = 1.0,
    likeness_sensitivity: float = 0.5,
    source_log_odds: Mapping[str, float] | None = None,
) -> WinFit:
    """Fit the chance to win to candidates of the past, or return the base rate where they show no lift.

    Parameters
    ----------
    prospects : Prospects
        What :func:`acquire` returned for the candidates and the portfolio of then.
    won : iterable of str
        Identities of those that became customers, such as ``portfolio.ids`` of today. Others than prospects do not count;
        :attr:`WinFit.others` is their number.
    base_win_probability, warmth_sensitivity, network_sensitivity, likeness_sensitivity, source_log_odds
        The prior: as for :func:`acquire`. Each coefficient has a standard deviation of 1 around it, in log-odds.

    Returns
    -------
    WinFit
        The fitted chance. ``acquire(..., win=fit)`` uses it.

    Raises
    ------
    InputError
        If `won` is no sequence of identities (such as one of booleans), a setting is out of range, or there are more than 50 sources.
    """
    ids = prospects.core.id
    customers = {_winner(each, row) for row, each in enumerate(_sequence(won))}
    result = [each in customers for each in ids]
    core = _core.fit_win(
        prospects.core,
        np.asarray(result, dtype=np.float64),
        base_win_probability=base_win_probability,
        warmth_sensitivity=warmth_sensitivity,
        network_sensitivity=network_sensitivity,
        likeness_sensitivity=likeness_sensitivity,
        source_log_odds=odds_of(source_log_odds),
    )
    return WinFit(core, ids, result, len(customers - set(ids)), prospects.library)


def _sequence(won: Iterable[Any]) -> Iterable[Any]:
    """Return the winners; InputError for a text, and for a frame, whose items are its columns."""
    if isinstance(won, (str, bytes)):
        raise InputError(f"won is {won!r}; it must be a sequence of identities")
    if hasattr(won, "columns"):
        raise InputError("won is a frame; give its column of identities")
    return won


def _winner(value: Any, row: int) -> str:
    """Return the identity of a winner."""
    if isinstance(value, (bool, np.bool_)):
        raise InputError(
            f"won, value {row + 1}: found {value!r}; give the identities of those who were won, not a yes or no a prospect"
        )
    if is_missing(value) or not isinstance(value, (str, int, float, np.number)):
        raise InputError(f"won, value {row + 1}: found {value!r}; it must be an identity: text or a whole number")
    return identity_text(value)
