# Network: personalised PageRank, introductions, referral value.
"""Warmth through referral, ownership and supplier relations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.frames import FrameLike, check_spelling, eager, library_of, numbers_of, require_columns, texts_of
from custfolio._tables.result import Result
from custfolio.errors import InputError
from custfolio.portfolio import Portfolio

__all__ = ["Introductions", "ReferralValue", "edges_of", "introductions", "network_warmth", "referral_value"]


def edges_of(network: FrameLike) -> tuple[list[str], list[str], NDArray[np.float64]]:
    """Return sources, targets and weights of a network by identity; a weight of 1 where there is no such column."""
    table = eager(network, "the network")
    require_columns(table.columns, ("source", "target"), "the network; it has")
    check_spelling(table.columns, ("source", "target", "weight"), "the network")
    source, target = (texts_of(table[name], name) for name in ("source", "target"))
    weight = numbers_of(table["weight"], "weight") if "weight" in table.columns else np.ones(len(source))
    return source, target, weight


def _nodes(values: Any, what: str) -> NDArray[np.int64]:
    """Return numbers of nodes; anything but whole numbers is refused."""
    nodes = np.asarray(values)
    if nodes.size == 0:
        return np.zeros(0, dtype=np.int64)
    if nodes.dtype.kind not in "iu":
        raise InputError(f"{what} is of dtype {nodes.dtype}; it must have whole numbers of nodes, from 0")
    return nodes.astype(np.int64, copy=False)


@checked
def network_warmth(
    source: Any,
    target: Any,
    weight: ArrayLike | None,
    seed: ArrayLike,
    damping: float = 0.85,
    *,
    tolerance: float = 1e-9,
) -> NDArray[np.float64]:
    """Personalised PageRank: the share of time that a random walk from the warm nodes spends at each node.

    Parameters
    ----------
    source, target : array_like of int, shape (m,)
        Nodes of each edge, numbered from 0. Repeated edges add; self-loops stay.
    weight : array_like, shape (m,), or None
        Strength of each edge, >= 0; None for 1 each.
    seed : array_like, shape (n,)
        Heat of each node. The walk starts in proportion to max(seed, 0), and returns there from nodes without edges out.
    damping : float
        Chance to follow an edge, in [0, 0.999].
    tolerance : float
        Largest sum of absolute errors, certified, in [1e-12, 1].

    Returns
    -------
    array, shape (n,)
        Shares that sum to 1; all 0 where no seed is positive.

    Raises
    ------
    InputError
        If the lengths differ, a node is out of range, a weight is negative, or a number is not finite.
    """
    return _core.network_warmth(_nodes(source, "source"), _nodes(target, "target"), weight, seed, damping, tolerance)


class Introductions(Result):
    """The best path from a warm node to each node. Made by :func:`introductions`.

    ``plot`` draws the strengths.
    """

    def __init__(
        self, strength: NDArray[np.float64], introducer: NDArray[np.int64], previous: NDArray[np.int64]
    ) -> None:
        self._found = (strength, introducer, previous)

    @checked
    def path(self, node: int) -> list[int]:
        """Return the nodes on the best path, from the introducer to `node`; empty without a path.

        Parameters
        ----------
        node : int
            The node at its end.

        Raises
        ------
        InputError
            If there is no such node.
        """
        _, introducer, previous = self._found
        if not 0 <= node < introducer.size:
            raise InputError(f"node is {node}; it must be from 0 to {introducer.size - 1}")
        if introducer[node] < 0:
            return []
        nodes = [int(node)]
        while previous[nodes[-1]] >= 0:
            nodes.append(int(previous[nodes[-1]]))
        return nodes[::-1]

    def _columns(self) -> Mapping[str, Any]:
        strength, introducer, previous = self._found
        return {
            "node": np.arange(strength.size),
            "strength": strength,
            "introducer": introducer,
            "previous": previous,
        }

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        strength, introducer, _ = self._found
        reached = np.flatnonzero((introducer >= 0) & (strength < 1))[:50].tolist()
        return plots.bars(
            [str(node) for node in reached], strength[reached], title="Strength of the best path", **options
        )


@checked
def introductions(
    source: Any, target: Any, weight: ArrayLike | None, seed: ArrayLike, damping: float = 0.85
) -> Introductions:
    """Find the best path from a node with heat to each node.

    The strength of a path is the product over its edges of damping times the edge's share of its source's weight.

    Parameters
    ----------
    source, target, weight, seed, damping
        As for :func:`network_warmth`. Nodes with a positive seed can introduce.

    Returns
    -------
    Introductions
        strength, introducer and previous node of each node; -1 without a path.

    Raises
    ------
    InputError
        As :func:`network_warmth`.
    """
    return Introductions(
        *_core.introductions(_nodes(source, "source"), _nodes(target, "target"), weight, seed, damping)
    )


class ReferralValue(Result):
    """What the introductions of each customer brought. Made by :func:`referral_value`.

    ``plot`` draws the heat of those that brought most.
    """

    def __init__(self, columns: Mapping[str, Any], library: str | None) -> None:
        self._entries = columns
        self._library = library

    def __len__(self) -> int:
        return len(self._entries["customer_id"])

    def _title(self) -> str:
        return "Referral value"

    def _columns(self) -> Mapping[str, Any]:
        return self._entries

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        heat = np.asarray(self._entries["heat"])
        most = np.argsort(-heat, kind="stable")[:20].tolist()
        names = [self._entries["customer_id"][k] for k in most]
        return plots.bars(names, heat[most], title="Heat of introduced customers", **options)


@checked
def referral_value(network: FrameLike, portfolio: Portfolio) -> ReferralValue:
    """Level and heat that each customer's introductions brought, and how interesting that makes it.

    A customer that several introduced counts for each by its share of the weight. Edges to or from others count nothing.

    Parameters
    ----------
    network : frame
        source (who introduced), target (whom), and optionally weight.
    portfolio : Portfolio
        The customers.

    Returns
    -------
    ReferralValue
        customer_id, level and heat of the customers that it introduced; one row a customer of the portfolio. interesting: of those whose
        introductions brought heat, the share that brought no more; 0 for others. ``cf.select(..., interesting=value.to_frame())`` takes it.

    Raises
    ------
    InputError
        If a column is missing, or a weight is negative or not finite.
    """
    source, target, weight = edges_of(network)
    rows = {customer: row for row, customer in enumerate(portfolio.ids)}
    inside = [k for k in range(len(source)) if source[k] in rows and target[k] in rows]
    edges = (
        np.array([rows[source[k]] for k in inside], dtype=np.int64),
        np.array([rows[target[k]] for k in inside], dtype=np.int64),
        weight[inside],
    )
    heat = _core.referral_value(*edges, portfolio.core.contribution)
    columns = {
        "customer_id": portfolio.ids,
        "level": _core.referral_value(*edges, portfolio.core.revenue),
        "heat": heat,
        "interesting": _core.referral_interest(heat),
    }
    return ReferralValue(columns, library_of(network))
