# Segments of customers: Pareto classes, natural breaks, RFM, k-means, rules, and migration between them.
"""Segmentation on bare arrays."""

from __future__ import annotations

from custfolio.segmentation._breaks import NaturalBreaks, natural_breaks
from custfolio.segmentation._kmeans import KMeans, kmeans
from custfolio.segmentation._migration import Migration, migration
from custfolio.segmentation._pareto import abc
from custfolio.segmentation._rfm import RFM, rfm
from custfolio.segmentation._rules import rules

__all__ = [
    "RFM",
    "KMeans",
    "Migration",
    "NaturalBreaks",
    "abc",
    "kmeans",
    "migration",
    "natural_breaks",
    "rfm",
    "rules",
]
