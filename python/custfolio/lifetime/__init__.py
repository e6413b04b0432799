# Room `lifetime`: customer-base models, what customers are worth, and the baseline.
"""How fast the bucket evaporates, what a customer is worth, and what the bucket holds without any action."""

from __future__ import annotations

from custfolio.lifetime._baseline import Baseline, HoltWinters, baseline, holt_winters
from custfolio.lifetime._model import Comparison, Model, compare

__all__ = ["Baseline", "Comparison", "HoltWinters", "Model", "baseline", "compare", "holt_winters"]
