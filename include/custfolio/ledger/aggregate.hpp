// From the lines of a ledger to drivers and amounts per customer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

namespace detail {

/// A driver table and how many rows of the ledger it sums.
struct Aggregated {
    DriverTable table;
    std::size_t rows = 0;
};

/// aggregate(), with the number of rows in the period.
Aggregated aggregate_counted(const LedgerView& ledger, Period period, unsigned threads);

}  // namespace detail

/// Aggregates a ledger to one row per customer.
///
/// Rows outside of the period are left out; of them only the customer codes are checked. Revenue is that of the rows,
/// less their rebates.
///
/// A customer's document, or its day where the ledger has no documents, is a delivery where its invoiced revenue in the
/// period is positive, and a return where it is negative. One document on two days counts once. Where the revenue is 0
/// it is a delivery if any quantity is positive or the ledger has no quantities; else it is neither. A revenue within
/// 1e-12 of the sum of absolute amounts is 0.
///
/// Sums are compensated. The order of additions depends on the ledger alone, so the result has the same bits for any
/// number of threads. Ledgers of many rows per customer are read once, front to back, into partial tables; other
/// ledgers, and those with documents, are grouped by customer with a stable partition first. Working memory beside the
/// result is linear: at most 16 bytes a row and a few megabytes a thread, and up to 64 bytes for every distinct
/// document.
/// @param ledger the lines.
/// @param period the days to aggregate, both included; an empty period (the default) means from the first to the last
/// day of the ledger.
/// @param threads upper bound on threads; 0 means all cores.
/// @return one row per customer code, in that order; zeros for customers without a row in the period. Its `period` is
/// the one that was aggregated; it is empty, and the table without months, for a ledger without rows and an empty
/// period.
/// @throws InputError in these cases; the message names column and, counted from 0, row or customer:
/// - the length of a column differs;
/// - the code of a row is out of range;
/// - an amount, count or driver of a row in the period is not finite, or a count of lines is negative;
/// - a sum overflows;
/// - the period is outside the years 1 to 9999 or longer than 1,200 months (a mistyped date).
///
/// Linear in rows. For unsorted documents or days O(rows log(rows per customer)).
DriverTable aggregate(const LedgerView& ledger, Period period = {}, unsigned threads = 0);

/// Aggregates every calendar month of a period in one pass: the rows are grouped by month once.
/// @param ledger the lines.
/// @param period the days to aggregate, both included; an empty period means from the first to the last day of the
/// ledger.
/// @param threads upper bound on threads; 0 means all cores.
/// @param visit receives the months in their order, from the calling thread. Each table has the same bits as that of
/// aggregate() over the days of the month that lie in the period. An exception from it ends the call.
/// @throws InputError as aggregate() does. Linear in rows and in customers x months; 4 bytes a row beside one table.
void aggregate_by_month(const LedgerView& ledger, Period period, unsigned threads,
                        const std::function<void(const DriverTable&)>& visit);

/// The first day of every customer in the whole ledger, whatever the period.
/// @param ledger the lines; `customer` and `day` are read.
/// @param threads upper bound on threads; 0 means all cores.
/// @return one day per customer code; the highest DayNumber where a customer has no row.
/// @throws InputError where the lengths of the two columns differ or a code is out of range (the message names the row,
/// counted from 0). Linear.
std::vector<DayNumber> first_days(const LedgerView& ledger, unsigned threads = 0);

/// The smallest period with every row.
/// @param ledger the lines; `day` is read.
/// @return from its first to its last day; empty for a ledger without rows. Linear.
Period span_of_days(const LedgerView& ledger);

/// Adds further drivers per customer instead of per row: visits, hours, a share of a depot.
/// @param table the table to add them to; where it has a driver of that name, the amounts are added to it.
/// @param drivers one entry per customer of the table, totals over its period, finite.
/// @throws InputError where a name is empty, or is "deliveries", "lines" or "quantity", where a length differs or a
/// number is not finite (the message names driver and row). The table is then unchanged.
void add_drivers(DriverTable& table, std::span<const DriverColumn> drivers);

/// A driver's amounts, summed by customer.
struct AttributedDriver {
    std::vector<double> customer;  ///< Sum of each customer's rows.
    double not_attributed = 0;     ///< Sum of the rows without a customer.
};

/// Sums the amounts of a driver by customer: visits or hours from another table than the ledger.
/// @param code customer code per row, 0 .. customers - 1; -1: the row has no customer of the ledger.
/// @param amount amount per row, finite.
/// @param customers number of customers.
/// @return the sums, for StatementOptions. Linear in rows.
/// @throws InputError where lengths differ, a code is out of range or an amount is not finite (the message names the
/// row, counted from 0).
AttributedDriver attribute_driver(std::span<const std::int32_t> code, std::span<const double> amount,
                                  std::size_t customers);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/ledger/aggregate.ipp"
#endif
