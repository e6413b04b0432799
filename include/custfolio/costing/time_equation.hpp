// Time equations: the minutes of an activity as a sum of coefficients times products of drivers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace custfolio {

/// A term of a time equation: minutes per unit of a product of drivers.
struct TimeTerm {
    double minutes = 0;                  ///< Minutes per unit; may be negative, finite.
    std::vector<std::string> drivers{};  ///< Drivers of the event, sorted; a repeated one is a power; empty: constant.
    /// Same minutes and drivers.
    /// @return whether the two are the same.
    bool operator==(const TimeTerm&) const = default;
};

/// Reads a time equation, such as "15*new_customer + 5 + 3*lines + 10*rush*lines" (Kaplan & Anderson 2004).
///
/// It has numbers, names of drivers, `+`, `-`, `*`, brackets, and `/` by a number. A name has letters, digits and `_`,
/// and does not begin with a digit; any other name stands in single or double quotes. Nothing is evaluated but
/// arithmetic of numbers.
/// @param text the equation.
/// @return its terms: products multiplied out, equal products added, terms of 0 minutes left out; ordered by their
/// drivers, the constant first.
/// @throws InputError where the text is no such equation, a number is not finite, or it exceeds a limit: brackets 64
/// deep, 100 drivers a term, 256 bytes a name, 1,000 terms. The message has text, place, what was found and the remedy.
std::vector<TimeTerm> time_equation(std::string_view text);

/// @param terms the terms of a time equation.
/// @return its text, which time_equation() reads: "5 + 3*lines + 10*lines*rush"; "0" without terms.
std::string to_string(const std::vector<TimeTerm>& terms);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/costing/time_equation.ipp"
#endif
