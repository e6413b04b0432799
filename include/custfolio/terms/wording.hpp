// Numbers in the reasons of offers: fixed decimals, the same in every locale.
#pragma once

#include <string>

namespace custfolio {

/// @param value any number.
/// @param digits decimals, 0..15.
/// @return the number with so many decimals, rounded, a point before them: "1234.50"; "nan" and "inf" for numbers that
/// are not finite. Never "-0.00".
std::string amount_text(double value, int digits = 2);

/// @param fraction a fraction: 0.031.
/// @param digits decimals of the percentage, 0..15.
/// @return it as a percentage: "3.1%"; a dash where it is NaN, as a temperature without a level.
std::string percent_text(double fraction, int digits = 1);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/terms/wording.ipp"
#endif
