// Definitions of likeness.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "custfolio/acquisition/likeness.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/logistic_regression.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

/// Mean and deviation of one attribute over the customers where it is known.
struct Standard {
    double mean = 0;
    double deviation = 0;

    /// 0 where the value is not known or the attribute is constant.
    [[nodiscard]] double score(double value) const {
        return deviation > 0 && !std::isnan(value) ? (value - mean) / deviation : 0.0;
    }
};

CUSTFOLIO_INLINE Standard standard_of(std::span<const double> values) {
    math::CompensatedSum sum;
    double count = 0;
    for (const double value : values) {
        if (std::isnan(value)) continue;
        sum += value;
        ++count;
    }
    Standard standard;
    if (count == 0) return standard;
    standard.mean = sum.value() / count;
    math::CompensatedSum squares;
    for (const double value : values) {
        if (!std::isnan(value)) squares += (value - standard.mean) * (value - standard.mean);
    }
    standard.deviation = std::sqrt(squares.value() / count);
    // A deviation of rounding alone is none.
    if (!(standard.deviation > 1e-12 * std::abs(standard.mean))) standard.deviation = 0;
    return standard;
}

CUSTFOLIO_INLINE void require_attributes(const Matrix& attributes, const char* what) {
    for (std::size_t i = 0; i < attributes.rows(); ++i) {
        for (const double value : attributes.row(i)) {
            if (std::isinf(value) || std::abs(value) > 1e150) {
                throw InputError(std::string(what) + " at position " + std::to_string(i) + ": an attribute is " +
                                 number_text(value) + "; it must be within 1e150, or missing");
            }
        }
    }
}

}  // namespace detail

CUSTFOLIO_INLINE Likeness likeness(const Matrix& customers, std::span<const double> warm, const Matrix& candidates,
                                   double deviation) {
    const std::size_t attributes = customers.cols();
    if (customers.rows() == 0) throw InputError("there is no customer to be like; at least one is needed");
    if (candidates.cols() != attributes && candidates.rows() > 0) {
        throw InputError("customers have " + std::to_string(attributes) + " attributes and candidates " +
                         std::to_string(candidates.cols()) + "; both need the same");
    }
    for (std::size_t i = 0; i < warm.size(); ++i) {
        if (warm[i] == 0 || warm[i] == 1) continue;
        throw InputError("customer at position " + std::to_string(i) + ": warm is " + number_text(warm[i]) +
                         "; it must be 0 or 1");
    }
    detail::require_attributes(customers, "customer");
    detail::require_attributes(candidates, "candidate");
    std::vector<detail::Standard> standards;
    std::vector<double> column(customers.rows());
    for (std::size_t k = 0; k < attributes; ++k) {
        for (std::size_t i = 0; i < customers.rows(); ++i) column[i] = customers(i, k);
        standards.push_back(detail::standard_of(column));
    }
    Matrix features(customers.rows(), attributes + 1, 1.0);
    for (std::size_t i = 0; i < customers.rows(); ++i) {
        for (std::size_t k = 0; k < attributes; ++k) features(i, k + 1) = standards[k].score(customers(i, k));
    }
    if (!(deviation > 0 && std::isfinite(deviation))) {
        throw InputError("the prior's deviation is " + number_text(deviation) + "; it is positive and finite");
    }
    std::vector<double> spread(attributes + 1, deviation);
    spread[0] = 10.0;
    const math::LogisticRegression fit =
        math::fit_logistic({features, warm}, {std::vector<double>(attributes + 1), spread});
    Likeness result;
    result.intercept = fit.coefficients[0];
    result.coefficients.assign(fit.coefficients.begin() + 1, fit.coefficients.end());
    result.parts = Matrix(candidates.rows(), attributes);
    for (std::size_t j = 0; j < candidates.rows(); ++j) {
        double sum = 0;
        for (std::size_t k = 0; k < attributes; ++k) {
            result.parts(j, k) = result.coefficients[k] * standards[k].score(candidates(j, k));
            sum += result.parts(j, k);
        }
        result.log_odds.push_back(sum);
        result.probability.push_back(math::logistic(result.intercept + sum));
    }
    return result;
}

}  // namespace custfolio
