# Answers to offers in a custfolio.toml: [remediation] answers and strength.
"""A table of answers, and the acceptance of the offers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import custfolio as cf
from custfolio._flow import run
from custfolio.cli.config import read

ANSWERS = "customer_id,accepted,burden\n1,yes,0.01\n2,no,0.03\n3,yes,0.02\n4,no,0.05\n5,no,0.04\n"


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    from typer.testing import CliRunner

    from custfolio.cli import app

    assert CliRunner().invoke(app, ["init", str(tmp_path / "mine")]).exit_code == 0
    found = tmp_path / "mine" / "custfolio.toml"
    (found.parent / "offer_answers.csv").write_text(ANSWERS)
    return found


def write(settings: Path, keys: str) -> None:
    settings.write_text(re.sub(r"(?m)^acceptance = .*$", f"acceptance = 0.6\n{keys}", settings.read_text()))


def test_offers_have_the_learned_acceptance(settings: Path) -> None:
    write(settings, 'answers = "offer_answers.csv"\nstrength = 4')
    inputs = read(settings).inputs
    answers = {"customer_id": range(1, 6), "accepted": ["yes", "no", "yes", "no", "no"]}
    learned = cf.Acceptance.learn({**answers, "burden": [0.01, 0.03, 0.02, 0.05, 0.04]}, base=0.6, strength=4)
    outcome = run(inputs)
    assert outcome.offers is not None
    found = outcome.offers.columns()
    expected = [learned.acceptance().probability(burden) for burden in found["burden"]]
    assert len(expected) > 0
    assert found["acceptance"] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("strength = 4", r"\[remediation\] strength is of answers; name their table"),
        ('answers = "offer_answers.csv"\nstrength = -1', r"\[remediation\] strength is -1"),
        ('by = "segment"', r"by is of answers; name their table"),
        ('answers = "offer_answers.csv"\nby = "segment"', r"needs rules in \[segments\], or a table"),
        ('segments = "offer_answers.csv"', r"segments needs acceptance by segment"),
    ],
)
def test_bad_settings(settings: Path, keys: str, message: str) -> None:
    write(settings, keys)
    with pytest.raises(cf.InputError, match=message):
        read(settings)


RULES = 'large = "revenue >= 1000", small = ""'


def with_segments(settings: Path, keys: str) -> None:
    write(settings, "")
    text = re.sub(r"(?m)^acceptance = .*$", keys, settings.read_text())
    text = re.sub(r"(?m)^cadence = .*$", 'cadence = { large = "3 months", small = "6 months" }', text)
    settings.write_text(text.replace("# [segments]", f"[segments]\nrules = {{ {RULES} }}"))


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("acceptance = { huge = 0.2 }", "acceptance has the segment 'huge'; it must be one of large, small, none"),
        ("acceptance = { large = 20 }", r"\[remediation\] acceptance: base is 20"),
        ('acceptance = { large = "x" }', "acceptance, entry large is 'x'; it must be a number"),
        ('acceptance = { large = 0.2 }\nanswers = "offer_answers.csv"', "acceptance beside answers is a prior"),
    ],
)
def test_bad_segments(settings: Path, keys: str, message: str) -> None:
    with_segments(settings, keys)
    with pytest.raises(cf.InputError, match=message):
        read(settings)


def test_acceptance_by_segment_of_the_rules(settings: Path) -> None:
    with_segments(settings, "acceptance = { large = 0.2, small = 0.9 }\nsensitivity = 5")
    outcome = run(read(settings).inputs)
    assert outcome.offers is not None
    segment = dict(zip(outcome.statement.portfolio.ids, outcome.statement.segments or [], strict=True))
    prior = {"large": cf.Acceptance(0.2, 5), "small": cf.Acceptance(0.9, 5)}
    found = outcome.offers.columns()
    expected = [
        prior[segment[who]].probability(burden)
        for who, burden in zip(found["customer_id"], found["burden"], strict=True)
    ]
    assert expected
    assert found["acceptance"] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("table", [False, True])
def test_answers_by_segment_are_learned_and_shown(settings: Path, table: bool) -> None:
    from custfolio.cli.plan import make_plan

    rows = [f"{row},{'large' if k % 2 else 'small'}" for k, row in enumerate(ANSWERS.split()[1:])]
    (settings.parent / "offer_answers.csv").write_text("\n".join(["customer_id,accepted,burden,segment", *rows, ""]))
    (settings.parent / "segments.csv").write_text(
        "customer_id,segment\n" + "".join(f"{who},small\n" for who in range(1001, 1013))
    )
    keys = 'acceptance = 0.6\nanswers = "offer_answers.csv"\nby = "segment"'
    if table:
        write(settings, keys.partition("\n")[2] + '\nsegments = "segments.csv"')
    else:
        with_segments(settings, keys)
    found = read(settings)
    learned = found.inputs.acceptance
    assert isinstance(learned, cf.remediation.LearnedAcceptance)
    assert learned.groups == ["large", "small"]
    make_plan(found.inputs, found.folder, found.files, True)
    page = (found.folder / "plan.html").read_text(encoding="utf-8")
    assert "<strong>Learned acceptance</strong>" in page


def test_a_bad_answer_names_its_row(settings: Path) -> None:
    (settings.parent / "offer_answers.csv").write_text(ANSWERS + "6,perhaps,0.01\n")
    write(settings, 'answers = "offer_answers.csv"')
    with pytest.raises(cf.InputError, match=r"\[remediation\] answers, column 'accepted', row 6: found 'perhaps'"):
        read(settings)
