# The five steps in their order, from checked inputs to a plan, for the demo and for a user's own data.
"""Run selection, remediation, anchoring, growth and acquisition, and optimise the plan."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from custfolio.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from custfolio.acquisition import Prospects
    from custfolio.anchoring import Agenda
    from custfolio.costing import CostModel
    from custfolio.growth import ActionPlan, ActionStep, Growth
    from custfolio.ledger import Ledger
    from custfolio.lifetime import Baseline
    from custfolio.portfolio import Portfolio
    from custfolio.remediation import Acceptance, LearnedAcceptance, Offers
    from custfolio.selection import Selection, Statement, Uncertainty
    from custfolio.strategy import Plan
    from custfolio.terms import Terms

__all__ = [
    "Inputs",
    "NoHeatError",
    "Outcome",
    "after_reviews",
    "agenda_of",
    "refilled",
    "run",
    "run_agenda",
    "terms_of",
]

Progress = Callable[[str, float], None]
"""Called with the step that runs and the fraction of it that is done, in [0, 1]."""


_CHANCE = (
    "base_win_probability", "warmth_sensitivity", "network_sensitivity", "likeness_sensitivity", "source_log_odds",
)  # fmt: skip
"""Settings of the chance to win."""


@dataclass
class Inputs:
    """All that the five steps need. Frames may be None: the step then has nothing to do.

    Attributes
    ----------
    ledger : callable
        Gives the :class:`Ledger`; called first, so that reading is a step with its own progress.
    costs : CostModel
        The cost model.
    period : (str, str) or None
        First and last day of the statement; None for all days.
    statement : mapping
        Further arguments of :func:`custfolio.statement`: drivers, receivables, events, spent, horizon.
    places : frame or None
        customer_id, latitude, longitude.
    target, min_months, interesting : float, int, frame or None
        For :func:`select`.
    interest, white_space : mapping, frame or None
        Weights and classes of a questionnaire, and white space per customer, for :func:`select`.
    uncertain : mapping or None
        Arguments of :meth:`custfolio.Statement.uncertain`; None for verdicts without certainty.
    terms : sequence of Terms
        The levers that may be offered.
    acceptance : Acceptance, LearnedAcceptance, mapping of str to Acceptance, or None
        Chance that a customer accepts an offer, for all or by segment; None for the default prior.
    acceptance_segments : frame or None
        The segment of each customer for acceptance by segment; None for those of the statement.
    remediation : mapping
        Further arguments of :func:`remediate`: objective, least_heat, horizon.
    results : mapping of str to mapping
        Arguments of further results about new terms, functions of :mod:`custfolio.remediation`: price_list, benchmark, unlike_offers,
        ask_sequences, and review, whose ``before`` is the first and last day of the period before the new terms.
    managers, cadence, calendar : frame or None, mapping, str or None
        For :func:`anchor`; without managers nothing is anchored. Where they name no customer, the ledger's managers do.
    anchoring, calendars : mapping
        Further arguments of :func:`anchor`; time zone and language of the calendars.
    action_plans : frame or None
        One row a step of a plan. Steps whose condition names the appointment begin after the customer's first review.
    candidates : frame or None
        Newcomers that may be pursued: id, name, latitude, longitude.
    acquisition : mapping
        Further arguments of :func:`acquire`.
    earlier_candidates, earlier_period : frame or None, (str, str) or None
        Candidates of an earlier period, and its first and last day: today's customers among them fit the chance to win.
    attributes : frame or None
        Attributes of customers for :func:`custfolio.acquisition.likeness`; the candidates have the same columns.
    white_spots : int
        Most white spots on the page and in the workbook; 0: none are sought.
    baseline : mapping or None
        Arguments of :func:`custfolio.lifetime.baseline`; None repeats the months of the reference period.
    strategy : mapping
        Arguments of :class:`Strategy`.
    previous : path or None
        The saved plan before, whose courses the plan stays near to.
    simulation : mapping or None
        Arguments of :meth:`Plan.simulate`: paths, seed. None: the plan is not simulated.
    labels : frame or None
        Groups of the customers, a column each: who is in the groups of the strategy.
    effort : int
        Steps of work of the optimisation at most; 0 for no limit.
    chances : sequence of float
        Chances of the floor whose plans the page compares; empty: none.
    pages : mapping or None
        Arguments of :func:`pages_of`; None for no pages of the statement.
    against : (str, str) or None
        First and last day of an earlier period, with whose temperatures the texts of reviews compare.
    letters : mapping or None
        Arguments of :meth:`Plan.letters`, its path relative to the folder of the files; None for no letters.
    errors_of : callable
        From a section of the settings to the context in which its errors name it.
    """

    ledger: Callable[[], Ledger]
    costs: CostModel
    period: tuple[str, str] | None = None
    statement: Mapping[str, Any] = field(default_factory=dict)
    places: Any = None
    target: float = 0.05
    min_months: int = 6
    interesting: Any = None
    interest: Mapping[str, Any] = field(default_factory=dict)
    white_space: Any = None
    uncertain: Mapping[str, Any] | None = None
    terms: Sequence[Terms] = ()
    acceptance: Acceptance | LearnedAcceptance | Mapping[str, Acceptance] | None = None
    acceptance_segments: Any = None
    remediation: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    managers: Any = None
    cadence: Mapping[str, str] = field(default_factory=dict)
    calendar: str | None = None
    anchoring: Mapping[str, Any] = field(default_factory=dict)
    calendars: Mapping[str, str] = field(default_factory=dict)
    action_plans: Any = None
    candidates: Any = None
    acquisition: Mapping[str, Any] = field(default_factory=dict)
    earlier_candidates: Any = None
    earlier_period: tuple[str, str] | None = None
    attributes: Any = None
    white_spots: int = 0
    baseline: Mapping[str, Any] | None = field(default_factory=dict)
    strategy: Mapping[str, Any] = field(default_factory=dict)
    previous: Path | None = None
    simulation: Mapping[str, Any] | None = None
    labels: Any = None
    effort: int = 0
    chances: Sequence[float] = ()
    pages: Mapping[str, Any] | None = None
    against: tuple[str, str] | None = None
    letters: Mapping[str, Any] | None = None
    errors_of: Callable[[str], AbstractContextManager[Any]] = nullcontext


class NoHeatError(InputError):
    """A ledger without costs of goods: it has levels, but no plan can be made."""

    def __init__(self, statement: Statement) -> None:
        from custfolio.portfolio import NO_HEAT

        super().__init__(f"there is no plan: {NO_HEAT}")
        self.statement = statement
        """The levels."""


@dataclass
class Outcome:
    """The result of each step, and the pages of the statement where they are wanted."""

    ledger: Ledger
    statement: Statement
    selection: Selection
    offers: Offers | None
    agenda: Agenda | None
    growth: Growth | None
    prospects: Prospects | None
    baseline: Baseline | None
    plan: Plan
    pages: Any
    results: Mapping[str, Any] = field(default_factory=dict)
    """Further results about new terms, white spots, and the simulation, by name."""
    before: Portfolio | None = None
    """The customers in the earlier period, for the texts of reviews; None without that period or an agenda."""


def pages_of(
    stated: Statement,
    state: Callable[[tuple[str, str]], Statement],
    *,
    against: tuple[str, str] | None = None,
    uncertainty: Uncertainty | None = None,
    **shown: Any,
) -> Any:
    """Return the pages of a statement.

    Parameters
    ----------
    stated : Statement
        The statement.
    state : callable
        Gives the statement of another period.
    against : (str, str), optional
        First and last day of the earlier period with which the traces are compared.
    uncertainty : Uncertainty, optional
        How sure the temperatures are.
    **shown
        Further arguments of :meth:`custfolio.Statement.pages`.

    Returns
    -------
    custfolio.report.statement_pages.StatementPages
        The pages.

    Raises
    ------
    InputError
        If the earlier period has no row; and as for :meth:`custfolio.Statement.pages`.
    """
    earlier = None if against is None else _earlier(state, against)
    return stated.pages(against=earlier, uncertainty=uncertainty, **shown)


def _earlier(state: Callable[[tuple[str, str]], Statement], against: tuple[str, str]) -> Statement:
    """Return the statement of an earlier period."""
    try:
        return state(against)
    except InputError as error:
        raise InputError(f"against: {error}") from None


def uncertainty_of(stated: Statement, uncertain: Mapping[str, Any] | None) -> Uncertainty | None:
    """Return how sure the temperatures of a statement are.

    Parameters
    ----------
    stated : Statement
        The statement.
    uncertain : mapping or None
        Arguments of :meth:`custfolio.Statement.uncertain`.

    Returns
    -------
    Uncertainty or None
        None where it is not wanted.

    Raises
    ------
    InputError
        As for :meth:`custfolio.Statement.uncertain`.
    """
    return None if uncertain is None else stated.uncertain(**uncertain)


_LEVERS = (
    "delivery_fee", "minimum_order", "price", "minimum_quantity", "frequency", "fixed_days", "discount", "rebate", "payment_term",
    "order_channel", "service_charge", "package",
)  # fmt: skip
"""Levers that settings can name: functions of :class:`Terms`."""


def terms_of(remediation: Mapping[str, Any]) -> list[Any]:
    """Return the levers of a [remediation] section.

    Parameters
    ----------
    remediation : mapping
        delivery_fee, minimum_order, price (the highest that the company will ask); ``step`` of each by its name; the price's elasticity; the
        ``response`` to a minimum order; ``package``, true for these levers together as well; ``terms``, a list of further levers, each with
        ``lever``, a function of :class:`Terms`, and its arguments.

    Returns
    -------
    list of Terms
        Those that are given, in this order.

    Raises
    ------
    InputError
        If a lever is unknown, or its arguments are not those of the function.
    """
    from custfolio.terms import Terms

    steps = dict(remediation.get("step", {}))
    further: dict[str, dict[str, Any]] = {"delivery_fee": {}, "minimum_order": {}, "price": {}}
    if "elasticity" in remediation:
        further["price"]["elasticity"] = remediation["elasticity"]
    if "response" in remediation:
        further["minimum_order"]["response"] = remediation["response"]
    unknown = sorted(set(steps) - set(further))
    if unknown:
        raise InputError(f"step names {unknown[0]!r}; it must be one of {', '.join(further)}")
    terms: list[Any] = [
        getattr(Terms, name)(remediation[name], step=steps.get(name, 0.0), **arguments)
        for name, arguments in further.items()
        if name in remediation
    ]
    if remediation.get("package", False):
        terms.append(Terms.package(*terms))
    return terms + [_lever_of(one) for one in remediation.get("terms", [])]


def _lever_of(settings: Mapping[str, Any]) -> Any:
    """Return the lever of a table of settings: its name and the arguments of its function."""
    from custfolio.terms import Terms

    arguments = dict(settings)
    name = str(arguments.pop("lever", ""))
    if name not in _LEVERS:
        raise InputError(f"lever is {name!r}; it must be one of {', '.join(_LEVERS)}")
    positional: list[Any] = []
    if name == "package":
        positional = [_lever_of(part) for part in arguments.pop("parts", [])]
    elif name == "fixed_days":
        positional = list(arguments.pop("days", []))
    try:
        return getattr(Terms, name)(*positional, **arguments)
    except TypeError as error:
        given = ", ".join(f"{key} = {value!r}" for key, value in arguments.items()) or "nothing"
        raise InputError(f"lever {name} has {given}; it must have the arguments of cf.Terms.{name}") from error


def after_reviews(plans: Sequence[ActionPlan], agenda: Agenda, start: int, months: int) -> list[ActionPlan]:
    """Let steps whose condition names the appointment begin in the month after the customer's first review.

    Parameters
    ----------
    plans : sequence of ActionPlan
        The action plans; `earliest` of their steps is a month of the plan or a calendar month.
    agenda : Agenda
        The reviews. Plans of customers without a review stay as they are, and so do steps with a latest month.
    start : int
        First month of the plan, since January 1970.
    months : int
        Months of the plan.

    Returns
    -------
    list of ActionPlan
        The plans in their order, without those whose review comes too late to begin.
    """
    from custfolio._tables.dates import month_index

    reviews = agenda.columns()
    first: dict[str, int] = {}
    for customer, day in zip(reviews["customer_id"], reviews["day"], strict=True):
        month = month_index(day, "day of the review")
        first[customer] = min(month, first.get(customer, month))

    def begun(step: ActionStep, customer: str) -> ActionStep:
        if customer not in first or "appointment" not in step.condition.lower():
            return step
        given = step.earliest
        earliest = given if isinstance(given, int) else month_index(given, "earliest") - start + 1
        later = max(earliest, first[customer] - start + 2)
        return step if later == earliest or step.latest is not None else replace(step, earliest=later)

    begin = [replace(plan, steps=[begun(step, plan.customer) for step in plan.steps]) for plan in plans]
    return [
        plan
        for plan, given in zip(begin, plans, strict=True)
        if not any(
            new is not old and isinstance(new.earliest, int) and new.earliest > months
            for new, old in zip(plan.steps, given.steps, strict=True)
        )
    ]


def _managers_of(managers: Any, stated: Statement, ledger: Ledger) -> Any:
    """Return the managers with their customers: those of the table, else the ledger's manager with most of a customer's revenue."""
    from custfolio._tables.frames import lists_of

    table = lists_of(managers, f"managers is of type {type(managers).__name__}; it must be a frame")
    asked = {"customer", "customer_id"} & set(table) or not {"manager", "reviews_per_day"} <= set(table)
    if asked or "manager" not in ledger.rows.dimensions:
        return managers
    reviews = dict(zip(map(str, table["manager"]), table["reviews_per_day"], strict=True))
    main = _main_of(stated, "manager")
    for name in sorted(set(main.values()) - set(reviews)):
        raise InputError(
            f"managers: manager {name!r} of the ledger is not in the table; add a row with reviews_per_day, 0 where there are none"
        )
    names = [*reviews, *main.values()]
    rows = {name: row for row, name in enumerate(map(str, table["manager"]))}
    return {
        "customer": [None] * len(reviews) + list(main),
        "manager": names,
        **{column: [cells[rows[name]] for name in names] for column, cells in table.items() if column != "manager"},
    }


def _main_of(stated: Statement, by: str) -> dict[str, str]:
    """Return the manager, or another value of the ledger's rows, with most of each customer's revenue."""
    shares = stated.by("customer", by).columns()
    main: dict[str, tuple[float, str]] = {}
    for customer, name, revenue in zip(shares["customer"], shares[by], shares["revenue"], strict=True):
        if name != "none" and (customer not in main or revenue > main[customer][0]):
            main[customer] = (revenue, name)
    return {customer: name for customer, (_, name) in main.items()}


def _labels_of(inputs: Inputs, stated: Statement, ledger: Ledger, groups: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return who is in the groups of the strategy: by the table of labels, the segments, or the rows of the ledger."""
    from custfolio._tables.dates import is_missing
    from custfolio._tables.frames import customer_column, lists_of, require_columns
    from custfolio._tables.wording import identity_text

    table: dict[str, list[Any]] = {} if inputs.labels is None else lists_of(inputs.labels, "labels must be a frame")
    customer = customer_column(table)
    if table:
        require_columns(table, (customer,), "labels; they have")
    found: dict[str, dict[str, str]] = {}
    for by in groups:
        if by in table:
            rows = zip(map(identity_text, table[customer]), table[by], strict=True)
            found[by] = {who: str(label) for who, label in rows if not is_missing(label)}
        elif by == "segment" and stated.segments is not None:
            found[by] = dict(zip(stated.portfolio.ids, map(str, stated.segments), strict=True))
        elif by in ledger.rows.dimensions:
            found[by] = _main_of(stated, by)
    return found


def _segments_of(stated: Statement) -> dict[str, Any] | None:
    """Return the segment of each customer, for the agenda; None where the statement has none."""
    return None if stated.segments is None else {"customer_id": stated.portfolio.ids, "segment": stated.segments}


def _acceptance_of(inputs: Inputs, stated: Statement) -> dict[str, Any]:
    """Return the acceptance for :func:`remediate`, with the segments of the customers where it is by segment."""
    acceptance, segments = inputs.acceptance, inputs.acceptance_segments
    if not isinstance(acceptance, Mapping) and getattr(acceptance, "by", None) in (None, "customer"):
        return {"acceptance": acceptance}
    if segments is None:
        segments = _segments_of(stated)
        if isinstance(acceptance, Mapping) and stated.segments is not None:  # a segment may have no customer
            acceptance = {name: one for name, one in acceptance.items() if name in stated.segments}
    return {"acceptance": acceptance, "segments": segments}


def _results(
    inputs: Inputs,
    stated: Statement,
    state: Callable[[tuple[str, str]], Statement],
    portfolio: Portfolio,
    selection: Selection,
    offers: Offers | None,
) -> dict[str, Any]:
    """Return the further results about new terms; those of offers only where there are offers."""
    from custfolio import remediation

    segments = _segments_of(stated)
    found: dict[str, Any] = {}
    for name, arguments in inputs.results.items():
        if name == "price_list":
            found[name] = remediation.price_list(portfolio, **arguments)
        elif name == "benchmark":
            found[name] = remediation.benchmark(stated, segments=segments, **arguments)
        elif offers is None:
            raise InputError(f"{name} needs new terms; name them in [remediation]")
        elif name == "unlike_offers":
            found[name] = remediation.unlike_offers(offers, segments=segments, **arguments)
        elif name == "ask_sequences":
            further = {key: value for key, value in inputs.remediation.items() if key != "objective"}
            found[name] = remediation.ask_sequences(
                portfolio, selection, inputs.terms, **_acceptance_of(inputs, stated), **further, **arguments
            )
        else:
            try:
                earlier = state(tuple(arguments["before"]))
            except InputError as error:
                raise InputError(f"review: {error}") from None
            made = remediation.remediate(
                earlier.portfolio, _selected(inputs, earlier.portfolio, None), inputs.terms, **inputs.remediation
            )
            given = {key: value for key, value in arguments.items() if key not in ("before", "answers")}
            found[name] = remediation.review(made, arguments["answers"], earlier, stated, **given)
    return found


def _together(one: Any, other: Any) -> Any:
    """Return two tables of busy times as one."""
    from custfolio._tables.frames import lists_of, require_columns

    if one is None:
        return other
    names = ("manager", "start", "end")
    tables = [lists_of(each, "the busy times must be a frame") for each in (one, other)]
    require_columns(tables[0], names, "busy; it has")
    return {name: [cell for table in tables for cell in table[name]] for name in names}


def agenda_of(
    inputs: Inputs,
    portfolio: Portfolio,
    selection: Selection,
    stated: Statement,
    ledger: Ledger,
    fixed: Any = None,
    busy: Any = None,
    until: Mapping[str, str] | None = None,
) -> Agenda:
    """Return the agenda of the inputs' managers over the months of the plan.

    Parameters
    ----------
    inputs : Inputs
        The settings; it has managers.
    portfolio, selection, stated, ledger : Portfolio, Selection, Statement, Ledger
        The results so far.
    fixed : Agenda or frame, optional
        Earlier appointments, in place of those of the settings.
    busy : frame, optional
        Busy times, beside those of the settings.
    until : mapping of str to str, optional
        First month without a customer, by identity, beside those of the settings; the earlier one counts.

    Returns
    -------
    Agenda
        The agenda.
    """
    from custfolio.anchoring import Cadence, anchor
    from custfolio.strategy import Strategy

    strategy = Strategy(**inputs.strategy)
    classes = set(inputs.cadence) <= {"A", "B", "C"}
    further = dict(inputs.anchoring)
    if fixed is not None:
        further["fixed"] = fixed
    if busy is not None:
        further["busy"] = _together(further.get("busy"), busy)
    if until is not None:
        own = further.get("until") or {}
        further["until"] = {**own, **{who: month for who, month in until.items() if str(own.get(who, month)) >= month}}
    if inputs.cadence:
        further.setdefault("segments", _segments_of(stated))
    return anchor(
        portfolio,
        selection,
        cadence=Cadence(**inputs.cadence) if classes else inputs.cadence,
        managers=_managers_of(inputs.managers, stated, ledger),
        start=strategy.start,
        months=strategy.months,
        calendar=inputs.calendar,
        **further,
    )


def _located(inputs: Inputs, stated: Statement) -> Portfolio:
    """Return the customers of a statement with their places; NoHeatError where the costs of goods are unknown."""
    if not stated.portfolio.core.has_heat:
        raise NoHeatError(stated)
    with inputs.errors_of("acquisition"):
        return stated.portfolio if inputs.places is None else stated.portfolio.located(inputs.places)


def _selected(inputs: Inputs, portfolio: Portfolio, uncertainty: Uncertainty | None = None) -> Selection:
    """Return the verdicts by the settings."""
    from custfolio.selection import select

    return select(
        portfolio,
        target=inputs.target,
        interesting=inputs.interesting,
        uncertainty=uncertainty,
        white_space=inputs.white_space,
        min_months=inputs.min_months,
        **inputs.interest,
    )


def _offers_of(
    inputs: Inputs, portfolio: Portfolio, selection: Selection, stated: Statement, threads: int = 0
) -> Offers | None:
    """Return the offers of the inputs' terms; None without terms."""
    from custfolio.remediation import remediate

    if not inputs.terms:
        return None
    with inputs.errors_of("remediation"):
        return remediate(
            portfolio,
            selection,
            terms=list(inputs.terms),
            **_acceptance_of(inputs, stated),
            threads=threads,
            **inputs.remediation,
        )


def run_agenda(
    inputs: Inputs, fixed: Callable[[Portfolio], tuple[Agenda, Any]] | None = None
) -> tuple[Agenda, Portfolio, Portfolio | None, Offers | None, Sequence[ActionPlan]]:
    """State the sales, select, and plan the agenda alone.

    Parameters
    ----------
    inputs : Inputs
        The data and the settings.
    fixed : callable, optional
        From the customers to their earlier appointments, and busy times or None.

    Returns
    -------
    (Agenda, Portfolio, Portfolio or None, Offers or None, sequence of ActionPlan)
        The agenda, its customers now and in the earlier period, the terms offered to them, and their action plans.

    Raises
    ------
    InputError
        If an input cannot be used, or no managers are given.
    """
    from custfolio.growth import plans_from_frame
    from custfolio.selection import statement

    ledger = inputs.ledger()

    def state(period: tuple[str, str] | None) -> Statement:
        return statement(ledger, inputs.costs, period=period, **inputs.statement)

    with inputs.errors_of("costs"):
        stated = state(inputs.period)
    before = _before(inputs, state)
    portfolio = _located(inputs, stated)
    with inputs.errors_of("selection"):
        selection = _selected(inputs, portfolio)
    with inputs.errors_of("anchoring"):
        if inputs.managers is None:
            raise InputError('there are no managers; name their table: managers = "managers.csv"')
        agreed, busy = (None, None) if fixed is None else fixed(portfolio)
        agenda = agenda_of(inputs, portfolio, selection, stated, ledger, agreed, busy)
    offers = _offers_of(inputs, portfolio, selection, stated)
    plans = () if inputs.action_plans is None else plans_from_frame(inputs.action_plans)
    return agenda, portfolio, before, offers, plans


def refilled(plan: Plan, again: Callable[[Agenda, Mapping[str, str]], Agenda]) -> Plan:
    """Return the plan with further reviews at the times that customers who flow over leave free; the days of all others stay.

    Parameters
    ----------
    plan : Plan
        The plan.
    again : callable
        Plans again, from the agenda that stays, and the first month without each customer who flows over.

    Returns
    -------
    Plan
        The same plan where it drops no review, or every other review has a place.
    """
    agenda = plan.agenda
    if agenda is None or not plan.reviews_dropped or len(agenda.unplaced) == plan.reviews_dropped:
        return plan
    gone = plan.core.overflow
    found = again(agenda, dict(zip(gone["id"], gone["month"], strict=True)))
    made = copy.copy(plan)
    made.agenda = agenda.filled(found, plan.reviews_dropped)
    made.reviews_filled = len(found) - len(agenda)
    return made


def _before(inputs: Inputs, state: Callable[[tuple[str, str]], Statement]) -> Portfolio | None:
    """Return the customers in the earlier period; None without one."""
    with inputs.errors_of("statement"):
        return None if inputs.against is None else _earlier(state, inputs.against).portfolio


def run(inputs: Inputs, progress: Progress | None = None, threads: int = 0) -> Outcome:
    """Run the five steps and optimise.

    Parameters
    ----------
    inputs : Inputs
        The data and the settings.
    progress : callable, optional
        Called with the step's name and its fraction done.
    threads : int
        0 for all cores; the results have the same bits for any number.

    Returns
    -------
    Outcome
        The result of each step.

    Raises
    ------
    InputError
        If an input cannot be used.
    InfeasibleError
        If no plan keeps the limits, or with ``strict`` all floors and capacities.
    """
    from custfolio.acquisition import white_spots
    from custfolio.growth import grow, plans_from_frame
    from custfolio.lifetime import baseline
    from custfolio.selection import statement
    from custfolio.strategy import Plan, Strategy

    report = progress or (lambda step, fraction: None)
    strategy = Strategy(**inputs.strategy)

    report("reading", 0.0)
    ledger = inputs.ledger()
    report("statement", 0.0)

    families = ledger.rows.dimensions.get("family")
    priced = [
        one.driver
        for lever in inputs.terms
        for one in [lever, *lever.parts]
        if one.lever == "price" and families is not None and one.driver in families.values
    ]

    def state(period: tuple[str, str] | None) -> Statement:
        return statement(ledger, inputs.costs, period=period, threads=threads, families=priced, **inputs.statement)

    with inputs.errors_of("costs"):
        stated = state(inputs.period)
    with inputs.errors_of("selection"):
        uncertainty = uncertainty_of(stated, inputs.uncertain) if stated.portfolio.core.has_heat else None
    with inputs.errors_of("statement"):
        pages = None if inputs.pages is None else pages_of(stated, state, uncertainty=uncertainty, **inputs.pages)
    portfolio = _located(inputs, stated)
    foreseen = None
    if inputs.baseline is not None:
        report("baseline", 0.0)
        with inputs.errors_of("baseline"):
            foreseen = baseline(
                ledger,
                portfolio,
                start=strategy.start,
                months=strategy.months,
                threads=threads,
                progress=lambda fraction: report("baseline", fraction),
                **inputs.baseline,
            )
    report("selection", 0.0)
    with inputs.errors_of("selection"):
        selection = _selected(inputs, portfolio, uncertainty)
    agenda = growth = prospects = None
    if inputs.terms:
        report("remediation", 0.0)
    offers = _offers_of(inputs, portfolio, selection, stated, threads)
    with inputs.errors_of("remediation"):
        results = _results(inputs, stated, state, portfolio, selection, offers)
    if inputs.managers is not None:
        report("anchoring", 0.0)
        with inputs.errors_of("anchoring"):
            agenda = agenda_of(inputs, portfolio, selection, stated, ledger)
    elif inputs.cadence:
        with inputs.errors_of("anchoring"):
            raise InputError(
                'cadence has no effect without managers; name their table, with manager and reviews_per_day: managers = "managers.csv"'
            )
    if inputs.action_plans is not None:
        report("growth", 0.0)
        with inputs.errors_of("growth"):
            plans = plans_from_frame(inputs.action_plans)
            if agenda is not None:
                plans = after_reviews(plans, agenda, strategy.first_month, strategy.months)
            growth = grow(plans, start=strategy.start, months=strategy.months)
    if inputs.candidates is not None:
        report("acquisition", 0.0)
        with inputs.errors_of("acquisition"):
            prospects = _prospects_of(inputs, portfolio, state)
            if inputs.white_spots:
                reach = {name: each for name, each in inputs.acquisition.items() if name == "bandwidth_km"}
                results["white_spots"] = white_spots(portfolio, count=inputs.white_spots, **reach)
    report("optimising", 0.0)
    with inputs.errors_of("strategy"):
        earlier = None if inputs.previous is None else Plan.load(inputs.previous)
        plan = strategy.optimise(
            portfolio,
            offers=offers,
            growth=growth,
            prospects=prospects,
            selection=selection,
            agenda=agenda,
            baseline=foreseen,
            previous=earlier,
            labels=_labels_of(inputs, stated, ledger, strategy.groups),
            threads=threads,
            effort=inputs.effort,
            progress=lambda state: report("optimising", state.fraction),
        )
    with inputs.errors_of("anchoring"):
        plan = refilled(
            plan,
            lambda left, until: agenda_of(inputs, portfolio, selection, stated, ledger, fixed=left, until=until),
        )
    if inputs.chances:
        with inputs.errors_of("strategy"):
            results["chances"] = plan.heat_by_chance(inputs.chances, threads=threads)
    report("optimising", 1.0)
    if inputs.simulation is not None:
        report("simulating", 0.0)
        with inputs.errors_of("simulate"):
            results["simulation"] = plan.simulate(**inputs.simulation, threads=threads)
        report("simulating", 1.0)
    before = None if agenda is None else _before(inputs, state)
    return Outcome(ledger, stated, selection, offers, agenda, growth, prospects, foreseen, plan, pages, results, before)


def _prospects_of(
    inputs: Inputs, portfolio: Portfolio, state: Callable[[tuple[str, str] | None], Statement]
) -> Prospects:
    """Return the prospects, with the likeness and the fitted chance to win where the inputs have what these need."""
    import narwhals.stable.v2 as nw

    from custfolio._tables.frames import eager, library_of
    from custfolio.acquisition import Prospects, acquire, fit_win, likeness

    settings, candidates, notes = dict(inputs.acquisition), inputs.candidates, list[str]()
    if inputs.attributes is not None:
        table = eager(candidates, "candidates")
        alike = likeness(candidates, inputs.attributes, portfolio, target=inputs.target)
        column = nw.new_series("likeness", alike.columns()["likeness"], backend=table.implementation)
        candidates, notes = table.with_columns(column).to_native(), alike.notes
    if inputs.earlier_candidates is not None:
        then = state(inputs.earlier_period).portfolio
        then = then if inputs.places is None else then.located(inputs.places)
        prior = {name: each for name, each in settings.items() if name in _CHANCE}
        settings["win"] = fit_win(acquire(inputs.earlier_candidates, then, **settings), portfolio.ids, **prior)
    found = acquire(candidates, portfolio, **settings)
    return Prospects(found.core, [*found.notes, *notes], library_of(inputs.candidates))
