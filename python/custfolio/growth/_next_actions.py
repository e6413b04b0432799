# Next actions: steps that can start and products that peers buy, ranked by the expected heat per working hour.
"""White space per customer, and proposals for the next action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.frames import TableLike, library_of, lists_of, require_columns
from custfolio._tables.result import Listing
from custfolio._tables.wording import identity_text
from custfolio.errors import InputError
from custfolio.growth._forecast import Growth

__all__ = ["CustomerWhiteSpace", "NextActions", "WhiteSpace", "next_actions", "white_space"]


class CustomerWhiteSpace(Listing):
    """The white space of each customer of the sales. Part of :class:`WhiteSpace`.

    Columns: customer_id; white_space, the expected revenue of all gaps, 0 without one; white_space_p10 and white_space_p90, the ends of its
    80 % interval; white_space_product, the product with the most of it, empty without a gap.

    ``plot`` draws the ten customers with the most white space.
    """

    _heading = "White space by customer"

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        amounts = self._entries["white_space"]
        most = np.argsort(-amounts, kind="stable")[:10]
        names = [self._entries["customer_id"][row] for row in most.tolist()]
        return plots.bars(names, amounts[most], title="Expected revenue to be had", names_title="Customer", **options)


class WhiteSpace(Listing):
    """Products that customers buy less of than their peers. Made by :func:`white_space`."""

    _heading = "White space"

    def __init__(self, columns: Mapping[str, Any], customers: Mapping[str, Any], library: str | None) -> None:
        super().__init__(columns, library)
        self.customers = CustomerWhiteSpace(customers, library)
        """The white space of each customer of the sales, over all products."""

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        sums: dict[str, float] = {}
        for product, gap in zip(self._entries["product"], self._entries["gap"], strict=True):
            sums[product] = sums.get(product, 0.0) + float(gap)
        rows = [{"product": product, "gap": gap} for product, gap in sums.items()]
        return (
            alt.Chart(alt.Data(values=rows))
            .mark_bar()
            .encode(x=alt.X("gap:Q", title="Revenue to be had"), y=alt.Y("product:N", title=None, sort="-x"))
            .properties(**options)
        )


@checked
def white_space(
    lines: TableLike,
    *,
    customer: str = "customer",
    product: str = "product",
    revenue: str = "revenue",
    contribution: str | None = None,
    segment: str | Sequence[str] | None = None,
    penetration: float = 0.3,
    top: int | None = None,
) -> WhiteSpace:
    """Compare the sales of each customer with those of its peers.

    Parameters
    ----------
    lines : frame or mapping of columns
        Sales of a period, any number of rows per customer and product (or product group).
    customer, product, revenue : str
        Columns.
    contribution : str, optional
        Column of the contribution. The heat of a gap uses the temperature of the product in the
        segment, the customer included.
    segment : str or sequence of str, optional
        Column of the customers' segment, or columns that are crossed, such as segment, size and region. Peers are the customers of one
        segment; without it, all customers.
    penetration : float
        Least share of the other peers that buys a product, in (0, 1].
    top : int, optional
        Number of rows, the largest gaps first; by default all.

    Returns
    -------
    WhiteSpace
        One row per customer and product that it buys less of than its peers:

        - customer_id, product.
        - bought: revenue of the customer.
        - usual: its total revenue times the median share of the product in the segment, among those that buy it. The customer itself counts
          where it buys the product.
        - gap: usual - bought, above 0. It describes peers; it is not a forecast for the customer.
        - penetration: share of the other peers that buy the product.
        - chance: the same share, shrunk towards that of all customers as far as segments differ no more than by chance.
        - expected: chance x gap; expected_p10 and expected_p90 are the ends of its 80 % interval, for the uncertainty of the
          peers' share alone.
        - heat: contribution of the gap, with a column of contribution.

        O(rows + customers x products).

    Raises
    ------
    InputError
        If a column is missing, a cell cannot be read or a customer is in several segments (the message names the row), or penetration is out
        of range.
    """
    library = None if isinstance(lines, Mapping) else _library(lines)
    table = lists_of(lines, _wrong_lines(lines))
    segments = [segment] if isinstance(segment, str) else list(segment or ())
    names = [name for name in (customer, product, revenue, contribution, *segments) if name is not None]
    require_columns(table, names, "the sales; they have")
    columns, customers = _core.white_space(
        customer=_identities(table[customer], customer),
        product=_identities(table[product], product),
        revenue=_numbers(table[revenue], revenue),
        contribution=None if contribution is None else _numbers(table[contribution], contribution),
        segment=[", ".join(map(str, row)) for row in zip(*(table[name] for name in segments), strict=True)]
        if segments
        else None,
        penetration=penetration,
        top=None if top is None else max(0, top),
    )
    if contribution is None:
        del columns["heat"]
    return WhiteSpace(columns, customers, library)


def _library(frame: Any) -> str | None:
    """Return the library of a frame of sales."""
    try:
        return library_of(frame)
    except InputError:
        raise InputError(_wrong_lines(frame)) from None


def _wrong_lines(lines: Any) -> str:
    return (
        f"lines is of type {type(lines).__name__}; it must be a frame or columns of sales, such as "
        'statement.by("customer", "family").columns() with product="family"'
    )


def _identities(values: Sequence[Any], column: str) -> list[str]:
    """Return a column of identities as text."""
    for row, value in enumerate(values, 1):
        if value is None or value != value:
            raise InputError(f"row {row}: no {column}")
    return [identity_text(value) for value in values]


def _numbers(values: Sequence[Any], column: str) -> NDArray[np.float64]:
    """Return a column of finite numbers."""
    numbers = np.empty(len(values))
    for k, value in enumerate(values):
        try:
            numbers[k] = float(value)
        except (TypeError, ValueError):
            numbers[k] = np.nan
        if not np.isfinite(numbers[k]):
            raise InputError(f"column {column!r}, row {k + 1}: found {value!r}; it must be a finite number")
    return numbers


class NextActions(Listing):
    """Actions that can start now, the most expected heat per hour first. Made by :func:`next_actions`."""

    _heading = "Next actions"

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        names = ("customer_id", "action", "expected_heat", "hours")
        rows = [
            {"action": f"{who}: {what}", "heat": float(heat), "hours": None if hours != hours else float(hours)}
            for who, what, heat, hours in zip(*(self._entries[name] for name in names), strict=True)
        ][:25]
        return (
            alt.Chart(alt.Data(values=rows))
            .mark_bar()
            .encode(
                x=alt.X("heat:Q", title="Expected heat"),
                y=alt.Y("action:N", title=None, sort=None),
                color=alt.Color("hours:Q", title="Hours"),
                tooltip=["action:N", alt.Tooltip("heat:Q", format=",.0f"), "hours:Q"],
            )
            .properties(**options)
        )


@checked
def next_actions(
    growth: Growth | None = None,
    *,
    white_space: WhiteSpace | None = None,
    probability: float | None = None,
    hours: float | None = None,
    top: int | None = None,
) -> NextActions:
    """Rank the possible actions by the expected heat per hour of work.

    Parameters
    ----------
    growth : Growth, optional
        The action plans, with the known outcomes of their steps (:meth:`Growth.given`). A step is proposed where all that it waits for has
        succeeded.
    white_space : WhiteSpace, optional
        From :func:`white_space`, with a contribution. An offer of the product is proposed to customers without a step that can start.
    probability, hours : float, optional
        Chance and working hours of such an offer; `white_space` needs both.
    top : int, optional
        Number of proposals; by default all.

    Returns
    -------
    NextActions
        One row per proposal:

        - customer_id, plan, action, condition;
        - month: the earliest; probability: of the step itself;
        - expected_heat, hours: over the horizon, of the step and of all that waits for it. They are the figures of all plans, less those
          of all plans if the step fails. Hours of an attempt fall evenly on the months from its start to its decision, and those beyond
          the horizon do not count. (A budget of hours counts an attempt in the month in which it starts.)
        - heat_per_hour: NaN, and last, where no hours are known.

    Raises
    ------
    InputError
        If nothing is given, or white space comes without a contribution, a chance or hours.
    """
    if growth is None and white_space is None:
        raise InputError("next_actions needs action plans (growth) or white space")
    if white_space is not None:
        if "heat" not in white_space.columns():
            raise InputError("the white space has no heat; give the column of the contribution to white_space()")
        if probability is None or hours is None or not 0 <= probability <= 1 or not hours > 0:
            raise InputError(
                "an offer for white space needs its chance (probability, in [0, 1]) and its hours (above 0)"
            )
    gaps = {"customer_id": [], "product": [], "heat": []} if white_space is None else white_space.columns()
    columns = _core.next_actions(
        None if growth is None else growth.core,
        customer=gaps["customer_id"],
        product=gaps["product"],
        heat=np.asarray(gaps["heat"], dtype=np.float64),
        probability=probability or 0.0,
        hours=hours or 0.0,
        top=None if top is None else max(0, top),
    )
    return NextActions(columns, None if growth is None else growth.library)
