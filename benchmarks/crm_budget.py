# Does the budget of a pipeline hold? Chances learned before a cut-off date, the open deals forecast, and what really happened placed in the bands.
"""B2B sales pipeline of 8,800 opportunities; CUSTFOLIO_DATA names the folder of the full data.

At each cut-off the pipeline is as it stood then (`as_of`), without anything that became known later. The chance to be won in a month is
learned from the deals that were open at the beginning of earlier months: by age alone, or by age and the month's place in the quarter.
Amounts come from the earlier prices of the products. Only deals open at the cut-off are forecast; wins of later ones do not count.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

import custfolio as cf
from custfolio.growth import Opportunities, coverage, read_opportunities

FIRST_CLOSES = np.datetime64("2017-03")
"""The first month in which the data has deals that were decided."""
CUTS = [np.datetime64(f"2017-{month:02d}") for month in range(5, 11)]
MONTHS = 3
PRIOR = 10.0
"""Cases that the coarser rate counts for beside those of a class."""


class Hazards:
    """Chance to be won, and to be lost, in a month, of deals that are open at its beginning."""

    def __init__(self, known: Opportunities, cut: np.datetime64, by_place: bool) -> None:
        self.by_place = by_place
        created, closed = (known[name].astype("datetime64[M]") for name in ("created", "closed"))
        dated = ~np.isnat(created)
        created, closed, status = created[dated], closed[dated], known["status"][dated]
        self.counts: dict[tuple[int, int], np.ndarray] = {}
        self.by_age: dict[int, np.ndarray] = {}
        self.all = np.zeros(3)
        for month in np.arange(FIRST_CLOSES, cut):
            open_then = (created < month) & (np.isnat(closed) | (closed >= month))
            age = (month - created[open_then]).astype(int)
            now = closed[open_then] == month
            won, lost = (now & (status[open_then] == name) for name in ("won", "lost"))
            for a in np.unique(age).tolist():
                row = np.array([(age == a).sum(), won[age == a].sum(), lost[age == a].sum()], dtype=float)
                self.all += row
                self.by_age[a] = self.by_age.get(a, np.zeros(3)) + row
                key = (a, place(month))
                self.counts[key] = self.counts.get(key, np.zeros(3)) + row

    def at(self, age: int, month: np.datetime64) -> np.ndarray:
        """Chances to be won and lost; each class drawn towards the coarser one."""
        rates = self.all[1:] / max(self.all[0], 1.0)
        levels = [self.by_age.get(age)]
        if self.by_place:
            levels.append(self.counts.get((age, place(month))))
        for found in levels:
            if found is not None:
                rates = (found[1:] + PRIOR * rates) / (found[0] + PRIOR)
        return rates


def place(month: np.datetime64) -> int:
    """Place of a month in its quarter, 0 to 2."""
    return int(month.astype(int) % 3)


def ahead(known: Opportunities, cut: np.datetime64, by_place: bool) -> dict[str, tuple[float, ...]]:
    """Chance of each open deal to be won in each month ahead."""
    hazards = Hazards(known, cut, by_place)
    cache: dict[int, tuple[float, ...]] = {}
    found = {}
    is_open = (known["status"] == "open") & ~np.isnat(known["created"])
    ages = (cut - known["created"][is_open].astype("datetime64[M]")).astype(int)
    for name, age in zip(known["opportunity"][is_open], ages.tolist(), strict=True):
        if age not in cache:
            chances, still = [], 1.0
            for k in range(MONTHS):
                won, lost = hazards.at(age + k, cut + k)
                chances.append(still * float(won))
                still *= 1.0 - float(won) - float(lost)
            cache[age] = tuple(chances)
        found[str(name)] = cache[age]
    return found


def prices(known: Opportunities) -> dict[str, float]:
    """Mean amount of each product's wins; single amounts differ by a tenth of it, which averages out over hundreds of deals."""
    won = known["status"] == "won"
    return {
        str(name): float(known["amount"][won & (known["product"] == name)].mean())
        for name in set(known["product"][won])
    }


def outcomes(pipeline: Opportunities, known: Opportunities, cut: np.datetime64) -> tuple[list[float], list[int]]:
    """What deals open at the cut-off brought in each month after it: revenue and number of wins."""
    was_open = set(known["opportunity"][known["status"] == "open"].tolist())
    month = pipeline["closed"].astype("datetime64[M]")
    own = np.array([name in was_open for name in pipeline["opportunity"]]) & (pipeline["status"] == "won")
    rows = [own & (month == cut + k) for k in range(MONTHS)]
    return [float(pipeline["amount"][each].sum()) for each in rows], [int(each.sum()) for each in rows]


def forecast(pipeline: Opportunities, cut: np.datetime64, by_place: bool) -> list[tuple[float, float, float]]:
    """Actual revenue, P10 and P90 of each month ahead and of all together."""
    known = pipeline.as_of(str(cut) + "-01")
    chances = ahead(known, cut, by_place)
    plans = known.to_plans(
        str(cut),
        margin=1.0,
        probability={"opportunity": {key: min(1.0, sum(each)) for key, each in chances.items()}},
        undated={"opportunity": {key: {k: p / sum(each) for k, p in enumerate(each)} for key, each in chances.items()}},
        amount={"product": prices(known)},
        customer="(none)",
        incomplete="leave out",
    )
    budget = cf.Budget.from_growth(cf.grow(plans, start=str(cut), months=MONTHS), currency="USD")
    actual, _ = outcomes(pipeline, known, cut)
    months, whole = (budget.bands(by, measure="level")._columns() for by in ("month", ()))
    rows = list(zip(actual, months["p10"].tolist(), months["p90"].tolist(), strict=True))
    return [*rows, (sum(actual), float(whole["p10"][0]), float(whole["p90"][0]))]


def main() -> None:
    """Print bands and what happened, by cut-off."""
    pipeline = read_opportunities(Path(os.environ["CUSTFOLIO_DATA"]) / "crm" / "sales_pipeline.csv")
    print(f"{len(pipeline):,} opportunities taken, {len(pipeline.rejected):,} not; thousands of dollars, in P10 to P90")
    for by_place in (False, True):
        print(f"chances by age{' and place in the quarter' if by_place else ''}")
        months, wholes = [], []
        for cut in CUTS:
            rows = forecast(pipeline, cut, by_place)
            months += rows[:-1]
            wholes.append(rows[-1])
            told = "; ".join(f"{a / 1e3:,.0f} in {low / 1e3:,.0f} to {high / 1e3:,.0f}" for a, low, high in rows)
            print(f"  {cut}: {told}")
        for what, each in (("months", months), ("three months together", wholes)):
            found = coverage(*zip(*each, strict=True))
            print(
                f"  {what}: {found.inside} of {found.count} within ({found.share:.0%}, interval {found.lower:.0%} to {found.upper:.0%}), "
                f"{found.below} below, {found.above} above"
            )


if __name__ == "__main__":
    main()
