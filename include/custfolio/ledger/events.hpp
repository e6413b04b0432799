// From the events of customers (deliveries, lines, returns, visits) to sums of their drivers.
#pragma once

#include <span>

#include "custfolio/ledger/event_table.hpp"
#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/portfolio/event_drivers.hpp"

namespace custfolio {

/// Sums event drivers by customer and by span of days, in one pass over the events.
///
/// Events of the ledger are "delivery" and "return", documents or days as aggregate() separates them, and "line", its
/// rows. A document belongs to the span of its first day in the period. Their drivers are:
/// - `lines`, `quantity` (units sold), `returned_quantity`, and the ledger's drivers: sums over the rows of a delivery
///   or return; of a line, those of its row;
/// - the ledger's `delivery_drivers`, of a delivery or return: the largest of its rows;
/// - `new_customer`, of a delivery: 1 on the first delivery of a customer whose first day lies in the period, else 0.
///
/// Products of drivers are formed per event. The sums have the same bits for any number of threads.
/// @param ledger the lines, as aggregate() takes them.
/// @param period the days, both included; an empty period means all days of the ledger.
/// @param from first day of each span, ascending, the first one that of the period; empty: one span.
/// @param drivers the event drivers to sum.
/// @param options tables of events, first days, threads.
/// @return their sums. O(rows log(rows per customer)).
/// @throws NotFoundError where an event, or a driver of it, does not exist (the message lists what there is).
/// @throws InputError where lengths differ, a code is out of range, a number is not finite, a driver of a table is
/// negative, or a row sums several events of a product. The message names the row, or event, customer and day.
EventSums sum_events(const LedgerView& ledger, Period period, std::span<const DayNumber> from,
                     std::span<const EventDriver> drivers, const EventOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/ledger/events.ipp"
#endif
