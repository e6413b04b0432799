# Small building blocks of pictures: elements whose every text and attribute is escaped, and axes with round ticks.
"""Scalable vector graphics as text, without a library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from custfolio._tables.wording import control_free
from custfolio.errors import InputError

__all__ = ["Fragment", "drawn", "element", "number", "path", "ticks"]


class Fragment(str):
    """Markup that is already escaped; templates insert it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def number(value: float) -> str:
    """A coordinate, to a hundredth."""
    if not math.isfinite(value):
        raise InputError(f"a coordinate must be finite; found {value}")
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def element(tag: str, *children: str, **attributes: object) -> Fragment:
    """An element; ``class_`` and ``stroke_width`` become ``class`` and ``stroke-width``.

    Parameters
    ----------
    tag
        Name of the element, from the program and never from data.
    children
        Fragments are inserted as they are, all other text is escaped.
    attributes
        Numbers are written as coordinates, text is escaped; None leaves the attribute out.

    Returns
    -------
    Fragment
        The markup.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="'
        + (number(value) if isinstance(value, (int, float)) else escape(control_free(str(value))))
        + '"'
        for name, value in attributes.items()
        if value is not None
    )
    inside = "".join(
        child if isinstance(child, Fragment) else escape(control_free(child), quote=False) for child in children
    )
    return Fragment(f"<{tag}{written}>{inside}</{tag}>" if inside else f"<{tag}{written}/>")


def drawn(*parts: str | float) -> str:
    """The ``d`` of a path from its letters and coordinates."""
    return " ".join(part if isinstance(part, str) else number(part) for part in parts)


def path(points: Sequence[tuple[float, float]], close: bool = False) -> str:
    """The ``d`` of a path through the points."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points) + ("Z" if close else "")


def ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Round values that cover the range: steps of 1, 2, 2.5 or 5 times a power of ten.

    Parameters
    ----------
    low, high
        The range; a range without width is widened.
    count
        About how many steps.

    Returns
    -------
    list of float
        Rising values, the first not above ``low`` and the last not below ``high``.
    """
    if not high > low:
        low, high = min(low, 0.0), max(high, 0.0)
        if high == low:
            high = 1.0
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [index * step for index in range(first, last + 1)]
