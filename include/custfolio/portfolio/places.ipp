// Definition of the places of customers.
#pragma once

#include <cmath>
#include <limits>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/portfolio/places.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE std::string place_fault(double latitude, double longitude) {
    if (std::isnan(latitude) && std::isnan(longitude)) return {};
    const auto fault = [&](const char* name, double value, double limit) -> std::string {
        if (std::isnan(value)) return std::string(name) + " is missing";
        if (std::abs(value) <= limit) return {};
        return std::string(name) + " is " + number_text(value) + "; it lies in [-" + number_text(limit) + ", " +
               number_text(limit) + "] degrees";
    };
    const std::string reason = fault("latitude", latitude, 90);
    return reason.empty() ? fault("longitude", longitude, 180) : reason;
}

}  // namespace detail

CUSTFOLIO_INLINE LocatedPortfolio located(const Portfolio& portfolio, std::span<const std::string> id,
                                          std::span<const double> latitude, std::span<const double> longitude) {
    if (latitude.size() != id.size() || longitude.size() != id.size()) {
        throw InputError("places: " + std::to_string(id.size()) + " identities have " +
                         std::to_string(latitude.size()) + " latitudes and " + std::to_string(longitude.size()) +
                         " longitudes; each needs one of both");
    }
    PortfolioColumns columns = portfolio.columns();
    columns.latitude.assign(portfolio.size(), std::numeric_limits<double>::quiet_NaN());
    columns.longitude = columns.latitude;
    std::vector<RejectedPlace> rejected;
    std::vector<bool> seen(portfolio.size());
    for (std::size_t k = 0; k < id.size(); ++k) {
        std::string reason;
        if (id[k].empty()) {
            reason = "has no identity";
        } else if (portfolio.contains(id[k])) {
            const std::size_t row = portfolio.index(id[k]);
            reason = seen[row] ? "is listed before" : detail::place_fault(latitude[k], longitude[k]);
            const bool swapped =
                !reason.empty() && !seen[row] && std::abs(latitude[k]) <= 180 && std::abs(longitude[k]) <= 90;
            if (swapped) reason += ". Latitude and longitude may be swapped";
            seen[row] = true;
            if (reason.empty()) {
                columns.latitude[row] = latitude[k];
                columns.longitude[row] = longitude[k];
            }
        }
        if (!reason.empty()) rejected.push_back({k, id[k], std::move(reason)});
    }
    return {Portfolio(std::move(columns)), std::move(rejected)};
}

}  // namespace custfolio
