// Definitions of the bucket.
#pragma once

#include <cmath>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/portfolio/bucket.hpp"

namespace custfolio {

CUSTFOLIO_INLINE Bucket pour(std::span<const double> revenue, std::span<const double> contribution) {
    if (revenue.size() != contribution.size()) {
        throw InputError("revenue has " + std::to_string(revenue.size()) + " customers, contribution has " +
                         std::to_string(contribution.size()) + "; both need one entry per customer");
    }
    math::CompensatedSum level;
    math::CompensatedSum heat;
    for (std::size_t i = 0; i < revenue.size(); ++i) {
        if (!(std::isfinite(revenue[i]) && std::isfinite(contribution[i]))) {
            const bool of_revenue = !std::isfinite(revenue[i]);
            require_finite(of_revenue ? revenue[i] : contribution[i],
                           std::string(of_revenue ? "revenue" : "contribution") + " of customer at position " +
                               std::to_string(i) + " (counted from 0)");
        }
        level += revenue[i];
        heat += contribution[i];
    }
    return {require_finite(level.value(), "the sum of the revenue"),
            require_finite(heat.value(), "the sum of the contribution"), revenue.size()};
}

}  // namespace custfolio
