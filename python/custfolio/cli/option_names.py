# Messages of the library in the terms of the command line: an argument of Python is an option, or a key of custfolio.toml.
"""Name the options of a command in the errors of the library."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from custfolio.errors import CustfolioError
from custfolio.portfolio import NO_HEAT

if TYPE_CHECKING:
    from custfolio.report.statement_pages import StatementPages

__all__ = ["in_own_names", "key_renamer", "naming_keys", "naming_options", "renamer"]

_T = TypeVar("_T")

_ARGUMENT = r"(?<![\w'\"-])({names})=(?:(False|\.\.\.)|(?=(['\"\d]))|(?=$|[\s;,.){{]))"
"""An argument in a message: name=..., name=False, name="value" or name= alone."""

_OF_SETTINGS = re.compile(r"[^:]*\.toml: ")
"""Beginning of an error about a custfolio.toml, which names keys."""

_OTHER_NAMES = {
    "time_unit": "--unit", "columns": "--column", "exchange_rates": "--exchange-rate", "drivers": "--driver",
    "delivery_drivers": "--delivery-driver", "accounts": "--account",
}  # fmt: skip
"""Arguments whose option has another name."""


def naming_options(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command whose errors name its own options.

    Parameters
    ----------
    command : callable
        The command, with one parameter per option.

    Returns
    -------
    callable
        The same command. Errors name ``--date-format`` where the library's name ``date_format=``.
    """
    renamed = renamer(inspect.signature(command).parameters)
    return _renaming(command, lambda text: text if _OF_SETTINGS.match(text) else renamed(text))


def renamer(names: Iterable[str]) -> Callable[[str], str]:
    """Return the function that names options in a text of the library.

    Parameters
    ----------
    names : iterable of str
        The parameters of a command.

    Returns
    -------
    callable
        From a text with ``date_format=`` to one with ``--date-format``.
    """
    options = {name: "--" + name.replace("_", "-") for name in names}
    options |= {name: option for name, option in _OTHER_NAMES.items() if option in options.values() or name in options}
    if "exchange_rates" in options:  # as the ledger calls them
        options["rates"] = "--exchange-rate"

    def written(match: re.Match[str]) -> str:
        return options[match[1]] + {"False": ' ""', "...": " NAME", None: " " if match[3] else ""}[match[2]]

    def renamed(text: str) -> str:
        text = re.sub(_ARGUMENT.format(names="|".join(map(re.escape, options))), written, text)
        text = re.sub(r"--column\{'(\w+)': \.\.\.\}", r"--column \1=NAME", text)
        text = re.sub(r"--account\{'([^']*)': '(\w+)'\}", r"--account \1=\2", text)
        text = re.sub(
            r"--exchange-rate\{'(\w+)': 1\.0, '(\w+)': \.\.\.\}", r"--currency \1 --exchange-rate \2=RATE", text
        )
        text = re.sub(r"--exchange-rate\{'(\w+)': \.\.\.\}", r"--exchange-rate \1=RATE", text)
        several = [name for name in options if "_" in name]
        return re.sub(rf"(?<![\w'-])({'|'.join(several) or '(?!)'})\b", lambda match: options[match[1]], text)

    return renamed


def naming_keys(command: Callable[..., _T], keys: tuple[str, ...]) -> Callable[..., _T]:
    """Return a command whose errors name keys of the section [ledger] of its custfolio.toml.

    Parameters
    ----------
    command : callable
        The command.
    keys : tuple of str
        The keys.

    Returns
    -------
    callable
        The same command.
    """
    return _renaming(command, key_renamer(keys))


def key_renamer(keys: Iterable[str]) -> Callable[[str], str]:
    """Return the function that names keys of the section [ledger] in a text of the library."""

    def written(match: re.Match[str]) -> str:
        value = {"False": "false", "...": '"..."', None: "" if match[3] else '"..."'}[match[2]]
        return f"[ledger] {match[1]} = {value}"

    def renamed(text: str) -> str:
        text = re.sub(_ARGUMENT.format(names="|".join(keys)), written, text)
        text = text.replace("[ledger] [ledger]", "[ledger]")  # where the message begins with a key
        return re.sub(r"rates = \"\.\.\.\"\{'(\w+)': \.\.\.\}", r"rates = { \1 = ... }", text)

    return renamed


def in_own_names(pages: StatementPages, renamed: Callable[[str], str]) -> StatementPages:
    """Return the pages of a statement; its summary names options or keys where the library names an argument."""
    return replace(pages, summary=[text.replace(NO_HEAT, renamed(NO_HEAT)) for text in pages.summary])


def _renaming(command: Callable[..., _T], renamed: Callable[[str], str]) -> Callable[..., _T]:
    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> _T:
        try:
            return command(*arguments, **options)
        except CustfolioError as error:
            error.args = (renamed(str(error)),)
            raise

    return run
