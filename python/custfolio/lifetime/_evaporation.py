# Who buys irregularly and who is new: the chance to be still there and buy, and how newcomers settle.
"""Evaporation and newcomers, month by month."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from custfolio.lifetime._counts import BGBB
from custfolio.lifetime._holt_winters import SEASON

__all__ = ["REGULAR", "TEMPERATURE_MONTHS", "Matrix", "evaporation", "settling", "standing"]

REGULAR = 0.75
"""Who bought in at least this share of its last twelve months is regular."""
TEMPERATURE_MONTHS = 24
"""Last months whose temperatures are looked at."""
AGES = (2, 4, 7)
"""Ages in months at which classes of newcomers begin, after those of less."""
LEANING = 10.0
"""So many cases does a frequency class count for beside those of one standing, and no change for newcomers."""
MODELLED, COUNTED = "BG/BB", "counted standing"
"""How the chance that an irregular customer buys is found."""

Matrix = NDArray[np.float64]


def standing(history: Matrix) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Return each customer's frequency class 0..4 and its months since the last purchase (at most a season), and who is irregular."""
    months = history.shape[1]
    bought = history != 0
    ever = bought.any(axis=1)
    own = np.minimum(months - np.where(ever, bought.argmax(axis=1), months), SEASON)
    share = bought[:, -SEASON:].sum(axis=1) / np.maximum(own, 1)
    gap = np.where(ever, np.minimum(bought[:, ::-1].argmax(axis=1), SEASON), SEASON)
    return np.ceil(4 * share).astype(np.intp), gap.astype(np.intp), ever & (share < REGULAR)


def evaporation(history: Matrix, ahead: int) -> tuple[Matrix, str, str]:
    """Return the chance that each customer is still there and buys, by months ahead; by what, and why by that.

    By BG/BB or by counted standing: whichever would have foreseen the last year's months of irregular customers better, by the Brier
    score; BG/BB where there are not two years to compare by.
    """
    modelled = _modelled(history, ahead)
    cut = history.shape[1] - SEASON
    if modelled is None:
        return _counted(history, ahead), COUNTED, f"irregular customers evaporate by {COUNTED}: nobody has two months"
    irregular = standing(history[:, :cut])[2] if cut >= SEASON else np.zeros(0, dtype=np.bool_)
    earlier = _modelled(history[:, :cut], SEASON) if irregular.any() else None
    if earlier is None:
        return modelled, MODELLED, f"irregular customers evaporate by {MODELLED}: too little history to compare"
    came = history[irregular, cut:] != 0
    scores = {
        name: float(np.mean((chance[irregular] - came) ** 2))
        for name, chance in ((MODELLED, earlier), (COUNTED, _counted(history[:, :cut], SEASON)))
    }
    better = min(scores, key=scores.__getitem__)
    other = MODELLED if better == COUNTED else COUNTED
    reason = (
        f"irregular customers evaporate by {better}: Brier score {scores[better]:.4f} in the last year, "
        f"{scores[other]:.4f} by {other}"
    )
    return (modelled if better == MODELLED else _counted(history, ahead)), better, reason


def _modelled(history: Matrix, ahead: int) -> Matrix | None:
    """Return the chances by BG/BB, for which a month is an opportunity to buy; None where nobody has had one after its first purchase.

    Fitted to regular customers too, since who is irregular was chosen by what it bought.
    """
    months = history.shape[1]
    bought = history != 0
    ever = bought.any(axis=1)
    began = bought.argmax(axis=1)
    frequency = bought.sum(axis=1) - 1
    recency = np.where(frequency > 0, months - 1 - bought[:, ::-1].argmax(axis=1) - began, 0)
    rows = np.stack([frequency, recency, months - 1 - began], axis=1)[ever]
    cells, cell, count = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    if not (cells[:, 2] > 0).any():
        return None
    x, t_x, n = cells.T.astype(np.float64)
    # The prior is too weak to be seen beside some dozens of customers; it keeps the parameters of fewer from running away.
    model = BGBB(prior=dict.fromkeys(BGBB._parameters, (1.0, 3.0)), threads=1).fit(x, t_x, n, count.astype(np.float64))
    expected = [model.conditional_expected_purchases(float(h), x, t_x, n) for h in range(1, ahead + 1)]
    found = np.zeros((history.shape[0], ahead))
    found[ever] = np.clip(np.diff(np.stack(expected, axis=1), axis=1, prepend=0.0), 0.0, 1.0)[cell.ravel()]
    return found


def _counted(history: Matrix, ahead: int) -> Matrix:
    """Return the chances by counted standing.

    How often irregular customers of the same standing (share of months with a purchase, months since the last one) bought so many
    months later, counted from every origin of the last two years; a thin standing leans on all of its frequency class.
    """
    count, months = history.shape
    bought = history != 0
    cells = (5, SEASON + 1)
    seen, came = np.zeros((*cells, ahead)), np.zeros((*cells, ahead))
    for origin in range(max(SEASON, months - 2 * SEASON), months):
        frequency, gap, irregular = standing(history[:, :origin])
        cell = (frequency * cells[1] + gap)[irregular]
        there = np.bincount(cell, minlength=seen[:, :, 0].size).reshape(cells)
        for h in range(min(ahead, months - origin)):
            seen[:, :, h] += there
            hits = bought[irregular, origin + h].astype(np.float64)
            came[:, :, h] += np.bincount(cell, weights=hits, minlength=there.size).reshape(cells)
    share = bought[:, -SEASON:].mean(axis=1)
    frequency, gap, _ = standing(history)
    cases = seen.sum(axis=(1, 2))
    pooled = np.where(cases > 0, came.sum(axis=(1, 2)) / np.maximum(cases, 1.0), np.nan)[frequency]
    pooled = np.where(np.isfinite(pooled), pooled, share)
    found = np.empty((count, ahead))
    before = pooled
    for h in range(ahead):
        # Beyond what any origin has seen, the chance stays what it was.
        prior = pooled if h == 0 else np.minimum(before, pooled)
        there, hits = seen[frequency, gap, h], came[frequency, gap, h]
        before = np.where(there > 0, (hits + LEANING * prior) / (there + LEANING), before)
        found[:, h] = before
    return found


def settling(history: Matrix, ahead: int) -> NDArray[np.float64]:
    """Return by age in months, 0 to 11, what regular newcomers bought later in a month, as a share of their mean month until then.

    A first order fills the shelves, and some who try do not stay. Counted from every origin of the last two years by age class; few
    cases lean on a share of 1.
    """
    months = history.shape[1]
    bought = history != 0
    began = np.where(bought.any(axis=1), bought.argmax(axis=1), months)
    classes = np.searchsorted(AGES, np.arange(SEASON), side="right")
    cases, expected, came = (np.zeros(len(AGES) + 1) for _ in range(3))
    for origin in range(max(1, months - TEMPERATURE_MONTHS), months):
        age = origin - began
        rows = np.flatnonzero((began > 0) & (age > 0) & (age < SEASON))
        rows = rows[bought[rows, :origin].sum(axis=1) >= REGULAR * age[rows]]
        later = history[rows, origin : origin + ahead]
        kind = classes[age[rows]]
        mean = history[rows, :origin].sum(axis=1) / age[rows] * later.shape[1]
        cases += np.bincount(kind, minlength=cases.size)
        expected += np.bincount(kind, weights=mean, minlength=cases.size)
        came += np.bincount(kind, weights=later.sum(axis=1), minlength=cases.size)
    leaning = LEANING * expected / np.maximum(cases, 1.0)
    share = np.divide(came + leaning, expected + leaning, out=np.ones(cases.size), where=expected + leaning > 0)
    return np.maximum(share, 0.0)[classes]
