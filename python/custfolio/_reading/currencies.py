# Signs of money and of minus in the cells of amounts.
"""Amounts as accountants and spreadsheets write them: (30.00), 50-, € 2.000,00, $2,000; and what their currencies are worth."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from custfolio.errors import InputError

__all__ = ["CODES", "Currencies", "leading_minus", "split_currency"]

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


class Currencies:
    """The currencies of the amounts of a ledger, and what a unit of each is worth.

    Parameters
    ----------
    reporting : str or None
        The currency of the figures. None: the one that has no rate.
    rates : mapping of str to float or None
        What a unit of each other currency is worth.

    Raises
    ------
    InputError
        If a rate is not above 0 and finite.
    """

    def __init__(self, reporting: str | None, rates: Mapping[str, float] | None) -> None:
        self._reporting = None if reporting is None else _named(reporting)
        self._rates: dict[str, float] = {}
        self._seen: dict[str, str] = {}
        for unit, rate in (rates or {}).items():
            if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not (0 < rate < math.inf):
                raise InputError(f"rates[{unit!r}] is {rate!r}; it must be a finite number above 0")
            self._rates[_named(unit)] = float(rate)

    def note(self, units: NDArray[np.object_], texts: NDArray[np.object_], what: str) -> None:
        """Note the currencies of a column; raise where one has no rate and is not that of the figures."""
        for unit in sorted({unit for unit in units if unit}):
            example = min(texts[units == unit])
            known = {name: text for name, text in self._seen.items() if name not in self._rates}
            base = self._reporting or next(iter(known), unit)
            if unit not in self._rates and unit != base:
                of_base = f", other amounts are in {base} ({known[base]!r})" if base in known else ""
                raise InputError(
                    f"{what} has {example!r} in {unit}{of_base}; pass rates={{{unit!r}: ...}}, what 1 {unit} is worth in {base}"
                )
            self._seen.setdefault(unit, example)

    def rates(self, units: NDArray[np.object_]) -> NDArray[np.float64]:
        """Return the worth of a unit of each amount's currency."""
        return np.array([self._rates.get(unit, 1.0) for unit in units])


def _named(unit: str) -> str:
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
        found = pc.extract_regex(texts, f"{before}(?P<unit>{_UNIT}){after}")
        has = np.asarray(found.is_valid())
        if has.any():
            units[has] = [_named(unit) for unit in pc.struct_field(found, 0).filter(pa.array(has)).to_pylist()]
            texts = pc.replace_substring_regex(texts, f"({before})(?:{_UNIT})({after})", r"\1\2")
    return pc.utf8_trim_whitespace(texts), units


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
