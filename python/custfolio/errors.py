# The error tree of the library, as one importable module.
"""Errors that the library raises on purpose.

The classes are those of the C++ core, which registers each kind once; every one derives from :class:`CustfolioError` and, beside
it, from the built-in kind that Python users expect. The text of an error says what is wrong, where, and what would be right.
"""

from __future__ import annotations

from custfolio._core import (
    CustfolioError,
    InfeasibleError,
    InputError,
    NotFoundError,
    NumericalError,
)

__all__ = ["CustfolioError", "InfeasibleError", "InputError", "NotFoundError", "NumericalError"]
