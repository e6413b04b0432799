# Versions of a budget: frozen ones with a checksum, the rolling forecast, and what-if copies side by side.
"""Freeze, save, load, roll forward and compare side by side."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from custfolio._tables.dates import day_date, day_number, month_index, month_text
from custfolio._tables.result import Listing
from custfolio.budget._budget import Budget
from custfolio.budget._calendar import FiscalCalendar
from custfolio.budget._lines import Dimension, Lines
from custfolio.budget._listings import Bands
from custfolio.errors import InputError

__all__ = ["FrozenBudget", "SideBySide", "forecast", "freeze", "side_by_side"]

_FORMAT = "custfolio budget"
_NUMBERS = ("deviation", "probability", "quantity", "stated")
_TEXTS = ("item", "state", "currency")


class FrozenBudget(Budget):
    """A version of a budget that does not change any more: rounded lines, a name, a day and a checksum.

    Attributes
    ----------
    name : str
        Name of the version.
    on : datetime.date
        The day on which it was agreed.
    """

    name: str
    on: Any
    _kept: list[dict[str, Any]]

    @property
    def checksum(self) -> str:
        """SHA-256 of everything in it, in hexadecimal; files whose content has another are refused."""
        return _checksum(self._content())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FrozenBudget) and self.checksum == other.checksum

    __hash__ = None  # type: ignore[assignment]

    def bands(
        self,
        by: str | Sequence[str] = ("month",),
        *,
        measure: str = "heat",
        quantiles: Sequence[float] = (0.1, 0.5, 0.9),
    ) -> Bands:
        """Return the bands that were kept when the budget was frozen; others only where no action plans are in it.

        Parameters
        ----------
        by, measure, quantiles
            As for :meth:`Budget.bands`.

        Returns
        -------
        Bands
            The bands.

        Raises
        ------
        InputError
            If they were not kept and need the distribution of action plans, which a frozen version does not hold.
        """
        names = [by] if isinstance(by, str) else list(by)
        for kept in self._kept:
            if kept["by"] == names and measure == "heat" and tuple(quantiles) == (0.1, 0.5, 0.9):
                columns = {
                    name: (values if name in names else np.asarray(values)) for name, values in kept["columns"].items()
                }
                return Bands(columns, names, measure, self._library)
        if (self._lines.part == -2).any():
            raise InputError(
                f"the version keeps no bands by {', '.join(names) or 'nothing'}; name them when it is frozen: freeze(..., bands=[{names!r}])"
            )
        return super().bands(names, measure=measure, quantiles=quantiles)

    def _facts(self) -> Mapping[str, Any]:
        return {"version": self.name, "frozen on": str(self.on), **super()._facts()}

    def _content(self) -> dict[str, Any]:
        lines = self._lines
        return {
            "format": _FORMAT,
            "format_version": 1,
            "name": self.name,
            "on": str(self.on),
            "currency": self.currency,
            "digits": self.digits,
            "calendar": self.calendar._described,
            "accounts": self._types,
            "dimensions": list(lines.dimensions),
            "rates": [self._rates._always, [[*key, rate] for key, rate in sorted(self._rates._monthly.items())]],
            "correlation": self.correlation,
            "bands": self._kept,
            "lines": {
                "month": [month_text(int(month)) for month in lines.month],
                "units": self._units.tolist(),
                "plans": (lines.part == -2).tolist(),
                **{f"dimension {name}": dimension.texts() for name, dimension in lines.dimensions.items()},
                **{name: getattr(lines, name).tolist() for name in _NUMBERS},
                **{name: getattr(lines, name).texts() for name in _TEXTS},
            },
        }

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the version to a .json or .parquet file with its checksum, whole or not at all.

        Parameters
        ----------
        path : str or path
            The file. If it is there already it must hold the same version; another is never overwritten.

        Raises
        ------
        InputError
            If the file holds something else, or ends in neither .json nor .parquet.
        OSError
            If it cannot be written.
        """
        from custfolio.report.whole_file import write_whole

        target = Path(path)
        if target.exists():
            if FrozenBudget.load(target) != self:
                raise InputError(f"{target} holds another version; a frozen budget is never overwritten")
            return
        content = self._content()
        if target.suffix.lower() == ".json":
            text = json.dumps(
                {**content, "checksum": _checksum(content)}, ensure_ascii=False, allow_nan=False, indent=1
            )
            write_whole(target, text + "\n")
        elif target.suffix.lower() == ".parquet":
            import pyarrow as pa
            import pyarrow.parquet as pq

            head = {name: value for name, value in content.items() if name != "lines"}
            head["checksum"] = _checksum(content)
            table = pa.table(content["lines"])
            text = json.dumps(head, ensure_ascii=False, allow_nan=False)
            buffer = io.BytesIO()
            pq.write_table(table.replace_schema_metadata({"custfolio": text}), buffer)
            write_whole(target, buffer.getvalue())
        else:
            raise InputError(f"{target.name} ends in {target.suffix or 'nothing'}; it must end in .json or .parquet")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> FrozenBudget:
        """Read a version that :meth:`save` wrote.

        Parameters
        ----------
        path : str or path
            The file.

        Returns
        -------
        FrozenBudget
            Equal to the one saved.

        Raises
        ------
        InputError
            If it is no such file, or its content is not what its checksum says.
        OSError
            If it cannot be read.
        """
        target = Path(path)
        try:
            content, told = _read(target)
            if content.get("format") != _FORMAT or content.get("format_version") != 1:
                raise InputError(f"{target} holds no budget of this format")
            if _checksum(content) != told:
                raise InputError(f"{target} was changed after it was frozen: its content is not what its checksum says")
            return _rebuilt(content)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"{target} is no frozen budget: {error}") from None


def _read(target: Path) -> tuple[dict[str, Any], Any]:
    if target.suffix.lower() == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            table = pq.read_table(target)
        except pa.ArrowInvalid as error:
            raise InputError(f"{target} is no Parquet file: {error}") from None
        content = json.loads((table.schema.metadata or {})[b"custfolio"])
        content["lines"] = {name: table[name].to_pylist() for name in table.column_names}
    else:
        content = json.loads(target.read_text(encoding="utf-8"))
    return content, content.pop("checksum")


def _checksum(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _rebuilt(content: Mapping[str, Any]) -> FrozenBudget:
    from custfolio.budget._lines import Rates

    rows = content["lines"]
    units = np.array(rows["units"], dtype=np.int64)
    known: dict[str, Any] = {name: np.array(rows[name], dtype=np.float64) for name in _NUMBERS}
    known |= {name: Dimension.of(rows[name]) for name in _TEXTS}
    lines = Lines(
        month=np.array([month_index(month, "month") for month in rows["month"]], dtype=np.int64),
        dimensions={name: Dimension.of(rows[f"dimension {name}"]) for name in content["dimensions"]},
        amount=units.astype(np.float64) / 10.0 ** content["digits"],
        part=np.where(np.array(rows["plans"], dtype=bool), -2, -1).astype(np.int32),
        **known,
    )
    rates = Rates(None, content["currency"])
    rates._always |= content["rates"][0]
    rates._monthly |= {(int(month), str(code)): float(rate) for month, code, rate in content["rates"][1]}
    calendar = FiscalCalendar._from_description(content["calendar"])
    found = FrozenBudget._of_lines(
        lines,
        content["accounts"],
        content["currency"],
        content["digits"],
        calendar,
        None,
        rates=rates,
        correlation=content["correlation"],
    )
    assert isinstance(found, FrozenBudget)
    found.__dict__["_units"] = units
    found.name, found.on, found._kept = content["name"], day_date(day_number(content["on"], "on")), content["bands"]
    return found


def freeze(budget: Budget, name: str, on: Any, bands: Sequence[str | Sequence[str]]) -> FrozenBudget:
    """Make a frozen version; see :meth:`Budget.freeze`."""
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"name is {name!r}; a version has a name, '2026' say")
    day = day_date(day_number(on, "on"))
    kept = []
    for by in bands:
        found = budget.bands(by)
        columns = {
            column: (list(values) if column in found._by else np.asarray(values).tolist())
            for column, values in found._entries.items()
        }
        kept.append({"by": found._by, "columns": columns})
    units = budget._units
    lines = replace(
        budget._lines,
        amount=units.astype(np.float64) / 10.0**budget.digits,
        part=np.where(budget._lines.part >= 0, -2, budget._lines.part).astype(np.int32),
    )
    frozen = FrozenBudget._of_lines(
        lines,
        budget._types,
        budget.currency,
        budget.digits,
        budget.calendar,
        budget.library,
        rates=budget._rates,
        correlation=budget.correlation,
    )
    assert isinstance(frozen, FrozenBudget)
    frozen.__dict__["_units"] = units
    frozen.name, frozen.on, frozen._kept = str(name), day, kept
    return frozen


def as_budget(budget: Budget, data: Any, options: Mapping[str, Any]) -> Budget:
    """Return actual amounts as a budget, in the reporting currency, digits and calendar of another."""
    if isinstance(data, Budget):
        if options:
            raise InputError(f"{next(iter(options))!r} is for frames; the actual amounts are a budget already")
        if (data.currency, data.digits) != (budget.currency, budget.digits):
            raise InputError(f"the budget is in {budget.currency}, the actual amounts in {data.currency}")
        return data
    given = {
        "source": "actual",
        "currency": budget.currency,
        "digits": budget.digits,
        "calendar": budget.calendar,
        **options,
    }
    given["accounts"] = {**budget._types, **(options.get("accounts") or {})}
    given.setdefault("rates", budget._rates)
    return Budget.from_frame(data, **given)


def forecast(budget: Budget, actuals: Any, through: Any, rest: Budget | None, options: Mapping[str, Any]) -> Budget:
    """Make the rolling forecast; see :meth:`Budget.forecast`."""
    last = month_index(through, "through")
    was = as_budget(budget, actuals, options)
    late = np.unique(was._lines.month[was._lines.month > last])
    if late.size:
        raise InputError(
            f"there are actual amounts in {month_text(int(late[0]))}, after the last close {month_text(last)}; leave them out, or close later"
        )
    then = budget if rest is None else rest
    kept = np.flatnonzero(then._lines.month > last)
    ahead = Budget._of_lines(
        then._lines.take(kept), then._types, then.currency, then.digits, budget.calendar, budget.library,
        then._parts, then._rates, then.correlation or budget.correlation,
    )  # fmt: skip
    made = was.with_calendar(budget.calendar) + ahead
    made._library = budget.library
    return made


class SideBySide(Listing):
    """Budgets beside each other, and the changes from the first."""

    _heading = "Side by side"

    def __init__(
        self, columns: Mapping[str, Any], by: Sequence[str], names: Sequence[str], library: str | None
    ) -> None:
        super().__init__(columns, library)
        self._by, self._names = list(by), list(names)

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        labels = [" / ".join(row) for row in zip(*(self._entries[name] for name in self._by), strict=True)]
        rows = [
            {"cell": label, "version": name, "amount": float(self._entries[name][k])}
            for k, label in enumerate(labels or ["all"])
            for name in self._names
        ]
        chart = alt.Chart(alt.Data(values=rows)).mark_bar()
        return chart.encode(
            x=alt.X("cell:N", title=None, sort=None),
            xOffset=alt.XOffset("version:N", sort=None),
            y=alt.Y("amount:Q", title="Amount", axis=alt.Axis(format="~s")),
            color=alt.Color("version:N", title=None, sort=None),
        ).properties(**options)


def side_by_side(
    budgets: Mapping[str, Budget], by: str | Sequence[str] = ("year",), *, measure: str = "heat"
) -> SideBySide:
    """Put budgets beside each other: a version and what-if copies of it.

    Parameters
    ----------
    budgets : mapping of str to Budget
        Two or more, by name, in one currency.
    by : str or sequence of str
        What the rows are told apart by, as for :meth:`Budget.totals`.
    measure : str
        "level", "heat" or an account.

    Returns
    -------
    SideBySide
        One row a cell of any of them: the amount of each, and the change of each other from the first.

    Raises
    ------
    InputError
        If there is only one, currencies differ or a name is not known.
    """
    if len(budgets) < 2:
        raise InputError(f"{len(budgets)} budgets; two or more can be put side by side")
    names = [by] if isinstance(by, str) else list(by)
    first = next(iter(budgets.values()))
    cells: dict[tuple[str, ...], dict[str, int]] = {}
    for name, budget in budgets.items():
        if (budget.currency, budget.digits) != (first.currency, first.digits):
            raise InputError(f"budget {name!r} is in {budget.currency}, the first in {first.currency}")
        if name in names:
            raise InputError(f"budget {name!r} has the name of a column; give it another")
        measured, figure = budget._of_measure(measure)
        found = measured.totals(names)._entries
        keys = zip(*(found[column] for column in names), strict=True) if names else [()]
        units = budget._whole(found[figure])
        for key, amount in zip(keys, units.tolist(), strict=True):
            cells.setdefault(key, {})[name] = amount
    order = sorted(cells) if any(name in ("month", "period", "quarter", "year") for name in names) else list(cells)
    columns: dict[str, Any] = {name: [key[k] for key in order] for k, name in enumerate(names)}
    table = {name: np.array([cells[key].get(name, 0) for key in order], dtype=np.int64) for name in budgets}
    base = next(iter(table))
    columns |= {name: first._money(units) for name, units in table.items()}
    columns |= {f"{name} - {base}": first._money(units - table[base]) for name, units in table.items() if name != base}
    return SideBySide(columns, names, list(budgets), first.library)
