# The error tree of the library, as one importable module.
"""Errors that the library raises on purpose.

The errors are those of the C++ core. Each derives from :class:`CustfolioError` and from the usual built-in kind. The message of an
error names the place, the value found, and the right value.
"""

from __future__ import annotations

from custfolio._core import (
    Cancelled,
    CustfolioError,
    InfeasibleError,
    InputError,
    NotFoundError,
    NumericalError,
)

__all__ = [
    "Cancelled",
    "CustfolioError",
    "InfeasibleError",
    "InputError",
    "NotFoundError",
    "NumericalError",
    "RelaxedWarning",
]


class RelaxedWarning(UserWarning):
    """A plan could not keep a floor or capacity, which was relaxed."""
