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
        ("strength = 4", r"\[remediation\] strength is that of the prior beside answers"),
        ('answers = "offer_answers.csv"\nstrength = -1', r"\[remediation\] strength is -1"),
    ],
)
def test_bad_settings(settings: Path, keys: str, message: str) -> None:
    write(settings, keys)
    with pytest.raises(cf.InputError, match=message):
        read(settings)


def test_a_bad_answer_names_its_row(settings: Path) -> None:
    (settings.parent / "offer_answers.csv").write_text(ANSWERS + "6,perhaps,0.01\n")
    write(settings, 'answers = "offer_answers.csv"')
    with pytest.raises(cf.InputError, match=r"\[remediation\] answers, column 'accepted', row 6: found 'perhaps'"):
        read(settings)
