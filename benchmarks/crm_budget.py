# Does the budget of a pipeline hold? Chances learned before a cut-off date, the open deals forecast, and what really happened placed in the bands.
"""B2B sales pipeline of 8,800 opportunities; CUSTFOLIO_DATA names the folder of the full data.

At each cut-off the pipeline is as it stood then (`as_of`), without anything that became known later. The chance to be won in a month is
learned from the deals that were open at the beginning of earlier months: by age alone, or by age and the month's place in the quarter.
Amounts come from the earlier prices of the products. Only deals open at the cut-off are forecast; wins of later ones do not count.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypedDict

import numpy as np

import custfolio as cf
from custfolio.growth import Opportunities, coverage, estimate_correlation, read_opportunities

FIRST_CLOSES = np.datetime64("2017-03")
"""The first month in which the data has deals that were decided."""
CUTS = [np.datetime64(f"2017-{month:02d}") for month in range(5, 11)]
MONTHS = 3
PRIOR = 10.0
"""Cases that the coarser rate counts for beside those of a class."""


class Parts(TypedDict):
    """Chances to be won by month ahead, taken apart."""

    decided: float
    """Share of the deals that is decided within the months ahead."""
    timing: np.ndarray
    """In which month, of those."""
    share: np.ndarray
    """Share won of what is decided in each month."""


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


def ages(known: Opportunities, cut: np.datetime64) -> dict[str, int]:
    """Months since its beginning of each open deal."""
    is_open = (known["status"] == "open") & ~np.isnat(known["created"])
    age = (cut - known["created"][is_open].astype("datetime64[M]")).astype(int)
    return dict(zip(map(str, known["opportunity"][is_open]), age.tolist(), strict=True))


def forecast_parts(hazards: Hazards, age: int, cut: np.datetime64) -> Parts:
    """Parts of the chances of deals of an age, as the hazards have them."""
    won, lost, still = np.zeros(MONTHS), np.zeros(MONTHS), 1.0
    for k in range(MONTHS):
        chances = hazards.at(age + k, cut + k)
        won[k], lost[k] = still * chances
        still *= 1.0 - float(chances.sum())
    return parts_of(won, lost)


def parts_of(won: np.ndarray, lost: np.ndarray) -> Parts:
    """Take chances apart; they are decided x timing x share, by month."""
    both = won + lost
    decided = float(both.sum())
    timing = both / decided if decided > 0 else np.full(MONTHS, 1.0 / MONTHS)
    return {
        "decided": decided,
        "timing": timing,
        "share": np.divide(won, both, out=np.full(MONTHS, np.nan), where=both > 0),
    }


def happened(pipeline: Opportunities, open_then: dict[str, int], cut: np.datetime64) -> dict[int, Parts]:
    """The same parts as they were, by age: what only hindsight knows."""
    counts: dict[int, np.ndarray] = {}
    month = (pipeline["closed"].astype("datetime64[M]") - cut).astype(float)
    for name, k, status in zip(pipeline["opportunity"], month.tolist(), pipeline["status"], strict=True):
        if str(name) in open_then:
            row = counts.setdefault(open_then[str(name)], np.zeros((3, MONTHS)))
            row[2, 0] += 1
            if 0 <= k < MONTHS:
                row[0 if status == "won" else 1, int(k)] += 1
    return {age: parts_of(row[0] / row[2, 0], row[1] / row[2, 0]) for age, row in counts.items()}


def ahead(
    pipeline: Opportunities, known: Opportunities, cut: np.datetime64, by_place: bool, hindsight: tuple[str, ...]
) -> dict[str, tuple[float, ...]]:
    """Chance of each open deal to be won in each month ahead; parts named by `hindsight` are as they really were at its age."""
    hazards, open_then = Hazards(known, cut, by_place), ages(known, cut)
    truth = happened(pipeline, open_then, cut)
    chances = {}
    for age in set(open_then.values()):
        parts = forecast_parts(hazards, age, cut)
        if "decided" in hindsight:
            parts["decided"] = truth[age]["decided"]
        if "timing" in hindsight and truth[age]["decided"] > 0:
            parts["timing"] = truth[age]["timing"]
        if "share" in hindsight:  # where nothing was decided there is no share to know
            parts["share"] = np.where(np.isnan(truth[age]["share"]), parts["share"], truth[age]["share"])
        chances[age] = tuple((parts["decided"] * parts["timing"] * np.nan_to_num(parts["share"])).tolist())
    return {name: chances[age] for name, age in open_then.items()}


def correlation(known: Opportunities) -> float:
    """How much the deals of a month share, from the shares won of what was decided in earlier months."""
    closed = known.closed
    months = closed["closed"].astype("datetime64[M]").astype(str)
    return estimate_correlation(closed["status"] == "won", periods=months.tolist()).correlation


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


def forecast(
    pipeline: Opportunities, cut: np.datetime64, by_place: bool, shared: bool = False, hindsight: tuple[str, ...] = ()
) -> list[tuple[float, float, float, float]]:
    """Actual revenue, P10, P90 and expected revenue of each month ahead and of all together."""
    known = pipeline.as_of(str(cut) + "-01")
    chances = ahead(pipeline, known, cut, by_place, hindsight)
    chances = {name: each for name, each in chances.items() if sum(each) > 0}
    plans = known.to_plans(
        str(cut),
        margin=1.0,
        probability={"opportunity": {key: min(1.0, sum(each)) for key, each in chances.items()}},
        undated={"opportunity": {key: {k: p / sum(each) for k, p in enumerate(each)} for key, each in chances.items()}},
        amount={"product": prices(pipeline if "amounts" in hindsight else known)},
        customer="(none)",
        incomplete="leave out",
    )
    growth = cf.grow(plans, start=str(cut), months=MONTHS, correlation=correlation(known) if shared else 0.0)
    actual, _ = outcomes(pipeline, known, cut)
    found = growth.distributions(payoff="revenue")
    came = [*actual, sum(actual)]
    return [(a, each.quantile(0.1), each.quantile(0.9), each.mean) for a, each in zip(came, found, strict=True)]


VARIANTS: list[tuple[str, bool, bool, tuple[str, ...]]] = [
    ("by age", False, False, ()),
    ("by age and place in the quarter", True, False, ()),
    ("by age and place, what is decided known", True, False, ("decided",)),
    ("by age and place, when it is decided known", True, False, ("timing",)),
    ("by age and place, share won of the decided known", True, False, ("share",)),
    ("by age and place, amounts known", True, False, ("amounts",)),
    ("by age and place, what and when known", True, False, ("decided", "timing")),
    ("by age and place, what, when and share known", True, False, ("decided", "timing", "share")),
    ("by age and place, with a common factor", True, True, ()),
]
"""What each is called, whether chances know the place in the quarter, whether deals share a factor, and what hindsight puts in."""


def main() -> None:
    """Print bands and what happened, by cut-off."""
    pipeline = read_opportunities(Path(os.environ["CUSTFOLIO_DATA"]) / "crm" / "sales_pipeline.csv")
    print(f"{len(pipeline):,} opportunities taken, {len(pipeline.rejected):,} not; thousands of dollars, in P10 to P90")
    print("correlation:", ", ".join(f"{cut} {correlation(pipeline.as_of(str(cut) + '-01')):.3f}" for cut in CUTS))
    for title, by_place, shared, hindsight in VARIANTS:
        print(title)
        months, wholes = [], []
        for cut in CUTS:
            rows = forecast(pipeline, cut, by_place, shared, hindsight)
            months += rows[:-1]
            wholes.append(rows[-1])
            told = "; ".join(f"{a / 1e3:,.0f} in {low / 1e3:,.0f} to {high / 1e3:,.0f}" for a, low, high, _ in rows)
            print(f"  {cut}: {told}")
        print(f"  expected / actual: {sum(row[3] for row in wholes) / sum(row[0] for row in wholes):.2f}")
        for what, each in (("months", months), ("three months together", wholes)):
            actual, low, high, _ = zip(*each, strict=True)
            found = coverage(actual, low, high)
            print(
                f"  {what}: {found.inside} of {found.count} within ({found.share:.0%}, interval {found.lower:.0%} to {found.upper:.0%}), "
                f"{found.below} below, {found.above} above",
                flush=True,
            )


if __name__ == "__main__":
    main()
