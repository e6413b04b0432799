# Chances of open deals by stage and age, shrunk by owner and segment.
"""Learn the chances of open deals from when earlier deals were won and lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.dates import DayLike, day_number, day_numbers, days_array, month_text
from custfolio._tables.frames import TableLike, lists_of, require_columns
from custfolio._tables.result import Listing, Reasons
from custfolio._tables.wording import identity_text
from custfolio.errors import InputError
from custfolio.growth._opportunities import Opportunities
from custfolio.growth._pipeline import FACTORS

__all__ = ["GroupPaces", "OpenChances", "WithoutDay", "open_chances"]

_ENDS = {"open": 0, "won": 1, "lost": 2}


class GroupPaces(Listing):
    """How fast the deals of each group are won and lost, beside the company's pace. Made by :func:`open_chances`.

    ``plot`` draws the factors of the rate of winning.
    """

    _heading = "Pace of the groups"

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        names = ("dimension", "group", "won", "win_factor")
        rows = [
            {"dimension": dimension, "group": group, "won": int(won), "win_factor": float(factor)}
            for dimension, group, won, factor in zip(*(self._entries[name] for name in names), strict=True)
        ]
        return (
            alt.Chart(alt.Data(values=rows))
            .mark_point(filled=True, size=70)
            .encode(
                x=alt.X("win_factor:Q", title="Rate of winning, company = 1", scale=alt.Scale(zero=False)),
                y=alt.Y("group:N", title=None, sort="-x"),
                color=alt.Color("dimension:N", title=None),
                tooltip=["group:N", "won:Q", alt.Tooltip("win_factor:Q", format=".2f")],
            )
            .properties(**options)
        )


class WithoutDay(Reasons):
    """Deals that cannot be placed in time, each with the reason; they have no chance.

    ``plot`` draws their number by reason.
    """

    _heading = "Deals without a usable day"
    _things = "Deals"


class OpenChances(Listing):
    """The chances of open deals: one row per deal. Made by :func:`open_chances`; ``to_plans(probability=...)`` accepts it.

    ``plot`` draws the expected wins by month.

    Attributes
    ----------
    months : tuple of str
        The months ahead; the first one is that of `at`.
    by_month : array, shape (deals, months)
        Chance of each deal to be won in each month.
    decided : int
        Decided deals behind the chances; 0: the prior is used.
    notes : list of str
        Remarks on the stages and the prior.
    """

    _heading = "Chances of open deals"

    def __init__(
        self,
        columns: Mapping[str, Any],
        library: str | None,
        first: int,
        by_month: NDArray[np.float64],
        decided: int,
        notes: list[str],
        paces: Mapping[str, Any],
        left: Mapping[str, Any],
    ) -> None:
        super().__init__(columns, library)
        self.months = tuple(month_text(first + k) for k in range(by_month.shape[1]))
        self.by_month = by_month
        self.decided = decided
        self.notes = notes
        self._paces = paces
        self._left = left

    @property
    def groups(self) -> GroupPaces:
        """The pace of each stage, owner, product and segment, beside the company's."""
        return GroupPaces(self._paces, self._library)

    @property
    def left_out(self) -> WithoutDay:
        """Deals that cannot be placed in time, each with the reason."""
        return WithoutDay(self._left, self._library)

    @property
    def expected(self) -> NDArray[np.float64]:
        """Expected number of wins in each month."""
        expected: NDArray[np.float64] = self.by_month.sum(axis=0)
        return expected

    def of_deals(
        self, rows: Sequence[int], names: Sequence[str], customers: Sequence[str]
    ) -> tuple[NDArray[np.float64], list[dict[int, float]]]:
        """Return the chance of each deal to be won, and its months given that it is won.

        Deals are found by row, name and customer. In an export with other rows they are found by name and customer, where these are unique.

        Parameters
        ----------
        rows : sequence of int
            Rows of the export.
        names, customers : sequence of str
            Name and customer of each deal: rows of several files may have one number.

        Returns
        -------
        tuple
            Chances, NaN for deals without one; and per deal the chances of the months, counted from the first one, that sum to 1.

        Raises
        ------
        InputError
            If two open deals have the same row, name and customer.
        """
        keys = list(zip(*(map(str, self._entries[name]) for name in ("row", "opportunity", "customer")), strict=True))
        place = {key: k for k, key in enumerate(keys)}
        if len(place) < len(keys):
            row, name, customer = next(key for k, key in enumerate(keys) if place[key] != k)
            raise InputError(
                f"two open deals are {name!r} of customer {customer!r} in row {row} of their files; each needs a name of its own"
            )
        by_name = {key[1:]: k for k, key in enumerate(keys)}
        counts = Counter(key[1:] for key in keys) | Counter(zip(names, customers, strict=True))
        won_of = np.asarray(self._entries["won"], dtype=np.float64)
        chances, months = np.full(len(rows), np.nan), []
        for k, key in enumerate(zip(map(str, rows), names, customers, strict=True)):
            alone = key[1] != "" and counts[key[1:]] == 1
            at = place.get(key, by_name.get(key[1:]) if alone else None)
            table = {} if at is None else dict(enumerate(self.by_month[at].tolist()))
            won = sum(table.values())
            months.append({month: part / won for month, part in table.items() if part > 0} if won > 0 else {0: 1.0})
            if at is not None:
                chances[k] = won_of[at]
        return chances, months

    def _facts(self) -> Mapping[str, Any]:
        return {
            "open": len(self),
            "decided deals behind the chances": self.decided,
            "expected wins": float(self.by_month.sum()),
            "months": f"{self.months[0]} to {self.months[-1]}",
            **({"notes": "; ".join(self.notes)} if self.notes else {}),
        }

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        rows = [{"month": m, "wins": float(n)} for m, n in zip(self.months, self.expected, strict=True)]
        return (
            alt.Chart(alt.Data(values=rows))
            .mark_bar()
            .encode(x=alt.X("month:O", title="Month"), y=alt.Y("wins:Q", title="Expected wins"))
            .properties(**options)
        )


@checked
def open_chances(
    deals: Opportunities,
    *,
    at: DayLike,
    months: int = 12,
    by: str | Sequence[str] | None = None,
    segments: Mapping[str, str] | None = None,
    history: TableLike | None = None,
    prior: float = 0.3,
    prior_days: float = 90.0,
) -> OpenChances:
    """Return the chance of each open deal to be won, by month, from its stage and the days it has been there.

    Parameters
    ----------
    deals : Opportunities
        All deals, open and closed. What happened on `at` or later is not used.
    at : str or date
        The day at whose beginning the deals are open.
    months : int
        Calendar months ahead, that of `at` included; 1 to 60.
    by : str or sequence of str, optional
        Columns of the groups; by default "owner" and "product" where the export has them.
    segments : mapping of str to str, optional
        Segment of each customer, a further group.
    history : frame or mapping of columns, optional
        The days on which deals entered their stages: columns "opportunity", "stage" and "entered". Exports of several days are one, each
        with its day as "entered". Entries of other deals are not used. Without it the chances are by the age of the deal alone, since an
        export has no stages of closed deals.
    prior : float
        Chance that a deal is won in the end, used alone until a deal is closed. Later it counts as one deal.
    prior_days : float
        Mean days to a decision that belong to `prior`; above 1.

    Returns
    -------
    OpenChances
        Per open deal: row, opportunity, customer, owner, stage, days in the stage, and the chances to be won, lost and open at the end of the months.

    Raises
    ------
    InputError
        If no deal has a day of creation, a column is missing, an entry of the history belongs to several deals, the history names no deal or
        the segments no customer, or an option is out of range.

    Notes
    -----
    Daily rates of winning and of losing are constant between ages that divide the decisions evenly. A stage, an owner, a product and a segment
    multiply them. The factors are shrunk to 1 by a gamma distribution, which is fitted by maximum likelihood.

    References
    ----------
    J. D. Kalbfleisch, R. L. Prentice (2002), The Statistical Analysis of Failure Time Data, 2nd ed., chapter 8.
    """
    table = deals.columns()
    if np.isnat(table["created"]).all():
        raise InputError(
            "no deal has a day of creation; name the column with read_opportunities(columns={'created': ...})"
        )
    names = [by] if isinstance(by, str) else list(by) if by is not None else [n for n in FACTORS if any(table[n])]
    require_columns(table, names, "the deals; they have")
    groups = {name: [str(cell) or "(none)" for cell in table[name]] for name in names}
    if segments is not None:
        known = {identity_text(customer): segment for customer, segment in segments.items()}
        groups["segment"] = [known.get(customer, "(none)") for customer in table["customer"]]
        if known and not any(customer in known for customer in table["customer"]):
            raise InputError(
                f"segments names no customer of the deals; it has {next(iter(known))!r}, and the first deal is of {str(table['customer'][0])!r}"
            )
    day = day_number(at, "at")
    places, entered, stages = _history(table, history)
    columns, paces, rest = _core.open_chances(
        created=day_numbers(table["created"]),
        decided=day_numbers(table["closed"]),
        end=np.array([_ENDS[status] for status in table["status"]], dtype=np.uint8),
        groups=list(groups.values()),
        deal=places,
        entered=entered,
        stage=stages,
        at=day,
        months=months,
        prior=prior,
        prior_days=prior_days,
    )
    notes = [] if history is not None else ["without history= the chances are by the age of the deal, not by its stage"]
    if rest["decided"] == 0:
        notes.append(
            f"no deal was closed before {at}: each is won with {prior:.0%} in the end, after {prior_days:g} days"
        )
    where, left = columns["deal"], rest["left_out"]
    first = int(np.datetime64(day, "D").astype("datetime64[M]").astype(np.int64))
    return OpenChances(
        {
            "row": table["row"][where],
            **{name: table[name][where] for name in ("opportunity", "customer", "owner")},
            **{name: columns[name] for name in ("stage", "days", "won", "lost")},
            "open": 1 - columns["won"] - columns["lost"],
        },
        deals.library,
        first,
        rest["won_by_month"],
        int(rest["decided"]),
        notes,
        {**paces, "dimension": [(["stage", *groups])[k] for k in paces["dimension"]]},
        {"row": table["row"][left], "opportunity": table["opportunity"][left], "reason": rest["reason"]},
    )


def _history(
    table: Mapping[str, Any], history: TableLike | None
) -> tuple[NDArray[np.int64], NDArray[np.int32], list[str]]:
    """Return the position of the deal, the day and the stage of each entry of the history."""
    if history is None:
        return np.zeros(0, np.int64), np.zeros(0, np.int32), []
    entries = lists_of(history, f"a frame of stages was expected; found {type(history).__name__}")
    require_columns(entries, ["opportunity", "stage", "entered"], "the history; it has")
    place: dict[str, int] = {}
    several = set()
    for k, name in enumerate(table["opportunity"]):
        if name in place:
            several.add(name)
        place.setdefault(name, k)
    cells = [identity_text(cell) for cell in entries["opportunity"]]
    days = days_array(entries["entered"], "entered")
    for row, name in enumerate(cells):
        if name in several:
            raise InputError(f"history, row {row + 1}: {name!r} is the name of several deals; each deal needs its own")
        if np.isnat(days[row]):
            raise InputError(f"history, row {row + 1}: entered is empty; it must be a day")
    rows = [row for row, name in enumerate(cells) if name in place]
    if cells and not rows:
        raise InputError(
            f"the history names no deal; it has {cells[0]!r}, and the first deal is {str(table['opportunity'][0])!r}"
        )
    stages = [str(entries["stage"][row]) for row in rows]
    return np.array([place[cells[row]] for row in rows], np.int64), day_numbers(days[rows]), stages
