# k-means: groups of customers that are near each other in several columns.
"""k-means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked, reals
from custfolio._tables.frames import FrameLike, arrow_columns, finite_of
from custfolio._tables.result import Result
from custfolio._tables.wording import counted
from custfolio.errors import InputError

__all__ = ["KMeans", "kmeans"]


class KMeans(Result):
    """Groups of customers. Made by :func:`kmeans`.

    The table has one row per group: segment (from 0), customers, and the centre in each column. Groups ascend by the first column, or have
    the order of the given centres.

    ``plot`` draws the sizes of the groups as bars.

    Attributes
    ----------
    centres : numpy.ndarray, shape (k, columns)
        The mean of each group.
    labels : numpy.ndarray of int, shape (n,)
        Group of each customer: the nearest centre.
    inertia : float
        Sum of squared distances to the nearest centre.
    rounds : int
        Rounds of the search that counts.
    converged : bool
        Whether it ended before the most rounds.
    """

    def __init__(self, found: Mapping[str, Any], names: Sequence[str]) -> None:
        self.centres: NDArray[np.float64] = found["centres"]
        self.labels: NDArray[np.int32] = found["labels"]
        self.inertia: float = found["inertia"]
        self.rounds: int = found["rounds"]
        self.converged: bool = found["converged"]
        self._size, self._names = found["size"], list(names)

    def _columns(self) -> Mapping[str, Any]:
        columns: dict[str, Any] = {"segment": np.arange(len(self._size)), "customers": self._size.astype(np.int64)}
        return columns | {name: self.centres[:, k] for k, name in enumerate(self._names)}

    def _title(self) -> str:
        return "k-means"

    def _facts(self) -> Mapping[str, Any]:
        return {"inertia": self.inertia, "rounds": self.rounds} | ({} if self.converged else {"converged": "no"})

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        names = [str(k) for k in range(len(self._size))]
        return plots.bars(names, self._size, title="Customers", names_title="Segment", **options)


@checked
def kmeans(
    X: Any,  # noqa: N803 -- the usual name of such a table
    k: int,
    seed: int = 0,
    starts: int = 10,
    *,
    centres: ArrayLike | None = None,
    most_rounds: int = 300,
    tolerance: float = 1e-4,
    threads: int = 0,
) -> KMeans:
    """Group customers by k-means.

    The search finds a local optimum from centres that k-means++ draws; the best of several starts counts. Columns count by their variance:
    divide each by its deviation, or take logarithms, where their units differ.

    Parameters
    ----------
    X : array_like, shape (n, columns), or frame
        One row per customer.
    k : int
        Number of groups, from 1 to the number of distinct rows.
    seed : int
        The same seed gives the same groups, for any number of threads.
    starts : int
        Searches from random centres.
    centres : array_like, shape (k, columns), optional
        Where to start, in place of random centres: those of an earlier period. Groups keep their order.
    most_rounds : int
        Rounds of one search at most.
    tolerance : float
        A search ends when the centres' squared moves sum to at most this times the mean variance of the columns; 0: when no customer
        changes its group.
    threads : int
        Upper bound on threads; 0 means all cores.

    Returns
    -------
    KMeans
        Centres and labels.

    Raises
    ------
    InputError
        If a value is not finite, `k` or an option is out of range, or the centres have another shape.
    """
    if isinstance(X, (FrameLike, Mapping)) and not isinstance(X, np.ndarray):
        columns = {name: finite_of(column, name) for name, column in arrow_columns(X, "X").items()}
        names = list(columns)
        for name, column in columns.items():
            if len(column) != len(columns[names[0]]):
                raise InputError(
                    f"X: column {name!r} has {counted(len(column), 'value')}, {names[0]!r} has {len(columns[names[0]])}; "
                    "columns must have the same length"
                )
        values = np.column_stack(list(columns.values())) if columns else np.empty((0, 0))
    else:
        values = reals(X, "X")
        names = [f"column {place + 1}" for place in range(values.shape[-1] if values.ndim else 0)]
    clusters = _core.kmeans(
        values,
        k,
        seed=seed,
        starts=starts,
        centres=centres,
        most_rounds=most_rounds,
        tolerance=tolerance,
        threads=threads,
    )
    return KMeans(clusters, names)
