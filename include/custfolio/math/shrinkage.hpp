// Temperatures shrunk towards their segment: a bad year is not yet a bad customer.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "custfolio/math/matrix.hpp"

namespace custfolio {

namespace detail {

/// Books the months of a customer without a positive level with an earlier month, else with a later one: returns take
/// back sales, and without them the temperature of the sales is too high.
void carry_returns(std::span<double> level, std::span<double> heat);

}  // namespace detail

/// Expected temperatures, and what they rest on.
struct ShrunkTemperature {
    std::vector<double> observed;      ///< Heat / level of the whole history, fraction; NaN where the level is not > 0.
    std::vector<double> expected;      ///< Shrunk towards the segment, fraction.
    std::vector<double> variance;      ///< Of the customer's true temperature around `expected`.
    std::vector<double> weight;        ///< Of its own history, 0..1; the rest is the segment's.
    std::vector<double> segment_mean;  ///< Per segment: mean temperature, fraction; NaN for a segment without level.
    std::vector<double> segment_variance;  ///< Per segment: variance of true temperatures between customers.
    double within = 0;  ///< Variance of a temperature at one unit of level, between a customer's own periods.
};

/// Normal-normal shrinkage. A period with level v > 0 shows heat / v, normal around the customer's true temperature
/// with variance `within` / v; true temperatures are normal around the segment's mean with `segment_variance`. `within`
/// is pooled over all customers (weighted squares around each one's own mean); the variance between customers is the
/// moment estimate of DerSimonian and Laird, per segment, at least 0; the mean weighs each customer by 1 / (between +
/// within / level). Periods without positive level do not count; customers without any get the segment's mean.
/// @param level customers x periods: net revenue, currency.
/// @param heat customers x periods: contribution, currency.
/// @param segment per customer its segment, 0 .. segments - 1.
/// @param segments number of segments.
/// @return expected temperatures. Linear time.
/// @throws InputError where sizes differ, a number is not finite, or a segment is out of range.
/// @see R. DerSimonian, N. Laird (1986), Meta-analysis in clinical trials, Controlled Clinical Trials 7, eq. (8);
/// B. Efron, C. Morris (1975), Data analysis using Stein's estimator and its generalizations, JASA 70.
ShrunkTemperature shrink_temperature(const Matrix& level, const Matrix& heat, std::span<const std::int32_t> segment,
                                     std::int32_t segments);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/shrinkage.ipp"
#endif
