# The chance to win, as history shows it.
"""The result of a fit of the chance to win."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from custfolio import _core
from custfolio._tables.arguments import real, text
from custfolio._tables.result import Result

__all__ = ["WinFit", "odds_of"]


def odds_of(source_log_odds: Mapping[str, float] | None) -> dict[str, float]:
    """Return log-odds by source; InputError where a source is no text, or its log-odds are no number."""
    given = dict(source_log_odds or {})
    return {
        text(source, "a source of source_log_odds"): real(odds, f"source_log_odds of {source!r}")
        for source, odds in given.items()
    }


class WinFit(Result):
    """The chance to win, as history shows it. Made by :func:`fit_win`; an argument of :func:`acquire`.

    ``plot`` draws the predicted chances of those that were won and of the others. The calibration curve is that of
    ``cf.growth.calibrate`` on the columns predicted and won.
    """

    def __init__(self, core: _core.WinFit, ids: list[str], won: list[bool], others: int, library: str | None) -> None:
        self.core = core
        """The fit as the core has it."""
        self._ids = ids
        self._won = won
        self._others = others
        self._library = library

    @property
    def others(self) -> int:
        """Number of identities in `won` that were no prospects; they do not count."""
        return self._others

    @property
    def lift(self) -> bool:
        """Whether the fit predicts better than the base rate, out of sample, at 5 %."""
        return self.core.lift

    @property
    def note(self) -> str:
        """The result in words."""
        return self.core.note

    def settings(self) -> dict[str, Any]:
        """Return the arguments of :func:`acquire` that the fit replaces.

        Returns
        -------
        dict
            base_win_probability, warmth_sensitivity, network_sensitivity, likeness_sensitivity, source_log_odds.
        """
        core = self.core
        return {
            "base_win_probability": core.base_win_probability,
            "warmth_sensitivity": core.warmth_sensitivity,
            "network_sensitivity": core.network_sensitivity,
            "likeness_sensitivity": core.likeness_sensitivity,
            "source_log_odds": core.source_log_odds,
        }

    def _title(self) -> str:
        return "Chance to win, by history"

    def _facts(self) -> Mapping[str, Any]:
        core = self.core
        return {
            "result": core.note,
            "chance of an average candidate": core.base_win_probability,
            "gain of log loss out of sample": core.gain,
            "its standard error": core.gain_error,
            "won, but no prospects": self._others,
        }

    def _columns(self) -> Mapping[str, Any]:
        return {"id": self._ids, "predicted": self.core.predicted, "won": self._won}

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        pairs = zip(self.core.predicted.tolist(), self._won, strict=True)
        data = alt.Data(values=[{"predicted": chance, "won": "won" if won else "not won"} for chance, won in pairs])
        return (
            alt.Chart(data)
            .mark_tick()
            .encode(
                x=alt.X("predicted:Q", title="Chance, predicted out of sample", axis=alt.Axis(format="%")),
                y=alt.Y("won:N", title=None),
            )
            .properties(**options)
        )
