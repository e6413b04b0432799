# Acceptance of offers: stated by the user, or learned from answers.
"""The chance that a customer accepts an offer, stated or learned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.dates import DayLike
from custfolio._tables.frames import TableLike, library_of
from custfolio._tables.result import Result, Stored
from custfolio._tables.wording import counted
from custfolio.errors import InputError, NotFoundError
from custfolio.remediation._answers import read_answers

__all__ = ["Acceptance", "LearnedAcceptance"]


@checked
@dataclass(frozen=True)
class Acceptance(Stored):
    """Prior for accepting an offer: logit(p) = logit(base) - sensitivity x burden.

    Parameters
    ----------
    base : float
        Probability of accepting an offer without any cost for the customer, in [0, 1].
    sensitivity : float
        Fall of the log-odds per unit of burden, >= 0: 10 means 0.1 for every 1 % of spend.

    Raises
    ------
    InputError
        If a number is out of range; for a percentage the message has the fraction.
    """

    base: float = 0.7
    sensitivity: float = 10.0

    def __post_init__(self) -> None:
        self.probability(0.0)

    def probability(self, burden: float) -> float:
        """Probability of accepting an offer.

        Parameters
        ----------
        burden : float
            Extra cost for the customer as a share of its spend; negative for relief.

        Returns
        -------
        float
            In [0, 1], falling in the burden.

        Raises
        ------
        InputError
            If the burden is NaN.
        """
        return _core.acceptance(self.base, self.sensitivity, burden)

    @classmethod
    def learn(
        cls,
        answers: TableLike,
        offers: Result | None = None,
        *,
        base: float = 0.7,
        sensitivity: float = 10.0,
        strength: float = 10.0,
        heavy_burden: float = 0.05,
        by: str | None = None,
        between: float = 0.5,
        until: DayLike | None = None,
    ) -> LearnedAcceptance:
        """Learn acceptance from answers to offers, with your own percentages as a prior.

        With burdens: logit(p) = log-odds of the group - sensitivity x burden. Newton's method finds the posterior mode; intervals follow
        from Laplace's approximation. Without burdens and groups the posterior is an exact beta distribution.

        Parameters
        ----------
        answers : frame or mapping
            One row an answer: customer_id, else customer; accepted (True or False, yes or no; open ones are left out); burden, terms and date
            where known.
        offers : Offers, optional
            The offers that were made. They give the burden of each answer by customer and terms; `terms` is that of the offer, or its lever.
        base, sensitivity : float
            The prior: acceptance without a burden, and the fall of the log-odds per unit of burden. Its chances without a burden and at
            `heavy_burden` lie in [0.001, 0.999].
        strength : float
            Number of answers that the prior counts as, from 0.1.
        heavy_burden : float
            Half of the prior counts at burden 0, half at this burden.
        by : str, optional
            Column of `answers` with groups, such as "segment"; "customer" for groups of one customer.
        between : float
            Standard deviation of log-odds between groups; 0 makes them alike.
        until : date or str, optional
            Last day of the answers that count.

        Returns
        -------
        LearnedAcceptance
            The posterior; without answers the prior.

        Raises
        ------
        InputError
            If a column is missing, a cell cannot be read (the message names the row), an answer is to an offer that was never made, an
            answer is repeated on one day, or the prior is certain, as acceptance of 0 or 1 is. Answers without a date may repeat.
        """
        read = read_answers(answers, until)
        burden = read.burdens() if offers is None else _burdens_of(offers)[read.offers(offers)]
        groups, codes = read.groups(by)
        core = _core.learn_acceptance(
            read.accepted,
            burden,
            codes,
            len(groups),
            base,
            sensitivity,
            strength=strength,
            heavy_burden=heavy_burden,
            between=between,
        )
        library = None if isinstance(answers, Mapping) else library_of(answers)
        total = (read.rows.size, int(read.accepted.sum()), float(burden.mean()) if burden.size else 0.0)
        return LearnedAcceptance(core, by, groups, total, read.left_out, library)


def _burdens_of(offers: Result) -> NDArray[np.float64]:
    columns = offers.columns()
    if not {"terms", "lever", "burden"} <= columns.keys():
        raise InputError(f"offers is of type {type(offers).__name__}; it must be Offers, as cf.remediate returns them")
    return np.asarray(columns["burden"], dtype=np.float64)


@checked
class LearnedAcceptance(Result):
    """Acceptance learned from answers: one row a group, or one for all. Made by :meth:`Acceptance.learn`.

    Pass it to :func:`remediate` as ``acceptance=``. The columns chance, lower and upper have the chance at the mean burden of the answers,
    with its 80 % interval.

    ``plot`` draws the chance against the burden with its interval, or the chance of each group.
    """

    def __init__(
        self,
        core: _core.LearnedAcceptance,
        by: str | None,
        groups: list[str],
        total: tuple[int, int, float],
        left_out: int,
        library: str | None,
    ) -> None:
        self.core = core
        """The posterior as the core has it."""
        self.by = by
        """What the groups are; None: there are none."""
        self.groups = groups
        """Names of the groups."""
        self._place = {group: k for k, group in enumerate(groups)}
        self._total = total
        self._left_out = left_out
        self._library = library

    @property
    def notes(self) -> list[str]:
        """What to know about the posterior."""
        answers, _, _ = self._total
        sentences = []
        if answers == 0:
            sentences.append("no answers: this is the prior")
        if self._left_out:
            sentences.append(f"{counted(self._left_out, 'row')} left out: open, or later than until=")
        if self.core.at_bound:
            sentences.append("heavier burdens were accepted more often, so the sensitivity is 0, its least value")
        elif answers and self.core.sensitivity == 0:
            sentences.append("burdens are not known, so the chance is the same whatever the burden")
        return sentences

    def tables(self) -> dict[str, Mapping[str, Any]]:
        """Return the table of a page: one row a group, with the chance at the mean burden and its interval.

        Returns
        -------
        dict of str to mapping
            Columns by the title of the table.
        """
        columns = dict(self._columns())
        return {"Learned acceptance": {"acceptance" if name == "chance" else name: columns[name] for name in columns}}

    def acceptance(self, group: str | None = None) -> Acceptance:
        """Return base and sensitivity of a group.

        Parameters
        ----------
        group : str, optional
            A segment or customer; without it a customer without answers.

        Returns
        -------
        Acceptance
            The posterior mode; for answers without burdens and groups the posterior mean.

        Raises
        ------
        NotFoundError
            If there is no such group.
        """
        return Acceptance(*self.core.acceptance(self._group(group)))

    def chance(self, burden: float, group: str | None = None, *, level: float = 0.8) -> tuple[float, float, float]:
        """Return the chance that an offer is accepted, with its interval.

        Parameters
        ----------
        burden : float
            Extra cost for the customer as a share of its spend.
        group : str, optional
            A segment or customer. Without it a customer without answers: the interval includes the spread between groups.
        level : float
            Probability of the interval, in (0, 1).

        Returns
        -------
        tuple of float
            Chance, lower and upper end.

        Raises
        ------
        InputError
            If the burden is not finite or the level is out of range.
        NotFoundError
            If there is no such group.
        """
        return self.core.chance(burden, level, self._group(group))

    def _group(self, group: str | None) -> int:
        if group is None:
            return -1
        if group not in self._place:
            raise NotFoundError(f"no answer is of group {group!r}; groups are {', '.join(self.groups[:10]) or 'none'}")
        return self._place[group]

    def _columns(self) -> Mapping[str, Any]:
        core = self.core
        places = range(len(self.groups)) if self.by is not None else [-1]
        answers, accepted, burden = core.answers, core.accepted, core.mean_burden
        if self.by is None:
            answers, accepted, burden = (np.array([value]) for value in self._total)
        chances = [core.chance(float(one), 0.8, k) for k, one in zip(places, burden, strict=True)]
        return {
            "group": self.groups if self.by is not None else ["all"],
            "answers": answers,
            "accepted": accepted,
            "mean_burden": burden,
            "base": [core.acceptance(k)[0] for k in places],
            "chance": [chance for chance, _, _ in chances],
            "lower": [lower for _, lower, _ in chances],
            "upper": [upper for _, _, upper in chances],
        }

    def _title(self) -> str:
        return "Acceptance learned from answers"

    def _facts(self) -> Mapping[str, Any]:
        answers, accepted, _ = self._total
        facts = {"answers": answers, "accepted": accepted, "sensitivity": self.core.sensitivity}
        return facts | {"note" if k == 0 else f"note {k + 1}": note for k, note in enumerate(self.notes)}

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        percent = alt.Axis(format="%")
        if self.by is not None:
            columns = self._columns()
            names = ("group", "chance", "lower", "upper")
            values = [
                dict(zip(names, row, strict=True)) for row in zip(*(columns[name] for name in names), strict=True)
            ]
            base = alt.Chart(alt.Data(values=values))
            base = base.encode(y=alt.Y("group:N", title=None))
            span = base.mark_rule().encode(x=alt.X("lower:Q", title="Accepted with", axis=percent), x2="upper:Q")
            return alt.layer(span, base.mark_point(filled=True).encode(x="chance:Q")).properties(**options)
        widest = max(0.1, 2 * self._total[2])
        points = []
        for burden in np.linspace(0.0, widest, 41).tolist():
            chance, lower, upper = self.core.chance(burden)
            points.append({"burden": burden, "chance": chance, "lower": lower, "upper": upper})
        base = alt.Chart(alt.Data(values=points)).encode(x=alt.X("burden:Q", title="Burden", axis=percent))
        scale = alt.Scale(domain=[0, 1])
        band = base.mark_area(opacity=0.25).encode(
            y=alt.Y("lower:Q", title="Accepted with", axis=percent, scale=scale), y2="upper:Q"
        )
        return alt.layer(band, base.mark_line().encode(y="chance:Q")).properties(**options)
