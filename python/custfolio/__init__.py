# The package's face: every public name, loaded when it is first used.
"""Customer portfolios as water in a bucket: the level is revenue, the temperature profitability.

The temperature must rise without the level dropping, in five steps: selection, remediation, anchoring, internal growth and
external growth. Names are loaded on first use, so that ``import custfolio`` stays light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from custfolio import (
        acquisition,
        anchoring,
        budget,
        costing,
        demo,
        errors,
        growth,
        lifetime,
        overflow,
        remediation,
        segmentation,
    )
    from custfolio._core import Bucket, __version__
    from custfolio.acquisition import Prospects, acquire
    from custfolio.anchoring import Agenda, Cadence, CadenceRule, anchor
    from custfolio.budget import Budget
    from custfolio.costing import Activity, CostModel, Pool
    from custfolio.errors import CustfolioError, InfeasibleError, InputError, NotFoundError, NumericalError
    from custfolio.growth import ActionPlan, ActionStep, Growth, grow
    from custfolio.ledger import Ledger
    from custfolio.portfolio import Customer, Portfolio, TemperatureBridge, bridge, pour
    from custfolio.remediation import Acceptance, Offers, remediate
    from custfolio.selection import (
        CostingComparison,
        Reconciliation,
        Selection,
        Statement,
        WhaleCurve,
        compare_costing,
        select,
        statement,
        whale_curve,
    )
    from custfolio.strategy import Plan, Strategy, optimise
    from custfolio.terms import Terms

_HOME = {
    "Acceptance": "remediation",
    "ActionPlan": "growth",
    "ActionStep": "growth",
    "Activity": "costing",
    "Agenda": "anchoring",
    "Bucket": "_core",
    "Budget": "budget",
    "Cadence": "anchoring",
    "CadenceRule": "anchoring",
    "CostModel": "costing",
    "CostingComparison": "selection",
    "CustfolioError": "errors",
    "Customer": "portfolio",
    "Growth": "growth",
    "InfeasibleError": "errors",
    "InputError": "errors",
    "Ledger": "ledger",
    "NotFoundError": "errors",
    "NumericalError": "errors",
    "Offers": "remediation",
    "Plan": "strategy",
    "Pool": "costing",
    "Portfolio": "portfolio",
    "Prospects": "acquisition",
    "Reconciliation": "selection",
    "Selection": "selection",
    "Statement": "selection",
    "Strategy": "strategy",
    "TemperatureBridge": "portfolio",
    "Terms": "terms",
    "WhaleCurve": "selection",
    "__version__": "_core",
    "acquire": "acquisition",
    "anchor": "anchoring",
    "bridge": "portfolio",
    "compare_costing": "selection",
    "grow": "growth",
    "optimise": "strategy",
    "pour": "portfolio",
    "remediate": "remediation",
    "select": "selection",
    "statement": "selection",
    "whale_curve": "selection",
}
"""The module of each public name."""

_ROOMS = (
    "acquisition",
    "anchoring",
    "budget",
    "costing",
    "demo",
    "errors",
    "growth",
    "lifetime",
    "overflow",
    "remediation",
    "segmentation",
)
"""Modules of the parts, on bare arrays."""

__all__ = [
    "Acceptance",
    "ActionPlan",
    "ActionStep",
    "Activity",
    "Agenda",
    "Bucket",
    "Budget",
    "Cadence",
    "CadenceRule",
    "CostModel",
    "CostingComparison",
    "CustfolioError",
    "Customer",
    "Growth",
    "InfeasibleError",
    "InputError",
    "Ledger",
    "NotFoundError",
    "NumericalError",
    "Offers",
    "Plan",
    "Pool",
    "Portfolio",
    "Prospects",
    "Reconciliation",
    "Selection",
    "Statement",
    "Strategy",
    "TemperatureBridge",
    "Terms",
    "WhaleCurve",
    "__version__",
    "acquire",
    "acquisition",
    "anchor",
    "anchoring",
    "bridge",
    "budget",
    "compare_costing",
    "costing",
    "demo",
    "errors",
    "grow",
    "growth",
    "lifetime",
    "optimise",
    "overflow",
    "pour",
    "remediate",
    "remediation",
    "segmentation",
    "select",
    "statement",
    "whale_curve",
]


def __getattr__(name: str) -> object:
    """Load a public name from the module that defines it (PEP 562)."""
    if name in _ROOMS:
        return importlib.import_module(f"custfolio.{name}")
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'custfolio' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"custfolio.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
