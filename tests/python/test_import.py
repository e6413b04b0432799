# Importing the package is light: no frame, chart or engine library is loaded before it is used.
"""What ``import custfolio`` loads, and that every public name is there."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files

import custfolio as cf


def test_the_import_loads_no_heavy_library() -> None:
    heavy = [
        "pandas",
        "polars",
        "pyarrow",
        "duckdb",
        "narwhals",
        "altair",
        "numpy",
        "jinja2",
        "xlsxwriter",
        "rich",
        "typer",
    ]
    code = f"import sys, custfolio; print([name for name in {heavy!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_every_public_name_is_there_and_documented() -> None:
    for name in cf.__all__:
        value = getattr(cf, name)
        if name != "__version__":
            assert value.__doc__, name
    assert set(cf.__all__) <= set(dir(cf))


def test_the_package_ships_its_templates_and_data() -> None:
    shipped = {
        "custfolio": {"py.typed", "_core.pyi"},
        "custfolio.cli/templates/init": {
            "action_plans.csv", "candidates.csv", "custfolio.toml", "managers.csv", "places.csv", "sales.csv",
        },
        "custfolio.demo.data": {
            "README.md", "cdnow_sample.parquet", "deliveries_2020.parquet", "deliveries_2021.parquet",
            "opportunities.parquet", "stores.parquet",
        },
        "custfolio.report/templates": {"report.css", "report.html"},
    }  # fmt: skip
    for place, names in shipped.items():
        package, _, folder = place.partition("/")
        assert names <= {entry.name for entry in files(package).joinpath(folder).iterdir()}, place
