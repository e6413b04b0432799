# The text of a review: temperature and its change, terms agreed, steps due, questions to ask; in English and Dutch.
"""What the manager takes to a review."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from babel.numbers import format_decimal, format_percent

from custfolio.errors import InputError
from custfolio.report.data import Numbers
from custfolio.report.letters import terms_text

__all__ = ["review_text", "terms_and_steps"]

_WORDS = {
    "en": {
        "temperature": "Temperature {now}",
        "change": "Temperature {now}, {change} points since the period before",
        "unknown": "Temperature not known",
        "revenue": "Net revenue {revenue}",
        "terms": "Terms: ",
        "steps": "Steps due: ",
        "questions": "Questions: ",
        "ask": ("What went well, and what did not?", "What will change at the customer before the next review?"),
    },
    "nl": {
        "temperature": "Temperatuur {now}",
        "change": "Temperatuur {now}, {change} punten sinds de vorige periode",
        "unknown": "Temperatuur niet bekend",
        "revenue": "Netto-omzet {revenue}",
        "terms": "Voorwaarden: ",
        "steps": "Stappen: ",
        "questions": "Vragen: ",
        "ask": ("Wat ging goed, en wat niet?", "Wat verandert er bij de klant tegen de volgende bespreking?"),
    },
}


def terms_and_steps(
    offers: Any, plans: Iterable[Any], language: str
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the best offer to each customer in words, and the steps of its action plans.

    Parameters
    ----------
    offers
        The offers; None for none.
    plans
        Action plans, each with its customer and its steps.
    language
        "en" or "nl".

    Returns
    -------
    (dict, dict)
        Terms and steps by customer.

    Raises
    ------
    InputError
        If the language is unknown.
    """
    _check_language(language)
    terms: dict[str, list[str]] = {}
    if offers is not None:
        numbers, currency = Numbers(language), offers.portfolio.currency
        ids, made, who = offers.portfolio.ids, offers.core.terms, offers.core.customer
        terms = {ids[who[row]]: terms_text(made[row], numbers, language, currency) for row in offers.best}
    steps: dict[str, list[str]] = {}
    for plan in plans:
        steps.setdefault(plan.customer, []).extend(step.name for step in plan.steps)
    return terms, steps


def _check_language(language: str) -> None:
    if language not in _WORDS:
        raise InputError(f"language is {language!r}; it must be 'en' or 'nl'")


def review_text(
    temperature: float,
    revenue: float,
    *,
    before: float = math.nan,
    terms: Iterable[str] = (),
    steps: Iterable[str] = (),
    questions: Iterable[str] = (),
    language: str = "en",
) -> str:
    """Return the text of a review.

    Parameters
    ----------
    temperature, before
        Temperature now and in the period before, fractions; NaN where not known.
    revenue
        Net revenue, currency.
    terms, steps, questions
        Terms agreed or offered, steps of the action plan, and questions to ask; without questions two general ones.
    language
        "en" or "nl".

    Returns
    -------
    str
        One line each.

    Raises
    ------
    InputError
        If the language is unknown.
    """
    _check_language(language)
    words = _WORDS[language]
    now = "" if math.isnan(temperature) else format_percent(temperature, "#,##0.0 %", locale=language)
    line = "change" if now and not math.isnan(before) else "temperature" if now else "unknown"
    change = format_decimal(100 * (temperature - before), "+0.0;-0.0", locale=language) if line == "change" else ""
    lines = [
        str(words[line]).format(now=now, change=change),
        str(words["revenue"]).format(revenue=format_decimal(revenue, "#,##0", locale=language)),
    ]
    for name, texts in (("terms", terms), ("steps", steps), ("questions", list(questions) or words["ask"])):
        listed = list(texts)
        lines += [f"{words[name]}{'; '.join(listed)}"] if listed else []
    return "\n".join(lines)
