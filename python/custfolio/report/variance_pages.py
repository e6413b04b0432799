# The content of the page and workbook of a variance: its causes, and each group's planned and actual amounts.
"""Tables and figures of a variance, which :mod:`custfolio.report.html` and :mod:`custfolio.report.workbook` show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from custfolio.report.data import Column, Data, Table

__all__ = ["VariancePages"]

_MEANING: Final[Mapping[str, str]] = {
    "won": "Deals won, or likelier than planned",
    "lost": "Deals lost, or less likely than planned; usual business without quantities that did not come",
    "slipped": "Deals that come in other months than planned",
    "resized": "Deals of another size; other business without quantities",
    "new": "Deals that the budget does not have",
    "price": "Another price than planned",
    "volume": "Customers buy more or less of everything, at planned prices",
    "product_mix": "Customers buy other products, at planned prices",
    "cost_of_goods": "Costs of goods that volume and mix do not explain",
    "cost_to_serve": "Costs to serve that volume does not explain",
    "customers_gained": "Usual business of customers that the budget does not have",
    "customers_lost": "Usual business of customers without any actual amount",
    "restated": "Another amount in a month that was closed before",
    "currency": "Other rates of exchange than planned",
}
"""What each cause means on the page."""


def _label(name: str) -> str:
    """Return the heading of a column."""
    return name.replace("_", " ").capitalize()


@dataclass(frozen=True)
class VariancePages:
    """The content of the page and the workbook of a variance.

    Parameters
    ----------
    planned, actual
        Contributions, currency.
    causes
        Contribution by cause; causes without any amount are left out.
    groups
        Groupings, each with its dimensions and columns, as :meth:`custfolio.budget.Variance.columns`; the first one is by month. Amounts are those
        of accounts where the account is a dimension, else contributions.
    title, period, unit
        Heading, months compared and unit of the amounts, in words.
    summary
        The variance in sentences, the most important one first.
    source
        Where the data comes from, one sentence.
    locale
        Of numbers and dates.
    digits
        Digits of the currency after the decimal point.
    """

    planned: float
    actual: float
    causes: Mapping[str, float]
    groups: Sequence[tuple[Sequence[str], Data]]
    title: str = "The variance"
    period: str = ""
    unit: str = ""
    summary: Sequence[str] = ()
    source: str = ""
    locale: str = "en"
    digits: int = 2

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables by key: ``causes``, then ``by_month`` and so on in the order of the groups."""
        names = [name for name, amount in self.causes.items() if amount]
        causes = {
            "cause": [_label(name) for name in names],
            "difference": [self.causes[name] for name in names],
            "meaning": [_MEANING[name] for name in names],
        }
        columns = {"difference": Column("difference", "Contribution", "amount", True)}
        tables = {"causes": Table.of("Causes", causes, columns=columns)}
        tables |= {"by_" + "_".join(by): _group(by, data) for by, data in self.groups}
        return {key: replace(table, digits=self.digits) for key, table in tables.items()}

    @property
    def sheets(self) -> list[Table]:
        """The tables of the workbook: planned, causes and actual amounts, then the tables of the page."""
        summary = {
            "period": [self.period],
            "planned": [self.planned],
            "difference": [self.actual - self.planned],
            "actual": [self.actual],
        }
        labels = {
            "planned": Column("planned", "Planned contribution", "amount"),
            "difference": Column("difference", "Difference", "amount"),
            "actual": Column("actual", "Actual contribution", "amount", parts=("planned", "difference")),
        }
        note = " ".join([*self.summary, *([f"Amounts are in {self.unit}."] if self.unit else []), self.source]).strip()
        return [Table.of("Variance", summary, note, labels, self.digits), *self.tables.values()]

    @property
    def steps(self) -> Table:
        """The causes one upon the other, and their sum, for the chart."""
        causes = self.tables["causes"]
        steps = {
            "step": [*causes.cells["cause"], "difference"],
            "kind": ["change"] * len(causes) + ["total"],
            "amount": [*causes.cells["difference"], causes.total("difference")],
        }
        return Table.of("Causes", steps, digits=self.digits)

    def differences(self, key: str) -> dict[str, float]:
        """Return the difference of each group of a table by the group's name; a month is a day, its first."""
        cells = self.tables[key].cells
        return dict(zip(cells[self.tables[key].columns[0].name], cells["variance"], strict=True))


def _group(by: Sequence[str], data: Data) -> Table:
    """Return a table of groups: planned, actual, difference and its causes; the largest differences first, months in order.

    Rows have totals where amounts are contributions. Amounts of different accounts have none.
    """
    contribution = "account" not in by
    causes = tuple(name for name in _MEANING if any(data[name]))
    shown: dict[str, Any] = {name: list(data[name]) for name in (*by, "planned", "actual", "variance", *causes)}
    if not contribution:
        shown["judgement"] = list(data["judgement"])
    if by[0] == "item":
        shown["item"] = [name or "(usual business)" for name in shown["item"]]
    if by[0] not in ("month", "quarter", "year", "account"):
        order = sorted(range(len(shown["variance"])), key=lambda row: -abs(shown["variance"][row]))
        shown = {name: [values[row] for row in order] for name, values in shown.items()}
    columns = {name: Column(name, _label(name), "month" if name == "month" else "text") for name in by}
    columns |= {name: Column(name, _label(name), "amount", contribution) for name in ("planned", *causes)}
    columns["variance"] = Column("variance", "Difference", "amount", contribution, causes)
    columns["actual"] = Column("actual", "Actual", "amount", contribution, ("planned", "variance"))
    title = " and ".join(_label(name) if k == 0 else name.replace("_", " ") for k, name in enumerate(by))
    return Table.of(f"By {title[0].lower()}{title[1:]}", shown, columns=columns)
