# Text that people read: numbers with their noun, and text of the data without signs that change how it is shown.
"""Count things in text, and clean text."""

from __future__ import annotations

import re
from typing import Any, Final

__all__ = ["POINT_OF_WHOLE", "control_free", "counted", "identity_text"]

POINT_OF_WHOLE: Final = r"^(-?(?:0|[1-9]\d*))\.0+$"
"""A whole number with a decimal point, such as 17850.0; leading zeros are part of an identity."""

# XML forbids control characters and lone surrogates. A terminal obeys them. Directional overrides reorder the text.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def control_free(text: str) -> str:
    """Return text without control characters, lone surrogates and directional overrides; line ends and tabs stay."""
    return _CONTROL.sub("", text)


def identity_text(value: Any) -> str:
    """Return an identity as text: a whole number without a decimal point, in text too; anything else verbatim.

    Parameters
    ----------
    value : object
        A cell: text or a number.

    Returns
    -------
    str
        Such as "17850" of 17850, 17850.0, "17850" and "17850.0".
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return re.sub(POINT_OF_WHOLE, r"\1", str(value))


def counted(number: int, one: str, several: str | None = None) -> str:
    """Return a number with its noun.

    Parameters
    ----------
    number : int
        How many.
    one, several : str
        The noun in singular and plural; the default plural ends in -s.

    Returns
    -------
    str
        Such as "1 customer" or "1,948 customers".
    """
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"
