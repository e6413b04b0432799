# Answers on how interesting customers are: read from any frame, classes of the matrix, verdicts, and bad input.
"""``cf.select(..., interesting=answers, weights=...)``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import custfolio as cf


@pytest.fixture(scope="module")
def statement() -> cf.Statement:
    """Four lukewarm customers, and one that is warm."""
    rows = {
        "customer": ["a", "b", "c", "d", "e"],
        "date": ["2020-01-06"] * 5,
        "revenue": [100.0, 200.0, 300.0, 400.0, 500.0],
        "cost": [99.0, 198.0, 297.0, 396.0, 250.0],
    }
    return cf.statement(cf.Ledger(pd.DataFrame(rows)), period=("2020-01-01", "2020-12-31"))


def answers(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": ["d", "a", "b"], **columns})


def test_answers_of_any_frame_are_the_same(statement: cf.Statement) -> None:
    given = answers(
        potential_revenue=[4_000.0, 150.0, 400.0], margin=[0.9, 0.1, None], speed_potential=[None, 0.4, 0.5]
    )
    frames = [given, pl.from_pandas(given), pl.from_pandas(given).lazy(), given.to_dict("list")]
    tables = [cf.select(statement, interesting=frame).to_frame("pandas") for frame in frames]
    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0])
    table = tables[0].set_index("customer_id")
    assert table.answered.tolist() == [2, 1, 0, 1, 0]
    assert table.interest.tolist() == ["C", "B", "", "A", ""]
    assert np.isnan(table.potential_revenue["c"])
    np.testing.assert_allclose(table.potential_quality[["a", "b", "d"]], [0.25, 0.5, 0.9])
    np.testing.assert_allclose(table.quality[["a", "d"]], [0.1, 0.9])
    assert table.verdict.tolist() == ["remediate", "remediate", "remediate", "keep", "keep"]
    assert table.reason["d"].startswith("interesting (class A by potential revenue A and quality A from 1 of 4")
    assert table.reason["c"].endswith("interest not known: not asked")
    assert table.reason["e"].startswith("warm: ")


def test_weights_decide_the_quality(statement: cf.Statement) -> None:
    given = answers(potential_revenue=[400.0, 100.0, 200.0], margin=[1.0, 0.0, 1.0], network=[0.0, 1.0, 1.0])
    found = cf.select(statement, interesting=given, weights={"network": 3, "margin": 1}).to_frame("pandas")
    np.testing.assert_allclose(found.quality, [0.75, 1.0, np.nan, 0.25, np.nan])


def test_classes_begin_at_the_bounds_of_a_target(statement: cf.Statement) -> None:
    given = answers(potential_revenue=[400.0, 300.0, 200.0], margin=[0.2, 0.7, 0.4])
    bounds = {"potential_revenue": (300, 200), "quality": (0.7, 0.4)}
    selection = cf.select(statement, interesting=given, classes=bounds)
    found = selection.to_frame("pandas").set_index("customer_id")
    assert found.potential_class[["d", "a", "b"]].tolist() == ["A", "A", "B"]
    assert found.quality_class[["d", "a", "b"]].tolist() == ["C", "A", "B"]
    assert found.interest[["d", "a", "b"]].tolist() == ["B", "A", "B"]
    assert selection.interest is not None
    assert selection.interest.bounds == {"potential_revenue": (300.0, 200.0), "quality": (0.7, 0.4)}
    assert repr(selection.interest).count("not known: 2") == 1


def test_one_number_per_customer_stays_possible_and_the_others_are_unknown(statement: cf.Statement) -> None:
    for given in (
        {"a": 0.2, "d": 0.9},
        pd.DataFrame({"customer_id": ["a", "d"], "interesting": [0.2, 0.9]}),
        [0.2, float("nan"), float("nan"), 0.9, float("nan")],
    ):
        found = cf.select(statement, interesting=given)
        assert found.verdict == ["remediate", "remediate", "remediate", "keep", "keep"]
        assert found.reason[0].endswith("interest 0.2, kept from 0.5")
        assert found.reason[1].endswith("interest not known")
        assert found.interest is None


def test_the_matrix_counts_the_customers_of_each_cell(statement: cf.Statement) -> None:
    given = answers(potential_revenue=[4_000.0, 150.0, 400.0], margin=[0.9, 0.1, 0.5])
    interest = cf.select(statement, interesting=given).interest
    assert interest is not None
    values = interest.plot().to_dict()["data"]["values"]
    assert sorted(row["cls"] for row in values) == ["A", "B", "C"]


def slow_classes(values: list[float], customers: bool) -> list[str]:
    """Classes by share, one customer after another: of all customers, or of the sum; few or equal qualities by thirds."""
    known = sorted((value for value in values if value == value), reverse=True)
    found: list[str] = []
    for value in values:
        if value != value:
            found.append("")
            continue
        if customers and (len(known) < 5 or len(set(known)) == 1):
            found.append("A" if value >= 2 / 3 else "B" if value >= 1 / 3 else "C")
            continue
        better = [other for other in known if other > value]
        before, total = (len(better), len(known)) if customers else (sum(better), sum(known))
        bounds = (0.2, 0.5) if customers else (0.8, 0.95)
        if customers:
            middle = before + (known.count(value) - 1) / 2
            reached = [value > 0 and middle <= max(1, -(-bound * total // 1)) - 1 for bound in bounds]
        else:
            reached = [value > 0 and before < bound * total * (1 - 1e-12) for bound in bounds]
        found.append("A" if reached[0] else "B" if reached[1] else "C")
    return found


@pytest.mark.parametrize("seed", range(20))
def test_a_slow_computation_gives_the_same_matrix(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 40))
    revenue = rng.integers(1, 50, count).astype(float)
    rows = {"customer": [f"c{k:02}" for k in range(count)], "date": "2021-01-04", "revenue": revenue, "cost": revenue}
    portfolio = cf.statement(cf.Ledger(pd.DataFrame(rows)), period=("2021-01-01", "2021-12-31")).portfolio

    def holes(values: Any) -> Any:
        return np.where(rng.random(count) < 0.3, np.nan, values)

    questions = ("margin", "speed", "innovation", "network")
    given = {"customer_id": portfolio.ids, "potential_revenue": holes(revenue * rng.integers(1, 4, count))}
    given |= {name: holes(rng.integers(0, 6, count) / 5) for name in questions}
    given |= {f"{name}_potential": holes(rng.integers(0, 6, count) / 5) for name in questions}
    weights = dict(zip(questions, rng.integers(0, 3, 4).astype(float), strict=True))
    weights["speed"] += 1
    found = cf.select(portfolio, interesting=pd.DataFrame(given), weights=weights).to_frame("pandas")
    quality: list[float] = []
    answered: list[int] = []
    for k in range(count):
        pairs = []
        for name in questions:
            value = given[f"{name}_potential"][k]
            value = given[name][k] if value != value else value
            if value == value and weights[name]:
                pairs.append((weights[name], value))
        answered.append(len(pairs))
        total = sum(weight for weight, _ in pairs)
        quality.append(sum(weight * value for weight, value in pairs) / total if pairs else float("nan"))
    assert found.answered.tolist() == answered
    np.testing.assert_allclose(found.potential_quality, quality)
    by_quality = slow_classes(found.potential_quality.tolist(), customers=True)
    by_potential = slow_classes(given["potential_revenue"].tolist(), customers=False)
    assert found.quality_class.tolist() == by_quality
    assert found.potential_class.tolist() == by_potential
    cells = {"AA": "A", "AB": "A", "BA": "A", "AC": "B", "BB": "B", "CA": "B"}
    pairs_of = [
        potential + own if potential and own else "" for potential, own in zip(by_potential, by_quality, strict=True)
    ]
    assert found.interest.tolist() == [cells.get(pair, "C") if pair else "" for pair in pairs_of]


def test_white_space_is_a_result_or_its_columns(statement: cf.Statement) -> None:
    lines = {
        "customer": ["a", "a", "b", "b", "c"],
        "product": ["x", "y", "x", "y", "x"],
        "revenue": [60.0, 40, 90, 110, 300],
    }
    found = cf.growth.white_space(lines).customers
    table = cf.select(statement, white_space=found).columns()
    assert (
        table["white_space_product"]
        == cf.select(statement, white_space=found.columns()).columns()["white_space_product"]
    )
    assert table["white_space_product"][2] == "y"
    assert table["white_space"][2] > 0


def test_few_answers_are_classed_by_the_scale(statement: cf.Statement) -> None:
    lone = {"customer_id": ["a"], "potential_revenue": [100.0], "margin": [0.0]}
    found = cf.select(statement, interesting=lone)
    assert found.verdict[0] == "remediate"
    assert "class B by potential revenue A and quality C" in found.reason[0]
    assert found.interest is not None
    assert found.interest.quality_by_scale
    assert found.interest.bounds["quality"] == (2 / 3, 1 / 3)
    assert "thirds of the scale" in repr(found.interest)


def test_a_potential_is_compared_with_the_revenue_of_a_year() -> None:
    rows = {"customer": "a", "date": [f"{year}-01-06" for year in (2019, 2020, 2021)], "revenue": 100.0, "cost": 99.0}
    ledger = cf.Ledger(pd.DataFrame(rows))
    three = cf.statement(ledger, period=("2019-01-01", "2021-12-31"))
    half = cf.statement(ledger, period=("2021-01-01", "2021-06-30"))

    def asked(statement: cf.Statement, potential: float) -> float:
        answer = {"customer_id": ["a"], "potential_revenue": [potential]}
        return float(cf.select(statement, interesting=answer).columns()["potential_revenue"][0])

    assert asked(three, 100.0) == 100.0
    assert asked(half, 200.0) == 200.0
    with pytest.raises(cf.InputError, match="at least its revenue of 200 a year, from 100 in 181 days"):
        asked(half, 199.0)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "stranger": ({"interesting": {"customer_id": ["x"], "margin": [0.5]}}, "'x'"),
    "stranger by number": ({"interesting": {"x": 0.5}}, "'x'"),
    "twice": (
        {"interesting": {"customer_id": ["a", "a"], "margin": [0.5, 0.6]}},
        "row 2: customer 'a' is in row 1 too",
    ),
    "nobody": ({"interesting": {"customer_id": [None], "margin": [0.5]}}, "row 1: no customer_id"),
    "potential": ({"interesting": answers(potential_revenue=[399.0, 100, 200])}, "customer d is 399.*revenue of 400"),
    "percent": ({"interesting": answers(speed=[0.5, 80, 0.5])}, "speed of customer a"),
    "text": (
        {"interesting": answers(speed=["high", "low", ""])},
        "row 1: speed is 'high'; it must be a number, or empty",
    ),
    "spelling": ({"interesting": answers(potential_revenu=[400.0, 100, 200], speed=[1, 1, 1])}, "potential_revenue"),
    "weights": ({"interesting": answers(speed=[1, 1, 1]), "weights": {"speed": 0}}, "all weights are 0"),
    "negative": ({"interesting": answers(speed=[1, 1, 1]), "weights": {"speed": -1}}, "the weight of speed is -1"),
    "question": ({"interesting": answers(speed=[1, 1, 1]), "weights": {"luck": 1}}, "'luck'"),
    "rule": ({"interesting": answers(speed=[1, 1, 1]), "classes": "luck"}, "classes is 'luck'"),
    "no bounds": ({"interesting": answers(speed=[1, 1, 1]), "classes": "target"}, "the bounds of a target"),
    "percent bounds": (
        {
            "interesting": answers(speed=[1, 1, 1]),
            "classes": {"quality": (70, 40), "potential_revenue": (2, 1)},
        },
        "a bound of the quality is 70",
    ),
    "half": (
        {"interesting": answers(speed=[1, 1, 1]), "classes": {"quality": (1, 0)}},
        "potential_revenue and quality",
    ),
    "rising": (
        {
            "interesting": answers(speed=[1, 1, 1]),
            "classes": {"quality": (0.1, 0.5), "potential_revenue": (2, 1)},
        },
        "bounds of the quality are 0.1 and 0.5",
    ),
    "no question": ({"interesting": {"customer_id": ["a"], "luck": [0.5]}}, "they must have 'interesting'"),
    "two kinds": (
        {"interesting": {"customer_id": ["a"], "interesting": [0.5], "margin": [0.5]}},
        "'interesting' and 'margin'",
    ),
    "twice by number": ({"interesting": {"customer_id": ["a", "a"], "interesting": [0.5, 0.6]}}, "in row 1 too"),
    "white space twice": (
        {
            "white_space": {
                name: ["a", "a"]
                for name in ("customer_id", "white_space", "white_space_p10", "white_space_p90", "white_space_product")
            }
        },
        "white_space, row 2: customer 'a' is in row 1 too",
    ),
    "white space of a stranger": (
        {
            "white_space": {
                name: ["x"]
                for name in ("customer_id", "white_space", "white_space_p10", "white_space_p90", "white_space_product")
            }
        },
        "white_space, row 1: no customer 'x'",
    ),
    "weights of numbers": ({"interesting": {"a": 0.5}, "weights": {"speed": 1}}, "those of a questionnaire"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_answers_name_the_customer_and_the_remedy(statement: cf.Statement, name: str) -> None:
    arguments, text = BAD[name]
    with pytest.raises(cf.CustfolioError, match=text):
        cf.select(statement, **arguments)
