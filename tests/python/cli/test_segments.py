# Segments decide the agenda: [segments] and [anchoring] cadence in a custfolio.toml.
"""A table of segments and the time between their reviews."""

from __future__ import annotations

from pathlib import Path

import pytest

import custfolio as cf
from custfolio._flow import run
from custfolio.cli.config import read

RULES = '[segments]\nrules = { core = "revenue >= 20000", rest = "" }\n\n[anchoring]'
CADENCE = 'cadence = { A = "3 months", B = "6 months", C = "12 months" }'


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    from typer.testing import CliRunner

    from custfolio.cli import app

    assert CliRunner().invoke(app, ["init", str(tmp_path / "mine")]).exit_code == 0
    return tmp_path / "mine" / "custfolio.toml"


def test_segments_decide_the_agenda(settings: Path) -> None:
    text = settings.read_text().replace("[anchoring]", RULES, 1)
    settings.write_text(text.replace(CADENCE, 'cadence = { core = "2 months", rest = "6 months" }'))
    outcome = run(read(settings).inputs)
    assert outcome.agenda is not None
    assert outcome.statement.segments is not None
    segment = dict(zip(outcome.statement.portfolio.ids, outcome.statement.segments, strict=True))
    assert set(segment.values()) == {"core", "rest"}
    reviews = outcome.agenda.to_frame("pandas").groupby("customer_id").size()
    for customer, count in reviews.items():
        assert count == pytest.approx(6 if segment[str(customer)] == "core" else 2, abs=1), customer
    assert outcome.statement.to_frame("pandas")["segment"].tolist() == outcome.statement.segments


def test_a_cadence_needs_managers(settings: Path) -> None:
    text = settings.read_text()
    settings.write_text(text.replace("\nmanagers = ", "\n# managers = "))
    with pytest.raises(cf.InputError, match=r"\[anchoring\] cadence has no effect without managers; name their table"):
        run(read(settings).inputs)


def test_bad_settings(settings: Path) -> None:
    text = settings.read_text()
    settings.write_text(text.replace("[anchoring]", RULES, 1))
    with pytest.raises(
        cf.InputError, match=r"\[anchoring\] cadence has the segment A; it must be one of core, rest, none"
    ):
        read(settings)
    settings.write_text(text.replace(CADENCE, 'cadence = { D = "2 months" }'))
    with pytest.raises(cf.InputError, match=r"\[anchoring\] cadence has the class D; it must be one of A, B, C"):
        read(settings)
    settings.write_text(text.replace("[anchoring]", RULES, 1).replace(CADENCE, 'cadence = { core = "often" }'))
    with pytest.raises(cf.InputError, match=r"\[anchoring\] cadence of segment 'core'"):
        read(settings)
