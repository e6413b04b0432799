# One customer's contribution as a tree, and two of them side by side.
"""The trace of a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Literal

import numpy as np

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.result import Listing
from custfolio.errors import InputError
from custfolio.ledger import LedgerColumns

__all__ = ["Trace", "TraceComparison"]

Level = Literal["total", "amount", "element", "activity", "term", "event", "line"]
_LEVELS: tuple[Level, ...] = ("total", "amount", "element", "activity", "term", "event", "line")
_NO_DAY = np.iinfo(np.int32).min


class _Tree(Listing):
    """A listing whose entries are the nodes of a tree; a subclass gives the cells of a node and their heads."""

    _heads: tuple[str, ...] = ()

    _digits: int = 2
    """Digits of amounts; a stored tree may not have them."""

    def __init__(self, customer: str, columns: Mapping[str, Any], library: str | None, digits: int) -> None:
        super().__init__(columns, library)
        self._digits = digits
        self.customer = customer
        """Identity of the customer."""

    def _label(self, k: int) -> str:
        return str(self._entries["node"][k])

    def _cells(self, nodes: Sequence[int]) -> list[str]:
        """Return the cells of a node, or of the sum of several."""
        raise NotImplementedError

    @checked
    def tree(self, to: Level = "term", most: int = 10) -> str:
        """Return the tree as text, each part indented below its node.

        Parameters
        ----------
        to : {"total", "amount", "element", "activity", "term", "event", "line"}
            The last level that is shown.
        most : int
            Parts of a node that are shown, those of the largest amounts; one line sums the others.

        Returns
        -------
        str
            A line per node.

        Raises
        ------
        InputError
            If there is no such level, or `most` is below 1.
        """
        if to not in _LEVELS:
            raise InputError(f"to is {to!r}; it must be one of {', '.join(_LEVELS)}")
        if most < 1:
            raise InputError(f"most is {most}; it must be at least 1")
        shown = _LEVELS[: _LEVELS.index(to) + 1]
        parts: dict[int, list[int]] = {}
        for k, (level, parent) in enumerate(zip(self._entries["level"], self._entries["parent"].tolist(), strict=True)):
            if k and level in shown:
                parts.setdefault(parent, []).append(k)
        size = np.abs(self._size())
        lines: list[tuple[str, list[str]]] = []

        def add(k: int, indent: int) -> None:
            lines.append(("  " * indent + " ".join(self._label(k).split()), self._cells([k])))
            own = parts.get(k, [])
            largest = set(sorted(own, key=lambda part: (-size[part], part))[:most])
            for part in own:
                if part in largest:
                    add(part, indent + 1)
            others = [part for part in own if part not in largest]
            if others:
                lines.append(("  " * (indent + 1) + f"{len(others):,} others", self._cells(others)))

        if len(self):
            add(0, 0)
        rows = [("", list(self._heads)), *lines] if self._heads else lines
        left = max((len(label) for label, _ in rows), default=0)
        wide = [max(map(len, column)) for column in zip(*(cells for _, cells in rows), strict=True)]
        texts = (
            "  ".join(
                [label.ljust(left), *(cell.rjust(width) for cell, width in zip(cells, wide, strict=True))]
            ).rstrip()
            for label, cells in rows
        )
        return "\n".join([self._title(), *texts])

    def _size(self) -> Any:
        """Return the amount that decides which parts are shown."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.tree()

    def _repr_html_(self) -> str:
        return f'<div class="custfolio"><pre>{escape(self.tree())}</pre></div>'

    def _draw_bars(self, amount: Any, title: str, options: Mapping[str, Any]) -> Any:
        """Draw the amounts that sum to the total: revenue, cost of goods, each cost element, cost of credit."""
        from custfolio import plots

        levels, names = self._entries["level"], self._entries["node"]
        chosen = [
            k
            for k, level in enumerate(levels)
            if level == "element" or (level == "amount" and names[k] != "cost to serve")
        ]
        return plots.bars([names[k] for k in chosen], [float(amount[k]) for k in chosen], title=title, **options)


class Trace(_Tree):
    """The contribution of one customer down to pools, activities, events and lines. Made by :meth:`Statement.trace`.

    Columns: level (total, amount, element, activity, term, event or line), depth, parent (the parent's row, from 0), node, day and item (where
    there are any), units (of the driver; minutes; currency x days of credit), rate (currency per unit), amount (currency; costs are negative),
    and rounded (to the digits of the currency; to more where an amount exceeds 2^47 units). The parts of a node sum to its amount; rounded
    ones exactly. On the page of a statement the upper nodes have the amounts of the customer's row, which can differ by a cent. An event
    "per customer" has no day: its units were given per customer.

    The prompt and the notebook show :meth:`tree`.

    ``plot`` draws revenue and costs by element as bars.
    """

    def __init__(self, core: _core.Trace, rows: LedgerColumns | None, library: str | None, digits: int) -> None:
        found = core.columns
        day = np.where(found["day"] == _NO_DAY, np.datetime64("NaT"), found["day"].astype("datetime64[D]"))
        columns = {name: found[name] for name in ("level", "depth", "parent", "node")} | {"day": day}
        item = None if rows is None else rows.dimensions.get("item")
        if item is not None and item.of_row is not None:
            lines = [
                row if level == "line" else -1 for level, row in zip(found["level"], found["row"].tolist(), strict=True)
            ]
            codes = [-1 if row < 0 else int(item.of_row[row]) for row in lines]
            columns["item"] = ["" if code < 0 else item.values[code] for code in codes]
        columns |= {name: found[name] for name in ("units", "rate", "amount")}
        super().__init__(core.customer, columns | {"rounded": core.rounded(digits)}, library, digits)

    def _title(self) -> str:
        return f"Contribution of customer {self.customer}"

    def _size(self) -> Any:
        return self._entries["amount"]

    def _label(self, k: int) -> str:
        entries = self._entries
        parts = [entries["node"][k]]
        if not np.isnat(entries["day"][k]):
            parts.append(str(entries["day"][k]))
        if entries.get("item", [""] * len(self))[k]:
            parts.append(entries["item"][k])
        units, rate = float(entries["units"][k]), float(entries["rate"][k])
        text = " ".join(parts)
        return text if np.isnan(units) or np.isnan(rate) else f"{text}: {_number(units)} x {_number(rate)}"

    def _cells(self, nodes: Sequence[int]) -> list[str]:
        return [f"{sum(self._entries['rounded'][k] for k in nodes):,.{self._digits}f}"]

    def _draw(self, **options: Any) -> Any:
        return self._draw_bars(self._entries["amount"], "Contribution", options)


class TraceComparison(_Tree):
    """Two traces of a customer, node by node. Made by :meth:`Statement.trace` with `against`.

    Columns: level, depth, parent (the parent's row, from 0), node, then, now and difference (currency; costs are negative), volume (the part of
    the difference from units, at the earlier rate), rate (the part from the rate, at the later units), and units and rates of both. Volume
    and rate are missing where a node has no rate, or several.

    The prompt and the notebook show :meth:`tree`.

    ``plot`` draws the differences by element as bars.
    """

    _heads = ("then", "now", "difference", "volume", "rate")

    def __init__(self, then: _core.Trace, now: _core.Trace, library: str | None, digits: int) -> None:
        super().__init__(now.customer, _core.compare_traces(then, now), library, digits)

    def _title(self) -> str:
        return f"Change of the contribution of customer {self.customer}"

    def _size(self) -> Any:
        return self._entries["difference"]

    def _cells(self, nodes: Sequence[int]) -> list[str]:
        sums = [sum(float(self._entries[head][k]) for k in nodes) for head in self._heads]
        return ["" if np.isnan(value) else f"{value:,.{self._digits}f}" for value in sums]

    def _draw(self, **options: Any) -> Any:
        return self._draw_bars(self._entries["difference"], "Difference", options)


def _number(value: float) -> str:
    """Return a number as text, without zeros at its end."""
    return f"{value:,.6f}".rstrip("0").rstrip(".")
