// Definition of the reconciliation by minimum trace.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <Eigen/QR>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/reconcile.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {
namespace detail {

inline void check_reconcilable(const Matrix& level, const Matrix& variance, const char* whose) {
    if (variance.rows() != level.rows() || variance.cols() != level.cols()) {
        throw InputError(std::string("reconciliation: level and variance of the ") + whose +
                         " must have the same rows and months");
    }
    if (!level.allFinite() || !variance.allFinite() || (variance.array() < 0).any()) {
        throw InputError(std::string("reconciliation: a level or variance of the ") + whose +
                         " is not finite, or a variance is negative");
    }
}

}  // namespace detail

CUSTFOLIO_INLINE Matrix reconcile_minimum_trace(const Matrix& level, const Matrix& variance,
                                                std::span<const std::int32_t> segment, const Matrix& group_level,
                                                const Matrix& group_variance) {
    detail::check_reconcilable(level, variance, "customers");
    detail::check_reconcilable(group_level, group_variance, "groups");
    const Eigen::Index customers = level.rows();
    const Eigen::Index groups = group_level.rows();
    if (static_cast<Eigen::Index>(segment.size()) != customers || group_level.cols() != level.cols()) {
        throw InputError("reconciliation: customers need one segment each, and groups the months of the customers");
    }
    std::int32_t last = -1;
    for (std::size_t i = 0; i < segment.size(); ++i) {
        if (segment[i] < 0 || segment[i] >= groups) {
            throw InputError("reconciliation: segment of row " + std::to_string(i) + " is " +
                             std::to_string(segment[i]) + "; it must lie in 0.." + std::to_string(groups - 1));
        }
        last = std::max(last, segment[i]);
    }
    const bool company = groups == static_cast<Eigen::Index>(last) + 2;
    if (customers > 0 && !company && groups != static_cast<Eigen::Index>(last) + 1) {
        throw InputError("reconciliation: there are " + std::to_string(groups) + " groups; there must be " +
                         std::to_string(last + 1) + ", one a segment, or one more for the company");
    }
    Matrix result = level;
    Eigen::MatrixXd spread(groups, groups);
    Eigen::VectorXd missing(groups);
    std::vector<double> weight(static_cast<std::size_t>(customers));
    for (Eigen::Index m = 0; m < level.cols(); ++m) {
        for (Eigen::Index i = 0; i < customers; ++i) weight[static_cast<std::size_t>(i)] = variance(i, m);
        for (bool below = true; below;) {
            spread.setZero();
            missing = group_level.col(m);
            spread.diagonal() = group_variance.col(m);
            for (Eigen::Index i = 0; i < customers; ++i) {
                const auto k = static_cast<std::size_t>(i);
                const Eigen::Index s = segment[k];
                // Whoever stays at 0 has no weight, and its forecast is no longer counted.
                const double own = weight[k] < 0 ? 0.0 : level(i, m);
                const double w = std::max(weight[k], 0.0);
                spread(s, s) += w;
                missing(s) -= own;
                if (!company) continue;
                spread(groups - 1, groups - 1) += w;
                spread(s, groups - 1) += w;
                spread(groups - 1, s) += w;
                missing(groups - 1) -= own;
            }
            // Singular where sums are known for sure twice, or have nothing to move: the shortest solution will do.
            const Eigen::VectorXd price = spread.completeOrthogonalDecomposition().solve(missing);
            below = false;
            for (Eigen::Index i = 0; i < customers; ++i) {
                const auto k = static_cast<std::size_t>(i);
                if (weight[k] < 0) continue;
                const double moved = weight[k] * (price(segment[k]) + (company ? price(groups - 1) : 0.0));
                result(i, m) = level(i, m) + moved;
                if (result(i, m) < 0 && level(i, m) >= 0) {
                    result(i, m) = 0;
                    weight[k] = -1;
                    below = true;
                }
            }
        }
    }
    return result;
}

}  // namespace custfolio
