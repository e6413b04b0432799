// Definitions of the error checks.
#pragma once

#include <array>
#include <charconv>
#include <cmath>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {

CUSTFOLIO_INLINE std::string number_text(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    std::array<char, 32> buffer{};
    const auto [end, status] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), end};
}

CUSTFOLIO_INLINE double require_finite(double value, const std::string& what) {
    if (!std::isfinite(value)) throw InputError(what + " is " + number_text(value) + "; a finite number is needed");
    return value;
}

CUSTFOLIO_INLINE double require_probability(double value, const std::string& what) {
    if (!(value >= 0.0 && value <= 1.0)) {
        std::string text = what + " is " + number_text(value) + "; a probability lies in [0, 1]";
        if (value > 1.0 && value <= 100.0) {
            // Twelve digits leave out what the division adds: 1.1 % is 0.011.
            std::array<char, 32> fraction{};
            const auto end = std::to_chars(fraction.data(), fraction.data() + fraction.size(), value / 100,
                                           std::chars_format::general, 12)
                                 .ptr;
            text += " (" + number_text(value) + " % is " + std::string(fraction.data(), end) + ")";
        }
        throw InputError(text);
    }
    return value;
}

}  // namespace custfolio
