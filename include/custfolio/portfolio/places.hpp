// Places of customers: coordinates added to a portfolio.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "custfolio/portfolio/portfolio.hpp"

namespace custfolio {

/// A row of places that cannot be used.
struct RejectedPlace {
    std::size_t row = 0;   ///< Position among the rows.
    std::string id{};      ///< The customer's identity.
    std::string reason{};  ///< The reason.
};

/// Customers with coordinates, and the rows that cannot be used.
struct LocatedPortfolio {
    Portfolio portfolio;                    ///< The same customers; those without a usable row are not located.
    std::vector<RejectedPlace> rejected{};  ///< In the order of the rows.
};

/// Adds coordinates to customers.
/// @param portfolio the customers.
/// @param id identities; rows of other customers are left out.
/// @param latitude degrees north per identity, in [-90, 90]; both NaN: not located.
/// @param longitude degrees east per identity, in [-180, 180].
/// @return the located customers, and each bad row with its reason: no identity, listed before, one coordinate missing
/// or out of range. Linear.
/// @throws InputError where lengths differ.
LocatedPortfolio located(const Portfolio& portfolio, std::span<const std::string> id, std::span<const double> latitude,
                         std::span<const double> longitude);

namespace detail {

/// @param latitude degrees north.
/// @param longitude degrees east.
/// @return why a place cannot be used; empty for one that can, and where both are NaN.
std::string place_fault(double latitude, double longitude);

}  // namespace detail

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/portfolio/places.ipp"
#endif
