# Review: what accepted offers brought beyond what happened without new terms, and newcomers against their terms.
"""What became of offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.dates import day_number, is_missing, month_index
from custfolio._tables.frames import (
    TableLike,
    arrow_columns,
    customer_column,
    finite_of,
    lists_of,
    months_of,
    read_distinct,
    require_columns,
)
from custfolio._tables.result import Listing, Result
from custfolio._tables.wording import counted, identity_text
from custfolio.errors import InputError
from custfolio.portfolio import HasPortfolio, Portfolio, portfolio_of
from custfolio.remediation._answers import NO_DAY, read_answers
from custfolio.remediation._offers import Offers

__all__ = ["Review", "ReviewedGroups", "ReviewedNewcomers", "review"]


class ReviewedGroups(Listing):
    """The customers to remediate by their answer: accepted, refused, open, no offer.

    Columns: answer, customers, level, temperature and heat before and after, expected_heat (without new terms), brought, promised.
    """

    _heading = "Review by answer"

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        return plots.bars(self._entries["answer"], self._entries["brought"], title="Brought, currency", **options)


class ReviewedNewcomers(Listing):
    """Newcomers against the terms on which they came in, over their days in the period.

    Columns: customer_id, name, terms where given, days, expected_level, level, expected_heat, heat, expected_temperature, temperature.
    """

    _heading = "Newcomers against their terms"

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        difference = self._entries["heat"] - self._entries["expected_heat"]
        return plots.bars(self._entries["name"], difference, title="Heat above expected, currency", **options)


class Review(Result):
    """What accepted offers brought: one row a customer to remediate. Made by :func:`review`.

    Columns: customer_id, name, answer, terms (the offer that it accepted), level, temperature and heat before and after, expected_heat
    (without new terms), brought (heat_after - expected_heat), promised, orders_below (deliveries below the agreed minimum).

    ``plot`` draws what each kind of answer brought.

    Attributes
    ----------
    brought, promised : float
        Of all accepted offers, currency.
    lower, upper : float
        Interval of `brought`; NaN where one customer accepted, or is compared with.
    compared : int
        Customers without new terms that the others are compared with.
    growth, warming : float
        Of these: level after / before, and the rise of heat that growth does not explain, as a share of the level before.
    """

    def __init__(
        self,
        offers: Offers,
        after: Portfolio,
        core: tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]],
        newcomers: ReviewedNewcomers,
        confidence: float,
        baseline: bool,
    ) -> None:
        rows, groups, totals = core
        self._library = offers.library
        ids, names = offers.portfolio.ids, offers.portfolio.core.name
        terms = offers.columns()["terms"]
        self._table: dict[str, Any] = {
            "customer_id": [ids[k] for k in rows["customer"]],
            "name": [names[k] for k in rows["customer"]],
            "answer": rows["answer"],
            "terms": [terms[k] if k >= 0 else "" for k in rows["offer"]],
        } | {name: values for name, values in rows.items() if name not in ("customer", "answer", "offer")}
        self.groups = ReviewedGroups(groups, self._library)
        """The customers by their answer."""
        self.newcomers = newcomers
        """Newcomers against their terms; empty without ``newcomers=``."""
        self.currency = after.currency
        """Code of the currency; None where the data does not name it."""
        self.confidence = confidence
        """Probability of the interval."""
        self.compared: int = totals["compared"]
        self.growth: float = totals["growth"]
        self.warming: float = totals["warming"]
        self.brought: float = totals["brought"]
        self.promised: float = totals["promised"]
        self.lower: float = totals["lower"]
        self.upper: float = totals["upper"]
        self._baseline = baseline

    @property
    def accepted(self) -> int:
        """Number of customers that accepted an offer."""
        answers: list[str] = self._table["answer"]
        return answers.count("accepted")

    @property
    def notes(self) -> list[str]:
        """What to know about the comparison."""
        sentences = []
        if not self.compared:
            sentences.append("no customer without new terms to compare with, so the baseline counts as it is")
        elif self.compared < 10:
            sentences.append(f"only {counted(self.compared, 'customer')} without new terms to compare with")
        if self.accepted == 1:
            sentences.append("one customer accepted, so there is no interval")
        return sentences

    def tables(self) -> dict[str, Mapping[str, Any]]:
        """Return the tables of a page: sums by answer, the customers, those that accepted first, and newcomers.

        Returns
        -------
        dict of str to mapping
            Columns by the title of each table; without newcomers the first two.
        """
        key = {"answer": "group", "customer_id": "customer", "expected_heat": "heat_expected"}
        customers = {
            key.get(name, name): values for name, values in self._table.items() if not name.startswith("level")
        }
        order = np.lexsort((-self._table["brought"], [answer != "accepted" for answer in self._table["answer"]]))
        tables: dict[str, Mapping[str, Any]] = {
            "Review by answer": {key.get(name, name): values for name, values in self.groups.columns().items()},
            "Reviewed customers": {name: [values[k] for k in order] for name, values in customers.items()},
        }
        newcomers = dict(self.newcomers.columns())
        if len(self.newcomers):
            tables["Newcomers against their terms"] = {"customer": newcomers.pop("customer_id"), **newcomers}
        return tables

    def sentence(self) -> str:
        """Return in words what the accepted offers brought."""
        if not self.accepted:
            return "No offer was accepted."
        text = f"{counted(self.accepted, 'accepted offer')} brought {self.brought:,.0f}"
        if np.isfinite(self.lower):
            text += f" ({self.confidence:.0%} interval {self.lower:,.0f} to {self.upper:,.0f})"
        text += f"; they promised {self.promised:,.0f}."
        if self.compared:
            base = "of the baseline" if self._baseline else "before"
            text += (
                f" {counted(self.compared, 'customer')} without new terms had {self.growth:.1%} of the level {base}"
                f" and warmed by {self.warming:.1%} of it; this is not credited."
            )
        return text

    def __len__(self) -> int:
        return len(self._table["customer_id"])

    def _columns(self) -> Mapping[str, Any]:
        return self._table

    def _facts(self) -> Mapping[str, Any]:
        facts = {"result": self.sentence()}
        return facts | {"note" if k == 0 else f"note {k + 1}": note for k, note in enumerate(self.notes)}

    def _draw(self, **options: Any) -> Any:
        return self.groups.plot(**options)


def _table(given: TableLike | Result, what: str, columns: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    """Return a table as Arrow arrays, and its column of customers."""
    frame = given.columns() if isinstance(given, Result) else given
    wanted = f"{what} must be a frame, or a mapping of columns, with customer_id, {', '.join(columns)}"
    table = arrow_columns(lists_of(frame, wanted) if isinstance(frame, Mapping) else frame, what)
    customer = customer_column(table)
    require_columns(table, [customer, *columns], f"{what}; it has")
    return table, customer


def _baseline(
    given: TableLike | Result, before: Portfolio, after: Portfolio
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the level and the heat of each customer in the period after, without new terms."""
    table, customer = _table(given, "baseline", ("level", "heat"))
    place = {name: k for k, name in enumerate(before.ids)}
    rows = read_distinct(table[customer], lambda value, _: place.get(identity_text(value), -1), np.int64)
    usable = rows >= 0
    if "month" in table:
        if after.period is None:
            raise InputError("the baseline has months, but the portfolio after has no period")
        months = months_of(table["month"], "baseline, column 'month'")
        first, last = (month_index(day, "period") for day in after.period)
        absent = sorted(set(range(first, last + 1)) - set(months.tolist()))
        if absent:
            month = np.datetime64(absent[0], "M")
            raise InputError(f"the baseline has no month {month}; it must have all months of the period after")
        usable &= (first <= months) & (months <= last)
    missing = np.flatnonzero(np.bincount(rows[usable], minlength=len(place)) == 0)
    if missing.size:
        raise InputError(f"the baseline has no row of customer {before.ids[missing[0]]!r}")
    level, heat = (
        np.bincount(rows[usable], weights=finite_of(table[name], name)[usable], minlength=len(place)).astype(np.float64)
        for name in ("level", "heat")
    )
    return level, heat


def _newcomers(given: TableLike | None, after: Portfolio) -> ReviewedNewcomers:
    """Return the newcomers against their terms."""
    if given is None:
        return ReviewedNewcomers({"customer_id": []}, after.library)
    table, customer = _table(given, "newcomers", ("level", "heat"))
    place = {name: k for k, name in enumerate(after.ids)}

    def row_of(value: Any, row: int) -> int:
        known = place.get(identity_text(value), -1)
        if known < 0:
            raise InputError(f"newcomers, row {row}: customer {identity_text(value)!r} is not in the portfolio after")
        return known

    rows = read_distinct(table[customer], row_of, np.int64)
    repeated = np.flatnonzero(np.bincount(rows, minlength=1) > 1)
    if repeated.size:
        raise InputError(f"newcomers: customer {after.ids[repeated[0]]!r} has two rows; it came in on one of them")

    def day_of(value: Any, row: int) -> int:
        if is_missing(value):
            return NO_DAY
        return day_number(value.date() if hasattr(value, "date") else value, f"newcomers, row {row}: since")

    since = np.full(rows.size, NO_DAY, dtype=np.int32)
    if "since" in table:
        since = read_distinct(table["since"], day_of, np.int32)
    level, heat = (finite_of(table[name], name) for name in ("level", "heat"))
    reviewed = _core.review_newcomers(after.core, rows, level, heat, since)
    names = after.core.name
    columns: dict[str, Any] = {
        "customer_id": [after.ids[k] for k in rows],
        "name": [names[k] for k in rows],
    }
    if "terms" in table:
        columns["terms"] = ["" if is_missing(one) else str(one) for one in table["terms"].to_pylist()]
    return ReviewedNewcomers(columns | reviewed, after.library)


@checked
def review(
    offers: Offers,
    answers: TableLike,
    before: Portfolio | HasPortfolio,
    after: Portfolio | HasPortfolio,
    *,
    baseline: TableLike | Result | None = None,
    newcomers: TableLike | None = None,
    confidence: float = 0.8,
) -> Review:
    """State what accepted offers brought, beyond what happened to the customers to remediate without new terms.

    Those are the customers that refused, did not answer, or got no offer. Their growth of level and their warming are what an accepted offer
    is compared with, so warming by itself is not credited (difference in differences). With a baseline, they correct what it missed.

    Parameters
    ----------
    offers : Offers
        The offers, made for the portfolio `before`.
    answers : frame or mapping
        One row an answer, the earliest first: customer_id, else customer; terms (those of the offer, or its lever); accepted (open ones are
        left out); date where known. The last accepted offer of a customer counts, from its date. A later answer than the period after counts as open.
    before, after : Portfolio or Statement
        The customers in the period before the new terms, and in one that begins later. Customers are joined by identity; one that is
        gone counts with 0.
    baseline : Baseline, frame or mapping, optional
        Level and heat of each customer in the period after without new terms: customer_id, level, heat, and month where it has several.
    newcomers : frame or mapping, optional
        What was expected of newcomers on the terms on which they came in: customer_id, level and heat a year; terms and since where known.
    confidence : float
        Probability of the interval of what the offers brought, in (0, 1).

    Returns
    -------
    Review
        One row a customer to remediate; ``groups`` by answer, and ``newcomers``.

    Raises
    ------
    InputError
        If an answer is to an offer that was never made, the offers are of another portfolio, there is nothing to compare with, or a cell
        cannot be read.
    """
    then, now = portfolio_of(before, "before"), portfolio_of(after, "after")
    read = read_answers(answers)
    positions = read.offers(offers)
    level, heat = (None, None) if baseline is None else _baseline(baseline, then, now)
    minimum = any(one.lever == "minimum order" for lever in offers.levers for one in [lever, *lever.parts])
    core = _core.review(
        offers.core,
        then.core,
        now.with_orders() if minimum else now.core,
        positions,
        read.accepted,
        read.day,
        level,
        heat,
        confidence,
    )
    return Review(offers, now, core, _newcomers(newcomers, now), confidence, baseline is not None)
