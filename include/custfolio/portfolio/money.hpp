// Money: the currency's unit and rounding that keeps totals.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace custfolio {

/// A currency: its code and its digits.
struct Currency {
    std::string code = "EUR";  ///< ISO 4217 code.
    int minor_digits = 2;      ///< Digits after the decimal point: 2 for cents, 0 for yen.
    /// @return the smallest amount: 0.01 for two minor digits.
    /// @throws InputError where minor_digits is outside 0..6.
    [[nodiscard]] double unit() const;
    /// Same code and digits.
    /// @return whether the two are the same.
    bool operator==(const Currency&) const = default;
};

/// Rounds one amount half away from zero to the currency's unit.
/// @param amount any finite amount, at most 2^53 units in size.
/// @param currency the currency of the unit.
/// @return the rounded amount.
/// @throws InputError where the amount is not finite or too large to be exact in units.
double round_money(double amount, const Currency& currency = {});

/// Rounds amounts so that they add up to the rounded total (largest remainder): each moves by less than one unit.
/// @param amounts finite amounts, currency.
/// @param currency the currency of the unit.
/// @return the rounded amounts, same order; ties go to the earlier position. O(n log n).
/// @throws InputError where an amount is not finite (the message names its position) or too large.
std::vector<double> round_to_total(std::span<const double> amounts, const Currency& currency = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/portfolio/money.ipp"
#endif
