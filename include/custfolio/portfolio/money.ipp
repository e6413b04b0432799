// Definitions of the money rounding.
#pragma once

#include <cmath>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/rounding.hpp"
#include "custfolio/portfolio/money.hpp"

namespace custfolio {

namespace detail {

/// Above 2^53 units a double can no longer represent every unit, and rounding has no effect.
CUSTFOLIO_INLINE void require_roundable(double amount, double unit, const std::string& what) {
    require_finite(amount, what);
    if (std::abs(amount) / unit > 9007199254740992.0) {
        throw InputError(what + " is " + number_text(amount) + "; at most 2^53 units of " + number_text(unit) +
                         " are exact");
    }
}

}  // namespace detail

CUSTFOLIO_INLINE double Currency::unit() const {
    if (minor_digits < 0 || minor_digits > 6) {
        throw InputError("currency " + code + " has " + std::to_string(minor_digits) +
                         " minor digits; 0 to 6 are supported");
    }
    return std::pow(10.0, -minor_digits);
}

CUSTFOLIO_INLINE double round_money(double amount, const Currency& currency) {
    const double unit = currency.unit();
    detail::require_roundable(amount, unit, "amount");
    // Division by the power of ten gives the double nearest to the decimal amount; multiplying by 0.01 would not.
    const double units_per_one = std::pow(10.0, currency.minor_digits);
    return std::round(amount * units_per_one) / units_per_one;
}

CUSTFOLIO_INLINE std::vector<double> round_to_total(std::span<const double> amounts, const Currency& currency) {
    const double unit = currency.unit();
    for (std::size_t i = 0; i < amounts.size(); ++i) {
        detail::require_roundable(amounts[i], unit, "amount at position " + std::to_string(i) + " (counted from 0)");
    }
    return math::largest_remainder(amounts, unit);
}

}  // namespace custfolio
