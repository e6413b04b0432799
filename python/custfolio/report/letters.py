# Letters to customers: the new terms, from when, why, and what they mean on the orders of the period.
"""Letters about new terms, made with Jinja2 in English or Dutch."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custfolio._tables.wording import control_free
from custfolio.errors import InputError
from custfolio.report.data import Numbers
from custfolio.report.svg import Fragment
from custfolio.report.whole_file import check_kind, write_all_whole, write_whole

if TYPE_CHECKING:
    import jinja2

    from custfolio._core import Terms

__all__ = ["LANGUAGES", "Letter", "letters_of", "render", "terms_text", "write"]

LANGUAGES = ("en", "nl")
"""Languages of the letters."""
_TEMPLATES = Path(__file__).resolve().parent / "templates" / "letters"
_WORDS = {
    "en": {
        "and": "and",
        "delivery fee": "a delivery fee of {amount}",
        "minimum order": "a minimum order of {amount}",
        "minimum quantity": "a minimum order of {number} units",
        "frequency": "at most one delivery in {number} days",
        "fixed days": "deliveries on {days} only",
        "price": "prices go {direction} by {share}",
        "family": "prices of {driver} go {direction} by {share}",
        "up": "up",
        "down": "down",
        "discount": "{share} of the discount ends",
        "rebate": "{share} of the rebate ends",
        "payment term": "payment within {number} days of the invoice",
        "order channel": "orders through another channel: {driver}",
        "service charge": "a service charge of {amount}",
        "own terms": "{driver}: {number}",
        "month": " a month",
        "per": " per unit of {driver}",
        "below": " for orders below {below}",
    },
    "nl": {
        "and": "en",
        "delivery fee": "leveringskosten van {amount}",
        "minimum order": "een minimale bestelling van {amount}",
        "minimum quantity": "een minimale bestelling van {number} stuks",
        "frequency": "hoogstens één levering per {number} dagen",
        "fixed days": "leveringen enkel op {days}",
        "price": "de prijzen gaan {share} {direction}",
        "family": "de prijzen van {driver} gaan {share} {direction}",
        "up": "omhoog",
        "down": "omlaag",
        "discount": "{share} van de korting vervalt",
        "rebate": "{share} van de bonus vervalt",
        "payment term": "betaling binnen {number} dagen na de factuur",
        "order channel": "bestellen via een ander kanaal: {driver}",
        "service charge": "servicekosten van {amount}",
        "own terms": "{driver}: {number}",
        "month": " per maand",
        "per": " per eenheid van {driver}",
        "below": " voor bestellingen onder {below}",
    },
}
"""Levers in words, and the words around them."""
_UNITS = {"en": " per delivery", "nl": " per levering"}
"""What a delivery fee is for where it names nothing else."""


@dataclass(frozen=True)
class Letter:
    """What one letter contains; a template has it as ``letter``. Figures are those of the period, None where not known.

    Parameters
    ----------
    customer_id, name
        The customer; the name may be empty.
    terms
        The new terms.
    begins
        First day of the new terms.
    revenue
        Net revenue, currency.
    deliveries, deliveries_after
        Number of deliveries, and how many the same orders need on the new terms.
    cost_per_delivery, heat_per_delivery
        Cost of one delivery, and what it leaves after all costs, currency.
    extra
        What the same purchases cost the customer more, currency.
    burden
        Extra cost for the customer as a share of its spend.
    days_waited
        Mean days that goods come later.
    stock
        Mean stock that the customer builds, currency.
    """

    customer_id: str
    name: str
    terms: Terms
    begins: datetime.date
    revenue: float
    deliveries: float | None = None
    deliveries_after: float | None = None
    cost_per_delivery: float | None = None
    heat_per_delivery: float | None = None
    extra: float | None = None
    burden: float = 0.0
    days_waited: float = 0.0
    stock: float = 0.0

    @property
    def mean_order(self) -> float | None:
        """Net revenue of a delivery, currency."""
        return self.revenue / self.deliveries if self.deliveries else None


def _amount(value: float | None, numbers: Numbers, currency: str | None) -> str:
    """An amount with its currency: ``€1,234.50``."""
    from babel.numbers import format_currency

    if value is None or currency is None:
        return numbers.amount(value)
    return format_currency(value, currency, locale=numbers.locale)


def _share(value: float, numbers: Numbers) -> str:
    """A share with as many decimals as it has, at most two: ``2.5%``."""
    from babel.numbers import format_percent

    return format_percent(value, "#,##0.##%", locale=numbers.locale)


def _day(value: datetime.date, numbers: Numbers) -> str:
    """A day in full: ``1 April 2022``."""
    from babel.dates import format_date

    return format_date(value, "d MMMM yyyy", locale=numbers.locale)


def _listed(words: Sequence[str], conjunction: str) -> str:
    return f" {conjunction} ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def terms_text(terms: Terms, numbers: Numbers, language: str, currency: str | None) -> list[str]:
    """Terms in words, one text a lever.

    Parameters
    ----------
    terms
        The terms; a package has one text a part.
    numbers
        How numbers are written.
    language
        One of :data:`LANGUAGES`.
    currency
        Code of the currency; None: amounts without one.

    Returns
    -------
    list of str
        Such as ``["a minimum order of €2,000.00"]``.
    """
    from babel.dates import get_day_names

    if terms.parts:
        return [text for part in terms.parts for text in terms_text(part, numbers, language, currency)]
    words = _WORDS[language]
    names = get_day_names("wide", locale=numbers.locale)
    key = "family" if terms.lever == "price" and terms.driver else terms.lever
    text = words.get(key, words["own terms"])
    if key in ("delivery fee", "service charge"):
        own = words["month"] if key == "service charge" else _UNITS[language]
        text += words["below"] if terms.below else words["per"] if terms.driver else own
    return [
        text.format(
            amount=_amount(terms.amount, numbers, currency),
            below=_amount(terms.below, numbers, currency),
            number=numbers.number(terms.amount),
            share=_share(abs(terms.amount), numbers),
            direction=words["down" if terms.amount < 0 else "up"],
            driver=terms.driver,
            days=_listed([names[day] for day in terms.weekdays], words["and"]) if terms.weekdays else "",
        )
    ]


def _environment(numbers: Numbers, language: str, currency: str | None) -> jinja2.Environment:
    """A sandbox with our templates, which a template of the user may extend."""
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    made = ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: (
            control_free(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
        ),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "amount": partial(_amount, numbers=numbers, currency=currency),
        "number": lambda value: numbers.amount(value, 0 if abs(value - round(value)) < 0.005 else 1),
        "share": partial(_share, numbers=numbers),
        "day": partial(_day, numbers=numbers),
    }
    return made


def _texts(letters: Iterable[Letter], template: Path | None, **context: Any) -> list[str]:
    """The body of each letter."""
    import jinja2

    numbers, language, currency = context["numbers"], context["language"], context["currency"]
    environment = _environment(numbers, language, currency)
    where = f"{language}.html" if template is None else str(template)
    try:
        own = None if template is None else template.read_text(encoding="utf-8-sig")
        form = environment.get_template(where) if own is None else environment.from_string(own)
        return [
            form.render(
                letter=letter,
                terms=terms_text(letter.terms, numbers, language, currency),
                **{name: context[name] for name in ("period", "date", "answer_by", "sender")},
            )
            for letter in letters
        ]
    except FileNotFoundError:
        raise InputError(f"there is no template {where}") from None
    except UnicodeDecodeError:
        raise InputError(f"template {where} is not UTF-8 text") from None
    except jinja2.TemplateSyntaxError as error:
        raise InputError(f"template {where}, line {error.lineno}: {error.message}") from None
    except (jinja2.TemplateError, ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        if template is None:
            raise
        raise InputError(f"template {where}: {error}") from None


def render(
    letters: Sequence[Letter],
    *,
    language: str = "en",
    currency: str | None = None,
    period: tuple[datetime.date, datetime.date] | None = None,
    date: datetime.date | None = None,
    answer_by: datetime.date | None = None,
    sender: str = "",
    template: str | os.PathLike[str] | None = None,
) -> list[str]:
    """Return the letters, each as HTML that prints on a page of its own. All text from data is escaped.

    Parameters
    ----------
    letters
        The letters.
    language
        "en" or "nl".
    currency
        Code of the currency of all amounts; None: amounts without one.
    period
        First and last day of the figures; None: a year.
    date, answer_by
        The day of the letters, and the last day of an answer.
    sender
        Who writes: lines of text.
    template
        A file with your own Jinja2 template of one letter. It has ``letter``, ``terms``, ``period``, ``date``, ``answer_by`` and ``sender``,
        and the filters ``amount``, ``number``, ``share`` and ``day``. It may extend ``en.html`` or ``nl.html``. It runs in a sandbox.

    Returns
    -------
    list of str
        One text a letter.

    Raises
    ------
    InputError
        If the language is unknown, or the template cannot be read or does not run.
    """
    if language not in LANGUAGES:
        raise InputError(f"language is {language!r}; it must be one of {', '.join(LANGUAGES)}")
    return _texts(
        letters,
        None if template is None else Path(template),
        numbers=Numbers(language),
        language=language,
        currency=currency,
        period=period,
        date=date,
        answer_by=answer_by,
        sender=sender,
    )


def write(path: str | os.PathLike[str], letters: Sequence[Letter], **settings: Any) -> list[Path]:
    """Write letters: one HTML document, or one file a customer in a folder; all of them or none.

    Parameters
    ----------
    path
        A file that ends in .html, or a folder.
    letters
        The letters; without any, nothing is written.
    **settings
        As for :func:`render`.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        As :func:`render`; if the path has another ending than .html or is a file where a folder is wanted.
    OSError
        If a file cannot be written.
    """
    target = Path(os.fspath(path))
    if not os.fspath(path):
        raise InputError("the path '' names no file or folder")
    single = target.suffix != "" and not target.is_dir()
    if single:
        check_kind(path, ".html")
    texts = render(letters, **settings)
    if not texts:
        return []
    language = settings.get("language", "en")
    if single:
        return [write_whole(target, _page(texts, language))]
    names = _file_names([letter.customer_id for letter in letters])
    return write_all_whole(target, {name: _page([text], language) for name, text in zip(names, texts, strict=True)})


def _page(texts: Sequence[str], language: str) -> str:
    """A document of letters."""
    title = {"en": "New terms", "nl": "Nieuwe voorwaarden"}[language]
    page = _environment(Numbers(language), language, None).get_template("page.html")
    return page.render(letters=[Fragment(text) for text in texts], language=language, title=title)


def _file_names(identities: Sequence[str]) -> list[str]:
    """A name for the file of each customer that every file system takes, each another one."""
    taken: dict[str, int] = {}
    names = []
    for identity in identities:
        name = re.sub(r"[^A-Za-z0-9.-]+", "_", identity)[:80].strip(".")
        count = taken[name.lower()] = taken.get(name.lower(), 0) + 1
        names.append(f"letter_{name}.html" if count == 1 else f"letter_{name}__{count}.html")
    return names


def letters_of(columns: Mapping[str, Sequence[Any]]) -> list[Letter]:
    """Return letters of columns named as the fields of :class:`Letter`."""
    return [Letter(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]
