# A slow model of the rules of a plan: it lays out every plan of a small case, in order or not, and finds the best.
"""The rules of a plan, apart from the library: plain arrays in, every plan looked at.

Where the rules leave a choice, this is the reading (customer i, month m; `known`: the month of the answer; `b`: the month of overflow).

1.  What would a customer with an action plan of its own have bought? What it buys on old terms, without the plan: `out`.
    The part of the plan that leaves with it lowers `incoming` instead.
2.  Is "nobody replaces himself" a row beside `out <= in`? Yes: in every month from b on, for every customer that leaves.
3.  How much room has a month under the floor of a year? The row's room, in proportion to the level without action.
    A month without a floor has room without end; a fallen floor leaves none; of several rows the least counts.
4.  When does a customer "gain in no month"? If leaving gains in no month from its answer to the end, also before b.
    The heat of the action plans of its course leaves with it and counts.
5.  Is leaving for nothing a loss? No: a gain of 0 is allowed.
6.  When is a refusal "known by b"? After an offer: from its answer on. After an earlier refusal, without a new offer: always.
    Without either, a customer is no ice cube.
7.  What does "alone" mean in "alone would not be replaced"? Only this customer leaves, in b; all other courses bring what they bring.
8.  Which months are the rows of a rolling year? One row for each month: the twelve that end in it, before the start as bought.
9.  Does a month that the reference lacks count in its row of "current"? No, on neither side.
10. What is a part row of a number? The reference's share of its months; an even share where the reference lacks some or is not positive.
11. Can an offer be answered, or a newcomer begin, after the last month? No: such an offer or pursuit is no course.
12. Do several plans come equally near a floor that cannot be held? Then the rows of any of them may fall.
    Shortfalls of floors and excesses over capacity add up, in currency.
13. May a plan come nearer to one floor by missing another by more than without action? Only where limits leave no other.
14. Does an offer without a chance count against a limit on offers? No; it uses hours and money.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
NEVER = 10_000


@dataclass(frozen=True)
class Offer:
    """An offer to a customer: its chance, and the changes over the reference period if accepted."""

    customer: int
    acceptance: float
    level: float
    heat: float
    deliveries: float = 0.0


@dataclass(frozen=True)
class Growth:
    """An action plan of one step: it starts in a month, is decided at once, and pays for some months."""

    customer: int
    chance: float
    start: int
    revenue: float  # a month
    contribution: float  # a month
    hours: float = 0.0
    spend: float = 0.0
    lasts: int = 0  # 0: to the end

    def expected(self, months: int) -> dict[str, Array]:
        """Return expected level, heat, hours and spend per month."""
        time = np.arange(months)
        pays = self.chance * ((time >= self.start) & ((time < self.start + self.lasts) | (self.lasts == 0)))
        once = 1.0 * (time == self.start)
        return {
            "level": pays * self.revenue,
            "heat": pays * self.contribution - once * self.spend,
            "hours": once * self.hours,
            "spend": once * self.spend,
        }


@dataclass(frozen=True)
class Prospect:
    """A newcomer: its chance, and its amounts a year if won."""

    chance: float
    level: float
    heat: float
    deliveries: float = 0.0
    hours: float = 0.0
    ramp: int = 0
    own_lead: int | None = None

    def lead(self, case: Case) -> int:
        """Months from the pursuit to the first month: its own, else those of the strategy."""
        return case.lead if self.own_lead is None else self.own_lead


@dataclass(frozen=True)
class Row:
    """A floor: the least sum of the level over some months of the plan, and the sum without action."""

    months: list[int]
    floor: float
    baseline: float


@dataclass(frozen=True)
class Case:
    """A company, its choices and the settings of a strategy. Arrays are customers x months of the plan."""

    level: Array  # without action
    heat: Array  # without action
    reference: Array  # customers x 12 months before the plan: what was bought; NaN in months that are not known
    avoidable: Array  # per customer: avoidable less full contribution over the reference period
    deliveries: Array  # per customer over the reference period
    offers: Sequence[Offer] = ()
    growth: Sequence[Growth] = ()
    prospects: Sequence[Prospect] = ()
    refused: frozenset[int] = frozenset()
    floor: str | float | Sequence[float] = "none"
    floor_every: str = "year"
    capacity: float | None = None
    limits: Mapping[str, float | Sequence[float]] = field(default_factory=dict)
    discount_rate: float = 0.0
    notice: int = 1
    lead: int = 1
    interval: int = 1
    hours_per_offer: float = 0.0
    cost_per_offer: float = 0.0
    cost_per_pursuit: float = 0.0
    replaced_by_room: bool = False

    @property
    def months(self) -> int:
        return self.level.shape[1]

    @property
    def discount(self) -> Array:
        return (1 + self.discount_rate) ** (-np.arange(self.months) / 12)

    @property
    def activity(self) -> Array:
        """Each month's size as a share of the reference period; an even share where there was none."""
        size = np.nansum(np.abs(self.reference), axis=1, keepdims=True)
        even = 1 / np.isfinite(self.reference).sum(axis=1, keepdims=True)
        return np.where(size > 0, np.abs(self.level) / np.where(size > 0, size, 1), even)

    @property
    def avoidable_heat(self) -> Array:
        return self.heat + self.avoidable[:, None] * self.activity

    @property
    def tolerance(self) -> float:
        """Rounding of sums of amounts."""
        amounts = [self.level, self.heat, self.reference]
        return 1e-9 * max(1.0, sum(float(np.nansum(np.abs(one))) for one in amounts))


def floor_rows(case: Case) -> list[Row]:
    """Return the floors of a case, in order."""
    if isinstance(case.floor, str) and case.floor == "none":
        return []
    rolling = case.floor_every == "rolling year"
    span = {"year": 12, "rolling year": 12, "quarter": 3, "month": 1}[case.floor_every]
    without, reference = case.level.sum(axis=0), case.reference.sum(axis=0)
    firsts = range(-11, case.months - 11) if rolling else range(0, case.months, span)
    rows = []
    for k, first in enumerate(firsts):
        window = range(first, first + span)
        months = [m for m in window if 0 <= m < case.months]
        past = sum(reference[m % 12] for m in window if m < 0 and np.isfinite(reference[m % 12]))
        share = 1.0
        if case.floor == "baseline":
            floor = without[months].sum()
        elif case.floor == "current":
            months = [m for m in months if np.isfinite(reference[m % 12])]
            floor = sum(reference[m % 12] for m in months)
        elif isinstance(case.floor, float):
            if not rolling and len(months) < span:
                full = sum(reference[m % 12] for m in window)  # not a number where a month is not known
                share = reference[[m % 12 for m in months]].sum() / full if full > 0 else len(months) / span
            floor = case.floor * share - past
        else:
            floor = case.floor[k] - past
        if months:
            rows.append(Row(months, float(floor), float(without[months].sum())))
    return rows


def room(case: Case, rows: Sequence[Row]) -> Array:
    """Return the room above the floor that counts as replaced, per month."""
    if not case.replaced_by_room:
        return np.zeros(case.months)
    without = np.maximum(case.level.sum(axis=0), 0.0)
    found = np.full(case.months, np.inf)
    for row in rows:
        share = max(0.0, row.baseline - row.floor) / row.baseline if row.baseline > 0 else 0.0
        found[row.months] = np.minimum(found[row.months], share * without[row.months])
    return found


@dataclass(frozen=True)
class Course:
    """What is done with one customer or prospect; as the courses of a plan."""

    offer: int = -1
    month: int = -1
    overflow: int = -1
    plans: tuple[int, ...] = ()


class Effect:
    """What one course of one customer or prospect does, month by month."""

    def __init__(self, months: int, course: Course) -> None:
        self.level, self.heat, self.out, self.incoming = (np.zeros(months) for _ in range(4))
        self.used = {name: np.zeros(months) for name in ("sales_hours", "deliveries", "money", "offers")}
        self.bought = np.zeros(months)  # what leaves in a month once it has left
        self.gain = np.full(months, -np.inf)  # discounted heat that is gained if it leaves in a month
        self.known = NEVER  # month in which its refusal is known
        self.leaves = NEVER if course.overflow < 0 else course.overflow

    @property
    def gains(self) -> Array:
        """Return the gain of leaving in each month that it may leave in."""
        return self.gain[self.known :]


def customer_courses(case: Case, i: int) -> list[Course]:
    """Return the courses of customer i."""
    months = case.months
    own = [k for k, one in enumerate(case.growth) if one.customer == i]
    found = []
    for count in range(len(own) + 1):
        for plans in itertools.combinations(own, count):
            found.append(Course(plans=plans))
            if i in case.refused:
                found += [Course(overflow=b, plans=plans) for b in range(months)]
            for k, offer in enumerate(case.offers):
                if offer.customer == i:
                    for a in range(0, months - case.notice, case.interval):
                        found.append(Course(k, a, -1, plans))
                        found += [Course(k, a, b, plans) for b in range(a + case.notice, months)]
    return found


def customer_effect(case: Case, i: int, course: Course) -> Effect:
    """Return what a course of customer i does."""
    found = Effect(case.months, course)
    time = np.arange(case.months)
    activity, avoidable = case.activity[i], case.avoidable_heat[i]
    growth = {name: np.zeros(case.months) for name in ("level", "heat", "hours", "spend")}
    for k in course.plans:
        for name, amounts in case.growth[k].expected(case.months).items():
            growth[name] = growth[name] + amounts
    refuses = 0.0
    accepted = np.zeros(case.months)
    offer = Offer(i, 0.0, 0.0, 0.0)
    if course.offer >= 0:
        offer = case.offers[course.offer]
        found.known = course.month + case.notice
        refuses = 1 - offer.acceptance
        accepted = offer.acceptance * activity * (time >= found.known)
        found.used["offers"][course.month] = offer.acceptance > 0
        found.used["sales_hours"][course.month] = case.hours_per_offer
        found.used["money"][course.month] = case.cost_per_offer
    elif i in case.refused:
        found.known = 0
        refuses = 1.0
    gone = refuses * (time >= found.leaves)
    found.bought = refuses * np.maximum(case.level[i], 0)
    found.out = gone * np.maximum(case.level[i], 0)
    found.incoming = np.maximum(accepted * offer.level + growth["level"] * (1 - gone), 0)
    found.level = (case.level[i] + growth["level"]) * (1 - gone) + accepted * offer.level
    found.used["sales_hours"] += growth["hours"] * (1 - gone)
    found.used["money"] += growth["spend"] * (1 - gone)
    found.used["deliveries"] = case.deliveries[i] * activity * (1 - gone) + accepted * offer.deliveries
    found.heat = case.heat[i] - gone * avoidable + accepted * offer.heat + growth["heat"] * (1 - gone)
    if course.offer >= 0:
        found.heat[course.month] -= case.cost_per_offer
    if found.known < NEVER:
        lost = case.discount * refuses * (avoidable + growth["heat"])
        found.gain = np.array([-lost[b:].sum() for b in range(case.months)])
    return found


def prospect_courses(case: Case, k: int) -> list[Course]:
    """Return the courses of prospect k."""
    lead = case.prospects[k].lead(case)
    return [Course(), *(Course(month=a) for a in range(0, case.months - lead, case.interval))]


def prospect_effect(case: Case, k: int, course: Course) -> Effect:
    """Return what a course of prospect k does."""
    found = Effect(case.months, course)
    if course.month < 0:
        return found
    one = case.prospects[k]
    age = np.arange(case.months) - course.month - one.lead(case)
    share = one.chance / 12 * np.clip((age + 1) / (one.ramp + 1), 0, 1)
    found.level = one.level * share
    found.incoming = np.maximum(found.level, 0)
    found.heat = one.heat * share
    found.heat[course.month] -= case.cost_per_pursuit
    found.used["deliveries"] = one.deliveries * share
    found.used["sales_hours"][course.month] = one.hours
    found.used["money"][course.month] = case.cost_per_pursuit
    return found


def courses(case: Case, position: int) -> list[Course]:
    """Return the courses of a customer, or of a prospect, which come after the customers."""
    n = len(case.level)
    return customer_courses(case, position) if position < n else prospect_courses(case, position - n)


def effect(case: Case, position: int, course: Course) -> Effect:
    """Return what a course of a customer or prospect does."""
    n = len(case.level)
    return customer_effect(case, position, course) if position < n else prospect_effect(case, position - n, course)


class Unit:
    """All courses of one customer or prospect, with their effects: arrays of courses x months."""

    def __init__(self, case: Case, position: int) -> None:
        self.courses = courses(case, position)
        effects = [effect(case, position, course) for course in self.courses]
        for name in ("level", "heat", "out", "incoming", "bought", "gain"):
            setattr(self, name, np.array([getattr(one, name) for one in effects]))
        self.used = {name: np.array([one.used[name] for one in effects]) for name in effects[0].used}
        self.known = np.array([one.known for one in effects])
        self.leaves = np.array([one.leaves for one in effects])
        self.gains = np.array([(one.gains > case.tolerance).any() for one in effects])
        self.loss = np.array([one.leaves < NEVER and one.gain[one.leaves] < -case.tolerance for one in effects])


def coldness(case: Case) -> list[int]:
    """Return the customers, coldest first."""
    heat = case.avoidable_heat.sum(axis=1)
    level = case.level.sum(axis=1)

    def rank(i: int) -> tuple[float, float, int]:
        without_level = -np.inf if heat[i] < 0 else np.inf
        return (heat[i] / level[i] if level[i] > 0 else without_level, heat[i], i)

    return sorted(range(len(level)), key=rank)


@dataclass(frozen=True)
class Answer:
    """The best plans of a case under given floors."""

    value: float  # of the best plan in order, within all rows; -inf where there is none
    free: float  # the same without the order


def broken(case: Case, courses: Sequence[Course]) -> list[str]:
    """Return the rules of order, replacement and loss that a plan breaks: the same as in Plans, course by course."""
    effects = [effect(case, position, course) for position, course in enumerate(courses)]
    nothing = np.zeros(case.months)
    out, incoming = sum((one.out for one in effects), nothing), sum((one.incoming for one in effects), nothing)
    free, slack = room(case, floor_rows(case)), case.tolerance
    found = [f"out > in in {m}" for m in range(case.months) if out[m] > incoming[m] + free[m] + slack]
    for i, one in enumerate(effects):
        for m in range(case.months):
            if one.out[m] > incoming[m] - one.incoming[m] + free[m] + slack:
                found.append(f"{i} replaces itself in {m}")
        if one.leaves < NEVER and one.gain[one.leaves] < -slack:
            found.append(f"{i} leaves at a loss")
    order = coldness(case)
    for place, warm in enumerate(order):
        b = effects[warm].leaves
        for cold in order[:place] if b < NEVER else ():
            other = effects[cold]
            rest = incoming - other.incoming + free + slack
            alone = all(other.bought[m] <= rest[m] for m in range(b, case.months))
            if other.known <= b < other.leaves and max(other.gains) > slack and alone:
                found.append(f"{warm} leaves in {b} before {cold}")
    return found


class Plans:
    """Every plan of a case: one column of each array is a plan."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.units = [Unit(case, position) for position in range(len(case.level) + len(case.prospects))]
        sizes = [len(unit.courses) for unit in self.units]
        self.sizes = sizes
        self.chosen = np.indices(sizes).reshape(len(sizes), -1) if sizes else np.zeros((0, 1), dtype=int)
        self.count = self.chosen.shape[1]
        self.level = self._sum("level")
        self.heat = self._sum("heat")
        self.value = self.heat @ case.discount
        self.out = self._sum("out")
        self.incoming = self._sum("incoming")
        self.rows = floor_rows(case)
        self.sums = np.array([self.level[:, row.months].sum(axis=1) for row in self.rows]).reshape(-1, self.count)
        self.room = room(case, self.rows)
        self.ordered = self._order()
        self.by_rule = self._replaced() & self._without_loss() & self.ordered
        self.kept = self._limits() & self._replaced() & self._without_loss()  # whatever the order

    def _sum(self, name: str) -> Array:
        found = np.zeros((self.count, self.case.months))
        for unit, chosen in zip(self.units, self.chosen, strict=True):
            found += getattr(unit, name)[chosen]
        return found

    def _limits(self) -> NDArray[np.bool_]:
        kept = np.ones(self.count, dtype=bool)
        for name, limit in self.case.limits.items():
            used = np.zeros((self.count, self.case.months))
            for unit, chosen in zip(self.units, self.chosen, strict=True):
                used += unit.used[name][chosen]
            if np.ndim(limit) == 0:
                used = used.sum(axis=1, keepdims=True)
            most = np.atleast_1d(np.asarray(limit, dtype=float))
            kept &= (used <= most + 1e-9 * np.maximum(1, np.abs(most))).all(axis=1)
        return kept

    def _replaced(self) -> NDArray[np.bool_]:
        slack = self.case.tolerance
        kept = (self.out <= self.incoming + self.room + slack).all(axis=1)
        for unit, chosen in zip(self.units, self.chosen, strict=True):
            others = self.incoming - unit.incoming[chosen]
            kept &= (unit.out[chosen] <= others + self.room + slack).all(axis=1)
        return kept

    def _without_loss(self) -> NDArray[np.bool_]:
        kept = np.ones(self.count, dtype=bool)
        for unit, chosen in zip(self.units, self.chosen, strict=True):
            kept &= ~unit.loss[chosen]
        return kept

    def _order(self) -> NDArray[np.bool_]:
        kept = np.ones(self.count, dtype=bool)
        case, order = self.case, coldness(self.case)
        for place, warm in enumerate(order):
            leaves = self.units[warm].leaves[self.chosen[warm]]
            for cold in order[:place]:
                unit, chosen = self.units[cold], self.chosen[cold]
                others = self.incoming - unit.incoming[chosen] + self.room
                for b in range(case.months):
                    alone = (unit.bought[chosen][:, b:] <= others[:, b:] + case.tolerance).all(axis=1)
                    waits = (unit.known[chosen] <= b) & (unit.leaves[chosen] > b) & unit.gains[chosen] & alone
                    kept &= ~((leaves == b) & waits)
        return kept

    def answer(self, floors: Sequence[float], capacity: Sequence[float]) -> Answer:
        """Return the best plans above floors and within a capacity per month."""
        within = self.kept & self._above(floors, capacity)
        best = [self.value[mask].max() if mask.any() else -np.inf for mask in (within & self.ordered, within)]
        return Answer(float(best[0]), float(best[1]))

    def _above(self, floors: Sequence[float], capacity: Sequence[float]) -> NDArray[np.bool_]:
        least, most = np.asarray(floors, dtype=float)[:, None], np.asarray(capacity, dtype=float)
        slack = self.case.tolerance
        return (self.sums >= least - slack).all(axis=0) & (self.level <= most + slack).all(axis=1)

    @property
    def floors(self) -> list[float]:
        return [row.floor for row in self.rows]

    @property
    def capacity(self) -> list[float]:
        return [np.inf if self.case.capacity is None else self.case.capacity] * self.case.months

    def best(self) -> Answer:
        """Return the best plans without a relaxation."""
        return self.answer(self.floors, self.capacity)

    def missing(self) -> Array:
        """Return for each plan how far each floor and each month's capacity are missed."""
        below = np.array(self.floors)[:, None] - self.sums
        above = self.level.T - np.array(self.capacity)[:, None]
        missed = np.maximum(np.concatenate([below.reshape(-1, self.count), above]), 0)
        return np.where(missed > self.case.tolerance, missed, 0)

    def relaxations(self) -> Iterator[tuple[frozenset[int], float, Answer, float]]:
        """Yield each set of rows that may fall, its least miss, the best plans after, and the best of the nearest.

        Rows are numbered: the floors, then the capacity of each month.
        """
        missed = self.missing()
        possible = self.kept & self.ordered
        if not possible.any():
            return
        calm = possible & (missed <= missed[:, :1] + self.case.tolerance).all(axis=0)  # the first plan does nothing
        if calm.any():
            possible = calm
        total = missed.sum(axis=0)
        least = total[possible].min()
        near = np.flatnonzero(possible & (total <= least + self.case.tolerance))
        nearest = float(self.value[near].max())
        without = self.case.level.sum(axis=0)
        count = len(self.rows)
        seen = set()
        for ways in sorted({tuple(missed[:, k]) for k in near}):
            rows = frozenset(np.flatnonzero(ways))
            if rows in seen:
                continue
            fallen = [min(row.floor, row.baseline) if k in rows else row.floor for k, row in enumerate(self.rows)]
            risen = [max(most, without[m]) if count + m in rows else most for m, most in enumerate(self.capacity)]
            answer = self.answer(fallen, risen)
            if answer.value > -np.inf:
                seen.add(rows)
            else:  # limits push the level below: the rows of each nearest plan fall to what it reaches
                reached = [row.floor - ways[k] for k, row in enumerate(self.rows)]
                above = [most + ways[count + m] for m, most in enumerate(self.capacity)]
                answer = self.answer(np.minimum(fallen, reached), np.maximum(risen, above))
            yield rows, float(least), answer, nearest

    def place(self, courses: Sequence[Course]) -> int:
        """Return which plan takes these courses."""
        indices = [unit.courses.index(course) for unit, course in zip(self.units, courses, strict=True)]
        return int(np.ravel_multi_index(indices, self.sizes)) if indices else 0
