# The chance to win, fitted to candidates of the past.
"""Win probabilities that history supports, checked out of sample."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.wording import identity_text
from custfolio.acquisition._prospects import Prospects
from custfolio.acquisition._win_fit import WinFit
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
        Identities of those that became customers; others than prospects do not count.
    base_win_probability, warmth_sensitivity, network_sensitivity, likeness_sensitivity, source_log_odds
        The prior: as for :func:`acquire`. Each coefficient has a standard deviation of 1 around it, in log-odds.

    Returns
    -------
    WinFit
        The fitted chance. ``acquire(..., win=fit)`` uses it.

    Raises
    ------
    InputError
        If a setting is out of range.
    """
    ids = prospects.core.id
    if isinstance(won, str):
        raise InputError(f"won is {won!r}; it must be a sequence of identities")
    customers = {identity_text(each) for each in won}
    result = [each in customers for each in ids]
    core = _core.fit_win(
        prospects.core,
        np.asarray(result, dtype=np.float64),
        base_win_probability=base_win_probability,
        warmth_sensitivity=warmth_sensitivity,
        network_sensitivity=network_sensitivity,
        likeness_sensitivity=likeness_sensitivity,
        source_log_odds=dict(source_log_odds or {}),
    )
    return WinFit(core, ids, result, prospects.library)
