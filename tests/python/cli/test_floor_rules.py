# Chance of the floor, rows by group and effort in a custfolio.toml, on the screen, the page and the workbook.
"""Settings of floors and groups."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

import custfolio as cf
from custfolio._flow import run
from custfolio.cli import app
from custfolio.cli.config import read


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    assert CliRunner().invoke(app, ["init", str(tmp_path / "mine")]).exit_code == 0
    return tmp_path / "mine" / "custfolio.toml"


def added(settings: Path, *lines: str) -> None:
    """Put lines into the section of the strategy."""
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("[strategy]\n", "\n".join(["[strategy]", *lines, ""]), 1), encoding="utf-8")


def test_a_chance_and_its_table_are_on_every_face(settings: Path) -> None:
    added(settings, "chances = [0.5, 0.9]", "effort = 100000")
    answer = CliRunner().invoke(app, ["run", str(settings), "--chance", "0.6", "--json"])
    assert answer.exit_code in (0, 3), answer.output
    found = json.loads(answer.stdout)
    assert [row["chance"] for row in found["chances"]] == [None, 0.5, 0.9]
    assert found["chance_cost"] >= 0
    missed = {row["row"] for row in found["relaxed"]}
    assert found["floors"][0]["chance"] >= 0.6 or missed
    folder = settings.parent / "plan"
    assert "Heat by chance of the floor" in (folder / "plan.html").read_text(encoding="utf-8")
    sheets = openpyxl.load_workbook(folder / "plan.xlsx").sheetnames
    assert "Heat by chance of the floor" in sheets
    assert run(read(settings).inputs).plan.effort <= 100_000


def test_groups_come_from_a_table_or_from_the_ledger(settings: Path) -> None:
    plan = run(read(settings).inputs).plan
    ids = plan.portfolio.ids
    rows = [f"{who},{'North' if k % 2 else 'South'}" for k, who in enumerate(ids)]
    settings.with_name("regions.csv").write_text("\n".join(["customer,region", *rows]), encoding="utf-8")
    added(
        settings,
        'labels = "regions.csv"',
        'groups.region.North = { floor = "baseline", limits = { sales_hours = 40 } }',
    )
    grouped = run(read(settings).inputs).plan
    assert grouped.group_floors.columns()["group"] == ["region North"]
    inside = [k for k in range(len(ids)) if k % 2]
    without = sum(sum(grouped.baseline.level[k]) for k in inside) if grouped.baseline is not None else None
    if without is not None:
        assert grouped.group_floors.columns()["without"][0] == pytest.approx(without)
    found = json.loads(CliRunner().invoke(app, ["run", str(settings), "--json"]).stdout)
    assert found["group_floors"][0]["group"] == "region North"
    folder = settings.parent / "plan"
    assert "Floors of groups" in (folder / "plan.html").read_text(encoding="utf-8")
    assert "Floors of groups" in openpyxl.load_workbook(folder / "plan.xlsx").sheetnames


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("chance = 0.4", r"\[strategy\] chance is 0.4; it must lie in \[0.5, 1\)"),
        ("chances = [2]", r"\[strategy\] chances has 2; it must lie in \[0.5, 1\)"),
        ("effort = -1", r"\[strategy\] effort is -1"),
        ("groups = 3", r"\[strategy\] groups is 3; it must be a table"),
        ('groups.region.North = { flor = "current" }', r"\[strategy\] groups\['region'\]\['North'\] has 'flor'"),
        ('groups.region.North = { floor = "current" }', r"\[strategy\] labels has no 'region'"),
    ],
)
def test_wrong_settings_name_the_section(settings: Path, line: str, message: str) -> None:
    added(settings, line)
    with pytest.raises(cf.InputError, match=message):
        run(read(settings).inputs)


def test_a_wrong_chance_is_wrong_usage(settings: Path) -> None:
    answer = CliRunner().invoke(app, ["run", str(settings), "--chance", "2"])
    assert "--chance is 2" in str(answer.exception)
    assert "[0.5, 1)" in str(answer.exception)
