# Signs of money and of minus in the cells of amounts.
"""Amounts as accountants and spreadsheets write them: (30.00), 50-, € 2.000,00, $2,000; and what their currencies are worth."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from custfolio._tables.frames import TableLike, arrow_columns, require_columns
from custfolio._tables.rates import Rates
from custfolio.errors import InputError

__all__ = ["CODES", "Currencies", "checked_code", "currency_code", "leading_minus", "split_currency", "split_side"]

CODES: Final = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY "
    "COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR "
    "IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR "
    "MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD "
    "SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD "
    "XOF XPF YER ZAR ZMW ZWG"
)
"""The currencies of ISO 4217."""

_NAMES: Final[Mapping[str, str]] = {
    "€": "EUR", "$": "USD", "US$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₺": "TRY", "₽": "RUB", "₪": "ILS",
    "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD", "R$": "BRL", "FR.": "CHF", "SFR.": "CHF",
    "ZŁ": "PLN", "KČ": "CZK",
}  # fmt: skip
"""The code of each sign."""

_UNIT: Final = r"(?i:[a-z]{0,2}\p{Sc}|" + CODES.replace(" ", "|") + r"|s?fr\.|kr\.?|zł|kč)"
_BEFORE: Final = (r"^[-+(\s]*", r"[-+(\s]*[\d.,]")
_AFTER: Final = (r"[\d.,][-)\s]*", r"[-)\s]*$")
"""What may stand around the currency, in front of a number and behind it."""
_SIDE: Final = r"^(?P<amount>.*\d.*?)\s*(?P<side>(?i:cr|dr|db))\.?$"
"""An amount with the side of an account."""


class Currencies:
    """The currencies of the amounts of a ledger, and what a unit of each is worth.

    Parameters
    ----------
    reporting : str or None
        The currency of the figures. None: the one that has no rate.
    rates : mapping of str to float, frame, or None
        What a unit of each other currency is worth: for all months, or by month with the columns month, currency and rate.

    Raises
    ------
    InputError
        If a rate is not above 0 and finite, or the frame has no such columns.
    """

    gap: tuple[int, float] = (0, 0.0)
    """Rows without a currency, where others have one, and their revenue."""
    by_row: bool = False
    """Whether a column has the currency of each row; a sign beside an amount then changes nothing."""

    def __init__(self, reporting: str | None, rates: Mapping[str, float] | TableLike | None) -> None:
        self._reporting = None if reporting is None else checked_code(reporting)
        self._bare: dict[str, tuple[str, str]] = {}
        self._sides: list[str] = []
        self._rates: dict[str, float] = {}
        self._seen: dict[str, str] = {}
        self._monthly: dict[str, Any] = {}
        self._by_month = rates is not None and (not isinstance(rates, Mapping) or "rate" in rates)
        self._known: set[str] = set()
        if self._by_month:
            table = arrow_columns(cast("TableLike", rates), "rates")
            require_columns(table, ("month", "currency", "rate"), "the rates; they have")
            codes = [currency_code(str(code)) for code in table["currency"].to_pylist()]
            self._monthly = {"month": table["month"], "currency": codes, "rate": table["rate"]}
            self._known = set(codes)
            return
        for unit, rate in cast("Mapping[str, float]", rates or {}).items():
            if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not (0 < rate < math.inf):
                raise InputError(f"rates[{unit!r}] is {rate!r}; it must be a finite number above 0")
            self._rates[currency_code(unit)] = float(rate)
        self._known = set(self._rates)

    @property
    def code(self) -> str | None:
        """The currency of the figures; None where neither the caller nor the data names one."""
        return self._reporting or next((unit for unit in self._seen if unit not in self._known), None)

    def require_beside(self, bare: Mapping[str, str]) -> None:
        """Raise where sales have several currencies, and the columns `bare`, by role, have amounts without any."""
        if len(self._seen) > 1 and bare and not self.by_row:
            role, column = next(iter(bare.items()))
            raise InputError(
                f"the amounts have several currencies, {', '.join(sorted(self._seen))}, but those of {role} (column {column!r}) "
                "have none; write the currency beside each, or name a column of currencies: currency_column=..."
            )

    @property
    def notes(self) -> list[str]:
        """How CR and DR are read, and the columns in which only some amounts have a currency, as sentences."""
        bare = [
            f"{what} has amounts with a currency, such as {example!r}, and others without one, such as {bare!r}; those count in "
            f"{self.code or 'the currency of the figures'}."
            for what, (example, bare) in self._bare.items()
        ]
        return [*self._sides, *bare]

    def note(self, units: NDArray[np.object_], texts: NDArray[np.object_], what: str) -> None:
        """Note the currencies of a column; raise where one has no rate and is not that of the figures."""
        for unit in sorted({unit for unit in units if unit}) if not self.by_row else ():
            example = min(texts[units == unit])
            known = {name: text for name, text in self._seen.items() if name not in self._rates}
            base = self._reporting or next(iter(known), unit)
            if unit != base and self._by_month:
                raise InputError(
                    f"{what} has {example!r} in {unit}; rates by month need a column of currencies: currency_column=..."
                )
            if unit not in self._rates and unit != base:
                of_base = f", other amounts are in {base} ({known[base]!r})" if base in known else ""
                raise InputError(
                    f"{what} has {example!r} in {unit}{of_base}; pass rates={{{unit!r}: ...}}, what 1 {unit} is worth in {base}"
                )
            self._seen.setdefault(unit, example)

    def note_bare(self, units: NDArray[np.object_], texts: NDArray[np.object_], what: str) -> None:
        """Note a column in which only some amounts have a currency."""
        bare = texts[units == ""]
        if bare.size and bare.size < texts.size and not self.by_row:
            self._bare[what] = (min(texts[units != ""]), min(bare, key=lambda text: ("e" in text, text)))

    def lowering(self, sides: NDArray[np.object_], texts: NDArray[np.object_], what: str) -> tuple[str, ...]:
        """Return the sides that make the amounts of a column negative, and note them.

        The side of most amounts is that of sales. Where some amounts have no side, these are the sales.

        Parameters
        ----------
        sides : ndarray of str, shape (n,)
            "CR", "DR" or "" of each amount that is not 0.
        texts : ndarray of str, shape (n,)
            The amounts as they are written.
        what : str
            The column, for messages.

        Returns
        -------
        tuple of str
            Of "CR" and "DR" those that lower.

        Raises
        ------
        InputError
            If both sides occur, and neither is more frequent or some amounts have none.
        """
        count = {side: int((sides == side).sum()) for side in ("", "CR", "DR")}
        marked = [side for side in ("CR", "DR") if count[side]]
        examples = [repr(min(texts[sides == side])) for side in marked]
        if len(marked) == 2 and (count[""] or count["CR"] == count["DR"]):
            raise InputError(
                f"{what} can be read in two ways: {examples[0]} or {examples[1]} may be below 0; write those with a minus sign"
            )
        usual = "" if count[""] else max(marked, key=count.__getitem__, default="")
        lower = tuple(side for side in marked if side != usual)
        for side, example in zip(marked, examples, strict=True):
            others = f"most have {usual}" if usual else f"others have no {side}"
            why = f"below 0, since {others}" if side in lower else "above 0, since most amounts have it"
            self._sides.append(f"In {what}, {example} is read as {why}.")
        return lower

    def rates(self, units: NDArray[np.object_]) -> NDArray[np.float64]:
        """Return the worth of a unit of each amount's currency; 1 where a column has the currencies."""
        return np.array([1.0 if self.by_row else self._rates.get(unit, 1.0) for unit in units])

    def worth(
        self, names: list[str], codes: NDArray[np.int32], day: NDArray[np.int32], column: str
    ) -> NDArray[np.float64]:
        """Return what a unit of each row's currency is worth.

        Parameters
        ----------
        names : list of str
            The currencies in the column.
        codes : ndarray of int, shape (n,)
            The currency of each row; -1: that of the figures.
        day : ndarray of int, shape (n,)
            The day of each row.
        column : str
            The column, for messages.

        Returns
        -------
        ndarray, shape (n,)
            The rate of each row.

        Raises
        ------
        InputError
            If a currency has no rate at all, or none in the month of a row.
        """
        named = [currency_code(name) for name in names]
        used = list(dict.fromkeys(named[code] for code in np.unique(codes[codes >= 0]).tolist()))
        without = [unit for unit in used if unit not in self._known]
        base = self.code or next(iter(without), None)
        if base is None:
            if not used:
                return np.ones(codes.size)
            raise InputError(f"every currency of column {column!r} has a rate; state that of the figures: currency=...")
        for unit in without:
            if unit != base:
                raise InputError(
                    f"column {column!r} has amounts in {base} and in {unit}; pass rates={{{unit!r}: ...}}, what 1 {unit} is worth in "
                    f"{base}, or currency_column=False if all amounts are in {base}"
                )
        self._reporting = base
        rates = Rates(self._monthly or self._rates, base)
        return rates.core.rates(day, codes, named)


def checked_code(unit: str) -> str:
    """Return the code of a currency that the caller gave; raise where it is none.

    Parameters
    ----------
    unit : str
        A code of ISO 4217, or a sign such as "€".

    Returns
    -------
    str
        The code.

    Raises
    ------
    InputError
        If three letters are no code of ISO 4217.
    """
    from babel import Locale

    code = currency_code(unit)
    if re.fullmatch(r"[A-Z]{3}", code) and code not in Locale("en").currencies:  # with those of the past, as DEM
        raise InputError(f"currency is {unit!r}; it must be a code of ISO 4217, such as EUR or USD")
    return code


def currency_code(unit: str) -> str:
    """Return the code of a currency's sign, or the code itself."""
    return _NAMES.get(unit.strip().upper(), unit.strip().upper())


def split_currency(texts: pa.Array) -> tuple[pa.Array, NDArray[np.object_]]:
    """Split amounts from their currencies.

    Parameters
    ----------
    texts : Arrow array of text, shape (n,)
        The amounts, such as "€ 2.000,00" or "2,000 usd".

    Returns
    -------
    amounts : Arrow array of text, shape (n,)
        The amounts without their currency.
    units : ndarray of str, shape (n,)
        The code of each currency, or its sign where it has no code of its own; "" where there is none.
    """
    units = np.full(len(texts), "", dtype=object)
    for before, after in (_BEFORE, _AFTER):
        matches = pc.extract_regex(texts, f"{before}(?P<unit>{_UNIT}){after}")
        has = np.asarray(matches.is_valid())
        if has.any():
            units[has] = [currency_code(unit) for unit in pc.struct_field(matches, 0).filter(pa.array(has)).to_pylist()]
            texts = pc.replace_substring_regex(texts, f"({before})(?:{_UNIT})({after})", r"\1\2")
    return pc.utf8_trim_whitespace(texts), units


def split_side(texts: pa.Array) -> tuple[pa.Array, NDArray[np.object_]]:
    """Split amounts from the side of an account behind them: of 300,00 CR or 300.00 Dr.

    Parameters
    ----------
    texts : Arrow array of text, shape (n,)
        The amounts, without space around.

    Returns
    -------
    amounts : Arrow array of text, shape (n,)
        The amounts without their side.
    sides : ndarray of str, shape (n,)
        "CR", "DR" (also for DB), or "" where there is none.
    """
    matches = pc.extract_regex(texts, _SIDE)
    sides = np.full(len(texts), "", dtype=object)
    has = np.asarray(matches.is_valid())
    if has.any():
        cells = matches.filter(pa.array(has))
        sides[has] = ["CR" if side.upper() == "CR" else "DR" for side in pc.struct_field(cells, 1).to_pylist()]
        texts = pc.replace_with_mask(texts, pa.array(has), pc.utf8_trim_whitespace(pc.struct_field(cells, 0)))
    return texts, sides


def leading_minus(texts: pa.Array) -> pa.Array:
    """Return amounts with a minus in front where they are below zero: of (30.00), 50- and - 50.

    Parameters
    ----------
    texts : Arrow array of text, shape (n,)
        The amounts, without space around.

    Returns
    -------
    Arrow array of text, shape (n,)
        The amounts. No cents written as a dash (30,-) are left out.
    """
    for pattern, written in (
        (r"^-?\s*\(\s*-?\s*([^()]*?)\s*\)$", r"-\1"),
        (r"(\d)[.,]\s?-{1,2}$", r"\1"),
        (r"^([^-+].*?)\s*-$", r"-\1"),
        (r"^([-+])\s+", r"\1"),
    ):
        texts = pc.replace_substring_regex(texts, pattern, written)
    return texts
