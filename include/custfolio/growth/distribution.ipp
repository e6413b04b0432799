// Definitions of a distribution of money.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/growth/distribution.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/portfolio/errors.hpp"

namespace custfolio {

CUSTFOLIO_INLINE Distribution::Distribution(double origin, double step, std::vector<double> mass, double mean,
                                            double variance, DistributionErrors errors)
    : origin_(require_finite(origin, "the distribution's origin")),
      step_(step),
      mass_(std::move(mass)),
      mean_(require_finite(mean, "the distribution's mean")),
      variance_(require_finite(variance, "the distribution's variance")),
      errors_(errors) {
    if (!(std::isfinite(step) && step > 0)) {
        throw InputError("the distribution's step is " + number_text(step) + "; it must be a positive number");
    }
    if (variance < 0)
        throw InputError("the distribution's variance is " + number_text(variance) + "; it is never negative");
    math::CompensatedSum total;
    for (std::size_t k = 0; k < mass_.size(); ++k) {
        if (!(mass_[k] >= 0)) {
            throw InputError("the distribution's mass at point " + std::to_string(k) + " is " + number_text(mass_[k]) +
                             "; it must be 0 or more");
        }
        total += mass_[k];
    }
    if (!(std::abs(total.value() - 1) <= 1e-6)) {
        throw InputError("the distribution's masses sum to " + number_text(total.value()) + "; they must sum to 1");
    }
    cumulative_.resize(mass_.size());
    exceeding_.resize(mass_.size());
    math::CompensatedSum below;
    math::CompensatedSum above;
    for (std::size_t k = 0; k < mass_.size(); ++k) {
        mass_[k] /= total.value();
        below += mass_[k];
        cumulative_[k] = std::min(1.0, below.value());
    }
    for (std::size_t k = mass_.size(); k-- > 0;) {
        above += mass_[k];
        exceeding_[k] = std::min(1.0, above.value());
    }
    cumulative_.back() = 1.0;
    exceeding_.front() = 1.0;
}

CUSTFOLIO_INLINE double Distribution::standard_deviation() const {
    return std::sqrt(variance_);
}

CUSTFOLIO_INLINE double Distribution::value(std::size_t index) const {
    // Steps such as 0.01 have no exact double; where their inverse is whole, dividing gives the double that is meant.
    const double position = std::round(origin_ / step_) + static_cast<double>(index);
    const double inverse = std::round(1 / step_);
    const bool on_grid = std::abs(origin_ / step_ - std::round(origin_ / step_)) < 1e-6;
    if (on_grid && inverse >= 2 && std::abs(inverse * step_ - 1) < 1e-12) return position / inverse;
    return origin_ + static_cast<double>(index) * step_;
}

CUSTFOLIO_INLINE double Distribution::cdf(double value) const {
    if (std::isnan(value)) throw InputError("cdf of nan; an amount is needed");
    const double index = std::floor((value - origin_) / step_ + 1e-9);
    if (index < 0) return 0;
    if (index >= static_cast<double>(mass_.size())) return 1;
    return cumulative_[static_cast<std::size_t>(index)];
}

CUSTFOLIO_INLINE double Distribution::probability_at_least(double value) const {
    if (std::isnan(value)) throw InputError("probability of at least nan; an amount is needed");
    const double index = std::ceil((value - origin_) / step_ - 1e-9);
    if (index <= 0) return 1;
    if (index >= static_cast<double>(mass_.size())) return 0;
    return exceeding_[static_cast<std::size_t>(index)];
}

CUSTFOLIO_INLINE double Distribution::quantile(double probability) const {
    require_probability(probability, "the quantile's probability");
    const auto has_mass = [](double mass) { return mass > 0; };
    if (probability == 0) {
        const auto first = std::find_if(mass_.begin(), mass_.end(), has_mass);
        return value(static_cast<std::size_t>(first - mass_.begin()));
    }
    if (probability == 1) {
        const auto last = std::find_if(mass_.rbegin(), mass_.rend(), has_mass);
        return value(static_cast<std::size_t>(mass_.rend() - last) - 1);
    }
    // A cdf value that rounding left a hair below the probability counts as reached: half of a symmetric sum is its
    // middle.
    const double reached = probability - std::min(1e-15 + errors_.rounding, 1e-3 * probability);
    const auto at = std::lower_bound(cumulative_.begin(), cumulative_.end(), reached);
    return value(static_cast<std::size_t>(at - cumulative_.begin()));
}

}  // namespace custfolio
