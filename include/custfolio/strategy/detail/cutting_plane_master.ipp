// Definitions of the cutting planes' master problem.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/linear.hpp"
#include "custfolio/strategy/detail/cutting_plane_master.hpp"

namespace custfolio::detail {

// Limits of the simplex method; amounts are scaled to about 1.
namespace simplex_limits {
inline constexpr double dual = 1e-11;        // a smaller gain is rounding
inline constexpr double primal = 1e-11;      // a bound violated by less is met
inline constexpr double pivot = 1e-9;        // a smaller pivot would spoil the inverse
inline constexpr std::size_t patience = 60;  // degenerate pivots before Bland's rule, which is slow but cannot cycle
inline constexpr std::size_t updates = 100;  // of the inverse before it is made again
}  // namespace simplex_limits

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

// The first basis mixes one column of each group; what a row then misses is bought at the edge of the box, so that it
// is feasible.
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

// The inverse and the basic values from the basis itself, without the rounding of earlier updates.
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

// Prices of the rows and groups: the costs of the basis times its inverse.
CUSTFOLIO_INLINE void Master::price_out() {
    dual_.assign(basis_.size(), 0.0);
    for (std::size_t i = 0; i < basis_.size(); ++i) {
        const double cost = cost_of(basis_[i]);
        if (cost == 0.0) continue;
        const std::span<const double> row = inverse_.row(i);
        for (std::size_t k = 0; k < dual_.size(); ++k) dual_[k] += cost * row[k];
    }
}

// The gain per unit by which a variable's value rises, at the last prices.
CUSTFOLIO_INLINE double Master::reduced_gain(std::size_t variable) const {
    if (variable < rows_) return dual_[variable];
    if (variable < 2 * rows_) return dual_[variable - rows_] - box_high_[variable - rows_];
    if (variable < 3 * rows_) return box_low_[variable - 2 * rows_] - dual_[variable - 2 * rows_];
    // A column gains its value, less what it uses at the prices, over the best of its group.
    const std::size_t k = variable - 3 * rows_;
    return value_[k] - math::dot({&usage_[k * rows_], rows_}, dual_) - dual_[rows_ + group_[k]];
}

// The variable outside of the basis that gains most; with Bland's rule the first that gains. The number of variables
// where none does.
CUSTFOLIO_INLINE std::size_t Master::entering(bool bland) const {
    std::size_t chosen = place_.size();
    double most = simplex_limits::dual;
    for (std::size_t j = 0; j < place_.size(); ++j) {
        if (place_[j] == Place::basic || !(high_of(j) > low_of(j))) continue;
        const double gain = place_[j] == Place::upper ? -reduced_gain(j) : reduced_gain(j);
        if (!(gain > most)) continue;
        chosen = j;
        if (bland) break;
        most = gain;
    }
    return chosen;
}

// How far the entering variable can go, and the basic variable that stops it (the size of the basis where its own other
// bound does). Two passes (Harris): first how far all can go within a tolerance, then the largest pivot up to there.
// That keeps the inverse well conditioned where several would stop it at once.
CUSTFOLIO_INLINE Master::Step Master::leaving(std::span<const double> change, double own_room, bool bland) const {
    const std::size_t m = basis_.size();
    const auto room = [&](std::size_t i) {
        const double left = change[i] < 0 ? basic_value_[i] - low_of(basis_[i]) : high_of(basis_[i]) - basic_value_[i];
        return std::max(left, 0.0);
    };
    double reach = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < m; ++i) {
        if (std::abs(change[i]) <= simplex_limits::pivot) continue;
        reach = std::min(reach, (room(i) + simplex_limits::primal) / std::abs(change[i]));
    }
    Step step{m, own_room};
    if (!(reach < own_room)) return step;
    double best = 0;
    for (std::size_t i = 0; i < m; ++i) {
        if (std::abs(change[i]) <= simplex_limits::pivot) continue;
        const double limit = room(i) / std::abs(change[i]);
        if (limit > reach) continue;
        const bool better = bland ? step.leaving == m || basis_[i] < basis_[step.leaving] : std::abs(change[i]) > best;
        if (!better) continue;
        best = std::abs(change[i]);
        step = {i, limit};
    }
    return step;
}

CUSTFOLIO_INLINE bool Master::solve(std::size_t max_pivots) {
    if (basis_.empty()) begin_basis();
    if (!refactor()) return false;
    const std::size_t m = basis_.size();
    std::vector<double> column(m);
    std::vector<double> direction(m);
    std::vector<double> change(m);
    std::size_t degenerate = 0;
    for (std::size_t pivot = 0;; ++pivot) {
        price_out();
        if (pivot >= max_pivots) return false;
        // Steps of length 0 may go round in a circle; Bland's rule ends that.
        const bool bland = degenerate > simplex_limits::patience;
        const std::size_t variable = entering(bland);
        if (variable == place_.size()) return true;
        const double sign = place_[variable] == Place::upper ? -1.0 : 1.0;
        column_of(variable, column);
        for (std::size_t i = 0; i < m; ++i) {
            direction[i] = math::dot(inverse_.row(i), column);
            change[i] = -sign * direction[i];
        }
        const Step step = leaving(change, high_of(variable) - low_of(variable), bland);
        if (!std::isfinite(step.length)) return false;  // only rounding makes a bounded programme look unbounded
        degenerate = step.length <= simplex_limits::primal ? degenerate + 1 : 0;
        const double from = resting_value(variable);
        for (std::size_t i = 0; i < m; ++i) basic_value_[i] -= sign * step.length * direction[i];
        if (step.leaving == m) {  // from one of its bounds to the other
            place_[variable] = place_[variable] == Place::upper ? Place::lower : Place::upper;
            continue;
        }
        // The variable that leaves rests at the bound that stopped the step.
        const std::size_t out = basis_[step.leaving];
        place_[out] = sign * direction[step.leaving] > 0 ? Place::lower : Place::upper;
        if (!std::isfinite(resting_value(out))) place_[out] = std::isfinite(low_of(out)) ? Place::lower : Place::upper;
        place_[variable] = Place::basic;
        basis_[step.leaving] = variable;
        basic_value_[step.leaving] = from + sign * step.length;
        // Every update adds rounding to the inverse: it is made from the basis again now and then.
        if (++pivots_since_refactor_ < simplex_limits::updates) {
            update_inverse(step.leaving, direction);
        } else if (!refactor()) {
            return false;
        }
    }
}

// The inverse after one column of the basis was replaced (product form).
CUSTFOLIO_INLINE void Master::update_inverse(std::size_t leaving, std::span<const double> direction) {
    const std::span<double> pivoted = inverse_.row(leaving);
    for (double& entry : pivoted) entry /= direction[leaving];
    for (std::size_t i = 0; i < basis_.size(); ++i) {
        if (i == leaving || direction[i] == 0.0) continue;
        const std::span<double> row = inverse_.row(i);
        for (std::size_t k = 0; k < row.size(); ++k) row[k] -= direction[i] * pivoted[k];
    }
}

CUSTFOLIO_INLINE double Master::objective() const {
    double sum = 0;
    for (std::size_t i = 0; i < basis_.size(); ++i) sum += cost_of(basis_[i]) * basic_value_[i];
    return sum;  // the other variables are at 0 or have no cost
}

CUSTFOLIO_INLINE std::vector<double> Master::bought() const {
    std::vector<double> bought(2 * rows_, 0.0);
    // Outside of the basis p and q rest at 0.
    for (std::size_t i = 0; i < basis_.size(); ++i) {
        if (basis_[i] >= rows_ && basis_[i] < 3 * rows_) bought[basis_[i] - rows_] = std::max(basic_value_[i], 0.0);
    }
    return bought;
}

CUSTFOLIO_INLINE std::vector<double> Master::weights() const {
    // Outside of the basis columns rest at 0.
    std::vector<double> weight(columns(), 0.0);
    for (std::size_t i = 0; i < basis_.size(); ++i) {
        if (basis_[i] >= 3 * rows_) weight[basis_[i] - 3 * rows_] = std::clamp(basic_value_[i], 0.0, 1.0);
    }
    return weight;
}

}  // namespace custfolio::detail
