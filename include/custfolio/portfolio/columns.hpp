// The column types, and the drivers and amounts of a ledger per customer.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/matrix.hpp"
#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// One number per customer, contiguous. `as_array` of math/eigen_views.hpp gives an Eigen view.
using Column = std::vector<double>;

/// Names of the drivers of cost that every ledger has; no further driver may have one of them.
inline constexpr std::array<std::string_view, 5> usual_drivers{"deliveries", "lines", "quantity", "returns",
                                                               "returned_quantity"};

/// @param driver a name.
/// @return whether it is one of usual_drivers.
inline bool is_usual_driver(std::string_view driver) {
    return detail::contains(usual_drivers, driver);
}

/// @param driver a name.
/// @param driver_names the further drivers.
/// @return whether it is a usual driver or one of the further drivers.
inline bool has_driver(std::string_view driver, std::span<const std::string> driver_names) {
    return is_usual_driver(driver) || detail::contains(driver_names, driver);
}

/// Names of the amounts between list price and pocket. A driver of a ledger, or of a customer, with one of these names
/// is an amount in currency, with the sign of its sale. A rebate lowers net revenue; freight and commission are charged
/// as they are; see waterfall().
inline constexpr std::array<std::string_view, 5> price_elements{"list_price", "discount", "rebate", "freight",
                                                                "commission"};

/// Drivers of cost and amounts per customer over a period. All columns have one entry per customer of the ledger's code
/// list, in that order. Customers without a line in the period have zeros and `lines == 0`.
struct DriverTable {
    Period period{};                     ///< The days that were aggregated.
    Column revenue{};                    ///< Net revenue, less rebates, currency.
    Column goods{};                      ///< Cost of goods sold, currency; zeros where the ledger has none.
    Column deliveries{};                 ///< Documents with a positive sum, or customer-days; see aggregate().
    Column lines{};                      ///< Order lines, those of returns included.
    Column quantity{};                   ///< Units sold: the sum of positive quantities; zeros where there are none.
    Column returns{};                    ///< Documents or customer-days with a negative sum; empty: none.
    Column returned_quantity{};          ///< Units returned: minus the sum of negative quantities; empty: none.
    std::vector<DayNumber> first_day{};  ///< First day with a line; 0 where there is none.
    std::vector<DayNumber> last_day{};   ///< Last day with a line; -1 where there is none.
    Matrix monthly_revenue{};            ///< Customers x `period.months()`; rows sum to `revenue` up to rounding.
    std::vector<std::string> driver_names{};  ///< Further drivers, in the order of `further`'s columns.
    Matrix further{};                         ///< Customers x further drivers: their sums over the period.

    /// @return number of customers.
    [[nodiscard]] std::size_t size() const { return revenue.size(); }
};

/// One customer's activity of a period. Terms change it, and costs follow from it.
struct Volume {
    double revenue = 0;             ///< Net revenue, currency.
    double goods = 0;               ///< Cost of goods sold, currency.
    double deliveries = 0;          ///< Deliveries; a fraction where it is an expectation.
    double lines = 0;               ///< Order lines.
    double quantity = 0;            ///< Units sold.
    std::vector<double> further{};  ///< Further drivers, in the portfolio's order of names.
    double returns = 0;             ///< Returns.
    double returned_quantity = 0;   ///< Units returned, >= 0.
};

}  // namespace custfolio
