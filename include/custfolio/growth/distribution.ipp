// Definitions of a distribution of money.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/growth/distribution.hpp"
#include "custfolio/math/rounding.hpp"
#include "custfolio/portfolio/errors.hpp"

namespace custfolio {

CUSTFOLIO_INLINE Distribution::Distribution(math::LatticeDistribution lattice, double mean, double variance,
                                            double unit)
    : lattice_(std::move(lattice)),
      mean_(require_finite(mean, "the distribution's mean")),
      variance_(require_finite(variance, "the distribution's variance")),
      unit_(require_finite(unit, "the distribution's unit")) {
    if (variance < 0 || unit < 0) {
        throw InputError("the distribution's variance is " + number_text(variance) + " and its unit " +
                         number_text(unit) + "; neither is ever negative");
    }
}

CUSTFOLIO_INLINE double Distribution::standard_deviation() const {
    return std::sqrt(variance_);
}

CUSTFOLIO_INLINE double Distribution::told(double value) const {
    if (unit_ == 0) return value;
    const double units = std::round(value / unit_);
    const bool whole = std::abs(units) < 0x1p50 && std::abs(value / unit_ - units) < 1e-4;
    return whole ? math::from_units(static_cast<std::int64_t>(units), unit_) : value;
}

CUSTFOLIO_INLINE double Distribution::cdf(double value) const {
    if (std::isnan(value)) throw InputError("the cdf is asked at nan; an amount is needed");
    return lattice_.cdf(value);
}

CUSTFOLIO_INLINE double Distribution::probability_at_least(double value) const {
    if (std::isnan(value)) throw InputError("the chance to reach nan is asked; an amount is needed");
    return lattice_.probability_at_least(value);
}

CUSTFOLIO_INLINE double Distribution::quantile(double probability) const {
    return told(lattice_.quantile(require_probability(probability, "the quantile's probability")));
}

CUSTFOLIO_INLINE double Distribution::value(std::size_t index) const {
    return told(lattice_.value(index));
}

}  // namespace custfolio
