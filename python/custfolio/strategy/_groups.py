# Floors and limits of groups: what a strategy sets, and who is in a group.
"""Groups of customers and prospects with floors and limits of their own."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from typing import Any

from custfolio._tables.arguments import text
from custfolio.acquisition import Prospects
from custfolio.errors import InputError
from custfolio.portfolio import Portfolio

__all__ = ["checked_groups", "members"]

_SETTINGS = ("floor", "floor_every", "limits")
_NONE = "(none)"


def checked_groups(groups: Any) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the groups of a strategy as plain dicts by what groups and name; InputError for another shape or an unknown setting."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for by, names in _items(groups, "groups", "what groups, such as 'manager'"):
        found[by] = {}
        for name, settings in _items(names, f"groups[{by!r}]", "names of groups"):
            what = f"groups[{by!r}][{name!r}]"
            found[by][name] = dict(_items(settings, what, "settings"))
            for key in found[by][name]:
                if key not in _SETTINGS:
                    raise InputError(f"{what} has {key!r}; known are {', '.join(_SETTINGS)}")
    return found


def _items(value: Any, what: str, keys: str) -> list[tuple[str, Any]]:
    """Return the entries of a mapping, with texts as keys."""
    if not isinstance(value, Mapping):
        raise InputError(f"{what} is {reprlib.repr(value)}; it must be a mapping by {keys}")
    return [(text(key, f"a key of {what}"), one) for key, one in value.items()]


def members(
    groups: Mapping[str, Mapping[str, Any]],
    labels: Mapping[str, Mapping[Any, Any]] | None,
    portfolio: Portfolio,
    prospects: Prospects | None,
) -> dict[tuple[str, str], tuple[list[str], list[str]]]:
    """Return the customers and prospects of each group of a strategy.

    A prospect has its own label, else its account manager for the groups by "manager". Those without a label are in "(none)".

    Raises
    ------
    InputError
        If the labels of a dimension are missing, or a group has nobody.
    """
    found: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for by, names in groups.items():
        ours = prospects.columns() if prospects is not None else {"id": [], "manager": []}
        managers = by == "manager" and any(ours["manager"])
        if by not in (labels or {}) and not managers:
            raise InputError(
                f"labels has no {by!r} for the groups by {by}; give one per customer: labels={{{by!r}: {{customer: group}}}}"
            )
        table = {str(who): str(label) for who, label in dict((labels or {}).get(by, {})).items() if label is not None}
        customer = [table.get(who) or _NONE for who in portfolio.ids]
        prospect = [
            table.get(who) or (manager if by == "manager" else "") or _NONE
            for who, manager in zip(ours["id"], ours["manager"], strict=True)
        ]
        for name in names:
            who = [one for one, label in zip(portfolio.ids, customer, strict=True) if label == name]
            new = [one for one, label in zip(ours["id"], prospect, strict=True) if label == name]
            if not who and not new:
                known = sorted({*customer, *prospect})
                shown = ", ".join(map(repr, known[:10])) + (", ..." if len(known) > 10 else "")
                raise InputError(
                    f"groups[{by!r}] has {name!r}, but no customer or prospect is in it; there are {shown}"
                )
            found[by, name] = (who, list(dict.fromkeys(new)))
    return found
