# Importing the package is light: no frame, chart or engine library is loaded before it is used.
"""What ``import custfolio`` loads, and that every public name is there."""

from __future__ import annotations

import subprocess
import sys

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
