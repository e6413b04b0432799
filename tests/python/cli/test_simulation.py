# The simulation of a plan: [simulate] in a custfolio.toml, and the option of `custfolio run`.
"""Settings of the simulation."""

from __future__ import annotations

import json
import re
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

import custfolio as cf
from custfolio._flow import run
from custfolio.cli import app
from custfolio.cli.config import read
from custfolio.report.data import PARTS


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    assert CliRunner().invoke(app, ["init", str(tmp_path / "mine")]).exit_code == 0
    return tmp_path / "mine" / "custfolio.toml"


def test_settings_simulate_the_plan(settings: Path) -> None:
    text = settings.read_text()
    settings.write_text(text.replace("paths = 10000\nseed = 1\n", "paths = 300\nseed = 8\n"))
    outcome = run(read(settings).inputs)
    simulation = outcome.results["simulation"]
    assert (simulation.paths, simulation.seed) == (300, 8)
    answer = CliRunner().invoke(app, ["run", str(settings)])
    assert answer.exit_code in (0, 3), answer.output
    assert f"Simulation: {simulation.sentence()}" in answer.output
    folder = settings.parent / "plan"
    assert 'id="simulation"' in (folder / "plan.html").read_text(encoding="utf-8")
    assert "Simulation" in openpyxl.load_workbook(folder / "plan.xlsx").sheetnames
    found = json.loads(CliRunner().invoke(app, ["run", str(settings), "--json", "--simulate", "200"]).stdout)
    assert (found["simulation"]["paths"], found["simulation"]["seed"]) == (200, 8)
    assert len(found["simulation"]["months"]) == 12
    assert 0 <= found["simulation"]["drop_chance"] <= 1
    assert found["simulation"]["temperature_p10"] <= found["simulation"]["temperature_p90"]
    assert found["simulation"]["floors"][0]["chance"] == pytest.approx(1 - found["simulation"]["drop_chance"])
    assert all(one["text"].startswith("one ") for one in found["shadow_prices"])


def test_without_the_section_nothing_is_simulated(settings: Path) -> None:
    text = settings.read_text()
    begin = text.index("[simulate]")
    settings.write_text(text[:begin] + text[text.index("# [letters]") :])
    assert "simulation" not in run(read(settings).inputs).results
    found = json.loads(CliRunner().invoke(app, ["run", str(settings), "--json"]).stdout)
    assert "simulation" not in found
    found = json.loads(CliRunner().invoke(app, ["run", str(settings), "--json", "--simulate", "100"]).stdout)
    assert (found["simulation"]["paths"], found["simulation"]["seed"]) == (100, 1)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("paths = 0", r"\[simulate\].*paths is 0; it must lie in \[1, 10000000\]"),
        ("paths = -5", r"\[simulate\] paths is -5"),
        ("paths = 1.5", r"\[simulate\] paths is 1.5; it must be a whole number"),
        ("seed = -1", r"\[simulate\] seed is -1; it must be at least 0"),
        ("threads = 2", r"\[simulate\] threads is unknown; it must be one of paths, seed"),
    ],
)
def test_wrong_settings_are_refused_before_the_plan_is_made(settings: Path, line: str, message: str) -> None:
    text = settings.read_text()
    begin = text.index("[simulate]")
    settings.write_text(text[:begin] + f"[simulate]\n{line}\n\n" + text[text.index("# [letters]") :])
    with pytest.raises(cf.InputError, match=message):
        read(settings)


def test_a_wrong_number_of_paths_is_wrong_usage(settings: Path) -> None:
    for value in ("0", "10000001", "many"):
        answer = CliRunner().invoke(app, ["run", str(settings), "--simulate", value])
        assert answer.exit_code == 2
        assert "--simulate" in answer.output


def test_the_parts_of_the_rise_add_up_on_the_screen(settings: Path) -> None:
    plan = run(read(settings).inputs).plan
    answer = CliRunner().invoke(app, ["run", str(settings)])
    shown = answer.output.partition("Where the rise comes from")[2].partition("The alternatives")[0]
    rows = [re.findall(r"(?<!\S)-?[\d,]+(?!\S)", line) for part in PARTS for line in shown.splitlines() if part in line]
    level, heat = ([int(row[k].replace(",", "")) for row in rows] for k in (0, 1))
    assert len(rows) == len(PARTS)
    assert (level[0], heat[0]) == (round(plan.without.level), round(plan.without.heat))
    assert (sum(level), sum(heat)) == (round(plan.after.level), round(plan.after.heat))
