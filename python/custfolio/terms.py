# Terms with a customer: delivery fee, minimum order, price.
"""Terms that can be offered."""

from __future__ import annotations

from custfolio._core import Terms

__all__ = ["Terms"]
