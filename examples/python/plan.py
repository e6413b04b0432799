"""The whole way in Python, on the deliveries that ship: statement, five steps, optimised plan."""

import custfolio as cf
from custfolio import demo

ledger = cf.Ledger.read(demo.deliveries_path(2021), customer="store", quantity="bottles")
costs = cf.CostModel(rates={"deliveries": 90.0, "lines": 2.5, "quantity": 0.12}, revenue_share=0.20)
statement = cf.statement(ledger, costs, period=("2021-01-01", "2021-12-31"))
portfolio = statement.portfolio
print(statement.bucket)

selection = cf.select(portfolio, target=0.05)
offers = cf.remediate(
    portfolio,
    selection,
    terms=[
        cf.Terms.delivery_fee(25, step=5),
        cf.Terms.minimum_order(2_000, step=100),
        cf.Terms.price(0.03, step=0.005),
    ],
    acceptance=cf.Acceptance(base=0.7),
)
growth = cf.grow(demo.action_plans(), start="2022-01", months=12)

strategy = cf.Strategy(start="2022-01", months=12, floor="current", limits={"sales_hours": 1_200})
plan = strategy.optimise(portfolio, offers=offers, growth=growth)
print(f"{plan.gain / 1e6:.2f} million more heat than without action")
print(f"temperature {plan.without.temperature:.2%} without action, {plan.after.temperature:.2%} with the plan")
