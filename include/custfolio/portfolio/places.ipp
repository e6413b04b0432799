// Definition of the places of customers.
#pragma once

#include <limits>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/portfolio/places.hpp"

namespace custfolio {

CUSTFOLIO_INLINE Portfolio located(const Portfolio& portfolio, std::span<const std::string> id,
                                   std::span<const double> latitude, std::span<const double> longitude) {
    if (latitude.size() != id.size() || longitude.size() != id.size()) {
        throw InputError("places: " + std::to_string(id.size()) + " identities have " +
                         std::to_string(latitude.size()) + " latitudes and " + std::to_string(longitude.size()) +
                         " longitudes; each needs one of both");
    }
    PortfolioColumns columns = portfolio.columns();
    columns.latitude.assign(portfolio.size(), std::numeric_limits<double>::quiet_NaN());
    columns.longitude = columns.latitude;
    std::unordered_set<std::string_view> seen;
    for (std::size_t k = 0; k < id.size(); ++k) {
        if (!seen.insert(id[k]).second) {
            throw InputError("customer '" + id[k] + "' has two rows of places; it must have one");
        }
        if (!portfolio.contains(id[k])) continue;
        const std::size_t row = portfolio.index(id[k]);
        columns.latitude[row] = latitude[k];
        columns.longitude[row] = longitude[k];
    }
    return Portfolio(std::move(columns));
}

}  // namespace custfolio
