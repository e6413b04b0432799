// From the lines of a ledger to the orders of every customer.
#pragma once

#include <span>
#include <string>

#include "custfolio/ledger/events.hpp"
#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/portfolio/orders.hpp"

namespace custfolio {

/// Lists the orders of a period: the documents of each customer, or its days where the ledger has no documents.
/// @param ledger the lines, as aggregate() takes them.
/// @param period the days, both included; an empty period means all days of the ledger. Of a document with rows on
/// several days, the rows in the period count.
/// @param drivers further drivers to list: those of a delivery, as for sum_events(). `lines` and `quantity` are listed
/// anyway.
/// @param options first days and threads; not its tables.
/// @return the orders, one customer code after another. The same bits for any number of threads.
/// O(rows log(rows per customer)).
/// @throws NotFoundError where a delivery has no such driver (the message lists what there is).
/// @throws InputError where lengths differ, a code is out of range, or a number is not finite.
Orders list_orders(const LedgerView& ledger, Period period = {}, std::span<const std::string> drivers = {},
                   const EventOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/ledger/orders.ipp"
#endif
