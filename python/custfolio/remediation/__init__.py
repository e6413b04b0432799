# Step 2, remediation: offers of new terms, what became of them, terms among peers, and a price list.
"""Offers of new terms, their review, a benchmark among peers, and a price list from last year's orders."""

from custfolio.remediation._acceptance import Acceptance, LearnedAcceptance
from custfolio.remediation._offers import NotOffered, Offers, remediate
from custfolio.remediation._peers import Benchmark, UnlikeOffers, benchmark, unlike_offers
from custfolio.remediation._price_list import LosingOrders, PriceEffects, PriceList, PriceTable, price_list
from custfolio.remediation._review import Review, ReviewedGroups, ReviewedNewcomers, review
from custfolio.remediation._sequences import AskSequences, ask_sequences

__all__ = [
    "Acceptance",
    "AskSequences",
    "Benchmark",
    "LearnedAcceptance",
    "LosingOrders",
    "NotOffered",
    "Offers",
    "PriceEffects",
    "PriceList",
    "PriceTable",
    "Review",
    "ReviewedGroups",
    "ReviewedNewcomers",
    "UnlikeOffers",
    "ask_sequences",
    "benchmark",
    "price_list",
    "remediate",
    "review",
    "unlike_offers",
]
