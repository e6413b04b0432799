# custfolio.toml: the settings of `custfolio run`, with every key checked.
"""Read a custfolio.toml into the inputs of the five steps."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custfolio._flow import Inputs, terms_of
from custfolio.cli.stated import StatementSettings, errors_of, settings_of
from custfolio.cli.tables import read_table
from custfolio.errors import InputError

if TYPE_CHECKING:
    from custfolio.anchoring import CadenceRule
    from custfolio.remediation import Acceptance, LearnedAcceptance

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["LEDGER_KEYS", "Config", "read", "read_baseline", "read_statement"]

LEDGER_KEYS = (
    "customer", "date", "revenue", "cost", "quantity", "document", "lines", "name", "date_format", "decimal", "currency",
    "rates", "missing_cost", "item", "family", "ship_to", "group", "manager", "price", "unit_cost", "status", "refunded", "tax",
    "sheet", "drivers", "delivery_drivers", "customer_since", "merged", "layout",
    "currency_column", "list_price", "discount", "rebate", "freight", "commission", "returns", "reference", "kind",
    "revenue_accounts",
)  # fmt: skip
"""Keys of the section [ledger] that are arguments of the ledger."""

_SECTIONS: dict[str, dict[str, tuple[type, ...]]] = {
    "ledger": {
        **dict.fromkeys(LEDGER_KEYS, (str,)),
        **dict.fromkeys(
            ("cost", "unit_cost", "quantity", "document", "lines", "name", "currency_column", "kind"), (str, bool)
        ),
        "files": (str, list),
        **dict.fromkeys(("revenue_accounts", "sheet"), (str, list)),
        "drivers": (dict,),
        "delivery_drivers": (dict,),
        "period": (list,),
        "rates": (dict, str),
        "missing_cost": (str, int, float),
    },
    "costs": {
        "rates": (dict,),
        "revenue_share": (int, float),
        "avoidable": (dict,),
        "drivers": (str,),
        "credit_rate": (int, float),
        "receivables": (str,),
        "pools": (list,),
        "activities": (list,),
        "events": (dict,),
        "spent": (dict,),
        "horizon": (int,),
        "prices": (str,),
    },
    "segments": {"rules": (dict,)},
    "statement": {
        "by": (list,),
        "key": (str,),
        "trace": (list,),
        "against": (list,),
        "bridge": (list,),
        "report": (str,),
        "workbook": (str,),
    },
    "baseline": {
        "method": (str,),
        "reconcile": (str,),
        "history_years": (int,),
        "origins": (int,),
        "segments": (str,),
        "forecast": (str,),
    },
    "selection": {
        "target": (int, float),
        "min_months": (int,),
        "interesting": (str,),
        "weights": (dict,),
        "classes": (str, dict),
        "uncertain_rates": (int, float, dict),
        "uncertain_months": (bool,),
        "white_space": (str,),
    },
    "remediation": {
        "delivery_fee": (int, float),
        "minimum_order": (int, float),
        "price": (int, float),
        "elasticity": (int, float),
        "step": (dict,),
        "response": (str, int, float),
        "package": (bool,),
        "terms": (list,),
        "objective": (str,),
        "least_heat": (int, float),
        **dict.fromkeys(("price_list", "benchmark", "unlike_offers", "ask_sequences", "review"), (dict,)),
        "horizon": (int,),
        "acceptance": (int, float, dict),
        "sensitivity": (int, float),
        "answers": (str,),
        "by": (str,),
        "segments": (str,),
        "strength": (int, float),
    },
    "anchoring": {
        **dict.fromkeys(("managers", "calendar", "timezone", "language"), (str,)),
        **dict.fromkeys(
            ("segments", "customers", "closed", "absences", "busy", "last_review", "fixed", "handover", "value"), (str,)
        ),
        **dict.fromkeys(("tolerance_days", "least_gap", "greatest_gap", "ready_days", "preference_days"), (int,)),
        "cadence": (dict,),
        "rules": (list,),
        "minutes": (int, dict),
        "closing_days": (list,),
        "slack": (int, float),
    },
    "growth": {"action_plans": (str,)},
    "acquisition": {
        "candidates": (str,),
        "places": (str,),
        "network": (str,),
        "attributes": (str,),
        "earlier_candidates": (str,),
        "earlier_period": (list,),
        "white_spots": (int,),
        "bandwidth_km": (int, float),
        "cutoff": (int, float),
        "base_win_probability": (int, float),
        "warmth_sensitivity": (int, float),
        "network_sensitivity": (int, float),
        "likeness_sensitivity": (int, float),
        "source_log_odds": (dict,),
        "new_customer_share": (int, float),
        "minimum_temperature": (int, float),
        "costed": (bool,),
        "delivery_fee": (int, float),
        "minimum_order": (int, float),
        "burden_sensitivity": (int, float),
        "kilometre_cost": (int, float),
        "ramp_months": (int,),
        "hours_per_pursuit": (int, float),
    },
    "strategy": {
        "start": (str,),
        "months": (int,),
        "floor": (str, int, float, list),
        "floor_every": (str,),
        "chance": (int, float),
        "chances": (list,),
        "effort": (int,),
        "reference": (str,),
        "relax": (str,),
        "strict": (bool,),
        "replaced_by_room": (bool,),
        "may_leave": (list,),
        "linked": (str,),
        "exits": (str,),
        "previous": (str,),
        "switch_price": (int, float),
        "frozen_months": (int,),
        "capacity": (int, float, list),
        "limits": (dict,),
        "groups": (dict,),
        "labels": (str,),
        "discount_rate": (int, float),
        "notice_months": (int,),
        "lead_months": (int,),
        "hours_per_offer": (int, float),
        "hours_pool": (str,),
        "cost_per_offer": (int, float),
        "cost_per_pursuit": (int, float),
        "interval": (int,),
        "refused": (list,),
    },
    "simulate": {"paths": (int,), "seed": (int,)},
    "letters": {
        "language": (str,),
        "sender": (str,),
        "template": (str,),
        "date": (str, datetime.date),
        "answer_by": (str, datetime.date),
    },
    "output": {
        "folder": (str,),
        "report": (str,),
        "workbook": (str,),
        "agenda": (str,),
        "coaster": (str,),
        "letters": (str,),
        "budget": (str,),
        "plan": (str,),
        "title": (str,),
        "currency": (str,),
    },
}
"""The sections and keys of a custfolio.toml, with the types that each may have."""

_ENTRIES: dict[tuple[str, str], tuple[type, ...]] = {
    ("acquisition", "source_log_odds"): (int, float),
    ("acquisition", "earlier_period"): (str, datetime.date),
    ("ledger", "files"): (str,),
    ("ledger", "revenue_accounts"): (str,),
    ("ledger", "sheet"): (str,),
    ("ledger", "drivers"): (str,),
    ("ledger", "delivery_drivers"): (str,),
    ("ledger", "rates"): (int, float),
    ("ledger", "period"): (str, datetime.date),
    ("costs", "rates"): (int, float, dict),
    ("costs", "avoidable"): (int, float, dict),
    ("costs", "pools"): (dict,),
    ("costs", "activities"): (dict,),
    ("costs", "events"): (str,),
    ("costs", "spent"): (int, float),
    ("segments", "rules"): (str,),
    ("statement", "by"): (str, list),
    ("statement", "bridge"): (str, list),
    ("statement", "trace"): (str, int),
    ("statement", "against"): (str, datetime.date),
    ("remediation", "step"): (int, float),
    ("remediation", "acceptance"): (int, float),
    ("remediation", "terms"): (dict,),
    ("remediation", "price_list"): (str, int, float, bool),
    ("remediation", "benchmark"): (str, int),
    ("remediation", "unlike_offers"): (int, float),
    ("remediation", "ask_sequences"): (int, float),
    ("remediation", "review"): (str, list, int, float),
    ("anchoring", "cadence"): (str,),
    ("anchoring", "rules"): (dict,),
    ("anchoring", "minutes"): (int,),
    ("anchoring", "closing_days"): (str, datetime.date),
    ("selection", "weights"): (int, float),
    ("selection", "classes"): (list,),
    ("selection", "uncertain_rates"): (int, float),
    ("strategy", "floor"): (int, float),
    ("strategy", "chances"): (int, float),
    ("strategy", "capacity"): (int, float),
    ("strategy", "limits"): (int, float, list),
    ("strategy", "groups"): (dict,),
    ("strategy", "refused"): (str, int),
    ("strategy", "may_leave"): (str, int),
}
"""The types of the entries of lists and tables, by section and key."""

_WORDS = {
    str: "text",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
    bool: "true or false",
    datetime.date: "a day",
}


@dataclass
class Config:
    """The content of a custfolio.toml.

    Attributes
    ----------
    inputs : Inputs
        The data and settings of the five steps.
    folder : Path
        Folder of the files.
    files : dict of str to str
        Name of each file to write, by kind: report, workbook, agenda, coaster, statement_report, statement_workbook, budget.
    title : str
        Heading of the report.
    """

    inputs: Inputs
    folder: Path
    files: dict[str, str]
    title: str


def read(path: Path, changes: Mapping[str, Mapping[str, Any]] | None = None) -> Config:
    """Read and check a custfolio.toml; paths in it are relative to its own folder.

    Parameters
    ----------
    path : Path
        The file.
    changes : mapping, optional
        Keys by section that replace those of the file: options of the command line.

    Returns
    -------
    Config
        Its content.

    Raises
    ------
    InputError
        If the file is missing or not TOML, a section or key is unknown, or a value is of the wrong kind; the message names the key.
    """
    settings = _checked(path)
    for name, keys in (changes or {}).items():
        settings.setdefault(name, {}).update(keys)
    here = path.resolve().parent
    stated = settings_of(path, settings, LEDGER_KEYS)

    def section(name: str) -> dict[str, Any]:
        return dict(settings.get(name, {}))

    from custfolio import _core
    from custfolio._tables.arguments import whole
    from custfolio.anchoring import Cadence, intervals_of_segments
    from custfolio.report.data import Numbers
    from custfolio.report.whole_file import check_kind, check_outputs
    from custfolio.strategy import Strategy

    def table(name: str, key: str, texts: bool = False) -> Any:
        found = settings.get(name, {}).get(key)
        if found is None:
            return None
        stated.tables.append(here / found)
        return read_table(here / found, texts=texts)

    strategy = section("strategy")
    effort, chances = strategy.pop("effort", 0), strategy.pop("chances", ())
    strategy.pop("labels", None)
    selection = section("selection")
    remediation = section("remediation")
    anchoring = section("anchoring")
    acquisition = section("acquisition")
    output = section("output")
    for key in ("candidates", "places", "attributes", "earlier_candidates"):
        acquisition.pop(key, None)
    earlier = acquisition.pop("earlier_period", None)
    if ("earlier_candidates" in settings.get("acquisition", {})) != (earlier is not None) or len(earlier or "ab") != 2:
        raise InputError(
            f"{path.name}: [acquisition] earlier_candidates needs earlier_period, its first and last day, and the other way round"
        )
    with errors_of(path.name, "acquisition"):
        newcomers = terms_of(
            {key: acquisition.pop(key) for key in ("delivery_fee", "minimum_order") if key in acquisition}
        )
    if "network" in acquisition:
        acquisition["network"] = table("acquisition", "network")
    if acquisition.pop("costed", False) or newcomers:
        acquisition |= {"costs": stated.costs, "terms": newcomers}
    baseline = _baseline_of(path.name, section("baseline"), table)
    for key in ("linked", "exits"):
        if key in strategy:
            strategy[key] = table("strategy", key, texts=True)
    previous = strategy.pop("previous", None)
    if previous is not None:
        stated.tables.append(here / previous)
    if "start" not in strategy:
        raise InputError(f'{path.name}: [strategy] has no start; it must name the first month: start = "2022-01"')
    if "currency" in output:
        strategy["currency"] = output["currency"]
    answers, asked = table("remediation", "answers"), table("remediation", "segments")
    cadence = anchoring.get("cadence", {})
    tables = ("segments", "customers", "closed", "absences", "busy", "last_review", "fixed", "handover", "value")
    values = (
        "tolerance_days",
        "least_gap",
        "greatest_gap",
        "ready_days",
        "preference_days",
        "minutes",
        "closing_days",
        "slack",
    )
    further = {key: table("anchoring", key) for key in tables if key in anchoring}
    further |= {key: anchoring[key] for key in values if key in anchoring}
    with errors_of(path.name, "remediation"):
        terms = terms_of(remediation)
        acceptance = _acceptance_of(remediation, answers, asked, settings.get("segments", {}).get("rules"))
    with errors_of(path.name, "anchoring"):
        own = "rules" in settings.get("segments", {}) or {"segments", "customers"} & set(anchoring)
        intervals_of_segments(cadence if own else Cadence(**cadence), [])
        if "rules" in anchoring:
            further["rules"] = [_rule(rule) for rule in anchoring["rules"]]
    with errors_of(path.name, "strategy"):
        months = Strategy(**strategy).months
    if "simulate" in settings:
        with errors_of(path.name, "simulate"):
            whole_numbers = {name: whole(value, name) for name, value in section("simulate").items()}
            _core.check_simulation(**whole_numbers, months=months)
    against = stated.pages.get("against")
    unit = Numbers().currency(output["currency"]) if "currency" in output else ""
    inputs = Inputs(
        ledger=stated.ledger,
        costs=stated.costs,
        period=stated.period,
        statement=stated.arguments,
        pages={**stated.pages, "unit": unit} if stated.files else None,
        against=None if against is None else (str(against[0]), str(against[1])),
        errors_of=partial(errors_of, path.name),
        places=table("acquisition", "places"),
        target=selection.get("target", 0.05),
        min_months=selection.get("min_months", 6),
        interesting=table("selection", "interesting", texts=True),
        interest={key: selection[key] for key in ("weights", "classes") if key in selection},
        uncertain=stated.uncertain,
        white_space=table("selection", "white_space"),
        terms=terms,
        acceptance=acceptance,
        acceptance_segments=asked,
        results={
            key: _arguments_of(path.name, key, remediation[key], here) for key in _RESULT_KEYS if key in remediation
        },
        remediation={key: remediation[key] for key in ("objective", "least_heat", "horizon") if key in remediation},
        managers=table("anchoring", "managers"),
        cadence=cadence,
        calendar=anchoring.get("calendar"),
        anchoring=further,
        calendars={key: anchoring[key] for key in ("timezone", "language") if key in anchoring},
        action_plans=table("growth", "action_plans"),
        candidates=table("acquisition", "candidates"),
        earlier_candidates=table("acquisition", "earlier_candidates"),
        earlier_period=None if earlier is None else (str(earlier[0]), str(earlier[1])),
        attributes=table("acquisition", "attributes"),
        white_spots=acquisition.pop("white_spots", 0),
        acquisition=acquisition,
        baseline=baseline,
        strategy=strategy,
        previous=None if previous is None else here / previous,
        simulation=section("simulate") if "simulate" in settings else None,
        labels=table("strategy", "labels", texts=True),
        effort=effort,
        chances=chances,
    )
    kinds = {"report": "plan.html", "workbook": "plan.xlsx", "agenda": "agenda.ics", "coaster": "coaster.svg"}
    folder = here / output.get("folder", "plan")
    names_out = {kind: output.get(kind, name) for kind, name in kinds.items()}
    names_out |= {f"statement_{kind}": name for kind, name in stated.files.items()}
    if "budget" in output:
        with errors_of(path.name, "output"):
            check_kind(output["budget"], ".json", ".parquet")
        names_out["budget"] = output["budget"]
    if "plan" in output:
        with errors_of(path.name, "output"):
            check_kind(output["plan"], ".json")
        names_out["plan"] = output["plan"]
    if "letters" in settings or "letters" in output:
        with errors_of(path.name, "letters"):
            inputs.letters = _letters_of(section("letters"), output.get("letters", "letters.html"), here, folder)
            if not terms:
                raise InputError("there are no letters without new terms; name them in [remediation]")
        if "template" in inputs.letters:
            stated.tables.append(inputs.letters["template"])
    document = [] if inputs.letters is None else [name for name in [inputs.letters["path"]] if Path(name).suffix]
    check_outputs([folder / name for name in [*names_out.values(), *document]], stated.read())
    return Config(
        inputs=inputs,
        folder=folder,
        files=names_out,
        title=output.get("title", "The plan"),
    )


def _letters_of(settings: Mapping[str, Any], name: str, here: Path, folder: Path) -> dict[str, Any]:
    """Return the arguments of the plan's letters, checked before the plan is made."""
    from custfolio._tables.dates import day_number
    from custfolio.report.letters import render
    from custfolio.report.whole_file import check_folder, check_kind

    found = dict(settings)
    if "template" in found:
        found["template"] = here / found["template"]
    for key in ("date", "answer_by"):
        if key in found:
            day_number(found[key], key)
    render([], **{key: found[key] for key in ("language", "template") if key in found})
    if Path(name).suffix:
        check_kind(name, ".html")
    else:
        check_folder(folder / name)
    return found | {"path": name}


def _rule(entry: Mapping[str, Any]) -> CadenceRule:
    """Return a rule of [anchoring]: figure, every, at_least, at_most."""
    from custfolio.anchoring import CadenceRule

    unknown = sorted(set(entry) - {"figure", "every", "at_least", "at_most"})
    if unknown or not {"figure", "every"} <= set(entry):
        raise InputError(
            f"a rule has {', '.join(entry)}; it must have figure and every, and may have at_least and at_most"
        )
    return CadenceRule(**entry)


def _acceptance_of(
    remediation: Mapping[str, Any], answers: Any, segments: Any, rules: Mapping[str, str] | None
) -> Acceptance | LearnedAcceptance | dict[str, Acceptance]:
    """Return the acceptance of all customers, of each segment, or learned from answers."""
    from custfolio.remediation import Acceptance

    further = {key: remediation[key] for key in ("sensitivity", "strength", "by") if key in remediation}
    base = remediation.get("acceptance", Acceptance.base)
    if answers is None:
        for key in ("strength", "by"):
            if key in further:
                raise InputError(f"{key} is of answers; name their table: answers = ...")
    elif isinstance(base, dict):
        raise InputError("acceptance beside answers is a prior, one number for all; by = ... learns groups")
    by_segment = isinstance(base, dict) or further.get("by") not in (None, "customer")
    if by_segment and segments is None and rules is None:
        raise InputError("acceptance by segment needs rules in [segments], or a table: segments = ...")
    if segments is not None and not by_segment:
        raise InputError("segments needs acceptance by segment: a table of acceptance, or by = ... beside answers")
    if not isinstance(base, dict):
        return Acceptance(base, **further) if answers is None else Acceptance.learn(answers, base=base, **further)
    unknown = [] if segments is not None or rules is None else sorted(set(base) - {*rules, "none"})
    if unknown:
        raise InputError(f"acceptance has the segment {unknown[0]!r}; it must be one of {', '.join(rules or ())}, none")
    return {name: Acceptance(one, **further) for name, one in base.items()}


_RESULT_KEYS = {
    "price_list": ("zones", "customer", "zone", "channel", "target", "step", "fee_step", "rows", "outside_share"),
    "benchmark": ("bands", "least_peers", "fee"),
    "unlike_offers": ("size_ratio", "temperature", "burden", "most"),
    "ask_sequences": ("asks", "patience"),
    "review": ("before", "answers", "baseline", "newcomers", "confidence"),
}
"""Results about new terms, and their keys: arguments of functions of :mod:`custfolio.remediation`."""


def _arguments_of(name: str, key: str, settings: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the arguments of a result about new terms; its tables are read."""
    found, known = dict(settings), _RESULT_KEYS[key]
    unknown = sorted(set(found) - set(known))
    if unknown:
        raise InputError(
            f"{name}: [remediation.{key}] has the unknown key {unknown[0]!r}; it may have {', '.join(known)}"
        )
    for needed in ("before", "answers") if key == "review" else ():
        if needed not in found:
            raise InputError(f"{name}: [remediation.review] has no {needed}; it must have before and answers")
    if not isinstance(found.get("before", []), list) or len(found.get("before", [0, 0])) != 2:
        raise InputError(
            f"{name}: [remediation.review] before is {found['before']!r}; it must be a first and a last day"
        )
    return found | {
        table: read_table(folder / found[table])
        for table in ("zones", "answers", "baseline", "newcomers")
        if table in found
    }


def read_statement(path: Path) -> StatementSettings:
    """Read and check a custfolio.toml for a statement alone; the sections of the other steps may be missing.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    StatementSettings
        What the statement needs.

    Raises
    ------
    InputError
        As for :func:`read`.
    """
    settings = _checked(path)
    if "currency" in settings.get("output", {}):
        settings["ledger"] = {"currency": settings["output"]["currency"], **settings.get("ledger", {})}
    return settings_of(path, settings, LEDGER_KEYS)


def read_baseline(path: Path) -> Mapping[str, Any]:
    """Return the arguments of the baseline of a custfolio.toml, beside its ledger and costs.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    mapping
        Arguments of :func:`custfolio.lifetime.baseline`.

    Raises
    ------
    InputError
        As for :func:`read`, or if the months of the reference period repeat, which is no forecast.
    """
    settings = _checked(path).get("baseline", {})
    found = _baseline_of(path.name, settings, lambda _, key: read_table(path.resolve().parent / settings[key]))
    if found is None:
        raise InputError(f'{path.name}: [baseline] method is "reference", which is no forecast; a budget needs another')
    return found


def _baseline_of(name: str, baseline: Mapping[str, Any], table: Callable[[str, str], Any]) -> Mapping[str, Any] | None:
    """Return the arguments of the baseline; None if the months of the reference period repeat."""
    from custfolio.lifetime._baseline_result import METHODS

    method, reconcile = baseline.get("method", "best"), baseline.get("reconcile", "none")
    if method not in ("best", "reference", *METHODS):
        known = ", ".join(("best", *METHODS, "reference"))
        raise InputError(f"{name}: [baseline] method is {method!r}; it must be one of {known}")
    if reconcile not in ("none", "mint"):
        raise InputError(f"{name}: [baseline] reconcile is {reconcile!r}; it must be none or mint")
    if method == "reference":
        others = [key for key in baseline if key != "method"]
        if others:
            raise InputError(f'{name}: [baseline] {others[0]} has no effect if method is "reference"; leave it out')
        return None
    found = {key: baseline[key] for key in ("history_years", "origins") if key in baseline}
    found |= {key: table("baseline", key) for key in ("segments", "forecast") if key in baseline}
    found |= {} if method == "best" else {"methods": method}
    return found | ({"reconcile": "mint"} if reconcile == "mint" else {})


def _checked(path: Path) -> dict[str, dict[str, Any]]:
    """Parse the file and check sections, keys and kinds."""
    if path.is_dir():
        raise InputError(f"{str(path)!r} is a folder; name its file of settings: {str(path / 'custfolio.toml')!r}")
    if not path.is_file():
        raise InputError(f"there is no file {str(path)!r}; `custfolio init DIR` writes one to start from")
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path.name} is not TOML: {error}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name} is not UTF-8 text") from None
    for name, section in settings.items():
        known = _SECTIONS.get(name)
        if known is None:
            raise InputError(f"{path.name}: section [{name}] is unknown; it must be one of {', '.join(_SECTIONS)}")
        if not isinstance(section, dict):
            raise InputError(f"{path.name}: {name} must be a section: [{name}]")
        for key, value in section.items():
            kinds = known.get(key)
            if kinds is None:
                raise InputError(f"{path.name}: [{name}] {key} is unknown; it must be one of {', '.join(known)}")
            _check_kind(f"{path.name}: [{name}] {key}", value, kinds)
            if isinstance(value, (list, dict)):
                entries = value.items() if isinstance(value, dict) else enumerate(value, start=1)
                for place, entry in entries:
                    where = f"{path.name}: [{name}] {key}, entry {place}"
                    _check_kind(where, entry, _ENTRIES[name, key])
    rules = settings.get("segments", {}).get("rules")
    segments = ["A", "B", "C"] if rules is None else [*rules, "none"]
    anchoring = settings.get("anchoring", {})
    for key in anchoring.get("cadence", {}):
        if key not in segments and not {"segments", "customers"} & set(anchoring):
            what = "class" if rules is None else "segment"
            raise InputError(
                f"{path.name}: [anchoring] cadence has the {what} {key}; it must be one of {', '.join(segments)}"
            )
    return settings


def _check_kind(where: str, value: Any, kinds: tuple[type, ...]) -> None:
    """Refuse a value of another kind."""
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        wanted = " or ".join(dict.fromkeys(_WORDS[kind] for kind in kinds if kind is not int or float not in kinds))
        if isinstance(value, (datetime.date, datetime.time)):
            quoted = f', as "{value}"' if str in kinds else ""
            raise InputError(f"{where} is {value}; it must be {wanted}{quoted}")
        raise InputError(f"{where} is {value!r}; it must be {wanted}")
