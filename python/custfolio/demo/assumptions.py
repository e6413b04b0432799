# What the data of the demo does not hold: its assumptions, as constants and as sentences.
"""The assumptions of the demo, told in :data:`ASSUMPTIONS`, which every page of the demo shows."""

from __future__ import annotations

from typing import Any

PERIOD = ("2021-01-01", "2021-12-31")
"""The period of the demo's statement."""
START = "2022-01"
"""The first month of the demo's plan, which runs over twelve."""

COSTS: dict[str, Any] = {"rates": {"deliveries": 90.0, "lines": 2.5, "quantity": 0.12}, "revenue_share": 0.20}
"""Arguments of ``CostModel``: amounts per delivery, line and bottle, and the share of revenue passed on as duty."""
TARGET = 0.05
"""Target temperature: a store below it is asked along into new terms."""
TERMS = {"delivery_fee": 25.0, "minimum_order": 2_000.0, "price": 0.03}
"""The terms that may be offered: a fee per delivery, a minimum order, a price change (a fraction)."""
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
    return f"{100.0 * share:g} %"


def _steps_text() -> str:
    return "; ".join(
        f"{number}. {name} (condition: {condition}; from month {earliest}, {duration} month{'s'[: duration > 1]}, "
        f"success {_percent(success)}, worth {_percent(share)} of the gap, {hours:g} hour{'s'[: hours > 1]})"
        for number, (name, condition, earliest, duration, success, share, hours) in enumerate(STEPS, 1)
    )


ASSUMPTIONS: tuple[str, ...] = (
    f"Cost to serve: {COSTS['rates']['deliveries']:g} per delivery, {COSTS['rates']['lines']:g} per order line and "
    f"{COSTS['rates']['quantity']:g} per bottle; {_percent(COSTS['revenue_share'])} of revenue is passed on as duty. "
    "The source holds no cost to serve.",
    "Cost of goods is bottles times the bottle cost of the price list of November 2022; goods that had left the list "
    "by then cost revenue / 1.5, the list's own rule.",
    "A delivery is all that a store received on one day, because the source has no document numbers.",
    "There are no payment dates in the source, so credit costs nothing here.",
    "Without any action a store does what its own two years before the plan let expect (`cf.lifetime.baseline`), at a temperature shrunk towards "
    "that of all stores, so that a bad year that passes by itself is no action's merit.",
    "Iowa's wholesaler asks one price of all by law. The demo treats it as a wholesaler that is free to agree on "
    f"terms: a delivery fee of {TERMS['delivery_fee']:g}, a minimum order of {TERMS['minimum_order']:,.0f} or a price "
    f"change of {_percent(TERMS['price'])}, offered to stores below a temperature of {_percent(TARGET)}.",
    f"A store accepts an offer that hardly costs it anything with a probability of {_percent(ACCEPTANCE)}, and a "
    "heavier one with less.",
    "No store has been asked what makes it interesting: potential is the gap to its peers, and there are no quality "
    "answers.",
    f"Peers of a store are the {PEERS} stores most like it, where {PEER_DISTANCE_KM:g} km, a factor {PEER_FACTOR:g} "
    f"in the number of deliveries and a factor {PEER_FACTOR:g} in order lines per delivery count alike. The gap is "
    "what the store would buy more at the same deliveries if its revenue per delivery were its peers' upper "
    f"quartile; gaps under {_percent(SMALLEST_GAP)} of its revenue give no plan, and none counts for more than "
    f"{_percent(LARGEST_GAP)}.",
    f"An action plan has {len(STEPS)} steps, the later payoff on top of the earlier: {_steps_text()}. The extra "
    "revenue costs its goods, duty, lines and bottles, and no further deliveries.",
    f"Plans are for open, located stores that bought in at least {MINIMUM_MONTHS} months of 2021 and in its last "
    "quarter, where extra revenue leaves a contribution.",
    "Who refuses an offer stays on the old terms, and flows over only where that raises the heat and its level has been "
    "replaced. The answer to an offer comes a month after it, and a newcomer's first delivery a month after the pursuit "
    "has begun.",
    f"Prospects are the located stores that are open and bought nothing in {PERIOD[0][:4]}, on a register published "
    "later: some opened afterwards. A prospect is expected to buy half of what the warm customers around it buy, weighted "
    f"by exp(-distance / 10 km), at their temperature but at least {_percent(TARGET)}, reaching it over three months. It is won with a "
    f"probability of {_percent(WIN)} where its neighbourhood is of median warmth, more where it is warmer and less where it "
    f"is colder, and a pursuit takes {PROSPECT_HOURS:g} hours.",
    f"{len(REGIONS)} account managers, one a region of about as many stores as the others, hold at most "
    f"{REVIEWS_PER_DAY} reviews a day and have {LIMITS['sales_hours']:,.0f} hours a year together for action plans "
    "and prospects.",
)
"""What the real data does not hold, one sentence or two each. Every page of the demo shows them all."""
