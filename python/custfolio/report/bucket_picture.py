# The bucket on a beer coaster: level, temperature and ice cubes, without action and with a plan; the five steps on the rim.
"""The picture of the bucket, as a scalable vector graphic."""

from __future__ import annotations

import math
import os
from itertools import pairwise
from typing import Any

from custfolio._tables.arguments import real
from custfolio.errors import InputError
from custfolio.report.data import BucketFigures, Numbers
from custfolio.report.svg import Fragment, drawn, element, number, path

__all__ = ["STEPS", "STYLE", "picture", "svg", "water_colour", "write"]

STEPS = ("Selection", "Remediation", "Anchoring", "Internal growth", "External growth")
"""The five steps, in their order."""

STYLE = """
.coaster{--rim:#e9dfca;--face:#fbf7ee;--line:#4d4436;--quiet:#75695a;--glass:#fffdf8;--ice:#eaf5fb;--ice-edge:#6f9fbd;
font-family:"Iowan Old Style","Palatino Linotype",Palatino,Georgia,serif;fill:var(--line)}
.coaster .rim{fill:var(--rim)}.coaster .face{fill:var(--face)}.coaster .thread{fill:none;stroke:var(--quiet)}
.coaster .glass{fill:var(--glass);stroke:var(--line);stroke-width:3;stroke-linejoin:round}
.coaster .edge{fill:none;stroke:var(--line);stroke-width:3;stroke-linejoin:round;stroke-linecap:round}
.coaster .ice{fill:var(--ice);fill-opacity:.88;stroke:var(--ice-edge);stroke-width:1.5;stroke-linejoin:round}
.coaster .mark{stroke:var(--line);stroke-width:1.5;stroke-dasharray:4 4;fill:none}
.coaster .bulb{stroke:var(--line);stroke-width:1.5}.coaster .tube{fill:var(--glass);stroke:var(--line);stroke-width:1.5}
.coaster .tick{stroke:var(--quiet);stroke-width:1}
.coaster .step{font-size:20px;letter-spacing:.06em;font-variant-caps:all-small-caps}
.coaster .head{font-size:17px;font-style:italic}.coaster .figure{font-size:27px;font-variant-numeric:lining-nums}
.coaster .label{font-size:14px;fill:var(--quiet)}.coaster .small{font-size:11.5px;fill:var(--quiet)}
@media(prefers-color-scheme:dark){.coaster{--rim:#3b352b;--face:#26221c;--line:#efe6d6;--quiet:#b8ab98;--glass:#1d1a16;
--ice:#d5e9f5;--ice-edge:#8fbbd6}}
@media print{.coaster{--rim:#e9dfca;--face:#fff;--line:#333;--quiet:#666;--glass:#fff;--ice:#eaf5fb;--ice-edge:#6f9fbd}}
"""

# Temperature and colour of the water: frozen blue, cool, lukewarm, warm.
_COLOURS = (
    (-0.05, (168, 205, 230)),
    (0.0, (92, 158, 201)),
    (0.035, (150, 192, 200)),
    (0.06, (230, 203, 150)),
    (0.09, (224, 153, 90)),
    (0.14, (203, 90, 58)),
)
_WIDE, _NARROW, _HIGH = 74.0, 56.0, 172.0

_LARGEST_TEMPERATURE = 1e6
"""Where the scale of the thermometer ends: coordinates must stay finite."""


def water_colour(temperature: float) -> str:
    """Colour of water of a temperature, from ice blue below freezing to red at 14 %.

    Parameters
    ----------
    temperature
        A fraction; NaN (an empty bucket) is grey.

    Returns
    -------
    str
        A colour as ``#rrggbb``.
    """
    if math.isnan(temperature):
        return "#b9b4aa"
    place = min(max(temperature, _COLOURS[0][0]), _COLOURS[-1][0])
    low, high = next(pair for pair in pairwise(_COLOURS) if place <= pair[1][0])
    share = (place - low[0]) / (high[0] - low[0])
    mixed = (round(start + share * (end - start)) for start, end in zip(low[1], high[1], strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _text(x: float, y: float, text: str, kind: str, anchor: str = "middle") -> Fragment:
    return element("text", text, x=x, y=y, class_=kind, text_anchor=anchor)


def _cube(x: float, y: float, turn: float, size: float) -> Fragment:
    half = size / 2
    box = element("rect", x=-half, y=-half, width=size, height=size, rx=4, class_="ice")
    shine = element(
        "path",
        d=path([(-half + 5, half - 9), (-half + 5, -half + 5), (half - 9, -half + 5)]),
        class_="ice",
        fill_opacity="0",
    )
    return element("g", box, shine, transform=f"translate({number(x)} {number(y)}) rotate({number(turn)})")


def _cubes(figures: BucketFigures) -> int:
    """Cubes in the picture: none for none, else one for every fortieth of the customers, one to six."""
    if not figures.frozen or not figures.customers:
        return 0
    return min(6, max(1, round(40 * figures.frozen / figures.customers)))


def _thermometer(
    x: float, top: float, temperature: float, scale: tuple[float, float], target: float | None, numbers: Numbers
) -> Fragment:
    low, high = scale
    height = 140.0

    def at(value: float) -> float:
        return top + height * (high - min(max(value, low), high)) / (high - low)

    colour = water_colour(temperature)
    parts = [element("rect", x=x - 6, y=top - 8, width=12, height=height + 20, rx=6, class_="tube")]
    if not math.isnan(temperature):
        y = at(temperature)
        parts.append(element("rect", x=x - 3, y=y, width=6, height=top + height + 14 - y, fill=colour))
    parts.append(element("circle", cx=x, cy=top + height + 18, r=11, fill=colour, class_="bulb"))
    marks = [(0.0, numbers.share(0.0, 0))] if low < 0 < high or low == 0 else []
    if target is not None and low < target < high:
        marks.append((target, numbers.axis([target], share=True)[0]))
    for value, label in marks:
        parts.append(element("line", x1=x + 7, x2=x + 13, y1=at(value), y2=at(value), class_="tick"))
        parts.append(_text(x + 16, at(value) + 4, label, "small", "start"))
    return element("g", *parts)


def _bucket(
    x: float,
    figures: BucketFigures,
    capacity: float,
    mark: float | None,
    scale: tuple[float, float],
    target: float | None,
    head: str,
    numbers: Numbers,
) -> Fragment:
    top, bottom = 236.0, 236.0 + _HIGH

    def half(y: float) -> float:
        return _NARROW + (_WIDE - _NARROW) * (bottom - y) / _HIGH

    def surface(level: float) -> float:
        return bottom - (_HIGH - 14) * min(max(level / capacity, 0.0), 1.0) if capacity > 0 else bottom

    y = surface(figures.level)
    colour = water_colour(figures.temperature)
    corner = 9.0
    left, right = x - _NARROW, x + _NARROW
    body = drawn(
        *("M", x - _WIDE, top, "L", left - 1, bottom - corner, "Q", left, bottom, left + corner, bottom),
        *("L", right - corner, bottom, "Q", right, bottom, right + 1, bottom - corner, "L", x + _WIDE, top),
    )
    handle = drawn("M", x - _WIDE + 4, top, "C", x - 60, top - 82, x + 60, top - 82, x + _WIDE - 4, top)
    parts = [
        element("path", d=handle, class_="edge", stroke_width=2),
        element("path", d=body + "Z", class_="glass", stroke="none"),
    ]
    if figures.level > 0:
        wide, low, floor = half(y) - 3.0, half(bottom) - 3.0, bottom - 3.0
        water = drawn(
            *("M", x - wide, y, "q", wide / 4, -5.0, wide / 2, 0.0, *(3 * ("t", wide / 2, 0.0))),
            *("L", x + low, bottom - corner, "Q", x + low, floor, x + low - corner, floor),
            *("L", x - low + corner, floor, "Q", x - low, floor, x - low, bottom - corner, "Z"),
        )
        parts.append(element("path", d=water, fill=colour, fill_opacity=0.92))
        count = _cubes(figures)
        size = 24.0
        room = 2 * half(y) - 26
        for index in range(count):
            place = x - room / 2 + room * (index + 0.5) / count
            parts.append(
                _cube(place, y - 3 + 3 * (index % 2), (-14, 9, -5, 16, -10, 6)[index], min(size, room / count + 3))
            )
    parts.append(element("path", d=body, class_="edge"))
    parts.append(element("line", x1=x - _WIDE - 4, x2=x + _WIDE + 4, y1=top, y2=top, class_="edge"))
    if mark is not None:
        line, reach = surface(mark), half(surface(mark)) + 10
        parts.append(element("line", x1=x - reach, x2=x + reach, y1=line, y2=line, class_="mark"))
    parts.append(_thermometer(x + 102, top + 10, figures.temperature, scale, target, numbers))
    ice = "no ice cubes" if not figures.frozen else numbers.counted(figures.frozen, "ice cube")
    parts += [
        _text(x, top - 82, head, "head"),
        _text(x, bottom + 36, numbers.level(figures.level), "figure"),
        _text(x, bottom + 60, f"at {numbers.share(figures.temperature)}", "figure"),
        _text(x, bottom + 82, ice, "label"),
    ]
    return element("g", *parts)


def _rim() -> Fragment:
    """The five steps along the rim, clockwise from the upper left; the lower two are written to be read upright."""
    parts = [
        element(
            "path", id=f"coaster-{name}", d=drawn("M", 320 - r, 320, "A", r, r, 0, 0, way, 320 + r, 320), fill="none"
        )
        for name, r, way in (("upper", 283, 1), ("lower", 297, 0))
    ]
    labels = [f"{index}  {name}" for index, name in enumerate(STEPS, 1)]
    for arc, words in (
        ("upper", list(zip((20, 50, 80), labels[:3], strict=True))),
        ("lower", [(31, labels[4]), (69, labels[3])]),
    ):
        for place, word in words:
            words_on_arc = element("textPath", word, href=f"#coaster-{arc}", startOffset=f"{place}%")
            parts.append(element("text", words_on_arc, class_="step", text_anchor="middle"))
    for degrees in (-117, -63, 0, 90, 180):
        turn = math.radians(degrees)
        parts.append(element("circle", cx=320 + 289 * math.cos(turn), cy=320 + 289 * math.sin(turn), r=2.5))
    return element("g", *parts)


def picture(
    without: Any,
    planned: Any,
    *,
    before: Any = None,
    target: float | None = None,
    capacity: float | None = None,
    title: str = "The bucket",
    locale: str = "en",
) -> Fragment:
    """The picture without its style sheet (:data:`STYLE`), for a page that carries it once.

    Parameters
    ----------
    without, planned
        The bucket without action and with the plan: :class:`custfolio.report.data.BucketFigures`, a mapping or an object with
        level, heat and customers.
    before
        The bucket before; its level is the dashed line. None for none.
    target
        Target temperature (a fraction), marked on the thermometers; None for none.
    capacity
        Level of a full bucket; by default a tenth above the highest of the levels.
    title
        Text in the middle of the coaster.
    locale
        Of the numbers.

    Returns
    -------
    Fragment
        An ``svg`` element.

    Raises
    ------
    InputError
        If the capacity is not positive, the locale is not known, or an argument is of another kind.
    """
    if not isinstance(title, str):
        raise InputError(f"title is {title!r}; it must be text")
    target = None if target is None else real(target, "target")
    capacity = None if capacity is None else real(capacity, "capacity")
    if capacity is not None and not capacity > 0:
        raise InputError(f"the capacity of the bucket must be positive; found {capacity}")
    numbers = Numbers(locale)
    first, last = BucketFigures.of(without), BucketFigures.of(planned)
    line = None if before is None else BucketFigures.of(before).level
    full = capacity if capacity is not None else 1.1 * max(first.level, last.level, line or 0.0, 1e-9)
    known = [
        min(max(value, -_LARGEST_TEMPERATURE), _LARGEST_TEMPERATURE)
        for value in (first.temperature, last.temperature, target, 0.0)
        if value is not None and not math.isnan(value)
    ]
    scale = (min(-0.02, 1.25 * min(known)), max(0.12, 1.25 * max(known)))
    description = (
        f"Without action: level {numbers.level(first.level)}, temperature {numbers.share(first.temperature)}, "
        f"{numbers.counted(first.customers, 'customer')}, {numbers.counted(first.frozen, 'ice cube')}. "
        f"With the plan: level {numbers.level(last.level)}, temperature {numbers.share(last.temperature)}, "
        f"{numbers.counted(last.customers, 'customer')}, {numbers.counted(last.frozen, 'ice cube')}."
    )
    if line is not None:
        description += f" The dashed line is the level before: {numbers.level(line)}."
    return element(
        "svg",
        element("title", title),
        element("desc", description),
        element("circle", cx=320, cy=320, r=318, class_="rim"),
        element("circle", cx=320, cy=320, r=258, class_="face"),
        element("circle", cx=320, cy=320, r=312, class_="thread"),
        element("circle", cx=320, cy=320, r=264, class_="thread"),
        _rim(),
        _text(320, 118, title, "label"),
        _bucket(188, first, full, line, scale, target, "without action", numbers),
        _bucket(424, last, full, line, scale, target, "with the plan", numbers),
        *([] if line is None else [_text(320, 540, "the dashed line is the level before", "small")]),
        xmlns="http://www.w3.org/2000/svg",
        viewBox="0 0 640 640",
        class_="coaster",
        role="img",
        aria_label=f"{title}. {description}",
    )


def svg(
    without: Any,
    planned: Any,
    *,
    before: Any = None,
    target: float | None = None,
    capacity: float | None = None,
    title: str = "The bucket",
    locale: str = "en",
) -> str:
    """The picture as a file of its own, with its style sheet: light and dark by the reader's preference.

    Parameters
    ----------
    without, planned, before, target, capacity, title, locale
        As for :func:`picture`.

    Returns
    -------
    str
        An SVG document.

    Raises
    ------
    ValueError
        As :func:`picture`.
    """
    image = picture(without, planned, before=before, target=target, capacity=capacity, title=title, locale=locale)
    style = element("style", Fragment(STYLE))
    start = image.index(">") + 1
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + image[:start] + style + image[start:] + "\n"


def write(file: str | os.PathLike[str], without: Any, planned: Any, **options: Any) -> None:
    """Write the picture to a file, whole or not at all.

    Parameters
    ----------
    file
        Path of the file.
    without, planned, **options
        As for :func:`picture`.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    from custfolio.report.whole_file import write_whole

    write_whole(file, svg(without, planned, **options))
