// From the lines of a ledger to purchase days, and to what customer-base models read per customer.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/math/column_view.hpp"
#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// The days on which customers bought or returned: all lines of a customer on one day are one entry.
///
/// Entries are ordered by customer, then by day; those of customer c are `begin[c]` to `begin[c + 1] - 1`.
struct PurchaseDays {
    std::vector<std::size_t> begin = {0};  ///< Where each customer's entries begin, and one past the last.
    std::vector<DayNumber> day;            ///< Day of the entry.
    std::vector<double> revenue;           ///< Net revenue of the day, currency; below 0 where more was returned.
    std::vector<double> contribution;      ///< Revenue minus cost of goods of the day; empty for a ledger without cost.

    /// @return number of customers.
    [[nodiscard]] std::size_t customers() const { return begin.size() - 1; }
};

/// Merges the lines of a ledger into days per customer.
///
/// Sums are compensated and rows are added in the ledger's order, so that the result has the same bits for any number
/// of threads.
/// @param ledger the lines; `customer`, `day`, `revenue` and `cost` are read.
/// @param threads upper bound on threads; 0 means all cores.
/// @return one entry for every customer and day that has a line. Linear in rows in whatever order; where customers have
/// few rows for the days of the ledger, and these are out of order, they are sorted. Working memory is 4 bytes a row
/// and one copy of the result beside it.
/// @throws InputError as aggregate() does.
PurchaseDays purchase_days(const LedgerView& ledger, unsigned threads = 0);

/// What is observed of a customer up to the end of the calibration, and after it. One entry a customer in every column.
///
/// A purchase is a day whose net revenue is not negative; other days are returns.
struct PurchaseSummary {
    std::vector<DayNumber>
        first_day;  ///< First purchase of all days of the ledger; the highest day where there is none.
    std::vector<DayNumber> last_day;           ///< Last purchase up to the end of the calibration.
    std::vector<double> purchases;             ///< Purchases from the start to the end of the calibration.
    std::vector<double> first_revenue;         ///< Revenue of the first of them.
    std::vector<double> revenue;               ///< Revenue of all of them.
    std::vector<double> contribution;          ///< Contribution of all days of the calibration, returns among them.
    std::vector<double> returned;              ///< What the days of return of the calibration sum to; at most 0.
    std::vector<double> holdout_purchases;     ///< Purchases after the calibration up to the end.
    std::vector<double> holdout_revenue;       ///< Revenue of those.
    std::vector<double> holdout_contribution;  ///< Contribution of all days after the calibration up to the end.
};

/// Counts and sums the purchases of every customer.
/// @param days the purchase days.
/// @param calibration the days on which a model is to be fitted, both included.
/// @param end last day of the holdout, at least `calibration.last`; equal to it where there is none.
/// @param threads upper bound on threads; 0 means all cores; same bits for any number.
/// @return one entry a customer; zeros where there is nothing to count. Linear in entries.
/// @throws InputError where the calibration is empty or `end` lies before its last day.
PurchaseSummary summarise(const PurchaseDays& days, Period calibration, DayNumber end, unsigned threads = 0);

/// How purchase histories are counted.
struct HistoryOptions {
    double days_per_unit = 7;    ///< Days in a unit of recency and T, above 0: 7 for weeks, 365.25 for years.
    bool include_first = false;  ///< Whether the first purchase is part of monetary_value too.
    /// Contribution per customer over the calibration, for instance of a statement; empty: that of the summary.
    ColumnView<double> contribution = {};
    /// Positions of the customers; empty: those whose first purchase lies within the calibration.
    std::optional<std::span<const std::size_t>> customers = {};
};

/// What customer-base models read per customer. One entry per customer in every column; columns of the holdout are
/// empty without a holdout.
struct CustomerHistories {
    std::vector<std::size_t> customer;      ///< Position in the summary.
    std::vector<double> frequency;          ///< Repeat purchases.
    std::vector<double> recency;            ///< Age at the last purchase, in units of time.
    std::vector<double> T;                  ///< Age at the end of the calibration, in units of time.
    std::vector<double> monetary_value;     ///< Mean revenue of a repeat purchase, currency; NaN without one.
    std::vector<double> contribution;       ///< Contribution per purchase, currency; NaN for a ledger without cost.
    std::vector<double> frequency_holdout;  ///< Purchases in the holdout.
    std::vector<double> monetary_value_holdout;  ///< Mean revenue of those; NaN without one.
    std::vector<double> contribution_holdout;    ///< Mean contribution of those; NaN without one or without cost.
    double duration_holdout = 0;                 ///< Length of the holdout, in units of time.
};

/// Turns counts and sums into frequency, recency and T.
/// @param summary counts and sums, from summarise().
/// @param with_cost whether the ledger has costs.
/// @param calibration the days of the calibration, as for summarise().
/// @param end last day of the holdout, as for summarise().
/// @param options how histories are counted.
/// @return the histories. Linear in customers.
/// @throws InputError where a column has another length, a position is not that of a customer with a purchase in the
/// calibration, or the unit of time is not above 0.
/// @see P. S. Fader, B. G. S. Hardie, K. L. Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science
/// 24(2), section 3.
CustomerHistories customer_histories(const PurchaseSummary& summary, bool with_cost, Period calibration, DayNumber end,
                                     const HistoryOptions& options = {});

/// A calendar period in which purchases are counted as one opportunity. A week begins on Monday.
enum class CalendarPeriod { week, month, quarter, year };

/// @param period a calendar period. @return "week", "month", "quarter" or "year".
std::string to_string(CalendarPeriod period);

/// What is observed of a customer by whole calendar periods after that of its first purchase, as discrete-time models
/// such as BG/BB read it. One entry a customer in every column.
struct PeriodCounts {
    std::vector<double> frequency;      ///< Periods with a purchase.
    std::vector<double> recency;        ///< Number of the last of them, counted from 1; 0 where there is none.
    std::vector<double> opportunities;  ///< Periods that are over; 0 where there is none.
};

/// Counts by calendar period in place of exact days.
/// @param days the purchase days.
/// @param first_purchase first purchase of each customer; as in PurchaseSummary::first_day.
/// @param last last day of the calibration. A period that ends after it is not counted.
/// @param period the calendar period.
/// @return one entry per customer. Linear in entries.
/// @throws InputError where there is another number of first purchases than of customers.
PeriodCounts count_periods(const PurchaseDays& days, std::span<const DayNumber> first_purchase, DayNumber last,
                           CalendarPeriod period);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/summary.ipp"
#endif
