# Charts for notebooks: one function per picture, from plain columns.
"""Altair charts of the bucket.

Each function takes columns (array_like) and gives an ``altair`` chart. The data is part of the chart: it
can be shown, saved and mailed without its source. Text from data is shown as text.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from custfolio import _core
from custfolio._tables.dates import MonthLike
from custfolio.errors import InputError
from custfolio.report.bucket_picture import water_colour
from custfolio.report.data import ENDS, NOTHING, SOURCES, BucketFigures, Table

if TYPE_CHECKING:
    import altair as alt

__all__ = [
    "COLOURS", "bars", "bridge", "bridge_by_group", "bucket", "budget", "certainty", "fan", "growth", "matrix", "table",
    "trajectory", "verdicts", "waterfall", "whale",
]  # fmt: skip

COLOURS = {
    "level": "#8fb8d3",
    "heat": "#c9613a",
    "cold": "#3f7fa8",
    "floor": "#3a454b",
    "baseline": "#b9c4c9",
    "new business": "#97a6ad",
    "remediation": "#d9a441",
    "growth": "#c9613a",
    "acquisition": "#5c8f6b",
    "overflow": "#7fb2d6",
}
"""Colours, the same on the page and in the charts."""
_WARM_TO_COLD = (COLOURS["heat"], COLOURS["remediation"], COLOURS["cold"])
_POINTS = 400


def _column(values: ArrayLike, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    column = np.asarray(values, dtype=np.float64)
    if column.ndim != 1 or column.size == 0:
        raise InputError(f"{name} must be a column with at least one value; found shape {column.shape}")
    if not np.isfinite(column).all():
        row = int(np.flatnonzero(~np.isfinite(column))[0])
        raise InputError(f"{name} row {row + 1}: {column[row]} is not a finite number")
    return column


def _month_axis(count: int = 1) -> alt.Axis:
    """An axis of months: their names and the year below the first and January; of many months those that begin quarters or years."""
    import altair as alt

    step = 1 if count <= 14 else 3 if count <= 42 else 12
    year = "month(datum.value) == 0 || datum.index == 0 ? timeFormat(datum.value, '%Y') : ''"
    label = f"month(datum.value) % {step} == 0 ? [timeFormat(datum.value, '%b'), {year}] : ''"
    return alt.Axis(labelExpr=label, labelAngle=0, labelOverlap=step == 1)


def _rows(**columns: Any) -> alt.Data:
    import altair as alt

    values = Table.of("chart", columns).values
    rows = zip(*([_plain(cell) for cell in cells] for cells in values.values()), strict=True)
    return alt.Data(values=[dict(zip(values, row, strict=True)) for row in rows])


def _plain(cell: Any) -> Any:
    """Days as times without a zone: for a browser a bare day is in UTC, and in America it would show the month before."""
    if isinstance(cell, datetime.datetime):
        return cell.isoformat()
    return f"{cell.isoformat()}T00:00:00" if isinstance(cell, datetime.date) else cell


def whale(
    cumulative: ArrayLike,
    *,
    who: Mapping[str, Any] | None = None,
    title: str = "Whale curve",
    width: int = 560,
    height: int = 300,
) -> alt.LayerChart | alt.FacetChart:
    """Cumulative contribution over the customers, from the warmest in amount to the coldest.

    Parameters
    ----------
    cumulative
        Amounts, shape (n,): the sum over the first 1 to n customers in falling order of contribution.
    who
        Further columns of the same customers, such as customer_id and name, shape (n,) each: a tooltip shows them.
    title
        Title of the chart.
    width, height
        In pixels.

    Returns
    -------
    altair.LayerChart
        The curve, its peak and the final sum. At most 400 points are kept, the peak and the last among them.

    Raises
    ------
    InputError
        If there is no customer or an amount is not finite.
    """
    import altair as alt

    curve = np.concatenate(([0.0], _column(cumulative, "cumulative")))
    peak = int(np.argmax(curve))
    places = np.unique(np.concatenate((np.linspace(0, curve.size - 1, _POINTS).round().astype(np.intp), [peak])))
    named = {name: [None if k == 0 else values[k - 1] for k in places.tolist()] for name, values in (who or {}).items()}
    data = _rows(customers=places, sum=curve[places], **named)
    tips = [
        alt.Tooltip(f"{name}:N") if isinstance(values[-1], str) else alt.Tooltip(f"{name}:Q", format=",.2f")
        for name, values in named.items()
    ]
    x = alt.X("customers:Q", title="Customers, by falling contribution", scale=alt.Scale(nice=False))
    y = alt.Y("sum:Q", title="Cumulative contribution", axis=alt.Axis(format="~s"))
    line = (
        alt.Chart(data)
        .mark_area(line={"color": COLOURS["heat"]}, color=COLOURS["heat"], opacity=0.25)
        .encode(x=x, y=y, tooltip=[*tips, "customers:Q", alt.Tooltip("sum:Q", format=",.0f")])
    )
    end = (
        alt.Chart(_rows(sum=[float(curve[-1])])).mark_rule(strokeDash=[4, 4], color=COLOURS["floor"]).encode(y="sum:Q")
    )
    top = (
        alt.Chart(_rows(customers=[peak], sum=[float(curve[peak])]))
        .mark_point(size=70, filled=True, color=COLOURS["heat"])
        .encode(x="customers:Q", y="sum:Q", tooltip=["customers:Q", alt.Tooltip("sum:Q", format=",.0f")])
    )
    return alt.layer(line, end, top).properties(title=title, width=width, height=height)


def trajectory(
    month: Sequence[MonthLike],
    level: ArrayLike,
    heat: ArrayLike,
    floor: ArrayLike | None = None,
    temperature: ArrayLike | None = None,
    *,
    target: float | None = None,
    band: tuple[ArrayLike, ArrayLike] | None = None,
    without: tuple[ArrayLike, ArrayLike] | None = None,
    title: str = "Month by month",
    width: int = 560,
) -> alt.VConcatChart:
    """Level above its floor, and the temperature, month by month.

    Parameters
    ----------
    month
        Months, shape (m,): ``"2022-01"``, dates or ``datetime64``.
    level, heat
        Amounts, shape (m,).
    floor
        The floor of the level, shape (m,); None for none.
    temperature
        Fractions, shape (m,); heat / level by default, none at or below a level of 0.
    target
        Target temperature, a fraction.
    band
        P10 and P90 of the level, shape (m,) each; None for none.
    without
        Level and heat without any action, shape (m,) each; None for none.
    title
        Title of the chart.
    width
        In pixels.

    Returns
    -------
    altair.VConcatChart
        Two panels over the same months.

    Raises
    ------
    InputError
        If a column has another length, is empty or is not finite.
    """
    import altair as alt

    amounts = {"level": _column(level, "level"), "heat": _column(heat, "heat")}
    if floor is not None:
        amounts["floor"] = _column(floor, "floor")
    for names, given in ((("p10", "p90"), band), (("level_without", "heat_without"), without)):
        amounts |= {name: _column(values, name) for name, values in zip(names, given or (), strict=False)}
    shares = {} if temperature is None else {"temperature": temperature}
    shares.setdefault("temperature", _core.temperature_of(amounts["level"], amounts["heat"]))
    if without is not None:
        shares["temperature_without"] = _core.temperature_of(amounts["level_without"], amounts["heat_without"])
    data = _rows(month=month, **amounts, **shares)
    x = alt.X("yearmonth(month):O", title=None, axis=_month_axis(len({str(m) for m in month})))
    tips = [alt.Tooltip("yearmonth(month):T", title="month")]
    base = alt.Chart(data).encode(x=x)
    upper: list[Any] = [
        base.mark_bar(color=COLOURS["level"]).encode(
            y=alt.Y("level:Q", title="Level", axis=alt.Axis(format="~s")),
            tooltip=[*tips, alt.Tooltip("level:Q", format=",.0f")],
        )
    ]
    if floor is not None:
        upper.append(
            base.mark_tick(color=COLOURS["floor"], thickness=2).encode(
                y="floor:Q", tooltip=[*tips, alt.Tooltip("floor:Q", format=",.0f")]
            )
        )
    if band is not None:
        ends = [alt.Tooltip(f"{name}:Q", format=",.0f") for name in ("p10", "p90")]
        upper.append(base.mark_rule(color=COLOURS["cold"]).encode(y="p10:Q", y2="p90:Q", tooltip=[*tips, *ends]))
    lower: list[Any] = [
        base.mark_line(color=COLOURS["heat"], point={"color": COLOURS["heat"], "filled": True}).encode(
            y=alt.Y("temperature:Q", title="Temperature", axis=alt.Axis(format="~%"), scale=alt.Scale(zero=True)),
            tooltip=[*tips, alt.Tooltip("temperature:Q", format=".2%")],
        )
    ]
    if without is not None:
        dotted = base.mark_line(color=COLOURS["floor"], strokeDash=[1, 4], strokeCap="round", strokeWidth=2.2)
        for panel, name, shown in ((upper, "level_without", ",.0f"), (lower, "temperature_without", ".2%")):
            tip = alt.Tooltip(f"{name}:Q", format=shown, title="without action")
            panel.append(dotted.encode(y=f"{name}:Q", tooltip=[*tips, tip]))
    if target is not None:
        rule = alt.Chart(_rows(target=[float(target)])).mark_rule(strokeDash=[4, 4], color=COLOURS["floor"])
        lower.append(rule.encode(y=alt.Y("target:Q")))
    said = ("P10 to P90: lines" if band is not None else "", "without action: dotted" if without is not None else "")
    heading = alt.TitleParams(text=title, subtitle="; ".join(filter(None, said))) if any(said) else title
    return alt.vconcat(
        alt.layer(*upper).properties(width=width, height=200, title=heading),
        alt.layer(*lower).properties(width=width, height=130),
    )


def fan(
    month: Sequence[MonthLike],
    level: Sequence[ArrayLike],
    temperature: Sequence[ArrayLike],
    *,
    floor: ArrayLike | None = None,
    title: str = "Simulated paths",
    width: int = 560,
) -> alt.VConcatChart:
    """Quantiles of the level and of the temperature over simulated paths, month by month.

    Parameters
    ----------
    month
        Months, shape (m,): ``"2022-01"``, dates or ``datetime64``.
    level, temperature
        P10, P25, P50, P75 and P90, shape (m,) each: amounts, and fractions. A temperature may be NaN.
    floor
        The floor of the level of each month, shape (m,); None for none.
    title
        Title of the chart.
    width
        In pixels.

    Returns
    -------
    altair.VConcatChart
        Two panels over the same months. The dark area is from P25 to P75, the light one from P10 to P90, the line is the median.

    Raises
    ------
    InputError
        If a column has another length, or is empty; or if there are not five columns of quantiles.
    """
    import altair as alt

    shown: dict[str, Any] = {}
    for name, quantiles in (("level", level), ("temperature", temperature)):
        if len(quantiles) != len(ENDS):
            raise InputError(f"{name} has {len(quantiles)} columns; it must have five: P10, P25, P50, P75 and P90")
        shown |= {f"{name}_{end}": values for end, values in zip(ENDS, quantiles, strict=True)}
    if floor is not None:
        shown["floor"] = _column(floor, "floor")
    base = alt.Chart(_rows(month=month, **shown)).encode(
        x=alt.X("yearmonth(month):O", title=None, axis=_month_axis(len({str(m) for m in month})))
    )
    panels: list[Any] = []
    for name, colour, number, text, height in (
        ("level", COLOURS["cold"], "~s", ",.0f", 200),
        ("temperature", COLOURS["heat"], "~%", ".2%", 130),
    ):
        y = alt.Y(f"{name}_p50:Q", title=name.capitalize(), axis=alt.Axis(format=number), scale=alt.Scale(zero=False))
        tips = [alt.Tooltip("yearmonth(month):T", title="month")]
        tips += [alt.Tooltip(f"{name}_{end}:Q", title=end.upper(), format=text) for end in ENDS]
        areas = [
            base.mark_area(color=colour, opacity=opacity).encode(
                y=alt.Y(f"{name}_{low}:Q", scale=alt.Scale(zero=False)), y2=f"{name}_{high}:Q", tooltip=tips
            )
            for low, high, opacity in (("p10", "p90", 0.25), ("p25", "p75", 0.4))
        ]
        layers: list[Any] = [
            *areas,
            base.mark_line(color=colour, point={"color": colour, "filled": True}).encode(y=y, tooltip=tips),
        ]
        if name == "level" and floor is not None:
            layers.append(base.mark_tick(color=COLOURS["floor"], thickness=2).encode(y="floor:Q"))
        panels.append(alt.layer(*layers).properties(width=width, height=height))
    heading = alt.TitleParams(text=title, subtitle="median: line; P25 to P75: dark; P10 to P90: light")
    return alt.vconcat(panels[0].properties(title=heading), panels[1])


def bridge(
    parts: Mapping[str, float], *, start: float = 0.0, title: str = "What changed the temperature", width: int = 460
) -> alt.LayerChart | alt.FacetChart:
    """The way from one temperature to another: poured in, gone, mix, own warming.

    Parameters
    ----------
    parts
        Name -> change (a fraction of level, 0.01 is one point), in the order in which they are shown. Their sum and the
        start give the end.
    start
        Temperature before.
    title
        Title of the chart.
    width
        In pixels.

    Returns
    -------
    altair.LayerChart
        A waterfall: the temperature before, each part, the temperature after.

    Raises
    ------
    InputError
        If there is no part, or one is not finite.
    """
    import altair as alt

    changes = _column(list(parts.values()), "bridge")
    ends = float(start) + np.cumsum(changes)
    begins = np.concatenate(([float(start)], ends[:-1]))
    labels = ["before", *(str(name).replace("_", " ") for name in parts), "after"]
    rows = _rows(
        step=labels,
        place=np.arange(len(labels)),
        begin=np.concatenate(([0.0], begins, [0.0])),
        end=np.concatenate(([float(start)], ends, [ends[-1]])),
        change=np.concatenate(([float(start)], changes, [ends[-1]])),
        top=np.concatenate(([float(start)], np.maximum(begins, ends), [ends[-1]])),
        label=[f"{100 * start:.2f}%", *(f"{100 * change:+.2f}%" for change in changes), f"{100 * ends[-1]:.2f}%"],
        way=["temperature", *("warmer" if change >= 0 else "colder" for change in changes), "temperature"],
    )
    order = alt.EncodingSortField(field="place", order="ascending")
    x = alt.X("step:N", sort=order, title=None, axis=alt.Axis(labelAngle=0))
    base = alt.Chart(rows)
    bars = base.mark_bar().encode(
        x=x,
        y=alt.Y("begin:Q", title="Temperature", axis=alt.Axis(format="~%")),
        y2="end:Q",
        color=alt.Color(
            "way:N",
            legend=None,
            scale=alt.Scale(
                domain=["temperature", "warmer", "colder"],
                range=[COLOURS["baseline"], COLOURS["heat"], COLOURS["cold"]],
            ),
        ),
        tooltip=["step:N", alt.Tooltip("change:Q", format="+.2%")],
    )
    labels = base.mark_text(dy=-7, fontSize=11).encode(x=x, y=alt.Y("top:Q"), text="label:N")
    return alt.layer(bars, labels).properties(title=title, width=width, height=280)


def bridge_by_group(
    group: Sequence[str],
    parts: Mapping[str, ArrayLike],
    *,
    names_title: str | None = None,
    title: str = "What changed the contribution",
    width: int = 460,
) -> alt.LayerChart | alt.FacetChart:
    """What changed the contribution of groups: bars to the right raise it, bars to the left lower it; a dot is the sum.

    Parameters
    ----------
    group
        Names of the groups, shape (n,).
    parts
        Name -> change per group, shape (n,) each. Parts that are 0 everywhere are left out.
    names_title
        What the groups are; None for nothing.
    title
        Title of the chart.
    width
        In pixels.

    Returns
    -------
    altair.LayerChart
        One stacked bar a group, the largest change first. At most 25 groups are shown, those with the largest changes.
    """
    import altair as alt

    most_groups = 25
    amounts = {name: _column(values, name) for name, values in parts.items()}
    amounts = {name: values for name, values in amounts.items() if values.any()}
    total = np.sum(list(amounts.values()), axis=0) if amounts else np.zeros(len(group))
    order = np.argsort(-np.abs(total), kind="stable")[:most_groups]
    order = order[np.argsort(-total[order], kind="stable")].tolist()
    names = [str(group[k]) for k in order]
    rows = [
        {"group": name, "part": part.replace("_", " "), "amount": float(values[k]), "place": place}
        for k, name in zip(order, names, strict=True)
        for place, (part, values) in enumerate(amounts.items())
    ]
    sums = _rows(group=names, total=total[order])
    y = alt.Y("group:N", sort=names, title=names_title)
    scale = alt.Scale(domain=[part.replace("_", " ") for part in amounts], scheme="tableau20")
    bars = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar()
        .encode(
            y=y,
            x=alt.X("amount:Q", title="Change of contribution", axis=alt.Axis(format="~s"), stack="zero"),
            color=alt.Color("part:N", title=None, scale=scale),
            order=alt.Order("place:Q"),
            tooltip=["group:N", "part:N", alt.Tooltip("amount:Q", format="+,.0f")],
        )
    )
    dots = (
        alt.Chart(sums)
        .mark_point(filled=True, color=COLOURS["floor"], size=50)
        .encode(y=y, x="total:Q", tooltip=["group:N", alt.Tooltip("total:Q", title="sum", format="+,.0f")])
    )
    return alt.layer(bars, dots).properties(title=title, width=width)


def bucket(
    before: Any, after: Any = None, *, title: str = "The bucket", width: int = 260
) -> alt.LayerChart | alt.FacetChart:
    """The bucket as columns: height is the level, colour the temperature.

    Parameters
    ----------
    before, after
        :class:`custfolio.report.data.BucketFigures`, a mapping or an object with level, heat and customers; ``after`` may be
        left out.
    title
        Title of the chart.
    width
        In pixels.

    Returns
    -------
    altair.LayerChart
        One column a bucket with its temperature above it.
    """
    import altair as alt

    buckets = [(name, BucketFigures.of(one)) for name, one in (("before", before), ("after", after)) if one is not None]
    rows = _rows(
        when=[name for name, _ in buckets] if after is not None else ["bucket"],
        level=[figures.level for _, figures in buckets],
        temperature=[figures.temperature for _, figures in buckets],
        colour=[water_colour(figures.temperature) for _, figures in buckets],
        shown=[f"{figures.temperature:.1%}" if figures.level > 0 else NOTHING for _, figures in buckets],
    )
    x = alt.X("when:N", sort=None, title=None, axis=alt.Axis(labelAngle=0))
    base = alt.Chart(rows)
    bars = base.mark_bar(stroke=COLOURS["floor"], strokeWidth=1.5).encode(
        x=x,
        y=alt.Y("level:Q", title="Level", axis=alt.Axis(format="~s")),
        color=alt.Color("colour:N", scale=None),
        tooltip=[alt.Tooltip("level:Q", format=",.2f"), alt.Tooltip("shown:N", title="temperature")],
    )
    labels = base.mark_text(dy=-8, fontSize=13).encode(x=x, y="level:Q", text="shown:N")
    return alt.layer(bars, labels).properties(title=title, width=width, height=260)


def waterfall(
    step: Sequence[str], amount: ArrayLike, total: Sequence[bool], *, width: int = 640, height: int = 320
) -> alt.Chart:
    """Steps from one total to the next, as floating columns; changes of 0 are left out.

    Parameters
    ----------
    step
        Names of the steps, shape (n,).
    amount
        A total, or a change that is negative where it lowers the total, shape (n,).
    total
        Whether each step is a total, shape (n,).
    width, height
        Pixels.

    Returns
    -------
    altair.Chart
        A column per step: totals from 0, changes from the total before them.
    """
    import altair as alt

    rows: list[dict[str, Any]] = []
    running = 0.0
    for name, value, whole in zip(step, np.asarray(amount, dtype=np.float64).tolist(), total, strict=True):
        start = 0.0 if whole else running
        running = value if whole else running + value
        if not whole and value == 0:
            continue
        kind = "total" if whole else "lower" if value < 0 else "higher"
        rows.append({"step": name, "from": start, "to": running, "amount": value, "kind": kind})
    colours = alt.Scale(
        domain=["total", "lower", "higher"], range=[COLOURS["floor"], COLOURS["heat"], COLOURS["acquisition"]]
    )
    chart: alt.Chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar()
        .encode(
            x=alt.X("step:N", sort=None, title=None, axis=alt.Axis(labelAngle=-40)),
            y=alt.Y("from:Q", title="Currency", axis=alt.Axis(format="~s")),
            y2="to:Q",
            color=alt.Color("kind:N", scale=colours, title=None),
            tooltip=["step:N", alt.Tooltip("amount:Q", format=",.2f")],
        )
        .properties(width=width, height=height)
    )
    return chart


def bars(
    name: Sequence[str], amount: ArrayLike, *, title: str, names_title: str | None = None, **properties: Any
) -> alt.Chart:
    """An amount per name, as horizontal bars in the given order.

    Parameters
    ----------
    name
        Names, shape (n,).
    amount
        Amounts, shape (n,).
    title
        What the amounts are: the title of their axis.
    names_title
        What the names are; None for nothing.
    **properties
        As for ``altair.Chart.properties``.

    Returns
    -------
    altair.Chart
        One bar a name.
    """
    import altair as alt

    chart: alt.Chart = (
        alt.Chart(_rows(name=name, amount=amount))
        .mark_bar()
        .encode(
            x=alt.X("amount:Q", title=title),
            y=alt.Y("name:N", sort=None, title=names_title),
            tooltip=["name:N", "amount:Q"],
        )
        .properties(**properties)
    )
    return chart


def places(
    latitude: ArrayLike,
    longitude: ArrayLike,
    kind: Sequence[str],
    name: Sequence[str],
    size: ArrayLike,
    **properties: Any,
) -> alt.Chart:
    """A map of places without a background: it needs no network.

    Parameters
    ----------
    latitude, longitude
        Degrees north and east, shape (n,); places without both are left out.
    kind
        What each place is, such as "prospect"; its colour.
    name
        Its name, shown on hover.
    size
        Its amount, the area of its point.
    **properties
        As for ``altair.Chart.properties``.

    Returns
    -------
    altair.Chart
        One point a place, in an equirectangular projection.
    """
    import altair as alt

    north, east, amount = (np.asarray(column, dtype=np.float64) for column in (latitude, longitude, size))
    located = np.flatnonzero(np.isfinite(north) & np.isfinite(east)).tolist()
    data = _rows(
        latitude=north[located],
        longitude=east[located],
        kind=[kind[k] for k in located],
        name=[name[k] for k in located],
        size=amount[located],
    )
    chart: alt.Chart = (
        alt.Chart(data)
        .mark_circle(opacity=0.6)
        .encode(
            longitude="longitude:Q",
            latitude="latitude:Q",
            color=alt.Color("kind:N", title=None),
            size=alt.Size("size:Q", title="Heat", legend=None),
            tooltip=["name:N", "kind:N", "size:Q"],
        )
        .project(type="equirectangular")
        .properties(**properties)
    )
    return chart


def certainty(
    group: Sequence[str],
    revenue: ArrayLike,
    temperature: ArrayLike,
    probability_below: ArrayLike,
    *,
    target: float,
    who: Mapping[str, Any] | None = None,
    **properties: Any,
) -> alt.LayerChart | alt.FacetChart:
    """Customers that are surely warm, surely cold or undecided: temperature against revenue, with the target.

    Parameters
    ----------
    group
        "surely warm", "surely cold" or "undecided", shape (n,).
    probability_below
        Chances to be below the target, shape (n,).
    revenue, temperature, target, who, **properties
        As for :func:`verdicts`.

    Returns
    -------
    altair.LayerChart
        One point a customer; the coldest and the warmest hundredth are at the edges.
    """
    colours = dict(zip(("surely warm", "undecided", "surely cold"), _WARM_TO_COLD, strict=True))
    return _against_revenue(group, revenue, temperature, target, colours, who or {}, probability_below, properties)


def verdicts(
    verdict: Sequence[str],
    revenue: ArrayLike,
    temperature: ArrayLike,
    *,
    target: float,
    who: Mapping[str, Any] | None = None,
    **properties: Any,
) -> alt.LayerChart | alt.FacetChart:
    """Customers by verdict: temperature against revenue, with the target.

    Parameters
    ----------
    verdict
        "keep", "remediate" or "too young", shape (n,).
    revenue
        Net revenue, shape (n,); customers without positive revenue are left out.
    temperature
        Temperatures as fractions, shape (n,).
    target
        Least temperature of a warm customer, a fraction.
    who
        Further columns of the same customers, for the tooltip.
    **properties
        As for ``altair.Chart.properties``.

    Returns
    -------
    altair.LayerChart
        One point a customer; the coldest and the warmest hundredth are at the edges.
    """
    colours = dict(zip(("keep", "too young", "remediate"), _WARM_TO_COLD, strict=True))
    return _against_revenue(verdict, revenue, temperature, target, colours, who or {}, None, properties)


def _against_revenue(
    group: Sequence[str],
    revenue: ArrayLike,
    temperature: ArrayLike,
    target: float,
    colours: Mapping[str, str],
    who: Mapping[str, Any],
    below: ArrayLike | None,
    properties: Mapping[str, Any],
) -> alt.LayerChart | alt.FacetChart:
    """Temperature against revenue, coloured by group, with a line at the target."""
    import altair as alt

    sold = np.asarray(revenue, dtype=np.float64) > 0
    columns = {"group": group, "revenue": revenue, "temperature": temperature, **who}
    columns |= {} if below is None else {"below": below}
    data = _rows(**{name: np.asarray(values)[sold] for name, values in columns.items()})
    # A few customers with hardly any revenue are far below the others: they are drawn at the edge.
    shown = np.asarray(temperature, dtype=np.float64)[sold]
    low, high = np.quantile(shown, [0.01, 0.99]) if shown.size else (target, target)
    domain = alt.Scale(domain=[float(min(low, target)), float(max(high, target))], clamp=True, nice=True)
    names = list(colours)
    chance = alt.Tooltip("below:Q", title="chance to be below the target", format=".0%")
    points = (
        alt.Chart(data)
        .mark_circle(opacity=0.6)
        .encode(
            x=alt.X("revenue:Q", scale=alt.Scale(type="log", nice=False), title="Net revenue"),
            y=alt.Y("temperature:Q", axis=alt.Axis(format="%"), scale=domain, title="Temperature"),
            color=alt.Color(
                "group:N", title=None, sort=names, scale=alt.Scale(domain=names, range=list(colours.values()))
            ),
            tooltip=[
                *(f"{name}:N" for name in who),
                alt.Tooltip("temperature:Q", format=".1%"),
                *([] if below is None else [chance]),
            ],
        )
    )
    line = alt.Chart(_rows(target=[target])).mark_rule(strokeDash=[4, 4], color=COLOURS["floor"]).encode(y="target:Q")
    return alt.layer(points, line).properties(**properties)


def matrix(
    potential_class: Sequence[str],
    quality_class: Sequence[str],
    interest: Sequence[str],
    potential_revenue: ArrayLike,
    **properties: Any,
) -> alt.LayerChart | alt.FacetChart:
    """The matrix of potential and quality: customers in each cell, coloured by the class of the cell.

    Parameters
    ----------
    potential_class, quality_class
        "A", "B" or "C"; empty where it is not known, shape (n,). Customers with an unknown class are left out.
    interest
        Class of the cell of each customer, shape (n,).
    potential_revenue
        Shape (n,): the tooltip has the sum of each cell.
    **properties
        As for ``altair.Chart.properties``.

    Returns
    -------
    altair.LayerChart
        Three rows of three cells.
    """
    import altair as alt

    known = np.asarray(interest) != ""
    columns = {"potential": potential_class, "quality": quality_class, "cls": interest, "revenue": potential_revenue}
    data = _rows(**{name: np.asarray(values)[known] for name, values in columns.items()})
    classes = ["A", "B", "C"]
    colours = [COLOURS["heat"], COLOURS["remediation"], COLOURS["baseline"]]
    cells = (
        alt.Chart(data)
        .transform_aggregate(customers="count()", revenue="sum(revenue)", groupby=["potential", "quality", "cls"])
        .encode(
            x=alt.X(
                "quality:N", sort=classes, scale=alt.Scale(domain=classes), title="Quality", axis=alt.Axis(labelAngle=0)
            ),
            y=alt.Y("potential:N", sort=classes, scale=alt.Scale(domain=classes), title="Potential revenue"),
            tooltip=["cls:N", "customers:Q", alt.Tooltip("revenue:Q", title="potential revenue", format=",.0f")],
        )
    )
    filled = cells.mark_rect().encode(
        color=alt.Color("cls:N", title="Class", scale=alt.Scale(domain=classes, range=colours))
    )
    return alt.layer(filled, cells.mark_text().encode(text="customers:Q")).properties(**properties)


def table(
    row_of: Sequence[Any],
    column_of: Sequence[Any],
    amount: ArrayLike,
    *,
    value: str,
    row: str,
    column: str,
    order: tuple[Sequence[Any], Sequence[Any]] | None = None,
    more: Mapping[str, Any] | None = None,
    **properties: Any,
) -> alt.LayerChart | alt.FacetChart:
    """An amount per pair of names, as a table whose cells are darker for larger amounts.

    Parameters
    ----------
    row_of, column_of
        Names of the row and the column of each cell, shape (n,).
    amount
        Amounts, shape (n,).
    value, row, column
        What the amounts, the rows and the columns are.
    order
        All names of rows and of columns in their order; None: ascending.
    more
        Further columns that a tooltip shows, shape (n,) each.
    **properties
        As for ``altair.Chart.properties``.

    Returns
    -------
    altair.LayerChart
        One cell a pair.
    """
    import altair as alt

    if not len(row_of):
        raise InputError(f"there is no cell of {row} and {column} to draw; the table is empty")
    amounts = _column(amount, "amount")
    names = {"row": list(map(str, row_of)), "column": list(map(str, column_of))}
    longest = max(map(len, names["column"]))
    properties = {"width": {"step": min(max(56, 7 * longest), 130)}, "height": {"step": 34}, **properties}
    base = alt.Chart(_rows(**names, amount=amounts, **(more or {}))).encode(
        x=alt.X(
            "column:N",
            title=column,
            sort=list(map(str, order[1])) if order else None,
            axis=alt.Axis(labelAngle=0, labelLimit=130, orient="top"),
        ),
        y=alt.Y("row:N", title=row, sort=list(map(str, order[0])) if order else None, axis=alt.Axis(labelLimit=200)),
        tooltip=[
            alt.Tooltip("row:N", title=row),
            alt.Tooltip("column:N", title=column),
            alt.Tooltip("amount:Q", title=value, format=",.10~g"),
            *(alt.Tooltip(f"{name}:Q", title=name.replace("_", " "), format=",.2f") for name in more or {}),
        ],
    )
    cells = base.mark_rect().encode(
        color=alt.Color("amount:Q", title=value, legend=None, scale=alt.Scale(range=["#e3edf2", "#1d5075"]))
    )
    texts = base.mark_text(fontSize=12).encode(
        text=alt.Text("amount:Q", format=",.10~g"),
        color=alt.condition(f"datum.amount > {0.55 * amounts.max()}", alt.value("white"), alt.value("#1b2a33")),
    )
    return alt.layer(cells, texts).properties(**properties)


def growth(
    month: Sequence[MonthLike],
    expected: ArrayLike,
    p10: ArrayLike,
    p90: ArrayLike,
    *,
    title: str = "Internal growth",
    width: int = 560,
) -> alt.LayerChart | alt.FacetChart:
    """The expected payoff of the action plans by month, between its tenth and ninetieth percentile.

    Parameters
    ----------
    month
        Months, shape (m,).
    expected, p10, p90
        Amounts, shape (m,).
    title
        Title of the chart.
    width
        In pixels.

    Returns
    -------
    altair.LayerChart
        A line within a band.

    Raises
    ------
    InputError
        If a column has another length, is empty or is not finite.
    """
    import altair as alt

    data = _rows(month=month, expected=_column(expected, "expected"), p10=_column(p10, "p10"), p90=_column(p90, "p90"))
    base = alt.Chart(data).encode(x=alt.X("yearmonth(month):T", title=None, axis=_month_axis()))
    band = base.mark_area(color=COLOURS["growth"], opacity=0.25).encode(
        y=alt.Y("p10:Q", title="Amount a month", axis=alt.Axis(format="~s")), y2="p90:Q"
    )
    tips = [alt.Tooltip(f"{name}:Q", format=",.0f") for name in ("expected", "p10", "p90")]
    line = base.mark_line(color=COLOURS["growth"], point={"color": COLOURS["growth"]}).encode(
        y="expected:Q", tooltip=tips
    )
    return alt.layer(band, line).properties(title=title, width=width, height=220)


def budget(
    month: Sequence[MonthLike], source: Sequence[str], amount: ArrayLike, *, title: str = "Budget", width: int = 560
) -> alt.Chart:
    """A budget's lines by month and source, stacked.

    Parameters
    ----------
    month
        Months, shape (n,), one row a month and source.
    source
        Names of the sources, shape (n,).
    amount
        Amounts, shape (n,); negative ones stack downward.
    title
        Title of the chart.
    width
        In pixels.

    Returns
    -------
    altair.Chart
        Stacked columns.

    Raises
    ------
    InputError
        If a column has another length, is empty or is not finite.
    """
    import altair as alt

    names = [str(name) for name in np.asarray(source, dtype=object)]
    shown = [name for name in SOURCES if name in names] + sorted(set(names) - set(SOURCES))
    colours = [COLOURS.get(name, "#8a7f9e") for name in shown]
    chart: alt.Chart = (
        alt.Chart(
            _rows(
                month=month, source=names, place=[shown.index(name) for name in names], amount=_column(amount, "amount")
            )
        )
        .mark_bar()
        .encode(
            x=alt.X("yearmonth(month):O", title=None, axis=_month_axis(len({str(m) for m in month}))),
            y=alt.Y("amount:Q", title="Amount", axis=alt.Axis(format="~s")),
            color=alt.Color("source:N", title=None, scale=alt.Scale(domain=shown, range=colours)),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("yearmonth(month):T", title="month"),
                "source:N",
                alt.Tooltip("amount:Q", format=",.2f"),
            ],
        )
        .properties(title=title, width=width, height=240)
    )
    return chart
