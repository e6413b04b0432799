# Letters about new terms: their figures, both languages, hostile text, own templates, files written whole or not at all.
"""Letters state the terms and their effect on the customer's own orders, and nothing from data runs in them."""

from __future__ import annotations

import datetime
import re
from html import unescape
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import custfolio as cf
from custfolio.errors import InputError
from custfolio.report import letters as module
from custfolio.report.data import Numbers

BEGINS = "2022-04-01"
LEVERS = {
    "delivery fee": cf.Terms.delivery_fee(25),
    "fee below": cf.Terms.delivery_fee(25, below=500),
    "fee per driver": cf.Terms.delivery_fee(2, per="kilometres"),
    "minimum order": cf.Terms.minimum_order(2000),
    "minimum quantity": cf.Terms.minimum_quantity(12),
    "frequency": cf.Terms.frequency(14),
    "fixed days": cf.Terms.fixed_days("Monday", "Thursday"),
    "price": cf.Terms.price(0.025),
    "price down": cf.Terms.price(-0.01),
    "family": cf.Terms.price(0.03, family="wine"),
    "discount": cf.Terms.discount(0.5),
    "rebate": cf.Terms.rebate(1),
    "payment term": cf.Terms.payment_term(30),
    "order channel": cf.Terms.order_channel("phone", 2),
    "service charge": cf.Terms.service_charge(40),
    "own": cf.Terms.custom("pallets", lambda orders, drivers, amount: {}, amount=3),
}
IN_WORDS = {
    "en": {
        "delivery fee": "a delivery fee of €25.00 per delivery",
        "fee below": "a delivery fee of €25.00 for orders below €500.00",
        "fee per driver": "a delivery fee of €2.00 per unit of kilometres",
        "minimum order": "a minimum order of €2,000.00",
        "minimum quantity": "a minimum order of 12 units",
        "frequency": "at most one delivery in 14 days",
        "fixed days": "deliveries on Monday and Thursday only",
        "price": "prices go up by 2.5%",
        "price down": "prices go down by 1%",
        "family": "prices of wine go up by 3%",
        "discount": "50% of the discount ends",
        "rebate": "100% of the rebate ends",
        "payment term": "payment within 30 days of the invoice",
        "order channel": "orders through another channel: phone",
        "service charge": "a service charge of €40.00 a month",
        "own": "pallets: 3",
    },
    "nl": {
        "delivery fee": "leveringskosten van € 25,00 per levering",
        "fee below": "leveringskosten van € 25,00 voor bestellingen onder € 500,00",
        "fee per driver": "leveringskosten van € 2,00 per eenheid van kilometres",
        "minimum order": "een minimale bestelling van € 2.000,00",
        "minimum quantity": "een minimale bestelling van 12 stuks",
        "frequency": "hoogstens één levering per 14 dagen",
        "fixed days": "leveringen enkel op maandag en donderdag",
        "price": "de prijzen gaan 2,5% omhoog",
        "price down": "de prijzen gaan 1% omlaag",
        "family": "de prijzen van wine gaan 3% omhoog",
        "discount": "50% van de korting vervalt",
        "rebate": "100% van de bonus vervalt",
        "payment term": "betaling binnen 30 dagen na de factuur",
        "order channel": "bestellen via een ander kanaal: phone",
        "service charge": "servicekosten van € 40,00 per maand",
        "own": "pallets: 3",
    },
}


def portfolio(names: dict[str, str] | None = None) -> cf.Portfolio:
    """Return customers with ten orders of 100 in ten weeks, each of which costs 30 beside goods of 80."""
    names = names or {"a": "Acme"}
    days = [datetime.date(2021, 1, 4) + datetime.timedelta(weeks=week) for week in range(10)]
    columns: dict[str, Any] = {"customer": [], "name": [], "date": [], "revenue": [], "cost": []}
    for identity, name in names.items():
        columns["customer"] += [identity] * 10
        columns["name"] += [name] * 10
        columns["date"] += days
        columns["revenue"] += [100.0] * 10
        columns["cost"] += [80.0] * 10
    ledger = cf.Ledger(pa.table(columns), name="name", currency="EUR")
    return cf.statement(ledger, cf.CostModel({"deliveries": 30.0}), period=("2021-01-01", "2021-12-31")).portfolio


def offers(*terms: cf.Terms, names: dict[str, str] | None = None) -> Any:
    customers = portfolio(names)
    return cf.remediate(customers, range(len(customers)), list(terms), target=0.3)


def words_of(path: Path) -> str:
    """Return the text of a document without its markup, on one line."""
    body = path.read_text(encoding="utf-8").partition("<body>")[2]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).replace("\xa0", " ").split())


def test_a_letter_has_terms_day_reason_and_effect(tmp_path: Path) -> None:
    found = offers(cf.Terms.delivery_fee(25, step=25))
    written = found.letters(
        tmp_path / "all.html",
        begins=BEGINS,
        sender="Whale Ltd\nHarbour 1",
        date="2022-02-01",
        answer_by=datetime.date(2022, 3, 1),
    )
    assert written == [tmp_path / "all.html"]
    text = words_of(written[0])
    for part in (
        "Whale Ltd Harbour 1 Acme customer a 1 February 2022 New terms from 1 April 2022",
        "From 1 April 2022 these terms apply to your orders: a delivery fee of €25.00 per delivery",
        "From 1 January 2021 to 31 December 2021 we delivered to you 10 times, for €100.00 on average.",
        "One delivery, with all its service, costs us €30.00 on average. Your orders do not cover that cost.",
        "Deliveries 10 10 Your purchases €1,000.00 €1,250.00",
        "Please let us know by 1 March 2022 whether you agree.",
    ):
        assert part in text, text


def test_a_letter_in_dutch(tmp_path: Path) -> None:
    found = offers(cf.Terms.minimum_order(200, step=200))
    (path,) = found.letters(tmp_path / "brief.html", begins=BEGINS, language="nl")
    text = words_of(path)
    for part in (
        "Nieuwe voorwaarden vanaf 1 april 2022",
        "een minimale bestelling van € 200,00",
        "leverden wij u 10 keer, gemiddeld voor € 100,00.",
        "kost ons gemiddeld € 30,00. Uw bestellingen dekken die kosten niet.",
        "Leveringen 10 5 Uw aankopen € 1.000,00 € 1.000,00",
        "Goederen komen gemiddeld 3,5 dagen later",  # 7 and 0 days for each half of the orders
    ):
        assert part in text, text
    assert 'lang="nl"' in path.read_text(encoding="utf-8")


def test_a_customer_that_tops_up_builds_stock(tmp_path: Path) -> None:
    found = offers(cf.Terms.minimum_order(200, step=200, response="tops up"))
    text = words_of(found.letters(tmp_path / "all.html", begins=BEGINS)[0])
    stock = found.columns()["stock"][0]
    assert stock > 1
    assert f"Your stock rises by €{stock:.2f} on average" in text
    assert "later on average" not in text


@pytest.mark.parametrize("language", module.LANGUAGES)
def test_every_lever_has_words(language: str) -> None:
    numbers = Numbers(language)
    found = {
        name: " ".join(module.terms_text(terms, numbers, language, "EUR")).replace("\xa0", " ")
        for name, terms in LEVERS.items()
    }
    assert found == IN_WORDS[language]
    package = cf.Terms.package(LEVERS["delivery fee"], LEVERS["price"])
    assert len(module.terms_text(package, numbers, language, None)) == 2


def test_with_an_elasticity_the_letter_states_the_share(tmp_path: Path) -> None:
    found = offers(cf.Terms.price(0.05, -1.2, step=0.05))
    text = words_of(found.letters(tmp_path / "all.html", begins=BEGINS)[0])
    assert "The same purchases cost you 5% more." in text
    assert "Your purchases" not in text


HOSTILE = {
    "../../x": "<script>alert(1)</script>",
    "A": "{{ letter.__class__ }}",
    "a": '"><img src=x onerror=alert(1)>',
    "a/b": "\u202eevil\x07",
    "a?b": "</article><style>*{display:none}</style>",
    "é" * 300: "&lt;b&gt;",
}


@pytest.mark.parametrize("language", module.LANGUAGES)
def test_text_from_data_is_escaped_and_names_of_files_are_safe(language: str, tmp_path: Path) -> None:
    found = offers(cf.Terms.delivery_fee(25), names=HOSTILE)
    out = tmp_path / "deep" / "letters"
    written = found.letters(out, begins=BEGINS, language=language, sender="<b>x</b>")
    assert len(written) == len({path.name.lower() for path in written}) == len(HOSTILE)
    assert sorted(path.name for path in out.iterdir()) == sorted(path.name for path in written)
    assert all(re.fullmatch(r"letter_[\w.-]{1,90}\.html", path.name, re.ASCII) for path in written)
    for path, name in zip(sorted(written), HOSTILE, strict=True):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<(script|img|b)\b", text), name
        assert text.count("<style>") == text.count("</article>") == 1
        assert not re.search("[\u202e\x07]", text)
        assert "default-src 'none'" in text
    assert "{{ letter.__class__ }}" in "".join(path.read_text(encoding="utf-8") for path in written)


def test_all_letters_are_written_or_none(tmp_path: Path) -> None:
    found = offers(cf.Terms.delivery_fee(25), names={"a": "", "b": ""})
    (tmp_path / "letter_b.html").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        found.letters(tmp_path, begins=BEGINS)
    (tmp_path / "letter_b.html").rmdir()
    broken = tmp_path / "own.txt"
    broken.write_text("{{ 1 / (letter.customer_id == 'a') }}")
    with pytest.raises(InputError, match=r"own\.txt: division by zero"):
        found.letters(tmp_path, begins=BEGINS, template=broken)
    assert [path.name for path in tmp_path.iterdir()] == ["own.txt"]
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is no folder"):
        found.letters(tmp_path / "file", begins=BEGINS)


def test_no_offer_no_letter(tmp_path: Path) -> None:
    assert offers(cf.Terms.delivery_fee(25)).letters(tmp_path / "all.html", begins=BEGINS, rows=[]) == []
    assert list(tmp_path.iterdir()) == []


def test_an_own_template_has_the_figures_and_extends_ours(tmp_path: Path) -> None:
    found = offers(cf.Terms.delivery_fee(25, step=25))
    own = tmp_path / "own.html"
    own.write_text("<h1>{{ letter.name }}</h1>{{ terms[0] }}; {{ letter.extra|amount }}; {{ letter.begins|day }}")
    text = words_of(found.letters(tmp_path / "all.html", begins=BEGINS, template=own)[0])
    assert text == "Acme a delivery fee of €25.00 per delivery; €250.00; 1 April 2022"
    own.write_text('{% extends "nl.html" %}{% block why %}{% endblock %}')
    text = words_of(found.letters(tmp_path / "all.html", begins=BEGINS, template=own, language="nl")[0])
    assert "Waarom" not in text
    assert "Wat dit voor u betekent" in text


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{{ letter.__class__.__mro__ }}", "access to attribute '__class__' of 'Letter' object is unsafe"),
        ("{{ terms.append(1) }}", "access to attribute 'append' of 'list' object is unsafe"),
        ("{{ letter.heat }}", "has no attribute 'heat'"),
        ("a\n{% if %}", "line 2: Expected an expression"),
        ('{% include "/etc/passwd" %}', "/etc/passwd"),
        ('{% include "../report.html" %}', r"\.\./report\.html"),
        ("{{ range(10**9)|length }}", "Range too big"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "recursion"),
    ],
)
def test_an_own_template_runs_in_a_sandbox(template: str, told: str, tmp_path: Path) -> None:
    own = tmp_path / "own.html"
    own.write_text(template)
    with pytest.raises(InputError, match=told) as caught:
        offers(cf.Terms.delivery_fee(25)).letters(tmp_path / "all.html", begins=BEGINS, template=own)
    assert str(own) in str(caught.value)
    assert not (tmp_path / "all.html").exists()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"language": "fr"}, "language is 'fr'; it must be one of en, nl"),
        ({"begins": "soon"}, "begins is 'soon'; a day is written as 2021-12-31"),
        ({"begins": [BEGINS, BEGINS]}, "begins has 2 days for 1 letters"),
        ({"answer_by": 3}, "answer_by"),
        ({"date": "2022-03-02", "answer_by": "2022-03-01"}, "date is 2022-03-02, after answer_by, 2022-03-01"),
        ({"answer_by": "2022-04-02"}, "answer_by is 2022-04-02, after begins, 2022-04-01; it must not be later"),
        ({"date": "2022-05-01"}, "date is 2022-05-01, after begins, 2022-04-01"),
        ({"rows": [0.5]}, r"rows: row 0\.5; rows are whole numbers"),
        ({"rows": [1e300]}, r"rows: row 1e\+300; rows are whole numbers"),
        ({"rows": [1]}, r"rows must lie in \[0, 0\]; found 1 to 1"),
        ({"template": "none.html"}, "there is no template none.html"),
        ({"path": "letters.txt"}, r"it must end in \.html"),
        ({"path": ""}, "names no file or folder"),
    ],
)
def test_wrong_arguments(settings: dict[str, Any], told: str, tmp_path: Path) -> None:
    given = {"path": tmp_path / "all.html", "begins": BEGINS} | settings
    with pytest.raises(InputError, match=told):
        offers(cf.Terms.delivery_fee(25)).letters(given.pop("path"), **given)
    assert list(tmp_path.iterdir()) == []


def test_a_plan_writes_to_those_it_makes_an_offer(tmp_path: Path) -> None:
    customers = portfolio({"a": "Acme", "b": "Bolt"})
    found = cf.remediate(customers, [0, 1], [cf.Terms.delivery_fee(25)], target=0.3)
    strategy = cf.Strategy("2022-01", months=6, floor="none", notice_months=2, currency="EUR")
    plan = strategy.optimise(customers, offers=found)
    made = [row for row in plan.actions.to_frame("pyarrow").to_pylist() if row["step"] == "remediation"]
    written = plan.letters(tmp_path, language="en")
    assert sorted(path.name for path in written) == sorted(f"letter_{row['id']}.html" for row in made)
    assert made
    for row in made:
        day = Numbers("en").month(row["answer"]).replace(" ", " .* ")
        assert re.search(
            f"New terms from 1 {day[:3]}\\w* {row['answer'][:4]}", words_of(tmp_path / f"letter_{row['id']}.html")
        )
    with pytest.raises(InputError, match="the plan has no offers"):
        strategy.optimise(customers).letters(tmp_path)
