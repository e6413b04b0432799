# The content of a statement's page and workbook: tables with labels, units and totals.
"""A statement's tables and figures, which :mod:`custfolio.report.html` and :mod:`custfolio.report.workbook` show."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from custfolio import _core
from custfolio.report.data import Column, Data, Table, rounded, rounded_to

__all__ = ["INDENT", "BridgedGroups", "Groups", "StatementPages", "TracedCustomer"]

INDENT: Final = "\u2003"
"""What stands before a part of a trace for each level above it: a space of the width of a letter."""

_PRICES: Final[Mapping[str, tuple[str, str, bool]]] = {
    name: (name.replace("_", " ").capitalize(), "amount", True)
    for name in ("list_price", "discount", "rebate", "freight", "commission")
}
"""As below, of amounts of money between list price and pocket."""

_COLUMNS: Final[Mapping[str, tuple[str, str, bool]]] = {
    "first_day": ("From", "date", False),
    "capacity": ("Capacity, minutes", "number", True),
    "used": ("Used, minutes", "number", True),
    "minutes": ("Minutes of customers", "number", True),
    "rate": ("Rate of a minute", "number", False),
    "events": ("Events of customers", "number", True),
    "spent": ("Spent", "amount", True),
    "charged": ("Charged", "amount", True),
    "unused": ("Unused", "amount", True),
    "not_attributed": ("Not attributed", "amount", True),
    "difference": ("Not explained", "amount", True),
    "source": ("Spent as", "text", False),
    "note": ("Note", "text", False),
    "customers": ("Customers", "number", False),
    "step": ("Step", "text", False),
    "kind": ("Kind", "text", False),
    "amount": ("Amount", "amount", False),
    "share": ("Share of net revenue", "share", False),
    **_PRICES,
}
"""Label, kind and whether there is a total, of columns that mean this on the page of a statement only."""

_PROFIT_AND_LOSS: Final = (
    "customers", "revenue", "goods", "cost_to_serve", "credit_cost", "contribution", "temperature",
)  # fmt: skip
"""Columns of groups that the page shows, where they are; the workbook has all."""

_SHOWN_LEVELS: Final = ("total", "amount", "element", "activity", "term")
"""Levels of a trace that the page shows."""


def _by(dimensions: Sequence[str]) -> str:
    """Return dimensions in words: "by manager and month"."""
    names = [name.removesuffix("_id").replace("_", " ") for name in dimensions]
    return "by " + " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


@dataclass(frozen=True)
class Groups:
    """A statement of groups, as the page shows it."""

    dimensions: Sequence[str]
    """What the rows are grouped by."""
    data: Data
    """The columns of the dimensions, then those of profit and loss."""
    amounts: Mapping[str, float]
    """Contribution, or revenue where contributions are not known, by group of the first dimension."""

    @property
    def title(self) -> str:
        """Heading of the table: ``By manager and month``."""
        return _by(self.dimensions).capitalize()


@dataclass(frozen=True)
class BridgedGroups:
    """What changed the contribution of groups since an earlier statement, as the page shows it."""

    dimensions: Sequence[str]
    """What the rows are grouped by."""
    data: Data
    """The columns of the dimensions, contribution_before, "contribution of X" per part, contribution_after."""

    @property
    def title(self) -> str:
        """Heading of the table: ``Change by manager and family``."""
        return f"Change {_by(self.dimensions)}"

    @property
    def changes(self) -> dict[str, float]:
        """Change of contribution by group of the first dimension."""
        pairs = zip(self.data["contribution_after"], self.data["contribution_before"], strict=True)
        sums: dict[str, float] = {}
        for name, (after, before) in zip(self.data[self.dimensions[0]], pairs, strict=True):
            sums[name] = sums.get(name, 0.0) + float(after) - float(before)
        return sums


@dataclass(frozen=True)
class TracedCustomer:
    """The contribution of a customer as a tree, or two of them side by side, as the page shows it."""

    customer: str
    """Identity."""
    name: str
    """Display name."""
    data: Data
    """The columns of :class:`custfolio.selection.Trace`, or of :class:`custfolio.selection.TraceComparison`."""
    against: str = ""
    """Period of the earlier trace, in words; empty where there is none."""

    @property
    def title(self) -> str:
        """Heading of the table: ``Trace of 1001 Acme``."""
        who = self.customer if self.name in ("", self.customer) else f"{self.customer} {self.name}"
        return f"Trace of {who}" + (f", against {self.against}" if self.against else "")


@dataclass(frozen=True)
class StatementPages:
    """The content of a statement's page and workbook.

    Parameters
    ----------
    figures
        The bucket: a label, a value, and whether it is a share.
    statement
        One row per customer: customer, name, revenue and the parts of its profit and loss.
    details
        Further columns of the same customers, for the workbook: drivers, the cost of each element, avoidable contribution, minutes freed.
    reconciliation
        item, rows, amount.
    elements
        The cost to serve by element: element, spent, charged, unused, not_attributed, difference, source.
    pools, activities
        As :attr:`custfolio.Statement.pools` and :attr:`custfolio.Statement.activities`; None where the model has none.
    waterfall
        step, kind, amount, share, as :attr:`custfolio.Statement.waterfall`; None where no price element is known.
    certainty, undecided
        As :meth:`custfolio.selection.Uncertainty.tables`; None where no uncertainty is known.
    groups
        Statements of groups.
    migration
        Customers, level and heat by segment before and after, as :meth:`custfolio.segmentation.Migration.columns`; None where there is none.
    bridge
        What changed the contribution of all customers since an earlier statement: step, kind, amount, points; None where there is none.
    bridge_against
        The earlier period in words.
    bridges
        The same by groups.
    traces
        Contributions of single customers as trees. The page shows them down to the terms of activities, the workbook down to the lines.
    whale
        The whale curve, as for :class:`custfolio.report.data.PlanPages`; None where contributions are not known.
    title, period, unit
        Heading, time of the amounts and their unit, in words.
    summary
        The statement in sentences, the most important one first.
    source
        Where the data comes from, one sentence.
    locale
        Of numbers and dates.
    digits
        Digits of the currency after the decimal point.
    verdict
        Whether the reconciliation adds up, one sentence.
    """

    figures: Sequence[tuple[str, float, bool]]
    statement: Data
    details: Data
    reconciliation: Data
    elements: Data
    pools: Data | None = None
    activities: Data | None = None
    waterfall: Data | None = None
    groups: Sequence[Groups] = ()
    migration: Data | None = None
    bridge: Data | None = None
    bridge_against: str = ""
    bridges: Sequence[BridgedGroups] = ()
    traces: Sequence[TracedCustomer] = ()
    whale: Data | None = None
    certainty: Data | None = None
    undecided: Data | None = None
    title: str = "The statement"
    period: str = ""
    unit: str = ""
    summary: Sequence[str] = field(default=())
    source: str = ""
    locale: str = "en"
    digits: int = 2
    verdict: str = ""

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables that are there, by their key, in the order of the page; of groups and traces ``groups_0``, ``trace_0`` and so on."""
        statement = self.full_statement
        shown = tuple(replace(column, parts=()) for column in statement.columns if column.name in self.statement)
        tables = {"statement": replace(statement, columns=shown, data=statement.cells)}
        totals = {column.name: statement.total(column.name) for column in statement.columns if column.total}
        if self.waterfall is not None:
            steps = {**self.waterfall, "amount": _rounded_steps(self.waterfall, self.digits, _known_steps(totals))}
            tables["waterfall"] = _table("Price waterfall", steps)
        if self.certainty is not None and self.undecided is not None:
            tables["certainty"] = Table.of("How sure", self.certainty)
            tables["undecided"] = Table.of("Undecided customers", self.undecided)
        of_pools, of_elements, of_items = _rounded_costs(self.pools, self.elements, self.digits, totals)
        of_items = {**of_items, **_goods_and_credit(self.reconciliation, totals, self.digits)}
        if self.pools is not None:
            parts = len(set(self.pools["pool"])) < len(self.pools["pool"])
            hidden = [] if parts else ["first_day"]
            hidden += [] if any(self.pools["note"]) else ["note"]
            pools = {name: values for name, values in {**self.pools, **of_pools}.items() if name not in hidden}
            tables["pools"] = _table("Pools", pools)
        if self.activities is not None and self.pools is not None:
            pools = {**self.pools, **of_pools}
            tables["activities"] = _table(
                "Activities", {**self.activities, **_of_pools(self.activities, pools, self.digits)}
            )
        for k, full in enumerate(self._full_groups):
            names = (*self.groups[k].dimensions, *_PROFIT_AND_LOSS)
            columns = {column.name: replace(column, parts=()) for column in full.columns}
            shown = tuple(columns[name] for name in names if name in columns)
            tables[f"groups_{k}"] = replace(full, columns=shown, data=full.cells)
        if self.migration is not None:
            labels = {"from_segment": Column("from_segment", "From"), "to_segment": Column("to_segment", "To")}
            moved = [name for name in self.migration if name.startswith(("level_", "heat_"))]
            labels |= {name: Column(name, _label(name), "amount", True) for name in moved}
            labels["customers"] = Column("customers", "Customers", "count", True)
            tables["migration"] = Table.of("Migration between segments", self.migration, columns=labels)
        if self.bridge is not None:
            steps = {**self.bridge, "amount": _rounded_steps(self.bridge, self.digits, self._bridge_totals)}
            steps["points"] = _rounded_steps({**self.bridge, "amount": self.bridge["points"]}, 3, {})
            points = Column("points", "Points of temperature", "number")
            columns = {name: Column(name, *_COLUMNS[name]) for name in ("step", "kind", "amount")}
            tables["bridge"] = Table.of("Change of the contribution", steps, columns=columns | {"points": points})
        for k, bridged in enumerate(self.bridges):
            tables[f"bridge_{k}"] = _bridge(bridged)
        for k, traced in enumerate(self.traces):
            tables[f"trace_{k}"] = _trace(traced, self._row_of(traced.customer), self.digits, _SHOWN_LEVELS)
        amounts = zip(self.reconciliation["item"], self.reconciliation["amount"], strict=True)
        items = {**self.reconciliation, "amount": [of_items.get(item, amount) for item, amount in amounts]}
        tables["reconciliation"] = Table.of("Reconciliation", items, self.verdict)
        if len(self.elements["element"]):
            tables["elements"] = _table("Cost to serve by element", {**self.elements, **of_elements})
        return {key: replace(table, digits=self.digits) for key, table in tables.items()}

    @property
    def _bridge_totals(self) -> dict[str, float]:
        """The totals of the first bridge of groups by the name of the step, if they lead from the first to the last."""
        if not self.bridges or self.bridge is None:
            return {}
        table = replace(_bridge(self.bridges[0]), digits=self.digits)
        totals = {
            column.name.removeprefix("contribution of ").replace("_", " "): table.total(column.name)
            for column in table.columns
            if column.kind == "amount"
        }
        known = {step: totals[step] for step in self.bridge["step"] if step in totals}
        first, *changes, last = (known.get(step, math.nan) for step in self.bridge["step"])
        return known if round(first + math.fsum(changes) - last, self.digits) == 0 else {}

    @cached_property
    def _full_groups(self) -> list[Table]:
        """The tables of groups with all columns."""
        tables = [_table(groups.title, groups.data, groups.dimensions) for groups in self.groups]
        return [replace(table, digits=self.digits) for table in tables]

    @cached_property
    def full_statement(self) -> Table:
        """The customers with their details, the largest loss first."""
        data = {**self.statement, **self.details}
        data |= {name: np.round(data[name], 1) for name in ("dso", "days_late") if name in data}
        amounts = [name for name in self.details if name in _PRICES or name.startswith(("cost of ", "avoidable_"))]
        columns = {name: Column(name, _label(name), "amount", True) for name in amounts}
        columns |= _sums(data)
        table = Table.of("Statement", data, columns=columns, digits=self.digits)
        return table if self.whale is None else table.ordered("contribution")

    def _row_of(self, customer: str) -> dict[str, Any]:
        """The cells of a customer's row; empty where the statement does not have the customer."""
        cells = self.full_statement.cells
        places = [k for k, one in enumerate(cells["customer"]) if one == customer]
        return {name: values[places[0]] for name, values in cells.items()} if places else {}

    @property
    def full_tables(self) -> dict[str, Table]:
        """The tables of the workbook: customers and groups with all columns, and traces down to the lines."""
        full = {"statement": self.full_statement}
        full |= {f"groups_{k}": table for k, table in enumerate(self._full_groups)}
        traces = {
            f"trace_{k}": _trace(traced, self._row_of(traced.customer), self.digits)
            for k, traced in enumerate(self.traces)
        }
        return self.tables | full | {key: replace(table, digits=self.digits) for key, table in traces.items()}

    @property
    def sheets(self) -> list[Table]:
        """The tables of the workbook, one a sheet: the figures first."""
        figures = {
            "item": [label for label, _, _ in self.figures],
            "level": [None if share else value for _, value, share in self.figures],
            "temperature": [value if share else None for _, value, share in self.figures],
        }
        columns = {
            "level": Column("level", "Amount", "amount"),
            "temperature": Column("temperature", "Share", "share"),
        }
        about = [*self.summary, f"Period: {self.period}." if self.period else ""]
        about += [f"Amounts are in {self.unit}." if self.unit else "", f"Data: {self.source}" if self.source else ""]
        return [
            Table.of("Summary", figures, " ".join(filter(None, about)), columns),
            *self.full_tables.values(),
        ]


def _rounded_costs(
    pools: Data | None, elements: Data, digits: int, totals: Mapping[str, float]
) -> tuple[Data, Data, Mapping[str, float]]:
    """Return columns of pools and of elements, and items of the reconciliation, rounded so that rows add up and the tables agree.

    What was charged is the total of the customers. What was not attributed is rounded; the rest of a pool's cost is unused, and the rest of
    what was spent is not explained.
    """
    parts = {"pool": [], "cost": [], "charged": [], "unused": [], "not_attributed": []} if pools is None else pools
    count = len(parts["pool"])  # parts of the period; the other elements follow them, without a cost of their own
    others = [k for k, name in enumerate(elements["element"]) if name not in set(parts["pool"])]
    place = {name: k for k, name in enumerate(elements["element"])}
    of_element = np.array([*(place[name] for name in parts["pool"]), *others], dtype=np.int64)

    def cells(name: str) -> Any:
        return np.array(rounded([*parts[name], *(elements[name][k] for k in others)], True, digits), dtype=np.float64)

    amounts = {name: cells(name) for name in ("charged", "not_attributed")}
    for name, at in place.items():
        rows = np.flatnonzero(of_element == at)
        whole = totals.get(f"cost of {name}")
        if whole is not None and rows.size:
            amounts["charged"][rows] = rounded_to(amounts["charged"][rows].tolist(), whole, digits)
    amounts["cost"] = np.round(amounts["charged"] + amounts["not_attributed"], digits)
    rest = np.flatnonzero(parts["unused"])
    used = amounts["cost"].copy()
    amounts["cost"][rest] = np.array(rounded(list(parts["cost"]), True, digits), dtype=np.float64)[rest]
    amounts["unused"] = np.round(amounts["cost"] - used, digits)
    sums = {name: np.round(np.bincount(of_element, values, len(place)), digits) for name, values in amounts.items()}
    spent = np.array(rounded(list(elements["spent"]), True, digits), dtype=np.float64)
    apart = (np.abs(elements["difference"]) >= 0.5 / 10**digits) | (np.asarray(elements["source"]) == "given")
    cost = sums.pop("cost")
    sums["spent"] = np.where(apart, spent, cost)
    sums["difference"] = np.round(sums["spent"] - cost, digits)
    items = {
        "cost to serve in": "spent",
        "charged to customers": "charged",
        "unused capacity": "unused",
        "not attributed": "not_attributed",
        "not explained": "difference",
    }
    return (
        {name: values[:count].tolist() for name, values in amounts.items()},
        {name: values.tolist() for name, values in sums.items()},
        {item: round(math.fsum(sums[name]), digits) for item, name in items.items()},
    )


def _goods_and_credit(reconciliation: Data, totals: Mapping[str, float], digits: int) -> dict[str, float]:
    """Return the items of goods and credit whose amounts are the totals of the customers, as the statement has them."""
    amounts = dict(zip(reconciliation["item"], reconciliation["amount"], strict=True))
    rounded: dict[str, float] = {}
    for stated, given, name in (
        ("cost of goods stated", "cost of goods in", "goods"),
        ("cost of credit charged", "cost of credit in", "credit_cost"),
    ):
        if name in totals and stated in amounts:
            same = abs(amounts[given] - amounts[stated]) < 0.5 / 10**digits
            rounded |= dict.fromkeys((stated, given) if same else (stated,), totals[name])
    return rounded


def _of_pools(activities: Data, pools: Data, digits: int) -> Data:
    """Return what activities charge and do not attribute, rounded so that those of a pool sum to its own rounded amount."""
    rounded: dict[str, list[float]] = {}
    for name in ("charged", "not_attributed"):
        cells = [float(amount) for amount in activities[name]]
        for pool in dict.fromkeys(activities["pool"]):
            of_pool = [k for k, each in enumerate(activities["pool"]) if each == pool]
            whole = math.fsum(pools[name][k] for k, each in enumerate(pools["pool"]) if each == pool)
            for k, cell in zip(of_pool, rounded_to([cells[k] for k in of_pool], whole, digits), strict=True):
                cells[k] = cell
        rounded[name] = cells
    return rounded


def _label(name: str) -> str:
    """Return the heading of a column."""
    return name.replace("_", " ").capitalize()


def _sums(data: Data) -> dict[str, Column]:
    """Return the columns that are sums of others: the cost to serve of its elements, the contribution of amounts."""
    elements = tuple(name for name in data if name.startswith("cost of "))
    columns = {"cost_to_serve": Column("cost_to_serve", "Cost to serve", "amount", True, elements)}
    if "contribution" in data:
        parts = ("revenue", *(f"-{name}" for name in ("goods", "cost_to_serve", "credit_cost") if name in data))
        columns["contribution"] = Column("contribution", "Contribution", "amount", True, parts)
    return columns


def _known_steps(totals: Mapping[str, float]) -> dict[str, float]:
    """Return the steps of the waterfall that are totals of the statement's columns."""
    columns = {"discount": "-discount", "freight": "-cost of freight", "commission": "-cost of commission"}
    columns |= {"list price": "list_price", "net revenue": "revenue", "cost of goods": "-goods"}
    columns |= {"cost of credit": "-credit_cost", "contribution": "contribution"}
    known = {
        step: (-1.0 if name.startswith("-") else 1.0) * totals[name.lstrip("-")] + 0.0
        for step, name in columns.items()
        if name.lstrip("-") in totals
    }
    known["invoice"] = known["net revenue"] + totals.get("rebate", 0.0)
    if "list price" not in known:
        known["list price"] = known["invoice"] - known.get("discount", 0.0)
    return known


def _rounded_steps(waterfall: Data, digits: int, known: Mapping[str, float]) -> list[float]:
    """Return the amounts of a waterfall, rounded: totals, then the changes such that they lead to each total from the one before.

    Steps that are `known` have that amount. A total after known changes only is their sum.
    """
    amounts = [float(amount) for amount in waterfall["amount"]]
    steps = waterfall["step"]
    free: list[int] = []
    sums = [0.0]
    for k, kind in enumerate(waterfall["kind"]):
        if kind == "change":
            if steps[k] in known:
                amounts[k] = round(known[steps[k]], digits)
                sums.append(amounts[k])
            else:
                free.append(k)
            continue
        if steps[k] in known:
            amounts[k] = round(known[steps[k]], digits)
        elif k and not any(amounts[change] for change in free):
            amounts[k] = round(math.fsum(sums), digits)
        else:
            (amounts[k],) = rounded([amounts[k]], True, digits)
        if free:
            cells = rounded_to([amounts[change] for change in free], amounts[k] - math.fsum(sums), digits)
            for change, cell in zip(free, cells, strict=True):
                amounts[change] = cell
        sums, free = [amounts[k]], []
    return amounts


def _table(title: str, data: Data, dimensions: Sequence[str] = ()) -> Table:
    """Return a table of pools, activities, groups or elements; groups have no column of a driver that is 0 in each row."""
    chosen: dict[str, Column] = {}
    for name in data:
        if name in dimensions:
            kind = "month" if name == "month" else "text"
            chosen[name] = Column(name, _label(name), kind)
        elif name in _COLUMNS:
            chosen[name] = Column(name, *_COLUMNS[name])
        elif name.startswith("cost of "):
            chosen[name] = Column(name, _label(name), "amount", True)
    if dimensions:
        chosen |= _sums(data)
    table = Table.of(title, data, columns=chosen)
    shown: list[Column] = []
    for column in table.columns:
        if column.kind in ("count", "number") and column.name != "rate":
            driver = column.name not in chosen
            if driver and not np.any(data[column.name]):
                continue
            column = replace(column, kind=_kind(data[column.name]), total=driver or column.total)
        shown.append(column)
    return replace(table, columns=tuple(shown))


def _bridge(bridged: BridgedGroups) -> Table:
    """Return a bridge of groups as a table: the contribution before, each part that is not 0 everywhere, the contribution after."""
    data = dict(bridged.data)
    parts = [name for name in data if name.startswith("contribution of ") and np.any(np.abs(data[name]) >= 0.005)]
    shown = {name: data[name] for name in (*bridged.dimensions, "contribution_before", *parts, "contribution_after")}
    columns = {name: Column(name, _label(name), "text") for name in bridged.dimensions}
    columns["contribution_before"] = Column("contribution_before", "Contribution before", "amount", True)
    columns |= {name: Column(name, _label(name.removeprefix("contribution of ")), "amount", True) for name in parts}
    sums = ("contribution_before", *parts)
    columns["contribution_after"] = Column("contribution_after", "Contribution after", "amount", True, sums)
    return Table.of(bridged.title, shown, columns=columns)


def _rounded_tree(data: Data, name: str, row: Mapping[str, Any], digits: int) -> list[float]:
    """Return the amounts of a tree, rounded so that parts add up to their node, and its upper nodes to the row of the statement."""
    amounts = {"revenue": "revenue", "cost of goods": "goods", "cost to serve": "cost_to_serve"}
    amounts |= {"cost of credit": "credit_cost"}
    given = np.full(len(data["node"]), np.nan)
    for k, (level, node) in enumerate(zip(data["level"], data["node"], strict=True)):
        column = {"amount": amounts.get(node), "element": f"cost of {node}"}.get(level)
        if column is not None and row.get(column) is not None:
            given[k] = row[column] if column == "revenue" else 0.0 - row[column]
    of_root = [k for k, level in enumerate(data["level"]) if level == "amount"]
    if of_root and np.isfinite(given[of_root]).all():
        given[0] = round(math.fsum(given[of_root]), digits)
    rounded: list[float] = _core.round_tree(data["parent"], data[name], given, digits).tolist()
    return rounded


def _trace(traced: TracedCustomer, row: Mapping[str, Any], digits: int, levels: Sequence[str] = ()) -> Table:
    """Return a trace as a table, each part indented below its node; of some levels, or down to the lines with their days and items.

    Its upper nodes have the amounts of the customer's row of the statement.
    """
    data = traced.data
    nodes_shown = [k for k, level in enumerate(data["level"]) if not levels or level in levels]

    def cells(name: str) -> list[Any]:
        values = list(data[name])
        return [values[k] for k in nodes_shown]

    nodes = [INDENT * depth + node for depth, node in zip(cells("depth"), cells("node"), strict=True)]
    shown: dict[str, Any] = {"node": nodes}
    columns = {
        "node": Column("node", "Part"),
        "level": Column("level", "Kind"),
        "rate": Column("rate", "Rate", "number"),
    }
    if not levels:
        shown |= {"level": cells("level")}
    if "difference" in data:
        trees = {"then": _rounded_tree(data, "then", {}, digits), "now": _rounded_tree(data, "now", row, digits)}
        shown |= {name: [values[k] for k in nodes_shown] for name, values in trees.items()}
        shown["difference"] = [round(b - a, digits) for a, b in zip(shown["then"], shown["now"], strict=True)]
        shown["rate"] = rounded(cells("rate"), False, digits)
        pairs = zip(shown["difference"], shown["rate"], strict=True)
        shown["volume"] = [None if rate is None else round(whole - rate, digits) for whole, rate in pairs]
        labels = {
            "then": "Then",
            "now": "Now",
            "difference": "Difference",
            "rate": "From the rate",
            "volume": "From units",
        }
        columns |= {name: Column(name, label, "amount") for name, label in labels.items()}
        return Table.of(traced.title, shown, columns=columns)
    if not levels:
        shown |= {"day": np.asarray(data["day"])[nodes_shown]}
        shown |= {"item": cells("item")} if "item" in data else {}
    shown |= {name: np.asarray(data[name], dtype=np.float64)[nodes_shown] for name in ("units", "rate")}
    amounts = _rounded_tree(data, "amount", row, digits)
    shown["amount"] = [amounts[k] for k in nodes_shown]
    return Table.of(traced.title, shown, columns=columns)


def _kind(values: Any) -> str:
    """Return the kind of a column of sums: a count where all are whole, else rounded as amounts, so that rows add up to their total."""
    array = np.asarray(values, dtype=np.float64)
    return "count" if np.all(array == np.floor(array)) else "amount"
