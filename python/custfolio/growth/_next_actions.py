# What to do next: steps that can start now and products that peers buy, ranked by the heat that an hour of work is expected to bring.
"""White space per customer, and proposals for the next action."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from custfolio._tables.dates import month_text
from custfolio._tables.frames import library_of, lists_of, require_columns
from custfolio._tables.result import Listing
from custfolio.errors import InputError
from custfolio.growth._forecast import Growth
from custfolio.growth._plan_frames import identity_text
from custfolio.growth._plan_steps import before, month_of
from custfolio.growth._plans import ActionPlan

__all__ = ["NextActions", "WhiteSpace", "next_actions", "white_space"]


class WhiteSpace(Listing):
    """What customers could buy as their peers do, and do not. Made by :func:`white_space`."""

    _heading = "White space"

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        sums: dict[str, float] = {}
        for product, gap in zip(self._entries["product"], self._entries["gap"], strict=True):
            sums[product] = sums.get(product, 0.0) + float(gap)
        rows = [{"product": product, "gap": gap} for product, gap in sums.items()]
        return (
            alt.Chart(alt.Data(values=rows))
            .mark_bar()
            .encode(x=alt.X("gap:Q", title="Revenue to be had"), y=alt.Y("product:N", title=None, sort="-x"))
            .properties(**options)
        )


def white_space(
    lines: Any,
    *,
    customer: str = "customer",
    product: str = "product",
    revenue: str = "revenue",
    contribution: str | None = None,
    segment: str | None = None,
    penetration: float = 0.3,
    top: int | None = None,
) -> WhiteSpace:
    """Compare what each customer buys with what its peers buy.

    Parameters
    ----------
    lines : frame or mapping of columns
        Sales of a period, any number of rows a customer and product (or product group).
    customer, product, revenue : str
        Columns.
    contribution : str, optional
        Column of the contribution; the heat of a gap is at the product's own temperature among the peers.
    segment : str, optional
        Column of the customers' segment: peers are those of the same one; all customers if not given. A customer in several is an error.
    penetration : float
        Products that at least this share of the peers buy are looked at, in (0, 1].
    top : int, optional
        Number of rows, the largest gaps first; all if not given.

    Returns
    -------
    WhiteSpace
        customer_id, product, bought (its own revenue), usual (its total revenue times the median share that the product has of the peers who
        buy it), gap (usual - bought, where positive), penetration (share of the other peers that buy it), heat (with a contribution). A gap
        says what peers do, not what the customer will. O(rows + customers x products).

    Raises
    ------
    InputError
        If a column is missing, a value cannot be read (the text names its row), or penetration is out of range.
    """
    if not 0 < penetration <= 1:
        raise InputError(f"penetration is {penetration:g}; it must lie in (0, 1]")
    library = None if isinstance(lines, Mapping) else _library(lines)
    table = lists_of(lines, f"a frame of sales was expected; found {type(lines).__name__}")
    wanted = [name for name in (customer, product, revenue, contribution, segment) if name is not None]
    require_columns(table, wanted, "the sales; they have")
    bought: dict[str, dict[str, float]] = {}
    warm: dict[tuple[str, str], list[float]] = {}
    segments: dict[str, str] = {}
    for row, (who, what, amount) in enumerate(zip(table[customer], table[product], table[revenue], strict=True), 1):
        value = _finite(amount, revenue, row)
        if who is None or what is None or who != who or what != what:
            raise InputError(f"row {row}: no {customer if who is None or who != who else product}")
        name, item = identity_text(who), identity_text(what)
        group = "" if segment is None else str(table[segment][row - 1])
        if segments.setdefault(name, group) != group:
            raise InputError(f"row {row}: customer {name} is in segment {group!r} and in {segments[name]!r}")
        own = bought.setdefault(name, {})
        own[item] = own.get(item, 0.0) + value
        if contribution is not None:
            sums = warm.setdefault((group, item), [0.0, 0.0])
            sums[0] += value
            sums[1] += _finite(table[contribution][row - 1], contribution, row)
    totals = {name: math.fsum(own.values()) for name, own in bought.items()}
    peers: dict[str, int] = {}
    shares: dict[str, dict[str, list[float]]] = {}
    for name, own in bought.items():
        if totals[name] > 0:
            peers[segments[name]] = peers.get(segments[name], 0) + 1
            for item, value in own.items():
                if value > 0:
                    shares.setdefault(segments[name], {}).setdefault(item, []).append(value / totals[name])
    median = {g: {item: float(np.median(v)) for item, v in of.items()} for g, of in shares.items()}
    rows: list[tuple[Any, ...]] = []
    for name, own in bought.items():
        group, total = segments[name], totals[name]
        others = peers.get(group, 0) - 1
        if total <= 0 or others < 1:
            continue
        for item, values in shares[group].items():
            share = (len(values) - (own.get(item, 0.0) > 0)) / others
            usual = total * median[group][item]
            gap = usual - own.get(item, 0.0)
            if share >= penetration and gap > 0:
                level, heat = warm.get((group, item), [0.0, 0.0])
                known = gap * heat / level if level > 0 else math.nan
                rows.append((name, item, own.get(item, 0.0), usual, gap, share, known))
    rows.sort(key=lambda row: (-row[4], row[0], row[1]))
    names = ["customer_id", "product", "bought", "usual", "gap", "penetration", "heat"]
    columns: dict[str, Any] = {name: [row[k] for row in rows[:top]] for k, name in enumerate(names)}
    if contribution is None:
        del columns["heat"]
    return WhiteSpace({n: v if n in names[:2] else np.array(v, dtype=float) for n, v in columns.items()}, library)


def _library(frame: Any) -> str | None:
    try:
        return library_of(frame)
    except InputError:
        raise InputError(f"a frame of sales was expected; found {type(frame).__name__}") from None


def _finite(value: Any, column: str, row: int) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not math.isfinite(found):
        raise InputError(f"column {column!r}, row {row}: found {value!r}; it must be a finite number")
    return found


class NextActions(Listing):
    """What can be done now, most heat for an hour of work first. Made by :func:`next_actions`."""

    _heading = "Next actions"

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        names = ("customer_id", "action", "expected_heat", "hours")
        rows = [
            {"action": f"{who}: {what}", "heat": float(heat), "hours": None if hours != hours else float(hours)}
            for who, what, heat, hours in zip(*(self._entries[name] for name in names), strict=True)
        ][:25]
        return (
            alt.Chart(alt.Data(values=rows))
            .mark_bar()
            .encode(
                x=alt.X("heat:Q", title="Expected heat"),
                y=alt.Y("action:N", title=None, sort=None),
                color=alt.Color("hours:Q", title="Hours"),
                tooltip=["action:N", alt.Tooltip("heat:Q", format=",.0f"), "hours:Q"],
            )
            .properties(**options)
        )


def next_actions(
    growth: Growth | None = None,
    *,
    white_space: WhiteSpace | None = None,
    probability: float | None = None,
    hours: float | None = None,
    top: int | None = None,
) -> NextActions:
    """Rank what can be done now by the heat that an hour of work is expected to bring.

    Parameters
    ----------
    growth : Growth, optional
        The action plans, with what is known of their steps (:meth:`Growth.given`): every step that need not wait any more is a proposal.
    white_space : WhiteSpace, optional
        From :func:`white_space`, with a contribution: an offer of the product is a proposal, where the customer has no plan that can go on.
    probability, hours : float, optional
        Chance and working hours of such an offer; both are needed with `white_space`.
    top : int, optional
        Number of proposals; all if not given.

    Returns
    -------
    NextActions
        customer_id, plan, action, condition, month (the earliest), probability (of the step itself), expected_heat and hours (what all plans
        bring and take over the horizon less what they do if the step is never done, so that all that hangs on it counts), heat_per_hour (NaN,
        and last, where no hours are known).

    Raises
    ------
    InputError
        If nothing is given, or white space comes without a contribution, a chance or hours.
    """
    rows: list[tuple[Any, ...]] = []
    if growth is None and white_space is None:
        raise InputError("next_actions needs action plans (growth) or white space")
    if growth is not None:
        rows += _steps(growth)
    if white_space is not None:
        if "heat" not in white_space._entries:
            raise InputError("the white space has no heat; give the column of the contribution to white_space()")
        if probability is None or hours is None or not 0 <= probability <= 1 or not hours > 0:
            raise InputError(
                "an offer for white space needs its chance (probability, in [0, 1]) and its hours (above 0)"
            )
        busy = {row[0] for row in rows}
        entries = (white_space._entries[name] for name in ("customer_id", "product", "heat"))
        for who, what, heat in zip(*entries, strict=True):
            if who not in busy and heat == heat:
                rows.append(
                    (who, "", f"offer {what}", "peers buy it", "", probability, probability * float(heat), hours)
                )
    rows.sort(key=lambda row: (-(row[6] / row[7]) if row[7] > 0 else math.inf, -row[6], row[0], row[2]))
    names = ["customer_id", "plan", "action", "condition", "month", "probability", "expected_heat", "hours"]
    rows = rows[:top]
    columns: dict[str, Any] = {name: [row[k] for row in rows] for k, name in enumerate(names)}
    for name in names[5:]:
        columns[name] = np.array(columns[name], dtype=float)
    worked = columns["hours"]
    columns["heat_per_hour"] = np.divide(
        columns["expected_heat"], worked, out=np.full(worked.shape, np.nan), where=worked > 0
    )
    return NextActions(columns, None if growth is None else growth.library)


def _steps(growth: Growth) -> list[tuple[Any, ...]]:
    """Return the steps that need not wait any more."""
    known = growth._outcomes
    events = {
        name: (event[0] if isinstance(event, tuple) else event)
        for name, event in (growth._settings.get("events") or {}).items()
    }
    graphs = [growth._core.place(at, 0)[0] if plan.steps else -1 for at, plan in enumerate(growth.plans)]
    values, counts = np.unique(np.asarray(graphs), return_counts=True)
    alone = set(values[counts == 1].tolist())
    contribution = np.asarray(growth._core.expected_contribution).sum(axis=1)
    worked = np.asarray(growth._core.expected_hours).sum(axis=1)
    whole = (float(contribution.sum()), float(worked.sum()))
    rows = []
    for at, plan in enumerate(growth.plans):
        ready = [k for k in range(len(plan.steps)) if _ready(plan, k, known, events)]
        for k in ready:
            step = plan.steps[k]
            if len(ready) == 1 and graphs[at] in alone and _all_follow(plan, k, known):
                heat, hours = float(contribution[at]), float(worked[at])
            else:
                without = growth._core.given([(at, k, False, growth._start)])
                heat = whole[0] - float(np.asarray(without.expected_contribution).sum())
                hours = whole[1] - float(np.asarray(without.expected_hours).sum())
            month = month_text(max(growth._start, month_of(plan, step, "earliest", step.earliest, growth._start)))
            rows.append(
                (plan.customer, plan.name, step.name, step.condition, month, step.probability, heat, max(hours, 0.0))
            )
    return rows


def _ready(plan: ActionPlan, k: int, known: Mapping[tuple[str, str, str], Any], events: Mapping[str, float]) -> bool:
    """Whether a step is undecided and all that it comes after is known to have succeeded."""
    step = plan.steps[k]
    if (plan.customer, plan.name, step.name) in known:
        return False
    join, positions, names = before(plan, step)
    if join == "previous":
        join, positions = "all", [k - 1] if k else []
    done = [known.get((plan.customer, plan.name, plan.steps[p].name), "failed") != "failed" for p in positions]
    for name in names:
        parts = tuple(name.split("/"))
        done.append(events.get(name) == 1 or (len(parts) == 3 and known.get(parts, "failed") != "failed"))
    return not done or (any(done) if join == "any" else all(done))


def _all_follow(plan: ActionPlan, k: int, known: Mapping[tuple[str, str, str], Any]) -> bool:
    """Whether every undecided step of a plan needs a step of it, so that the plan is worth what the step is."""
    needs = {k}
    for p, step in enumerate(plan.steps):
        if p == k or (plan.customer, plan.name, step.name) in known:
            continue
        join, positions, _ = before(plan, step)
        if join == "previous":
            join, positions = "all", [p - 1] if p else []
        if not (needs.intersection(positions) if join == "all" else positions and needs.issuperset(positions)):
            return False
        needs.add(p)
    return True
