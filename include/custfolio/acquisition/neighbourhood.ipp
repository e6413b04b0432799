// Definitions of the warmth of a place.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <string>

#include "custfolio/acquisition/detail/warmth_tree.hpp"
#include "custfolio/acquisition/neighbourhood.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/geography.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

inline constexpr double degree = std::numbers::pi / 180.0;

CUSTFOLIO_INLINE void require_place(double latitude, double longitude, const char* what, std::size_t position) {
    const auto place = [&] { return std::string(what) + " at position " + std::to_string(position); };
    // Swapped coordinates are the usual mistake, and most show in the latitude.
    if (!(latitude >= -90.0 && latitude <= 90.0)) {
        throw InputError(place() + ": latitude is " + number_text(latitude) +
                         "; it lies in [-90, 90] degrees (are latitude and longitude swapped?)");
    }
    if (!(longitude >= -180.0 && longitude <= 180.0)) {
        throw InputError(place() + ": longitude is " + number_text(longitude) + "; it lies in [-180, 180] degrees");
    }
}

CUSTFOLIO_INLINE void require_positive(double value, const char* what) {
    if (!(std::isfinite(value) && value > 0)) {
        throw InputError(std::string(what) + " is " + number_text(value) + "; it must be a positive number");
    }
}

CUSTFOLIO_INLINE std::array<double, 3> unit_vector(double latitude, double longitude) {
    const double across = std::cos(latitude * degree);
    // On the unit sphere distances need no trigonometry at the poles or the date line.
    return {across * std::cos(longitude * degree), across * std::sin(longitude * degree), std::sin(latitude * degree)};
}

CUSTFOLIO_INLINE Neighbourhood::Neighbourhood(std::span<const double> latitude, std::span<const double> longitude,
                                              double bandwidth_km, double cutoff, const char* what)
    : bandwidth_km_(bandwidth_km), index_(latitude.size()) {
    require_positive(bandwidth_km, "bandwidth_km");
    require_positive(cutoff, "cutoff");
    for (std::size_t i = 0; i < latitude.size(); ++i) require_place(latitude[i], longitude[i], what, i);
    // The angle of the cutoff, slightly larger, so that rounding never leaves out a place on the edge of the band.
    const double angle = std::min(cutoff * bandwidth_km / math::earth_radius_km, std::numbers::pi);
    reach_degrees_ = angle / degree * (1 + 1e-12) + 1e-12;
    const double chord = 2 * std::sin(0.5 * angle);
    // Half the circle reaches everywhere: no chord is longer than 2.
    reach_chord2_ = angle < std::numbers::pi ? chord * chord : 5.0;
    std::iota(index_.begin(), index_.end(), std::size_t{0});
    // Sorted by latitude: a search reads one band of it.
    std::stable_sort(index_.begin(), index_.end(),
                     [&](std::size_t a, std::size_t b) { return latitude[a] < latitude[b]; });
    latitude_.reserve(index_.size());
    direction_.reserve(index_.size());
    for (const std::size_t i : index_) {
        latitude_.push_back(latitude[i]);
        direction_.push_back(unit_vector(latitude[i], longitude[i]));
    }
}

CUSTFOLIO_INLINE void Neighbourhood::near(double latitude, double longitude, Answer& answer) const {
    const auto first = std::lower_bound(latitude_.begin(), latitude_.end(), latitude - reach_degrees_);
    const auto last = std::upper_bound(first, latitude_.end(), latitude + reach_degrees_);
    const auto begin = static_cast<std::size_t>(first - latitude_.begin());
    const auto end = static_cast<std::size_t>(last - latitude_.begin());
    answer.index.clear();
    answer.distance.clear();
    answer.weight.clear();
    // Latitudes bound the candidates; the chord between points of the unit sphere decides without any trigonometry.
    const std::array<double, 3> here = unit_vector(latitude, longitude);
    for (std::size_t i = begin; i < end; ++i) {
        const std::array<double, 3>& place = direction_[i];
        const double x = here[0] - place[0];
        const double y = here[1] - place[1];
        const double z = here[2] - place[2];
        const double chord2 = x * x + y * y + z * z;
        // The squared chord is compared, so only near places need an arcsine.
        if (chord2 > reach_chord2_) continue;
        const double distance = 2 * math::earth_radius_km * std::asin(std::min(1.0, 0.5 * std::sqrt(chord2)));
        answer.index.push_back(index_[i]);
        answer.distance.push_back(distance);
        answer.weight.push_back(std::exp(distance / -bandwidth_km_));
    }
}

}  // namespace detail

CUSTFOLIO_INLINE std::vector<double> neighbourhood_warmth(std::span<const double> latitude,
                                                          std::span<const double> longitude,
                                                          std::span<const double> customer_latitude,
                                                          std::span<const double> customer_longitude,
                                                          std::span<const double> heat, double bandwidth_km,
                                                          double tolerance, unsigned threads, double cutoff) {
    if (latitude.size() != longitude.size()) {
        throw InputError("there are " + std::to_string(latitude.size()) + " latitudes and " +
                         std::to_string(longitude.size()) + " longitudes of places; each place needs both");
    }
    if (customer_latitude.size() != customer_longitude.size() || customer_latitude.size() != heat.size()) {
        throw InputError("there are " + std::to_string(customer_latitude.size()) + " latitudes, " +
                         std::to_string(customer_longitude.size()) + " longitudes and " + std::to_string(heat.size()) +
                         " heats of customers; each customer needs all three");
    }
    if (tolerance != 0 && !(tolerance >= 1e-12 && tolerance < 1)) {
        throw InputError("tolerance is " + number_text(tolerance) + "; it must be 0, or lie in [1e-12, 1)");
    }
    detail::require_positive(bandwidth_km, "bandwidth_km");
    detail::require_positive(cutoff, "cutoff");
    for (std::size_t i = 0; i < latitude.size(); ++i) detail::require_place(latitude[i], longitude[i], "place", i);
    // Only customers with positive heat warm a place, so only they enter the index.
    std::vector<double> warm_latitude;
    std::vector<double> warm_longitude;
    std::vector<double> warm_heat;
    for (std::size_t i = 0; i < heat.size(); ++i) {
        detail::require_place(customer_latitude[i], customer_longitude[i], "customer", i);
        if (!std::isfinite(heat[i])) require_finite(heat[i], "customer at position " + std::to_string(i) + ": heat");
        // Cold customers do not cool a place.
        if (heat[i] <= 0) continue;
        warm_latitude.push_back(customer_latitude[i]);
        warm_longitude.push_back(customer_longitude[i]);
        warm_heat.push_back(heat[i]);
    }
    require_finite(std::accumulate(warm_heat.begin(), warm_heat.end(), 0.0), "the sum of the positive heats");
    if (tolerance > 0) {
        const auto directions = [](std::span<const double> north, std::span<const double> east) {
            std::vector<detail::SpacePoint> points;
            points.reserve(north.size());
            for (std::size_t i = 0; i < north.size(); ++i) points.push_back(detail::unit_vector(north[i], east[i]));
            return points;
        };
        const detail::PointTree customers(directions(warm_latitude, warm_longitude), warm_heat, 8);
        const detail::PointTree places(directions(latitude, longitude), std::vector<double>(latitude.size(), 1.0), 16);
        return detail::kernel_sums(customers, places, bandwidth_km, tolerance, threads);
    }
    const detail::Neighbourhood neighbourhood(warm_latitude, warm_longitude, bandwidth_km, cutoff, "customer");
    // Each place has its own sum, in the order of the index: the same bits for any number of threads.
    std::vector<double> warmth(latitude.size());
    math::parallel_for(0, warmth.size(), 32, threads, [&](std::size_t begin, std::size_t end) {
        detail::Neighbourhood::Answer answer;
        for (std::size_t j = begin; j < end; ++j) {
            neighbourhood.near(latitude[j], longitude[j], answer);
            math::CompensatedSum sum;
            for (std::size_t k = 0; k < answer.index.size(); ++k) {
                sum += answer.weight[k] * warm_heat[answer.index[k]];
            }
            warmth[j] = sum.value();
        }
    });
    return warmth;
}

}  // namespace custfolio
