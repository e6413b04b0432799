# Profit and loss per customer over a period.
"""The statement."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._paged import Paged
from custfolio._reading.amounts import numbers_beside
from custfolio._reading.columns import beside_customer, require_own_name
from custfolio._reading.dimensions import Dimension
from custfolio._reading.events import EventRows, gather_events, names_of
from custfolio._reading.price_amounts import price_amounts
from custfolio._reading.receivables import receivables_of
from custfolio._reading.rows import PRICES
from custfolio._tables.arguments import checked, real, text
from custfolio._tables.dates import DayLike, day_date, day_number
from custfolio._tables.frames import FrameLike, TableLike, eager, require_columns, texts_of
from custfolio._tables.segments import GONE, POURED_IN, segments_of
from custfolio._tables.wording import counted, identity_text
from custfolio.costing import CostModel, by_element
from custfolio.errors import InputError
from custfolio.ledger import Ledger, LedgerColumns
from custfolio.portfolio import NO_HEAT, Portfolio, portfolio_facts, require_common, unlike_lengths
from custfolio.segmentation import migration, rules
from custfolio.selection._bridge import StatementBridge, bridged
from custfolio.selection._groups import GroupedStatement, grouped
from custfolio.selection._reconciliation import Activities, Pools, ReconciledElements, Reconciliation
from custfolio.selection._trace import Trace, TraceComparison
from custfolio.selection._uncertainty import SURE_COLUMNS, Uncertainty
from custfolio.selection._waterfall import Waterfall, waterfall
from custfolio.selection._whale import WhaleCurve

__all__ = ["Statement", "statement"]

_SHOWN_POOLS = 3
"""Pools that a sentence of the summary names."""


@checked
class Statement(Paged):
    """Profit and loss per customer over a period: revenue - goods - cost to serve - cost of credit = contribution.

    A ledger without costs of goods has levels, but neither heat nor temperature: they are NaN.

    Made by :func:`statement`.

    ``plot`` draws the whale curve, with the options of :func:`custfolio.plots.whale`.
    """

    segments: list[str] | None = None
    """Segment of each customer by the rules that the statement was made with; None without rules."""
    _assumed_cost: str = ""
    """Rows without a cost of goods, as a sentence; statements stored by earlier versions do not have it."""
    notes: Sequence[str] = ()
    """Tables beside the ledger with rows outside of the period, which do not count: a sentence for each."""

    def __init__(
        self,
        core: _core.Statement,
        ledger: Ledger,
        costs: CostModel,
        given: Mapping[str, Any],
        spent: Collection[str],
    ) -> None:
        self.core = core
        self._library = ledger.library
        self.costs = costs
        """The cost model."""
        self.currency = ledger.currency
        """Code of the currency of all amounts; None where the data does not name it."""
        self._rows: LedgerColumns | None = ledger.rows
        self._given = given
        self._assumed_cost = ledger.gaps.assumed_cost()
        pools = {pool.name for pool in costs.pools}
        elements = ReconciledElements(core.reconciled_elements, spent, pools, ledger.library)
        self.reconciliation = Reconciliation(core.reconciliation, ledger, elements)
        """Input against statement."""
        if not core.portfolio.has_heat:
            self.reconciliation.goods_in = self.reconciliation.goods_stated = np.nan

    def _segment(self, assigned: Mapping[str, str]) -> None:
        """Assign segments by rules, as a column and a dimension."""
        for name in (POURED_IN, GONE):
            if name in assigned:
                raise InputError(
                    f"a segment is called {name!r}, which stands for customers of one period only; rename it"
                )
        self.segments = rules(self.columns(), assigned)
        columns = self._rows
        if columns is None:
            return
        values, codes = list(assigned), columns.codes()
        place = {name: k for k, name in enumerate(values)}
        of_customer = np.full(len(columns.ids), -1, dtype=np.int32)
        for name, segment in zip(self.core.portfolio.id, self.segments, strict=True):
            of_customer[codes[name]] = place.get(segment, -1)
        own = {"segment": Dimension(values, of_customer=of_customer)}
        self._rows = replace(columns, dimensions={**columns.dimensions, **own})

    @cached_property
    def portfolio(self) -> Portfolio:
        """The customers: those with a row in the period, and those with a driver only."""
        rows, costs = self._rows, self.costs.core
        if rows is None:
            return Portfolio(self.core.portfolio, self._library, self.costs, self.currency)
        columns = rows.statement_arguments()
        return Portfolio(
            self.core.portfolio,
            self._library,
            self.costs,
            self.currency,
            lambda core: _core.with_orders(core, columns, costs),
        )

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle or a copy stores: all but the rows of the ledger and of the tables beside it.

        Orders that were used are stored: without the rows they cannot be listed again.
        """
        kept = {} if self.portfolio.core.orders is None else {"portfolio": self.portfolio}
        return super().__getstate__() | {"_rows": None, "_given": {}} | kept

    @property
    def identity(self) -> _core.Identity:
        """The portfolio of the statement."""
        return self.core.portfolio.identity

    @checked
    def by(self, *dimensions: str, key: str = "lines") -> GroupedStatement:
        """State the profit of groups.

        A cost arises where its event is, at the rate of its day, then it is shared. Lines, units, drivers of rows and the revenue share
        cost money on their rows. The cost of a delivery or return is shared over its rows by `key`. An event beside the ledger, or an invoice,
        is in its month. The customer's rows share it over other dimensions: an event by lines, the cost of credit by revenue. What was given
        per customer is shared over its rows by lines; price elements, and the cost of credit from days sales outstanding, by revenue. The
        minutes of an activity have the place of their events. Every level and every cross sums to the statement.

        Parameters
        ----------
        *dimensions : str
            ``"customer"``, ``"month"``, ``"segment"``, or those of the ledger: ``"item"``, ``"family"``, ``"ship_to"``, ``"group"``,
            ``"manager"``.
        key : str
            What the rows of a delivery share its cost by: ``"lines"``, ``"quantity"``, ``"revenue"`` (without its sign), or a driver of the rows.

        Returns
        -------
        GroupedStatement
            One row per group that occurs; "none" where rows have no value, or "(none)" where a value is called "none".

        Raises
        ------
        InputError
            If the ledger has no such dimension or key, one is named twice, or the statement was stored: its rows are not.
        """
        rows = self._rows
        if rows is None:
            raise InputError("a stored statement has no rows to group; state the ledger again")
        return grouped(self.core, rows, self.costs.core, self._given, dimensions, key, self._library)

    @checked
    def uncertain(
        self,
        target: float = 0.05,
        rates: float | Mapping[str, float] = 0.25,
        *,
        months: bool = False,
        segments: TableLike | None = None,
    ) -> Uncertainty:
        """How sure the temperature of each customer is, and the chance that it is below a target.

        Rates are estimates. Each has an independent normal deviation, and a temperature is linear in the rates, so the chance is exact. Goods
        and the revenue share do not deviate. The rates are those of the company: a deviation moves all customers together.

        Parameters
        ----------
        target : float
            Least temperature of a warm customer, a fraction in (-1, 1).
        rates : float or mapping
            Relative standard deviation of each rate of the cost model, a fraction in [0, 1]; or that of single rates and pools by name, and
            none of the others.
        months : bool
            Whether the customers' own months count too: the temperature is shrunk towards its segment by them, and the variance of that is
            added. Rows of the ledger are needed.
        segments : frame or mapping, optional
            Columns customer_id and segment, with `months`; each customer of the statement must have one segment, and other customers do not
            count. Default: one segment.

        Returns
        -------
        Uncertainty
            Temperature, 80 % interval, chance and verdict per customer.

        Raises
        ------
        InputError
            If an argument is out of range (for a percentage the message has the fraction), contributions are not known, no customer has
            sales in two months, or the statement was stored and `months` needs its rows.
        NotFoundError
            If `rates` names no element of the statement.
        """
        if segments is not None and not months:
            raise InputError("segments are those of the customers' own months; give months=True")
        portfolio = self.portfolio.core
        own = None
        if months:
            if self._rows is None:
                raise InputError("a stored statement has no rows to find months in; state the ledger again")
            own = _core.customer_months(self.core, self._rows.statement_arguments(), self.costs.core, **self._given)
        deviations: dict[str, float] = {}
        if isinstance(rates, Mapping):
            deviations = {text(name, "rates"): real(value, f"rates: {name}") for name, value in rates.items()}
        core = _core.uncertain(
            self.core,
            self.costs.core,
            target=target,
            rates=0.0 if isinstance(rates, Mapping) else real(rates, "rates"),
            deviations=deviations,
            months=own,
            segment=segments_of(segments, portfolio.id),
        )
        return Uncertainty(
            portfolio, core, target, deviations if isinstance(rates, Mapping) else rates, months, self._library
        )

    @checked
    def bridge_from(self, before: Any, by: Sequence[str]) -> StatementBridge:
        """Split the change from an earlier statement; see :func:`custfolio.bridge`.

        Parameters
        ----------
        before : Statement
            The earlier statement.
        by : sequence of str
            ``"customer"``, and dimensions that both ledgers have.

        Returns
        -------
        StatementBridge
            One row per group that occurs in either period.

        Raises
        ------
        InputError
            If `before` is no statement, one of them was stored, or a ledger does not have the dimension.
        """
        if not isinstance(before, Statement):
            raise InputError(f"before is a {type(before).__name__}; groups need two statements")
        if before._rows is None or self._rows is None:
            raise InputError("a stored statement has no rows to bridge; state the ledger again")
        require_common(before.portfolio, self.portfolio, "before", "after")
        rows = before._rows, self._rows
        note = unlike_lengths(before.portfolio, self.portfolio)
        return bridged(before._stated(), self._stated(), rows, by, self._library, note)

    def _stated(self) -> dict[str, Any]:
        """Return the statement with its costs and what was given beside the ledger, for the core."""
        given = {"receivables": None, "dso": None, "terms": None} | dict(self._given)
        return given | {"statement": self.core, "costs": self.costs.core}

    @overload
    def trace(self, customer: str | int) -> Trace: ...

    @overload
    def trace(self, customer: str | int, against: Statement) -> TraceComparison: ...

    @checked
    def trace(self, customer: str | int, against: Statement | None = None) -> Trace | TraceComparison:
        """Trace the contribution of a customer down to pools, activities, events and lines.

        Parameters
        ----------
        customer : str or int
            Identity of the customer, or its name if one customer has it.
        against : Statement, optional
            An earlier statement: why is it more than then? The answer compares the two down to the terms of activities.

        Returns
        -------
        Trace or TraceComparison
            A tree whose parts sum to each node; with `against`, then, now and the difference of each node.

        Raises
        ------
        NotFoundError
            If no customer of the statements has this identity or name.
        InputError
            If several customers have the name (the message lists their identities). If a statement was stored: its rows are not. If only one
            of two statements has costs of goods, or the two have no customer in common.
        """
        customer = self._identity(customer, against)
        if against is None:
            return Trace(self._traced(customer), self._rows, self._library, self._digits)
        if self.portfolio.core.has_heat != against.portfolio.core.has_heat:
            without = "against" if self.portfolio.core.has_heat else "the statement"
            raise InputError(
                f"a trace against another statement needs the contribution in both, but {without} has none: {NO_HEAT}"
            )
        require_common(against.portfolio, self.portfolio, "against", "the statement")
        known = [each for each in (against, self) if customer in each.portfolio]
        if not known:
            self.core.portfolio.index(customer)  # raises
        then, now = (each._traced(customer) if each in known else _core.Trace(customer) for each in (against, self))
        return TraceComparison(then, now, self._library, self._digits)

    def _identity(self, customer: Any, against: Statement | None) -> str:
        """Return the identity of a customer that was named by it or by its name."""
        if isinstance(customer, bool) or not isinstance(customer, (str, int, np.integer)):
            raise InputError(f"customer is {customer!r}; it must be an identity or a name")
        statements = [each.portfolio for each in (self, against) if each is not None]
        identity = identity_text(customer)
        if any(identity in portfolio for portfolio in statements):
            return identity
        named = {
            own
            for portfolio in statements
            for own, name in zip(portfolio.core.id, portfolio.core.name, strict=True)
            if name.strip().casefold() == identity.casefold()
        }
        if len(named) > 1:
            raise InputError(
                f"{counted(len(named), 'customer')} have the name {identity!r}: {', '.join(sorted(named)[:5])}; name one by its identity"
            )
        return named.pop() if named else identity

    @property
    def _digits(self) -> int:
        """Digits of the currency after the decimal point."""
        from babel.numbers import get_currency_precision

        return int(get_currency_precision(self._code)) if self._code else 2

    @property
    def _code(self) -> str:
        """Code of the currency; empty where the data has none, or only a sign that several currencies share."""
        code = self.currency or ""
        return code if re.fullmatch("[A-Z]{3}", code) else ""

    def _traced(self, customer: str) -> _core.Trace:
        rows = self._rows
        if rows is None:
            raise InputError("a stored statement has no rows to trace; state the ledger again")
        columns = rows.statement_arguments()
        return _core.trace(self.core, columns, self.costs.core, customer, **self._given)

    @property
    def bucket(self) -> _core.Bucket:
        """All customers as one bucket."""
        return self.portfolio.bucket

    @cached_property
    def pools(self) -> Pools:
        """What became of the capacity of each pool."""
        return Pools(self.core.pools, self._library)

    @cached_property
    def activities(self) -> Activities:
        """Each activity over all customers."""
        return Activities(self.core.activities, self._library)

    @cached_property
    def waterfall(self) -> Waterfall:
        """The steps from list price over invoice and pocket to contribution; its `rows` are the customers."""
        return waterfall(self.core, self._library)

    @cached_property
    def whale(self) -> WhaleCurve:
        """The whale curve of contribution; empty, with NaN figures, where the costs of goods are not known."""
        return WhaleCurve(self.core.whale, self._library, self.portfolio)

    def _columns(self) -> Mapping[str, Any]:
        columns = dict(self.portfolio.columns())
        charged = self.core.charged
        columns |= {} if self.segments is None else {"segment": self.segments}
        columns["avoidable_contribution"] = self.portfolio.core.avoidable_heat()
        columns |= {f"cost of {name}": charged[:, k] for k, name in enumerate(self.core.elements)}
        pools = dict.fromkeys(pool.name for pool in self.costs.pools)
        minutes = self.core.minutes
        return columns | {f"minutes_freed of {name}": minutes[:, k] for k, name in enumerate(pools)}

    def _facts(self) -> Mapping[str, Any]:
        rows = self.reconciliation
        left_out = rows.rows_read - rows.rows_accepted - rows.rows_rejected
        return {
            **portfolio_facts(self.portfolio),
            "rows": f"{rows.rows_read:,} read = {rows.rows_accepted:,} accepted + {rows.rows_rejected:,} rejected"
            + (f" + {left_out:,} left out" if left_out else ""),
            **{"note" if k == 1 else f"note {k}": note for k, note in enumerate(self.notes, start=1)},
        }

    def _capacity(self, numbers: Any) -> list[str]:
        """Return what became of the capacity of pools, as sentences: what is unused and what is overrun, each with its pools."""
        pools = self.pools.columns()
        sentences: list[str] = []
        for sign, words in (
            (1, "Unused capacity costs {}: {}."),
            (-1, "Pools are used beyond their capacity, by {} of cost: {}."),
        ):
            found: dict[str, list[float]] = {}
            for name, *row in zip(*(pools[column] for column in ("pool", "unused", "used", "capacity")), strict=True):
                if sign * row[0] >= 0.005:
                    found[name] = [sum(pair) for pair in zip(row, found.get(name, [0.0] * 3), strict=True)]
            if found:
                largest = sorted(found.items(), key=lambda pair: -abs(pair[1][0]))
                named = [
                    f"{name} {numbers.amount(abs(unused), 0)} ({numbers.share(used / capacity)} used)"
                    for name, (unused, used, capacity) in largest[:_SHOWN_POOLS]
                ]
                named += [f"{len(found) - _SHOWN_POOLS:,} others"] if len(found) > _SHOWN_POOLS else []
                total = numbers.amount(abs(sum(unused for unused, *_ in found.values())), 0)
                sentences.append(words.format(total, ", ".join(named)))
        return sentences

    def _draw(self, **options: Any) -> Any:
        return self.whale.plot(**options)

    def pages(
        self,
        *,
        by: Sequence[str | Sequence[str]] = (),
        key: str = "lines",
        trace: Sequence[str | int] = (),
        against: Statement | None = None,
        bridge: Sequence[str | Sequence[str]] = (),
        uncertainty: Uncertainty | None = None,
        title: str = "The statement",
        unit: str = "",
        source: str = "",
        locale: str = "en",
    ) -> Any:
        """Return the content of the page and the workbook.

        Parameters
        ----------
        by : sequence
            Statements of groups to show, each the dimension or dimensions of :meth:`by`: ``["family", ("manager", "month")]``.
        key : str
            What the rows of a delivery share its cost by, as for :meth:`by`.
        trace : sequence of str or int
            Identities or names of customers to trace, as for :meth:`trace`.
        against : Statement, optional
            An earlier statement with which traces and bridges compare.
        bridge : sequence
            What changed since `against`, each the dimension or dimensions of :func:`custfolio.bridge`.
        uncertainty : Uncertainty, optional
            From :meth:`uncertain`: the pages show who is surely warm, surely cold or undecided.
        title, unit, source, locale : str
            Heading, unit of all amounts in words (default: the ledger's currency), origin of the data, and locale of numbers and dates.

        Returns
        -------
        custfolio.report.statement_pages.StatementPages
            The pages.

        Raises
        ------
        InputError
            As for :meth:`by` and :meth:`trace`, or if the uncertainty is of another statement.
        """
        from custfolio.report.data import Numbers
        from custfolio.report.statement_pages import BridgedGroups, Groups, StatementPages, TracedCustomer

        if key != "lines" and not by:
            raise InputError(
                f"key is {key!r}, but by is empty; name the groups whose rows share a delivery's cost, or leave key out"
            )
        if against is not None and not trace and not bridge and self.segments is None:
            raise InputError(
                "against is given, but trace and bridge are empty; name customers to trace or groups to bridge, or leave against out"
            )
        if bridge and against is None:
            raise InputError("bridge is given, but against is not; give the earlier statement")
        core, bucket, numbers, digits = self.portfolio.core, self.bucket, Numbers(locale), self._digits
        people: dict[str, Any] = {"customer": core.id, "name": core.name}
        people |= ({} if self.segments is None else {"segment": self.segments}) | {"revenue": core.revenue}
        names = ("goods", "cost_to_serve", "credit_cost", "dso", "days_late")
        people |= {name: getattr(core, name) for name in names if getattr(core, name) is not None}
        columns = self.columns()
        details = {name: columns[name] for name in columns if name not in people and name != "customer_id"}
        figures = [("Level", bucket.level, False)]
        whale = None
        if core.has_heat:
            people |= {"contribution": core.contribution, "temperature": core.temperature()}
            details = {name: values for name, values in details.items() if name not in people}
            figures += [("Heat", bucket.heat, False), ("Temperature", bucket.temperature, True)]
            parts = ("cumulative", "total", "peak", "peak_share", "customers_at_peak", "gini", "loss")
            whale = {name: getattr(self.whale, name) for name in parts}
            whale["names"] = self.whale.columns()["name"]
            summary = [
                f"The level is {numbers.amount(bucket.level, 0)}, the heat {numbers.amount(bucket.heat, 0)}: "
                f"a temperature of {numbers.share(bucket.temperature)}."
            ]
        else:
            order = np.argsort(-core.revenue, kind="stable").tolist()
            people, details = (
                {name: [values[k] for k in order] for name, values in each.items()} for each in (people, details)
            )
            summary = [f"The level is {numbers.amount(bucket.level, 0)}. There is no heat: {NO_HEAT}."]
        if self._assumed_cost:
            summary.append(self._assumed_cost)
        summary += [*self.notes, *self._capacity(numbers)]
        elements = self.reconciliation.elements.columns()
        pairs = zip(elements["element"], elements["difference"].tolist(), strict=True)
        missing = [f"{name} ({numbers.amount(amount, digits)})" for name, amount in pairs if round(amount, digits)]
        if missing:
            summary.append(f"What was spent differs from the statement in {', '.join(missing)}.")
        if uncertainty is not None:
            _core.require_same(uncertainty.identity, self.identity, "the uncertainty is")
            summary.append(uncertainty.sentence())
            details |= {name: uncertainty.columns()[name] for name in SURE_COLUMNS}
        price_elements = set(core.driver_names) & set(PRICES)
        groups = [self.by(*_names(one), key=key) for one in by]

        def period(portfolio: Portfolio) -> str:
            days = portfolio.period
            return "" if days is None else f"{numbers.day(days[0])} to {numbers.day(days[1])}"

        def name_of(customer: str) -> str:
            for each in (self, *([] if against is None else [against])):
                if customer in each.portfolio:
                    return each.portfolio.core.name[each.portfolio.core.index(customer)]
            return ""

        def traced(customer: str) -> TracedCustomer:
            name = name_of(customer)
            if against is None:
                return TracedCustomer(customer, name, self.trace(customer).columns())
            found = self.trace(customer, against=against).columns()
            return TracedCustomer(customer, name, found, period(against.portfolio))

        changed = [] if against is None else [self.bridge_from(against, _names(one)) for one in bridge]
        steps: dict[str, Any] | None = None
        if against is not None and changed:
            steps = changed[0].steps()
            summary.append(changed[0].sentence(period(against.portfolio), numbers))
        return StatementPages(
            figures=figures,
            statement=people,
            details=details,
            reconciliation=self.reconciliation.columns(),
            verdict=self.reconciliation.verdict,
            elements=elements,
            pools=self.pools.columns() if self.costs.pools else None,
            activities=self.activities.columns() if self.costs.activities else None,
            traces=[traced(self._identity(one, against)) for one in trace],
            groups=[Groups(one.dimensions, one.columns(), one.amounts) for one in groups],
            migration=None
            if against is None or None in (self.segments, against.segments)
            else migration(against.to_frame("pyarrow"), self.to_frame("pyarrow")).columns(),
            bridge=steps,
            bridge_against="" if against is None else period(against.portfolio),
            bridges=[BridgedGroups(one.labels, one.columns()) for one in changed],
            whale=whale,
            **({} if uncertainty is None else uncertainty.tables()),
            title=title,
            period=period(self.portfolio),
            unit=unit or (numbers.currency(self._code) if self._code else ""),
            digits=digits,
            waterfall=self.waterfall.columns() if price_elements else None,
            summary=summary,
            source=source,
            locale=locale,
        )


def _names(dimensions: str | Sequence[str]) -> list[str]:
    """Return the dimensions of a table of groups."""
    if not isinstance(dimensions, (str, Sequence)):
        raise InputError(f"by has {dimensions!r}; it must have dimensions, such as 'month' or ('month', 'manager')")
    return [text(one, "by") for one in ([dimensions] if isinstance(dimensions, str) else dimensions)]


@checked
def statement(
    ledger: Ledger,
    costs: CostModel | None = None,
    period: Sequence[DayLike] | None = None,
    *,
    drivers: FrameLike | None = None,
    receivables: FrameLike | None = None,
    customer: str | None = None,
    events: Mapping[str, FrameLike] | None = None,
    prices: FrameLike | None = None,
    families: Sequence[str] = (),
    horizon: int = 12,
    spent: Mapping[str, float] | None = None,
    segments: Mapping[str, str] | None = None,
    threads: int = 0,
) -> Statement:
    """State the profit of every customer.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    costs : CostModel, optional
        The cost to serve; without it the statement is of gross margins.
    period : (date, date), optional
        First and last day, both included; text as 2021-12-31. Default: all days of the ledger.
    drivers : frame, optional
        Further drivers per customer (visits, hours): a column of customers and columns of numbers, totals over the period.
        Amounts of other customers are charged to nobody and shown as not attributed.
    receivables : frame, optional
        What customers owe, for the cost of credit: a row per invoice with columns customer, invoice (its day), due, paid and amount. Without the
        day of an invoice it is the due day less a column terms (days); without these the invoice is left out, and a note lists it. An invoice
        that was paid in parts has a row per payment; without a day of payment it is open to the end of the period. Invoices of the
        period count from their day to their payment. Or a row per customer, with columns customer, dso and perhaps terms, in days.
        Usual column names, days and amounts as text are read as in a ledger.
    customer : str, optional
        The customers' column of `drivers` and `prices`; by default customer_id, else customer, else one with a usual name.
    events : mapping of str to frame, optional
        Events beside the ledger, by name: visits, calls, tickets, trips. A frame has a row per event: customer_id, else customer; date; and
        columns of numbers, the drivers of the event. Usual names of a customer and a day are recognised, and text is read, as in a ledger. Every
        event needs its drivers. An engine (DuckDB, Polars lazily, Spark) sums its rows by customer and day itself. An activity names its event;
        a rate names an event, for their number, or one of its drivers. Events of other customers are not attributed.
    prices : frame, optional
        Amounts of customers beside those of the ledger's rows: customer_id, else customer; element (``"list_price"``, ``"discount"``,
        ``"rebate"``, ``"freight"`` or ``"commission"``); amount; and perhaps year. Without a year an amount is the total of the period; an amount
        of a year counts by the days of the year in the period. A rebate lowers the revenue of the months in proportion to it. See
        :attr:`Statement.waterfall`. Rebates of other customers are not attributed.
    families : sequence of str
        Families of the ledger whose net revenue becomes a driver of each customer, for ``cf.Terms.price(0.03, family=...)``.
    horizon : int
        Months after a change, for avoidable shares by horizon: `avoidable_contribution` is that of the horizon.
    spent : mapping of str to float, optional
        What was spent on an element (a driver with a rate, a pool, ``"revenue_share"``), as the accounts have it, currency. By default the cost
        of a pool, and rate x driver. The reconciliation shows the difference.
    segments : mapping of str to str, optional
        Rules that assign segments to customers by the statement's columns, such as ``{"core": "revenue >= 10000 and temperature >= 0.05",
        "rest": ""}``; see :func:`custfolio.segmentation.rules`. "segment" is then a column, and a dimension of :meth:`Statement.by`.
    threads : int
        0 for all cores; the result has the same bits for any number.

    Returns
    -------
    Statement
        Profit and loss per customer, reconciled to the cent. Linear in rows.

    Raises
    ------
    InputError
        If the period ends before it begins or has no row, or a column of `drivers`, `events` or `receivables` cannot be used.
    NotFoundError
        If the ledger has no driver, event or element of that name (the message lists what there is), or the model has a credit rate and
        there are no `receivables`.
    """
    costs = CostModel() if costs is None else costs
    first, last = 0, -1
    if period is not None:
        if len(period) != 2:
            raise InputError(
                f"period is {period!r}; it must be a first and a last day, such as ('2021-01-01', '2021-12-31')"
            )
        first, last = day_number(period[0], "period"), day_number(period[1], "period")
        if last < first:
            raise InputError(f"the period ends ({period[1]}) before it begins ({period[0]})")
    rows = ledger.rows
    if period is not None and not ((rows.day >= first) & (rows.day <= last)).any():
        raise InputError(
            f"the ledger has no row from {period[0]} to {period[1]}; its days are {ledger.first_day} to {ledger.last_day}"
        )
    codes, count = rows.codes(), len(rows.ids)
    known, strangers = _customer_drivers(drivers, customer, codes, count)
    days = (first, last) if period is not None else (int(rows.day.min()), int(rows.day.max()))
    notes: list[str] = []
    if prices is not None:
        priced, elsewhere, years = price_amounts(prices, customer, codes, count, days, ledger.currency)
        notes += _outside("prices", years, tuple(day_date(day).year for day in days))
        known, strangers = known | priced, strangers | elsewhere
    for name in costs.rates:
        require_own_name(name, "the cost model")
    costs = costs.with_direct_costs([*rows.drivers, *known])
    known |= _family_revenue(rows, families, days, [*rows.drivers, *known])
    owed, without_day = ({}, []) if receivables is None else receivables_of(receivables, codes, count, ledger.currency)
    given = {
        "customer_drivers": known,
        "events": [_event_rows(name, frame, costs, codes) for name, frame in (events or {}).items()],
        **owed,
    }
    for name, _, day, number, _ in given["events"]:
        notes += _outside(f"events {name!r}", day, days, number)
    notes += without_day
    if "receivables" in given:
        notes += _outside("receivables", given["receivables"]["invoiced"], days)
    amounts = {name: real(amount, f"spent on {name!r}") for name, amount in by_element(spent or {}, "spent").items()}
    core = _core.statement(
        **rows.statement_arguments(),
        name=rows.names,
        costs=costs.core,
        first=first,
        last=last,
        not_attributed=strangers,
        first_day=rows.first_day,
        **given,
        horizon=horizon,
        spent=amounts,
        threads=threads,
    )
    made = Statement(core, ledger, costs.at_horizon(horizon), given, amounts)
    made.notes = notes
    if segments is not None:
        made._segment(segments)
    return made


def _outside(
    what: str, time: NDArray[np.int32], period: tuple[int, ...], number: NDArray[np.float64] | None = None
) -> list[str]:
    """Return a note on the rows of a table that are outside of the period; nothing where there are none.

    Parameters
    ----------
    what : str
        The table.
    time : ndarray
        Day or year of each entry.
    period : (int, int)
        The first and the last one of the statement.
    number : ndarray, optional
        Rows of each entry; by default 1.

    Returns
    -------
    list of str
        One note, or none.
    """
    rows = np.ones(time.size) if number is None else number
    read, outside = int(rows.sum()), int(rows[(time < period[0]) | (time > period[1])].sum())
    if outside == 0:
        return []
    return [
        f"{what[0].upper()}{what[1:]}: {counted(read, 'row')} read, {outside:,} outside of the period, so not counted."
    ]


def _family_revenue(
    rows: LedgerColumns, families: Sequence[str], period: tuple[int, int], drivers: Sequence[str]
) -> dict[str, NDArray[np.float64]]:
    """Return the net revenue of each customer in some families, in the period."""
    found: dict[str, NDArray[np.float64]] = {}
    for name in [families] if isinstance(families, str) else families:
        dimension = rows.dimensions.get("family")
        if dimension is None or dimension.of_row is None:
            raise InputError("families need the ledger's column of families; name it with family=")
        if name not in dimension.values:
            raise InputError(f"there is no family {name!r}; the ledger has {', '.join(dimension.values[:20])}")
        if name in drivers:
            raise InputError(f"family {name!r} has the name of a driver; name the driver otherwise")
        value = dimension.values.index(name)
        cells = dimension.cells or [[(k, 1.0)] for k in range(len(dimension.values))]
        shares = np.array([*(dict(cell).get(value, 0.0) for cell in cells), 0.0])  # the last one is that of no cell, -1
        inside = (rows.day >= period[0]) & (rows.day <= period[1])
        amount = np.where(inside, rows.revenue * shares[dimension.of_row], 0.0)
        found[name], _ = _core.attribute_driver(rows.customer, amount, len(rows.ids))
    return found


def _event_rows(name: str, frame: FrameLike, costs: CostModel, codes: Mapping[str, int]) -> EventRows:
    """Return the events that the model needs, by customer and day."""
    columns = names_of(text(name, "a name of events"), frame)
    products = [factors for event, factors in costs.core.event_factors if event == name and factors]
    products += [[driver] for driver in costs.rates if driver in columns and [driver] not in products]
    return gather_events(name, frame, products, codes)


def _customer_drivers(
    frame: FrameLike | None, customer: str | None, codes: Mapping[str, int], count: int
) -> tuple[dict[str, NDArray[np.float64]], dict[str, float]]:
    """Return the drivers per customer code, and the amounts of customers outside the ledger."""
    if frame is None:
        return {}, {}
    table = eager(frame, "drivers")
    customer = beside_customer(table.columns) if customer is None else customer
    require_columns(table.columns, [customer], "the drivers; they have", "; name it with customer=")
    identities = texts_of(table[customer], customer)
    code = np.array([codes.get(identity, -1) for identity in identities], dtype=np.int32)
    known: dict[str, NDArray[np.float64]] = {}
    strangers: dict[str, float] = {}
    for name in table.columns:
        if name == customer:
            continue
        if name in PRICES:
            raise InputError(
                f"drivers has a column {name!r}, the name of an amount of money; pass it as prices=, or name it otherwise"
            )
        require_own_name(name, "drivers")
        values = numbers_beside(table[name], "drivers")
        bad = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
        if bad.size:
            raise InputError(
                f"drivers, row {bad[0] + 1}: {name} of customer {identities[bad[0]]!r} is {values[bad[0]]}; "
                "it must be a finite number >= 0"
            )
        known[name], strangers[name] = _core.attribute_driver(code, values, count)
    return known, strangers
