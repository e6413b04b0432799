// Tables of uncertain amounts and durations for steps of action plans.
#pragma once

#include <vector>

namespace custfolio {

/// Factors of an amount and their chances: ActionStep::sizes and ActionStep::size_probabilities.
struct SizeTable {
    std::vector<double> sizes;          ///< Distinct factors, ascending.
    std::vector<double> probabilities;  ///< Their chances, which sum to 1.
};

/// Sizes of an amount with a triangular distribution: the means of equally likely slices, so that the mean is kept.
/// @param low least factor, >= 0.
/// @param mode likeliest factor, >= low.
/// @param high greatest factor, >= mode.
/// @param points number of slices, >= 1.
/// @return the table.
/// @throws InputError where the factors are not in order or there is no slice.
SizeTable triangular_sizes(double low, double mode, double high, int points = 9);

/// Sizes of an amount with a lognormal distribution of mean 1: the means of equally likely slices.
/// @param sigma standard deviation of the logarithm, > 0.
/// @param points number of slices, >= 1.
/// @return the table.
/// @throws InputError where sigma is not positive or there is no slice.
SizeTable lognormal_sizes(double sigma, int points = 9);

/// Chances of whole months of a triangular distribution. The weight of a month falls linearly to both ends. The ends
/// have a chance too.
/// @param low least number of months, >= 0.
/// @param mode likeliest number, >= low.
/// @param high greatest number, mode..1200.
/// @return the chance of low, low + 1, ..., high: ActionStep::duration_chances.
/// @throws InputError where the numbers are not in order.
std::vector<double> triangular_months(int low, int mode, int high);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/amount_tables.ipp"
#endif
