# Frames out and the base of every result.
"""Tests of ``custfolio._tables.frames`` and ``custfolio._tables.result``."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from custfolio._tables.frames import default_library, library_of, make_frame, require
from custfolio._tables.result import Result
from custfolio.errors import InputError

COLUMNS = {
    "customer_id": ["007", "=cmd|' /C calc'!A0", None],
    "day": np.array(["2021-01-31", "2021-02-01", "2021-12-31"], dtype="datetime64[D]"),
    "revenue": np.array([1.5, -2.0, 0.0]),
    "count": np.array([1, 2, 3], dtype=np.int64),
}
SCRIPT = "<script>alert('x')</script>"


class Table(Result):
    """A result with what it is given."""

    def __init__(self, columns: Mapping[str, Any], library: str | None = None) -> None:
        self.columns = columns
        self._library = library

    def _columns(self) -> Mapping[str, Any]:
        return self.columns

    def _facts(self) -> Mapping[str, Any]:
        return {"temperature": 0.0752, "level": 428_123_535.4, "empty": None}

    def _draw(self, **options: Any) -> Any:
        return options


def test_pandas_keeps_text_and_dates() -> None:
    frame = make_frame(COLUMNS, "pandas")
    assert frame["customer_id"].tolist()[:2] == ["007", "=cmd|' /C calc'!A0"]
    assert frame["customer_id"].isna().tolist() == [False, False, True]
    assert str(frame["day"].dtype).startswith("datetime64")
    assert frame["revenue"].tolist() == [1.5, -2.0, 0.0]


def test_polars_keeps_text_and_dates() -> None:
    import polars as pl

    frame = make_frame(COLUMNS, "polars")
    assert frame.schema == {"customer_id": pl.String, "day": pl.Date, "revenue": pl.Float64, "count": pl.Int64}
    assert frame["day"].to_list()[0] == datetime.date(2021, 1, 31)
    assert frame["customer_id"].to_list()[2] is None


def test_pyarrow_and_duckdb_keep_text_and_dates() -> None:
    import pyarrow as pa

    frame = make_frame(COLUMNS, "pyarrow")
    assert [str(field.type) for field in frame.schema] == ["string", "date32[day]", "double", "int64"]
    relation = make_frame(COLUMNS, "duckdb")
    assert library_of(relation) == "duckdb"
    assert relation.fetchall()[0] == ("007", datetime.date(2021, 1, 31), 1.5, 1)
    assert pa.types.is_string(make_frame({"note": [None, None]}, "pyarrow").schema.field("note").type)


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_columns_without_rows_and_dates_in_lists(library: str) -> None:
    assert len(make_frame({"a": [], "b": np.array([], dtype=float)}, library)) == 0
    frame = make_frame({"day": [datetime.date(2021, 1, 31), None], "name": np.array(["a", "b"], dtype=object)}, library)
    assert library_of(frame) == library
    assert len(frame) == 2


def test_spark_without_a_session_is_pandas() -> None:
    assert library_of(make_frame(COLUMNS, "pyspark")) == "pandas"


def test_library_of_lazy_polars_and_of_no_frame() -> None:
    import polars as pl

    assert library_of(pl.LazyFrame({"a": [1]})) == "polars"
    with pytest.raises(InputError, match=r"type list; it must be a frame"):
        library_of([1, 2])


def test_unknown_and_missing_libraries_are_named() -> None:
    with pytest.raises(InputError, match="library is 'excel'; it must be one of pandas, polars"):
        make_frame(COLUMNS, "excel")
    with pytest.raises(InputError, match="is not installed; run pip install no_such_library"):
        require("no_such_library")
    assert default_library() == "pandas"


def test_to_frame_uses_the_library_the_data_came_in() -> None:
    assert library_of(Table(COLUMNS, "polars").to_frame()) == "polars"
    assert library_of(Table(COLUMNS, "polars").to_frame("pyarrow")) == "pyarrow"
    assert library_of(Table(COLUMNS).to_frame()) == "pandas"


def test_html_is_escaped_and_holds_no_resource() -> None:
    html = Table({SCRIPT: [SCRIPT, '"><img src=x onerror=1>']})._repr_html_()
    assert "<script" not in html and "<img" not in html and "&lt;script&gt;" in html
    assert "http" not in html and "src=" not in html.replace("&lt;img src=x", "")
    assert "0.0752" in html and "428,123,535.40" in html and "–" in html


def test_text_writes_control_characters_out_and_says_what_is_left() -> None:
    text = repr(Table({"id": ["\x1b[2J" + "x" * 300, *map(str, range(20))], "v": np.arange(21.0)}))
    assert "\x1b" not in text and "\\x1b[2J" in text and "…" in text
    assert text.endswith("... 7 more rows")
    assert repr(Table({})).startswith("Table")
    assert "<td" not in Table({"a": []})._repr_html_().split("</tbody>")[-1]


def test_importing_costs_no_frame_library() -> None:
    libraries = "{'pandas', 'polars', 'pyarrow', 'duckdb', 'narwhals'}"
    code = (
        f"import sys, custfolio._tables.frames, custfolio._tables.result; print(sorted({libraries} & set(sys.modules)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_a_chart_has_the_properties_asked_for() -> None:
    assert Table(COLUMNS).plot(width=300) == {"width": 300}
