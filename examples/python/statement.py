"""Who costs what: pools and activities, managers and months, one customer traced, and the page for the controller."""

import pyarrow as pa

import custfolio as cf
from custfolio import demo

ledger = cf.Ledger.read(
    demo.deliveries_path(2021), customer="store", quantity="bottles", manager=pa.table(demo.managers())
)
costs = cf.CostModel(
    rates={"quantity": 0.12},
    pools=[
        cf.Pool("drivers", cost=4_300_000, capacity=4_500_000),
        cf.Pool("warehouse", cost=5_600_000, capacity=6_000_000),
        cf.Pool("customer service", cost=560_000, capacity=700_000),
    ],
    activities=[
        cf.Activity("drive and unload", "drivers", "55 + 0.2*lines"),
        cf.Activity("pick", "warehouse", "6 + 1.9*lines"),
        cf.Activity("take an order", "customer service", "6 + 15*new_customer"),
    ],
    revenue_share=0.20,
)
statement = cf.statement(ledger, costs, period=("2021-01-01", "2021-12-31"))
print(statement.bucket)
print(statement.pools)
print(statement.by("manager"))

coldest = statement.whale.columns()["customer_id"][-1]
print(statement.trace(coldest))

shown = {"by": ["manager", ("month", "manager")], "trace": [coldest], "unit": "US dollars"}
statement.report("statement.html", title="Statement of 2021", **shown)
statement.to_excel("statement.xlsx", title="Statement of 2021", **shown)
