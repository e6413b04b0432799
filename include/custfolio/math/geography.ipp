// Definitions of distances on the earth.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/geography.hpp"

namespace custfolio::math {

CUSTFOLIO_INLINE void check_coordinates(double latitude, double longitude) {
    if (!(latitude >= -90.0 && latitude <= 90.0)) {
        throw InputError("latitude is " + std::to_string(latitude) +
                         ", must be between -90 and 90 degrees (are latitude and longitude swapped?)");
    }
    if (!(longitude >= -180.0 && longitude <= 360.0)) {
        throw InputError("longitude is " + std::to_string(longitude) + ", must be between -180 and 360 degrees");
    }
}

CUSTFOLIO_INLINE double great_circle_km(double latitude_a, double longitude_a, double latitude_b, double longitude_b) {
    check_coordinates(latitude_a, longitude_a);
    check_coordinates(latitude_b, longitude_b);
    constexpr double radian = std::numbers::pi / 180.0;
    const double across = std::sin(0.5 * radian * (latitude_b - latitude_a));
    const double along = std::sin(0.5 * radian * (longitude_b - longitude_a));
    const double haversine =
        across * across + std::cos(radian * latitude_a) * std::cos(radian * latitude_b) * along * along;
    return 2.0 * earth_radius_km * std::asin(std::sqrt(std::min(1.0, haversine)));
}

}  // namespace custfolio::math
