# The content of a statement's page and workbook: tables with labels, units and totals.
"""A statement's tables and figures, which :mod:`custfolio.report.html` and :mod:`custfolio.report.workbook` show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from custfolio.report.data import Data, Table

__all__ = ["StatementPages"]


@dataclass(frozen=True)
class StatementPages:
    """The content of a statement's page and workbook.

    Parameters
    ----------
    figures
        The bucket: a label, a value, and whether it is a share.
    statement
        One row per customer: customer, name, revenue and the parts of its profit and loss.
    reconciliation
        item, rows, amount.
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
    """

    figures: Sequence[tuple[str, float, bool]]
    statement: Data
    reconciliation: Data
    whale: Data | None = None
    title: str = "The statement"
    period: str = ""
    unit: str = ""
    summary: Sequence[str] = field(default=())
    source: str = ""
    locale: str = "en"

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables that are there, by their key, in the order of the page."""
        statement = Table.of("Statement", self.statement)
        if self.whale is not None:
            statement = statement.ordered("contribution")
        return {"statement": statement, "reconciliation": Table.of("Reconciliation", self.reconciliation)}

    @property
    def sheets(self) -> list[Table]:
        """The tables of the workbook, one a sheet: the figures first."""
        figures = {
            "item": [label for label, _, _ in self.figures],
            "level": [None if share else value for _, value, share in self.figures],
            "temperature": [value if share else None for _, value, share in self.figures],
        }
        return [Table.of("Summary", figures, " ".join(self.summary)), *self.tables.values()]
