// Tests of neighbourhood warmth: against the plain double loop, at the edges of the globe, and with bad input.
#include "custfolio/acquisition/neighbourhood.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/geography.hpp"
#include "custfolio/math/random.hpp"

using custfolio::neighbourhood_warmth;

namespace {

struct Places {
    std::vector<double> latitude;
    std::vector<double> longitude;
};

Places places(std::uint64_t seed, std::size_t count, double south, double north, double west, double east) {
    Places result;
    for (std::size_t i = 0; i < count; ++i) {
        result.latitude.push_back(south + (north - south) * custfolio::math::uniform(seed, 0, i));
        result.longitude.push_back(west + (east - west) * custfolio::math::uniform(seed, 1, i));
    }
    return result;
}

std::vector<double> heats(std::uint64_t seed, std::size_t count) {
    std::vector<double> result;
    for (std::size_t i = 0; i < count; ++i) result.push_back(1000 * custfolio::math::uniform(seed, 2, i) - 300);
    return result;
}

double slow_warmth(double latitude, double longitude, const Places& customers, const std::vector<double>& heat,
                   double bandwidth) {
    double sum = 0;
    for (std::size_t i = 0; i < heat.size(); ++i) {
        const double distance =
            custfolio::math::great_circle_km(latitude, longitude, customers.latitude[i], customers.longitude[i]);
        sum += std::max(heat[i], 0.0) * std::exp(-distance / bandwidth);
    }
    return sum;
}

}  // namespace

TEST_CASE("neighbourhood warmth is the kernel sum of the double loop") {
    struct Area {
        double south, north, west, east, bandwidth;
    };
    for (const Area& area : {Area{40, 43, -96, -90, 10}, Area{-90, 90, -180, 180, 500}, Area{85, 90, -180, 180, 50},
                             Area{-1, 1, 179, 180, 3}}) {
        const Places customers = places(7, 300, area.south, area.north, area.west, area.east);
        const std::vector<double> heat = heats(7, 300);
        const Places at = places(8, 80, area.south, area.north, area.west, area.east);
        const std::vector<double> warmth = neighbourhood_warmth(at.latitude, at.longitude, customers.latitude,
                                                                customers.longitude, heat, area.bandwidth, 0, 1, 1e5);
        double total = 0;
        for (const double h : heat) total += std::max(h, 0.0);
        for (const double cutoff : {5.0, 20.0, custfolio::default_cutoff}) {
            const std::vector<double> pruned = neighbourhood_warmth(
                at.latitude, at.longitude, customers.latitude, customers.longitude, heat, area.bandwidth, 0, 2, cutoff);
            for (std::size_t j = 0; j < warmth.size(); ++j) {
                CHECK(pruned[j] <= warmth[j] * (1 + 1e-14));
                CHECK(warmth[j] - pruned[j] <= std::exp(-cutoff) * total + 1e-13 * warmth[j]);
            }
        }
        for (std::size_t j = 0; j < warmth.size(); ++j) {
            const double slow = slow_warmth(at.latitude[j], at.longitude[j], customers, heat, area.bandwidth);
            CHECK(warmth[j] == doctest::Approx(slow).epsilon(1e-9));
        }
    }
}

TEST_CASE("both sides of the date line and of the pole are neighbours") {
    const std::vector<double> customer_latitude{0.0, 89.9};
    const std::vector<double> customer_longitude{180.0, 0.0};
    const std::vector<double> heat{100.0, 100.0};
    const std::vector<double> latitude{0.0, 89.9};
    const std::vector<double> longitude{-180.0, 180.0};
    const auto warmth = neighbourhood_warmth(latitude, longitude, customer_latitude, customer_longitude, heat, 10.0);
    CHECK(warmth[0] == doctest::Approx(100.0));
    CHECK(warmth[1] == doctest::Approx(100.0 * std::exp(-custfolio::math::great_circle_km(89.9, 180, 89.9, 0) / 10)));
}

TEST_CASE("the same bits for any number of threads") {
    const Places customers = places(1, 2000, 40, 43, -96, -90);
    const std::vector<double> heat = heats(1, 2000);
    const Places at = places(2, 500, 40, 43, -96, -90);
    const auto one =
        neighbourhood_warmth(at.latitude, at.longitude, customers.latitude, customers.longitude, heat, 8, 0, 1);
    for (const unsigned threads : {2U, 7U, 0U}) {
        CHECK(neighbourhood_warmth(at.latitude, at.longitude, customers.latitude, customers.longitude, heat, 8, 0,
                                   threads) == one);
    }
}

TEST_CASE("no customers give no warmth, no places give no answer") {
    const std::vector<double> none;
    const std::vector<double> place{50.0};
    CHECK(neighbourhood_warmth(place, place, none, none, none, 1.0) == std::vector<double>{0.0});
    CHECK(neighbourhood_warmth(none, none, place, place, place, 1.0).empty());
    const std::vector<double> cold{-5.0};
    CHECK(neighbourhood_warmth(place, place, place, place, cold, 1.0) == std::vector<double>{0.0});
}

TEST_CASE("bad places, heats and bandwidths are named") {
    const std::vector<double> good{50.0, 50.0};
    const std::vector<double> swapped{50.0, 95.0};
    const std::vector<double> missing{50.0, std::numeric_limits<double>::quiet_NaN()};
    const std::vector<double> one{50.0};
    CHECK_THROWS_WITH_AS(
        neighbourhood_warmth(swapped, good, good, good, good, 1),
        "place at position 1: latitude is 95; it lies in [-90, 90] degrees (are latitude and longitude swapped?)",
        custfolio::InputError);
    CHECK_THROWS_WITH_AS(neighbourhood_warmth(good, good, good, missing, good, 1),
                         "customer at position 1: longitude is nan; it lies in [-180, 180] degrees",
                         custfolio::InputError);
    CHECK_THROWS_WITH_AS(neighbourhood_warmth(good, good, good, good, missing, 1),
                         "customer at position 1: heat is nan; a finite number is needed", custfolio::InputError);
    CHECK_THROWS_WITH_AS(neighbourhood_warmth(good, one, good, good, good, 1),
                         "there are 2 latitudes and 1 longitudes of places; each place needs both",
                         custfolio::InputError);
    CHECK_THROWS_AS(neighbourhood_warmth(good, good, good, good, one, 1), custfolio::InputError);
    for (const double bad : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
        CHECK_THROWS_AS(neighbourhood_warmth(good, good, good, good, good, bad), custfolio::InputError);
        CHECK_THROWS_AS(neighbourhood_warmth(good, good, good, good, good, 1, 0, 1, bad), custfolio::InputError);
    }
}

TEST_CASE("a tolerance certifies the error against all pairs") {
    struct Area {
        double south, north, west, east, bandwidth;
    };
    for (const Area& area : {Area{40, 43, -96, -90, 10}, Area{-90, 90, -180, 180, 500}, Area{-90, 90, -180, 180, 2e4},
                             Area{85, 90, -180, 180, 50}, Area{-1, 1, 179, 180, 3}, Area{50, 50.001, 4, 4.001, 5}}) {
        Places customers = places(17, 700, area.south, area.north, area.west, area.east);
        std::vector<double> heat = heats(17, 700);
        // Several customers at one place, and one with nearly all heat.
        for (std::size_t i = 0; i < 20; ++i) {
            customers.latitude[i] = customers.latitude[0];
            customers.longitude[i] = customers.longitude[0];
        }
        heat[30] = 1e9;
        const Places at = places(18, 150, area.south, area.north, area.west, area.east);
        for (const double tolerance : {0.1, 1e-3, 1e-6, 1e-9}) {
            const auto warmth = neighbourhood_warmth(at.latitude, at.longitude, customers.latitude, customers.longitude,
                                                     heat, area.bandwidth, tolerance, 1);
            CHECK(neighbourhood_warmth(at.latitude, at.longitude, customers.latitude, customers.longitude, heat,
                                       area.bandwidth, tolerance, 3) == warmth);
            for (std::size_t j = 0; j < warmth.size(); ++j) {
                const double slow = slow_warmth(at.latitude[j], at.longitude[j], customers, heat, area.bandwidth);
                // Distances of the slow sum are rounded at antipodes, to about a metre.
                CHECK(std::abs(warmth[j] - slow) <= (tolerance + 1e-9) * slow + 1e-290);
            }
        }
    }
    const std::vector<double> place{50.0};
    for (const double bad : {-1e-6, 1.0, 1e-14, std::numeric_limits<double>::quiet_NaN()}) {
        CHECK_THROWS_AS(neighbourhood_warmth(place, place, place, place, place, 1, bad), custfolio::InputError);
    }
    const std::vector<double> huge{1e308, 1e308};
    const std::vector<double> two{50.0, 50.0};
    CHECK_THROWS_WITH_AS(neighbourhood_warmth(place, place, two, two, huge, 1),
                         "the sum of the positive heats is inf; a finite number is needed", custfolio::InputError);
}
