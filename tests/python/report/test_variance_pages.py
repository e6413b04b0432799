# Tests of the page and the workbook of a variance: their cells are those of its frames, and sums stay sums after rounding.
"""A variance on a page and in a workbook."""

from __future__ import annotations

import html
import math
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

import custfolio as cf
from custfolio.budget._variance import CAUSES

MONTHS = [f"2026-{month:02d}" for month in range(1, 7)]
HOSTILE = '=HYPERLINK("x")<script>'
CUSTOMERS = ("Acme", HOSTILE, "Cox & Sons", "Late")


def _lines(months: list[str], seed: int, customers: tuple[str, ...] = CUSTOMERS) -> dict[str, list[Any]]:
    rng = np.random.default_rng(seed)
    lines: dict[str, list[Any]] = {
        name: [] for name in ("month", "customer", "manager", "account", "amount", "quantity")
    }
    for month in months:
        for customer in customers:
            pieces, price = float(rng.integers(10, 90)), float(rng.uniform(5, 15))
            for account, amount in (
                ("revenue", pieces * price),
                ("cost of goods", 0.6 * pieces * price),
                ("cost to serve", 31.37),
            ):
                row = (
                    month,
                    customer,
                    "Ann" if customer == "Acme" else "Bob",
                    account,
                    round(amount, 2),
                    pieces if account != "cost to serve" else 0.0,
                )
                for name, value in zip(lines, row, strict=True):
                    lines[name].append(value)
    return lines


@pytest.fixture(scope="module")
def variance() -> cf.budget.Variance:
    step = cf.ActionStep("won", 0.4, earliest="2026-03", one_off_revenue=2_000, one_off_contribution=500)
    growth = cf.grow(cf.ActionPlan("Acme", "oven", [step]), start="2026-01", months=6)
    managers = {"manager": {"Acme": "Ann"}}
    budget = cf.Budget(_lines(MONTHS, 1)) + cf.Budget.from_growth(growth, labels=managers)
    february = budget.forecast(_lines(MONTHS[:2], 2, CUSTOMERS[:3]), "2026-02")
    actual = _lines(MONTHS[:4], 2, CUSTOMERS[:3])
    actual["amount"][0] += 12.34  # January is restated
    return february.compare(actual, through="2026-04", outcomes={f"{HOSTILE}/new": "lost"})


def _sheets(path: Path, *, values: bool) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(path, data_only=values)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_the_workbook_has_the_amounts_of_the_frames_and_live_sums(variance: cf.budget.Variance, tmp_path: Path) -> None:
    variance.to_excel(tmp_path / "v.xlsx")
    shown, formulas = (_sheets(tmp_path / "v.xlsx", values=values) for values in (True, False))
    assert list(shown) == [
        "Variance", "Causes", "By month", "By account", "By month and account", "By item", "By customer", "By manager",
    ]  # fmt: skip
    assert shown["Variance"][1] == (
        "Jan 2026 to Apr 2026", variance.planned, round(variance.actual - variance.planned, 2), variance.actual,
    )  # fmt: skip
    causes = {row[0].lower().replace(" ", "_"): row[1] for row in shown["Causes"][1:-1]}
    assert causes == {name: value for name, value in variance.causes.items() if value}
    assert shown["Causes"][-1][1] == round(variance.actual - variance.planned, 2)
    assert {"price", "volume", "cost_to_serve", "customers_lost", "slipped", "restated"} <= set(causes)
    for title, names in (("By customer", ("customer",)), ("By month and account", ("month", "account"))):
        frame = variance.by(*names).to_frame("pandas")
        heads = [head.lower().replace(" ", "_") for head in shown[title][0]]
        occurring = [name for name in ("planned", "actual", "variance", *CAUSES) if frame[name].any()]
        assert heads[: len(names)] == list(names)
        assert {head.replace("difference", "variance") for head in heads[len(names) :]} == {
            *occurring, *(["judgement"] if "account" in names else []),
        }  # fmt: skip
        keys = frame[list(names)].astype(str).agg(" ".join, axis=1)
        expected = dict(zip(keys, frame.to_dict("records"), strict=True))
        rows = shown[title][1:] if "account" in names else shown[title][1:-1]
        assert len(rows) == len(expected)
        for row in rows:
            cells = dict(zip(heads, row, strict=True))
            key = " ".join(
                cells[name].strftime("%Y-%m") if name == "month" else cells[name] or "(usual business)"
                for name in names
            )
            for name in occurring:
                assert cells[name.replace("variance", "difference")] == expected[key][name], (title, key, name)
    for rows, written in (
        (shown[title], formulas[title]) for title in ("By month", "By customer", "By item", "By manager")
    ):
        heads, total = rows[0], rows[-1]
        for place, head in enumerate(heads[1:], 1):
            assert total[place] == round(math.fsum(row[place] for row in rows[1:-1]), 2)
            assert str(written[-1][place]).startswith("=SUM(")
            if head in ("Difference", "Actual"):
                assert all(str(row[place]).startswith("=SUM(") for row in written[1:-1])
        at = {head: place for place, head in enumerate(heads)}
        assert total[at["Planned"]] == variance.planned
        assert total[at["Actual"]] == variance.actual
    largest = [abs(row[3]) for row in shown["By customer"][1:-1]]
    assert largest == sorted(largest, reverse=True)


def test_the_page_shows_the_causes_and_what_was_restated(variance: cf.budget.Variance, tmp_path: Path) -> None:
    variance.report(tmp_path / "v.html", title="March & April")
    page = (tmp_path / "v.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<h1>March &amp; April</h1>" in page
    text = html.unescape(re.sub(r"<[^>]*>", " ", page))
    difference = variance.actual - variance.planned
    assert (
        f"{variance.actual:,.2f}: {abs(difference):,.2f} {'more' if difference > 0 else 'less'} than the {variance.planned:,.2f} planned."
        in text
    )
    assert "Closed months were restated: Jan 2026 (12.34)." in text
    assert f"New items without a line: {HOSTILE}/new (lost)." in text
    assert "(usual business)" in text
    assert page.count("<svg") == 5  # causes, months, items, customers, managers
    for cause, value in variance.causes.items():
        assert (f">{cause.replace('_', ' ').capitalize()}</th>" in page) == bool(value)


def test_the_groups_of_the_page_can_be_chosen(variance: cf.budget.Variance) -> None:
    pages = variance.pages(by=["customer", ("manager", "month")], locale="nl")
    assert list(pages.tables) == ["causes", "by_month", "by_customer", "by_manager_month"]
    assert pages.period == "jan 2026 to apr 2026"
    with pytest.raises(cf.InputError, match="by names 'town'; a variance can be grouped by"):
        variance.pages(by=["town"])
    with pytest.raises(cf.InputError, match="by has a group without a name"):
        variance.pages(by=[()])


def test_other_groups_of_a_variance_are_those_of_the_budget(variance: cf.budget.Variance) -> None:
    again = pickle.loads(pickle.dumps(variance))
    by_manager = again.by("manager").to_frame("pandas")
    assert by_manager.equals(variance.by("manager").to_frame("pandas"))
    assert round(by_manager.variance.sum(), 2) == round(variance.actual - variance.planned, 2)
    assert again.causes == variance.by("customer").causes == variance.causes


def test_a_variance_of_nothing_has_a_page(tmp_path: Path) -> None:
    same = cf.Budget({"month": ["2026-01"], "revenue": [10.0]}, currency="JPY", digits=0)
    found = same.compare({"month": ["2026-01"], "revenue": [10.0]}, through="2026-01")
    found.report(tmp_path / "v.html")
    page = (tmp_path / "v.html").read_text(encoding="utf-8")
    assert "The contribution is 10: as planned." in page
    assert "Japanese yen" in page
    found.to_excel(tmp_path / "v.xlsx")
    assert _sheets(tmp_path / "v.xlsx", values=True)["Variance"][1][1:] == (10, 0, 10)
