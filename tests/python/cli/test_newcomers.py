# Newcomers on new terms and through a network: [acquisition] in a custfolio.toml.
"""Settings of the fifth step."""

from __future__ import annotations

import json
from pathlib import Path

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


def test_history_likeness_and_white_spots_come_from_the_settings(settings: Path) -> None:
    here = settings.parent
    text = settings.read_text()
    (here / "attributes.csv").write_text("customer_id,size\n1001,9\n1002,1\n1003,5\n")
    (here / "candidates.csv").write_text(
        "id;name;latitude;longitude;size\n2001;Brasserie;51,2250;4,4050;8\n2002;Deli;51,195;4,41;2\n2002;Deli;51,195;4,41;2\n"
        "2003;Grill;51,21;4,40;8 ha\n"
    )
    # The customer 1003 was a candidate then.
    (here / "earlier.csv").write_text("id,latitude,longitude,size\n1003,51.2,4.42,5\n3001,51.21,4.4,4\n")
    lines = (here / "sales.csv").read_text().splitlines()
    kept = [line for line in lines if not (line.startswith("2020") and ",1003," in line)]
    (here / "sales.csv").write_text("\n".join(kept) + "\n")
    further = (
        'attributes = "attributes.csv"\nearlier_candidates = "earlier.csv"\n'
        "earlier_period = [2020-01-01, 2020-12-31]\nwhite_spots = 3\ncutoff = 30\n"
    )
    settings.write_text(text.replace("[acquisition]", "[acquisition]\n" + further, 1))
    answer = CliRunner().invoke(app, ["run", str(settings)])
    assert answer.exit_code in (0, 3), answer.output
    assert "2002" in answer.output and "is listed before" in answer.output
    assert "1 of 2 earlier prospects were won." in answer.output
    found = json.loads(CliRunner().invoke(app, ["run", str(settings), "--json"]).stdout)
    assert found["rejected_candidates"] == [{"row": 3, "id": "2002", "reason": "is listed before"}]
    page = (here / "plan" / "plan.html").read_text(encoding="utf-8")
    assert "White spots" in page and "is listed before" in page and "1 of 2 earlier prospects" in page
    outcome = run(read(settings).inputs)
    assert outcome.prospects is not None
    alike = outcome.prospects.to_frame("pandas").set_index("id").likeness
    assert len({*alike[["2001", "2002", "2003"]]}) == 3 and alike["2003"] == 0
    assert "such as '8 ha' in row 4" in outcome.prospects.notes[-1] and "such as '8 ha' in row 4" in answer.output
    assert 0 < len(outcome.results["white_spots"]) <= 3
    settings.write_text(settings.read_text().replace("earlier_period = [2020-01-01, 2020-12-31]\n", ""))
    with pytest.raises(cf.InputError, match="earlier_candidates needs earlier_period"):
        read(settings)
