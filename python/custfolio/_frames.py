# Frames out: columns become a frame of the library that the data came in.
"""Make frames of the user's own library from plain columns, and tell which library a frame is of.

No frame library is imported before it is asked for.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from typing import Any

from custfolio.errors import InputError

__all__ = [
    "LIBRARIES",
    "default_library",
    "eager",
    "library_of",
    "lists_of",
    "make_frame",
    "numbers_of",
    "require",
    "require_columns",
    "texts_of",
]

LIBRARIES = ("pandas", "polars", "pyarrow", "duckdb", "pyspark")
"""Libraries that :func:`make_frame` knows by name."""

_EXTRAS = {"pandas": "pandas", "polars": "polars", "pyspark": "spark"}
"""The extra of the package that brings a library; the others come with it."""

_STAND_INS = {"modin": "pandas", "dask": "pandas", "cudf": "pandas", "ibis": "pyarrow", "sqlframe": "pandas"}
"""The library that answers for one that narwhals reads but :func:`make_frame` does not write."""


def require(module: str) -> Any:
    """Import an optional module.

    Parameters
    ----------
    module : str
        Its dotted name.

    Returns
    -------
    module
        The module.

    Raises
    ------
    InputError
        If it is not installed; the text says how to install it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        top = module.partition(".")[0]
        if (error.name or "").partition(".")[0] != top:
            raise
        package = f"'custfolio[{_EXTRAS[top]}]'" if top in _EXTRAS else top
        raise InputError(
            f"{top} is needed for this and is not installed; install it with: pip install {package}"
        ) from None


def default_library() -> str:
    """Name the frame library for results whose input was no frame.

    Returns
    -------
    str
        The first of pandas, polars and pyarrow that is installed.

    Raises
    ------
    InputError
        If none of them is.
    """
    for library in ("pandas", "polars", "pyarrow"):
        if find_spec(library) is not None:
            return library
    raise InputError(
        "no frame library is installed; install one with: pip install 'custfolio[pandas]' (or polars, pyarrow)"
    )


def library_of(frame: Any) -> str:
    """Tell which library a frame is of.

    Parameters
    ----------
    frame : frame
        A pandas, Polars (eager or lazy), PyArrow or PySpark frame, a DuckDB relation, or any other that narwhals reads.

    Returns
    -------
    str
        One of :data:`LIBRARIES`; for further libraries the one whose frames stand in for theirs (pandas for Modin, Dask, cuDF).

    Raises
    ------
    InputError
        If it is no frame.
    """
    import narwhals.stable.v2 as nw

    try:
        native = nw.from_native(frame)
    except TypeError:
        raise InputError(
            f"a frame was expected (pandas, Polars, PyArrow, DuckDB relation, PySpark, ...), not {type(frame).__name__}"
        ) from None
    name = str(native.implementation.value).partition("[")[0].lower().replace("pyspark_connect", "pyspark")
    if name in LIBRARIES:
        return name
    return _STAND_INS.get(name, "pandas")


def make_frame(columns: Mapping[str, Any], library: str | None = None) -> Any:
    """Make a frame from columns.

    Text stays text, days (``datetime64[D]`` or ``datetime.date``) stay dates: ``datetime64`` in pandas, ``Date`` in Polars,
    ``date32`` in PyArrow. ``None`` is a missing value.

    Parameters
    ----------
    columns : mapping of str to sequence, shape (n,) each
        NumPy arrays, lists or Arrow arrays, in the order of the frame's columns.
    library : {"pandas", "polars", "pyarrow", "duckdb", "pyspark"}, optional
        The library of the frame; :func:`default_library` if not given. ``"duckdb"`` gives a relation on DuckDB's default
        connection. ``"pyspark"`` gives a Spark frame where a Spark session is active, and a pandas frame otherwise.

    Returns
    -------
    frame
        A frame of `library`.

    Raises
    ------
    InputError
        If the library is not known or not installed.
    """
    library = default_library() if library is None else library
    if library == "pandas":
        return _pandas(columns)
    if library == "polars":
        return require("polars").DataFrame({name: _plain(values) for name, values in columns.items()}, strict=False)
    if library == "pyarrow":
        return _arrow(columns)
    if library == "duckdb":
        return require("duckdb").from_arrow(_arrow(columns))
    if library == "pyspark":
        session = _spark_session()
        return _pandas(columns) if session is None else session.createDataFrame(_pandas(columns))
    raise InputError(f"library {library!r} is not known; it can be one of {', '.join(LIBRARIES)}")


def _spark_session() -> Any:
    """Return the active Spark session, None where there is none."""
    sql = sys.modules.get("pyspark.sql")
    return None if sql is None else sql.SparkSession.getActiveSession()


def _plain(values: Any) -> Any:
    """Turn arrays of Python objects or fixed-width text into lists, which every library reads as text; pass others on."""
    import numpy as np

    if isinstance(values, np.ndarray):
        return values.tolist() if values.dtype.kind in "OUS" else values
    if isinstance(values, Iterable) and not hasattr(values, "dtype") and not hasattr(values, "to_pylist"):
        return list(values)
    return values


def _arrow(columns: Mapping[str, Any]) -> Any:
    """Make a PyArrow table; a column without any value is text."""
    pa = require("pyarrow")
    arrays = []
    for values in columns.values():
        array = values if isinstance(values, (pa.Array, pa.ChunkedArray)) else pa.array(_plain(values))
        arrays.append(array.cast(pa.string()) if pa.types.is_null(array.type) else array)
    return pa.table(arrays, names=list(columns))


def _pandas(columns: Mapping[str, Any]) -> Any:
    """Make a pandas frame."""
    import datetime

    pd = require("pandas")
    series = {}
    for name, values in columns.items():
        column = _plain(values)
        if hasattr(column, "to_pylist"):
            column = column.to_pylist()
        if isinstance(column, list):
            known = [value for value in column if value is not None]
            if known and all(type(value) is datetime.date for value in known):
                series[name] = pd.Series(pd.to_datetime(pd.Series(column, dtype="object")), name=name)
                continue
            if not known or all(isinstance(value, str) for value in known):
                series[name] = pd.Series(column, dtype="str", name=name)
                continue
        series[name] = pd.Series(column, name=name)
    return pd.DataFrame(series)


def eager(frame: Any) -> Any:
    """Return a frame of any library as an eager narwhals frame; TypeError where it is no frame."""
    import narwhals.stable.v2 as nw

    native: Any = nw.from_native(frame)
    return native.collect() if isinstance(native, nw.LazyFrame) else native


def require_columns(columns: Iterable[str], required: Iterable[str], where: str, remedy: str = "") -> None:
    """Check that columns are there; `where` names the frame with its verb: "the frame; it has"."""
    there = list(columns)
    for name in required:
        if name not in there:
            raise InputError(f"column {name!r} is not in {where} {', '.join(map(repr, there))}{remedy}")


def lists_of(frame: Any, otherwise: str) -> dict[str, list[Any]]:
    """Return the columns of a frame, or of a mapping of columns, as lists; `otherwise` is the error's text for anything else."""
    import numpy as np

    if isinstance(frame, Mapping):
        return {str(name): list(np.asarray(values)) for name, values in frame.items()}
    try:
        table = eager(frame)
    except TypeError:
        raise InputError(otherwise) from None
    return {name: table[name].to_list() for name in table.columns}


def numbers_of(series: Any, column: str) -> Any:
    """Return a column as doubles; missing values are NaN, which the core refuses where it must."""
    import numpy as np

    try:
        return np.asarray(series.to_numpy(), dtype=np.float64)
    except (TypeError, ValueError):
        found = next((value for value in series.to_list() if not isinstance(value, (int, float, type(None)))), None)
        raise InputError(f"column {column!r} holds {found!r}; it must hold numbers") from None


def texts_of(series: Any, column: str) -> list[str]:
    """Return a column as text; whole numbers are written without a point."""
    texts = []
    for row, value in enumerate(series.to_list()):
        if value is None or (isinstance(value, float) and not value.is_integer()):
            raise InputError(f"column {column!r}, row {row + 1}: found {value!r}; it must be text or a whole number")
        texts.append(str(int(value)) if isinstance(value, float) else str(value))
    return texts
