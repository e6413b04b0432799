# Versions: frozen and loaded again, rolled forward, compared with causes, put side by side, written to files.
"""Frozen budgets, forecasts, variances and files."""

from __future__ import annotations

import csv
import datetime
import json
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import custfolio as cf
from custfolio.budget import FiscalCalendar, FrozenBudget, side_by_side

STAMP = datetime.datetime(2022, 1, 1)


def _budget() -> cf.Budget:
    plans = [
        cf.ActionPlan("a", "deal", [cf.ActionStep("won", 0.4, earliest=2, one_off_revenue=1000, one_off_contribution=300)]),
        cf.ActionPlan("b", "deal", [cf.ActionStep("won", 0.5, earliest=3, one_off_revenue=600, one_off_contribution=200)]),
        cf.ActionPlan("c", "deal", [cf.ActionStep("won", 0.2, earliest=1, one_off_revenue=500, one_off_contribution=100)]),
    ]  # fmt: skip
    months = [f"2022-{m:02d}" for m in range(1, 7)]
    base = cf.Budget(
        pd.DataFrame(
            {
                "month": months * 2,
                "customer": ["a"] * 6 + ["d"] * 6,
                "revenue": [100 / 3] * 6 + [50.0] * 6,
                "costs": [20.0] * 12,
                "quantity": [10.0] * 12,
            }
        )
    )
    return base + cf.Budget.from_growth(cf.grow(plans, start="2022-01", months=6))


ACTUAL = {
    "month": ["2022-01", "2022-02", "2022-03", "2022-01", "2022-02", "2022-03", "2022-03", "2022-02", "2022-01"],
    "account": ["revenue"] * 3 + ["costs"] * 3 + ["revenue", "revenue", "revenue"],
    "customer": ["a"] * 6 + ["a", "b", "e"],
    "amount": [36.0, 36.0, 36.0, 20.0, 22.0, 20.0, 900.0, 0.0, 44.0],
    "quantity": [12.0, 12.0, 12.0, 10.0, 10.0, 10.0, 0.0, 0.0, 0.0],
    "item": [""] * 6 + ["a/deal", "b/deal", ""],
    "state": ["open"] * 6 + ["won", "lost", "open"],
}


@pytest.mark.parametrize("ending", ["json", "parquet"])
def test_a_frozen_version_is_the_same_when_it_comes_back(tmp_path: Path, ending: str) -> None:
    budget = _budget().with_calendar(FiscalCalendar(4))
    frozen = budget.freeze("2022", on="2021-12-15", bands=["month", ["year"], ["source", "quarter"]])
    path = tmp_path / f"budget.{ending}"
    frozen.save(path)
    found = FrozenBudget.load(path)
    assert found == frozen
    assert found.checksum == frozen.checksum
    assert (found.name, found.on, found.calendar) == ("2022", datetime.date(2021, 12, 15), FiscalCalendar(4))
    assert found.total == budget.total
    pd.testing.assert_frame_equal(found.to_frame("pandas"), budget.to_frame("pandas"))
    for by in (["month"], ["source", "quarter"]):
        pd.testing.assert_frame_equal(found.bands(by).to_frame("pandas"), budget.bands(by).to_frame("pandas"))
    with pytest.raises(cf.InputError, match="keeps no bands by customer"):
        found.bands("customer")
    with pytest.raises(cf.InputError, match="not their distribution"):
        found.distribution()
    assert found.distribution(where={"source": "baseline"}).mean == pytest.approx(found.source_total("baseline")[1])
    with pytest.raises(cf.InputError, match="remaining"):
        found.forecast(pd.DataFrame(ACTUAL).query("month == '2022-01'"), through="2022-01").bands("year")
    before = path.read_bytes()
    frozen.save(path)  # again: nothing happens
    assert path.read_bytes() == before
    other = budget.freeze("2022", on="2021-12-16", bands=[])
    with pytest.raises(cf.InputError, match="never overwritten"):
        other.save(path)
    assert path.read_bytes() == before


def test_a_version_that_was_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "budget.json"
    _budget().freeze("2022", on="2021-12-15").save(path)
    content = json.loads(path.read_text())
    content["lines"]["units"][0] += 1
    path.write_text(json.dumps(content))
    with pytest.raises(cf.InputError, match="changed after it was frozen"):
        FrozenBudget.load(path)
    for text in ("{}", "no json", '{"checksum": "x"}', "[1]"):
        path.write_text(text)
        with pytest.raises(cf.InputError, match=r"budget\.json (is not a frozen budget; it must be|has format)"):
            FrozenBudget.load(path)
    (tmp_path / "budget.parquet").write_bytes(b"nothing")
    with pytest.raises(cf.InputError, match="no Parquet"):
        FrozenBudget.load(tmp_path / "budget.parquet")
    with pytest.raises(cf.InputError, match=r"\.json or \.parquet"):
        _budget().freeze("2022", on="2021-12-15").save(tmp_path / "budget.txt")
    with pytest.raises(cf.InputError, match="on is"):
        _budget().freeze("2022", on="soon")


def test_the_forecast_is_actual_and_then_expected() -> None:
    budget = _budget()
    rolled = budget.forecast(pd.DataFrame(ACTUAL), through="2022-03")
    months = rolled.to_frame("pandas", by="month").set_index("month")
    assert months.level["2022-01"] == 80.0
    later = budget.to_frame("pandas", by="month").set_index("month")
    assert months.level["2022-05"] == pytest.approx(later.level["2022-05"], abs=0.011)
    band = rolled.bands("month").to_frame("pandas").set_index("month")
    assert band.p10["2022-01"] == band.p90["2022-01"] == months.heat["2022-01"]  # what was is certain
    with pytest.raises(cf.InputError, match="2022-03, after the last close 2022-02"):
        budget.forecast(pd.DataFrame(ACTUAL), through="2022-02")


def test_variance_says_why_and_adds_up() -> None:
    budget = _budget().freeze("2022", on="2021-12-15")
    found = budget.compare(ACTUAL, through="2022-03", by=["item", "month", "account"])
    rows = found.to_frame("pandas").set_index(["item", "month", "account"])
    causes = list(found.causes)
    assert (rows[causes].sum(axis=1) - rows.variance).abs().max() < 1e-9
    assert (rows.actual - rows.planned - rows.variance).abs().max() < 1e-9
    # a's deal: 1,000 at 40 % in February; it came in March with 900.
    assert rows.loc[("a/deal", "2022-02", "revenue"), ["won", "slipped"]].tolist() == [600.0, -1000.0]
    assert rows.loc[("a/deal", "2022-03", "revenue"), ["slipped", "resized"]].tolist() == [1000.0, -100.0]
    assert rows.lost[("b/deal", "2022-03", "revenue")] == -300.0
    assert rows.slipped[("c/deal", "2022-01", "revenue")] == -100.0  # still open, and not there
    assert rows.judgement[("c/deal", "2022-01", "costs")] == "favourable"  # less of an expense
    # Usual business of a: 33.33 for 10 pieces planned, 36 for 12: more volume at a lower price.
    assert rows.loc[("", "2022-02", "revenue"), "volume"] == pytest.approx(0.2 * 33.33, abs=0.01)
    assert rows.loc[("", "2022-02", "revenue"), "price"] == pytest.approx(36 - 1.2 * 33.33, abs=0.01)
    assert rows.customers_lost[("", "2022-03", "revenue")] == -50.0  # d
    assert rows.customers_gained[("", "2022-01", "revenue")] == 44.0  # e
    total = budget.compare(ACTUAL, through="2022-03", by=())
    row = total.to_frame("pandas").iloc[0]
    assert row.planned == pytest.approx(budget.to_frame("pandas", by="month").heat[:3].sum())
    assert row[causes].sum() == pytest.approx(row.variance, abs=1e-9)
    assert sum(total.causes.values()) == pytest.approx(total.actual - total.planned, abs=1e-9)
    for by in ("month", ["customer"], ["quarter", "customer", "account"]):
        table = budget.compare(ACTUAL, through="2022-03", by=by).to_frame("pandas")
        assert (table[causes].sum(axis=1) - table.variance).abs().max() < 1e-9
    assert found.plot().to_dict()
    assert "<table" in found._repr_html_()
    told = budget.compare(ACTUAL, through="2022-03", by="item", outcomes={"c/deal": "lost"}).to_frame("pandas")
    assert told.set_index("item").lost["c/deal"] == pytest.approx(-20.0)


def test_rates_of_exchange_are_told_apart() -> None:
    rates = {"USD": 0.9}
    planned = cf.Budget({"month": ["2022-01"], "currency": ["USD"], "revenue": [1000.0]}, rates=rates)
    actual = {"month": ["2022-01"], "currency": ["USD"], "revenue": [1100.0]}
    row = planned.compare(actual, rates={"USD": 0.8}, by="month").to_frame("pandas").iloc[0]
    assert row[["planned", "actual", "resized", "currency"]].tolist() == [900.0, 880.0, 90.0, -110.0]
    assert planned.compare(actual, by="month").to_frame("pandas").currency[0] == 0.0
    pounds = {"month": ["2022-01"], "currency": ["GBP"], "revenue": [1.0]}
    with pytest.raises(cf.InputError, match="no rate for GBP in 2022-01"):
        planned.compare(pounds, rates={"GBP": 1.2})


CAUSES = ["won", "lost", "slipped", "resized", "new", "price", "volume", "currency"]


def _causes(plan: dict[str, float], actual: dict[str, float], through: str, chance: float = 0.5) -> pd.DataFrame:
    """Return the causes by month of one deal, beside usual business from January to December."""
    months = [f"2022-{m:02d}" for m in range(1, 13)]
    usual = cf.Budget({"month": months, "revenue": [10.0] * 12})
    rows = {"month": list(plan), "item": ["deal"] * len(plan), "probability": [chance] * len(plan)}
    budget = usual + cf.Budget({**rows, "revenue": [chance * amount for amount in plan.values()]})
    came = {
        "month": [*months, *actual],
        "item": [""] * 12 + ["deal"] * len(actual),
        "state": ["open"] * 12 + ["won"] * len(actual),
        "revenue": [10.0] * 12 + list(actual.values()),
    }
    kept = [month <= through for month in came["month"]]
    data = {name: [v for v, own in zip(values, kept, strict=True) if own] for name, values in came.items()}
    table = budget.compare(data, through=through, by="month").to_frame("pandas").set_index("month")
    assert (table[CAUSES].sum(axis=1) - table.variance).abs().max() < 1e-9
    return table


def test_a_deal_won_before_its_months_is_early_and_nothing_else() -> None:
    plan = {"2022-05": 600.0, "2022-06": 400.0}
    # All of it in January, two quarters early: timing until its months are there, when its chance shows.
    for through in ("2022-01", "2022-02", "2022-04"):
        found = _causes(plan, {"2022-01": 1000.0}, through)
        assert found.slipped.tolist() == [1000.0] + [0.0] * (len(found) - 1)
        assert not found.drop(columns="slipped")[CAUSES[:2] + CAUSES[3:]].to_numpy().any()
    found = _causes(plan, {"2022-01": 1000.0}, "2022-05")
    assert found.slipped.tolist() == [1000.0, 0, 0, 0, -600.0]
    assert found.won.tolist() == [0, 0, 0, 0, 300.0]
    assert not found.resized.any()
    found = _causes(plan, {"2022-01": 1000.0}, "2022-06")
    assert (found.slipped.sum(), found.won.sum(), found.resized.sum()) == (0.0, 500.0, 0.0)
    # All of it in the first of its two months, or most of it: timing too.
    for amount in (1000.0, 800.0):
        found = _causes(plan, {"2022-05": amount}, "2022-05")
        assert found.loc["2022-05", ["won", "slipped", "resized"]].tolist() == [300.0, amount - 600.0, 0.0]
    # More than all of it is another amount, early or not.
    found = _causes(plan, {"2022-01": 1100.0}, "2022-02")
    assert found.loc["2022-01", ["slipped", "resized"]].tolist() == [1000.0, 100.0]
    # Less than its months bring: another amount, once these months are over.
    found = _causes(plan, {"2022-01": 540.0, "2022-02": 360.0}, "2022-02")
    assert found.slipped.tolist() == [600.0, 400.0]
    assert found.resized.tolist() == [-60.0, -40.0]


def test_a_running_deal_that_starts_early_or_late_is_not_another_amount() -> None:
    months = [f"2022-{m:02d}" for m in range(1, 13)]
    plan = dict.fromkeys(months[3:], 100.0)
    for last in months:  # two months early
        found = _causes(plan, dict.fromkeys(months[1:], 100.0), last)
        assert found.slipped.tolist() == [0.0, 100.0, 100.0, *[0.0] * 9][: len(found)]
        assert not found.resized.any()
    for last in months[3:]:  # two months late: not there yet, then won and later
        found = _causes(plan, dict.fromkeys(months[5:], 100.0), last)
        missing = -50.0 if last < "2022-06" else -100.0
        assert found.slipped.tolist() == [0.0, 0.0, 0.0, missing, missing, *[0.0] * 7][: len(found)]
        assert not found.resized.any()
    # A fifth more in every month is the plan at another size, as soon as two months say so.
    found = _causes(plan, dict.fromkeys(months[3:], 120.0), "2022-05")
    assert found.loc["2022-04":, "resized"].tolist() == [20.0, 20.0]
    assert not found.slipped.any()
    # A fifth less shows at once.
    found = _causes(plan, dict.fromkeys(months[3:], 80.0), "2022-04")
    assert found.loc["2022-04", ["slipped", "resized"]].tolist() == [0.0, -20.0]


def test_an_action_plan_that_succeeds_at_the_first_try_is_early_not_larger() -> None:
    step = cf.ActionStep("won", 0.5, duration={0: 0.5, 1: 0.3, 2: 0.2}, one_off_revenue=1000, one_off_contribution=300)
    budget = cf.Budget.from_growth(cf.grow([cf.ActionPlan("a", "deal", [step])], start="2022-01", months=6))
    first = budget.months[0]
    actual = {"month": [first], "item": ["a/deal"], "customer": ["a"], "state": ["won"], "revenue": [1000.0]}
    actual["contribution"] = [300.0]
    for through in budget.months:
        found = budget.compare(actual, through=through, by="month").to_frame("pandas")
        assert not found.resized.any()
        assert not found.new.any()
        assert found[CAUSES].sum().sum() == pytest.approx(found.variance.sum(), abs=1e-9)
    assert found.slipped.sum() == pytest.approx(0.0, abs=0.021)
    assert found.won.sum() == pytest.approx(150.0, abs=0.021)


def test_versions_compare_with_each_other() -> None:
    budget = _budget()
    same = budget.compare(budget, by=["source", "month"]).to_frame("pandas")
    assert (same.variance == 0).all()
    assert (same.judgement == "").all()
    with pytest.raises(cf.InputError, match="do not have"):
        budget.compare(ACTUAL, by="source")
    with pytest.raises(cf.InputError, match="can be grouped by"):
        budget.compare(ACTUAL, by="luck")
    assert budget.compare(ACTUAL, outcomes={"x": "won"}).without_lines == {"x": "won"}
    with pytest.raises(cf.InputError, match="'maybe'"):
        budget.compare(ACTUAL, outcomes={"a/deal": "maybe"})
    with pytest.raises(cf.InputError, match="for frames"):
        budget.compare(budget, rates={"USD": 1.0})


def test_what_ifs_stand_side_by_side() -> None:
    base = _budget()
    more = base + cf.Budget({"month": ["2023-01"], "source": ["acquisition"], "level": [70.0], "heat": [7.0]})
    found = side_by_side({"base": base, "with newcomers": more}, "year").to_frame("pandas")
    assert found.year.tolist() == ["2022", "2023"]
    assert found["with newcomers - base"].tolist() == [0.0, 7.0]
    assert side_by_side({"base": base, "more": more}, ["source"], measure="level").plot().to_dict()
    with pytest.raises(cf.InputError, match="two or more"):
        side_by_side({"base": base})
    with pytest.raises(cf.InputError, match="name of a column"):
        side_by_side({"year": base, "more": more})


HOSTILE = '=HYPERLINK("http://x")'


def test_csv_is_what_planning_systems_load(tmp_path: Path) -> None:
    budget = _budget() + cf.Budget({"month": ["2022-01"], "customer": [HOSTILE], "revenue": [-0.07]})
    budget.to_csv(tmp_path / "long.csv", version="2022")
    with (tmp_path / "long.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["period", "source", "customer", "account", "version", "currency", "amount"]
    assert sum(round(100 * float(row["amount"])) for row in rows if row["account"] == "revenue") == round(
        100 * budget.total[0]
    )
    assert {row["customer"] for row in rows if "HYPERLINK" in row["customer"]} == {"'" + HOSTILE}
    assert "-0.07" in {row["amount"] for row in rows}
    budget.to_csv(tmp_path / "wide.csv", shape="wide", by=["source"])
    wide = pd.read_csv(tmp_path / "wide.csv")
    assert wide.columns.tolist() == [
        "source",
        "account",
        "version",
        "currency",
        *(f"2022-{m:02d}" for m in range(1, 7)),
    ]
    assert wide[wide.account == "revenue"].iloc[:, 4:].to_numpy().sum() == pytest.approx(budget.total[0])
    for wrong in ({"shape": "round"}, {"by": ["luck"]}):
        with pytest.raises(cf.InputError):
            budget.to_csv(tmp_path / "no.csv", **wrong)
    assert not (tmp_path / "no.csv").exists()


def test_the_workbook_is_live_and_folds(tmp_path: Path) -> None:
    budget = _budget() + cf.Budget({"month": ["2023-01"], "customer": [HOSTILE], "level": [10.0], "heat": [4.0]})
    path = tmp_path / "budget.xlsx"
    budget.to_excel(path, stamp=STAMP)
    again = tmp_path / "again.xlsx"
    budget.to_excel(again, stamp=STAMP)
    assert path.read_bytes() == again.read_bytes()
    values = openpyxl.load_workbook(path, data_only=True).active
    formulas = openpyxl.load_workbook(path).active
    heads = [cell.value for cell in formulas[4]]
    assert heads[:5] == ["Account", "Source", "Customer", "2022-01", "2022-02"]
    assert [h for h in heads if h and ("Q" in h or h in ("2022", "2023", "Total"))] == [
        "2022 Q1",
        "2022 Q2",
        "2022",
        "2023 Q1",
        "2023",
        "Total",
    ]
    last = {row[0].value: row for row in values.iter_rows(min_row=5)}
    assert last["Level"][len(heads) - 1].value == pytest.approx(budget.total[0])
    assert last["Heat"][len(heads) - 1].value == pytest.approx(budget.total[1])
    # Every formula, computed anew from the numbers alone, gives its stored value.
    assert _recalculated(formulas, values) < 1e-6
    assert {formulas.row_dimensions[row].outlineLevel for row in range(5, 12)} == {0, 1, 2}
    assert formulas.column_dimensions["D"].outlineLevel == 2
    texts = [cell for row in formulas.iter_rows() for cell in row if cell.value == HOSTILE]
    assert texts and all(cell.data_type == "s" for cell in texts)
    with pytest.raises(cf.InputError, match="luck"):
        budget.to_excel(path, by=["luck"])


def _recalculated(formulas, values) -> float:
    """Return the largest difference of a formula, evaluated here, from its stored value."""
    import re

    from openpyxl.utils import range_boundaries

    worst = 0.0
    memory: dict[str, float] = {}

    def cell(name: str) -> float:
        if name not in memory:
            content = formulas[name].value
            memory[name] = evaluate(content) if formulas[name].data_type == "f" else float(content or 0)
        return memory[name]

    def evaluate(text: str) -> float:
        if found := re.fullmatch(r"=SUBTOTAL\(9,(.+)\)", text):
            left, top, right, bottom = range_boundaries(found[1])
            inside = [formulas.cell(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)]
            return sum(cell(each.coordinate) for each in inside if "SUBTOTAL" not in str(each.value))
        if found := re.fullmatch(r"=SUM\((.+)\)", text):
            return sum(cell(name) for name in found[1].split(","))
        terms = re.findall(r"([+-]?)([A-Z]+\d+)", text.removeprefix("="))
        return sum((-1 if sign == "-" else 1) * cell(name) for sign, name in terms)

    for row in formulas.iter_rows(min_row=5):
        for each in row:
            if each.data_type == "f" and "IF(" not in each.value:
                worst = max(worst, abs(evaluate(each.value) - values[each.coordinate].value))
    return worst


def test_retail_periods_go_out_too(tmp_path: Path) -> None:
    budget = _budget().with_calendar(FiscalCalendar.weeks("4-4-5", month=12, rule="nearest"))
    budget.to_csv(tmp_path / "long.csv")
    assert pd.read_csv(tmp_path / "long.csv").period[0].startswith("FY202")
    budget.to_excel(tmp_path / "budget.xlsx", stamp=STAMP, by=[])
    sheet = openpyxl.load_workbook(tmp_path / "budget.xlsx", data_only=True).active
    rows = {row[0].value: row for row in sheet.iter_rows(min_row=5)}
    assert rows["Level"][-1].value == pytest.approx(budget.total[0])
    assert np.isfinite(rows["Temperature"][-1].value)


def test_an_open_line_without_a_probability_is_not_won() -> None:
    deal = {"customer": ["A"], "account": ["revenue"], "item": ["A/m"]}
    plan = cf.Budget(deal | {"month": ["2026-03"], "amount": [8000.0], "probability": [0.4]})
    for state, expected in (("open", (0.0, -8000.0)), ("won", (12_000.0, -20_000.0)), ("", (12_000.0, -20_000.0))):
        actual = cf.Budget(deal | {"month": ["2026-01"], "amount": [0.0], "state": [state]}, source="actual")
        row = plan.compare(actual, through="2026-03", by="customer").to_frame("pandas").iloc[0]
        assert (row["won"], row["slipped"]) == expected
    likely = cf.Budget(
        deal | {"month": ["2026-01"], "amount": [0.0], "state": ["open"], "probability": [0.6]}, source="actual"
    )
    row = plan.compare(likely, through="2026-03", by="customer").to_frame("pandas").iloc[0]
    assert (row["won"], row["slipped"]) == (4000.0, -12_000.0)
