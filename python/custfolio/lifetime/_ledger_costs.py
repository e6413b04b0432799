# The statement of a ledger alone, for what counts contribution from its rows.
"""State a ledger by a cost model."""

from __future__ import annotations

from custfolio import _core
from custfolio.errors import NotFoundError
from custfolio.ledger import Ledger
from custfolio.portfolio import Costs

__all__ = ["state_alone"]


def state_alone(ledger: Ledger, costs: Costs, first: int, last: int, threads: int, remedy: str = "") -> _core.Statement:
    """State a ledger without events, drivers per customer and receivables.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    costs : CostModel
        The cost model.
    first, last : int
        First and last day, as the core numbers days.
    threads : int
        0 for all cores; the result has the same bits for any number.
    remedy : str
        What the user can do where the model needs more than the ledger, for the message.

    Returns
    -------
    _core.Statement
        The statement.

    Raises
    ------
    NotFoundError
        If the model needs what the ledger does not have.
    """
    rows = ledger.rows
    try:
        return _core.statement(
            **rows.statement_arguments(),
            name=rows.names,
            costs=costs.core,
            first=first,
            last=last,
            threads=threads,
        )
    except NotFoundError as error:
        alone = "the ledger is stated without events, drivers per customer and receivables"
        raise NotFoundError(f"costs: {error}; {alone}{remedy}") from None
