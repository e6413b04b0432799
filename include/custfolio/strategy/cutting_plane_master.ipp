// Definitions of the cutting planes' master problem.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/linear.hpp"
#include "custfolio/strategy/cutting_plane_master.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE Master::Master(std::vector<double> lower, std::vector<double> upper, std::size_t groups)
    : rows_(lower.size()),
      groups_(groups),
      lower_(std::move(lower)),
      upper_(std::move(upper)),
      box_low_(rows_, -1.0),
      box_high_(rows_, 1.0),
      place_(3 * rows_, Place::lower) {}

CUSTFOLIO_INLINE void Master::add(std::size_t group, double value, std::span<const double> usage) {
    group_.push_back(group);
    value_.push_back(value);
    usage_.insert(usage_.end(), usage.begin(), usage.end());
    place_.push_back(Place::lower);
}

CUSTFOLIO_INLINE void Master::set_box(std::span<const double> low, std::span<const double> high) {
    box_low_.assign(low.begin(), low.end());
    box_high_.assign(high.begin(), high.end());
}

CUSTFOLIO_INLINE double Master::low_of(std::size_t variable) const {
    return variable < rows_ ? lower_[variable] : 0.0;
}

CUSTFOLIO_INLINE double Master::high_of(std::size_t variable) const {
    return variable < rows_ ? upper_[variable] : std::numeric_limits<double>::infinity();
}

CUSTFOLIO_INLINE double Master::cost_of(std::size_t variable) const {
    if (variable < rows_) return 0.0;
    if (variable < 2 * rows_) return -box_high_[variable - rows_];
    if (variable < 3 * rows_) return box_low_[variable - 2 * rows_];
    return value_[variable - 3 * rows_];
}

CUSTFOLIO_INLINE double Master::resting_value(std::size_t variable) const {
    return place_[variable] == Place::upper ? high_of(variable) : low_of(variable);
}

// Row r of the equations reads: sum usage x - activity - p + q = 0; row rows + g: sum x = 1.
CUSTFOLIO_INLINE void Master::column_of(std::size_t variable, std::vector<double>& column) const {
    column.assign(rows_ + groups_, 0.0);
    if (variable < 2 * rows_) {
        column[variable % rows_] = -1.0;
    } else if (variable < 3 * rows_) {
        column[variable - 2 * rows_] = 1.0;
    } else {
        const std::size_t k = variable - 3 * rows_;
        for (std::size_t r = 0; r < rows_; ++r) column[r] = usage_[k * rows_ + r];
        column[rows_ + group_[k]] = 1.0;
    }
}

CUSTFOLIO_INLINE void Master::begin_basis() {
    basis_.assign(rows_ + groups_, 0);
    basic_value_.assign(rows_ + groups_, 0.0);
    dual_.assign(rows_ + groups_, 0.0);
    for (std::size_t r = 0; r < rows_; ++r) {
        double activity = 0;
        for (std::size_t g = 0; g < groups_; ++g) activity += usage_[g * rows_ + r];
        place_[r] = std::isfinite(lower_[r]) ? Place::lower : Place::upper;
        if (activity > upper_[r]) {
            place_[r] = Place::upper;
            basis_[r] = rows_ + r;
        } else if (activity < lower_[r]) {
            place_[r] = Place::lower;
            basis_[r] = 2 * rows_ + r;
        } else {
            basis_[r] = r;
        }
        place_[basis_[r]] = Place::basic;
    }
    for (std::size_t g = 0; g < groups_; ++g) {
        basis_[rows_ + g] = 3 * rows_ + g;
        place_[3 * rows_ + g] = Place::basic;
    }
}

CUSTFOLIO_INLINE bool Master::refactor() {
    const std::size_t m = basis_.size();
    inverse_ = Matrix(m, m);
    std::vector<double> column;
    std::vector<double> right(m, 0.0);
    std::fill_n(right.begin() + static_cast<std::ptrdiff_t>(rows_), groups_, 1.0);
    for (std::size_t i = 0; i < m; ++i) {
        column_of(basis_[i], column);
        for (std::size_t r = 0; r < m; ++r) inverse_(r, i) = column[r];
    }
    // Only the rows' activities may rest at another value than 0.
    for (std::size_t r = 0; r < rows_; ++r) {
        if (place_[r] != Place::basic) right[r] += resting_value(r);
    }
    if (!math::invert(inverse_)) return false;
    basic_value_.resize(m);
    for (std::size_t i = 0; i < m; ++i) basic_value_[i] = math::dot(inverse_.row(i), right);
    pivots_since_refactor_ = 0;
    return true;
}

CUSTFOLIO_INLINE void Master::price_out() {
    dual_.assign(basis_.size(), 0.0);
    for (std::size_t i = 0; i < basis_.size(); ++i) {
        const double cost = cost_of(basis_[i]);
        if (cost == 0.0) continue;
        const std::span<const double> row = inverse_.row(i);
        for (std::size_t k = 0; k < dual_.size(); ++k) dual_[k] += cost * row[k];
    }
}

CUSTFOLIO_INLINE bool Master::solve(std::size_t max_pivots) {
    constexpr double dual_tolerance = 1e-11;
    constexpr double primal_tolerance = 1e-11;
    constexpr double pivot_tolerance = 1e-9;
    constexpr std::size_t patience = 60;  // degenerate pivots before Bland's rule, which cannot cycle
    if (basis_.empty()) begin_basis();
    if (!refactor()) return false;
    const auto m = basis_.size();
    const auto variables = place_.size();
    std::vector<double> column(m);
    std::vector<double> direction(m);
    std::size_t degenerate = 0;
    for (std::size_t pivot = 0;; ++pivot) {
        price_out();
        if (pivot >= max_pivots) return false;
        const bool bland = degenerate > patience;
        std::size_t entering = variables;
        double most = dual_tolerance;
        double sign = 1;
        for (std::size_t j = 0; j < variables; ++j) {
            if (place_[j] == Place::basic || !(high_of(j) > low_of(j))) continue;
            double gain = 0;
            if (j < rows_) {
                gain = dual_[j];
            } else if (j < 2 * rows_) {
                gain = dual_[j - rows_] - box_high_[j - rows_];
            } else if (j < 3 * rows_) {
                gain = box_low_[j - 2 * rows_] - dual_[j - 2 * rows_];
            } else {
                const std::size_t k = j - 3 * rows_;
                gain = value_[k] - math::dot({&usage_[k * rows_], rows_}, dual_) - dual_[rows_ + group_[k]];
            }
            if (place_[j] == Place::upper) gain = -gain;
            if (gain > most) {
                entering = j;
                sign = place_[j] == Place::upper ? -1.0 : 1.0;
                if (bland) break;
                most = gain;
            }
        }
        if (entering == variables) return true;
        column_of(entering, column);
        for (std::size_t i = 0; i < m; ++i) direction[i] = math::dot(inverse_.row(i), column);
        // Two passes (Harris): first how far all can go within a tolerance, then the safest pivot up to there.
        double reach = std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; i < m; ++i) {
            const double change = -sign * direction[i];
            if (std::abs(change) <= pivot_tolerance) continue;
            const double room = change < 0 ? basic_value_[i] - low_of(basis_[i]) : high_of(basis_[i]) - basic_value_[i];
            reach = std::min(reach, (std::max(room, 0.0) + primal_tolerance) / std::abs(change));
        }
        std::size_t leaving = m;
        double step = high_of(entering) - low_of(entering);
        if (reach < step) {
            double best = 0;
            for (std::size_t i = 0; i < m; ++i) {
                const double change = -sign * direction[i];
                if (std::abs(change) <= pivot_tolerance) continue;
                const double room =
                    change < 0 ? basic_value_[i] - low_of(basis_[i]) : high_of(basis_[i]) - basic_value_[i];
                const double limit = std::max(room, 0.0) / std::abs(change);
                if (limit > reach) continue;
                const bool better = bland ? leaving == m || basis_[i] < basis_[leaving] : std::abs(change) > best;
                if (better) {
                    best = std::abs(change);
                    leaving = i;
                    step = limit;
                }
            }
        }
        if (!std::isfinite(step)) return false;  // only rounding can make a bounded programme look unbounded
        degenerate = step <= primal_tolerance ? degenerate + 1 : 0;
        const double from = resting_value(entering);
        for (std::size_t i = 0; i < m; ++i) basic_value_[i] -= sign * step * direction[i];
        if (leaving == m) {  // from one of its bounds to the other
            place_[entering] = place_[entering] == Place::upper ? Place::lower : Place::upper;
            continue;
        }
        const std::size_t out = basis_[leaving];
        place_[out] = sign * direction[leaving] > 0 ? Place::lower : Place::upper;
        if (!std::isfinite(resting_value(out))) place_[out] = std::isfinite(low_of(out)) ? Place::lower : Place::upper;
        place_[entering] = Place::basic;
        basis_[leaving] = entering;
        basic_value_[leaving] = from + sign * step;
        if (++pivots_since_refactor_ >= 100) {
            if (!refactor()) return false;
            continue;
        }
        const std::span<double> pivoted = inverse_.row(leaving);
        for (double& entry : pivoted) entry /= direction[leaving];
        for (std::size_t i = 0; i < m; ++i) {
            if (i == leaving || direction[i] == 0.0) continue;
            const std::span<double> row = inverse_.row(i);
            for (std::size_t k = 0; k < m; ++k) row[k] -= direction[i] * pivoted[k];
        }
    }
}

CUSTFOLIO_INLINE double Master::objective() const {
    double sum = 0;
    for (std::size_t i = 0; i < basis_.size(); ++i) sum += cost_of(basis_[i]) * basic_value_[i];
    return sum;  // the other variables are at 0 or have no cost
}

CUSTFOLIO_INLINE double Master::outside() const {
    double sum = 0;
    for (std::size_t i = 0; i < basis_.size(); ++i) {
        if (basis_[i] >= rows_ && basis_[i] < 3 * rows_) sum += std::max(basic_value_[i], 0.0);
    }
    return sum;
}

CUSTFOLIO_INLINE std::vector<double> Master::weights() const {
    std::vector<double> weight(columns(), 0.0);
    for (std::size_t i = 0; i < basis_.size(); ++i) {
        if (basis_[i] >= 3 * rows_) weight[basis_[i] - 3 * rows_] = std::clamp(basic_value_[i], 0.0, 1.0);
    }
    return weight;
}

}  // namespace custfolio::detail
