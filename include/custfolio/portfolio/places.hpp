// Places of customers: coordinates added to a portfolio.
#pragma once

#include <span>
#include <string>

#include "custfolio/portfolio/portfolio.hpp"

namespace custfolio {

/// The same customers with coordinates.
/// @param portfolio the customers.
/// @param id identities, each at most once; those of other customers are left out.
/// @param latitude degrees north per identity; NaN where it is not located.
/// @param longitude degrees east per identity; NaN where it is not located.
/// @return the portfolio; customers without an identity in `id` are not located. Linear.
/// @throws InputError where lengths differ, an identity is repeated, or a coordinate is out of range.
Portfolio located(const Portfolio& portfolio, std::span<const std::string> id, std::span<const double> latitude,
                  std::span<const double> longitude);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/portfolio/places.ipp"
#endif
