# Step 5, external growth: newcomers from the neighbourhood and the network of warm customers.
"""Prospects, their warmth by place and network, likeness, the fitted chance to win, and white spots."""

from __future__ import annotations

from custfolio.acquisition._history import fit_win
from custfolio.acquisition._likeness import Likeness, likeness
from custfolio.acquisition._network import Introductions, ReferralValue, introductions, network_warmth, referral_value
from custfolio.acquisition._places import WhiteSpots, neighbourhood_warmth, route_fit, white_spots
from custfolio.acquisition._prospects import Prospects, RejectedCandidates, acquire
from custfolio.acquisition._win_fit import WinFit

__all__ = [
    "Introductions", "Likeness", "Prospects", "ReferralValue", "RejectedCandidates", "WhiteSpots", "WinFit", "acquire", "fit_win", "introductions",
    "likeness", "neighbourhood_warmth", "network_warmth", "referral_value", "route_fit", "white_spots",
]  # fmt: skip
