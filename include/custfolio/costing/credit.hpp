// The cost of credit: what open invoices cost, per customer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "custfolio/math/column_view.hpp"
#include "custfolio/portfolio/columns.hpp"
#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// Invoices as columns over the caller's own memory. A row is an invoice, or the part of one that a payment settled: an
/// invoice that was paid in three parts has three rows.
struct Receivables {
    ColumnView<std::int32_t> customer = {};  ///< Customer code per row, as in the ledger; -1: not in the ledger.
    ColumnView<DayNumber> invoiced = {};     ///< Day of the invoice, days since 1970-01-01.
    ColumnView<DayNumber> due = {};          ///< Day on which it is due, or `no_day`; empty: not known.
    ColumnView<DayNumber> paid = {};         ///< Day of the payment; `no_day`: not paid.
    ColumnView<double> amount = {};          ///< Amount, currency; a credit note is negative.

    /// @param row a row.
    /// @param end the day until which a row without a payment is open.
    /// @return the day until which it is open.
    [[nodiscard]] DayNumber settled(std::size_t row, DayNumber end) const {
        return paid[row] == no_day ? end : paid[row];
    }
    /// @param row a row.
    /// @param end as above.
    /// @return amount x days from invoice to payment, currency x days.
    [[nodiscard]] double owed_days(std::size_t row, DayNumber end) const {
        return amount[row] * (static_cast<double>(settled(row, end)) - invoiced[row]);
    }
};

namespace detail {

/// Checks lengths, codes and amounts.
void check_receivables(const Receivables& receivables, std::size_t customers);

}  // namespace detail

/// What the customers of a ledger owe, and how long. Columns have one entry per customer code.
struct CustomerCredit {
    Column owed_days;  ///< Sum of amount x days from invoice to payment, currency x days.
    Column dso;        ///< owed_days / amount, the days from invoice to payment; NaN without a positive amount.
    Column days_late;  ///< Days from the due day to the payment, weighted by amount; NaN where not known.
    double not_attributed = 0;  ///< owed_days of the rows without a customer of the ledger, currency x days.
};

/// Sums what customers owe over the invoices of a period, each from its day to its payment, whenever that is.
/// @param receivables the invoices.
/// @param customers number of customers.
/// @param period the days whose invoices count; empty: all. An invoice that is not paid is open to the last day, here
/// the last day of any invoice or payment.
/// @return the sums. A payment before the invoice counts negative days; one before the due day counts as 0 days late.
/// Linear.
/// @throws InputError where the length of a column differs, a code is out of range, or an amount is not finite (the
/// message names the row, counted from 0).
CustomerCredit customer_credit(const Receivables& receivables, std::size_t customers, Period period = {});

/// States what customers owe from their days sales outstanding, where single invoices are not known.
/// @param revenue net revenue per customer, currency.
/// @param dso days from invoice to payment per customer; NaN: not known, which costs nothing.
/// @param terms agreed days per customer, NaN where not known; empty: not known.
/// @return the sums: owed_days is revenue x dso, days_late is dso - terms, at least 0.
/// @throws InputError where lengths differ, or days are infinite or negative (the message names the position).
CustomerCredit customer_credit(std::span<const double> revenue, std::span<const double> dso,
                               std::span<const double> terms = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/costing/credit.ipp"
#endif
