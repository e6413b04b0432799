# Scores of recency, frequency and monetary value.
"""RFM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked, reals, text, whole
from custfolio._tables.result import Result
from custfolio.errors import InputError

__all__ = ["RFM", "rfm"]

_MEASURES = ("recency", "frequency", "monetary")
_HIGHEST = 2**31 - 1


class RFM(Result):
    """Scores of customers, 1 for the worst bin. Made by :func:`rfm`.

    The table has one row per customer: r_score, f_score, m_score, and segment where segments were named ("none" where none fits).

    ``plot`` draws the customers by r_score and f_score, with the number of customers.

    Attributes
    ----------
    scores : numpy.ndarray of int, shape (n, 3)
        The three scores of each customer.
    thresholds : dict of str to numpy.ndarray
        Cut points of ``"recency"``, ``"frequency"`` and ``"monetary"``, ascending; pass them as `bins` to score another period.
    empty_bins : dict of str to list of int
        Scores that no customer has, by measure: equal values leave bins empty.
    segments : list of str
        Segment of each customer; empty where none were named.
    """

    def __init__(self, found: Mapping[str, Any], names: Sequence[str] | None) -> None:
        self.scores: NDArray[np.int32] = np.column_stack(found["scores"])
        self.thresholds: dict[str, NDArray[np.float64]] = dict(zip(_MEASURES, found["cuts"], strict=True))
        self.empty_bins: dict[str, list[int]] = {}
        for measure, score in found["empty_bins"]:
            self.empty_bins.setdefault(measure, []).append(score)
        self.segments: list[str] = []
        if names is not None:
            self.segments = ["none" if place < 0 else names[place] for place in found["segment"].tolist()]

    def _columns(self) -> Mapping[str, Any]:
        columns: dict[str, Any] = {f"{m[0]}_score": self.scores[:, k] for k, m in enumerate(_MEASURES)}
        return columns | ({"segment": self.segments} if self.segments else {})

    def _facts(self) -> Mapping[str, Any]:
        facts: dict[str, Any] = {"customers": len(self.scores)}
        for measure, scores in self.empty_bins.items():
            facts[f"{measure}: no customer has"] = f"score {', '.join(map(str, scores))}"
        return facts

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        pairs, counts = np.unique(self.scores[:, :2], axis=0, return_counts=True)
        rows, columns = pairs[:, 0].tolist(), pairs[:, 1].tolist()
        return plots.table(rows, columns, counts, value="Customers", row="r_score", column="f_score", **options)


def _ranges(segments: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, list[tuple[int, int]]]]:
    """Return the ranges of scores of each segment: recency, frequency, monetary."""
    named: list[tuple[str, list[tuple[int, int]]]] = []
    for name, given in segments.items():
        what = f"segment {text(name, 'the name of a segment')!r}"
        if not isinstance(given, Mapping) or not set(given) <= {"r", "f", "m"}:
            raise InputError(f"{what} is {given!r}; it must map r, f and m to scores, such as {{'r': (4, 5), 'm': 5}}")
        ranges: list[tuple[int, int]] = []
        for key in ("r", "f", "m"):
            scores = given.get(key, (1, _HIGHEST))
            pair = list(scores) if isinstance(scores, (tuple, list)) else [scores, scores]
            if len(pair) != 2:
                raise InputError(f"{what}: {key} is {scores!r}; it must be a score, or the lowest and the highest one")
            ranges.append((whole(pair[0], f"{what}: {key}"), whole(pair[1], f"{what}: {key}")))
        named.append((name, ranges))
    return named


@checked
def rfm(
    recency: ArrayLike,
    frequency: ArrayLike,
    monetary: ArrayLike,
    bins: Any = 5,
    segments: Mapping[str, Mapping[str, Any]] | None = None,
) -> RFM:
    """Score customers by recency, frequency and monetary value.

    Few days since the last purchase are good; so are many purchases and much money. A value equal to a cut point is below it, so equal
    values are never in two bins.

    Parameters
    ----------
    recency, frequency, monetary : array_like, shape (n,)
        Days since the last purchase, purchases and money, one each per customer.
    bins : int, or three sequences of float
        Number of bins, whose cut points are quantiles, linear between neighbouring values; or the ascending cut points of each measure, in a
        mapping or in the order above.
    segments : mapping of str to mapping, optional
        Named segments as ranges of scores: ``{"best": {"r": (4, 5), "f": 5}, "rest": {}}``. The first that fits counts.

    Returns
    -------
    RFM
        The scores.

    Raises
    ------
    InputError
        If a number is not finite, lengths differ, there is no customer, or bins or segments are not as above.
    """
    names = None if segments is None else list(segments)
    count, cuts = 5, None
    if isinstance(bins, Mapping) and set(bins) != set(_MEASURES):
        raise InputError(
            f"bins has cut points of {', '.join(map(str, bins))}; it must have those of {', '.join(_MEASURES)}"
        )
    if isinstance(bins, (Mapping, Sequence, np.ndarray)) and not isinstance(bins, str):
        given = [bins[name] for name in _MEASURES] if isinstance(bins, Mapping) else list(bins)
        if len(given) != len(_MEASURES):
            raise InputError(f"bins has {len(given)} entries; it must have cut points for {', '.join(_MEASURES)}")
        cuts = [
            np.atleast_1d(reals(one, f"cut points of {m}")).tolist() for one, m in zip(given, _MEASURES, strict=True)
        ]
    else:
        count = whole(bins, "bins")
    ranges = None if segments is None else _ranges(segments)
    return RFM(_core.rfm(recency, frequency, monetary, count, cuts, ranges), names)
