// Warmth of a place: the distance-weighted heat of the warm customers around it.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace custfolio {

/// Default distance, in bandwidths, beyond which a customer is left out: exp(-40) is 4e-18, below the rounding of a
/// sum.
inline constexpr double default_cutoff = 40.0;

/// Warmth of places: warmth_j = sum_i max(heat_i, 0) exp(-d_ij / bandwidth), with d_ij the great-circle distance in km.
///
/// With a tolerance, customers far away count in groups. Each warmth differs from the sum by at most tolerance x sum,
/// and rounding of about 1e-13 of it; the bound is certified, not estimated (a sum below 1e-300 may be 0). Without one,
/// every pair within `cutoff` bandwidths counts, which lowers any warmth by less than exp(-cutoff) x (sum of positive
/// heat).
/// @param latitude places, degrees north in [-90, 90].
/// @param longitude places, degrees east in [-180, 180]; same length.
/// @param customer_latitude customers, degrees north.
/// @param customer_longitude customers, degrees east; same length.
/// @param heat contribution per customer, currency; same length. Cold customers (heat <= 0) add no warmth and remove
/// none.
/// @param bandwidth_km distance over which the weight falls to 1/e, km, > 0.
/// @param tolerance largest relative error, 0 or in [1e-12, 1); 0: every pair within the cutoff.
/// @param threads 0 means all cores; the bits do not depend on it.
/// @param cutoff in bandwidths, > 0; without a tolerance only.
/// @return warmth per place, currency, >= 0.
/// @throws InputError where lengths differ, a coordinate is out of range or NaN, heat is not finite (the message names
/// the position), the positive heats sum beyond double precision, or bandwidth, tolerance or cutoff are out of range.
std::vector<double> neighbourhood_warmth(std::span<const double> latitude, std::span<const double> longitude,
                                         std::span<const double> customer_latitude,
                                         std::span<const double> customer_longitude, std::span<const double> heat,
                                         double bandwidth_km, double tolerance = 1e-6, unsigned threads = 0,
                                         double cutoff = default_cutoff);

namespace detail {

/// Places sorted by latitude, for repeated queries of the near ones. Immutable; safe to read from any thread.
class Neighbourhood {
  public:
    /// The memory and result of one query: reused between queries, one per thread.
    struct Answer {
        std::vector<std::size_t> index;  ///< Positions of the near places in the columns given, by latitude.
        std::vector<double> distance;    ///< Their distances in km.
        std::vector<double> weight;      ///< exp(-distance / bandwidth).
    };
    /// @param latitude degrees north.
    /// @param longitude degrees east; same length.
    /// @param bandwidth_km km, > 0.
    /// @param cutoff in bandwidths, > 0.
    /// @param what name of the places, for messages: "customer".
    /// @throws InputError where a coordinate is out of range or bandwidth or cutoff are not positive.
    Neighbourhood(std::span<const double> latitude, std::span<const double> longitude, double bandwidth_km,
                  double cutoff, const char* what);
    /// Finds the places within the cutoff.
    /// @param latitude degrees north, in range.
    /// @param longitude degrees east, in range.
    /// @param answer overwritten.
    void near(double latitude, double longitude, Answer& answer) const;

  private:
    double bandwidth_km_;
    double reach_degrees_;  // of latitude
    double reach_chord2_;   // squared chord of the unit sphere
    std::vector<double> latitude_;
    std::vector<std::size_t> index_;
    std::vector<std::array<double, 3>> direction_;
};

}  // namespace detail

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/acquisition/neighbourhood.ipp"
#endif
