# Forecasts against outcomes: calibration of percentages, learned success rates, win rates by age, slippage, coverage.
"""Check success percentages, dates and bands against outcomes, and learn success rates from history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.dates import DayLike, day_number, day_numbers, days_array
from custfolio._tables.frames import TableLike, library_of, lists_of, require_columns
from custfolio._tables.outcomes import outcomes_of
from custfolio._tables.result import Listing
from custfolio.errors import InputError
from custfolio.growth._opportunities import Opportunities

__all__ = [
    "Calibration",
    "CalibrationByGroup",
    "Coverage",
    "Slippage",
    "SuccessRates",
    "WinRateByAge",
    "calibrate",
    "coverage",
    "slippage",
    "success_rates",
    "win_rate_by_age",
]

Days: TypeAlias = "ArrayLike | Sequence[DayLike | None]"
"""Dates of rows; NaT or None where a row has none."""

Outcomes: TypeAlias = ArrayLike
"""The outcome of each row: won or lost, True or False, 1 or 0, or open."""

Groups: TypeAlias = "ArrayLike | Sequence[ArrayLike] | None"
"""The group of each row, or several such columns."""


def _ends(outcomes: NDArray[np.int8]) -> NDArray[np.uint8]:
    """Return how cases ended, as the core counts it: 0 open, 1 won, 2 lost."""
    return np.where(outcomes < 0, 0, np.where(outcomes == 1, 1, 2)).astype(np.uint8)


def _keys(by: ArrayLike | Sequence[ArrayLike], rows: int) -> list[str]:
    """Return the group of each row: one column of values, or several joined."""
    columns = list(by) if isinstance(by, (list, tuple)) and by and not np.isscalar(by[0]) else [by]
    lists = [list(np.atleast_1d(np.asarray(column, dtype=object))) for column in columns]
    for column in lists:
        if len(column) != rows:
            raise InputError(f"by has {len(column)} values; it must have {rows}, one a row")
    return [
        " / ".join("(none)" if cell is None or cell != cell or cell == "" else str(cell) for cell in row)
        for row in zip(*lists, strict=True)
    ]


class CalibrationByGroup(Listing):
    """Stated and observed success by group, most cases first. Made by :func:`calibrate`.

    ``plot`` draws both, with the interval of the observed share.
    """

    _heading = "Stated and observed success"

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        table = self._entries
        rows = [
            {
                "group": group,
                "stated": float(stated),
                "observed": float(observed),
                "cases": int(n),
                "lower": float(low),
                "upper": float(high),
            }
            for group, stated, observed, n, low, high in zip(
                *(table[name] for name in ("group", "stated", "observed", "cases", "lower", "upper")), strict=True
            )
        ]
        base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("group:N", title=None, sort=None))
        percent = alt.Axis(format="%")
        tips = [
            alt.Tooltip("group:N"),
            alt.Tooltip("stated:Q", format=".0%"),
            alt.Tooltip("observed:Q", format=".0%"),
            "cases:Q",
        ]
        span = base.mark_rule(strokeWidth=4, opacity=0.35, color="#1f77b4").encode(
            x=alt.X("lower:Q", title="Success: stated (hollow), observed (full, with its interval)", axis=percent),
            x2="upper:Q",
        )
        full = base.mark_point(filled=True, size=90, color="#1f77b4").encode(x="observed:Q", tooltip=tips)
        hollow = base.mark_point(filled=False, size=90, color="#d62728", strokeWidth=2).encode(
            x="stated:Q", tooltip=tips
        )
        return alt.layer(span, full, hollow).properties(**options)


@checked
class Calibration(Listing):
    """Scores of success percentages against outcomes. Made by :func:`calibrate`.

    ``plot`` draws the reliability diagram: recalibrated over stated percentages, with its consistency band.

    Attributes
    ----------
    count : int
        Number of outcomes.
    stated, observed : float
        Mean of the stated percentages, and the share that succeeded.
    brier : float
        Brier score, the mean squared difference of stated and observed; ``miscalibration - discrimination + uncertainty``.
    miscalibration, discrimination, uncertainty : float
        Score that recalibration removes, score that different percentages for different cases remove, and score of the overall share.
    log_loss : float
        Mean of -ln(stated probability of the outcome); infinite where an outcome had the probability 0.
    impossible : int
        Outcomes with the stated probability 0.
    groups : CalibrationByGroup or None
        The same by group, with `by`.
    """

    def __init__(
        self, points: Mapping[str, Any], scores: Mapping[str, Any], level: float, groups: CalibrationByGroup | None
    ) -> None:
        super().__init__(points, None)
        self.level = level
        self.count = int(scores["count"])
        self.stated = float(scores["stated"])
        self.observed = float(scores["observed"])
        self.brier = float(scores["brier"])
        self.miscalibration = float(scores["miscalibration"])
        self.discrimination = float(scores["discrimination"])
        self.uncertainty = float(scores["uncertainty"])
        self.log_loss = float(scores["log_loss"])
        self.impossible = int(scores["impossible"])
        self.groups = groups

    def recalibrate(self, stated: ArrayLike) -> NDArray[np.float64]:
        """Return recalibrated percentages.

        Parameters
        ----------
        stated : array_like
            Probabilities in [0, 1].

        Returns
        -------
        ndarray
            The recalibrated probabilities: straight lines between the points of the diagram, level beyond the ends.
        """
        values = np.asarray(stated, dtype=np.float64)
        points = self.columns()
        return _core.recalibrated(points["stated"], points["recalibrated"], values.ravel()).reshape(values.shape)

    def _title(self) -> str:
        return f"Stated {self.stated:.0%}, observed {self.observed:.0%}"

    def _facts(self) -> Mapping[str, Any]:
        facts: dict[str, Any] = {
            "outcomes": self.count,
            "Brier score": self.brier,
            "miscalibration": self.miscalibration,
            "discrimination": self.discrimination,
            "uncertainty": self.uncertainty,
        }
        if self.impossible:
            facts["successes and failures stated as impossible"] = self.impossible
        else:
            facts["log loss"] = self.log_loss
        return facts

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        names = ("stated", "count", "share", "recalibrated", "lower", "upper")
        rows = [
            dict(zip(names, map(float, row), strict=True))
            for row in zip(*(self._entries[name] for name in names), strict=True)
        ]
        axis = alt.Axis(format="%")
        unit = alt.Scale(domain=[0, 1])
        base = alt.Chart(alt.Data(values=rows)).encode(x=alt.X("stated:Q", title="Stated", axis=axis, scale=unit))
        band = base.mark_area(opacity=0.25, color="#888888").encode(
            y=alt.Y("lower:Q", title="Observed", axis=axis, scale=unit), y2="upper:Q"
        )
        line = base.mark_line(interpolate="linear", color="#1f77b4").encode(y="recalibrated:Q")
        dots = base.mark_point(filled=True, color="#1f77b4").encode(
            y="recalibrated:Q",
            size=alt.Size("count:Q", title="Cases"),
            tooltip=[
                alt.Tooltip("stated:Q", format=".0%"),
                alt.Tooltip("share:Q", format=".0%"),
                alt.Tooltip("recalibrated:Q", format=".0%"),
                "count:Q",
            ],
        )
        even = (
            alt.Chart(alt.Data(values=[{"x": 0, "y": 0}, {"x": 1, "y": 1}]))
            .mark_line(strokeDash=[4, 4], color="#444444")
            .encode(x="x:Q", y="y:Q")
        )
        return alt.layer(band, even, line, dots).properties(**{"title": self._title(), **options})


@checked
def calibrate(
    stated: ArrayLike,
    outcomes: Outcomes,
    by: Groups = None,
    *,
    level: float = 0.9,
    resamples: int = 400,
    seed: int = 1,
) -> Calibration:
    """Score success percentages by their outcomes.

    Parameters
    ----------
    stated : array_like, shape (n,)
        Success percentages as fractions in [0, 1].
    outcomes : array_like, shape (n,)
        True or False, 1 or 0, "won" or "lost". Leave out open cases.
    by : array_like of shape (n,), or list of them, optional
        Groups, such as the owner or the stage, for a table by group.
    level : float
        Level of the consistency bands and of the groups' intervals, in (0, 1).
    resamples : int
        Number of resampled histories for the bands.
    seed : int
        The same seed gives the same bits.

    Returns
    -------
    Calibration
        Brier score with its decomposition, log loss, and reliability by isotonic regression (CORP). Right percentages lie in the bands.

    Raises
    ------
    InputError
        If there is no outcome, the lengths differ, or a value is out of range (the text names its position).

    References
    ----------
    T. Dimitriadis, T. Gneiting, A. I. Jordan (2021), Stable reliability diagrams for probabilistic classifiers, PNAS 118(8).
    """
    chances = np.asarray(stated, dtype=np.float64).ravel()
    decided = outcomes_of(list(np.asarray(outcomes, dtype=object).ravel()), "outcomes")
    undecided = np.flatnonzero(decided < 0)
    if undecided.size:
        raise InputError(f"outcomes, row {undecided[0] + 1}: not decided yet; leave such rows out")
    if resamples < 1:
        raise InputError(f"resamples is {resamples}; it must be at least 1")
    happened = decided.astype(np.uint8)
    points, scores = _core.reliability(chances, happened, level, resamples, seed)
    groups = None
    if by is not None:
        groups = CalibrationByGroup(_core.calibration_by_group(chances, happened, _keys(by, chances.size), level), None)
    return Calibration(points, scores, level, groups)


class SuccessRates(Listing):
    """Success rates by group, shrunk towards each other. Made by :func:`success_rates`.

    Groups with few cases are shrunk more.

    Attributes
    ----------
    by : tuple of str
        Columns of the groups.
    mean : float
        Mean of the groups' rates.
    precision : float
        Weight of the mean, in cases; infinite where the groups differ no more than by chance.
    message : str
        How the spread of the groups was estimated.
    undecided : int
        Open rows; they do not count.
    """

    _heading = "Success rates"

    def __init__(
        self,
        columns: Mapping[str, Any],
        library: str | None,
        facts: Mapping[str, Any],
        by: Sequence[str],
    ) -> None:
        super().__init__(columns, library)
        self.by = tuple(by)
        self.mean = float(facts["mean"])
        self.precision = float(facts["precision"])
        self.message = str(facts["message"])
        self.undecided = int(facts["undecided"])

    def __getitem__(self, group: str) -> float:
        """Return the rate of a group; the mean for a group without history."""
        names = self._entries["group"]
        return float(self._entries["rate"][names.index(group)]) if group in names else self.mean

    def _facts(self) -> Mapping[str, Any]:
        return {"mean": self.mean, "undecided": self.undecided, "spread of the groups": self.message}

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        table = self._entries
        rows = [
            {
                "group": g,
                "share": None if s != s else float(s),
                "rate": float(r),
                "lower": float(low),
                "upper": float(high),
                "cases": int(n),
            }
            for g, s, r, low, high, n in zip(
                *(table[name] for name in ("group", "share", "rate", "lower", "upper", "cases")), strict=True
            )
        ]
        base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("group:N", title=None, sort="-x"))
        tips = ["group:N", "cases:Q", alt.Tooltip("share:Q", format=".0%"), alt.Tooltip("rate:Q", format=".0%")]
        span = base.mark_rule(strokeWidth=4, opacity=0.35).encode(
            x=alt.X(
                "lower:Q", title="Success rate, with its interval (cross: the plain share)", axis=alt.Axis(format="%")
            ),
            x2="upper:Q",
        )
        rate = base.mark_point(filled=True, size=90).encode(x="rate:Q", tooltip=tips)
        share = base.mark_point(shape="cross", color="#444444").encode(x="share:Q", tooltip=tips)
        return alt.layer(span, rate, share).properties(**options)


@checked
def success_rates(
    data: Opportunities | TableLike, by: str | Sequence[str], outcome: str | None = None, *, level: float = 0.9
) -> SuccessRates:
    """Learn success rates by owner, stage, product or kind of step.

    Parameters
    ----------
    data : Opportunities, frame, or mapping of columns
        One row per case.
    by : str or sequence of str
        Columns of the groups.
    outcome : str, optional
        Column of the outcome: won or lost, True or False, 1 or 0; open or empty for open cases. "status" for opportunities.
    level : float
        Level of the intervals, in (0, 1).

    Returns
    -------
    SuccessRates
        group, cases, successes, share, rate (shrunk), lower, upper; ``rates["Dustin"]`` is one of them.

    Raises
    ------
    InputError
        If a column is missing, an outcome cannot be read (the text names the row), or no case is decided.

    Notes
    -----
    Rates have a beta distribution over groups, fitted by maximum likelihood of the beta-binomial distribution. The rate of a group is its
    posterior mean. The intervals do not include the uncertainty of the prior. Groups that differ no more than by chance have one rate. If
    each group has only successes or only failures, the prior counts as one case at the overall share.
    """
    library = (
        data.library if isinstance(data, Opportunities) else None if isinstance(data, Mapping) else library_of(data)
    )
    table = (
        {name: list(values) for name, values in data.columns().items()}
        if isinstance(data, Opportunities)
        else lists_of(data, f"a frame of cases was expected; found {type(data).__name__}")
    )
    names = [by] if isinstance(by, str) else list(by)
    ended = outcome or ("status" if isinstance(data, Opportunities) else "outcome")
    require_columns(table, [*names, ended], "the cases; they have")
    ends = _ends(outcomes_of(table[ended], f"column {ended!r}"))
    columns, facts = _core.success_rates_of_cases(_keys([table[name] for name in names], ends.size), ends, level)
    return SuccessRates(columns, library, facts, names)


class WinRateByAge(Listing):
    """Win rate by age of a case: at risk, won, lost, the share won of those at risk, and the chance to have been won by then.

    Made by :func:`win_rate_by_age`; ``plot`` draws the rate with its interval.
    """

    _heading = "Win rate by age"

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        names = ("age", "win_rate", "lower", "upper", "won_by", "at_risk")
        rows = [
            dict(zip(names, map(float, row), strict=True))
            for row in zip(*(self._entries[name] for name in names), strict=True)
        ]
        base = alt.Chart(alt.Data(values=rows)).encode(x=alt.X("age:Q", title="Age, in periods"))
        band = base.mark_area(opacity=0.25).encode(
            y=alt.Y("lower:Q", title="Won, of those still open", axis=alt.Axis(format="%")), y2="upper:Q"
        )
        line = base.mark_line(point=True).encode(
            y="win_rate:Q", tooltip=["age:Q", "at_risk:Q", alt.Tooltip("win_rate:Q", format=".1%")]
        )
        return alt.layer(band, line).properties(**options)


@checked
def win_rate_by_age(
    start: Days, end: Days, outcome: Outcomes, *, seen: DayLike | None = None, period_days: int = 7, level: float = 0.9
) -> WinRateByAge:
    """Return the win rate by age: a deal may lose chance as it waits.

    Parameters
    ----------
    start, end : array_like of dates, shape (n,)
        The days on which a case began and was decided; NaT as the end of an open case.
    outcome : array_like, shape (n,)
        Won or lost (or True, False, 1, 0), or open.
    seen : date, optional
        The day up to which open cases were seen; the last end by default.
    period_days : int
        Length of a period, days.
    level : float
        Level of the intervals, in (0, 1).

    Returns
    -------
    WinRateByAge
        One row per period: age, at_risk, won, lost, win_rate with its interval, open and won_by (the chances to be open, and to have been won,
        by its end; Aalen and Johansen 1978), wins_from_here (the chance that a case open at its beginning is won by the end of the table).

    Raises
    ------
    InputError
        If a case has no start or ends before it (the text names the row), or there is no case.
    """
    begins = days_array(start, "start")
    ends = days_array(end, "end")
    outcomes = outcomes_of(list(np.asarray(outcome, dtype=object)), "outcome")
    if not begins.size == ends.size == outcomes.size:
        raise InputError(
            f"there are {begins.size} starts, {ends.size} ends and {outcomes.size} outcomes; there must be as many"
        )
    last = None if seen is None else day_number(seen, "seen")
    columns = _core.win_rate_by_age(day_numbers(begins), day_numbers(ends), _ends(outcomes), period_days, last, level)
    return WinRateByAge({"age": np.arange(len(columns["won"])), **columns}, None)


class Slippage(Listing):
    """Days that dates came later than planned, by group: quantiles, mean and the share that was late.

    Made by :func:`slippage`; ``plot`` draws P10, P50 and P90.
    """

    _heading = "Slippage of dates"

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        names = ("cases", "p10", "p50", "p90")
        rows = [
            {"group": group, **dict(zip(names, map(float, row), strict=True))}
            for group, *row in zip(self._entries["group"], *(self._entries[name] for name in names), strict=True)
        ]
        base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("group:N", title=None, sort=None))
        span = base.mark_rule(strokeWidth=4, opacity=0.35).encode(
            x=alt.X("p10:Q", title="Days later than planned"), x2="p90:Q"
        )
        middle = base.mark_point(filled=True, size=90).encode(
            x="p50:Q", tooltip=["group:N", "cases:Q", "p10:Q", "p50:Q", "p90:Q"]
        )
        return alt.layer(span, middle).properties(**options)


def slippage(planned: Days, actual: Days, by: Groups = None) -> Slippage:
    """Return by how many days dates came later than planned.

    Parameters
    ----------
    planned, actual : array_like of dates, shape (n,)
        The planned and the actual day; rows without one of them do not count.
    by : array_like of shape (n,), or list of them, optional
        Groups, such as the owner or the stage.

    Returns
    -------
    Slippage
        group, cases, without_date, mean, p10, p50, p90 (days; negative: earlier), late (the share that came after the day planned).

    Raises
    ------
    InputError
        If the lengths differ or no row has both dates.
    """
    plan = days_array(planned, "planned")
    real = days_array(actual, "actual")
    if plan.size != real.size:
        raise InputError(f"there are {plan.size} planned and {real.size} actual days; there must be as many")
    return Slippage(
        _core.slippage(
            day_numbers(plan), day_numbers(real), ["all"] * plan.size if by is None else _keys(by, plan.size)
        ),
        None,
    )


class Coverage(Listing):
    """How often outcomes lay within their bands. Made by :func:`coverage`.

    ``plot`` draws the bands and the outcomes.

    Attributes
    ----------
    count, inside, below, above : int
        Number of bands, and of outcomes within, below and above them; the ends of a band are within.
    share, lower, upper : float
        Share within, with its 90 % interval (Jeffreys).
    """

    def __init__(self, columns: Mapping[str, Any], counts: Mapping[str, Any], nominal: float) -> None:
        super().__init__(columns, None)
        self.nominal = nominal
        self.inside, self.below, self.above = (int(counts[name]) for name in ("inside", "below", "above"))
        self.count = self.inside + self.below + self.above
        self.share, self.lower, self.upper = counts["within"]

    def _title(self) -> str:
        return f"{self.inside} of {self.count} lay within bands meant for {self.nominal:.0%}"

    def _facts(self) -> Mapping[str, Any]:
        return {"within": self.share, "from": self.lower, "to": self.upper, "below": self.below, "above": self.above}

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        rows = [
            {"number": k + 1, "low": float(low), "high": float(high), "actual": float(value), "place": str(place)}
            for k, (value, low, high, place) in enumerate(zip(*self._entries.values(), strict=True))
        ]
        base = alt.Chart(alt.Data(values=rows)).encode(x=alt.X("number:O", title="Band"))
        bands = base.mark_bar(opacity=0.35, width=8).encode(y=alt.Y("low:Q", title="Amount"), y2="high:Q")
        dots = base.mark_point(filled=True, size=70).encode(
            y="actual:Q",
            color=alt.Color("place:N", title="Outcome"),
            tooltip=["actual:Q", "low:Q", "high:Q", "place:N"],
        )
        return alt.layer(bands, dots).properties(**{"title": self._title(), **options})


@checked
def coverage(actual: ArrayLike, low: ArrayLike, high: ArrayLike, *, nominal: float = 0.8) -> Coverage:
    """Count how often outcomes lay within their bands.

    Parameters
    ----------
    actual, low, high : array_like, shape (n,)
        Outcomes, and the ends of their bands (P10 and P90), in one unit.
    nominal : float
        Share that should lie within.

    Returns
    -------
    Coverage
        Counts within, below and above, and the share within with its interval.

    Raises
    ------
    InputError
        If there is no outcome, the lengths differ, a number is not finite, or a band ends below its beginning.
    """
    columns = [np.asarray(values, dtype=np.float64).ravel() for values in (actual, low, high)]
    if len({column.size for column in columns}) != 1 or columns[0].size == 0:
        raise InputError(
            f"there are {', '.join(str(c.size) for c in columns)} values of actual, low and high; there must be as many, and one at least"
        )
    counts = _core.coverage(*columns)
    names = ("actual", "low", "high")
    return Coverage({**dict(zip(names, columns, strict=True)), "place": counts["place"]}, counts, nominal)
