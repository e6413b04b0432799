// White spots: places near warm customers where no customer is.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "custfolio/portfolio/portfolio.hpp"

namespace custfolio {

/// Where white spots are sought.
struct WhiteSpotOptions {
    double bandwidth_km = 10;  ///< Distance over which a neighbour's weight falls to 1/e, km, > 0.
    double distance_km = 5;    ///< Least distance to every located customer, km, > 0.
    std::size_t count = 20;    ///< Most spots.
    unsigned threads = 0;      ///< 0 means all cores; the bits do not depend on it.
};

/// A place without a customer.
struct WhiteSpot {
    double latitude = 0;     ///< Degrees north.
    double longitude = 0;    ///< Degrees east.
    double warmth = 0;       ///< Warmth of its neighbourhood, currency.
    double distance_km = 0;  ///< Distance to the nearest located customer, km.
    std::string nearest{};   ///< Identity of that customer.
};

/// Places at least `distance_km` from every located customer: points of a grid over the box of the warm customers, with
/// steps of that distance, and of circles around them. The warmest is taken first; each next one is the warmest that is
/// a bandwidth or more from all before it. Each moves to the warmest place around it, by steps down to a 32nd of the
/// distance. Customers of swapped_places() are left out.
/// @param portfolio the customers, located where possible.
/// @param options where to look.
/// @return the spots, warmest first; none where no warm customer is located. The box does not cross the date line.
/// @throws InputError where the portfolio has no heat, an option is out of range, or the grid has more than 1,000,000
/// points.
std::vector<WhiteSpot> white_spots(const Portfolio& portfolio, const WhiteSpotOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/acquisition/white_spots.ipp"
#endif
