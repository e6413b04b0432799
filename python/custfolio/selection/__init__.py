# Step 1, selection: profit and loss of every customer, the whale curve, and a verdict for each.
"""Statement, whale curve and verdict."""

from __future__ import annotations

from custfolio.selection._bridge import StatementBridge
from custfolio.selection._comparison import CostingComparison, compare_costing
from custfolio.selection._groups import GroupedStatement
from custfolio.selection._interest import Interest
from custfolio.selection._reconciliation import Activities, Pools, ReconciledElements, Reconciliation
from custfolio.selection._statement import Statement, statement
from custfolio.selection._trace import Trace, TraceComparison
from custfolio.selection._uncertainty import Uncertainty
from custfolio.selection._verdicts import Selection, select
from custfolio.selection._waterfall import Waterfall
from custfolio.selection._whale import WhaleCurve, whale_curve

__all__ = [
    "Activities", "CostingComparison", "GroupedStatement", "Interest", "Pools", "ReconciledElements", "Reconciliation", "Selection", "Statement",
    "StatementBridge", "Trace", "TraceComparison", "Uncertainty", "Waterfall", "WhaleCurve", "compare_costing", "select", "statement", "whale_curve",
]  # fmt: skip
