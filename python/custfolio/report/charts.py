# The report's charts as inline graphics: drawn for the page's own style sheet, light and dark, without a script.
"""Charts of the report. Colours and fonts are the page's; each has a title and a description for screen readers."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from custfolio._tables.wording import counted
from custfolio.report.data import ENDS, SOURCES, USUAL, Numbers, Table
from custfolio.report.svg import Fragment, element, path, ticks

__all__ = [
    "agenda",
    "amounts",
    "budget",
    "cells",
    "fan",
    "growth",
    "places",
    "pools",
    "trajectory",
    "waterfall",
    "whale",
]

_WIDTH, _LEFT, _RIGHT, _TOP = 720.0, 62.0, 18.0, 14.0


def _text(x: float, y: float, text: str, kind: str = "axis", anchor: str = "middle") -> Fragment:
    return element("text", text, x=x, y=y, class_=kind, text_anchor=anchor)


class _Panel:
    """A plotting area with a vertical scale and gridlines."""

    def __init__(
        self, top: float, height: float, low: float, high: float, numbers: Numbers, steps: int = 4, share: bool = False
    ) -> None:
        self.marks = ticks(low, high, steps)
        self.low, self.high = self.marks[0], self.marks[-1]
        self.top, self.height = top, height
        self.parts: list[Fragment] = []
        for mark, label in zip(self.marks, numbers.axis(self.marks, share), strict=True):
            kind = "zero" if mark == 0 else "grid"
            self.parts.append(
                element("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=self.y(mark), y2=self.y(mark), class_=kind)
            )
            self.parts.append(_text(_LEFT - 8, self.y(mark) + 4, label, anchor="end"))

    def y(self, value: float) -> float:
        return self.top + self.height * (self.high - value) / (self.high - self.low)


def _svg(height: float, title: str, description: str, parts: Sequence[Fragment]) -> Fragment:
    return element(
        "svg",
        element("title", title),
        element("desc", description),
        *parts,
        viewBox=f"0 0 {_WIDTH:g} {height:g}",
        class_="chart",
        role="img",
        aria_label=f"{title}. {description}",
    )


def _centres(count: int) -> tuple[list[float], float]:
    step = (_WIDTH - _LEFT - _RIGHT) / max(count, 1)
    return [_LEFT + step * (index + 0.5) for index in range(count)], step


def _months(centres: Sequence[float], months: Sequence[Any], y: float, numbers: Numbers) -> list[Fragment]:
    every = max(1, -(-len(months) // 14))
    return [
        # On a narrow screen, whose texts are larger, the style sheet hides every second one.
        _text(x, y, numbers.month(month, short=True), "axis" if index % (2 * every) == 0 else "axis second")
        for index, (x, month) in enumerate(zip(centres, months, strict=True))
        if index % every == 0
    ]


def _filled(values: Sequence[Any]) -> list[float]:
    return [0.0 if value is None else float(value) for value in values]


def whale(whale: Any, numbers: Numbers) -> Fragment:
    """Cumulative contribution by customers in falling order of contribution."""
    curve = np.concatenate(([0.0], np.asarray(whale["cumulative"], dtype=np.float64)))
    count = curve.size - 1
    peak = int(np.argmax(curve))
    height = 230.0
    top = _TOP + 16
    panel = _Panel(top, height, min(0.0, float(curve.min())), float(curve.max()), numbers)
    places = np.unique(np.concatenate((np.linspace(0, count, 300).round().astype(np.intp), [peak])))

    def x(place: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * place / max(count, 1)

    points = [(x(float(place)), panel.y(float(curve[place]))) for place in places]
    base = panel.y(0.0)
    marks = [mark for mark in ticks(0, count, 5) if mark <= count and float(mark).is_integer()]
    parts = [
        *panel.parts,
        element("path", d=path([(points[0][0], base), *points, (points[-1][0], base)], close=True), class_="area heat"),
        element("path", d=path(points), class_="line heat"),
        element("line", x1=x(peak), x2=x(peak), y1=panel.y(curve[peak]), y2=base, class_="rule"),
        element("circle", cx=x(peak), cy=panel.y(float(curve[peak])), r=4.5, class_="dot heat"),
        *_whale_customers(whale, curve, places, x, panel, numbers),
        # Above the panel, where no curve runs.
        _text(
            _LEFT,
            _TOP,
            f"peak (dot): {numbers.compact(float(curve[peak]))} with {numbers.counted(peak, 'customer')}",
            "note",
            "start",
        ),
        *(_text(x(mark), top + height + 20, numbers.amount(mark, 0)) for mark in marks),
        _text((_LEFT + _WIDTH - _RIGHT) / 2, top + height + 40, "customers, by falling contribution", "axis quiet"),
    ]
    description = (
        f"Contribution rises to {numbers.compact(float(curve[peak]))} with the first {numbers.amount(peak, 0)} of "
        f"{numbers.counted(count, 'customer')} and ends at {numbers.compact(float(curve[-1]))}."
    )
    return _svg(top + height + 48, "Whale curve: cumulative contribution", description, parts)


def _whale_customers(
    whale: Any, curve: Any, kept: Any, x: Callable[[float], float], panel: _Panel, numbers: Numbers
) -> list[Fragment]:
    """The customers of the curve's points, each below the pointer: its place, name and contribution."""
    names = whale.get("names") if isinstance(whale, Mapping) else getattr(whale, "names", None)
    if names is None:
        return []
    parts = []
    for before, place in zip(kept[:-1].tolist(), kept[1:].tolist(), strict=True):
        own = numbers.amount(float(curve[place] - curve[place - 1]), 0)
        said = f"{place:,}. {names[place - 1]}: {own}; together {numbers.compact(float(curve[place]))}"
        area = {"x": x(float(before)), "width": x(float(place)) - x(float(before))}
        parts.append(element("rect", element("title", said), **area, y=panel.top, height=panel.height, class_="hover"))
    return parts


def trajectory(table: Table, target: float | None, numbers: Numbers) -> Fragment:
    """Level above its floor in columns, and the temperature below it as a line; the band of the level, and both without action."""
    cells = table.cells
    level = _filled(cells["level"])
    temperature = cells["temperature"]
    none = [None] * len(level)
    floor = cells.get("floor") or none
    low, high = (cells.get(name) or none for name in ("level_p10", "level_p90"))
    without, cool = (cells.get(name) or none for name in ("level_without", "temperature_without"))
    centres, step = _centres(len(level))
    most = [value for values in (level, floor, high, without) for value in values if value is not None]
    upper = _Panel(_TOP + 16, 180.0, min(0.0, *level, *_filled(low)), max(most), numbers)
    known = [value for value in (*temperature, *cool, target, 0.0) if value is not None]
    lower = _Panel(260.0, 100.0, min(known), max(known), numbers, 3, share=True)
    named = ["level", *(["P10 to P90"] if low != none else []), *(["floor (black)"] if floor != none else [])]
    dotted = ["without action (dotted)"] if without != none else []
    warmth = ["temperature", *dotted, *(["target (dashed)"] if target is not None else [])]
    parts = [*upper.parts, *lower.parts, _text(_LEFT, _TOP, ", ".join([*named, *dotted]), "axis quiet", "start")]
    parts.append(_text(_LEFT, 246, ", ".join(warmth), "axis quiet", "start"))
    wide = 0.62 * step
    for x, amount, held in zip(centres, level, floor, strict=True):
        top = upper.y(max(amount, 0.0))
        parts.append(
            element(
                "rect",
                x=x - wide / 2,
                width=wide,
                y=top,
                height=abs(upper.y(0.0) - upper.y(amount)),
                rx=2,
                class_="bar level",
            )
        )
        if held is not None:
            y = upper.y(float(held))
            parts.append(element("line", x1=x - 0.42 * step, x2=x + 0.42 * step, y1=y, y2=y, class_="floor"))
    for x, least, greatest in zip(centres, low, high, strict=True):
        if least is not None and greatest is not None:
            ends = upper.y(float(least)), upper.y(float(greatest))
            parts.append(element("line", x1=x, x2=x, y1=ends[0], y2=ends[1], class_="whisker"))
            parts += [element("line", x1=x - 4, x2=x + 4, y1=y, y2=y, class_="whisker") for y in ends]
    for panel, values in ((upper, without), (lower, cool)):
        line = [(x, panel.y(float(value))) for x, value in zip(centres, values, strict=True) if value is not None]
        if line:
            parts.append(element("path", d=path(line), class_="without"))
    if target is not None:
        parts.append(
            element("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=lower.y(target), y2=lower.y(target), class_="rule")
        )
    points = [(x, lower.y(float(value))) for x, value in zip(centres, temperature, strict=True) if value is not None]
    if points:
        parts.append(element("path", d=path(points), class_="line heat"))
        parts += [element("circle", cx=x, cy=y, r=3.5, class_="dot heat") for x, y in points]
    parts += _months(centres, cells["month"], 382, numbers)
    room = [have - need for have, need in zip(level, floor, strict=True) if need is not None]
    warm = [value for value in temperature if value is not None]
    still = [value for value in cool if value is not None]
    description = f"Level between {numbers.compact(min(level))} and {numbers.compact(max(level))} a month"
    if room:
        under = sum(spare < -0.005 for spare in room)
        description += (
            ", below its floor in no month" if not under else f", below its floor in {counted(under, 'month')}"
        )
    if warm:
        description += (
            f"; temperature {numbers.share(warm[0])} in the first month and {numbers.share(warm[-1])} in the last"
        )
    if still:
        description += f", without action {numbers.share(still[0])} and {numbers.share(still[-1])}"
    return _svg(392, "Level and temperature month by month", description + ".", parts)


def fan(table: Table, numbers: Numbers) -> Fragment:
    """Quantiles of simulated paths: the level above its floor, and the temperature below it."""
    cells = table.cells
    centres, step = _centres(len(cells["month"]))
    floor = cells.get("floor", [None] * len(centres))
    parts: list[Fragment] = []
    bottom = 0.0
    for name, kind, top, height in (("level", "cold", _TOP + 16, 180.0), ("temperature", "heat", 260.0, 100.0)):
        known = [value for end in ENDS for value in cells[f"{name}_{end}"] if value is not None]
        if not known:
            continue
        bottom = top + height + 22
        share = name == "temperature"
        ends = [*known, *(value for value in floor if value is not None and not share)]
        panel = _Panel(top, height, min(ends), max(ends), numbers, 3 if share else 4, share)
        lines = {
            end: [
                (x, panel.y(value))
                for x, value in zip(centres, cells[f"{name}_{end}"], strict=True)
                if value is not None
            ]
            for end in ENDS
        }
        title = f"{name}: median, P25 to P75, P10 to P90{', floor (black)' if 'floor' in cells and not share else ''}"
        parts += [*panel.parts, _text(_LEFT, top - 14, title, "axis quiet", "start")]
        for low, high in (("p10", "p90"), ("p25", "p75")):
            area = path([*lines[high], *reversed(lines[low])], close=True)
            parts.append(element("path", d=area, class_=f"area {kind}"))
        parts.append(element("path", d=path(lines["p50"]), class_=f"line {kind}"))
        if not share:
            for x, held in zip(centres, floor, strict=True):
                if held is not None:
                    ends_of = {"x1": x - 0.42 * step, "x2": x + 0.42 * step}
                    parts.append(element("line", **ends_of, y1=panel.y(held), y2=panel.y(held), class_="floor"))
    parts += _months(centres, cells["month"], bottom, numbers)
    low, high = cells["level_p10"][-1], cells["level_p90"][-1]
    description = f"On eight of ten paths the level of the last month is between {numbers.compact(low)} and {numbers.compact(high)}."
    return _svg(bottom + 10, "Simulated level and temperature month by month", description, parts)


def agenda(table: Table, numbers: Numbers) -> Fragment:
    """Reviews of each day as a heat map: a column a week, a row a weekday; the more reviews, the darker."""
    days = [day for day in table.cells["day"] if day is not None]
    counts = Counter(days)
    first = min(days) - datetime.timedelta(days=min(days).weekday())
    weeks = (max(days) - first).days // 7 + 1
    most, rows = max(counts.values()), max(day.weekday() for day in counts) + 1
    centres, step = _centres(weeks)
    top, height = _TOP + 16, 20.0
    parts = [_text(_LEFT, _TOP, f"reviews a day, at most {most}", "axis quiet", "start")]
    names = [numbers.weekday(first + datetime.timedelta(days=weekday)) for weekday in range(rows)]
    parts += [_text(_LEFT - 8, top + height * k + 14, name, anchor="end") for k, name in enumerate(names)]
    for day, count in sorted(counts.items()):
        week, weekday = divmod((day - first).days, 7)
        parts.append(
            element(
                "rect", element("title", f"{numbers.day(day)}: {counted(count, 'review')}"), x=centres[week] - 0.46 * step,
                y=top + height * weekday + 1, width=0.92 * step, height=height - 2, class_="cell", fill_opacity=round(0.12 + 0.88 * count / most, 3),
            )
        )  # fmt: skip
    months = [numbers.month((first + datetime.timedelta(days=7 * week + 3)).strftime("%Y-%m")) for week in range(weeks)]
    starts = [week for week in range(weeks) if week == 0 or months[week] != months[week - 1]]
    every = -(-len(starts) // 8)
    bottom = top + height * rows + 16
    parts += [_text(centres[week], bottom, months[week], "axis", "start") for week in starts[::every]]
    busiest = max(sorted(counts), key=lambda day: counts[day])
    description = f"{counted(len(days), 'review')} on {counted(len(counts), 'day')}; most on {numbers.day(busiest)}."
    return _svg(bottom + 12, "The agenda by day", description, parts)


def growth(table: Table, numbers: Numbers) -> Fragment:
    """Expected payoff by month within its band."""
    cells = table.cells
    expected = _filled(cells["expected"])
    centres, _ = _centres(len(expected))
    low, high = (_filled(cells[name]) if name in cells else expected for name in ("p10", "p90"))
    panel = _Panel(_TOP + 16, 170.0, min(0.0, *low), max(*high, *expected, 0.0), numbers)
    edge = [(x, panel.y(value)) for x, value in zip(centres, high, strict=True)]
    edge += [(x, panel.y(value)) for x, value in zip(reversed(centres), reversed(low), strict=True)]
    points = [(x, panel.y(value)) for x, value in zip(centres, expected, strict=True)]
    parts = [
        *panel.parts,
        _text(_LEFT, _TOP, "expected a month, between P10 and P90", "axis quiet", "start"),
        element("path", d=path(edge, close=True), class_="area heat"),
        element("path", d=path(points), class_="line heat"),
        *(element("circle", cx=x, cy=y, r=3.5, class_="dot heat") for x, y in points),
        *_months(centres, cells["month"], 222, numbers),
    ]
    description = (
        f"Expected {numbers.compact(expected[0])} in the first month and {numbers.compact(expected[-1])} in the last."
    )
    return _svg(234, "Internal growth: probability-weighted budget", description, parts)


def budget(table: Table, numbers: Numbers) -> Fragment:
    """Amount by month of each source that is an action, stacked; overflow is below the line."""
    cells = table.cells
    shown = [column for column in table.columns if column.name not in ("month", "total", *USUAL)]
    values = {column.name: _filled(cells[column.name]) for column in shown}
    count = len(cells["month"])
    centres, step = _centres(count)
    above = [sum(max(values[column.name][row], 0.0) for column in shown) for row in range(count)]
    below = [sum(min(values[column.name][row], 0.0) for column in shown) for row in range(count)]
    panel = _Panel(_TOP + 22, 190.0, min(0.0, *below), max(0.0, *above), numbers)
    parts = [*panel.parts, *_legend([(_source(column.name), column.label) for column in shown])]
    wide = 0.62 * step
    for row, x in enumerate(centres):
        up = down = 0.0
        for column in shown:
            amount = values[column.name][row]
            start = up if amount > 0 else down
            end = start + amount
            up, down = (end, down) if amount > 0 else (up, end)
            if amount:
                top = panel.y(max(start, end))
                tall = abs(panel.y(start) - panel.y(end))
                kind = f"bar {_source(column.name)}"
                parts.append(element("rect", x=x - wide / 2, width=wide, y=top, height=tall, class_=kind))
    parts += _months(centres, cells["month"], 248, numbers)
    description = "; ".join(f"{column.label} {numbers.compact(table.total(column.name))}" for column in shown)
    return _svg(258, f"{table.title}, what each source adds to the baseline", f"In total: {description}.", parts)


_MOST_PLACES = 3000  # points of a kind on a map


def places(columns: Mapping[str, Sequence[Any]]) -> Fragment:
    """A map of customers, prospects and white spots by latitude and longitude, north up, without a background."""
    colours = {"cold customer": "cold", "warm customer": "heat", "prospect": "acquisition", "white spot": "ink"}
    north, east = (np.asarray(columns[name], dtype=np.float64) for name in ("latitude", "longitude"))
    kinds = columns["kind"]
    # A degree of longitude is shorter away from the equator.
    across = east * max(math.cos(math.radians(float(np.median(north)))), 0.05)
    wide, high = float(np.ptp(across)) or 1.0, float(np.ptp(north)) or 1.0
    scale = min((_WIDTH - 2 * _LEFT) / wide, 420.0 / high)
    left = 0.5 * (_WIDTH - scale * wide)
    parts = _legend([(colour, name.removesuffix(" customer")) for name, colour in colours.items() if name in kinds])
    for kind, colour in colours.items():
        rows = [k for k, each in enumerate(kinds) if each == kind]
        parts += [
            element(
                "circle",
                cx=left + scale * float(across[k] - across.min()),
                cy=_TOP + 30 + scale * float(north.max() - north[k]),
                r=2.0 if kind.endswith("customer") else 4.0,
                class_=f"bar {colour}",
            )
            for k in rows[:: 1 + len(rows) // _MOST_PLACES]  # evenly taken where a page would grow too large
        ]
    counts = ", ".join(counted(list(kinds).count(kind), kind) for kind in colours if kind in kinds)
    return _svg(_TOP + 50 + scale * high, "Customers and prospects by place", f"A map: {counts}.", parts)


def _source(name: str) -> str:
    """The class of the bars of a budget's source."""
    return name if name in SOURCES else "other"


def _legend(entries: Sequence[tuple[str, str]]) -> list[Fragment]:
    """A square and a label per class of bars, with room for the larger letters of a narrow screen."""
    parts: list[Fragment] = []
    x = _LEFT
    for kind, label in entries:
        parts.append(element("rect", x=x, y=_TOP - 9, width=11, height=11, rx=2, class_=f"bar {kind}"))
        parts.append(_text(x + 17, _TOP + 1, label, "axis", "start"))
        x += 38 + 9.5 * len(label)
    return parts


_MOST = 20  # bars of amounts


def amounts(
    named: Mapping[str, float], title: str, numbers: Numbers, kinds: Mapping[str, str] | None = None
) -> Fragment:
    """An amount per name as horizontal bars, in the given order; of many names those of the largest amounts.

    `kinds` has the classes of bars by name; else the sign decides.
    """
    largest = sorted(named, key=lambda name: -abs(named[name]))[:_MOST]
    shown = {name: amount for name, amount in named.items() if name in set(largest)}
    low, high = min(0.0, *shown.values()), max(0.0, *shown.values())
    left, right, step, top = 190.0, 90.0, 24.0, _TOP + 16
    unit = (_WIDTH - left - right - (60.0 if low < 0 else 0.0)) / ((high - low) or 1.0)
    zero = left + (60.0 if low < 0 else 0.0) - low * unit
    bottom = top + step * len(shown)
    parts = [element("line", x1=zero, x2=zero, y1=top - 4, y2=bottom, class_="zero")]
    for k, (name, amount) in enumerate(shown.items()):
        y = top + step * k
        end = zero + amount * unit
        kind = f"bar {kinds[name]}" if kinds else "bar heat" if amount >= 0 else "bar cold"
        parts += [
            _text(left - 8, y + 13, _short(name, 19), anchor="end"),
            element("rect", x=min(zero, end), width=abs(end - zero), y=y + 2, height=step - 8, rx=2, class_=kind),
            _text(
                end + (6 if amount >= 0 else -6),
                y + 13,
                numbers.compact(amount),
                "axis quiet",
                "start" if amount >= 0 else "end",
            ),
        ]
    rest = len(named) - len(shown)
    heading = title + (f", the {len(shown)} largest of {len(named):,}" if rest else "")
    parts.append(_text(_LEFT, _TOP, heading, "axis quiet", "start"))
    description = "; ".join(f"{name} {numbers.compact(amount)}" for name, amount in shown.items())
    return _svg(bottom + 8, title, f"{description}.", parts)


def cells(
    counts: Mapping[tuple[str, str], int],
    names: tuple[Sequence[str], Sequence[str]],
    headings: tuple[str, str],
    title: str,
    numbers: Numbers,
    labels: Mapping[tuple[str, str], str] | None = None,
) -> Fragment:
    """Customers per pair of a row and a column; the more, the darker. `labels` stand before the numbers."""
    rows, columns = names
    left, top, height = 170.0, _TOP + 30, 34.0
    width = min(110.0, (_WIDTH - left - _RIGHT) / len(columns))
    room = max(3, int(width / 8))
    most = max(counts.values(), default=0) or 1
    parts = [
        _text(left - 8, top - 8, headings[0], "axis quiet", "end"),
        _text(left, _TOP, headings[1], "axis quiet", "start"),
        *(_text(left + width * (k + 0.5), top - 8, _short(name, room)) for k, name in enumerate(columns)),
    ]
    said: list[str] = []
    for k, row in enumerate(rows):
        y = top + height * k
        parts.append(_text(left - 8, y + 22, _short(row, 19), anchor="end"))
        for j, column in enumerate(columns):
            count = counts.get((row, column), 0)
            shown = f"{(labels or {}).get((row, column), '')} {numbers.amount(count, 0)}".strip() if count else ""
            about = f"{row}, {column}: {counted(count, 'customer')}"
            parts.append(
                element(
                    "rect", element("title", about), x=left + width * j + 1, y=y + 1, width=width - 2, height=height - 2,
                    class_="cell", fill_opacity=round(0.55 * count / most + (0.08 if count else 0.02), 3),
                )
            )  # fmt: skip
            parts.append(_text(left + width * (j + 0.5), y + 22, shown))
            said += [about] if count else []
    return _svg(top + height * len(rows) + 8, title, f"{'; '.join(said)}.", parts)


def waterfall(
    table: Table, numbers: Numbers, title: str = "Price waterfall: from list price to contribution"
) -> Fragment:
    """The steps from one total to the next: totals from 0, changes from where the step before ends."""
    cells = table.cells
    steps: list[tuple[str, bool, float, float]] = []  # name, whether a total, begin and end
    level = 0.0
    for name, kind, amount in zip(cells["step"], cells["kind"], cells["amount"], strict=True):
        total = kind == "total"
        begin, level = (0.0, amount) if total else (level, level + amount)
        if total or amount:
            steps.append((name, total, begin, level))
    ends = [end for _, _, *both in steps for end in both]
    low, high = min(0.0, *ends), max(0.0, *ends)
    left, right, step, top = 190.0, 90.0, 24.0, _TOP
    unit = (_WIDTH - left - right) / ((high - low) or 1.0)
    bottom = top + step * len(steps)
    zero = left - low * unit
    parts = [element("line", x1=zero, x2=zero, y1=top - 4, y2=bottom, class_="zero")]
    for k, (name, total, begin, end) in enumerate(steps):
        y = top + step * k
        ahead = left + (max(begin, end) - low) * unit
        x, wide = left + (min(begin, end) - low) * unit, abs(end - begin) * unit
        kind = "bar baseline" if total else "bar heat" if end >= begin else "bar cold"
        shown = numbers.compact(end if total else end - begin)
        parts += [
            _text(left - 8, y + 13, name, "axis" if total else "axis quiet", "end"),
            element("rect", x=x, width=wide, y=y + 2, height=step - 8, rx=2, class_=kind),
            _text(ahead + 6, y + 13, shown, "axis quiet", "start"),
        ]
    said = "; ".join(f"{name} {numbers.compact(end if total else end - begin)}" for name, total, begin, end in steps)
    return _svg(bottom + 8, title, f"{said}.", parts)


def pools(table: Table, numbers: Numbers) -> Fragment:
    """What became of the cost of each pool: charged, not attributed, and unused, or used beyond its capacity."""
    cells = table.cells
    rows = list(zip(*(cells[name] for name in ("pool", "cost", "charged", "not_attributed")), strict=True))
    wide = _WIDTH - _LEFT - _RIGHT
    most = max((max(cost, charged + outside) for _, cost, charged, outside in rows), default=0.0) or 1.0
    parts = _legend([("heat", "charged"), ("other", "not attributed"), ("baseline", "unused"), ("ink", "cost (line)")])
    said = []
    step, top = 46.0, _TOP + 14
    for k, (name, cost, charged, outside) in enumerate(rows):
        y = top + step * k
        used, capacity = cells["used"][k], cells["capacity"][k]
        share = numbers.share(used / capacity if capacity else None)
        use = f"{share} of {numbers.amount(capacity, 0)} minutes used"
        since = f", from {numbers.day(cells['first_day'][k])}" if "first_day" in cells else ""
        x = _LEFT
        bars = []
        for kind, amount in (("heat", charged), ("other", outside), ("baseline", cost - charged - outside)):
            if amount > 0:
                bars.append(element("rect", x=x, width=wide * amount / most, y=y + 20, height=16, class_=f"bar {kind}"))
                x += wide * amount / most
        end = _LEFT + wide * cost / most
        parts += [
            _text(_LEFT, y + 14, _short(f"{name}{since}", 32) + f": {use}", "note", "start"),
            *bars,
            element("line", x1=end, x2=end, y1=y + 17, y2=y + 39, class_="floor"),
        ]
        said.append(f"{name}{since}: {use}")
    title = "Pools: cost charged, not attributed and unused"
    return _svg(top + step * len(rows) + 4, title, f"{'; '.join(said)}.", parts)


def _short(name: str, most: int) -> str:
    """A name that fits its place."""
    return name if len(name) <= most else name[: most - 1] + "…"
