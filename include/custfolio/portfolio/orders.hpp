// The orders of every customer, one after another: what terms replay, such as a minimum order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "custfolio/math/matrix.hpp"
#include "custfolio/portfolio/columns.hpp"
#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// Documents of customers, or their days where a ledger has no documents. Customers stand one after another, the orders
/// of each by day. An order takes 29 bytes, 21 without quantities, and 8 for each further driver; a customer takes 8.
struct Orders {
    std::vector<std::size_t> begin{};  ///< First order of each customer, and one past the last; empty: no orders.
    std::vector<DayNumber> day{};      ///< First day of the order, days since 1970-01-01.
    std::vector<std::int8_t> kind{};   ///< 1: a delivery, -1: a return, 0: neither; see aggregate().
    Column amount{};                   ///< Net revenue, less rebates of the rows, currency; those of a customer sum to
                                       ///< its revenue but for rebates per customer.
    Column lines{};                    ///< Order lines.
    Column quantity{};                 ///< Units sold; empty: not known.
    std::vector<std::string> driver_names{};  ///< Further drivers that a rate or an activity uses.
    Matrix drivers{};                         ///< Orders x further drivers.
    std::vector<std::uint8_t> whole{};  ///< Per further driver, 1: it is one of the whole delivery, such as kilometres,
                                        ///< and merged orders count it once, at the largest; 0: it adds up.

    /// @return number of orders.
    [[nodiscard]] std::size_t size() const { return day.size(); }
    /// @return memory of all columns, bytes.
    [[nodiscard]] std::size_t bytes() const {
        return begin.size() * sizeof(std::size_t) + day.size() * sizeof(DayNumber) + kind.size() +
               (amount.size() + lines.size() + quantity.size() + drivers.size()) * sizeof(double);
    }
};

}  // namespace custfolio
