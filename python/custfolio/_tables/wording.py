# Text that people read: numbers with their noun, and text of the data without signs that change how it is shown.
"""Count things in text, and clean text."""

from __future__ import annotations

import re

__all__ = ["control_free", "counted"]

# XML forbids control characters and lone surrogates. A terminal obeys them. Directional overrides reorder the text.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def control_free(text: str) -> str:
    """Return text without control characters, lone surrogates and directional overrides; line ends and tabs stay."""
    return _CONTROL.sub("", text)


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
