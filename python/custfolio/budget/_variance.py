# The variance of a budget: its table, its chart, its page and its workbook.
"""Planned against actual, with the causes of the difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from typing import Any

from custfolio._paged import Paged
from custfolio._tables.arguments import checked
from custfolio._tables.result import Listing
from custfolio.budget._listings import waterfall
from custfolio.budget._totals import BudgetTables, names_of
from custfolio.distribution import Recipe
from custfolio.errors import InputError

__all__ = ["CAUSES", "Variance"]

CAUSES = (
    "won", "lost", "slipped", "resized", "new", "price", "volume", "product_mix", "cost_of_goods", "cost_to_serve",
    "customers_gained", "customers_lost", "restated", "currency",
)  # fmt: skip
"""Causes of a variance, in the order in which they are shown."""


@checked
class Variance(Listing, Paged):
    """Actual less planned amounts, and their causes. Made by :meth:`Budget.compare`.

    ``report`` and ``to_excel`` write a page and a workbook, by month, account, customer and the other dimensions that both sides have.

    With the account among the rows, amounts are those of the accounts: more of an expense is unfavourable. Otherwise they are contributions.

    - An all-or-nothing item changes by its chance (won, lost), its months (slipped), its size (resized) and the rates (currency).
    - An amount before or after its months is slipped; only a difference that no timing explains is resized.
    - Usual business of a customer that the budget does not have is customers_gained. Without any actual amount it is customers_lost.
    - Other usual business changes as in :func:`custfolio.bridge`: volume (all items of a customer grow alike, at planned prices),
      product_mix, price, cost_of_goods and cost_to_serve. Sales without quantities are resized.
      A month planned at 0 has the planned prices of other months.
    - Another amount in a month that an earlier forecast closed is restated.

    The text shows only the causes that occur; :meth:`to_frame` has all.
    """

    _heading = "Variance and its causes"

    def __init__(
        self,
        columns: Mapping[str, Any],
        by: Sequence[str],
        library: str | None,
        totals: Mapping[str, float],
        without_lines: Mapping[str, str],
        sides: tuple[BudgetTables, BudgetTables],
        again: Recipe,
    ) -> None:
        super().__init__(columns, library)
        self._sides, self._again = sides, again
        self._by = list(by)
        self.causes = {name: totals[name] for name in CAUSES}
        """Contribution by cause over all rows, currency."""
        self.planned: float = totals["planned"]
        """Contribution planned, currency."""
        self.actual: float = totals["actual"]
        """Contribution that came, currency."""
        self.without_lines = dict(without_lines)
        """Outcomes that name an item without a line on either side: what began and ended after the budget was frozen."""

    def by(self, *names: str) -> Variance:
        """Compare the same amounts in other groups.

        Parameters
        ----------
        *names : str
            What the rows are grouped by, as for :meth:`Budget.compare`.

        Returns
        -------
        Variance
            One row per group.

        Raises
        ------
        InputError
            If a name is unknown.
        """
        compare: Callable[..., Variance] = self._again.function
        return compare(*self._again.arguments, **{**(self._again.options or {}), "by": names})

    def pages(
        self,
        *,
        by: Sequence[str | Sequence[str]] | None = None,
        title: str = "The variance",
        source: str = "",
        locale: str = "en",
    ) -> Any:
        """Return the content of the page and the workbook.

        Parameters
        ----------
        by : sequence, optional
            Groups to show beside the months, each as for :meth:`by`: ``["customer", ("manager", "month")]``. By default accounts, months and
            accounts, items, and each dimension that both sides have.
        title, source, locale : str
            Heading, origin of the data, and locale of numbers and dates.

        Returns
        -------
        custfolio.report.variance_pages.VariancePages
            The pages.

        Raises
        ------
        InputError
            As for :meth:`by`.
        """
        from custfolio.report.data import Numbers
        from custfolio.report.variance_pages import VariancePages

        budget, _ = self._sides
        chosen = self._usual_groups() if by is None else [tuple(names_of(one)) for one in by]
        if not all(chosen):
            raise InputError(
                "by has a group without a name; a table is grouped by one name or more, such as 'customer'"
            )
        groups = {names: self.by(*names).columns() for names in dict.fromkeys([("month",), *chosen])}
        if by is None and not any(groups["item",]["item"]):
            del groups["item",]
        numbers = Numbers(locale)
        months = groups["month",]["month"]
        return VariancePages(
            planned=self.planned,
            actual=self.actual,
            causes=self.causes,
            groups=[(list(names), columns) for names, columns in groups.items() if len(columns["planned"])],
            title=title,
            period=" to ".join(dict.fromkeys(map(numbers.month, (months[0], months[-1])))) if months else "",
            unit=numbers.currency(budget.currency),
            summary=self._sentences(numbers, groups["month",]),
            source=source,
            locale=locale,
            digits=budget.digits,
        )

    def _usual_groups(self) -> list[tuple[str, ...]]:
        """Return the groups of the pages: accounts, their months, items, and the dimensions that both sides have."""
        own, other = (side.core.dimensions for side in self._sides)
        shared = [(name,) for name in own if name in other and name not in ("account", "source")]
        return [("account",), ("month", "account"), ("item",), *shared]

    def _sentences(self, numbers: Any, months: Mapping[str, Any]) -> list[str]:
        """Return the variance in sentences: the difference, its largest causes, closed months with other amounts, new items."""
        digits = self._sides[0].digits

        def amount(value: float) -> str:
            return str(numbers.amount(value, digits))

        difference = round(self.actual - self.planned, digits)
        moved = f"{amount(abs(difference))} {'more' if difference > 0 else 'less'} than the {amount(self.planned)}"
        sentences = [f"The contribution is {amount(self.actual)}: {moved if difference else 'as'} planned."]
        causes = sorted((name for name in CAUSES if self.causes[name]), key=lambda name: -abs(self.causes[name]))
        if causes:
            listed = ", ".join(f"{name.replace('_', ' ')} ({amount(self.causes[name])})" for name in causes[:3])
            sentences.append(f"Largest causes: {listed}.")
        restated = [
            f"{numbers.month(month)} ({amount(value)})"
            for month, value in zip(months["month"], months["restated"], strict=True)
            if value
        ]
        if restated:
            sentences.append(f"Closed months were restated: {', '.join(restated)}.")
        if self.without_lines:
            new = ", ".join(f"{item} ({outcome})" for item, outcome in self.without_lines.items())
            sentences.append(f"New items without a line: {new}.")
        return sentences

    def _facts(self) -> Mapping[str, Any]:
        causes = {name: value for name, value in self.causes.items() if value}
        new = ", ".join(f"{item} ({outcome})" for item, outcome in self.without_lines.items())
        listed = {"new items without a line": new} if new else {}
        return {"planned contribution": self.planned, "actual contribution": self.actual, **causes, **listed}

    def _head(self) -> tuple[list[str], list[list[Any]], int]:
        names, rows, total = super()._head()
        shown = [name not in CAUSES or any(self._entries[name]) for name in names]
        return list(compress(names, shown)), [list(compress(row, shown)) for row in rows], total

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        at = self.planned
        rows: list[dict[str, Any]] = [{"cause": "planned", "from": 0.0, "to": at, "kind": "total"}]
        for name, value in self.causes.items():
            if value:
                rows.append({"cause": name, "from": at, "to": at + value, "kind": "more" if value > 0 else "less"})
                at += value
        rows.append({"cause": "actual", "from": 0.0, "to": self.actual, "kind": "total"})
        y = alt.Y("from:Q", title="Contribution", axis=alt.Axis(format="~s"), scale=alt.Scale(zero=False))
        return waterfall(rows, "cause", y).properties(**{"width": 480, "height": 240, **options})
