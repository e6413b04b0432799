// Distances on the earth.
#pragma once

#include "custfolio/config.hpp"

namespace custfolio::math {

/// Mean radius of the earth in kilometres, (2a + b) / 3 of the GRS 80 ellipsoid.
inline constexpr double earth_radius_km = 6371.0088;

/**
 * @brief Great-circle distance between two places by the haversine formula, on a sphere of radius earth_radius_km.
 *
 * The earth's flattening makes it differ from the geodesic by up to about 0.6 %. Accurate to rounding for near
 * neighbours and to about a metre for near antipodes.
 * @param latitude_a latitude of the first place in degrees, -90 to 90, north positive.
 * @param longitude_a longitude of the first place in degrees, -180 to 360, east positive.
 * @param latitude_b latitude of the second place in degrees.
 * @param longitude_b longitude of the second place in degrees.
 * @return distance in kilometres, 0 to half the circumference.
 * @throws InputError when a coordinate is out of range or not finite; the message names it.
 */
double great_circle_km(double latitude_a, double longitude_a, double latitude_b, double longitude_b);

/**
 * @brief Refuses a place that is not on the earth.
 * @param latitude degrees, -90 to 90.
 * @param longitude degrees, -180 to 360.
 * @throws InputError when a coordinate is out of range or not finite; the message names it and a likely remedy.
 */
void check_coordinates(double latitude, double longitude);

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/geography.ipp"
#endif
