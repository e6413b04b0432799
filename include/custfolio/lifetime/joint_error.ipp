// Definition of the joint error of a baseline.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/company_band.ipp"
#include "custfolio/lifetime/joint_error.hpp"

namespace custfolio {
namespace detail {

/// What a variance has beyond the shared error of a month.
inline double own_deviation(const JointError& joint, double level, double variance, std::size_t month) {
    const double shared = joint.common[month] * level;
    return std::sqrt(std::max(variance - shared * shared, 0.0));
}

}  // namespace detail

CUSTFOLIO_INLINE JointError joint_error(const CompanyBand& band, const Matrix& level, const Matrix& variance) {
    struct Sums {
        double level = 0, size = 0, squares = 0, variance = 0;
    };
    std::vector<Sums> sums(level.cols());
    std::vector<double> company;
    for (std::size_t m = 0; m < sums.size(); ++m) {
        for (std::size_t i = 0; i < level.rows(); ++i) {
            sums[m].level += level(i, m);
            sums[m].size += std::abs(level(i, m));
            sums[m].squares += level(i, m) * level(i, m);
            sums[m].variance += variance(i, m);
        }
        company.push_back(sums[m].level);
    }
    const double mean = detail::mean_size(company);
    constexpr double widest = 3.0;  // times the level: a wider band is of another company than today's
    JointError joint;
    joint.own_correlation = std::isfinite(band.own_correlation) ? band.own_correlation : 1.0;
    for (std::size_t m = 0; m < sums.size(); ++m) {
        if (!(band.deviation[m] <= widest)) return {};
        const Sums& sum = sums[m];
        const double wanted = band.deviation[m] * band.deviation[m] * std::abs(sum.level) * mean;
        const double excess = std::max(wanted - sum.variance, 0.0);
        // An error that is shared already is in the customers' own variances: its squares count once.
        const double pairs = sum.size * sum.size - sum.squares;
        const double most = sum.size > 0.0 ? wanted / (sum.size * sum.size) : 0.0;
        joint.common.push_back(std::sqrt(pairs > 0.0 ? std::min(excess / pairs, most) : excess > 0.0 ? most : 0.0));
    }
    // Sums of the products of two months, once of what all share and once of what is each customer's own.
    const auto pairs_of = [&](auto&& deviation) {
        double sum = 0.0;
        double squares = 0.0;
        for (std::size_t m = 0; m < sums.size(); ++m) {
            const double one = deviation(m);
            sum += one;
            squares += one * one;
        }
        return (sum * sum - squares) / 2;
    };
    const double shared = pairs_of([&](std::size_t m) { return joint.common[m] * sums[m].size; });
    double own = 0.0;
    for (std::size_t i = 0; i < level.rows(); ++i) {
        own += pairs_of([&](std::size_t m) { return detail::own_deviation(joint, level(i, m), variance(i, m), m); });
    }
    const double wanted = std::isfinite(band.correlation) ? band.correlation : 1.0;
    const double left = wanted * (shared + own) - joint.own_correlation * own;
    joint.correlation = shared > 0.0 ? std::clamp(left / shared, 0.0, 1.0) : wanted;
    return joint;
}

}  // namespace custfolio
