# The content of a plan's page and workbook, as columns.
"""Collect a plan's pages."""

from __future__ import annotations

import math
import reprlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.arguments import text
from custfolio._tables.dates import month_text
from custfolio._tables.wording import counted
from custfolio.acquisition import WhiteSpots
from custfolio.errors import InputError
from custfolio.strategy._chances import ChanceTable
from custfolio.strategy._simulation import PlanSimulation
from custfolio.strategy._summary import open_chance, period_text, reference_text, relaxed_note, span_text

__all__ = ["pages_of"]

_TEXTS = ("title", "subtitle", "period", "horizon", "unit", "source", "locale", "assumptions")
"""Names of the texts that a page may be given."""


_OFFERS_REMARK = (
    "This counts the best offer of each customer over a whole year",
    "The plan counts its own offers from the answer to its last month",
)
"""Why the sum of the best offers is not that of the plan's offers."""


def pages_of(plan: Any, statement: Any, results: Sequence[Any], texts: Mapping[str, Any]) -> Any:
    """Return the content of a plan's report and workbook; see :meth:`Plan.pages`."""
    from custfolio.report.data import PARTS, BucketFigures, Numbers, PlanPages, rounded

    texts = _checked(texts)
    core = plan.portfolio.core
    people: dict[str, Any] = {"customer": core.id, "name": core.name, "revenue": core.revenue}
    people |= {name: getattr(core, name) for name in ("goods", "cost_to_serve") if getattr(core, name) is not None}
    people |= {"contribution": core.contribution, "temperature": core.temperature()}
    if plan.selection is not None:
        people |= {
            "verdict": plan.selection.verdict,
            "reason": plan.selection.reason,
            **_beside_verdict(plan.selection),
        }
    parts: dict[str, Any] = {"statement": people, **_verdicts(plan), **_steps(plan), **_rows(plan, PARTS)}
    parts["actions"] = _by_heat(parts, lambda amounts: rounded(amounts, True, plan.core.minor_digits))
    if statement is not None:
        names = ("cumulative", "total", "peak", "peak_share", "customers_at_peak", "gini", "loss")
        parts["whale"] = {name: getattr(statement.whale, name) for name in names}
        parts["whale"]["names"] = statement.whale.columns()["name"]
        parts["reconciliation"] = statement.reconciliation.columns()
    before, without, after = (
        BucketFigures.of(
            {"level": bucket.level, "heat": bucket.heat, "customers": customers, "frozen": frozen, "new_business": new}
        )
        for bucket, customers, frozen, new in (plan.buckets[name] for name in ("before", "without", "after"))
    )
    remarks = _remarks(plan, parts)
    for one in results:
        if not hasattr(one, "tables"):
            raise InputError(
                f"results has {reprlib.repr(one)}; it must be a result about new terms, white spots, heat by chance, or a simulation"
            )
        tables = one.tables()
        if isinstance(one, ChanceTable):
            (parts["chances"],) = tables.values()
            continue
        if isinstance(one, PlanSimulation):
            remarks["simulation"] = _simulation(plan, one, parts)
            continue
        if isinstance(one, WhiteSpots):
            parts["white_spots"] = tables.get("White spots")
            spots = {"kind": ["white spot"] * len(one), **one.columns()}
            if "places" in parts:
                parts["places"] = {name: [*cells, *spots[name]] for name, cells in parts["places"].items()}
            continue
        parts["terms"] = {**parts.get("terms", {}), **tables}
        sentences = [one.sentence().rstrip(".")] if hasattr(one, "sentence") else []
        sentences += _OFFERS_REMARK if one is plan.offers else getattr(one, "notes", [])
        remarks |= (
            {next(iter(tables)): " ".join(f"{text[:1].upper()}{text[1:]}." for text in sentences)} if sentences else {}
        )
    first = plan.strategy.first_month
    return PlanPages(
        before=before,
        after=after,
        without=without,
        target=None if plan.selection is None else plan.selection.target,
        summary=plan.summary,
        notes=plan.notes,
        value=plan.value,
        gain=plan.gain,
        bound=plan.bound,
        gap=plan.gap,
        duality_gap=plan.duality_gap,
        order_gap=plan.order_gap,
        chance_cost=None if plan.strategy.chance is None else plan.chance_cost,
        discount_rate=plan.strategy.discount_rate,
        digits=plan.core.minor_digits,
        remarks=remarks,
        **{
            "period": period_text(plan),
            "horizon": f"{month_text(first)} to {month_text(first + plan.months - 1)}",
            "unit": Numbers(texts.get("locale", "en")).currency(plan.strategy.currency),
            **texts,
            **parts,
        },
    )


def _simulation(plan: Any, simulation: PlanSimulation, parts: dict[str, Any]) -> str:
    """Add a simulation to the tables of a page, its share of paths beside the chance of each floor; return its remark."""
    months, floors = plan.trajectory.columns()["month"], simulation.floors.columns()
    if list(simulation.columns()["month"]) != list(months) or list(floors["floor"]) != list(
        plan.floors.columns()["floor"]
    ):
        raise InputError("results has the simulation of another plan; make it with simulate() of this one")
    parts["simulation"] = next(iter(simulation.tables().values()))
    if len(floors["chance"]) and np.isfinite(floors["chance"]).all():
        parts["floors"] = parts["floors"] | {"simulated": floors["chance"]}
    return f"{simulation.sentence()} Seed: {simulation.seed}."


def _checked(texts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the texts of a page by name; InputError for an unknown name, or what is no text."""
    found: dict[str, Any] = {}
    for name, value in texts.items():
        if name not in _TEXTS:
            raise InputError(f"{name} is no text of a page; it must be one of {', '.join(_TEXTS)}")
        if name == "assumptions" and isinstance(value, Iterable) and not isinstance(value, str):
            found[name] = [text(sentence, "an entry of assumptions") for sentence in value]
        else:
            found[name] = [text(value, name)] if name == "assumptions" else text(value, name)
    return found


def _remarks(plan: Any, parts: Mapping[str, Any]) -> dict[str, str]:
    """Return the sentences below tables, by the table's key."""
    remarks = {"relaxed": relaxed_note(plan)}
    if "certainty" in parts:
        remarks["certainty"] = plan.selection.uncertainty.sentence()
    if "interest" in parts and plan.selection.interest.quality_by_scale:
        remarks["interest"] = (
            "The classes of quality are thirds of the scale: so few or equal answers cannot be ranked."
        )
    if plan.strategy.discount_rate:
        remarks["alternatives"] = "The gain is of discounted heat."
    year = reference_text(plan)
    if year:
        remarks["floors"] = f"The reference year is {year}."
    if plan.reviews_dropped:
        dropped = counted(plan.reviews_dropped, "review")
        remarks["agenda_managers"] = f"The plan drops {dropped}; the days needed and their value are those before."
        if plan.reviews_filled:
            remarks["agenda_managers"] = f"The plan drops {dropped}; {plan.reviews_filled:,} others take free places."
    others = len(parts["without_offer"]["customer"]) if "without_offer" in parts else 0
    if others:
        remarks["offers"] = f"The plan makes no offer to {counted(others, 'customer')} who could get one."
    if plan.offers is not None and plan.offers.notes:
        remarks["offers"] = " ".join([remarks.get("offers", ""), *(f"{note}." for note in plan.offers.notes)]).strip()
    if plan.prospects is not None:
        terms = next(iter(plan.prospects.core.terms), "")
        notes = [f"Level and heat are on {terms}."] if terms else []
        band = "P10, median and P90 of the level are those of the neighbours"
        notes += [*plan.prospects.notes, f"{band}, before these terms." if terms else f"{band}."]
        remarks["prospects"] = " ".join(notes)
    if plan.strategy.replaced_by_room:
        remarks["replacements"] = "Room above the floor counts as replacement."
    return remarks


def _beside_verdict(selection: Any) -> dict[str, Any]:
    """Return what is known beside the verdict of each customer: white space, certainty, class, cost that stays."""
    found = selection.columns()
    if selection.uncertainty is not None:
        sure = selection.uncertainty.columns()
        found = {**found, **{name: sure[name] for name in ("temperature_p10", "temperature_p90")}}
    names = (
        "white_space", "white_space_product", "white_space_p10", "white_space_p90", "certainty", "probability_below",
        "temperature_p10", "temperature_p90", "interest",
    )  # fmt: skip
    beside = {name: found[name] for name in names if name in found}
    stays = found.get("only_by_cost_that_stays", ())
    return beside | ({"only_by_cost_that_stays": ["yes" if one else "" for one in stays]} if any(stays) else {})


def _verdicts(plan: Any) -> dict[str, Any]:
    """Return the tables of how sure the verdicts are, and of the matrix of interest."""
    if plan.selection is None:
        return {}
    uncertainty, interest = plan.selection.uncertainty, plan.selection.interest
    parts: dict[str, Any] = {} if uncertainty is None else uncertainty.tables()
    return parts if interest is None else parts | {"interest": interest.cells()}


def _agenda_results(plan: Any) -> dict[str, Any]:
    """Return how full the managers' days are, the reviews without a place, what changed, and what the plan drops."""
    agenda, parts = plan.agenda, {}
    left = agenda.unplaced.columns()
    left = {"customer": left["customer_id"]} | {name: left[name] for name in ("manager", "due", "reason", "remedy")}
    without_place = len(agenda.unplaced) - plan.reviews_dropped
    dropped = {name: left[name][without_place:] for name in ("customer", "manager", "due", "reason")}
    if agenda.by_manager is not None:
        result = agenda.by_manager.columns()
        placed, fewer = (Counter(map(str, managers)) for managers in (agenda.columns()["manager"], dropped["manager"]))
        parts["agenda_managers"] = {
            "manager": result["manager"],
            "placed": [placed[str(name)] for name in result["manager"]],
            **({"dropped": [fewer[str(name)] for name in result["manager"]]} if plan.reviews_dropped else {}),
            **{name: result[name] for name in ("unplaced", "days_needed")},
            "day_value": result["value_of_one_more_day"],
        }
    if agenda.capacity is not None:
        hours = agenda.capacity.columns()
        parts["agenda_hours"] = {name: hours[name] for name in ("manager", "month", "hours_needed", "hours_available")}
    if len(agenda.changes):
        changes = agenda.changes.columns()
        parts["agenda_changes"] = {
            "customer": changes["customer_id"],
            "manager": changes["manager"],
            "day": [None if np.isnat(day) else day for day in changes["day"]],
            **{name: changes[name] for name in ("change", "reason")},
        }
    if without_place:
        parts["agenda_unplaced"] = {name: values[:without_place] for name, values in left.items()}
    if plan.reviews_dropped:
        parts["agenda_dropped"] = dropped
    return parts


def _steps(plan: Any) -> dict[str, Any]:
    """Return the tables of the five steps."""
    parts: dict[str, Any] = {}
    if plan.offers is not None:
        parts |= _offers(plan)
    if plan.agenda is not None:
        agenda = plan.agenda.columns()
        parts["agenda"] = {"customer": agenda["customer_id"]} | {
            name: agenda[name] for name in ("name", "manager", "day", "start", "reason")
        }
        parts |= _agenda_results(plan)
        asked = plan.agenda_requests.columns()
        open_ones = [k for k, day in enumerate(asked["day"]) if np.isnat(day) and asked["step"][k] != "acquisition"]
        if open_ones:
            wanted = {"month": "month", "customer": "id", "name": "name", "manager": "manager", "what": "what"}
            parts["agenda_requests"] = {name: [asked[column][k] for k in open_ones] for name, column in wanted.items()}
    if plan.growth is not None:
        growth = plan.growth.columns()
        parts["growth"] = {
            "month": growth["month"],
            "expected": growth["contribution"],
            **{name: growth[name] for name in ("p10", "p50", "p90")},
        }
        begins = _months_of(plan, "growth")
        steps = [(begins.get(k), one.customer, step) for k, one in enumerate(plan.growth.plans) for step in one.steps]
        parts["plans"] = {
            "customer": [customer for _, customer, _ in steps],
            "begins": [month for month, _, _ in steps],
            "step": [step.name for _, _, step in steps],
            "condition": [step.condition for _, _, step in steps],
            "probability": [step.probability for _, _, step in steps],
            "payoff": [step.contribution for _, _, step in steps],
        }
    return parts if plan.prospects is None else parts | _newcomers(plan)


def _newcomers(plan: Any) -> dict[str, Any]:
    """Return the prospects, the candidates without a rank, and the places of the map; a column without any figure is left out."""
    found, core = plan.prospects.columns(), plan.prospects.core
    begins = _months_of(plan, "acquisition")
    chance = found["win_probability"]
    further = {
        "network_warmth": found["network_warmth"],
        "path_strength": found["path_strength"],
        "likeness": found["likeness"],
        "added_km": np.where(np.isnan(found["added_km"]), 0.0, found["added_km"]),
        "source": found["source"],
        "delivery_day": found["delivery_day"],
        "manager": found["manager"],
    }
    parts: dict[str, Any] = {
        "prospects": {
            "rank": found["rank"],
            "prospect": found["id"],
            "name": found["name"],
            "begins": [begins.get(k) for k in range(len(found["id"]))],
            "warmth": found["warmth"],
            "win_probability": chance,
            "level_won": found["level"],
            "expected_level": chance * found["level"],
            "expected_heat": chance * found["heat"],
            **{name: found[name] for name in ("level_low", "level_median", "level_high")},
            "introduced_by": [
                path or f"nearest: {nearest}"
                for path, nearest in zip(found["path"], found["introduced_by"], strict=True)
            ],
            **{name: values for name, values in further.items() if any(values)},
        }
    }
    if core.rejected:
        rows, ids, reasons = zip(*core.rejected, strict=True)
        parts["candidates"] = {"row_number": [row + 1 for row in rows], "prospect": list(ids), "reason": list(reasons)}
    places = _places_of(plan.portfolio.core, core)
    return parts if places is None else parts | {"places": places}


def _places_of(portfolio: Any, prospects: Any) -> dict[str, Any] | None:
    """Return the map of located customers and prospects: kind, latitude, longitude; None where nothing has a place.

    Customers whose latitude and longitude look swapped are left out: they would shrink all others to a point.
    """
    rows = [
        ("prospect", *place) for place in zip(prospects.latitude.tolist(), prospects.longitude.tolist(), strict=True)
    ]
    if portfolio.latitude is not None and portfolio.longitude is not None:
        kinds = np.where(portfolio.contribution > 0, "warm customer", "cold customer").tolist()
        swapped = set(_core.swapped_places(portfolio))
        customers = enumerate(zip(kinds, portfolio.latitude.tolist(), portfolio.longitude.tolist(), strict=True))
        rows = [*(place for row, place in customers if row not in swapped), *rows]
    rows = [row for row in rows if row[1] == row[1] and row[2] == row[2]]
    if not rows:
        return None
    kind, latitude, longitude = map(list, zip(*rows, strict=True))
    return {"kind": kind, "latitude": latitude, "longitude": longitude}


def _months_of(plan: Any, step: str) -> dict[int, str]:
    """Return the month in which each offer, action plan or pursuit of the plan begins, by its position."""
    actions = plan.core.actions
    return {
        int(item): month
        for item, month, one in zip(actions["item"], actions["month"], actions["step"], strict=True)
        if one == step
    }


def _offers(plan: Any) -> dict[str, Any]:
    """Return the offers that the plan makes, the largest expected heat first, and the customers who could get one and get none."""
    actions, offers = plan.core.actions, plan.offers.columns()
    made = [k for k, step in enumerate(actions["step"]) if step == "remediation"]
    made.sort(key=lambda k: -actions["heat"][k])
    item = np.asarray(actions["item"], dtype=np.int64)[made]
    asked = {actions["id"][k] for k in made}
    others = [
        (identity, name)
        for identity, name in dict(zip(offers["customer_id"], offers["name"], strict=True)).items()
        if identity not in asked
    ]
    planned = {name: [actions[name][k] for k in made] for name in ("id", "name", "month", "answer", "level", "heat")}
    return {
        "offers": {
            "customer": planned["id"],
            "name": planned["name"],
            "month": planned["month"],
            "terms": list(np.asarray(offers["terms"], dtype=object)[item]),
            "required": _required(plan.offers.core, item),
            "answer": [month or None for month in planned["answer"]],
            "burden": _finite(np.asarray(offers["burden"])[item]),
            "temperature_after": _finite(np.asarray(offers["temperature_after"])[item]),
            "acceptance": np.asarray(plan.offer_chances)[item],
            "expected_level": planned["level"],
            "expected_heat": planned["heat"],
            "heat_per_delivery": _finite(np.asarray(offers["heat_per_delivery"])[item]),
        },
        "without_offer": {"customer": [one for one, _ in others], "name": [name for _, name in others]},
    }


def _required(offers: Any, rows: NDArray[np.int64]) -> list[str]:
    """Return for each offer the terms that reach the target, also beyond the ceiling."""
    terms, amounts, reaches = offers.terms, offers.required, offers.reaches

    def needed(row: int) -> str:
        if reaches[row]:
            return "these"
        try:
            return "none" if np.isnan(amounts[row]) else str(terms[row].with_amount(float(amounts[row])))
        except InputError:  # such as prices that are more than twice as high
            return "none"

    return [needed(row) for row in rows]


def _rows(plan: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return the tables of the rise, with names of its sources, of months, floors, actions, overflow, budget and proof."""
    months = plan.core.trajectory
    new = any(months["new_business"])
    first = ("month", "level", *(["new_business"] if new else []), "heat", "temperature")
    shown = {name: months[name] for name in first}
    if np.isfinite(months["p10"]).all():
        shown |= {"level_p10": months["p10"], "level_p90": months["p90"]}
        shown |= {name: months[name] for name in ("heat_p10", "heat_p90")}
    if plan.floor_by_month and np.isfinite(months["floor"]).all():
        shown["floor"] = months["floor"]
    shown |= {f"{name}_without": months[f"baseline_{name}"] for name in ("level", "heat", "temperature")}
    floors, relaxed, actions = plan.floors.columns(), plan.relaxed.columns(), plan.actions.columns()
    gone, prices, resources = plan.overflow.columns(), plan.core.shadow_prices, plan.core.resources
    pairs, own = plan.replacements.columns(), plan.group_floors.columns()
    rise, alternatives = plan.contributions.columns(), plan.alternatives.columns()
    return {
        "contributions": {"source": names} | {name: rise[name] for name in ("level", "heat", "percent")},
        "alternatives": {name: alternatives[name] for name in ("plan", "level", "heat", "temperature", "customers")}
        | {"gain": alternatives["gain"], "chance": _finite(alternatives["floor_chance"])},
        "trajectory": shown,
        "floors": {"months": floors["span"]}
        | {
            name: floors[name]
            for name in ("floor", "reference", "without", "new_business", "level")
            if new or name != "new_business"
        }
        | {"chance": [open_chance(*row) for row in zip(floors["chance"], floors["deviation"], strict=True)]},
        "group_floors": {"group": own["group"], "months": own["span"]}
        | {name: own[name] for name in ("floor", "without", "level")}
        | {"chance": [open_chance(*row) for row in zip(own["chance"], own["deviation"], strict=True)]},
        "relaxed": {"row": relaxed["row"], "months": relaxed["span"]}
        | {name: relaxed[name] for name in ("bound", "without", "level", "nearest")}
        | {name: _missed(relaxed, name) for name in ("drop_without", "drop", "drop_nearest")}
        | {"closes": [sentence.rpartition("; ")[2] for sentence in relaxed["text"]]},
        "actions": {"month": actions["month"], "customer": actions["id"]}
        | {name: actions[name] for name in ("name", "step", "what", "why")}
        | ({"manager": actions["manager"]} if any(actions["manager"]) else {})
        | {"due": actions["due"], "answer": [month or None for month in actions["answer"]]}
        | {"expected_heat": actions["heat"]},
        "overflow": {"month": gone["month"], "customer": gone["id"]}
        | {name: gone[name] for name in ("name", "way", "probability", "level", "heat") if name in gone},
        "replacements": {"month": pairs["month"], "customer": pairs["id"]}
        | {name: pairs[name] for name in ("name", "replaced_by", "replaced_by_name", "step", "level")},
        "budget": plan.budget.columns(),
        "resources": {"resource": resources["resource"], "months": _spans(resources), "used": resources["used"]}
        | {"limit": _finite(resources["limit"])},
        "shadow_prices": {"resource": prices["row"], "months": _spans(prices), "price": prices["price"]}
        | {"meaning": prices["text"]},
    }


def _by_heat(parts: Mapping[str, Any], rounded: Callable[[list[Any]], list[Any]]) -> dict[str, list[Any]]:
    """Return the customers with the largest expected heat first, each one's actions in their order; reviews alone are last.

    Offers and customers who flow over have the amounts of their own tables, which are rounded once.
    """
    shown: dict[tuple[str, str], float] = {}
    for table, step, name, sign in (
        ("offers", "remediation", "expected_heat", 1),
        ("overflow", "overflow", "heat", -1),
    ):
        if table in parts:
            amounts = rounded(list(parts[table][name]))
            shown |= {(step, who): sign * one for who, one in zip(parts[table]["customer"], amounts, strict=True)}
    actions = dict(parts["actions"])
    rows = list(zip(actions["step"], actions["customer"], actions["expected_heat"], strict=True))
    heat = [0.0 if step == "anchoring" else shown.get((step, who), amount) for step, who, amount in rows]
    actions["expected_heat"] = heat
    people = [(step == "acquisition", who) for step, who, _ in rows]
    sums: dict[tuple[bool, str], list[float]] = {}
    for (step, *_), one, amount in zip(rows, people, heat, strict=True):
        sums.setdefault(one, []).extend([] if step == "anchoring" else [amount])
    # Customers of equal heat stay together, in the order of their first action.
    place = {one: (not amounts, -math.fsum(amounts), k) for k, (one, amounts) in enumerate(sums.items())}
    order = sorted(range(len(rows)), key=lambda row: place[people[row]])
    return {name: [values[row] for row in order] for name, values in actions.items()}


def _spans(rows: Mapping[str, Any]) -> list[str]:
    """Return the months of rows in words."""
    return [span_text(month, int(count)) for month, count in zip(rows["month"], rows["months"], strict=True)]


def _missed(rows: Mapping[str, Any], name: str) -> list[float]:
    """Return by how much each relaxed row is missed, as a share of its bound: below a floor, above a capacity; never less than 0."""
    signs = [-1.0 if row.startswith("level capacity") else 1.0 for row in rows["row"]]
    return [sign * drop if not sign * drop <= 0 else 0.0 for sign, drop in zip(signs, rows[name], strict=True)]


def _finite(values: Sequence[Any] | NDArray[np.float64]) -> list[float | None]:
    """Return numbers, with None for those that are not finite."""
    return [value if value is not None and np.isfinite(value) else None for value in values]
