# Step 2, remediation: offers of new terms, and a price list.
"""Offers of new terms, and a price list from last year's orders."""

from custfolio.remediation._acceptance import Acceptance, LearnedAcceptance
from custfolio.remediation._offers import NotOffered, Offers, remediate
from custfolio.remediation._price_list import LosingOrders, PriceEffects, PriceList, PriceTable, price_list

__all__ = [
    "Acceptance",
    "LearnedAcceptance",
    "LosingOrders",
    "NotOffered",
    "Offers",
    "PriceEffects",
    "PriceList",
    "PriceTable",
    "price_list",
    "remediate",
]
