# Room `growth`, step 4: action plans, the distribution of their payoffs, and learned chances.
"""Action plans, the distribution of their payoffs, and learned chances."""

from __future__ import annotations

from custfolio.distribution._distribution import Distribution, TailProbability, mix, sum_distribution
from custfolio.growth._calibration import (
    Calibration,
    CalibrationByGroup,
    Coverage,
    Slippage,
    SuccessRates,
    WinRateByAge,
    calibrate,
    coverage,
    slippage,
    success_rates,
    win_rate_by_age,
)
from custfolio.growth._factor_correlation import FactorCorrelation, estimate_correlation
from custfolio.growth._forecast import Growth, grow
from custfolio.growth._next_actions import CustomerWhiteSpace, NextActions, WhiteSpace, next_actions, white_space
from custfolio.growth._open_chances import GroupPaces, OpenChances, WithoutDay, open_chances
from custfolio.growth._opportunities import Opportunities, read_opportunities
from custfolio.growth._pipeline import OpportunityPlans, PipelineOptions
from custfolio.growth._plan_frames import plans_from_frame
from custfolio.growth._plans import ActionPlan, ActionStep, lognormal_size, triangular_size
from custfolio.growth._steps import Steps
from custfolio.growth._time_to_target import TimeToTarget

__all__ = [
    "ActionPlan",
    "ActionStep",
    "Calibration",
    "CalibrationByGroup",
    "Coverage",
    "CustomerWhiteSpace",
    "Distribution",
    "FactorCorrelation",
    "GroupPaces",
    "Growth",
    "NextActions",
    "OpenChances",
    "Opportunities",
    "OpportunityPlans",
    "PipelineOptions",
    "Slippage",
    "Steps",
    "SuccessRates",
    "TailProbability",
    "TimeToTarget",
    "WhiteSpace",
    "WinRateByAge",
    "WithoutDay",
    "calibrate",
    "coverage",
    "estimate_correlation",
    "grow",
    "lognormal_size",
    "mix",
    "next_actions",
    "open_chances",
    "plans_from_frame",
    "read_opportunities",
    "slippage",
    "success_rates",
    "sum_distribution",
    "triangular_size",
    "white_space",
    "win_rate_by_age",
]
