# A plan in sentences, the most important one first: for the page, the workbook, the command line and the warning.
"""The sentences that sum a plan up."""

from __future__ import annotations

import calendar
import math
from collections.abc import Mapping, Sequence
from typing import Any

from custfolio import _core
from custfolio._tables.dates import day_date, month_index, month_text
from custfolio._tables.wording import counted

__all__ = ["open_chance", "period_text", "reference_text", "relaxed_note", "sentences", "span_text"]


_ROWS = {"year": "years", "rolling year": "rolling years", "quarter": "quarters", "month": "months"}
"""Names of several rows of the floor."""
_EACH = {"year": "a year", "rolling year": "a year", "quarter": "a quarter", "month": "a month"}
"""What a floor in one number is for, by the row of the floor."""
_HARDLY = 0.05
"""A chance of an offer below this is hardly one."""
_SEARCH_NOTES = ("the search was stopped", "plans whose floors hold")
"""How notes on the search begin."""
_QUIET_DAYS = 14
"""More days than this without a row at the end of a period: the data ended before it."""


def sentences(plan: Any) -> list[str]:
    """Return the sentences of a plan.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    list of str
        First what was relaxed, then the gain over no action, and a warning where the plan starts long after the data. Level and temperature
        without action and with the plan follow, with the new business in them, and the number of actions. The last ones are on the floor,
        its chance and its reference year, and on the months before.
    """
    relaxed = plan.relaxed.columns()
    found = [_relaxed_text(kind, relaxed, plan) for kind in dict.fromkeys(relaxed["row"])]
    found += _nearest_sentences(plan, relaxed)
    found.append(_gain_sentence(plan))
    found += [f"{note[0].upper()}{note[1:]}." for note in plan.notes if note.startswith(_SEARCH_NOTES)]
    found += _no_action_sentences(plan)
    late = _core.late_start_text(plan.strategy.first_month, plan.portfolio.core)
    found += [f"{late[0].upper()}{late[1:]}."] if late else []
    found.append(_bucket_sentence(plan))
    found += _new_business_sentences(plan)
    found += _action_sentences(plan)
    found += _floor_sentences(plan)
    return found + _reference_sentences(plan) + _before_sentences(plan)


def span_text(month: str, months: int) -> str:
    """Return a row's months: "2025-01", or "2025-01 to 2025-12"."""
    return month if months == 1 else f"{month} to {month_text(month_index(month, 'month') + months - 1)}"


def _share(value: float, other: float = math.inf) -> str:
    """Return a share in whole percent; with a decimal if that alone shows it, or its difference from another share."""
    whole, finer = f"{abs(value):.0%}", f"{abs(value):.1%}"
    shown = whole == f"{abs(other):.0%}" and finer != f"{abs(other):.1%}"
    return finer if shown or whole == "0%" else whole


def _amount(value: float) -> str:
    """Return an amount in words: "1,234", "12.34 million", "2.50 trillion"."""
    size = abs(value)
    for least, unit in ((1e15, ""), (1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if size >= least:
            return f"{value:.3g}" if not unit else f"{value / least:,.2f}{unit}"
    return f"{value:,.0f}" if abs(value) >= 0.5 or not value else f"{value:.2g}"


def _whole(value: float) -> str:
    """Return an amount with all of its whole digits, to be compared with another one."""
    return f"{value:,.0f}" if 1e6 <= abs(value) < 1e12 else _amount(value)


def _worst(rows: Mapping[str, Any], kind: str) -> int:
    """Return the relaxed row of a kind that the plan misses by most, as a share of its bound if it has one."""
    places = [k for k, row in enumerate(rows["row"]) if row == kind]
    return max(places, key=lambda k: (abs(rows["drop"][k]) if math.isfinite(rows["drop"][k]) else 0.0, -k))


def _set_text(kind: str, bound: str, rows: Mapping[str, Any], k: int, plan: Any) -> tuple[str, bool]:
    """Return the floor or capacity as the user set it, and whether it is several ones."""
    below, several = kind == "level floor", (len(plan.floors) if kind == "level floor" else plan.months) > 1
    one, more = ("the floor", "the floors") if below else ("the capacity", "the capacities")
    amount = plan.strategy.floor if below else plan.strategy.capacity
    if isinstance(amount, (str, tuple)) and several:
        amounts = [] if isinstance(amount, str) or len(amount) > 3 else [_whole(value) for value in amount]
        return more + (f" of {', '.join(amounts[:-1])} and {amounts[-1]}" if len(amounts) > 1 else ""), True
    asked = bound if isinstance(amount, (str, tuple)) else _whole(float(amount))
    each = f" {_EACH[plan.strategy.floor_every]}" if below and (several or asked != bound) else ""
    part = f", {bound} in {rows['span'][k]}," if asked != bound and not several else ""
    return f"{one} of {asked}{each}{part}", False


def _relaxed_sentence(kind: str, rows: Mapping[str, Any], plan: Any) -> str:
    """Return the sentence on the floors, or the capacities, that were relaxed."""
    k, below = _worst(rows, kind), kind == "level floor"
    bound, level, alone = (_whole(float(rows[name][k])) for name in ("bound", "level", "without"))
    without, planned = float(rows["drop_without"][k]), float(rows["drop"][k])
    current = below and plan.strategy.floor == "current" and math.isfinite(planned)
    part = f" of {rows['span'][k]}" if len(plan.floors) == 1 and _months_without_reference(plan) else ""
    what, several = (f"the level{part}", False) if current else _set_text(kind, bound, rows, k, plan)
    verb = "held" if below else "kept"
    head = f"{what[0].upper()}{what[1:]} cannot be {verb}"
    if not rows["proven"][k]:
        head = f"No plan was found by which {what} {'are' if several else 'is'} {verb}"
    missed, of_all = list(rows["row"]).count(kind), len(plan.floors) if below else plan.months
    if of_all > 1:
        parts = _ROWS[plan.strategy.floor_every] if below else "months"
        here = "" if current or f" of {bound}" in what else f", where it is {bound}"
        head += f" in {missed} of {of_all} {parts}. {'In' if missed == 1 else 'At worst, in'} {rows['span'][k]}{here},"
    else:
        head += ":"
    if current:
        change = f"drops by {_share(without, planned)}" if without > 0 else f"rises by {_share(without)}"
        return f"{head} without action it {change}, with this plan by {_share(planned, without)}."
    return f"{head} without action the level is {alone}, with this plan {level}."


def _relaxed_text(kind: str, rows: Mapping[str, Any], plan: Any) -> str:
    """Return the sentence on the rows of a kind that were relaxed; on the worst row of a group its own text."""
    if ", " in kind:
        text = rows["text"][_worst(rows, kind)]
        return f"{text[:1].upper()}{text[1:]}."
    return _missed_chance_sentence(rows, plan) if kind == "floor chance" else _relaxed_sentence(kind, rows, plan)


def _missed_chance_sentence(rows: Mapping[str, Any], plan: Any) -> str:
    """Return the sentence on floors that hold in expectation, but not with the chance of the strategy."""
    k, floors = _worst(rows, "floor chance"), plan.floors.columns()
    missed = list(rows["row"]).count("floor chance")
    at = list(zip(floors["month"], floors["months"], strict=True)).index((rows["month"][k], rows["months"][k]))
    reached, wanted = _chance_text(float(floors["chance"][at])), _chance_text(plan.strategy.chance)
    several = "" if len(plan.floors) == 1 else f" for {missed} of {len(plan.floors)} {_ROWS[plan.strategy.floor_every]}"
    return (
        f"No plan was found with a chance of {wanted}{several}: the level of {rows['span'][k]} reaches its floor of {_whole(rows['to'][k])} "
        f"with a chance of {reached}. The chance needs an expected level of {_whole(rows['bound'][k])}; this plan has {_whole(rows['level'][k])}."
    )


def _nearest_sentences(plan: Any, rows: Mapping[str, Any]) -> list[str]:
    """Return how near a plan can come, its cost in heat, and what would close the rest."""
    found: list[str] = []
    price = _price(plan, rows)
    for kind in (one for one in dict.fromkeys(rows["row"]) if ", " not in one):
        k = _worst(rows, kind)
        several = list(rows["row"]).count(kind)
        worst = " of the worst one" if several > 1 else ""
        rest = abs(float(rows["bound"][k]) - float(rows["nearest"][k]))
        close = (
            f"{_whole(math.ceil(rest))} more of level, from newcomers, action plans or new terms, closes the rest{worst}."
            if kind != "level capacity"
            else f"{_whole(math.ceil(rest))} more of capacity closes the rest{worst}."
        )
        drop = float(rows["drop_nearest"][k])
        side = {"level floor": "below its floor", "floor chance": "below what the chance needs"}.get(
            kind, "above the capacity"
        )
        share = f", {_share(drop)} {side}" if math.isfinite(drop) else ""
        cost = f"; that plan has {price}" if price and not found else ""
        found += [f"At best the level{worst} comes to {_whole(rows['nearest'][k])}{share}{cost}.", close]
        if kind == "level capacity" and not plan.strategy.replaced_by_room:
            found += [
                "Where it is missed, the plan adds no level, so few customers are replaced and flow over.",
                "With replaced_by_room and a floor below the capacity, the coldest leave without being replaced.",
            ]
        # Rolling years overlap, so their sum means nothing.
        if several > 1 and not (kind != "level capacity" and plan.strategy.floor_every == "rolling year"):
            planned, nearest = (
                math.fsum(
                    abs(float(rows["bound"][row]) - float(rows[name][row]))
                    for row, one in enumerate(rows["row"])
                    if one == kind
                )
                for name in ("level", "nearest")
            )
            parts = _ROWS[plan.strategy.floor_every] if kind != "level capacity" else "months"
            found.append(
                f"The {several} {parts} together miss {_whole(planned)} with this plan and {_whole(nearest)} at best."
            )
    return found


def _price(plan: Any, rows: Mapping[str, Any]) -> str:
    """Return what the nearest plan costs, "103 less heat"; empty where it costs nothing."""
    cost = max(map(float, rows["cost"]), default=0.0)
    heat = "discounted heat" if plan.strategy.discount_rate else "heat"
    return f"{_amount(cost)} less {heat}" if cost >= 0.5 else ""


def relaxed_note(plan: Any) -> str:
    """Return the sentences below the table of relaxed rows: what became of them, and what the nearest plan costs."""
    rows = plan.relaxed.columns()
    if not len(plan.relaxed):
        return ""
    several = len(plan.relaxed) > 1
    one, more = {
        "level floor": ("floor", "floors"),
        "floor chance": ("chance", "chances"),
        "level capacity": ("capacity", "capacities"),
    }[rows["row"][0].partition(", ")[0]]
    these = f"this {one}" if not several else f"these {more}" if len(set(rows["row"])) == 1 else "these rows"
    found = [f"No plan keeps {these}." if all(rows["proven"]) else f"No plan was found that keeps {these}."]
    if plan.strategy.relax == "nearest":
        found.append(f"The plan comes as near to {'them' if several else 'it'} as possible, at any price in heat.")
    else:
        kinds = {
            "level floor": "A floor falls to the level without action.",
            "floor chance": "A floor without its chance holds in expectation.",
            "level capacity": "A capacity rises to it.",
        }
        if not any(row.startswith("level floor") for row in rows["row"]):
            kinds["level capacity"] = "A capacity rises to the level without action."
        found += [kinds[kind] for kind in dict.fromkeys(row.partition(", ")[0] for row in rows["row"])]
        price = _price(plan, rows)
        if price:
            found.append(f"The plan that comes nearest{' to all rows together' if several else ''} has {price}.")
    return " ".join(found)


def _gain_sentence(plan: Any) -> str:
    """Return the gain over no action."""
    heat = "discounted heat" if plan.strategy.discount_rate else "heat"
    without = plan.value - plan.gain
    if not len(plan.core.actions["month"]) and not len(plan.overflow):
        what = "no action" if not len(plan.actions) else "reviews only"
        return f"The plan has {what}: the {heat} of {_amount(without)} comes without action."
    gain, value, alone = _difference_texts(plan.value, plan.gain)
    change = f"brings {gain} more {heat} than" if plan.gain >= 0 else f"has {gain} less {heat} than"
    return f"The plan {change} no action: {value} instead of {alone}."


def _difference_texts(value: float, gain: float) -> tuple[str, str, str]:
    """Return the size of a gain, the value and the value without it, with as few decimals as make the difference right."""
    without = value - gain
    if abs(gain) >= 1e6 or abs(gain) < 0.5 or max(abs(value), abs(without)) >= 1e12:
        return _amount(abs(gain)), _whole(value), _whole(without)
    for digits in range(3):
        have, alone = round(value, digits), round(without, digits)
        difference = round(have - alone, digits)
        if difference == round(gain, digits):
            break
    return f"{abs(difference):,.{digits}f}", f"{have:,.{digits}f}", f"{alone:,.{digits}f}"


def _no_action_sentences(plan: Any) -> list[str]:
    """Return why a plan has no action but reviews."""
    if len(plan.core.actions["month"]) or len(plan.overflow):
        return []
    growth = 0 if plan.growth is None else len(plan.growth.plans)
    counts = ((plan.offers, "offer"), (range(growth), "action plan"), (plan.prospects, "prospect"))
    choices = [counted(len(found), name) for found, name in counts if found is not None and len(found)]
    found = ["There is no offer, action plan or prospect to choose from."]
    if choices:
        listed = " and ".join(filter(None, (", ".join(choices[:-1]), choices[-1])))
        verb = "adds" if listed.startswith("1 ") and len(choices) == 1 else "add"
        found = [f"Within the limits, {listed} to choose from {verb} no heat."]
    young = 0 if plan.selection is None else list(plan.selection.verdict).count("too young")
    if young:
        are = (
            "is too young to be judged, and gets no offer"
            if young == 1
            else "are too young to be judged, and get no offer"
        )
        found.append(f"{young:,} of {counted(len(plan.portfolio), 'customer')} {are}.")
    return found


def _bucket_sentence(plan: Any) -> str:
    """Return level and temperature without action and with the plan."""
    without, after = plan.without, plan.after
    text = f"Level: {_whole(without.level)} without action, {_whole(after.level)} with the plan"
    if math.isfinite(without.temperature) and math.isfinite(after.temperature):
        text += f"; temperature: {without.temperature:.2%} without action, {after.temperature:.2%} with the plan"
    return f"{text}, in expectation."


def _new_business_sentences(plan: Any) -> list[str]:
    """Return how much of the level is new business as usual, and whether the floor needs it."""
    level = math.fsum(plan.new_business)
    if not level:
        return []
    begin = plan.strategy.first_month - plan.baseline.core.start
    back = math.fsum(plan.baseline.core.company["returning"][begin : begin + plan.months])
    who = f"newcomers, and customers who come back ({_whole(back)})" if back >= 0.5 else "newcomers"
    found = [f"New business as usual is {_whole(level)} of the level without action: {who}. Pursuits come beyond it."]
    pursuits = list(plan.core.actions["step"]).count("acquisition")
    if pursuits:
        found.append(f"The plan assumes that none of them comes by its {counted(pursuits, 'pursuit')}.")
    rows = plan.floors.columns()
    held = len(plan.floors) == 1 and not len(plan.relaxed)
    if held and float(rows["level"][0]) - level < float(rows["floor"][0]):
        found.append("The floor is reached only with it.")
    return found


_STEPS = {
    "anchoring": ("review", "reviews"),
    "remediation": ("offer", "offers"),
    "growth": ("action plan", "action plans"),
    "acquisition": ("pursuit", "pursuits"),
    "overflow": ("customer who flows over", "customers who flow over"),
}
"""Names of the actions of each step."""


def _action_sentences(plan: Any) -> list[str]:
    """Return the number of actions, by step."""
    steps = list(plan.actions.columns()["step"])
    if not steps:
        return []
    parts = [counted(steps.count(step), *names) for step, names in _STEPS.items() if step in steps]
    if "overflow" in steps:
        parts[-1] += f" ({math.fsum(plan.overflow.columns()['probability']):,.1f} in expectation)"
    if len(parts) == 1 and len(steps) > 1 and "overflow" not in steps:
        return [f"The plan has {counted(len(steps), 'action')}, all {_STEPS[steps[0]][1]}."]
    listed = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
    return [f"The plan has {counted(len(steps), 'action')}: {listed}.", *_refused_sentences(plan)]


def _refused_sentences(plan: Any) -> list[str]:
    """Return why offers are made that are hardly accepted."""
    made, gone = plan.core.actions, set(plan.core.overflow["id"])
    chances = [
        float(plan.offers.columns()["acceptance"][item])
        for step, identity, item in zip(made["step"], made["id"], made["item"], strict=True)
        if step == "remediation" and identity in gone
    ]
    hardly = sum(chance < _HARDLY for chance in chances)
    if not hardly:
        return []
    are = "offer has" if hardly == 1 else "offers have"
    return [f"{hardly:,} {are} a chance below {_HARDLY:.0%}: a customer who refuses may flow over."]


def open_chance(chance: float, deviation: float) -> float:
    """Return the chance of a floor; where the level has a deviation, no rounding makes it 0 or 1."""
    if not (deviation > 0 and math.isfinite(chance)):
        return chance
    return min(max(chance, math.ulp(0.0)), math.nextafter(1.0, 0.0))


def _chance_text(chance: float, deviation: float = 1.0) -> str:
    """Return a chance; certain only where the level has no deviation."""
    if not math.isfinite(chance):
        return "not known, because the baseline has no band"
    chance = open_chance(chance, deviation)
    if 0 < chance < 1 and not 0.0005 < chance < 0.9995:
        return "above 99.9%" if chance > 0.5 else "below 0.1%"
    return f"{chance:.1%}" if 0 < chance < 0.01 or 0.99 < chance < 1 else f"{chance:.0%}"


def _floor_sentences(plan: Any) -> list[str]:
    """Return whether the floors hold in expectation, and their chance."""
    rows = plan.floors.columns()
    if not len(plan.floors):
        return []
    short = sum(one == "level floor" for one in plan.relaxed.columns()["row"])
    if len(plan.floors) == 1:
        reaches = "does not reach" if short else "reaches"
        chance = _chance_text(float(rows["chance"][0]), float(rows["deviation"][0]))
        return [
            f"In expectation the level of {rows['span'][0]} {reaches} its floor of {_whole(rows['floor'][0])}; the chance of the "
            f"floor is {chance}."
        ]
    text = f"In expectation the level reaches {len(plan.floors) - short} of its {len(plan.floors)} floors"
    known = [(float(one), float(deviation)) for one, deviation in zip(rows["chance"], rows["deviation"], strict=True)]
    known = [pair for pair in known if math.isfinite(pair[0])]
    if not known:
        return [f"{text}; their chance is {_chance_text(math.nan)}."]
    least, most = _chance_text(*min(known)), _chance_text(*max(known))
    each = f"their chance is {least}" if least == most else f"their chances are {least} to {most}"
    together = _chance_text(plan.floor_chance, max(deviation for _, deviation in known))
    return [f"{text}; {each}, and that of all together is {together}."]


def _months_without_reference(plan: Any) -> list[str]:
    """Return the months that have no floor because they have no data in the reference year."""
    if plan.strategy.floor != "current":
        return []
    months = plan.trajectory.columns()
    return [month for month, level in zip(months["month"], months["reference"], strict=True) if math.isnan(level)]


def _runs_text(months: Sequence[str]) -> str:
    """Return months in words, those that follow each other as one span."""
    runs: list[list[str]] = []
    for month in months:
        if runs and span_text(runs[-1][0], len(runs[-1]) + 1).endswith(month):
            runs[-1].append(month)
        else:
            runs.append([month])
    return ", ".join(span_text(run[0], len(run)) for run in runs)


def reference_text(plan: Any) -> str:
    """Return the reference year in words; empty where the floor has none."""
    has_months = plan.portfolio.period is not None and plan.portfolio.core.monthly_revenue is not None
    if plan.strategy.floor != "current" or not plan.core.reference or not (has_months or plan.baseline is not None):
        return ""
    return span_text(plan.core.reference, 12)


def _reference_sentences(plan: Any) -> list[str]:
    """Return the reference year, and the months that have no floor for want of data."""
    lacks = _months_without_reference(plan)
    if lacks and len(lacks) == plan.months:
        return ["No month has a floor: the data has no whole month of the reference year."]
    year, one = reference_text(plan), len(plan.floors) == 1
    levels = "floor is the level" if one else "floors are the levels"
    found = [f"The {levels} of the same months of the reference year, {year}."]
    found = found if year and len(plan.floors) else []
    if lacks:
        have = "month has no floor: the data has" if len(lacks) == 1 else "months have no floor: the data has"
        found.append(f"{len(lacks)} {have} no such whole month in the reference year ({_runs_text(lacks)}).")
    return found


def _missing_before(plan: Any) -> int:
    """Return how many months of the plan the reference period does not have; they count as its average month."""
    period, months = plan.portfolio.period, plan.portfolio.core.monthly_revenue
    if period is None or months is None or not months.shape[1]:
        return 0
    ahead = plan.strategy.first_month - month_index(period[0], "period")
    return sum((ahead + m) % 12 >= months.shape[1] for m in range(plan.months))


def _before_sentences(plan: Any) -> list[str]:
    """Return which months of the bucket before are average months, and where the data begins within its period."""
    period, missing = plan.portfolio.period, _missing_before(plan)
    if period is None:
        return []
    if missing:
        average = "an average month" if missing == 1 else "average months"
        return [f"Before has no data for {counted(missing, 'month')} of the plan: {average} of its period stand in."]
    core = plan.portfolio.core
    if core.first_day is None or core.last_day is None or not len(core.first_day):
        return []
    begins, ends = day_date(int(core.first_day.min())), day_date(int(core.last_day.max()))
    first, last, month = (month_index(day, "period") for day in (*period, begins))
    found = []
    if month > first:
        found.append(
            f"Before has data of {last - month + 1} of {last - first + 1} months: the data begins in {month_text(month)}."
        )
    if (period[1] - ends).days > _QUIET_DAYS:
        found.append(f"Before has data up to {ends}: its period ends on {period[1]}.")
    return found


def period_text(plan: Any) -> str:
    """Return the period of the bucket before in words; empty where it is not known."""
    if plan.portfolio.period is None:
        return ""
    first, last = plan.portfolio.period
    whole = first.day == 1 and last.day == calendar.monthrange(last.year, last.month)[1]
    months = month_index(last, "period") - month_index(first, "period") + 1
    text = span_text(month_text(month_index(first, "period")), months) if whole else f"{first} to {last}"
    if _missing_before(plan):
        return f"{text}, scaled to {counted(plan.months, 'month')}"
    if plan.months > months:
        return f"{text}, repeated to {counted(plan.months, 'month')}"
    return text if plan.months == months else f"{text}, in the months of the plan"
