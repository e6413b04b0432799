# A number with its noun, in singular or plural.
"""Count things in text."""

from __future__ import annotations

__all__ = ["counted"]


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
