# Fifteen small companies that are not the demo: made-up ledgers, one folder each, the same files for the same seed.
"""Write ledgers of companies with unusual histories, and the settings of their plans."""

from __future__ import annotations

import csv
import datetime
import math
import random
from collections.abc import Iterator
from pathlib import Path

FIRST, LAST = datetime.date(2022, 1, 1), datetime.date(2024, 12, 31)
SEASON = (0.45, 0.5, 0.9, 0.8, 0.9, 0.8, 0.75, 0.7, 1.4, 1.2, 1.9, 1.7)
SPECIAL = {
    "shrinking": "a third of the customers leaves each year: the level of last year cannot be held",
    "loss_making": "goods and service cost more than revenue: total contribution below zero, many customers above",
    "seasonal": "700 irregular customers with a strong season: three orders a year each",
    "returns": "a fifth of the rows are credit notes, some customers end the year below zero",
    "few": "three customers, one of them 90 % of the level",
    "one": "one customer",
    "costless": "no cost column at all",
    "gaps": "quantity, document and cost are empty in a tenth of the rows",
    "project": "40 customers, one or two invoices a year of very different size",
    "young": "founded in September 2024: four months of history",
    "part_month": "the ledger ends on 12 December 2024",
    "big_amounts": "amounts of 10^9 to 10^13 in a currency with small units",
    "same": "50 customers, all equal to the cent",
    "families": "customers buy in six product families; some customers share two sales managers",
    "awkward": "names with quotes, semicolons, tags, formulas, right-to-left text and a null byte's picture",
}
"""The companies, and what is special about each."""
AWKWARD = (
    'O"Neil; Sons', "<script>alert(1)</script>", "=1+1", "Café \u202eabc\u202c", "a\tb", "مؤسسة", "\u2400 picture",
    "'; drop table x; --", "-5", "Ünïcödé & Co",
)  # fmt: skip
SETTINGS = """\
[ledger]
files = "ledger.csv"
period = ["2024-01-01", "2024-12-31"]

[costs]
rates = { deliveries = 20.0, lines = 0.5 }
revenue_share = 0.02

[remediation]
delivery_fee = 25.0
minimum_order = 500.0
price = 0.03

[strategy]
start = "2025-01"
floor = "current"
discount_rate = 0.08

[output]
folder = "plan"
"""
"""A custfolio.toml with the floor of the template."""


def orders(rng: random.Random, name: str) -> Iterator[tuple[int, datetime.date, float, float, int]]:
    """Yield customer, day, revenue, cost and quantity of each row."""
    count = {"few": 3, "one": 1, "project": 40, "same": 50, "seasonal": 700}.get(name, 160)
    first = datetime.date(2024, 9, 2) if name == "young" else FIRST
    last = datetime.date(2024, 12, 12) if name == "part_month" else LAST
    days = (last - first).days + 1
    for customer in range(count):
        size = 100.0 if name == "same" else rng.lognormvariate(5.5, 1.0) * (40 if (name, customer) == ("few", 0) else 1)
        rate = {"project": 1.5, "seasonal": 3.0, "same": 12.0}.get(name, rng.lognormvariate(2.5, 0.6))
        gone = first + datetime.timedelta(days=int(rng.expovariate(0.4) * 365)) if name == "shrinking" else last
        spread = {"project": 1.6, "same": 0.0}.get(name, 0.5)
        margin = 0.3 if name == "same" else rng.uniform(*((-0.25, 0.2) if name == "loss_making" else (0.15, 0.5)))
        rows = round(rate * days / 365) if name == "same" else sum(rng.random() < rate / 365 for _ in range(days))
        for row in range(rows):
            day = first + datetime.timedelta(days=int((row + 0.5) * days / rows))
            while name != "same":
                day = first + datetime.timedelta(days=rng.randrange(days))
                if name != "seasonal" or rng.random() < SEASON[day.month - 1] / 1.9:
                    break
            if day > gone:
                continue
            revenue = size * math.exp(rng.gauss(0, spread)) if spread else size
            if name == "big_amounts":
                revenue *= 10 ** rng.uniform(7, 10)
            if name == "returns" and rng.random() < 0.2:
                revenue *= -rng.uniform(0.5, 3.0)
            yield customer, day, round(revenue, 2), round(revenue * (1 - margin), 2), max(1, round(abs(revenue) / 20))


def write(folder: Path, name: str, seed: str = "1") -> Path:
    """Write a company's ledger and its custfolio.toml; return the settings' path."""
    rng = random.Random(f"{seed} {name}")
    folder.mkdir(parents=True, exist_ok=True)
    columns = ["customer", "name", "date", "document", "revenue", "cost", "quantity"]
    if name == "costless":
        columns.remove("cost")
    if name == "families":
        columns += ["family", "manager"]
    with (folder / "ledger.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        for number, order in enumerate(sorted(orders(rng, name), key=lambda one: (one[1], one[0]))):
            customer, day, revenue, cost, quantity = order
            called = AWKWARD[customer % len(AWKWARD)] if name == "awkward" else f"Customer {customer}"
            row: dict[str, object] = {
                "customer": f"{customer:05d}", "name": called, "date": day.isoformat(), "document": f"D{number:06d}",
                "revenue": revenue, "cost": cost, "quantity": quantity, "family": "abcdef"[rng.randrange(6)],
                "manager": f"m{customer % 4}" if customer % 9 else "m1;m2",
            }  # fmt: skip
            for column in ("document", "cost", "quantity"):
                if name == "gaps" and rng.random() < 0.1:
                    row[column] = ""
            writer.writerow(row)
    settings = folder / "custfolio.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    return settings
