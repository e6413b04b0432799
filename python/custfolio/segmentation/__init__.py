# Segments of customers: Pareto classes and natural breaks.
"""Segmentation on bare arrays."""

from __future__ import annotations

from custfolio.segmentation._breaks import NaturalBreaks, natural_breaks
from custfolio.segmentation._pareto import abc

__all__ = ["NaturalBreaks", "abc", "natural_breaks"]
