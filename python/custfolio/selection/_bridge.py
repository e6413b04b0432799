# The bridge between two statements: the change of contribution and temperature by cause, per group.
"""The bridge of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from custfolio import _core
from custfolio._reading.dimensions import DIMENSIONS, Dimension
from custfolio._tables.wording import counted
from custfolio.errors import InputError
from custfolio.ledger import LedgerColumns
from custfolio.portfolio import TemperatureBridge
from custfolio.selection._groups import no_value

__all__ = ["StatementBridge", "bridged"]

_FOUR = ("poured_in", "gone", "mix", "warming")


class StatementBridge(TemperatureBridge):
    """The change between two statements by cause, per group. Made by :func:`custfolio.bridge` with `by`.

    Columns: the groups; level_before, level_after, contribution_before, contribution_after; "contribution of X" per part, currency, which sum
    to the change of the contribution; "temperature of X" per part, as a fraction, which sum over all groups to the change of the
    temperature; mix and warming. Every level of groups sums to the company.

    Parts, of customers of both periods but the first two:

    - poured_in, gone: new customers, and those gone.
    - volume: growth in which everything scales; price: new quantities at new less old prices of the customer.
    - product_mix: other items, by their old margins. A customer who moves to another manager moves here.
    - cost_of_goods: new quantities at old less new unit costs.
    - sales: these four in one, where items or quantities are not known, or the customer had no positive revenue before, or grew more than
      tenfold.
    - "use of X", "rate of X": each cost element, apart for what was used beyond volume and for its rate, minutes and pools. "cost of X": both in
      one, where the later ledger does not have what the earlier model charges.
    - credit: the cost of credit.

    Volume and a share of price make `mix`; the other parts make `warming`.

    ``plot`` draws the change of contribution of the groups of the first dimension by part, or the parts of all customers where rows are
    customers.

    Attributes
    ----------
    by : tuple of str
        What the rows are grouped by.
    before, after : float
        The two temperatures, fractions.
    poured_in, gone, mix, warming : float
        As in :class:`custfolio.TemperatureBridge`.
    contribution, temperature : dict of str to float
        The parts of all customers: in currency, and as fractions.
    customers_in_one_part : int
        Customers of both periods whose sales are one part.
    level_in_one_part : float
        Their net revenue after, currency.
    elements_in_one_part : list of str
        Cost elements with one part for rate and use.
    """

    def __init__(
        self,
        core: _core.StatementBridge,
        names: Sequence[Sequence[str] | None],
        by: Sequence[str],
        library: Any,
        note: str,
    ) -> None:
        self._core = core
        self.note = note
        self._names = list(names)
        self._library = library
        self.by = tuple(by)
        self.before, self.after = core.before.temperature, core.after.temperature
        whole = core.summed(False, [])
        self.contribution: dict[str, float] = dict(zip(core.part, whole.heat[0].tolist(), strict=True))
        self.temperature: dict[str, float] = dict(zip(core.part, whole.temperature[0].tolist(), strict=True))
        self.poured_in, self.gone = self.temperature["poured_in"], self.temperature["gone"]
        self.mix, self.warming = float(whole.mix[0]), float(whole.warming[0])
        self.customers_in_one_part = core.customers_in_one_part
        self.level_in_one_part = core.level_in_one_part
        self.elements_in_one_part = core.elements_in_one_part

    def level(self, *by: str) -> StatementBridge:
        """Return the bridge of fewer groups, which sums this one.

        Parameters
        ----------
        *by : str
            Some of the groups; none gives the company.

        Returns
        -------
        StatementBridge
            Its rows.

        Raises
        ------
        InputError
            If the bridge has no such group, or one is named twice.
        """
        ways = [name for name in self.by if name != "customer"]
        for place, name in enumerate(by):
            if name not in self.by or name in by[:place]:
                raise InputError(f"the bridge is by {', '.join(self.by)}; found {name!r}")
        core = self._core.summed("customer" in by, [ways.index(name) for name in by if name != "customer"])
        names = [self._names[self.by.index(name)] for name in _ordered(by)]
        return StatementBridge(core, names, _ordered(by), self._library, self.note)

    @property
    def labels(self) -> list[str]:
        """Columns of the groups."""
        return ["customer_id" if name == "customer" else name for name in self.by]

    def steps(self) -> dict[str, list[Any]]:
        """Return the way from the earlier contribution to the later one, for all customers.

        Returns
        -------
        dict of str to list
            step, kind ("total" or "change"), amount, and points of temperature, of which the totals have the temperature itself. Parts that
            are 0 are left out.
        """
        parts = [part for part, amount in self.contribution.items() if abs(amount) >= 0.005]
        before, after = self._core.before, self._core.after
        return {
            "step": ["contribution before", *(part.replace("_", " ") for part in parts), "contribution after"],
            "kind": ["total", *("change" for _ in parts), "total"],
            "amount": [before.heat, *(self.contribution[part] for part in parts), after.heat],
            "points": [100 * one for one in (self.before, *(self.temperature[part] for part in parts), self.after)],
        }

    def sentence(self, against: str, numbers: Any) -> str:
        """Return the change in a sentence: its amount and its three largest parts.

        Parameters
        ----------
        against : str
            The earlier period in words.
        numbers : custfolio.report.data.Numbers
            The writer of amounts.

        Returns
        -------
        str
            The sentence.
        """

        def signed(amount: float) -> str:
            return ("+" if amount > 0 else "") + str(numbers.amount(amount, 0))

        largest = sorted(self.contribution.items(), key=lambda pair: -abs(pair[1]))[:3]
        named = ", ".join(
            f"{part.replace('_', ' ')} {signed(amount)}" for part, amount in largest if abs(amount) >= 0.5
        )
        change = f"Since {against} the contribution changed by {signed(self._core.after.heat - self._core.before.heat)}"
        return " ".join(filter(None, (f"{change}: {named} first." if named else f"{change}.", self.note)))

    def _columns(self) -> Mapping[str, Any]:
        core = self._core
        columns: dict[str, Any] = {}
        values = iter(core.value)
        for name, known in zip(self.by, self._names, strict=True):
            if known is None:
                columns["customer_id"] = [core.id[k] for k in core.customer.tolist()]
            else:
                none = no_value(known)
                columns[name] = [none if code < 0 else known[code] for code in next(values).tolist()]
        columns |= {"level_before": core.level_before, "level_after": core.level_after}
        columns |= {"contribution_before": core.heat_before, "contribution_after": core.heat_after}
        columns |= {f"contribution of {part}": core.heat[:, k] for k, part in enumerate(core.part)}
        columns |= {f"temperature of {part}": core.temperature[:, k] for k, part in enumerate(core.part)}
        return columns | {"mix": core.mix, "warming": core.warming}

    def _facts(self) -> Mapping[str, Any]:
        facts: dict[str, Any] = {"contribution": f"{self._core.before.heat:,.0f} to {self._core.after.heat:,.0f}"}
        for part, amount in self.contribution.items():
            if abs(amount) >= 0.005:
                facts[part.replace("_", " ")] = f"{amount:+,.0f}, {100 * self.temperature[part]:+.3f} points"
        if self.customers_in_one_part:
            facts["sales in one part"] = (
                f"{counted(self.customers_in_one_part, 'customer')} of both periods: items are not known, or there was next to no revenue before"
            )
        if self.elements_in_one_part:
            facts["rate and use in one part"] = ", ".join(self.elements_in_one_part)
        if self.note:
            facts["note"] = self.note
        return facts

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        first = next((name for name in self.by if name != "customer"), None)
        if first is None:
            parts = {part: change for part, change in self.temperature.items() if abs(change) >= 5e-7}
            return plots.bridge(parts, start=self.before, **options)
        level = self.level(first)
        columns = level.columns()
        return plots.bridge_by_group(
            columns[first],
            {part: columns[f"contribution of {part}"] for part in level.contribution},
            names_title=first.capitalize(),
            **options,
        )


def _ordered(by: Sequence[str]) -> list[str]:
    """Return dimensions in the order of the rows: customers come first."""
    return sorted(by, key=lambda name: name != "customer")


def bridged(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    rows: tuple[LedgerColumns, LedgerColumns],
    by: Sequence[str],
    library: str | None,
    note: str,
) -> StatementBridge:
    """Return the bridge of two statements.

    Parameters
    ----------
    before, after : mapping
        What the core needs of each: statement, costs, and what was given beside the ledger.
    rows : pair of LedgerColumns
        The rows of both.
    by : sequence of str
        "customer", and dimensions of both ledgers.
    library : str, optional
        The frame library of the result.
    note : str
        What to know of the two periods; empty where there is nothing.

    Returns
    -------
    StatementBridge
        One row per group that occurs in either period.

    Raises
    ------
    InputError
        If a ledger does not have a dimension, or one is named twice.
    """
    known = [name for name in rows[1].dimensions if name in rows[0].dimensions]
    for place, name in enumerate(by):
        if name != "customer" and name not in known:
            named = f"; name its column in both ledgers: {name}=..." if name in DIMENSIONS else ""
            raise InputError(f"the two ledgers have no {name!r}{named}; there are {', '.join(['customer', *known])}")
        if name in by[:place]:
            raise InputError(f"by names {name!r} twice")
    ways = [name for name in by if name != "customer"]
    joint = {
        name: _joint(rows[0].dimensions[name], rows[1].dimensions[name]) for name in {*ways, *({"item"} & {*known})}
    }

    def argument(side: int, period: Mapping[str, Any]) -> dict[str, Any]:
        own = {name: dimensions[side] for name, (_, dimensions) in joint.items()}
        ledger = rows[side].statement_arguments()
        ways_of = [own[name].argument(name) for name in ways]
        return {
            **period,
            "ledger": ledger,
            "item": own["item"].of_row if "item" in own else None,
            "dimensions": ways_of,
        }

    core = _core.statement_bridge(argument(0, before), argument(1, after)).summed(
        "customer" in by, list(range(len(ways)))
    )
    names = {name: joint[name][0] for name in ways}
    order = _ordered(by)
    return StatementBridge(core, [names.get(name) for name in order], order, library, note)


def _joint(before: Dimension, after: Dimension) -> tuple[list[str], tuple[Dimension, Dimension]]:
    """Return the values of a dimension in both ledgers, and both with the same numbers."""
    values = sorted({*before.values, *after.values})
    place = {value: k for k, value in enumerate(values)}

    def renumbered(given: Dimension) -> Dimension:
        number = np.array([*(place[value] for value in given.values), -1], dtype=np.int32)
        if given.cells:
            cells = [[(int(number[value]), share) for value, share in cell] for cell in given.cells]
            return replace(given, values=values, cells=cells)
        of_row, of_customer = (None if codes is None else number[codes] for codes in (given.of_row, given.of_customer))
        return replace(given, values=values, of_row=of_row, of_customer=of_customer)

    return values, (renumbered(before), renumbered(after))
