// Definitions of the wording of numbers.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "custfolio/config.hpp"
#include "custfolio/terms/wording.hpp"

namespace custfolio {

CUSTFOLIO_INLINE std::string amount_text(double value, int digits) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    std::array<char, 400> buffer{};  // the largest double has 309 digits before the point
    const auto [end, status] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                             std::chars_format::fixed, std::clamp(digits, 0, 15));
    std::string text(buffer.data(), end);
    if (text.front() == '-' && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
    return text;
}

CUSTFOLIO_INLINE std::string percent_text(double fraction, int digits) {
    return std::isnan(fraction) ? "\u2013" : amount_text(100 * fraction, digits) + "%";
}

}  // namespace custfolio
