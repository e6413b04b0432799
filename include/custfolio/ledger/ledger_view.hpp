// LedgerView: the columns of a sales ledger, in the caller's own memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "custfolio/math/column_view.hpp"
#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// A further driver of cost as a column: miles, hours, pallets.
struct DriverColumn {
    std::string name = {};           ///< Its name, as a CostModel calls it.
    ColumnView<double> values = {};  ///< Units of the driver, finite.
};

/// The lines of a ledger as columns over the caller's own memory: nothing is copied, and all of it must outlive the
/// view.
///
/// `customer`, `day` and `revenue` are required. Every other column is either empty or has one entry per row; `id` has
/// one entry per customer. Vectors, arrays and Eigen vectors convert; a temporary that owns its memory does not
/// compile. columns_of() makes columns from records. Rows may come in any order. The columns are checked when the
/// ledger is aggregated.
struct LedgerView {
    ColumnView<std::int32_t> customer = {};  ///< Code of the row's customer, 0 .. customers() - 1; see encode().
    ColumnView<DayNumber> day = {};          ///< Day of the row, days since 1970-01-01, within the years 1 to 9999.
    ColumnView<double> revenue = {};         ///< Invoiced revenue, currency; a return is negative.
    ColumnView<double> cost = {};            ///< Cost of goods sold, currency.
    ColumnView<double> quantity = {};        ///< Units; a return is negative.
    ColumnView<std::int64_t> document = {};  ///< Number of the document: its distinct ones are the deliveries.
    ColumnView<double> lines = {};           ///< Order lines that the row sums, >= 0; empty: each row is one line.
    std::vector<DriverColumn> drivers = {};  ///< Further drivers per row; price_elements are names of amounts.
    std::vector<DriverColumn> delivery_drivers = {};  ///< Drivers of the document that each of its rows repeats, such
                                                      ///< as rush or kilometres: they count once per delivery, at the
                                                      ///< largest of its rows.
    ColumnView<std::string> id = {};                  ///< Identity per code; empty: the decimal text of the code.

    /// @return rebate per row, currency: the driver of that name; empty where there is none. Revenue less rebate is
    /// net.
    [[nodiscard]] std::span<const double> rebate() const;
    /// @return number of rows.
    [[nodiscard]] std::size_t rows() const { return customer.size(); }
    /// @return number of customers: that of `id`, or the highest code plus one where there is no `id` (then linear).
    [[nodiscard]] std::size_t customers() const;
    /// @param driver a name.
    /// @return whether rows have it: a usual driver, or one of `drivers`.
    [[nodiscard]] bool has_driver(std::string_view driver) const;
};

namespace detail {

/// Net revenue of a row; `rebate` is that of the ledger.
inline double net_revenue(const LedgerView& ledger, std::span<const double> rebate, std::size_t row) {
    return rebate.empty() ? ledger.revenue[row] : ledger.revenue[row] - rebate[row];
}

}  // namespace detail
}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/ledger/ledger_view.ipp"
#endif
