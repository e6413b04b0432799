# The demo: the data that ships, assumptions where it has nothing, and the inputs made from both.
"""The demo's inputs: Iowa's liquor wholesaler and its licensed stores, 2020 and 2021.

The data is real (see ``data/README.md``). Everything that it does not contain is an assumption: a constant of this package, explained
in :data:`ASSUMPTIONS`, which every page of the demo shows.

Every function returns *columns*: a dictionary of NumPy arrays of one length, in the order of the store's number.
Customers are text (``"2633"``), as everywhere in the library.
"""

from custfolio.demo.assumptions import (
    ACCEPTANCE,
    ASSUMPTIONS,
    COSTS,
    LIMITS,
    PERIOD,
    START,
    TARGET,
    TERMS,
)
from custfolio.demo.data import SOURCE, cdnow, deliveries, deliveries_path, opportunities, stores, yearly
from custfolio.demo.scenario import action_plans, inputs, managers, prospects, referrals

__all__ = [
    "ACCEPTANCE",
    "ASSUMPTIONS",
    "COSTS",
    "LIMITS",
    "PERIOD",
    "SOURCE",
    "START",
    "TARGET",
    "TERMS",
    "action_plans",
    "cdnow",
    "deliveries",
    "deliveries_path",
    "inputs",
    "managers",
    "opportunities",
    "prospects",
    "referrals",
    "stores",
    "yearly",
]
