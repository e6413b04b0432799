# Stated and actual success: scores, reliability, learned success rates, slippage and coverage.
"""Learn the percentages: "your people say 70 %, it was 48 %"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.dates import day_number
from custfolio._tables.frames import library_of, lists_of, require_columns
from custfolio._tables.result import Listing
from custfolio.errors import InputError
from custfolio.growth._opportunities import Opportunities

__all__ = [
    "Calibration",
    "Coverage",
    "SaidAndWas",
    "Slippage",
    "SuccessRates",
    "WinRateByAge",
    "calibrate",
    "coverage",
    "slippage",
    "success_rates",
    "win_rate_by_age",
]

_SUCCESS = {"won": 1, "lost": 0, "true": 1, "false": 0, "yes": 1, "no": 0, "1": 1, "0": 0, "accepted": 1, "refused": 0}
_UNDECIDED = {"", "open", "none", "nan", "nat"}


def _outcomes(values: Sequence[Any], what: str) -> NDArray[np.int8]:
    """Return 1 for success, 0 for failure and -1 for undecided."""
    found = np.empty(len(values), dtype=np.int8)
    for k, value in enumerate(values):
        word = "" if value is None or value != value else str(value).strip().casefold().removesuffix(".0")
        if word in _SUCCESS:
            found[k] = _SUCCESS[word]
        elif word in _UNDECIDED:
            found[k] = -1
        else:
            raise InputError(
                f"{what}, row {k + 1}: found {value!r}; it must be won or lost (or True, False, 1, 0), or open"
            )
    return found


def _ends(outcomes: NDArray[np.int8]) -> NDArray[np.uint8]:
    """Return how cases ended, as the core counts it: 0 open, 1 won, 2 lost."""
    return np.where(outcomes < 0, 0, np.where(outcomes == 1, 1, 2)).astype(np.uint8)


def _days(dates: NDArray[np.datetime64]) -> NDArray[np.int32]:
    """Return days since 1970-01-01 of dates."""
    return np.where(np.isnat(dates), _core.no_day, dates.astype(np.int64)).astype(np.int32)


def _keys(by: Any, rows: int) -> list[str]:
    """Return the group of each row: one column of values, or several joined."""
    columns = list(by) if isinstance(by, (list, tuple)) and by and not np.isscalar(by[0]) else [by]
    lists = [list(np.asarray(column, dtype=object)) for column in columns]
    for column in lists:
        if len(column) != rows:
            raise InputError(f"by has {len(column)} values; it must have {rows}, one a row")
    return [
        " / ".join("(none)" if cell is None or cell != cell or cell == "" else str(cell) for cell in row)
        for row in zip(*lists, strict=True)
    ]


class SaidAndWas(Listing):
    """What was said and what it was, by group, most cases first."""

    _heading = "What was said, and what it was"

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        table = self._entries
        rows = [
            {
                "group": group,
                "said": float(said),
                "was": float(was),
                "cases": int(n),
                "lower": float(low),
                "upper": float(high),
            }
            for group, said, was, n, low, high in zip(
                *(table[name] for name in ("group", "said", "was", "cases", "lower", "upper")), strict=True
            )
        ]
        base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("group:N", title=None, sort=None))
        percent = alt.Axis(format="%")
        tips = [
            alt.Tooltip("group:N"),
            alt.Tooltip("said:Q", format=".0%"),
            alt.Tooltip("was:Q", format=".0%"),
            "cases:Q",
        ]
        span = base.mark_rule(strokeWidth=4, opacity=0.35, color="#1f77b4").encode(
            x=alt.X(
                "lower:Q", title="Success: what was said (hollow), what it was (full, with its interval)", axis=percent
            ),
            x2="upper:Q",
        )
        was = base.mark_point(filled=True, size=90, color="#1f77b4").encode(x="was:Q", tooltip=tips)
        said = base.mark_point(filled=False, size=90, color="#d62728", strokeWidth=2).encode(x="said:Q", tooltip=tips)
        return alt.layer(span, was, said).properties(**options)


class Calibration(Listing):
    """How good success percentages were. Made by :func:`calibrate`.

    ``plot`` draws the reliability diagram: what should have been said over what was said, with its consistency band.

    Attributes
    ----------
    count : int
        Number of outcomes.
    said, happened : float
        Mean of the stated chances, and the actual share.
    brier : float
        Mean squared difference of what was said and what happened; ``miscalibration - discrimination + uncertainty``.
    miscalibration, discrimination, uncertainty : float
        What recalibration would take off, what telling cases apart takes off, and the score of always saying the overall share.
    log_loss : float
        Mean of -ln(probability of what happened); infinite where something happened that was said to be impossible.
    impossible : int
        Outcomes with a stated chance of 0.
    groups : SaidAndWas or None
        The same by group, where groups were given.
    """

    def __init__(
        self, points: Mapping[str, Any], scores: Mapping[str, Any], level: float, groups: SaidAndWas | None
    ) -> None:
        super().__init__(points, None)
        self.level = level
        self.count = int(scores["count"])
        self.said = float(scores["said"])
        self.happened = float(scores["happened"])
        self.brier = float(scores["brier"])
        self.miscalibration = float(scores["miscalibration"])
        self.discrimination = float(scores["discrimination"])
        self.uncertainty = float(scores["uncertainty"])
        self.log_loss = float(scores["log_loss"])
        self.impossible = int(scores["impossible"])
        self.groups = groups

    def recalibrate(self, said: ArrayLike) -> NDArray[np.float64]:
        """Return the recalibrated chance of stated chances.

        Parameters
        ----------
        said : array_like
            Probabilities in [0, 1].

        Returns
        -------
        ndarray
            The recalibrated probabilities: the steps found, joined by straight lines, level beyond the ends.
        """
        values = np.asarray(said, dtype=np.float64)
        points = self.columns()
        return _core.recalibrated(points["said"], points["recalibrated"], values.ravel()).reshape(values.shape)

    def _title(self) -> str:
        return f"They said {self.said:.0%}, it was {self.happened:.0%}"

    def _facts(self) -> Mapping[str, Any]:
        facts: dict[str, Any] = {
            "outcomes": self.count,
            "Brier score": self.brier,
            "miscalibration": self.miscalibration,
            "discrimination": self.discrimination,
            "uncertainty": self.uncertainty,
        }
        if self.impossible:
            facts["happened though said to be impossible"] = self.impossible
        else:
            facts["log loss"] = self.log_loss
        return facts

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        names = ("said", "count", "share", "recalibrated", "lower", "upper")
        rows = [
            dict(zip(names, map(float, row), strict=True))
            for row in zip(*(self._entries[name] for name in names), strict=True)
        ]
        axis = alt.Axis(format="%")
        unit = alt.Scale(domain=[0, 1])
        base = alt.Chart(alt.Data(values=rows)).encode(x=alt.X("said:Q", title="What was said", axis=axis, scale=unit))
        band = base.mark_area(opacity=0.25, color="#888888").encode(
            y=alt.Y("lower:Q", title="What it was", axis=axis, scale=unit), y2="upper:Q"
        )
        line = base.mark_line(interpolate="linear", color="#1f77b4").encode(y="recalibrated:Q")
        dots = base.mark_point(filled=True, color="#1f77b4").encode(
            y="recalibrated:Q",
            size=alt.Size("count:Q", title="Cases"),
            tooltip=[
                alt.Tooltip("said:Q", format=".0%"),
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


def calibrate(
    said: ArrayLike, happened: ArrayLike, by: Any = None, *, level: float = 0.9, resamples: int = 400, seed: int = 1
) -> Calibration:
    """Score success percentages by what happened.

    Parameters
    ----------
    said : array_like, shape (n,)
        Success percentages as fractions in [0, 1].
    happened : array_like, shape (n,)
        The outcome: True or False, 1 or 0, "won" or "lost". Undecided rows are an error.
    by : array_like of shape (n,), or list of them, optional
        Groups, such as the owner or the stage, for a table of stated and actual shares.
    level : float
        Level of the consistency bands and of the groups' intervals, in (0, 1).
    resamples : int
        Number of resampled histories for the bands.
    seed : int
        The same seed gives the same bits.

    Returns
    -------
    Calibration
        Brier score with its decomposition, log loss, and reliability by isotonic regression (CORP), with its bands if the stated chances
        are right.

    Raises
    ------
    InputError
        If there is no outcome, the lengths differ, or a value is out of range (the text names its position).

    References
    ----------
    T. Dimitriadis, T. Gneiting, A. I. Jordan (2021), Stable reliability diagrams for probabilistic classifiers, PNAS 118(8).
    """
    chances = np.asarray(said, dtype=np.float64).ravel()
    outcomes = _outcomes(list(np.asarray(happened, dtype=object).ravel()), "happened")
    undecided = np.flatnonzero(outcomes < 0)
    if undecided.size:
        raise InputError(f"happened, row {undecided[0] + 1}: not decided yet; leave such rows out")
    if resamples < 1:
        raise InputError(f"resamples is {resamples}; it must be at least 1")
    happening = outcomes.astype(np.uint8)
    points, scores = _core.reliability(chances, happening, level, resamples, seed)
    groups = None
    if by is not None:
        groups = SaidAndWas(_core.calibration_by_group(chances, happening, _keys(by, chances.size), level), None)
    return Calibration(points, scores, level, groups)


class SuccessRates(Listing):
    """Success rates by group, shrunk towards the average; groups with few cases are shrunk more. Made by :func:`success_rates`.

    Attributes
    ----------
    by : tuple of str
        Columns whose values make the groups.
    mean : float
        Mean of the groups' rates.
    precision : float
        Weight of the other groups' experience in cases; infinite where the groups differ no more than by chance.
    message : str
        How the spread of the groups was found, in words.
    undecided : int
        Undecided rows; they do not count.
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
        """Return the rate of a group; of one that has no history, the mean."""
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


def success_rates(
    data: Any, by: str | Sequence[str], outcome: str | None = None, *, level: float = 0.9
) -> SuccessRates:
    """Learn success rates by owner, stage, product or kind of step.

    Parameters
    ----------
    data : Opportunities, frame, or mapping of columns
        One row a case.
    by : str or sequence of str
        Columns whose values make the groups.
    outcome : str, optional
        Column of the outcome: won or lost, True or False, 1 or 0; open or empty if undecided. "status" for opportunities.
    level : float
        Level of the intervals, in (0, 1).

    Returns
    -------
    SuccessRates
        group, cases, successes, share, rate (shrunk), lower, upper; ``rates["Dustin"]`` is one of them.

    Raises
    ------
    InputError
        If a column is missing, an outcome cannot be read (the text names the row), or nothing is decided.

    Notes
    -----
    Rates are beta distributed over groups, with the parameters of greatest likelihood of the beta-binomial distribution; a group's rate is the mean
    of its posterior. The prior's own uncertainty is not in the intervals. Where the groups differ no more than by chance, all get one rate.
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
    ends = _ends(_outcomes(table[ended], f"column {ended!r}"))
    columns, facts = _core.success_rates_of_cases(_keys([table[name] for name in names], ends.size), ends, level)
    return SuccessRates(columns, library, facts, names)


class WinRateByAge(Listing):
    """Win rate by age of a case: at risk, won, lost, the share won of those at risk, and the chance to have been won by then."""

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


def win_rate_by_age(
    start: Any, end: Any, outcome: ArrayLike, *, seen: Any = None, period_days: int = 7, level: float = 0.9
) -> WinRateByAge:
    """Compute the win rate by age: a deal may lose chance as it waits.

    Parameters
    ----------
    start, end : array_like of dates, shape (n,)
        The days on which a case began and was decided; NaT as the end of one that is open.
    outcome : array_like, shape (n,)
        The outcome: won or lost (or True, False, 1, 0), or open.
    seen : date, optional
        The last day of the observation of open cases; default the last end.
    period_days : int
        Length of a period, days.
    level : float
        Level of the intervals, in (0, 1).

    Returns
    -------
    WinRateByAge
        One row a period: age, at_risk, won, lost, win_rate with its interval, open and won_by (the chances to be open, and to have been won,
        by its end; Aalen and Johansen 1978), wins_from_here (the chance that a case that is open at its beginning is won by the end of the table).

    Raises
    ------
    InputError
        If a case ends before it begins or has no beginning (the text names the row), or nothing is there.
    """
    begins = np.asarray(start).astype("datetime64[D]")
    ends = np.asarray(end).astype("datetime64[D]")
    outcomes = _outcomes(list(np.asarray(outcome, dtype=object)), "outcome")
    if not begins.size == ends.size == outcomes.size:
        raise InputError(
            f"there are {begins.size} starts, {ends.size} ends and {outcomes.size} outcomes; there must be equally many"
        )
    last = None if seen is None else day_number(seen, "seen")
    columns = _core.win_rate_by_age(_days(begins), _days(ends), _ends(outcomes), period_days, last, level)
    return WinRateByAge({"age": np.arange(len(columns["won"])), **columns}, None)


class Slippage(Listing):
    """By how many days things came later than planned, by group: quantiles, mean and the share that was late."""

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


def slippage(planned: Any, actual: Any, by: Any = None) -> Slippage:
    """How much later than planned things came.

    Parameters
    ----------
    planned, actual : array_like of dates, shape (n,)
        The planned and the actual day; rows without one of them are not counted.
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
    plan = np.asarray(planned).astype("datetime64[D]")
    real = np.asarray(actual).astype("datetime64[D]")
    if plan.size != real.size:
        raise InputError(
            f"there are {plan.size} days planned and {real.size} days that it was; there must be equally many"
        )
    return Slippage(
        _core.slippage(_days(plan), _days(real), ["all"] * plan.size if by is None else _keys(by, plan.size)), None
    )


class Coverage(Listing):
    """How often outcomes were within earlier bands. Made by :func:`coverage`.

    ``plot`` draws the bands and the outcomes.

    Attributes
    ----------
    count, inside, below, above : int
        Number of bands, and of outcomes within, below and above them; an outcome on a band's end is within.
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
        return f"{self.inside} of {self.count} outcomes within bands for {self.nominal:.0%}"

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
            color=alt.Color("place:N", title="What happened"),
            tooltip=["actual:Q", "low:Q", "high:Q", "place:N"],
        )
        return alt.layer(bands, dots).properties(**{"title": self._title(), **options})


def coverage(actual: ArrayLike, low: ArrayLike, high: ArrayLike, *, nominal: float = 0.8) -> Coverage:
    """Compare outcomes with earlier bands.

    Parameters
    ----------
    actual, low, high : array_like, shape (n,)
        The outcomes, and the ends of the bands (P10 and P90), in one unit.
    nominal : float
        Share that should lie within.

    Returns
    -------
    Coverage
        Counts within, below and above, and the share within with its interval.

    Raises
    ------
    InputError
        If there is nothing, the lengths differ, a number is not finite, or a band ends below its beginning.
    """
    columns = [np.asarray(values, dtype=np.float64).ravel() for values in (actual, low, high)]
    if len({column.size for column in columns}) != 1 or columns[0].size == 0:
        raise InputError(
            f"there are {', '.join(str(c.size) for c in columns)} values of actual, low and high; there must be equally many, and one at least"
        )
    counts = _core.coverage(*columns)
    names = ("actual", "low", "high")
    return Coverage({**dict(zip(names, columns, strict=True)), "place": counts["place"]}, counts, nominal)
