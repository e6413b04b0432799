# Frames out: columns become a frame of the library that the data came in.
"""Make frames of the user's library from plain columns, and find the library of a frame.

A frame library is imported on first use only.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

from custfolio.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "LIBRARIES",
    "FrameLike",
    "TableLike",
    "arrow_columns",
    "check_spelling",
    "customer_column",
    "customer_days",
    "default_library",
    "eager",
    "finite_of",
    "library_of",
    "lists_of",
    "make_frame",
    "months_of",
    "numbers_of",
    "once",
    "read_distinct",
    "require",
    "require_columns",
    "strings_of",
    "texts_of",
]


@runtime_checkable
class FrameLike(Protocol):
    """A frame of any library: pandas, Polars (eager or lazy), PyArrow, DuckDB relation, PySpark, or another that narwhals reads."""

    @property
    def columns(self) -> Any:
        """The names of its columns, or the columns."""
        ...


TableLike: TypeAlias = "FrameLike | Mapping[str, Sequence[Any] | NDArray[Any]]"
"""A frame of any library, or a mapping of column names to columns."""

LIBRARIES = ("pandas", "polars", "pyarrow", "duckdb", "pyspark")
"""Names of libraries for :func:`make_frame`."""

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
        If it is not installed; the message has the command that installs it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        top = module.partition(".")[0]
        if (error.name or "").partition(".")[0] != top:
            raise
        package = f"'custfolio[{_EXTRAS[top]}]'" if top in _EXTRAS else top
        raise InputError(f"{top} is not installed; run pip install {package}") from None


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
    raise InputError("no frame library is installed; run pip install 'custfolio[pandas]' (or polars, pyarrow)")


def library_of(frame: FrameLike, what: str = "the data") -> str:
    """Return the library of a frame.

    Parameters
    ----------
    frame : frame
        A pandas, Polars (eager or lazy), PyArrow or PySpark frame, a DuckDB relation, or any other that narwhals reads.
    what : str
        The frame, for messages.

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
        native: Any = nw.from_native(frame)
    except nw.exceptions.DuplicateError as error:
        raise _same_names(error) from None
    except TypeError:
        raise InputError(
            f"{what} is of type {type(frame).__name__}; it must be a frame (pandas, Polars, PyArrow, DuckDB relation, PySpark, ...)"
        ) from None
    name = str(native.implementation.value).partition("[")[0].lower().replace("pyspark_connect", "pyspark")
    if name in LIBRARIES:
        return name
    return _STAND_INS.get(name, "pandas")


def _same_names(error: Exception) -> InputError:
    """Return the error of a frame with two columns of one name."""
    return InputError(f"column names must differ; {' '.join(str(error).split())}")


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
        If the library is unknown or not installed.
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
    raise InputError(f"library is {library!r}; it must be one of {', '.join(LIBRARIES)}")


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


def eager(frame: FrameLike, what: str = "", wanted: str = "a frame") -> Any:
    """Return a frame of any library as an eager narwhals frame; where it is no frame, TypeError, or InputError if `what` names it."""
    import narwhals.stable.v2 as nw

    try:
        native: Any = nw.from_native(frame)
    except nw.exceptions.DuplicateError as error:
        raise _same_names(error) from None
    except TypeError:
        if not what:
            raise
        from custfolio._tables.arguments import shown_value

        raise InputError(f"{what} is {shown_value(frame)}of type {type(frame).__name__}; it must be {wanted}") from None
    return native.collect() if isinstance(native, nw.LazyFrame) else native


def require_columns(columns: Iterable[str], required: Iterable[str], where: str, remedy: str = "") -> None:
    """Check that columns are there; `where` names the frame with its verb: "the frame; it has"."""
    present = list(columns)
    for name in required:
        if name not in present:
            raise InputError(f"column {name!r} is not in {where} {', '.join(map(repr, present))}{remedy}")


def customer_column(columns: Iterable[str]) -> str:
    """Return the column of the customers' identities by its usual names: customer_id, else customer."""
    present = list(columns)
    return "customer" if "customer" in present and "customer_id" not in present else "customer_id"


def check_spelling(columns: Iterable[str], known: Iterable[str], where: str) -> None:
    """Refuse a column that is nearly one of the `known` names, since it would be ignored; `where` as in :func:`require_columns`."""
    present = {name.strip().lower().replace(" ", "_"): name for name in columns}
    names = list(known)
    for folded, name in present.items():
        close = [] if folded in names else get_close_matches(folded, names, n=1, cutoff=0.8)
        if close and close[0] not in present:
            raise InputError(f"column {name!r} of {where} is unknown; did you mean {close[0]!r}?")


def lists_of(frame: TableLike, otherwise: str) -> dict[str, list[Any]]:
    """Return the columns of a frame, or of a mapping of columns, as lists; `otherwise` is the error's text for anything else."""
    import numpy as np

    if isinstance(frame, Mapping):
        lists = {
            str(name): list(values if isinstance(values, (list, tuple)) else np.atleast_1d(np.asarray(values)))
            for name, values in frame.items()
        }
        longest = max(map(len, lists.values()), default=0)
        for name, values in lists.items():
            if len(values) != longest:
                raise InputError(
                    f"column {name!r} has {len(values)} values, another has {longest}; columns must have the same length"
                )
        return lists
    try:
        table = eager(frame)
    except TypeError:
        raise InputError(otherwise) from None
    return {name: table[name].to_list() for name in table.columns}


def numbers_of(series: Any, column: str) -> Any:
    """Return a column as doubles; missing values are NaN, which the core refuses where it must."""
    from custfolio._tables.arguments import reals

    return reals(series.to_numpy(), f"column {column!r}")


def identity_or_empty(value: Any) -> str:
    """Return an identity as text; empty where it is missing. A lone surrogate of UTF-16 becomes a question mark."""
    from custfolio._tables.dates import is_missing
    from custfolio._tables.wording import identity_text

    return "" if is_missing(value) else identity_text(value).encode(errors="replace").decode()


def number_or_nan(value: Any) -> float:
    """Return a cell as a number, also with a decimal comma; NaN where it is missing or no number."""
    if type(value) is float:
        return value
    from custfolio._tables.dates import is_missing

    try:
        if isinstance(value, str):
            # The cells are degrees, months or log-odds: they have no thousands, so that a comma is a decimal one.
            return float(value.strip().replace(",", "."))
        return float("nan") if is_missing(value) or isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def texts_of(series: Any, column: str) -> list[str]:
    """Return a column as text; whole numbers are written without a point."""
    from custfolio._tables.arguments import text
    from custfolio._tables.dates import is_missing
    from custfolio._tables.wording import identity_text

    texts = []
    for row, value in enumerate(series if isinstance(series, list) else series.to_list()):
        if is_missing(value) or (isinstance(value, float) and not value.is_integer()):
            raise InputError(f"column {column!r}, row {row + 1}: found {value!r}; it must be text or a whole number")
        texts.append(text(identity_text(value), f"column {column!r}, row {row + 1}"))
    return texts


def customer_days(
    given: Mapping[str, Any] | FrameLike | None, codes: Mapping[str, int], count: int, what: str, nothing: int
) -> Any:
    """Return a day of each customer.

    Parameters
    ----------
    given : mapping of customer to day, frame, or None
        The days; a frame has a column customer_id, else customer, and a column date. Other customers are left out.
    codes : mapping of str to int
        The customer of each identity, from 0 on. A customer with several identities has the earliest of their days.
    count : int
        Number of customers.
    what : str
        The argument, for messages.
    nothing : int
        The day of a customer without one.

    Returns
    -------
    ndarray of int64, shape (count,)
        Days since 1970-01-01.

    Raises
    ------
    InputError
        If `given` is neither, a column is missing, or a day is no date.
    """
    import datetime

    import numpy as np

    from custfolio._tables.dates import day_number
    from custfolio._tables.wording import identity_text

    days = np.full(count, nothing, dtype=np.int64)
    if given is None:
        return days
    if isinstance(given, Mapping):
        entries = list(given.items())
    else:
        try:
            table = eager(given)
        except TypeError:
            raise InputError(f"{what} is of type {type(given).__name__}; it must be a frame or a mapping") from None
        column = customer_column(table.columns)
        require_columns(table.columns, [column, "date"], f"{what}; it has")
        entries = list(zip(texts_of(table[column], column), table["date"].to_list(), strict=True))
    day_of: dict[str, int] = {}
    for customer, day in entries:
        name = identity_text(customer)
        if name in codes:
            date = day.date() if isinstance(day, datetime.datetime) else day
            day_of[name] = day_number(date, f"{what} of {customer!r}")
    for name in sorted(day_of, key=lambda name: -day_of[name]):
        days[codes[name]] = day_of[name]
    return days


# Columns as Arrow arrays, for frames of many rows


def arrow_columns(frame: TableLike, what: str) -> dict[str, Any]:
    """Return the columns of a frame, or of a mapping of columns, as Arrow arrays; `what` names it in the error's text."""
    if isinstance(frame, Mapping):
        return {str(name): _arrow_array(list(values)) for name, values in frame.items()}
    try:
        table = eager(frame)
    except TypeError:
        raise InputError(f"{what} is of type {type(frame).__name__}; it must be a frame") from None
    try:
        arrow = table.to_arrow()
    except (TypeError, ValueError):  # cells of mixed kinds
        return {name: _arrow_array(table[name].to_list()) for name in table.columns}
    return {name: arrow[name].combine_chunks() for name in arrow.column_names}


def _arrow_array(values: list[Any]) -> Any:
    """Return values as an Arrow array; of mixed kinds as texts, whose readers name the row that they cannot read."""
    pa = require("pyarrow")
    try:
        return pa.array(values)
    except UnicodeEncodeError as error:
        raise InputError(f"{error.object!r} has a lone surrogate; it must be text that UTF-8 can write") from None
    except (OverflowError, pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if value is None else str(value) for value in values], type=pa.string())


def once(ids: list[str], what: str) -> list[str]:
    """Return the identities of a table's rows; InputError where a customer is listed twice."""
    seen: set[str] = set()
    for identity in ids:
        if identity in seen:
            raise InputError(f"customer {identity!r} is listed twice in {what}; each has one row")
        seen.add(identity)
    return ids


def read_distinct(array: Any, read: Callable[[Any, int], Any], dtype: Any) -> Any:
    """Return what `read` makes of each cell of an Arrow array; it reads each different cell once, with the row of its first place."""
    import numpy as np

    pa = require("pyarrow")
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    cells = [*encoded.dictionary.to_pylist(), None]
    codes = encoded.indices.cast(pa.int64()).fill_null(len(cells) - 1).to_numpy(zero_copy_only=False)
    used, first = np.unique(codes, return_index=True)
    values = np.zeros(len(cells), dtype=dtype)
    for k in np.argsort(first):
        values[used[k]] = read(cells[used[k]], int(first[k]) + 1)
    return values[codes]


def finite_of(array: Any, column: str) -> Any:
    """Return an Arrow array as finite doubles; the row is named where there is none."""
    import numpy as np

    pa = require("pyarrow")
    if (pa.types.is_integer(array.type) or pa.types.is_floating(array.type)) and array.null_count == 0:
        numbers = array.to_numpy(zero_copy_only=False).astype(np.float64)
    else:
        numbers = np.full(len(array), np.nan)
        for row, value in enumerate(array.to_pylist()):
            try:
                numbers[row] = float(value)
            except (TypeError, ValueError):
                raise InputError(
                    f"column {column!r}, row {row + 1}: found {value!r}; it must be a finite number"
                ) from None
    bad = np.flatnonzero(~np.isfinite(numbers))
    if bad.size:
        raise InputError(f"column {column!r}, row {bad[0] + 1}: found {numbers[bad[0]]}; it must be a finite number")
    return numbers


def strings_of(array: Any, nothing: str) -> Any:
    """Return an Arrow array as text, `nothing` where it is missing; whole numbers are written without a point."""
    pa = require("pyarrow")
    if pa.types.is_floating(array.type):
        array = pa.array(
            [None if v is None or v != v else str(int(v)) if v.is_integer() else str(v) for v in array.to_pylist()],
            type=pa.string(),
        )
    if not pa.types.is_string(array.type) and not pa.types.is_large_string(array.type):
        array = pa.array([None if v is None else str(v) for v in array.to_pylist()], type=pa.string())
    return array.fill_null(nothing) if array.null_count else array


def months_of(array: Any, where: str) -> Any:
    """Return an Arrow array of months or days as months since January 1970; each different value is read once."""
    import numpy as np

    from custfolio._tables.dates import month_index

    pa = require("pyarrow")
    if isinstance(array.type, pa.BaseExtensionType):
        raise InputError(
            f"{where} contains {array.type.extension_name}; it must contain dates, or text such as 2022-01"
        )
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    if encoded.indices.null_count:
        row = encoded.indices.to_pylist().index(None)
        raise InputError(f"{where}, row {row + 1}: no month; it is written as 2022-01")
    indices = np.asarray(encoded.indices)
    known = np.empty(len(encoded.dictionary), dtype=np.int64)
    for k, value in enumerate(encoded.dictionary.to_pylist()):
        day = value.date() if hasattr(value, "date") else value
        try:
            known[k] = month_index(day, where)
        except InputError:
            month_index(day, f"{where}, row {int(np.flatnonzero(indices == k)[0]) + 1}")
    return known[indices]
