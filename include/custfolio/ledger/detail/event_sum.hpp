// What decides whether a document, or a day of a customer, is a delivery or a return.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

#include "custfolio/math/parallel.hpp"

namespace custfolio::detail {

/// The rows of a document, or of a customer's day, as far as they decide whether it is a delivery or a return.
struct EventSum {
    math::CompensatedSum revenue;
    double magnitude = 0;  ///< Sum of absolute revenue.
    bool sold = false;     ///< Whether any quantity is positive; without quantities: whether there is a row.

    void add(double amount, std::span<const double> quantity, std::size_t row) {
        revenue += amount;
        magnitude += std::abs(amount);
        sold |= quantity.empty() || quantity[row] > 0;
    }
    /// A sum within the rounding of its addends is 0: 10.1 + 20.2 - 30.3 is not a sale.
    [[nodiscard]] double sum() const {
        const double value = revenue.value();
        return std::abs(value) <= 1e-12 * magnitude ? 0.0 : value;
    }
    [[nodiscard]] bool is_delivery() const { return sum() > 0 || (sum() == 0 && sold); }
    [[nodiscard]] bool is_return() const { return sum() < 0; }
};

}  // namespace custfolio::detail
