# The same figures from C++ and from Python, to the cent, on all deliveries that ship.
"""The C++ example against the Python face: every figure that it prints."""

from __future__ import annotations

import csv
import os
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import holidays
import numpy as np
import pyarrow as pa
import pytest

import custfolio as cf
from custfolio import demo
from custfolio._flow import Outcome
from custfolio.budget import Budget

CENT = 0.0051
"""Half a cent of the printed figure and of the rounding between the two."""


def _write(path: Path, columns: Mapping[str, Sequence[Any]], names: Sequence[str]) -> None:
    """Write columns as a CSV file; what is not a number is an empty cell."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(names)
        for row in zip(*(np.asarray(columns[name]).tolist() for name in names), strict=True):
            rows.writerow(["" if cell is None or cell != cell else cell for cell in row])


def write_company(folder: Path, stores: set[str] | None = None) -> None:
    """Write the six files of the example, of all stores of the demo or of some."""

    def some(columns: Mapping[str, Any], key: str) -> dict[str, Any]:
        keep = np.array([stores is None or name in stores for name in columns[key]], dtype=bool)
        return {name: np.asarray(values)[keep] for name, values in columns.items()}

    years = [demo.deliveries(2020), demo.deliveries(2021)]
    rows = some({name: np.concatenate([year[name] for year in years]) for name in years[0]}, "store")
    rows["date"] = rows["date"].astype(str)
    _write(folder / "deliveries.csv", rows, ["date", "store", "lines", "bottles", "revenue", "cost"])
    register = some(demo.stores(), "store")
    places = {**register, "customer_id": register["store"]}
    _write(folder / "stores.csv", places, ["customer_id", "latitude", "longitude"])
    names = ["customer", "plan", "step", "condition", "earliest", "duration", "probability", "revenue", "contribution"]
    _write(folder / "action_plans.csv", some(demo.action_plans(), "customer"), [*names, "hours"])
    wanted = demo.prospects()
    wanted = {**wanted, "id": wanted["prospect"]}
    if stores is not None:
        wanted = {name: values[:10] for name, values in wanted.items()}
    _write(folder / "candidates.csv", wanted, ["id", "name", "latitude", "longitude"])
    _write(folder / "managers.csv", some(demo.managers(), "customer"), ["customer", "manager", "reviews_per_day"])
    days = [str(day) for day in sorted(holidays.country_holidays("US", years=[2022]))]
    _write(folder / "holidays.csv", {"day": days}, ["day"])


def _same(printed: Mapping[str, str], **figures: float) -> None:
    """Check that a printed line has the figures, amounts to the cent and shares to their last digit."""
    for name, value in figures.items():
        digits = len(printed[name].partition(".")[2])
        assert float(printed[name]) == pytest.approx(value, abs=CENT if digits == 2 else 0.51 * 10.0**-digits), name


def _pairs(words: Sequence[str]) -> dict[str, str]:
    return dict(zip(words[::2], words[1::2], strict=True))


def _same_newcomers(
    outcome: Outcome, only: Callable[[str], dict[str, str]], lines: Mapping[str, list[list[str]]]
) -> None:
    """Check what the example prints of the network, the fitted chance and the likeness."""
    portfolio, wanted = outcome.plan.portfolio, demo.prospects()
    first = str(wanted["prospect"][0])
    candidates = pa.table({"id": wanted["prospect"]} | {name: wanted[name] for name in ("latitude", "longitude")})
    network = pa.table({"source": [portfolio.ids[0]], "target": [first]})
    known = cf.acquire(candidates, portfolio, network=network)
    columns = known.columns()
    row = columns["id"].index(first)
    (words,) = lines["introduced"]
    assert words[0] == first
    _same(_pairs(words[1:]), strength=columns["path_strength"][row], warmth=columns["network_warmth"][row])
    fit = cf.acquisition.fit_win(known, columns["id"][::2])
    _same(only("won"), chance=fit.core.base_win_probability, gain=fit.core.gain)
    people = pa.table({"customer_id": portfolio.ids, "longitude": portfolio.core.longitude})
    alike = cf.acquisition.likeness(candidates, people, portfolio).columns()
    _same(only("alike"), probability=alike["probability"][0], likeness=alike["likeness"][0])


def test_cpp_and_python_give_the_same_figures(tmp_path: Path, demo_outcome: Outcome) -> None:
    binaries = os.environ.get("CUSTFOLIO_CPP_EXAMPLES")
    if not binaries:
        pytest.skip("CUSTFOLIO_CPP_EXAMPLES names no folder of built C++ examples")
    write_company(tmp_path)
    printed = subprocess.run(
        [str(Path(binaries) / "example_plan"), str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout
    lines: dict[str, list[list[str]]] = {}
    for line in printed.splitlines():
        head, *words = line.split(" ")
        lines.setdefault(head, []).append(words)

    def only(head: str) -> dict[str, str]:
        (words,) = lines[head]
        return _pairs(words)

    plan, offers, agenda, growth = demo_outcome.plan, demo_outcome.offers, demo_outcome.agenda, demo_outcome.growth
    prospects = demo_outcome.prospects
    assert offers is not None
    assert agenda is not None
    assert growth is not None
    assert prospects is not None

    for head, bucket in (
        ("statement", demo_outcome.statement.bucket),
        ("before", plan.before),
        ("without", plan.without),
        ("after", plan.after),
    ):
        _same(
            only(head),
            customers=bucket.customers,
            level=bucket.level,
            heat=bucket.heat,
            temperature=bucket.temperature,
        )
    timed = cf.statement(
        demo_outcome.ledger,
        cf.CostModel(
            {"quantity": 0.12},
            revenue_share=0.20,
            pools=[cf.Pool("trucks", 9_000_000, 6_000_000)],
            activities=[
                cf.Activity("stop", "trucks", "25 + 0.6*lines"),
                cf.Activity("first visit", "trucks", "90*new_customer"),
            ],
        ),
        demo_outcome.statement.portfolio.period,
    )
    _same(only("timed"), level=timed.bucket.level, heat=timed.bucket.heat)
    used = {
        name: float(values[0])
        for name, values in timed.pools.columns().items()
        if name in ("used", "charged", "unused")
    }
    _same(_pairs(lines["pool"][0][1:]), **used)
    uses = timed.activities.columns()
    for k, words in enumerate(lines["activity"]):
        assert " ".join(words[4:]) == uses["activity"][k]
        _same(_pairs(words[:4]), minutes=uses["minutes"][k], charged=uses["charged"][k])
    nodes = timed.trace(timed.portfolio.ids[0]).columns()
    upper = [k for k, level in enumerate(nodes["level"]) if level not in ("event", "line")]
    for k, words in zip(upper, lines["trace"], strict=True):
        assert (words[0], " ".join(words[3:])) == (nodes["level"][k], nodes["node"][k])
        _same(_pairs(words[1:3]), amount=nodes["amount"][k])
    _check_certainty(demo_outcome.statement, lines)
    found = offers.columns()
    _same(
        only("selection"),
        remediate=len(demo_outcome.selection.rows("remediate")),
        offers=len(offers),
        heat=float(np.sum(found["expected_heat_change"])),
    )
    _same(only("agenda"), appointments=len(agenda), unplaced=len(agenda.unplaced), gap=agenda.gap)
    visits = agenda.columns()
    for k, words in enumerate(lines["visit"]):
        assert words[:3] == [str(visits["day"][k]), visits["start"][k], visits["customer_id"][k]]
        assert " ".join(words[3:]) == visits["manager"][k]
    _same(
        only("growth"),
        plans=len(growth),
        expected=growth.distribution().mean,
        p10=growth.quantile(0.1),
        p50=growth.quantile(0.5),
        p90=growth.quantile(0.9),
    )
    proposals = cf.growth.next_actions(growth).columns()
    for k, words in enumerate(lines["next"]):
        assert words[0] == proposals["customer_id"][k]
        assert " ".join(words[1:-4]) == proposals["action"][k]
        _same(_pairs(words[-4:]), heat=proposals["expected_heat"][k], hours=proposals["hours"][k])
    _same(_pairs(["prospects", *lines["prospects"][0]]), prospects=len(prospects))
    spots = cf.acquisition.white_spots(demo_outcome.plan.portfolio)
    _same(_pairs(["white_spots", *lines["white_spots"][0]]), white_spots=len(spots))
    ranked = prospects.columns()
    for k, (name, *words) in enumerate(lines["prospect"]):
        assert name == ranked["id"][k]
        _same(_pairs(words), chance=ranked["win_probability"][k], level=ranked["level"][k], heat=ranked["heat"][k])
    _same_newcomers(demo_outcome, only, lines)
    _same(
        only("plan"),
        value=plan.value,
        bound=plan.bound,
        gain=plan.gain,
        actions=len(plan.core.actions["month"]),
        overflow=len(plan.overflow),
    )
    _check_terms(demo_outcome, only)
    floors = plan.floors.columns()
    for k, (month, *words) in enumerate(lines["floor"]):
        assert month == floors["month"][k]
        _same(_pairs(words), **{name: float(floors[name][k]) for name in ("months", "floor", "level", "chance")})
    assert "relaxed" not in lines
    months = plan.trajectory.columns()
    assert len(lines["month"]) == len(months["month"])
    for k, (month, *words) in enumerate(lines["month"]):
        assert month == months["month"][k]
        names = {"level": "level", "p10": "p10", "p90": "p90", "heat": "heat", "baseline": "baseline_level"}
        _same(_pairs(words), **{name: months[column][k] for name, column in names.items()})
    out = plan.overflow.columns()
    assert len(lines.get("overflow", [])) == len(plan.overflow)
    for k, (name, month, *words) in enumerate(lines.get("overflow", [])):
        assert [name, month] == [out["id"][k], str(out["month"][k])]
        _same(_pairs(words), level=out["level"][k], heat=out["heat"][k])
    _check_plan_budget(plan, lines["line"])
    _check_bands(Budget.from_growth(growth), lines["budget"])


def _check_terms(outcome: Outcome, only: Callable[[str], Mapping[str, str]]) -> None:
    """Compare the price list, learned acceptance, sequences of asks and unlike offers."""
    offers, portfolio = outcome.offers, outcome.plan.portfolio
    assert offers is not None
    prices = cf.remediation.price_list(portfolio, target=demo.TARGET)
    losing = prices.losing_orders.columns()["contribution"]
    _same(only("prices"), break_even=prices.columns()["break_even"][0], losing=losing.size, lost=losing.sum())
    row = prices.table.columns()
    _same(only("price"), **{name: row[name][0] for name in ("minimum", "fee", "orders", "below")})
    made = offers.columns()
    answers = {name: [made[name][k] for k in offers.best] for name in ("customer_id", "burden")}
    answers["accepted"] = [k % 2 == 1 for k in range(len(offers.best))]
    chance, lower, upper = cf.Acceptance.learn(answers).chance(0.02)
    _same(only("learned"), chance=chance, lower=lower, upper=upper)
    asks = cf.remediation.ask_sequences(
        portfolio, outcome.selection, demo.inputs().terms, acceptance=cf.Acceptance(0.7)
    )
    total = asks.distribution()
    _same(only("asks"), sequences=asks.expected_heat, single=asks.single_heat)
    _same(only("asks"), p10=total.quantile(0.1), p90=total.quantile(0.9))
    _same(only("unlike"), pairs=cf.remediation.unlike_offers(offers).found)


def _check_certainty(statement: cf.Statement, lines: Mapping[str, Sequence[Sequence[str]]]) -> None:
    """Compare chances, intervals and verdicts."""
    rates = statement.uncertain(demo.TARGET, 0.25)
    _same(_pairs(lines["certainty"][0]), warm=rates.surely_warm, cold=rates.surely_cold, undecided=rates.undecided)
    both = statement.uncertain(demo.TARGET, 0.25, months=True).columns()
    names = {"expected": "expected_temperature", "p10": "temperature_p10", "p90": "temperature_p90"}
    names["below"] = "probability_below"
    for k, (customer, *words) in enumerate(lines["interval"]):
        assert customer == both["customer_id"][k]
        _same(_pairs(words), **{name: both[column][k] for name, column in names.items()})
    first = statement.portfolio.ids[0]
    answers = {"customer_id": [first], "potential_revenue": [2 * statement.portfolio[first].level], "margin": [0.8]}
    selection = cf.select(statement, demo.TARGET, answers, uncertainty=rates)
    assert [" ".join(words) for words in lines["verdict"]] == selection.reason[:3]


def _check_plan_budget(plan: Any, lines: Iterable[Sequence[str]]) -> None:
    """Compare the lines of the plan's budget, by month and source."""
    totals = plan.budget.totals(("month", "source")).columns()
    expected = {
        (str(month), source): (level, heat)
        for month, source, level, heat in zip(
            *(totals[name] for name in ("month", "source", "level", "heat")), strict=True
        )
    }
    # The name of a source may have a space: month, source, level and heat.
    seen = {(words[0], " ".join(words[1:-4])): _pairs(words[-4:]) for words in lines}
    for key, (level, heat) in expected.items():
        _same(seen.pop(key, {"level": "0.00", "heat": "0.00"}), level=level, heat=heat)
    assert all(float(value) == 0 for pair in seen.values() for value in pair.values())


def _check_bands(budget: Any, lines: Iterable[Sequence[str]]) -> None:
    """Compare P10, P50 and P90 of months, quarters and the year."""
    expected: dict[str, dict[str, float]] = {}
    for by in ("month", "quarter", "year"):
        bands = budget.bands(by).columns()
        for k, name in enumerate(bands[by]):
            expected[str(name)] = {column: float(bands[column][k]) for column in ("expected", "p10", "p50", "p90")}
    seen = {" ".join(words[:-8]): _pairs(words[-8:]) for words in lines}
    assert set(seen) == set(expected)
    for name, figures in expected.items():
        _same(seen[name], **figures)


def test_the_table_of_functions_names_headers_that_declare_them() -> None:
    top = Path(__file__).resolve().parents[2]
    table = (top / "docs/guide/cpp_faces.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[a-z_]+/[a-z_]+\.hpp`.*?) \| (.+?) \| ", table, re.M)
    assert len(rows) > 40
    for headers, functions in rows:
        names = re.findall(r"`([a-z_/]+\.hpp)`", headers)
        folder = names[0].partition("/")[0]
        files = [name if "/" in name else f"{folder}/{name}" for name in names]
        text = "".join((top / "include/custfolio" / file).read_text(encoding="utf-8") for file in files)
        for name in re.findall(r"`([A-Za-z_:]+)`", functions):
            assert re.search(rf"\b{name.split('::')[-1]}\b", text), (headers, name)


def test_cpp_and_python_give_the_same_bridge() -> None:
    binaries = os.environ.get("CUSTFOLIO_CPP_EXAMPLES")
    if not binaries:
        pytest.skip("CUSTFOLIO_CPP_EXAMPLES names no folder of built C++ examples")
    years = (
        ("2021", 5.0, [(0, 0, 10, 10, 6), (0, 1, 20, 2, 1), (1, 1, 50, 2, 1), (2, 0, 4, 10, 6)]),
        ("2022", 6.0, [(0, 0, 12, 11, 6), (0, 1, 20, 2, 1), (1, 1, 40, 2, 1), (1, 0, 3, 10, 7)]),
    )
    names, rules = ("Acme", "Bolt", "Cord"), {"large": "revenue >= 120", "small": ""}

    def stated(year: str, rate: float, lines: Sequence[tuple[int, int, float, float, float]]) -> cf.Statement:
        who, item, quantity, price, unit = zip(*lines, strict=True)
        columns = {
            "customer": [names[k] for k in who],
            "date": [f"{year}-01-0{k + 1}" for k in range(len(lines))],
            "item": [f"i{k}" for k in item],
            "family": ["beer" if k % 2 else "wine" for k in item],
            "quantity": [float(one) for one in quantity],
            "revenue": [float(a * b) for a, b in zip(quantity, price, strict=True)],
            "cost": [float(a * b) for a, b in zip(quantity, unit, strict=True)],
        }
        ledger = cf.Ledger(pa.table(columns), item="item", family="family")
        return cf.statement(ledger, cf.CostModel({"deliveries": rate}), segments=rules)

    before, after = (stated(*year) for year in years)
    found = cf.bridge(before, after, by="family").columns()
    printed = subprocess.run(
        [str(Path(binaries) / "example_bridge")], capture_output=True, text=True, check=True
    ).stdout
    first, second, *families = printed.splitlines()
    for line, statement in ((first, before), (second, after)):
        assert statement.segments is not None
        pairs = zip(statement.portfolio.ids, statement.segments, strict=True)
        assert line == "".join(f"{name} {segment}; " for name, segment in pairs)
    for line in families:
        head, _, rest = line.partition(": ")
        row = found["family"].index(head)
        for part in rest.split(", "):
            name, _, value = part.rpartition(" ")
            if name == "sum":
                assert float(value) == pytest.approx(
                    found["contribution_after"][row] - found["contribution_before"][row]
                )
            else:
                assert float(value) == pytest.approx(found[f"contribution of {name}"][row], abs=0.0051), name
