# The assumptions of the demo where its data has nothing, as constants and as sentences.
"""The assumptions of the demo. Every page of the demo shows :data:`ASSUMPTIONS`."""

from __future__ import annotations

from typing import Any

PERIOD = ("2021-01-01", "2021-12-31")
"""The period of the demo's statement."""
START = "2022-01"
"""The first month of the demo's plan, which runs over twelve."""

COSTS: dict[str, Any] = {"rates": {"deliveries": 90.0, "lines": 2.5, "quantity": 0.12}, "revenue_share": 0.20}
"""Arguments of ``CostModel``: amounts per delivery, line and bottle, and the share of revenue passed on as duty."""
TARGET = 0.05
"""Target temperature: a store below it gets an offer of new terms."""
UNCERTAIN_RATES = 0.25
"""Relative deviation of each rate of the cost model."""
TERMS: dict[str, Any] = {
    "delivery_fee": 25.0, "minimum_order": 2_000.0, "price": 0.03,
    "step": {"delivery_fee": 5.0, "minimum_order": 100.0, "price": 0.005},
}  # fmt: skip
"""The terms that may be offered and their steps: a fee per delivery, a minimum order, a price change (a fraction)."""
ACCEPTANCE = 0.70
"""Probability that a store accepts an offer that costs it next to nothing."""
LIMITS = {"sales_hours": 1_200.0}
"""Hours that the account managers have for action plans and prospects in the plan's twelve months."""

PEERS = 25
PEER_DISTANCE_KM = 50.0
PEER_FACTOR = 1.5
MINIMUM_MONTHS = 6
SMALLEST_GAP = 0.10
LARGEST_GAP = 0.50
STEPS = (
    # name, condition, earliest month of the plan, duration in months, success, share of the gap, hours
    ("review of the range", "the appointment is held", 1, 1, 0.90, 0.00, 2.0),
    ("trial listing", "the buyer names the items to try", 2, 2, 0.50, 0.15, 3.0),
    ("permanent listing", "the trial sold through", 4, 2, 0.60, 0.35, 1.0),
)
"""The steps of an action plan; each begins only when the one before it has succeeded."""

NEIGHBOURS = 10
WIN = 0.30
PROSPECT_HOURS = 6.0
REGIONS = ("south-west", "north-west", "south-centre", "north-centre", "south-east", "north-east")
REVIEWS_PER_DAY = 4
CHAIN_SIZE = 3
CHAIN_LINKS = 5


def _percent(share: float) -> str:
    return f"{100.0 * share:g}%"


def _steps_text() -> str:
    return "; ".join(
        f"{number}. {name} (condition: {condition}; from month {earliest}, {duration} month{'s'[: duration > 1]}, "
        f"success {_percent(success)}, worth {_percent(share)} of the gap, {hours:g} hour{'s'[: hours > 1]})"
        for number, (name, condition, earliest, duration, success, share, hours) in enumerate(STEPS, 1)
    )


ASSUMPTIONS: tuple[str, ...] = (
    f"Cost to serve: {COSTS['rates']['deliveries']:g} per delivery, {COSTS['rates']['lines']:g} per order line and "
    f"{COSTS['rates']['quantity']:g} per bottle; {_percent(COSTS['revenue_share'])} of revenue is passed on as duty. "
    "The source has no cost to serve.",
    "Cost of goods is bottles times the bottle cost of the price list of November 2022. Goods that had left the list "
    "by then cost revenue / 1.5, the list's own rule.",
    "A delivery is all that a store received on one day, because the source has no document numbers.",
    "There are no payment dates in the source, so credit costs nothing here.",
    "Without any action a store follows the forecast of its own two years before the plan. Its temperature is "
    "shrunk towards that of all stores, so a bad year that passes by itself is not credited to an action.",
    "By law Iowa's wholesaler has one price for all. The demo treats it as a wholesaler that is free to agree on "
    f"terms: a delivery fee of {TERMS['delivery_fee']:g}, a minimum order of {TERMS['minimum_order']:,.0f} or a price "
    f"change of {_percent(TERMS['price'])}, offered to stores below a temperature of {_percent(TARGET)}.",
    f"Offers are multiples of {TERMS['step']['delivery_fee']:g}, {TERMS['step']['minimum_order']:g} and "
    f"{_percent(TERMS['step']['price'])}. Under a minimum order a store waits until its orders reach it.",
    f"A store accepts an offer at almost no cost with a probability of {_percent(ACCEPTANCE)}, and a more expensive one "
    "with less.",
    f"Each of these three rates may be off: its relative standard deviation is {_percent(UNCERTAIN_RATES)}. So a store is surely "
    "warm, surely cold or undecided.",
    "There are no answers on how interesting a store is. Potential is the gap to its peers.",
    f"Peers of a store are the {PEERS} stores most like it, where {PEER_DISTANCE_KM:g} km, a factor {PEER_FACTOR:g} "
    f"in the number of deliveries and a factor {PEER_FACTOR:g} in order lines per delivery count alike. The gap is "
    "the extra revenue at the same deliveries if its revenue per delivery were its peers' upper quartile. Gaps under "
    f"{_percent(SMALLEST_GAP)} of its revenue give no plan, and none counts for more than {_percent(LARGEST_GAP)}.",
    f"An action plan has {len(STEPS)} steps, and their payoffs add up: {_steps_text()}. The extra "
    "revenue costs its goods, duty, lines and bottles, and no further deliveries.",
    f"Plans are for open, located stores that bought in at least {MINIMUM_MONTHS} months of 2021 and in its last "
    "quarter, where extra revenue leaves a contribution.",
    "A store that refuses an offer stays on the old terms. It flows over only if that raises the heat and its level has been "
    "replaced. The answer to an offer comes a month after it, and a newcomer's first delivery a month after the start of "
    "the pursuit.",
    f"Prospects are the located stores that are open and bought nothing in {PERIOD[0][:4]}, on a register published "
    "later: some opened afterwards. A prospect is expected to buy half of what the warm customers around it buy, weighted "
    f"by exp(-distance / 10 km), at their temperature but at least {_percent(TARGET)}, after a ramp of three months. It is won with a "
    f"probability of {_percent(WIN)} at median warmth of its neighbourhood, more where it is warmer and less where it "
    f"is colder. A pursuit needs {PROSPECT_HOURS:g} hours. No past outcome supports this chance: among the candidates of 2020, warmth does "
    "not tell who became a customer in 2021.",
    f"There are {len(REGIONS)} account managers, one per region, with about equally many stores. Each has at most "
    f"{REVIEWS_PER_DAY} reviews a day. Together they have {LIMITS['sales_hours']:,.0f} hours a year for action plans and prospects.",
)
"""Assumptions where the real data has nothing, one sentence or two each. Every page of the demo shows them all."""
