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
15. Linked customers: what does the mean of their answers weigh by? By revenue of the reference period, over those who are asked; equally
    where none has any. Do they replace each other? No. When may they leave? Once the way out of each is open.
16. Does an exit move a customer in the order? No. What stays neither leaves nor must be replaced; its action plans end.
17. Each customer of a holding whose course differs from the previous plan is a switch. The order counts heat without prices of switches.
18. What is random in the chance of a floor? The baseline's normal error, and answers, wins and action plans, each by itself.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
    members: frozenset[int] | None = None  # None: all


@dataclass(frozen=True)
class Group:
    """Customers and prospects, by position, with a floor and limits of their own."""

    members: frozenset[int]
    floor: str | float | Sequence[float] = "none"
    floor_every: str = "year"
    limits: Mapping[str, float | Sequence[float]] = field(default_factory=dict)


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
    linked: Sequence[tuple[int, ...]] = ()  # customers of each holding, in order
    exits: Mapping[int, tuple[int, float, float]] = field(
        default_factory=dict
    )  # opens, shares of level and heat that stay
    previous: Sequence[Course] = ()  # per customer and prospect; empty: none
    switch_price: float = 0.0
    frozen: int = 0
    groups: Sequence[Group] = ()

    @property
    def members(self) -> list[tuple[int, ...]]:
        """Customers by unit, of one or a holding, then prospects; a holding is in the place of its first customer."""
        n = len(self.level)
        found = []
        for i in range(n + len(self.prospects)):
            holding = next((one for one in self.linked if i in one), (i,))
            if holding[0] == i:
                found.append(holding)
        return found

    def holding(self, i: int) -> tuple[int, ...]:
        """Customers that act with customer i."""
        return next(one for one in self.members if i in one)

    def refused_by(self, i: int) -> bool:
        return not self.refused.isdisjoint(self.holding(i))

    def asked(self, k: int) -> list[int]:
        """Offers that are one offer with offer k."""
        if len(self.holding(self.offers[k].customer)) == 1:
            return [k]
        return [o for o, one in enumerate(self.offers) if one.customer in self.holding(self.offers[k].customer)]

    def acceptance(self, k: int) -> float:
        same = [self.offers[o] for o in self.asked(k)]
        weights = np.array([max(float(np.nansum(self.reference[one.customer])), 0.0) for one in same])
        return float(np.average([one.acceptance for one in same], weights=weights if weights.sum() > 0 else None))

    def opens(self, i: int) -> int:
        return max(self.exits[j][0] if j in self.exits else 0 for j in self.holding(i))

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


def group_rows(case: Case) -> list[Row]:
    """Return the floors of the groups of a case, in order."""
    found = []
    known = np.isfinite(case.reference.sum(axis=0))
    for group in case.groups:
        inside = np.isin(np.arange(len(case.level)), list(group.members))[:, None]
        own = dataclasses.replace(
            case,
            level=case.level * inside,
            reference=np.where(known, np.where(inside, case.reference, 0.0), np.nan),
            floor=group.floor,
            floor_every=group.floor_every,
        )
        found += [dataclasses.replace(row, members=group.members) for row in floor_rows(own)]
    return found


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
        self.switches = self.frozen = 0
        self.known = NEVER  # month in which its refusal is known
        self.leaves = NEVER if course.overflow < 0 else course.overflow

    @property
    def gains(self) -> Array:
        """Return the gain of leaving in each month that it may leave in."""
        return self.gain[self.known :]


def holding_courses(case: Case, members: tuple[int, ...]) -> list[tuple[Course, ...]]:
    """Return the courses of a holding: of each customer its own, with one offer, one month, and one overflow."""
    months = case.months
    asked = [next((k for k, one in enumerate(case.offers) if one.customer == i), -1) for i in members]
    first = next((k for k in asked if k >= 0), -1)
    plain = [(-1, b) for b in range(case.opens(members[0]), months)] if case.refused_by(members[0]) else []
    months_of = [(-1, -1), *plain]
    for a in range(0, months - case.notice, case.interval) if first >= 0 else ():
        months_of += [(a, -1), *((a, b) for b in range(max(a + case.notice, case.opens(members[0])), months))]
    own = [[k for k, one in enumerate(case.growth) if one.customer == i] for i in members]
    sets = [[s for count in range(len(one) + 1) for s in itertools.combinations(one, count)] for one in own]
    return [
        tuple(
            Course(-1 if a < 0 else first if k < 0 else k, a, b, plans) for k, plans in zip(asked, chosen, strict=True)
        )
        for chosen in itertools.product(*sets)
        for a, b in months_of
    ]


def customer_courses(case: Case, i: int) -> list[Course]:
    """Return the courses of customer i."""
    months, opens = case.months, case.opens(i)
    own = [k for k, one in enumerate(case.growth) if one.customer == i]
    found = []
    for count in range(len(own) + 1):
        for plans in itertools.combinations(own, count):
            found.append(Course(plans=plans))
            if i in case.refused:
                found += [Course(overflow=b, plans=plans) for b in range(opens, months)]
            for k, offer in enumerate(case.offers):
                if offer.customer == i:
                    for a in range(0, months - case.notice, case.interval):
                        found.append(Course(k, a, -1, plans))
                        found += [Course(k, a, b, plans) for b in range(max(a + case.notice, opens), months)]
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
    pays = False
    _, level_stays, heat_stays = case.exits.get(i, (0, 0.0, 0.0))
    if course.offer >= 0:
        acceptance = case.acceptance(course.offer)
        found.known = course.month + case.notice
        refuses = 1 - acceptance
        if case.offers[course.offer].customer == i:  # else another customer of its holding is asked
            offer = case.offers[course.offer]
            pays = case.asked(course.offer)[0] == course.offer
        accepted = acceptance * activity * (time >= found.known)
        found.used["offers"][course.month] = pays * (acceptance > 0)
        found.used["sales_hours"][course.month] = pays * case.hours_per_offer
        found.used["money"][course.month] = pays * case.cost_per_offer
    elif case.refused_by(i):
        found.known = 0
        refuses = 1.0
    if found.known < NEVER:
        found.known = max(found.known, case.opens(i))
    gone = refuses * (time >= found.leaves)
    left = gone * (1 - level_stays)
    found.bought = refuses * (1 - level_stays) * np.maximum(case.level[i], 0)
    found.out = left * np.maximum(case.level[i], 0)
    found.incoming = np.maximum(accepted * offer.level + growth["level"] * (1 - gone), 0)
    found.level = case.level[i] * (1 - left) + growth["level"] * (1 - gone) + accepted * offer.level
    found.used["sales_hours"] += growth["hours"] * (1 - gone)
    found.used["money"] += growth["spend"] * (1 - gone)
    found.used["deliveries"] = case.deliveries[i] * activity * (1 - left) + accepted * offer.deliveries
    found.heat = (
        case.heat[i] - gone * (1 - heat_stays) * avoidable + accepted * offer.heat + growth["heat"] * (1 - gone)
    )
    if pays:
        found.heat[course.month] -= case.cost_per_offer
    if found.known < NEVER:
        lost = case.discount * refuses * ((1 - heat_stays) * avoidable + growth["heat"])
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


def courses(case: Case, unit: tuple[int, ...]) -> list[tuple[Course, ...]]:
    """Return the courses of a customer, a holding, or a prospect, which come after the customers: one of each of its members."""
    n = len(case.level)
    if len(unit) > 1:
        return holding_courses(case, unit)
    one = unit[0]
    return [(course,) for course in (customer_courses(case, one) if one < n else prospect_courses(case, one - n))]


def effect(case: Case, unit: tuple[int, ...], chosen: tuple[Course, ...]) -> Effect:
    """Return what the courses of a unit do together."""
    n = len(case.level)
    found = Effect(case.months, chosen[0])
    found.gain = np.zeros(case.months)
    for one, course in zip(unit, chosen, strict=True):
        own = customer_effect(case, one, course) if one < n else prospect_effect(case, one - n, course)
        for name in ("level", "heat", "out", "incoming", "bought", "gain"):
            setattr(found, name, getattr(found, name) + getattr(own, name))
        found.used = {name: found.used[name] + own.used[name] for name in found.used}
        found.known = own.known
        if case.previous:
            found.switches += course != case.previous[one]
            found.frozen += frozen_differs(case, course, case.previous[one])
    return found


def frozen_differs(case: Case, course: Course, earlier: Course) -> bool:
    """Whether a course has another action in a frozen month than an earlier one."""

    def actions(one: Course) -> tuple[Any, ...]:
        begins = (one.offer, one.month) if 0 <= one.month < case.frozen else None
        leaves = one.overflow if 0 <= one.overflow < case.frozen else None
        return begins, leaves, {g for g in one.plans if case.growth[g].start < case.frozen}

    return actions(course) != actions(earlier)


def outcomes(case: Case, position: int, course: Course) -> list[tuple[float, Array]]:
    """Return the outcomes of a course: a chance, and the level per month, without the error of the baseline."""
    n, time = len(case.level), np.arange(case.months)
    if position >= n:
        if course.month < 0:
            return [(1.0, np.zeros(case.months))]
        one = case.prospects[position - n]
        won = prospect_effect(case, position - n, course).level / one.chance
        return [(one.chance, won), (1 - one.chance, np.zeros(case.months))]
    refuses, known, change = float(position in case.refused), 0, 0.0
    if course.offer >= 0:
        offer = case.offers[course.offer]
        refuses, known, change = 1 - offer.acceptance, course.month + case.notice, offer.level
    found = []
    for refused, *happens in itertools.product((False, True), *[(False, True)] * len(course.plans)):
        gone = (time >= course.overflow) & (course.overflow >= 0) & refused
        chance, growth = refuses if refused else 1 - refuses, np.zeros(case.months)
        for k, success in zip(course.plans, happens, strict=True):
            plan = case.growth[k]
            chance *= plan.chance if success else 1 - plan.chance
            growth += success * plan.expected(case.months)["level"] / plan.chance
        accepted = change * case.activity[position] * (time >= known) * (not refused)
        if chance > 0:
            found.append((chance, (case.level[position] + growth) * ~gone + accepted))
    return found


def floor_chances(case: Case, courses: Sequence[Course], rows: Sequence[Row], deviation: float) -> list[float]:
    """Return the chance of each floor; the baseline has a deviation in each month, as independent, shared by size."""
    found = []
    for row in rows:
        sums = [(1.0, 0.0)]
        for position, course in enumerate(courses):
            if row.members is not None and position not in row.members:
                continue
            own = [(chance, level[row.months].sum()) for chance, level in outcomes(case, position, course)]
            sums = [(p * q, level + more) for p, level in sums for q, more in own]
        size = np.abs(case.level)
        inside = range(len(size)) if row.members is None else [i for i in row.members if i < len(size)]
        share = size[inside].sum(axis=0) / np.maximum(size.sum(axis=0), 1e-9)
        spread = deviation * math.sqrt(float((share[row.months] ** 2).sum()))
        above = [
            0.5 * math.erfc((row.floor - level) / spread / math.sqrt(2)) if spread else float(level >= row.floor - 1e-9)
            for _, level in sums
        ]
        found.append(sum(p * reached for (p, _), reached in zip(sums, above, strict=True)))
    return found


class Unit:
    """All courses of one customer, holding or prospect, with their effects: arrays of courses x months."""

    def __init__(self, case: Case, unit: tuple[int, ...]) -> None:
        self.members = unit
        self.courses = courses(case, unit)
        effects = [effect(case, unit, chosen) for chosen in self.courses]
        self.switches = np.array([one.switches for one in effects])
        self.frozen = np.array([one.frozen for one in effects])
        for name in ("level", "heat", "out", "incoming", "bought", "gain"):
            setattr(self, name, np.array([getattr(one, name) for one in effects]))
        self.used = {name: np.array([one.used[name] for one in effects]) for name in effects[0].used}
        self.known = np.array([one.known for one in effects])
        self.leaves = np.array([one.leaves for one in effects])
        self.gains = np.array([(one.gains > case.tolerance).any() for one in effects])
        self.loss = np.array([one.leaves < NEVER and one.gain[one.leaves] < -case.tolerance for one in effects])


def coldness(case: Case) -> list[int]:
    """Return the places of customers and holdings among the units, coldest first."""
    units = [unit for unit in case.members if unit[0] < len(case.level)]
    heat = [case.avoidable_heat[list(unit)].sum() for unit in units]
    level = [case.level[list(unit)].sum() for unit in units]

    def rank(k: int) -> tuple[float, float, int]:
        without_level = -np.inf if heat[k] < 0 else np.inf
        return (heat[k] / level[k] if level[k] > 0 else without_level, heat[k], k)

    return sorted(range(len(units)), key=rank)


@dataclass(frozen=True)
class Answer:
    """The best plans of a case under given floors."""

    value: float  # of the best plan in order, within all rows; -inf where there is none
    free: float  # the same without the order


def broken(case: Case, courses: Sequence[Course]) -> list[str]:
    """Return the rules of order, replacement and loss that a plan breaks: the same as in Plans, course by course."""
    effects = [effect(case, unit, tuple(courses[one] for one in unit)) for unit in case.members]
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
        self.units = [Unit(case, unit) for unit in case.members]
        sizes = [len(unit.courses) for unit in self.units]
        self.sizes = sizes
        self.chosen = np.indices(sizes).reshape(len(sizes), -1) if sizes else np.zeros((0, 1), dtype=int)
        self.count = self.chosen.shape[1]
        self.level = self._sum("level")
        self.heat = self._sum("heat")
        self.value = self.heat @ case.discount
        self.switches = self._count("switches")
        self.objective = self.value - case.switch_price * self.switches
        self.out = self._sum("out")
        self.incoming = self._sum("incoming")
        self.room = room(case, floor_rows(case))
        self.rows = floor_rows(case) + group_rows(case)
        sums = [self._sum("level", row.members)[:, row.months].sum(axis=1) for row in self.rows]
        self.sums = np.array(sums).reshape(-1, self.count)
        self.ordered = self._order()
        self.by_rule = self._replaced() & self._without_loss() & self.ordered
        self.kept = self._limits() & self._replaced() & self._without_loss()  # whatever the order

    def _sum(self, name: str, members: frozenset[int] | None = None) -> Array:
        found = np.zeros((self.count, self.case.months))
        for position, (unit, chosen) in enumerate(zip(self.units, self.chosen, strict=True)):
            if members is None or position in members:
                found += getattr(unit, name)[chosen]
        return found

    def _count(self, name: str) -> NDArray[np.int64]:
        found = np.zeros(self.count, dtype=np.int64)
        for unit, chosen in zip(self.units, self.chosen, strict=True):
            found += getattr(unit, name)[chosen]
        return found

    def _limits(self) -> NDArray[np.bool_]:
        kept = np.asarray(self._count("frozen") == 0)
        everyone = frozenset(range(len(self.units)))
        rows = [(everyone, *row) for row in self.case.limits.items()]
        rows += [(group.members, *row) for group in self.case.groups for row in group.limits.items()]
        for members, name, limit in rows:
            if name == "switches":
                kept &= self.switches <= limit if self.case.previous else True
                continue
            used = np.zeros((self.count, self.case.months))
            for position in members:
                used += self.units[position].used[name][self.chosen[position]]
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

    def courses(self, place: int) -> list[Course]:
        """Return the courses of a plan."""
        found: dict[int, Course] = {}
        for unit, c in zip(self.units, self.chosen[:, place], strict=True):
            found |= dict(zip(unit.members, unit.courses[c], strict=True))
        return [found[position] for position in sorted(found)]

    def best_at_chance(self, chance: float, deviation: float) -> float:
        """Return the value of the best plan whose floors hold with a chance; -inf where there is none."""
        possible = np.flatnonzero(self.kept & self.ordered & self._above(self.floors, self.capacity))
        for place in possible[np.argsort(-self.value[possible], kind="stable")]:
            if min(floor_chances(self.case, self.courses(place), self.rows, deviation)) >= chance - 1e-9:
                return float(self.value[place])
        return -np.inf

    def answer(self, floors: Sequence[float], capacity: Sequence[float]) -> Answer:
        """Return the best plans above floors and within a capacity per month."""
        within = self.kept & self._above(floors, capacity)
        best = [self.objective[mask].max() if mask.any() else -np.inf for mask in (within & self.ordered, within)]
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
        nearest = float(self.objective[near].max())
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
        indices = [unit.courses.index(tuple(courses[one] for one in unit.members)) for unit in self.units]
        return int(np.ravel_multi_index(indices, self.sizes)) if indices else 0
