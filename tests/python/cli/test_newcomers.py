# Newcomers on new terms and through a network: [acquisition] in a custfolio.toml.
"""Settings of the fifth step."""

from __future__ import annotations

from pathlib import Path

import pytest

import custfolio as cf
from custfolio._flow import run
from custfolio.cli.config import read


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    from typer.testing import CliRunner

    from custfolio.cli import app

    assert CliRunner().invoke(app, ["init", str(tmp_path / "mine")]).exit_code == 0
    return tmp_path / "mine" / "custfolio.toml"


def test_network_terms_and_detour_come_from_the_settings(settings: Path) -> None:
    text = settings.read_text()
    plain = run(read(settings).inputs).prospects
    (settings.parent / "network.csv").write_text("source,target,weight\n1001,2002,1\n")
    further = 'network = "network.csv"\nsource_log_odds = { fair = 0.5 }\ndelivery_fee = 25.0\nkilometre_cost = 1.5\n'
    settings.write_text(text.replace("[acquisition]", "[acquisition]\n" + further, 1))
    agreed = run(read(settings).inputs).prospects
    assert plain is not None and agreed is not None
    before, after = (each.to_frame("pandas").set_index("id") for each in (plain, agreed))
    assert after.path["2002"] == "1001 > 2002"
    assert after.win_probability["2002"] > before.win_probability["2002"]
    for row in after.itertuples():
        assert row.level == pytest.approx(before.level[row.Index] + 25.0 * row.deliveries)
    settings.write_text(settings.read_text().replace("fair = 0.5", 'fair = "high"'))
    with pytest.raises(cf.InputError, match="source_log_odds"):
        read(settings)
