// Tests of distances on the earth against the spherical law of cosines in long double, and exact cases.
#include "custfolio/math/geography.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "custfolio/math/errors.hpp"

using namespace custfolio::math;
using custfolio::InputError;

namespace {

double by_vectors(double lat_a, double lon_a, double lat_b, double lon_b) {
    // Angle between unit vectors by atan2(|a x b|, a . b): accurate everywhere.
    const long double r = std::numbers::pi_v<long double> / 180.0L;
    const long double a[3] = {std::cos(r * lat_a) * std::cos(r * lon_a), std::cos(r * lat_a) * std::sin(r * lon_a),
                              std::sin(r * lat_a)};
    const long double b[3] = {std::cos(r * lat_b) * std::cos(r * lon_b), std::cos(r * lat_b) * std::sin(r * lon_b),
                              std::sin(r * lat_b)};
    const long double c[3] = {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
    const long double sine = std::sqrt(c[0] * c[0] + c[1] * c[1] + c[2] * c[2]);
    return static_cast<double>(earth_radius_km * std::atan2(sine, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]));
}

}  // namespace

TEST_CASE("exact cases") {
    const double quarter = earth_radius_km * std::numbers::pi / 2.0;
    CHECK(great_circle_km(0, 0, 0, 90) == doctest::Approx(quarter).epsilon(1e-15));
    CHECK(great_circle_km(90, 12, 0, 55) == doctest::Approx(quarter).epsilon(1e-15));
    CHECK(great_circle_km(0, 0, 0, 180) == doctest::Approx(2 * quarter).epsilon(1e-15));
    CHECK(great_circle_km(51.2, 4.4, 51.2, 4.4) == 0.0);
    CHECK(great_circle_km(10, -170, 10, 190) < 1e-9);
}

TEST_CASE("Sinnott's example: from Nashville to Los Angeles") {
    // The case that software for great circles is commonly checked with: 36.12 N 86.67 W to 33.94 N 118.40 W is 2886.4
    // km on a sphere of 6371 km.
    CHECK(great_circle_km(36.12, -86.67, 33.94, -118.40) == doctest::Approx(2886.448).epsilon(1e-6));
}

TEST_CASE("random places: agrees with vectors, symmetric, triangle inequality") {
    std::mt19937_64 random(29);
    std::uniform_real_distribution<double> latitude(-90.0, 90.0);
    std::uniform_real_distribution<double> longitude(-180.0, 180.0);
    std::uniform_real_distribution<double> small(-1e-3, 1e-3);
    for (int k = 0; k < 2000; ++k) {
        const double a = 0.999 * latitude(random);
        const double b = longitude(random);
        const bool near = k % 2 == 0;
        const double c = near ? a + 0.1 * small(random) : latitude(random);
        const double d = near ? 0.99 * b + small(random) + 0.01 * b : longitude(random);
        CHECK(great_circle_km(a, b, c, d) == doctest::Approx(by_vectors(a, b, c, d)).epsilon(1e-9));
        CHECK(great_circle_km(a, b, c, d) == great_circle_km(c, d, a, b));
        const double e = latitude(random);
        const double f = longitude(random);
        CHECK(great_circle_km(a, b, c, d) <= great_circle_km(a, b, e, f) + great_circle_km(e, f, c, d) + 1e-9);
    }
}

TEST_CASE("places that are not on the earth are refused") {
    CHECK_THROWS_WITH_AS(
        great_circle_km(-93.6, 41.6, 41.0, -93.0),
        "latitude is -93.600000, must be between -90 and 90 degrees (are latitude and longitude swapped?)", InputError);
    CHECK_THROWS_WITH_AS(great_circle_km(1, 2, 3, 400), doctest::Contains("longitude is 400"), InputError);
    CHECK_THROWS_AS(great_circle_km(std::nan(""), 2, 3, 4), InputError);
}
