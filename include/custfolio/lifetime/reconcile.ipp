// Definition of the reconciliation by minimum trace.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/reconcile.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/linear.hpp"

namespace custfolio {
namespace detail {

inline void check_reconcilable(const Matrix& level, const Matrix& variance, const char* whose) {
    if (variance.rows() != level.rows() || variance.cols() != level.cols()) {
        throw InputError(std::string("reconciliation: level and variance of the ") + whose +
                         " must have the same rows and months");
    }
    if (!math::all_finite(level.values()) || !math::all_finite(variance.values()) ||
        detail::any_of(variance.values(), [](double value) { return value < 0; })) {
        throw InputError(std::string("reconciliation: a level or variance of the ") + whose +
                         " is not finite, or a variance is negative");
    }
}

/// One month's equations (A W A' + V) p = t - A b. Each segment meets only itself and the company, so that the
/// company's price follows from one Schur complement and each segment's from its own row.
class GroupSums {
  public:
    GroupSums(std::size_t segments, bool company)
        : company_(company), missing_(segments + 1, 0.0), variance_(segments + 1, 0.0), weight_(segments, 0.0) {}
    /// The forecast of a group's sum; the company follows the last segment.
    void expect(std::size_t group, double level, double variance) {
        missing_[group] += level;
        variance_[group] = variance;
    }
    /// A customer of a segment: its own forecast and the variance of it.
    void add(std::size_t segment, double level, double variance) {
        missing_[segment] -= level;
        missing_.back() -= company_ ? level : 0.0;
        weight_[segment] += variance;
    }
    /// Per segment how far its customers move for each unit of their variance: its own price and the company's.
    [[nodiscard]] std::vector<double> prices() const {
        const std::size_t segments = weight_.size();
        std::vector<double> price(segments, 0.0);
        double pivot = company_ ? variance_.back() : 1.0;  // of the company once the segments are eliminated
        double rest = company_ ? missing_.back() : 0.0;
        std::size_t sure = 0;  // segments that move and whose sum has no variance
        // Gaussian elimination of each segment from the company's equation.
        for (std::size_t s = 0; s < segments; ++s) {
            if (!(weight_[s] > 0)) continue;
            const double share = weight_[s] / (weight_[s] + variance_[s]);
            pivot += company_ ? share * variance_[s] : 0.0;
            rest -= company_ ? share * missing_[s] : 0.0;
            sure += variance_[s] == 0 ? 1 : 0;
        }
        // Where the company and every segment are sure, the sum is known twice: the two meet by least squares.
        const bool twice = !(pivot > 0);
        const double company = twice ? 0.0 : rest / pivot;
        const double gap = twice ? rest / static_cast<double>(sure + 1) : 0.0;
        for (std::size_t s = 0; s < segments; ++s) {
            // The segment's own price, once the company's is known.
            if (!(weight_[s] > 0)) continue;
            price[s] = (missing_[s] + gap + variance_[s] * company) / (weight_[s] + variance_[s]);
        }
        return price;
    }

  private:
    bool company_;
    std::vector<double> missing_, variance_, weight_;
};

}  // namespace detail

CUSTFOLIO_INLINE Matrix reconcile_minimum_trace(const Matrix& level, const Matrix& variance,
                                                std::span<const std::int32_t> segment, const Matrix& group_level,
                                                const Matrix& group_variance) {
    detail::check_reconcilable(level, variance, "customers");
    detail::check_reconcilable(group_level, group_variance, "groups");
    const std::size_t customers = level.rows();
    const std::size_t groups = group_level.rows();
    if (segment.size() != customers || group_level.cols() != level.cols()) {
        throw InputError("reconciliation: customers need one segment each, and groups the months of the customers");
    }
    std::int32_t last = -1;
    for (std::size_t i = 0; i < segment.size(); ++i) {
        // The number of segments follows from the codes; one more group is the company.
        if (segment[i] < 0 || static_cast<std::size_t>(segment[i]) >= groups) {
            throw InputError("reconciliation: segment of row " + std::to_string(i) + " is " +
                             std::to_string(segment[i]) + "; it must lie in 0.." + std::to_string(groups - 1));
        }
        last = std::max(last, segment[i]);
    }
    const auto segments = static_cast<std::size_t>(last + 1);
    const bool company = groups == segments + 1;
    if (customers > 0 && !company && groups != segments) {
        throw InputError("reconciliation: there are " + std::to_string(groups) + " groups; there must be " +
                         std::to_string(last + 1) + ", one a segment, or one more for the company");
    }
    Matrix result = level;
    if (customers == 0) return result;
    std::vector<double> weight(customers);
    for (std::size_t m = 0; m < level.cols(); ++m) {
        for (std::size_t i = 0; i < customers; ++i) weight[i] = variance(i, m);
        // Whoever would fall below 0 is set to 0 and left out, and the others share the rest; each round fixes one or
        // more.
        for (bool below = true; below;) {
            detail::GroupSums sums(segments, company);
            for (std::size_t g = 0; g < groups; ++g) sums.expect(g, group_level(g, m), group_variance(g, m));
            // Whoever stays at 0 has no weight, and its forecast is no longer counted.
            for (std::size_t i = 0; i < customers; ++i) {
                if (weight[i] >= 0) sums.add(static_cast<std::size_t>(segment[i]), level(i, m), weight[i]);
            }
            const std::vector<double> price = sums.prices();
            below = false;
            for (std::size_t i = 0; i < customers; ++i) {
                if (weight[i] < 0) continue;
                result(i, m) = level(i, m) + weight[i] * price[static_cast<std::size_t>(segment[i])];
                if (result(i, m) < 0 && level(i, m) >= 0) {
                    result(i, m) = 0;
                    weight[i] = -1;
                    below = true;
                }
            }
        }
    }
    return result;
}

}  // namespace custfolio
