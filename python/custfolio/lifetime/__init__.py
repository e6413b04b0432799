# Room `lifetime`: customer-base models, the value of customers, and the baseline.
"""Evaporation of the bucket, the value of a customer, and the bucket without any action."""

from __future__ import annotations

from custfolio.lifetime._assessment import Assessment, AssessmentComparison, Tracking, assess, assess_models
from custfolio.lifetime._baseline import baseline
from custfolio.lifetime._baseline_result import Baseline
from custfolio.lifetime._cohorts import CohortFits, fit_cohorts
from custfolio.lifetime._counts import BGBB, BetaDiscreteWeibull, ShiftedBetaGeometric, Tenures
from custfolio.lifetime._holt_winters import HoltWinters, holt_winters
from custfolio.lifetime._model import Comparison, Model, compare
from custfolio.lifetime._pareto import NBD, ParetoNBD
from custfolio.lifetime._prediction import ContractPrediction, Prediction
from custfolio.lifetime._purchases import BGNBD, MBGNBD, PurchaseModel
from custfolio.lifetime._spend import GammaGamma, NormalNormal
from custfolio.lifetime._summary import LeftOut, PeriodSummary, Summary, summary

__all__ = [
    "BGBB",
    "BGNBD",
    "MBGNBD",
    "NBD",
    "Assessment",
    "AssessmentComparison",
    "Baseline",
    "BetaDiscreteWeibull",
    "CohortFits",
    "Comparison",
    "ContractPrediction",
    "GammaGamma",
    "HoltWinters",
    "LeftOut",
    "Model",
    "NormalNormal",
    "ParetoNBD",
    "PeriodSummary",
    "Prediction",
    "PurchaseModel",
    "ShiftedBetaGeometric",
    "Summary",
    "Tenures",
    "Tracking",
    "assess",
    "assess_models",
    "baseline",
    "compare",
    "fit_cohorts",
    "holt_winters",
    "summary",
]
