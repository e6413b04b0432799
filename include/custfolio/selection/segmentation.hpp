// Pareto classes: A, B and C by cumulative share.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace custfolio {

/// Class of a customer by its weight.
enum class Class : char {
    A = 'A',  ///< The few with most of the value.
    B = 'B',  ///< Those that come next.
    C = 'C'   ///< The many with the rest.
};

/// @param cls any value.
/// @return its name: "A", "B" or "C".
/// @throws InputError for a number that is none of them.
std::string to_string(Class cls);

/// Pareto classes by cumulative share of value, from the largest down. A customer belongs to the class in which its
/// share begins: it is A where those before it have less than `a_share` of the total, so the customer that crosses the
/// bound is still A. Equal values always get the same class, that of the first of them. A value of zero or less adds
/// nothing and is C.
/// @param value one per customer: revenue, contribution, potential.
/// @param a_share share of the total positive value in class A, in (0, 1].
/// @param b_share share in classes A and B together, a_share <= b_share <= 1.
/// @return one class per customer, in the order given. O(n log n).
/// @throws InputError where a value is not finite (the message names its position) or the shares are not 0 < a_share <=
/// b_share <= 1.
std::vector<Class> abc(std::span<const double> value, double a_share = 0.8, double b_share = 0.95);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/segmentation.ipp"
#endif
